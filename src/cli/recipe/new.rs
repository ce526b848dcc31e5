//! `easel recipe new`: a recipe to begin with, with what may be changed written beside it. Never over one that is
//! there.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use easel_protocol::model::Intent;
use easel_protocol::{ErrorKind, Failure};

use super::super::Context;
use super::super::options::IntentName;
use crate::recipe::{self, SUFFIX};
use crate::store::io_failure;

/// The recipe for another look, and what every other begins with.
const BASE: &str = include_str!("new.easel.toml");

/// The recipes of the cookbook.
const COOKBOOK: &[(&str, &str)] = &[
    ("archive-prints", include_str!("../../../cookbook/archive-prints.easel.toml")),
    ("campaign-moods", include_str!("../../../cookbook/campaign-moods.easel.toml")),
    ("catalogue-backgrounds", include_str!("../../../cookbook/catalogue-backgrounds.easel.toml")),
    ("comic-in-a-mask", include_str!("../../../cookbook/comic-in-a-mask.easel.toml")),
    ("cutout-ground-enhance", include_str!("../../../cookbook/cutout-ground-enhance.easel.toml")),
    ("cutouts", include_str!("../../../cookbook/cutouts.easel.toml")),
    ("enhance-scans", include_str!("../../../cookbook/enhance-scans.easel.toml")),
    ("one-look-for-a-set", include_str!("../../../cookbook/one-look-for-a-set.easel.toml")),
    ("portrait-blur", include_str!("../../../cookbook/portrait-blur.easel.toml")),
    ("product-on-white", include_str!("../../../cookbook/product-on-white.easel.toml")),
    ("repaint-a-detail", include_str!("../../../cookbook/repaint-a-detail.easel.toml")),
];

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
easel recipe new oil                               # another look, on this machine\n  \
easel recipe new --intent background               # writes background.easel.toml\n  \
easel recipe new shop --from product-on-white      # a recipe of the cookbook\n  \
easel recipe new shop --from old-shop.easel.toml   # or one of your own\n\n\
The cookbook: archive-prints, campaign-moods, catalogue-backgrounds, comic-in-a-mask, cutout-ground-enhance,\n\
cutouts, enhance-scans, one-look-for-a-set, portrait-blur, product-on-white, repaint-a-detail.\n\
docs/recipes.md explains every key.")]
pub(in crate::cli) struct New {
    /// The recipe's name, or the path of its file. Without it: what it begins with.
    name: Option<PathBuf>,
    /// What kind of change.
    #[arg(long, value_enum, value_name = "INTENT", conflicts_with = "from")]
    intent: Option<IntentName>,
    /// Begin with a recipe of the cookbook, or with a file.
    #[arg(long, value_name = "RECIPE")]
    from: Option<String>,
    /// Put it where it is at hand by its name, in editors and on the page too.
    #[arg(long)]
    shared: bool,
}

impl New {
    pub(super) fn run(&self, context: &Context) -> Result<ExitCode, Failure> {
        let text = match &self.from {
            Some(from) => begun(from)?,
            None => start(self.intent.map_or(Intent::Restyle, |intent| intent.0)),
        };
        let path = self.path(context);
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)
                .map_err(|error| io_failure("create", folder, &error))?;
        }
        write(&path, &text)?;
        context.screen.line(path.display());
        self.advise(context, &path, &text);
        Ok(ExitCode::SUCCESS)
    }

    fn path(&self, context: &Context) -> PathBuf {
        let name = match (&self.name, &self.from) {
            (Some(name), _) => name.to_string_lossy().into_owned(),
            (None, Some(from)) => {
                Path::new(from).file_name().unwrap_or_default().to_string_lossy().into_owned()
            }
            (None, None) => {
                self.intent.map_or(Intent::Restyle, |intent| intent.0).name().to_owned()
            }
        };
        let name = if name.ends_with(SUFFIX) { name } else { format!("{name}{SUFFIX}") };
        if self.shared { context.paths.recipes().join(name) } else { PathBuf::from(name) }
    }

    fn advise(&self, context: &Context, path: &Path, text: &str) {
        let folder = path.parent().unwrap_or(Path::new(""));
        let references = recipe::read(text).recipe.map(|recipe| recipe::references(&recipe));
        for reference in references.unwrap_or_default() {
            let place = folder.join(reference);
            if !place.is_file() {
                context.screen.note(format!("put a picture of yours at `{}`", place.display()));
            }
        }
        context.screen.note(format!(
            "next: `easel recipe check {0}`, `easel recipe run {0} PICTURE`",
            path.display()
        ));
    }
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    use std::io::Write;
    std::fs::File::options()
        .write(true)
        .create_new(true)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| {
            if error.kind() == std::io::ErrorKind::AlreadyExists {
                let message = format!("there is a file `{}` already", path.display());
                return Failure::new(ErrorKind::Conflict, message)
                    .hint("give another name; nothing is written over");
            }
            io_failure("write", path, &error)
        })
}

