//! What there is to say of what the cursor is on.

use std::ops::Range;

use super::complete::Around;
use super::context::{Context, Level, Place, Site, Source, has_placeholders};
use super::{describe, step, template};
use crate::recipe::facts::fact_named;
use crate::recipe::schema::{self, FileKind, KeyDoc};

/// Words on something, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// Where it stands.
    pub range: Range<usize>,
    /// The words, as markdown.
    pub text: String,
}

/// What there is to say of what the cursor is on.
pub fn hover(source: Source<'_>, context: &Context<'_>, around: Around<'_>) -> Option<Hover> {
    match &context.place {
        Place::Nowhere => None,
        Place::Key { range, .. } if range.is_empty() => None,
        Place::Key { range, .. } => of_key(source, context, around, range),
        Place::Header { range, .. } => of_header(source, context, range),
        Place::Value(site) => of_value(source, context, around, site),
    }
}

fn of_key(
    source: Source<'_>,
    context: &Context<'_>,
    around: Around<'_>,
    range: &Range<usize>,
) -> Option<Hover> {
    let level = context.level()?;
    let written = source.text[range.clone()].trim_matches(['"', '\'']);
    let key = schema::find(source.file, level.table?, written)?;
    let text = match key.table {
        "matrix" => {
            let axis = step::axes(source).into_iter().find(|axis| axis.name.range == *range);
            axis.map(|axis| describe::axis(&axis.name.text, &axis.values))
        }
        "params" => of_param(source, context, around, written),
        _ => None,
    };
    let text = text.unwrap_or_else(|| describe::key(key, written));
    Some(Hover { range: range.clone(), text })
}

fn of_param(
    source: Source<'_>,
    context: &Context<'_>,
    around: Around<'_>,
    name: &str,
) -> Option<String> {
    let name = name.split_once(':').map_or(name, |(_, name)| name);
    step::offered(context, source.text, around.models).into_iter().find_map(|record| {
        let param = record.params.iter().find(|param| param.name == name)?;
        Some(describe::param(param, record))
    })
}

fn of_header(source: Source<'_>, context: &Context<'_>, range: &Range<usize>) -> Option<Hover> {
    let Level { table: Some(_), .. } = context.level()? else { return None };
    let mut found: Option<&'static KeyDoc> = None;
    let mut table = "";
    for level in &context.levels[1..] {
        let key = schema::find(source.file, table, &level.name)?;
        table = key.kind.table()?;
        found = Some(key);
    }
    let text = found.map(|key| key.doc.to_owned())?;
    Some(Hover { range: range.clone(), text })
}

fn of_value(
    source: Source<'_>,
    context: &Context<'_>,
    around: Around<'_>,
    site: &Site,
) -> Option<Hover> {
    let key = site.key.filter(|_| context.cursor <= site.range.end)?;
    let is_recipe = source.file == FileKind::Recipe;
    let Some(text) = &site.text else {
        return (!site.range.is_empty())
            .then(|| Hover { range: site.range.clone(), text: describe::key(key, &site.name) });
    };
    if is_recipe && has_placeholders(key.kind) {
        let braces = template::braces(source.text, &text.inner);
        let brace = braces
            .into_iter()
            .find(|brace| brace.range.start <= context.cursor && context.cursor < brace.range.end);
        if let Some(brace) = brace {
            let text = of_placeholder(source, &source.text[brace.name.clone()])?;
            return Some(Hover { range: brace.range, text });
        }
    }
    let written = &source.text[text.inner.clone()];
    let hover = |text: Option<String>| text.map(|text| Hover { range: site.range.clone(), text });
    if is_recipe && key.table == schema::STEP {
        match key.name {
            "model" => {
                let cursor = context.cursor.saturating_sub(text.inner.start);
                let chain = step::chain(written);
                let is_on = |range: &Range<usize>| range.start <= cursor && cursor <= range.end;
                let (range, name) = chain.into_iter().find(|(range, _)| is_on(range))?;
                let entry = around.models.iter().find(|entry| entry.record.id == name)?;
                let range = text.inner.start + range.start..text.inner.start + range.end;
                return Some(Hover { range, text: describe::model(entry) });
            }
            "style" => {
                let name = written.split(':').next().unwrap_or_default().trim();
                let records = step::offered(context, source.text, around.models);
                return hover(records.into_iter().find_map(|record| {
                    let style = record.styles.iter().find(|style| style.name == name)?;
                    Some(describe::style(style, record))
                }));
            }
            "size" => {
                let records = step::offered(context, source.text, around.models);
                return hover(records.into_iter().find_map(|record| {
                    let size = record.sizes.iter().find(|size| size.name == written)?;
                    let side = size.side;
                    Some(format!(
                        "`{}` of `{}`: as many pixels as {side} × {side}.",
                        size.name, record.id
                    ))
                }));
            }
            _ => {}
        }
    }
    hover(schema::word_doc(source.file, key.name, written).map(str::to_owned))
}

fn of_placeholder(source: Source<'_>, name: &str) -> Option<String> {
    let axis = step::axes(source).into_iter().find(|axis| axis.name.text == name);
    let axis = axis.map(|axis| describe::axis(&axis.name.text, &axis.values));
    axis.or_else(|| fact_named(name).map(describe::fact))
}
