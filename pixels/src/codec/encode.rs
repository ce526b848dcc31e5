//! From a picture to the bytes of a file.
//!
//! What a file format cannot hold is given up by a fixed rule, written at each variant of `Encoding`, and
//! `Encoding::keeps` tells a caller beforehand, so that a person can be told. The profile is always embedded.

use std::io;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, ImageEncoder, ImageError};

use super::{Kind, tiff_write};
use crate::guard::guarded;
use crate::sample::{Sample, pixels, row_is_opaque, samples_mut};
use crate::{Format, Picture, Size, View, convert};

/// A file format to write. An alpha channel that is opaque everywhere is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Keeps 8 and 16 bits and alpha, fast compression; floats become 16 bits through the sRGB curve.
    Png,
    /// Lossy, 8 bits; what is transparent is laid over white.
    Jpeg {
        /// 1 (small) to 100 (good); outside it is clamped.
        quality: u8,
    },
    /// Keeps 8 bits and alpha; deeper pictures become 8 bits. At most 16384 pixels a side.
    WebpLossless,
    /// Keeps everything, uncompressed. At most 4 GiB.
    Tiff,
}

impl Encoding {
    /// The file format that is written.
    pub const fn kind(self) -> Kind {
        match self {
            Self::Png => Kind::Png,
            Self::Jpeg { .. } => Kind::Jpeg,
            Self::WebpLossless => Kind::Webp,
            Self::Tiff => Kind::Tiff,
        }
    }

    /// Whether every sample of a picture in `format` comes back.
    pub const fn keeps(self, format: Format) -> bool {
        match (self, format) {
            (Self::Tiff, _)
            | (Self::Png, Format::Gray8 | Format::Rgba8 | Format::Rgba16)
            | (Self::WebpLossless, Format::Gray8 | Format::Rgba8) => true,
            (Self::Png | Self::WebpLossless | Self::Jpeg { .. }, _) => false,
        }
    }

    /// The deepest format that the file holds of a picture in `format`.
    const fn holds(self, format: Format) -> Format {
        match (self, format) {
            (Self::Tiff, _) | (_, Format::Gray8) => format,
            (Self::Png, Format::Rgba16 | Format::RgbaF32) => Format::Rgba16,
            (Self::Png, Format::Rgba8) | (Self::Jpeg { .. } | Self::WebpLossless, _) => {
                Format::Rgba8
            }
        }
    }
}

/// Why a picture cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// The file format ends below this size.
    #[error("a picture of {size} is too large, the limit is {limit}")]
    TooLarge {
        /// The picture's size.
        size: Size,
        /// What the format holds.
        limit: &'static str,
    },
    /// A linear profile cannot describe gamma-coded samples.
    #[error("a float picture with a profile of its own cannot be written as {0}")]
    Profile(Kind),
    /// The encoder failed.
    #[error("writing {kind} failed: {detail}")]
    Failed {
        /// The file format.
        kind: Kind,
        /// What the encoder says.
        detail: String,
    },
}

impl EncodeError {
    /// What to do about it.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "write PNG, or scale the picture down",
            Self::Profile(_) => "write TIFF, or convert the picture to sRGB first",
            Self::Failed { .. } => "write another file format",
        }
    }
}

