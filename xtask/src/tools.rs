//! The tools that the tasks need and a bare machine may lack. What can be installed is installed,
//! with a line that says so; what cannot is named with the command that would do it.

use std::path::Path;
use std::process::Command;

use crate::Outcome;
use crate::run::{check, has, say};

/// A tool, how to see that it is there, and the Debian package that brings it.
type Tool = (&'static str, &'static str, &'static str);

/// What building and the weights need.
const BUILD: &[Tool] = &[("cc", "--version", "gcc"), ("python3", "--version", "python3")];

/// What the tests need beyond that.
const TESTS: &[Tool] = &[
    ("c++", "--version", "g++"),
    ("make", "--version", "make"),
    ("curl", "--version", "curl"),
    ("unshare", "--version", "util-linux"),
    ("npm", "--version", "npm"),
    ("openssl", "version", "openssl"),
    ("dbus-run-session", "--version", "dbus"),
    ("gnome-keyring-daemon", "--version", "gnome-keyring"),
    ("bwrap", "--version", "bubblewrap"),
];

/// What the set-up of the editors needs; running them needs `bwrap` alone.
const EDITORS: &[Tool] = &[
    ("debootstrap", "--version", "debootstrap"),
    ("bwrap", "--version", "bubblewrap"),
    // No program, but a file: the keys that Debian signs with.
    ("ls", crate::editors::KEYS, "debian-archive-keyring"),
];

/// What the tests in a browser need.
const BROWSER: &[Tool] = &[
    ("node", "--version", "nodejs"),
    ("npm", "--version", "npm"),
    ("chromium", "--version", "chromium"),
    // No program, but a file: without it letters are boxes.
    ("ls", "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", "fonts-dejavu-core"),
];

/// Makes sure that everything is there that building needs.
pub(crate) fn ensure_for_building(root: &Path) -> Outcome {
    ensure(root, BUILD)
}

/// Makes sure that everything is there that the tests need.
pub(crate) fn ensure_for_tests(root: &Path) -> Outcome {
    ensure(root, &[BUILD, TESTS].concat())
}

/// Makes sure that everything is there that the tests in a browser need.
pub(crate) fn ensure_for_browser(root: &Path) -> Outcome {
    ensure(root, BROWSER)
}

/// Makes sure that everything is there that the set-up of the editors needs.
pub(crate) fn ensure_for_editors(root: &Path) -> Outcome {
    ensure(root, EDITORS)
}

fn ensure(root: &Path, tools: &[Tool]) -> Outcome {
    let mut missing: Vec<&str> = tools
        .iter()
        .filter(|(tool, probe, _)| !has(tool, probe))
        .map(|(_, _, package)| *package)
        .collect();
    if !has_pip() {
        missing.push("python3-pip");
    }
    if missing.is_empty() {
        return Ok(());
    }
    let packages = missing.join(" ");
    if !has("apt-get", "--version") {
        return Err(format!(
            "these tools are missing: {packages}; install them with this system's package manager"
        ));
    }
    say(&format!("· installing {packages} with apt"));
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        check(root, &mut command)
    };
    let install: Vec<&str> = ["install", "-qy", "--no-install-recommends"]
        .into_iter()
        .chain(missing.iter().copied())
        .collect();
    apt(&["update", "-q"])
        .and_then(|()| apt(&install))
        .map_err(|error| format!("{error}; install them by hand: {packages}"))
}

fn has_pip() -> bool {
    Command::new("python3")
        .args(["-m", "pip", "--version"])
        .output()
        .is_ok_and(|output| output.status.success())
}
