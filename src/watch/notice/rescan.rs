//! Looking through the whole folder: at the start, when events were lost, every few minutes in case they were, and again
//! and again where there are none. A scan is done in short turns and compares what it finds with the owner's record.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use super::native::{Native, Refused};
use super::place::{self, Identity};
use super::run::{Ended, Folder, Here, TURN};
use super::scan::{self, Seen, Step, Walk};
use super::settle::STILL;
use super::{Notice, Stamp, State, mounts};

/// Nobody promises that no event is ever lost.
const REGULAR: Duration = Duration::from_mins(5);
/// Where there are no events: as often as costs about a fiftieth of the time, within these.
const POLL: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(30));
const POLL_SHARE: u32 = 50;
/// A storm of events that are lost must not become a storm of scans.
const STORM_SHARE: u32 = 10;
/// Clients of a server may be told sizes that are seconds old, by NFS three of them.
const REMOTE_STILL: Duration = Duration::from_secs(4);
/// Looking at the clock costs as much as looking at a file.
const STEPS: usize = 32;

/// When the folder is looked through, and how far that is.
#[derive(Debug, Default)]
pub(super) struct Rescan {
    runs: Option<Run>,
    /// When the next one is due anyway, and when one is asked for.
    next: Duration,
    asked: Option<Duration>,
    /// Whether the owner waits to hear of the end of the next one.
    announce: bool,
    ended: Duration,
    took: Duration,
    /// When it is worth asking again for what the system refused.
    retry: Duration,
}

#[derive(Debug)]
struct Run {
    walk: Walk,
    /// On record and not found yet.
    known: HashMap<PathBuf, Stamp>,
    skipped: Vec<PathBuf>,
    announce: bool,
    took: Duration,
}

impl Rescan {
    pub(super) fn runs(&self) -> bool {
        self.runs.is_some()
    }

    pub(super) fn due(&self) -> Duration {
        self.asked.map_or(self.next, |asked| asked.min(self.next))
    }

    /// The owner wants one now.
    pub(super) fn ask(&mut self, now: Duration) {
        self.asked = Some(now);
        self.announce = true;
    }

    /// One is needed; how soon depends on how long the last one took.
    pub(super) fn soon(&mut self, now: Duration) {
        let when = now.max(self.ended + self.took * STORM_SHARE);
        self.asked = Some(self.asked.map_or(when, |asked| asked.min(when)));
    }

    /// Ends one that runs: the folder is not what it was.
    pub(super) fn abandon(&mut self) {
        if let Some(run) = self.runs.take() {
            self.announce |= run.announce;
        }
    }
}

impl Folder {
    /// The folder is there, or another one is.
    pub(super) fn arrive(&mut self, identity: Identity) {
        self.ground.refresh();
        let mut here = Here { identity, native: None, polling: None, refused: false };
        let remote = mounts::remote(&self.ground.root);
        if self.poll {
            let why = "`poll` is set for this folder".to_owned();
            here.polling = Some(Refused { why, hint: String::new() });
        } else if let Some(name) = remote {
            here.polling = Some(elsewhere(&format!("the folder lies on {name}")));
        } else {
            self.listen(&mut here);
        }
        self.settle.set_still(if remote.is_some() { REMOTE_STILL } else { STILL });
        self.here = Some(here);
        self.rescan.ask(self.now());
    }

    /// Whatever is to be looked through, for a moment.
    pub(super) fn look_through(&mut self) -> Result<(), Ended> {
        if self.here.is_none() {
            return Ok(());
        }
        self.look_through_part()?;
        let now = self.now();
        if !self.rescan.runs() && now >= self.rescan.due() {
            // A folder that is another one by now begins anew.
            self.visit()?;
            if self.here.is_none() {
                return Ok(());
            }
            self.begin();
        }
        let Some(mut run) = self.rescan.runs.take() else { return Ok(()) };
        let began = self.now();
        loop {
            for _ in 0..STEPS {
                let Some(step) = run.walk.next(&self.ground) else {
                    run.took += self.now().saturating_sub(began);
                    return self.finish(run);
                };
                let now = self.now();
                match step {
                    Step::File(path, stamp) => {
                        let on_record = run.known.remove(&path);
                        self.settle.found(&path, stamp, on_record, now);
                    }
                    Step::Skipped(path, error) => {
                        run.skipped.push(path.clone());
                        self.skip(path, &error)?;
                    }
                    Step::Lost(error) => {
                        self.rescan.announce |= run.announce;
                        return self.away(place::unavailable(&self.ground.root, &error));
                    }
                    other => self.step(other),
                }
            }
            let now = self.now();
            if now > began + TURN {
                run.took += now.saturating_sub(began);
                self.rescan.runs = Some(run);
                return Ok(());
            }
        }
    }

