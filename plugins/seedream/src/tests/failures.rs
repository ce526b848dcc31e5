//! The table from what the service answers to Easel's kinds of failure, row by row, and what is quoted.

use easel_backend::testing::{Answer, open};
use easel_backend::{Charged, Error, ErrorKind, Failure, FailureKind, Intent};
use serde_json::json;

use super::{answer, ask, params, run};

fn refused(answer: Answer) -> Failure {
    let (outcome, sent) = run(ask("seedream-4.5", params("seedream-4.5", Intent::Edit)), {
        move |_, _| Ok(answer.clone())
    });
    assert_eq!(sent.len(), 1, "what is paid for is not sent again from here");
    outcome.error().unwrap().failure().unwrap().clone()
}

fn coded(status: i32, code: &str) -> Failure {
    let error = json!({ "code": code, "message": "as it said", "param": "x", "type": "y" });
    refused(Answer::json(status, &json!({ "error": error })))
}

#[test]
fn every_code_has_its_kind() {
    use FailureKind::{
        InvalidRequest, KeyRejected, ModelGone, OutOfQuota, RateLimited, RefusedInput,
        RefusedOutput, Transient,
    };
    for (status, code, kind) in [
        (400, "MissingParameter", InvalidRequest),
        (400, "MissingParameter.prompt", InvalidRequest),
        (400, "InvalidParameter.size", InvalidRequest),
        (400, "InvalidImageURL.EmptyURL", InvalidRequest),
        (400, "InvalidImageURL.InvalidFormat", InvalidRequest),
        (400, "InputTextSensitiveContentDetected", RefusedInput),
        (400, "InputImageSensitiveContentDetected", RefusedInput),
        (400, "InputImageSensitiveContentDetected.PrivacyInformation", RefusedInput),
        (400, "SensitiveContentDetected.SevereViolation", RefusedInput),
        (400, "InputTextRiskDetection", RefusedInput),
        (400, "RiskDetection", RefusedInput),
        (400, "OutputImageRiskDetection", RefusedOutput),
        (400, "OutputImageSensitiveContentDetected", RefusedOutput),
        (400, "OutputImageSensitiveContentDetected.PolicyViolation", RefusedOutput),
        (400, "ContentSecurityDetectionError", Transient),
        (400, "InvalidEndpoint.ClosedEndpoint", ModelGone),
        (401, "AuthenticationError", KeyRejected),
        (401, "InvalidAccountStatus", KeyRejected),
        (403, "AccessDenied", KeyRejected),
        (403, "OperationDenied.ServiceNotOpen", KeyRejected),
        (403, "OperationDenied.ServiceOverdue", OutOfQuota),
        (403, "AccountOverdueError", OutOfQuota),
        (404, "InvalidEndpointOrModel.NotFound", ModelGone),
        (404, "InvalidEndpointOrModel.ModelIDAccessDisabled", ModelGone),
        (404, "ModelNotOpen", ModelGone),
        (429, "ModelAccountIpmRateLimitExceeded", RateLimited),
        (429, "RateLimitExceeded.EndpointRPMExceeded", RateLimited),
        (429, "AccountRateLimitExceeded", RateLimited),
        (429, "InflightBatchsizeExceeded", RateLimited),
        (429, "ServerOverloaded", RateLimited),
        (429, "RequestBurstTooFast", RateLimited),
        (429, "QuotaExceeded", OutOfQuota),
        (429, "SetLimitExceeded", OutOfQuota),
        (500, "InternalServiceError", Transient),
        (503, "", Transient),
        (504, "New", Transient),
        (400, "New", InvalidRequest),
        (402, "New", OutOfQuota),
        (403, "New", KeyRejected),
        (404, "New", ModelGone),
        (408, "New", Transient),
        (413, "New", FailureKind::TooLarge),
        (418, "New", InvalidRequest),
        (302, "", FailureKind::BackendFailed),
    ] {
        let failure = coded(status, code);
        assert_eq!(failure.kind, kind, "{status} {code}");
        let charged = if matches!(status, 500 | 504) { Charged::Maybe } else { Charged::No };
        assert_eq!(failure.charged, Some(charged), "{status} {code}");
        assert_eq!(failure.provider_message.as_deref(), Some("as it said"));
        let name = if code.is_empty() { format!("status {status}") } else { format!("`{code}`") };
        assert!(failure.message.contains(&name), "{failure}");
        assert!(failure.hint.is_some() && !failure.message.ends_with('.'));
    }
}

