//! What went wrong, in Easel's words: the one table from statuses and answers of the service to kinds
//! of failure. What it quotes is cut and cleaned by the SDK: never a picture, never a key.

use easel_backend::hosted::{failure, milliseconds, quoted, retry_after};
use easel_backend::{Charged, Error, Failure, FailureKind, HttpResponse};
use serde_json::Value;

const SERVICE: &str = "Black Forest Labs";

/// Why a submission with another status than 200 failed.
pub(crate) fn submission(wire_id: &str, response: &HttpResponse<'_>) -> Error {
    let answer = serde_json::from_slice::<Value>(response.body).ok();
    let key = matches!(response.status, 401 | 403);
    let said = said(response.body, if key { 20 } else { 64 });
    let (kind, message, hint) = match response.status {
        400 | 422 => (
            FailureKind::InvalidRequest,
            format!("{SERVICE} does not accept the request"),
            "see what the service says; a parameter or a picture is not to its liking",
        ),
        401 | 403 => (
            FailureKind::KeyRejected,
            format!("{SERVICE} does not accept the key"),
            "store a valid key under the name `bfl`",
        ),
        402 => (
            FailureKind::OutOfQuota,
            format!("the account at {SERVICE} has no credits left"),
            "add credits at https://dashboard.bfl.ai and retry",
        ),
        404 => (
            FailureKind::ModelGone,
            format!("{SERVICE} has no model `{wire_id}`, or not for this account"),
            "name its successor as `wire.id` in your catalogue, or pick another model",
        ),
        413 => (
            FailureKind::TooLarge,
            format!("the pictures are too large for {SERVICE}"),
            "use fewer or smaller references",
        ),
        429 => (
            FailureKind::RateLimited,
            format!("{SERVICE} asks to slow down"),
            "wait for running tasks to end, then retry",
        ),
        408 | 500.. => (
            FailureKind::Transient,
            format!("{SERVICE} failed with status {}", response.status),
            "retry later",
        ),
        status => (
            FailureKind::BackendFailed,
            format!("{SERVICE} answered with status {status}"),
            "see what the service says",
        ),
    };
    // A gateway that gives up does not know what became of the task behind it.
    let charged = match response.status {
        500 | 502 | 504.. => Charged::Maybe,
        _ => Charged::No,
    };
    Error::of(Failure {
        retry_after_ms: (response.status == 429)
            .then(|| delay(response, answer.as_ref()))
            .flatten(),
        provider_message: said,
        charged: Some(charged),
        ..Failure::new(kind, message).hint(hint)
    })
}

/// Why a poll of a task that is paid for failed for good.
pub(crate) fn poll(response: &HttpResponse<'_>) -> Error {
    let key = matches!(response.status, 401 | 403);
    let said = said(response.body, if key { 20 } else { 64 });
    let (kind, hint) = match response.status {
        401 | 403 => (
            FailureKind::KeyRejected,
            "store the key that the task was submitted with under the name `bfl`, then retry",
        ),
        429 => (FailureKind::RateLimited, "retry later: the task goes on and is asked for again"),
        408 | 500.. => {
            (FailureKind::Transient, "retry later: the task goes on and is asked for again")
        }
        _ => (FailureKind::BackendFailed, "see what the service says"),
    };
    let message = format!("{SERVICE} did not tell how the task is: status {}", response.status);
    failure(kind, Charged::Maybe, message, hint, said)
}

/// The task is not to be found: it expired, or another cluster has it.
pub(crate) fn lost_task(id: &str) -> Error {
    let message = format!("{SERVICE} does not know the task `{id}` any more");
    failure(
        FailureKind::NotFound,
        Charged::Maybe,
        message,
        "results are kept for minutes only; ask anew, which may be charged again",
        None,
    )
}

/// The input was refused.
pub(crate) fn refused_input(details: Option<String>) -> Error {
    failure(
        FailureKind::RefusedInput,
        Charged::No,
        format!("{SERVICE} refuses the prompt or a picture by its policy"),
        "change the prompt or the pictures, raise `safety_tolerance`, or pick another model",
        details,
    )
}

/// What the model made was refused.
pub(crate) fn refused_output(details: Option<String>) -> Error {
    failure(
        FailureKind::RefusedOutput,
        Charged::No,
        format!("{SERVICE} withholds the picture by its policy"),
        "try another seed or prompt, raise `safety_tolerance`, or pick another model",
        details,
    )
}

