//! The keys of recipes.

use super::{KeyDoc, Kind, WordDoc};

const INTENTS: &[&str] =
    &["restyle", "enhance", "background", "cutout", "reimagine", "edit", "erase", "expand"];
const KEEPS: &[&str] = &["subject", "pose", "composition", "colours", "text"];
const MASKS: &[&str] = &["none", "subject", "background", "alpha"];
const FORMATS: &[&str] = &["same", "png", "jpeg", "webp", "tiff"];

/// No margin is longer.
const LONGEST_MARGIN: u64 = 16_384;

const fn key(
    table: &'static str,
    name: &'static str,
    kind: Kind,
    doc: &'static str,
    example: &'static str,
) -> KeyDoc {
    KeyDoc { table, name, kind, doc, example }
}

/// A margin of its own.
const MARGIN: Kind = Kind::Integer { min: 0, max: LONGEST_MARGIN };

#[rustfmt::skip]
pub(super) const KEYS: &[KeyDoc] = &[
    key("", "title", Kind::Text,
        "What menus show for the recipe. Without one they show the file's name.", "\"Product on white\""),
    key("", "description", Kind::Text,
        "What the recipe is for, in a sentence or two.", "\"For the shop: the product alone, on white.\""),
    key("", "step", Kind::Tables("step"),
        "What is done, in order: each `[[step]]` is given what the one before made. A recipe of one step may have that step's keys at the top instead.", "[{ intent = \"cutout\" }]"),
    key("", "matrix", Kind::Table("matrix"),
        "Axes: every combination of their values is run, and each axis is a placeholder by its name.", "{ mood = [\"dawn\", \"noon\"] }"),
    key("", "output", Kind::Table("output"),
        "What is written, and under which name.", "{ format = \"jpeg\" }"),
    key("", "budget", Kind::Table("budget"),
        "What the recipe may cost; what would cost more does not run.", "{ picture = \"0.20 USD\" }"),

    key("step", "intent", Kind::Choice(INTENTS),
        "What kind of change. Every step has one.", "\"edit\""),
    key("step", "prompt", Kind::Template,
        "What should change, in words. Placeholders such as `{name}` are filled for each picture.", "\"a clean studio, soft light\""),
    key("step", "keep", Kind::Words(KEEPS),
        "What must stay. A model that cannot be told to keep it is refused.", "[\"subject\", \"text\"]"),
    key("step", "model", Kind::Texts,
        "The model; `, else ` separates what takes its place where it cannot be used. A list is compared side by side, which only the last step may. Without one: `auto`.", "\"flux-2-pro, else local-cutout\""),
    key("step", "style", Kind::Texts,
        "A style by name, or several that are blended by weight as `NAME:WEIGHT`.", "[\"warm-oil:0.6\", \"comic-ink:0.4\"]"),
    key("step", "reference", Kind::Texts,
        "Further pictures that guide style or character: a path or a list of paths, relative to the recipe's file.", "[\"references/look.jpg\"]"),
    key("step", "mask", Kind::ChoiceOr(MASKS, "mask"),
        "Where the picture may change; outside it not one bit does.", "\"subject\""),
    key("step", "strength", Kind::Number { min: 0.0, max: 1.0 },
        "How much of the change is wanted, from 0 to 1.", "0.6"),
    key("step", "seed", Kind::Integer { min: 0, max: i64::MAX as u64 },
        "A seed that repeats a picture, for models that have one.", "7"),
    key("step", "count", Kind::Integer { min: 1, max: 64 },
        "How many pictures each model gives; more than one only in the last step.", "2"),
    key("step", "scale", Kind::Integer { min: 1, max: 16 },
        "By how much the result is larger than the picture.", "2"),
    key("step", "size", Kind::Template,
        "The resolution to ask for, by a name that the model offers. Without one: the smallest that loses nothing.", "\"2K\""),
    key("step", "expand", Kind::IntegerOr(LONGEST_MARGIN, "expand"),
        "By how many pixels the picture grows at each side, for the intent `expand`: one number for all sides, or a table.", "200"),
    key("step", "feather", Kind::Integer { min: 0, max: 4096 },
        "How softly the change fades inside the mask's edge, in pixels. Without it: 8.", "8"),
    key("step", "context", Kind::Number { min: 0.0, max: 16.0 },
        "How much of the surroundings a model sees around a mask, as a share of the mask's size. Without it: 0.5.", "0.5"),
    key("step", "params", Kind::Table("params"),
        "Parameters of the model's own; `easel model show NAME` lists them.", "{ background = \"#ffffff\" }"),
    key("params", "*", Kind::Scalar,
        "A parameter of a model's own. `\"MODEL:NAME\"` gives it to one model of several.", "\"#ffffff\""),

    key("expand", "top", MARGIN, "By how many pixels the picture grows above.", "0"),
    key("expand", "right", MARGIN, "By how many pixels the picture grows to the right.", "200"),
    key("expand", "bottom", MARGIN, "By how many pixels the picture grows below.", "0"),
    key("expand", "left", MARGIN, "By how many pixels the picture grows to the left.", "200"),

    key("mask", "file", Kind::Template,
        "A file beside the picture: white may change, black may not. A path relative to the picture.", "\"{name}.mask.png\""),

    key("matrix", "*", Kind::Strings,
        "An axis: its values, in order. Its name is a placeholder in every text of the steps and in `output.name`.", "[\"dawn\", \"noon\"]"),

    key("output", "format", Kind::Choice(FORMATS),
        "The file format of the results. Without it: the picture's own.", "\"jpeg\""),
    key("output", "quality", Kind::Integer { min: 1, max: 100 },
        "The quality of JPEG files. Without it: 92.", "90"),
    key("output", "name", Kind::Template,
        "The file's name without its end; a `/` makes a folder below the output folder. `{model}`, `{index}` and `{intent}` are known here too. Without it: the picture's name and whatever varies.", "\"{name}-{mood}\""),
    key("output", "sheet", Kind::Boolean,
        "Whether all results of a picture also come side by side on one sheet. Without it: no.", "true"),
    key("output", "metadata", Kind::Boolean,
        "Whether EXIF and XMP of the picture are kept. Without it: yes.", "true"),
    key("output", "sidecar", Kind::Boolean,
        "Whether a file beside each result says what made it. Without it: yes.", "true"),

    key("budget", "picture", Kind::Amount,
        "The most that one picture may cost, with everything that the recipe does to it.", "\"0.20 USD\""),
    key("budget", "day", Kind::Amount,
        "The most that a watched folder may cost within any 24 hours.", "\"5.00 USD\""),
];

