//! What went wrong, in Easel's words: the one table from statuses and codes of the service to kinds of
//! failure. What it quotes is cut and cleaned by the SDK: never a picture, never a key.

use easel_backend::hosted::{failure, plain, quoted, retry_after};
use easel_backend::{Charged, Error, Failure, FailureKind, HttpResponse};
use serde_json::Value;

/// Why an answer with another status than 200 is none.
pub(crate) fn refused(wire_id: &str, response: &HttpResponse<'_>) -> Error {
    let body = serde_json::from_slice::<Value>(response.body).unwrap_or_default();
    let told = by_code(wire_id, Some(response.status), &body["error"]);
    let Some(failure) = told.failure().cloned() else { return told };
    let key = failure.kind == FailureKind::KeyRejected;
    let said = failure.provider_message.clone().or_else(|| plain(response.body));
    // A server that gave up half-way may have made the picture all the same.
    let charged = match response.status {
        500 | 502 | 504.. => Charged::Maybe,
        _ => Charged::No,
    };
    let limited = failure.kind == FailureKind::RateLimited;
    Error::of(Failure {
        provider_message: said.map(|said| quoted(&said, if key { 20 } else { 64 })),
        charged: Some(charged),
        retry_after_ms: if limited { retry_after(response) } else { None },
        ..failure
    })
}

/// The failure for an error of the service, by its code and, where that is new, by the status. Codes have
/// parts: the first one that is known counts.
pub(crate) fn by_code(wire_id: &str, status: Option<i32>, error: &Value) -> Error {
    let code = error["code"].as_str().unwrap_or_default();
    let known = KINDS.iter().find(|(start, _)| code.starts_with(start)).map(|(_, kind)| *kind);
    let risk = code.contains("RiskDetection").then_some(if code.starts_with("Output") {
        FailureKind::RefusedOutput
    } else {
        FailureKind::RefusedInput
    });
    let kind = known.or(risk).unwrap_or_else(|| by_status(status));
    let name = if code.is_empty() {
        status.map_or("no code".to_owned(), |status| format!("status {status}"))
    } else {
        format!("`{}`", quoted(code, 100))
    };
    let (message, hint) = words(kind, wire_id, &name);
    let said = error["message"].as_str().filter(|said| !said.is_empty());
    let key = kind == FailureKind::KeyRejected;
    Error::of(Failure {
        provider_message: said.map(|said| quoted(said, if key { 20 } else { 64 })),
        charged: Some(Charged::No),
        ..Failure::new(kind, message).hint(hint)
    })
}

/// The codes by how they start; the more special ones first.
const KINDS: &[(&str, FailureKind)] = &[
    ("MissingParameter", FailureKind::InvalidRequest),
    ("InvalidParameter", FailureKind::InvalidRequest),
    ("InvalidImageURL", FailureKind::InvalidRequest),
    ("InputTextSensitiveContentDetected", FailureKind::RefusedInput),
    ("InputImageSensitiveContentDetected", FailureKind::RefusedInput),
    ("SensitiveContentDetected", FailureKind::RefusedInput),
    ("OutputImageSensitiveContentDetected", FailureKind::RefusedOutput),
    ("ContentSecurityDetectionError", FailureKind::Transient),
    ("InvalidEndpointOrModel", FailureKind::ModelGone),
    ("InvalidEndpoint.ClosedEndpoint", FailureKind::ModelGone),
    ("ModelNotOpen", FailureKind::ModelGone),
    ("OperationDenied.ServiceOverdue", FailureKind::OutOfQuota),
    ("AccountOverdueError", FailureKind::OutOfQuota),
    ("OperationDenied.ServiceNotOpen", FailureKind::KeyRejected),
    ("AuthenticationError", FailureKind::KeyRejected),
    ("InvalidAccountStatus", FailureKind::KeyRejected),
    ("AccessDenied", FailureKind::KeyRejected),
    ("QuotaExceeded", FailureKind::OutOfQuota),
    ("SetLimitExceeded", FailureKind::OutOfQuota),
    ("ServerOverloaded", FailureKind::RateLimited),
    ("InternalServiceError", FailureKind::Transient),
];

fn by_status(status: Option<i32>) -> FailureKind {
    match status {
        Some(401 | 403) => FailureKind::KeyRejected,
        Some(402) => FailureKind::OutOfQuota,
        Some(404) => FailureKind::ModelGone,
        Some(413) => FailureKind::TooLarge,
        Some(429) => FailureKind::RateLimited,
        Some(408 | 500..) => FailureKind::Transient,
        Some(400..=499) => FailureKind::InvalidRequest,
        _ => FailureKind::BackendFailed,
    }
}

fn words(kind: FailureKind, wire_id: &str, name: &str) -> (String, &'static str) {
    match kind {
        FailureKind::InvalidRequest => (
            format!("Ark does not accept the request: {name}"),
            "see what the service says; the prompt, a picture or the size is not to its liking",
        ),
        FailureKind::RefusedInput => (
            format!("Ark refuses the prompt or a picture by its policy: {name}"),
            "change the prompt or the pictures, or pick another model; real faces are often refused",
        ),
        FailureKind::RefusedOutput => (
            format!("Ark withholds the picture by its policy: {name}"),
            "change the prompt and try again, or pick another model",
        ),
        FailureKind::ModelGone => (
            format!(
                "Ark has no model `{wire_id}`, or it is not switched on for this account: {name}"
            ),
            "switch it on in the console, name its successor as `wire.id` in your catalogue, or \
             pick another model",
        ),
        FailureKind::KeyRejected => (
            format!("Ark does not accept the key: {name}"),
            "store a valid key under the name `ark`; keys of BytePlus and of Volcengine are not \
             interchangeable",
        ),
        FailureKind::OutOfQuota => (
            format!("the account at Ark has no quota left: {name}"),
            "settle the bill or raise the limit in the console, then retry",
        ),
        FailureKind::RateLimited => {
            (format!("Ark asks to slow down: {name}"), "retry later, or ask for fewer pictures")
        }
        FailureKind::TooLarge => (
            format!("the pictures are too large for Ark: {name}"),
            "use fewer or smaller references",
        ),
        FailureKind::Transient => (format!("Ark failed: {name}"), "retry later"),
        _ => (format!("Ark answered with {name}"), "see what the service says"),
    }
}

/// There is nothing in the answer; only pictures are billed.
pub(crate) fn no_picture() -> Error {
    failure(
        FailureKind::NoImage,
        Charged::No,
        "Ark answered without a picture",
        "say more plainly which picture is wanted, or ask again",
        None,
    )
}

/// What came is no answer or no picture. One that broke off may hold pictures that are billed.
pub(crate) fn corrupt(what: &str, broke_off: bool) -> Error {
    let (message, charged) = if broke_off {
        ("the answer from Ark broke off before a picture was whole".to_owned(), Charged::Maybe)
    } else {
        (format!("{what} from Ark cannot be read"), Charged::Yes)
    };
    failure(FailureKind::Corrupt, charged, message, "a retry may be charged again", None)
}
