"""Easel's wire: records, closed sets and calls.

Generated from the list of methods in `protocol/`; do not edit. Write it anew with
`cargo run -p easel-protocol --bin generate`.
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict, Union

PROTOCOL_VERSION = 2
# The media type of raw rows, top to bottom, tightly packed.
RAW_PIXELS = "application/vnd.easel.pixels"
# The media type of an ICC profile.
ICC_PROFILE = "application/vnd.iccprofile"


class Advice(TypedDict):
    """The answer to `model.advise`."""

    choices: list[Choice]
    """The best first; those that cannot do it last."""


class _AdviseParamsRequired(TypedDict):
    ask: Ask
    """What is to be done; its models are not looked at."""


class AdviseParams(_AdviseParamsRequired, total=False):
    """`model.advise`."""

    prefer: Prefer
    """What matters most."""
    shape: AskShape | None
    """The shape of pictures that are not uploaded yet: no blob is then looked at."""


class Artifact(TypedDict):
    """One picture that a job made."""

    id: str
    """The id: the job's id and the place in its row."""
    job: str
    """The job that made it."""
    index: int
    """Its place among the job's artifacts, from 0."""
    blob: BlobId
    """Its pixels."""
    width: int
    """Pixels across."""
    height: int
    """Pixels down."""
    place: Region
    """Where it belongs, in pixels of the source: everything outside is untouched."""
    fidelity: Fidelity
    """How faithful it is."""
    provenance: Provenance
    """Where it comes from."""
    created: int
    """When it was stored."""
    discarded: bool
    """Somebody put it away with `artifact.discard`. Histories hide it; its pixels stay as long
    as its transform.
    """


class ArtifactParams(TypedDict):
    """`artifact.discard`, `artifact.restore`."""

    id: str
    """The artifact's id."""


class _AskRequired(TypedDict):
    intent: Intent
    """What kind of change."""
    source: BlobId
    """The picture that is to be changed. It is never written."""
    models: list[str]
    """One model, or several to compare: a job each. `auto` stands for the one that suits best."""


class Ask(_AskRequired, total=False):
    """What a person asks for. Everything optional has a default that the plan shows."""

    client: str | None
    """Who asks: `krita`, `gimp`, `figma`, `web`, `cli`, `folder`, or another integration's name."""
    context: float | None
    """How much of the surroundings a model sees around a mask, as a share of the mask's size.
    Default 0.5.
    """
    count: int | None
    """How many pictures each model gives, from 1."""
    expand: Margins | None
    """By how much the picture is to grow at each side; only with the intent `expand`."""
    feather: int | None
    """How softly the change fades inside the mask's edge, in pixels of the source. Default 8."""
    keep: list[Keep]
    """What must stay."""
    mask: BlobId | None
    """Where it may change: a `gray8` picture as large as the source, 255 = may change. Absent:
    everywhere.
    """
    origin: Origin | None
    """Where the source lies in the editor's document, so that a result finds back to its place.
    Kept, not looked at.
    """
    params: dict[str, Any]
    """Parameters of the models' own, by name; `model:name` is for that model alone."""
    parent: str | None
    """The artifact that this ask goes on from."""
    prompt: str | None
    """What should change, in words."""
    references: list[BlobId]
    """Further pictures that guide style or character, in order."""
    scale: int | None
    """By how much the result is larger than the source: 1, 2 or 4."""
    seed: int | None
    """A seed that repeats a picture."""
    size: str | None
    """The resolution that is wanted, by a name that the model offers, such as `2K`. Absent: the
    smallest that loses nothing.
    """
    strength: float | None
    """How much of the change is wanted, 0..=1."""
    style: list[StyleWeight]
    """Styles by name; several are blended by weight."""
    title: str | None
    """What the source is called where it comes from: a file or a layer."""


class _AskShapeRequired(TypedDict):
    width: int
    """Pixels across of the source."""
    height: int
    """Pixels down of the source."""


class AskShape(_AskShapeRequired, total=False):
    """The shape of an ask's pictures before they are uploaded. The ask's `source`, `mask` and
    `references` are not looked at then: they may be absent where they are optional, or any
    ids, such as 64 zeros.
    """

    mask: Region | None
    """The smallest rectangle around what the mask lets change, within the source; absent: there
    is no mask.
    """
    references: list[list[int]]
    """Width and height of each reference, in pixels, in order; absent: there are none."""


class BackendList(TypedDict):
    """`backend.list`."""

    backends: list[BackendRecord]
    """Sorted by id."""


class BackendParams(TypedDict):
    """`backend.trust`, `backend.enable`, `backend.disable`."""

    id: str
    """The backend's id."""


class _BackendRecordRequired(TypedDict):
    id: str
    """The id from its manifest."""
    name: str
    """The name from its manifest."""
    state: BackendState
    """How it stands."""
    built_in: bool
    """It is part of the program."""
    permissions: Permissions
    """What it asks for."""
    recent_crashes: int
    """Crashes within the last ten minutes."""
    models: list[str]
    """The ids of its models."""


class BackendRecord(_BackendRecordRequired, total=False):
    """What the daemon knows of a backend."""

    library_hash: str
    """The BLAKE3 hash of its library, where it has one."""
    manifest: str
    """Its manifest, where it has one."""
    reason: str
    """Why, where it is not ready."""
    version: str
    """Its version, where it is known."""


# How a backend stands.
BackendState = Literal[
    # It may run.
    "ready",
    # Its library is new or changed, and nobody has said that it may run.
    "untrusted",
    # Somebody switched it off.
    "disabled",
    # It crashed too often; it may run again when its file changes or somebody trusts it anew.
    "quarantined",
    # Its manifest or library cannot be used.
    "broken",
]


# The name of immutable bytes: 64 lower-case hexadecimal digits of their BLAKE3 hash.
BlobId = str


class _BlobInfoRequired(TypedDict):
    id: BlobId
    """Its name."""
    bytes: int
    """How many bytes it has on disk."""


class BlobInfo(_BlobInfoRequired, total=False):
    """What the daemon knows of a stored blob; the answer to `PUT /v1/blobs`."""

    picture: PictureInfo
    """Present where it is a picture."""


class _BudgetRequired(TypedDict):
    amount: float
    """The most within any 24 hours."""
    currency: str
    """ISO 4217 code."""
    used: float
    """Spent within the last 24 hours, with the estimates of what waits and runs."""


class Budget(_BudgetRequired, total=False):
    """A cap and how much of it is used up."""

    folder: str
    """The folder; absent: everything."""


class BudgetParams(TypedDict, total=False):
    """`budget.set`: a cap on what may be spent within any 24 hours."""

    amount: float | None
    """The cap; absent: there is none any more."""
    currency: str
    """ISO 4217 code. Default `USD`."""
    folder: str | None
    """Only for what this folder asks for; absent: for everything."""


# Whether a failure was paid for.
Charged = Literal[
    # Nothing was paid.
    "no",
    # It was paid for.
    "yes",
    # The provider may have charged; nobody can tell from here.
    "maybe",
]


class _ChoiceRequired(TypedDict):
    model: str
    """The model's id."""
    reason: str
    """Why it stands where it stands, in one sentence."""
    cost: float
    """What it would cost."""
    currency: str
    """ISO 4217 code; empty where it costs nothing."""


class Choice(_ChoiceRequired, total=False):
    """One model in the order of advice."""

    failure: Failure
    """Why it cannot do it."""


# What went wrong, as a closed list.
ErrorKind = Literal[
    # The ask itself is wrong: a missing field, a value out of range.
    "invalid_request",
    # The model, the picture or this machine cannot do it.
    "unsupported",
    # There is nothing under this id.
    "not_found",
    # The same client key came with another ask.
    "conflict",
    # More pixels or bytes than a limit allows.
    "too_large",
    # The bytes are no picture that Easel reads.
    "not_a_picture",
    # Damaged data: a truncated picture, a blob that does not match its name.
    "corrupt",
    # The token is missing or wrong.
    "unauthorized",
    # The Host or Origin of the request is not allowed.
    "forbidden",
    # No key is stored for the provider.
    "key_missing",
    # The provider does not accept the stored key.
    "key_rejected",
    # The account has no credit left.
    "out_of_quota",
    # The provider asks to slow down.
    "rate_limited",
    # The provider's policy refuses the input.
    "refused_input",
    # The provider's policy refuses what the model made.
    "refused_output",
    # The run ended well and gave no picture.
    "no_image",
    # The provider has retired the model.
    "model_gone",
    # It may work when tried again: network, overload.
    "transient",
    # It took longer than the model's limit.
    "timed_out",
    # The backend's process ended in the middle of the run.
    "backend_crashed",
    # The backend reported a failure of its own.
    "backend_failed",
    # The backend is not trusted, switched off or in quarantine.
    "backend_blocked",
    # The network's weights are not on this machine, or damaged.
    "weights_missing",
    # The daemon or the connection ended in the middle of the run, and the run cannot be repeated
    # unasked.
    "interrupted",
    # The job was cancelled.
    "cancelled",
    # A budget would be exceeded.
    "over_budget",
    # The disk is full or the data folder cannot be written.
    "storage_full",
    # The daemon is shutting down or has too much to do.
    "busy",
    # A fault in Easel itself.
    "internal",
]

