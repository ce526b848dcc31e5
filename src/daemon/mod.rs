//! The daemon: everything that a method of the wire can ask for, in one value that is shared by all
//! connections. What it knows is in the store; this holds only what runs.

pub mod access;
mod align;
mod asked;
mod backends;
mod counters;
mod finish;
mod history;
mod keys;
mod observer;
pub mod picture;
mod prepare;
mod run;
mod scheduler;
mod spend;
mod submit;
pub mod whole;

use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use easel_protocol::error::Charged;
use easel_protocol::job::{JobRecord, JobState, Timestamp};
use easel_protocol::server::{Limits, ServerInfo, ShutdownReport};
use easel_protocol::{ErrorKind, Failure};
use tokio::sync::watch;

use crate::http::Client;
use crate::job::state::Change;
use crate::paths::Paths;
use crate::store::{Durability, Store};
use access::Access;
pub use backends::BUILT_IN_ENTRIES;
use backends::Backends;
use counters::Counters;
pub use scheduler::FOLDER_CLIENT;
use scheduler::Scheduler;

/// What a request may carry. Checked before anything is allocated.
pub const LIMITS: Limits =
    Limits { request_bytes: 4 << 20, blob_bytes: 4 << 30, side: 32_768, pixels: 1 << 29 };

/// The daemon of one data folder.
pub struct Daemon {
    /// Where things are.
    pub paths: Paths,
    /// What is durable.
    pub store: Arc<Store>,
    /// Who may talk to it.
    pub access: Access,
    /// What can run.
    pub backends: Backends,
    /// What is counted for `/metrics`.
    pub counters: Counters,
    scheduler: Scheduler,
    // Made at the first request: most daemons never send one.
    http: OnceLock<Client>,
    started: Timestamp,
    shutdown: watch::Sender<bool>,
}

impl Daemon {
    /// Opens the data folder. The caller holds its lock. Jobs do not run before [`Daemon::start`].
    pub fn open(paths: Paths) -> Result<Arc<Daemon>, Failure> {
        let store = Arc::new(Store::open(&paths.data)?);
        let access = Access::open(&paths.token())?;
        let backends = Backends::open(&paths, Arc::clone(&store))?;
        Ok(Arc::new(Daemon {
            paths,
            store,
            access,
            backends,
            counters: Counters::default(),
            scheduler: Scheduler::default(),
            http: OnceLock::new(),
            started: now(),
            shutdown: watch::Sender::new(false),
        }))
    }

    /// Takes up what an earlier daemon left, and begins to run jobs.
    pub fn start(self: &Arc<Self>) -> Result<(), Failure> {
        self.sweep_lent()?;
        scheduler::recover(self)?;
        let daemon = Arc::downgrade(self);
        std::thread::Builder::new()
            .name("housekeeping".into())
            .spawn(move || {
                while let Some(daemon) = daemon.upgrade() {
                    daemon.backends.reap();
                    drop(daemon);
                    std::thread::sleep(Duration::from_secs(2));
                }
            })
            .map_err(|error| {
                Failure::new(ErrorKind::Internal, format!("cannot start a thread: {error}"))
            })?;
        Ok(())
    }

    /// Removes pixels that were lent by an earlier daemon, unless a job still needs them or they were paid for.
    fn sweep_lent(&self) -> Result<(), Failure> {
        let mut needed = std::collections::HashSet::new();
        for job in self.store.unfinished()? {
            let ask = self.store.transform(&job.transform)?.ask;
            needed.extend(submit::blobs_of(&ask).cloned());
        }
        needed.extend(self.store.paid_artifacts()?);
        self.store.blobs.sweep_lent(&needed);
        Ok(())
    }

