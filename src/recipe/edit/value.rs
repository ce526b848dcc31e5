//! Keys and values of a TOML text as `scan` finds them, with their places.

use std::ops::Range;

/// One part of a key.
#[derive(Clone, Debug)]
pub struct Word {
    /// Without its quotes.
    pub text: String,
    /// Where, with its quotes.
    pub range: Range<usize>,
}

/// `key = value`, or the beginning of one.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The parts between dots.
    pub key: Vec<Word>,
    /// Where its `=` stands.
    pub equals: Option<usize>,
    /// What stands behind.
    pub value: Option<Value>,
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct Value {
    /// From its first letter to its last.
    pub range: Range<usize>,
    /// What it is.
    pub kind: ValueKind,
}

/// What a value is.
#[derive(Clone, Debug)]
pub enum ValueKind {
    /// A text in quotes.
    Text(Text),
    /// A number, a word, a date.
    Bare,
    /// `[…]`.
    Array {
        /// What is in it.
        items: Vec<Value>,
        /// It has its `]`.
        closed: bool,
    },
    /// `{…}`.
    Table {
        /// What is in it.
        entries: Vec<Entry>,
        /// It has its `}`.
        closed: bool,
    },
}

/// A text in quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// What stands between the quotes, as it is written.
    pub inner: Range<usize>,
    /// Its backslashes mean something.
    pub escapes: bool,
    /// It has three quotes and may span lines.
    pub long: bool,
    /// It has its last quote.
    pub closed: bool,
}

impl Value {
    /// The text, where it is one.
    pub fn as_text(&self) -> Option<&Text> {
        match &self.kind {
            ValueKind::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl Text {
    /// What it says: the letters between its quotes with the usual escapes read. For words that are compared, which
    /// have none; it makes no promise about odd ones.
    pub fn plain(&self, source: &str) -> String {
        let inner = &source[self.inner.clone()];
        if self.escapes && inner.contains('\\') {
            inner.replace("\\\"", "\"").replace("\\\\", "\\")
        } else {
            inner.to_owned()
        }
    }
}
