//! What a step asks for, as far as it can be read: the models that it names with what is known of them, and the axes of
//! the matrix around it.

use std::ops::Range;

use easel_protocol::model::{Intent, ModelRecord};
use easel_protocol::server::ModelEntry;

use super::context::{Context, Source, texts};
use super::scan::Scan;
use super::value::{Entry, ValueKind, Word};

/// What separates a model from the one that takes its place.
pub const ELSE: &str = ", else ";

/// The names in a chain such as `flux, else local-style`, with their places in it.
pub fn chain(text: &str) -> Vec<(Range<usize>, &str)> {
    let mut found = Vec::new();
    let mut at = 0;
    for part in text.split(',') {
        let range = at..at + part.len();
        at = range.end + 1;
        let blank = part.len() - part.trim_start().len();
        let (mut start, mut name) = (range.start + blank, part.trim_start());
        if let Some(rest) = name.strip_prefix("else").filter(|rest| !rest.starts_with(is_of_name)) {
            start += name.len() - rest.trim_start().len();
            name = rest.trim_start();
        }
        let name = name.trim_end();
        found.push((start..start + name.len(), name));
    }
    found
}

fn is_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || "-_.".contains(letter)
}

/// The models that the step around a cursor names and that are known.
pub fn models<'m>(
    context: &Context<'_>,
    text: &str,
    known: &'m [ModelEntry],
) -> Vec<&'m ModelEntry> {
    let named = context.step().map(|step| step.texts("model", text)).unwrap_or_default();
    let mut found: Vec<&ModelEntry> = Vec::new();
    for name in named.iter().flat_map(|text| chain(text)).map(|(_, name)| name) {
        let entry = known.iter().find(|entry| entry.record.id == name);
        if let Some(entry) =
            entry.filter(|it| !found.iter().any(|other| other.record.id == it.record.id))
        {
            found.push(entry);
        }
    }
    found
}

/// The intent of the step around a cursor.
pub fn intent(context: &Context<'_>, text: &str) -> Option<Intent> {
    let words = context.step()?.texts("intent", text);
    Intent::ALL.into_iter().find(|intent| words.iter().any(|word| word == intent.name()))
}

/// The models whose styles, sizes and parameters are offered: those that the step names, or else all.
pub fn offered<'m>(
    context: &Context<'_>,
    text: &str,
    known: &'m [ModelEntry],
) -> Vec<&'m ModelRecord> {
    let named = models(context, text, known);
    let entries = if named.is_empty() { known.iter().collect() } else { named };
    entries.into_iter().map(|entry| &entry.record).collect()
}

/// An axis of the matrix.
#[derive(Clone, Debug)]
pub struct AxisSite {
    /// Its name.
    pub name: Word,
    /// Its values, as far as they are texts.
    pub values: Vec<String>,
    /// Where they stand.
    pub range: Range<usize>,
}

/// The axes of a recipe's matrix, whichever way it is written.
pub fn axes(source: Source<'_>) -> Vec<AxisSite> {
    let Source { text, scan, .. } = source;
    let mut found = Vec::new();
    let mut add = |word: &Word, entry: &Entry| {
        let values = entry.value.as_ref().map(|value| texts(value, text)).unwrap_or_default();
        let range = entry.value.as_ref().map_or(word.range.clone(), |value| value.range.clone());
        found.push(AxisSite { name: word.clone(), values, range });
    };
    for (is_matrix, entry) in top_entries(scan) {
        match (is_matrix, &entry.key[..]) {
            (true, [word]) => add(word, entry),
            (false, [matrix, word]) if matrix.text == "matrix" => add(word, entry),
            (false, [matrix]) if matrix.text == "matrix" => {
                if let Some(ValueKind::Table { entries, .. }) =
                    entry.value.as_ref().map(|it| &it.kind)
                {
                    for entry in entries {
                        if let [word] = &entry.key[..] {
                            add(word, entry);
                        }
                    }
                }
            }
            _ => {}
        }
    }
    found
}

/// The entries at the top and in `[matrix]`, with whether they are in the latter.
fn top_entries(scan: &Scan) -> Vec<(bool, &Entry)> {
    let sections = scan.sections();
    let wanted = sections.iter().filter(|it| it.path.is_empty() || it.path == ["matrix"]);
    wanted.flat_map(|it| scan.entries(it).map(|entry| (!it.path.is_empty(), entry))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::schema::FileKind;

    #[test]
    fn chains_are_taken_apart() {
        let names = |text| -> Vec<String> {
            chain(text)
                .iter()
                .map(|(range, name)| format!("{}..{} {name}", range.start, range.end))
                .collect()
        };
        assert_eq!(names("flux, else local-style"), ["0..4 flux", "11..22 local-style"]);
        assert_eq!(names("flux, else "), ["0..4 flux", "11..11 "]);
        assert_eq!(names("elsewhere,b"), ["0..9 elsewhere", "10..11 b"]);
        assert_eq!(names(""), ["0..0 "]);
    }

    #[test]
    fn axes_are_found_in_every_spelling() {
        for text in [
            "[matrix]\nmood = [\"a\", \"b\"]\n",
            "matrix = { mood = [\"a\", \"b\"] }\n",
            "matrix.mood = [\"a\", \"b\"]\n",
        ] {
            let scan = Scan::new(text);
            let found = axes(Source { text, file: FileKind::Recipe, scan: &scan });
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!((found[0].name.text.as_str(), found[0].values.len()), ("mood", 2));
        }
    }
}
