//! Keys in files for this user alone, one each. Written whole or not at all.

use std::io::Write;
use std::path::{Path, PathBuf};

use easel_protocol::{ErrorKind, Failure};

pub(super) struct Files {
    folder: PathBuf,
}

impl Files {
    pub(super) fn new(folder: &Path) -> Files {
        Files { folder: folder.to_owned() }
    }

    pub(super) fn get(&self, name: &str) -> Result<Option<String>, Failure> {
        let path = self.folder.join(name);
        match std::fs::read_to_string(&path) {
            Ok(key) => Ok(Some(key.trim().to_owned()).filter(|key| !key.is_empty())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed("read", &path, &error)),
        }
    }

    pub(super) fn set(&self, name: &str, value: &str) -> Result<(), Failure> {
        let path = self.folder.join(name);
        self.write(&path, value).map_err(|error| failed("write", &path, &error))
    }

    fn write(&self, path: &Path, value: &str) -> std::io::Result<()> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.folder)?;
        let temporary = path.with_extension("new");
        let _ = std::fs::remove_file(&temporary);
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        // From the first moment: there is none in which others could read it.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&temporary)?;
        file.write_all(value.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&temporary, path)
    }

    pub(super) fn remove(&self, name: &str) -> Result<bool, Failure> {
        let path = self.folder.join(name);
        match std::fs::remove_file(&path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(failed("remove", &path, &error)),
        }
    }
}

fn failed(doing: &str, path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(ErrorKind::StorageFull, format!("cannot {doing} `{}`: {error}", path.display()))
        .hint("make the folder writable for this user")
}
