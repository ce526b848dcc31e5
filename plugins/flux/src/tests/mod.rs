//! The backend through the C table, with a service that a test plays: what is sent, what is made of
//! each answer, and what survives a crash. No network and no codec: a file is a line and its rows.

mod every_request;
mod failures;
mod flow;
mod prompts;
mod requests;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use easel_backend::testing::{
    Answer, Ask, Outcome, Picture, Sent, describe, run_with, usual_params,
};
use easel_backend::{Intent, ModelRecord, PixelFormat, Result, RunParams};
use serde_json::{Value, json};

use crate::Flux;

fn records() -> Vec<ModelRecord> {
    describe::<Flux>().unwrap().models
}

fn record(model: &str) -> ModelRecord {
    records().into_iter().find(|record| record.id == model).unwrap()
}

/// What the host gives to a run. Without pauses.
fn params(model: &str, intent: Intent) -> RunParams {
    let mut params = usual_params(&record(model), intent);
    params.prompt = Some("a red scarf".to_owned());
    params.wire.insert("poll_ms".to_owned(), 0.into());
    params.wire.insert("poll_max_ms".to_owned(), 0.into());
    params
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
    run_with::<Flux>(ask, service).unwrap()
}

/// A service that does all it is asked for: task `t0` for the first submission, and so on.
fn obliging(request: &Sent, number: usize) -> Result<Answer> {
    Ok(if request.method == "POST" {
        submitted(number)
    } else if let Some((_, id)) = request.url.split_once("?id=") {
        ready(id)
    } else {
        Answer::picture(200, &picture(99))
    })
}

fn submitted(number: usize) -> Answer {
    let url = format!("https://api.us1.bfl.ai/v1/get_result?id=t{number}");
    Answer::json(200, &json!({ "id": format!("t{number}"), "polling_url": url, "cost": 4.5 }))
}

fn ready(id: &str) -> Answer {
    let sample = format!("https://delivery-eu1.bfl.ai/{id}.png?sig=x");
    state(&json!({ "status": "Ready", "result": { "sample": sample, "seed": 7 } }))
}

fn state(answer: &Value) -> Answer {
    Answer::json(200, answer)
}

fn posts(sent: &[Sent]) -> Vec<&Sent> {
    sent.iter().filter(|request| request.method == "POST").collect()
}

fn body(request: &Sent) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

fn keys(body: &Value) -> Vec<&str> {
    body.as_object().unwrap().keys().map(String::as_str).collect()
}

/// The bytes behind the base64 of a picture: the rows of the test's codec.
fn rows(value: &Value) -> Vec<u8> {
    let file = STANDARD.decode(value.as_str().unwrap()).unwrap();
    let end = file.iter().position(|byte| *byte == b'\n').unwrap();
    file[end + 1..].to_vec()
}
