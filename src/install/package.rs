//! What is put into an editor: the plugin and the client that all plugins share, as they were when
//! this program was built.

/// Each file below `integrations/` that belongs to a plugin, by its path there.
const EMBEDDED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/integrations.rs"));

/// A file of a plugin.
#[derive(Clone, Debug)]
pub struct File {
    /// Where it goes, below the folder that the editor takes plugins from; parts end with `/`.
    pub path: String,
    pub content: &'static [u8],
    /// The editor runs it.
    pub executable: bool,
}

/// A plugin for one editor.
#[derive(Clone, Debug)]
pub struct Package {
    /// In the order in which they are written: what others need comes first, and last the file by
    /// which an editor finds the plugin.
    pub files: Vec<File>,
    /// The folder of the plugin; its record lies there.
    pub folder: &'static str,
    /// The file by which the editor finds the plugin.
    pub entry: &'static str,
}

/// The plugin for Krita.
pub(super) fn krita() -> Package {
    let files = EMBEDDED.iter().filter_map(|(path, content)| {
        let path = match (path.strip_prefix("krita/"), path.strip_prefix("python/")) {
            (Some(own), _) => own.to_owned(),
            (_, Some(shared)) => format!("easel_krita/{shared}"),
            _ => return None,
        };
        Some(File { path, content, executable: false })
    });
    Package::of(files, "easel_krita", "easel_krita.desktop")
}

/// The plug-in for GIMP.
pub(super) fn gimp() -> Package {
    let files = EMBEDDED.iter().filter_map(|(path, content)| {
        let part = path.strip_prefix("gimp/").or_else(|| path.strip_prefix("python/"))?;
        let executable = part == "easel-gimp.py";
        Some(File { path: format!("easel-gimp/{part}"), content, executable })
    });
    Package::of(files, "easel-gimp", "easel-gimp/easel-gimp.py")
}

/// The plugin for Figma, as it is imported.
pub(super) fn figma() -> Package {
    let files = EMBEDDED.iter().filter_map(|(path, content)| {
        let part = path.strip_prefix("figma/")?;
        Some(File { path: format!("easel-figma/{part}"), content, executable: false })
    });
    Package::of(files, "easel-figma", "easel-figma/manifest.json")
}

impl Package {
    pub(super) fn of(
        files: impl Iterator<Item = File>,
        folder: &'static str,
        entry: &'static str,
    ) -> Package {
        let mut files: Vec<File> = files.collect();
        let shared = format!("{folder}/easel/");
        let rank = |path: &str| match path {
            _ if path == entry => 3,
            _ if path.starts_with(&shared) => 0,
            _ if path.ends_with("/__init__.py") => 2,
            _ => 1,
        };
        files.sort_by(|one, other| {
            (rank(&one.path), &one.path).cmp(&(rank(&other.path), &other.path))
        });
        Package { files, folder, entry }
    }

    /// Where the record of what was written lies.
    pub fn record(&self) -> String {
        format!("{}/installed.json", self.folder)
    }

    /// Whether this program was built with the plugin.
    pub fn is_complete(&self) -> bool {
        self.files.last().is_some_and(|file| file.path == self.entry)
    }

    /// Whether a path is one that this plugin may have a file at, in any version.
    pub(super) fn may_own(&self, path: &str) -> bool {
        let below = path.strip_prefix(self.folder).and_then(|rest| rest.strip_prefix('/'));
        let is_plain = path
            .split('/')
            .all(|part| !matches!(part, "" | "." | "..") && !part.contains(['\\', ':']));
        is_plain && path != self.record() && (below.is_some() || path == self.entry)
    }

    pub(super) fn get(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }
}

impl File {
    /// The hash by which a record knows this content.
    pub fn hash(&self) -> String {
        hash(self.content)
    }
}

/// The hash by which a record knows a content.
pub fn hash(content: &[u8]) -> String {
    blake3::hash(content).to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(package: &Package) -> Vec<&str> {
        package.files.iter().map(|file| file.path.as_str()).collect()
    }

    #[test]
    fn the_client_comes_first_and_what_the_editor_looks_for_comes_last() {
        for package in [krita(), gimp()] {
            let paths = paths(&package);
            assert!(paths[0].starts_with(&format!("{}/easel/", package.folder)), "{paths:?}");
            assert!(paths.contains(&format!("{}/easel/__init__.py", package.folder).as_str()));
            assert!(package.is_complete(), "{paths:?}");
            assert!(paths.iter().all(|path| package.may_own(path)), "{paths:?}");
        }
    }

    #[test]
    fn nothing_is_carried_that_an_editor_does_not_need() {
        for package in [krita(), gimp()] {
            for path in paths(&package) {
                let unwanted = ["__pycache__", "/tests/", "README", "py.typed", ".pyc"];
                assert!(!unwanted.iter().any(|word| path.contains(word)), "{path}");
            }
        }
    }

    #[test]
    fn a_path_of_a_record_stays_in_the_folder() {
        let package = krita();
        assert!(package.may_own("easel_krita/sub/x.py"));
        assert!(package.may_own("easel_krita.desktop"));
        for path in [
            "easel_krita/../../x",
            "/etc/passwd",
            "other/x.py",
            "easel_krita",
            "easel_krita//x",
            "easel_krita/installed.json",
            r"easel_krita\..\x",
            "easel_krita/C:x",
            "easel_krita2/x",
            "",
        ] {
            assert!(!package.may_own(path), "{path}");
        }
    }
}
