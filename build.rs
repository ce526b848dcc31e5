//! Writes the tables of files that the program holds: what `easel install` puts into editors, and the page that the
//! daemon serves. Everything that belongs to them in the folders below is in, so that no list is kept by hand. It reads
//! and writes nothing else.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Folders below `integrations/`, and how the names of what belongs to a plugin begin there.
const PARTS: &[(&str, &[&str])] = &[
    ("python", &["easel"]),
    ("krita", &["easel_krita"]),
    ("gimp", &["easel-gimp", "easel_gimp"]),
    ("figma", &["manifest.json", "dist"]),
];

/// The page's folder, and how the names of what it is made of begin there.
const PAGE: (&str, &[&str]) =
    ("web", &["index.html", "icon.svg", "main.js", "core", "style", "views"]);

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo says where it is"));
    let integrations = root.join("integrations");
    let mut files = Vec::new();
    for (part, beginnings) in PARTS {
        gather(&integrations, part, beginnings, &mut files);
    }
    write("integrations.rs", &integrations, &files);
    let mut files = Vec::new();
    gather(&integrations, PAGE.0, PAGE.1, &mut files);
    write("page.rs", &integrations.join(PAGE.0), &files);
    println!("cargo::rerun-if-changed=build.rs");
}

/// The files of a part.
fn gather(integrations: &Path, part: &str, beginnings: &[&str], files: &mut Vec<PathBuf>) {
    let belongs = |path: &PathBuf| {
        let name = name(path);
        beginnings.iter().any(|beginning| name.starts_with(beginning))
    };
    let found: Vec<PathBuf> =
        entries(&integrations.join(part)).into_iter().filter(belongs).collect();
    for path in &found {
        println!("cargo::rerun-if-changed={}", path.display());
        collect(path, files);
    }
    if found.is_empty() {
        // What comes later is noticed too.
        println!("cargo::rerun-if-changed={}", integrations.display());
    }
}

/// Writes a table of files by their paths below a folder.
fn write(name: &str, folder: &Path, files: &[PathBuf]) {
    let mut table = "&[\n".to_owned();
    for file in files {
        let below = file.strip_prefix(folder).expect("it was found there");
        let below: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
        let path = file.display().to_string();
        writeln!(table, "({:?}, include_bytes!({path:?})),", below.join("/"))
            .expect("a string takes everything");
    }
    table.push_str("]\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo says where to write"));
    fs::write(out.join(name), table).expect("the folder for output can be written");
}
/// The files below a path, without what is for developers or made by running them.
fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    let name = name(path);
    let is_compiled = path.extension().is_some_and(|extension| extension == "pyc");
    if is_compiled
        || name.starts_with('.')
        || matches!(name.as_str(), "__pycache__" | "tests" | "README.md" | "py.typed")
    {
        return;
    }
    if path.is_dir() {
        for entry in entries(path) {
            collect(&entry, files);
        }
    } else {
        files.push(path.to_owned());
    }
}

/// What is in a folder, in an order that is always the same.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