/// The task failed at the service.
pub(crate) fn broken_task(details: Option<String>) -> Error {
    failure(
        FailureKind::Transient,
        Charged::Maybe,
        format!("the task failed at {SERVICE}"),
        "retry",
        details,
    )
}

/// The task is done and has no picture.
pub(crate) fn no_picture() -> Error {
    failure(
        FailureKind::NoImage,
        Charged::Yes,
        format!("{SERVICE} finished the task without a picture"),
        "ask again; it may be charged again",
        None,
    )
}

/// The task took too long.
pub(crate) fn too_slow(seconds: u64) -> Error {
    failure(
        FailureKind::TimedOut,
        Charged::Maybe,
        format!("the task was not done after {seconds} seconds"),
        "retry: a task that goes on at the service is asked for again, not paid for again",
        None,
    )
}

/// The address of the picture does not give it any more.
pub(crate) fn expired() -> Error {
    failure(
        FailureKind::Transient,
        Charged::Yes,
        "the address of the finished picture has expired",
        "retry soon: the task is asked for a fresh address and not paid for again",
        None,
    )
}

/// The picture cannot be fetched.
pub(crate) fn not_delivered(status: i32) -> Error {
    failure(
        FailureKind::Transient,
        Charged::Yes,
        format!("the finished picture was not delivered: status {status}"),
        "retry soon: the picture is fetched again and not paid for again",
        None,
    )
}

/// A failure of the network after a task was paid for.
pub(crate) fn after_payment(error: &Error, charged: Charged) -> Error {
    let known = error.failure().cloned();
    let known = known.unwrap_or_else(|| Failure::new(FailureKind::Transient, error.message()));
    let hint = "retry soon: the task is asked for again, not paid for again".to_owned();
    Error::of(Failure { charged: Some(charged), hint: Some(hint), ..known })
}

/// What came is no answer or no picture.
pub(crate) fn corrupt(what: &str) -> Error {
    failure(
        FailureKind::Corrupt,
        Charged::Yes,
        format!("{what} from {SERVICE} cannot be read"),
        "a retry may be charged again",
        None,
    )
}

/// When to try again: the header, else the body's `retry_after`, both in seconds.
fn delay(response: &HttpResponse<'_>, answer: Option<&Value>) -> Option<u64> {
    retry_after(response)
        .or_else(|| milliseconds(answer?.get("retry_after").and_then(Value::as_f64)?))
}

/// What the service says, in the forms it is known to use: `detail` as a text or as a list of
/// complaints, `error` and `message`, or plain text. Runs of `run` characters and more that look like
/// data are left out.
fn said(body: &[u8], run: usize) -> Option<String> {
    let text = if let Ok(answer) = serde_json::from_slice::<Value>(body) {
        words(&answer)?
    } else {
        String::from_utf8_lossy(body).trim().to_owned()
    };
    // A page for browsers says nothing that helps.
    if text.is_empty() || text.starts_with('<') {
        return None;
    }
    Some(quoted(&text, run))
}

fn words(answer: &Value) -> Option<String> {
    if let Some(complaints) = answer.get("detail").and_then(Value::as_array) {
        let complaint = |complaint: &Value| {
            let place = complaint.get("loc").and_then(Value::as_array).map(|place| {
                let name = |part: &Value| part.as_str().map_or(part.to_string(), str::to_owned);
                place.iter().map(name).collect::<Vec<_>>().join(".")
            });
            let said = complaint.get("msg")?.as_str()?;
            Some(place.map_or(said.to_owned(), |place| format!("{place}: {said}")))
        };
        return Some(complaints.iter().filter_map(complaint).collect::<Vec<_>>().join("; "));
    }
    let text = |name: &str| answer.get(name).and_then(Value::as_str);
    let told = text("detail").or(text("message")).or(text("error"));
    told.or(answer.as_str()).map(str::to_owned)
}

/// The details of a task that was refused or failed.
pub(crate) fn details(details: &Value) -> Option<String> {
    match details {
        Value::Null => None,
        Value::String(text) => Some(quoted(text, 64)),
        other => Some(quoted(&other.to_string(), 64)),
    }
}
