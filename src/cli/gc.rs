//! `easel gc`.

use std::process::ExitCode;

use clap::Args;
use easel_protocol::Failure;
use easel_protocol::methods::CollectGarbage;
use easel_protocol::server::GcParams;

use super::Context;
use super::client::Client;
use super::screen::bytes;

/// Remove what nothing refers to.
#[derive(Debug, Args)]
#[command(
    after_help = "Nothing is ever removed by itself. Pictures of stored transforms stay until their transform is forgotten with `--older-than`; \
what was uploaded within the last day stays in any case."
)]
pub(super) struct Gc {
    /// Also forget transforms that ended more than so many days ago, with their results.
    #[arg(long, value_name = "DAYS")]
    older_than: Option<u32>,
    /// Say what would go, and touch nothing.
    #[arg(long)]
    dry_run: bool,
}

impl Gc {
    pub(super) fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let client = Client::connect_or_start(context)?;
        let report = client.call::<CollectGarbage>(&GcParams {
            older_than_days: self.older_than,
            dry_run: self.dry_run,
        })?;
        if context.screen.json {
            context.screen.value(&report);
            return Ok(ExitCode::SUCCESS);
        }
        let done = if report.dry_run { "would remove" } else { "removed" };
        context.screen.line(format!(
            "{done} {} transforms and {} blobs of {}; {} blobs of {} stay",
            report.transforms,
            report.blobs,
            bytes(report.bytes),
            report.kept_blobs,
            bytes(report.kept_bytes)
        ));
        Ok(ExitCode::SUCCESS)
    }
}
