//! Whatever a text says: nothing panics, every place lies within it, and it is read the same each time.

use proptest::prelude::*;

use super::super::{canonical, expand, read_other};
use super::*;
use crate::recipe::schema::FileKind;

const GOOD: &str = r#"title = "Größe ✓"
# a comment
intent = "restyle"
prompt = "soft light, {name} {mood|calm}, {exif.date|undated}"
keep = ["pose", "composition"]
model = ["{model}, else local-style", "local-style"]
style = ["warm-oil:0.6", "comic-ink:0.4"]
reference = ["a.jpg", 'b.jpg']
mask = { file = "{name}.mask.png" }
strength = 0.6
seed = 7
count = 2
size = "2K"
scale = 2
expand = { top = 1, left = 4 }
feather = 8
context = 0.5
params = { brush = "normal", "local-style:brush" = "large" }
[matrix]
mood = ["dawn", "noon"]
model = ["flux-2-pro", "seedream-4.5"]
[output]
format = "jpeg"
quality = 90
name = "{name}-{mood}/{model}"
sheet = true
[budget]
picture = "9.20 USD"
day = """5.00 \
   USD"""
"#;

fn read_twice(text: &str) -> Result<(), TestCaseError> {
    let (one, other) = (read(text), read(text));
    prop_assert_eq!(&one.diagnostics, &other.diagnostics);
    prop_assert_eq!(&one.recipe, &other.recipe);
    for (_, place) in one.spans.iter() {
        prop_assert!(text.get(place.value.clone()).is_some());
        prop_assert!(place.key.as_ref().is_none_or(|key| text.get(key.clone()).is_some()));
    }
    let found = check(&one, &everything());
    within(text, &found);
    for diagnostic in &found {
        show("r", text, diagnostic);
    }
    if let Some(recipe) = &one.recipe {
        let _ = expand(recipe, &super::super::assumed(5, 5));
        canonical(recipe);
    }
    for file in [FileKind::Folders, FileKind::Catalogue, FileKind::Backend] {
        within(text, &read_other(text, file).0);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read(text in "\\PC{0,200}|[a-z\\[\\]{}='\",.\\\\#\n é|:0-9-]{0,200}") {
        read_twice(&text)?;
    }

    #[test]
    fn a_good_recipe_that_was_changed_anywhere_is_read(
        cuts in prop::collection::vec((0..GOOD.len(), 0..40_usize, "[a-z\\[\\]{}='\",.\\\\#\n é|:0-9-]{0,6}"), 1..5)
    ) {
        let mut text = GOOD.to_owned();
        for (at, length, new) in cuts {
            let start = text.floor_char_boundary(at.min(text.len()));
            let end = text.floor_char_boundary((start + length).min(text.len())).max(start);
            text.replace_range(start..end, &new);
        }
        read_twice(&text)?;
    }

    #[test]
    fn how_it_is_written_changes_no_meaning(
        order in Just((0..GOOD_LINES.len()).collect::<Vec<_>>()).prop_shuffle(),
        blank in "[ \t]{0,3}",
        comment in "# [a-z ]{0,9}",
    ) {
        let lines: Vec<String> =
            order.iter().map(|index| format!("{blank}{}{blank}{comment}", GOOD_LINES[*index])).collect();
        let shuffled = format!("{comment}\n{}\n[matrix]\nm = ['x', \"y\"]\n", lines.join("\n\n"));
        let plain = format!("{}\n[matrix]\nm = [\"x\", \"y\"]\n", GOOD_LINES.join("\n"));
        let meaning = |text: &str| canonical(&read(text).recipe.unwrap());
        prop_assert_eq!(meaning(&shuffled), meaning(&plain));
    }
}

const GOOD_LINES: [&str; 6] = [
    "intent = \"edit\"",
    "prompt = \"{m}\"",
    "seed = 7",
    "keep = [\"text\"]",
    "strength = 0.5",
    "params = { a = 1 }",
];

#[test]
fn the_good_recipe_is_good_enough_to_be_changed() {
    let read = read(GOOD);
    assert!(read.recipe.is_some(), "{}", told(GOOD, &everything()));
}
