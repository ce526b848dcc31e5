//! The size of an answer: the source's shape within the pixels that a model makes. Only a size that is
//! asked for explicitly holds the shape; the service's own words for sizes do not.

/// No side is longer than so many times the other.
pub(crate) const MAX_RATIO: u32 = 16;
/// No multiple is documented for the sides; this one is taken by every model.
const STEP: u32 = 16;

/// The size that has the shape of `width` by `height` best and is nearest to `pixels`, with a number of
/// pixels in `min..=max` and sides that are multiples of 16. `None` for a shape that the service refuses.
pub(crate) fn fitting(
    (width, height): (u32, u32),
    pixels: u64,
    (min, max): (u64, u64),
) -> Option<(u32, u32)> {
    let (long, short) = (width.max(height), width.min(height));
    if short == 0 || u64::from(long) > u64::from(short) * u64::from(MAX_RATIO) {
        return None;
    }
    let ratio = f64::from(long) / f64::from(short);
    let pixels = pixels.clamp(min, max.max(min)) as f64;
    let ideal = ((pixels / ratio).sqrt() / f64::from(STEP)).floor() as u32;
    // The long side is rounded after the short one is chosen, so the shape is off by less than a step of
    // the long side. A few short sides are tried: one of them often fits the shape exactly.
    let tried = (ideal.saturating_sub(2)..=ideal.saturating_add(3)).filter_map(|steps| {
        let short = steps.checked_mul(STEP).filter(|short| *short > 0)?;
        let exact = f64::from(short) * ratio;
        let long = ((exact / f64::from(STEP)).round() as u32).checked_mul(STEP)?;
        let area = u64::from(long) * u64::from(short);
        if !(min..=max).contains(&area) {
            return None;
        }
        let skew = (f64::from(long) / exact - 1.0).abs();
        let distance = (area as f64 / pixels - 1.0).abs();
        Some((skew + distance / 50.0, long, short))
    });
    let (_, long, short) = tried.min_by(|one, other| one.0.total_cmp(&other.0))?;
    Some(if width >= height { (long, short) } else { (short, long) })
}
