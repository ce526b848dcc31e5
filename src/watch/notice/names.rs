//! Which names are wanted. Knows no file: what is left alone is left alone for its name, in any case, whatever bytes
//! the rest of the name has.

use std::ffi::OsStr;
use std::path::{Component, Path};

use easel_protocol::{ErrorKind, Failure};
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// What is wanted when nobody says otherwise.
const PICTURES: &[&str] = &["png", "jpg", "jpeg", "jpe", "jfif", "webp", "tif", "tiff"];

/// How names end that programs give to what they are not done with.
const UNFINISHED: &[&str] = &[
    "~",
    ".tmp",
    ".temp",
    ".part",
    ".partial",
    ".filepart",
    ".crdownload",
    ".opdownload",
    ".download",
    ".unfinished",
    ".incomplete",
    ".aria2",
    ".!ut",
    ".!qb",
    ".bc!",
    ".swp",
    ".swo",
    ".swx",
    ".lock",
    ".lck",
    "_exiftool_tmp",
];

/// How they begin. What begins with a dot is hidden, which covers rsync, Syncthing, Nextcloud and GNOME.
const PASSING: &[&str] = &[".", "~$", "~syncthing~", "~rf", "(a document being saved by "];

/// Folders that systems and storage devices fill with pictures of their own.
const SYSTEM: &[&str] = &[
    "$recycle.bin",
    "recycler",
    "system volume information",
    "lost+found",
    "@eadir",
    "@recycle",
    "#recycle",
    "#snapshot",
    "__macosx",
];

/// See the module.
#[derive(Debug)]
pub(super) struct Names {
    recursive: bool,
    include: Option<Patterns>,
    exclude: Patterns,
}

#[derive(Debug)]
struct Patterns {
    names: GlobSet,
    paths: GlobSet,
}

impl Names {
    /// Reads the patterns.
    pub(super) fn new(
        recursive: bool,
        include: &[String],
        exclude: &[String],
    ) -> Result<Names, Failure> {
        let include = if include.is_empty() { None } else { Some(Patterns::new(include)?) };
        Ok(Names { recursive, include, exclude: Patterns::new(exclude)? })
    }

    /// Whether a file with this path below the folder is wanted.
    pub(super) fn file(&self, path: &Path) -> bool {
        self.listed(path) && self.reached(path)
    }

    /// Whether a file with this path is wanted, if the folders above it are entered.
    pub(super) fn listed(&self, path: &Path) -> bool {
        let Some(name) = path.file_name() else { return false };
        if left_alone(name) {
            return false;
        }
        let wanted = match &self.include {
            Some(include) => include.fit(path, name),
            None => path.extension().is_some_and(|extension| {
                PICTURES.iter().any(|picture| extension.eq_ignore_ascii_case(picture))
            }),
        };
        wanted && !self.exclude.fit(path, name)
    }

    /// Whether a folder with this path is entered, if those above it are.
    pub(super) fn folder(&self, path: &Path) -> bool {
        let Some(name) = path.file_name() else { return false };
        self.recursive
            && !left_alone(name)
            && !SYSTEM.iter().any(|system| name.eq_ignore_ascii_case(system))
            && !self.exclude.fit(path, name)
    }

    /// Whether any folder is entered.
    pub(super) fn folders(&self) -> bool {
        self.recursive
    }

    /// Whether all folders above a path are entered.
    pub(super) fn reached(&self, path: &Path) -> bool {
        let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
        let mut above = path.ancestors().skip(1).filter(|path| !path.as_os_str().is_empty());
        plain && above.all(|folder| self.folder(folder))
    }
}

impl Patterns {
    fn new(patterns: &[String]) -> Result<Patterns, Failure> {
        let mut names = GlobSetBuilder::new();
        let mut paths = GlobSetBuilder::new();
        for pattern in patterns {
            let refused = |why: String| {
                Failure::new(
                    ErrorKind::InvalidRequest,
                    format!("the pattern `{pattern}` cannot be read: {why}"),
                )
                .hint("write a pattern such as `*.png` or `scans/*.tif`")
            };
            let text = pattern.strip_prefix("./").unwrap_or(pattern).trim_end_matches('/');
            let text = text.strip_prefix('/').unwrap_or(text);
            if text.is_empty() {
                return Err(refused("it is empty".to_owned()));
            }
            let glob = GlobBuilder::new(text)
                .case_insensitive(true)
                .literal_separator(true)
                .build()
                .map_err(|error| refused(error.kind().to_string()))?;
            let set =
                if pattern.trim_end_matches('/').contains('/') { &mut paths } else { &mut names };
            set.add(glob);
        }
        let build = |set: GlobSetBuilder| {
            set.build().map_err(|error| {
                Failure::new(
                    ErrorKind::InvalidRequest,
                    format!("the patterns cannot be read: {error}"),
                )
            })
        };
        Ok(Patterns { names: build(names)?, paths: build(paths)? })
    }

    fn fit(&self, path: &Path, name: &OsStr) -> bool {
        self.names.is_match(name) || self.paths.is_match(path)
    }
}

