//! What the tests of workers share: backends compiled from C, pictures, runs, and an observer that
//! remembers.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use easel::worker::{
    Cancel, Launch, LibrarySource, LogLevel, Run, RunError, RunObserver, SharedImage, Worker,
};
use easel_protocol::model::{Intent, RunParams};
use easel_protocol::picture::PixelFormat;
use tempfile::TempDir;

/// A compiled backend; the folder goes when it is dropped.
pub(super) struct Fixture {
    pub(super) name: String,
    pub(super) library: PathBuf,
    _folder: TempDir,
}

impl Fixture {
    /// The backend `name` of `tests/backends`.
    pub(super) fn new(name: &str) -> Self {
        let source = root().join("tests/backends").join(name).join(name).with_extension("c");
        Fixture::compile(name, &source)
    }

    /// A backend from C source that includes `fixture.h`.
    pub(super) fn from_source(name: &str, text: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let source = folder.path().join(name).with_extension("c");
        std::fs::write(&source, text).unwrap();
        Fixture::compile(name, &source)
    }

    fn compile(name: &str, source: &Path) -> Self {
        let folder = TempDir::new().unwrap();
        let library = folder.path().join(format!("lib{name}.so"));
        let output = Command::new("cc")
            .args(["-O2", "-shared", "-fPIC", "-pthread", "-I"])
            .arg(root().join("plugins/abi"))
            .arg("-I")
            .arg(root().join("tests/backends"))
            .arg(source)
            .arg("-o")
            .arg(&library)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Fixture { name: name.to_owned(), library, _folder: folder }
    }

    /// How to start a worker for it.
    pub(super) fn launch(&self) -> Launch {
        launch_of(&self.library)
    }

    /// A worker for it.
    pub(super) fn worker(&self) -> Worker {
        Worker::spawn(&self.launch()).unwrap()
    }

    /// A run of its one model.
    pub(super) fn run(&self, source: SharedImage) -> Run {
        Run {
            model: self.name.clone(),
            params: RunParams::new(Intent::Restyle),
            source,
            mask: None,
            references: Vec::new(),
            checkpoint: None,
            timeout: Duration::from_mins(1),
            http: false,
            output_limit_bytes: 1 << 30,
        }
    }
}

pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(super) fn launch_of(library: &Path) -> Launch {
    Launch::new(env!("CARGO_BIN_EXE_easel"), LibrarySource::File(library.to_owned()))
}

/// The run with one more parameter.
pub(super) fn with(mut run: Run, name: &str, value: i64) -> Run {
    run.params.params.insert(name.to_owned(), value.into());
    run
}

/// A picture in which no two neighbours are alike.
pub(super) fn picture(format: PixelFormat, width: u32, height: u32) -> SharedImage {
    let mut image = SharedImage::new(format, width, height).unwrap();
    for (index, byte) in image.bytes_mut().unwrap().iter_mut().enumerate() {
        *byte = (index * 37 + index / 251) as u8;
    }
    image
}

/// The tightly packed rows of a picture with its colours inverted, as the fixtures do it.
pub(super) fn inverted(image: &SharedImage) -> Vec<u8> {
    let (pixel, colour) = match image.format() {
        PixelFormat::Gray8 => (1, 1),
        PixelFormat::Rgba8 => (4, 3),
        _ => (8, 6),
    };
    let rows = (0..image.height()).flat_map(|y| image.row(y).iter().enumerate());
    rows.map(|(index, byte)| if index % pixel < colour { !byte } else { *byte }).collect()
}

/// That `worker` does a run as it should.
pub(super) fn assert_works(worker: &mut Worker, fixture: &Fixture) {
    let run = fixture.run(picture(PixelFormat::Rgba8, 17, 11));
    let outputs = worker.run(&run, &mut (), &Cancel::new()).unwrap();
    assert_eq!(outputs.len(), 1);
    assert_eq!(outputs[0].bytes(), inverted(&run.source));
}

/// Runs `fixture` once on a worker of its own.
pub(super) fn run_once(fixture: &Fixture, run: &Run) -> Result<Vec<SharedImage>, RunError> {
    fixture.worker().run(run, &mut (), &Cancel::new())
}

/// Remembers what it is told.
#[derive(Default)]
pub(super) struct Memory {
    pub(super) progress: Vec<(Option<f64>, Option<String>)>,
    pub(super) previews: Vec<SharedImage>,
    pub(super) lines: Vec<(LogLevel, String)>,
    pub(super) checkpoints: Vec<Vec<u8>>,
    /// What storing a checkpoint fails with.
    pub(super) no_checkpoints: Option<String>,
    /// Is cancelled when a checkpoint was stored, or at the first progress.
    pub(super) cancel_at_checkpoint: Option<Cancel>,
    pub(super) cancel_at_progress: Option<Cancel>,
}

impl RunObserver for Memory {
    fn progress(&mut self, fraction: Option<f64>, message: Option<&str>) {
        self.progress.push((fraction, message.map(str::to_owned)));
        if let Some(cancel) = &self.cancel_at_progress {
            cancel.cancel();
        }
    }

    fn preview(&mut self, image: SharedImage) {
        self.previews.push(image);
    }

    fn log(&mut self, level: LogLevel, message: &str) {
        self.lines.push((level, message.to_owned()));
    }

    fn checkpoint(&mut self, bytes: &[u8]) -> Result<(), String> {
        if let Some(reason) = &self.no_checkpoints {
            return Err(reason.clone());
        }
        self.checkpoints.push(bytes.to_vec());
        if let Some(cancel) = &self.cancel_at_checkpoint {
            cancel.cancel();
        }
        Ok(())
    }
}
