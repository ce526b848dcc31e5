//! Recipes as menus show them: the ones that are at hand by name, and what is to be said of a text.

use std::path::{Path, PathBuf};

use easel_protocol::Failure;
use easel_protocol::recipe::{
    RecipeCheckParams, RecipeDiagnostic, RecipeList, RecipeRecord, RecipeReport, RecipeSeverity,
};
use easel_protocol::server::ModelEntry;

use super::ready::{name_of, read_text};
use crate::daemon::Daemon;
use crate::recipe::schema::FileKind;
use crate::recipe::{self, Diagnostic, Severity, World};

/// Menus show so many.
const MOST: usize = 500;

/// `recipe.check`.
pub fn check(daemon: &Daemon, params: &RecipeCheckParams) -> Result<RecipeReport, Failure> {
    let text = &params.text;
    let models = Models(daemon.backends.models()?);
    let found = recipe::diagnose_text(text, FileKind::Recipe, &models);
    let runs = !found.iter().any(|it| it.severity == Severity::Error);
    let diagnostics = found.into_iter().map(|it| diagnostic(text, it)).collect();
    Ok(RecipeReport { runs, diagnostics })
}

/// `recipe.list`.
pub fn list(daemon: &Daemon) -> Result<RecipeList, Failure> {
    let folder = daemon.paths.recipes();
    let models = Models(daemon.backends.models()?);
    let mut recipes = recipes_in(&folder, &models, |path| name_of(&path.to_string_lossy()));
    recipes.sort_by_key(|recipe| recipe.title.to_lowercase());
    Ok(RecipeList { recipes, folder: folder.to_string_lossy().into_owned() })
}

/// The recipes that lie in a folder, by their files. `name` says what each is run by.
pub fn recipes_in(
    folder: &Path,
    world: &dyn World,
    name: impl Fn(&Path) -> String,
) -> Vec<RecipeRecord> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let is_recipe =
        |path: &PathBuf| path.is_file() && path.to_string_lossy().ends_with(recipe::SUFFIX);
    let mut files: Vec<PathBuf> =
        entries.map(|entry| entry.path()).filter(is_recipe).take(MOST).collect();
    files.sort();
    let record = |path: &PathBuf| {
        let shown = path.to_string_lossy().into_owned();
        recipe::summary(name(path), shown, read_text(path), world)
    };
    files.iter().map(record).collect()
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
    let place = |at| {
        let (line, column) = recipe::line_and_column(text, at);
        (line as u32, column as u32)
    };
    let ((line, column), (end_line, end_column)) =
        (place(found.range.start), place(found.range.end));
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
