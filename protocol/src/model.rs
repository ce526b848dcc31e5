//! What a model is: the capability record that a backend describes, that the planner obeys and
//! that every screen shows. Capabilities are data; nothing here decides anything.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::picture::PixelFormat;

/// What kind of change is asked for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// Another look, the same picture.
    Restyle,
    /// Sharper, cleaner or larger, the same picture.
    Enhance,
    /// Another background behind the same subject.
    Background,
    /// The subject alone on transparency.
    Cutout,
    /// A new picture that takes this one as its idea.
    Reimagine,
    /// One described change.
    Edit,
    /// Remove what the mask covers.
    Erase,
    /// Continue the picture beyond its borders.
    Expand,
}

impl Intent {
    /// Every intent, in the order in which screens show them.
    pub const ALL: [Intent; 8] = [
        Intent::Restyle,
        Intent::Enhance,
        Intent::Background,
        Intent::Cutout,
        Intent::Reimagine,
        Intent::Edit,
        Intent::Erase,
        Intent::Expand,
    ];

    /// The word used on the wire, on the command line and in recipes.
    pub fn name(self) -> &'static str {
        match self {
            Intent::Restyle => "restyle",
            Intent::Enhance => "enhance",
            Intent::Background => "background",
            Intent::Cutout => "cutout",
            Intent::Reimagine => "reimagine",
            Intent::Edit => "edit",
            Intent::Erase => "erase",
            Intent::Expand => "expand",
        }
    }
}

/// What must stay as it is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Keep {
    /// Who or what the picture shows.
    Subject,
    /// How the subject stands or sits.
    Pose,
    /// Where things are in the frame.
    Composition,
    /// The colours of the source.
    Colours,
    /// Lettering, logos and labels.
    Text,
}

impl Keep {
    /// Every aspect, in the order in which screens show them.
    pub const ALL: [Keep; 5] =
        [Keep::Subject, Keep::Pose, Keep::Composition, Keep::Colours, Keep::Text];

    /// The word used on the wire, on the command line and in recipes.
    pub fn name(self) -> &'static str {
        match self {
            Keep::Subject => "subject",
            Keep::Pose => "pose",
            Keep::Composition => "composition",
            Keep::Colours => "colours",
            Keep::Text => "text",
        }
    }
}

/// Whether a model reads a prompt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PromptSupport {
    /// It reads none: a prompt is matched to a named style, visibly, or refused.
    #[default]
    None,
    /// It works with or without one.
    Optional,
    /// It does nothing without one.
    Required,
}

/// How a mask reaches a model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MaskSupport {
    /// The model knows no masks: the host crops around the mask and composites through it.
    #[default]
    Composited,
    /// The model is given the mask; the host composites through it all the same.
    Native,
    /// A mask makes no sense for this model, and asking for one is refused.
    Refused,
}

/// How well a seed repeats a picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SeedSupport {
    /// There is no seed; giving one is refused.
    #[default]
    None,
    /// The same seed gives a similar picture.
    Hint,
    /// The same seed gives the same bits on the same machine.
    Exact,
}

/// What happens to a picture larger than the model's limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Oversize {
    /// The ask is refused with `too_large`.
    Refuse,
    /// It is scaled down for the model, and the result is scaled back.
    #[default]
    Scale,
    /// It runs in overlapping tiles that are blended together.
    Tile,
}

/// Which sizes a model takes, in pixels of its input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SizeRecord {
    /// Width and height are multiples of this; the host pads by reflection.
    pub multiple_of: u32,
    /// The shortest side that works.
    pub min_side: u32,
    /// The longest side that works.
    pub max_side: u32,
    /// The most pixels that work.
    pub max_pixels: u64,
    /// What happens beyond the limits.
    pub oversize: Oversize,
    /// By how many pixels tiles overlap, where `oversize` is `tile`.
    pub overlap: u32,
    /// The aspects that it takes, as width to height; the host pads by reflection to the nearest. Empty: any.
    pub aspects: Vec<(u32, u32)>,
}

impl Default for SizeRecord {
    fn default() -> Self {
        SizeRecord {
            multiple_of: 1,
            min_side: 1,
            max_side: 32_768,
            max_pixels: 1 << 30,
            oversize: Oversize::Scale,
            overlap: 32,
            aspects: Vec::new(),
        }
    }
}

/// A style that is chosen by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StyleRecord {
    /// The name used on the wire: lower case, words joined by `-`.
    pub name: String,
    /// What it looks like, in a few words.
    pub description: String,
    /// It destroys much of the content: screens mark it.
    #[serde(default)]
    pub strong: bool,
}

