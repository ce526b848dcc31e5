//! One step with its models: the first that can, and what takes its place where it cannot.
//!
//! A transform's key is made from what is asked. What an earlier attempt began is found under it, and goes on; a
//! free result whose pixels were lost with the machine's power is made again under the next key.

use std::path::Path;
use std::time::Duration;

use easel_protocol::error::Charged;
use easel_protocol::job::{JobRecord, JobState};
use easel_protocol::transform::{Ask, SubmitParams};
use easel_protocol::{ErrorKind, Failure};

use super::execute::{Execution, Progress};
use super::lent::Lent;
use crate::store::Store;
use crate::worker::Cancel;

/// How often a free result is made again whose pixels are gone.
const TRIES: u32 = 3;
/// How long to wait before looking whether somebody cancelled.
const LOOK: Duration = Duration::from_millis(250);

/// What runs the steps of an execution.
pub(super) struct Chain<'a> {
    pub(super) execution: &'a Execution<'a>,
    pub(super) lent: &'a Lent<'a>,
    pub(super) progress: &'a dyn Progress,
    pub(super) cancel: &'a Cancel,
}

impl Chain<'_> {
    pub(super) fn store(&self) -> &Store {
        &self.execution.daemon.store
    }

    pub(super) fn lent(&self) -> &Lent<'_> {
        self.lent
    }

    pub(super) fn pictures_folder(&self) -> Option<&Path> {
        self.execution.folder_of_picture
    }

    /// Runs the first model of a choice that can do it.
    pub(super) fn run(
        &self,
        key: &str,
        models: &[String],
        ask: impl Fn(&str) -> Ask,
    ) -> Result<JobRecord, Failure> {
        self.run_beside(&[], key, models, ask)?.ok_or_else(no_model)
    }

    /// The same in a comparison. `None`: what would take its place is compared already.
    pub(super) fn run_beside(
        &self,
        compared: &[String],
        key: &str,
        models: &[String],
        ask: impl Fn(&str) -> Ask,
    ) -> Result<Option<JobRecord>, Failure> {
        // Where an earlier attempt had come to a fallback, it goes on there.
        let key_of = |number: usize| format!("{key}.{number}");
        let begun = (0..models.len()).rev().find(|number| self.begun(&key_of(*number)));
        let mut first: Option<Failure> = None;
        for (number, model) in models.iter().enumerate().skip(begun.unwrap_or(0)) {
            // The same picture twice tells nobody anything.
            if let Some(failure) = first.as_ref().filter(|_| compared.contains(model)) {
                self.progress.note(format!("{}; `{model}` is compared already", failure.message));
                return Ok(None);
            }
            match self.model(&key_of(number), model, &ask) {
                Ok(job) => {
                    if let Some(failure) = first {
                        self.progress.note(format!("{}; `{model}` was taken", failure.message));
                    }
                    return Ok(Some(job));
                }
                Err(failure) if falls_back(&failure) => {
                    first.get_or_insert(failure);
                }
                Err(failure) => return Err(failure),
            }
        }
        Err(first.unwrap_or_else(no_model))
    }

    fn begun(&self, key: &str) -> bool {
        self.store().transform_by_key(key).is_ok_and(|found| found.is_some())
    }

    fn model(
        &self,
        key: &str,
        model: &str,
        ask: &impl Fn(&str) -> Ask,
    ) -> Result<JobRecord, Failure> {
        let mut lost = None;
        for attempt in 0..TRIES {
            let key = if attempt == 0 { key.to_owned() } else { format!("{key}~{attempt}") };
            let job = self.attempt(&key, ask(model))?;
            let blobs = &self.store().blobs;
            let complete = job.artifacts.iter().all(|it| blobs.info(&it.blob).is_ok());
            let free = job.plan.cost <= 0.0;
            match job.state {
                JobState::Done if complete => {
                    job.artifacts.iter().for_each(|it| self.lent.take(it.blob.clone()));
                    return Ok(job);
                }
                JobState::Cancelled => return Err(cancelled()),
                // Its pixels went with the machine's power.
                JobState::Done if free => lost = None,
                JobState::Done => {
                    return Err(Failure {
                        charged: Some(Charged::Yes),
                        ..Failure::new(
                            ErrorKind::Interrupted,
                            format!("the result of `{model}` was lost before it was written"),
                        )
                    }
                    .hint("`easel folder retry --pay-again` asks for it once more"));
                }
                _ => {
                    let failure = job.failure.unwrap_or_else(|| {
                        Failure::new(ErrorKind::Internal, "the job ended without a reason")
                    });
                    // So did its source, which is lent anew by now.
                    let gone = matches!(failure.kind, ErrorKind::NotFound | ErrorKind::Corrupt);
                    if !(gone && free) {
                        return Err(failure);
                    }
                    lost = Some(failure);
                }
            }
        }
        Err(lost.unwrap_or_else(|| {
            Failure::new(ErrorKind::StorageFull, format!("the results of `{model}` keep vanishing"))
                .hint("`easel doctor` looks at the data folder")
        }))
    }

    /// The job under a key: submitted, or found and taken up where it failed.
    fn attempt(&self, key: &str, ask: Ask) -> Result<JobRecord, Failure> {
        let daemon = self.execution.daemon;
        let found = self.store().transform_by_key(key)?;
        let known = found.is_some();
        let transform = if let Some(transform) = found {
            transform
        } else {
            let folder = self.execution.budget_of.map(str::to_owned);
            let params = SubmitParams { key: key.to_owned(), ask, folder };
            if self.execution.lent { daemon.submit_lent(params)? } else { daemon.submit(params)? }
        };
        self.progress.submitted(&transform.id);
        let Some(job) = transform.jobs.first() else {
            return Err(Failure::new(ErrorKind::Internal, "a transform without a job"));
        };
        // What ended badly in an earlier attempt is tried again now, as this one was asked for.
        if known && matches!(job.state, JobState::Failed | JobState::Cancelled) {
            match daemon.retry(&job.id, self.execution.pay_again) {
                Ok(_) => {}
                // It may have been charged: its own words say so better than the refusal to send it again.
                Err(failure) if failure.kind == ErrorKind::Conflict => return Ok(job.clone()),
                Err(failure) => return Err(failure),
            }
        }
        loop {
            if daemon.wait_for_job(&job.id, LOOK) {
                let job = self.store().job(&job.id)?;
                if job.state.is_final() {
                    self.progress.ended(&job);
                    return Ok(job);
                }
                // The daemon ends: the job is parked, and so is this.
                if daemon.is_stopping() {
                    return Err(cancelled());
                }
                std::thread::sleep(Duration::from_millis(5));
            }
            if self.cancel.is_cancelled() {
                if !daemon.is_stopping() {
                    let _ = daemon.cancel(&job.id);
                }
                return Err(cancelled());
            }
        }
    }
}

