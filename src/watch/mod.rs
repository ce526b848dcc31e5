//! Watched folders. `notice` says that a file is whole; the queue is in the store; `pool` works on it; `take` says what
//! became of each file. Nothing here trusts an event, and nothing that must survive lies in memory.

mod declared;
mod folder;
mod forecast;
mod held;
pub mod notice;
mod place;
mod pool;
mod take;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use easel_protocol::folder::{
    FileList, FileRecord, FileState, FilesParams, FolderAddParams, FolderAnswer, FolderList,
    FolderRecord, FolderRetryParams, FolderRetryReport, FolderScanParams, FolderSpec, OnSuccess,
};
use easel_protocol::recipe::Money;
use easel_protocol::spend::BudgetParams;
use easel_protocol::{ErrorKind, Failure};

pub use declared::day_budget;

use crate::daemon::now;
use crate::runs::Runs;
use crate::store::{Asked, Stamp, StoredFolder};
use folder::Folder;
use pool::Pool;

/// `folders.toml` is looked at so often.
const LOOK: Duration = Duration::from_secs(2);

/// The watched folders of one daemon.
pub struct Watch {
    runs: Arc<Runs>,
    pool: Arc<Pool>,
    folders: Mutex<Vec<Arc<Folder>>>,
    /// When `folders.toml` was read last, and what was wrong with it.
    declared: Mutex<(Option<SystemTime>, Option<Failure>)>,
}

impl Watch {
    /// Takes up the folders that are on record and in `folders.toml`.
    pub fn start(runs: &Arc<Runs>) -> Result<Arc<Watch>, Failure> {
        let watch = Arc::new(Watch {
            runs: Arc::clone(runs),
            pool: Pool::start(runs)?,
            folders: Mutex::default(),
            declared: Mutex::default(),
        });
        for stored in runs.daemon.store.folders()? {
            watch.take_up(stored);
        }
        watch.read_declared();
        let weak = Arc::downgrade(&watch);
        std::thread::Builder::new()
            .name("folders".into())
            .spawn(move || {
                loop {
                    std::thread::sleep(LOOK);
                    let Some(watch) = weak.upgrade() else { return };
                    if watch.runs.daemon.is_stopping() {
                        return;
                    }
                    watch.read_declared();
                }
            })
            .map_err(|error| {
                Failure::new(ErrorKind::Internal, format!("cannot start a thread: {error}"))
            })?;
        Ok(watch)
    }

    /// Parks what is on its way.
    pub fn stop(&self) {
        self.pool.stop();
        for folder in self.folders().drain(..) {
            folder.stop();
        }
    }

    fn folders(&self) -> MutexGuard<'_, Vec<Arc<Folder>>> {
        self.folders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Watches a folder that is on record, in place of one of its id.
    fn take_up(&self, stored: StoredFolder) {
        let folder = Arc::new(Folder::new(stored));
        self.finish_clearing(&folder);
        if let Err(failure) = folder.watch(&self.runs, &self.pool) {
            tracing::error!(folder = %folder.spec.path, %failure, "a folder cannot be watched");
            folder.hold(failure);
        }
        let mut folders = self.folders();
        if let Some(index) = folders.iter().position(|it| it.id == folder.id) {
            folders.remove(index).stop();
        }
        folders.push(folder);
        folders.sort_by(|one, other| one.spec.path.cmp(&other.spec.path));
        self.pool.set(folders.clone());
    }

    /// Moves or removes the sources that were done when an earlier daemon ended.
    fn finish_clearing(&self, folder: &Folder) {
        if folder.spec.on_success == OnSuccess::Keep {
            return;
        }
        let store = &self.runs.daemon.store;
        let done = store.files(&folder.id, Some(FileState::Done), 1000).unwrap_or_default();
        for file in done {
            let now = std::fs::metadata(folder.places.root.join(&file.path));
            if now.is_ok_and(|metadata| Stamp::of(&metadata) == file.stamp)
                && let Err(failure) = take::clear_away(&self.runs, folder, &file.path)
            {
                tracing::warn!(%failure, "a source that is done cannot be cleared away");
            }
        }
    }

