//! `easel model list|show`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use easel_protocol::methods::ListModels;
use easel_protocol::model::{MaskSupport, ModelRecord, ParamKind, PromptSupport, SeedSupport};
use easel_protocol::server::{ModelEntry, NoParams};
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
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn row(entry: &ModelEntry) -> Vec<String> {
    let record = &entry.record;
    let intents: Vec<&str> = record.intents.iter().map(|intent| intent.name()).collect();
    let name = if entry.available { record.id.clone() } else { format!("{} (blocked)", record.id) };
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
        Some(price) => format!("{:.3} {}", price.per_picture, price.currency),
    }
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
    say("costs", &cost(record));
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
