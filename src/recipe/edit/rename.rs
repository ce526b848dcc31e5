//! Renaming an axis of the matrix: its key, and every placeholder that it fills.

use std::ops::Range;

use super::context::{Context, Place, Source};
use super::{step, template};
use crate::recipe::facts::fact_named;
use crate::recipe::schema::FileKind;

/// The name that the cursor is on, where it can be renamed; why not, where it is a placeholder that cannot.
pub fn prepare(
    source: Source<'_>,
    context: &Context<'_>,
) -> Result<Option<(Range<usize>, String)>, String> {
    let Some(range) = name_at(source, context) else { return Ok(None) };
    let name = source.text[range.clone()].trim_matches(['"', '\'']).to_owned();
    if step::axes(source).iter().any(|axis| axis.name.text == name) {
        return Ok(Some((range, name)));
    }
    if fact_named(&name).is_some() {
        return Err(format!(
            "`{{{name}}}` is filled by the picture: only axes of the matrix can be renamed"
        ));
    }
    Err(format!("`{{{name}}}` is no axis of the matrix: only those can be renamed"))
}

/// The changes that give the axis at the cursor another name, or why it cannot have it.
pub fn rename(
    source: Source<'_>,
    context: &Context<'_>,
    new: &str,
) -> Result<Vec<(Range<usize>, String)>, String> {
    let (_, name) = prepare(source, context)?
        .ok_or("there is no axis of the matrix here, and nothing else can be renamed")?;
    let is_good = |letter: char| letter.is_alphanumeric() || "._-".contains(letter);
    if new.is_empty() || !new.chars().all(is_good) {
        return Err(format!("`{new}` is no name: letters, digits, `-`, `_` and `.` are allowed"));
    }
    if fact_named(new).is_some() {
        return Err(format!("`{{{new}}}` is filled by the picture: take another name"));
    }
    let axes = step::axes(source);
    if new != name && axes.iter().any(|axis| axis.name.text == new) {
        return Err(format!("there is an axis `{new}` already"));
    }
    let is_bare = new.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    let key = if is_bare { new.to_owned() } else { format!("\"{new}\"") };
    let own = axes.iter().filter(|axis| axis.name.text == name);
    let mut edits: Vec<_> = own.map(|axis| (axis.name.range.clone(), key.clone())).collect();
    for text in source.scan.texts() {
        for brace in template::braces(source.text, &text.inner) {
            if brace.closed && source.text[brace.name.clone()] == name {
                edits.push((brace.name, new.to_owned()));
            }
        }
    }
    edits.sort_by_key(|(range, _)| range.start);
    Ok(edits)
}

/// The name of an axis or of a placeholder at the cursor.
fn name_at(source: Source<'_>, context: &Context<'_>) -> Option<Range<usize>> {
    if source.file != FileKind::Recipe {
        return None;
    }
    match &context.place {
        Place::Key { range, .. } => {
            let is_axis = context.level().is_some_and(|level| level.table == Some("matrix"));
            (is_axis && !range.is_empty()).then(|| range.clone())
        }
        Place::Value(site) => {
            let brace =
                site.brace.as_ref().filter(|brace| brace.closed && !brace.name.is_empty())?;
            Some(brace.name.clone())
        }
        Place::Nowhere | Place::Header { .. } => None,
    }
}