    fn find(&self, name: &str) -> Result<Arc<Folder>, Failure> {
        let wanted = std::path::absolute(name).unwrap_or_else(|_| PathBuf::from(name));
        let found = self
            .folders()
            .iter()
            .find(|folder| folder.id == name || folder.places.root == wanted)
            .map(Arc::clone);
        found.ok_or_else(|| {
            Failure::new(ErrorKind::NotFound, format!("`{name}` is not watched")).hint(
                "`easel folder list` shows what is, `easel folder add DIR --recipe R` adds one",
            )
        })
    }

    /// `folder.add`.
    pub fn add(&self, params: FolderAddParams) -> Result<FolderAnswer, Failure> {
        let FolderAddParams { folder: mut spec, dry_run } = params;
        check(&mut spec)?;
        let id = id_of(&spec.path);
        let known = self.folders().iter().find(|it| it.id == id).map(Arc::clone);
        if known.is_some_and(|known| known.declared) {
            return Err(declared_elsewhere(&spec.path));
        }
        let stored = StoredFolder { id, spec, paused: false, declared: false, done: 0 };
        let trial = Folder::new(stored.clone());
        // A folder, a recipe or a pattern that cannot be read is said now.
        trial.ready(&self.runs)?;
        notice::check(&trial.notice_spec(&self.runs))?;
        if dry_run {
            let forecast = forecast::forecast(&self.runs, &trial, false)?;
            return Ok(FolderAnswer { folder: None, requeued: 0, forecast: Some(forecast) });
        }
        self.runs.daemon.store.put_folder(stored.clone())?;
        let id = stored.id.clone();
        self.take_up(stored);
        Ok(FolderAnswer { folder: Some(self.status(&id)?), requeued: 0, forecast: None })
    }

    /// `folder.list`.
    pub fn list(&self) -> Result<FolderList, Failure> {
        let folders = self.folders().clone();
        let failure = self.declared.lock().unwrap_or_else(PoisonError::into_inner).1.clone();
        let folders =
            folders.iter().map(|folder| folder.record(&self.runs)).collect::<Result<_, _>>()?;
        Ok(FolderList { folders, failure })
    }

    /// `folder.status`.
    pub fn status(&self, name: &str) -> Result<FolderRecord, Failure> {
        self.find(name)?.record(&self.runs)
    }

    /// `folder.remove`.
    pub fn remove(&self, name: &str) -> Result<FolderRecord, Failure> {
        let folder = self.find(name)?;
        if folder.declared {
            return Err(declared_elsewhere(&folder.spec.path));
        }
        let record = folder.record(&self.runs)?;
        self.forget(&folder)?;
        Ok(record)
    }

    fn forget(&self, folder: &Arc<Folder>) -> Result<(), Failure> {
        self.runs.daemon.store.remove_folder(&folder.id)?;
        let mut folders = self.folders();
        folders.retain(|it| it.id != folder.id);
        self.pool.set(folders.clone());
        drop(folders);
        folder.stop();
        set_budget(&self.runs, &folder.spec.path, None)
    }

    /// `folder.pause` and `folder.resume`.
    pub fn pause(&self, name: &str, paused: bool) -> Result<FolderRecord, Failure> {
        let folder = self.find(name)?;
        self.runs.daemon.store.put_folder(StoredFolder {
            id: folder.id.clone(),
            spec: folder.spec.clone(),
            paused,
            declared: folder.declared,
            done: 0,
        })?;
        folder.pause(paused);
        self.pool.kick();
        folder.record(&self.runs)
    }

