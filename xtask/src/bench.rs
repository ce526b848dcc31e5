//! `cargo xtask bench`: the figures of the bridge, of watched folders and of the language server, from the
//! release build.

use std::path::Path;

use crate::run::cargo;
use crate::{Outcome, tools};

pub(crate) fn run(root: &Path) -> Outcome {
    tools::ensure_for_building(root)?;
    cargo(root, &["build", "--release", "--bin", "easel"])?;
    cargo(root, &["bench", "--bench", "bridge", "--bench", "folders", "--bench", "lsp"])
}
