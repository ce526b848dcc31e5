//! What was spent: one line a job that costs, from the estimate when it is submitted to what the provider
//! says in the end, and the caps that a submission must not pass. Amounts of different currencies are
//! never added.

use easel_protocol::error::Charged;
use easel_protocol::job::{JobReport, JobState, Timestamp};
use easel_protocol::picture::BlobId;
use easel_protocol::spend::{Budget, BudgetParams, Spend};
use easel_protocol::transform::JobPlan;
use easel_protocol::{ErrorKind, Failure};
use rusqlite::{Connection, params};

use super::{Durability, Store, Stored};

/// A cap is for any so many milliseconds.
const DAY_MS: i64 = 86_400_000;
/// Amounts that differ by less are the same.
const NOTHING: f64 = 1e-9;

impl Store {
    /// What was spent since a moment, by model, the dearest first.
    pub fn spent(&self, since: Timestamp) -> Result<Vec<Spend>, Failure> {
        self.read(|connection| Ok(spent(connection, since)?))
    }

    /// The caps and how much of each is used up.
    pub fn budgets(&self, now: Timestamp) -> Result<Vec<Budget>, Failure> {
        self.read(|connection| Ok(budgets(connection, now)?))
    }

    /// The pixels of what was paid for.
    pub fn paid_artifacts(&self) -> Result<Vec<BlobId>, Failure> {
        self.read(|connection| Ok(paid_artifacts(connection)?))
    }

    /// Sets a cap, or takes it away.
    pub fn set_budget(&self, budget: BudgetParams) -> Result<(), Failure> {
        self.write(Durability::Durable, move |connection| Ok(put_budget(connection, &budget)?))
    }

    /// Why these jobs would pass a cap, if they would.
    pub fn over_budget(
        &self,
        jobs: &[JobPlan],
        folder: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<Failure>, Failure> {
        let costs: Vec<(f64, String)> =
            jobs.iter().map(|job| (job.cost, job.currency.clone())).collect();
        self.read(|connection| Ok(check(connection, &costs, folder, now)?))
    }
}

/// Reserves what the jobs of a new transform are estimated at, or says which cap they pass.
pub(super) fn reserve(
    connection: &Connection,
    jobs: &[(String, JobPlan)],
    folder: Option<&str>,
    now: Timestamp,
) -> Stored<()> {
    let costs: Vec<(f64, String)> =
        jobs.iter().map(|(_, job)| (job.cost, job.currency.clone())).collect();
    if let Some(failure) = check(connection, &costs, folder, now)? {
        return Err(failure.into());
    }
    for (id, plan) in jobs.iter().filter(|(_, plan)| plan.cost > 0.0) {
        connection
            .prepare_cached(
                "INSERT INTO ledger (job, time, model, folder, currency, estimate, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'reserved')",
            )?
            .execute(params![id, now, plan.model, folder, plan.currency, plan.cost])?;
    }
    Ok(())
}

/// What a job's line says now that the job stands like this. `unanswered`: something was sent that
/// nobody knows the fate of.
pub(super) fn settle(
    connection: &Connection,
    job: &str,
    state: JobState,
    failure: Option<&Failure>,
    report: Option<&JobReport>,
    unanswered: bool,
    now: Timestamp,
) -> Stored<()> {
    let told = report.and_then(|report| report.cost);
    let line = match (state, failure.and_then(|failure| failure.charged)) {
        (JobState::Queued | JobState::Running, _) => "reserved",
        (JobState::Done, _) | (_, Some(Charged::Yes)) => "charged",
        // What the provider says that it cost was charged, whatever came after.
        _ if told.is_some_and(|cost| cost > 0.0) => "charged",
        (_, Some(Charged::Maybe)) => "maybe",
        _ if unanswered => "maybe",
        _ => "free",
    };
    connection
        .prepare_cached(
            "UPDATE ledger SET state = ?2, actual = CASE WHEN ?2 = 'charged' THEN ?3 ELSE NULL END, time = CASE WHEN ?2 = 'reserved' THEN ?4 ELSE time END WHERE job = ?1",
        )?
        .execute(params![job, line, told, now])?;
    Ok(())
}

fn check(
    connection: &Connection,
    costs: &[(f64, String)],
    folder: Option<&str>,
    now: Timestamp,
) -> Stored<Option<Failure>> {
    for budget in budgets(connection, now)? {
        if budget.folder.is_some() && budget.folder.as_deref() != folder {
            continue;
        }
        let same = costs.iter().filter(|(_, currency)| *currency == budget.currency);
        let asked: f64 = same.map(|(cost, _)| cost).sum();
        if asked > NOTHING && budget.used + asked > budget.amount + NOTHING {
            let whose = budget
                .folder
                .map_or("the budget".to_owned(), |folder| format!("the budget of `{folder}`"));
            let (amount, currency, left) =
                (budget.amount, budget.currency, (budget.amount - budget.used).max(0.0));
            return Ok(Some(
                Failure::new(
                    ErrorKind::OverBudget,
                    format!(
                        "this would cost {asked:.3} {currency}, and {left:.3} of {whose} of {amount:.2} within 24 hours are left"
                    ),
                )
                .hint("wait, choose a cheaper model, or raise it with `easel budget set`; `easel spend` shows what was spent"),
            ));
        }
    }
    Ok(None)
}

fn budgets(connection: &Connection, now: Timestamp) -> Stored<Vec<Budget>> {
    let mut statement = connection
        .prepare_cached("SELECT folder, amount, currency FROM budgets ORDER BY folder, currency")?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let folder: String = row.get(0)?;
        let folder = Some(folder).filter(|folder| !folder.is_empty());
        let (amount, currency): (f64, String) = (row.get(1)?, row.get(2)?);
        let used = connection
            .prepare_cached(
                "SELECT total(coalesce(actual, estimate)) FROM ledger
                 WHERE currency = ?1 AND time > ?2 AND state != 'free' AND (?3 IS NULL OR folder = ?3)",
            )?
            .query_row(params![currency, now - DAY_MS, folder], |row| row.get(0))?;
        found.push(Budget { folder, amount, currency, used });
    }
    Ok(found)
}

