//! What a folder would do and what it would cost, before anything is sent. Every file is read, none is decoded.

use std::path::{Path, PathBuf};

use easel_protocol::Failure;
use easel_protocol::folder::{FileRecord, FileState, FolderForecast};
use easel_protocol::recipe::Money;

use super::folder::Folder;
use super::notice;
use crate::daemon::now;
use crate::recipe;
use crate::runs::{Ready, Runs, Source, file_facts};
use crate::store::Stamp;

/// So many refused files are named.
const NAMED: usize = 100;

/// Looks through the folder.
pub(super) fn forecast(
    runs: &Runs,
    folder: &Folder,
    again: bool,
) -> Result<FolderForecast, Failure> {
    let ready = folder.ready(runs)?;
    let models = runs.daemon.backends.models()?;
    let mut forecast = FolderForecast::default();
    let mut paths: Vec<PathBuf> = Vec::new();
    notice::list(&folder.notice_spec(runs), |path, _| paths.push(path))?;
    paths.sort();
    for path in paths {
        match look(runs, folder, &ready, &path, again) {
            Ok(Look::New(size)) => {
                forecast.files += 1;
                for amount in recipe::price(&ready.recipe, &models, size) {
                    add(&mut forecast.cost, &amount.currency, amount.amount);
                }
            }
            Ok(Look::Known) => forecast.known += 1,
            Ok(Look::Left) => {}
            Err(failure) => {
                forecast.refused_count += 1;
                if forecast.refused.len() < NAMED {
                    forecast.refused.push(FileRecord {
                        path: path.to_string_lossy().into_owned(),
                        state: FileState::Failed,
                        outputs: Vec::new(),
                        failure: Some(failure),
                        changed: now(),
                    });
                }
            }
        }
    }
    notes(folder, &ready, &mut forecast);
    Ok(forecast)
}

enum Look {
    New(easel_pixels::Size),
    Known,
    Left,
}

fn look(
    runs: &Runs,
    folder: &Folder,
    ready: &Ready,
    path: &Path,
    again: bool,
) -> Result<Look, Failure> {
    let store = &runs.daemon.store;
    let whole = folder.places.root.join(path);
    let stored = store.file(&folder.id, path)?;
    let same = std::fs::metadata(&whole)
        .is_ok_and(|metadata| stored.as_ref().is_some_and(|it| it.stamp == Stamp::of(&metadata)));
    if let Some(stored) = stored.filter(|_| same) {
        let outdated = again && stored.version.as_ref() != Some(&ready.version);
        match stored.state {
            FileState::Done if !outdated => return Ok(Look::Known),
            FileState::Skipped => return Ok(Look::Left),
            _ => {}
        }
    }
    let source = Source::read(&whole)?;
    if store.made_with(&source.hash)?.is_some() {
        return Ok(Look::Left);
    }
    let header = source.header.clone()?;
    let facts = file_facts(&whole, header.size, &source.metadata, &ready.name);
    recipe::expand(&ready.recipe, &facts)?;
    if store.remembered(&source.hash, &ready.version, &ready.facts_key(&facts))?.is_some() {
        return Ok(Look::Known);
    }
    Ok(Look::New(header.size))
}

fn add(costs: &mut Vec<Money>, currency: &str, amount: f64) {
    match costs.iter_mut().find(|known| known.currency == currency) {
        Some(known) => known.amount += amount,
        None => costs.push(Money { amount, currency: currency.to_owned() }),
    }
}

fn notes(folder: &Folder, ready: &Ready, forecast: &mut FolderForecast) {
    if let Some(budget) = &folder.spec.budget {
        let cost = forecast.cost.iter().find(|it| it.currency == budget.currency);
        if let Some(cost) = cost.filter(|cost| cost.amount > budget.amount) {
            let days = (cost.amount / budget.amount).ceil();
            forecast.notes.push(format!(
                "with a budget of {:.2} {} within 24 hours this takes about {days:.0} days",
                budget.amount, budget.currency
            ));
        }
    } else if !forecast.cost.is_empty() && ready.recipe.budget.day.is_none() {
        forecast.notes.push(
            "it has no budget: `--budget 5.00/day` caps what it may spend within any 24 hours"
                .to_owned(),
        );
    }
}
