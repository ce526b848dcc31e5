//! A recipe for one picture: every combination of its axes, with every placeholder filled.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use easel_protocol::model::{Intent, Keep, Margins, StyleWeight};
use easel_protocol::picture::BlobId;
use easel_protocol::transform::Ask;
use easel_protocol::{ErrorKind, Failure};
use serde_json::Value;

use super::facts::Facts;
use super::{MaskRule, Recipe, Step, Template, value};

/// One combination of the axes.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// The axes with their values, in the recipe's order.
    pub axes: Vec<(String, String)>,
    /// What is done, in order.
    pub steps: Vec<Filled>,
}

/// A step whose placeholders are filled.
#[derive(Clone, Debug, PartialEq)]
pub struct Filled {
    /// What kind of change.
    pub intent: Intent,
    /// What should change, in words.
    pub prompt: Option<String>,
    /// What must stay.
    pub keep: Vec<Keep>,
    /// The choices that are compared, each with what takes its place. Never empty: without a model it is `auto`.
    pub models: Vec<Vec<String>>,
    /// Styles by name with their weights.
    pub style: Vec<StyleWeight>,
    /// Paths of references, relative to the recipe's file.
    pub references: Vec<String>,
    /// Where it may change.
    pub mask: FilledMask,
    /// How much of the change is wanted.
    pub strength: Option<f64>,
    /// A seed.
    pub seed: Option<u64>,
    /// How many pictures each model gives.
    pub count: Option<u32>,
    /// By how much the result is larger.
    pub scale: Option<u32>,
    /// The resolution by name.
    pub size: Option<String>,
    /// By how much the picture grows.
    pub expand: Option<Margins>,
    /// How softly the change fades inside the mask's edge.
    pub feather: Option<u32>,
    /// How much of the surroundings a model sees around a mask.
    pub context: Option<f64>,
    /// Parameters of the models' own.
    pub params: BTreeMap<String, Value>,
}

/// Where a filled step may change the picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilledMask {
    /// Everywhere, or where the mask lies that an editor gives.
    None,
    /// The subject.
    Subject,
    /// Everything but the subject.
    Background,
    /// Where the picture is transparent.
    Alpha,
    /// A file, relative to the picture.
    File(String),
}

/// A placeholder that nothing is known for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Its name.
    pub placeholder: String,
    /// The key whose text has it, such as `step.0.prompt`.
    pub path: String,
}

impl Missing {
    /// What to do.
    pub fn hint(&self) -> String {
        let name = &self.placeholder;
        format!("give it something to fall back on, such as `{{{name}|unknown}}`")
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the picture has nothing for `{{{}}}`", self.placeholder)
    }
}

impl std::error::Error for Missing {}

impl From<Missing> for Failure {
    fn from(missing: Missing) -> Failure {
        Failure::new(ErrorKind::InvalidRequest, missing.to_string()).hint(missing.hint())
    }
}

impl Filled {
    /// What one model is asked; the caller adds the mask and the references.
    pub fn ask(&self, source: BlobId, model: &str) -> Ask {
        Ask {
            prompt: self.prompt.clone(),
            keep: self.keep.clone(),
            style: self.style.clone(),
            strength: self.strength,
            seed: self.seed,
            count: self.count,
            scale: self.scale,
            size: self.size.clone(),
            expand: self.expand,
            feather: self.feather,
            context: self.context,
            params: self.params.clone(),
            ..Ask::new(self.intent, source, vec![model.to_owned()])
        }
    }
}

/// Every combination of a recipe's axes for one picture.
pub fn expand(recipe: &Recipe, facts: &Facts) -> Result<Vec<Cell>, Missing> {
    combinations(recipe)
        .into_iter()
        .map(|axes| {
            let known = Known { axes: &axes, facts };
            let steps = recipe.steps.iter().enumerate();
            let steps =
                steps.map(|(index, step)| known.step(index, step)).collect::<Result<_, _>>()?;
            Ok(Cell { axes, steps })
        })
        .collect()
}

/// The combinations of the axes' values; the last axis changes first.
pub(super) fn combinations(recipe: &Recipe) -> Vec<Vec<(String, String)>> {
    recipe.matrix.iter().fold(vec![Vec::new()], |combinations, axis| {
        let with = |combination: Vec<(String, String)>| {
            axis.values.iter().map(move |value| {
                let mut longer = combination.clone();
                longer.push((axis.name.clone(), value.clone()));
                longer
            })
        };
        combinations.into_iter().flat_map(with).collect()
    })
}

