//! The table from what the service answers to Easel's kinds of failure, row by row, and what is quoted.

use easel_backend::testing::{Answer, open};
use easel_backend::{Charged, Error, ErrorKind, Failure, FailureKind, Intent};
use serde_json::{Value, json};

use super::{answer, ask, params, part, run};

fn failed(answer: Answer) -> Failure {
    let (outcome, sent) = run(ask("nano-banana-2", params("nano-banana-2", Intent::Edit)), {
        move |_, _| Ok(answer.clone())
    });
    assert_eq!(sent.len(), 1, "what is paid for is not sent again from here");
    outcome.error().unwrap().failure().unwrap().clone()
}

fn error(status: i32, word: &str, message: &str, details: Value) -> Answer {
    let body = json!({ "error": { "code": status, "status": word, "message": message, "details": details } });
    Answer::json(status, &body)
}

#[test]
fn every_status_has_its_kind() {
    for (status, word, kind, charged) in [
        (400, "INVALID_ARGUMENT", FailureKind::InvalidRequest, Charged::No),
        (400, "FAILED_PRECONDITION", FailureKind::OutOfQuota, Charged::No),
        (400, "UNAUTHENTICATED", FailureKind::KeyRejected, Charged::No),
        (401, "UNAUTHENTICATED", FailureKind::KeyRejected, Charged::No),
        (402, "", FailureKind::OutOfQuota, Charged::No),
        (403, "PERMISSION_DENIED", FailureKind::KeyRejected, Charged::No),
        (404, "NOT_FOUND", FailureKind::ModelGone, Charged::No),
        (408, "", FailureKind::Transient, Charged::No),
        (413, "", FailureKind::TooLarge, Charged::No),
        (418, "", FailureKind::InvalidRequest, Charged::No),
        (429, "RESOURCE_EXHAUSTED", FailureKind::RateLimited, Charged::No),
        (500, "INTERNAL", FailureKind::Transient, Charged::Maybe),
        (502, "", FailureKind::Transient, Charged::Maybe),
        (503, "UNAVAILABLE", FailureKind::Transient, Charged::No),
        (504, "DEADLINE_EXCEEDED", FailureKind::Transient, Charged::Maybe),
        (302, "", FailureKind::BackendFailed, Charged::No),
    ] {
        let failure = failed(error(status, word, "what it said", json!([])));
        assert_eq!((failure.kind, failure.charged), (kind, Some(charged)), "{status} {word}");
        assert_eq!(failure.provider_message.as_deref(), Some("what it said"));
        assert!(failure.hint.is_some() && !failure.message.ends_with('.'), "{failure}");
    }
}

