//! The names of the files that a recipe writes: safe on every file system, unique among themselves, the same
//! for the same picture each time.

use std::collections::HashSet;

use super::facts::Facts;
use super::{Missing, Output, Part, Recipe, Template};

/// One result of a recipe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The axes with their values.
    pub axes: Vec<(String, String)>,
    /// The model that made it.
    pub model: String,
    /// Its number among those of its model, from 0.
    pub index: u32,
}

/// The longest part of a path, in bytes; its end is still to come.
const LONGEST: usize = 200;

/// Where each result goes: a path relative to the output folder, its parts joined by `/`, without its end.
pub fn output_names(
    recipe: &Recipe,
    facts: &Facts,
    results: &[Made],
) -> Result<Vec<String>, Missing> {
    let mut taken = HashSet::new();
    let mut names = Vec::new();
    for made in results {
        let name = match &recipe.output.name {
            Some(template) => filled(template, recipe, facts, made)?,
            None => usual(facts, results, made),
        };
        names.push(unique(&path(&name), &mut taken));
    }
    Ok(names)
}

/// Where the sheet of all results goes, without its end: it is called after the picture alone.
pub fn sheet_name(recipe: &Recipe, facts: &Facts) -> Result<String, Missing> {
    let unnamed =
        Recipe { output: Output { name: None, ..recipe.output.clone() }, ..recipe.clone() };
    let one = Made { axes: Vec::new(), model: String::new(), index: 0 };
    let names = output_names(&unnamed, facts, &[one])?;
    Ok(format!("{}.sheet", names.first().map_or("picture", String::as_str)))
}

/// The picture's name, and whatever tells the results apart.
fn usual(facts: &Facts, results: &[Made], made: &Made) -> String {
    let mut name = fact(facts.get("name").map_or("", String::as_str));
    let varies = |same: &dyn Fn(&Made) -> bool| !results.iter().all(same);
    for (axis, value) in &made.axes {
        let same = |other: &Made| other.axes.iter().any(|(it, its)| it == axis && its == value);
        if varies(&same) {
            name = format!("{name}-{}", slug(value));
        }
    }
    let siblings = |other: &&Made| other.axes == made.axes;
    if results.iter().filter(siblings).any(|other| other.model != made.model) {
        name = format!("{name}-{}", slug(&made.model));
    }
    let twins = |other: &&Made| other.axes == made.axes && other.model == made.model;
    if results.iter().filter(twins).count() > 1 {
        name = format!("{name}-{}", made.index + 1);
    }
    name
}

fn filled(
    template: &Template,
    recipe: &Recipe,
    facts: &Facts,
    made: &Made,
) -> Result<String, Missing> {
    let value = |name: &str| -> Option<String> {
        if let Some((_, value)) = made.axes.iter().find(|(axis, _)| axis == name) {
            return Some(slug(value));
        }
        match name {
            "model" => Some(slug(&made.model)),
            "index" => Some((made.index + 1).to_string()),
            "intent" => recipe.steps.last().map(|step| step.intent.name().to_owned()),
            name => facts.get(name).filter(|it| !it.is_empty()).map(|value| fact(value)),
        }
    };
    let mut text = String::new();
    for part in &template.parts {
        match part {
            Part::Text(plain) => text.push_str(plain),
            Part::Placeholder { name, fallback, .. } => {
                let value = value(name).or_else(|| fallback.as_deref().map(fact));
                text.push_str(&value.ok_or_else(|| Missing {
                    placeholder: name.clone(),
                    path: "output.name".to_owned(),
                })?);
            }
        }
    }
    Ok(text)
}

/// What is known of a picture makes no folders: a lens may be called `f/1.2`.
fn fact(value: &str) -> String {
    value.replace(['/', '\\'], "-")
}

