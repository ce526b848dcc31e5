//! Texts with placeholders: `a photo of {name}, {exif.date|undated}`. `{{` and `}}` are braces.

use std::fmt;
use std::ops::Range;

/// A text with placeholders, taken apart once.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Template {
    /// Its parts, in order.
    pub parts: Vec<Part>,
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// As it is.
    Text(String),
    /// To be filled.
    Placeholder {
        /// What with: `name`, `exif.date`, an axis of the matrix.
        name: String,
        /// What stands there where it is not known, after `|`.
        fallback: Option<String>,
        /// Where its name stands in the template's own text, in bytes.
        range: Range<usize>,
    },
}

/// A fault in a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    /// What is wrong.
    pub message: &'static str,
    /// Where, in bytes of the template's own text.
    pub range: Range<usize>,
}

impl Template {
    /// Takes a text apart.
    pub fn parse(text: &str) -> Result<Template, TemplateError> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text.char_indices().peekable();
        while let Some((start, letter)) = rest.next() {
            match letter {
                '{' | '}' if rest.peek().is_some_and(|(_, next)| *next == letter) => {
                    rest.next();
                    plain.push(letter);
                }
                '{' => {
                    let length = text[start..].find('}').ok_or(TemplateError {
                        message: "a `{` without its `}`",
                        range: start..text.len(),
                    })?;
                    let inner = &text[start + 1..start + length];
                    while rest.next_if(|(at, _)| *at <= start + length).is_some() {}
                    let (name, fallback) = match inner.split_once('|') {
                        Some((name, fallback)) => (name, Some(fallback.to_owned())),
                        None => (inner, None),
                    };
                    let good = |letter: char| letter.is_alphanumeric() || "._-".contains(letter);
                    if name.is_empty() || !name.chars().all(good) {
                        return Err(TemplateError {
                            message: "a placeholder is a name such as `{name}`; write `{{` for a brace",
                            range: start..start + length + 1,
                        });
                    }
                    if !plain.is_empty() {
                        parts.push(Part::Text(std::mem::take(&mut plain)));
                    }
                    let range = start + 1..start + 1 + name.len();
                    parts.push(Part::Placeholder { name: name.to_owned(), fallback, range });
                }
                '}' => {
                    return Err(TemplateError {
                        message: "a `}` without its `{`; write `}}` for a brace",
                        range: start..start + 1,
                    });
                }
                letter => plain.push(letter),
            }
        }
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(Template { parts })
    }

    /// A text that has no placeholders.
    pub fn plain(text: &str) -> Template {
        Template { parts: vec![Part::Text(text.to_owned())] }
    }

    /// The names of its placeholders.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Placeholder { name, .. } => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// The text with every placeholder filled, or the name of the first that is not known.
    pub fn fill<'a>(&self, value: impl Fn(&str) -> Option<&'a str>) -> Result<String, String> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Placeholder { name, fallback, .. } => {
                    text.push_str(value(name).or(fallback.as_deref()).ok_or_else(|| name.clone())?);
                }
            }
        }
        Ok(text)
    }
}

impl fmt::Display for Template {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.parts {
            match part {
                Part::Text(text) => {
                    formatter.write_str(&text.replace('{', "{{").replace('}', "}}"))?;
                }
                Part::Placeholder { name, fallback: None, .. } => write!(formatter, "{{{name}}}")?,
                Part::Placeholder { name, fallback: Some(other), .. } => {
                    write!(formatter, "{{{name}|{other}}}")?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str) -> Result<String, String> {
        let value = |name: &str| match name {
            "name" => Some("vase"),
            "exif.date" => Some("2026-01-02"),
            _ => None,
        };
        Template::parse(text).unwrap().fill(value)
    }

    #[test]
    fn placeholders_are_filled() {
        assert_eq!(filled("{name} of {exif.date}").unwrap(), "vase of 2026-01-02");
        assert_eq!(filled("{{{name}}} {mood|calm}").unwrap(), "{vase} calm");
        assert_eq!(filled("{mood}").unwrap_err(), "mood");
        assert_eq!(filled("größe {name} ✓").unwrap(), "größe vase ✓");
    }

    #[test]
    fn a_template_is_written_as_it_was_read() {
        for text in ["{name}", "a {{b}} {c|d}", "", "ü{exif.iso|0}"] {
            assert_eq!(Template::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn faults_are_found_where_they_are() {
        assert_eq!(Template::parse("ab {name").unwrap_err().range, 3..8);
        assert_eq!(Template::parse("a } b").unwrap_err().range, 2..3);
        assert_eq!(Template::parse("{}").unwrap_err().range, 0..2);
        assert_eq!(Template::parse("{a b}").unwrap_err().range, 0..5);
    }
}
