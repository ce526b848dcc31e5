//! The first guess: every shift and a few scales, tried out on the coarsest level.
//!
//! Correlation of the normalised pictures over what both see. It need only be right to about a pixel of that level:
//! what follows refines it.

use super::motion::Motion;
use super::pyramid::{Plane, separable, taps};
use super::sight::{Sight, correlation};

/// Scales up to this far from 1 are tried,
const SCALE: f64 = 0.05;
/// so far apart that the edge moves by about this many pixels from one to the next,
const EDGE_STEP: f64 = 1.5;
/// and displacements of the centre up to this share of a side.
const SHIFT: f64 = 0.08;
/// A guess must look at this share of what there is to see.
const LEAST_SEEN: f64 = 0.5;
/// Floats that are summed at once.
const LANES: usize = 8;

/// The shift that correlates best for every pair of scales, the best of all first.
pub(super) fn search(sight: &Sight) -> Vec<Motion> {
    let template = Template::new(sight);
    let sides = sight.sides();
    let reach = sides.map(|side| (SHIFT * side).ceil() as usize);
    let mut all = Vec::new();
    for down in scales(sides[1]) {
        for across in scales(sides[0]) {
            // Scaled about the centre, on a grid that is larger by the reach on each side.
            let centred = Motion::from_displacement([0.0, across, 0.0, down], sides);
            let start: [f64; 2] = std::array::from_fn(|axis| {
                centred.shift[axis] - centred.scale[axis] * reach[axis] as f64
            });
            let (plane, wide, high) =
                (&sight.after, sight.after.width + 2 * reach[0], sight.after.height + 2 * reach[1]);
            let (columns, valid_columns) = taps(centred.scale[0], start[0], wide, plane.width);
            let (rows, valid_rows) = taps(centred.scale[1], start[1], high, plane.height);
            let scaled = separable(plane, &columns, &rows);
            let mut best = (Motion::NONE, f64::MIN);
            for y in 0..=2 * reach[1] {
                for x in 0..=2 * reach[0] {
                    let found = template.correlate(&scaled, [x, y], [&valid_columns, &valid_rows]);
                    if found > best.1 {
                        let offset = [x as f64 - reach[0] as f64, y as f64 - reach[1] as f64];
                        let shift = std::array::from_fn(|axis| {
                            centred.shift[axis] + centred.scale[axis] * offset[axis]
                        });
                        best = (Motion { scale: centred.scale, shift }, found);
                    }
                }
            }
            all.push(best);
        }
    }
    all.sort_by(|one, other| other.1.total_cmp(&one.1));
    all.into_iter().map(|(motion, _)| motion).collect()
}

/// Displacements of the edge that stand for the scales of an axis.
fn scales(side: f64) -> impl Iterator<Item = f64> {
    let edge = SCALE * side / 2.0;
    let steps = (edge / EDGE_STEP).round().clamp(1.0, 4.0) as i32;
    (-steps..=steps).map(move |step| edge * f64::from(step) / f64::from(steps))
}

/// The picture before, with its weights multiplied in.
struct Template<'a> {
    weight: &'a Plane,
    once: Plane,
    twice: Plane,
    least: f64,
}

impl<'a> Template<'a> {
    fn new(sight: &'a Sight) -> Self {
        let weight = &sight.weight;
        let pairs = || weight.values.iter().zip(&sight.before.values);
        let plane = |values| Plane { width: weight.width, height: weight.height, values };
        Self {
            weight,
            once: plane(pairs().map(|(weight, value)| weight * value).collect()),
            twice: plane(pairs().map(|(weight, value)| weight * value * value).collect()),
            least: weight.values.iter().map(|weight| f64::from(*weight)).sum::<f64>() * LEAST_SEEN,
        }
    }

    /// The correlation with what `scaled` shows from `corner` on.
    fn correlate(
        &self,
        scaled: &Plane,
        corner: [usize; 2],
        valid: [&std::ops::Range<usize>; 2],
    ) -> f64 {
        let within = |axis: usize, length: usize| {
            let start = valid[axis].start.saturating_sub(corner[axis]).min(length);
            start..valid[axis].end.saturating_sub(corner[axis]).clamp(start, length)
        };
        let (columns, rows) = (within(0, self.weight.width), within(1, self.weight.height));
        let mut total = [0.0_f64; 6];
        for y in rows {
            let weight = self.weight.part(y, &columns);
            let (once, twice) = (self.once.part(y, &columns), self.twice.part(y, &columns));
            let after = &scaled.row(y + corner[1])[corner[0] + columns.start..][..weight.len()];
            let sums = row_sums(weight, once, twice, after);
            total.iter_mut().zip(sums).for_each(|(total, sum)| *total += sum);
        }
        if total[0] < self.least { f64::MIN } else { correlation(total) }
    }
}

/// Sums of weight, a, b, aa, bb, ab of one row.
fn row_sums(weight: &[f32], once: &[f32], twice: &[f32], after: &[f32]) -> [f64; 6] {
    let mut sums = [[0.0_f32; LANES]; 6];
    let mut add = |weight: &[f32], once: &[f32], twice: &[f32], after: &[f32]| {
        for (lane, (((weight, once), twice), after)) in
            weight.iter().zip(once).zip(twice).zip(after).enumerate()
        {
            let values =
                [*weight, weight * after, *once, weight * after * after, *twice, once * after];
            sums.iter_mut().zip(values).for_each(|(sum, value)| sum[lane] += value);
        }
    };
    let (weights, weight) = weight.as_chunks::<LANES>();
    let (onces, once) = once.as_chunks::<LANES>();
    let (twices, twice) = twice.as_chunks::<LANES>();
    let (afters, after) = after.as_chunks::<LANES>();
    for (((weight, once), twice), after) in weights.iter().zip(onces).zip(twices).zip(afters) {
        add(weight, once, twice, after);
    }
    add(weight, once, twice, after);
    sums.map(|sum| sum.iter().map(|value| f64::from(*value)).sum())
}
