//! One level as the estimate looks at it: both pictures less their local mean, over their local deviation, so that
//! neither brightness, nor contrast, nor a tint, nor a slow shade counts; and the Gauss-Newton steps on it.
//!
//! Every sum is weighted by trust, by texture, and by Tukey's biweight of the residual. What lies under the mask never
//! enters a local mean either: the trust is carried along with the motion that is known so far.

use std::ops::Range;

use super::motion::{Motion, Normal};
use super::pyramid::{Level, Plane, separable, taps};
use crate::plane::box_mean;

/// Half the side of the square of the local mean and deviation.
const RADIUS: usize = 5;
/// A deviation of this much luma is texture as much as it is noise.
const NOISE: f32 = 0.02;
/// Below this share of trusted pixels in the square there is no local mean to speak of.
const LEAST_TRUSTED: f32 = 0.15;
/// Tukey's constant times the factor from a median to a deviation.
const CUT: f32 = 4.685 * 1.4826;
/// Cells across and down that are asked each for itself whether a motion fits,
const CELLS: usize = 8;
/// and the share of the correlation of all from which on it does.
const CELL_AGREES: f64 = 0.8;
/// Floats that are summed at once.
const LANES: usize = 8;

/// Both pictures of a level, normalised.
pub(super) struct Sight {
    pub(super) before: Plane,
    pub(super) after: Plane,
    /// Trust times texture, 0 to 1.
    pub(super) weight: Plane,
    /// Of `before`, per pixel.
    gradient: [Plane; 2],
}

/// How well a motion fits, beside how well none does.
pub(super) struct Verdict {
    /// Correlation without and with the motion.
    pub(super) correlation: [f64; 2],
    /// Residual without and with the motion, 0 to 1.
    pub(super) loss: [f64; 2],
    /// The share of the texture that lies in cells which correlate with the motion, 0 to 1. A motion that fits one
    /// half of the picture and misses the other is not the motion of the picture.
    pub(super) agreeing: f64,
}

impl Sight {
    /// Looks at a level of which `motion` is already known.
    pub(super) fn new(level: &Level, motion: &Motion) -> Self {
        let (before, mut weight) = normalised(&level.before, &level.trust);
        let carried = if level.trust.values.iter().all(|trust| *trust >= 1.0) {
            None
        } else {
            let (mut carried, _) = warp(&level.trust, &motion.inverse());
            carried.values.iter_mut().for_each(|trust| *trust = trust.clamp(0.0, 1.0));
            Some(carried)
        };
        let (after, _) = normalised(&level.after, carried.as_ref().unwrap_or(&level.trust));
        shrink(&mut weight, &level.trust);
        let gradient = gradient(&before);
        Self { before, after, weight, gradient }
    }

    /// Pixels that are trusted and show texture.
    pub(super) fn textured(&self) -> usize {
        self.weight.values.iter().filter(|weight| **weight > 0.5).count()
    }

    /// Where a residual stops counting, from the median of all.
    pub(super) fn cut(&self, motion: &Motion) -> f32 {
        const BINS: usize = 256;
        const PER_UNIT: f32 = 64.0;
        let (warped, [columns, rows]) = warp(&self.after, motion);
        let mut counts = [0.0_f64; BINS];
        for y in rows {
            let line = warped.row(y).iter().zip(self.before.row(y)).zip(self.weight.row(y));
            for ((after, before), weight) in line.take(columns.end).skip(columns.start).step_by(3) {
                let bin = ((after - before).abs() * PER_UNIT) as usize;
                counts[bin.min(BINS - 1)] += f64::from(*weight);
            }
        }
        let half = counts.iter().sum::<f64>() / 2.0;
        let mut sum = 0.0;
        let median = counts.iter().position(|count| {
            sum += count;
            sum >= half
        });
        (CUT * (median.unwrap_or(0) as f32 + 0.5) / PER_UNIT).clamp(0.3, 8.0)
    }

    /// Steps from `motion` on until nothing changes, and the equations at the last one.
    pub(super) fn refine(&self, motion: Motion, cut: f32, steps: usize) -> (Motion, Normal) {
        let mut current = motion;
        let mut normal = self.normal(&current, cut);
        for _ in 0..steps {
            let Some(step) = normal.step(&current, self.sides()) else { break };
            let mut next = current.moved(step, self.sides());
            let mut there = self.normal(&next, cut);
            if there.loss() > normal.loss() {
                next = current.moved(step.map(|value| value / 2.0), self.sides());
                there = self.normal(&next, cut);
                if there.loss() > normal.loss() {
                    break;
                }
            }
            (current, normal) = (next, there);
            if step.iter().all(|value| value.abs() < 0.004) {
                break;
            }
        }
        (current, normal)
    }

