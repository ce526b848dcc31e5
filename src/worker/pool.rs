//! Warm workers: who has which, how many a backend may have, when an idle one ends, and what becomes
//! of a backend that crashes. Waiting for a worker blocks the calling thread and can be cancelled.
//! It starts no thread of its own: somebody calls [`Pool::reap`] now and then.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use easel_protocol::model::Descriptor;

use super::buffers::BufferPool;
use super::cancel::Cancel;
use super::error::{CheckoutError, RunError, WorkerError};
use super::health::{CrashPolicy, CrashRecord, Health, HealthState};
use super::host::{Stopper, Worker};
use super::image::SharedImage;
use super::launch::Launch;
use super::run::{Run, RunObserver};

/// Tells the time; a test hands in its own.
pub type Clock = Arc<dyn Fn() -> Instant + Send + Sync>;

/// How a pool treats its workers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolSettings {
    /// How long a worker may have nothing to do before it is ended.
    pub idle_after: Duration,
    /// How long memory for pictures is kept for the next run.
    pub trim_after: Duration,
    /// How long a worker may take to end when it is asked to.
    pub end_patience: Duration,
    /// What crashes do.
    pub crashes: CrashPolicy,
}

impl Default for PoolSettings {
    /// Idle workers end after two minutes; memory is given back after ten seconds.
    fn default() -> Self {
        PoolSettings {
            idle_after: Duration::from_mins(2),
            trim_after: Duration::from_secs(10),
            end_patience: Duration::from_secs(1),
            crashes: CrashPolicy::default(),
        }
    }
}

/// A backend as the pool needs to know it.
#[derive(Clone, Debug, PartialEq)]
pub struct Backend {
    /// Its id, under which workers are kept.
    pub id: String,
    /// How to start one. Workers started otherwise are ended.
    pub launch: Launch,
    /// How many may live at once, at least 1.
    pub max_instances: u32,
}

/// The workers of a daemon; clones share them.
#[derive(Clone)]
pub struct Pool(Arc<Shared>);

struct Shared {
    settings: PoolSettings,
    clock: Clock,
    state: Mutex<State>,
    changed: Condvar,
    // Stops workers that are just being started.
    ending: Cancel,
}

#[derive(Default)]
struct State {
    backends: HashMap<String, Entry>,
    leases: HashMap<u64, Stopper>,
    next_lease: u64,
    shut_down: bool,
}

#[derive(Default)]
struct Entry {
    idle: Vec<Idle>,
    // Leased or being started.
    busy: usize,
    // Counts resets: a worker lent before the last one is not kept when it comes back.
    generation: u64,
    crashes: CrashRecord,
    buffers: BufferPool,
}

struct Idle {
    worker: Worker,
    launch: Launch,
    since: Instant,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What to do once the lock is released.
enum Step {
    Use(Box<Idle>),
    Start(BufferPool),
}

impl Pool {
    /// An empty pool on the system's monotonic clock.
    pub fn new(settings: PoolSettings) -> Self {
        Pool::with_clock(settings, Arc::new(Instant::now))
    }

    /// An empty pool on another clock.
    pub fn with_clock(settings: PoolSettings, clock: Clock) -> Self {
        Pool(Arc::new(Shared {
            settings,
            clock,
            state: Mutex::default(),
            changed: Condvar::new(),
            ending: Cancel::new(),
        }))
    }

    /// A worker for `backend`: a warm one, a new one, or the next that is given back.
    pub fn checkout(&self, backend: &Backend, cancel: &Cancel) -> Result<Lease, CheckoutError> {
        let shared = self.0.clone();
        let _registration = cancel.on_cancel(move || {
            // With the lock held, so that nobody is between looking and waiting.
            let _state = shared.state();
            shared.changed.notify_all();
        });
        let (step, generation) = self.next_step(backend, cancel)?;
        let (worker, buffers) = match step {
            Step::Use(idle) => (Ok(idle.worker), None),
            Step::Start(buffers) => {
                let stop = [cancel, &self.0.ending];
                (Worker::spawn_with(&backend.launch, buffers.clone(), &stop), Some(buffers))
            }
        };
        let mut state = self.0.state();
        let entry = state.backends.entry(backend.id.clone()).or_default();
        match worker {
            Ok(worker) => {
                if let Some(buffers) = buffers {
                    entry.buffers = buffers;
                }
                if state.shut_down {
                    return Err(CheckoutError::ShutDown);
                }
                let number = state.next_lease;
                state.next_lease += 1;
                state.leases.insert(number, worker.stopper());
                Ok(Lease {
                    pool: self.clone(),
                    backend: backend.id.clone(),
                    launch: backend.launch.clone(),
                    number,
                    generation,
                    worker: Some(worker),
                })
            }
            Err(error) => {
                entry.busy = entry.busy.saturating_sub(1);
                if matches!(error, WorkerError::Crashed(_) | WorkerError::TimedOut { .. }) {
                    let now = (self.0.clock)();
                    entry.crashes.crashed(&self.0.settings.crashes, now, &error.to_string());
                }
                let shut_down = state.shut_down;
                self.0.changed.notify_all();
                Err(match error {
                    WorkerError::Cancelled if shut_down => CheckoutError::ShutDown,
                    WorkerError::Cancelled => CheckoutError::Cancelled,
                    other => other.into(),
                })
            }
        }
    }

