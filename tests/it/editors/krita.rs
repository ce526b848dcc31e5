//! Krita 5.2: the docker as a person uses it, driven by an extension that only these tests have.

use std::path::Path;

use super::sandbox::Sandbox;
use super::{PATIENCE, alone, daemon, put_recipes, report, stopped};
use crate::support::root;

/// A home with the plugin and the extension that drives it, and a screen.
fn prepared(data: &Path) -> Sandbox {
    let mut sandbox = Sandbox::with_plugin("krita", data);
    let plugins = sandbox.home().join(".local/share/krita/pykrita");
    let scripts = root().join("tests/editors/krita");
    for name in ["easel_e2e", "easel_e2e.desktop"] {
        std::os::unix::fs::symlink(scripts.join(name), plugins.join(name)).unwrap();
    }
    let settings = sandbox.home().join(".config/kritarc");
    let enabled = std::fs::read_to_string(&settings).unwrap();
    let both = enabled.replace("[python]\n", "[python]\nenable_easel_e2e=true\n");
    assert_ne!(both, enabled, "{enabled}");
    std::fs::write(&settings, both).unwrap();
    // Without a graphics processor an OpenGL canvas is slow, and Krita 5.2 may crash drawing it.
    let display = sandbox.home().join(".config/kritadisplayrc");
    std::fs::write(display, "[General]\nOpenGLRenderer=none\n").unwrap();
    sandbox.open_screen();
    sandbox
}

fn run(sandbox: &Sandbox, case: &str) {
    let mut command = sandbox.command("env");
    command.arg(format!("EASEL_E2E={case}")).args(["krita", "--nosplash"]);
    let status = sandbox.run(&mut command, PATIENCE);
    report(sandbox, "krita", case);
    assert!(status.success(), "{status}\n{}", sandbox.log());
}

#[test]
fn krita_transforms_layers_as_a_person_asks() {
    let _alone = alone();
    let daemon = daemon();
    let sandbox = prepared(daemon.data());
    run(&sandbox, "paint");
}

#[test]
fn krita_keeps_depth_and_colours() {
    let _alone = alone();
    let daemon = daemon();
    let sandbox = prepared(daemon.data());
    run(&sandbox, "depths");
}

#[test]
fn krita_stays_alive_while_a_large_layer_is_transformed() {
    let _alone = alone();
    let daemon = daemon();
    let sandbox = prepared(daemon.data());
    run(&sandbox, "large");
    run(&sandbox, "themes");
}

#[test]
fn krita_remembers_from_session_to_session() {
    let _alone = alone();
    let daemon = daemon();
    let sandbox = prepared(daemon.data());
    run(&sandbox, "first");
    run(&sandbox, "again");
}

#[test]
fn krita_outlives_the_end_of_the_daemon() {
    let _alone = alone();
    let daemon = daemon();
    let sandbox = prepared(daemon.data());
    run(&sandbox, "killed");
}

#[test]
fn krita_runs_recipes() {
    let _alone = alone();
    let daemon = daemon();
    put_recipes(&daemon);
    let sandbox = prepared(daemon.data());
    run(&sandbox, "recipes");
    // Krita ends while one runs, and is started again.
    run(&sandbox, "left");
    run(&sandbox, "found");
}

#[test]
fn krita_starts_the_daemon() {
    let _alone = alone();
    let daemon = stopped();
    let sandbox = prepared(daemon.data());
    run(&sandbox, "absent");
}
