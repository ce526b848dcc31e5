//! What was asked against what a model can do: every control is passed on, done by the host in
//! plain sight, or refused with the reason. Nothing is dropped in silence.

use std::collections::BTreeMap;

use easel_protocol::model::{
    Intent, Keep, MaskSupport, ModelRecord, ParamKind, ParamRecord, PromptSupport, RunParams,
    SeedSupport, StyleWeight,
};
use easel_protocol::transform::Ask;
use easel_protocol::{ErrorKind, Failure};
use serde_json::Value;

use super::size;

/// What the models of an ask take between them. In a comparison, a style, a reference or a prompt is
/// for those that take it, and the plan of each other one says that it goes without.
#[expect(clippy::struct_excessive_bools, reason = "four independent questions")]
#[derive(Clone, Copy, Debug, Default)]
pub struct Taken {
    /// Some model has styles by name.
    pub styles: bool,
    /// Some model takes references.
    pub references: bool,
    /// Some model reads a prompt.
    pub prompt: bool,
    /// Some model offers resolutions by name.
    pub sizes: bool,
}

impl Taken {
    /// What a set of models takes.
    pub fn by<'a>(models: impl IntoIterator<Item = &'a ModelRecord>) -> Taken {
        models.into_iter().fold(Taken::default(), |taken, model| Taken {
            styles: taken.styles || !model.styles.is_empty(),
            references: taken.references || model.references.1 > 0,
            prompt: taken.prompt || model.prompt != PromptSupport::None,
            sizes: taken.sizes || !model.sizes.is_empty(),
        })
    }
}

/// What a fault is about, so that a screen or a file can show it there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Control {
    /// The kind of change.
    Intent,
    /// What must stay: the place in the list of the first that cannot.
    Keep(usize),
    /// Where it may change.
    Mask,
    /// The references: the place of the first that is too many; their number where there are too few.
    References(usize),
    /// The prompt.
    Prompt,
    /// The styles: the place in the list.
    Style(usize),
    /// How much of the change is wanted.
    Strength,
    /// The seed.
    Seed,
    /// How many pictures.
    Count,
    /// By how much the result is larger.
    Scale,
    /// A parameter of the model's own, as it was named.
    Param(String),
    /// The resolution by name.
    Size,
    /// By how much the picture grows.
    Expand,
}

/// A fault and what it is about.
type Fault = (Control, Failure);

/// What the model is told, and notes on what the host did with the ask.
pub fn controls(
    ask: &Ask,
    model: &ModelRecord,
    taken: Taken,
) -> Result<(RunParams, Vec<String>), Failure> {
    let mut notes = Vec::new();
    let (params, faults) = examine(ask, model, taken, &mut notes);
    match faults.into_iter().next() {
        Some((_, failure)) => Err(failure),
        None => Ok((params, notes)),
    }
}

/// Everything that the model cannot be told, each with the control that it is about; empty where [`controls`] agrees.
pub fn faults(ask: &Ask, model: &ModelRecord, taken: Taken) -> Vec<(Control, Failure)> {
    let mut notes = Vec::new();
    let (_, mut faults) = examine(ask, model, taken, &mut notes);
    // Whether a size that was named is offered does not depend on the picture.
    let any = easel_pixels::Size::new(1, 1);
    if let Err(failure) = size::choose(ask, model, taken, any, &mut notes) {
        faults.push((Control::Size, failure));
    }
    faults
}

fn examine(
    ask: &Ask,
    model: &ModelRecord,
    taken: Taken,
    notes: &mut Vec<String>,
) -> (RunParams, Vec<Fault>) {
    let mut faults = Faults::default();
    faults.keep(intent(ask, model).map_err(about(Control::Intent)));
    faults.keep(keep(ask, model));
    faults.keep(masks(ask, model).map_err(about(Control::Mask)));
    faults.keep(references(ask, model, taken, notes));
    let of_prompt = prompt(ask, model, taken, notes).map_err(about(Control::Prompt));
    let (prompt, mut style) = faults.keep(of_prompt);
    style.extend(faults.keep(styles(ask, model, taken, notes)));
    let strength = faults.keep(strength(ask, model).map_err(about(Control::Strength)));
    let seed = faults.keep(seed(ask, model).map_err(about(Control::Seed)));
    let count = faults.keep(count(ask, model).map_err(about(Control::Count)));
    let scale = faults.keep(scale(ask, model).map_err(about(Control::Scale)));
    let params = own_params(ask, model, &mut faults);
    let expand = faults.keep(size::expand(ask).map_err(about(Control::Expand)));
    let params = RunParams {
        intent: ask.intent,
        prompt,
        keep: ask.keep.clone(),
        style: shares(style),
        strength,
        seed,
        count,
        scale,
        params,
        // It depends on the region, which is not known yet.
        size: None,
        expand,
        wire: model.wire.clone(),
    };
    (params, faults.0)
}

