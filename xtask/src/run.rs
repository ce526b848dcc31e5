//! Running programs, and saying so.

use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::Outcome;

/// A line for whoever watches.
pub(crate) fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Runs a command in the repository's root and fails when it fails.
pub(crate) fn check(root: &Path, command: &mut Command) -> Outcome {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command
        .current_dir(root)
        .status()
        .map_err(|error| format!("cannot run `{name}`: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{name}` failed ({status})")) }
}

/// Runs a command quietly; when it fails, its last words are in the error.
pub(crate) fn call(command: &mut Command, what: &str) -> Outcome {
    let program = command.get_program().to_string_lossy().into_owned();
    let output =
        command.output().map_err(|error| format!("{what}: `{program}` does not run: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    // Some say what went wrong where others say what they did.
    let said = if output.stderr.trim_ascii().is_empty() { output.stdout } else { output.stderr };
    let said = String::from_utf8_lossy(&said);
    let lines: Vec<&str> = said.lines().collect();
    let tail = lines[lines.len().saturating_sub(12)..].join("\n");
    Err(format!("{what} failed ({}):\n{tail}", output.status))
}

/// Runs cargo in the repository's root.
pub(crate) fn cargo(root: &Path, arguments: &[&str]) -> Outcome {
    say(&format!("· cargo {}", arguments.join(" ")));
    check(root, Command::new(cargo_program()).args(arguments))
}

/// The cargo that runs this task.
pub(crate) fn cargo_program() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

/// Whether a program can be started.
pub(crate) fn has(program: &str, probe: &str) -> bool {
    let quiet = |arguments: &[&OsStr]| {
        Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
    };
    quiet(&[OsStr::new(probe)]).is_ok_and(|status| status.success())
}
