//! The keychain of the operating system. Where there is none, or it is locked, everything here says so
//! and nothing is lost.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use keyring::Entry;

const SERVICE: &str = "easel";
/// A key that was found is believed for so long: somebody may change it behind our back.
const FOUND: Duration = Duration::from_mins(1);
/// And that there is none, for so long: asking a locked keychain shows a person a window each time.
const MISSING: Duration = Duration::from_secs(10);

/// What was found, and when.
type Known = HashMap<String, (Option<String>, Instant)>;

static KNOWN: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);

fn known() -> MutexGuard<'static, Known> {
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn get(name: &str) -> Option<String> {
    if let Some((key, when)) = known().get(name)
        && when.elapsed() < if key.is_some() { FOUND } else { MISSING }
    {
        return key.clone();
    }
    let found = Entry::new(SERVICE, name).and_then(|entry| entry.get_password()).ok();
    let key = found.map(|key| key.trim().to_owned()).filter(|key| !key.is_empty());
    known().insert(name.to_owned(), (key.clone(), Instant::now()));
    key
}

pub(super) fn set(name: &str, value: &str) -> Result<(), String> {
    known().remove(name);
    let text = |error: keyring::Error| error.to_string();
    let entry = Entry::new(SERVICE, name).map_err(text)?;
    entry.set_password(value).map_err(text)?;
    // Some keychains take a password and keep it until the machine is switched off at best.
    match entry.get_password() {
        Ok(stored) if stored == value => Ok(()),
        _ => Err("the keychain did not keep it".to_owned()),
    }
}

pub(super) fn remove(name: &str) -> bool {
    known().remove(name);
    Entry::new(SERVICE, name).is_ok_and(|entry| entry.delete_credential().is_ok())
}
