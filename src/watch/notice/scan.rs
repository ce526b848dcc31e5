//! Looking: at one path, and through folders, an entry at a time, so that whoever looks can do other things in between.
//! One file of a folder is open at a time, nothing is read but names and what `stat` says, and links to folders are not
//! followed. Files and folders that vanish meanwhile were never there.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::{DirEntry, Metadata, ReadDir};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use easel_protocol::Failure;

use super::names::Names;
use super::{Spec, Stamp, mounts};

/// What is looked through, and what in it is left alone.
#[derive(Debug)]
pub(super) struct Ground {
    /// The folder, absolute.
    pub(super) root: PathBuf,
    /// Which names are wanted.
    pub(super) names: std::sync::Arc<Names>,
    real: PathBuf,
    skip: Vec<PathBuf>,
    skipped: HashSet<PathBuf>,
}

/// What a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    Nothing,
    /// Also behind a link.
    File(Stamp),
    Folder,
    /// A link to a folder, a socket, a device, or hidden.
    Other,
}

/// A walk through folders.
#[derive(Debug, Default)]
pub(super) struct Walk {
    folders: Vec<PathBuf>,
    opening: Option<PathBuf>,
    reading: Option<(PathBuf, ReadDir)>,
    device: Option<u64>,
    /// How many files were found.
    pub(super) files: u64,
}

/// A step of a walk.
#[derive(Debug)]
pub(super) enum Step {
    /// A wanted file.
    File(PathBuf, Stamp),
    /// A folder that the next step reads.
    Folder(PathBuf),
    /// A folder of another file system that others change as well.
    Remote(PathBuf, &'static str),
    /// A folder that cannot be read.
    Skipped(PathBuf, io::Error),
    /// The root cannot be read.
    Lost(io::Error),
    /// Something that is not wanted.
    Nothing,
}

impl Ground {
    /// Reads the patterns, and takes the folders as they are now.
    pub(super) fn new(spec: &Spec) -> Result<Ground, Failure> {
        let root = std::path::absolute(&spec.root).unwrap_or_else(|_| spec.root.clone());
        let names = Names::new(spec.recursive, &spec.include, &spec.exclude)?;
        let mut ground = Ground {
            real: root.clone(),
            root,
            names: std::sync::Arc::new(names),
            skip: spec.skip.clone(),
            skipped: HashSet::new(),
        };
        ground.refresh();
        Ok(ground)
    }

    /// Links may lead elsewhere by now.
    pub(super) fn refresh(&mut self) {
        self.real = real(&self.root);
        self.skipped =
            self.skip.iter().cloned().chain(self.skip.iter().map(|path| real(path))).collect();
    }

    /// The whole path of one below the root.
    pub(super) fn whole(&self, path: &Path) -> PathBuf {
        // Joining nothing would add a slash.
        if path.as_os_str().is_empty() { self.root.clone() } else { self.root.join(path) }
    }

    /// Whether a folder is entered, if those above it are.
    pub(super) fn enters(&self, folder: &Path) -> bool {
        self.names.folder(folder) && !self.skips(folder)
    }

    /// Whether a file with this path is wanted.
    pub(super) fn wants(&self, path: &Path) -> bool {
        self.names.file(path) && self.reached(path)
    }

    /// Whether nothing above a path is left alone for where it is.
    pub(super) fn reached(&self, path: &Path) -> bool {
        !path.ancestors().skip(1).any(|folder| self.skips(folder))
    }

    fn skips(&self, folder: &Path) -> bool {
        !self.skipped.is_empty()
            && (self.skipped.contains(&self.root.join(folder))
                || self.skipped.contains(&self.real.join(folder)))
    }
}

impl Walk {
    /// Begins at the root.
    pub(super) fn whole() -> Walk {
        Walk { folders: vec![PathBuf::new()], ..Walk::default() }
    }

    /// Walks through this folder as well.
    pub(super) fn add(&mut self, folder: PathBuf) {
        if self.folders.last() != Some(&folder) {
            self.folders.push(folder);
        }
    }

    /// Whether there is nothing to do.
    pub(super) fn is_done(&self) -> bool {
        self.folders.is_empty() && self.opening.is_none() && self.reading.is_none()
    }

