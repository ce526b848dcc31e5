//! What jobs made, and what was put away of it. Their pixels are blobs, which this does not touch.

use easel_protocol::job::{Artifact, Fact, Timestamp};
use easel_protocol::transform::Ask;
use easel_protocol::{ErrorKind, Failure};
use rusqlite::{Connection, OptionalExtension, params};

use super::{Durability, Store, Stored, events, transforms};

impl Store {
    /// One artifact, and what was asked for it.
    pub fn artifact(&self, id: &str) -> Result<(Ask, Artifact), Failure> {
        self.read(|connection| {
            let (transform, artifact) = find(connection, id)?;
            Ok((transforms::load(connection, &transform)?.ask, artifact))
        })
    }

    /// Puts an artifact away, or takes it back. It is on disk when this returns; an event tells of it where it is new.
    pub fn set_discarded(
        &self,
        id: &str,
        discarded: bool,
        now: Timestamp,
    ) -> Result<Artifact, Failure> {
        let id = id.to_owned();
        self.write_events(Durability::Durable, move |connection| {
            Ok(set_discarded(connection, &id, discarded, now)?)
        })
    }
}

pub(super) fn of_job(connection: &Connection, job: &str) -> Stored<Vec<Artifact>> {
    let mut statement =
        connection.prepare_cached("SELECT record FROM artifacts WHERE job = ?1 ORDER BY number")?;
    let mut rows = statement.query([job])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let record: String = row.get(0)?;
        found.push(serde_json::from_str(&record)?);
    }
    Ok(found)
}

pub(super) fn put(connection: &Connection, artifact: &Artifact) -> Stored<()> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO artifacts (job, number, blob, record) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![
            artifact.job,
            artifact.index,
            artifact.blob.as_str(),
            serde_json::to_string(artifact)?
        ])?;
    Ok(())
}

fn set_discarded(
    connection: &Connection,
    id: &str,
    discarded: bool,
    now: Timestamp,
) -> Stored<Artifact> {
    let (transform, mut artifact) = find(connection, id)?;
    if artifact.discarded == discarded {
        return Ok(artifact);
    }
    artifact.discarded = discarded;
    put(connection, &artifact)?;
    let told = Box::new(artifact.clone());
    let fact = if discarded {
        Fact::Discarded { artifact: told }
    } else {
        Fact::Restored { artifact: told }
    };
    events::append(connection, now, &transform, &artifact.job, &fact)?;
    Ok(artifact)
}

/// An artifact and the transform it belongs to.
fn find(connection: &Connection, id: &str) -> Stored<(String, Artifact)> {
    let missing = || {
        Failure::new(ErrorKind::NotFound, format!("there is no artifact `{id}`"))
            .hint("`transform.get` and `job.get` name the artifacts of a job")
    };
    // Its id is its job and its place in the row.
    let (job, number) = id.rsplit_once('.').ok_or_else(missing)?;
    let number: u32 = number.parse().map_err(|_| missing())?;
    let (transform, record): (String, String) = connection
        .prepare_cached(
            "SELECT jobs.transform, record FROM artifacts JOIN jobs ON jobs.id = artifacts.job WHERE job = ?1 AND number = ?2",
        )?
        .query_row(params![job, number], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?
        .ok_or_else(missing)?;
    let artifact: Artifact = serde_json::from_str(&record)?;
    // `.01` is a number as well.
    if artifact.id == id { Ok((transform, artifact)) } else { Err(missing().into()) }
}
