//! `easel lsp`: the language server for editors of code. Standard output belongs to the protocol.

use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;

use clap::Args;
use easel_protocol::methods::ListModels;
use easel_protocol::server::{ModelEntry, NoParams};
use easel_protocol::{ErrorKind, Failure};

use super::Context;
use super::client::{Client, Endpoint};
use crate::lsp::{self, Host};
use crate::paths::Paths;

/// Speak the Language Server Protocol with an editor, over standard input and output.
#[derive(Debug, Args)]
#[command(
    after_help = "Editors start it themselves. `docs/code-editors.md` says how VS Code, Neovim and Helix are told of it."
)]
pub(super) struct Lsp {
    /// Use the daemon that runs, and never start one.
    #[arg(long)]
    no_start: bool,
    /// For editors that say which way they want to talk; it is the only one.
    #[arg(long, hide = true)]
    stdio: bool,
}

impl Lsp {
    pub(super) fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        // Two: what is said about documents is worked out while requests are answered.
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(|error| {
                Failure::new(ErrorKind::Internal, format!("cannot start the runtime: {error}"))
            })?;
        let screen = context.screen;
        let program = Program {
            context: Context { paths: context.paths.clone(), screen },
            may_start: !self.no_start,
        };
        let (input, output) = (tokio::io::stdin(), tokio::io::stdout());
        let was_shut_down = runtime.block_on(lsp::serve(input, output, Arc::new(program)));
        // A read of standard input cannot be called off; the process ends over it.
        runtime.shutdown_background();
        Ok(if was_shut_down { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// This program as the language server's host.
struct Program {
    context: Context,
    may_start: bool,
}

impl Host for Program {
    fn daemon(&self) -> Option<String> {
        let endpoint = Endpoint::read(&self.context.paths)?;
        Some(format!("{} {}", endpoint.pid, endpoint.port))
    }

    fn models(&self, may_start: bool) -> Option<Vec<ModelEntry>> {
        let client = if may_start && self.may_start {
            Client::connect_or_start(&self.context).map(Some)
        } else {
            Client::connect(&self.context.paths)
        };
        let listed = client.and_then(|client| match client {
            Some(client) => client.call::<ListModels>(&NoParams {}).map(Some),
            None => Ok(None),
        });
        match listed {
            Ok(list) => Some(list?.models),
            Err(failure) => {
                self.context.screen.note(format!("the models are not known: {failure}"));
                None
            }
        }
    }

    fn run(&self, arguments: &[String]) -> Result<String, String> {
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let mut command = Command::new(program);
        with_data_dir(&mut command, &self.context.paths);
        let output = command
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("cannot start `easel`: {error}"))?;
        let words = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes);
            let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
            lines[lines.len().saturating_sub(6)..].join("\n")
        };
        if output.status.success() {
            let said = words(&output.stdout);
            Ok(if said.is_empty() { "done".to_owned() } else { said })
        } else {
            Err(words(&output.stderr))
        }
    }
}

/// Named only where it was given: it moves configuration and cache as well.
fn with_data_dir(command: &mut Command, paths: &Paths) {
    if paths.config.starts_with(&paths.data) {
        command.arg("--data-dir").arg(&paths.data);
    }
}
