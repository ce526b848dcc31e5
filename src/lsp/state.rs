//! What all handlers share: what the editor can do, its documents, the models, and whose diagnostics are due.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::Notify;
use tower_lsp_server::ls_types::{ClientCapabilities, Uri};

use super::documents::Documents;
use super::models::Models;
use super::position::Encoding;

/// What an editor can do.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Abilities {
    pub(super) encoding: Encoding,
    /// Completions may have places to go on typing.
    pub(super) snippets: bool,
    /// Changes may name the version that they are for.
    pub(super) versions: bool,
}

impl Abilities {
    pub(super) fn of(client: &ClientCapabilities) -> Abilities {
        let document = client.text_document.as_ref();
        let item = document.and_then(|it| it.completion.as_ref()?.completion_item.as_ref());
        let edit = client.workspace.as_ref().and_then(|it| it.workspace_edit.as_ref());
        Abilities {
            encoding: Encoding::offered(client.general.as_ref()),
            snippets: item.and_then(|it| it.snippet_support).unwrap_or(false),
            versions: edit.and_then(|it| it.document_changes).unwrap_or(false),
        }
    }
}

/// What all handlers share.
pub(super) struct State {
    pub(super) documents: Documents,
    pub(super) models: Models,
    pub(super) abilities: OnceLock<Abilities>,
    due: Mutex<Vec<Uri>>,
    pub(super) wake: Notify,
    shut_down: AtomicBool,
}

impl State {
    pub(super) fn new() -> State {
        State {
            documents: Documents::default(),
            models: Models::new(),
            abilities: OnceLock::new(),
            due: Mutex::new(Vec::new()),
            wake: Notify::new(),
            shut_down: AtomicBool::new(false),
        }
    }

    pub(super) fn abilities(&self) -> Abilities {
        self.abilities.get().copied().unwrap_or_default()
    }

    fn due(&self) -> MutexGuard<'_, Vec<Uri>> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The diagnostics of a document have to be said anew.
    pub(super) fn touch(&self, uri: Uri) {
        let mut due = self.due();
        if !due.contains(&uri) {
            due.push(uri);
        }
        drop(due);
        self.wake.notify_one();
    }

    /// The diagnostics of all open documents have to be said anew.
    pub(super) fn touch_all(&self) {
        for uri in self.documents.all() {
            self.touch(uri);
        }
    }

    /// The document whose turn it is.
    pub(super) fn next_due(&self) -> Option<Uri> {
        let mut due = self.due();
        (!due.is_empty()).then(|| due.remove(0))
    }

    pub(super) fn shut_down(&self) {
        self.shut_down.store(true, Ordering::Release);
    }

    pub(super) fn was_shut_down(&self) -> bool {
        self.shut_down.load(Ordering::Acquire)
    }
}
