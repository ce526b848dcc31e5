//! Where a folder's files go: results to `out/`, sources that are done to `done/`, those that failed to `failed/` with
//! the reason beside them. Moving never writes over anything.

use std::path::{Path, PathBuf};

use easel_protocol::Failure;
use easel_protocol::folder::FolderSpec;

use crate::store::io_failure;

/// The end of the name of the file that says why another one failed.
const REASON: &str = ".reason.txt";

/// The folders of a watched folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Places {
    /// What is watched.
    pub(super) root: PathBuf,
    /// Where results go.
    pub(super) out: PathBuf,
    /// Where sources go that are done.
    pub(super) done: PathBuf,
    /// Where sources go that failed.
    pub(super) failed: PathBuf,
}

impl Places {
    pub(super) fn of(spec: &FolderSpec) -> Places {
        let root = PathBuf::from(&spec.path);
        let out = spec.out.as_ref().map_or_else(|| root.join("out"), PathBuf::from);
        Places { done: root.join("done"), failed: root.join("failed"), out, root }
    }

    /// The folders that no source is looked for in. Results that go into the watched folder itself are known by
    /// their content.
    pub(super) fn skip(&self) -> Vec<PathBuf> {
        let mut skip = vec![self.done.clone(), self.failed.clone()];
        if !self.root.starts_with(&self.out) {
            skip.push(self.out.clone());
        }
        skip
    }

    /// Where the results of a file go: folders below the watched one are kept apart.
    pub(super) fn out_for(&self, path: &Path) -> PathBuf {
        match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => self.out.join(parent),
            _ => self.out.clone(),
        }
    }

    /// Moves a source that is done.
    pub(super) fn move_done(&self, path: &Path) -> Result<PathBuf, Failure> {
        move_to(&self.root.join(path), &self.done.join(path))
    }

    /// Moves a file that failed, and writes down why.
    pub(super) fn move_failed(&self, path: &Path, failure: &Failure) -> Result<PathBuf, Failure> {
        let target = move_to(&self.root.join(path), &self.failed.join(path))?;
        let hint = failure.hint.iter().map(|hint| format!("hint: {hint}"));
        let words =
            failure.provider_message.iter().map(|words| format!("the provider says: {words}"));
        let mut lines: Vec<String> = std::iter::once(failure.message.clone()).chain(hint).collect();
        lines.extend(words);
        lines.push("`easel folder retry` takes it up again\n".to_owned());
        let text = lines.join("\n");
        let reason = reason_of(&target);
        std::fs::write(&reason, text).map_err(|error| io_failure("write", &reason, &error))?;
        Ok(target)
    }

    /// Moves a file that failed back to where it was, under another name where that one is taken.
    pub(super) fn move_back(&self, failed: &Path) -> Result<PathBuf, Failure> {
        let path = failed.strip_prefix(&self.failed).unwrap_or(failed);
        let target = move_to(failed, &self.root.join(path))?;
        let _ = std::fs::remove_file(reason_of(failed));
        Ok(target.strip_prefix(&self.root).map(Path::to_owned).unwrap_or(target))
    }

    /// Every file in `failed/`, without the reasons.
    pub(super) fn all_failed(&self) -> Vec<PathBuf> {
        let mut folders = vec![self.failed.clone()];
        let mut found = Vec::new();
        while let Some(folder) = folders.pop() {
            let Ok(entries) = std::fs::read_dir(folder) else { continue };
            for entry in entries.flatten() {
                let Ok(kind) = entry.file_type() else { continue };
                let path = entry.path();
                if kind.is_dir() {
                    folders.push(path);
                } else if !path.to_string_lossy().ends_with(REASON) {
                    found.push(path);
                }
            }
        }
        found.sort();
        found
    }
}

/// The longest name that file systems take, in bytes.
const LONGEST_NAME: usize = 255;

