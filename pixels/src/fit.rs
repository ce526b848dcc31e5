//! Fitting a picture into the sizes that a model accepts, and taking its answer back.
//!
//! The aspect is never changed: the picture is scaled as a whole, and what the rules still ask for is filled by
//! reflection at the right and at the bottom. `undo` accepts answers at another resolution of the same shape, cuts
//! the filling off with sub-pixel accuracy and resamples once. Model rules are data; none is known here.

use crate::resize::{resample, resize};
use crate::{LayoutError, Picture, Size, View};

/// How far the aspect of an answer may differ from what was sent: two per cent.
pub const ASPECT_TOLERANCE: f64 = 0.02;

/// What sizes a model takes. A zero means: no such rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SizeRules {
    /// Both sides are multiples of this.
    pub multiple_of: u32,
    /// No side is shorter.
    pub min_side: u32,
    /// No side is longer.
    pub max_side: u32,
    /// Width times height is at most this.
    pub max_pixels: u64,
}

/// Why a picture cannot be fitted, or an answer not be taken back.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FitError {
    /// The rules exclude every size.
    #[error("no size satisfies the rules: multiples of {}, sides {} to {}, at most {} pixels", .0.multiple_of, .0.min_side, .0.max_side, .0.max_pixels)]
    Contradiction(SizeRules),
    /// The answer has another shape than what was sent.
    #[error("the result is {found}, which is not the shape of {sent}")]
    Aspect {
        /// The size of the answer.
        found: Size,
        /// The size that was sent.
        sent: Size,
    },
    /// A size is empty or fits no memory.
    #[error(transparent)]
    Layout(#[from] LayoutError),
}

impl FitError {
    /// What to do about it.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Contradiction(_) => "correct the size rules in the model's catalogue entry",
            Self::Aspect { .. } => {
                "the model cropped or stretched the picture; choose one that keeps the size"
            }
            Self::Layout(error) => error.hint(),
        }
    }
}

/// A plan: from the picture's own size to the size that is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fit {
    /// The size of the picture.
    pub original: Size,
    /// The picture inside what is sent: the original, scaled as a whole. Its corner is the corner of what is sent.
    pub scaled: Size,
    /// What is sent: `scaled` and, to the right and below, its reflection.
    pub padded: Size,
}

impl Fit {
    /// The largest fit: the original size where the rules allow it, else scaled down as little, or up as much, as they
    /// ask. The aspect is off by at most half a pixel of the shorter side.
    pub fn plan(size: Size, rules: &SizeRules) -> Result<Self, FitError> {
        Self::plan_for_aspects(size, rules, &[])
    }

    /// The same for a model that takes a few aspects only, as width to height: padded to the nearest of them, within a
    /// pixel or what the multiple asks for. None means any.
    pub fn plan_for_aspects(
        size: Size,
        rules: &SizeRules,
        aspects: &[(u32, u32)],
    ) -> Result<Self, FitError> {
        if size.is_empty() {
            return Err(LayoutError::Empty(size).into());
        }
        let mut bounds = Bounds::of(rules).ok_or(FitError::Contradiction(*rules))?;
        bounds.aspect = nearest_aspect(size, aspects);
        let wanted = bounds.wanted_long_side(size);
        // The padded size grows with the long side, so the largest that fits is found by halving.
        let (mut fits, mut too_long) = (1, wanted.saturating_add(1));
        while too_long - fits > 1 {
            let middle = fits + (too_long - fits) / 2;
            if bounds.padded(at_long_side(size, middle)).is_some() {
                fits = middle;
            } else {
                too_long = middle;
            }
        }
        let scaled = at_long_side(size, fits);
        let padded = bounds.padded(scaled).ok_or(FitError::Contradiction(*rules))?;
        Ok(Self { original: size, scaled, padded })
    }

    /// Whether the picture is sent as it is.
    pub fn is_identity(&self) -> bool {
        self.original == self.padded
    }

