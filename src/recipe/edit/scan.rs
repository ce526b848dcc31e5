//! Takes a TOML text apart as far as it goes: statements, keys and values with their places. Unlike a parser it never
//! fails: what a person has not typed to its end is closed where the line or the next statement says so. It judges
//! nothing; whether a text is right is the reader's business.

use std::ops::Range;

use super::scanner::Scanner;
use super::value::{Entry, Text, Value, ValueKind, Word};

/// A text taken apart.
#[derive(Clone, Debug, Default)]
pub struct Scan {
    /// Everything but blank lines, in order.
    pub statements: Vec<Statement>,
}

/// A line, or several where a value spans them.
#[derive(Clone, Debug)]
pub struct Statement {
    /// From its first letter to its last, a comment behind it included.
    pub range: Range<usize>,
    /// What it is.
    pub kind: Kind,
    /// The comment behind it.
    pub comment: Option<Range<usize>>,
}

/// What a statement is.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A comment on a line of its own.
    Comment,
    /// `[table]` or `[[array of tables]]`.
    Header(Header),
    /// `key = value`, or the beginning of one.
    Entry(Entry),
    /// Something else.
    Junk,
}

/// The line that begins a table.
#[derive(Clone, Debug)]
pub struct Header {
    /// Its name.
    pub path: Vec<Word>,
    /// It has two brackets.
    pub array: bool,
    /// What stands between the brackets.
    pub inner: Range<usize>,
    /// Its brackets are closed.
    pub closed: bool,
}

/// A table of the text with the statements in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The words of its header, none for the keys above the first one.
    pub path: Vec<String>,
    /// It is one of an array of tables.
    pub array: bool,
    /// Which one of those with the same name, from 0.
    pub number: usize,
    /// The header's statement.
    pub header: Option<usize>,
    /// The statements below the header.
    pub body: Range<usize>,
}

impl Scan {
    /// Takes a text apart.
    pub fn new(text: &str) -> Scan {
        let mut scanner = Scanner::new(text);
        let mut statements = Vec::new();
        loop {
            scanner.skip_gap();
            if scanner.is_at_end() {
                break;
            }
            let statement = statement(&mut scanner);
            debug_assert!(!statement.range.is_empty(), "a statement has at least one letter");
            statements.push(statement);
        }
        Scan { statements }
    }

    /// The tables in order, the keys above the first header first.
    pub fn sections(&self) -> Vec<Section> {
        let mut sections: Vec<Section> = Vec::new();
        let mut current =
            Section { path: Vec::new(), array: false, number: 0, header: None, body: 0..0 };
        for (index, statement) in self.statements.iter().enumerate() {
            if let Kind::Header(header) = &statement.kind {
                current.body.end = index;
                sections.push(current);
                let path: Vec<String> = header.path.iter().map(|word| word.text.clone()).collect();
                let number = sections.iter().filter(|it| it.array && it.path == path).count();
                let (array, body) = (header.array, index + 1..index + 1);
                let number = if array { number } else { 0 };
                current = Section { path, array, number, header: Some(index), body };
            }
        }
        current.body.end = self.statements.len();
        sections.push(current);
        sections
    }

    /// The entries of a table.
    pub fn entries(&self, section: &Section) -> impl Iterator<Item = &Entry> {
        self.statements[section.body.clone()].iter().filter_map(|statement| match &statement.kind {
            Kind::Entry(entry) => Some(entry),
            _ => None,
        })
    }

    /// Every text in the file with the statement that it stands in.
    pub fn texts(&self) -> Vec<Text> {
        let mut found = Vec::new();
        for statement in &self.statements {
            if let Kind::Entry(Entry { value: Some(value), .. }) = &statement.kind {
                collect(value, &mut found);
            }
        }
        found
    }
}

fn collect(value: &Value, into: &mut Vec<Text>) {
    match &value.kind {
        ValueKind::Text(text) => into.push(text.clone()),
        ValueKind::Bare => {}
        ValueKind::Array { items, .. } => items.iter().for_each(|item| collect(item, into)),
        ValueKind::Table { entries, .. } => {
            for value in entries.iter().filter_map(|entry| entry.value.as_ref()) {
                collect(value, into);
            }
        }
    }
}

