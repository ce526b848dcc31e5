//! `easel recipe check`, `new` and `list` as a person or a script meets them, and the cookbook on a real picture.

mod cookbook;

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::support::{Daemon, EASEL, root};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Runs the command line in a folder of its own.
fn easel_in(daemon: &Daemon, folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(EASEL);
    command.env("EASEL_DATA_DIR", daemon.data()).current_dir(folder).args(arguments);
    command.output().unwrap()
}

#[test]
fn a_recipe_with_faults_is_told_where_they_are() {
    let daemon = Daemon::start();
    let folder = tempfile::tempdir().unwrap();
    let recipe = "intent = \"restyle\"\nmodels = \"local-style\"\nstyle = \"warm-oli\"\nseed = 7\n";
    std::fs::write(folder.path().join("oil.easel.toml"), recipe).unwrap();
    let output = easel_in(&daemon, folder.path(), &["recipe", "check", "oil.easel.toml"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    insta::assert_snapshot!(text(&output.stdout), @r#"
    oil.easel.toml:2:1: error[unknown-key]: there is no key `models`
      2 | models = "local-style"
        | ^^^^^^
      hint: did you mean `model`?
    "#);
    let mended = recipe.replace("models", "model");
    std::fs::write(folder.path().join("oil.easel.toml"), mended).unwrap();
    let output = easel_in(&daemon, folder.path(), &["recipe", "check", "oil.easel.toml", "--json"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let found = report[0]["diagnostics"].as_array().unwrap();
    let codes: Vec<&str> = found.iter().map(|it| it["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["cannot-style", "cannot-seed"]);
    assert_eq!(found[0]["fixes"][0]["edits"][0]["text"], "warm-oil");
    assert_eq!((&found[1]["line"], &found[1]["column"]), (&4.into(), &8.into()));
}

#[test]
fn a_good_recipe_ends_with_0_and_a_missing_one_with_3() {
    let daemon = Daemon::start();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.easel.toml"), "intent = \"cutout\"\n").unwrap();
    let check = |name: &str| easel_in(&daemon, folder.path(), &["recipe", "check", name]);
    let good = check("a.easel.toml");
    assert!(good.status.success() && good.stdout.is_empty(), "{good:?}");
    let missing = check("b.easel.toml");
    assert_eq!(missing.status.code(), Some(3), "{missing:?}");
    std::fs::write(folder.path().join("c.easel.toml"), b"intent = \"\xff\"").unwrap();
    let odd = check("c.easel.toml");
    assert!(odd.status.code() == Some(2) && text(&odd.stderr).contains("UTF-8"), "{odd:?}");
    std::fs::write(folder.path().join("d.easel.toml"), vec![b'#'; (1 << 20) + 1]).unwrap();
    assert_eq!(check("d.easel.toml").status.code(), Some(4));
    std::fs::write(folder.path().join("folders.toml"), "[[folder]]\npth = \"x\"\n").unwrap();
    let other = check("folders.toml");
    assert!(other.status.code() == Some(2) && text(&other.stdout).contains("`path`"), "{other:?}");
}

#[test]
fn a_reference_is_looked_for_beside_the_recipe() {
    let daemon = Daemon::start();
    let folder = tempfile::tempdir().unwrap();
    let below = folder.path().join("below");
    std::fs::create_dir(&below).unwrap();
    let recipe =
        "intent = \"restyle\"\nmodel = \"local-style-reference\"\nreference = \"look.png\"\n";
    std::fs::write(below.join("a.easel.toml"), recipe).unwrap();
    let check = || easel_in(&daemon, folder.path(), &["recipe", "check", "below/a.easel.toml"]);
    let missing = check();
    assert_eq!(missing.status.code(), Some(2));
    assert!(
        text(&missing.stdout).contains("below/a.easel.toml:3:13: error[no-file]"),
        "{missing:?}"
    );
    std::fs::copy(root().join("tests/data/chelsea.png"), below.join("look.png")).unwrap();
    assert!(check().status.success());
}

#[test]
fn whatever_new_writes_passes_check_and_nothing_is_written_over() {
    let daemon = Daemon::start();
    let folder = tempfile::tempdir().unwrap();
    let easel = |arguments: &[&str]| easel_in(&daemon, folder.path(), arguments);
    for intent in
        ["restyle", "enhance", "background", "cutout", "reimagine", "edit", "erase", "expand"]
    {
        let output = easel(&["recipe", "new", "--intent", intent]);
        assert!(output.status.success(), "{output:?}");
        let file = format!("{intent}.easel.toml");
        assert_eq!(text(&output.stdout).trim(), file);
        let check = easel(&["recipe", "check", &file]);
        assert!(check.status.success(), "{intent}: {check:?}");
        let again = easel(&["recipe", "new", "--intent", intent]);
        assert_eq!(again.status.code(), Some(2), "{again:?}");
        assert!(text(&again.stderr).contains("written over"), "{again:?}");
    }
    let output = easel(&["recipe", "new", "shop", "--from", "product-on-white"]);
    assert!(output.status.success(), "{output:?}");
    assert!(easel(&["recipe", "check", "shop.easel.toml"]).status.success());
    let output = easel(&["recipe", "new", "mine", "--from", "shop.easel.toml"]);
    assert!(output.status.success(), "{output:?}");
    let output = easel(&["recipe", "new", "--from", "product-on-whit"]);
    assert!(output.status.code() == Some(3), "{output:?}");
    assert!(text(&output.stderr).contains("did you mean `product-on-white`"), "{output:?}");
    let output = easel(&["recipe", "new", "set", "--from", "one-look-for-a-set"]);
    assert!(text(&output.stderr).contains("references/look.png"), "{output:?}");
}

#[test]
fn recipes_are_listed_with_what_is_wrong_with_them() {
    let daemon = Daemon::start();
    let folder = tempfile::tempdir().unwrap();
    let easel = |arguments: &[&str]| easel_in(&daemon, folder.path(), arguments);
    assert!(text(&easel(&["recipe", "list"]).stderr).contains("easel recipe new"));
    easel(&["recipe", "new", "--shared", "--from", "product-on-white"]);
    easel(&["recipe", "new", "--from", "cutout-ground-enhance"]);
    std::fs::write(folder.path().join("odd.easel.toml"), "title = \"Odd\"\nintent = \"\"\n")
        .unwrap();
    let output = easel(&["recipe", "list"]);
    let shown = text(&output.stdout);
    let line = |word: &str| {
        shown
            .lines()
            .find(|line| line.contains(word))
            .unwrap_or_else(|| panic!("{word}: {output:?}"))
    };
    assert!(line("product-on-white").contains("Product on white"));
    assert!(line("cutout-ground-enhance.easel.toml").contains("cutout → background → enhance"));
    assert!(line("odd.easel.toml").contains("line 2"), "{shown}");
    let list: Value = serde_json::from_slice(&easel(&["recipe", "list", "--json"]).stdout).unwrap();
    assert_eq!(list["recipes"].as_array().unwrap().len(), 3);
}

#[test]
fn help_teaches() {
    let daemon = Daemon::stopped();
    for (command, word) in [("check", "--json"), ("new", "product-on-white"), ("list", "Usage")] {
        let help = text(&daemon.easel(&["recipe", command, "--help"]).stdout);
        assert!(help.contains(word), "{command}: {help}");
    }
}
