//! Where an editor takes plugins from: one place for each installation of it. What is particular to
//! one editor is in a file of its own.

use std::path::PathBuf;

use easel_protocol::{ErrorKind, Failure};

use super::machine::Machine;

/// How an editor came onto the machine, which decides what it may see of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// From a distribution, an installer or an `AppImage`.
    Usual,
    /// In a sandbox that sees the home folder, but starts no programs of the system.
    Flatpak,
    /// In a sandbox that sees no hidden folders of the home folder, and starts no programs either.
    Snap,
    /// From the Microsoft Store, which keeps private copies of the usual folders.
    Store,
    /// Where somebody said.
    Named,
}

impl Kind {
    /// Whether a plugin there cannot start the daemon.
    pub fn is_sandboxed(self) -> bool {
        matches!(self, Kind::Flatpak | Kind::Snap)
    }

    /// The editor's name, with what tells this installation from others.
    pub(super) fn of(self, editor: &str) -> String {
        match self {
            Kind::Usual | Kind::Named => editor.to_owned(),
            Kind::Flatpak => format!("{editor} (Flatpak)"),
            Kind::Snap => format!("{editor} (Snap)"),
            Kind::Store => format!("{editor} (Microsoft Store)"),
        }
    }
}

/// A folder that an editor takes plugins from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub kind: Kind,
    /// What a person calls this installation.
    pub name: String,
    /// Where plugins lie.
    pub folder: PathBuf,
    /// The file in which a plugin is enabled, for editors that want that.
    pub settings: Option<PathBuf>,
}

/// What was found on a machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    pub places: Vec<Place>,
    /// What a person should know of them.
    pub notes: Vec<String>,
}

impl Found {
    /// Adds a place, but not the same folder twice.
    pub(super) fn add(&mut self, place: Place) {
        if self.places.iter().all(|other| other.folder != place.folder) {
            self.places.push(place);
        }
    }

    /// Adds what holds for the sandboxes of an editor.
    pub(super) fn note_sandboxes(&mut self, editor: &str, snap: &str) {
        let has = |kind| self.places.iter().any(|place| place.kind == kind);
        let (flatpak, snapped) = (has(Kind::Flatpak), has(Kind::Snap));
        if flatpak {
            self.notes.push(format!(
                "the Flatpak of {editor} cannot start programs of this system: keep `easel serve` running"
            ));
        }
        if snapped {
            self.notes.push(format!(
                "the Snap of {editor} sees neither programs nor hidden folders of this system: run `easel serve --data-dir ~/snap/{snap}/common/easel`, and start {editor} with `EASEL_DATA_DIR` set to that folder"
            ));
        }
    }
}

/// The failure for an editor that is nowhere.
pub(super) fn nowhere(machine: &Machine<'_>, editor: &str, id: &str, folder: &str) -> Failure {
    let home = machine.home.display();
    Failure::new(ErrorKind::NotFound, format!("no {editor} was found below `{home}`")).hint(format!(
        "start {editor} once, so that it makes its folders, or name the one that it takes plugins from: `easel install {id} --dir {folder}`"
    ))
}
