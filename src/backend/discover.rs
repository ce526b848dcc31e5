//! Finding backends: every folder with a `backend.toml` below the folders that are searched. No
//! code of theirs runs here.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use easel_protocol::Failure;

use super::manifest::Manifest;

/// A manifest and where it was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The manifest's path.
    pub manifest_path: PathBuf,
    /// What it says, or why it cannot be used.
    pub manifest: Result<Manifest, Failure>,
}

impl Found {
    /// The manifest's id, or the folder's name where it cannot be read.
    pub fn id(&self) -> String {
        if let Ok(manifest) = &self.manifest {
            manifest.id.clone()
        } else {
            let folder = self.manifest_path.parent().and_then(Path::file_name).unwrap_or_default();
            folder.to_string_lossy().into_owned()
        }
    }

    /// Where the library lies.
    pub fn library(&self) -> Option<PathBuf> {
        let folder = self.manifest_path.parent()?;
        Some(self.manifest.as_ref().ok()?.library_path(folder))
    }
}

/// The backends below some folders, by id. Where an id is found twice, the earlier folder wins.
pub fn discover(folders: &[PathBuf]) -> BTreeMap<String, Found> {
    let mut backends = BTreeMap::new();
    for folder in folders {
        // A folder that is not there holds no backends.
        let Ok(entries) = fs::read_dir(folder) else { continue };
        let mut manifests: Vec<PathBuf> = entries
            .flatten()
            .map(|entry| entry.path().join("backend.toml"))
            .filter(|path| path.is_file())
            .collect();
        manifests.sort();
        for manifest_path in manifests {
            let found = Found { manifest: Manifest::read(&manifest_path), manifest_path };
            backends.entry(found.id()).or_insert(found);
        }
    }
    backends
}
