//! One job's run, on a thread of its own: start, prepare, lend a worker, run piece by piece, finish,
//! store. Every way it can end is stored before anybody is told.

use std::sync::Arc;
use std::time::{Duration, Instant};

use easel_protocol::error::Charged;
use easel_protocol::job::{Artifact, JobRecord, JobState, Provenance};
use easel_protocol::model::{ModelRecord, RunFact, RunParams};
use easel_protocol::picture::PictureInfo;
use easel_protocol::transform::{Ask, TransformRecord};
use easel_protocol::{ErrorKind, Failure};

use super::finish::Finish;
use super::observer::Observer;
use super::picture::{self, StoredPicture};
use super::{Daemon, now, prepare};
use crate::job::state::{Change, Evidence};
use crate::store::Durability;
use crate::worker::{Cancel, CheckoutError, Run, RunError, SharedImage};

/// Runs a job to one of its ends.
pub(super) fn run(daemon: &Arc<Daemon>, id: &str, cancel: &Cancel) {
    let span = tracing::info_span!("job", id);
    let _entered = span.enter();
    let began = Instant::now();
    let outcome = attempt(daemon, id, cancel);
    let (change, state) = match outcome {
        Ok(Some((artifacts, durability))) => {
            match daemon.store.finish(id, artifacts, durability, now()) {
                Ok(()) => {
                    // The rows went with the end; what is left of the files is swept at the next start.
                    let _ = daemon.store.forget_exchanges(id, false);
                    tracing::info!(milliseconds = began.elapsed().as_millis() as u64, "done");
                    return daemon.counters.ended(JobState::Done);
                }
                Err(failure) => (Change::Fail(failure), JobState::Failed),
            }
        }
        // Cancelled before it began: that is stored already.
        Ok(None) => return,
        Err(failure) if failure.kind == ErrorKind::Cancelled && daemon.scheduler.is_stopping() => {
            park(daemon, id)
        }
        Err(failure) if failure.kind == ErrorKind::Cancelled => {
            (Change::Cancel, JobState::Cancelled)
        }
        Err(failure) => {
            let failure = with_doubt(daemon, id, failure);
            tracing::warn!(%failure, "failed");
            (Change::Fail(failure), JobState::Failed)
        }
    };
    match daemon.store.change(id, change, Durability::Durable, now()) {
        Ok(_) => daemon.counters.ended(state),
        // It stays `running` in the store, and the next start takes it up.
        Err(failure) => tracing::error!(%failure, "the end of a job cannot be stored"),
    }
}

/// A failure of a run in the middle of a request says that it may have been charged.
fn with_doubt(daemon: &Daemon, id: &str, failure: Failure) -> Failure {
    let unanswered = || daemon.store.exchanged(id).is_ok_and(|exchanged| exchanged.unanswered > 0);
    if matches!(failure.charged, None | Some(Charged::No)) && unanswered() {
        return Failure { charged: Some(Charged::Maybe), ..failure }.hint(
            "`easel job retry --pay-again` sends it again, which may be charged a second time",
        );
    }
    failure
}

/// What becomes of a job that the end of the daemon stopped: the same as after a crash.
fn park(daemon: &Daemon, id: &str) -> (Change, JobState) {
    let decide = || {
        let job = daemon.store.job(id)?;
        let standing = crate::job::state::Standing {
            state: job.state,
            attempts: 0,
            cancel_requested: job.cancel_requested,
        };
        Ok::<_, Failure>(crate::job::state::after_restart(standing, evidence(daemon, &job)?))
    };
    match decide() {
        Ok(Change::Cancel) => (Change::Cancel, JobState::Cancelled),
        Ok(change @ Change::Fail(_)) => (change, JobState::Failed),
        Ok(_) => {
            (Change::Requeue { reason: "the daemon was shut down".to_owned() }, JobState::Queued)
        }
        Err(failure) => (Change::Fail(failure), JobState::Failed),
    }
}

