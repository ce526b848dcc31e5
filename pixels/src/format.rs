//! The four pixel formats that travel through Easel, and the byte order swaps that editors need.
//!
//! Samples are native-endian, alpha is straight (not multiplied into colour). In a picture that carries a profile all
//! formats hold values of that profile. Without one the three integer formats hold sRGB, gamma-coded, and `RgbaF32` holds
//! scene-linear light.
//! This file knows no sizes and no rows: see `view.rs`.

use std::fmt;
use std::str::FromStr;

/// How one pixel lies in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// One byte: a mask (255 = may change) or luma.
    Gray8,
    /// Four bytes: red, green, blue, straight alpha, 0 to 255.
    Rgba8,
    /// Four native-endian `u16`: red, green, blue, straight alpha, 0 to 65535.
    Rgba16,
    /// Four native-endian `f32`: red, green, blue (scene-linear without a profile; 1.0 = diffuse white, unbounded), alpha
    /// 0 to 1.
    RgbaF32,
}

impl Format {
    /// Every format, from the smallest to the deepest.
    pub const ALL: [Self; 4] = [Self::Gray8, Self::Rgba8, Self::Rgba16, Self::RgbaF32];

    /// Bytes of one pixel: 1, 4, 8 or 16.
    pub const fn bytes_per_pixel(self) -> usize {
        match self {
            Self::Gray8 => 1,
            Self::Rgba8 => 4,
            Self::Rgba16 => 8,
            Self::RgbaF32 => 16,
        }
    }

    /// Bytes of one sample: 1, 2 or 4.
    pub const fn bytes_per_sample(self) -> usize {
        match self {
            Self::Gray8 | Self::Rgba8 => 1,
            Self::Rgba16 => 2,
            Self::RgbaF32 => 4,
        }
    }

    /// Samples of one pixel: 1 or 4.
    pub const fn channels(self) -> usize {
        match self {
            Self::Gray8 => 1,
            Self::Rgba8 | Self::Rgba16 | Self::RgbaF32 => 4,
        }
    }

    /// Whether the fourth sample is alpha.
    pub const fn has_alpha(self) -> bool {
        !matches!(self, Self::Gray8)
    }

    /// The name on the wire: `gray8`, `rgba8`, `rgba16`, `rgbaf32`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gray8 => "gray8",
            Self::Rgba8 => "rgba8",
            Self::Rgba16 => "rgba16",
            Self::RgbaF32 => "rgbaf32",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A format name that is none of the four.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown pixel format `{0}`")]
pub struct UnknownFormat(pub String);

impl UnknownFormat {
    /// What to do about it.
    pub const fn hint(&self) -> &'static str {
        "use one of `gray8`, `rgba8`, `rgba16`, `rgbaf32`"
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        Self::ALL
            .into_iter()
            .find(|format| format.name() == name)
            .ok_or_else(|| UnknownFormat(name.to_owned()))
    }
}

/// Swaps red and blue of 8-bit pixels: BGRA becomes RGBA and back. Bytes after the last whole pixel stay.
pub fn swizzle_bgra8_in_place(pixels: &mut [u8]) {
    let (pixels, _rest) = pixels.as_chunks_mut::<4>();
    for pixel in pixels {
        // Shifts on a whole pixel vectorise on every target, a byte shuffle only where the target has one.
        let value = u32::from_le_bytes(*pixel);
        let swapped = (value & 0xff00_ff00) | ((value >> 16) & 0xff) | ((value & 0xff) << 16);
        *pixel = swapped.to_le_bytes();
    }
}

/// Swaps red and blue of 16-bit pixels: BGRA becomes RGBA and back. Bytes after the last whole pixel stay.
pub fn swizzle_bgra16_in_place(pixels: &mut [u8]) {
    let (pixels, _rest) = pixels.as_chunks_mut::<8>();
    for pixel in pixels {
        let value = u64::from_le_bytes(*pixel);
        let swapped =
            (value & 0xffff_0000_ffff_0000) | ((value >> 32) & 0xffff) | ((value & 0xffff) << 32);
        *pixel = swapped.to_le_bytes();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_parse_back() {
        for format in Format::ALL {
            assert_eq!(format.name().parse(), Ok(format));
            assert_eq!(format.bytes_per_pixel(), format.bytes_per_sample() * format.channels());
        }
        let error = "cmyk8".parse::<Format>().unwrap_err();
        assert_eq!(error.to_string(), "unknown pixel format `cmyk8`");
    }

    #[test]
    fn swizzle_swaps_red_and_blue_only() {
        let mut bytes = [1, 2, 3, 4, 5, 6, 7, 8, 9];
        swizzle_bgra8_in_place(&mut bytes);
        assert_eq!(bytes, [3, 2, 1, 4, 7, 6, 5, 8, 9]);

        let mut deep = [1, 2, 3, 4, 5, 6, 7, 8, 9];
        swizzle_bgra16_in_place(&mut deep);
        assert_eq!(deep, [5, 6, 3, 4, 1, 2, 7, 8, 9]);
        swizzle_bgra16_in_place(&mut deep);
        assert_eq!(deep, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }
}
