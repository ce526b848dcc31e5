//! `PUT /v1/blobs`: a picture, raw rows or a profile becomes a blob. Sizes are checked before
//! anything is allocated, and rows are hashed and written while they arrive.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use easel_pixels::EditorFormat;
use easel_protocol::picture::{
    BlobId, BlobInfo, ICC_PROFILE, PictureInfo, PixelFormat, RAW_PIXELS,
};
use easel_protocol::{ErrorKind, Failure};
use http_body_util::BodyExt;
use tokio::sync::mpsc;

use super::{Refusal, blocking};
use crate::daemon::picture::{self, PROFILE_BYTES};
use crate::daemon::{Daemon, LIMITS};
use crate::store::{BlobWriter, Store, header as page};

/// Bytes of an encoded picture: it is held in memory while it is decoded.
const ENCODED_BYTES: u64 = 512 << 20;

pub(super) async fn put(
    State(daemon): State<Arc<Daemon>>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    mut body: Body,
) -> Result<(StatusCode, Json<BlobInfo>), Refusal> {
    let media = Media::parse(&headers)?;
    let store = Arc::clone(&daemon.store);
    let length = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let info = match media.kind.as_str() {
        RAW_PIXELS => match raw_rows(store, &media, length, &mut body).await {
            Ok(info) => info,
            Err(failure) => {
                drain(&mut body).await;
                return Err(failure.into());
            }
        },
        ICC_PROFILE => {
            let bytes = collect(body, length, PROFILE_BYTES).await?;
            blocking(move || {
                picture::check_profile(&bytes, PixelFormat::Rgba8)?;
                store.blobs.put(&bytes)
            })
            .await?
        }
        // The bytes say what they are, whatever the sender calls them.
        _ => {
            let bytes = collect(body, length, ENCODED_BYTES).await?;
            let as_mask = match query.get("as").map(String::as_str) {
                None => false,
                Some("mask") => true,
                Some(other) => {
                    return Err(Failure::new(
                        ErrorKind::InvalidRequest,
                        format!("a picture cannot be stored as `{other}`"),
                    )
                    .hint("leave `as` out, or say `as=mask`")
                    .into());
                }
            };
            blocking(move || picture::store(&store, &picture::decode(&bytes, as_mask)?, None))
                .await?
        }
    };
    daemon.counters.uploads(info.bytes);
    Ok((StatusCode::CREATED, Json(info)))
}

async fn collect(body: Body, length: Option<u64>, limit: u64) -> Result<Bytes, Failure> {
    let too_large = || {
        Failure::new(ErrorKind::TooLarge, format!("the body has more than {limit} bytes"))
            .hint("make the picture smaller, or send it as raw rows")
    };
    if length.is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    let limited = http_body_util::Limited::new(body, limit as usize);
    match limited.collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(too_large()),
        Err(error) => Err(broken_off(&error.to_string())),
    }
}

fn broken_off(why: &str) -> Failure {
    Failure::new(ErrorKind::Corrupt, format!("the upload broke off: {why}"))
        .hint("send it again; nothing of it was kept")
}

/// Reads on after a refusal, within reason. Who sends a layer reads the answer after the last of it: without this, the
/// connection would break under the sender's hands, and the reason be lost.
async fn drain(body: &mut Body) {
    let mut rest = LIMITS.blob_bytes;
    while let Some(Ok(frame)) = body.frame().await {
        let length = frame.data_ref().map_or(0, Bytes::len) as u64;
        match rest.checked_sub(length) {
            Some(less) => rest = less,
            None => return,
        }
    }
}

