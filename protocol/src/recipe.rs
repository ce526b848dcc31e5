//! Recipes on the wire: checking a text, listing what there is, and running one on a picture.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::Failure;
use crate::job::{Artifact, JobState, Timestamp};
use crate::model::Intent;
use crate::picture::BlobId;
use crate::transform::Origin;

/// `recipe.check`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecipeCheckParams {
    /// The recipe: TOML.
    pub text: String,
}

/// What is to be said about a recipe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RecipeReport {
    /// It can run: nothing in it is an error.
    pub runs: bool,
    /// In the order of the text.
    pub diagnostics: Vec<RecipeDiagnostic>,
}

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecipeSeverity {
    /// It cannot run.
    Error,
    /// It runs, and probably not as meant.
    Warning,
    /// Good to know.
    Information,
}

/// Something to say about a place in a recipe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RecipeDiagnostic {
    /// How bad it is.
    pub severity: RecipeSeverity,
    /// The stable part, such as `unknown-key`.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The line on which it begins, from 1.
    pub line: u32,
    /// The character of that line, from 1.
    pub column: u32,
    /// The line on which it ends, from 1.
    pub end_line: u32,
    /// The character of that line behind its end, from 1.
    pub end_column: u32,
}

/// An amount of money.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// How much.
    pub amount: f64,
    /// ISO 4217 code.
    pub currency: String,
}

/// A recipe that is at hand by its name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RecipeRecord {
    /// The name to run it by: the file's name without its end.
    pub name: String,
    /// Its file.
    pub path: String,
    /// What menus show.
    pub title: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The intents of its steps, in order.
    pub intents: Vec<Intent>,
    /// The models that it names, first choices only, `auto` included.
    pub models: Vec<String>,
    /// How many pictures it gives of one.
    pub results: u32,
    /// About what one picture of a megapixel costs, by currency; empty: nothing.
    pub price: Vec<Money>,
    /// Why it cannot run, where it cannot; the fields above are then as far as they could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

/// `recipe.list`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RecipeList {
    /// Sorted by title.
    pub recipes: Vec<RecipeRecord>,
    /// The folder that they are looked for in.
    pub folder: String,
}

/// `recipe.run`: a stored picture or, for a program on this machine, a file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RecipeRunParams {
    /// Made by the client, 1 to 100 characters: the same key returns the same run.
    pub key: String,
    /// A recipe by the name in `recipe.list`; or the path of its file, for a program on this machine alone.
    pub recipe: String,
    /// The picture that is to be changed.
    pub source: Option<BlobId>,
    /// Where steps may change it that have no mask of their own: `gray8`, as large as the source.
    pub mask: Option<BlobId>,
    /// The picture as a file, in place of `source`: its results are written into `out`.
    pub file: Option<String>,
    /// The folder for the results of `file`.
    pub out: Option<String>,
    /// Do it although the same recipe was run on the same picture before.
    pub again: bool,
    /// What the picture is called: fills `{name}`.
    pub title: Option<String>,
    /// Who asks.
    pub client: Option<String>,
    /// Where the source lies in an editor's document.
    pub origin: Option<Origin>,
}

/// `run.get`: returns at once, or when the run has ended or the time is over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunGetParams {
    /// The run's id.
    pub id: String,
    /// How long to wait for its end, in milliseconds, 0 to 60,000.
    #[serde(default)]
    pub wait_ms: u64,
}

/// `run.cancel`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunIdParams {
    /// The run's id.
    pub id: String,
}

/// A recipe on its way over one picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunRecord {
    /// The id: sorts by time.
    pub id: String,
    /// The client's key.
    pub key: String,
    /// What the recipe is called.
    pub recipe: String,
    /// Where it stands.
    pub state: JobState,
    /// How many of its transforms are done.
    pub done: u32,
    /// How many there are in all, as far as is known.
    pub total: u32,
    /// The transforms so far, in the order of their submission. The key of each says where in the run it belongs:
    /// `ID.CELL.STEP.CHOICE.FALLBACK`, each number from 0, with the run's id, the cell of the matrix, the model that is
    /// compared and the one in its chain; `ID.CELL.STEP.mask.…` only found the subject.
    pub transforms: Vec<String>,
    /// What came out; empty until it is done.
    pub results: Vec<RunResult>,
    /// The files that were written, where it ran on a file; the sheet comes last.
    #[serde(default)]
    pub files: Vec<String>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// What a person should know: which fallback was taken and why.
    pub notes: Vec<String>,
    /// What it cost, by currency.
    pub cost: Vec<Money>,
    /// When it was stored.
    pub created: Timestamp,
    /// When it reached a final state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished: Option<Timestamp>,
}

/// One picture that a recipe made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunResult {
    /// Its name within the run: what the recipe's `output.name` says.
    pub name: String,
    /// The values of the matrix that it was made with.
    pub axes: BTreeMap<String, String>,
    /// The model of the last step.
    pub model: String,
    /// The last step's artifact. Its blob covers the whole picture or, with a mask, `artifact.place`.
    pub artifact: Artifact,
    /// The file that was written, where one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}
