//! `easel recipe run`: a recipe on files, one by one or many.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use clap::Args;
use easel_protocol::job::JobState;
use easel_protocol::methods::{CancelRun, GetRun, RunRecipe};
use easel_protocol::recipe::{RecipeRunParams, RunGetParams, RunIdParams, RunRecord};
use easel_protocol::{ErrorKind, Failure};

use super::client::Client;
use super::folder::{costs, recipe_name};
use super::{Context, outcome};

/// So many files are on their way at once.
const AT_ONCE: usize = 4;

/// Run a recipe on pictures.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
easel recipe run product-on-white.easel.toml vase.jpg\n  \
easel recipe run product-on-white vase.jpg cup.jpg --out shop/\n\n\
A picture that the same recipe was run on before gets its results from the ledger: nothing runs, and\n\
nothing is paid for. `--again` makes them anew. `easel folder add` does this to whatever comes into a folder.")]
pub(super) struct RecipeRun {
    /// The recipe: its file, or its name in `easel recipe list`.
    recipe: String,
    /// The pictures. They are not written.
    #[arg(required = true, value_name = "PICTURE")]
    pictures: Vec<PathBuf>,
    /// The folder for the results. Without it: beside each picture.
    #[arg(long, short, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Make results anew that were made before. It may cost again.
    #[arg(long)]
    again: bool,
}

impl RecipeRun {
    pub(super) fn run(&self, context: &Context) -> Result<ExitCode, Failure> {
        let client = Client::connect_or_start(context)?;
        let recipe = recipe_name(&self.recipe)?;
        let records: Mutex<Vec<RunRecord>> = Mutex::default();
        let failures: Mutex<Vec<(PathBuf, Failure)>> = Mutex::default();
        let next = AtomicUsize::new(0);
        let work = || {
            while let Some(picture) = self.pictures.get(next.fetch_add(1, Ordering::Relaxed)) {
                match self.one(context, &client, &recipe, picture) {
                    Ok(record) => lock(&records).push(record),
                    Err(failure) => lock(&failures).push((picture.clone(), failure)),
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..AT_ONCE.min(self.pictures.len()) {
                scope.spawn(work);
            }
            work();
        });
        let (records, mut failures) = (lock(&records), lock(&failures));
        if context.screen.json {
            context.screen.value(&*records);
        }
        if let [(_, _)] = failures.as_slice()
            && self.pictures.len() == 1
            && let Some((picture, failure)) = failures.pop()
        {
            let name = picture.display().to_string();
            if failure.message.contains(&name) {
                return Err(failure);
            }
            let message = format!("`{name}`: {}", failure.message);
            return Err(Failure { message, ..failure });
        }
        for (picture, failure) in failures.iter() {
            context.screen.note(format!("`{}`: {}", picture.display(), failure.message));
            if let Some(hint) = &failure.hint {
                context.screen.note(format!("  hint: {hint}"));
            }
        }
        match failures.first() {
            Some((_, failure)) => {
                let (failed, all) = (failures.len(), self.pictures.len());
                context.screen.note(format!("{failed} of {all} pictures failed"));
                Ok(outcome::exit_code(failure.kind))
            }
            None => Ok(ExitCode::SUCCESS),
        }
    }

    fn one(
        &self,
        context: &Context,
        client: &Client,
        recipe: &str,
        picture: &Path,
    ) -> Result<RunRecord, Failure> {
        let params = RecipeRunParams {
            key: format!("cli-{}", uuid::Uuid::now_v7()),
            recipe: recipe.to_owned(),
            file: Some(text(picture)?),
            out: self.out.as_deref().map(text).transpose()?,
            again: self.again,
            client: Some("cli".to_owned()),
            ..RecipeRunParams::default()
        };
        let mut record = client.call::<RunRecipe>(&params)?;
        let mut said = (0, 0);
        while !record.state.is_final() {
            if super::progress::interrupted() {
                client.call::<CancelRun>(&RunIdParams { id: record.id.clone() })?;
            }
            let wait = RunGetParams { id: record.id.clone(), wait_ms: 500 };
            record = client.call::<GetRun>(&wait)?;
            if context.screen.interactive && record.total > 1 && said != (record.done, record.total)
            {
                said = (record.done, record.total);
                let (name, done, total) = (picture.display(), said.0, said.1);
                context.screen.note(format!("{name}: {done} of {total} done"));
            }
        }
        for note in &record.notes {
            context.screen.note(format!("{}: {note}", picture.display()));
        }
        match record.state {
            JobState::Done => {}
            JobState::Cancelled => {
                return Err(Failure::new(ErrorKind::Cancelled, "the run was cancelled"));
            }
            _ => {
                return Err(record.failure.unwrap_or_else(|| {
                    Failure::new(ErrorKind::Internal, "the run failed without a reason")
                }));
            }
        }
        if !context.screen.json {
            record.files.iter().for_each(|file| context.screen.line(file));
        }
        if !record.cost.is_empty() {
            context.screen.note(format!("{}: {}", picture.display(), costs(&record.cost)));
        }
        Ok(record)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn text(path: &Path) -> Result<String, Failure> {
    let absolute = std::path::absolute(path).ok();
    absolute.and_then(|path| path.to_str().map(str::to_owned)).ok_or_else(|| {
        Failure::new(
            ErrorKind::InvalidRequest,
            format!("the name of `{}` is no text", path.display()),
        )
        .hint("rename it; watched folders take files of any name")
    })
}
