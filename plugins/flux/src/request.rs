//! The bodies of submissions: which fields a family takes, and what of the job goes into them. The same
//! job always gives the same bytes, since the host knows by them which answers are already paid for.

use easel_backend::hosted::wrong_ask;
use easel_backend::{Error, Http, Job, Result};
use serde_json::{Map, Value};

use crate::pictures::{encoded, encoded_mask};
use crate::prompt;
use crate::wire::{Family, Wire};

/// What goes into the body of each picture of a job alike, and where they differ.
pub(crate) struct Bodies {
    fields: Map<String, Value>,
    seed: Option<u64>,
}

impl Bodies {
    /// Reads the job and encodes its pictures.
    pub(crate) fn of(job: &Job<'_>, http: &Http<'_, '_>, wire: &Wire) -> Result<Self> {
        let mut fields = Map::new();
        if let Some(prompt) = prompt::compile(wire.family, job.params(), job.references().len())? {
            fields.insert("prompt".to_owned(), prompt.into());
        }
        shape(job, wire, &mut fields)?;
        for (name, value) in &job.params().params {
            if let Some(value) = param(wire.family, name, value)? {
                fields.insert(name.clone(), value);
            }
        }
        fields.insert("output_format".to_owned(), "png".into());
        pictures(job, http, wire, &mut fields)?;
        Ok(Bodies { fields, seed: job.params().seed })
    }

    /// The body for picture `index` of the job. Without a seed, line feeds at its end tell it from the
    /// others: otherwise an answer that is replayed could not be told from its neighbour's.
    pub(crate) fn body(&self, index: u32) -> Result<Vec<u8>> {
        let mut fields = self.fields.clone();
        if let Some(seed) = self.seed {
            let seed = seed.wrapping_add(u64::from(index)) & i64::MAX.unsigned_abs();
            fields.insert("seed".to_owned(), seed.into());
        }
        let mut body = serde_json::to_vec(&fields).map_err(Error::failed)?;
        if self.seed.is_none() {
            body.extend(std::iter::repeat_n(b'\n', index as usize));
        }
        Ok(body)
    }
}

/// The size of the answer, as far as it is asked for.
fn shape(job: &Job<'_>, wire: &Wire, fields: &mut Map<String, Value>) -> Result<()> {
    let (width, height) = (job.source().width(), job.source().height());
    match wire.family {
        Family::Flux2 => {
            fields.insert("width".to_owned(), width.into());
            fields.insert("height".to_owned(), height.into());
        }
        Family::Expand => {
            let margins = job.params().expand.unwrap_or_default();
            let sides = [
                ("top", margins.top),
                ("right", margins.right),
                ("bottom", margins.bottom),
                ("left", margins.left),
            ];
            if sides.iter().all(|(_, margin)| *margin == 0) {
                let hint = "say by how many pixels it grows at the top, right, bottom or left";
                return Err(wrong_ask("intent `expand` needs a margin", hint));
            }
            for (side, margin) in sides {
                if margin > wire.max_margin {
                    let most = wire.max_margin;
                    let message =
                        format!("the picture grows by at most {most} pixels a side, not {margin}");
                    return Err(wrong_ask(message, "expand in several steps"));
                }
                fields.insert(side.to_owned(), margin.into());
            }
            let grown = |side: u32, one: u32, other: u32| {
                u64::from(side) + u64::from(one) + u64::from(other)
            };
            let wide = grown(width, margins.left, margins.right);
            let high = grown(height, margins.top, margins.bottom);
            if wide.checked_mul(high).is_none_or(|pixels| pixels > wire.max_input_pixels) {
                let most = wire.max_input_pixels;
                let message =
                    format!("the expanded picture of {wide}x{high} is above {most} pixels");
                return Err(wrong_ask(message, "expand less, or a smaller picture"));
            }
        }
        // It follows the input in all others.
        Family::Kontext | Family::Fill | Family::Erase => {}
    }
    Ok(())
}

/// The source first, then the references in their order; the mask where the family has one.
fn pictures(
    job: &Job<'_>,
    http: &Http<'_, '_>,
    wire: &Wire,
    fields: &mut Map<String, Value>,
) -> Result<()> {
    let source = encoded(http, wire, &job.source(), "picture")?;
    match wire.family {
        Family::Flux2 | Family::Kontext => {
            fields.insert("input_image".to_owned(), source.into());
            for (number, reference) in (2..).zip(job.references()) {
                let reference = encoded(http, wire, reference, "reference")?;
                fields.insert(format!("input_image_{number}"), reference.into());
            }
        }
        Family::Expand => {
            fields.insert("image".to_owned(), source.into());
        }
        Family::Fill | Family::Erase => {
            let Some(mask) = job.mask() else {
                let message = format!("model `{}` needs a mask", job.model());
                return Err(wrong_ask(message, "mark the place that is to change"));
            };
            fields.insert("image".to_owned(), source.into());
            fields.insert("mask".to_owned(), encoded_mask(http, wire, &mask)?.into());
        }
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Kind {
    Whole,
    Number,
    Switch,
}

/// The parameters that a family takes beyond what is common to all.
fn params(family: Family) -> &'static [(&'static str, Kind)] {
    match family {
        Family::Flux2 => &[
            ("safety_tolerance", Kind::Whole),
            ("prompt_upsampling", Kind::Switch),
            ("steps", Kind::Whole),
            ("guidance", Kind::Number),
        ],
        Family::Kontext => {
            &[("safety_tolerance", Kind::Whole), ("prompt_upsampling", Kind::Switch)]
        }
        Family::Fill | Family::Expand => &[
            ("steps", Kind::Whole),
            ("guidance", Kind::Number),
            ("safety_tolerance", Kind::Whole),
            ("prompt_upsampling", Kind::Switch),
        ],
        Family::Erase => &[("dilate_pixels", Kind::Whole), ("safety_tolerance", Kind::Whole)],
    }
}

/// A parameter as the service takes it; `None` where nothing is said.
fn param(family: Family, name: &str, value: &Value) -> Result<Option<Value>> {
    if value.is_null() {
        return Ok(None);
    }
    let Some((_, kind)) = params(family).iter().find(|(known, _)| *known == name) else {
        let message = format!("the service takes no parameter `{name}` for this model");
        return Err(wrong_ask(message, "take it out of the model's entry in the catalogue"));
    };
    let taken = match kind {
        Kind::Whole => value.as_f64().map(|number| (number.round() as i64).into()),
        Kind::Number => value.as_f64().map(Value::from),
        Kind::Switch => value.as_bool().map(Value::from),
    };
    taken.map(Some).ok_or_else(|| {
        wrong_ask(
            format!("the parameter `{name}` cannot be {value}"),
            "give it a value that the model's entry in the catalogue names",
        )
    })
}
