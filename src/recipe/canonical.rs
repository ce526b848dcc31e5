//! A recipe's meaning as a stable text: its hash is the recipe's version. What nobody sees in a result (the title,
//! comments, the order of keys, a budget) is not part of it.

use std::fmt::Write;

use serde_json::{Value, json};

use super::{MaskRule, OutputFormat, Recipe, Step, Template};

/// One line a value, sorted.
pub fn canonical(recipe: &Recipe) -> String {
    let mut lines = vec!["easel recipe 1".to_owned()];
    for (index, step) in recipe.steps.iter().enumerate() {
        for (key, value) in values(step) {
            lines.push(format!("step.{index:02}.{key} = {value}"));
        }
    }
    for axis in &recipe.matrix {
        lines.push(format!("matrix.{} = {}", json!(axis.name), json!(axis.values)));
    }
    let output = &recipe.output;
    let format = match output.format {
        OutputFormat::Same => "same",
        OutputFormat::Png => "png",
        OutputFormat::Jpeg => "jpeg",
        OutputFormat::Webp => "webp",
        OutputFormat::Tiff => "tiff",
    };
    lines.push(format!("output.format = {format}"));
    lines.push(format!("output.quality = {}", output.quality));
    lines.push(format!("output.name = {}", json!(output.name.as_ref().map(Template::to_string))));
    lines.push(format!("output.sheet = {}", output.sheet));
    lines.push(format!("output.metadata = {}", output.metadata));
    lines.push(format!("output.sidecar = {}", output.sidecar));
    lines[1..].sort();
    let mut text = String::new();
    for line in lines {
        let _ = writeln!(text, "{line}");
    }
    text
}

fn values(step: &Step) -> Vec<(String, Value)> {
    let text = |template: &Template| template.to_string();
    let mut keep: Vec<&str> = step.keep.iter().map(|keep| keep.name()).collect();
    keep.sort_unstable();
    keep.dedup();
    let mut models: Vec<Vec<String>> =
        step.models.iter().map(|chain| chain.iter().map(text).collect()).collect();
    if models.is_empty() {
        models.push(vec!["auto".to_owned()]);
    }
    let mask = match &step.mask {
        MaskRule::None => json!("none"),
        MaskRule::Subject => json!("subject"),
        MaskRule::Background => json!("background"),
        MaskRule::Alpha => json!("alpha"),
        MaskRule::File(file) => json!({ "file": text(file) }),
    };
    let styles: Vec<Value> =
        step.style.iter().map(|(name, weight)| json!([text(name), weight])).collect();
    let mut values = vec![
        ("intent".to_owned(), json!(step.intent.name())),
        ("prompt".to_owned(), json!(step.prompt.as_ref().map(text))),
        ("keep".to_owned(), json!(keep)),
        ("model".to_owned(), json!(models)),
        ("style".to_owned(), json!(styles)),
        ("reference".to_owned(), json!(step.references.iter().map(text).collect::<Vec<_>>())),
        ("mask".to_owned(), mask),
        ("strength".to_owned(), json!(step.strength)),
        ("seed".to_owned(), json!(step.seed)),
        ("count".to_owned(), json!(step.count.unwrap_or(1))),
        ("scale".to_owned(), json!(step.scale)),
        ("size".to_owned(), json!(step.size.as_ref().map(text))),
        ("expand".to_owned(), json!(step.expand)),
        ("feather".to_owned(), json!(step.feather)),
        ("context".to_owned(), json!(step.context)),
    ];
    for (name, value) in &step.params {
        values.push((format!("params.{}", json!(name)), value.clone()));
    }
    values
}

#[cfg(test)]
mod tests {
    use super::super::read::read;
    use super::*;

    fn of(text: &str) -> String {
        let read = read(text);
        canonical(&read.recipe.unwrap_or_else(|| panic!("{:?}", read.diagnostics)))
    }

    const PLAIN: &str = "intent = \"edit\"\nprompt = \"{mood} {by}\"\nkeep = [\"text\", \"pose\"]\nparams = { a = 1, b = \"x\" }\n[matrix]\nmood = [\"x\", \"y\"]\nby = [\"z\"]\n[output]\nformat = \"png\"\n";

    #[test]
    fn what_means_the_same_has_one_text() {
        let other = "# a comment\ntitle = \"T\"\ndescription = \"D\"\n[output]\nformat='png' # why\n[budget]\npicture = \"1 USD\"\n[matrix]\nby = ['z']\nmood = [\n  \"x\",\n  \"y\",\n]\n[[step]]\nkeep = [\"pose\", \"text\"]\nmodel = \"auto\"\nprompt = '''{mood} {by}'''\nintent = \"edit\"\n[step.params]\nb = \"x\"\na = 1\n";
        assert_eq!(of(PLAIN), of(other));
    }

    #[test]
    fn what_means_something_else_has_another() {
        for (from, to) in [
            ("\"edit\"", "\"restyle\""),
            ("{mood} {by}", "{mood}  {by}"),
            ("a = 1", "a = 2"),
            ("[\"x\", \"y\"]", "[\"y\", \"x\"]"),
            ("\"png\"", "\"webp\""),
            ("[output]", "[output]\nsidecar = false"),
            ("intent", "seed = 1\nintent"),
        ] {
            assert_ne!(of(PLAIN), of(&PLAIN.replacen(from, to, 1)), "{from} -> {to}");
        }
    }
}
