//! A person's own catalogue of a backend, `models/ID.toml` in the configuration folder, and the author's,
//! `models.toml` beside the library: read, laid over what the backend describes, and found again by
//! line for messages. What a person writes there is consent: a `base_url` or an `allow` grants origins.

use std::path::{Path, PathBuf};

use easel_protocol::catalogue;
use easel_protocol::model::Descriptor;
use easel_protocol::{ErrorKind, Failure};
use serde::Deserialize;

/// The catalogues that apply to one backend, the author's first.
#[derive(Clone, Debug, Default)]
pub struct Catalogues {
    files: Vec<(PathBuf, String)>,
    /// Where a person's own is, or would be.
    pub own: PathBuf,
    /// What a person configured.
    pub configured: Configured,
}

/// What a person's own catalogue says to the host.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Configured {
    /// Where all models of the backend are served.
    pub base_url: Option<String>,
    /// Further origins that may be reached, this machine and its network included.
    pub allow: Vec<String>,
    /// The limit of the person's own account.
    pub limit: Option<OwnLimit>,
    models: Vec<OwnEntry>,
}

impl Configured {
    /// Where models are served, all of them or single ones: what a key is for.
    pub fn addresses(&self) -> Vec<String> {
        let single = self.models.iter().filter_map(|entry| entry.wire.base_url.as_ref());
        self.base_url.iter().chain(single).cloned().collect()
    }
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
struct OwnEntry {
    wire: OwnWire,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
struct OwnWire {
    base_url: Option<String>,
}

/// The limit of a person's own account.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnLimit {
    /// So many requests, or pictures where they count.
    pub requests: u32,
    /// Within so many seconds.
    #[serde(default = "minute")]
    pub seconds: f64,
    /// So many at once; 0: as many as it likes.
    #[serde(default)]
    pub parallel: u32,
}

fn minute() -> f64 {
    60.0
}

impl Catalogues {
    /// Reads those of the backend `id`, whose manifest lies in `folder`.
    pub fn read(id: &str, folder: Option<&Path>, config: &Path) -> Result<Catalogues, Failure> {
        let own = config.join("models").join(format!("{id}.toml"));
        let mut files = Vec::new();
        for path in folder.map(|folder| folder.join("models.toml")).into_iter().chain([own.clone()])
        {
            match std::fs::read_to_string(&path) {
                Ok(text) => files.push((path, text)),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(unusable(&path, None, &error.to_string())),
            }
        }
        let configured = match files.last().filter(|(path, _)| *path == own) {
            None => Configured::default(),
            Some((path, text)) => toml::from_str(text)
                .map_err(|error: toml::de::Error| unusable(path, None, error.message()))?,
        };
        Ok(Catalogues { files, own, configured })
    }

    /// What the backend describes, with what the catalogues say.
    pub fn apply(&self, mut descriptor: Descriptor) -> Result<Descriptor, Failure> {
        for (path, text) in &self.files {
            descriptor.models = catalogue::overlay(descriptor.models, text)
                .map_err(|error| unusable(path, error.line, &error.message))?;
        }
        Ok(descriptor)
    }

    /// The file and line that name a model, the person's own first.
    pub fn place(&self, id: &str) -> Option<(PathBuf, usize)> {
        self.files
            .iter()
            .rev()
            .find_map(|(path, text)| Some((path.clone(), catalogue::line_of(text, id)?)))
    }
}

fn unusable(path: &Path, line: Option<usize>, message: &str) -> Failure {
    let place = line.map_or_else(String::new, |line| format!(":{line}"));
    Failure::new(
        ErrorKind::InvalidRequest,
        format!("catalogue `{}{place}`: {message}", path.display()),
    )
    .hint("correct the file; `docs/models.md` shows how a catalogue is written")
}

#[cfg(test)]
mod tests {
    use super::*;

    const AUTHOR: &str = "[[models]]\nid = \"a\"\nlabel = \"A\"\nstrengths = \"s\"\nlimitation = \"l\"\nintents = [\"edit\"]\nwire = { id = \"a-1\" }\n";

    fn descriptor() -> Descriptor {
        Descriptor {
            id: "x".to_owned(),
            name: "X".to_owned(),
            version: "1".to_owned(),
            max_instances: 1,
            models: catalogue::parse(AUTHOR).unwrap(),
        }
    }

    #[test]
    fn a_persons_own_file_changes_models_and_grants_origins() {
        let folder = tempfile::tempdir().unwrap();
        let (backend, config) = (folder.path().join("backend"), folder.path().join("config"));
        std::fs::create_dir_all(&backend).unwrap();
        std::fs::create_dir_all(config.join("models")).unwrap();
        std::fs::write(backend.join("models.toml"), AUTHOR).unwrap();
        let read = || Catalogues::read("x", Some(&backend), &config);
        let place = read().unwrap().place("a").unwrap();
        assert_eq!(place, (backend.join("models.toml"), 2));
        let own = config.join("models/x.toml");
        std::fs::write(
            &own,
            "allow = [\"http://127.0.0.1:9\"]\nlimit = { requests = 5 }\n\n[[models]]\nid = \"a\"\nwire = { id = \"a-2\", base_url = \"https://b.example.org\" }\n",
        )
        .unwrap();
        let catalogues = read().unwrap();
        let models = catalogues.apply(descriptor()).unwrap().models;
        assert_eq!(models[0].wire["id"], "a-2");
        assert_eq!(catalogues.place("a").unwrap(), (own.clone(), 5));
        assert_eq!(catalogues.configured.addresses(), ["https://b.example.org"]);
        assert!(catalogues.configured.limit.unwrap().seconds > 59.0);
        std::fs::write(&own, "[[models]]\nid = \"b\"\n").unwrap();
        let failure = read().unwrap().apply(descriptor()).unwrap_err();
        assert!(failure.message.contains("x.toml:2"), "{failure}");
    }
}
