//! A recipe against the world: the models that there are, the files beside it, and what it costs. Whatever a
//! submission would be refused for is said here at the key that it is about.

mod mend;
mod models;
mod prompt;

use std::collections::BTreeSet;
use std::ops::Range;

use easel_pixels::Size;
use easel_protocol::model::Intent;
use easel_protocol::server::ModelEntry;

use super::expand::{Cell, expand};
use super::facts::assumed;
use super::price::{add, amounts_in_words};
use super::read::{Read, sort};
use super::trial::Trials;
use super::value::chain;
use super::{Amount, Diagnostic, MaskRule, Part, Recipe, Severity, Template};

/// The size of the picture that is assumed.
const ASSUMED: Size = Size { width: 1024, height: 1024 };

/// What is known beside the text.
pub trait World {
    /// The models that there are. None at all: nothing is known of models, and nothing is said of them.
    fn models(&self) -> &[ModelEntry];

    /// Whether there is a file under a path relative to the recipe's; `None` where that is not known.
    fn exists(&self, path: &str) -> Option<bool>;
}

/// What is wrong with a recipe and what is worth knowing of it, in the order of the text; what reading found is part
/// of it.
pub fn check(read: &Read, world: &dyn World) -> Vec<Diagnostic> {
    let mut diagnostics = read.diagnostics.clone();
    let Some(recipe) = &read.recipe else { return diagnostics };
    let mut checker = Checker { read, recipe, world, found: Vec::new(), said: BTreeSet::new() };
    checker.references();
    checker.editors_mask();
    if !world.models().is_empty() {
        checker.models();
    }
    diagnostics.append(&mut checker.found);
    sort(&mut diagnostics);
    diagnostics
}

/// What is found, each thing once, however many combinations have it.
struct Checker<'a> {
    read: &'a Read,
    recipe: &'a Recipe,
    world: &'a dyn World,
    found: Vec<Diagnostic>,
    said: BTreeSet<(usize, &'static str, String)>,
}

