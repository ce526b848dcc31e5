//! What is wrong with a document, and how an editor is told.

use std::sync::{Arc, PoisonError};

use easel_protocol::server::ModelEntry;
use tower_lsp_server::ls_types::{Diagnostic as LspDiagnostic, DiagnosticSeverity, NumberOrString};

use super::documents::{Found, Snapshot};
use super::state::State;
use crate::recipe::{Diagnostic, Severity, World, edit};

/// Everything that is known beside the text.
struct Beside<'a> {
    snapshot: &'a Snapshot,
    models: &'a [ModelEntry],
}

impl World for Beside<'_> {
    fn models(&self) -> &[ModelEntry] {
        self.models
    }

    fn exists(&self, path: &str) -> Option<bool> {
        Some(self.snapshot.folder()?.join(path).exists())
    }
}

/// What is wrong with a document, in the order of its text. What was found is kept with the version.
pub(super) fn diagnose(snapshot: &Snapshot, state: &State) -> Found {
    let (number, models) = state.models.get();
    let known = snapshot.found.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(found) = known.filter(|found| found.models == number) {
        return found;
    }
    let beside = Beside { snapshot, models: &models };
    let diagnostics = Arc::new(edit::diagnose::diagnose(snapshot.source(), &beside));
    let found = Found { models: number, diagnostics, said: false };
    *snapshot.found.lock().unwrap_or_else(PoisonError::into_inner) = Some(found.clone());
    found
}

/// Diagnostics in the editor's terms.
pub(super) fn shown(snapshot: &Snapshot, found: &[Diagnostic]) -> Vec<LspDiagnostic> {
    found.iter().map(|diagnostic| show(snapshot, diagnostic)).collect()
}

/// One diagnostic in the editor's terms. What to do is part of the message: not every editor shows what stands beside it.
pub(super) fn show(snapshot: &Snapshot, diagnostic: &Diagnostic) -> LspDiagnostic {
    let mut message = diagnostic.message.clone();
    if let Some(hint) = &diagnostic.hint {
        message.push_str("\nhint: ");
        message.push_str(hint);
    }
    LspDiagnostic {
        range: snapshot.lines.range(&snapshot.text, &diagnostic.range),
        severity: Some(match diagnostic.severity {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
            Severity::Information => DiagnosticSeverity::INFORMATION,
        }),
        code: Some(NumberOrString::String(diagnostic.code.to_owned())),
        source: Some("easel".to_owned()),
        message,
        ..LspDiagnostic::default()
    }
}
