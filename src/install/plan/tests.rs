//! Plans for folders as they may be found.

use super::*;
use crate::install::package::{File, hash};

fn package(files: &[(&str, &'static str)]) -> Package {
    let file = |(path, content): &(&str, &'static str)| File {
        path: (*path).to_owned(),
        content: content.as_bytes(),
        executable: path.ends_with("run.py"),
    };
    Package::of(files.iter().map(file), "p", "p/run.py")
}

fn disk(files: &[(&str, &str)]) -> Disk {
    let mut disk = Disk::new();
    for (path, content) in files {
        for folder in leading(path) {
            disk.insert(folder.to_owned(), Entry::Folder);
        }
        let executable = path.ends_with("run.py");
        disk.insert((*path).to_owned(), Entry::File { hash: hash(content.as_bytes()), executable });
    }
    disk
}

fn record(files: &[(&str, &str)]) -> Record {
    let files = files.iter().map(|(path, it)| ((*path).to_owned(), hash(it.as_bytes())));
    Record {
        easel: "1".to_owned(),
        program: "easel".to_owned(),
        files: files.collect(),
        ..Record::default()
    }
}

const NOW: (&str, &str) = ("1", "easel");
const OLD: &[(&str, &str)] = &[("p/run.py", "old"), ("p/gone.py", "old"), ("p/same.py", "same")];
const NEW: &[(&str, &str)] = &[("p/run.py", "new"), ("p/more/x.py", "new"), ("p/same.py", "same")];

#[test]
fn an_empty_folder_gets_everything_and_the_entry_last() {
    let plan = install(&package(NEW), NOW, None, &Disk::new(), false).unwrap();
    assert_eq!(plan.write, ["p/more/x.py", "p/same.py", "p/run.py"]);
    assert_eq!(plan.record, Some(record(NEW)));
    assert!(!plan.is_update);
}

#[test]
fn a_second_time_nothing_is_left_to_do() {
    let plan = install(&package(NEW), NOW, Some(&record(NEW)), &disk(NEW), false).unwrap();
    assert_eq!(plan, Plan { is_update: true, ..Plan::default() });
}

#[test]
fn an_update_replaces_what_is_recorded_and_removes_what_is_gone() {
    let plan = install(&package(NEW), NOW, Some(&record(OLD)), &disk(OLD), false).unwrap();
    assert_eq!(plan.write, ["p/more/x.py", "p/run.py"]);
    assert_eq!(plan.remove, ["p/gone.py"]);
    assert_eq!(plan.record, Some(record(NEW)));
}

#[test]
fn what_a_crash_left_is_finished() {
    // Some files are of the version that was being written, by a program that is older yet.
    let mut half = record(OLD);
    half.writing = record(&[("p/run.py", "between"), ("p/between.py", "between")]).files;
    let left = disk(&[("p/run.py", "between"), ("p/between.py", "between"), ("p/gone.py", "old")]);
    let plan = install(&package(NEW), NOW, Some(&half), &left, false).unwrap();
    assert_eq!(plan.write, ["p/more/x.py", "p/same.py", "p/run.py"]);
    assert_eq!(plan.remove, ["p/between.py", "p/gone.py"]);
    // Without any record, what has the right content is as good as written.
    let plan = install(&package(NEW), NOW, None, &disk(NEW), false).unwrap();
    assert!(plan.write.is_empty() && plan.record.is_some(), "{plan:?}");
}

#[test]
fn what_is_not_ours_stands_in_the_way() {
    let changed = disk(&[("p/run.py", "mine"), ("p/gone.py", "mine"), ("p/other.py", "mine")]);
    let obstacles = install(&package(NEW), NOW, Some(&record(OLD)), &changed, false).unwrap_err();
    let why = "was changed since it was installed".to_owned();
    let found = |path: &str| Obstacle { path: path.to_owned(), why: why.clone() };
    assert_eq!(obstacles, [found("p/run.py"), found("p/gone.py")]);
    let plan = install(&package(NEW), NOW, Some(&record(OLD)), &changed, true).unwrap();
    assert_eq!(plan.aside, ["p/run.py", "p/gone.py"]);
    assert_eq!(plan.write, ["p/more/x.py", "p/same.py", "p/run.py"]);
    assert!(plan.remove.is_empty());

    let unknown = install(&package(NEW), NOW, None, &changed, false).unwrap_err();
    assert_eq!(unknown[0].why, "was not put there by `easel install`");
}

#[test]
fn a_link_is_never_written_through() {
    let mut linked = disk(NEW);
    linked.insert("p".to_owned(), Entry::Other("a link to `/src`".to_owned()));
    let obstacles = install(&package(NEW), NOW, Some(&record(OLD)), &linked, false).unwrap_err();
    assert_eq!(obstacles.len(), 1);
    assert_eq!(
        (obstacles[0].path.as_str(), obstacles[0].why.as_str()),
        ("p", "is a link to `/src`")
    );
    assert_eq!(uninstall(&package(NEW), &record(OLD), &linked, false).keep, obstacles);
}

#[test]
fn a_bit_that_is_missing_is_set() {
    let mut plain = disk(NEW);
    let entry = Entry::File { hash: hash(b"new"), executable: false };
    plain.insert("p/run.py".to_owned(), entry);
    let plan = install(&package(NEW), NOW, Some(&record(NEW)), &plain, false).unwrap();
    assert_eq!(plan.mark, ["p/run.py"]);
}

#[test]
fn only_what_is_ours_is_taken_out_and_the_entry_first() {
    let there = disk(&[("p/run.py", "old"), ("p/gone.py", "mine"), ("p/same.py", "same")]);
    let removal = uninstall(&package(NEW), &record(OLD), &there, false);
    assert_eq!(removal.remove, ["p/run.py", "p/same.py"]);
    assert_eq!(removal.keep.len(), 1);
    let removal = uninstall(&package(NEW), &record(OLD), &there, true);
    assert_eq!(removal.aside, ["p/gone.py"]);
}

#[test]
fn names_are_found_for_what_is_made_or_moved() {
    let names = ["x.cpython-313.pyc", "x.cpython-39.opt-1.pyc", "xy.cpython-313.pyc", "x.txt"];
    let names = names.map(str::to_owned);
    assert_eq!(compiled("p/x.py", &names).count(), 2);
    assert_eq!(compiled("p/x.desktop", &names).count(), 0);
    assert_eq!(aside("p/x", |_| false), "p/x.before-easel");
    assert_eq!(aside("p/x", |name| name == "p/x.before-easel"), "p/x.before-easel-2");
}
