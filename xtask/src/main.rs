//! `cargo xtask …`: everything that is done to this repository, in plain Rust without dependencies.

mod backends;
mod bench;
mod browser;
mod demo;
mod editors;
mod folders;
mod providers;
mod run;
mod test;
mod tools;
mod weights;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const HELP: &str = "cargo xtask COMMAND

  demo       build, fetch the weights, and show the main job on real photographs
  test       everything that must hold: set-up, lints, every test
  bench      measure the bridge and print the figures beside the machine's limits
  backends   build the hosted backends and say how to add them
  providers  install the vendors' SDKs that judge the requests of the remote backends
  editors    install the Krita and the GIMP that judge the plugins, in a Debian folder of their own
  browser    install the Chromium and the packages that the tests of the page and of Figma's plugin need
  weights    fetch and convert the weights of the local networks
  generate   write openrpc.json and the clients' types anew";

/// What a task gives: an error is a sentence for people.
type Outcome = Result<(), String>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let root = root();
    let outcome = match arguments.first().map(String::as_str) {
        Some("demo") => demo::run(&root),
        Some("test") => test::run(&root, &arguments[1..]),
        Some("bench") => bench::run(&root),
        Some("backends") => backends::run(&root),
        Some("providers") => providers::ensure(&root),
        Some("editors") => editors::ensure(&root),
        Some("browser") => browser::ensure(&root),
        Some("weights") => weights::run(&root),
        Some("generate") => {
            run::cargo(&root, &["run", "--quiet", "-p", "easel-protocol", "--bin", "generate"])
        }
        Some("help" | "--help" | "-h") | None => {
            run::say(HELP);
            return ExitCode::SUCCESS;
        }
        Some(other) => Err(format!("there is no task `{other}`\n\n{HELP}")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            run::say(&format!("error: {message}"));
            ExitCode::FAILURE
        }
    }
}

/// The repository's root: the folder above this package.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}
