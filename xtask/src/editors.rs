//! `cargo xtask editors`: the real Krita and the real GIMP for the tests of the plugins, with what drives
//! them (a display without a screen, a window manager, keys and screenshots), in a Debian folder of their
//! own. It lies outside of the clone: clones share it and `cargo clean` leaves it. Every package's
//! signature is checked. It needs Linux, root and the internet once, and never touches the system's own
//! packages, nor does it leave a mount behind: what runs in the folder has mounts of its own, which go
//! when it ends.

mod make;
mod mirror;

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Outcome;
use crate::folders::{at, create, remove};
use crate::run::say;
use crate::tools;

/// The keys that Debian signs its packages with.
pub(crate) const KEYS: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// The Debian release that has Krita 5.2 and GIMP 3.0.
const SUITE: &str = "trixie";

/// Raised when the set-up itself changes: folders of an older one are made anew.
const REVISION: u32 = 1;

const PACKAGES: &[&str] = &[
    "gimp",
    "gir1.2-gimp-3.0",
    "python3-gi",
    "krita",
    "python3-pyqt5",
    // The editor of code that drives the language server.
    "neovim",
    // A display, and a window manager: without one no window has the focus.
    "xvfb",
    "xauth",
    "openbox",
    // Keys, clicks and screenshots.
    "xdotool",
    "x11-utils",
    "imagemagick",
    "procps",
    // Without these a screenshot shows boxes for letters and nothing for icons.
    "fonts-dejavu-core",
    "adwaita-icon-theme",
    "librsvg2-common",
];

/// In the folder: what it was made from. It is written last.
const STAMP: &str = "made-from.txt";

/// Makes sure that the folder of the editors is there and made from what this file names.
pub(crate) fn ensure(root: &Path) -> Outcome {
    if !cfg!(target_os = "linux") {
        return Err("the tests of the editors need Linux: run them on a Debian, or in a virtual \
                    machine or container with one"
            .to_owned());
    }
    let variable = std::env::var_os;
    let folder =
        folder(variable("EASEL_EDITORS_DIR"), variable("XDG_CACHE_HOME"), variable("HOME"))?;
    let here = format!("Krita and GIMP in `{}` are right", folder.display());
    if is_current(&folder) {
        say(&here);
        return Ok(());
    }
    // Made before root is asked for: what lies above the folder stays the user's own.
    create(folder.parent().unwrap_or(&folder))?;
    let _lock = lock(&beside(&folder, "lock"))?;
    if is_current(&folder) {
        say(&here);
        return Ok(());
    }
    may_replace(&folder)?;
    root_or_how(&folder)?;
    tools::ensure_for_editors(root)?;
    let place = folder.display();
    say(&format!("· fetching a Debian with Krita and GIMP into `{place}`: about 500 MB once"));
    // Made beside, then renamed: a half of it is never in place.
    let part = beside(&folder, "part");
    let old = beside(&folder, "old");
    remove(&part)?;
    make::run(&part)?;
    remove(&old)?;
    if folder.exists() {
        fs::rename(&folder, &old).map_err(|error| at(&folder, &error))?;
    }
    fs::rename(&part, &folder).map_err(|error| at(&folder, &error))?;
    remove(&old)?;
    say(&format!("Krita and GIMP are in `{place}`"));
    Ok(())
}

/// Where the editors are: `$EASEL_EDITORS_DIR`, or `easel/editors-trixie` in `$XDG_CACHE_HOME`, or else in
/// `~/.cache`. The tests of the editors follow the same rule: change both.
fn folder(
    named: Option<OsString>,
    cache: Option<OsString>,
    home: Option<OsString>,
) -> Result<PathBuf, String> {
    let path = |value: Option<OsString>| value.filter(|v| !v.is_empty()).map(PathBuf::from);
    if let Some(named) = path(named) {
        return if named.is_absolute() {
            Ok(named)
        } else {
            Err(format!(
                "`EASEL_EDITORS_DIR` is `{}`: name the folder from `/` on",
                named.display()
            ))
        };
    }
    path(cache)
        .filter(|cache| cache.is_absolute())
        .or_else(|| path(home).map(|home| home.join(".cache")))
        .map(|cache| cache.join("easel").join(format!("editors-{SUITE}")))
        .ok_or_else(|| {
            "there is no `HOME`: name a folder for the editors in `EASEL_EDITORS_DIR`".to_owned()
        })
}

