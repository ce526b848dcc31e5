//! `cargo xtask bench`: the figures of the bridge, from the release build.

use std::path::Path;

use crate::run::cargo;
use crate::{Outcome, tools};

pub(crate) fn run(root: &Path) -> Outcome {
    tools::ensure_for_building(root)?;
    cargo(root, &["build", "--release", "--bin", "easel"])?;
    cargo(root, &["bench", "--bench", "bridge"])
}