fn statement(scanner: &mut Scanner<'_>) -> Statement {
    let start = scanner.at();
    if scanner.peek() == Some('#') {
        scanner.skip_line();
        return Statement { range: start..scanner.end(), kind: Kind::Comment, comment: None };
    }
    let kind = if scanner.peek() == Some('[') {
        Kind::Header(header(scanner))
    } else {
        let entry = scanner.entry();
        if entry.key.is_empty() && entry.equals.is_none() { Kind::Junk } else { Kind::Entry(entry) }
    };
    let mut end = scanner.at();
    scanner.skip_spaces();
    let mut comment = None;
    if scanner.peek() == Some('#') {
        let start = scanner.at();
        scanner.skip_line();
        comment = Some(start..scanner.end());
        end = scanner.end();
    } else if !scanner.is_at_line_end() {
        // What nobody expects behind a value belongs to the statement, so that the next one is found again.
        scanner.skip_line();
        end = scanner.end();
    }
    Statement { range: start..end.max(start + 1), kind, comment }
}

fn header(scanner: &mut Scanner<'_>) -> Header {
    scanner.take('[');
    let array = scanner.take('[');
    let start = scanner.at();
    let path = scanner.key();
    let mut inner = start..scanner.at();
    scanner.skip_spaces();
    inner.end = if scanner.peek() == Some(']') { scanner.at() } else { inner.end };
    let closed = scanner.take(']') && (!array || scanner.take(']'));
    Header { path, array, inner, closed }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let kind = |statement: &Statement| match &statement.kind {
            Kind::Comment => "comment".to_owned(),
            Kind::Junk => "junk".to_owned(),
            Kind::Header(header) => {
                let path: Vec<&str> = header.path.iter().map(|word| word.text.as_str()).collect();
                let open = if header.closed { "" } else { " open" };
                format!(
                    "{}{}{open}",
                    if header.array { "tables " } else { "table " },
                    path.join(".")
                )
            }
            Kind::Entry(entry) => {
                let key: Vec<&str> = entry.key.iter().map(|word| word.text.as_str()).collect();
                let value = entry.value.as_ref().map(|value| &text[value.range.clone()]);
                format!("{} = {}", key.join("."), value.unwrap_or("?"))
            }
        };
        Scan::new(text).statements.iter().map(kind).collect()
    }

    #[test]
    fn statements_are_found() {
        let text = "# a\nintent = 'edit' # b\n\n[[step]]\nkeep=[\"pose\",\n  'text', # c\n]\n[ a . \"b c\" ]\nx.y = { z = 1 }\n";
        assert_eq!(
            shown(text),
            [
                "comment",
                "intent = 'edit'",
                "tables step",
                "keep = [\"pose\",\n  'text', # c\n]",
                "table a.b c",
                "x.y = { z = 1 }"
            ]
        );
    }

    #[test]
    fn what_is_not_closed_ends_where_the_next_begins() {
        assert_eq!(shown("a = \"b\nc = 1"), ["a = \"b", "c = 1"]);
        assert_eq!(shown("a = [\"b\",\nc = 1\n"), ["a = [\"b\",", "c = 1"]);
        assert_eq!(shown("a = [\n\n[[step]]\nb = 2"), ["a = [", "tables step", "b = 2"]);
        assert_eq!(shown("a = \"\"\"b\n  c\nd = 2\n"), ["a = \"\"\"b\n  c", "d = 2"]);
        assert_eq!(shown("a = { b = 1\nc = 2"), ["a = { b = 1", "c = 2"]);
        assert_eq!(shown("[[step\nb"), ["tables step open", "b = ?"]);
        assert_eq!(shown("pro\n= 3\n]\nx ="), ["pro = ?", " = 3", "junk", "x = ?"]);
        assert_eq!(shown("[ö]\n\"\r\n["), ["table ö", " = ?", "table  open"]);
    }

    #[test]
    fn tables_are_numbered() {
        let scan = Scan::new("a = 1\n[[step]]\nb = 2\n[step.params]\n[[step]]\n# c\n");
        let sections = scan.sections();
        let shown: Vec<(String, usize, usize)> =
            sections.iter().map(|it| (it.path.join("."), it.number, it.body.len())).collect();
        let expected = [("", 0, 1), ("step", 0, 1), ("step.params", 0, 0), ("step", 1, 1)];
        let expected = expected.map(|(path, number, length)| (path.to_owned(), number, length));
        assert_eq!(shown, expected);
    }
}
