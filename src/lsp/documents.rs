//! The documents that the editor has open, each as its newest version. Handlers run beside each other; what is kept here
//! is always the newest that was heard of, and what was read of it is read once.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tower_lsp_server::ls_types::Uri;

use super::position::{Encoding, Lines};
use crate::recipe::Diagnostic;
use crate::recipe::edit::context::{Context, Source};
use crate::recipe::edit::scan::Scan;
use crate::recipe::schema::{FileKind, kind_of_file};

/// One version of a document. It never changes.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub(super) uri: Uri,
    pub(super) version: i32,
    pub(super) text: String,
    pub(super) file: FileKind,
    /// Where it lies, where it lies anywhere.
    pub(super) path: Option<PathBuf>,
    pub(super) lines: Lines,
    scan: OnceLock<Scan>,
    /// What was found in it last.
    pub(super) found: Mutex<Option<Found>>,
}

/// What was found in a document.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// The state of the models with which it was looked at.
    pub(super) models: u64,
    pub(super) diagnostics: Arc<Vec<Diagnostic>>,
    /// The editor knows it.
    pub(super) said: bool,
}

impl Snapshot {
    fn new(uri: Uri, version: i32, text: String, encoding: Encoding) -> Option<Snapshot> {
        let path = uri.to_file_path().map(Cow::into_owned);
        let name = path
            .as_ref()
            .map_or_else(|| uri.as_str().to_owned(), |path| path.to_string_lossy().into_owned());
        let file = kind_of_file(&name)?;
        let lines = Lines::new(&text, encoding);
        let (scan, found) = (OnceLock::new(), Mutex::new(None));
        Some(Snapshot { uri, version, text, file, path, lines, scan, found })
    }

    /// The text taken apart.
    pub(super) fn source(&self) -> Source<'_> {
        let scan = self.scan.get_or_init(|| Scan::new(&self.text));
        Source { text: &self.text, file: self.file, scan }
    }

    /// Where a position of the editor's is.
    pub(super) fn context(&self, position: tower_lsp_server::ls_types::Position) -> Context<'_> {
        Context::at(self.source(), self.lines.offset(&self.text, position))
    }

    /// What was found in it may be otherwise by now.
    pub(super) fn forget(&self) {
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The editor knows what was found with this state of the models.
    pub(super) fn was_said(&self, models: u64) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = found.as_mut().filter(|found| found.models == models) {
            found.said = true;
        }
    }

    /// The folder that its relative paths start from.
    pub(super) fn folder(&self) -> Option<&Path> {
        self.path.as_deref()?.parent()
    }
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Documents {
    open: Mutex<HashMap<Uri, Arc<Snapshot>>>,
}

impl Documents {
    fn lock(&self) -> MutexGuard<'_, HashMap<Uri, Arc<Snapshot>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A document was opened. False: it is none of ours.
    pub(super) fn open(&self, uri: Uri, version: i32, text: String, encoding: Encoding) -> bool {
        let snapshot = Snapshot::new(uri.clone(), version, text, encoding);
        let mut open = self.lock();
        let is_ours = snapshot.is_some();
        match snapshot {
            Some(snapshot) => open.insert(uri, Arc::new(snapshot)),
            None => open.remove(&uri),
        };
        is_ours
    }

    /// A document was changed. False: it is not open, or what is known is newer.
    pub(super) fn change(&self, uri: &Uri, version: i32, text: String, encoding: Encoding) -> bool {
        let mut open = self.lock();
        let Some(known) = open.get(uri) else { return false };
        if version < known.version {
            return false;
        }
        let snapshot = Snapshot::new(uri.clone(), version, text, encoding).map(Arc::new);
        snapshot.is_some_and(|snapshot| open.insert(uri.clone(), snapshot).is_some())
    }

    /// A document was closed. False: it was not open.
    pub(super) fn close(&self, uri: &Uri) -> bool {
        self.lock().remove(uri).is_some()
    }

    /// The newest version of a document.
    pub(super) fn get(&self, uri: &Uri) -> Option<Arc<Snapshot>> {
        self.lock().get(uri).cloned()
    }

    /// Whether nothing newer is known.
    pub(super) fn is_newest(&self, snapshot: &Arc<Snapshot>) -> bool {
        self.lock().get(&snapshot.uri).is_some_and(|newest| Arc::ptr_eq(newest, snapshot))
    }

    /// The addresses of all that are open, in a stable order.
    pub(super) fn all(&self) -> Vec<Uri> {
        let mut all: Vec<Uri> = self.lock().keys().cloned().collect();
        all.sort();
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_version_changes_nothing() {
        let documents = Documents::default();
        let uri: Uri = "file:///a/b.easel.toml".parse().unwrap();
        let encoding = Encoding::Utf16;
        assert!(!documents.change(&uri, 1, "x".to_owned(), encoding), "it is not open");
        assert!(documents.open(uri.clone(), 3, "a".to_owned(), encoding));
        let first = documents.get(&uri).unwrap();
        assert!(documents.change(&uri, 5, "b".to_owned(), encoding));
        assert!(!documents.change(&uri, 4, "c".to_owned(), encoding));
        assert_eq!(documents.get(&uri).unwrap().text, "b");
        assert!(!documents.is_newest(&first));
        assert!(documents.close(&uri) && !documents.close(&uri));
        assert!(documents.open(uri.clone(), 1, "d".to_owned(), encoding), "numbers begin anew");
        assert!(!documents.open(
            "file:///a/Cargo.toml".parse().unwrap(),
            1,
            String::new(),
            encoding
        ));
    }
}