/// Receives rows while another thread hashes and writes them.
async fn raw_rows(
    store: Arc<Store>,
    media: &Media,
    length: Option<u64>,
    body: &mut Body,
) -> Result<BlobInfo, Failure> {
    let (sent, picture) = media.picture()?;
    page::row_bytes_total(&picture).filter(|bytes| *bytes <= LIMITS.blob_bytes).ok_or_else(
        || {
            Failure::new(
                ErrorKind::TooLarge,
                format!(
                    "{}×{} pixels are more than a blob may have",
                    picture.width, picture.height
                ),
            )
            .hint(format!("at most {} bytes", LIMITS.blob_bytes))
        },
    )?;
    // Both sides are limited: no overflow.
    let expected =
        u64::from(picture.width) * u64::from(picture.height) * u64::from(sent.bytes_per_pixel());
    let wrong_length = move |found: u64| {
        Failure::new(
            ErrorKind::InvalidRequest,
            format!("the body has {found} bytes, its picture has {expected}"),
        )
        .hint("send tightly packed rows, top to bottom")
    };
    if let Some(found) = length.filter(|found| *found != expected) {
        return Err(wrong_length(found));
    }
    let (sender, mut receiver) = mpsc::channel::<Bytes>(8);
    let writing = tokio::task::spawn_blocking(move || {
        if let Some(icc) = &picture.icc {
            picture::check_profile(&store.blobs.read(icc, PROFILE_BYTES)?, picture.format)?;
        }
        let mut rows = RowWriter {
            writer: store.blobs.picture_writer(&picture)?,
            editor: picture::editor_format(sent),
            rest: Vec::new(),
            rows: Vec::new(),
        };
        let mut found = 0u64;
        while let Some(chunk) = receiver.blocking_recv() {
            found += chunk.len() as u64;
            if found > expected {
                return Err(wrong_length(found));
            }
            rows.write(&chunk)?;
        }
        if found != expected {
            return Err(wrong_length(found));
        }
        store.blobs.finish(rows.writer)
    });
    let mut broken = None;
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => {
                let Ok(data) = frame.into_data() else { continue };
                if sender.send(data).await.is_err() {
                    // The writer has stopped and says why.
                    break;
                }
            }
            Err(error) => {
                broken = Some(broken_off(&error.to_string()));
                break;
            }
        }
    }
    drop(sender);
    let outcome = writing.await.map_err(|error| crate::daemon::panicked(&error))?;
    match broken {
        Some(failure) => Err(failure),
        None => outcome,
    }
}

/// Writes rows in the stored format, wherever a chunk happens to end.
struct RowWriter {
    writer: BlobWriter,
    editor: Option<EditorFormat>,
    /// What was received of a pixel that is not whole yet.
    rest: Vec<u8>,
    /// What is about to be written.
    rows: Vec<u8>,
}

impl RowWriter {
    fn write(&mut self, chunk: &[u8]) -> Result<(), Failure> {
        let Some(editor) = self.editor else { return self.writer.write(chunk) };
        self.rest.extend_from_slice(chunk);
        self.rows.clear();
        let whole = editor.unpack(&self.rest, &mut self.rows);
        self.rest.drain(..whole);
        self.writer.write(&self.rows)
    }
}

/// A content type with its parameters.
struct Media {
    kind: String,
    parameters: Vec<(String, String)>,
}

impl Media {
    fn parse(headers: &HeaderMap) -> Result<Media, Failure> {
        let text = headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let mut parts = text.split(';');
        let kind = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
        if kind.starts_with("text/")
            || kind.starts_with("multipart/")
            || kind == "application/x-www-form-urlencoded"
        {
            // What a form on any web page can send.
            return Err(Failure::new(ErrorKind::Unsupported, format!("`{kind}` is no picture"))
                .hint("send the picture's bytes as the body, as `image/png` or `application/octet-stream`"));
        }
        let parameters = parts
            .filter_map(|part| part.split_once('='))
            .map(|(name, value)| {
                (name.trim().to_ascii_lowercase(), value.trim().trim_matches('"').to_owned())
            })
            .collect();
        Ok(Media { kind, parameters })
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The format as it is sent, and the picture as it will be stored.
    fn picture(&self) -> Result<(PixelFormat, PictureInfo), Failure> {
        let bad = |message: String| {
            Failure::new(ErrorKind::InvalidRequest, message)
                .hint(format!("send `{RAW_PIXELS}; format=rgba8; width=640; height=480`"))
        };
        let side = |name: &str| -> Result<u32, Failure> {
            let text =
                self.get(name).ok_or_else(|| bad(format!("the parameter `{name}` is missing")))?;
            let side = text
                .parse::<u32>()
                .map_err(|_| bad(format!("the {name} `{text}` is no number of pixels")))?;
            if side == 0 {
                return Err(bad(format!("the {name} is 0")));
            }
            if side > LIMITS.side {
                return Err(Failure::new(
                    ErrorKind::TooLarge,
                    format!("the {name} of {side} pixels is more than {}", LIMITS.side),
                )
                .hint("make the picture smaller"));
            }
            Ok(side)
        };
        let name = self
            .get("format")
            .ok_or_else(|| bad("the parameter `format` is missing".to_owned()))?;
        let sent: PixelFormat = name.parse().map_err(bad)?;
        let format = sent.stored();
        let (width, height) = (side("width")?, side("height")?);
        if u64::from(width) * u64::from(height) > LIMITS.pixels {
            return Err(Failure::new(
                ErrorKind::TooLarge,
                format!("{width}×{height} is more than {} pixels", LIMITS.pixels),
            )
            .hint("make the picture smaller"));
        }
        let icc = self.get("icc").map(str::parse::<BlobId>).transpose().map_err(bad)?;
        Ok((sent, PictureInfo { format, width, height, icc }))
    }
}
