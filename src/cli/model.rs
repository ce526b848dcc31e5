//! `easel model list|show|advise`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use easel_protocol::advice::{AdviseParams, Prefer};
use easel_protocol::methods::{AdviseModel, ListModels};
use easel_protocol::model::{
    MaskSupport, ModelRecord, ParamKind, Price, PromptSupport, SeedSupport,
};
use easel_protocol::server::{ModelEntry, NoParams};
use easel_protocol::transform::Ask;
use easel_protocol::{ErrorKind, Failure};

use super::Context;
use super::client::Client;
use super::options::IntentName;

/// See which models there are and what they can do.
#[derive(Debug, Subcommand)]
pub(super) enum Model {
    /// List the models, one line each.
    List(List),
    /// Show what a model can do, its styles and its parameters.
    Show(Show),
    /// Rank the models for a picture and an intent, and say why.
    Advise(Box<Advise>),
}

#[derive(Debug, Args)]
pub(super) struct Advise {
    /// The picture that is to be changed.
    picture: PathBuf,
    /// What kind of change.
    #[arg(long, value_enum, value_name = "INTENT")]
    intent: IntentName,
    /// What should change, in words.
    #[arg(long, value_name = "TEXT")]
    prompt: Option<String>,
    /// Where it may change.
    #[arg(long, value_name = "PICTURE")]
    mask: Option<PathBuf>,
    /// A picture that guides style or character.
    #[arg(long, value_name = "PICTURE")]
    reference: Vec<PathBuf>,
    /// How many pictures.
    #[arg(long, value_name = "NUMBER")]
    count: Option<u32>,
    /// The resolution to ask for.
    #[arg(long, value_name = "NAME")]
    size: Option<String>,
    /// What matters most.
    #[arg(long, value_enum, default_value_t = PreferName::Balance, value_name = "WHAT")]
    prefer: PreferName,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum PreferName {
    /// A good result at a fair price.
    Balance,
    /// The result.
    Quality,
    /// The time.
    Speed,
    /// The price.
    Price,
}

impl Advise {
    fn run(&self, context: &Context, client: &Client) -> Result<ExitCode, Failure> {
        let upload = |path: &PathBuf, as_mask| {
            client.upload(&super::transform::read(path)?, as_mask).map(|info| info.id)
        };
        let mut ask = Ask::new(self.intent.0, upload(&self.picture, false)?, Vec::new());
        ask.mask = self.mask.as_ref().map(|path| upload(path, true)).transpose()?;
        ask.references =
            self.reference.iter().map(|path| upload(path, false)).collect::<Result<_, _>>()?;
        ask.prompt.clone_from(&self.prompt);
        ask.size.clone_from(&self.size);
        ask.count = self.count;
        let prefer = match self.prefer {
            PreferName::Balance => Prefer::Balance,
            PreferName::Quality => Prefer::Quality,
            PreferName::Speed => Prefer::Speed,
            PreferName::Price => Prefer::Price,
        };
        let advice = client.call::<AdviseModel>(&AdviseParams { ask, prefer, shape: None })?;
        if context.screen.json {
            context.screen.value(&advice);
            return Ok(ExitCode::SUCCESS);
        }
        let rows: Vec<Vec<String>> = advice
            .choices
            .iter()
            .map(|choice| {
                let name = if choice.failure.is_none() { "" } else { " (no)" };
                vec![format!("{}{name}", choice.model), choice.reason.clone()]
            })
            .collect();
        context.screen.table(&["MODEL", "WHY"], &rows);
        Ok(ExitCode::SUCCESS)
    }
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// Only those that do this.
    #[arg(long, value_enum, value_name = "INTENT")]
    intent: Option<IntentName>,
}

#[derive(Debug, Args)]
pub(super) struct Show {
    /// The model's id.
    model: String,
}

impl Model {
    pub(super) fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let client = Client::connect_or_start(context)?;
        if let Model::Advise(advise) = self {
            return advise.run(context, &client);
        }
        let mut models = client.call::<ListModels>(&NoParams {})?;
        match self {
            Model::List(List { intent }) => {
                models.models.retain(|model| {
                    intent.is_none_or(|intent| model.record.intents.contains(&intent.0))
                });
                if context.screen.json {
                    context.screen.value(&models);
                } else {
                    let rows: Vec<Vec<String>> = models.models.iter().map(row).collect();
                    context.screen.table(&["MODEL", "DOES", "STRENGTHS", "TAKES", "COSTS"], &rows);
                }
            }
            Model::Show(Show { model }) => {
                let found = models
                    .models
                    .into_iter()
                    .find(|entry| entry.record.id == model)
                    .ok_or_else(|| {
                        Failure::new(ErrorKind::NotFound, format!("there is no model `{model}`"))
                            .hint("`easel model list` shows them")
                    })?;
                if context.screen.json {
                    context.screen.value(&found);
                } else {
                    show(context, &found);
                }
            }
            Model::Advise(_) => {}
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn row(entry: &ModelEntry) -> Vec<String> {
    let record = &entry.record;
    let intents: Vec<&str> = record.intents.iter().map(|intent| intent.name()).collect();
    let name =
        if entry.available { record.id.clone() } else { format!("{} (not ready)", record.id) };
    vec![name, intents.join(", "), record.strengths.clone(), chips(record).join(", "), cost(record)]
}

fn chips(record: &ModelRecord) -> Vec<String> {
    let mut chips = Vec::new();
    if record.prompt != PromptSupport::None {
        chips.push("prompt".to_owned());
    }
    if record.mask != MaskSupport::Refused {
        chips.push("mask".to_owned());
    }
    match record.references {
        (_, 0) => {}
        (least, most) if least == most => chips.push(format!("{most} reference")),
        (least, most) => chips.push(format!("{least} to {most} references")),
    }
    if !record.styles.is_empty() {
        chips.push(format!("{} styles", record.styles.len()));
    }
    if record.strength {
        chips.push("strength".to_owned());
    }
    if record.seed != SeedSupport::None {
        chips.push("seed".to_owned());
    }
    if !record.scales.is_empty() {
        let scales: Vec<String> = record.scales.iter().map(|scale| format!("×{scale}")).collect();
        chips.push(scales.join(" "));
    }
    chips
}

fn cost(record: &ModelRecord) -> String {
    match &record.price {
        None => "nothing".to_owned(),
        Some(price) => {
            let named = price.per_size.values().chain(price.steps.iter().map(|it| &it.per_picture));
            let low = named.clone().copied().fold(f64::INFINITY, f64::min);
            let (low, high) = if low.is_finite() {
                (low, named.copied().fold(0.0, f64::max))
            } else {
                (price.per_picture, price.per_picture)
            };
            let more = if price.per_megapixel + price.per_input_megapixel > 0.0 { "+" } else { "" };
            if high > low {
                format!("{low:.3}–{high:.3} {}", price.currency)
            } else {
                format!("{low:.3}{more} {}", price.currency)
            }
        }
    }
}

/// Every part of a price, for people.
fn price_lines(price: &Price) -> Vec<String> {
    let currency = &price.currency;
    let mut lines = Vec::new();
    let mut sizes: Vec<_> = price.per_size.iter().collect();
    sizes.sort_by(|one, other| one.1.total_cmp(other.1));
    for (size, amount) in sizes {
        lines.push(format!("{amount:.4} {currency} a picture at {size}"));
    }
    for step in &price.steps {
        let (amount, up_to) = (step.per_picture, step.up_to_megapixels);
        lines.push(format!("{amount:.4} {currency} a picture up to {up_to} megapixels"));
    }
    if lines.is_empty() {
        lines.push(format!("{:.4} {currency} a picture", price.per_picture));
    }
    for (amount, what) in [
        (price.per_megapixel, "each begun megapixel beyond the first"),
        (price.per_input_megapixel, "each begun megapixel that is sent"),
        (price.per_reference, "each reference"),
    ] {
        if amount > 0.0 {
            lines.push(format!("{amount:.4} {currency} for {what}"));
        }
    }
    lines.push(format!("as of {}; the provider's own page is the truth", price.as_of));
    lines
}

fn show(context: &Context, entry: &ModelEntry) {
    let (screen, record) = (context.screen, &entry.record);
    screen.line(format!("{} · {}", record.id, record.label));
    if let Some(reason) = &entry.reason {
        screen.line(format!("\nIt cannot be used now: {reason}"));
    }
    let say = |title: &str, text: &str| {
        if !text.is_empty() {
            screen.line(format!("  {title:<11} {text}"));
        }
    };
    let names = |names: Vec<&str>| names.join(", ");
    screen.line("");
    say("strengths", &record.strengths);
    say("limitation", &record.limitation);
    say("best use", &record.best_use);
    say("does", &names(record.intents.iter().map(|intent| intent.name()).collect()));
    say("can keep", &names(record.keep.iter().map(|keep| keep.name()).collect()));
    say(
        "prompt",
        match record.prompt {
            PromptSupport::None => "reads none",
            PromptSupport::Optional => "optional",
            PromptSupport::Required => "required",
        },
    );
    say(
        "mask",
        match record.mask {
            MaskSupport::Native => "given to the model; nothing outside changes",
            MaskSupport::Composited => "kept by Easel; nothing outside changes",
            MaskSupport::Refused => "none, it works on the whole picture",
        },
    );
    say("takes", &chips(record).join(", "));
    let sizes: Vec<&str> = record.sizes.iter().map(|offer| offer.name.as_str()).collect();
    say("sizes", &names(sizes));
    match &record.price {
        None => say("costs", "nothing"),
        Some(price) => {
            for (index, line) in price_lines(price).iter().enumerate() {
                say(if index == 0 { "costs" } else { "" }, line);
            }
        }
    }
    say("pictures", &format!("up to {} a job", record.max_count));
    if let Some(id) = record.wire.get("id").and_then(serde_json::Value::as_str) {
        say("served as", id);
    }
    say("catalogue", entry.catalogue.as_deref().unwrap_or_default());
    if let Some(seconds) = record.seconds_per_megapixel {
        say("time", &format!("about {seconds:.1} s a megapixel"));
    }
    say("backend", &entry.backend);
    if !record.styles.is_empty() {
        screen.line("\nStyles:");
        let width = record.styles.iter().map(|style| style.name.len()).max().unwrap_or_default();
        for style in &record.styles {
            let strong = if style.strong { " (strong: little of the content stays)" } else { "" };
            screen.line(format!("  {:width$}  {}{strong}", style.name, style.description));
        }
    }
    if !record.params.is_empty() {
        screen.line("\nParameters, as `--param NAME=VALUE`:");
        for param in &record.params {
            let takes = match &param.value {
                ParamKind::Choice { values } => values.join(" | "),
                ParamKind::Number { min, max } => format!("{min} to {max}"),
                ParamKind::Boolean => "true | false".to_owned(),
                ParamKind::Text => "text".to_owned(),
            };
            let default = if param.default.is_null() {
                String::new()
            } else {
                format!(", default {}", param.default)
            };
            screen.line(format!("  {}  {} ({takes}{default})", param.name, param.description));
        }
    }
}
