//! What is ordered: one request for a set where the model makes sets, else one for each picture. The same
//! job always gives the same bytes, since the host knows by them which answers are already paid for.

use easel_backend::hosted::wrong_ask;
use easel_backend::{Error, Http, Job, Result};
use serde_json::{Map, Value, json};

use crate::pictures::encoded;
use crate::prompt::compile;
use crate::size::fitting;
use crate::wire::Wire;

/// The body of a request, and how often it is sent.
pub(crate) struct Order {
    pub(crate) body: Vec<u8>,
    /// How many requests of this body.
    pub(crate) requests: u32,
    /// How many pictures each asks for.
    pub(crate) pictures: u32,
    /// The answer is a stream of events.
    pub(crate) stream: bool,
}

/// Reads the job and encodes its pictures.
pub(crate) fn order(job: &Job<'_>, http: &Http<'_, '_>, wire: &Wire) -> Result<Order> {
    let count = job.params().count.max(1);
    let set = if wire.sequential { count } else { 1 };
    let inputs = 1 + job.references().len() as u32;
    if set > 1 && inputs.saturating_add(set) > wire.max_images {
        let message = format!(
            "{inputs} pictures in and {set} out are more than the {} that the model takes together",
            wire.max_images
        );
        return Err(wrong_ask(message, "ask for fewer pictures or leave out references"));
    }
    if let Some((name, value)) = job.params().params.iter().find(|(_, value)| !value.is_null()) {
        let message = format!("the service takes no parameter `{name}` of {value}");
        return Err(wrong_ask(message, "take it out of the model's entry in the catalogue"));
    }
    let mut fields = Map::new();
    let mut set_field = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    set_field("model", wire.id.as_str().into());
    set_field("prompt", compile(job.params(), job.references().len(), set)?.into());
    set_field("size", size(job, wire)?.into());
    set_field("image", pictures(job, http, wire)?);
    set_field("response_format", "b64_json".into());
    set_field("watermark", false.into());
    if let Some(format) = &wire.output_format {
        set_field("output_format", format.as_str().into());
    }
    if set > 1 {
        set_field("sequential_image_generation", "auto".into());
        set_field("sequential_image_generation_options", json!({ "max_images": set }));
        set_field("stream", true.into());
    }
    let body = serde_json::to_vec(&fields).map_err(Error::failed)?;
    Ok(Order { body, requests: count / set, pictures: set, stream: set > 1 })
}

/// The source first, then the references in their order; one alone is no list.
fn pictures(job: &Job<'_>, http: &Http<'_, '_>, wire: &Wire) -> Result<Value> {
    let source = encoded(http, wire, &job.source(), "picture")?;
    if job.references().is_empty() {
        return Ok(source.into());
    }
    let mut list = vec![Value::from(source)];
    for reference in job.references() {
        list.push(encoded(http, wire, reference, "reference")?.into());
    }
    Ok(list.into())
}

/// The size of the answer in the shape of the source: as many pixels as the named size has, else as the
/// source has.
fn size(job: &Job<'_>, wire: &Wire) -> Result<String> {
    let (width, height) = (job.source().width(), job.source().height());
    let named = job.params().size.as_deref().map(|name| {
        wire.sizes.get(name).map(|side| u64::from(*side) * u64::from(*side)).ok_or_else(|| {
            let message = format!("model `{}` has no size `{name}`", job.model());
            wrong_ask(message, "name it in `wire.sizes` of the model's catalogue entry")
        })
    });
    let pixels = named.transpose()?.unwrap_or(u64::from(width) * u64::from(height));
    let window = (wire.min_pixels, wire.max_pixels);
    let size = fitting((width, height), pixels, window).ok_or_else(|| {
        let message =
            format!("model `{}` has no size in the shape of {width}x{height}", job.model());
        wrong_ask(message, "use a picture that is less narrow")
    });
    size.map(|(width, height)| format!("{width}x{height}"))
}
