//! `GET /v1/artifacts/{id}/…`: what a job made as a file for people, and where it differs from its source.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use easel_pixels::codec::{self, Encoding};
use easel_pixels::metadata::{self, Metadata};
use easel_pixels::{Format, Picture, Rect, fidelity};
use easel_protocol::job::Artifact;
use easel_protocol::picture::BlobId;
use easel_protocol::transform::Ask;
use easel_protocol::{ErrorKind, Failure};

use super::{Refusal, blobs, blocking};
use crate::daemon::Daemon;
use crate::daemon::picture::{self, StoredPicture, layout_failure};
use crate::daemon::whole::whole;

/// What a change is painted with: no photograph has much of it.
const CHANGED: [u8; 3] = [255, 0, 170];

fn invalid(message: impl Into<String>, hint: impl Into<String>) -> Failure {
    Failure::new(ErrorKind::InvalidRequest, message).hint(hint)
}

/// What of an artifact is wanted, and how.
struct Wanted {
    encoding: Encoding,
    /// The source with the change in its place, and not the change alone.
    whole: bool,
    crop: Option<Rect>,
}

impl Wanted {
    fn parse(query: &HashMap<String, String>) -> Result<Wanted, Failure> {
        let get = |name: &str| query.get(name).map(String::as_str);
        let quality = get("quality").map_or(Ok(92), str::parse::<u8>).ok();
        let quality = quality
            .filter(|quality| (1..=100).contains(quality))
            .ok_or_else(|| invalid("`quality` is no quality", "give 1 to 100"))?;
        let encoding = match get("format").unwrap_or("png") {
            "png" => Encoding::Png,
            "jpeg" | "jpg" => Encoding::Jpeg { quality },
            "webp" => Encoding::WebpLossless,
            "tiff" => Encoding::Tiff,
            other => {
                let message = format!("pictures are not written as `{other}`");
                return Err(invalid(message, "say `png`, `jpeg`, `webp` or `tiff`"));
            }
        };
        let whole = match get("area").unwrap_or("whole") {
            "whole" => true,
            "place" => false,
            other => {
                let message = format!("an artifact has no area `{other}`");
                return Err(invalid(message, "say `whole` or `place`"));
            }
        };
        let crop = get("crop").map(|text| {
            let numbers: Option<Vec<u32>> = text.split(',').map(|part| part.parse().ok()).collect();
            match numbers.as_deref() {
                Some(&[x, y, width, height]) => Ok(Rect { x, y, width, height }),
                _ => Err(invalid(
                    format!("`{text}` is no rectangle"),
                    "say `crop=X,Y,WIDTH,HEIGHT` in pixels",
                )),
            }
        });
        Ok(Wanted { encoding, whole, crop: crop.transpose()? })
    }
}