/// Faults in the order in which they were found.
#[derive(Default)]
struct Faults(Vec<Fault>);

impl Faults {
    /// The value, or what stands for none where there is a fault.
    fn keep<T: Default>(&mut self, found: Result<T, Fault>) -> T {
        found.unwrap_or_else(|fault| {
            self.0.push(fault);
            T::default()
        })
    }
}

fn about(control: Control) -> impl FnOnce(Failure) -> Fault {
    |failure| (control, failure)
}

pub(super) fn unsupported(model: &ModelRecord, what: &str) -> Failure {
    Failure::new(ErrorKind::Unsupported, format!("`{}` {what}", model.id))
}

pub(super) fn list<T>(items: &[T], name: impl Fn(&T) -> String) -> String {
    items.iter().map(|item| format!("`{}`", name(item))).collect::<Vec<_>>().join(", ")
}

fn intent(ask: &Ask, model: &ModelRecord) -> Result<(), Failure> {
    if model.intents.contains(&ask.intent) {
        return Ok(());
    }
    let can = list(&model.intents, |intent| intent.name().to_owned());
    let hint =
        format!("it does {can}; `easel model list --intent {}` shows who can", ask.intent.name());
    Err(unsupported(model, &format!("does not do `{}`", ask.intent.name())).hint(hint))
}

fn keep(ask: &Ask, model: &ModelRecord) -> Result<(), Fault> {
    let missing: Vec<Keep> =
        ask.keep.iter().copied().filter(|keep| !model.keep.contains(keep)).collect();
    let Some(first) = ask.keep.iter().position(|keep| !model.keep.contains(keep)) else {
        return Ok(());
    };
    let what = list(&missing, |keep| keep.name().to_owned());
    let hint = if model.keep.is_empty() {
        "leave it out, or protect the place with a mask".to_owned()
    } else {
        format!(
            "it can keep {}; protect anything else with a mask",
            list(&model.keep, |keep| keep.name().to_owned())
        )
    };
    let failure = unsupported(model, &format!("cannot be told to keep {what}")).hint(hint);
    Err((Control::Keep(first), failure))
}

fn masks(ask: &Ask, model: &ModelRecord) -> Result<(), Failure> {
    if ask.mask.is_some() && model.mask == MaskSupport::Refused {
        return Err(unsupported(model, "works on the whole picture, not inside a mask")
            .hint("leave the mask out"));
    }
    if ask.mask.is_none() && ask.intent == Intent::Erase {
        return Err(Failure::new(ErrorKind::InvalidRequest, "`erase` needs a mask")
            .hint("mark what should go"));
    }
    Ok(())
}

fn references(
    ask: &Ask,
    model: &ModelRecord,
    taken: Taken,
    notes: &mut Vec<String>,
) -> Result<(), Fault> {
    let (least, most) = model.references;
    let given = ask.references.len() as u32;
    if given > 0 && most == 0 && taken.references {
        notes.push(format!(
            "`{}` takes no references: it works without the ones that were given",
            model.id
        ));
        return Ok(());
    }
    if given > most {
        let (takes, hint) = match most {
            0 => ("no".to_owned(), "leave it out".to_owned()),
            most => (format!("at most {most}"), format!("give at most {most}")),
        };
        let what = format!("takes {takes} references, {given} were given");
        return Err((Control::References(most as usize), unsupported(model, &what).hint(hint)));
    }
    if given < least {
        let failure = Failure::new(
            ErrorKind::InvalidRequest,
            format!("`{}` needs at least {least} reference, {given} were given", model.id),
        )
        .hint("add one with `--reference PICTURE`");
        return Err((Control::References(given as usize), failure));
    }
    Ok(())
}

