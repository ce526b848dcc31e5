//! What a model moved or tinted while it painted everything anew: found on what was to stay, and undone
//! before the mask decides what is used. A model that holds still is left alone.

use easel_pixels::register::{self, Registration};
use easel_pixels::{ColourMatch, Picture, View, convert, ring};
use easel_protocol::Failure;

use super::picture::layout_failure;

/// A result brought back to where the source is, and what was done, for the person who waits. `before` is
/// what the model was shown, `mask` what it was to change; both as large as the result. Colours are only
/// matched where that is asked for, since another look may be just what is wanted.
pub(super) fn align(
    before: View<'_>,
    after: Picture,
    mask: View<'_>,
    match_colours: bool,
) -> Result<(Picture, Option<String>), Failure> {
    let layout = |error: easel_pixels::LayoutError| layout_failure(&error);
    let converted;
    let before = if before.format() == after.format() {
        before
    } else {
        converted = convert(before, after.format());
        converted.view()
    };
    // Right beside the mask a model may have changed something too.
    let margin = (before.size().short_side() / 32).clamp(4, 32);
    let keep = ring::ring(mask, margin);
    let registration = register::estimate(before, after.view(), Some(keep.view()));
    let mut notes = Vec::new();
    let mut after = after;
    if registration.confident && !registration.is_identity() {
        after = registration.apply(after.view()).map_err(layout)?;
        let moved = farthest(&registration, before);
        notes.push(format!(
            "the model had moved the picture by up to {moved:.1} pixels: it was moved back"
        ));
    }
    if match_colours
        && registration.confident
        && let Some(colours) = ring::match_colour(before, after.view(), keep.view())
        && is_drift(&colours)
    {
        colours.apply(&mut after.view_mut()).map_err(layout)?;
        notes.push("its colours were matched to the surroundings".to_owned());
    }
    Ok((after, (!notes.is_empty()).then(|| notes.join("; "))))
}

/// A model that means no change of colour drifts by a few levels. What is more was meant.
fn is_drift(colours: &ColourMatch) -> bool {
    const GAIN: f64 = 0.08;
    const OFFSET: f64 = 0.03;
    colours.gain.iter().all(|gain| (gain - 1.0).abs() <= GAIN)
        && colours.offset.iter().all(|offset| offset.abs() <= OFFSET)
}

/// How far the corners were moved, at most, in pixels.
fn farthest(registration: &Registration, before: View<'_>) -> f64 {
    let (width, height) = (f64::from(before.width()), f64::from(before.height()));
    let across = |x: f64| (registration.scale_x - 1.0) * x + registration.shift_x;
    let down = |y: f64| (registration.scale_y - 1.0) * y + registration.shift_y;
    let mut most: f64 = 0.0;
    for x in [0.0, width] {
        for y in [0.0, height] {
            most = most.max(across(x).hypot(down(y)));
        }
    }
    most
}
