//! What was opened and not closed, closed for the reader's sake: a parser takes everything behind a `[` without its `]`
//! as part of the list, and would say nothing right about the rest of the file while somebody is typing.

use std::ops::Range;

use super::context::Source;
use super::scan::Kind;
use super::value::{Value, ValueKind};
use crate::recipe::{Diagnostic, Fix, Severity};

/// A text in which everything is closed, and what it took.
#[derive(Clone, Debug)]
pub struct Mended {
    /// The text for the reader.
    pub text: String,
    /// What was put in, and where in the text as it is, in order.
    put: Vec<(usize, String)>,
    /// What there is to say of it.
    found: Vec<Diagnostic>,
}

/// Closes what is open; `None` where nothing is.
pub fn mend(source: Source<'_>) -> Option<Mended> {
    let mut mended = Mended { text: source.text.to_owned(), put: Vec::new(), found: Vec::new() };
    for statement in &source.scan.statements {
        let Kind::Entry(entry) = &statement.kind else { continue };
        let Some(value) = entry.value.as_ref().filter(|value| spans_lines(value)) else { continue };
        let mut ends = String::new();
        closers(value, &mut ends);
        mended.found.push(diagnostic(source.text, value, &ends));
        mended.put.push((value.range.end, ends));
    }
    for (at, ends) in mended.put.iter().rev() {
        mended.text.insert_str(*at, ends);
    }
    (!mended.put.is_empty()).then_some(mended)
}

impl Mended {
    /// What was found in the mended text, in places of the text as it is, with what was open among it.
    pub fn settle(&self, found: Vec<Diagnostic>) -> Vec<Diagnostic> {
        let mut all = self.found.clone();
        all.extend(found.into_iter().map(|mut diagnostic| {
            diagnostic.range = self.back(&diagnostic.range);
            for fix in &mut diagnostic.fixes {
                fix.edits.iter_mut().for_each(|(range, _)| *range = self.back(range));
            }
            diagnostic
        }));
        all.sort_by_key(|diagnostic| diagnostic.range.start);
        all
    }

    fn back(&self, range: &Range<usize>) -> Range<usize> {
        self.place(range.start)..self.place(range.end)
    }

    fn place(&self, mended: usize) -> usize {
        let mut more = 0;
        for (at, ends) in &self.put {
            let start = at + more;
            if mended <= start {
                break;
            }
            if mended < start + ends.len() {
                return *at;
            }
            more += ends.len();
        }
        mended - more
    }
}

/// Whether a value is open and could go on below its line.
fn spans_lines(value: &Value) -> bool {
    match &value.kind {
        ValueKind::Text(text) => text.long && !text.closed,
        ValueKind::Array { closed, .. } | ValueKind::Table { closed, .. } => !closed,
        ValueKind::Bare => false,
    }
}

/// What has to follow a value for it to be closed.
fn closers(value: &Value, ends: &mut String) {
    let last = match &value.kind {
        ValueKind::Array { items, .. } => items.last(),
        ValueKind::Table { entries, .. } => entries.last().and_then(|entry| entry.value.as_ref()),
        ValueKind::Bare | ValueKind::Text(_) => None,
    };
    // Only what ends where this one ends can still be open.
    if let Some(last) = last.filter(|last| last.range.end == value.range.end) {
        closers(last, ends);
    }
    match &value.kind {
        ValueKind::Text(it) if !it.closed => {
            let quote = if it.escapes { "\"" } else { "'" };
            ends.push_str(&quote.repeat(if it.long { 3 } else { 1 }));
        }
        ValueKind::Array { closed: false, .. } => ends.push(']'),
        ValueKind::Table { closed: false, .. } => ends.push('}'),
        _ => {}
    }
}

fn diagnostic(text: &str, value: &Value, ends: &str) -> Diagnostic {
    let what = match &value.kind {
        ValueKind::Array { .. } => "a list",
        ValueKind::Table { .. } => "a table",
        ValueKind::Text(_) | ValueKind::Bare => "a text",
    };
    let line = text[value.range.clone()].lines().next().map_or(0, str::len);
    Diagnostic {
        severity: Severity::Error,
        code: "syntax",
        message: format!("{what} without its closing `{ends}`"),
        hint: Some("write it behind its last value".to_owned()),
        range: value.range.start..value.range.start + line,
        fixes: vec![Fix {
            title: format!("add `{ends}`"),
            edits: vec![(value.range.end..value.range.end, ends.to_owned())],
        }],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::edit::scan::Scan;
    use crate::recipe::schema::FileKind;

    fn mended(text: &str) -> Option<Mended> {
        let scan = Scan::new(text);
        mend(Source { text, file: FileKind::Recipe, scan: &scan })
    }

    #[test]
    fn what_is_open_is_closed() {
        for (text, expected) in [
            ("a = [\"b\",\nc = 1\n", "a = [\"b\",]\nc = 1\n"),
            ("a = [{ b = 'c\n[d]\n", "a = [{ b = 'c'}]\n[d]\n"),
            ("a = \"\"\"b\nc = 1", "a = \"\"\"b\"\"\"\nc = 1"),
            ("a = { b = 1, \nc = { d = [", "a = { b = 1, \nc = { d = []}}"),
        ] {
            assert_eq!(mended(text).unwrap().text, expected);
        }
        assert!(mended("a = \"b\nc = [1]").is_none());
    }

    #[test]
    fn the_rest_is_still_read() {
        let text =
            "intent = \"edit\"\nprompt = \"x\"\nkeep = [\"subject\",\n\n[output]\nquality = 900\n";
        let mended = mended(text).unwrap();
        let found = mended.settle(crate::recipe::read(&mended.text).diagnostics);
        let shown: Vec<(&str, &str)> =
            found.iter().map(|it| (it.code, &text[it.range.clone()])).collect();
        assert_eq!(shown.len(), 2, "{found:?}");
        assert_eq!(shown[0], ("syntax", "[\"subject\","));
        assert_eq!(shown[1].1, "900");
        let fixed = crate::recipe::edit::apply(text, &found[0].fixes[0].edits);
        assert!(fixed.contains("keep = [\"subject\",]\n"), "{fixed}");
    }
}
