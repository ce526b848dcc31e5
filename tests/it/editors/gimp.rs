//! GIMP 3.0: the procedures of scripts without a screen, and the window as a person uses it.

use std::process::Command;

use super::sandbox::Sandbox;
use super::{PATIENCE, alone, daemon, put_recipes, report, stopped};
use crate::support::root;

/// GIMP with a script inside that runs these cases, one after the other.
fn gimp(sandbox: &Sandbox, program: &str, arguments: &[&str], cases: &str) -> Command {
    let folder = root().join("tests/editors/gimp");
    let script = format!(
        "import sys; sys.path.insert(0, '{}'); import easel_e2e; easel_e2e.main()",
        folder.display()
    );
    let mut command = sandbox.command("env");
    command.arg(format!("EASEL_E2E={cases}")).arg(program).args(arguments);
    command.args(["-d", "-f", "--batch-interpreter=python-fu-eval", "-b", &script, "--quit"]);
    command
}

fn run(sandbox: &Sandbox, program: &str, arguments: &[&str], cases: &[&str]) {
    let status = sandbox.run(&mut gimp(sandbox, program, arguments, &cases.join(",")), PATIENCE);
    for case in cases {
        report(sandbox, "gimp", case);
    }
    assert!(status.success(), "{status}\n{}", sandbox.log());
}

#[test]
fn gimp_transforms_layers_for_scripts() {
    let _alone = alone();
    let daemon = daemon();
    put_recipes(&daemon);
    let sandbox = Sandbox::with_plugin("gimp", daemon.data());
    run(&sandbox, "gimp-console", &["-i"], &["layers", "recipes", "depths", "speed"]);
}

#[test]
fn gimp_starts_the_daemon_and_outlives_its_end() {
    let _alone = alone();
    let daemon = stopped();
    let sandbox = Sandbox::with_plugin("gimp", daemon.data());
    run(&sandbox, "gimp-console", &["-i"], &["daemon"]);
}

#[test]
fn gimp_runs_recipes_from_its_window() {
    let _alone = alone();
    let daemon = daemon();
    put_recipes(&daemon);
    let mut sandbox = Sandbox::with_plugin("gimp", daemon.data());
    sandbox.open_screen();
    run(&sandbox, "gimp", &["-n", "-s"], &["recipe_window"]);
    // GIMP is started again, in the other theme.
    let light = root().join("tests/editors/gimp/light.gimprc").display().to_string();
    run(&sandbox, "gimp", &["-n", "-s", "-g", &light], &["recipe_again"]);
}

#[test]
fn gimp_shows_a_window_and_remembers() {
    let _alone = alone();
    let daemon = daemon();
    let mut sandbox = Sandbox::with_plugin("gimp", daemon.data());
    sandbox.open_screen();
    run(&sandbox, "gimp", &["-n", "-s"], &["window"]);
    // GIMP is started again, in the other theme.
    let light = root().join("tests/editors/gimp/light.gimprc").display().to_string();
    run(&sandbox, "gimp", &["-n", "-s", "-g", &light], &["reopen"]);
}
