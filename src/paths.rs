//! Where things are kept: data, configuration and cache folders by each platform's convention,
//! or everything below one folder when `--data-dir` says so.

use std::path::{Path, PathBuf};

use easel_protocol::{ErrorKind, Failure};

/// The folders of one daemon.
#[derive(Clone, Debug)]
pub struct Paths {
    /// Database, blobs, token, lock: what must not be lost.
    pub data: PathBuf,
    /// What a person writes: `config.toml`, backends, catalogues.
    pub config: PathBuf,
    /// What can be made again.
    pub cache: PathBuf,
    /// These are the user's usual folders, so that the keychain is theirs too.
    pub shares_keychain: bool,
}

impl Paths {
    /// The folders for this user, or those below `data_dir`.
    pub fn resolve(data_dir: Option<&Path>) -> Result<Paths, Failure> {
        if let Some(root) = data_dir {
            // Absolute, since the daemon and its clients may run in different folders.
            let root = std::path::absolute(root).map_err(|error| {
                Failure::new(
                    ErrorKind::InvalidRequest,
                    format!("cannot resolve data folder `{}`: {error}", root.display()),
                )
            })?;
            return Ok(Paths {
                config: root.join("config"),
                cache: root.join("cache"),
                data: root,
                shares_keychain: false,
            });
        }
        let project = directories::ProjectDirs::from("", "", "easel").ok_or_else(|| {
            Failure::new(ErrorKind::InvalidRequest, "this user has no home folder")
                .hint("say where to keep things with `--data-dir DIR`")
        })?;
        Ok(Paths {
            data: project.data_local_dir().to_owned(),
            config: project.config_dir().to_owned(),
            cache: project.cache_dir().to_owned(),
            shares_keychain: true,
        })
    }

    /// The token with which local integrations identify themselves, readable by this user alone.
    pub fn token(&self) -> PathBuf {
        self.data.join("token")
    }

    /// Where a running daemon says how to reach it.
    pub fn endpoint(&self) -> PathBuf {
        self.data.join("daemon.json")
    }

    /// Held by the daemon that owns the data folder.
    pub fn lock(&self) -> PathBuf {
        self.data.join("lock")
    }

    /// Where a daemon started in the background writes its log.
    pub fn log(&self) -> PathBuf {
        self.data.join("easel.log")
    }

    /// Where keys are kept when there is no keychain, readable by this user alone.
    pub fn keys(&self) -> PathBuf {
        self.config.join("keys")
    }

    /// Where the recipes are that are at hand by their names.
    pub fn recipes(&self) -> PathBuf {
        self.config.join("recipes")
    }

    /// Where a person who manages machines writes down which folders are watched.
    pub fn folders(&self) -> PathBuf {
        self.config.join("folders.toml")
    }

    /// Where the user puts backends.
    pub fn backends(&self) -> PathBuf {
        self.data.join("backends")
    }
}

/// Where the weights of the local networks are: `EASEL_WEIGHTS_DIR`, beside the program, in the
/// data folder, or in a checkout that the program was built in. The first that exists wins.
pub fn weights_dir(paths: &Paths) -> PathBuf {
    if let Some(folder) = std::env::var_os("EASEL_WEIGHTS_DIR") {
        return PathBuf::from(folder);
    }
    let own = paths.data.join("weights");
    let program = std::env::current_exe().ok();
    let beside = program.as_deref().and_then(Path::parent).map(|folder| folder.join("weights"));
    // `target/debug/easel` of a checkout: its root is two folders up.
    let checkout = program
        .as_deref()
        .and_then(|program| program.ancestors().nth(3))
        .map(|root| root.join("weights"));
    [Some(own.clone()), beside, checkout]
        .into_iter()
        .flatten()
        .find(|folder| folder.is_dir())
        .unwrap_or(own)
}
