//! A provider's limit, kept before it is hit: so much within a window of time, so many at once, in the
//! order of asking. What is under way counts until its answer is there and the window has passed since,
//! so that no delay on the way makes the provider count more than was meant.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

/// How much a provider takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// So much weight within the window; 0: no limit.
    pub requests: u32,
    /// The window.
    pub window: Duration,
    /// So many at once; 0: no limit.
    pub parallel: u32,
}

impl Default for Limit {
    fn default() -> Self {
        Limit { requests: 0, window: Duration::from_mins(1), parallel: 0 }
    }
}

/// One provider's limit as it is used up.
#[derive(Debug, Default)]
pub(super) struct Limiter {
    state: Mutex<State>,
    changed: Notify,
    // Whoever asks first goes first, however much it wants.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    under_way: u32,
    weight_under_way: u32,
    // When each stops to count.
    counted: Vec<(Instant, u32)>,
    paused_until: Option<Instant>,
}

impl State {
    /// How long `weight` has to wait; `None`: until something changes.
    fn wait(&mut self, limit: Limit, weight: u32, now: Instant) -> Option<Duration> {
        self.counted.retain(|(until, _)| *until > now);
        if limit.parallel > 0 && self.under_way >= limit.parallel {
            return None;
        }
        if let Some(until) = self.paused_until.filter(|until| *until > now) {
            return Some(until - now);
        }
        if limit.requests == 0 {
            return Some(Duration::ZERO);
        }
        let counted: u32 = self.counted.iter().map(|(_, weight)| weight).sum();
        let used = counted + self.weight_under_way;
        // More than the limit at once can only be tried alone.
        if used == 0 || used + weight <= limit.requests {
            return Some(Duration::ZERO);
        }
        self.counted.iter().map(|(until, _)| *until - now).min()
    }
}

/// The right to one exchange; counts until it is dropped and the window has passed.
#[derive(Debug)]
pub(super) struct Permit {
    limiter: Arc<Limiter>,
    weight: u32,
    window: Duration,
}

impl Limiter {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for room. `tell` hears of a wait that a person would notice.
    pub(super) async fn acquire(
        self: &Arc<Self>,
        limit: Limit,
        weight: u32,
        tell: &(dyn Fn(&str) + Send + Sync),
    ) -> Permit {
        let _turn = self.turn.lock().await;
        let mut told = false;
        loop {
            let changed = self.changed.notified();
            let wait = {
                let mut state = self.state();
                let wait = state.wait(limit, weight, Instant::now());
                if wait == Some(Duration::ZERO) {
                    state.under_way += 1;
                    state.weight_under_way += weight;
                    return Permit { limiter: Arc::clone(self), weight, window: limit.window };
                }
                wait
            };
            if let Some(wait) = wait.filter(|wait| !told && *wait > Duration::from_secs(1)) {
                told = true;
                tell(&format!("waiting {} s for the provider's limit", wait.as_secs().max(1)));
            }
            match wait {
                Some(wait) => {
                    let _ = tokio::time::timeout(wait, changed).await;
                }
                None => changed.await,
            }
        }
    }

    /// The provider said to slow down: nothing is sent before `wait` has passed.
    pub(super) fn pause(&self, wait: Duration) {
        let until = Instant::now() + wait;
        let mut state = self.state();
        state.paused_until = state.paused_until.max(Some(until));
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut state = self.limiter.state();
        state.under_way -= 1;
        state.weight_under_way -= self.weight;
        state.counted.push((Instant::now() + self.window, self.weight));
        drop(state);
        self.limiter.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn what_is_under_way_counts_until_the_window_has_passed_since_its_answer() {
        let limit = Limit { requests: 10, window: Duration::from_mins(1), parallel: 3 };
        let start = Instant::now();
        let mut state = State { under_way: 2, weight_under_way: 8, ..State::default() };
        assert_eq!(state.wait(limit, 2, start), Some(Duration::ZERO));
        assert_eq!(state.wait(limit, 3, start), None, "only an answer can make room");
        state.under_way = 3;
        assert_eq!(state.wait(limit, 1, start), None);
        let mut state = State { counted: vec![(start + SECOND, 9)], ..State::default() };
        assert_eq!(state.wait(limit, 2, start), Some(SECOND));
        assert_eq!(state.wait(limit, 2, start + SECOND), Some(Duration::ZERO));
        assert_eq!(state.wait(limit, 99, start + SECOND), Some(Duration::ZERO), "alone");
        state.paused_until = Some(start + 3 * SECOND);
        assert_eq!(state.wait(limit, 1, start + SECOND), Some(2 * SECOND));
        assert_eq!(state.wait(Limit::default(), 1, start + 3 * SECOND), Some(Duration::ZERO));
    }

    #[test]
    fn as_many_as_asked_get_through_in_turn() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let limiter = Arc::new(Limiter::default());
            let limit = Limit { requests: 2, window: Duration::from_millis(30), parallel: 1 };
            let began = Instant::now();
            for _ in 0..5 {
                drop(limiter.acquire(limit, 1, &|_| ()).await);
            }
            assert!(began.elapsed() >= Duration::from_millis(60), "two windows had to pass");
        });
    }
}
