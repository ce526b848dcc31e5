//! Exact Euclidean distance to the nearest pixel outside a mask, up to a limit.
//!
//! Two passes over the picture, linear in its pixels whatever the limit: distances along columns, then the lower
//! envelope of parabolas along rows (Felzenszwalb and Huttenlocher). Beyond the picture's edge nothing counts as
//! outside: a mask that touches the edge does not fade there.

use crate::View;

/// Calls `use_row(y, distances)` with the distance in pixels from each pixel of a row to the nearest one whose mask is
/// 0: 0 there, at least 1 elsewhere, and `limit` where it is that or more. Rows that are 0 throughout, or `limit`
/// throughout, are left out.
pub(crate) fn to_outside(mask: View<'_>, limit: u16, mut use_row: impl FnMut(u32, &[f32])) {
    let width = mask.width() as usize;
    let mut columns = down_columns(mask, limit);
    up_columns(&mut columns, width);
    let mut envelope = Envelope::default();
    let mut distances = vec![0.0_f32; width];
    for (y, row) in (0..).zip(columns.chunks_exact(width)) {
        if row.iter().all(|height| *height == limit) || row.iter().all(|height| *height == 0) {
            continue;
        }
        envelope.row(row, limit, &mut distances);
        use_row(y, &distances);
    }
}

/// For every pixel, how far above the nearest outside pixel of its column is, at most `limit`.
fn down_columns(mask: View<'_>, limit: u16) -> Vec<u16> {
    let width = mask.width() as usize;
    let mut columns = Vec::with_capacity(width * mask.height() as usize);
    let mut above = vec![limit; width];
    for row in mask.rows() {
        for (above, &inside) in above.iter_mut().zip(row) {
            // Without a branch the loop vectorises.
            let keep = u16::from(inside != 0).wrapping_neg();
            *above = (above.saturating_add(1)).min(limit) & keep;
        }
        columns.extend_from_slice(&above);
    }
    columns
}

/// Completes the columns with what lies below.
fn up_columns(columns: &mut [u16], width: usize) {
    let mut rest = columns;
    while rest.len() > width {
        let (head, last) = rest.split_at_mut(rest.len() - width);
        let start = head.len() - width;
        for (upper, lower) in head[start..].iter_mut().zip(last) {
            *upper = (*upper).min(lower.saturating_add(1));
        }
        rest = head;
    }
}

/// The lower envelope of the parabolas of one row; keeps its memory between rows.
#[derive(Default)]
struct Envelope {
    /// Column and squared height of each parabola of the envelope, from the left.
    parabolas: Vec<(i64, i64)>,
    /// From which column on each one is the lowest.
    starts: Vec<i64>,
}

impl Envelope {
    fn row(&mut self, heights: &[u16], limit: u16, distances: &mut [f32]) {
        let far = f32::from(limit);
        self.parabolas.clear();
        self.starts.clear();
        // Parabolas as high as the limit lower nothing below it, and inside a run of zeros only its ends reach out.
        let zero =
            |x: Option<usize>| x.and_then(|x| heights.get(x)).is_none_or(|height| *height == 0);
        for (x, &height) in heights.iter().enumerate() {
            let inner = height == 0 && zero(x.checked_sub(1)) && zero(Some(x + 1));
            if height < limit && !inner {
                self.push(x as i64, i64::from(height) * i64::from(height));
            }
        }
        let Some(last) = self.parabolas.len().checked_sub(1) else {
            distances.fill(far);
            return;
        };
        let mut current = 0;
        for ((x, distance), &height) in (0_i64..).zip(distances.iter_mut()).zip(heights) {
            while current < last && self.starts[current + 1] <= x {
                current += 1;
            }
            if height == 0 {
                *distance = 0.0;
                continue;
            }
            let (center, squared) = self.parabolas[current];
            let square = (x - center) * (x - center) + squared;
            *distance = (square as f32).sqrt().min(far);
        }
    }

    /// Adds the parabola at column `x`, to the right of all before.
    fn push(&mut self, x: i64, squared: i64) {
        while let Some(&(other, other_squared)) = self.parabolas.last() {
            // The first column at which the new parabola is at most as high as the other one.
            let numerator = (squared + x * x) - (other_squared + other * other);
            let start = numerator.div_euclid(2 * (x - other))
                + i64::from(numerator.rem_euclid(2 * (x - other)) != 0);
            if self.starts.last().is_some_and(|last| start <= *last) {
                self.parabolas.pop();
                self.starts.pop();
                continue;
            }
            self.parabolas.push((x, squared));
            self.starts.push(start);
            return;
        }
        self.parabolas.push((x, squared));
        self.starts.push(i64::MIN);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Format, Size};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn distances_are_those_of_the_definition(
            width in 1_u32..20, height in 1_u32..20, limit in 1_u16..12,
            holes in prop::collection::vec(any::<bool>(), 400), sparse in 1_usize..9,
        ) {
            let size = Size::new(width, height);
            let mask: Vec<u8> = (0..size.area() as usize)
                .map(|i| if holes[i] && i % sparse == 0 { 0 } else { 9 }).collect();
            let view = View::tight(Format::Gray8, size, &mask).unwrap();
            let mut rows = vec![false; height as usize];
            to_outside(view, limit, |y, distances| {
                rows[y as usize] = true;
                for (x, &distance) in (0..).zip(distances) {
                    let mut nearest = f32::from(limit);
                    for (index, _) in mask.iter().enumerate().filter(|(_, value)| **value == 0) {
                        let (dx, dy) = (index as i64 % i64::from(width) - x, index as i64 / i64::from(width) - i64::from(y));
                        nearest = nearest.min(((dx * dx + dy * dy) as f32).sqrt());
                    }
                    assert!((distance - nearest).abs() < 1e-4, "{x},{y}: {distance} {nearest}");
                }
            });
            for (row, _) in mask.chunks(width as usize).zip(rows).filter(|(_, called)| !called) {
                prop_assert!(row.iter().all(|value| *value == 0) || row.iter().all(|value| *value != 0));
            }
        }
    }
}
