//! A picture's file, read once: its bytes, their hash, and what it says about itself.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use easel_pixels::Size;
use easel_pixels::codec::{self, Header};
use easel_pixels::metadata::{self, Metadata};
use easel_protocol::{ErrorKind, Failure};

use crate::daemon::picture;
use crate::store::Stamp;

/// The largest file that is read: it is held in memory while it is decoded.
pub(super) const MAX_FILE_BYTES: u64 = 1 << 30;

/// A file that was read as a whole.
pub struct Source {
    /// Where, absolute.
    pub path: PathBuf,
    /// What it was while it was read.
    pub stamp: Stamp,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Their BLAKE3 hash.
    pub hash: String,
    /// What picture it is, or why it is none.
    pub header: Result<Header, Failure>,
    /// What it says about itself.
    pub metadata: Metadata,
}

impl Source {
    /// Reads a file. Where it changes meanwhile, that is a failure of the kind `transient`.
    pub fn read(path: &Path) -> Result<Source, Failure> {
        let failed = |error: &std::io::Error| unreadable(path, error);
        let mut file = File::open(path).map_err(|error| failed(&error))?;
        let before = file.metadata().map_err(|error| failed(&error))?;
        if !before.is_file() {
            return Err(Failure::new(
                ErrorKind::NotAPicture,
                format!("`{}` is no file", path.display()),
            )
            .hint("give the path of a picture"));
        }
        if before.len() > MAX_FILE_BYTES {
            return Err(Failure::new(
                ErrorKind::TooLarge,
                format!("the file has {} bytes, the limit is {MAX_FILE_BYTES}", before.len()),
            )
            .hint("make the picture smaller"));
        }
        let mut bytes = Vec::with_capacity(before.len() as usize + 1);
        (&mut file)
            .take(MAX_FILE_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| failed(&error))?;
        let stamp = Stamp::of(&before);
        let after = std::fs::metadata(path).map_err(|error| failed(&error))?;
        if Stamp::of(&after) != stamp || bytes.len() as u64 != stamp.size {
            return Err(changed(path));
        }
        let hash = blake3::hash(&bytes).to_hex().to_string();
        let header = codec::probe(&bytes).map_err(|error| picture::decode_failure(&error));
        let metadata = metadata::read(&bytes);
        Ok(Source { path: path.to_owned(), stamp, bytes, hash, header, metadata })
    }

    /// Whether the file is still what was read.
    pub fn is_current(&self) -> bool {
        std::fs::metadata(&self.path).is_ok_and(|now| Stamp::of(&now) == self.stamp)
    }
}

/// The file was written to while it was read.
fn changed(path: &Path) -> Failure {
    Failure::new(ErrorKind::Transient, format!("`{}` changed while it was read", path.display()))
        .hint("it is read again when it is still")
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    use std::io::ErrorKind as Io;
    let message = format!("cannot read `{}`: {error}", path.display());
    match error.kind() {
        Io::NotFound => {
            Failure::new(ErrorKind::NotFound, message).hint("give the path of a picture")
        }
        Io::PermissionDenied => Failure::new(ErrorKind::Forbidden, message)
            .hint("make it readable for the user that the daemon runs as"),
        _ => Failure::new(ErrorKind::Transient, message).hint("is its disk there?"),
    }
}

/// What placeholders are filled with.
pub fn file_facts(
    path: &Path,
    size: Size,
    metadata: &Metadata,
    recipe: &str,
) -> BTreeMap<String, String> {
    let text = |part: Option<&std::ffi::OsStr>| {
        part.map(|part| part.to_string_lossy().into_owned()).unwrap_or_default()
    };
    let mut facts = BTreeMap::from([
        ("name".to_owned(), text(path.file_stem())),
        ("ext".to_owned(), text(path.extension())),
        ("folder".to_owned(), text(path.parent().and_then(Path::file_name))),
        ("width".to_owned(), size.width.to_string()),
        ("height".to_owned(), size.height.to_string()),
        ("megapixels".to_owned(), format!("{:.1}", size.area() as f64 / 1e6)),
        ("recipe".to_owned(), recipe.to_owned()),
    ]);
    if let Some(exif) = &metadata.exif {
        let said = metadata::facts(exif);
        facts.extend(said.into_iter().map(|(name, value)| (format!("exif.{name}"), value)));
    }
    facts
}