/// The value that a parameter of a model's own takes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum ParamKind {
    /// One of a few words.
    Choice {
        /// The words, in the order in which screens show them.
        values: Vec<String>,
    },
    /// A number in a closed range.
    Number {
        /// The smallest value.
        min: f64,
        /// The largest value.
        max: f64,
    },
    /// On or off.
    Boolean,
    /// A short text.
    Text,
}

/// A parameter of a model's own, beyond the common controls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ParamRecord {
    /// The name used on the wire.
    pub name: String,
    /// What it does, in one sentence.
    pub description: String,
    /// What it takes.
    pub value: ParamKind,
    /// What the model takes when nothing is said.
    #[serde(default)]
    pub default: serde_json::Value,
}

/// What a run costs, as far as it can be known before. What does not apply is 0 or empty. One output
/// picture costs `per_picture`, or what `per_size` or the first fitting step says, and each megapixel
/// that it has beyond the first costs `per_megapixel`; inputs cost on top.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Price {
    /// The amount for one output picture.
    pub per_picture: f64,
    /// The same by the name of the size that was asked for.
    pub per_size: std::collections::BTreeMap<String, f64>,
    /// The same by how many megapixels the picture has, the smallest step first.
    pub steps: Vec<PriceStep>,
    /// For each megapixel of an output picture beyond the first, begun ones included.
    pub per_megapixel: f64,
    /// For each megapixel that is sent, the source and the references, begun ones included.
    pub per_input_megapixel: f64,
    /// For each reference.
    pub per_reference: f64,
    /// ISO 4217 code, such as `USD`.
    pub currency: String,
    /// The day on which the price was read, as `YYYY-MM-DD`.
    pub as_of: String,
}

/// One step of a price.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceStep {
    /// Up to so many megapixels.
    pub up_to_megapixels: f64,
    /// The amount for one output picture.
    pub per_picture: f64,
}

/// A resolution that a model offers by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SizeOffer {
    /// The name used on the wire, such as `2K`.
    pub name: String,
    /// The side of a square of as many pixels.
    pub side: u32,
}

/// By how much a picture grows at each side, in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Margins {
    /// Above.
    pub top: u32,
    /// To the right.
    pub right: u32,
    /// Below.
    pub bottom: u32,
    /// To the left.
    pub left: u32,
}

/// What a person picks, and what the planner obeys.
#[expect(clippy::struct_excessive_bools, reason = "independent capabilities")]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelRecord {
    /// The id used on the wire: lower case, words joined by `-`.
    pub id: String,
    /// The name on screens.
    pub label: String,
    /// What it is good at, in five to ten words.
    pub strengths: String,
    /// What it cannot do, said plainly.
    pub limitation: String,
    /// When to pick it.
    #[serde(default)]
    pub best_use: String,
    /// The intents it serves.
    pub intents: Vec<Intent>,
    /// Whether it reads a prompt.
    #[serde(default)]
    pub prompt: PromptSupport,
    /// What it keeps when asked to; anything else is refused.
    #[serde(default)]
    pub keep: Vec<Keep>,
    /// How a mask reaches it.
    #[serde(default)]
    pub mask: MaskSupport,
    /// The least and the most references it takes.
    #[serde(default)]
    pub references: (u32, u32),
    /// It reads and writes transparency itself; otherwise the host flattens and restores it.
    #[serde(default)]
    pub alpha: bool,
    /// The pixel formats it takes for the source, the preferred one first; results may come in any of them.
    #[serde(default = "only_rgba8")]
    pub formats: Vec<PixelFormat>,
    /// Whether it has a seed.
    #[serde(default)]
    pub seed: SeedSupport,
    /// Whether it has a strength in 0..=1.
    #[serde(default)]
    pub strength: bool,
    /// The most pictures that one job gives.
    #[serde(default = "one")]
    pub max_count: u32,
    /// The styles that it knows by name.
    #[serde(default)]
    pub styles: Vec<StyleRecord>,
    /// By how much the result may be larger than the source; empty: it keeps the size.
    #[serde(default)]
    pub scales: Vec<u32>,
    /// Which sizes it takes.
    #[serde(default)]
    pub size: SizeRecord,
    /// Parameters of its own.
    #[serde(default)]
    pub params: Vec<ParamRecord>,
    /// A job may run again after a crash without cost or consent.
    #[serde(default)]
    pub repeatable: bool,
    /// The longest time that a job may take, in seconds; then its worker is ended.
    #[serde(default = "ten_minutes")]
    pub timeout_seconds: u32,
    /// How long a million source pixels typically take, in seconds, where known.
    #[serde(default)]
    pub seconds_per_megapixel: Option<f64>,
    /// What a run costs; absent: nothing.
    #[serde(default)]
    pub price: Option<Price>,
    /// The resolutions that it offers by name, the smallest first; empty: it follows the source.
    #[serde(default)]
    pub sizes: Vec<SizeOffer>,
    /// It was trained on pictures, as nearly every model is. A result of models that were not says so in its XMP.
    #[serde(default = "yes")]
    pub trained: bool,
    /// How well it suits an intent, 0..=1, as the catalogue's author judges; for advice.
    #[serde(default)]
    pub suits: std::collections::BTreeMap<Intent, f64>,
    /// What only the backend needs to know, such as the provider's own id. It is given back with each run.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub wire: std::collections::BTreeMap<String, serde_json::Value>,
}

