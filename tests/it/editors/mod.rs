//! The real Krita and the real GIMP, headless, against the real daemon. Scripts in `tests/editors` drive them
//! from inside as a person would, look at the pixels, and write down what they saw.
//!
//! The programs live in a Debian folder of their own, which `cargo xtask editors` makes.

mod gimp;
mod krita;
mod sandbox;

pub(crate) use sandbox::debian;

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;

use crate::support::{Daemon, root};
use sandbox::Sandbox;

/// How long one launch of an editor may take: a fresh home alone takes a quarter of a minute on a slow machine.
const PATIENCE: Duration = Duration::from_mins(5);

/// One editor at a time, also where the tests of one process run beside each other.
fn alone() -> MutexGuard<'static, ()> {
    static RUNNING: Mutex<()> = Mutex::new(());
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A daemon as an artist has it: the local models and the example; and one that takes its time, one that fails, one
/// that changes nothing and one that shows what it is doing.
fn daemon() -> Daemon {
    let weights = root().join("weights");
    assert!(weights.is_dir(), "there are no weights: run `cargo xtask weights` first");
    let plugins = ["example-c", "slow", "error-text", "same", "previewer"];
    let mut daemon = Daemon::with_plugins(&plugins);
    daemon.stop();
    daemon.set("EASEL_WEIGHTS_DIR", &weights.display().to_string());
    daemon.start_again();
    daemon
}

/// Recipes that are at hand in editors: of fixtures, one that cannot run, and some of the cookbook.
fn put_recipes(daemon: &Daemon) {
    let into = daemon.data().join("config/recipes");
    std::fs::create_dir_all(&into).unwrap();
    let own = std::fs::read_dir(root().join("tests/it/editors/recipes")).unwrap();
    let cookbook = ["product-on-white", "campaign-moods"]
        .map(|name| root().join(format!("cookbook/{name}.easel.toml")));
    for file in own.flatten().map(|file| file.path()).chain(cookbook) {
        std::fs::copy(&file, into.join(file.file_name().unwrap())).unwrap();
    }
}

/// The same before anything was started.
fn stopped() -> Daemon {
    let mut daemon = Daemon::with_plugins(&["example-c", "slow"]);
    daemon.stop();
    daemon
}

/// What a script inside an editor wrote down; panics with its own words where a step failed.
fn report(sandbox: &Sandbox, editor: &str, case: &str) {
    let path = sandbox.out().join(format!("{case}.json"));
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}\n{}", path.display(), sandbox.log()));
    let report: Value =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(report["ok"], true, "{report:#}\n{}", sandbox.log());
    // Figures and screens are for whoever looks: they stay after the run.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("editors").join(editor);
    std::fs::create_dir_all(&folder).unwrap();
    for file in std::fs::read_dir(sandbox.out()).unwrap().flatten() {
        if file.path().extension().is_some_and(|it| it == "png" || it == "json") {
            std::fs::copy(file.path(), folder.join(file.file_name())).unwrap();
        }
    }
}
