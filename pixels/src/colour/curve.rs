//! Tone curves of ICC profiles for floats: from a coded value to light and back, without an end on either side.
//!
//! Below zero a curve is its own mirror image, `f(-x) = -f(x)`. Above one a curve with parameters goes on by its formula
//! and a sampled one by its last slope that rises. What a file says is mended where it is not quite a curve that can be
//! undone: the two parts of one meet exactly, and samples that repeat through rounding rise evenly to the next one.
//! A curve that falls, jumps or stays flat is an error.

use moxcms::ToneReprCurve;

use super::ColourError;

/// A curve that rises everywhere.
pub(super) enum Curve {
    /// Light is coded as it is.
    Line,
    /// A power, or a straight part below `start` and a power from there on.
    Power(Power),
    /// Light at evenly spaced values from 0 to 1, rising; at least two.
    Samples(Vec<f32>),
}

/// `(scale * x + shift) ^ gamma + above` from `start` on, `slope * x + below` before.
#[derive(Clone, Copy)]
pub(super) struct Power {
    gamma: f32,
    scale: f32,
    shift: f32,
    above: f32,
    start: f32,
    slope: f32,
    below: f32,
}

impl Curve {
    /// The curve of a profile.
    pub(super) fn of(curve: Option<&ToneReprCurve>) -> Result<Curve, ColourError> {
        match curve {
            None => Err(refused("it has no tone curve")),
            Some(ToneReprCurve::Lut(samples)) => match samples.as_slice() {
                [] => Ok(Curve::Line),
                // A single number is a gamma in 8.8 fixed point.
                [gamma] => power(&[f32::from(*gamma) / 256.0]),
                samples => sampled(samples),
            },
            Some(ToneReprCurve::Parametric(parameters)) => power(parameters),
        }
    }

    /// Light of a coded value.
    pub(super) fn decode(&self, value: f32) -> f32 {
        let size = value.abs();
        let light = match self {
            Curve::Line => return value,
            // What is not a number has no size either.
            _ if value.is_nan() => return value,
            Curve::Power(power) => power.decode(size),
            Curve::Samples(samples) => sample_at(samples, size),
        };
        light.copysign(value)
    }

    /// The coded value of light.
    pub(super) fn encode(&self, light: f32) -> f32 {
        let size = light.abs();
        let value = match self {
            Curve::Line => return light,
            _ if light.is_nan() => return light,
            Curve::Power(power) => power.encode(size),
            Curve::Samples(samples) => place_of(samples, size),
        };
        value.copysign(light)
    }

    /// Whether values are light, to a fraction of a 12-bit step.
    pub(super) fn is_line(&self) -> bool {
        (0..=16_u8).all(|step| {
            let value = f32::from(step) / 16.0;
            (self.decode(value) - value).abs() < 1e-4
        })
    }
}

fn refused(what: &str) -> ColourError {
    ColourError::Unsupported(format!("{what}, which floats cannot be taken through and back"))
}

/// The parametric curves of ICC, types 0 to 4, told apart by the number of their parameters: gamma, scale and shift
/// of the power; then from where on it holds; then slope and shift of the straight part, and shifts of both.
fn power(parameters: &[f32]) -> Result<Curve, ColourError> {
    let plain = |gamma, scale, shift: f32, floor| Power {
        gamma,
        scale,
        shift,
        above: floor,
        start: (-shift / scale).max(0.0),
        slope: 0.0,
        below: floor,
    };
    let mut power = match *parameters {
        [gamma] => plain(gamma, 1.0, 0.0, 0.0),
        [gamma, scale, shift] => plain(gamma, scale, shift, 0.0),
        [gamma, scale, shift, floor] => plain(gamma, scale, shift, floor),
        [gamma, scale, shift, slope, start] => {
            Power { gamma, scale, shift, above: 0.0, start, slope, below: 0.0 }
        }
        [gamma, scale, shift, slope, start, above, below] => {
            Power { gamma, scale, shift, above, start, slope, below }
        }
        _ => return Err(refused("its tone curve has a form that is not known")),
    };
    let Power { gamma, scale, shift, above, start, slope, below } = power;
    if ![gamma, scale, shift, above, start, slope, below].into_iter().all(f32::is_finite) {
        return Err(refused("its tone curve has no numbers"));
    }
    if gamma <= 0.0 || scale <= 0.0 || slope < 0.0 {
        return Err(refused("its tone curve does not rise"));
    }
    if start > 0.0 && slope > 0.0 {
        // Rounded parameters leave a gap between the two parts, or let them overlap.
        let (end, begin) = (slope * start + below, power.upper(start));
        if (end - begin).abs() > 1e-3 || begin <= below {
            return Err(refused("its tone curve has a jump"));
        }
        power.slope = (begin - below) / start;
    }
    if parameters == [1.0] {
        return Ok(Curve::Line);
    }
    Ok(Curve::Power(power))
}

