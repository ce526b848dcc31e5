//! Watched folders: a directory, a recipe, and where results go.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::Failure;
use crate::job::Timestamp;
use crate::recipe::Money;

/// What becomes of a source whose results are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnSuccess {
    /// It stays where it is.
    #[default]
    Keep,
    /// It is moved into `done/` below the folder.
    Move,
    /// It is removed.
    Delete,
}

impl OnSuccess {
    /// The word used on the wire, on the command line and in `folders.toml`.
    pub fn name(self) -> &'static str {
        match self {
            OnSuccess::Keep => "keep",
            OnSuccess::Move => "move",
            OnSuccess::Delete => "delete",
        }
    }
}

/// What is watched, and how.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FolderSpec {
    /// The directory, absolute.
    pub path: String,
    /// The recipe: the absolute path of its file, or its name in `recipe.list`.
    pub recipe: String,
    /// Where results go, absolute. Absent: `out/` below the directory.
    pub out: Option<String>,
    /// Directories below it are watched as well, and kept apart in `out`.
    pub recursive: bool,
    /// Only files whose names fit one of these patterns. Empty: PNG, JPEG, WebP and TIFF.
    pub include: Vec<String>,
    /// No files whose names fit one of these patterns.
    pub exclude: Vec<String>,
    /// What becomes of a source whose results are written.
    pub on_success: OnSuccess,
    /// What may be spent on it within any 24 hours.
    pub budget: Option<Money>,
    /// Look every few seconds instead of waiting for events.
    pub poll: bool,
}

/// `folder.add`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FolderAddParams {
    /// What to watch. A folder of the same path is replaced; what was done in it stays done.
    pub folder: FolderSpec,
    /// Say what would happen to the files that are there, and what it would cost; change nothing.
    #[serde(default)]
    pub dry_run: bool,
}

/// `folder.list`, one entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FolderRecord {
    /// The id.
    pub id: String,
    /// What is watched.
    pub spec: FolderSpec,
    /// Somebody paused it.
    pub paused: bool,
    /// It comes from `folders.toml` and is changed there.
    pub declared: bool,
    /// How it stands, in a few words: `watching`, `looking every 4 s: …`, `missing`.
    pub state: String,
    /// What keeps it from going on, and what to do: a budget, a key, a recipe that cannot be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Failure>,
    /// When it goes on by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_until: Option<Timestamp>,
    /// Files that wait.
    pub waiting: u64,
    /// Files on their way.
    pub running: u64,
    /// Files that are done.
    pub done: u64,
    /// Files that failed.
    pub failed: u64,
    /// Files that are left alone, such as Easel's own results.
    pub skipped: u64,
    /// Files done within the last minute.
    pub last_minute: u64,
    /// When a file was done last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_done: Option<Timestamp>,
}

/// `folder.list`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FolderList {
    /// Sorted by path.
    pub folders: Vec<FolderRecord>,
    /// What is wrong with `folders.toml`, where something is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

/// `folder.remove|pause|resume|status`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FolderParams {
    /// The folder's id or path.
    pub folder: String,
}

/// `folder.scan`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FolderScanParams {
    /// The folder's id or path.
    pub folder: String,
    /// Also do again what was done with an earlier version of the recipe. It may cost again.
    #[serde(default)]
    pub again: bool,
    /// Say what would happen and what it would cost; change nothing.
    #[serde(default)]
    pub dry_run: bool,
}

/// The answer to `folder.add` and `folder.scan`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FolderAnswer {
    /// The folder as it stands now; absent in a dry run of one that is not watched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<FolderRecord>,
    /// How many files that were done are to be done again.
    pub requeued: u64,
    /// What would happen; only in a dry run, which reads every file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forecast: Option<FolderForecast>,
}

/// What a folder would do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FolderForecast {
    /// Files that would be run.
    pub files: u64,
    /// Files whose result is at hand already.
    pub known: u64,
    /// Files that cannot be read as pictures or that the recipe cannot do, with the reason, at most 100.
    pub refused: Vec<FileRecord>,
    /// How many of those there are in all.
    pub refused_count: u64,
    /// About what they would cost, by currency; empty: nothing.
    pub cost: Vec<Money>,
    /// What a person should know.
    pub notes: Vec<String>,
}

/// Where a file stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileState {
    /// It was seen whole and waits for its turn.
    Waiting,
    /// Its results are written.
    Done,
    /// It failed, and lies in `failed/`.
    Failed,
    /// It is left alone: one of Easel's own results.
    Skipped,
}

impl FileState {
    /// The word used on the wire and in the database.
    pub fn name(self) -> &'static str {
        match self {
            FileState::Waiting => "waiting",
            FileState::Done => "done",
            FileState::Failed => "failed",
            FileState::Skipped => "skipped",
        }
    }
}

/// `folder.files`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FilesParams {
    /// The folder's id or path.
    pub folder: String,
    /// Only those in this state.
    #[serde(default)]
    pub state: Option<FileState>,
    /// At most so many, 1 to 1,000. Default 100.
    #[serde(default)]
    pub limit: Option<u32>,
}

/// A file in a watched folder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FileRecord {
    /// Its path below the folder.
    pub path: String,
    /// Where it stands.
    pub state: FileState,
    /// What was written, absolute.
    pub outputs: Vec<String>,
    /// Why it failed or is left alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// When this came to be.
    pub changed: Timestamp,
}

/// `folder.files`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FileList {
    /// Newest first.
    pub files: Vec<FileRecord>,
}

/// `folder.retry`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FolderRetryParams {
    /// The folder's id or path.
    pub folder: String,
    /// Files below it, as `folder.files` names them. Empty: every failed one.
    #[serde(default)]
    pub files: Vec<String>,
    /// Also those that may have been charged, which may be charged a second time.
    #[serde(default)]
    pub pay_again: bool,
}

/// `folder.retry`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FolderRetryReport {
    /// Files that wait again.
    pub retried: u64,
    /// Files that were left, with the reason.
    pub left: Vec<FileRecord>,
}
