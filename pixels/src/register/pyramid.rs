//! The two pictures as luma at falling sizes, and how far each place of them may be trusted.
//!
//! Sizes fall by whole factors, and positions are counted from the picture's corner, so that a position of one level
//! times its factor is the position in the picture; what a whole factor leaves over at the right and below is left
//! away. Nothing here knows of motion: see `sight.rs`.

use std::ops::Range;

use crate::convert::Converter;
use crate::mask::gray;
use crate::sample::pixels;
use crate::{Format, View};

/// The finest level is at most this long: beyond, a motion is no better known, it only takes longer.
const LONGEST: u32 = 1024;
/// Halving ends at this length,
const COARSEST: usize = 64;
/// and where the short side would fall below this.
const SHORTEST: usize = 8;
/// What is less opaque than this shows what lies behind, which the model has never seen.
const OPAQUE: f32 = 0.98;

/// Rows of single floats.
pub(super) struct Plane {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) values: Vec<f32>,
}

impl Plane {
    fn filled(width: usize, height: usize, value: f32) -> Self {
        Self { width, height, values: vec![value; width * height] }
    }

    pub(super) fn row(&self, y: usize) -> &[f32] {
        &self.values[y * self.width..][..self.width]
    }

    /// The columns of row `y`.
    pub(super) fn part(&self, y: usize, columns: &Range<usize>) -> &[f32] {
        &self.row(y)[columns.clone()]
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = &[f32]> {
        self.values.chunks_exact(self.width)
    }
}

/// Where one sample of a filtered row comes from: four samples and their weights.
pub(super) struct Tap {
    index: [usize; 4],
    weight: [f32; 4],
}

impl Tap {
    /// Four samples from `first` on; those outside `0..length` are the ones at the edge.
    fn new(first: i64, weight: [f32; 4], length: usize) -> Self {
        let last = length as i64 - 1;
        let index = std::array::from_fn(|offset| (first + offset as i64).clamp(0, last) as usize);
        Self { index, weight }
    }

    /// A cubic through the four samples around `position`, counted from the centre of the first sample.
    fn cubic(position: f64, length: usize) -> Self {
        let whole = position.floor();
        let t = (position - whole) as f32;
        let weight = [
            t * (-0.5 + t * (1.0 - 0.5 * t)),
            1.0 + t * t * (1.5 * t - 2.5),
            t * (0.5 + t * (2.0 - 1.5 * t)),
            t * t * (0.5 * t - 0.5),
        ];
        Self::new(whole as i64 - 1, weight, length)
    }
}

/// Taps that read position `scale * p + shift` for the position `p` of every one of `count` samples (its centre at a
/// half), and the samples whose position lies between the first and the last centre.
pub(super) fn taps(
    scale: f64,
    shift: f64,
    count: usize,
    length: usize,
) -> (Vec<Tap>, Range<usize>) {
    let position = |index: usize| scale * (index as f64 + 0.5) + shift - 0.5;
    let inside = |index: &usize| (0.0..=length as f64 - 1.0).contains(&position(*index));
    let start = (0..count).find(inside).unwrap_or(0);
    let end = (start..count).rfind(inside).map_or(start, |last| last + 1);
    ((0..count).map(|index| Tap::cubic(position(index), length)).collect(), start..end)
}

/// Filters all rows, then all columns.
pub(super) fn separable(plane: &Plane, across: &[Tap], down: &[Tap]) -> Plane {
    let width = across.len();
    let mut between = Vec::with_capacity(width * plane.height);
    for row in plane.rows() {
        between.extend(across.iter().map(|tap| {
            let [a, b, c, d] = tap.index.map(|index| row[index]);
            a * tap.weight[0] + b * tap.weight[1] + c * tap.weight[2] + d * tap.weight[3]
        }));
    }
    let mut values = Vec::with_capacity(width * down.len());
    for tap in down {
        let [a, b, c, d] = tap.index.map(|index| &between[index * width..][..width]);
        values.extend(a.iter().zip(b).zip(c).zip(d).map(|(((a, b), c), d)| {
            a * tap.weight[0] + b * tap.weight[1] + c * tap.weight[2] + d * tap.weight[3]
        }));
    }
    Plane { width, height: down.len(), values }
}

/// A little blur, against noise and against what interpolation makes of the finest detail.
fn smooth(plane: &Plane) -> Plane {
    let line = |length: usize| -> Vec<Tap> {
        (0..length as i64).map(|x| Tap::new(x - 1, [0.25, 0.5, 0.25, 0.0], length)).collect()
    };
    separable(plane, &line(plane.width), &line(plane.height))
}

fn halve(plane: &Plane) -> Plane {
    let line = |length: usize| -> Vec<Tap> {
        (0..length as i64 / 2)
            .map(|x| Tap::new(2 * x - 1, [0.125, 0.375, 0.375, 0.125], length))
            .collect()
    };
    separable(plane, &line(plane.width), &line(plane.height))
}

/// Both pictures at one size.
pub(super) struct Level {
    pub(super) before: Plane,
    pub(super) after: Plane,
    /// 1 = was to stay, 0 = may have changed.
    pub(super) trust: Plane,
}

impl Level {
    pub(super) fn sides(&self) -> [f64; 2] {
        [self.before.width as f64, self.before.height as f64]
    }

