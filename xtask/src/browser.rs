//! `cargo xtask browser`: what the tests in a browser need: Debian's Chromium, and the packages that drive and check it,
//! pinned by `tests/browser/package-lock.json` and installed once beside it.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::folders::at;
use crate::run::{call, say};
use crate::{Outcome, tools};

/// Beside the packages: the list that they were installed from.
const STAMP: &str = "installed-from.json";

/// Makes sure that all of it is there.
pub(crate) fn ensure(root: &Path) -> Outcome {
    tools::ensure_for_browser(root)?;
    let folder = root.join("tests/browser");
    let list = folder.join("package-lock.json");
    let wanted = fs::read_to_string(&list).map_err(|error| at(&list, &error))?;
    let stamp = folder.join("node_modules").join(STAMP);
    if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        say("the packages for the tests in a browser are right");
        return Ok(());
    }
    say("· installing the packages for the tests in a browser: about 100 MB once");
    let mut npm = Command::new("npm");
    npm.args(["ci", "--prefer-offline", "--no-audit", "--no-fund"]).current_dir(&folder);
    call(&mut npm, "installing the packages for the tests in a browser")?;
    fs::write(&stamp, wanted).map_err(|error| at(&stamp, &error))
}
