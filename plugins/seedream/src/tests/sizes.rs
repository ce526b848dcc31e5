//! The size of an answer holds the source's shape, within what the model makes.

use crate::size::fitting;

#[test]
fn a_size_that_is_possible_stays_what_it_is() {
    for size in [(2048, 2048), (2304, 1728), (1728, 2304), (2560, 1440), (3024, 1296), (4096, 4096)]
    {
        let pixels = u64::from(size.0) * u64::from(size.1);
        assert_eq!(fitting(size, pixels, (3_686_400, 16_777_216)), Some(size));
    }
}

#[test]
fn every_shape_fits_every_window_and_stays_what_it_is() {
    let windows = [
        (3_686_400, 16_777_216),
        (3_686_400, 9_437_184),
        (1_048_576, 4_194_304),
        (921_600, 4_624_220),
    ];
    for window in windows {
        for width in (16..4000).step_by(97) {
            for height in (16..4000).step_by(89) {
                for pixels in [u64::from(width) * u64::from(height), window.0, window.1] {
                    let found = fitting((width, height), pixels, window);
                    if width.max(height) > 16 * width.min(height) {
                        assert_eq!(found, None);
                        continue;
                    }
                    let (wide, high) = found.unwrap();
                    let area = u64::from(wide) * u64::from(high);
                    assert!((window.0..=window.1).contains(&area), "{wide}x{high}");
                    assert!(wide % 16 == 0 && high % 16 == 0);
                    assert!(wide.max(high) <= 16 * wide.min(high));
                    let skew =
                        f64::from(wide) / f64::from(high) / f64::from(width) * f64::from(height);
                    assert!((skew - 1.0).abs() < 0.01, "{width}x{height} as {wide}x{high}");
                    let wanted = pixels.clamp(window.0, window.1) as f64;
                    let found = area as f64 / wanted;
                    assert!((0.5..2.0).contains(&found), "{width}x{height}: {area} for {wanted}");
                }
            }
        }
    }
}

#[test]
fn the_edges_are_refused_not_met_with_a_panic() {
    for (size, window) in [
        ((0, 0), (1, 100)),
        ((1, 0), (1, 100)),
        ((u32::MAX, 1), (1, 100)),
        ((100, 100), (1, 100)),
        ((100, 100), (10, 5)),
        ((u32::MAX, u32::MAX), (u64::MAX, u64::MAX)),
    ] {
        assert_eq!(fitting(size, 1 << 20, window), None, "{size:?} {window:?}");
    }
    assert_eq!(fitting((1, 1), 1, (921_600, 4_624_220)), Some((960, 960)));
    assert_eq!(fitting((30_000, 30_000), 900_000_000, (1, 4_194_304)), Some((2048, 2048)));
    assert_eq!(fitting((1600, 100), 1, (921_600, 4_624_220)), Some((3840, 240)));
}
