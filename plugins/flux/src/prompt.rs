//! The prompt in the style that FLUX reads best: one short imperative sentence, then what stays as it
//! is. The person's words go in as they are; the same job always gives the same text.

use easel_backend::{Intent, Keep, Result, RunParams};

use crate::errors::wrong_ask;
use crate::wire::Family;

/// The prompt for a model of a family, with so many references; `None` for one that reads none.
pub(crate) fn compile(
    family: Family,
    params: &RunParams,
    references: usize,
) -> Result<Option<String>> {
    let prompt = params.prompt.as_deref().map(str::trim).filter(|prompt| !prompt.is_empty());
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
            let message = format!("this model does not know the intent `{}`", params.intent.name());
            return Err(wrong_ask(message, "pick a model that offers it"));
        }
        (intent, None, _) => return Err(needs_prompt(intent)),
    }];
    let said_so = prompt.is_none() && matches!(params.intent, Intent::Restyle | Intent::Background);
    if let Some(guide) = guide.filter(|_| !said_so) {
        sentences.push(format!("Take {guide} as a guide."));
    }
    sentences.extend(kept(params));
    Ok(sentences.join(" "))
}

/// How the references are called: the picture that is changed is the first image.
fn guide(references: usize) -> Option<String> {
    match references {
        0 => None,
        1 => Some("image 2".to_owned()),
        more => Some(format!("images 2 to {}", more + 1)),
    }
}

/// What stays, always in the same order.
fn kept(params: &RunParams) -> Option<String> {
    let implied = (params.intent == Intent::Background).then_some(Keep::Subject);
    let list: Vec<&str> = Keep::ALL
        .into_iter()
        .filter(|keep| params.keep.contains(keep) || implied == Some(*keep))
        .map(name)
        .collect();
    let list = match list.as_slice() {
        [] => None,
        [one] => Some((*one).to_owned()),
        [first @ .., last] => Some(format!("{} and {last}", first.join(", "))),
    };
    let whole = matches!(params.intent, Intent::Edit | Intent::Erase | Intent::Enhance);
    match (whole, list) {
        (true, None) => Some("Keep everything else unchanged.".to_owned()),
        (true, Some(list)) => Some(format!("Keep everything else unchanged, above all {list}.")),
        (false, Some(list)) => Some(format!("Keep {list} unchanged.")),
        (false, None) => None,
    }
}

fn name(keep: Keep) -> &'static str {
    match keep {
        Keep::Subject => "the subject's identity and appearance",
        Keep::Pose => "the pose",
        Keep::Composition => "the composition and framing",
        Keep::Colours => "the colours",
        Keep::Text => "the lettering, logos and labels",
    }
}

/// The words with an end, where they have none of their own.
fn sentence(words: &str) -> String {
    if words.ends_with(['.', '!', '?', '…', '"', '”', '»', '\'', '’', '。', '！', '？']) {
        words.to_owned()
    } else {
        format!("{words}.")
    }
}

fn needs_prompt(intent: Intent) -> easel_backend::Error {
    wrong_ask(
        format!("intent `{}` needs a prompt with this model", intent.name()),
        "say in the prompt what is to change",
    )
}
