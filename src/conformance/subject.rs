//! The backend under check: how its workers are started, what is known of it so far, and one bench
//! (a worker of its own, with a time limit) for every case and model. What a worker's error means for
//! a case is said here, once.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use easel_protocol::ErrorKind;
use easel_protocol::model::{Descriptor, ModelRecord};

use super::report::{Finding, Outcome, Verdict};
use super::sample;
use super::target::Target;
use super::{Options, records};
use crate::worker::{
    Cancel, Crash, Launch, LibrarySource, Run, RunError, RunObserver, SharedImage, Worker,
    WorkerError,
};

/// How long a worker is watched after a run: a thread that should have ended shows itself by then.
const AFTERMATH: Duration = Duration::from_millis(100);
/// Longer than anybody waits, and short enough to be added to any clock.
const LONGEST: Duration = Duration::from_secs(1 << 24);

/// What is checked, and what is known of it.
pub(super) struct Subject<'check> {
    pub(super) target: &'check Target,
    pub(super) options: &'check Options,
    loaded: OnceCell<Result<Descriptor, WorkerError>>,
    plain: RefCell<BTreeMap<String, Rc<Plain>>>,
    // Why it does not open.
    closed: RefCell<Option<Finding>>,
}

/// How a plain run of a model went. The other cases ask for it before they try anything harder.
pub(super) enum Plain {
    /// It gave pictures.
    Works,
    /// It did not, and this is what `every-model` says.
    Broken {
        finding: Finding,
        /// The backend's own error, where it reported one.
        error: Option<String>,
        /// It went on until its time was up.
        endless: bool,
    },
}

impl<'check> Subject<'check> {
    pub(super) fn new(target: &'check Target, options: &'check Options) -> Self {
        Subject {
            target,
            options,
            loaded: OnceCell::new(),
            plain: RefCell::default(),
            closed: RefCell::default(),
        }
    }

