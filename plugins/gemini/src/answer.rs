//! What the service answers, read with tolerance: anything may be missing, further fields and words may
//! come, and the pictures that the model makes while it thinks are not its answer.

use serde_json::Value;

use crate::wire::Tokens;

/// A `GenerateContentResponse`.
#[derive(Debug)]
pub(crate) struct Answer(Value);

impl Answer {
    /// `None` where it is no JSON object.
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        let answer = serde_json::from_slice::<Value>(body).ok()?;
        answer.is_object().then_some(Answer(answer))
    }

    /// The pictures that are the answer, still in base64; interim ones are left out.
    pub(crate) fn pictures(&self) -> Vec<&str> {
        self.parts().filter_map(|part| part["inlineData"]["data"].as_str()).collect()
    }

    /// What the model says beside or instead of a picture.
    pub(crate) fn text(&self) -> Option<String> {
        let said: Vec<&str> =
            self.parts().filter_map(|part| part["text"].as_str()).map(str::trim).collect();
        let said = said.join(" ");
        let message = || self.candidates().find_map(|candidate| text(&candidate["finishMessage"]));
        if said.trim().is_empty() { message().map(str::to_owned) } else { Some(said) }
    }

    fn candidates(&self) -> impl Iterator<Item = &Value> {
        self.0["candidates"].as_array().into_iter().flatten()
    }

    fn parts(&self) -> impl Iterator<Item = &Value> {
        self.candidates()
            .filter_map(|candidate| candidate["content"]["parts"].as_array())
            .flatten()
            .filter(|part| part["thought"].as_bool() != Some(true))
    }

    /// Why the prompt was refused, where it was.
    pub(crate) fn block_reason(&self) -> Option<&str> {
        text(&self.0["promptFeedback"]["blockReason"])
    }

    /// Why the model stopped, where it said so.
    pub(crate) fn finish_reason(&self) -> Option<&str> {
        self.candidates().find_map(|candidate| text(&candidate["finishReason"]))
    }

    /// What the service's support asks for.
    pub(crate) fn response_id(&self) -> Option<&str> {
        text(&self.0["responseId"])
    }

    /// What it cost, in dollars. `None` where the answer does not tell the tokens of pictures from those
    /// of words, which cost twenty times less.
    pub(crate) fn cost(&self, tokens: Tokens) -> Option<f64> {
        let usage = &self.0["usageMetadata"];
        let input = usage["promptTokenCount"].as_u64()?;
        let output = usage["candidatesTokenCount"].as_u64().unwrap_or(0);
        let thoughts = usage["thoughtsTokenCount"].as_u64().unwrap_or(0);
        let details = usage["candidatesTokensDetails"].as_array();
        if details.is_none() && output > 0 {
            return None;
        }
        let image = details.into_iter().flatten().filter(|detail| detail["modality"] == "IMAGE");
        let image: u64 = image.filter_map(|detail| detail["tokenCount"].as_u64()).sum();
        let words = output.saturating_sub(image).saturating_add(thoughts);
        let parts = [(input, tokens.input), (image, tokens.image), (words, tokens.text)];
        Some(parts.iter().map(|(count, price)| *count as f64 * price).sum::<f64>() / 1e6)
    }
}

/// The text of a field that has one.
fn text(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| !text.is_empty())
}
