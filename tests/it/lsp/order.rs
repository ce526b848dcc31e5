//! Versions: what is said of a document is said of its newest one, in whatever order things happen.

use std::time::Duration;

use serde_json::{Value, json};

use super::client::Editor;
use super::{GOOD, shown};

/// The versions of a document in the order in which something was said of them.
fn versions(messages: &[Value], uri: &str) -> Vec<i64> {
    let is_of = |it: &&Value| {
        it["method"] == "textDocument/publishDiagnostics" && it["params"]["uri"] == uri
    };
    messages.iter().filter(is_of).map(|it| it["params"]["version"].as_i64().unwrap()).collect()
}

#[test]
fn an_older_version_is_not_believed() {
    let mut editor = Editor::greeted();
    editor.open("a.easel.toml", 5, "intent = \"edti\"\n");
    assert_eq!(editor.diagnostics("a.easel.toml", 5).len(), 1);
    editor.change("a.easel.toml", 7, GOOD);
    editor.change("a.easel.toml", 6, "intent = \"edti\"\n");
    assert_eq!(shown(&editor.diagnostics("a.easel.toml", 7)), [""; 0]);
    // Requests see the newest one as well.
    let hover = editor.at("textDocument/hover", "a.easel.toml", (4, 3));
    assert!(hover["contents"]["value"].as_str().unwrap().contains("What kind of change"));
    let uri = editor.uri("a.easel.toml");
    assert_eq!(versions(&editor.rest(Duration::from_millis(200)), &uri), [0; 0]);
}

#[test]
fn a_flood_of_changes_ends_with_the_last() {
    let mut editor = Editor::greeted();
    editor.open("a.easel.toml", 0, "");
    for version in 1..=200 {
        let text = if version % 2 == 0 { GOOD.to_owned() } else { format!("{GOOD}nothing = 1\n") };
        editor.change("a.easel.toml", version, &text);
        if version % 50 == 0 {
            editor.request(
                "textDocument/documentSymbol",
                json!({ "textDocument": editor.document("a.easel.toml") }),
            );
        }
    }
    assert_eq!(shown(&editor.diagnostics("a.easel.toml", 200)), [""; 0]);
    let uri = editor.uri("a.easel.toml");
    let before = versions(&editor.rest(Duration::from_millis(200)), &uri);
    assert!(before.is_sorted(), "{before:?}");
    assert!(before.last().is_none_or(|last| *last < 200), "nothing follows the last: {before:?}");
}

#[test]
fn a_request_sees_the_change_before_it() {
    let mut editor = Editor::greeted();
    editor.open("a.easel.toml", 1, "");
    for version in 2..60 {
        let text = format!("{}intent = \"\"\n", "\n".repeat(version as usize));
        editor.change("a.easel.toml", version, &text);
        let items = editor.at("textDocument/completion", "a.easel.toml", (version as u32, 10));
        assert_eq!(super::labels(&items)[0], "restyle", "version {version}");
    }
}

#[test]
fn two_documents_are_two_documents() {
    let mut editor = Editor::greeted();
    assert_eq!(editor.opened("a.easel.toml", "intent = \"edti\"\n").len(), 1);
    assert_eq!(editor.opened("b.easel.toml", GOOD).len(), 0);
    editor.change("b.easel.toml", 2, "intent = \"edti\"\nsed = 1\n");
    assert_eq!(editor.diagnostics("b.easel.toml", 2).len(), 2);
    editor
        .tell("textDocument/didClose", json!({ "textDocument": editor.document("a.easel.toml") }));
    let uri = editor.uri("a.easel.toml");
    editor.wait_for("textDocument/publishDiagnostics", |it| {
        it["uri"] == uri.as_str() && it["version"].is_null()
    });
    let symbols = |editor: &mut Editor, name: &str| {
        editor.ask("textDocument/documentSymbol", json!({ "textDocument": editor.document(name) }))
    };
    assert_eq!(symbols(&mut editor, "a.easel.toml"), Value::Null);
    assert!(!symbols(&mut editor, "b.easel.toml").as_array().unwrap().is_empty());
    // What is opened again begins again, also with a smaller number.
    editor.open("a.easel.toml", 1, GOOD);
    assert_eq!(editor.diagnostics("a.easel.toml", 1).len(), 0);
}

#[test]
fn it_ends_with_its_editor() {
    let mut editor = Editor::greeted();
    assert!(!editor.hang_up().success(), "it was not told to");
    let mut editor = Editor::greeted();
    editor.tell("exit", Value::Null);
    assert!(!editor.ended().success(), "the protocol asks for `shutdown` first");
}

#[test]
fn nonsense_is_answered_and_survived() {
    let mut editor = Editor::greeted();
    let answer = editor.ask_anyhow("textDocument/nothing", json!({}));
    assert_eq!(answer["error"]["code"], -32601);
    let answer = editor.ask_anyhow("textDocument/hover", json!({ "position": 5 }));
    assert_eq!(answer["error"]["code"], -32602);
    editor.opened("a.easel.toml", GOOD);
    let answer = editor.at("textDocument/hover", "a.easel.toml", (99_999, 99_999));
    assert_eq!(answer, Value::Null);
}
