//! A host inside a test: opens a [`Backend`] and runs it through the same C table that the real host
//! uses, without a daemon, a worker or a file. Pictures come with bytes between their rows, outputs
//! with canaries around them. It is a tool for tests; the program never uses it.

#![expect(unsafe_code, reason = "calls a backend across the C interface")]

mod host;
mod picture;
mod provider;

use std::ffi::CStr;
use std::fmt;
use std::marker::PhantomData;
use std::ptr;
use std::sync::{Arc, Mutex};

use easel_backend_abi::{EASEL_OK, EaselBackend, EaselImage, EaselInstance, EaselRequest};
use serde_json::Value;

use self::host::{State, lock};
pub use self::picture::Picture;
use self::provider::Provider;
pub use self::provider::{Answer, Sent};
use crate::host::{Level, c_text};
use crate::{
    Backend, Descriptor, Error, ErrorKind, Intent, ModelRecord, Result, RunFact, RunParams,
};

/// What `describe` says, read back from the JSON that a host gets.
pub fn describe<B: Backend>() -> Result<Descriptor> {
    let table = table::<B>();
    let describe = table.describe.ok_or_else(|| Error::failed("the table has no `describe`"))?;
    // SAFETY: the function takes nothing, and its text lives until the process ends.
    let text = unsafe { CStr::from_ptr(describe()) }.to_string_lossy();
    serde_json::from_str(&text).map_err(|error| Error::failed(format!("{error} in: {text}")))
}

/// Opens an instance with a configuration, a JSON object.
pub fn open<B: Backend>(config: &Value) -> Result<Opened<B>> {
    let table = table::<B>();
    let open = table.open.ok_or_else(|| Error::failed("the table has no `open`"))?;
    let (state, config) = (State::default(), c_text(&config.to_string()));
    let services = state.services();
    let mut instance = ptr::null_mut();
    // SAFETY: all three outlive the call, and the services live as long as the state.
    let status = unsafe { open(&raw const services, config.as_ptr(), &raw mut instance) };
    if status == EASEL_OK {
        Ok(Opened { table, instance, backend: PhantomData })
    } else {
        Err(state.error(ErrorKind::from_status(status)))
    }
}

/// Runs one job with a provider that is told how many requests came before, and gives back what it was
/// sent.
pub fn run_with<B: Backend>(
    ask: Ask,
    provider: impl Fn(&Sent, usize) -> Result<Answer> + Send + Sync + 'static,
) -> Result<(Outcome, Vec<Sent>)> {
    let sent = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&sent);
    let ask = ask.provider(move |request| {
        let mut log = lock(&log);
        let number = log.len();
        log.push(request.clone());
        drop(log);
        provider(request, number)
    });
    let outcome = open::<B>(&Value::Object(serde_json::Map::new()))?.run(&ask);
    let sent = lock(&sent).clone();
    Ok((outcome, sent))
}

/// What the host gives to an everyday run of a model: its `wire`, and its parameters at their defaults.
pub fn usual_params(record: &ModelRecord, intent: Intent) -> RunParams {
    let defaults = record.params.iter().map(|param| (param.name.clone(), param.default.clone()));
    RunParams { params: defaults.collect(), wire: record.wire.clone(), ..RunParams::new(intent) }
}

fn table<B: Backend>() -> &'static EaselBackend {
    // SAFETY: the entry gives a table that lives as long as the process.
    unsafe { &*crate::entry::<B>(1, 0) }
}

/// An open instance; closed when dropped.
pub struct Opened<B> {
    table: &'static EaselBackend,
    instance: *mut EaselInstance,
    backend: PhantomData<B>,
}

impl<B: Backend> Opened<B> {
    /// Runs one job to its end.
    pub fn run(&mut self, ask: &Ask) -> Outcome {
        let state = State::for_run(ask.stop_after, ask.output_limit, ask.provider.as_deref());
        let services = state.services();
        let status = match (self.table.run, ask.request_parts()) {
            (Some(run), Ok(parts)) => {
                let request = parts.request();
                // SAFETY: everything that the request points to outlives the call, the instance is
                // open, and `&mut self` lets nobody else run it.
                unsafe { run(self.instance, &raw const services, &raw const request) }
            }
            (None, _) => {
                state.set_error("the table has no `run`".to_owned());
                ErrorKind::Failed.status()
            }
            (_, Err(error)) => {
                state.set_error(error.message().to_owned());
                error.kind().status()
            }
        };
        state.into_outcome(status)
    }
}

impl<B> fmt::Debug for Opened<B> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Opened({:p})", self.instance)
    }
}

impl<B> Drop for Opened<B> {
    fn drop(&mut self) {
        if let Some(close) = self.table.close {
            // SAFETY: the instance is open and not used again.
            unsafe { close(self.instance) };
        }
    }
}