    /// What is sent. The view must have the size that was planned.
    pub fn apply(&self, view: View<'_>) -> Result<Picture, FitError> {
        view.expect_size(self.original)?;
        let scaled = resize(view, self.scaled)?;
        if self.scaled == self.padded { Ok(scaled) } else { Ok(reflect(&scaled, self.padded)?) }
    }

    /// The answer of a model, brought to `target`: the padding cut off, resampled once. `target` is the original size,
    /// or a multiple of it where the model enlarges. The answer may have any resolution of the padded shape.
    pub fn undo(&self, result: View<'_>, target: Size) -> Result<Picture, FitError> {
        self.undo_within(result, target, ASPECT_TOLERANCE)
    }

    /// The same for a model whose own shapes are only about those that it was asked for: what is off by less than
    /// `tolerance`, a share, is stretched back.
    pub fn undo_within(
        &self,
        result: View<'_>,
        target: Size,
        tolerance: f64,
    ) -> Result<Picture, FitError> {
        let per_pixel = |found: u32, sent: u32| f64::from(found) / f64::from(sent);
        let across = per_pixel(result.width(), self.padded.width);
        let down = per_pixel(result.height(), self.padded.height);
        if (across / down - 1.0).abs() > tolerance {
            return Err(FitError::Aspect { found: result.size(), sent: self.padded });
        }
        let part =
            [0.0, 0.0, f64::from(self.scaled.width) * across, f64::from(self.scaled.height) * down];
        Ok(resample(result, part, target)?)
    }
}

/// The rules with their zeros resolved and rounded to the multiple.
struct Bounds {
    multiple: u32,
    low: u32,
    high: u32,
    pixels: u64,
    min_side: u32,
    aspect: Option<(u32, u32)>,
}

impl Bounds {
    fn of(rules: &SizeRules) -> Option<Self> {
        let multiple = rules.multiple_of.max(1);
        let unless_zero = |value: u32| if value == 0 { u32::MAX } else { value };
        let low = rules.min_side.max(1).checked_next_multiple_of(multiple)?;
        let high = unless_zero(rules.max_side) / multiple * multiple;
        let pixels = if rules.max_pixels == 0 { u64::MAX } else { rules.max_pixels };
        let possible = low <= high && Size::new(low, low).area() <= pixels;
        possible.then_some(Self {
            multiple,
            low,
            high,
            pixels,
            min_side: rules.min_side,
            aspect: None,
        })
    }

    /// The size that is sent for a scaled picture, when the rules allow one.
    fn padded(&self, scaled: Size) -> Option<Size> {
        let side = |length: u32| {
            length
                .max(self.low)
                .checked_next_multiple_of(self.multiple)
                .filter(|side| *side <= self.high)
        };
        let mut padded = Size::new(side(scaled.width)?, side(scaled.height)?);
        if let Some((across, down)) = self.aspect {
            let other = |length: u32, to: u32, from: u32| {
                u32::try_from((u64::from(length) * u64::from(to)).div_ceil(u64::from(from))).ok()
            };
            let wide = u64::from(padded.width) * u64::from(down);
            if wide < u64::from(padded.height) * u64::from(across) {
                padded.width = side(other(padded.height, across, down)?)?;
            } else {
                padded.height = side(other(padded.width, down, across)?)?;
            }
        }
        (padded.area() <= self.pixels).then_some(padded)
    }

    /// The long side we would like: the picture's own, or more when its short side is below the minimum. At most
    /// `high`, so that the search stays short.
    fn wanted_long_side(&self, size: Size) -> u32 {
        let (long, short) = (u64::from(size.long_side()), u64::from(size.short_side()));
        let wanted = if short < u64::from(self.min_side) {
            (long * u64::from(self.min_side)).div_ceil(short)
        } else {
            long
        };
        wanted.min(u64::from(self.high)) as u32
    }
}

/// The aspect that asks for the least padding.
fn nearest_aspect(size: Size, aspects: &[(u32, u32)]) -> Option<(u32, u32)> {
    let own = f64::from(size.width) / f64::from(size.height);
    let off =
        |(across, down): &(u32, u32)| (f64::from(*across) / f64::from(*down) / own).ln().abs();
    let possible = aspects.iter().filter(|(across, down)| *across > 0 && *down > 0);
    possible.copied().min_by(|one, other| off(one).total_cmp(&off(other)))
}

