//! GIMP: each version has a folder of its own with plug-ins in `plug-ins`, and takes those whose
//! folder and file have one name and that may be executed; it passes over others in silence.
//!
//! The folder on Linux and what is passed over were seen with GIMP 3.0.4; the folders of Windows,
//! macOS, Flatpak, Snap and the Microsoft Store are from GIMP's sources and packages, and were not
//! tried. The Flatpak reads the usual `~/.config/GIMP` where that exists, and a folder of its own
//! otherwise: both are served.

use std::path::{Path, PathBuf};

use easel_protocol::{ErrorKind, Failure};

use super::machine::{Machine, Platform};
use super::places::{Found, Kind, Place};

/// What `gimp --version` ends with.
type Version = (u32, u32);

/// What the Flatpak has in the home folder as soon as it ran.
const FLATPAK: &str = ".var/app/org.gimp.GIMP";

/// The oldest version whose plug-ins are in Python 3.
const OLDEST: Version = (3, 0);

/// The installations of GIMP, one for each version.
pub(super) fn find(machine: &Machine<'_>) -> Result<Found, Failure> {
    let mut found = Found::default();
    let program = installed(machine);
    let has_flatpak = machine.sight.exists(&machine.home.join(FLATPAK));
    for (kind, base) in bases(machine) {
        let is_its = kind == Kind::Usual && has_flatpak && program.is_none();
        let kind = if is_its { Kind::Flatpak } else { kind };
        for version in versions(machine, &base).into_iter().filter(|it| *it >= OLDEST) {
            found.add(place(kind, &base, version));
        }
    }
    if let Some(folder) = machine.variable("GIMP3_DIRECTORY") {
        found.add(named(machine, machine.home.join(folder).join("plug-ins")));
    }
    if let Some(version) = program {
        consider(machine, version, &mut found)?;
    }
    found.note_sandboxes("GIMP", "gimp");
    Ok(found)
}

/// What the version of the program adds to the folders that exist.
fn consider(machine: &Machine<'_>, version: Version, found: &mut Found) -> Result<(), Failure> {
    let base = machine.config_home().join("GIMP");
    let name = shown(version);
    if version < OLDEST && found.places.is_empty() {
        let message = format!("`gimp` is version {name}, and the plug-in wants 3.0");
        return Err(Failure::new(ErrorKind::Unsupported, message)
            .hint("install GIMP 3, start it once, and run this again"));
    }
    if version < OLDEST || machine.sight.exists(&base.join(&name)) {
        return Ok(());
    }
    if !found.places.is_empty() {
        found.notes.push(format!(
            "GIMP {name} was not started yet: start it once, and run `easel install gimp` again"
        ));
        return Ok(());
    }
    // A first start takes over the settings of an older version, unless the new folder is there.
    if let Some(older) = versions(machine, &base).into_iter().max() {
        let older = shown(older);
        let hint = format!(
            "start it once, so that it takes over the settings of {older}, and run this again"
        );
        let message = format!("GIMP {name} was not started yet");
        return Err(Failure::new(ErrorKind::NotFound, message).hint(hint));
    }
    found.add(place(Kind::Usual, &base, version));
    Ok(())
}

/// A folder that somebody named.
pub(super) fn named(machine: &Machine<'_>, folder: PathBuf) -> Place {
    let known = bases(machine).into_iter().find(|(_, base)| folder.starts_with(base));
    let kind = known.map_or(Kind::Named, |(kind, _)| kind);
    Place { kind, name: kind.of("GIMP"), folder, settings: None }
}

/// The version of the `gimp` on `PATH` that reads the usual folders.
fn installed(machine: &Machine<'_>) -> Option<Version> {
    let program = machine.program("gimp").filter(|_| machine.platform == Platform::Linux)?;
    let path = program.to_string_lossy();
    if path.starts_with("/snap/") || path.contains("/flatpak/") {
        return None;
    }
    machine.sight.answer(&program, &["--version"])?.split_whitespace().find_map(version)
}

/// Whether there is a GIMP that uses the system's own Python.
pub(super) fn is_installed(machine: &Machine<'_>) -> bool {
    installed(machine).is_some()
}

/// Where the folders of the versions are.
fn bases(machine: &Machine<'_>) -> Vec<(Kind, PathBuf)> {
    let home = &machine.home;
    match machine.platform {
        Platform::Linux => vec![
            (Kind::Usual, machine.config_home().join("GIMP")),
            (Kind::Flatpak, home.join(FLATPAK).join("config/GIMP")),
            (Kind::Snap, home.join("snap/gimp/current/.config/GIMP")),
        ],
        Platform::Mac => vec![(Kind::Usual, machine.data_home().join("GIMP"))],
        Platform::Windows => {
            let packages = machine.packages("GIMP.");
            let store =
                packages.into_iter().map(|it| (Kind::Store, it.join("Roaming").join("GIMP")));
            [(Kind::Usual, machine.data_home().join("GIMP"))].into_iter().chain(store).collect()
        }
    }
}

fn place(kind: Kind, base: &Path, version: Version) -> Place {
    let version = shown(version);
    let folder = base.join(&version).join("plug-ins");
    Place { kind, name: kind.of(&format!("GIMP {version}")), folder, settings: None }
}

/// The versions that have a folder.
fn versions(machine: &Machine<'_>, base: &Path) -> Vec<Version> {
    let names = machine.sight.names(base).unwrap_or_default();
    names
        .iter()
        .filter(|name| name.matches('.').count() == 1)
        .filter_map(|it| version(it))
        .collect()
}

