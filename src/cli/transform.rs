//! `easel transform`: a picture in, changed pictures out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use easel_pixels::Picture;
use easel_protocol::job::{Artifact, JobRecord, JobState};
use easel_protocol::methods::{PlanTransform, SubmitTransform};
use easel_protocol::model::{Margins, StyleWeight};
use easel_protocol::picture::BlobId;
use easel_protocol::transform::{Ask, JobPlan, PlanParams, SubmitParams, TransformRecord};
use easel_protocol::{ErrorKind, Failure};
use serde_json::{Value, json};

use super::Context;
use super::client::Client;
use super::options::{self, IntentName, KeepName};
use super::screen::duration;
use super::{outcome, progress, results};
use crate::daemon::whole::whole;
use crate::runs::sheet;
use crate::store::io_failure;

/// Change a picture with one model, or several to compare.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
easel transform photo.jpg --intent restyle --model local-style --style NAME\n  \
easel transform photo.jpg --intent restyle --model local-style-reference --reference painting.jpg\n  \
easel transform photo.jpg --intent background --model local-cutout --param background=blur\n  \
easel transform photo.jpg --intent enhance --model local-enhance --scale 2\n  \
easel transform photo.jpg --intent restyle --model local-style --style NAME --mask mask.png\n\n\
`easel model list` shows the models, `easel model show NAME` its styles and parameters.")]
pub(super) struct Transform {
    /// The picture that is to be changed; it is not written. PNG, JPEG, WebP or TIFF.
    picture: PathBuf,
    /// What kind of change.
    #[arg(long, value_enum, value_name = "INTENT")]
    intent: IntentName,
    /// A model; give it several times to compare. `auto` takes the one that suits best, `auto:price`,
    /// `auto:speed` and `auto:quality` say what matters most.
    #[arg(long, required = true, value_name = "MODEL")]
    model: Vec<String>,
    /// What should change, in words.
    #[arg(long, value_name = "TEXT")]
    prompt: Option<String>,
    /// What must stay; several are joined by commas.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "WHAT")]
    keep: Vec<KeepName>,
    /// Where it may change: white may, black may not. As large as the picture.
    #[arg(long, value_name = "PICTURE")]
    mask: Option<PathBuf>,
    /// A picture that guides style or character; give it several times, in order.
    #[arg(long, value_name = "PICTURE")]
    reference: Vec<PathBuf>,
    /// A style by name, or several blended: `--style monet:0.7 --style etching:0.3`.
    #[arg(long, value_parser = options::style, value_name = "NAME[:WEIGHT]")]
    style: Vec<StyleWeight>,
    /// How much of the change is wanted, 0 to 1.
    #[arg(long, value_name = "AMOUNT")]
    strength: Option<f64>,
    /// A seed that repeats a picture.
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// How many pictures each model gives.
    #[arg(long, value_name = "NUMBER")]
    count: Option<u32>,
    /// By how much the result is larger.
    #[arg(long, value_name = "FACTOR")]
    scale: Option<u32>,
    /// The resolution to ask for, by a name that the model offers, such as 2K.
    #[arg(long, value_name = "NAME")]
    size: Option<String>,
    /// By how much the picture grows with `expand`: one number for all sides, or TOP,RIGHT,BOTTOM,LEFT.
    #[arg(long, value_parser = options::margins, value_name = "PIXELS")]
    expand: Option<Margins>,
    /// How softly the change fades inside the mask's edge, in pixels.
    #[arg(long, value_name = "PIXELS")]
    feather: Option<u32>,
    /// How much of the surroundings a model sees around the mask, as a share of its size.
    #[arg(long, value_name = "SHARE")]
    context: Option<f64>,
    /// A parameter of the model's own; `MODEL:NAME=VALUE` gives it to one model of several.
    #[arg(long, value_parser = options::param, value_name = "NAME=VALUE")]
    param: Vec<(String, Value)>,
    /// Where the result goes: a file, or a folder. Without it: beside the picture, under a new name.
    #[arg(long, short, value_name = "PATH")]
    out: Option<PathBuf>,
    /// The quality of JPEG results, 1 to 100.
    #[arg(long, value_name = "NUMBER", default_value_t = 92, value_parser = clap::value_parser!(u8).range(1..=100))]
    quality: u8,
    /// Make no contact sheet where there are several results.
    #[arg(long)]
    no_sheet: bool,
    /// Show what each model would be given and what it would cost; run nothing.
    #[arg(long)]
    dry_run: bool,
    /// Do not wait: print the jobs' ids. `easel job watch` follows them.
    #[arg(long, conflicts_with = "dry_run")]
    detach: bool,
}

