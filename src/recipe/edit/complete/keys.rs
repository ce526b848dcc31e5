//! Keys that are not there yet, and tables.

use std::ops::Range;

use super::{Around, Item, ItemKind, escaped};
use crate::recipe::edit::context::{Context, Source};
use crate::recipe::edit::{describe, step, template};
use crate::recipe::facts::fact_named;
use crate::recipe::schema::{self, FileKind, KeyDoc, Kind};

/// The keys that could stand at a place.
pub(super) fn keys(
    source: Source<'_>,
    context: &Context<'_>,
    around: Around<'_>,
    range: &Range<usize>,
    (has_value, inline): (bool, bool),
) -> Vec<Item> {
    let mut items = Vec::new();
    let Some(level) = context.level() else { return items };
    let typed = &source.text[range.clone()];
    let is_used = |name: &str| name != typed && level.find(name).is_some();
    let is_at_line_start = starts_line(source.text, range.start);
    if let Some(table) = level.table {
        // A recipe that has steps has no step's keys at its top.
        let only_top = source.file == FileKind::Recipe && table.is_empty() && has_steps(source);
        for (index, key) in schema::keys_of(source.file, table).enumerate() {
            let is_header = table.is_empty() && is_plain_table(key.kind);
            let is_hidden = is_header || (only_top && key.table == schema::STEP);
            if key.name == "*" {
                items.extend(named(source, context, around, key, range, has_value));
            } else if !is_hidden && !is_used(key.name) {
                items.push(
                    pair(key, key.name, range, has_value).sort(group(source.file, key), index),
                );
            }
        }
    }
    if !inline && !has_value && is_at_line_start {
        items.extend(tables(source, range));
    }
    items
}

/// Required keys stand first.
fn group(file: FileKind, key: &KeyDoc) -> u8 {
    u8::from(!(file == FileKind::Recipe && ["intent", "prompt", "model"].contains(&key.name)))
}

/// A kind that has its own header, and is nothing but a table.
fn is_plain_table(kind: Kind) -> bool {
    matches!(kind, Kind::Table(_) | Kind::Tables(_))
}

fn starts_line(text: &str, at: usize) -> bool {
    let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
    text[line..at].chars().all(|letter| letter == ' ' || letter == '\t' || letter == '\u{feff}')
}

fn has_steps(source: Source<'_>) -> bool {
    source.scan.sections().iter().any(|section| section.path == [schema::STEP])
}

/// A key with room for its value.
fn pair(key: &KeyDoc, name: &str, range: &Range<usize>, has_value: bool) -> Item {
    let written = if name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    {
        name.to_owned()
    } else {
        format!("\"{name}\"")
    };
    let text = if has_value { written.clone() } else { format!("{written} = ") };
    let mut item = Item::new(name, ItemKind::Key, range.clone(), text);
    if !has_value {
        item.snippet = Some(format!("{} = {}", escaped(&written), room(key.kind)));
    }
    item.doc(describe::key(key, name)).detail(key.kind.words())
}

/// Where the value of a kind is typed.
fn room(kind: Kind) -> &'static str {
    match kind {
        Kind::Text
        | Kind::Template
        | Kind::Texts
        | Kind::Choice(_)
        | Kind::ChoiceOr(..)
        | Kind::Amount
        | Kind::DailyAmount => "\"$0\"",
        Kind::Strings | Kind::Words(_) => "[\"$0\"]",
        Kind::Integers => "[$0]",
        Kind::Table(_) => "{ $0 }",
        Kind::Tables(_) => "[{ $0 }]",
        Kind::Number { .. }
        | Kind::Integer { .. }
        | Kind::IntegerOr(..)
        | Kind::Boolean
        | Kind::Scalar
        | Kind::Anything => "$0",
    }
}