    /// The next step, if any.
    pub(super) fn next(&mut self, ground: &Ground) -> Option<Step> {
        if let Some(folder) = self.opening.take() {
            return Some(match std::fs::read_dir(ground.whole(&folder)) {
                Ok(entries) => {
                    let remote = self.remote(ground, &folder);
                    self.reading = Some((folder.clone(), entries));
                    remote.map_or(Step::Nothing, |name| Step::Remote(folder, name))
                }
                Err(error) => unread(folder, error),
            });
        }
        if let Some((folder, entries)) = &mut self.reading {
            match entries.next() {
                Some(Ok(entry)) => {
                    let folder = folder.clone();
                    return Some(self.entry(ground, &folder, &entry));
                }
                Some(Err(error)) => {
                    let folder = std::mem::take(folder);
                    self.reading = None;
                    return Some(unread(folder, error));
                }
                None => self.reading = None,
            }
        }
        let folder = self.folders.pop()?;
        self.opening = Some(folder.clone());
        Some(Step::Folder(folder))
    }

    fn entry(&mut self, ground: &Ground, folder: &Path, entry: &DirEntry) -> Step {
        let name: OsString = entry.file_name();
        let path = folder.join(name);
        let Ok(kind) = entry.file_type() else { return Step::Nothing };
        if kind.is_dir() {
            if ground.enters(&path) {
                self.folders.push(path);
            }
            return Step::Nothing;
        }
        if !(kind.is_file() || kind.is_symlink()) || !ground.names.listed(&path) {
            return Step::Nothing;
        }
        match look(&ground.whole(&path)) {
            Ok(Seen::File(stamp)) => {
                self.files += 1;
                Step::File(path, stamp)
            }
            Ok(_) => Step::Nothing,
            Err(error) => Step::Skipped(folder.to_owned(), error),
        }
    }

    /// Asks once for every file system that the walk enters.
    fn remote(&mut self, ground: &Ground, folder: &Path) -> Option<&'static str> {
        let whole = ground.whole(folder);
        let device = device(&whole)?;
        if self.device.replace(device) == Some(device) {
            return None;
        }
        mounts::remote(&whole)
    }
}

/// What a path is now.
pub(super) fn look(path: &Path) -> io::Result<Seen> {
    let seen = |metadata: &Metadata| {
        if hidden(metadata) {
            Seen::Other
        } else if metadata.is_file() {
            Seen::File(Stamp::of(metadata))
        } else {
            Seen::Other
        }
    };
    match std::fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_symlink() => match std::fs::metadata(path) {
            Ok(metadata) => Ok(seen(&metadata)),
            // It leads nowhere, in circles, or where nobody may look.
            Err(_) => Ok(Seen::Nothing),
        },
        Ok(metadata) if metadata.is_dir() => Ok(Seen::Folder),
        Ok(metadata) => Ok(seen(&metadata)),
        Err(error) if vanished(&error) => Ok(Seen::Nothing),
        Err(error) => Err(error),
    }
}

/// Whether an error only says that nothing is there.
pub(super) fn vanished(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

fn unread(folder: PathBuf, error: io::Error) -> Step {
    if folder.as_os_str().is_empty() {
        Step::Lost(error)
    } else if vanished(&error) {
        Step::Nothing
    } else {
        Step::Skipped(folder, error)
    }
}

/// The path without links, as far as it exists.
fn real(path: &Path) -> PathBuf {
    for above in path.ancestors() {
        if let (Ok(real), Ok(rest)) = (above.canonicalize(), path.strip_prefix(above)) {
            return if rest.as_os_str().is_empty() { real } else { real.join(rest) };
        }
    }
    path.to_owned()
}

/// Which file system a folder lies on; the same for all where nobody says.
fn device(folder: &Path) -> Option<u64> {
    let metadata = std::fs::metadata(folder).ok()?;
    #[cfg(unix)]
    return Some(std::os::unix::fs::MetadataExt::dev(&metadata));
    #[cfg(not(unix))]
    return Some(u64::from(!metadata.is_dir()));
}

#[cfg(windows)]
fn hidden(metadata: &Metadata) -> bool {
    use std::os::windows::fs::MetadataExt as _;
    const FILE_ATTRIBUTE_HIDDEN: u32 = 2;
    metadata.file_attributes() & FILE_ATTRIBUTE_HIDDEN != 0
}

#[cfg(not(windows))]
fn hidden(_metadata: &Metadata) -> bool {
    false
}
