//! `/metrics` in Prometheus' text format.

use std::fmt::Write;
use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::{Refusal, blocking};
use crate::daemon::Daemon;

pub(super) async fn metrics(State(daemon): State<Arc<Daemon>>) -> Result<Response, Refusal> {
    let text = blocking(move || {
        let (queued, running) = daemon.store.load()?;
        let counters = daemon.counters.read();
        let mut text = String::new();
        let mut metric = |name: &str, kind: &str, help: &str, value: u64| {
            // Writing to a `String` cannot fail.
            let _ = write!(
                text,
                "# HELP easel_{name} {help}\n# TYPE easel_{name} {kind}\neasel_{name} {value}\n"
            );
        };
        metric("jobs_queued", "gauge", "Jobs that wait.", queued);
        metric("jobs_running", "gauge", "Jobs that run.", running);
        metric(
            "jobs_done_total",
            "counter",
            "Jobs that ended well since the start.",
            counters.done,
        );
        metric(
            "jobs_failed_total",
            "counter",
            "Jobs that failed since the start.",
            counters.failed,
        );
        metric(
            "jobs_cancelled_total",
            "counter",
            "Jobs that were cancelled since the start.",
            counters.cancelled,
        );
        metric(
            "uploads_total",
            "counter",
            "Blobs that were uploaded since the start.",
            counters.uploads,
        );
        metric("upload_bytes_total", "counter", "Their bytes.", counters.upload_bytes);
        metric("events_total", "counter", "Events stored in all.", daemon.store.last_event());
        metric(
            "store_writes_total",
            "counter",
            "Writes committed since the start.",
            daemon.store.writes(),
        );
        metric(
            "workers",
            "gauge",
            "Worker processes that are up.",
            daemon.backends.worker_count() as u64,
        );
        metric(
            "worker_crashes_total",
            "counter",
            "Workers that crashed since the start.",
            counters.crashes,
        );
        Ok(text)
    })
    .await?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response())
}
