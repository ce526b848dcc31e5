//! A recipe as menus and lists show it.

use easel_pixels::Size;
use easel_protocol::recipe::{Money, RecipeRecord};
use easel_protocol::{ErrorKind, Failure};

use super::edit::diagnose::diagnose_text;
use super::schema::FileKind;
use super::{Severity, World, assumed, expand, line_and_column, price, read};

/// The picture that a price in a list is for.
const ASSUMED: Size = Size { width: 1024, height: 1024 };

/// What there is to say of a recipe, or, where its text cannot be had, why not.
pub fn summary(
    name: String,
    path: String,
    text: Result<String, Failure>,
    world: &dyn World,
) -> RecipeRecord {
    let mut record = RecipeRecord {
        title: name.clone(),
        name,
        path,
        description: None,
        intents: Vec::new(),
        models: Vec::new(),
        results: 0,
        price: Vec::new(),
        failure: None,
    };
    let text = match text {
        Ok(text) => text,
        Err(failure) => return RecipeRecord { failure: Some(failure), ..record },
    };
    let found = diagnose_text(&text, FileKind::Recipe, world);
    let first = found.into_iter().find(|it| it.severity == Severity::Error);
    record.failure = first.map(|error| {
        let (line, _) = line_and_column(&text, error.range.start);
        let message = format!("line {line}: {}", error.message);
        Failure { hint: error.hint, ..Failure::new(ErrorKind::InvalidRequest, message) }
    });
    let Some(recipe) = read(&text).recipe else { return record };
    let price = price(&recipe, world.models(), ASSUMED).into_iter();
    record.price = price.map(|it| Money { amount: it.amount, currency: it.currency }).collect();
    let cells = expand(&recipe, &assumed(ASSUMED.width, ASSUMED.height));
    for cell in cells.iter().flatten() {
        let Some(last) = cell.steps.last() else { continue };
        record.results += last.count.unwrap_or(1) * last.models.len() as u32;
        for model in cell.steps.iter().flat_map(|step| &step.models).filter_map(|it| it.first()) {
            if !record.models.contains(model) {
                record.models.push(model.clone());
            }
        }
    }
    record.intents = recipe.steps.iter().map(|step| step.intent).collect();
    record.title = recipe.title.unwrap_or(record.title);
    record.description = recipe.description;
    record
}
