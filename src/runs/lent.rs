//! What a recipe's run holds of the store while it is on its way, and gives back when it is over.

use std::sync::{Mutex, PoisonError};

use easel_pixels::Picture;
use easel_protocol::Failure;
use easel_protocol::picture::BlobId;

use crate::daemon::picture;
use crate::store::Store;

/// Lent blobs, given back when this goes.
pub(super) struct Lent<'a> {
    store: &'a Store,
    durable: bool,
    blobs: Mutex<Vec<BlobId>>,
}

impl<'a> Lent<'a> {
    pub(super) fn new(store: &'a Store, durable: bool) -> Lent<'a> {
        Lent { store, durable, blobs: Mutex::default() }
    }

    /// Stores a picture until this goes.
    pub(super) fn store(&self, rows: &Picture) -> Result<BlobId, Failure> {
        let blob = picture::store(self.store, rows, Some(self.durable))?.id;
        self.take(blob.clone());
        Ok(blob)
    }

    /// Gives a blob back that a job lent, when this goes.
    pub(super) fn take(&self, blob: BlobId) {
        self.blobs.lock().unwrap_or_else(PoisonError::into_inner).push(blob);
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let blobs = &self.store.blobs;
        let ids = self.blobs.get_mut().unwrap_or_else(PoisonError::into_inner);
        ids.drain(..).for_each(|id| blobs.give_back(&id));
    }
}
