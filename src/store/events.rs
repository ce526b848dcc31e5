//! Events: appended with what they tell of in one transaction, read in the order of their numbers.

use easel_protocol::Failure;
use easel_protocol::job::{Event, EventPage, EventsParams, Fact, Timestamp};
use rusqlite::{Connection, params};

use super::{Store, Stored};

/// Appends an event.
pub(super) fn append(
    connection: &Connection,
    time: Timestamp,
    transform: &str,
    job: &str,
    fact: &Fact,
) -> Stored<()> {
    connection
        .prepare_cached("INSERT INTO events (time, transform, job, fact) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![time, transform, job, serde_json::to_string(fact)?])?;
    Ok(())
}

/// The number of the newest event.
pub(super) fn last(connection: &Connection) -> rusqlite::Result<u64> {
    connection
        .query_row(
            "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0)",
            [],
            |row| row.get::<_, i64>(0),
        )
        .map(i64::unsigned_abs)
}

impl Store {
    /// The events after a number, without waiting.
    pub fn events(&self, query: &EventsParams) -> Result<EventPage, Failure> {
        let limit = query.limit.unwrap_or(1000).clamp(1, 1000);
        self.read(|connection| Ok(select(connection, query, limit)?))
    }
}

fn select(connection: &Connection, query: &EventsParams, limit: u32) -> Stored<EventPage> {
    let after = i64::try_from(query.after).unwrap_or(i64::MAX);
    let mut events = Vec::new();
    let mut statement = match &query.transform {
        Some(_) => connection.prepare_cached(
            "SELECT seq, time, transform, job, fact FROM events WHERE seq > ?1 AND transform = ?2 ORDER BY seq LIMIT ?3",
        )?,
        None => connection.prepare_cached(
            "SELECT seq, time, transform, job, fact FROM events WHERE seq > ?1 AND ?2 IS NULL ORDER BY seq LIMIT ?3",
        )?,
    };
    let mut rows = statement.query(params![after, query.transform, limit])?;
    while let Some(row) = rows.next()? {
        events.push(Event {
            seq: row.get::<_, i64>(0)?.unsigned_abs(),
            time: row.get(1)?,
            transform: row.get(2)?,
            job: row.get(3)?,
            fact: serde_json::from_str(row.get_ref(4)?.as_str().map_err(rusqlite::Error::from)?)?,
        });
    }
    let next = events.last().map_or(query.after, |event| event.seq);
    Ok(EventPage { events, next })
}
