//! `easel job list|show|watch|cancel|retry`.

use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use easel_protocol::Failure;
use easel_protocol::error::Charged;
use easel_protocol::job::{JobListParams, JobParams, JobRecord, JobState, RetryParams};
use easel_protocol::methods::{CancelJob, GetJob, GetTransform, ListJobs, RetryJob};
use easel_protocol::transform::TransformGetParams;

use super::client::Client;
use super::screen::{ago, duration};
use super::{Context, outcome, progress};
use crate::daemon::now;

/// See, follow, cancel and retry jobs.
#[derive(Debug, Subcommand)]
pub(super) enum Job {
    /// List jobs, newest first.
    List(List),
    /// Show everything about a job.
    Show(One),
    /// Follow a job, and the others of its transform, to the end.
    Watch(One),
    /// Ask a job to stop.
    Cancel(One),
    /// Queue a failed or cancelled job again.
    Retry(Retry),
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// At most so many.
    #[arg(long, default_value_t = 20, value_name = "NUMBER")]
    limit: u32,
    /// Only those in this state.
    #[arg(long, value_enum, value_name = "STATE")]
    state: Option<State>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum State {
    Queued,
    Running,
    Done,
    Failed,
    Cancelled,
}

#[derive(Debug, Args)]
pub(super) struct One {
    /// The job's id, or the beginning of it.
    id: String,
}

#[derive(Debug, Args)]
pub(super) struct Retry {
    #[command(flatten)]
    one: One,
    /// Send it again although it was, or may have been, charged.
    #[arg(long)]
    pay_again: bool,
}

impl Job {
    pub(super) fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let client = Client::connect_or_start(context)?;
        let job = match self {
            Job::List(list) => return list.run(context, &client),
            Job::Watch(one) => return watch(context, &client, &one),
            Job::Show(one) => client.call::<GetJob>(&one.params(&client)?)?,
            Job::Cancel(one) => client.call::<CancelJob>(&one.params(&client)?)?,
            Job::Retry(Retry { one, pay_again }) => {
                let JobParams { id } = one.params(&client)?;
                client.call::<RetryJob>(&RetryParams { id, pay_again })?
            }
        };
        show(context, &job);
        Ok(ExitCode::SUCCESS)
    }
}

impl One {
    /// The whole id, where the beginning stands for one job.
    fn params(&self, client: &Client) -> Result<JobParams, Failure> {
        let jobs = client
            .call::<ListJobs>(&JobListParams { limit: Some(500), ..JobListParams::default() })?
            .jobs;
        let mut fitting =
            jobs.iter().filter(|job| job.id.starts_with(&self.id) || job.id.ends_with(&self.id));
        let id = match (fitting.next(), fitting.next()) {
            (Some(job), None) => job.id.clone(),
            _ => self.id.clone(),
        };
        Ok(JobParams { id })
    }
}

impl List {
    fn run(&self, context: &Context, client: &Client) -> Result<ExitCode, Failure> {
        let state = self.state.map(|state| match state {
            State::Queued => JobState::Queued,
            State::Running => JobState::Running,
            State::Done => JobState::Done,
            State::Failed => JobState::Failed,
            State::Cancelled => JobState::Cancelled,
        });
        let page = client.call::<ListJobs>(&JobListParams {
            limit: Some(self.limit),
            before: None,
            state,
        })?;
        if context.screen.json {
            context.screen.value(&page);
        } else if page.jobs.is_empty() {
            context
                .screen
                .note("no jobs yet; `easel transform PICTURE --intent … --model …` makes one");
        } else {
            let rows: Vec<Vec<String>> = page.jobs.iter().map(row).collect();
            context.screen.table(&["JOB", "STATE", "MODEL", "WHEN", "TOOK", ""], &rows);
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn row(job: &JobRecord) -> Vec<String> {
    let took = match (job.started, job.finished) {
        (Some(started), Some(finished)) => duration((finished - started).max(0).unsigned_abs()),
        _ => job.progress.map(|progress| format!("{:.0} %", progress * 100.0)).unwrap_or_default(),
    };
    let what = match (&job.failure, &job.stage) {
        (Some(failure), _) => failure.message.clone(),
        (None, Some(stage)) => stage.clone(),
        (None, None) => String::new(),
    };
    vec![
        job.id.clone(),
        job.state.name().to_owned(),
        job.model.clone(),
        ago(job.created, now()),
        took,
        what,
    ]
}

fn show(context: &Context, job: &JobRecord) {
    let screen = context.screen;
    if screen.json {
        return screen.value(job);
    }
    screen.line(format!("job        {}", job.id));
    screen.line(format!("transform  {}", job.transform));
    screen.line(format!("model      {} ({})", job.model, job.backend));
    screen.line(format!(
        "state      {}{}",
        job.state.name(),
        if job.cancel_requested && !job.state.is_final() { ", asked to stop" } else { "" }
    ));
    screen.line(format!("created    {}", ago(job.created, now())));
    if job.attempts > 1 {
        screen.line(format!("attempts   {}", job.attempts));
    }
    if let Some(stage) = &job.stage {
        screen.line(format!("stage      {stage}"));
    }
    for note in &job.plan.notes {
        screen.line(format!("note       {note}"));
    }
    if job.plan.cost > 0.0 {
        screen.line(format!("estimate   {:.3} {}", job.plan.cost, job.plan.currency));
    }
    if let Some(report) = &job.report {
        if let Some(cost) = report.cost {
            let currency = report.currency.as_deref().unwrap_or(&job.plan.currency);
            screen.line(format!("cost       {cost:.3} {currency}, says the provider"));
        }
        for note in &report.notes {
            screen.line(format!("note       {note}"));
        }
    }
    for artifact in &job.artifacts {
        let took = duration(artifact.provenance.milliseconds);
        screen.line(format!(
            "artifact   {}×{} in {took}, blob {}",
            artifact.width, artifact.height, artifact.blob
        ));
        let fidelity = &artifact.fidelity;
        screen.line(format!(
            "           structure {:.0} %, colour moved {:.3}, changed {:.0} % inside and {} pixels outside",
            fidelity.structure * 100.0,
            fidelity.colour,
            fidelity.changed_inside * 100.0,
            fidelity.changed_outside
        ));
    }
    if let Some(failure) = &job.failure {
        screen.line(format!("failure    {failure}"));
        if let Some(words) = &failure.provider_message {
            screen.line(format!("provider   {words}"));
        }
        if let Some(charged) = failure.charged {
            let word = match charged {
                Charged::No => "no",
                Charged::Yes => "yes",
                Charged::Maybe => "perhaps",
            };
            screen.line(format!("charged    {word}"));
        }
        if let Some(hint) = &failure.hint {
            screen.line(format!("hint       {hint}"));
        }
    }
}

fn watch(context: &Context, client: &Client, one: &One) -> Result<ExitCode, Failure> {
    let job = client.call::<GetJob>(&one.params(client)?)?;
    let transform = client.call::<GetTransform>(&TransformGetParams { id: job.transform })?;
    let ended = progress::follow(client, context.screen, &transform)?;
    if context.screen.json {
        context.screen.value(&ended);
    } else {
        ended.jobs.iter().for_each(|job| show(context, job));
    }
    let failure = ended.jobs.iter().find_map(|job| job.failure.as_ref());
    Ok(failure.map_or(ExitCode::SUCCESS, |failure| outcome::exit_code(failure.kind)))
}
