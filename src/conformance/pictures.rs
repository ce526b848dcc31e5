//! Cases about pictures: every model, format and size, padded rows, inputs that stay as they are,
//! masks, references, and what the outputs look like.

use easel_protocol::model::{Intent, MaskSupport, ModelRecord};

use super::report::{Finding, Verdict};
use super::sample::{self, Layout};
use super::subject::{Bench, Plain, Subject};
use crate::worker::{Run, SharedImage};

pub(super) fn every_model(subject: &Subject<'_>) -> Verdict {
    subject.every_model(|model| match &*subject.plain(model) {
        Plain::Works => Ok(()),
        Plain::Broken { finding, .. } => Err(finding.clone()),
    })
}

pub(super) fn every_format(subject: &Subject<'_>) -> Verdict {
    subject.each_model(|bench| {
        for &format in &bench.model.formats {
            if !format.is_stored() {
                return Err(Finding::fail(
                    format!("its record lists `{format}`, which is no format of the interface"),
                    "list `gray8`, `rgba8`, `rgba16` and `rgbaf32` only",
                ));
            }
            let layout = Layout { format, ..sample::plain_layout(bench.model) };
            let Some(size) = sample::up_to(&bench.model.size, layout.size.0, layout.size.1) else {
                return Err(sample::no_size("of any size"));
            };
            let run = sample::run_on(bench.model, sample::picture(Layout { size, ..layout })?)?;
            for output in bench.run(&run, &format!("a source in `{format}`"))? {
                if !bench.model.formats.contains(&output.format()) {
                    return Err(Finding::fail(
                        format!(
                            "its output is `{}`, which its record does not list",
                            output.format()
                        ),
                        "outputs are in one of the record's `formats`",
                    ));
                }
            }
        }
        Ok(())
    })
}

/// Runs on a source of this size.
fn sized(bench: &mut Bench<'_>, size: (u32, u32)) -> Verdict {
    let layout = Layout { size, ..sample::plain_layout(bench.model) };
    let run = sample::run_on(bench.model, sample::picture(layout)?)?;
    bench.run(&run, &format!("a source of {}×{} `{}`", size.0, size.1, layout.format)).map(drop)
}

pub(super) fn smallest_size(subject: &Subject<'_>) -> Verdict {
    subject.each_model(|bench| {
        let size = sample::at_least(&bench.model.size, 1, 1)
            .ok_or_else(|| sample::no_size("of any size"))?;
        sized(bench, size)
    })
}

pub(super) fn odd_size(subject: &Subject<'_>) -> Verdict {
    subject.each_model(|bench| {
        // Two primes, or two prime multiples of what the model wants.
        let rules = &bench.model.size;
        let step = rules.multiple_of.max(1);
        let least = rules.min_side.div_ceil(step).max(67);
        let width = prime_from(least).saturating_mul(step);
        let height = prime_from(least.saturating_add(20)).saturating_mul(step);
        let size = match sample::at_least(rules, width, height) {
            Some(size) => size,
            // A model of few sizes: the least odd one will do.
            None => sample::at_least(rules, 3, 7).ok_or_else(|| sample::no_size("of odd sides"))?,
        };
        sized(bench, size)?;
        sized(bench, (size.1, size.0))
    })
}

/// The first prime from `start`; where none is near, `start` itself.
fn prime_from(start: u32) -> u32 {
    let is_prime = |number: &u32| {
        let number = u64::from(*number);
        number > 1 && (2..number).take_while(|it| it * it <= number).all(|it| number % it != 0)
    };
    (start..start.saturating_add(200)).find(is_prime).unwrap_or(start)
}