impl Checker<'_> {
    fn say(&mut self, diagnostic: Diagnostic) {
        let key = (diagnostic.range.start, diagnostic.code, diagnostic.message.clone());
        if self.said.insert(key) {
            self.found.push(diagnostic);
        } else if diagnostic.severity == Severity::Error {
            // What is a warning in one combination may be an error in another.
            let same = |it: &&mut Diagnostic| {
                it.range.start == diagnostic.range.start && it.message == diagnostic.message
            };
            self.found.iter_mut().filter(same).for_each(|it| it.severity = Severity::Error);
        }
    }

    fn models(&mut self) {
        let Ok(cells) = expand(self.recipe, &assumed(ASSUMED.width, ASSUMED.height)) else {
            return;
        };
        let mut trials = Trials::new(self.world.models());
        let mut amounts = Vec::new();
        // Equal steps of other combinations were judged already.
        let mut judged = BTreeSet::new();
        for cell in &cells {
            let steps = trials.cell(cell, ASSUMED);
            add(&mut amounts, &steps);
            for (index, choices) in steps.iter().enumerate() {
                if judged.insert((index, std::rc::Rc::as_ptr(choices))) {
                    self.step(cell, index, choices);
                }
            }
        }
        self.cost(&amounts);
    }

    fn cost(&mut self, amounts: &[Amount]) {
        if let Some(limit) = &self.recipe.budget.picture {
            let over = amounts.iter().find(|it| it.currency == limit.currency);
            if let Some(cost) = over.filter(|it| it.amount > limit.amount + 1e-9) {
                self.say(Diagnostic {
                    severity: Severity::Error,
                    code: "over-budget",
                    message: format!(
                        "one picture costs about {}, more than {}",
                        amounts_in_words(std::slice::from_ref(cost)),
                        amounts_in_words(std::slice::from_ref(limit)),
                    ),
                    hint: Some("raise it, or ask for fewer pictures or cheaper models".to_owned()),
                    range: self.read.spans.nearest("budget.picture"),
                    fixes: Vec::new(),
                });
            }
            let other = amounts.iter().find(|it| it.currency != limit.currency);
            if let Some(other) = other {
                self.say(Diagnostic {
                    severity: Severity::Warning,
                    code: "other-currency",
                    message: format!(
                        "the models cost {}, and a budget in {} does not hold them back",
                        other.currency, limit.currency
                    ),
                    hint: Some(format!("write it in {}", other.currency)),
                    range: self.read.spans.nearest("budget.picture"),
                    fixes: Vec::new(),
                });
            }
        }
        if amounts.is_empty() {
            return;
        }
        let spans = &self.read.spans;
        let place = spans.key("step.0.model").or_else(|| spans.key("step.0.intent"));
        self.say(Diagnostic {
            severity: Severity::Information,
            code: "price",
            message: format!("this recipe costs about {} a picture", amounts_in_words(amounts)),
            hint: Some(format!("at {ASSUMED}, everything that it does included")),
            range: place.unwrap_or(0..0),
            fixes: Vec::new(),
        });
    }

    fn references(&mut self) {
        for axes in super::expand::combinations(self.recipe) {
            for (index, step) in self.recipe.steps.iter().enumerate() {
                for (number, template) in step.references.iter().enumerate() {
                    if depends_on_picture(template, &axes) {
                        continue;
                    }
                    let value = |name: &str| value_of(&axes, name);
                    let Ok(path) = template.fill(value) else { continue };
                    if self.world.exists(&path) == Some(false) {
                        let key = format!("step.{index}.reference.{number}");
                        let range = self.origin(template, &axes, &key);
                        self.say(Diagnostic {
                            severity: Severity::Error,
                            code: "no-file",
                            message: format!("there is no picture `{path}`"),
                            hint: Some(
                                "paths of references begin at the recipe's folder".to_owned(),
                            ),
                            range,
                            fixes: Vec::new(),
                        });
                    }
                }
            }
        }
    }

    /// `erase` without a mask is for editors.
    fn editors_mask(&mut self) {
        for (index, step) in self.recipe.steps.iter().enumerate() {
            if step.intent == Intent::Erase && step.mask == MaskRule::None {
                self.say(Diagnostic {
                    severity: Severity::Warning,
                    code: "needs-mask",
                    message: "`erase` needs a mask, and this step has none".to_owned(),
                    hint: Some(
                        "it runs only in an editor, where the selection is the mask; elsewhere write `mask = { file = \"{name}.mask.png\" }`"
                            .to_owned(),
                    ),
                    range: self.read.spans.nearest(&format!("step.{index}.intent")),
                    fixes: Vec::new(),
                });
            }
        }
    }

    /// Where what a template gave comes from: the axis' value where it is nothing but an axis, else the key.
    fn origin(&self, template: &Template, axes: &[(String, String)], key: &str) -> Range<usize> {
        let from_axis = match template.parts.as_slice() {
            [Part::Placeholder { name, .. }] => self.place_in_axis(name, axes),
            _ => None,
        };
        from_axis.unwrap_or_else(|| self.read.spans.nearest(key))
    }

    fn place_in_axis(&self, name: &str, axes: &[(String, String)]) -> Option<Range<usize>> {
        let axis = self.recipe.matrix.iter().find(|axis| axis.name == name)?;
        let value = value_of(axes, name)?;
        let index = axis.values.iter().position(|it| it == value)?;
        self.read.spans.value(&format!("matrix.{name}.{index}"))
    }

    /// Where each name of a step's models stands, in the order in which they are tried; `None` where it depends on
    /// the picture.
    fn places_of_models(&self, cell: &Cell, index: usize) -> Vec<Vec<Option<Range<usize>>>> {
        let Some(step) = self.recipe.steps.get(index) else { return Vec::new() };
        let mut choices = Vec::new();
        for (number, templates) in step.models.iter().enumerate() {
            let (mut names, mut places) = (Vec::<String>::new(), Vec::new());
            for (part, template) in templates.iter().enumerate() {
                let unknown = depends_on_picture(template, &cell.axes);
                let facts = assumed(ASSUMED.width, ASSUMED.height);
                let value = |name: &str| {
                    value_of(&cell.axes, name).or_else(|| facts.get(name).map(String::as_str))
                };
                let Ok(filled) = template.fill(value) else { continue };
                let key = format!("step.{index}.model.{number}.{part}");
                let whole = self.origin(template, &cell.axes, &key);
                for (inner, name) in chain(&filled) {
                    if name.is_empty() || names.iter().any(|known| known == name) {
                        continue;
                    }
                    names.push(name.to_owned());
                    let place = super::inside(&self.read.text, whole.clone(), inner);
                    places.push((!unknown).then_some(place));
                }
            }
            if !places.is_empty() {
                choices.push(places);
            }
        }
        choices
    }
}

/// Whether a text is another for another picture.
fn depends_on_picture(template: &Template, axes: &[(String, String)]) -> bool {
    template.names().any(|name| value_of(axes, name).is_none())
}

fn value_of<'a>(axes: &'a [(String, String)], name: &str) -> Option<&'a str> {
    axes.iter().find(|(axis, _)| axis == name).map(|(_, value)| value.as_str())
}
