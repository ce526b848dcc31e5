//! Values: words, what a model offers, files.

use std::ops::Range;

use easel_protocol::model::ParamKind;

use super::{Around, Item, ItemKind, Listed, escaped, models};
use crate::recipe::edit::context::{Context, Site, Source};
use crate::recipe::edit::{describe, step};
use crate::recipe::schema::{self, FileKind, Kind};

/// Whether a value is the path of a file.
pub(super) fn takes_path(file: FileKind, site: &Site) -> bool {
    let Some(key) = site.key else { return false };
    match file {
        FileKind::Recipe => {
            matches!((key.table, key.name), ("step", "reference") | ("mask", "file"))
        }
        FileKind::Folders => matches!(key.name, "path" | "recipe" | "out"),
        FileKind::Catalogue | FileKind::Backend => false,
    }
}

/// What could be the value at a place.
pub(super) fn values(
    source: Source<'_>,
    context: &Context<'_>,
    around: Around<'_>,
    site: &Site,
) -> Vec<Item> {
    let Some(key) = site.key else { return Vec::new() };
    let step_key =
        (source.file == FileKind::Recipe && key.table == schema::STEP).then_some(key.name);
    if takes_path(source.file, site) {
        return paths(source, around, site);
    }
    match step_key {
        Some("model") => return models::models(source, context, around, site),
        Some("style") => return styles(source, context, around, site),
        Some("size") => return sizes(source, context, around, site),
        Some("scale") => return scales(source, context, around, site),
        _ if source.file == FileKind::Recipe && key.table == "params" => {
            return params(source, context, around, site);
        }
        _ => {}
    }
    let mut items = words(source, context, around, site, key.kind.choices());
    match key.kind {
        Kind::Boolean => {
            for (index, word) in ["true", "false"].into_iter().enumerate() {
                items.extend(bare(site, word).map(|item| item.sort(0, index)));
            }
        }
        Kind::ChoiceOr(..) if site.text.is_none() => {
            items.push(
                Item::new(
                    "{ file = … }",
                    ItemKind::Value,
                    site.range.clone(),
                    "{ file = \"\" }".to_owned(),
                )
                .doc(describe::key(key, key.name))
                .sort(2, 0),
            );
            if let Some(item) = items.last_mut() {
                item.snippet = Some("{ file = \"$0\" \\}".to_owned());
                item.filter = Some("file".to_owned());
            }
        }
        Kind::Amount | Kind::DailyAmount => {
            items.extend(quoted(site, key.example.trim_matches('"'), ItemKind::Value));
        }
        Kind::Strings
        | Kind::Texts
        | Kind::Template
        | Kind::Text
        | Kind::Words(_)
        | Kind::Choice(_) => {}
        _ if site.range.is_empty() => {
            let item =
                Item::new(key.example, ItemKind::Value, site.range.clone(), key.example.to_owned());
            items.push(item.detail("example").sort(4, 0));
        }
        _ => {}
    }
    items
}

/// A text as the value: with quotes where there are none, in the place of the text where there are.
pub(super) fn quoted(site: &Site, word: &str, kind: ItemKind) -> Option<Item> {
    if site.beside.as_ref().is_some_and(|beside| beside.iter().any(|it| it == word)) {
        return None;
    }
    Some(if let Some(text) = &site.text {
        let quote = if text.escapes { "\"" } else { "'" };
        let end = if text.closed { "" } else { quote };
        Item::new(word, kind, text.inner.clone(), format!("{word}{end}"))
    } else {
        let item = Item::new(word, kind, site.range.clone(), format!("\"{word}\""));
        Item { filter: Some(word.to_owned()), ..item }
    })
}

fn bare(site: &Site, word: &str) -> Option<Item> {
    site.text
        .is_none()
        .then(|| Item::new(word, ItemKind::Word, site.range.clone(), word.to_owned()))
}

/// The words of a key, those first that the step's models understand.
fn words(
    source: Source<'_>,
    context: &Context<'_>,
    around: Around<'_>,
    site: &Site,
    choices: &[&str],
) -> Vec<Item> {
    let Some(key) = site.key else { return Vec::new() };
    let chosen = if key.table == schema::STEP {
        step::models(context, source.text, around.models)
    } else {
        Vec::new()
    };
    let is_list = matches!(key.kind, Kind::Words(_)) && site.beside.is_none();
    let mut items = Vec::new();
    for (index, word) in choices.iter().enumerate() {
        let unable = chosen.iter().find(|entry| match key.name {
            "intent" => !entry.record.intents.iter().any(|intent| intent.name() == *word),
            "keep" => !entry.record.keep.iter().any(|keep| keep.name() == *word),
            _ => false,
        });
        let Some(mut item) = quoted(site, word, ItemKind::Word) else { continue };
        if is_list && site.text.is_none() {
            item.text = format!("[{}]", item.text);
        }
        let doc = schema::word_doc(source.file, key.name, word)
            .or_else(|| schema::word_doc(FileKind::Recipe, key.name.trim_end_matches('s'), word));
        item.doc = doc.map(str::to_owned);
        if let Some(unable) = unable {
            item.detail = Some(format!("not with {}", unable.record.id));
        }
        items.push(item.sort(u8::from(unable.is_some()), index));
    }
    items
}

