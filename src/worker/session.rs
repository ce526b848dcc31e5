//! One run on one worker: the words back and forth, the memory for outputs, the clock, and the end,
//! whichever way it comes. Everything the worker says is checked here. It blocks the thread that
//! called it, and it never waits for a worker longer than it was told to.

use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use easel_backend_abi as abi;
use easel_protocol::Failure;
use easel_protocol::model::RunFact;
use easel_protocol::picture::PixelFormat;
use rustix::event::{PollFd, PollFlags};

use super::buffers::BufferPool;
use super::error::RunError;
use super::frame::{self, Filled, FrameError, Inbox};
use super::image::{SharedImage, abi_format, bytes_per_pixel};
use super::limits::{self, RateLimit};
use super::outputs::{Manners, OutputMemory, Pending};
use super::run::{LogLevel, Run, RunObserver};
use super::words::{Bytes, Grant, Purpose, RunFrame, ToHost, ToWorker};

mod http;

/// What a run uses of its worker.
pub(super) struct Parts<'worker> {
    pub(super) socket: BorrowedFd<'worker>,
    pub(super) wake: &'worker UnixStream,
    pub(super) inbox: &'worker mut Inbox,
    pub(super) outputs: &'worker mut OutputMemory,
    pub(super) buffers: &'worker BufferPool,
    pub(super) grace: Duration,
}

/// How a run ended, besides what it gave.
#[derive(Debug)]
pub(super) enum Ending {
    /// The worker said so and waits for the next run.
    Done(Result<Vec<SharedImage>, RunError>),
    /// The same, but it must not be used again, and this is why.
    DoneBadly(Result<Vec<SharedImage>, RunError>, &'static str),
    /// It was asked to stop and did not do so in good order: it has to be ended, for this reason.
    Overdue(RunError, String),
    /// The socket ended: so did the process.
    Gone,
    /// It broke the rules: it has to be ended.
    Broken(String),
}

impl From<FrameError> for Ending {
    fn from(error: FrameError) -> Self {
        Ending::Broken(format!("it sent {error}"))
    }
}

impl From<std::io::Error> for Ending {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind;
        match error.kind() {
            ErrorKind::BrokenPipe | ErrorKind::ConnectionReset | ErrorKind::NotConnected => {
                Ending::Gone
            }
            ErrorKind::TimedOut => Ending::Broken("it does not read what it is sent".to_owned()),
            _ => Ending::Broken(format!("its socket failed: {error}")),
        }
    }
}

/// Why a run is being stopped.
#[derive(Clone, Copy, Debug)]
enum Stop {
    Cancelled,
    TimedOut,
}

pub(super) struct Session<'run> {
    number: u64,
    parts: Parts<'run>,
    observer: &'run mut dyn RunObserver,
    is_cancelled: &'run dyn Fn() -> bool,
    timeout: Duration,
    deadline: Option<Instant>,
    stop: Option<(Stop, Instant)>,
    bytes_left: u64,
    http: bool,
    // In the order of creation; empty where it was taken back already.
    outputs: Vec<(Purpose, Option<Pending>)>,
    // Bodies of answers, which the worker has mapped.
    answers: Vec<SharedImage>,
    progress_rate: RateLimit,
    log_rate: RateLimit,
    preview_rate: RateLimit,
    manners: Manners,
}

impl<'run> Session<'run> {
    /// Prepares run `number`.
    pub(super) fn new(
        number: u64,
        run: &Run,
        parts: Parts<'run>,
        observer: &'run mut dyn RunObserver,
        is_cancelled: &'run dyn Fn() -> bool,
    ) -> Self {
        Session {
            number,
            parts,
            observer,
            is_cancelled,
            timeout: run.timeout,
            deadline: Instant::now().checked_add(run.timeout),
            stop: None,
            bytes_left: run.output_limit_bytes,
            http: run.http,
            outputs: Vec::new(),
            answers: Vec::new(),
            progress_rate: RateLimit::patient(limits::PROGRESS_RATE),
            log_rate: RateLimit::patient(limits::LOG_RATE),
            preview_rate: RateLimit::patient(limits::PREVIEW_RATE),
            manners: Manners::Kept,
        }
    }

