//! The prompts, word for word: they are what the person pays for.

use easel_backend::{Intent, Keep, RunParams};

use crate::prompt::compile;

use super::params;

fn prompt(
    intent: Intent,
    words: Option<&str>,
    keep: &[Keep],
    references: usize,
    set: u32,
) -> String {
    let prompt = words.map(str::to_owned);
    let params = RunParams { prompt, keep: keep.to_vec(), ..params("seedream-4.5", intent) };
    compile(&params, references, set).unwrap_or_else(|error| format!("error: {error}"))
}

#[test]
fn an_instruction_calls_the_pictures_by_their_numbers_and_says_how_many() {
    let subject = "Keep the subject's identity and appearance as in image 1.";
    for (intent, words, keep, references, set, expected) in [
        (Intent::Edit, Some("give him a hat"), &[][..], 0, 1, "Change image 1: give him a hat. Keep everything else as it is in image 1.".to_owned()),
        (Intent::Edit, Some("write \"ZU  SPÄT\""), &[Keep::Text, Keep::Pose], 1, 4, "Change image 1: write \"ZU  SPÄT\" Refer to image 2. Keep everything else as it is in image 1, above all the pose and the lettering, logos and labels. Make 4 images, each a different version of this.".to_owned()),
        (Intent::Restyle, Some("水彩画。"), &[Keep::Composition], 0, 1, "Redraw image 1 in another style: 水彩画。 Keep the composition and framing as in image 1.".to_owned()),
        (Intent::Restyle, None, &[], 2, 1, "Redraw image 1 in the style of images 2 to 3.".to_owned()),
        (Intent::Restyle, None, &[], 0, 1, "error: intent `restyle` needs a prompt with this model".to_owned()),
        (Intent::Background, Some("a beach"), &[Keep::Subject], 0, 2, format!("Replace the background of image 1: a beach. {subject} Make 2 images, each a different version of this.")),
        (Intent::Background, None, &[], 1, 1, format!("Put the subject of image 1 into the scene of image 2. {subject}")),
        (Intent::Reimagine, None, &[], 0, 14, "Make a new picture with image 1 as its idea. Make 14 images, each a different version of this.".to_owned()),
        (Intent::Enhance, None, &[], 0, 1, "Make image 1 sharper and cleaner, with natural detail. Keep everything else as it is in image 1.".to_owned()),
        (Intent::Erase, Some("the car"), &[], 0, 1, "Remove from image 1: the car. Keep everything else as it is in image 1.".to_owned()),
        (Intent::Cutout, Some("x"), &[], 0, 1, "error: this model does not know the intent `cutout`".to_owned()),
    ] {
        assert_eq!(prompt(intent, words, keep, references, set), expected);
    }
}
