//! Results on disk: the whole picture with the change in its place, encoded as the name says,
//! written beside and renamed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use easel_pixels::codec::{self, Encoding};
use easel_pixels::{Picture, Size};
use easel_protocol::picture::{BlobId, PictureInfo};
use easel_protocol::{ErrorKind, Failure};

use super::client::Client;
use crate::daemon::picture::pixel_format;
use crate::store::io_failure;

/// Fetches a stored picture.
pub(super) fn fetch(client: &Client, id: &BlobId) -> Result<Picture, Failure> {
    let info: PictureInfo = client
        .blob_info(id)?
        .picture
        .ok_or_else(|| Failure::new(ErrorKind::Corrupt, format!("blob `{id}` is no picture")))?;
    let rows = client.download(id, true)?;
    let icc: Option<Arc<[u8]>> = match &info.icc {
        Some(profile) => Some(client.download(profile, false)?.into()),
        None => None,
    };
    let picture =
        Picture::from_pixels(pixel_format(info.format), Size::new(info.width, info.height), rows);
    Ok(picture.map_err(|error| crate::daemon::picture::layout_failure(&error))?.with_icc(icc))
}

/// How a file name asks to be encoded.
pub(super) fn encoding(path: &Path, quality: u8) -> Result<Encoding, Failure> {
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    match extension.as_str() {
        "png" => Ok(Encoding::Png),
        "jpg" | "jpeg" => Ok(Encoding::Jpeg { quality }),
        "webp" => Ok(Encoding::WebpLossless),
        "tif" | "tiff" => Ok(Encoding::Tiff),
        _ => Err(Failure::new(
            ErrorKind::InvalidRequest,
            format!("`{}` names no format that Easel writes", path.display()),
        )
        .hint("end the name with `.png`, `.jpg`, `.webp` or `.tif`")),
    }
}

/// Writes a picture: whole or not at all.
pub(super) fn write(path: &Path, picture: &Picture, quality: u8) -> Result<(), Failure> {
    let encoded = codec::encode(picture.view(), picture.icc.as_deref(), encoding(path, quality)?)
        .map_err(|error| {
        Failure::new(ErrorKind::Unsupported, format!("cannot write `{}`: {error}", path.display()))
            .hint(error.hint())
    })?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = path.with_file_name(format!(".{name}.{}.part", std::process::id()));
    let written =
        std::fs::write(&temporary, encoded).and_then(|()| std::fs::rename(&temporary, path));
    written.map_err(|error| {
        let _ = std::fs::remove_file(&temporary);
        io_failure("write", path, &error)
    })
}

/// A name that no file has yet: `photo.local-style.png`, then `photo.local-style-2.png`.
pub(super) fn free_name(folder: &Path, stem: &str, extension: &str) -> PathBuf {
    let first = folder.join(format!("{stem}.{extension}"));
    if !first.exists() {
        return first;
    }
    (2..u32::MAX)
        .map(|number| folder.join(format!("{stem}-{number}.{extension}")))
        .find(|path| !path.exists())
        .unwrap_or(first)
}
