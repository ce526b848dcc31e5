//! Cases that need many runs or several processes: memory that settles, one instance that lasts, a
//! run that goes on from the checkpoint of another.

use std::time::{Duration, Instant};

use super::report::{Finding, Outcome, Verdict};
use super::sample;
use super::subject::{Bench, Plain, Quiet, Subject};
use crate::worker::{Cancel, RunError, RunObserver};

/// How often a backend is run to see whether its memory settles, the first few of which may fill caches.
const MEMORY_RUNS: u64 = 20;
const WARM_UP: u64 = 5;
/// How much memory may come and go, in KiB.
const MEMORY_NOISE: u64 = 4 << 10;
/// Growth beyond any doubt, in KiB: no need to fill the machine.
const MEMORY_ENOUGH: u64 = 192 << 10;
/// The picture of those runs, large enough that a forgotten copy is seen.
const MEMORY_SIZE: (u32, u32) = (640, 480);
/// How many small runs a worker has to survive.
const MANY_RUNS: u32 = 50;

pub(super) fn memory_settles(subject: &Subject<'_>) -> Verdict {
    subject.each_model(|bench| {
        let own_memory = |bench: &Bench<'_>| {
            anonymous_kib(bench.worker.process_id()).ok_or_else(|| {
                Finding::skip(
                    "this system does not tell how much memory a process has of its own",
                    "check on Linux",
                )
            })
        };
        own_memory(bench)?;
        let run = sample::plain_run(bench.model, Some(MEMORY_SIZE))?;
        let mut sizes = Vec::new();
        let mut slowest = Duration::ZERO;
        for number in 1..=MEMORY_RUNS {
            if number > 1 && bench.left() < slowest * 2 {
                break;
            }
            let start = Instant::now();
            bench.run(&run, &format!("run {number} of a series"))?;
            slowest = slowest.max(start.elapsed());
            sizes.push(own_memory(bench)?);
            if sizes
                .last()
                .zip(sizes.first())
                .is_some_and(|(last, first)| last.saturating_sub(*first) > MEMORY_ENOUGH)
            {
                break;
            }
        }
        judge_memory(&sizes)
    })
}

/// What is left after each run, in KiB. A cache grows and then stops; a leak does not stop.
fn judge_memory(sizes: &[u64]) -> Verdict {
    let (Some(first), Some(last)) = (sizes.first(), sizes.last()) else {
        return Err(Finding::skip("there was no time for a run", "give each case more time"));
    };
    let leak = |from: u64, runs: usize| {
        Finding::warn(
            format!(
                "its own memory grew by {} MiB in {runs} runs and did not settle",
                (last.saturating_sub(from)) >> 10
            ),
            "free after every run what it took; `valgrind` or `-fsanitize=leak` shows what was forgotten",
        )
    };
    if last.saturating_sub(*first) > MEMORY_ENOUGH {
        return Err(leak(*first, sizes.len() - 1));
    }
    let warm = sizes.get(WARM_UP as usize..).unwrap_or_default();
    let (Some(settled), Some(middle)) = (warm.first(), warm.get(warm.len() / 2)) else {
        return Err(Finding::skip(
            format!("the time was enough for {} of {MEMORY_RUNS} runs", sizes.len()),
            "give each case more time",
        ));
    };
    let (grown, lately) = (last.saturating_sub(*settled), last.saturating_sub(*middle));
    if grown > MEMORY_NOISE && lately > grown / 4 {
        return Err(leak(*settled, warm.len() - 1));
    }
    Ok(())
}

/// How much memory a process has that it shares with nobody, in KiB.
fn anonymous_kib(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

pub(super) fn survives_many_runs(subject: &Subject<'_>) -> Verdict {
    subject.each_model(|bench| {
        for number in 1..=MANY_RUNS {
            if bench.left().is_zero() && number > 1 {
                return Err(Finding::remark(format!(
                    "{} of {MANY_RUNS} runs in the time there was",
                    number - 1
                )));
            }
            // Another size every time: what was kept from the last run does not fit.
            let run =
                sample::plain_run(bench.model, Some((8 + number % 7 * 5, 40 - number % 5 * 8)))?;
            match bench.try_run(&run, &mut Quiet) {
                Ok(_) => {}
                // It was the case's time that was up, not the run's.
                Err(RunError::TimedOut { .. }) if number > 1 && bench.worker.is_usable() => {
                    return Err(Finding::remark(format!(
                        "{} of {MANY_RUNS} runs in the time there was",
                        number - 1
                    )));
                }
                Err(error) => {
                    return Err(bench.finding(&error, &format!("run {number} on one instance")));
                }
            }
        }
        bench.outlive(Duration::from_millis(20))
    })
}

/// Keeps the last checkpoint and stops the run there.
struct StopAtCheckpoint {
    cancel: Cancel,
    saved: Option<Vec<u8>>,
}

impl RunObserver for StopAtCheckpoint {
    fn checkpoint(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.saved = Some(bytes.to_vec());
        self.cancel.cancel();
        Ok(())
    }
}

pub(super) fn resumes_from_checkpoint(subject: &Subject<'_>) -> Verdict {
    subject.every_model(|model| {
        match &*subject.plain(model) {
            Plain::Works => {}
            // One that takes long and stops in good order may have saved something by then.
            Plain::Broken { endless: true, finding, .. } if finding.outcome == Outcome::Skip => {}
            Plain::Broken { .. } => return subject.blocked(model),
        }
        let mut bench = subject.bench(model)?;
        let mut run = sample::plain_run(model, None)?;
        run.timeout = bench.left();
        let cancel = Cancel::new();
        let mut keeper = StopAtCheckpoint { cancel: cancel.clone(), saved: None };
        // However it ends: what counts is what it saved.
        let _ = bench.worker.run(&run, &mut keeper, &cancel);
        let Some(saved) = keeper.saved.filter(|saved| !saved.is_empty()) else {
            return Err(Finding::skip("it saves no checkpoint", "nothing to do"));
        };
        // As after a crash: in another process.
        let mut other = subject.bench(model)?;
        run.checkpoint = Some(saved);
        other.run(&run, "a run that goes on from a checkpoint").map(drop)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(verdict: Verdict) -> Outcome {
        Finding::from(verdict).outcome
    }

    #[test]
    fn memory_that_settles_passes_and_memory_that_does_not_is_told() {
        let flat = vec![10_000; 20];
        assert_eq!(outcome(judge_memory(&flat)), Outcome::Pass);
        let cache: Vec<u64> = (0..20).map(|run| 10_000 + 20_000.min(run * 3_000)).collect();
        assert_eq!(outcome(judge_memory(&cache)), Outcome::Pass);
        let slow_leak: Vec<u64> = (0..20).map(|run| 10_000 + run * 1_000).collect();
        assert_eq!(outcome(judge_memory(&slow_leak)), Outcome::Warn);
        assert_eq!(outcome(judge_memory(&[10_000, 110_000, 210_000])), Outcome::Warn);
        assert_eq!(outcome(judge_memory(&[10_000, 10_000])), Outcome::Skip);
        assert_eq!(outcome(judge_memory(&[])), Outcome::Skip);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_has_memory_of_its_own() {
        assert!(anonymous_kib(std::process::id()).is_some_and(|kib| kib > 0));
        assert_eq!(anonymous_kib(0), None);
    }
}
