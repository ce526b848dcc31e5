//! What is found on machines that are made up.

use super::*;
use crate::install::machine::made_up::{Files, machine};
use crate::install::package::{File, hash};
use crate::install::plan;

const FOLDER: &str = "/home/ann/.config/GIMP/3.0/plug-ins";

fn package() -> Package {
    let file = |path: &str| File { path: path.to_owned(), content: b"x", executable: true };
    Package::of(
        [file("easel-gimp/easel-gimp.py")].into_iter(),
        "easel-gimp",
        "easel-gimp/easel-gimp.py",
    )
}

fn record() -> Record {
    Record {
        easel: "1".to_owned(),
        program: "/usr/bin/easel".to_owned(),
        files: [("easel-gimp/easel-gimp.py".to_owned(), hash(b"x"))].into(),
        ..Record::default()
    }
}

fn seen(record: Option<Record>, executable: bool) -> Seen {
    let entry = Entry::File { hash: hash(b"x"), executable };
    let disk = [("easel-gimp/easel-gimp.py".to_owned(), entry)].into();
    Seen { record: Ok(record), disk }
}

/// What is said of one reason, as `verdict: detail`.
fn said(platform: Platform, files: &Files, kind: Kind, seen: &Seen, what: &str) -> Option<String> {
    let package = package();
    let machine = machine(platform, &[("PATH", "/usr/bin")], files);
    let question = Question {
        target: Target::Gimp,
        machine: &machine,
        package: &package,
        version: "1",
        program: "/opt/easel",
    };
    let place = Place { kind, name: "GIMP".to_owned(), folder: FOLDER.into(), settings: None };
    let finding = question.judge(&place, seen).into_iter().find(|finding| finding.what == what)?;
    Some(format!("{:?}: {}", finding.verdict, finding.detail))
}

#[test]
fn python_matters_to_a_gimp_of_the_system_alone() {
    let gimp = ("/usr/bin/gimp", "GNU Image Manipulation Program version 3.0.4");
    let (without, with) = (Files(vec![gimp]), Files(vec![gimp, ("/usr/bin/python3", "")]));
    let said =
        |files, kind| said(Platform::Linux, files, kind, &seen(Some(record()), true), "python");
    assert!(said(&without, Kind::Usual).unwrap().starts_with("Warning"));
    assert!(said(&with, Kind::Usual).unwrap().starts_with("Good"));
    assert_eq!(said(&with, Kind::Flatpak), None);
    assert_eq!(said(&Files(Vec::new()), Kind::Usual), None);
}

#[test]
fn windows_knows_no_executable_bit() {
    let files = Files(Vec::new());
    let said =
        |platform| said(platform, &files, Kind::Usual, &seen(Some(record()), false), "executable");
    assert!(said(Platform::Linux).unwrap().starts_with("Bad"));
    assert_eq!(said(Platform::Windows), None);
}

#[test]
fn the_program_has_to_be_there_and_of_this_version() {
    let said = |answer: &[(&'static str, &'static str)], kind| {
        said(Platform::Linux, &Files(answer.to_vec()), kind, &seen(Some(record()), true), "program")
    };
    let program = "/usr/bin/easel";
    assert!(said(&[], Kind::Usual).unwrap().contains("is gone"));
    assert!(said(&[(program, "easel 1\n")], Kind::Usual).unwrap().starts_with("Good"));
    assert!(said(&[(program, "easel 0.9\n")], Kind::Usual).unwrap().contains("is `easel 0.9`"));
    // No sandbox starts it, whatever it is.
    assert_eq!(said(&[], Kind::Snap), None);
}

#[test]
fn files_are_of_this_build_or_another() {
    let files = Files(Vec::new());
    let said = |seen: &Seen| said(Platform::Linux, &files, Kind::Usual, seen, "files").unwrap();
    assert_eq!(said(&seen(Some(record()), true)), "Good: 1 files of version 1, unchanged");
    assert!(said(&seen(None, true)).contains("nothing is installed"));
    let mut other = record();
    other.writing.clone_from(&other.files);
    assert!(said(&seen(Some(other), true)).contains("another build"));
    let damaged = Seen { record: Err("no JSON".to_owned()), disk: plan::Disk::new() };
    assert_eq!(said(&damaged), "Bad: `easel-gimp/installed.json` is damaged: no JSON");
}
