//! Who may talk to the daemon: the token of local integrations, the tokens of paired clients, and
//! the codes with which a client is paired.

use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use easel_protocol::{ErrorKind, Failure};

use crate::store::io_failure;

/// How long a code can be used.
pub const CODE_LIFETIME: Duration = Duration::from_mins(2);
/// After so many wrong tries a code is void: eight digits are few.
const MAX_TRIES: u32 = 5;

/// The token and the code in use.
pub struct Access {
    token_hash: blake3::Hash,
    code: Mutex<Option<Code>>,
}

struct Code {
    digits: String,
    expires: Instant,
    tries: u32,
}

impl Access {
    /// Reads the token of local integrations, or makes it. Only this user can read the file.
    pub fn open(path: &Path) -> Result<Access, Failure> {
        let token = match std::fs::read_to_string(path) {
            Ok(token) if token.trim().len() == 64 => token.trim().to_owned(),
            _ => {
                let token = random_token()?;
                write_private(path, token.as_bytes())?;
                token
            }
        };
        Ok(Access { token_hash: blake3::hash(token.as_bytes()), code: Mutex::default() })
    }

    /// Whether this is the token of local integrations. Hashes are compared in constant time.
    pub fn is_local(&self, token: &str) -> bool {
        blake3::hash(token.as_bytes()) == self.token_hash
    }

    /// Makes a code; an earlier one becomes void.
    pub fn start_pairing(&self) -> Result<String, Failure> {
        let number = u64::from_le_bytes(random::<8>()?);
        let digits = format!("{:08}", number % 100_000_000);
        let code =
            Code { digits: digits.clone(), expires: Instant::now() + CODE_LIFETIME, tries: 0 };
        *self.code.lock().unwrap_or_else(PoisonError::into_inner) = Some(code);
        Ok(digits)
    }

    /// Uses a code up and makes a token for whoever had it.
    pub fn finish_pairing(&self, digits: &str) -> Result<String, Failure> {
        self.finish_pairing_at(digits, Instant::now())
    }

    fn finish_pairing_at(&self, digits: &str, now: Instant) -> Result<String, Failure> {
        let mut held = self.code.lock().unwrap_or_else(PoisonError::into_inner);
        let right = held.as_mut().is_some_and(|code| {
            code.tries += 1;
            let same =
                blake3::hash(code.digits.as_bytes()) == blake3::hash(digits.trim().as_bytes());
            same && code.tries <= MAX_TRIES && code.expires > now
        });
        if right {
            *held = None;
            return random_token();
        }
        if held.as_ref().is_some_and(|code| code.tries >= MAX_TRIES) {
            *held = None;
        }
        Err(Failure::new(ErrorKind::Unauthorized, "this pairing code is wrong, used or too old")
            .hint("`easel pair` shows a new one; it works once and for two minutes"))
    }
}

/// What is stored of a client's token.
pub fn token_hash(token: &str) -> String {
    blake3::hash(token.as_bytes()).to_hex().to_string()
}

fn random<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| {
        Failure::new(ErrorKind::Internal, format!("the system gives no random bytes: {error}"))
    })?;
    Ok(bytes)
}

fn random_token() -> Result<String, Failure> {
    Ok(blake3::hash(&random::<32>()?).to_hex().to_string())
}

/// Writes a file that only this user can read, whole or not at all.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let temporary = path.with_extension("new");
    let _ = std::fs::remove_file(&temporary);
    let mut options = std::fs::File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let write = |mut file: std::fs::File| file.write_all(bytes).and_then(|()| file.sync_all());
    options
        .open(&temporary)
        .and_then(write)
        .map_err(|error| io_failure("write", &temporary, &error))?;
    std::fs::rename(&temporary, path).map_err(|error| io_failure("write", path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access() -> (tempfile::TempDir, Access) {
        let folder = tempfile::tempdir().unwrap();
        let access = Access::open(&folder.path().join("token")).unwrap();
        (folder, access)
    }

    #[test]
    fn the_token_is_private_and_stays() {
        let (folder, access) = access();
        let path = folder.path().join("token");
        let token = std::fs::read_to_string(&path).unwrap();
        assert!(access.is_local(&token) && !access.is_local("") && !access.is_local(&token[1..]));
        assert!(Access::open(&path).unwrap().is_local(&token));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_code_works_once() {
        let (_folder, access) = access();
        assert!(access.finish_pairing("00000000").is_err());
        let code = access.start_pairing().unwrap();
        assert_eq!(access.finish_pairing(&code).unwrap().len(), 64);
        assert_eq!(access.finish_pairing(&code).unwrap_err().kind, ErrorKind::Unauthorized);
    }

    #[test]
    fn a_code_works_for_two_minutes() {
        let (_folder, access) = access();
        let code = access.start_pairing().unwrap();
        let late = Instant::now() + CODE_LIFETIME;
        assert!(access.finish_pairing_at(&code, late).is_err());
        let early = Instant::now() + CODE_LIFETIME.saturating_sub(Duration::from_secs(30));
        assert!(access.finish_pairing_at(&code, early).is_ok());
    }

    #[test]
    fn a_code_cannot_be_guessed_at_leisure() {
        let (_folder, access) = access();
        let code = access.start_pairing().unwrap();
        for _ in 0..MAX_TRIES {
            assert!(access.finish_pairing("wrong").is_err());
        }
        assert!(access.finish_pairing(&code).is_err());
    }
}
