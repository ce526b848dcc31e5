//! Cases about parameters: random ones that the record allows, seeds that repeat a picture, a model
//! that does not exist. The random numbers come from a seed that the report names.

use std::time::Duration;

use easel_protocol::model::{
    Intent, MaskSupport, ModelRecord, ParamKind, ParamRecord, PromptSupport, RunParams,
    SeedSupport, StyleWeight,
};
use serde_json::Value;

use super::pictures::same_all;
use super::report::{Finding, Verdict};
use super::sample;
use super::subject::{Quiet, Subject, reported};
use crate::worker::{Run, RunError};

/// How many random asks a model gets.
const ASKS: u32 = 12;
/// Texts that trip up careless parsers; the host passes on any of them.
const TEXTS: &[&str] = &[
    "a lighthouse",
    "\"quotes\", \\backslashes\\ and {braces}",
    "first line\nsecond line\ttab",
    "grüße, 水彩画, 🎨 and a\u{301}",
    "%s %n %d \u{1}",
];

/// A small generator of numbers that look random: xorshift64*.
#[derive(Clone, Debug)]
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        // It never leaves 0.
        Random((seed ^ 0x9e37_79b9_7f4a_7c15).max(1))
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Below `end`, which is at least 1. The upper bits are the better ones.
    fn below(&mut self, end: usize) -> usize {
        ((self.next() >> 33) % end.max(1) as u64) as usize
    }

    fn coin(&mut self) -> bool {
        self.below(2) == 1
    }

    fn pick<'item, T>(&mut self, items: &'item [T]) -> Option<&'item T> {
        items.get(self.below(items.len()))
    }

    /// Within `min..=max`, the ends more often than chance has it.
    fn between(&mut self, min: f64, max: f64) -> f64 {
        match self.below(4) {
            0 => min,
            1 => max,
            _ => (min + (max - min) * (self.next() >> 11) as f64 / (1_u64 << 53) as f64)
                .min(max)
                .max(min),
        }
    }
}

/// Parameters that the host's own checks would let through.
fn random_params(model: &ModelRecord, random: &mut Random) -> RunParams {
    let mut params = sample::plain_params(model);
    let usable: Vec<Intent> = model
        .intents
        .iter()
        .copied()
        .filter(|intent| *intent != Intent::Erase || model.mask != MaskSupport::Refused)
        .collect();
    params.intent = random.pick(&usable).copied().unwrap_or(params.intent);
    let prompted = model.prompt == PromptSupport::Required
        || model.prompt == PromptSupport::Optional && random.coin();
    params.prompt = prompted.then(|| text(random));
    params.keep = model.keep.iter().copied().filter(|_| random.coin()).collect();
    params.style = styles(model, random);
    params.strength = (model.strength && random.coin()).then(|| random.between(0.0, 1.0));
    let seeded = model.seed != SeedSupport::None && random.coin();
    params.seed = seeded.then(|| if random.coin() { random.next() } else { u64::MAX });
    params.count = 1 + random.below(model.max_count.min(3) as usize) as u32;
    params.scale = random.pick(&model.scales).copied().unwrap_or(1);
    for param in &model.params {
        if random.coin() {
            params.params.insert(param.name.clone(), value(param, random));
        }
    }
    params
}

/// The model's own parameters all at one end of their ranges.
fn at_one_end(model: &ModelRecord, params: &mut RunParams, highest: bool) {
    params.strength = model.strength.then_some(if highest { 1.0 } else { 0.0 });
    for param in &model.params {
        let value = match &param.value {
            ParamKind::Choice { values } => {
                let word = if highest { values.last() } else { values.first() };
                word.map_or(Value::Null, |word| word.as_str().into())
            }
            ParamKind::Number { min, max } => if highest { *max } else { *min }.into(),
            ParamKind::Boolean => highest.into(),
            ParamKind::Text => if highest { TEXTS[1] } else { "" }.into(),
        };
        params.params.insert(param.name.clone(), value);
    }
}

fn text(random: &mut Random) -> String {
    if random.below(6) == 0 {
        return "a very long prompt, ".repeat(200).trim_end().to_owned();
    }
    random.pick(TEXTS).copied().unwrap_or(sample::PROMPT).to_owned()
}