/// The styles of the step's models, and where a weight may stand.
fn styles(source: Source<'_>, context: &Context<'_>, around: Around<'_>, site: &Site) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    for record in step::offered(context, source.text, around.models) {
        for style in &record.styles {
            if items.iter().any(|item| item.label == style.name) {
                continue;
            }
            let strong = if style.strong { " (strong)" } else { "" };
            let item = quoted(site, &style.name, ItemKind::Value).map(|item| {
                // The weight behind a name stays.
                keep_tail(source.text, item, ':')
            });
            let number = items.len();
            items.extend(item.map(|item| {
                item.doc(describe::style(style, record))
                    .detail(format!("{}{strong}", style.description))
                    .sort(u8::from(style.strong), number)
            }));
        }
    }
    items
}

/// Leaves what stands behind a letter in the text that an item would replace.
fn keep_tail(text: &str, item: Item, letter: char) -> Item {
    match text[item.range.clone()].find(letter) {
        Some(at) if !text[item.range.clone()].starts_with('"') => {
            let range = item.range.start..item.range.start + at;
            Item { range, text: item.text.trim_end_matches('"').to_owned(), ..item }
        }
        _ => item,
    }
}

fn sizes(source: Source<'_>, context: &Context<'_>, around: Around<'_>, site: &Site) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    for record in step::offered(context, source.text, around.models) {
        for size in &record.sizes {
            if items.iter().any(|item| item.label == size.name) {
                continue;
            }
            let costs = record.price.as_ref().and_then(|price| {
                let amount = price.per_size.get(&size.name)?;
                Some(format!(", {amount} {}", price.currency))
            });
            let detail = format!("{0} × {0}{1}", size.side, costs.unwrap_or_default());
            let doc =
                format!("A resolution of `{}`: as many pixels as {1} × {1}.", record.id, size.side);
            let number = items.len();
            let item = quoted(site, &size.name, ItemKind::Value);
            items.extend(item.map(|item| item.doc(doc).detail(detail).sort(0, number)));
        }
    }
    items
}

fn scales(source: Source<'_>, context: &Context<'_>, around: Around<'_>, site: &Site) -> Vec<Item> {
    let records = step::offered(context, source.text, around.models);
    let mut scales: Vec<u32> = records.iter().flat_map(|record| record.scales.clone()).collect();
    scales.sort_unstable();
    scales.dedup();
    let items = scales.iter().enumerate();
    items
        .filter_map(|(index, scale)| Some(bare(site, &scale.to_string())?.sort(0, index)))
        .collect()
}

fn params(source: Source<'_>, context: &Context<'_>, around: Around<'_>, site: &Site) -> Vec<Item> {
    let records = step::offered(context, source.text, around.models);
    let (model, name) = match site.name.split_once(':') {
        Some((model, name)) => (Some(model), name),
        None => (None, site.name.as_str()),
    };
    let mut items: Vec<Item> = Vec::new();
    let records = records.into_iter().filter(|record| model.is_none_or(|model| record.id == model));
    for (record, param) in
        records.flat_map(|record| record.params.iter().map(move |it| (record, it)))
    {
        if param.name != name {
            continue;
        }
        let values: Vec<Option<Item>> = match &param.value {
            ParamKind::Choice { values } => {
                values.iter().map(|value| quoted(site, value, ItemKind::Value)).collect()
            }
            ParamKind::Boolean => vec![bare(site, "true"), bare(site, "false")],
            ParamKind::Number { min, max } => {
                vec![bare(site, &min.to_string()), bare(site, &max.to_string())]
            }
            ParamKind::Text => Vec::new(),
        };
        for item in values.into_iter().flatten() {
            if !items.iter().any(|other| other.label == item.label) {
                let number = items.len();
                items.push(item.doc(describe::param(param, record)).sort(0, number));
            }
        }
    }
    items
}

/// The ends of the names of pictures.
const PICTURES: &[&str] = &["jpg", "jpeg", "png", "webp", "tif", "tiff"];

/// Whether a file is what a key is about. Folders lead to such.
fn fits(site: &Site, listed: &Listed) -> bool {
    let end = listed.name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase());
    let is_picture = end.is_some_and(|end| PICTURES.contains(&end.as_str()));
    match site.key.map(|key| key.name) {
        _ if listed.folder => true,
        Some("recipe") => listed.name.ends_with(crate::recipe::SUFFIX),
        Some("path" | "out") => false,
        _ => is_picture,
    }
}

/// The files of a folder, in the place of the last part of what was typed.
fn paths(source: Source<'_>, around: Around<'_>, site: &Site) -> Vec<Item> {
    let range: Range<usize> = match &site.text {
        Some(text) => {
            let typed = &source.text[text.inner.clone()];
            text.inner.start + typed.rfind('/').map_or(0, |slash| slash + 1)..text.inner.end
        }
        None => site.range.clone(),
    };
    let mut items = Vec::new();
    for (index, listed) in around.files.iter().enumerate() {
        let (kind, tail) =
            if listed.folder { (ItemKind::Folder, "/") } else { (ItemKind::File, "") };
        // A quote or a backslash would have to be escaped: such names are left to their owners.
        let is_odd = listed.name.contains(['"', '\\', '\'', '{', '}']);
        if is_odd || listed.name.starts_with('.') || !fits(site, listed) {
            continue;
        }
        let label = format!("{}{tail}", listed.name);
        let mut item = Item::new(&label, kind, range.clone(), label.clone());
        if site.text.is_none() {
            item.text = format!("\"{label}\"");
            item.snippet = Some(format!("\"{}$0\"", escaped(&label)));
            item.filter = Some(label);
        }
        items.push(item.sort(u8::from(!listed.folder), index));
    }
    items
}