/// The size scaled as a whole to a given long side.
fn at_long_side(size: Size, long: u32) -> Size {
    let short = |side: u32| {
        let exact = u64::from(side) * u64::from(long);
        let rounded = (exact + u64::from(size.long_side()) / 2) / u64::from(size.long_side());
        rounded.max(1) as u32
    };
    if size.width >= size.height {
        Size::new(long, short(size.height))
    } else {
        Size::new(short(size.width), long)
    }
}

/// Fills a larger picture by reflection: ... 2 1 0 1 2 1 0 ..., without doubling the edge.
fn reflect(picture: &Picture, padded: Size) -> Result<Picture, LayoutError> {
    let mut target = Picture::new_zeroed(picture.format(), padded)?;
    let pixel = picture.format().bytes_per_pixel();
    let view = picture.view();
    for (y, row) in (0..).zip(target.view_mut().rows_mut()) {
        let source = view.row(mirrored(y, picture.height()));
        let (copy, rest) = row.split_at_mut(source.len());
        copy.copy_from_slice(source);
        for (x, out) in (picture.width()..).zip(rest.chunks_exact_mut(pixel)) {
            let from = mirrored(x, picture.width()) as usize * pixel;
            out.copy_from_slice(&source[from..from + pixel]);
        }
    }
    Ok(target)
}

