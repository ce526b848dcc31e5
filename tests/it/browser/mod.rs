//! The page and Figma's plugin in a real Chromium, against the real daemon. Each case is a script in `tests/browser`
//! that does what a person does, looks at what a person sees, and fails where something is wrong.
//!
//! `cargo xtask browser` installs what they need.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Daemon, EASEL, root};

/// How long one case may take on a slow machine.
const PATIENCE: Duration = Duration::from_mins(8);

/// Runs a script on a data folder with plugins that are trusted: one that inverts, one that takes its time, one that
/// fails, one that changes nothing and one that shows what it is doing.
fn run(case: &str) {
    let tests = root().join("tests/browser");
    let there = "run `cargo xtask browser` first";
    assert!(tests.join("node_modules").is_dir(), "there are no packages: {there}");
    let weights = root().join("weights");
    assert!(weights.is_dir(), "there are no weights: run `cargo xtask weights` first");
    let mut daemon =
        Daemon::with_plugins(&["example-c", "slow", "error-text", "same", "previewer"]);
    daemon.stop();
    let name = case.trim_end_matches(".mjs").replace('/', "-");
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser");
    std::fs::create_dir_all(&out).unwrap();
    let log = out.join(format!("{name}.log"));
    let file = std::fs::File::create(&log).unwrap();
    let mut child = Command::new("node")
        .arg(tests.join(case))
        .current_dir(&tests)
        .env("EASEL_PROGRAM", EASEL)
        .env("EASEL_DATA_DIR", daemon.data())
        .env("EASEL_WEIGHTS_DIR", &weights)
        .env("EASEL_TEST_OUT", &out)
        // With whatever it starts, so that a script that hangs leaves nothing behind.
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(file.try_clone().unwrap())
        .stderr(file)
        .spawn()
        .expect("`node` is installed");
    let deadline = Instant::now() + PATIENCE;
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break Some(status);
        }
        if Instant::now() > deadline {
            let group = format!("-{}", child.id());
            let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
            child.wait().unwrap();
            break None;
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    let said = std::fs::read_to_string(&log).unwrap_or_default();
    match status {
        Some(status) => assert!(status.success(), "{case}: {status}\n{said}\n{}", daemon.log()),
        None => panic!("{case} took more than {PATIENCE:?}\n{said}\n{}", daemon.log()),
    }
}

/// A test a script: `page { transform_runs }` is `tests/browser/page/transform-runs.mjs`.
macro_rules! cases {
    ($($folder:ident { $($name:ident)* })*) => {
        $(
            mod $folder {
                $(
                    #[test]
                    fn $name() {
                        super::run(&super::path(stringify!($folder), stringify!($name)));
                    }
                )*
            }
        )*

        /// What is run, so that no script is forgotten.
        const CASES: &[(&str, &[&str])] =
            &[$((stringify!($folder), &[$(stringify!($name),)*]),)*];
    };
}

cases! {
    page { compare contract folders history looks models pairing spend transform transform_keyboard transform_runs transform_settings }
    attacks { forgery framing headers markup metadata null_origin pairing pictures rebinding sockets }
    figma { build invert large looks mask network pairing places prices recipes references relaunch resume several }
}

fn path(folder: &str, name: &str) -> String {
    format!("{folder}/{}.mjs", name.replace('_', "-"))
}

#[test]
fn every_script_is_run() {
    for (folder, names) in CASES {
        let files = std::fs::read_dir(root().join("tests/browser").join(folder)).unwrap();
        let mut scripts: Vec<String> = files
            .flatten()
            .filter(|file| file.path().extension().is_some_and(|it| it == "mjs"))
            .map(|file| format!("{folder}/{}", file.file_name().to_string_lossy()))
            .collect();
        scripts.sort();
        let mut cases: Vec<String> = names.iter().map(|name| path(folder, name)).collect();
        cases.sort();
        assert_eq!(scripts, cases);
    }
}

/// The page and these scripts as TypeScript reads them; `figma/build.mjs` does the same for the plugin.
#[test]
fn types_hold() {
    for folder in ["integrations/web", "tests/browser"] {
        let output = Command::new(root().join("tests/browser/node_modules/.bin/tsc"))
            .args(["--project", folder])
            .current_dir(root())
            .output()
            .expect("`cargo xtask browser` installed TypeScript");
        assert!(output.status.success(), "{folder}:\n{}", String::from_utf8_lossy(&output.stdout));
    }
}
