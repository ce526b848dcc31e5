//! Writes every kind of request that the shipped models make to `target/requests/ark.jsonl`, one JSON
//! object a line, for a judge that knows the service and nothing of Easel.

use std::fmt::Write as _;
use std::path::Path;

use easel_backend::testing::Sent;
use easel_backend::{ModelRecord, RunParams};
use serde_json::{Value, json};

use super::{ask, body, obliging, params, picture, records, run};

fn line(request: &Sent) -> Value {
    let path = request.url.strip_prefix("https://ark.ap-southeast.bytepluses.com").unwrap();
    // As the host adds it, by the manifest.
    let mut headers = request.headers.clone();
    headers.insert("authorization".to_owned(), "Bearer KEY".to_owned());
    json!({
        "provider": "ark",
        "method": request.method,
        "path": path,
        "headers": headers,
        "body": body(request),
    })
}

/// Everything that a model can be asked for: intents, sizes, numbers of references and pictures.
fn variants(record: &ModelRecord) -> Vec<(RunParams, u32)> {
    let mut sizes: Vec<Option<String>> = vec![None];
    sizes.extend(record.sizes.iter().map(|size| Some(size.name.clone())));
    let most = record.references.1;
    let mut variants = Vec::new();
    for intent in &record.intents {
        for size in &sizes {
            for references in [0, 1, most - 1, most] {
                for count in [1, 2, record.max_count - references.min(record.max_count - 1)] {
                    if record.wire["sequential"] == true && count > 1 && 1 + references + count > 15
                    {
                        continue;
                    }
                    let params = RunParams {
                        keep: record.keep.clone(),
                        size: size.clone(),
                        count,
                        ..params(&record.id, *intent)
                    };
                    variants.push((params, references));
                }
            }
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
    std::fs::write(folder.join("ark.jsonl"), lines).unwrap();
}
