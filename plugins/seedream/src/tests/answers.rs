//! What is made of answers that have pictures: sets in which some fail, streams that break off at any
//! byte, and what is told of it.

use easel_backend::testing::{Answer, Outcome};
use easel_backend::{Charged, Error, FailureKind, Intent, RunParams};
use serde_json::json;

use crate::stream::events;

use super::{
    answer, ask, completed, data, event, failed, item, notes, params, run, shades, stream,
    succeeded,
};

fn set(count: u32, response: Answer) -> Outcome {
    let params = RunParams { count, ..params("seedream-4.5", Intent::Edit) };
    run(ask("seedream-4.5", params), move |_, _| Ok(response.clone())).0
}

#[test]
fn a_stream_that_is_cut_at_any_byte_keeps_every_whole_event() {
    let parts = [
        ": hello\n\n".to_owned(),
        succeeded(0, 1),
        failed(1, "OutputImageSensitiveContentDetected"),
        "event: image_generation.new\r\nid: 7\r\ndata: {\"type\": \"image_generation.new\"}\r\n\r\n"
            .to_owned(),
        succeeded(2, 3).replace('\n', "\r\n"),
        succeeded(3, 4),
        completed(),
        "data: [DONE]\n\n".to_owned(),
    ];
    let text = parts.concat();
    // An event is whole once the last byte of its data has come.
    let ends: Vec<(usize, Option<u8>)> = parts
        .iter()
        .enumerate()
        .filter_map(|(number, part)| {
            let start: usize = parts[..number].iter().map(String::len).sum();
            let shade = match number {
                1 => Some(1),
                4 => Some(3),
                5 => Some(4),
                2 => None,
                _ => return None,
            };
            Some((start + part.trim_end().len(), shade))
        })
        .collect();
    for cut in 0..=text.len() {
        let outcome = set(4, stream(&text[..cut], cut < text.len()));
        let expected: Vec<u8> =
            ends.iter().filter(|(end, _)| *end <= cut).filter_map(|(_, shade)| *shade).collect();
        if expected.is_empty() {
            let failure = outcome.error().unwrap().failure().unwrap();
            assert_eq!(
                (failure.kind, failure.charged),
                (FailureKind::Corrupt, Some(Charged::Maybe))
            );
            continue;
        }
        assert_eq!(shades(&outcome), expected, "cut at {cut}");
        let note = notes(&outcome).concat();
        assert!(note.starts_with(&format!("{} of 4 pictures came; ", expected.len())), "{note}");
        assert_eq!(note.contains("broke off"), cut < text.len(), "{note}");
        assert_eq!(note.contains("withholds"), cut >= ends[1].0, "{note}");
    }
}

#[test]
fn one_failed_picture_of_a_set_does_not_cost_the_others() {
    let text = succeeded(0, 10)
        + &failed(1, "OutputImageSensitiveContentDetected")
        + &succeeded(2, 12)
        + &failed(3, "InternalServiceError")
        + &completed();
    let outcome = set(4, stream(&text, false));
    assert_eq!(shades(&outcome), [10, 12]);
    let [note] = notes(&outcome)[..] else { panic!("one note") };
    assert!(note.contains("2 of 4") && note.contains("withholds") && note.contains("Ark failed"));
    let numbers: Vec<_> = outcome.facts.iter().filter_map(|fact| fact.picture).collect();
    assert_eq!(numbers, [0, 1]);
}

#[test]
fn pictures_come_in_the_order_of_the_set() {
    let text = succeeded(2, 12) + &succeeded(0, 10) + &succeeded(1, 11) + &completed();
    assert_eq!(shades(&set(3, stream(&text, false))), [10, 11, 12]);
}

