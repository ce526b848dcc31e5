//! `transform.plan` and `transform.submit`: from an ask to stored jobs.

use easel_protocol::advice::{Advice, AdviseParams, Choice, Prefer};
use easel_protocol::model::ModelRecord;
use easel_protocol::picture::BlobId;
use easel_protocol::transform::{
    Ask, JobPlan, PlanParams, SubmitParams, TransformPlan, TransformRecord,
};
use easel_protocol::{ErrorKind, Failure};

use super::asked::Asked;
use super::{Daemon, now, picture};
use crate::job::advice::{self, Candidate};
use crate::job::check::Taken;
use crate::job::plan;
use crate::store::{Durability, NewTransform};

/// More models than anyone compares.
const MAX_MODELS: usize = 32;
/// The backend of a model and its record, or why it cannot be used.
type Found = Result<(String, ModelRecord), Failure>;

/// A prompt is a few sentences.
const MAX_PROMPT_BYTES: usize = 32 << 10;
/// A title may be a whole path.
const MAX_TITLE_BYTES: usize = 4096;
/// What an integration calls itself, the id of an artifact, of a document or of a layer.
const MAX_NAME_BYTES: usize = 512;

impl Daemon {
    /// `transform.plan`: what each model would be given; nothing is stored or sent.
    pub fn plan(&self, params: &PlanParams) -> Result<TransformPlan, Failure> {
        let PlanParams { ask, shape } = params;
        check_ask(ask)?;
        self.plan_of(&Asked::told_or_open(self, ask, shape.as_ref())?)
    }

    fn plan_of(&self, asked: &Asked<'_>) -> Result<TransformPlan, Failure> {
        let names = self.named_models(asked)?;
        let models: Vec<_> =
            names.iter().map(|(model, _)| self.backends.find_model(model)).collect();
        let taken = Taken::by(models.iter().flatten().map(|(_, record)| record));
        let plan = |(named, found): (&(String, Option<String>), Found)| {
            Ok(match found {
                Ok((backend, record)) => {
                    let mut plan = plan::plan(&asked.ask, asked.around(taken), &backend, &record);
                    plan.notes.extend(named.1.clone());
                    if let Some(failure) = self.backends.key_failure(&backend)? {
                        plan.notes.push(match failure.hint {
                            Some(hint) => format!("{}: {hint}", failure.message),
                            None => failure.message,
                        });
                    }
                    plan
                }
                Err(failure) => plan::refused(&named.0, "", failure),
            })
        };
        let jobs = names.iter().zip(models).map(plan).collect::<Result<_, Failure>>()?;
        Ok(TransformPlan { jobs })
    }

    /// The models of an ask, `auto` resolved, and why each was chosen.
    fn named_models(&self, asked: &Asked<'_>) -> Result<Vec<(String, Option<String>)>, Failure> {
        let models = &asked.ask.models;
        let mut named: Vec<(String, Option<String>)> = Vec::new();
        for name in models {
            let Some(prefer) = preference(name)? else {
                named.push((name.clone(), None));
                continue;
            };
            // The best that the ask does not name anyway.
            let fresh = |choice: &Choice| {
                !models.contains(&choice.model)
                    && !named.iter().any(|(model, _)| *model == choice.model)
            };
            match self.choices(asked, prefer)?.into_iter().find(fresh) {
                Some(Choice { failure: None, model, reason, .. }) => {
                    named.push((model, Some(format!("chosen by `{name}`: {reason}"))));
                }
                Some(Choice { failure: Some(failure), .. }) => {
                    return Err(Failure {
                        message: format!("no model can do this; the nearest: {}", failure.message),
                        ..failure
                    });
                }
                None => {
                    return Err(Failure::new(
                        ErrorKind::Unsupported,
                        "there is no model to choose from",
                    )
                    .hint("`easel backend list` shows how every backend stands"));
                }
            }
        }
        Ok(named)
    }

    /// `model.advise`.
    pub fn advise(&self, params: &AdviseParams) -> Result<Advice, Failure> {
        let asked = Asked::told_or_open(self, &params.ask, params.shape.as_ref())?;
        Ok(Advice { choices: self.choices(&asked, params.prefer)? })
    }

    fn choices(&self, asked: &Asked<'_>, prefer: Prefer) -> Result<Vec<Choice>, Failure> {
        let entries = self.backends.models()?;
        // Each for itself: nothing is left out for the sake of another model.
        let around = asked.around(Taken::default());
        let plans: Vec<JobPlan> = entries
            .iter()
            .map(|entry| plan::plan(&asked.ask, around, &entry.backend, &entry.record))
            .collect();
        let candidates: Vec<Candidate<'_>> = entries
            .iter()
            .zip(&plans)
            .map(|(entry, plan)| {
                let blocked = (!entry.available).then(|| entry.reason.as_deref().unwrap_or(""));
                Candidate { record: &entry.record, plan, blocked }
            })
            .collect();
        Ok(advice::rank(&asked.ask, prefer, &candidates))
    }

    /// `transform.submit`: stores the transform and its jobs, then answers.
    pub fn submit(&self, params: SubmitParams) -> Result<TransformRecord, Failure> {
        self.submit_with(params, false)
    }

    /// The same with pictures that are only lent, and go when the recipe that asks has written its files.
    pub fn submit_lent(&self, params: SubmitParams) -> Result<TransformRecord, Failure> {
        self.submit_with(params, true)
    }

