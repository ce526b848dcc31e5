//! The prompts, word for word: they are what the person pays for.

use easel_backend::{Intent, Keep, RunParams};

use crate::prompt::compile;
use crate::wire::Family;

use super::params;

fn prompt(intent: Intent, words: Option<&str>, keep: &[Keep], references: usize) -> String {
    let prompt = words.map(str::to_owned);
    let params = RunParams { prompt, keep: keep.to_vec(), ..params("flux-2-pro", intent) };
    match compile(Family::Flux2, &params, references) {
        Ok(prompt) => prompt.unwrap(),
        Err(error) => format!("error: {error}"),
    }
}

#[test]
fn an_instruction_is_short_and_says_what_stays() {
    for (intent, words, keep, references, expected) in [
        (
            Intent::Edit,
            Some("Paint the door red"),
            &[][..],
            0,
            "Paint the door red. Keep everything else unchanged.",
        ),
        (
            Intent::Edit,
            Some("Write \"NOW OPEN\""),
            &[Keep::Text],
            0,
            "Write \"NOW OPEN\" Keep everything else unchanged, above all the lettering, logos and labels.",
        ),
        (
            Intent::Edit,
            Some("Dress her as in image 2"),
            &[],
            1,
            "Dress her as in image 2. Take image 2 as a guide. Keep everything else unchanged.",
        ),
        (
            Intent::Restyle,
            Some("watercolour!"),
            &[Keep::Pose, Keep::Subject],
            0,
            "Restyle the picture: watercolour! Keep the subject's identity and appearance and the pose unchanged.",
        ),
        (Intent::Restyle, None, &[], 3, "Restyle the picture in the style of images 2 to 4."),
        (Intent::Restyle, None, &[], 0, "error: intent `restyle` needs a prompt with this model"),
        (
            Intent::Background,
            Some("a beach"),
            &[],
            0,
            "Replace the background: a beach. Keep the subject's identity and appearance unchanged.",
        ),
        (
            Intent::Background,
            None,
            &[],
            1,
            "Replace the background with the scene of image 2. Keep the subject's identity and appearance unchanged.",
        ),
        (
            Intent::Background,
            None,
            &[],
            0,
            "error: intent `background` needs a prompt with this model",
        ),
        (
            Intent::Reimagine,
            None,
            &[Keep::Colours],
            0,
            "Make a new picture inspired by image 1. Keep the colours unchanged.",
        ),
        (
            Intent::Reimagine,
            Some("as a toy"),
            &[],
            2,
            "Make a new picture inspired by image 1: as a toy. Take images 2 to 3 as a guide.",
        ),
        (
            Intent::Enhance,
            None,
            &[],
            0,
            "Make the picture sharper and cleaner, with natural detail. Keep everything else unchanged.",
        ),
        (
            Intent::Enhance,
            Some("less noise"),
            &Keep::ALL,
            0,
            "Make the picture sharper and cleaner, with natural detail. less noise. Keep everything else unchanged, above all the subject's identity and appearance, the pose, the composition and framing, the colours and the lettering, logos and labels.",
        ),
        (Intent::Erase, Some("the car"), &[], 0, "Remove the car. Keep everything else unchanged."),
        (Intent::Edit, Some("  "), &[], 0, "error: intent `edit` needs a prompt with this model"),
        (Intent::Cutout, Some("x"), &[], 0, "error: this model does not know the intent `cutout`"),
    ] {
        assert_eq!(prompt(intent, words, keep, references), expected);
    }
}

#[test]
fn the_tools_read_a_description_or_nothing() {
    let with = |words: Option<&str>, intent| RunParams {
        prompt: words.map(str::to_owned),
        ..params("flux-fill", intent)
    };
    let fill = compile(Family::Fill, &with(Some(" a \"blue\" vase "), Intent::Edit), 0);
    assert_eq!(fill.unwrap().as_deref(), Some("a \"blue\" vase"));
    assert!(compile(Family::Fill, &with(None, Intent::Edit), 0).is_err());
    let expand = compile(Family::Expand, &with(None, Intent::Expand), 0).unwrap().unwrap();
    assert!(expand.starts_with("Continue the scene"), "{expand}");
    assert_eq!(compile(Family::Erase, &with(Some("x"), Intent::Erase), 0).unwrap(), None);
}