impl Power {
    fn upper(&self, value: f32) -> f32 {
        (self.scale * value + self.shift).max(0.0).powf(self.gamma) + self.above
    }

    fn decode(self, value: f32) -> f32 {
        if value < self.start { self.slope * value + self.below } else { self.upper(value) }
    }

    fn encode(self, light: f32) -> f32 {
        if self.start > 0.0 && light < self.upper(self.start) {
            if self.slope > 0.0 { ((light - self.below) / self.slope).max(0.0) } else { 0.0 }
        } else {
            let root = (light - self.above).max(0.0).powf(1.0 / self.gamma);
            ((root - self.shift) / self.scale).max(0.0)
        }
    }
}

/// Samples as a curve that rises from each to the next.
fn sampled(samples: &[u16]) -> Result<Curve, ColourError> {
    if samples.windows(2).any(|pair| pair[1] < pair[0]) {
        return Err(refused("its tone curve falls"));
    }
    // Of samples that repeat the first is taken; the ones after it lie on the line to the next that is higher.
    let firsts: Vec<usize> =
        (0..samples.len()).filter(|&at| at == 0 || samples[at] > samples[at - 1]).collect();
    let &[.., before, last] = firsts.as_slice() else {
        return Err(refused("its tone curve is flat"));
    };
    let light = |at: usize| f64::from(samples[at]) / 65535.0;
    let slope = |from: usize, to: usize| (light(to) - light(from)) / (to - from) as f64;
    let mut risen = Vec::with_capacity(samples.len());
    for pair in firsts.windows(2) {
        let rise = slope(pair[0], pair[1]);
        risen.extend((pair[0]..pair[1]).map(|at| light(pair[0]) + rise * (at - pair[0]) as f64));
    }
    let rise = slope(before, last);
    risen.extend((last..samples.len()).map(|at| light(last) + rise * (at - last) as f64));
    Ok(Curve::Samples(risen.into_iter().map(|light| light as f32).collect()))
}

fn sample_at(samples: &[f32], value: f32) -> f32 {
    let last = samples.len() - 1;
    let position = value * last as f32;
    let index = (position as usize).min(last - 1);
    let (low, high) = (samples[index], samples[index + 1]);
    low + (high - low) * (position - index as f32)
}

