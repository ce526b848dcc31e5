//! Figma: takes a plugin under development from a folder that a person names in a dialog, and keeps the list of them
//! itself. All that can be done from here is to put the folder where a dialog finds it.
//!
//! From Figma's documentation; not tried with a real Figma.

use std::path::PathBuf;

use super::machine::Machine;
use super::places::{Found, Kind, Place};

/// Where the folder goes: among the documents, where there are any. Dialogs hide folders that begin with a dot.
pub(super) fn find(machine: &Machine<'_>) -> Found {
    let documents = machine.home.join("Documents");
    let folder = if machine.sight.exists(&documents) { documents } else { machine.home.clone() };
    Found { places: vec![place(Kind::Usual, folder)], notes: Vec::new() }
}

/// A folder that somebody named.
pub(super) fn named(folder: PathBuf) -> Place {
    place(Kind::Named, folder)
}

fn place(kind: Kind, folder: PathBuf) -> Place {
    Place { kind, name: kind.of("Figma"), folder, settings: None }
}
