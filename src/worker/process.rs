//! The process of a worker: starting it, keeping the end of what it prints, ending it for certain.
//! It knows signals and pipes, and nothing of what the worker is for.

use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};

use super::error::Crash;
use super::launch::{Launch, is_inherited};
use super::limits;

/// A started worker. Clones refer to the same process.
#[derive(Clone, Debug)]
pub(super) struct Process(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    id: u32,
    // The status once it was collected: after that the id may belong to somebody else.
    child: Mutex<(Child, Option<ExitStatus>)>,
    tail: Arc<Tail>,
}

impl Process {
    /// Starts `launch` with `socket` as its standard input.
    pub(super) fn start(launch: &Launch, socket: OwnedFd) -> io::Result<Self> {
        let mut command = Command::new(std::path::absolute(&launch.executable)?);
        command
            .args(&launch.arguments)
            .env_clear()
            .envs(std::env::vars_os().filter(|(name, _)| is_inherited(name)))
            .envs(launch.environment.iter().map(|(name, value)| (name, value)))
            .current_dir("/")
            .stdin(socket)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            // A group of its own: the terminal's Ctrl-C is the daemon's business, and whatever the
            // worker starts ends with it.
            .process_group(0);
        let mut child = spawn(command)?;
        let tail = Arc::new(Tail::default());
        if let Some(stderr) = child.stderr.take() {
            let tail = tail.clone();
            thread::Builder::new()
                .name("worker-stderr".to_owned())
                .spawn(move || tail.read(stderr))?;
        }
        let id = child.id();
        Ok(Process(Arc::new(Inner { id, child: Mutex::new((child, None)), tail })))
    }

    /// The operating system's number.
    pub(super) fn id(&self) -> u32 {
        self.0.id
    }

    fn child(&self) -> MutexGuard<'_, (Child, Option<ExitStatus>)> {
        self.0.child.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the process and its group now, and collects its status. Harmless when it has ended.
    pub(super) fn kill(&self) -> Option<ExitStatus> {
        let mut child = self.child();
        self.kill_group(child.1);
        collect(&mut child)
    }

    /// Waits up to `patience` for the process to end by itself, then ends it.
    pub(super) fn wait(&self, patience: Duration) -> Option<ExitStatus> {
        let deadline = Instant::now() + patience;
        // The end of its output is the end of a process, and unlike its status it can be waited for
        // with a limit. A process that closed it early is ended below.
        self.0.tail.wait_for_end(deadline);
        let mut child = self.child();
        while child.1.is_none() && !has_ended(self.0.id) && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(1));
        }
        // Also where it has ended: it may have left others in its group.
        self.kill_group(child.1);
        collect(&mut child)
    }

    /// How the process ended, after ending it where it has not. For the end of a conversation that
    /// nobody had asked for.
    pub(super) fn crash(&self, reason: Option<String>) -> Crash {
        let status = self.kill();
        self.0.tail.wait_for_end(Instant::now() + Duration::from_millis(200));
        Crash {
            signal: status.and_then(|status| status.signal()),
            exit: status.and_then(|status| status.code()),
            reason,
            stderr_tail: limits::clean(&self.0.tail.text()),
        }
    }

    fn kill_group(&self, collected: Option<ExitStatus>) {
        // As long as the leader was not collected, its number cannot belong to another group.
        if collected.is_none()
            && let Some(group) = pid(self.0.id)
        {
            let _ = rustix::process::kill_process_group(group, Signal::KILL);
        }
    }
}

fn pid(id: u32) -> Option<Pid> {
    i32::try_from(id).ok().and_then(Pid::from_raw)
}

/// Whether the process has ended, leaving its status to be collected.
fn has_ended(id: u32) -> bool {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
    pid(id).is_none_or(|id| !matches!(rustix::process::waitid(WaitId::Pid(id), options), Ok(None)))
}

fn collect(child: &mut (Child, Option<ExitStatus>)) -> Option<ExitStatus> {
    if child.1.is_none() {
        child.1 = child.0.wait().ok();
    }
    child.1
}

impl Drop for Inner {
    fn drop(&mut self) {
        let child = self.child.get_mut().unwrap_or_else(PoisonError::into_inner);
        if child.1.is_none() {
            if let Some(group) = pid(self.id) {
                let _ = rustix::process::kill_process_group(group, Signal::KILL);
            }
            collect(child);
        }
    }
}