/// The index inside `0..length` that a reflected `index` falls on.
fn mirrored(index: u32, length: u32) -> u32 {
    if length == 1 {
        return 0;
    }
    let last = length - 1;
    let (turn, offset) = (index / last, index % last);
    if turn.is_multiple_of(2) { offset } else { last - offset }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Format;
    use proptest::prelude::*;

    #[test]
    fn reflection_turns_at_both_ends() {
        let line: Vec<u32> = (0..9).map(|index| mirrored(index, 4)).collect();
        assert_eq!(line, [0, 1, 2, 3, 2, 1, 0, 1, 2]);
        assert_eq!(mirrored(77, 1), 0);
    }

    #[test]
    fn plans_follow_the_rules() {
        let rules =
            SizeRules { multiple_of: 64, min_side: 256, max_side: 2048, max_pixels: 1 << 20 };
        let plan = |width, height| Fit::plan(Size::new(width, height), &rules).unwrap();
        assert_eq!(plan(640, 512).scaled, Size::new(640, 512));
        assert_eq!(plan(640, 512).padded, Size::new(640, 512));
        assert_eq!(plan(600, 500).padded, Size::new(640, 512));
        assert_eq!(plan(1, 1).scaled, Size::new(256, 256));
        assert_eq!(plan(30_000, 10).padded, Size::new(2048, 256));
        let large = plan(4000, 3000);
        assert!(large.padded.area() <= 1 << 20 && large.scaled.width > 1100);
        let odd = SizeRules { multiple_of: 64, min_side: 100, max_side: 120, max_pixels: 0 };
        assert_eq!(Fit::plan(Size::new(5, 5), &odd), Err(FitError::Contradiction(odd)));
        assert!(Fit::plan(Size::new(0, 5), &rules).is_err());
        assert!(Fit::plan(Size::new(u32::MAX, u32::MAX), &SizeRules::default()).is_ok());
    }

    #[test]
    fn a_model_with_few_aspects_gets_one_of_them() {
        let aspects = [(1, 1), (4, 3), (3, 4), (16, 9), (21, 9)];
        let rules = SizeRules { max_side: 4096, ..SizeRules::default() };
        for (width, height, wanted) in [
            (1600, 1200, Size::new(1600, 1200)),
            (1500, 1000, Size::new(1500, 1125)),
            (1000, 1010, Size::new(1010, 1010)),
            (100, 3000, Size::new(2250, 3000)),
            (5000, 2000, Size::new(4096, 1756)),
        ] {
            let fit = Fit::plan_for_aspects(Size::new(width, height), &rules, &aspects).unwrap();
            assert_eq!(fit.padded, wanted, "{width}x{height}");
        }
        let fit = Fit::plan_for_aspects(Size::new(1500, 1000), &rules, &aspects).unwrap();
        assert_eq!(fit.scaled, Size::new(1500, 1000), "padded, never squeezed");
    }

    #[test]
    fn an_answer_of_another_shape_is_refused() {
        let fit = Fit::plan(Size::new(100, 100), &SizeRules::default()).unwrap();
        let wide = Picture::new_zeroed(Format::Gray8, Size::new(104, 100)).unwrap();
        let near = Picture::new_zeroed(Format::Gray8, Size::new(101, 100)).unwrap();
        assert!(matches!(fit.undo(wide.view(), Size::new(100, 100)), Err(FitError::Aspect { .. })));
        assert_eq!(fit.undo(near.view(), Size::new(100, 100)).unwrap().size(), Size::new(100, 100));
        assert!(fit.undo_within(wide.view(), Size::new(100, 100), 0.05).is_ok());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn there_and_back_keeps_size_and_flat_colour(
            width in 1_u32..200, height in 1_u32..200,
            multiple_of in prop::sample::select(vec![0_u32, 1, 8, 16, 64]),
            min_side in prop::sample::select(vec![0_u32, 1, 64, 100]),
            max_side in prop::sample::select(vec![0_u32, 128, 192, 512]),
            limited in any::<bool>(), scale in 1_u32..4,
        ) {
            let max_pixels = if limited { 128 * 128 } else { 0 };
            let rules = SizeRules { multiple_of, min_side, max_side, max_pixels };
            let size = Size::new(width, height);
            let fit = Fit::plan(size, &rules).unwrap();
            let multiple = multiple_of.max(1);
            prop_assert!(fit.padded.width.is_multiple_of(multiple) && fit.padded.height.is_multiple_of(multiple));
            prop_assert!(fit.padded.short_side() >= min_side);
            prop_assert!(max_side == 0 || fit.padded.long_side() <= max_side);
            prop_assert!(max_pixels == 0 || fit.padded.area() <= max_pixels);
            prop_assert!(fit.scaled.width <= fit.padded.width && fit.scaled.height <= fit.padded.height);
            // Off by at most half a pixel of the side that was rounded; a side of one pixel cannot shrink further.
            let exact = f64::from(size.short_side()) * f64::from(fit.scaled.long_side()) / f64::from(size.long_side());
            prop_assert!((exact.max(1.0) - f64::from(fit.scaled.short_side())).abs() <= 0.5 + 1e-9);

            let colour = [12, 200, 99, 255];
            let picture = Picture::from_pixels(Format::Rgba8, size, colour.repeat(size.area() as usize)).unwrap();
            let sent = fit.apply(picture.view()).unwrap();
            prop_assert_eq!(sent.size(), fit.padded);
            prop_assert!(sent.pixels().chunks(4).all(|pixel| pixel == colour));
            let answer = resize(sent.view(), fit.padded.scaled(scale)).unwrap();
            let back = fit.undo(answer.view(), size).unwrap();
            prop_assert_eq!(back.size(), size);
            prop_assert!(back.pixels().chunks(4).all(|pixel| pixel == colour));
            prop_assert_eq!(fit.undo(answer.view(), size.scaled(scale)).unwrap().size(), size.scaled(scale));
        }

        #[test]
        fn padding_alone_is_undone_exactly(width in 1_u32..60, height in 1_u32..60, seed in any::<u8>()) {
            let size = Size::new(width, height);
            let bytes: Vec<u8> = (0..size.area() * 4).map(|i| (i as u8).wrapping_mul(31).wrapping_add(seed)).collect();
            let picture = Picture::from_pixels(Format::Rgba8, size, bytes).unwrap();
            let fit = Fit::plan(size, &SizeRules { multiple_of: 32, ..SizeRules::default() }).unwrap();
            prop_assert_eq!(fit.scaled, size);
            let back = fit.undo(fit.apply(picture.view()).unwrap().view(), size).unwrap();
            prop_assert_eq!(back.pixels(), picture.pixels());
        }
    }
}
