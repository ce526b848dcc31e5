//! `textDocument/hover`.

use tower_lsp_server::ls_types::{Hover, HoverContents, MarkupContent, MarkupKind, Position};

use super::documents::Snapshot;
use super::state::State;
use crate::recipe::edit::complete::Around;
use crate::recipe::edit::hover;

pub(super) fn answer(snapshot: &Snapshot, position: Position, state: &State) -> Option<Hover> {
    let (_, models) = state.models.get();
    let context = snapshot.context(position);
    let found = hover::hover(snapshot.source(), &context, Around { models: &models, files: &[] })?;
    let contents = MarkupContent { kind: MarkupKind::Markdown, value: found.text };
    Some(Hover {
        contents: HoverContents::Markup(contents),
        range: Some(snapshot.lines.range(&snapshot.text, &found.range)),
    })
}
