//! What is wrong with a document, and how an editor is told.

use std::sync::{Arc, PoisonError};

use easel_protocol::server::ModelEntry;
use tower_lsp_server::ls_types::{
    Diagnostic as LspDiagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Location,
    NumberOrString,
};

use super::documents::{Found, Snapshot};
use super::state::{Abilities, State};
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
pub(super) fn shown(
    snapshot: &Snapshot,
    found: &[Diagnostic],
    abilities: Abilities,
) -> Vec<LspDiagnostic> {
    found.iter().map(|diagnostic| show(snapshot, diagnostic, abilities)).collect()
}

/// One diagnostic in the editor's terms. What to do stands beside it where the editor has room for it.
pub(super) fn show(
    snapshot: &Snapshot,
    diagnostic: &Diagnostic,
    abilities: Abilities,
) -> LspDiagnostic {
    let range = snapshot.lines.range(&snapshot.text, &diagnostic.range);
    let (mut message, mut related) = (diagnostic.message.clone(), None);
    match &diagnostic.hint {
        Some(hint) if abilities.related => {
            let location = Location::new(snapshot.uri.clone(), range);
            let message = format!("hint: {hint}");
            related = Some(vec![DiagnosticRelatedInformation { location, message }]);
        }
        Some(hint) => {
            message.push_str("\nhint: ");
            message.push_str(hint);
        }
        None => {}
    }
    LspDiagnostic {
        range,
        severity: Some(match diagnostic.severity {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
            Severity::Information => DiagnosticSeverity::INFORMATION,
        }),
        code: Some(NumberOrString::String(diagnostic.code.to_owned())),
        source: Some("easel".to_owned()),
        message,
        related_information: related,
        ..LspDiagnostic::default()
    }
}
