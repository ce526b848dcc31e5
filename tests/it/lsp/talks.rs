//! Whole conversations, word for word.

use serde_json::{Value, json};

use super::client::{Editor, able};
use super::text::edited;
use super::{GOOD, labels, shown};

/// Wrong in every line, and broken besides.
const BROKEN: &str = "titel = \"x\"\nintent = \"edti\"\nkeep = [\"subject\", \"pose\",\nprompt = \"a {nmae\"\nseed = \n\n[output]\nformat = jpeg\nquality = 900\n";

/// The rest of a conversation in a snapshot of its own.
fn snapshot(name: &str, editor: &mut Editor) {
    insta::assert_snapshot!(name, editor.transcript());
}

#[test]
fn an_editor_is_told_what_the_server_can() {
    let mut editor = Editor::alone();
    editor.greet(able());
    snapshot("greeting", &mut editor);
    let (status, said) = editor.goodbye();
    assert!(status.success(), "{status}");
    insta::assert_snapshot!("goodbye", said);
}

#[test]
fn everything_wrong_with_a_broken_recipe_is_said() {
    let mut editor = Editor::greeted();
    editor.transcript();
    editor.opened("a.easel.toml", BROKEN);
    snapshot("broken", &mut editor);
    editor.change("a.easel.toml", 2, GOOD);
    assert_eq!(shown(&editor.diagnostics("a.easel.toml", 2)), [""; 0]);
    editor
        .tell("textDocument/didClose", json!({ "textDocument": editor.document("a.easel.toml") }));
    let said = editor.wait_for("textDocument/publishDiagnostics", |it| it["version"].is_null());
    assert_eq!(said["diagnostics"], json!([]), "a document that was closed has none");
}

#[test]
fn an_editor_that_can_nothing_is_given_plain_texts() {
    let mut editor = Editor::alone();
    editor.greet(json!({}));
    let found = editor.opened("a.easel.toml", "intent = \"edti\"\n");
    assert!(found[0]["message"].as_str().unwrap().contains("\nhint: "), "{found:?}");
    let items = editor.at("textDocument/completion", "a.easel.toml", (1, 0));
    let keep = items.as_array().unwrap().iter().find(|it| it["label"] == "keep").unwrap();
    assert_eq!(keep["textEdit"]["newText"], "keep = ");
    assert_eq!(keep.get("insertTextFormat"), None);
    // Without versions of its own the changes are told by the document's address.
    let range = found[0]["range"].clone();
    let context = json!({ "diagnostics": [], "only": ["quickfix"] });
    let document = editor.document("a.easel.toml");
    let params = json!({ "textDocument": document, "range": range, "context": context });
    let actions = editor.ask("textDocument/codeAction", params);
    let edits = &actions[0]["edit"]["changes"][editor.uri("a.easel.toml")];
    assert_eq!(edits[0]["newText"], "\"edit\"", "{actions}");
}

#[test]
fn completions_at_several_places() {
    let mut editor = Editor::greeted();
    std::fs::create_dir(editor.folder().join("looks")).unwrap();
    for file in ["look.jpg", "notes.txt", ".hidden.png"] {
        std::fs::write(editor.folder().join(file), "").unwrap();
    }
    let text =
        "title = \"x\"\n\n[[step]]\nintent = \"\"\nreference = [\"\"]\nprompt = \"{\"\nk\n[out]\n";
    editor.opened("a.easel.toml", text);
    editor.transcript();
    let method = "textDocument/completion";
    let intents = editor.at(method, "a.easel.toml", (3, 10));
    assert_eq!(labels(&intents)[0], "restyle");
    snapshot("completion-intents", &mut editor);
    let files = editor.at(method, "a.easel.toml", (4, 14));
    assert_eq!(labels(&files), ["looks/", "look.jpg"]);
    let names = editor.at(method, "a.easel.toml", (5, 11));
    assert!(labels(&names).contains(&"exif.date"));
    editor.transcript();
    let keys = editor.at(method, "a.easel.toml", (6, 1));
    assert!(labels(&keys).contains(&"keep") && !labels(&keys).contains(&"intent"));
    snapshot("completion-keys", &mut editor);
    let headers = editor.at(method, "a.easel.toml", (7, 4));
    assert!(labels(&headers).contains(&"[output]"));
    assert_eq!(editor.at(method, "none.easel.toml", (0, 0)), Value::Null, "it is not open");
}

