//! Where an answer lies on what was sent: a model that redraws a whole picture shifts and zooms it by a little, and
//! put back through a mask it would not fit its surroundings.
//!
//! The motion is estimated on what was to stay, from coarse to fine, and undone by one resampling. Where nothing can
//! be said nothing is: an estimate that is not sure of itself is none. Nothing is written here, and no mask is
//! applied: see `composite.rs`.

mod motion;
mod pyramid;
mod search;
mod sight;
#[cfg(test)]
mod tests;
mod undo;

use crate::{LayoutError, Picture, View};
use motion::{Motion, Normal};
use pyramid::{Level, Pyramid};
use sight::Sight;

/// So many trusted pixels with texture are needed to say anything,
const ENOUGH: usize = 400;
/// and so many on a coarser level to begin there.
const ENOUGH_TO_BEGIN: usize = 80;
/// All motions are tried out on levels of up to so many pixels; beyond it would take too long.
const MOST_SEARCHED: f64 = 8192.0;
/// So many of them are refined,
const GUESSES: usize = 6;
/// and so many are kept after the first level, and after the second.
const SURVIVORS: [usize; 2] = [3, 1];
/// How far from the best, in pixels of the first three levels, others are tried along what is known least, when it does
/// not fit everywhere.
const STRAYS: [&[f64]; 3] =
    [&[-3.0, -2.0, -1.0, 1.0, 2.0, 3.0], &[-2.5, -1.25, 1.25, 2.5], &[-2.5, 2.5]];
/// A cut at which what does not fit still counts, when motions are compared.
const WIDE_CUT: f32 = 2.0;
/// Steps on a level.
const STEPS: usize = 8;
/// Correlation from which on the two are pictures of one thing.
const ALIKE: f64 = 0.5;
/// The share of the texture around which a motion must fit, when it is known what was to stay, and when it is not.
const AGREEING: f64 = 0.7;
const AGREEING_UNKNOWN: f64 = 0.45;
/// A motion must leave at most this share of the residual.
const BETTER: f64 = 0.9;
/// Corners that move by less, in pixels, are where they should be.
const IN_PLACE: f64 = 0.15;
/// Standard deviation of the displacement of a corner, in pixels, above which it is a guess.
const DOUBT: f64 = 0.2;
/// What is this near to a shift by whole pixels is one, and costs no sharpness.
const WHOLE: f64 = 0.08;
/// The largest scale, as a distance from 1, and the largest displacement of the centre, as a share of a side. A little
/// more than models do, so that what they do is not cut off by the error of the estimate.
const LARGEST: [f64; 2] = [0.065, 0.09];

/// Where the picture that was sent is found in the picture that came back.
///
/// Positions are in pixels from the left and upper edge of the picture, so that the centre of the first pixel is at
/// 0.5, 0.5. What is at `x, y` in the picture before is at `scale_x * x + shift_x`, `scale_y * y + shift_y` in the
/// picture after.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Registration {
    /// Width of a thing after, over its width before: 0.94 to 1.06.
    pub scale_x: f64,
    /// Height of a thing after, over its height before.
    pub scale_y: f64,
    /// Where the left edge of the picture before lies in the picture after, in pixels.
    pub shift_x: f64,
    /// Where the upper edge of the picture before lies in the picture after, in pixels.
    pub shift_y: f64,
    /// Whether the answer was recognised. With the identity it means that the answer is where it should be; without
    /// confidence the registration is always [`Registration::IDENTITY`], and nothing is known.
    pub confident: bool,
    /// Correlation of structure on what stayed, as the answer lies: -1 to 1; 0 when not confident.
    pub before_ncc: f64,
    /// The same with the motion undone; 0 when not confident.
    pub after_ncc: f64,
}

impl Registration {
    /// No motion, and no knowledge of one.
    pub const IDENTITY: Self = Self {
        scale_x: 1.0,
        scale_y: 1.0,
        shift_x: 0.0,
        shift_y: 0.0,
        confident: false,
        before_ncc: 0.0,
        after_ncc: 0.0,
    };

    /// Whether there is nothing to undo.
    #[expect(clippy::float_cmp, reason = "the identity is never computed, it is set")]
    pub fn is_identity(&self) -> bool {
        [self.scale_x, self.scale_y, self.shift_x, self.shift_y] == [1.0, 1.0, 0.0, 0.0]
    }

    /// The picture after on the grid of the picture before, in the same format and size: resampled once with
    /// Lanczos-3, or copied bit for bit where the motion is one of whole pixels. Beyond its edges the picture goes on
    /// with its edge pixels.
    ///
    /// `after` has the size that the estimate was made for. Scales outside 0.5 to 2, and shifts by more than a side,
    /// count as these; what is no number counts as no motion.
    pub fn apply(&self, after: View<'_>) -> Result<Picture, LayoutError> {
        if self.is_identity() {
            return Ok(Picture::from_view(after));
        }
        undo::undo([self.scale_x, self.scale_y], [self.shift_x, self.shift_y], after)
    }
}

/// Finds the picture `before`, which was sent, in the picture `after`, which came back: scales of 0.94 to 1.06 and a
/// centre displaced by up to 6 % of each side. Both of one size (two sizes are no match), of any format.
///
/// `keep` is `gray8` of that size: 255 where a pixel was to stay and may be trusted, 0 where it may have changed (see
/// [`crate::ring::ring`]); without it all is trusted until it contradicts the rest. Brightness, contrast, tint and slow
/// shades do not matter. A motion is claimed only when it is seen by enough texture, when it explains clearly more than
/// none does, and when it moves a corner by at least 0.15 pixels.
pub fn estimate(before: View<'_>, after: View<'_>, keep: Option<View<'_>>) -> Registration {
    find(before, after, keep).unwrap_or(Registration::IDENTITY)
}

