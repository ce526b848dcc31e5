//! `recipe.run`: the runs that somebody asked for one by one. They are on disk before they are acknowledged, and
//! whatever ends the daemon, the next one takes them up.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use easel_protocol::job::{JobRecord, JobState};
use easel_protocol::recipe::{RecipeRunParams, RunGetParams, RunRecord, RunResult};
use easel_protocol::{ErrorKind, Failure};

use super::chain::cancelled;
use super::deliver::{Delivery, Place};
use super::execute::{Execution, Finished, Progress, afford, execute};
use super::file::FileWork;
use super::ready::{Ready, References};
use super::room::Room;
use super::sidecar;
use super::source::Source;
use crate::daemon::{Daemon, now, picture};
use crate::store::StoredRun;
use crate::worker::Cancel;

/// A client's key is shorter than the keys of transforms that begin with it.
const MAX_KEY_BYTES: usize = 100;

/// The runs of one daemon, and what they share with watched folders.
pub struct Runs {
    /// Who does it.
    pub daemon: Arc<Daemon>,
    /// The recipes' references.
    pub references: References,
    /// Bounds what lies in memory.
    pub room: Room,
    running: Mutex<HashMap<String, Cancel>>,
    changed: Condvar,
}

impl Runs {
    /// The runs of a daemon that has started; takes up what an earlier one left.
    pub fn start(daemon: &Arc<Daemon>) -> Result<Arc<Runs>, Failure> {
        let runs = Arc::new(Runs {
            daemon: Arc::clone(daemon),
            references: References::default(),
            room: Room::default(),
            running: Mutex::default(),
            changed: Condvar::new(),
        });
        for run in daemon.store.unfinished_runs()? {
            if let Some(record) = run.record.clone() {
                runs.spawn(run, record)?;
            }
        }
        Ok(runs)
    }

    /// `recipe.run`. `local`: the caller is a program on this machine, and may name files.
    pub fn run(
        self: &Arc<Self>,
        params: RecipeRunParams,
        local: bool,
    ) -> Result<RunRecord, Failure> {
        check(&params, local)?;
        let (text, base, name) = super::ready::text_of(&self.daemon.paths, &params.recipe, local)?;
        // What is wrong with it is said now, not by a run that fails.
        let ready = Ready::read(&self.daemon, &self.references, &name, text.clone(), &base)?;
        for blob in params.source.iter().chain(&params.mask) {
            picture::open(&self.daemon.store, blob)?;
            picture::settle(&self.daemon.store, blob)?;
        }
        let record = RunRecord {
            id: format!("r{}", uuid::Uuid::now_v7().simple()),
            key: params.key.clone(),
            recipe: ready.recipe.title.clone().unwrap_or(name),
            state: JobState::Queued,
            done: 0,
            total: 0,
            transforms: Vec::new(),
            results: Vec::new(),
            files: Vec::new(),
            failure: None,
            notes: Vec::new(),
            cost: Vec::new(),
            created: now(),
            finished: None,
        };
        let base = base.to_string_lossy().into_owned();
        let run = StoredRun { params, text, base, record: None };
        let (record, is_new) = self.daemon.store.begin_run(run.clone(), record)?;
        if is_new {
            self.spawn(run, record.clone())?;
        }
        Ok(record)
    }

    /// `run.get`: waits for the end as long as is said.
    pub fn get(&self, params: &RunGetParams) -> Result<RunRecord, Failure> {
        let deadline = Instant::now() + Duration::from_millis(params.wait_ms.min(60_000));
        loop {
            let record = self.daemon.store.run(&params.id)?;
            let left = deadline.saturating_duration_since(Instant::now());
            if record.state.is_final() || left.is_zero() || self.daemon.is_stopping() {
                return Ok(record);
            }
            let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
            let patience = left.min(Duration::from_millis(500));
            let _ = self
                .changed
                .wait_timeout_while(running, patience, |running| running.contains_key(&params.id));
        }
    }

