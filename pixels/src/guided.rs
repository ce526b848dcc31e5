//! The guided filter: a coarse mask takes on the edges of the picture it belongs to.
//!
//! In every small window the mask is explained as a linear function of the picture's colour (He, Sun and Tang); the
//! coefficients are found on a smaller copy, which changes nothing to see and bounds the memory, and applied to the
//! full picture. Pure arithmetic on two views.

use crate::plane::box_mean;
use crate::sample::pixels;
use crate::{Format, LayoutError, Picture, Size, View, convert};

/// The coefficients are found on at most this many pixels: about 170 MiB of planes.
const MOST_PIXELS: u64 = 2 << 20;

/// Refines `mask` along the edges of `guide`, both of one size. `radius` is how far, in pixels, the mask may be off;
/// `epsilon` is how much contrast (variance of colour, 0 to 1) counts as an edge: 1e-4 follows hair, 1e-2 only strong
/// outlines. The result is `gray8`. A guide deeper than 8 bits is looked at with 8; its alpha is not looked at.
pub fn guided_filter(
    guide: View<'_>,
    mask: View<'_>,
    radius: u32,
    epsilon: f32,
) -> Result<Picture, LayoutError> {
    // A quarter of the radius is the step that the inventors found to be free of loss.
    guided_filter_subsampled(guide, mask, radius, epsilon, (radius / 4).max(1))
}

/// As [`guided_filter`], with the coefficients found on every `subsample`-th pixel each way (averaged, 1 = all; raised
/// where the picture is too large for that).
pub fn guided_filter_subsampled(
    guide: View<'_>,
    mask: View<'_>,
    radius: u32,
    epsilon: f32,
    subsample: u32,
) -> Result<Picture, LayoutError> {
    mask.expect_size(guide.size())?;
    let colours;
    let guide = if guide.format() == Format::Rgba8 {
        guide
    } else {
        colours = convert(guide, Format::Rgba8);
        colours.view()
    };
    let mut held = None;
    let mask = crate::mask::gray(mask, &mut held);
    let least = (guide.size().area() as f64 / MOST_PIXELS as f64).sqrt().ceil() as u32;
    let step = subsample.max(least).clamp(1, guide.size().long_side());
    let epsilon = if epsilon > 1e-7 { epsilon } else { 1e-7 };

    let small = Size::new(guide.width().div_ceil(step), guide.height().div_ceil(step));
    let samples = averaged(guide, mask, small, step as usize);
    let mut coefficients =
        fit(&samples, small.width as usize, (radius / step).max(1) as usize, epsilon);
    drop(samples);
    box_mean(&mut coefficients, small.width as usize, (radius / step).max(1) as usize);
    Ok(apply(guide, &coefficients, small, step))
}

/// Red, green, blue and mask, 0 to 1, averaged over squares of `step` pixels.
fn averaged(guide: View<'_>, mask: View<'_>, small: Size, step: usize) -> Vec<[f32; 4]> {
    let (width, height) = (small.width as usize, guide.height() as usize);
    let mut samples = Vec::with_capacity(width * small.height as usize);
    let mut sums = vec![[0_u32; 4]; width];
    for (y, (colours, values)) in guide.rows().zip(mask.rows()).enumerate() {
        for (sum, (colours, values)) in
            sums.iter_mut().zip(pixels::<u8>(colours).chunks(step).zip(values.chunks(step)))
        {
            for (&[red, green, blue, _], &value) in colours.iter().zip(values) {
                for (sum, value) in sum.iter_mut().zip([red, green, blue, value]) {
                    *sum += u32::from(value);
                }
            }
        }
        if (y + 1).is_multiple_of(step) || y + 1 == height {
            let rows = y % step + 1;
            samples.extend(sums.iter().enumerate().map(|(x, sum)| {
                let columns = step.min(guide.width() as usize - x * step);
                let scale = 1.0 / (255.0 * (rows * columns) as f32);
                sum.map(|sum| sum as f32 * scale)
            }));
            sums.fill([0; 4]);
        }
    }
    samples
}

/// For every window the factors of red, green and blue, and the constant, that explain the mask best.
fn fit(samples: &[[f32; 4]], width: usize, radius: usize, epsilon: f32) -> Vec<[f32; 4]> {
    // Means of the four values, of their products with the mask, and of the products of colours.
    let mut means = samples.to_vec();
    let mut with_mask: Vec<[f32; 3]> =
        samples.iter().map(|&[r, g, b, p]| [r * p, g * p, b * p]).collect();
    let mut products: Vec<[f32; 6]> =
        samples.iter().map(|&[r, g, b, _]| [r * r, r * g, r * b, g * g, g * b, b * b]).collect();
    box_mean(&mut means, width, radius);
    box_mean(&mut with_mask, width, radius);
    box_mean(&mut products, width, radius);
    for ((mean, with_mask), products) in means.iter_mut().zip(&with_mask).zip(&products) {
        let [r, g, b, p] = mean.map(f64::from);
        let [rr, rg, rb, gg, gb, bb] = products.map(f64::from);
        let epsilon = f64::from(epsilon);
        // Covariances of colour with colour (symmetric) and of colour with mask.
        let (rr, rg, rb) = (rr - r * r + epsilon, rg - r * g, rb - r * b);
        let (gg, gb, bb) = (gg - g * g + epsilon, gb - g * b, bb - b * b + epsilon);
        let [pr, pg, pb] = with_mask.map(f64::from);
        let (pr, pg, pb) = (pr - r * p, pg - g * p, pb - b * p);
        // The inverse of the symmetric matrix by its cofactors; epsilon keeps the determinant above zero.
        let (c_rr, c_rg, c_rb) = (gg * bb - gb * gb, rb * gb - rg * bb, rg * gb - gg * rb);
        let (c_gg, c_gb, c_bb) = (rr * bb - rb * rb, rg * rb - rr * gb, rr * gg - rg * rg);
        let determinant = rr * c_rr + rg * c_rg + rb * c_rb;
        let scale = if determinant > 0.0 { 1.0 / determinant } else { 0.0 };
        let red = (c_rr * pr + c_rg * pg + c_rb * pb) * scale;
        let green = (c_rg * pr + c_gg * pg + c_gb * pb) * scale;
        let blue = (c_rb * pr + c_gb * pg + c_bb * pb) * scale;
        let constant = p - red * r - green * g - blue * b;
        *mean = [red, green, blue, constant].map(|value| value as f32);
    }
    means
}

