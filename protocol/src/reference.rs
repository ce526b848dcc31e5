//! Named sets of references, kept by the daemon and shared by all editors.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::job::Timestamp;
use crate::picture::BlobId;

/// `reference.save`: makes a set, or replaces the one of this name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReferenceSaveParams {
    /// Its name: 1 to 100 characters without control characters. White space around it is cut off.
    pub name: String,
    /// Its pictures in order, 1 to 16, uploaded before. A picture named twice is refused.
    pub blobs: Vec<BlobId>,
}

/// `reference.remove`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReferenceParams {
    /// The set's name.
    pub name: String,
}

/// A picture of a set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reference {
    /// Its pixels.
    pub blob: BlobId,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

/// A named set of references. Its pictures stay as long as it does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReferenceSet {
    /// Its name.
    pub name: String,
    /// Its pictures, in order.
    pub references: Vec<Reference>,
    /// When it was saved last.
    pub updated: Timestamp,
}

/// `reference.list`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReferenceList {
    /// Sorted by name, upper and lower case alike.
    pub sets: Vec<ReferenceSet>,
}
