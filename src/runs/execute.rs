//! A recipe on one picture: every cell of its matrix, step by step.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use easel_pixels::{Picture, Size};
use easel_protocol::job::{Artifact, JobRecord};
use easel_protocol::picture::BlobId;
use easel_protocol::server::ModelEntry;
use easel_protocol::transform::{Ask, Origin};
use easel_protocol::{ErrorKind, Failure};

use super::chain::{Chain, cancelled};
use super::lent::Lent;
use super::mask;
use super::ready::{Ready, References};
use crate::daemon::Daemon;
use crate::daemon::picture::{self, StoredPicture};
use crate::daemon::whole::whole;
use crate::recipe::{self, Cell, Filled, FilledMask, Recipe};
use crate::worker::Cancel;

/// So many cells of a matrix are on their way at once.
const CELLS_AT_ONCE: usize = 4;

/// What is to be done.
pub(super) struct Execution<'a> {
    /// Who does it.
    pub daemon: &'a Daemon,
    /// The recipe.
    pub ready: &'a Ready,
    /// The recipes' references.
    pub references: &'a References,
    /// The models that there are.
    pub models: &'a [ModelEntry],
    /// It costs: what it works on must outlive a power cut.
    pub costs: bool,
    /// What placeholders are filled with.
    pub facts: &'a BTreeMap<String, String>,
    /// Begins the keys of its transforms: the same for the same work.
    pub key: String,
    /// The picture.
    pub source: BlobId,
    /// Where steps may change it that have no mask of their own.
    pub mask: Option<BlobId>,
    /// The folder that the picture's file lies in, for masks beside it.
    pub folder_of_picture: Option<&'a Path>,
    /// The pixels are kept only until this is over.
    pub lent: bool,
    /// The watched folder on whose budget it goes.
    pub budget_of: Option<&'a str>,
    /// Who asks.
    pub client: &'a str,
    /// What the picture is called.
    pub title: Option<String>,
    /// Where it lies in an editor's document.
    pub origin: Option<Origin>,
    /// Somebody agreed to pay for it again.
    pub pay_again: bool,
}

/// Is told how it goes, from several threads.
pub trait Progress: Sync {
    /// A transform is on its way.
    fn submitted(&self, transform: &str);
    /// A job has ended.
    fn ended(&self, job: &JobRecord);
    /// A person should know this.
    fn note(&self, text: String);
    /// So many jobs there will be.
    fn total(&self, jobs: usize);
}

/// One picture that came out.
pub struct Finished {
    /// The values of the matrix.
    pub axes: Vec<(String, String)>,
    /// The model of the last step.
    pub model: String,
    /// Its number among that model's pictures, from 0.
    pub index: u32,
    /// The last step's artifact.
    pub artifact: Artifact,
    /// The whole picture.
    pub picture: StoredPicture,
    /// What every step was told, in order.
    pub jobs: Vec<JobRecord>,
}

impl Finished {
    /// What its name is made of.
    pub fn parts(&self) -> recipe::Made {
        recipe::Made { axes: self.axes.clone(), model: self.model.clone(), index: self.index }
    }
}

/// What became of a cell.
type Outcome = Result<Vec<Finished>, Failure>;

/// Runs a recipe. What comes out is handed to `deliver` while its pixels are there.
pub(super) fn execute<T>(
    execution: &Execution<'_>,
    progress: &dyn Progress,
    cancel: &Cancel,
    deliver: impl FnOnce(Vec<Finished>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let cells = recipe::expand(&execution.ready.recipe, execution.facts)?;
    let source = picture::open(&execution.daemon.store, &execution.source)?;
    progress.total(cells.iter().map(jobs_of).sum());
    let lent = Lent::new(&execution.daemon.store, execution.costs);
    let chain = Chain { execution, lent: &lent, progress, cancel };
    let outcomes: Vec<Mutex<Option<Outcome>>> = cells.iter().map(|_| Mutex::new(None)).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(number) =
            Some(next.fetch_add(1, Ordering::Relaxed)).filter(|it| *it < cells.len())
        {
            let outcome = if cancel.is_cancelled() {
                Err(cancelled())
            } else {
                cell(&chain, number, &cells[number], &source)
            };
            *outcomes[number].lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..CELLS_AT_ONCE.min(cells.len()) {
            scope.spawn(work);
        }
        work();
    });
    let mut finished = Vec::new();
    for outcome in outcomes {
        let outcome = outcome.into_inner().unwrap_or_else(PoisonError::into_inner);
        finished.extend(outcome.unwrap_or_else(|| Err(cancelled()))?);
    }
    deliver(finished)
}

/// A job a model that is compared, and one for each subject that has to be found.
fn jobs_of(cell: &Cell) -> usize {
    let of = |step: &Filled| {
        let found = matches!(step.mask, FilledMask::Subject | FilledMask::Background);
        step.models.len() + usize::from(found)
    };
    cell.steps.iter().map(of).sum()
}