/// The first two numbers of `3.0.4`.
fn version(text: &str) -> Option<Version> {
    let mut parts = text.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

fn shown((major, minor): Version) -> String {
    format!("{major}.{minor}")
}

#[cfg(test)]
mod tests {
    use super::super::machine::made_up::{Files, machine, shown};
    use super::*;

    const PATH: (&str, &str) = ("PATH", "/usr/bin");

    fn found(files: &Files) -> Result<Found, Failure> {
        find(&machine(Platform::Linux, &[PATH], files))
    }

    fn folders(found: Result<Found, Failure>) -> Vec<String> {
        shown(found.unwrap().places.into_iter().map(|place| place.folder))
    }

    #[test]
    fn every_version_from_3_on_is_served() {
        let files = Files(vec![
            ("/home/ann/.config/GIMP/2.10/x", ""),
            ("/home/ann/.config/GIMP/3.0/x", ""),
            ("/home/ann/.config/GIMP/3.2/x", ""),
            ("/home/ann/.config/GIMP/backup/x", ""),
            ("/usr/bin/gimp", "GNU Image Manipulation Program version 3.0.4\n"),
            ("/home/ann/.var/app/org.gimp.GIMP/config/GIMP/3.2/x", ""),
            ("/home/ann/snap/gimp/current/.config/GIMP/3.0/x", ""),
        ]);
        assert_eq!(
            folders(found(&files)),
            [
                "/home/ann/.config/GIMP/3.0/plug-ins",
                "/home/ann/.config/GIMP/3.2/plug-ins",
                "/home/ann/.var/app/org.gimp.GIMP/config/GIMP/3.2/plug-ins",
                "/home/ann/snap/gimp/current/.config/GIMP/3.0/plug-ins",
            ]
        );
        let names: Vec<_> = found(&files).unwrap().places.into_iter().map(|it| it.name).collect();
        assert_eq!(names, ["GIMP 3.0", "GIMP 3.2", "GIMP 3.2 (Flatpak)", "GIMP 3.0 (Snap)"]);
    }

    #[test]
    fn the_flatpak_may_use_the_usual_folder() {
        let files = Files(vec![
            ("/home/ann/.config/GIMP/3.0/x", ""),
            ("/home/ann/.var/app/org.gimp.GIMP/cache/x", ""),
        ]);
        let found = found(&files).unwrap();
        assert_eq!(found.places[0].name, "GIMP 3.0 (Flatpak)");
        assert_eq!(found.notes.len(), 1, "{:?}", found.notes);
    }

    #[test]
    fn windows_and_macos_have_their_folders() {
        let files = Files(vec![
            (r"C:\Users\ann\AppData\Roaming\GIMP\3.0\x", ""),
            (
                r"C:\Users\ann\AppData\Local\Packages\GIMP.43237745622F1_x\LocalCache\Roaming\GIMP\3.2\x",
                "",
            ),
            ("/Users/ann/Library/Application Support/GIMP/3.0/x", ""),
        ]);
        assert_eq!(
            folders(find(&machine(Platform::Windows, &[], &files))),
            [
                "C:/Users/ann/AppData/Roaming/GIMP/3.0/plug-ins",
                "C:/Users/ann/AppData/Local/Packages/GIMP.43237745622F1_x/LocalCache/Roaming/GIMP/3.2/plug-ins",
            ]
        );
        assert_eq!(
            folders(find(&machine(Platform::Mac, &[], &files))),
            ["/Users/ann/Library/Application Support/GIMP/3.0/plug-ins"]
        );
    }

    #[test]
    fn a_gimp_that_never_ran_gets_its_folder() {
        let program = ("/usr/bin/gimp", "GNU Image Manipulation Program version 3.0.4\n");
        let files = Files(vec![program]);
        assert_eq!(folders(found(&files)), ["/home/ann/.config/GIMP/3.0/plug-ins"]);
        let files = Files(vec![program, ("/home/ann/.config/GIMP/2.10/x", "")]);
        let failure = found(&files).unwrap_err();
        assert!(failure.message.contains("3.0 was not started"), "{failure}");
    }

    #[test]
    fn a_newer_gimp_than_the_folders_is_noted() {
        let files = Files(vec![
            ("/usr/bin/gimp", "GNU Image Manipulation Program version 3.2.0\n"),
            ("/home/ann/.config/GIMP/3.0/x", ""),
        ]);
        let found = found(&files).unwrap();
        assert_eq!(found.places.len(), 1);
        assert!(found.notes[0].contains("GIMP 3.2 was not started"), "{:?}", found.notes);
    }

    #[test]
    fn an_old_gimp_is_refused() {
        let files =
            Files(vec![("/usr/bin/gimp", "GNU Image Manipulation Program version 2.10.36\n")]);
        assert_eq!(found(&files).unwrap_err().kind, ErrorKind::Unsupported);
        assert!(find(&machine(Platform::Linux, &[], &files)).unwrap().places.is_empty());
    }

    #[test]
    fn a_folder_that_the_environment_names_is_served() {
        let files = Files(Vec::new());
        let variables = [("GIMP3_DIRECTORY", "painting")];
        assert_eq!(
            folders(find(&machine(Platform::Linux, &variables, &files))),
            ["/home/ann/painting/plug-ins"]
        );
    }
}
