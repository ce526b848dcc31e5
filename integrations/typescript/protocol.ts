// Easel's wire: records, closed sets and methods.
//
// Generated from the list of methods in `protocol/`; do not edit. Write it anew with
// `cargo run -p easel-protocol --bin generate`.

/** The answer to `model.advise`. */
export interface Advice {
  /** The best first; those that cannot do it last. */
  choices: Choice[];
}

/** `model.advise`. */
export interface AdviseParams {
  /** What is to be done; its models are not looked at. */
  ask: Ask;
  /** What matters most. */
  prefer?: Prefer;
  /** The shape of pictures that are not uploaded yet: no blob is then looked at. */
  shape?: AskShape | null;
}

/** One picture that a job made. */
export interface Artifact {
  /** The id: the job's id and the place in its row. */
  id: string;
  /** The job that made it. */
  job: string;
  /** Its place among the job's artifacts, from 0. */
  index: number;
  /** Its pixels. */
  blob: BlobId;
  /** Pixels across. */
  width: number;
  /** Pixels down. */
  height: number;
  /** Where it belongs, in pixels of the source: everything outside is untouched. */
  place: Region;
  /** How faithful it is. */
  fidelity: Fidelity;
  /** Where it comes from. */
  provenance: Provenance;
  /** When it was stored. */
  created: number;
  /**
   * Somebody put it away with `artifact.discard`. Histories hide it; its pixels stay as long as
   * its transform.
   */
  discarded: boolean;
}

/** `artifact.discard`, `artifact.restore`. */
export interface ArtifactParams {
  /** The artifact's id. */
  id: string;
}

/** What a person asks for. Everything optional has a default that the plan shows. */
export interface Ask {
  /** What kind of change. */
  intent: Intent;
  /** The picture that is to be changed. It is never written. */
  source: BlobId;
  /** One model, or several to compare: a job each. `auto` stands for the one that suits best. */
  models: string[];
  /** Who asks: `krita`, `gimp`, `figma`, `web`, `cli`, `folder`, or another integration's name. */
  client?: string | null;
  /**
   * How much of the surroundings a model sees around a mask, as a share of the mask's size.
   * Default 0.5.
   */
  context?: number | null;
  /** How many pictures each model gives, from 1. */
  count?: number | null;
  /** By how much the picture is to grow at each side; only with the intent `expand`. */
  expand?: Margins | null;
  /** How softly the change fades inside the mask's edge, in pixels of the source. Default 8. */
  feather?: number | null;
  /** What must stay. */
  keep?: Keep[];
  /**
   * Where it may change: a `gray8` picture as large as the source, 255 = may change. Absent:
   * everywhere.
   */
  mask?: BlobId | null;
  /**
   * Where the source lies in the editor's document, so that a result finds back to its place.
   * Kept, not looked at.
   */
  origin?: Origin | null;
  /** Parameters of the models' own, by name; `model:name` is for that model alone. */
  params?: { [name: string]: unknown };
  /** The artifact that this ask goes on from. */
  parent?: string | null;
  /** What should change, in words. */
  prompt?: string | null;
  /** Further pictures that guide style or character, in order. */
  references?: BlobId[];
  /** By how much the result is larger than the source: 1, 2 or 4. */
  scale?: number | null;
  /** A seed that repeats a picture. */
  seed?: number | null;
  /**
   * The resolution that is wanted, by a name that the model offers, such as `2K`. Absent: the
   * smallest that loses nothing.
   */
  size?: string | null;
  /** How much of the change is wanted, 0..=1. */
  strength?: number | null;
  /** Styles by name; several are blended by weight. */
  style?: StyleWeight[];
  /** What the source is called where it comes from: a file or a layer. */
  title?: string | null;
}

/**
 * The shape of an ask's pictures before they are uploaded. The ask's `source`, `mask` and
 * `references` are not looked at then: they may be absent where they are optional, or any ids,
 * such as 64 zeros.
 */
export interface AskShape {
  /** Pixels across of the source. */
  width: number;
  /** Pixels down of the source. */
  height: number;
  /**
   * The smallest rectangle around what the mask lets change, within the source; absent: there
   * is no mask.
   */
  mask?: Region | null;
  /** Width and height of each reference, in pixels, in order; absent: there are none. */
  references?: [number, number][];
}

/** `backend.list`. */
export interface BackendList {
  /** Sorted by id. */
  backends: BackendRecord[];
}

/** `backend.trust`, `backend.enable`, `backend.disable`. */
export interface BackendParams {
  /** The backend's id. */
  id: string;
}

/** What the daemon knows of a backend. */
export interface BackendRecord {
  /** The id from its manifest. */
  id: string;
  /** The name from its manifest. */
  name: string;
  /** How it stands. */
  state: BackendState;
  /** It is part of the program. */
  built_in: boolean;
  /** What it asks for. */
  permissions: Permissions;
  /** Crashes within the last ten minutes. */
  recent_crashes: number;
  /** The ids of its models. */
  models: string[];
  /** The BLAKE3 hash of its library, where it has one. */
  library_hash?: string;
  /** Its manifest, where it has one. */
  manifest?: string;
  /** Why, where it is not ready. */
  reason?: string;
  /** Its version, where it is known. */
  version?: string;
}

/** How a backend stands. */
export type BackendState =
  /** It may run. */
  | "ready"
  /** Its library is new or changed, and nobody has said that it may run. */
  | "untrusted"
  /** Somebody switched it off. */
  | "disabled"
  /** It crashed too often; it may run again when its file changes or somebody trusts it anew. */
  | "quarantined"
  /** Its manifest or library cannot be used. */
  | "broken";

/** The name of immutable bytes: 64 lower-case hexadecimal digits of their BLAKE3 hash. */
export type BlobId = string;

/** What the daemon knows of a stored blob; the answer to `PUT /v1/blobs`. */
export interface BlobInfo {
  /** Its name. */
  id: BlobId;
  /** How many bytes it has on disk. */
  bytes: number;
  /** Present where it is a picture. */
  picture?: PictureInfo;
}

/** A cap and how much of it is used up. */
export interface Budget {
  /** The most within any 24 hours. */
  amount: number;
  /** ISO 4217 code. */
  currency: string;
  /** Spent within the last 24 hours, with the estimates of what waits and runs. */
  used: number;
  /** The folder; absent: everything. */
  folder?: string;
}

/** `budget.set`: a cap on what may be spent within any 24 hours. */
export interface BudgetParams {
  /** The cap; absent: there is none any more. */
  amount?: number | null;
  /** ISO 4217 code. Default `USD`. */
  currency?: string;
  /** Only for what this folder asks for; absent: for everything. */
  folder?: string | null;
}

/** Whether a failure was paid for. */
export type Charged =
  /** Nothing was paid. */
  | "no"
  /** It was paid for. */
  | "yes"
  /** The provider may have charged; nobody can tell from here. */
  | "maybe";

/** One model in the order of advice. */
export interface Choice {
  /** The model's id. */
  model: string;
  /** Why it stands where it stands, in one sentence. */
  reason: string;
  /** What it would cost. */
  cost: number;
  /** ISO 4217 code; empty where it costs nothing. */
  currency: string;
  /** Why it cannot do it. */
  failure?: Failure;
}

