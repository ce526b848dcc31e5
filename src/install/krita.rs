//! Krita: its resource folder has plugins in `pykrita`, and a plugin runs when `kritarc` says so.
//!
//! The folders of Linux, and a resource folder that was moved, were seen with Krita 5.2.9; those of
//! Windows, macOS, Flatpak, Snap and the Microsoft Store are from Krita's manual and sources, and
//! were not tried.

use std::path::{Path, PathBuf};

use super::kritarc;
use super::machine::{Machine, Platform};
use super::places::{Found, Kind, Place};

/// The name of the plugin's module, by which `kritarc` knows it.
pub(super) const PLUGIN: &str = "easel_krita";

/// A way in which Krita may be installed.
struct Candidate {
    kind: Kind,
    data: PathBuf,
    settings: PathBuf,
    is_there: bool,
}

/// The installations of Krita.
pub(super) fn find(machine: &Machine<'_>) -> Found {
    let mut found = Found::default();
    for candidate in candidates(machine).into_iter().filter(|it| it.is_there) {
        found.add(candidate.place(machine));
    }
    found.note_sandboxes("Krita", "krita");
    if found.places.iter().any(|place| place.kind == Kind::Snap) {
        found.notes.push("the Snap of Krita may have been built without Python".to_owned());
    }
    found
}

/// A folder that somebody named, with the settings of the installation that it belongs to.
pub(super) fn named(machine: &Machine<'_>, folder: PathBuf) -> Place {
    let all: Vec<Place> =
        candidates(machine).into_iter().map(|candidate| candidate.place(machine)).collect();
    if let Some(known) = all.iter().find(|place| place.folder == folder) {
        return known.clone();
    }
    // Wherever the resources are, an installation of the usual kind reads the usual settings.
    let settings = all.into_iter().next().and_then(|place| place.settings);
    Place { kind: Kind::Named, name: Kind::Named.of("Krita"), folder, settings }
}

impl Candidate {
    fn place(self, machine: &Machine<'_>) -> Place {
        let settings = machine.sight.read(&self.settings).unwrap_or_default();
        let data = moved(machine.platform, &settings).unwrap_or(self.data);
        Place {
            kind: self.kind,
            name: self.kind.of("Krita"),
            folder: data.join("pykrita"),
            settings: Some(self.settings),
        }
    }
}

/// The usual installation is the first.
fn candidates(machine: &Machine<'_>) -> Vec<Candidate> {
    let exists = |path: &Path| machine.sight.exists(path);
    let data = machine.data_home().join("krita");
    let settings = machine.config_home().join("kritarc");
    let program = match machine.platform {
        Platform::Linux => machine.program("krita"),
        Platform::Windows => {
            machine.variable("ProgramFiles").map(|it| Path::new(it).join("Krita (x64)"))
        }
        Platform::Mac => Some(PathBuf::from("/Applications/krita.app")),
    };
    let is_there =
        exists(&data) || exists(&settings) || program.is_some_and(|program| exists(&program));
    let mut all = vec![Candidate { kind: Kind::Usual, data, settings, is_there }];
    if machine.platform == Platform::Linux {
        let flatpak = machine.home.join(".var/app/org.kde.krita");
        all.push(Candidate {
            kind: Kind::Flatpak,
            data: flatpak.join("data/krita"),
            settings: flatpak.join("config/kritarc"),
            is_there: exists(&flatpak),
        });
        let snap = machine.home.join("snap/krita/current");
        all.push(Candidate {
            kind: Kind::Snap,
            data: snap.join(".local/share/krita"),
            settings: snap.join(".config/kritarc"),
            is_there: exists(&snap),
        });
    }
    all.extend(machine.packages("49800Krita").into_iter().map(|package| Candidate {
        kind: Kind::Store,
        data: package.join("Roaming").join("krita"),
        settings: package.join("Local").join("kritarc"),
        is_there: true,
    }));
    all
}

/// Where a person moved the resource folder to. Krita then looks for plugins nowhere else.
fn moved(platform: Platform, settings: &[u8]) -> Option<PathBuf> {
    let folder = kritarc::top_level(settings, "ResourceDirectory")?;
    // One from another platform is passed over by Krita too.
    platform.is_absolute(&folder).then(|| PathBuf::from(folder))
}

#[cfg(test)]
mod tests {
    use super::super::machine::made_up::{Files, machine, shown};
    use super::*;

