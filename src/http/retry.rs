//! Whether an answer is worth another try, and when. Pure: the clock and the chance come as numbers.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use serde_json::Value;

/// The longest wait that a provider may ask for; beyond it the answer is given back with the time.
pub(super) const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// How often an overloaded provider is asked in all.
const TRIES: u32 = 3;
/// How often one that says to slow down is asked in all: that costs nothing but time.
const TRIES_LIMITED: u32 = 6;
/// Without a word from the provider: the first wait, doubled with every try.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// What surrounds a try.
#[derive(Clone, Copy, Debug)]
pub(super) struct Try<'a> {
    /// It may cost money.
    pub(super) paid: bool,
    /// Words that mean: trying again does not help.
    pub(super) final_words: &'a [String],
    /// How many were made.
    pub(super) tries: u32,
    /// A number in 0..1.
    pub(super) chance: f64,
    /// The time.
    pub(super) now: SystemTime,
}

/// Whether to try again after an answer, and after how long.
pub(super) fn after_answer(
    status: u16,
    headers: &BTreeMap<String, String>,
    body: &[u8],
    around: Try<'_>,
) -> Option<Duration> {
    let Try { paid, final_words, tries, chance, now } = around;
    let said = said_wait(headers, body, now);
    let most = match status {
        429 => TRIES_LIMITED,
        // It says of itself that it did nothing.
        503 => TRIES,
        // With a body of its own it has failed and says so; a gateway's page says nothing of what
        // the provider behind it has done.
        500 if !paid || is_json(headers, body) => TRIES,
        408 | 502 | 504 if !paid => TRIES,
        _ => return None,
    };
    let text = String::from_utf8_lossy(body);
    if tries >= most || final_words.iter().any(|word| text.contains(word.as_str())) {
        return None;
    }
    let wait = match said {
        // A little later than told: all who were told the same would come at once.
        Some(said) => said + Duration::from_secs_f64(0.25 * chance),
        None => backoff(tries, chance),
    };
    (wait <= LONGEST_WAIT + Duration::from_secs(1)).then_some(wait)
}

/// Whether to try again after the network failed before anything could have been paid for.
pub(super) fn after_failure(tries: u32, chance: f64) -> Option<Duration> {
    (tries < TRIES).then(|| backoff(tries, chance))
}

/// Full jitter: anything from nothing to the doubled wait.
fn backoff(tries: u32, chance: f64) -> Duration {
    let most = FIRST_WAIT.saturating_mul(1 << tries.clamp(1, 6));
    most.min(LONGEST_WAIT).mul_f64(chance.clamp(0.0, 1.0))
}

/// How long the provider asks to wait: `Retry-After` in seconds or as a date, or `RetryInfo` or
/// `retry_after` in the body.
pub(super) fn said_wait(
    headers: &BTreeMap<String, String>,
    body: &[u8],
    now: SystemTime,
) -> Option<Duration> {
    if let Some(text) = headers.get("retry-after") {
        if let Some(wait) = seconds(text.trim()) {
            return Some(wait);
        }
        if let Ok(date) = httpdate::parse_http_date(text.trim()) {
            return Some(date.duration_since(now).unwrap_or_default());
        }
    }
    let body: Value = serde_json::from_slice(body).ok()?;
    let mut details = body["error"]["details"].as_array().into_iter().flatten();
    let info = details.find_map(|detail| detail["retryDelay"].as_str());
    match (info, &body["retry_after"]) {
        (Some(delay), _) => seconds(delay.strip_suffix('s')?),
        (None, Value::Number(number)) => seconds(&number.to_string()),
        (None, Value::String(text)) => seconds(text),
        _ => None,
    }
}

fn seconds(text: &str) -> Option<Duration> {
    Duration::try_from_secs_f64(text.parse().ok()?).ok()
}

/// Whether the provider itself speaks, and not what stands in front of it.
pub(super) fn is_json(headers: &BTreeMap<String, String>, body: &[u8]) -> bool {
    headers.get("content-type").is_none_or(|media| media.contains("json"))
        && serde_json::from_slice::<Value>(body).is_ok_and(|body| body.is_object())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(
        status: u16,
        headers: &[(&str, &str)],
        body: &str,
        paid: bool,
        tries: u32,
    ) -> Option<f64> {
        let headers =
            headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        let final_words = &["PerDay".to_owned()][..];
        let around = Try { paid, final_words, tries, chance: 1.0, now };
        after_answer(status, &headers, body.as_bytes(), around).map(|wait| wait.as_secs_f64())
    }

    #[test]
    fn the_provider_says_how_long() {
        assert_eq!(wait(429, &[("retry-after", "7")], "", true, 1), Some(7.25));
        let date = [("retry-after", "Sun, 06 Nov 1994 08:49:47 GMT")];
        assert_eq!(wait(429, &date, "", true, 1), Some(10.25));
        let info = r#"{"error":{"details":[{"@type":"x"},{"retryDelay":"0.5s"}]}}"#;
        assert_eq!(wait(429, &[], info, true, 1), Some(0.75));
        assert_eq!(wait(429, &[], r#"{"error":"x","retry_after":3}"#, true, 5), Some(3.25));
        assert_eq!(wait(429, &[("retry-after", "x")], "", true, 1), Some(2.0));
        assert_eq!(wait(429, &[], "", true, 2), Some(4.0));
    }

    #[test]
    fn what_is_not_tried_again() {
        assert_eq!(
            wait(429, &[("retry-after", "3600")], "", true, 1),
            None,
            "longer than a person waits"
        );
        assert_eq!(wait(429, &[], r#"{"quotaId":"RequestsPerDay"}"#, true, 1), None);
        assert_eq!(wait(429, &[], "", true, 6), None);
        assert_eq!(wait(503, &[], "", true, 3), None);
        assert_eq!(wait(200, &[], "", true, 1), None);
        assert_eq!(wait(400, &[], "", false, 1), None);
        assert_eq!(wait(502, &[], "<html>", true, 1), None, "it may have been paid for");
        assert_eq!(wait(500, &[], "<html>", true, 1), None, "it may have been paid for");
        assert!(wait(500, &[], r#"{"error":{}}"#, true, 1).is_some());
        assert!(wait(502, &[], "<html>", false, 1).is_some());
        assert!(wait(503, &[], "", true, 1).is_some());
    }

    #[test]
    fn a_failed_network_is_tried_three_times() {
        assert_eq!(after_failure(1, 0.5), Some(Duration::from_secs(1)));
        assert_eq!(after_failure(3, 0.5), None);
    }
}
