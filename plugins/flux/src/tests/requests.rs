//! The bodies of submissions, field by field, for every model that is shipped.

use easel_backend::testing::Picture;
use easel_backend::{FailureKind, Intent, Margins, PixelFormat, RunParams};
use serde_json::json;

use super::{ask, body, keys, obliging, params, picture, posts, records, rows, run};

fn mask() -> Picture {
    Picture::from_packed(PixelFormat::Gray8, 3, 2, &[0, 1, 255, 0, 0, 128])
}

/// An ask that the model can do.
fn usual(model: &str) -> RunParams {
    let intent = match model {
        "flux-expand" => Intent::Expand,
        "flux-erase" => Intent::Erase,
        _ => Intent::Edit,
    };
    let margins = Margins { top: 1, right: 2, bottom: 3, left: 4 };
    RunParams { expand: (intent == Intent::Expand).then_some(margins), ..params(model, intent) }
}

#[test]
fn every_model_gets_exactly_the_fields_that_it_takes() {
    let flux2 =
        ["height", "input_image", "output_format", "prompt", "safety_tolerance", "seed", "width"];
    let kontext =
        ["input_image", "output_format", "prompt", "prompt_upsampling", "safety_tolerance", "seed"];
    let with = |fields: &[&str], more: &[&str]| {
        let mut fields: Vec<String> =
            fields.iter().chain(more).map(|field| (*field).to_owned()).collect();
        fields.sort();
        fields
    };
    let tool = ["image", "output_format", "safety_tolerance", "seed"];
    let painted = with(&tool, &["prompt", "steps", "guidance", "prompt_upsampling"]);
    let painted: Vec<&str> = painted.iter().map(String::as_str).collect();
    for record in records() {
        let expected = match record.id.as_str() {
            "flux-2-pro" | "flux-2-max" => with(&flux2, &["prompt_upsampling"]),
            "flux-2-flex" => with(&flux2, &["steps", "guidance"]),
            "flux-2-klein-4b" | "flux-2-klein-9b" => with(&flux2, &[]),
            "flux-kontext-pro" | "flux-kontext-max" => with(&kontext, &[]),
            "flux-fill" => with(&painted, &["mask"]),
            "flux-expand" => with(&painted, &["top", "right", "bottom", "left"]),
            "flux-erase" => with(&tool, &["mask", "dilate_pixels"]),
            other => panic!("{other} is not known here"),
        };
        let params = RunParams { seed: Some(5), ..usual(&record.id) };
        let (outcome, sent) = run(ask(&record.id, params).mask(mask()), obliging);
        outcome.outputs().unwrap();
        let submission = posts(&sent)[0];
        let wire_id = record.wire["id"].as_str().unwrap();
        assert_eq!(submission.url, format!("https://api.bfl.ai/v1/{wire_id}"));
        assert_eq!(submission.headers["content-type"], "application/json");
        assert_eq!(submission.secret, "bfl");
        assert!(!submission.free, "it is paid for");
        let body = body(submission);
        let mut found = keys(&body);
        found.sort_unstable();
        assert_eq!(found, expected, "{}", record.id);
        assert_eq!(body["output_format"], "png");
        assert_eq!(body["seed"], 5);
    }
}

#[test]
fn the_size_asked_for_is_the_size_of_the_source() {
    let (_, sent) = run(ask("flux-2-pro", usual("flux-2-pro")), obliging);
    let body = body(posts(&sent)[0]);
    assert_eq!((&body["width"], &body["height"]), (&json!(3), &json!(2)));
}

#[test]
fn the_source_comes_first_and_references_follow_in_their_order() {
    for (model, references) in [("flux-2-pro", 7), ("flux-2-klein-4b", 3)] {
        let mut ask = ask(model, usual(model));
        for shade in 0..references {
            ask = ask.reference(picture(10 + shade));
        }
        let (_, sent) = run(ask, obliging);
        let body = body(posts(&sent)[0]);
        assert_eq!(rows(&body["input_image"])[0], 1);
        for shade in 0..references {
            let field = format!("input_image_{}", shade + 2);
            assert_eq!(rows(&body[&field])[0], 10 + shade, "{model} {field}");
        }
        assert!(body.get(format!("input_image_{}", references + 2)).is_none());
    }
}

#[test]
fn what_may_change_is_white_in_the_mask() {
    for model in ["flux-fill", "flux-erase"] {
        let (_, sent) = run(ask(model, usual(model)).mask(mask()), obliging);
        let body = body(posts(&sent)[0]);
        assert_eq!(rows(&body["mask"]), [0, 255, 255, 0, 0, 255], "{model}");
        assert_eq!(rows(&body["image"])[0], 1, "{model}");
        let (outcome, sent) = run(ask(model, usual(model)), obliging);
        let error = outcome.error().unwrap().failure().unwrap().clone();
        assert_eq!(error.kind, FailureKind::InvalidRequest, "{error}");
        assert!(sent.is_empty(), "nothing is sent without a mask");
    }
}

