//! Why a backend gives up: a kind for the scheduler, which decides what happens next, and a text for
//! the person who waits. It decides nothing itself.

use std::fmt;

use easel_protocol::Failure;
use easel_protocol::error::ErrorKind as Cause;

use easel_backend_abi::{
    EASEL_CANCELLED, EASEL_ERR_DENIED, EASEL_ERR_FAILED, EASEL_ERR_INVALID, EASEL_ERR_REFUSED,
    EASEL_ERR_TRANSIENT, EASEL_ERR_UNSUPPORTED, EaselStatus,
};

/// The result of everything here.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What the scheduler is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The job was cancelled or ran out of time.
    Cancelled,
    /// The request breaks the model's record: not retried.
    Invalid,
    /// This machine or this model cannot do it: another is tried.
    Unsupported,
    /// Rate limit, network, overload: retried later.
    Transient,
    /// A permission or a key is missing or was rejected.
    Denied,
    /// The model refused the input or the output by its policy.
    Refused,
    /// Anything else.
    Failed,
}

impl ErrorKind {
    /// The status of the C interface.
    pub fn status(self) -> EaselStatus {
        match self {
            ErrorKind::Cancelled => EASEL_CANCELLED,
            ErrorKind::Invalid => EASEL_ERR_INVALID,
            ErrorKind::Unsupported => EASEL_ERR_UNSUPPORTED,
            ErrorKind::Transient => EASEL_ERR_TRANSIENT,
            ErrorKind::Denied => EASEL_ERR_DENIED,
            ErrorKind::Refused => EASEL_ERR_REFUSED,
            ErrorKind::Failed => EASEL_ERR_FAILED,
        }
    }

    /// The kind of a status that is not `EASEL_OK`; an unknown one is a failure.
    pub fn from_status(status: EaselStatus) -> Self {
        match status {
            EASEL_CANCELLED => ErrorKind::Cancelled,
            EASEL_ERR_INVALID => ErrorKind::Invalid,
            EASEL_ERR_UNSUPPORTED => ErrorKind::Unsupported,
            EASEL_ERR_TRANSIENT => ErrorKind::Transient,
            EASEL_ERR_DENIED => ErrorKind::Denied,
            EASEL_ERR_REFUSED => ErrorKind::Refused,
            _ => ErrorKind::Failed,
        }
    }
}

/// A kind and a text. The constructors take anything that can be displayed, so that
/// `map_err(Error::failed)` turns any error into one.
#[derive(Clone, Debug, PartialEq)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    /// What is known beyond that, in Easel's own words.
    failure: Option<Box<Failure>>,
    /// The host failed and knows the text better: it is not overwritten.
    told: bool,
}

impl Error {
    /// An error with a text: lower case, no full stop, what went wrong.
    pub fn new(kind: ErrorKind, message: impl fmt::Display) -> Self {
        Error { kind, message: message.to_string(), failure: None, told: false }
    }

    /// An error in Easel's own words: what the provider said, what was charged, what to do next.
    pub fn of(failure: Failure) -> Self {
        let kind = match failure.kind {
            Cause::Cancelled => ErrorKind::Cancelled,
            Cause::InvalidRequest | Cause::TooLarge | Cause::NotFound => ErrorKind::Invalid,
            Cause::Unsupported | Cause::ModelGone => ErrorKind::Unsupported,
            Cause::RateLimited | Cause::Transient | Cause::Busy => ErrorKind::Transient,
            Cause::KeyMissing | Cause::KeyRejected | Cause::OutOfQuota | Cause::Forbidden => {
                ErrorKind::Denied
            }
            Cause::RefusedInput | Cause::RefusedOutput => ErrorKind::Refused,
            _ => ErrorKind::Failed,
        };
        let message = failure.message.clone();
        Error { kind, message, failure: Some(Box::new(failure)), told: false }
    }

    /// The request breaks the model's record.
    pub fn invalid(message: impl fmt::Display) -> Self {
        Error::new(ErrorKind::Invalid, message)
    }

    /// This machine or this model cannot do it.
    pub fn unsupported(message: impl fmt::Display) -> Self {
        Error::new(ErrorKind::Unsupported, message)
    }

    /// It may work later.
    pub fn transient(message: impl fmt::Display) -> Self {
        Error::new(ErrorKind::Transient, message)
    }

    /// A permission or a key is missing or was rejected.
    pub fn denied(message: impl fmt::Display) -> Self {
        Error::new(ErrorKind::Denied, message)
    }

    /// The model refused by its policy.
    pub fn refused(message: impl fmt::Display) -> Self {
        Error::new(ErrorKind::Refused, message)
    }

    /// Anything else.
    pub fn failed(message: impl fmt::Display) -> Self {
        Error::new(ErrorKind::Failed, message)
    }

    /// The job was cancelled; [`Job::keep_going`](crate::Job::keep_going) makes it.
    pub fn cancelled() -> Self {
        Error::new(ErrorKind::Cancelled, "the job was cancelled")
    }

    /// A service of the host failed, and the host has already set the text.
    pub(crate) fn of_the_host(kind: ErrorKind, message: impl fmt::Display) -> Self {
        Error { kind, message: message.to_string(), failure: None, told: true }
    }

    /// What the scheduler is to do.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// What a person reads.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What is known beyond the text, where it is.
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_deref()
    }

    pub(crate) fn is_told(&self) -> bool {
        self.told
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
