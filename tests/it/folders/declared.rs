//! `folders.toml`: what stands there is watched, what is taken out is not, and a fault in it changes nothing.

use serde_json::json;

use super::{INVERT, Watched, png, until};

fn write(watched: &Watched, text: &str) {
    let folder = watched.daemon.data().join("config");
    std::fs::create_dir_all(&folder).unwrap();
    // Whole or not at all, as any careful editor writes.
    std::fs::write(folder.join("folders.new"), text).unwrap();
    std::fs::rename(folder.join("folders.new"), folder.join("folders.toml")).unwrap();
}

#[test]
fn folders_that_are_written_down_are_followed() {
    let mut watched = Watched::without_folder();
    watched.write_recipe(INVERT);
    let declared = format!(
        "[[folder]]\npath = {:?}\nrecipe = {:?}\nout = {:?}\n",
        watched.path("in"),
        watched.recipe(),
        watched.path("out")
    );
    write(&watched, &declared);
    let listed = |watched: &Watched| watched.daemon.call("folder.list", json!({})).unwrap();
    let count = |watched: &Watched| listed(watched)["folders"].as_array().unwrap().len();
    until("the folder", || (count(&watched) == 1).then_some(()), || watched.daemon.log());
    std::fs::write(watched.input("a.png"), png(1)).unwrap();
    watched.rest(1);
    assert!(watched.status().declared);
    let refused = watched.daemon.call("folder.remove", json!({ "folder": watched.path("in") }));
    assert!(refused.unwrap_err().message.contains("declared in `folders.toml`"));

    // A fault is said, and the folders stay as they were, also over a restart.
    write(&watched, &format!("{declared}colour = 1\n"));
    until("the fault", || listed(&watched)["failure"].is_object().then_some(()), String::new);
    assert!(listed(&watched)["failure"]["message"].as_str().unwrap().contains("line 5"));
    watched.daemon.kill();
    watched.daemon.start_again();
    assert_eq!(count(&watched), 1);
    std::fs::write(watched.input("b.png"), png(2)).unwrap();
    watched.rest(2);

    write(&watched, &format!("{declared}paused = true\n"));
    until("the pause", || watched.status().paused.then_some(()), String::new);
    write(&watched, "");
    until("the end", || (count(&watched) == 0).then_some(()), || listed(&watched).to_string());
}
