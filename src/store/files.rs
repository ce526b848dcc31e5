//! The files of watched folders: the durable queue, and what became of each.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use easel_protocol::Failure;
use easel_protocol::folder::{FileRecord, FileState};
use easel_protocol::job::Timestamp;
use rusqlite::types::ToSql;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Durability, Store, Stored};

/// What tells a file from a later one under its name, without reading it. Compared for equality alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Stamp {
    /// Bytes.
    pub size: u64,
    /// When it was modified, in nanoseconds since 1970.
    pub modified: i64,
    /// The file's number in its file system.
    pub number: u64,
}

impl Stamp {
    /// The stamp of a file, from what the system says of it.
    pub fn of(metadata: &std::fs::Metadata) -> Stamp {
        let modified = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        let nanoseconds = |length: Duration| i64::try_from(length.as_nanos()).unwrap_or(i64::MAX);
        let modified = match modified.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => nanoseconds(after),
            Err(before) => -nanoseconds(before.duration()),
        };
        #[cfg(unix)]
        let number = std::os::unix::fs::MetadataExt::ino(metadata);
        #[cfg(not(unix))]
        let number = 0;
        Stamp { size: metadata.len(), modified, number }
    }
}

/// A file that was seen whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its path below the folder.
    pub path: PathBuf,
    /// What it was when it was seen.
    pub stamp: Stamp,
    /// It was seen to be written to: its content may be another one although its stamp is the same.
    pub written: bool,
}

/// A file on record.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredFile {
    /// Its path below the folder.
    pub path: PathBuf,
    /// What it was when it was seen.
    pub stamp: Stamp,
    /// Where it stands.
    pub state: FileState,
    /// When this came to be.
    pub changed: Timestamp,
    /// The hash of its content, once it was read.
    pub hash: Option<String>,
    /// The version of the recipe that it was done with.
    pub version: Option<String>,
    /// What was written, absolute.
    pub outputs: Vec<String>,
    /// Why it failed or is left alone.
    pub failure: Option<Failure>,
    /// Whether somebody asked for it by name.
    pub asked: Asked,
}

/// Whether somebody asked for a file by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Asked {
    /// It is taken like any other.
    #[default]
    No,
    /// It is done although it was left alone, or was done in another way.
    Yes,
    /// And may be paid for again.
    Pay,
}

impl StoredFile {
    /// As the wire says it.
    pub fn record(self) -> FileRecord {
        FileRecord {
            path: self.path.to_string_lossy().into_owned(),
            state: self.state,
            outputs: self.outputs,
            failure: self.failure,
            changed: self.changed,
        }
    }
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct FileOutcome {
    /// What it was when it was read.
    pub stamp: Stamp,
    /// Where it stands now.
    pub state: FileState,
    /// The hash of its content, where it was read.
    pub hash: Option<String>,
    /// The version of the recipe.
    pub version: Option<String>,
    /// What was written.
    pub outputs: Vec<String>,
    /// Why it failed or is left alone.
    pub failure: Option<Failure>,
    /// Something was done: it counts.
    pub counts: bool,
}

const COLUMNS: &str =
    "path, size, modified, number, state, changed, hash, version, outputs, failure, asked";

impl Store {
    /// Puts files that were seen whole into the queue, unless they are on record as they are. Says how many are new.
    pub fn see_files(&self, folder: &str, seen: Vec<Seen>, now: Timestamp) -> Result<u64, Failure> {
        let folder = folder.to_owned();
        // The files themselves are the promise: a scan finds them again.
        self.write(Durability::Lazy, move |connection| Ok(see(connection, &folder, &seen, now)?))
    }

    /// Calls back with every file on record, and whether it was moved away since it failed.
    pub fn known_files(
        &self,
        folder: &str,
        mut each: impl FnMut(PathBuf, Stamp, bool),
    ) -> Result<(), Failure> {
        self.read(|connection| Ok(known(connection, folder, &mut each)?))
    }

    /// One file.
    pub fn file(&self, folder: &str, path: &Path) -> Result<Option<StoredFile>, Failure> {
        self.read(|connection| {
            let filter = "folder = ?1 AND path = ?2";
            Ok(select(connection, filter, &[&folder, &bytes_of(path)])?.pop())
        })
    }

    /// The files that have waited longest.
    pub fn waiting_files(&self, folder: &str, limit: usize) -> Result<Vec<StoredFile>, Failure> {
        self.read(|connection| {
            let filter = "folder = ?1 AND state = 'waiting' ORDER BY changed, path LIMIT ?2";
            Ok(select(connection, filter, &[&folder, &(limit as i64)])?)
        })
    }

