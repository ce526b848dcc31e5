//! The prompt in the style that Gemini reads best: a described task that calls the pictures by their
//! order.

use easel_backend::hosted::prompt::{self, Phrases};
use easel_backend::{Keep, Result, RunParams};

/// What the model is told before anything else: without it, it sometimes answers in words only.
pub(crate) const SYSTEM: &str = "You change pictures. Always answer with one finished picture, never \
with words alone. The first image is the one to change; any further images are references. Keep the \
framing and the proportions of the first image unless you are told otherwise.";

const PHRASES: Phrases = Phrases {
    edit: "Edit the first image: {}",
    erase: "Remove this from the first image and rebuild what lies behind it: {}",
    restyle: "Show the first image in another style: {}",
    restyle_like: "Show the first image in the style of {}.",
    background: "Replace the background of the first image: {}",
    background_like: "Place the subject of the first image into the scene of {}, in the light of that scene.",
    reimagine: "Create a new picture with the first image as its idea: {}",
    reimagine_alone: "Create a new picture with the first image as its idea.",
    enhance: "Make the first image sharper and cleaner, with natural detail.",
    guided: "Follow {} where the task calls for a reference.",
    stays: "Everything else stays exactly as it is in the first image.",
    stays_above_all: "Everything else stays exactly as it is in the first image, above all {}.",
    keep: "Keep {} exactly as in the first image.",
    name,
};

/// The task, with so many references.
pub(crate) fn compile(params: &RunParams, references: usize) -> Result<String> {
    prompt::compile(&PHRASES, params, references)
}

fn name(keep: Keep) -> &'static str {
    match keep {
        Keep::Composition => "the composition and camera angle",
        other => prompt::name(other),
    }
}
