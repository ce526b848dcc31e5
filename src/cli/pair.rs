//! `easel pair`.

use std::process::ExitCode;

use clap::Args;
use easel_protocol::Failure;
use easel_protocol::methods::StartPairing;
use easel_protocol::server::NoParams;

use super::Context;
use super::client::Client;

/// Show a code that lets Figma or a browser in.
#[derive(Debug, Args)]
pub(super) struct Pair {}

impl Pair {
    pub(super) fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let code = Client::connect_or_start(context)?.call::<StartPairing>(&NoParams {})?;
        if context.screen.json {
            context.screen.value(&code);
        } else {
            let (left, right) = code.code.split_at(code.code.len() / 2);
            context.screen.line(format!("{left} {right}"));
            context
                .screen
                .note("type it where you are asked for it; it works once, for two minutes");
        }
        Ok(ExitCode::SUCCESS)
    }
}
