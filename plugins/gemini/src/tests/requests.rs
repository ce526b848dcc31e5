//! The bodies of requests, field by field, for every model that is shipped.

use easel_backend::testing::{Ask, Picture};
use easel_backend::{FailureKind, Intent, PixelFormat, RunParams};
use serde_json::{Value, json};

use super::{ask, body, obliging, params, picture, records, run, shade};

fn sent(model: &str, params: RunParams) -> Value {
    let (outcome, sent) = run(ask(model, params), obliging);
    outcome.outputs().unwrap();
    body(&sent[0])
}

#[test]
fn every_model_and_size_gets_exactly_the_fields_that_it_takes() {
    for record in records() {
        let mut sizes: Vec<Option<String>> = vec![None];
        sizes.extend(record.sizes.iter().map(|size| Some(size.name.clone())));
        for size in sizes {
            let params =
                RunParams { size: size.clone(), seed: Some(5), ..params(&record.id, Intent::Edit) };
            let (_, sent) = run(ask(&record.id, params), obliging);
            let request = &sent[0];
            let wire_id = record.wire["id"].as_str().unwrap();
            assert_eq!(
                request.url,
                format!(
                    "https://generativelanguage.googleapis.com/v1beta/models/{wire_id}:generateContent"
                )
            );
            assert_eq!((request.method.as_str(), request.secret.as_str()), ("POST", "gemini"));
            assert_eq!(request.headers.len(), 1);
            assert_eq!(request.headers["content-type"], "application/json");
            assert!(!request.free && !request.cut);
            let mut image = json!({ "aspectRatio": "3:2" });
            if let Some(size) = size {
                image["imageSize"] = size.into();
            }
            let body = body(request);
            assert_eq!(
                body["generationConfig"],
                json!({ "responseModalities": ["TEXT", "IMAGE"], "imageConfig": image, "seed": 5 }),
                "{}",
                record.id
            );
            assert_eq!(body.as_object().unwrap().len(), 3);
            let system = body["systemInstruction"]["parts"][0]["text"].as_str().unwrap();
            assert!(system.contains("Always answer with one finished picture"));
            assert_eq!(body["contents"][0]["role"], "user");
        }
    }
}

#[test]
fn a_size_is_never_sent_to_a_model_without_sizes() {
    for model in ["nano-banana", "nano-banana-lite"] {
        let params = RunParams { size: Some("1K".to_owned()), ..params(model, Intent::Edit) };
        assert!(sent(model, params)["generationConfig"]["imageConfig"].get("imageSize").is_none());
    }
    let params =
        RunParams { size: Some("512".to_owned()), ..params("nano-banana-pro", Intent::Edit) };
    let (outcome, sent) = run(ask("nano-banana-pro", params), obliging);
    assert!(outcome.error().unwrap().message().contains("`512`"));
    assert!(sent.is_empty());
}

#[test]
fn the_prompt_comes_first_then_the_source_then_the_references() {
    for record in records() {
        let mut ask = ask(&record.id, params(&record.id, Intent::Edit));
        for number in 0..record.references.1 {
            ask = ask.reference(picture(10 + number as u8));
        }
        let (_, sent) = run(ask, obliging);
        let body = body(&sent[0]);
        let parts = body["contents"][0]["parts"].as_array().unwrap();
        assert!(parts[0]["text"].as_str().unwrap().contains("a red scarf"));
        assert_eq!(shade(&parts[1]), 1);
        assert_eq!(parts[1]["inlineData"]["mimeType"], "image/png");
        let references: Vec<u8> = parts[2..].iter().map(shade).collect();
        let expected: Vec<u8> = (0..record.references.1).map(|number| 10 + number as u8).collect();
        assert_eq!(references, expected, "{}", record.id);
        let limit = if record.id.ends_with("lite") || record.id == "nano-banana" { 4 } else { 13 };
        assert_eq!(record.references.1, limit);
    }
}

#[test]
fn the_shape_asked_for_is_the_nearest_that_the_model_knows() {
    let with = |model: &str, width, height| {
        let source = Picture::filled(PixelFormat::Rgba8, width, height, &[1; 4]);
        let ask = Ask::new(model, Intent::Edit, source).params(params(model, Intent::Edit));
        let (_, sent) = run(ask, obliging);
        body(&sent[0])["generationConfig"]["imageConfig"]["aspectRatio"].clone()
    };
    for (width, height, aspect) in [
        (100, 100, "1:1"),
        (200, 300, "2:3"),
        (300, 200, "3:2"),
        (30, 40, "3:4"),
        (40, 30, "4:3"),
        (40, 50, "4:5"),
        (50, 40, "5:4"),
        (90, 160, "9:16"),
        (160, 90, "16:9"),
        (210, 90, "21:9"),
        (101, 100, "1:1"),
        (1376, 768, "16:9"),
    ] {
        assert_eq!(with("nano-banana-pro", width, height), aspect);
        assert_eq!(with("nano-banana-2", width, height), aspect);
    }
    for (width, height, wide, narrow) in [
        (10, 40, "1:4", "9:16"),
        (40, 10, "4:1", "21:9"),
        (1, 80, "1:8", "9:16"),
        (800, 1, "8:1", "21:9"),
    ] {
        assert_eq!(with("nano-banana-2.1", width, height), wide);
        assert_eq!(with("nano-banana-lite", width, height), narrow);
    }
}

#[test]
fn the_shapes_of_a_record_are_those_of_its_wire() {
    for record in records() {
        let shapes: Vec<String> =
            record.size.aspects.iter().map(|(across, down)| format!("{across}:{down}")).collect();
        assert_eq!(json!(shapes), record.wire["aspects"], "{}", record.id);
        let sizes: Vec<&str> = record.sizes.iter().map(|size| size.name.as_str()).collect();
        assert_eq!(json!(sizes), record.wire["sizes"], "{}", record.id);
    }
}

