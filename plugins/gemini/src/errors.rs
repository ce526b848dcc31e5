//! What went wrong, in Easel's words: the one table from statuses and answers of the service to kinds
//! of failure. What it quotes is cut and cleaned by the SDK: never a picture, never a key.

use easel_backend::hosted::{failure, milliseconds, plain, quoted, retry_after};
use easel_backend::{Charged, Error, Failure, FailureKind, HttpResponse};
use serde_json::Value;

use crate::answer::Answer;

/// Why an answer with another status than 200 is none.
pub(crate) fn refused(wire_id: &str, response: &HttpResponse<'_>) -> Error {
    let body = serde_json::from_slice::<Value>(response.body).unwrap_or_default();
    let error = &body["error"];
    let key = matches!(response.status, 401 | 403) || is_bad_key(error);
    let said = said(response.body, error, if key { 20 } else { 64 });
    let (kind, message, hint) = match response.status {
        400 if key => rejected_key(),
        400 if error["status"] == "FAILED_PRECONDITION" => (
            FailureKind::OutOfQuota,
            "Google does not serve this account: billing is off, or the free tier is not offered \
             in this country"
                .to_owned(),
            "switch billing on for the key's project, then retry",
        ),
        400 => (
            FailureKind::InvalidRequest,
            "Google does not accept the request".to_owned(),
            "see what the service says; a parameter or a picture is not to its liking",
        ),
        401 | 403 => rejected_key(),
        402 => out_of_quota(),
        404 => (
            FailureKind::ModelGone,
            format!("Google has no model `{wire_id}`, or not for this key"),
            "name its successor as `wire.id` in your catalogue, or pick another model",
        ),
        413 => (
            FailureKind::TooLarge,
            "the pictures are too large for Google".to_owned(),
            "use fewer or smaller references",
        ),
        429 if is_exhausted(error) => out_of_quota(),
        429 => (
            FailureKind::RateLimited,
            "Google asks to slow down".to_owned(),
            "retry later, or ask for fewer pictures at a time",
        ),
        408 | 500.. => (
            FailureKind::Transient,
            format!("Google failed with status {}", response.status),
            "retry later",
        ),
        status @ 400..=499 => (
            FailureKind::InvalidRequest,
            format!("Google does not accept the request: status {status}"),
            "see what the service says",
        ),
        status => (
            FailureKind::BackendFailed,
            format!("Google answered with status {status}"),
            "see what the service says",
        ),
    };
    // A server that gave up half-way may have made the picture all the same.
    let charged = match response.status {
        500 | 502 | 504.. => Charged::Maybe,
        _ => Charged::No,
    };
    Error::of(Failure {
        retry_after_ms: if kind == FailureKind::RateLimited {
            delay(response, error)
        } else {
            None
        },
        provider_message: said,
        charged: Some(charged),
        ..Failure::new(kind, message).hint(hint)
    })
}

fn rejected_key() -> (FailureKind, String, &'static str) {
    (
        FailureKind::KeyRejected,
        "Google does not accept the key".to_owned(),
        "store a valid key under the name `gemini`; https://aistudio.google.com/apikey makes one",
    )
}

fn out_of_quota() -> (FailureKind, String, &'static str) {
    (
        FailureKind::OutOfQuota,
        "the account at Google has no quota left for this model".to_owned(),
        "wait for the quota's next day, switch billing on, or pick another model",
    )
}

