//! What was done is not done again: not after a restart, a touch, a rename or a copy, and with another recipe only when
//! somebody asks for it.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::{INVERT, Watched, is_inverse, pictures_in, png, until};

#[test]
fn a_restart_a_touch_a_rename_and_a_copy_run_nothing() {
    let mut watched = Watched::new(INVERT, json!({}));
    std::fs::write(watched.input("a.png"), png(1)).unwrap();
    watched.rest(1);
    assert_eq!(watched.transforms(), 1);

    watched.daemon.kill();
    watched.daemon.start_again();
    let file = std::fs::File::options().append(true).open(watched.input("a.png")).unwrap();
    file.set_modified(SystemTime::now() + Duration::from_secs(100)).unwrap();
    drop(file);
    std::fs::copy(watched.input("a.png"), watched.input("copy.png")).unwrap();
    until("the copy's result", || watched.output("copy.png").exists().then_some(()), String::new);
    std::fs::rename(watched.input("a.png"), watched.input("renamed.png")).unwrap();
    until("the result", || watched.output("renamed.png").exists().then_some(()), String::new);
    watched.rest(3);
    for name in ["a.png", "copy.png", "renamed.png"] {
        assert!(is_inverse(&watched.output(name), &png(1)), "{name}");
    }
    assert_eq!(watched.transforms(), 1, "only the first was run");
    let sidecar: Value =
        serde_json::from_slice(&std::fs::read(watched.output("copy.png.json")).unwrap()).unwrap();
    assert_eq!(sidecar["source"]["file"], json!(watched.input("copy.png")));
    assert_eq!(sidecar["result"]["file"], "copy.png");
}

#[test]
fn another_recipe_does_old_files_again_only_when_asked() {
    let watched = Watched::new(INVERT, json!({}));
    std::fs::write(watched.input("a.png"), png(1)).unwrap();
    watched.rest(1);
    // Written otherwise, meant alike: not even asking does anything.
    watched.write_recipe(&format!("# a comment\ntitle = \"Negatives\"\n{INVERT}"));
    let scan = |again: bool, dry: bool| {
        let params = json!({ "folder": watched.path("in"), "again": again, "dry_run": dry });
        std::thread::sleep(Duration::from_millis(1100));
        watched.daemon.call("folder.scan", params).unwrap()
    };
    assert_eq!(scan(true, false)["requeued"], 0);
    watched.write_recipe(&INVERT.replace("\"png\"", "\"tiff\""));
    assert_eq!(scan(false, true)["forecast"]["files"], 0);
    let touched = std::fs::File::options().append(true).open(watched.input("a.png")).unwrap();
    touched.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    drop(touched);
    std::fs::write(watched.input("new.png"), png(2)).unwrap();
    watched.rest(2);
    assert_eq!(pictures_in(&watched.path("out")), ["a.png", "new.tif"]);
    assert_eq!(scan(true, true)["forecast"]["files"], 1);
    scan(true, false);
    watched.rest(3);
    assert_eq!(pictures_in(&watched.path("out")), ["a.png", "a.tif", "new.tif"]);
}

#[test]
fn a_result_of_the_same_content_is_found_across_folders() {
    let watched = Watched::new(INVERT, json!({}));
    std::fs::write(watched.input("a.png"), png(1)).unwrap();
    watched.rest(1);
    std::fs::create_dir(watched.path("second")).unwrap();
    std::fs::write(watched.path("second/b.png"), png(1)).unwrap();
    let second = json!({ "path": watched.path("second"), "out": watched.path("other") });
    let forecast = watched.forecast(second.clone());
    assert_eq!((&forecast["files"], &forecast["known"]), (&json!(0), &json!(1)));
    watched.add(second);
    let other = watched.path("other/b.png");
    until("the result", || other.exists().then_some(()), || watched.daemon.log());
    assert!(is_inverse(&other, &png(1)));
    assert_eq!(watched.transforms(), 1);
}