# The kind behind a JSON-RPC error code, for answers that carry nothing else.
ERROR_CODES: dict[int, ErrorKind] = {
    -32602: "invalid_request",
    -32001: "unsupported",
    -32002: "not_found",
    -32003: "conflict",
    -32004: "too_large",
    -32005: "not_a_picture",
    -32006: "corrupt",
    -32007: "unauthorized",
    -32008: "forbidden",
    -32009: "key_missing",
    -32010: "key_rejected",
    -32011: "out_of_quota",
    -32012: "rate_limited",
    -32013: "refused_input",
    -32014: "refused_output",
    -32015: "no_image",
    -32016: "model_gone",
    -32017: "transient",
    -32018: "timed_out",
    -32019: "backend_crashed",
    -32020: "backend_failed",
    -32021: "backend_blocked",
    -32022: "weights_missing",
    -32023: "interrupted",
    -32024: "cancelled",
    -32025: "over_budget",
    -32026: "storage_full",
    -32027: "busy",
    -32028: "internal",
}


class _Event(TypedDict):
    seq: int
    """Its number: ever growing, over all jobs."""
    time: int
    """When it happened."""
    transform: str
    """The transform."""
    job: str
    """The job."""


class EventQueued(_Event):
    """It is stored and waits."""

    event: Literal["queued"]


class EventStarted(_Event):
    """A worker has it."""

    event: Literal["started"]
    attempt: int
    """Which attempt, from 1."""


class _EventProgressRequired(_Event):
    event: Literal["progress"]


class EventProgress(_EventProgressRequired, total=False):
    """It goes on."""

    fraction: float
    """The share that is done, 0..=1; absent where unknown."""
    stage: str
    """What it is doing."""


class EventPreview(_Event):
    """A picture to show meanwhile; not a result."""

    event: Literal["preview"]
    blob: BlobId
    """Its pixels."""


class EventNote(_Event):
    """A sentence for the person who waits."""

    event: Literal["note"]
    text: str
    """The sentence."""


class EventCheckpoint(_Event):
    """The backend stored what it needs to go on after a crash."""

    event: Literal["checkpoint"]


class EventArtifact(_Event):
    """A picture is on disk."""

    event: Literal["artifact"]
    artifact: Artifact
    """The picture."""


class EventCancelRequested(_Event):
    """Somebody asked to cancel it."""

    event: Literal["cancel_requested"]


class EventRequeued(_Event):
    """It waits again: after a crash of the daemon or of a backend, or because somebody asked."""

    event: Literal["requeued"]
    reason: str
    """Why."""


class EventDone(_Event):
    """It ended well."""

    event: Literal["done"]


class EventFailed(_Event):
    """It ended with a failure."""

    event: Literal["failed"]
    failure: Failure
    """Which."""


class EventCancelled(_Event):
    """It was cancelled."""

    event: Literal["cancelled"]


class EventDiscarded(_Event):
    """Somebody put a picture away. Says nothing of the job's state: a job that has ended stays
    ended.
    """

    event: Literal["discarded"]
    artifact: Artifact
    """The picture as it is now."""


class EventRestored(_Event):
    """Somebody took a picture back. Says nothing of the job's state: a job that has ended stays
    ended.
    """

    event: Literal["restored"]
    artifact: Artifact
    """The picture as it is now."""


# A numbered, stored fact about a job.
Event = Union[
    EventQueued,
    EventStarted,
    EventProgress,
    EventPreview,
    EventNote,
    EventCheckpoint,
    EventArtifact,
    EventCancelRequested,
    EventRequeued,
    EventDone,
    EventFailed,
    EventCancelled,
    EventDiscarded,
    EventRestored,
]


class EventPage(TypedDict):
    """The answer to `job.events`."""

    events: list[Event]
    """In the order of their numbers."""
    next: int
    """The number to ask after next."""


class EventsParams(TypedDict, total=False):
    """`job.events` and `job.subscribe`."""

    after: int
    """Only events with a greater number. Default 0: from the beginning."""
    limit: int | None
    """At most so many, 1 to 1,000. Default 1,000."""
    transform: str | None
    """Only events of this transform."""
    wait_ms: int
    """How long to wait for the first event, in milliseconds, 0 to 60,000. Default 0. Without
    meaning for `job.subscribe`.
    """


class _FailureRequired(TypedDict):
    kind: ErrorKind
    """The stable part."""
    message: str
    """What went wrong: lower case, literals in backticks, no full stop."""


class Failure(_FailureRequired, total=False):
    """A failure as every face of Easel shows it; `data` of a JSON-RPC error, the body of an HTTP
    one.
    """

    charged: Charged
    """Whether it was paid for; absent where nothing costs."""
    hint: str
    """What to do next."""
    provider_message: str
    """The provider's own words."""
    retry_after_ms: int
    """When trying again makes sense, in milliseconds from now."""


class Fidelity(TypedDict):
    """How much changed, measured against the source."""

    changed_outside: int
    """Pixels outside the mask that differ in any bit: always 0."""
    changed_inside: float
    """The share of pixels inside the mask (everywhere without one) that changed visibly, 0..=1."""
    structure: float
    """How much structure stayed inside: mean structural similarity of luma, 1 = all."""
    colour: float
    """How far colours moved inside: mean distance in OKLab, 0 = not at all."""


class FileList(TypedDict):
    """`folder.files`."""

    files: list[FileRecord]
    """Newest first."""


class _FileRecordRequired(TypedDict):
    path: str
    """Its path below the folder."""
    state: FileState
    """Where it stands."""
    outputs: list[str]
    """What was written, absolute."""
    changed: int
    """When this came to be."""


class FileRecord(_FileRecordRequired, total=False):
    """A file in a watched folder."""

    failure: Failure
    """Why it failed or is left alone."""


# Where a file stands.
FileState = Literal[
    # It was seen whole and waits for its turn.
    "waiting",
    # Its results are written.
    "done",
    # It failed, and lies in `failed/`.
    "failed",
    # It is left alone: one of Easel's own results.
    "skipped",
]


class _FilesParamsRequired(TypedDict):
    folder: str
    """The folder's id or path."""


class FilesParams(_FilesParamsRequired, total=False):
    """`folder.files`."""

    limit: int | None
    """At most so many, 1 to 1,000. Default 100."""
    state: FileState | None
    """Only those in this state."""


class _FolderAddParamsRequired(TypedDict):
    folder: FolderSpec
    """What to watch. A folder of the same path is replaced; what was done in it stays done."""


class FolderAddParams(_FolderAddParamsRequired, total=False):
    """`folder.add`."""

    dry_run: bool
    """Say what would happen to the files that are there, and what it would cost; change nothing."""


class _FolderAnswerRequired(TypedDict):
    requeued: int
    """How many files that were done are to be done again."""


class FolderAnswer(_FolderAnswerRequired, total=False):
    """The answer to `folder.add` and `folder.scan`."""

    folder: FolderRecord
    """The folder as it stands now; absent in a dry run of one that is not watched."""
    forecast: FolderForecast
    """What would happen; only in a dry run, which reads every file."""


class FolderForecast(TypedDict):
    """What a folder would do."""

    files: int
    """Files that would be run."""
    known: int
    """Files whose result is at hand already."""
    refused: list[FileRecord]
    """Files that cannot be read as pictures or that the recipe cannot do, with the reason, at
    most 100.
    """
    refused_count: int
    """How many of those there are in all."""
    cost: list[Money]
    """About what they would cost, by currency; empty: nothing."""
    notes: list[str]
    """What a person should know."""


class _FolderListRequired(TypedDict):
    folders: list[FolderRecord]
    """Sorted by path."""


class FolderList(_FolderListRequired, total=False):
    """`folder.list`."""

    failure: Failure
    """What is wrong with `folders.toml`, where something is."""


