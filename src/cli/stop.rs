//! `easel stop`.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use easel_protocol::methods::Shutdown;
use easel_protocol::server::NoParams;
use easel_protocol::{ErrorKind, Failure};

use super::Context;
use super::client::{Client, Endpoint};

/// End the daemon; running jobs go on after the next start.
#[derive(Debug, Args)]
pub(super) struct Stop {}

/// Jobs get a few seconds, their workers a few more.
const PATIENCE: Duration = Duration::from_secs(30);

impl Stop {
    pub(super) fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let Some(client) = Client::connect(&context.paths)? else {
            context.screen.note("no daemon is running");
            return Ok(ExitCode::SUCCESS);
        };
        let report = client.call::<Shutdown>(&NoParams {})?;
        let deadline = Instant::now() + PATIENCE;
        // It removes the file as the last thing it does.
        while Endpoint::read(&context.paths).is_some() {
            if Instant::now() > deadline {
                return Err(Failure::new(ErrorKind::Busy, "the daemon does not end")
                    .hint(format!("its log is `{}`", context.paths.log().display())));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        if context.screen.json {
            context.screen.value(&report);
        }
        let parked = match report.parked {
            0 => String::new(),
            jobs => {
                format!("; what did not end of {jobs} running jobs goes on after the next start")
            }
        };
        context.screen.note(format!("the daemon has ended{parked}"));
        Ok(ExitCode::SUCCESS)
    }
}