/** What went wrong, as a closed list. */
export type ErrorKind =
  /** The ask itself is wrong: a missing field, a value out of range. */
  | "invalid_request"
  /** The model, the picture or this machine cannot do it. */
  | "unsupported"
  /** There is nothing under this id. */
  | "not_found"
  /** The same client key came with another ask. */
  | "conflict"
  /** More pixels or bytes than a limit allows. */
  | "too_large"
  /** The bytes are no picture that Easel reads. */
  | "not_a_picture"
  /** Damaged data: a truncated picture, a blob that does not match its name. */
  | "corrupt"
  /** The token is missing or wrong. */
  | "unauthorized"
  /** The Host or Origin of the request is not allowed. */
  | "forbidden"
  /** No key is stored for the provider. */
  | "key_missing"
  /** The provider does not accept the stored key. */
  | "key_rejected"
  /** The account has no credit left. */
  | "out_of_quota"
  /** The provider asks to slow down. */
  | "rate_limited"
  /** The provider's policy refuses the input. */
  | "refused_input"
  /** The provider's policy refuses what the model made. */
  | "refused_output"
  /** The run ended well and gave no picture. */
  | "no_image"
  /** The provider has retired the model. */
  | "model_gone"
  /** It may work when tried again: network, overload. */
  | "transient"
  /** It took longer than the model's limit. */
  | "timed_out"
  /** The backend's process ended in the middle of the run. */
  | "backend_crashed"
  /** The backend reported a failure of its own. */
  | "backend_failed"
  /** The backend is not trusted, switched off or in quarantine. */
  | "backend_blocked"
  /** The network's weights are not on this machine, or damaged. */
  | "weights_missing"
  /**
   * The daemon or the connection ended in the middle of the run, and the run cannot be repeated
   * unasked.
   */
  | "interrupted"
  /** The job was cancelled. */
  | "cancelled"
  /** A budget would be exceeded. */
  | "over_budget"
  /** The disk is full or the data folder cannot be written. */
  | "storage_full"
  /** The daemon is shutting down or has too much to do. */
  | "busy"
  /** A fault in Easel itself. */
  | "internal";

/** What every `Event` has. */
export interface EventCommon {
  /** Its number: ever growing, over all jobs. */
  seq: number;
  /** When it happened. */
  time: number;
  /** The transform. */
  transform: string;
  /** The job. */
  job: string;
}

/** It is stored and waits. */
export interface EventQueued extends EventCommon {
  event: "queued";
}

/** A worker has it. */
export interface EventStarted extends EventCommon {
  event: "started";
  /** Which attempt, from 1. */
  attempt: number;
}

/** It goes on. */
export interface EventProgress extends EventCommon {
  event: "progress";
  /** The share that is done, 0..=1; absent where unknown. */
  fraction?: number;
  /** What it is doing. */
  stage?: string;
}

/** A picture to show meanwhile; not a result. */
export interface EventPreview extends EventCommon {
  event: "preview";
  /** Its pixels. */
  blob: BlobId;
}

/** A sentence for the person who waits. */
export interface EventNote extends EventCommon {
  event: "note";
  /** The sentence. */
  text: string;
}

/** The backend stored what it needs to go on after a crash. */
export interface EventCheckpoint extends EventCommon {
  event: "checkpoint";
}

/** A picture is on disk. */
export interface EventArtifact extends EventCommon {
  event: "artifact";
  /** The picture. */
  artifact: Artifact;
}

/** Somebody asked to cancel it. */
export interface EventCancelRequested extends EventCommon {
  event: "cancel_requested";
}

/** It waits again: after a crash of the daemon or of a backend, or because somebody asked. */
export interface EventRequeued extends EventCommon {
  event: "requeued";
  /** Why. */
  reason: string;
}

/** It ended well. */
export interface EventDone extends EventCommon {
  event: "done";
}

/** It ended with a failure. */
export interface EventFailed extends EventCommon {
  event: "failed";
  /** Which. */
  failure: Failure;
}

/** It was cancelled. */
export interface EventCancelled extends EventCommon {
  event: "cancelled";
}

/**
 * Somebody put a picture away. Says nothing of the job's state: a job that has ended stays
 * ended.
 */
export interface EventDiscarded extends EventCommon {
  event: "discarded";
  /** The picture as it is now. */
  artifact: Artifact;
}

/**
 * Somebody took a picture back. Says nothing of the job's state: a job that has ended stays
 * ended.
 */
export interface EventRestored extends EventCommon {
  event: "restored";
  /** The picture as it is now. */
  artifact: Artifact;
}

/** A numbered, stored fact about a job. */
export type Event =
  | EventQueued
  | EventStarted
  | EventProgress
  | EventPreview
  | EventNote
  | EventCheckpoint
  | EventArtifact
  | EventCancelRequested
  | EventRequeued
  | EventDone
  | EventFailed
  | EventCancelled
  | EventDiscarded
  | EventRestored;

/** The answer to `job.events`. */
export interface EventPage {
  /** In the order of their numbers. */
  events: Event[];
  /** The number to ask after next. */
  next: number;
}

/** `job.events` and `job.subscribe`. */
export interface EventsParams {
  /** Only events with a greater number. Default 0: from the beginning. */
  after?: number;
  /** At most so many, 1 to 1,000. Default 1,000. */
  limit?: number | null;
  /** Only events of this transform. */
  transform?: string | null;
  /**
   * How long to wait for the first event, in milliseconds, 0 to 60,000. Default 0. Without
   * meaning for `job.subscribe`.
   */
  wait_ms?: number;
}

/**
 * A failure as every face of Easel shows it; `data` of a JSON-RPC error, the body of an HTTP
 * one.
 */
export interface Failure {
  /** The stable part. */
  kind: ErrorKind;
  /** What went wrong: lower case, literals in backticks, no full stop. */
  message: string;
  /** Whether it was paid for; absent where nothing costs. */
  charged?: Charged;
  /** What to do next. */
  hint?: string;
  /** The provider's own words. */
  provider_message?: string;
  /** When trying again makes sense, in milliseconds from now. */
  retry_after_ms?: number;
}

/** How much changed, measured against the source. */
export interface Fidelity {
  /** Pixels outside the mask that differ in any bit: always 0. */
  changed_outside: number;
  /** The share of pixels inside the mask (everywhere without one) that changed visibly, 0..=1. */
  changed_inside: number;
  /** How much structure stayed inside: mean structural similarity of luma, 1 = all. */
  structure: number;
  /** How far colours moved inside: mean distance in OKLab, 0 = not at all. */
  colour: number;
}

/** `folder.files`. */
export interface FileList {
  /** Newest first. */
  files: FileRecord[];
}

/** A file in a watched folder. */
export interface FileRecord {
  /** Its path below the folder. */
  path: string;
  /** Where it stands. */
  state: FileState;
  /** What was written, absolute. */
  outputs: string[];
  /** When this came to be. */
  changed: number;
  /** Why it failed or is left alone. */
  failure?: Failure;
}

