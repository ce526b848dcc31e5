//! What can go wrong with a worker, said for people and sorted for the scheduler. Only values: making
//! them is the business of the modules that meet the trouble.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use easel_backend_abi as abi;
use easel_protocol::Failure;

/// A picture in shared memory that cannot be made or taken.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// Sizes, stride or offset do not make a picture.
    #[error("not a picture: {0}")]
    Shape(String),
    /// The memory is read-only or shared by several holders.
    #[error("the picture's memory is shared and cannot be written")]
    Shared,
    /// The system refused memory or a mapping.
    #[error("cannot map {bytes} bytes of shared memory: {source}")]
    Memory {
        /// How many bytes were asked for.
        bytes: u64,
        /// The system's reason.
        source: io::Error,
    },
}

/// How a worker came to its end when nobody had asked it to end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Crash {
    /// The signal that ended the process, such as 11 for a bad access.
    pub signal: Option<i32>,
    /// The code with which it ended itself.
    pub exit: Option<i32>,
    /// Why the host ended it, where it did.
    pub reason: Option<String>,
    /// The last lines of its standard error; may be empty.
    pub stderr_tail: String,
}

impl fmt::Display for Crash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.reason, self.signal, self.exit) {
            (Some(reason), _, _) => write!(formatter, "it was ended by the host: {reason}")?,
            (None, Some(signal), _) => {
                write!(formatter, "signal {signal}{}", signal_meaning(signal))?;
            }
            (None, None, Some(code)) => write!(formatter, "it exited by itself with code {code}")?,
            (None, None, None) => write!(formatter, "it ended")?,
        }
        match self.stderr_tail.lines().last() {
            Some(line) => write!(formatter, "; its last line: {line}"),
            None => Ok(()),
        }
    }
}

fn signal_meaning(signal: i32) -> &'static str {
    match signal {
        4 => " (illegal instruction)",
        6 => " (aborted)",
        7 => " (bus error)",
        8 => " (arithmetic fault)",
        9 => " (killed, perhaps for lack of memory)",
        11 => " (bad memory access)",
        31 => " (a system call that is not permitted)",
        _ => "",
    }
}

/// Why a worker is not there.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// The process could not be started.
    #[error("cannot start `{}` as a worker: {source}", executable.display())]
    Spawn {
        /// The program.
        executable: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The library is not one of ours: missing, unreadable, another ABI, a table that makes no sense.
    #[error("cannot load the backend: {0}")]
    Load(String),
    /// `describe` gave no descriptor.
    #[error("the backend's descriptor is not valid: {0}")]
    Descriptor(String),
    /// `open` said no, and this is what it said.
    #[error("the backend did not open: {0}")]
    Open(Box<RunError>),
    /// It took longer than it may.
    #[error("the worker did not {stage} within {} ms", after.as_millis())]
    TimedOut {
        /// `load` or `open`.
        stage: &'static str,
        /// The limit.
        after: Duration,
    },
    /// It ended, or was ended for talking nonsense.
    #[error("the worker crashed: {0}")]
    Crashed(Crash),
    /// Somebody asked to stop before it was there.
    #[error("cancelled while starting a worker")]
    Cancelled,
}

impl WorkerError {
    /// What a person can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            WorkerError::Spawn { .. } => {
                "check that the program is still where it was started from, and that there is memory"
            }
            WorkerError::Load(_) => "install a build of the backend for this system and this ABI",
            WorkerError::Open(_) => "check the backend's configuration",
            WorkerError::TimedOut { .. } => "try again when the machine is less busy",
            WorkerError::Descriptor(_) | WorkerError::Crashed(_) => {
                "update the backend, or report this to its author"
            }
            WorkerError::Cancelled => "ask again",
        }
    }
}

