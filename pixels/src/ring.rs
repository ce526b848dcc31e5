//! The ring around a mask, which was to stay, and what it tells about colour.
//!
//! A model that redraws a whole picture makes it a little brighter or warmer. On the ring the difference is known, as a
//! gain and an offset of each channel, and undoing it there undoes it inside the mask too. Robust: what has changed
//! although it was to stay is left out. Alpha is never touched.

use crate::distance::to_outside;
use crate::mask::gray;
use crate::sample::{Sample, by_sample, pixels, pixels_mut, samples, samples_mut};
use crate::{Format, LayoutError, Picture, View, ViewMut, convert};

/// The smallest ring that tells anything, in pixels.
const ENOUGH: f64 = 400.0;
/// A match must leave at most this share of the difference,
const BETTER: f64 = 0.9;
/// and must change colours by at least this much on average: less is not seen.
const LEAST_CHANGE: f64 = 0.001;
/// Gains and offsets a match may have.
const GAINS: [f64; 2] = [0.7, 1.4];
const OFFSET: f64 = 0.15;
/// Pixels that are less opaque show a colour that nobody sees.
const OPAQUE: f32 = 0.5;
/// Squares along the longer side: noise, and what lies off by a pixel, averages out inside a square.
const SQUARES: u32 = 128;
/// Tukey's constant times the factor from a median to a deviation.
const CUT: f64 = 4.685 * 1.4826;
/// Spread of a channel, as a share of its mean, that is too little to tell a gain by.
const FLAT: f64 = 0.03;

/// The part of a picture that was to stay and is clear of what may change: `gray8`, 255 where the mask is 0 and no
/// pixel that may change (mask above 0) is nearer than `margin` pixels (Euclidean, between centres), else 0. The
/// picture's own edge is no edge of the mask. At most 65535 pixels of margin count.
pub fn ring(mask: View<'_>, margin: u32) -> Picture {
    let mut held = None;
    let mut stays = Picture::from_view(gray(mask, &mut held));
    for value in stays.pixels_mut() {
        *value = if *value == 0 { 255 } else { 0 };
    }
    let limit = margin.min(u32::from(u16::MAX)) as u16;
    if limit < 2 {
        // No two pixels are nearer than 1.
        return stays;
    }
    let mut ring = stays.clone();
    let (width, far) = (stays.width() as usize, f32::from(limit));
    to_outside(stays.view(), limit, |y, distances| {
        let row = &mut ring.pixels_mut()[y as usize * width..][..width];
        for (value, distance) in row.iter_mut().zip(distances) {
            if *distance < far {
                *value = 0;
            }
        }
    });
    ring
}

/// What brings the colours of one picture to those of another: `gain * value + offset` for red, green and blue.
///
/// Values are 0 to 1: gamma-coded for the integer formats, light for `rgbaf32`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ColourMatch {
    /// Red, green, blue: 0.7 to 1.4. All three are the same for `gray8`.
    pub gain: [f64; 3],
    /// Red, green, blue: -0.15 to 0.15.
    pub offset: [f64; 3],
    /// Whether it was found in light, of `rgbaf32`, and is for it.
    pub linear: bool,
}

/// The match of `after`, which came back, to `before`, which was sent; both registered, of one size. `keep` is `gray8`
/// of that size: 255 where a pixel was to stay, see [`ring`]; lower values are not looked at. It holds for the format
/// of `after`.
///
/// None when sizes differ, when fewer than 400 pixels can be compared (opaque, and not at either end of the range), when
/// the colours are the same, or when no gain and offset takes away a tenth of the difference.
pub fn match_colour(before: View<'_>, after: View<'_>, keep: View<'_>) -> Option<ColourMatch> {
    if after.size() != before.size() || keep.size() != before.size() {
        return None;
    }
    let (mut held, mut converted) = (None, None);
    let keep = gray(keep, &mut held);
    let before = if before.format() == after.format() {
        before
    } else {
        converted.insert(convert(before, after.format())).view()
    };
    let squares = by_sample!(after.format(), S => squares::<S>(before, after, keep));
    let channels = if after.format() == Format::Gray8 { 1 } else { 3 };
    let mut found =
        ColourMatch { gain: [1.0; 3], offset: [0.0; 3], linear: after.format() == Format::RgbaF32 };
    let (mut difference, mut left, mut change) = (0.0, 0.0, 0.0);
    for (channel, squares) in squares.iter().enumerate().take(channels) {
        let line = Line::fit(squares)?;
        found.gain[channel] = line.gain;
        found.offset[channel] = line.offset;
        difference += line.difference;
        left += line.left;
        change += line.change / channels as f64;
    }
    if channels == 1 {
        (found.gain, found.offset) = ([found.gain[0]; 3], [found.offset[0]; 3]);
    }
    (left <= BETTER * difference && change >= LEAST_CHANGE).then_some(found)
}