/// Hidden, temporary, or not finished.
fn left_alone(name: &OsStr) -> bool {
    let bytes = name.as_encoded_bytes();
    let begins = |with: &&str| {
        bytes.get(..with.len()).is_some_and(|head| head.eq_ignore_ascii_case(with.as_bytes()))
    };
    let ends = |with: &&str| {
        let tail = bytes.len().checked_sub(with.len()).and_then(|start| bytes.get(start..));
        tail.is_some_and(|tail| tail.eq_ignore_ascii_case(with.as_bytes()))
    };
    let between_hashes = bytes.len() > 2 && bytes.starts_with(b"#") && bytes.ends_with(b"#");
    between_hashes || PASSING.iter().any(begins) || UNFINISHED.iter().any(ends)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(include: &[&str], exclude: &[&str]) -> Names {
        let owned = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        Names::new(true, &owned(include), &owned(exclude)).unwrap()
    }

    fn wanted(names: &Names, path: &str) -> bool {
        names.file(Path::new(path))
    }

    #[test]
    fn pictures_are_wanted_in_any_case_and_script() {
        let names = names(&[], &[]);
        for name in [
            "a.png",
            "A.PNG",
            "b.JpEg",
            "c.jpe",
            "d.jfif",
            "e.WebP",
            "f.tif",
            "g.TIFF",
            "a b.png",
            "new\nline.png",
            "😀.png",
            "תמונה.png",
            "ün\u{301}.jpg",
            "a.tmp.png",
            "sub/deep/a.png",
            "~a.png",
            "#1.png",
            "-rf.png",
            "a.png.png",
        ] {
            assert!(wanted(&names, name), "{name:?}");
        }
        assert!(wanted(&names, &format!("{}.png", "n".repeat(251))));
    }

    #[test]
    fn what_is_hidden_or_unfinished_is_left_alone() {
        let names = names(&["*"], &[]);
        for name in [
            ".a.png",
            "a.png~",
            "a.PNG.tmp",
            "a.part",
            "a.png.partial",
            "a.crdownload",
            "a.png.Download",
            ".a.png.swp",
            "~$a.png",
            ".goutputstream-X1",
            "~syncthing~a.png.tmp",
            ".syncthing.a.png.tmp",
            ".a.png.x1Y2z3",
            ".dropbox.cache/a.png",
            "a.png.ocTransferId7.part",
            ".~tmp~/a.png",
            "a.jpg_exiftool_tmp",
            "#a.png#",
            ".thumbnails/a.png",
            "sub/.git/deep/a.png",
            "@eaDir/a.jpg",
            "lost+found/a.png",
            "a.png.filepart",
            "x.download/a.png",
            "../a.png",
            "/a.png",
            "",
            ".",
        ] {
            assert!(!wanted(&names, name), "{name:?}");
        }
    }

    #[test]
    fn other_files_are_not_pictures() {
        let names = names(&[], &[]);
        for name in ["a", "a.txt", "png", ".png", "a.psd", "a.pngx", "a.png.json"] {
            assert!(!wanted(&names, name), "{name:?}");
        }
    }

    #[test]
    fn patterns_without_a_slash_fit_names_and_others_fit_paths() {
        let names =
            names(&["*.psd", "scans/*.tif", "deep/**/x.png"], &["*-small.*", "raw/", "/top.psd"]);
        for name in [
            "a.PSD",
            "sub/a.psd",
            "scans/a.TIF",
            "Scans/a.tif",
            "deep/x.png",
            "deep/a/b/x.png",
            "sub/top.psd",
        ] {
            assert!(wanted(&names, name), "{name:?}");
        }
        for name in ["a.png", "a.tif", "scans/a/b.tif", "a-small.psd", "raw/a.psd", "sub/raw/a.psd"]
        {
            assert!(!wanted(&names, name), "{name:?}");
        }
    }

    #[test]
    fn a_pattern_that_cannot_be_read_is_named() {
        for pattern in ["a[", "", "{a", "/"] {
            let failure = Names::new(false, &[pattern.to_owned()], &[]).unwrap_err();
            assert!(failure.message.contains(&format!("`{pattern}`")), "{}", failure.message);
        }
    }

    #[test]
    fn folders_count_only_when_asked_for() {
        let names = Names::new(false, &[], &[]).unwrap();
        assert!(wanted(&names, "a.png"));
        assert!(!wanted(&names, "sub/a.png"));
        assert!(!names.folder(Path::new("sub")));
    }

    #[cfg(unix)]
    #[test]
    fn names_may_be_any_bytes() {
        use std::os::unix::ffi::OsStrExt as _;
        for set in [names(&[], &[]), names(&["*.png"], &["*\u{fffd}*"])] {
            assert!(set.file(Path::new(OsStr::from_bytes(b"sub\xff/\xfe\x80 \n.PNG"))));
            assert!(!set.file(Path::new(OsStr::from_bytes(b"\xfe.png~"))));
        }
    }
}