#[test]
fn margins_go_to_their_sides_and_have_limits() {
    let with = |expand| RunParams { expand, ..usual("flux-expand") };
    let margins = Margins { top: 10, right: 20, bottom: 30, left: 2048 };
    let (_, sent) = run(ask("flux-expand", with(Some(margins))), obliging);
    let body = body(posts(&sent)[0]);
    let found = ["top", "right", "bottom", "left"].map(|side| body[side].as_u64().unwrap());
    assert_eq!(found, [10, 20, 30, 2048]);
    let mut small = with(Some(margins));
    small.wire.insert("max_input_pixels".to_owned(), 1000.into());
    for (params, part) in [
        (with(None), "margin"),
        (with(Some(Margins::default())), "margin"),
        (with(Some(Margins { left: 2049, ..margins })), "2048"),
        (small, "above 1000 pixels"),
    ] {
        let (outcome, sent) = run(ask("flux-expand", params), obliging);
        let error = outcome.error().unwrap().failure().unwrap().clone();
        assert_eq!(error.kind, FailureKind::InvalidRequest);
        assert!(error.message.contains(part), "{error}");
        assert!(error.hint.is_some() && sent.is_empty());
    }
}

#[test]
fn each_picture_has_a_seed_of_its_own_and_wide_ones_fit() {
    for (seed, first, second) in
        [(7, 7, 8), (1 << 40, 1 << 40, (1 << 40) + 1), (u64::MAX, (1 << 63) - 1, 0)]
    {
        let params = RunParams { seed: Some(seed), count: 2, ..usual("flux-2-pro") };
        let (_, sent) = run(ask("flux-2-pro", params), obliging);
        let seeds: Vec<u64> =
            posts(&sent).iter().map(|post| body(post)["seed"].as_u64().unwrap()).collect();
        assert_eq!(seeds, [first, second]);
    }
}

#[test]
fn without_a_seed_the_bodies_mean_the_same_and_differ() {
    let params = RunParams { count: 3, ..usual("flux-2-pro") };
    let (_, sent) = run(ask("flux-2-pro", params), obliging);
    let posts = posts(&sent);
    assert_eq!(posts.len(), 3);
    assert!(body(posts[0]).get("seed").is_none());
    assert_eq!(body(posts[0]), body(posts[2]));
    assert!(posts[0].body != posts[1].body && posts[1].body != posts[2].body);
}

#[test]
fn the_same_job_gives_the_same_bytes() {
    for record in records() {
        let bodies = || {
            let params = RunParams { count: 2, seed: Some(1), ..usual(&record.id) };
            let (_, sent) = run(ask(&record.id, params).mask(mask()), obliging);
            posts(&sent).iter().map(|post| post.body.clone()).collect::<Vec<_>>()
        };
        assert_eq!(bodies(), bodies(), "{}", record.id);
    }
}

#[test]
fn parameters_are_typed_and_unknown_ones_are_refused() {
    let mut params = usual("flux-2-flex");
    params.params.insert("steps".to_owned(), json!(20.0));
    params.params.insert("guidance".to_owned(), json!(3));
    params.params.insert("safety_tolerance".to_owned(), json!(null));
    let (_, sent) = run(ask("flux-2-flex", params.clone()), obliging);
    let body = body(posts(&sent)[0]);
    assert_eq!(body["steps"].to_string(), "20");
    assert_eq!(body["guidance"].as_f64(), Some(3.0));
    assert!(body.get("safety_tolerance").is_none());
    for (name, value) in [("aspect_ratio", json!("1:1")), ("steps", json!("many"))] {
        let mut params = params.clone();
        params.params.insert(name.to_owned(), value);
        let (outcome, sent) = run(ask("flux-2-flex", params), obliging);
        let error = outcome.error().unwrap();
        assert!(error.message().contains(name), "{error}");
        assert!(sent.is_empty());
    }
}

#[test]
fn pictures_above_the_limits_are_refused_before_anything_is_sent() {
    for (limit, part) in [("max_input_pixels", "pixels"), ("max_input_bytes", "bytes")] {
        let mut params = usual("flux-2-pro");
        params.wire.insert(limit.to_owned(), 5.into());
        let (outcome, sent) = run(ask("flux-2-pro", params), obliging);
        let error = outcome.error().unwrap().failure().unwrap().clone();
        assert_eq!(error.kind, FailureKind::TooLarge);
        assert!(error.message.contains(part), "{error}");
        assert!(sent.is_empty());
    }
}

#[test]
fn the_catalogue_is_whole() {
    let records = records();
    assert_eq!(records.len(), 10);
    for record in records {
        assert!(!record.limitation.is_empty() && !record.best_use.is_empty(), "{}", record.id);
        assert!((5..=10).contains(&record.strengths.split(' ').count()), "{}", record.id);
        let price = record.price.unwrap();
        assert!(price.per_picture > 0.0 && price.currency == "USD", "{}", record.id);
        assert_eq!(price.as_of, "2026-11-23");
        assert!(!record.repeatable && !record.alpha, "{}", record.id);
        assert!(record.wire["base_url"] == "https://api.bfl.ai", "{}", record.id);
        for intent in &record.intents {
            assert!(record.suits.contains_key(intent), "{} {intent:?}", record.id);
        }
        assert_eq!(record.suits.len(), record.intents.len(), "{}", record.id);
    }
}

#[test]
fn what_is_wrong_with_a_wire_is_said() {
    let mut params = usual("flux-2-pro");
    params.wire.remove("id");
    let (outcome, _) = run(ask("flux-2-pro", params), obliging);
    let error = outcome.error().unwrap().failure().unwrap().clone();
    assert!(error.message.contains("`id`"), "{error}");
    let mut params = usual("flux-2-pro");
    params.wire.insert("base_url".to_owned(), "http://127.0.0.1:9/".into());
    params.wire.insert("id".to_owned(), "flux-9".into());
    let (_, sent) = run(ask("flux-2-pro", params), obliging);
    assert_eq!(sent[0].url, "http://127.0.0.1:9/v1/flux-9");
}
