//! Depth without a curve, for pictures that carry a profile: their values are those of the profile at every depth, so
//! that a float is an integer divided by the largest one. Where there is no profile, `convert` is right instead.

use crate::sample::{pixels, pixels_mut, samples, samples_mut};
use crate::transfer::unit;
use crate::{Format, Picture, View, convert};

/// The picture in another format, with the same values: 255, 65535 and 1.0 are one. Floats outside 0 to 1 are clamped by
/// the integer formats. Between those it does what `convert` does. The profile is left behind: a view has none.
pub fn rescale(view: View<'_>, format: Format) -> Picture {
    use Format::{Gray8, Rgba8, Rgba16, RgbaF32};
    match (view.format(), format) {
        (RgbaF32, RgbaF32) | (Gray8 | Rgba8 | Rgba16, Gray8 | Rgba8 | Rgba16) => {
            convert(view, format)
        }
        // Over 16 bits, which hold more than 8 can tell apart.
        (RgbaF32, Gray8) => convert(rescale(view, Rgba16).view(), Gray8),
        (Gray8, RgbaF32) => rescale(convert(view, Rgba8).view(), RgbaF32),
        (from, to) => {
            let mut picture = Picture::blank(to, view.size());
            for (out, row) in picture.view_mut().rows_mut().zip(view.rows()) {
                rescale_row(from, row, to, out);
            }
            picture
        }
    }
}

fn rescale_row(from: Format, row: &[u8], to: Format, out: &mut [u8]) {
    match (from, to) {
        (Format::Rgba8, _) => {
            for (out, value) in samples_mut::<f32>(out).iter_mut().zip(row) {
                *out = (f32::from(*value) / 255.0).to_ne_bytes();
            }
        }
        (Format::Rgba16, _) => {
            for (out, value) in samples_mut::<f32>(out).iter_mut().zip(samples::<u16>(row)) {
                *out = (f32::from(u16::from_ne_bytes(*value)) / 65535.0).to_ne_bytes();
            }
        }
        (_, Format::Rgba8) => {
            for (out, pixel) in pixels_mut::<u8>(out).iter_mut().zip(pixels::<f32>(row)) {
                *out = pixel.map(|raw| (unit(f32::from_ne_bytes(raw)) * 255.0 + 0.5) as u8);
            }
        }
        (_, _) => {
            for (out, pixel) in pixels_mut::<u16>(out).iter_mut().zip(pixels::<f32>(row)) {
                *out = pixel.map(|raw| {
                    ((unit(f32::from_ne_bytes(raw)) * 65535.0 + 0.5) as u16).to_ne_bytes()
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Size;

    #[test]
    fn every_integer_comes_back_from_floats() {
        let size = Size::new(256, 64);
        let deep: Vec<u8> = (0..=u16::MAX).flat_map(u16::to_ne_bytes).collect();
        let deep = Picture::from_pixels(Format::Rgba16, size, deep).unwrap();
        let light = rescale(deep.view(), Format::RgbaF32);
        assert_eq!(rescale(light.view(), Format::Rgba16).pixels(), deep.pixels());
        let eight = convert(deep.view(), Format::Rgba8);
        let light = rescale(eight.view(), Format::RgbaF32);
        assert_eq!(rescale(light.view(), Format::Rgba8).pixels(), eight.pixels());
        let gray = convert(eight.view(), Format::Gray8);
        let light = rescale(gray.view(), Format::RgbaF32);
        assert_eq!(rescale(light.view(), Format::Gray8).pixels(), gray.pixels());
    }

    #[test]
    fn no_curve_is_applied_and_the_range_is_kept() {
        let bytes = [0.5_f32, -3.0, f32::NAN, 7.0].iter().flat_map(|it| it.to_ne_bytes()).collect();
        let picture = Picture::from_pixels(Format::RgbaF32, Size::new(1, 1), bytes).unwrap();
        assert_eq!(rescale(picture.view(), Format::Rgba8).pixels(), [128, 0, 0, 255]);
    }
}
