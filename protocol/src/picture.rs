//! Pictures on the wire: blob ids, pixel formats, regions. No pixels travel in JSON.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The media type of raw rows, top to bottom, tightly packed.
pub const RAW_PIXELS: &str = "application/vnd.easel.pixels";
/// The media type of an ICC profile.
pub const ICC_PROFILE: &str = "application/vnd.iccprofile";

/// How the samples of a picture lie in memory. Samples of more than one byte are little-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PixelFormat {
    /// One byte: masks, 0 keep, 255 may change.
    Gray8,
    /// Red, green, blue, alpha; one byte each, straight alpha, display-referred.
    Rgba8,
    /// Blue, green, red, alpha; one byte each. For editors; stored as `rgba8`.
    Bgra8,
    /// Red, green, blue, alpha; two bytes each, straight alpha, display-referred.
    Rgba16,
    /// Blue, green, red, alpha; two bytes each. For editors; stored as `rgba16`.
    Bgra16,
    /// Red, green, blue, alpha; four-byte floats, straight alpha, unbounded. Scene-linear without a profile, else in its values.
    Rgbaf32,
    /// Red, green, blue, alpha; two-byte floats (IEEE half), straight alpha. For editors; stored as `rgbaf32`.
    Rgbaf16,
    /// Grey, alpha; one byte each, straight alpha. For editors; stored as `rgba8`.
    Graya8,
    /// Grey, alpha; two bytes each, straight alpha. For editors; stored as `rgba16`.
    Graya16,
    /// Grey, alpha; two-byte floats (IEEE half), straight alpha. For editors; stored as `rgbaf32`.
    Grayaf16,
    /// Grey, alpha; four-byte floats, straight alpha. For editors; stored as `rgbaf32`.
    Grayaf32,
}

impl PixelFormat {
    /// Every format.
    pub const ALL: [PixelFormat; 11] = [
        PixelFormat::Gray8,
        PixelFormat::Rgba8,
        PixelFormat::Bgra8,
        PixelFormat::Rgba16,
        PixelFormat::Bgra16,
        PixelFormat::Rgbaf32,
        PixelFormat::Rgbaf16,
        PixelFormat::Graya8,
        PixelFormat::Graya16,
        PixelFormat::Grayaf16,
        PixelFormat::Grayaf32,
    ];

    /// How a picture of this format is stored, and what backends see of it: `gray8`, `rgba8`, `rgba16` or `rgbaf32`.
    /// Those four are themselves; all others are for editors.
    #[must_use]
    pub const fn stored(self) -> PixelFormat {
        match self {
            PixelFormat::Gray8 => PixelFormat::Gray8,
            PixelFormat::Rgba8 | PixelFormat::Bgra8 | PixelFormat::Graya8 => PixelFormat::Rgba8,
            PixelFormat::Rgba16 | PixelFormat::Bgra16 | PixelFormat::Graya16 => PixelFormat::Rgba16,
            PixelFormat::Rgbaf32
            | PixelFormat::Rgbaf16
            | PixelFormat::Grayaf16
            | PixelFormat::Grayaf32 => PixelFormat::Rgbaf32,
        }
    }

    /// Whether pictures are stored in it, and backends see it; otherwise it is for editors alone.
    pub fn is_stored(self) -> bool {
        self == self.stored()
    }

    /// Bytes of one pixel.
    pub const fn bytes_per_pixel(self) -> u32 {
        match self {
            PixelFormat::Gray8 => 1,
            PixelFormat::Graya8 => 2,
            PixelFormat::Rgba8
            | PixelFormat::Bgra8
            | PixelFormat::Graya16
            | PixelFormat::Grayaf16 => 4,
            PixelFormat::Rgba16
            | PixelFormat::Bgra16
            | PixelFormat::Rgbaf16
            | PixelFormat::Grayaf32 => 8,
            PixelFormat::Rgbaf32 => 16,
        }
    }

    /// The word used on the wire.
    pub fn name(self) -> &'static str {
        match self {
            PixelFormat::Gray8 => "gray8",
            PixelFormat::Rgba8 => "rgba8",
            PixelFormat::Bgra8 => "bgra8",
            PixelFormat::Rgba16 => "rgba16",
            PixelFormat::Bgra16 => "bgra16",
            PixelFormat::Rgbaf32 => "rgbaf32",
            PixelFormat::Rgbaf16 => "rgbaf16",
            PixelFormat::Graya8 => "graya8",
            PixelFormat::Graya16 => "graya16",
            PixelFormat::Grayaf16 => "grayaf16",
            PixelFormat::Grayaf32 => "grayaf32",
        }
    }
}

impl fmt::Display for PixelFormat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for PixelFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        PixelFormat::ALL.into_iter().find(|format| format.name() == text).ok_or_else(|| {
            let known: Vec<_> = PixelFormat::ALL.iter().map(|format| format.name()).collect();
            format!("unknown pixel format `{text}`, known are: {}", known.join(", "))
        })
    }
}

/// The name of immutable bytes: 64 lower-case hexadecimal digits of their BLAKE3 hash.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[schemars(with = "String")]
#[serde(transparent)]
pub struct BlobId(String);

impl BlobId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// An id from the 32 bytes of a hash.
    pub fn from_hash(hash: &[u8; 32]) -> Self {
        use std::fmt::Write;
        let mut text = String::with_capacity(64);
        for byte in hash {
            // Writing to a `String` cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        BlobId(text)
    }
}

impl FromStr for BlobId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() == 64 && text.bytes().all(hexadecimal) {
            Ok(BlobId(text.to_owned()))
        } else {
            Err("a blob id is 64 lower-case hexadecimal digits".to_owned())
        }
    }
}

impl<'de> Deserialize<'de> for BlobId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for BlobId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for BlobId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "BlobId({})", &self.0[..12])
    }
}

/// A rectangle in pixels of the source picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// Pixels from the left edge.
    pub x: u32,
    /// Pixels from the top edge.
    pub y: u32,
    /// Pixels across, at least 1.
    pub width: u32,
    /// Pixels down, at least 1.
    pub height: u32,
}

/// What the daemon knows of a stored blob; the answer to `PUT /v1/blobs`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BlobInfo {
    /// Its name.
    pub id: BlobId,
    /// How many bytes it has on disk.
    pub bytes: u64,
    /// Present where it is a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<PictureInfo>,
}

/// The shape of a stored picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PictureInfo {
    /// The stored format: `gray8`, `rgba8`, `rgba16` or `rgbaf32`.
    pub format: PixelFormat,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Its ICC profile, a blob of its own: all values are of that profile, also as floats. Absent: sRGB, or linear sRGB
    /// for `rgbaf32`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icc: Option<BlobId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_has_one_name_and_is_stored_in_one_of_four() {
        for format in PixelFormat::ALL {
            assert_eq!(serde_json::to_value(format).unwrap(), format.name());
            assert_eq!(format.name().parse(), Ok(format));
            assert_eq!(format.stored().stored(), format.stored());
            assert!(format.bytes_per_pixel() <= format.stored().bytes_per_pixel());
        }
        let stored: Vec<_> = PixelFormat::ALL.into_iter().filter(|it| it.is_stored()).collect();
        assert_eq!(
            stored,
            [PixelFormat::Gray8, PixelFormat::Rgba8, PixelFormat::Rgba16, PixelFormat::Rgbaf32]
        );
    }
}
