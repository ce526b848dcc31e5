//! Which model to take for an ask, and why.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::Failure;
use crate::transform::{Ask, AskShape};

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
    /// The shape of pictures that are not uploaded yet: no blob is then looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shape: Option<AskShape>,
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
