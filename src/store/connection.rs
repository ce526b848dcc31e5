//! The database's connections: opening, and the one thread that writes.
//!
//! All writes that wait when the thread comes round are committed together, each inside a savepoint
//! of its own: one sync serves many, and one that fails takes nothing else with it.

use std::path::Path;
use std::sync::mpsc;

use easel_protocol::{ErrorKind, Failure};
use rusqlite::{Connection, OpenFlags};

use super::schema::MIGRATIONS;
use super::{FULL_HINT, search, sql_failure};

/// Whether a write must be on disk before its caller goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Durability {
    /// It survives the end of the process, not of the machine: progress, previews.
    Lazy,
    /// It survives everything: what somebody was told.
    Durable,
}

/// Opens the database for writing and brings its schema up to date.
pub(super) fn open(path: &Path) -> Result<Connection, Failure> {
    let connection = Connection::open(path).map_err(|error| sql_failure(&error))?;
    prepare(&connection, path)?;
    Ok(connection)
}

fn prepare(connection: &Connection, path: &Path) -> Result<(), Failure> {
    let sql = |error: rusqlite::Error| sql_failure(&error);
    connection.pragma_update(None, "journal_mode", "WAL").map_err(sql)?;
    connection.pragma_update(None, "foreign_keys", true).map_err(sql)?;
    connection.pragma_update(None, "synchronous", "FULL").map_err(sql)?;
    let version: u32 =
        connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(sql)?;
    let version = version as usize;
    if version > MIGRATIONS.len() {
        return Err(Failure::new(
            ErrorKind::Unsupported,
            format!(
                "`{}` was written by a newer Easel (schema {version}, this one knows {})",
                path.display(),
                MIGRATIONS.len()
            ),
        )
        .hint("update Easel, or choose another data folder with `--data-dir DIR`"));
    }
    for (number, step) in MIGRATIONS.iter().enumerate().skip(version) {
        let next = number + 1;
        connection
            .execute_batch(&format!("BEGIN; {step} PRAGMA user_version = {next}; COMMIT;"))
            .map_err(sql)?;
    }
    Ok(search::fill_words(connection)?)
}

/// Opens the database for reading only.
pub(super) fn open_reader(path: &Path) -> Result<Connection, Failure> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection =
        Connection::open_with_flags(path, flags).map_err(|error| sql_failure(&error))?;
    connection
        .busy_timeout(std::time::Duration::from_secs(5))
        .map_err(|error| sql_failure(&error))?;
    Ok(connection)
}

/// One waiting write: runs inside the common transaction, says whether it may stay, and gives back
/// how to tell its caller. It gets the failure instead where the transaction could not begin.
type Change = Box<dyn FnOnce(Result<&Connection, Failure>) -> (bool, Answer) + Send>;
/// Called with the outcome of the commit.
type Answer = Box<dyn FnOnce(Result<(), Failure>) + Send>;

/// The thread that writes.
pub(super) struct Writer {
    queue: mpsc::Sender<(Durability, Change)>,
}

/// At most so many writes share a commit, so that the first of them does not wait for ever.
const BATCH: usize = 256;

impl Writer {
    pub(super) fn start(connection: Connection) -> Result<Writer, Failure> {
        let (queue, waiting) = mpsc::channel();
        std::thread::Builder::new()
            .name("store".into())
            .spawn(move || write_all(&connection, &waiting))
            .map_err(|error| {
                Failure::new(ErrorKind::Internal, format!("cannot start a thread: {error}"))
            })?;
        Ok(Writer { queue })
    }