/// Why a run gave no picture.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The request breaks the model's capability record: do not retry.
    #[error("{0}")]
    Invalid(String),
    /// This machine or this model cannot do it: try another.
    #[error("{0}")]
    Unsupported(String),
    /// A rate limit, a network, an overload: retry later.
    #[error("{0}")]
    Transient(String),
    /// A permission or a key is missing or was rejected.
    #[error("{0}")]
    Denied(String),
    /// The model refused the input or the output by its policy.
    #[error("{0}")]
    Refused(String),
    /// Anything else that the backend reports.
    #[error("{0}")]
    Failed(String),
    /// The backend, or the host while it served it, said what happened in the words of the wire.
    #[error("{0}")]
    Told(Box<Failure>),
    /// It says that all went well and made nothing.
    #[error("the backend reports success but made no picture")]
    NoOutput,
    /// Somebody asked to stop.
    #[error("the run was cancelled")]
    Cancelled,
    /// It took longer than it may.
    #[error("the run did not end within {} s", after.as_secs_f64())]
    TimedOut {
        /// The limit.
        after: Duration,
    },
    /// The worker ended, or was ended for talking nonsense.
    #[error("the backend crashed: {0}")]
    Crashed(Crash),
    /// This side failed: no memory, no descriptors.
    #[error("the host cannot serve the run: {0}")]
    Host(#[from] ImageError),
}

impl RunError {
    /// The error that a status of the ABI other than success stands for.
    pub(super) fn from_status(status: i32, text: Option<&str>) -> Self {
        let or = |default: &str| match text {
            Some(text) if !text.is_empty() => text.to_owned(),
            _ => format!("the backend reports: {default}, without a reason"),
        };
        match status {
            abi::EASEL_ERR_INVALID => RunError::Invalid(or("invalid request")),
            abi::EASEL_ERR_UNSUPPORTED => RunError::Unsupported(or("not supported")),
            abi::EASEL_ERR_TRANSIENT => RunError::Transient(or("a passing failure")),
            abi::EASEL_ERR_DENIED => RunError::Denied(or("permission denied")),
            abi::EASEL_ERR_REFUSED => RunError::Refused(or("refused")),
            abi::EASEL_CANCELLED => RunError::Failed(or("stopped although nobody asked")),
            abi::EASEL_ERR_FAILED => RunError::Failed(or("failure")),
            unknown => RunError::Failed(or(&format!("unknown status {unknown}"))),
        }
    }
}

/// Why the pool lends no worker.
#[derive(Debug, thiserror::Error)]
pub enum CheckoutError {
    /// It crashed a moment ago.
    #[error("the backend `{backend}` crashed and is given a pause")]
    BackingOff {
        /// The backend's id.
        backend: String,
        /// When it may be tried again, on the pool's clock.
        until: Instant,
        /// How long that is from now.
        retry_after: Duration,
    },
    /// It crashed too often.
    #[error("the backend `{backend}` is quarantined: {reason}")]
    Quarantined {
        /// The backend's id.
        backend: String,
        /// What happened last.
        reason: String,
    },
    /// Somebody asked to stop before a worker was free.
    #[error("cancelled while waiting for a worker")]
    Cancelled,
    /// The daemon is ending.
    #[error("the workers are being ended")]
    ShutDown,
    /// None could be made.
    #[error(transparent)]
    Worker(#[from] WorkerError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_its_error_and_an_unknown_one_failed() {
        let text = || Some("the reason");
        assert!(
            matches!(RunError::from_status(-1, text()), RunError::Invalid(it) if it == "the reason")
        );
        assert!(matches!(RunError::from_status(-2, text()), RunError::Unsupported(_)));
        assert!(matches!(RunError::from_status(-3, text()), RunError::Transient(_)));
        assert!(matches!(RunError::from_status(-4, text()), RunError::Denied(_)));
        assert!(matches!(RunError::from_status(-5, text()), RunError::Refused(_)));
        assert!(matches!(RunError::from_status(-6, text()), RunError::Failed(_)));
        let unknown = RunError::from_status(77, None).to_string();
        assert_eq!(unknown, "the backend reports: unknown status 77, without a reason");
    }

    #[test]
    fn a_crash_says_how_and_quotes_the_last_line() {
        let crash = Crash {
            signal: Some(11),
            stderr_tail: "loading\nbad pointer\n".to_owned(),
            ..Crash::default()
        };
        assert_eq!(crash.to_string(), "signal 11 (bad memory access); its last line: bad pointer");
        let crash = Crash { exit: Some(0), ..Crash::default() };
        assert_eq!(crash.to_string(), "it exited by itself with code 0");
    }
}
