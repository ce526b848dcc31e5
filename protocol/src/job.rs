//! Jobs, the artifacts they make and the events that tell of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::Failure;
use crate::model::RunParams;
use crate::picture::{BlobId, Region};
use crate::transform::JobPlan;

/// Milliseconds since 1970-01-01 00:00 UTC.
pub type Timestamp = i64;

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Stored, waiting for a worker.
    Queued,
    /// A worker runs it.
    Running,
    /// It gave at least one artifact.
    Done,
    /// It ended with a failure.
    Failed,
    /// It was cancelled.
    Cancelled,
}

impl JobState {
    /// The job will not change any more, unless it is retried.
    pub fn is_final(self) -> bool {
        matches!(self, JobState::Done | JobState::Failed | JobState::Cancelled)
    }

    /// The word used on the wire.
    pub fn name(self) -> &'static str {
        match self {
            JobState::Queued => "queued",
            JobState::Running => "running",
            JobState::Done => "done",
            JobState::Failed => "failed",
            JobState::Cancelled => "cancelled",
        }
    }
}

/// One model's run of a transform.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct JobRecord {
    /// The id: sorts by time.
    pub id: String,
    /// The transform it belongs to.
    pub transform: String,
    /// The model's id.
    pub model: String,
    /// The backend's id.
    pub backend: String,
    /// Where it stands.
    pub state: JobState,
    /// How often it was started.
    pub attempts: u32,
    /// Somebody asked to cancel it.
    pub cancel_requested: bool,
    /// The share that is done, 0..=1, while it runs; absent where unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<f64>,
    /// What it is doing, in a few words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// When it was stored.
    pub created: Timestamp,
    /// When its last attempt started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<Timestamp>,
    /// When it reached a final state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished: Option<Timestamp>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// What the run told beside its pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<JobReport>,
    /// What was planned when it was submitted.
    pub plan: JobPlan,
    /// What it made.
    pub artifacts: Vec<Artifact>,
}

/// What a run told beside its pictures.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct JobReport {
    /// What the provider says that it cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
    /// ISO 4217 code of the cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Sentences for the person who waits: one of four pictures was refused.
    pub notes: Vec<String>,
}

/// One picture that a job made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Artifact {
    /// The id: the job's id and the place in its row.
    pub id: String,
    /// The job that made it.
    pub job: String,
    /// Its place among the job's artifacts, from 0.
    pub index: u32,
    /// Its pixels.
    pub blob: BlobId,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Where it belongs, in pixels of the source: everything outside is untouched.
    pub place: Region,
    /// How faithful it is.
    pub fidelity: Fidelity,
    /// Where it comes from.
    pub provenance: Provenance,
    /// When it was stored.
    pub created: Timestamp,
    /// Somebody put it away with `artifact.discard`. Histories hide it; its pixels stay as long as its transform.
    #[serde(default)]
    pub discarded: bool,
}

/// `artifact.discard`, `artifact.restore`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ArtifactParams {
    /// The artifact's id.
    pub id: String,
}

/// How much changed, measured against the source.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fidelity {
    /// Pixels outside the mask that differ in any bit: always 0.
    pub changed_outside: u64,
    /// The share of pixels inside the mask (everywhere without one) that changed visibly, 0..=1.
    pub changed_inside: f64,
    /// How much structure stayed inside: mean structural similarity of luma, 1 = all.
    pub structure: f64,
    /// How far colours moved inside: mean distance in OKLab, 0 = not at all.
    pub colour: f64,
}

/// Where an artifact comes from: enough to make it again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Provenance {
    /// The model's id.
    pub model: String,
    /// The backend's id.
    pub backend: String,
    /// The backend's version.
    pub backend_version: String,
    /// The picture it was made from.
    pub source: BlobId,
    /// The mask it was made through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mask: Option<BlobId>,
    /// The references it was made with, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<BlobId>,
    /// What the model was told.
    pub params: RunParams,
    /// The seed that the model says it used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<i64>,
    /// The provider's own name for the request: what its support asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// How long the run took, in milliseconds.
    pub milliseconds: u64,
}

/// A numbered, stored fact about a job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// Its number: ever growing, over all jobs.
    pub seq: u64,
    /// When it happened.
    pub time: Timestamp,
    /// The transform.
    pub transform: String,
    /// The job.
    pub job: String,
    /// What happened.
    #[serde(flatten)]
    pub fact: Fact,
}

/// What happened to a job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum Fact {
    /// It is stored and waits.
    Queued,
    /// A worker has it.
    Started {
        /// Which attempt, from 1.
        attempt: u32,
    },
    /// It goes on.
    Progress {
        /// The share that is done, 0..=1; absent where unknown.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fraction: Option<f64>,
        /// What it is doing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stage: Option<String>,
    },
    /// A picture to show meanwhile; not a result.
    Preview {
        /// Its pixels.
        blob: BlobId,
    },
    /// A sentence for the person who waits.
    Note {
        /// The sentence.
        text: String,
    },
    /// The backend stored what it needs to go on after a crash.
    Checkpoint,
    /// A picture is on disk.
    Artifact {
        /// The picture.
        artifact: Box<Artifact>,
    },
    /// Somebody asked to cancel it.
    CancelRequested,
    /// It waits again: after a crash of the daemon or of a backend, or because somebody asked.
    Requeued {
        /// Why.
        reason: String,
    },
    /// It ended well.
    Done,
    /// It ended with a failure.
    Failed {
        /// Which.
        failure: Failure,
    },
    /// It was cancelled.
    Cancelled,
    /// Somebody put a picture away. Says nothing of the job's state: a job that has ended stays ended.
    Discarded {
        /// The picture as it is now.
        artifact: Box<Artifact>,
    },
    /// Somebody took a picture back. Says nothing of the job's state: a job that has ended stays ended.
    Restored {
        /// The picture as it is now.
        artifact: Box<Artifact>,
    },
}

/// `job.retry`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RetryParams {
    /// The job's id.
    pub id: String,
    /// It may be charged a second time. Without this, a job that was, or may have been, charged is not sent again.
    #[serde(default)]
    pub pay_again: bool,
}

/// `job.get`, `job.cancel`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JobParams {
    /// The job's id.
    pub id: String,
}

/// `job.list`: newest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct JobListParams {
    /// At most so many, 1 to 500. Default 50.
    pub limit: Option<u32>,
    /// Only those older than this id: the last of the page before.
    pub before: Option<String>,
    /// Only those in this state.
    pub state: Option<JobState>,
}

/// A page of jobs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct JobList {
    /// Newest first.
    pub jobs: Vec<JobRecord>,
}

/// `job.events` and `job.subscribe`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EventsParams {
    /// Only events with a greater number. Default 0: from the beginning.
    pub after: u64,
    /// Only events of this transform.
    pub transform: Option<String>,
    /// How long to wait for the first event, in milliseconds, 0 to 60,000. Default 0. Without meaning for `job.subscribe`.
    pub wait_ms: u64,
    /// At most so many, 1 to 1,000. Default 1,000.
    pub limit: Option<u32>,
}

/// The answer to `job.events`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EventPage {
    /// In the order of their numbers.
    pub events: Vec<Event>,
    /// The number to ask after next.
    pub next: u64,
}