    /// Runs a change and waits for its commit.
    pub(super) fn run<T, F>(&self, durability: Durability, change: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    {
        let (answer, answered) = mpsc::sync_channel::<Result<T, Failure>>(1);
        let change: Change = Box::new(move |connection| {
            let outcome = connection.and_then(change);
            let stays = outcome.is_ok();
            // Where the caller has gone away, the change stands all the same.
            let tell = move |commit: Result<(), Failure>| {
                let _ = answer.send(outcome.and_then(|value| commit.map(|()| value)));
            };
            (stays, Box::new(tell))
        });
        let ended =
            || Failure::new(ErrorKind::Internal, "the thread that writes the database has ended");
        self.queue.send((durability, change)).map_err(|_| ended())?;
        answered.recv().map_err(|_| ended())?
    }
}

fn write_all(connection: &Connection, waiting: &mpsc::Receiver<(Durability, Change)>) {
    let mut current = Durability::Durable;
    while let Ok(first) = waiting.recv() {
        let mut batch = vec![first];
        while batch.len() < BATCH {
            match waiting.try_recv() {
                Ok(next) => batch.push(next),
                Err(_) => break,
            }
        }
        let wanted =
            batch.iter().map(|(durability, _)| *durability).max().unwrap_or(Durability::Durable);
        if wanted != current {
            let level = if wanted == Durability::Durable { "FULL" } else { "NORMAL" };
            if connection.pragma_update(None, "synchronous", level).is_ok() {
                current = wanted;
            }
        }
        commit(connection, batch);
    }
}

fn commit(connection: &Connection, batch: Vec<(Durability, Change)>) {
    let mut answers: Vec<Answer> = Vec::with_capacity(batch.len());
    let mut outcome =
        connection.execute_batch("BEGIN IMMEDIATE").map_err(|error| sql_failure(&error));
    for (_, change) in batch {
        if let Err(failure) = &outcome {
            answers.push(change(Err(failure.clone())).1);
            continue;
        }
        let (stays, answer) = match connection.execute_batch("SAVEPOINT one") {
            Ok(()) => change(Ok(connection)),
            Err(error) => change(Err(sql_failure(&error))),
        };
        answers.push(answer);
        let close = if stays { "RELEASE one" } else { "ROLLBACK TO one; RELEASE one" };
        let closed = connection.execute_batch(close);
        if connection.is_autocommit() {
            // A full disk makes SQLite give up the whole transaction: what came before is gone too.
            outcome = Err(closed.err().map_or_else(
                || Failure::new(ErrorKind::StorageFull, "the database gave up a transaction"),
                |_| {
                    Failure::new(
                        ErrorKind::StorageFull,
                        "the database cannot grow: the disk is full",
                    )
                    .hint(FULL_HINT)
                },
            ));
        }
    }
    let outcome = outcome.and_then(|()| {
        connection.execute_batch("COMMIT").map_err(|error| {
            let _ = connection.execute_batch("ROLLBACK");
            sql_failure(&error)
        })
    });
    for answer in answers {
        answer(outcome.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failing_write_takes_nothing_else_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let connection = open(&folder.path().join("easel.db")).unwrap();
        let writer = Writer::start(connection).unwrap();
        let insert = |name: &'static str| {
            move |connection: &Connection| {
                connection
                    .execute("INSERT INTO backends (id) VALUES (?1)", [name])
                    .map(|_| ())
                    .map_err(|error| sql_failure(&error))
            }
        };
        writer.run(Durability::Durable, insert("a")).unwrap();
        assert!(writer.run(Durability::Durable, insert("a")).is_err());
        writer.run(Durability::Lazy, insert("b")).unwrap();
        let reader = open_reader(&folder.path().join("easel.db")).unwrap();
        let count: i64 =
            reader.query_row("SELECT count(*) FROM backends", [], |row| row.get(0)).unwrap();
        assert_eq!(count, 2);
    }

    #[test]
    fn what_an_earlier_easel_wrote_is_found_by_its_document() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("easel.db");
        let earlier = Connection::open(&path).unwrap();
        for step in &MIGRATIONS[..2] {
            earlier.execute_batch(step).unwrap();
        }
        earlier.pragma_update(None, "user_version", 2).unwrap();
        let insert = "INSERT INTO transforms (id, key, ask, created) VALUES (?1, ?1, ?2, 0)";
        let ask = r#"{"client":"krita","title":"Größe","origin":{"document":"d","x":0,"y":0}}"#;
        earlier.execute(insert, ["t1", ask]).unwrap();
        earlier.execute(insert, ["t2", "{}"]).unwrap();
        drop(earlier);
        let now = open(&path).unwrap();
        for found in
            ["document = 'd' AND client = 'krita'", "instr(words, 'größe') > 0", "words != ''"]
        {
            let sql = format!("SELECT id FROM transforms WHERE {found}");
            let id: String = now.query_row(&sql, [], |row| row.get(0)).unwrap();
            assert_eq!(id, "t1", "{found}");
        }
    }

    #[test]
    fn a_database_of_a_newer_easel_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("easel.db");
        open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
        let failure = open(&path).unwrap_err();
        assert_eq!(failure.kind, ErrorKind::Unsupported);
        assert!(failure.message.contains("newer"), "{failure}");
    }
}