class FolderParams(TypedDict):
    """`folder.remove|pause|resume|status`."""

    folder: str
    """The folder's id or path."""


class _FolderRecordRequired(TypedDict):
    id: str
    """The id."""
    spec: FolderSpec
    """What is watched."""
    paused: bool
    """Somebody paused it."""
    declared: bool
    """It comes from `folders.toml` and is changed there."""
    state: str
    """How it stands, in a few words: `watching`, `looking every 4 s: …`, `missing`."""
    waiting: int
    """Files that wait."""
    running: int
    """Files on their way."""
    done: int
    """Files that are done."""
    failed: int
    """Files that failed."""
    skipped: int
    """Files that are left alone, such as Easel's own results."""
    last_minute: int
    """Files done within the last minute."""


class FolderRecord(_FolderRecordRequired, total=False):
    """`folder.list`, one entry."""

    held: Failure
    """What keeps it from going on, and what to do: a budget, a key, a recipe that cannot be
    read.
    """
    held_until: int
    """When it goes on by itself."""
    last_done: int
    """When a file was done last."""


class _FolderRetryParamsRequired(TypedDict):
    folder: str
    """The folder's id or path."""


class FolderRetryParams(_FolderRetryParamsRequired, total=False):
    """`folder.retry`."""

    files: list[str]
    """Files below it, as `folder.files` names them. Empty: every failed one."""
    pay_again: bool
    """Also those that may have been charged, which may be charged a second time."""


class FolderRetryReport(TypedDict):
    """`folder.retry`."""

    retried: int
    """Files that wait again."""
    left: list[FileRecord]
    """Files that were left, with the reason."""


class _FolderScanParamsRequired(TypedDict):
    folder: str
    """The folder's id or path."""


class FolderScanParams(_FolderScanParamsRequired, total=False):
    """`folder.scan`."""

    again: bool
    """Also do again what was done with an earlier version of the recipe. It may cost again."""
    dry_run: bool
    """Say what would happen and what it would cost; change nothing."""


class FolderSpec(TypedDict, total=False):
    """What is watched, and how."""

    budget: Money | None
    """What may be spent on it within any 24 hours."""
    exclude: list[str]
    """No files whose names fit one of these patterns."""
    include: list[str]
    """Only files whose names fit one of these patterns. Empty: PNG, JPEG, WebP and TIFF."""
    on_success: OnSuccess
    """What becomes of a source whose results are written."""
    out: str | None
    """Where results go, absolute. Absent: `out/` below the directory."""
    path: str
    """The directory, absolute."""
    poll: bool
    """Look every few seconds instead of waiting for events."""
    recipe: str
    """The recipe: the absolute path of its file, or its name in `recipe.list`."""
    recursive: bool
    """Directories below it are watched as well, and kept apart in `out`."""


class GcParams(TypedDict, total=False):
    """`store.gc`: what may go."""

    dry_run: bool
    """Say what would go, and touch nothing."""
    older_than_days: int | None
    """Also forget transforms that ended more than so many days ago. Default: none are forgotten."""


class GcReport(TypedDict):
    """The answer to `store.gc`."""

    transforms: int
    """Transforms forgotten, with their jobs, artifacts and events."""
    blobs: int
    """Blobs removed that nothing refers to any more."""
    bytes: int
    """Their bytes."""
    kept_blobs: int
    """Blobs that stay."""
    kept_bytes: int
    """The bytes of those."""
    dry_run: bool
    """Nothing was touched."""


# What kind of change is asked for.
Intent = Literal[
    # Another look, the same picture.
    "restyle",
    # Sharper, cleaner or larger, the same picture.
    "enhance",
    # Another background behind the same subject.
    "background",
    # The subject alone on transparency.
    "cutout",
    # A new picture that takes this one as its idea.
    "reimagine",
    # One described change.
    "edit",
    # Remove what the mask covers.
    "erase",
    # Continue the picture beyond its borders.
    "expand",
]


class JobList(TypedDict):
    """A page of jobs."""

    jobs: list[JobRecord]
    """Newest first."""


class JobListParams(TypedDict, total=False):
    """`job.list`: newest first."""

    before: str | None
    """Only those older than this id: the last of the page before."""
    limit: int | None
    """At most so many, 1 to 500. Default 50."""
    state: JobState | None
    """Only those in this state."""


class JobParams(TypedDict):
    """`job.get`, `job.cancel`."""

    id: str
    """The job's id."""


class _JobPlanRequired(TypedDict):
    model: str
    """The model's id."""
    backend: str
    """The backend that offers it; empty where the model is unknown."""
    run_size: list[int]
    """Width and height of what the model is given, in pixels, after fitting and padding; of one
    tile where it runs in tiles.
    """
    pieces: int
    """In how many pieces it runs."""
    result_size: list[int]
    """Width and height of each result, in pixels."""
    count: int
    """How many pictures."""
    cost: float
    """The price of all pictures; 0 where nothing costs."""
    currency: str
    """ISO 4217 code of the price; empty where nothing costs."""


class JobPlan(_JobPlanRequired, total=False):
    """What one model would be given, or why it cannot do it."""

    failure: Failure
    """Why the model cannot do it; the fields below are then without meaning."""
    notes: list[str]
    """What the host does in the model's place, or what a person should know."""
    params: RunParams
    """What the model is told, the compiled prompt included."""
    place: Region
    """The part of the source that each result covers: the mask's region, or everything."""
    region: Region
    """The part of the source that the model sees: the mask's region with its context, or
    everything.
    """
    seconds: float
    """About how long it takes, in seconds, where known."""


class _JobRecordRequired(TypedDict):
    id: str
    """The id: sorts by time."""
    transform: str
    """The transform it belongs to."""
    model: str
    """The model's id."""
    backend: str
    """The backend's id."""
    state: JobState
    """Where it stands."""
    attempts: int
    """How often it was started."""
    cancel_requested: bool
    """Somebody asked to cancel it."""
    created: int
    """When it was stored."""
    plan: JobPlan
    """What was planned when it was submitted."""
    artifacts: list[Artifact]
    """What it made."""


class JobRecord(_JobRecordRequired, total=False):
    """One model's run of a transform."""

    failure: Failure
    """Why it failed."""
    finished: int
    """When it reached a final state."""
    progress: float
    """The share that is done, 0..=1, while it runs; absent where unknown."""
    report: JobReport
    """What the run told beside its pictures."""
    stage: str
    """What it is doing, in a few words."""
    started: int
    """When its last attempt started."""


class _JobReportRequired(TypedDict):
    notes: list[str]
    """Sentences for the person who waits: one of four pictures was refused."""


class JobReport(_JobReportRequired, total=False):
    """What a run told beside its pictures."""

    cost: float
    """What the provider says that it cost."""
    currency: str
    """ISO 4217 code of the cost."""


class JobRow(TypedDict):
    """One job in a row."""

    id: str
    """The id."""
    model: str
    """The model's id."""
    state: JobState
    """Where it stands."""
    pictures: list[BlobId]
    """Its pictures that were not put away, in order."""


# Where a job stands.
JobState = Literal[
    # Stored, waiting for a worker.
    "queued",
    # A worker runs it.
    "running",
    # It gave at least one artifact.
    "done",
    # It ended with a failure.
    "failed",
    # It was cancelled.
    "cancelled",
]


# What must stay as it is.
Keep = Literal[
    # Who or what the picture shows.
    "subject",
    # How the subject stands or sits.
    "pose",
    # Where things are in the frame.
    "composition",
    # The colours of the source.
    "colours",
    # Lettering, logos and labels.
    "text",
]


class KeyList(TypedDict):
    """`key.list`."""

    keys: list[KeyRecord]
    """Sorted by name."""


class KeyParams(TypedDict):
    """`key.remove`, `key.test`."""

    name: str
    """The key's name."""


# Where a key is.
KeyPlace = Literal[
    # In the keychain of the operating system.
    "keychain",
    # In a file that this user alone can read.
    "file",
    # In a variable of the daemon's environment.
    "environment",
]


class _KeyRecordRequired(TypedDict):
    name: str
    """Its name."""
    backends: list[str]
    """The backends that ask for it."""
    origins: list[str]
    """The only origins that ever get it."""
    environment: list[str]
    """The variables of the environment that are looked at."""


class KeyRecord(_KeyRecordRequired, total=False):
    """A key that some backend asks for."""

    page: str
    """Where a person gets one."""
    place: KeyPlace
    """Where it is; absent: there is none."""


