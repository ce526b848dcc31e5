//! The daemon's side of one worker: start it, learn what it offers, open it, run on it, end it.
//! Blocking, on the calling thread. It decides nothing about which worker or when: that is the pool.

use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use easel_protocol::model::Descriptor;
use rustix::event::{PollFd, PollFlags};

use super::buffers::BufferPool;
use super::cancel::{Cancel, Registration};
use super::error::{Crash, RunError, WorkerError};
use super::frame::{self, Filled, Inbox};
use super::image::SharedImage;
use super::launch::{Launch, LibrarySource};
use super::limits;
use super::outputs::OutputMemory;
use super::process::Process;
use super::run::{Run, RunObserver};
use super::session::{Ending, Parts, Session};
use super::words::{LibraryName, PROTOCOL, ToHost, ToWorker};

/// A process that holds one loaded backend. Dropping it ends the process at once.
#[derive(Debug)]
pub struct Worker {
    process: Process,
    socket: UnixStream,
    inbox: Inbox,
    // One end is watched during a run, the other is written by whoever cancels.
    wake: (UnixStream, Arc<UnixStream>),
    descriptor: Descriptor,
    abi_minor: u32,
    outputs: OutputMemory,
    buffers: BufferPool,
    grace: Duration,
    runs: u64,
    // Why it can no longer be used.
    broken: Option<Crash>,
}

/// Ends a worker from another thread, whatever it is doing.
#[derive(Clone, Debug)]
pub(super) struct Stopper(Process);

impl Stopper {
    /// Ends the process now.
    pub(super) fn stop(&self) {
        self.0.kill();
    }
}

impl Worker {
    /// Starts a worker, has it load and describe the backend, and opens an instance.
    pub fn spawn(launch: &Launch) -> Result<Self, WorkerError> {
        Worker::spawn_with(launch, BufferPool::new(), &[])
    }

    /// The same with the buffers of the backend's other workers, until one of `stop` is cancelled.
    pub fn spawn_with(
        launch: &Launch,
        buffers: BufferPool,
        stop: &[&Cancel],
    ) -> Result<Self, WorkerError> {
        let mut worker = Worker::load(launch, buffers, stop)?;
        let config = launch.config.to_string();
        match worker.ask(&ToWorker::Open { config }, "open", launch.open_timeout, stop)? {
            ToHost::Opened => {}
            ToHost::Failed { status, text } => {
                let error = RunError::from_status(status, Some(&limits::clean(&text)));
                return Err(WorkerError::Open(Box::new(error)));
            }
            _ => return Err(worker.broke("it answered `open` with something else".to_owned())),
        }
        Ok(worker)
    }

    /// Only learns what a backend offers: nothing is opened and the process ends again.
    pub fn describe(launch: &Launch) -> Result<Descriptor, WorkerError> {
        Ok(Worker::load(launch, BufferPool::new(), &[])?.descriptor.clone())
    }

