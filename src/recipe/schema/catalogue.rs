//! The keys of catalogues, as `easel_protocol::catalogue` and `backend::catalogue` read them.

use super::{KeyDoc, Kind};

const fn key(
    table: &'static str,
    name: &'static str,
    kind: Kind,
    doc: &'static str,
    example: &'static str,
) -> KeyDoc {
    KeyDoc { table, name, kind, doc, example }
}

const INTENTS: &[&str] =
    &["restyle", "enhance", "background", "cutout", "reimagine", "edit", "erase", "expand"];
const KEEPS: &[&str] = &["subject", "pose", "composition", "colours", "text"];
const COUNT: Kind = Kind::Integer { min: 0, max: u32::MAX as u64 };
const PIXELS: Kind = Kind::Integer { min: 0, max: u64::MAX };
const MONEY: Kind = Kind::Number { min: 0.0, max: 1e6 };
const SHARE: Kind = Kind::Number { min: 0.0, max: 1.0 };

#[rustfmt::skip]
pub(super) const KEYS: &[KeyDoc] = &[
    key("", "base_url", Kind::Text, "Where all models of the backend are served. In a file of your own it also permits that place.", "\"https://api.example.org\""),
    key("", "allow", Kind::Strings, "Further origins that may be reached, this machine and its network included.", "[\"http://127.0.0.1:8188\"]"),
    key("", "limit", Kind::Table("limit"), "The limit of your own account.", "{ requests = 60 }"),
    key("", "models", Kind::Tables("models"), "A model: one with a known `id` is changed, any other is added.", "[{ id = \"flux-2-pro\", label = \"FLUX\" }]"),
    key("limit", "requests", COUNT, "So many requests, or pictures where they count.", "60"),
    key("limit", "seconds", Kind::Number { min: 0.0, max: 1e9 }, "Within so many seconds. Without it: 60.", "60"),
    key("limit", "parallel", COUNT, "So many at once; 0: as many as it likes.", "4"),
    key("models", "id", Kind::Text, "The id used in recipes and on the wire: lower case, words joined by `-`.", "\"flux-2-pro\""),
    key("models", "like", Kind::Text, "The id of a model that this one resembles in everything that is not written here.", "\"flux-2-pro\""),
    key("models", "remove", Kind::Boolean, "Whether the model is taken away.", "true"),
    key("models", "label", Kind::Text, "The name on screens.", "\"FLUX.2 [pro]\""),
    key("models", "strengths", Kind::Text, "What it is good at, in five to ten words.", "\"precise local edits\""),
    key("models", "limitation", Kind::Text, "What it cannot do, said plainly.", "\"reads no mask itself\""),
    key("models", "best_use", Kind::Text, "When to pick it.", "\"exchanging one thing\""),
    key("models", "intents", Kind::Words(INTENTS), "The intents that it serves.", "[\"edit\"]"),
    key("models", "prompt", Kind::Choice(&["none", "optional", "required"]), "Whether it reads a prompt.", "\"optional\""),
    key("models", "keep", Kind::Words(KEEPS), "What it keeps when asked to.", "[\"subject\"]"),
    key("models", "mask", Kind::Choice(&["composited", "native", "refused"]), "How a mask reaches it.", "\"composited\""),
    key("models", "references", Kind::Integers, "The least and the most references that it takes.", "[0, 4]"),
    key("models", "alpha", Kind::Boolean, "Whether it reads and writes transparency itself.", "false"),
    key("models", "formats", Kind::Strings, "The pixel formats that it takes, the preferred one first.", "[\"rgba8\"]"),
    key("models", "seed", Kind::Choice(&["none", "hint", "exact"]), "How well a seed repeats a picture.", "\"hint\""),
    key("models", "strength", Kind::Boolean, "Whether it has a strength.", "false"),
    key("models", "max_count", COUNT, "The most pictures that one job gives.", "4"),
    key("models", "styles", Kind::Tables("styles"), "The styles that it knows by name.", "[{ name = \"ink\", description = \"black ink\" }]"),
    key("models", "scales", Kind::Integers, "By how much the result may be larger; empty: it keeps the size.", "[2, 4]"),
    key("models", "size", Kind::Table("size"), "Which sizes it takes, in pixels of its input.", "{ multiple_of = 16 }"),
    key("models", "params", Kind::Tables("param"), "Parameters of its own.", "[{ name = \"steps\", description = \"how many steps\", value = { kind = \"number\", min = 1, max = 50 } }]"),
    key("models", "repeatable", Kind::Boolean, "Whether a job may run again after a crash without cost or consent.", "false"),
    key("models", "timeout_seconds", COUNT, "The longest time that a job may take.", "600"),
    key("models", "seconds_per_megapixel", Kind::Number { min: 0.0, max: 1e6 }, "How long a million pixels typically take.", "2.0"),
    key("models", "price", Kind::Table("price"), "What a run costs; absent: nothing.", "{ per_picture = 0.04, currency = \"USD\", as_of = \"2026-11-23\" }"),
    key("models", "sizes", Kind::Tables("sizes"), "The resolutions that it offers by name, the smallest first.", "[{ name = \"1K\", side = 1024 }]"),
    key("models", "trained", Kind::Boolean, "Whether it was trained on pictures, as nearly every model is. Without it: yes.", "true"),
    key("models", "suits", Kind::Table("suits"), "How well it suits an intent, from 0 to 1; for advice.", "{ edit = 0.9 }"),
    key("models", "wire", Kind::Table("wire"), "What only the backend needs to know, such as the provider's own id.", "{ id = \"flux-2-pro\" }"),
    key("size", "multiple_of", COUNT, "Width and height are multiples of this.", "16"),
    key("size", "min_side", COUNT, "The shortest side that works.", "64"),
    key("size", "max_side", COUNT, "The longest side that works.", "4096"),
    key("size", "max_pixels", PIXELS, "The most pixels that work.", "4194304"),
    key("size", "oversize", Kind::Choice(&["refuse", "scale", "tile"]), "What happens beyond the limits.", "\"scale\""),
    key("size", "overlap", COUNT, "By how many pixels tiles overlap.", "32"),
    key("size", "aspects", Kind::Anything, "The aspects that it takes, as width to height; empty: any.", "[[1, 1], [3, 2]]"),
    key("styles", "name", Kind::Text, "The style's name.", "\"ink\""),
    key("styles", "description", Kind::Text, "What it looks like, in a few words.", "\"black ink on paper\""),
    key("styles", "strong", Kind::Boolean, "Whether it destroys much of the content.", "false"),
    key("param", "name", Kind::Text, "The parameter's name.", "\"steps\""),
    key("param", "description", Kind::Text, "What it does, in one sentence.", "\"how many steps it paints in\""),
    key("param", "value", Kind::Table("value"), "What it takes.", "{ kind = \"number\", min = 1, max = 50 }"),
    key("param", "default", Kind::Anything, "What the model takes when nothing is said.", "50"),
    key("value", "kind", Kind::Choice(&["choice", "number", "boolean", "text"]), "The kind of value.", "\"number\""),
    key("value", "values", Kind::Strings, "The words, for `choice`.", "[\"low\", \"high\"]"),
    key("value", "min", Kind::Number { min: f64::MIN, max: f64::MAX }, "The smallest value, for `number`.", "1"),
    key("value", "max", Kind::Number { min: f64::MIN, max: f64::MAX }, "The largest value, for `number`.", "50"),
    key("price", "per_picture", MONEY, "The amount for one output picture.", "0.04"),
    key("price", "per_size", Kind::Table("per_size"), "The same by the name of the size that was asked for.", "{ 4K = 0.15 }"),
    key("price", "steps", Kind::Tables("steps"), "The same by how many megapixels the picture has, the smallest step first.", "[{ up_to_megapixels = 2.4, per_picture = 0.04 }]"),
    key("price", "per_megapixel", MONEY, "For each megapixel of an output picture beyond the first.", "0.015"),
    key("price", "per_input_megapixel", MONEY, "For each megapixel that is sent.", "0.015"),
    key("price", "per_reference", MONEY, "For each reference.", "0.003"),
    key("price", "currency", Kind::Text, "The ISO 4217 code of the currency.", "\"USD\""),
    key("price", "as_of", Kind::Text, "The day on which the price was read.", "\"2026-11-23\""),
    key("per_size", "*", MONEY, "The amount for a picture of this size.", "0.15"),
    key("steps", "up_to_megapixels", Kind::Number { min: 0.0, max: 1e6 }, "Up to so many megapixels.", "2.4"),
    key("steps", "per_picture", MONEY, "The amount for one output picture.", "0.04"),
    key("sizes", "name", Kind::Text, "The name of the size.", "\"2K\""),
    key("sizes", "side", COUNT, "The side of a square of as many pixels.", "2048"),
    key("suits", "*", SHARE, "How well it suits this intent.", "0.9"),
    key("wire", "*", Kind::Anything, "What the backend makes of it.", "\"flux-2-pro\""),
];