/// What placeholders are filled with: an axis goes before a fact.
struct Known<'a> {
    axes: &'a [(String, String)],
    facts: &'a Facts,
}

impl<'a> Known<'a> {
    fn value(&self, name: &str) -> Option<&'a str> {
        let axis = self.axes.iter().find(|(axis, _)| axis == name).map(|(_, value)| value.as_str());
        // An empty fact tells nothing.
        axis.or_else(|| self.facts.get(name).map(String::as_str).filter(|fact| !fact.is_empty()))
    }

    fn fill(&self, path: &str, template: &Template) -> Result<String, Missing> {
        template
            .fill(|name| self.value(name))
            .map_err(|placeholder| Missing { placeholder, path: path.to_owned() })
    }

    fn step(&self, index: usize, step: &Step) -> Result<Filled, Missing> {
        let path = |key: &str| format!("step.{index}.{key}");
        let fill = |key: &str, template: &Template| self.fill(&path(key), template);
        let one = |key: &str, template: &Option<Template>| {
            template.as_ref().map(|template| fill(key, template)).transpose()
        };
        Ok(Filled {
            intent: step.intent,
            prompt: one("prompt", &step.prompt)?,
            keep: step.keep.clone(),
            models: self.models(&path("model"), step)?,
            style: step
                .style
                .iter()
                .map(|(name, weight)| Ok(style(&fill("style", name)?, *weight)))
                .collect::<Result<_, Missing>>()?,
            references: step
                .references
                .iter()
                .map(|reference| fill("reference", reference))
                .collect::<Result<_, _>>()?,
            mask: match &step.mask {
                MaskRule::None => FilledMask::None,
                MaskRule::Subject => FilledMask::Subject,
                MaskRule::Background => FilledMask::Background,
                MaskRule::Alpha => FilledMask::Alpha,
                MaskRule::File(file) => FilledMask::File(fill("mask", file)?),
            },
            strength: step.strength,
            seed: step.seed,
            count: step.count,
            scale: step.scale,
            size: one("size", &step.size)?,
            expand: step.expand,
            feather: step.feather,
            context: step.context,
            params: step
                .params
                .iter()
                .map(|(name, value)| Ok((name.clone(), self.param(&path("params"), value)?)))
                .collect::<Result<_, Missing>>()?,
        })
    }

    /// A value of an axis may be a chain of its own.
    fn models(&self, path: &str, step: &Step) -> Result<Vec<Vec<String>>, Missing> {
        let mut choices = Vec::new();
        for chain in &step.models {
            let mut names: Vec<String> = Vec::new();
            for template in chain {
                let filled = self.fill(path, template)?;
                for (_, name) in value::chain(&filled) {
                    if !name.is_empty() && !names.iter().any(|known| known == name) {
                        names.push(name.to_owned());
                    }
                }
            }
            if !names.is_empty() {
                choices.push(names);
            }
        }
        Ok(if choices.is_empty() { vec![vec!["auto".to_owned()]] } else { choices })
    }

    fn param(&self, path: &str, value: &Value) -> Result<Value, Missing> {
        let Value::String(text) = value else { return Ok(value.clone()) };
        // A text that is no template was refused when it was read.
        let template = Template::parse(text).unwrap_or_else(|_| Template::plain(text));
        self.fill(path, &template).map(Value::String)
    }
}

/// A value of an axis may have a weight of its own: `warm-oil:0.6`.
fn style(name: &str, weight: f64) -> StyleWeight {
    match value::weighted(name) {
        Ok((name, own)) => StyleWeight { name: name.to_owned(), weight: weight * own },
        Err(_) => StyleWeight { name: name.to_owned(), weight },
    }
}

/// Every template of the steps.
pub(super) fn templates(recipe: &Recipe) -> Vec<Template> {
    let mut all = Vec::new();
    for step in &recipe.steps {
        all.extend(step.prompt.clone());
        all.extend(step.models.iter().flatten().cloned());
        all.extend(step.style.iter().map(|(name, _)| name.clone()));
        all.extend(step.references.iter().cloned());
        all.extend(step.size.clone());
        if let MaskRule::File(file) = &step.mask {
            all.push(file.clone());
        }
        let texts = step.params.values().filter_map(Value::as_str);
        all.extend(texts.filter_map(|text| Template::parse(text).ok()));
    }
    all
}

