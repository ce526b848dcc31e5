//! Folders that the tasks make and take away, with errors that name them.

use std::fs;
use std::io;
use std::path::Path;

use crate::Outcome;

/// Makes a folder and those above it.
pub(crate) fn create(folder: &Path) -> Outcome {
    fs::create_dir_all(folder).map_err(|error| at(folder, &error))
}

/// Takes a folder away, whether it is there or not.
pub(crate) fn remove(folder: &Path) -> Outcome {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(folder, &error)),
        _ => Ok(()),
    }
}

/// What went wrong, and where.
pub(crate) fn at(path: &Path, error: &io::Error) -> String {
    format!("`{}`: {error}", path.display())
}