pub(super) fn padded_stride(subject: &Subject<'_>) -> Verdict {
    subject.each_model(|bench| {
        let layout = sample::plain_layout(bench.model);
        let size = sample::up_to(&bench.model.size, layout.size.0, layout.size.1)
            .ok_or_else(|| sample::no_size("of any size"))?;
        let mut outputs = Vec::new();
        // The last is as the first: whether the model repeats itself at all.
        for (gap, what) in [
            ((0, 0), "a source without gaps between rows"),
            ((5, 0xa5), "a source with gaps between rows"),
            ((37, 0x5a), "a source with wide gaps between rows"),
            ((0, 0), "a source without gaps between rows"),
        ] {
            let source = sample::picture(Layout { size, gap, ..layout })?;
            let before = digest([&source]);
            let run = sample::run_on(bench.model, source)?;
            outputs.push(bench.run(&run, what)?);
            if digest([&run.source]) != before {
                return Err(written("source"));
            }
        }
        if same_all(&outputs[0], &outputs[3]) && !(same_all(&outputs[0], &outputs[1]) && same_all(&outputs[0], &outputs[2])) {
            return Err(Finding::fail(
                "the same pixels with gaps between rows give another picture: what lies between rows means nothing",
                "go from row to row by `stride`, in 64 bits, never by the width",
            ));
        }
        Ok(())
    })
}

/// Whether two series of pictures have the same shapes and pixels.
pub(super) fn same_all(one: &[SharedImage], other: &[SharedImage]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
}

fn same(one: &SharedImage, other: &SharedImage) -> bool {
    let shape = |image: &SharedImage| (image.format(), image.width(), image.height());
    shape(one) == shape(other) && (0..one.height()).all(|y| one.row(y) == other.row(y))
}

fn digest<'image>(images: impl IntoIterator<Item = &'image SharedImage>) -> Vec<blake3::Hash> {
    images.into_iter().map(|image| blake3::hash(image.bytes())).collect()
}

fn written(which: &str) -> Finding {
    Finding::fail(
        format!("it changed the {which}: a backend never writes into an input"),
        "work on a copy, or in an output",
    )
}

pub(super) fn input_untouched(subject: &Subject<'_>) -> Verdict {
    subject.each_model(|bench| {
        let mut run = sample::plain_run(bench.model, None)?;
        run.references = sample::references(
            bench.model,
            bench.model.references.1.min(4).max(bench.model.references.0),
        )?;
        if bench.model.mask == MaskSupport::Native {
            mask_with(&mut run)?;
        }
        let all = |run: &Run| {
            digest(std::iter::once(&run.source).chain(&run.mask).chain(&run.references))
        };
        let before = all(&run);
        bench.run(&run, "a run with every kind of input")?;
        if all(&run) != before {
            return Err(written("source, the mask or a reference"));
        }
        Ok(())
    })
}

/// Gives the run a mask. What is behind one keeps the size of the source.
fn mask_with(run: &mut Run) -> Verdict {
    run.mask = Some(sample::mask((run.source.width(), run.source.height()))?);
    run.params.scale = 1;
    Ok(())
}

fn only_native(model: &ModelRecord) -> Verdict {
    if model.mask == MaskSupport::Native {
        return Ok(());
    }
    Err(Finding::skip("it is never given a mask", "nothing to do"))
}

pub(super) fn with_mask(subject: &Subject<'_>) -> Verdict {
    subject.each_model(|bench| {
        only_native(bench.model)?;
        for &intent in &bench.model.intents {
            let mut run = sample::plain_run(bench.model, None)?;
            run.params.intent = intent;
            mask_with(&mut run)?;
            bench.run(&run, &format!("`{}` with a mask", intent.name()))?;
        }
        Ok(())
    })
}

pub(super) fn missing_mask(subject: &Subject<'_>) -> Verdict {
    subject.each_model(|bench| {
        only_native(bench.model)?;
        if sample::plain_intent(bench.model) == Intent::Erase {
            return Err(Finding::skip("`erase` always has a mask", "nothing to do"));
        }
        let run = Run { mask: None, ..sample::plain_run(bench.model, None)? };
        bench.run(&run, "a run without a mask").map(drop)
    })
}

pub(super) fn references_min_to_max(subject: &Subject<'_>) -> Verdict {
    subject.each_model(|bench| {
        let (least, most) = bench.model.references;
        if most == 0 {
            return Err(Finding::skip("it takes no references", "nothing to do"));
        }
        let mut counts = vec![least, least.midpoint(most), most];
        counts.dedup();
        for count in counts {
            let mut run = sample::plain_run(bench.model, None)?;
            run.references = sample::references(bench.model, count)?;
            bench.run(&run, &format!("a run with {count} references"))?;
        }
        Ok(())
    })
}

