//! What was spent, and caps on it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::job::Timestamp;

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
