//! What a caller gives to a run and hears from it: plain values and one trait, nothing that acts.

use std::time::Duration;

use easel_protocol::model::{RunFact, RunParams};
use easel_protocol::{ErrorKind, Failure};

use super::image::SharedImage;
use crate::http;

/// What a worker is to do.
#[derive(Clone, Debug)]
pub struct Run {
    /// One of the descriptor's model ids.
    pub model: String,
    /// The parameters, checked against the model's record.
    pub params: RunParams,
    /// What is to be changed: `gray8`, `rgba8`, `rgba16` or `rgbaf32`.
    pub source: SharedImage,
    /// `gray8`, as large as the source; `None`: everything may change.
    pub mask: Option<SharedImage>,
    /// Pictures that guide, at most 126.
    pub references: Vec<SharedImage>,
    /// What an earlier attempt at the same job saved last.
    pub checkpoint: Option<Vec<u8>>,
    /// How long it may take; then the backend is asked to stop, and ended after the grace period.
    pub timeout: Duration,
    /// Connections through the host are permitted.
    pub http: bool,
    /// How many bytes of pixels it may make, all outputs together.
    pub output_limit_bytes: u64,
}

/// How much a line of the log matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// Something went wrong.
    Error,
    /// Something may go wrong.
    Warn,
    /// Something a user may want to know.
    Info,
    /// Something the author wants to know.
    Debug,
}

/// Is told what happens during a run, on the thread that called it. Texts are bounded and hold no
/// control characters but line feeds; what comes too fast was left out.
pub trait RunObserver {
    /// A fraction in 0..=1, `None` for unknown, and perhaps a word on what is being done.
    fn progress(&mut self, _fraction: Option<f64>, _message: Option<&str>) {}
    /// A picture to show meanwhile; not a result.
    fn preview(&mut self, _image: SharedImage) {}
    /// A line of the backend's log.
    fn log(&mut self, _level: LogLevel, _message: &str) {}
    /// Sends requests side by side, blocking until each has ended. Only called where the run permits it.
    fn http(&mut self, requests: Vec<http::Request>) -> Vec<Result<http::Answer, Failure>> {
        let nobody = || Failure::new(ErrorKind::Forbidden, "nobody connects to anything here");
        requests.iter().map(|_| Err(nobody())).collect()
    }
    /// A fact of the run that a person is to know.
    fn fact(&mut self, _fact: RunFact) {}
    /// Stores at most 64 KiB that the next attempt at this job is to be given; empty: forget. Returns
    /// once they are on disk. The backend waits for it, and is told the error.
    fn checkpoint(&mut self, _bytes: &[u8]) -> Result<(), String> {
        Err("nobody stores checkpoints here".to_owned())
    }
}

/// Nobody needs to know.
impl RunObserver for () {}
