//! What the system tells of changes, through `notify`. Where it watches one folder at a time, every folder is added here
//! before it is read, so that nothing falls between; where it watches a whole tree, that is added once.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use notify::event::{AccessKind, AccessMode, ModifyKind, RenameMode};
use notify::{Error, ErrorKind, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::inbox::Inbox;
use super::names::Names;
use super::scan::{Ground, vanished};
use super::settle::Hint;

/// Linux watches folders, not trees. That is as well: trees would hold what is left alone too, and folders that are
/// made in them would be watched only after somebody was told of them.
const ONE_BY_ONE: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// See the module.
#[derive(Debug)]
pub(super) struct Native {
    watcher: RecommendedWatcher,
    folders: BTreeSet<PathBuf>,
}

/// Why the system does not tell of changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) why: String,
    pub(super) hint: String,
}

impl Native {
    /// Begins to listen, to nothing yet.
    pub(super) fn open(ground: &Ground, inbox: Arc<Inbox>) -> Result<Native, Refused> {
        let roots = Roots::new(&ground.root);
        let names = Arc::clone(&ground.names);
        let told = move |event: notify::Result<Event>| match event {
            Ok(event) => take_in(&event, &roots, &names, &inbox),
            Err(_) => inbox.overflow(),
        };
        let watcher = notify::recommended_watcher(told).map_err(|error| refused(&error))?;
        Ok(Native { watcher, folders: BTreeSet::new() })
    }

    /// Listens to a folder. One that vanished or cannot be read is left to whoever reads it next.
    pub(super) fn add(&mut self, ground: &Ground, folder: &Path) -> Result<(), Refused> {
        let root = folder.as_os_str().is_empty();
        if ONE_BY_ONE || root {
            let tree = !ONE_BY_ONE && ground.names.folders();
            let mode = if tree { RecursiveMode::Recursive } else { RecursiveMode::NonRecursive };
            match self.watcher.watch(&ground.whole(folder), mode) {
                Ok(()) => {}
                Err(error) if passing(&error, root) => return Ok(()),
                Err(error) => return Err(refused(&error)),
            }
        }
        if !root {
            self.folders.insert(folder.to_owned());
        }
        Ok(())
    }

    /// A path is gone; says whether it was a folder.
    pub(super) fn forget(&mut self, path: &Path) -> bool {
        let known = self.folders.remove(path);
        while let Some(below) =
            self.folders.range(path.to_owned()..).next().filter(|below| below.starts_with(path))
        {
            let below = below.clone();
            self.folders.remove(&below);
        }
        known
    }
}

/// The root as it was named and as the system may call it.
#[derive(Debug)]
struct Roots([PathBuf; 2]);

impl Roots {
    fn new(root: &Path) -> Roots {
        Roots([root.to_owned(), root.canonicalize().unwrap_or_else(|_| root.to_owned())])
    }

    fn below<'a>(&self, path: &'a Path) -> Option<&'a Path> {
        self.0.iter().find_map(|root| path.strip_prefix(root).ok())
    }
}

fn take_in(event: &Event, roots: &Roots, names: &Names, inbox: &Inbox) {
    if event.need_rescan() {
        inbox.overflow();
        return;
    }
    let Some((hint, files_only)) = meaning(event.kind) else { return };
    let pair = matches!(event.kind, EventKind::Modify(ModifyKind::Name(RenameMode::Both)));
    for (index, path) in event.paths.iter().enumerate() {
        let hint = if pair && index == 0 { Hint::Left } else { hint };
        let Some(path) = roots.below(path) else { continue };
        // Whatever programs do with their temporary files wakes nobody.
        let wanted = path.as_os_str().is_empty()
            || names.file(path)
            || (!files_only && names.folder(path) && names.reached(path));
        if wanted {
            inbox.hint(path.to_owned(), hint);
        }
    }
}

/// What an event hints at, and whether only at files.
fn meaning(kind: EventKind) -> Option<(Hint, bool)> {
    Some(match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => (Hint::Closed, true),
        EventKind::Access(_) => return None,
        // Linux told of both ends already.
        EventKind::Modify(ModifyKind::Name(RenameMode::Both)) if ONE_BY_ONE => return None,
        EventKind::Modify(ModifyKind::Name(RenameMode::To | RenameMode::Both)) => {
            (Hint::Closed, false)
        }
        EventKind::Modify(ModifyKind::Name(RenameMode::From)) | EventKind::Remove(_) => {
            (Hint::Left, false)
        }
        EventKind::Modify(ModifyKind::Metadata(_)) => (Hint::Attributes, false),
        EventKind::Modify(ModifyKind::Data(_)) => (Hint::Written, true),
        EventKind::Create(_) | EventKind::Modify(_) | EventKind::Any | EventKind::Other => {
            (Hint::Written, false)
        }
    })
}

/// Whether an error is only about one folder, which whoever reads it next will meet too.
fn passing(error: &Error, root: bool) -> bool {
    match &error.kind {
        ErrorKind::MaxFilesWatch => false,
        ErrorKind::PathNotFound | ErrorKind::WatchNotFound => true,
        ErrorKind::Io(error) if root => {
            vanished(error) || error.kind() == std::io::ErrorKind::PermissionDenied
        }
        ErrorKind::Io(error) => !error.raw_os_error().is_some_and(|code| LIMITS.contains(&code)),
        _ => !root,
    }
}

