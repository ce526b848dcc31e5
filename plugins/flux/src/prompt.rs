//! The prompt in the style that FLUX reads best: one short imperative sentence, then what stays as it
//! is. The person's words go in as they are; the same job always gives the same text.

use easel_backend::hosted::prompt::{
    guide, kept, name, needs_prompt, sentence, unknown_intent, words,
};
use easel_backend::{Intent, Result, RunParams};

use crate::wire::Family;

/// The prompt for a model of a family, with so many references; `None` for one that reads none.
pub(crate) fn compile(
    family: Family,
    params: &RunParams,
    references: usize,
) -> Result<Option<String>> {
    let prompt = words(params);
    match family {
        Family::Flux2 | Family::Kontext => instruction(params, prompt, references).map(Some),
        Family::Fill => match prompt {
            Some(prompt) => Ok(Some(prompt.to_owned())),
            None => Err(needs_prompt(params.intent)),
        },
        Family::Expand => Ok(Some(prompt.map_or_else(continued, str::to_owned))),
        Family::Erase => Ok(None),
    }
}

fn continued() -> String {
    "Continue the scene naturally beyond its borders, in the same light, perspective and style."
        .to_owned()
}

fn instruction(params: &RunParams, prompt: Option<&str>, references: usize) -> Result<String> {
    let guide = guide(references);
    let mut sentences = vec![match (params.intent, prompt, &guide) {
        (Intent::Edit, Some(prompt), _) => sentence(prompt),
        (Intent::Erase, Some(prompt), _) => sentence(&format!("Remove {prompt}")),
        (Intent::Restyle, Some(prompt), _) => sentence(&format!("Restyle the picture: {prompt}")),
        (Intent::Restyle, None, Some(guide)) => {
            format!("Restyle the picture in the style of {guide}.")
        }
        (Intent::Background, Some(prompt), _) => {
            sentence(&format!("Replace the background: {prompt}"))
        }
        (Intent::Background, None, Some(guide)) => {
            format!("Replace the background with the scene of {guide}.")
        }
        (Intent::Reimagine, Some(prompt), _) => {
            sentence(&format!("Make a new picture inspired by image 1: {prompt}"))
        }
        (Intent::Reimagine, None, _) => "Make a new picture inspired by image 1.".to_owned(),
        (Intent::Enhance, prompt, _) => {
            let enhance = "Make the picture sharper and cleaner, with natural detail.";
            prompt.map_or(enhance.to_owned(), |prompt| format!("{enhance} {}", sentence(prompt)))
        }
        (Intent::Cutout | Intent::Expand, ..) => {
            return Err(unknown_intent(params.intent));
        }
        (intent, None, _) => return Err(needs_prompt(intent)),
    }];
    let said_so = prompt.is_none() && matches!(params.intent, Intent::Restyle | Intent::Background);
    if let Some(guide) = guide.filter(|_| !said_so) {
        sentences.push(format!("Take {guide} as a guide."));
    }
    sentences.extend(stays(params));
    Ok(sentences.join(" "))
}

/// What stays.
fn stays(params: &RunParams) -> Option<String> {
    let whole = matches!(params.intent, Intent::Edit | Intent::Erase | Intent::Enhance);
    match (whole, kept(params, name)) {
        (true, None) => Some("Keep everything else unchanged.".to_owned()),
        (true, Some(list)) => Some(format!("Keep everything else unchanged, above all {list}.")),
        (false, Some(list)) => Some(format!("Keep {list} unchanged.")),
        (false, None) => None,
    }
}
