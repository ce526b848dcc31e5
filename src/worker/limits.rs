//! Every bound on what passes between a worker and its host, and the two small tools that keep them:
//! a rate limit and the trimming of text. Both sides use them: the worker to be polite, the host
//! because a worker may have been rewritten by what it loaded.

use std::time::{Duration, Instant};

/// The most bytes of a frame. The largest legitimate one carries a descriptor or the parameters of a
/// run.
pub(super) const FRAME_BYTES: usize = 4 << 20;
/// The most bytes of a frame from a worker that has described itself: a checkpoint in hexadecimal
/// and some words.
pub(super) const FRAME_BYTES_RUNNING: usize = 512 << 10;
/// The most file descriptors beside a frame; the kernel's own limit is 253.
pub(super) const DESCRIPTORS: usize = 128;
/// The most references of a run: the source and the mask need a descriptor each.
pub(super) const REFERENCES: usize = DESCRIPTORS - 2;
/// The most outputs of a run.
pub(super) const OUTPUTS: usize = 64;
/// The longest side of any picture.
pub(super) const SIDE: u32 = 1 << 17;
/// The most bytes of a preview's pixels.
pub(super) const PREVIEW_BYTES: u64 = 64 << 20;
/// The most bytes of the body of a request.
pub(super) const BODY_BYTES: u64 = 256 << 20;
/// Such bodies lie in grey pictures of this width.
pub(super) const BODY_WIDTH: u32 = 1 << 16;
/// The most bytes of a checkpoint.
pub(super) const CHECKPOINT_BYTES: usize = easel_backend_abi::EASEL_CHECKPOINT_MAX as usize;
/// The most bytes of a text for people: an error, a line of the log, a message beside a fraction.
pub(super) const TEXT_BYTES: usize = 8 << 10;
/// How much of a worker's standard error is kept.
pub(super) const STDERR_BYTES: usize = 8 << 10;
/// How long the host waits for a worker to take a frame before it counts as hung.
pub(super) const SEND_TIMEOUT: Duration = Duration::from_secs(10);

/// How often the worker reports progress: a burst, then a rate in events a second.
pub(super) const PROGRESS_RATE: (f64, f64) = (20.0, 20.0);
/// How often the worker forwards a line of the log.
pub(super) const LOG_RATE: (f64, f64) = (100.0, 50.0);
/// How often the worker shows a preview.
pub(super) const PREVIEW_RATE: (f64, f64) = (4.0, 4.0);
/// By how much the host is more patient than a worker that keeps the rates above.
pub(super) const HOST_PATIENCE: f64 = 2.0;

/// Lets a burst through, then a steady rate.
#[derive(Debug)]
pub(super) struct RateLimit {
    burst: f64,
    per_second: f64,
    tokens: f64,
    last: Option<Instant>,
}

impl RateLimit {
    /// A limit with its whole burst available.
    pub(super) fn new((burst, per_second): (f64, f64)) -> Self {
        RateLimit { burst, per_second, tokens: burst, last: None }
    }

    /// The same limit as the host applies it: further away, so that it never hits an honest worker.
    pub(super) fn patient((burst, per_second): (f64, f64)) -> Self {
        RateLimit::new((burst * HOST_PATIENCE, per_second * HOST_PATIENCE))
    }

    /// Whether one more event may pass at `now`.
    pub(super) fn allows(&mut self, now: Instant) -> bool {
        let passed = self.last.map_or(Duration::ZERO, |last| now.saturating_duration_since(last));
        self.last = Some(now);
        self.tokens = (self.tokens + passed.as_secs_f64() * self.per_second).min(self.burst);
        if self.tokens < 1.0 {
            return false;
        }
        self.tokens -= 1.0;
        true
    }
}

/// `text` without control characters (they could rewrite a terminal or break a log's lines), trimmed,
/// and cut to [`TEXT_BYTES`] at a character's border.
pub(super) fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len().min(TEXT_BYTES));
    for character in text.trim().chars() {
        let character = match character {
            '\n' => '\n',
            other if other.is_control() => ' ',
            other => other,
        };
        if cleaned.len() + character.len_utf8() > TEXT_BYTES {
            break;
        }
        cleaned.push(character);
    }
    cleaned
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_the_rate() {
        let mut limit = RateLimit::new((3.0, 10.0));
        let start = Instant::now();
        let passed = (0..10).filter(|_| limit.allows(start)).count();
        assert_eq!(passed, 3);
        assert!(!limit.allows(start + Duration::from_millis(50)));
        assert!(limit.allows(start + Duration::from_millis(160)));
        let later = start + Duration::from_mins(1);
        assert_eq!((0..10).filter(|_| limit.allows(later)).count(), 3);
    }

    #[test]
    fn a_clock_that_steps_back_is_not_a_refill() {
        let mut limit = RateLimit::new((1.0, 1000.0));
        let start = Instant::now() + Duration::from_secs(10);
        assert!(limit.allows(start));
        assert!(!limit.allows(start.checked_sub(Duration::from_secs(5)).unwrap()));
    }

    #[test]
    fn text_loses_escapes_and_its_tail_but_stays_text() {
        assert_eq!(clean("  a\u{1b}[2Jb\0c\n"), "a [2Jb c");
        let long = "ä".repeat(TEXT_BYTES);
        let cleaned = clean(&long);
        assert!(cleaned.len() <= TEXT_BYTES && cleaned.len() >= TEXT_BYTES - 1);
        assert!(long.starts_with(&cleaned));
    }
}