    /// `folder.scan`.
    pub fn scan(&self, params: &FolderScanParams) -> Result<FolderAnswer, Failure> {
        let folder = self.find(&params.folder)?;
        let mut answer = FolderAnswer { folder: None, requeued: 0, forecast: None };
        if params.dry_run {
            answer.forecast = Some(forecast::forecast(&self.runs, &folder, params.again)?);
        } else {
            if params.again {
                let version = folder.ready(&self.runs)?.version.clone();
                answer.requeued =
                    self.runs.daemon.store.requeue_outdated(&folder.id, &version, now())?;
                folder.refill();
            }
            folder.scan_now();
            self.pool.kick();
        }
        answer.folder = Some(folder.record(&self.runs)?);
        Ok(answer)
    }

    /// `folder.files`.
    pub fn files(&self, params: &FilesParams) -> Result<FileList, Failure> {
        let folder = self.find(&params.folder)?;
        let limit = params.limit.unwrap_or(100).clamp(1, 1000);
        let files = self.runs.daemon.store.files(&folder.id, params.state, limit)?;
        Ok(FileList { files: files.into_iter().map(crate::store::StoredFile::record).collect() })
    }

    /// `folder.retry`.
    pub fn retry(&self, params: &FolderRetryParams) -> Result<FolderRetryReport, Failure> {
        let folder = self.find(&params.folder)?;
        let mut report = FolderRetryReport::default();
        let wanted = |path: &Path| {
            params.files.is_empty() || params.files.iter().any(|file| Path::new(file) == path)
        };
        let asked = if params.pay_again { Asked::Pay } else { Asked::Yes };
        let store = &self.runs.daemon.store;
        let mut moved = Vec::new();
        for failed in folder.places.all_failed() {
            let below = failed.strip_prefix(&folder.places.failed).unwrap_or(&failed).to_owned();
            if !wanted(&below) && !wanted(&Path::new("failed").join(&below)) {
                continue;
            }
            let stored = store.file(&folder.id, &below)?;
            if let Some(left) = stored.clone().filter(|it| may_cost_again(it) && !params.pay_again)
            {
                report.left.push(left.record());
                continue;
            }
            // On record as waiting before it is back, so that it is known as asked for.
            let target = folder.places.move_back(&failed)?;
            let metadata = std::fs::metadata(folder.places.root.join(&target));
            if let Ok(metadata) = metadata {
                let stamp = Stamp::of(&metadata);
                let seen = crate::store::Seen { path: target.clone(), stamp, written: true };
                store.see_files(&folder.id, vec![seen], now())?;
            }
            store.requeue_file(&folder.id, &target, asked, now())?;
            moved.push(target);
            report.retried += 1;
        }
        for file in store.files(&folder.id, None, 1000)? {
            let here = match file.state {
                FileState::Failed => file.outputs.is_empty() && wanted(&file.path),
                FileState::Skipped => !params.files.is_empty() && wanted(&file.path),
                FileState::Waiting | FileState::Done => false,
            };
            if !here || moved.contains(&file.path) {
                continue;
            }
            if may_cost_again(&file) && !params.pay_again {
                report.left.push(file.record());
                continue;
            }
            store.requeue_file(&folder.id, &file.path, asked, now())?;
            report.retried += 1;
        }
        let named = |file: &String| !report.left.iter().any(|it: &FileRecord| it.path == *file);
        if report.retried == 0 && params.files.iter().any(named) {
            return Err(Failure::new(
                ErrorKind::NotFound,
                format!("`{}` did not fail", params.files.join("`, `")),
            )
            .hint("`easel folder files DIR --state failed` shows what did"));
        }
        folder.refill();
        self.pool.kick();
        Ok(report)
    }

    /// Brings the folders in line with `folders.toml`, when it changed.
    fn read_declared(&self) {
        let path = self.runs.daemon.paths.folders();
        let modified = std::fs::metadata(&path).and_then(|metadata| metadata.modified()).ok();
        let mut declared = self.declared.lock().unwrap_or_else(PoisonError::into_inner);
        if modified == declared.0 && modified.is_some() {
            return;
        }
        let known = self.folders().iter().any(|folder| folder.declared);
        if modified.is_none() && declared.0.is_none() && !known {
            return;
        }
        declared.0 = modified;
        let text = match modified {
            Some(_) => std::fs::read_to_string(&path)
                .map_err(|error| crate::store::io_failure("read", &path, &error)),
            None => Ok(String::new()),
        };
        let beside = path.parent().unwrap_or(&path);
        let wanted = text.and_then(|text| declared::read(&text, beside));
        let outcome = wanted.and_then(|wanted| self.align(wanted));
        if let Err(failure) = &outcome {
            tracing::error!(%failure, "`folders.toml` is not followed");
        }
        declared.1 = outcome.err();
    }

