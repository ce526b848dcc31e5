//! The thread of a folder: waits for hints, wishes and the time of the next look, and tells the owner what came of it.
//! It sleeps until one of them comes, so a folder at rest costs nothing but one `stat` every few seconds.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError};
use std::time::{Duration, Instant};

use easel_protocol::Failure;

use super::inbox::{Batch, Inbox, Life};
use super::native::{Native, Refused};
use super::place::{self, Identity};
use super::rescan::Rescan;
use super::scan::{self, Ground, Seen, Walk};
use super::settle::{Hint, Settle, Verdict};
use super::{Known, Notice, Spec, State};

/// Drives that are unplugged and folders above that are renamed make no event, so the folder is asked for now and then.
const BEAT: Duration = Duration::from_secs(5);
/// A folder that is away is looked for more often.
const AWAY: Duration = Duration::from_secs(2);
/// How long the thread does one thing before it sees whether there is something more urgent.
pub(super) const TURN: Duration = Duration::from_millis(5);
/// While the owner does not listen: how soon is seen whether there is room, at first and at most.
const FULL: (Duration, Duration) = (Duration::from_micros(100), Duration::from_millis(10));

/// See the module.
pub(super) struct Folder {
    pub(super) ground: Ground,
    pub(super) poll: bool,
    pub(super) known: Box<dyn Known>,
    pub(super) settle: Settle,
    pub(super) here: Option<Here>,
    pub(super) rescan: Rescan,
    /// Folders that appeared and are looked through on their own.
    pub(super) part: Walk,
    pub(super) skipped: HashSet<PathBuf>,
    pub(super) inbox: Arc<Inbox>,
    sink: SyncSender<Notice>,
    began: Instant,
    beat: Duration,
    told: Option<State>,
}

/// A folder that is there.
pub(super) struct Here {
    pub(super) identity: Identity,
    pub(super) native: Option<Native>,
    /// Why it has to be looked through again and again.
    pub(super) polling: Option<Refused>,
    /// Whether that is for a limit of the system, which somebody may raise.
    pub(super) refused: bool,
}

/// The owner wants no more, or is not there any more.
pub(super) struct Ended;

