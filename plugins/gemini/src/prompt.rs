//! The prompt in the style that Gemini reads best: a described task that calls the pictures by their
//! order. The person's words go in as they are; the same job always gives the same text.

use easel_backend::hosted::prompt::{
    self, guide, kept, needs_prompt, sentence, unknown_intent, words,
};
use easel_backend::{Intent, Keep, Result, RunParams};

/// What the model is told before anything else: without it, it sometimes answers in words only.
pub(crate) const SYSTEM: &str = "You change pictures. Always answer with one finished picture, never \
with words alone. The first image is the one to change; any further images are references. Keep the \
framing and the proportions of the first image unless you are told otherwise.";

/// The task, with so many references.
pub(crate) fn compile(params: &RunParams, references: usize) -> Result<String> {
    let prompt = words(params);
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
            return Err(unknown_intent(params.intent));
        }
        (intent, None, _) => return Err(needs_prompt(intent)),
    }];
    let said_so = prompt.is_none() && matches!(params.intent, Intent::Restyle | Intent::Background);
    if let Some(guide) = guide.filter(|_| !said_so) {
        sentences.push(format!("Follow {guide} where the task calls for a reference."));
    }
    sentences.extend(stays(params));
    Ok(sentences.join(" "))
}

/// What stays.
fn stays(params: &RunParams) -> Option<String> {
    let whole = matches!(params.intent, Intent::Edit | Intent::Erase | Intent::Enhance);
    match (whole, kept(params, name)) {
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
        Keep::Composition => "the composition and camera angle",
        other => prompt::name(other),
    }
}
