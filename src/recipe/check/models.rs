//! What is said of a step's models: that there is none of that name, that it is not at hand, or what it cannot do.

use std::ops::Range;

use easel_protocol::Failure;
use easel_protocol::advice::Prefer;
use easel_protocol::server::ModelEntry;

use super::super::expand::{Cell, Filled};
use super::super::nearest::nearest;
use super::super::shelf;
use super::super::trial::{Asked, Choices, Trial};
use super::super::{Diagnostic, Fix, Severity, Step, Template};
use super::{ASSUMED, Checker, depends_on_picture, mend, prompt};
use crate::job::check::Control;

impl Checker<'_> {
    /// What is to be said of one step of one combination.
    pub(super) fn step(&mut self, cell: &Cell, index: usize, choices: &Choices<'_>) {
        let places = self.places_of_models(cell, index);
        let (Some(step), Some(filled)) = (self.recipe.steps.get(index), cell.steps.get(index))
        else {
            return;
        };
        let at = At { cell, step, filled, index };
        for (number, trials) in choices.iter().enumerate() {
            for (part, trial) in trials.iter().enumerate() {
                let place = match places.get(number).and_then(|parts| parts.get(part)) {
                    Some(Some(place)) => place.clone(),
                    // Which model it is depends on the picture.
                    Some(None) => continue,
                    // None is named: it is `auto`, and the step is the place.
                    None => self.read.spans.nearest(&format!("step.{index}.intent")),
                };
                let other = |it: &(usize, &Trial<'_>)| it.0 != part && it.1.is_able();
                let rescued = trials.iter().enumerate().any(|it| other(&it));
                self.trial(&at, trial, place, rescued, &trials[part + 1..]);
            }
            if let Some(first) = trials.iter().find(|it| it.is_able()) {
                self.prompt(&at, first);
            }
        }
    }

    fn trial(
        &mut self,
        at: &At<'_>,
        trial: &Trial<'_>,
        place: Range<usize>,
        rescued: bool,
        later: &[Trial<'_>],
    ) {
        let severity = if rescued { Severity::Warning } else { Severity::Error };
        if let Some(failure) = &trial.refusal {
            self.say(of_failure(severity, "no-model", failure, place));
            return;
        }
        let Some(entry) = trial.entry else {
            let known_later = later.iter().any(|it| it.entry.is_some());
            self.unknown(at, &trial.name, place, known_later);
            return;
        };
        if !entry.available && !trial.name.starts_with("auto") {
            self.unavailable(entry, place.clone());
        }
        // A model for something else has no say in the rest.
        let only = trial.faults.iter().any(|(control, _)| *control == Control::Intent);
        let faults =
            trial.faults.iter().filter(|(control, _)| !only || *control == Control::Intent);
        for (control, failure) in faults {
            if self.varies(at, control) {
                continue;
            }
            let range = self.place_of(at, control).unwrap_or_else(|| place.clone());
            let fixes = mend::fixes(self.read, at, control, entry, &range, &place);
            let mut diagnostic = of_failure(severity, code(control), failure, range);
            diagnostic.fixes = fixes;
            match control {
                Control::Intent => self.other_model(at, &mut diagnostic, &place),
                Control::Style(_) if entry.record.styles.len() > 8 => {
                    // The hint of a submission lists them all.
                    let model = &entry.record.id;
                    diagnostic.hint = Some(format!("`easel model show {model}` lists its styles"));
                }
                _ => {}
            }
            self.say(diagnostic);
        }
        let failure = trial.plan.as_ref().and_then(|plan| plan.failure.as_ref());
        if let Some(failure) = failure.filter(|_| trial.faults.is_empty()) {
            // Another picture may be of a size that works.
            let mut diagnostic = of_failure(Severity::Warning, "size-of-picture", failure, place);
            diagnostic.message = format!("{} (for a picture of {ASSUMED})", diagnostic.message);
            self.say(diagnostic);
        }
    }

    /// A model that does the intent, in the place of one that does not.
    fn other_model(&self, at: &At<'_>, diagnostic: &mut Diagnostic, place: &Range<usize>) {
        let best = Asked::new(at.filled, ASSUMED).best(Prefer::Balance, self.world.models().iter());
        if let Ok(best) = best.map(|entry| entry.record.id.as_str())
            && *place != diagnostic.range
        {
            let fix = self.replaced(place, best);
            diagnostic.fixes.insert(0, Fix { title: format!("take the model `{best}`"), ..fix });
        }
    }

    fn unavailable(&mut self, entry: &ModelEntry, place: Range<usize>) {
        let reason = entry.reason.as_deref().unwrap_or("it is not ready");
        self.say(Diagnostic {
            severity: Severity::Warning,
            code: "model-unavailable",
            message: format!("`{}` cannot be used now: {reason}", entry.record.id),
            hint: Some(format!(
                "`easel backend list` shows how `{}` stands, `docs/models.md` how it is set up",
                entry.backend
            )),
            range: place,
            fixes: Vec::new(),
        });
    }

    fn unknown(&mut self, at: &At<'_>, name: &str, place: Range<usize>, known_later: bool) {
        let installed = self.world.models();
        let all: Vec<&ModelEntry> = installed.iter().chain(shelf::beyond(installed)).collect();
        let mut meant: Vec<&str> =
            nearest(name, all.iter().map(|entry| entry.record.id.as_str()).chain(["auto"]));
        let mut hint = meant.first().map(|near| format!("did you mean `{near}`?"));
        // What a backend no longer has under that name it may have under another.
        if let Some(family) = family(name, &all)
            && let Some(best) = Asked::new(at.filled, ASSUMED).best_of(&family)
        {
            let id = best.record.id.as_str();
            if hint.is_none() {
                hint = Some(format!("of that family `{id}` suits this step best"));
            }
            if !meant.contains(&id) {
                meant.push(id);
            }
        }
        self.say(Diagnostic {
            severity: if known_later { Severity::Warning } else { Severity::Error },
            code: "unknown-model",
            message: format!("there is no model `{name}`"),
            hint: Some(hint.unwrap_or_else(|| {
                "`easel model list` shows the models; `auto` takes the one that suits best"
                    .to_owned()
            })),
            fixes: meant.iter().map(|id| self.replaced(&place, id)).collect(),
            range: place,
        });
    }

    /// Another text in the place of a name, with quotes where the place has them.
    fn replaced(&self, place: &Range<usize>, text: &str) -> Fix {
        let quoted = self.read.text[place.clone()].starts_with(['"', '\'']);
        if quoted {
            Fix::replace(place.clone(), &format!("\"{text}\""))
        } else {
            Fix::replace(place.clone(), text)
        }
    }

    fn prompt(&mut self, at: &At<'_>, trial: &Trial<'_>) {
        let reads = trial.plan.as_ref().and_then(|plan| plan.params.as_ref());
        let said = reads.and_then(|params| params.prompt.as_deref());
        let Some(template) = &at.step.prompt else { return };
        if said.is_some() && prompt::is_vague(template, &at.cell.axes) {
            let name = trial.entry.map_or("the model", |entry| entry.record.id.as_str());
            self.say(Diagnostic {
                severity: Severity::Warning,
                code: "vague-prompt",
                message: format!("`{name}` cannot tell from this prompt what should change"),
                hint: Some(prompt::hint(at.step.intent).to_owned()),
                range: self.origin(template, &at.cell.axes, &at.key("prompt")),
                fixes: Vec::new(),
            });
        }
    }

    /// Whether the value that a fault is about is another for another picture.
    fn varies(&self, at: &At<'_>, control: &Control) -> bool {
        let depends = |template: &Template| depends_on_picture(template, &at.cell.axes);
        match control {
            Control::Size => at.step.size.as_ref().is_some_and(depends),
            Control::Style(number) => {
                at.step.style.get(*number).is_some_and(|(name, _)| depends(name))
            }
            Control::Param(name) => at.step.params.get(name).is_some_and(|value| {
                let text = value.as_str().and_then(|text| Template::parse(text).ok());
                text.is_some_and(|template| depends(&template))
            }),
            _ => false,
        }
    }

    /// Where a control stands in the text; `None` where it is not written.
    fn place_of(&self, at: &At<'_>, control: &Control) -> Option<Range<usize>> {
        let spans = &self.read.spans;
        let value = |key: &str| spans.value(&at.key(key));
        let from = |template: &Template, key: &str| {
            Some(self.origin(template, &at.cell.axes, &at.key(key)))
        };
        match control {
            Control::Intent => value("intent"),
            Control::Keep(number) => value(&format!("keep.{number}")),
            Control::Mask => value("mask"),
            Control::References(number) => match at.step.references.get(*number) {
                Some(template) => from(template, &format!("reference.{number}")),
                None => value("reference"),
            },
            Control::Prompt => from(at.step.prompt.as_ref()?, "prompt"),
            Control::Style(number) => {
                from(&at.step.style.get(*number)?.0, &format!("style.{number}"))
            }
            Control::Strength => value("strength"),
            Control::Seed => value("seed"),
            Control::Count => value("count"),
            Control::Scale => value("scale"),
            Control::Param(name) => value(&format!("params.{name}")),
            Control::Size => from(at.step.size.as_ref()?, "size"),
            Control::Expand => value("expand").or_else(|| value("intent")),
        }
    }
}

/// A step of a combination.
pub(super) struct At<'a> {
    pub(super) cell: &'a Cell,
    pub(super) step: &'a Step,
    pub(super) filled: &'a Filled,
    pub(super) index: usize,
}

