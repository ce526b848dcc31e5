//! `cargo xtask backends`: builds the hosted backends and puts each with its manifest and catalogue into
//! a folder of its own, `target/backends/ID`, from where `easel backend add` takes it.

use std::fs;
use std::path::Path;

use crate::Outcome;
use crate::run::{cargo, say};

/// The hosted backends, by their folder, which is also their id.
const HOSTED: &[&str] = &["flux", "gemini", "seedream"];

pub(crate) fn run(root: &Path) -> Outcome {
    let packages: Vec<String> = HOSTED.iter().map(|id| format!("--package=easel-{id}")).collect();
    let packages = packages.iter().map(String::as_str);
    cargo(root, &["build", "--release"].into_iter().chain(packages).collect::<Vec<_>>())?;
    for id in HOSTED {
        let folder = root.join("target/backends").join(id);
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let library = library_name(id);
        let files = [
            (root.join("plugins").join(id).join("backend.toml"), "backend.toml".to_owned()),
            (root.join("plugins").join(id).join("models.toml"), "models.toml".to_owned()),
            (root.join("target/release").join(&library), library),
        ];
        for (from, name) in files {
            fs::copy(&from, folder.join(name))
                .map_err(|error| format!("cannot copy `{}`: {error}", from.display()))?;
        }
    }
    say("the hosted backends are in `target/backends`. For each that you have a key for:");
    say(
        "  easel backend add target/backends/gemini && easel backend trust gemini && easel key set gemini",
    );
    Ok(())
}

fn library_name(id: &str) -> String {
    use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
    format!("{DLL_PREFIX}easel_{id}{DLL_SUFFIX}")
}
