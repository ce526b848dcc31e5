//! The only place that opens a connection to the internet: what a backend asks for is checked against
//! what it was granted, the secret is put in, limits and retries are kept, and what is paid for is on
//! record before it is sent. It knows no provider; every rule comes with the [`Grant`].

mod admit;
mod client;
mod connection;
mod limit;
mod origin;
mod record;
mod redact;
mod retry;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use easel_protocol::Failure;

pub use client::Client;
pub use limit::Limit;
pub use origin::{Origin, Pattern};

/// What a backend asks the host to send.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// The whole address.
    pub url: String,
    /// Names and values.
    pub headers: BTreeMap<String, String>,
    /// The name of the credential to put in.
    pub secret: Option<String>,
    /// The body.
    pub body: Bytes,
    /// How much it takes from the provider's limit; 0 means 1.
    pub weight: u32,
    /// Sending it twice costs nothing, although it is no GET.
    pub free: bool,
    /// An answer that breaks off is an answer.
    pub cut: bool,
    /// The longest wait for one answer.
    pub timeout: Option<Duration>,
}

impl Request {
    /// Whether sending it may cost money.
    pub fn is_paid(&self) -> bool {
        !self.free && !matches!(self.method.as_str(), "GET" | "HEAD")
    }

    /// What it is, by its content: the same request has the same name in every attempt at a job.
    pub fn fingerprint(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for part in [self.method.as_bytes(), self.url.as_bytes(), &self.body] {
            hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
        }
        hasher.finalize().to_hex().to_string()
    }
}

/// A complete answer, or one that broke off where the request permits that.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case and values.
    pub headers: BTreeMap<String, String>,
    /// The body, decompressed.
    pub body: Bytes,
}

/// The header of an answer that broke off.
pub const CUT: &str = "easel-cut";

/// What one backend may do.
#[derive(Clone, Debug, Default)]
pub struct Grant {
    /// The backend's id, for messages.
    pub backend: String,
    /// Where its requests may go.
    pub origins: Vec<Pattern>,
    /// Origins that the user configured: these may be plain `http` on this machine or in its network.
    pub configured: Vec<Origin>,
    /// The credentials it may name.
    pub secrets: BTreeMap<String, Credential>,
    /// The provider's limits.
    pub limit: Limit,
    /// Words in the body of a 429 that mean: trying again does not help.
    pub final_words: Vec<String>,
}

/// How a credential is sent, and where to.
#[derive(Clone, Default)]
pub struct Credential {
    /// The name of the header.
    pub header: String,
    /// What stands before the value.
    pub prefix: String,
    /// The value; `None`: there is none on this machine.
    pub value: Option<String>,
    /// The only origins that ever get it.
    pub origins: Vec<Pattern>,
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let value = if self.value.is_some() { "…" } else { "none" };
        write!(formatter, "Credential({}: {value})", self.header)
    }
}

/// The record of what was sent, which outlives this process.
pub trait Journal: Send + Sync {
    /// The answer that an earlier attempt got to the same request.
    fn answered(&self, name: &str) -> Result<Option<Answer>, Failure>;
    /// It is about to be sent. On disk when this returns.
    fn sending(&self, name: &str) -> Result<(), Failure>;
    /// This came back. On disk when this returns.
    fn received(&self, name: &str, answer: &Answer) -> Result<(), Failure>;
    /// It was not accepted, or never left: nothing was paid.
    fn forget(&self, name: &str) -> Result<(), Failure>;
}

/// What surrounds the requests of one run.
#[derive(Clone)]
pub struct Context {
    /// Ends everything at once.
    pub stop: Stop,
    /// When the run is out of time.
    pub deadline: Instant,
    /// The record.
    pub journal: Arc<dyn Journal>,
    /// Is told what a person would otherwise wonder about: a wait, another try.
    pub tell: Arc<dyn Fn(&str) + Send + Sync>,
}

/// Stops what runs, from any thread.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<(std::sync::atomic::AtomicBool, tokio::sync::Notify)>);

impl Stop {
    /// Stops it.
    pub fn stop(&self) {
        self.0.0.store(true, std::sync::atomic::Ordering::SeqCst);
        self.0.1.notify_waiters();
    }

    /// Whether it was stopped.
    pub fn is_stopped(&self) -> bool {
        self.0.0.load(std::sync::atomic::Ordering::SeqCst)
    }

    /// Waits until it is stopped.
    async fn stopped(&self) {
        let waiting = self.0.1.notified();
        tokio::pin!(waiting);
        // Registered before the look, so that no stop falls between.
        waiting.as_mut().enable();
        if !self.is_stopped() {
            waiting.await;
        }
    }
}
