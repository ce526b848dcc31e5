//! A table's values as a recipe. Whatever is of the wrong kind was said already by `shape` and is passed over here;
//! what is said here is what the values mean together.

use std::collections::BTreeMap;
use std::ops::Range;

use easel_protocol::model::{Intent, Keep, Margins};
use serde_json::Value;
use toml::de::{DeTable, DeValue};

use super::schema::{self, FileKind, STEP};
use super::spans::{Spans, inside, join, within};
use super::value::{self, Offence};
use super::{
    Axis, Budget, Diagnostic, MaskRule, Output, OutputFormat, Recipe, Severity, Step, Template,
};

/// A placeholder that some text has.
#[derive(Clone, Debug)]
pub(super) struct Use {
    /// Its name.
    pub(super) name: String,
    /// Where the name stands.
    pub(super) range: Range<usize>,
    /// It stands in `output.name`.
    pub(super) in_output: bool,
}

/// Reads values, and remembers what it found on the way.
pub(super) struct Builder<'a> {
    pub(super) text: &'a str,
    pub(super) spans: Spans,
    pub(super) found: Vec<Diagnostic>,
    pub(super) uses: Vec<Use>,
    /// The step's keys stand at the top.
    pub(super) flat: bool,
}

impl<'a> Builder<'a> {
    pub(super) fn new(text: &'a str, spans: Spans) -> Builder<'a> {
        Builder { text, spans, found: Vec::new(), uses: Vec::new(), flat: false }
    }

    pub(super) fn error(
        &mut self,
        code: &'static str,
        range: Range<usize>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.found.push(Diagnostic {
            severity: Severity::Error,
            code,
            message: message.into(),
            hint: Some(hint.into()),
            range,
            fixes: Vec::new(),
        });
    }

    /// The recipe as far as it can be read.
    pub(super) fn recipe(&mut self, root: &DeTable<'_>) -> Recipe {
        let text = |name: &str| {
            root.get(name).and_then(|value| value.get_ref().as_str()).map(str::to_owned)
        };
        let steps = match root.get(STEP).map(toml::Spanned::get_ref) {
            None => {
                self.flat = true;
                for key in schema::keys_of(FileKind::Recipe, STEP) {
                    self.spans.alias(key.name);
                }
                let any =
                    schema::keys_of(FileKind::Recipe, STEP).any(|key| root.contains_key(key.name));
                if any { vec![self.step("step.0", root)] } else { Vec::new() }
            }
            Some(DeValue::Array(tables)) => {
                let tables: Vec<_> = tables
                    .iter()
                    .filter_map(|table| match table.get_ref() {
                        DeValue::Table(table) => Some(table),
                        _ => None,
                    })
                    .collect();
                tables
                    .iter()
                    .enumerate()
                    .map(|(index, table)| self.step(&format!("step.{index}"), table))
                    .collect()
            }
            // `[step]` instead of `[[step]]` is said by its shape.
            Some(DeValue::Table(table)) => vec![self.step("step", table)],
            Some(_) => Vec::new(),
        };
        Recipe {
            title: text("title"),
            description: text("description"),
            steps,
            matrix: below(root, "matrix").map(|it| self.matrix(it)).unwrap_or_default(),
            output: below(root, "output").map(|it| self.output(it)).unwrap_or_default(),
            budget: below(root, "budget").map(budget).unwrap_or_default(),
        }
    }

    fn step(&mut self, path: &str, table: &DeTable<'_>) -> Step {
        let get = |name: &str| table.get(name).map(toml::Spanned::get_ref);
        let whole = |name: &str| get(name).and_then(value::integer);
        let small = |name: &str| whole(name).and_then(|number| u32::try_from(number).ok());
        let number = |name: &str| get(name).and_then(value::number);
        let intent = get("intent").and_then(DeValue::as_str).and_then(intent_named);
        if get("intent").is_none() {
            self.no_intent(path, table);
        }
        Step {
            intent: intent.unwrap_or(Intent::Edit),
            prompt: self.template(table, path, "prompt", false),
            keep: strings(get("keep")).filter_map(keep_named).collect(),
            models: self.models(table, path),
            style: self.styles(table, path),
            references: self.references(table, path),
            mask: self.mask(table, path),
            strength: number("strength"),
            seed: whole("seed").and_then(|seed| u64::try_from(seed).ok()),
            count: small("count"),
            scale: small("scale"),
            size: self.template(table, path, "size", false),
            expand: get("expand").and_then(margins),
            feather: small("feather"),
            context: number("context"),
            params: below(table, "params")
                .map(|params| self.params(&format!("{path}.params"), params))
                .unwrap_or_default(),
        }
    }

    fn no_intent(&mut self, path: &str, table: &DeTable<'_>) {
        // Of a step at the top, the first of its keys is the place.
        let first = table.keys().map(toml::Spanned::span).min_by_key(|span| span.start);
        let range = match self.spans.value(path) {
            Some(head) => head,
            None => within(self.text, first.unwrap_or(0..0)),
        };
        self.error(
            "no-intent",
            range,
            "this step has no `intent`",
            "say what kind of change it is: `intent = \"edit\"`, `restyle`, `enhance`, `background`, `cutout`, …",
        );
    }

    /// A text with placeholders; those are remembered.
    fn template(
        &mut self,
        table: &DeTable<'_>,
        path: &str,
        name: &str,
        in_output: bool,
    ) -> Option<Template> {
        let text = table.get(name)?.get_ref().as_str()?;
        let range = self.spans.nearest(&join(path, name));
        self.part(&range, 0, text, in_output)
    }

    /// A template that starts at an offset in the string that stands at `range`.
    fn part(
        &mut self,
        range: &Range<usize>,
        offset: usize,
        text: &str,
        in_output: bool,
    ) -> Option<Template> {
        let template = Template::parse(text).ok()?;
        for part in &template.parts {
            if let super::Part::Placeholder { name, range: inner, .. } = part {
                let inner = offset + inner.start..offset + inner.end;
                let range = inside(self.text, range.clone(), inner);
                self.uses.push(Use { name: name.clone(), range, in_output });
            }
        }
        Some(template)
    }

    /// The texts of a key that takes one or a list, each with its place, which becomes known as `path.0`, `path.1`, ….
    fn texts(
        &mut self,
        table: &DeTable<'_>,
        path: &str,
        name: &str,
    ) -> Vec<(String, Range<usize>, String)> {
        let path = join(path, name);
        let Some(value) = table.get(name) else { return Vec::new() };
        if let Some(text) = value.get_ref().as_str() {
            let range = within(self.text, value.span());
            self.spans.add(format!("{path}.0"), range.clone());
            return vec![(format!("{path}.0"), range, text.to_owned())];
        }
        let DeValue::Array(values) = value.get_ref() else { return Vec::new() };
        values
            .iter()
            .enumerate()
            .filter_map(|(index, value)| {
                let text = value.get_ref().as_str()?.to_owned();
                Some((format!("{path}.{index}"), within(self.text, value.span()), text))
            })
            .collect()
    }

    fn models(&mut self, table: &DeTable<'_>, path: &str) -> Vec<Vec<Template>> {
        let mut choices = Vec::new();
        for (path, range, text) in self.texts(table, path, "model") {
            let mut chain = Vec::new();
            for (index, (inner, name)) in value::chain(&text).into_iter().enumerate() {
                let place = inside(self.text, range.clone(), inner.clone());
                if name.is_empty() {
                    self.error(
                        "empty",
                        place,
                        "a model without a name",
                        "`easel model list` shows the models; `auto` takes the one that suits best",
                    );
                    continue;
                }
                self.spans.add(format!("{path}.{index}"), place);
                chain.extend(self.part(&range, inner.start, name, false));
            }
            choices.push(chain);
        }
        choices
    }

    fn styles(&mut self, table: &DeTable<'_>, path: &str) -> Vec<(Template, f64)> {
        let mut styles = Vec::new();
        for (_, range, text) in self.texts(table, path, "style") {
            let offset = text.len() - text.trim_start().len();
            match value::weighted(&text) {
                Ok(("", _)) => {
                    self.error(
                        "empty",
                        range,
                        "a style without a name",
                        "write `NAME` or `NAME:0.7`",
                    );
                }
                Ok((name, weight)) => {
                    styles.extend(self.part(&range, offset, name, false).map(|it| (it, weight)));
                }
                Err(offence) => self.offence(&range, offence),
            }
        }
        styles
    }

    fn references(&mut self, table: &DeTable<'_>, path: &str) -> Vec<Template> {
        let mut references = Vec::new();
        for (_, range, text) in self.texts(table, path, "reference") {
            if text.trim().is_empty() {
                self.error(
                    "empty",
                    range,
                    "a reference without a path",
                    "write the path of a picture",
                );
                continue;
            }
            references.extend(self.part(&range, 0, &text, false));
        }
        references
    }

    fn offence(&mut self, range: &Range<usize>, offence: Offence) {
        let place = match offence.inner {
            Some(inner) => inside(self.text, range.clone(), inner),
            None => range.clone(),
        };
        self.error(offence.code, place, offence.message, offence.hint.unwrap_or_default());
    }

    fn mask(&mut self, table: &DeTable<'_>, path: &str) -> MaskRule {
        match table.get("mask").map(toml::Spanned::get_ref) {
            Some(DeValue::String(word)) => match word.as_ref() {
                "subject" => MaskRule::Subject,
                "background" => MaskRule::Background,
                "alpha" => MaskRule::Alpha,
                _ => MaskRule::None,
            },
            Some(DeValue::Table(mask)) => {
                if !mask.contains_key("file") {
                    let range = self.spans.nearest(&format!("{path}.mask"));
                    let hint = "write `mask = { file = \"{name}.mask.png\" }`";
                    self.error("no-file", range, "the mask's table has no `file`", hint);
                }
                let file = self.template(mask, &format!("{path}.mask"), "file", false);
                file.map_or(MaskRule::None, MaskRule::File)
            }
            _ => MaskRule::None,
        }
    }

    fn params(&mut self, path: &str, table: &DeTable<'_>) -> BTreeMap<String, Value> {
        let mut params = BTreeMap::new();
        for (key, value) in table {
            let name = key.get_ref().to_string();
            let value = match value.get_ref() {
                DeValue::String(text) => {
                    // Noted for its placeholders; it is taken apart when it is filled.
                    let range = self.spans.nearest(&join(path, &name));
                    self.part(&range, 0, text, false);
                    Value::String(text.to_string())
                }
                DeValue::Boolean(value) => Value::Bool(*value),
                value @ DeValue::Integer(_) => match value::integer(value) {
                    Some(whole) => {
                        i64::try_from(whole).map_or(Value::from(whole as f64), Value::from)
                    }
                    None => continue,
                },
                value @ DeValue::Float(_) => value::number(value).map_or(Value::Null, Value::from),
                _ => continue,
            };
            params.insert(name, value);
        }
        params
    }

    fn matrix(&mut self, table: &DeTable<'_>) -> Vec<Axis> {
        let mut axes: Vec<_> = table
            .iter()
            .map(|(key, value)| {
                let values = strings(Some(value.get_ref())).map(str::to_owned).collect();
                (key.span().start, Axis { name: key.get_ref().to_string(), values })
            })
            .collect();
        // A table is sorted by name; results come in the order in which axes were written.
        axes.sort_by_key(|(start, _)| *start);
        axes.into_iter().map(|(_, axis)| axis).collect()
    }

    fn output(&mut self, table: &DeTable<'_>) -> Output {
        let get = |name: &str| table.get(name).map(toml::Spanned::get_ref);
        let flag = |name: &str, without: bool| match get(name) {
            Some(DeValue::Boolean(value)) => *value,
            _ => without,
        };
        let usual = Output::default();
        let format = get("format").and_then(DeValue::as_str).and_then(format_named);
        let quality = get("quality").and_then(value::integer);
        Output {
            format: format.unwrap_or(usual.format),
            quality: quality.and_then(|it| u8::try_from(it).ok()).unwrap_or(usual.quality),
            sheet: flag("sheet", usual.sheet),
            metadata: flag("metadata", usual.metadata),
            sidecar: flag("sidecar", usual.sidecar),
            name: self.template(table, "output", "name", true),
        }
    }
}

fn below<'t, 'i>(table: &'t DeTable<'i>, name: &str) -> Option<&'t DeTable<'i>> {
    match table.get(name)?.get_ref() {
        DeValue::Table(table) => Some(table),
        _ => None,
    }
}

fn strings<'v>(value: Option<&'v DeValue<'_>>) -> impl Iterator<Item = &'v str> {
    let values = match value {
        Some(DeValue::Array(values)) => Some(values),
        _ => None,
    };
    values.into_iter().flatten().filter_map(|value| value.get_ref().as_str())
}

fn budget(table: &DeTable<'_>) -> Budget {
    let amount = |name: &str| value::amount_of(table.get(name)?.get_ref().as_str()?);
    Budget { picture: amount("picture"), day: amount("day") }
}

fn margins(value: &DeValue<'_>) -> Option<Margins> {
    let small = |value: &DeValue<'_>| u32::try_from(value::integer(value)?).ok();
    if let DeValue::Table(table) = value {
        let side = |name: &str| table.get(name).and_then(|it| small(it.get_ref())).unwrap_or(0);
        return Some(Margins {
            top: side("top"),
            right: side("right"),
            bottom: side("bottom"),
            left: side("left"),
        });
    }
    small(value).map(|all| Margins { top: all, right: all, bottom: all, left: all })
}

fn intent_named(name: &str) -> Option<Intent> {
    Intent::ALL.into_iter().find(|intent| intent.name() == name)
}

fn keep_named(name: &str) -> Option<Keep> {
    Keep::ALL.into_iter().find(|keep| keep.name() == name)
}

fn format_named(name: &str) -> Option<OutputFormat> {
    Some(match name {
        "same" => OutputFormat::Same,
        "png" => OutputFormat::Png,
        "jpeg" => OutputFormat::Jpeg,
        "webp" => OutputFormat::Webp,
        "tiff" => OutputFormat::Tiff,
        _ => return None,
    })
}
