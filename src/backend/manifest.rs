//! `backend.toml`: what a backend is and what it asks for, readable without running it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use easel_protocol::server::Permissions;
use easel_protocol::{ErrorKind, Failure};
use serde::Deserialize;

/// The ABI's major version that this host speaks.
pub const ABI_MAJOR: u32 = easel_backend_abi::EASEL_ABI_MAJOR;

/// What a person who writes a backend puts beside the library.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The id: letters, digits, `.`, `-` and `_`; equal to what the library describes.
    pub id: String,
    /// The name on screens.
    pub name: String,
    /// The library's stem: `flux` stands for `libflux.so`, `flux.dll` or `libflux.dylib` beside the manifest.
    pub library: String,
    /// The ABI's major version.
    pub abi: u32,
    /// What it asks for.
    #[serde(default)]
    pub permissions: Permissions,
    /// How each of its secrets is sent.
    #[serde(default)]
    pub secret: BTreeMap<String, SecretRule>,
    /// How its provider likes to be asked.
    #[serde(default)]
    pub http: HttpRules,
}

/// How a secret is sent, and where to.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretRule {
    /// The header.
    pub header: String,
    /// What stands before the value in it.
    #[serde(default)]
    pub prefix: String,
    /// The only origins that ever get it.
    pub origins: Vec<String>,
    /// The variables of the environment in which people keep it.
    #[serde(default)]
    pub env: Vec<String>,
    /// Where a person gets one.
    #[serde(default)]
    pub page: String,
    /// A request that costs nothing and tells whether it works.
    #[serde(default)]
    pub test: Option<SecretTest>,
}

/// A request that tells whether a secret works.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretTest {
    /// `GET`, `POST`, …
    pub method: String,
    /// What follows the base address.
    pub path: String,
    /// The body.
    #[serde(default)]
    pub body: String,
    /// The statuses that mean: it works.
    pub good: Vec<u16>,
}

/// How a provider likes to be asked.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HttpRules {
    /// So many requests, or pictures where they count, a minute; 0: as many as it likes.
    pub requests_per_minute: u32,
    /// So many at once; 0: as many as it likes.
    pub parallel: u32,
    /// Words in the body of a 429 that mean: trying again does not help.
    #[serde(rename = "final")]
    pub final_words: Vec<String>,
}

impl Manifest {
    /// Reads and checks a manifest.
    pub fn read(path: &Path) -> Result<Manifest, Failure> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            Failure::new(
                ErrorKind::NotFound,
                format!("cannot read manifest `{}`: {error}", path.display()),
            )
            .hint("a backend is a folder with a `backend.toml` and its library beside it")
        })?;
        Manifest::parse(&text).map_err(|failure| Failure {
            message: format!("manifest `{}`: {}", path.display(), failure.message),
            ..failure
        })
    }

    /// Checks a manifest's text.
    pub fn parse(text: &str) -> Result<Manifest, Failure> {
        let manifest: Manifest = toml::from_str(text).map_err(|error| {
            Failure::new(ErrorKind::InvalidRequest, error.to_string().trim().replace('\n', " "))
                .hint("it takes `id`, `name`, `library`, `abi` and the tables `permissions`, `secret.NAME` and `http`")
        })?;
        let plain = |text: &str| {
            !text.is_empty()
                && text
                    .chars()
                    .all(|letter| letter.is_ascii_alphanumeric() || ".-_".contains(letter))
        };
        if !plain(&manifest.id) || manifest.id.starts_with('.') {
            return Err(Failure::new(
                ErrorKind::InvalidRequest,
                format!("`{}` is no id", manifest.id),
            )
            .hint("use letters, digits, `.`, `-` and `_`, such as `org.example.flux`"));
        }
        // A stem, never a path: the library lies beside its manifest.
        if !plain(&manifest.library) || manifest.library.starts_with('.') {
            return Err(Failure::new(
                ErrorKind::InvalidRequest,
                format!("`{}` is no library's stem", manifest.library),
            )
            .hint("for `libflux.so` write `library = \"flux\"`"));
        }
        for name in &manifest.permissions.secrets {
            if !manifest.secret.contains_key(name) {
                return Err(Failure::new(
                    ErrorKind::InvalidRequest,
                    format!("it asks for the secret `{name}` and does not say how it is sent"),
                )
                .hint(format!("add a table `[secret.{name}]` with `header` and `origins`")));
            }
        }
        Ok(manifest)
    }

    /// Where the library lies.
    pub fn library_path(&self, folder: &Path) -> PathBuf {
        folder.join(libloading::library_filename(&self.library))
    }

    /// Why this host cannot load it, judging by the manifest alone.
    pub fn obstacle(&self) -> Option<String> {
        (self.abi != ABI_MAJOR)
            .then(|| format!("it speaks ABI {}, this host speaks ABI {ABI_MAJOR}", self.abi))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "id = \"org.example.flux\"\nname = \"Flux\"\nlibrary = \"flux\"\nabi = 1\n";

    #[test]
    fn a_manifest_says_what_it_asks_for() {
        let text = format!("{GOOD}[permissions]\nhttp = [\"https://api.example.org\"]\n");
        let manifest = Manifest::parse(&text).unwrap();
        assert_eq!(manifest.permissions.http, ["https://api.example.org"]);
        assert_eq!(manifest.obstacle(), None);
        assert!(Manifest { abi: 2, ..manifest }.obstacle().is_some());
    }

    #[test]
    fn a_secret_needs_to_know_where_it_goes() {
        let asks = format!("{GOOD}[permissions]\nsecrets = [\"k\"]\n");
        assert!(Manifest::parse(&asks).unwrap_err().hint.unwrap().contains("[secret.k]"));
        let rule = "[secret.k]\nheader = \"x-key\"\norigins = [\"https://api.example.org\"]\n";
        let manifest = Manifest::parse(&format!("{asks}{rule}")).unwrap();
        assert_eq!(manifest.secret["k"].origins, ["https://api.example.org"]);
    }

    #[test]
    fn what_a_manifest_must_not_say() {
        for (from, to) in [
            ("library = \"flux\"", "library = \"../flux\""),
            ("library = \"flux\"", "library = \"/tmp/flux\""),
            ("library = \"flux\"", ""),
            ("id = \"org.example.flux\"", "id = \"../x\""),
            ("abi = 1", "abi = \"one\""),
            ("abi = 1", "abi = 1\nunknown = true"),
        ] {
            let failure = Manifest::parse(&GOOD.replace(from, to)).unwrap_err();
            assert!(failure.hint.is_some(), "{from} -> {to}: {failure}");
        }
    }
}