const ENFILE: i32 = 23;
const EMFILE: i32 = 24;
const ENOSPC: i32 = 28;
const LIMITS: [i32; 3] = [ENFILE, EMFILE, ENOSPC];

/// What an error of the system means to a person.
fn refused(error: &Error) -> Refused {
    let (code, words) = match &error.kind {
        ErrorKind::MaxFilesWatch => (Some(ENOSPC), String::new()),
        ErrorKind::Io(error) => (error.raw_os_error(), error.to_string()),
        ErrorKind::Generic(words) => (None, words.clone()),
        other => (None, format!("{other:?}")),
    };
    let (why, hint) = match code {
        Some(ENOSPC) => (
            "the system watches as many folders as it may already",
            "raise `fs.inotify.max_user_watches`, such as with `sysctl fs.inotify.max_user_watches=524288`",
        ),
        Some(EMFILE) => (
            "the system has as many watchers, or this program as many open files, as it may",
            "raise `fs.inotify.max_user_instances`, such as with `sysctl fs.inotify.max_user_instances=1024`, or `ulimit -n`",
        ),
        Some(ENFILE) => ("the system has as many open files as it may", "raise `fs.file-max`"),
        _ => {
            let why = format!("the system does not tell of changes here: {words}");
            return Refused { why, hint: String::new() };
        }
    };
    Refused { why: why.to_owned(), hint: hint.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_of_the_system_come_with_what_to_do() {
        let of = |code: i32| refused(&Error::io(std::io::Error::from_raw_os_error(code)));
        assert!(of(28).hint.contains("fs.inotify.max_user_watches"));
        assert_eq!(refused(&Error::new(ErrorKind::MaxFilesWatch)), of(28));
        assert!(of(24).hint.contains("fs.inotify.max_user_instances"));
        assert!(of(23).hint.contains("fs.file-max"));
        let other = of(38);
        assert!(other.why.contains("os error 38") && other.hint.is_empty(), "{other:?}");
    }

    #[test]
    fn only_what_is_about_one_folder_passes() {
        let io = |code: i32| Error::io(std::io::Error::from_raw_os_error(code));
        for limit in [Error::new(ErrorKind::MaxFilesWatch), io(23), io(24), io(28)] {
            assert!(!passing(&limit, true) && !passing(&limit, false), "{limit}");
        }
        // Not there, not allowed, no folder.
        for one in [Error::path_not_found(), io(2), io(13), io(20)] {
            assert!(passing(&one, true) && passing(&one, false), "{one}");
        }
        // Too long a name, a server that is not there: nothing to say against the rest.
        for one in [io(36), io(5), io(116)] {
            assert!(!passing(&one, true) && passing(&one, false), "{one}");
        }
    }

    #[test]
    fn reading_wakes_nobody_and_losses_are_noticed() {
        let inbox = Inbox::default();
        let names = Names::new(true, &[], &[]).unwrap();
        let roots = Roots::new(Path::new("/in"));
        let send = |kind: EventKind, path: &str| {
            take_in(&Event::new(kind).add_path(path.into()), &roots, &names, &inbox);
        };
        let data = EventKind::Modify(ModifyKind::Data(notify::event::DataChange::Any));
        let created = EventKind::Create(notify::event::CreateKind::Any);
        send(EventKind::Access(AccessKind::Open(AccessMode::Any)), "/in/a.png");
        send(data, "/in/.a.png.part");
        send(data, "/in/notes.txt");
        send(created, "/in/.hidden");
        send(created, "/elsewhere/a.png");
        let nothing = inbox.take(std::time::Duration::ZERO);
        assert!(nothing.hints.is_empty() && !nothing.overflow);
        send(data, "/in/a.png");
        send(data, "/in/a.png");
        send(EventKind::Access(AccessKind::Close(AccessMode::Write)), "/in/a.png");
        send(created, "/in/sub");
        send(EventKind::Remove(notify::event::RemoveKind::Folder), "/in");
        let hints = inbox.take(std::time::Duration::ZERO).hints;
        let wanted = [
            ("a.png", Hint::Written),
            ("a.png", Hint::Closed),
            ("sub", Hint::Written),
            ("", Hint::Left),
        ];
        assert_eq!(hints, wanted.map(|(path, hint)| (PathBuf::from(path), hint)));
        let lost = Event::new(EventKind::Other).set_flag(notify::event::Flag::Rescan);
        take_in(&lost, &roots, &names, &inbox);
        assert!(inbox.take(std::time::Duration::ZERO).overflow);
    }

    #[test]
    fn folders_are_forgotten_with_what_is_in_them() {
        let ground = Ground::new(&super::super::Spec::default()).unwrap();
        let mut native = Native::open(&ground, Arc::default()).unwrap();
        for folder in ["a", "a/b", "a/b/c", "a.b", "ab"] {
            native.folders.insert(folder.into());
        }
        assert!(!native.forget(Path::new("a/x.png")));
        assert!(native.forget(Path::new("a")));
        assert_eq!(native.folders, ["a.b", "ab"].map(PathBuf::from).into());
    }
}
