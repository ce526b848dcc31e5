//! Real folders and real events. Nothing here depends on how fast the machine is: what is waited for comes, or the test
//! fails after long; what must not come is ruled out by something later that did come.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Mutex, PoisonError};

use tempfile::TempDir;

use super::*;

mod files;
mod folders;

const PATIENCE_OF_TESTS: Duration = Duration::from_mins(1);

#[derive(Clone, Default)]
struct Record(Arc<Mutex<HashMap<PathBuf, Stamp>>>);

impl Record {
    fn with<T>(&self, act: impl FnOnce(&mut HashMap<PathBuf, Stamp>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Known for Record {
    fn all(&self, each: &mut dyn FnMut(PathBuf, Stamp)) {
        self.with(|record| record.iter().for_each(|(path, stamp)| each(path.clone(), *stamp)));
    }

    fn stamp(&self, path: &Path) -> Option<Stamp> {
        self.with(|record| record.get(path).copied())
    }
}

/// A folder, and the owner of its record.
struct Bench {
    watcher: Watcher,
    record: Record,
    notices: Receiver<Notice>,
    seen: Vec<Notice>,
}

impl Bench {
    fn start(spec: Spec) -> Bench {
        Bench::with(spec, Record::default(), 64)
    }

    fn with(spec: Spec, record: Record, room: usize) -> Bench {
        let (sink, notices) = sync_channel(room);
        let watcher = Watcher::start(spec, Box::new(record.clone()), sink).unwrap();
        Bench { watcher, record, notices, seen: Vec::new() }
    }

    /// Started and looked through once.
    fn ready(spec: Spec) -> Bench {
        let mut bench = Bench::start(spec);
        bench.until(|notice| matches!(notice, Notice::State(State::Watching)));
        bench
    }

    fn next(&mut self) -> Notice {
        let notice = self.notices.recv_timeout(PATIENCE_OF_TESTS).unwrap_or_else(|error| {
            panic!("{error}; seen so far: {:#?}", self.seen);
        });
        match &notice {
            Notice::Settled { path, stamp, .. } => {
                self.record.with(|record| record.insert(path.clone(), *stamp));
            }
            Notice::Gone { path } => {
                self.record.with(|record| record.remove(path));
            }
            _ => {}
        }
        self.seen.push(notice.clone());
        notice
    }

    fn until(&mut self, wanted: impl Fn(&Notice) -> bool) -> Notice {
        loop {
            let notice = self.next();
            if wanted(&notice) {
                return notice;
            }
        }
    }

    fn settled(&mut self, name: &str) -> (Stamp, Sign) {
        let wanted = Path::new(name);
        let notice =
            self.until(|notice| matches!(notice, Notice::Settled { path, .. } if path == wanted));
        let Notice::Settled { stamp, sign, .. } = notice else { unreachable!() };
        (stamp, sign)
    }

    fn gone(&mut self, name: &str) {
        let wanted = Path::new(name);
        self.until(|notice| matches!(notice, Notice::Gone { path } if path == wanted));
    }

    /// Every path that was offered so far, with how often.
    fn offered(&self) -> BTreeMap<PathBuf, usize> {
        let mut offered = BTreeMap::new();
        for notice in &self.seen {
            if let Notice::Settled { path, .. } = notice {
                *offered.entry(path.clone()).or_default() += 1;
            }
        }
        offered
    }

    fn offered_once(&self, names: &[&str]) {
        let wanted: BTreeMap<_, _> = names.iter().map(|name| (PathBuf::from(name), 1)).collect();
        assert_eq!(self.offered(), wanted);
    }
}

fn folder() -> (TempDir, Spec) {
    let folder = tempfile::tempdir().unwrap();
    let spec = Spec { root: folder.path().join("in"), recursive: true, ..Spec::default() };
    fs::create_dir(&spec.root).unwrap();
    (folder, spec)
}

fn stamp(path: &Path) -> Stamp {
    Stamp::of(&fs::metadata(path).unwrap())
}
