//! The sRGB transfer curve, both ways, by tables that are built once.
//!
//! Encoding is piecewise linear over 256 segments per octave of the float itself; its error stays below a
//! thirtieth of a 16-bit step, so that 8- and 16-bit values come back exactly. Values outside 0 to 1 are clamped
//! when they are encoded.

use std::sync::LazyLock;

/// Light of one gamma-coded value, both 0 to 1: the formula of IEC 61966-2-1. Continued below zero and above one.
pub fn srgb_to_linear(value: f32) -> f32 {
    decode(f64::from(value)) as f32
}

/// The gamma-coded value of light, clamped to 0 to 1. NaN becomes 0.
pub fn linear_to_srgb(value: f32) -> f32 {
    ENCODE.encode(value)
}

fn decode(value: f64) -> f64 {
    if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

fn encode_exact(value: f64) -> f64 {
    if value <= THRESHOLD { value * 12.92 } else { 1.055 * value.powf(1.0 / 2.4) - 0.055 }
}

/// Where the straight part of the curve ends.
const THRESHOLD: f64 = 0.003_130_8;
/// 2^-9, the power of two below the threshold, as float bits: where the table begins.
const FIRST_BITS: u32 = (127 - 9) << 23;
/// Segments: nine octaves of 256, and one for 1.0 itself.
const SEGMENTS: usize = 9 * 256 + 1;
/// Bits of the mantissa below a segment.
const SHIFT: u32 = 23 - 8;

/// The table behind [`linear_to_srgb`]; take it once outside a loop.
pub(crate) struct Encoder {
    /// Value at the start of the segment, and rise per unit of light.
    segments: Box<[[f32; 2]; SEGMENTS]>,
}

pub(crate) static ENCODE: LazyLock<Encoder> = LazyLock::new(|| {
    let mut segments = Box::new([[0.0; 2]; SEGMENTS]);
    for (index, segment) in segments.iter_mut().enumerate() {
        let start = f32::from_bits(FIRST_BITS + ((index as u32) << SHIFT));
        let end = f32::from_bits(FIRST_BITS + ((index as u32 + 1) << SHIFT));
        let (from, to) = (encode_exact(f64::from(start)), encode_exact(f64::from(end)));
        *segment = [from as f32, ((to - from) / f64::from(end - start)) as f32];
    }
    Encoder { segments }
});

impl Encoder {
    /// See [`linear_to_srgb`].
    #[inline]
    pub(crate) fn encode(&self, light: f32) -> f32 {
        let light = unit(light);
        // Both parts are computed and one is chosen: a branch would be guessed wrong in every dark texture.
        let bits = light.to_bits().max(FIRST_BITS);
        let index = ((bits - FIRST_BITS) >> SHIFT) as usize;
        let [base, slope] = self.segments[index.min(SEGMENTS - 1)];
        let curved = base + (f32::from_bits(bits) - f32::from_bits(bits >> SHIFT << SHIFT)) * slope;
        if light <= THRESHOLD as f32 { light * 12.92 } else { curved }
    }
}

/// Clamps to 0 to 1; NaN becomes 0, which `clamp` would hand on.
#[inline]
#[expect(clippy::manual_clamp, reason = "`max` turns NaN into 0, `clamp` does not")]
pub(crate) fn unit(value: f32) -> f32 {
    value.max(0.0).min(1.0)
}

/// Light of the 256 values of an 8-bit sample.
pub(crate) static LIGHT_OF_8: LazyLock<Box<[f32; 256]>> = LazyLock::new(|| {
    let mut table = Box::new([0.0; 256]);
    for (value, light) in table.iter_mut().enumerate() {
        *light = decode(value as f64 / 255.0) as f32;
    }
    table
});

/// Light of the 65536 values of a 16-bit sample.
pub(crate) static LIGHT_OF_16: LazyLock<Box<[f32]>> = LazyLock::new(|| {
    (0..=65535_u32).map(|value| decode(f64::from(value) / 65535.0) as f32).collect()
});

/// Light of a gamma-coded value between 0 and 1 (clamped), read from [`LIGHT_OF_16`] between its entries.
#[inline]
pub(crate) fn light_between(table: &[f32], value: f32) -> f32 {
    let position = unit(value) * 65535.0;
    let index = position as u16;
    let low = table[usize::from(index)];
    let high = table[usize::from(index.saturating_add(1))];
    low + (high - low) * (position - f32::from(index))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_of_both_depths_comes_back() {
        for value in 0..=255_u16 {
            let back = ENCODE.encode(LIGHT_OF_8[usize::from(value)]) * 255.0;
            assert_eq!((back + 0.5) as u16, value);
        }
        for value in 0..=65535_u16 {
            let back = ENCODE.encode(LIGHT_OF_16[usize::from(value)]) * 65535.0;
            assert_eq!((back + 0.5) as u16, value);
        }
    }

    #[test]
    fn the_table_follows_the_formula_and_never_falls() {
        let mut before = 0.0_f32;
        for step in 0..=200_000 {
            let light = step as f32 / 200_000.0;
            let coded = linear_to_srgb(light);
            assert!((f64::from(coded) - encode_exact(f64::from(light))).abs() < 6e-7, "{light}");
            assert!(coded >= before - 1e-7, "{light}");
            before = coded;
        }
        for (odd, expected) in [(f32::NAN, 0.0), (-3.0, 0.0), (f32::INFINITY, 1.0), (7.0, 1.0)] {
            assert!((linear_to_srgb(odd) - expected).abs() < 1e-6);
        }
    }
}
