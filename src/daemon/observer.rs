//! What a backend tells and asks while it runs, stored and answered: progress and previews, not more
//! often than anyone can look; checkpoints and facts, on disk before the backend goes on; requests,
//! sent by the host with everything on record.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use easel_protocol::job::Fact;
use easel_protocol::model::RunFact;
use easel_protocol::picture::PictureInfo;
use easel_protocol::{ErrorKind, Failure};

use super::{Daemon, now, picture};
use crate::http::{Answer, Context, Grant, Request, Stop};
use crate::worker::{Cancel, LogLevel, RunObserver, SharedImage};

/// Between two stored progress events.
const PROGRESS_EVERY: Duration = Duration::from_millis(100);

/// One job's run as the daemon sees it, over all its pieces.
pub(super) struct Observer<'a> {
    daemon: &'a Arc<Daemon>,
    job: &'a str,
    cancel: &'a Cancel,
    deadline: Instant,
    grant: Option<Arc<Grant>>,
    /// Which piece runs, and of how many.
    pub(super) piece: usize,
    pieces: usize,
    told: Option<Instant>,
    // How often the same request was sent: two pictures of one prompt are two requests.
    sent: HashMap<String, u32>,
    /// What the backend told of its pictures.
    pub(super) facts: Vec<RunFact>,
}

impl<'a> Observer<'a> {
    pub(super) fn new(
        daemon: &'a Arc<Daemon>,
        job: &'a str,
        cancel: &'a Cancel,
        deadline: Instant,
        grant: Option<Arc<Grant>>,
        pieces: usize,
    ) -> Self {
        Observer {
            daemon,
            job,
            cancel,
            deadline,
            grant,
            piece: 0,
            pieces,
            told: None,
            sent: HashMap::new(),
            facts: Vec::new(),
        }
    }

    /// The same request gets the same name in every attempt, as long as they come in the same order.
    fn named(&mut self, requests: Vec<Request>) -> Vec<(String, Request)> {
        let mut named = Vec::with_capacity(requests.len());
        for request in requests {
            let print = request.fingerprint();
            let count = self.sent.entry(print.clone()).or_default();
            named.push((format!("{print}-{count}"), request));
            *count += 1;
        }
        named
    }
}

impl RunObserver for Observer<'_> {
    fn progress(&mut self, fraction: Option<f64>, message: Option<&str>) {
        if self.told.is_some_and(|told| told.elapsed() < PROGRESS_EVERY) {
            return;
        }
        self.told = Some(Instant::now());
        let fraction = fraction.map(|fraction| (self.piece as f64 + fraction) / self.pieces as f64);
        let stage = match (message, self.pieces) {
            (Some(message), 1) => Some(message.to_owned()),
            (Some(message), pieces) => {
                Some(format!("tile {} of {pieces}: {message}", self.piece + 1))
            }
            (None, 1) => None,
            (None, pieces) => Some(format!("tile {} of {pieces}", self.piece + 1)),
        };
        if let Err(failure) = self.daemon.store.progress(self.job, fraction, stage, now()) {
            tracing::warn!(%failure, "progress cannot be stored");
        }
    }

    fn preview(&mut self, image: SharedImage) {
        let stored = picture::view(&image).and_then(|view| {
            let info = PictureInfo {
                format: image.format(),
                width: image.width(),
                height: image.height(),
                icc: None,
            };
            let mut writer = self.daemon.store.blobs.picture_writer(&info)?;
            for row in view.rows() {
                writer.write(row)?;
            }
            let blob = self.daemon.store.blobs.finish(writer)?.id;
            self.daemon.store.tell(self.job, Fact::Preview { blob }, now())
        });
        if let Err(failure) = stored {
            tracing::warn!(%failure, "a preview cannot be stored");
        }
    }

    fn log(&mut self, level: LogLevel, message: &str) {
        match level {
            LogLevel::Error => tracing::error!(target: "backend", "{message}"),
            LogLevel::Warn => tracing::warn!(target: "backend", "{message}"),
            LogLevel::Info => tracing::info!(target: "backend", "{message}"),
            LogLevel::Debug => tracing::debug!(target: "backend", "{message}"),
        }
    }

    fn checkpoint(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.daemon
            .store
            .save_checkpoint(self.job, bytes.to_vec(), now())
            .map_err(|failure| failure.message)
    }

    fn fact(&mut self, fact: RunFact) {
        if let Some(request_id) = &fact.request_id {
            tracing::info!(request_id, "the provider's name for the request");
        }
        if (fact.cost.is_some() || fact.note.is_some())
            && let Err(failure) = self.daemon.store.report(self.job, fact.clone(), now())
        {
            tracing::error!(%failure, "what a run cost cannot be stored");
        }
        self.facts.push(fact);
    }

    fn http(&mut self, requests: Vec<Request>) -> Vec<Result<Answer, Failure>> {
        let count = requests.len();
        let refuse = |failure: Failure| (0..count).map(|_| Err(failure.clone())).collect();
        let Some(grant) = self.grant.clone() else {
            return refuse(Failure::new(ErrorKind::Forbidden, "the manifest names no origin"));
        };
        let client = match self.daemon.http() {
            Ok(client) => client,
            Err(failure) => return refuse(failure),
        };
        let stop = Stop::default();
        let stopper = stop.clone();
        let _registration = self.cancel.on_cancel(move || stopper.stop());
        let (daemon, job) = (Arc::clone(self.daemon), self.job.to_owned());
        let context = Context {
            stop,
            deadline: self.deadline,
            journal: self.daemon.store.journal(self.job),
            tell: Arc::new(move |text| {
                tracing::info!(job, "{text}");
                let _ = daemon.store.progress(&job, None, Some(text.to_owned()), now());
            }),
        };
        client.send_all(&grant, self.named(requests), &context)
    }
}