#[test]
fn sources_that_are_done_are_moved_or_removed_where_the_folder_says_so() {
    let watched = Watched::new(INVERT, json!({ "on_success": "move" }));
    std::fs::write(watched.input("a.png"), png(1)).unwrap();
    watched.rest(1);
    until("the move", || watched.input("done/a.png").exists().then_some(()), String::new);
    assert!(!watched.input("a.png").exists());
    watched.add(json!({ "on_success": "delete" }));
    std::fs::write(watched.input("b.png"), png(2)).unwrap();
    watched.rest(2);
    until("the removal", || (!watched.input("b.png").exists()).then_some(()), String::new);
    assert_eq!(pictures_in(&watched.path("out")), ["a.png", "b.png"]);
}

#[test]
fn a_daemon_that_was_stopped_takes_up_what_came_meanwhile() {
    let mut watched = Watched::new(INVERT, json!({}));
    watched.daemon.stop();
    for number in 0..30 {
        std::fs::write(watched.input(&format!("{number:02}.png")), png(number)).unwrap();
    }
    watched.daemon.start_again();
    watched.until("some", |it| it.done >= 3);
    watched.daemon.kill();
    watched.daemon.start_again();
    watched.rest(30);
    // A free result that was made and not yet written when the daemon died is made again; nothing else is.
    let transforms = watched.transforms();
    assert!((30..=38).contains(&transforms), "{transforms} transforms for 30 files");
    for number in 0..30 {
        assert!(is_inverse(&watched.output(&format!("{number:02}.png")), &png(number)));
    }
}

#[test]
fn what_failed_says_why_and_is_taken_up_again() {
    let watched = Watched::new(INVERT, json!({}));
    let whole = png(5);
    std::fs::write(watched.input("cut.png"), &whole[..whole.len() / 2]).unwrap();
    std::fs::write(watched.input("text.jpg"), b"not a picture at all").unwrap();
    std::fs::write(watched.input("empty.png"), b"").unwrap();
    std::fs::write(watched.input("good.png"), png(6)).unwrap();
    watched.until("three failures", |it| it.failed == 3 && it.done == 1);
    let reason = std::fs::read_to_string(watched.input("failed/cut.png.reason.txt")).unwrap();
    assert!(reason.contains("hint: ") && reason.contains("easel folder retry"), "{reason}");
    let failed = watched.files("failed").files;
    assert!(failed.iter().all(|file| file.failure.is_some()));

    // Repaired where it lies, and taken up by name.
    std::fs::write(watched.input("failed/cut.png"), &whole).unwrap();
    let retry = json!({ "folder": watched.path("in"), "files": ["cut.png"] });
    assert_eq!(watched.daemon.call("folder.retry", retry).unwrap()["retried"], 1);
    watched.rest(2);
    assert!(is_inverse(&watched.output("cut.png"), &whole));
    assert!(!watched.input("failed/cut.png.reason.txt").exists());
    let unknown = json!({ "folder": watched.path("in"), "files": ["never-there.png"] });
    assert_eq!(
        watched.daemon.call("folder.retry", unknown).unwrap_err().kind,
        easel_protocol::ErrorKind::NotFound
    );
}

#[test]
fn a_folder_is_paused_resumed_and_removed() {
    let watched = Watched::new(INVERT, json!({}));
    let folder = json!({ "folder": watched.path("in") });
    watched.daemon.call("folder.pause", folder.clone()).unwrap();
    std::fs::write(watched.input("a.png"), png(1)).unwrap();
    watched.until("it waits", |it| it.waiting == 1);
    assert!(watched.status().paused && !watched.output("a.png").exists());
    watched.daemon.call("folder.resume", folder.clone()).unwrap();
    watched.rest(1);
    watched.daemon.call("folder.remove", folder.clone()).unwrap();
    assert!(watched.daemon.call("folder.status", folder).is_err());
    std::fs::write(watched.input("b.png"), png(2)).unwrap();
    // It comes back, and what was done stays done.
    watched.add(json!({}));
    watched.rest(2);
    assert_eq!(watched.transforms(), 2);
}