    /// `run.cancel`.
    pub fn cancel(&self, id: &str) -> Result<RunRecord, Failure> {
        let record = self.daemon.store.run(id)?;
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cancel) = running.get(id) {
            cancel.cancel();
        }
        Ok(record)
    }

    /// Stops what runs; it goes on after the next start.
    pub fn stop(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.values().for_each(Cancel::cancel);
        let _ = self
            .changed
            .wait_timeout_while(running, Duration::from_secs(5), |running| !running.is_empty());
    }

    fn spawn(self: &Arc<Self>, run: StoredRun, record: RunRecord) -> Result<(), Failure> {
        let cancel = Cancel::new();
        self.running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(record.id.clone(), cancel.clone());
        let runs = Arc::clone(self);
        let spawned = std::thread::Builder::new().name("run".into()).spawn(move || {
            let id = record.id.clone();
            let told = Told { runs: &runs, record: Mutex::new(record) };
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                runs.drive(&run, &told, &cancel)
            }));
            let outcome = outcome.unwrap_or_else(|_| {
                Err(Failure::new(ErrorKind::Internal, "a fault in Easel ended this run")
                    .hint("please report it, with the log"))
            });
            told.end(outcome);
            runs.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
            runs.changed.notify_all();
        });
        spawned.map(|_| ()).map_err(|error| {
            Failure::new(ErrorKind::Internal, format!("cannot start a thread: {error}"))
        })
    }

    fn drive(&self, run: &StoredRun, told: &Told<'_>, cancel: &Cancel) -> Result<(), Failure> {
        let StoredRun { params, text, base, .. } = run;
        let (name, base) = (super::ready::name_of(&params.recipe), Path::new(base));
        let ready = Ready::read(&self.daemon, &self.references, &name, text.clone(), base)?;
        told.change(|record| record.state = JobState::Running);
        let key = told.id();
        match (&params.source, &params.file) {
            (Some(source), _) => self.stored(params, &ready, source, &key, told, cancel),
            (None, Some(file)) => self.file(params, &ready, Path::new(file), &key, told, cancel),
            (None, None) => Err(Failure::new(ErrorKind::InvalidRequest, "there is no picture")),
        }
    }

    fn stored(
        &self,
        params: &RecipeRunParams,
        ready: &Ready,
        source: &easel_protocol::picture::BlobId,
        key: &str,
        told: &Told<'_>,
        cancel: &Cancel,
    ) -> Result<(), Failure> {
        let size = picture::open(&self.daemon.store, source)?.size();
        let models = self.daemon.backends.models()?;
        let costs = afford(&ready.recipe, &models, size)?;
        let title = params.title.clone().unwrap_or_else(|| "picture".to_owned());
        let facts = super::source::file_facts(
            Path::new(&title.replace(['/', '\\'], "-")),
            size,
            &easel_pixels::metadata::Metadata::default(),
            &ready.name,
        );
        let execution = Execution {
            daemon: &self.daemon,
            ready,
            references: &self.references,
            models: &models,
            costs,
            facts: &facts,
            key: key.to_owned(),
            source: source.clone(),
            mask: params.mask.clone(),
            folder_of_picture: None,
            lent: false,
            budget_of: None,
            client: params.client.as_deref().unwrap_or("cli"),
            title: params.title.clone(),
            origin: params.origin.clone(),
            pay_again: false,
        };
        execute(&execution, told, cancel, |finished| told.results(ready, &facts, &finished, None))
    }

    fn file(
        &self,
        params: &RecipeRunParams,
        ready: &Ready,
        file: &Path,
        key: &str,
        told: &Told<'_>,
        cancel: &Cancel,
    ) -> Result<(), Failure> {
        let source = Source::read(file)?;
        let out = params.out.as_deref().map(PathBuf::from);
        let out = out.or_else(|| file.parent().map(Path::to_owned)).unwrap_or_default();
        let work = FileWork {
            daemon: &self.daemon,
            ready,
            references: &self.references,
            room: &self.room,
            source: &source,
            place: Place { out: &out, folder: "" },
            budget_of: None,
            client: params.client.as_deref().unwrap_or("cli"),
            key: Some(key),
            again: params.again,
            only_this_version: true,
            pay_again: false,
        };
        let facts = BTreeMap::new();
        let done = work.run(told, cancel, |finished, delivery| {
            let _ = told.results(ready, &facts, finished, Some(delivery));
        })?;
        if done.remembered {
            told.change(|record| {
                record.notes.push(
                    "made before: its results were written again, nothing was run".to_owned(),
                );
            });
        }
        told.files(&done.delivery);
        Ok(())
    }
}

