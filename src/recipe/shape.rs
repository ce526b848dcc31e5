//! What every kind of file has in common: known keys with values of the right kind, after the table of keys.
//! It says what is wrong and with what to mend it; what the values mean is the readers' business.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::nearest::nearest;
use super::schema::{self, FileKind, KeyDoc, Kind};
use super::spans::{inside, join, within};
use super::value::{self, Offence};
use super::{Diagnostic, Fix, Severity};

/// Looks at a text's keys and values, one after the other.
pub(super) struct Shape<'a> {
    text: &'a str,
    file: FileKind,
    /// The key whose value is looked at.
    key: String,
    found: Vec<Diagnostic>,
}

/// Whatever is wrong with the keys and the values' kinds of a file.
pub(super) fn check(text: &str, file: FileKind, table: &DeTable<'_>) -> Vec<Diagnostic> {
    let mut shape = Shape { text, file, key: String::new(), found: Vec::new() };
    shape.table("", "", table);
    shape.found
}

impl Shape<'_> {
    fn table(&mut self, name: &str, path: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            let place = within(self.text, key.span());
            match schema::find(self.file, name, key.get_ref()) {
                None => self.unknown_key(name, key.get_ref(), place),
                Some(doc) => {
                    let path = join(path, key.get_ref());
                    self.key = key.get_ref().to_string();
                    self.value(doc, &path, value.get_ref(), within(self.text, value.span()));
                }
            }
        }
    }

    fn value(&mut self, doc: &KeyDoc, path: &str, value: &DeValue<'_>, place: Range<usize>) {
        match (doc.kind, value) {
            (
                Kind::Table(below) | Kind::ChoiceOr(_, below) | Kind::IntegerOr(_, below),
                DeValue::Table(table),
            ) => {
                self.table(below, path, table);
            }
            (Kind::Tables(below), DeValue::Array(tables)) => {
                for (index, value) in tables.iter().enumerate() {
                    let path = format!("{path}.{index}");
                    let place = within(self.text, value.span());
                    match value.get_ref() {
                        DeValue::Table(table) => self.table(below, &path, table),
                        _ => self.wrong_type(doc, "a table in each place", &place),
                    }
                }
            }
            (Kind::Tables(_), DeValue::Table(_)) if self.text[place.clone()].starts_with('[') => {
                let head = &self.text[place.clone()];
                let head = format!("[{head}]");
                self.wrong_type(doc, "several tables", &place);
                self.mend(Fix::replace(place, &head));
            }
            (Kind::Texts, DeValue::Array(values)) if values.is_empty() => {
                self.offence(doc, &place, Offence::new("empty", "an empty list says nothing"));
            }
            (Kind::Texts | Kind::Strings | Kind::Words(_), DeValue::Array(values)) => {
                let kind = match doc.kind {
                    Kind::Texts => Kind::Template,
                    Kind::Words(words) => Kind::Choice(words),
                    _ => Kind::Text,
                };
                for value in values {
                    let place = within(self.text, value.span());
                    self.single(doc, kind, value.get_ref(), place);
                }
            }
            (Kind::Words(words), value @ DeValue::String(_)) => {
                // A single word is nearly right, and what is meant is plain.
                let before = self.found.len();
                self.single(doc, Kind::Choice(words), value, place.clone());
                if before == self.found.len() {
                    self.wrong_type(doc, &doc.kind.words(), &place);
                    let text = format!("[{}]", &self.text[place.clone()]);
                    self.mend(Fix::replace(place, &text));
                }
            }
            (Kind::Texts, value) => self.single(doc, Kind::Template, value, place),
            (Kind::ChoiceOr(words, _), value) => {
                self.single(doc, Kind::Choice(words), value, place);
            }
            (Kind::IntegerOr(max, _), value) => {
                self.single(doc, Kind::Integer { min: 0, max }, value, place);
            }
            (kind, value) => self.single(doc, kind, value, place),
        }
    }

    /// A value that is no table and no list.
    fn single(&mut self, doc: &KeyDoc, kind: Kind, value: &DeValue<'_>, place: Range<usize>) {
        match value::fault(kind, value) {
            Ok(()) => {}
            Err(None) => {
                self.wrong_type(doc, &kind.words(), &place);
                if let Some(text) = value::as_kind(kind, value) {
                    self.mend(Fix::replace(place, &text));
                }
            }
            Err(Some(offence)) => self.offence(doc, &place, offence),
        }
    }

    fn offence(&mut self, doc: &KeyDoc, place: &Range<usize>, offence: Offence) {
        let Offence { code, message, hint, inner, words } = offence;
        let range = match inner {
            Some(inner) => inside(self.text, place.clone(), inner),
            None => place.clone(),
        };
        let fixes: Vec<Fix> = words.iter().map(|text| Fix::replace(place.clone(), text)).collect();
        let hint = hint.unwrap_or_else(|| format!("such as `{} = {}`", self.key, doc.example));
        let message = match message.strip_prefix("it ") {
            Some(rest) => format!("`{}` {rest}", self.key),
            None => format!("`{}`: {message}", self.key),
        };
        self.found.push(Diagnostic {
            severity: Severity::Error,
            code,
            message,
            hint: Some(hint),
            range,
            fixes,
        });
    }

    fn wrong_type(&mut self, doc: &KeyDoc, wanted: &str, place: &Range<usize>) {
        self.found.push(Diagnostic {
            severity: Severity::Error,
            code: "wrong-type",
            message: format!("`{}` takes {wanted}", self.key),
            hint: Some(format!("such as `{} = {}`", self.key, doc.example)),
            range: place.clone(),
            fixes: Vec::new(),
        });
    }

    fn mend(&mut self, fix: Fix) {
        if let Some(last) = self.found.last_mut() {
            last.fixes.push(fix);
        }
    }

    fn unknown_key(&mut self, table: &str, key: &str, place: Range<usize>) {
        let here: Vec<&'static str> =
            schema::keys_of(self.file, table).map(|key| key.name).collect();
        let mut meant: Vec<&'static str> = Vec::new();
        meant.extend(schema::old_name(self.file, key).filter(|name| here.contains(name)));
        let plain = key.to_ascii_lowercase();
        let singular = plain.strip_suffix('s').unwrap_or(&plain);
        let number =
            here.iter().find(|known| **known == singular || **known == format!("{plain}s"));
        meant.extend(number);
        meant.extend(nearest(key, here.iter().copied()));
        let mut seen = Vec::new();
        meant.retain(|name| {
            !seen.contains(name) && {
                seen.push(name);
                true
            }
        });
        let elsewhere = schema::keys(self.file)
            .iter()
            .find(|doc| doc.name == key && doc.table != table)
            .map(|doc| doc.table);
        let hint = match (meant.first(), elsewhere) {
            (Some(name), _) => format!("did you mean `{name}`?"),
            (None, Some(table)) if !table.is_empty() => format!("it belongs into `[{table}]`"),
            (None, Some(_)) => "it belongs to the top, before any table".to_owned(),
            (None, None) => {
                let names: Vec<String> = here.iter().map(|name| format!("`{name}`")).collect();
                format!("there are {}", names.join(", "))
            }
        };
        let wherein = if table.is_empty() { String::new() } else { format!(" in `{table}`") };
        self.found.push(Diagnostic {
            severity: Severity::Error,
            code: "unknown-key",
            message: format!("there is no key `{key}`{wherein}"),
            hint: Some(hint),
            fixes: meant.iter().map(|name| Fix::replace(place.clone(), name)).collect(),
            range: place,
        });
    }
}

impl Fix {
    /// Replaces what stands at a place.
    pub fn replace(place: Range<usize>, text: &str) -> Fix {
        Fix { title: format!("replace with `{text}`"), edits: vec![(place, text.to_owned())] }
    }
}
