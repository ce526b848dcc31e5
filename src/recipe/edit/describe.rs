//! What there is to say of a key, a model, a style or a placeholder, as markdown. Completion and hovering say the same.

use std::fmt::Write;

use easel_protocol::model::{
    MaskSupport, ModelRecord, ParamKind, ParamRecord, Price, PromptSupport, SeedSupport,
    StyleRecord,
};
use easel_protocol::server::ModelEntry;

use crate::recipe::facts::FactDoc;
use crate::recipe::schema::KeyDoc;

/// A key: what it does, what it takes, and how it is written.
pub fn key(key: &KeyDoc, name: &str) -> String {
    let (words, example) = (key.kind.words(), key.example);
    format!("{}\n\nIt takes {words}.\n\n```toml\n{name} = {example}\n```", key.doc)
}

/// A model: what a person who picks one wants to know.
pub fn model(entry: &ModelEntry) -> String {
    let record = &entry.record;
    let mut text = format!("**{}** · `{}`\n", record.label, record.id);
    if let Some(reason) = entry.reason.as_deref().filter(|_| !entry.available) {
        let _ = writeln!(text, "\nIt cannot be used now: {reason}");
    }
    let mut line = |title: &str, words: &str| {
        if !words.is_empty() {
            let _ = write!(text, "\n- {title}: {words}");
        }
    };
    line("good at", &record.strengths);
    line("cannot", &record.limitation);
    line("best for", &record.best_use);
    line("costs", &price(record));
    line("does", &code(record.intents.iter().map(|intent| intent.name())));
    line("keeps", &code(record.keep.iter().map(|keep| keep.name())));
    line("takes", &takes(record));
    line("sizes", &code(record.sizes.iter().map(|size| size.name.as_str())));
    if let Some(seconds) = record.seconds_per_megapixel {
        line("time", &format!("about {seconds:.1} s a megapixel"));
    }
    text
}

/// What a model costs, in one line.
pub fn price(record: &ModelRecord) -> String {
    let Some(price) = &record.price else { return "nothing".to_owned() };
    let currency = &price.currency;
    let named = price.per_size.values().chain(price.steps.iter().map(|step| &step.per_picture));
    let low = named.clone().copied().fold(f64::INFINITY, f64::min);
    let high = named.copied().fold(f64::NEG_INFINITY, f64::max);
    let mut text = if high > low {
        format!("{} to {} {currency} a picture", amount(low), amount(high))
    } else {
        let one = if low.is_finite() { low } else { price.per_picture };
        format!("{} {currency} a picture", amount(one))
    };
    text.push_str(&more(price));
    if !price.as_of.is_empty() {
        let _ = write!(text, " (as of {})", price.as_of);
    }
    text
}

fn more(price: &Price) -> String {
    let parts = [
        (price.per_megapixel, "a megapixel beyond the first"),
        (price.per_input_megapixel, "a megapixel sent"),
        (price.per_reference, "a reference"),
    ];
    let mut text = String::new();
    for (one, what) in parts.into_iter().filter(|(one, _)| *one > 0.0) {
        let _ = write!(text, ", {} {what}", amount(one));
    }
    text
}

/// An amount without digits that say nothing.
fn amount(value: f64) -> String {
    let text = format!("{value:.4}");
    let short = text.trim_end_matches('0');
    let digits = short.len() - short.find('.').map_or(0, |dot| dot + 1);
    if digits < 2 { format!("{value:.2}") } else { short.to_owned() }
}

fn takes(record: &ModelRecord) -> String {
    let mut parts: Vec<String> = Vec::new();
    match record.prompt {
        PromptSupport::None => {}
        PromptSupport::Optional => parts.push("a prompt".to_owned()),
        PromptSupport::Required => parts.push("a prompt, always".to_owned()),
    }
    if record.mask != MaskSupport::Refused {
        parts.push("a mask".to_owned());
    }
    match record.references {
        (_, 0) => {}
        (least, most) if least == most => parts.push(format!("{most} references")),
        (least, most) => parts.push(format!("{least} to {most} references")),
    }
    if !record.styles.is_empty() {
        parts.push(format!("{} styles", record.styles.len()));
    }
    if record.strength {
        parts.push("a strength".to_owned());
    }
    if record.seed != SeedSupport::None {
        parts.push("a seed".to_owned());
    }
    if !record.scales.is_empty() {
        let scales: Vec<String> = record.scales.iter().map(|scale| format!("×{scale}")).collect();
        parts.push(scales.join(" "));
    }
    parts.join(", ")
}

fn code<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// A style of a model.
pub fn style(style: &StyleRecord, of: &ModelRecord) -> String {
    let strong = if style.strong { "\n\nStrong: little of the content stays." } else { "" };
    format!("**{}** · a style of `{}`\n\n{}{strong}", style.name, of.id, style.description)
}

/// A parameter of a model's own.
pub fn param(param: &ParamRecord, of: &ModelRecord) -> String {
    let default = if param.default.is_null() {
        String::new()
    } else {
        format!(" Without it: `{}`.", param.default)
    };
    format!(
        "**{}** · a parameter of `{}`\n\n{}\n\nIt takes {}.{default}",
        param.name,
        of.id,
        param.description,
        param_words(&param.value)
    )
}

/// What a parameter takes.
pub fn param_words(kind: &ParamKind) -> String {
    match kind {
        ParamKind::Choice { values } => {
            format!("one of {}", code(values.iter().map(String::as_str)))
        }
        ParamKind::Number { min, max } => format!("a number from {min} to {max}"),
        ParamKind::Boolean => "`true` or `false`".to_owned(),
        ParamKind::Text => "a text".to_owned(),
    }
}

/// A placeholder that a picture fills.
pub fn fact(fact: &FactDoc) -> String {
    let only = if fact.output_only { "\n\nKnown in `output.name` alone." } else { "" };
    format!("`{{{}}}`\n\n{} Such as `{}`.{only}", fact.name, fact.doc, fact.example)
}

/// A placeholder that a matrix fills.
pub fn axis(name: &str, values: &[String]) -> String {
    let values = code(values.iter().map(String::as_str));
    format!("`{{{name}}}`\n\nAn axis of the matrix: {values}.")
}
