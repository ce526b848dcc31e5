//! Placeholders in texts as they are written in a file, found without the text being right.

use std::ops::Range;

/// A placeholder in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brace {
    /// From its `{` to behind its `}`, or as far as it goes.
    pub range: Range<usize>,
    /// Its name.
    pub name: Range<usize>,
    /// It has a `|` and what stands behind it.
    pub fallback: bool,
    /// It has its `}`.
    pub closed: bool,
}

/// The placeholders between two places of a text, which are the ends of a text in quotes.
pub fn braces(source: &str, inner: &Range<usize>) -> Vec<Brace> {
    let text = &source[inner.clone()];
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = text[at..].find(['{', '}']) {
        at += next;
        if bytes.get(at + 1) == Some(&bytes[at]) {
            at += 2;
            continue;
        }
        if bytes[at] == b'}' {
            at += 1;
            continue;
        }
        let start = at;
        let rest = &text[start + 1..];
        // One that was not closed ends at the next one, or with its line.
        let length = rest.find(['}', '{', '\n']).unwrap_or(rest.len());
        let closed = rest[length..].starts_with('}');
        let length = if closed { length } else { rest[..length].trim_end().len() };
        let named = rest[..length].find('|').unwrap_or(length);
        let named = if closed { named } else { named.min(word(&rest[..named])) };
        let fallback = rest[named..length].starts_with('|');
        let end = start + 1 + if closed { length + 1 } else { named };
        let shift = inner.start;
        found.push(Brace {
            range: start + shift..end + shift,
            name: start + 1 + shift..start + 1 + named + shift,
            fallback,
            closed,
        });
        at = end;
    }
    found
}

/// How far the letters of a name go.
fn word(text: &str) -> usize {
    let good = |letter: char| letter.is_alphanumeric() || "._-".contains(letter);
    text.find(|letter| !good(letter)).unwrap_or(text.len())
}

/// The placeholder whose name the cursor is in.
pub fn brace_at(source: &str, inner: &Range<usize>, offset: usize) -> Option<Brace> {
    let touches = |brace: &Brace| brace.name.start <= offset && offset <= brace.name.end;
    braces(source, inner).into_iter().find(touches)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<(&str, bool, bool)> {
        let found = braces(text, &(0..text.len()));
        found.iter().map(|it| (&text[it.name.clone()], it.fallback, it.closed)).collect()
    }

    #[test]
    fn they_are_found_in_right_and_wrong_texts() {
        assert_eq!(names("a {name} {{x}} {b|c d}"), [("name", false, true), ("b", true, true)]);
        assert_eq!(names("a {na and {mood}"), [("na", false, false), ("mood", false, true)]);
        assert_eq!(names("{"), [("", false, false)]);
        assert_eq!(names("ü{é|"), [("é", true, false)]);
        assert_eq!(names("} {a b} }"), [("a b", false, true)]);
    }

    #[test]
    fn the_one_at_the_cursor_is_found() {
        let text = "say {mood|calm}";
        assert_eq!(brace_at(text, &(0..text.len()), 5).unwrap().range, 4..15);
        assert!(brace_at(text, &(0..text.len()), 11).is_none());
        assert!(brace_at(text, &(0..text.len()), 3).is_none());
    }
}