    fn submit_with(&self, params: SubmitParams, lent: bool) -> Result<TransformRecord, Failure> {
        let SubmitParams { key, ask, folder } = params;
        if key.is_empty() || key.len() > 128 {
            return Err(Failure::new(
                ErrorKind::InvalidRequest,
                "the key must have 1 to 128 bytes",
            )
            .hint("make a new one for every ask, such as a UUID"));
        }
        // What was said before must not be refused now, whatever has changed since.
        if let Some(stored) = self.store.transform_by_key(&key)?
            && stored.ask == ask
        {
            return Ok(stored);
        }
        check_ask(&ask)?;
        let TransformPlan { jobs } = self.plan_of(&Asked::open(self, &ask)?)?;
        refuse_the_impossible(&jobs)?;
        for job in &jobs {
            if let Some(failure) = self.backends.key_failure(&job.backend)? {
                return Err(failure);
            }
        }
        // Looked at again when it is stored: this one spares the settling.
        if let Some(failure) = self.store.over_budget(&jobs, folder.as_deref(), now())? {
            return Err(failure);
        }
        for blob in blobs_of(&ask) {
            if !(lent && self.store.blobs.is_lent(blob)) {
                picture::settle(&self.store, blob)?;
            }
        }
        // What is free and lent is done again from its file after a power cut: nobody was told of it.
        let free = jobs.iter().all(|job| job.cost <= 0.0 && self.is_repeatable(&job.model));
        let durability = if lent && free { Durability::Lazy } else { Durability::Durable };
        let id = |prefix: &str| format!("{prefix}{}", uuid::Uuid::now_v7().simple());
        let jobs = jobs.into_iter().map(|job| (id("j"), job)).collect();
        let new = NewTransform { id: id("t"), key, ask, jobs, folder, created: now(), durability };
        let (record, is_new) = self.store.submit(new)?;
        if is_new {
            for job in &record.jobs {
                self.scheduler.wake(self, job, lent);
            }
        }
        Ok(record)
    }

    fn is_repeatable(&self, model: &str) -> bool {
        let found = self.backends.find_model(model);
        found.is_ok_and(|(_, record)| record.repeatable && record.price.is_none())
    }
}

/// What `auto`, `auto:quality`, `auto:speed` and `auto:price` stand for; `None`: a model's own name.
fn preference(name: &str) -> Result<Option<Prefer>, Failure> {
    let Some(rest) = name.strip_prefix("auto") else { return Ok(None) };
    match rest.strip_prefix(':') {
        None if rest.is_empty() => Ok(Some(Prefer::Balance)),
        Some("balance") => Ok(Some(Prefer::Balance)),
        Some("quality") => Ok(Some(Prefer::Quality)),
        Some("speed") => Ok(Some(Prefer::Speed)),
        Some("price") => Ok(Some(Prefer::Price)),
        None => Ok(None),
        Some(other) => {
            Err(Failure::new(ErrorKind::InvalidRequest, format!("`auto` does not know `{other}`"))
                .hint("it knows `auto`, `auto:quality`, `auto:speed` and `auto:price`"))
        }
    }
}

/// Several models that cannot do it are named together: one round of corrections is enough.
fn refuse_the_impossible(jobs: &[JobPlan]) -> Result<(), Failure> {
    let mut failures = jobs.iter().filter_map(|job| job.failure.as_ref());
    let Some(first) = failures.next() else { return Ok(()) };
    let mut failure = first.clone();
    for further in failures {
        failure.message = format!("{}; {}", failure.message, further.message);
        if let (Some(hint), Some(more)) = (&mut failure.hint, &further.hint)
            && hint != more
        {
            *hint = format!("{hint}; {more}");
        }
    }
    Err(failure)
}

fn check_ask(ask: &Ask) -> Result<(), Failure> {
    let invalid = |message: String| Err(Failure::new(ErrorKind::InvalidRequest, message));
    if ask.models.is_empty() || ask.models.len() > MAX_MODELS {
        return invalid(format!(
            "{} models were named, 1 to {MAX_MODELS} are possible",
            ask.models.len()
        ))
        .map_err(|failure| failure.hint("`easel model list` shows them"));
    }
    for (index, model) in ask.models.iter().enumerate() {
        if ask.models[..index].contains(model) {
            return invalid(format!("the model `{model}` is named twice"))
                .map_err(|failure| failure.hint("ask for several pictures with `count`"));
        }
    }
    if ask.prompt.as_ref().is_some_and(|prompt| prompt.len() > MAX_PROMPT_BYTES) {
        return invalid(format!("the prompt has more than {MAX_PROMPT_BYTES} bytes"));
    }
    if ask.feather.is_some_and(|feather| feather > 4096) {
        return invalid("a feather of more than 4096 pixels is no edge".to_owned());
    }
    let origin = ask.origin.as_ref();
    let names = [
        ("title", ask.title.as_ref(), MAX_TITLE_BYTES),
        ("client", ask.client.as_ref(), MAX_NAME_BYTES),
        ("parent", ask.parent.as_ref(), MAX_NAME_BYTES),
        ("origin's document", origin.and_then(|it| it.document.as_ref()), MAX_NAME_BYTES),
        ("origin's layer", origin.and_then(|it| it.layer.as_ref()), MAX_NAME_BYTES),
    ];
    for (what, name, most) in names {
        if let Some(name) = name.filter(|name| name.len() > most) {
            let message = format!("the {what} has at most {most} bytes, not {}", name.len());
            return invalid(message)
                .map_err(|failure| failure.hint("give a short id in place of a long name"));
        }
    }
    Ok(())
}

pub(super) fn blobs_of(ask: &Ask) -> impl Iterator<Item = &BlobId> {
    std::iter::once(&ask.source).chain(&ask.mask).chain(&ask.references)
}