    /// The daemon's version.
    pub fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }

    /// `server.info`.
    pub fn info(&self) -> Result<ServerInfo, Failure> {
        let (queued, running) = self.store.load()?;
        Ok(ServerInfo {
            version: self.version().to_owned(),
            protocol: easel_protocol::openrpc::PROTOCOL_VERSION,
            pid: std::process::id(),
            started: self.started,
            data_dir: self.paths.data.display().to_string(),
            last_event: self.store.last_event(),
            queued,
            running,
            limits: LIMITS,
        })
    }

    /// `job.cancel`.
    pub fn cancel(&self, id: &str) -> Result<JobRecord, Failure> {
        let job = self.store.change(id, Change::RequestCancel, Durability::Durable, now())?;
        self.scheduler.cancel(id);
        if job.state == JobState::Cancelled {
            self.counters.ended(JobState::Cancelled);
        }
        Ok(job)
    }

    /// Waits until a job neither waits nor runs, or the time is over. Says which.
    pub fn wait_for_job(&self, id: &str, patience: Duration) -> bool {
        self.scheduler.wait(id, patience)
    }

    /// Whether the daemon is ending: what stops now was not cancelled by anybody.
    pub fn is_stopping(&self) -> bool {
        self.scheduler.is_stopping() || *self.shutdown.borrow()
    }

    /// The connections to providers.
    fn http(&self) -> Result<&Client, Failure> {
        if let Some(client) = self.http.get() {
            return Ok(client);
        }
        let client = Client::new()?;
        Ok(self.http.get_or_init(|| client))
    }

    /// `job.retry`.
    pub fn retry(&self, id: &str, pay_again: bool) -> Result<JobRecord, Failure> {
        let before = self.store.job(id)?;
        let charged = before.failure.as_ref().and_then(|failure| failure.charged);
        let unanswered = self.store.exchanged(id)?.unanswered > 0;
        // From a checkpoint it goes on with what was paid for.
        let goes_on = !unanswered && self.store.checkpoint(id)?.is_some();
        if matches!(before.state, JobState::Failed | JobState::Cancelled) {
            let words = match charged {
                _ if goes_on => None,
                Some(Charged::Yes) => Some("was charged"),
                Some(Charged::Maybe) => Some("may have been charged"),
                _ => unanswered.then_some("may have been charged"),
            };
            if let Some(words) = words.filter(|_| !pay_again) {
                return Err(Failure::new(
                    ErrorKind::Conflict,
                    format!("this job {words}, and would be charged again"),
                )
                .hint(
                    "say `pay_again`, on the command line `--pay-again`, if that is what you want",
                ));
            }
            // Where nothing was charged there is nothing to lose; where it is paid for again, what was
            // answered stays, as long as only an answer was missing.
            if pay_again || charged == Some(Charged::No) {
                self.store.forget_exchanges(id, unanswered)?;
            }
        }
        let job = self.store.change(id, Change::Retry, Durability::Durable, now())?;
        self.scheduler.wake(self, &job, false);
        Ok(job)
    }

    /// Wakes whoever waits when the daemon is about to end.
    pub fn watch_shutdown(&self) -> watch::Receiver<bool> {
        self.shutdown.subscribe()
    }

    /// `server.shutdown`: the end begins; the program does the rest.
    pub fn request_shutdown(&self) -> Result<ShutdownReport, Failure> {
        let (_, running) = self.store.load()?;
        self.shutdown.send_replace(true);
        Ok(ShutdownReport { parked: running })
    }

    /// Says that the end begins: whatever is cancelled from now on is parked.
    pub fn begin_to_stop(&self) {
        self.shutdown.send_replace(true);
    }

    /// Lets running jobs end for a while, parks the rest, and ends the workers.
    pub fn stop(&self, patience: Duration) {
        self.shutdown.send_replace(true);
        self.scheduler.stop(patience);
        self.backends.shutdown();
    }
}

/// The time now, as the wire says it.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// A fault of ours that ended a thread.
pub fn panicked(error: &tokio::task::JoinError) -> Failure {
    Failure::new(ErrorKind::Internal, format!("a fault in Easel: {error}"))
        .hint("please report it, with the log")
}
