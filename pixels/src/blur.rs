//! Box blur and a near-Gaussian made of three of them, for masks and for 8-bit pictures.
//!
//! Running sums, so the cost does not grow with the radius; 16 bits between the passes, so that three passes round as
//! one. Colour is weighted by alpha. At the border the edge pixels go on outward.

use crate::sample::pixels;
use crate::{Format, Picture, View, convert};

/// The largest radius that counts; sums stay inside 31 bits.
const MAX_RADIUS: u32 = 16_000;

/// The mean over a square of `2 * radius + 1` pixels. Deeper formats are blurred at 8 bits.
pub fn box_blur(view: View<'_>, radius: u32) -> Picture {
    blur(view, &[radius])
}

/// Close to a Gaussian of standard deviation `sigma` pixels: three boxes. Zero, or what is not a number, is a copy.
pub fn gaussian_blur(view: View<'_>, sigma: f32) -> Picture {
    blur(view, &box_radii(sigma))
}

/// Radii of three boxes whose variances add up to that of the Gaussian, as near as whole pixels allow.
fn box_radii(sigma: f32) -> [u32; 3] {
    let variance = if sigma > 0.0 { f64::from(sigma).min(8_000.0).powi(2) } else { 0.0 };
    // A box of radius r has variance r (r + 1) / 3. Take the largest radius for all three that does not pass, then
    // widen single ones while that comes nearer.
    let of = |radius: u32| f64::from(radius) * f64::from(radius + 1) / 3.0;
    let small = (((1.0 + 4.0 * variance).sqrt() - 1.0) / 2.0).floor() as u32;
    let error = |wide: u32| {
        (of(small) * f64::from(3 - wide) + of(small + 1) * f64::from(wide) - variance).abs()
    };
    let wide = (0..=3).min_by(|a, b| error(*a).total_cmp(&error(*b))).unwrap_or(0);
    std::array::from_fn(|index| small + u32::from((index as u32) < wide))
}

fn blur(view: View<'_>, radii: &[u32]) -> Picture {
    match view.format() {
        Format::Gray8 => blur_gray(view, radii),
        Format::Rgba8 => blur_colour(view, radii),
        Format::Rgba16 | Format::RgbaF32 => blur_colour(convert(view, Format::Rgba8).view(), radii),
    }
}

fn blur_gray(view: View<'_>, radii: &[u32]) -> Picture {
    let mut plane = Vec::with_capacity(view.size().area() as usize);
    for row in view.rows() {
        plane.extend(row.iter().map(|value| u16::from(*value) * 257));
    }
    passes::<1>(&mut plane, view.width() as usize, radii);
    let mut out = Picture::blank(Format::Gray8, view.size());
    for (out, value) in out.pixels_mut().iter_mut().zip(&plane) {
        *out = crate::convert::narrow(*value);
    }
    out
}

fn blur_colour(view: View<'_>, radii: &[u32]) -> Picture {
    let mut plane = Vec::with_capacity(view.size().area() as usize * 4);
    for row in view.rows() {
        plane.extend(pixels::<u8>(row).iter().flat_map(|&[red, green, blue, alpha]| {
            let times =
                |value: u8| ((u32::from(value) * u32::from(alpha) * 257 + 127) / 255) as u16;
            [times(red), times(green), times(blue), u16::from(alpha) * 257]
        }));
    }
    passes::<4>(&mut plane, view.width() as usize, radii);
    let mut out = Picture::blank(Format::Rgba8, view.size());
    for (out, &[red, green, blue, alpha]) in
        crate::sample::pixels_mut::<u8>(out.pixels_mut()).iter_mut().zip(plane.as_chunks::<4>().0)
    {
        let alpha32 = u32::from(alpha).max(1);
        let over = |value: u16| ((u32::from(value) * 255 + alpha32 / 2) / alpha32).min(255) as u8;
        *out = [over(red), over(green), over(blue), crate::convert::narrow(alpha)];
    }
    out
}

/// Blurs a plane of `CHANNELS` interleaved samples, once per radius, in place.
fn passes<const CHANNELS: usize>(plane: &mut Vec<u16>, width: usize, radii: &[u32]) {
    let radii =
        radii.iter().map(|radius| (*radius).min(MAX_RADIUS) as usize).filter(|radius| *radius > 0);
    let mut line = vec![0; width * CHANNELS];
    let mut other = Vec::new();
    for radius in radii {
        for row in plane.chunks_exact_mut(width * CHANNELS) {
            line.copy_from_slice(row);
            along::<CHANNELS>(&line, row, radius);
        }
        other.resize(plane.len(), 0);
        down(plane, &mut other, width * CHANNELS, radius);
        std::mem::swap(plane, &mut other);
    }
}

/// Division of a sum by the side of the box, rounded, as one multiplication: off by at most one step of 16 bits.
#[derive(Clone, Copy)]
struct Divisor {
    half: u32,
    reciprocal: u64,
}

impl Divisor {
    fn of(radius: usize) -> Self {
        let side = 2 * radius as u64 + 1;
        Self { half: radius as u32, reciprocal: (1_u64 << 32).div_ceil(side) }
    }