fn no_model() -> Failure {
    Failure::new(ErrorKind::InvalidRequest, "the step names no model")
}

pub(super) fn cancelled() -> Failure {
    Failure::new(ErrorKind::Cancelled, "the run was cancelled")
}

/// Whether another model may do what this one could not. What waits for money, space or the daemon waits; what may
/// have been charged is for a person to decide.
fn falls_back(failure: &Failure) -> bool {
    if matches!(failure.charged, Some(Charged::Maybe)) {
        return false;
    }
    !matches!(
        failure.kind,
        ErrorKind::OverBudget
            | ErrorKind::OutOfQuota
            | ErrorKind::StorageFull
            | ErrorKind::Cancelled
            | ErrorKind::Interrupted
            | ErrorKind::Internal
            | ErrorKind::Conflict
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_model_is_taken_for_what_a_model_cannot_do() {
        let of = |kind, charged| falls_back(&Failure { charged, ..Failure::new(kind, "") });
        assert!(of(ErrorKind::KeyMissing, None));
        assert!(of(ErrorKind::RefusedInput, Some(Charged::No)));
        assert!(of(ErrorKind::Transient, None));
        assert!(!of(ErrorKind::OverBudget, None));
        assert!(!of(ErrorKind::TimedOut, Some(Charged::Maybe)));
    }
}
