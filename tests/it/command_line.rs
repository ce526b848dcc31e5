//! The command line as a person or a script meets it.

use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::support::{Daemon, root};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn photograph(name: &str) -> String {
    root().join("tests/data").join(name).display().to_string()
}

fn transform(daemon: &Daemon, out: &Path, more: &[&str]) -> Output {
    let photograph = photograph("coffee.png");
    let out = out.display().to_string();
    let arguments = ["transform", &photograph, "--intent", "restyle", "--out", &out];
    daemon.easel(&[&arguments[..], more].concat())
}

fn decoded(path: &Path) -> easel_pixels::Picture {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    easel_pixels::codec::decode(&bytes, &easel_pixels::codec::Limits::default()).unwrap().picture
}

#[test]
fn a_picture_in_a_picture_out() {
    let daemon = Daemon::with_plugins(&["good"]);
    let out = daemon.data().join("result.png");
    let output = transform(&daemon, &out, &["--model", "good"]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(text(&output.stdout).trim(), out.display().to_string());
    let (before, after) = (decoded(Path::new(&photograph("coffee.png"))), decoded(&out));
    assert_eq!(before.size(), after.size());
    assert!(
        before
            .pixels()
            .chunks_exact(4)
            .zip(after.pixels().chunks_exact(4))
            .all(|(a, b)| a[0] == !b[0] && a[3] == b[3])
    );
}

#[test]
fn several_results_give_a_labelled_sheet() {
    let daemon = Daemon::with_plugins(&["good", "many"]);
    let out = daemon.data().join("results");
    let output = transform(&daemon, &out, &["--model", "good", "--model", "many", "--json"]);
    assert!(output.status.success(), "{output:?}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["files"].as_array().unwrap().len(), 2);
    for file in report["files"].as_array().unwrap() {
        assert!(Path::new(file["path"].as_str().unwrap()).exists());
    }
    let sheet = decoded(Path::new(report["sheet"].as_str().unwrap()));
    assert!(sheet.width() > 1200, "three pictures side by side: {}", sheet.size());
    assert_eq!(&sheet.pixels()[..4], &[0x76, 0x76, 0x76, 0xff]);
}

#[test]
fn a_mask_reaches_the_file_that_is_written() {
    let daemon = Daemon::with_plugins(&["good"]);
    let before = decoded(Path::new(&photograph("coffee.png")));
    let (width, height) = (before.width(), before.height());
    let inside = |x: u32, y: u32| (100..180).contains(&x) && (90..200).contains(&y);
    let values: Vec<u8> = (0..height)
        .flat_map(|y| {
            (0..width).flat_map(move |x| [u8::from(inside(x, y)) * 255; 3].into_iter().chain([255]))
        })
        .collect();
    let mask =
        easel_pixels::Picture::from_pixels(easel_pixels::Format::Rgba8, before.size(), values)
            .unwrap();
    let path = daemon.data().join("mask.png");
    std::fs::write(
        &path,
        easel_pixels::codec::encode(mask.view(), None, easel_pixels::codec::Encoding::Png).unwrap(),
    )
    .unwrap();
    let out = daemon.data().join("masked.png");
    let output = transform(
        &daemon,
        &out,
        &["--model", "good", "--mask", &path.display().to_string(), "--feather", "0"],
    );
    assert!(output.status.success(), "{output:?}");
    let after = decoded(&out);
    for y in 0..height {
        for x in 0..width {
            let at = ((y * width + x) * 4) as usize;
            let (a, b) = (&before.pixels()[at..at + 4], &after.pixels()[at..at + 4]);
            assert_eq!(a == b, !inside(x, y), "{x},{y}");
        }
    }
}

#[test]
fn exit_codes_mean_something() {
    let daemon = Daemon::with_plugins(&["good", "segv"]);
    let out = daemon.data().join("x.png");
    let code = |output: Output| (output.status.code().unwrap(), text(&output.stderr));
    let (status, stderr) = code(transform(&daemon, &out, &["--model", "nobody"]));
    assert!(status == 3 && stderr.contains("hint"), "{status} {stderr}");
    let (status, stderr) = code(transform(&daemon, &out, &["--model", "good", "--seed", "1"]));
    assert!(status == 4 && stderr.contains("no seed"), "{status} {stderr}");
    let (status, stderr) = code(transform(&daemon, &out, &["--model", "segv"]));
    assert!(status == 1 && stderr.contains("crashed"), "{status} {stderr}");
    let (status, _) = code(transform(&daemon, &daemon.data().join("x.gif"), &["--model", "good"]));
    assert_eq!(status, 2);
    let (status, stderr) = code(daemon.easel(&[
        "transform",
        "/no/such/file.png",
        "--intent",
        "restyle",
        "--model",
        "good",
    ]));
    assert!(status == 3 && stderr.contains("/no/such/file.png"), "{status} {stderr}");
    assert!(!out.exists(), "a failure writes nothing");
}

#[test]
fn a_dry_run_runs_nothing() {
    let daemon = Daemon::with_plugins(&["good"]);
    let out = daemon.data().join("x.png");
    let output = transform(&daemon, &out, &["--model", "good", "--dry-run"]);
    insta::assert_snapshot!(text(&output.stdout), @r"
    good: costs nothing
      sees 600×400 at 0,0
      runs at 600×400
      gives 1 of 600×400
    ");
    assert!(!out.exists());
    assert_eq!(
        text(&daemon.easel(&["job", "list"]).stderr).trim(),
        "no jobs yet; `easel transform PICTURE --intent … --model …` makes one"
    );
}

#[test]
fn the_daemon_is_started_where_there_is_none_and_stopped_when_asked() {
    let daemon = Daemon::stopped();
    let output = daemon.easel(&["model", "list"]);
    assert!(text(&output.stderr).contains("started the daemon"), "{output:?}");
    assert!(text(&output.stdout).contains("local-style"), "{output:?}");
    let again = daemon.easel(&["backend", "list"]);
    assert!(!text(&again.stderr).contains("started"), "{again:?}");
    assert!(daemon.easel(&["stop"]).status.success());
    assert!(!daemon.data().join("daemon.json").exists());
    assert!(text(&daemon.easel(&["stop"]).stderr).contains("no daemon is running"));
}

#[test]
fn jobs_can_be_seen_and_followed() {
    let daemon = Daemon::with_plugins(&["good"]);
    let output = transform(&daemon, &daemon.data().join("x.png"), &["--model", "good", "--detach"]);
    let id = text(&output.stdout).trim().to_owned();
    let watched = daemon.easel(&["job", "watch", &id]);
    assert!(watched.status.success() && text(&watched.stdout).contains("done"), "{watched:?}");
    let shown: Value =
        serde_json::from_slice(&daemon.easel(&["job", "show", &id, "--json"]).stdout).unwrap();
    assert_eq!(shown["state"], "done");
    assert!(text(&daemon.easel(&["job", "list"]).stdout).contains(&id));
    let retried = daemon.easel(&["job", "retry", &id]);
    assert_eq!(retried.status.code(), Some(2));
}

#[test]
fn help_teaches() {
    let daemon = Daemon::stopped();
    let long = text(&daemon.easel(&["transform", "--help"]).stdout);
    for word in ["Examples:", "--mask", "--reference", "--dry-run", "local-style"] {
        assert!(long.contains(word), "{word} is not in the help");
    }
    for shell in ["bash", "zsh", "fish", "powershell"] {
        assert!(text(&daemon.easel(&["completions", shell]).stdout).contains("easel"), "{shell}");
    }
    assert!(text(&daemon.easel(&["man"]).stdout).contains(".TH easel"));
    assert!(text(&daemon.easel(&["man", "transform"]).stdout).contains("intent"));
    assert_eq!(daemon.easel(&["man", "nonsense"]).status.code(), Some(3));
}

#[test]
fn doctor_finds_nothing_wrong_with_a_sound_daemon() {
    let daemon = Daemon::with_plugins(&["good"]);
    let output = daemon.easel(&["doctor", "--deep"]);
    assert!(output.status.success(), "{output:?}");
    assert!(text(&output.stdout).lines().all(|line| line.starts_with("ok")), "{output:?}");
}
