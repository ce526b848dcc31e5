//! How much of a picture a change has touched: outside the mask, where it must be nothing, and inside.
//!
//! The count outside looks at every bit of every pixel. The rest is perceptual and is measured on a copy of about
//! 32,000 pixels: structural similarity of luma, and distance of colour in `OKLab`.

use std::sync::Arc;

use crate::colour::to_srgb;
use crate::convert::luma8;
use crate::mask::gray;
use crate::plane::box_mean;
use crate::sample::pixels;
use crate::transfer::LIGHT_OF_8;
use crate::{Format, LayoutError, Matte, Picture, Size, View, convert, flatten, resize};

/// What is measured on more pixels than this is measured on a smaller copy.
const MOST_PIXELS: f64 = (1 << 15) as f64;
/// The distance in `OKLab` from which on a difference is plainly seen.
const VISIBLE: f32 = 0.02;
/// Half the side of the square over which structure is compared: 7x7.
const WINDOW: usize = 3;

/// How a result relates to its source.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fidelity {
    /// Pixels where the mask is 0 and a bit differs. Exact. Without a mask there is no outside, and this is 0.
    pub changed_outside: u64,
    /// Share of the pixels inside (mask above 0) whose colour differs visibly: more than 0.02 in `OKLab`. 0 to 1.
    pub changed_inside: f32,
    /// Mean structural similarity (SSIM, 7x7 squares) of luma inside. 0 to 1, 1 = the same.
    pub structure: f32,
    /// Mean distance of colour inside, Euclidean in `OKLab`. 0 = the same; black to white is 1.
    pub colour: f32,
}

/// Measures a result against its source, both without a profile: see [`measure_in`].
pub fn measure(
    source: View<'_>,
    result: View<'_>,
    mask: Option<View<'_>>,
) -> Result<Fidelity, LayoutError> {
    measure_in(None, source, result, mask)
}

/// Measures a result against its source; both of one size, one format and one profile, and the mask of that size.
/// Transparency is seen over mid grey. Where the profile cannot be applied, its values are taken as they are.
pub fn measure_in(
    icc: Option<&Arc<[u8]>>,
    source: View<'_>,
    result: View<'_>,
    mask: Option<View<'_>>,
) -> Result<Fidelity, LayoutError> {
    result.expect_format(source.format())?;
    result.expect_size(source.size())?;
    let mut held = None;
    let mask = match mask {
        Some(mask) => {
            mask.expect_size(source.size())?;
            Some(gray(mask, &mut held))
        }
        None => None,
    };
    let changed_outside = mask.map_or(0, |mask| changed_outside(source, result, mask));
    let size = measured_size(source.size());
    let (before, after) = (shown(icc, source, size)?, shown(icc, result, size)?);
    let inside = match mask {
        Some(mask) => small_copy(mask, size)?.into_pixels(),
        None => vec![255; size.area() as usize],
    };
    let (changed_inside, colour) = colour_distance(&before, &after, &inside);
    let structure = structure(&before, &after, &inside);
    Ok(Fidelity { changed_outside, changed_inside, structure, colour })
}

fn changed_outside(source: View<'_>, result: View<'_>, mask: View<'_>) -> u64 {
    let pixel = source.format().bytes_per_pixel();
    let mut count = 0;
    for ((source, result), mask) in source.rows().zip(result.rows()).zip(mask.rows()) {
        // Most rows are the same, or lie wholly inside.
        if source != result {
            let pairs = source.chunks_exact(pixel).zip(result.chunks_exact(pixel));
            count += pairs.zip(mask).filter(|((old, new), mask)| **mask == 0 && old != new).count()
                as u64;
        }
    }
    count
}

/// A copy at `size`. A picture much larger than that is thinned out first, to about four times the side: looking at
/// every pixel of it would take longer than everything else that is done to a large layer.
fn small_copy(view: View<'_>, size: Size) -> Result<Picture, LayoutError> {
    let step = (view.width() / (size.width * 4)).min(view.height() / (size.height * 4)).max(1);
    if step == 1 {
        return resize(view, size);
    }
    let thin = Size::new(view.width() / step, view.height() / step);
    let pixel = view.format().bytes_per_pixel();
    let mut pixels = Vec::with_capacity(Picture::byte_length(view.format(), thin)?);
    for y in 0..thin.height {
        let row = view.row(y * step).chunks_exact(pixel).step_by(step as usize);
        row.take(thin.width as usize).for_each(|value| pixels.extend_from_slice(value));
    }
    resize(Picture::from_pixels(view.format(), thin, pixels)?.view(), size)
}