    /// Files in a state, or in any, newest first.
    pub fn files(
        &self,
        folder: &str,
        state: Option<FileState>,
        limit: u32,
    ) -> Result<Vec<StoredFile>, Failure> {
        let state = state.map(FileState::name);
        self.read(|connection| {
            let filter =
                "folder = ?1 AND (?2 IS NULL OR state = ?2) ORDER BY changed DESC, path LIMIT ?3";
            Ok(select(connection, filter, &[&folder, &state, &limit])?)
        })
    }

    /// How many files there are in each state.
    pub fn count_files(&self, folder: &str) -> Result<Vec<(FileState, u64)>, Failure> {
        self.read(|connection| Ok(count(connection, folder)?))
    }

    /// Stores what became of a file. On disk when this returns where it may have cost.
    pub fn settle_file(
        &self,
        folder: &str,
        path: &Path,
        outcome: FileOutcome,
        durability: Durability,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let (folder, path) = (folder.to_owned(), bytes_of(path));
        self.write(durability, move |connection| {
            Ok(settle(connection, &folder, &path, &outcome, now)?)
        })
    }

    /// Queues a file again: at the end, where nobody asked for it by name.
    pub fn requeue_file(
        &self,
        folder: &str,
        path: &Path,
        asked: Asked,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let (folder, path) = (folder.to_owned(), bytes_of(path));
        self.write(Durability::Durable, move |connection| {
            Ok(requeue(connection, &folder, &path, asked, now)?)
        })
    }

    /// Queues every file again that was done with another version of the recipe. Says how many.
    pub fn requeue_outdated(
        &self,
        folder: &str,
        version: &str,
        now: Timestamp,
    ) -> Result<u64, Failure> {
        let (folder, version) = (folder.to_owned(), version.to_owned());
        self.write(Durability::Durable, move |connection| {
            Ok(requeue_outdated(connection, &folder, &version, now)?)
        })
    }

    /// Forgets a file that is gone. What was made of its content is remembered elsewhere.
    pub fn forget_file(&self, folder: &str, path: &Path) -> Result<(), Failure> {
        let (folder, path) = (folder.to_owned(), bytes_of(path));
        self.write(Durability::Lazy, move |connection| Ok(forget(connection, &folder, &path)?))
    }
}

fn see(connection: &Connection, folder: &str, seen: &[Seen], now: Timestamp) -> Stored<u64> {
    // A file of the same stamp is as it was; one that failed or was left alone stays so until it changes.
    let mut statement = connection.prepare_cached(
        "INSERT INTO files (folder, path, size, modified, number, state, changed)
         VALUES (?1, ?2, ?3, ?4, ?5, 'waiting', ?6)
         ON CONFLICT (folder, path) DO UPDATE SET size = ?3, modified = ?4, number = ?5,
             state = 'waiting', changed = ?6, failure = NULL
         WHERE size != ?3 OR modified != ?4 OR number != ?5 OR ?7",
    )?;
    let mut new = 0;
    for Seen { path, stamp, written } in seen {
        new += statement.execute(params![
            folder,
            bytes_of(path),
            stamp.size.cast_signed(),
            stamp.modified,
            stamp.number.cast_signed(),
            now,
            written
        ])?;
    }
    Ok(new as u64)
}

fn known(
    connection: &Connection,
    folder: &str,
    each: &mut dyn FnMut(PathBuf, Stamp, bool),
) -> Stored<()> {
    let mut statement = connection.prepare_cached(
        "SELECT path, size, modified, number, state = 'failed' AND outputs != '[]' FROM files
         WHERE folder = ?1",
    )?;
    let mut rows = statement.query([folder])?;
    while let Some(row) = rows.next()? {
        each(path_from(row.get(0)?), stamp(row)?, row.get(4)?);
    }
    Ok(())
}

fn stamp(row: &Row<'_>) -> rusqlite::Result<Stamp> {
    Ok(Stamp {
        size: row.get::<_, i64>(1)?.cast_unsigned(),
        modified: row.get(2)?,
        number: row.get::<_, i64>(3)?.cast_unsigned(),
    })
}

fn select(connection: &Connection, filter: &str, values: &[&dyn ToSql]) -> Stored<Vec<StoredFile>> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM files WHERE {filter}"))?;
    let mut rows = statement.query(values)?;
    let mut files = Vec::new();
    while let Some(row) = rows.next()? {
        let state: String = row.get(4)?;
        let outputs: Option<String> = row.get(8)?;
        let failure: Option<String> = row.get(9)?;
        files.push(StoredFile {
            path: path_from(row.get(0)?),
            stamp: stamp(row)?,
            state: serde_json::from_value(serde_json::Value::String(state))?,
            changed: row.get(5)?,
            hash: row.get(6)?,
            version: row.get(7)?,
            outputs: outputs.map_or_else(|| Ok(Vec::new()), |text| serde_json::from_str(&text))?,
            failure: failure.map(|text| serde_json::from_str(&text)).transpose()?,
            asked: match row.get(10)? {
                0 => Asked::No,
                1 => Asked::Yes,
                _ => Asked::Pay,
            },
        });
    }
    Ok(files)
}