pub(super) fn count_outputs(subject: &Subject<'_>) -> Verdict {
    subject.each_model(|bench| {
        let mut counts = vec![1, bench.model.max_count];
        counts.dedup();
        for count in counts {
            let mut run = sample::plain_run(bench.model, None)?;
            run.params.count = count;
            let made = bench.run(&run, &format!("a run with `count` {count}"))?.len();
            if made != count as usize {
                return Err(Finding::fail(
                    format!("asked for {count} pictures, it made {made}"),
                    "make as many outputs as `count` says, and state in `max_count` how many are possible",
                ));
            }
        }
        Ok(())
    })
}

pub(super) fn output_size_sensible(subject: &Subject<'_>) -> Verdict {
    subject.each_model(|bench| {
        let scales =
            if bench.model.scales.is_empty() { vec![1] } else { bench.model.scales.clone() };
        for scale in scales {
            let mut run = sample::plain_run(bench.model, None)?;
            run.params.scale = scale;
            let wanted = (
                u64::from(run.source.width()) * u64::from(scale),
                u64::from(run.source.height()) * u64::from(scale),
            );
            for output in bench.run(&run, &format!("a run with `scale` {scale}"))? {
                let got = (u64::from(output.width()), u64::from(output.height()));
                judge_size(bench.model, wanted, got, (run.source.width(), run.source.height()))?;
            }
        }
        Ok(())
    })
}

fn judge_size(
    model: &ModelRecord,
    wanted: (u64, u64),
    got: (u64, u64),
    source: (u32, u32),
) -> Verdict {
    if got == wanted {
        return Ok(());
    }
    let words = format!(
        "a source of {}×{} gave {}×{}, not {}×{}",
        source.0, source.1, got.0, got.1, wanted.0, wanted.1
    );
    // A side off by one pixel is rounding; beyond that the picture is squeezed.
    let (across, along) = (got.0 * wanted.1, got.1 * wanted.0);
    if across.abs_diff(along) > wanted.0.max(wanted.1) {
        return Err(Finding::fail(
            format!("{words}: that is another aspect, and the host would squeeze it back"),
            "make outputs of the source's size, times `scale` where the record has `scales`",
        ));
    }
    if model.scales.is_empty() {
        return Ok(());
    }
    Err(Finding::warn(
        format!("{words}: its record promises exactly that scale"),
        "make outputs of the source's size times `scale`, or leave `scales` out",
    ))
}

#[cfg(test)]
mod tests {
    use easel_protocol::picture::PixelFormat;

    use super::*;
    use crate::conformance::report::Outcome;

    #[test]
    fn primes_are_prime() {
        assert_eq!([prime_from(0), prime_from(4), prime_from(67), prime_from(87)], [2, 5, 67, 89]);
    }

    #[test]
    fn a_squeezed_output_fails_and_another_size_need_not() {
        let mut model = ModelRecord::new("a", "A", &[Intent::Enhance]);
        let outcome = |model: &ModelRecord, wanted, got| {
            Finding::from(judge_size(model, wanted, got, (60, 44))).outcome
        };
        assert_eq!(outcome(&model, (60, 44), (60, 44)), Outcome::Pass);
        assert_eq!(outcome(&model, (60, 44), (120, 88)), Outcome::Pass);
        assert_eq!(outcome(&model, (60, 44), (31, 132)), Outcome::Fail);
        assert_eq!(outcome(&model, (60, 44), (44, 60)), Outcome::Fail);
        model.scales = vec![2];
        assert_eq!(outcome(&model, (120, 88), (120, 88)), Outcome::Pass);
        assert_eq!(outcome(&model, (120, 88), (60, 44)), Outcome::Warn);
    }

    #[test]
    fn pictures_are_the_same_whatever_their_rows_are_padded_with() {
        let make = |gap| {
            let layout = Layout { format: PixelFormat::Rgba8, size: (9, 5), gap, alpha: true };
            vec![sample::picture(layout).unwrap()]
        };
        assert!(same_all(&make((0, 0)), &make((4, 9))));
        assert!(!same_all(&make((0, 0)), &[]));
        let other = Layout { format: PixelFormat::Rgba8, size: (9, 5), gap: (0, 0), alpha: false };
        assert!(!same_all(&make((0, 0)), &[sample::picture(other).unwrap()]));
    }
}
