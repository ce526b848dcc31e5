//! `easel recipe check|new|list|run`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use easel_protocol::Failure;
use easel_protocol::methods::{ListModels, ListRecipes};
use easel_protocol::recipe::RecipeRecord;
use easel_protocol::server::{ModelEntry, NoParams};
use serde_json::{Value, json};

use super::Context;
use super::client::Client;
use super::folder::costs;
use super::recipe_run::RecipeRun;
use crate::recipe::{self, Diagnostic, SUFFIX, Severity, World};
use crate::store::io_failure;

/// Recipes: say once what happens to pictures, and use it from everywhere.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:\n  \
easel recipe new product-on-white\n  \
easel recipe check product-on-white.easel.toml\n  \
easel recipe run product-on-white.easel.toml vase.jpg\n\n\
docs/recipes.md explains every key, `cookbook/` has recipes to begin with.")]
pub(super) enum Recipe {
    /// Say what is wrong with recipes, and what they would cost.
    Check(Check),
    /// Write a recipe to begin with.
    New(New),
    /// List the recipes that are at hand by name.
    List,
    /// Run a recipe on pictures.
    Run(RecipeRun),
}

#[derive(Debug, Args)]
pub(super) struct Check {
    /// The recipes' files.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct New {
    /// The recipe's name, or the path of its file.
    name: PathBuf,
    /// Put it where it is at hand by its name, in editors and on the page too.
    #[arg(long)]
    shared: bool,
}

impl Recipe {
    pub(super) fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        match self {
            Recipe::Check(check) => check.run(context),
            Recipe::New(new) => new.run(context),
            Recipe::List => list(context),
            Recipe::Run(run) => run.run(context),
        }
    }
}

/// The models of this machine, and the files beside a recipe.
struct Here {
    models: Vec<ModelEntry>,
    folder: PathBuf,
}

impl World for Here {
    fn models(&self) -> &[ModelEntry] {
        &self.models
    }

    fn exists(&self, path: &str) -> Option<bool> {
        Some(self.folder.join(path).is_file())
    }
}

impl Check {
    fn run(&self, context: &Context) -> Result<ExitCode, Failure> {
        let client = Client::connect_or_start(context)?;
        let models = client.call::<ListModels>(&NoParams {})?.models;
        let mut here = Here { models, folder: PathBuf::new() };
        let mut reports = Vec::new();
        let mut wrong = false;
        for file in &self.files {
            let text =
                std::fs::read_to_string(file).map_err(|error| io_failure("read", file, &error))?;
            here.folder = file.parent().map(Path::to_owned).unwrap_or_default();
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            let found = match recipe::schema::kind_of_file(&name) {
                Some(kind) if kind != recipe::schema::FileKind::Recipe => {
                    recipe::read_other(&text, kind).0
                }
                _ => recipe::check(&recipe::read(&text), &here),
            };
            wrong |= found.iter().any(|it| it.severity == Severity::Error);
            if context.screen.json {
                let diagnostics: Vec<Value> = found.iter().map(|it| as_json(&text, it)).collect();
                reports.push(json!({ "file": file, "diagnostics": diagnostics }));
                continue;
            }
            for it in &found {
                context.screen.line(in_words(file, &text, it));
            }
            if !found.iter().any(|it| it.severity != Severity::Information) {
                context.screen.note(format!("`{}` is right", file.display()));
            }
        }
        if context.screen.json {
            context.screen.value(&reports);
        }
        Ok(if wrong { ExitCode::from(2) } else { ExitCode::SUCCESS })
    }
}

fn severity(diagnostic: &Diagnostic) -> &'static str {
    match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Information => "note",
    }
}

/// The line with its number from 1, its text, and where in it the place begins, in characters.
fn line_at(text: &str, at: usize) -> (usize, &str, usize) {
    let before = text.get(..at).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[start..].lines().next().unwrap_or_default();
    (before.matches('\n').count() + 1, line, before[start..].chars().count())
}

fn in_words(file: &Path, text: &str, found: &Diagnostic) -> String {
    let (number, line, column) = line_at(text, found.range.start);
    let length = text.get(found.range.clone()).unwrap_or_default().lines().next();
    let carets = "^".repeat(length.map_or(1, |part| part.chars().count().max(1)));
    let mut lines = vec![
        format!(
            "{}:{number}:{}: {}[{}]: {}",
            file.display(),
            column + 1,
            severity(found),
            found.code,
            found.message
        ),
        format!("  {line}"),
        format!("  {}{carets}", " ".repeat(column)),
    ];
    lines.extend(found.hint.iter().map(|hint| format!("  hint: {hint}")));
    lines.join("\n")
}

fn as_json(text: &str, found: &Diagnostic) -> Value {
    let (line, _, column) = line_at(text, found.range.start);
    json!({
        "severity": severity(found), "code": found.code, "message": found.message,
        "hint": found.hint, "line": line, "column": column + 1,
    })
}

/// A recipe that runs as it is, with what may be changed written beside it.
const TEMPLATE: &str = include_str!("recipe/new.easel.toml");

impl New {
    fn run(&self, context: &Context) -> Result<ExitCode, Failure> {
        use std::io::Write;
        let name = self.name.to_string_lossy();
        let name =
            if name.ends_with(SUFFIX) { name.into_owned() } else { format!("{name}{SUFFIX}") };
        let path =
            if self.shared { context.paths.recipes().join(name) } else { PathBuf::from(name) };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)
                .map_err(|error| io_failure("create", folder, &error))?;
        }
        // Never over one that is there.
        std::fs::File::options()
            .write(true)
            .create_new(true)
            .open(&path)
            .and_then(|mut file| file.write_all(TEMPLATE.as_bytes()))
            .map_err(|error| io_failure("write", &path, &error))?;
        context.screen.line(path.display());
        context.screen.note(format!(
            "next: `easel recipe check {0}`, `easel recipe run {0} PICTURE`",
            path.display()
        ));
        Ok(ExitCode::SUCCESS)
    }
}

fn list(context: &Context) -> Result<ExitCode, Failure> {
    let client = Client::connect_or_start(context)?;
    let list = client.call::<ListRecipes>(&NoParams {})?;
    if context.screen.json {
        context.screen.value(&list);
    } else if list.recipes.is_empty() {
        context.screen.note(format!(
            "no recipes in `{}`; `easel recipe new NAME --shared` writes one",
            list.folder
        ));
    } else {
        let row = |recipe: &RecipeRecord| {
            let steps: Vec<&str> = recipe.intents.iter().map(|intent| intent.name()).collect();
            let standing = match &recipe.failure {
                Some(failure) => failure.message.clone(),
                None => costs(&recipe.price),
            };
            vec![recipe.name.clone(), recipe.title.clone(), steps.join(" → "), standing]
        };
        let rows: Vec<_> = list.recipes.iter().map(row).collect();
        context.screen.table(&["NAME", "TITLE", "STEPS", ""], &rows);
    }
    Ok(ExitCode::SUCCESS)
}
