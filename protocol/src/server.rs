//! The daemon itself: what it is, who may talk to it, which backends it has, and cleaning up.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::job::Timestamp;
use crate::model::ModelRecord;

/// A method without parameters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NoParams {}

/// `server.info`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServerInfo {
    /// The daemon's version.
    pub version: String,
    /// The version of this protocol; grows when a method or field is added.
    pub protocol: u32,
    /// The process id.
    pub pid: u32,
    /// When it started.
    pub started: Timestamp,
    /// The data folder.
    pub data_dir: String,
    /// The number of the newest event.
    pub last_event: u64,
    /// Jobs that wait.
    pub queued: u64,
    /// Jobs that run.
    pub running: u64,
    /// What a request may carry.
    pub limits: Limits,
}

/// What a request may carry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Limits {
    /// Bytes of one JSON-RPC request.
    pub request_bytes: u64,
    /// Bytes of one uploaded blob.
    pub blob_bytes: u64,
    /// Pixels along one side of a picture.
    pub side: u32,
    /// Pixels of one picture.
    pub pixels: u64,
}

/// How a backend stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BackendState {
    /// It may run.
    Ready,
    /// Its library is new or changed, and nobody has said that it may run.
    Untrusted,
    /// Somebody switched it off.
    Disabled,
    /// It crashed too often; it may run again when its file changes or somebody trusts it anew.
    Quarantined,
    /// Its manifest or library cannot be used.
    Broken,
}

/// What the daemon knows of a backend.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BackendRecord {
    /// The id from its manifest.
    pub id: String,
    /// The name from its manifest.
    pub name: String,
    /// Its version, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// How it stands.
    pub state: BackendState,
    /// Why, where it is not ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// It is part of the program.
    pub built_in: bool,
    /// Its manifest, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<String>,
    /// The BLAKE3 hash of its library, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub library_hash: Option<String>,
    /// What it asks for.
    pub permissions: Permissions,
    /// Crashes within the last ten minutes.
    pub recent_crashes: u32,
    /// The ids of its models.
    pub models: Vec<String>,
}

/// What a backend's manifest asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Permissions {
    /// Origins that it wants to reach through the host, exact, such as `https://api.example.org`.
    pub http: Vec<String>,
    /// Names of stored credentials that the host is to put into its requests.
    pub secrets: Vec<String>,
    /// Paths that it wants to read.
    pub read: Vec<String>,
    /// It wants a graphics processor.
    pub gpu: bool,
}

/// `backend.list`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BackendList {
    /// Sorted by id.
    pub backends: Vec<BackendRecord>,
}

/// `backend.trust`, `backend.enable`, `backend.disable`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BackendParams {
    /// The backend's id.
    pub id: String,
}

/// A model and whether it can be used now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ModelEntry {
    /// The backend that offers it.
    pub backend: String,
    /// It can be used now.
    pub available: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The catalogue file and line to edit, as `path:line`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub catalogue: Option<String>,
    /// Its capability record.
    pub record: ModelRecord,
}

/// `model.list`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ModelList {
    /// Sorted by backend, then in the backend's order.
    pub models: Vec<ModelEntry>,
}

/// `pairing.start`: only with the token of a local integration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PairingCode {
    /// Eight digits for a person to type into Figma or the page.
    pub code: String,
    /// When it stops working.
    pub expires: Timestamp,
}

/// `pairing.finish`: the one method that needs no token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PairingFinishParams {
    /// The code, used up by this call.
    pub code: String,
    /// What asks, for the list of paired clients: `figma`, `web`, …
    pub client: String,
}

/// `pairing.list`: who was let in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PairedList {
    /// The newest first.
    pub clients: Vec<PairedClient>,
}

/// A client that was let in with a code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PairedClient {
    /// What it is removed by; nothing of its token.
    pub id: String,
    /// What it called itself: `figma`, `web`, …
    pub name: String,
    /// When it was let in.
    pub created: Timestamp,
}

/// `pairing.remove`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PairingRemoveParams {
    /// The client's id, or a name for all that are called so.
    pub client: String,
}

/// The answer to `pairing.finish`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PairingToken {
    /// The token of this client alone.
    pub token: String,
}

/// `store.gc`: what may go.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct GcParams {
    /// Also forget transforms that ended more than so many days ago. Default: none are forgotten.
    pub older_than_days: Option<u32>,
    /// Say what would go, and touch nothing.
    pub dry_run: bool,
}

/// The answer to `store.gc`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GcReport {
    /// Transforms forgotten, with their jobs, artifacts and events.
    pub transforms: u64,
    /// Blobs removed that nothing refers to any more.
    pub blobs: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Blobs that stay.
    pub kept_blobs: u64,
    /// The bytes of those.
    pub kept_bytes: u64,
    /// Nothing was touched.
    pub dry_run: bool,
}

/// `server.shutdown`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShutdownReport {
    /// Jobs that were running and will go on after the next start.
    pub parked: u64,
}