/// The facts that the steps depend on; those of `output.name` are not among them.
pub fn used_facts(recipe: &Recipe) -> BTreeSet<String> {
    let axis = |name: &str| recipe.matrix.iter().any(|axis| axis.name == name);
    let mut used = BTreeSet::new();
    for template in templates(recipe) {
        used.extend(template.names().filter(|name| !axis(name)).map(str::to_owned));
    }
    used
}

/// The paths of references that are the same for every picture, over all values of the axes, each once.
pub fn references(recipe: &Recipe) -> Vec<String> {
    let mut paths: Vec<String> = Vec::new();
    for axes in combinations(recipe) {
        let value = |name: &str| {
            axes.iter().find(|(axis, _)| axis == name).map(|(_, value)| value.as_str())
        };
        for template in recipe.steps.iter().flat_map(|step| &step.references) {
            let fixed = template.names().all(|name| value(name).is_some());
            if let Some(path) = fixed.then(|| template.fill(value).ok()).flatten()
                && !paths.contains(&path)
            {
                paths.push(path);
            }
        }
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::super::read::read;
    use super::*;

    fn recipe(text: &str) -> Recipe {
        let read = read(text);
        read.recipe.unwrap_or_else(|| panic!("{:?}", read.diagnostics))
    }

    fn facts() -> Facts {
        [("name", "vase"), ("exif.date", "2026-05-01"), ("exif.lens", "")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    }

    #[test]
    fn every_combination_is_filled() {
        let recipe = recipe(
            "intent = \"edit\"\nprompt = \"{name} at {mood}, {exif.lens|a lens}\"\nmodel = \"{by}\"\nseed = 7\n\
             [matrix]\nmood = [\"dawn\", \"noon\"]\nby = [\"a, else b\", \"c\"]\n",
        );
        let cells = expand(&recipe, &facts()).unwrap();
        assert_eq!(cells.len(), 4);
        assert_eq!(cells[1].axes, [("mood".into(), "dawn".into()), ("by".into(), "c".into())]);
        assert_eq!(cells[2].steps[0].prompt.as_deref(), Some("vase at noon, a lens"));
        assert_eq!(cells[0].steps[0].models, [["a", "b"]]);
        let ask = cells[0].steps[0].ask(BlobId::from_hash(&[0; 32]), "b");
        assert_eq!((ask.models[0].as_str(), ask.seed), ("b", Some(7)));
    }

    #[test]
    fn a_model_is_chosen_where_none_is_named_and_styles_have_weights() {
        let recipe = recipe(
            "intent = \"restyle\"\nstyle = [\"warm-oil:0.6\", \"{second}\"]\n[matrix]\nsecond = [\"ink:0.5\"]\n",
        );
        let step = &expand(&recipe, &facts()).unwrap()[0].steps[0];
        assert_eq!(step.models, [["auto"]]);
        let styles: Vec<_> = step.style.iter().map(|it| (it.name.as_str(), it.weight)).collect();
        assert_eq!(styles, [("warm-oil", 0.6), ("ink", 0.5)]);
    }

    #[test]
    fn what_is_not_known_is_named_with_what_to_do() {
        let recipe = recipe("intent = \"edit\"\nprompt = \"{exif.iso}\"\n");
        let missing = expand(&recipe, &facts()).unwrap_err();
        assert_eq!(
            (missing.placeholder.as_str(), missing.path.as_str()),
            ("exif.iso", "step.0.prompt")
        );
        assert!(missing.hint().contains("{exif.iso|unknown}"));
    }

    #[test]
    fn what_a_recipe_depends_on() {
        let recipe = recipe(
            "intent = \"edit\"\nprompt = \"{name} {mood}\"\nreference = [\"refs/{mood}.jpg\", \"{folder}.jpg\", \"a.jpg\"]\n\
             params = { x = \"{exif.iso|1}\" }\n[matrix]\nmood = [\"x\", \"y\"]\n[output]\nname = \"{exif.date}\"\n",
        );
        let used: Vec<String> = used_facts(&recipe).into_iter().collect();
        assert_eq!(used, ["exif.iso", "folder", "name"]);
        assert_eq!(references(&recipe), ["refs/x.jpg", "a.jpg", "refs/y.jpg"]);
    }
}
