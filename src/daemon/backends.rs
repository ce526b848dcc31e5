//! The backends of this machine, from three sides: what lies on disk, what was decided about it, and
//! how it has behaved. Starts workers; never loads a library itself.

mod hosted;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use easel_protocol::model::{Descriptor, ModelRecord};
use easel_protocol::server::{BackendRecord, BackendState, ModelEntry, Permissions};
use easel_protocol::{ErrorKind, Failure};

use crate::backend::descriptor;
use crate::backend::discover::{Found, discover};
use crate::backend::trust::{Evidence, judge};
use crate::keys::Keys;
use crate::paths::{Paths, weights_dir};
use crate::store::{Decision, Store};
use crate::worker::{
    Backend, Cancel, HealthState, Launch, Lease, LibrarySource, Pool, PoolSettings, Worker,
};

/// The backend that is part of the program.
pub(super) const BUILT_IN: &str = "local";

/// The backends that are linked into the program, for the worker that holds one.
pub const BUILT_IN_ENTRIES: &[(&str, easel_backend_abi::EaselBackendEntryFn)] =
    &[(BUILT_IN, easel_local::easel_backend_entry)];

/// The backends and their workers.
pub struct Backends {
    store: Arc<Store>,
    pool: Pool,
    executable: PathBuf,
    folders: Vec<PathBuf>,
    weights: PathBuf,
    cache: PathBuf,
    config: PathBuf,
    keys: Keys,
    memory: Mutex<Memory>,
}

/// What was found out and need not be found out again.
#[derive(Default)]
struct Memory {
    /// A library's hash, as long as its size and time stay.
    hashes: HashMap<PathBuf, (u64, Option<SystemTime>, String)>,
    /// What a library says of itself, by its hash.
    descriptors: HashMap<String, Result<Descriptor, Failure>>,
}

/// One backend as it stands now.
struct Standing {
    id: String,
    found: Option<Found>,
    state: BackendState,
    reason: Option<String>,
    hash: Option<String>,
    // Of the library and the manifest: what somebody trusts.
    fingerprint: Option<String>,
    crashes: u32,
}

impl Backends {
    /// Where backends are looked for: the data folder, beside the program, and `EASEL_BACKENDS_DIR`.
    pub fn open(paths: &Paths, store: Arc<Store>) -> Result<Backends, Failure> {
        let executable = std::env::current_exe().map_err(|error| {
            Failure::new(
                ErrorKind::Internal,
                format!("cannot find this program's own file: {error}"),
            )
        })?;
        let mut folders = vec![paths.backends()];
        folders.extend(executable.parent().map(|folder| folder.join("backends")));
        if let Some(more) = std::env::var_os("EASEL_BACKENDS_DIR") {
            folders.extend(std::env::split_paths(&more));
        }
        Ok(Backends {
            store,
            pool: Pool::new(PoolSettings::default()),
            executable,
            folders,
            weights: weights_dir(paths),
            cache: paths.cache.join("descriptors"),
            config: paths.config.clone(),
            keys: Keys::new(&paths.keys(), paths.shares_keychain),
            memory: Mutex::default(),
        })
    }

    /// `backend.list`.
    pub fn list(&self) -> Result<Vec<BackendRecord>, Failure> {
        self.standings()?.iter().map(|standing| Ok(self.record(standing))).collect()
    }

    /// `model.list`.
    pub fn models(&self) -> Result<Vec<ModelEntry>, Failure> {
        let mut entries = Vec::new();
        for standing in self.standings()? {
            // What may not run was never asked; what failed to answer has no models to show.
            let Ok(descriptor) = self.descriptor(&standing) else { continue };
            let keyless = self.missing_key(&standing)?;
            let available = standing.state == BackendState::Ready && keyless.is_none();
            let why = keyless.map(|failure| match failure.hint {
                Some(hint) => format!("{}; {hint}", failure.message),
                None => failure.message,
            });
            let reason = standing.reason.clone().or(why).filter(|_| !available);
            let catalogues = self.catalogues(&standing)?;
            entries.extend(descriptor.models.into_iter().map(|record| {
                ModelEntry {
                    backend: standing.id.clone(),
                    available,
                    reason: reason.clone(),
                    catalogue: catalogues
                        .place(&record.id)
                        .map(|(path, line)| format!("{}:{line}", path.display())),
                    record,
                }
            }));
        }
        Ok(entries)
    }

