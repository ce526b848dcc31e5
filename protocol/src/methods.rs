//! The list of methods. The daemon, the OpenRPC document and the generated clients all read it.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::advice::{Advice, AdviseParams};
use crate::folder::{
    FileList, FilesParams, FolderAddParams, FolderAnswer, FolderList, FolderParams, FolderRecord,
    FolderRetryParams, FolderRetryReport, FolderScanParams,
};
use crate::job::{
    Artifact, ArtifactParams, EventPage, EventsParams, JobList, JobListParams, JobParams,
    JobRecord, RetryParams,
};
use crate::key::{KeyList, KeyParams, KeyRecord, KeySetParams, KeyTest};
use crate::recipe::{
    RecipeCheckParams, RecipeList, RecipeReport, RecipeRunParams, RunGetParams, RunIdParams,
    RunRecord,
};
use crate::reference::{ReferenceList, ReferenceParams, ReferenceSaveParams, ReferenceSet};
use crate::server::{
    BackendList, BackendParams, BackendRecord, GcParams, GcReport, ModelList, NoParams, PairedList,
    PairingCode, PairingFinishParams, PairingRemoveParams, PairingToken, ServerInfo,
    ShutdownReport,
};
use crate::spend::{BudgetParams, SpendParams, SpendReport};
use crate::transform::{
    Lineage, ListParams, PlanParams, SearchParams, SubmitParams, TransformGetParams, TransformList,
    TransformPlan, TransformRecord, TransformRows,
};

/// A method: its name on the wire, what it takes and what it gives.
pub trait Method {
    /// The name, `noun.verb`.
    const NAME: &'static str;
    /// What it does, in one sentence.
    const SUMMARY: &'static str;
    /// What it takes, always by name.
    type Params: Serialize + DeserializeOwned + JsonSchema + Send + 'static;
    /// What it gives.
    type Result: Serialize + DeserializeOwned + JsonSchema + Send + 'static;
}

/// A method as data, for generators.
pub struct MethodInfo {
    /// The name on the wire.
    pub name: &'static str,
    /// What it does.
    pub summary: &'static str,
    /// The name of the type of its parameters.
    pub params_name: &'static str,
    /// The name of the type of its result.
    pub result_name: &'static str,
    /// The schema of its parameters.
    pub params: fn(&mut SchemaGenerator) -> Schema,
    /// The schema of its result.
    pub result: fn(&mut SchemaGenerator) -> Schema,
}

macro_rules! methods {
    ($($method:ident, $name:literal, $params:ident => $result:ident, $summary:literal;)*) => {
        $(
            #[doc = $summary]
            pub struct $method;

            impl Method for $method {
                const NAME: &'static str = $name;
                const SUMMARY: &'static str = $summary;
                type Params = $params;
                type Result = $result;
            }
        )*

        /// Every method, in the order of the documentation.
        pub const METHODS: &[MethodInfo] = &[$(
            MethodInfo {
                name: $name,
                summary: $summary,
                params_name: stringify!($params),
                result_name: stringify!($result),
                params: |generator| generator.subschema_for::<$params>(),
                result: |generator| generator.subschema_for::<$result>(),
            },
        )*];
    };
}

