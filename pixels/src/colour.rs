//! ICC profiles: from a picture's own colours to sRGB for a model, and back to the picture's own.
//!
//! A picture that carries a profile holds values of that profile, at every depth; one without holds sRGB, and linear
//! sRGB as floats. Matrix and table profiles of RGB and grey are applied with relative colorimetric intent, row by row,
//! alpha untouched. Floats go through curves and matrix without clipping, and back to what they were; a profile of
//! tables is refused for them, since it would clip.

mod curve;
mod float;

use std::sync::Arc;

use moxcms::{
    ColorProfile, DataColorSpace, Layout, RenderingIntent, TransformExecutor, TransformOptions,
};

use crate::guard::guarded;
use crate::{Format, Picture, convert};
use curve::Curve;
use float::Floats;

/// Why a profile cannot be applied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ColourError {
    /// The bytes are no ICC profile, or a damaged one.
    #[error("the colour profile is damaged: {0}")]
    Malformed(String),
    /// The profile describes no RGB and no grey.
    #[error("the colour profile describes {0}, not RGB or grey")]
    Space(&'static str),
    /// The profile cannot be applied to this picture.
    #[error("the colour profile cannot be applied: {0}")]
    Unsupported(String),
}

impl ColourError {
    /// What to do about it.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Malformed(_) => {
                "assign a valid profile in an editor, or remove it to have the colours taken as sRGB"
            }
            Self::Space(_) => "convert the picture to RGB in an editor",
            Self::Unsupported(_) => "convert the picture to sRGB in an editor",
        }
    }
}

/// Whether the profile describes sRGB, by its numbers and not by its name. A damaged profile does not.
pub fn is_srgb(icc: &[u8]) -> bool {
    parse(icc).is_ok_and(|profile| guarded(|| profile_is_srgb(&profile)).unwrap_or(false))
}

/// Whether values of this profile are what they would be without one: sRGB, and linear sRGB for `rgbaf32`. A damaged
/// profile does not say so.
pub fn is_plain(icc: &[u8], format: Format) -> bool {
    if format == Format::RgbaF32 {
        let known = parse(icc).and_then(|profile| Floats::of(&profile));
        return known.is_ok_and(|floats| floats.is_linear_srgb());
    }
    is_srgb(icc)
}

/// The picture in sRGB (linear sRGB for `rgbaf32`), without a profile. One that has none, or one that says the same
/// ([`is_plain`]), is copied.
pub fn to_srgb(picture: &Picture) -> Result<Picture, ColourError> {
    let mut plain = picture.clone().with_icc(None);
    let Some(icc) = &picture.icc else { return Ok(plain) };
    let profile = parse(icc)?;
    if picture.format() == Format::RgbaF32 {
        let floats = Floats::of(&profile)?;
        if !floats.is_linear_srgb() {
            floats.decode(&mut plain);
        }
        return Ok(plain);
    }
    if profile_is_srgb(&profile) {
        return Ok(plain);
    }
    transform(picture, &profile, &ColorProfile::new_srgb())
}

/// An sRGB picture (linear sRGB for `rgbaf32`) in the colours of `icc`, which it carries then.
pub fn from_srgb(picture: &Picture, icc: &Arc<[u8]>) -> Result<Picture, ColourError> {
    let profile = parse(icc)?;
    let own = Some(icc.clone());
    if picture.format() == Format::RgbaF32 {
        let floats = Floats::of(&profile)?;
        let mut out = picture.clone().with_icc(own);
        if !floats.is_linear_srgb() {
            floats.encode(&mut out);
        }
        return Ok(out);
    }
    if profile_is_srgb(&profile) {
        return Ok(picture.clone().with_icc(own));
    }
    transform(picture, &ColorProfile::new_srgb(), &profile).map(|out| out.with_icc(own))
}

fn parse(icc: &[u8]) -> Result<ColorProfile, ColourError> {
    let profile = guarded(|| ColorProfile::new_from_slice(icc))
        .ok_or_else(|| ColourError::Malformed("it cannot be read".to_owned()))?
        .map_err(|error| ColourError::Malformed(error.to_string()))?;
    match profile.color_space {
        DataColorSpace::Rgb | DataColorSpace::Gray => Ok(profile),
        DataColorSpace::Cmyk => Err(ColourError::Space("CMYK")),
        DataColorSpace::Lab => Err(ColourError::Space("Lab")),
        _ => Err(ColourError::Space("another colour space")),
    }
}

fn is_gray(profile: &ColorProfile) -> bool {
    profile.color_space == DataColorSpace::Gray
}

