//! What each model would be given in each step, found out with the planner that submissions go through, for a picture
//! of which only the size is known.

use std::rc::Rc;

use easel_pixels::{Rect, Size};
use easel_protocol::advice::Prefer;
use easel_protocol::model::{Intent, ModelRecord};
use easel_protocol::picture::{BlobId, PictureInfo, PixelFormat};
use easel_protocol::server::ModelEntry;
use easel_protocol::transform::{Ask, JobPlan};
use easel_protocol::{ErrorKind, Failure};

use super::expand::{Cell, Filled, FilledMask};
use super::shelf;
use crate::job::advice::{self, Candidate};
use crate::job::check::{self, Control, Taken};
use crate::job::plan::{self, Surroundings};

/// One model of one choice of a step.
#[derive(Clone, Debug)]
pub(super) struct Trial<'a> {
    /// Its name as the recipe has it.
    pub(super) name: String,
    /// The model; for `auto` the one that suits best. None: there is no such model.
    pub(super) entry: Option<&'a ModelEntry>,
    /// What it cannot be told.
    pub(super) faults: Vec<(Control, Failure)>,
    /// What it would do, or why it cannot although it can be told everything.
    pub(super) plan: Option<JobPlan>,
    /// Why `auto` chooses none.
    pub(super) refusal: Option<Failure>,
}

impl Trial<'_> {
    /// It could do the step, were it at hand.
    pub(super) fn is_able(&self) -> bool {
        self.faults.is_empty() && self.plan.as_ref().is_some_and(|plan| plan.failure.is_none())
    }

    /// It can do the step now.
    pub(super) fn is_usable(&self) -> bool {
        self.is_able() && self.entry.is_some_and(|entry| entry.available)
    }
}

/// The one of a chain that would do it: the first that can now, else the first that could.
pub(super) fn taken_of<'t, 'a>(chain: &'t [Trial<'a>]) -> Option<&'t Trial<'a>> {
    chain.iter().find(|it| it.is_usable()).or_else(|| chain.iter().find(|it| it.is_able()))
}

/// A step's choices with their models.
pub(super) type Choices<'a> = Rc<Vec<Vec<Trial<'a>>>>;

/// Tries steps; equal ones once.
pub(super) struct Trials<'a> {
    models: &'a [ModelEntry],
    done: Vec<(Filled, Size, Choices<'a>)>,
}

impl<'a> Trials<'a> {
    pub(super) fn new(models: &'a [ModelEntry]) -> Trials<'a> {
        Trials { models, done: Vec::new() }
    }

    /// Every step of a cell; each is given a picture as large as the one before makes it.
    pub(super) fn cell(&mut self, cell: &Cell, size: Size) -> Vec<Choices<'a>> {
        let mut size = size;
        let mut steps = Vec::new();
        for step in &cell.steps {
            let choices = self.step(step, size);
            let plan = choices.first().and_then(|chain| taken_of(chain)?.plan.as_ref());
            if let Some(plan) = plan.filter(|_| step.mask == FilledMask::None) {
                size = Size::new(plan.result_size.0, plan.result_size.1);
            }
            steps.push(choices);
        }
        steps
    }

    fn step(&mut self, step: &Filled, size: Size) -> Choices<'a> {
        let done = self.done.iter().find(|(known, of, _)| *of == size && known == step);
        if let Some((_, _, choices)) = done {
            return Rc::clone(choices);
        }
        let asked = Asked::new(step, size);
        let find = |name: &str| find(self.models, name);
        let taken = taken(step, self.models);
        let one = |name: &String| match preference(name) {
            Some(prefer) => asked.auto(name, prefer, self.models),
            None => asked.named(name, find(name), taken),
        };
        let choices: Vec<Vec<Trial<'a>>> =
            step.models.iter().map(|chain| chain.iter().map(one).collect()).collect();
        let choices = Rc::new(choices);
        self.done.push((step.clone(), size, Rc::clone(&choices)));
        choices
    }
}

/// The model of that name, also one that is not set up here.
pub(super) fn find<'a>(models: &'a [ModelEntry], name: &str) -> Option<&'a ModelEntry> {
    let named = |entry: &&'a ModelEntry| entry.record.id == name;
    models.iter().find(named).or_else(|| shelf::beyond(models).find(|it| it.record.id == name))
}

/// What the models of a step take between them, those that take another's place included: a prompt, a style or a
/// reference is for those that take it.
fn taken(step: &Filled, models: &[ModelEntry]) -> Taken {
    let names = step.models.iter().flatten();
    Taken::by(names.filter_map(|name| Some(&find(models, name)?.record)))
}

/// Leaves out of an ask what `model` does not take and another model of the step does, and says so.
pub fn suit(
    ask: &mut Ask,
    step: &Filled,
    model: &ModelRecord,
    models: &[ModelEntry],
) -> Vec<String> {
    let taken = taken(step, models);
    let Ok((_, notes)) = check::controls(ask, model, taken) else { return Vec::new() };
    for (control, _) in check::faults(ask, model, Taken::default()) {
        match control {
            Control::Prompt => ask.prompt = None,
            Control::Style(_) => ask.style.clear(),
            Control::References(_) => ask.references.clear(),
            Control::Size => ask.size = None,
            _ => {}
        }
    }
    notes
}

