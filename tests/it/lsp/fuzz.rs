//! Random edits and rubbish through the real server: it never falls over, what it says of versions is in order, and
//! every place that it names lies in the text.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::GOOD;
use super::client::Editor;

/// What is put into texts: pieces of recipes, and what breaks them.
const PIECES: &[&str] = &[
    "[[step]]\n",
    "[matrix]\n",
    "[output]",
    "intent = ",
    "\"edit\"",
    "keep = [",
    "]",
    "{",
    "}",
    "\"",
    "'",
    "\"\"\"",
    "'''",
    "\\",
    "\r\n",
    "\n",
    "{name}",
    "{mood|",
    "🎨",
    "ü",
    " = ",
    ",",
    "#",
    ".",
    "\u{0}",
    "\u{feff}",
    "model = \"a, else b\"",
    "[",
    "params.x = 1\n",
    "1979-05-27 07:32:00",
];

/// One thing that somebody does to a text: at a share of it, take letters away and put something there.
fn edit() -> impl Strategy<Value = (f64, usize, String)> {
    let new = prop_oneof![
        3 => proptest::sample::select(PIECES).prop_map(str::to_owned),
        1 => "\\PC{0,12}",
    ];
    (0.0..=1.0, 0usize..20, new)
}

fn apply(text: &mut String, (share, take, new): &(f64, usize, String)) {
    let start = text.floor_char_boundary((text.len() as f64 * share) as usize);
    let end = text.ceil_char_boundary((start + take).min(text.len()));
    text.replace_range(start..end, new);
}

/// The lengths of lines in UTF-16, as an editor has them.
fn lines(text: &str) -> Vec<u64> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.split('\n').map(|line| line.encode_utf16().count() as u64).collect()
}

/// Every range anywhere in an answer lies in the text.
fn check(value: &Value, lines: &[u64]) {
    let place = |it: &Value| (it["line"].as_u64().unwrap(), it["character"].as_u64().unwrap());
    match value {
        Value::Object(map) if map.contains_key("start") && map.contains_key("end") => {
            let (start, end) = (place(&map["start"]), place(&map["end"]));
            assert!(start <= end, "{value}");
            for (line, character) in [start, end] {
                let length = lines.get(line as usize).unwrap_or_else(|| panic!("{value}"));
                assert!(character <= *length, "{value}: the line has {length}");
            }
        }
        Value::Object(map) => map.values().for_each(|value| check(value, lines)),
        Value::Array(values) => values.iter().for_each(|value| check(value, lines)),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_is_typed_breaks_the_server(edits in proptest::collection::vec((edit(), 0.0..=1.0f64), 1..25)) {
        let mut editor = Editor::greeted();
        let mut text = GOOD.to_owned();
        editor.open("a.easel.toml", 0, &text);
        let mut version = 0;
        for (edit, share) in &edits {
            apply(&mut text, edit);
            version += 1;
            editor.change("a.easel.toml", version, &text);
            let lines = lines(&text);
            let line = ((lines.len() - 1) as f64 * share) as u32;
            let character = (lines[line as usize] as f64 * share) as u32;
            for method in ["completion", "hover", "prepareRename", "documentSymbol", "codeLens"] {
                let position = json!({ "line": line, "character": character });
                let document = editor.document("a.easel.toml");
                let params = json!({ "textDocument": document, "position": position });
                check(&editor.ask_anyhow(&format!("textDocument/{method}"), params), &lines);
            }
            let document = editor.document("a.easel.toml");
            let range = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": line, "character": character } });
            let params = json!({ "textDocument": document, "range": range, "context": { "diagnostics": [] } });
            check(&editor.ask("textDocument/codeAction", params), &lines);
            let options = json!({ "tabSize": 4, "insertSpaces": true });
            let params = json!({ "textDocument": editor.document("a.easel.toml"), "options": options });
            check(&editor.ask("textDocument/formatting", params), &lines);
        }
        let last = editor.diagnostics("a.easel.toml", version);
        check(&Value::from(last), &lines(&text));
        let mut before = -1;
        for message in editor.rest(Duration::ZERO) {
            if let Some(of) = message["params"]["version"].as_i64() {
                prop_assert!(before < of && of < version, "{} follows {}", of, before);
                before = of;
            }
        }
        prop_assert!(editor.goodbye().0.success());
    }
}
