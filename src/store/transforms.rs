//! Transforms: an ask and its jobs, stored together or not at all.

use std::collections::{HashMap, HashSet};

use easel_protocol::job::{Fact, JobRecord, Timestamp};
use easel_protocol::transform::{Ask, JobPlan, ListParams, TransformRecord};
use easel_protocol::{ErrorKind, Failure};
use rusqlite::{Connection, OptionalExtension, params};

use super::{Durability, Store, Stored, events, jobs, ledger, search};

/// A transform that is to be stored.
pub struct NewTransform {
    /// Its id.
    pub id: String,
    /// The client's key.
    pub key: String,
    /// What was asked.
    pub ask: Ask,
    /// One job a model: its id and plan.
    pub jobs: Vec<(String, JobPlan)>,
    /// The folder on whose budget it goes.
    pub folder: Option<String>,
    /// When.
    pub created: Timestamp,
    /// Whether somebody is told of it, or could do it again for nothing.
    pub durability: Durability,
}

impl Store {
    /// Stores a transform with its jobs, or finds the one that was stored under the same key. The
    /// flag says whether it is new. It is as durable when this returns as was asked for.
    pub fn submit(&self, new: NewTransform) -> Result<(TransformRecord, bool), Failure> {
        self.write_events(new.durability, move |connection| Ok(insert(connection, new)?))
    }

    /// The transform stored under a client's key.
    pub fn transform_by_key(&self, key: &str) -> Result<Option<TransformRecord>, Failure> {
        self.read(|connection| {
            let id = find_key(connection, key)?;
            Ok(id.map(|id| load(connection, &id)).transpose()?)
        })
    }

    /// One transform.
    pub fn transform(&self, id: &str) -> Result<TransformRecord, Failure> {
        self.read(|connection| Ok(load(connection, id)?))
    }

    /// A page of transforms, newest first. A text that is searched for is also found in jobs of the models in `named`.
    pub fn transforms(
        &self,
        query: &ListParams,
        named: &HashSet<String>,
    ) -> Result<Vec<TransformRecord>, Failure> {
        self.read(|connection| {
            let ids = search::page(connection, query, named)?;
            ids.iter().map(|id| Ok(load(connection, id)?)).collect()
        })
    }
}

fn find_key(connection: &Connection, key: &str) -> Stored<Option<String>> {
    Ok(connection
        .prepare_cached("SELECT id FROM transforms WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()?)
}

fn insert(connection: &Connection, new: NewTransform) -> Stored<(TransformRecord, bool)> {
    if let Some(id) = find_key(connection, &new.key)? {
        let stored = load(connection, &id)?;
        if stored.ask != new.ask {
            return Err(Failure::new(
                ErrorKind::Conflict,
                format!("the key `{}` was used for another ask", new.key),
            )
            .hint("make a new key for every new ask")
            .into());
        }
        return Ok((stored, false));
    }
    ledger::reserve(connection, &new.jobs, new.folder.as_deref(), new.created)?;
    let models = new.jobs.iter().map(|(_, plan)| plan.model.as_str());
    let words = search::words(new.ask.prompt.as_deref(), new.ask.title.as_deref(), models);
    connection
        .prepare_cached(
            "INSERT INTO transforms (id, key, ask, created, words, folder) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            new.id,
            new.key,
            serde_json::to_string(&new.ask)?,
            new.created,
            words,
            new.folder
        ])?;
    for (position, (id, plan)) in new.jobs.iter().enumerate() {
        jobs::insert(connection, &new.id, position, id, plan, new.created)?;
        events::append(connection, new.created, &new.id, id, &Fact::Queued)?;
    }
    Ok((load(connection, &new.id)?, true))
}

pub(super) fn load(connection: &Connection, id: &str) -> Stored<TransformRecord> {
    let (key, ask, created): (String, String, Timestamp) = connection
        .prepare_cached("SELECT key, ask, created FROM transforms WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?
        .ok_or_else(|| {
            Failure::new(ErrorKind::NotFound, format!("there is no transform `{id}`"))
        })?;
    let jobs: Vec<JobRecord> = jobs::of_transform(connection, id)?;
    Ok(TransformRecord { id: id.to_owned(), key, ask: serde_json::from_str(&ask)?, created, jobs })
}

/// Every blob that an ask refers to, by its id.
pub(super) fn asked_blobs(connection: &Connection) -> Stored<HashMap<String, Ask>> {
    let mut statement = connection.prepare("SELECT id, ask FROM transforms")?;
    let mut rows = statement.query([])?;
    let mut asks = HashMap::new();
    while let Some(row) = rows.next()? {
        let text: String = row.get(1)?;
        asks.insert(row.get(0)?, serde_json::from_str(&text)?);
    }
    Ok(asks)
}