impl Transform {
    pub(super) fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let targets = self.targets()?;
        let source = read(&self.picture)?;
        let client = Client::connect_or_start(context)?;
        let ask = self.ask(&client, &source)?;
        if self.dry_run {
            return dry_run(context, &client, ask);
        }
        let key = format!("cli-{}", uuid::Uuid::now_v7());
        let transform = client.call::<SubmitTransform>(&SubmitParams { key, ask, folder: None })?;
        if self.detach {
            if context.screen.json {
                context.screen.value(&transform);
            } else {
                transform.jobs.iter().for_each(|job| context.screen.line(&job.id));
            }
            return Ok(ExitCode::SUCCESS);
        }
        let transform = progress::follow(&client, context.screen, &transform)?;
        self.save(context, &client, &transform, &targets)
    }

    fn ask(&self, client: &Client, source: &[u8]) -> Result<Ask, Failure> {
        let upload = |path: &Path, bytes: &[u8], as_mask| -> Result<BlobId, Failure> {
            let stored = client.upload(bytes, as_mask);
            stored.map(|info| info.id).map_err(|failure| Failure {
                message: format!("`{}`: {}", path.display(), failure.message),
                ..failure
            })
        };
        let mut ask =
            Ask::new(self.intent.0, upload(&self.picture, source, false)?, self.model.clone());
        if let Some(mask) = &self.mask {
            ask.mask = Some(upload(mask, &read(mask)?, true)?);
        }
        for reference in &self.reference {
            ask.references.push(upload(reference, &read(reference)?, false)?);
        }
        ask.prompt.clone_from(&self.prompt);
        ask.keep = self.keep.iter().map(|keep| keep.0).collect();
        ask.style.clone_from(&self.style);
        ask.strength = self.strength;
        ask.seed = self.seed;
        ask.count = self.count;
        ask.scale = self.scale;
        ask.size.clone_from(&self.size);
        ask.expand = self.expand;
        ask.feather = self.feather;
        ask.context = self.context;
        ask.params = self.param.iter().cloned().collect::<BTreeMap<_, _>>();
        ask.client = Some("cli".to_owned());
        ask.title = self.picture.file_name().map(|name| name.to_string_lossy().into_owned());
        Ok(ask)
    }

    /// Where results go, found out before anything runs.
    fn targets(&self) -> Result<Targets, Failure> {
        let stem = self.picture.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let beside = self.picture.parent().map(Path::to_owned).unwrap_or_default();
        let Some(out) = &self.out else {
            return Ok(Targets { folder: beside, stem, extension: "png".to_owned(), exact: None });
        };
        let several = self.model.len() > 1 || self.count.unwrap_or(1) > 1;
        if out.is_dir() || out.extension().is_none() {
            std::fs::create_dir_all(out).map_err(|error| io_failure("create", out, &error))?;
            return Ok(Targets {
                folder: out.clone(),
                stem,
                extension: "png".to_owned(),
                exact: None,
            });
        }
        results::encoding(out, self.quality)?;
        let folder = out.parent().map(Path::to_owned).unwrap_or_default();
        if !folder.as_os_str().is_empty() && !folder.is_dir() {
            return Err(Failure::new(
                ErrorKind::NotFound,
                format!("there is no folder `{}`", folder.display()),
            )
            .hint("make it first"));
        }
        let extension = out.extension().unwrap_or_default().to_string_lossy().into_owned();
        let stem = out.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Targets { folder, stem, extension, exact: (!several).then(|| out.clone()) })
    }

    fn save(
        &self,
        context: &Context,
        client: &Client,
        transform: &TransformRecord,
        targets: &Targets,
    ) -> Result<ExitCode, Failure> {
        let source = results::fetch(client, &transform.ask.source)?;
        let mut entries = vec![sheet::Entry {
            title: transform.ask.title.clone().unwrap_or_else(|| "source".to_owned()),
            detail: format!("source · {}", source.size()),
            picture: source.clone(),
        }];
        let mut written = Vec::new();
        for job in &transform.jobs {
            for artifact in &job.artifacts {
                let picture = whole(&source, results::fetch(client, &artifact.blob)?, artifact)?;
                let path = targets.path(job, artifact);
                results::write(&path, &picture, self.quality)?;
                if !context.screen.json {
                    context.screen.line(path.display());
                }
                written.push(json!({ "path": path, "model": job.model, "artifact": artifact.id }));
                entries.push(entry(job, artifact, picture));
            }
        }
        let mut sheet_path = None;
        if entries.len() > 2 && !self.no_sheet {
            let path =
                results::free_name(&targets.folder, &format!("{}.sheet", targets.stem), "png");
            results::write(&path, &sheet::sheet(&entries, None)?, self.quality)?;
            if !context.screen.json {
                context.screen.line(path.display());
            }
            sheet_path = Some(path);
        }
        if context.screen.json {
            context
                .screen
                .value(&json!({ "transform": transform, "files": written, "sheet": sheet_path }));
        }
        Ok(verdict(context, transform))
    }
}

