//! Where a cursor is: in which table, on a key or in a value, inside which text, inside a placeholder. Read from a scan,
//! so that it works in files that are broken.

use std::ops::Range;

use super::scan::{Header, Kind as StatementKind, Scan, Section};
use super::template::Brace;
use super::value::{Entry, Text, Value, ValueKind};
use super::walk::{Walk, goes_below};
use crate::recipe::schema::{self, FileKind, KeyDoc, Kind};

/// A document as the functions of this folder see it.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Its text.
    pub text: &'a str,
    /// What kind of file it is.
    pub file: FileKind,
    /// The text taken apart.
    pub scan: &'a Scan,
}

/// Where a cursor is.
#[derive(Clone, Debug)]
pub struct Context<'a> {
    /// The cursor, in bytes of the text.
    pub cursor: usize,
    /// The tables around it, the outermost first; the last one is the one that it is in.
    pub levels: Vec<Level<'a>>,
    /// What it is on.
    pub place: Place,
}

/// A table around a cursor.
#[derive(Clone, Debug)]
pub struct Level<'a> {
    /// Its name in the schema; `None` where nobody knows it.
    pub table: Option<&'static str>,
    /// Its own name: the last word of its header, or the key that it is the value of.
    pub name: String,
    /// What stands in it.
    pub entries: Vec<&'a Entry>,
}

/// What a cursor is on.
#[derive(Clone, Debug)]
pub enum Place {
    /// A comment, or behind everything that matters.
    Nowhere,
    /// Between the brackets of a header.
    Header {
        /// The header with its brackets, as far as they are there.
        range: Range<usize>,
        /// The words before the cursor's.
        before: Vec<String>,
    },
    /// A key, or where one could begin.
    Key {
        /// The word of it, empty where there is none.
        range: Range<usize>,
        /// Its `=` is there already.
        has_value: bool,
        /// It stands inside of `{…}`.
        inline: bool,
    },
    /// A value, or where one could begin.
    Value(Site),
}

/// A value that a cursor is in.
#[derive(Clone, Debug)]
pub struct Site {
    /// Its key in the schema.
    pub key: Option<&'static KeyDoc>,
    /// Its key's name, which differs where any is allowed.
    pub name: String,
    /// The value, or the empty place where it could begin.
    pub range: Range<usize>,
    /// The text that the cursor is inside of.
    pub text: Option<Text>,
    /// The placeholder that the cursor is inside of.
    pub brace: Option<Brace>,
    /// It is an item of a list, beside these texts.
    pub beside: Option<Vec<String>>,
}

impl<'a> Context<'a> {
    /// Where a cursor is.
    pub fn at(source: Source<'a>, offset: usize) -> Context<'a> {
        let Source { text, scan, .. } = source;
        let index = scan.statements.partition_point(|statement| statement.range.start <= offset);
        let Some(index) = index.checked_sub(1) else {
            let (levels, place) = (levels(source, 0), empty_key(offset));
            return Context { cursor: offset, levels, place };
        };
        let statement = &scan.statements[index];
        let levels = levels(source, index + 1);
        let mut context = Context { cursor: offset, levels, place: Place::Nowhere };
        if statement.comment.as_ref().is_some_and(|comment| offset > comment.start) {
            return context;
        }
        let end = statement.range.end;
        let is_below = offset > end && text[end..offset].contains('\n');
        match &statement.kind {
            StatementKind::Comment if !is_below => return context,
            StatementKind::Header(header) if !is_below => {
                context.place = in_header(statement.range.clone(), header, offset);
            }
            StatementKind::Entry(entry) if !is_below || goes_on(entry) => {
                let walk = Walk { source, offset, inline: false };
                walk.entry(entry, &mut context);
            }
            StatementKind::Junk if !is_below => {}
            _ => context.place = empty_key(offset),
        }
        context
    }

    /// The table that the cursor is in.
    pub fn level(&self) -> Option<&Level<'a>> {
        self.levels.last()
    }

    /// The step around the cursor: its table, or the top of a recipe that has one step.
    pub fn step(&self) -> Option<&Level<'a>> {
        let mut inner = self.levels.iter().rev();
        inner.find(|level| matches!(level.table, Some(schema::STEP | "")))
    }
}

impl Level<'_> {
    /// The entry of a key.
    pub fn find(&self, name: &str) -> Option<&Entry> {
        self.entries
            .iter()
            .copied()
            .find(|entry| entry.key.first().is_some_and(|it| it.text == name))
    }

    /// The texts of a key's value: one, or those of a list.
    pub fn texts(&self, name: &str, source: &str) -> Vec<String> {
        let value = self.find(name).and_then(|entry| entry.value.as_ref());
        value.map(|value| texts(value, source)).unwrap_or_default()
    }
}

/// The texts of a value: one, or those of a list.
pub fn texts(value: &Value, source: &str) -> Vec<String> {
    match &value.kind {
        ValueKind::Text(text) => vec![text.plain(source)],
        ValueKind::Array { items, .. } => {
            items.iter().filter_map(Value::as_text).map(|text| text.plain(source)).collect()
        }
        ValueKind::Bare | ValueKind::Table { .. } => Vec::new(),
    }
}

fn empty_key(offset: usize) -> Place {
    Place::Key { range: offset..offset, has_value: false, inline: false }
}

/// Whether what stands below an entry still belongs to it, since its value was not closed.
fn goes_on(entry: &Entry) -> bool {
    match entry.value.as_ref().map(|value| &value.kind) {
        Some(ValueKind::Array { closed, .. }) => !closed,
        Some(ValueKind::Text(text)) => goes_below(text),
        _ => false,
    }
}

/// The tables around the statement before `index`.
fn levels(source: Source<'_>, index: usize) -> Vec<Level<'_>> {
    let sections = source.scan.sections();
    let below = |section: &&Section| section.header.is_none_or(|header| header < index);
    let current = sections.iter().rfind(below);
    let mut levels = Vec::new();
    let Some(current) = current else { return levels };
    for length in 0..=current.path.len() {
        let path = &current.path[..length];
        let table = path
            .iter()
            .try_fold("", |table, word| schema::find(source.file, table, word)?.kind.table());
        // The nearest above: of an array of tables that is the one which this one is part of.
        let own = sections.iter().filter(below).rfind(|section| section.path == path);
        let entries = own.map(|own| source.scan.entries(own).collect()).unwrap_or_default();
        levels.push(Level { table, name: path.last().cloned().unwrap_or_default(), entries });
    }
    levels
}

fn in_header(range: Range<usize>, header: &Header, offset: usize) -> Place {
    if offset < header.inner.start || offset > header.inner.end {
        return Place::Nowhere;
    }
    let before = header.path.iter().filter(|word| word.range.end < offset);
    let before = before.map(|word| word.text.clone()).collect();
    let brackets = if header.array { 2 } else { 1 };
    let end = if header.closed { header.inner.end + brackets } else { header.inner.end };
    Place::Header { range: range.start..end.min(range.end), before }
}

/// Whether texts of this kind have placeholders.
pub fn has_placeholders(kind: Kind) -> bool {
    matches!(kind, Kind::Template | Kind::Texts | Kind::Scalar)
}
