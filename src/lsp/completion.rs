//! `textDocument/completion`.

use std::sync::Arc;

use tower_lsp_server::ls_types::{
    CompletionItem, CompletionItemKind, CompletionTextEdit, Documentation, InsertTextFormat,
    MarkupContent, MarkupKind, Position, TextEdit,
};

use super::documents::Snapshot;
use super::files;
use super::state::{Abilities, State};
use crate::recipe::edit::complete::{Around, Item, ItemKind, Listed, complete, folder_wanted};

pub(super) async fn answer(
    snapshot: Arc<Snapshot>,
    position: Position,
    state: &State,
) -> Vec<CompletionItem> {
    let files = listing(&snapshot, position).await;
    let (_, models) = state.models.get();
    let context = snapshot.context(position);
    let around = Around { models: &models, files: &files };
    let items = complete(snapshot.source(), &context, around);
    items.into_iter().map(|item| shown(&snapshot, item, state.abilities())).collect()
}

/// What lies in the folder that is being typed, where one is.
async fn listing(snapshot: &Arc<Snapshot>, position: Position) -> Vec<Listed> {
    let wanted = folder_wanted(snapshot.source(), &snapshot.context(position));
    let Some((folder, own)) = wanted.zip(snapshot.folder()) else { return Vec::new() };
    let own = own.to_owned();
    let read = tokio::task::spawn_blocking(move || files::list(&own, &folder));
    read.await.unwrap_or_default()
}

fn shown(snapshot: &Snapshot, item: Item, abilities: Abilities) -> CompletionItem {
    let range = snapshot.lines.range(&snapshot.text, &item.range);
    let snippet = item.snippet.filter(|_| abilities.snippets);
    let format = snippet.is_some().then_some(InsertTextFormat::SNIPPET);
    let text = TextEdit::new(range, snippet.unwrap_or(item.text));
    let doc = item.doc.map(|value| MarkupContent { kind: MarkupKind::Markdown, value });
    CompletionItem {
        label: item.label,
        kind: Some(match item.kind {
            ItemKind::Key => CompletionItemKind::PROPERTY,
            ItemKind::Table => CompletionItemKind::MODULE,
            ItemKind::Word => CompletionItemKind::ENUM_MEMBER,
            ItemKind::Model => CompletionItemKind::CLASS,
            ItemKind::Value => CompletionItemKind::VALUE,
            ItemKind::Placeholder => CompletionItemKind::VARIABLE,
            ItemKind::File => CompletionItemKind::FILE,
            ItemKind::Folder => CompletionItemKind::FOLDER,
        }),
        detail: item.detail,
        documentation: doc.map(Documentation::MarkupContent),
        sort_text: Some(item.sort),
        filter_text: item.filter,
        insert_text_format: format,
        text_edit: Some(CompletionTextEdit::Edit(text)),
        ..CompletionItem::default()
    }
}