    /// Whether a model was trained on pictures, as nearly every model is, also those that are gone by now.
    pub fn is_trained(&self, model: &str) -> bool {
        self.find_model(model).map_or(true, |(_, record)| record.trained)
    }

    /// The backend of a model and its record, or why the model cannot be used.
    pub fn find_model(&self, model: &str) -> Result<(String, ModelRecord), Failure> {
        // The program's own first: the usual case asks nothing of the disk.
        let own = easel_local::descriptor();
        if let Some(record) = own.models.into_iter().find(|record| record.id == model) {
            let decision = self.store.decisions()?.remove(BUILT_IN).unwrap_or_default();
            let standing = self.judge(BUILT_IN, None, &decision);
            return match standing.state {
                BackendState::Ready => Ok((standing.id, record)),
                _ => Err(blocked(&standing)),
            };
        }
        let mut known = Vec::new();
        for standing in self.standings()? {
            match self.descriptor(&standing) {
                Ok(descriptor) => {
                    for record in descriptor.models {
                        if record.id == model {
                            return match standing.state {
                                BackendState::Ready => Ok((standing.id, record)),
                                _ => Err(blocked(&standing)),
                            };
                        }
                        known.push(record.id);
                    }
                }
                // It may well be the one that offers it.
                Err(_) if standing.id == model => return Err(blocked(&standing)),
                Err(_) => {}
            }
        }
        let nearest = nearest(model, &known);
        let hint = match nearest {
            Some(nearest) => format!("did you mean `{nearest}`? `easel model list` shows all"),
            None => "`easel model list` shows what there is, `easel backend list` what is not trusted yet".to_owned(),
        };
        Err(Failure::new(ErrorKind::NotFound, format!("there is no model `{model}`")).hint(hint))
    }

    /// A worker of a backend, when one is free.
    pub fn lease(&self, id: &str, cancel: &Cancel) -> Result<(Lease, Descriptor), Failure> {
        let standing = self.standing(id)?;
        if standing.state != BackendState::Ready {
            return Err(blocked(&standing));
        }
        let descriptor = self.descriptor(&standing)?;
        let backend = Backend {
            id: id.to_owned(),
            launch: self.launch(&standing),
            max_instances: descriptor.max_instances,
        };
        let lease = self
            .pool
            .checkout(&backend, cancel)
            .map_err(|error| super::run::checkout_failure(&error))?;
        Ok((lease, descriptor))
    }

    /// How many jobs of a backend may run at once.
    pub fn capacity(&self, id: &str) -> u32 {
        let descriptor = self.standing(id).and_then(|standing| self.descriptor(&standing));
        descriptor.map_or(1, |descriptor| descriptor.max_instances)
    }

    /// `backend.trust`: pins the library as it is now, and ends a quarantine.
    pub fn trust(&self, id: &str) -> Result<BackendRecord, Failure> {
        let standing = self.standing(id)?;
        if standing.state == BackendState::Broken {
            return Err(blocked(&standing));
        }
        let mut decision = self.store.decisions()?.remove(id).unwrap_or_default();
        decision.trusted_hash.clone_from(&standing.fingerprint);
        self.store.decide(id, decision)?;
        self.pool.reset(id);
        if let Some(hash) = &standing.hash {
            self.memory().descriptors.remove(hash);
        }
        let standing = self.standing(id)?;
        // Whether it can say what it is shows at once, not at the first job.
        self.descriptor(&standing)?;
        Ok(self.record(&standing))
    }

    /// `backend.enable` and `backend.disable`.
    pub fn switch(&self, id: &str, on: bool) -> Result<BackendRecord, Failure> {
        self.standing(id)?;
        let mut decision = self.store.decisions()?.remove(id).unwrap_or_default();
        decision.disabled = !on;
        self.store.decide(id, decision)?;
        if !on {
            self.pool.reset(id);
        }
        Ok(self.record(&self.standing(id)?))
    }

    /// How many workers are up.
    pub fn worker_count(&self) -> usize {
        let (idle, busy) = self.pool.worker_count();
        idle + busy
    }

    /// Ends idle workers and gives back memory.
    pub fn reap(&self) {
        self.pool.reap();
    }