/// None, one or two styles whose weights add up to 1.
fn styles(model: &ModelRecord, random: &mut Random) -> Vec<StyleWeight> {
    let weight = |name: &str, weight| StyleWeight { name: name.to_owned(), weight };
    match (random.below(3), random.pick(&model.styles), random.pick(&model.styles)) {
        (0, ..) | (_, None, _) | (_, _, None) => Vec::new(),
        (2, Some(one), Some(other)) if one.name != other.name => {
            let share = random.between(0.05, 0.95);
            vec![weight(&one.name, share), weight(&other.name, 1.0 - share)]
        }
        (_, Some(one), _) => vec![weight(&one.name, 1.0)],
    }
}

fn value(param: &ParamRecord, random: &mut Random) -> Value {
    match &param.value {
        ParamKind::Choice { values } => {
            random.pick(values).map_or(Value::Null, |word| word.as_str().into())
        }
        ParamKind::Number { min, max } => {
            let number = random.between(*min, *max);
            // What has no fraction is written without one as often as with.
            if number.fract() == 0.0 && number.abs() < 1e15 && random.coin() {
                (number as i64).into()
            } else {
                number.into()
            }
        }
        ParamKind::Boolean => random.coin().into(),
        ParamKind::Text => text(random).into(),
    }
}

pub(super) fn schema_params(subject: &Subject<'_>) -> Verdict {
    let seed = subject.options.seed;
    subject.each_model(|bench| {
        let mut random = Random::new(seed);
        let mut judged = 0;
        for ask in 1..=ASKS {
            let mut params = random_params(bench.model, &mut random);
            // Whatever chance has it, both ends are tried.
            if ask <= 2 {
                at_one_end(bench.model, &mut params, ask == 2);
            }
            let mut run = sample::plain_run(bench.model, None)?;
            if params.intent == Intent::Erase && bench.model.mask == MaskSupport::Native {
                run.mask = Some(sample::mask((run.source.width(), run.source.height()))?);
            }
            run.params =
                RunParams { scale: if run.mask.is_some() { 1 } else { params.scale }, ..params };
            // One that takes long leaves time for the others.
            run.timeout = bench.left() / (ASKS - ask + 1);
            if run.timeout < Duration::from_millis(1) {
                break;
            }
            let what = format!("ask {ask} of seed {seed}, {},", shown(&run.params));
            match bench.try_run(&run, &mut Quiet) {
                Ok(_) => judged += 1,
                Err(RunError::TimedOut { .. }) if bench.worker.is_usable() => {}
                Err(error) => return Err(bench.finding(&error, &what)),
            }
        }
        match judged {
            0 => Err(Finding::skip(
                "no run ended in its share of the time",
                "give each case more time",
            )),
            ASKS => Ok(()),
            some => {
                Err(Finding::remark(format!("{some} of {ASKS} asks ended in the time there was")))
            }
        }
    })
}

