//! What recipes made: of which content, so that nothing is done or paid for again, and under which names, so that
//! Easel knows its own files among everybody's.

use std::path::{Path, PathBuf};

use easel_protocol::Failure;
use easel_protocol::job::Timestamp;
use easel_protocol::picture::BlobId;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

use super::files::{bytes_of, path_from};
use super::{Durability, Store, Stored};

/// A file that a recipe wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The hash of its bytes.
    pub hash: String,
    /// Where, absolute.
    pub target: PathBuf,
    /// The file that it was made of, absolute.
    pub source: PathBuf,
    /// The watched folder, or the recipe where none was watched.
    pub maker: String,
}

/// One result of a recipe on a content, as it is remembered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// What its name is made of beside the source's: axes, model, number; nothing for the sheet.
    pub parts: serde_json::Value,
    /// The end of its name, without the dot.
    pub extension: String,
    /// The hash of its bytes.
    pub hash: String,
    /// Where it was written, absolute.
    pub target: String,
    /// Its bytes, where they were paid for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blob: Option<BlobId>,
    /// What the file beside it says, without what depends on names.
    pub sidecar: serde_json::Value,
}

/// What something was made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// The hash of the source's bytes.
    pub source: String,
    /// The facts that the recipe's steps depend on, as one text.
    pub facts: String,
    /// The watched folder; empty: none.
    pub folder: String,
}

/// What was made of a content.
#[derive(Clone, Debug, PartialEq)]
pub struct Remembered {
    /// The recipe's version.
    pub version: String,
    /// The file it was made of then, absolute.
    pub path: PathBuf,
    /// What was written.
    pub outputs: Vec<Output>,
}

impl Store {
    /// What a version of a recipe made of a content, with these facts.
    pub fn remembered(
        &self,
        source: &str,
        version: &str,
        facts: &str,
    ) -> Result<Option<Remembered>, Failure> {
        self.read(|connection| Ok(exact(connection, source, version, facts)?))
    }

    /// What any version made of a content in a folder, newest first.
    pub fn remembered_in(&self, folder: &str, source: &str) -> Result<Vec<Remembered>, Failure> {
        self.read(|connection| Ok(in_folder(connection, folder, source)?))
    }

    /// Stores what was made, before any of it is put in its place.
    pub fn remember(
        &self,
        content: Content,
        remembered: Remembered,
        made: Vec<Made>,
        durability: Durability,
        now: Timestamp,
    ) -> Result<(), Failure> {
        self.write(durability, move |connection| {
            let Content { source, facts, folder } = &content;
            put(connection, source, facts, folder, &remembered, now)?;
            Ok(put_made(connection, &made, now)?)
        })
    }

    /// Stores which files are about to be put in their places.
    pub fn make(&self, made: Vec<Made>, now: Timestamp) -> Result<(), Failure> {
        self.write(Durability::Lazy, move |connection| Ok(put_made(connection, &made, now)?))
    }

    /// The file that Easel wrote with these bytes, where it did.
    pub fn made_with(&self, hash: &str) -> Result<Option<Made>, Failure> {
        self.read(|connection| Ok(one(connection, "hash = ?1", hash)?))
    }

    /// The last file that Easel wrote under a name, in upper or lower case.
    pub fn made_at(&self, target: &Path) -> Result<Option<Made>, Failure> {
        self.read(|connection| Ok(one(connection, "key = ?1 ORDER BY time DESC", &key(target))?))
    }
}

/// Names that a file system may take for one another are one.
fn key(target: &Path) -> String {
    target.to_string_lossy().to_lowercase()
}

fn exact(
    connection: &Connection,
    source: &str,
    version: &str,
    facts: &str,
) -> Stored<Option<Remembered>> {
    let row = connection
        .prepare_cached(
            "SELECT version, path, outputs FROM results WHERE source = ?1 AND version = ?2 AND facts = ?3",
        )?
        .query_row([source, version, facts], remembered_row)
        .optional()?;
    row.map(remembered).transpose()
}

fn in_folder(connection: &Connection, folder: &str, source: &str) -> Stored<Vec<Remembered>> {
    let mut statement = connection.prepare_cached(
        "SELECT version, path, outputs FROM results WHERE source = ?1 AND folder = ?2 ORDER BY created DESC LIMIT 16",
    )?;
    let rows = statement.query_map([source, folder], remembered_row)?;
    rows.map(|row| remembered(row?)).collect()
}

type RememberedRow = (String, Vec<u8>, String);

fn remembered_row(row: &Row<'_>) -> rusqlite::Result<RememberedRow> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}

fn remembered((version, path, outputs): RememberedRow) -> Stored<Remembered> {
    Ok(Remembered { version, path: path_from(path), outputs: serde_json::from_str(&outputs)? })
}

fn put(
    connection: &Connection,
    source: &str,
    facts: &str,
    folder: &str,
    remembered: &Remembered,
    now: Timestamp,
) -> Stored<()> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO results (source, version, facts, folder, path, outputs, created) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            source,
            remembered.version,
            facts,
            folder,
            bytes_of(&remembered.path),
            serde_json::to_string(&remembered.outputs)?,
            now
        ])?;
    Ok(())
}

fn put_made(connection: &Connection, made: &[Made], now: Timestamp) -> Stored<()> {
    let mut statement = connection.prepare_cached(
        "INSERT OR REPLACE INTO made (hash, key, target, source, time, maker) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for made in made {
        statement.execute(params![
            made.hash,
            key(&made.target),
            bytes_of(&made.target),
            bytes_of(&made.source),
            now,
            made.maker
        ])?;
    }
    Ok(())
}

fn one(connection: &Connection, filter: &str, value: &str) -> Stored<Option<Made>> {
    Ok(connection
        .prepare_cached(&format!(
            "SELECT hash, target, source, maker FROM made WHERE {filter} LIMIT 1"
        ))?
        .query_row([value], |row| {
            Ok(Made {
                hash: row.get(0)?,
                target: path_from(row.get(1)?),
                source: path_from(row.get(2)?),
                maker: row.get(3)?,
            })
        })
        .optional()?)
}

/// Every blob of bytes that were paid for.
pub(super) fn blobs(connection: &Connection) -> Stored<Vec<BlobId>> {
    let mut statement =
        connection.prepare("SELECT outputs FROM results WHERE outputs LIKE '%\"blob\"%'")?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let outputs: String = row.get(0)?;
        let outputs: Vec<Output> = serde_json::from_str(&outputs)?;
        found.extend(outputs.into_iter().filter_map(|output| output.blob));
    }
    Ok(found)
}

/// Every blob that a run which is still kept refers to.
pub(super) fn run_blobs(connection: &Connection) -> Stored<Vec<BlobId>> {
    let mut statement =
        connection.prepare("SELECT asked FROM runs WHERE state IN ('queued', 'running')")?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let asked: String = row.get(0)?;
        let run: super::StoredRun = serde_json::from_str(&asked)?;
        found.extend(run.params.source);
        found.extend(run.params.mask);
    }
    Ok(found)
}
