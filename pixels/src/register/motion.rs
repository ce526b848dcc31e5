//! The motion that is looked for, scale and shift of each axis, and the equations that lead to it.
//!
//! Equations are in displacements: that of the centre, and how much more the right and lower edges move. So both
//! unknowns of an axis are of one size, and one prior serves both. Plain arithmetic; no pictures here.

/// Residuals of neighbouring pixels go together: so many of them tell as much as one.
const ALIKE: f64 = 9.0;
/// Motions are expected to be about this share of a side.
const EXPECTED: f64 = 0.04;

/// A position `p` of the one picture lies at `scale * p + shift` in the other, per axis, in pixels from the corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Motion {
    pub(super) scale: [f64; 2],
    pub(super) shift: [f64; 2],
}

impl Motion {
    pub(super) const NONE: Self = Self { scale: [1.0; 2], shift: [0.0; 2] };

    /// From the displacement of the centre, and how much more the far edge moves.
    pub(super) fn from_displacement([x, wide, y, high]: [f64; 4], sides: [f64; 2]) -> Self {
        let scale = [1.0 + 2.0 * wide / sides[0], 1.0 + 2.0 * high / sides[1]];
        Self { scale, shift: [x - wide, y - high] }
    }

    /// The inverse of `from_displacement`.
    pub(super) fn displacement(&self, sides: [f64; 2]) -> [f64; 4] {
        let edge = |axis: usize| (self.scale[axis] - 1.0) * sides[axis] / 2.0;
        [self.shift[0] + edge(0), edge(0), self.shift[1] + edge(1), edge(1)]
    }

    pub(super) fn moved(&self, step: [f64; 4], sides: [f64; 2]) -> Self {
        let from = self.displacement(sides);
        Self::from_displacement(std::array::from_fn(|index| from[index] + step[index]), sides)
    }

    /// From the other picture to the one.
    pub(super) fn inverse(&self) -> Self {
        let scale = self.scale.map(f64::recip);
        Self { scale, shift: std::array::from_fn(|axis| -self.shift[axis] * scale[axis]) }
    }

    /// The same motion of pictures that are `factor` times as large.
    pub(super) fn enlarged(&self, factor: f64) -> Self {
        Self { scale: self.scale, shift: self.shift.map(|shift| shift * factor) }
    }

    /// The largest displacement of a corner along an axis.
    pub(super) fn largest(&self, sides: [f64; 2]) -> f64 {
        let [x, wide, y, high] = self.displacement(sides).map(f64::abs);
        (x + wide).max(y + high)
    }

    /// Whether no corner tells the two apart.
    pub(super) fn is_near(&self, other: &Self, sides: [f64; 2]) -> bool {
        let (one, other) = (self.displacement(sides), other.displacement(sides));
        one.iter().zip(other).all(|(one, other)| (one - other).abs() < 0.5)
    }

    /// Whether scales are within `scale` of 1, and the centre moves at most by `shift` of a side.
    pub(super) fn is_within(&self, scale: f64, shift: f64, sides: [f64; 2]) -> bool {
        let [x, _, y, _] = self.displacement(sides);
        self.scale.iter().all(|value| (value - 1.0).abs() <= scale)
            && x.abs() <= shift * sides[0]
            && y.abs() <= shift * sides[1]
    }
}

/// Weighted normal equations of the four displacements.
pub(super) struct Normal {
    matrix: [[f64; 4]; 4],
    slope: [f64; 4],
    loss: f64,
    weight: f64,
    cut: f64,
}

impl Normal {
    /// The sums of a row: xx, xxu, xxuu, xy, xyu, yy, xr, xru, yr, loss, weight.
    pub(super) const SUMS: usize = 11;

    pub(super) fn new(cut: f32) -> Self {
        Self { matrix: [[0.0; 4]; 4], slope: [0.0; 4], loss: 0.0, weight: 0.0, cut: f64::from(cut) }
    }

    /// Adds the sums of a row at height `v`, -1 to 1.
    pub(super) fn add_row(&mut self, sums: &[f64; Self::SUMS], v: f64) {
        let [xx, xxu, xxuu, xy, xyu, yy, xr, xru, yr, loss, weight] = *sums;
        let rows = [
            [xx, xxu, xy, xy * v],
            [xxu, xxuu, xyu, xyu * v],
            [xy, xyu, yy, yy * v],
            [xy * v, xyu * v, yy * v, yy * v * v],
        ];
        for (to, from) in self.matrix.as_flattened_mut().iter_mut().zip(rows.as_flattened()) {
            *to += from;
        }
        for (to, from) in self.slope.iter_mut().zip([xr, xru, yr, yr * v]) {
            *to += from;
        }
        self.loss += loss;
        self.weight += weight;
    }

    /// The mean residual as Tukey counts it, 0 to 1; 1 when nothing is seen.
    pub(super) fn loss(&self) -> f64 {
        if self.weight > 0.0 { self.loss / self.weight } else { 1.0 }
    }

    /// The matrix with the prior, which leaves alone what the picture does not show.
    fn with_prior(&self, sides: [f64; 2]) -> ([[f64; 4]; 4], [f64; 4]) {
        let variance = ALIKE * (self.cut / 4.685).powi(2);
        let prior = std::array::from_fn(|index| variance / (EXPECTED * sides[index / 2]).powi(2));
        let mut matrix = self.matrix;
        for index in 0..4 {
            matrix[index][index] += prior[index];
        }
        (matrix, prior)
    }

