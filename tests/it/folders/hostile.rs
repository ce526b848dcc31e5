//! What happens to machines that run for months: limits, full disks, folders that go, permissions, names.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use easel_protocol::ErrorKind;
use serde_json::json;

use super::{INVERT, Watched, is_inverse, jpeg, pictures_in, png, until};
use crate::support::Daemon;

/// A daemon that is started through another program.
fn wrapped(wrapper: &[&str]) -> Watched {
    let mut daemon = Daemon::with_plugins(&["example-c"]);
    daemon.stop();
    daemon.wrap(wrapper);
    daemon.start_again();
    let watched = Watched::with(daemon);
    watched.write_recipe(INVERT);
    watched
}

#[test]
fn where_the_system_gives_no_watches_the_folder_is_polled_and_says_so() {
    let script = "echo 0 > /proc/sys/user/max_inotify_watches && exec \"$@\"";
    let watched = wrapped(&["unshare", "-Ur", "sh", "-c", script, "sh"]);
    watched.add(json!({}));
    std::fs::write(watched.input("a.png"), png(1)).unwrap();
    let record = watched.rest(1);
    assert!(is_inverse(&watched.output("a.png"), &png(1)));
    assert!(record.state.contains("looking every few seconds"), "{}", record.state);
    assert!(record.state.contains("hint:"), "{}", record.state);
}

#[test]
fn a_full_disk_holds_the_folder_and_no_file_is_given_up() {
    // The results' folder is a small disk of its own, which only the daemon sees.
    let out = tempfile::tempdir().unwrap();
    let mount = format!("mount -t tmpfs -o size=96k none {} && exec \"$@\"", out.path().display());
    let watched = wrapped(&["unshare", "-rm", "sh", "-c", &mount, "sh"]);
    let disk =
        PathBuf::from(format!("/proc/{}/root{}", watched.daemon.pid(), out.path().display()));
    std::fs::write(disk.join("ballast"), vec![1; 90 << 10]).unwrap();
    watched.add(json!({ "out": out.path() }));
    for number in 0..3 {
        std::fs::write(watched.input(&format!("{number}.png")), png(number)).unwrap();
    }
    let record = watched.until("held", |it| it.held.is_some());
    let held = record.held.unwrap();
    assert_eq!(held.kind, ErrorKind::StorageFull, "{held:?}");
    assert!(held.hint.unwrap().contains("goes on by itself"));
    assert_eq!(watched.status().failed, 0);
    std::fs::remove_file(disk.join("ballast")).unwrap();
    let record = watched.rest(3);
    assert_eq!((record.failed, record.held), (0, None));
    for number in 0..3 {
        assert!(is_inverse(&disk.join(format!("{number}.png")), &png(number)), "{number}");
    }
    assert!(
        !std::fs::read_dir(&disk)
            .unwrap()
            .flatten()
            .any(|entry| { entry.file_name().to_string_lossy().ends_with(".part") })
    );
}

#[test]
fn a_folder_that_goes_is_taken_up_when_it_is_back() {
    let watched = Watched::new(INVERT, json!({}));
    std::fs::write(watched.input("a.png"), png(1)).unwrap();
    watched.rest(1);
    std::fs::remove_dir_all(watched.path("in")).unwrap();
    watched.until("missing", |it| it.state.contains("not there"));
    std::fs::create_dir(watched.path("in")).unwrap();
    std::fs::write(watched.input("b.png"), png(2)).unwrap();
    watched.rest(2);
    std::fs::write(watched.input("c.png"), png(3)).unwrap();
    watched.rest(3);
    assert!(is_inverse(&watched.output("b.png"), &png(2)));
    assert_eq!(watched.status().state, "watching");
}

