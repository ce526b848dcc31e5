//! `easel folder …`: watched folders, from the terminal.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use easel_protocol::folder::{
    FileRecord, FileState, FilesParams, FolderAddParams, FolderAnswer, FolderForecast,
    FolderParams, FolderRecord, FolderRetryParams, FolderScanParams, FolderSpec, OnSuccess,
};
use easel_protocol::methods::{
    AddFolder, GetFolder, ListFiles, ListFolders, PauseFolder, RemoveFolder, ResumeFolder,
    RetryFolder, ScanFolder,
};
use easel_protocol::recipe::Money;
use easel_protocol::server::NoParams;
use easel_protocol::{ErrorKind, Failure};

use super::Context;
use super::client::Client;
use super::screen::ago;
use crate::daemon::now;
use crate::watch::day_budget;

/// Watch folders: files that are dropped in are changed after a recipe.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:\n  \
easel folder add ~/drop --recipe product-on-white.easel.toml --dry-run\n  \
easel folder add ~/drop --recipe product-on-white.easel.toml --out ~/shop --budget 5.00/day\n  \
easel folder status ~/drop\n  \
easel folder files ~/drop --state failed\n  \
easel folder retry ~/drop\n\n\
What failed lies in `failed/` below the folder, with the reason beside it. Folders can also be written\n\
down in `folders.toml`: docs/folders.md shows how.")]
pub(super) enum Folder {
    /// Watch a folder with a recipe.
    Add(Box<Add>),
    /// List the watched folders and how they stand.
    List,
    /// Show how one folder stands.
    Status(One),
    /// Take no further file until it is resumed.
    Pause(One),
    /// Go on with a folder that was paused or is held.
    Resume(One),
    /// Watch a folder no more. Its files and results stay.
    Remove(One),
    /// Look through a folder now.
    Scan(Scan),
    /// List a folder's files, newest first.
    Files(Files),
    /// Take failed files up again.
    Retry(Retry),
}

#[derive(Debug, Args)]
pub(super) struct One {
    /// The folder's path or id.
    #[arg(value_name = "DIR")]
    folder: String,
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// The folder that pictures are dropped into.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// What happens to them: a recipe's file, or its name in `easel recipe list`.
    #[arg(long, value_name = "RECIPE")]
    recipe: String,
    /// Where results go. Without it: `out/` below the folder.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Watch the folders below it as well.
    #[arg(long)]
    recursive: bool,
    /// Only files whose names fit, such as `*.jpg`; give it several times. Without it: PNG, JPEG, WebP and TIFF.
    #[arg(long, value_name = "PATTERN")]
    include: Vec<String>,
    /// No files whose names fit.
    #[arg(long, value_name = "PATTERN")]
    exclude: Vec<String>,
    /// What becomes of a source whose results are written.
    #[arg(long, value_enum, default_value_t = OnSuccessName::Keep, value_name = "WHAT")]
    on_success: OnSuccessName,
    /// What may be spent on it within any 24 hours: `5.00/day`, `5.00 EUR/day`.
    #[arg(long, value_name = "AMOUNT")]
    budget: Option<String>,
    /// Look every few seconds instead of waiting for events. Network folders are looked at anyway.
    #[arg(long)]
    poll: bool,
    /// Say what would happen to the files that are there, and what it would cost; change nothing.
    #[arg(long)]
    dry_run: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum OnSuccessName {
    /// It stays where it is.
    Keep,
    /// It is moved into `done/` below the folder.
    Move,
    /// It is removed.
    Delete,
}

#[derive(Debug, Args)]
pub(super) struct Scan {
    #[command(flatten)]
    one: One,
    /// Also do again what was done with an earlier version of the recipe. It may cost again.
    #[arg(long)]
    again: bool,
    /// Say what would happen and what it would cost; change nothing.
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Args)]
pub(super) struct Files {
    #[command(flatten)]
    one: One,
    /// Only those in this state.
    #[arg(long, value_enum, value_name = "STATE")]
    state: Option<State>,
    /// At most so many.
    #[arg(long, default_value_t = 50, value_name = "NUMBER")]
    limit: u32,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum State {
    Waiting,
    Done,
    Failed,
    Skipped,
}

#[derive(Debug, Args)]
pub(super) struct Retry {
    #[command(flatten)]
    one: One,
    /// Files below the folder, as `easel folder files` names them. Without any: all that failed.
    #[arg(value_name = "FILE")]
    files: Vec<String>,
    /// Also those that were, or may have been, charged.
    #[arg(long)]
    pay_again: bool,
}

impl Folder {
    pub(super) fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let client = Client::connect_or_start(context)?;
        let record = match self {
            Folder::Add(add) => return add.run(context, &client),
            Folder::List => return list(context, &client),
            Folder::Scan(scan) => return scan.run(context, &client),
            Folder::Files(files) => return files.run(context, &client),
            Folder::Retry(retry) => return retry.run(context, &client),
            Folder::Status(one) => client.call::<GetFolder>(&one.params()?)?,
            Folder::Pause(one) => client.call::<PauseFolder>(&one.params()?)?,
            Folder::Resume(one) => client.call::<ResumeFolder>(&one.params()?)?,
            Folder::Remove(one) => {
                let record = client.call::<RemoveFolder>(&one.params()?)?;
                context.screen.note(format!("`{}` is watched no more", record.spec.path));
                record
            }
        };
        show(context, &record);
        Ok(ExitCode::SUCCESS)
    }
}

