//! From a text to a recipe, with everything that is wrong with the text at the place where it is wrong. A text with
//! faults is read as far as it goes; no text makes it panic.

use std::ops::Range;

use toml::de::DeTable;

use super::build::Builder;
use super::schema::FileKind;
use super::spans::{Spans, within};
use super::{Diagnostic, Fix, Recipe, Severity, rules, shape};

/// A text that was read.
#[derive(Clone, Debug)]
pub struct Read {
    /// The recipe, where nothing is an error.
    pub recipe: Option<Recipe>,
    /// What is wrong, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// Where things stand.
    pub spans: Spans,
    /// The text itself.
    pub(super) text: String,
}

/// Reads a recipe.
pub fn read(text: &str) -> Read {
    let (document, errors) = DeTable::parse_recoverable(text);
    let table = document.get_ref();
    let syntax: Vec<Diagnostic> = errors.iter().map(|error| of_syntax(text, error)).collect();
    let mut found = shape::check(text, FileKind::Recipe, table);
    let mut builder = Builder::new(text, Spans::of(text, table));
    let recipe = builder.recipe(table);
    rules::check(&mut builder, &recipe);
    let Builder { spans, found: further, .. } = builder;
    found.extend(further);
    let diagnostics = merged(syntax, found);
    let good = diagnostics.iter().all(|it| it.severity != Severity::Error);
    Read { recipe: good.then_some(recipe), diagnostics, spans, text: text.to_owned() }
}

/// Reads one of Easel's other files: its syntax, its keys and the kinds of its values.
pub fn read_other(text: &str, file: FileKind) -> (Vec<Diagnostic>, Spans) {
    let (document, errors) = DeTable::parse_recoverable(text);
    let syntax = errors.iter().map(|error| of_syntax(text, error)).collect();
    let found = shape::check(text, file, document.get_ref());
    (merged(syntax, found), Spans::of(text, document.get_ref()))
}

/// Syntax errors and what else was found, without what only follows from a syntax error.
fn merged(syntax: Vec<Diagnostic>, found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let touches =
        |one: &Range<usize>, other: &Range<usize>| one.start <= other.end && other.start <= one.end;
    let broken: Vec<Range<usize>> = syntax.iter().map(|it| it.range.clone()).collect();
    let mut all = syntax;
    let follows = |it: &Diagnostic| {
        broken.iter().any(|range| touches(range, &it.range)) && !broken.is_empty()
    };
    all.extend(found.into_iter().filter(|it| !follows(it)));
    sort(&mut all);
    all
}

/// By place, the worse first.
pub(super) fn sort(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort_by(|one, other| {
        let key = |it: &Diagnostic| (it.range.start, it.severity, it.range.end);
        key(one).cmp(&key(other)).then_with(|| one.message.cmp(&other.message))
    });
    diagnostics.dedup();
}

/// What a syntax error says, in the words of this program where it has better ones.
fn of_syntax(text: &str, error: &toml::de::Error) -> Diagnostic {
    let range = within(text, error.span().unwrap_or(0..0));
    let part = &text[range.clone()];
    let mut fixes = Vec::new();
    let (message, hint) = match error.message() {
        message if message.starts_with("string values must be quoted") && part.is_empty() => {
            ("there is no value".to_owned(), "write one behind the `=`")
        }
        message if message.starts_with("string values must be quoted") => {
            if !part.contains(['"', '\\', '\n']) {
                let quoted = format!("\"{}\"", part.trim());
                fixes.push(Fix::replace(range.clone(), &quoted));
            }
            (format!("the text `{}` has no quotes", part.trim()), "write it as `\"…\"`")
        }
        "duplicate key" => (format!("the key `{part}` is written twice"), "take one of them out"),
        message if message.starts_with("invalid basic string") => (
            "a text without its closing `\"`".to_owned(),
            "a text of several lines stands between `\"\"\"`",
        ),
        message if message.starts_with("key with no value") => {
            ("a key without a value".to_owned(), "write `key = value`")
        }
        message => (message.to_owned(), "`docs/recipes.md` shows how recipes are written"),
    };
    Diagnostic {
        severity: Severity::Error,
        code: "syntax",
        message,
        hint: Some(hint.to_owned()),
        range,
        fixes,
    }
}
