//! What a backend may reach and with which keys: its manifest, what the user configured on top, and the
//! keys of this machine, brought together at the moment of use.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use easel_protocol::key::{KeyPlace, KeyRecord};
use easel_protocol::model::ModelRecord;
use easel_protocol::server::BackendState;
use easel_protocol::{ErrorKind, Failure};

use super::{BUILT_IN, Backends, Standing};
use crate::backend::catalogue::{Catalogues, Configured};
use crate::backend::discover::Found;
use crate::backend::manifest::{Manifest, SecretRule, SecretTest};
use crate::http::{Credential, Grant, Limit, Origin, Pattern};

/// What `key.test` sends.
pub struct KeyProbe {
    /// What may be reached.
    pub grant: Arc<Grant>,
    /// The request.
    pub test: SecretTest,
    /// The address it goes to.
    pub url: String,
}

impl Standing {
    fn manifest(&self) -> Option<&Manifest> {
        self.found.as_ref()?.manifest.as_ref().ok()
    }
}

impl Backends {
    /// The catalogues of a backend.
    pub(super) fn catalogues(&self, standing: &Standing) -> Result<Catalogues, Failure> {
        let Some(Found { manifest_path, .. }) = &standing.found else {
            return Ok(Catalogues::default());
        };
        Catalogues::read(&standing.id, manifest_path.parent(), &self.config)
    }

    /// What a backend may reach; `None`: nothing.
    pub fn grant(&self, id: &str) -> Result<Option<Arc<Grant>>, Failure> {
        if id == BUILT_IN {
            return Ok(None);
        }
        self.grant_of(&self.standing(id)?)
    }

    fn grant_of(&self, standing: &Standing) -> Result<Option<Arc<Grant>>, Failure> {
        let Some(manifest) = standing.manifest() else { return Ok(None) };
        let configured = self.catalogues(standing)?.configured;
        // A base address takes keys, since that is what it is for; other origins that are allowed are
        // for files, and a key never goes there.
        let key_addresses = configured.addresses();
        let addresses: Vec<&String> = key_addresses.iter().chain(&configured.allow).collect();
        if manifest.permissions.http.is_empty() && addresses.is_empty() {
            return Ok(None);
        }
        let mut secrets = BTreeMap::new();
        for name in &manifest.permissions.secrets {
            if let Some(rule) = manifest.secret.get(name) {
                secrets.insert(name.clone(), self.credential(name, rule)?);
            }
        }
        for credential in secrets.values_mut() {
            credential.origins.extend(patterns(&key_addresses)?);
        }
        Ok(Some(Arc::new(Grant {
            backend: standing.id.clone(),
            origins: patterns(&manifest.permissions.http)?,
            configured: addresses.iter().map(|url| Origin::of(url)).collect::<Result<_, _>>()?,
            secrets,
            limit: limit(manifest, &configured),
            final_words: manifest.http.final_words.clone(),
        })))
    }

    fn credential(&self, name: &str, rule: &SecretRule) -> Result<Credential, Failure> {
        Ok(Credential {
            header: rule.header.clone(),
            prefix: rule.prefix.clone(),
            value: self.keys.find(name, &rule.env)?.map(|(value, _)| value),
            origins: patterns(&rule.origins)?,
        })
    }

    /// Whether everything that may cost goes through the host, so that its record tells all.
    pub fn is_on_record(&self, id: &str) -> bool {
        self.standing(id).is_ok_and(|standing| {
            standing.manifest().is_some_and(|manifest| !manifest.permissions.http.is_empty())
        })
    }

    /// Why a backend cannot be asked for want of a key.
    pub(super) fn missing_key(&self, standing: &Standing) -> Result<Option<Failure>, Failure> {
        let Some(manifest) = standing.manifest() else { return Ok(None) };
        for name in &manifest.permissions.secrets {
            let Some(rule) = manifest.secret.get(name) else { continue };
            if self.keys.find(name, &rule.env)?.is_none() {
                let page = if rule.page.is_empty() {
                    String::new()
                } else {
                    format!("; get one at {}", rule.page)
                };
                let failure =
                    Failure::new(ErrorKind::KeyMissing, format!("there is no key `{name}`"))
                        .hint(format!("`easel key set {name}` stores one{page}"));
                return Ok(Some(failure));
            }
        }
        Ok(None)
    }

    /// The same for the backend of a job.
    pub fn key_failure(&self, id: &str) -> Result<Option<Failure>, Failure> {
        if id == BUILT_IN {
            return Ok(None);
        }
        self.missing_key(&self.standing(id)?)
    }

