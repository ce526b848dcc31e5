//! Prompts that say nothing a model could follow. It knows English alone; any word that it does not know counts as
//! something that was said.

use easel_protocol::model::Intent;

use super::super::{Part, Template};
use super::value_of;

/// Words that name a wish and no change.
const EMPTY: &[&str] = &[
    "a",
    "amazing",
    "an",
    "and",
    "awesome",
    "beautiful",
    "best",
    "better",
    "change",
    "cool",
    "do",
    "edit",
    "enhance",
    "even",
    "fine",
    "fix",
    "good",
    "great",
    "image",
    "improve",
    "improved",
    "it",
    "just",
    "lovely",
    "make",
    "masterpiece",
    "more",
    "much",
    "my",
    "nice",
    "nicer",
    "of",
    "photo",
    "picture",
    "please",
    "pretty",
    "prettier",
    "quality",
    "really",
    "so",
    "something",
    "that",
    "the",
    "this",
    "to",
    "very",
    "with",
    "wow",
];

/// Whether a prompt has no word that could steer.
pub(super) fn is_vague(template: &Template, axes: &[(String, String)]) -> bool {
    let mut text = String::new();
    for part in &template.parts {
        match part {
            Part::Text(plain) => text.push_str(plain),
            Part::Placeholder { name, .. } => match value_of(axes, name) {
                Some(value) => text.push_str(value),
                // What a picture tells of itself is something.
                None => return false,
            },
        }
    }
    let words =
        text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    let says = |word: &str| {
        let word = word.to_lowercase();
        word.chars().count() > 1 && !EMPTY.contains(&word.as_str())
    };
    !text.trim().is_empty() && !words.into_iter().any(says)
}

/// How a prompt for an intent says something.
pub(super) fn hint(intent: Intent) -> &'static str {
    match intent {
        Intent::Restyle => "name the look: `a woodcut in two colours, thick outlines`",
        Intent::Enhance => "name what to mend: `less noise, a sharper label`",
        Intent::Background => {
            "name the place and its light: `a clean studio, soft light from the left`"
        }
        Intent::Edit => "name the thing and what becomes of it: `the door is painted dark red`",
        Intent::Reimagine => "name the new scene: `the same vase in a winter garden at dusk`",
        _ => "name what is to be seen: `a stone wall and a strip of sky`",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_are_told_from_changes() {
        let vague = |text: &str| is_vague(&Template::parse(text).unwrap(), &[]);
        for text in
            ["make it better", "nice!", "Improve this picture, please", "x", "even more beautiful"]
        {
            assert!(vague(text), "{text}");
        }
        for text in
            ["a clean studio", "sepia", "mach es schöner", "{name}", "red", "make it blue", ""]
        {
            assert!(!vague(text), "{text}");
        }
    }
}
