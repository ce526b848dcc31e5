//! One ask: what should change, what must stay, and which models do it. And its dry run.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::Failure;
use crate::job::{JobRecord, JobState, Timestamp};
use crate::model::{Intent, Keep, Margins, RunParams, StyleWeight};
use crate::picture::{BlobId, Region};

/// What a person asks for. Everything optional has a default that the plan shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// What kind of change.
    pub intent: Intent,
    /// The picture that is to be changed. It is never written.
    pub source: BlobId,
    /// Where it may change: a `gray8` picture as large as the source, 255 = may change. Absent: everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mask: Option<BlobId>,
    /// Further pictures that guide style or character, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<BlobId>,
    /// What should change, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// What must stay.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keep: Vec<Keep>,
    /// One model, or several to compare: a job each. `auto` stands for the one that suits best.
    pub models: Vec<String>,
    /// Styles by name; several are blended by weight.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub style: Vec<StyleWeight>,
    /// How much of the change is wanted, 0..=1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strength: Option<f64>,
    /// A seed that repeats a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// How many pictures each model gives, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// By how much the result is larger than the source: 1, 2 or 4.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<u32>,
    /// The resolution that is wanted, by a name that the model offers, such as `2K`. Absent: the smallest that loses nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// By how much the picture is to grow at each side; only with the intent `expand`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expand: Option<Margins>,
    /// How softly the change fades inside the mask's edge, in pixels of the source. Default 8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feather: Option<u32>,
    /// How much of the surroundings a model sees around a mask, as a share of the mask's size. Default 0.5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<f64>,
    /// Parameters of the models' own, by name; `model:name` is for that model alone.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, serde_json::Value>,
    /// The artifact that this ask goes on from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Who asks: `krita`, `gimp`, `figma`, `web`, `cli`, `folder`, or another integration's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// What the source is called where it comes from: a file or a layer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Where the source lies in the editor's document, so that a result finds back to its place. Kept, not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
}

/// Where a source lies in the document that an editor has open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The document: an id that the integration keeps with it, at most 512 bytes. `transform.list` finds by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// The layer that the source was read from: its id or name, at most 512 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<String>,
    /// The column of the source's top left corner, in pixels of the document; may be negative.
    pub x: i32,
    /// The row of the source's top left corner, in pixels of the document; may be negative.
    pub y: i32,
}

impl Ask {
    /// An ask with nothing but its intent, source and models.
    pub fn new(intent: Intent, source: BlobId, models: Vec<String>) -> Self {
        Ask {
            intent,
            source,
            mask: None,
            references: Vec::new(),
            prompt: None,
            keep: Vec::new(),
            models,
            style: Vec::new(),
            strength: None,
            seed: None,
            count: None,
            scale: None,
            size: None,
            expand: None,
            feather: None,
            context: None,
            params: BTreeMap::new(),
            parent: None,
            client: None,
            title: None,
            origin: None,
        }
    }
}

/// `transform.plan`: a dry run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanParams {
    /// What would be asked.
    pub ask: Ask,
    /// The shape of pictures that are not uploaded yet: no blob is then looked at. Price, size and reasons are those
    /// of uploaded ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shape: Option<AskShape>,
}

/// The shape of an ask's pictures before they are uploaded. The ask's `source`, `mask` and `references` are not
/// looked at then: they may be absent where they are optional, or any ids, such as 64 zeros.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AskShape {
    /// Pixels across of the source.
    pub width: u32,
    /// Pixels down of the source.
    pub height: u32,
    /// The smallest rectangle around what the mask lets change, within the source; absent: there is no mask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mask: Option<Region>,
    /// Width and height of each reference, in pixels, in order; absent: there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<(u32, u32)>,
}

/// What each model would be given, and what it would cost. Nothing is sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TransformPlan {
    /// One entry a model, in the ask's order.
    pub jobs: Vec<JobPlan>,
}

