//! `easel spend` and `easel budget`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use easel_protocol::Failure;
use easel_protocol::methods::{GetSpend, SetBudget};
use easel_protocol::spend::{Budget, BudgetParams, Spend, SpendParams, SpendReport};

use super::Context;
use super::client::Client;

/// Show what was spent, by model, and the budgets.
#[derive(Debug, Args)]
pub(super) struct SpendCommand {
    /// How many days back.
    #[arg(long, default_value_t = 30, value_name = "NUMBER")]
    days: u32,
}

/// Cap what may be spent within any 24 hours.
#[derive(Debug, Subcommand)]
#[command(
    after_help = "Examples:\n  easel budget set 5\n  easel budget set 0.50 --folder ~/in\n  easel budget remove"
)]
pub(super) enum BudgetCommand {
    /// Set a cap.
    Set(Set),
    /// Take a cap away.
    Remove(Whose),
    /// Show the caps and how much is used up.
    Show,
}

#[derive(Debug, Args)]
pub(super) struct Set {
    /// The most within any 24 hours.
    amount: f64,
    #[command(flatten)]
    whose: Whose,
}

#[derive(Debug, Args)]
pub(super) struct Whose {
    /// Only for what this watched folder asks for.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<String>,
    /// The currency, three letters.
    #[arg(long, default_value = "USD", value_name = "CODE")]
    currency: String,
}

impl SpendCommand {
    pub(super) fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let client = Client::connect_or_start(context)?;
        let report = client.call::<GetSpend>(&SpendParams { days: self.days })?;
        if context.screen.json {
            context.screen.value(&report);
        } else if report.models.is_empty() {
            context.screen.note(format!("nothing was spent within {} days", self.days));
            budgets(context, &report);
        } else {
            spent(context, &report);
            budgets(context, &report);
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl BudgetCommand {
    pub(super) fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let client = Client::connect_or_start(context)?;
        let set = |amount, Whose { folder, currency }| {
            client.call::<SetBudget>(&BudgetParams { amount, currency, folder })
        };
        let report = match self {
            BudgetCommand::Set(Set { amount, whose }) => set(Some(amount), whose)?,
            BudgetCommand::Remove(whose) => set(None, whose)?,
            BudgetCommand::Show => client.call::<GetSpend>(&SpendParams::default())?,
        };
        if context.screen.json {
            context.screen.value(&report.budgets);
        } else if report.budgets.is_empty() {
            context.screen.note(
                "there is no budget; `easel budget set 5` caps what is spent within any 24 hours",
            );
        } else {
            budgets(context, &report);
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn spent(context: &Context, report: &SpendReport) {
    let row = |spend: &Spend| {
        let maybe = if spend.maybe == 0 {
            String::new()
        } else {
            format!("{} perhaps, {:.3}", spend.maybe, spend.maybe_spent)
        };
        vec![
            spend.model.clone(),
            spend.jobs.to_string(),
            format!("{:.3} {}", spend.spent, spend.currency),
            format!("{:.3}", spend.estimated),
            spend.free.to_string(),
            maybe,
            format!("{:.3}", spend.reserved),
        ]
    };
    let rows: Vec<_> = report.models.iter().map(row).collect();
    let head = ["MODEL", "PAID", "SPENT", "ESTIMATED", "FAILED FREE", "UNKNOWN", "RESERVED"];
    context.screen.table(&head, &rows);
    let mut currencies: Vec<&str> = report.models.iter().map(|it| it.currency.as_str()).collect();
    currencies.sort_unstable();
    currencies.dedup();
    for currency in currencies {
        let same = report.models.iter().filter(|spend| spend.currency == currency);
        let total: f64 = same.map(|spend| spend.spent).sum();
        context.screen.line(format!("\nin all {total:.3} {currency}"));
    }
}

fn budgets(context: &Context, report: &SpendReport) {
    for Budget { folder, amount, currency, used } in &report.budgets {
        let whose = folder.as_ref().map_or(String::new(), |folder| format!(" of `{folder}`"));
        context.screen.line(format!(
            "budget{whose}: {used:.3} of {amount:.2} {currency} within the last 24 hours"
        ));
    }
}
