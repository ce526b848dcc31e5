//! Makes the folder of the editors: Debian's base system, then Krita, GIMP and what drives them, then a home
//! in which both have been started. What runs here sees mounts of its own and takes them along when it
//! ends; nothing is mounted for the rest of the system.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::mirror::{self, Apt};
use super::{KEYS, PACKAGES, STAMP, SUITE, stamp};
use crate::Outcome;
use crate::folders::{at, create, remove};
use crate::run::{call, say};

/// In the folder: what both editors put into a home when they are started the first time. A test that
/// copies it into its own home waits two seconds for Krita and not fifteen.
const HOME: &str = "var/lib/easel/home";

/// Of a home in which they were started: Krita's list of brushes, and GIMP's list of plugins with the
/// version that it is for. Other settings stay as they are on a new machine.
const KEPT: [&str; 3] =
    [".local/share/krita", ".config/GIMP/3.0/pluginrc", ".config/GIMP/3.0/gimprc"];

/// Nobody reads manuals or translations here; a folder that is made anew after a crash needs no
/// care for the order of writes.
const DPKG: &str = "path-exclude=/usr/share/doc/*
path-exclude=/usr/share/man/*
path-exclude=/usr/share/locale/*
force-unsafe-io
";

/// Nothing that is installed starts a service.
const POLICY: &str = "#!/bin/sh\nexit 101\n";

/// A window that greets would stand before every other one, and nothing looks for updates.
const GIMPRC: &str = "(show-welcome-dialog no)\n(check-updates no)\n(color-profile-policy keep)\n";

/// What runs has processes of its own, which end with this one, and the rights of root.
const OWN: &[&str] = &["--unshare-pid", "--die-with-parent", "--cap-add", "ALL"];

/// Makes the whole folder.
pub(super) fn run(part: &Path) -> Outcome {
    let apt = Apt::of_this_machine();
    say(&format!("· unpacking Debian {SUITE}"));
    bootstrap(part, &apt)?;
    write(&part.join("etc/apt/sources.list"), &apt.sources(SUITE))?;
    write(&part.join("etc/apt/apt.conf.d/90easel"), &apt.settings)?;
    write(&part.join("etc/dpkg/dpkg.cfg.d/easel"), DPKG)?;
    write(&part.join("etc/hosts"), "127.0.0.1 localhost\n::1 localhost\n")?;
    let policy = part.join("usr/sbin/policy-rc.d");
    write(&policy, POLICY)?;
    permit(&policy, 0o755)?;

    say("· installing Krita, GIMP and what drives them: some minutes");
    let apt_get = |what: &str, arguments: &[&str]| {
        let mut command = inside(part, "apt-get");
        command.args(["-q", "-y", "-o", "APT::Update::Error-Mode=any"]).args(arguments);
        call(&mut command, what)
    };
    apt_get("reading the lists of Debian's packages", &["update"])?;
    let install = [&["install", "--no-install-recommends"], PACKAGES].concat();
    apt_get("installing Krita and GIMP", &install)?;
    apt_get("removing what was downloaded", &["clean"])?;
    remove(&part.join("var/lib/apt/lists"))?;

    say("· starting both once, so that they start quickly in the tests");
    start_once(part)?;
    write(&part.join(STAMP), &stamp())
}

/// Debian's smallest system. What it mounts for that is seen by it alone.
fn bootstrap(part: &Path, apt: &Apt) -> Outcome {
    let mut command = Command::new("bwrap");
    command.args(["--dev-bind", "/", "/", "--proc", "/proc"]).args(OWN);
    command.args(["debootstrap", "--variant=minbase", "--include=ca-certificates"]);
    command.args(["--force-check-gpg", &format!("--keyring={KEYS}"), SUITE]);
    command.arg(part).arg(&apt.archive).envs(apt.proxies());
    call(&mut command, "unpacking Debian").map_err(|error| {
        format!("{error}\nhint: it needs the internet, and in a container the right to mount")
    })
}

/// Starts both, which shows that they do, and keeps what took them long.
fn start_once(part: &Path) -> Outcome {
    let temporary = part.join("tmp");
    write(&temporary.join("home/.config/GIMP/3.0/gimprc"), GIMPRC)?;
    let start = |program: &str, arguments: &[&str]| {
        let mut command = inside(part, program);
        command.args(arguments).env("HOME", "/tmp/home").env("XDG_RUNTIME_DIR", "/tmp");
        call(&mut command, &format!("starting `{program}` for the first time"))
    };
    let picture = "/usr/share/icons/hicolor/22x22/apps/krita.png";
    let export = ["--nosplash", "--export", "--export-filename", "/tmp/out.png", picture];
    start("xvfb-run", &[&["-a", "krita"], &export[..]].concat())?;
    let script = ["--batch-interpreter=python-fu-eval", "-b", "0", "--quit"];
    start("gimp-console-3.0", &[&["-i", "-d", "-f"], &script[..]].concat())?;

    let home = part.join(HOME);
    for name in KEPT {
        let (from, to) = (temporary.join("home").join(name), home.join(name));
        create(to.parent().unwrap_or(&home))?;
        fs::rename(&from, &to).map_err(|error| at(&from, &error))?;
    }
    remove(&temporary)?;
    create(&temporary)?;
    permit(&temporary, 0o1777)
}

/// A program in the folder, which is all that it sees, with rights to change everything in it.
fn inside(folder: &Path, program: &str) -> Command {
    let mut command = Command::new("bwrap");
    command.arg("--bind").arg(folder).args(["/", "--dev", "/dev", "--proc", "/proc"]);
    command.args(OWN).args(["--chdir", "/", program]).env_clear();
    let path = "/usr/sbin:/usr/bin:/sbin:/bin";
    command.envs([("PATH", path), ("HOME", "/root"), ("LC_ALL", "C.UTF-8")]);
    command.env("DEBIAN_FRONTEND", "noninteractive").envs(mirror::proxies_of_this_process());
    command
}

fn write(path: &Path, text: &str) -> Outcome {
    create(path.parent().unwrap_or(path))?;
    fs::write(path, text).map_err(|error| at(path, &error))
}

#[cfg(unix)]
fn permit(path: &Path, mode: u32) -> Outcome {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(|error| at(path, &error))
}

#[cfg(not(unix))]
fn permit(_path: &Path, _mode: u32) -> Outcome {
    Ok(())
}
