//! Which job runs when: in the order of submission, as many of a backend at once as it allows. The
//! queue itself is in the store; this holds only what runs and what may run next, and it is the
//! seam behind which jobs could also go to other machines.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use easel_protocol::Failure;
use easel_protocol::job::{JobRecord, JobState};

use super::{Daemon, now, run};
use crate::job::state::{Change, Standing, after_restart};
use crate::store::Durability;
use crate::worker::Cancel;

/// So many more jobs of a backend run in the background than it has workers: some are prepared and some are finished
/// while the workers are at work.
const AHEAD: usize = 3;

/// What `ask.client` says where a watched folder asks.
pub const FOLDER_CLIENT: &str = "folder";

/// What runs and what waits.
#[derive(Default)]
pub(super) struct Scheduler {
    state: Mutex<State>,
    changed: Condvar,
    /// Set once the daemon has started; jobs wait before that.
    daemon: std::sync::OnceLock<std::sync::Weak<Daemon>>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Waiting>,
    running: HashMap<String, Running>,
    stopping: bool,
}

struct Waiting {
    job: String,
    backend: String,
    /// How many jobs of the backend may run at once. Asked before the lock is taken: it may read a disk.
    room: usize,
    /// Nobody sits in front of it: it lets others go first.
    background: bool,
}

impl Waiting {
    fn new(daemon: &Daemon, job: &JobRecord, background: bool) -> Waiting {
        let room = daemon.backends.capacity(&job.backend) as usize;
        Waiting { job: job.id.clone(), backend: job.backend.clone(), room, background }
    }
}

struct Running {
    backend: String,
    background: bool,
    cancel: Cancel,
}

impl Scheduler {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A stored job may run as soon as there is room.
    pub(super) fn wake(&self, daemon: &Daemon, job: &JobRecord, background: bool) {
        let waiting = Waiting::new(daemon, job, background);
        self.state().waiting.push_back(waiting);
        self.pump();
    }

    /// Takes a job that waits from the queue, or stops one that runs.
    pub(super) fn cancel(&self, job: &str) {
        let mut state = self.state();
        state.waiting.retain(|waiting| waiting.job != job);
        if let Some(running) = state.running.get(job) {
            running.cancel.cancel();
        }
        self.changed.notify_all();
    }

    /// Waits until a job neither waits nor runs, or the time is over. Says which.
    pub(super) fn wait(&self, job: &str, patience: Duration) -> bool {
        let (state, _) = self
            .changed
            .wait_timeout_while(self.state(), patience, |state| state.holds(job))
            .unwrap_or_else(PoisonError::into_inner);
        !state.holds(job)
    }

    /// Whether the daemon is ending: what is stopped now was not cancelled by anybody.
    pub(super) fn is_stopping(&self) -> bool {
        self.state().stopping
    }

    /// Starts what there is room for.
    fn pump(&self) {
        let Some(daemon) = self.daemon.get().and_then(std::sync::Weak::upgrade) else { return };
        loop {
            let mut state = self.state();
            if state.stopping {
                return;
            }
            let Some(next) = state.next() else { return };
            let Some(waiting) = state.waiting.remove(next) else { return };
            let cancel = Cancel::new();
            state.running.insert(
                waiting.job.clone(),
                Running {
                    backend: waiting.backend,
                    background: waiting.background,
                    cancel: cancel.clone(),
                },
            );
            drop(state);
            let runner = Arc::clone(&daemon);
            let job = waiting.job.clone();
            let spawned = std::thread::Builder::new().name("job".into()).spawn(move || {
                // A fault in here must not take the place in the queue with it.
                let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                    run::run(&runner, &job, &cancel);
                }));
                if outcome.is_err() {
                    run::report_fault(&runner, &job);
                }
                runner.scheduler.ended(&job);
            });
            if let Err(error) = spawned {
                tracing::error!(%error, "cannot start a thread for a job");
                self.state().running.remove(&waiting.job);
                return;
            }
        }
    }

    fn ended(&self, job: &str) {
        self.state().running.remove(job);
        self.changed.notify_all();
        self.pump();
    }

    /// Lets running jobs end for a while, then parks them.
    pub(super) fn stop(&self, patience: Duration) {
        let deadline = Instant::now() + patience;
        let mut state = self.state();
        state.stopping = true;
        let mut parked = false;
        while !state.running.is_empty() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() && !parked {
                parked = true;
                for running in state.running.values() {
                    running.cancel.cancel();
                }
            }
            // Once parked, a worker that does not stop is ended after its grace period.
            let wait = if parked { Duration::from_secs(10) } else { left };
            let (next, timeout) =
                self.changed.wait_timeout(state, wait).unwrap_or_else(PoisonError::into_inner);
            state = next;
            if parked && timeout.timed_out() {
                return;
            }
        }
    }
}

impl State {
    fn holds(&self, job: &str) -> bool {
        self.running.contains_key(job) || self.waiting.iter().any(|waiting| waiting.job == job)
    }

    /// The first job whose backend has room; those that somebody waits for go before the others.
    fn next(&self) -> Option<usize> {
        self.first(false).or_else(|| self.first(true))
    }

    fn first(&self, background: bool) -> Option<usize> {
        let mut full: Vec<&str> = Vec::new();
        self.waiting.iter().position(|waiting| {
            if waiting.background != background || full.contains(&waiting.backend.as_str()) {
                return false;
            }
            // What runs in the background holds up nobody who waits in front of the screen.
            let same = |running: &&Running| {
                running.backend == waiting.backend && (background || !running.background)
            };
            let busy = self.running.values().filter(same).count();
            let ahead = if background { AHEAD } else { 0 };
            let room = busy < waiting.room.max(1) + ahead;
            if !room {
                full.push(&waiting.backend);
            }
            room
        })
    }
}

/// Takes up what an earlier daemon left: jobs that waited wait again, jobs that ran go on, start
/// again, or say honestly that they were interrupted.
pub(super) fn recover(daemon: &Arc<Daemon>) -> Result<(), Failure> {
    let _ = daemon.scheduler.daemon.set(Arc::downgrade(daemon));
    for job in daemon.store.unfinished()? {
        if job.state == JobState::Running {
            let standing = Standing {
                state: job.state,
                attempts: job.attempts,
                cancel_requested: job.cancel_requested,
            };
            let change = after_restart(standing, run::evidence(daemon, &job)?);
            let requeued = matches!(change, Change::Requeue { .. });
            let job = daemon.store.change(&job.id, change, Durability::Durable, now())?;
            tracing::info!(job = %job.id, model = %job.model, state = job.state.name(), "a job was running when the daemon ended");
            if !requeued {
                continue;
            }
        }
        let client = daemon.store.transform(&job.transform)?.ask.client;
        let waiting = Waiting::new(daemon, &job, client.as_deref() == Some(FOLDER_CLIENT));
        daemon.scheduler.state().waiting.push_back(waiting);
    }
    daemon.scheduler.pump();
    Ok(())
}
