//! Jobs: every change is one step of the state machine, stored together with
//! the event that tells of it.

use easel_protocol::job::{
    Artifact, Fact, JobListParams, JobRecord, JobReport, JobState, Timestamp,
};
use easel_protocol::model::RunFact;
use easel_protocol::transform::JobPlan;
use easel_protocol::{ErrorKind, Failure};
use rusqlite::types::ToSql;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Durability, Store, Stored, artifacts, events, ledger};
use crate::job::state::{self, Change, Standing};

const COLUMNS: &str = "id, transform, model, backend, state, attempts, cancel_requested, progress, stage, created, started, finished, failure, plan, report";

impl Store {
    /// One job.
    pub fn job(&self, id: &str) -> Result<JobRecord, Failure> {
        self.read(|connection| Ok(load(connection, id)?))
    }

    /// A page of jobs, newest first.
    pub fn jobs(&self, query: &JobListParams) -> Result<Vec<JobRecord>, Failure> {
        let limit = query.limit.unwrap_or(50).clamp(1, 500);
        let before = query.before.as_deref().unwrap_or("~");
        let state = query.state.map(JobState::name);
        self.read(|connection| {
            let filter = "id < ?1 AND (?2 IS NULL OR state = ?2) ORDER BY id DESC LIMIT ?3";
            Ok(select(connection, filter, &[&before, &state, &limit])?)
        })
    }

    /// The jobs that wait or run, oldest first, with whether they left a checkpoint.
    pub fn unfinished(&self) -> Result<Vec<JobRecord>, Failure> {
        self.read(|connection| {
            Ok(select(connection, "state IN ('queued', 'running') ORDER BY id", &[])?)
        })
    }

    /// How many jobs wait and run.
    pub fn load(&self) -> Result<(u64, u64), Failure> {
        self.read(|connection| Ok(count(connection)?))
    }

    /// Takes a job one step further. Starting is lazy where nothing is lost by starting again.
    pub fn change(
        &self,
        id: &str,
        change: Change,
        durability: Durability,
        now: Timestamp,
    ) -> Result<JobRecord, Failure> {
        let id = id.to_owned();
        self.write_events(durability, move |connection| {
            apply(connection, &id, change, now)?;
            Ok(load(connection, &id)?)
        })
    }

    /// Stores a job's artifacts and its end together. Their blobs are on disk already. Lazily only where nothing is lost
    /// by doing it again.
    pub fn finish(
        &self,
        id: &str,
        artifacts: Vec<Artifact>,
        durability: Durability,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let id = id.to_owned();
        self.write_events(durability, move |connection| {
            let transform = transform_of(connection, &id)?;
            for artifact in artifacts {
                artifacts::put(connection, &artifact)?;
                let fact = Fact::Artifact { artifact: Box::new(artifact) };
                events::append(connection, now, &transform, &id, &fact)?;
            }
            Ok(apply(connection, &id, Change::Finish, now)?)
        })
    }

    /// Stores how far a running job is.
    pub fn progress(
        &self,
        id: &str,
        fraction: Option<f64>,
        stage: Option<String>,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let id = id.to_owned();
        self.write_events(Durability::Lazy, move |connection| {
            let transform = transform_of(connection, &id)?;
            set_progress(connection, &id, fraction, stage.as_deref())?;
            Ok(events::append(
                connection,
                now,
                &transform,
                &id,
                &Fact::Progress { fraction, stage },
            )?)
        })
    }

    /// Stores what a run tells beside its pictures. It is on disk when this returns: it may be money.
    pub fn report(&self, id: &str, fact: RunFact, now: Timestamp) -> Result<(), Failure> {
        let id = id.to_owned();
        self.write_events(Durability::Durable, move |connection| {
            let transform = transform_of(connection, &id)?;
            let mut report = get_report(connection, &id)?.unwrap_or_default();
            if let Some(cost) = fact.cost {
                *report.cost.get_or_insert(0.0) += cost;
                report.currency = fact.currency.or(report.currency);
            }
            if let Some(text) = fact.note {
                report.notes.push(text.clone());
                events::append(connection, now, &transform, &id, &Fact::Note { text })?;
            }
            Ok(put_report(connection, &id, &report)?)
        })
    }

