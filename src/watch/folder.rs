//! One watched folder: what it is told by the watcher goes into the durable queue; what of the queue may run now comes
//! out of here. What lies here is only what runs; what is known is in the store.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use easel_protocol::Failure;
use easel_protocol::folder::{FileState, FolderRecord, FolderSpec};
use easel_protocol::recipe::Money;

use super::held;
use super::notice::{Known, Notice, Sign, Spec, Stamp as Seen, State, Watcher};
use super::place::Places;
use super::pool::Pool;
use crate::daemon::now;
use crate::recipe::{self, MaskRule};
use crate::runs::{Ready, Runs, text_of};
use crate::store::{self, Asked, Stamp, StoredFile, StoredFolder};

/// So many notices wait; then the watcher does.
const NOTICES: usize = 1024;
/// A recipe's file is looked at so often.
const LOOK: Duration = Duration::from_secs(1);
/// A file that nobody was seen to close must be offered so often before it is given up: about half a minute.
const STILL_AND_OPEN: u32 = 6;
/// So many files are taken from the queue at once.
const AT_ONCE: usize = 64;

/// A watched folder while it is watched.
pub(super) struct Folder {
    pub(super) id: String,
    pub(super) spec: FolderSpec,
    pub(super) declared: bool,
    pub(super) places: Places,
    live: Mutex<Live>,
    watcher: Mutex<Option<Watcher>>,
}

/// What changes while it runs.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts")]
struct Live {
    paused: bool,
    stopped: bool,
    state: String,
    /// Folders below that could not be read, and why.
    skipped: BTreeMap<PathBuf, String>,
    ready: Option<(Arc<Ready>, Instant)>,
    held: Option<Held>,
    holds: u32,
    queue: VecDeque<StoredFile>,
    /// Nothing waits but what is on its way, as far as is known.
    dry: bool,
    running: HashSet<PathBuf>,
    /// Did not decode yet: wait until the watcher offers them again.
    doubted: HashMap<PathBuf, Stamp>,
    /// How often they were offered because they were still for long.
    still: HashMap<PathBuf, u32>,
    /// Were closed by whoever wrote them.
    closed: HashSet<PathBuf>,
    tries: HashMap<PathBuf, u32>,
    /// Were written to while they were on their way.
    again: HashSet<PathBuf>,
    recent: VecDeque<Instant>,
    last_done: Option<easel_protocol::job::Timestamp>,
    /// The budget that was set last.
    budget: Option<Money>,
    /// One was set, or the want of one.
    capped: bool,
}

struct Held {
    failure: Failure,
    until: Instant,
    time: easel_protocol::job::Timestamp,
}

impl Folder {
    pub(super) fn new(stored: StoredFolder) -> Folder {
        let places = Places::of(&stored.spec);
        let live = Live { paused: stored.paused, state: "starting".to_owned(), ..Live::default() };
        Folder {
            id: stored.id,
            spec: stored.spec,
            declared: stored.declared,
            places,
            live: Mutex::new(live),
            watcher: Mutex::new(None),
        }
    }

    fn live(&self) -> MutexGuard<'_, Live> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Which files are wanted. Masks that the recipe finds beside the pictures are no pictures of their own.
    pub(super) fn notice_spec(&self, runs: &Runs) -> Spec {
        let mut exclude = self.spec.exclude.clone();
        if let Ok(ready) = self.ready(runs) {
            exclude.extend(mask_patterns(&ready.recipe));
        }
        Spec {
            root: self.places.root.clone(),
            recursive: self.spec.recursive,
            include: self.spec.include.clone(),
            exclude,
            skip: self.places.skip(),
            poll: self.spec.poll,
        }
    }

    /// Begins to watch.
    pub(super) fn watch(
        self: &Arc<Self>,
        runs: &Arc<Runs>,
        pool: &Arc<Pool>,
    ) -> Result<(), Failure> {
        let (sink, notices) = mpsc::sync_channel(NOTICES);
        let known = Record { runs: Arc::clone(runs), folder: self.id.clone() };
        let watcher = Watcher::start(self.notice_spec(runs), Box::new(known), sink)?;
        *self.watcher.lock().unwrap_or_else(PoisonError::into_inner) = Some(watcher);
        let (folder, runs, pool) = (Arc::downgrade(self), Arc::clone(runs), Arc::downgrade(pool));
        std::thread::Builder::new()
            .name("folder".into())
            .spawn(move || listen(&folder, &runs, &pool, &notices))
            .map(|_| ())
            .map_err(|error| {
                Failure::new(
                    easel_protocol::ErrorKind::Internal,
                    format!("cannot start a thread: {error}"),
                )
            })
    }

