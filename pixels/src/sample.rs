//! Samples read from bytes without asking for alignment, so that inner loops are written once for three depths.
//!
//! A raw sample is an array of bytes of alignment 1; compilers turn its load into one unaligned load and vectorise
//! the loop around it. Nothing outside this crate sees these types.

use bytemuck::Pod;

use crate::Format;

/// One sample of a pixel: `u8`, `u16` or `f32`.
pub(crate) trait Sample:
    Copy + PartialEq + PartialOrd + Default + Send + Sync + 'static
{
    /// Its bytes, native-endian, alignment 1.
    type Raw: Pod + PartialEq;
    /// Full alpha, and white of the integer formats.
    const MAX: Self;

    fn load(raw: Self::Raw) -> Self;
    fn store(self) -> Self::Raw;
    /// The sample as a number between 0 and `MAX`.
    fn to_f32(self) -> f32;
    /// Rounds and clamps to the range of an integer sample; a float is taken as it is.
    fn from_f32(value: f32) -> Self;
    /// `self` at weight 0 and `other` at weight 65536, rounded to nearest, in place of both when they are equal.
    fn mix(self, other: Self, weight: u32) -> Self;
}

impl Sample for u8 {
    type Raw = u8;
    const MAX: Self = 255;

    #[inline]
    fn load(raw: u8) -> Self {
        raw
    }
    #[inline]
    fn store(self) -> u8 {
        self
    }
    #[inline]
    fn to_f32(self) -> f32 {
        f32::from(self)
    }
    #[inline]
    fn from_f32(value: f32) -> Self {
        (value + 0.5) as Self
    }
    #[inline]
    fn mix(self, other: Self, weight: u32) -> Self {
        ((u32::from(self) * (65536 - weight) + u32::from(other) * weight + 32768) >> 16) as Self
    }
}

impl Sample for u16 {
    type Raw = [u8; 2];
    const MAX: Self = 65535;

    #[inline]
    fn load(raw: [u8; 2]) -> Self {
        Self::from_ne_bytes(raw)
    }
    #[inline]
    fn store(self) -> [u8; 2] {
        self.to_ne_bytes()
    }
    #[inline]
    fn to_f32(self) -> f32 {
        f32::from(self)
    }
    #[inline]
    fn from_f32(value: f32) -> Self {
        (value + 0.5) as Self
    }
    #[inline]
    fn mix(self, other: Self, weight: u32) -> Self {
        // 65535 * 65536 + 32768 is still below 2^32.
        ((u32::from(self) * (65536 - weight) + u32::from(other) * weight + 32768) >> 16) as Self
    }
}

impl Sample for f32 {
    type Raw = [u8; 4];
    const MAX: Self = 1.0;

    #[inline]
    fn load(raw: [u8; 4]) -> Self {
        Self::from_ne_bytes(raw)
    }
    #[inline]
    fn store(self) -> [u8; 4] {
        self.to_ne_bytes()
    }
    #[inline]
    fn to_f32(self) -> f32 {
        self
    }
    #[inline]
    fn from_f32(value: f32) -> Self {
        value
    }
    #[inline]
    fn mix(self, other: Self, weight: u32) -> Self {
        // Two infinities are no number apart.
        let mixed = self + (other - self) * (weight as f32 * (1.0 / 65536.0));
        if self.to_bits() == other.to_bits() { self } else { mixed }
    }
}

/// A row of single samples.
pub(crate) fn samples<S: Sample>(row: &[u8]) -> &[S::Raw] {
    bytemuck::cast_slice(row)
}

/// A row of single samples, to write.
pub(crate) fn samples_mut<S: Sample>(row: &mut [u8]) -> &mut [S::Raw] {
    bytemuck::cast_slice_mut(row)
}

/// A row of four-sample pixels.
pub(crate) fn pixels<S: Sample>(row: &[u8]) -> &[[S::Raw; 4]] {
    bytemuck::cast_slice(row)
}

/// A row of four-sample pixels, to write.
pub(crate) fn pixels_mut<S: Sample>(row: &mut [u8]) -> &mut [[S::Raw; 4]] {
    bytemuck::cast_slice_mut(row)
}

/// Calls a generic function with the sample type of a format: `by_sample!(format, S => f::<S>(…))`.
macro_rules! by_sample {
    ($format:expr, $sample:ident => $body:expr) => {
        match $format {
            $crate::Format::Gray8 | $crate::Format::Rgba8 => {
                type $sample = u8;
                $body
            }
            $crate::Format::Rgba16 => {
                type $sample = u16;
                $body
            }
            $crate::Format::RgbaF32 => {
                type $sample = f32;
                $body
            }
        }
    };
}
pub(crate) use by_sample;

/// Whether every pixel of the row is fully opaque. A row without alpha is.
pub(crate) fn row_is_opaque(format: Format, row: &[u8]) -> bool {
    fn opaque<S: Sample>(row: &[u8]) -> bool {
        // Without an early exit inside a block, the block vectorises.
        pixels::<S>(row)
            .chunks(64)
            .all(|block| block.iter().fold(true, |all, p| all & (S::load(p[3]) >= S::MAX)))
    }
    !format.has_alpha() || by_sample!(format, S => opaque::<S>(row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mixing_keeps_equal_samples_and_both_ends() {
        for value in [0_u8, 1, 127, 254, 255] {
            for weight in [0, 1, 32767, 65535, 65536] {
                assert_eq!(value.mix(value, weight), value);
                let deep = u16::from(value) * 257;
                assert_eq!(deep.mix(deep, weight), deep);
            }
            assert_eq!(value.mix(9, 0), value);
            assert_eq!(value.mix(9, 65536), 9);
        }
        assert_eq!(65535_u16.mix(0, 65536), 0);
        assert_eq!(0_u16.mix(65535, 65536), 65535);
    }
}
