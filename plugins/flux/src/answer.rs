//! What the service answers, read with tolerance: fields that are missing, further ones, and status
//! words that are not known yet. Decides nothing about what follows from it.

use easel_backend::HttpResponse;
use serde::Deserialize;
use serde_json::Value;

use crate::errors::details;

/// The answer to a submission.
#[derive(Debug, Deserialize)]
pub(crate) struct Submitted {
    /// The task's name.
    pub(crate) id: String,
    /// Where to ask for it; only this address is right in every region.
    pub(crate) polling_url: Option<String>,
    /// In credits, a hundredth of a dollar each.
    pub(crate) cost: Option<f64>,
}

/// How a task is.
#[derive(Debug, PartialEq)]
pub(crate) enum State {
    /// Under way, perhaps so far; also what an unknown word means.
    Running(Option<f64>),
    /// Done: where the picture is, and the seed that made it.
    Ready(String, Option<i64>),
    /// Done, without a picture.
    Empty,
    /// The input was refused.
    RefusedInput(Option<String>),
    /// The output was refused.
    RefusedOutput(Option<String>),
    /// Failed at the service.
    Broken(Option<String>),
    /// Not to be found, perhaps not yet.
    Unknown,
}

/// The state in the answer to a poll; `None` where there is none in it.
pub(crate) fn state(response: &HttpResponse<'_>) -> Option<State> {
    if response.status == 404 {
        return Some(State::Unknown);
    }
    if !matches!(response.status, 200 | 202) {
        return None;
    }
    let answer = serde_json::from_slice::<Value>(response.body);
    if response.status == 202 {
        let progress = answer.ok().as_ref().and_then(progress);
        return Some(State::Running(progress));
    }
    let answer = answer.ok()?;
    let why = || answer.get("details").and_then(details);
    Some(match answer.get("status")?.as_str()?.to_ascii_lowercase().as_str() {
        "ready" => ready(answer.get("result")),
        "request moderated" => State::RefusedInput(why()),
        "content moderated" => State::RefusedOutput(why()),
        "error" => State::Broken(why()),
        "task not found" => State::Unknown,
        _ => State::Running(progress(&answer)),
    })
}

fn ready(result: Option<&Value>) -> State {
    let sample = result.and_then(|result| result.get("sample")).and_then(Value::as_str);
    let seed = result.and_then(|result| result.get("seed")).and_then(Value::as_i64);
    match sample {
        Some(sample) if !sample.is_empty() => State::Ready(sample.to_owned(), seed),
        _ => State::Empty,
    }
}

fn progress(answer: &Value) -> Option<f64> {
    answer.get("progress").and_then(Value::as_f64).map(|progress| progress.clamp(0.0, 1.0))
}
