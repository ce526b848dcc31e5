//! A loop cannot happen, however folders lie to each other: Easel knows its own results by their content.

use serde_json::json;

use super::{INVERT, Watched, is_inverse, pictures_in, png, until};

#[test]
fn results_in_the_folder_itself_are_no_sources() {
    let watched = Watched::without_folder();
    watched.write_recipe(&format!("{INVERT}name = \"{{name}}-negative\"\n"));
    watched.add(json!({ "out": watched.path("in") }));
    for number in 0..10 {
        std::fs::write(watched.input(&format!("{number}.png")), png(number)).unwrap();
    }
    watched.until("ten done and ten left alone", |it| {
        it.waiting + it.running == 0 && it.done == 10 && it.skipped == 10
    });
    assert_eq!(pictures_in(&watched.path("in")).len(), 20);
    assert_eq!(watched.transforms(), 10);
    let left = watched.files("skipped").files;
    assert!(left[0].failure.as_ref().unwrap().message.starts_with("left alone: Easel made it of"));
}

#[test]
fn a_recipe_that_keeps_name_and_place_writes_over_nobodys_file() {
    let watched = Watched::without_folder();
    watched.write_recipe(INVERT);
    watched.add(json!({ "out": watched.path("in") }));
    std::fs::write(watched.input("a.png"), png(1)).unwrap();
    watched.until("one done and one left alone", |it| it.done == 1 && it.skipped == 1);
    assert_eq!(std::fs::read(watched.input("a.png")).unwrap(), png(1), "the source is as it was");
    assert!(is_inverse(&watched.input("a-2.png"), &png(1)));
}

#[test]
fn folders_that_write_into_each_other_settle() {
    let watched = Watched::new(INVERT, json!({}));
    // The second one's input is the first one's output, and the other way round; formats differ.
    let second = watched.path("second.easel.toml");
    std::fs::write(&second, INVERT.replace("\"png\"", "\"webp\"")).unwrap();
    std::fs::create_dir(watched.path("out")).unwrap();
    watched
        .add(json!({ "path": watched.path("out"), "recipe": second, "out": watched.path("in") }));
    // And a third one sees both through links.
    std::fs::create_dir(watched.path("third")).unwrap();
    watched.add(json!({ "path": watched.path("third"), "out": watched.path("in") }));
    for number in 0..5 {
        std::fs::write(watched.input(&format!("{number}.png")), png(number)).unwrap();
    }
    watched.rest(5);
    let link = watched.path("third/link.png");
    std::os::unix::fs::symlink(watched.output("0.png"), link).unwrap();
    std::fs::write(watched.output("own.png"), png(77)).unwrap();
    let result = watched.input("own.webp");
    until("the result", || result.exists().then_some(()), || watched.daemon.log());
    until(
        "rest everywhere",
        || {
            let folders = ["in", "out", "third"].map(|it| watched.status_of(&watched.path(it)));
            let skipped: u64 = folders.iter().map(|it| it.skipped).sum();
            let rest = folders.iter().all(|it| it.waiting + it.running == 0);
            // Five results seen in `out`, one seen in `in`, one through the link.
            (rest && skipped == 7).then_some(())
        },
        || format!("{:?}", ["in", "out", "third"].map(|it| watched.status_of(&watched.path(it)))),
    );
    assert_eq!(watched.transforms(), 6);
}

#[test]
fn a_result_is_taken_when_somebody_names_it() {
    let watched = Watched::without_folder();
    watched.write_recipe(&format!("{INVERT}name = \"{{name}}-negative\"\n"));
    watched.add(json!({ "out": watched.path("in") }));
    std::fs::write(watched.input("a.png"), png(1)).unwrap();
    watched.until("one left alone", |it| it.done == 1 && it.skipped == 1);
    let retry = json!({ "folder": watched.path("in"), "files": ["a-negative.png"] });
    watched.daemon.call("folder.retry", retry).unwrap();
    watched.until("two done", |it| it.done == 2 && it.waiting + it.running == 0);
    assert!(watched.input("a-negative-negative.png").exists());
}

#[test]
fn names_that_only_their_case_or_their_end_tells_apart_do_not_clash() {
    let watched = Watched::new(INVERT, json!({}));
    std::fs::write(watched.input("a.png"), png(1)).unwrap();
    watched.rest(1);
    std::fs::write(watched.input("A.png"), png(2)).unwrap();
    watched.rest(2);
    std::fs::write(watched.input("a.tif"), {
        let picture = super::picture(3, 48, 32);
        easel_pixels::codec::encode(picture.view(), None, easel_pixels::codec::Encoding::Tiff)
            .unwrap()
    })
    .unwrap();
    watched.rest(3);
    assert_eq!(pictures_in(&watched.path("out")), ["A-2.png", "a-3.png", "a.png"]);
    assert!(is_inverse(&watched.output("A-2.png"), &png(2)));
}

#[test]
fn what_somebody_changed_in_the_results_is_not_written_over() {
    let watched = Watched::new(INVERT, json!({}));
    std::fs::write(watched.input("a.png"), png(1)).unwrap();
    watched.rest(1);
    std::fs::write(watched.output("a.png"), png(50)).unwrap();
    std::fs::write(watched.input("a.png"), png(2)).unwrap();
    watched.rest(2);
    assert_eq!(std::fs::read(watched.output("a.png")).unwrap(), png(50));
    assert!(is_inverse(&watched.output("a-2.png"), &png(2)));
}
