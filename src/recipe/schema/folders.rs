//! The keys of `folders.toml`.

use super::{KeyDoc, Kind, WordDoc};

const AFTER: &[&str] = &["keep", "move", "delete"];

const fn key(name: &'static str, kind: Kind, doc: &'static str, example: &'static str) -> KeyDoc {
    KeyDoc { table: "folder", name, kind, doc, example }
}

#[rustfmt::skip]
pub(super) const KEYS: &[KeyDoc] = &[
    KeyDoc {
        table: "",
        name: "folder",
        kind: Kind::Tables("folder"),
        doc: "A folder that is watched: what is put into it goes through a recipe.",
        example: "[{ path = \"~/Pictures/inbox\", recipe = \"white\" }]",
    },
    key("path", Kind::Text, "The folder that is watched.", "\"~/Pictures/inbox\""),
    key("recipe", Kind::Text, "The recipe: its name, or the path of its file.", "\"product-on-white\""),
    key("out", Kind::Text, "Where results go. Without it: `out` inside the folder.", "\"~/Pictures/done\""),
    key("recursive", Kind::Boolean, "Whether folders below it are watched as well. Without it: no.", "false"),
    key("include", Kind::Strings, "Only files whose names match one of these patterns.", "[\"*.jpg\", \"*.png\"]"),
    key("exclude", Kind::Strings, "No files whose names match one of these patterns.", "[\"*.tmp.*\"]"),
    key("on-success", Kind::Choice(AFTER), "What becomes of a picture whose results are written. Without it: `keep`.", "\"keep\""),
    key("budget", Kind::DailyAmount, "The most that the folder may cost within any 24 hours; then it pauses.", "\"5.00 USD/day\""),
    key("poll", Kind::Boolean, "Look again and again instead of being told: for network drives. Without it: no.", "false"),
    key("paused", Kind::Boolean, "Whether it rests for now. Without it: no.", "false"),
];

const fn word(word: &'static str, doc: &'static str) -> WordDoc {
    WordDoc { key: "on-success", word, doc }
}

pub(super) const WORDS: &[WordDoc] = &[
    word("keep", "It stays where it is and is not done again until it changes."),
    word("move", "It is moved into `done` inside the folder."),
    word("delete", "It is removed, once every result is on the disk."),
];

pub(super) const OLD_NAMES: &[(&str, &str)] = &[
    ("folders", "folder"),
    ("watch", "folder"),
    ("output", "out"),
    ("output-folder", "out"),
    ("on_success", "on-success"),
    ("after", "on-success"),
    ("includes", "include"),
    ("excludes", "exclude"),
    ("recipes", "recipe"),
    ("pause", "paused"),
    ("polling", "poll"),
];