/// What is on record of a job that was running.
pub(super) fn evidence(daemon: &Daemon, job: &JobRecord) -> Result<Evidence, Failure> {
    // A model that is gone may not run again unasked.
    let found = daemon.backends.find_model(&job.model);
    Ok(Evidence {
        repeatable: found
            .as_ref()
            .is_ok_and(|(_, record)| record.repeatable && record.price.is_none()),
        has_checkpoint: daemon.store.checkpoint(&job.id)?.is_some(),
        on_record: found.is_ok() && daemon.backends.is_on_record(&job.backend),
        unanswered: daemon.store.exchanged(&job.id)?.unanswered > 0,
    })
}

/// A fault of ours ended the thread of a job.
pub(super) fn report_fault(daemon: &Daemon, id: &str) {
    let failure = Failure::new(ErrorKind::Internal, "a fault in Easel ended this run")
        .hint("please report it, with the log");
    if daemon.store.change(id, Change::Fail(failure), Durability::Durable, now()).is_ok() {
        daemon.counters.ended(JobState::Failed);
    }
}

/// Everything a run needs, read from the store.
struct Loaded {
    job: JobRecord,
    ask: Ask,
    params: RunParams,
    source: StoredPicture,
    mask: Option<StoredPicture>,
}

fn load(daemon: &Daemon, job: JobRecord) -> Result<Loaded, Failure> {
    let TransformRecord { ask, .. } = daemon.store.transform(&job.transform)?;
    let params = job.plan.params.clone().ok_or_else(prepare::stale)?;
    let source = picture::open(&daemon.store, &ask.source)?;
    let mask = ask.mask.as_ref().map(|id| picture::open(&daemon.store, id)).transpose()?;
    Ok(Loaded { job, ask, params, source, mask })
}

fn attempt(
    daemon: &Arc<Daemon>,
    id: &str,
    cancel: &Cancel,
) -> Result<Option<(Vec<Artifact>, Durability)>, Failure> {
    let (_, record) = {
        let job = daemon.store.job(id)?;
        if job.state != JobState::Queued {
            return Ok(None);
        }
        daemon.backends.find_model(&job.model)?
    };
    // A run that may be repeated for nothing needs no promise on disk that it began.
    let durability = if record.repeatable { Durability::Lazy } else { Durability::Durable };
    let job = match daemon.store.change(id, Change::Start, durability, now()) {
        Ok(job) => job,
        Err(failure) if failure.kind == ErrorKind::InvalidRequest => return Ok(None),
        Err(failure) => return Err(failure),
    };
    let loaded = load(daemon, job)?;
    let results = run_pieces(daemon, &loaded, &record, cancel)?;
    let keep = Keep::of(daemon, &loaded, &record);
    let artifacts = store_results(daemon, &loaded, &record, &results, keep)?;
    Ok(Some((artifacts, keep.durability())))
}

/// How long the pixels of a result are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    /// As long as its transform.
    Stays,
    /// Until the recipe that asked for it has written its files: its source is lent as well.
    Lent {
        /// It costs, so it must outlive a power cut.
        paid: bool,
    },
}

impl Keep {
    fn of(daemon: &Daemon, loaded: &Loaded, model: &ModelRecord) -> Keep {
        if !daemon.store.blobs.is_lent(&loaded.ask.source) {
            return Keep::Stays;
        }
        Keep::Lent { paid: !model.repeatable || model.price.is_some() }
    }

    fn durability(self) -> Durability {
        if self == (Keep::Lent { paid: false }) { Durability::Lazy } else { Durability::Durable }
    }
}

/// What the pieces of each picture became: one list a picture. And what the finish needs to know.
struct Results {
    pictures: Vec<Vec<SharedImage>>,
    prepared: prepare::Prepared,
    facts: Vec<RunFact>,
    version: String,
    took: Duration,
}

