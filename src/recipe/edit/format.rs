//! Formatting: spaces around `=`, blank lines, arrays, the ends of lines. Every comment and the text of every value stay
//! as they are, and so does the order. A file that cannot be read as TOML is left alone.

use std::ops::Range;

use super::scan::{Kind, Scan, Statement};
use super::value::{Entry, Value, ValueKind, Word};

/// How far the items of a list are moved in that stand on lines of their own.
const INDENT: &str = "    ";

/// The changes that format a text: what is replaced by what, in order. None where there is nothing to do.
pub fn format(text: &str) -> Vec<(Range<usize>, String)> {
    let Ok(before) = text.parse::<toml::Table>() else { return Vec::new() };
    let edits = edits(text, &Scan::new(text));
    let formatted = super::apply(text, &edits);
    // What is no longer the same would be a fault of this file; the text of its author matters more.
    match formatted.parse::<toml::Table>() {
        Ok(after) if after == before => edits,
        _ => Vec::new(),
    }
}

fn edits(text: &str, scan: &Scan) -> Vec<(Range<usize>, String)> {
    let line_end = match text.find('\n') {
        Some(end) if text[..end].ends_with('\r') => "\r\n",
        _ => "\n",
    };
    let mut edits = Vec::new();
    let mut put = |range: Range<usize>, new: String| {
        if text[range.clone()] != new {
            edits.push((range, new));
        }
    };
    let mut end = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    for (index, statement) in scan.statements.iter().enumerate() {
        let gap = end..statement.range.start;
        let lines = text[gap.clone()].matches('\n').count();
        let wanted = match index {
            0 => 0,
            _ if lines > 1 || begins_a_table(text, scan, index) => 2,
            _ => 1,
        };
        put(gap, line_end.repeat(wanted));
        put(statement.range.clone(), Formatter { text, line_end }.statement(statement));
        end = statement.range.end;
    }
    let last = if scan.statements.is_empty() { "" } else { line_end };
    put(end..text.len(), last.to_owned());
    edits
}

/// A header, or the first of the comments right above one, is set apart by a blank line.
fn begins_a_table(text: &str, scan: &Scan, index: usize) -> bool {
    let statement = &scan.statements[index];
    match statement.kind {
        Kind::Header(_) => {
            // The comments right above belong to it: the blank line is above those.
            let above = &scan.statements[index - 1];
            let gap = &text[above.range.end..statement.range.start];
            !(matches!(above.kind, Kind::Comment) && gap.matches('\n').count() == 1)
        }
        Kind::Comment => {
            let above = &scan.statements[index - 1];
            if matches!(above.kind, Kind::Comment) {
                return false;
            }
            let mut end = statement.range.end;
            for next in &scan.statements[index + 1..] {
                if text[end..next.range.start].matches('\n').count() != 1 {
                    return false;
                }
                match next.kind {
                    Kind::Header(_) => return true,
                    Kind::Comment => end = next.range.end,
                    Kind::Entry(_) | Kind::Junk => return false,
                }
            }
            false
        }
        Kind::Entry(_) | Kind::Junk => false,
    }
}

#[derive(Clone, Copy)]
struct Formatter<'a> {
    text: &'a str,
    line_end: &'a str,
}

