//! `easel completions` and `easel man`, made from the same types as the command line itself.

use std::process::ExitCode;

use clap::{Args, CommandFactory};
use easel_protocol::{ErrorKind, Failure};

use super::{Cli, Context};

/// Print completions for a shell.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  easel completions bash > ~/.local/share/bash-completion/completions/easel"
)]
pub(super) struct Completions {
    /// The shell.
    shell: clap_complete::Shell,
}

impl Completions {
    pub(super) fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "easel", &mut text);
        context.screen.bytes(&text);
        Ok(ExitCode::SUCCESS)
    }
}

/// Print the manual page.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  easel man > ~/.local/share/man/man1/easel.1\n  easel man transform | man -l -"
)]
pub(super) struct Man {
    /// The page of this subcommand; without it, the page of the whole program.
    subcommand: Option<String>,
}

impl Man {
    pub(super) fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let mut command = Cli::command();
        command.build();
        if let Some(name) = &self.subcommand {
            let found = command.find_subcommand(name).cloned();
            command = found.ok_or_else(|| {
                Failure::new(ErrorKind::NotFound, format!("there is no subcommand `{name}`"))
                    .hint("`easel --help` lists them")
            })?;
        }
        let mut text = Vec::new();
        clap_mangen::Man::new(command).render(&mut text).map_err(|error| {
            Failure::new(ErrorKind::Internal, format!("the page cannot be made: {error}"))
        })?;
        context.screen.bytes(&text);
        Ok(ExitCode::SUCCESS)
    }
}
