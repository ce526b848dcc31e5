//! Carrying a change that a model made onto the original: what the model was given has fewer bits, fewer colours or no
//! transparency, and only the difference between that and its answer is the model's.
//!
//! Where the model changed nothing, every bit of the original stays. Where it did, the original keeps its fine grain
//! below the model's step, and the colours outside the model's range, on top of the new value.

use crate::colour::{ColourError, from_srgb, to_srgb};
use crate::sample::{Sample, pixels, pixels_mut};
use crate::transfer::{ENCODE, LIGHT_OF_16, light_between};
use crate::{Format, LayoutError, Picture, View, convert};

/// Why a change cannot be carried over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CarryError {
    /// The pictures do not go together.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// The source's profile cannot be applied.
    #[error(transparent)]
    Colour(#[from] ColourError),
}

impl CarryError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Layout(error) => error.hint(),
            Self::Colour(error) => error.hint(),
        }
    }
}

/// The source with the change from `before` to `after` carried onto it, in its own format and profile. `before` is what
/// the model was given, `after` what it gave: both of one format, in sRGB (linear for `rgbaf32`), all of one size.
///
/// Colour that did not change keeps its bits, and so does alpha. `rgba8` otherwise becomes `after`. `rgba16` moves by the
/// change, clamped; black and white become the ends of the range. `rgbaf32` moves by the change on the gamma-coded scale
/// of sRGB, and what was brighter than white is dimmed in proportion; it becomes `after` where that is of floats too.
pub fn carry(source: &Picture, before: View<'_>, after: View<'_>) -> Result<Picture, CarryError> {
    before.expect_size(source.size())?;
    after.expect_size(source.size())?;
    after.expect_format(before.format())?;
    for format in [source.format(), before.format()] {
        if !format.has_alpha() {
            return Err(LayoutError::Format { found: format, expected: Format::Rgba8 }.into());
        }
    }
    let mut carried = source.clone();
    if before.rows().eq(after.rows()) {
        return Ok(carried);
    }
    let format = source.format();
    let own = |view: View<'_>| {
        let plain = convert(view, format);
        source.icc.as_ref().map_or(Ok(plain.clone()), |icc| from_srgb(&plain, icc))
    };
    match format {
        Format::Gray8 | Format::Rgba8 => {
            let (old, new) = (own(before)?, own(after)?);
            changed::<u8>(&mut carried, before, after, |at, pixel| {
                let (old, new) = (load::<u8>(&old, at), load::<u8>(&new, at));
                each(
                    |channel| {
                        if old[channel] == new[channel] { pixel[channel] } else { new[channel] }
                    },
                )
            });
        }
        Format::Rgba16 => {
            let (old, new) = (own(before)?, own(after)?);
            changed::<u16>(&mut carried, before, after, |at, pixel| {
                let (old, new) = (load::<u16>(&old, at), load::<u16>(&new, at));
                each(|channel| moved(pixel[channel], old[channel], new[channel]))
            });
        }
        Format::RgbaF32 => {
            let light = own(moved_light(source, before, after)?.view())?;
            changed::<f32>(&mut carried, before, after, |at, _| load::<f32>(&light, at));
        }
    }
    Ok(carried)
}

fn load<S: Sample>(picture: &Picture, at: usize) -> [S; 4] {
    pixels::<S>(picture.pixels())[at].map(S::load)
}

fn each<S>(channel: impl Fn(usize) -> S) -> [S; 4] {
    std::array::from_fn(channel)
}

/// Writes what pixels become where `before` and `after` differ: the colour where colour does, alpha where alpha does.
/// `become_of` is told the place of the pixel, counted in reading order, and what is there now.
fn changed<S: Sample>(
    carried: &mut Picture,
    before: View<'_>,
    after: View<'_>,
    become_of: impl Fn(usize, [S; 4]) -> [S; 4],
) {
    let width = carried.width() as usize;
    let bytes = before.format().bytes_per_pixel();
    let colour = bytes / 4 * 3;
    let mut rows = carried.view_mut();
    for (y, ((row, before), after)) in
        rows.rows_mut().zip(before.rows()).zip(after.rows()).enumerate()
    {
        // Whole rows that did not change are common.
        if before == after {
            continue;
        }
        let pairs = before.chunks_exact(bytes).zip(after.chunks_exact(bytes));
        for (x, (pixel, (before, after))) in pixels_mut::<S>(row).iter_mut().zip(pairs).enumerate()
        {
            if before == after {
                continue;
            }
            let new = become_of(y * width + x, pixel.map(S::load)).map(S::store);
            if before[..colour] != after[..colour] {
                pixel[..3].copy_from_slice(&new[..3]);
            }
            if before[colour..] != after[colour..] {
                pixel[3] = new[3];
            }
        }
    }
}

