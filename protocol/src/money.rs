//! Keys, prices and what was spent. No key is ever part of an answer.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::Failure;
use crate::job::Timestamp;
use crate::transform::Ask;

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

/// `budget.set`: a cap on what may be spent within any 24 hours.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BudgetParams {
    /// The cap; absent: there is none any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<f64>,
    /// ISO 4217 code. Default `USD`.
    #[serde(default = "usd")]
    pub currency: String,
    /// Only for what this folder asks for; absent: for everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
}

fn usd() -> String {
    "USD".to_owned()
}

/// A cap and how much of it is used up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Budget {
    /// The folder; absent: everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// The most within any 24 hours.
    pub amount: f64,
    /// ISO 4217 code.
    pub currency: String,
    /// Spent within the last 24 hours, with the estimates of what waits and runs.
    pub used: f64,
}

/// `spend.get`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SpendParams {
    /// How many days back. Default 30.
    pub days: u32,
}

impl Default for SpendParams {
    fn default() -> Self {
        SpendParams { days: 30 }
    }
}

/// What one model has cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Spend {
    /// The model's id.
    pub model: String,
    /// ISO 4217 code.
    pub currency: String,
    /// Jobs that were paid for.
    pub jobs: u64,
    /// What they cost: what the provider said, or else the estimate.
    pub spent: f64,
    /// What they were estimated at.
    pub estimated: f64,
    /// Jobs that failed without cost.
    pub free: u64,
    /// Jobs of which nobody knows whether they were charged; not part of `spent`.
    pub maybe: u64,
    /// What those would cost.
    pub maybe_spent: f64,
    /// The estimate of what waits and runs.
    pub reserved: f64,
}

/// The answer to `spend.get` and `budget.set`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SpendReport {
    /// From when on.
    pub since: Timestamp,
    /// By model, the dearest first.
    pub models: Vec<Spend>,
    /// The caps.
    pub budgets: Vec<Budget>,
}

/// What matters most when a model is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Prefer {
    /// A good result at a fair price.
    #[default]
    Balance,
    /// The result.
    Quality,
    /// The time.
    Speed,
    /// The price.
    Price,
}

/// `model.advise`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AdviseParams {
    /// What is to be done; its models are not looked at.
    pub ask: Ask,
    /// What matters most.
    #[serde(default)]
    pub prefer: Prefer,
}

/// One model in the order of advice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Choice {
    /// The model's id.
    pub model: String,
    /// Why it stands where it stands, in one sentence.
    pub reason: String,
    /// What it would cost.
    pub cost: f64,
    /// ISO 4217 code; empty where it costs nothing.
    pub currency: String,
    /// Why it cannot do it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

/// The answer to `model.advise`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Advice {
    /// The best first; those that cannot do it last.
    pub choices: Vec<Choice>,
}
