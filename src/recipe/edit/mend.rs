//! What was opened and not closed, closed for the reader's sake, and what is no statement yet passed over: a parser takes
//! everything behind a `[` without its `]` as part of the list, loses the table behind a key without a value, and would
//! say nothing right about the rest of the file while somebody is typing.

use std::ops::Range;

use super::context::Source;
use super::scan::{Header, Kind, Statement};
use super::value::{Entry, Value, ValueKind};
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

/// Closes what is open and passes over what is no statement yet; `None` where there is nothing of that kind.
pub fn mend(source: Source<'_>) -> Option<Mended> {
    let mut mended = Mended { text: source.text.to_owned(), put: Vec::new(), found: Vec::new() };
    for statement in &source.scan.statements {
        let found = match &statement.kind {
            Kind::Comment => None,
            Kind::Header(header) => in_header(source.text, statement, header),
            Kind::Entry(entry) => in_entry(source.text, statement, entry),
            Kind::Junk => Some(passed_over(statement, "neither a key nor a table")),
        };
        if let Some((at, put, diagnostic)) = found {
            mended.put.push((at, put));
            mended.found.push(diagnostic);
        }
    }
    for (at, put) in mended.put.iter().rev() {
        mended.text.insert_str(*at, put);
    }
    (!mended.put.is_empty()).then_some(mended)
}

/// What has to be put in somewhere, and what there is to say of it.
type Found = (usize, String, Diagnostic);

fn in_header(text: &str, statement: &Statement, header: &Header) -> Option<Found> {
    if header.closed {
        return None;
    }
    if header.path.is_empty() {
        return Some(passed_over(statement, "a table without a name"));
    }
    let end = header.inner.end;
    let is_half = !header.array || text[end..].starts_with(']');
    let ends = if is_half { "]" } else { "]]" };
    let range = statement.range.start..end;
    Some((end, ends.to_owned(), open("a table's name", ends, range, end)))
}

fn in_entry(text: &str, statement: &Statement, entry: &Entry) -> Option<Found> {
    if entry.equals.is_none() {
        return Some(passed_over(statement, "a key without a value"));
    }
    let value = entry.value.as_ref().filter(|value| spans_lines(value))?;
    let mut ends = String::new();
    closers(value, &mut ends);
    let what = match &value.kind {
        ValueKind::Array { .. } => "a list",
        ValueKind::Table { .. } => "a table",
        ValueKind::Text(_) | ValueKind::Bare => "a text",
    };
    let line = text[value.range.clone()].lines().next().map_or(0, str::len);
    let range = value.range.start..value.range.start + line;
    let end = value.range.end;
    let diagnostic = open(what, &ends, range, end);
    Some((end, ends, diagnostic))
}

/// A statement that the reader takes for a comment: a parser that stumbles over it loses the table behind it.
fn passed_over(statement: &Statement, message: &str) -> Found {
    let diagnostic = Diagnostic {
        severity: Severity::Error,
        code: "syntax",
        message: message.to_owned(),
        hint: Some("write `key = value`, or `[table]`".to_owned()),
        range: statement.range.clone(),
        fixes: Vec::new(),
    };
    (statement.range.start, "#".to_owned(), diagnostic)
}

fn open(what: &str, ends: &str, range: Range<usize>, end: usize) -> Diagnostic {
    Diagnostic {
        severity: Severity::Error,
        code: "syntax",
        message: format!("{what} without its closing `{ends}`"),
        hint: Some("write it where it ends".to_owned()),
        range,
        fixes: vec![Fix {
            title: format!("add `{ends}`"),
            edits: vec![(end..end, ends.to_owned())],
        }],
    }
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
        for (text, expected) in [
            ("se\n[a]\n", "#se\n[a]\n"),
            ("[a\nb = 1", "[a]\nb = 1"),
            ("[[a]\n[[b # c\n", "[[a]]\n[[b]] # c\n"),
            ("[\n]\nä\n", "#[\n#]\n#ä\n"),
        ] {
            assert_eq!(mended(text).unwrap().text, expected);
        }
    }

    /// The codes of what is wrong, and the places.
    fn found(text: &str) -> Vec<(&'static str, &str)> {
        let read = |text: &str| crate::recipe::read(text).diagnostics;
        let found = match mended(text) {
            Some(mended) => mended.settle(read(&mended.text)),
            None => read(text),
        };
        found.into_iter().map(|it| (it.code, &text[it.range])).collect()
    }

    #[test]
    fn a_key_that_is_being_typed_hides_no_table() {
        let text =
            "[[step]]\nintent = \"edit\"\nprompt = \"{mood}\"\nse\n\n[matrix]\nmood = ['x']\n";
        assert_eq!(found(text), [("syntax", "se")]);
        let text = "intent = \"edit\"\nprompt = \"{mood}\"\n[matrix\nmood = ['x']\n[output]\nquality = 900\n";
        assert_eq!(found(text), [("syntax", "[matrix"), ("out-of-range", "900")]);
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
