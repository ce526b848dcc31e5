//! What waits for a folder's thread: hints from the system and wishes of the owner. Nobody who puts something in ever
//! waits: when there are too many hints they are dropped, and everything is looked at instead.

use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Stamp;
use super::settle::Hint;

/// More hints than this say less than a look at everything.
pub(super) const CAPACITY: usize = 8192;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    batch: Mutex<Batch>,
    wake: Condvar,
    ended: Condvar,
}

/// What came in since the last time.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// Paths below the folder, in order; an empty path is the folder itself.
    pub(super) hints: Vec<(PathBuf, Hint)>,
    /// Hints were lost.
    pub(super) overflow: bool,
    /// The owner wants everything to be looked at.
    pub(super) scan: bool,
    /// What the owner found not to be whole.
    pub(super) reconsider: Vec<(PathBuf, Stamp)>,
    /// Whether this is the end.
    pub(super) life: Life,
}

/// How far the thread is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Life {
    #[default]
    Runs,
    /// Nobody wants it to go on.
    Stops,
    Ended,
}

impl Batch {
    fn is_empty(&self) -> bool {
        self.hints.is_empty()
            && self.reconsider.is_empty()
            && !(self.overflow || self.scan)
            && self.life == Life::Runs
    }
}

impl Inbox {
    /// Something may have happened to a path.
    pub(super) fn hint(&self, path: PathBuf, hint: Hint) {
        let mut batch = self.lock();
        // Writing a file makes one hint a block.
        if batch.hints.last().is_some_and(|last| last.1 == hint && last.0 == path) {
            return;
        }
        if batch.hints.len() < CAPACITY {
            batch.hints.push((path, hint));
        } else {
            batch.overflow = true;
        }
        self.wake.notify_one();
    }

    /// The system lost hints.
    pub(super) fn overflow(&self) {
        self.lock().overflow = true;
        self.wake.notify_one();
    }

    /// See [`super::Watcher::scan_now`].
    pub(super) fn scan(&self) {
        self.lock().scan = true;
        self.wake.notify_one();
    }

    /// See [`super::Watcher::reconsider`].
    pub(super) fn reconsider(&self, path: PathBuf, stamp: Stamp) {
        self.lock().reconsider.push((path, stamp));
        self.wake.notify_one();
    }

    /// Nothing more is wanted.
    pub(super) fn stop(&self) {
        let mut batch = self.lock();
        batch.life = batch.life.max(Life::Stops);
        self.wake.notify_one();
    }

    /// What there is, when there is something or the time is over.
    pub(super) fn take(&self, wait: Duration) -> Batch {
        let until = Instant::now() + wait;
        let mut batch = self.lock();
        while batch.is_empty() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            batch = self.wake.wait_timeout(batch, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        let rest = Batch { life: batch.life, ..Batch::default() };
        std::mem::replace(&mut *batch, rest)
    }

    /// Waits for a while, shorter when this is the end; says whether it is.
    pub(super) fn pause(&self, wait: Duration) -> bool {
        let batch = self.lock();
        let over = self.wake.wait_timeout_while(batch, wait, |batch| batch.life == Life::Runs);
        over.unwrap_or_else(PoisonError::into_inner).0.life != Life::Runs
    }

    /// The thread is done.
    pub(super) fn end(&self) {
        self.lock().life = Life::Ended;
        self.ended.notify_all();
    }

    /// Waits for [`Inbox::end`], and says whether it came.
    pub(super) fn wait_for_end(&self, patience: Duration) -> bool {
        let batch = self.lock();
        let over =
            self.ended.wait_timeout_while(batch, patience, |batch| batch.life != Life::Ended);
        over.unwrap_or_else(PoisonError::into_inner).0.life == Life::Ended
    }

    fn lock(&self) -> MutexGuard<'_, Batch> {
        self.batch.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