    /// Watches no more; what is on its way ends.
    pub(super) fn stop(&self) {
        self.live().stopped = true;
        let watcher = self.watcher.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(watcher) = watcher {
            watcher.stop();
        }
    }

    /// Looks through everything now.
    pub(super) fn scan_now(&self) {
        self.live().dry = false;
        if let Some(watcher) = &*self.watcher.lock().unwrap_or_else(PoisonError::into_inner) {
            watcher.scan_now();
        }
    }

    /// The recipe as it is now; it is read again when its file or a reference changed.
    pub(super) fn ready(&self, runs: &Runs) -> Result<Arc<Ready>, Failure> {
        if let Some((ready, looked)) = &self.live().ready
            && looked.elapsed() < LOOK
        {
            return Ok(Arc::clone(ready));
        }
        let (text, base, name) = text_of(&runs.daemon.paths, &self.spec.recipe, true)?;
        let ready = Ready::read(&runs.daemon, &runs.references, &name, text, &base)?;
        let ready = Arc::new(ready);
        self.live().ready = Some((Arc::clone(&ready), Instant::now()));
        Ok(ready)
    }

    /// Caps what it may spend: what the folder says goes before what its recipe says.
    pub(super) fn cap(&self, runs: &Runs, ready: &Ready) -> Result<(), Failure> {
        let day = ready.recipe.budget.day.as_ref();
        let of_recipe = day.map(|it| Money { amount: it.amount, currency: it.currency.clone() });
        let budget = self.spec.budget.clone().or(of_recipe);
        let mut live = self.live();
        if !live.capped || live.budget != budget {
            super::set_budget(runs, &self.spec.path, budget.as_ref())?;
            live.budget = budget;
            live.capped = true;
        }
        Ok(())
    }

    pub(super) fn is_paused(&self) -> bool {
        self.live().paused
    }

    pub(super) fn pause(&self, paused: bool) {
        let mut live = self.live();
        live.paused = paused;
        if !paused {
            live.held = None;
            live.holds = 0;
            live.dry = false;
            live.tries.clear();
        }
    }

    /// The next file that may run, taken out of the queue; `most`: so many run at once.
    pub(super) fn next(&self, runs: &Runs, most: usize) -> Option<StoredFile> {
        let mut live = self.live();
        if live.paused || live.stopped || live.running.len() >= most {
            return None;
        }
        if let Some(held) = &live.held {
            if held.until > Instant::now() {
                return None;
            }
            // One file tries whether the way is free.
            if !live.running.is_empty() {
                return None;
            }
        }
        if live.queue.is_empty() && !live.dry {
            let limit = AT_ONCE + live.running.len() + live.doubted.len();
            let waiting =
                runs.daemon.store.waiting_files(&self.id, limit).unwrap_or_else(|failure| {
                    tracing::error!(%failure, "the queue of a folder cannot be read");
                    Vec::new()
                });
            let free = |file: &StoredFile| {
                !live.running.contains(&file.path) && !live.doubted.contains_key(&file.path)
            };
            let free: VecDeque<StoredFile> = waiting.into_iter().filter(free).collect();
            live.dry = free.is_empty();
            live.queue = free;
        }
        let file = live.queue.pop_front()?;
        live.running.insert(file.path.clone());
        Some(file)
    }

    /// When a folder that is held goes on.
    pub(super) fn held_until(&self) -> Option<Instant> {
        let live = self.live();
        live.held.as_ref().filter(|_| !live.paused && !live.stopped).map(|held| held.until)
    }

    /// Whether a file will hardly become more whole: whoever wrote it has closed it, or was silent for half a minute.
    pub(super) fn is_still(&self, path: &Path) -> bool {
        let live = self.live();
        let needed = if live.closed.contains(path) { 1 } else { STILL_AND_OPEN };
        live.still.get(path).is_some_and(|count| *count >= needed)
    }

    /// A file is no longer on its way. Says whether it was written to meanwhile.
    pub(super) fn leave(&self, path: &Path) -> bool {
        let mut live = self.live();
        live.running.remove(path);
        let again = live.again.remove(path);
        if again {
            // The doubt was about what it was before: the watcher has offered what it is now, and will not once more.
            live.doubted.remove(path);
        }
        again
    }