impl At<'_> {
    /// The path of one of its keys.
    pub(super) fn key(&self, name: &str) -> String {
        format!("step.{}.{name}", self.index)
    }
}

/// The models of the backend whose models' names begin as this one does.
fn family<'a>(name: &str, all: &[&'a ModelEntry]) -> Option<Vec<&'a ModelEntry>> {
    let first = name.split(['-', '.', ':', ' ']).next().filter(|first| first.len() > 2)?;
    let first = first.to_ascii_lowercase();
    let backend = all
        .iter()
        .find(|entry| entry.record.id.starts_with(&first) || entry.backend == first)
        .map(|entry| entry.backend.as_str())?;
    Some(all.iter().filter(|entry| entry.backend == backend).copied().collect())
}

fn code(control: &Control) -> &'static str {
    match control {
        Control::Intent => "cannot-intent",
        Control::Keep(_) => "cannot-keep",
        Control::Mask => "cannot-mask",
        Control::References(_) => "cannot-reference",
        Control::Prompt => "cannot-prompt",
        Control::Style(_) => "cannot-style",
        Control::Strength => "cannot-strength",
        Control::Seed => "cannot-seed",
        Control::Count => "cannot-count",
        Control::Scale => "cannot-scale",
        Control::Param(_) => "cannot-param",
        Control::Size => "cannot-size",
        Control::Expand => "cannot-expand",
    }
}

fn of_failure(
    severity: Severity,
    code: &'static str,
    failure: &Failure,
    range: Range<usize>,
) -> Diagnostic {
    Diagnostic {
        severity,
        code,
        message: failure.message.clone(),
        hint: failure.hint.as_deref().map(mend::in_recipes),
        range,
        fixes: Vec::new(),
    }
}