    /// Waits until there is a worker or room for one, and counts it as busy.
    fn next_step(&self, backend: &Backend, cancel: &Cancel) -> Result<(Step, u64), CheckoutError> {
        let most = backend.max_instances.max(1) as usize;
        let mut dropped = Vec::new();
        let mut state = self.0.state();
        loop {
            if state.shut_down {
                return Err(CheckoutError::ShutDown);
            }
            if cancel.is_cancelled() {
                return Err(CheckoutError::Cancelled);
            }
            let now = (self.0.clock)();
            let policy = &self.0.settings.crashes;
            let entry = state.backends.entry(backend.id.clone()).or_default();
            // One that crashed while it had nothing to do crashed all the same.
            for index in (0..entry.idle.len()).rev() {
                if entry.idle[index].launch != backend.launch {
                    dropped.push(entry.idle.swap_remove(index));
                } else if !entry.idle[index].worker.is_usable() {
                    let gone = entry.idle.swap_remove(index);
                    let reason = gone.worker.crash().map(ToString::to_string).unwrap_or_default();
                    entry.crashes.crashed(policy, now, &format!("between runs: {reason}"));
                    dropped.push(gone);
                }
            }
            check(&backend.id, &entry.crashes.health(now), now)?;
            // The one used last is the warmest, and the others can grow old.
            if let Some(idle) = entry.idle.pop() {
                entry.busy += 1;
                return Ok((Step::Use(Box::new(idle)), entry.generation));
            }
            if entry.busy < most {
                entry.busy += 1;
                return Ok((Step::Start(entry.buffers.clone()), entry.generation));
            }
            state = self.0.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// How a backend has behaved; one that was never used behaved well.
    pub fn health(&self, backend: &str) -> Health {
        let now = (self.0.clock)();
        let state = self.0.state();
        match state.backends.get(backend) {
            Some(entry) => entry.crashes.health(now),
            None => CrashRecord::default().health(now),
        }
    }

    /// Forgets the crashes of a backend and ends its workers, those that run once they are done: its
    /// library changed, or somebody said so.
    pub fn reset(&self, backend: &str) {
        let idle = match self.0.state().backends.get_mut(backend) {
            Some(entry) => {
                entry.crashes = CrashRecord::default();
                entry.generation += 1;
                std::mem::take(&mut entry.idle)
            }
            None => Vec::new(),
        };
        self.end(idle);
        self.0.changed.notify_all();
    }

    /// The memory in which to prepare inputs for a backend.
    pub fn buffers(&self, backend: &str) -> BufferPool {
        self.0.state().backends.entry(backend.to_owned()).or_default().buffers.clone()
    }

    /// Ends workers that were idle for too long, gives back memory, and notices workers that ended by
    /// themselves. Returns how many workers are gone. To be called every few seconds.
    pub fn reap(&self) -> usize {
        let now = (self.0.clock)();
        let settings = &self.0.settings;
        let mut gone = Vec::new();
        let mut state = self.0.state();
        for entry in state.backends.values_mut() {
            for index in (0..entry.idle.len()).rev() {
                let idle = &mut entry.idle[index];
                idle.worker.trim(now, settings.trim_after);
                if !idle.worker.is_usable() {
                    let reason = idle.worker.crash().map(ToString::to_string).unwrap_or_default();
                    let reason = format!("between runs: {reason}");
                    entry.crashes.crashed(&settings.crashes, now, &reason);
                } else if now.saturating_duration_since(idle.since) < settings.idle_after {
                    continue;
                }
                gone.push(entry.idle.remove(index));
            }
            entry.buffers.trim(now, settings.trim_after);
        }
        drop(state);
        let count = gone.len();
        self.end(gone);
        count
    }

    /// How many workers live: idle and busy.
    pub fn worker_count(&self) -> (usize, usize) {
        let state = self.0.state();
        let idle = state.backends.values().map(|entry| entry.idle.len()).sum();
        (idle, state.backends.values().map(|entry| entry.busy).sum())
    }

    /// Ends all workers, also those that are running: their runs end as cancelled. Nothing is lent any
    /// more.
    pub fn shutdown(&self) {
        let mut state = self.0.state();
        state.shut_down = true;
        let idle = state.backends.values_mut().flat_map(|entry| std::mem::take(&mut entry.idle));
        let idle: Vec<_> = idle.collect();
        let running: Vec<_> = state.leases.values().cloned().collect();
        drop(state);
        self.0.changed.notify_all();
        self.0.ending.cancel();
        running.iter().for_each(Stopper::stop);
        self.end(idle);
    }

    /// Asks all to end, then waits for all: as long as the slowest takes, not as long as their sum.
    fn end(&self, workers: Vec<Idle>) {
        for idle in &workers {
            idle.worker.ask_to_end();
        }
        let deadline = Instant::now() + self.0.settings.end_patience;
        for idle in workers {
            idle.worker.end(deadline.saturating_duration_since(Instant::now()));
        }
    }

    fn is_shut_down(&self) -> bool {
        self.0.state().shut_down
    }
}

fn check(backend: &str, health: &Health, now: Instant) -> Result<(), CheckoutError> {
    let backend = backend.to_owned();
    match &health.state {
        HealthState::Ok => Ok(()),
        HealthState::BackingOff { until } => Err(CheckoutError::BackingOff {
            backend,
            until: *until,
            retry_after: until.saturating_duration_since(now),
        }),
        HealthState::Quarantined { reason } => {
            Err(CheckoutError::Quarantined { backend, reason: reason.clone() })
        }
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (idle, busy) = self.worker_count();
        formatter.debug_struct("Pool").field("idle", &idle).field("busy", &busy).finish()
    }
}

/// A worker that is lent to somebody; dropping the lease gives it back.
#[derive(Debug)]
pub struct Lease {
    pool: Pool,
    backend: String,
    launch: Launch,
    number: u64,
    generation: u64,
    // Empty only while the lease is being dropped.
    worker: Option<Worker>,
}

impl Lease {
    /// Does one run, as [`Worker::run`], and remembers how the backend behaved.
    pub fn run(
        &mut self,
        run: &Run,
        observer: &mut dyn RunObserver,
        cancel: &Cancel,
    ) -> Result<Vec<SharedImage>, RunError> {
        let Some(worker) = self.worker.as_mut() else { return Err(RunError::Cancelled) };
        let result = worker.run(run, observer, cancel);
        if matches!(result, Err(RunError::Crashed(_))) && self.pool.is_shut_down() {
            return Err(RunError::Cancelled);
        }
        let now = (self.pool.0.clock)();
        let mut state = self.pool.0.state();
        if let Some(entry) = state.backends.get_mut(&self.backend) {
            match &result {
                Err(RunError::Crashed(crash)) => {
                    entry.crashes.crashed(&self.pool.0.settings.crashes, now, &crash.to_string());
                }
                // A hang is not a crash, and neither says anything good.
                Err(RunError::TimedOut { .. } | RunError::Cancelled | RunError::Host(_)) => {}
                _ => entry.crashes.went_well(),
            }
        }
        result
    }

    /// What the backend says of itself.
    pub fn descriptor(&self) -> Option<&Descriptor> {
        self.worker.as_ref().map(Worker::descriptor)
    }

    /// The operating system's number of the process.
    pub fn process_id(&self) -> Option<u32> {
        self.worker.as_ref().map(Worker::process_id)
    }

    /// Memory to make this worker's inputs in.
    pub fn buffers(&self) -> BufferPool {
        self.worker.as_ref().map(|worker| worker.buffers().clone()).unwrap_or_default()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let since = (self.pool.0.clock)();
        let usable = self.worker.take().map(|mut worker| (worker.is_usable(), worker));
        let mut state = self.pool.0.state();
        state.leases.remove(&self.number);
        let shut_down = state.shut_down;
        let mut over = None;
        if let Some(entry) = state.backends.get_mut(&self.backend) {
            entry.busy = entry.busy.saturating_sub(1);
            match usable {
                Some((true, worker)) if !shut_down && entry.generation == self.generation => {
                    entry.idle.push(Idle { worker, launch: self.launch.clone(), since });
                }
                other => over = other,
            }
        }
        drop(state);
        self.pool.0.changed.notify_all();
        // Ending a process takes a moment: not under the lock.
        drop(over);
    }
}
