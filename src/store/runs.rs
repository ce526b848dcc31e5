//! Recipes' runs: what was asked, with the recipe's text as it was then, and how it stands.

use easel_protocol::job::JobState;
use easel_protocol::recipe::{RecipeRunParams, RunRecord};
use easel_protocol::{ErrorKind, Failure};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

use super::{Durability, Store, Stored};

/// A run as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StoredRun {
    /// What was asked for.
    pub params: RecipeRunParams,
    /// The recipe's text.
    pub text: String,
    /// The folder that its references are relative to.
    pub base: String,
    /// How it stands.
    #[serde(skip)]
    pub record: Option<RunRecord>,
}

impl Store {
    /// Stores a run, or finds the one that was stored under the same key. The flag says whether it is new.
    pub fn begin_run(
        &self,
        run: StoredRun,
        record: RunRecord,
    ) -> Result<(RunRecord, bool), Failure> {
        self.write(Durability::Durable, move |connection| Ok(begin(connection, &run, record)?))
    }

    /// How a run stands.
    pub fn run(&self, id: &str) -> Result<RunRecord, Failure> {
        self.read(|connection| Ok(load(connection, id)?.1))
    }

    /// Stores how a run stands now. Its end is on disk when this returns.
    pub fn update_run(&self, record: RunRecord) -> Result<(), Failure> {
        let durability =
            if record.state.is_final() { Durability::Durable } else { Durability::Lazy };
        self.write(durability, move |connection| Ok(update(connection, &record)?))
    }

    /// The runs that have not ended, oldest first.
    pub fn unfinished_runs(&self) -> Result<Vec<StoredRun>, Failure> {
        self.read(|connection| Ok(unfinished(connection)?))
    }
}

fn begin(connection: &Connection, run: &StoredRun, record: RunRecord) -> Stored<(RunRecord, bool)> {
    let known: Option<String> = connection
        .prepare_cached("SELECT id FROM runs WHERE key = ?1")?
        .query_row([&record.key], |row| row.get(0))
        .optional()?;
    if let Some(id) = known {
        let (stored, known) = load(connection, &id)?;
        if stored.params != run.params {
            return Err(Failure::new(
                ErrorKind::Conflict,
                format!("the key `{}` was used for another run", record.key),
            )
            .hint("make a new key for every run")
            .into());
        }
        return Ok((known, false));
    }
    connection
        .prepare_cached(
            "INSERT INTO runs (id, key, asked, record, state) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            record.id,
            record.key,
            serde_json::to_string(run)?,
            serde_json::to_string(&record)?,
            record.state.name()
        ])?;
    Ok((record, true))
}

fn update(connection: &Connection, record: &RunRecord) -> Stored<()> {
    connection
        .prepare_cached("UPDATE runs SET record = ?2, state = ?3 WHERE id = ?1")?
        .execute(params![record.id, serde_json::to_string(record)?, record.state.name()])?;
    Ok(())
}

fn load(connection: &Connection, id: &str) -> Stored<(StoredRun, RunRecord)> {
    let found = connection
        .prepare_cached("SELECT asked, record FROM runs WHERE id = ?1")?
        .query_row([id], texts)
        .optional()?;
    let (asked, record) = found
        .ok_or_else(|| Failure::new(ErrorKind::NotFound, format!("there is no run `{id}`")))?;
    Ok((serde_json::from_str(&asked)?, serde_json::from_str(&record)?))
}

fn texts(row: &Row<'_>) -> rusqlite::Result<(String, String)> {
    Ok((row.get(0)?, row.get(1)?))
}

fn unfinished(connection: &Connection) -> Stored<Vec<StoredRun>> {
    let mut statement = connection.prepare(
        "SELECT asked, record FROM runs WHERE state IN ('queued', 'running') ORDER BY id",
    )?;
    let rows = statement.query_map([], texts)?;
    let mut runs = Vec::new();
    for row in rows {
        let (asked, record) = row?;
        let record: RunRecord = serde_json::from_str(&record)?;
        debug_assert!(!matches!(record.state, JobState::Done));
        runs.push(StoredRun { record: Some(record), ..serde_json::from_str(&asked)? });
    }
    Ok(runs)
}
