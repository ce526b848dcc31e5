//! From an ask to the prompt of a hosted model. Which sentence stands for what, and when, is the same for
//! all of them; how each reads is the backend's own, as [`Phrases`]. Nothing here changes a word of the
//! person's, and the same job always gives the same text.

use crate::error::{Error, Result};
use crate::hosted::wrong_ask;
use crate::{Intent, Keep, RunParams};

/// How a model likes a task to be put. `{}` stands for the person's words, the references, or what is to
/// stay, as each says.
#[derive(Clone, Copy, Debug)]
pub struct Phrases {
    /// One described change; the words.
    pub edit: &'static str,
    /// Something taken away; the words.
    pub erase: &'static str,
    /// Another look; the words.
    pub restyle: &'static str,
    /// Another look without words; the references.
    pub restyle_like: &'static str,
    /// Another background; the words.
    pub background: &'static str,
    /// Another background without words; the references.
    pub background_like: &'static str,
    /// A new picture from this one; the words.
    pub reimagine: &'static str,
    /// The same without words.
    pub reimagine_alone: &'static str,
    /// Sharper and cleaner; the words follow as a sentence of their own.
    pub enhance: &'static str,
    /// The references, where no other sentence names them.
    pub guided: &'static str,
    /// All the rest stays.
    pub stays: &'static str,
    /// All the rest stays, and this above all.
    pub stays_above_all: &'static str,
    /// This stays, where the rest need not.
    pub keep: &'static str,
    /// What each thing that can stay is called.
    pub name: fn(Keep) -> &'static str,
}

/// The prompt for a run with so many references.
pub fn compile(phrases: &Phrases, params: &RunParams, references: usize) -> Result<String> {
    let (intent, words, guide) = (params.intent, words(params), guide(references));
    let said = |phrase: &str, words: &str| sentence(&phrase.replace("{}", words));
    let mut sentences = vec![match (intent, words, &guide) {
        (Intent::Edit, Some(words), _) => said(phrases.edit, words),
        (Intent::Erase, Some(words), _) => said(phrases.erase, words),
        (Intent::Restyle, Some(words), _) => said(phrases.restyle, words),
        (Intent::Restyle, None, Some(guide)) => said(phrases.restyle_like, guide),
        (Intent::Background, Some(words), _) => said(phrases.background, words),
        (Intent::Background, None, Some(guide)) => said(phrases.background_like, guide),
        (Intent::Reimagine, Some(words), _) => said(phrases.reimagine, words),
        (Intent::Reimagine, None, _) => phrases.reimagine_alone.to_owned(),
        (Intent::Enhance, None, _) => phrases.enhance.to_owned(),
        (Intent::Enhance, Some(words), _) => format!("{} {}", phrases.enhance, sentence(words)),
        (Intent::Cutout | Intent::Expand, ..) => return Err(unknown_intent(intent)),
        (_, None, _) => return Err(needs_prompt(intent)),
    }];
    // A look or a background without words is named by the references already.
    let named = words.is_none() && matches!(intent, Intent::Restyle | Intent::Background);
    if let Some(guide) = guide.filter(|_| !named) {
        sentences.push(phrases.guided.replace("{}", &guide));
    }
    let whole = matches!(intent, Intent::Edit | Intent::Erase | Intent::Enhance);
    match (whole, kept(params, phrases.name)) {
        (true, None) => sentences.push(phrases.stays.to_owned()),
        (true, Some(list)) => sentences.push(phrases.stays_above_all.replace("{}", &list)),
        (false, Some(list)) => sentences.push(phrases.keep.replace("{}", &list)),
        (false, None) => {}
    }
    Ok(sentences.join(" "))
}

/// The person's words without the blanks around them; `None` where there are none.
pub fn words(params: &RunParams) -> Option<&str> {
    params.prompt.as_deref().map(str::trim).filter(|words| !words.is_empty())
}

/// The words with a full stop, where they have no end of their own.
fn sentence(words: &str) -> String {
    if words.ends_with(['.', '!', '?', '…', '"', '”', '»', '\'', '’', '。', '！', '？']) {
        words.to_owned()
    } else {
        format!("{words}.")
    }
}

/// How so many references are called where the picture that is changed is the first image: `image 2`,
/// `images 2 to 4`. `None` without references.
fn guide(references: usize) -> Option<String> {
    match references {
        0 => None,
        1 => Some("image 2".to_owned()),
        more => Some(format!("images 2 to {}", more + 1)),
    }
}

/// What stays, called by `name` and always in the same order: `the pose and the colours`. A new
/// background leaves the subject as it is, said or not. `None` where nothing is to stay.
fn kept(params: &RunParams, name: fn(Keep) -> &'static str) -> Option<String> {
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

/// The usual name of what stays, for [`Phrases::name`].
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
fn unknown_intent(intent: Intent) -> Error {
    wrong_ask(
        format!("this model does not know the intent `{}`", intent.name()),
        "pick a model that offers it",
    )
}
