//! `easel recipe check|new|list|run`.

mod new;

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
use crate::recipe::schema::{FileKind, kind_of_file};
use crate::recipe::{self, Diagnostic, Fix, Severity, World};
use crate::runs::{menu, read_text};
use crate::store::io_failure;

/// Recipes: say once what happens to pictures, and use it from everywhere.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:\n  \
easel recipe new product-on-white --from product-on-white\n  \
easel recipe check product-on-white.easel.toml\n  \
easel recipe run product-on-white.easel.toml vase.jpg\n\n\
docs/recipes.md explains every key, `cookbook/` has recipes to begin with.")]
pub(super) enum Recipe {
    /// Say what is wrong with recipes, and what they would cost.
    Check(Check),
    /// Write a recipe to begin with.
    New(new::New),
    /// List the recipes that are at hand by name.
    List,
    /// Run a recipe on pictures.
    Run(RecipeRun),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
easel recipe check product-on-white.easel.toml\n  \
easel recipe check *.easel.toml folders.toml\n  \
easel recipe check white.easel.toml --json | jq '.[].diagnostics[].message'\n\n\
Nothing runs and nothing is sent. It ends with 2 where something is an error; warnings and prices are not.\n\
`folders.toml`, catalogues (`models/ID.toml`) and `backend.toml` are checked as well.")]
pub(super) struct Check {
    /// The recipes' files.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
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
            let text = read_text(file)?;
            here.folder = file.parent().map(Path::to_owned).unwrap_or_default();
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            let kind = kind_of_file(&name).unwrap_or(FileKind::Recipe);
            let found = recipe::diagnose_text(&text, kind, &here);
            wrong |= found.iter().any(|it| it.severity == Severity::Error);
            if context.screen.json {
                let diagnostics: Vec<Value> = found.iter().map(|it| as_json(&text, it)).collect();
                reports.push(json!({ "file": file, "diagnostics": diagnostics }));
                continue;
            }
            for it in &found {
                let shown = recipe::show(&file.to_string_lossy(), &text, it);
                context.screen.line(shown.trim_end());
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

/// A diagnostic as programs read it; places in bytes as well as in lines and characters, both from 1.
fn as_json(text: &str, found: &Diagnostic) -> Value {
    let (line, column) = recipe::line_and_column(text, found.range.start);
    let (end_line, end_column) = recipe::line_and_column(text, found.range.end);
    let edit = |(range, new): &(std::ops::Range<usize>, String)| json!({ "start": range.start, "end": range.end, "text": new });
    let fix = |fix: &Fix| {
        let edits: Vec<Value> = fix.edits.iter().map(edit).collect();
        json!({ "title": fix.title, "edits": edits })
    };
    let fixes: Vec<Value> = found.fixes.iter().map(fix).collect();
    json!({
        "severity": recipe::severity_name(found.severity), "code": found.code,
        "message": found.message, "hint": found.hint, "line": line, "column": column,
        "end_line": end_line, "end_column": end_column,
        "start": found.range.start, "end": found.range.end, "fixes": fixes,
    })
}

/// The recipes that are at hand by name, and those of the folder that this runs in.
fn list(context: &Context) -> Result<ExitCode, Failure> {
    let client = Client::connect_or_start(context)?;
    let mut list = client.call::<ListRecipes>(&NoParams {})?;
    let models = client.call::<ListModels>(&NoParams {})?.models;
    let mut here = Here { models, folder: PathBuf::from(".") };
    list.recipes.extend(beside(&mut here, &list.folder)?);
    if context.screen.json {
        context.screen.value(&list);
    } else if list.recipes.is_empty() {
        context.screen.note(format!(
            "no recipes in `{}`, and none here; `easel recipe new NAME` writes one",
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
        context.screen.table(&["NAME", "TITLE", "STEPS", "STANDING"], &rows);
    }
    Ok(ExitCode::SUCCESS)
}

/// The recipes of this folder, by the names of their files: so they are given to `run`.
fn beside(here: &mut Here, shared: &str) -> Result<Vec<RecipeRecord>, Failure> {
    let folder =
        std::env::current_dir().map_err(|error| io_failure("look into", Path::new("."), &error))?;
    // The shared ones are listed already.
    if folder.canonicalize().ok() == Path::new(shared).canonicalize().ok() {
        return Ok(Vec::new());
    }
    here.folder.clone_from(&folder);
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(menu::recipes_in(&folder, here, name))
}
