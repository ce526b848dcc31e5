//! Random edits and rubbish at random places of recipes, through every function: none panics, every range lies in the text
//! on borders of letters, and formatting changes nothing but form.

use std::ops::Range;

use easel_protocol::server::ModelEntry;
use proptest::prelude::*;

use super::complete::{Around, complete, folder_wanted};
use super::context::{Context, Source};
use super::diagnose::diagnose;
use super::scan::{Kind, Scan};
use super::symbols::Symbol;
use super::{actions, apply, format, hover, lens, rename, symbols, tests};
use crate::recipe::World;
use crate::recipe::schema::FileKind;

const SEED: &str = "# all of it\ntitle = \"ü\"\n\n[[step]]\nintent = \"edit\"\nprompt = \"\"\"\na {name} {mood|calm}\n\"\"\"\nmodel = [\"flux, else local-style\", 'auto'] # two\nkeep = [\n    \"subject\", # who\n    \"pose\",\n]\nexpand = { top = 1, left = 2 }\n[step.params]\neffort = \"fast\"\n\n[matrix]\nmood = [\"dawn\", \"🎨\"]\n\n[output]\nname = \"{name}-{mood}\"\n";

const PIECES: &[&str] = &[
    "[[step]]\n",
    "[matrix]\n",
    "[output",
    "intent = ",
    "\"edit\"",
    "keep = [",
    "]",
    "}",
    "{",
    "\"",
    "'",
    "\"\"\"",
    "'''",
    "\\",
    "\\\"",
    "\r\n",
    "\r",
    "\n",
    "{name}",
    "{mood|",
    "{{",
    "🎨",
    "ü",
    " = ",
    "=",
    ",",
    "#",
    ".",
    "\u{0}",
    "\u{feff}",
    "model = \"a, else b, else\"",
    "[",
    "params.x = 1\n",
    "matrix.mood = []\n",
    "mask = { file = ",
    "1979-05-27 07:32:00",
    "size = \"2K\"\n",
    "style = [\"warm-oil:0.5\"]\n",
    "\u{2028}",
    "step = [{ intent = 'cutout', params = { a = [",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
];

fn edit() -> impl Strategy<Value = (f64, usize, String)> {
    let new = prop_oneof![
        4 => proptest::sample::select(PIECES).prop_map(str::to_owned),
        1 => "\\PC{0,12}",
        1 => "[\\x00-\\x7f]{0,8}",
    ];
    (0.0..=1.0, 0usize..40, new)
}

struct Known(Vec<ModelEntry>);

impl World for Known {
    fn models(&self) -> &[ModelEntry] {
        &self.0
    }

    fn exists(&self, _: &str) -> Option<bool> {
        Some(false)
    }
}

fn valid(text: &str, range: &Range<usize>) {
    assert!(text.get(range.clone()).is_some(), "{range:?} of {} in {text:?}", text.len());
}

fn valid_edits(text: &str, edits: &[(Range<usize>, String)]) {
    for (range, _) in edits {
        valid(text, range);
    }
    let mut ranges: Vec<_> = edits.iter().map(|(range, _)| range.clone()).collect();
    ranges.sort_by_key(|range| (range.start, range.end));
    assert!(
        ranges.windows(2).all(|pair| pair[0].end <= pair[1].start),
        "{edits:?} overlap in {text:?}"
    );
}

fn valid_symbols(text: &str, symbols: &[Symbol]) {
    for symbol in symbols {
        valid(text, &symbol.range);
        valid(text, &symbol.head);
        let (outer, inner) = (&symbol.range, &symbol.head);
        assert!(outer.start <= inner.start && inner.end <= outer.end, "{symbol:?} in {text:?}");
        assert!(!symbol.name.is_empty(), "{text:?}");
        valid_symbols(text, &symbol.children);
    }
}

/// The comments of a text, without what formatting may take from their ends.
fn comments(text: &str) -> Vec<String> {
    let scan = Scan::new(text);
    let own = scan.statements.iter().filter_map(|statement| match statement.kind {
        Kind::Comment => Some(statement.range.clone()),
        _ => statement.comment.clone(),
    });
    own.map(|range| text[range].trim_end().to_owned()).collect()
}

fn check(text: &str, file: FileKind, cursor: usize, known: &Known) {
    let scan = Scan::new(text);
    let source = Source { text, file, scan: &scan };
    let mut end = 0;
    for statement in &scan.statements {
        valid(text, &statement.range);
        assert!(end <= statement.range.start && !statement.range.is_empty(), "{text:?}");
        end = statement.range.end;
    }
    let context = Context::at(source, cursor);
    let around = Around { models: &known.0, files: &[] };
    for item in complete(source, &context, around) {
        valid(text, &item.range);
    }
    folder_wanted(source, &context);
    if let Some(hover) = hover::hover(source, &context, around) {
        valid(text, &hover.range);
        assert!(hover.range.start <= cursor && cursor <= hover.range.end, "{text:?} at {cursor}");
    }
    if let Ok(Some((range, _))) = rename::prepare(source, &context) {
        valid(text, &range);
        let edits = rename::rename(source, &context, "fresh").expect("what can be renamed");
        valid_edits(text, &edits);
        assert!(edits.iter().any(|(changed, _)| *changed == range), "{text:?}");
    }
    valid_symbols(text, &symbols::symbols(source));
    if let Some((range, _)) = lens::lenses(source) {
        valid(text, &range);
    }
    let found = diagnose(source, known);
    for diagnostic in &found {
        valid(text, &diagnostic.range);
    }
    for action in actions::actions(source, &found, &(0..text.len())) {
        valid_edits(text, &action.fix.edits);
    }
    let edits = format::format(text);
    valid_edits(text, &edits);
    let formatted = apply(text, &edits);
    if !edits.is_empty() {
        assert_eq!(comments(text), comments(&formatted), "{text:?}");
        assert_eq!(format::format(&formatted), Vec::new(), "{text:?} becomes {formatted:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_breaks_any_function(
        edits in proptest::collection::vec(edit(), 0..8),
        cursor in 0.0..=1.0f64,
        file in 0usize..8,
    ) {
        let known = Known(tests::models());
        let mut text = SEED.to_owned();
        for (share, take, new) in &edits {
            let start = text.floor_char_boundary((text.len() as f64 * share) as usize);
            let end = text.ceil_char_boundary((start + take).min(text.len()));
            text.replace_range(start..end, new);
        }
        let files = [FileKind::Folders, FileKind::Catalogue, FileKind::Backend];
        let file = files.get(file).copied().unwrap_or(FileKind::Recipe);
        let cursor = text.floor_char_boundary((text.len() as f64 * cursor) as usize);
        check(&text, file, cursor, &known);
    }
}
