//! Which part of a picture a model gets to see: the region that may change, and what surrounds it.
//!
//! Arithmetic on rectangles only; the pixels are cut by `View::crop`.

use crate::{Rect, Size};

/// The region grown on every side by `context_fraction` of its longer side, and at least by `min_context` pixels,
/// inside a picture of size `within`. What the picture's edge cuts off on one side is added on the other where there
/// is room, so that a region at the edge is shown with as much around it as one in the middle. A fraction that is
/// negative or not a number counts as 0. An empty region, or one outside, gives what of it lies inside.
#[must_use]
pub fn with_context(region: Rect, within: Size, context_fraction: f32, min_context: u32) -> Rect {
    let Some(region) = region.intersect(Rect::of(within)) else {
        return region.expand(0, within);
    };
    let fraction = if context_fraction > 0.0 { context_fraction } else { 0.0 };
    // A float cast saturates, so that an endless fraction asks for all there is.
    let wanted = (region.size().long_side() as f32 * fraction).ceil() as u32;
    let margin = wanted.max(min_context);
    let (x, width) = grow(region.x, region.width, margin, within.width);
    let (y, height) = grow(region.y, region.height, margin, within.height);
    Rect::new(x, y, width, height)
}

/// One axis: start and length after growing by `margin` at both ends, moved inside `0..total`.
fn grow(start: u32, length: u32, margin: u32, total: u32) -> (u32, u32) {
    let wanted = length.saturating_add(margin.saturating_mul(2)).min(total);
    let start = start.saturating_sub(margin).min(total - wanted);
    (start, wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn context_lost_at_one_edge_is_found_at_the_other() {
        let within = Size::new(1000, 800);
        assert_eq!(
            with_context(Rect::new(400, 300, 100, 50), within, 0.5, 10),
            Rect::new(350, 250, 200, 150)
        );
        assert_eq!(
            with_context(Rect::new(0, 300, 100, 50), within, 0.5, 10),
            Rect::new(0, 250, 200, 150)
        );
        assert_eq!(
            with_context(Rect::new(990, 790, 10, 10), within, 0.0, 64),
            Rect::new(862, 662, 138, 138)
        );
        assert_eq!(with_context(Rect::new(5, 5, 5, 5), within, f32::INFINITY, 0), Rect::of(within));
        assert_eq!(with_context(Rect::new(5, 5, 5, 5), within, f32::NAN, 0), Rect::new(5, 5, 5, 5));
    }

    proptest! {
        #[test]
        fn the_region_stays_inside_and_whole(
            x in 0_u32..500, y in 0_u32..500, width in 1_u32..500, height in 1_u32..500,
            total_width in 1_u32..600, total_height in 1_u32..600, fraction in -1.0_f32..3.0, least in 0_u32..300,
        ) {
            let (region, within) = (Rect::new(x, y, width, height), Size::new(total_width, total_height));
            let shown = with_context(region, within, fraction, least);
            prop_assert!(Rect::of(within).contains(shown));
            if let Some(inside) = region.intersect(Rect::of(within)) {
                prop_assert!(shown.contains(inside));
                prop_assert!(shown.width >= inside.width.saturating_add(2 * least).min(total_width));
            }
        }
    }
}
