//! Recipes as people get them wrong, and what they are told; and whatever text there may be.

mod any_text;
mod broken;
mod models;

use easel_pixels::Size;
use easel_protocol::model::ModelRecord;
use easel_protocol::server::ModelEntry;

use super::{Diagnostic, World, check, read, show};

/// The models of this machine, and the hosted ones where they are wanted.
struct Here {
    models: Vec<ModelEntry>,
    files: &'static [&'static str],
}

impl World for Here {
    fn models(&self) -> &[ModelEntry] {
        &self.models
    }

    fn exists(&self, path: &str) -> Option<bool> {
        Some(self.files.contains(&path))
    }
}

fn entries(backend: &str, records: Vec<ModelRecord>) -> Vec<ModelEntry> {
    let entry = |record| ModelEntry {
        backend: backend.to_owned(),
        available: true,
        reason: None,
        catalogue: None,
        record,
    };
    records.into_iter().map(entry).collect()
}

fn local() -> Here {
    let models = entries("easel-local", easel_local::descriptor().models);
    Here { models, files: &["a.jpg", "b.jpg"] }
}

fn everything() -> Here {
    let mut here = local();
    let hosted =
        super::shelf::beyond(&[]).map(|entry| (entry.backend.clone(), entry.record.clone()));
    for (backend, record) in hosted {
        here.models.extend(entries(&backend, vec![record]));
    }
    here
}

/// What is found, as the command line shows it.
fn told(text: &str, world: &dyn World) -> String {
    let found = check(&read(text), world);
    within(text, &found);
    found.iter().map(|it| with_fixes(text, it)).collect()
}

fn with_fixes(text: &str, diagnostic: &Diagnostic) -> String {
    let mut told = show("r", text, diagnostic);
    for fix in &diagnostic.fixes {
        told.extend(["  fix: ", &fix.title, "\n"]);
    }
    told
}

/// Every place lies within the text, on borders of characters.
fn within(text: &str, found: &[Diagnostic]) {
    let edits = found.iter().flat_map(|it| &it.fixes).flat_map(|fix| &fix.edits);
    for range in found.iter().map(|it| &it.range).chain(edits.map(|(range, _)| range)) {
        assert!(text.get(range.clone()).is_some(), "{range:?} in {text:?}: {found:?}");
    }
}

/// The text with the first fix of the first diagnostic that has one.
fn mended(text: &str, world: &dyn World) -> String {
    let found = check(&read(text), world);
    let fix = found.iter().find_map(|it| it.fixes.first()).expect("nothing can be mended");
    super::edit::apply(text, &fix.edits)
}

const ASSUMED: Size = Size { width: 1024, height: 1024 };