    #[inline]
    fn divide(self, sum: u32) -> u16 {
        ((u64::from(sum + self.half) * self.reciprocal) >> 32) as u16
    }
}

/// One row: a running sum per channel.
fn along<const CHANNELS: usize>(from: &[u16], to: &mut [u16], radius: usize) {
    let from = from.as_chunks::<CHANNELS>().0;
    let last = from.len() - 1;
    let divisor = Divisor::of(radius);
    // The edge goes on outward: what lies before the row, then what lies in it, then what lies behind.
    let mut sums: [u32; CHANNELS] = std::array::from_fn(|channel| {
        let inside: u32 =
            from[1..=radius.min(last)].iter().map(|pixel| u32::from(pixel[channel])).sum();
        let behind = u32::from(from[last][channel]) * radius.saturating_sub(last) as u32;
        u32::from(from[0][channel]) * (radius as u32 + 1) + inside + behind
    });
    for (x, out) in to.as_chunks_mut::<CHANNELS>().0.iter_mut().enumerate() {
        let enters = from[(x + radius + 1).min(last)];
        let leaves = from[x.saturating_sub(radius)];
        for channel in 0..CHANNELS {
            out[channel] = divisor.divide(sums[channel]);
            // What leaves is part of the sum, so this order cannot fall below zero.
            sums[channel] = sums[channel] + u32::from(enters[channel]) - u32::from(leaves[channel]);
        }
    }
}

/// All columns at once: one running sum per sample of a row.
fn down(from: &[u16], to: &mut [u16], row: usize, radius: usize) {
    let last = from.len() / row - 1;
    let line = |y: usize| &from[y.min(last) * row..][..row];
    let divisor = Divisor::of(radius);
    let mut sums: Vec<u32> =
        line(0).iter().map(|value| u32::from(*value) * (radius as u32 + 1)).collect();
    for y in 1..=radius {
        for (sum, value) in sums.iter_mut().zip(line(y)) {
            *sum += u32::from(*value);
        }
    }
    for (y, out) in to.chunks_exact_mut(row).enumerate() {
        let (enters, leaves) = (line(y + radius + 1), line(y.saturating_sub(radius)));
        for (((out, sum), enters), leaves) in out.iter_mut().zip(&mut sums).zip(enters).zip(leaves)
        {
            *out = divisor.divide(*sum);
            *sum = *sum + u32::from(*enters) - u32::from(*leaves);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Size;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_box_is_the_mean_of_its_square(
            width in 1_i64..12, height in 1_i64..12, radius in 0_i64..15, seed in any::<u8>(),
        ) {
            let size = Size::new(width as u32, height as u32);
            let bytes: Vec<u8> = (0..size.area()).map(|i| (i as u8).wrapping_mul(73).wrapping_add(seed)).collect();
            let view = View::tight(Format::Gray8, size, &bytes).unwrap();
            let blurred = box_blur(view, radius as u32);
            for y in 0..height {
                for x in 0..width {
                    let mut sum = 0.0;
                    for dy in -radius..=radius {
                        for dx in -radius..=radius {
                            let (x, y) = ((x + dx).clamp(0, width - 1), (y + dy).clamp(0, height - 1));
                            sum += f64::from(bytes[(y * width + x) as usize]);
                        }
                    }
                    let mean = sum / ((2 * radius + 1) * (2 * radius + 1)) as f64;
                    let found = f64::from(blurred.pixels()[(y * width + x) as usize]);
                    prop_assert!((found - mean).abs() <= 0.51, "{} {}", found, mean);
                }
            }
        }

        #[test]
        fn a_flat_picture_stays_flat(sigma in 0.0_f32..40.0, colour in any::<[u8; 3]>(), alpha in 1_u8..=255) {
            let [red, green, blue] = colour;
            let pixel = [red, green, blue, alpha];
            let picture = Picture::from_pixels(Format::Rgba8, Size::new(9, 6), pixel.repeat(54)).unwrap();
            let blurred = gaussian_blur(picture.view(), sigma);
            prop_assert!(blurred.pixels().chunks(4).all(|found| found == pixel));
        }
    }

    #[test]
    fn three_boxes_have_the_variance_of_the_gaussian() {
        for sigma in [0.5_f32, 1.0, 2.5, 10.0, 77.0] {
            let variance: f64 =
                box_radii(sigma).iter().map(|r| f64::from(*r) * f64::from(r + 1) / 3.0).sum();
            let wanted = f64::from(sigma).powi(2);
            assert!(
                (variance - wanted).abs() <= 0.35 + f64::from(sigma) / 2.0,
                "{sigma}: {variance}"
            );
        }
        assert_eq!(box_radii(f32::NAN), [0; 3]);
        assert_eq!(box_radii(0.0), [0; 3]);
    }

    #[test]
    fn transparent_pixels_lend_no_colour() {
        let mut bytes = [200, 10, 10, 255].repeat(5);
        bytes.extend([0, 255, 0, 0].repeat(5));
        let picture = Picture::from_pixels(Format::Rgba8, Size::new(10, 1), bytes).unwrap();
        let blurred = box_blur(picture.view(), 3);
        assert!(blurred.pixels().chunks(4).all(|p| p[3] == 0 || (p[0] >= 199 && p[1] <= 11)));
    }
}