    /// Does it, to one end or another.
    pub(super) fn go(mut self, run: &Run) -> Ending {
        self.parts.outputs.begin(Instant::now());
        let ending = self.exchange(run).unwrap_or_else(|ending| ending);
        for (_, pending) in self.outputs.drain(..) {
            if let Some(pending) = pending {
                self.parts.outputs.discard(pending);
            }
        }
        self.parts.outputs.end(Instant::now());
        match (ending, self.manners) {
            (Ending::Done(result), Manners::Broken) => {
                Ending::DoneBadly(result, "it kept an output after it said it was done")
            }
            // Whoever asked to stop has what they wanted.
            (ending, _) => match (ending, self.stop) {
                (Ending::Gone, Some((stop, _))) => {
                    Ending::Overdue(self.stopped(stop), "it ended instead of stopping".to_owned())
                }
                (Ending::Broken(reason), Some((stop, _))) => {
                    Ending::Overdue(self.stopped(stop), reason)
                }
                (ending, _) => ending,
            },
        }
    }

    fn exchange(&mut self, run: &Run) -> Result<Ending, Ending> {
        if let Err(error) = self.send_run(run)? {
            return Ok(Ending::Done(Err(error)));
        }
        loop {
            while let Some(message) = self.parts.inbox.next::<ToHost>()? {
                if let Some(result) = self.hear(message)? {
                    return Ok(Ending::Done(result));
                }
            }
            let wait = match self.look_at_the_clock()? {
                Clock::Overdue(error) => {
                    return Ok(Ending::Overdue(
                        error,
                        "it did not stop when it was asked to".to_owned(),
                    ));
                }
                Clock::Wait(wait) => wait,
            };
            match self.parts.inbox.fill(self.parts.socket)? {
                Filled::Some => {}
                Filled::End => return Ok(Ending::Gone),
                Filled::Nothing => {
                    let mut watched = [
                        PollFd::from_borrowed_fd(self.parts.socket, PollFlags::IN),
                        PollFd::new(self.parts.wake, PollFlags::IN),
                    ];
                    frame::wait(&mut watched, wait)?;
                    drain(self.parts.wake);
                }
            }
        }
    }

    /// Sends the run itself. The inner error is the caller's fault, or this machine's: nothing was
    /// sent and the worker is as it was.
    fn send_run(&mut self, run: &Run) -> Result<Result<(), RunError>, Ending> {
        let images = match images_of(run, self.parts.buffers) {
            Ok(images) => images,
            Err(error) => return Ok(Err(error)),
        };
        let params = match serde_json::to_string(&run.params) {
            Ok(params) => params,
            Err(error) => return Ok(Err(RunError::Invalid(format!("parameters: {error}")))),
        };
        let shapes: Vec<_> = images.iter().map(SharedImage::shape).collect();
        let mask = usize::from(run.mask.is_some());
        let words = frame::encode(&ToWorker::Run(RunFrame {
            run: self.number,
            model: run.model.clone(),
            params,
            source: shapes[0],
            mask: run.mask.as_ref().map(|_| shapes[1]),
            references: shapes[1 + mask..].to_vec(),
            checkpoint: run.checkpoint.clone().map(Bytes),
            http: run.http,
        }));
        let words = match words {
            Ok(words) => words,
            Err(error) => return Ok(Err(RunError::Invalid(format!("the request: {error}")))),
        };
        let descriptors: Vec<_> = images.iter().filter_map(SharedImage::descriptor).collect();
        let limit = Instant::now() + limits::SEND_TIMEOUT;
        frame::send(self.parts.socket, &words, &descriptors, Some(limit))?;
        Ok(Ok(()))
    }

