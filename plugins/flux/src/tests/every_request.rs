//! Writes every kind of request that the shipped models make to `target/requests/bfl.jsonl`, one JSON
//! object a line, for a judge that knows the service and nothing of Easel.

use std::fmt::Write as _;
use std::path::Path;

use easel_backend::testing::{Ask, Picture, Sent};
use easel_backend::{
    Intent, Margins, MaskSupport, ModelRecord, PixelFormat, PromptSupport, RunParams,
};
use serde_json::{Value, json};

use super::{obliging, params, picture, records, run};

/// A real picture of 256x256, white: what the test's codec writes is none, and the judge looks into it.
const PICTURE: &str = "iVBORw0KGgoAAAANSUhEUgAAAQAAAAEACAAAAAB5Gfe6AAABOElEQVR42u3QAQEAAAgCIOv/ZxsSTGCa3zYCBAgQIECAAAECBAgQIECAAAECBAgQIECAAAECBAgQIECAAAECBAgQIECAAAECBAgQIECAAAECBAgQIECAAAECBAgQIECAAAECBAgQIECAAAECBAgQIECAAAECBAgQIECAAAECBAgQIECAAAECBAgQIECAAAECBAgQIECAAAECBAgQIECAAAECBAgQIECAAAECBAgQIECAAAECBAgQIECAAAECBAgQIECAAAECBAgQIECAAAECBAgQIECAAAECBAgQIECAAAECBAgQIECAAAECBAgQIECAAAECBAgQIECAAAECBAgQIECAAAECBAgQIECAAAECBAgQIECAAAECBAgQIECAAAECBAgQIECAAAECBAgQIECAAAECBAgQIEBADh0fAv8ujsFtAAAAAElFTkSuQmCC";

fn line(request: &Sent) -> Value {
    let path = request.url.split("/v1/").nth(1).map(|path| format!("/v1/{path}"));
    let mut body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    for (name, value) in body.as_object_mut().into_iter().flatten() {
        if name == "mask" || name.contains("image") {
            *value = PICTURE.into();
        }
    }
    // As the host adds it, by the manifest.
    let mut headers = request.headers.clone();
    headers.insert("x-key".to_owned(), "KEY".to_owned());
    json!({
        "provider": "bfl",
        "method": request.method,
        "path": path.unwrap(),
        "headers": headers,
        "body": body,
    })
}

/// Everything that a model can be asked for: intents, numbers of references and pictures, seeds.
fn variants(record: &ModelRecord) -> Vec<(RunParams, u32)> {
    let mut references = vec![0, 1, record.references.1];
    references.retain(|number| *number <= record.references.1);
    references.dedup();
    let mut variants = Vec::new();
    for intent in &record.intents {
        for references in &references {
            for (count, seed) in [(1, None), (record.max_count, None), (2, Some(1 << 40))] {
                let words = record.prompt != PromptSupport::None;
                let margins = Margins { top: 0, right: 64, bottom: 128, left: 2048 };
                let params = RunParams {
                    prompt: words.then(|| "a \"red\" scarf".to_owned()),
                    keep: record.keep.clone(),
                    expand: (*intent == Intent::Expand).then_some(margins),
                    count,
                    seed,
                    ..params(&record.id, *intent)
                };
                variants.push((params, *references));
            }
        }
    }
    variants
}

#[test]
fn every_request_is_written_down() {
    let mut lines = String::new();
    for record in records() {
        let side = record.size.min_side;
        for (params, references) in variants(&record) {
            let source = Picture::filled(PixelFormat::Rgba8, side, side, &[1, 2, 3, 255]);
            let mut ask = Ask::new(&record.id, params.intent, source).params(params);
            if record.mask == MaskSupport::Native {
                ask = ask.mask(Picture::filled(PixelFormat::Gray8, side, side, &[255]));
            }
            for shade in 0..references {
                ask = ask.reference(picture(shade as u8));
            }
            let (outcome, sent) = run(ask, obliging);
            outcome.outputs().unwrap();
            for request in sent.iter().filter(|request| request.secret == "bfl") {
                writeln!(lines, "{}", line(request)).unwrap();
            }
        }
    }
    assert!(lines.lines().count() > 500);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/requests");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("bfl.jsonl"), lines).unwrap();
}
