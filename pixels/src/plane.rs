//! Planes of floats and their means over squares, for measures and filters that work on local statistics.
//!
//! Sums are kept in doubles and run along, so the cost does not grow with the radius and nothing drifts. At the border
//! the mean is that of the part of the square that lies inside.

/// The mean over a square of `2 * radius + 1`, of every channel of a plane of `CHANNELS` interleaved floats.
pub(crate) fn box_mean<const CHANNELS: usize>(
    plane: &mut [[f32; CHANNELS]],
    width: usize,
    radius: usize,
) {
    let mut line = vec![[0.0; CHANNELS]; width];
    for row in plane.chunks_exact_mut(width) {
        line.copy_from_slice(row);
        along(&line, row, radius);
    }
    down(plane, width, radius);
}

fn along<const CHANNELS: usize>(
    from: &[[f32; CHANNELS]],
    to: &mut [[f32; CHANNELS]],
    radius: usize,
) {
    let mut sums = [0.0_f64; CHANNELS];
    let add = |sums: &mut [f64; CHANNELS], pixel: &[f32; CHANNELS], sign: f64| {
        for channel in 0..CHANNELS {
            sums[channel] += sign * f64::from(pixel[channel]);
        }
    };
    let length = from.len();
    for pixel in &from[..radius.min(length)] {
        add(&mut sums, pixel, 1.0);
    }
    for (x, out) in to.iter_mut().enumerate() {
        if let Some(pixel) = from.get(x + radius) {
            add(&mut sums, pixel, 1.0);
        }
        if let Some(leaves) = x.checked_sub(radius + 1) {
            add(&mut sums, &from[leaves], -1.0);
        }
        let count = (x + radius + 1).min(length) - x.saturating_sub(radius);
        let scale = 1.0 / count as f64;
        *out = std::array::from_fn(|channel| (sums[channel] * scale) as f32);
    }
}

fn down<const CHANNELS: usize>(plane: &mut [[f32; CHANNELS]], width: usize, radius: usize) {
    let height = plane.len() / width;
    // Rows that have been overwritten are still to leave the sum: the last `radius + 1` of them are kept, in a ring.
    let ring = radius.min(height) + 1;
    let mut kept = vec![[0.0_f32; CHANNELS]; ring * width];
    let mut sums = vec![[0.0_f64; CHANNELS]; width];
    let add = |sums: &mut [[f64; CHANNELS]], row: &[[f32; CHANNELS]], sign: f64| {
        for (sum, pixel) in sums.as_flattened_mut().iter_mut().zip(row.as_flattened()) {
            *sum += sign * f64::from(*pixel);
        }
    };
    for y in 0..radius.min(height) {
        add(&mut sums, &plane[y * width..][..width], 1.0);
    }
    for y in 0..height {
        if y + radius < height {
            add(&mut sums, &plane[(y + radius) * width..][..width], 1.0);
        }
        if let Some(leaves) = y.checked_sub(radius + 1) {
            add(&mut sums, &kept[leaves % ring * width..][..width], -1.0);
        }
        let row = &mut plane[y * width..][..width];
        kept[y % ring * width..][..width].copy_from_slice(row);
        let count = (y + radius + 1).min(height) - y.saturating_sub(radius);
        let scale = 1.0 / count as f64;
        for (out, sum) in row.as_flattened_mut().iter_mut().zip(sums.as_flattened()) {
            *out = (sum * scale) as f32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn means_are_those_of_the_definition(width in 1_usize..9, height in 1_usize..9, radius in 0_usize..12) {
            let value = |x: usize, y: usize, channel: usize| ((x * 7 + y * 13 + channel * 5) % 11) as f32;
            let mut plane: Vec<[f32; 2]> =
                (0..width * height).map(|i| [value(i % width, i / width, 0), value(i % width, i / width, 1)]).collect();
            box_mean(&mut plane, width, radius);
            for y in 0..height {
                for x in 0..width {
                    for (channel, found) in plane[y * width + x].into_iter().enumerate() {
                        let (mut sum, mut count) = (0.0, 0.0);
                        for near_y in y.saturating_sub(radius)..(y + radius + 1).min(height) {
                            for near_x in x.saturating_sub(radius)..(x + radius + 1).min(width) {
                                sum += value(near_x, near_y, channel);
                                count += 1.0;
                            }
                        }
                        prop_assert!((found - sum / count).abs() < 1e-4);
                    }
                }
            }
        }
    }
}
