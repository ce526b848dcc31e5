//! A folder with a simulated clock: programs write, pause, close, replace, rename and remove, events come or are lost,
//! and what is offered is held against what is true.

use std::collections::{BTreeMap, HashMap, HashSet};

use proptest::prelude::*;

use super::*;

const NAMES: [&str; 3] = ["a.png", "b.png", "c.png"];

#[derive(Clone, Debug)]
enum Deed {
    Create(usize),
    Write(usize, u64),
    /// Same size, and within the grain of the clock.
    Overwrite(usize),
    Close(usize),
    Rename(usize, usize),
    Remove(usize),
    Rights(usize),
    Rest(u64),
    Scan,
    /// The owner puts on record what it was told.
    Record,
    /// The owner finds the last offer not to be whole.
    Doubt(usize),
}

#[derive(Clone, Copy, Debug)]
struct File {
    stamp: Stamp,
    version: u64,
    changed: Duration,
    /// Nothing was written since it was closed or renamed.
    closed: bool,
}

#[derive(Default)]
struct World {
    now: Duration,
    count: u64,
    lost: bool,
    files: BTreeMap<&'static str, File>,
    settle: Settle,
    record: HashMap<&'static str, Stamp>,
    /// What the owner was told last and has not put on record.
    unread: HashMap<&'static str, Option<Stamp>>,
    /// Stamp and version of the last offer that was not followed by another word.
    offers: HashMap<&'static str, (Stamp, u64)>,
    /// What may be offered again with the same stamp.
    again: HashSet<&'static str>,
    doubted: HashSet<&'static str>,
    gone: HashSet<&'static str>,
    told: Vec<(Duration, &'static str, Verdict)>,
}

impl World {
    fn tick(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    fn hint(&mut self, name: &'static str, hint: Hint) {
        if self.lost {
            return;
        }
        if hint == Hint::Written {
            self.again.insert(name);
            self.doubted.remove(name);
        }
        self.settle.hint(Path::new(name), hint, self.now);
    }

    fn act(&mut self, deed: &Deed) {
        let count = self.tick();
        let now = self.now;
        match *deed {
            Deed::Create(index) => {
                let stamp = Stamp { size: 0, modified_ns: count.into(), file: count };
                let file = File { stamp, version: count, changed: now, closed: false };
                if self.files.insert(NAMES[index], file).is_some() {
                    self.hint(NAMES[index], Hint::Left);
                }
                self.hint(NAMES[index], Hint::Written);
            }
            Deed::Write(index, size) => {
                if let Some(file) = self.files.get_mut(NAMES[index]) {
                    file.stamp.size += size;
                    file.stamp.modified_ns = count.into();
                    (file.version, file.changed, file.closed) = (count, now, false);
                    self.hint(NAMES[index], Hint::Written);
                }
            }
            Deed::Overwrite(index) => {
                if let Some(file) = self.files.get_mut(NAMES[index]).filter(|_| !self.lost) {
                    (file.version, file.changed, file.closed) = (count, now, false);
                    self.hint(NAMES[index], Hint::Written);
                }
            }
            Deed::Close(index) => {
                if let Some(file) = self.files.get_mut(NAMES[index]) {
                    file.closed = true;
                    self.hint(NAMES[index], Hint::Closed);
                }
            }
            Deed::Rename(from, to) => {
                if from != to
                    && let Some(mut file) = self.files.remove(NAMES[from])
                {
                    file.closed = true;
                    self.files.insert(NAMES[to], file);
                    self.hint(NAMES[from], Hint::Left);
                    self.hint(NAMES[to], Hint::Closed);
                }
            }
            Deed::Remove(index) => {
                if self.files.remove(NAMES[index]).is_some() {
                    self.hint(NAMES[index], Hint::Left);
                }
            }
            Deed::Rights(index) => {
                if self.files.contains_key(NAMES[index]) {
                    self.hint(NAMES[index], Hint::Attributes);
                }
            }
            Deed::Rest(time) => self.rest(Duration::from_millis(time)),
            Deed::Scan => self.scan(),
            Deed::Record => self.put_on_record(),
            Deed::Doubt(index) => {
                let name = NAMES[index];
                if let Some((stamp, _)) = self.offers.get(name).copied() {
                    self.doubted.insert(name);
                    self.again.insert(name);
                    self.settle.reconsider(Path::new(name), stamp, now);
                }
            }
        }
    }

    fn put_on_record(&mut self) {
        for (name, told) in self.unread.drain() {
            match told {
                Some(stamp) => self.record.insert(name, stamp),
                None => self.record.remove(name),
            };
        }
    }

    fn scan(&mut self) {
        for (name, file) in &self.files {
            let on_record = self.record.get(name).copied();
            self.settle.found(Path::new(name), file.stamp, on_record, self.now);
        }
        let record: Vec<_> = self.record.keys().copied().collect();
        for name in record {
            let path = Path::new(name);
            if !self.files.contains_key(name) && !self.settle.told_gone(path) {
                self.settle.gone(path);
                self.told(name, Verdict::Gone);
            }
        }
    }

    fn look(&mut self) {
        while let Some(path) = self.settle.next(self.now) {
            let name = NAMES.into_iter().find(|name| Path::new(name) == &*path).unwrap();
            let seen = self.files.get(name).map(|file| file.stamp);
            let record = self.record.get(name).copied();
            if let Some(verdict) = self.settle.look(&path, seen, || record, self.now) {
                self.told(name, verdict);
            }
        }
    }

    fn told(&mut self, name: &'static str, verdict: Verdict) {
        match verdict {
            Verdict::Offer(stamp, sign) => {
                let file = self.files[name];
                assert_eq!(stamp, file.stamp, "{name} was offered as it is");
                let still = self.now.saturating_sub(file.changed);
                match sign {
                    Sign::Closed => assert!(file.closed && stamp.size > 0, "{name} was closed"),
                    Sign::Still => assert!(still >= STILL && stamp.size > 0, "{name} was still"),
                    Sign::StillForLong => {
                        assert!(still >= LONG, "{name} was still for long");
                        assert!(stamp.size == 0 || self.doubted.contains(name), "{name}");
                    }
                }
                let before = self.offers.insert(name, (stamp, file.version)).map(|offer| offer.0);
                let again = self.again.remove(name);
                assert!(before != Some(stamp) || again, "{name} was offered twice");
                self.doubted.remove(name);
                self.gone.remove(name);
                self.unread.insert(name, Some(stamp));
            }
            Verdict::Gone => {
                assert!(!self.files.contains_key(name), "{name} is gone");
                assert!(self.gone.insert(name), "{name} was told to be gone twice");
                let known = self.offers.remove(name).is_some() | self.record.contains_key(name);
                assert!(known, "{name} was known before it was gone");
                self.unread.insert(name, None);
            }
        }
        self.told.push((self.now, name, verdict));
    }

    fn rest(&mut self, time: Duration) {
        let until = self.now + time;
        self.look();
        while let Some(due) = self.settle.due().filter(|due| *due <= until) {
            self.now = self.now.max(due);
            self.look();
        }
        self.now = until;
    }

    /// In the end the owner knows what there is.
    fn conclude(mut self) {
        self.put_on_record();
        if self.lost {
            self.scan();
        }
        self.rest(Duration::from_secs(20));
        assert_eq!(self.settle.waiting(), 0, "nothing is waited for");
        assert!(self.settle.queue.is_empty());
        for name in NAMES {
            let offered = self.offers.get(name).copied();
            let there = self.files.get(name).map(|file| (file.stamp, file.version));
            if self.lost {
                // What was written within the grain of the clock is only known from events.
                assert_eq!(offered.map(|it| it.0), there.map(|it| it.0), "{name}");
            } else {
                assert_eq!(offered, there, "{name}");
            }
        }
    }
}

/// Deeds, and whether there is a look after each: hints come one by one or many at once.
fn deeds() -> impl Strategy<Value = Vec<(Deed, bool)>> {
    let name = 0..NAMES.len();
    let deed = prop_oneof![
        3 => name.clone().prop_map(Deed::Create),
        6 => (name.clone(), 1..5u64).prop_map(|(name, size)| Deed::Write(name, size)),
        1 => name.clone().prop_map(Deed::Overwrite),
        3 => name.clone().prop_map(Deed::Close),
        2 => (name.clone(), name.clone()).prop_map(|(from, to)| Deed::Rename(from, to)),
        1 => name.clone().prop_map(Deed::Remove),
        1 => name.clone().prop_map(Deed::Rights),
        5 => prop_oneof![0..20u64, 100..900u64, 3000..7000u64].prop_map(Deed::Rest),
        1 => Just(Deed::Scan),
        1 => Just(Deed::Record),
        1 => name.prop_map(Deed::Doubt),
    ];
    proptest::collection::vec((deed, any::<bool>()), 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn everything_is_offered_once_when_it_is_whole(deeds in deeds(), lost: bool) {
        let mut world = World { lost, ..World::default() };
        for (deed, look) in &deeds {
            world.act(deed);
            if *look {
                world.look();
            }
        }
        world.conclude();
    }
}

fn after(deeds: &[Deed]) -> Vec<(u64, &'static str, Verdict)> {
    let mut world = World::default();
    for deed in deeds {
        world.act(deed);
        world.look();
    }
    let told = |(time, name, verdict): (Duration, _, _)| (time.as_millis() as u64, name, verdict);
    world.told.into_iter().map(told).collect()
}

fn signs(deeds: &[Deed]) -> Vec<(u64, Option<Sign>)> {
    let sign = |verdict| match verdict {
        Verdict::Offer(_, sign) => Some(sign),
        Verdict::Gone => None,
    };
    after(deeds).into_iter().map(|(time, _, verdict)| (time, sign(verdict))).collect()
}

#[test]
fn closing_offers_at_once() {
    let told = signs(&[
        Deed::Create(0),
        Deed::Write(0, 3),
        Deed::Rest(300),
        Deed::Write(0, 3),
        Deed::Close(0),
        Deed::Rights(0),
        Deed::Rest(9000),
    ]);
    assert_eq!(told, [(300, Some(Sign::Closed))]);
}

#[test]
fn without_closing_a_file_has_to_be_still() {
    let told = signs(&[
        Deed::Create(0),
        Deed::Write(0, 3),
        Deed::Rest(400),
        Deed::Write(0, 3),
        Deed::Rest(9000),
    ]);
    // Looked at when it was hinted at, again after half a second, and once more since it had been written to.
    assert_eq!(told, [(1000, Some(Sign::Still))]);
}

#[test]
fn an_empty_file_is_waited_for() {
    let told = signs(&[
        Deed::Create(0),
        Deed::Close(0),
        Deed::Rest(3000),
        Deed::Write(0, 1),
        Deed::Close(0),
    ]);
    assert_eq!(told, [(3000, Some(Sign::Closed))]);
    let told = signs(&[Deed::Create(0), Deed::Close(0), Deed::Rest(9000)]);
    assert_eq!(told, [(5000, Some(Sign::StillForLong))]);
}

#[test]
fn what_was_doubted_comes_again_after_a_change_or_a_while() {
    let begin = [Deed::Create(0), Deed::Write(0, 3), Deed::Close(0), Deed::Doubt(0)];
    let with = |deeds: &[Deed]| signs(&[&begin[..], deeds].concat());
    let first = (0, Some(Sign::Closed));
    assert_eq!(with(&[Deed::Rest(9000)]), [first, (5000, Some(Sign::StillForLong))]);
    let more = [Deed::Rest(2000), Deed::Write(0, 3), Deed::Close(0), Deed::Rest(9000)];
    assert_eq!(with(&more), [first, (2000, Some(Sign::Closed))]);
    // Opened and closed without a change proves nothing, and is no reason to forget the doubt.
    let touched = [Deed::Rest(2000), Deed::Close(0), Deed::Rights(0), Deed::Rest(9000)];
    assert_eq!(with(&touched), [first, (5000, Some(Sign::StillForLong))]);
    assert_eq!(with(&[Deed::Rest(1000), Deed::Remove(0), Deed::Rest(9000)]), [first, (1000, None)]);
}

#[test]
fn a_doubt_about_what_was_replaced_meanwhile_is_void() {
    let mut world = World::default();
    for deed in [Deed::Create(0), Deed::Write(0, 3), Deed::Close(0)] {
        world.act(&deed);
        world.look();
    }
    let first = world.files[NAMES[0]].stamp;
    for deed in [Deed::Write(0, 3), Deed::Close(0)] {
        world.act(&deed);
        world.look();
    }
    world.settle.reconsider(Path::new(NAMES[0]), first, world.now);
    assert_eq!(world.settle.waiting(), 0);
}

#[test]
fn what_is_on_record_is_not_offered_until_it_changes() {
    let mut settle = Settle::default();
    let path = Path::new("a.png");
    let stamp = Stamp { size: 3, modified_ns: 7, file: 1 };
    settle.found(path, stamp, Some(stamp), Duration::ZERO);
    settle.hint(path, Hint::Closed, Duration::ZERO);
    assert_eq!(settle.look(path, Some(stamp), || Some(stamp), Duration::ZERO), None);
    assert_eq!(settle.waiting(), 0);
    let newer = Stamp { modified_ns: -7, ..stamp };
    settle.found(path, newer, Some(stamp), Duration::ZERO);
    assert_eq!(settle.due(), Some(STILL), "a clock that was put back changes nothing");
    let later = Duration::from_secs(1);
    let offer = Verdict::Offer(newer, Sign::Still);
    assert_eq!(settle.look(path, Some(newer), || Some(stamp), later), Some(offer));
    // Neither on record yet nor again, but when the owner asks for everything.
    settle.found(path, newer, Some(stamp), later);
    assert_eq!(settle.waiting(), 0);
    settle.forget_told();
    settle.found(path, newer, Some(stamp), later);
    assert_eq!(settle.waiting(), 1);
}

#[test]
fn what_is_remembered_does_not_grow() {
    let mut settle = Settle::default();
    for index in 0..TOLD as u64 * 3 {
        let path = std::path::PathBuf::from(format!("{index}.png"));
        let stamp = Stamp { size: 1, modified_ns: 0, file: index };
        settle.hint(&path, Hint::Closed, Duration::ZERO);
        assert!(settle.look(&path, Some(stamp), || None, Duration::ZERO).is_some());
        settle.gone(Path::new("0.png"));
    }
    assert_eq!(settle.waiting(), 0);
    assert!(settle.told.paths.len() <= TOLD && settle.told.order.len() <= TOLD);
}

#[test]
fn a_close_comes_before_everything_else() {
    let mut settle = Settle::default();
    let stamp = Stamp { size: 1, modified_ns: 0, file: 1 };
    for index in 0..100 {
        let path = std::path::PathBuf::from(format!("{index:02}.png"));
        settle.found(&path, stamp, None, Duration::from_millis(index));
    }
    settle.hint(Path::new("z.png"), Hint::Closed, Duration::from_secs(9));
    assert_eq!(settle.next(Duration::from_secs(9)).as_deref(), Some(Path::new("z.png")));
    settle.forget(Path::new("z.png"));
    assert_eq!(settle.next(Duration::from_secs(9)).as_deref(), Some(Path::new("00.png")));
}