fn run_pieces(
    daemon: &Arc<Daemon>,
    loaded: &Loaded,
    model: &ModelRecord,
    cancel: &Cancel,
) -> Result<Results, Failure> {
    let (mut lease, descriptor) = lease_patiently(daemon, &loaded.job.backend, cancel)?;
    let began = Instant::now();
    let prepared = prepare::prepare(
        &daemon.store,
        &loaded.source,
        loaded.mask.as_ref(),
        &loaded.job.plan,
        model,
        &lease.buffers(),
    )?;
    // In a comparison, references are for the models that take them; the plan said so.
    let given = loaded.ask.references.iter().take(model.references.1 as usize);
    let references = given.map(|id| {
        let stored = picture::open(&daemon.store, id)?;
        prepare::reference(&daemon.store, &stored, model)
    });
    let references: Vec<SharedImage> = references.collect::<Result<_, _>>()?;
    let checkpoint = daemon.store.checkpoint(&loaded.job.id)?;
    let deadline = began + Duration::from_secs(u64::from(model.timeout_seconds));
    let total = prepared.pieces.len();
    let mut pictures: Vec<Vec<SharedImage>> = Vec::new();
    let grant = daemon.backends.grant(&loaded.job.backend)?;
    let http = grant.is_some();
    let mut observer = Observer::new(daemon, &loaded.job.id, cancel, deadline, grant, total);
    for (index, piece) in prepared.pieces.iter().enumerate() {
        let run = Run {
            model: model.id.clone(),
            params: prepare::params_for(&loaded.params, &piece.fit),
            source: piece.source.clone(),
            mask: piece.mask.clone(),
            references: references.clone(),
            checkpoint: checkpoint.clone(),
            timeout: deadline.saturating_duration_since(Instant::now()),
            http,
            output_limit_bytes: output_limit(piece, &loaded.params),
        };
        observer.piece = index;
        let outputs = lease
            .run(&run, &mut observer, cancel)
            .map_err(|error| run_failure(daemon, &loaded.job.backend, model, error))?;
        if index > 0 && outputs.len() != pictures.len() {
            let message = format!(
                "a tile gave {} pictures, the ones before {}",
                outputs.len(),
                pictures.len()
            );
            return Err(Failure::new(ErrorKind::BackendFailed, message));
        }
        for (number, output) in outputs.into_iter().take(loaded.params.count as usize).enumerate() {
            if index == 0 {
                pictures.push(Vec::with_capacity(total));
            }
            pictures[number].push(output);
        }
    }
    let facts = observer.facts;
    Ok(Results { pictures, prepared, facts, version: descriptor.version, took: began.elapsed() })
}

/// Room for what was asked, four times as wide as sent at most or as the scale says, and a float a sample.
fn output_limit(piece: &prepare::Piece, params: &RunParams) -> u64 {
    let scale = u64::from(params.scale.max(4));
    let pixels = piece.fit.padded.area().max(1 << 20) * scale * scale;
    pixels.saturating_mul(16).saturating_mul(u64::from(params.count))
}

/// A worker; after a crash of its backend, once the pause is over.
fn lease_patiently(
    daemon: &Daemon,
    backend: &str,
    cancel: &Cancel,
) -> Result<(crate::worker::Lease, easel_protocol::model::Descriptor), Failure> {
    loop {
        match daemon.backends.lease(backend, cancel) {
            Err(Failure { retry_after_ms: Some(pause), .. }) => {
                let until = Instant::now() + Duration::from_millis(pause.max(10));
                while Instant::now() < until {
                    if cancel.is_cancelled() {
                        return Err(cancelled());
                    }
                    std::thread::sleep(Duration::from_millis(20));
                }
            }
            other => return other,
        }
    }
}

