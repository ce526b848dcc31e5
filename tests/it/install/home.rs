//! A home folder with editors in it as a test wants them, and the program run for its user.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::support::EASEL;

pub(super) const PYKRITA: &str = ".local/share/krita/pykrita";
pub(super) const KRITARC: &str = ".config/kritarc";
pub(super) const GIMP: &str = ".config/GIMP/3.0/plug-ins";

/// A home folder with nothing in it but what a test puts there.
pub(super) struct Home(tempfile::TempDir);

impl Home {
    pub(super) fn with(folders: &[&str]) -> Home {
        let home = Home(tempfile::tempdir().unwrap());
        for folder in folders {
            std::fs::create_dir_all(home.path(folder)).unwrap();
        }
        home
    }

    pub(super) fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    pub(super) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub(super) fn write(&self, path: &str, content: &str) {
        std::fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        std::fs::write(self.path(path), content).unwrap();
    }

    pub(super) fn easel(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(EASEL);
        // No editor of this machine is found, and no folder but those of this home.
        command.env_clear().env("HOME", self.0.path()).env("PATH", self.path("bin"));
        command.arg("install").args(arguments).stdin(Stdio::null()).output().unwrap()
    }

    /// Runs it, and gives what it printed.
    pub(super) fn install(&self, arguments: &[&str]) -> String {
        let output = self.easel(arguments);
        assert!(output.status.success(), "{output:?}");
        self.shown(&output.stdout)
    }

    pub(super) fn json(&self, arguments: &[&str]) -> Value {
        let output = self.easel(&[arguments, &["--json"]].concat());
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
    }

    /// Text without what differs between machines, versions and commits.
    pub(super) fn shown(&self, text: &[u8]) -> String {
        let text = String::from_utf8_lossy(text);
        let text = text.replace(&self.0.path().display().to_string(), "~");
        let text = text.replace(EASEL, "EASEL").replace(env!("CARGO_PKG_VERSION"), "VERSION");
        let numbers: Vec<&str> = text.split(' ').collect();
        let words = numbers.iter().enumerate().map(|(at, word)| {
            let counts = numbers.get(at + 1).is_some_and(|next| *next == "files");
            if counts && word.parse::<u32>().is_ok() { "N" } else { word }
        });
        words.collect::<Vec<_>>().join(" ")
    }

    pub(super) fn check(&self, editor: &str) -> (String, Option<i32>) {
        let output = self.easel(&[editor, "--check"]);
        (self.shown(&output.stdout), output.status.code())
    }

    /// All that is in the home, folders too.
    pub(super) fn tree(&self) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
        fn walk(folder: &Path, tree: &mut BTreeMap<PathBuf, Option<Vec<u8>>>) {
            for entry in std::fs::read_dir(folder).unwrap().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    tree.insert(path.clone(), None);
                    walk(&path, tree);
                } else {
                    tree.insert(path.clone(), Some(std::fs::read(&path).unwrap()));
                }
            }
        }
        let mut tree = BTreeMap::new();
        walk(self.0.path(), &mut tree);
        tree
    }
}

#[cfg(unix)]
pub(super) fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[cfg(unix)]
pub(super) fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}
