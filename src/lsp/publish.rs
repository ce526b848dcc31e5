//! Says what is wrong with documents. One task does it for all of them, so that what is said of an older version never
//! follows what was said of a newer one, however handlers overtake each other.

use std::sync::Arc;

use tower_lsp_server::Client;

use super::diagnostics::{diagnose, shown};
use super::state::State;

/// Works for as long as the server runs.
pub(super) async fn publish(client: Client, state: Arc<State>) {
    loop {
        state.wake.notified().await;
        while let Some(uri) = state.next_due() {
            let Some(snapshot) = state.documents.get(&uri) else {
                client.publish_diagnostics(uri, Vec::new(), None).await;
                continue;
            };
            let (reader, shared) = (snapshot.clone(), state.clone());
            // It looks for files, and a drive may be slow.
            let read = tokio::task::spawn_blocking(move || {
                let found = diagnose(&reader, &shared);
                // A change and what it woke may come in either order: once is enough.
                (!found.said).then(|| (found.models, shown(&reader, &found.diagnostics)))
            });
            let Ok(Some((models, diagnostics))) = read.await else { continue };
            // A newer version has its own turn already.
            if state.documents.is_newest(&snapshot) {
                snapshot.was_said(models);
                client.publish_diagnostics(uri, diagnostics, Some(snapshot.version)).await;
            }
        }
    }
}
