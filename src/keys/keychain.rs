//! The keychain of the operating system. Where there is none, or it is locked, everything here says so
//! and nothing is lost.

use keyring::Entry;

const SERVICE: &str = "easel";

pub(super) fn get(name: &str) -> Option<String> {
    let key = Entry::new(SERVICE, name).ok()?.get_password().ok()?;
    Some(key.trim().to_owned()).filter(|key| !key.is_empty())
}

pub(super) fn set(name: &str, value: &str) -> Result<(), String> {
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
    Entry::new(SERVICE, name).is_ok_and(|entry| entry.delete_credential().is_ok())
}