/** Where a file stands. */
export type FileState =
  /** It was seen whole and waits for its turn. */
  | "waiting"
  /** Its results are written. */
  | "done"
  /** It failed, and lies in `failed/`. */
  | "failed"
  /** It is left alone: one of Easel's own results. */
  | "skipped";

/** `folder.files`. */
export interface FilesParams {
  /** The folder's id or path. */
  folder: string;
  /** At most so many, 1 to 1,000. Default 100. */
  limit?: number | null;
  /** Only those in this state. */
  state?: FileState | null;
}

/** `folder.add`. */
export interface FolderAddParams {
  /** What to watch. A folder of the same path is replaced; what was done in it stays done. */
  folder: FolderSpec;
  /** Say what would happen to the files that are there, and what it would cost; change nothing. */
  dry_run?: boolean;
}

/** The answer to `folder.add` and `folder.scan`. */
export interface FolderAnswer {
  /** How many files that were done are to be done again. */
  requeued: number;
  /** The folder as it stands now; absent in a dry run of one that is not watched. */
  folder?: FolderRecord;
  /** What would happen; only in a dry run, which reads every file. */
  forecast?: FolderForecast;
}

/** What a folder would do. */
export interface FolderForecast {
  /** Files that would be run. */
  files: number;
  /** Files whose result is at hand already. */
  known: number;
  /**
   * Files that cannot be read as pictures or that the recipe cannot do, with the reason, at
   * most 100.
   */
  refused: FileRecord[];
  /** How many of those there are in all. */
  refused_count: number;
  /** About what they would cost, by currency; empty: nothing. */
  cost: Money[];
  /** What a person should know. */
  notes: string[];
}

/** `folder.list`. */
export interface FolderList {
  /** Sorted by path. */
  folders: FolderRecord[];
  /** What is wrong with `folders.toml`, where something is. */
  failure?: Failure;
}

/** `folder.remove|pause|resume|status`. */
export interface FolderParams {
  /** The folder's id or path. */
  folder: string;
}

/** `folder.list`, one entry. */
export interface FolderRecord {
  /** The id. */
  id: string;
  /** What is watched. */
  spec: FolderSpec;
  /** Somebody paused it. */
  paused: boolean;
  /** It comes from `folders.toml` and is changed there. */
  declared: boolean;
  /** How it stands, in a few words: `watching`, `looking every 4 s: …`, `missing`. */
  state: string;
  /** Files that wait. */
  waiting: number;
  /** Files on their way. */
  running: number;
  /** Files that are done. */
  done: number;
  /** Files that failed. */
  failed: number;
  /** Files that are left alone, such as Easel's own results. */
  skipped: number;
  /** Files done within the last minute. */
  last_minute: number;
  /** What keeps it from going on, and what to do: a budget, a key, a recipe that cannot be read. */
  held?: Failure;
  /** When it goes on by itself. */
  held_until?: number;
  /** When a file was done last. */
  last_done?: number;
}

/** `folder.retry`. */
export interface FolderRetryParams {
  /** The folder's id or path. */
  folder: string;
  /** Files below it, as `folder.files` names them. Empty: every failed one. */
  files?: string[];
  /** Also those that may have been charged, which may be charged a second time. */
  pay_again?: boolean;
}

/** `folder.retry`. */
export interface FolderRetryReport {
  /** Files that wait again. */
  retried: number;
  /** Files that were left, with the reason. */
  left: FileRecord[];
}

/** `folder.scan`. */
export interface FolderScanParams {
  /** The folder's id or path. */
  folder: string;
  /** Also do again what was done with an earlier version of the recipe. It may cost again. */
  again?: boolean;
  /** Say what would happen and what it would cost; change nothing. */
  dry_run?: boolean;
}

/** What is watched, and how. */
export interface FolderSpec {
  /** What may be spent on it within any 24 hours. */
  budget?: Money | null;
  /** No files whose names fit one of these patterns. */
  exclude?: string[];
  /** Only files whose names fit one of these patterns. Empty: PNG, JPEG, WebP and TIFF. */
  include?: string[];
  /** What becomes of a source whose results are written. */
  on_success?: OnSuccess;
  /** Where results go, absolute. Absent: `out/` below the directory. */
  out?: string | null;
  /** The directory, absolute. */
  path?: string;
  /** Look every few seconds instead of waiting for events. */
  poll?: boolean;
  /** The recipe: the absolute path of its file, or its name in `recipe.list`. */
  recipe?: string;
  /** Directories below it are watched as well, and kept apart in `out`. */
  recursive?: boolean;
}

/** `store.gc`: what may go. */
export interface GcParams {
  /** Say what would go, and touch nothing. */
  dry_run?: boolean;
  /** Also forget transforms that ended more than so many days ago. Default: none are forgotten. */
  older_than_days?: number | null;
}

/** The answer to `store.gc`. */
export interface GcReport {
  /** Transforms forgotten, with their jobs, artifacts and events. */
  transforms: number;
  /** Blobs removed that nothing refers to any more. */
  blobs: number;
  /** Their bytes. */
  bytes: number;
  /** Blobs that stay. */
  kept_blobs: number;
  /** The bytes of those. */
  kept_bytes: number;
  /** Nothing was touched. */
  dry_run: boolean;
}

/** What kind of change is asked for. */
export type Intent =
  /** Another look, the same picture. */
  | "restyle"
  /** Sharper, cleaner or larger, the same picture. */
  | "enhance"
  /** Another background behind the same subject. */
  | "background"
  /** The subject alone on transparency. */
  | "cutout"
  /** A new picture that takes this one as its idea. */
  | "reimagine"
  /** One described change. */
  | "edit"
  /** Remove what the mask covers. */
  | "erase"
  /** Continue the picture beyond its borders. */
  | "expand";

/** A page of jobs. */
export interface JobList {
  /** Newest first. */
  jobs: JobRecord[];
}

/** `job.list`: newest first. */
export interface JobListParams {
  /** Only those older than this id: the last of the page before. */
  before?: string | null;
  /** At most so many, 1 to 500. Default 50. */
  limit?: number | null;
  /** Only those in this state. */
  state?: JobState | null;
}

/** `job.get`, `job.cancel`. */
export interface JobParams {
  /** The job's id. */
  id: string;
}

/** What one model would be given, or why it cannot do it. */
export interface JobPlan {
  /** The model's id. */
  model: string;
  /** The backend that offers it; empty where the model is unknown. */
  backend: string;
  /**
   * Width and height of what the model is given, in pixels, after fitting and padding; of one
   * tile where it runs in tiles.
   */
  run_size: [number, number];
  /** In how many pieces it runs. */
  pieces: number;
  /** Width and height of each result, in pixels. */
  result_size: [number, number];
  /** How many pictures. */
  count: number;
  /** The price of all pictures; 0 where nothing costs. */
  cost: number;
  /** ISO 4217 code of the price; empty where nothing costs. */
  currency: string;
  /** Why the model cannot do it; the fields below are then without meaning. */
  failure?: Failure;
  /** What the host does in the model's place, or what a person should know. */
  notes?: string[];
  /** What the model is told, the compiled prompt included. */
  params?: RunParams;
  /** The part of the source that each result covers: the mask's region, or everything. */
  place?: Region;
  /**
   * The part of the source that the model sees: the mask's region with its context, or
   * everything.
   */
  region?: Region;
  /** About how long it takes, in seconds, where known. */
  seconds?: number;
}

