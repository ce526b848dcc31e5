//! What would settle a fault: the nearest that the model does take, or to leave the key out.

use std::ops::Range;

use easel_protocol::model::ParamKind;
use easel_protocol::server::ModelEntry;

use super::super::nearest::nearest;
use super::super::read::Read;
use super::super::{Fix, Spans};
use super::models::At;
use crate::job::check::Control;

/// Changes that settle a fault, the best first. `range` is the fault's place, `model` that of the model's name.
pub(super) fn fixes(
    read: &Read,
    at: &At<'_>,
    control: &Control,
    entry: &ModelEntry,
    range: &Range<usize>,
    model: &Range<usize>,
) -> Vec<Fix> {
    let record = &entry.record;
    // Where the fault stands at the model's name nothing is written that could be replaced.
    if range == model {
        return Vec::new();
    }
    let text = |word: &str| Fix::replace(range.clone(), &format!("\"{word}\""));
    let number = |value: u64| Fix::replace(range.clone(), &value.to_string());
    let leave_out = |key: &str| leave_out(read, &at.key(key)).into_iter();
    match control {
        Control::Intent => {
            record.intents.iter().take(3).map(|intent| text(intent.name())).collect()
        }
        Control::Keep(_) if at.step.keep.len() == 1 => leave_out("keep").collect(),
        Control::Mask => leave_out("mask").collect(),
        Control::References(0) if record.references.1 == 0 => leave_out("reference").collect(),
        Control::Prompt if at.step.prompt.is_some() => leave_out("prompt").collect(),
        Control::Style(number) => {
            let Some(style) = at.filled.style.get(*number) else { return Vec::new() };
            let known = record.styles.iter().map(|style| style.name.as_str());
            let near = nearest(&style.name, known);
            let place = narrow(read, range, &style.name);
            let fixes = near.iter().map(|name| match &place {
                Some(place) => Fix::replace(place.clone(), name),
                None => text(name),
            });
            if record.styles.is_empty() { leave_out("style").collect() } else { fixes.collect() }
        }
        Control::Strength => leave_out("strength").collect(),
        Control::Seed => leave_out("seed").collect(),
        Control::Count => vec![number(u64::from(record.max_count))],
        Control::Scale => {
            let wanted = at.step.scale.unwrap_or(1);
            let nearest = record.scales.iter().min_by_key(|scale| scale.abs_diff(wanted));
            let nearest = nearest.map(|scale| number(u64::from(*scale)));
            nearest.into_iter().chain(leave_out("scale")).collect()
        }
        Control::Size => {
            let wanted = at.filled.size.as_deref().unwrap_or_default();
            let side = side_of(wanted);
            let mut offers: Vec<_> = record.sizes.iter().collect();
            offers.sort_by_key(|offer| side.map_or(0, |side| offer.side.abs_diff(side)));
            let nearest = offers.iter().take(2).map(|offer| text(&offer.name));
            if offers.is_empty() { leave_out("size").collect() } else { nearest.collect() }
        }
        Control::Expand if at.step.expand.is_some() => leave_out("expand").collect(),
        Control::Param(key) => param(read, at, key, entry, range),
        _ => Vec::new(),
    }
}

fn param(
    read: &Read,
    at: &At<'_>,
    key: &str,
    entry: &ModelEntry,
    range: &Range<usize>,
) -> Vec<Fix> {
    let name = key.split_once(':').map_or(key, |(_, name)| name);
    let path = at.key(&format!("params.{key}"));
    let Some(param) = entry.record.params.iter().find(|param| param.name == name) else {
        let known = entry.record.params.iter().map(|param| param.name.as_str());
        let Some(place) = read.spans.key(&path) else { return Vec::new() };
        let mut fixes: Vec<Fix> = nearest(name, known)
            .into_iter()
            .map(|near| {
                let whole = key.strip_suffix(name).map_or_else(String::new, str::to_owned) + near;
                let bare =
                    whole.bytes().all(|it| it.is_ascii_alphanumeric() || b"_-".contains(&it));
                let whole = if bare { whole } else { format!("\"{whole}\"") };
                Fix::replace(place.clone(), &whole)
            })
            .collect();
        fixes.extend(leave_out(read, &path));
        return fixes;
    };
    match &param.value {
        ParamKind::Choice { values } => {
            let given = at.filled.params.get(key).and_then(|value| value.as_str()).unwrap_or("");
            let mut words = nearest(given, values.iter().map(String::as_str));
            words.extend(values.iter().map(String::as_str));
            let mut seen = Vec::new();
            words.retain(|word| {
                !seen.contains(word) && {
                    seen.push(*word);
                    true
                }
            });
            let fix = |word: &&str| Fix::replace(range.clone(), &format!("\"{word}\""));
            words.iter().take(3).map(fix).collect()
        }
        ParamKind::Number { min, max } => {
            let given = at.filled.params.get(key).and_then(serde_json::Value::as_f64);
            let nearest = given.map_or(*min, |given| given.clamp(*min, *max));
            vec![Fix::replace(range.clone(), &nearest.to_string())]
        }
        ParamKind::Boolean => {
            ["true", "false"].map(|word| Fix::replace(range.clone(), word)).to_vec()
        }
        ParamKind::Text => Vec::new(),
    }
}

/// Takes a key out with its line, where it stands alone there.
fn leave_out(read: &Read, path: &str) -> Option<Fix> {
    let (text, spans): (&str, &Spans) = (&read.text, &read.spans);
    let (key, value) = (spans.key(path)?, spans.value(path)?);
    if key.start > value.start {
        return None;
    }
    let start = text[..key.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[value.end..].find('\n').map_or(text.len(), |at| value.end + at + 1);
    let after = text[value.end..end].trim();
    let alone = text[start..key.start].trim().is_empty();
    if !alone || !(after.is_empty() || after.starts_with('#')) {
        return None;
    }
    let name = path.rsplit('.').next().unwrap_or(path);
    Some(Fix { title: format!("leave `{name}` out"), edits: vec![(start..end, String::new())] })
}

/// Where a word stands within a place.
fn narrow(read: &Read, range: &Range<usize>, word: &str) -> Option<Range<usize>> {
    let at = read.text.get(range.clone())?.find(word)?;
    Some(range.start + at..range.start + at + word.len())
}

/// `2K` and `2048` as a number of pixels.
fn side_of(name: &str) -> Option<u32> {
    let upper = name.trim().to_ascii_uppercase();
    match upper.strip_suffix('K') {
        Some(thousands) => thousands.parse::<f64>().ok().map(|count| (count * 1024.0) as u32),
        None => upper.parse().ok(),
    }
}

/// A hint that names options of the command line, in the words of recipes.
pub(super) fn in_recipes(hint: &str) -> String {
    let mut hint = hint.to_owned();
    for (option, key) in [
        ("with `--prompt \"…\"`", "with `prompt = \"…\"`"),
        ("`--reference PICTURE`", "`reference = \"PICTURE\"`"),
        ("`--style NAME`", "`style = \"NAME\"`"),
        ("`--expand 200`", "`expand = 200`"),
        (
            "`--expand TOP,RIGHT,BOTTOM,LEFT`",
            "`expand = { top = 0, right = 200, bottom = 0, left = 200 }`",
        ),
        ("`--", "`"),
    ] {
        hint = hint.replace(option, key);
    }
    hint
}