/// A value of an axis as part of a name: letters and digits, everything else one `-`.
fn slug(text: &str) -> String {
    let mut slug = String::new();
    for letter in text.chars().flat_map(char::to_lowercase) {
        if letter.is_alphanumeric() || letter == '.' || letter == '_' {
            slug.push(letter);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let end = slug.trim_end_matches(['-', '.']).len();
    slug.truncate(end);
    // A long prompt as an axis is told by its first words.
    slug.truncate(slug.floor_char_boundary(60));
    slug
}

/// A relative path whose parts any file system takes.
fn path(name: &str) -> String {
    let parts: Vec<String> =
        name.split('/').map(component).filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { "picture".to_owned() } else { parts.join("/") }
}

fn component(text: &str) -> String {
    let safe: String = text
        .chars()
        .filter(|letter| !turns_around(*letter))
        .map(
            |letter| {
                if letter.is_control() || "<>:\"\\|?*".contains(letter) { '-' } else { letter }
            },
        )
        .collect();
    let part = ends(cut(ends(&safe), LONGEST));
    if reserved(part) { format!("_{}", cut(part, LONGEST - 1)) } else { part.to_owned() }
}

/// Letters that make a name look like another.
fn turns_around(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2028}' | '\u{2029}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Without blanks around it and dots behind it; `.` and `..` are nothing then.
fn ends(text: &str) -> &str {
    text.trim_start().trim_end_matches(|letter: char| letter == '.' || letter.is_whitespace())
}

fn cut(text: &str, longest: usize) -> &str {
    &text[..text.floor_char_boundary(longest)]
}

/// Names that are devices on Windows, whatever follows a dot.
fn reserved(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or_default().trim_end().to_uppercase();
    let numbered = |prefix: &str| {
        stem.strip_prefix(prefix).is_some_and(|rest| {
            rest.chars().count() == 1 && rest.contains(|it: char| "123456789¹²³".contains(it))
        })
    };
    ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"].contains(&stem.as_str())
        || numbered("COM")
        || numbered("LPT")
}

/// The name, or the first with a number behind it that is free. Upper and lower case are one on many disks.
fn unique(name: &str, taken: &mut HashSet<String>) -> String {
    let mut candidate = name.to_owned();
    let mut number = 1;
    while !taken.insert(candidate.to_lowercase()) {
        number += 1;
        let ending = format!("-{number}");
        let (folder, last) =
            name.rsplit_once('/').map_or(("", name), |(folder, last)| (folder, last));
        let last = cut(last, LONGEST - ending.len());
        let slash = if folder.is_empty() { "" } else { "/" };
        candidate = format!("{folder}{slash}{last}{ending}");
    }
    candidate
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::read::read;
    use super::*;

    fn recipe(name: &str) -> Recipe {
        let text = format!("intent = \"restyle\"\n[matrix]\nmood = [\"x\"]\n[output]\n{name}\n");
        read(&text).recipe.unwrap()
    }

    fn facts(name: &str) -> Facts {
        [("name".to_owned(), name.to_owned()), ("exif.lens".to_owned(), "50mm f/1.2".to_owned())]
            .into()
    }

    fn made(axes: &[(&str, &str)], model: &str, index: u32) -> Made {
        let axes = axes.iter().map(|(axis, value)| ((*axis).to_owned(), (*value).to_owned()));
        Made { axes: axes.collect(), model: model.to_owned(), index }
    }

    #[test]
    fn without_a_name_whatever_varies_tells_results_apart() {
        let plain = recipe("");
        let names = |results: &[Made]| output_names(&plain, &facts("vase"), results).unwrap();
        assert_eq!(names(&[made(&[], "a", 0)]), ["vase"]);
        assert_eq!(names(&[made(&[("mood", "dawn")], "a", 0)]), ["vase"]);
        assert_eq!(
            names(&[
                made(&[("mood", "At Dawn!"), ("by", "x")], "a", 0),
                made(&[("mood", "noon"), ("by", "x")], "a", 0),
                made(&[("mood", "noon"), ("by", "x")], "b", 0),
                made(&[("mood", "noon"), ("by", "x")], "b", 1),
            ]),
            ["vase-at-dawn", "vase-noon-a", "vase-noon-b-1", "vase-noon-b-2"]
        );
    }

    #[test]
    fn a_name_is_filled_and_kept_apart() {
        let names = |name: &str, results: &[Made]| {
            output_names(&recipe(name), &facts("vase"), results).unwrap()
        };
        let two = [made(&[], "a", 0), made(&[], "a", 1)];
        assert_eq!(names("name = \"{intent}/{name}\"", &two), ["restyle/vase", "restyle/vase-2"]);
        assert_eq!(names("name = \"{model}.{index}\"", &two), ["a.1", "a.2"]);
        assert_eq!(names("name = \"{exif.lens}\"", &two[..1]), ["50mm f-1.2"]);
        assert_eq!(names("name = \"../../{name}\"", &two[..1]), ["vase"]);
        assert_eq!(names("name = \"/etc/{name}.\"", &two[..1]), ["etc/vase"]);
        assert_eq!(names("name = \"C:\\\\x\"", &two[..1]), ["C--x"]);
        assert_eq!(names("name = \"con.x\"", &two[..1]), ["_con.x"]);
        assert_eq!(names("name = \"..\"", &two[..1]), ["picture"]);
        let missing =
            output_names(&recipe("name = \"{exif.iso}\""), &facts("x"), &two).unwrap_err();
        assert_eq!(missing.path, "output.name");
    }

    fn safe(name: &str) -> Result<(), TestCaseError> {
        prop_assert!(!name.is_empty() && !name.starts_with('/'));
        for part in name.split('/') {
            prop_assert!(!part.is_empty() && part != "." && part != "..", "{name:?}");
            prop_assert!(part.len() <= LONGEST, "{} bytes", part.len());
            prop_assert!(!part.ends_with(['.', ' ']), "{name:?}");
            prop_assert!(!part.contains(['<', '>', ':', '"', '\\', '|', '?', '*']), "{name:?}");
            prop_assert!(!part.chars().any(char::is_control), "{name:?}");
            prop_assert!(!reserved(part), "{name:?}");
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn names_are_safe_whatever_pictures_are_called(
            picture in "\\PC{1,80}|(con|nul|lpt1|\\.\\.|\\.|/|a){1,4}|é{150}",
            axis in "\\PC{0,300}",
            literal in "[a-z./\\\\ :*é]{0,12}",
        ) {
            let literal = literal.replace('\\', "\\\\");
            let named = recipe(&format!("name = \"{literal}{{name}}{{mood|x}}/{{exif.lens}}\""));
            for recipe in [recipe(""), named] {
                let axes = [("mood", axis.as_str())];
                let results = [made(&axes, "a", 0), made(&axes, "A", 0), made(&axes, "b/../c", 1)];
                let names = output_names(&recipe, &facts(&picture), &results).unwrap();
                let different: HashSet<String> = names.iter().map(|it| it.to_lowercase()).collect();
                prop_assert_eq!(different.len(), results.len());
                for name in &names {
                    safe(name)?;
                }
            }
        }
    }
}
