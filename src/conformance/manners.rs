//! Cases about what a backend tells and heeds while it runs: stopping when asked, progress, the texts
//! of failures, and what is printed where nobody reads it.

use std::time::Duration;

use super::opening;
use super::params::NO_SUCH_MODEL;
use super::report::{Finding, Verdict};
use super::sample;
use super::subject::{Bench, Plain, Quiet, Subject, crashed_in_run, reported};
use crate::worker::{Cancel, LogLevel, Run, RunError, RunObserver};

/// How large a picture is that takes long enough to be stopped in the middle of.
const LONG_RUN: (u32, u32) = (1200, 900);
/// How large a picture is in which progress can be told row by row.
const TOLD_RUN: (u32, u32) = (400, 300);
/// When to ask a silent backend to stop.
const STOP_AFTER: Duration = Duration::from_millis(20);
/// How often a run may report that it is all done before that looks like a mistake.
const DONE_REPORTS: usize = 3;

/// Cancels a run as soon as it says anything.
struct StopAtFirstWord(Cancel);

impl RunObserver for StopAtFirstWord {
    fn checkpoint(&mut self, bytes: &[u8]) -> Result<(), String> {
        Quiet.checkpoint(bytes)
    }

    fn progress(&mut self, _fraction: Option<f64>, _message: Option<&str>) {
        self.0.cancel();
    }

    fn log(&mut self, _level: LogLevel, _message: &str) {
        self.0.cancel();
    }
}

pub(super) fn stops_when_asked(subject: &Subject<'_>) -> Verdict {
    subject.every_model(|model| {
        // A model that was still busy when its time was up is the very one to ask.
        match &*subject.plain(model) {
            Plain::Works | Plain::Broken { endless: true, .. } => {}
            Plain::Broken { .. } => return subject.blocked(model),
        }
        let mut bench = subject.bench(model)?;
        let run = Run { timeout: bench.left(), ..sample::plain_run(model, Some(LONG_RUN))? };
        let cancel = Cancel::new();
        let result = std::thread::scope(|scope| {
            // Ends with the run, or a little after it.
            scope.spawn(|| {
                std::thread::sleep(STOP_AFTER);
                cancel.cancel();
            });
            bench.worker.run(&run, &mut StopAtFirstWord(cancel.clone()), &cancel)
        });
        match result {
            Err(RunError::Cancelled) if bench.worker.is_usable() => runs_again(subject, &mut bench),
            Err(RunError::Cancelled) => Err(not_stopped(subject, &bench)),
            Err(error) => Err(bench.finding(&error, "a run of a large picture")),
            Ok(_) => {
                Err(Finding::remark("a run of a large picture was done before it could be asked"))
            }
        }
    })
}

fn not_stopped(subject: &Subject<'_>, bench: &Bench<'_>) -> Finding {
    let crash = bench.worker.crash().cloned().unwrap_or_default();
    // 9 is how the host ends a process.
    if crash.signal != Some(9) {
        return crashed_in_run(
            &crate::worker::Crash { reason: None, ..crash },
            "a run that was asked to stop",
        );
    }
    Finding::fail(
        format!(
            "it went on for more than {} ms after it was asked to stop, and was killed with its process",
            subject.options.grace.as_millis()
        ),
        "ask `should_stop` for every row or step, and return EASEL_CANCELLED when it says so",
    )
}

/// Being stopped must not spoil the instance.
fn runs_again(subject: &Subject<'_>, bench: &mut Bench<'_>) -> Verdict {
    if let Plain::Broken { .. } = &*subject.plain(bench.model) {
        // It takes longer than there is time.
        return Ok(());
    }
    let run = sample::plain_run(bench.model, None)?;
    bench.run(&run, "a run after one that was stopped").map(drop)
}

/// Remembers the fractions of a run.
#[derive(Default)]
struct Fractions(Vec<Option<f64>>);

impl RunObserver for Fractions {
    fn checkpoint(&mut self, bytes: &[u8]) -> Result<(), String> {
        Quiet.checkpoint(bytes)
    }

    fn progress(&mut self, fraction: Option<f64>, _message: Option<&str>) {
        self.0.push(fraction);
    }
}

pub(super) fn progress_in_range(subject: &Subject<'_>) -> Verdict {
    subject.each_model(|bench| {
        let run = sample::plain_run(bench.model, Some(TOLD_RUN))?;
        let mut seen = Fractions::default();
        if let Err(error) = bench.try_run(&run, &mut seen) {
            return Err(bench.finding(&error, "a run of a larger picture"));
        }
        judge_progress(&seen.0)
    })
}

