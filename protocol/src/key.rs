//! Keys of providers. No key is ever part of an answer.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::Failure;

/// `key.set`: only with the token of a local integration.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeySetParams {
    /// The name that a backend's manifest gives it, such as `gemini`.
    pub name: String,
    /// The key itself. It is stored and never read back.
    pub value: String,
}

impl std::fmt::Debug for KeySetParams {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("KeySetParams").field("name", &self.name).finish_non_exhaustive()
    }
}

/// `key.remove`, `key.test`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyParams {
    /// The key's name.
    pub name: String,
}

/// Where a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyPlace {
    /// In the keychain of the operating system.
    Keychain,
    /// In a file that this user alone can read.
    File,
    /// In a variable of the daemon's environment.
    Environment,
}

/// A key that some backend asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeyRecord {
    /// Its name.
    pub name: String,
    /// The backends that ask for it.
    pub backends: Vec<String>,
    /// Where it is; absent: there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<KeyPlace>,
    /// The only origins that ever get it.
    pub origins: Vec<String>,
    /// The variables of the environment that are looked at.
    pub environment: Vec<String>,
    /// Where a person gets one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub page: String,
}

/// `key.list`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KeyList {
    /// Sorted by name.
    pub keys: Vec<KeyRecord>,
}

/// The answer to `key.test`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KeyTest {
    /// The key's name.
    pub name: String,
    /// The provider accepts it.
    pub works: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}
