//! Folders that come, move, go away and come back.

use super::*;

fn state(wanted: &State) -> impl Fn(&Notice) -> bool {
    move |notice| matches!(notice, Notice::State(state) if state == wanted)
}

#[test]
fn folders_that_appear_are_looked_through_and_watched() {
    let (folder, spec) = folder();
    let root = spec.root.clone();
    let mut bench = Bench::ready(spec);
    fs::create_dir_all(root.join("a/b/c")).unwrap();
    fs::write(root.join("a/b/c/deep.png"), "deep").unwrap();
    bench.settled("a/b/c/deep.png");
    fs::write(root.join("a/b/later.png"), "later").unwrap();
    bench.settled("a/b/later.png");
    // A whole folder is moved in, and what is in it afterwards is noticed too.
    let outside = folder.path().join("outside");
    fs::create_dir_all(outside.join("x")).unwrap();
    fs::write(outside.join("x/moved.png"), "moved").unwrap();
    fs::rename(&outside, root.join("inside")).unwrap();
    bench.settled("inside/x/moved.png");
    fs::write(root.join("inside/x/new.png"), "new").unwrap();
    bench.settled("inside/x/new.png");
    bench.offered_once(&[
        "a/b/c/deep.png",
        "a/b/later.png",
        "inside/x/moved.png",
        "inside/x/new.png",
    ]);
}

#[test]
fn files_go_with_their_folder_and_come_under_its_new_name() {
    let (folder, spec) = folder();
    let root = spec.root.clone();
    fs::create_dir_all(root.join("old/deep")).unwrap();
    fs::write(root.join("old/deep/a.png"), "a").unwrap();
    let mut bench = Bench::ready(spec);
    bench.settled("old/deep/a.png");
    fs::rename(root.join("old"), root.join("new")).unwrap();
    let wanted = [PathBuf::from("old/deep/a.png"), PathBuf::from("new/deep/a.png")];
    let mut told = 0;
    while told < 2 {
        let notice = bench.next();
        told += usize::from(match &notice {
            Notice::Gone { path } => *path == wanted[0],
            Notice::Settled { path, .. } => *path == wanted[1],
            _ => false,
        });
    }
    // The new name is watched, and the old one is again when it is back.
    fs::write(root.join("new/deep/b.png"), "b").unwrap();
    bench.settled("new/deep/b.png");
    fs::create_dir_all(root.join("old/deep")).unwrap();
    fs::write(root.join("old/deep/c.png"), "c").unwrap();
    bench.settled("old/deep/c.png");
    fs::rename(root.join("new"), folder.path().join("elsewhere")).unwrap();
    let mut gone = Vec::new();
    while gone.len() < 2 {
        if let Notice::Gone { path } = bench.next() {
            gone.push(path);
        }
    }
    gone.sort();
    assert_eq!(gone, ["new/deep/a.png", "new/deep/b.png"].map(PathBuf::from));
    // What is written there now is nobody's business.
    fs::write(folder.path().join("elsewhere/deep/d.png"), "d").unwrap();
    fs::write(root.join("old/deep/e.png"), "e").unwrap();
    bench.settled("old/deep/e.png");
    assert_eq!(bench.offered().len(), 5, "{:#?}", bench.seen);
}

#[test]
fn folders_that_are_left_alone_are() {
    let (folder, spec) = folder();
    let root = spec.root.clone();
    for name in ["out", "failed", "raw", ".git", "@eaDir", "good", "good/out"] {
        fs::create_dir(root.join(name)).unwrap();
        fs::write(root.join(name).join("old.png"), "old").unwrap();
    }
    let mut skip = vec![root.join("out"), root.join("good/../done")];
    if cfg!(unix) {
        let link = folder.path().join("link");
        #[cfg(unix)]
        std::os::unix::fs::symlink(&root, &link).unwrap();
        skip.push(link.join("failed"));
    } else {
        skip.push(root.join("failed"));
    }
    let mut bench = Bench::ready(Spec { skip, exclude: vec!["RAW/".to_owned()], ..spec });
    bench.settled("good/out/old.png");
    fs::create_dir(root.join("done")).unwrap();
    for name in ["out", "failed", "raw", ".git", "@eaDir", "done"] {
        fs::write(root.join(name).join("new.png"), "new").unwrap();
    }
    fs::write(root.join("good/new.png"), "new").unwrap();
    bench.settled("good/new.png");
    bench.watcher.scan_now();
    bench.until(|notice| *notice == Notice::Scanned { files: 3, waiting: 0 });
    bench.offered_once(&["good/new.png", "good/old.png", "good/out/old.png"]);
}

