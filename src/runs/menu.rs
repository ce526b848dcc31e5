//! Recipes as menus show them: the ones that are at hand by name, and what is to be said of a text.

use easel_protocol::recipe::{
    Money, RecipeCheckParams, RecipeDiagnostic, RecipeList, RecipeRecord, RecipeReport,
    RecipeSeverity,
};
use easel_protocol::server::ModelEntry;
use easel_protocol::{ErrorKind, Failure};

use super::ready::{name_of, text_of};
use crate::daemon::Daemon;
use crate::recipe::{self, Diagnostic, Severity, World};

/// Menus show so many.
const MOST: usize = 500;

/// `recipe.check`.
pub fn check(daemon: &Daemon, params: &RecipeCheckParams) -> Result<RecipeReport, Failure> {
    let text = &params.text;
    let read = recipe::read(text);
    let models = Models(daemon.backends.models()?);
    let found = recipe::check(&read, &models);
    let runs = !found.iter().any(|it| it.severity == Severity::Error);
    let diagnostics = found.into_iter().map(|it| diagnostic(text, it)).collect();
    Ok(RecipeReport { runs, diagnostics })
}

/// `recipe.list`.
pub fn list(daemon: &Daemon) -> Result<RecipeList, Failure> {
    let folder = daemon.paths.recipes();
    let models = Models(daemon.backends.models()?);
    let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
    let mut recipes: Vec<RecipeRecord> = entries
        .filter_map(|entry| entry.path().to_str().map(str::to_owned))
        .filter(|path| path.ends_with(recipe::SUFFIX))
        .take(MOST)
        .map(|path| record(daemon, &models, path))
        .collect();
    recipes.sort_by_key(|recipe| recipe.title.to_lowercase());
    Ok(RecipeList { recipes, folder: folder.to_string_lossy().into_owned() })
}

fn record(daemon: &Daemon, models: &Models, path: String) -> RecipeRecord {
    let name = name_of(&path);
    let mut record = RecipeRecord {
        title: name.clone(),
        name,
        path,
        description: None,
        intents: Vec::new(),
        models: Vec::new(),
        results: 0,
        price: Vec::new(),
        failure: None,
    };
    let text = match text_of(&daemon.paths, &record.path, true) {
        Ok((text, ..)) => text,
        Err(failure) => return RecipeRecord { failure: Some(failure), ..record },
    };
    let read = recipe::read(&text);
    let error = recipe::check(&read, models).into_iter().find(|it| it.severity == Severity::Error);
    record.failure = error.map(|error| {
        let (line, _) = place(&text, error.range.start);
        let failure =
            Failure::new(ErrorKind::InvalidRequest, format!("line {line}: {}", error.message));
        Failure { hint: error.hint, ..failure }
    });
    let Some(recipe) = read.recipe else { return record };
    let size = easel_pixels::Size::new(1024, 1024);
    let price = recipe::price(&recipe, &models.0, size).into_iter();
    record.price = price.map(|it| Money { amount: it.amount, currency: it.currency }).collect();
    record.intents = recipe.steps.iter().map(|step| step.intent).collect();
    let cells = recipe::expand(&recipe, &recipe::assumed(size.width, size.height));
    for cell in cells.iter().flatten() {
        let Some(last) = cell.steps.last() else { continue };
        record.results += last.count.unwrap_or(1) * last.models.len() as u32;
        for model in cell.steps.iter().flat_map(|step| &step.models).filter_map(|it| it.first()) {
            if !record.models.contains(model) {
                record.models.push(model.clone());
            }
        }
    }
    record.title = recipe.title.unwrap_or(record.title);
    record.description = recipe.description;
    record
}

/// The models of this daemon; of files beside a text that comes over the wire nothing is known.
struct Models(Vec<ModelEntry>);

impl World for Models {
    fn models(&self) -> &[ModelEntry] {
        &self.0
    }

    fn exists(&self, _: &str) -> Option<bool> {
        None
    }
}

fn diagnostic(text: &str, found: Diagnostic) -> RecipeDiagnostic {
    let ((line, column), (end_line, end_column)) =
        (place(text, found.range.start), place(text, found.range.end));
    RecipeDiagnostic {
        severity: match found.severity {
            Severity::Error => RecipeSeverity::Error,
            Severity::Warning => RecipeSeverity::Warning,
            Severity::Information => RecipeSeverity::Information,
        },
        code: found.code.to_owned(),
        message: found.message,
        hint: found.hint,
        line,
        column,
        end_line,
        end_column,
    }
}

/// Line and character of a place, from 1.
fn place(text: &str, at: usize) -> (u32, u32) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() as u32 + 1;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (line, before[start..].chars().count() as u32 + 1)
}