    pub(super) fn sides(&self) -> [f64; 2] {
        [self.before.width as f64, self.before.height as f64]
    }

    /// The normal equations at a motion.
    pub(super) fn normal(&self, motion: &Motion, cut: f32) -> Normal {
        let (warped, [columns, rows]) = warp(&self.after, motion);
        let (width, height) = (self.before.width, self.before.height);
        let unit = |length: usize| -> Vec<f32> {
            let half = length as f32 / 2.0;
            (0..length).map(|index| (index as f32 + 0.5) / half - 1.0).collect()
        };
        let (across, down) = (unit(width), unit(height));
        let mut normal = Normal::new(cut);
        for y in rows {
            let [gradient_x, gradient_y] = &self.gradient;
            let planes = [gradient_x, gradient_y, &self.before, &warped, &self.weight];
            let [slope_x, slope_y, before, after, weight] =
                planes.map(|plane| lanes(plane.part(y, &columns)));
            let place = lanes(&across[columns.clone()]);
            let sums = row_sums(&[slope_x, slope_y, before, after, weight, place], 1.0 / cut);
            normal.add_row(&sums, f64::from(down[y]));
        }
        normal
    }

    /// Compares a motion with none, on the pixels that both see.
    pub(super) fn judge(&self, motion: &Motion, cut: f32) -> Verdict {
        let (warped, [columns, rows]) = warp(&self.after, motion);
        let mut moments = [[0.0_f64; 6]; 2];
        let mut loss = [0.0_f64; 2];
        let mut total = 0.0_f64;
        let mut cells = [[[0.0_f64; 6]; CELLS]; CELLS];
        for y in rows {
            let cells = &mut cells[y * CELLS / self.before.height];
            let line = self.after.row(y).iter().zip(warped.row(y));
            let line = line.zip(self.before.row(y)).zip(self.weight.row(y));
            let line = line.enumerate().take(columns.end).skip(columns.start);
            for (x, (((still, moved), before), weight)) in line {
                if *weight <= 0.0 {
                    continue;
                }
                let weight = f64::from(*weight);
                let part = |after: f32| f64::from(((after - before) / cut).powi(2).min(1.0));
                loss[0] += weight * part(*still);
                loss[1] += weight * part(*moved);
                total += weight;
                // What even the motion does not explain has changed, and tells of neither.
                let agrees = weight * (1.0 - part(*moved)).powi(2);
                for (moments, after) in moments.iter_mut().zip([still, moved]) {
                    add_moments(moments, agrees, *after, *before);
                }
                add_moments(&mut cells[x * CELLS / self.before.width], weight, *moved, *before);
            }
        }
        let correlations = moments.map(correlation);
        let enough = CELL_AGREES * correlations[1].max(CELL_AGREES);
        let cells = cells.as_flattened();
        let agreeing = cells.iter().filter(|cell| correlation(**cell) >= enough);
        let agreeing: f64 = agreeing.map(|cell| cell[0]).sum();
        Verdict {
            correlation: correlations,
            loss: loss.map(|loss| loss / total.max(1e-9)),
            agreeing: agreeing / total.max(1e-9),
        }
    }
}

/// Adds one pair to the sums of weight, a, b, aa, bb, ab.
fn add_moments(sums: &mut [f64; 6], weight: f64, a: f32, b: f32) {
    let (a, b) = (f64::from(a), f64::from(b));
    for (sum, value) in sums.iter_mut().zip([1.0, a, b, a * a, b * b, a * b]) {
        *sum += weight * value;
    }
}

/// Correlation from the sums of weight, a, b, aa, bb, ab.
pub(super) fn correlation([weight, a, b, aa, bb, ab]: [f64; 6]) -> f64 {
    if weight <= 0.0 {
        return 0.0;
    }
    let spread = (aa - a * a / weight) * (bb - b * b / weight);
    if spread > 1e-12 { (ab - a * b / weight) / spread.sqrt() } else { 0.0 }
}

/// The plane read along a motion, and the columns and rows that lie inside it.
fn warp(plane: &Plane, motion: &Motion) -> (Plane, [Range<usize>; 2]) {
    let (across, columns) = taps(motion.scale[0], motion.shift[0], plane.width, plane.width);
    let (down, rows) = taps(motion.scale[1], motion.shift[1], plane.height, plane.height);
    (separable(plane, &across, &down), [columns, rows])
}

