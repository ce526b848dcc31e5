//! Where a cursor is: in which table, on a key or in a value, inside which text, inside a placeholder. Read from a scan,
//! so that it works in files that are broken.

use std::ops::Range;

use super::scan::{Header, Kind as StatementKind, Scan, Section};
use super::template::{self, Brace};
use super::value::{Entry, Text, Value, ValueKind, Word};
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

/// A text that may span lines and was not closed: what stands below it is still in it.
fn goes_below(text: &Text) -> bool {
    text.long && !text.closed
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

/// The way from an entry down to the cursor.
struct Walk<'a> {
    source: Source<'a>,
    offset: usize,
    inline: bool,
}

impl<'a> Walk<'a> {
    fn entry(&self, entry: &'a Entry, context: &mut Context<'a>) {
        let key_end = entry.key.last().map_or(0, |word| word.range.end);
        let is_key = match entry.equals {
            Some(equals) => self.offset <= equals && (self.offset <= key_end || key_end == 0),
            None => self.offset <= key_end,
        };
        let (last, leading) = match entry.key.split_last() {
            Some((last, leading)) => (Some(last), leading),
            None => (None, &[][..]),
        };
        if is_key {
            let (word, before) = self.word_of(&entry.key);
            descend(self.source.file, before, context);
            let range = word.map_or(self.offset..self.offset, |word| word.range.clone());
            let has_value = entry.equals.is_some();
            context.place = Place::Key { range, has_value, inline: self.inline };
            return;
        }
        if entry.equals.is_none_or(|equals| self.offset <= equals) {
            return;
        }
        descend(self.source.file, leading, context);
        let name = last.map(|word| word.text.clone()).unwrap_or_default();
        let table = context.level().and_then(|level| level.table);
        let key = table.and_then(|table| schema::find(self.source.file, table, &name));
        self.value(key, &name, entry.value.as_ref(), None, context);
    }

    /// The word of a key that the cursor is on, and those before it.
    fn word_of<'k>(&self, key: &'k [Word]) -> (Option<&'k Word>, &'k [Word]) {
        let touches =
            |word: &Word| word.range.start <= self.offset && self.offset <= word.range.end;
        match key.iter().position(touches) {
            Some(index) => (Some(&key[index]), &key[..index]),
            None => (None, &key[..key.iter().filter(|word| word.range.end < self.offset).count()]),
        }
    }

    fn value(
        &self,
        key: Option<&'static KeyDoc>,
        name: &str,
        value: Option<&'a Value>,
        beside: Option<Vec<String>>,
        context: &mut Context<'a>,
    ) {
        let site = |range, text: Option<&Text>, brace| {
            let (name, text) = (name.to_owned(), text.cloned());
            Place::Value(Site { key, name, range, text, brace, beside: beside.clone() })
        };
        let here = self.offset..self.offset;
        let Some(value) = value else {
            context.place = site(here, None, None);
            return;
        };
        match &value.kind {
            _ if self.offset < value.range.start => context.place = site(here, None, None),
            ValueKind::Text(text) => {
                if self.offset >= text.inner.start && self.offset <= text.inner.end
                    || (goes_below(text) && self.offset > text.inner.end)
                {
                    let brace = template::brace_at(self.source.text, &text.inner, self.offset);
                    context.place = site(value.range.clone(), Some(text), brace);
                } else if self.offset == value.range.start {
                    context.place = site(here, None, None);
                }
            }
            ValueKind::Bare => {
                if self.offset <= value.range.end {
                    context.place = site(value.range.clone(), None, None);
                }
            }
            ValueKind::Array { items, closed } => {
                self.array(key, name, value, (items, *closed), context);
            }
            ValueKind::Table { entries, closed } => {
                self.table(key, name, value, (entries, *closed), context);
            }
        }
    }

    fn array(
        &self,
        key: Option<&'static KeyDoc>,
        name: &str,
        value: &'a Value,
        (items, closed): (&'a [Value], bool),
        context: &mut Context<'a>,
    ) {
        if self.offset <= value.range.start || (closed && self.offset >= value.range.end) {
            return;
        }
        let touches = |item: &&Value| {
            let is_open = matches!(&item.kind, ValueKind::Text(text) if goes_below(text));
            item.range.start <= self.offset && (self.offset <= item.range.end || is_open)
        };
        let current = items.iter().find(touches);
        let beside = items.iter().filter(|item| current.is_none_or(|it| it.range != item.range));
        let beside = beside.filter_map(Value::as_text).map(|text| text.plain(self.source.text));
        self.value(key, name, current, Some(beside.collect()), context);
    }

    fn table(
        &self,
        key: Option<&'static KeyDoc>,
        name: &str,
        value: &'a Value,
        (entries, closed): (&'a [Entry], bool),
        context: &mut Context<'a>,
    ) {
        if self.offset <= value.range.start || (closed && self.offset >= value.range.end) {
            return;
        }
        let table = key.and_then(|key| key.kind.table());
        context.levels.push(Level {
            table,
            name: name.to_owned(),
            entries: entries.iter().collect(),
        });
        let walk = Walk { inline: true, ..*self };
        let start = |entry: &Entry| {
            entry.key.first().map(|word| word.range.start).or(entry.equals).unwrap_or_default()
        };
        let before = entries.iter().rfind(|entry| start(entry) <= self.offset);
        let end = before.map(|entry| {
            let value = entry.value.as_ref().map(|value| value.range.end);
            value.or(entry.equals.map(|at| at + 1)).unwrap_or(start(entry))
        });
        // Behind a comma or on a new line the next one begins.
        let is_over = |end: usize| {
            end < self.offset && self.source.text[end..self.offset].contains([',', '\n'])
        };
        match (before, end) {
            (Some(entry), Some(end)) if !is_over(end) => walk.entry(entry, context),
            _ => {
                let range = self.offset..self.offset;
                context.place = Place::Key { range, has_value: false, inline: true };
            }
        }
    }
}

/// Down into the tables that the first words of a dotted key name.
fn descend(file: FileKind, words: &[Word], context: &mut Context<'_>) {
    for word in words {
        let table = context.level().and_then(|level| level.table);
        let key = table.and_then(|table| schema::find(file, table, &word.text));
        let table = key.and_then(|key| key.kind.table());
        context.levels.push(Level { table, name: word.text.clone(), entries: Vec::new() });
    }
}

/// Whether texts of this kind have placeholders.
pub fn has_placeholders(kind: Kind) -> bool {
    matches!(kind, Kind::Template | Kind::Texts | Kind::Scalar)
}
