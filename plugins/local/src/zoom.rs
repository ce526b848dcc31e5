//! Enlarging planes of floats smoothly (Catmull-Rom), any part of the enlarged picture at a time, so
//! that a large picture never exists as floats. It only enlarges; it does not reduce.

use easel_pixels::{Rect, Size};

use crate::tensor::Planes;

/// For each output pixel of a range the four input pixels that it is made of, and their shares.
#[derive(Clone, Debug)]
pub(crate) struct Axis {
    taps: Vec<([usize; 4], [f32; 4])>,
}

impl Axis {
    /// Output pixels `start..start + count` of `to` that are made of `from` input pixels.
    pub(crate) fn new(from: u32, to: u32, start: u32, count: u32) -> Self {
        let scale = f64::from(from) / f64::from(to.max(1));
        let last = i64::from(from.max(1)) - 1;
        let tap = |position: u32| {
            let centre = (f64::from(position) + 0.5) * scale - 0.5;
            let whole = centre.floor();
            let places =
                std::array::from_fn(|tap| (whole as i64 - 1 + tap as i64).clamp(0, last) as usize);
            (places, shares((centre - whole) as f32))
        };
        Axis { taps: (start..start.saturating_add(count)).map(tap).collect() }
    }

    /// Row `index` of the range out of a plane with rows of `width`, into `row` (as long as the plane's).
    pub(crate) fn mix_rows(&self, plane: &[f32], width: usize, index: usize, row: &mut [f32]) {
        let (places, shares) = &self.taps[index];
        let [a, b, c, d] = places.map(|place| &plane[place * width..][..width]);
        for (x, out) in row.iter_mut().enumerate() {
            *out = a[x] * shares[0] + b[x] * shares[1] + c[x] * shares[2] + d[x] * shares[3];
        }
    }

    /// All pixels of the range out of one row.
    pub(crate) fn mix_columns(&self, row: &[f32], out: &mut [f32]) {
        for (out, (places, shares)) in out.iter_mut().zip(&self.taps) {
            *out = row[places[0]] * shares[0]
                + row[places[1]] * shares[1]
                + row[places[2]] * shares[2]
                + row[places[3]] * shares[3];
        }
    }
}

/// Catmull-Rom weights at `t` between the second and the third of four points.
fn shares(t: f32) -> [f32; 4] {
    let (t2, t3) = (t * t, t * t * t);
    [
        0.5 * (-t + 2.0 * t2 - t3),
        0.5 * (2.0 - 5.0 * t2 + 3.0 * t3),
        0.5 * (t + 4.0 * t2 - 3.0 * t3),
        0.5 * (-t2 + t3),
    ]
}

/// The part `rect` of `planes` enlarged to `full`.
pub(crate) fn enlarged_part(planes: &Planes, full: Size, rect: Rect) -> Planes {
    let columns = Axis::new(planes.size.width, full.width, rect.x, rect.width);
    let rows = Axis::new(planes.size.height, full.height, rect.y, rect.height);
    let width = planes.size.width as usize;
    let mut row = vec![0.0; width];
    let mut values = vec![0.0; rect.area() as usize * 3];
    let out_rows = values.chunks_exact_mut(rect.width as usize);
    for (index, out) in out_rows.enumerate() {
        let (channel, y) = (index / rect.height as usize, index % rect.height as usize);
        rows.mix_rows(planes.plane(channel), width, y, &mut row);
        columns.mix_columns(&row, out);
    }
    Planes { size: rect.size(), values }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ramp(size: Size) -> Planes {
        let values = (0..3 * size.area()).map(|i| (i % u64::from(size.width)) as f32).collect();
        Planes { size, values }
    }

    proptest! {
        #[test]
        fn parts_are_parts_of_the_whole(
            width in 1_u32..20, height in 1_u32..20, more in 0_u32..40, x in 0_u32..10, y in 0_u32..10,
        ) {
            let planes = ramp(Size::new(width, height));
            let full = Size::new(width + more, height + more);
            let whole = enlarged_part(&planes, full, Rect::of(full));
            let rect = Rect::new(x.min(full.width - 1), y.min(full.height - 1), 1, 1);
            let part = enlarged_part(&planes, full, rect);
            let at = (rect.y * full.width + rect.x) as usize;
            for channel in 0..3 {
                prop_assert_eq!(&part.plane(channel)[..1], &whole.plane(channel)[at..=at]);
            }
        }
    }

    #[test]
    fn the_same_size_changes_nothing() {
        let planes = ramp(Size::new(7, 5));
        assert_eq!(enlarged_part(&planes, planes.size, Rect::of(planes.size)), planes);
    }

    #[test]
    fn a_ramp_stays_a_ramp() {
        let planes = ramp(Size::new(10, 1));
        let full = Size::new(40, 4);
        let large = enlarged_part(&planes, full, Rect::of(full));
        let middle = &large.plane(0)[8..32];
        for pair in middle.windows(2) {
            assert!((pair[1] - pair[0] - 0.25).abs() < 1e-4, "{middle:?}");
        }
    }
}
