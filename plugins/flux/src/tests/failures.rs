//! The table from what the service answers to Easel's kinds of failure, row by row, and what is quoted.

use easel_backend::testing::{Answer, open};
use easel_backend::{Charged, Error, ErrorKind, Failure, FailureKind, Intent};
use serde_json::{Value, json};

use super::{ask, obliging, params, run, state};

fn submission(answer: Answer) -> Failure {
    let (outcome, sent) = run(ask("flux-2-pro", params("flux-2-pro", Intent::Edit)), {
        move |_, _| Ok(answer.clone())
    });
    assert_eq!(sent.len(), 1, "what is paid for is not sent again from here");
    assert!(outcome.checkpoints.is_empty());
    outcome.error().unwrap().failure().unwrap().clone()
}

fn polled(answer: Value) -> Failure {
    let (outcome, _) = run(ask("flux-2-pro", params("flux-2-pro", Intent::Edit)), {
        move |request, number| match number {
            0 => obliging(request, number),
            _ => Ok(state(&answer)),
        }
    });
    outcome.error().unwrap().failure().unwrap().clone()
}

#[test]
fn every_status_of_a_submission_has_its_kind() {
    for (status, kind, charged) in [
        (400, FailureKind::InvalidRequest, Charged::No),
        (401, FailureKind::KeyRejected, Charged::No),
        (402, FailureKind::OutOfQuota, Charged::No),
        (403, FailureKind::KeyRejected, Charged::No),
        (404, FailureKind::ModelGone, Charged::No),
        (408, FailureKind::Transient, Charged::No),
        (413, FailureKind::TooLarge, Charged::No),
        (418, FailureKind::BackendFailed, Charged::No),
        (422, FailureKind::InvalidRequest, Charged::No),
        (429, FailureKind::RateLimited, Charged::No),
        (500, FailureKind::Transient, Charged::Maybe),
        (502, FailureKind::Transient, Charged::Maybe),
        (503, FailureKind::Transient, Charged::No),
        (504, FailureKind::Transient, Charged::Maybe),
    ] {
        let failure = submission(Answer::json(status, &json!({ "detail": "what it said" })));
        assert_eq!((failure.kind, failure.charged), (kind, Some(charged)), "{status}");
        assert_eq!(failure.provider_message.as_deref(), Some("what it said"));
        assert!(failure.hint.is_some(), "{status}");
        assert!(!failure.message.ends_with('.'), "{failure}");
    }
}

#[test]
fn a_model_that_is_gone_is_named_by_its_id_at_the_service() {
    let mut params = params("flux-2-pro", Intent::Edit);
    params.wire.insert("id".to_owned(), "flux-9-preview".into());
    let (outcome, _) =
        run(ask("flux-2-pro", params), |_, _| Ok(Answer::json(404, &json!({ "detail": "x" }))));
    let failure = outcome.error().unwrap().failure().unwrap().clone();
    assert!(failure.message.contains("`flux-9-preview`"), "{failure}");
    assert!(failure.hint.unwrap().contains("wire.id"));
}

