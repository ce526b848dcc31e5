//! A result in the form in which it is written: encoded as the recipe says, with what the source said about itself and
//! where the result comes from; and the sheet that shows all of them.

use std::collections::BTreeMap;

use easel_pixels::codec::{self, Encoding};
use easel_pixels::metadata::{self, Metadata};
use easel_pixels::{Alpha, Kind, Picture, colour};
use easel_protocol::{ErrorKind, Failure};
use serde_json::{Value, json};

use super::execute::Finished;
use super::ready::Ready;
use super::source::Source;
use super::{sheet, sidecar};
use crate::daemon::{Daemon, picture};
use crate::recipe::{self, OutputFormat};

/// A result in the form in which it is written.
pub(super) struct Encoded {
    /// What its name is made of; the sheet has a name of its own.
    pub(super) parts: Option<recipe::Made>,
    pub(super) bytes: Vec<u8>,
    /// The end of its name.
    pub(super) extension: String,
    /// What the file beside it says.
    pub(super) sidecar: Value,
}

/// Encodes one result.
pub(super) fn encode(
    daemon: &Daemon,
    ready: &Ready,
    source: &Source,
    kind: Kind,
    finished: &Finished,
) -> Result<Encoded, Failure> {
    let output = &ready.recipe.output;
    let view = finished.picture.view()?;
    let icc = finished.picture.icc(&daemon.store)?;
    let transparent = || Alpha::of(view).is_some();
    let encoding = encoding(output.format, output.quality, kind, transparent);
    let bytes = codec::encode(view, icc.as_deref(), encoding).map_err(|error| {
        Failure::new(ErrorKind::Unsupported, format!("the result cannot be written: {error}"))
            .hint(error.hint())
    })?;
    let trained = finished.jobs.iter().any(|job| daemon.backends.is_trained(&job.model));
    let models: Vec<&str> = finished.jobs.iter().map(|job| job.model.as_str()).collect();
    let prompts: Vec<&str> = finished
        .jobs
        .iter()
        .filter_map(|job| job.plan.params.as_ref()?.prompt.as_deref())
        .collect();
    let prompt = prompts.join("; ");
    let hash = format!("blake3:{}", source.hash);
    let tool = concat!("Easel ", env!("CARGO_PKG_VERSION"));
    let kept = if output.metadata { source.metadata.clone() } else { Metadata::default() };
    let origin = metadata::Origin {
        trained,
        tool,
        models: &models,
        recipe: Some(&ready.name),
        prompt: (!prompt.is_empty()).then_some(prompt.as_str()),
        source_hash: &hash,
        size: view.size(),
    };
    let blocks = Metadata {
        exif: kept.exif.as_deref().and_then(|exif| metadata::upright(exif, view.size())),
        xmp: Some(metadata::provenance(kept.xmp.as_deref(), &origin)),
    };
    let mut sidecar = sidecar::record(source, ready, finished, trained);
    let bytes = with_metadata(bytes, blocks, &origin, &mut sidecar)?;
    Ok(Encoded {
        parts: Some(finished.parts()),
        bytes,
        extension: encoding.kind().extension().to_owned(),
        sidecar,
    })
}

/// Blocks that do not fit into the file format are left out, and the sidecar says so.
fn with_metadata(
    bytes: Vec<u8>,
    mut blocks: Metadata,
    origin: &metadata::Origin<'_>,
    sidecar: &mut Value,
) -> Result<Vec<u8>, Failure> {
    let mut notes = Vec::new();
    loop {
        match metadata::write(&bytes, &blocks) {
            Ok(written) => {
                if !notes.is_empty() {
                    sidecar["notes"] = json!(notes);
                }
                return Ok(written);
            }
            Err(error) if blocks.exif.is_some() => {
                notes.push(format!("the EXIF of the source was left out: {error}"));
                blocks.exif = None;
            }
            Err(error) if notes.len() < 2 => {
                notes.push(format!("the XMP of the source was left out: {error}"));
                blocks.xmp = Some(metadata::provenance(None, origin));
            }
            Err(error) => {
                return Err(Failure::new(
                    ErrorKind::Unsupported,
                    format!("the result cannot be told where it comes from: {error}"),
                )
                .hint(error.hint()));
            }
        }
    }
}

fn encoding(
    format: OutputFormat,
    quality: u8,
    source: Kind,
    transparent: impl Fn() -> bool,
) -> Encoding {
    match (format, source) {
        (OutputFormat::Jpeg, _) => Encoding::Jpeg { quality },
        // A cut-out subject in a JPEG would be no cutout.
        (OutputFormat::Same, Kind::Jpeg) if !transparent() => Encoding::Jpeg { quality },
        (OutputFormat::Webp, _) | (OutputFormat::Same, Kind::Webp) => Encoding::WebpLossless,
        (OutputFormat::Tiff, _) | (OutputFormat::Same, Kind::Tiff) => Encoding::Tiff,
        _ => Encoding::Png,
    }
}

/// Lays all results out on one sheet, the source first.
pub(super) fn sheet_of(
    daemon: &Daemon,
    source: &Source,
    facts: &BTreeMap<String, String>,
    finished: &[Finished],
) -> Result<Encoded, Failure> {
    let original = picture::decode(&source.bytes, false)?;
    let mut entries = vec![sheet::Entry {
        title: facts.get("name").cloned().unwrap_or_default(),
        detail: format!("source · {}", original.size()),
        picture: original,
    }];
    for result in finished {
        let axes: Vec<&str> = result.axes.iter().map(|(_, value)| value.as_str()).collect();
        let title = if axes.is_empty() { result.model.clone() } else { axes.join(" · ") };
        let cost: Vec<String> = sidecar::costs(&result.jobs)
            .iter()
            .map(|money| format!("{:.2} {}", money.amount, money.currency))
            .collect();
        let detail = [vec![result.model.clone()], cost].concat().join(" · ");
        let picture =
            Picture::from_view(result.picture.view()?).with_icc(result.picture.icc(&daemon.store)?);
        entries.push(sheet::Entry { picture, title, detail });
    }
    let laid = sheet::sheet(&entries, None)?;
    let plain = colour::to_srgb(&laid).unwrap_or(laid);
    let bytes = codec::encode(plain.view(), None, Encoding::Png).map_err(|error| {
        Failure::new(ErrorKind::Internal, format!("the sheet cannot be written: {error}"))
    })?;
    let sidecar = json!({ "easel": env!("CARGO_PKG_VERSION"), "sheet": true });
    Ok(Encoded { parts: None, bytes, extension: "png".to_owned(), sidecar })
}