class KeySetParams(TypedDict):
    """`key.set`: only with the token of a local integration."""

    name: str
    """The name that a backend's manifest gives it, such as `gemini`."""
    value: str
    """The key itself. It is stored and never read back."""


class _KeyTestRequired(TypedDict):
    name: str
    """The key's name."""
    works: bool
    """The provider accepts it."""


class KeyTest(_KeyTestRequired, total=False):
    """The answer to `key.test`."""

    failure: Failure
    """Why not."""


class Limits(TypedDict):
    """What a request may carry."""

    request_bytes: int
    """Bytes of one JSON-RPC request."""
    blob_bytes: int
    """Bytes of one uploaded blob."""
    side: int
    """Pixels along one side of a picture."""
    pixels: int
    """Pixels of one picture."""


class Lineage(TypedDict):
    """The answer to `transform.lineage`: which picture came from which."""

    rows: list[TransformRow]
    """What the transform goes back to, itself, and everything that came from any of them; oldest
    first, at most 500.
    """


class ListParams(TypedDict, total=False):
    """`transform.list`: newest first."""

    before: str | None
    """Only those older than this id: the last of the page before."""
    client: str | None
    """Only those of this client: what `ask.client` says."""
    document: str | None
    """Only those of this document: what `ask.origin.document` says."""
    limit: int | None
    """At most so many, 1 to 500. Default 50."""
    text: str | None
    """Only those with this in the prompt, the title, or the id or label of a model, in upper or
    lower case.
    """


class Margins(TypedDict, total=False):
    """By how much a picture grows at each side, in pixels."""

    bottom: int
    """Below."""
    left: int
    """To the left."""
    right: int
    """To the right."""
    top: int
    """Above."""


# How a mask reaches a model.
MaskSupport = Literal[
    # The model knows no masks: the host crops around the mask and composites through it.
    "composited",
    # The model is given the mask; the host composites through it all the same.
    "native",
    # A mask makes no sense for this model, and asking for one is refused.
    "refused",
]


class _ModelEntryRequired(TypedDict):
    backend: str
    """The backend that offers it."""
    available: bool
    """It can be used now."""
    record: ModelRecord
    """Its capability record."""


class ModelEntry(_ModelEntryRequired, total=False):
    """A model and whether it can be used now."""

    catalogue: str
    """The catalogue file and line to edit, as `path:line`."""
    reason: str
    """Why not."""


class ModelList(TypedDict):
    """`model.list`."""

    models: list[ModelEntry]
    """Sorted by backend, then in the backend's order."""


class _ModelRecordRequired(TypedDict):
    id: str
    """The id used on the wire: lower case, words joined by `-`."""
    label: str
    """The name on screens."""
    strengths: str
    """What it is good at, in five to ten words."""
    limitation: str
    """What it cannot do, said plainly."""
    best_use: str
    """When to pick it."""
    intents: list[Intent]
    """The intents it serves."""
    prompt: PromptSupport
    """Whether it reads a prompt."""
    keep: list[Keep]
    """What it keeps when asked to; anything else is refused."""
    mask: MaskSupport
    """How a mask reaches it."""
    references: list[int]
    """The least and the most references it takes."""
    alpha: bool
    """It reads and writes transparency itself; otherwise the host flattens and restores it."""
    formats: list[PixelFormat]
    """The pixel formats it takes for the source, the preferred one first; results may come in
    any of them.
    """
    seed: SeedSupport
    """Whether it has a seed."""
    strength: bool
    """Whether it has a strength in 0..=1."""
    max_count: int
    """The most pictures that one job gives."""
    styles: list[StyleRecord]
    """The styles that it knows by name."""
    scales: list[int]
    """By how much the result may be larger than the source; empty: it keeps the size."""
    size: SizeRecord
    """Which sizes it takes."""
    params: list[ParamRecord]
    """Parameters of its own."""
    repeatable: bool
    """A job may run again after a crash without cost or consent."""
    timeout_seconds: int
    """The longest time that a job may take, in seconds; then its worker is ended."""
    seconds_per_megapixel: float | None
    """How long a million source pixels typically take, in seconds, where known."""
    price: Price | None
    """What a run costs; absent: nothing."""
    sizes: list[SizeOffer]
    """The resolutions that it offers by name, the smallest first; empty: it follows the source."""
    trained: bool
    """It was trained on pictures, as nearly every model is. A result of models that were not
    says so in its XMP.
    """
    suits: dict[str, float]
    """How well it suits an intent, 0..=1, as the catalogue's author judges; for advice."""


class ModelRecord(_ModelRecordRequired, total=False):
    """What a person picks, and what the planner obeys."""

    wire: dict[str, Any]
    """What only the backend needs to know, such as the provider's own id. It is given back with
    each run.
    """


class Money(TypedDict):
    """An amount of money."""

    amount: float
    """How much."""
    currency: str
    """ISO 4217 code."""


class NoParams(TypedDict):
    """A method without parameters."""


# What becomes of a source whose results are written.
OnSuccess = Literal[
    # It stays where it is.
    "keep",
    # It is moved into `done/` below the folder.
    "move",
    # It is removed.
    "delete",
]


class _OriginRequired(TypedDict):
    x: int
    """The column of the source's top left corner, in pixels of the document; may be negative."""
    y: int
    """The row of the source's top left corner, in pixels of the document; may be negative."""


class Origin(_OriginRequired, total=False):
    """Where a source lies in the document that an editor has open."""

    document: str | None
    """The document: an id that the integration keeps with it, at most 512 bytes.
    `transform.list` finds by it.
    """
    layer: str | None
    """The layer that the source was read from: its id or name, at most 512 bytes."""


# What happens to a picture larger than the model's limits.
Oversize = Literal[
    # The ask is refused with `too_large`.
    "refuse",
    # It is scaled down for the model, and the result is scaled back.
    "scale",
    # It runs in overlapping tiles that are blended together.
    "tile",
]


class PairedClient(TypedDict):
    """A client that was let in with a code."""

    id: str
    """What it is removed by; nothing of its token."""
    name: str
    """What it called itself: `figma`, `web`, …"""
    created: int
    """When it was let in."""


class PairedList(TypedDict):
    """`pairing.list`: who was let in."""

    clients: list[PairedClient]
    """The newest first."""


class PairingCode(TypedDict):
    """`pairing.start`: only with the token of a local integration."""

    code: str
    """Eight digits for a person to type into Figma or the page."""
    expires: int
    """When it stops working."""


class PairingFinishParams(TypedDict):
    """`pairing.finish`: the one method that needs no token."""

    code: str
    """The code, used up by this call."""
    client: str
    """What asks, for the list of paired clients: `figma`, `web`, …"""


class PairingRemoveParams(TypedDict):
    """`pairing.remove`."""

    client: str
    """The client's id, or a name for all that are called so."""


class PairingToken(TypedDict):
    """The answer to `pairing.finish`."""

    token: str
    """The token of this client alone."""


class ParamKindChoice(TypedDict):
    """One of a few words."""

    kind: Literal["choice"]
    values: list[str]
    """The words, in the order in which screens show them."""


class ParamKindNumber(TypedDict):
    """A number in a closed range."""

    kind: Literal["number"]
    min: float
    """The smallest value."""
    max: float
    """The largest value."""


class ParamKindBoolean(TypedDict):
    """On or off."""

    kind: Literal["boolean"]


class ParamKindText(TypedDict):
    """A short text."""

    kind: Literal["text"]


# The value that a parameter of a model's own takes.
ParamKind = Union[ParamKindChoice, ParamKindNumber, ParamKindBoolean, ParamKindText]


class ParamRecord(TypedDict):
    """A parameter of a model's own, beyond the common controls."""

    name: str
    """The name used on the wire."""
    description: str
    """What it does, in one sentence."""
    value: ParamKind
    """What it takes."""
    default: Any
    """What the model takes when nothing is said."""


class Permissions(TypedDict):
    """What a backend's manifest asks for."""

    http: list[str]
    """Origins that it wants to reach through the host, exact, such as `https://api.example.org`."""
    secrets: list[str]
    """Names of stored credentials that the host is to put into its requests."""
    read: list[str]
    """Paths that it wants to read."""
    gpu: bool
    """It wants a graphics processor."""


class _PictureInfoRequired(TypedDict):
    format: PixelFormat
    """The stored format: `gray8`, `rgba8`, `rgba16` or `rgbaf32`."""
    width: int
    """Pixels across."""
    height: int
    """Pixels down."""


