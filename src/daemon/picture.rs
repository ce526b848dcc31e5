//! Stored pictures as the pixel pipeline sees them: mapped, not read.

use std::sync::Arc;

use easel_pixels::codec::DecodeError;
use easel_pixels::{Format, Picture, Size, View, colour};
use easel_protocol::picture::{BlobId, PictureInfo, PixelFormat};
use easel_protocol::{ErrorKind, Failure};

use crate::store::Store;
use crate::store::header::{HEADER_BYTES, bytes_per_pixel};
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
    let stride = u64::from(info.width) * bytes_per_pixel(info.format);
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

/// Fails where a profile is damaged or for something else than RGB and grey.
pub fn check_profile(icc: &[u8]) -> Result<(), Failure> {
    let pixel = Picture::from_pixels(Format::Rgba8, Size::new(1, 1), vec![128; 4])
        .map_err(|error| layout_failure(&error))?;
    colour::to_srgb(&pixel.with_icc(Some(icc.into())))
        .map(|_| ())
        .map_err(|error| colour_failure(&error))
}

/// The pixel pipeline's name of a format; editors' orders of channels are stored as ours.
pub fn pixel_format(format: PixelFormat) -> Format {
    match format {
        PixelFormat::Gray8 => Format::Gray8,
        PixelFormat::Rgba8 | PixelFormat::Bgra8 => Format::Rgba8,
        PixelFormat::Rgba16 | PixelFormat::Bgra16 => Format::Rgba16,
        PixelFormat::Rgbaf32 => Format::RgbaF32,
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
