//! What the daemon knows: it comes when it is there, goes nowhere when it is not, and is asked again when it is another.

use std::time::Duration;

use serde_json::{Value, json};

use super::client::{Editor, able};
use super::{labels, shown};
use crate::support::{Daemon, fixture, install_plugin};

const RECIPE: &str = "intent = \"restyle\"\nmodel = \"goof\"\n";

/// Waits until what is said of a document is as wanted.
fn until(editor: &mut Editor, name: &str, wanted: impl Fn(&[String]) -> bool) -> Vec<String> {
    let uri = editor.uri(name);
    let is_wanted = |params: &Value| {
        params["uri"] == uri.as_str() && wanted(&shown(params["diagnostics"].as_array().unwrap()))
    };
    let said = editor.wait_for("textDocument/publishDiagnostics", is_wanted);
    shown(said["diagnostics"].as_array().unwrap())
}

#[test]
fn models_are_known_as_soon_as_the_daemon_answers() {
    let daemon = Daemon::with_plugins(&["good"]);
    let mut editor = Editor::beside(daemon.data());
    editor.greet(able());
    editor.open("a.easel.toml", 1, RECIPE);
    let found = until(&mut editor, "a.easel.toml", |found| !found.is_empty());
    assert!(found[0].contains("`goof`"), "{found:?}");
    // The name that was meant is offered as a fix.
    let range =
        json!({ "start": { "line": 1, "character": 9 }, "end": { "line": 1, "character": 9 } });
    let context = json!({ "diagnostics": [], "only": ["quickfix"] });
    let params = json!({ "textDocument": editor.document("a.easel.toml"), "range": range, "context": context });
    let actions = editor.ask("textDocument/codeAction", params);
    assert!(actions[0]["title"].as_str().unwrap().contains("good"), "{actions}");
    let items = editor.at("textDocument/completion", "a.easel.toml", (1, 9));
    assert!(labels(&items).contains(&"good"), "{items}");
    editor.change("a.easel.toml", 2, &RECIPE.replace("goof", "good"));
    let hover = editor.at("textDocument/hover", "a.easel.toml", (1, 11));
    assert!(hover["contents"]["value"].as_str().unwrap().contains("**"), "{hover}");
}

#[test]
fn without_a_daemon_nothing_is_said_of_models_until_it_comes() {
    let mut daemon = Daemon::with_plugins(&["good"]);
    daemon.stop();
    let mut editor = Editor::beside(daemon.data());
    editor.greet(able());
    assert_eq!(shown(&editor.opened("a.easel.toml", RECIPE)), [""; 0]);
    assert_eq!(labels(&editor.at("textDocument/completion", "a.easel.toml", (1, 9))), ["auto"]);
    daemon.start_again();
    let found = until(&mut editor, "a.easel.toml", |found| !found.is_empty());
    assert!(found[0].contains("`goof`"), "{found:?}");

    // It dies and another one takes its place, which knows more.
    daemon.kill();
    editor.change("a.easel.toml", 2, "intent = \"restyle\"\nmodel = \"example-invert\"\n");
    until(&mut editor, "a.easel.toml", |found| {
        found.iter().any(|it| it.contains("example-invert"))
    });
    install_plugin(&fixture("slow"), &daemon.data().join("backends"));
    daemon.start_again();
    daemon.call("backend.trust", json!({ "id": "slow" })).unwrap();
    editor.tell("textDocument/didSave", json!({ "textDocument": editor.document("a.easel.toml") }));
    editor.rest(Duration::ZERO);
    let known = |editor: &mut Editor| {
        let items = editor.at("textDocument/completion", "a.easel.toml", (1, 9));
        labels(&items).contains(&"slow")
    };
    let deadline = std::time::Instant::now() + crate::support::PATIENCE;
    while !known(&mut editor) {
        assert!(std::time::Instant::now() < deadline, "the new daemon is not asked");
        std::thread::sleep(Duration::from_millis(50));
        editor.tell(
            "textDocument/didSave",
            json!({ "textDocument": editor.document("a.easel.toml") }),
        );
    }
}

#[test]
fn the_daemon_is_started_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut editor = Editor::start(folder, &data, &[]);
    editor.greet(able());
    editor.open("a.easel.toml", 1, "intent = \"restyle\"\nmodel = \"no-such-model\"\n");
    let found = until(&mut editor, "a.easel.toml", |found| !found.is_empty());
    assert!(found[0].contains("no-such-model"), "{found:?}");
    let stopped = std::process::Command::new(crate::support::EASEL)
        .arg("stop")
        .env("EASEL_DATA_DIR", &data)
        .output()
        .unwrap();
    assert!(stopped.status.success(), "{stopped:?}");
}