class PictureInfo(_PictureInfoRequired, total=False):
    """The shape of a stored picture."""

    icc: BlobId
    """Its ICC profile, a blob of its own: all values are of that profile, also as floats.
    Absent: sRGB, or linear sRGB for `rgbaf32`.
    """


# How the samples of a picture lie in memory. Samples of more than one byte are little-endian.
PixelFormat = Literal[
    # One byte: masks, 0 keep, 255 may change.
    "gray8",
    # Red, green, blue, alpha; one byte each, straight alpha, display-referred.
    "rgba8",
    # Blue, green, red, alpha; one byte each. For editors; stored as `rgba8`.
    "bgra8",
    # Red, green, blue, alpha; two bytes each, straight alpha, display-referred.
    "rgba16",
    # Blue, green, red, alpha; two bytes each. For editors; stored as `rgba16`.
    "bgra16",
    # Red, green, blue, alpha; four-byte floats, straight alpha, unbounded. Scene-linear without a
    # profile, else in its values.
    "rgbaf32",
    # Red, green, blue, alpha; two-byte floats (IEEE half), straight alpha. For editors; stored as
    # `rgbaf32`.
    "rgbaf16",
    # Grey, alpha; one byte each, straight alpha. For editors; stored as `rgba8`.
    "graya8",
    # Grey, alpha; two bytes each, straight alpha. For editors; stored as `rgba16`.
    "graya16",
    # Grey, alpha; two-byte floats (IEEE half), straight alpha. For editors; stored as `rgbaf32`.
    "grayaf16",
    # Grey, alpha; four-byte floats, straight alpha. For editors; stored as `rgbaf32`.
    "grayaf32",
]


class _PlanParamsRequired(TypedDict):
    ask: Ask
    """What would be asked."""


class PlanParams(_PlanParamsRequired, total=False):
    """`transform.plan`: a dry run."""

    shape: AskShape | None
    """The shape of pictures that are not uploaded yet: no blob is then looked at. Price, size
    and reasons are those of uploaded ones.
    """


# What matters most when a model is chosen.
Prefer = Literal[
    # A good result at a fair price.
    "balance",
    # The result.
    "quality",
    # The time.
    "speed",
    # The price.
    "price",
]


class Price(TypedDict):
    """What a run costs, as far as it can be known before. What does not apply is 0 or empty. One
    output picture costs `per_picture`, or what `per_size` or the first fitting step says, and
    each megapixel that it has beyond the first costs `per_megapixel`; inputs cost on top.
    """

    per_picture: float
    """The amount for one output picture."""
    per_size: dict[str, float]
    """The same by the name of the size that was asked for."""
    steps: list[PriceStep]
    """The same by how many megapixels the picture has, the smallest step first."""
    per_megapixel: float
    """For each megapixel of an output picture beyond the first, begun ones included."""
    per_input_megapixel: float
    """For each megapixel that is sent, the source and the references, begun ones included."""
    per_reference: float
    """For each reference."""
    currency: str
    """ISO 4217 code, such as `USD`."""
    as_of: str
    """The day on which the price was read, as `YYYY-MM-DD`."""


class PriceStep(TypedDict):
    """One step of a price."""

    up_to_megapixels: float
    """Up to so many megapixels."""
    per_picture: float
    """The amount for one output picture."""


# Whether a model reads a prompt.
PromptSupport = Literal[
    # It reads none: a prompt is matched to a named style, visibly, or refused.
    "none",
    # It works with or without one.
    "optional",
    # It does nothing without one.
    "required",
]


class _ProvenanceRequired(TypedDict):
    model: str
    """The model's id."""
    backend: str
    """The backend's id."""
    backend_version: str
    """The backend's version."""
    source: BlobId
    """The picture it was made from."""
    params: RunParams
    """What the model was told."""
    milliseconds: int
    """How long the run took, in milliseconds."""


class Provenance(_ProvenanceRequired, total=False):
    """Where an artifact comes from: enough to make it again."""

    mask: BlobId
    """The mask it was made through."""
    references: list[BlobId]
    """The references it was made with, in order."""
    request_id: str
    """The provider's own name for the request: what its support asks for."""
    seed: int
    """The seed that the model says it used."""


class RecipeCheckParams(TypedDict):
    """`recipe.check`."""

    text: str
    """The recipe: TOML."""


class _RecipeDiagnosticRequired(TypedDict):
    severity: RecipeSeverity
    """How bad it is."""
    code: str
    """The stable part, such as `unknown-key`."""
    message: str
    """What is wrong."""
    line: int
    """The line on which it begins, from 1."""
    column: int
    """The character of that line, from 1."""
    end_line: int
    """The line on which it ends, from 1."""
    end_column: int
    """The character of that line behind its end, from 1."""


class RecipeDiagnostic(_RecipeDiagnosticRequired, total=False):
    """Something to say about a place in a recipe."""

    hint: str
    """What to do."""


class RecipeList(TypedDict):
    """`recipe.list`."""

    recipes: list[RecipeRecord]
    """Sorted by title."""
    folder: str
    """The folder that they are looked for in."""


class _RecipeRecordRequired(TypedDict):
    name: str
    """The name to run it by: the file's name without its end."""
    path: str
    """Its file."""
    title: str
    """What menus show."""
    intents: list[Intent]
    """The intents of its steps, in order."""
    models: list[str]
    """The models that it names, first choices only, `auto` included."""
    results: int
    """How many pictures it gives of one."""
    price: list[Money]
    """About what one picture of a megapixel costs, by currency; empty: nothing."""


class RecipeRecord(_RecipeRecordRequired, total=False):
    """A recipe that is at hand by its name."""

    description: str
    """What it is for."""
    failure: Failure
    """Why it cannot run, where it cannot; the fields above are then as far as they could be
    read.
    """


class RecipeReport(TypedDict):
    """What is to be said about a recipe."""

    runs: bool
    """It can run: nothing in it is an error."""
    diagnostics: list[RecipeDiagnostic]
    """In the order of the text."""


class RecipeRunParams(TypedDict, total=False):
    """`recipe.run`: a stored picture or, for a program on this machine, a file."""

    again: bool
    """Do it although the same recipe was run on the same picture before."""
    client: str | None
    """Who asks."""
    file: str | None
    """The picture as a file, in place of `source`: its results are written into `out`."""
    key: str
    """Made by the client, 1 to 100 characters: the same key returns the same run."""
    mask: BlobId | None
    """Where steps may change it that have no mask of their own: `gray8`, as large as the source."""
    origin: Origin | None
    """Where the source lies in an editor's document."""
    out: str | None
    """The folder for the results of `file`."""
    recipe: str
    """A recipe by the name in `recipe.list`; or the path of its file, for a program on this
    machine alone.
    """
    source: BlobId | None
    """The picture that is to be changed."""
    title: str | None
    """What the picture is called: fills `{name}`."""


# How bad a diagnostic is.
RecipeSeverity = Literal[
    # It cannot run.
    "error",
    # It runs, and probably not as meant.
    "warning",
    # Good to know.
    "information",
]


class Reference(TypedDict):
    """A picture of a set."""

    blob: BlobId
    """Its pixels."""
    width: int
    """Pixels across."""
    height: int
    """Pixels down."""


class ReferenceList(TypedDict):
    """`reference.list`."""

    sets: list[ReferenceSet]
    """Sorted by name, upper and lower case alike."""


class ReferenceParams(TypedDict):
    """`reference.remove`."""

    name: str
    """The set's name."""


class ReferenceSaveParams(TypedDict):
    """`reference.save`: makes a set, or replaces the one of this name."""

    name: str
    """Its name: 1 to 100 characters without control characters. White space around it is cut
    off.
    """
    blobs: list[BlobId]
    """Its pictures in order, 1 to 16, uploaded before. A picture named twice is refused."""


class ReferenceSet(TypedDict):
    """A named set of references. Its pictures stay as long as it does."""

    name: str
    """Its name."""
    references: list[Reference]
    """Its pictures, in order."""
    updated: int
    """When it was saved last."""


class Region(TypedDict):
    """A rectangle in pixels of the source picture."""

    x: int
    """Pixels from the left edge."""
    y: int
    """Pixels from the top edge."""
    width: int
    """Pixels across, at least 1."""
    height: int
    """Pixels down, at least 1."""


class _RetryParamsRequired(TypedDict):
    id: str
    """The job's id."""


class RetryParams(_RetryParamsRequired, total=False):
    """`job.retry`."""

    pay_again: bool
    """It may be charged a second time. Without this, a job that was, or may have been, charged
    is not sent again.
    """


