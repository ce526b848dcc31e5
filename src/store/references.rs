//! Named sets of references. Their pictures are blobs, kept from being cleaned up by being named here.

use easel_protocol::picture::BlobId;
use easel_protocol::reference::{Reference, ReferenceSet};
use easel_protocol::{ErrorKind, Failure};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Durability, Store, Stored};

/// More than anyone can tell apart.
const MAX_SETS: u32 = 1000;

impl Store {
    /// Stores a set in place of the one of its name. Its blobs are on disk already, and it is when this returns.
    pub fn save_references(&self, set: ReferenceSet) -> Result<ReferenceSet, Failure> {
        self.write(Durability::Durable, move |connection| {
            put(connection, &set)?;
            Ok(set)
        })
    }

    /// Every set, by name.
    pub fn references(&self) -> Result<Vec<ReferenceSet>, Failure> {
        self.read(|connection| Ok(all(connection)?))
    }

    /// Forgets a set.
    pub fn remove_references(&self, name: &str) -> Result<ReferenceSet, Failure> {
        let name = name.to_owned();
        self.write(Durability::Durable, move |connection| Ok(remove(connection, &name)?))
    }
}

fn put(connection: &Connection, set: &ReferenceSet) -> Stored<()> {
    let others: u32 = connection
        .prepare_cached("SELECT count(*) FROM reference_sets WHERE name <> ?1")?
        .query_row([&set.name], |row| row.get(0))?;
    if others >= MAX_SETS {
        return Err(Failure::new(
            ErrorKind::TooLarge,
            format!("there are {others} named sets of references already"),
        )
        .hint("remove one that is not needed any more")
        .into());
    }
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO reference_sets (name, pictures, updated) VALUES (?1, ?2, ?3)",
        )?
        .execute(params![set.name, serde_json::to_string(&set.references)?, set.updated])?;
    Ok(())
}

fn all(connection: &Connection) -> Stored<Vec<ReferenceSet>> {
    let mut statement =
        connection.prepare_cached("SELECT name, pictures, updated FROM reference_sets")?;
    let mut rows = statement.query([])?;
    let mut sets = Vec::new();
    while let Some(row) = rows.next()? {
        sets.push(read_row(row)?);
    }
    // SQLite knows upper and lower case of ASCII alone.
    sets.sort_by_cached_key(|set| (set.name.to_lowercase(), set.name.clone()));
    Ok(sets)
}

fn read_row(row: &Row<'_>) -> Stored<ReferenceSet> {
    let pictures: String = row.get(1)?;
    let references: Vec<Reference> = serde_json::from_str(&pictures)?;
    Ok(ReferenceSet { name: row.get(0)?, references, updated: row.get(2)? })
}

fn remove(connection: &Connection, name: &str) -> Stored<ReferenceSet> {
    let (pictures, updated): (String, _) = connection
        .prepare_cached("DELETE FROM reference_sets WHERE name = ?1 RETURNING pictures, updated")?
        .query_row([name], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?
        .ok_or_else(|| {
            Failure::new(ErrorKind::NotFound, format!("there is no set of references `{name}`"))
                .hint("`reference.list` names them")
        })?;
    Ok(ReferenceSet {
        name: name.to_owned(),
        references: serde_json::from_str(&pictures)?,
        updated,
    })
}

/// Every blob that a set names.
pub(super) fn blobs(connection: &Connection) -> Stored<impl Iterator<Item = BlobId>> {
    let sets = all(connection)?;
    Ok(sets.into_iter().flat_map(|set| set.references).map(|reference| reference.blob))
}
