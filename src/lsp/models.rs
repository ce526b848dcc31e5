//! The models as the daemon has them: asked for beside everything else, kept, and asked for again when the daemon is
//! another one, or when somebody works on a document and they are old.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use easel_protocol::server::ModelEntry;

use super::Host;

/// So long what was asked for is good enough for somebody who opens or saves a document.
const FRESH: Duration = Duration::from_secs(10);

/// How often it is looked whether the daemon is another one.
pub(super) const LOOK: Duration = Duration::from_secs(1);

/// What is known of the models.
pub(super) struct Models {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    entries: Arc<Vec<ModelEntry>>,
    /// Grows whenever the entries change.
    state: u64,
    /// The daemon that was asked last.
    daemon: Option<String>,
    asked: Option<Instant>,
}

impl Models {
    pub(super) fn new() -> Models {
        Models { known: Mutex::new(Known::default()) }
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The models, and a number that changes with them.
    pub(super) fn get(&self) -> (u64, Arc<Vec<ModelEntry>>) {
        let known = self.lock();
        (known.state, known.entries.clone())
    }

    /// Asks the host where that is due. True: they are others now. Blocks.
    pub(super) fn refresh(&self, host: &dyn Host, why: Why) -> bool {
        let daemon = host.daemon();
        {
            let mut known = self.lock();
            let is_old = known.asked.is_none_or(|asked| asked.elapsed() > FRESH);
            let is_due = match why {
                Why::Start => true,
                Why::Work => is_old,
                // Where it could not be asked it is tried again, but not all the time.
                Why::Look => {
                    daemon.is_some()
                        && (known.daemon != daemon || (known.entries.is_empty() && is_old))
                }
            };
            if !is_due {
                return false;
            }
            known.asked = Some(Instant::now());
            known.daemon.clone_from(&daemon);
        }
        let Some(entries) = host.models(why == Why::Start) else { return false };
        // It may have been started just now.
        let daemon = daemon.or_else(|| host.daemon());
        let mut known = self.lock();
        known.daemon = daemon;
        if *known.entries == entries {
            return false;
        }
        known.entries = Arc::new(entries);
        known.state += 1;
        true
    }
}

/// Why the models are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// The server starts.
    Start,
    /// A document was opened or saved.
    Work,
    /// Time went by.
    Look,
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use easel_protocol::model::ModelRecord;

    use super::*;

    #[derive(Default)]
    struct Daemon {
        runs: AtomicU32,
        asked: AtomicU32,
    }

    impl Host for Daemon {
        fn daemon(&self) -> Option<String> {
            let run = self.runs.load(Ordering::Relaxed);
            (run > 0).then(|| run.to_string())
        }

        fn models(&self, _: bool) -> Option<Vec<ModelEntry>> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            let run = self.daemon()?;
            let record = ModelRecord::new(&run, &run, &[]);
            Some(vec![ModelEntry {
                backend: run,
                available: true,
                reason: None,
                catalogue: None,
                record,
            }])
        }

        fn run(&self, _: &[String]) -> Result<String, String> {
            Err(String::new())
        }
    }

    #[test]
    fn they_are_asked_for_when_the_daemon_is_another_and_no_more_often() {
        let (daemon, models) = (Daemon::default(), Models::new());
        assert!(!models.refresh(&daemon, Why::Start));
        assert!(!models.refresh(&daemon, Why::Look) && !models.refresh(&daemon, Why::Work));
        assert_eq!(daemon.asked.load(Ordering::Relaxed), 1);
        for run in [1, 2] {
            daemon.runs.store(run, Ordering::Relaxed);
            assert!(models.refresh(&daemon, Why::Look));
            assert!(!models.refresh(&daemon, Why::Look) && !models.refresh(&daemon, Why::Work));
            assert_eq!(models.get().0, u64::from(run));
        }
        assert_eq!(daemon.asked.load(Ordering::Relaxed), 3);
        daemon.runs.store(0, Ordering::Relaxed);
        assert!(!models.refresh(&daemon, Why::Look));
        assert_eq!(models.get().1.len(), 1, "what is known stays known");
    }
}
