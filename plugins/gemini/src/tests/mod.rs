//! The backend through the C table, with a service that a test plays: what is sent, and what is made of
//! each answer. No network and no codec: a file is a line and its rows.

mod answers;
mod every_request;
mod failures;
mod prompts;
mod requests;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use easel_backend::testing::{
    Answer, Ask, Outcome, Picture, Sent, describe, run_with, usual_params,
};
use easel_backend::{Intent, ModelRecord, PixelFormat, Result, RunParams};
use serde_json::{Value, json};

use crate::Gemini;

fn records() -> Vec<ModelRecord> {
    describe::<Gemini>().unwrap().models
}

fn record(model: &str) -> ModelRecord {
    records().into_iter().find(|record| record.id == model).unwrap()
}

/// What the host gives to a run.
fn params(model: &str, intent: Intent) -> RunParams {
    let prompt = Some("a red scarf".to_owned());
    RunParams { prompt, ..usual_params(&record(model), intent) }
}

fn picture(shade: u8) -> Picture {
    Picture::filled(PixelFormat::Rgba8, 3, 2, &[shade, shade, shade, 255])
}

fn ask(model: &str, params: RunParams) -> Ask {
    let ask = Ask::new(model, params.intent, picture(1));
    ask.params(params)
}

/// Runs with a service and gives back what it was sent.
fn run(
    ask: Ask,
    service: impl Fn(&Sent, usize) -> Result<Answer> + Send + Sync + 'static,
) -> (Outcome, Vec<Sent>) {
    run_with::<Gemini>(ask, service).unwrap()
}

/// A picture in base64, as the test's codec reads it.
fn data(shade: u8) -> String {
    STANDARD.encode(Answer::picture(200, &picture(shade)).body)
}

fn part(shade: u8) -> Value {
    json!({ "inlineData": { "mimeType": "image/png", "data": data(shade) } })
}

/// An answer with parts, as the service gives it.
fn answer(parts: &Value) -> Value {
    json!({
        "candidates": [{ "content": { "role": "model", "parts": parts }, "finishReason": "STOP", "index": 0 }],
        "usageMetadata": {
            "promptTokenCount": 1000, "candidatesTokenCount": 1220, "thoughtsTokenCount": 100, "totalTokenCount": 2320,
            "candidatesTokensDetails": [{ "modality": "IMAGE", "tokenCount": 1120 }, { "modality": "TEXT", "tokenCount": 100 }],
        },
        "modelVersion": "x",
        "responseId": "r0",
    })
}

fn obliging(_: &Sent, number: usize) -> Result<Answer> {
    Ok(Answer::json(200, &answer(&json!([{ "text": "Here it is" }, part(50 + number as u8)]))))
}

fn body(request: &Sent) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

/// The first sample behind the base64 of a picture that was sent.
fn shade(part: &Value) -> u8 {
    let file = STANDARD.decode(part["inlineData"]["data"].as_str().unwrap()).unwrap();
    let end = file.iter().position(|byte| *byte == b'\n').unwrap();
    file[end + 1]
}
