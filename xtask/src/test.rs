//! `cargo xtask test`: the set-up and everything that must hold. Nothing is skipped.

use std::path::Path;

use crate::run::{cargo, has, say};
use crate::{Outcome, browser, editors, providers, tools, weights};

pub(crate) fn run(root: &Path, more: &[String]) -> Outcome {
    tools::ensure_for_tests(root)?;
    weights::run(root)?;
    providers::ensure(root)?;
    editors::ensure(root)?;
    browser::ensure(root)?;
    cargo(root, &["fmt", "--all", "--check"])?;
    cargo(root, &["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"])?;
    // The workers of the tests are the program itself, the hosted backends its libraries.
    cargo(root, &["build", "--workspace"])?;
    cargo(root, &["test", "--doc", "--workspace", "--quiet"])?;
    let more: Vec<&str> = more.iter().map(String::as_str).collect();
    // Their tests write every request that they can make, for the vendors' own types to judge.
    if has("cargo-nextest", "--version") {
        // The whole workspace is built either way: a part of it would be built once more for itself.
        let hosted = "package(easel-flux) | package(easel-gemini) | package(easel-seedream)";
        cargo(root, &["nextest", "run", "--workspace", "-E", hosted])?;
        let arguments = ["nextest", "run", "--workspace", "--no-fail-fast"];
        return cargo(root, &[&arguments[..], &more].concat());
    }
    say("· `cargo nextest` is not installed; the slower `cargo test` runs the same tests");
    let hosted = ["-p", "easel-flux", "-p", "easel-gemini", "-p", "easel-seedream"];
    cargo(root, &[&["test", "--quiet"][..], &hosted].concat())?;
    let arguments = ["test", "--workspace", "--no-fail-fast", "--lib", "--bins", "--tests"];
    cargo(root, &[&arguments[..], &more].concat())
}
