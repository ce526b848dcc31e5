//! Watched folders, driven as their users drive them: files come and go, the daemon is killed, and what must hold is
//! looked for on the disk.

mod arrangements;
mod cookbook;
mod declared;
mod hostile;
mod ledger;
mod metadata;
mod paid;
mod settling;
mod volume;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use easel_pixels::codec::{self, Encoding, Limits};
use easel_pixels::{Format, Picture, Size};
use easel_protocol::folder::{FileList, FolderRecord};
use serde_json::{Value, json};

use crate::support::Daemon;

/// How long a folder may take to come to rest.
pub(crate) const PATIENCE: Duration = Duration::from_mins(5);

/// A recipe that inverts, exactly and for nothing.
pub(crate) const INVERT: &str =
    "intent = \"restyle\"\nmodel = \"invert\"\n[output]\nformat = \"png\"\n";

/// A daemon with a folder to drop pictures into.
pub(crate) struct Watched {
    pub(crate) daemon: Daemon,
    folder: tempfile::TempDir,
}

impl Watched {
    /// Watches `in/` with a recipe; results go to `out/` beside it.
    pub(crate) fn new(recipe: &str, more: Value) -> Watched {
        let watched = Watched::without_folder();
        watched.write_recipe(recipe);
        watched.add(more);
        watched
    }

    /// The same, with nothing watched yet.
    pub(crate) fn without_folder() -> Watched {
        Watched::with(Daemon::with_plugins(&["example-c"]))
    }

    pub(crate) fn with(daemon: Daemon) -> Watched {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("in")).unwrap();
        Watched { daemon, folder }
    }

    /// The folder of everything that is not the daemon's.
    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    pub(crate) fn input(&self, name: &str) -> PathBuf {
        self.path("in").join(name)
    }

    pub(crate) fn output(&self, name: &str) -> PathBuf {
        self.path("out").join(name)
    }

    pub(crate) fn recipe(&self) -> PathBuf {
        self.path("recipe.easel.toml")
    }

    pub(crate) fn write_recipe(&self, text: &str) {
        std::fs::write(self.recipe(), text).unwrap();
    }

    /// `folder.add`, with what a test wants otherwise.
    pub(crate) fn add(&self, more: Value) {
        let answer = self.daemon.call("folder.add", json!({ "folder": self.spec(more) })).unwrap();
        assert!(answer["folder"]["id"].is_string() && answer["forecast"].is_null(), "{answer}");
    }

    /// What a dry run says of it.
    pub(crate) fn forecast(&self, more: Value) -> Value {
        let params = json!({ "folder": self.spec(more), "dry_run": true });
        self.daemon.call("folder.add", params).unwrap()["forecast"].take()
    }

    fn spec(&self, more: Value) -> Value {
        let mut spec =
            json!({ "path": self.path("in"), "recipe": self.recipe(), "out": self.path("out") });
        for (key, value) in more.as_object().into_iter().flatten() {
            spec[key] = value.clone();
        }
        spec
    }

    pub(crate) fn status(&self) -> FolderRecord {
        self.status_of(&self.path("in"))
    }

    pub(crate) fn status_of(&self, folder: &Path) -> FolderRecord {
        let record = self.daemon.call("folder.status", json!({ "folder": folder })).unwrap();
        serde_json::from_value(record).unwrap()
    }

    pub(crate) fn files(&self, state: &str) -> FileList {
        let params = json!({ "folder": self.path("in"), "state": state, "limit": 1000 });
        serde_json::from_value(self.daemon.call("folder.files", params).unwrap()).unwrap()
    }

    /// Waits until the folder is as it should be.
    pub(crate) fn until(&self, what: &str, ready: impl Fn(&FolderRecord) -> bool) -> FolderRecord {
        until(
            what,
            || Some(self.status()).filter(&ready),
            || format!("{:?}\n{}", self.status(), self.daemon.log()),
        )
    }

    /// Waits until nothing waits or runs, and so many files were ever done.
    pub(crate) fn rest(&self, done: u64) -> FolderRecord {
        self.until("rest", |it| it.waiting + it.running == 0 && it.done >= done)
    }

    /// How many transforms there are.
    pub(crate) fn transforms(&self) -> usize {
        let list = self.daemon.call("transform.list", json!({ "limit": 500 })).unwrap();
        list["transforms"].as_array().unwrap().len()
    }
}

/// Waits for something; fixed waits decide nothing.
pub(crate) fn until<T>(
    what: &str,
    mut ready: impl FnMut() -> Option<T>,
    told: impl Fn() -> String,
) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(value) = ready() {
            return value;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}: {}", told());
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A picture of which there is one for each number.
pub(crate) fn picture(number: u32, width: u32, height: u32) -> Picture {
    let size = Size::new(width, height);
    let mut picture = Picture::new_zeroed(Format::Rgba8, size).unwrap();
    for (index, pixel) in picture.pixels_mut().chunks_exact_mut(4).enumerate() {
        let (x, y) = (index as u32 % width, index as u32 / width);
        pixel.copy_from_slice(&[
            (x * 3 + number) as u8,
            (y * 5 + number / 7) as u8,
            (x ^ y ^ number) as u8,
            255,
        ]);
    }
    picture
}

pub(crate) fn png(number: u32) -> Vec<u8> {
    codec::encode(picture(number, 48, 32).view(), None, Encoding::Png).unwrap()
}

pub(crate) fn jpeg(number: u32) -> Vec<u8> {
    let encoding = Encoding::Jpeg { quality: 90 };
    codec::encode(picture(number, 96, 64).view(), None, encoding).unwrap()
}

pub(crate) fn decode(bytes: &[u8]) -> Picture {
    codec::decode(bytes, &Limits::default()).unwrap().picture
}

/// Whether a result is the inverse of a source, pixel by pixel.
pub(crate) fn is_inverse(result: &Path, source: &[u8]) -> bool {
    let Ok(bytes) = std::fs::read(result) else { return false };
    let (result, source) = (decode(&bytes), decode(source));
    let inverse = source
        .pixels()
        .chunks_exact(4)
        .flat_map(|pixel| [!pixel[0], !pixel[1], !pixel[2], pixel[3]]);
    result.size() == source.size() && result.pixels().iter().copied().eq(inverse)
}

/// The pictures in a folder, without what lies beside them.
pub(crate) fn pictures_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.file_type().unwrap().is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| {
            Path::new(name).extension().is_none_or(|it| it != "json") && !name.starts_with('.')
        })
        .collect();
    names.sort();
    names
}