    fn send(&self, message: &ToWorker, descriptors: &[BorrowedFd<'_>]) -> Result<(), Ending> {
        let limit = Instant::now() + limits::SEND_TIMEOUT;
        Ok(frame::send(self.parts.socket, &frame::encode(message)?, descriptors, Some(limit))?)
    }

    /// Stops what has to be stopped, and says how long nothing else needs doing.
    fn look_at_the_clock(&mut self) -> Result<Clock, Ending> {
        let now = Instant::now();
        if self.stop.is_none() {
            let late = self.deadline.is_some_and(|deadline| now >= deadline);
            let stop = if (self.is_cancelled)() {
                Some(Stop::Cancelled)
            } else {
                late.then_some(Stop::TimedOut)
            };
            if let Some(stop) = stop {
                self.stop = Some((stop, now + self.parts.grace));
                self.send(&ToWorker::Cancel { run: self.number }, &[])?;
            }
        }
        let next = match self.stop {
            Some((stop, until)) if now >= until => return Ok(Clock::Overdue(self.stopped(stop))),
            Some((_, until)) => Some(until),
            None => self.deadline,
        };
        Ok(Clock::Wait(next.map(|next| next.saturating_duration_since(now))))
    }

    fn stopped(&self, stop: Stop) -> RunError {
        match stop {
            Stop::Cancelled => RunError::Cancelled,
            Stop::TimedOut => RunError::TimedOut { after: self.timeout },
        }
    }

    /// Acts on one message; gives the run's result with the last one.
    fn hear(
        &mut self,
        message: ToHost,
    ) -> Result<Option<Result<Vec<SharedImage>, RunError>>, Ending> {
        match message {
            ToHost::Progress { run, fraction, text } => {
                if run == self.number && self.progress_rate.allows(Instant::now()) {
                    let fraction =
                        fraction.filter(|it| it.is_finite()).map(|it| it.clamp(0.0, 1.0));
                    let text =
                        text.map(|text| limits::clean(&text)).filter(|text| !text.is_empty());
                    self.observer.progress(fraction, text.as_deref());
                }
            }
            ToHost::Log { run, level, text } => {
                if run == self.number && self.log_rate.allows(Instant::now()) {
                    self.observer.log(log_level(level), &limits::clean(&text));
                }
            }
            ToHost::NewOutput { run, width, height, format, purpose } => {
                let answer = if run != self.number {
                    Err("the run is over".to_owned())
                } else if purpose == Purpose::Preview && !self.may_preview() {
                    Err("too many previews".to_owned())
                } else {
                    self.grant(format, width, height, purpose)
                };
                self.answer_output(run, answer)?;
            }
            ToHost::Preview { run, output } => {
                if run == self.number {
                    self.show(output)?;
                }
            }
            ToHost::Http { run, requests } => {
                let current = run == self.number;
                self.answer_http(run, if current { requests } else { Vec::new() })?;
            }
            ToHost::Fact { run, fact } => {
                if run == self.number {
                    self.observer.fact(clean_fact(fact));
                }
            }
            ToHost::Checkpoint { run, bytes: Bytes(bytes) } => {
                let stored = if run != self.number {
                    Err("the run is over".to_owned())
                } else if bytes.len() > limits::CHECKPOINT_BYTES {
                    return Err(Ending::Broken(format!("a checkpoint of {} bytes", bytes.len())));
                } else {
                    self.observer.checkpoint(&bytes)
                };
                self.send(&ToWorker::Saved { run, error: stored.err() }, &[])?;
            }
            ToHost::Done { run, status, text, failure, dropped_lines } => {
                if run != self.number {
                    return Err(Ending::Broken(format!(
                        "it ended run {run}, which is not running"
                    )));
                }
                if dropped_lines > 0 {
                    let words = format!("{dropped_lines} lines of the log were left out");
                    self.observer.log(LogLevel::Warn, &words);
                }
                return Ok(Some(self.result(status, text, failure)));
            }
            ToHost::Described { .. } | ToHost::Opened | ToHost::Failed { .. } => {
                return Err(Ending::Broken("it introduced itself twice".to_owned()));
            }
        }
        Ok(None)
    }

    /// Whether one more preview may be painted now: not too soon after the others, and not while
    /// several are still waited for.
    fn may_preview(&mut self) -> bool {
        let waiting = self
            .outputs
            .iter()
            .filter(|(purpose, pending)| *purpose == Purpose::Preview && pending.is_some());
        waiting.count() < 2 && self.preview_rate.allows(Instant::now())
    }

    fn grant(
        &mut self,
        format: PixelFormat,
        width: u32,
        height: u32,
        purpose: Purpose,
    ) -> Result<usize, String> {
        if abi_format(format).is_none() {
            return Err(format!("outputs cannot be `{format}`"));
        }
        // At most 2^64 - 2^33 + 1 times 16: in 128 bits.
        let bytes = u128::from(width) * u128::from(height) * bytes_per_pixel(format) as u128;
        let limit = match purpose {
            Purpose::Output => self.bytes_left,
            Purpose::Preview => limits::PREVIEW_BYTES,
            Purpose::Body => limits::BODY_BYTES,
        };
        let bytes = u64::try_from(bytes).ok().filter(|bytes| *bytes <= limit).ok_or_else(|| {
            format!(
                "an output of {width}x{height} `{format}` is {bytes} bytes, and {limit} are left"
            )
        })?;
        let alike = self.outputs.iter().filter(|(known, pending)| {
            *known == purpose && (purpose == Purpose::Output || pending.is_some())
        });
        if purpose != Purpose::Preview && alike.count() >= limits::OUTPUTS {
            return Err(format!("a run makes at most {} outputs", limits::OUTPUTS));
        }
        let single = purpose != Purpose::Output;
        let pending = self.parts.outputs.grant(format, width, height, single);
        let pending = pending.map_err(|error| error.to_string())?;
        if purpose == Purpose::Output {
            self.bytes_left -= bytes;
        }
        self.outputs.push((purpose, Some(pending)));
        Ok(self.outputs.len() - 1)
    }

    fn answer_output(&self, run: u64, answer: Result<usize, String>) -> Result<(), Ending> {
        match answer {
            Ok(index) => {
                let Some((_, Some(pending))) = self.outputs.get(index) else { return Ok(()) };
                let grant = Grant {
                    output: index as u32,
                    shape: pending.shape,
                    capacity: pending.capacity as u64,
                    dirty: pending.dirty,
                };
                let words = ToWorker::Output { run, grant: Some(grant), error: None };
                self.send(&words, &[pending.file.as_fd()])
            }
            Err(error) => {
                self.send(&ToWorker::Output { run, grant: None, error: Some(error) }, &[])
            }
        }
    }

    fn show(&mut self, output: u32) -> Result<(), Ending> {
        let Some(pending) = self.take(output, Purpose::Preview) else {
            return Err(Ending::Broken(format!(
                "it showed preview {output}, which it does not have"
            )));
        };
        // A preview that cannot be had is not worth a run.
        if let Ok((image, manners)) = self.parts.outputs.collect(pending, self.parts.buffers) {
            self.note(manners);
            self.observer.preview(image);
        }
        Ok(())
    }

    /// Memory that was granted for `purpose`, once.
    fn take(&mut self, output: u32, purpose: Purpose) -> Option<Pending> {
        match self.outputs.get_mut(output as usize) {
            Some((known, pending)) if *known == purpose => pending.take(),
            _ => None,
        }
    }

    fn note(&mut self, manners: Manners) {
        if manners == Manners::Broken {
            self.manners = manners;
        }
    }

    fn result(
        &mut self,
        status: i32,
        text: Option<String>,
        failure: Option<Box<Failure>>,
    ) -> Result<Vec<SharedImage>, RunError> {
        if let Some((stop, _)) = self.stop {
            return Err(self.stopped(stop));
        }
        if (self.is_cancelled)() {
            return Err(RunError::Cancelled);
        }
        if let Some(failure) = failure.filter(|_| status != abi::EASEL_OK) {
            return Err(RunError::Told(Box::new(clean_failure(*failure))));
        }
        if status != abi::EASEL_OK {
            return Err(RunError::from_status(
                status,
                text.map(|text| limits::clean(&text)).as_deref(),
            ));
        }
        let mut images = Vec::new();
        for (purpose, pending) in std::mem::take(&mut self.outputs) {
            if let (Purpose::Output, Some(pending)) = (purpose, pending) {
                let (image, manners) = self.parts.outputs.collect(pending, self.parts.buffers)?;
                self.note(manners);
                images.push(image);
            }
        }
        if images.is_empty() { Err(RunError::NoOutput) } else { Ok(images) }
    }
}

enum Clock {
    Wait(Option<Duration>),
    Overdue(RunError),
}

/// The source, the mask and the references, as the worker may see them; an error where the request
/// could not even be understood.
fn images_of(run: &Run, buffers: &BufferPool) -> Result<Vec<SharedImage>, RunError> {
    let invalid = |text: String| RunError::Invalid(text);
    if run.references.len() > limits::REFERENCES {
        return Err(invalid(format!("at most {} references can be sent", limits::REFERENCES)));
    }
    if run.checkpoint.as_ref().is_some_and(|bytes| bytes.len() > limits::CHECKPOINT_BYTES) {
        return Err(invalid(format!(
            "a checkpoint has at most {} bytes",
            limits::CHECKPOINT_BYTES
        )));
    }
    if let Some(mask) = &run.mask {
        let same = mask.width() == run.source.width() && mask.height() == run.source.height();
        if !same || mask.format() != PixelFormat::Gray8 {
            return Err(invalid("a mask is `gray8` and as large as the source".to_owned()));
        }
    }
    let all = std::iter::once(&run.source).chain(&run.mask).chain(&run.references);
    all.map(|image| {
        let format = image.format();
        if abi_format(format).is_none() {
            return Err(invalid(format!("`{format}` is for editors, backends do not take it")));
        }
        Ok(image.for_worker(buffers)?)
    })
    .collect()
}

/// A failure as a worker tells it, its texts fit to be shown.
fn clean_failure(failure: Failure) -> Failure {
    let clean = |text: Option<String>| text.map(|text| limits::clean(&text));
    Failure {
        message: limits::clean(&failure.message),
        hint: clean(failure.hint),
        provider_message: clean(failure.provider_message),
        ..failure
    }
}

fn clean_fact(fact: RunFact) -> RunFact {
    let clean = |text: Option<String>| text.map(|text| limits::clean(&text));
    RunFact {
        cost: fact.cost.filter(|cost| cost.is_finite() && *cost >= 0.0),
        currency: clean(fact.currency),
        request_id: clean(fact.request_id),
        note: clean(fact.note),
        ..fact
    }
}

fn log_level(level: i32) -> LogLevel {
    match level {
        abi::EASEL_LOG_ERROR => LogLevel::Error,
        abi::EASEL_LOG_WARN => LogLevel::Warn,
        abi::EASEL_LOG_INFO => LogLevel::Info,
        _ => LogLevel::Debug,
    }
}

/// Takes all wake-ups that wait.
fn drain(wake: &UnixStream) {
    let mut bytes = [0; 64];
    while rustix::net::recv(wake, &mut bytes[..], rustix::net::RecvFlags::DONTWAIT)
        .is_ok_and(|(count, _)| count == bytes.len())
    {}
}