#[test]
fn without_recursion_only_the_folder_itself_counts() {
    let (_folder, spec) = folder();
    let root = spec.root.clone();
    fs::create_dir(root.join("sub")).unwrap();
    fs::write(root.join("sub/a.png"), "a").unwrap();
    let mut bench = Bench::ready(Spec { recursive: false, ..spec });
    fs::write(root.join("sub/b.png"), "b").unwrap();
    fs::write(root.join("c.png"), "c").unwrap();
    bench.settled("c.png");
    bench.offered_once(&["c.png"]);
}

#[test]
fn a_folder_that_goes_away_is_taken_up_again() {
    let (folder, spec) = folder();
    let root = spec.root.clone();
    fs::write(root.join("stays.png"), "stays").unwrap();
    let mut bench = Bench::ready(spec);
    bench.settled("stays.png");
    let aside = folder.path().join("aside");
    fs::rename(&root, &aside).unwrap();
    bench.until(state(&State::Missing));
    fs::rename(&aside, &root).unwrap();
    bench.until(state(&State::Watching));
    fs::write(root.join("a.png"), "a").unwrap();
    bench.settled("a.png");
    assert!(!bench.seen.iter().any(|notice| matches!(notice, Notice::Gone { .. })));
    bench.offered_once(&["a.png", "stays.png"]);
    // Removed for good, and made anew with something else in it.
    fs::remove_dir_all(&root).unwrap();
    bench.until(state(&State::Missing));
    fs::write(&root, "a file in its place").unwrap();
    bench.until(|notice| matches!(notice, Notice::State(State::Unreadable { .. })));
    fs::remove_file(&root).unwrap();
    fs::create_dir(&root).unwrap();
    fs::write(root.join("b.png"), "b").unwrap();
    bench.until(state(&State::Watching));
    bench.settled("b.png");
    fs::write(root.join("c.png"), "c").unwrap();
    bench.settled("c.png");
}

#[test]
fn a_folder_that_is_replaced_at_once_is_watched_anew() {
    let (_folder, spec) = folder();
    let root = spec.root.clone();
    let mut bench = Bench::ready(spec);
    for _ in 0..5 {
        // Many file systems give the new folder the number of the old one.
        fs::remove_dir_all(&root).unwrap();
        fs::create_dir(&root).unwrap();
        bench.until(|notice| matches!(notice, Notice::Scanned { .. }));
        fs::write(root.join("a.png"), "a").unwrap();
        bench.settled("a.png");
    }
}

#[test]
fn a_folder_above_that_is_renamed_takes_it_away() {
    let (folder, spec) = folder();
    fs::create_dir(folder.path().join("in/deep")).unwrap();
    let root = spec.root.join("deep");
    let mut bench = Bench::ready(Spec { root: root.clone(), ..spec });
    fs::rename(folder.path().join("in"), folder.path().join("other")).unwrap();
    bench.until(state(&State::Missing));
    fs::create_dir_all(&root).unwrap();
    fs::write(root.join("a.png"), "a").unwrap();
    bench.settled("a.png");
}

#[test]
fn a_folder_need_not_be_there_at_the_start() {
    let (_folder, spec) = folder();
    let root = spec.root.clone();
    fs::remove_dir(&root).unwrap();
    let mut bench = Bench::start(spec);
    assert_eq!(bench.next(), Notice::State(State::Missing));
    fs::create_dir(&root).unwrap();
    bench.until(state(&State::Watching));
    fs::write(root.join("a.png"), "a").unwrap();
    bench.settled("a.png");
}

/// A path that is longer than the system takes cannot be read by anybody, not even by the superuser of most tests.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_cannot_be_read_is_told_once_and_the_rest_goes_on() {
    use rustix::fs::{CWD, Mode, OFlags, mkdirat, openat};
    let (_folder, spec) = folder();
    let name = "d".repeat(250);
    let open = OFlags::DIRECTORY | OFlags::RDONLY;
    let mut at = openat(CWD, &spec.root, open, Mode::empty()).unwrap();
    for _ in 0..17 {
        mkdirat(&at, &name, Mode::RWXU).unwrap();
        at = openat(&at, &name, open, Mode::empty()).unwrap();
    }
    let root = spec.root.clone();
    fs::write(root.join("a.png"), "a").unwrap();
    let mut bench = Bench::start(spec);
    bench.settled("a.png");
    bench.watcher.scan_now();
    bench.until(|notice| matches!(notice, Notice::Scanned { .. }));
    fs::write(root.join("b.png"), "b").unwrap();
    bench.settled("b.png");
    let skipped: Vec<_> = bench
        .seen
        .iter()
        .filter(|notice| matches!(notice, Notice::State(State::Skipped { path, .. }) if path.ends_with(&name)))
        .collect();
    assert_eq!(skipped.len(), 1, "{:#?}", bench.seen);
    assert!(bench.seen.contains(&Notice::State(State::Watching)), "{:#?}", bench.seen);
}