#[test]
fn a_model_that_is_gone_is_named_by_its_id_at_the_service() {
    let failure = coded(404, "ModelNotOpen");
    assert!(failure.message.contains("`seedream-4-5-251128`"), "{failure}");
    assert!(failure.hint.unwrap().contains("wire.id"));
}

#[test]
fn the_time_to_wait_is_passed_on_where_waiting_helps() {
    for (code, wait) in [("RequestBurstTooFast", Some(2500)), ("QuotaExceeded", None)] {
        let mut answer = Answer::json(429, &json!({ "error": { "code": code } }));
        answer.headers.insert("retry-after".to_owned(), "2.5".to_owned());
        assert_eq!(refused(answer).retry_after_ms, wait);
    }
}

#[test]
fn an_answer_without_pictures_is_told_apart_from_one_that_cannot_be_read() {
    for (body, kind, charged) in [
        (json!({ "data": [] }), FailureKind::NoImage, Charged::No),
        (json!({}), FailureKind::NoImage, Charged::No),
        (json!({ "data": null, "error": null }), FailureKind::NoImage, Charged::No),
        (json!({ "data": [{}] }), FailureKind::Corrupt, Charged::Yes),
        (
            json!({ "data": [{ "url": "https://example.org/x.png" }] }),
            FailureKind::Corrupt,
            Charged::Yes,
        ),
        (json!({ "data": [{ "b64_json": "*no*" }] }), FailureKind::Corrupt, Charged::Yes),
        (json!({ "data": [{ "b64_json": "R0lGODlh" }] }), FailureKind::Corrupt, Charged::Yes),
        (
            json!({ "error": { "code": "InternalServiceError" } }),
            FailureKind::Transient,
            Charged::No,
        ),
    ] {
        let failure = refused(Answer::json(200, &body));
        assert_eq!((failure.kind, failure.charged), (kind, Some(charged)), "{body}");
    }
    for body in ["{\"data\": [{\"b64", "<html>", "\u{1}\u{2}"] {
        let mut cut = answer(&json!([]));
        cut.body = body.as_bytes().to_vec();
        let failure = refused(cut);
        assert_eq!((failure.kind, failure.charged), (FailureKind::Corrupt, Some(Charged::Yes)));
        assert!(failure.hint.unwrap().contains("charged again"));
    }
}

#[test]
fn pictures_and_keys_are_not_quoted_and_long_words_are_cut() {
    let said = |status: i32, text: &str| {
        refused(Answer::json(status, &json!({ "error": { "code": "X", "message": text } })))
            .provider_message
    };
    let data = "iVBORw0KGgo+/".repeat(40);
    assert_eq!(said(400, &format!("bad image {data}!")).as_deref(), Some("bad image …!"));
    let key = "0f3c8a52-1d2e-4f5a-9b6c-7d8e9f0a1b2c";
    assert_eq!(said(401, &format!("key {key} is bad")).as_deref(), Some("key … is bad"));
    assert_eq!(said(400, &"äh ".repeat(900)).unwrap().chars().count(), 501);
    let page = Answer { body: b"<html>Bad gateway".to_vec(), ..Answer::json(502, &json!(0)) };
    assert_eq!(refused(page).provider_message, None);
    let text = Answer { body: b" out of order\n".to_vec(), ..Answer::json(502, &json!(0)) };
    assert_eq!(refused(text).provider_message.as_deref(), Some("out of order"));
}

#[test]
fn what_the_host_says_passes_through() {
    for (error, kind) in [
        (Error::transient("the network is down"), ErrorKind::Transient),
        (Error::cancelled(), ErrorKind::Cancelled),
    ] {
        let (outcome, _) = run(ask("seedream-4.5", params("seedream-4.5", Intent::Edit)), {
            move |_, _| Err(error.clone())
        });
        assert_eq!(outcome.error().unwrap().kind(), kind);
    }
    let missing = Failure::new(FailureKind::KeyMissing, "no key is stored for `ark`");
    let expected = missing.clone();
    let (outcome, _) = run(ask("seedream-4.5", params("seedream-4.5", Intent::Edit)), {
        move |_, _| Err(Error::of(missing.clone()))
    });
    assert_eq!(outcome.error().unwrap().failure(), Some(&expected));
}

#[test]
fn a_setting_is_refused_since_there_is_none() {
    let error = open::<crate::Seedream>(&json!({ "region": "eu" })).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.message().contains("`region`"), "{error}");
}