    /// A file is done: whatever held the folder does no more.
    pub(super) fn went_well(&self, path: &Path) {
        self.went_by(path);
        let mut live = self.live();
        live.last_done = Some(now());
        let (now, minute) = (Instant::now(), Duration::from_mins(1));
        while live.recent.front().is_some_and(|then| now - *then > minute) {
            live.recent.pop_front();
        }
        live.recent.push_back(now);
    }

    /// A file failed by itself: nothing stands in the way of others.
    pub(super) fn went_by(&self, path: &Path) {
        let mut live = self.live();
        live.held = None;
        live.holds = 0;
        live.tries.remove(path);
        live.still.remove(path);
        live.closed.remove(path);
    }

    /// Something stands in the way of every file.
    pub(super) fn hold(&self, failure: Failure) {
        let mut live = self.live();
        live.holds += 1;
        let pause = held::pause(&failure, live.holds);
        tracing::warn!(folder = %self.spec.path, %failure, seconds = pause.as_secs(), "a folder is held");
        let time = now() + i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
        live.held = Some(Held { failure, until: Instant::now() + pause, time });
        live.queue.clear();
        live.dry = false;
    }

    /// Whether a file may be tried once more after a failure that may be its own.
    pub(super) fn try_again(&self, path: &Path) -> bool {
        let mut live = self.live();
        let tries = live.tries.entry(path.to_owned()).or_default();
        *tries += 1;
        let again = *tries < held::TRIES;
        if !again {
            live.tries.remove(path);
        }
        again
    }

    /// A file does not decode: it is offered again when it changed, or when it was still for long.
    pub(super) fn doubt(&self, path: &Path, stamp: Stamp) {
        self.live().doubted.insert(path.to_owned(), stamp);
        if let Some(watcher) = &*self.watcher.lock().unwrap_or_else(PoisonError::into_inner) {
            watcher.reconsider(path, seen_of(stamp));
        }
    }

    /// Files were put into the queue by somebody.
    pub(super) fn refill(&self) {
        let mut live = self.live();
        live.dry = false;
        live.queue.clear();
    }

    /// How it stands.
    pub(super) fn record(&self, runs: &Runs) -> Result<FolderRecord, Failure> {
        let counts = runs.daemon.store.count_files(&self.id)?;
        let count =
            |state| counts.iter().find(|(it, _)| *it == state).map_or(0, |(_, count)| *count);
        let stored = runs.daemon.store.folders()?.into_iter().find(|it| it.id == self.id);
        let recipe = self.ready(runs).err();
        let live = self.live();
        let minute = Duration::from_mins(1);
        let held = live.held.as_ref().filter(|_| live.holds > 0);
        Ok(FolderRecord {
            id: self.id.clone(),
            spec: self.spec.clone(),
            paused: live.paused,
            declared: self.declared,
            state: self.standing(&live),
            held: recipe.or_else(|| held.map(|held| held.failure.clone())),
            held_until: held.map(|held| held.time),
            waiting: count(FileState::Waiting).saturating_sub(live.running.len() as u64),
            running: live.running.len() as u64,
            done: stored.map_or(0, |it| it.done),
            failed: count(FileState::Failed),
            skipped: count(FileState::Skipped),
            last_minute: live.recent.iter().filter(|then| then.elapsed() < minute).count() as u64,
            last_done: live.last_done,
        })
    }

    /// How it is watched; folders below that can be read again are no longer told of.
    fn standing(&self, live: &Live) -> String {
        let unread = |path: &Path| std::fs::read_dir(self.places.root.join(path)).is_err();
        match live.skipped.iter().find(|(path, _)| unread(path)) {
            Some((path, why)) => {
                format!("{}, all but `{}`, which cannot be read: {why}", live.state, path.display())
            }
            None => live.state.clone(),
        }
    }

    fn told(&self, seen: Vec<(PathBuf, Seen, Sign)>, runs: &Runs) {
        let mut files = Vec::with_capacity(seen.len());
        {
            let mut live = self.live();
            for (path, stamp, sign) in seen {
                live.doubted.remove(&path);
                match sign {
                    Sign::StillForLong => *live.still.entry(path.clone()).or_default() += 1,
                    Sign::Closed => {
                        live.still.remove(&path);
                        live.closed.insert(path.clone());
                    }
                    Sign::Still => {
                        live.still.remove(&path);
                    }
                }
                if live.running.contains(&path) {
                    live.again.insert(path.clone());
                }
                let stamp = stamp_of(stamp);
                files.push(store::Seen { path, stamp, written: sign == Sign::Closed });
            }
        }
        if let Err(failure) = runs.daemon.store.see_files(&self.id, files, now()) {
            tracing::error!(%failure, "the queue of a folder cannot be written");
            self.hold(failure);
        }
        self.live().dry = false;
    }
}

