//! A file is taken when it is whole, however it comes.

use std::io::Write;
use std::time::Duration;

use easel_pixels::codec::{self, Encoding};
use serde_json::json;

use super::{INVERT, Watched, is_inverse, jpeg, pictures_in, png};
use crate::support::Daemon;

#[test]
fn files_come_in_every_way_and_are_taken_whole() {
    let watched = Watched::new(INVERT, json!({}));
    let pictures: Vec<Vec<u8>> = (0..8).map(|number| jpeg(1000 + number)).collect();
    // Written at once.
    std::fs::write(watched.input("a.jpg"), &pictures[0]).unwrap();
    // Renamed into place, from beside and from elsewhere.
    std::fs::write(watched.input("b.jpg.part"), &pictures[1]).unwrap();
    std::fs::rename(watched.input("b.jpg.part"), watched.input("b.jpg")).unwrap();
    std::fs::write(watched.path("c"), &pictures[2]).unwrap();
    std::fs::rename(watched.path("c"), watched.input("c.jpg")).unwrap();
    // Linked: the name is the link's.
    std::fs::write(watched.path("d"), &pictures[3]).unwrap();
    std::os::unix::fs::symlink(watched.path("d"), watched.input("d.jpg")).unwrap();
    // Slowly, in chunks, by a writer that keeps the file open.
    let mut slow = std::fs::File::create(watched.input("e.jpg")).unwrap();
    for chunk in pictures[4].chunks(pictures[4].len() / 6) {
        slow.write_all(chunk).unwrap();
        std::thread::sleep(Duration::from_millis(300));
    }
    drop(slow);
    // Slowly, by one that opens and closes it for every chunk.
    for chunk in pictures[5].chunks(pictures[5].len() / 4) {
        let mut file = std::fs::File::options()
            .create(true)
            .append(true)
            .open(watched.input("f.jpg"))
            .unwrap();
        file.write_all(chunk).unwrap();
        drop(file);
        std::thread::sleep(Duration::from_millis(200));
    }
    let record = watched.rest(6);
    assert_eq!(record.failed, 0, "{:?}", watched.files("failed"));
    for (name, picture) in ["a", "b", "c", "d", "e", "f"].iter().zip(&pictures) {
        assert!(is_inverse(&watched.output(&format!("{name}.png")), picture), "{name}");
    }
    assert_eq!(pictures_in(&watched.path("out")).len(), 6);
    assert_eq!(record.state, "watching");
}

#[test]
fn what_was_there_before_is_done_and_what_is_hidden_or_unfinished_is_not() {
    let watched = Watched::without_folder();
    watched.write_recipe(INVERT);
    std::fs::write(watched.input("old.png"), png(1)).unwrap();
    for name in
        [".hidden.png", "unfinished.png.part", "~$lock.png", "notes.txt", "x.png.crdownload"]
    {
        std::fs::write(watched.input(name), png(2)).unwrap();
    }
    watched.add(json!({}));
    watched.rest(1);
    std::fs::write(watched.input("new.png"), png(3)).unwrap();
    let record = watched.rest(2);
    assert_eq!((record.done, record.failed, record.skipped), (2, 0, 0));
    assert_eq!(pictures_in(&watched.path("out")), ["new.png", "old.png"]);
}

#[test]
fn a_file_that_is_replaced_is_done_again_and_its_result_replaced() {
    let watched = Watched::new(INVERT, json!({}));
    for number in 0..12 {
        std::fs::write(watched.input("a.png"), png(number)).unwrap();
        std::thread::sleep(Duration::from_millis(number.into()));
    }
    watched.until("the last content", |it| {
        it.waiting + it.running == 0 && is_inverse(&watched.output("a.png"), &png(11))
    });
    assert_eq!(pictures_in(&watched.path("out")), ["a.png"]);
}

#[test]
fn a_file_that_goes_away_is_no_failure() {
    let watched = Watched::new(INVERT, json!({}));
    for number in 0..40 {
        let path = watched.input(&format!("{number}.png"));
        std::fs::write(&path, png(100 + number)).unwrap();
        std::fs::remove_file(&path).unwrap();
    }
    std::fs::write(watched.input("stays.png"), png(7)).unwrap();
    let record = watched.rest(1);
    assert_eq!(record.failed, 0, "{:?}", watched.files("failed"));
    assert!(is_inverse(&watched.output("stays.png"), &png(7)));
}

#[test]
fn a_mask_may_come_after_its_picture_and_one_that_never_comes_fails_that_picture_alone() {
    let watched = Watched::with(Daemon::with_plugins(&["good"]));
    watched.write_recipe(
        "intent = \"restyle\"\nmodel = \"good\"\nmask = { file = \"{name}.mask.png\" }\n[output]\nformat = \"png\"\n",
    );
    watched.add(json!({}));
    std::fs::write(watched.input("lonely.png"), png(1)).unwrap();
    std::fs::write(watched.input("a.png"), png(2)).unwrap();
    watched.until("they wait", |it| it.waiting == 2 && it.running == 0);
    let white = easel_pixels::Picture::from_pixels(
        easel_pixels::Format::Gray8,
        easel_pixels::Size::new(48, 32),
        vec![255; 48 * 32],
    );
    let mask = codec::encode(white.unwrap().view(), None, Encoding::Png).unwrap();
    std::fs::write(watched.input("a.mask.png"), mask).unwrap();
    let record = watched.until("one done and one failed", |it| it.done == 1 && it.failed == 1);
    assert_eq!(record.held, None);
    assert_eq!(pictures_in(&watched.path("out")), ["a.png"], "the mask is no picture of its own");
    let failure = watched.files("failed").files[0].failure.clone().unwrap();
    assert!(failure.message.contains("lonely.mask.png"), "{failure}");
}

#[test]
fn a_polled_folder_does_the_same() {
    let watched = Watched::new(INVERT, json!({ "poll": true }));
    std::fs::write(watched.input("a.png"), png(1)).unwrap();
    watched.rest(1);
    assert!(is_inverse(&watched.output("a.png"), &png(1)));
    assert!(watched.status().state.starts_with("looking every few seconds"));
}

#[test]
fn folders_below_count_when_asked_for_and_are_kept_apart() {
    let watched = Watched::without_folder();
    watched.write_recipe(INVERT);
    std::fs::create_dir_all(watched.input("autumn")).unwrap();
    std::fs::write(watched.input("autumn/a.png"), png(1)).unwrap();
    std::fs::write(watched.input("a.png"), png(2)).unwrap();
    watched.add(json!({ "recursive": true }));
    watched.rest(2);
    std::fs::create_dir_all(watched.input("winter/deep")).unwrap();
    std::fs::write(watched.input("winter/deep/a.png"), png(3)).unwrap();
    watched.rest(3);
    assert!(is_inverse(&watched.output("autumn/a.png"), &png(1)));
    assert!(is_inverse(&watched.output("a.png"), &png(2)));
    assert!(is_inverse(&watched.output("winter/deep/a.png"), &png(3)));
}
