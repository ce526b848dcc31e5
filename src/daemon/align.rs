//! What a model moved or tinted while it painted everything anew: found on what was to stay, and undone
//! before the mask decides what is used. A model that holds still is left alone.

use easel_pixels::register::{self, Registration};
use easel_pixels::{ColourMatch, Format, Picture, View, composite, convert, ring};
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
    if !registration.is_identity() {
        after = within_frame(&registration, before, &after)?;
    }
    Ok((after, (!notes.is_empty()).then(|| notes.join("; "))))
}

/// What a model moved out of the frame it did not paint: there the source stays, faded in over a few pixels.
fn within_frame(
    registration: &Registration,
    before: View<'_>,
    after: &Picture,
) -> Result<Picture, Failure> {
    /// Over so many pixels the source fades in.
    const FADE: f64 = 8.0;
    let layout = |error: easel_pixels::LayoutError| layout_failure(&error);
    // How far each pixel is inside of what was painted, along one side, as a share of the fade.
    let inside = |length: u32, scale: f64, shift: f64| -> Vec<f64> {
        let (start, end) = (-shift / scale, (f64::from(length) - shift) / scale);
        let near = |at: f64| {
            // A side that lies outside of the frame is no border.
            let left = if start <= 0.0 { FADE } else { at - start };
            let right = if end >= f64::from(length) { FADE } else { end - at };
            (left.min(right) / FADE).clamp(0.0, 1.0)
        };
        (0..length).map(|index| near(f64::from(index) + 0.5)).collect()
    };
    let across = inside(before.width(), registration.scale_x, registration.shift_x);
    let down = inside(before.height(), registration.scale_y, registration.shift_y);
    if across.iter().chain(&down).all(|share| *share >= 1.0) {
        return Ok(after.clone());
    }
    let mut painted = Picture::new_zeroed(Format::Gray8, before.size()).map_err(layout)?;
    for (row, down) in painted.view_mut().rows_mut().zip(&down) {
        for (value, across) in row.iter_mut().zip(&across) {
            *value = (across * down * 255.0).round() as u8;
        }
    }
    let mut out = Picture::new_zeroed(after.format(), after.size()).map_err(layout)?;
    composite(before, after.view(), painted.view(), &mut out.view_mut()).map_err(layout)?;
    Ok(out)
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

#[cfg(test)]
mod tests {
    use super::*;
    use easel_pixels::Size;

    #[test]
    fn what_was_moved_out_of_the_frame_stays_as_it_was() {
        let size = Size::new(100, 60);
        let flat = |value: u8| {
            Picture::from_pixels(Format::Rgba8, size, vec![value; 100 * 60 * 4]).unwrap()
        };
        let (before, after) = (flat(10), flat(200));
        let at = |picture: &Picture, x: usize, y: usize| picture.pixels()[(y * 100 + x) * 4];
        // A tenth larger, and five pixels to the left: the right and the lower border are missing.
        let moved = Registration {
            scale_x: 1.1,
            scale_y: 1.1,
            shift_x: -5.0,
            confident: true,
            ..Registration::IDENTITY
        };
        let out = within_frame(&moved, before.view(), &after).unwrap();
        assert_eq!((at(&out, 99, 20), at(&out, 50, 59), at(&out, 0, 20)), (10, 10, 10));
        assert_eq!((at(&out, 50, 20), at(&out, 50, 0)), (200, 200));
        assert!((11..200).contains(&at(&out, 92, 20)), "{}", at(&out, 92, 20));
        let smaller =
            Registration { scale_x: 0.9, scale_y: 0.9, shift_x: 5.0, shift_y: 3.0, ..moved };
        let out = within_frame(&smaller, before.view(), &after).unwrap();
        assert_eq!(out.pixels(), after.pixels(), "all of it was painted");
    }
}
