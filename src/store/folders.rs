//! Watched folders. One that is removed keeps what was done in it, for the day on which it comes back.

use easel_protocol::Failure;
use easel_protocol::folder::FolderSpec;
use rusqlite::{Connection, params};

use super::{Durability, Store, Stored};

/// A watched folder as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredFolder {
    /// The id: made from the path, so that a folder that comes back is known.
    pub id: String,
    /// What is watched.
    pub spec: FolderSpec,
    /// Somebody paused it.
    pub paused: bool,
    /// It comes from `folders.toml`.
    pub declared: bool,
    /// How many files were ever done in it.
    pub done: u64,
}

impl Store {
    /// The folders that are watched, by id.
    pub fn folders(&self) -> Result<Vec<StoredFolder>, Failure> {
        self.read(|connection| Ok(all(connection)?))
    }

    /// Stores a folder in place of the one of its id. What was done in it stays done.
    pub fn put_folder(&self, folder: StoredFolder) -> Result<(), Failure> {
        self.write(Durability::Durable, move |connection| Ok(put(connection, &folder)?))
    }

    /// Forgets that a folder is watched.
    pub fn remove_folder(&self, id: &str) -> Result<(), Failure> {
        let id = id.to_owned();
        self.write(Durability::Durable, move |connection| Ok(remove(connection, &id)?))
    }
}

fn all(connection: &Connection) -> Stored<Vec<StoredFolder>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, spec, paused, declared, done FROM folders WHERE NOT removed ORDER BY id",
    )?;
    let mut rows = statement.query([])?;
    let mut folders = Vec::new();
    while let Some(row) = rows.next()? {
        let spec: String = row.get(1)?;
        folders.push(StoredFolder {
            id: row.get(0)?,
            spec: serde_json::from_str(&spec)?,
            paused: row.get(2)?,
            declared: row.get(3)?,
            done: row.get::<_, i64>(4)?.unsigned_abs(),
        });
    }
    Ok(folders)
}

fn put(connection: &Connection, folder: &StoredFolder) -> Stored<()> {
    connection.execute(
        "INSERT INTO folders (id, spec, paused, declared) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (id) DO UPDATE SET spec = ?2, paused = ?3, declared = ?4, removed = 0",
        params![folder.id, serde_json::to_string(&folder.spec)?, folder.paused, folder.declared],
    )?;
    Ok(())
}

fn remove(connection: &Connection, id: &str) -> Stored<()> {
    connection.execute("UPDATE folders SET removed = 1 WHERE id = ?1", [id])?;
    // What waits was promised nothing; what is done stays, so that it is not done again.
    connection.execute("DELETE FROM files WHERE folder = ?1 AND state = 'waiting'", [id])?;
    Ok(())
}
