//! The backends that misbehave on purpose do so, each in the way that its `README.md` states, and in
//! no other: a test of the tests. What the real host makes of them is tested elsewhere.

#![cfg(unix)]

mod support;

use std::collections::BTreeSet;

use easel_backend::{Descriptor, Intent};
use support::{CHost, Job, repository};

const SEGMENTATION_FAULT: &str = "signal 11";
const ABORTED: &str = "signal 6";

fn names() -> BTreeSet<String> {
    std::fs::read_dir(repository("tests/backends"))
        .expect("the folder of the fixtures")
        .map(|entry| entry.expect("an entry of the folder"))
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().expect("a plain name"))
        .collect()
}

fn source(name: &str) -> String {
    format!("tests/backends/{name}/{name}.c")
}

#[test]
fn every_fixture_builds_and_says_what_it_is() {
    let host = CHost::new("fixtures-describe");
    let readme = std::fs::read_to_string(repository("tests/backends/README.md")).unwrap();
    let mut silent = BTreeSet::new();
    for name in names() {
        let manifest = repository(&format!("tests/backends/{name}/backend.toml"));
        let manifest: toml::Table = std::fs::read_to_string(manifest).unwrap().parse().unwrap();
        let text = |key: &str| manifest[key].as_str().unwrap().to_owned();
        assert_eq!((text("id"), text("library")), (name.clone(), name.clone()));
        assert!(readme.contains(&format!("\n| `{name}` | ")), "README.md lacks `{name}`");
        let library = host.library(&source(&name));
        let described =
            host.describe(&library).map(|json| serde_json::from_str::<Descriptor>(&json));
        let Some(Ok(descriptor)) = described else {
            silent.insert(name);
            continue;
        };
        let id = if name == "wrong-id" { "another-id" } else { &name };
        assert_eq!(descriptor.id, id);
        // One alone has several, which differ in what they take.
        let fits = |model: &str| {
            if id == "same" { model.starts_with("same-") } else { model == id }
        };
        assert!(descriptor.models.len() == 1 || id == "same", "{id}");
        for model in &descriptor.models {
            assert!(fits(&model.id) && model.intents == Intent::ALL, "{id}: {}", model.id);
        }
    }
    let expected =
        ["crash-on-load", "garbage-json", "newer", "no-symbol", "null-table", "old", "small-table"];
    assert_eq!(silent, expected.map(str::to_owned).into());
}

/// Builds a fixture and runs it once.
fn run(name: &str, job: &Job<'_>) -> support::Ran {
    let host = CHost::new(&format!("fixture-{name}"));
    let library = host.library(&source(name));
    host.run(&library, job)
}

fn with_params<'a>(name: &'a str, params: &'a str) -> Job<'a> {
    Job { params, ..Job::new(name) }
}

#[test]
fn those_that_end_their_process_end_it() {
    for (name, end) in [
        ("segv", SEGMENTATION_FAULT),
        ("abort", ABORTED),
        ("exit0", "exit 0"),
        ("overrun", SEGMENTATION_FAULT),
        ("underrun", SEGMENTATION_FAULT),
        ("writes-input", SEGMENTATION_FAULT),
        ("crash-on-load", SEGMENTATION_FAULT),
    ] {
        let ran = run(name, &Job::new(name));
        // macOS reports some of these accesses as a bus error.
        let ended = ran.ended.replace("signal 10", SEGMENTATION_FAULT);
        assert_eq!((ended.as_str(), ran.said("status")), (end, ""), "{name}");
    }
}

#[test]
fn those_that_cannot_be_used_stop_where_they_should() {
    for (name, end) in [
        ("no-symbol", "exit 81"),
        ("null-table", "exit 82"),
        ("old", "exit 83"),
        ("newer", "exit 83"),
        ("small-table", "exit 84"),
    ] {
        assert_eq!(run(name, &Job::new(name)).ended, end, "{name}");
    }
}