/// The mask at full size: the smoothly enlarged coefficients, times the colours of the full picture.
fn apply(guide: View<'_>, coefficients: &[[f32; 4]], small: Size, step: u32) -> Picture {
    let mut refined = Picture::blank(Format::Gray8, guide.size());
    let columns: Vec<(usize, f32)> =
        (0..guide.width()).map(|x| between(x, step, small.width)).collect();
    let width = small.width as usize;
    let mut line = vec![[0.0_f32; 4]; width + 1];
    for ((y, out), colours) in (0..).zip(refined.view_mut().rows_mut()).zip(guide.rows()) {
        let (top, down) = between(y, step, small.height);
        let bottom = (top + 1).min(small.height as usize - 1);
        let (upper, lower) =
            (&coefficients[top * width..][..width], &coefficients[bottom * width..][..width]);
        for ((mixed, upper), lower) in line.iter_mut().zip(upper).zip(lower) {
            *mixed = std::array::from_fn(|channel| {
                upper[channel] + (lower[channel] - upper[channel]) * down
            });
        }
        // One more, so that the last column has a right neighbour.
        line[width] = line[width - 1];
        for ((out, pixel), &(left, across)) in
            out.iter_mut().zip(pixels::<u8>(colours)).zip(&columns)
        {
            let (from, to) = (line[left], line[left + 1]);
            let mixed: [f32; 4] = std::array::from_fn(|channel| {
                from[channel] + (to[channel] - from[channel]) * across
            });
            let [red, green, blue, _] = pixel.map(f32::from);
            let value = mixed[0] * red + mixed[1] * green + mixed[2] * blue + mixed[3] * 255.0;
            *out = (value + 0.5) as u8;
        }
    }
    refined
}

/// Where the centre of full pixel `position` lies between two small ones.
fn between(position: u32, step: u32, count: u32) -> (usize, f32) {
    let exact = ((position as f32 + 0.5) / step as f32 - 0.5).clamp(0.0, (count - 1) as f32);
    (exact as usize, exact.fract())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A disc of one colour on another, and a mask of it that is too large and blurred.
    fn scene(side: u32) -> (Picture, Picture, Vec<bool>) {
        let size = Size::new(side, side);
        let centre = f64::from(side) / 2.0;
        let distance = |i: u64| {
            let (x, y) = ((i % u64::from(side)) as f64 + 0.5, (i / u64::from(side)) as f64 + 0.5);
            (x - centre).hypot(y - centre)
        };
        let inside: Vec<bool> =
            (0..size.area()).map(|i| distance(i) < f64::from(side) * 0.3).collect();
        let colours = inside
            .iter()
            .flat_map(|inside| if *inside { [200, 90, 40, 255] } else { [40, 80, 160, 255] });
        let guide = Picture::from_pixels(Format::Rgba8, size, colours.collect()).unwrap();
        let coarse = (0..size.area()).map(|i| {
            (255.0 * (1.0 - (distance(i) / f64::from(side) - 0.24) / 0.12).clamp(0.0, 1.0)) as u8
        });
        let mask = Picture::from_pixels(Format::Gray8, size, coarse.collect()).unwrap();
        (guide, mask, inside)
    }

    #[test]
    fn a_blurred_mask_snaps_to_the_edge_of_the_picture() {
        let (guide, coarse, inside) = scene(120);
        for subsample in [1, 4] {
            let fine =
                guided_filter_subsampled(guide.view(), coarse.view(), 16, 1e-4, subsample).unwrap();
            let wrong = |mask: &Picture| {
                mask.pixels()
                    .iter()
                    .zip(&inside)
                    .filter(|(value, inside)| (**value > 127) != **inside)
                    .count()
            };
            let softness = |mask: &Picture| {
                mask.pixels().iter().filter(|value| (40..216).contains(*value)).count()
            };
            assert!(
                wrong(&fine) * 10 <= wrong(&coarse).max(10),
                "{} {}",
                wrong(&fine),
                wrong(&coarse)
            );
            assert!(
                softness(&fine) * 3 < softness(&coarse),
                "{} {}",
                softness(&fine),
                softness(&coarse)
            );
        }
    }

    proptest! {
        #[test]
        fn flat_masks_stay_flat(
            width in 1_u32..30, height in 1_u32..30, level in any::<u8>(), radius in 0_u32..40, seed in any::<u8>(),
        ) {
            let size = Size::new(width, height);
            let bytes = (0..size.area() * 4).map(|i| (i as u8).wrapping_mul(91).wrapping_add(seed)).collect();
            let guide = Picture::from_pixels(Format::Rgba8, size, bytes).unwrap();
            let mask = Picture::from_pixels(Format::Gray8, size, vec![level; size.area() as usize]).unwrap();
            let fine = guided_filter(guide.view(), mask.view(), radius, 1e-3).unwrap();
            prop_assert!(fine.pixels().iter().all(|value| value.abs_diff(level) <= 1));
        }
    }
}
