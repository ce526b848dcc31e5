//! What an editor wants to know of a recipe, as pure functions of its text: where the cursor is, what could stand there,
//! what stands there, and changes of the text. Works in files that are broken, since a file is broken while it is typed.
//! No file, clock or thread: listings and models come from whoever asks.

pub mod actions;
pub mod complete;
pub mod context;
pub mod describe;
pub mod diagnose;
pub mod format;
pub mod hover;
pub mod lens;
pub mod mend;
pub mod rename;
pub mod scan;
mod scanner;
pub mod step;
pub mod symbols;
pub mod template;
pub mod value;
mod walk;

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;

use std::ops::Range;

/// A text with changes made that do not overlap: what is replaced by what.
pub fn apply(text: &str, edits: &[(Range<usize>, String)]) -> String {
    let mut edits: Vec<&(Range<usize>, String)> = edits.iter().collect();
    edits.sort_by_key(|(range, _)| range.start);
    let mut changed = String::with_capacity(text.len());
    let mut at = 0;
    for (range, new) in edits {
        changed.push_str(&text[at..range.start]);
        changed.push_str(new);
        at = range.end;
    }
    changed.push_str(&text[at..]);
    changed
}