fn find(before: View<'_>, after: View<'_>, keep: Option<View<'_>>) -> Option<Registration> {
    let Pyramid { levels, step } = Pyramid::new(before, after, keep)?;
    let mut candidates: Vec<Motion> = Vec::new();
    let mut finest = None;
    let (mut survivors, mut strays) = (SURVIVORS.iter(), STRAYS.into_iter());
    for level in levels.iter().rev() {
        for motion in &mut candidates {
            *motion = motion.enlarged(2.0);
        }
        // Those that went astray are forgotten; that nothing moved is always worth a try.
        candidates.retain(|motion| motion.is_within(LARGEST[0], LARGEST[1], level.sides()));
        if candidates.is_empty() {
            candidates = begin(level);
        }
        let mut settled: Vec<Settled> =
            candidates.iter().filter_map(|motion| Settled::new(level, *motion)).collect();
        settled.sort_by(|one, other| one.loss.total_cmp(&other.loss));
        if let Some((best, lengths)) =
            settled.first().zip(strays.next()).filter(|(best, _)| !best.fits_everywhere())
        {
            let more = best.strays(lengths, level.sides());
            settled.extend(more.iter().filter_map(|motion| Settled::new(level, *motion)));
            settled.sort_by(|one, other| one.loss.total_cmp(&other.loss));
        }
        settled.dedup_by(|next, kept| next.motion.is_near(&kept.motion, level.sides()));
        if !settled.is_empty() {
            settled.truncate(survivors.next().copied().unwrap_or(1));
        }
        candidates = settled.iter().map(|settled| settled.motion).collect();
        finest = settled.into_iter().next();
    }
    decide(&finest?, step, keep.is_some())
}

/// Motions to begin with: none, and on a level that is small enough the best of all.
fn begin(level: &Level) -> Vec<Motion> {
    let mut motions = vec![Motion::NONE];
    let [width, height] = level.sides();
    if width * height <= MOST_SEARCHED {
        let sight = Sight::new(level, &Motion::NONE);
        if sight.textured() >= ENOUGH_TO_BEGIN {
            motions.extend(search::search(&sight).into_iter().take(GUESSES));
        }
    }
    motions
}

/// A motion that was refined on a level.
struct Settled {
    sight: Sight,
    motion: Motion,
    cut: f32,
    normal: Normal,
    /// What it leaves, on a scale that does not depend on the cut.
    loss: f64,
}

impl Settled {
    /// None where too little is left of a thin ring at this size.
    fn new(level: &Level, start: Motion) -> Option<Self> {
        let sight = Sight::new(level, &start);
        if sight.textured() < ENOUGH_TO_BEGIN {
            return None;
        }
        let mut cut = sight.cut(&start);
        let (mut motion, mut normal) = sight.refine(start, cut, STEPS);
        // Once more, when the first pass has shown what to leave out.
        let closer = sight.cut(&motion);
        if closer < 0.8 * cut {
            cut = closer;
            (motion, normal) = sight.refine(motion, cut, STEPS);
        }
        let loss = sight.normal(&motion, WIDE_CUT).loss();
        Some(Self { sight, motion, cut, normal, loss })
    }

    fn fits_everywhere(&self) -> bool {
        self.sight.judge(&self.motion, self.cut).agreeing >= 0.97
    }

    /// Motions beside this one, along what the picture says least about.
    fn strays(&self, lengths: &[f64], sides: [f64; 2]) -> Vec<Motion> {
        let along = self.normal.weakest(sides);
        let stray = |along: &[f64; 4], length: &f64| {
            self.motion.moved(along.map(|part| part * length), sides)
        };
        along
            .iter()
            .flat_map(|along| lengths.iter().map(move |length| stray(along, length)))
            .collect()
    }
}

/// What of it may be claimed; `known` when it was said what was to stay.
fn decide(
    Settled { sight, motion, cut, normal, .. }: &Settled,
    step: u32,
    known: bool,
) -> Option<Registration> {
    let sides = sight.sides();
    let [width, height] = sides.map(|side| side * f64::from(step));
    let full = motion.enlarged(f64::from(step));
    let moved = full.largest([width, height]);
    let verdict = sight.judge(motion, *cut);
    let [before_ncc, after_ncc] = verdict.correlation;
    if sight.textured() < ENOUGH
        || normal.doubt(sides) * f64::from(step) > DOUBT
        || after_ncc < ALIKE
        || verdict.agreeing < if known { AGREEING } else { AGREEING_UNKNOWN }
    {
        return None;
    }
    if moved < IN_PLACE {
        let confident = true;
        return Some(Registration {
            confident,
            before_ncc,
            after_ncc: before_ncc,
            ..Registration::IDENTITY
        });
    }
    let [before_loss, after_loss] = verdict.loss;
    if !full.is_within(LARGEST[0], LARGEST[1], [width, height]) || after_loss > BETTER * before_loss
    {
        return None;
    }
    let Motion { scale: [scale_x, scale_y], shift: [shift_x, shift_y] } =
        in_whole_pixels(full, [width, height]);
    Some(Registration {
        scale_x,
        scale_y,
        shift_x,
        shift_y,
        confident: true,
        before_ncc,
        after_ncc,
    })
}

/// The shift by whole pixels that is as good as the motion, or the motion.
fn in_whole_pixels(motion: Motion, sides: [f64; 2]) -> Motion {
    let [x, wide, y, high] = motion.displacement(sides);
    let whole = [x.round(), y.round()];
    let off = ((x - whole[0]).abs() + wide.abs()).max((y - whole[1]).abs() + high.abs());
    if off < WHOLE { Motion { scale: [1.0; 2], shift: whole } } else { motion }
}