/// Names of results.
struct Targets {
    folder: PathBuf,
    stem: String,
    extension: String,
    /// The one result's own path.
    exact: Option<PathBuf>,
}

impl Targets {
    fn path(&self, job: &JobRecord, artifact: &Artifact) -> PathBuf {
        if let Some(exact) = &self.exact {
            return exact.clone();
        }
        let number = if job.artifacts.len() > 1 {
            format!(".{}", artifact.index + 1)
        } else {
            String::new()
        };
        results::free_name(
            &self.folder,
            &format!("{}.{}{number}", self.stem, job.model),
            &self.extension,
        )
    }
}

fn entry(job: &JobRecord, artifact: &Artifact, picture: Picture) -> sheet::Entry {
    let params = &artifact.provenance.params;
    let mut title = job.model.clone();
    for style in &params.style {
        title = format!("{title} · {}", style.name);
    }
    let fidelity = &artifact.fidelity;
    let detail = format!(
        "{} · {}×{} · structure {:.0} % · changed {:.0} %",
        duration(artifact.provenance.milliseconds),
        artifact.width,
        artifact.height,
        fidelity.structure * 100.0,
        fidelity.changed_inside * 100.0
    );
    sheet::Entry { picture, title, detail }
}

/// Failed jobs are named with their reasons; the exit code tells of the first.
fn verdict(context: &Context, transform: &TransformRecord) -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    for job in transform.jobs.iter().rev() {
        match (job.state, &job.failure) {
            (JobState::Failed, Some(failure)) => {
                context.screen.note(format!("`{}` (job {}):", job.model, job.id));
                context.screen.failure(&Failure { ..failure.clone() });
                code = outcome::exit_code(failure.kind);
            }
            (JobState::Cancelled, _) => {
                context.screen.note(format!("`{}` was cancelled", job.model));
                code = outcome::exit_code(ErrorKind::Cancelled);
            }
            _ => {}
        }
    }
    code
}

fn dry_run(context: &Context, client: &Client, ask: Ask) -> Result<ExitCode, Failure> {
    let plan = client.call::<PlanTransform>(&PlanParams { ask, shape: None })?;
    if context.screen.json {
        context.screen.value(&plan);
    } else {
        plan.jobs.iter().for_each(|job| describe(context, job));
    }
    let failed = plan.jobs.iter().find_map(|job| job.failure.as_ref());
    Ok(failed.map_or(ExitCode::SUCCESS, |failure| outcome::exit_code(failure.kind)))
}

fn describe(context: &Context, job: &JobPlan) {
    let screen = context.screen;
    if let Some(failure) = &job.failure {
        screen.line(format!("{}: cannot do it: {failure}", job.model));
        if let Some(hint) = &failure.hint {
            screen.line(format!("  hint: {hint}"));
        }
        return;
    }
    let cost = if job.currency.is_empty() {
        "nothing".to_owned()
    } else {
        format!("{:.3} {}", job.cost, job.currency)
    };
    let time = job
        .seconds
        .map(|seconds| format!(", takes about {}", duration((seconds * 1000.0) as u64)))
        .unwrap_or_default();
    screen.line(format!("{}: costs {cost}{time}", job.model));
    if let Some(region) = job.region {
        screen.line(format!(
            "  sees {}×{} at {},{}",
            region.width, region.height, region.x, region.y
        ));
    }
    let pieces = if job.pieces > 1 { format!(" in {} tiles", job.pieces) } else { String::new() };
    screen.line(format!("  runs at {}×{}{pieces}", job.run_size.0, job.run_size.1));
    screen.line(format!("  gives {} of {}×{}", job.count, job.result_size.0, job.result_size.1));
    for note in &job.notes {
        screen.line(format!("  note: {note}"));
    }
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| {
        let kind = if error.kind() == std::io::ErrorKind::NotFound {
            ErrorKind::NotFound
        } else {
            ErrorKind::InvalidRequest
        };
        Failure::new(kind, format!("cannot read `{}`: {error}", path.display()))
            .hint("give the path of a PNG, JPEG, WebP or TIFF")
    })
}