impl One {
    fn params(&self) -> Result<FolderParams, Failure> {
        Ok(FolderParams { folder: folder_name(&self.folder)? })
    }
}

/// An id stays as it is; a path is made absolute, since the daemon runs elsewhere.
fn folder_name(name: &str) -> Result<String, Failure> {
    let is_id = name.len() == 17
        && name.starts_with('d')
        && name[1..].chars().all(|letter| letter.is_ascii_hexdigit())
        && !Path::new(name).exists();
    if is_id { Ok(name.to_owned()) } else { text(&absolute(Path::new(name))?) }
}

fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path).map_err(|error| {
        Failure::new(ErrorKind::InvalidRequest, format!("`{}` is no path: {error}", path.display()))
    })
}

fn text(path: &Path) -> Result<String, Failure> {
    path.to_str().map(str::to_owned).ok_or_else(|| {
        Failure::new(
            ErrorKind::InvalidRequest,
            format!("the name of the folder `{}` is no text", path.display()),
        )
        .hint("files in it may have any names, the folder itself needs one in UTF-8")
    })
}

/// A recipe's file as an absolute path; anything else is a name.
pub(super) fn recipe_name(recipe: &str) -> Result<String, Failure> {
    let path = Path::new(recipe);
    let is_toml = path.extension().is_some_and(|extension| extension == "toml");
    if path.is_file() || is_toml || recipe.contains(std::path::is_separator) {
        return text(&absolute(path)?);
    }
    Ok(recipe.to_owned())
}