#[test]
fn fewer_are_told_and_more_are_left() {
    let text = succeeded(0, 10) + &succeeded(1, 11) + &completed();
    let outcome = set(5, stream(&text, false));
    assert_eq!(shades(&outcome), [10, 11]);
    assert_eq!(notes(&outcome), ["2 of 5 pictures came; the model made no more"]);
    let text = succeeded(0, 10) + &succeeded(1, 11) + &succeeded(2, 12);
    let outcome = set(2, stream(&text, false));
    assert_eq!(shades(&outcome), [10, 11]);
    assert!(notes(&outcome).is_empty());
}

#[test]
fn where_all_of_a_set_fail_the_first_reason_counts() {
    let text =
        failed(0, "OutputImageSensitiveContentDetected") + &failed(1, "InternalServiceError");
    let outcome = set(2, stream(&text, false));
    let failure = outcome.error().unwrap().failure().unwrap();
    assert_eq!((failure.kind, failure.charged), (FailureKind::RefusedOutput, Some(Charged::No)));
    assert_eq!(failure.provider_message.as_deref(), Some("as it said"));
    let text = format!("data: {}\n\n", json!({ "error": { "code": "QuotaExceeded" } }));
    let outcome = set(2, stream(&text, false));
    assert_eq!(outcome.error().unwrap().failure().unwrap().kind, FailureKind::OutOfQuota);
    let outcome = set(2, stream(&completed(), false));
    assert_eq!(outcome.error().unwrap().failure().unwrap().kind, FailureKind::NoImage);
}

#[test]
fn a_set_may_come_as_one_object() {
    let items = json!([
        item(10),
        { "error": { "code": "OutputImageSensitiveContentDetected", "message": "m" } },
        item(12),
    ]);
    let outcome = set(3, answer(&items));
    assert_eq!(shades(&outcome), [10, 12]);
    assert_eq!(outcome.facts[0].request_id.as_deref(), Some("r0"));
    assert!(notes(&outcome)[0].starts_with("2 of 3"));
}

#[test]
fn requests_side_by_side_may_fail_one_by_one() {
    let params = RunParams { count: 4, ..params("seedream-5-pro", Intent::Edit) };
    let (outcome, sent) = run(ask("seedream-5-pro", params), |_, number| match number {
        1 => Err(Error::transient("the network is down")),
        2 => Ok(Answer::json(
            400,
            &json!({ "error": { "code": "OutputImageSensitiveContentDetected" } }),
        )),
        _ => Ok(answer(&json!([item(60 + number as u8)]))),
    });
    assert_eq!(sent.len(), 4);
    assert_eq!(shades(&outcome), [60, 63]);
    let note = notes(&outcome)[0];
    assert!(note.starts_with("2 of 4") && note.contains("withholds") && note.contains("failed"));
}

#[test]
fn base64_is_read_with_and_without_padding_and_head() {
    for text in [
        data(9),
        data(9).trim_end_matches('=').to_owned(),
        format!("data:image/png;base64,{}", data(9)),
    ] {
        assert_eq!(shades(&set(1, answer(&json!([{ "b64_json": text }])))), [9]);
    }
}

#[test]
fn lines_may_end_in_any_way_and_data_may_have_several() {
    let with = |text: &str| events(text.as_bytes()).len();
    assert_eq!(with("data: {}\n\ndata:{}\r\n\r\ndata: {}\r\rdata: {}"), 4);
    assert_eq!(with("data: {\"a\":\ndata: 1}\n\n"), 1);
    assert_eq!(with("data: {\"a\":\r\ndata: 1}\r\n\r\n"), 1);
    assert_eq!(with("\u{feff}data: {}\n\n"), 1);
    assert_eq!(with(": data: {}\n\ndata\n\ndatum: {}\n\nretry: 3\n\n"), 0);
    assert_eq!(with("data: [DONE]\n\ndata: {\"a\": \n\ndata: {}\n\n"), 1);
    assert_eq!(with(""), 0);
    assert_eq!(with(&event("x", &json!({}))), 1);
    assert_eq!(events(b"data: \xff\xfe\n\ndata: {}\n\n").len(), 1);
}