fn paid_artifacts(connection: &Connection) -> Stored<Vec<BlobId>> {
    let mut statement = connection.prepare(
        "SELECT blob FROM artifacts WHERE job IN (SELECT job FROM ledger WHERE state != 'free')",
    )?;
    let blobs = statement.query_map([], |row| row.get::<_, String>(0))?;
    Ok(blobs.collect::<Result<Vec<_>, _>>()?.iter().filter_map(|id| id.parse().ok()).collect())
}

fn put_budget(connection: &Connection, budget: &BudgetParams) -> Stored<()> {
    let folder = budget.folder.as_deref().unwrap_or_default();
    match budget.amount {
        Some(amount) => connection.execute(
            "INSERT OR REPLACE INTO budgets (folder, currency, amount) VALUES (?1, ?2, ?3)",
            params![folder, budget.currency, amount],
        )?,
        None => connection.execute(
            "DELETE FROM budgets WHERE folder = ?1 AND currency = ?2",
            params![folder, budget.currency],
        )?,
    };
    Ok(())
}

fn spent(connection: &Connection, since: Timestamp) -> Stored<Vec<Spend>> {
    let mut statement = connection.prepare(
        "SELECT model, currency,
            total(state = 'charged'), total(CASE state WHEN 'charged' THEN coalesce(actual, estimate) END),
            total(CASE state WHEN 'charged' THEN estimate END), total(state = 'free'),
            total(state = 'maybe'), total(CASE state WHEN 'maybe' THEN estimate END),
            total(CASE state WHEN 'reserved' THEN estimate END)
         FROM ledger WHERE time > ?1 GROUP BY model, currency ORDER BY 4 DESC, 1",
    )?;
    let rows = statement.query_map([since], |row| {
        let count = |index| row.get::<_, f64>(index).map(|value| value as u64);
        Ok(Spend {
            model: row.get(0)?,
            currency: row.get(1)?,
            jobs: count(2)?,
            spent: row.get(3)?,
            estimated: row.get(4)?,
            free: count(5)?,
            maybe: count(6)?,
            maybe_spent: row.get(7)?,
            reserved: row.get(8)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
