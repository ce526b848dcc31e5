//! `textDocument/formatting`.

use tower_lsp_server::ls_types::TextEdit;

use super::documents::Snapshot;
use crate::recipe::edit::format;

pub(super) fn answer(snapshot: &Snapshot) -> Vec<TextEdit> {
    snapshot.lines.edits(&snapshot.text, &format::format(&snapshot.text))
}