    fn look_through_part(&mut self) -> Result<(), Ended> {
        let until = self.now() + TURN;
        while let Some(step) = self.part.next(&self.ground) {
            let now = self.now();
            match step {
                Step::File(path, stamp) => {
                    let on_record = self.known.stamp(&path);
                    self.settle.found(&path, stamp, on_record, now);
                }
                Step::Skipped(path, error) => self.skip(path, &error)?,
                other => {
                    let polled = |here: &Option<Here>| {
                        here.as_ref().is_some_and(|here| here.polling.is_some())
                    };
                    let before = polled(&self.here);
                    self.step(other);
                    if polled(&self.here) && !before {
                        // How the folder is is told after a scan, which also begins to poll.
                        self.rescan.soon(now);
                    }
                }
            }
            if now > until {
                break;
            }
        }
        Ok(())
    }

    /// What every walk does on its way.
    fn step(&mut self, step: Step) {
        let Some(here) = &mut self.here else { return };
        match step {
            Step::Folder(path) => {
                let Some(native) = &mut here.native else { return };
                if let Err(refused) = native.add(&self.ground, &path) {
                    // Half of the events would be worse than none, and others may need what was taken.
                    here.native = None;
                    here.polling = Some(refused);
                    here.refused = true;
                }
            }
            Step::Remote(path, name) => {
                self.settle.set_still(REMOTE_STILL);
                if here.polling.is_none() {
                    here.polling = Some(elsewhere(&format!("`{}` lies on {name}", path.display())));
                }
            }
            _ => {}
        }
    }

    fn skip(&mut self, path: PathBuf, error: &std::io::Error) -> Result<(), Ended> {
        if !self.skipped.insert(path.clone()) {
            return Ok(());
        }
        self.tell(Notice::State(State::Skipped { path, why: error.to_string() }))
    }

    fn begin(&mut self) {
        let now = self.now();
        if let Some(mut here) = self.here.take() {
            if here.native.is_some() {
                // What lay elsewhere below may have been taken out; the walk will tell.
                here.polling = None;
            }
            // Somebody may have raised the limit.
            if here.refused && now >= self.rescan.retry {
                self.listen(&mut here);
                self.rescan.retry = now + REGULAR;
            }
            self.here = Some(here);
        }
        let mut known = HashMap::new();
        self.known.all(&mut |path, stamp| {
            known.insert(path, stamp);
        });
        self.rescan.asked = None;
        let announce = std::mem::take(&mut self.rescan.announce);
        let took = self.now().saturating_sub(now);
        let walk = Walk::whole();
        self.rescan.runs = Some(Run { walk, known, skipped: Vec::new(), announce, took });
    }

    fn finish(&mut self, run: Run) -> Result<(), Ended> {
        // If the folder went away meanwhile, nothing in it is gone.
        let identity = self.here.as_ref().map(|here| here.identity);
        if place::check(&self.ground.root).ok() != identity {
            self.rescan.announce |= run.announce;
            return self.visit();
        }
        for path in run.known.into_keys() {
            let there = matches!(scan::look(&self.ground.whole(&path)), Ok(Seen::File(_)) | Err(_));
            if !there && !self.settle.told_gone(&path) {
                self.settle.gone(&path);
                self.tell(Notice::Gone { path })?;
            }
        }
        self.skipped = run.skipped.into_iter().collect();
        let polling = self.here.as_ref().and_then(|here| here.polling.clone());
        let now = self.now();
        let pause = match polling {
            Some(_) => (run.took * POLL_SHARE).clamp(POLL.0, POLL.1),
            None => REGULAR,
        };
        self.rescan.next = now + pause;
        self.rescan.ended = now;
        self.rescan.took = run.took;
        if run.announce {
            let waiting = self.settle.waiting();
            self.tell(Notice::Scanned { files: run.walk.files, waiting })?;
        }
        self.tell_state(match polling {
            Some(Refused { why, hint }) => State::Polling { why, hint },
            None => State::Watching,
        })
    }

    /// Asks the system to tell of changes; the folders follow as they are walked through.
    fn listen(&self, here: &mut Here) {
        match Native::open(&self.ground, std::sync::Arc::clone(&self.inbox)) {
            Ok(native) => {
                here.native = Some(native);
                here.polling = None;
                here.refused = false;
            }
            Err(refused) => {
                here.native = None;
                here.polling = Some(refused);
                here.refused = true;
            }
        }
    }
}

fn elsewhere(where_it_lies: &str) -> Refused {
    Refused {
        why: format!("{where_it_lies}, where not every change makes an event"),
        hint: String::new(),
    }
}
