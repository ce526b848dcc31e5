//! The pixel formats that only editors have, to and from the one each is stored in.
//!
//! On the wire their samples are little-endian; stored ones are native-endian. Grey is stored in all three colours. Back
//! to grey goes the luma of the picture's own values, by the weights of Rec. 709 (0.2126, 0.7152, 0.0722): a pixel of
//! three equal values gives that value to the bit. Floats and half floats are neither clamped nor multiplied, and what
//! is not a number stays that.

use bytemuck::cast;

use crate::convert::{luma8, luma16};
use crate::half::{f32_to_half, half_to_f32};
use crate::{Format, swizzle_bgra8_in_place, swizzle_bgra16_in_place};

/// How one pixel lies on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EditorFormat {
    /// Blue, green, red, alpha of one byte; stored as `rgba8`.
    Bgra8,
    /// Blue, green, red, alpha of two bytes; stored as `rgba16`.
    Bgra16,
    /// Red, green, blue, alpha as half floats; stored as `rgbaf32`.
    RgbaF16,
    /// Grey, alpha of one byte; stored as `rgba8`.
    GrayA8,
    /// Grey, alpha of two bytes; stored as `rgba16`.
    GrayA16,
    /// Grey, alpha as half floats; stored as `rgbaf32`.
    GrayAF16,
    /// Grey, alpha as floats; stored as `rgbaf32`.
    GrayAF32,
}

impl EditorFormat {
    /// Every format.
    pub const ALL: [Self; 7] = [
        Self::Bgra8,
        Self::Bgra16,
        Self::RgbaF16,
        Self::GrayA8,
        Self::GrayA16,
        Self::GrayAF16,
        Self::GrayAF32,
    ];

    /// The format in which it is stored.
    pub const fn stored(self) -> Format {
        match self {
            Self::Bgra8 | Self::GrayA8 => Format::Rgba8,
            Self::Bgra16 | Self::GrayA16 => Format::Rgba16,
            Self::RgbaF16 | Self::GrayAF16 | Self::GrayAF32 => Format::RgbaF32,
        }
    }

    /// Bytes of one pixel on the wire.
    pub const fn bytes_per_pixel(self) -> usize {
        match self {
            Self::GrayA8 => 2,
            Self::Bgra8 | Self::GrayA16 | Self::GrayAF16 => 4,
            Self::Bgra16 | Self::RgbaF16 | Self::GrayAF32 => 8,
        }
    }

    /// Appends pixels from the wire to stored rows; how many bytes of them were whole pixels.
    pub fn unpack(self, wire: &[u8], rows: &mut Vec<u8>) -> usize {
        let whole = wire.len() / self.bytes_per_pixel() * self.bytes_per_pixel();
        let wire = &wire[..whole];
        let start = rows.len();
        rows.resize(start + whole / self.bytes_per_pixel() * self.stored().bytes_per_pixel(), 0);
        let out = &mut rows[start..];
        let deep = |sample| u16::from_le_bytes(sample).to_ne_bytes();
        let half = |sample| half_to_f32(u16::from_le_bytes(sample)).to_ne_bytes();
        let float = |sample| f32::from_le_bytes(sample).to_ne_bytes();
        match self {
            Self::Bgra8 => {
                out.copy_from_slice(wire);
                swizzle_bgra8_in_place(out);
            }
            Self::Bgra16 => {
                out.copy_from_slice(wire);
                swizzle_bgra16_in_place(out);
            }
            Self::RgbaF16 => each(wire, out, half),
            Self::GrayA8 => each(wire, out, |[gray, alpha]| [gray, gray, gray, alpha]),
            Self::GrayA16 => each::<4, 8>(wire, out, |pixel| cast(coloured(cast(pixel), deep))),
            Self::GrayAF16 => each::<4, 16>(wire, out, |pixel| cast(coloured(cast(pixel), half))),
            Self::GrayAF32 => each::<8, 16>(wire, out, |pixel| cast(coloured(cast(pixel), float))),
        }
        whole
    }

    /// Tight rows of the stored format as they go over the wire.
    pub fn pack(self, mut rows: Vec<u8>) -> Vec<u8> {
        let wire = |rows: &[u8]| {
            vec![0; rows.len() / self.stored().bytes_per_pixel() * self.bytes_per_pixel()]
        };
        let half = |value: f32| f32_to_half(value).to_le_bytes();
        match self {
            Self::Bgra8 => {
                swizzle_bgra8_in_place(&mut rows);
                rows
            }
            Self::Bgra16 => {
                swizzle_bgra16_in_place(&mut rows);
                rows
            }
            Self::RgbaF16 => {
                let mut wire = wire(&rows);
                each(&rows, &mut wire, |sample| half(f32::from_ne_bytes(sample)));
                wire
            }
            Self::GrayA8 => {
                let mut wire = wire(&rows);
                each::<4, 2>(&rows, &mut wire, |pixel| [luma8(pixel), pixel[3]]);
                wire
            }
            Self::GrayA16 => {
                let mut wire = wire(&rows);
                each::<8, 4>(&rows, &mut wire, |pixel| {
                    let pixel = cast::<_, [[u8; 2]; 4]>(pixel).map(u16::from_ne_bytes);
                    cast([luma16(pixel), pixel[3]].map(u16::to_le_bytes))
                });
                wire
            }
            Self::GrayAF16 => {
                let mut wire = wire(&rows);
                each::<16, 4>(&rows, &mut wire, |pixel| {
                    cast(gray_of_floats(cast(pixel)).map(half))
                });
                wire
            }
            Self::GrayAF32 => {
                let mut wire = wire(&rows);
                each::<16, 8>(&rows, &mut wire, |pixel| {
                    cast(gray_of_floats(cast(pixel)).map(f32::to_le_bytes))
                });
                wire
            }
        }
    }
}