/// Tells whoever waits for the end, also when it comes from a fault.
struct Ends(Arc<Inbox>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl Folder {
    pub(super) fn new(
        spec: Spec,
        known: Box<dyn Known>,
        sink: SyncSender<Notice>,
        inbox: Arc<Inbox>,
    ) -> Result<Folder, Failure> {
        Ok(Folder {
            ground: Ground::new(&spec)?,
            poll: spec.poll,
            known,
            settle: Settle::default(),
            here: None,
            rescan: Rescan::default(),
            part: Walk::default(),
            skipped: HashSet::new(),
            inbox,
            sink,
            began: Instant::now(),
            beat: Duration::ZERO,
            told: None,
        })
    }

    pub(super) fn run(mut self) {
        let _ends = Ends(Arc::clone(&self.inbox));
        while self.turn().is_ok() {}
    }

    /// The time since the start, on a clock that never goes back.
    pub(super) fn now(&self) -> Duration {
        self.began.elapsed()
    }

    fn turn(&mut self) -> Result<(), Ended> {
        let batch = self.inbox.take(self.wait());
        if batch.life != Life::Runs {
            return Err(Ended);
        }
        self.take_in(batch);
        self.look()?;
        if self.now() >= self.beat {
            self.visit()?;
        }
        self.look_through()
    }

    /// How long there is nothing to do unless something comes in.
    fn wait(&self) -> Duration {
        let mut until = self.beat;
        if let Some(due) = self.settle.due() {
            until = until.min(due);
        }
        if self.here.is_some() {
            if self.rescan.runs() || !self.part.is_done() {
                return Duration::ZERO;
            }
            until = until.min(self.rescan.due());
        }
        until.saturating_sub(self.now())
    }

    fn take_in(&mut self, batch: Batch) {
        let now = self.now();
        if batch.scan {
            self.settle.forget_told();
            self.rescan.ask(now);
        }
        if batch.overflow {
            self.rescan.soon(now);
        }
        for (path, hint) in batch.hints {
            if self.here.is_none() {
                // Everything is looked at when it is back.
            } else if path.as_os_str().is_empty() {
                if hint == Hint::Left {
                    self.leave();
                }
                self.beat = now;
            } else if self.ground.wants(&path) {
                self.settle.hint(&path, hint, now);
            } else if self.ground.enters(&path) && self.ground.reached(&path) {
                self.folder(path, hint);
            }
        }
        for (path, stamp) in batch.reconsider {
            if self.here.is_some() {
                self.settle.reconsider(&path, stamp, now);
            }
        }
    }

    /// Something happened to what may be a folder.
    fn folder(&mut self, path: PathBuf, hint: Hint) {
        let now = self.now();
        match scan::look(&self.ground.whole(&path)) {
            Ok(Seen::Folder) if hint != Hint::Attributes || self.skipped.remove(&path) => {
                self.part.add(path);
            }
            Ok(Seen::Folder) => {}
            Ok(_) => self.vanished(&path, now),
            // The next scan will meet it too, and tell.
            Err(_) => self.rescan.soon(now),
        }
    }

    /// Files that went away with their folder make no events of their own.
    fn vanished(&mut self, path: &Path, now: Duration) {
        let native = self.here.as_mut().and_then(|here| here.native.as_mut());
        if native.is_some_and(|native| native.forget(path)) {
            self.rescan.soon(now);
        }
    }

    /// Looks at files whose time has come.
    fn look(&mut self) -> Result<(), Ended> {
        let until = self.now() + TURN;
        while let Some(path) = self.settle.next(self.now()) {
            let seen = scan::look(&self.ground.whole(&path));
            let now = self.now();
            let stamp = match seen {
                Ok(Seen::File(stamp)) => Some(stamp),
                Ok(Seen::Folder) => {
                    if self.ground.enters(&path) {
                        self.part.add(path.to_path_buf());
                    }
                    None
                }
                Ok(Seen::Nothing) => {
                    self.vanished(&path, now);
                    None
                }
                Ok(Seen::Other) => None,
                Err(_) => {
                    self.settle.forget(&path);
                    // The next scan finds out which folder is to blame, unless that was told.
                    if !path.parent().is_some_and(|folder| self.skipped.contains(folder)) {
                        self.rescan.soon(now);
                    }
                    continue;
                }
            };
            let verdict = self.settle.look(&path, stamp, || self.known.stamp(&path), now);
            let path = path.to_path_buf();
            match verdict {
                Some(Verdict::Offer(stamp, sign)) => {
                    self.tell(Notice::Settled { path, stamp, sign })?;
                }
                Some(Verdict::Gone) => self.tell(Notice::Gone { path })?,
                None => {}
            }
            if self.now() > until {
                break;
            }
        }
        Ok(())
    }

    /// Sees whether the folder is there, and still the same.
    pub(super) fn visit(&mut self) -> Result<(), Ended> {
        let found = place::check(&self.ground.root);
        match found {
            Ok(identity) if self.here.as_ref().is_some_and(|here| here.identity == identity) => {
                self.beat = self.now() + BEAT;
            }
            Ok(identity) => {
                self.leave();
                self.arrive(identity);
                self.beat = self.now() + BEAT;
            }
            Err(state) => self.away(state)?,
        }
        Ok(())
    }

    /// The folder cannot be watched, for now.
    pub(super) fn away(&mut self, state: State) -> Result<(), Ended> {
        self.leave();
        self.beat = self.now() + AWAY;
        self.tell_state(state)
    }

    fn leave(&mut self) {
        self.here = None;
        self.part = Walk::default();
        self.rescan.abandon();
        self.settle.clear();
        self.skipped.clear();
    }

    /// Tells how the folder is, if that is news.
    pub(super) fn tell_state(&mut self, state: State) -> Result<(), Ended> {
        if self.told.as_ref() == Some(&state) {
            return Ok(());
        }
        self.told = Some(state.clone());
        self.tell(Notice::State(state))
    }

    /// Tells the owner, and waits for as long as there is no room.
    pub(super) fn tell(&self, notice: Notice) -> Result<(), Ended> {
        let mut notice = notice;
        let mut wait = FULL.0;
        loop {
            notice = match self.sink.try_send(notice) {
                Ok(()) => return Ok(()),
                Err(TrySendError::Full(notice)) => notice,
                Err(TrySendError::Disconnected(_)) => return Err(Ended),
            };
            if self.inbox.pause(wait) {
                return Err(Ended);
            }
            wait = (wait * 2).min(FULL.1);
        }
    }
}
