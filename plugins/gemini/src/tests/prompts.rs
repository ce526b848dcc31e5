//! The prompts, word for word: they are what the person pays for.

use easel_backend::{Intent, Keep, RunParams};

use crate::prompt::compile;

use super::params;

fn prompt(intent: Intent, words: Option<&str>, keep: &[Keep], references: usize) -> String {
    let prompt = words.map(str::to_owned);
    let params = RunParams { prompt, keep: keep.to_vec(), ..params("nano-banana-2", intent) };
    compile(&params, references).unwrap_or_else(|error| format!("error: {error}"))
}

#[test]
fn a_task_calls_the_pictures_by_their_order() {
    let rest = "Everything else stays exactly as it is in the first image";
    let subject = "Keep the subject's identity and appearance exactly as in the first image.";
    for (intent, words, keep, references, expected) in [
        (Intent::Edit, Some("give him a hat"), &[][..], 0, format!("Edit the first image: give him a hat. {rest}.")),
        (Intent::Edit, Some("write \"NOW  OPEN\""), &[Keep::Text], 0, format!("Edit the first image: write \"NOW  OPEN\" {rest}, above all the lettering, logos and labels.")),
        (Intent::Edit, Some("wear this"), &[Keep::Pose, Keep::Subject], 2, format!("Edit the first image: wear this. Follow images 2 to 3 where the task calls for a reference. {rest}, above all the subject's identity and appearance and the pose.")),
        (Intent::Restyle, Some("a woodcut"), &[Keep::Composition], 0, "Show the first image in another style: a woodcut. Keep the composition and camera angle exactly as in the first image.".to_owned()),
        (Intent::Restyle, None, &[], 1, "Show the first image in the style of image 2.".to_owned()),
        (Intent::Restyle, None, &[], 0, "error: intent `restyle` needs a prompt with this model".to_owned()),
        (Intent::Background, Some("a beach at dusk"), &[], 0, format!("Replace the background of the first image: a beach at dusk. {subject}")),
        (Intent::Background, None, &[], 1, format!("Place the subject of the first image into the scene of image 2, in the light of that scene. {subject}")),
        (Intent::Reimagine, None, &[], 0, "Create a new picture with the first image as its idea.".to_owned()),
        (Intent::Reimagine, Some("as a stamp"), &[Keep::Colours], 0, "Create a new picture with the first image as its idea: as a stamp. Keep the colours exactly as in the first image.".to_owned()),
        (Intent::Enhance, None, &[], 0, format!("Make the first image sharper and cleaner, with natural detail. {rest}.")),
        (Intent::Erase, Some("the cables"), &[], 0, format!("Remove this from the first image and rebuild what lies behind it: the cables. {rest}.")),
        (Intent::Erase, None, &[], 0, "error: intent `erase` needs a prompt with this model".to_owned()),
        (Intent::Expand, Some("x"), &[], 0, "error: this model does not know the intent `expand`".to_owned()),
    ] {
        assert_eq!(prompt(intent, words, keep, references), expected);
    }
}
