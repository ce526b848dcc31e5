//! What a history is made of: transforms that are found again, pictures put away and taken back, and named sets of
//! references. Nothing here runs anything.

use std::collections::HashSet;

use easel_protocol::job::Artifact;
use easel_protocol::picture::BlobId;
use easel_protocol::reference::{Reference, ReferenceSaveParams, ReferenceSet};
use easel_protocol::transform::{ListParams, SearchParams, TransformList, TransformRows};
use easel_protocol::{ErrorKind, Failure};

use super::{Daemon, now, picture};

/// More references than any model takes.
const MAX_REFERENCES: usize = 16;
/// A name is shown in a list.
const MAX_NAME_CHARACTERS: usize = 100;

impl Daemon {
    /// `transform.list`.
    pub fn transforms(&self, query: &ListParams) -> Result<TransformList, Failure> {
        let named = self.named(query.text.as_deref())?;
        Ok(TransformList { transforms: self.store.transforms(query, &named)? })
    }

    /// `transform.search`.
    pub fn search(&self, query: &SearchParams) -> Result<TransformRows, Failure> {
        self.store.search(query, &self.named(query.text.as_deref())?)
    }

    /// The models whose label holds a text: people look for the label that they see, which may be another one by now.
    fn named(&self, text: Option<&str>) -> Result<HashSet<String>, Failure> {
        let text = text.map(|text| text.trim().to_lowercase()).filter(|text| !text.is_empty());
        let Some(text) = text else { return Ok(HashSet::new()) };
        let models = self.backends.models()?.into_iter().map(|entry| entry.record);
        let found = models.filter(|record| record.label.to_lowercase().contains(&text));
        Ok(found.map(|record| record.id).collect())
    }

    /// `artifact.discard`.
    pub fn discard(&self, artifact: &str) -> Result<Artifact, Failure> {
        self.store.set_discarded(artifact, true, now())
    }

    /// `artifact.restore`.
    pub fn restore(&self, artifact: &str) -> Result<Artifact, Failure> {
        self.store.set_discarded(artifact, false, now())
    }

    /// `reference.save`: on disk, pictures included, when this returns.
    pub fn save_references(&self, params: ReferenceSaveParams) -> Result<ReferenceSet, Failure> {
        let name = set_name(&params.name)?;
        let references = self.references_of(&params.blobs)?;
        for reference in &references {
            picture::settle(&self.store, &reference.blob)?;
        }
        self.store.save_references(ReferenceSet { name, references, updated: now() })
    }

    /// `reference.remove`.
    pub fn remove_references(&self, name: &str) -> Result<ReferenceSet, Failure> {
        self.store.remove_references(name.trim())
    }

    fn references_of(&self, blobs: &[BlobId]) -> Result<Vec<Reference>, Failure> {
        if blobs.is_empty() || blobs.len() > MAX_REFERENCES {
            return Err(Failure::new(
                ErrorKind::InvalidRequest,
                format!(
                    "a set of references has 1 to {MAX_REFERENCES} pictures, not {}",
                    blobs.len()
                ),
            ));
        }
        for (index, blob) in blobs.iter().enumerate() {
            if blobs[..index].contains(blob) {
                let message = format!("the picture `{blob}` is in the set twice");
                return Err(Failure::new(ErrorKind::InvalidRequest, message)
                    .hint("name every picture once"));
            }
        }
        let of = |blob: &BlobId| {
            let info = picture::open(&self.store, blob)?.info;
            Ok(Reference { blob: blob.clone(), width: info.width, height: info.height })
        };
        blobs.iter().map(of).collect()
    }
}

fn set_name(name: &str) -> Result<String, Failure> {
    let name = name.trim();
    let length = name.chars().count();
    if length == 0 || length > MAX_NAME_CHARACTERS {
        return Err(Failure::new(
            ErrorKind::InvalidRequest,
            format!("the name has {length} characters, 1 to {MAX_NAME_CHARACTERS} are possible"),
        ));
    }
    if name.chars().any(char::is_control) {
        return Err(Failure::new(
            ErrorKind::InvalidRequest,
            "the name has control characters in it",
        )
        .hint("give it one line of plain text"));
    }
    Ok(name.to_owned())
}
