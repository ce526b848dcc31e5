//! Recipes: TOML text that says what happens to a picture, read once into a value that nothing parses again. Pure:
//! no file, clock or thread. The command line, the daemon, the watcher and the language server share this one reader
//! and this one checker.

mod build;
mod canonical;
mod check;
pub mod edit;
mod expand;
mod facts;
mod names;
mod nearest;
mod price;
mod read;
mod rules;
pub mod schema;
mod shape;
mod shelf;
mod show;
mod spans;
mod summary;
#[cfg(test)]
mod tests;
mod text;
mod trial;
mod value;

use std::collections::BTreeMap;
use std::ops::Range;

use easel_protocol::model::{Intent, Keep, Margins};
use serde_json::Value;

pub use canonical::canonical;
pub use check::{World, check};
pub use edit::diagnose::diagnose_text;
pub use expand::{Cell, Filled, FilledMask, Missing, expand, references, used_facts};
pub use facts::{FACTS, FactDoc, Facts, assumed, fact_named};
pub use names::{Made, output_names, sheet_name};
pub use nearest::nearest;
pub use price::{amounts_in_words, price};
pub use read::{Read, read, read_other};
pub use rules::{MAX_CELLS, MAX_STEPS};
pub use show::{line_and_column, severity_name, show};
pub use spans::{Place, Spans, inside};
pub use summary::summary;
pub use text::{Part, Template, TemplateError};
pub use trial::suit;
pub use value::{amount_of, chain};

/// How a recipe's file is named: `NAME.easel.toml`.
pub const SUFFIX: &str = ".easel.toml";

/// What is done to a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    /// What menus show; without one, the file's name.
    pub title: Option<String>,
    /// What it is for, in a sentence or two.
    pub description: Option<String>,
    /// What is done, in order: each step is given what the one before made. At least one.
    pub steps: Vec<Step>,
    /// The axes of a matrix: every combination of their values is run. Empty: one run.
    pub matrix: Vec<Axis>,
    /// What is written.
    pub output: Output,
    /// What it may cost.
    pub budget: Budget,
}

/// One step: an ask without its pictures. Texts may have placeholders.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What kind of change.
    pub intent: Intent,
    /// What should change, in words.
    pub prompt: Option<Template>,
    /// What must stay.
    pub keep: Vec<Keep>,
    /// The models, each with what takes its place: `flux, else local-style` are two names of one choice. Several
    /// choices are compared, which only the last step may. Empty: `auto`.
    pub models: Vec<Vec<Template>>,
    /// Styles by name with their weights.
    pub style: Vec<(Template, f64)>,
    /// Further pictures that guide style or character: paths, relative to the recipe's file.
    pub references: Vec<Template>,
    /// Where it may change.
    pub mask: MaskRule,
    /// How much of the change is wanted, 0..=1.
    pub strength: Option<f64>,
    /// A seed that repeats a picture.
    pub seed: Option<u64>,
    /// How many pictures each model gives; only in the last step above 1.
    pub count: Option<u32>,
    /// By how much the result is larger.
    pub scale: Option<u32>,
    /// The resolution, by a name that the model offers.
    pub size: Option<Template>,
    /// By how much the picture grows at each side; only with the intent `expand`.
    pub expand: Option<Margins>,
    /// How softly the change fades inside the mask's edge, in pixels.
    pub feather: Option<u32>,
    /// How much of the surroundings a model sees around a mask, as a share of its size.
    pub context: Option<f64>,
    /// Parameters of the models' own; texts in it may have placeholders.
    pub params: BTreeMap<String, Value>,
}

/// Where a step may change the picture.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum MaskRule {
    /// Everywhere, or where the mask lies that an editor gives.
    #[default]
    None,
    /// The subject, found by a cutout on this machine.
    Subject,
    /// Everything but the subject.
    Background,
    /// Where the picture is transparent.
    Alpha,
    /// A file beside the picture: white may change. A path, relative to the picture.
    File(Template),
}

/// One axis of a matrix.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// The placeholder that it fills.
    pub name: String,
    /// Its values, in order.
    pub values: Vec<String>,
}

/// A file format that a recipe writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum OutputFormat {
    /// The source's own: JPEG for JPEG, otherwise PNG unless it is WebP or TIFF.
    #[default]
    Same,
    /// Lossless, with transparency.
    Png,
    /// Lossy; what is transparent is laid over white.
    Jpeg,
    /// Lossless WebP.
    Webp,
    /// Everything kept, uncompressed.
    Tiff,
}

/// What a recipe writes for each result.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// The file format.
    pub format: OutputFormat,
    /// The quality of JPEG files, 1 to 100.
    pub quality: u8,
    /// The file's name without its end, a folder below the output folder included where it has a `/`.
    pub name: Option<Template>,
    /// All results of a picture, side by side on one sheet, as a file of its own.
    pub sheet: bool,
    /// Whether EXIF and XMP of the source are kept.
    pub metadata: bool,
    /// Whether a file beside each result says what made it.
    pub sidecar: bool,
}

impl Default for Output {
    fn default() -> Self {
        Output {
            format: OutputFormat::Same,
            quality: 92,
            name: None,
            sheet: false,
            metadata: true,
            sidecar: true,
        }
    }
}

/// Amounts that must not be passed.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Budget {
    /// For one picture, everything that the recipe does to it included.
    pub picture: Option<Amount>,
    /// For any 24 hours of a folder.
    pub day: Option<Amount>,
}

/// An amount of money.
#[derive(Clone, Debug, PartialEq)]
pub struct Amount {
    /// How much.
    pub amount: f64,
    /// ISO 4217 code.
    pub currency: String,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It cannot run.
    Error,
    /// It runs, and probably not as meant.
    Warning,
    /// Good to know: a price.
    Information,
}

/// Something to say about a place in a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// The stable part: `syntax`, `unknown-key`, `wrong-type`, `unknown-model`, …
    pub code: &'static str,
    /// What is wrong: lower case, literals in backticks.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// Where, in bytes of the text.
    pub range: Range<usize>,
    /// Changes that would settle it, the best first.
    pub fixes: Vec<Fix>,
}

/// A change of a text that settles a diagnostic.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    /// What a menu says: `replace with "2K"`.
    pub title: String,
    /// What is replaced by what, in bytes of the text, not overlapping.
    pub edits: Vec<(Range<usize>, String)>,
}