    /// Stores a fact that changes nothing in the job itself: a preview.
    pub fn tell(&self, id: &str, fact: Fact, now: Timestamp) -> Result<(), Failure> {
        let id = id.to_owned();
        self.write_events(Durability::Lazy, move |connection| {
            let transform = transform_of(connection, &id)?;
            Ok(events::append(connection, now, &transform, &id, &fact)?)
        })
    }

    /// Stores what a backend needs to go on after a crash. It is on disk when this returns.
    pub fn save_checkpoint(&self, id: &str, bytes: Vec<u8>, now: Timestamp) -> Result<(), Failure> {
        let id = id.to_owned();
        self.write_events(Durability::Durable, move |connection| {
            let transform = transform_of(connection, &id)?;
            put_checkpoint(connection, &id, &bytes)?;
            Ok(events::append(connection, now, &transform, &id, &Fact::Checkpoint)?)
        })
    }

    /// What a backend stored in an earlier attempt.
    pub fn checkpoint(&self, id: &str) -> Result<Option<Vec<u8>>, Failure> {
        self.read(|connection| Ok(get_checkpoint(connection, id)?))
    }
}

pub(super) fn insert(
    connection: &Connection,
    transform: &str,
    position: usize,
    id: &str,
    plan: &JobPlan,
    now: Timestamp,
) -> Stored<()> {
    connection
        .prepare_cached(
            "INSERT INTO jobs (id, transform, position, model, backend, state, created, plan) VALUES (?1, ?2, ?3, ?4, ?5, 'queued', ?6, ?7)",
        )?
        .execute(params![id, transform, position as i64, plan.model, plan.backend, now, serde_json::to_string(plan)?])?;
    Ok(())
}

pub(super) fn of_transform(connection: &Connection, transform: &str) -> Stored<Vec<JobRecord>> {
    select(connection, "transform = ?1 ORDER BY position", &[&transform])
}

fn load(connection: &Connection, id: &str) -> Stored<JobRecord> {
    select(connection, "id = ?1", &[&id])?.pop().ok_or_else(|| not_found(id).into())
}

fn not_found(id: &str) -> Failure {
    Failure::new(ErrorKind::NotFound, format!("there is no job `{id}`"))
        .hint("`easel job list` shows what there is")
}

fn select(connection: &Connection, filter: &str, values: &[&dyn ToSql]) -> Stored<Vec<JobRecord>> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM jobs WHERE {filter}"))?;
    let mut rows = statement.query(values)?;
    let mut jobs = Vec::new();
    while let Some(row) = rows.next()? {
        let mut job = read_row(row)?;
        job.artifacts = artifacts::of_job(connection, &job.id)?;
        jobs.push(job);
    }
    Ok(jobs)
}

fn read_row(row: &Row<'_>) -> Stored<JobRecord> {
    let state: String = row.get(4)?;
    let failure: Option<String> = row.get(12)?;
    let plan: String = row.get(13)?;
    let report: Option<String> = row.get(14)?;
    Ok(JobRecord {
        id: row.get(0)?,
        transform: row.get(1)?,
        model: row.get(2)?,
        backend: row.get(3)?,
        state: parse_state(&state)?,
        attempts: row.get(5)?,
        cancel_requested: row.get(6)?,
        progress: row.get(7)?,
        stage: row.get(8)?,
        created: row.get(9)?,
        started: row.get(10)?,
        finished: row.get(11)?,
        failure: failure.map(|text| serde_json::from_str(&text)).transpose()?,
        report: report.map(|text| serde_json::from_str(&text)).transpose()?,
        plan: serde_json::from_str(&plan)?,
        artifacts: Vec::new(),
    })
}

fn parse_state(name: &str) -> Stored<JobState> {
    Ok(serde_json::from_value(serde_json::Value::String(name.to_owned()))?)
}