fn place_of(samples: &[f32], light: f32) -> f32 {
    let last = samples.len() - 1;
    let index = samples.partition_point(|sample| *sample <= light).clamp(1, last) - 1;
    let (low, high) = (samples[index], samples[index + 1]);
    ((index as f32 + (light - low) / (high - low)) / last as f32).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(length: u32, light: impl Fn(f64) -> f64) -> ToneReprCurve {
        let at = |step: u32| light(f64::from(step) / f64::from(length - 1)) * 65535.0;
        ToneReprCurve::Lut((0..length).map(|step| at(step).round() as u16).collect())
    }

    fn known() -> Vec<(&'static str, ToneReprCurve)> {
        let fixed = |value: f32| (value * 65536.0).round() / 65536.0;
        let srgb = [2.4, 1.0 / 1.055, 0.055 / 1.055, 1.0 / 12.92, 0.04045].map(fixed).to_vec();
        let rec709 = [1.0 / 0.45, 1.0 / 1.099, 0.099 / 1.099, 1.0 / 4.5, 0.081].map(fixed);
        vec![
            ("line", ToneReprCurve::Lut(Vec::new())),
            ("gamma 1.8", ToneReprCurve::Lut(vec![461])),
            ("gamma 2.2", ToneReprCurve::Parametric(vec![2.2])),
            ("shifted", ToneReprCurve::Parametric(vec![2.4, 0.95, 0.05])),
            ("sRGB", ToneReprCurve::Parametric(srgb)),
            ("Rec. 709", ToneReprCurve::Parametric(rec709.to_vec())),
            ("seven", ToneReprCurve::Parametric(vec![2.0, 0.9, 0.1, 0.25, 0.05, 0.0, 0.0085])),
            ("sampled 2.2", table(1024, |value| value.powf(2.2))),
            ("sampled sRGB", table(4096, |value| f64::from(crate::srgb_to_linear(value as f32)))),
            ("two samples", ToneReprCurve::Lut(vec![0, 65535])),
        ]
    }

    #[test]
    fn every_value_comes_back() {
        for (name, curve) in known() {
            let curve = Curve::of(Some(&curve)).unwrap();
            let mut before = f32::NEG_INFINITY;
            for step in -40_000..=160_000 {
                let value = step as f32 / 20_000.0;
                let light = curve.decode(value);
                let back = curve.encode(light);
                // A float of light holds a value beside a shift as exactly as the shift.
                let allowed = 4e-6 * value.abs().max(3e-3);
                assert!((back - value).abs() <= allowed, "{name}: {value} became {back}");
                assert!(light >= before, "{name} falls at {value}");
                before = light;
            }
        }
    }

    #[test]
    fn curves_go_on_at_both_ends() {
        for (name, curve) in known() {
            let curve = Curve::of(Some(&curve)).unwrap();
            for value in [0.01, 0.3, 1.0, 5.0] {
                let (light, mirrored) = (curve.decode(value), curve.decode(-value));
                assert!((light + mirrored).abs() < 1e-9, "{name}");
            }
            assert!(curve.decode(1.0) > 0.99 && curve.decode(1.0) < 1.01, "{name}");
            assert!(curve.decode(4.0) > 3.9, "{name}: {}", curve.decode(4.0));
            assert!(curve.decode(f32::NAN).is_nan() && curve.encode(f32::NAN).is_nan());
            assert!(curve.decode(f32::INFINITY) > 1e30 && curve.encode(f32::INFINITY) > 1e30);
        }
        let gamma = Curve::of(Some(&ToneReprCurve::Parametric(vec![2.0]))).unwrap();
        assert!((gamma.decode(3.0) - 9.0).abs() < 1e-5);
        // The last slope of this one is 1.5.
        let samples = Curve::of(Some(&ToneReprCurve::Lut(vec![0, 16384, 65535]))).unwrap();
        assert!((samples.decode(2.0) - 2.5).abs() < 1e-4, "{}", samples.decode(2.0));
    }

    #[test]
    fn samples_that_repeat_rise_all_the_same() {
        let curve = Curve::of(Some(&ToneReprCurve::Lut(vec![0, 0, 0, 6, 65535, 65535]))).unwrap();
        let Curve::Samples(samples) = &curve else { unreachable!("it has samples") };
        assert!(samples.is_sorted_by(|low, high| low < high), "{samples:?}");
        assert!((samples[3] - 6.0 / 65535.0).abs() < 1e-9 && (samples[4] - 1.0).abs() < 1e-9);
        for value in [0.05, 0.3, 0.95, 1.4] {
            assert!((curve.encode(curve.decode(value)) - value).abs() < 1e-5);
        }
    }

    #[test]
    fn what_cannot_be_undone_is_refused() {
        let parametric = |parameters: &[f32]| ToneReprCurve::Parametric(parameters.to_vec());
        for curve in [
            ToneReprCurve::Lut(vec![0, 9, 8, 65535]),
            ToneReprCurve::Lut(vec![7; 20]),
            ToneReprCurve::Lut(vec![0]),
            parametric(&[]),
            parametric(&[-1.0]),
            parametric(&[2.2, -1.0, 0.0]),
            parametric(&[f32::NAN]),
            parametric(&[2.4, 1.0, 0.0, 0.5, 0.9]),
            parametric(&[1.0, 1.0]),
        ] {
            assert!(
                matches!(Curve::of(Some(&curve)), Err(ColourError::Unsupported(_))),
                "{curve:?}"
            );
        }
        assert!(Curve::of(None).is_err());
    }
}