/** One model's run of a transform. */
export interface JobRecord {
  /** The id: sorts by time. */
  id: string;
  /** The transform it belongs to. */
  transform: string;
  /** The model's id. */
  model: string;
  /** The backend's id. */
  backend: string;
  /** Where it stands. */
  state: JobState;
  /** How often it was started. */
  attempts: number;
  /** Somebody asked to cancel it. */
  cancel_requested: boolean;
  /** When it was stored. */
  created: number;
  /** What was planned when it was submitted. */
  plan: JobPlan;
  /** What it made. */
  artifacts: Artifact[];
  /** Why it failed. */
  failure?: Failure;
  /** When it reached a final state. */
  finished?: number;
  /** The share that is done, 0..=1, while it runs; absent where unknown. */
  progress?: number;
  /** What the run told beside its pictures. */
  report?: JobReport;
  /** What it is doing, in a few words. */
  stage?: string;
  /** When its last attempt started. */
  started?: number;
}

/** What a run told beside its pictures. */
export interface JobReport {
  /** Sentences for the person who waits: one of four pictures was refused. */
  notes: string[];
  /** What the provider says that it cost. */
  cost?: number;
  /** ISO 4217 code of the cost. */
  currency?: string;
}

/** One job in a row. */
export interface JobRow {
  /** The id. */
  id: string;
  /** The model's id. */
  model: string;
  /** Where it stands. */
  state: JobState;
  /** Its pictures that were not put away, in order. */
  pictures: BlobId[];
}

/** Where a job stands. */
export type JobState =
  /** Stored, waiting for a worker. */
  | "queued"
  /** A worker runs it. */
  | "running"
  /** It gave at least one artifact. */
  | "done"
  /** It ended with a failure. */
  | "failed"
  /** It was cancelled. */
  | "cancelled";

/** What must stay as it is. */
export type Keep =
  /** Who or what the picture shows. */
  | "subject"
  /** How the subject stands or sits. */
  | "pose"
  /** Where things are in the frame. */
  | "composition"
  /** The colours of the source. */
  | "colours"
  /** Lettering, logos and labels. */
  | "text";

/** `key.list`. */
export interface KeyList {
  /** Sorted by name. */
  keys: KeyRecord[];
}

/** `key.remove`, `key.test`. */
export interface KeyParams {
  /** The key's name. */
  name: string;
}

/** Where a key is. */
export type KeyPlace =
  /** In the keychain of the operating system. */
  | "keychain"
  /** In a file that this user alone can read. */
  | "file"
  /** In a variable of the daemon's environment. */
  | "environment";

/** A key that some backend asks for. */
export interface KeyRecord {
  /** Its name. */
  name: string;
  /** The backends that ask for it. */
  backends: string[];
  /** The only origins that ever get it. */
  origins: string[];
  /** The variables of the environment that are looked at. */
  environment: string[];
  /** Where a person gets one. */
  page?: string;
  /** Where it is; absent: there is none. */
  place?: KeyPlace;
}

/** `key.set`: only with the token of a local integration. */
export interface KeySetParams {
  /** The name that a backend's manifest gives it, such as `gemini`. */
  name: string;
  /** The key itself. It is stored and never read back. */
  value: string;
}

/** The answer to `key.test`. */
export interface KeyTest {
  /** The key's name. */
  name: string;
  /** The provider accepts it. */
  works: boolean;
  /** Why not. */
  failure?: Failure;
}

/** What a request may carry. */
export interface Limits {
  /** Bytes of one JSON-RPC request. */
  request_bytes: number;
  /** Bytes of one uploaded blob. */
  blob_bytes: number;
  /** Pixels along one side of a picture. */
  side: number;
  /** Pixels of one picture. */
  pixels: number;
}

/** The answer to `transform.lineage`: which picture came from which. */
export interface Lineage {
  /**
   * What the transform goes back to, itself, and everything that came from any of them; oldest
   * first, at most 500.
   */
  rows: TransformRow[];
}

/** `transform.list`: newest first. */
export interface ListParams {
  /** Only those older than this id: the last of the page before. */
  before?: string | null;
  /** Only those of this client: what `ask.client` says. */
  client?: string | null;
  /** Only those of this document: what `ask.origin.document` says. */
  document?: string | null;
  /** At most so many, 1 to 500. Default 50. */
  limit?: number | null;
  /**
   * Only those with this in the prompt, the title, or the id or label of a model, in upper or
   * lower case.
   */
  text?: string | null;
}

/** By how much a picture grows at each side, in pixels. */
export interface Margins {
  /** Below. */
  bottom?: number;
  /** To the left. */
  left?: number;
  /** To the right. */
  right?: number;
  /** Above. */
  top?: number;
}

/** How a mask reaches a model. */
export type MaskSupport =
  /** The model knows no masks: the host crops around the mask and composites through it. */
  | "composited"
  /** The model is given the mask; the host composites through it all the same. */
  | "native"
  /** A mask makes no sense for this model, and asking for one is refused. */
  | "refused";

/** A model and whether it can be used now. */
export interface ModelEntry {
  /** The backend that offers it. */
  backend: string;
  /** It can be used now. */
  available: boolean;
  /** Its capability record. */
  record: ModelRecord;
  /** The catalogue file and line to edit, as `path:line`. */
  catalogue?: string;
  /** Why not. */
  reason?: string;
}

/** `model.list`. */
export interface ModelList {
  /** Sorted by backend, then in the backend's order. */
  models: ModelEntry[];
}

/** What a person picks, and what the planner obeys. */
export interface ModelRecord {
  /** The id used on the wire: lower case, words joined by `-`. */
  id: string;
  /** The name on screens. */
  label: string;
  /** What it is good at, in five to ten words. */
  strengths: string;
  /** What it cannot do, said plainly. */
  limitation: string;
  /** When to pick it. */
  best_use: string;
  /** The intents it serves. */
  intents: Intent[];
  /** Whether it reads a prompt. */
  prompt: PromptSupport;
  /** What it keeps when asked to; anything else is refused. */
  keep: Keep[];
  /** How a mask reaches it. */
  mask: MaskSupport;
  /** The least and the most references it takes. */
  references: [number, number];
  /** It reads and writes transparency itself; otherwise the host flattens and restores it. */
  alpha: boolean;
  /**
   * The pixel formats it takes for the source, the preferred one first; results may come in any
   * of them.
   */
  formats: PixelFormat[];
  /** Whether it has a seed. */
  seed: SeedSupport;
  /** Whether it has a strength in 0..=1. */
  strength: boolean;
  /** The most pictures that one job gives. */
  max_count: number;
  /** The styles that it knows by name. */
  styles: StyleRecord[];
  /** By how much the result may be larger than the source; empty: it keeps the size. */
  scales: number[];
  /** Which sizes it takes. */
  size: SizeRecord;
  /** Parameters of its own. */
  params: ParamRecord[];
  /** A job may run again after a crash without cost or consent. */
  repeatable: boolean;
  /** The longest time that a job may take, in seconds; then its worker is ended. */
  timeout_seconds: number;
  /** How long a million source pixels typically take, in seconds, where known. */
  seconds_per_megapixel: number | null;
  /** What a run costs; absent: nothing. */
  price: Price | null;
  /** The resolutions that it offers by name, the smallest first; empty: it follows the source. */
  sizes: SizeOffer[];
  /**
   * It was trained on pictures, as nearly every model is. A result of models that were not says
   * so in its XMP.
   */
  trained: boolean;
  /** How well it suits an intent, 0..=1, as the catalogue's author judges; for advice. */
  suits: { [name: string]: number };
  /**
   * What only the backend needs to know, such as the provider's own id. It is given back with
   * each run.
   */
  wire?: { [name: string]: unknown };
}

