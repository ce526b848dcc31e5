//! Writes every kind of request that the shipped models make to `target/requests/gemini.jsonl`, one JSON
//! object a line, for a judge that knows the service and nothing of Easel.

use std::fmt::Write as _;
use std::path::Path;

use easel_backend::testing::Sent;
use easel_backend::{ModelRecord, RunParams};
use serde_json::{Value, json};

use super::{ask, body, obliging, params, picture, records, run};

fn line(request: &Sent) -> Value {
    let path = request.url.strip_prefix("https://generativelanguage.googleapis.com").unwrap();
    // As the host adds it, by the manifest.
    let mut headers = request.headers.clone();
    headers.insert("x-goog-api-key".to_owned(), "KEY".to_owned());
    json!({
        "provider": "gemini",
        "method": request.method,
        "path": path,
        "headers": headers,
        "body": body(request),
    })
}

/// Everything that a model can be asked for: intents, sizes, numbers of references and pictures, seeds.
fn variants(record: &ModelRecord) -> Vec<(RunParams, u32)> {
    let mut sizes: Vec<Option<String>> = vec![None];
    sizes.extend(record.sizes.iter().map(|size| Some(size.name.clone())));
    let mut variants = Vec::new();
    for intent in &record.intents {
        for size in &sizes {
            for references in [0, 1, record.references.1] {
                for (count, seed) in [(1, None), (record.max_count, Some(1 << 40))] {
                    let params = RunParams {
                        keep: record.keep.clone(),
                        size: size.clone(),
                        count,
                        seed,
                        ..params(&record.id, *intent)
                    };
                    variants.push((params, references));
                }
            }
        }
    }
    if !record.params.is_empty() {
        for level in ["minimal", "low", "medium", "high"] {
            let mut params = params(&record.id, record.intents[0]);
            params.params.insert("thinking_level".to_owned(), level.into());
            variants.push((params, 0));
        }
    }
    variants
}

#[test]
fn every_request_is_written_down() {
    let mut lines = String::new();
    for record in records() {
        for (params, references) in variants(&record) {
            let mut ask = ask(&record.id, params);
            for shade in 0..references {
                ask = ask.reference(picture(shade as u8));
            }
            let (outcome, sent) = run(ask, obliging);
            outcome.outputs().unwrap();
            for request in &sent {
                writeln!(lines, "{}", line(request)).unwrap();
            }
        }
    }
    assert!(lines.lines().count() > 500);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/requests");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("gemini.jsonl"), lines).unwrap();
}
