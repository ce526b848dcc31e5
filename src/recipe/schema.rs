//! What may stand in Easel's TOML files: one table a kind of file. The reader, the checker, the documents and the
//! language server all look here, so that a key is described once. It holds no value and decides nothing else.

mod backend;
mod catalogue;
mod folders;
mod recipe;

/// A kind of file that Easel reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// `NAME.easel.toml`.
    Recipe,
    /// `folders.toml`: the folders that are watched.
    Folders,
    /// `models/ID.toml`, or `models.toml` beside a backend: models as data.
    Catalogue,
    /// `backend.toml`: what a backend is.
    Backend,
}

/// What a key takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A text as it is.
    Text,
    /// A text with placeholders.
    Template,
    /// A text or a list of texts, with placeholders.
    Texts,
    /// A list of texts as they are.
    Strings,
    /// A list of some of these words.
    Words(&'static [&'static str]),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// One of these words, or a table.
    ChoiceOr(&'static [&'static str], &'static str),
    /// A number within both ends.
    Number {
        /// The smallest.
        min: f64,
        /// The largest.
        max: f64,
    },
    /// A whole number within both ends.
    Integer {
        /// The smallest.
        min: u64,
        /// The largest.
        max: u64,
    },
    /// A whole number from 0 to the first, or a table.
    IntegerOr(u64, &'static str),
    /// A list of whole numbers.
    Integers,
    /// `true` or `false`.
    Boolean,
    /// An amount of money: `0.20 USD`.
    Amount,
    /// An amount of money a day: `5.00 USD/day`.
    DailyAmount,
    /// A text with placeholders, a number, or `true` and `false`.
    Scalar,
    /// A table; its keys stand under this name.
    Table(&'static str),
    /// A list of tables; their keys stand under this name.
    Tables(&'static str),
    /// What somebody else understands.
    Anything,
}

/// A key and what there is to say of it.
#[derive(Clone, Copy, Debug)]
pub struct KeyDoc {
    /// The table that it stands in: `""` at the top, `step`, `output`, …
    pub table: &'static str,
    /// Its name; `*` stands for any.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// What it does, in a sentence or two.
    pub doc: &'static str,
    /// A value as it is written.
    pub example: &'static str,
}

/// A word that a key takes, and what it means.
#[derive(Clone, Copy, Debug)]
pub struct WordDoc {
    /// The key.
    pub key: &'static str,
    /// The word.
    pub word: &'static str,
    /// What it means.
    pub doc: &'static str,
}

/// The steps' table: a recipe of one step has its keys at the top.
pub const STEP: &str = "step";

impl Kind {
    /// What it takes, for messages and documents.
    pub fn words(self) -> String {
        let list = |words: &[&str]| {
            words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
        };
        match self {
            Kind::Text => "a text".to_owned(),
            Kind::Template => "a text, placeholders allowed".to_owned(),
            Kind::Texts => "a text or a list of texts, placeholders allowed".to_owned(),
            Kind::Strings => "a list of texts".to_owned(),
            Kind::Words(words) => format!("a list of {}", list(words)),
            Kind::Choice(words) => format!("one of {}", list(words)),
            Kind::ChoiceOr(words, _) => format!("one of {}, or a table", list(words)),
            Kind::Number { min, max } => format!("a number from {min} to {max}"),
            Kind::Integer { min, max } if max >= i64::MAX as u64 => {
                format!("a whole number from {min}")
            }
            Kind::Integer { min, max } => format!("a whole number from {min} to {max}"),
            Kind::IntegerOr(max, _) => format!("a whole number up to {max}, or a table"),
            Kind::Integers => "a list of whole numbers".to_owned(),
            Kind::Boolean => "`true` or `false`".to_owned(),
            Kind::Amount => "an amount such as `0.20 USD`".to_owned(),
            Kind::DailyAmount => "an amount a day such as `5.00 USD/day`".to_owned(),
            Kind::Scalar => "a text, a number, `true` or `false`".to_owned(),
            Kind::Table(_) => "a table".to_owned(),
            Kind::Tables(_) => "a list of tables".to_owned(),
            Kind::Anything => "anything".to_owned(),
        }
    }

    /// The words that it takes.
    pub fn choices(self) -> &'static [&'static str] {
        match self {
            Kind::Words(words) | Kind::Choice(words) | Kind::ChoiceOr(words, _) => words,
            _ => &[],
        }
    }

    /// The table below it.
    pub fn table(self) -> Option<&'static str> {
        match self {
            Kind::Table(table)
            | Kind::Tables(table)
            | Kind::ChoiceOr(_, table)
            | Kind::IntegerOr(_, table) => Some(table),
            _ => None,
        }
    }
}

/// Which kind of file this is, by its name or path.
pub fn kind_of_file(name: &str) -> Option<FileKind> {
    let mut parts = name.rsplit(['/', '\\']);
    let (file, folder) = (parts.next().unwrap_or_default(), parts.next());
    match file {
        _ if file.len() > super::SUFFIX.len() && file.ends_with(super::SUFFIX) => {
            Some(FileKind::Recipe)
        }
        "folders.toml" => Some(FileKind::Folders),
        "backend.toml" => Some(FileKind::Backend),
        "models.toml" => Some(FileKind::Catalogue),
        _ if folder == Some("models")
            && file.strip_suffix(".toml").is_some_and(|it| !it.is_empty()) =>
        {
            Some(FileKind::Catalogue)
        }
        _ => None,
    }
}