#[test]
fn hovers_outline_and_lenses() {
    let mut editor = Editor::greeted();
    editor.opened("a.easel.toml", GOOD);
    editor.transcript();
    editor.at("textDocument/hover", "a.easel.toml", (4, 3));
    editor.at("textDocument/hover", "a.easel.toml", (4, 12));
    editor.at("textDocument/hover", "a.easel.toml", (9, 14));
    editor.at("textDocument/hover", "a.easel.toml", (9, 32));
    assert_eq!(editor.at("textDocument/hover", "a.easel.toml", (0, 3)), Value::Null);
    snapshot("hovers", &mut editor);
    let document = json!({ "textDocument": editor.document("a.easel.toml") });
    editor.ask("textDocument/documentSymbol", document.clone());
    snapshot("outline", &mut editor);
    editor.ask("textDocument/codeLens", document);
    snapshot("lenses", &mut editor);
}

#[test]
fn what_is_wrong_can_be_put_right() {
    let mut editor = Editor::greeted();
    let text = "intent = \"edti\"\nprompt = \"x\"\n";
    let found = editor.opened("a.easel.toml", text);
    assert_eq!(found.len(), 1, "{found:?}");
    editor.transcript();
    let document = editor.document("a.easel.toml");
    let context = json!({ "diagnostics": found });
    let params =
        json!({ "textDocument": document, "range": found[0]["range"], "context": context });
    let actions = editor.ask("textDocument/codeAction", params.clone());
    snapshot("actions", &mut editor);
    let edit = &actions[0]["edit"]["documentChanges"][0];
    assert_eq!(edit["textDocument"]["version"], 1, "it is for this version alone");
    let mended = edited(text, &edit["edits"]);
    assert_eq!(mended, "intent = \"edit\"\nprompt = \"x\"\n");
    editor.change("a.easel.toml", 2, &mended);
    assert_eq!(shown(&editor.diagnostics("a.easel.toml", 2)), [""; 0]);

    let mut params = params;
    params["context"] = json!({ "diagnostics": [], "only": ["refactor"] });
    let actions = editor.ask("textDocument/codeAction", params);
    let titles: Vec<&str> =
        actions.as_array().unwrap().iter().map(|it| it["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["turn these keys into a `[[step]]`", "add `[output]`"]);
    let edit = &actions[0]["edit"]["documentChanges"][0]["edits"];
    assert_eq!(edited(&mended, edit), format!("[[step]]\n{mended}"));
}

#[test]
fn formatting_keeps_every_comment() {
    let mut editor = Editor::greeted();
    let text = "#  a \nintent=\"edit\"   # b\n\n\n\nkeep=[\"subject\" ,\"text\"]\nprompt = \"\"\"\n x  \n\"\"\"\n[output]\nsheet = true";
    editor.opened("a.easel.toml", text);
    editor.transcript();
    let options = json!({ "tabSize": 4, "insertSpaces": true });
    let params = json!({ "textDocument": editor.document("a.easel.toml"), "options": options });
    let edits = editor.ask("textDocument/formatting", params.clone());
    snapshot("formatting", &mut editor);
    let formatted = edited(text, &edits);
    assert_eq!(
        formatted,
        "#  a\nintent = \"edit\" # b\n\nkeep = [\"subject\", \"text\"]\nprompt = \"\"\"\n x  \n\"\"\"\n\n[output]\nsheet = true\n"
    );
    editor.change("a.easel.toml", 2, &formatted);
    assert_eq!(editor.ask("textDocument/formatting", params.clone()), json!([]));
    editor.change("a.easel.toml", 3, "a=\n  b");
    assert_eq!(editor.ask("textDocument/formatting", params), json!([]), "it cannot be read");
}

#[test]
fn an_axis_gets_another_name() {
    let mut editor = Editor::greeted();
    editor.opened("a.easel.toml", GOOD);
    editor.transcript();
    editor.at("textDocument/prepareRename", "a.easel.toml", (9, 32));
    let document = editor.document("a.easel.toml");
    let rename = |character: u32, new: &str| {
        let position = json!({ "line": 9, "character": character });
        json!({ "textDocument": document, "position": position, "newName": new })
    };
    let answer = editor.ask("textDocument/rename", rename(32, "light"));
    let edits = &answer["documentChanges"][0]["edits"];
    assert_eq!(edited(GOOD, edits), GOOD.replace("mood", "light"));
    editor.ask_anyhow("textDocument/rename", rename(32, "two words"));
    editor.ask_anyhow("textDocument/rename", rename(32, "width"));
    editor.ask_anyhow("textDocument/rename", rename(12, "picture"));
    snapshot("rename", &mut editor);
}

#[test]
fn commands_ask_before_they_run_or_say_what_to_type() {
    let mut editor = Editor::greeted();
    editor.opened("a.easel.toml", GOOD);
    editor.transcript();
    let uri = editor.uri("a.easel.toml");
    let command = |name: &str, arguments: Value| json!({ "command": name, "arguments": arguments });
    editor.ask("workspace/executeCommand", command("easel.runOnPicture", json!([uri])));
    editor.wait_for("window/showMessage", |_| true);
    editor.ask("workspace/executeCommand", command("easel.watchFolder", json!([uri])));
    editor.wait_for("window/showMessage", |_| true);
    // Whoever changes their mind has lost nothing, and nothing is said of it.
    editor.ask(
        "workspace/executeCommand",
        command("easel.runOnPicture", json!([uri, "/no/such.jpg"])),
    );
    let asked = editor.message("window/showMessageRequest", |_| true);
    editor.reply(&asked["id"], json!({ "title": "Cancel" }));
    editor.ask_anyhow("workspace/executeCommand", command("easel.other", json!([uri])));
    snapshot("commands", &mut editor);

    // What runs ends with words for whoever asked: here it cannot work.
    editor.ask(
        "workspace/executeCommand",
        command("easel.runOnPicture", json!([uri, "/no/such.jpg"])),
    );
    let asked = editor.message("window/showMessageRequest", |_| true);
    editor.reply(&asked["id"], json!({ "title": "Run" }));
    let said = editor.wait_for("window/showMessage", |_| true);
    assert_eq!(said["type"], 1, "{said}");
    assert!(said["message"].as_str().unwrap().contains("easel recipe run"), "{said}");
}

#[test]
fn lines_may_end_in_two_letters_and_letters_may_have_two_units() {
    let mut editor = Editor::greeted();
    let text = "title = \"🎨🎨\" # 🎨\r\nintent = \"edti\"\r\nprompt = \"🎨 {mood}\"\r\n[matrix]\r\nmood = [\"a\"]\r\n";
    let found = editor.opened("a.easel.toml", text);
    assert_eq!(found[0]["range"]["start"], json!({ "line": 1, "character": 9 }), "{found:?}");
    let hover = editor.at("textDocument/hover", "a.easel.toml", (2, 15));
    assert_eq!(hover["range"]["start"], json!({ "line": 2, "character": 13 }));
    let position = json!({ "line": 2, "character": 15 });
    let document = editor.document("a.easel.toml");
    let params = json!({ "textDocument": document, "position": position, "newName": "x" });
    let edit = editor.ask("textDocument/rename", params);
    let edits = &edit["documentChanges"][0]["edits"];
    assert_eq!(edited(text, edits), text.replace("mood", "x"));

    // An editor that counts bytes is answered in bytes.
    let mut editor = Editor::alone();
    let answer = editor.greet(json!({ "general": { "positionEncodings": ["utf-8", "utf-16"] } }));
    assert_eq!(answer["capabilities"]["positionEncoding"], "utf-8");
    editor.opened("a.easel.toml", text);
    let hover = editor.at("textDocument/hover", "a.easel.toml", (2, 17));
    assert_eq!(hover["range"]["start"], json!({ "line": 2, "character": 15 }));
}

#[test]
fn easels_other_files_are_known_by_their_names() {
    let mut editor = Editor::greeted();
    let found = editor.opened("folders.toml", "[[folder]]\npath = \"x\"\nrecipes = \"y\"\n");
    assert_eq!(shown(&found).len(), 1, "{found:?}");
    assert!(found[0]["message"].as_str().unwrap().contains("recipes"), "{found:?}");
    let keys = editor.at("textDocument/completion", "folders.toml", (2, 0));
    assert!(labels(&keys).contains(&"on-success"));
    std::fs::create_dir(editor.folder().join("models")).unwrap();
    assert_eq!(editor.opened("models/flux.toml", "base_url = 5\n").len(), 1);
    assert_eq!(editor.opened("backend.toml", "abi = \"x\"\n").len(), 1);
    // What is none of Easel's is left to others.
    editor.open("Cargo.toml", 1, "intent = \"edti\"\n");
    assert_eq!(editor.at("textDocument/completion", "Cargo.toml", (0, 0)), Value::Null);
}