fn check(params: &RecipeRunParams, local: bool) -> Result<(), Failure> {
    let invalid = |message: &str, hint: &str| {
        Err(Failure::new(ErrorKind::InvalidRequest, message).hint(hint))
    };
    if params.key.is_empty() || params.key.len() > MAX_KEY_BYTES {
        return invalid("the key must have 1 to 100 bytes", "make a new one for every run");
    }
    if params.source.is_some() == params.file.is_some() {
        return invalid("a run needs either `source` or `file`", "give one of them");
    }
    let Some(file) = &params.file else { return Ok(()) };
    if !local {
        return Err(Failure::new(
            ErrorKind::Forbidden,
            "only a program on this machine may name files",
        )
        .hint("upload the picture and give its id as `source`"));
    }
    if params.mask.is_some() {
        return invalid("a mask goes with `source`", "give the recipe a `mask` of its own");
    }
    let paths = std::iter::once(file).chain(&params.out);
    if paths.map(Path::new).any(|path| !path.is_absolute()) {
        return invalid("the paths must be absolute", "the daemon runs in another folder");
    }
    Ok(())
}

/// Keeps the record of a run that is on its way.
struct Told<'a> {
    runs: &'a Runs,
    record: Mutex<RunRecord>,
}

impl Told<'_> {
    fn id(&self) -> String {
        self.record.lock().unwrap_or_else(PoisonError::into_inner).id.clone()
    }

    fn change(&self, change: impl FnOnce(&mut RunRecord)) {
        let mut record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut record);
        let stored = self.runs.daemon.store.update_run(record.clone());
        drop(record);
        if let Err(failure) = stored {
            tracing::error!(%failure, "how a run stands cannot be stored");
        }
    }

    fn results(
        &self,
        ready: &Ready,
        facts: &BTreeMap<String, String>,
        finished: &[Finished],
        delivery: Option<&Delivery>,
    ) -> Result<(), Failure> {
        let parts: Vec<crate::recipe::Made> = finished.iter().map(Finished::parts).collect();
        let names = match delivery {
            Some(delivery) => delivery
                .files
                .iter()
                .map(|file| file.file_stem().unwrap_or_default().to_string_lossy().into_owned())
                .collect(),
            None => crate::recipe::output_names(&ready.recipe, facts, &parts)?,
        };
        let results: Vec<RunResult> = finished
            .iter()
            .enumerate()
            .map(|(number, it)| RunResult {
                name: names.get(number).cloned().unwrap_or_default(),
                axes: it.axes.iter().cloned().collect(),
                model: it.model.clone(),
                artifact: it.artifact.clone(),
                file: delivery
                    .and_then(|delivery| delivery.files.get(number))
                    .map(|file| file.to_string_lossy().into_owned()),
            })
            .collect();
        let cost = sidecar::costs(super::deliver::unique_jobs(finished));
        self.change(|record| {
            record.results = results;
            record.cost = cost;
        });
        Ok(())
    }

    fn files(&self, delivery: &Delivery) {
        let files = delivery.files.iter().map(|file| file.to_string_lossy().into_owned()).collect();
        self.change(|record| record.files = files);
    }

    fn end(&self, outcome: Result<(), Failure>) {
        // Parked: it is taken up by the next daemon.
        if self.runs.daemon.is_stopping()
            && outcome.as_ref().is_err_and(|failure| failure.kind == ErrorKind::Cancelled)
        {
            return;
        }
        self.change(|record| {
            record.finished = Some(now());
            record.state = match outcome {
                Ok(()) => JobState::Done,
                Err(failure) if failure.kind == cancelled().kind => JobState::Cancelled,
                Err(failure) => {
                    record.failure = Some(failure);
                    JobState::Failed
                }
            };
        });
    }
}

impl Progress for Told<'_> {
    fn submitted(&self, transform: &str) {
        self.change(|record| {
            if !record.transforms.iter().any(|known| known == transform) {
                record.transforms.push(transform.to_owned());
            }
        });
    }

    fn ended(&self, job: &JobRecord) {
        if job.state == JobState::Done {
            self.change(|record| record.done += 1);
        }
    }

    fn note(&self, text: String) {
        self.change(|record| record.notes.push(text));
    }

    fn total(&self, jobs: usize) {
        self.change(|record| record.total = jobs as u32);
    }
}
