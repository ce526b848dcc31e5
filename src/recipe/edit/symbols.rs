//! The outline of a file: its steps, the axes of its matrix, its tables.

use std::ops::Range;

use super::context::{Source, texts};
use super::scan::{Kind, Section, Statement};
use super::step;
use super::value::Entry;
use crate::recipe::schema::{self, FileKind};

/// A part of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// What an outline shows.
    pub name: String,
    /// What it shows beside it.
    pub detail: String,
    /// What kind of part it is.
    pub kind: SymbolKind,
    /// All of it.
    pub range: Range<usize>,
    /// What is selected when somebody goes there; inside of `range`.
    pub head: Range<usize>,
    /// Parts of it.
    pub children: Vec<Symbol>,
}

/// What kind of part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SymbolKind {
    /// A step of a recipe.
    Step,
    /// An axis of the matrix.
    Axis,
    /// A table.
    Table,
    /// A key.
    Key,
}

/// The parts of a file, in order.
pub fn symbols(source: Source<'_>) -> Vec<Symbol> {
    let sections = source.scan.sections();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(section) = sections.get(at) {
        // The tables of a table follow it.
        let is_below = |other: &&Section| {
            !section.path.is_empty()
                && other.path.len() > section.path.len()
                && other.path.starts_with(&section.path)
        };
        let below = sections[at + 1..].iter().take_while(is_below).count();
        let last = sections.get(at + below).map_or(section.body.end, |last| last.body.end);
        at += below + 1;
        if section.header.is_none() {
            found.extend(top(source, section));
        } else {
            found.push(table(source, section, last));
        }
    }
    found
}

fn top(source: Source<'_>, section: &Section) -> Vec<Symbol> {
    let statements = &source.scan.statements[section.body.clone()];
    let is_of_step = |entry: &Entry| {
        let name = entry.key.first().map(|word| word.text.as_str()).unwrap_or_default();
        schema::keys(FileKind::Recipe)
            .iter()
            .any(|key| key.table == schema::STEP && key.name == name)
    };
    let mut found = Vec::new();
    if source.file == FileKind::Recipe {
        let own: Vec<(&Statement, &Entry)> =
            entries(statements).filter(|(_, it)| is_of_step(it)).collect();
        if let (Some((first, _)), Some((last, _))) = (own.first(), own.last()) {
            let range = first.range.start..last.range.end;
            let detail = detail(source, own.iter().map(|(_, entry)| *entry));
            let (head, children) = (first.range.clone(), Vec::new());
            found.push(Symbol {
                name: "step".to_owned(),
                detail,
                kind: SymbolKind::Step,
                range,
                head,
                children,
            });
        }
        for (_, entry) in entries(statements) {
            if entry.key.first().is_some_and(|word| word.text == "matrix") {
                found.extend(axes(source));
                break;
            }
        }
    }
    for (statement, entry) in entries(statements) {
        let name = entry.key.first().map(|word| word.text.as_str()).unwrap_or_default();
        let is_shown = source.file != FileKind::Recipe || !(is_of_step(entry) || name == "matrix");
        if is_shown && let Some(symbol) = key(source, statement, entry) {
            found.push(symbol);
        }
    }
    found
}

fn entries(statements: &[Statement]) -> impl Iterator<Item = (&Statement, &Entry)> {
    statements.iter().filter_map(|statement| match &statement.kind {
        Kind::Entry(entry) => Some((statement, entry)),
        _ => None,
    })
}

fn key(source: Source<'_>, statement: &Statement, entry: &Entry) -> Option<Symbol> {
    let (first, last) = (entry.key.first()?, entry.key.last()?);
    let head = first.range.start..last.range.end;
    let name: Vec<&str> = entry.key.iter().map(|word| word.text.as_str()).collect();
    let name = name.join(".");
    let value = entry.value.as_ref().map(|value| source.text[value.range.clone()].trim());
    let detail = value.and_then(|value| value.lines().next()).unwrap_or_default().to_owned();
    let range = statement.range.clone();
    let name = named(name);
    Some(Symbol { name, detail, kind: SymbolKind::Key, range, head, children: Vec::new() })
}

/// Editors refuse a part without a name.
fn named(name: String) -> String {
    if name.is_empty() { "\"\"".to_owned() } else { name }
}

fn table(source: Source<'_>, section: &Section, last: usize) -> Symbol {
    let statements = &source.scan.statements;
    let head = section.header.map_or(0..0, |index| statements[index].range.clone());
    let end = last
        .checked_sub(1)
        .and_then(|index| statements.get(index))
        .map_or(head.end, |it| it.range.end);
    let range = head.start..end.max(head.end);
    let is_step = source.file == FileKind::Recipe && section.path == [schema::STEP];
    let path = named(section.path.join("."));
    let (name, kind) = if is_step {
        (format!("step {}", section.number + 1), SymbolKind::Step)
    } else if section.array {
        (format!("{path} {}", section.number + 1), SymbolKind::Table)
    } else {
        (path, SymbolKind::Table)
    };
    let own = source.scan.entries(section);
    let is_matrix = source.file == FileKind::Recipe && section.path == ["matrix"];
    let children = if is_matrix {
        axes(source)
    } else {
        let below = &statements[section.body.clone()];
        entries(below).filter_map(|(statement, entry)| key(source, statement, entry)).collect()
    };
    Symbol { name, detail: detail(source, own), kind, range, head, children }
}

fn axes(source: Source<'_>) -> Vec<Symbol> {
    let symbol = |axis: step::AxisSite| Symbol {
        name: axis.name.text.clone(),
        detail: axis.values.join(", "),
        kind: SymbolKind::Axis,
        range: axis.name.range.start..axis.range.end.max(axis.name.range.end),
        head: axis.name.range,
        children: Vec::new(),
    };
    step::axes(source).into_iter().filter(|axis| !axis.name.text.is_empty()).map(symbol).collect()
}

/// What a step does and with what, in a few words; what a table is about, where it says so.
fn detail<'a>(source: Source<'_>, entries: impl Iterator<Item = &'a Entry>) -> String {
    let mut words = Vec::new();
    let wanted = ["intent", "model", "path", "id", "format", "picture", "day"];
    for entry in entries {
        if let [name] = &entry.key[..]
            && wanted.contains(&name.text.as_str())
            && let Some(value) = &entry.value
        {
            words.extend(texts(value, source.text));
        }
    }
    words.join(" · ")
}
