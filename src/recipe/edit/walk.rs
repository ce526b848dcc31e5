//! The way from an entry down to a cursor in it: through dotted keys, lists and tables in braces.

use super::context::{Context, Level, Place, Site, Source};
use super::template;
use super::value::{Entry, Text, Value, ValueKind, Word};
use crate::recipe::schema::{self, FileKind, KeyDoc};

/// The way from an entry down to the cursor.
pub(super) struct Walk<'a> {
    pub(super) source: Source<'a>,
    pub(super) offset: usize,
    pub(super) inline: bool,
}

impl<'a> Walk<'a> {
    pub(super) fn entry(&self, entry: &'a Entry, context: &mut Context<'a>) {
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

/// A text that may span lines and was not closed: what stands below it is still in it.
pub(super) fn goes_below(text: &Text) -> bool {
    text.long && !text.closed
}
