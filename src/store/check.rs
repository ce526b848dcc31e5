//! What `easel doctor` asks: whether the database is sound and blobs match their names. Reads only,
//! also while a daemon runs.

use std::path::Path;

use easel_protocol::{ErrorKind, Failure};

use super::{connection, io_failure, sql_failure};

/// Checks the database; `None` where there is none yet.
pub fn check_database(data: &Path) -> Result<Option<String>, Failure> {
    let path = data.join("easel.db");
    if !path.exists() {
        return Ok(None);
    }
    let connection = connection::open_reader(&path)?;
    let sql = |error: rusqlite::Error| sql_failure(&error);
    let verdict: String =
        connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(sql)?;
    if verdict != "ok" {
        return Err(Failure::new(ErrorKind::Corrupt, format!("the database is damaged: {verdict}"))
            .hint("stop the daemon, move `easel.db` away to start with an empty history (pictures stay under `blobs/`), or restore it from a backup"));
    }
    let count = |table: &str| {
        connection
            .query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get::<_, i64>(0))
    };
    let (transforms, jobs) = (count("transforms").map_err(sql)?, count("jobs").map_err(sql)?);
    Ok(Some(format!("sound, {transforms} transforms with {jobs} jobs")))
}

/// Reads every blob: how many there are, and which do not match their names.
pub fn check_blobs(data: &Path) -> Result<(u64, Vec<String>), Failure> {
    let root = data.join("blobs");
    let (mut count, mut damaged) = (0, Vec::new());
    let Ok(folders) = std::fs::read_dir(&root) else { return Ok((0, damaged)) };
    for folder in folders.flatten().filter(|folder| folder.file_name().len() == 2) {
        let files = std::fs::read_dir(folder.path())
            .map_err(|error| io_failure("read", &folder.path(), &error))?;
        for file in files.flatten() {
            let name = format!(
                "{}{}",
                folder.file_name().to_string_lossy(),
                file.file_name().to_string_lossy()
            );
            let mut hasher = blake3::Hasher::new();
            let read = std::fs::File::open(file.path())
                .and_then(|file| hasher.update_reader(file).map(|_| ()));
            read.map_err(|error| io_failure("read", &file.path(), &error))?;
            count += 1;
            if hasher.finalize().to_hex().as_str() != name {
                damaged.push(name);
            }
        }
    }
    Ok((count, damaged))
}
