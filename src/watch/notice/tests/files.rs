//! Files that come, change, and go.

use std::collections::BTreeSet;
use std::io::Write as _;

use super::*;

#[cfg(target_os = "linux")]
#[test]
fn closing_and_renaming_into_place_offer_at_once_and_what_is_temporary_is_left_alone() {
    let (_folder, spec) = folder();
    let root = spec.root.clone();
    let mut bench = Bench::ready(spec);
    fs::write(root.join("a.png"), "whole").unwrap();
    assert_eq!(bench.settled("a.png"), (stamp(&root.join("a.png")), Sign::Closed));
    for name in [".a.png.part", "b.png.tmp", ".b.png.Xy12Za", "~$b.png", "b.png~", "notes.txt"] {
        fs::write(root.join(name), "not a picture").unwrap();
    }
    fs::rename(root.join("b.png.tmp"), root.join("b.png")).unwrap();
    assert_eq!(bench.settled("b.png"), (stamp(&root.join("b.png")), Sign::Closed));
    // Replaced by one of the same size.
    fs::write(root.join(".next"), "WHOLE").unwrap();
    fs::rename(root.join(".next"), root.join("a.png")).unwrap();
    assert_eq!(bench.settled("a.png"), (stamp(&root.join("a.png")), Sign::Closed));
    assert_eq!(bench.offered().into_values().sum::<usize>(), 3, "{:#?}", bench.seen);
}

#[test]
fn a_file_that_is_written_slowly_is_offered_as_it_became() {
    let (_folder, spec) = folder();
    let path = spec.root.join("slow.png");
    let mut bench = Bench::ready(spec);
    let mut file = fs::File::create(&path).unwrap();
    for _ in 0..20 {
        file.write_all(&[7; 1000]).unwrap();
        std::thread::sleep(Duration::from_millis(20));
    }
    drop(file);
    let whole = stamp(&path);
    while bench.settled("slow.png").0 != whole {}
    fs::remove_file(&path).unwrap();
    bench.gone("slow.png");
    let mut stamps = BTreeSet::new();
    for notice in &bench.seen {
        if let Notice::Settled { stamp, .. } = notice {
            assert!(stamps.insert(*stamp), "offered twice: {:#?}", bench.seen);
        }
    }
}

#[test]
fn what_changes_without_a_close_is_offered_when_it_is_still() {
    let (_folder, spec) = folder();
    let path = spec.root.join("open.png");
    let mut bench = Bench::ready(spec);
    let mut file = fs::File::create(&path).unwrap();
    file.write_all(b"all of it").unwrap();
    assert_eq!(bench.settled("open.png"), (stamp(&path), Sign::Still));
    drop(file);
    fs::remove_file(&path).unwrap();
    bench.gone("open.png");
    bench.offered_once(&["open.png"]);
}

#[test]
fn what_was_there_before_is_offered_unless_it_is_on_record() {
    let (_folder, spec) = folder();
    for name in ["a.jpg", "b.tif", "known.png", "changed.png"] {
        fs::write(spec.root.join(name), name).unwrap();
    }
    let record = Record::default();
    let known = stamp(&spec.root.join("known.png"));
    let changed = Stamp { modified_ns: 1, ..stamp(&spec.root.join("changed.png")) };
    record.with(|record| {
        record.insert("known.png".into(), known);
        record.insert("changed.png".into(), changed);
        record.insert("gone.png".into(), known);
        record.insert("sub/gone.png".into(), known);
        // There, but no longer wanted.
        record.insert("other.gif".into(), known);
    });
    fs::write(spec.root.join("other.gif"), "known").unwrap();
    let mut bench = Bench::with(spec, record, 64);
    bench.until(|notice| *notice == Notice::Scanned { files: 4, waiting: 3 });
    let gone = |notice: &&Notice| matches!(notice, Notice::Gone { .. });
    assert_eq!(bench.seen.iter().filter(gone).count(), 2, "{:#?}", bench.seen);
    while bench.offered().len() < 3 {
        bench.next();
    }
    bench.watcher.scan_now();
    bench.until(|notice| matches!(notice, Notice::Scanned { waiting: 0, .. }));
    bench.offered_once(&["a.jpg", "b.tif", "changed.png"]);
    // What the owner strikes from the record is news once it asks.
    bench.record.with(|record| record.remove(Path::new("known.png")));
    bench.watcher.scan_now();
    assert_eq!(bench.settled("known.png"), (known, Sign::Still));
}

#[test]
fn what_the_owner_doubts_comes_again() {
    let (_folder, spec) = folder();
    let path = spec.root.join("half.png");
    let mut bench = Bench::ready(spec);
    fs::write(&path, "half").unwrap();
    let (first, _) = bench.settled("half.png");
    bench.watcher.reconsider(Path::new("half.png"), first);
    assert_eq!(bench.settled("half.png"), (first, Sign::StillForLong));
    bench.watcher.reconsider(Path::new("half.png"), first);
    fs::write(&path, "all of it").unwrap();
    let (second, sign) = bench.settled("half.png");
    assert_eq!(second, stamp(&path));
    assert_ne!(sign, Sign::StillForLong);
}

