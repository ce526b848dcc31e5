//! The names of results on disk: which are free, and writing under them whole or not at all.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use easel_protocol::{ErrorKind, Failure};

use crate::daemon::Daemon;
use crate::store::io_failure;

/// Writes a file under a hidden name and renames it: whole or not at all, also when the power fails.
pub(super) fn write_whole(target: &Path, bytes: &[u8]) -> Result<(), Failure> {
    use std::io::Write;
    let folder = target.parent().unwrap_or(target);
    std::fs::create_dir_all(folder).map_err(|error| out_failure("create", folder, &error))?;
    let name = blake3::hash(target.as_os_str().as_encoded_bytes()).to_hex();
    let temporary = folder.join(format!(".{}.easel.part", &name[..16]));
    let written = std::fs::File::create(&temporary)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_data()))
        .and_then(|()| std::fs::rename(&temporary, target));
    written.map_err(|error| {
        let _ = std::fs::remove_file(&temporary);
        out_failure("write", target, &error)
    })
}

/// A fault of the folder for results, which is not the data folder.
fn out_failure(doing: &str, path: &Path, error: &std::io::Error) -> Failure {
    let failure = io_failure(doing, path, error);
    match failure.kind {
        ErrorKind::StorageFull if error.kind() == std::io::ErrorKind::PermissionDenied => failure
            .hint("make the folder for results writable for the user that the daemon runs as"),
        ErrorKind::StorageFull => {
            failure.hint("free some space on that disk; it goes on by itself")
        }
        _ => Failure { kind: ErrorKind::StorageFull, ..failure }
            .hint("is the folder for results there? it goes on by itself"),
    }
}

/// Names that are about to be used, so that no two files get the same at one time.
static CLAIMED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// What a file is made of, and by whom.
pub(super) struct Whose<'a> {
    pub(super) source: &'a Path,
    pub(super) maker: &'a str,
}

/// The names of one delivery.
#[derive(Default)]
pub(super) struct Claims {
    pub(super) targets: Vec<PathBuf>,
    keys: Vec<String>,
}

impl Claims {
    /// The first free name: `vase.png`, `vase-2.png`, … An earlier result of the same source and maker is written over, as long
    /// as nobody changed it.
    pub(super) fn add(
        &mut self,
        daemon: &Daemon,
        out: &Path,
        name: &str,
        extension: &str,
        whose: &Whose<'_>,
    ) -> Result<(), Failure> {
        for number in 1..100_000u32 {
            let name = match number {
                1 => format!("{name}.{extension}"),
                _ => format!("{name}-{number}.{extension}"),
            };
            let target = out.join(name);
            let key = target.to_string_lossy().to_lowercase();
            if !CLAIMED.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone()) {
                continue;
            }
            self.keys.push(key);
            if is_free(daemon, &target, whose)? {
                self.targets.push(target);
                return Ok(());
            }
        }
        Err(Failure::new(ErrorKind::Conflict, format!("every name like `{name}` is taken"))
            .hint("clear the folder for results"))
    }
}

impl Drop for Claims {
    fn drop(&mut self) {
        let mut claimed = CLAIMED.lock().unwrap_or_else(PoisonError::into_inner);
        self.keys.iter().for_each(|key| {
            claimed.remove(key);
        });
    }
}

fn is_free(daemon: &Daemon, target: &Path, whose: &Whose<'_>) -> Result<bool, Failure> {
    let earlier = daemon.store.made_at(target)?;
    if let Some(earlier) = &earlier
        && (earlier.source != whose.source || earlier.maker != whose.maker)
        && earlier.target.symlink_metadata().is_ok()
    {
        // Also where only upper and lower case tell the names apart: not every disk tells them apart.
        return Ok(false);
    }
    if target.symlink_metadata().is_err() {
        return Ok(true);
    }
    let Some(earlier) = earlier else { return Ok(false) };
    let same = std::fs::read(target)
        .is_ok_and(|bytes| blake3::hash(&bytes).to_hex().as_str() == earlier.hash);
    Ok(same && target != whose.source)
}
