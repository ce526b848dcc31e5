//! The one error vocabulary: `kind` is the stable part that programs act on, the rest is for
//! people. Every face of Easel (wire, command line, editors) shows these and no others.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What went wrong, as a closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// The ask itself is wrong: a missing field, a value out of range.
    InvalidRequest,
    /// The model, the picture or this machine cannot do it.
    Unsupported,
    /// There is nothing under this id.
    NotFound,
    /// The same client key came with another ask.
    Conflict,
    /// More pixels or bytes than a limit allows.
    TooLarge,
    /// The bytes are no picture that Easel reads.
    NotAPicture,
    /// Damaged data: a truncated picture, a blob that does not match its name.
    Corrupt,
    /// The token is missing or wrong.
    Unauthorized,
    /// The Host or Origin of the request is not allowed.
    Forbidden,
    /// No key is stored for the provider.
    KeyMissing,
    /// The provider does not accept the stored key.
    KeyRejected,
    /// The account has no credit left.
    OutOfQuota,
    /// The provider asks to slow down.
    RateLimited,
    /// The provider's policy refuses the input.
    RefusedInput,
    /// The provider's policy refuses what the model made.
    RefusedOutput,
    /// The run ended well and gave no picture.
    NoImage,
    /// The provider has retired the model.
    ModelGone,
    /// It may work when tried again: network, overload.
    Transient,
    /// It took longer than the model's limit.
    TimedOut,
    /// The backend's process ended in the middle of the run.
    BackendCrashed,
    /// The backend reported a failure of its own.
    BackendFailed,
    /// The backend is not trusted, switched off or in quarantine.
    BackendBlocked,
    /// The network's weights are not on this machine, or damaged.
    WeightsMissing,
    /// The daemon or the connection ended in the middle of the run, and the run cannot be repeated unasked.
    Interrupted,
    /// The job was cancelled.
    Cancelled,
    /// A budget would be exceeded.
    OverBudget,
    /// The disk is full or the data folder cannot be written.
    StorageFull,
    /// The daemon is shutting down or has too much to do.
    Busy,
    /// A fault in Easel itself.
    Internal,
}

impl ErrorKind {
    /// Every kind.
    pub const ALL: [ErrorKind; 29] = [
        ErrorKind::InvalidRequest,
        ErrorKind::Unsupported,
        ErrorKind::NotFound,
        ErrorKind::Conflict,
        ErrorKind::TooLarge,
        ErrorKind::NotAPicture,
        ErrorKind::Corrupt,
        ErrorKind::Unauthorized,
        ErrorKind::Forbidden,
        ErrorKind::KeyMissing,
        ErrorKind::KeyRejected,
        ErrorKind::OutOfQuota,
        ErrorKind::RateLimited,
        ErrorKind::RefusedInput,
        ErrorKind::RefusedOutput,
        ErrorKind::NoImage,
        ErrorKind::ModelGone,
        ErrorKind::Transient,
        ErrorKind::TimedOut,
        ErrorKind::BackendCrashed,
        ErrorKind::BackendFailed,
        ErrorKind::BackendBlocked,
        ErrorKind::WeightsMissing,
        ErrorKind::Interrupted,
        ErrorKind::Cancelled,
        ErrorKind::OverBudget,
        ErrorKind::StorageFull,
        ErrorKind::Busy,
        ErrorKind::Internal,
    ];

    /// The JSON-RPC code: `-32602` for a wrong ask, else `-32000` minus the place in the list.
    pub fn code(self) -> i32 {
        if self == ErrorKind::InvalidRequest {
            return -32602;
        }
        let place = ErrorKind::ALL.iter().position(|kind| *kind == self).unwrap_or_default();
        -32000 - place as i32
    }

    /// The status of an HTTP answer.
    pub fn http_status(self) -> u16 {
        match self {
            ErrorKind::InvalidRequest => 400,
            ErrorKind::Unauthorized => 401,
            ErrorKind::Forbidden => 403,
            ErrorKind::NotFound => 404,
            ErrorKind::Conflict => 409,
            ErrorKind::TooLarge => 413,
            ErrorKind::NotAPicture | ErrorKind::Unsupported => 415,
            ErrorKind::Corrupt => 422,
            ErrorKind::RateLimited => 429,
            ErrorKind::Busy => 503,
            ErrorKind::StorageFull => 507,
            _ => 500,
        }
    }

    /// The word used on the wire.
    pub fn name(self) -> String {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::String(name)) => name,
            _ => format!("{self:?}"),
        }
    }
}

/// Whether a failure was paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Charged {
    /// Nothing was paid.
    No,
    /// It was paid for.
    Yes,
    /// The provider may have charged; nobody can tell from here.
    Maybe,
}

/// A failure as every face of Easel shows it; `data` of a JSON-RPC error, the body of an HTTP one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    /// The stable part.
    pub kind: ErrorKind,
    /// What went wrong: lower case, literals in backticks, no full stop.
    pub message: String,
    /// What to do next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// When trying again makes sense, in milliseconds from now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// The provider's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_message: Option<String>,
    /// Whether it was paid for; absent where nothing costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charged: Option<Charged>,
}

impl Failure {
    /// A failure without a hint.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Failure {
            kind,
            message: message.into(),
            hint: None,
            retry_after_ms: None,
            provider_message: None,
            charged: None,
        }
    }

    /// The same failure with what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}
