//! Puts Easel's plugins into editors, takes them out again, and finds out why one does not show up.
//!
//! A [`Target`] is an editor: what is put into it and where. Everything that decides is pure and is
//! given what was seen: `machine` and `places` find folders, `plan` says what to do, `kritarc` edits
//! Krita's settings, `check` judges. `apply` and `probe` alone touch anything, and `work` puts all of it together.

mod figma;
mod gimp;
mod krita;
mod machine;
mod places;

pub mod apply;
pub mod check;
pub mod kritarc;
pub mod package;
pub mod plan;
pub mod probe;
pub mod record;
pub mod work;

use std::path::PathBuf;

use easel_protocol::Failure;

pub use machine::{Machine, Platform, Sight};
pub use places::{Found, Kind, Place};

use package::Package;

/// An editor that a plugin is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Krita,
    Gimp,
    Figma,
}

impl Target {
    /// The word for it on the command line.
    pub fn id(self) -> &'static str {
        match self {
            Target::Krita => "krita",
            Target::Gimp => "gimp",
            Target::Figma => "figma",
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Target::Krita => "Krita",
            Target::Gimp => "GIMP",
            Target::Figma => "Figma",
        }
    }

    /// What is put into it.
    pub fn package(self) -> Package {
        match self {
            Target::Krita => package::krita(),
            Target::Gimp => package::gimp(),
            Target::Figma => package::figma(),
        }
    }

    /// What its settings call the plugin, where they have to enable it.
    pub fn setting(self) -> Option<&'static str> {
        match self {
            Target::Krita => Some(krita::PLUGIN),
            Target::Gimp | Target::Figma => None,
        }
    }

    /// Where to find the plugin in the editor.
    pub fn menu(self) -> &'static str {
        match self {
            Target::Krita => "Settings → Dockers → Easel",
            Target::Gimp => "Filters → Easel",
            Target::Figma => "Plugins → Development → Easel",
        }
    }

    /// Whether its plugin cannot start the daemon wherever it is: it has no programs, only the network.
    pub fn is_web(self) -> bool {
        self == Target::Figma
    }

    /// What a person does once so that the editor takes the plugin, where that cannot be done from here.
    pub fn first_step(self, place: &Place) -> Option<String> {
        let entry = place.folder.join(self.package().entry);
        (self == Target::Figma).then(|| {
            format!(
                "in Figma's desktop app, once: Plugins → Development → Import plugin from manifest…, and choose `{}`; from then on it is at {}",
                entry.display(),
                self.menu()
            )
        })
    }

    /// Where it takes plugins from on a machine; fails where it is nowhere.
    pub fn find(self, machine: &Machine<'_>) -> Result<Found, Failure> {
        let found = match self {
            Target::Krita => krita::find(machine),
            Target::Gimp => gimp::find(machine)?,
            Target::Figma => figma::find(machine),
        };
        if found.places.is_empty() {
            let folder = match self {
                Target::Krita => "…/krita/pykrita",
                Target::Gimp => "…/GIMP/3.0/plug-ins",
                Target::Figma => "DIR",
            };
            return Err(places::nowhere(machine, self.name(), self.id(), folder));
        }
        Ok(found)
    }

    /// A folder that somebody named: the one with plugins in it, or the one around it.
    pub fn named(self, machine: &Machine<'_>, folder: PathBuf) -> Place {
        let inner = folder.join(match self {
            Target::Krita => "pykrita",
            Target::Gimp => "plug-ins",
            Target::Figma => return figma::named(folder),
        });
        let folder = if machine.sight.exists(&inner) { inner } else { folder };
        match self {
            Target::Krita => krita::named(machine, folder),
            Target::Gimp => gimp::named(machine, folder),
            Target::Figma => figma::named(folder),
        }
    }
}
