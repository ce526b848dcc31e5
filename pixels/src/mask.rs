//! Masks: where they are, how much they cover, and their soft edge.
//!
//! A mask is `gray8`, 255 = may change, 0 = stays. Every function takes any format and looks at the grey of it. The
//! feather goes inward only: nothing that was 0 ever becomes more, so what was not asked to change does not.

use std::borrow::Cow;

use crate::distance::to_outside;
use crate::{Format, Picture, Rect, View, convert};

/// The mask as grey, without copying when it is already.
pub(crate) fn gray<'a>(mask: View<'a>, held: &'a mut Option<Picture>) -> View<'a> {
    if mask.format() == Format::Gray8 {
        mask
    } else {
        held.insert(convert(mask, Format::Gray8)).view()
    }
}

/// The smallest rectangle around all pixels that are not 0.
pub fn bounds(mask: View<'_>) -> Option<Rect> {
    let mut held = None;
    let mask = gray(mask, &mut held);
    let mut found: Option<Rect> = None;
    for (y, row) in (0_u32..).zip(mask.rows()) {
        let (Some(first), Some(last)) = (first_set(row), last_set(row)) else { continue };
        let line = Rect::new(first as u32, y, (last - first + 1) as u32, 1);
        found = Some(found.map_or(line, |found| found.union(line)));
    }
    found
}

/// Whether every byte of a block is zero; without an early exit inside, so that it vectorises.
fn is_zero(block: &[u8]) -> bool {
    block.iter().fold(0, |any, value| any | value) == 0
}

fn first_set(row: &[u8]) -> Option<usize> {
    let block = row.chunks(64).position(|block| !is_zero(block))?;
    let start = block * 64;
    row[start..].iter().position(|value| *value != 0).map(|offset| start + offset)
}

fn last_set(row: &[u8]) -> Option<usize> {
    let block = row.rchunks(64).position(|block| !is_zero(block))?;
    let end = row.len() - block * 64;
    row[..end].iter().rposition(|value| *value != 0)
}

/// Whether nothing may change.
pub fn is_empty(mask: View<'_>) -> bool {
    let mut held = None;
    gray(mask, &mut held).rows().all(|row| row.chunks(64).all(is_zero))
}

/// The share of pixels that may change at all, 0 to 1.
pub fn coverage(mask: View<'_>) -> f32 {
    let mut held = None;
    let mask = gray(mask, &mut held);
    let count: u64 =
        mask.rows().map(|row| row.iter().map(|value| u64::from(*value != 0)).sum::<u64>()).sum();
    (count as f64 / mask.size().area() as f64) as f32
}

/// What may change and what stays, exchanged.
pub fn invert(mask: View<'_>) -> Picture {
    let mut inverted = convert(mask, Format::Gray8);
    for value in inverted.pixels_mut() {
        *value = 255 - *value;
    }
    inverted
}

/// A soft edge of `radius` pixels, inward: 0 where the mask is 0, never more than the mask, the mask itself from
/// `radius` pixels inside its edge on, and between a smooth rise by Euclidean distance. The picture's own edge is no
/// edge of the mask. Radius 0 is a copy; at most 16383 counts.
pub fn feather(mask: View<'_>, radius: u32) -> Picture {
    let mut held = None;
    let mask = gray(mask, &mut held);
    let mut soft = Picture::from_view(mask);
    let radius = radius.min(16_383) as u16;
    // An empty or a full mask has no edge.
    let no_edge = is_empty(mask) || mask.rows().all(|row| !row.contains(&0));
    if radius == 0 || no_edge {
        return soft;
    }
    let limit = radius + 1;
    let rise = f32::from(limit).recip();
    let width = mask.width() as usize;
    let pixels = soft.pixels_mut();
    to_outside(mask, limit, |y, distances| {
        let row = &mut pixels[y as usize * width..][..width];
        for (value, &distance) in row.iter_mut().zip(distances) {
            let t = (distance * rise).min(1.0);
            let weight = t * t * (3.0 - 2.0 * t);
            // At weight 1 this is the value itself; rounding can never pass it.
            *value = (f32::from(*value) * weight + 0.5) as u8;
        }
    });
    soft
}