pub(super) async fn picture(
    State(daemon): State<Arc<Daemon>>,
    Path(id): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Refusal> {
    let wanted = Wanted::parse(&query)?;
    let kind = media_type(wanted.encoding);
    let (name, bytes) = blocking(move || {
        let (ask, artifact) = daemon.store.artifact(&id)?;
        let bytes = encode(&daemon, &artifact, &wanted)?;
        Ok((file_name(&ask, &artifact, wanted.encoding), bytes))
    })
    .await?;
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, attachment(&name)),
        (header::CACHE_CONTROL, "private, no-cache".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}

pub(super) async fn changes(
    State(daemon): State<Arc<Daemon>>,
    Path(id): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Refusal> {
    let max = blobs::max_side(&query)?;
    let png = blocking(move || {
        let (ask, artifact) = daemon.store.artifact(&id)?;
        let made = open(&daemon, &artifact.blob)?;
        let source = open(&daemon, &artifact.provenance.source)?;
        let place = Rect {
            x: artifact.place.x,
            y: artifact.place.y,
            width: artifact.place.width,
            height: artifact.place.height,
        };
        let view = source.view()?;
        let before = view.crop(place).map_err(|error| layout_failure(&error))?;
        let mut after = made.view()?;
        if let Some(margins) = ask.expand {
            // Where a picture grew, what it was before lies within it; the borders are all new.
            let inner = Rect::new(margins.left, margins.top, place.width, place.height);
            after = after.crop(inner).map_err(|error| layout_failure(&error))?;
        }
        let (source_icc, made_icc) = (source.icc(&daemon.store)?, made.icc(&daemon.store)?);
        let map =
            fidelity::change_map((source_icc.as_ref(), before), (made_icc.as_ref(), after), max)
                .map_err(|error| layout_failure(&error))?;
        let [red, green, blue] = CHANGED;
        let painted = map.pixels().iter().flat_map(|&alpha| [red, green, blue, alpha]).collect();
        let painted = Picture::from_pixels(Format::Rgba8, map.size(), painted);
        blobs::png(&painted.map_err(|error| layout_failure(&error))?)
    })
    .await?;
    Ok(blobs::for_ever("image/png", png))
}

/// An artifact's pixels, or why they are not there any more.
fn open(daemon: &Daemon, blob: &BlobId) -> Result<StoredPicture, Failure> {
    picture::open(&daemon.store, blob).map_err(|failure| match failure.kind {
        ErrorKind::NotFound => failure.hint("a watched folder keeps its results as files alone"),
        _ => failure,
    })
}

fn encode(daemon: &Daemon, artifact: &Artifact, wanted: &Wanted) -> Result<Vec<u8>, Failure> {
    let load = |blob: &BlobId| -> Result<Picture, Failure> {
        let stored = open(daemon, blob)?;
        Ok(Picture::from_view(stored.view()?).with_icc(stored.icc(&daemon.store)?))
    };
    let mut picture = load(&artifact.blob)?;
    if wanted.whole {
        picture = whole(&load(&artifact.provenance.source)?, picture, artifact)?;
    }
    let view = match wanted.crop {
        Some(rect) => picture.view().crop(rect).map_err(|_| {
            let size = picture.size();
            invalid(
                format!("the rectangle is not within the picture's {size}"),
                "`crop` counts from the top left corner",
            )
        })?,
        None => picture.view(),
    };
    let bytes = codec::encode(view, picture.icc.as_deref(), wanted.encoding).map_err(|error| {
        Failure::new(ErrorKind::Unsupported, format!("the picture cannot be written: {error}"))
            .hint(error.hint())
    })?;
    let provenance = &artifact.provenance;
    let origin = metadata::Origin {
        trained: daemon.backends.is_trained(&provenance.model),
        tool: concat!("Easel ", env!("CARGO_PKG_VERSION")),
        models: &[provenance.model.as_str()],
        recipe: None,
        prompt: provenance.params.prompt.as_deref(),
        source_hash: &format!("easel-blob:{}", provenance.source),
        size: view.size(),
    };
    let blocks = Metadata { exif: None, xmp: Some(metadata::provenance(None, &origin)) };
    metadata::write(&bytes, &blocks).map_err(|error| {
        let message = format!("the picture cannot be told where it comes from: {error}");
        Failure::new(ErrorKind::Unsupported, message).hint(error.hint())
    })
}

fn media_type(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Png => "image/png",
        Encoding::Jpeg { .. } => "image/jpeg",
        Encoding::WebpLossless => "image/webp",
        Encoding::Tiff => "image/tiff",
    }
}

/// `photo.local-style.png`, after what the source was called.
fn file_name(ask: &Ask, artifact: &Artifact, encoding: Encoding) -> String {
    let title = ask.title.as_deref().unwrap_or_default();
    let title = title.rsplit(['/', '\\']).next().unwrap_or(title);
    let stem = match title.rsplit_once('.') {
        Some((stem, end)) if !stem.is_empty() && end.len() <= 4 => stem,
        _ => title,
    };
    // What turns writing round would make one end of a name look like another.
    let turns = |letter: char| matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let stem: String =
        stem.chars().filter(|it| !it.is_control() && !turns(*it)).take(100).collect();
    let stem = if stem.trim().is_empty() { "picture" } else { stem.trim() };
    let number =
        if artifact.index == 0 { String::new() } else { format!("-{}", artifact.index + 1) };
    format!("{stem}.{}{number}.{}", artifact.provenance.model, encoding.kind().extension())
}

/// `attachment`, with the name in every script (RFC 6266).
fn attachment(name: &str) -> String {
    use std::fmt::Write;
    let mut coded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
            coded.push(char::from(byte));
        } else {
            // Writing to a `String` cannot fail.
            let _ = write!(coded, "%{byte:02X}");
        }
    }
    format!("attachment; filename*=UTF-8''{coded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive_headers() {
        assert_eq!(attachment("a b.png"), "attachment; filename*=UTF-8''a%20b.png");
        assert_eq!(attachment("\"\r\nä"), "attachment; filename*=UTF-8''%22%0D%0A%C3%A4");
    }
}
