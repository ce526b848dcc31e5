//! What the parts of a recipe owe each other: steps, comparisons, axes and placeholders. It knows no model.

use std::collections::BTreeSet;
use std::ops::Range;

use super::build::{Builder, Use};
use super::facts::{FACTS, fact_named};
use super::nearest::nearest;
use super::schema::{self, FileKind, STEP};
use super::{Diagnostic, Fix, OutputFormat, Recipe, Severity};

/// More steps than anyone follows.
pub const MAX_STEPS: usize = 16;
/// The most combinations of a matrix, times the models that are compared.
pub const MAX_CELLS: usize = 64;
/// A prompt is a few sentences.
const MAX_PROMPT_BYTES: usize = 32 << 10;

/// Looks at a recipe that was read.
pub(super) fn check(builder: &mut Builder<'_>, recipe: &Recipe) {
    steps(builder, recipe);
    axes(builder, recipe);
    placeholders(builder, recipe);
    sizes(builder, recipe);
    without_effect(builder, recipe);
}

fn steps(builder: &mut Builder<'_>, recipe: &Recipe) {
    if recipe.steps.is_empty() {
        let range = builder.spans.key(STEP).unwrap_or(0..0);
        builder.error(
            "no-step",
            range,
            "nothing is done: there is no step",
            "write `intent = \"restyle\"` and what belongs to it, or several tables `[[step]]`",
        );
    }
    if !builder.flat {
        for key in schema::keys_of(FileKind::Recipe, STEP) {
            if let Some(range) = builder.spans.key(key.name) {
                builder.error(
                    "two-places",
                    range,
                    format!("`{}` stands at the top, and there are `[[step]]` tables", key.name),
                    "move it into the step that it is meant for",
                );
            }
        }
    }
    if recipe.steps.len() > MAX_STEPS {
        let range = builder.spans.nearest(&format!("step.{MAX_STEPS}"));
        builder.error(
            "too-many",
            range,
            format!("{} steps are more than {MAX_STEPS}", recipe.steps.len()),
            "make two recipes of it",
        );
    }
    for (index, step) in recipe.steps.iter().enumerate() {
        let last = index + 1 == recipe.steps.len();
        if !last && step.models.len() > 1 {
            let range = builder.spans.nearest(&format!("step.{index}.model"));
            builder.error(
                "compare",
                range,
                "only the last step may compare several models",
                "name one, and what takes its place: `model = \"one, else another\"`",
            );
        }
        if !last && step.count.is_some_and(|count| count > 1) {
            let range = builder.spans.nearest(&format!("step.{index}.count"));
            builder.error(
                "compare",
                range,
                "only the last step may give several pictures",
                "leave `count` out here",
            );
        }
        for (number, chain) in step.models.iter().enumerate() {
            if !chain.is_empty() && step.models[..number].contains(chain) {
                let range = builder.spans.nearest(&format!("step.{index}.model.{number}"));
                builder.error(
                    "twice",
                    range,
                    "the same model is named twice",
                    "ask for several pictures with `count`",
                );
            }
        }
        if step.prompt.as_ref().is_some_and(|it| it.to_string().len() > MAX_PROMPT_BYTES) {
            let range = builder.spans.nearest(&format!("step.{index}.prompt"));
            let message = format!("the prompt has more than {MAX_PROMPT_BYTES} bytes");
            builder.error("too-long", range, message, "a few sentences steer best");
        }
    }
}

fn axes(builder: &mut Builder<'_>, recipe: &Recipe) {
    for axis in &recipe.matrix {
        let path = format!("matrix.{}", axis.name);
        let key = builder.spans.key(&path).unwrap_or(0..0);
        let plain = |letter: char| letter.is_alphanumeric() || "_-".contains(letter);
        let plain_name = !axis.name.is_empty() && axis.name.chars().all(plain);
        if !plain_name {
            builder.error(
                "axis-name",
                key.clone(),
                format!("`{}` cannot be a placeholder", axis.name),
                "name an axis with letters, digits, `-` and `_`",
            );
        }
        let shadows =
            fact_named(&axis.name).is_some_and(|it| !it.output_only || it.name == "index");
        if shadows {
            builder.error(
                "axis-name",
                key.clone(),
                format!("the axis `{}` hides the placeholder of that name", axis.name),
                format!("call it something else, such as `the-{}`", axis.name),
            );
        }
        if axis.values.is_empty() && builder.spans.value(&format!("{path}.0")).is_none() {
            builder.error(
                "empty",
                key.clone(),
                format!("the axis `{}` has no values, so nothing is run", axis.name),
                "give it at least one, or take it out",
            );
        }
        for (index, value) in axis.values.iter().enumerate() {
            let range = builder.spans.nearest(&format!("{path}.{index}"));
            if axis.values[..index].contains(value) {
                let hint = "take it out, or ask for several pictures with `count`";
                builder.error("twice", range, format!("`{value}` is there twice"), hint);
            } else if value.contains(['{', '}']) {
                builder.found.push(Diagnostic {
                    severity: Severity::Warning,
                    code: "plain-value",
                    message: format!(
                        "placeholders are not filled in values of the axis `{}`",
                        axis.name
                    ),
                    hint: Some("write them where `{AXIS}` is used".to_owned()),
                    range,
                    fixes: Vec::new(),
                });
            }
        }
        let good = plain_name && !shadows && !axis.values.is_empty();
        if good && !builder.uses.iter().any(|used| used.name == axis.name) {
            let fixes = use_axis(builder, recipe, &axis.name);
            builder.found.push(Diagnostic {
                severity: Severity::Warning,
                code: "axis-unused",
                message: format!(
                    "nothing uses the axis `{}`, so its runs are all alike",
                    axis.name
                ),
                hint: Some(format!("write `{{{}}}` where it belongs, or take it out", axis.name)),
                range: key,
                fixes,
            });
        }
    }
}