#[cfg(unix)]
#[test]
fn names_may_be_anything() {
    use std::os::unix::ffi::OsStringExt as _;
    let (_folder, spec) = folder();
    let root = spec.root.clone();
    let mut names: Vec<PathBuf> = [
        "😀 \u{1f469}\u{200d}\u{1f680}.png",
        "תמונה עם רווח.png",
        "new\nline.png",
        "u\u{308}.png",
        "ü.png",
        "-rf *.png",
        "a`b$(c)'\".png",
        " .png",
    ]
    .map(PathBuf::from)
    .into();
    names.push(PathBuf::from(format!("{}.PNG", "n".repeat(251))));
    if cfg!(target_os = "linux") {
        names.push(std::ffi::OsString::from_vec(b"\xff\xfe\x80.png".to_vec()).into());
    }
    let (before, after) = names.split_at(4);
    for name in before {
        fs::write(root.join(name), "found").unwrap();
    }
    let mut bench = Bench::ready(spec);
    for name in after {
        fs::write(root.join(name), "noticed").unwrap();
    }
    while bench.offered().len() < names.len() {
        bench.next();
    }
    let offered: BTreeSet<_> = bench.offered().into_keys().collect();
    assert_eq!(offered, names.into_iter().collect());
}

#[cfg(unix)]
#[test]
fn links_to_files_are_files_and_nothing_else_is() {
    use std::os::unix::fs::symlink;
    let (folder, spec) = folder();
    let root = spec.root.clone();
    let target = folder.path().join("target.bin");
    fs::write(&target, "behind a link").unwrap();
    fs::create_dir(root.join("sub")).unwrap();
    fs::create_dir(root.join("folder.png")).unwrap();
    let make = |prefix: &str| {
        symlink(&target, root.join(format!("{prefix}link.png"))).unwrap();
        symlink(root.join("nowhere"), root.join(format!("{prefix}dangling.png"))).unwrap();
        symlink(".", root.join(format!("{prefix}loop"))).unwrap();
        symlink("..", root.join(format!("sub/{prefix}loop.png"))).unwrap();
        let itself = format!("{prefix}itself.png");
        symlink(&itself, root.join(&itself)).unwrap();
        let socket = root.join(format!("{prefix}socket.png"));
        drop(std::os::unix::net::UnixListener::bind(socket).unwrap());
        #[cfg(target_os = "linux")]
        rustix::fs::mknodat(
            rustix::fs::CWD,
            root.join(format!("{prefix}fifo.png")),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR,
            0,
        )
        .unwrap();
    };
    make("old-");
    let mut bench = Bench::ready(spec);
    assert_eq!(bench.settled("old-link.png").0, stamp(&target));
    make("new-");
    assert_eq!(bench.settled("new-link.png"), (stamp(&target), Sign::Still));
    fs::write(root.join("folder.png/last.png"), "last").unwrap();
    bench.settled("folder.png/last.png");
    bench.watcher.scan_now();
    bench.until(|notice| *notice == Notice::Scanned { files: 3, waiting: 0 });
    bench.offered_once(&["folder.png/last.png", "new-link.png", "old-link.png"]);
}

#[test]
fn where_there_are_no_events_everything_is_found_too() {
    let (_folder, spec) = folder();
    let root = spec.root.clone();
    let mut bench = Bench::start(Spec { poll: true, ..spec });
    let polling = |notice: &Notice| matches!(notice, Notice::State(State::Polling { why, .. }) if why.contains("`poll`"));
    bench.until(polling);
    fs::create_dir(root.join("sub")).unwrap();
    fs::write(root.join("sub/a.png"), "first").unwrap();
    assert_eq!(bench.settled("sub/a.png"), (stamp(&root.join("sub/a.png")), Sign::Still));
    fs::write(root.join("sub/a.png"), "second").unwrap();
    assert_eq!(bench.settled("sub/a.png"), (stamp(&root.join("sub/a.png")), Sign::Still));
    fs::remove_dir_all(root.join("sub")).unwrap();
    bench.gone("sub/a.png");
}

#[test]
fn more_events_than_there_is_room_for_lose_no_file() {
    let (_folder, spec) = folder();
    let root = spec.root.clone();
    let mut bench = Bench::with(spec, Record::default(), 1);
    bench.until(|notice| matches!(notice, Notice::State(State::Watching)));
    // Nobody listens meanwhile, so the thread waits and hints pile up.
    let count = inbox::CAPACITY + 500;
    for index in 0..count {
        fs::write(root.join(format!("{index}.png")), "x").unwrap();
    }
    let mut offered = BTreeSet::new();
    while offered.len() < count {
        if let Notice::Settled { path, .. } = bench.next() {
            offered.insert(path);
        }
    }
}

#[test]
fn a_folder_of_many_known_files_offers_only_the_new_one() {
    let (_folder, spec) = folder();
    let root = spec.root.clone();
    let record = Record::default();
    for index in 0..20_000 {
        let path = PathBuf::from(format!("{index}.png"));
        fs::File::create(root.join(&path)).unwrap();
        record.with(|record| record.insert(path.clone(), stamp(&root.join(&path))));
    }
    fs::write(root.join("new.png"), "new").unwrap();
    let mut bench = Bench::with(spec, record, 64);
    bench.until(|notice| *notice == Notice::Scanned { files: 20_001, waiting: 1 });
    bench.settled("new.png");
    bench.offered_once(&["new.png"]);
}

#[test]
fn it_ends_while_nobody_listens_and_when_nobody_is_there() {
    let (_folder, spec) = folder();
    for name in ["a.png", "b.png", "c.png"] {
        fs::write(spec.root.join(name), name).unwrap();
    }
    let bench = Bench::with(spec.clone(), Record::default(), 0);
    let inbox = Arc::clone(&bench.watcher.inbox);
    bench.watcher.stop();
    assert!(inbox.wait_for_end(Duration::ZERO), "stopped");
    let bench = Bench::with(spec, Record::default(), 0);
    drop(bench.notices);
    assert!(bench.watcher.inbox.wait_for_end(PATIENCE_OF_TESTS), "left alone");
}
