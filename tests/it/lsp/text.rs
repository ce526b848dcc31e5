//! Answers as texts: for people to read, and made into what an editor would show.

use serde_json::Value;

/// JSON for people: what fits into a line stands on one.
pub(super) fn brief(value: &Value, depth: usize) -> String {
    let line = value.to_string();
    let (open, parts, close): (_, Vec<String>, _) = match value {
        _ if line.len() + 2 * depth <= 110 => return line,
        Value::Object(map) => {
            let part =
                |(key, value): (&String, &Value)| format!("\"{key}\": {}", brief(value, depth + 1));
            ('{', map.iter().map(part).collect(), '}')
        }
        Value::Array(values) => {
            ('[', values.iter().map(|value| brief(value, depth + 1)).collect(), ']')
        }
        _ => return line,
    };
    let (inner, outer) = ("  ".repeat(depth + 1), "  ".repeat(depth));
    format!("{open}\n{inner}{}\n{outer}{close}", parts.join(&format!(",\n{inner}")))
}

/// A text with the edits of an answer made, with positions counted in UTF-16.
pub(super) fn edited(text: &str, edits: &Value) -> String {
    let offset = |position: &Value| {
        let line = position["line"].as_u64().unwrap() as usize;
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        let mut left = position["character"].as_u64().unwrap() as usize;
        let mut at = start;
        for letter in text[start..].chars() {
            if left == 0 {
                break;
            }
            left -= letter.len_utf16();
            at += letter.len_utf8();
        }
        at
    };
    let mut edits: Vec<(usize, usize, &str)> = edits
        .as_array()
        .unwrap()
        .iter()
        .map(|edit| {
            let (start, end) = (offset(&edit["range"]["start"]), offset(&edit["range"]["end"]));
            (start, end, edit["newText"].as_str().unwrap())
        })
        .collect();
    edits.sort_unstable();
    let mut text = text.to_owned();
    for (start, end, new) in edits.into_iter().rev() {
        text.replace_range(start..end, new);
    }
    text
}