const fn word(key: &'static str, word: &'static str, doc: &'static str) -> WordDoc {
    WordDoc { key, word, doc }
}

#[rustfmt::skip]
pub(super) const WORDS: &[WordDoc] = &[
    word("intent", "restyle", "Another look, the same picture."),
    word("intent", "enhance", "Sharper, cleaner or larger, the same picture."),
    word("intent", "background", "Another background behind the same subject."),
    word("intent", "cutout", "The subject alone on transparency."),
    word("intent", "reimagine", "A new picture that takes this one as its idea."),
    word("intent", "edit", "One described change."),
    word("intent", "erase", "Remove what the mask covers."),
    word("intent", "expand", "Continue the picture beyond its borders."),
    word("keep", "subject", "Who or what the picture shows."),
    word("keep", "pose", "How the subject stands or sits."),
    word("keep", "composition", "Where things are in the frame."),
    word("keep", "colours", "The colours of the picture."),
    word("keep", "text", "Lettering, logos and labels."),
    word("mask", "none", "Everywhere; in an editor, where the selection is."),
    word("mask", "subject", "The subject, found by a cutout on this machine."),
    word("mask", "background", "Everything but the subject."),
    word("mask", "alpha", "Where the picture is transparent."),
    word("format", "same", "The picture's own: JPEG for JPEG, WebP for WebP, TIFF for TIFF, otherwise PNG."),
    word("format", "png", "Lossless, with transparency."),
    word("format", "jpeg", "Lossy and small; what is transparent is laid over white."),
    word("format", "webp", "Lossless and smaller than PNG, with transparency."),
    word("format", "tiff", "Everything kept, uncompressed."),
];

pub(super) const OLD_NAMES: &[(&str, &str)] = &[
    ("models", "model"),
    ("engine", "model"),
    ("backend", "model"),
    ("references", "reference"),
    ("refs", "reference"),
    ("ref", "reference"),
    ("image", "reference"),
    ("images", "reference"),
    ("styles", "style"),
    ("prompts", "prompt"),
    ("text", "prompt"),
    ("instruction", "prompt"),
    ("param", "params"),
    ("parameters", "params"),
    ("options", "params"),
    ("steps", "step"),
    ("outputs", "output"),
    ("out", "output"),
    ("budgets", "budget"),
    ("axes", "matrix"),
    ("axis", "matrix"),
    ("variables", "matrix"),
    ("margins", "expand"),
    ("margin", "expand"),
    ("masks", "mask"),
    ("selection", "mask"),
    ("resolution", "size"),
    ("amount", "strength"),
    ("number", "count"),
    ("action", "intent"),
    ("task", "intent"),
    ("preserve", "keep"),
    ("factor", "scale"),
    ("label", "title"),
    ("filename", "name"),
    ("exif", "metadata"),
    ("daily", "day"),
    ("per-picture", "picture"),
    ("per_picture", "picture"),
];
