//! The vendors' own types as judges of what we send, and the simulators' tests of themselves.

use std::path::Path;
use std::process::Output;

use serde_json::json;

use super::{Provider, Service, daemon_for, done, edit, python, upload};
use crate::support::root;

fn judge(arguments: &[&Path]) -> Output {
    python().arg(root().join("tests/providers/judge.py")).args(arguments).output().unwrap()
}

fn summary(output: &Output) -> serde_json::Value {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let last = text.lines().last().unwrap_or_default();
    serde_json::from_str::<serde_json::Value>(last).unwrap_or_else(|error| {
        panic!("{error}: {text}{}", String::from_utf8_lossy(&output.stderr))
    })["summary"]
        .take()
}

#[test]
fn what_the_daemon_sends_is_accepted_by_the_vendors_own_types() {
    for service in Service::ALL {
        let folder = tempfile::tempdir().unwrap();
        let record = folder.path().join("sent.jsonl");
        let provider = Provider::with(service, &["--record", record.to_str().unwrap()]);
        let daemon = daemon_for(&[&provider]);
        let (source, _) = upload(&daemon);
        let models = daemon.call("model.list", json!({})).unwrap();
        let mut sent = 0;
        for entry in models["models"].as_array().unwrap() {
            if entry["backend"] != service.backend() {
                continue;
            }
            let intent = entry["record"]["intents"][0].as_str().unwrap();
            let mut ask = edit(&source, entry["record"]["id"].as_str().unwrap(), "a garden");
            ask["intent"] = json!(intent);
            if entry["record"]["mask"] == "native" {
                let mask = daemon.put_pixels(
                    "gray8",
                    super::SIDE,
                    super::SIDE,
                    &vec![255; (super::SIDE * super::SIDE) as usize],
                );
                ask["mask"] = json!(mask.id);
            }
            if entry["record"]["prompt"] == "none" {
                ask["prompt"] = json!(null);
            }
            if intent == "expand" {
                ask["expand"] = json!({ "left": 32 });
            }
            done(&daemon, ask);
            sent += 1;
        }
        assert!(sent >= 4, "{service:?}: {sent} models");
        let output = judge(&[&record]);
        let summary = summary(&output);
        assert!(
            output.status.success(),
            "{service:?}: {}",
            String::from_utf8_lossy(&output.stdout)
        );
        assert_eq!(summary["bad"].as_u64().unwrap_or(0), 0, "{summary}");
    }
}

#[test]
fn every_request_that_the_backends_can_make_is_accepted() {
    for provider in ["gemini", "ark", "bfl"] {
        let requests = root().join(format!("target/requests/{provider}.jsonl"));
        assert!(
            requests.is_file(),
            "the tests of the backends write `{}`: `cargo xtask test` runs them first",
            requests.display()
        );
        let output = judge(&[&requests]);
        assert!(output.status.success(), "{provider}: {}", String::from_utf8_lossy(&output.stdout));
        let summary = summary(&output);
        assert!(summary["ok"].as_u64().unwrap() > 100, "{provider}: {summary}");
    }
}

#[test]
fn the_simulators_answers_are_those_that_the_vendors_types_know() {
    let output = judge(&[Path::new("--responses")]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn the_simulators_and_judges_hold_their_own_tests() {
    let output = python()
        .args(["-m", "unittest", "discover", "-q", "-s", "tests/providers", "-p", "*_test.py"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
