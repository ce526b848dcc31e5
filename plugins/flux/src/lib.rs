//! The FLUX models of Black Forest Labs for Easel. Only the mapping lives here: a job becomes requests,
//! answers become pictures. Connections, keys, retries and codecs are the host's; a task's name is saved
//! before it is first asked for, so that a crash never pays for a picture twice. Opens nothing itself.

mod answer;
mod deliver;
mod errors;
mod pictures;
mod poll;
mod prompt;
mod request;
mod task;
#[cfg(test)]
mod tests;
mod wire;

use easel_backend::{Backend, Config, Descriptor, Host, Job, Result, catalogue, export_backend};

/// The name of the stored credential.
pub(crate) const SECRET: &str = "bfl";

/// The backend. It holds nothing: what a run needs comes with the run.
#[derive(Debug)]
pub struct Flux;

impl Backend for Flux {
    fn describe() -> Descriptor {
        Descriptor {
            id: "flux".to_owned(),
            name: "FLUX by Black Forest Labs".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            max_instances: 8,
            // A test reads it: the catalogue that is built in is never wrong.
            models: catalogue::parse(include_str!("../models.toml")).unwrap_or_default(),
        }
    }

    fn open(_host: &Host<'_>, config: Config) -> Result<Self> {
        config.expect_empty()?;
        Ok(Flux)
    }

    fn run(&mut self, job: &mut Job<'_>) -> Result<()> {
        let wire = job.wire::<wire::Wire>()?;
        let http = job.http()?;
        let mut slots = task::restored(job);
        task::submit(job, &http, &wire, &mut slots)?;
        poll::wait(job, &http, &wire, &mut slots)?;
        deliver::deliver(job, &http, slots)
    }
}

export_backend!(Flux);
