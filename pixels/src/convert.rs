//! Conversion between the four formats, row by row.
//!
//! 8 to 16 bits and back is exact (times 257), 8 or 16 bits to float and back is exact (through the sRGB curve).
//! Grey from colour is Rec. 709 luma of the gamma-coded values; alpha is dropped then, and opaque when it is made.
//! Values of a float picture outside 0 to 1 are clamped by the integer formats. Profiles are not applied here.

use crate::sample::{pixels, pixels_mut};
use crate::transfer::{ENCODE, Encoder, LIGHT_OF_8, LIGHT_OF_16, unit};
use crate::{Format, Picture, View};

/// The picture in another format. The same format is a copy. The profile is left behind: a view has none.
pub fn convert(view: View<'_>, format: Format) -> Picture {
    if view.format() == format {
        return Picture::from_view(view);
    }
    let mut picture = Picture::blank(format, view.size());
    let mut converter = Converter::new(view.format(), format, view.width());
    for (to, from) in picture.view_mut().rows_mut().zip(view.rows()) {
        converter.row(from, to);
    }
    picture
}

/// Converts rows of one format to another; holds what the row loop needs, so that it is looked up once.
pub(crate) struct Converter {
    from: Format,
    to: Format,
    encoder: &'static Encoder,
    light8: &'static [f32; 256],
    light16: &'static [f32],
    /// One row in 8-bit colour, for the two conversions that go over it.
    between: Vec<u8>,
}

impl Converter {
    pub(crate) fn new(from: Format, to: Format, width: u32) -> Self {
        let through = to == Format::Gray8 && from == Format::RgbaF32;
        let between = if through { vec![0; width as usize * 8] } else { Vec::new() };
        Self { from, to, encoder: &ENCODE, light8: &LIGHT_OF_8, light16: &LIGHT_OF_16, between }
    }

    /// Converts one row; both slices hold the same number of pixels.
    pub(crate) fn row(&mut self, from: &[u8], to: &mut [u8]) {
        use Format::{Gray8, Rgba8, Rgba16, RgbaF32};
        match (self.from, self.to) {
            (Gray8, Gray8) | (Rgba8, Rgba8) | (Rgba16, Rgba16) | (RgbaF32, RgbaF32) => {
                to.copy_from_slice(from);
            }
            (Gray8, Rgba8) => {
                for (out, &value) in pixels_mut::<u8>(to).iter_mut().zip(from) {
                    *out = [value, value, value, 255];
                }
            }
            (Gray8, Rgba16) => {
                for (out, &value) in pixels_mut::<u16>(to).iter_mut().zip(from) {
                    // Both bytes of `value * 257` are `value`, whatever the byte order.
                    *out = [[value; 2], [value; 2], [value; 2], [255; 2]];
                }
            }
            (Gray8, RgbaF32) => {
                for (out, &value) in pixels_mut::<f32>(to).iter_mut().zip(from) {
                    let light = self.light8[usize::from(value)].to_ne_bytes();
                    *out = [light, light, light, 1.0_f32.to_ne_bytes()];
                }
            }
            (Rgba8, Gray8) => {
                for (out, pixel) in to.iter_mut().zip(pixels::<u8>(from)) {
                    *out = luma8(*pixel);
                }
            }
            (Rgba8, Rgba16) => {
                for (out, &value) in
                    bytemuck::cast_slice_mut::<u8, [u8; 2]>(to).iter_mut().zip(from)
                {
                    *out = [value; 2];
                }
            }
            (Rgba8, RgbaF32) => {
                for (out, pixel) in pixels_mut::<f32>(to).iter_mut().zip(pixels::<u8>(from)) {
                    let light =
                        |channel: usize| self.light8[usize::from(pixel[channel])].to_ne_bytes();
                    *out =
                        [light(0), light(1), light(2), (f32::from(pixel[3]) / 255.0).to_ne_bytes()];
                }
            }
            (Rgba16, Gray8) => {
                for (out, pixel) in to.iter_mut().zip(pixels::<u16>(from)) {
                    *out = narrow(luma16(pixel.map(u16::from_ne_bytes)));
                }
            }
            (Rgba16, Rgba8) => {
                for (out, raw) in to.iter_mut().zip(bytemuck::cast_slice::<u8, [u8; 2]>(from)) {
                    *out = narrow(u16::from_ne_bytes(*raw));
                }
            }
            (Rgba16, RgbaF32) => {
                for (out, pixel) in pixels_mut::<f32>(to).iter_mut().zip(pixels::<u16>(from)) {
                    let pixel = pixel.map(u16::from_ne_bytes);
                    let light =
                        |channel: usize| self.light16[usize::from(pixel[channel])].to_ne_bytes();
                    *out = [
                        light(0),
                        light(1),
                        light(2),
                        (f32::from(pixel[3]) / 65535.0).to_ne_bytes(),
                    ];
                }
            }
            (RgbaF32, Rgba8) => {
                for (out, pixel) in pixels_mut::<u8>(to).iter_mut().zip(pixels::<f32>(from)) {
                    *out = self.encoded(*pixel).map(|value| (value * 255.0 + 0.5) as u8);
                }
            }
            (RgbaF32, Rgba16) => {
                for (out, pixel) in pixels_mut::<u16>(to).iter_mut().zip(pixels::<f32>(from)) {
                    *out = self
                        .encoded(*pixel)
                        .map(|value| ((value * 65535.0 + 0.5) as u16).to_ne_bytes());
                }
            }
            (RgbaF32, Gray8) => {
                // Luma of gamma-coded values, so that float and 16-bit copies of one picture have one grey.
                let mut between = std::mem::take(&mut self.between);
                for (out, pixel) in
                    pixels_mut::<u16>(&mut between).iter_mut().zip(pixels::<f32>(from))
                {
                    *out = self
                        .encoded(*pixel)
                        .map(|value| ((value * 65535.0 + 0.5) as u16).to_ne_bytes());
                }
                for (out, pixel) in to.iter_mut().zip(pixels::<u16>(&between)) {
                    *out = narrow(luma16(pixel.map(u16::from_ne_bytes)));
                }
                self.between = between;
            }
        }
    }