    fn load(launch: &Launch, buffers: BufferPool, stop: &[&Cancel]) -> Result<Self, WorkerError> {
        let spawn = |source| WorkerError::Spawn { executable: launch.executable.clone(), source };
        let library = match &launch.library {
            LibrarySource::BuiltIn(name) => LibraryName::BuiltIn(name.clone()),
            LibrarySource::File(path) => {
                LibraryName::File(std::path::absolute(path).map_err(spawn)?)
            }
        };
        let load = ToWorker::Load {
            protocol: PROTOCOL,
            parent: std::process::id(),
            library,
            host_version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        let (socket, theirs) = UnixStream::pair().map_err(spawn)?;
        let wake = UnixStream::pair().map_err(spawn)?;
        wake.1.set_nonblocking(true).map_err(spawn)?;
        let process = Process::start(launch, theirs.into()).map_err(spawn)?;
        let mut worker = Worker {
            process,
            socket,
            inbox: Inbox::new(limits::FRAME_BYTES),
            wake: (wake.0, Arc::new(wake.1)),
            descriptor: Descriptor {
                id: String::new(),
                name: String::new(),
                version: String::new(),
                max_instances: 1,
                models: Vec::new(),
            },
            abi_minor: 0,
            outputs: OutputMemory::default(),
            buffers,
            grace: launch.grace,
            runs: 0,
            broken: None,
        };
        match worker.ask(&load, "load", launch.load_timeout, stop)? {
            ToHost::Described { abi_minor, descriptor } => {
                worker.abi_minor = abi_minor;
                worker.descriptor = parse_descriptor(&descriptor)?;
            }
            ToHost::Failed { text, .. } => return Err(WorkerError::Load(limits::clean(&text))),
            _ => return Err(worker.broke("it answered `load` with something else".to_owned())),
        }
        worker.inbox.limit(limits::FRAME_BYTES_RUNNING);
        Ok(worker)
    }

    /// What the backend says of itself.
    pub fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    /// The minor version of the ABI that the backend was compiled for.
    pub fn abi_minor(&self) -> u32 {
        self.abi_minor
    }

    /// The operating system's number of the process.
    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// Memory to make this worker's inputs in.
    pub fn buffers(&self) -> &BufferPool {
        &self.buffers
    }

    /// How long a backend may go on after it was asked to stop.
    pub fn set_grace(&mut self, grace: Duration) {
        self.grace = grace;
    }

    /// Whether another run can be tried: it has neither ended nor been ended.
    pub fn is_usable(&mut self) -> bool {
        if self.broken.is_none() {
            let mut watched = [PollFd::new(&self.socket, PollFlags::empty())];
            let _ = frame::wait(&mut watched, Some(Duration::ZERO));
            if watched[0].revents().intersects(PollFlags::HUP | PollFlags::ERR) {
                self.broken = Some(self.process.crash(None));
            }
        }
        self.broken.is_none()
    }

    /// How it ended, where it did.
    pub fn crash(&self) -> Option<&Crash> {
        self.broken.as_ref()
    }

    /// Does one run and returns the pictures it made, in the order of their making. Blocks until
    /// the backend is done, or is stopped by `cancel` or by time; a worker that cannot be used any
    /// more afterwards says so by [`Worker::is_usable`].
    pub fn run(
        &mut self,
        run: &Run,
        observer: &mut dyn RunObserver,
        cancel: &Cancel,
    ) -> Result<Vec<SharedImage>, RunError> {
        if !self.is_usable() {
            return Err(RunError::Crashed(self.broken.clone().unwrap_or_default()));
        }
        if cancel.is_cancelled() {
            return Err(RunError::Cancelled);
        }
        self.runs += 1;
        let _registration = self.wake_on(cancel);
        let parts = Parts {
            socket: self.socket.as_fd(),
            wake: &self.wake.0,
            inbox: &mut self.inbox,
            outputs: &mut self.outputs,
            buffers: &self.buffers,
            grace: self.grace,
        };
        let is_cancelled = || cancel.is_cancelled();
        let ending = Session::new(self.runs, run, parts, observer, &is_cancelled).go(run);
        match ending {
            Ending::Done(result) => result,
            Ending::DoneBadly(result, reason) => {
                tracing::warn!(backend = %self.descriptor.id, reason, "ending a worker after its run");
                self.broken = Some(self.process.crash(Some(reason.to_owned())));
                result
            }
            Ending::Overdue(error, reason) => {
                self.broken = Some(self.process.crash(Some(reason)));
                Err(error)
            }
            Ending::Gone => Err(RunError::Crashed(self.end_badly(None))),
            Ending::Broken(reason) => Err(RunError::Crashed(self.end_badly(Some(reason)))),
        }
    }

    /// Gives back the memory of a series of runs that ended at least `idle` before `now`.
    pub fn trim(&mut self, now: Instant, idle: Duration) {
        self.outputs.trim(now, idle);
    }

    /// Lets the backend close its instance and the process end, then sees to it that it did.
    pub fn end(self, patience: Duration) {
        self.ask_to_end();
        self.process.wait(patience);
    }

    /// The same, and tells how it ended: in good order that is with exit code 0.
    pub fn end_and_tell(self, patience: Duration) -> Crash {
        self.ask_to_end();
        self.process.wait(patience);
        self.process.crash(None)
    }

    /// Says that nothing more will come, without waiting.
    pub(super) fn ask_to_end(&self) {
        if let Ok(words) = frame::encode(&ToWorker::Close) {
            let now = Some(Instant::now());
            let _ = frame::send(self.socket.as_fd(), &words, &[], now);
        }
    }

    /// A handle that ends this worker from another thread.
    pub(super) fn stopper(&self) -> Stopper {
        Stopper(self.process.clone())
    }

    /// Wakes whatever this worker's thread waits for when `cancel` is cancelled.
    fn wake_on(&self, cancel: &Cancel) -> Registration {
        let bell = self.wake.1.clone();
        cancel.on_cancel(move || {
            // Full: then it rings already.
            let _ = std::io::Write::write(&mut &*bell, b"!");
        })
    }

    fn end_badly(&mut self, reason: Option<String>) -> Crash {
        let crash = self.process.crash(reason);
        self.broken = Some(crash.clone());
        crash
    }

    fn broke(&mut self, reason: String) -> WorkerError {
        WorkerError::Crashed(self.end_badly(Some(reason)))
    }

    /// Sends a question outside any run and waits for its answer.
    fn ask(
        &mut self,
        question: &ToWorker,
        stage: &'static str,
        timeout: Duration,
        stop: &[&Cancel],
    ) -> Result<ToHost, WorkerError> {
        let _registrations: Vec<_> = stop.iter().map(|cancel| self.wake_on(cancel)).collect();
        let words =
            frame::encode(question).map_err(|error| WorkerError::Load(error.to_string()))?;
        let deadline = Instant::now() + timeout.min(Duration::from_secs(1 << 24));
        if let Err(error) = frame::send(self.socket.as_fd(), &words, &[], Some(deadline)) {
            return Err(match Ending::from(error) {
                Ending::Broken(reason) => self.broke(reason),
                _ => WorkerError::Crashed(self.end_badly(None)),
            });
        }
        loop {
            match self.inbox.next() {
                // `open` may log; nobody listens yet.
                Ok(Some(ToHost::Log { text, .. })) => {
                    tracing::debug!(backend = %self.descriptor.id, text = limits::clean(&text), "backend log");
                }
                Ok(Some(message)) => return Ok(message),
                Err(error) => return Err(self.broke(format!("it sent {error}"))),
                Ok(None) => {
                    if stop.iter().any(|cancel| cancel.is_cancelled()) {
                        self.process.kill();
                        return Err(WorkerError::Cancelled);
                    }
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        self.process.kill();
                        return Err(WorkerError::TimedOut { stage, after: timeout });
                    }
                    match self.inbox.fill(self.socket.as_fd()) {
                        Ok(Filled::Some) => {}
                        Ok(Filled::End) => return Err(WorkerError::Crashed(self.end_badly(None))),
                        Ok(Filled::Nothing) => {
                            let mut watched = [
                                PollFd::new(&self.socket, PollFlags::IN),
                                PollFd::new(&self.wake.0, PollFlags::IN),
                            ];
                            if let Err(error) = frame::wait(&mut watched, Some(left)) {
                                return Err(self.broke(format!("its socket failed: {error}")));
                            }
                        }
                        Err(error) => return Err(self.broke(format!("its socket failed: {error}"))),
                    }
                }
            }
        }
    }
}

