//! `easel backend list|add|trust|enable|disable|check`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Subcommand};
use easel_protocol::methods::{DisableBackend, EnableBackend, ListBackends, TrustBackend};
use easel_protocol::server::{BackendParams, BackendRecord, BackendState, NoParams};
use easel_protocol::{ErrorKind, Failure};

use super::Context;
use super::client::Client;
use crate::backend::manifest::Manifest;
use crate::conformance;
use crate::store::io_failure;

/// See, trust and check backends.
#[derive(Debug, Subcommand)]
pub(super) enum BackendCommand {
    /// List the backends of this machine and how they stand.
    List,
    /// Copy a backend's manifest and library to where the daemon looks for them.
    Add(Add),
    /// Let a backend run, exactly as its library is now. Ends a quarantine.
    Trust(One),
    /// Switch a backend on again.
    Enable(One),
    /// Switch a backend off.
    Disable(One),
    /// Try a backend against the rules of the ABI, each in a process of its own.
    Check(Check),
}

#[derive(Debug, Args)]
pub(super) struct One {
    /// The backend's id.
    id: String,
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// The folder with `backend.toml` and the library.
    folder: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Check {
    /// A backend's folder, its `backend.toml`, or its library.
    path: PathBuf,
    /// Only the cases whose name contains this.
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// How long one case may take, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 20)]
    timeout: u64,
}

impl BackendCommand {
    pub(super) fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let one = |one: One| BackendParams { id: one.id };
        let record = match self {
            BackendCommand::Check(check) => return check.run(context),
            BackendCommand::List => return list(context),
            BackendCommand::Add(add) => return add.run(context),
            BackendCommand::Trust(id) => {
                Client::connect_or_start(context)?.call::<TrustBackend>(&one(id))?
            }
            BackendCommand::Enable(id) => {
                Client::connect_or_start(context)?.call::<EnableBackend>(&one(id))?
            }
            BackendCommand::Disable(id) => {
                Client::connect_or_start(context)?.call::<DisableBackend>(&one(id))?
            }
        };
        if context.screen.json {
            context.screen.value(&record);
        } else {
            context.screen.line(format!("{}: {}{}", record.id, state(&record), models(&record)));
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn list(context: &Context) -> Result<ExitCode, Failure> {
    let list = Client::connect_or_start(context)?.call::<ListBackends>(&NoParams {})?;
    if context.screen.json {
        context.screen.value(&list);
        return Ok(ExitCode::SUCCESS);
    }
    let row = |record: &BackendRecord| {
        let version = record.version.clone().unwrap_or_default();
        let what = record.reason.clone().unwrap_or_else(|| record.models.join(", "));
        vec![record.id.clone(), version, state(record).to_owned(), what]
    };
    context.screen.table(
        &["BACKEND", "VERSION", "STATE", ""],
        &list.backends.iter().map(row).collect::<Vec<_>>(),
    );
    Ok(ExitCode::SUCCESS)
}

fn state(record: &BackendRecord) -> &'static str {
    match record.state {
        BackendState::Ready => "ready",
        BackendState::Untrusted => "not trusted",
        BackendState::Disabled => "off",
        BackendState::Quarantined => "quarantined",
        BackendState::Broken => "broken",
    }
}

fn models(record: &BackendRecord) -> String {
    if record.models.is_empty() {
        String::new()
    } else {
        format!(", models {}", record.models.join(", "))
    }
}

impl Add {
    fn run(&self, context: &Context) -> Result<ExitCode, Failure> {
        let manifest_path = self.folder.join("backend.toml");
        let manifest = Manifest::read(&manifest_path)?;
        let library = manifest.library_path(&self.folder);
        let target = context.paths.backends().join(&manifest.id);
        std::fs::create_dir_all(&target).map_err(|error| io_failure("create", &target, &error))?;
        let catalogue = self.folder.join("models.toml");
        for from in [&library, &manifest_path, &catalogue] {
            if *from == catalogue && !catalogue.is_file() {
                continue;
            }
            let to = target.join(from.file_name().unwrap_or_default());
            let beside = target.join(".new");
            // Renamed into place: a worker may hold the library that is replaced.
            let copied = std::fs::copy(from, &beside).and_then(|_| std::fs::rename(&beside, &to));
            copied.map_err(|error| {
                Failure::new(
                    ErrorKind::NotFound,
                    format!("cannot copy `{}`: {error}", from.display()),
                )
                .hint("build the library first; its manifest lies beside it")
            })?;
        }
        context.screen.line(target.display());
        let permissions = &manifest.permissions;
        for (what, asked) in [
            ("it may reach", &permissions.http),
            ("with the keys", &permissions.secrets),
            ("and may read", &permissions.read),
        ] {
            if !asked.is_empty() {
                context.screen.note(format!("{what} {}", asked.join(", ")));
            }
        }
        context.screen.note(format!("`easel backend trust {}` lets it run", manifest.id));
        Ok(ExitCode::SUCCESS)
    }
}

impl Check {
    fn run(&self, context: &Context) -> Result<ExitCode, Failure> {
        let options = conformance::Options {
            filter: self.filter.clone(),
            timeout: Duration::from_secs(self.timeout.max(1)),
            ..conformance::Options::default()
        };
        let report = conformance::check(&self.path, &options)?;
        if context.screen.json {
            context.screen.value(&report);
        } else {
            context.screen.line(report.text());
        }
        Ok(ExitCode::from(report.verdict()))
    }
}