fn store_results(
    daemon: &Daemon,
    loaded: &Loaded,
    model: &ModelRecord,
    results: &Results,
    keep: Keep,
) -> Result<Vec<Artifact>, Failure> {
    let finish = Finish {
        store: &daemon.store,
        ask: &loaded.ask,
        plan: &loaded.job.plan,
        model,
        source: &loaded.source,
        mask: loaded.mask.as_ref(),
        prepared: &results.prepared,
        keep,
    };
    let mut artifacts = Vec::new();
    for (index, pieces) in results.pictures.iter().enumerate() {
        let finished = finish.finish(pieces)?;
        if let Some(note) = finished.note {
            let text = format!("picture {}: {note}", index + 1);
            let fact = RunFact { note: Some(text), ..RunFact::default() };
            daemon.store.report(&loaded.job.id, fact, now())?;
        }
        let told = |fact: &&RunFact| fact.picture == Some(index as u32);
        let PictureInfo { width, height, .. } = finished.blob.picture.ok_or_else(prepare::stale)?;
        artifacts.push(Artifact {
            id: format!("{}.{index}", loaded.job.id),
            job: loaded.job.id.clone(),
            index: index as u32,
            blob: finished.blob.id,
            width,
            height,
            place: loaded.job.plan.place.ok_or_else(prepare::stale)?,
            fidelity: finished.fidelity,
            provenance: Provenance {
                model: loaded.job.model.clone(),
                backend: loaded.job.backend.clone(),
                backend_version: results.version.clone(),
                source: loaded.ask.source.clone(),
                mask: loaded.ask.mask.clone(),
                references: loaded.ask.references.clone(),
                params: loaded.params.clone(),
                seed: results.facts.iter().filter(told).find_map(|fact| fact.seed),
                request_id: results
                    .facts
                    .iter()
                    .filter(told)
                    .find_map(|fact| fact.request_id.clone()),
                milliseconds: results.took.as_millis() as u64,
            },
            created: now(),
            discarded: false,
        });
    }
    Ok(artifacts)
}

fn cancelled() -> Failure {
    Failure::new(ErrorKind::Cancelled, "the run was cancelled")
}

/// A run's error in the words of the wire.
fn run_failure(daemon: &Daemon, backend: &str, model: &ModelRecord, error: RunError) -> Failure {
    let text = error.to_string();
    match error {
        RunError::Cancelled => cancelled(),
        RunError::Told(failure) if failure.kind == ErrorKind::ModelGone => {
            failure.hint(daemon.backends.catalogue_hint(backend, model))
        }
        RunError::Told(failure) => *failure,
        RunError::Invalid(_) => Failure::new(ErrorKind::InvalidRequest, text),
        // The one thing that the embedded networks lack and a person can fetch.
        RunError::Unsupported(_) if text.contains("weights") => {
            Failure::new(ErrorKind::WeightsMissing, text).hint("`cargo xtask weights` fetches and checks them; `easel doctor` says where they are looked for")
        }
        RunError::Unsupported(_) => Failure::new(ErrorKind::Unsupported, text).hint("try another model"),
        RunError::Transient(_) => Failure::new(ErrorKind::Transient, text).hint("`easel job retry` tries again"),
        RunError::Denied(_) => Failure::new(ErrorKind::KeyRejected, text),
        RunError::Refused(_) => Failure::new(ErrorKind::RefusedInput, text).hint("say it in other words, or try another model"),
        RunError::Failed(_) => Failure::new(ErrorKind::BackendFailed, text).hint("`easel job retry` tries again; the log says more"),
        RunError::NoOutput => Failure::new(ErrorKind::NoImage, text).hint("`easel backend check` shows every rule that a backend breaks"),
        RunError::TimedOut { .. } => Failure::new(ErrorKind::TimedOut, text).hint("try a smaller picture, or mask a part of it"),
        RunError::Crashed(_) => {
            daemon.counters.crashed();
            Failure::new(ErrorKind::BackendCrashed, text)
                .hint(format!("nothing else was harmed; `easel job retry` tries again, `easel backend list` shows how `{backend}` stands"))
        }
        RunError::Host(_) => Failure::new(ErrorKind::TooLarge, text).hint("try a smaller picture; this machine has no memory for it"),
    }
}

/// Why no worker could be lent. A pause is said in `retry_after_ms`.
pub(super) fn checkout_failure(error: &CheckoutError) -> Failure {
    let text = error.to_string();
    match error {
        CheckoutError::BackingOff { retry_after, .. } => {
            let mut failure = Failure::new(ErrorKind::Busy, text);
            failure.retry_after_ms = Some(retry_after.as_millis() as u64);
            failure
        }
        CheckoutError::Quarantined { backend, .. } => Failure::new(ErrorKind::BackendBlocked, text)
            .hint(format!("`easel backend trust {backend}` gives it another chance")),
        CheckoutError::Cancelled | CheckoutError::ShutDown => cancelled(),
        CheckoutError::Worker(error) => {
            Failure::new(ErrorKind::BackendCrashed, text).hint(error.hint())
        }
    }
}
