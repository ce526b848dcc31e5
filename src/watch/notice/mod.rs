//! From a directory to "this file is whole, take it". An event is only ever a hint to look at a path; a file is offered
//! when it was closed or renamed into place, or when nothing about it changed between two looks. Nothing here reads a
//! file's content, keeps anything on disk, or knows what is done with what it finds.

mod inbox;
mod mounts;
mod names;
mod native;
mod place;
mod rescan;
mod run;
mod scan;
mod settle;
#[cfg(test)]
mod tests;

use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use easel_protocol::{ErrorKind, Failure};

use inbox::Inbox;

/// A thread that is stuck in a dead network file system must not keep the daemon from ending.
const PATIENCE: Duration = Duration::from_secs(2);

/// Which files of which folder are wanted.
#[derive(Clone, Debug, Default)]
pub struct Spec {
    /// The folder. It need not exist yet.
    pub root: PathBuf,
    /// Whether folders in it count as well.
    pub recursive: bool,
    /// Patterns of which one must fit, in any case; without any, the usual extensions of pictures. A pattern without
    /// `/` is held against the name, one with it against the path below the folder.
    pub include: Vec<String>,
    /// Patterns of which none may fit. A folder that fits is not entered.
    pub exclude: Vec<String>,
    /// Absolute paths of folders that are left alone, such as those that results go to. They need not exist yet.
    pub skip: Vec<PathBuf>,
    /// Look every few seconds, also where the system could tell of changes.
    pub poll: bool,
}

/// What tells one state of a file from another, without reading it. Only good for comparing: clocks may be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Stamp {
    /// Bytes.
    pub size: u64,
    /// When its content was changed, in nanoseconds since 1970.
    pub modified_ns: i128,
    /// The number of the file on its file system, which a file renamed into place changes; 0 where there is none.
    pub file: u64,
}

/// By what a file was found to be whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// It was closed after writing, or renamed into place.
    Closed,
    /// It did not change for a moment.
    Still,
    /// It did not change for seconds, after it was doubted or because it is empty: it will hardly become more whole.
    StillForLong,
}

/// What the owner is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A file is whole. With the stamp that was told before only when it was seen to be written to since then: its
    /// content may have changed within the grain of the file system's clock, or its time was put back.
    Settled {
        /// Below the folder.
        path: PathBuf,
        /// As it was when it was found to be whole.
        stamp: Stamp,
        /// By what it was found to be.
        sign: Sign,
    },
    /// A file that was offered, or is on record, is not there. It may be back by now.
    Gone {
        /// Below the folder.
        path: PathBuf,
    },
    /// Everything was looked at once. What was new is offered when it has been still.
    Scanned {
        /// How many files are wanted and there.
        files: u64,
        /// How many of all files are not still yet.
        waiting: usize,
    },
    /// How the folder is, told when it changes. The first one follows the first scan.
    State(State),
}

/// How a folder is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// The system tells of changes.
    Watching,
    /// It is looked through every few seconds.
    Polling {
        /// What stands in the way of better.
        why: String,
        /// What would help; empty when nothing needs to be done.
        hint: String,
    },
    /// It is not there. It is taken up again when it is.
    Missing,
    /// It is there but cannot be read. It is taken up again when it can.
    Unreadable {
        /// What the system says.
        why: String,
        /// What would help.
        hint: String,
    },
    /// Only this folder in it cannot be read; everything else goes on, and so does the state told before.
    Skipped {
        /// Below the folder.
        path: PathBuf,
        /// What the system says.
        why: String,
    },
}

/// What the owner has on record. Whatever is offered should come onto record, also when it turned out to be of no use:
/// what is not on record is offered again by a later scan. What is gone should go from the record or be left out here.
/// Called from the folder's own thread.
pub trait Known: Send {
    /// Everything on record, in any order.
    fn all(&self, each: &mut dyn FnMut(PathBuf, Stamp));
    /// One file.
    fn stamp(&self, path: &Path) -> Option<Stamp>;
}

/// A folder that is watched until this is stopped or dropped.
#[derive(Debug)]
pub struct Watcher {
    inbox: Arc<Inbox>,
}

/// Fails where the folder is not there, cannot be read, or a pattern is none.
pub fn check(spec: &Spec) -> Result<(), Failure> {
    let ground = scan::Ground::new(spec)?;
    std::fs::read_dir(&ground.root).map(|_| ()).map_err(|error| unreadable(&ground.root, &error))
}

fn unreadable(root: &Path, error: &std::io::Error) -> Failure {
    Failure::new(ErrorKind::NotFound, format!("cannot read `{}`: {error}", root.display()))
        .hint("is the folder there, and may the daemon's user read it?")
}

/// Every wanted file that is there now, in no order, without watching anything.
pub fn list(spec: &Spec, mut each: impl FnMut(PathBuf, Stamp)) -> Result<(), Failure> {
    let ground = scan::Ground::new(spec)?;
    let mut walk = scan::Walk::whole();
    while let Some(step) = walk.next(&ground) {
        match step {
            scan::Step::File(path, stamp) => each(path, stamp),
            scan::Step::Lost(error) => return Err(unreadable(&ground.root, &error)),
            _ => {}
        }
    }
    Ok(())
}

impl Watcher {
    /// Begins to watch, with a thread of its own that waits while `sink` is full and ends when nobody listens to it.
    pub fn start(
        spec: Spec,
        known: Box<dyn Known>,
        sink: SyncSender<Notice>,
    ) -> Result<Watcher, Failure> {
        let inbox = Arc::new(Inbox::default());
        let folder = run::Folder::new(spec, known, sink, Arc::clone(&inbox))?;
        std::thread::Builder::new().name("watch".into()).spawn(move || folder.run()).map_err(
            |error| Failure::new(ErrorKind::Internal, format!("cannot start a thread: {error}")),
        )?;
        Ok(Watcher { inbox })
    }

    /// Looks at everything now, and offers whatever is not on record, also what was offered before.
    pub fn scan_now(&self) {
        self.inbox.scan();
    }

    /// The owner found a file not to be whole: it is offered again when it changed, or when it did not for seconds.
    pub fn reconsider(&self, path: &Path, stamp: Stamp) {
        self.inbox.reconsider(path.to_owned(), stamp);
    }

    /// Ends, and waits for the thread, unless the file system holds it up.
    pub fn stop(self) {
        self.inbox.stop();
        self.inbox.wait_for_end(PATIENCE);
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.inbox.stop();
    }
}

impl Stamp {
    /// The stamp of a file, from what the system says of it.
    pub fn of(metadata: &Metadata) -> Stamp {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            let seconds = i128::from(metadata.mtime()) * 1_000_000_000;
            let modified_ns = seconds + i128::from(metadata.mtime_nsec());
            Stamp { size: metadata.len(), modified_ns, file: metadata.ino() }
        }
        #[cfg(not(unix))]
        {
            use std::time::SystemTime;
            let modified = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            let modified_ns = match modified.duration_since(SystemTime::UNIX_EPOCH) {
                Ok(after) => i128::try_from(after.as_nanos()).unwrap_or(i128::MAX),
                Err(before) => -i128::try_from(before.duration().as_nanos()).unwrap_or(i128::MAX),
            };
            Stamp { size: metadata.len(), modified_ns, file: 0 }
        }
    }
}
