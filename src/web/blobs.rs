//! `GET /v1/blobs/{id}`: the bytes, what is known of them, rows in the format an editor wants, and
//! a small preview. Rows in the stored format leave without a copy.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use easel_pixels::{Format, Picture, Size, View, codec, colour, convert, rescale, resize};
use easel_protocol::picture::{BlobId, BlobInfo, PictureInfo, PixelFormat, RAW_PIXELS};
use easel_protocol::{ErrorKind, Failure};

use super::{Refusal, blocking};
use crate::daemon::Daemon;
use crate::daemon::picture::{self, StoredPicture};

/// Previews are at most so large: they are for screens.
const MAX_PREVIEW: u32 = 2048;
/// A blob never changes under its name.
const FOR_EVER: &str = "private, max-age=31536000, immutable";

fn parse_id(text: &str) -> Result<BlobId, Failure> {
    text.parse().map_err(|error: String| {
        Failure::new(ErrorKind::InvalidRequest, format!("`{text}` is no blob id: {error}"))
    })
}

pub(super) async fn info(
    State(daemon): State<Arc<Daemon>>,
    Path(id): Path<String>,
) -> Result<Json<BlobInfo>, Refusal> {
    let id = parse_id(&id)?;
    Ok(Json(blocking(move || daemon.store.blobs.info(&id)).await?))
}

pub(super) async fn whole(
    State(daemon): State<Arc<Daemon>>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let id = parse_id(&id)?;
    let (file, bytes) = blocking(move || {
        let info = daemon.store.blobs.info(&id)?;
        Ok((daemon.store.blobs.open_file(&id)?, info.bytes))
    })
    .await?;
    let parts = tokio_stream::wrappers::ReceiverStream::new(stream_file(file));
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_LENGTH, bytes.to_string()),
        (header::CACHE_CONTROL, FOR_EVER.to_owned()),
    ];
    Ok((headers, Body::from_stream(parts)).into_response())
}

fn stream_file(mut file: std::fs::File) -> tokio::sync::mpsc::Receiver<std::io::Result<Bytes>> {
    use std::io::Read;
    let (sender, receiver) = tokio::sync::mpsc::channel(4);
    tokio::task::spawn_blocking(move || {
        loop {
            let mut part = vec![0; 1 << 20];
            let part = match file.read(&mut part) {
                Ok(0) => return,
                Ok(read) => {
                    part.truncate(read);
                    Ok(Bytes::from(part))
                }
                Err(error) => Err(error),
            };
            let failed = part.is_err();
            if sender.blocking_send(part).is_err() || failed {
                return;
            }
        }
    });
    receiver
}

pub(super) async fn pixels(
    State(daemon): State<Arc<Daemon>>,
    Path(id): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Refusal> {
    let id = parse_id(&id)?;
    let wanted = query.get("format").map(|name| name.parse::<PixelFormat>()).transpose();
    let wanted = wanted.map_err(|error| Failure::new(ErrorKind::InvalidRequest, error))?;
    let for_screen = match query.get("colours").map(String::as_str) {
        None => false,
        Some("srgb") => true,
        Some(other) => {
            let message = format!("pixels cannot be given in the colours `{other}`");
            let failure = Failure::new(ErrorKind::InvalidRequest, message);
            return Err(failure.hint("leave `colours` out, or say `colours=srgb`").into());
        }
    };
    let (info, rows) = blocking(move || {
        let stored = picture::open(&daemon.store, &id)?;
        let info = stored.info.clone();
        let format = wanted.unwrap_or(info.format);
        if for_screen && !is_srgb(&info) {
            let plain =
                srgb(stored.view()?, stored.icc(&daemon.store)?, picture::pixel_format(format));
            return Ok((
                PictureInfo { format, icc: None, ..info },
                Bytes::from(pack(plain, format)),
            ));
        }
        let rows = rows(stored, format)?;
        Ok((PictureInfo { format, ..info }, rows))
    })
    .await?;
    let mut kind = format!(
        "{RAW_PIXELS}; format={}; width={}; height={}",
        info.format, info.width, info.height
    );
    if let Some(icc) = &info.icc {
        kind.push_str("; icc=");
        kind.push_str(icc.as_str());
    }
    Ok(([(header::CONTENT_TYPE, kind.as_str()), (header::CACHE_CONTROL, FOR_EVER)], rows)
        .into_response())
}

/// Rows in a format, from the mapped file itself where that is the stored one.
fn rows(stored: StoredPicture, format: PixelFormat) -> Result<Bytes, Failure> {
    if format == stored.info.format {
        return Ok(Bytes::from_owner(stored));
    }
    let (view, target) = (stored.view()?, picture::pixel_format(format));
    // With a profile the values stay those of the profile, also where floats become integers.
    let rows =
        if stored.info.icc.is_some() { rescale(view, target) } else { convert(view, target) };
    Ok(Bytes::from(pack(rows, format)))
}

/// Rows as an editor lays them out.
fn pack(picture: Picture, format: PixelFormat) -> Vec<u8> {
    let rows = picture.into_pixels();
    match picture::editor_format(format) {
        Some(editor) => editor.pack(rows),
        None => rows,
    }
}

/// Whether the numbers are those of a screen already.
fn is_srgb(info: &PictureInfo) -> bool {
    info.icc.is_none() && info.format != PixelFormat::Rgbaf32
}

/// What a screen shows. Where the profile cannot be used, its numbers are shown as they are.
fn srgb(view: View<'_>, icc: Option<Arc<[u8]>>, format: Format) -> Picture {
    let picture = Picture::from_view(view).with_icc(icc);
    match colour::to_srgb(&picture) {
        Ok(plain) => convert(plain.view(), format),
        Err(_) => rescale(picture.view(), format),
    }
}

pub(super) async fn preview(
    State(daemon): State<Arc<Daemon>>,
    Path(id): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Refusal> {
    let id = parse_id(&id)?;
    let max = max_side(&query)?;
    let png = blocking(move || {
        let stored = picture::open(&daemon.store, &id)?;
        let small = shrink(stored.view()?, max)?;
        png(&srgb(small.view(), stored.icc(&daemon.store)?, Format::Rgba8))
    })
    .await?;
    Ok(for_ever("image/png", png))
}

/// A picture for a screen.
pub(super) fn png(picture: &Picture) -> Result<Vec<u8>, Failure> {
    codec::encode(picture.view(), None, codec::Encoding::Png).map_err(|error| {
        Failure::new(ErrorKind::Internal, format!("cannot encode the preview: {error}"))
    })
}

/// An answer that never changes.
pub(super) fn for_ever(kind: &'static str, bytes: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, FOR_EVER)], bytes).into_response()
}

/// The longer side of a preview.
pub(super) fn max_side(query: &HashMap<String, String>) -> Result<u32, Failure> {
    let max = query.get("max").map_or(Ok(512), |text| text.parse::<u32>()).ok();
    max.filter(|max| (1..=MAX_PREVIEW).contains(max)).ok_or_else(|| {
        Failure::new(ErrorKind::InvalidRequest, "`max` is no side of a preview")
            .hint(format!("give 1 to {MAX_PREVIEW} pixels"))
    })
}

fn shrink(view: View<'_>, max: u32) -> Result<Picture, Failure> {
    let size = view.size();
    let long = size.long_side();
    if long <= max {
        return Ok(Picture::from_view(view));
    }
    let side =
        |side: u32| ((u64::from(side) * u64::from(max)).div_ceil(u64::from(long)) as u32).max(1);
    resize(view, Size::new(side(size.width), side(size.height)))
        .map_err(|error| Failure::new(ErrorKind::Internal, error.to_string()))
}
