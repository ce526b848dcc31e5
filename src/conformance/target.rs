//! What is checked: from the path that a person typed to the manifest and the library. Reads the
//! manifest and the library's table of symbols; runs nothing of it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use easel_protocol::{ErrorKind, Failure};
use object::{Object, ObjectSymbol};

use crate::backend::manifest::Manifest;

/// A backend as it lies on disk.
#[derive(Debug)]
pub(super) struct Target {
    /// The manifest and what it says; `None` beside a lone library.
    pub(super) manifest: Option<(PathBuf, Result<Manifest, Failure>)>,
    /// The library; `None` where only a manifest could say, and does not.
    pub(super) library: Option<PathBuf>,
}

impl Target {
    /// What `path` means: a folder with a `backend.toml`, that file, or a library.
    pub(super) fn find(path: &Path) -> Result<Self, Failure> {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let missing = |text: String| {
            Failure::new(ErrorKind::NotFound, text)
                .hint("give a backend's folder, its `backend.toml`, or its library")
        };
        if path.is_dir() {
            let manifest = path.join("backend.toml");
            if !manifest.is_file() {
                return Err(missing(format!("there is no `backend.toml` in `{}`", path.display())));
            }
            return Ok(Target::of_manifest(manifest));
        }
        if !path.is_file() {
            return Err(missing(format!("there is no file `{}`", path.display())));
        }
        if path.extension().is_some_and(|extension| extension == "toml") {
            return Ok(Target::of_manifest(path));
        }
        // A manifest beside a library counts if it means this library.
        let beside = path.with_file_name("backend.toml");
        if beside.is_file() {
            let target = Target::of_manifest(beside);
            if target.library.as_deref() == Some(&path) {
                return Ok(target);
            }
        }
        Ok(Target { manifest: None, library: Some(path) })
    }

    fn of_manifest(path: PathBuf) -> Self {
        let manifest = Manifest::read(&path);
        let folder = path.parent().unwrap_or(Path::new("/"));
        let library = manifest.as_ref().ok().map(|manifest| manifest.library_path(folder));
        Target { manifest: Some((path, manifest)), library }
    }

    /// The manifest, where it can be read.
    pub(super) fn manifest(&self) -> Option<&Manifest> {
        self.manifest.as_ref().and_then(|(_, manifest)| manifest.as_ref().ok())
    }

    /// What to call it before it said a word.
    pub(super) fn id(&self) -> String {
        if let Some(manifest) = self.manifest() {
            return manifest.id.clone();
        }
        let named = match (&self.manifest, &self.library) {
            (Some((path, _)), _) => path.parent().and_then(Path::file_name),
            (None, library) => library.as_deref().and_then(Path::file_stem),
        };
        named.unwrap_or_default().to_string_lossy().into_owned()
    }
}

/// The names that the library at `path` exports. An error says why they cannot be read.
pub(super) fn exports(path: &Path) -> Result<BTreeSet<String>, String> {
    let bytes = std::fs::read(path)
        .map_err(|error| format!("cannot read `{}`: {error}", path.display()))?;
    let file = object::File::parse(&*bytes)
        .map_err(|error| format!("`{}` is no library: {error}", path.display()))?;
    let text = |name: &[u8]| String::from_utf8_lossy(name).into_owned();
    if file.format() == object::BinaryFormat::Elf {
        // `exports` leaves out data, and another symbol of data is another symbol.
        let defined =
            file.dynamic_symbols().filter(|symbol| !symbol.is_undefined() && !symbol.is_local());
        return Ok(defined.filter_map(|symbol| symbol.name_bytes().ok().map(text)).collect());
    }
    let exports = file.exports().map_err(|error| format!("its exports cannot be read: {error}"))?;
    // Mach-O puts an underscore before names of C.
    let plain = |name: String| name.strip_prefix('_').map(str::to_owned).unwrap_or(name);
    let mach = file.format() == object::BinaryFormat::MachO;
    Ok(exports
        .iter()
        .map(|export| text(export.name()))
        .map(|name| if mach { plain(name) } else { name })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "id = \"a.b\"\nname = \"A\"\nlibrary = \"a\"\nabi = 1\n";

    #[test]
    fn a_folder_its_manifest_and_its_library_are_the_same_backend() {
        let folder = tempfile::tempdir().unwrap();
        let manifest = folder.path().join("backend.toml");
        std::fs::write(&manifest, MANIFEST).unwrap();
        let library = folder.path().join(libloading::library_filename("a"));
        std::fs::write(&library, "no library").unwrap();
        for path in [folder.path(), &manifest, &library] {
            let target = Target::find(path).unwrap();
            assert_eq!(target.library.as_deref(), Some(&*library), "{}", path.display());
            assert_eq!(target.id(), "a.b");
        }
        let other = folder.path().join("libother.so");
        std::fs::write(&other, "no library").unwrap();
        let target = Target::find(&other).unwrap();
        assert!(target.manifest.is_none());
        assert_eq!(target.id(), "libother");
        assert!(exports(&other).unwrap_err().contains("is no library"));
    }

    #[test]
    fn a_broken_manifest_leaves_no_library_to_check() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("backend.toml"), "id = 5").unwrap();
        let target = Target::find(folder.path()).unwrap();
        assert!(target.library.is_none() && target.manifest().is_none());
        assert_eq!(target.id(), folder.path().file_name().unwrap().to_string_lossy());
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path(), Path::new("/nonexistent/library.so")] {
            let failure = Target::find(path).unwrap_err();
            assert_eq!(failure.kind, ErrorKind::NotFound);
            assert!(failure.hint.is_some());
        }
    }

    #[test]
    fn the_symbols_of_a_real_library_are_read() {
        // The test's own program is a file of the same kind.
        let own = std::env::current_exe().unwrap();
        assert!(exports(&own).is_ok());
    }
}
