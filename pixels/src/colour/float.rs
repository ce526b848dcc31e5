//! Floats through a profile of curves and primaries, or of one curve for grey: to the light of sRGB's primaries and
//! back, nothing clipped on either way. Profiles that say it by tables of colours are an error, since a table ends.

use moxcms::ColorProfile;

use super::curve::Curve;
use super::{ColourError, is_gray};
use crate::Picture;
use crate::sample::pixels_mut;

/// Both ways between the values of a profile and linear sRGB.
pub(super) enum Floats {
    /// A curve a channel, and a matrix either way.
    Colour { curves: Box<[Curve; 3]>, to: [[f64; 3]; 3], from: [[f64; 3]; 3] },
    /// One curve; a colour becomes grey by the light it has, by `weights`.
    Gray { curve: Curve, weights: [f64; 3] },
}

impl Floats {
    pub(super) fn of(profile: &ColorProfile) -> Result<Floats, ColourError> {
        let tables = [
            &profile.lut_a_to_b_perceptual,
            &profile.lut_a_to_b_colorimetric,
            &profile.lut_a_to_b_saturation,
        ];
        if tables.into_iter().any(Option::is_some) {
            return Err(ColourError::Unsupported(
                "a float picture needs a profile of curves and primaries, not of tables".to_owned(),
            ));
        }
        let srgb = ColorProfile::new_srgb();
        if is_gray(profile) {
            let light = srgb.colorant_matrix().v[1];
            let sum: f64 = light.iter().sum();
            let curve = Curve::of(profile.gray_trc.as_ref())?;
            return Ok(Floats::Gray { curve, weights: light.map(|weight| weight / sum) });
        }
        let curves = Box::new([
            Curve::of(profile.red_trc.as_ref())?,
            Curve::of(profile.green_trc.as_ref())?,
            Curve::of(profile.blue_trc.as_ref())?,
        ]);
        let (to, from) = (profile.transform_matrix(&srgb).v, srgb.transform_matrix(profile).v);
        let product = |row: usize, column: usize| -> f64 {
            (0..3).map(|at| from[row][at] * to[at][column]).sum()
        };
        // Primaries in one line can be told from light, but not light from them.
        let undone = (0..9).all(|at| {
            let (row, column) = (at / 3, at % 3);
            (product(row, column) - f64::from(u8::from(row == column))).abs() < 1e-9
        });
        if !undone {
            return Err(ColourError::Malformed("its primaries span no colours".to_owned()));
        }
        Ok(Floats::Colour { curves, to, from })
    }

    /// Whether values in this profile are linear sRGB as they are.
    pub(super) fn is_linear_srgb(&self) -> bool {
        match self {
            Floats::Gray { .. } => false,
            Floats::Colour { curves, to, .. } => {
                let one = |row: usize, column: usize| f64::from(u8::from(row == column));
                let near = |at: usize| (to[at / 3][at % 3] - one(at / 3, at % 3)).abs() < 1e-3;
                (0..9).all(near) && curves.iter().all(Curve::is_line)
            }
        }
    }

    /// Values of the profile become linear sRGB.
    pub(super) fn decode(&self, picture: &mut Picture) {
        match self {
            Floats::Colour { curves, to, .. } => each(picture, |[red, green, blue]| {
                let light =
                    [curves[0].decode(red), curves[1].decode(green), curves[2].decode(blue)];
                to.map(|row| dot(row, light))
            }),
            // All three are alike; as everywhere, the first one counts.
            Floats::Gray { curve, .. } => each(picture, |[gray, ..]| [curve.decode(gray); 3]),
        }
    }

    /// Linear sRGB becomes values of the profile.
    pub(super) fn encode(&self, picture: &mut Picture) {
        match self {
            Floats::Colour { curves, from, .. } => each(picture, |colour| {
                let [red, green, blue] = from.map(|row| dot(row, colour));
                [curves[0].encode(red), curves[1].encode(green), curves[2].encode(blue)]
            }),
            Floats::Gray { curve, weights } => {
                each(picture, |colour| [curve.encode(dot(*weights, colour)); 3]);
            }
        }
    }
}

fn dot(row: [f64; 3], colour: [f32; 3]) -> f32 {
    let [red, green, blue] = colour.map(f64::from);
    (row[0] * red + row[1] * green + row[2] * blue) as f32
}

/// Alpha stays as it is.
fn each(picture: &mut Picture, colour: impl Fn([f32; 3]) -> [f32; 3]) {
    for pixel in pixels_mut::<f32>(picture.pixels_mut()) {
        let [red, green, blue, alpha] = *pixel;
        let [red, green, blue] =
            colour([red, green, blue].map(f32::from_ne_bytes)).map(f32::to_ne_bytes);
        *pixel = [red, green, blue, alpha];
    }
}
