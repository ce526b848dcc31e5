//! The host in C for the tests: compiled once a test, run in a process of its own, its lines read.
//! It knows the fixtures' folder and nothing of what they do.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const WARNINGS: [&str; 4] = ["-O2", "-Wall", "-Wextra", "-Werror"];

/// A path of the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

fn compile(flags: &[&str], source: &Path, output: &Path) {
    let made = Command::new("cc")
        .args(WARNINGS)
        .args(flags)
        .arg("-I")
        .arg(repository("plugins/abi"))
        .arg(source)
        .arg("-o")
        .arg(output)
        .arg("-ldl")
        .output()
        .expect("the tests need a C compiler, `cc`");
    assert!(
        made.status.success(),
        "{}: {}",
        source.display(),
        String::from_utf8_lossy(&made.stderr)
    );
}

/// A host and a folder for the libraries of one test.
pub(crate) struct CHost {
    folder: PathBuf,
}

impl CHost {
    pub(crate) fn new(test: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
        std::fs::create_dir_all(&folder).expect("a folder for the test");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/host.c");
        compile(&["-std=c11", "-pedantic"], &source, &folder.join("host"));
        CHost { folder }
    }

    /// Builds a library from one C file of the repository, without a warning.
    pub(crate) fn library(&self, source: &str) -> PathBuf {
        let source = repository(source);
        let library =
            self.folder.join(source.file_stem().expect("a file name")).with_extension("so");
        compile(&["-shared", "-fPIC"], &source, &library);
        library
    }

    /// What `describe` says; `None` where the library does not come so far.
    pub(crate) fn describe(&self, library: &Path) -> Option<String> {
        let output = self.start(library, &["describe"]);
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Runs a model once on a picture of 5x3 whose bytes count up.
    pub(crate) fn run(&self, library: &Path, job: &Job<'_>) -> Ran {
        let (format, stop_after) = (job.format.to_string(), job.stop_after.to_string());
        let mut arguments = vec!["run", job.model, &format, job.params, &stop_after];
        arguments.extend(job.checkpoint);
        let output = self.start(library, &arguments);
        let text = String::from_utf8_lossy(&output.stdout);
        let pairs: Vec<_> = text.lines().filter_map(|line| line.split_once('=')).collect();
        let said =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let outputs = pairs.iter().filter(|(name, _)| *name == "output");
        let outputs = outputs.map(|(_, value)| (*value).to_owned()).collect();
        Ran { ended: ended(&output), said, outputs }
    }

    fn start(&self, library: &Path, arguments: &[&str]) -> Output {
        let mut command = Command::new(self.folder.join("host"));
        command.arg(library).args(arguments).current_dir(&self.folder);
        command.output().expect("the host was compiled just now")
    }
}

/// What to run.
#[derive(Clone, Copy)]
pub(crate) struct Job<'a> {
    pub(crate) model: &'a str,
    pub(crate) format: u32,
    pub(crate) params: &'a str,
    pub(crate) stop_after: u64,
    pub(crate) checkpoint: Option<&'a str>,
}

impl<'a> Job<'a> {
    /// A run of `rgba8` that nobody stops.
    pub(crate) fn new(model: &'a str) -> Self {
        let params = r#"{"intent":"restyle","count":1,"scale":1}"#;
        Job { model, format: 2, params, stop_after: 1_000_000, checkpoint: None }
    }
}

/// How the host's process ended and what it printed before.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) ended: String,
    pub(crate) said: BTreeMap<String, String>,
    pub(crate) outputs: Vec<String>,
}

impl Ran {
    /// The value of a line; empty where there was none.
    pub(crate) fn said(&self, name: &str) -> &str {
        self.said.get(name).map_or("", String::as_str)
    }
}

fn ended(output: &Output) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (output.status.code(), output.status.signal()) {
        (Some(code), _) => format!("exit {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "unknown".to_owned(),
    }
}
