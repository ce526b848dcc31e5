//! What can be done with a recipe from inside an editor, above its first line.

use std::ops::Range;

use super::context::Source;
use super::scan::Kind;
use crate::recipe::schema::FileKind;

/// Runs the recipe on a picture.
pub const RUN_ON_PICTURE: &str = "easel.runOnPicture";
/// Lets the recipe do what lies in a folder.
pub const WATCH_FOLDER: &str = "easel.watchFolder";

/// Something that can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lens {
    /// What an editor shows.
    pub title: &'static str,
    /// The command behind it.
    pub command: &'static str,
}

const LENSES: [Lens; 2] = [
    Lens { title: "Run on a picture…", command: RUN_ON_PICTURE },
    Lens { title: "Watch a folder…", command: WATCH_FOLDER },
];

/// What can be done, and the line that it stands above: the first one of the recipe, below its comments.
pub fn lenses(source: Source<'_>) -> Option<(Range<usize>, [Lens; 2])> {
    if source.file != FileKind::Recipe {
        return None;
    }
    let first = source.scan.statements.iter().find(|it| !matches!(it.kind, Kind::Comment))?;
    let line = source.text[first.range.clone()].lines().next().map_or(0, str::len);
    Some((first.range.start..first.range.start + line, LENSES))
}