/** An amount of money. */
export interface Money {
  /** How much. */
  amount: number;
  /** ISO 4217 code. */
  currency: string;
}

/** A method without parameters. */
export type NoParams = Record<string, never>;

/** What becomes of a source whose results are written. */
export type OnSuccess =
  /** It stays where it is. */
  | "keep"
  /** It is moved into `done/` below the folder. */
  | "move"
  /** It is removed. */
  | "delete";

/** Where a source lies in the document that an editor has open. */
export interface Origin {
  /** The column of the source's top left corner, in pixels of the document; may be negative. */
  x: number;
  /** The row of the source's top left corner, in pixels of the document; may be negative. */
  y: number;
  /**
   * The document: an id that the integration keeps with it, at most 512 bytes. `transform.list`
   * finds by it.
   */
  document?: string | null;
  /** The layer that the source was read from: its id or name, at most 512 bytes. */
  layer?: string | null;
}

/** What happens to a picture larger than the model's limits. */
export type Oversize =
  /** The ask is refused with `too_large`. */
  | "refuse"
  /** It is scaled down for the model, and the result is scaled back. */
  | "scale"
  /** It runs in overlapping tiles that are blended together. */
  | "tile";

/** A client that was let in with a code. */
export interface PairedClient {
  /** What it is removed by; nothing of its token. */
  id: string;
  /** What it called itself: `figma`, `web`, … */
  name: string;
  /** When it was let in. */
  created: number;
}

/** `pairing.list`: who was let in. */
export interface PairedList {
  /** The newest first. */
  clients: PairedClient[];
}

/** `pairing.start`: only with the token of a local integration. */
export interface PairingCode {
  /** Eight digits for a person to type into Figma or the page. */
  code: string;
  /** When it stops working. */
  expires: number;
}

/** `pairing.finish`: the one method that needs no token. */
export interface PairingFinishParams {
  /** The code, used up by this call. */
  code: string;
  /** What asks, for the list of paired clients: `figma`, `web`, … */
  client: string;
}

/** `pairing.remove`. */
export interface PairingRemoveParams {
  /** The client's id, or a name for all that are called so. */
  client: string;
}

/** The answer to `pairing.finish`. */
export interface PairingToken {
  /** The token of this client alone. */
  token: string;
}

/** One of a few words. */
export interface ParamKindChoice {
  kind: "choice";
  /** The words, in the order in which screens show them. */
  values: string[];
}

/** A number in a closed range. */
export interface ParamKindNumber {
  kind: "number";
  /** The smallest value. */
  min: number;
  /** The largest value. */
  max: number;
}

/** On or off. */
export interface ParamKindBoolean {
  kind: "boolean";
}

/** A short text. */
export interface ParamKindText {
  kind: "text";
}

/** The value that a parameter of a model's own takes. */
export type ParamKind =
  | ParamKindChoice
  | ParamKindNumber
  | ParamKindBoolean
  | ParamKindText;

/** A parameter of a model's own, beyond the common controls. */
export interface ParamRecord {
  /** The name used on the wire. */
  name: string;
  /** What it does, in one sentence. */
  description: string;
  /** What it takes. */
  value: ParamKind;
  /** What the model takes when nothing is said. */
  default: unknown;
}

/** What a backend's manifest asks for. */
export interface Permissions {
  /** Origins that it wants to reach through the host, exact, such as `https://api.example.org`. */
  http: string[];
  /** Names of stored credentials that the host is to put into its requests. */
  secrets: string[];
  /** Paths that it wants to read. */
  read: string[];
  /** It wants a graphics processor. */
  gpu: boolean;
}

/** The shape of a stored picture. */
export interface PictureInfo {
  /** The stored format: `gray8`, `rgba8`, `rgba16` or `rgbaf32`. */
  format: PixelFormat;
  /** Pixels across. */
  width: number;
  /** Pixels down. */
  height: number;
  /**
   * Its ICC profile, a blob of its own: all values are of that profile, also as floats. Absent:
   * sRGB, or linear sRGB for `rgbaf32`.
   */
  icc?: BlobId;
}

/** How the samples of a picture lie in memory. Samples of more than one byte are little-endian. */
export type PixelFormat =
  /** One byte: masks, 0 keep, 255 may change. */
  | "gray8"
  /** Red, green, blue, alpha; one byte each, straight alpha, display-referred. */
  | "rgba8"
  /** Blue, green, red, alpha; one byte each. For editors; stored as `rgba8`. */
  | "bgra8"
  /** Red, green, blue, alpha; two bytes each, straight alpha, display-referred. */
  | "rgba16"
  /** Blue, green, red, alpha; two bytes each. For editors; stored as `rgba16`. */
  | "bgra16"
  /**
   * Red, green, blue, alpha; four-byte floats, straight alpha, unbounded. Scene-linear without
   * a profile, else in its values.
   */
  | "rgbaf32"
  /**
   * Red, green, blue, alpha; two-byte floats (IEEE half), straight alpha. For editors; stored
   * as `rgbaf32`.
   */
  | "rgbaf16"
  /** Grey, alpha; one byte each, straight alpha. For editors; stored as `rgba8`. */
  | "graya8"
  /** Grey, alpha; two bytes each, straight alpha. For editors; stored as `rgba16`. */
  | "graya16"
  /** Grey, alpha; two-byte floats (IEEE half), straight alpha. For editors; stored as `rgbaf32`. */
  | "grayaf16"
  /** Grey, alpha; four-byte floats, straight alpha. For editors; stored as `rgbaf32`. */
  | "grayaf32";

/** `transform.plan`: a dry run. */
export interface PlanParams {
  /** What would be asked. */
  ask: Ask;
  /**
   * The shape of pictures that are not uploaded yet: no blob is then looked at. Price, size and
   * reasons are those of uploaded ones.
   */
  shape?: AskShape | null;
}

/** What matters most when a model is chosen. */
export type Prefer =
  /** A good result at a fair price. */
  | "balance"
  /** The result. */
  | "quality"
  /** The time. */
  | "speed"
  /** The price. */
  | "price";

/**
 * What a run costs, as far as it can be known before. What does not apply is 0 or empty. One
 * output picture costs `per_picture`, or what `per_size` or the first fitting step says, and
 * each megapixel that it has beyond the first costs `per_megapixel`; inputs cost on top.
 */
