//! This machine, as it is: what is on its disk, what its programs say, and which of them run.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use easel_protocol::{ErrorKind, Failure};

use super::machine::{Machine, Platform, Sight};

/// How long a program may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The disk and the programs of this machine.
struct Real;

/// This machine, for its user.
pub fn machine() -> Result<Machine<'static>, Failure> {
    let home = std::env::home_dir().filter(|home| home.is_absolute()).ok_or_else(|| {
        Failure::new(ErrorKind::InvalidRequest, "this user has no home folder")
            .hint("set `HOME`, or name the editor's folder with `--dir DIR`")
    })?;
    let variables = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    Ok(Machine { platform: Platform::OWN, home, variables: variables.collect(), sight: &Real })
}

impl Sight for Real {
    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }

    fn names(&self, folder: &Path) -> Option<Vec<String>> {
        let entries = fs::read_dir(folder).ok()?;
        let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
        let mut names: Vec<String> = names.collect();
        names.sort();
        Some(names)
    }

    fn read(&self, file: &Path) -> Option<Vec<u8>> {
        fs::read(file).ok()
    }

    fn answer(&self, program: &Path, arguments: &[&str]) -> Option<String> {
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let output = child.stdout.take()?;
        let (sender, receiver) = mpsc::channel();
        // What it starts may hold the pipe open for longer than anybody wants to wait.
        std::thread::spawn(move || {
            let mut text = Vec::new();
            let _ = output.take(4096).read_to_end(&mut text);
            let _ = sender.send(text);
        });
        let deadline = Instant::now() + PATIENCE;
        let text = receiver.recv_timeout(PATIENCE).ok();
        while text.is_some() && Instant::now() < deadline {
            if let Ok(Some(status)) = child.try_wait() {
                let text = text.filter(|_| status.success())?;
                return Some(String::from_utf8_lossy(&text).into_owned());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        let _ = child.kill();
        let _ = child.wait();
        None
    }
}

/// Whether a program of this name runs for the user of a home folder.
pub fn runs(name: &str, home: &Path) -> bool {
    match Platform::OWN {
        Platform::Linux => {
            let processes = Real.names(Path::new("/proc")).unwrap_or_default();
            processes.iter().any(|process| {
                let folder = Path::new("/proc").join(process);
                let called = fs::read_to_string(folder.join("comm"));
                called.is_ok_and(|called| called.trim() == name) && lives_in(&folder, home)
            })
        }
        Platform::Mac => Real.answer(Path::new("pgrep"), &["-x", name]).is_some(),
        Platform::Windows => {
            let filter = format!("IMAGENAME eq {name}.exe");
            let answer = Real.answer(Path::new("tasklist"), &["/NH", "/FI", &filter]);
            answer.is_some_and(|answer| answer.contains(name))
        }
    }
}

/// Whether the home folder of a process is this one, or in it, as that of a Snap is.
fn lives_in(process: &Path, home: &Path) -> bool {
    let variables = fs::read(process.join("environ")).unwrap_or_default();
    variables
        .split(|byte| *byte == 0)
        .filter_map(|variable| std::str::from_utf8(variable).ok()?.strip_prefix("HOME="))
        .any(|its| Path::new(its).starts_with(home))
}

/// The file of this program, by which a plugin can start it.
pub fn own_program() -> Result<PathBuf, Failure> {
    std::env::current_exe().map_err(|error| {
        Failure::new(ErrorKind::Internal, format!("this program cannot find its own file: {error}"))
    })
}
