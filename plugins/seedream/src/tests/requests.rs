//! The bodies of requests, field by field, for every model that is shipped.

use easel_backend::testing::Ask;
use easel_backend::{FailureKind, Intent, RunParams};
use serde_json::{Value, json};

use super::{ask, body, obliging, params, picture, records, run, sent_picture, shades, sized};

fn sent(ask: Ask) -> Value {
    let (outcome, sent) = run(ask, obliging);
    outcome.outputs().unwrap();
    body(&sent[0])
}

fn refused(ask: Ask) -> easel_backend::Failure {
    let (outcome, sent) = run(ask, obliging);
    assert!(sent.is_empty(), "nothing is sent");
    outcome.error().unwrap().failure().unwrap().clone()
}

#[test]
fn every_model_gets_exactly_the_fields_that_it_takes() {
    for record in records() {
        for count in [1, 3] {
            let params = RunParams { count, ..params(&record.id, Intent::Edit) };
            let (outcome, sent) = run(ask(&record.id, params), obliging);
            let request = &sent[0];
            assert_eq!(
                request.url,
                "https://ark.ap-southeast.bytepluses.com/api/v3/images/generations"
            );
            assert_eq!((request.method.as_str(), request.secret.as_str()), ("POST", "ark"));
            assert_eq!(request.headers["content-type"], "application/json");
            let set = count > 1 && record.wire["sequential"] == true;
            assert_eq!((request.cut, request.free), (set, false), "{}", record.id);
            assert_eq!(request.weight, if set { 3 } else { 1 });
            assert_eq!(sent.len(), if set { 1 } else { count as usize }, "{}", record.id);
            assert_eq!(shades(&outcome), [50, 51, 52][..count as usize]);
            let mut expected = json!({
                "model": record.wire["id"],
                "response_format": "b64_json",
                "watermark": false,
            });
            if record.id != "seedream-4.5" {
                expected["output_format"] = "png".into();
            }
            if set {
                expected["sequential_image_generation"] = "auto".into();
                expected["sequential_image_generation_options"] = json!({ "max_images": 3 });
                expected["stream"] = true.into();
            }
            let mut body = body(request);
            let fields = body.as_object_mut().unwrap();
            let prompt = fields.remove("prompt").unwrap();
            assert_eq!(prompt.as_str().unwrap().contains("Make 3 images"), set);
            assert!(fields.remove("image").unwrap().is_string(), "one picture is no list");
            assert!(fields.remove("size").unwrap().as_str().unwrap().contains('x'));
            assert_eq!(body, expected, "{}", record.id);
        }
    }
}

#[test]
fn the_source_comes_first_and_references_follow_in_their_order() {
    for record in records() {
        let mut ask = ask(&record.id, params(&record.id, Intent::Edit));
        for number in 0..record.references.1 {
            ask = ask.reference(picture(10 + number as u8));
        }
        let body = sent(ask);
        let pictures = body["image"].as_array().unwrap();
        let found: Vec<(String, u8)> = pictures.iter().map(sent_picture).collect();
        let mut shades = vec![1];
        shades.extend((0..record.references.1).map(|number| 10 + number as u8));
        let expected: Vec<_> =
            shades.into_iter().map(|shade| ("image/png".to_owned(), shade)).collect();
        assert_eq!(found, expected, "{}", record.id);
    }
}

#[test]
fn the_size_holds_the_shape_of_the_source() {
    for (model, size, width, height, expected) in [
        ("seedream-4.5", None, 24, 16, "2352x1568"),
        ("seedream-4.5", Some("2K"), 1600, 1200, "2368x1776"),
        ("seedream-4.5", Some("4K"), 100, 100, "4096x4096"),
        ("seedream-5-lite", Some("3K"), 100, 100, "3072x3072"),
        ("seedream-5-pro", Some("1K"), 100, 100, "1024x1024"),
        ("seedream-5-pro", Some("2K"), 100, 100, "2048x2048"),
        ("seedream-5-pro", None, 1536, 1024, "1536x1024"),
        ("seedream-5-flash", Some("1.5K"), 100, 100, "1536x1536"),
        ("seedream-5-flash", None, 16, 256, "240x3840"),
    ] {
        let params = RunParams { size: size.map(str::to_owned), ..params(model, Intent::Edit) };
        let ask = Ask::new(model, Intent::Edit, sized(width, height, 1)).params(params);
        assert_eq!(sent(ask)["size"], expected, "{model} {size:?} {width}x{height}");
    }
}