#[test]
fn each_picture_has_a_seed_of_31_bits_of_its_own() {
    for (seed, expected) in [
        (7, [7, 8, 9]),
        ((1 << 31) - 1, [(1 << 31) - 1, 0, 1]),
        (1 << 31, [1, 2, 3]),
        (u64::MAX, [3, 4, 5]),
    ] {
        let params =
            RunParams { seed: Some(seed), count: 3, ..params("nano-banana-2", Intent::Edit) };
        let (outcome, sent) = run(ask("nano-banana-2", params), obliging);
        let seeds: Vec<i64> = sent
            .iter()
            .map(|request| body(request)["generationConfig"]["seed"].as_i64().unwrap())
            .collect();
        assert_eq!(seeds, expected, "{seed}");
        let told: Vec<_> = outcome.facts.iter().map(|fact| fact.seed.unwrap()).collect();
        assert_eq!(told, expected);
    }
}

#[test]
fn without_a_seed_none_is_sent() {
    let params = RunParams { count: 4, ..params("nano-banana-2", Intent::Edit) };
    let (outcome, sent) = run(ask("nano-banana-2", params), obliging);
    assert_eq!(outcome.outputs().unwrap().len(), 4);
    assert_eq!(sent.len(), 4);
    assert!(sent.iter().all(|request| request.weight == 1 && request.body == sent[0].body));
    assert!(body(&sent[0])["generationConfig"].get("seed").is_none());
}

#[test]
fn the_same_job_gives_the_same_bytes() {
    for record in records() {
        let bodies = || {
            let params =
                RunParams { count: 2, seed: Some(1 << 50), ..params(&record.id, Intent::Restyle) };
            let (_, sent) = run(ask(&record.id, params).reference(picture(2)), obliging);
            sent.into_iter().map(|request| request.body).collect::<Vec<_>>()
        };
        assert_eq!(bodies(), bodies(), "{}", record.id);
    }
}

#[test]
fn thinking_is_asked_for_only_where_it_is_said() {
    let mut params = params("nano-banana-pro", Intent::Edit);
    assert!(
        sent("nano-banana-pro", params.clone())["generationConfig"].get("thinkingConfig").is_none()
    );
    params.params.insert("thinking_level".to_owned(), json!("high"));
    assert_eq!(
        sent("nano-banana-pro", params.clone())["generationConfig"]["thinkingConfig"],
        json!({ "thinkingLevel": "HIGH" })
    );
    params.params.insert("temperature".to_owned(), json!(1));
    let (outcome, sent) = run(ask("nano-banana-pro", params), obliging);
    assert!(outcome.error().unwrap().message().contains("`temperature`"));
    assert!(sent.is_empty());
}

#[test]
fn many_bytes_go_as_jpeg_and_too_many_do_not_go() {
    let mut params = params("nano-banana-2", Intent::Edit);
    params.wire.insert("lossless_bytes".to_owned(), 60.into());
    let (_, sent) = run(ask("nano-banana-2", params.clone()).reference(picture(2)), obliging);
    let parts = body(&sent[0])["contents"][0]["parts"].clone();
    for part in &parts.as_array().unwrap()[1..] {
        assert_eq!(part["inlineData"]["mimeType"], "image/jpeg");
    }
    let (_, sent) = run(ask("nano-banana-2", params.clone()), obliging);
    let part = &body(&sent[0])["contents"][0]["parts"][1];
    assert_eq!(part["inlineData"]["mimeType"], "image/png", "one alone is small enough");
    params.wire.insert("max_bytes".to_owned(), 60.into());
    let (outcome, sent) = run(ask("nano-banana-2", params).reference(picture(2)), obliging);
    assert_eq!(outcome.error().unwrap().failure().unwrap().kind, FailureKind::TooLarge);
    assert!(sent.is_empty());
}

#[test]
fn the_catalogue_is_whole() {
    let records = records();
    assert_eq!(records.len(), 5);
    for record in records {
        assert!(!record.limitation.is_empty() && !record.best_use.is_empty(), "{}", record.id);
        assert!((5..=10).contains(&record.strengths.split(' ').count()), "{}", record.id);
        let price = record.price.unwrap();
        assert!(price.per_picture > 0.0 && price.currency == "USD", "{}", record.id);
        assert_eq!(price.as_of, "2026-11-23");
        for size in &record.sizes {
            assert!(price.per_size.contains_key(&size.name), "{} {}", record.id, size.name);
        }
        assert_eq!(price.per_size.len(), record.sizes.len(), "{}", record.id);
        assert!(!record.repeatable && !record.alpha, "{}", record.id);
        assert_eq!(record.suits.len(), record.intents.len(), "{}", record.id);
        assert!(record.intents.iter().all(|intent| record.suits.contains_key(intent)));
    }
}

#[test]
fn the_wire_of_the_run_counts() {
    let mut params = params("nano-banana-2", Intent::Edit);
    params.wire.insert("base_url".to_owned(), "http://127.0.0.1:9/".into());
    params.wire.insert("version".to_owned(), "v1".into());
    params.wire.insert("id".to_owned(), "next".into());
    params.wire.insert("aspects".to_owned(), json!(["?", "0:0", "1:1"]));
    let (_, sent) = run(ask("nano-banana-2", params.clone()), obliging);
    assert_eq!(sent[0].url, "http://127.0.0.1:9/v1/models/next:generateContent");
    assert_eq!(body(&sent[0])["generationConfig"]["imageConfig"]["aspectRatio"], "1:1");
    params.wire.remove("id");
    let (outcome, _) = run(ask("nano-banana-2", params), obliging);
    assert!(outcome.error().unwrap().message().contains("`id`"));
}
