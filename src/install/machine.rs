//! The machine that an editor is looked for on, as something that is passed in: platform, home
//! folder, variables, and what lies on the disk. Decides where each platform keeps things; reads
//! nothing by itself.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Whose conventions hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    Linux,
    Windows,
    Mac,
}

impl Platform {
    /// The one that this program was built for.
    pub const OWN: Platform = if cfg!(windows) {
        Platform::Windows
    } else if cfg!(target_os = "macos") {
        Platform::Mac
    } else {
        Platform::Linux
    };

    /// Whether a path that somebody wrote down for this platform starts at its root.
    pub(super) fn is_absolute(self, path: &str) -> bool {
        match self {
            Platform::Windows => {
                let mut letters = path.chars();
                letters.next().is_some_and(|letter| letter.is_ascii_alphabetic())
                    && letters.next() == Some(':')
            }
            Platform::Linux | Platform::Mac => path.starts_with('/'),
        }
    }
}

/// What can be seen of a machine.
pub trait Sight {
    /// Whether something is there.
    fn exists(&self, path: &Path) -> bool;
    /// The names in a folder, in order; `None` where there is none.
    fn names(&self, folder: &Path) -> Option<Vec<String>>;
    /// The content of a file.
    fn read(&self, file: &Path) -> Option<Vec<u8>>;
    /// What a program prints before it ends well, in a time that is bounded.
    fn answer(&self, program: &Path, arguments: &[&str]) -> Option<String>;
}

/// A machine, or one that a test made up.
pub struct Machine<'a> {
    pub platform: Platform,
    pub home: PathBuf,
    pub variables: BTreeMap<String, String>,
    pub sight: &'a dyn Sight,
}

impl Machine<'_> {
    /// A variable that says something.
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Where programs keep settings.
    pub(super) fn config_home(&self) -> PathBuf {
        match self.platform {
            Platform::Linux => self.folder_of("XDG_CONFIG_HOME", &[".config"]),
            Platform::Windows => self.local(),
            Platform::Mac => self.home.join("Library").join("Preferences"),
        }
    }

    /// Where programs keep data of the user's.
    pub(super) fn data_home(&self) -> PathBuf {
        match self.platform {
            Platform::Linux => self.folder_of("XDG_DATA_HOME", &[".local", "share"]),
            Platform::Windows => self.folder_of("APPDATA", &["AppData", "Roaming"]),
            Platform::Mac => self.home.join("Library").join("Application Support"),
        }
    }

    /// Where Windows keeps what belongs to this machine alone.
    fn local(&self) -> PathBuf {
        self.folder_of("LOCALAPPDATA", &["AppData", "Local"])
    }

    /// The private folders of a program from the Microsoft Store, by how its package's name begins.
    pub(super) fn packages(&self, beginning: &str) -> Vec<PathBuf> {
        if self.platform != Platform::Windows {
            return Vec::new();
        }
        let folder = self.local().join("Packages");
        let names = self.sight.names(&folder).unwrap_or_default();
        names
            .iter()
            .filter(|name| name.starts_with(beginning))
            .map(|name| folder.join(name).join("LocalCache"))
            .collect()
    }

    /// A program on `PATH`.
    pub(super) fn program(&self, name: &str) -> Option<PathBuf> {
        let (separator, ending) =
            if self.platform == Platform::Windows { (';', ".exe") } else { (':', "") };
        self.variable("PATH")?
            .split(separator)
            .filter(|folder| !folder.is_empty())
            .map(|folder| Path::new(folder).join(format!("{name}{ending}")))
            .find(|path| self.sight.exists(path))
    }

    /// What a variable says, where that is a place; else what is usual below the home folder.
    fn folder_of(&self, variable: &str, usual: &[&str]) -> PathBuf {
        match self.variable(variable) {
            // A relative path is invalid there, and editors pass over it too.
            Some(path) if self.platform.is_absolute(path) => PathBuf::from(path),
            _ => usual.iter().fold(self.home.clone(), |folder, name| folder.join(name)),
        }
    }
}

#[cfg(test)]
pub(super) mod made_up {
    //! A machine that exists in a test alone.

