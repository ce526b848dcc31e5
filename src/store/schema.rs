//! The tables. The only place that makes them.

/// The schema, one step a version. Steps are only ever appended.
pub(super) const MIGRATIONS: &[&str] = &[
    "
CREATE TABLE transforms (
    id      TEXT PRIMARY KEY,
    key     TEXT NOT NULL UNIQUE,
    ask     TEXT NOT NULL,
    created INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE jobs (
    id               TEXT PRIMARY KEY,
    transform        TEXT NOT NULL REFERENCES transforms(id) ON DELETE CASCADE,
    position         INTEGER NOT NULL,
    model            TEXT NOT NULL,
    backend          TEXT NOT NULL,
    state            TEXT NOT NULL,
    attempts         INTEGER NOT NULL DEFAULT 0,
    cancel_requested INTEGER NOT NULL DEFAULT 0,
    progress         REAL,
    stage            TEXT,
    created          INTEGER NOT NULL,
    started          INTEGER,
    finished         INTEGER,
    failure          TEXT,
    plan             TEXT NOT NULL,
    checkpoint       BLOB
) WITHOUT ROWID;
CREATE INDEX jobs_by_transform ON jobs(transform, position);
CREATE INDEX jobs_unfinished ON jobs(state) WHERE state IN ('queued', 'running');

CREATE TABLE artifacts (
    job    TEXT NOT NULL REFERENCES jobs(id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    blob   TEXT NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (job, number)
) WITHOUT ROWID;

CREATE TABLE events (
    seq       INTEGER PRIMARY KEY AUTOINCREMENT,
    time      INTEGER NOT NULL,
    transform TEXT NOT NULL,
    job       TEXT NOT NULL,
    fact      TEXT NOT NULL
);
CREATE INDEX events_by_transform ON events(transform, seq);

CREATE TABLE clients (
    token_hash TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    created    INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE backends (
    id           TEXT PRIMARY KEY,
    trusted_hash TEXT,
    disabled     INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
",
    "
ALTER TABLE jobs ADD COLUMN report TEXT;

-- What was sent and may be paid for; without a status no answer is known.
CREATE TABLE exchanges (
    job     TEXT NOT NULL REFERENCES jobs(id) ON DELETE CASCADE,
    name    TEXT NOT NULL,
    status  INTEGER,
    headers TEXT,
    PRIMARY KEY (job, name)
) WITHOUT ROWID;

-- Stays when the history is cleaned up.
CREATE TABLE ledger (
    job      TEXT PRIMARY KEY,
    time     INTEGER NOT NULL,
    model    TEXT NOT NULL,
    folder   TEXT,
    currency TEXT NOT NULL,
    estimate REAL NOT NULL,
    actual   REAL,
    state    TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX ledger_by_time ON ledger(time);

CREATE TABLE budgets (
    folder   TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount   REAL NOT NULL,
    PRIMARY KEY (folder, currency)
) WITHOUT ROWID;
",
    "
-- Histories are read by document, by client and as a whole.
ALTER TABLE transforms ADD COLUMN client TEXT
    GENERATED ALWAYS AS (json_extract(ask, '$.client')) VIRTUAL;
ALTER TABLE transforms ADD COLUMN document TEXT
    GENERATED ALWAYS AS (json_extract(ask, '$.origin.document')) VIRTUAL;
CREATE INDEX transforms_by_document ON transforms(document, id) WHERE document IS NOT NULL;

-- Named sets of references: blobs with their sizes, as JSON.
CREATE TABLE reference_sets (
    name     TEXT PRIMARY KEY,
    pictures TEXT NOT NULL,
    updated  INTEGER NOT NULL
) WITHOUT ROWID;
",
    "
-- A recipe on its way over one picture. `asked` holds the recipe's text as it was when it was asked for.
CREATE TABLE runs (
    id     TEXT PRIMARY KEY,
    key    TEXT NOT NULL UNIQUE,
    asked  TEXT NOT NULL,
    record TEXT NOT NULL,
    state  TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX runs_unfinished ON runs(state) WHERE state IN ('queued', 'running');

CREATE TABLE folders (
    id       TEXT PRIMARY KEY,
    spec     TEXT NOT NULL,
    paused   INTEGER NOT NULL DEFAULT 0,
    declared INTEGER NOT NULL DEFAULT 0,
    removed  INTEGER NOT NULL DEFAULT 0,
    done     INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

-- The files that were seen whole: the queue, and what became of them. Paths are bytes: not all are text.
CREATE TABLE files (
    folder   TEXT NOT NULL,
    path     BLOB NOT NULL,
    size     INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    number   INTEGER NOT NULL,
    state    TEXT NOT NULL,
    changed  INTEGER NOT NULL,
    hash     TEXT,
    version  TEXT,
    outputs  TEXT,
    failure  TEXT,
    asked    INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (folder, path)
) WITHOUT ROWID;
CREATE INDEX files_by_state ON files(folder, state, changed);

-- What a recipe made of a content: whoever brings the same again is given this.
CREATE TABLE results (
    source  TEXT NOT NULL,
    version TEXT NOT NULL,
    facts   TEXT NOT NULL,
    folder  TEXT NOT NULL,
    path    BLOB NOT NULL,
    outputs TEXT NOT NULL,
    created INTEGER NOT NULL,
    PRIMARY KEY (source, version, facts)
) WITHOUT ROWID;
CREATE INDEX results_by_folder ON results(source, folder, created);

-- Every picture file that Easel wrote for a recipe, so that it is never taken for somebody else's, and that
-- nobody else's is written over.
CREATE TABLE made (
    hash   TEXT NOT NULL,
    key    TEXT NOT NULL,
    target BLOB NOT NULL,
    source BLOB NOT NULL,
    time   INTEGER NOT NULL,
    PRIMARY KEY (hash, key)
) WITHOUT ROWID;
CREATE INDEX made_by_key ON made(key);
",
    "
-- The watched folder, or the recipe that somebody ran: only whoever wrote a file writes over it.
ALTER TABLE made ADD COLUMN maker TEXT NOT NULL DEFAULT '';
",
    "
-- Histories are searched: what a text is looked for in, in lower case; filled in by `search::fill_words`.
ALTER TABLE transforms ADD COLUMN words TEXT;
-- The watched folder that it ran for.
ALTER TABLE transforms ADD COLUMN folder TEXT;
-- The artifact that it goes on from.
ALTER TABLE transforms ADD COLUMN parent TEXT
    GENERATED ALWAYS AS (json_extract(ask, '$.parent')) VIRTUAL;
CREATE INDEX transforms_by_parent ON transforms(parent) WHERE parent IS NOT NULL;
",
];
