//! Files in, pictures out, and back: PNG, JPEG, WebP and TIFF as bytes in memory.
//!
//! The kind is told by the first bytes, never by a name. Our own scan reads the structure of a file first (size,
//! frames, pages, orientation, whether it is whole), so that limits are checked before a pixel is allocated and a cut
//! file is an error even where a decoder would paint over it. Nothing is read from or written to a disk here.

mod decode;
mod encode;
mod jpeg;
mod png;
mod sniff;
mod tiff;
mod tiff_write;
mod webp;

use std::fmt;
use std::ops::Range;

pub use decode::{Decoded, decode, decode_mask, probe};
pub use encode::{EncodeError, Encoding, encode};

use crate::{Format, Orientation, Size};

/// A file format that can be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Portable Network Graphics.
    Png,
    /// JPEG, baseline or progressive, grey or YCbCr or RGB.
    Jpeg,
    /// WebP, lossy or lossless, one frame.
    Webp,
    /// TIFF, one page.
    Tiff,
}

impl Kind {
    /// As people write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Webp => "WebP",
            Self::Tiff => "TIFF",
        }
    }

    /// The media type, as in `image/png`.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
            Self::Tiff => "image/tiff",
        }
    }

    /// The usual end of a file name, without the dot.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Webp => "webp",
            Self::Tiff => "tif",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// What a file says about its picture before a pixel is decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The file format.
    pub kind: Kind,
    /// The size of the decoded picture: upright, after `orientation` is applied.
    pub size: Size,
    /// Bits of a decoded sample: 8, 16, or 32 (float).
    pub depth: u8,
    /// Whether the file has an alpha channel or a transparent colour.
    pub has_alpha: bool,
    /// How the stored pixels are turned; `decode` has done it already.
    pub orientation: Orientation,
}

impl Header {
    /// The format that `decode` gives.
    pub const fn format(&self) -> Format {
        match self.depth {
            0..=8 => Format::Rgba8,
            9..=16 => Format::Rgba16,
            17.. => Format::RgbaF32,
        }
    }

    /// The size of the pixels as they are stored. Turning twice gives the same size.
    pub const fn stored_size(&self) -> Size {
        self.orientation.oriented(self.size)
    }
}

/// What a decoded picture may cost, checked against the header before pixels are allocated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest width in pixels.
    pub max_width: u32,
    /// Longest height in pixels.
    pub max_height: u32,
    /// Most pixels.
    pub max_pixels: u64,
    /// Most bytes of the decoded picture. Decoders need up to about twice as much for a moment.
    pub max_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_width: 32_768, max_height: 32_768, max_pixels: 512 << 20, max_bytes: 2 << 30 }
    }
}

impl Limits {
    /// Errs when a picture of this size would pass a limit.
    pub fn check(&self, size: Size, format: Format) -> Result<(), DecodeError> {
        let Size { width, height } = size;
        let bytes = size.area().saturating_mul(format.bytes_per_pixel() as u64);
        let limit = if width > self.max_width || height > self.max_height {
            format!("{}×{}", self.max_width, self.max_height)
        } else if size.area() > self.max_pixels {
            format!("{} pixels", self.max_pixels)
        } else if bytes > self.max_bytes {
            format!("{} bytes", self.max_bytes)
        } else {
            return Ok(());
        };
        Err(DecodeError::TooLarge { width, height, limit })
    }
}

/// Why bytes did not become a picture.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The first bytes are those of no picture format that is known.
    #[error("these bytes are not a picture")]
    NotAPicture,
    /// A picture, but of a kind or with a feature that is not decoded.
    #[error("{what} cannot be decoded")]
    Unsupported {
        /// What it is, as `an animated PNG`.
        what: String,
        /// What to do about it.
        hint: &'static str,
    },
    /// The file ends too early.
    #[error("the {kind} file is cut off")]
    Truncated {
        /// What the file is.
        kind: Kind,
    },
    /// The file is damaged.
    #[error("the {kind} file is damaged: {detail}")]
    Corrupt {
        /// What the file is.
        kind: Kind,
        /// What the decoder found.
        detail: String,
    },
    /// A limit is passed.
    #[error("a picture of {width}×{height} is too large, the limit is {limit}")]
    TooLarge {
        /// Width in the header.
        width: u32,
        /// Height in the header.
        height: u32,
        /// The limit that is passed.
        limit: String,
    },
}

impl DecodeError {
    /// What to do about it.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::NotAPicture => "give a PNG, JPEG, WebP or TIFF file",
            Self::Unsupported { hint, .. } => hint,
            Self::Truncated { .. } => {
                "the file was not copied or downloaded to its end; fetch it again"
            }
            Self::Corrupt { .. } => {
                "open the file in an editor and save it again, or fetch it again"
            }
            Self::TooLarge { .. } => "scale the picture down or crop it first",
        }
    }

    fn unsupported(what: impl Into<String>, hint: &'static str) -> Self {
        Self::Unsupported { what: what.into(), hint }
    }

    fn corrupt(kind: Kind, detail: impl fmt::Display) -> Self {
        Self::Corrupt { kind, detail: detail.to_string() }
    }
}

/// What our own reading of a file's structure found.
struct Scan {
    header: Header,
    /// Whether the file goes on to its own end.
    complete: bool,
    /// Whether colour is stored multiplied by alpha (TIFF can).
    premultiplied: bool,
    /// Where in the file the profile lies, where the walk finds it in one piece (TIFF).
    profile: Option<Range<usize>>,
}

impl Scan {
    /// `size` as stored.
    fn new(kind: Kind, size: Size, depth: u8, has_alpha: bool, orientation: Orientation) -> Self {
        let header =
            Header { kind, size: orientation.oriented(size), depth, has_alpha, orientation };
        Self { header, complete: false, premultiplied: false, profile: None }
    }

    fn completed(mut self, complete: bool) -> Self {
        self.complete = complete;
        self
    }
}

/// The orientation in a block of EXIF data, which is a small TIFF of its own.
fn exif_orientation(exif: &[u8]) -> Orientation {
    let exif = exif.strip_prefix(b"Exif\0\0").unwrap_or(exif);
    image::metadata::Orientation::from_exif_chunk(exif)
        .map_or(Orientation::Normal, |found| Orientation::from_exif(u16::from(found.to_exif())))
}

/// Two bytes, big-endian.
fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|raw| u16::from_be_bytes(*raw))
}

/// Four bytes, big-endian.
fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|raw| u32::from_be_bytes(*raw))
}

/// Four bytes, little-endian.
fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|raw| u32::from_le_bytes(*raw))
}
