//! `easel open`: the page in the browser, already paired.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use easel_protocol::methods::StartPairing;
use easel_protocol::server::NoParams;
use easel_protocol::{ErrorKind, Failure};
use serde_json::json;

use super::Context;
use super::client::{Client, Endpoint};
use crate::daemon::access::write_private;

/// Open the page in the browser, already paired.
#[derive(Debug, Args)]
#[command(after_help = "The daemon is started where it does not run.\n\n\
Examples:\n  easel open\n  easel open history\n  easel open --print        # for a browser elsewhere, through `ssh -L 47615:127.0.0.1:47615`")]
pub(super) struct Open {
    /// What to show first.
    #[arg(value_enum, default_value_t = View::Transform)]
    view: View,
    /// Print the address instead of opening it; it lets one browser in, within two minutes.
    #[arg(long)]
    print: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum View {
    /// Change a picture.
    Transform,
    /// Results side by side.
    Compare,
    /// Everything that was ever asked.
    History,
    /// Watched folders.
    Folders,
    /// What models can do, and what they cost.
    Models,
    /// What was spent.
    Spend,
}

impl Open {
    pub(super) fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let client = Client::connect_or_start(context)?;
        let code = client.call::<StartPairing>(&NoParams {})?;
        let port =
            Endpoint::read(&context.paths).map(|endpoint| endpoint.port).ok_or_else(|| {
                Failure::new(ErrorKind::NotFound, "the daemon does not say where it listens")
                    .hint("run it again")
            })?;
        let view = self.view.to_possible_value().map(|it| it.get_name().to_owned());
        let view = view.unwrap_or_default();
        let address = format!("http://127.0.0.1:{port}/#pair={}&view={view}", code.code);
        if self.print {
            if context.screen.json {
                context.screen.value(&json!({ "address": address, "expires": code.expires }));
            } else {
                context.screen.line(address);
                context.screen.note("it lets one browser in, within two minutes");
            }
            return Ok(ExitCode::SUCCESS);
        }
        // Whoever is logged in here sees the arguments of programs. A browser is told of a file that only this user
        // can read, and that leads on to the address with the code.
        let file = context.paths.data.join("open.html");
        write_private(&file, leading_to(&address).as_bytes())?;
        let hint = "`easel open --print` prints the address to open by hand";
        let path = format!("file://{}", file.display());
        webbrowser::open(&path).map_err(|error| {
            Failure::new(ErrorKind::Unsupported, format!("no browser can be opened: {error}"))
                .hint(hint)
        })?;
        context
            .screen
            .note(format!("opened the page in the browser; where it stays empty, {hint}"));
        Ok(ExitCode::SUCCESS)
    }
}

/// A page that leads on. The address is made of digits and words of ours.
fn leading_to(address: &str) -> String {
    format!(
        "<!doctype html><meta charset=\"utf-8\"><meta name=\"referrer\" content=\"no-referrer\"><meta http-equiv=\"refresh\" content=\"0;url={address}\"><title>Easel</title><p><a href=\"{address}\">Open Easel</a>\n"
    )
}
