//! `easel doctor`: looks at everything that can be wrong, and says what to do.

use std::io::Write;
use std::process::ExitCode;

use clap::Args;
use easel_protocol::Failure;
use easel_protocol::methods::{GetServerInfo, ListBackends};
use easel_protocol::server::{BackendState, NoParams};
use serde::Serialize;

use super::Context;
use super::client::{Client, Endpoint};
use crate::paths::weights_dir;
use crate::store;

/// Look for what is wrong, and say what to do.
#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// Also read every stored blob and compare it with its name; takes a while.
    #[arg(long)]
    deep: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Good,
    Warning,
    Bad,
}

#[derive(Debug, Serialize)]
struct Finding {
    what: &'static str,
    verdict: Verdict,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

impl Doctor {
    pub(super) fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let mut findings = vec![data_folder(context), database(context)];
        if self.deep {
            findings.push(blobs(context));
        }
        findings.push(weights(context));
        findings.extend(daemon(context));
        if context.screen.json {
            context.screen.value(&findings);
        } else {
            for finding in &findings {
                let sign = match finding.verdict {
                    Verdict::Good => "ok     ",
                    Verdict::Warning => "warning",
                    Verdict::Bad => "bad    ",
                };
                context.screen.line(format!("{sign}  {:<11} {}", finding.what, finding.detail));
                if let Some(hint) = &finding.hint {
                    context.screen.line(format!("         hint: {hint}"));
                }
            }
        }
        let bad = findings.iter().any(|finding| finding.verdict == Verdict::Bad);
        Ok(if bad { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}

fn good(what: &'static str, detail: String) -> Finding {
    Finding { what, verdict: Verdict::Good, detail, hint: None }
}

fn failed(what: &'static str, failure: Failure) -> Finding {
    Finding { what, verdict: Verdict::Bad, detail: failure.message, hint: failure.hint }
}

fn data_folder(context: &Context) -> Finding {
    let folder = &context.paths.data;
    let probe = folder.join(".doctor");
    let tried = std::fs::create_dir_all(folder).and_then(|()| {
        let mut file = std::fs::File::create(&probe)?;
        file.write_all(&vec![0; 65_536])?;
        file.sync_all()
    });
    let _ = std::fs::remove_file(&probe);
    match tried {
        Ok(()) => good("data", format!("{} can be written", folder.display())),
        Err(error) => failed("data", store::io_failure("write", folder, &error)),
    }
}

fn database(context: &Context) -> Finding {
    match store::check_database(&context.paths.data) {
        Ok(None) => good("database", "none yet".to_owned()),
        Ok(Some(summary)) => good("database", summary),
        Err(failure) => failed("database", failure),
    }
}

fn blobs(context: &Context) -> Finding {
    match store::check_blobs(&context.paths.data) {
        Ok((count, damaged)) if damaged.is_empty() => {
            good("blobs", format!("{count} match their names"))
        }
        Ok((count, damaged)) => Finding {
            what: "blobs",
            verdict: Verdict::Bad,
            detail: format!("{} of {count} are damaged: {}", damaged.len(), damaged.join(", ")),
            hint: Some("upload their pictures again; a failing disk is likely".to_owned()),
        },
        Err(failure) => failed("blobs", failure),
    }
}

fn weights(context: &Context) -> Finding {
    let folder = weights_dir(&context.paths);
    let problems = easel_local::Weights::check(&folder);
    match problems.first() {
        None => good(
            "weights",
            format!("{} networks in {}", easel_local::Weights::names().count(), folder.display()),
        ),
        Some(first) => Finding {
            what: "weights",
            verdict: Verdict::Warning,
            detail: format!("{first} ({} in all)", problems.len()),
            hint: Some(
                "`cargo xtask weights` fetches and checks them; other backends work without"
                    .to_owned(),
            ),
        },
    }
}

fn daemon(context: &Context) -> Vec<Finding> {
    let client = match Client::connect(&context.paths) {
        Ok(Some(client)) => client,
        Ok(None) => {
            let left = Endpoint::read(&context.paths)
                .map(|it| format!(" (process {} is gone)", it.pid))
                .unwrap_or_default();
            return vec![good("daemon", format!("not running{left}; the next command starts it"))];
        }
        Err(failure) => return vec![failed("daemon", failure)],
    };
    let mut findings = Vec::new();
    match client.call::<GetServerInfo>(&NoParams {}) {
        Ok(info) if info.version != env!("CARGO_PKG_VERSION") => findings.push(Finding {
            what: "daemon",
            verdict: Verdict::Warning,
            detail: format!("version {} runs, this is {}", info.version, env!("CARGO_PKG_VERSION")),
            hint: Some(
                "`easel stop` ends it, the next command starts one of this version".to_owned(),
            ),
        }),
        Ok(info) => findings.push(good(
            "daemon",
            format!("process {}, {} jobs wait, {} run", info.pid, info.queued, info.running),
        )),
        Err(failure) => findings.push(failed("daemon", failure)),
    }
    match client.call::<ListBackends>(&NoParams {}) {
        Ok(list) => findings.extend(list.backends.into_iter().map(|backend| {
            match (backend.state, backend.reason) {
                (BackendState::Ready, _) => {
                    good("backend", format!("{}, models {}", backend.id, backend.models.join(", ")))
                }
                (BackendState::Disabled, reason) => {
                    good("backend", format!("{}: {}", backend.id, reason.unwrap_or_default()))
                }
                (_, reason) => Finding {
                    what: "backend",
                    verdict: Verdict::Warning,
                    detail: format!("{}: {}", backend.id, reason.unwrap_or_default()),
                    hint: None,
                },
            }
        })),
        Err(failure) => findings.push(failed("backend", failure)),
    }
    findings
}