/// The text of a recipe of the cookbook, or of a file.
fn begun(from: &str) -> Result<String, Failure> {
    let name = from.strip_suffix(SUFFIX).unwrap_or(from);
    if let Some((_, text)) = COOKBOOK.iter().find(|(known, _)| *known == name) {
        return Ok((*text).to_owned());
    }
    let path = Path::new(from);
    if path.is_file() {
        return super::read_text(path);
    }
    let near = recipe::nearest(name, COOKBOOK.iter().map(|(name, _)| *name));
    let names: Vec<&str> = COOKBOOK.iter().map(|(name, _)| *name).collect();
    Err(Failure::new(ErrorKind::NotFound, format!("there is no recipe `{from}` to begin with"))
        .hint(match near.first() {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the cookbook has {}; a path of a file works too", names.join(", ")),
        }))
}

/// A recipe for an intent. For what no model of this machine does, hosted ones are named.
fn start(intent: Intent) -> String {
    let (title, description, body) = match intent {
        Intent::Restyle => return BASE.to_owned(),
        Intent::Enhance => (
            "Twice as large",
            "Sharpens and enlarges a picture on this machine.",
            "model = \"local-enhance\"\n\n# By how much the result is larger: 2 or 4.\nscale = 2\n\n# `fast` takes seconds, `best` minutes.\nparams = { tier = \"fast\" }\n",
        ),
        Intent::Background => (
            "Another background",
            "Puts a colour behind the subject, on this machine.",
            "model = \"local-cutout\"\n\n# A colour such as \"#f0e8d8\", \"blur\", or \"transparent\".\nparams = { background = \"#ffffff\" }\n",
        ),
        Intent::Cutout => (
            "Cut-out",
            "The subject alone on transparency, on this machine.",
            "model = \"local-cutout\"\n",
        ),
        Intent::Reimagine => (
            "Another scene",
            "A new picture that takes this one as its idea.",
            "# What the new picture shows.\nprompt = \"the same thing in a winter garden at dusk\"\n\n# The first of these that is set up; docs/models.md tells how. They cost.\nmodel = \"nano-banana-2, else seedream-4.5, else flux-2-pro\"\n",
        ),
        Intent::Edit => (
            "One change",
            "Exchanges one thing and leaves the rest alone.",
            "# The thing, and what becomes of it.\nprompt = \"the door is painted dark red\"\n\n# The first of these that is set up; docs/models.md tells how. They cost.\nmodel = \"flux-2-pro, else nano-banana-2, else seedream-4.5\"\n",
        ),
        Intent::Erase => (
            "Gone",
            "Removes what a mask beside the picture marks.",
            "# White goes, black stays; as large as the picture.\nmask = { file = \"{name}.mask.png\" }\n\n# The first of these that is set up; docs/models.md tells how. They cost.\nmodel = \"flux-erase, else nano-banana-2\"\n",
        ),
        Intent::Expand => (
            "More at the sides",
            "Continues a picture to the left and the right.",
            "# By how many pixels; one number is for all sides.\nexpand = { left = 200, right = 200 }\n\n# It has to be set up; docs/models.md tells how. It costs.\nmodel = \"flux-expand\"\n",
        ),
    };
    let intents = "# What kind of change: restyle, enhance, background, cutout, reimagine, edit, erase, expand.";
    let output = BASE.find("[output]").map_or("", |at| &BASE[at..]);
    format!(
        "# A recipe says what happens to a picture. docs/recipes.md explains every key.\n\
         title = \"{title}\"\ndescription = \"{description}\"\n\n{intents}\nintent = \"{}\"\n{body}\n{output}",
        intent.name()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_start_can_be_read_without_a_word_against_it() {
        let starts = Intent::ALL.map(|intent| (intent.name().to_owned(), start(intent)));
        let cookbook = COOKBOOK.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        for (name, text) in starts.into_iter().chain(cookbook) {
            let read = recipe::read(&text);
            assert!(read.recipe.is_some() && read.diagnostics.is_empty(), "{name}: {read:?}");
        }
    }

    #[test]
    fn the_whole_cookbook_is_at_hand() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cookbook");
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .flatten()
            .filter_map(|entry| Some(entry.file_name().to_str()?.strip_suffix(SUFFIX)?.to_owned()))
            .collect();
        names.sort();
        let known: Vec<&str> = COOKBOOK.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, known);
    }
}