    fn folders(platform: Platform, variables: &[(&str, &str)], files: &Files) -> Vec<String> {
        let found = find(&machine(platform, variables, files));
        shown(
            found
                .places
                .into_iter()
                .flat_map(|place| [Some(place.folder), place.settings])
                .flatten(),
        )
    }

    #[test]
    fn nothing_is_found_where_nothing_is() {
        assert!(
            folders(Platform::Linux, &[], &Files(vec![("/home/ann/.config/other", "")])).is_empty()
        );
        assert!(folders(Platform::Windows, &[], &Files(Vec::new())).is_empty());
        assert!(folders(Platform::Mac, &[], &Files(Vec::new())).is_empty());
    }

    #[test]
    fn every_installation_on_linux_is_found() {
        let files = Files(vec![
            ("/home/ann/.local/share/krita/", ""),
            ("/home/ann/.var/app/org.kde.krita/data/krita/x", ""),
            ("/home/ann/snap/krita/current/.config/kritarc", ""),
        ]);
        assert_eq!(
            folders(Platform::Linux, &[], &files),
            [
                "/home/ann/.local/share/krita/pykrita",
                "/home/ann/.config/kritarc",
                "/home/ann/.var/app/org.kde.krita/data/krita/pykrita",
                "/home/ann/.var/app/org.kde.krita/config/kritarc",
                "/home/ann/snap/krita/current/.local/share/krita/pykrita",
                "/home/ann/snap/krita/current/.config/kritarc",
            ]
        );
        let found = find(&machine(Platform::Linux, &[], &files));
        assert_eq!(found.notes.len(), 3, "{:?}", found.notes);
    }

    #[test]
    fn a_program_that_never_ran_is_enough() {
        let files = Files(vec![("/usr/bin/krita", "")]);
        assert_eq!(
            folders(Platform::Linux, &[("PATH", "/usr/bin"), ("XDG_DATA_HOME", "/data")], &files),
            ["/data/krita/pykrita", "/home/ann/.config/kritarc"]
        );
    }

    #[test]
    fn windows_has_the_store_too() {
        let files = Files(vec![
            (r"C:\Users\ann\AppData\Roaming\krita\x", ""),
            (r"C:\Users\ann\AppData\Local\Packages\49800KritaProject.Krita_n3kgb906j1zjg\x", ""),
        ]);
        let store = "C:/Users/ann/AppData/Local/Packages/49800KritaProject.Krita_n3kgb906j1zjg";
        assert_eq!(
            folders(Platform::Windows, &[], &files),
            [
                "C:/Users/ann/AppData/Roaming/krita/pykrita".to_owned(),
                "C:/Users/ann/AppData/Local/kritarc".to_owned(),
                format!("{store}/LocalCache/Roaming/krita/pykrita"),
                format!("{store}/LocalCache/Local/kritarc"),
            ]
        );
    }

    #[test]
    fn macos_keeps_settings_elsewhere() {
        let files = Files(vec![("/Applications/krita.app/Contents/x", "")]);
        assert_eq!(
            folders(Platform::Mac, &[], &files),
            [
                "/Users/ann/Library/Application Support/krita/pykrita",
                "/Users/ann/Library/Preferences/kritarc",
            ]
        );
    }

    #[test]
    fn a_resource_folder_that_was_moved_is_followed() {
        let files =
            Files(vec![("/home/ann/.config/kritarc", "ResourceDirectory=/paint/krita\n[x]\n")]);
        assert_eq!(
            folders(Platform::Linux, &[], &files),
            ["/paint/krita/pykrita", "/home/ann/.config/kritarc"]
        );
        let files = Files(vec![("/home/ann/.config/kritarc", "ResourceDirectory=C:/paint\n")]);
        assert_eq!(
            folders(Platform::Linux, &[], &files)[0],
            "/home/ann/.local/share/krita/pykrita"
        );
    }

    #[test]
    fn a_named_folder_has_the_settings_of_its_installation() {
        let files = Files(Vec::new());
        let machine = machine(Platform::Linux, &[], &files);
        let flatpak = "/home/ann/.var/app/org.kde.krita/data/krita/pykrita";
        assert_eq!(named(&machine, flatpak.into()).kind, Kind::Flatpak);
        let other = named(&machine, "/paint/pykrita".into());
        assert_eq!(other.kind, Kind::Named);
        assert_eq!(other.settings, Some("/home/ann/.config/kritarc".into()));
    }
}