    use super::*;

    /// Its files. A path that ends with `/` is an empty folder, the content of a program its answer.
    pub(crate) struct Files(pub(crate) Vec<(&'static str, &'static str)>);

    /// Windows' paths as a test on another platform joins them.
    fn plain(path: &Path) -> String {
        path.display().to_string().replace('\\', "/")
    }

    impl Files {
        fn below(&self, folder: &Path) -> Vec<String> {
            let folder = format!("{}/", plain(folder));
            let mut names: Vec<String> = self
                .0
                .iter()
                .filter_map(|(path, _)| {
                    path.replace('\\', "/").strip_prefix(&folder).map(str::to_owned)
                })
                .filter_map(|rest| rest.split('/').next().map(str::to_owned))
                .filter(|name| !name.is_empty())
                .collect();
            names.sort();
            names.dedup();
            names
        }
    }

    impl Sight for Files {
        fn exists(&self, path: &Path) -> bool {
            self.names(path).is_some() || self.read(path).is_some()
        }

        fn names(&self, folder: &Path) -> Option<Vec<String>> {
            let names = self.below(folder);
            let empty = format!("{}/", plain(folder));
            let is_there = !names.is_empty() || self.0.iter().any(|(path, _)| *path == empty);
            is_there.then_some(names)
        }

        fn read(&self, file: &Path) -> Option<Vec<u8>> {
            let file = plain(file);
            let found = self.0.iter().find(|(path, _)| path.replace('\\', "/") == file);
            found.map(|(_, content)| content.as_bytes().to_vec())
        }

        fn answer(&self, program: &Path, _arguments: &[&str]) -> Option<String> {
            self.read(program).and_then(|answer| String::from_utf8(answer).ok())
        }
    }

    /// A machine of a platform with some files and variables.
    pub(crate) fn machine<'a>(
        platform: Platform,
        variables: &[(&str, &str)],
        files: &'a Files,
    ) -> Machine<'a> {
        let home = match platform {
            Platform::Linux => "/home/ann",
            Platform::Windows => r"C:\Users\ann",
            Platform::Mac => "/Users/ann",
        };
        let variables =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Machine { platform, home: home.into(), variables: variables.collect(), sight: files }
    }

    /// Paths for comparing.
    pub(crate) fn shown(paths: impl IntoIterator<Item = PathBuf>) -> Vec<String> {
        paths.into_iter().map(|path| plain(&path)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::made_up::{Files, machine, shown};
    use super::*;

    #[test]
    fn every_platform_has_its_folders() {
        let files = Files(Vec::new());
        let folders = |platform, variables: &[(&str, &str)]| {
            let machine = machine(platform, variables, &files);
            shown([machine.data_home(), machine.config_home()])
        };
        assert_eq!(folders(Platform::Linux, &[]), ["/home/ann/.local/share", "/home/ann/.config"]);
        assert_eq!(
            folders(
                Platform::Linux,
                &[("XDG_DATA_HOME", "/d"), ("XDG_CONFIG_HOME", "not/absolute")]
            ),
            ["/d", "/home/ann/.config"]
        );
        assert_eq!(
            folders(Platform::Windows, &[("APPDATA", r"D:\Roaming")]),
            ["D:/Roaming", "C:/Users/ann/AppData/Local"]
        );
        assert_eq!(
            folders(Platform::Mac, &[("XDG_DATA_HOME", "/d")]),
            ["/Users/ann/Library/Application Support", "/Users/ann/Library/Preferences"]
        );
    }

    #[test]
    fn programs_are_found_on_the_path() {
        let files = Files(vec![("/opt/bin/gimp", ""), (r"C:\tools\krita.exe", "")]);
        let linux = machine(Platform::Linux, &[("PATH", "/usr/bin::/opt/bin")], &files);
        assert_eq!(linux.program("gimp"), Some("/opt/bin/gimp".into()));
        assert_eq!(linux.program("krita"), None);
        let windows = machine(Platform::Windows, &[("PATH", r"C:\Windows;C:\tools")], &files);
        assert_eq!(shown(windows.program("krita")), ["C:/tools/krita.exe"]);
    }
}
