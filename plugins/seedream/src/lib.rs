//! The Seedream models for Easel. Only the mapping lives here: a job becomes one request for
//! a set or one a picture, answers and event streams become pictures. Connections, keys, retries and
//! codecs are the host's, and the answers of paid requests are on its record. Opens nothing itself.

mod answer;
mod deliver;
mod errors;
mod pictures;
mod prompt;
mod request;
mod size;
mod stream;
#[cfg(test)]
mod tests;
mod wire;

use easel_backend::{
    Backend, Config, Descriptor, Host, HttpRequest, Job, Result, catalogue, export_backend,
};

/// The name of the stored credential.
const SECRET: &str = "ark";

/// The backend. It holds nothing: what a run needs comes with the run.
#[derive(Debug)]
pub struct Seedream;

impl Backend for Seedream {
    fn describe() -> Descriptor {
        Descriptor {
            id: "seedream".to_owned(),
            name: "Seedream by ByteDance".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            max_instances: 8,
            // A test reads it: the catalogue that is built in is never wrong.
            models: catalogue::parse(include_str!("../models.toml")).unwrap_or_default(),
        }
    }

    fn open(_host: &Host<'_>, config: Config) -> Result<Self> {
        config.expect_empty()?;
        Ok(Seedream)
    }

    fn run(&mut self, job: &mut Job<'_>) -> Result<()> {
        let wire = job.wire::<wire::Wire>()?;
        let http = job.http()?;
        job.progress(-1.0, "sending to Seedream");
        let order = request::order(job, &http, &wire)?;
        let url = wire.url();
        let request = HttpRequest {
            headers: vec![("content-type", "application/json".to_owned())],
            secret: Some(SECRET),
            body: &order.body,
            weight: order.pictures,
            cut: order.stream,
            ..HttpRequest::new("POST", &url)
        };
        let requests = vec![request; order.requests as usize];
        job.keep_going()?;
        job.progress(-1.0, "Seedream is painting");
        let answers = http.send_all(&requests)?;
        deliver::deliver(job, &http, &wire, answers)
    }
}

export_backend!(Seedream);
