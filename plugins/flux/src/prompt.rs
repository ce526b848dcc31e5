//! The prompt in the style that FLUX reads best: one short imperative sentence, then what stays as it
//! is.

use easel_backend::hosted::prompt::{self, Phrases, needs_prompt, words};
use easel_backend::{Result, RunParams};

use crate::wire::Family;

/// The prompt for a model of a family, with so many references; `None` for one that reads none.
pub(crate) fn compile(
    family: Family,
    params: &RunParams,
    references: usize,
) -> Result<Option<String>> {
    let words = words(params);
    match family {
        Family::Flux2 | Family::Kontext => prompt::compile(&PHRASES, params, references).map(Some),
        Family::Fill => match words {
            Some(words) => Ok(Some(words.to_owned())),
            None => Err(needs_prompt(params.intent)),
        },
        Family::Expand => Ok(Some(words.map_or_else(continued, str::to_owned))),
        Family::Erase => Ok(None),
    }
}

fn continued() -> String {
    "Continue the scene naturally beyond its borders, in the same light, perspective and style."
        .to_owned()
}

const PHRASES: Phrases = Phrases {
    edit: "{}",
    erase: "Remove {}",
    restyle: "Restyle the picture: {}",
    restyle_like: "Restyle the picture in the style of {}.",
    background: "Replace the background: {}",
    background_like: "Replace the background with the scene of {}.",
    reimagine: "Make a new picture inspired by image 1: {}",
    reimagine_alone: "Make a new picture inspired by image 1.",
    enhance: "Make the picture sharper and cleaner, with natural detail.",
    guided: "Take {} as a guide.",
    stays: "Keep everything else unchanged.",
    stays_above_all: "Keep everything else unchanged, above all {}.",
    keep: "Keep {} unchanged.",
    name: prompt::name,
};
