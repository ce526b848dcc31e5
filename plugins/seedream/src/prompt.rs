//! The prompt in the style that Seedream reads best: a plain instruction that calls the pictures by their
//! numbers, and says how many are wanted.

use easel_backend::hosted::prompt::{self, Phrases};
use easel_backend::{Result, RunParams};

const PHRASES: Phrases = Phrases {
    edit: "Change image 1: {}",
    erase: "Remove from image 1: {}",
    restyle: "Redraw image 1 in another style: {}",
    restyle_like: "Redraw image 1 in the style of {}.",
    background: "Replace the background of image 1: {}",
    background_like: "Put the subject of image 1 into the scene of {}.",
    reimagine: "Make a new picture with image 1 as its idea: {}",
    reimagine_alone: "Make a new picture with image 1 as its idea.",
    enhance: "Make image 1 sharper and cleaner, with natural detail.",
    guided: "Refer to {}.",
    stays: "Keep everything else as it is in image 1.",
    stays_above_all: "Keep everything else as it is in image 1, above all {}.",
    keep: "Keep {} as in image 1.",
    name: prompt::name,
};

/// The instruction, with so many references, for a set of so many pictures.
pub(crate) fn compile(params: &RunParams, references: usize, set: u32) -> Result<String> {
    let mut task = prompt::compile(&PHRASES, params, references)?;
    if set > 1 {
        task = format!("{task} Make {set} images, each a different version of this.");
    }
    Ok(task)
}
