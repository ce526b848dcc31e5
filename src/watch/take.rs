//! One file of a watched folder, from the queue to its end: done, failed, left alone, or back into the queue.

use std::path::Path;
use std::sync::Arc;

use easel_protocol::folder::{FileState, OnSuccess};
use easel_protocol::job::JobRecord;
use easel_protocol::{ErrorKind, Failure};

use super::folder::Folder;
use super::held::{Verdict, verdict};
use crate::daemon::{FOLDER_CLIENT, now};
use crate::runs::{self, FileWork, Place, Progress, Ready, Runs, Source};
use crate::store::{Asked, Durability, FileOutcome, Seen, StoredFile};
use crate::worker::Cancel;

/// Works on a file. Whatever comes of it is stored when this returns.
pub(super) fn take(runs: &Arc<Runs>, folder: &Folder, file: StoredFile, cancel: &Cancel) {
    let span = tracing::info_span!("file", path = %file.path.display());
    let _entered = span.enter();
    let work = Work { runs, folder, cancel };
    if let Err(failure) = work.take(&file) {
        // The store itself fails: nothing can be written down, so the folder waits.
        folder.hold(failure);
    }
}

/// After a fault of ours: the file is not tried for ever.
pub(super) fn give_up_after_fault(runs: &Arc<Runs>, folder: &Folder, path: &Path) {
    let failure = Failure::new(ErrorKind::Internal, "a fault in Easel ended the work on this file")
        .hint("please report it, with the log");
    if folder.try_again(path) {
        return folder.hold(failure);
    }
    let cancel = Cancel::new();
    let work = Work { runs, folder, cancel: &cancel };
    if let Ok(Some(file)) = runs.daemon.store.file(&folder.id, path)
        && let Err(failure) = work.failed(&file, None, failure)
    {
        folder.hold(failure);
    }
}

/// A file was written to while it was on its way.
pub(super) fn once_more(runs: &Runs, folder: &Folder, path: &Path) {
    if let Err(failure) = runs.daemon.store.requeue_file(&folder.id, path, Asked::No, now()) {
        tracing::error!(%failure, "a file cannot be queued");
    }
    folder.refill();
}

struct Work<'a> {
    runs: &'a Arc<Runs>,
    folder: &'a Folder,
    cancel: &'a Cancel,
}

