//! Cleaning up, only when asked: transforms past an age, and blobs that nothing refers to. What was
//! uploaded within the last day stays, since its transform may be about to be submitted.

use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use easel_protocol::Failure;
use easel_protocol::job::{Fact, Timestamp};
use easel_protocol::picture::BlobId;
use easel_protocol::server::{GcParams, GcReport};
use rusqlite::{Connection, params};

use super::{Durability, Store, Stored, made, references, transforms};

/// Blobs younger than this stay even when nothing refers to them.
const GRACE: Duration = Duration::from_hours(24);
const DAY_MS: i64 = 86_400_000;

impl Store {
    /// Removes what nothing refers to, and the transforms that ended long ago where asked to.
    pub fn collect_garbage(&self, query: &GcParams, now: Timestamp) -> Result<GcReport, Failure> {
        let mut report = GcReport { dry_run: query.dry_run, ..GcReport::default() };
        let mut forgotten = HashSet::new();
        if let Some(days) = query.older_than_days {
            let before = now - i64::from(days) * DAY_MS;
            forgotten = self.read(|connection| Ok(ended_before(connection, before)?))?;
            report.transforms = forgotten.len() as u64;
            if !query.dry_run {
                let ids: Vec<String> = forgotten.iter().cloned().collect();
                self.write(Durability::Durable, move |connection| Ok(forget(connection, &ids)?))?;
            }
        }
        let wanted = self.referenced(&forgotten)?;
        let young = SystemTime::now().checked_sub(GRACE).unwrap_or(SystemTime::UNIX_EPOCH);
        for (id, bytes, modified) in self.blobs.list()? {
            if wanted.contains(&id) || modified > young {
                report.kept_blobs += 1;
                report.kept_bytes += bytes;
                continue;
            }
            if !query.dry_run {
                self.blobs.remove(&id)?;
            }
            report.blobs += 1;
            report.bytes += bytes;
        }
        Ok(report)
    }

    /// Every blob that a stored transform or a set of references needs, profiles included.
    fn referenced(&self, without: &HashSet<String>) -> Result<HashSet<BlobId>, Failure> {
        let mut wanted = self.read(|connection| Ok(stored_references(connection, without)?))?;
        let profiles: Vec<BlobId> =
            wanted.iter().filter_map(|id| self.blobs.info(id).ok()?.picture?.icc).collect();
        wanted.extend(profiles);
        Ok(wanted)
    }
}

fn stored_references(
    connection: &Connection,
    without: &HashSet<String>,
) -> Stored<HashSet<BlobId>> {
    let mut wanted = HashSet::new();
    for (id, ask) in transforms::asked_blobs(connection)? {
        if !without.contains(&id) {
            wanted.insert(ask.source);
            wanted.extend(ask.mask);
            wanted.extend(ask.references);
        }
    }
    let mut statement = connection.prepare(
        "SELECT jobs.transform, blob FROM artifacts JOIN jobs ON jobs.id = artifacts.job",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (transform, blob): (String, String) = (row.get(0)?, row.get(1)?);
        if !without.contains(&transform) {
            wanted.extend(blob.parse().ok());
        }
    }
    wanted.extend(references::blobs(connection)?);
    wanted.extend(made::blobs(connection)?);
    wanted.extend(made::run_blobs(connection)?);
    // Previews of runs that have not ended are still shown somewhere.
    let mut statement = connection.prepare(
        "SELECT fact FROM events JOIN jobs ON jobs.id = events.job WHERE jobs.state IN ('queued', 'running') AND fact LIKE '%preview%'",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let fact: String = row.get(0)?;
        if let Fact::Preview { blob } = serde_json::from_str(&fact)? {
            wanted.insert(blob);
        }
    }
    Ok(wanted)
}

fn ended_before(connection: &Connection, before: Timestamp) -> Stored<HashSet<String>> {
    let mut statement = connection.prepare(
        "SELECT id FROM transforms WHERE created < ?1 AND NOT EXISTS (
            SELECT 1 FROM jobs WHERE jobs.transform = transforms.id
                AND (state IN ('queued', 'running') OR coalesce(finished, created) >= ?1))",
    )?;
    let rows = statement.query_map(params![before], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn forget(connection: &Connection, ids: &[String]) -> Stored<()> {
    let mut events = connection.prepare("DELETE FROM events WHERE transform = ?1")?;
    // Jobs and artifacts go with it.
    let mut transforms = connection.prepare("DELETE FROM transforms WHERE id = ?1")?;
    for id in ids {
        events.execute([id])?;
        transforms.execute([id])?;
    }
    Ok(())
}
