//! `textDocument/codeAction`.

use std::collections::HashMap;
use std::ops::Range;

use tower_lsp_server::ls_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, DocumentChanges, OneOf,
    OptionalVersionedTextDocumentIdentifier, TextDocumentEdit, WorkspaceEdit,
};

use super::diagnostics::{diagnose, show};
use super::documents::Snapshot;
use super::state::{Abilities, State};
use crate::recipe::edit::actions::{Action, actions};

pub(super) fn answer(
    snapshot: &Snapshot,
    params: &CodeActionParams,
    state: &State,
) -> Vec<CodeActionOrCommand> {
    let text = &snapshot.text;
    let start = snapshot.lines.offset(text, params.range.start);
    let end = snapshot.lines.offset(text, params.range.end);
    let found = diagnose(snapshot, state).diagnostics;
    let offered = actions(snapshot.source(), &found, &(start..end.max(start)));
    let abilities = state.abilities();
    let mut shown = Vec::new();
    for Action { fix, settles, preferred } in offered {
        let kind = match settles {
            Some(_) => CodeActionKind::QUICKFIX,
            None => CodeActionKind::REFACTOR_REWRITE,
        };
        if !is_wanted(&kind, params.context.only.as_deref()) {
            continue;
        }
        let settles = settles.and_then(|index| found.get(index));
        shown.push(CodeActionOrCommand::CodeAction(CodeAction {
            title: fix.title,
            kind: Some(kind),
            diagnostics: settles.map(|it| vec![show(snapshot, it)]),
            edit: Some(workspace_edit(snapshot, &fix.edits, abilities)),
            is_preferred: settles.map(|_| preferred),
            ..CodeAction::default()
        }));
    }
    shown
}

/// A kind that was asked for, or one below it; everything where nothing was said.
fn is_wanted(kind: &CodeActionKind, only: Option<&[CodeActionKind]>) -> bool {
    only.is_none_or(|only| {
        only.iter().any(|wanted| {
            let below = kind.as_str().strip_prefix(wanted.as_str());
            below.is_some_and(|rest| {
                rest.is_empty() || rest.starts_with('.') || wanted.as_str().is_empty()
            })
        })
    })
}

/// Changes of one document, for the version that they were made for where the editor checks that.
pub(super) fn workspace_edit(
    snapshot: &Snapshot,
    edits: &[(Range<usize>, String)],
    abilities: Abilities,
) -> WorkspaceEdit {
    let edits = snapshot.lines.edits(&snapshot.text, edits);
    let uri = snapshot.uri.clone();
    if abilities.versions {
        let text_document =
            OptionalVersionedTextDocumentIdentifier { uri, version: Some(snapshot.version) };
        let edits = edits.into_iter().map(OneOf::Left).collect();
        let changes = DocumentChanges::Edits(vec![TextDocumentEdit { text_document, edits }]);
        return WorkspaceEdit { document_changes: Some(changes), ..WorkspaceEdit::default() };
    }
    let changes = HashMap::from([(uri, edits)]);
    WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }
}
