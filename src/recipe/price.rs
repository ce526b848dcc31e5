//! What a recipe costs for one picture, as far as it can be known before: over every combination, step, compared
//! model and picture that is asked for, from the planner's own figures.

use easel_pixels::Size;
use easel_protocol::server::ModelEntry;

use super::expand::expand;
use super::facts::assumed;
use super::trial::{Choices, Trials, taken_of};
use super::{Amount, Recipe};

/// What the recipe costs for a picture of that size, one amount a currency; empty where nothing costs. Of a chain it is
/// the first model that can do it now; where none is at hand, the first that could.
pub fn price(recipe: &Recipe, models: &[ModelEntry], size: Size) -> Vec<Amount> {
    // No price depends on what a text says, and a fact that is missing is found out elsewhere.
    let Ok(cells) = expand(recipe, &assumed(size.width, size.height)) else { return Vec::new() };
    let mut trials = Trials::new(models);
    let mut amounts = Vec::new();
    for cell in &cells {
        add(&mut amounts, &trials.cell(cell, size));
    }
    amounts
}

/// Adds what one combination costs.
pub(super) fn add(amounts: &mut Vec<Amount>, steps: &[Choices<'_>]) {
    for chain in steps.iter().flat_map(|choices| choices.iter()) {
        let Some(plan) = taken_of(chain).and_then(|trial| trial.plan.as_ref()) else { continue };
        if plan.cost <= 0.0 {
            continue;
        }
        match amounts.iter_mut().find(|amount| amount.currency == plan.currency) {
            Some(amount) => amount.amount += plan.cost,
            None => {
                amounts.push(Amount { amount: plan.cost, currency: plan.currency.clone() });
            }
        }
    }
}

/// Amounts as people read them: `0.55 USD and 0.30 EUR`.
pub fn amounts_in_words(amounts: &[Amount]) -> String {
    let one = |amount: &Amount| {
        let number = format!("{:.3}", amount.amount);
        let number = if amount.amount >= 1.0 || number.ends_with('0') {
            format!("{:.2}", amount.amount)
        } else {
            number
        };
        format!("{number} {}", amount.currency)
    };
    amounts.iter().map(one).collect::<Vec<_>>().join(" and ")
}