/// Writes a picture. `icc` is embedded as the profile of the pixels; without one they are sRGB by convention.
pub fn encode(
    view: View<'_>,
    icc: Option<&[u8]>,
    encoding: Encoding,
) -> Result<Vec<u8>, EncodeError> {
    let kind = encoding.kind();
    let size = view.size();
    let side_limit = match encoding {
        Encoding::Jpeg { .. } => Some((65_535, "65535 pixels a side in a JPEG")),
        Encoding::WebpLossless => Some((16_384, "16384 pixels a side in a WebP")),
        Encoding::Png | Encoding::Tiff => None,
    };
    if let Some((_, limit)) = side_limit.filter(|(most, _)| size.long_side() > *most) {
        return Err(EncodeError::TooLarge { size, limit });
    }
    let held = encoding.holds(view.format());
    if view.format() == Format::RgbaF32 && held != Format::RgbaF32 && icc.is_some() {
        return Err(EncodeError::Profile(kind));
    }
    let converted;
    let view = if held == view.format() {
        view
    } else {
        converted = convert(view, held);
        converted.view()
    };
    let opaque = view.rows().all(|row| row_is_opaque(held, row));
    if encoding == Encoding::Tiff {
        return tiff_write::write(view, icc, opaque);
    }
    let (samples, colours) = match encoding {
        Encoding::Jpeg { .. } if held != Format::Gray8 && !opaque => {
            (over_white(view), ExtendedColorType::Rgb8)
        }
        _ => samples(view, opaque),
    };
    let mut file = Vec::new();
    let written = guarded(|| match encoding {
        Encoding::Png => {
            let encoder = PngEncoder::new_with_quality(
                &mut file,
                CompressionType::Fast,
                FilterType::Adaptive,
            );
            write(encoder, icc, &samples, size, colours)
        }
        Encoding::Jpeg { quality } => {
            let encoder = JpegEncoder::new_with_quality(&mut file, quality.clamp(1, 100));
            write(encoder, icc, &samples, size, colours)
        }
        Encoding::WebpLossless => {
            write(WebPEncoder::new_lossless(&mut file), icc, &samples, size, colours)
        }
        Encoding::Tiff => Ok(()),
    });
    let failed = |detail: String| EncodeError::Failed { kind, detail };
    written
        .ok_or_else(|| failed("the encoder gave up".to_owned()))?
        .map_err(|error| failed(error.to_string()))?;
    Ok(file)
}

fn write(
    mut encoder: impl ImageEncoder,
    icc: Option<&[u8]>,
    samples: &[u8],
    size: Size,
    colours: ExtendedColorType,
) -> Result<(), ImageError> {
    if let Some(icc) = icc {
        encoder.set_icc_profile(icc.to_vec()).map_err(io::Error::other)?;
    }
    encoder.write_image(samples, size.width, size.height, colours)
}

/// Tight samples without an alpha channel that says nothing.
fn samples(view: View<'_>, opaque: bool) -> (Vec<u8>, ExtendedColorType) {
    let tight = |view| Picture::from_view(view).into_pixels();
    match (view.format(), opaque) {
        (Format::Gray8, _) => (tight(view), ExtendedColorType::L8),
        (Format::Rgba8, true) => (without_alpha::<u8>(view), ExtendedColorType::Rgb8),
        (Format::Rgba8, false) => (tight(view), ExtendedColorType::Rgba8),
        (Format::Rgba16, true) => (without_alpha::<u16>(view), ExtendedColorType::Rgb16),
        (Format::Rgba16, false) => (tight(view), ExtendedColorType::Rgba16),
        (Format::RgbaF32, _) => (tight(view), ExtendedColorType::Rgba32F),
    }
}

fn without_alpha<S: Sample>(view: View<'_>) -> Vec<u8> {
    let mut colours = vec![0; view.size().area() as usize * 3 * size_of::<S::Raw>()];
    let mut targets = samples_mut::<S>(&mut colours).as_chunks_mut::<3>().0.iter_mut();
    for row in view.rows() {
        for (&[red, green, blue, _], target) in pixels::<S>(row).iter().zip(&mut targets) {
            *target = [red, green, blue];
        }
    }
    colours
}

/// 8-bit colour laid over white.
fn over_white(view: View<'_>) -> Vec<u8> {
    let mut colours = Vec::with_capacity(view.size().area() as usize * 3);
    for row in view.rows() {
        for &[red, green, blue, alpha] in pixels::<u8>(row) {
            let over = |value: u8| {
                let alpha = u32::from(alpha);
                ((u32::from(value) * alpha + 255 * (255 - alpha) + 127) / 255) as u8
            };
            colours.extend_from_slice(&[over(red), over(green), over(blue)]);
        }
    }
    colours
}
