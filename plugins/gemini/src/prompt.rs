//! The prompt in the style that Gemini reads best: a described task that calls the pictures by their
//! order. The person's words go in as they are; the same job always gives the same text.

use easel_backend::{Error, Intent, Keep, Result, RunParams};

use crate::errors::wrong_ask;

/// What the model is told before anything else: without it, it sometimes answers in words only.
pub(crate) const SYSTEM: &str = "You change pictures. Always answer with one finished picture, never \
with words alone. The first image is the one to change; any further images are references. Keep the \
framing and the proportions of the first image unless you are told otherwise.";

/// The task, with so many references.
pub(crate) fn compile(params: &RunParams, references: usize) -> Result<String> {
    let prompt = params.prompt.as_deref().map(str::trim).filter(|prompt| !prompt.is_empty());
    let guide = guide(references);
    let mut sentences = vec![match (params.intent, prompt, &guide) {
        (Intent::Edit, Some(prompt), _) => sentence(&format!("Edit the first image: {prompt}")),
        (Intent::Erase, Some(prompt), _) => sentence(&format!(
            "Remove this from the first image and rebuild what lies behind it: {prompt}"
        )),
        (Intent::Restyle, Some(prompt), _) => {
            sentence(&format!("Show the first image in another style: {prompt}"))
        }
        (Intent::Restyle, None, Some(guide)) => {
            format!("Show the first image in the style of {guide}.")
        }
        (Intent::Background, Some(prompt), _) => {
            sentence(&format!("Replace the background of the first image: {prompt}"))
        }
        (Intent::Background, None, Some(guide)) => format!(
            "Place the subject of the first image into the scene of {guide}, in the light of that \
             scene."
        ),
        (Intent::Reimagine, Some(prompt), _) => {
            sentence(&format!("Create a new picture with the first image as its idea: {prompt}"))
        }
        (Intent::Reimagine, None, _) => {
            "Create a new picture with the first image as its idea.".to_owned()
        }
        (Intent::Enhance, prompt, _) => {
            let enhance = "Make the first image sharper and cleaner, with natural detail.";
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
        sentences.push(format!("Follow {guide} where the task calls for a reference."));
    }
    sentences.extend(kept(params));
    Ok(sentences.join(" "))
}

/// How the references are called.
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
        (true, None) => {
            Some("Everything else stays exactly as it is in the first image.".to_owned())
        }
        (true, Some(list)) => Some(format!(
            "Everything else stays exactly as it is in the first image, above all {list}."
        )),
        (false, Some(list)) => Some(format!("Keep {list} exactly as in the first image.")),
        (false, None) => None,
    }
}

fn name(keep: Keep) -> &'static str {
    match keep {
        Keep::Subject => "the subject's identity and appearance",
        Keep::Pose => "the pose",
        Keep::Composition => "the composition and camera angle",
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

fn needs_prompt(intent: Intent) -> Error {
    wrong_ask(
        format!("intent `{}` needs a prompt with this model", intent.name()),
        "say in the prompt what is to change",
    )
}
