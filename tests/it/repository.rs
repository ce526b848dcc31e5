//! Rules of the repository that a reviewer would otherwise repeat: who may name whom, how long files
//! are, which licences come in.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::root;

/// Each module and what it may name; everything may name `easel_protocol` and `easel_pixels`.
const LAYERS: &[(&str, &[&str])] = &[
    ("main", &["cli"]),
    (
        "cli",
        &[
            "cli",
            "rpc",
            "web",
            "daemon",
            "conformance",
            "worker",
            "store",
            "backend",
            "install",
            "lsp",
            "paths",
            "recipe",
            "runs",
            "watch",
        ],
    ),
    ("lsp", &["lsp", "recipe"]),
    ("rpc", &["rpc", "web", "watch", "runs", "daemon"]),
    ("web", &["web", "daemon", "store"]),
    ("watch", &["watch", "runs", "daemon", "store", "worker", "recipe"]),
    ("runs", &["runs", "daemon", "store", "worker", "recipe", "paths"]),
    ("conformance", &["conformance", "worker", "backend"]),
    ("daemon", &["daemon", "worker", "http", "store", "keys", "backend", "job", "paths"]),
    ("store", &["store", "http", "job"]),
    ("worker", &["worker", "http"]),
    ("http", &["http"]),
    ("keys", &["keys"]),
    ("backend", &["backend"]),
    ("install", &["install"]),
    ("recipe", &["recipe", "job"]),
    ("job", &["job"]),
    ("paths", &["paths"]),
];

/// What must not be named outside of one place.
const ALONE: &[(&str, &[&str])] = &[
    ("libloading::Library", &["src/worker/child.rs", "src/worker/child"]),
    ("dlopen(", &["src/worker/child.rs", "src/worker/child"]),
    ("rusqlite", &["src/store"]),
    ("reqwest", &["src/http"]),
    ("keyring", &["src/keys"]),
    ("unsafe {", &["src/worker"]),
    ("unsafe extern", &["src/worker"]),
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// The lines of a file without its comments and its unit tests.
fn code(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn nobody_names_what_stands_above() {
    let folder = root().join("src");
    let mut wrong = Vec::new();
    for path in sources(&folder) {
        let relative = path.strip_prefix(&folder).unwrap();
        let module = relative
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_string_lossy()
            .trim_end_matches(".rs")
            .to_owned();
        if module == "lib" {
            continue;
        }
        let allowed = LAYERS
            .iter()
            .find(|(name, _)| *name == module)
            .unwrap_or_else(|| panic!("`{module}` has no layer"));
        for part in code(&path).split("crate::").skip(1) {
            let named: String = part
                .chars()
                .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
                .collect();
            if !named.is_empty() && !allowed.1.contains(&named.as_str()) {
                wrong.push(format!("{} names `{named}`", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn some_things_are_done_in_one_place() {
    for path in sources(&root().join("src")) {
        let relative = path.strip_prefix(root()).unwrap();
        let text = code(&path);
        for (word, places) in ALONE {
            let allowed = places.iter().any(|place| relative.starts_with(place));
            assert!(
                allowed || !text.contains(word),
                "{} must not say `{word}`",
                relative.display()
            );
        }
    }
}

#[test]
fn pure_modules_touch_nothing() {
    for folder in ["src/job", "src/recipe", "pixels/src", "protocol/src"] {
        for path in sources(&root().join(folder)) {
            // The program that writes the generated files is no part of the library.
            if path.components().any(|part| part.as_os_str() == "bin") {
                continue;
            }
            // Unit tests in a file of their own read photographs.
            if path.file_name().is_some_and(|name| name == "tests.rs") {
                continue;
            }
            let text = code(&path);
            for word in [
                "std::fs",
                "std::net",
                "tokio",
                "Instant::now",
                "SystemTime::now",
                "std::thread::spawn",
            ] {
                assert!(!text.contains(word), "{} says `{word}`", path.display());
            }
        }
    }
}

#[test]
fn files_stay_short_enough_to_read() {
    let folders = ["src", "protocol", "pixels", "plugins", "tests", "xtask"];
    for path in folders.iter().flat_map(|folder| sources(&root().join(folder))) {
        if path.components().any(|part| part.as_os_str() == "target") {
            continue;
        }
        let lines = std::fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= 600, "{} has {lines} lines: it wants a seam", path.display());
    }
}

#[test]
fn plugins_know_nothing_of_the_program() {
    let hosted = ["plugins/flux", "plugins/gemini", "plugins/seedream"];
    let others = ["plugins/abi", "plugins/sdk", "plugins/local", "protocol", "pixels"];
    for name in hosted.into_iter().chain(others) {
        let manifest = std::fs::read_to_string(root().join(name).join("Cargo.toml")).unwrap();
        assert!(
            !manifest.lines().any(|line| line.starts_with("easel ") || line.starts_with("easel.")),
            "{name}"
        );
        let expected: &[&str] = match name {
            "plugins/abi" | "protocol" | "pixels" => &[],
            "plugins/sdk" => &["easel-backend-abi", "easel-protocol"],
            "plugins/local" => &["easel-backend", "easel-pixels"],
            // No codec and no connection of their own: both are the host's.
            _ => &["easel-backend"],
        };
        let named: BTreeSet<&str> = manifest
            .lines()
            .filter_map(|line| line.strip_suffix(".workspace = true"))
            .filter(|it| it.starts_with("easel"))
            .collect();
        assert_eq!(named, expected.iter().copied().collect(), "{name}");
    }
}

#[test]
fn licences_are_on_the_list() {
    let deny: toml::Table =
        std::fs::read_to_string(root().join("deny.toml")).unwrap().parse().unwrap();
    let allowed: BTreeSet<String> = deny["licenses"]["allow"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it.as_str().unwrap().to_owned())
        .collect();
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args([
            "metadata",
            "--format-version",
            "1",
            "--offline",
            "--filter-platform",
            "x86_64-unknown-linux-gnu",
        ])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {output:?}"));
    for package in metadata["packages"].as_array().unwrap() {
        let licence = package["license"].as_str().unwrap_or_default().replace('/', " OR ");
        // One of the alternatives is enough; all parts of it are needed.
        let fits = licence.split(" OR ").any(|choice| {
            let choice = choice.trim_matches(['(', ')', ' ']);
            choice.split(" AND ").all(|part| allowed.contains(part.trim_matches(['(', ')', ' '])))
        });
        assert!(fits, "{} comes under `{licence}`", package["name"]);
    }
}