#[test]
fn a_bad_key_is_told_by_its_details_and_not_quoted() {
    let details = json!([{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID" }]);
    let key = "AIzaSyA1234567890abcdefghijklmnopqrstuv";
    let failure =
        failed(error(400, "INVALID_ARGUMENT", &format!("API key {key} not valid."), details));
    assert_eq!(failure.kind, FailureKind::KeyRejected);
    assert_eq!(failure.provider_message.as_deref(), Some("API key … not valid."));
    assert!(failure.hint.unwrap().contains("`gemini`"));
}

#[test]
fn a_model_that_is_gone_is_named_by_its_id_at_the_service() {
    let failure = failed(error(404, "NOT_FOUND", "models/x is not found", json!([])));
    assert!(failure.message.contains("`gemini-3.1-flash-image`"), "{failure}");
    assert!(failure.hint.unwrap().contains("wire.id"));
}

#[test]
fn a_limit_that_no_waiting_lifts_is_a_quota() {
    let quota = |id: &str, value: &str| {
        json!([
            { "@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{ "quotaId": id, "quotaValue": value }] },
            { "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "12.5s" },
        ])
    };
    for (details, message, kind, wait) in [
        (
            quota("GenerateRequestsPerDayPerProject-FreeTier", "100"),
            "x",
            FailureKind::OutOfQuota,
            None,
        ),
        (quota("requests_per_day", "100"), "x", FailureKind::OutOfQuota, None),
        (quota("GenerateRequestsPerMinute", "0"), "x", FailureKind::OutOfQuota, None),
        (
            quota("GenerateRequestsPerMinute", "10"),
            "metric: m, limit: 0, model",
            FailureKind::OutOfQuota,
            None,
        ),
        (
            quota("GenerateRequestsPerMinute", "10"),
            "metric: m, limit: 05",
            FailureKind::RateLimited,
            Some(12_500),
        ),
        (
            quota("GenerateRequestsPerMinute", "10"),
            "slow down",
            FailureKind::RateLimited,
            Some(12_500),
        ),
        (json!([]), "slow down", FailureKind::RateLimited, None),
        (json!(null), "slow down", FailureKind::RateLimited, None),
    ] {
        let failure = failed(error(429, "RESOURCE_EXHAUSTED", message, details));
        assert_eq!((failure.kind, failure.retry_after_ms), (kind, wait), "{message}");
    }
    let mut answer = error(429, "RESOURCE_EXHAUSTED", "x", json!([]));
    answer.headers.insert("retry-after".to_owned(), "3".to_owned());
    assert_eq!(failed(answer).retry_after_ms, Some(3000));
}

#[test]
fn every_end_without_a_picture_has_its_kind() {
    let words = json!([{ "text": "I cannot do that" }]);
    for (reason, parts, kind, charged) in [
        ("SAFETY", json!([]), FailureKind::RefusedOutput, Charged::Yes),
        ("IMAGE_SAFETY", json!([]), FailureKind::RefusedOutput, Charged::Yes),
        ("PROHIBITED_CONTENT", json!([]), FailureKind::RefusedOutput, Charged::Yes),
        ("IMAGE_PROHIBITED_CONTENT", json!([]), FailureKind::RefusedOutput, Charged::Yes),
        ("RECITATION", json!([]), FailureKind::RefusedOutput, Charged::Yes),
        ("IMAGE_RECITATION", json!([]), FailureKind::RefusedOutput, Charged::Yes),
        ("SPII", json!([]), FailureKind::RefusedOutput, Charged::Yes),
        ("BLOCKLIST", json!([]), FailureKind::RefusedOutput, Charged::Yes),
        ("MODEL_ARMOR", json!([]), FailureKind::RefusedOutput, Charged::Yes),
        ("NO_IMAGE", json!([]), FailureKind::NoImage, Charged::Yes),
        ("IMAGE_OTHER", words.clone(), FailureKind::NoImage, Charged::Yes),
        ("OTHER", json!([]), FailureKind::NoImage, Charged::Yes),
        ("MAX_TOKENS", json!([]), FailureKind::NoImage, Charged::Yes),
        ("STOP", words.clone(), FailureKind::NoImage, Charged::Yes),
        ("A_NEW_WORD", json!([]), FailureKind::NoImage, Charged::Yes),
    ] {
        let mut body = answer(&parts);
        body["candidates"][0]["finishReason"] = reason.into();
        let failure = failed(Answer::json(200, &body));
        assert_eq!((failure.kind, failure.charged), (kind, Some(charged)), "{reason}");
        let said = (parts != json!([])).then_some("I cannot do that");
        assert_eq!(failure.provider_message.as_deref(), said);
    }
    for reason in
        ["SAFETY", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "IMAGE_SAFETY", "JAILBREAK"]
    {
        let body = json!({ "promptFeedback": { "blockReason": reason } });
        let failure = failed(Answer::json(200, &body));
        assert_eq!((failure.kind, failure.charged), (FailureKind::RefusedInput, Some(Charged::No)));
        assert!(failure.message.contains(reason), "{failure}");
    }
}

#[test]
fn anything_may_be_missing() {
    for body in [
        json!({}),
        json!({ "candidates": null }),
        json!({ "candidates": [] }),
        json!({ "candidates": [{}] }),
        json!({ "candidates": [{ "content": null }] }),
        json!({ "candidates": [{ "content": {} }] }),
        json!({ "candidates": [{ "content": { "parts": null } }] }),
        json!({ "candidates": [{ "content": { "parts": [{}, null, 7, { "inlineData": {} }] } }] }),
        json!({ "promptFeedback": {}, "usageMetadata": null }),
    ] {
        let failure = failed(Answer::json(200, &body));
        assert_eq!(failure.kind, FailureKind::NoImage, "{body}");
    }
    let mut body = answer(&json!([]));
    body["candidates"][0]["finishMessage"] = "it is late".into();
    assert_eq!(failed(Answer::json(200, &body)).provider_message.as_deref(), Some("it is late"));
}

#[test]
fn what_cannot_be_read_is_corrupt_and_was_paid_for() {
    let raw = |body: &[u8]| Answer { body: body.to_vec(), ..Answer::json(200, &json!(0)) };
    let mut cut = part(1);
    let whole = cut["inlineData"]["data"].as_str().unwrap().to_owned();
    cut["inlineData"]["data"] = whole[..whole.len() - 3].into();
    let mut strange = part(1);
    strange["inlineData"]["data"] = "*no base64*".into();
    let mut no_picture = part(1);
    no_picture["inlineData"]["data"] = "R0lGODlh".into();
    for answer in [
        raw(b"{\"candidates\": [{\"content"),
        raw(b""),
        raw(b"[]"),
        raw(b"<html>"),
        Answer::json(200, &answer(&json!([strange]))),
        Answer::json(200, &answer(&json!([no_picture]))),
        Answer::json(200, &answer(&json!([cut]))),
    ] {
        let failure = failed(answer);
        assert_eq!((failure.kind, failure.charged), (FailureKind::Corrupt, Some(Charged::Yes)));
        assert!(failure.hint.unwrap().contains("charged again"));
        assert!(!failure.message.contains("R0lG"));
    }
}

#[test]
fn pictures_are_not_quoted_and_long_words_are_cut() {
    let data = "iVBORw0KGgo+/".repeat(40);
    let failure = failed(error(400, "INVALID_ARGUMENT", &format!("bad image {data}!"), json!([])));
    assert_eq!(failure.provider_message.as_deref(), Some("bad image …!"));
    let failure = failed(error(400, "INVALID_ARGUMENT", &"äh ".repeat(900), json!([])));
    assert_eq!(failure.provider_message.unwrap().chars().count(), 501);
    let page = Answer { body: b"<html>Bad gateway".to_vec(), ..Answer::json(502, &json!(0)) };
    assert_eq!(failed(page).provider_message, None);
    let text = Answer { body: b" out of order\n".to_vec(), ..Answer::json(502, &json!(0)) };
    assert_eq!(failed(text).provider_message.as_deref(), Some("out of order"));
}

#[test]
fn what_the_host_says_passes_through() {
    for (error, kind) in [
        (Error::transient("the network is down"), ErrorKind::Transient),
        (Error::cancelled(), ErrorKind::Cancelled),
    ] {
        let (outcome, _) = run(ask("nano-banana-2", params("nano-banana-2", Intent::Edit)), {
            move |_, _| Err(error.clone())
        });
        assert_eq!(outcome.error().unwrap().kind(), kind);
    }
    let missing = Failure::new(FailureKind::KeyMissing, "no key is stored for `gemini`");
    let expected = missing.clone();
    let (outcome, _) = run(ask("nano-banana-2", params("nano-banana-2", Intent::Edit)), {
        move |_, _| Err(Error::of(missing.clone()))
    });
    assert_eq!(outcome.error().unwrap().failure(), Some(&expected));
}

#[test]
fn a_setting_is_refused_since_there_is_none() {
    let error = open::<crate::Gemini>(&json!({ "region": "eu" })).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.message().contains("`region`"), "{error}");
}