/// The names that a table of any names could have.
fn named(
    source: Source<'_>,
    context: &Context<'_>,
    around: Around<'_>,
    key: &KeyDoc,
    range: &Range<usize>,
    has_value: bool,
) -> Vec<Item> {
    let Some(level) = context.level() else { return Vec::new() };
    let mut items: Vec<Item> = Vec::new();
    let mut add = |name: &str, doc: String, detail: String| {
        let is_new = name == &source.text[range.clone()] || level.find(name).is_none();
        if is_new && !items.iter().any(|item| item.label == name) {
            let number = items.len();
            let item = pair(key, name, range, has_value).doc(doc).detail(detail);
            items.push(item.sort(0, number));
        }
    };
    match key.table {
        "params" => {
            for record in step::offered(context, source.text, around.models) {
                for param in &record.params {
                    add(&param.name, describe::param(param, record), format!("of {}", record.id));
                }
            }
        }
        "matrix" => {
            for name in unfilled(source) {
                let doc = format!("An axis for the placeholder `{{{name}}}`.");
                add(&name, doc, "used in a text".to_owned());
            }
        }
        "suits" => {
            for word in schema::find(FileKind::Recipe, schema::STEP, "intent")
                .map(|intent| intent.kind.choices())
                .unwrap_or_default()
            {
                let doc = schema::word_doc(FileKind::Recipe, "intent", word).unwrap_or_default();
                add(word, doc.to_owned(), "intent".to_owned());
            }
        }
        _ => {}
    }
    items
}

/// Placeholders that neither a picture nor an axis fills.
fn unfilled(source: Source<'_>) -> Vec<String> {
    let axes = step::axes(source);
    let mut found: Vec<String> = Vec::new();
    for text in source.scan.texts() {
        for brace in template::braces(source.text, &text.inner).iter().filter(|brace| brace.closed)
        {
            let name = &source.text[brace.name.clone()];
            let is_filled =
                fact_named(name).is_some() || axes.iter().any(|it| it.name.text == name);
            if !is_filled && !name.is_empty() && !found.iter().any(|it| it == name) {
                found.push(name.to_owned());
            }
        }
    }
    found
}

/// The tables that a file could have, as lines of their own.
fn tables(source: Source<'_>, range: &Range<usize>) -> Vec<Item> {
    let offered = offered(source, &[]);
    offered.iter().enumerate().map(|(index, (path, key))| table(path, key, range, index)).collect()
}

/// The tables that could stand between brackets.
pub(super) fn headers(source: Source<'_>, range: &Range<usize>, before: &[String]) -> Vec<Item> {
    let offered = offered(source, before);
    let items = offered.iter().enumerate().map(|(index, (path, key))| {
        // Only what was typed already keeps an item in a menu, and here that begins with a bracket.
        let item = table(path, key, range, index);
        Item { filter: Some(item.text.clone()), ..item }
    });
    items.collect()
}

fn table(path: &str, key: &KeyDoc, range: &Range<usize>, index: usize) -> Item {
    let header = if matches!(key.kind, Kind::Tables(_)) {
        format!("[[{path}]]")
    } else {
        format!("[{path}]")
    };
    let item = Item::new(&header, ItemKind::Table, range.clone(), header.clone());
    let item = Item { filter: Some(path.to_owned()), ..item };
    item.doc(key.doc.to_owned()).detail("table").sort(3, index)
}

/// The tables with headers that are not there yet: those at the top, and one level below.
fn offered(source: Source<'_>, before: &[String]) -> Vec<(String, &'static KeyDoc)> {
    let sections = source.scan.sections();
    let is_there = |path: &[&str]| sections.iter().any(|section| section.path == path);
    let mut found = Vec::new();
    for key in schema::keys(source.file).iter().filter(|key| key.table.is_empty()) {
        if !is_plain_table(key.kind) {
            continue;
        }
        let repeats = matches!(key.kind, Kind::Tables(_));
        if (repeats || !is_there(&[key.name])) && before.is_empty() {
            found.push((key.name.to_owned(), key));
        }
        let below = key.kind.table().unwrap_or_default();
        for inner in schema::keys_of(source.file, below) {
            let is_wanted = before.is_empty() || before == [key.name];
            let is_table = inner.kind.table().is_some() && inner.name != "*";
            if is_wanted && is_table && is_there(&[key.name]) {
                found.push((format!("{}.{}", key.name, inner.name), inner));
            }
        }
    }
    found
}
