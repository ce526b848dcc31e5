//! Finding the subject and taking it out. The network looks at 320 pixels, so it is asked twice: at
//! the whole picture, then at the part where the subject is. Its soft answer is fitted to the edges of
//! the picture at full size with a guided filter, and the colours of half-covered pixels are freed of
//! the background. It does not know what the subject is, and cannot be told.

use easel_backend::{Error, Result};
use easel_pixels::{Format, Picture, Rect, Size, View, ViewMut, guided_filter, resize};
use rten_tensor::Tensor;
use rten_tensor::prelude::*;

use crate::backdrop::Backdrop;
use crate::foreground::Foreground;
use crate::network::Network;
use crate::opaque::Opaque;
use crate::tensor::{Planes, byte, layout};
use crate::watch::{Part, Watch};
use crate::weights::{SUBJECT, Weights};

const SIDE: u32 = 320;
/// The mean and the deviation of the pictures that the network was trained with.
const MEAN: [f32; 3] = [0.485, 0.456, 0.406];
const DEVIATION: [f32; 3] = [0.229, 0.224, 0.225];
/// Below this the network has seen no subject anywhere.
const SURE: f32 = 0.5;
/// How much is added around the subject for the second look, of its longer side.
const MARGIN: f32 = 0.15;
/// A second look is worth it below this share of the picture.
const WORTH: f64 = 0.8;
/// Contrast that counts as an edge of the subject.
const EDGE: f32 = 2e-4;

/// Writes the subject of `source` (`rgba8`) over `backdrop` into `out` (the same size and format).
/// Transparency of the source stays. Errs when there is no clear subject.
pub fn cut_out(
    weights: &mut Weights,
    source: View<'_>,
    backdrop: &Backdrop<'_>,
    out: &mut ViewMut<'_>,
    watch: &dyn Watch,
) -> Result<()> {
    out.as_view().expect_size(source.size()).map_err(layout)?;
    let part = Part::whole(watch, "finding the subject");
    let shown = Opaque::of(source)?;
    let mask = find(weights, shown.view(), part.part(0.0, 0.6))?;
    let part = part.saying("cutting it out");
    part.at(0.6)?;
    let foreground = Foreground::new(shown.view(), mask.view())?;
    part.at(0.75)?;
    let behind = backdrop.prepare(shown.view(), mask.view())?;
    part.at(0.85)?;
    for y in 0..source.height() {
        if y % 256 == 0 {
            part.at(0.85 + 0.15 * f64::from(y) / f64::from(source.height()))?;
        }
        let (own, row) = (source.row(y), out.row_mut(y));
        foreground.row(y, row);
        behind.row(y, row);
        for (pixel, own) in row.chunks_exact_mut(4).zip(own.chunks_exact(4)) {
            pixel[3] = ((u32::from(pixel[3]) * u32::from(own[3]) + 127) / 255) as u8;
        }
    }
    part.at(1.0)
}

/// Where the subject is: `gray8`, 255 inside, as large as the source (`rgba8`).
pub fn subject_mask(weights: &mut Weights, source: View<'_>, watch: &dyn Watch) -> Result<Picture> {
    let shown = Opaque::of(source)?;
    find(weights, shown.view(), Part::whole(watch, "finding the subject"))
}

fn find(weights: &mut Weights, view: View<'_>, part: Part<'_>) -> Result<Picture> {
    let network = weights.network(SUBJECT)?;
    part.at(0.0)?;
    let whole = Rect::of(view.size());
    let first = look(&network, view, whole)?;
    let Some(bounds) = bounds(&first) else {
        return Err(Error::refused("there is no clear subject in this picture"));
    };
    part.at(0.4)?;
    let margin = (MARGIN * bounds.long_side(view.size())) as u32;
    let rect = bounds.place(view.size()).expand(margin.max(2), view.size());
    let mut mask = enlarged(&first, view.size())?;
    let mut span = view.size().long_side();
    if (rect.area() as f64) < WORTH * whole.area() as f64 {
        let second = enlarged(&look(&network, view, rect)?, rect.size())?;
        lay_over(&mut mask, &second, rect, margin.max(2))?;
        span = rect.size().long_side();
    }
    part.at(0.8)?;
    // The network's mask may be off by a few of its own pixels.
    let radius = (span * 3 / SIDE).clamp(2, 200);
    let mut refined = guided_filter(view, mask.view(), radius, EDGE).map_err(layout)?;
    for value in refined.pixels_mut() {
        *value = firm(*value);
    }
    Ok(refined)
}

