//! The parts of a prompt that read alike for every hosted model: where the person's words end, how the
//! references are called, what stays. How a task is put to a model is its backend's own; nothing here
//! changes a word of the person's.

use crate::error::Error;
use crate::hosted::wrong_ask;
use crate::{Intent, Keep, RunParams};

/// The person's words without the blanks around them; `None` where there are none.
pub fn words(params: &RunParams) -> Option<&str> {
    params.prompt.as_deref().map(str::trim).filter(|words| !words.is_empty())
}

/// The words with a full stop, where they have no end of their own.
pub fn sentence(words: &str) -> String {
    if words.ends_with(['.', '!', '?', '…', '"', '”', '»', '\'', '’', '。', '！', '？']) {
        words.to_owned()
    } else {
        format!("{words}.")
    }
}

/// How so many references are called where the picture that is changed is the first image: `image 2`,
/// `images 2 to 4`. `None` without references.
pub fn guide(references: usize) -> Option<String> {
    match references {
        0 => None,
        1 => Some("image 2".to_owned()),
        more => Some(format!("images 2 to {}", more + 1)),
    }
}

/// What stays, called by `name` and always in the same order: `the pose and the colours`. A new
/// background leaves the subject as it is, said or not. `None` where nothing is to stay.
pub fn kept(params: &RunParams, name: impl Fn(Keep) -> &'static str) -> Option<String> {
    let implied = (params.intent == Intent::Background).then_some(Keep::Subject);
    let list: Vec<&str> = Keep::ALL
        .into_iter()
        .filter(|keep| params.keep.contains(keep) || implied == Some(*keep))
        .map(name)
        .collect();
    match list.as_slice() {
        [] => None,
        [one] => Some((*one).to_owned()),
        [first @ .., last] => Some(format!("{} and {last}", first.join(", "))),
    }
}

/// The usual name of what stays, for [`kept`].
pub fn name(keep: Keep) -> &'static str {
    match keep {
        Keep::Subject => "the subject's identity and appearance",
        Keep::Pose => "the pose",
        Keep::Composition => "the composition and framing",
        Keep::Colours => "the colours",
        Keep::Text => "the lettering, logos and labels",
    }
}

/// The failure where an intent says nothing without words.
pub fn needs_prompt(intent: Intent) -> Error {
    wrong_ask(
        format!("intent `{}` needs a prompt with this model", intent.name()),
        "say in the prompt what is to change",
    )
}

/// The failure for an intent that the model does not have.
pub fn unknown_intent(intent: Intent) -> Error {
    wrong_ask(
        format!("this model does not know the intent `{}`", intent.name()),
        "pick a model that offers it",
    )
}
