//! Where things stand in a text: the range of every key and every value, by paths such as `step.0.prompt`,
//! `matrix.mood.1` or `output.format`. Of a broken text it knows what could still be read.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

/// The ranges of a text's keys and values, in bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spans {
    places: BTreeMap<String, Place>,
}

/// Where a key and its value stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The key; an element of a list has none.
    pub key: Option<Range<usize>>,
    /// The value; of a table, its head.
    pub value: Range<usize>,
}

impl Spans {
    /// The places of a table's keys and values, and of everything below them.
    pub fn of(text: &str, table: &DeTable<'_>) -> Spans {
        let mut spans = Spans::default();
        spans.add_table(text, "", table);
        spans
    }

    fn add_table(&mut self, text: &str, at: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            let path = join(at, key.get_ref());
            let place =
                Place { key: Some(within(text, key.span())), value: within(text, value.span()) };
            self.places.insert(path.clone(), place);
            self.add_below(text, &path, value.get_ref());
        }
    }

    fn add_below(&mut self, text: &str, path: &str, value: &DeValue<'_>) {
        match value {
            DeValue::Table(table) => self.add_table(text, path, table),
            DeValue::Array(values) => {
                for (index, value) in values.iter().enumerate() {
                    let path = format!("{path}.{index}");
                    self.add(path.clone(), within(text, value.span()));
                    self.add_below(text, &path, value.get_ref());
                }
            }
            _ => {}
        }
    }

    /// Adds a place of its own, such as one name of several within a text.
    pub(super) fn add(&mut self, path: String, value: Range<usize>) {
        self.places.insert(path, Place { key: None, value });
    }

    /// Lets `step.0.NAME` name what stands at the top.
    pub(super) fn alias(&mut self, name: &str) {
        let below = format!("{name}.");
        let moved: Vec<(String, Place)> = self
            .places
            .iter()
            .filter(|(path, _)| *path == name || path.starts_with(&below))
            .map(|(path, place)| (format!("step.0.{path}"), place.clone()))
            .collect();
        self.places.extend(moved);
    }

    /// Where a key stands.
    pub fn key(&self, path: &str) -> Option<Range<usize>> {
        self.places.get(path)?.key.clone()
    }

    /// Where a value stands.
    pub fn value(&self, path: &str) -> Option<Range<usize>> {
        Some(self.places.get(path)?.value.clone())
    }

    /// The value, or where there is none what is nearest above it.
    pub fn nearest(&self, path: &str) -> Range<usize> {
        let mut path = path;
        loop {
            if let Some(place) = self.places.get(path) {
                return place.value.clone();
            }
            match path.rsplit_once('.') {
                Some((above, _)) => path = above,
                None => return 0..0,
            }
        }
    }

    /// The innermost path whose key or value holds an offset.
    pub fn at(&self, offset: usize) -> Option<&str> {
        let holds = |range: &Range<usize>| range.start <= offset && offset <= range.end;
        self.places
            .iter()
            .filter(|(_, place)| holds(&place.value) || place.key.as_ref().is_some_and(holds))
            .min_by_key(|(path, place)| {
                let range =
                    if holds(&place.value) { Some(&place.value) } else { place.key.as_ref() };
                // Of two that share a place, the longer path says more.
                (range.map_or(usize::MAX, ExactSizeIterator::len), usize::MAX - path.len())
            })
            .map(|(path, _)| path.as_str())
    }

    /// Every path with its place, sorted by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Place)> {
        self.places.iter().map(|(path, place)| (path.as_str(), place))
    }
}

/// A path one level further down.
pub(super) fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// A range that lies within the text, on borders of characters.
pub(super) fn within(text: &str, range: Range<usize>) -> Range<usize> {
    let start = text.floor_char_boundary(range.start.min(text.len()));
    let end = text.ceil_char_boundary(range.end.min(text.len()));
    start..end.max(start)
}

/// Where a part of a string's value stands in the text: `inner` counts bytes of the value, `value` is the whole
/// string with its quotes. What cannot be told is the whole string.
pub fn inside(text: &str, value: Range<usize>, inner: Range<usize>) -> Range<usize> {
    let raw = text.get(value.clone()).unwrap_or_default();
    let found = offsets(raw).and_then(|offsets| {
        let start = *offsets.get(inner.start)?;
        let end = *offsets.get(inner.end)?;
        (start <= end).then_some(value.start + start..value.start + end)
    });
    found.map_or(value, |range| within(text, range))
}

