//! What crashes do to a backend: a pause that grows, then quarantine. Pure: it is handed the time,
//! starts nothing and stops nothing.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// When a backend gets a pause, and when it gets no more chances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrashPolicy {
    /// The pause after the first, the second, and every further crash without a good run between.
    pub back_off: Vec<Duration>,
    /// How many crashes are too many.
    pub limit: usize,
    /// Within how long.
    pub window: Duration,
}

impl Default for CrashPolicy {
    /// Pauses of 1, 4 and 16 seconds; three crashes within ten minutes are too many.
    fn default() -> Self {
        CrashPolicy {
            back_off: [1, 4, 16].map(Duration::from_secs).to_vec(),
            limit: 3,
            window: Duration::from_mins(10),
        }
    }
}

/// Whether a backend may be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HealthState {
    /// It may.
    Ok,
    /// Not before this moment, on the pool's clock.
    BackingOff {
        /// When it may be tried again.
        until: Instant,
    },
    /// Not until its library changes or somebody says so.
    Quarantined {
        /// What happened last.
        reason: String,
    },
}

/// How a backend has behaved lately.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Whether it may be used.
    pub state: HealthState,
    /// How often it has crashed since it was last reset.
    pub crashes: u32,
}

/// The crashes of one backend.
#[derive(Debug, Default)]
pub(super) struct CrashRecord {
    total: u32,
    // Since the last good run.
    in_a_row: usize,
    recent: VecDeque<Instant>,
    back_off_until: Option<Instant>,
    quarantine: Option<String>,
}

impl CrashRecord {
    /// It crashed.
    pub(super) fn crashed(&mut self, policy: &CrashPolicy, now: Instant, reason: &str) {
        self.total = self.total.saturating_add(1);
        self.recent.push_back(now);
        self.recent.retain(|crash| now.saturating_duration_since(*crash) < policy.window);
        if self.recent.len() >= policy.limit {
            self.quarantine = Some(reason.to_owned());
        }
        let pause = policy.back_off.get(self.in_a_row).or(policy.back_off.last());
        self.back_off_until = pause.and_then(|pause| now.checked_add(*pause));
        self.in_a_row += 1;
    }

    /// A run ended as runs should, with a picture or without.
    pub(super) fn went_well(&mut self) {
        self.in_a_row = 0;
        self.back_off_until = None;
    }

    /// Whether it may be used at `now`.
    pub(super) fn health(&self, now: Instant) -> Health {
        let state = match (&self.quarantine, self.back_off_until) {
            (Some(reason), _) => HealthState::Quarantined { reason: reason.clone() },
            (None, Some(until)) if now < until => HealthState::BackingOff { until },
            _ => HealthState::Ok,
        };
        Health { state, crashes: self.total }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn pause(record: &CrashRecord, now: Instant) -> Option<Duration> {
        match record.health(now).state {
            HealthState::BackingOff { until } => Some(until - now),
            _ => None,
        }
    }

    #[test]
    fn pauses_grow_and_the_third_crash_in_ten_minutes_is_the_last() {
        let (policy, mut record, now) =
            (CrashPolicy::default(), CrashRecord::default(), Instant::now());
        record.crashed(&policy, now, "first");
        assert_eq!(pause(&record, now), Some(SECOND));
        assert_eq!(record.health(now + SECOND).state, HealthState::Ok);
        record.crashed(&policy, now + 2 * SECOND, "second");
        assert_eq!(pause(&record, now + 2 * SECOND), Some(4 * SECOND));
        record.crashed(&policy, now + 599 * SECOND, "third");
        let health = record.health(now + 9999 * SECOND);
        assert_eq!(health.state, HealthState::Quarantined { reason: "third".to_owned() });
        assert_eq!(health.crashes, 3);
    }

    #[test]
    fn crashes_far_apart_only_pause() {
        let (policy, mut record) = (CrashPolicy::default(), CrashRecord::default());
        let mut now = Instant::now();
        let pauses: Vec<_> = (0..4)
            .map(|_| {
                now += 400 * SECOND;
                record.crashed(&policy, now, "again");
                pause(&record, now)
            })
            .collect();
        assert_eq!(pauses, [1, 4, 16, 16].map(|seconds| Some(seconds * SECOND)));
    }

    #[test]
    fn a_good_run_makes_pauses_short_again_but_forgets_no_crash() {
        let (policy, mut record, now) =
            (CrashPolicy::default(), CrashRecord::default(), Instant::now());
        record.crashed(&policy, now, "first");
        record.went_well();
        assert_eq!(record.health(now).state, HealthState::Ok);
        record.crashed(&policy, now, "second");
        assert_eq!(pause(&record, now), Some(SECOND));
        record.went_well();
        record.crashed(&policy, now, "third");
        assert!(matches!(record.health(now).state, HealthState::Quarantined { .. }));
    }
}
