//! Paired clients and what was decided about backends.

use std::collections::HashMap;

use easel_protocol::Failure;
use easel_protocol::job::Timestamp;
use easel_protocol::server::PairedClient;
use rusqlite::{Connection, OptionalExtension, params};

use super::{Durability, Store, Stored};

/// What was decided about a backend.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// The hash of the library that may run.
    pub trusted_hash: Option<String>,
    /// Somebody switched it off.
    pub disabled: bool,
}

/// So much of a token's hash tells clients apart, and says nothing of the token.
const ID: usize = 12;

impl Store {
    /// Stores a paired client; of its token only a hash.
    pub fn add_client(
        &self,
        token_hash: String,
        name: String,
        now: Timestamp,
    ) -> Result<(), Failure> {
        self.write(Durability::Durable, move |connection| {
            Ok(add_client(connection, &token_hash, &name, now)?)
        })
    }

    /// The name of the client that a token belongs to.
    pub fn client(&self, token_hash: &str) -> Result<Option<String>, Failure> {
        self.read(|connection| Ok(find_client(connection, token_hash)?))
    }

    /// Everybody who was let in, the newest first.
    pub fn clients(&self) -> Result<Vec<PairedClient>, Failure> {
        self.read(|connection| Ok(all_clients(connection)?))
    }

    /// Forgets a client, by its id, or all of a name; returns them.
    pub fn remove_clients(&self, named: &str) -> Result<Vec<PairedClient>, Failure> {
        let named = named.to_owned();
        self.write(Durability::Durable, move |connection| {
            let mut found = all_clients(connection)?;
            found.retain(|client| client.id == named || client.name == named);
            for client in &found {
                remove_client(connection, &client.id)?;
            }
            Ok(found)
        })
    }

    /// Every decision, by the backend's id.
    pub fn decisions(&self) -> Result<HashMap<String, Decision>, Failure> {
        self.read(|connection| Ok(all_decisions(connection)?))
    }

    /// Stores a decision.
    pub fn decide(&self, backend: &str, decision: Decision) -> Result<(), Failure> {
        let backend = backend.to_owned();
        self.write(Durability::Durable, move |connection| {
            Ok(put_decision(connection, &backend, &decision)?)
        })
    }
}

fn add_client(connection: &Connection, token_hash: &str, name: &str, now: Timestamp) -> Stored<()> {
    connection
        .prepare_cached("INSERT INTO clients (token_hash, name, created) VALUES (?1, ?2, ?3)")?
        .execute(params![token_hash, name, now])?;
    Ok(())
}

fn find_client(connection: &Connection, token_hash: &str) -> Stored<Option<String>> {
    Ok(connection
        .prepare_cached("SELECT name FROM clients WHERE token_hash = ?1")?
        .query_row([token_hash], |row| row.get(0))
        .optional()?)
}

fn all_clients(connection: &Connection) -> Stored<Vec<PairedClient>> {
    let mut statement = connection.prepare_cached(
        "SELECT token_hash, name, created FROM clients ORDER BY created DESC, token_hash",
    )?;
    let rows = statement.query_map([], |row| {
        let hash: String = row.get(0)?;
        Ok(PairedClient { id: hash[..ID].to_owned(), name: row.get(1)?, created: row.get(2)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn remove_client(connection: &Connection, id: &str) -> Stored<()> {
    connection
        .prepare_cached("DELETE FROM clients WHERE token_hash GLOB ?1 || '*'")?
        .execute([id])?;
    Ok(())
}

fn all_decisions(connection: &Connection) -> Stored<HashMap<String, Decision>> {
    let mut statement =
        connection.prepare_cached("SELECT id, trusted_hash, disabled FROM backends")?;
    let rows = statement.query_map([], |row| {
        Ok((
            row.get::<_, String>(0)?,
            Decision { trusted_hash: row.get(1)?, disabled: row.get(2)? },
        ))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn put_decision(connection: &Connection, backend: &str, decision: &Decision) -> Stored<()> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO backends (id, trusted_hash, disabled) VALUES (?1, ?2, ?3)",
        )?
        .execute(params![backend, decision.trusted_hash, decision.disabled])?;
    Ok(())
}