export interface Price {
  /** The amount for one output picture. */
  per_picture: number;
  /** The same by the name of the size that was asked for. */
  per_size: { [name: string]: number };
  /** The same by how many megapixels the picture has, the smallest step first. */
  steps: PriceStep[];
  /** For each megapixel of an output picture beyond the first, begun ones included. */
  per_megapixel: number;
  /** For each megapixel that is sent, the source and the references, begun ones included. */
  per_input_megapixel: number;
  /** For each reference. */
  per_reference: number;
  /** ISO 4217 code, such as `USD`. */
  currency: string;
  /** The day on which the price was read, as `YYYY-MM-DD`. */
  as_of: string;
}

/** One step of a price. */
export interface PriceStep {
  /** Up to so many megapixels. */
  up_to_megapixels: number;
  /** The amount for one output picture. */
  per_picture: number;
}

/** Whether a model reads a prompt. */
export type PromptSupport =
  /** It reads none: a prompt is matched to a named style, visibly, or refused. */
  | "none"
  /** It works with or without one. */
  | "optional"
  /** It does nothing without one. */
  | "required";

/** Where an artifact comes from: enough to make it again. */
export interface Provenance {
  /** The model's id. */
  model: string;
  /** The backend's id. */
  backend: string;
  /** The backend's version. */
  backend_version: string;
  /** The picture it was made from. */
  source: BlobId;
  /** What the model was told. */
  params: RunParams;
  /** How long the run took, in milliseconds. */
  milliseconds: number;
  /** The mask it was made through. */
  mask?: BlobId;
  /** The references it was made with, in order. */
  references?: BlobId[];
  /** The provider's own name for the request: what its support asks for. */
  request_id?: string;
  /** The seed that the model says it used. */
  seed?: number;
}

/** `recipe.check`. */
export interface RecipeCheckParams {
  /** The recipe: TOML. */
  text: string;
}

/** Something to say about a place in a recipe. */
export interface RecipeDiagnostic {
  /** How bad it is. */
  severity: RecipeSeverity;
  /** The stable part, such as `unknown-key`. */
  code: string;
  /** What is wrong. */
  message: string;
  /** The line on which it begins, from 1. */
  line: number;
  /** The character of that line, from 1. */
  column: number;
  /** The line on which it ends, from 1. */
  end_line: number;
  /** The character of that line behind its end, from 1. */
  end_column: number;
  /** What to do. */
  hint?: string;
}

/** `recipe.list`. */
export interface RecipeList {
  /** Sorted by title. */
  recipes: RecipeRecord[];
  /** The folder that they are looked for in. */
  folder: string;
}

/** A recipe that is at hand by its name. */
export interface RecipeRecord {
  /** The name to run it by: the file's name without its end. */
  name: string;
  /** Its file. */
  path: string;
  /** What menus show. */
  title: string;
  /** The intents of its steps, in order. */
  intents: Intent[];
  /** The models that it names, first choices only, `auto` included. */
  models: string[];
  /** How many pictures it gives of one. */
  results: number;
  /** About what one picture of a megapixel costs, by currency; empty: nothing. */
  price: Money[];
  /** What it is for. */
  description?: string;
  /** Why it cannot run, where it cannot; the fields above are then as far as they could be read. */
  failure?: Failure;
}

/** What is to be said about a recipe. */
export interface RecipeReport {
  /** It can run: nothing in it is an error. */
  runs: boolean;
  /** In the order of the text. */
  diagnostics: RecipeDiagnostic[];
}

/** `recipe.run`: a stored picture or, for a program on this machine, a file. */
export interface RecipeRunParams {
  /** Do it although the same recipe was run on the same picture before. */
  again?: boolean;
  /** Who asks. */
  client?: string | null;
  /** The picture as a file, in place of `source`: its results are written into `out`. */
  file?: string | null;
  /** Made by the client, 1 to 100 characters: the same key returns the same run. */
  key?: string;
  /** Where steps may change it that have no mask of their own: `gray8`, as large as the source. */
  mask?: BlobId | null;
  /** Where the source lies in an editor's document. */
  origin?: Origin | null;
  /** The folder for the results of `file`. */
  out?: string | null;
  /**
   * A recipe by the name in `recipe.list`; or the path of its file, for a program on this
   * machine alone.
   */
  recipe?: string;
  /** The picture that is to be changed. */
  source?: BlobId | null;
  /** What the picture is called: fills `{name}`. */
  title?: string | null;
}

/** How bad a diagnostic is. */
export type RecipeSeverity =
  /** It cannot run. */
  | "error"
  /** It runs, and probably not as meant. */
  | "warning"
  /** Good to know. */
  | "information";

/** A picture of a set. */
export interface Reference {
  /** Its pixels. */
  blob: BlobId;
  /** Pixels across. */
  width: number;
  /** Pixels down. */
  height: number;
}

/** `reference.list`. */
export interface ReferenceList {
  /** Sorted by name, upper and lower case alike. */
  sets: ReferenceSet[];
}

/** `reference.remove`. */
export interface ReferenceParams {
  /** The set's name. */
  name: string;
}

/** `reference.save`: makes a set, or replaces the one of this name. */
export interface ReferenceSaveParams {
  /** Its name: 1 to 100 characters without control characters. White space around it is cut off. */
  name: string;
  /** Its pictures in order, 1 to 16, uploaded before. A picture named twice is refused. */
  blobs: BlobId[];
}

/** A named set of references. Its pictures stay as long as it does. */
export interface ReferenceSet {
  /** Its name. */
  name: string;
  /** Its pictures, in order. */
  references: Reference[];
  /** When it was saved last. */
  updated: number;
}

/** A rectangle in pixels of the source picture. */
export interface Region {
  /** Pixels from the left edge. */
  x: number;
  /** Pixels from the top edge. */
  y: number;
  /** Pixels across, at least 1. */
  width: number;
  /** Pixels down, at least 1. */
  height: number;
}

/** `job.retry`. */
export interface RetryParams {
  /** The job's id. */
  id: string;
  /**
   * It may be charged a second time. Without this, a job that was, or may have been, charged is
   * not sent again.
   */
  pay_again?: boolean;
}

/** `run.get`: returns at once, or when the run has ended or the time is over. */
export interface RunGetParams {
  /** The run's id. */
  id: string;
  /** How long to wait for its end, in milliseconds, 0 to 60,000. */
  wait_ms?: number;
}

/** `run.cancel`. */
export interface RunIdParams {
  /** The run's id. */
  id: string;
}

/**
 * What `run` is told beside the pixels: the JSON in `easel_request.params`. The host has
 * checked it against the model's record; absent fields were not asked for.
 */
export interface RunParams {
  /** What kind of change. */
  intent: Intent;
  /** How many pictures. */
  count: number;
  /** By how much the result is larger than the source. */
  scale: number;
  /** By how much the picture is to grow; only with the intent `expand`. */
  expand?: Margins;
  /** What must stay. */
  keep?: Keep[];
  /** Parameters of the model's own, defaults filled in. */
  params?: { [name: string]: unknown };
  /** The prompt, compiled into the model's own style of prompt. */
  prompt?: string;
  /** The seed. */
  seed?: number;
  /** The resolution that is wanted, by the name in the model's record. */
  size?: string;
  /** How much of the change is wanted, 0..=1. */
  strength?: number;
  /** Styles by name with their weights, which add up to 1. */
  style?: StyleWeight[];
  /** The `wire` of the model's record. */
  wire?: { [name: string]: unknown };
}