    /// What to do about a model that the provider no longer serves.
    pub fn catalogue_hint(&self, backend: &str, model: &ModelRecord) -> String {
        let catalogues = self.standing(backend).and_then(|standing| self.catalogues(&standing));
        let Ok(catalogues) = catalogues else { return String::new() };
        match catalogues.place(&model.id) {
            Some((path, line)) if path == catalogues.own => {
                format!(
                    "edit `{}:{line}`: give `{}` the id that the provider serves now",
                    path.display(),
                    model.id
                )
            }
            place => {
                let shipped = place.map_or_else(String::new, |(path, line)| {
                    format!(" (its entry is `{}:{line}`)", path.display())
                });
                format!(
                    "give `{}` the id that the provider serves now, in `{}:1`{shipped}: [[models]] id = \"{}\" wire = {{ id = \"…\" }}",
                    model.id,
                    catalogues.own.display(),
                    model.id
                )
            }
        }
    }

    /// `key.list`.
    pub fn keys(&self) -> Result<Vec<KeyRecord>, Failure> {
        let mut records: BTreeMap<String, KeyRecord> = BTreeMap::new();
        for standing in self.standings()? {
            let Some(manifest) = standing.manifest() else { continue };
            for name in &manifest.permissions.secrets {
                let Some(rule) = manifest.secret.get(name) else { continue };
                let place = self.keys.find(name, &rule.env)?.map(|(_, place)| place);
                let record = records.entry(name.clone()).or_insert_with(|| KeyRecord {
                    name: name.clone(),
                    backends: Vec::new(),
                    place,
                    origins: Vec::new(),
                    environment: rule.env.clone(),
                    page: rule.page.clone(),
                });
                record.backends.push(standing.id.clone());
                record.origins.extend(rule.origins.iter().cloned());
            }
        }
        Ok(records.into_values().collect())
    }

    /// `key.set`.
    pub fn set_key(&self, name: &str, value: &str) -> Result<KeyRecord, Failure> {
        self.known_key(name)?;
        self.keys.set(name, value)?;
        self.known_key(name)
    }

    /// `key.remove`.
    pub fn remove_key(&self, name: &str) -> Result<KeyRecord, Failure> {
        let record = self.known_key(name)?;
        if self.keys.remove(name)? {
            return self.known_key(name);
        }
        let failure = Failure::new(ErrorKind::NotFound, format!("no key `{name}` is stored"));
        Err(match record.place {
            Some(KeyPlace::Environment) => failure.hint(format!(
                "it comes from the environment of the daemon: `{}`",
                record.environment.join("` or `")
            )),
            _ => failure.hint("`easel key list` shows where keys are"),
        })
    }

    fn known_key(&self, name: &str) -> Result<KeyRecord, Failure> {
        let keys = self.keys()?;
        let names: Vec<String> = keys.iter().map(|key| key.name.clone()).collect();
        keys.into_iter().find(|key| key.name == name).ok_or_else(|| {
            let failure =
                Failure::new(ErrorKind::NotFound, format!("no backend asks for a key `{name}`"));
            if names.is_empty() {
                failure.hint("`easel backend add FOLDER` brings a backend that needs one")
            } else {
                failure.hint(format!("there are `{}`", names.join("`, `")))
            }
        })
    }

    /// What asks a provider whether it accepts a key.
    pub fn key_probe(&self, name: &str) -> Result<KeyProbe, Failure> {
        self.known_key(name)?;
        for standing in self.standings()? {
            let Some(rule) = standing.manifest().and_then(|manifest| manifest.secret.get(name))
            else {
                continue;
            };
            let Some(test) = rule.test.clone() else { continue };
            if standing.state != BackendState::Ready {
                return Err(super::blocked(&standing));
            }
            let Some(grant) = self.grant_of(&standing)? else { continue };
            let models = self.descriptor(&standing)?.models;
            let base = models
                .iter()
                .find_map(|model| model.wire.get("base_url")?.as_str())
                .unwrap_or_default();
            let url = format!("{}{}", base.trim_end_matches('/'), test.path);
            return Ok(KeyProbe { grant, test, url });
        }
        Err(Failure::new(ErrorKind::Unsupported, format!("the key `{name}` cannot be tested"))
            .hint("its backend does not say how; a small transform shows it"))
    }
}

fn patterns(texts: &[String]) -> Result<Vec<Pattern>, Failure> {
    texts.iter().map(|text| Pattern::parse(text)).collect()
}

fn limit(manifest: &Manifest, configured: &Configured) -> Limit {
    match configured.limit {
        Some(own) => Limit {
            requests: own.requests,
            window: Duration::try_from_secs_f64(own.seconds).unwrap_or(Duration::from_mins(1)),
            parallel: own.parallel,
        },
        None => Limit {
            requests: manifest.http.requests_per_minute,
            parallel: manifest.http.parallel,
            ..Limit::default()
        },
    }
}
