//! The colours of a subject without its background. A pixel at the edge of hair is half hair, half
//! what was behind it; on a new background the old one would glow as a halo. Both colours are
//! estimated around each pixel from what is surely one or the other, and the pixel's own colour
//! corrects the estimate ("blur fusion", Forte 2021). Inside the subject nothing changes.

use easel_backend::Result;
use easel_pixels::blur::gaussian_blur;
use easel_pixels::{Picture, Size, View, resize};

use crate::tensor::{Planes, byte, layout};
use crate::zoom::Axis;

/// The estimates are smooth: so many pixels are enough for them.
const MOST: f64 = 1_500_000.0;
/// How far colours are looked for, of the longer side.
const REACH: f32 = 0.012;

/// The estimates, ready to be asked for rows.
pub(crate) struct Foreground<'a> {
    source: View<'a>,
    mask: View<'a>,
    inside: Planes,
    outside: Planes,
    columns: Axis,
    rows: Axis,
}

impl<'a> Foreground<'a> {
    /// `source` is opaque `rgba8`, `mask` is `gray8` of its size.
    pub(crate) fn new(source: View<'a>, mask: View<'a>) -> Result<Self> {
        let size = source.size();
        let small = reduced_size(size);
        let inside = estimate(source, mask, small, sure)?;
        let outside = estimate(source, mask, small, |value| sure(255 - value))?;
        let columns = Axis::new(small.width, size.width, 0, size.width);
        let rows = Axis::new(small.height, size.height, 0, size.height);
        Ok(Foreground { source, mask, inside, outside, columns, rows })
    }

    /// Row `y` of the subject: its colours and, as alpha, its coverage.
    pub(crate) fn row(&self, y: u32, out: &mut [u8]) {
        let (source, mask) = (self.source.row(y), self.mask.row(y));
        out.copy_from_slice(source);
        for (pixel, alpha) in out.chunks_exact_mut(4).zip(mask) {
            pixel[3] = *alpha;
        }
        if mask.iter().all(|value| matches!(*value, 0 | 255)) {
            return;
        }
        let width = self.inside.size.width as usize;
        let mut narrow = vec![0.0; width];
        let mut line = |planes: &Planes, channel: usize| {
            let mut wide = vec![0.0; source.len() / 4];
            self.rows.mix_rows(planes.plane(channel), width, y as usize, &mut narrow);
            self.columns.mix_columns(&narrow, &mut wide);
            wide
        };
        for channel in 0..3 {
            let (inside, outside) = (line(&self.inside, channel), line(&self.outside, channel));
            for (x, pixel) in out.chunks_exact_mut(4).enumerate() {
                if !matches!(pixel[3], 0 | 255) {
                    let (alpha, own) =
                        (f32::from(pixel[3]) / 255.0, f32::from(pixel[channel]) / 255.0);
                    let missing = own - alpha * inside[x] - (1.0 - alpha) * outside[x];
                    pixel[channel] = byte((inside[x] + alpha * missing).clamp(0.0, 1.0));
                }
            }
        }
    }
}

fn reduced_size(size: Size) -> Size {
    let scale = (MOST / size.area() as f64).sqrt().min(1.0);
    let side = |length: u32| ((f64::from(length) * scale).round() as u32).max(1);
    Size::new(side(size.width), side(size.height))
}

/// Pixels that are half one and half the other say little about either.
fn sure(share: u8) -> u8 {
    let share = f32::from(share) / 255.0;
    byte(share.powi(4))
}

/// The mean colour around each pixel of what `share` of the mask counts.
fn estimate(
    source: View<'_>,
    mask: View<'_>,
    small: Size,
    share: impl Fn(u8) -> u8,
) -> Result<Planes> {
    let mut weighted = Picture::from_view(source);
    for (row, mask) in weighted.view_mut().rows_mut().zip(mask.rows()) {
        for (pixel, mask) in row.chunks_exact_mut(4).zip(mask) {
            pixel[3] = share(*mask);
        }
    }
    let weighted = resize(weighted.view(), small).map_err(layout)?;
    let sigma = (small.long_side() as f32 * REACH).max(4.0);
    let mut near = gaussian_blur(weighted.view(), sigma);
    // Where little counts nearby, look much farther.
    let far = gaussian_blur(weighted.view(), sigma * 8.0);
    mix_far(&mut near, &far);
    Planes::of(near.view(), small)
}

/// Colours of `far` where `near` (both `rgba8`, alpha is how much counted) knows little, without a step.
/// The result is opaque.
pub(crate) fn mix_far(near: &mut Picture, far: &Picture) {
    /// So much alpha is enough to go by.
    const ENOUGH: u32 = 64;
    for (pixel, far) in near.pixels_mut().chunks_exact_mut(4).zip(far.pixels().chunks_exact(4)) {
        let known = u32::from(pixel[3]).min(ENOUGH);
        for (value, far) in pixel[..3].iter_mut().zip(far) {
            let mixed = u32::from(*value) * known + u32::from(*far) * (ENOUGH - known);
            *value = ((mixed + ENOUGH / 2) / ENOUGH) as u8;
        }
        pixel[3] = 255;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use easel_pixels::Format;

    #[test]
    fn the_background_leaves_the_edge() {
        // Red subject, green background, and an edge of 8 pixels between them.
        let size = Size::new(80, 80);
        let coverage = |x: u32| 44_u32.saturating_sub(x).saturating_mul(32).min(255);
        let (mut colours, mut mask) = (Vec::new(), Vec::new());
        for _ in 0..80 {
            for x in 0..80 {
                let alpha = coverage(x);
                colours.extend_from_slice(&[
                    (220 * alpha / 255) as u8,
                    (200 * (255 - alpha) / 255) as u8,
                    10,
                    255,
                ]);
                mask.push(alpha as u8);
            }
        }
        let source = Picture::from_pixels(Format::Rgba8, size, colours).unwrap();
        let mask = Picture::from_pixels(Format::Gray8, size, mask).unwrap();
        let foreground = Foreground::new(source.view(), mask.view()).unwrap();
        let mut row = vec![0; 80 * 4];
        foreground.row(40, &mut row);
        for (x, pixel) in row.chunks_exact(4).enumerate() {
            assert_eq!(u32::from(pixel[3]), coverage(x as u32));
            if (36..44).contains(&x) {
                assert!(pixel[0] > 180 && pixel[1] < 35, "{x}: {pixel:?}");
            }
            if x < 36 {
                assert_eq!(pixel[..3], [220, 0, 10], "{x}");
            }
        }
    }
}