#[test]
fn sizes_of_a_record_are_those_of_its_wire_and_others_are_refused() {
    for record in records() {
        let sizes: Value =
            record.sizes.iter().map(|size| (size.name.clone(), json!(size.side))).collect();
        assert_eq!(sizes, record.wire["sizes"], "{}", record.id);
        let params = RunParams { size: Some("8K".to_owned()), ..params(&record.id, Intent::Edit) };
        let failure = refused(ask(&record.id, params));
        assert!(failure.message.contains("`8K`"), "{failure}");
    }
}

#[test]
fn pictures_in_and_out_are_fifteen_at_most_in_a_set() {
    let with = |count, references| {
        let mut ask =
            ask("seedream-4.5", RunParams { count, ..params("seedream-4.5", Intent::Edit) });
        for _ in 0..references {
            ask = ask.reference(picture(2));
        }
        ask
    };
    for (count, references) in [(14, 0), (4, 10), (2, 12), (1, 13)] {
        sent(with(count, references));
    }
    for (count, references) in [(15, 0), (4, 11), (2, 13)] {
        let failure = refused(with(count, references));
        assert_eq!(failure.kind, FailureKind::InvalidRequest);
        assert!(failure.message.contains("15"), "{failure}");
    }
}

#[test]
fn the_same_job_gives_the_same_bytes() {
    for record in records() {
        let bodies = || {
            let params = RunParams { count: 2, ..params(&record.id, Intent::Restyle) };
            let (_, sent) = run(ask(&record.id, params).reference(picture(2)), obliging);
            sent.into_iter().map(|request| request.body).collect::<Vec<_>>()
        };
        assert_eq!(bodies(), bodies(), "{}", record.id);
    }
}

#[test]
fn pictures_that_the_service_refuses_are_not_sent() {
    let edit = || params("seedream-4.5", Intent::Edit);
    let with = |key: &str, limit: u32| {
        let mut params = edit();
        params.wire.insert(key.to_owned(), limit.into());
        ask("seedream-4.5", params)
    };
    assert_eq!(refused(with("max_input_pixels", 5)).kind, FailureKind::TooLarge);
    assert_eq!(refused(with("max_input_bytes", 5)).kind, FailureKind::TooLarge);
    for (width, height, part) in [(14, 30, "14 pixels"), (15 * 17, 15, "16 times")] {
        let failure = refused(ask("seedream-4.5", edit()).reference(sized(width, height, 1)));
        assert!(failure.message.contains("reference"), "{failure}");
        assert!(failure.message.contains(part), "{failure}");
        let source = Ask::new("seedream-4.5", Intent::Edit, sized(width, height, 1)).params(edit());
        assert!(refused(source).hint.is_some());
    }
    let mut unknown = edit();
    unknown.params.insert("guidance_scale".to_owned(), json!(3));
    assert!(refused(ask("seedream-4.5", unknown)).message.contains("`guidance_scale`"));
}

#[test]
fn the_catalogue_is_whole() {
    let records = records();
    assert_eq!(records.len(), 4);
    for record in records {
        assert!(!record.limitation.is_empty() && !record.best_use.is_empty(), "{}", record.id);
        assert!((5..=10).contains(&record.strengths.split(' ').count()), "{}", record.id);
        let price = record.price.unwrap();
        assert!(price.per_picture > 0.0 && price.currency == "USD", "{}", record.id);
        assert_eq!(price.as_of, "2026-11-23");
        assert!(!record.repeatable && !record.alpha, "{}", record.id);
        assert_eq!(record.suits.len(), record.intents.len(), "{}", record.id);
        assert!(record.intents.iter().all(|intent| record.suits.contains_key(intent)));
    }
}

#[test]
fn the_wire_of_the_run_counts() {
    let mut params = params("seedream-4.5", Intent::Edit);
    params.wire.insert("base_url".to_owned(), "http://127.0.0.1:9/api/v3/".into());
    params.wire.insert("id".to_owned(), "ep-2026".into());
    let (_, sent) = run(ask("seedream-4.5", params.clone()), obliging);
    assert_eq!(sent[0].url, "http://127.0.0.1:9/api/v3/images/generations");
    assert_eq!(body(&sent[0])["model"], "ep-2026");
    params.wire.remove("min_pixels");
    assert!(refused(ask("seedream-4.5", params)).message.contains("`min_pixels`"));
}