/// A model that reads no prompt gets the styles that the prompt names; a prompt that names none is refused.
fn prompt(
    ask: &Ask,
    model: &ModelRecord,
    taken: Taken,
    notes: &mut Vec<String>,
) -> Result<(Option<String>, Vec<StyleWeight>), Failure> {
    let text = ask.prompt.as_deref().map(str::trim).filter(|text| !text.is_empty());
    match (model.prompt, text) {
        (PromptSupport::Required, None) => {
            Err(Failure::new(ErrorKind::InvalidRequest, format!("`{}` needs a prompt", model.id))
                .hint("say what should change with `--prompt \"…\"`"))
        }
        (PromptSupport::None, Some(text)) => {
            let named = named_styles(text, model);
            if named.is_empty() && taken.prompt {
                notes.push(format!(
                    "`{}` reads no prompt: it works without the one that was given",
                    model.id
                ));
                return Ok((None, Vec::new()));
            }
            if named.is_empty() {
                let failure =
                    unsupported(model, "reads no prompt, and this one names none of its styles");
                return Err(failure.hint(no_prompt_hint(model)));
            }
            let names = list(&named, |style| style.name.clone());
            notes.push(format!(
                "`{}` reads no prompt: it was matched to the style {names}, the rest has no effect",
                model.id
            ));
            Ok((None, named))
        }
        (PromptSupport::None, None) => Ok((None, Vec::new())),
        (_, text) => Ok((text.map(str::to_owned), Vec::new())),
    }
}

fn no_prompt_hint(model: &ModelRecord) -> String {
    if model.styles.is_empty() {
        "leave the prompt out".to_owned()
    } else {
        format!("choose a style with `--style NAME`; `easel model show {}` lists them", model.id)
    }
}