#[test]
fn those_that_work_invert_the_picture() {
    for name in [
        "good",
        "newer-minor",
        "leak",
        "threads",
        "flood",
        "wrong-id",
        "garbage-json",
        "keeps-output",
        "remaps-output",
    ] {
        let ran = run(name, &Job::new(name));
        assert_eq!((ran.ended.as_str(), ran.said("status")), ("exit 0", "0"), "{name}");
        let [output] = &ran.outputs[..] else { panic!("{name}: {:?}", ran.outputs) };
        // The last two are writing into the first byte just now.
        let (rest, begin) = (" 254 253 3 251 250 249 7", "5x3 2 ");
        assert!(output.starts_with(begin) && output.ends_with(rest), "{name}: {output}");
    }
}

#[test]
fn those_that_lie_about_their_outputs() {
    let liar = run("liar", &Job::new("liar"));
    assert_eq!((liar.said("status"), liar.outputs.len()), ("0", 0));
    let wrong = run("wrong-size", &Job::new("wrong-size"));
    assert_eq!(
        (wrong.said("status"), &wrong.outputs[..]),
        ("0", &["3x9 2 0 0 0 0 0 0 0 0".to_owned()][..])
    );
}

#[test]
fn those_that_fail_say_so() {
    let open = run("open-fails", &Job::new("open-fails"));
    assert_eq!((open.said("status"), open.said("error")), ("-2", "there is no graphics card"));
    let bytes = run("not-utf8", &Job::new("not-utf8"));
    assert_eq!((bytes.said("status"), bytes.said("logs"), bytes.said("reports")), ("-3", "1", "4"));
    assert!(bytes.said("error").contains('\u{fffd}'));
    for status in [-7, -6, -5, -4, -3, -2, -1, 1] {
        let params =
            format!(r#"{{"intent":"edit","count":1,"scale":1,"params":{{"status":{status}.0}}}}"#);
        let ran = run("error-text", &with_params("error-text", &params));
        assert_eq!(ran.said("status"), status.to_string());
        assert_eq!(ran.said("error"), format!("this is the text of status {status}"));
    }
}

#[test]
fn the_talkative_ones_talk() {
    let flood = run("flood", &Job::new("flood"));
    assert_eq!((flood.said("logs"), flood.said("reports")), ("100000", "100000"));
    let params = r#"{"intent":"edit","count":1,"scale":1,"params":{"milliseconds":20}}"#;
    let previewer = run("previewer", &with_params("previewer", params));
    assert_eq!(
        (previewer.said("previews"), previewer.said("status")),
        ("1002003", "0"),
        "red, green, blue"
    );
}

#[test]
fn the_patient_ones_stop_when_asked() {
    for name in ["slow", "checkpointer", "previewer", "threads", "good"] {
        let ran = run(name, &Job { stop_after: 0, ..Job::new(name) });
        assert_eq!((ran.said("status"), ran.outputs.len()), ("1", 0), "{name}");
    }
    let params = r#"{"intent":"edit","count":1,"scale":1,"params":{"milliseconds":30}}"#;
    let ran = run("slow", &with_params("slow", params));
    assert_eq!((ran.said("status"), ran.said("reports"), ran.outputs.len()), ("0", "3", 1));
}

#[test]
fn the_checkpointer_shows_by_its_colour_whether_it_resumed() {
    let params = r#"{"intent":"edit","count":1,"scale":1,"params":{"milliseconds":0}}"#;
    let first = run("checkpointer", &with_params("checkpointer", params));
    assert_eq!(first.outputs, ["5x3 2 255 0 0 255 255 0 0 255"]);
    let saved = first.said("saved");
    let second = run("checkpointer", &Job { checkpoint: Some(saved), ..Job::new("checkpointer") });
    assert_eq!(second.outputs, ["5x3 2 0 255 0 255 0 255 0 255"]);
    let other = run("checkpointer", &Job { checkpoint: Some("other"), ..Job::new("checkpointer") });
    assert_eq!(other.said("status"), "-1");
}

#[test]
fn many_gives_as_many_as_asked() {
    let ran = run("many", &with_params("many", r#"{"intent":"edit","count":3,"scale":1}"#));
    let greys: Vec<_> =
        ran.outputs.iter().map(|output| output.split(' ').nth(2).unwrap()).collect();
    assert_eq!(greys, ["0", "16", "32"]);
}
