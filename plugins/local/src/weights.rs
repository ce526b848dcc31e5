//! The weights of the networks: which files there are, whether they are the right ones, and one load
//! each. A file is trusted by its SHA-256 only, which is compiled in from `weights/SHA256SUMS`.
//! Nothing here fetches a file: that is `cargo xtask weights`.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use easel_backend::{Error, Result};
use sha2::{Digest, Sha256};

use crate::network::Network;

const SUMS: &str = include_str!("../weights/SHA256SUMS");

/// The painting network of the 26 named styles.
pub(crate) const STYLE_NAMED: &str = "style-named.onnx";
/// The painting network that takes a style as 100 numbers.
pub(crate) const STYLE_ANY: &str = "style-any.onnx";
/// The network that turns a picture into those 100 numbers.
pub(crate) const STYLE_VECTOR: &str = "style-vector.onnx";
/// The network that finds the subject.
pub(crate) const SUBJECT: &str = "subject.onnx";
/// Twice as large, quickly.
pub(crate) const FAST_X2: &str = "enlarge-fast-x2.onnx";
/// Four times as large, quickly.
pub(crate) const FAST_X4: &str = "enlarge-fast-x4.onnx";
/// Four times as large, as well as can be.
pub(crate) const BEST_X4: &str = "enlarge-best-x4.onnx";

/// What is wrong with a file of weights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The host named no folder.
    NoFolder,
    /// The file is not there, or cannot be read.
    Missing {
        /// Where it was looked for.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The file is another one than it should be.
    Damaged {
        /// The file.
        path: PathBuf,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::NoFolder => formatter.write_str("no folder of weights is configured"),
            Problem::Missing { path, reason } => {
                write!(formatter, "the weights `{}` cannot be read ({reason})", path.display())
            }
            Problem::Damaged { path } => {
                write!(
                    formatter,
                    "the weights `{}` are damaged or of another version",
                    path.display()
                )
            }
        }
    }
}

impl std::error::Error for Problem {}

impl Problem {
    fn to_error(&self) -> Error {
        // The word `weights` and the kind tell the host what is missing.
        Error::unsupported(format!(
            "{self}: run `cargo xtask weights`; `easel doctor` says where they are looked for"
        ))
    }
}

/// The networks of one folder, each loaded when it is first needed and kept.
#[derive(Debug, Default)]
pub struct Weights {
    folder: Option<PathBuf>,
    loaded: BTreeMap<&'static str, Arc<Network>>,
}

impl Weights {
    /// The networks in `folder`; without one every use is an error. Looks at nothing yet.
    pub fn new(folder: Option<PathBuf>) -> Self {
        Weights { folder, loaded: BTreeMap::new() }
    }

    /// The names of all files.
    pub fn names() -> impl Iterator<Item = &'static str> {
        sums().map(|(name, _)| name)
    }

    /// What is wrong with each file of `folder`; nothing when all is well. Reads every file.
    pub fn check(folder: &Path) -> Vec<Problem> {
        sums().filter_map(|(name, _)| read(Some(folder), name).err()).collect()
    }

    /// A network, checked and loaded.
    pub(crate) fn network(&mut self, name: &'static str) -> Result<Arc<Network>> {
        if let Some(network) = self.loaded.get(name) {
            return Ok(Arc::clone(network));
        }
        let bytes = read(self.folder.as_deref(), name).map_err(|problem| problem.to_error())?;
        let network = Arc::new(Network::load(name, bytes)?);
        self.loaded.insert(name, Arc::clone(&network));
        Ok(network)
    }
}

/// Names and sums, in the format that `sha256sum` writes.
fn sums() -> impl Iterator<Item = (&'static str, &'static str)> {
    SUMS.lines().filter_map(|line| line.split_once("  ")).map(|(sum, name)| (name.trim(), sum))
}

fn read(folder: Option<&Path>, name: &str) -> Result<Vec<u8>, Problem> {
    let path = folder.ok_or(Problem::NoFolder)?.join(name);
    let bytes = fs::read(&path)
        .map_err(|error| Problem::Missing { path: path.clone(), reason: error.to_string() })?;
    let expected = sums().find(|(known, _)| *known == name).map(|(_, sum)| sum);
    if expected == Some(hex(&Sha256::digest(&bytes)).as_str()) {
        Ok(bytes)
    } else {
        Err(Problem::Damaged { path })
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use easel_backend::ErrorKind;

    #[test]
    fn every_network_has_a_sum() {
        let names: Vec<_> = Weights::names().collect();
        for name in [STYLE_NAMED, STYLE_ANY, STYLE_VECTOR, SUBJECT, FAST_X2, FAST_X4, BEST_X4] {
            assert!(names.contains(&name), "{name}");
        }
        assert!(sums().all(|(_, sum)| sum.len() == 64), "{SUMS}");
    }

    #[test]
    fn a_missing_file_says_how_to_get_it() {
        let error = Weights::new(Some(PathBuf::from("/nowhere"))).network(SUBJECT).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.message().contains("/nowhere/subject.onnx"), "{error}");
        assert!(error.message().contains("`cargo xtask weights`"), "{error}");
        let error = Weights::new(None).network(SUBJECT).unwrap_err();
        assert!(error.message().contains("`cargo xtask weights`"), "{error}");
    }

    #[test]
    fn a_damaged_file_is_not_loaded() {
        let folder = std::env::temp_dir().join(format!("easel-weights-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(SUBJECT), b"not a network").unwrap();
        let error = Weights::new(Some(folder.clone())).network(SUBJECT).unwrap_err();
        fs::remove_dir_all(&folder).unwrap();
        assert!(error.message().contains("damaged"), "{error}");
    }
}