/// What `auto` and its kin ask for; `None`: a model's own name; `Some(None)`: a kin that there is not.
#[expect(clippy::option_option, reason = "three answers, told apart where it is called")]
fn preference(name: &str) -> Option<Option<Prefer>> {
    let rest = name.strip_prefix("auto")?;
    match rest {
        "" | ":balance" => Some(Some(Prefer::Balance)),
        ":quality" => Some(Some(Prefer::Quality)),
        ":speed" => Some(Some(Prefer::Speed)),
        ":price" => Some(Some(Prefer::Price)),
        rest if rest.starts_with(':') => Some(None),
        _ => None,
    }
}

/// A step as an ask, with stand-ins for its pictures.
pub(super) struct Asked {
    pub(super) ask: Ask,
    source: PictureInfo,
    mask: Option<Rect>,
    references: Vec<Size>,
}

impl Asked {
    pub(super) fn new(step: &Filled, size: Size) -> Asked {
        let any = BlobId::from_hash(&[0; 32]);
        let mut ask = step.ask(any.clone(), "auto");
        // What is to be erased is marked in the editor where the recipe does not say it.
        let masked = step.mask != FilledMask::None || step.intent == Intent::Erase;
        ask.mask = masked.then(|| any.clone());
        ask.references = vec![any; step.references.len()];
        let source = PictureInfo {
            format: PixelFormat::Rgba8,
            width: size.width,
            height: size.height,
            icc: None,
        };
        let references = vec![Size::new(1024, 1024); step.references.len()];
        Asked { ask, source, mask: masked.then(|| Rect::of(size)), references }
    }

    fn around(&self, taken: Taken) -> Surroundings<'_> {
        Surroundings { source: &self.source, mask: self.mask, references: &self.references, taken }
    }

    fn named<'a>(&self, name: &str, entry: Option<&'a ModelEntry>, taken: Taken) -> Trial<'a> {
        let mut trial =
            Trial { name: name.to_owned(), entry, faults: Vec::new(), plan: None, refusal: None };
        if let Some(entry) = entry {
            trial.faults = check::faults(&self.ask, &entry.record, taken);
            let around = self.around(taken);
            trial.plan = Some(plan::plan(&self.ask, around, &entry.backend, &entry.record));
        }
        trial
    }

    fn auto<'a>(&self, name: &str, prefer: Option<Prefer>, models: &'a [ModelEntry]) -> Trial<'a> {
        let refused = |failure: Failure| Trial {
            name: name.to_owned(),
            entry: None,
            faults: Vec::new(),
            plan: None,
            refusal: Some(failure),
        };
        let Some(prefer) = prefer else {
            let failure = Failure::new(
                ErrorKind::InvalidRequest,
                format!("`auto` does not know `{}`", name.trim_start_matches("auto:")),
            );
            return refused(
                failure.hint("it knows `auto`, `auto:quality`, `auto:speed` and `auto:price`"),
            );
        };
        match self.best(prefer, models.iter()) {
            Ok(entry) => self.named(name, Some(entry), Taken::default()),
            Err(failure) => refused(failure),
        }
    }

    /// The model that suits best, as `auto` chooses.
    pub(super) fn best<'a>(
        &self,
        prefer: Prefer,
        models: impl Iterator<Item = &'a ModelEntry>,
    ) -> Result<&'a ModelEntry, Failure> {
        let entries: Vec<&ModelEntry> = models.collect();
        let around = self.around(Taken::default());
        let plans: Vec<JobPlan> = entries
            .iter()
            .map(|entry| plan::plan(&self.ask, around, &entry.backend, &entry.record))
            .collect();
        let candidates: Vec<Candidate<'_>> = entries
            .iter()
            .zip(&plans)
            .map(|(entry, plan)| Candidate {
                record: &entry.record,
                plan,
                blocked: (!entry.available).then(|| entry.reason.as_deref().unwrap_or("")),
            })
            .collect();
        let Some(first) = advice::rank(&self.ask, prefer, &candidates).into_iter().next() else {
            return Err(Failure::new(ErrorKind::Unsupported, "there is no model to choose from")
                .hint("`easel backend list` shows how every backend stands"));
        };
        match first.failure {
            Some(failure) => Err(Failure {
                message: format!("no model can do this; the nearest: {}", failure.message),
                ..failure
            }),
            None => entries
                .into_iter()
                .find(|entry| entry.record.id == first.model)
                .ok_or_else(|| Failure::new(ErrorKind::Internal, "advice names no model")),
        }
    }

    /// The model of these that could do it best, at hand or not.
    pub(super) fn best_of<'a>(&self, entries: &[&'a ModelEntry]) -> Option<&'a ModelEntry> {
        let at_hand: Vec<ModelEntry> = entries
            .iter()
            .map(|entry| ModelEntry { available: true, ..(*entry).clone() })
            .collect();
        let best = self.best(Prefer::Balance, at_hand.iter()).ok()?.record.id.clone();
        entries.iter().find(|entry| entry.record.id == best).copied()
    }
}
