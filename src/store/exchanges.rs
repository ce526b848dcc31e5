//! What was sent to a provider and may be paid for: on disk before it leaves, its answer on disk before
//! anybody acts on it. So a later attempt at the job gets the answer that was paid for, and never sends
//! the same a second time unasked. Answers lie in files of their own; they may be large.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use easel_protocol::Failure;
use rusqlite::{Connection, OptionalExtension, params};

use super::{Durability, Store, Stored, io_failure};
use crate::http::{Answer, Journal};

/// How a job stands with its provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exchanged {
    /// Sent, and no answer came: each may have been charged.
    pub unanswered: u32,
    /// Accepted and answered.
    pub answered: u32,
}

impl Store {
    /// The record of one job.
    pub fn journal(self: &Arc<Self>, job: &str) -> Arc<dyn Journal> {
        Arc::new(JobJournal { store: Arc::clone(self), job: job.to_owned() })
    }

    /// What a job has sent.
    pub fn exchanged(&self, job: &str) -> Result<Exchanged, Failure> {
        self.read(|connection| {
            let count = |answered: bool| -> rusqlite::Result<u32> {
                connection
                    .prepare_cached(
                        "SELECT count(*) FROM exchanges WHERE job = ?1 AND (status IS NOT NULL) = ?2",
                    )?
                    .query_row(params![job, answered], |row| row.get(0))
            };
            let both = || -> Stored<Exchanged> {
                Ok(Exchanged { unanswered: count(false)?, answered: count(true)? })
            };
            Ok(both()?)
        })
    }

    /// Forgets what a job sent: everything, or only what was never answered, because somebody said that
    /// it may be sent again.
    pub fn forget_exchanges(&self, job: &str, unanswered_only: bool) -> Result<(), Failure> {
        if self.exchanged(job)? == Exchanged::default() {
            return Ok(());
        }
        let name = job.to_owned();
        self.write(Durability::Durable, move |connection| {
            let filter = if unanswered_only { " AND status IS NULL" } else { "" };
            let delete = || -> Stored<()> {
                connection
                    .execute(&format!("DELETE FROM exchanges WHERE job = ?1{filter}"), [&name])?;
                Ok(())
            };
            Ok(delete()?)
        })?;
        if !unanswered_only {
            // What stays behind is swept at the next start.
            let _ = std::fs::remove_dir_all(self.exchanges.join(job));
        }
        Ok(())
    }

    /// Removes the files of answers that nothing refers to any more.
    pub(super) fn sweep_exchanges(&self) -> Result<(), Failure> {
        let Ok(entries) = std::fs::read_dir(&self.exchanges) else { return Ok(()) };
        for entry in entries.flatten() {
            let job = entry.file_name().to_string_lossy().into_owned();
            if self.exchanged(&job)? == Exchanged::default() {
                let _ = std::fs::remove_dir_all(entry.path());
            }
        }
        Ok(())
    }
}

struct JobJournal {
    store: Arc<Store>,
    job: String,
}

impl JobJournal {
    fn path(&self, name: &str) -> PathBuf {
        self.store.exchanges.join(&self.job).join(name)
    }
}

impl Journal for JobJournal {
    fn answered(&self, name: &str) -> Result<Option<Answer>, Failure> {
        let found: Option<(u16, String)> = self.store.read(|connection| {
            let find = || -> Stored<_> {
                Ok(connection
                    .prepare_cached(
                        "SELECT status, headers FROM exchanges WHERE job = ?1 AND name = ?2 AND status IS NOT NULL",
                    )?
                    .query_row([&self.job, name], |row| Ok((row.get(0)?, row.get(1)?)))
                    .optional()?)
            };
            Ok(find()?)
        })?;
        let Some((status, headers)) = found else { return Ok(None) };
        let headers: BTreeMap<String, String> = serde_json::from_str(&headers).unwrap_or_default();
        let path = self.path(name);
        let body = std::fs::read(&path).map_err(|error| io_failure("read", &path, &error))?;
        Ok(Some(Answer { status, headers, body: Bytes::from(body) }))
    }

    fn sending(&self, name: &str) -> Result<(), Failure> {
        let (job, name) = (self.job.clone(), name.to_owned());
        self.store
            .write(Durability::Durable, move |connection| Ok(insert(connection, &job, &name)?))
    }

    fn received(&self, name: &str, answer: &Answer) -> Result<(), Failure> {
        let path = self.path(name);
        write_file(&path, &answer.body).map_err(|error| io_failure("write", &path, &error))?;
        let (job, name, status) = (self.job.clone(), name.to_owned(), answer.status);
        let headers = serde_json::to_string(&answer.headers).unwrap_or_default();
        self.store.write(Durability::Durable, move |connection| {
            let update = || -> Stored<()> {
                connection
                    .prepare_cached(
                        "UPDATE exchanges SET status = ?3, headers = ?4 WHERE job = ?1 AND name = ?2",
                    )?
                    .execute(params![job, name, status, headers])?;
                Ok(())
            };
            Ok(update()?)
        })
    }

    fn forget(&self, name: &str) -> Result<(), Failure> {
        let (job, name) = (self.job.clone(), name.to_owned());
        self.store.write(Durability::Durable, move |connection| {
            let delete = || -> Stored<()> {
                connection
                    .prepare_cached("DELETE FROM exchanges WHERE job = ?1 AND name = ?2")?
                    .execute([&job, &name])?;
                Ok(())
            };
            Ok(delete()?)
        })
    }
}

fn insert(connection: &Connection, job: &str, name: &str) -> Stored<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO exchanges (job, name) VALUES (?1, ?2)")?
        .execute([job, name])?;
    Ok(())
}

/// Whole or not at all, and on disk: the file first, then the folder that names it.
fn write_file(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder)?;
    let temporary = path.with_extension("tmp");
    let mut file = std::fs::File::create(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&temporary, path)?;
    #[cfg(unix)]
    std::fs::File::open(folder)?.sync_all()?;
    Ok(())
}
