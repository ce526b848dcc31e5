//! The keys of providers: in the keychain of the operating system, in files for this user alone where
//! there is none, or in the environment. They are read here, at the moment of use, and go nowhere but
//! into a request. No log and no method ever shows one.

mod files;
mod keychain;

use std::path::Path;

use easel_protocol::key::KeyPlace;
use easel_protocol::{ErrorKind, Failure};

/// Longer than any key.
const MAX_BYTES: usize = 4096;

/// Where this daemon keeps keys.
pub struct Keys {
    files: files::Files,
    // A data folder of one's own keeps everything below itself.
    keychain: bool,
}

impl Keys {
    /// Files go into `folder`; the keychain is used where `keychain` says so.
    pub fn new(folder: &Path, keychain: bool) -> Keys {
        Keys { files: files::Files::new(folder), keychain }
    }

    /// A key and where it is: what the environment says goes first, as everywhere.
    pub fn find(
        &self,
        name: &str,
        environment: &[String],
    ) -> Result<Option<(String, KeyPlace)>, Failure> {
        let set = environment.iter().filter_map(|name| std::env::var(name).ok());
        let key = set.map(|value| value.trim().to_owned()).find(|value| !value.is_empty());
        if let Some(key) = key {
            return Ok(Some((key, KeyPlace::Environment)));
        }
        if self.keychain
            && let Some(key) = keychain::get(name)
        {
            return Ok(Some((key, KeyPlace::Keychain)));
        }
        Ok(self.files.get(name)?.map(|key| (key, KeyPlace::File)))
    }

    /// Stores a key, in the keychain or else in a file.
    pub fn set(&self, name: &str, value: &str) -> Result<KeyPlace, Failure> {
        check_name(name)?;
        let value = check_value(value)?;
        if self.keychain {
            match keychain::set(name, value) {
                Ok(()) => {
                    // A file from before would outlive its replacement unseen.
                    self.files.remove(name)?;
                    return Ok(KeyPlace::Keychain);
                }
                Err(reason) => {
                    tracing::info!(name, reason, "no keychain; the key goes into a file");
                }
            }
        }
        self.files.set(name, value)?;
        Ok(KeyPlace::File)
    }

    /// Forgets a stored key; whether there was one.
    pub fn remove(&self, name: &str) -> Result<bool, Failure> {
        check_name(name)?;
        let in_keychain = self.keychain && keychain::remove(name);
        Ok(self.files.remove(name)? || in_keychain)
    }
}

fn check_name(name: &str) -> Result<(), Failure> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || ".-_".contains(letter);
    if !name.is_empty() && name.len() <= 64 && !name.starts_with('.') && name.chars().all(plain) {
        return Ok(());
    }
    Err(Failure::new(
        ErrorKind::InvalidRequest,
        "a key's name has letters, digits, `.`, `-` and `_`",
    )
    .hint("`easel key list` shows the names that backends ask for"))
}

fn check_value(value: &str) -> Result<&str, Failure> {
    let value = value.trim();
    let wrong = |what: &str| {
        Err(Failure::new(ErrorKind::InvalidRequest, format!("the key {what}"))
            .hint("copy it again from the provider's page, without line breaks"))
    };
    if value.is_empty() {
        wrong("is empty")
    } else if value.len() > MAX_BYTES {
        wrong("is too long")
    } else if !value.bytes().all(|byte| (0x21..0x7f).contains(&byte)) {
        wrong("has characters that no key has")
    } else {
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_stored_found_and_forgotten_and_nobody_else_can_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::new(&folder.path().join("keys"), false);
        assert_eq!(keys.find("gemini", &[]).unwrap(), None);
        assert_eq!(keys.set("gemini", " abc-123\n").unwrap(), KeyPlace::File);
        let found = keys.find("gemini", &["NOT_SET_ANYWHERE".to_owned()]).unwrap();
        assert_eq!(found, Some(("abc-123".to_owned(), KeyPlace::File)));
        let found = keys.find("gemini", &["PATH".to_owned()]).unwrap();
        assert_eq!(found.map(|(_, place)| place), Some(KeyPlace::Environment));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&folder.path().join("keys")), 0o700);
            assert_eq!(mode(&folder.path().join("keys/gemini")), 0o600);
        }
        assert!(keys.remove("gemini").unwrap());
        assert!(!keys.remove("gemini").unwrap());
    }

    #[test]
    fn nonsense_is_not_stored() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::new(folder.path(), false);
        for (name, value) in [
            ("", "x"),
            ("../x", "x"),
            (".x", "x"),
            ("a/b", "x"),
            ("x", ""),
            ("x", "a\nb"),
            ("x", "ä"),
        ] {
            assert!(keys.set(name, value).is_err(), "{name:?} {value:?}");
        }
        assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none());
    }
}
