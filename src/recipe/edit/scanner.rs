//! Takes keys and values of a TOML text apart without ever failing: the lower half of `scan`. What is not closed ends with
//! its line, or where the next statement begins.

use super::value::{Entry, Text, Value, ValueKind, Word};

/// How deep values may lie inside each other; what lies deeper is taken as one word.
const DEPTH: usize = 32;

/// A place in a text that only moves on.
pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Scanner<'a> {
        // An editor's mark of the encoding is no letter of the first key.
        let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Scanner { text, at }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Where what was read ends, without spaces behind it.
    pub(super) fn end(&self) -> usize {
        self.text[..self.at].trim_end_matches([' ', '\t', '\r', '\n']).len()
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.text.len()
    }

    pub(super) fn is_at_line_end(&self) -> bool {
        let rest = self.rest();
        rest.is_empty() || rest.starts_with('\n') || rest.starts_with("\r\n")
    }

    pub(super) fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    fn skip(&mut self, letters: &[char]) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(letters).len();
    }

    pub(super) fn skip_spaces(&mut self) {
        self.skip(&[' ', '\t']);
    }

    /// Spaces and ends of lines.
    pub(super) fn skip_gap(&mut self) {
        self.skip(&[' ', '\t', '\r', '\n']);
    }

    /// To the end of the line.
    pub(super) fn skip_line(&mut self) {
        let rest = self.rest();
        self.at += rest.find('\n').unwrap_or(rest.len());
    }

    /// Spaces, ends of lines and comments, as arrays have them between their values.
    fn skip_between(&mut self) {
        loop {
            self.skip_gap();
            if self.peek() != Some('#') {
                return;
            }
            self.skip_line();
        }
    }

    /// The words of a key with their dots.
    pub(super) fn key(&mut self) -> Vec<Word> {
        let mut words = Vec::new();
        loop {
            self.skip_spaces();
            let Some(word) = self.word() else { return words };
            words.push(word);
            let behind = self.at;
            self.skip_spaces();
            if !self.take('.') {
                self.at = behind;
                return words;
            }
        }
    }

    fn word(&mut self) -> Option<Word> {
        let start = self.at;
        if let Some(quote @ ('"' | '\'')) = self.peek() {
            let text = self.short_text(quote);
            let plain = text.plain(self.text);
            return Some(Word { text: plain, range: start..self.at });
        }
        let rest = self.rest();
        let ends = |letter: char| letter.is_whitespace() || "=.#[]{},\"'".contains(letter);
        self.at += rest.find(ends).unwrap_or(rest.len());
        let range = start..self.at;
        (!range.is_empty()).then(|| Word { text: self.text[range.clone()].to_owned(), range })
    }

    /// `key = value` with what of it is there.
    pub(super) fn entry(&mut self) -> Entry {
        self.entry_at(0, |_| false)
    }

    fn entry_at(&mut self, depth: usize, ends: fn(char) -> bool) -> Entry {
        let key = self.key();
        let behind = self.at;
        self.skip_spaces();
        let at = self.at;
        if !self.take('=') {
            self.at = behind;
            return Entry { key, equals: None, value: None };
        }
        let behind = self.at;
        self.skip_spaces();
        let value = self.value(depth, ends);
        if value.is_none() {
            self.at = behind;
        }
        Entry { key, equals: Some(at), value }
    }

    fn value(&mut self, depth: usize, ends: fn(char) -> bool) -> Option<Value> {
        let start = self.at;
        if self.is_at_line_end() {
            return None;
        }
        let kind = match self.peek()? {
            '#' => return None,
            quote @ ('"' | '\'') => {
                let long: String = std::iter::repeat_n(quote, 3).collect();
                ValueKind::Text(if self.rest().starts_with(&long) {
                    self.long_text(quote, &long)
                } else {
                    self.short_text(quote)
                })
            }
            '[' if depth < DEPTH => self.array(depth + 1),
            '{' if depth < DEPTH => self.table(depth + 1),
            _ => {
                let rest = self.rest();
                let stop = |letter: char| letter == '#' || letter == '\n' || ends(letter);
                let length = rest.find(stop).unwrap_or(rest.len());
                self.at += rest[..length].trim_end().len();
                ValueKind::Bare
            }
        };
        (self.at > start).then_some(Value { range: start..self.at, kind })
    }

    fn short_text(&mut self, quote: char) -> Text {
        self.at += 1;
        let start = self.at;
        let escapes = quote == '"';
        let mut is_escaped = false;
        for (index, letter) in self.rest().char_indices() {
            let at = start + index;
            if letter == '\n' || (letter == '\r' && self.text[at..].starts_with("\r\n")) {
                break;
            }
            if letter == quote && !is_escaped {
                self.at = at + 1;
                return Text { inner: start..at, escapes, long: false, closed: true };
            }
            is_escaped = escapes && letter == '\\' && !is_escaped;
        }
        self.skip_line();
        self.at = self.text[..self.at].trim_end_matches('\r').len().max(start);
        Text { inner: start..self.at, escapes, long: false, closed: false }
    }

    fn long_text(&mut self, quote: char, long: &str) -> Text {
        self.at += long.len();
        let start = self.at;
        let escapes = quote == '"';
        let mut from = start;
        while let Some(found) = self.text[from..].find(long) {
            let at = from + found;
            let slashes =
                self.text[start..at].bytes().rev().take_while(|byte| *byte == b'\\').count();
            if escapes && slashes % 2 == 1 {
                from = at + 1;
                continue;
            }
            // One or two quotes may stand before the last three.
            let more = self.text[at + long.len()..].chars().take(2);
            let more = more.take_while(|letter| *letter == quote).count();
            self.at = at + more + long.len();
            return Text { inner: start..at + more, escapes, long: true, closed: true };
        }
        let mut end = self.text.len();
        let mut line = self.text[start..].find('\n').map(|index| start + index + 1);
        while let Some(begin) = line {
            if looks_like_a_statement(&self.text[begin..]) {
                end = begin;
                break;
            }
            line = self.text[begin..].find('\n').map(|index| begin + index + 1);
        }
        self.at = self.text[..end].trim_end_matches([' ', '\t', '\r', '\n']).len().max(start);
        Text { inner: start..self.at, escapes, long: true, closed: false }
    }

    fn array(&mut self, depth: usize) -> ValueKind {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            let behind = self.at;
            self.skip_between();
            let is_new_line = self.text[behind..self.at].contains('\n');
            if self.is_at_end() || (is_new_line && looks_like_a_statement(self.rest())) {
                self.at = behind;
                return ValueKind::Array { items, closed: false };
            }
            if self.take(']') {
                return ValueKind::Array { items, closed: true };
            }
            if self.take(',') {
                continue;
            }
            let Some(value) = self.value(depth, |letter| ",]".contains(letter)) else {
                self.at = behind;
                return ValueKind::Array { items, closed: false };
            };
            items.push(value);
        }
    }

    fn table(&mut self, depth: usize) -> ValueKind {
        self.at += 1;
        let mut entries = Vec::new();
        // A line may end behind a brace or a comma alone; elsewhere the table was not closed.
        let mut may_end_line = true;
        loop {
            let behind = self.at;
            self.skip_between();
            let is_new_line = self.text[behind..self.at].contains('\n');
            if self.take('}') {
                return ValueKind::Table { entries, closed: true };
            }
            let breaks_off = is_new_line && (!may_end_line || self.peek() == Some('['));
            if self.is_at_end() || breaks_off {
                self.at = behind;
                return ValueKind::Table { entries, closed: false };
            }
            if self.take(',') {
                may_end_line = true;
                continue;
            }
            may_end_line = false;
            let before = self.at;
            let entry = self.entry_at(depth, |letter| ",}".contains(letter));
            if self.at == before {
                self.at = behind;
                return ValueKind::Table { entries, closed: false };
            }
            entries.push(entry);
        }
    }
}

/// Whether a line begins as a statement does: `[name`, `[[name`, or `key =`.
fn looks_like_a_statement(rest: &str) -> bool {
    let rest = rest.trim_start_matches([' ', '\t']);
    let line = rest.lines().next().unwrap_or_default();
    if let Some(inner) = line.strip_prefix('[') {
        let inner = inner.strip_prefix('[').unwrap_or(inner).trim_start();
        let word: String = inner
            .chars()
            .take_while(|letter| letter.is_alphanumeric() || "_-".contains(*letter))
            .collect();
        let is_value = ["true", "false", "inf", "nan"].contains(&word.as_str());
        return word.starts_with(char::is_alphabetic) && !is_value;
    }
    let word =
        line.trim_start_matches(|letter: char| letter.is_alphanumeric() || "_-.".contains(letter));
    word.len() < line.len() && word.trim_start().starts_with('=')
}