/// Same primaries, and curves that give the same light, both to a fraction of an 8-bit step.
fn profile_is_srgb(profile: &ColorProfile) -> bool {
    if is_gray(profile)
        || profile.lut_a_to_b_perceptual.is_some()
        || profile.lut_a_to_b_colorimetric.is_some()
    {
        return false;
    }
    let srgb = ColorProfile::new_srgb();
    let (own, reference) = (profile.colorant_matrix().v, srgb.colorant_matrix().v);
    let same_primaries = own
        .iter()
        .flatten()
        .zip(reference.iter().flatten())
        .all(|(own, reference)| (own - reference).abs() < 1e-3);
    same_primaries
        && [&profile.red_trc, &profile.green_trc, &profile.blue_trc].into_iter().all(|curve| {
            Curve::of(curve.as_ref()).is_ok_and(|curve| {
                (0..=32_u8).all(|step| {
                    let value = f32::from(step) / 32.0;
                    (curve.decode(value) - crate::srgb_to_linear(value)).abs() < 1.5e-3
                })
            })
        })
}

/// Integer pictures, row by row.
fn transform(
    picture: &Picture,
    from: &ColorProfile,
    to: &ColorProfile,
) -> Result<Picture, ColourError> {
    // A grey picture has a grey profile or none that fits; in colour it goes the same way as all others.
    let wide;
    let source = if picture.format() == Format::Gray8 {
        wide = convert(picture.view(), Format::Rgba8);
        &wide
    } else {
        picture
    };
    let layout =
        |profile: &ColorProfile| if is_gray(profile) { Layout::GrayAlpha } else { Layout::Rgba };
    let options = TransformOptions {
        rendering_intent: RenderingIntent::RelativeColorimetric,
        // At 8 bits the fixed-point way gives the same to a step, many times faster.
        prefer_fixed_point: source.format() != Format::Rgba16,
        ..TransformOptions::default()
    };
    let mut target = Picture::blank(source.format(), source.size());
    let done = guarded(|| {
        let grays = [is_gray(from), is_gray(to)];
        if source.format() == Format::Rgba16 {
            from.create_transform_16bit(layout(from), to, layout(to), options)
                .and_then(|executor| rows::<u16>(source, &mut target, grays, &*executor))
        } else {
            from.create_transform_8bit(layout(from), to, layout(to), options)
                .and_then(|executor| rows::<u8>(source, &mut target, grays, &*executor))
        }
    })
    .ok_or_else(|| ColourError::Malformed("it cannot be applied".to_owned()))?;
    done.map_err(|error| ColourError::Unsupported(error.to_string()))?;
    // Alpha is not a colour: it comes over bit by bit.
    let sample = target.format().bytes_per_sample();
    let old = source.pixels().chunks_exact(4 * sample);
    for (new, old) in target.pixels_mut().chunks_exact_mut(4 * sample).zip(old) {
        new[3 * sample..].copy_from_slice(&old[3 * sample..]);
    }
    if picture.format() == Format::Gray8 {
        Ok(convert(target.view(), Format::Gray8))
    } else {
        Ok(target)
    }
}

/// Feeds rows of aligned samples to the transform; grey profiles see grey and alpha only.
fn rows<S: bytemuck::Pod + Default>(
    source: &Picture,
    target: &mut Picture,
    [from_gray, to_gray]: [bool; 2],
    executor: &(impl TransformExecutor<S> + ?Sized),
) -> Result<(), moxcms::CmsError> {
    let width = source.width() as usize;
    let mut input = vec![S::default(); width * if from_gray { 2 } else { 4 }];
    let mut output = vec![S::default(); width * if to_gray { 2 } else { 4 }];
    let mut line = vec![S::default(); width * 4];
    for (to, from) in target.view_mut().rows_mut().zip(source.view().rows()) {
        bytemuck::cast_slice_mut::<S, u8>(&mut line).copy_from_slice(from);
        if from_gray {
            for (two, four) in input.as_chunks_mut::<2>().0.iter_mut().zip(line.as_chunks::<4>().0)
            {
                *two = [four[0], four[3]];
            }
            executor.transform(&input, &mut output)?;
        } else {
            executor.transform(&line, &mut output)?;
        }
        if to_gray {
            for (four, two) in line.as_chunks_mut::<4>().0.iter_mut().zip(output.as_chunks::<2>().0)
            {
                *four = [two[0], two[0], two[0], two[1]];
            }
            to.copy_from_slice(bytemuck::cast_slice(&line));
        } else {
            to.copy_from_slice(bytemuck::cast_slice(&output));
        }
    }
    Ok(())
}