    fn align(&self, wanted: Vec<(FolderSpec, bool)>) -> Result<(), Failure> {
        let mut ids = Vec::new();
        for (mut spec, paused) in wanted {
            check(&mut spec)?;
            let id = id_of(&spec.path);
            ids.push(id.clone());
            let known = self.folders().iter().find(|it| it.id == id).map(Arc::clone);
            if known.is_some_and(|it| it.declared && it.spec == spec && it.is_paused() == paused) {
                continue;
            }
            let stored = StoredFolder { id, spec, paused, declared: true, done: 0 };
            self.runs.daemon.store.put_folder(stored.clone())?;
            self.take_up(stored);
        }
        let gone: Vec<Arc<Folder>> = self
            .folders()
            .iter()
            .filter(|folder| folder.declared && !ids.contains(&folder.id))
            .map(Arc::clone)
            .collect();
        gone.iter().try_for_each(|folder| self.forget(folder))
    }
}

fn may_cost_again(file: &crate::store::StoredFile) -> bool {
    use easel_protocol::error::Charged;
    let charged = file.failure.as_ref().and_then(|failure| failure.charged);
    matches!(charged, Some(Charged::Maybe | Charged::Yes))
}

fn declared_elsewhere(path: &str) -> Failure {
    Failure::new(ErrorKind::Conflict, format!("`{path}` is declared in `folders.toml`"))
        .hint("change it there; what stands there is followed within seconds")
}

/// Known by its path, so that a folder that comes back is.
fn id_of(path: &str) -> String {
    format!("d{}", &blake3::hash(path.as_bytes()).to_hex()[..16])
}

fn check(spec: &mut FolderSpec) -> Result<(), Failure> {
    let invalid = |message: String, hint: &str| {
        Err(Failure::new(ErrorKind::InvalidRequest, message).hint(hint))
    };
    let absolute = |path: &str| Path::new(path).is_absolute();
    if !absolute(&spec.path) || spec.out.as_deref().is_some_and(|out| !absolute(out)) {
        return invalid(
            format!("the path `{}` is not absolute", spec.path),
            "the daemon runs in another folder",
        );
    }
    if Path::new(&spec.path).parent().is_none() {
        return invalid(
            "the root of the file system is not watched".to_owned(),
            "name a folder that pictures are dropped into",
        );
    }
    if spec
        .budget
        .as_ref()
        .is_some_and(|budget| !(budget.amount.is_finite() && budget.amount >= 0.0))
    {
        return invalid("the budget is no amount".to_owned(), "say it as `5.00/day`");
    }
    // One spelling of a path is one folder.
    let components: PathBuf = Path::new(&spec.path).components().collect();
    spec.path = components.to_string_lossy().into_owned();
    Ok(())
}

/// Caps what a folder may spend, or takes the cap away.
fn set_budget(runs: &Runs, path: &str, budget: Option<&Money>) -> Result<(), Failure> {
    let store = &runs.daemon.store;
    for known in store.budgets(now())? {
        let other = budget.is_none_or(|budget| budget.currency != known.currency);
        if known.folder.as_deref() == Some(path) && other {
            let (folder, currency) = (Some(path.to_owned()), known.currency);
            store.set_budget(BudgetParams { folder, amount: None, currency })?;
        }
    }
    if let Some(budget) = budget {
        store.set_budget(BudgetParams {
            folder: Some(path.to_owned()),
            amount: Some(budget.amount),
            currency: budget.currency.clone(),
        })?;
    }
    Ok(())
}
