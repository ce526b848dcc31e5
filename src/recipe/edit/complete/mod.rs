//! What could stand where the cursor is.

mod keys;
mod models;
mod values;

use std::ops::Range;

use easel_protocol::server::ModelEntry;

use super::context::{Context, Place, Site, Source};
use super::{describe, step};
use crate::recipe::facts::FACTS;
use crate::recipe::schema::FileKind;

/// Something that could stand where the cursor is.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// What a menu shows.
    pub label: String,
    /// What kind of thing it is.
    pub kind: ItemKind,
    /// What a menu shows beside it.
    pub detail: Option<String>,
    /// What there is to say of it, as markdown.
    pub doc: Option<String>,
    /// What it takes the place of.
    pub range: Range<usize>,
    /// What is written.
    pub text: String,
    /// The same with places to go on typing, for editors that know such.
    pub snippet: Option<String>,
    /// Menus sort by it.
    pub sort: String,
    /// What is typed to find it, where that is not its label.
    pub filter: Option<String>,
}

/// What kind of thing could stand there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemKind {
    /// A key.
    Key,
    /// A table.
    Table,
    /// One of a few words.
    Word,
    /// A model.
    Model,
    /// A style, a size, a value.
    Value,
    /// A placeholder.
    Placeholder,
    /// A file.
    File,
    /// A folder.
    Folder,
}

/// What is known beside the text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Around<'a> {
    /// The models, none where nobody knows them yet.
    pub models: &'a [ModelEntry],
    /// What lies in the folder that [`folder_wanted`] names.
    pub files: &'a [Listed],
}

/// A file or a folder beside a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// It is a folder.
    pub folder: bool,
}

impl Item {
    fn new(label: &str, kind: ItemKind, range: Range<usize>, text: String) -> Item {
        Item {
            label: label.to_owned(),
            kind,
            detail: None,
            doc: None,
            range,
            text,
            snippet: None,
            sort: String::new(),
            filter: None,
        }
    }

    fn doc(self, doc: impl Into<Option<String>>) -> Item {
        Item { doc: doc.into(), ..self }
    }

    fn detail(self, detail: impl Into<String>) -> Item {
        Item { detail: Some(detail.into()), ..self }
    }

    fn sort(self, group: u8, number: usize) -> Item {
        Item { sort: format!("{group}{number:04}"), ..self }
    }
}

/// Everything that could stand where the cursor is, the likeliest first.
pub fn complete(source: Source<'_>, context: &Context<'_>, around: Around<'_>) -> Vec<Item> {
    let mut items = match &context.place {
        Place::Nowhere => Vec::new(),
        Place::Header { range, before } => keys::headers(source, range, before),
        Place::Key { range, has_value, inline } => {
            keys::keys(source, context, around, range, (*has_value, *inline))
        }
        Place::Value(site) if site.brace.is_some() => placeholders(source, context, site),
        Place::Value(site) => values::values(source, context, around, site),
    };
    items.sort_by(|one, other| one.sort.cmp(&other.sort));
    items
}

/// The folder whose files [`complete`] offers: what was typed of a path up to its last `/`.
pub fn folder_wanted(source: Source<'_>, context: &Context<'_>) -> Option<String> {
    let Place::Value(site) = &context.place else { return None };
    values::takes_path(source.file, site).then(|| {
        let typed = site.text.as_ref().map(|text| &source.text[text.inner.clone()]);
        let typed = typed.unwrap_or_default();
        typed.rfind('/').map(|slash| typed[..=slash].to_owned()).unwrap_or_default()
    })
}

/// What may stand between braces: facts of the picture and axes of the matrix.
fn placeholders(source: Source<'_>, context: &Context<'_>, site: &Site) -> Vec<Item> {
    let Some((brace, key)) = site.brace.as_ref().zip(site.key) else { return Vec::new() };
    if source.file != FileKind::Recipe || !super::context::has_placeholders(key.kind) {
        return Vec::new();
    }
    let end = if brace.closed || brace.fallback { "" } else { "}" };
    let item = |name: &str| {
        let text = format!("{name}{end}");
        Item::new(name, ItemKind::Placeholder, brace.name.clone(), text)
    };
    let axes = step::axes(source);
    let mut items: Vec<Item> = Vec::new();
    for (index, axis) in axes.iter().enumerate() {
        let doc = describe::axis(&axis.name.text, &axis.values);
        items.push(item(&axis.name.text).doc(doc).detail("axis of the matrix").sort(0, index));
    }
    let in_output = context.level().is_some_and(|level| level.table == Some("output"));
    for (index, fact) in FACTS.iter().enumerate() {
        let is_axis = axes.iter().any(|axis| axis.name.text == fact.name);
        if (in_output || !fact.output_only) && !is_axis {
            items.push(
                item(fact.name).doc(describe::fact(fact)).detail(fact.example).sort(1, index),
            );
        }
    }
    items
}

/// A text that stands in a snippet as it is.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('$', "\\$").replace('}', "\\}")
}
