//! Changes that an editor offers: those that settle a diagnostic, and some that only move things.

use std::ops::Range;

use super::context::Source;
use super::scan::{Kind, Section, Statement};
use crate::recipe::schema::{self, FileKind};
use crate::recipe::{Diagnostic, Fix};

/// A change that an editor offers.
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    /// What it does.
    pub fix: Fix,
    /// The diagnostic that it settles, as a place in the list that was passed in; absent: it only moves things.
    pub settles: Option<usize>,
    /// It is the best one for its diagnostic.
    pub preferred: bool,
}

/// The changes for a part of a text.
pub fn actions(source: Source<'_>, diagnostics: &[Diagnostic], at: &Range<usize>) -> Vec<Action> {
    let mut found = Vec::new();
    for (index, diagnostic) in diagnostics.iter().enumerate() {
        let touches = diagnostic.range.start <= at.end && at.start <= diagnostic.range.end;
        if touches {
            for (place, fix) in diagnostic.fixes.iter().enumerate() {
                found.push(Action {
                    fix: fix.clone(),
                    settles: Some(index),
                    preferred: place == 0,
                });
            }
        }
    }
    if source.file == FileKind::Recipe {
        let moves = [to_step(source, at), add_output(source)];
        found.extend(moves.into_iter().flatten().map(|fix| Action {
            fix,
            settles: None,
            preferred: false,
        }));
    }
    found
}

/// `[output]` at the end of a recipe that has none.
fn add_output(source: Source<'_>) -> Option<Fix> {
    let (text, scan) = (source.text, source.scan);
    let sections = scan.sections();
    let is_there = sections.iter().any(|it| it.path.first().is_some_and(|word| word == "output"))
        || sections.first().is_some_and(|top| {
            scan.entries(top)
                .any(|entry| entry.key.first().is_some_and(|word| word.text == "output"))
        });
    if is_there || scan.statements.is_empty() {
        return None;
    }
    let line_end = line_end(text);
    let gap = if text.ends_with('\n') { line_end.to_owned() } else { line_end.repeat(2) };
    let new =
        format!("{gap}[output]{line_end}format = \"same\"{line_end}name = \"{{name}}\"{line_end}");
    Some(Fix { title: "add `[output]`".to_owned(), edits: vec![(text.len()..text.len(), new)] })
}

/// A recipe whose step's keys stand at the top gets a `[[step]]` of its own for them, so that more can follow.
fn to_step(source: Source<'_>, at: &Range<usize>) -> Option<Fix> {
    let (text, scan) = (source.text, source.scan);
    let sections = scan.sections();
    let top = sections.first()?;
    if sections.iter().any(|section| section.path == [schema::STEP]) {
        return None;
    }
    let is_of_step = |name: &str| {
        schema::keys(FileKind::Recipe)
            .iter()
            .any(|key| key.table == schema::STEP && key.name == name)
    };
    let own = |statement: &Statement| match &statement.kind {
        Kind::Entry(entry) => entry.key.first().map(|word| is_of_step(&word.text)),
        _ => None,
    };
    let statements = &scan.statements[top.body.clone()];
    let first = statements.iter().position(|statement| own(statement) == Some(true))?;
    // Nothing of the recipe's own may stand below, since it would fall into the step.
    if statements[first..].iter().any(|statement| own(statement) == Some(false)) {
        return None;
    }
    let last = statements.last()?.range.end;
    if at.start > last || at.end < statements[first].range.start {
        return None;
    }
    let first = with_comments_above(text, statements, first);
    let line_end = line_end(text);
    let start = statements[first].range.start;
    let gap =
        if first > 0 && !text[..start].ends_with(&line_end.repeat(2)) { line_end } else { "" };
    let mut edits = vec![(start..start, format!("{gap}[[step]]{line_end}"))];
    edits.extend(sections.iter().filter_map(|section| below_step(source, section, is_of_step)));
    Some(Fix { title: "turn these keys into a `[[step]]`".to_owned(), edits })
}

/// The comments right above a statement are about it.
fn with_comments_above(text: &str, statements: &[Statement], index: usize) -> usize {
    let mut first = index;
    while let Some(above) = first.checked_sub(1).map(|above| &statements[above]) {
        let gap = &text[above.range.end..statements[first].range.start];
        // A comment at the very top is about the recipe.
        if !matches!(above.kind, Kind::Comment) || gap.matches('\n').count() != 1 || first == 1 {
            break;
        }
        first -= 1;
    }
    first
}

/// `[params]` of the step at the top becomes `[step.params]`.
fn below_step(
    source: Source<'_>,
    section: &Section,
    is_of_step: impl Fn(&str) -> bool,
) -> Option<(Range<usize>, String)> {
    let index =
        section.header.filter(|_| section.path.first().is_some_and(|word| is_of_step(word)))?;
    let Kind::Header(header) = &source.scan.statements[index].kind else { return None };
    let at = header.path.first()?.range.start;
    Some((at..at, "step.".to_owned()))
}

fn line_end(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}