#[test]
fn every_end_of_a_task_has_its_kind() {
    for (answer, kind, charged, said) in [
        (
            json!({ "status": "Request Moderated", "details": { "Moderation Reasons": ["Likeness"] } }),
            FailureKind::RefusedInput,
            Charged::No,
            Some(r#"{"Moderation Reasons":["Likeness"]}"#),
        ),
        (
            json!({ "status": "Content Moderated", "details": "skin" }),
            FailureKind::RefusedOutput,
            Charged::No,
            Some("skin"),
        ),
        (
            json!({ "status": "Error", "details": null }),
            FailureKind::Transient,
            Charged::Maybe,
            None,
        ),
        (json!({ "status": "Ready", "result": null }), FailureKind::NoImage, Charged::Yes, None),
        (
            json!({ "status": "Ready", "result": { "sample": "" } }),
            FailureKind::NoImage,
            Charged::Yes,
            None,
        ),
    ] {
        let failure = polled(answer);
        assert_eq!((failure.kind, failure.charged), (kind, Some(charged)), "{failure}");
        assert_eq!(failure.provider_message.as_deref(), said);
    }
}

#[test]
fn the_words_of_the_service_are_found_in_all_their_forms() {
    for (body, said) in [
        (json!({ "detail": "plain" }), Some("plain")),
        (
            json!({ "detail": [{ "loc": ["body", "width", 0], "msg": "too small", "type": "x", "input": 3 }, { "msg": "odd" }] }),
            Some("body.width.0: too small; odd"),
        ),
        (json!({ "error": "validation", "message": "no prompt" }), Some("no prompt")),
        (json!({ "error": "validation" }), Some("validation")),
        (json!("text"), Some("text")),
        (json!({ "other": 1 }), None),
    ] {
        let failure = submission(Answer::json(422, &body));
        assert_eq!(failure.provider_message.as_deref(), said);
    }
    let text = |body: &str| {
        let answer = Answer { body: body.as_bytes().to_vec(), ..Answer::json(502, &json!(0)) };
        submission(answer).provider_message
    };
    assert_eq!(text(" out of order \n").as_deref(), Some("out of order"));
    assert_eq!(text("<html><body>Bad gateway"), None);
    assert_eq!(text(""), None);
}

#[test]
fn pictures_and_keys_are_not_quoted_and_long_words_are_cut() {
    let data = "iVBORw0KGgo+/".repeat(40);
    let failure = submission(Answer::json(422, &json!({ "detail": format!("bad image {data}!") })));
    assert_eq!(failure.provider_message.as_deref(), Some("bad image …!"));
    let key = "0f3c8a52-1d2e-4f5a-9b6c-7d8e9f0a1b2c";
    let failure =
        submission(Answer::json(403, &json!({ "detail": format!("key {key} is not known") })));
    assert_eq!(failure.provider_message.as_deref(), Some("key … is not known"));
    let failure = submission(Answer::json(400, &json!({ "detail": "äh ".repeat(900) })));
    let said = failure.provider_message.unwrap();
    assert_eq!(said.chars().count(), 501);
    assert!(said.ends_with('…'));
}

#[test]
fn the_time_to_wait_is_passed_on() {
    let body = json!({ "error": "limit", "retry_after": 2.5 });
    assert_eq!(submission(Answer::json(429, &body)).retry_after_ms, Some(2500));
    let mut answer = Answer::json(429, &body);
    answer.headers.insert("retry-after".to_owned(), "7".to_owned());
    assert_eq!(submission(answer).retry_after_ms, Some(7000));
    let mut answer = Answer::json(429, &json!({ "retry_after": -1 }));
    answer.headers.insert("retry-after".to_owned(), "Mon, 23 Nov 2026 16:00:00 GMT".to_owned());
    assert_eq!(submission(answer).retry_after_ms, None);
}

#[test]
fn an_answer_that_cannot_be_read_may_have_been_paid_for() {
    let answer = Answer { body: br#"{"id": "t"#.to_vec(), ..Answer::json(200, &json!(0)) };
    let failure = submission(answer);
    assert_eq!((failure.kind, failure.charged), (FailureKind::Corrupt, Some(Charged::Maybe)));
}

#[test]
fn what_the_host_says_passes_through() {
    for (error, kind) in [
        (Error::denied("the key is missing"), ErrorKind::Denied),
        (Error::transient("the network is down"), ErrorKind::Transient),
        (Error::cancelled(), ErrorKind::Cancelled),
    ] {
        let (outcome, _) = run(ask("flux-2-pro", params("flux-2-pro", Intent::Edit)), {
            move |_, _| Err(error.clone())
        });
        assert_eq!(outcome.error().unwrap().kind(), kind);
    }
    let missing = Failure::new(FailureKind::KeyMissing, "no key is stored for `bfl`");
    let expected = missing.clone();
    let (outcome, _) = run(ask("flux-2-pro", params("flux-2-pro", Intent::Edit)), {
        move |_, _| Err(Error::of(missing.clone()))
    });
    assert_eq!(outcome.error().unwrap().failure(), Some(&expected));
}

#[test]
fn a_setting_is_refused_since_there_is_none() {
    let error = open::<crate::Flux>(&json!({ "region": "eu" })).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.message().contains("`region`"), "{error}");
}