impl ModelRecord {
    /// A record with the given names and every capability at its most modest.
    pub fn new(id: &str, label: &str, intents: &[Intent]) -> Self {
        ModelRecord {
            id: id.to_owned(),
            label: label.to_owned(),
            strengths: String::new(),
            limitation: String::new(),
            best_use: String::new(),
            intents: intents.to_vec(),
            prompt: PromptSupport::None,
            keep: Vec::new(),
            mask: MaskSupport::Composited,
            references: (0, 0),
            alpha: false,
            formats: only_rgba8(),
            seed: SeedSupport::None,
            strength: false,
            max_count: 1,
            styles: Vec::new(),
            scales: Vec::new(),
            size: SizeRecord::default(),
            params: Vec::new(),
            repeatable: false,
            timeout_seconds: ten_minutes(),
            seconds_per_megapixel: None,
            price: None,
            sizes: Vec::new(),
            trained: true,
            suits: std::collections::BTreeMap::new(),
            wire: std::collections::BTreeMap::new(),
        }
    }
}

fn only_rgba8() -> Vec<PixelFormat> {
    vec![PixelFormat::Rgba8]
}

fn yes() -> bool {
    true
}

fn one() -> u32 {
    1
}

fn ten_minutes() -> u32 {
    600
}

/// What a backend says of itself: the JSON that `describe` returns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Descriptor {
    /// The id, equal to the manifest's: reverse domain or a short name.
    pub id: String,
    /// The name on screens.
    pub name: String,
    /// The backend's own version.
    pub version: String,
    /// How many instances may run at once, each in a worker of its own.
    #[serde(default = "one")]
    pub max_instances: u32,
    /// The models it offers.
    pub models: Vec<ModelRecord>,
}

/// What `run` is told beside the pixels: the JSON in `easel_request.params`. The host has checked
/// it against the model's record; absent fields were not asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunParams {
    /// What kind of change.
    pub intent: Intent,
    /// The prompt, compiled into the model's own style of prompt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// What must stay.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keep: Vec<Keep>,
    /// Styles by name with their weights, which add up to 1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub style: Vec<StyleWeight>,
    /// How much of the change is wanted, 0..=1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strength: Option<f64>,
    /// The seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// How many pictures.
    #[serde(default = "one")]
    pub count: u32,
    /// By how much the result is larger than the source.
    #[serde(default = "one")]
    pub scale: u32,
    /// Parameters of the model's own, defaults filled in.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub params: std::collections::BTreeMap<String, serde_json::Value>,
    /// The resolution that is wanted, by the name in the model's record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// By how much the picture is to grow; only with the intent `expand`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expand: Option<Margins>,
    /// The `wire` of the model's record.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub wire: std::collections::BTreeMap<String, serde_json::Value>,
}

impl RunParams {
    /// An intent and nothing else: one picture, as large as the source.
    pub fn new(intent: Intent) -> Self {
        RunParams {
            intent,
            prompt: None,
            keep: Vec::new(),
            style: Vec::new(),
            strength: None,
            seed: None,
            count: 1,
            scale: 1,
            params: std::collections::BTreeMap::new(),
            size: None,
            expand: None,
            wire: std::collections::BTreeMap::new(),
        }
    }
}

/// A fact that a backend tells of a run that goes on: the JSON of `easel_report.fact`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RunFact {
    /// What the provider says that it costs; several add up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
    /// ISO 4217 code of the cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The number of the output that the fact is about, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<u32>,
    /// The seed that was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<i64>,
    /// The provider's own name for the request: what its support asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// A sentence for the person who waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A style and its share of a blend.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StyleWeight {
    /// A name from the model's record.
    pub name: String,
    /// Its share, above 0; shares are divided by their sum.
    #[serde(default = "whole")]
    pub weight: f64,
}

fn whole() -> f64 {
    1.0
}
