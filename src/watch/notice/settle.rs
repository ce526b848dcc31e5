//! When a file is whole. Pure: hints and looks go in with the time of a clock that never goes back, and what to look
//! at next and what to offer come out. Remembers only files that are not still yet, and the last few that were told.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::{Sign, Stamp};

/// Between two looks that find a file still.
pub(super) const STILL: Duration = Duration::from_millis(500);
/// Until a file that was doubted, or is empty, is taken for what it is.
pub(super) const LONG: Duration = Duration::from_secs(5);
/// Looks that nobody waits for are done together, and so in the order of names.
const TICK: Duration = Duration::from_millis(100);
/// The owner is told of a file before it is on record; for so many files this is remembered here.
const TOLD: usize = 4096;

/// What may have happened to a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hint {
    /// Created or written to, or nobody knows what.
    Written,
    /// Times or rights were changed.
    Attributes,
    /// Closed after writing, or renamed to here.
    Closed,
    /// Removed, or renamed to elsewhere.
    Left,
}

/// What a look led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is whole and news.
    Offer(Stamp, Sign),
    /// It was known and is not there.
    Gone,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Settle {
    still: Duration,
    waiting: HashMap<Arc<Path>, Waiting>,
    queue: BTreeSet<(Duration, Arc<Path>)>,
    told: Told,
}

#[derive(Debug, Default)]
struct Waiting {
    due: Duration,
    /// The stamp of the last look, and when it was first seen.
    seen: Option<(Stamp, Duration)>,
    /// Hinted at since the last look, so that an equal stamp proves nothing.
    stirred: bool,
    /// Written to since it was told, so that even the same stamp is news.
    written: bool,
    closed: bool,
    /// The owner found it not to be whole with this stamp.
    doubted: Option<Stamp>,
}

/// The last thing that was told of a path, which is newer than what is on record.
#[derive(Debug, Default)]
struct Told {
    paths: HashMap<Arc<Path>, (Word, u64)>,
    order: VecDeque<(Arc<Path>, u64)>,
    count: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Offered(Stamp),
    Gone,
}

impl Word {
    fn stamp(self) -> Option<Stamp> {
        match self {
            Word::Offered(stamp) => Some(stamp),
            Word::Gone => None,
        }
    }
}

impl Default for Settle {
    fn default() -> Settle {
        Settle {
            still: STILL,
            waiting: HashMap::new(),
            queue: BTreeSet::new(),
            told: Told::default(),
        }
    }
}

impl Settle {
    /// From now on files have to be still for so long.
    pub(super) fn set_still(&mut self, still: Duration) {
        self.still = still;
    }

    /// How many files are not still yet.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Something may have happened to a path.
    pub(super) fn hint(&mut self, path: &Path, hint: Hint, now: Duration) {
        let (path, mut entry) = self.take(path).unwrap_or_else(|| {
            let entry = Waiting { due: now, ..Waiting::default() };
            (Arc::from(path), entry)
        });
        match hint {
            Hint::Written => {
                entry.stirred = true;
                entry.written = true;
                entry.closed = false;
                entry.doubted = None;
            }
            // Times and rights are often set right after closing, which takes nothing back.
            Hint::Attributes => {}
            Hint::Closed => {
                entry.closed = true;
                // Before everything else that is due: somebody waits for this one.
                entry.due = Duration::ZERO;
            }
            Hint::Left => {
                entry.stirred = true;
                entry.closed = false;
                entry.due = now;
            }
        }
        self.put(path, entry);
    }

    /// A scan found a file, with this on record for it.
    pub(super) fn found(
        &mut self,
        path: &Path,
        stamp: Stamp,
        on_record: Option<Stamp>,
        now: Duration,
    ) {
        let told = self.told.get(path);
        if told.is_some_and(|word| word.stamp() == on_record) {
            // The record caught up.
            self.told.paths.remove(path);
        }
        if told.map_or(on_record, Word::stamp) == Some(stamp) || self.waiting.contains_key(path) {
            return;
        }
        let due = tick(now + self.still);
        self.put(Arc::from(path), Waiting { due, seen: Some((stamp, now)), ..Waiting::default() });
    }

    /// The owner found a file with this stamp not to be whole.
    pub(super) fn reconsider(&mut self, path: &Path, stamp: Stamp, now: Duration) {
        // What was told since then is newer.
        if self.told.get(path).is_some_and(|word| word != Word::Offered(stamp)) {
            return;
        }
        let due = now + self.still;
        let (path, mut entry) = self
            .take(path)
            .unwrap_or_else(|| (Arc::from(path), Waiting { due, ..Waiting::default() }));
        if !entry.written {
            entry.doubted = Some(stamp);
            entry.seen.get_or_insert((stamp, now));
        }
        self.put(path, entry);
    }

