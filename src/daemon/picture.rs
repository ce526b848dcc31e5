//! Stored pictures as the pixel pipeline sees them: mapped, not read.

use std::sync::Arc;

use easel_pixels::codec::{self, DecodeError};
use easel_pixels::{EditorFormat, Format, Picture, Size, View, colour, depth};
use easel_protocol::picture::{BlobId, BlobInfo, PictureInfo, PixelFormat};
use easel_protocol::{ErrorKind, Failure};

use super::LIMITS;
use crate::store::Store;
use crate::store::header::HEADER_BYTES;
use crate::worker::SharedImage;

/// Bytes of a profile.
pub const PROFILE_BYTES: u64 = 4 << 20;

/// A picture in the store. Its rows lie in the mapped file.
#[derive(Clone)]
pub struct StoredPicture {
    /// Its name.
    pub id: BlobId,
    /// Its shape.
    pub info: PictureInfo,
    /// Its rows, which a worker can be given as they are.
    pub image: SharedImage,
}

/// Opens a stored picture.
pub fn open(store: &Store, id: &BlobId) -> Result<StoredPicture, Failure> {
    let info = store.blobs.info(id)?.picture.ok_or_else(|| {
        Failure::new(ErrorKind::InvalidRequest, format!("blob `{id}` is no picture"))
            .hint("upload a picture with `PUT /v1/blobs`")
    })?;
    let file = store.blobs.open_file(id)?;
    let stride = u64::from(info.width) * u64::from(info.format.bytes_per_pixel());
    let image = SharedImage::from_file(
        file,
        HEADER_BYTES as u64,
        info.format,
        info.width,
        info.height,
        stride,
    )
    .map_err(|error| {
        Failure::new(ErrorKind::Corrupt, format!("blob `{id}` cannot be mapped: {error}"))
    })?;
    Ok(StoredPicture { id: id.clone(), info, image })
}

/// Decodes the bytes of a file, or what they are as a mask.
pub fn decode(bytes: &[u8], as_mask: bool) -> Result<Picture, Failure> {
    let limits = codec::Limits {
        max_width: LIMITS.side,
        max_height: LIMITS.side,
        max_pixels: LIMITS.pixels,
        max_bytes: LIMITS.blob_bytes,
    };
    let decoded = if as_mask {
        codec::decode_mask(bytes, &limits)
    } else {
        codec::decode(bytes, &limits).map(|decoded| decoded.picture)
    };
    decoded.map_err(|error| decode_failure(&error))
}

/// Stores a picture's rows, so that no codec is needed again. `lent`: only for a while, and whether synced.
pub fn store(store: &Store, picture: &Picture, lent: Option<bool>) -> Result<BlobInfo, Failure> {
    let format = wire_format(picture.format());
    let icc = match &picture.icc {
        Some(profile) => {
            // The numbers of integers can be shown as they are; those of floats have no end.
            if format == PixelFormat::Rgbaf32 {
                check_profile(profile, format)?;
            }
            Some(store.blobs.put(profile)?.id)
        }
        None => None,
    };
    let info = PictureInfo { format, width: picture.width(), height: picture.height(), icc };
    let mut writer = store.blobs.picture_writer(&info)?;
    for part in picture.pixels().chunks(1 << 20) {
        writer.write(part)?;
    }
    match lent {
        None => store.blobs.finish(writer),
        Some(durable) => store.blobs.lend(writer, durable),
    }
}

/// Waits until a picture is on disk, and its profile with it.
pub fn settle(store: &Store, id: &BlobId) -> Result<(), Failure> {
    let info = store.blobs.info(id)?;
    for id in info.picture.iter().filter_map(|picture| picture.icc.as_ref()).chain([id]) {
        store.blobs.settle(id)?;
    }
    Ok(())
}

impl StoredPicture {
    /// Its rows.
    pub fn view(&self) -> Result<View<'_>, Failure> {
        view(&self.image)
    }

    /// Its size.
    pub fn size(&self) -> Size {
        Size::new(self.info.width, self.info.height)
    }

    /// Its profile's bytes.
    pub fn icc(&self, store: &Store) -> Result<Option<Arc<[u8]>>, Failure> {
        let Some(id) = &self.info.icc else { return Ok(None) };
        Ok(Some(store.blobs.read(id, PROFILE_BYTES)?.into()))
    }

    /// Its profile's bytes, where its values are not those that they would be without one.
    pub fn profile(&self, store: &Store) -> Result<Option<Arc<[u8]>>, Failure> {
        let format = pixel_format(self.info.format);
        Ok(self.icc(store)?.filter(|icc| !colour::is_plain(icc, format)))
    }
}