/// What one run is to do: made with [`Ask::new`], changed by the methods named after its parts.
pub struct Ask {
    model: String,
    params: RunParams,
    source: Picture,
    mask: Option<Picture>,
    references: Vec<Picture>,
    checkpoint: Option<Vec<u8>>,
    stop_after: Option<u64>,
    output_limit: u64,
    provider: Option<Box<Provider>>,
}

impl Ask {
    /// A model, an intent and a source; nothing else is asked for.
    pub fn new(model: &str, intent: Intent, source: Picture) -> Self {
        let params = RunParams::new(intent);
        Ask {
            model: model.to_owned(),
            params,
            source,
            mask: None,
            references: Vec::new(),
            checkpoint: None,
            stop_after: None,
            output_limit: 1 << 31,
            provider: None,
        }
    }

    /// All params, in place of what [`Ask::new`] gave.
    #[must_use]
    pub fn params(mut self, params: RunParams) -> Self {
        self.params = params;
        self
    }

    /// One parameter of the model's own.
    #[must_use]
    pub fn param(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.params.params.insert(name.to_owned(), value.into());
        self
    }

    /// A mask of the source's size.
    #[must_use]
    pub fn mask(mut self, mask: Picture) -> Self {
        self.mask = Some(mask);
        self
    }

    /// One more reference.
    #[must_use]
    pub fn reference(mut self, reference: Picture) -> Self {
        self.references.push(reference);
        self
    }

    /// What an earlier attempt saved.
    #[must_use]
    pub fn checkpoint(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.checkpoint = Some(bytes.into());
        self
    }

    /// Cancels: after so many questions the host answers that the job should stop.
    #[must_use]
    pub fn stop_after(mut self, questions: u64) -> Self {
        self.stop_after = Some(questions);
        self
    }

    /// The most bytes of one output; more is refused. 2 GiB unless said.
    #[must_use]
    pub fn output_limit(mut self, bytes: u64) -> Self {
        self.output_limit = bytes;
        self
    }

    /// Permits `easel.http/1` and answers for the internet.
    #[must_use]
    pub fn provider(
        mut self,
        answer: impl Fn(&Sent) -> Result<Answer> + Send + Sync + 'static,
    ) -> Self {
        self.provider = Some(Box::new(answer));
        self
    }

    fn request_parts(&self) -> Result<Parts<'_>> {
        let references: Vec<_> =
            self.references.iter().map(Picture::as_c).collect::<Result<_>>()?;
        let params = serde_json::to_string(&self.params).map_err(Error::invalid)?;
        Ok(Parts {
            model: c_text(&self.model),
            params: c_text(&params),
            source: self.source.as_c()?,
            mask: self.mask.as_ref().map(Picture::as_c).transpose()?,
            pointers: references.iter().map(ptr::from_ref).collect(),
            _references: references,
            checkpoint: self.checkpoint.as_deref(),
        })
    }
}

/// Everything that a request points to.
struct Parts<'ask> {
    model: std::ffi::CString,
    params: std::ffi::CString,
    source: EaselImage,
    mask: Option<EaselImage>,
    /// Into the buffer of `_references`, which stays where it is when the struct moves.
    pointers: Vec<*const EaselImage>,
    _references: Vec<EaselImage>,
    checkpoint: Option<&'ask [u8]>,
}

impl Parts<'_> {
    fn request(&self) -> EaselRequest {
        EaselRequest {
            size: size_of::<EaselRequest>() as u32,
            model: self.model.as_ptr(),
            params: self.params.as_ptr(),
            source: &raw const self.source,
            mask: self.mask.as_ref().map_or(ptr::null(), ptr::from_ref),
            references: if self.pointers.is_empty() { ptr::null() } else { self.pointers.as_ptr() },
            reference_count: self.pointers.len() as u32,
            checkpoint: self.checkpoint.map_or(ptr::null(), <[u8]>::as_ptr),
            checkpoint_bytes: self.checkpoint.map_or(0, |bytes| bytes.len() as u64),
        }
    }
}

/// What came of a run, and what the host saw of it.
#[derive(Debug)]
pub struct Outcome {
    result: Result<Vec<Picture>>,
    /// What [`Job::progress`](crate::Job::progress) said: fractions and messages.
    pub progress: Vec<(f64, String)>,
    /// What was shown.
    pub previews: Vec<Picture>,
    /// What was logged.
    pub logs: Vec<(Level, String)>,
    /// What was saved, the last of it last.
    pub checkpoints: Vec<Vec<u8>>,
    /// What was reported of the run.
    pub facts: Vec<RunFact>,
    /// How often the backend asked whether to stop.
    pub questions: u64,
}

impl Outcome {
    /// The outputs, at least one; or why there are none.
    pub fn outputs(&self) -> Result<&[Picture]> {
        self.result.as_deref().map_err(Clone::clone)
    }

    /// Why it failed, where it did.
    pub fn error(&self) -> Option<&Error> {
        self.result.as_ref().err()
    }
}
