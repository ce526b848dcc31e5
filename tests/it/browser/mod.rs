//! The page and Figma's plugin in a real Chromium, against the real daemon. Each case is a script in `tests/browser`
//! that does what a person does, looks at what a person sees, and fails where something is wrong.
//!
//! `cargo xtask browser` installs what they need.

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
            child.kill().unwrap();
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

/// A test a script, by its name; `every_script_is_run` sees that none is forgotten.
macro_rules! cases {
    ($($name:ident: $path:literal,)*) => {
        $(
            #[test]
            fn $name() {
                run($path);
            }
        )*

        const CASES: &[&str] = &[$($path,)*];
    };
}

cases! {
    pairing: "page/pairing.mjs",
    transform: "page/transform.mjs",
    compare: "page/compare.mjs",
    history: "page/history.mjs",
    folders: "page/folders.mjs",
    models: "page/models.mjs",
    looks: "page/looks.mjs",
    contract: "page/contract.mjs",
}

#[test]
fn every_script_is_run() {
    let mut scripts = Vec::new();
    for folder in ["page", "attacks", "figma"] {
        let Ok(files) = std::fs::read_dir(root().join("tests/browser").join(folder)) else {
            continue;
        };
        let names = files.flatten().map(|file| file.file_name().to_string_lossy().into_owned());
        scripts.extend(
            names.filter(|name| name.ends_with(".mjs")).map(|name| format!("{folder}/{name}")),
        );
    }
    scripts.sort();
    let mut cases = CASES.to_vec();
    cases.sort_unstable();
    assert_eq!(scripts, cases);
}

/// The page, the plugin and these scripts as TypeScript reads them.
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
