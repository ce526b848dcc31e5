//! The Nano Banana models of Google for Easel. Only the mapping lives here: a job becomes one request a
//! picture, answers become pictures. Connections, keys, retries and codecs are the host's, and the
//! answers of paid requests are on its record. Opens nothing itself.

mod answer;
mod deliver;
mod errors;
mod prompt;
mod request;
#[cfg(test)]
mod tests;
mod wire;

use easel_backend::{
    Backend, Config, Descriptor, Host, HttpRequest, Job, Result, catalogue, export_backend,
};

/// The name of the stored credential.
const SECRET: &str = "gemini";

/// The backend. It holds nothing: what a run needs comes with the run.
#[derive(Debug)]
pub struct Gemini;

impl Backend for Gemini {
    fn describe() -> Descriptor {
        Descriptor {
            id: "gemini".to_owned(),
            name: "Nano Banana by Google".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            max_instances: 8,
            // A test reads it: the catalogue that is built in is never wrong.
            models: catalogue::parse(include_str!("../models.toml")).unwrap_or_default(),
        }
    }

    fn open(_host: &Host<'_>, config: Config) -> Result<Self> {
        config.expect_empty()?;
        Ok(Gemini)
    }

    fn run(&mut self, job: &mut Job<'_>) -> Result<()> {
        let wire = job.wire::<wire::Wire>()?;
        let http = job.http()?;
        job.progress(-1.0, "sending to Gemini");
        let bodies = request::bodies(job, &http, &wire)?;
        let url = wire.url();
        let requests: Vec<HttpRequest<'_>> = bodies
            .iter()
            .map(|body| HttpRequest {
                headers: vec![("content-type", "application/json".to_owned())],
                secret: Some(SECRET),
                body: &body.bytes,
                weight: 1,
                ..HttpRequest::new("POST", &url)
            })
            .collect();
        job.keep_going()?;
        job.progress(-1.0, "Gemini is painting");
        let answers = http.send_all(&requests)?;
        deliver::deliver(job, &http, &wire, &bodies, answers)
    }
}

export_backend!(Gemini);