    /// Gamma-coded colour and clamped alpha, 0 to 1.
    #[inline]
    fn encoded(&self, raw: [[u8; 4]; 4]) -> [f32; 4] {
        let [red, green, blue, alpha] = raw.map(f32::from_ne_bytes);
        let code = |light| self.encoder.encode(light);
        [code(red), code(green), code(blue), unit(alpha)]
    }
}

/// A 16-bit sample at 8 bits: `value / 257`, rounded to nearest.
#[inline]
pub(crate) fn narrow(value: u16) -> u8 {
    ((u32::from(value) * 255 + 32895) >> 16) as u8
}

/// Rec. 709 luma of an 8-bit pixel; grey stays exactly what it is.
#[inline]
pub(crate) fn luma8(pixel: [u8; 4]) -> u8 {
    let [red, green, blue, _] = pixel.map(u32::from);
    ((red * 13933 + green * 46871 + blue * 4732 + 32768) >> 16) as u8
}

/// Rec. 709 luma of a 16-bit pixel.
#[inline]
pub(crate) fn luma16(pixel: [u16; 4]) -> u16 {
    let [red, green, blue, _] = pixel.map(u32::from);
    // The weights add up to 65536, so the sum is at most 65535 * 65536 and the rounding still fits.
    ((red * 13933 + green * 46871 + blue * 4732 + 32768) >> 16) as u16
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Size;
    use proptest::prelude::*;

    #[test]
    fn narrowing_rounds_to_nearest() {
        for value in 0..=65535_u16 {
            assert_eq!(narrow(value), ((u32::from(value) + 128) / 257) as u8, "{value}");
        }
        for value in 0..=255_u8 {
            assert_eq!(luma8([value, value, value, 7]), value);
            let deep = u16::from(value) * 257;
            assert_eq!(luma16([deep, deep, deep, 7]), deep);
        }
    }

    proptest! {
        #[test]
        fn deeper_and_back_is_exact(width in 1_u32..9, height in 1_u32..9, seed in any::<u64>()) {
            let size = Size::new(width, height);
            let mut state = seed;
            let mut bytes = |count: usize| -> Vec<u8> {
                (0..count).map(|_| { state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(99); (state >> 56) as u8 }).collect()
            };
            let small = bytes(size.area() as usize * 4);
            let deep = bytes(size.area() as usize * 8);
            let small = View::tight(Format::Rgba8, size, &small).unwrap();
            let deep = View::tight(Format::Rgba16, size, &deep).unwrap();
            for through in [Format::Rgba16, Format::RgbaF32] {
                let there = convert(small, through);
                let back = convert(there.view(), Format::Rgba8);
                prop_assert_eq!(back.pixels(), small.as_tight().unwrap());
            }
            let there = convert(deep, Format::RgbaF32);
            let back = convert(there.view(), Format::Rgba16);
            prop_assert_eq!(back.pixels(), deep.as_tight().unwrap());
            // One picture has one grey at every depth.
            let gray = convert(small, Format::Gray8);
            for through in [Format::Rgba16, Format::RgbaF32] {
                let other = convert(convert(small, through).view(), Format::Gray8);
                for (a, b) in gray.pixels().iter().zip(other.pixels()) {
                    prop_assert!(a.abs_diff(*b) <= 1);
                }
            }
            for format in Format::ALL {
                let out = convert(gray.view(), format);
                let back = convert(out.view(), Format::Gray8);
                prop_assert_eq!(back.pixels(), gray.pixels());
            }
        }
    }
}
