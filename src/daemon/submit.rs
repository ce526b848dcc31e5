//! `transform.plan` and `transform.submit`: from an ask to stored jobs.

use easel_pixels::{Rect, mask};
use easel_protocol::model::ModelRecord;
use easel_protocol::picture::{BlobId, PictureInfo, PixelFormat};
use easel_protocol::transform::{Ask, JobPlan, SubmitParams, TransformPlan, TransformRecord};
use easel_protocol::{ErrorKind, Failure};

use super::picture::{self, StoredPicture};
use super::{Daemon, now};
use crate::job::check::Taken;
use crate::job::plan;
use crate::store::NewTransform;

/// More models than anyone compares.
const MAX_MODELS: usize = 32;
/// A prompt is a few sentences.
const MAX_PROMPT_BYTES: usize = 32 << 10;

impl Daemon {
    /// `transform.plan`: what each model would be given; nothing is stored or sent.
    pub fn plan(&self, ask: &Ask) -> Result<TransformPlan, Failure> {
        check_ask(ask)?;
        let pictures = AskedPictures::open(self, ask)?;
        let models: Vec<_> =
            ask.models.iter().map(|model| self.backends.find_model(model)).collect();
        let taken = Taken::by(models.iter().flatten().map(|(_, record)| record));
        let around = plan::Surroundings { source: &pictures.source, mask: pictures.mask, taken };
        let plan = |(name, found): (&String, Result<(String, ModelRecord), Failure>)| match found {
            Ok((backend, record)) => plan::plan(ask, around, &backend, &record),
            Err(failure) => plan::refused(name, "", failure),
        };
        Ok(TransformPlan { jobs: ask.models.iter().zip(models).map(plan).collect() })
    }

    /// `transform.submit`: stores the transform and its jobs, then answers.
    pub fn submit(&self, params: SubmitParams) -> Result<TransformRecord, Failure> {
        let SubmitParams { key, ask } = params;
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
        let TransformPlan { jobs } = self.plan(&ask)?;
        refuse_the_impossible(&jobs)?;
        for blob in blobs_of(&ask) {
            self.store.blobs.settle(blob)?;
        }
        let id = |prefix: &str| format!("{prefix}{}", uuid::Uuid::now_v7().simple());
        let jobs = jobs.into_iter().map(|job| (id("j"), job)).collect();
        let new = NewTransform { id: id("t"), key, ask, jobs, created: now() };
        let (record, is_new) = self.store.submit(new)?;
        if is_new {
            for job in &record.jobs {
                self.scheduler.wake(self, job);
            }
        }
        Ok(record)
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
    Ok(())
}

fn blobs_of(ask: &Ask) -> impl Iterator<Item = &BlobId> {
    std::iter::once(&ask.source).chain(&ask.mask).chain(&ask.references)
}

/// What the planner needs to know of the pictures.
struct AskedPictures {
    source: PictureInfo,
    mask: Option<Rect>,
}

impl AskedPictures {
    fn open(daemon: &Daemon, ask: &Ask) -> Result<AskedPictures, Failure> {
        let source = picture::open(&daemon.store, &ask.source)?;
        let mask = ask.mask.as_ref().map(|id| open_mask(daemon, id, &source)).transpose()?;
        for reference in &ask.references {
            picture::open(&daemon.store, reference)?;
        }
        Ok(AskedPictures { source: source.info, mask })
    }
}

/// The part of the picture that a mask lets change.
fn open_mask(daemon: &Daemon, id: &BlobId, source: &StoredPicture) -> Result<Rect, Failure> {
    let mask = picture::open(&daemon.store, id)?;
    if mask.info.format != PixelFormat::Gray8 {
        return Err(Failure::new(
            ErrorKind::InvalidRequest,
            format!("the mask is `{}`, it must be `gray8`", mask.info.format),
        )
        .hint("upload it as raw rows, or as a picture with `PUT /v1/blobs?as=mask`"));
    }
    if mask.size() != source.size() {
        return Err(Failure::new(
            ErrorKind::InvalidRequest,
            format!("the mask is {}, the picture {}", mask.size(), source.size()),
        )
        .hint("draw the mask on the picture itself, at its size"));
    }
    mask::bounds(mask.view()?).ok_or_else(|| {
        Failure::new(ErrorKind::InvalidRequest, "the mask lets nothing change")
            .hint("paint white where the picture may change")
    })
}
