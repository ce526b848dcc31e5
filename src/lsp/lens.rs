//! `textDocument/codeLens`.

use tower_lsp_server::ls_types::{CodeLens, Command};

use super::documents::Snapshot;
use crate::recipe::edit::lens;

pub(super) fn answer(snapshot: &Snapshot) -> Vec<CodeLens> {
    let Some((range, lenses)) = lens::lenses(snapshot.source()) else { return Vec::new() };
    let range = snapshot.lines.range(&snapshot.text, &range);
    let shown = lenses.map(|lens| {
        let arguments = Some(vec![snapshot.uri.as_str().into()]);
        let command =
            Command { title: lens.title.to_owned(), command: lens.command.to_owned(), arguments };
        CodeLens { range, command: Some(command), data: None }
    });
    shown.into()
}
