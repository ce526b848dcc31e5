//! Half floats, IEEE 754 binary16, by their bits: editors have them, nothing else here does.
//!
//! To a float is exact for all of them. Back is rounded to nearest, ties to even, and exact for what came from a half;
//! what is too large becomes infinite, infinities stay, and not a number stays that.

/// The float behind the bits of a half.
pub(crate) fn half_to_f32(half: u16) -> f32 {
    let (sign, exponent, mantissa) =
        (u32::from(half & 0x8000) << 16, u32::from(half >> 10) & 0x1f, u32::from(half & 0x3ff));
    match exponent {
        0 => f32::from_bits((mantissa as f32 * SMALLEST).to_bits() | sign),
        31 => f32::from_bits(sign | 0x7f80_0000 | mantissa << 13),
        _ => f32::from_bits(sign | (exponent + 112) << 23 | mantissa << 13),
    }
}

/// The bits of the half nearest to a float.
pub(crate) fn f32_to_half(value: f32) -> u16 {
    let sign = (value.to_bits() >> 16) as u16 & 0x8000;
    let size = value.to_bits() & 0x7fff_ffff;
    let half = if size > 0x7f80_0000 {
        // Not a number: what is left of its payload must not be 0, which would be infinity.
        let payload = (size >> 13) as u16 & 0x3ff;
        0x7c00 | if payload == 0 { 0x200 } else { payload }
    } else if size >= 0x4780_0000 {
        0x7c00
    } else if size >= 0x3880_0000 {
        let shifted = size - (112 << 23);
        let (half, rest) = ((shifted >> 13) as u16, shifted & 0x1fff);
        // The carry may run into the exponent, up to infinity: as it should.
        half + u16::from(rest > 0x1000 || (rest == 0x1000 && half & 1 == 1))
    } else {
        // Below the normal numbers all steps are equal; the product is exact.
        (f32::from_bits(size) / SMALLEST).round_ties_even() as u16
    };
    sign | half
}

/// The smallest half above zero, 2^-24.
const SMALLEST: f32 = 1.0 / 16_777_216.0;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_half_comes_back_to_the_bit() {
        for half in 0..=u16::MAX {
            assert_eq!(f32_to_half(half_to_f32(half)), half, "{half:#06x}");
        }
        for (half, value) in [
            (0x3c00, 1.0_f32),
            (0xc000, -2.0),
            (0x7bff, 65504.0),
            (0x0001, 5.960_464_5e-8),
            (0x7c00, f32::INFINITY),
            (0xfc00, f32::NEG_INFINITY),
        ] {
            assert_eq!(half_to_f32(half).to_bits(), value.to_bits(), "{half:#06x}");
        }
        assert!(half_to_f32(0x7e01).is_nan() && half_to_f32(0x7c01).is_nan());
        assert_eq!(half_to_f32(0x8000).to_bits(), (-0.0_f32).to_bits());
    }

    #[test]
    fn what_no_half_holds_is_rounded_to_even() {
        // Half a step above 1 and above its successor.
        assert_eq!(f32_to_half(1.0 + 1.0 / 2048.0), 0x3c00);
        assert_eq!(f32_to_half(1.0 + 3.0 / 2048.0), 0x3c02);
        assert_eq!((f32_to_half(65519.99), f32_to_half(65520.0)), (0x7bff, 0x7c00));
        assert_eq!((f32_to_half(f32::MAX), f32_to_half(f32::INFINITY)), (0x7c00, 0x7c00));
        assert_eq!((f32_to_half(SMALLEST / 2.0), f32_to_half(SMALLEST * 1.5)), (0, 2));
        assert_eq!(f32_to_half(f32::from_bits(1)), 0);
        for odd in [f32::NAN, -f32::NAN, f32::from_bits(0x7f80_0001)] {
            assert!(half_to_f32(f32_to_half(odd)).is_nan());
        }
    }

    proptest! {
        #[test]
        fn the_nearest_half_is_taken(value in -70_000.0_f32..70_000.0, scale in 0_i32..40) {
            let value = value * 0.5_f32.powi(scale);
            let half = f32_to_half(value);
            let distance = |half: u16| (f64::from(half_to_f32(half)) - f64::from(value)).abs();
            if half & 0x7fff < 0x7c00 {
                let size = half & 0x7fff;
                for other in [size.saturating_sub(1), (size + 1).min(0x7bff)] {
                    prop_assert!(distance(half) <= distance(half & 0x8000 | other));
                }
            } else {
                prop_assert!(value.abs() >= 65520.0);
            }
        }
    }
}