/// Parameters as JSON, short enough for a message.
fn shown(params: &RunParams) -> String {
    let text = serde_json::to_string(params).unwrap_or_default();
    match text.char_indices().nth(400) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

pub(super) fn same_seed_same_pixels(subject: &Subject<'_>) -> Verdict {
    subject.each_model(|bench| {
        let model = bench.model;
        let exact = model.seed == SeedSupport::Exact;
        if !exact && (model.seed == SeedSupport::Hint || !model.repeatable) {
            return Err(Finding::skip("its record promises no repetition", "nothing to do"));
        }
        let mut run = sample::plain_run(model, None)?;
        run.params.seed = exact.then_some(20_260_704);
        let first = bench.run(&run, "a run")?;
        // Another process: what is left in memory does not count.
        let mut other = subject.bench(model)?;
        let second = other.run(&run, "the same run in another process")?;
        let third = bench.run(&run, "the same run again")?;
        if same_all(&first, &second) && same_all(&first, &third) {
            return Ok(());
        }
        if exact {
            return Err(Finding::fail(
                "the same seed gave another picture: its record says `seed` is `exact`",
                "draw every random number from the seed, or say `hint`",
            ));
        }
        Err(Finding::warn(
            "the same run gave another picture, and there is no seed to ask for the first one again",
            "offer a `seed`, or let it be the same every time: after a crash a job is run again unasked",
        ))
    })
}

pub(super) fn unknown_model_is_an_error(subject: &Subject<'_>) -> Verdict {
    let several = subject.descriptor()?.models.len() > 1;
    // Which model lends the rest of the request does not matter.
    let mut first = true;
    subject.each_model(|bench| {
        if !std::mem::take(&mut first) {
            return Err(Finding::skip("tried with another model", "nothing to do"));
        }
        let run = Run { model: NO_SUCH_MODEL.to_owned(), ..sample::plain_run(bench.model, None)? };
        match bench.try_run(&run, &mut Quiet) {
            Ok(_) if several => Err(Finding::fail(
                format!("it took the unknown model `{NO_SUCH_MODEL}` for one of its own"),
                "compare `model` with every id, and return EASEL_ERR_INVALID for any other",
            )),
            Ok(_) => Err(Finding::skip(
                "it has one model, which nothing can be mistaken for",
                "nothing to do",
            )),
            Err(error) if reported(&error).is_some() => Ok(()),
            Err(error) => Err(bench.finding(&error, "a run of an unknown model")),
        }
    })
}

/// An id that no model has.
pub(super) const NO_SUCH_MODEL: &str = "easel-check-no-such-model";

#[cfg(test)]
mod tests {
    use easel_protocol::model::{Keep, StyleRecord};

    use super::*;

    fn rich_model() -> ModelRecord {
        let style = |name: &str| StyleRecord {
            name: name.to_owned(),
            description: String::new(),
            strong: false,
        };
        let param = |name: &str, value| ParamRecord {
            name: name.to_owned(),
            description: String::new(),
            value,
            default: Value::Null,
        };
        ModelRecord {
            prompt: PromptSupport::Required,
            keep: Keep::ALL.to_vec(),
            seed: SeedSupport::Exact,
            strength: true,
            max_count: 4,
            styles: vec![style("one"), style("two")],
            scales: vec![2, 4],
            params: vec![
                param("choice", ParamKind::Choice { values: vec!["a".to_owned(), "b".to_owned()] }),
                param("number", ParamKind::Number { min: -1.5, max: 20.0 }),
                param("boolean", ParamKind::Boolean),
                param("text", ParamKind::Text),
            ],
            ..ModelRecord::new("rich", "Rich", &[Intent::Restyle, Intent::Edit])
        }
    }

    #[test]
    fn random_parameters_keep_to_the_record_and_reach_its_corners() {
        let model = rich_model();
        let mut random = Random::new(1);
        let many: Vec<_> = (0..500).map(|_| random_params(&model, &mut random)).collect();
        for params in &many {
            assert!(
                params.prompt.is_some()
                    && (1..=4).contains(&params.count)
                    && model.scales.contains(&params.scale)
            );
            assert!(params.strength.is_none_or(|strength| (0.0..=1.0).contains(&strength)));
            let weights: f64 = params.style.iter().map(|style| style.weight).sum();
            assert!(params.style.is_empty() || (weights - 1.0).abs() < 1e-9);
            assert!(params.style.iter().all(|style| style.weight > 0.0));
            let number = params.params.get("number").and_then(Value::as_f64);
            assert!(number.is_none_or(|number| (-1.5..=20.0).contains(&number)));
            assert!(params.params.get("choice").is_none_or(|word| word == "a" || word == "b"));
        }
        assert!(many.iter().any(|params| params.strength == Some(0.0)));
        assert!(many.iter().any(|params| params.seed == Some(u64::MAX)));
        assert!(many.iter().any(|params| params.params.get("number").is_some_and(Value::is_i64)));
        assert!(many.iter().any(|params| params.style.len() == 2));
    }

    #[test]
    fn both_ends_are_ends() {
        let model = rich_model();
        let mut params = sample::plain_params(&model);
        at_one_end(&model, &mut params, false);
        assert_eq!((params.strength, &params.params["number"]), (Some(0.0), &Value::from(-1.5)));
        at_one_end(&model, &mut params, true);
        assert_eq!((params.strength, &params.params["number"]), (Some(1.0), &Value::from(20.0)));
        assert_eq!(
            (&params.params["choice"], &params.params["boolean"]),
            (&"b".into(), &true.into())
        );
    }

    #[test]
    fn the_same_seed_asks_the_same() {
        let asks = |seed| {
            let mut random = Random::new(seed);
            (0..20).map(|_| random_params(&rich_model(), &mut random)).collect::<Vec<_>>()
        };
        assert_eq!(asks(7), asks(7));
        assert_ne!(asks(7), asks(8));
    }
}