impl Formatter<'_> {
    fn statement(self, statement: &Statement) -> String {
        let mut new = match &statement.kind {
            Kind::Comment | Kind::Junk => {
                return self.text[statement.range.clone()].trim_end().to_owned();
            }
            Kind::Header(header) => {
                let path = self.key(&header.path);
                if header.array { format!("[[{path}]]") } else { format!("[{path}]") }
            }
            Kind::Entry(entry) => self.entry(entry, 0),
        };
        if let Some(comment) = &statement.comment {
            new.push(' ');
            new.push_str(self.text[comment.clone()].trim_end());
        }
        new
    }

    fn key(self, words: &[Word]) -> String {
        let words: Vec<&str> = words.iter().map(|word| &self.text[word.range.clone()]).collect();
        words.join(".")
    }

    fn entry(self, entry: &Entry, depth: usize) -> String {
        let value = entry.value.as_ref().map(|value| self.value(value, depth)).unwrap_or_default();
        format!("{} = {value}", self.key(&entry.key))
    }

    fn value(self, value: &Value, depth: usize) -> String {
        let raw = &self.text[value.range.clone()];
        match &value.kind {
            ValueKind::Text(_) | ValueKind::Bare => raw.to_owned(),
            // Its lines are its author's.
            ValueKind::Table { .. } if raw.contains('\n') => raw.to_owned(),
            ValueKind::Table { entries, .. } if entries.is_empty() => "{}".to_owned(),
            ValueKind::Table { entries, .. } => {
                let entries: Vec<String> =
                    entries.iter().map(|entry| self.entry(entry, depth)).collect();
                format!("{{ {} }}", entries.join(", "))
            }
            ValueKind::Array { items, .. } if self.is_on_one_line(value, items) => {
                let items: Vec<String> = items.iter().map(|item| self.value(item, depth)).collect();
                format!("[{}]", items.join(", "))
            }
            ValueKind::Array { items, .. } => self.lines(value, items, depth),
        }
    }

    /// Whether a list has neither an end of a line nor a comment between its items.
    fn is_on_one_line(self, value: &Value, items: &[Value]) -> bool {
        let mut at = value.range.start;
        for item in items {
            if self.text[at..item.range.start].contains(['\n', '#']) {
                return false;
            }
            at = item.range.end;
        }
        !self.text[at..value.range.end].contains(['\n', '#'])
    }

    /// A list whose items stand on lines of their own, each with the comments around it.
    fn lines(self, value: &Value, items: &[Value], depth: usize) -> String {
        let (inner, outer) = (INDENT.repeat(depth + 1), INDENT.repeat(depth));
        let mut new = "[".to_owned();
        let mut at = value.range.start + 1;
        let end = value.range.end - 1;
        let ends = items.iter().map(|item| (item.range.clone(), Some(item)));
        for (range, item) in ends.chain([(end..end, None)]) {
            for (index, line) in self.text[at..range.start].split('\n').enumerate() {
                let Some(comment) = line.find('#').map(|start| line[start..].trim_end()) else {
                    continue;
                };
                if index == 0 {
                    new.push(' ');
                } else {
                    new.push_str(self.line_end);
                    new.push_str(&inner);
                }
                new.push_str(comment);
            }
            if let Some(item) = item {
                new.push_str(self.line_end);
                new.push_str(&inner);
                new.push_str(&self.value(item, depth + 1));
                new.push(',');
            }
            at = range.end;
        }
        new.push_str(self.line_end);
        new.push_str(&outer);
        new.push(']');
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn formatted(text: &str) -> String {
        let once = crate::recipe::edit::apply(text, &format(text));
        let twice = crate::recipe::edit::apply(&once, &format(&once));
        assert_eq!(once, twice, "formatting what is formatted changes nothing");
        once
    }

    #[test]
    fn spaces_and_lines_are_set_right() {
        let text = "\n\n# a  \nintent=\"edit\"   # why  \n\n\n\nkeep = [ \"pose\",'text' ,]\n[output]\n  format =  \"png\"\n# of the budget\n[ budget ]\npicture = \"1 USD\"";
        assert_eq!(
            formatted(text),
            "# a\nintent = \"edit\" # why\n\nkeep = [\"pose\", 'text']\n\n[output]\nformat = \"png\"\n\n# of the budget\n[budget]\npicture = \"1 USD\"\n"
        );
    }

    #[test]
    fn lists_on_lines_keep_their_comments() {
        let text = "model = [ # these\n\"a\",# first\n  # then\n  \"b\"\n  , [1,\n2],\n# end\n]\n";
        assert_eq!(
            formatted(text),
            "model = [ # these\n    \"a\", # first\n    # then\n    \"b\",\n    [\n        1,\n        2,\n    ],\n    # end\n]\n"
        );
    }

    #[test]
    fn texts_are_kept_letter_by_letter() {
        let text = "prompt = \"\"\"\n  a   \n\n\n  # b = {c}\n\"\"\"\nx={a='''q\n  r''',b=2}\nday=1979-05-27 07:32:00\n";
        let expected = text.replace("x={", "x = {").replace("day=", "day = ");
        assert_eq!(formatted(text), expected);
    }

    #[test]
    fn ends_of_lines_stay_what_they_are() {
        assert_eq!(
            formatted("a=1\r\n\r\n\r\n[b]\r\nc=[1,\r\n2]"),
            "a = 1\r\n\r\n[b]\r\nc = [\r\n    1,\r\n    2,\r\n]\r\n"
        );
        assert_eq!(formatted("\u{feff}a=1"), "\u{feff}a = 1\n");
        assert_eq!(formatted(""), "");
    }

    #[test]
    fn a_broken_file_is_left_alone() {
        for text in ["a = \n  b=1", "[x\n", "a=1\na=2\n"] {
            assert_eq!(format(text), Vec::new());
        }
    }
}
