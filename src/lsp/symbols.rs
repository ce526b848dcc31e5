//! `textDocument/documentSymbol`.

use tower_lsp_server::ls_types::{DocumentSymbol, SymbolKind};

use super::documents::Snapshot;
use crate::recipe::edit::symbols::{self, Symbol};

pub(super) fn answer(snapshot: &Snapshot) -> Vec<DocumentSymbol> {
    let found = symbols::symbols(snapshot.source());
    found.into_iter().map(|symbol| shown(snapshot, symbol)).collect()
}

fn shown(snapshot: &Snapshot, symbol: Symbol) -> DocumentSymbol {
    let children: Vec<DocumentSymbol> =
        symbol.children.into_iter().map(|child| shown(snapshot, child)).collect();
    #[expect(deprecated, reason = "the field has to be there, and nothing is said in it")]
    DocumentSymbol {
        name: symbol.name,
        detail: (!symbol.detail.is_empty()).then_some(symbol.detail),
        kind: match symbol.kind {
            symbols::SymbolKind::Step => SymbolKind::FUNCTION,
            symbols::SymbolKind::Axis => SymbolKind::VARIABLE,
            symbols::SymbolKind::Table => SymbolKind::NAMESPACE,
            symbols::SymbolKind::Key => SymbolKind::PROPERTY,
        },
        tags: None,
        deprecated: None,
        range: snapshot.lines.range(&snapshot.text, &symbol.range),
        selection_range: snapshot.lines.range(&snapshot.text, &symbol.head),
        children: (!children.is_empty()).then_some(children),
    }
}
