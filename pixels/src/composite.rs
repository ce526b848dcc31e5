//! Putting a result into its source through a mask, and placing pictures into larger ones.
//!
//! This is where the promise is kept that what was not asked to change does not: where the mask is 0 the bytes of the
//! source are copied, where it is 255 those of the result. Only between the two is anything computed, and where both
//! agree the common value stays.

use crate::mask::gray;
use crate::sample::{Sample, by_sample, pixels, pixels_mut, row_is_opaque};
use crate::{Format, LayoutError, Rect, View, ViewMut};

/// Writes the composite of two pictures of one size and one format into `out`: the source where the mask is 0, the
/// result where it is 255, and a rounded mix between. Colour is weighted by alpha, so that transparent pixels bleed
/// none. The mask has the same size; of another format than `gray8`, its grey counts.
pub fn composite(
    source: View<'_>,
    result: View<'_>,
    mask: View<'_>,
    out: &mut ViewMut<'_>,
) -> Result<(), LayoutError> {
    let (format, size) = (source.format(), source.size());
    result.expect_format(format)?;
    out.as_view().expect_format(format)?;
    result.expect_size(size)?;
    mask.expect_size(size)?;
    out.as_view().expect_size(size)?;
    let mut held = None;
    let mask = gray(mask, &mut held);
    for (((out, source), result), mask) in
        out.rows_mut().zip(source.rows()).zip(result.rows()).zip(mask.rows())
    {
        composite_row(format, source, result, mask, out);
    }
    Ok(())
}

/// What one mask byte asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ask {
    Source,
    Result,
    Mix,
}

impl Ask {
    fn of(mask: u8) -> Self {
        match mask {
            0 => Self::Source,
            255 => Self::Result,
            1..=254 => Self::Mix,
        }
    }

    /// The ask of a whole block when all of it asks for the same.
    fn of_block(block: &[u8; 32]) -> Option<Self> {
        let (any, all) =
            block.iter().fold((0, 255), |(any, all), value| (any | value, all & value));
        if any == 0 {
            return Some(Self::Source);
        }
        (all == 255).then_some(Self::Result)
    }
}

fn composite_row(format: Format, source: &[u8], result: &[u8], mask: &[u8], out: &mut [u8]) {
    let mut start = 0;
    while start < mask.len() {
        let ask = Ask::of(mask[start]);
        let mut end = start + 1;
        // Whole blocks first: a mask is mostly long runs of 0 and of 255.
        if ask != Ask::Mix {
            while mask[end..].first_chunk().is_some_and(|block| Ask::of_block(block) == Some(ask)) {
                end += 32;
            }
        }
        end += mask[end..].iter().take_while(|value| Ask::of(**value) == ask).count();
        let pixel = format.bytes_per_pixel();
        let bytes = start * pixel..end * pixel;
        match ask {
            Ask::Source => out[bytes.clone()].copy_from_slice(&source[bytes]),
            Ask::Result => out[bytes.clone()].copy_from_slice(&result[bytes]),
            Ask::Mix => {
                let (source, result, out) =
                    (&source[bytes.clone()], &result[bytes.clone()], &mut out[bytes]);
                mix(format, source, result, &mask[start..end], out);
            }
        }
        start = end;
    }
}

fn mix(format: Format, source: &[u8], result: &[u8], mask: &[u8], out: &mut [u8]) {
    if format == Format::Gray8 {
        for (((out, source), result), mask) in out.iter_mut().zip(source).zip(result).zip(mask) {
            *out = source.mix(*result, weight(*mask));
        }
    } else if row_is_opaque(format, source) && row_is_opaque(format, result) {
        match format {
            Format::Gray8 | Format::Rgba8 => mix_opaque8(source, result, mask, out),
            Format::Rgba16 => mix_opaque::<u16>(source, result, mask, out),
            Format::RgbaF32 => mix_opaque::<f32>(source, result, mask, out),
        }
    } else {
        by_sample!(format, S => mix_by_alpha::<S>(source, result, mask, out));
    }
}

/// The mask as a weight of 0 to 65536; exact at both ends.
#[inline]
fn weight(mask: u8) -> u32 {
    // 255 * 257 = 65535, and the shift adds the missing one from the middle on.
    u32::from(mask) * 257 + (u32::from(mask) >> 7)
}

/// Opaque 8-bit pixels: exact division by 255 inside 16 bits, on flat slices, so that it vectorises everywhere.
fn mix_opaque8(source: &[u8], result: &[u8], mask: &[u8], out: &mut [u8]) {
    const BLOCK: usize = 64;
    let mut spread = [0_u8; 4 * BLOCK];
    let bytes = 4 * BLOCK;
    let rows = source.chunks(bytes).zip(result.chunks(bytes)).zip(out.chunks_mut(bytes));
    for (((source, result), out), mask) in rows.zip(mask.chunks(BLOCK)) {
        for (four, mask) in spread.as_chunks_mut::<4>().0.iter_mut().zip(mask) {
            *four = [*mask; 4];
        }
        for (((out, source), result), mask) in out.iter_mut().zip(source).zip(result).zip(&spread) {
            let mask = u16::from(*mask);
            let sum = u16::from(*source) * (255 - mask) + u16::from(*result) * mask + 128;
            *out = ((sum + (sum >> 8)) >> 8) as u8;
        }
    }
}