/// The host cuts fractions off at 1, so one that counts to 100 seems done from its second word on.
fn judge_progress(fractions: &[Option<f64>]) -> Verdict {
    let done = fractions
        .iter()
        .filter(|fraction| fraction.is_some_and(|fraction| fraction >= 1.0))
        .count();
    if fractions.is_empty() {
        return Err(Finding::skip(
            "it reported no progress",
            "call `progress` where a run can take longer than a second",
        ));
    }
    if done > DONE_REPORTS {
        return Err(Finding::warn(
            format!(
                "{done} of {} progress reports said 1 or more: `fraction` is in 0 to 1, below 0 means unknown",
                fractions.len()
            ),
            "divide by the number of steps; percent are not a fraction",
        ));
    }
    Ok(())
}

pub(super) fn error_has_text(subject: &Subject<'_>) -> Verdict {
    let mut texts: Vec<(String, String)> = opening::open_errors(subject)?
        .into_iter()
        .map(|text| ("`open`".to_owned(), text))
        .collect();
    for model in &subject.descriptor()?.models {
        let name = |what: &str| format!("{what} of `{}`", model.id);
        match &*subject.plain(model) {
            Plain::Broken { error: Some(text), .. } => {
                texts.push((name("a plain run"), text.clone()));
            }
            Plain::Broken { .. } => {}
            Plain::Works => {
                let run =
                    Run { model: NO_SUCH_MODEL.to_owned(), ..sample::plain_run(model, None)? };
                let result = subject.bench(model)?.try_run(&run, &mut Quiet);
                texts.extend(
                    result
                        .err()
                        .as_ref()
                        .and_then(reported)
                        .map(|text| (name("a run with an unknown model instead"), text)),
                );
            }
        }
    }
    if texts.is_empty() {
        return Err(Finding::skip("nothing that was tried made it fail", "nothing to do"));
    }
    texts.iter().try_for_each(|(what, text)| judge_text(what, text))
}

fn judge_text(what: &str, text: &str) -> Verdict {
    // The host's own words where there were none.
    if text.trim().is_empty() || text.ends_with(", without a reason") {
        return Err(Finding::fail(
            format!(
                "{what} failed and left no text: what a person is to read goes through `set_error`"
            ),
            "call `set_error` before returning an EASEL_ERR_*",
        ));
    }
    if text.contains('\u{fffd}') {
        return Err(Finding::fail(
            format!("{what} failed with a text that is not UTF-8: {text}"),
            "every string of the interface is UTF-8: convert what comes from elsewhere",
        ));
    }
    Ok(())
}

pub(super) fn quiet_on_stdout(subject: &Subject<'_>) -> Verdict {
    subject.every_model(|model| {
        subject.blocked(model)?;
        let mut bench = subject.bench(model)?;
        bench.run(&sample::plain_run(model, None)?, "a run")?;
        // What a process printed is told at its end.
        let ended = bench.worker.end_and_tell(subject.launch()?.grace);
        let Some(line) = ended.stderr_tail.lines().next_back() else { return Ok(()) };
        let line: String = line.chars().take(200).collect();
        Err(Finding::warn(
            format!("it printed, lastly: {line}"),
            "say it through `log`: the host joins standard output and standard error, and keeps only their end for crashes",
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::report::Outcome;

    fn outcome(verdict: Verdict) -> Outcome {
        Finding::from(verdict).outcome
    }

    #[test]
    fn percent_are_no_fraction() {
        let fraction = |steps: u32, most: f64| -> Vec<_> {
            (0..=steps)
                .map(|step| Some((f64::from(step) / f64::from(steps) * most).min(1.0)))
                .collect()
        };
        assert_eq!(outcome(judge_progress(&fraction(30, 1.0))), Outcome::Pass);
        assert_eq!(outcome(judge_progress(&fraction(30, 100.0))), Outcome::Warn);
        assert_eq!(outcome(judge_progress(&[None, None, Some(1.0)])), Outcome::Pass);
        assert_eq!(outcome(judge_progress(&[])), Outcome::Skip);
    }

    #[test]
    fn a_failure_without_words_is_a_failure() {
        assert_eq!(outcome(judge_text("it", "no graphics card")), Outcome::Pass);
        assert_eq!(outcome(judge_text("it", "")), Outcome::Fail);
        assert_eq!(outcome(judge_text("it", "broken \u{fffd}")), Outcome::Fail);
        // As the host itself says it.
        let silent = RunError::Failed("the backend reports: failure, without a reason".to_owned());
        assert_eq!(outcome(judge_text("it", &reported(&silent).unwrap())), Outcome::Fail);
    }
}
