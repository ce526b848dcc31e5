//! What is made of answers that have a picture: which part counts, what is told of it, and what happens
//! where some of several fail.

use easel_backend::testing::{Answer, Outcome};
use easel_backend::{Error, Intent, RunParams};
use serde_json::{Value, json};

use super::{answer, ask, data, obliging, params, part, run};

fn answered(body: Value) -> Outcome {
    let ask = ask("nano-banana-2", params("nano-banana-2", Intent::Edit));
    run(ask, move |_, _| Ok(Answer::json(200, &body))).0
}

fn shades(outcome: &Outcome) -> Vec<u8> {
    outcome.outputs().unwrap().iter().map(|output| output.packed()[0]).collect()
}

#[test]
fn pictures_of_the_thinking_are_no_results() {
    let mut thought = part(9);
    thought["thought"] = true.into();
    let mut not_one = part(60);
    not_one["thought"] = false.into();
    not_one["thoughtSignature"] = "c2ln".into();
    for parts in [
        json!([{ "text": "let me see", "thought": true }, thought, not_one]),
        json!([not_one, thought]),
        json!([{ "text": "Here" }, not_one, { "text": "Done" }, thought]),
    ] {
        let outcome = answered(answer(&parts));
        assert_eq!(shades(&outcome), [60]);
        assert!(outcome.facts.iter().all(|fact| fact.note.is_none()));
    }
    let only = answered(answer(&json!([thought])));
    assert!(only.error().is_some(), "a thought alone is no picture");
}

#[test]
fn the_last_of_several_pictures_is_delivered_and_that_is_said() {
    let outcome = answered(answer(&json!([part(1), { "text": "better:" }, part(2)])));
    assert_eq!(shades(&outcome), [2]);
    assert!(outcome.facts[0].note.as_deref().unwrap().contains("2 pictures"));
}

#[test]
fn a_picture_counts_whatever_the_reason_to_stop() {
    for reason in [json!("MAX_TOKENS"), json!("SOMETHING_NEW"), json!(null)] {
        let mut body = answer(&json!([part(3)]));
        body["candidates"][0]["finishReason"] = reason;
        body["newField"] = json!({ "a": [1] });
        assert_eq!(shades(&answered(body)), [3]);
    }
}

#[test]
fn base64_without_its_padding_is_read() {
    let mut bare = part(0);
    bare["inlineData"]["data"] = data(4).trim_end_matches('=').into();
    assert_eq!(shades(&answered(answer(&json!([bare])))), [4]);
}

#[test]
fn cost_seed_and_request_are_told_of_each_picture() {
    let params = RunParams { seed: Some(3), count: 2, ..params("nano-banana-2", Intent::Edit) };
    let (outcome, _) = run(ask("nano-banana-2", params), obliging);
    assert_eq!(shades(&outcome), [50, 51]);
    let fact = &outcome.facts[1];
    assert_eq!((fact.picture, fact.seed), (Some(1), Some(4)));
    assert_eq!(fact.request_id.as_deref(), Some("r0"));
    assert_eq!(fact.currency.as_deref(), Some("USD"));
    // 1000 in at 0.5, 1120 of pictures at 60, 100 of words and 100 of thoughts at 3, by the million.
    assert!((fact.cost.unwrap() - 0.0683).abs() < 1e-9, "{fact:?}");
}

#[test]
fn a_cost_that_cannot_be_told_is_left_out() {
    let mut unsplit = answer(&json!([part(1)]));
    unsplit["usageMetadata"].as_object_mut().unwrap().remove("candidatesTokensDetails");
    let mut absent = answer(&json!([part(1)]));
    absent.as_object_mut().unwrap().remove("usageMetadata");
    for body in [unsplit, absent] {
        let outcome = answered(body);
        assert_eq!((outcome.facts[0].cost, outcome.facts[0].currency.as_deref()), (None, None));
    }
    let mut unpriced = params("nano-banana-2", Intent::Edit);
    unpriced.wire.remove("tokens");
    let (outcome, _) = run(ask("nano-banana-2", unpriced), obliging);
    assert_eq!(outcome.facts[0].cost, None);
}

#[test]
fn what_came_is_delivered_where_others_failed() {
    let params = RunParams { count: 4, seed: Some(9), ..params("nano-banana-2", Intent::Edit) };
    let (outcome, _) = run(ask("nano-banana-2", params), |request, number| match number {
        0 => {
            let mut body = answer(&json!([]));
            body["candidates"][0]["finishReason"] = "IMAGE_SAFETY".into();
            Ok(Answer::json(200, &body))
        }
        2 => Err(Error::transient("the network is down")),
        _ => obliging(request, number),
    });
    assert_eq!(shades(&outcome), [51, 53]);
    let told: Vec<_> = outcome
        .facts
        .iter()
        .filter(|fact| fact.picture.is_some())
        .map(|fact| (fact.picture, fact.seed))
        .collect();
    assert_eq!(told, [(Some(0), Some(10)), (Some(1), Some(12))]);
    let note = outcome.facts.iter().find_map(|fact| fact.note.clone()).unwrap();
    assert!(note.starts_with("2 of 4 pictures came; "), "{note}");
    assert!(note.contains("`IMAGE_SAFETY`") && note.contains("failed"), "{note}");
    let refused = outcome.facts.iter().find(|fact| fact.picture.is_none() && fact.cost.is_some());
    assert!(refused.is_some(), "what was refused has cost something and that is told");
}

#[test]
fn where_all_fail_the_first_reason_counts() {
    let params = RunParams { count: 2, ..params("nano-banana-2", Intent::Edit) };
    let (outcome, _) = run(ask("nano-banana-2", params), |_, number| {
        Ok(Answer::json([404, 500][number], &json!({ "error": { "message": "no" } })))
    });
    assert!(outcome.error().unwrap().message().contains("no model"));
}
