//! The backend through the C table, with a service that a test plays: what is sent, and what is made of
//! each answer. No network and no codec: a file is a line and its rows.

mod answers;
mod every_request;
mod failures;
mod prompts;
mod requests;
mod sizes;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use easel_backend::testing::{
    Answer, Ask, Outcome, Picture, Sent, describe, run_with, usual_params,
};
use easel_backend::{Intent, ModelRecord, PixelFormat, Result, RunParams};
use serde_json::{Value, json};

use crate::Seedream;

fn records() -> Vec<ModelRecord> {
    describe::<Seedream>().unwrap().models
}

fn record(model: &str) -> ModelRecord {
    records().into_iter().find(|record| record.id == model).unwrap()
}

/// What the host gives to a run.
fn params(model: &str, intent: Intent) -> RunParams {
    let prompt = Some("a red scarf".to_owned());
    RunParams { prompt, ..usual_params(&record(model), intent) }
}

fn sized(width: u32, height: u32, shade: u8) -> Picture {
    Picture::filled(PixelFormat::Rgba8, width, height, &[shade, shade, shade, 255])
}

fn picture(shade: u8) -> Picture {
    sized(24, 16, shade)
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
    run_with::<Seedream>(ask, service).unwrap()
}

/// A picture in base64, as the test's codec reads it.
fn data(shade: u8) -> String {
    STANDARD.encode(Answer::picture(200, &sized(2, 1, shade)).body)
}

/// The answer to a request without `stream`.
fn answer(items: &Value) -> Answer {
    let body =
        json!({ "model": "m", "created": 1, "data": items, "usage": { "generated_images": 1 } });
    let mut answer = Answer::json(200, &body);
    answer.headers.insert("x-request-id".to_owned(), "r0".to_owned());
    answer
}

fn item(shade: u8) -> Value {
    json!({ "b64_json": data(shade), "size": "2x1" })
}

/// One event of a stream.
fn event(kind: &str, fields: &Value) -> String {
    let mut event = fields.clone();
    event["type"] = format!("image_generation.{kind}").into();
    format!("event: image_generation.{kind}\ndata: {event}\n\n")
}

fn succeeded(index: u32, shade: u8) -> String {
    event(
        "partial_succeeded",
        &json!({ "image_index": index, "b64_json": data(shade), "size": "2x1" }),
    )
}

fn failed(index: u32, code: &str) -> String {
    let error = json!({ "code": code, "message": "as it said" });
    event("partial_failed", &json!({ "image_index": index, "error": error }))
}

fn completed() -> String {
    event("completed", &json!({ "usage": { "generated_images": 2 } }))
}

fn stream(text: &str, cut: bool) -> Answer {
    let mut answer = Answer { body: text.as_bytes().to_vec(), ..Answer::json(200, &json!(0)) };
    answer.headers.insert("content-type".to_owned(), "text/event-stream".to_owned());
    if cut {
        answer.headers.insert("easel-cut".to_owned(), "1".to_owned());
    }
    answer
}

/// A service that makes all that it is asked for.
fn obliging(request: &Sent, number: usize) -> Result<Answer> {
    let body = body(request);
    if body["stream"] != true {
        return Ok(answer(&json!([item(50 + number as u8)])));
    }
    let count = body["sequential_image_generation_options"]["max_images"].as_u64().unwrap();
    let mut text: String =
        (0..count as u8).map(|index| succeeded(index.into(), 50 + index)).collect();
    text += &completed();
    text += "data: [DONE]\n\n";
    Ok(stream(&text, false))
}

fn body(request: &Sent) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

/// The media type and the first sample behind a picture that was sent.
fn sent_picture(uri: &Value) -> (String, u8) {
    let (head, data) = uri.as_str().unwrap().split_once(";base64,").unwrap();
    let file = STANDARD.decode(data).unwrap();
    let end = file.iter().position(|byte| *byte == b'\n').unwrap();
    (head.strip_prefix("data:").unwrap().to_owned(), file[end + 1])
}

fn shades(outcome: &Outcome) -> Vec<u8> {
    outcome.outputs().unwrap().iter().map(|output| output.packed()[0]).collect()
}

fn notes(outcome: &Outcome) -> Vec<&str> {
    outcome.facts.iter().filter_map(|fact| fact.note.as_deref()).collect()
}
