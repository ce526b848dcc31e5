//! The threads that work on files, shared by all folders: a few, whatever lies in the queues. Folders take turns, so
//! that ten thousand files in one do not hold up the one file in another.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::folder::Folder;
use super::take;
use crate::runs::Runs;
use crate::store::StoredFile;
use crate::worker::Cancel;

/// While one file waits for a disk or a provider, others are read and written.
const FILES_MORE_THAN_CORES: usize = 2;
/// So many files of one folder are worked on at once, at most.
const MOST_OF_A_FOLDER: usize = 12;
/// So many folders may be at that, so that one that waits for a slow provider holds up no other.
const FOLDERS_AT_ONCE: usize = 3;
/// How long to sleep where nothing is to be done and nothing will be by itself.
const LONG: Duration = Duration::from_hours(24);

/// The threads and what they share.
pub(super) struct Pool {
    runs: Arc<Runs>,
    folders: Mutex<Folders>,
    kicked: Condvar,
    cancel: Cancel,
    stopping: AtomicBool,
    /// So many files of one folder are worked on at once.
    of_a_folder: usize,
}

#[derive(Default)]
struct Folders {
    all: Vec<Arc<Folder>>,
    /// Whose turn it is.
    turn: usize,
    /// Grows with every kick, so that none is missed.
    kicks: u64,
    busy: usize,
}

impl Pool {
    pub(super) fn start(runs: &Arc<Runs>) -> Result<Arc<Pool>, easel_protocol::Failure> {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let of_a_folder = (cores + FILES_MORE_THAN_CORES).min(MOST_OF_A_FOLDER);
        let pool = Arc::new(Pool {
            runs: Arc::clone(runs),
            folders: Mutex::default(),
            kicked: Condvar::new(),
            cancel: Cancel::new(),
            stopping: AtomicBool::new(false),
            of_a_folder,
        });
        for _ in 0..of_a_folder * FOLDERS_AT_ONCE {
            let pool = Arc::clone(&pool);
            std::thread::Builder::new().name("files".into()).spawn(move || pool.work()).map_err(
                |error| {
                    easel_protocol::Failure::new(
                        easel_protocol::ErrorKind::Internal,
                        format!("cannot start a thread: {error}"),
                    )
                },
            )?;
        }
        Ok(pool)
    }

    /// Which folders take turns.
    pub(super) fn set(&self, folders: Vec<Arc<Folder>>) {
        self.folders.lock().unwrap_or_else(PoisonError::into_inner).all = folders;
        self.kick();
    }

    /// Something may have come into a queue.
    pub(super) fn kick(&self) {
        self.folders.lock().unwrap_or_else(PoisonError::into_inner).kicks += 1;
        self.kicked.notify_all();
    }

    /// Lets what is on its way be parked, and ends the threads.
    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        self.cancel.cancel();
        self.kick();
        let folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        let patience = Duration::from_secs(5);
        let _ = self.kicked.wait_timeout_while(folders, patience, |folders| folders.busy > 0);
    }

    fn work(&self) {
        while !self.stopping.load(Ordering::Relaxed) {
            let Some((folder, file)) = self.next() else { return };
            let path = file.path.clone();
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                take::take(&self.runs, &folder, file, &self.cancel);
            }));
            if outcome.is_err() {
                tracing::error!(path = %path.display(), "a fault in Easel ended the work on a file");
                take::give_up_after_fault(&self.runs, &folder, &path);
            }
            if folder.leave(&path) {
                take::once_more(&self.runs, &folder, &path);
            }
            let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
            folders.busy -= 1;
            drop(folders);
            self.kicked.notify_all();
        }
    }

    /// The next file of any folder; waits for one. `None`: the daemon ends.
    fn next(&self) -> Option<(Arc<Folder>, StoredFile)> {
        loop {
            let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
            let (all, kicks) = (folders.all.clone(), folders.kicks);
            let first = folders.turn;
            drop(folders);
            let mut wake = Instant::now() + LONG;
            for number in 0..all.len() {
                let index = (first + number) % all.len();
                let folder = &all[index];
                if let Some(file) = folder.next(&self.runs, self.of_a_folder) {
                    let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
                    folders.turn = index + 1;
                    folders.busy += 1;
                    return Some((Arc::clone(folder), file));
                }
                if let Some(until) = folder.held_until() {
                    wake = wake.min(until.max(Instant::now() + Duration::from_millis(20)));
                }
            }
            folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
            if self.stopping.load(Ordering::Relaxed) {
                return None;
            }
            let patience = wake.saturating_duration_since(Instant::now());
            let _ = self.kicked.wait_timeout_while(folders, patience, |folders| {
                folders.kicks == kicks && !self.stopping.load(Ordering::Relaxed)
            });
        }
    }
}
