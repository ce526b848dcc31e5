//! Following jobs to their ends: bars on a terminal, one line a step elsewhere.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use easel_protocol::Failure;
use easel_protocol::job::{Event, EventsParams, Fact, JobParams};
use easel_protocol::methods::{CancelJob, GetTransform, ListEvents};
use easel_protocol::transform::{TransformGetParams, TransformRecord};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::client::Client;
use super::screen::{self, Screen};

/// How long one question for events waits.
const WAIT_MS: u64 = 500;

/// Waits until every job of a transform has ended. Ctrl-C cancels them, and their ends are awaited.
pub(super) fn follow(
    client: &Client,
    screen: Screen,
    transform: &TransformRecord,
) -> Result<TransformRecord, Failure> {
    let interrupted = watch_interrupts();
    let mut display = Display::new(screen, transform);
    let mut query = EventsParams {
        transform: Some(transform.id.clone()),
        wait_ms: WAIT_MS,
        ..EventsParams::default()
    };
    let mut open: Vec<String> = transform
        .jobs
        .iter()
        .filter(|job| !job.state.is_final())
        .map(|job| job.id.clone())
        .collect();
    let mut asked_to_cancel = false;
    while !open.is_empty() {
        if interrupted.load(Ordering::Relaxed) && !asked_to_cancel {
            asked_to_cancel = true;
            display.note("cancelling");
            for job in &open {
                // It may have ended in this very moment.
                let _ = client.call::<CancelJob>(&JobParams { id: job.clone() });
            }
        }
        let page = client.call::<ListEvents>(&query)?;
        query.after = page.next;
        for event in page.events {
            display.show(&event);
            match event.fact {
                Fact::Done | Fact::Failed { .. } | Fact::Cancelled => {
                    open.retain(|job| *job != event.job);
                }
                // Retried while it was followed.
                Fact::Requeued { .. } | Fact::Queued if !open.contains(&event.job) => {
                    open.push(event.job);
                }
                _ => {}
            }
        }
    }
    display.end();
    client.call::<GetTransform>(&TransformGetParams { id: transform.id.clone() })
}

/// Whether somebody has pressed Ctrl-C since this was asked first.
pub(super) fn interrupted() -> bool {
    static FLAG: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    FLAG.get_or_init(watch_interrupts).load(Ordering::Relaxed)
}

/// Set when somebody presses Ctrl-C; pressed again, it ends the program as usual.
fn watch_interrupts() -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    let set = Arc::clone(&flag);
    let watch = move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
            return;
        };
        runtime.block_on(async {
            if tokio::signal::ctrl_c().await.is_ok() {
                set.store(true, Ordering::Relaxed);
            }
            if tokio::signal::ctrl_c().await.is_ok() {
                // The jobs go on in the daemon; whoever presses twice wants the prompt back.
                std::process::exit(130);
            }
        });
    };
    // Without the thread, Ctrl-C ends the command and the jobs go on in the daemon.
    let _ = std::thread::Builder::new().name("interrupts".into()).spawn(watch);
    flag
}

struct Display {
    screen: Screen,
    bars: MultiProgress,
    jobs: HashMap<String, (String, Option<ProgressBar>)>,
}

impl Display {
    fn new(screen: Screen, transform: &TransformRecord) -> Display {
        let bars = MultiProgress::new();
        let width = transform.jobs.iter().map(|job| job.model.len()).max().unwrap_or_default();
        let jobs = transform.jobs.iter().map(|job| {
            let bar = screen.interactive.then(|| {
                let bar = bars.add(ProgressBar::new(1000));
                let style =
                    ProgressStyle::with_template("{prefix}  {bar:24}  {elapsed:>4}  {wide_msg}");
                bar.set_style(
                    style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━╸ "),
                );
                bar.set_prefix(format!("{:width$}", job.model));
                bar.set_message("waiting");
                bar.enable_steady_tick(Duration::from_millis(200));
                bar
            });
            (job.id.clone(), (job.model.clone(), bar))
        });
        let jobs = jobs.collect();
        Display { screen, bars, jobs }
    }

    fn show(&mut self, event: &Event) {
        let Some((model, bar)) = self.jobs.get(&event.job) else { return };
        let (fraction, text) = match &event.fact {
            Fact::Queued
            | Fact::Preview { .. }
            | Fact::Checkpoint
            | Fact::Discarded { .. }
            | Fact::Restored { .. } => return,
            Fact::Started { attempt: 1 } => (Some(0.0), "running".to_owned()),
            Fact::Started { attempt } => (Some(0.0), format!("running, attempt {attempt}")),
            Fact::Progress { fraction, stage } => {
                (*fraction, stage.clone().unwrap_or_else(|| "running".to_owned()))
            }
            Fact::Artifact { artifact } => (
                Some(1.0),
                format!(
                    "{}×{} in {}",
                    artifact.width,
                    artifact.height,
                    screen::duration(artifact.provenance.milliseconds)
                ),
            ),
            Fact::Note { text } => (None, text.clone()),
            Fact::CancelRequested => (None, "cancelling".to_owned()),
            Fact::Requeued { reason } => (None, format!("waits again: {reason}")),
            Fact::Done => {
                if let Some(bar) = bar {
                    bar.finish();
                }
                return;
            }
            Fact::Failed { failure } => (None, format!("failed: {failure}")),
            Fact::Cancelled => (None, "cancelled".to_owned()),
        };
        if let Some(bar) = bar {
            if let Some(fraction) = fraction {
                bar.set_position((fraction * 1000.0) as u64);
            }
            bar.set_message(text);
            if matches!(event.fact, Fact::Failed { .. } | Fact::Cancelled) {
                bar.abandon();
            }
        } else if !matches!(event.fact, Fact::Progress { .. }) {
            self.screen.note(format!("{model}: {text}"));
        }
    }

    fn note(&self, text: &str) {
        if self.screen.interactive {
            let _ = self.bars.println(text);
        } else {
            self.screen.note(text);
        }
    }

    fn end(&self) {
        for (_, bar) in self.jobs.values() {
            if let Some(bar) = bar.as_ref().filter(|bar| !bar.is_finished()) {
                bar.finish_and_clear();
            }
        }
    }
}
