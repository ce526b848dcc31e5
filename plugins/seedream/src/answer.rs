//! What the service answers, read with tolerance: a list of pictures and failures, as one JSON object or
//! as a stream of events. One failed picture of a set says nothing about the others.

use easel_backend::{Error, HttpResponse};
use serde_json::Value;

use crate::errors;
use crate::stream::events;

/// What an answer holds.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    /// Pictures in base64 and failures, in the order of the set.
    pub(crate) items: Vec<Result<String, Error>>,
    /// It broke off before its end.
    pub(crate) broke_off: bool,
}

/// Reads the answer to a request that was accepted.
pub(crate) fn read(wire_id: &str, response: &HttpResponse<'_>) -> Result<Answer, Error> {
    let broke_off = response.headers.contains_key("easel-cut");
    let start = response.body.iter().find(|byte| !byte.is_ascii_whitespace());
    if start == Some(&b'{') {
        let body = serde_json::from_slice::<Value>(response.body);
        let body = body.map_err(|_| errors::corrupt("the answer", broke_off))?;
        let mut items: Vec<_> = body["data"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|item| picture(wire_id, item))
            .collect();
        if body["error"].is_object() {
            items.push(Err(errors::by_code(wire_id, None, &body["error"])));
        }
        return Ok(Answer { items, broke_off });
    }
    let mut items = Vec::new();
    for event in events(response.body) {
        let kind = event["type"].as_str().unwrap_or_default();
        let item = if kind.ends_with("partial_succeeded") || kind.ends_with("partial_failed") {
            picture(wire_id, &event)
        } else if event["error"].is_object() {
            Err(errors::by_code(wire_id, None, &event["error"]))
        } else {
            // `completed` only counts what came, and what is not known yet is for others.
            continue;
        };
        items.push((event["image_index"].as_u64().unwrap_or(u64::MAX), item));
    }
    if items.is_empty() && !response.body.is_empty() && !looks_like_events(response.body) {
        return Err(errors::corrupt("the answer", broke_off));
    }
    // They may come in any order.
    items.sort_by_key(|(index, _)| *index);
    Ok(Answer { items: items.into_iter().map(|(_, item)| item).collect(), broke_off })
}

/// Whether there is at least the start of a field or a comment.
fn looks_like_events(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    ["data", "event", "id", "retry"]
        .iter()
        .any(|field| text.starts_with(&format!("{field}:")) || field.starts_with(text))
        || text.starts_with(':')
}

fn picture(wire_id: &str, item: &Value) -> Result<String, Error> {
    if item["error"].is_object() {
        return Err(errors::by_code(wire_id, None, &item["error"]));
    }
    match item["b64_json"].as_str() {
        Some(data) if !data.is_empty() => Ok(data.to_owned()),
        _ => Err(errors::corrupt("a picture", false)),
    }
}
