//! Carrying a change that an 8-bit model made onto a deep original.
//!
//! Where the model changed nothing, every bit of the original stays. Where it did, the original keeps its fine grain
//! below the 8-bit step on top of the new value, so that gradients do not fall into bands.

use crate::sample::{pixels, pixels_mut};
use crate::transfer::{ENCODE, LIGHT_OF_16, light_between};
use crate::{Format, LayoutError, Picture, View};

/// The deep source with the change from `before` to `after` carried onto it, sample by sample; `before` is what the
/// model was given (`rgba8`, as `convert` makes it of the source), `after` what it gave. All of one size.
///
/// `rgba16` moves by the change times 257, clamped; 0 and 255 become the ends of the range. `rgbaf32` moves by the
/// change on the gamma-coded scale; what was brighter than white is dimmed in proportion. An `rgba8` source simply becomes `after`
/// where it differs.
pub fn carry(source: View<'_>, before: View<'_>, after: View<'_>) -> Result<Picture, LayoutError> {
    for view in [before, after] {
        view.expect_format(Format::Rgba8)?;
        view.expect_size(source.size())?;
    }
    if source.format() == Format::Gray8 {
        return Err(LayoutError::Format { found: Format::Gray8, expected: Format::Rgba16 });
    }
    let mut carried = Picture::from_view(source);
    for ((row, before), after) in carried.view_mut().rows_mut().zip(before.rows()).zip(after.rows())
    {
        // Whole rows that did not change are common, and already copied.
        if before != after {
            match source.format() {
                Format::Rgba16 => carry_row16(row, before, after),
                Format::RgbaF32 => carry_row_float(row, before, after),
                Format::Gray8 | Format::Rgba8 => carry_row8(row, before, after),
            }
        }
    }
    Ok(carried)
}

fn carry_row8(row: &mut [u8], before: &[u8], after: &[u8]) {
    for ((sample, before), after) in row.iter_mut().zip(before).zip(after) {
        *sample = if before == after { *sample } else { *after };
    }
}

fn carry_row16(row: &mut [u8], before: &[u8], after: &[u8]) {
    let row = bytemuck::cast_slice_mut::<u8, [u8; 2]>(row);
    for ((raw, &before), &after) in row.iter_mut().zip(before).zip(after) {
        let source = u16::from_ne_bytes(*raw);
        let moved = i32::from(source) + (i32::from(after) - i32::from(before)) * 257;
        let carried = match after {
            0 => 0,
            255 => u16::MAX,
            _ => moved.clamp(0, 65535) as u16,
        };
        *raw = if before == after { source } else { carried }.to_ne_bytes();
    }
}

fn carry_row_float(row: &mut [u8], before: &[u8], after: &[u8]) {
    let (encoder, decoder) = (&*ENCODE, &**LIGHT_OF_16);
    for ((raw, before), after) in
        pixels_mut::<f32>(row).iter_mut().zip(pixels::<u8>(before)).zip(pixels::<u8>(after))
    {
        for channel in 0..4 {
            let (before, after) = (before[channel], after[channel]);
            if before == after {
                continue;
            }
            let source = f32::from_ne_bytes(raw[channel]);
            let change = (f32::from(after) - f32::from(before)) / 255.0;
            let carried = if channel == 3 {
                (source + change).clamp(0.0, 1.0)
            } else if source > 1.0 {
                source * light_between(decoder, f32::from(after) / 255.0)
            } else {
                // The step is taken on the coded scale: a step of light is far wider in the shadows than in the lights.
                match after {
                    0 => 0.0,
                    255 => 1.0,
                    _ => light_between(decoder, encoder.encode(source) + change),
                }
            };
            raw[channel] = carried.to_ne_bytes();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Size, convert};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_did_not_change_keeps_every_bit_and_the_rest_follows(
            deep in prop::collection::vec(any::<u16>(), 40), changed in prop::collection::vec(any::<u8>(), 40),
            which in prop::collection::vec(any::<bool>(), 40), float in any::<bool>(),
        ) {
            let size = Size::new(5, 2);
            let bytes: Vec<u8> = deep.iter().flat_map(|value| value.to_ne_bytes()).collect();
            let sixteen = Picture::from_pixels(Format::Rgba16, size, bytes).unwrap();
            let source = if float { convert(sixteen.view(), Format::RgbaF32) } else { sixteen };
            let before = convert(source.view(), Format::Rgba8);
            let mut after = before.clone();
            for (index, value) in after.pixels_mut().iter_mut().enumerate() {
                if which[index] { *value = changed[index]; }
            }
            let carried = carry(source.view(), before.view(), after.view()).unwrap();
            let sample = source.format().bytes_per_sample();
            for index in 0..40 {
                if before.pixels()[index] == after.pixels()[index] {
                    let bytes = index * sample..(index + 1) * sample;
                    prop_assert_eq!(&carried.pixels()[bytes.clone()], &source.pixels()[bytes]);
                }
            }
            // Seen at 8 bits the carried picture is the one the model gave; half a step may round either way.
            let shown = convert(carried.view(), Format::Rgba8);
            for (shown, wanted) in shown.pixels().iter().zip(after.pixels()) {
                prop_assert!(shown.abs_diff(*wanted) <= u8::from(float), "{} {}", shown, wanted);
            }
        }
    }

    #[test]
    fn highlights_above_white_are_kept_and_dimmed_in_proportion() {
        let size = Size::new(1, 1);
        let bytes = [8.0_f32, 1.0, 0.5, 1.0].iter().flat_map(|value| value.to_ne_bytes()).collect();
        let source = Picture::from_pixels(Format::RgbaF32, size, bytes).unwrap();
        let before = convert(source.view(), Format::Rgba8);
        let mut after = before.clone();
        let read = |picture: &Picture, channel: usize| {
            f32::from_ne_bytes(pixels::<f32>(picture.pixels())[0][channel])
        };
        assert!(
            (read(&carry(source.view(), before.view(), after.view()).unwrap(), 0) - 8.0).abs()
                < f32::EPSILON
        );
        after.pixels_mut()[0] = 128;
        let dimmed = read(&carry(source.view(), before.view(), after.view()).unwrap(), 0);
        assert!((dimmed - 8.0 * crate::srgb_to_linear(128.0 / 255.0)).abs() < 1e-5, "{dimmed}");
    }
}