    /// The next step of the four displacements.
    pub(super) fn step(&self, at: &Motion, sides: [f64; 2]) -> Option<[f64; 4]> {
        let (matrix, prior) = self.with_prior(sides);
        let place = at.displacement(sides);
        let inverse = inverse(matrix)?;
        let target: [f64; 4] =
            std::array::from_fn(|index| -self.slope[index] - prior[index] * place[index]);
        let step = inverse.map(|row| row.iter().zip(target).map(|(a, b)| a * b).sum::<f64>());
        // A longer step than a few pixels of a level was never within sight of its gradients.
        let longest = step.iter().fold(0.0_f64, |longest, value| longest.max(value.abs()));
        let factor = if longest > 3.0 { 3.0 / longest } else { 1.0 };
        longest.is_finite().then(|| step.map(|value| value * factor))
    }

    /// The displacements along which each axis is known least, the largest part 1: what moves one way at the centre and
    /// the other way at the edge, where all texture lies on one side.
    pub(super) fn weakest(&self, sides: [f64; 2]) -> [[f64; 4]; 2] {
        let (matrix, _) = self.with_prior(sides);
        [0, 2].map(|at| {
            let [a, b, d] = [matrix[at][at], matrix[at][at + 1], matrix[at + 1][at + 1]];
            // The eigenvector of the smaller eigenvalue; of the two forms the one that does not cancel.
            let half = (a - d) / 2.0;
            let root = half.hypot(b);
            let (centre, edge) = if half >= 0.0 { (-b, half + root) } else { (root - half, -b) };
            let largest = centre.abs().max(edge.abs()).max(1e-30);
            let mut along = [0.0; 4];
            (along[at], along[at + 1]) = (centre / largest, edge / largest);
            along
        })
    }

    /// The standard deviation of the displacement of a corner along an axis, pixels: how little is known.
    pub(super) fn doubt(&self, sides: [f64; 2]) -> f64 {
        let (matrix, _) = self.with_prior(sides);
        let Some(inverse) = inverse(matrix) else { return f64::INFINITY };
        let corner =
            |at: usize| inverse[at][at] + inverse[at + 1][at + 1] + 2.0 * inverse[at][at + 1].abs();
        (ALIKE * corner(0).max(corner(2))).sqrt() * self.cut / 4.685
    }
}

/// The inverse by Gauss and Jordan; none of a matrix that has none.
fn inverse(mut matrix: [[f64; 4]; 4]) -> Option<[[f64; 4]; 4]> {
    let mut inverse: [[f64; 4]; 4] =
        std::array::from_fn(|row| std::array::from_fn(|column| f64::from(u8::from(row == column))));
    for column in 0..4 {
        let pivot = (column..4)
            .max_by(|a, b| matrix[*a][column].abs().total_cmp(&matrix[*b][column].abs()))?;
        matrix.swap(column, pivot);
        inverse.swap(column, pivot);
        let divisor = matrix[column][column];
        if divisor.is_nan() || divisor.abs() < 1e-12 {
            return None;
        }
        for side in [&mut matrix, &mut inverse] {
            side[column] = side[column].map(|value| value / divisor);
        }
        for row in (0..4).filter(|row| *row != column) {
            let factor = matrix[row][column];
            for side in [&mut matrix, &mut inverse] {
                let from = side[column];
                side[row].iter_mut().zip(from).for_each(|(to, from)| *to -= factor * from);
            }
        }
    }
    Some(inverse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn displacements_and_inverses_go_both_ways() {
        let (motion, sides) = (Motion { scale: [1.03, 0.97], shift: [-4.0, 7.5] }, [300.0, 200.0]);
        let back = Motion::from_displacement(motion.displacement(sides), sides);
        for axis in 0..2 {
            assert!((back.scale[axis] - motion.scale[axis]).abs() < 1e-12);
            assert!((back.shift[axis] - motion.shift[axis]).abs() < 1e-9);
            let there = motion.scale[axis] * 70.0 + motion.shift[axis];
            let inverse = motion.inverse();
            assert!((inverse.scale[axis] * there + inverse.shift[axis] - 70.0).abs() < 1e-9);
        }
        // The corner 300, 0 moves to 305, 7.5; the corner 0, 200 to -4, 201.5.
        assert!((motion.largest(sides) - 7.5).abs() < 1e-9);
    }

    #[test]
    fn a_matrix_times_its_inverse_is_one() {
        let matrix = [
            [0.0, 2.0, 1.0, 3.0],
            [2.0, 1.0, 0.0, 1.0],
            [1.0, 0.0, 5.0, 2.0],
            [3.0, 1.0, 2.0, 4.0],
        ];
        let inverse = inverse(matrix).unwrap();
        for (row, from) in matrix.iter().enumerate() {
            let product: [f64; 4] = std::array::from_fn(|column| {
                from.iter().zip(&inverse).map(|(value, inverse)| value * inverse[column]).sum()
            });
            for (column, value) in product.into_iter().enumerate() {
                assert!((value - f64::from(u8::from(row == column))).abs() < 1e-9);
            }
        }
        assert!(super::inverse([[1.0; 4]; 4]).is_none());
    }
}
