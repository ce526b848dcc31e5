//! Being a worker: the hidden subcommand of the program comes here. It gives up what a worker must
//! not have, loads one backend (the only place of the project that does), and serves its host
//! until the host says so or is gone. What the loaded code does here is its own affair: this process
//! holds nothing of value, and the host believes nothing it says.
//!
//! The library is never unloaded and its exit handlers never run: the process just ends.

#![expect(unsafe_code, reason = "loads and calls foreign code through the C ABI")]

mod run;
mod services;

use std::ffi::{CStr, CString, c_int};
use std::mem::offset_of;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::process::ExitCode;
use std::ptr;
use std::sync::mpsc;

use easel_backend_abi::{self as abi, EaselBackend, EaselBackendEntryFn, EaselInstance};

use super::frame;
use super::limits;
use super::words::{LibraryName, PROTOCOL, ToHost, ToWorker};
use services::{Reply, Services};

/// What the program that becomes a worker brings along.
#[derive(Clone, Copy, Debug)]
pub struct ChildEntry {
    /// The backends that are linked into the program, by name.
    pub built_in: &'static [(&'static str, EaselBackendEntryFn)],
}

unsafe extern "C" {
    /// Ends the process at once, without exit handlers: those of a loaded library may do anything.
    safe fn _exit(code: c_int) -> !;
}

/// Serves the host at the other end of standard input; returns only if there is none, otherwise the
/// process ends here.
pub fn main(entry: ChildEntry) -> ExitCode {
    let socket = match take_socket() {
        Ok(socket) => socket,
        Err(reason) => return give_up(reason),
    };
    if let Err(error) = give_up_privileges() {
        return give_up(&format!("cannot prepare the worker: {error}"));
    }
    match serve(socket, entry) {
        Ok(()) => _exit(0),
        Err(reason) => {
            let _ = give_up(&reason);
            _exit(1)
        }
    }
}

fn give_up(reason: &str) -> ExitCode {
    // Standard error is the host's pipe, or a person's terminal.
    let _ =
        rustix::io::write(rustix::stdio::stderr(), format!("easel worker: {reason}\n").as_bytes());
    ExitCode::from(2)
}

/// The host's socket, moved away from standard input, which is empty from now on; standard output
/// goes where standard error goes, since libraries print.
fn take_socket() -> Result<OwnedFd, &'static str> {
    let stdin = rustix::stdio::stdin();
    let is_socket = rustix::fs::fstat(stdin)
        .is_ok_and(|stat| rustix::fs::FileType::from_raw_mode(stat.st_mode).is_socket());
    if !is_socket {
        return Err("this command is started by the daemon, not by hand");
    }
    let take = || -> rustix::io::Result<OwnedFd> {
        let socket = rustix::io::fcntl_dupfd_cloexec(stdin, 3)?;
        let null =
            rustix::fs::open("/dev/null", rustix::fs::OFlags::RDONLY, rustix::fs::Mode::empty())?;
        rustix::stdio::dup2_stdin(&null)?;
        rustix::stdio::dup2_stdout(rustix::stdio::stderr())?;
        Ok(socket)
    };
    take().map_err(|_| "cannot arrange the standard streams")
}

fn give_up_privileges() -> rustix::io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    // A backend that crashes in a loop must not fill the disk with its memory.
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        use rustix::process::{Signal, set_parent_process_death_signal};
        set_parent_process_death_signal(Some(Signal::KILL))?;
        // When memory runs out, it is this process that goes, not the daemon or the editor.
        let _ = std::fs::write("/proc/self/oom_score_adj", "500");
    }
    Ok(())
}