/// `model = "{model}"` in the last step, where an axis is named as a key that is not there.
fn use_axis(builder: &Builder<'_>, recipe: &Recipe, axis: &str) -> Vec<Fix> {
    let last = format!("step.{}", recipe.steps.len().saturating_sub(1));
    let takes = ["prompt", "model", "style", "size", "reference"].contains(&axis);
    let there = builder.spans.key(&format!("{last}.{axis}")).is_some();
    let inline = builder.spans.value(&last).is_some_and(|it| builder.text[it].starts_with('{'));
    let Some(intent) = builder.spans.value(&format!("{last}.intent")) else { return Vec::new() };
    if !takes || there || inline {
        return Vec::new();
    }
    let line = builder.text[intent.end..].find(['\r', '\n']);
    let end = line.map_or(builder.text.len(), |length| intent.end + length);
    let line = format!("{axis} = \"{{{axis}}}\"");
    vec![Fix { title: format!("add `{line}`"), edits: vec![(end..end, format!("\n{line}"))] }]
}

fn placeholders(builder: &mut Builder<'_>, recipe: &Recipe) {
    let axes: BTreeSet<&str> = recipe.matrix.iter().map(|axis| axis.name.as_str()).collect();
    let uses = builder.uses.clone();
    for Use { name, range, in_output } in uses {
        if axes.contains(name.as_str()) {
            continue;
        }
        match fact_named(&name) {
            Some(fact) if fact.output_only && !in_output => builder.error(
                "unknown-placeholder",
                range,
                format!("`{{{name}}}` is known in `output.name` alone"),
                "it is not decided yet when a step begins",
            ),
            Some(_) => {}
            None => unknown(builder, &name, range, in_output, &axes),
        }
    }
}

fn unknown(
    builder: &mut Builder<'_>,
    name: &str,
    range: Range<usize>,
    in_output: bool,
    axes: &BTreeSet<&str>,
) {
    let facts = FACTS.iter().filter(|fact| in_output || !fact.output_only).map(|fact| fact.name);
    let known: Vec<&str> = axes.iter().copied().chain(facts).collect();
    let mut near = nearest(name, known.iter().copied());
    // `{date}` and `{camera}` are what people write first.
    let exif = format!("exif.{name}");
    if let Some(fact) = fact_named(&exif) {
        near.insert(0, fact.name);
    }
    let hint = if let Some(near) = near.first() {
        format!("did you mean `{{{near}}}`?")
    } else {
        let names: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
        format!("there are {}; write `{{{{` for a brace", names.join(", "))
    };
    let fixes = near.iter().map(|near| Fix::replace(range.clone(), near)).collect();
    builder.found.push(Diagnostic {
        severity: Severity::Error,
        code: "unknown-placeholder",
        message: format!("there is no placeholder `{{{name}}}`"),
        hint: Some(hint),
        range,
        fixes,
    });
}

fn sizes(builder: &mut Builder<'_>, recipe: &Recipe) {
    let cells = recipe
        .matrix
        .iter()
        .fold(1_usize, |product, axis| product.saturating_mul(axis.values.len().max(1)));
    let models = recipe.steps.last().map_or(1, |step| step.models.len().max(1));
    if cells.saturating_mul(models) <= MAX_CELLS {
        return;
    }
    let place = if recipe.matrix.is_empty() {
        let last = recipe.steps.len().saturating_sub(1);
        builder.spans.nearest(&format!("step.{last}.model"))
    } else {
        builder.spans.key("matrix").unwrap_or(0..0)
    };
    let what = if models > 1 {
        format!("{cells} combinations with {models} models each")
    } else {
        format!("{cells} combinations")
    };
    builder.error(
        "too-many",
        place,
        format!("{what} are more than {MAX_CELLS}"),
        "take values out, or make two recipes of it",
    );
}

fn without_effect(builder: &mut Builder<'_>, recipe: &Recipe) {
    let jpeg = matches!(recipe.output.format, OutputFormat::Jpeg | OutputFormat::Same);
    if let Some(range) = builder.spans.key("output.quality").filter(|_| !jpeg) {
        builder.found.push(Diagnostic {
            severity: Severity::Warning,
            code: "no-effect",
            message: "`quality` is for JPEG files alone".to_owned(),
            hint: Some("leave it out, or write `format = \"jpeg\"`".to_owned()),
            range,
            fixes: Vec::new(),
        });
    }
}