/// Takes what the watcher tells into the store, many at a time.
fn listen(folder: &Weak<Folder>, runs: &Runs, pool: &Weak<Pool>, notices: &mpsc::Receiver<Notice>) {
    while let Ok(first) = notices.recv() {
        let Some(folder) = folder.upgrade() else { return };
        let mut seen = Vec::new();
        let more = std::iter::from_fn(|| notices.try_recv().ok()).take(AT_ONCE * 8);
        for notice in std::iter::once(first).chain(more) {
            match notice {
                Notice::Settled { path, stamp, sign } => seen.push((path, stamp, sign)),
                Notice::Gone { path } => {
                    folder.told(std::mem::take(&mut seen), runs);
                    // What is on its way says itself what became of it.
                    let running = folder.live().running.contains(&path);
                    if !running
                        && let Err(failure) = runs.daemon.store.forget_file(&folder.id, &path)
                    {
                        tracing::error!(%failure, "a file that is gone cannot be forgotten");
                    }
                }
                Notice::State(State::Skipped { path, why }) => {
                    folder.live().skipped.insert(path, why);
                }
                Notice::State(state) => folder.live().state = words(&state),
                Notice::Scanned { .. } => {}
            }
        }
        if !seen.is_empty() {
            folder.told(seen, runs);
        }
        let Some(pool) = pool.upgrade() else { return };
        pool.kick();
    }
}

fn words(state: &State) -> String {
    match state {
        State::Polling { why, hint } if hint.is_empty() => {
            format!("looking every few seconds: {why}")
        }
        State::Polling { why, hint } => format!("looking every few seconds: {why}; hint: {hint}"),
        State::Missing => "the folder is not there; it is taken up again when it is".to_owned(),
        State::Unreadable { why, hint } => {
            format!("the folder cannot be read: {why}; hint: {hint}")
        }
        // What is skipped is told apart.
        State::Watching | State::Skipped { .. } => "watching".to_owned(),
    }
}

fn stamp_of(seen: Seen) -> Stamp {
    let modified = i64::try_from(seen.modified_ns).unwrap_or(if seen.modified_ns < 0 {
        i64::MIN
    } else {
        i64::MAX
    });
    Stamp { size: seen.size, modified, number: seen.file }
}

fn seen_of(stamp: Stamp) -> Seen {
    Seen { size: stamp.size, modified_ns: i128::from(stamp.modified), file: stamp.number }
}

/// `{name}.mask.png` beside the pictures: whatever fits `*.mask.png` is a mask.
fn mask_patterns(recipe: &recipe::Recipe) -> Vec<String> {
    let pattern = |step: &recipe::Step| match &step.mask {
        MaskRule::File(template) => {
            let any = |part: &recipe::Part| match part {
                recipe::Part::Text(text) => globset::escape(text),
                recipe::Part::Placeholder { .. } => "*".to_owned(),
            };
            let pattern: String = template.parts.iter().map(any).collect();
            Some(pattern).filter(|pattern| pattern.trim_matches('*').len() > 4)
        }
        _ => None,
    };
    recipe.steps.iter().filter_map(pattern).collect()
}

/// What is on record of a folder's files.
struct Record {
    runs: Arc<Runs>,
    folder: String,
}

impl Known for Record {
    fn all(&self, each: &mut dyn FnMut(PathBuf, Seen)) {
        let known = self.runs.daemon.store.known_files(&self.folder, |path, stamp, failed| {
            // What failed is not there any more, and is not missed.
            if !failed {
                each(path, seen_of(stamp));
            }
        });
        if let Err(failure) = known {
            tracing::error!(%failure, "what is on record of a folder cannot be read");
        }
    }

    fn stamp(&self, path: &Path) -> Option<Seen> {
        let file = self.runs.daemon.store.file(&self.folder, path).ok().flatten()?;
        // A failed file that lies where it was is known; one that was put there again is new.
        let moved = file.state == FileState::Failed && !file.outputs.is_empty();
        (!moved || file.asked != Asked::No).then(|| seen_of(file.stamp))
    }
}