/// The whole conversation. `Ok`: the host has no more to say.
fn serve(socket: OwnedFd, entry: ChildEntry) -> Result<(), String> {
    let Some((first, _)) =
        frame::receive::<ToWorker>(socket.as_fd()).map_err(|it| it.to_string())?
    else {
        return Ok(());
    };
    let ToWorker::Load { protocol, parent, library, host_version } = first else {
        return Err("the host did not begin with `load`".to_owned());
    };
    let own_parent = rustix::process::getppid().map(rustix::process::Pid::as_raw_nonzero);
    if cfg!(target_os = "linux")
        && own_parent.is_none_or(|own| u32::try_from(own.get()) != Ok(parent))
    {
        // The daemon ended before it could be asked to end this process too.
        return Ok(());
    }
    let (replies, wait_for_reply) = mpsc::channel();
    let services = Services::leak(socket, wait_for_reply, &host_version);
    if protocol != PROTOCOL {
        let text = "the program on disk is not the one that runs: restart the daemon";
        services
            .send(&ToHost::Failed { status: abi::EASEL_ERR_UNSUPPORTED, text: text.to_owned() });
        return Ok(());
    }
    let backend = match load(&library, entry).and_then(|backend| Ok((describe(&backend)?, backend)))
    {
        Ok((descriptor, backend)) => {
            services.send(&ToHost::Described { abi_minor: backend.abi_minor, descriptor });
            backend
        }
        Err(text) => {
            services.send(&ToHost::Failed { status: abi::EASEL_ERR_UNSUPPORTED, text });
            return Ok(());
        }
    };
    let (tasks, next_task) = mpsc::channel();
    std::thread::Builder::new()
        .name("worker-reader".to_owned())
        .spawn(move || {
            listen(services, &tasks, &replies);
            // The host is gone, and whatever the backend is doing right now is for nobody.
            _exit(1)
        })
        .map_err(|error| format!("cannot start a thread: {error}"))?;
    work(&backend, services, &next_task)
}

/// Sorts what the host says until it says nothing any more.
fn listen(
    services: &Services,
    tasks: &mpsc::Sender<(ToWorker, Vec<OwnedFd>)>,
    replies: &mpsc::Sender<Reply>,
) {
    while let Ok(Some((message, mut descriptors))) = frame::receive(services.socket()) {
        let heard = match message {
            ToWorker::Cancel { run } => {
                services.cancel(run);
                true
            }
            ToWorker::Output { grant, error, .. } => {
                let reply = match (grant, descriptors.pop()) {
                    (Some(grant), Some(file)) => Reply::Output(grant, file),
                    _ => Reply::Refused(error.unwrap_or_else(|| "refused by the host".to_owned())),
                };
                replies.send(reply).is_ok()
            }
            ToWorker::Answers { answers, .. } => {
                let files = std::mem::take(&mut descriptors);
                replies.send(Reply::Answers(answers, files)).is_ok()
            }
            ToWorker::Saved { error, .. } => {
                replies.send(error.map_or(Reply::Saved, Reply::Refused)).is_ok()
            }
            task => tasks.send((task, descriptors)).is_ok(),
        };
        if !heard {
            break;
        }
    }
}

/// Opens, runs and closes, in the order in which the host asks.
fn work(
    backend: &EaselBackend,
    services: &'static Services,
    tasks: &mpsc::Receiver<(ToWorker, Vec<OwnedFd>)>,
) -> Result<(), String> {
    let mut instance: Option<*mut EaselInstance> = None;
    while let Ok((task, descriptors)) = tasks.recv() {
        match (task, instance) {
            (ToWorker::Open { config }, None) => match open(backend, services, &config) {
                Ok(opened) => {
                    instance = Some(opened);
                    services.send(&ToHost::Opened);
                }
                Err((status, text)) => services.send(&ToHost::Failed { status, text }),
            },
            (ToWorker::Run(request), Some(instance)) => {
                run::run(backend, instance, services, request, descriptors);
            }
            (ToWorker::Close, instance) => {
                if let (Some(instance), Some(close)) = (instance, backend.close) {
                    // SAFETY: the table's function, on the instance that its `open` made, once.
                    unsafe { close(instance) };
                }
                return Ok(());
            }
            _ => return Err("the host said something out of order".to_owned()),
        }
    }
    Ok(())
}