impl ColourMatch {
    /// Applies it to every pixel. Integer formats are clamped and rounded, floats are not clamped; alpha stays. Errs
    /// when the match is for light and the picture is not in light, or the other way round.
    pub fn apply(&self, picture: &mut ViewMut<'_>) -> Result<(), LayoutError> {
        let found = picture.format();
        if self.linear != (found == Format::RgbaF32) {
            let expected = if self.linear { Format::RgbaF32 } else { Format::Rgba8 };
            return Err(LayoutError::Format { found, expected });
        }
        by_sample!(found, S => self.apply_to::<S>(picture));
        Ok(())
    }

    fn apply_to<S: Sample>(&self, picture: &mut ViewMut<'_>) {
        let gain = self.gain.map(|gain| gain as f32);
        let full = S::MAX.to_f32();
        let offset = self.offset.map(|offset| offset as f32 * full);
        let linear = self.linear;
        let one = |raw: &mut S::Raw, channel: usize| {
            let value = S::load(*raw).to_f32() * gain[channel] + offset[channel];
            *raw = S::from_f32(if linear { value } else { value.clamp(0.0, full) }).store();
        };
        let gray = picture.format() == Format::Gray8;
        for row in picture.rows_mut() {
            if gray {
                for raw in samples_mut::<S>(row) {
                    one(raw, 0);
                }
            } else {
                for pixel in pixels_mut::<S>(row) {
                    (0..3).for_each(|channel| one(&mut pixel[channel], channel));
                }
            }
        }
    }
}

/// Means of a channel over the trusted pixels of a square.
#[derive(Clone, Copy, Default)]
struct Square {
    before: f64,
    after: f64,
    /// Pixels.
    count: f64,
}

/// The squares of the three channels; of grey, the first only.
fn squares<S: Sample>(before: View<'_>, after: View<'_>, keep: View<'_>) -> [Vec<Square>; 3] {
    let side = (before.size().long_side() / SQUARES).max(4);
    // Of a large square about sixteen by sixteen pixels are looked at.
    let each = (side / 16).max(1) as usize;
    let gray = after.format() == Format::Gray8;
    let across = before.width().div_ceil(side) as usize;
    let mut squares: [Vec<Square>; 3] = Default::default();
    let mut line = vec![[Square::default(); 3]; across];
    let full = S::MAX.to_f32();
    let ends = if after.format() == Format::RgbaF32 { [f32::MIN, f32::MAX] } else { [0.0, full] };
    let weigh = (each * each) as f64;
    for y in (0..before.height()).step_by(each) {
        let (from, to, keep) = (before.row(y), after.row(y), keep.row(y));
        for x in (0..keep.len()).step_by(each).filter(|x| keep[*x] == 255) {
            let read = |row: &[u8]| -> [f32; 4] {
                if gray {
                    let value = S::load(samples::<S>(row)[x]).to_f32();
                    [value, value, value, full]
                } else {
                    pixels::<S>(row)[x].map(|raw| S::load(raw).to_f32())
                }
            };
            let (old, new) = (read(from), read(to));
            if old[3].min(new[3]) < OPAQUE * full {
                continue;
            }
            for (channel, square) in line[x / side as usize].iter_mut().enumerate() {
                // What ran into an end of the range says only that it was beyond.
                if new[channel] > ends[0] && new[channel] < ends[1] && old[channel].is_finite() {
                    square.before += f64::from(old[channel] / full) * weigh;
                    square.after += f64::from(new[channel] / full) * weigh;
                    square.count += weigh;
                }
            }
        }
        let ends_here = y / side != (y + each as u32) / side || y + each as u32 >= before.height();
        if ends_here {
            for sums in &mut line {
                for (squares, sum) in squares.iter_mut().zip(std::mem::take(sums)) {
                    if sum.count > 0.0 {
                        let [before, after] = [sum.before, sum.after].map(|all| all / sum.count);
                        squares.push(Square { before, after, count: sum.count });
                    }
                }
            }
        }
    }
    squares
}

