//! The bodies of `generateContent`, one for each picture: the service knows no count. The same job always
//! gives the same bytes, since the host knows by them which answers are already paid for.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use easel_backend::hosted::{failure, wrong_ask};
use easel_backend::{Charged, Error, FailureKind, Http, Image, Job, Result};
use serde_json::{Map, Value, json};

use crate::prompt::{SYSTEM, compile};
use crate::wire::Wire;

/// The body for one picture, and the seed in it.
pub(crate) struct Body {
    pub(crate) bytes: Vec<u8>,
    pub(crate) seed: Option<i32>,
}

/// A body for each picture of the job.
pub(crate) fn bodies(job: &Job<'_>, http: &Http<'_, '_>, wire: &Wire) -> Result<Vec<Body>> {
    let prompt = compile(job.params(), job.references().len())?;
    let mut config = config(job, wire)?;
    let mut parts = vec![json!({ "text": prompt })];
    parts.extend(pictures(job, http, wire)?);
    let contents = json!([{ "role": "user", "parts": parts }]);
    let system = json!({ "parts": [{ "text": SYSTEM }] });
    (0..job.params().count.max(1))
        .map(|index| {
            let seed = job.params().seed.map(|seed| folded(seed, index));
            if let Some(seed) = seed {
                config.insert("seed".to_owned(), seed.into());
            }
            let body = Envelope {
                contents: &contents,
                generation_config: &config,
                system_instruction: &system,
            };
            Ok(Body { bytes: serde_json::to_vec(&body).map_err(Error::failed)?, seed })
        })
        .collect()
}

/// Borrows what all bodies share: the pictures are large.
#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    contents: &'a Value,
    generation_config: &'a Map<String, Value>,
    system_instruction: &'a Value,
}

fn config(job: &Job<'_>, wire: &Wire) -> Result<Map<String, Value>> {
    let mut image = Map::new();
    if let Some(aspect) = wire.nearest_aspect(job.source().width(), job.source().height()) {
        image.insert("aspectRatio".to_owned(), aspect.into());
    }
    if let Some(size) = job.params().size.as_deref().filter(|_| !wire.sizes.is_empty()) {
        if !wire.sizes.iter().any(|known| known == size) {
            let message = format!("model `{}` has no size `{size}`", job.model());
            return Err(wrong_ask(
                message,
                "name it in `wire.sizes` of the model's catalogue entry",
            ));
        }
        image.insert("imageSize".to_owned(), size.into());
    }
    let mut config = Map::new();
    config.insert("responseModalities".to_owned(), json!(["TEXT", "IMAGE"]));
    if !image.is_empty() {
        config.insert("imageConfig".to_owned(), image.into());
    }
    for (name, value) in &job.params().params {
        match (name.as_str(), value) {
            (_, Value::Null) => {}
            ("thinking_level", Value::String(level)) => {
                let thinking = json!({ "thinkingLevel": level.to_ascii_uppercase() });
                config.insert("thinkingConfig".to_owned(), thinking);
            }
            _ => {
                let message = format!("the service takes no parameter `{name}` of {value}");
                return Err(wrong_ask(message, "correct the model's entry in the catalogue"));
            }
        }
    }
    Ok(config)
}

/// The source first, then the references in their order; as PNG where all of them together are small
/// enough, else as JPEG.
fn pictures(job: &Job<'_>, http: &Http<'_, '_>, wire: &Wire) -> Result<Vec<Value>> {
    let source = job.source();
    let images: Vec<&Image<'_>> = std::iter::once(&source).chain(job.references()).collect();
    for (media, limit) in [("image/png", wire.lossless_bytes), ("image/jpeg", wire.max_bytes)] {
        let files: Vec<&[u8]> =
            images.iter().map(|image| http.encode(image, media)).collect::<Result<_>>()?;
        if files.iter().map(|file| file.len() as u64).sum::<u64>() <= limit {
            let part = |file: &[u8]| json!({ "inlineData": { "mimeType": media, "data": STANDARD.encode(file) } });
            return Ok(files.into_iter().map(part).collect());
        }
    }
    let message = format!(
        "the pictures are above the service's {} bytes together, even as `image/jpeg`",
        wire.max_bytes
    );
    let hint = "use fewer or smaller references";
    Err(failure(FailureKind::TooLarge, Charged::No, message, hint, None))
}

/// A seed as the service takes it, in 31 bits; small ones stay what they are, and each picture of a job
/// has the next one.
fn folded(seed: u64, index: u32) -> i32 {
    let folded = (seed ^ (seed >> 31) ^ (seed >> 62)) as u32 & 0x7fff_ffff;
    (folded.wrapping_add(index) & 0x7fff_ffff) as i32
}
