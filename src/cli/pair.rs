//! `easel pair`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use easel_protocol::Failure;
use easel_protocol::methods::{ListPaired, RemovePaired, StartPairing};
use easel_protocol::server::{NoParams, PairedList, PairingRemoveParams};

use super::Context;
use super::client::Client;

/// Show a code that lets Figma or a browser in, and see who was let in.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  easel pair\n  easel pair list\n  easel pair remove figma")]
pub(super) struct Pair {
    #[command(subcommand)]
    command: Option<PairCommand>,
}

#[derive(Debug, Subcommand)]
enum PairCommand {
    /// List who was let in.
    List,
    /// Let a client in no more.
    Remove {
        /// Its id, or a name for all that are called so.
        client: String,
    },
}

impl Pair {
    pub(super) fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let client = Client::connect_or_start(context)?;
        match self.command {
            None => show_code(context, &client)?,
            Some(PairCommand::List) => {
                let list = client.call::<ListPaired>(&NoParams {})?;
                if !context.screen.json && list.clients.is_empty() {
                    context.screen.note("nobody was let in yet; `easel open` and `easel pair` do");
                }
                show(context, &list);
            }
            Some(PairCommand::Remove { client: named }) => {
                let removed =
                    client.call::<RemovePaired>(&PairingRemoveParams { client: named })?;
                show(context, &removed);
                context.screen.note("removed; its token opens nothing any more");
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn show(context: &Context, list: &PairedList) {
    if context.screen.json {
        context.screen.value(list);
        return;
    }
    for client in &list.clients {
        let since = std::time::UNIX_EPOCH + std::time::Duration::from_millis(client.created as u64);
        context.screen.line(format!(
            "{}  {:<10} since {}",
            client.id,
            client.name,
            httpdate::fmt_http_date(since)
        ));
    }
}

fn show_code(context: &Context, client: &Client) -> Result<(), Failure> {
    let code = client.call::<StartPairing>(&NoParams {})?;
    if context.screen.json {
        context.screen.value(&code);
    } else {
        let (left, right) = code.code.split_at(code.code.len() / 2);
        context.screen.line(format!("{left} {right}"));
        context.screen.note("type it where you are asked for it; it works once, for two minutes");
    }
    Ok(())
}