/// Samples or pixels of `FROM` bytes become ones of `TO` bytes.
fn each<const FROM: usize, const TO: usize>(
    from: &[u8],
    to: &mut [u8],
    change: impl Fn([u8; FROM]) -> [u8; TO],
) {
    for (to, from) in to.as_chunks_mut().0.iter_mut().zip(from.as_chunks().0) {
        *to = change(*from);
    }
}

/// Grey and alpha as colour and alpha.
fn coloured<From, To: Copy>([gray, alpha]: [From; 2], sample: impl Fn(From) -> To) -> [To; 4] {
    let gray = sample(gray);
    [gray, gray, gray, sample(alpha)]
}

/// Luma and alpha. Three equal values, to the bit, are that value: also infinities and what is not a number.
fn gray_of_floats([red, green, blue, alpha]: [[u8; 4]; 4]) -> [f32; 2] {
    let value = f32::from_ne_bytes;
    let gray = if red == green && green == blue {
        value(red)
    } else {
        0.2126 * value(red) + 0.7152 * value(green) + 0.0722 * value(blue)
    };
    [gray, value(alpha)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::pixels_mut;
    use proptest::prelude::*;

    /// What an editor may send: floats without the payloads that arithmetic does not keep.
    fn stored(format: EditorFormat, wire: &[u8]) -> Vec<u8> {
        let mut rows = Vec::new();
        assert_eq!(format.unpack(wire, &mut rows), wire.len());
        assert_eq!(
            rows.len() / format.stored().bytes_per_pixel(),
            wire.len() / format.bytes_per_pixel()
        );
        rows
    }

    proptest! {
        #[test]
        fn whatever_an_editor_sends_comes_back_to_the_bit(
            bytes in prop::collection::vec(any::<u8>(), 0..400),
            format in prop::sample::select(EditorFormat::ALL.to_vec()),
        ) {
            let whole = bytes.len() / format.bytes_per_pixel() * format.bytes_per_pixel();
            let wire = &bytes[..whole];
            prop_assert_eq!(format.pack(stored(format, wire)), wire);
        }

        #[test]
        fn rows_may_arrive_in_any_parts(
            bytes in prop::collection::vec(any::<u8>(), 64), cut in 0_usize..64,
            format in prop::sample::select(EditorFormat::ALL.to_vec()),
        ) {
            let mut rows = Vec::new();
            let taken = format.unpack(&bytes[..cut], &mut rows);
            format.unpack(&bytes[taken..], &mut rows);
            prop_assert_eq!(rows, stored(format, &bytes));
        }
    }

    #[test]
    fn gray_is_stored_as_three_equal_colours() {
        assert_eq!(stored(EditorFormat::GrayA8, &[7, 9, 255, 0]), [7, 7, 7, 9, 255, 255, 255, 0]);
        let rows = stored(EditorFormat::GrayA16, &[0x34, 0x12, 0x78, 0x56]);
        let samples: Vec<u16> =
            rows.as_chunks().0.iter().map(|it| u16::from_ne_bytes(*it)).collect();
        assert_eq!(samples, [0x1234, 0x1234, 0x1234, 0x5678]);
        let floats = |rows: &[u8]| -> Vec<f32> {
            rows.as_chunks().0.iter().map(|it| f32::from_ne_bytes(*it)).collect()
        };
        // 1.5 and 1 as halves.
        let rows = stored(EditorFormat::GrayAF16, &[0x00, 0x3e, 0x00, 0x3c]);
        assert_eq!(floats(&rows), [1.5, 1.5, 1.5, 1.0]);
        let wire = [(-2.5_f32).to_le_bytes(), 0.25_f32.to_le_bytes()].concat();
        assert_eq!(floats(&stored(EditorFormat::GrayAF32, &wire)), [-2.5, -2.5, -2.5, 0.25]);
    }

    #[test]
    fn colour_becomes_its_luma() {
        assert_eq!(EditorFormat::GrayA8.pack(vec![255, 0, 0, 3, 0, 255, 0, 4]), [54, 3, 182, 4]);
        let mut rows = vec![0; 16];
        pixels_mut::<f32>(&mut rows)[0] = [2.0_f32, 1.0, -1.0, 0.5].map(f32::to_ne_bytes);
        let wire = EditorFormat::GrayAF32.pack(rows);
        let gray = f32::from_le_bytes(*wire.first_chunk().unwrap());
        assert!((gray - 1.0682).abs() < 1e-6, "{gray}");
    }
}
