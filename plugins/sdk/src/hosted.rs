//! What every backend for a hosted model needs and none should write again: its part of the model's
//! record, failures with all that is known, and what may be quoted of an answer. It knows no service,
//! decides no kind of failure and sends nothing; [`Http`](crate::Http) does that.

pub mod prompt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::error::{Error, ErrorKind, Result};
use crate::http::HttpResponse;
use crate::job::Job;
use crate::{Charged, Failure, FailureKind};

/// The most characters that are quoted.
const QUOTED: usize = 500;

/// A longer wait is none that anybody waits for.
const DAY: f64 = 86_400.0;

impl Job<'_> {
    /// The `wire` of the model's record as a type of the author's own: what the record says for this
    /// backend alone, as the user changed it. [`FailureKind::InvalidRequest`] where it is not
    /// understood.
    pub fn wire<T: DeserializeOwned>(&self) -> Result<T> {
        let table = self.params().wire.clone().into_iter().collect();
        serde_json::from_value(Value::Object(table)).map_err(|error| {
            let message =
                format!("the `wire` of model `{}` is not understood: {error}", self.model());
            wrong_ask(message, "correct the model's entry in the catalogue")
        })
    }
}

/// An address to which paths are added, read without the slashes at its end:
/// `#[serde(deserialize_with = "base_url")]` on a field of a [`Job::wire`].
pub fn base_url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let mut url = String::deserialize(deserializer)?;
    url.truncate(url.trim_end_matches('/').len());
    Ok(url)
}

/// A failure with everything that is known: whether it was charged, what to do next, and what the
/// service said, [`quoted`].
pub fn failure(
    kind: FailureKind,
    charged: Charged,
    message: impl Into<String>,
    hint: &str,
    said: Option<String>,
) -> Error {
    Error::of(Failure {
        provider_message: said,
        charged: Some(charged),
        ..Failure::new(kind, message).hint(hint)
    })
}

/// A failure that is the backend's own finding, of kind [`FailureKind::InvalidRequest`]: nothing was
/// sent.
pub fn wrong_ask(message: impl Into<String>, hint: &str) -> Error {
    Error::of(Failure::new(FailureKind::InvalidRequest, message).hint(hint))
}

/// The failure in place of the error of reading a file, which says nothing to a person. A cancelled
/// job stays cancelled.
pub fn unreadable(error: Error, failure: Error) -> Error {
    if error.kind() == ErrorKind::Cancelled { error } else { failure }
}

/// A text of the service as it may be shown: at most 500 characters, with `…` for each run of `run`
/// and more letters, digits and `+/=_-`. Such runs are pictures, or keys where `run` is small enough.
pub fn quoted(text: &str, run: usize) -> String {
    let is_data = |letter: char| letter.is_ascii_alphanumeric() || "+/=_-".contains(letter);
    let mut clean = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(is_data) {
        let length = rest[start..].find(|letter| !is_data(letter)).unwrap_or(rest.len() - start);
        clean.push_str(&rest[..start]);
        clean.push_str(if length < run { &rest[start..start + length] } else { "…" });
        rest = &rest[start + length..];
    }
    clean.push_str(rest);
    match clean.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{}…", &clean[..end]),
        None => clean,
    }
}

/// The text of a body that is plain text, without the blanks around it and not yet [`quoted`]. `None`
/// for an empty one, for a page for browsers, and for JSON, whose fields say more.
pub fn plain(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body).trim().to_owned();
    (!text.is_empty() && !text.starts_with(['<', '{', '['])).then_some(text)
}

/// When to try again by the header `retry-after`, in milliseconds. `None` where it gives no seconds
/// between none and a day; dates are not read.
pub fn retry_after(response: &HttpResponse<'_>) -> Option<u64> {
    milliseconds(response.headers.get("retry-after")?.trim().parse().ok()?)
}

/// A service's wait in seconds as milliseconds; `None` below zero, above a day, or for no number.
pub fn milliseconds(seconds: f64) -> Option<u64> {
    (0.0..=DAY).contains(&seconds).then_some((seconds * 1000.0) as u64)
}

/// Why fewer pictures came than were asked for, as a note for the person: `2 of 4 pictures came; …`
/// with the reason of each failure, equal ones once, and `more` where no failure tells it.
pub fn shortfall(delivered: u32, asked: u32, failures: &[Error], more: Option<&str>) -> String {
    let mut parts = vec![format!("{delivered} of {asked} pictures came")];
    for reason in failures.iter().map(Error::message).chain(more) {
        if !parts[1..].iter().any(|known| known == reason) {
            parts.push(reason.to_owned());
        }
    }
    parts.join("; ")
}