    /// The library; a skip where only a manifest could name it, and does not.
    pub(super) fn library(&self) -> Result<&'check Path, Finding> {
        self.target.library.as_deref().ok_or_else(|| {
            Finding::skip("the manifest does not say which library", "see `manifest-readable`")
        })
    }

    /// How to start a worker for it.
    pub(super) fn launch(&self) -> Result<Launch, Finding> {
        let library = LibrarySource::File(self.library()?.to_owned());
        let mut launch = Launch::new(&self.options.executable, library);
        launch.config = self.options.config.clone();
        // Not the time of a case: how long these may take is the host's rule, not the checker's.
        launch.open_timeout = launch.load_timeout;
        launch.grace = self.options.grace.min(LONGEST);
        Ok(launch)
    }

    /// How loading and describing went; done once, in a process that ends again.
    pub(super) fn loaded(&self) -> Result<Result<&Descriptor, &WorkerError>, Finding> {
        let launch = self.launch()?;
        Ok(self.loaded.get_or_init(|| Worker::describe(&launch)).as_ref())
    }

    /// What it describes; a skip where it does not come so far.
    pub(super) fn descriptor(&self) -> Result<&Descriptor, Finding> {
        self.loaded()?
            .map_err(|_| Finding::skip("it was not loaded", "see the cases before this one"))
    }

    /// A worker that holds an open instance. An error is a skip: what `open` does wrong is for
    /// `open-close-many` to say. Where it once did not open it is not asked again.
    pub(super) fn worker(&self) -> Result<Worker, Finding> {
        if let Some(finding) = &*self.closed.borrow() {
            return Err(finding.clone());
        }
        self.descriptor()?;
        Worker::spawn(&self.launch()?).map_err(|error| {
            let finding = match error {
                WorkerError::Open(error) => Finding::skip(
                    format!("it does not open: {error}"),
                    "give it what it needs, and check again",
                ),
                error => Finding::skip(error.to_string(), "see `open-close-many`"),
            };
            self.closed.replace(Some(finding.clone()));
            finding
        })
    }

    /// How a plain run of `model` goes; tried once, in a worker of its own.
    pub(super) fn plain(&self, model: &ModelRecord) -> Rc<Plain> {
        if let Some(known) = self.plain.borrow().get(&model.id) {
            return Rc::clone(known);
        }
        let plain = Rc::new(self.try_plain(model).unwrap_or_else(|finding| Plain::Broken {
            finding,
            error: None,
            endless: false,
        }));
        self.plain.borrow_mut().insert(model.id.clone(), Rc::clone(&plain));
        plain
    }

    fn try_plain(&self, model: &ModelRecord) -> Result<Plain, Finding> {
        if records::fault(self.descriptor()?).is_some() {
            return Err(Finding::skip("its records make no sense", "see `records-make-sense`"));
        }
        let mut bench = self.bench(model)?;
        let run = sample::plain_run(model, None)?;
        Ok(match bench.try_run(&run, &mut Quiet) {
            Ok(_) => {
                bench.outlive(AFTERMATH)?;
                Plain::Works
            }
            Err(error) => Plain::Broken {
                finding: bench.finding(&error, "a plain run"),
                endless: matches!(error, RunError::TimedOut { .. }),
                error: reported(&error),
            },
        })
    }

    /// A bench for one case and `model`, whether its plain run works or not.
    pub(super) fn bench<'model>(
        &self,
        model: &'model ModelRecord,
    ) -> Result<Bench<'model>, Finding> {
        let worker = self.worker()?;
        Ok(Bench { worker, model, deadline: Instant::now() + self.options.timeout.min(LONGEST) })
    }

    /// Tries `case` on every model whose plain run works, each in a worker of its own; the worst
    /// finding speaks for all.
    pub(super) fn each_model(&self, mut case: impl FnMut(&mut Bench<'_>) -> Verdict) -> Verdict {
        self.every_model(|model| {
            self.blocked(model)?;
            case(&mut self.bench(model)?)
        })
    }

    /// The skip for a model whose plain run does not work.
    pub(super) fn blocked(&self, model: &ModelRecord) -> Verdict {
        match &*self.plain(model) {
            Plain::Broken { finding, .. } => Err(blocked(model, finding)),
            Plain::Works => Ok(()),
        }
    }

    /// Judges every model; the worst finding speaks for all.
    pub(super) fn every_model(&self, mut case: impl FnMut(&ModelRecord) -> Verdict) -> Verdict {
        let descriptor = self.descriptor()?;
        let several = descriptor.models.len() > 1;
        let findings = descriptor.models.iter().map(|model| {
            let finding = Finding::from(case(model));
            if several { finding.about(&model.id) } else { finding }
        });
        match findings.reduce(Finding::or_worse) {
            Some(finding) if finding == Finding::pass() => Ok(()),
            Some(finding) => Err(finding),
            None => Err(Finding::skip("it offers no models", "describe at least one")),
        }
    }
}

/// Why a case cannot be tried: a skip that leads to the reason.
fn blocked(model: &ModelRecord, finding: &Finding) -> Finding {
    if finding.outcome == Outcome::Skip {
        return finding.clone();
    }
    Finding::skip(format!("a plain run of `{}` does not work", model.id), "see `every-model`")
}

/// A worker with a time limit, for one case and one model.
pub(super) struct Bench<'model> {
    pub(super) worker: Worker,
    pub(super) model: &'model ModelRecord,
    deadline: Instant,
}

