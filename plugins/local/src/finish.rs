//! The last touch on a restyled picture: how much of it is wanted, and whose colours it has. Works on
//! rows of `rgba8` in place. Alpha is always the source's.

/// What to do with a restyled picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Finish {
    /// 0 is the source, 1 the result.
    pub strength: f32,
    /// Brightness from the result, colours from the source.
    pub keep_colours: bool,
}

impl Default for Finish {
    fn default() -> Self {
        Finish { strength: 1.0, keep_colours: false }
    }
}

impl Finish {
    /// Changes `result` (the painted row) with the row of the source that it came from.
    pub(crate) fn row(self, source: &[u8], result: &mut [u8]) {
        let strength = if self.strength.is_finite() { self.strength.clamp(0.0, 1.0) } else { 1.0 };
        let share = (strength * 256.0 + 0.5) as i32;
        for (result, source) in result.chunks_exact_mut(4).zip(source.chunks_exact(4)) {
            if self.keep_colours {
                let colours =
                    with_brightness([source[0], source[1], source[2]], brightness(result));
                result[..3].copy_from_slice(&colours);
            }
            for (result, source) in result[..3].iter_mut().zip(source) {
                let (from, to) = (i32::from(*source), i32::from(*result));
                *result = (from + (((to - from) * share + 128) >> 8)).clamp(0, 255) as u8;
            }
            result[3] = source[3];
        }
    }
}

/// Rec. 709 luma of coded values, 0..=255.
fn brightness(pixel: &[u8]) -> f32 {
    0.2126 * f32::from(pixel[0]) + 0.7152 * f32::from(pixel[1]) + 0.0722 * f32::from(pixel[2])
}

/// The colour moved to another brightness; paler where it would leave the range, so that the
/// brightness is met and the hue stays.
fn with_brightness(colour: [u8; 3], target: f32) -> [u8; 3] {
    let own = brightness(&colour);
    let offsets = colour.map(|value| f32::from(value) - own);
    let mut room = 1.0_f32;
    for offset in offsets {
        if offset > 0.0 {
            room = room.min((255.0 - target) / offset);
        } else if offset < 0.0 {
            room = room.min(target / -offset);
        }
    }
    offsets.map(|offset| (target + offset * room.max(0.0) + 0.5) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn brightness_is_met_and_hue_kept(colour in any::<[u8; 3]>(), target in any::<[u8; 3]>()) {
            let wanted = brightness(&target);
            let moved = with_brightness(colour, wanted);
            prop_assert!((brightness(&moved) - wanted).abs() <= 1.0, "{moved:?}");
            // The order of the channels is the hue's rough place.
            for (a, b) in [(0, 1), (1, 2), (0, 2)] {
                if colour[a] > colour[b] {
                    prop_assert!(moved[a] >= moved[b], "{colour:?} {moved:?}");
                }
            }
        }

        #[test]
        fn strength_runs_from_the_source_to_the_result(source in any::<[u8; 4]>(), painted in any::<[u8; 4]>()) {
            let run = |strength| {
                let mut row = painted;
                Finish { strength, keep_colours: false }.row(&source, &mut row);
                row
            };
            prop_assert_eq!(run(0.0), source);
            prop_assert_eq!(run(1.0)[..3].to_vec(), painted[..3].to_vec());
            prop_assert_eq!(run(1.0)[3], source[3]);
            for channel in 0..3 {
                let middle = f32::from(run(0.5)[channel]);
                let mean = f32::midpoint(f32::from(source[channel]), f32::from(painted[channel]));
                prop_assert!((middle - mean).abs() <= 1.0);
            }
        }
    }
}