fn parse_descriptor(text: &str) -> Result<Descriptor, WorkerError> {
    let descriptor: Descriptor = serde_json::from_str(text)
        .map_err(|error| WorkerError::Descriptor(limits::clean(&error.to_string())))?;
    let fail = |text: &str| Err(WorkerError::Descriptor(text.to_owned()));
    if descriptor.id.is_empty() || descriptor.id.chars().any(char::is_control) {
        return fail("its `id` is empty or not printable");
    }
    if descriptor.max_instances == 0 {
        return fail("its `max_instances` is 0");
    }
    let mut ids: Vec<_> = descriptor.models.iter().map(|model| model.id.as_str()).collect();
    ids.sort_unstable();
    if ids.iter().any(|id| id.is_empty() || id.contains('\0')) {
        return fail("a model's `id` is empty or not printable");
    }
    if ids.windows(2).any(|pair| pair[0] == pair[1]) {
        return fail("two models have the same `id`");
    }
    Ok(descriptor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptors_are_read_and_nonsense_is_refused() {
        let good = r#"{"id":"a","name":"A","version":"1","models":[]}"#;
        assert_eq!(parse_descriptor(good).unwrap().max_instances, 1);
        for bad in [
            "",
            "[]",
            r#"{"id":"","name":"A","version":"1","models":[]}"#,
            r#"{"id":"a\u0007","name":"A","version":"1","models":[]}"#,
            r#"{"id":"a","name":"A","version":"1","models":[],"max_instances":0}"#,
            r#"{"id":"a","name":"A","version":"1"}"#,
        ] {
            assert!(matches!(parse_descriptor(bad), Err(WorkerError::Descriptor(_))), "{bad}");
        }
    }

    #[test]
    fn a_program_that_is_not_there_is_an_error_with_its_name() {
        let launch = Launch::new("/nonexistent/easel", LibrarySource::BuiltIn("x".to_owned()));
        let error = Worker::spawn(&launch).unwrap_err();
        assert!(error.to_string().contains("/nonexistent/easel"), "{error}");
    }

    #[test]
    fn a_program_that_is_no_worker_is_a_crash_or_a_timeout() {
        let mut launch = Launch::new("/bin/sh", LibrarySource::BuiltIn("x".to_owned()));
        launch.arguments = vec!["-c".into(), "echo who am I >&2; exit 5".into()];
        match Worker::spawn(&launch).unwrap_err() {
            WorkerError::Crashed(crash) => {
                assert_eq!((crash.exit, crash.stderr_tail.as_str()), (Some(5), "who am I"));
            }
            other => panic!("{other}"),
        }
        launch.arguments = vec!["-c".into(), "printf 'GET / HTTP/1.1' >&0; sleep 1000".into()];
        match Worker::spawn(&launch).unwrap_err() {
            WorkerError::Crashed(crash) => assert!(crash.reason.is_some(), "{crash}"),
            other => panic!("{other}"),
        }
        launch.arguments = vec!["-c".into(), "sleep 1000".into()];
        launch.load_timeout = Duration::from_millis(50);
        let error = Worker::spawn(&launch).unwrap_err();
        assert!(matches!(error, WorkerError::TimedOut { stage: "load", .. }), "{error}");
    }
}