/// Starts `command` on a thread that lives as long as the daemon. A worker asks the kernel to end it
/// together with its parent, and to the kernel the parent is the *thread* that started it: on a
/// thread of a pool, a worker would end when that thread has nothing to do.
fn spawn(command: Command) -> io::Result<Child> {
    type Request = (Command, mpsc::SyncSender<io::Result<Child>>);
    static SPAWNER: OnceLock<Option<mpsc::Sender<Request>>> = OnceLock::new();
    let gone = || io::Error::other("the thread that starts workers is gone");
    let spawner = SPAWNER.get_or_init(|| {
        let (sender, requests) = mpsc::channel::<Request>();
        let serve = move || {
            for (mut command, answer) in requests {
                let _ = answer.send(command.spawn());
            }
        };
        thread::Builder::new().name("worker-spawner".to_owned()).spawn(serve).ok().map(|_| sender)
    });
    let (answer, child) = mpsc::sync_channel(1);
    spawner.as_ref().ok_or_else(gone)?.send((command, answer)).map_err(|_| gone())?;
    child.recv().map_err(|_| gone())?
}

/// The end of what a process prints.
#[derive(Debug, Default)]
struct Tail {
    state: Mutex<TailState>,
    ended: Condvar,
}

#[derive(Debug, Default)]
struct TailState {
    bytes: Vec<u8>,
    ended: bool,
}

impl Tail {
    fn state(&self) -> MutexGuard<'_, TailState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self, mut output: impl Read) {
        let mut chunk = [0; 4096];
        loop {
            match output.read(&mut chunk) {
                Ok(0) => break,
                Ok(count) => self.keep(&chunk[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        self.state().ended = true;
        self.ended.notify_all();
    }

    fn keep(&self, bytes: &[u8]) {
        let mut state = self.state();
        state.bytes.extend_from_slice(bytes);
        let excess = state.bytes.len().saturating_sub(limits::STDERR_BYTES);
        state.bytes.drain(..excess);
    }

    fn wait_for_end(&self, deadline: Instant) {
        let mut state = self.state();
        while !state.ended {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            state = self.ended.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.state().bytes).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worker::launch::LibrarySource;

    fn shell(script: &str) -> (Process, std::os::unix::net::UnixStream) {
        let mut launch = Launch::new("/bin/sh", LibrarySource::BuiltIn(String::new()));
        launch.arguments = vec!["-c".into(), script.into()];
        let (ours, theirs) = std::os::unix::net::UnixStream::pair().unwrap();
        (Process::start(&launch, theirs.into()).unwrap(), ours)
    }

    #[test]
    fn a_crash_has_its_signal_and_the_last_words() {
        let (process, _socket) = shell("echo first >&2; echo last >&2; kill -SEGV $$");
        process.wait(Duration::from_secs(20));
        let crash = process.crash(None);
        assert_eq!((crash.signal, crash.exit), (Some(11), None));
        assert_eq!(crash.stderr_tail, "first\nlast");
    }

    #[test]
    fn only_the_end_of_a_flood_is_kept() {
        let (process, _socket) = shell("yes flood | head -n 100000 >&2; echo end >&2; exit 3");
        process.wait(Duration::from_mins(1));
        let crash = process.crash(None);
        assert_eq!(crash.exit, Some(3));
        assert!(crash.stderr_tail.len() <= limits::STDERR_BYTES);
        assert!(crash.stderr_tail.ends_with("flood\nend"));
    }

    #[test]
    fn a_process_that_does_not_end_is_ended_with_its_children() {
        let (process, _socket) =
            shell("sleep 1000 & echo $! >&2; trap '' TERM; while :; do sleep 1000; done");
        // The child's number is there once the script has come that far.
        let sleeper = loop {
            let text = process.0.tail.text();
            if let Some((number, _)) = text.split_once('\n') {
                break number.parse::<i32>().unwrap();
            }
            thread::yield_now();
        };
        let status = process.wait(Duration::from_millis(20)).unwrap();
        assert_eq!(status.signal(), Some(9));
        let sleeper = Pid::from_raw(sleeper).unwrap();
        // Ended, if perhaps not yet collected by the system's first process.
        let ended = || match std::fs::read_to_string(format!("/proc/{sleeper}/stat")) {
            Ok(stat) => stat.contains(") Z "),
            Err(_) => true,
        };
        while cfg!(target_os = "linux") && !ended() {
            thread::yield_now();
        }
    }

    #[test]
    fn the_environment_is_the_harmless_part_and_what_is_asked_for() {
        let mut launch = Launch::new("/bin/sh", LibrarySource::BuiltIn(String::new()));
        launch.arguments = vec!["-c".into(), "env >&2; pwd >&2".into()];
        launch.environment = vec![("EASEL_TEST_VARIABLE".into(), "here".into())];
        let (_ours, theirs) = std::os::unix::net::UnixStream::pair().unwrap();
        let process = Process::start(&launch, theirs.into()).unwrap();
        process.wait(Duration::from_secs(20));
        let text = process.crash(None).stderr_tail;
        assert!(text.contains("EASEL_TEST_VARIABLE=here"), "{text}");
        // The test's own runner sets variables of these names; a worker has no business with them.
        assert!(!text.contains("CARGO"), "{text}");
        assert!(text.ends_with("\n/"), "{text}");
    }
}
