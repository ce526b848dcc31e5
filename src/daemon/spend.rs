//! `spend.get` and `budget.set`.

use easel_protocol::spend::{BudgetParams, SpendParams, SpendReport};
use easel_protocol::{ErrorKind, Failure};

use super::{Daemon, now};

const DAY_MS: i64 = 86_400_000;

impl Daemon {
    /// `spend.get`.
    pub fn spend(&self, params: &SpendParams) -> Result<SpendReport, Failure> {
        let since = now() - i64::from(params.days) * DAY_MS;
        Ok(SpendReport {
            since,
            models: self.store.spent(since)?,
            budgets: self.store.budgets(now())?,
        })
    }

    /// `budget.set`.
    pub fn set_budget(&self, mut params: BudgetParams) -> Result<SpendReport, Failure> {
        if params.amount.is_some_and(|amount| !amount.is_finite() || amount < 0.0) {
            return Err(Failure::new(ErrorKind::InvalidRequest, "a budget is 0 or more")
                .hint("`easel budget remove` takes it away"));
        }
        params.currency = params.currency.to_ascii_uppercase();
        if params.currency.len() != 3 || !params.currency.bytes().all(|it| it.is_ascii_uppercase())
        {
            return Err(Failure::new(
                ErrorKind::InvalidRequest,
                format!("`{}` is no currency", params.currency),
            )
            .hint("write three letters, such as `USD`"));
        }
        self.store.set_budget(params)?;
        self.spend(&SpendParams::default())
    }
}