fn count(connection: &Connection, folder: &str) -> Stored<Vec<(FileState, u64)>> {
    let mut statement = connection
        .prepare_cached("SELECT state, count(*) FROM files WHERE folder = ?1 GROUP BY state")?;
    let mut rows = statement.query([folder])?;
    let mut counts = Vec::new();
    while let Some(row) = rows.next()? {
        let state: String = row.get(0)?;
        let count: i64 = row.get(1)?;
        let state = serde_json::from_value(serde_json::Value::String(state))?;
        counts.push((state, count.unsigned_abs()));
    }
    Ok(counts)
}

fn settle(
    connection: &Connection,
    folder: &str,
    path: &[u8],
    outcome: &FileOutcome,
    now: Timestamp,
) -> Stored<()> {
    let failure = outcome.failure.as_ref().map(serde_json::to_string).transpose()?;
    // Where another file has taken the name meanwhile, that one waits, and keeps waiting.
    let settled = connection
        .prepare_cached(
            "UPDATE files SET state = ?6, changed = ?7, hash = ?8, version = ?9, outputs = ?10,
                failure = ?11, asked = 0
             WHERE folder = ?1 AND path = ?2 AND size = ?3 AND modified = ?4 AND number = ?5",
        )?
        .execute(params![
            folder,
            path,
            outcome.stamp.size.cast_signed(),
            outcome.stamp.modified,
            outcome.stamp.number.cast_signed(),
            outcome.state.name(),
            now,
            outcome.hash,
            outcome.version,
            serde_json::to_string(&outcome.outputs)?,
            failure
        ])?;
    if outcome.counts {
        connection
            .prepare_cached("UPDATE folders SET done = done + 1 WHERE id = ?1")?
            .execute([folder])?;
    }
    if settled == 0 {
        tracing::debug!("a file was replaced while it was worked on");
    }
    Ok(())
}

fn requeue(
    connection: &Connection,
    folder: &str,
    path: &[u8],
    asked: Asked,
    now: Timestamp,
) -> Stored<()> {
    connection
        .prepare_cached(
            "UPDATE files SET state = 'waiting', changed = ?3, failure = NULL, asked = ?4,
                version = CASE WHEN ?4 THEN NULL ELSE version END WHERE folder = ?1 AND path = ?2",
        )?
        .execute(params![folder, path, now, asked as u8])?;
    Ok(())
}

fn requeue_outdated(
    connection: &Connection,
    folder: &str,
    version: &str,
    now: Timestamp,
) -> Stored<u64> {
    let requeued = connection.execute(
        "UPDATE files SET state = 'waiting', changed = ?3, asked = 1, version = NULL
         WHERE folder = ?1 AND state = 'done' AND version IS NOT ?2",
        params![folder, version, now],
    )?;
    Ok(requeued as u64)
}

fn forget(connection: &Connection, folder: &str, path: &[u8]) -> Stored<()> {
    let state: Option<String> = connection
        .prepare_cached("SELECT state FROM files WHERE folder = ?1 AND path = ?2")?
        .query_row(params![folder, path], |row| row.get(0))
        .optional()?;
    // What failed lies in `failed/`, and is taken up from there.
    if state.is_some_and(|state| state != "failed") {
        connection
            .prepare_cached("DELETE FROM files WHERE folder = ?1 AND path = ?2")?
            .execute(params![folder, path])?;
    }
    Ok(())
}

/// A path as it is stored.
pub(super) fn bytes_of(path: &Path) -> Vec<u8> {
    path.as_os_str().as_encoded_bytes().to_vec()
}

/// A stored path.
#[cfg(unix)]
pub(super) fn path_from(bytes: Vec<u8>) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    std::ffi::OsString::from_vec(bytes).into()
}

/// A stored path; a name that is no text is not stored as it was, and is found anew by the next scan.
#[cfg(not(unix))]
pub(super) fn path_from(bytes: Vec<u8>) -> PathBuf {
    String::from_utf8_lossy(&bytes).into_owned().into()
}
