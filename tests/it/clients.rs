//! The generated clients against the real daemon: Python scripts drive it as an integration would,
//! and the TypeScript types are held against code that uses them, rightly and wrongly.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, Stdio};

use crate::support::{Daemon, EASEL, fixture, install_plugin, root};

/// Python with the client on its path, and nothing of the environment that would point it elsewhere.
fn python() -> Command {
    let mut command = Command::new("python3");
    command
        .env("PYTHONPATH", root().join("integrations/python"))
        .env("PYTHONDONTWRITEBYTECODE", "1");
    for name in ["EASEL_DATA_DIR", "FLATPAK_ID", "XDG_DATA_HOME"] {
        command.env_remove(name);
    }
    // A client that listened to these would not find a daemon on this machine.
    for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        command.env(name, "http://127.0.0.1:9");
    }
    command
}

fn script(name: &str) -> Command {
    let mut command = python();
    command.arg("-W").arg("error").arg(root().join("tests/it/clients").join(name));
    command
}

fn run(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().expect("the program is installed");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "{command:?}\n{}\n{}",
        text(&output.stdout),
        text(&output.stderr)
    );
    text(&output.stdout)
}

/// A daemon with plugins that nobody has trusted yet.
fn untrusting(plugins: &[PathBuf]) -> Daemon {
    let mut daemon = Daemon::stopped();
    for plugin in plugins {
        install_plugin(plugin, &daemon.data().join("backends"));
    }
    daemon.start_again();
    daemon
}

#[test]
fn python_sends_pixels_and_gets_them_back() {
    let daemon = untrusting(&[root().join("plugins/example-c"), fixture("slow")]);
    run(script("pictures.py").env("EASEL_DATA_DIR", daemon.data()));
}

#[test]
fn python_follows_across_a_restart() {
    let mut daemon = Daemon::with_plugins(&["slow"]);
    let mut child = script("restart.py")
        .env("EASEL_DATA_DIR", daemon.data())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    expect(&mut lines, "started");
    daemon.kill();
    daemon.start_again();
    expect(&mut lines, "done");
    daemon.stop();
    child.stdin.take().unwrap().write_all(b"\n").unwrap();
    expect(&mut lines, "ended");
    assert!(child.wait().unwrap().success());
}

/// Waits for a line; a script that fails says why on standard error and ends, so this ends too.
fn expect(lines: &mut BufReader<ChildStdout>, wanted: &str) {
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    assert_eq!(line.trim_end(), wanted);
}

#[test]
fn the_panel_sends_places_and_remembers() {
    let mut daemon = Daemon::with_plugins(&["example-c", "slow", "error-text", "previewer"]);
    run(script("panel.py").env("EASEL_DATA_DIR", daemon.data()).env("PATH", path_with_easel()));
    // The script killed it and ended the one that took its place.
    daemon.kill();
}

#[test]
fn the_panel_runs_recipes() {
    let mut daemon = Daemon::with_plugins(&["example-c", "slow", "error-text"]);
    run(script("recipes.py").env("EASEL_DATA_DIR", daemon.data()).env("PATH", path_with_easel()));
    // The script killed it and ended the one that took its place.
    daemon.kill();
}

/// Where a client finds the program under test.
fn path_with_easel() -> std::ffi::OsString {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let program = Path::new(EASEL).parent().unwrap().to_owned();
    std::env::join_paths(std::iter::once(program).chain(std::env::split_paths(&folders))).unwrap()
}

#[test]
fn python_starts_a_daemon_and_its_example_works() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data/easel");
    install_plugin(&root().join("plugins/example-c"), &data.join("backends"));
    let manual = root().join("integrations/python/README.md");
    let printed = run(script("start.py")
        .arg(&manual)
        .env("PATH", path_with_easel())
        .env("HOME", home.path())
        .env("XDG_DATA_HOME", home.path().join("data")));
    let promised = std::fs::read_to_string(&manual).unwrap();
    let promised =
        promised.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    assert_eq!(printed, format!("{promised}ended\n"));
}

#[test]
fn python_of_every_supported_version_reads_the_client() {
    let cache = tempfile::tempdir().unwrap();
    let folders =
        ["integrations/python", "integrations/krita", "integrations/gimp", "tests/it/clients"]
            .map(|folder| root().join(folder));
    run(python()
        .args(["-m", "compileall", "-q", "-f"])
        .args(&folders)
        .env_remove("PYTHONDONTWRITEBYTECODE")
        .env("PYTHONPYCACHEPREFIX", cache.path()));
    // The syntax of the oldest one, whichever runs here.
    let check = "import ast, pathlib, sys\n\
        files = [file for folder in sys.argv[1:] for file in pathlib.Path(folder).rglob('*.py')]\n\
        for file in files: ast.parse(file.read_text(encoding='utf-8'), str(file), feature_version=(3, 9))\n\
        print(len(files))";
    let count: usize = run(python().args(["-c", check]).args(&folders)).trim().parse().unwrap();
    assert!(count >= 60, "{count} files were found");
}

#[test]
fn kritas_plugin_names_enums_as_qt_6_does() {
    let printed = run(script("scoped.py").arg(root().join("integrations/krita")));
    let count: usize = printed.trim().parse().unwrap();
    assert!(count > 50, "{count} enums were found");
}

/// The types compile, code that uses them rightly compiles, and code that uses them wrongly does not.
#[test]
fn typescript_types_hold() {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let copy = target.join("typescript");
    std::fs::create_dir_all(&copy).unwrap();
    for name in ["package.json", "package-lock.json", "tsconfig.json", "protocol.ts", "check.ts"] {
        std::fs::copy(root().join("integrations/typescript").join(name), copy.join(name)).unwrap();
    }
    run(Command::new("npm")
        .args(["ci", "--prefer-offline", "--no-audit", "--no-fund", "--cache"])
        .arg(target.join("npm-cache"))
        .current_dir(&copy));
    run(Command::new("npm").args(["run", "--silent", "check"]).current_dir(&copy));
    // The check itself must be able to fail.
    let check = std::fs::read_to_string(copy.join("check.ts")).unwrap();
    let wrong = check.replace("// @ts-expect-error", "//");
    assert_ne!(check, wrong);
    std::fs::write(copy.join("check.ts"), &wrong).unwrap();
    let output =
        Command::new("npm").args(["run", "--silent", "check"]).current_dir(&copy).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stdout).matches("error TS").count();
    assert_eq!(
        errors,
        check.matches("// @ts-expect-error").count(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}
