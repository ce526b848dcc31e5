//! What is counted since the start, for `/metrics`.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use easel_protocol::job::JobState;

/// The counters.
#[derive(Debug, Default)]
pub struct Counters {
    done: AtomicU64,
    failed: AtomicU64,
    cancelled: AtomicU64,
    uploads: AtomicU64,
    upload_bytes: AtomicU64,
    crashes: AtomicU64,
}

/// Their values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Jobs that ended well.
    pub done: u64,
    /// Jobs that failed.
    pub failed: u64,
    /// Jobs that were cancelled.
    pub cancelled: u64,
    /// Blobs that were uploaded.
    pub uploads: u64,
    /// Their bytes.
    pub upload_bytes: u64,
    /// Workers that crashed.
    pub crashes: u64,
}

impl Counters {
    /// A job reached a final state.
    pub fn ended(&self, state: JobState) {
        let counter = match state {
            JobState::Done => &self.done,
            JobState::Failed => &self.failed,
            JobState::Cancelled => &self.cancelled,
            JobState::Queued | JobState::Running => return,
        };
        counter.fetch_add(1, Relaxed);
    }

    /// A blob came in.
    pub fn uploads(&self, bytes: u64) {
        self.uploads.fetch_add(1, Relaxed);
        self.upload_bytes.fetch_add(bytes, Relaxed);
    }

    /// A worker crashed.
    pub fn crashed(&self) {
        self.crashes.fetch_add(1, Relaxed);
    }

    /// The values now.
    pub fn read(&self) -> Counts {
        Counts {
            done: self.done.load(Relaxed),
            failed: self.failed.load(Relaxed),
            cancelled: self.cancelled.load(Relaxed),
            uploads: self.uploads.load(Relaxed),
            upload_bytes: self.upload_bytes.load(Relaxed),
            crashes: self.crashes.load(Relaxed),
        }
    }
}