/// The mask at the size of what it masks; smooth where it is enlarged. Errs on an empty size.
pub fn resized(mask: View<'_>, size: crate::Size) -> Result<Picture, crate::LayoutError> {
    let gray: Cow<'_, Picture> = Cow::Owned(convert(mask, Format::Gray8));
    crate::resize(gray.view(), size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Size;
    use proptest::prelude::*;

    fn view(size: Size, bytes: &[u8]) -> View<'_> {
        View::tight(Format::Gray8, size, bytes).unwrap()
    }

    #[test]
    fn an_edge_rises_smoothly_to_full() {
        let size = Size::new(40, 3);
        let bytes: Vec<u8> = (0..120).map(|i| if i % 40 < 5 { 0 } else { 255 }).collect();
        let soft = feather(view(size, &bytes), 8);
        let row = soft.view().row(1);
        assert!(row[..5].iter().all(|value| *value == 0));
        assert!(row[5] > 0 && row[5] < 30, "{row:?}");
        assert!(
            row[4..15].windows(2).all(|pair| pair[0] <= pair[1] && pair[1] - pair[0] < 50),
            "{row:?}"
        );
        // The picture's own right edge does not fade.
        assert!(row[13..].iter().all(|value| *value == 255), "{row:?}");
        assert_eq!(feather(view(size, &bytes), 0).pixels(), bytes);
    }

    #[test]
    fn thin_strokes_keep_some_weight() {
        let size = Size::new(50, 50);
        let bytes: Vec<u8> =
            (0..2500).map(|i| if (20..24).contains(&(i % 50)) { 255 } else { 0 }).collect();
        let soft = feather(view(size, &bytes), 30);
        assert!(soft.view().row(25)[20..24].iter().all(|value| *value > 0));
    }

    proptest! {
        #[test]
        fn feather_never_leaks(
            width in 1_u32..60, height in 1_u32..60, radius in 0_u32..40, gap in 0_usize..7,
            values in prop::collection::vec(prop::sample::select(vec![0_u8, 0, 1, 90, 255, 255, 255]), 4096),
        ) {
            let size = Size::new(width, height);
            let stride = width as usize + gap;
            let mask = View::new(Format::Gray8, size, stride, &values).unwrap();
            let soft = feather(mask, radius);
            for (soft, hard) in soft.view().rows().zip(mask.rows()) {
                for (soft, hard) in soft.iter().zip(hard) {
                    prop_assert!(soft <= hard);
                }
            }
        }

        #[test]
        fn bounds_and_counts_are_those_of_the_definition(
            width in 1_u32..150, height in 1_u32..20, set in prop::collection::vec((0_u32..150, 0_u32..20), 0..5),
        ) {
            let size = Size::new(width, height);
            let mut bytes = vec![0_u8; size.area() as usize];
            let mut expected: Option<Rect> = None;
            for (x, y) in set.into_iter().filter(|(x, y)| *x < width && *y < height) {
                bytes[(y * width + x) as usize] = 3;
                let point = Rect::new(x, y, 1, 1);
                expected = Some(expected.map_or(point, |rect| rect.union(point)));
            }
            let mask = view(size, &bytes);
            prop_assert_eq!(bounds(mask), expected);
            prop_assert_eq!(is_empty(mask), expected.is_none());
            let count = bytes.iter().filter(|value| **value != 0).count();
            prop_assert!((coverage(mask) - count as f32 / bytes.len() as f32).abs() < 1e-6);
            let inverted = invert(mask);
            let twice = invert(inverted.view());
            prop_assert_eq!(twice.pixels(), &bytes[..]);
        }
    }
}
