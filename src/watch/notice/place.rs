//! Whether a folder can be watched at all, and what a person is told when it cannot. Asks the system without opening
//! anything, since opening would wake whoever watches.

use std::io;
use std::path::Path;

use super::State;
use super::scan::vanished;

/// Which folder a path leads to; another one when a drive was taken out or the folder was replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity(u64, u64);

/// Looks whether the folder is there and may be read.
pub(super) fn check(root: &Path) -> Result<Identity, State> {
    let metadata = std::fs::metadata(root).map_err(|error| unavailable(root, &error))?;
    if !metadata.is_dir() {
        return Err(State::Unreadable {
            why: format!("`{}` is not a folder", root.display()),
            hint: "move the file out of the way, or name another folder".to_owned(),
        });
    }
    #[cfg(unix)]
    {
        use rustix::fs::Access;
        use std::os::unix::fs::MetadataExt as _;
        rustix::fs::access(root, Access::READ_OK | Access::EXEC_OK)
            .map_err(|error| unavailable(root, &error.into()))?;
        Ok(Identity(metadata.dev(), metadata.ino()))
    }
    #[cfg(not(unix))]
    Ok(Identity(0, 0))
}

/// What an error of the folder itself means.
pub(super) fn unavailable(root: &Path, error: &io::Error) -> State {
    if vanished(error) {
        return State::Missing;
    }
    let hint = match error.kind() {
        io::ErrorKind::PermissionDenied => {
            "let the user that runs the daemon read and enter the folder"
        }
        _ => "see whether its drive is connected, or its server can be reached",
    };
    State::Unreadable {
        why: format!("cannot read `{}`: {error}", root.display()),
        hint: hint.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_missing_and_the_rest_is_explained() {
        let of = |code: i32| unavailable(Path::new("/in"), &io::Error::from_raw_os_error(code));
        // ENOENT, and ENOTDIR when a folder above became a file.
        assert_eq!(of(2), State::Missing);
        assert_eq!(of(20), State::Missing);
        let State::Unreadable { why, hint } = of(13) else { panic!("{:?}", of(13)) };
        assert!(why.contains("`/in`") && hint.contains("read and enter"), "{why} {hint}");
        // ENOTCONN, of a program behind FUSE that ended, and ESTALE.
        for code in [107, 116] {
            let State::Unreadable { hint, .. } = of(code) else { panic!("{:?}", of(code)) };
            assert!(hint.contains("connected"), "{hint}");
        }
    }

    #[test]
    fn a_file_in_the_place_of_the_folder_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("in");
        assert_eq!(check(&root), Err(State::Missing));
        std::fs::write(&root, "no folder").unwrap();
        let Err(State::Unreadable { why, .. }) = check(&root) else { panic!("{:?}", check(&root)) };
        assert!(why.ends_with("is not a folder"), "{why}");
        assert_eq!(check(&root.join("below")), Err(State::Missing));
        std::fs::remove_file(&root).unwrap();
        std::fs::create_dir(&root).unwrap();
        assert!(check(&root).is_ok());
    }
}