    /// Ends all workers.
    pub fn shutdown(&self) {
        self.pool.shutdown();
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn standings(&self) -> Result<Vec<Standing>, Failure> {
        let mut decisions = self.store.decisions()?;
        let mut standings =
            vec![self.judge(BUILT_IN, None, &decisions.remove(BUILT_IN).unwrap_or_default())];
        for (id, found) in discover(&self.folders) {
            if id != BUILT_IN {
                standings.push(self.judge(
                    &id,
                    Some(found),
                    &decisions.remove(&id).unwrap_or_default(),
                ));
            }
        }
        Ok(standings)
    }

    fn standing(&self, id: &str) -> Result<Standing, Failure> {
        if id == BUILT_IN {
            let decision = self.store.decisions()?.remove(BUILT_IN).unwrap_or_default();
            return Ok(self.judge(BUILT_IN, None, &decision));
        }
        self.standings()?.into_iter().find(|standing| standing.id == id).ok_or_else(|| {
            let folder =
                self.folders.first().map(|folder| folder.display().to_string()).unwrap_or_default();
            Failure::new(ErrorKind::NotFound, format!("there is no backend `{id}`")).hint(format!(
                "`easel backend list` shows what there is; put new ones into `{folder}`"
            ))
        })
    }

    fn judge(&self, id: &str, found: Option<Found>, decision: &Decision) -> Standing {
        let library = found.as_ref().and_then(Found::library);
        let hash = library.as_deref().map(|path| self.hash(path));
        let obstacle = match (&found, &hash) {
            (Some(Found { manifest: Err(failure), .. }), _) | (_, Some(Err(failure))) => {
                Some(failure.message.clone())
            }
            (Some(Found { manifest: Ok(manifest), .. }), _) => manifest.obstacle(),
            (None, _) => None,
        };
        let hash = hash.and_then(Result::ok);
        let fingerprint = hash
            .as_ref()
            .zip(found.as_ref())
            .and_then(|(hash, found)| fingerprint(hash, &found.manifest_path));
        let health = self.pool.health(id);
        let quarantine = match &health.state {
            HealthState::Quarantined { reason } => Some(reason.as_str()),
            _ => None,
        };
        let (state, reason) = judge(
            id,
            Evidence {
                built_in: found.is_none(),
                obstacle: obstacle.as_deref(),
                fingerprint: fingerprint.as_deref(),
                trusted_hash: decision.trusted_hash.as_deref(),
                disabled: decision.disabled,
                quarantine,
            },
        );
        let crashes = health.crashes;
        Standing { id: id.to_owned(), found, state, reason, hash, fingerprint, crashes }
    }

    fn hash(&self, library: &Path) -> Result<String, Failure> {
        let missing = |error: &std::io::Error| {
            Failure::new(
                ErrorKind::NotFound,
                format!("cannot read library `{}`: {error}", library.display()),
            )
        };
        let metadata = std::fs::metadata(library).map_err(|error| missing(&error))?;
        let (bytes, modified) = (metadata.len(), metadata.modified().ok());
        if let Some((known_bytes, known_time, hash)) = self.memory().hashes.get(library)
            && (*known_bytes, *known_time) == (bytes, modified)
        {
            return Ok(hash.clone());
        }
        let mut hasher = blake3::Hasher::new();
        let file = std::fs::File::open(library).map_err(|error| missing(&error))?;
        hasher.update_reader(file).map_err(|error| missing(&error))?;
        let hash = hasher.finalize().to_hex().to_string();
        self.memory().hashes.insert(library.to_owned(), (bytes, modified, hash.clone()));
        Ok(hash)
    }

    /// What a backend says of itself, with what the catalogues say of its models.
    fn descriptor(&self, standing: &Standing) -> Result<Descriptor, Failure> {
        let described = self.described(standing)?;
        if standing.found.is_none() {
            return Ok(described);
        }
        let descriptor = self.catalogues(standing)?.apply(described)?;
        descriptor::check(&descriptor, &standing.id)?;
        Ok(descriptor)
    }

    /// What a backend says of itself: asked once in a worker, then remembered under its hash.
    fn described(&self, standing: &Standing) -> Result<Descriptor, Failure> {
        let Some(hash) = &standing.hash else {
            return if standing.found.is_none() {
                Ok(easel_local::descriptor())
            } else {
                Err(blocked(standing))
            };
        };
        if matches!(standing.state, BackendState::Untrusted | BackendState::Broken) {
            return Err(blocked(standing));
        }
        if let Some(known) = self.memory().descriptors.get(hash) {
            return known.clone();
        }
        let cached = self.cache.join(format!("{hash}.json"));
        let read = std::fs::read(&cached)
            .ok()
            .and_then(|bytes| serde_json::from_slice::<Descriptor>(&bytes).ok());
        let described = match read {
            Some(descriptor) => descriptor::check(&descriptor, &standing.id).map(|()| descriptor),
            None => self.ask(standing).inspect(|descriptor| self.remember(&cached, descriptor)),
        };
        self.memory().descriptors.insert(hash.clone(), described.clone());
        described
    }

    fn ask(&self, standing: &Standing) -> Result<Descriptor, Failure> {
        let described = Worker::describe(&self.launch(standing)).map_err(|error| {
            Failure::new(ErrorKind::BackendFailed, format!("backend `{}`: {error}", standing.id))
                .hint(error.hint())
        })?;
        descriptor::check(&described, &standing.id)?;
        Ok(described)
    }

    /// A cache: where it cannot be written, the backend is asked again next time.
    fn remember(&self, path: &Path, descriptor: &Descriptor) {
        let Ok(text) = serde_json::to_vec(descriptor) else { return };
        if std::fs::create_dir_all(&self.cache).is_ok() {
            let _ = std::fs::write(path, text);
        }
    }

    fn launch(&self, standing: &Standing) -> Launch {
        let library = match standing.found.as_ref().and_then(Found::library) {
            Some(path) => LibrarySource::File(path),
            None => LibrarySource::BuiltIn(BUILT_IN.to_owned()),
        };
        let mut launch = Launch::new(&self.executable, library);
        if standing.found.is_none() {
            launch.config = serde_json::json!({ "weights_dir": self.weights });
        }
        launch
    }

    fn record(&self, standing: &Standing) -> BackendRecord {
        let descriptor = self.descriptor(standing);
        let manifest = standing.found.as_ref().and_then(|found| found.manifest.as_ref().ok());
        let name = match (&manifest, &descriptor) {
            (Some(manifest), _) => manifest.name.clone(),
            (None, Ok(descriptor)) => descriptor.name.clone(),
            (None, Err(_)) => standing.id.clone(),
        };
        let (mut state, mut reason) = (standing.state, standing.reason.clone());
        if let (BackendState::Ready, Err(failure)) = (state, &descriptor) {
            (state, reason) = (BackendState::Broken, Some(failure.message.clone()));
        }
        BackendRecord {
            id: standing.id.clone(),
            name,
            version: descriptor.as_ref().ok().map(|descriptor| descriptor.version.clone()),
            state,
            reason,
            built_in: standing.found.is_none(),
            manifest: standing
                .found
                .as_ref()
                .map(|found| found.manifest_path.display().to_string()),
            library_hash: standing.hash.clone(),
            permissions: manifest
                .map_or_else(Permissions::default, |manifest| manifest.permissions.clone()),
            recent_crashes: standing.crashes,
            models: descriptor.map_or_else(
                |_| Vec::new(),
                |descriptor| descriptor.models.into_iter().map(|model| model.id).collect(),
            ),
        }
    }
}

/// What somebody trusts: the library, and the manifest with what it asks for.
fn fingerprint(library_hash: &str, manifest: &Path) -> Option<String> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(library_hash.as_bytes()).update(&std::fs::read(manifest).ok()?);
    Some(hasher.finalize().to_hex().to_string())
}

fn blocked(standing: &Standing) -> Failure {
    let reason = standing.reason.clone().unwrap_or_else(|| "it cannot be used".to_owned());
    Failure::new(ErrorKind::BackendBlocked, format!("backend `{}`: {reason}", standing.id))
        .hint("`easel backend list` shows how every backend stands")
}

/// The known name that differs least, where it differs by little.
fn nearest<'a>(name: &str, known: &'a [String]) -> Option<&'a str> {
    known
        .iter()
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= 3)
        .min()
        .map(|(_, name)| name.as_str())
}

/// How many letters must change to make one word of the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (index, letter) in from.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], index + 1);
        for (column, other) in to.iter().enumerate() {
            let substitute = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = substitute.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_recognised() {
        let known = ["local-style".to_owned(), "local-cutout".to_owned()];
        assert_eq!(nearest("local-stlye", &known), Some("local-style"));
        assert_eq!(nearest("seedream", &known), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
