//! Every recipe of the cookbook does what it says, on a real photograph, with the models of this machine.

use std::path::Path;

use easel_pixels::metadata;
use easel_pixels::{Alpha, Size};

use super::{decode, pictures_in};
use crate::support::{Daemon, root};

/// Runs a recipe of the cookbook and returns the names of what it wrote.
fn run(daemon: &Daemon, recipe: &str, picture: &Path, out: &Path) -> Vec<String> {
    let recipe = root().join("cookbook").join(format!("{recipe}.easel.toml"));
    let arguments = [
        "recipe",
        "run",
        recipe.to_str().unwrap(),
        picture.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
    ];
    let output = daemon.easel(&arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.lines().all(|line| Path::new(line).is_file()), "{said}");
    pictures_in(out)
}

/// A photograph small enough for the slowest of them.
fn photograph(folder: &Path) -> std::path::PathBuf {
    let bytes = std::fs::read(root().join("tests/data/chelsea.png")).unwrap();
    let small = easel_pixels::resize(decode(&bytes).view(), Size::new(226, 150)).unwrap();
    let encoded = easel_pixels::codec::encode(
        small.view(),
        None,
        easel_pixels::codec::Encoding::Jpeg { quality: 92 },
    );
    let path = folder.join("cat.jpg");
    std::fs::write(&path, encoded.unwrap()).unwrap();
    path
}

fn size_of(path: &Path) -> Size {
    decode(&std::fs::read(path).unwrap()).size()
}

#[test]
fn the_recipes_for_one_result_do_what_they_say() {
    let daemon = Daemon::start();
    let folder = tempfile::tempdir().unwrap();
    let picture = photograph(folder.path());
    let out = |name: &str| folder.path().join(name);
    for (recipe, file, size) in [
        ("product-on-white", "cat-white.jpg", Size::new(226, 150)),
        ("portrait-blur", "cat.jpg", Size::new(226, 150)),
        ("one-look-for-a-set", "cat.jpg", Size::new(226, 150)),
        ("enhance-scans", "cat-x2.jpg", Size::new(452, 300)),
        ("cutouts", "cat.webp", Size::new(226, 150)),
        ("cutout-ground-enhance", "cat-page.jpg", Size::new(452, 300)),
    ] {
        assert_eq!(run(&daemon, recipe, &picture, &out(recipe)), [file], "{recipe}");
        assert_eq!(size_of(&out(recipe).join(file)), size, "{recipe}");
        let bytes = std::fs::read(out(recipe).join(file)).unwrap();
        let xmp = String::from_utf8(metadata::read(&bytes).xmp.unwrap()).unwrap();
        assert!(xmp.contains("compositeWithTrainedAlgorithmicMedia"), "{xmp}");
    }
    let white = decode(&std::fs::read(out("product-on-white").join("cat-white.jpg")).unwrap());
    assert!(white.pixels()[..3].iter().all(|value| *value > 250), "the corner is white");
    let cutout = decode(&std::fs::read(out("cutouts").join("cat.webp")).unwrap());
    assert!(Alpha::of(cutout.view()).is_some(), "the cutout is transparent");
}

#[test]
fn the_recipes_for_several_results_name_each_and_lay_out_a_sheet() {
    let daemon = Daemon::start();
    let folder = tempfile::tempdir().unwrap();
    let picture = photograph(folder.path());
    let out = |name: &str| folder.path().join(name);
    let grounds = run(&daemon, "catalogue-backgrounds", &picture, &out("grounds"));
    assert_eq!(grounds.len(), 4, "three grounds and a sheet: {grounds:?}");
    assert!(grounds.iter().any(|name| name.ends_with("sheet.png")), "{grounds:?}");
    let moods = run(&daemon, "campaign-moods", &picture, &out("moods"));
    // Without a key for the second model, what takes its place is compared already.
    assert_eq!(moods.len(), 6, "five moods and a sheet: {moods:?}");
    let archive = run(&daemon, "archive-prints", &picture, &out("archive"));
    assert!(archive.is_empty(), "they are sorted by day");
    assert_eq!(pictures_in(&out("archive/undated")), ["cat.tif"]);
}

#[test]
fn a_mask_beside_the_picture_holds_to_the_bit() {
    let daemon = Daemon::start();
    let folder = tempfile::tempdir().unwrap();
    let data = root().join("tests/data");
    std::fs::copy(data.join("coffee.png"), folder.path().join("cup.png")).unwrap();
    std::fs::copy(data.join("coffee-mask.png"), folder.path().join("cup.mask.png")).unwrap();
    let out = folder.path().join("out");
    let picture = folder.path().join("cup.png");
    assert_eq!(run(&daemon, "comic-in-a-mask", &picture, &out), ["cup.png"]);
    let mask = std::fs::read(data.join("coffee-mask.png")).unwrap();
    let mask =
        easel_pixels::codec::decode_mask(&mask, &easel_pixels::codec::Limits::default()).unwrap();
    let (before, after) = (
        decode(&std::fs::read(picture).unwrap()),
        decode(&std::fs::read(out.join("cup.png")).unwrap()),
    );
    let pixels =
        before.pixels().chunks_exact(4).zip(after.pixels().chunks_exact(4)).zip(mask.pixels());
    let (mut inside, mut outside) = (0, 0);
    for ((before, after), mask) in pixels {
        if *mask == 0 {
            outside += u32::from(before != after);
        } else {
            inside += u32::from(before != after);
        }
    }
    assert_eq!(outside, 0, "not one bit outside");
    assert!(inside > 1000, "{inside} pixels changed inside");
}

#[test]
fn another_recipe_writes_over_nothing() {
    let daemon = Daemon::start();
    let folder = tempfile::tempdir().unwrap();
    let picture = photograph(folder.path());
    let out = folder.path().join("out");
    run(&daemon, "portrait-blur", &picture, &out);
    let first = std::fs::read(out.join("cat.jpg")).unwrap();
    let both = run(&daemon, "one-look-for-a-set", &picture, &out);
    assert_eq!(both, ["cat-2.jpg", "cat.jpg"]);
    assert_eq!(std::fs::read(out.join("cat.jpg")).unwrap(), first);
}

#[test]
fn a_second_run_takes_the_results_from_the_ledger() {
    let daemon = Daemon::start();
    let folder = tempfile::tempdir().unwrap();
    let picture = photograph(folder.path());
    let out = folder.path().join("out");
    run(&daemon, "cutouts", &picture, &out);
    let jobs = || {
        daemon.call("job.list", serde_json::json!({})).unwrap()["jobs"].as_array().unwrap().len()
    };
    let before = jobs();
    run(&daemon, "cutouts", &picture, &out);
    assert_eq!(jobs(), before, "nothing ran again");
    assert_eq!(pictures_in(&out), ["cat.webp"]);
}
