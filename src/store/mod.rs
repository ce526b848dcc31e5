//! Everything durable: one SQLite database and the blob files beside it. The only place that knows
//! SQL. Writes go through one thread that commits them together; reads go around it.

mod artifacts;
mod blobs;
mod check;
mod clients;
mod connection;
mod events;
mod exchanges;
mod files;
mod folders;
mod gc;
pub mod header;
mod jobs;
mod ledger;
mod lent;
mod made;
mod references;
mod runs;
mod schema;
mod search;
mod transforms;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use easel_protocol::{ErrorKind, Failure};
use rusqlite::Connection;
use tokio::sync::watch;

pub use blobs::{BlobWriter, Blobs};
pub use check::{check_blobs, check_database};
pub use clients::Decision;
pub use connection::Durability;
pub use exchanges::Exchanged;
pub use files::{Asked, FileOutcome, Seen, Stamp, StoredFile};
pub use folders::StoredFolder;
pub use made::{Content, Made, Output, Remembered};
pub use runs::StoredRun;
pub use transforms::NewTransform;

/// The store of one data folder.
pub struct Store {
    /// The blob files.
    pub blobs: Blobs,
    writer: connection::Writer,
    readers: Mutex<Vec<Connection>>,
    database: std::path::PathBuf,
    exchanges: std::path::PathBuf,
    last_event: watch::Sender<u64>,
    commits: AtomicU64,
}

impl Store {
    /// Opens or creates the store of a data folder. The caller holds the folder's lock.
    pub fn open(data: &Path) -> Result<Store, Failure> {
        std::fs::create_dir_all(data).map_err(|error| io_failure("create", data, &error))?;
        let database = data.join("easel.db");
        let connection = connection::open(&database)?;
        let last = events::last(&connection).map_err(|error| sql_failure(&error))?;
        let blobs = Blobs::open(&data.join("blobs"))?;
        let writer = connection::Writer::start(connection)?;
        let store = Store {
            blobs,
            writer,
            readers: Mutex::default(),
            database,
            exchanges: data.join("exchanges"),
            last_event: watch::Sender::new(last),
            commits: AtomicU64::new(0),
        };
        store.sweep_exchanges()?;
        Ok(store)
    }

    /// Grows with every event; wakes whoever waits for one.
    pub fn watch_events(&self) -> watch::Receiver<u64> {
        self.last_event.subscribe()
    }

    /// The number of the newest event.
    pub fn last_event(&self) -> u64 {
        *self.last_event.borrow()
    }

    /// How many writes were committed since the start.
    pub fn writes(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// Runs a change in a transaction and returns once it is committed, and on disk where that is asked for.
    fn write<T, F>(&self, durability: Durability, change: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    {
        let result = self.writer.run(durability, change)?;
        self.commits.fetch_add(1, Ordering::Relaxed);
        Ok(result)
    }

    /// Like [`Store::write`], for a change that adds events: wakes those who wait for them.
    fn write_events<T, F>(&self, durability: Durability, change: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    {
        let (result, last) = self.write(durability, move |connection| {
            let result = change(connection)?;
            Ok((result, connection.last_insert_rowid().unsigned_abs()))
        })?;
        // Several threads come back from one commit in any order: the number only grows.
        self.last_event.send_if_modified(|current| {
            let grown = last > *current;
            *current = last.max(*current);
            grown
        });
        Ok(result)
    }

    fn read<T>(&self, query: impl FnOnce(&Connection) -> Result<T, Failure>) -> Result<T, Failure> {
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => connection::open_reader(&self.database)?,
        };
        let result = query(&connection);
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        result
    }
}

const FULL_HINT: &str =
    "free some space, or run `easel gc --older-than 30`; nothing stored so far is lost";

/// Turns a fault of the file system into what a person can act on.
pub fn io_failure(doing: &str, path: &Path, error: &std::io::Error) -> Failure {
    use std::io::ErrorKind as Io;
    let message = format!("cannot {doing} `{}`: {error}", path.display());
    match error.kind() {
        Io::StorageFull | Io::QuotaExceeded => {
            Failure::new(ErrorKind::StorageFull, message).hint(FULL_HINT)
        }
        Io::PermissionDenied | Io::ReadOnlyFilesystem => Failure::new(
            ErrorKind::StorageFull,
            message,
        )
        .hint(
            "make the data folder writable for this user, or choose another with `--data-dir DIR`",
        ),
        _ => Failure::new(ErrorKind::Internal, message)
            .hint("`easel doctor` looks at the data folder"),
    }
}

/// Turns a fault of the database into what a person can act on.
fn sql_failure(error: &rusqlite::Error) -> Failure {
    use rusqlite::ErrorCode as Code;
    let message = format!("the database refused: {error}");
    match error.sqlite_error_code() {
        Some(Code::DiskFull) => {
            Failure::new(ErrorKind::StorageFull, message).hint(FULL_HINT)
        }
        Some(Code::ReadOnly | Code::CannotOpen | Code::PermissionDenied) => Failure::new(ErrorKind::StorageFull, message)
            .hint("make the data folder writable for this user, or choose another with `--data-dir DIR`"),
        Some(Code::DatabaseCorrupt | Code::NotADatabase) => Failure::new(ErrorKind::Corrupt, message)
            .hint("the file was left as it is; move `easel.db` away to start with an empty history (pictures stay under `blobs/`), or restore it from a backup"),
        _ => Failure::new(ErrorKind::Internal, message).hint("`easel doctor` looks at the data folder"),
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        StoreError(sql_failure(&error))
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        StoreError(Failure::new(
            ErrorKind::Corrupt,
            format!("a stored record cannot be read: {error}"),
        ))
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        StoreError(failure)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        error.0
    }
}

/// Inside this folder alone, so that `?` works on what SQL and JSON give.
struct StoreError(Failure);

type Stored<T> = Result<T, StoreError>;