fn apply(connection: &Connection, id: &str, change: Change, now: Timestamp) -> Stored<()> {
    let (transform, standing) = standing(connection, id)?;
    let requeued = matches!(change, Change::Requeue { .. });
    let (next, fact) = state::step(standing, change)?;
    let failure = match &fact {
        Fact::Failed { failure } => Some(serde_json::to_string(failure)?),
        _ => None,
    };
    connection
        .prepare_cached(
            "UPDATE jobs SET state = ?2, attempts = ?3, cancel_requested = ?4, failure = ?5, progress = NULL, stage = NULL,
                started = CASE WHEN ?6 THEN ?7 ELSE started END, finished = CASE WHEN ?8 THEN ?7 ELSE NULL END WHERE id = ?1",
        )?
        .execute(params![
            id,
            next.state.name(),
            next.attempts,
            next.cancel_requested,
            failure,
            matches!(fact, Fact::Started { .. }),
            now,
            next.state.is_final(),
        ])?;
    let told = match &fact {
        Fact::Failed { failure } => Some(failure),
        _ => None,
    };
    let unanswered: bool = connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM exchanges WHERE job = ?1 AND status IS NULL)",
        )?
        .query_row([id], |row| row.get(0))?;
    if requeued {
        // The next attempt is told the same facts again.
        connection.prepare_cached("UPDATE jobs SET report = NULL WHERE id = ?1")?.execute([id])?;
    }
    let report = get_report(connection, id)?;
    ledger::settle(connection, id, next.state, told, report.as_ref(), unanswered, now)?;
    if next.state.is_final() && !state::keeps_paid_work(next.state, told) {
        connection.prepare_cached("DELETE FROM exchanges WHERE job = ?1")?.execute([id])?;
        connection
            .prepare_cached(
                "UPDATE jobs SET checkpoint = NULL WHERE id = ?1 AND checkpoint IS NOT NULL",
            )?
            .execute([id])?;
    }
    events::append(connection, now, &transform, id, &fact)
}

fn standing(connection: &Connection, id: &str) -> Stored<(String, Standing)> {
    let found: Option<(String, String, u32, bool)> = connection
        .prepare_cached(
            "SELECT transform, state, attempts, cancel_requested FROM jobs WHERE id = ?1",
        )?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    let (transform, state, attempts, cancel_requested) = found.ok_or_else(|| not_found(id))?;
    Ok((transform, Standing { state: parse_state(&state)?, attempts, cancel_requested }))
}

fn transform_of(connection: &Connection, id: &str) -> Result<String, Failure> {
    Ok(standing(connection, id)?.0)
}

fn set_progress(
    connection: &Connection,
    id: &str,
    fraction: Option<f64>,
    stage: Option<&str>,
) -> Stored<()> {
    connection
        .prepare_cached("UPDATE jobs SET progress = ?2, stage = ?3 WHERE id = ?1")?
        .execute(params![id, fraction, stage])?;
    Ok(())
}

fn put_checkpoint(connection: &Connection, id: &str, bytes: &[u8]) -> Stored<()> {
    connection
        .prepare_cached("UPDATE jobs SET checkpoint = ?2 WHERE id = ?1")?
        .execute(params![id, bytes])?;
    Ok(())
}

fn get_report(connection: &Connection, id: &str) -> Stored<Option<JobReport>> {
    let text: Option<String> = connection
        .prepare_cached("SELECT report FROM jobs WHERE id = ?1")?
        .query_row([id], |row| row.get(0))?;
    Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
}

fn put_report(connection: &Connection, id: &str, report: &JobReport) -> Stored<()> {
    connection
        .prepare_cached("UPDATE jobs SET report = ?2 WHERE id = ?1")?
        .execute(params![id, serde_json::to_string(report)?])?;
    Ok(())
}

fn get_checkpoint(connection: &Connection, id: &str) -> Stored<Option<Vec<u8>>> {
    Ok(connection
        .prepare_cached("SELECT checkpoint FROM jobs WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?
        .flatten())
}

fn count(connection: &Connection) -> Stored<(u64, u64)> {
    let count = |state: &str| -> rusqlite::Result<u64> {
        connection
            .prepare_cached(
                "SELECT count(*) FROM jobs WHERE state = ?1 AND state IN ('queued', 'running')",
            )?
            .query_row([state], |row| row.get::<_, i64>(0))
            .map(i64::unsigned_abs)
    };
    Ok((count("queued")?, count("running")?))
}
