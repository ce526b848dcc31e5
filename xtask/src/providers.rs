//! `cargo xtask providers`: what the simulators of the model services and their judges need: Pillow
//! and the vendors' own SDKs, pinned by hash in `tests/providers/requirements.txt`, installed once into
//! `target/providers`. The tests put that folder on `PYTHONPATH`. It never touches the Python of the
//! system, and it needs Python 3.11 or newer with pip, and the internet once.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Outcome;
use crate::folders::{at, remove};
use crate::run::{call, say};

/// The Python of the tests: wheels with machine code fit one version alone.
const PYTHON: &str = "python3";

/// Beside the packages: what they were installed from.
const STAMP: &str = "installed-from.txt";

/// Makes sure that `root/target/providers` holds what the requirements name.
pub(crate) fn ensure(root: &Path) -> Outcome {
    let requirements = root.join("tests/providers/requirements.txt");
    let target = root.join("target/providers");
    let wanted = stamp(&python_version()?, &read(&requirements)?);
    if is_current(&target, &wanted) {
        say(&format!("the vendors' SDKs in `{}` are right", target.display()));
        return Ok(());
    }
    say(&format!("· installing the vendors' SDKs into `{}`: about 20 MB once", target.display()));
    // Installed beside, then renamed: a half of it is never in place.
    let beside = target.with_extension("part");
    remove(&beside)?;
    install(&requirements, &beside)?;
    fs::write(beside.join(STAMP), &wanted).map_err(|error| at(&beside, &error))?;
    remove(&target)?;
    fs::rename(&beside, &target).map_err(|error| at(&target, &error))
}

/// The requirements themselves and the Python that they were installed for.
fn stamp(version: &str, requirements: &str) -> String {
    format!("{version}\n{requirements}")
}

fn is_current(target: &Path, wanted: &str) -> bool {
    fs::read_to_string(target.join(STAMP)).is_ok_and(|found| found == wanted)
}

/// Implementation and version of the Python, such as `cpython-311`.
fn python_version() -> Result<String, String> {
    let script =
        "import sys; assert sys.version_info >= (3, 11); print(sys.implementation.cache_tag)";
    let output = Command::new(PYTHON).args(["-c", script]).output();
    match output {
        Ok(output) if output.status.success() => {
            Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
        }
        _ => Err(format!("`{PYTHON}` is not Python 3.11 or newer: install one as `{PYTHON}`")),
    }
}

fn install(requirements: &Path, folder: &Path) -> Outcome {
    let mut pip = Command::new(PYTHON);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        // The list is complete; what it leaves out is left out on purpose.
        .args(["--no-deps", "--require-hashes", "--prefer-binary", "--target"])
        .arg(folder)
        .arg("-r")
        .arg(requirements);
    call(&mut pip, "installing the vendors' SDKs")
}

fn read(path: &PathBuf) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| at(path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_requirements_for_the_same_python_are_current() {
        let folder = std::env::temp_dir().join(format!("easel-providers-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let wanted = stamp("cpython-311", "pillow==13.0.0\n");
        assert!(!is_current(&folder, &wanted), "an empty folder holds nothing");
        fs::write(folder.join(STAMP), &wanted).unwrap();
        assert!(is_current(&folder, &wanted));
        assert!(!is_current(&folder, &stamp("cpython-312", "pillow==13.0.0\n")));
        assert!(!is_current(&folder, &stamp("cpython-311", "pillow==13.0.1\n")));
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn every_requirement_is_pinned_by_hash() {
        let text = read(&crate::root().join("tests/providers/requirements.txt")).unwrap();
        let pinned: Vec<&str> = text.lines().filter(|line| line.contains("==")).collect();
        assert!(pinned.iter().any(|line| line.starts_with("google-genai==")));
        for line in &pinned {
            let (_, rest) = text.split_once(line).unwrap();
            assert!(rest.trim_start().starts_with("--hash=sha256:"), "`{line}` has no hash");
        }
    }
}