/// What one model would be given, or why it cannot do it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct JobPlan {
    /// The model's id.
    pub model: String,
    /// The backend that offers it; empty where the model is unknown.
    pub backend: String,
    /// Why the model cannot do it; the fields below are then without meaning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// The part of the source that the model sees: the mask's region with its context, or everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// The part of the source that each result covers: the mask's region, or everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Region>,
    /// Width and height of what the model is given, in pixels, after fitting and padding; of one tile where it runs in tiles.
    #[serde(default)]
    pub run_size: (u32, u32),
    /// In how many pieces it runs.
    #[serde(default)]
    pub pieces: u32,
    /// Width and height of each result, in pixels.
    #[serde(default)]
    pub result_size: (u32, u32),
    /// How many pictures.
    #[serde(default)]
    pub count: u32,
    /// What the model is told, the compiled prompt included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub params: Option<RunParams>,
    /// The price of all pictures; 0 where nothing costs.
    #[serde(default)]
    pub cost: f64,
    /// ISO 4217 code of the price; empty where nothing costs.
    #[serde(default)]
    pub currency: String,
    /// About how long it takes, in seconds, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// What the host does in the model's place, or what a person should know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// `transform.submit`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmitParams {
    /// Made by the client, 1 to 128 characters: the same key returns the same transform and runs nothing twice.
    pub key: String,
    /// What is asked.
    pub ask: Ask,
    /// The watched folder on whose budget it goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
}

/// `transform.get`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TransformGetParams {
    /// The transform's id.
    pub id: String,
}

/// `transform.list`: newest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ListParams {
    /// At most so many, 1 to 500. Default 50.
    pub limit: Option<u32>,
    /// Only those older than this id: the last of the page before.
    pub before: Option<String>,
    /// Only those of this client: what `ask.client` says.
    pub client: Option<String>,
    /// Only those of this document: what `ask.origin.document` says.
    pub document: Option<String>,
    /// Only those with this in the prompt, the title, or the id or label of a model, in upper or lower case.
    pub text: Option<String>,
}

/// A stored transform with its jobs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TransformRecord {
    /// The id: sorts by time.
    pub id: String,
    /// The client's key.
    pub key: String,
    /// What was asked.
    pub ask: Ask,
    /// When it was stored.
    pub created: Timestamp,
    /// One job a model, in the ask's order.
    pub jobs: Vec<JobRecord>,
}

/// A page of transforms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TransformList {
    /// Newest first.
    pub transforms: Vec<TransformRecord>,
}

/// `transform.search`: rows for a list that shows a part of very many, newest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SearchParams {
    /// How many of what is found to pass over. Default 0.
    pub offset: u32,
    /// At most so many rows, 1 to 500. Default 100.
    pub limit: Option<u32>,
    /// Only those with this in the prompt, the title, or the id or label of a model, in upper or lower case.
    pub text: Option<String>,
    /// Only those of this client: what `ask.client` says.
    pub client: Option<String>,
    /// Only those that asked this model, by its id.
    pub model: Option<String>,
    /// Only those of this watched folder, by its id or path.
    pub folder: Option<String>,
    /// Only those stored at this moment or later.
    pub since: Option<Timestamp>,
    /// Only those stored before this moment. A list that keeps it stays the same while new ones come.
    pub until: Option<Timestamp>,
}

/// One transform as a row of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TransformRow {
    /// The id: sorts by time.
    pub id: String,
    /// When it was stored.
    pub created: Timestamp,
    /// What kind of change.
    pub intent: Intent,
    /// What should change, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// What the source is called where it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Who asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// The path of the watched folder that it ran for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// The picture that was to be changed.
    pub source: BlobId,
    /// The artifact that it goes on from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// The transform that made that artifact, where it is still known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_transform: Option<String>,
    /// One entry a job, in the ask's order.
    pub jobs: Vec<JobRow>,
}

/// One job in a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct JobRow {
    /// The id.
    pub id: String,
    /// The model's id.
    pub model: String,
    /// Where it stands.
    pub state: JobState,
    /// Its pictures that were not put away, in order.
    pub pictures: Vec<BlobId>,
}

/// The answer to `transform.search`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TransformRows {
    /// How many were found in all.
    pub total: u64,
    /// Newest first.
    pub rows: Vec<TransformRow>,
}

/// The answer to `transform.lineage`: which picture came from which.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Lineage {
    /// What the transform goes back to, itself, and everything that came from any of them; oldest first, at most 500.
    pub rows: Vec<TransformRow>,
}