/// Every key of a kind of file.
pub fn keys(file: FileKind) -> &'static [KeyDoc] {
    match file {
        FileKind::Recipe => recipe::KEYS,
        FileKind::Folders => folders::KEYS,
        FileKind::Catalogue => catalogue::KEYS,
        FileKind::Backend => backend::KEYS,
    }
}

/// The keys of one table. At the top of a recipe, those of a step are among them.
pub fn keys_of(file: FileKind, table: &str) -> impl Iterator<Item = &'static KeyDoc> + use<'_> {
    let top = file == FileKind::Recipe && table.is_empty();
    keys(file).iter().filter(move |key| key.table == table || (top && key.table == STEP))
}

/// One key of a table.
pub fn find(file: FileKind, table: &str, name: &str) -> Option<&'static KeyDoc> {
    let mut exact = keys_of(file, table).filter(|key| key.name == name);
    exact.next().or_else(|| keys_of(file, table).find(|key| key.name == "*"))
}

/// The key at a path of [`super::Spans`], such as `step.0.expand.top` or `output.format`.
pub fn key_at(file: FileKind, path: &str) -> Option<&'static KeyDoc> {
    let mut found: Option<&'static KeyDoc> = None;
    let mut table = "";
    for part in path.split('.') {
        // The place in a list is no key.
        if found.is_some_and(|key| !matches!(key.kind, Kind::Table(_) | Kind::ChoiceOr(..)))
            && part.bytes().all(|byte| byte.is_ascii_digit())
        {
            continue;
        }
        let key = find(file, table, part)?;
        table = key.kind.table().unwrap_or("-");
        found = Some(key);
    }
    found
}

/// What the words of a key mean.
pub fn words(file: FileKind) -> &'static [WordDoc] {
    match file {
        FileKind::Recipe => recipe::WORDS,
        FileKind::Folders => folders::WORDS,
        FileKind::Catalogue | FileKind::Backend => &[],
    }
}

/// What a word means as the value of a key.
pub fn word_doc(file: FileKind, key: &str, word: &str) -> Option<&'static str> {
    words(file).iter().find(|it| it.key == key && it.word == word).map(|it| it.doc)
}

/// What people write for a key: other numbers of a noun, and names that other tools use.
pub fn old_name(file: FileKind, name: &str) -> Option<&'static str> {
    let table = match file {
        FileKind::Recipe => recipe::OLD_NAMES,
        FileKind::Folders => folders::OLD_NAMES,
        FileKind::Catalogue | FileKind::Backend => &[],
    };
    table.iter().find(|(old, _)| *old == name).map(|(_, now)| *now)
}

#[cfg(test)]
mod tests {
    use easel_protocol::model::{Intent, Keep};

    use super::*;

    #[test]
    fn files_are_known_by_their_names() {
        assert_eq!(kind_of_file("a/b/white.easel.toml"), Some(FileKind::Recipe));
        assert_eq!(kind_of_file(".easel.toml"), None);
        assert_eq!(kind_of_file("/x/folders.toml"), Some(FileKind::Folders));
        assert_eq!(kind_of_file("/x/models/flux.toml"), Some(FileKind::Catalogue));
        assert_eq!(kind_of_file("flux/backend.toml"), Some(FileKind::Backend));
        assert_eq!(kind_of_file("Cargo.toml"), None);
    }

    #[test]
    fn paths_lead_to_keys() {
        let name = |path| key_at(FileKind::Recipe, path).map(|key| (key.table, key.name));
        assert_eq!(name("step.0.prompt"), Some(("step", "prompt")));
        assert_eq!(name("prompt"), Some(("step", "prompt")));
        assert_eq!(name("step.0.keep.1"), Some(("step", "keep")));
        assert_eq!(name("step.2.expand.top"), Some(("expand", "top")));
        assert_eq!(name("output.format"), Some(("output", "format")));
        assert_eq!(name("matrix.mood.1"), Some(("matrix", "*")));
        assert_eq!(name("output.nothing"), None);
    }

    #[test]
    fn words_are_those_of_the_wire_and_all_are_explained() {
        let intents: Vec<&str> = Intent::ALL.iter().map(|intent| intent.name()).collect();
        let keeps: Vec<&str> = Keep::ALL.iter().map(|keep| keep.name()).collect();
        assert_eq!(find(FileKind::Recipe, "step", "intent").unwrap().kind.choices(), intents);
        assert_eq!(find(FileKind::Recipe, "step", "keep").unwrap().kind.choices(), keeps);
        for file in [FileKind::Recipe, FileKind::Folders] {
            for key in keys(file) {
                for word in key.kind.choices() {
                    assert!(word_doc(file, key.name, word).is_some(), "{} {word}", key.name);
                }
            }
        }
    }

    #[test]
    fn tables_and_examples_are_there() {
        for file in [FileKind::Recipe, FileKind::Folders, FileKind::Catalogue, FileKind::Backend] {
            for key in keys(file) {
                if let Some(table) = key.kind.table() {
                    assert!(keys_of(file, table).next().is_some(), "{}", key.name);
                }
                let name = if key.name == "*" { "any" } else { key.name };
                let text = format!("{name} = {}", key.example);
                assert!(text.parse::<toml::Table>().is_ok(), "{text}");
                assert!(key.doc.ends_with('.'), "{}", key.doc);
            }
        }
    }
}