/// Why an answer without a picture has none. The tokens are billed, unless the prompt was refused.
pub(crate) fn no_picture(answer: &Answer) -> Error {
    let said = answer.text().map(|text| quoted(&text, 64));
    if let Some(reason) = answer.block_reason() {
        return failure(
            FailureKind::RefusedInput,
            Charged::No,
            format!("Google refuses the prompt or a picture by its policy: `{reason}`"),
            "change the prompt or the pictures, or pick another model",
            said,
        );
    }
    let reason = answer.finish_reason().unwrap_or("STOP");
    if is_policy(reason) {
        return failure(
            FailureKind::RefusedOutput,
            Charged::Yes,
            format!("Google withholds the picture by its policy: `{reason}`"),
            "try another seed or prompt, or pick another model",
            said,
        );
    }
    let (message, hint) = match reason {
        "MAX_TOKENS" => (
            "the model came to its limit before it made a picture".to_owned(),
            "ask for a smaller size or with a shorter prompt; it may be charged again",
        ),
        "STOP" if said.is_some() => (
            "the model answered with words and no picture".to_owned(),
            "say more plainly which picture is wanted; asking again may be charged again",
        ),
        reason => (
            format!("the model made no picture: `{reason}`"),
            "change the prompt or ask again; it may be charged again",
        ),
    };
    failure(FailureKind::NoImage, Charged::Yes, message, hint, said)
}

/// The reasons to stop that are matters of policy, those to come included as far as their names tell.
fn is_policy(reason: &str) -> bool {
    matches!(reason, "SAFETY" | "BLOCKLIST" | "SPII" | "MODEL_ARMOR" | "RECITATION")
        || ["IMAGE_SAFETY", "PROHIBITED", "RECITATION"].iter().any(|word| reason.contains(word))
}

/// What came is no answer or no picture.
pub(crate) fn corrupt(what: &str) -> Error {
    failure(
        FailureKind::Corrupt,
        Charged::Yes,
        format!("{what} from Google cannot be read"),
        "a retry may be charged again",
        None,
    )
}

/// A bad key is told with status 400, like any other bad field.
fn is_bad_key(error: &Value) -> bool {
    let reason = detail(error, "ErrorInfo").and_then(|info| info["reason"].as_str());
    error["status"] == "UNAUTHENTICATED"
        || reason.is_some_and(|reason| reason.starts_with("API_KEY_"))
}

/// Whether no waiting helps: the quota of a day is used up, or there is none at all.
fn is_exhausted(error: &Value) -> bool {
    let violations = detail(error, "QuotaFailure").map(|detail| &detail["violations"]);
    let spent = |violation: &Value| {
        let name = |field: &str| {
            violation[field].as_str().unwrap_or_default().to_ascii_lowercase().replace('_', "")
        };
        name("quotaId").contains("perday")
            || name("quotaMetric").contains("perday")
            || violation["quotaValue"] == "0"
    };
    let message = error["message"].as_str().unwrap_or_default();
    let none = message.split("limit: 0").skip(1);
    violations.and_then(Value::as_array).into_iter().flatten().any(spent)
        || none.into_iter().any(|rest| !rest.starts_with(|next: char| next.is_ascii_digit()))
}

/// The first detail of a kind.
fn detail<'a>(error: &'a Value, kind: &str) -> Option<&'a Value> {
    error["details"].as_array()?.iter().find(|detail| {
        detail["@type"].as_str().is_some_and(|name| name.rsplit(['.', '/']).next() == Some(kind))
    })
}

/// When to try again: `RetryInfo` such as `12.5s`, else the header in seconds.
fn delay(response: &HttpResponse<'_>, error: &Value) -> Option<u64> {
    let info = detail(error, "RetryInfo").and_then(|info| info["retryDelay"].as_str());
    match info.and_then(|delay| delay.trim_end_matches('s').parse().ok()) {
        Some(seconds) => milliseconds(seconds),
        None => retry_after(response),
    }
}

/// What the service says: the message of its error, or plain text. Runs of `run` characters and more
/// that look like data are left out.
fn said(body: &[u8], error: &Value, run: usize) -> Option<String> {
    match error["message"].as_str().or(error.as_str()) {
        // A page for browsers says nothing that helps, and neither does JSON.
        Some(text) if text.is_empty() || text.starts_with(['<', '{', '[']) => None,
        Some(text) => Some(quoted(text, run)),
        None => plain(body).map(|text| quoted(&text, run)),
    }
}