    /// When to look next.
    pub(super) fn due(&self) -> Option<Duration> {
        self.queue.first().map(|first| first.0)
    }

    /// What to look at now, if anything. It is asked for again until [`Settle::look`] says what was seen.
    pub(super) fn next(&self, now: Duration) -> Option<Arc<Path>> {
        self.queue.first().filter(|first| first.0 <= now).map(|first| Arc::clone(&first.1))
    }

    /// What is there now: a file with this stamp, or none.
    pub(super) fn look(
        &mut self,
        path: &Path,
        seen: Option<Stamp>,
        on_record: impl FnOnce() -> Option<Stamp>,
        now: Duration,
    ) -> Option<Verdict> {
        let (path, mut entry) = self.take(path)?;
        let before = self.told.get(&path).map_or_else(on_record, Word::stamp);
        let Some(stamp) = seen else {
            before?;
            self.told.set(path, Word::Gone);
            return Some(Verdict::Gone);
        };
        if entry.doubted.is_some_and(|doubted| doubted != stamp) {
            entry.doubted = None;
        }
        let news = entry.written || before != Some(stamp);
        if !news && entry.doubted.is_none() {
            return None;
        }
        // An empty file is a promise of one: whoever made it comes back to fill it.
        let long = entry.doubted.is_some() || stamp.size == 0;
        if entry.closed && !long {
            self.told.set(path, Word::Offered(stamp));
            return Some(Verdict::Offer(stamp, Sign::Closed));
        }
        let since = match entry.seen {
            Some((same, since)) if same == stamp && !entry.stirred => since,
            _ => now,
        };
        let needed = if long { self.still.max(LONG) } else { self.still };
        if now.saturating_sub(since) >= needed {
            self.told.set(path, Word::Offered(stamp));
            let sign = if long { Sign::StillForLong } else { Sign::Still };
            return Some(Verdict::Offer(stamp, sign));
        }
        entry.seen = Some((stamp, since));
        entry.stirred = false;
        entry.closed = false;
        entry.due = (since + needed).min(now + self.still);
        self.put(path, entry);
        None
    }

    /// Nobody can say what a path is.
    pub(super) fn forget(&mut self, path: &Path) {
        self.take(path);
    }

    /// What was offered is offered again when it is not on record.
    pub(super) fn forget_told(&mut self) {
        self.told = Told::default();
    }

    /// The folder went away: nothing is waited for.
    pub(super) fn clear(&mut self) {
        self.waiting.clear();
        self.queue.clear();
    }

    /// Whether the owner knows already that a path is gone.
    pub(super) fn told_gone(&self, path: &Path) -> bool {
        self.told.get(path) == Some(Word::Gone)
    }

    /// A scan did not find what is on record, and told the owner.
    pub(super) fn gone(&mut self, path: &Path) {
        self.take(path);
        self.told.set(Arc::from(path), Word::Gone);
    }

    fn take(&mut self, path: &Path) -> Option<(Arc<Path>, Waiting)> {
        let (path, entry) = self.waiting.remove_entry(path)?;
        let key = (entry.due, path);
        self.queue.remove(&key);
        Some((key.1, entry))
    }

    fn put(&mut self, path: Arc<Path>, entry: Waiting) {
        self.queue.insert((entry.due, Arc::clone(&path)));
        self.waiting.insert(path, entry);
    }
}

impl Told {
    fn get(&self, path: &Path) -> Option<Word> {
        self.paths.get(path).map(|told| told.0)
    }

    fn set(&mut self, path: Arc<Path>, word: Word) {
        self.count += 1;
        self.paths.insert(Arc::clone(&path), (word, self.count));
        self.order.push_back((path, self.count));
        while self.order.len() > TOLD {
            if let Some((path, count)) = self.order.pop_front() {
                // Only if nothing newer was told of it.
                if self.paths.get(&path).is_some_and(|told| told.1 == count) {
                    self.paths.remove(&path);
                }
            }
        }
    }
}

/// The next tick that is not before this time.
fn tick(time: Duration) -> Duration {
    let ticks = time.as_nanos().div_ceil(TICK.as_nanos());
    TICK.saturating_mul(u32::try_from(ticks).unwrap_or(u32::MAX)).max(time)
}

#[cfg(test)]
mod tests;