    fn halved(&self) -> Self {
        let mut trust = halve(&self.trust);
        for value in &mut trust.values {
            // What is half foreign is wholly so: its luma is that of neither.
            *value = (2.0 * *value - 1.0).max(0.0);
        }
        Self { before: halve(&self.before), after: halve(&self.after), trust }
    }
}

/// Levels from the finest to the coarsest, each half as large as the one before it.
pub(super) struct Pyramid {
    pub(super) levels: Vec<Level>,
    /// Pixels of the picture per pixel of the finest level.
    pub(super) step: u32,
}

impl Pyramid {
    /// None when the sizes differ, or when the picture is too thin to show a motion.
    pub(super) fn new(before: View<'_>, after: View<'_>, keep: Option<View<'_>>) -> Option<Self> {
        let size = before.size();
        if after.size() != size || keep.is_some_and(|keep| keep.size() != size) {
            return None;
        }
        let step = size.long_side().div_ceil(LONGEST);
        if ((size.short_side() / step) as usize) < SHORTEST {
            return None;
        }
        let [shown_before, opaque] = shown(before, step);
        let [shown_after, _] = shown(after, step);
        let trust = trusted(opaque, keep, step);
        let mut levels =
            vec![Level { before: smooth(&shown_before), after: smooth(&shown_after), trust }];
        while let Some(last) = levels.last() {
            let (width, height) = (last.before.width, last.before.height);
            if width.max(height) <= COARSEST || width.min(height) < 2 * SHORTEST {
                break;
            }
            let halved = last.halved();
            levels.push(halved);
        }
        Some(Self { levels, step })
    }
}

/// Luma of gamma-coded values over mid grey, 0 to 1, and the least alpha; both of squares of `step` pixels.
fn shown(view: View<'_>, step: u32) -> [Plane; 2] {
    let (width, height) = ((view.width() / step) as usize, (view.height() / step) as usize);
    // Of a large square at most eight by eight pixels are looked at.
    let each = (step / 4).max(1) as usize;
    let looked = (step as usize).div_ceil(each);
    let share = 1.0 / (looked * looked) as f32;
    let mut converter = Converter::new(view.format(), Format::Rgba16, view.width());
    let mut deep = vec![0_u8; view.width() as usize * 8];
    let mut luma = Plane::filled(width, height, 0.0);
    let mut opaque = Plane::filled(width, height, 1.0);
    let lines = luma.values.chunks_exact_mut(width).zip(opaque.values.chunks_exact_mut(width));
    for (y, (luma, opaque)) in (0..).zip(lines) {
        for offset in (0..step).step_by(each) {
            converter.row(view.row(y * step + offset), &mut deep);
            let squares = pixels::<u16>(&deep).chunks_exact(step as usize);
            for ((luma, opaque), square) in luma.iter_mut().zip(opaque.iter_mut()).zip(squares) {
                for pixel in square.iter().step_by(each) {
                    let [red, green, blue, alpha] =
                        pixel.map(|raw| f32::from(u16::from_ne_bytes(raw)) / 65535.0);
                    let grey = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
                    *luma += ((grey - 0.5) * alpha + 0.5) * share;
                    *opaque = opaque.min(alpha);
                }
            }
        }
    }
    [luma, opaque]
}

/// Trust of squares of `step` pixels: as much as that of the least trusted pixel, and none where it is not opaque.
fn trusted(opaque: Plane, keep: Option<View<'_>>, step: u32) -> Plane {
    let mut trust = opaque;
    for value in &mut trust.values {
        *value = if *value >= OPAQUE { 1.0 } else { 0.0 };
    }
    let Some(keep) = keep else { return trust };
    let mut held = None;
    let keep = gray(keep, &mut held);
    let width = trust.width;
    for (y, line) in (0..).zip(trust.values.chunks_exact_mut(width)) {
        for row in (0..step).map(|offset| keep.row(y * step + offset)) {
            for (trust, square) in line.iter_mut().zip(row.chunks_exact(step as usize)) {
                let least = square.iter().fold(255, |least, value| *value.min(&least));
                *trust = trust.min(f32::from(least) / 255.0);
            }
        }
    }
    trust
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cubic_reads_a_straight_line_where_it_is_asked() {
        let plane =
            Plane { width: 20, height: 20, values: (0..400).map(|i| (i % 20) as f32).collect() };
        let (across, valid) = taps(1.1, -0.75, 20, 20);
        let (down, _) = taps(1.0, 0.0, 20, 20);
        let read = separable(&plane, &across, &down);
        // Two samples at the start lie before the first centre, and two at the end behind the last.
        assert_eq!(valid, 1..18);
        for x in 2..16 {
            let wanted = 1.1 * (f64::from(x) + 0.5) - 0.75 - 0.5;
            assert!((f64::from(read.row(7)[x as usize]) - wanted).abs() < 1e-4, "{x}");
        }
    }

    #[test]
    fn halving_keeps_positions_from_the_corner() {
        let plane = Plane {
            width: 21,
            height: 16,
            values: (0..336).map(|i| (i % 21) as f32 + 0.5).collect(),
        };
        let half = halve(&plane);
        assert_eq!((half.width, half.height), (10, 8));
        for x in 1..9 {
            assert!((half.row(3)[x] - 2.0 * (x as f32 + 0.5)).abs() < 1e-4, "{x}");
        }
    }
}