fn mix_opaque<S: Sample>(source: &[u8], result: &[u8], mask: &[u8], out: &mut [u8]) {
    let (source, result) = (pixels::<S>(source), pixels::<S>(result));
    for (((out, source), result), mask) in
        pixels_mut::<S>(out).iter_mut().zip(source).zip(result).zip(mask)
    {
        let weight = weight(*mask);
        for channel in 0..4 {
            out[channel] = S::load(source[channel]).mix(S::load(result[channel]), weight).store();
        }
    }
}

fn mix_by_alpha<S: Sample>(source: &[u8], result: &[u8], mask: &[u8], out: &mut [u8]) {
    let (source, result) = (pixels::<S>(source), pixels::<S>(result));
    for (((out, source), result), mask) in
        pixels_mut::<S>(out).iter_mut().zip(source).zip(result).zip(mask)
    {
        let share = weight(*mask);
        let alpha = |pixel: &[S::Raw; 4]| S::load(pixel[3]).to_f32().max(0.0);
        let from_source = alpha(source) * (65536 - share) as f32;
        let from_result = alpha(result) * share as f32;
        let total = from_source + from_result;
        for channel in 0..3 {
            let (old, new) = (S::load(source[channel]), S::load(result[channel]));
            out[channel] = if old == new || total <= 0.0 {
                old.mix(new, share).store()
            } else {
                let part = from_result / total;
                S::from_f32(old.to_f32() + (new.to_f32() - old.to_f32()) * part).store()
            };
        }
        out[3] = S::load(source[3]).mix(S::load(result[3]), share).store();
    }
}

/// Copies `picture` into `out` with its corner at `x`, `y`; what lies outside is left away. One format.
pub fn place(out: &mut ViewMut<'_>, x: i64, y: i64, picture: View<'_>) -> Result<(), LayoutError> {
    picture.expect_format(out.format())?;
    let Some((from, to)) = overlap(x, y, picture, out) else { return Ok(()) };
    out.crop_mut(to)?.copy_from(picture.crop(from)?)
}

/// The part of the picture that falls into `out`, and where.
fn overlap(x: i64, y: i64, picture: View<'_>, out: &ViewMut<'_>) -> Option<(Rect, Rect)> {
    let axis = |at: i64, length: u32, total: u32| {
        let start = at.clamp(0, i64::from(total));
        let end = at.saturating_add(i64::from(length)).clamp(0, i64::from(total));
        (start < end).then(|| (start as u32, start.saturating_sub(at) as u32, (end - start) as u32))
    };
    let (to_x, from_x, width) = axis(x, picture.width(), out.width())?;
    let (to_y, from_y, height) = axis(y, picture.height(), out.height())?;
    Some((Rect::new(from_x, from_y, width, height), Rect::new(to_x, to_y, width, height)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Picture, Size};

    #[test]
    fn weights_are_exact_at_both_ends_and_rise() {
        assert_eq!((weight(0), weight(255)), (0, 65536));
        assert!((0..255_u8).all(|mask| weight(mask) < weight(mask + 1)));
    }

    #[test]
    fn a_transparent_side_bleeds_no_colour() {
        for format in [Format::Rgba8, Format::Rgba16, Format::RgbaF32] {
            let one = |pixel: [u8; 4]| {
                let small =
                    Picture::from_pixels(Format::Rgba8, Size::new(1, 1), pixel.to_vec()).unwrap();
                crate::convert(small.view(), format)
            };
            let mask = Picture::from_pixels(Format::Gray8, Size::new(1, 1), vec![128]).unwrap();
            let mut out = one([0; 4]);
            composite(
                one([200, 100, 50, 255]).view(),
                one([0, 0, 0, 0]).view(),
                mask.view(),
                &mut out.view_mut(),
            )
            .unwrap();
            let back = crate::convert(out.view(), Format::Rgba8);
            assert_eq!(back.pixels()[..3], [200, 100, 50], "{format}");
            assert_eq!(back.pixels()[3], 127, "{format}");
        }
    }

    #[test]
    fn pictures_are_placed_and_cut() {
        let picture =
            Picture::from_pixels(Format::Gray8, Size::new(3, 2), vec![1, 2, 3, 4, 5, 6]).unwrap();
        let placed = |x, y| {
            let mut out = Picture::new_zeroed(Format::Gray8, Size::new(3, 2)).unwrap();
            place(&mut out.view_mut(), x, y, picture.view()).unwrap();
            out.into_pixels()
        };
        assert_eq!(placed(1, 1), [0, 0, 0, 0, 1, 2]);
        assert_eq!(placed(-1, -1), [5, 6, 0, 0, 0, 0]);
        assert_eq!(placed(i64::MAX, i64::MIN), [0; 6]);
    }

    #[test]
    fn pictures_that_do_not_go_together_are_refused() {
        let small = Picture::new_zeroed(Format::Rgba8, Size::new(2, 2)).unwrap();
        let wide = Picture::new_zeroed(Format::Rgba8, Size::new(3, 2)).unwrap();
        let gray = Picture::new_zeroed(Format::Gray8, Size::new(2, 2)).unwrap();
        let mut out = small.clone();
        let mut out = out.view_mut();
        assert!(composite(small.view(), wide.view(), gray.view(), &mut out).is_err());
        assert!(composite(small.view(), gray.view(), gray.view(), &mut out).is_err());
        assert!(composite(small.view(), small.view(), wide.view(), &mut out).is_err());
        assert!(composite(small.view(), small.view(), gray.view(), &mut out).is_ok());
    }
}
