//! The prompt in the style that Seedream reads best: a plain instruction that calls the pictures by their
//! numbers, and says how many are wanted. The person's words go in as they are; the same job always gives
//! the same text.

use easel_backend::hosted::prompt::{
    guide, kept, name, needs_prompt, sentence, unknown_intent, words,
};
use easel_backend::{Intent, Result, RunParams};

/// The instruction, with so many references, for a set of so many pictures.
pub(crate) fn compile(params: &RunParams, references: usize, set: u32) -> Result<String> {
    let prompt = words(params);
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
            return Err(unknown_intent(params.intent));
        }
        (intent, None, _) => return Err(needs_prompt(intent)),
    }];
    let said_so = prompt.is_none() && matches!(params.intent, Intent::Restyle | Intent::Background);
    if let Some(guide) = guide.filter(|_| !said_so) {
        sentences.push(format!("Refer to {guide}."));
    }
    sentences.extend(stays(params));
    if set > 1 {
        sentences.push(format!("Make {set} images, each a different version of this."));
    }
    Ok(sentences.join(" "))
}

/// What stays.
fn stays(params: &RunParams) -> Option<String> {
    let whole = matches!(params.intent, Intent::Edit | Intent::Erase | Intent::Enhance);
    match (whole, kept(params, name)) {
        (true, None) => Some("Keep everything else as it is in image 1.".to_owned()),
        (true, Some(list)) => {
            Some(format!("Keep everything else as it is in image 1, above all {list}."))
        }
        (false, Some(list)) => Some(format!("Keep {list} as in image 1.")),
        (false, None) => None,
    }
}