/** A recipe on its way over one picture. */
export interface RunRecord {
  /** The id: sorts by time. */
  id: string;
  /** The client's key. */
  key: string;
  /** What the recipe is called. */
  recipe: string;
  /** Where it stands. */
  state: JobState;
  /** How many of its transforms are done. */
  done: number;
  /** How many there are in all, as far as is known. */
  total: number;
  /**
   * The transforms so far, in the order of their submission. The key of each says where in the
   * run it belongs: `ID.CELL.STEP.CHOICE.FALLBACK`, each number from 0, with the run's id, the
   * cell of the matrix, the model that is compared and the one in its chain;
   * `ID.CELL.STEP.mask.…` only found the subject.
   */
  transforms: string[];
  /** What came out; empty until it is done. */
  results: RunResult[];
  /** The files that were written, where it ran on a file; the sheet comes last. */
  files: string[];
  /** What a person should know: which fallback was taken and why. */
  notes: string[];
  /** What it cost, by currency. */
  cost: Money[];
  /** When it was stored. */
  created: number;
  /** Why it failed. */
  failure?: Failure;
  /** When it reached a final state. */
  finished?: number;
}

/** One picture that a recipe made. */
export interface RunResult {
  /** Its name within the run: what the recipe's `output.name` says. */
  name: string;
  /** The values of the matrix that it was made with. */
  axes: { [name: string]: string };
  /** The model of the last step. */
  model: string;
  /**
   * The last step's artifact. Its blob covers the whole picture or, with a mask,
   * `artifact.place`.
   */
  artifact: Artifact;
  /** The file that was written, where one was. */
  file?: string;
}

/** `transform.search`: rows for a list that shows a part of very many, newest first. */
export interface SearchParams {
  /** Only those of this client: what `ask.client` says. */
  client?: string | null;
  /** Only those of this watched folder, by its id or path. */
  folder?: string | null;
  /** At most so many rows, 1 to 500. Default 100. */
  limit?: number | null;
  /** Only those that asked this model, by its id. */
  model?: string | null;
  /** How many of what is found to pass over. Default 0. */
  offset?: number;
  /** Only those stored at this moment or later. */
  since?: number | null;
  /**
   * Only those with this in the prompt, the title, or the id or label of a model, in upper or
   * lower case.
   */
  text?: string | null;
  /**
   * Only those stored before this moment. A list that keeps it stays the same while new ones
   * come.
   */
  until?: number | null;
}

/** How well a seed repeats a picture. */
export type SeedSupport =
  /** There is no seed; giving one is refused. */
  | "none"
  /** The same seed gives a similar picture. */
  | "hint"
  /** The same seed gives the same bits on the same machine. */
  | "exact";

/** `server.info`. */
export interface ServerInfo {
  /** The daemon's version. */
  version: string;
  /** The version of this protocol; grows when a method or field is added. */
  protocol: number;
  /** The process id. */
  pid: number;
  /** When it started. */
  started: number;
  /** The data folder. */
  data_dir: string;
  /** The number of the newest event. */
  last_event: number;
  /** Jobs that wait. */
  queued: number;
  /** Jobs that run. */
  running: number;
  /** What a request may carry. */
  limits: Limits;
}

/** `server.shutdown`. */
export interface ShutdownReport {
  /** Jobs that were running and will go on after the next start. */
  parked: number;
}

/** A resolution that a model offers by name. */
export interface SizeOffer {
  /** The name used on the wire, such as `2K`. */
  name: string;
  /** The side of a square of as many pixels. */
  side: number;
}

/** Which sizes a model takes, in pixels of its input. */
export interface SizeRecord {
  /** Width and height are multiples of this; the host pads by reflection. */
  multiple_of: number;
  /** The shortest side that works. */
  min_side: number;
  /** The longest side that works. */
  max_side: number;
  /** The most pixels that work. */
  max_pixels: number;
  /** What happens beyond the limits. */
  oversize: Oversize;
  /** By how many pixels tiles overlap, where `oversize` is `tile`. */
  overlap: number;
  /**
   * The aspects that it takes, as width to height; the host pads by reflection to the nearest.
   * Empty: any.
   */
  aspects: [number, number][];
}

/** What one model has cost. */
export interface Spend {
  /** The model's id. */
  model: string;
  /** ISO 4217 code. */
  currency: string;
  /** Jobs that were paid for. */
  jobs: number;
  /** What they cost: what the provider said, or else the estimate. */
  spent: number;
  /** What they were estimated at. */
  estimated: number;
  /** Jobs that failed without cost. */
  free: number;
  /** Jobs of which nobody knows whether they were charged; not part of `spent`. */
  maybe: number;
  /** What those would cost. */
  maybe_spent: number;
  /** The estimate of what waits and runs. */
  reserved: number;
}

/** `spend.get`. */
export interface SpendParams {
  /** How many days back. Default 30. */
  days?: number;
}

/** The answer to `spend.get` and `budget.set`. */
export interface SpendReport {
  /** From when on. */
  since: number;
  /** By model, the dearest first. */
  models: Spend[];
  /** The caps. */
  budgets: Budget[];
}

/** A style that is chosen by name. */
export interface StyleRecord {
  /** The name used on the wire: lower case, words joined by `-`. */
  name: string;
  /** What it looks like, in a few words. */
  description: string;
  /** It destroys much of the content: screens mark it. */
  strong: boolean;
}

/** A style and its share of a blend. */
export interface StyleWeight {
  /** A name from the model's record. */
  name: string;
  /** Its share, above 0; shares are divided by their sum. */
  weight?: number;
}

/** `transform.submit`. */
export interface SubmitParams {
  /**
   * Made by the client, 1 to 128 characters: the same key returns the same transform and runs
   * nothing twice.
   */
  key: string;
  /** What is asked. */
  ask: Ask;
  /** The watched folder on whose budget it goes. */
  folder?: string | null;
}

/** `transform.get`. */
export interface TransformGetParams {
  /** The transform's id. */
  id: string;
}

/** A page of transforms. */
export interface TransformList {
  /** Newest first. */
  transforms: TransformRecord[];
}

/** What each model would be given, and what it would cost. Nothing is sent. */
export interface TransformPlan {
  /** One entry a model, in the ask's order. */
  jobs: JobPlan[];
}

/** A stored transform with its jobs. */
export interface TransformRecord {
  /** The id: sorts by time. */
  id: string;
  /** The client's key. */
  key: string;
  /** What was asked. */
  ask: Ask;
  /** When it was stored. */
  created: number;
  /** One job a model, in the ask's order. */
  jobs: JobRecord[];
}

