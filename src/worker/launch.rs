//! What is needed to start a worker: the program, the library, the configuration, the limits of
//! time, and the little of this process's environment that a worker may see.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::time::Duration;

/// Which backend a worker loads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LibrarySource {
    /// One that is linked into the program, by its name in the table given to `child::main`.
    BuiltIn(String),
    /// A dynamic library.
    File(PathBuf),
}

/// How to start a worker.
#[derive(Clone, Debug, PartialEq)]
pub struct Launch {
    /// The program to start: this one, or for tests another build of it.
    pub executable: PathBuf,
    /// What stands before everything else on its command line: the hidden subcommand.
    pub arguments: Vec<OsString>,
    /// What it loads.
    pub library: LibrarySource,
    /// What `open` is given: a JSON object.
    pub config: serde_json::Value,
    /// Variables of the worker's environment beyond the harmless ones it inherits. Never a secret.
    pub environment: Vec<(OsString, OsString)>,
    /// How long it may take to start, load and describe itself.
    pub load_timeout: Duration,
    /// How long `open` may take.
    pub open_timeout: Duration,
    /// How long a backend may go on after it was asked to stop; then its process is ended.
    pub grace: Duration,
}

impl Launch {
    /// `executable worker`, an empty configuration, 20 s to load, 60 s to open, 2 s of grace.
    pub fn new(executable: impl Into<PathBuf>, library: LibrarySource) -> Self {
        Launch {
            executable: executable.into(),
            arguments: vec!["worker".into()],
            library,
            config: serde_json::Value::Object(serde_json::Map::new()),
            environment: Vec::new(),
            load_timeout: Duration::from_secs(20),
            open_timeout: Duration::from_mins(1),
            grace: Duration::from_secs(2),
        }
    }
}

/// Variables that tell a program where things are and how many threads to use.
const HARMLESS: &[&str] = &[
    "HOME",
    "LANG",
    "LANGUAGE",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "LOGNAME",
    "PATH",
    "RAYON_NUM_THREADS",
    "RUST_BACKTRACE",
    "TMPDIR",
    "TZ",
    "USER",
    "XDG_CACHE_HOME",
    "XDG_DATA_HOME",
    "XDG_RUNTIME_DIR",
];
/// Families of such variables: locales, and the ways to choose a graphics processor.
const HARMLESS_PREFIXES: &[&str] =
    &["LC_", "CUDA_", "NVIDIA_", "HIP_", "HSA_", "ROCR_", "ROCM_", "VK_", "OMP_", "GGML_", "RTEN_"];
/// What no variable of those families may be called: a worker never sees a secret.
const SECRETIVE: &[&str] = &["KEY", "TOKEN", "SECRET", "PASSWORD", "CREDENTIAL", "AUTH"];

/// Whether a worker inherits the variable `name`: everything not known to be harmless stays out,
/// since keys for providers may lie in the daemon's environment.
pub(super) fn is_inherited(name: &OsStr) -> bool {
    let Some(name) = name.to_str() else { return false };
    let family = HARMLESS_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    HARMLESS.contains(&name)
        || family && !SECRETIVE.iter().any(|word| name.to_ascii_uppercase().contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_stay_out_of_a_workers_environment() {
        for name in [
            "GEMINI_API_KEY",
            "AWS_SECRET_ACCESS_KEY",
            "EASEL_TOKEN",
            "CUDA_API_KEY",
            "SSH_AUTH_SOCK",
        ] {
            assert!(!is_inherited(OsStr::new(name)), "{name}");
        }
        for name in ["PATH", "HOME", "LC_ALL", "CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS"] {
            assert!(is_inherited(OsStr::new(name)), "{name}");
        }
    }
}