/// For each byte of a string's value, and for its end, where it stands in the string as it is written.
fn offsets(raw: &str) -> Option<Vec<usize>> {
    let literal = raw.starts_with('\'');
    let quotes = if raw.starts_with("\"\"\"") || raw.starts_with("'''") { 3 } else { 1 };
    if raw.len() < 2 * quotes || !(literal || raw.starts_with('"')) {
        return None;
    }
    let end = raw.len() - quotes;
    let mut at = quotes;
    if quotes == 3 {
        // A line's end behind the opening quotes is no part of the value.
        for ending in ["\r\n", "\n"] {
            if raw[at..].starts_with(ending) {
                at += ending.len();
                break;
            }
        }
    }
    let mut offsets = Vec::new();
    while at < end {
        let rest = raw.get(at..end)?;
        let letter = rest.chars().next()?;
        if literal || letter != '\\' {
            offsets.extend(at..at + letter.len_utf8());
            at += letter.len_utf8();
            continue;
        }
        let escaped = rest.chars().nth(1)?;
        let digits = match escaped {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        if escaped.is_whitespace() {
            // A line that goes on: nothing up to the next letter is part of the value.
            let blank = rest[1..].len() - rest[1..].trim_start().len();
            at += 1 + blank;
            continue;
        }
        let length = if digits == 0 {
            1
        } else {
            let code = u32::from_str_radix(rest.get(2..2 + digits)?, 16).ok()?;
            char::from_u32(code)?.len_utf8()
        };
        offsets.extend(std::iter::repeat_n(at, length));
        at += 1 + escaped.len_utf8() + digits;
    }
    offsets.push(end);
    Some(offsets)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(text: &str) -> Spans {
        Spans::of(text, DeTable::parse_recoverable(text).0.get_ref())
    }

    #[test]
    fn keys_and_values_are_found() {
        let text = "[[step]]\nprompt = \"a\"\nkeep = [\"text\", \"pose\"]\n[matrix]\nmood = [\"x\", \"y\"]\n";
        let spans = spans(text);
        let value = |path: &str| &text[spans.value(path).unwrap()];
        assert_eq!(value("step.0.prompt"), "\"a\"");
        assert_eq!(value("step.0.keep.1"), "\"pose\"");
        assert_eq!(value("matrix.mood.1"), "\"y\"");
        assert_eq!(&text[spans.key("matrix.mood").unwrap()], "mood");
        assert_eq!(spans.at(text.find("pose").unwrap()), Some("step.0.keep.1"));
        assert_eq!(spans.at(text.find("prompt").unwrap()), Some("step.0.prompt"));
        assert_eq!(&text[spans.nearest("step.0.seed")], "[[step]]");
    }

    #[test]
    fn a_broken_text_keeps_what_can_be_read() {
        let text = "prompt = \"a\"\nseed = \nintent = \"edit\"\n[output\n";
        let spans = spans(text);
        assert_eq!(&text[spans.value("intent").unwrap()], "\"edit\"");
        assert_eq!(&text[spans.value("prompt").unwrap()], "\"a\"");
        assert!(spans.key("seed").is_some());
    }

    #[test]
    fn parts_of_strings_are_found_behind_escapes() {
        for (raw, part) in [
            ("\"ab {name}\"", "name"),
            ("'ab {name}'", "name"),
            ("\"\\u00e9\\n {name}\"", "name"),
            ("\"\"\"\nab \\\n   {name}\"\"\"", "name"),
            ("'''\r\nü{name}'''", "name"),
        ] {
            let text = format!("prompt = {raw}\n");
            let (table, errors) = DeTable::parse_recoverable(&text);
            assert!(errors.is_empty());
            let value = table.get_ref().get("prompt").unwrap();
            let decoded = value.get_ref().as_str().unwrap();
            let at = decoded.find(part).unwrap();
            assert_eq!(&text[inside(&text, value.span(), at..at + part.len())], part, "{raw}");
        }
        assert_eq!(inside("x = 5", 4..5, 0..3), 4..5);
    }
}