/// The backend's table, complete as far as this version knows it.
fn load(library: &LibraryName, entry: ChildEntry) -> Result<EaselBackend, String> {
    let entry_function = match library {
        LibraryName::BuiltIn(name) => entry
            .built_in
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, function)| *function)
            .ok_or_else(|| format!("there is no built-in backend `{name}`"))?,
        LibraryName::File(path) => load_file(path)?,
    };
    // SAFETY: the symbol's type is fixed by the ABI; it returns its table whatever the version.
    let table = unsafe { entry_function(abi::EASEL_ABI_MAJOR, abi::EASEL_ABI_MINOR) };
    // SAFETY: the ABI has the table's first four bytes state how many it has, for the life of the
    // process. A library that breaks this ends this process and no other.
    let Some(backend) = (unsafe { abi::read(table) }) else {
        return Err("its table is missing or has no size".to_owned());
    };
    let size = backend.size as usize;
    if size < offset_of!(EaselBackend, describe) {
        return Err(format!("its table has {size} bytes, not even enough for a version"));
    }
    if backend.abi_major != abi::EASEL_ABI_MAJOR {
        return Err(format!(
            "it speaks ABI {}, this host speaks ABI {}",
            backend.abi_major,
            abi::EASEL_ABI_MAJOR
        ));
    }
    let least = offset_of!(EaselBackend, close);
    if size < least {
        return Err(format!("its table has {size} bytes, and ABI 1 needs {least}"));
    }
    for (name, missing) in [
        ("describe", backend.describe.is_none()),
        ("open", backend.open.is_none()),
        ("run", backend.run.is_none()),
    ] {
        if missing {
            return Err(format!("its table has no `{name}`"));
        }
    }
    Ok(backend)
}

#[cfg(unix)]
fn load_file(path: &Path) -> Result<EaselBackendEntryFn, String> {
    use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
    // Now rather than lazily: a symbol that is missing is found here and not in the middle of a run.
    // SAFETY: the library's constructors run here, which is what this process is for.
    let library = unsafe { Library::open(Some(path), RTLD_NOW | RTLD_LOCAL) }
        .map_err(|error| format!("cannot load `{}`: {error}", path.display()))?;
    // SAFETY: the ABI fixes the symbol's type, and the library stays loaded, as forgotten below.
    let symbol = unsafe { library.get::<EaselBackendEntryFn>(abi::EASEL_BACKEND_ENTRY) };
    let entry = symbol.map(|symbol| *symbol).map_err(|_| {
        format!("`{}` does not export `easel_backend_entry`, so it is no backend", path.display())
    })?;
    std::mem::forget(library);
    Ok(entry)
}

fn describe(backend: &EaselBackend) -> Result<String, String> {
    let describe = backend.describe.ok_or("its table has no `describe`")?;
    // SAFETY: the table's function; it takes nothing.
    let text = unsafe { describe() };
    if text.is_null() {
        return Err("`describe` returned nothing".to_owned());
    }
    // SAFETY: not null, NUL-terminated and valid until the process ends, by the ABI.
    let text = unsafe { CStr::from_ptr(text) };
    let text =
        text.to_str().map_err(|_| "`describe` returned text that is not UTF-8".to_owned())?;
    // Quotes are doubled on the way.
    if text.len() > limits::FRAME_BYTES / 2 {
        return Err(format!("`describe` returned {} bytes", text.len()));
    }
    Ok(text.to_owned())
}

fn open(
    backend: &EaselBackend,
    services: &'static Services,
    config: &str,
) -> Result<*mut EaselInstance, (i32, String)> {
    let failed = |text: &str| (abi::EASEL_ERR_FAILED, text.to_owned());
    let open = backend.open.ok_or_else(|| failed("its table has no `open`"))?;
    let config = CString::new(config).map_err(|_| failed("the configuration has a NUL"))?;
    let mut instance = ptr::null_mut();
    services.opening(true);
    // SAFETY: the table's function; the host table lives as long as the process, the text as long as
    // the call.
    let status = unsafe { open(services.table(), config.as_ptr(), &raw mut instance) };
    services.opening(false);
    let text = services.take_error();
    if status == abi::EASEL_OK { Ok(instance) } else { Err((status, text.unwrap_or_default())) }
}