/// Whether it costs; a picture that would cost more than the recipe allows is refused before anything is sent.
pub(super) fn afford(recipe: &Recipe, models: &[ModelEntry], size: Size) -> Result<bool, Failure> {
    let price = recipe::price(recipe, models, size);
    if let Some(limit) = &recipe.budget.picture
        && let Some(cost) = price.iter().find(|it| it.currency == limit.currency)
        && cost.amount > limit.amount + 1e-9
    {
        return Err(Failure::new(
            ErrorKind::TooLarge,
            format!(
                "this picture would cost about {:.3} {}, the recipe allows {:.2}",
                cost.amount, cost.currency, limit.amount
            ),
        )
        .hint("raise `picture` below `[budget]` in the recipe, or make the picture smaller"));
    }
    Ok(!price.is_empty())
}

fn cell(
    chain: &Chain<'_>,
    number: usize,
    cell: &Cell,
    source: &StoredPicture,
) -> Result<Vec<Finished>, Failure> {
    let execution = chain.execution;
    let mut current = source.clone();
    let mut origin = execution.origin.clone();
    let mut jobs: Vec<JobRecord> = Vec::new();
    for (index, step) in cell.steps.iter().enumerate() {
        let key = format!("{}.{number}.{index}", execution.key);
        let ask = prepared(chain, step, &current, origin.as_ref(), &key)?;
        if index + 1 < cell.steps.len() {
            let models = step.models.first().ok_or_else(no_model)?;
            let job = chain.run(&format!("{key}.0"), models, ask)?;
            let artifact = job.artifacts.first().ok_or_else(no_picture)?;
            current = whole_of(chain, &current, artifact)?;
            jobs.push(job);
            // Where it has grown to the left and above, the next step's source begins earlier.
            if let (Some(origin), Some(margins)) = (&mut origin, step.expand) {
                origin.x = origin.x.saturating_sub_unsigned(margins.left);
                origin.y = origin.y.saturating_sub_unsigned(margins.top);
            }
            continue;
        }
        let (mut finished, mut compared) = (Vec::new(), Vec::new());
        for (choice, models) in step.models.iter().enumerate() {
            let key = format!("{key}.{choice}");
            let Some(job) = chain.run_beside(&compared, &key, models, &ask)? else { continue };
            compared.push(job.model.clone());
            for artifact in &job.artifacts {
                finished.push(Finished {
                    axes: cell.axes.clone(),
                    model: job.model.clone(),
                    index: artifact.index,
                    artifact: artifact.clone(),
                    picture: whole_of(chain, &current, artifact)?,
                    jobs: jobs.iter().cloned().chain([job.clone()]).collect(),
                });
            }
        }
        return Ok(finished);
    }
    Err(no_model())
}

fn no_model() -> Failure {
    Failure::new(ErrorKind::InvalidRequest, "the recipe has no step")
}

fn no_picture() -> Failure {
    Failure::new(ErrorKind::NoImage, "a step gave no picture")
}

/// The step's ask for any model.
fn prepared(
    chain: &Chain<'_>,
    step: &Filled,
    current: &StoredPicture,
    origin: Option<&Origin>,
    key: &str,
) -> Result<impl Fn(&str) -> Ask, Failure> {
    let execution = chain.execution;
    let mask = mask::mask(chain, step, current, execution.mask.as_ref(), key)?;
    let references = step
        .references
        .iter()
        .map(|path| execution.references.open(execution.daemon, &execution.ready.base.join(path)))
        .collect::<Result<Vec<_>, _>>()?;
    let step = step.clone();
    let source = current.id.clone();
    let (client, title) = (execution.client.to_owned(), execution.title.clone());
    let origin = origin.cloned();
    let models = execution.models;
    Ok(move |model: &str| {
        let mut ask = Ask {
            mask: mask.clone(),
            references: references.clone(),
            client: Some(client.clone()),
            title: title.clone(),
            origin: origin.clone(),
            ..step.ask(source.clone(), model)
        };
        // As in a comparison: a prompt, a style or a reference is for the models that take one.
        if let Some(entry) = models.iter().find(|entry| entry.record.id == model) {
            recipe::suit(&mut ask, &step, &entry.record, models);
        }
        ask
    })
}

/// The picture that the next step is given, or that is written.
fn whole_of(
    chain: &Chain<'_>,
    source: &StoredPicture,
    artifact: &Artifact,
) -> Result<StoredPicture, Failure> {
    let store = chain.store();
    let made = picture::open(store, &artifact.blob)?;
    let covers =
        (artifact.place.width, artifact.place.height) == (source.info.width, source.info.height);
    if covers || (artifact.width, artifact.height) != (artifact.place.width, artifact.place.height)
    {
        return Ok(made);
    }
    let plain = |stored: &StoredPicture| -> Result<Picture, Failure> {
        Ok(Picture::from_view(stored.view()?).with_icc(stored.icc(store)?))
    };
    let joined = whole(&plain(source)?, plain(&made)?, artifact)?;
    picture::open(store, &chain.lent().store(&joined)?)
}