class _RunGetParamsRequired(TypedDict):
    id: str
    """The run's id."""


class RunGetParams(_RunGetParamsRequired, total=False):
    """`run.get`: returns at once, or when the run has ended or the time is over."""

    wait_ms: int
    """How long to wait for its end, in milliseconds, 0 to 60,000."""


class RunIdParams(TypedDict):
    """`run.cancel`."""

    id: str
    """The run's id."""


class _RunParamsRequired(TypedDict):
    intent: Intent
    """What kind of change."""
    count: int
    """How many pictures."""
    scale: int
    """By how much the result is larger than the source."""


class RunParams(_RunParamsRequired, total=False):
    """What `run` is told beside the pixels: the JSON in `easel_request.params`. The host has
    checked it against the model's record; absent fields were not asked for.
    """

    expand: Margins
    """By how much the picture is to grow; only with the intent `expand`."""
    keep: list[Keep]
    """What must stay."""
    params: dict[str, Any]
    """Parameters of the model's own, defaults filled in."""
    prompt: str
    """The prompt, compiled into the model's own style of prompt."""
    seed: int
    """The seed."""
    size: str
    """The resolution that is wanted, by the name in the model's record."""
    strength: float
    """How much of the change is wanted, 0..=1."""
    style: list[StyleWeight]
    """Styles by name with their weights, which add up to 1."""
    wire: dict[str, Any]
    """The `wire` of the model's record."""


class _RunRecordRequired(TypedDict):
    id: str
    """The id: sorts by time."""
    key: str
    """The client's key."""
    recipe: str
    """What the recipe is called."""
    state: JobState
    """Where it stands."""
    done: int
    """How many of its transforms are done."""
    total: int
    """How many there are in all, as far as is known."""
    transforms: list[str]
    """The transforms so far, in the order of their submission. The key of each says where in the
    run it belongs: `ID.CELL.STEP.CHOICE.FALLBACK`, each number from 0, with the run's id, the
    cell of the matrix, the model that is compared and the one in its chain;
    `ID.CELL.STEP.mask.…` only found the subject.
    """
    results: list[RunResult]
    """What came out; empty until it is done."""
    files: list[str]
    """The files that were written, where it ran on a file; the sheet comes last."""
    notes: list[str]
    """What a person should know: which fallback was taken and why."""
    cost: list[Money]
    """What it cost, by currency."""
    created: int
    """When it was stored."""


class RunRecord(_RunRecordRequired, total=False):
    """A recipe on its way over one picture."""

    failure: Failure
    """Why it failed."""
    finished: int
    """When it reached a final state."""


class _RunResultRequired(TypedDict):
    name: str
    """Its name within the run: what the recipe's `output.name` says."""
    axes: dict[str, str]
    """The values of the matrix that it was made with."""
    model: str
    """The model of the last step."""
    artifact: Artifact
    """The last step's artifact. Its blob covers the whole picture or, with a mask,
    `artifact.place`.
    """


class RunResult(_RunResultRequired, total=False):
    """One picture that a recipe made."""

    file: str
    """The file that was written, where one was."""


class SearchParams(TypedDict, total=False):
    """`transform.search`: rows for a list that shows a part of very many, newest first."""

    client: str | None
    """Only those of this client: what `ask.client` says."""
    folder: str | None
    """Only those of this watched folder, by its id or path."""
    limit: int | None
    """At most so many rows, 1 to 500. Default 100."""
    model: str | None
    """Only those that asked this model, by its id."""
    offset: int
    """How many of what is found to pass over. Default 0."""
    since: int | None
    """Only those stored at this moment or later."""
    text: str | None
    """Only those with this in the prompt, the title, or the id or label of a model, in upper or
    lower case.
    """
    until: int | None
    """Only those stored before this moment. A list that keeps it stays the same while new ones
    come.
    """


# How well a seed repeats a picture.
SeedSupport = Literal[
    # There is no seed; giving one is refused.
    "none",
    # The same seed gives a similar picture.
    "hint",
    # The same seed gives the same bits on the same machine.
    "exact",
]


class ServerInfo(TypedDict):
    """`server.info`."""

    version: str
    """The daemon's version."""
    protocol: int
    """The version of this protocol; grows when a method or field is added."""
    pid: int
    """The process id."""
    started: int
    """When it started."""
    data_dir: str
    """The data folder."""
    last_event: int
    """The number of the newest event."""
    queued: int
    """Jobs that wait."""
    running: int
    """Jobs that run."""
    limits: Limits
    """What a request may carry."""


class ShutdownReport(TypedDict):
    """`server.shutdown`."""

    parked: int
    """Jobs that were running and will go on after the next start."""


class SizeOffer(TypedDict):
    """A resolution that a model offers by name."""

    name: str
    """The name used on the wire, such as `2K`."""
    side: int
    """The side of a square of as many pixels."""


class SizeRecord(TypedDict):
    """Which sizes a model takes, in pixels of its input."""

    multiple_of: int
    """Width and height are multiples of this; the host pads by reflection."""
    min_side: int
    """The shortest side that works."""
    max_side: int
    """The longest side that works."""
    max_pixels: int
    """The most pixels that work."""
    oversize: Oversize
    """What happens beyond the limits."""
    overlap: int
    """By how many pixels tiles overlap, where `oversize` is `tile`."""
    aspects: list[list[int]]
    """The aspects that it takes, as width to height; the host pads by reflection to the nearest.
    Empty: any.
    """


class Spend(TypedDict):
    """What one model has cost."""

    model: str
    """The model's id."""
    currency: str
    """ISO 4217 code."""
    jobs: int
    """Jobs that were paid for."""
    spent: float
    """What they cost: what the provider said, or else the estimate."""
    estimated: float
    """What they were estimated at."""
    free: int
    """Jobs that failed without cost."""
    maybe: int
    """Jobs of which nobody knows whether they were charged; not part of `spent`."""
    maybe_spent: float
    """What those would cost."""
    reserved: float
    """The estimate of what waits and runs."""


class SpendParams(TypedDict, total=False):
    """`spend.get`."""

    days: int
    """How many days back. Default 30."""


class SpendReport(TypedDict):
    """The answer to `spend.get` and `budget.set`."""

    since: int
    """From when on."""
    models: list[Spend]
    """By model, the dearest first."""
    budgets: list[Budget]
    """The caps."""


class StyleRecord(TypedDict):
    """A style that is chosen by name."""

    name: str
    """The name used on the wire: lower case, words joined by `-`."""
    description: str
    """What it looks like, in a few words."""
    strong: bool
    """It destroys much of the content: screens mark it."""


class _StyleWeightRequired(TypedDict):
    name: str
    """A name from the model's record."""


class StyleWeight(_StyleWeightRequired, total=False):
    """A style and its share of a blend."""

    weight: float
    """Its share, above 0; shares are divided by their sum."""


class _SubmitParamsRequired(TypedDict):
    key: str
    """Made by the client, 1 to 128 characters: the same key returns the same transform and runs
    nothing twice.
    """
    ask: Ask
    """What is asked."""


class SubmitParams(_SubmitParamsRequired, total=False):
    """`transform.submit`."""

    folder: str | None
    """The watched folder on whose budget it goes."""


class TransformGetParams(TypedDict):
    """`transform.get`."""

    id: str
    """The transform's id."""


class TransformList(TypedDict):
    """A page of transforms."""

    transforms: list[TransformRecord]
    """Newest first."""


class TransformPlan(TypedDict):
    """What each model would be given, and what it would cost. Nothing is sent."""

    jobs: list[JobPlan]
    """One entry a model, in the ask's order."""


class TransformRecord(TypedDict):
    """A stored transform with its jobs."""

    id: str
    """The id: sorts by time."""
    key: str
    """The client's key."""
    ask: Ask
    """What was asked."""
    created: int
    """When it was stored."""
    jobs: list[JobRecord]
    """One job a model, in the ask's order."""


class _TransformRowRequired(TypedDict):
    id: str
    """The id: sorts by time."""
    created: int
    """When it was stored."""
    intent: Intent
    """What kind of change."""
    source: BlobId
    """The picture that was to be changed."""
    jobs: list[JobRow]
    """One entry a job, in the ask's order."""


class TransformRow(_TransformRowRequired, total=False):
    """One transform as a row of a list."""

    client: str
    """Who asked."""
    folder: str
    """The path of the watched folder that it ran for."""
    parent: str
    """The artifact that it goes on from."""
    parent_transform: str
    """The transform that made that artifact, where it is still known."""
    prompt: str
    """What should change, in words."""
    title: str
    """What the source is called where it comes from."""


