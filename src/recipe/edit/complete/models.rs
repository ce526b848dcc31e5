//! Models and what takes their place.

use super::values::quoted;
use super::{Around, Item, ItemKind};
use crate::recipe::edit::context::{Context, Site, Source};
use crate::recipe::edit::{describe, step};

/// The models, those first that can be used and do what the step asks for.
pub(super) fn models(
    source: Source<'_>,
    context: &Context<'_>,
    around: Around<'_>,
    site: &Site,
) -> Vec<Item> {
    let intent = step::intent(context, source.text);
    let segment = Segment::of(source, context, site);
    let mut items = Vec::new();
    for (index, entry) in around.models.iter().enumerate() {
        let record = &entry.record;
        let Some(item) = segment.item(site, &record.id) else { continue };
        let does = intent.is_none_or(|intent| record.intents.contains(&intent));
        let group = if entry.available { u8::from(!does) } else { 2 };
        let detail = match (&entry.reason, does, intent) {
            (Some(reason), ..) if !entry.available => format!("{} · {reason}", record.label),
            (_, false, Some(intent)) => format!("{} · not for {}", record.label, intent.name()),
            _ => format!("{} · {} · {}", record.label, record.strengths, describe::price(record)),
        };
        items.push(item.doc(describe::model(entry)).detail(detail).sort(group, index));
    }
    let doc =
        "Easel picks the model that suits the step and the picture best, and says why.".to_owned();
    items.extend(segment.item(site, "auto").map(|item| item.doc(doc).sort(1, 9_999)));
    items.extend(segment.go_on(source, around));
    items
}

/// The name in a chain that the cursor is in.
struct Segment {
    /// Its place in the file; absent where the cursor is in no text.
    range: Option<std::ops::Range<usize>>,
    /// It is the last one of its chain.
    last: bool,
    /// The names beside it.
    others: Vec<String>,
    /// What has to close the text.
    end: &'static str,
}

impl Segment {
    fn of(source: Source<'_>, context: &Context<'_>, site: &Site) -> Segment {
        let Some(text) = &site.text else {
            let others = Vec::new();
            return Segment { range: None, last: true, others, end: "" };
        };
        let inner = &source.text[text.inner.clone()];
        let chain = step::chain(inner);
        let cursor = context.cursor.saturating_sub(text.inner.start);
        let found = chain.iter().rposition(|(range, _)| range.start <= cursor).unwrap_or(0);
        let others = chain.iter().enumerate().filter(|(index, _)| *index != found);
        let others = others.map(|(_, (_, name))| (*name).to_owned()).collect();
        let range = chain.get(found).map_or(0..0, |(range, _)| range.clone());
        Segment {
            range: Some(text.inner.start + range.start..text.inner.start + range.end),
            last: found + 1 >= chain.len(),
            others,
            end: if text.closed { "" } else { "\"" },
        }
    }

    fn item(&self, site: &Site, name: &str) -> Option<Item> {
        if self.others.iter().any(|other| other == name) {
            return None;
        }
        let item = quoted(site, name, ItemKind::Model)?;
        Some(match &self.range {
            Some(range) => {
                Item { range: range.clone(), text: format!("{name}{}", self.end), ..item }
            }
            None => item,
        })
    }

    /// Behind a name that is complete: what takes its place.
    fn go_on(&self, source: Source<'_>, around: Around<'_>) -> Option<Item> {
        let range = self.range.clone().filter(|_| self.last)?;
        let name = &source.text[range.clone()];
        let is_known = around.models.iter().any(|entry| entry.record.id == name);
        is_known.then(|| {
            let text = format!("{name}{}", step::ELSE);
            let item = Item::new(&format!("{name}, else …"), ItemKind::Model, range, text);
            item.doc("What takes its place where it cannot be used.".to_owned()).sort(3, 0)
        })
    }
}