/// Less the local mean, over the local deviation; and how much texture there is, 0 to 1.
fn normalised(plane: &Plane, trust: &Plane) -> (Plane, Plane) {
    let mut means: Vec<[f32; 3]> = (plane.values.iter().zip(&trust.values))
        .map(|(&value, &trust)| [trust, trust * value, trust * value * value])
        .collect();
    box_mean(&mut means, plane.width, RADIUS);
    let mut texture = Vec::with_capacity(means.len());
    let values = plane.values.iter().zip(&means);
    let values = values.map(|(&value, &[trusted, sum, squares])| {
        if trusted < LEAST_TRUSTED {
            texture.push(0.0);
            return 0.0;
        }
        let mean = sum / trusted;
        let variance = (squares / trusted - mean * mean).max(0.0);
        texture.push(variance / (variance + NOISE * NOISE));
        (value - mean) / (variance + NOISE * NOISE).sqrt()
    });
    let (width, height) = (plane.width, plane.height);
    let values = values.collect();
    (Plane { width, height, values }, Plane { width, height, values: texture })
}

/// Weighs texture by trust, that of the neighbours too: the gradient reads them.
fn shrink(weight: &mut Plane, trust: &Plane) {
    let (width, height) = (trust.width, trust.height);
    for (y, line) in weight.values.chunks_exact_mut(width).enumerate() {
        let row = trust.row(y);
        let (above, below) = (trust.row(y.saturating_sub(1)), trust.row((y + 1).min(height - 1)));
        for (x, weight) in line.iter_mut().enumerate() {
            let beside = row[x.saturating_sub(1)].min(row[(x + 1).min(width - 1)]);
            *weight *= row[x].min(beside).min(above[x]).min(below[x]);
        }
    }
}

/// Central differences; zero along the edge.
fn gradient(plane: &Plane) -> [Plane; 2] {
    let (width, height) = (plane.width, plane.height);
    let mut across = vec![0.0; plane.values.len()];
    let mut down = vec![0.0; plane.values.len()];
    for y in 1..height - 1 {
        let (above, row, below) = (plane.row(y - 1), plane.row(y), plane.row(y + 1));
        for x in 1..width - 1 {
            across[y * width + x] = (row[x + 1] - row[x - 1]) / 2.0;
            down[y * width + x] = (below[x] - above[x]) / 2.0;
        }
    }
    [across, down].map(|values| Plane { width, height, values })
}

/// A part of a row in whole groups of lanes, and what is left, filled up with zeros.
type Lanes<'a> = (&'a [[f32; LANES]], [f32; LANES]);

fn lanes(row: &[f32]) -> Lanes<'_> {
    let (groups, rest) = row.as_chunks();
    let mut tail = [0.0; LANES];
    tail[..rest.len()].copy_from_slice(rest);
    (groups, tail)
}

/// The sums of one row, in the order that [`Normal::add_row`] takes them. The rows are the gradient across and down,
/// before, after, weight, and the position from -1 to 1.
fn row_sums(rows: &[Lanes<'_>; 6], inverse_cut: f32) -> [f64; Normal::SUMS] {
    let mut sums = [[0.0_f32; LANES]; Normal::SUMS];
    let mut add = |[across, down, before, after, weight, place]: [&[f32; LANES]; 6]| {
        for lane in 0..LANES {
            let residual = after[lane] - before[lane];
            let ratio = residual * inverse_cut;
            let near = (1.0 - ratio * ratio).max(0.0);
            let weigh = weight[lane] * near * near;
            let (x, y, u) = (across[lane], down[lane], place[lane]);
            let (wx, wy) = (weigh * x, weigh * y);
            let values = [
                wx * x,
                wx * x * u,
                wx * x * u * u,
                wx * y,
                wx * y * u,
                wy * y,
                wx * residual,
                wx * residual * u,
                wy * residual,
                weight[lane] * (1.0 - near * near * near),
                weight[lane],
            ];
            for (sum, value) in sums.iter_mut().zip(values) {
                sum[lane] += value;
            }
        }
    };
    for group in 0..rows[0].0.len() {
        add(rows.each_ref().map(|row| &row.0[group]));
    }
    add(rows.each_ref().map(|row| &row.1));
    sums.map(|sum| sum.iter().map(|value| f64::from(*value)).sum())
}
