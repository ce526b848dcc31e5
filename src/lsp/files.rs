//! Files beside a document: whether one is there, and which there are to offer.

use std::path::Path;

use crate::recipe::edit::complete::Listed;

/// More than a menu can show; a folder of a million pictures must not hold up typing.
const MOST: usize = 2_000;

/// What lies in a folder, which is named relative to a document's own.
pub(super) fn list(own: &Path, folder: &str) -> Vec<Listed> {
    let Ok(entries) = std::fs::read_dir(own.join(folder)) else { return Vec::new() };
    let listed = |entry: std::fs::DirEntry| {
        let name = entry.file_name().into_string().ok()?;
        // What a link leads to counts.
        let folder = entry.file_type().ok()?.is_dir() || entry.path().is_dir();
        Some(Listed { name, folder })
    };
    let mut found: Vec<Listed> = entries.flatten().take(MOST).filter_map(listed).collect();
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found
}