#[test]
fn permissions_that_are_taken_away_are_said_and_given_back_are_noticed() {
    // Root reads everything: the daemon runs as nobody.
    let mut daemon = Daemon::with_plugins(&["example-c"]);
    daemon.stop();
    daemon.wrap(&["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]);
    let watched = {
        let all = PermissionsExt::from_mode(0o777);
        give_away(daemon.data());
        daemon.start_again();
        let watched = Watched::with(daemon);
        std::fs::set_permissions(watched.path(""), all).unwrap();
        watched
    };
    let mode = |path: &Path, mode: u32| {
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    };
    mode(&watched.path("in"), 0o777);
    watched.write_recipe(INVERT);
    watched.add(json!({}));
    std::fs::write(watched.input("a.png"), png(1)).unwrap();
    watched.rest(1);
    // A file that may not be read stays where it is, with the reason, and is done once it may.
    std::fs::write(watched.path("b.png"), png(2)).unwrap();
    mode(&watched.path("b.png"), 0o000);
    std::fs::rename(watched.path("b.png"), watched.input("b.png")).unwrap();
    let record = watched.until("a failure", |it| it.failed == 1);
    assert_eq!(record.done, 1);
    let failure = watched.files("failed").files[0].failure.clone().unwrap();
    assert_eq!(failure.kind, ErrorKind::Forbidden, "{failure:?}");
    // The folder itself.
    mode(&watched.path("in"), 0o000);
    watched.until("unreadable", |it| it.state.contains("cannot be read"));
    mode(&watched.path("in"), 0o777);
    std::fs::write(watched.input("c.png"), png(3)).unwrap();
    watched.until("the third", |it| it.done == 2);
    let failed = [watched.input("b.png"), watched.input("failed/b.png")];
    for path in failed.iter().filter(|path| path.exists()) {
        mode(path, 0o666);
    }
    watched.daemon.call("folder.retry", json!({ "folder": watched.path("in") })).unwrap();
    watched.rest(3);
    assert!(is_inverse(&watched.output("b.png"), &png(2)));
}

fn give_away(folder: &Path) {
    std::os::unix::fs::chown(folder, Some(65534), Some(65534)).unwrap();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.file_type().unwrap().is_dir() {
            give_away(&entry.path());
        } else {
            std::os::unix::fs::chown(entry.path(), Some(65534), Some(65534)).unwrap();
        }
    }
}

#[test]
fn names_in_every_script_and_length_are_done() {
    let watched = Watched::new(INVERT, json!({}));
    let long = format!("{}.png", "l".repeat(251));
    let long_in_greek = format!("{}.png", "ω".repeat(125));
    let names: Vec<&[u8]> = vec![
        "größe.png".as_bytes(),
        "картина 1.png".as_bytes(),
        "写真.png".as_bytes(),
        "صورة.png".as_bytes(),
        "🎨🖼️.png".as_bytes(),
        b"with\nnewline.png",
        b"with 'quotes' \"and\" $dollars; rm -rf.png",
        b"CON.png",
        b"dots...png",
        b"not \xff\xfe text.png",
        long.as_bytes(),
        long_in_greek.as_bytes(),
    ];
    for (number, name) in names.iter().enumerate() {
        let path = watched.path("in").join(OsStr::from_bytes(name));
        std::fs::write(path, png(number as u32)).unwrap();
    }
    let record = watched.rest(names.len() as u64);
    assert_eq!(record.failed, 0, "{:?}", watched.files("failed"));
    let written = pictures_in(&watched.path("out"));
    assert_eq!(written.len(), names.len(), "{written:?}");
    assert!(written.iter().any(|name| name == "写真.png"));
    assert!(written.iter().all(|name| !name.contains(['\n', '"'])), "{written:?}");
    let results: Vec<_> = written.iter().map(|name| watched.output(name)).collect();
    for number in 0..names.len() as u32 {
        assert!(results.iter().any(|result| is_inverse(result, &png(number))), "{number}");
    }
}

#[test]
fn a_failed_file_with_the_longest_name_is_moved_with_its_reason() {
    let watched = Watched::new(INVERT, json!({}));
    let name = format!("{}.png", "l".repeat(251));
    std::fs::write(watched.input(&name), b"no picture").unwrap();
    watched.until("a failure", |it| it.failed == 1);
    assert!(watched.input("failed").join(&name).exists());
    assert_eq!(std::fs::read_dir(watched.input("failed")).unwrap().count(), 2);
    let retry = json!({ "folder": watched.path("in") });
    assert_eq!(watched.daemon.call("folder.retry", retry).unwrap()["retried"], 1);
}

#[test]
fn files_without_a_byte_and_with_two_thousand_million_are_refused_in_words() {
    let watched = Watched::new(INVERT, json!({}));
    std::fs::File::create(watched.input("huge.png")).unwrap().set_len(2 << 30).unwrap();
    std::fs::write(watched.input("empty.jpg"), b"").unwrap();
    std::fs::write(watched.input("good.jpg"), jpeg(1)).unwrap();
    watched.until("two failures", |it| it.failed == 2 && it.done == 1);
    let of = |name: &str| {
        let failed = watched.files("failed").files;
        failed.into_iter().find(|file| file.path == name).unwrap().failure.unwrap()
    };
    assert_eq!(of("huge.png").kind, ErrorKind::TooLarge);
    assert_eq!(of("empty.jpg").kind, ErrorKind::NotAPicture);
}

#[test]
fn clocks_that_are_wrong_hold_nothing_up() {
    let watched = Watched::new(INVERT, json!({}));
    let century = Duration::from_hours(24 * 365 * 100);
    let times = [
        SystemTime::UNIX_EPOCH,
        SystemTime::now() + century,
        SystemTime::UNIX_EPOCH - Duration::from_secs(1),
    ];
    for (number, time) in times.into_iter().enumerate() {
        let path = watched.path("beside.png");
        std::fs::write(&path, png(number as u32)).unwrap();
        std::fs::File::options().append(true).open(&path).unwrap().set_modified(time).unwrap();
        std::fs::rename(path, watched.input(&format!("{number}.png"))).unwrap();
    }
    watched.rest(3);
    assert_eq!(pictures_in(&watched.path("out")).len(), 3);
}

#[test]
fn a_backend_that_crashes_on_one_picture_holds_up_no_other() {
    let watched = Watched::with(Daemon::with_plugins(&["example-c", "segv"]));
    watched.write_recipe(INVERT);
    watched.add(json!({}));
    let second = watched.path("crash.easel.toml");
    std::fs::write(&second, "intent = \"restyle\"\nmodel = \"segv, else invert\"\n").unwrap();
    std::fs::create_dir(watched.path("crash")).unwrap();
    watched.add(json!({ "path": watched.path("crash"), "recipe": second, "out": watched.path("fallen-back") }));
    std::fs::write(watched.path("crash/a.png"), png(1)).unwrap();
    std::fs::write(watched.input("b.png"), png(2)).unwrap();
    watched.rest(1);
    let result = watched.path("fallen-back/a.png");
    until("the fallback", || result.exists().then_some(()), || watched.daemon.log());
    assert!(is_inverse(&result, &png(1)));
}