class TransformRows(TypedDict):
    """The answer to `transform.search`."""

    total: int
    """How many were found in all."""
    rows: list[TransformRow]
    """Newest first."""


def _given(**params: Any) -> dict[str, Any]:
    return {name: value for name, value in params.items() if value is not None}


class Methods:
    """Every method as a call. What is left out is left to the daemon. The class below says how a
    call is made.
    """

    def _call(self, name: str, params: dict[str, Any]) -> Any:
        raise NotImplementedError

    def server_info(self) -> ServerInfo:
        """Says what this daemon is and how busy it is."""
        result: ServerInfo = self._call("server.info", {})
        return result

    def server_shutdown(self) -> ShutdownReport:
        """Ends the daemon; running jobs are parked and go on after the next start."""
        result: ShutdownReport = self._call("server.shutdown", {})
        return result

    def backend_list(self) -> BackendList:
        """Lists the backends found on this machine, usable or not."""
        result: BackendList = self._call("backend.list", {})
        return result

    def backend_trust(self, *, id: str) -> BackendRecord:
        """Pins the hash of a backend's library: it may run until its file changes. Ends a
        quarantine.

        id: The backend's id.
        """
        result: BackendRecord = self._call("backend.trust", _given(id=id))
        return result

    def backend_enable(self, *, id: str) -> BackendRecord:
        """Switches a backend on again.

        id: The backend's id.
        """
        result: BackendRecord = self._call("backend.enable", _given(id=id))
        return result

    def backend_disable(self, *, id: str) -> BackendRecord:
        """Switches a backend off.

        id: The backend's id.
        """
        result: BackendRecord = self._call("backend.disable", _given(id=id))
        return result

    def model_list(self) -> ModelList:
        """Lists the models with their capability records."""
        result: ModelList = self._call("model.list", {})
        return result

    def model_advise(
        self, *, ask: Ask, prefer: Prefer | None = None, shape: AskShape | None = None
    ) -> Advice:
        """Ranks the models for an ask and says why; nothing is stored or sent.

        ask: What is to be done; its models are not looked at.
        prefer: What matters most.
        shape: The shape of pictures that are not uploaded yet: no blob is then looked at.
        """
        result: Advice = self._call("model.advise", _given(ask=ask, prefer=prefer, shape=shape))
        return result

    def transform_plan(self, *, ask: Ask, shape: AskShape | None = None) -> TransformPlan:
        """Shows what each model would be given and what it would cost; nothing is stored or sent.

        ask: What would be asked.
        shape: The shape of pictures that are not uploaded yet: no blob is then looked at.
            Price, size and reasons are those of uploaded ones.
        """
        result: TransformPlan = self._call("transform.plan", _given(ask=ask, shape=shape))
        return result

    def transform_submit(self, *, key: str, ask: Ask, folder: str | None = None) -> TransformRecord:
        """Stores a transform and its jobs, then answers; the same key returns the same transform.

        key: Made by the client, 1 to 128 characters: the same key returns the same transform
            and runs nothing twice.
        ask: What is asked.
        folder: The watched folder on whose budget it goes.
        """
        result: TransformRecord = self._call(
            "transform.submit", _given(key=key, ask=ask, folder=folder)
        )
        return result

    def transform_get(self, *, id: str) -> TransformRecord:
        """Returns one transform with its jobs.

        id: The transform's id.
        """
        result: TransformRecord = self._call("transform.get", _given(id=id))
        return result

    def transform_list(
        self,
        *,
        before: str | None = None,
        client: str | None = None,
        document: str | None = None,
        limit: int | None = None,
        text: str | None = None,
    ) -> TransformList:
        """Lists transforms, newest first.

        before: Only those older than this id: the last of the page before.
        client: Only those of this client: what `ask.client` says.
        document: Only those of this document: what `ask.origin.document` says.
        limit: At most so many, 1 to 500. Default 50.
        text: Only those with this in the prompt, the title, or the id or label of a model, in
            upper or lower case.
        """
        result: TransformList = self._call(
            "transform.list",
            _given(before=before, client=client, document=document, limit=limit, text=text),
        )
        return result

    def transform_search(
        self,
        *,
        client: str | None = None,
        folder: str | None = None,
        limit: int | None = None,
        model: str | None = None,
        offset: int | None = None,
        since: int | None = None,
        text: str | None = None,
        until: int | None = None,
    ) -> TransformRows:
        """Finds transforms, newest first, as short rows with how many there are in all.

        client: Only those of this client: what `ask.client` says.
        folder: Only those of this watched folder, by its id or path.
        limit: At most so many rows, 1 to 500. Default 100.
        model: Only those that asked this model, by its id.
        offset: How many of what is found to pass over. Default 0.
        since: Only those stored at this moment or later.
        text: Only those with this in the prompt, the title, or the id or label of a model, in
            upper or lower case.
        until: Only those stored before this moment. A list that keeps it stays the same while
            new ones come.
        """
        result: TransformRows = self._call(
            "transform.search",
            _given(
                client=client,
                folder=folder,
                limit=limit,
                model=model,
                offset=offset,
                since=since,
                text=text,
                until=until,
            ),
        )
        return result

    def transform_lineage(self, *, id: str) -> Lineage:
        """Returns what a transform goes back to and what came of it.

        id: The transform's id.
        """
        result: Lineage = self._call("transform.lineage", _given(id=id))
        return result

    def job_get(self, *, id: str) -> JobRecord:
        """Returns one job.

        id: The job's id.
        """
        result: JobRecord = self._call("job.get", _given(id=id))
        return result

    def job_list(
        self, *, before: str | None = None, limit: int | None = None, state: JobState | None = None
    ) -> JobList:
        """Lists jobs, newest first.

        before: Only those older than this id: the last of the page before.
        limit: At most so many, 1 to 500. Default 50.
        state: Only those in this state.
        """
        result: JobList = self._call("job.list", _given(before=before, limit=limit, state=state))
        return result

    def job_events(
        self,
        *,
        after: int | None = None,
        limit: int | None = None,
        transform: str | None = None,
        wait_ms: int | None = None,
    ) -> EventPage:
        """Returns events after a number, and waits for the first one if asked to.

        after: Only events with a greater number. Default 0: from the beginning.
        limit: At most so many, 1 to 1,000. Default 1,000.
        transform: Only events of this transform.
        wait_ms: How long to wait for the first event, in milliseconds, 0 to 60,000. Default 0.
            Without meaning for `job.subscribe`.
        """
        result: EventPage = self._call(
            "job.events", _given(after=after, limit=limit, transform=transform, wait_ms=wait_ms)
        )
        return result

    def job_cancel(self, *, id: str) -> JobRecord:
        """Asks a job to stop; a waiting job is cancelled at once.

        id: The job's id.
        """
        result: JobRecord = self._call("job.cancel", _given(id=id))
        return result

    def job_retry(self, *, id: str, pay_again: bool | None = None) -> JobRecord:
        """Queues a failed or cancelled job again; one that may have been charged only with
        `pay_again`.

        id: The job's id.
        pay_again: It may be charged a second time. Without this, a job that was, or may have
            been, charged is not sent again.
        """
        result: JobRecord = self._call("job.retry", _given(id=id, pay_again=pay_again))
        return result

    def artifact_discard(self, *, id: str) -> Artifact:
        """Puts a picture away: it stays, and histories hide it.

        id: The artifact's id.
        """
        result: Artifact = self._call("artifact.discard", _given(id=id))
        return result

    def artifact_restore(self, *, id: str) -> Artifact:
        """Takes a picture back that was put away.

        id: The artifact's id.
        """
        result: Artifact = self._call("artifact.restore", _given(id=id))
        return result

    def reference_save(self, *, name: str, blobs: list[BlobId]) -> ReferenceSet:
        """Keeps pictures as a named set of references, in place of an earlier one of that name.

        name: Its name: 1 to 100 characters without control characters. White space around it is
            cut off.
        blobs: Its pictures in order, 1 to 16, uploaded before. A picture named twice is
            refused.
        """
        result: ReferenceSet = self._call("reference.save", _given(name=name, blobs=blobs))
        return result

    def reference_list(self) -> ReferenceList:
        """Lists the named sets of references, sorted by name."""
        result: ReferenceList = self._call("reference.list", {})
        return result

    def reference_remove(self, *, name: str) -> ReferenceSet:
        """Forgets a named set of references and returns it; transforms keep their pictures.

        name: The set's name.
        """
        result: ReferenceSet = self._call("reference.remove", _given(name=name))
        return result

    def recipe_check(self, *, text: str) -> RecipeReport:
        """Reads a recipe and says what is wrong with it and what it would cost; nothing is stored
        or sent.

        text: The recipe: TOML.
        """
        result: RecipeReport = self._call("recipe.check", _given(text=text))
        return result

    def recipe_list(self) -> RecipeList:
        """Lists the recipes that are at hand by name."""
        result: RecipeList = self._call("recipe.list", {})
        return result

    def recipe_run(
        self,
        *,
        again: bool | None = None,
        client: str | None = None,
        file: str | None = None,
        key: str | None = None,
        mask: BlobId | None = None,
        origin: Origin | None = None,
        out: str | None = None,
        recipe: str | None = None,
        source: BlobId | None = None,
        title: str | None = None,
    ) -> RunRecord:
        """Runs a recipe on a picture, step by step; the same key returns the same run.

        again: Do it although the same recipe was run on the same picture before.
        client: Who asks.
        file: The picture as a file, in place of `source`: its results are written into `out`.
        key: Made by the client, 1 to 100 characters: the same key returns the same run.
        mask: Where steps may change it that have no mask of their own: `gray8`, as large as the
            source.
        origin: Where the source lies in an editor's document.
        out: The folder for the results of `file`.
        recipe: A recipe by the name in `recipe.list`; or the path of its file, for a program on
            this machine alone.
        source: The picture that is to be changed.
        title: What the picture is called: fills `{name}`.
        """
        result: RunRecord = self._call(
            "recipe.run",
            _given(
                again=again,
                client=client,
                file=file,
                key=key,
                mask=mask,
                origin=origin,
                out=out,
                recipe=recipe,
                source=source,
                title=title,
            ),
        )
        return result

    def run_get(self, *, id: str, wait_ms: int | None = None) -> RunRecord:
        """Returns a recipe's run, and waits for its end if asked to.

        id: The run's id.
        wait_ms: How long to wait for its end, in milliseconds, 0 to 60,000.
        """
        result: RunRecord = self._call("run.get", _given(id=id, wait_ms=wait_ms))
        return result

    def run_cancel(self, *, id: str) -> RunRecord:
        """Asks a recipe's run to stop.

        id: The run's id.
        """
        result: RunRecord = self._call("run.cancel", _given(id=id))
        return result

    def folder_add(self, *, folder: FolderSpec, dry_run: bool | None = None) -> FolderAnswer:
        """Watches a folder with a recipe; with `dry_run` it only says what that would do and cost.

        folder: What to watch. A folder of the same path is replaced; what was done in it stays
            done.
        dry_run: Say what would happen to the files that are there, and what it would cost;
            change nothing.
        """
        result: FolderAnswer = self._call("folder.add", _given(folder=folder, dry_run=dry_run))
        return result

    def folder_list(self) -> FolderList:
        """Lists the watched folders and how they stand."""
        result: FolderList = self._call("folder.list", {})
        return result

    def folder_status(self, *, folder: str) -> FolderRecord:
        """Returns one watched folder and how it stands.

        folder: The folder's id or path.
        """
        result: FolderRecord = self._call("folder.status", _given(folder=folder))
        return result

    def folder_remove(self, *, folder: str) -> FolderRecord:
        """Watches a folder no more; its files and results stay.

        folder: The folder's id or path.
        """
        result: FolderRecord = self._call("folder.remove", _given(folder=folder))
        return result

    def folder_pause(self, *, folder: str) -> FolderRecord:
        """Takes no further file of a folder until it is resumed.

        folder: The folder's id or path.
        """
        result: FolderRecord = self._call("folder.pause", _given(folder=folder))
        return result

    def folder_resume(self, *, folder: str) -> FolderRecord:
        """Goes on with a folder that was paused or is held.

        folder: The folder's id or path.
        """
        result: FolderRecord = self._call("folder.resume", _given(folder=folder))
        return result

    def folder_scan(
        self, *, folder: str, again: bool | None = None, dry_run: bool | None = None
    ) -> FolderAnswer:
        """Looks through a folder now; `again` also does what an earlier version of the recipe did,
        `dry_run` only prices it.

        folder: The folder's id or path.
        again: Also do again what was done with an earlier version of the recipe. It may cost
            again.
        dry_run: Say what would happen and what it would cost; change nothing.
        """
        result: FolderAnswer = self._call(
            "folder.scan", _given(folder=folder, again=again, dry_run=dry_run)
        )
        return result

    def folder_files(
        self, *, folder: str, limit: int | None = None, state: FileState | None = None
    ) -> FileList:
        """Lists the files of a folder, newest first.

        folder: The folder's id or path.
        limit: At most so many, 1 to 1,000. Default 100.
        state: Only those in this state.
        """
        result: FileList = self._call(
            "folder.files", _given(folder=folder, limit=limit, state=state)
        )
        return result

    def folder_retry(
        self, *, folder: str, files: list[str] | None = None, pay_again: bool | None = None
    ) -> FolderRetryReport:
        """Takes failed files up again.

        folder: The folder's id or path.
        files: Files below it, as `folder.files` names them. Empty: every failed one.
        pay_again: Also those that may have been charged, which may be charged a second time.
        """
        result: FolderRetryReport = self._call(
            "folder.retry", _given(folder=folder, files=files, pay_again=pay_again)
        )
        return result

    def key_list(self) -> KeyList:
        """Lists the keys that backends ask for and where they are, never the keys."""
        result: KeyList = self._call("key.list", {})
        return result

    def key_set(self, *, name: str, value: str) -> KeyRecord:
        """Stores a key in the keychain, or where there is none in a file for this user alone.

        name: The name that a backend's manifest gives it, such as `gemini`.
        value: The key itself. It is stored and never read back.
        """
        result: KeyRecord = self._call("key.set", _given(name=name, value=value))
        return result

    def key_remove(self, *, name: str) -> KeyRecord:
        """Forgets a stored key.

        name: The key's name.
        """
        result: KeyRecord = self._call("key.remove", _given(name=name))
        return result

    def key_test(self, *, name: str) -> KeyTest:
        """Asks the provider whether it accepts a key; costs nothing.

        name: The key's name.
        """
        result: KeyTest = self._call("key.test", _given(name=name))
        return result

    def spend_get(self, *, days: int | None = None) -> SpendReport:
        """Says what was spent, by model, and how much of each budget is used up.

        days: How many days back. Default 30.
        """
        result: SpendReport = self._call("spend.get", _given(days=days))
        return result

    def budget_set(
        self, *, amount: float | None = None, currency: str | None = None, folder: str | None = None
    ) -> SpendReport:
        """Caps what may be spent within any 24 hours, in all or for a folder.

        amount: The cap; absent: there is none any more.
        currency: ISO 4217 code. Default `USD`.
        folder: Only for what this folder asks for; absent: for everything.
        """
        result: SpendReport = self._call(
            "budget.set", _given(amount=amount, currency=currency, folder=folder)
        )
        return result

    def pairing_start(self) -> PairingCode:
        """Makes a code with which one further client can be let in."""
        result: PairingCode = self._call("pairing.start", {})
        return result

    def pairing_finish(self, *, code: str, client: str) -> PairingToken:
        """Exchanges a code for a token; the one method that needs none.

        code: The code, used up by this call.
        client: What asks, for the list of paired clients: `figma`, `web`, …
        """
        result: PairingToken = self._call("pairing.finish", _given(code=code, client=client))
        return result

    def pairing_list(self) -> PairedList:
        """Lists the clients that were let in with a code."""
        result: PairedList = self._call("pairing.list", {})
        return result

    def pairing_remove(self, *, client: str) -> PairedList:
        """Lets a client in no more; returns who was removed.

        client: The client's id, or a name for all that are called so.
        """
        result: PairedList = self._call("pairing.remove", _given(client=client))
        return result

    def store_gc(
        self, *, dry_run: bool | None = None, older_than_days: int | None = None
    ) -> GcReport:
        """Removes what nothing refers to, and old transforms where asked to.

        dry_run: Say what would go, and touch nothing.
        older_than_days: Also forget transforms that ended more than so many days ago. Default:
            none are forgotten.
        """
        result: GcReport = self._call(
            "store.gc", _given(dry_run=dry_run, older_than_days=older_than_days)
        )
        return result