/// The size at most about `MOST_PIXELS` large, of the same shape.
fn measured_size(size: Size) -> Size {
    let scale = (MOST_PIXELS / size.area() as f64).sqrt().min(1.0);
    let side = |side: u32| ((f64::from(side) * scale).round() as u32).clamp(1, 1 << 20);
    Size::new(side(size.width), side(size.height))
}

/// What a person sees of it, small enough to measure: opaque `rgba8`.
fn shown(icc: Option<&Arc<[u8]>>, view: View<'_>, size: Size) -> Result<Picture, LayoutError> {
    let small = small_copy(view, size)?.with_icc(icc.cloned());
    let small = to_srgb(&small).unwrap_or(small);
    Ok(flatten(convert(small.view(), Format::Rgba8).view(), Matte::Colour([128; 3])).0)
}

/// Where and how much a person sees that a result differs from its source, as `gray8` of at most `max` pixels a side: 0
/// where nothing is plainly seen, else 64 and more, 255 for black that became white. The result may be of another size.
pub fn change_map(
    (icc, source): (Option<&Arc<[u8]>>, View<'_>),
    (result_icc, result): (Option<&Arc<[u8]>>, View<'_>),
    max: u32,
) -> Result<Picture, LayoutError> {
    let size = result.size();
    let scale = (f64::from(max) / f64::from(size.long_side())).min(1.0);
    let side = |side: u32| ((f64::from(side) * scale).round() as u32).max(1);
    let size = Size::new(side(size.width), side(size.height));
    let (before, after) = (shown(icc, source, size)?, shown(result_icc, result, size)?);
    let pairs = pixels::<u8>(before.pixels()).iter().zip(pixels::<u8>(after.pixels()));
    let seen = |distance: f32| match distance {
        distance if distance > VISIBLE => (64.0 + 191.0 * distance.sqrt().min(1.0)) as u8,
        _ => 0,
    };
    Picture::from_pixels(
        Format::Gray8,
        size,
        pairs.map(|(old, new)| seen(distance(*old, *new))).collect(),
    )
}

/// How far apart two colours are to the eye, Euclidean in `OKLab`.
fn distance(old: [u8; 4], new: [u8; 4]) -> f32 {
    if old == new {
        return 0.0;
    }
    let (old, new) = (oklab(old), oklab(new));
    ((old[0] - new[0]).powi(2) + (old[1] - new[1]).powi(2) + (old[2] - new[2]).powi(2)).sqrt()
}

/// Share of visibly changed pixels, and mean distance, where `inside` is not 0.
fn colour_distance(before: &Picture, after: &Picture, inside: &[u8]) -> (f32, f32) {
    let (mut count, mut visible, mut sum) = (0_u64, 0_u64, 0.0_f64);
    let pairs = pixels::<u8>(before.pixels()).iter().zip(pixels::<u8>(after.pixels()));
    for ((old, new), _) in pairs.zip(inside).filter(|(_, inside)| **inside > 0) {
        count += 1;
        let distance = distance(*old, *new);
        visible += u64::from(distance > VISIBLE);
        sum += f64::from(distance);
    }
    let count = count.max(1) as f64;
    ((visible as f64 / count) as f32, (sum / count) as f32)
}

/// Björn Ottosson's `OKLab` of an sRGB pixel.
fn oklab([red, green, blue, _]: [u8; 4]) -> [f32; 3] {
    let [red, green, blue] = [red, green, blue].map(|value| LIGHT_OF_8[usize::from(value)]);
    let long = (0.412_221_47 * red + 0.536_332_54 * green + 0.051_445_995 * blue).cbrt();
    let medium = (0.211_903_5 * red + 0.680_699_5 * green + 0.107_396_96 * blue).cbrt();
    let short = (0.088_302_46 * red + 0.281_718_85 * green + 0.629_978_7 * blue).cbrt();
    [
        0.210_454_26 * long + 0.793_617_8 * medium - 0.004_072_047 * short,
        1.977_998_5 * long - 2.428_592_2 * medium + 0.450_593_7 * short,
        0.025_904_037 * long + 0.782_771_77 * medium - 0.808_675_77 * short,
    ]
}

/// Mean SSIM of luma where `inside` is not 0; 1 when nothing is inside.
fn structure(before: &Picture, after: &Picture, inside: &[u8]) -> f32 {
    // The constants of the paper, for values of 0 to 1.
    const C1: f32 = 0.01 * 0.01;
    const C2: f32 = 0.03 * 0.03;
    let luma = |picture: &Picture| -> Vec<f32> {
        pixels::<u8>(picture.pixels())
            .iter()
            .map(|pixel| f32::from(luma8(*pixel)) / 255.0)
            .collect()
    };
    let (x, y) = (luma(before), luma(after));
    let mut moments: Vec<[f32; 5]> =
        x.iter().zip(&y).map(|(&x, &y)| [x, y, x * x, y * y, x * y]).collect();
    box_mean(&mut moments, before.width() as usize, WINDOW);
    let (mut sum, mut count) = (0.0_f64, 0_u64);
    for (&[x, y, xx, yy, xy], _) in moments.iter().zip(inside).filter(|(_, inside)| **inside > 0) {
        let (variance_x, variance_y, covariance) =
            ((xx - x * x).max(0.0), (yy - y * y).max(0.0), xy - x * y);
        let likeness = (2.0 * x * y + C1) * (2.0 * covariance + C2);
        sum += f64::from(likeness / ((x * x + y * y + C1) * (variance_x + variance_y + C2)));
        count += 1;
    }
    if count == 0 { 1.0 } else { (sum / count as f64).clamp(0.0, 1.0) as f32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(size: Size, seed: u64) -> Picture {
        let mut state = seed;
        let bytes = (0..size.area()).flat_map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            [(state >> 56) as u8, (state >> 48) as u8, (state >> 40) as u8, 255]
        });
        Picture::from_pixels(Format::Rgba8, size, bytes.collect()).unwrap()
    }

    #[test]
    fn the_same_picture_is_wholly_faithful() {
        let picture = noise(Size::new(50, 40), 3);
        let found = measure(picture.view(), picture.view(), None).unwrap();
        assert_eq!((found.changed_outside, found.changed_inside, found.colour), (0, 0.0, 0.0));
        assert!(found.structure > 0.9999);
    }

    #[test]
    fn one_bit_outside_is_counted_at_any_size() {
        let size = Size::new(1500, 1200);
        let source = noise(size, 5);
        let mut result = source.clone();
        result.pixels_mut()[4 * 1000 + 3] ^= 1;
        result.pixels_mut()[4 * 1_700_000] ^= 128;
        let mut mask = Picture::new_zeroed(Format::Gray8, size).unwrap();
        let found = measure(source.view(), result.view(), Some(mask.view())).unwrap();
        assert_eq!(found.changed_outside, 2);
        assert_eq!((found.changed_inside, found.structure), (0.0, 1.0));
        mask.pixels_mut()[1000] = 1;
        assert_eq!(
            measure(source.view(), result.view(), Some(mask.view())).unwrap().changed_outside,
            1
        );
    }

    #[test]
    fn another_picture_has_another_structure_and_colour() {
        let size = Size::new(64, 64);
        let (one, other) = (noise(size, 1), noise(size, 2));
        let found = measure(one.view(), other.view(), None).unwrap();
        assert!(
            found.structure < 0.2 && found.changed_inside > 0.95 && found.colour > 0.1,
            "{found:?}"
        );
        let black = Picture::from_pixels(Format::Rgba8, size, [0, 0, 0, 255].repeat(4096)).unwrap();
        let white = Picture::from_pixels(Format::Rgba8, size, vec![255; 4 * 4096]).unwrap();
        let found = measure(black.view(), white.view(), None).unwrap();
        assert!((found.colour - 1.0).abs() < 1e-3, "{found:?}");
        assert!(measure(one.view(), noise(Size::new(64, 63), 1).view(), None).is_err());
    }
}