/// The straight line of one channel, and what it is good for.
struct Line {
    gain: f64,
    offset: f64,
    /// Mean difference on the ring without and with it; both stop counting where the difference is that of another
    /// thing.
    difference: f64,
    left: f64,
    /// How much it changes the colours of the ring.
    change: f64,
}

impl Line {
    fn fit(squares: &[Square]) -> Option<Self> {
        if squares.iter().map(|square| square.count).sum::<f64>() < ENOUGH {
            return None;
        }
        let residual = |square: &Square, [gain, offset]: [f64; 2]| {
            square.before - (gain * square.after + offset)
        };
        let median = weighted_median(squares.iter().map(|s| (s.before - s.after, s.count)));
        let mut line = [1.0, median];
        let mut cut = 0.0;
        for _ in 0..12 {
            let spread =
                weighted_median(squares.iter().map(|s| (residual(s, line).abs(), s.count)));
            cut = (CUT * spread).max(0.004);
            let next = least_squares(squares, |square| {
                let ratio = residual(square, line) / cut;
                square.count * (1.0 - ratio * ratio).max(0.0).powi(2)
            })?;
            let moved = (next[0] - line[0]).abs() + (next[1] - line[1]).abs();
            line = next;
            if moved < 1e-6 {
                break;
            }
        }
        let mean = |value: &dyn Fn(&Square) -> f64| {
            let sum: f64 = squares.iter().map(|square| square.count * value(square)).sum();
            sum / squares.iter().map(|square| square.count).sum::<f64>()
        };
        // Both are cut off where the larger of the two shifts still counts in full.
        let far = cut.max(2.0 * median.abs());
        Some(Self {
            gain: line[0],
            offset: line[1],
            difference: mean(&|square| (square.before - square.after).abs().min(far)),
            left: mean(&|square| residual(square, line).abs().min(far)),
            change: mean(&|square| (line[0] * square.after + line[1] - square.after).abs()),
        })
    }
}

/// The gain and offset, inside their bounds, that leave the smallest weighted squares. A channel without spread keeps a
/// gain of 1. None when nothing has weight.
fn least_squares(squares: &[Square], weight: impl Fn(&Square) -> f64) -> Option<[f64; 2]> {
    let [mut total, mut old, mut new] = [0.0; 3];
    for square in squares {
        let weight = weight(square);
        total += weight;
        old += weight * square.before;
        new += weight * square.after;
    }
    if total <= 0.0 {
        return None;
    }
    let (old, new) = (old / total, new / total);
    let [mut both, mut own] = [0.0; 2];
    for square in squares {
        let weight = weight(square) / total;
        both += weight * (square.before - old) * (square.after - new);
        own += weight * (square.after - new).powi(2);
    }
    let flat = (FLAT * new).powi(2).max(1e-12);
    let gain = ((both + flat) / (own + flat)).clamp(GAINS[0], GAINS[1]);
    Some([gain, (old - gain * new).clamp(-OFFSET, OFFSET)])
}

/// The value below which half of the weight lies.
fn weighted_median(values: impl Iterator<Item = (f64, f64)>) -> f64 {
    let mut values: Vec<(f64, f64)> = values.collect();
    values.sort_by(|one, other| one.0.total_cmp(&other.0));
    let half = values.iter().map(|(_, weight)| weight).sum::<f64>() / 2.0;
    let mut sum = 0.0;
    let middle = values.iter().find(|(_, weight)| {
        sum += weight;
        sum >= half
    });
    middle.map_or(0.0, |(value, _)| *value)
}

#[cfg(test)]
mod tests;
