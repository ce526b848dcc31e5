//! A complete backend in Rust: inverts colours, keeps transparency. Built as a library that any host
//! loads: `cargo build -p easel-backend --release --example invert`.

#![forbid(unsafe_code)]

use easel_backend::{
    Backend, Config, Descriptor, Error, Host, Intent, Job, ModelRecord, PixelFormat, Result,
    export_backend,
};

/// Keeps nothing between runs.
#[derive(Debug)]
pub struct Invert;

impl Backend for Invert {
    fn describe() -> Descriptor {
        let intents = [Intent::Restyle];
        let model = ModelRecord {
            strengths: "exact, instant, free of charge".to_owned(),
            limitation: "turns colours around and does nothing else".to_owned(),
            alpha: true,
            formats: vec![PixelFormat::Rgba8, PixelFormat::Rgba16],
            repeatable: true,
            ..ModelRecord::new("invert-rust", "Invert (Rust)", &intents)
        };
        Descriptor {
            id: "invert-rust".to_owned(),
            name: "Invert (Rust)".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            max_instances: 1,
            models: vec![model],
        }
    }

    fn open(_host: &Host<'_>, _config: Config) -> Result<Self> {
        Ok(Invert)
    }

    fn run(&mut self, job: &mut Job<'_>) -> Result<()> {
        let source = job.source();
        // Colour comes first in a pixel; flipping all bits of a sample is `largest - sample`.
        let (pixel, colour) = match source.format() {
            PixelFormat::Rgba8 => (4, 3),
            PixelFormat::Rgba16 => (8, 6),
            other => return Err(Error::invalid(format!("no inversion of `{other}`"))),
        };
        let mut output = job.output(source.width(), source.height(), source.format())?;
        for (y, (from, to)) in source.rows().zip(output.rows_mut()).enumerate() {
            job.keep_going()?;
            to.copy_from_slice(from);
            for pixel in to.chunks_exact_mut(pixel) {
                pixel[..colour].iter_mut().for_each(|byte| *byte = !*byte);
            }
            job.progress((y + 1) as f64 / f64::from(source.height()), "");
        }
        Ok(())
    }
}

export_backend!(Invert);