fn named_styles(text: &str, model: &ModelRecord) -> Vec<StyleWeight> {
    let words = |text: &str| -> String {
        let plain: String = text
            .chars()
            .map(|letter| if letter.is_alphanumeric() { letter.to_ascii_lowercase() } else { ' ' })
            .collect();
        format!(" {} ", plain.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    let text = words(text);
    let named = model.styles.iter().filter(|style| text.contains(&words(&style.name)));
    named.map(|style| StyleWeight { name: style.name.clone(), weight: 1.0 }).collect()
}

fn styles(
    ask: &Ask,
    model: &ModelRecord,
    taken: Taken,
    notes: &mut Vec<String>,
) -> Result<Vec<StyleWeight>, Fault> {
    if ask.style.is_empty() {
        return Ok(Vec::new());
    }
    if model.styles.is_empty() && taken.styles {
        notes.push(format!(
            "`{}` has no styles by name: it works without the one that was given",
            model.id
        ));
        return Ok(Vec::new());
    }
    if model.styles.is_empty() {
        let failure = unsupported(model, "has no styles by name")
            .hint("leave `--style` out, or describe the style in the prompt");
        return Err((Control::Style(0), failure));
    }
    for (index, style) in ask.style.iter().enumerate() {
        if !(style.weight.is_finite() && style.weight > 0.0) {
            let failure = Failure::new(
                ErrorKind::InvalidRequest,
                format!(
                    "the weight of style `{}` is {}, it must be above 0",
                    style.name, style.weight
                ),
            );
            return Err((Control::Style(index), failure));
        }
        if !model.styles.iter().any(|known| known.name == style.name) {
            let hint = format!("it knows {}", list(&model.styles, |style| style.name.clone()));
            let failure = unsupported(model, &format!("has no style `{}`", style.name)).hint(hint);
            return Err((Control::Style(index), failure));
        }
    }
    Ok(ask.style.clone())
}

/// Equal names joined, weights divided by their sum.
fn shares(styles: Vec<StyleWeight>) -> Vec<StyleWeight> {
    let total: f64 = styles.iter().map(|style| style.weight).sum();
    let mut joined: Vec<StyleWeight> = Vec::new();
    for style in styles {
        let weight = style.weight / total;
        match joined.iter_mut().find(|known| known.name == style.name) {
            Some(known) => known.weight += weight,
            None => joined.push(StyleWeight { weight, ..style }),
        }
    }
    joined
}

fn strength(ask: &Ask, model: &ModelRecord) -> Result<Option<f64>, Failure> {
    match ask.strength {
        None => Ok(None),
        Some(_) if !model.strength => {
            Err(unsupported(model, "has no strength").hint("leave `--strength` out"))
        }
        Some(value) if (0.0..=1.0).contains(&value) => Ok(Some(value)),
        Some(value) => Err(Failure::new(
            ErrorKind::InvalidRequest,
            format!("a strength of {value} is not within 0 and 1"),
        )),
    }
}

fn seed(ask: &Ask, model: &ModelRecord) -> Result<Option<u64>, Failure> {
    if ask.seed.is_some() && model.seed == SeedSupport::None {
        return Err(unsupported(model, "has no seed").hint("leave `--seed` out"));
    }
    Ok(ask.seed)
}

fn count(ask: &Ask, model: &ModelRecord) -> Result<u32, Failure> {
    match ask.count.unwrap_or(1) {
        0 => Err(Failure::new(ErrorKind::InvalidRequest, "a count of 0 asks for nothing")
            .hint("ask for 1 or more")),
        wanted if wanted > model.max_count => Err(unsupported(
            model,
            &format!("gives at most {} pictures a job, {wanted} were asked for", model.max_count),
        )
        .hint(format!("ask for {} or fewer", model.max_count))),
        wanted => Ok(wanted),
    }
}

fn scale(ask: &Ask, model: &ModelRecord) -> Result<u32, Failure> {
    let wanted = match ask.scale {
        // A model that enlarges and keeps no size has a scale of its own.
        None if model.scales.is_empty() || ask.mask.is_some() => 1,
        None => model.scales[0],
        Some(wanted) => wanted,
    };
    if wanted != 1 && !model.scales.contains(&wanted) {
        let hint = if model.scales.is_empty() {
            "leave `--scale` out".to_owned()
        } else {
            format!("it knows {}", list(&model.scales, u32::to_string))
        };
        return Err(unsupported(model, &format!("cannot enlarge by {wanted}")).hint(hint));
    }
    if wanted != 1 && ask.mask.is_some() {
        return Err(Failure::new(
            ErrorKind::InvalidRequest,
            "a result behind a mask keeps the size of the source",
        )
        .hint("leave out either the mask or `--scale`"));
    }
    Ok(wanted)
}

fn own_params(ask: &Ask, model: &ModelRecord, faults: &mut Faults) -> BTreeMap<String, Value> {
    let mut chosen: BTreeMap<String, Value> = BTreeMap::new();
    for param in &model.params {
        if !param.default.is_null() {
            chosen.insert(param.name.clone(), param.default.clone());
        }
    }
    for (key, value) in &ask.params {
        let name = match key.split_once(':') {
            Some((other, _)) if other != model.id => continue,
            Some((_, name)) => name,
            None => key,
        };
        let Some(param) = model.params.iter().find(|param| param.name == name) else {
            let hint = if model.params.is_empty() {
                "it has none".to_owned()
            } else {
                format!(
                    "it knows {}; `MODEL:NAME` gives one to a single model",
                    list(&model.params, |param| param.name.clone())
                )
            };
            let failure = unsupported(model, &format!("has no parameter `{name}`")).hint(hint);
            faults.0.push((Control::Param(key.clone()), failure));
            continue;
        };
        match fits(param, value) {
            Ok(()) => drop(chosen.insert(name.to_owned(), value.clone())),
            Err(failure) => faults.0.push((Control::Param(key.clone()), failure)),
        }
    }
    chosen
}

fn fits(param: &ParamRecord, value: &Value) -> Result<(), Failure> {
    let wanted = match &param.value {
        ParamKind::Choice { values }
            if value.as_str().is_some_and(|word| values.iter().any(|known| known == word)) =>
        {
            return Ok(());
        }
        ParamKind::Number { min, max }
            if value.as_f64().is_some_and(|number| (*min..=*max).contains(&number)) =>
        {
            return Ok(());
        }
        ParamKind::Boolean if value.is_boolean() => return Ok(()),
        ParamKind::Text if value.is_string() => return Ok(()),
        ParamKind::Choice { values } => format!("one of {}", list(values, String::clone)),
        ParamKind::Number { min, max } => format!("a number from {min} to {max}"),
        ParamKind::Boolean => "`true` or `false`".to_owned(),
        ParamKind::Text => "a text".to_owned(),
    };
    Err(Failure::new(
        ErrorKind::InvalidRequest,
        format!("the parameter `{}` cannot be `{value}`", param.name),
    )
    .hint(format!("it takes {wanted}")))
}