/// What a folder is made from: when this changes, it is made anew.
fn stamp() -> String {
    format!("revision {REVISION}\n{SUITE}\n{}\n", PACKAGES.join("\n"))
}

fn is_current(folder: &Path) -> bool {
    fs::read_to_string(folder.join(STAMP)).is_ok_and(|found| found == stamp())
}

/// A folder that this task did not make is never taken away.
fn may_replace(folder: &Path) -> Outcome {
    let is_empty = fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none());
    if is_empty || folder.join(STAMP).is_file() {
        return Ok(());
    }
    Err(format!(
        "`{}` is in the way and was not made by this task: move it, or name another folder in \
         `EASEL_EDITORS_DIR`",
        folder.display()
    ))
}

/// The path beside a folder that ends in `.what`.
fn beside(folder: &Path, what: &str) -> PathBuf {
    let mut name = folder.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(what);
    folder.with_file_name(name)
}

/// Two runs at once would write into one another's folder: the second waits for the first.
fn lock(path: &Path) -> Result<File, String> {
    let file = File::create(path).map_err(|error| at(path, &error))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            say("· another run is setting up the editors: waiting for it");
            file.lock().map_err(|error| at(path, &error))?;
        }
        Err(TryLockError::Error(error)) => return Err(at(path, &error)),
    }
    Ok(file)
}

fn root_or_how(folder: &Path) -> Outcome {
    let id = Command::new("id").arg("-u").output();
    if id.is_ok_and(|output| output.stdout.trim_ascii() == b"0") {
        return Ok(());
    }
    let program = std::env::current_exe().unwrap_or_default();
    Err(format!(
        "the first set-up of Krita and GIMP needs root, what uses it does not: run once \
         `sudo env EASEL_EDITORS_DIR={} {} editors`",
        folder.display(),
        program.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(named: &str, cache: &str, home: &str) -> Result<String, String> {
        let [named, cache, home] = [named, cache, home].map(|value| Some(OsString::from(value)));
        folder(named, cache, home).map(|path| path.display().to_string())
    }

    #[test]
    fn the_folder_is_the_named_one_or_in_the_cache() {
        assert_eq!(place("/there", "/cache", "/home/a").unwrap(), "/there");
        assert_eq!(place("", "/cache", "/home/a").unwrap(), "/cache/easel/editors-trixie");
        let of_home = "/home/a/.cache/easel/editors-trixie";
        assert_eq!(place("", "", "/home/a").unwrap(), of_home);
        assert_eq!(place("", "relative", "/home/a").unwrap(), of_home);
        assert!(place("there", "", "/home/a").unwrap_err().contains("EASEL_EDITORS_DIR"));
        assert!(folder(None, None, None).unwrap_err().contains("EASEL_EDITORS_DIR"));
    }

    #[test]
    fn only_what_this_task_made_is_current_or_replaced() {
        let folder = std::env::temp_dir().join(format!("easel-editors-{}", std::process::id()));
        assert!(!is_current(&folder));
        may_replace(&folder).unwrap();
        fs::create_dir_all(&folder).unwrap();
        may_replace(&folder).unwrap();
        fs::write(folder.join("letter.txt"), "dear").unwrap();
        assert!(may_replace(&folder).unwrap_err().contains("in the way"));
        fs::write(folder.join(STAMP), "revision 0\n").unwrap();
        assert!(!is_current(&folder));
        may_replace(&folder).unwrap();
        fs::write(folder.join(STAMP), stamp()).unwrap();
        assert!(is_current(&folder));
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn what_lies_beside_keeps_the_whole_name() {
        assert_eq!(beside(Path::new("/a/e-13.2"), "part"), Path::new("/a/e-13.2.part"));
    }
}