/// The network's answer for a part of the picture: `SIDE` x `SIDE`, 0 to 1.
fn look(network: &Network, view: View<'_>, rect: Rect) -> Result<Vec<f32>> {
    let small = resize(view.crop(rect).map_err(layout)?, Size::new(SIDE, SIDE)).map_err(layout)?;
    let mut planes = Planes::of(small.view(), small.size())?;
    // As in training: the brightest value counts as white.
    let white = planes.values.iter().copied().fold(0.0_f32, f32::max).max(1e-3);
    let area = (SIDE * SIDE) as usize;
    for (plane, (mean, deviation)) in
        planes.values.chunks_exact_mut(area).zip(MEAN.iter().zip(DEVIATION))
    {
        for value in plane {
            *value = (*value / white - mean) / deviation;
        }
    }
    let answer = network.run(&[("input.1", &planes.into_tensor())], &["1959"])?;
    let answer: Option<&Tensor> = answer.first();
    let answer = answer.filter(|answer| answer.len() == area);
    Ok(answer.ok_or_else(|| Error::failed("the network gave no mask"))?.to_vec())
}

/// The box of the subject in the network's pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bounds {
    left: u32,
    top: u32,
    right: u32,
    bottom: u32,
}

impl Bounds {
    /// The box in a picture.
    fn place(self, size: Size) -> Rect {
        let at = |place: u32, length: u32| {
            (u64::from(place) * u64::from(length) / u64::from(SIDE)) as u32
        };
        let (x, y) = (at(self.left, size.width), at(self.top, size.height));
        let (right, bottom) = (at(self.right, size.width), at(self.bottom, size.height));
        Rect::new(x, y, (right - x).max(1), (bottom - y).max(1))
    }

    fn long_side(self, size: Size) -> f32 {
        self.place(size).size().long_side() as f32
    }
}

fn bounds(answer: &[f32]) -> Option<Bounds> {
    let mut found: Option<Bounds> = None;
    for (index, _) in answer.iter().enumerate().filter(|(_, value)| **value >= SURE) {
        let (x, y) = (index as u32 % SIDE, index as u32 / SIDE);
        let old = found.unwrap_or(Bounds { left: x, top: y, right: x + 1, bottom: y + 1 });
        found = Some(Bounds {
            left: old.left.min(x),
            top: old.top.min(y),
            right: old.right.max(x + 1),
            bottom: old.bottom.max(y + 1),
        });
    }
    found
}

fn enlarged(answer: &[f32], size: Size) -> Result<Picture> {
    let bytes = answer.iter().map(|value| byte(value.clamp(0.0, 1.0))).collect();
    let small =
        Picture::from_pixels(Format::Gray8, Size::new(SIDE, SIDE), bytes).map_err(layout)?;
    resize(small.view(), size).map_err(layout)
}

/// Replaces `rect` of the mask, with a ramp of `margin` pixels at those sides that are not the picture's.
fn lay_over(mask: &mut Picture, part: &Picture, rect: Rect, margin: u32) -> Result<()> {
    let size = mask.size();
    let ramp = |place: u32, start: u32, end: u32, length: u32| {
        let before = if start == 0 { margin } else { (place - start).min(margin) };
        let after = if end == length { margin } else { (end - 1 - place).min(margin) };
        before.min(after)
    };
    let mut view = mask.view_mut();
    let mut view = view.crop_mut(rect).map_err(layout)?;
    for ((y, row), part) in (rect.y..).zip(view.rows_mut()).zip(part.view().rows()) {
        let down = ramp(y, rect.y, rect.bottom(), size.height);
        for ((x, value), part) in (rect.x..).zip(row).zip(part) {
            let share = down.min(ramp(x, rect.x, rect.right(), size.width));
            let mixed = u32::from(*part) * share + u32::from(*value) * (margin - share);
            *value = ((mixed + margin / 2) / margin) as u8;
        }
    }
    Ok(())
}

/// Nearly nothing becomes nothing, nearly all becomes all.
fn firm(value: u8) -> u8 {
    byte(((f32::from(value) / 255.0 - 0.08) / 0.85).clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_those_of_what_is_sure() {
        let mut answer = vec![0.2; (SIDE * SIDE) as usize];
        assert_eq!(bounds(&answer), None);
        answer[(100 * SIDE + 40) as usize] = 0.9;
        answer[(110 * SIDE + 80) as usize] = 0.6;
        let found = bounds(&answer).unwrap();
        assert_eq!(found, Bounds { left: 40, top: 100, right: 81, bottom: 111 });
        assert_eq!(found.place(Size::new(640, 320)), Rect::new(80, 100, 82, 11));
        assert_eq!(found.place(Size::new(1, 1)), Rect::new(0, 0, 1, 1));
    }

    #[test]
    fn a_second_look_is_laid_over_without_a_step() {
        let size = Size::new(60, 1);
        let mut mask = Picture::new_zeroed(Format::Gray8, size).unwrap();
        let rect = Rect::new(20, 0, 40, 1);
        let part = Picture::from_pixels(Format::Gray8, rect.size(), vec![255; 40]).unwrap();
        lay_over(&mut mask, &part, rect, 10).unwrap();
        let row = mask.view().row(0);
        assert!(row[..20].iter().all(|value| *value == 0));
        assert!(
            row[30..].iter().all(|value| *value == 255),
            "the picture's own border is no ramp: {row:?}"
        );
        assert!(
            row.windows(2).all(|pair| pair[1] >= pair[0] && pair[1] - pair[0] <= 26),
            "{row:?}"
        );
    }
}