/** One transform as a row of a list. */
export interface TransformRow {
  /** The id: sorts by time. */
  id: string;
  /** When it was stored. */
  created: number;
  /** What kind of change. */
  intent: Intent;
  /** The picture that was to be changed. */
  source: BlobId;
  /** One entry a job, in the ask's order. */
  jobs: JobRow[];
  /** Who asked. */
  client?: string;
  /** The path of the watched folder that it ran for. */
  folder?: string;
  /** The artifact that it goes on from. */
  parent?: string;
  /** The transform that made that artifact, where it is still known. */
  parent_transform?: string;
  /** What should change, in words. */
  prompt?: string;
  /** What the source is called where it comes from. */
  title?: string;
}

/** The answer to `transform.search`. */
export interface TransformRows {
  /** How many were found in all. */
  total: number;
  /** Newest first. */
  rows: TransformRow[];
}

/** Every method: what it takes, by name, and what it gives. */
export interface Methods {
  /** Says what this daemon is and how busy it is. */
  "server.info": { params: NoParams; result: ServerInfo };
  /** Ends the daemon; running jobs are parked and go on after the next start. */
  "server.shutdown": { params: NoParams; result: ShutdownReport };
  /** Lists the backends found on this machine, usable or not. */
  "backend.list": { params: NoParams; result: BackendList };
  /** Pins the hash of a backend's library: it may run until its file changes. Ends a quarantine. */
  "backend.trust": { params: BackendParams; result: BackendRecord };
  /** Switches a backend on again. */
  "backend.enable": { params: BackendParams; result: BackendRecord };
  /** Switches a backend off. */
  "backend.disable": { params: BackendParams; result: BackendRecord };
  /** Lists the models with their capability records. */
  "model.list": { params: NoParams; result: ModelList };
  /** Ranks the models for an ask and says why; nothing is stored or sent. */
  "model.advise": { params: AdviseParams; result: Advice };
  /** Shows what each model would be given and what it would cost; nothing is stored or sent. */
  "transform.plan": { params: PlanParams; result: TransformPlan };
  /** Stores a transform and its jobs, then answers; the same key returns the same transform. */
  "transform.submit": { params: SubmitParams; result: TransformRecord };
  /** Returns one transform with its jobs. */
  "transform.get": { params: TransformGetParams; result: TransformRecord };
  /** Lists transforms, newest first. */
  "transform.list": { params: ListParams; result: TransformList };
  /** Finds transforms, newest first, as short rows with how many there are in all. */
  "transform.search": { params: SearchParams; result: TransformRows };
  /** Returns what a transform goes back to and what came of it. */
  "transform.lineage": { params: TransformGetParams; result: Lineage };
  /** Returns one job. */
  "job.get": { params: JobParams; result: JobRecord };
  /** Lists jobs, newest first. */
  "job.list": { params: JobListParams; result: JobList };
  /** Returns events after a number, and waits for the first one if asked to. */
  "job.events": { params: EventsParams; result: EventPage };
  /** Asks a job to stop; a waiting job is cancelled at once. */
  "job.cancel": { params: JobParams; result: JobRecord };
  /**
   * Queues a failed or cancelled job again; one that may have been charged only with
   * `pay_again`.
   */
  "job.retry": { params: RetryParams; result: JobRecord };
  /** Puts a picture away: it stays, and histories hide it. */
  "artifact.discard": { params: ArtifactParams; result: Artifact };
  /** Takes a picture back that was put away. */
  "artifact.restore": { params: ArtifactParams; result: Artifact };
  /** Keeps pictures as a named set of references, in place of an earlier one of that name. */
  "reference.save": { params: ReferenceSaveParams; result: ReferenceSet };
  /** Lists the named sets of references, sorted by name. */
  "reference.list": { params: NoParams; result: ReferenceList };
  /** Forgets a named set of references and returns it; transforms keep their pictures. */
  "reference.remove": { params: ReferenceParams; result: ReferenceSet };
  /**
   * Reads a recipe and says what is wrong with it and what it would cost; nothing is stored or
   * sent.
   */
  "recipe.check": { params: RecipeCheckParams; result: RecipeReport };
  /** Lists the recipes that are at hand by name. */
  "recipe.list": { params: NoParams; result: RecipeList };
  /** Runs a recipe on a picture, step by step; the same key returns the same run. */
  "recipe.run": { params: RecipeRunParams; result: RunRecord };
  /** Returns a recipe's run, and waits for its end if asked to. */
  "run.get": { params: RunGetParams; result: RunRecord };
  /** Asks a recipe's run to stop. */
  "run.cancel": { params: RunIdParams; result: RunRecord };
  /** Watches a folder with a recipe; with `dry_run` it only says what that would do and cost. */
  "folder.add": { params: FolderAddParams; result: FolderAnswer };
  /** Lists the watched folders and how they stand. */
  "folder.list": { params: NoParams; result: FolderList };
  /** Returns one watched folder and how it stands. */
  "folder.status": { params: FolderParams; result: FolderRecord };
  /** Watches a folder no more; its files and results stay. */
  "folder.remove": { params: FolderParams; result: FolderRecord };
  /** Takes no further file of a folder until it is resumed. */
  "folder.pause": { params: FolderParams; result: FolderRecord };
  /** Goes on with a folder that was paused or is held. */
  "folder.resume": { params: FolderParams; result: FolderRecord };
  /**
   * Looks through a folder now; `again` also does what an earlier version of the recipe did,
   * `dry_run` only prices it.
   */
  "folder.scan": { params: FolderScanParams; result: FolderAnswer };
  /** Lists the files of a folder, newest first. */
  "folder.files": { params: FilesParams; result: FileList };
  /** Takes failed files up again. */
  "folder.retry": { params: FolderRetryParams; result: FolderRetryReport };
  /** Lists the keys that backends ask for and where they are, never the keys. */
  "key.list": { params: NoParams; result: KeyList };
  /** Stores a key in the keychain, or where there is none in a file for this user alone. */
  "key.set": { params: KeySetParams; result: KeyRecord };
  /** Forgets a stored key. */
  "key.remove": { params: KeyParams; result: KeyRecord };
  /** Asks the provider whether it accepts a key; costs nothing. */
  "key.test": { params: KeyParams; result: KeyTest };
  /** Says what was spent, by model, and how much of each budget is used up. */
  "spend.get": { params: SpendParams; result: SpendReport };
  /** Caps what may be spent within any 24 hours, in all or for a folder. */
  "budget.set": { params: BudgetParams; result: SpendReport };
  /** Makes a code with which one further client can be let in. */
  "pairing.start": { params: NoParams; result: PairingCode };
  /** Exchanges a code for a token; the one method that needs none. */
  "pairing.finish": { params: PairingFinishParams; result: PairingToken };
  /** Lists the clients that were let in with a code. */
  "pairing.list": { params: NoParams; result: PairedList };
  /** Lets a client in no more; returns who was removed. */
  "pairing.remove": { params: PairingRemoveParams; result: PairedList };
  /** Removes what nothing refers to, and old transforms where asked to. */
  "store.gc": { params: GcParams; result: GcReport };
}

/** What a WebSocket can subscribe to, and the notifications that it gets then. */
export interface Subscriptions {
  /** The same events as `job.events`, from the number asked for. */
  "job.subscribe": {
    params: EventsParams;
    event: Event;
    notification: "job.event";
    end: "job.unsubscribe";
  };
}