impl Add {
    fn run(&self, context: &Context, client: &Client) -> Result<ExitCode, Failure> {
        if !self.folder.is_dir() {
            return Err(Failure::new(
                ErrorKind::NotFound,
                format!("there is no folder `{}`", self.folder.display()),
            )
            .hint("make it first"));
        }
        let spec = FolderSpec {
            path: text(&absolute(&self.folder)?)?,
            recipe: recipe_name(&self.recipe)?,
            out: self.out.as_deref().map(|out| text(&absolute(out)?)).transpose()?,
            recursive: self.recursive,
            include: self.include.clone(),
            exclude: self.exclude.clone(),
            on_success: match self.on_success {
                OnSuccessName::Keep => OnSuccess::Keep,
                OnSuccessName::Move => OnSuccess::Move,
                OnSuccessName::Delete => OnSuccess::Delete,
            },
            budget: self.budget.as_deref().map(day_budget).transpose()?,
            poll: self.poll,
        };
        let path = spec.path.clone();
        let params = FolderAddParams { folder: spec, dry_run: self.dry_run };
        told(context, &client.call::<AddFolder>(&params)?);
        if !self.dry_run {
            context.screen.note(format!("`{path}` is watched as long as the daemon runs"));
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Scan {
    fn run(&self, context: &Context, client: &Client) -> Result<ExitCode, Failure> {
        let params = FolderScanParams {
            folder: folder_name(&self.one.folder)?,
            again: self.again,
            dry_run: self.dry_run,
        };
        told(context, &client.call::<ScanFolder>(&params)?);
        Ok(ExitCode::SUCCESS)
    }
}

/// How the folder stands now, or what a dry run found.
fn told(context: &Context, answer: &FolderAnswer) {
    if context.screen.json {
        return context.screen.value(answer);
    }
    if answer.requeued > 0 {
        context.screen.line(format!("{} to be done again", count(answer.requeued)));
    }
    match (&answer.forecast, &answer.folder) {
        (Some(forecast), _) => foretold(context, forecast),
        (None, Some(folder)) => show(context, folder),
        (None, None) => {}
    }
}

fn foretold(context: &Context, forecast: &FolderForecast) {
    for file in &forecast.refused {
        context.screen.note(format!("`{}`: {}", file.path, reason(file)));
    }
    let named = forecast.refused.len() as u64;
    if forecast.refused_count > named {
        context.screen.note(format!("… and {} more", forecast.refused_count - named));
    }
    let mut parts =
        vec![format!("{} would be done, {}", count(forecast.files), costs(&forecast.cost))];
    if forecast.known > 0 {
        parts.push(format!("{} done already", forecast.known));
    }
    if forecast.refused_count > 0 {
        parts.push(format!("{} cannot be", forecast.refused_count));
    }
    context.screen.line(parts.join("; "));
    forecast.notes.iter().for_each(|note| context.screen.note(note));
}

fn count(files: u64) -> String {
    if files == 1 { "1 file".to_owned() } else { format!("{files} files") }
}

pub(super) fn costs(costs: &[Money]) -> String {
    if costs.is_empty() {
        return "at no cost".to_owned();
    }
    let each: Vec<String> =
        costs.iter().map(|it| format!("{:.2} {}", it.amount, it.currency)).collect();
    format!("for about {}", each.join(" and "))
}

impl Files {
    fn run(&self, context: &Context, client: &Client) -> Result<ExitCode, Failure> {
        let state = self.state.map(|state| match state {
            State::Waiting => FileState::Waiting,
            State::Done => FileState::Done,
            State::Failed => FileState::Failed,
            State::Skipped => FileState::Skipped,
        });
        let folder = folder_name(&self.one.folder)?;
        let list =
            client.call::<ListFiles>(&FilesParams { folder, state, limit: Some(self.limit) })?;
        if context.screen.json {
            context.screen.value(&list);
        } else if list.files.is_empty() {
            context.screen.note("no such files");
        } else {
            let row = |file: &FileRecord| {
                let what = match file.state {
                    FileState::Failed | FileState::Skipped => reason(file),
                    _ => file.outputs.join(", "),
                };
                vec![
                    file.path.clone(),
                    file.state.name().to_owned(),
                    ago(file.changed, now()),
                    what,
                ]
            };
            let rows: Vec<_> = list.files.iter().map(row).collect();
            context.screen.table(&["FILE", "STATE", "WHEN", ""], &rows);
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn reason(file: &FileRecord) -> String {
    file.failure.as_ref().map(|failure| failure.message.clone()).unwrap_or_default()
}

impl Retry {
    fn run(&self, context: &Context, client: &Client) -> Result<ExitCode, Failure> {
        let params = FolderRetryParams {
            folder: folder_name(&self.one.folder)?,
            files: self.files.clone(),
            pay_again: self.pay_again,
        };
        let report = client.call::<RetryFolder>(&params)?;
        if context.screen.json {
            context.screen.value(&report);
            return Ok(ExitCode::SUCCESS);
        }
        for file in &report.left {
            context.screen.note(format!("`{}` stays: {}", file.path, reason(file)));
        }
        if !report.left.is_empty() {
            context
                .screen
                .note("they were, or may have been, charged; `--pay-again` sends them again");
        }
        context.screen.line(format!("{} taken up again", count(report.retried)));
        Ok(ExitCode::SUCCESS)
    }
}

fn list(context: &Context, client: &Client) -> Result<ExitCode, Failure> {
    let list = client.call::<ListFolders>(&NoParams {})?;
    if context.screen.json {
        context.screen.value(&list);
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(failure) = &list.failure {
        context.screen.failure(failure);
    }
    if list.folders.is_empty() {
        context.screen.note("no folder is watched; `easel folder add DIR --recipe R` watches one");
        return Ok(ExitCode::SUCCESS);
    }
    let row = |folder: &FolderRecord| {
        let numbers = [folder.waiting + folder.running, folder.done, folder.failed];
        let mut row = vec![folder.spec.path.clone(), standing(folder)];
        row.extend(numbers.map(|number| number.to_string()));
        row
    };
    let rows: Vec<_> = list.folders.iter().map(row).collect();
    context.screen.table(&["FOLDER", "STATE", "WAITING", "DONE", "FAILED"], &rows);
    Ok(ExitCode::SUCCESS)
}

fn standing(folder: &FolderRecord) -> String {
    match (&folder.held, folder.paused) {
        (_, true) => "paused".to_owned(),
        (Some(failure), _) => format!("held: {}", failure.message),
        _ => folder.state.clone(),
    }
}

fn show(context: &Context, folder: &FolderRecord) {
    if context.screen.json {
        return context.screen.value(folder);
    }
    let line = |name: &str, value: String| context.screen.line(format!("{name:<10} {value}"));
    line("folder", format!("{} ({})", folder.spec.path, folder.id));
    line("recipe", folder.spec.recipe.clone());
    line("state", standing(folder));
    if let Some(hint) = folder.held.as_ref().and_then(|failure| failure.hint.as_ref()) {
        line("hint", hint.clone());
    }
    if let Some(until) = folder.held_until {
        line("goes on", format!("in {} s", (until - now()).max(0) / 1000));
    }
    line("waiting", folder.waiting.to_string());
    line("running", folder.running.to_string());
    let last =
        folder.last_done.map_or(String::new(), |time| format!(", last {}", ago(time, now())));
    line("done", format!("{} ({} within the last minute{last})", folder.done, folder.last_minute));
    line("failed", folder.failed.to_string());
    if folder.skipped > 0 {
        line("left alone", folder.skipped.to_string());
    }
    if let Some(budget) = &folder.spec.budget {
        line("budget", format!("{:.2} {} within 24 hours", budget.amount, budget.currency));
    }
    if folder.declared {
        line("declared", "in `folders.toml`".to_owned());
    }
}