impl Work<'_> {
    fn take(&self, file: &StoredFile) -> Result<(), Failure> {
        let ready = match self.folder.ready(self.runs) {
            Ok(ready) => ready,
            Err(failure) => {
                self.folder.hold(failure);
                return Ok(());
            }
        };
        self.folder.cap(self.runs, &ready)?;
        let store = &self.runs.daemon.store;
        let source = match Source::read(&self.folder.places.root.join(&file.path)) {
            Ok(source) => source,
            // It went away before its turn came.
            Err(failure) if failure.kind == ErrorKind::NotFound => {
                return store.forget_file(&self.folder.id, &file.path);
            }
            Err(failure) if failure.kind == ErrorKind::Transient => {
                self.folder.doubt(&file.path, file.stamp);
                return Ok(());
            }
            Err(failure) => return self.failed(file, None, failure),
        };
        if source.stamp != file.stamp {
            let seen = Seen { path: file.path.clone(), stamp: source.stamp, written: false };
            store.see_files(&self.folder.id, vec![seen], now())?;
        }
        // Touched, or moved away and back: it is done already.
        if file.hash.as_ref() == Some(&source.hash) && file.version.is_some() {
            let outcome = FileOutcome {
                stamp: source.stamp,
                state: FileState::Done,
                hash: file.hash.clone(),
                version: file.version.clone(),
                outputs: file.outputs.clone(),
                failure: None,
                counts: false,
            };
            return self.settle(&file.path, outcome, Durability::Lazy);
        }
        if file.asked == Asked::No
            && let Some(made) = store.made_with(&source.hash)?
        {
            return self.skipped(file, &source, &made.source);
        }
        match self.run(&ready, file, &source) {
            Ok(outputs) => self.done(&ready, file, &source, outputs),
            Err(failure) => self.went_wrong(file, &source, failure),
        }
    }

    fn run(
        &self,
        ready: &Ready,
        file: &StoredFile,
        source: &Source,
    ) -> Result<Vec<String>, Failure> {
        let out = self.folder.places.out_for(&file.path);
        let work = FileWork {
            daemon: &self.runs.daemon,
            ready,
            references: &self.runs.references,
            room: &self.runs.room,
            source,
            place: Place { out: &out, folder: &self.folder.id },
            budget_of: Some(&self.folder.spec.path),
            client: FOLDER_CLIENT,
            key: None,
            again: false,
            only_this_version: file.asked != Asked::No,
            pay_again: file.asked == Asked::Pay,
        };
        let done = work.run(&Quiet, self.cancel, |_, _| {})?;
        Ok(done.delivery.files.iter().map(|file| file.to_string_lossy().into_owned()).collect())
    }

    fn done(
        &self,
        ready: &Ready,
        file: &StoredFile,
        source: &Source,
        outputs: Vec<String>,
    ) -> Result<(), Failure> {
        self.folder.went_well(&file.path);
        let outcome = FileOutcome {
            stamp: source.stamp,
            state: FileState::Done,
            hash: Some(source.hash.clone()),
            version: Some(ready.version.clone()),
            outputs,
            failure: None,
            counts: true,
        };
        self.settle(&file.path, outcome, Durability::Lazy)?;
        if source.is_current() {
            clear_away(self.runs, self.folder, &file.path)?;
        }
        Ok(())
    }

    /// One of Easel's own results is no source, wherever it lies.
    fn skipped(&self, file: &StoredFile, source: &Source, of: &Path) -> Result<(), Failure> {
        let failure = Failure::new(
            ErrorKind::Conflict,
            format!("left alone: Easel made it of `{}`", of.display()),
        )
        .hint("`easel folder retry DIR FILE` takes it all the same");
        let outcome = FileOutcome {
            stamp: source.stamp,
            state: FileState::Skipped,
            hash: Some(source.hash.clone()),
            version: None,
            outputs: Vec::new(),
            failure: Some(failure),
            counts: false,
        };
        self.settle(&file.path, outcome, Durability::Lazy)
    }

    fn went_wrong(
        &self,
        file: &StoredFile,
        source: &Source,
        failure: Failure,
    ) -> Result<(), Failure> {
        if failure.kind == ErrorKind::Cancelled && self.cancel.is_cancelled() {
            // The daemon ends: it waits for the next one.
            return Ok(());
        }
        if runs::may_become_whole(&failure) && !self.folder.is_still(&file.path) {
            self.folder.doubt(&file.path, source.stamp);
            return Ok(());
        }
        match verdict(&failure) {
            Verdict::Everything => {
                self.folder.hold(failure);
                Ok(())
            }
            Verdict::Either if self.folder.try_again(&file.path) => {
                let store = &self.runs.daemon.store;
                // Others go first: it may be this file alone.
                store.requeue_file(&self.folder.id, &file.path, file.asked, now())?;
                self.folder.hold(failure);
                Ok(())
            }
            _ => self.failed(file, Some(source), failure),
        }
    }

    fn failed(
        &self,
        file: &StoredFile,
        source: Option<&Source>,
        failure: Failure,
    ) -> Result<(), Failure> {
        tracing::warn!(%failure, "a file failed");
        self.folder.went_by(&file.path);
        // One that was replaced meanwhile is another file, which waits.
        let current = source.is_none_or(Source::is_current);
        let moved = if current {
            self.folder.places.move_failed(&file.path, &failure)
        } else {
            return Ok(());
        };
        let mut failure = failure;
        let outputs = match moved {
            Ok(target) => vec![target.to_string_lossy().into_owned()],
            Err(why) => {
                failure.message =
                    format!("{}; it stays where it is: {}", failure.message, why.message);
                Vec::new()
            }
        };
        let outcome = FileOutcome {
            stamp: source.map_or(file.stamp, |source| source.stamp),
            state: FileState::Failed,
            hash: source.map(|source| source.hash.clone()),
            version: None,
            outputs,
            failure: Some(failure),
            counts: false,
        };
        self.settle(&file.path, outcome, Durability::Durable)
    }

    fn settle(
        &self,
        path: &Path,
        outcome: FileOutcome,
        durability: Durability,
    ) -> Result<(), Failure> {
        self.runs.daemon.store.settle_file(&self.folder.id, path, outcome, durability, now())
    }
}

/// Does with a source that is done what the folder says.
pub(super) fn clear_away(runs: &Runs, folder: &Folder, path: &Path) -> Result<(), Failure> {
    match folder.spec.on_success {
        OnSuccess::Keep => return Ok(()),
        OnSuccess::Move => {
            if let Err(failure) = folder.places.move_done(path) {
                tracing::warn!(%failure, "a source that is done stays where it is");
                return Ok(());
            }
        }
        OnSuccess::Delete => {
            if let Err(error) = std::fs::remove_file(folder.places.root.join(path)) {
                tracing::warn!(%error, "a source that is done cannot be removed");
                return Ok(());
            }
        }
    }
    runs.daemon.store.forget_file(&folder.id, path)
}

/// Nobody watches a single file of a folder: what is to be known is in the history.
struct Quiet;

impl Progress for Quiet {
    fn submitted(&self, _: &str) {}

    fn ended(&self, _: &JobRecord) {}

    fn note(&self, text: String) {
        tracing::info!("{text}");
    }

    fn total(&self, _: usize) {}
}