methods! {
    GetServerInfo, "server.info", NoParams => ServerInfo, "Says what this daemon is and how busy it is.";
    Shutdown, "server.shutdown", NoParams => ShutdownReport, "Ends the daemon; running jobs are parked and go on after the next start.";
    ListBackends, "backend.list", NoParams => BackendList, "Lists the backends found on this machine, usable or not.";
    TrustBackend, "backend.trust", BackendParams => BackendRecord, "Pins the hash of a backend's library: it may run until its file changes. Ends a quarantine.";
    EnableBackend, "backend.enable", BackendParams => BackendRecord, "Switches a backend on again.";
    DisableBackend, "backend.disable", BackendParams => BackendRecord, "Switches a backend off.";
    ListModels, "model.list", NoParams => ModelList, "Lists the models with their capability records.";
    AdviseModel, "model.advise", AdviseParams => Advice, "Ranks the models for an ask and says why; nothing is stored or sent.";
    PlanTransform, "transform.plan", PlanParams => TransformPlan, "Shows what each model would be given and what it would cost; nothing is stored or sent.";
    SubmitTransform, "transform.submit", SubmitParams => TransformRecord, "Stores a transform and its jobs, then answers; the same key returns the same transform.";
    GetTransform, "transform.get", TransformGetParams => TransformRecord, "Returns one transform with its jobs.";
    ListTransforms, "transform.list", ListParams => TransformList, "Lists transforms, newest first.";
    SearchTransforms, "transform.search", SearchParams => TransformRows, "Finds transforms, newest first, as short rows with how many there are in all.";
    GetLineage, "transform.lineage", TransformGetParams => Lineage, "Returns what a transform goes back to and what came of it.";
    GetJob, "job.get", JobParams => JobRecord, "Returns one job.";
    ListJobs, "job.list", JobListParams => JobList, "Lists jobs, newest first.";
    ListEvents, "job.events", EventsParams => EventPage, "Returns events after a number, and waits for the first one if asked to.";
    CancelJob, "job.cancel", JobParams => JobRecord, "Asks a job to stop; a waiting job is cancelled at once.";
    RetryJob, "job.retry", RetryParams => JobRecord, "Queues a failed or cancelled job again; one that may have been charged only with `pay_again`.";
    DiscardArtifact, "artifact.discard", ArtifactParams => Artifact, "Puts a picture away: it stays, and histories hide it.";
    RestoreArtifact, "artifact.restore", ArtifactParams => Artifact, "Takes a picture back that was put away.";
    SaveReferences, "reference.save", ReferenceSaveParams => ReferenceSet, "Keeps pictures as a named set of references, in place of an earlier one of that name.";
    ListReferences, "reference.list", NoParams => ReferenceList, "Lists the named sets of references, sorted by name.";
    RemoveReferences, "reference.remove", ReferenceParams => ReferenceSet, "Forgets a named set of references and returns it; transforms keep their pictures.";
    CheckRecipe, "recipe.check", RecipeCheckParams => RecipeReport, "Reads a recipe and says what is wrong with it and what it would cost; nothing is stored or sent.";
    ListRecipes, "recipe.list", NoParams => RecipeList, "Lists the recipes that are at hand by name.";
    RunRecipe, "recipe.run", RecipeRunParams => RunRecord, "Runs a recipe on a picture, step by step; the same key returns the same run.";
    GetRun, "run.get", RunGetParams => RunRecord, "Returns a recipe's run, and waits for its end if asked to.";
    CancelRun, "run.cancel", RunIdParams => RunRecord, "Asks a recipe's run to stop.";
    AddFolder, "folder.add", FolderAddParams => FolderAnswer, "Watches a folder with a recipe; with `dry_run` it only says what that would do and cost.";
    ListFolders, "folder.list", NoParams => FolderList, "Lists the watched folders and how they stand.";
    GetFolder, "folder.status", FolderParams => FolderRecord, "Returns one watched folder and how it stands.";
    RemoveFolder, "folder.remove", FolderParams => FolderRecord, "Watches a folder no more; its files and results stay.";
    PauseFolder, "folder.pause", FolderParams => FolderRecord, "Takes no further file of a folder until it is resumed.";
    ResumeFolder, "folder.resume", FolderParams => FolderRecord, "Goes on with a folder that was paused or is held.";
    ScanFolder, "folder.scan", FolderScanParams => FolderAnswer, "Looks through a folder now; `again` also does what an earlier version of the recipe did, `dry_run` only prices it.";
    ListFiles, "folder.files", FilesParams => FileList, "Lists the files of a folder, newest first.";
    RetryFolder, "folder.retry", FolderRetryParams => FolderRetryReport, "Takes failed files up again.";
    ListKeys, "key.list", NoParams => KeyList, "Lists the keys that backends ask for and where they are, never the keys.";
    SetKey, "key.set", KeySetParams => KeyRecord, "Stores a key in the keychain, or where there is none in a file for this user alone.";
    RemoveKey, "key.remove", KeyParams => KeyRecord, "Forgets a stored key.";
    TestKey, "key.test", KeyParams => KeyTest, "Asks the provider whether it accepts a key; costs nothing.";
    GetSpend, "spend.get", SpendParams => SpendReport, "Says what was spent, by model, and how much of each budget is used up.";
    SetBudget, "budget.set", BudgetParams => SpendReport, "Caps what may be spent within any 24 hours, in all or for a folder.";
    StartPairing, "pairing.start", NoParams => PairingCode, "Makes a code with which one further client can be let in.";
    FinishPairing, "pairing.finish", PairingFinishParams => PairingToken, "Exchanges a code for a token; the one method that needs none.";
    ListPaired, "pairing.list", NoParams => PairedList, "Lists the clients that were let in with a code.";
    RemovePaired, "pairing.remove", PairingRemoveParams => PairedList, "Lets a client in no more; returns who was removed.";
    CollectGarbage, "store.gc", GcParams => GcReport, "Removes what nothing refers to, and old transforms where asked to.";
}

/// The WebSocket subscription that carries the same events as `job.events`.
pub const SUBSCRIBE: &str = "job.subscribe";
/// Its end.
pub const UNSUBSCRIBE: &str = "job.unsubscribe";
/// The name of its notifications.
pub const SUBSCRIPTION: &str = "job.event";
/// Returns the OpenRPC document.
pub const DISCOVER: &str = "rpc.discover";