impl Bench<'_> {
    /// How much of the case's time is left.
    pub(super) fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Runs within the time that is left, or that the run itself allows.
    pub(super) fn try_run(
        &mut self,
        run: &Run,
        observer: &mut dyn RunObserver,
    ) -> Result<Vec<SharedImage>, RunError> {
        let run = Run { timeout: run.timeout.min(self.left()), ..run.clone() };
        self.worker.run(&run, observer, &Cancel::new())
    }

    /// The same; an error becomes the finding that it means. `what` names the run in messages.
    pub(super) fn run(&mut self, run: &Run, what: &str) -> Result<Vec<SharedImage>, Finding> {
        self.try_run(run, &mut Quiet).map_err(|error| self.finding(&error, what))
    }

    /// What an error of `what` means for a case.
    pub(super) fn finding(&mut self, error: &RunError, what: &str) -> Finding {
        match error {
            RunError::Crashed(crash) => crashed_in_run(crash, what),
            RunError::TimedOut { after } if self.worker.is_usable() => Finding::skip(
                format!("{what} takes longer than {} ms", after.as_millis()),
                "give each case more time",
            ),
            RunError::TimedOut { after } => Finding::fail(
                format!(
                    "{what} did not end within {} ms, nor when it was asked to stop",
                    after.as_millis()
                ),
                "ask `should_stop` for every row or step, and return EASEL_CANCELLED when it says so",
            ),
            RunError::Unsupported(text)
            | RunError::Denied(text)
            | RunError::Transient(text)
            | RunError::Refused(text) => {
                Finding::skip(text.clone(), "give it what it needs, and check again")
            }
            // It needs the world, and here there is none.
            RunError::Told(failure) if failure.kind == ErrorKind::Forbidden => Finding::skip(
                failure.message.clone(),
                "what needs connections is tested with its provider",
            ),
            RunError::Told(failure) => Finding::fail(
                format!("{what} failed: {failure}"),
                "what the record offers has to work",
            ),
            RunError::NoOutput => Finding::fail(
                format!("{what} returned EASEL_OK and made no output: success needs at least one"),
                "call `new_output` and paint it, or return an EASEL_ERR_* with a text",
            ),
            RunError::Invalid(text) => Finding::fail(
                format!(
                    "{what} was refused as invalid, although it keeps to the model's record: {text}"
                ),
                "say in the record what the model does not take, or take it",
            ),
            RunError::Failed(text) => Finding::fail(
                format!("{what} failed: {text}"),
                "what the record offers has to work; a machine that lacks something is EASEL_ERR_UNSUPPORTED",
            ),
            RunError::Cancelled => Finding::skip(format!("{what} was cancelled"), "check again"),
            RunError::Host(error) => Finding::skip(
                format!("this machine cannot serve {what}: {error}"),
                "free some memory and check again",
            ),
        }
    }

    /// Waits a little and sees whether the worker is still there.
    pub(super) fn outlive(&mut self, patience: Duration) -> Verdict {
        let until = Instant::now() + patience;
        while self.worker.is_usable() {
            if Instant::now() >= until {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        let crash = self.worker.crash().cloned().unwrap_or_default();
        Err(crashed_in_run(&crash, "what went on after a plain run"))
    }
}

/// The finding for a worker that ended outside a run.
pub(super) fn crashed(crash: &Crash, what: &str) -> Finding {
    if let Some(reason) = &crash.reason {
        return Finding::fail(
            format!("{what} ended badly, and the host ended the process: {reason}"),
            "only functions of the header's tables talk to the host; leave its descriptors alone",
        );
    }
    let hint = match crash.signal {
        Some(_) => "run it under a debugger, or build it with `-fsanitize=address,undefined`",
        None => "functions return to the host: a backend never ends its process",
    };
    Finding::crash(format!("{what} crashed: {crash}"), hint)
}

/// The finding for a worker that ended in a run, or because of one.
pub(super) fn crashed_in_run(crash: &Crash, what: &str) -> Finding {
    let hint = if crash.reason.is_some() {
        "no thread of the backend's own touches the request, an output or `host` once `run` returned"
    } else if matches!(crash.signal, Some(7 | 10 | 11)) {
        "inputs are mapped read-only and outputs end at a guard page: look for writes into an \
         input, beyond a row, or from a thread that outlives `run`"
    } else {
        return crashed(crash, what);
    };
    Finding { hint: Some(hint.to_owned()), ..crashed(crash, what) }
}

/// Listens to nothing and stores checkpoints nowhere, as far as the backend can tell in good order.
pub(super) struct Quiet;

impl RunObserver for Quiet {
    fn checkpoint(&mut self, _bytes: &[u8]) -> Result<(), String> {
        Ok(())
    }
}

/// The backend's own text, where the error is one that it reported.
pub(super) fn reported(error: &RunError) -> Option<String> {
    match error {
        RunError::Invalid(text)
        | RunError::Unsupported(text)
        | RunError::Transient(text)
        | RunError::Denied(text)
        | RunError::Refused(text)
        | RunError::Failed(text) => Some(text.clone()),
        _ => None,
    }
}