/// The bytes of the rows, for an answer that is sent without a copy.
impl AsRef<[u8]> for StoredPicture {
    fn as_ref(&self) -> &[u8] {
        self.image.bytes()
    }
}

/// A shared picture as the pixel pipeline sees it.
pub fn view(image: &SharedImage) -> Result<View<'_>, Failure> {
    let size = Size::new(image.width(), image.height());
    View::new(pixel_format(image.format()), size, image.stride(), image.bytes())
        .map_err(|error| layout_failure(&error))
}

/// Fails where a profile is damaged, for something else than RGB and grey, or cannot be applied to pictures of a
/// format.
pub fn check_profile(icc: &[u8], format: PixelFormat) -> Result<(), Failure> {
    let pixel = Picture::new_zeroed(pixel_format(format), Size::new(1, 1))
        .map_err(|error| layout_failure(&error))?;
    colour::to_srgb(&pixel.with_icc(Some(icc.into())))
        .map(|_| ())
        .map_err(|error| colour_failure(&error))
}

/// The pixel pipeline's name of a format; those of editors are stored in one of ours.
pub fn pixel_format(format: PixelFormat) -> Format {
    match format.stored() {
        PixelFormat::Gray8 => Format::Gray8,
        PixelFormat::Rgba16 => Format::Rgba16,
        PixelFormat::Rgbaf32 => Format::RgbaF32,
        _ => Format::Rgba8,
    }
}

/// The pixel pipeline's name of a format that only editors have.
pub fn editor_format(format: PixelFormat) -> Option<EditorFormat> {
    match format {
        PixelFormat::Gray8 | PixelFormat::Rgba8 | PixelFormat::Rgba16 | PixelFormat::Rgbaf32 => {
            None
        }
        PixelFormat::Bgra8 => Some(EditorFormat::Bgra8),
        PixelFormat::Bgra16 => Some(EditorFormat::Bgra16),
        PixelFormat::Rgbaf16 => Some(EditorFormat::RgbaF16),
        PixelFormat::Graya8 => Some(EditorFormat::GrayA8),
        PixelFormat::Graya16 => Some(EditorFormat::GrayA16),
        PixelFormat::Grayaf16 => Some(EditorFormat::GrayAF16),
        PixelFormat::Grayaf32 => Some(EditorFormat::GrayAF32),
    }
}

/// The wire's name of a format.
pub fn wire_format(format: Format) -> PixelFormat {
    match format {
        Format::Gray8 => PixelFormat::Gray8,
        Format::Rgba8 => PixelFormat::Rgba8,
        Format::Rgba16 => PixelFormat::Rgba16,
        Format::RgbaF32 => PixelFormat::Rgbaf32,
    }
}

/// A fault in how pictures were put together: ours.
pub fn layout_failure(error: &easel_pixels::LayoutError) -> Failure {
    Failure::new(ErrorKind::Internal, format!("the picture's layout is wrong: {error}"))
        .hint(error.hint())
}

/// A change that cannot be taken back to its source.
pub fn carry_failure(error: &depth::CarryError) -> Failure {
    match error {
        depth::CarryError::Layout(error) => layout_failure(error),
        depth::CarryError::Colour(error) => colour_failure(error),
    }
}

/// A profile that cannot be used.
pub fn colour_failure(error: &colour::ColourError) -> Failure {
    Failure::new(ErrorKind::Unsupported, error.to_string()).hint(error.hint())
}

/// A codec's error in the words of the wire.
pub fn decode_failure(error: &DecodeError) -> Failure {
    let kind = match error {
        DecodeError::NotAPicture => ErrorKind::NotAPicture,
        DecodeError::Unsupported { .. } => ErrorKind::Unsupported,
        DecodeError::TooLarge { .. } => ErrorKind::TooLarge,
        _ => ErrorKind::Corrupt,
    };
    Failure::new(kind, error.to_string()).hint(error.hint())
}
