//! The prompt in the style that Seedream reads best: a plain instruction that calls the pictures by their
//! numbers, and says how many are wanted. The person's words go in as they are; the same job always gives
//! the same text.

use easel_backend::{Error, Intent, Keep, Result, RunParams};

use crate::errors::wrong_ask;

/// The instruction, with so many references, for a set of so many pictures.
pub(crate) fn compile(params: &RunParams, references: usize, set: u32) -> Result<String> {
    let prompt = params.prompt.as_deref().map(str::trim).filter(|prompt| !prompt.is_empty());
    let guide = guide(references);
    let mut sentences = vec![match (params.intent, prompt, &guide) {
        (Intent::Edit, Some(prompt), _) => sentence(&format!("Change image 1: {prompt}")),
        (Intent::Erase, Some(prompt), _) => sentence(&format!("Remove from image 1: {prompt}")),
        (Intent::Restyle, Some(prompt), _) => {
            sentence(&format!("Redraw image 1 in another style: {prompt}"))
        }
        (Intent::Restyle, None, Some(guide)) => format!("Redraw image 1 in the style of {guide}."),
        (Intent::Background, Some(prompt), _) => {
            sentence(&format!("Replace the background of image 1: {prompt}"))
        }
        (Intent::Background, None, Some(guide)) => {
            format!("Put the subject of image 1 into the scene of {guide}.")
        }
        (Intent::Reimagine, Some(prompt), _) => {
            sentence(&format!("Make a new picture with image 1 as its idea: {prompt}"))
        }
        (Intent::Reimagine, None, _) => "Make a new picture with image 1 as its idea.".to_owned(),
        (Intent::Enhance, prompt, _) => {
            let enhance = "Make image 1 sharper and cleaner, with natural detail.";
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
        sentences.push(format!("Refer to {guide}."));
    }
    sentences.extend(kept(params));
    if set > 1 {
        sentences.push(format!("Make {set} images, each a different version of this."));
    }
    Ok(sentences.join(" "))
}

/// How the references are called: the picture that is changed is image 1.
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
        (true, None) => Some("Keep everything else as it is in image 1.".to_owned()),
        (true, Some(list)) => {
            Some(format!("Keep everything else as it is in image 1, above all {list}."))
        }
        (false, Some(list)) => Some(format!("Keep {list} as in image 1.")),
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

fn needs_prompt(intent: Intent) -> Error {
    wrong_ask(
        format!("intent `{}` needs a prompt with this model", intent.name()),
        "say in the prompt what is to change",
    )
}