/// `vase.jpg.reason.txt`; of a name that is too long for that, its hash.
fn reason_of(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    if name.len() + REASON.len() > LONGEST_NAME {
        let hash = blake3::hash(name.as_encoded_bytes()).to_hex();
        name = format!("{}-long-name", &hash[..16]).into();
    }
    name.push(REASON);
    path.with_file_name(name)
}

/// Moves a file under the first free name: `vase.jpg`, `vase-2.jpg`, …
fn move_to(from: &Path, to: &Path) -> Result<PathBuf, Failure> {
    let folder = to.parent().unwrap_or(to);
    std::fs::create_dir_all(folder).map_err(|error| io_failure("create", folder, &error))?;
    let stem = to.file_stem().unwrap_or_default();
    for number in 1..10_000u32 {
        let mut name = stem.to_owned();
        if number > 1 {
            name.push(format!("-{number}"));
        }
        if let Some(extension) = to.extension() {
            name.push(".");
            name.push(extension);
        }
        let target = to.with_file_name(name);
        match move_unless_there(from, &target) {
            Ok(()) => return Ok(target),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(io_failure("move", from, &error)),
        }
    }
    Err(io_failure("move", from, &std::io::ErrorKind::AlreadyExists.into()))
}

#[cfg(target_os = "linux")]
fn move_unless_there(from: &Path, to: &Path) -> std::io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(()),
        // Some network file systems know no flags.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => rename_after_a_look(from, to),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn move_unless_there(from: &Path, to: &Path) -> std::io::Result<()> {
    rename_after_a_look(from, to)
}

fn rename_after_a_look(from: &Path, to: &Path) -> std::io::Result<()> {
    if to.symlink_metadata().is_ok() {
        return Err(std::io::ErrorKind::AlreadyExists.into());
    }
    std::fs::rename(from, to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use easel_protocol::ErrorKind;

    #[test]
    fn moving_writes_over_nothing_and_a_retry_brings_it_back() {
        let folder = tempfile::tempdir().unwrap();
        let spec = FolderSpec {
            path: folder.path().to_string_lossy().into_owned(),
            ..FolderSpec::default()
        };
        let places = Places::of(&spec);
        let failure = Failure::new(ErrorKind::Corrupt, "the file is cut off").hint("send it again");
        let mut moved = Vec::new();
        for content in ["one", "two"] {
            std::fs::create_dir_all(places.root.join("sub")).unwrap();
            std::fs::write(places.root.join("sub/a.jpg"), content).unwrap();
            moved.push(places.move_failed(Path::new("sub/a.jpg"), &failure).unwrap());
        }
        assert_eq!(moved[1], places.failed.join("sub/a-2.jpg"));
        let reason = std::fs::read_to_string(places.failed.join("sub/a.jpg.reason.txt")).unwrap();
        assert!(reason.contains("cut off") && reason.contains("hint: send it again"));
        assert_eq!(places.all_failed(), {
            let mut it = moved.clone();
            it.sort();
            it
        });
        assert_eq!(places.move_back(&moved[1]).unwrap(), Path::new("sub/a-2.jpg"));
        assert_eq!(std::fs::read_to_string(places.root.join("sub/a-2.jpg")).unwrap(), "two");
        assert_eq!(places.all_failed(), [moved[0].clone()]);
    }

    #[test]
    fn results_in_the_folder_itself_do_not_hide_its_files() {
        let spec = |out: Option<&str>| FolderSpec {
            path: "/w/in".into(),
            out: out.map(str::to_owned),
            ..FolderSpec::default()
        };
        assert!(Places::of(&spec(None)).skip().contains(&"/w/in/out".into()));
        assert_eq!(Places::of(&spec(Some("/w/in"))).skip().len(), 2);
        assert_eq!(Places::of(&spec(Some("/w"))).skip().len(), 2);
        assert_eq!(Places::of(&spec(None)).out_for(Path::new("a/b.jpg")), Path::new("/w/in/out/a"));
    }
}
