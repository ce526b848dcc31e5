//! `easel sheet`: pictures side by side, to compare by eye.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use easel_pixels::codec;
use easel_protocol::{ErrorKind, Failure};

use super::{Context, results};
use crate::daemon::picture::decode_failure;
use crate::runs::sheet;

/// Lay pictures side by side on one sheet, to compare them.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  easel sheet before.jpg \"after.png=After · 2.1 s\" --out compared.png"
)]
pub(super) struct Sheet {
    /// Pictures, each with a caption after `=` where its name will not do.
    #[arg(required = true, value_name = "PICTURE[=CAPTION]")]
    pictures: Vec<String>,
    /// So many side by side; without it, as many as use the space.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=64))]
    columns: Option<u32>,
    /// Where the sheet goes.
    #[arg(long, short, value_name = "PATH", default_value = "sheet.png")]
    out: PathBuf,
}

impl Sheet {
    pub(super) fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        results::encoding(&self.out, 92)?;
        let entries: Vec<sheet::Entry> =
            self.pictures.iter().map(|text| entry(text)).collect::<Result<_, _>>()?;
        results::write(&self.out, &sheet::sheet(&entries, self.columns)?, 92)?;
        if context.screen.json {
            context.screen.value(&serde_json::json!({ "sheet": self.out }));
        } else {
            context.screen.line(self.out.display());
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn entry(text: &str) -> Result<sheet::Entry, Failure> {
    let (path, caption) = match text.split_once('=') {
        // A file may have `=` in its name.
        Some((path, caption)) if !std::path::Path::new(text).exists() => {
            (PathBuf::from(path), Some(caption.to_owned()))
        }
        _ => (PathBuf::from(text), None),
    };
    let bytes = std::fs::read(&path).map_err(|error| {
        Failure::new(ErrorKind::NotFound, format!("cannot read `{}`: {error}", path.display()))
            .hint("give the paths of pictures")
    })?;
    let decoded = codec::decode(&bytes, &codec::Limits::default()).map_err(|error| {
        let failure = decode_failure(&error);
        Failure { message: format!("`{}`: {}", path.display(), failure.message), ..failure }
    })?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let detail = decoded.picture.size().to_string();
    Ok(sheet::Entry { picture: decoded.picture, title: caption.unwrap_or(name), detail })
}