fn moved(source: u16, before: u16, after: u16) -> u16 {
    let moved = i32::from(source) + i32::from(after) - i32::from(before);
    match after {
        _ if before == after => source,
        0 => 0,
        u16::MAX => u16::MAX,
        _ => moved.clamp(0, 65535) as u16,
    }
}

/// The source in linear sRGB with the change in it.
fn moved_light(
    source: &Picture,
    before: View<'_>,
    after: View<'_>,
) -> Result<Picture, ColourError> {
    if after.format() == Format::RgbaF32 {
        return Ok(Picture::from_view(after));
    }
    let mut light = to_srgb(source)?;
    // 8 bits at 16 are the same shares of one.
    let (before, after) = (convert(before, Format::Rgba16), convert(after, Format::Rgba16));
    let (encoder, decoder) = (&*ENCODE, &**LIGHT_OF_16);
    let share = |raw: [u8; 2]| f32::from(u16::from_ne_bytes(raw)) / 65535.0;
    for ((raw, before), after) in pixels_mut::<f32>(light.pixels_mut())
        .iter_mut()
        .zip(pixels::<u16>(before.pixels()))
        .zip(pixels::<u16>(after.pixels()))
    {
        for channel in 0..4 {
            if before[channel] == after[channel] {
                continue;
            }
            let (before, after) = (share(before[channel]), share(after[channel]));
            let source = f32::from_ne_bytes(raw[channel]);
            let carried = if channel == 3 {
                (source + after - before).clamp(0.0, 1.0)
            } else if source > 1.0 {
                source * light_between(decoder, after)
            } else if after <= 0.0 || after >= 1.0 {
                after
            } else {
                // The step is taken on the coded scale: a step of light is far wider in the shadows than in the lights.
                light_between(decoder, encoder.encode(source) + after - before)
            };
            raw[channel] = carried.to_ne_bytes();
        }
    }
    Ok(light)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Size;
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
            let carried = carry(&source, before.view(), after.view()).unwrap();
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

    fn one(values: [f32; 4]) -> Picture {
        let bytes = values.iter().flat_map(|value| value.to_ne_bytes()).collect();
        Picture::from_pixels(Format::RgbaF32, Size::new(1, 1), bytes).unwrap()
    }

    #[test]
    fn highlights_above_white_are_kept_and_dimmed_in_proportion() {
        let source = one([8.0, 1.0, 0.5, 1.0]);
        let before = convert(source.view(), Format::Rgba8);
        let mut after = before.clone();
        assert_eq!(carry(&source, before.view(), after.view()).unwrap(), source);
        after.pixels_mut()[0] = 128;
        let dimmed = carry(&source, before.view(), after.view()).unwrap();
        let red = load::<f32>(&dimmed, 0)[0];
        assert!((red - 8.0 * crate::srgb_to_linear(128.0 / 255.0)).abs() < 1e-5, "{red}");
        assert_eq!(dimmed, one([red, 1.0, 0.5, 1.0]), "the other channels are as they were");
    }

    #[test]
    fn sixteen_bits_of_a_model_reach_a_float_picture() {
        let source = one([0.2, -0.5, 3.0, 1.0]);
        let before = convert(source.view(), Format::Rgba16);
        let mut after = before.clone();
        let lighter = u16::from_ne_bytes(pixels::<u16>(before.pixels())[0][0]) + 3;
        after.pixels_mut()[..2].copy_from_slice(&lighter.to_ne_bytes());
        let carried = carry(&source, before.view(), after.view()).unwrap();
        let red = load::<f32>(&carried, 0)[0];
        assert!(red > 0.2 && red < 0.2002, "{red}");
        assert_eq!(carried, one([red, -0.5, 3.0, 1.0]));
        // A model of floats says itself what is brighter than white.
        let after = one([5.0, -0.5, 3.0, 1.0]);
        assert_eq!(carry(&source, source.view(), after.view()).unwrap(), after);
    }

    #[test]
    fn pictures_that_do_not_go_together_are_refused() {
        let source = one([0.0; 4]);
        let eight = convert(source.view(), Format::Rgba8);
        let gray = convert(source.view(), Format::Gray8);
        assert!(carry(&source, eight.view(), source.view()).is_err());
        assert!(carry(&source, gray.view(), gray.view()).is_err());
        assert!(carry(&gray, eight.view(), eight.view()).is_err());
        let wide = Picture::new_zeroed(Format::Rgba8, Size::new(2, 1)).unwrap();
        assert!(carry(&source, wide.view(), wide.view()).is_err());
    }
}
