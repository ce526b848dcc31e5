//! Models as data: a TOML catalogue becomes capability records, and a person's own catalogue changes
//! them or adds to them. Backends read the one that is built into them with the same code with which
//! the host lays a person's own over it. No I/O: texts in, records out.

use serde_json::{Map, Value};

use crate::model::ModelRecord;

/// Why a catalogue cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogueError {
    /// The line, from 1, where it is known.
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
}

impl std::fmt::Display for CatalogueError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(formatter, "line {line}: {}", self.message),
            None => formatter.write_str(&self.message),
        }
    }
}

impl std::error::Error for CatalogueError {}

/// The records of a catalogue that stands alone.
pub fn parse(text: &str) -> Result<Vec<ModelRecord>, CatalogueError> {
    overlay(Vec::new(), text)
}

/// `records` with what `text` says of them: an entry with a known `id` changes the fields that it
/// names, one with `like = "ID"` is a further model that differs in them, one with `remove = true`
/// takes the model away, and any other is a whole record. A `base_url` at the top is for all.
pub fn overlay(
    mut records: Vec<ModelRecord>,
    text: &str,
) -> Result<Vec<ModelRecord>, CatalogueError> {
    let mut table: Map<String, Value> = toml::from_str(text).map_err(|error| CatalogueError {
        line: error.span().map(|span| line_at(text, span.start)),
        message: error.message().to_owned(),
    })?;
    let base_url = match table.remove("base_url") {
        None => None,
        Some(Value::String(url)) => Some(url),
        Some(_) => return Err(wrong(None, "`base_url` must be a text".to_owned())),
    };
    let entries = match table.remove("models") {
        None => Vec::new(),
        Some(Value::Array(entries)) => entries,
        Some(_) => return Err(wrong(None, "write each model as `[[models]]`".to_owned())),
    };
    // These two are for the host.
    table.remove("allow");
    table.remove("limit");
    if let Some(unknown) = table.keys().next() {
        let message = format!(
            "`{unknown}` is not known; there are `base_url`, `allow`, `limit` and `[[models]]`"
        );
        return Err(wrong(None, message));
    }
    for entry in entries {
        apply(&mut records, entry, text)?;
    }
    if let Some(url) = base_url {
        for record in &mut records {
            record.wire.insert("base_url".to_owned(), Value::String(url.clone()));
        }
    }
    Ok(records)
}

/// The line, from 1, on which a catalogue names a model.
pub fn line_of(text: &str, id: &str) -> Option<usize> {
    let names = |line: &str| {
        let quoted = line.split_once('=').filter(|(name, _)| name.trim() == "id");
        quoted.is_some_and(|(_, value)| value.trim().split('"').nth(1) == Some(id))
    };
    text.lines().position(names).map(|index| index + 1)
}

fn apply(records: &mut Vec<ModelRecord>, entry: Value, text: &str) -> Result<(), CatalogueError> {
    let Value::Object(mut entry) = entry else {
        return Err(wrong(None, "write each model as `[[models]]`".to_owned()));
    };
    let Some(id) = entry.get("id").and_then(Value::as_str).map(str::to_owned) else {
        return Err(wrong(None, "a model has no `id`".to_owned()));
    };
    let line = line_of(text, &id);
    let known = records.iter().position(|record| record.id == id);
    if entry.remove("remove") == Some(Value::Bool(true)) {
        let Some(known) = known else {
            return Err(wrong(line, format!("there is no model `{id}` to remove")));
        };
        records.remove(known);
        return Ok(());
    }
    let base = match entry.remove("like") {
        None => known.map(|index| &records[index]),
        Some(like) => {
            let like = like.as_str().unwrap_or_default();
            let found = records.iter().find(|record| record.id == like);
            let message = || format!("`{id}` is to be like `{like}`, which there is not");
            Some(found.ok_or_else(|| wrong(line, message()))?)
        }
    };
    let mut whole = match base.map(serde_json::to_value) {
        Some(Ok(base)) => base,
        Some(Err(error)) => return Err(wrong(line, error.to_string())),
        None => Value::Object(Map::new()),
    };
    merge(&mut whole, Value::Object(entry));
    let record: ModelRecord = serde_json::from_value(whole)
        .map_err(|error| wrong(line, format!("model `{id}`: {error}")))?;
    match known {
        Some(index) => records[index] = record,
        None => records.push(record),
    }
    Ok(())
}

/// Tables are merged, everything else is replaced.
fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

fn wrong(line: Option<usize>, message: String) -> CatalogueError {
    CatalogueError { line, message }
}

fn line_at(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = r#"
base_url = "https://api.example.org"

[[models]]
id = "banana"
label = "Banana"
strengths = "yellow"
limitation = "bends"
intents = ["edit"]
price = { per_picture = 0.04, currency = "USD", as_of = "2026-11-01" }
wire = { id = "banana-1", sizes = ["1K"] }
"#;

    #[test]
    fn an_entry_changes_adds_or_removes() {
        let shipped = parse(SHIPPED).unwrap();
        assert_eq!(shipped[0].wire["base_url"], "https://api.example.org");
        let own = r#"
[[models]]
id = "banana"
price = { per_picture = 0.05 }
[[models]]
id = "banana-3"
like = "banana"
label = "Banana 3"
wire = { id = "banana-3-preview" }
"#;
        let both = overlay(shipped.clone(), own).unwrap();
        let price = both[0].price.as_ref().unwrap();
        assert_eq!((price.per_picture, price.currency.as_str()), (0.05, "USD"));
        assert_eq!(both[1].wire["id"], "banana-3-preview");
        assert_eq!(both[1].wire["sizes"], serde_json::json!(["1K"]));
        assert_eq!(both[1].strengths, "yellow");
        let none = overlay(both, "[[models]]\nid = \"banana\"\nremove = true\n").unwrap();
        assert_eq!(none.len(), 1);
        let moved = overlay(shipped, "base_url = \"http://127.0.0.1:9\"").unwrap();
        assert_eq!(moved[0].wire["base_url"], "http://127.0.0.1:9");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let shipped = parse(SHIPPED).unwrap();
        for (text, line, part) in [
            ("\n[[models]]\nid = 5", None, "no `id`"),
            ("[[models]]\nid = \"x\"", Some(2), "label"),
            ("[[models]]\nid = \"x\"\nlike = \"y\"", Some(2), "`y`"),
            ("[[models]]\nid = \"banana\"\nstrenghts = \"x\"", Some(2), "strenghts"),
            ("[[models]]\nid = \"x\"\nremove = true", Some(2), "remove"),
            ("a = 1\nb =", Some(2), ""),
            ("modells = []", None, "modells"),
        ] {
            let error = overlay(shipped.clone(), text).unwrap_err();
            assert_eq!(error.line, line, "{text}: {error}");
            assert!(error.message.contains(part), "{text}: {error}");
        }
        assert_eq!(line_of(SHIPPED, "banana"), Some(5));
    }
}
