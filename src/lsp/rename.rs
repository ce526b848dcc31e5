//! `textDocument/prepareRename` and `textDocument/rename`.

use tower_lsp_server::jsonrpc::{Error, ErrorCode};
use tower_lsp_server::ls_types::{Position, PrepareRenameResponse, WorkspaceEdit};

use super::actions::workspace_edit;
use super::documents::Snapshot;
use super::state::State;
use crate::recipe::edit::rename;

/// The protocol's number for an ask that was understood and is not done.
const REQUEST_FAILED: i64 = -32803;

pub(super) fn prepare(
    snapshot: &Snapshot,
    position: Position,
) -> Result<Option<PrepareRenameResponse>, Error> {
    let context = snapshot.context(position);
    let found = rename::prepare(snapshot.source(), &context).map_err(refusal)?;
    Ok(found.map(|(range, placeholder)| PrepareRenameResponse::RangeWithPlaceholder {
        range: snapshot.lines.range(&snapshot.text, &range),
        placeholder,
    }))
}

pub(super) fn answer(
    snapshot: &Snapshot,
    position: Position,
    new: &str,
    state: &State,
) -> Result<Option<WorkspaceEdit>, Error> {
    let context = snapshot.context(position);
    let edits = rename::rename(snapshot.source(), &context, new).map_err(refusal)?;
    Ok(Some(workspace_edit(snapshot, &edits, state.abilities())))
}

fn refusal(message: String) -> Error {
    Error { code: ErrorCode::ServerError(REQUEST_FAILED), message: message.into(), data: None }
}
