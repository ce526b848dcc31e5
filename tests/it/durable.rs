//! kill -9 at any moment: nothing lost, nothing done twice, and every job says honestly how it ended.

use easel_protocol::ErrorKind;
use easel_protocol::error::Charged;
use easel_protocol::job::JobState;
use serde_json::json;

use crate::support::{Daemon, ask, inverted, pattern};

fn slow(daemon: &Daemon, milliseconds: u64) -> serde_json::Value {
    let source = daemon.put_pixels("rgba8", 16, 16, &pattern(16, 16));
    let mut slow = ask(&source, "slow");
    slow["params"] = json!({ "milliseconds": milliseconds });
    slow
}

#[test]
fn what_was_acknowledged_survives() {
    let mut daemon = Daemon::with_plugins(&["good"]);
    let rows = pattern(64, 64);
    let source = daemon.put_pixels("rgba8", 64, 64, &rows);
    let mut jobs = Vec::new();
    for round in 0..10 {
        // The answer has come: from here on nothing may be lost, wherever the run is just now.
        jobs.extend((0..4).map(|number| {
            daemon.submit(&format!("{round}-{number}"), ask(&source, "good")).unwrap().jobs[0]
                .id
                .clone()
        }));
        std::thread::sleep(std::time::Duration::from_millis(round * 3));
        daemon.kill();
        daemon.start_again();
    }
    for id in &jobs {
        let job = daemon.wait(id);
        assert_eq!(job.state, JobState::Done, "{:?}", job.failure);
        assert_eq!(job.artifacts.len(), 1);
        assert_eq!(daemon.pixels(job.artifacts[0].blob.as_str(), "rgba8"), inverted(&rows));
    }
    // Every job has one end, and only one.
    let events = daemon.call("job.events", json!({ "limit": 1000 })).unwrap();
    for id in &jobs {
        let ends = events["events"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|event| event["job"] == **id && event["event"] == "done")
            .count();
        assert_eq!(ends, 1, "{id}");
    }
    // And the same keys still stand for the same transforms.
    for round in 0..10 {
        assert!(jobs.contains(
            &daemon.submit(&format!("{round}-0"), ask(&source, "good")).unwrap().jobs[0].id
        ));
    }
}

#[test]
fn a_run_that_cannot_be_repeated_says_so() {
    let mut daemon = Daemon::with_plugins(&["hang"]);
    let source = daemon.put_pixels("rgba8", 16, 16, &pattern(16, 16));
    let id = daemon.submit("once", ask(&source, "hang")).unwrap().jobs[0].id.clone();
    daemon.wait_until(&id, |job| job.state == JobState::Running);
    daemon.kill();
    daemon.start_again();
    let job = daemon.wait(&id);
    let failure = job.failure.unwrap();
    assert_eq!(failure.kind, ErrorKind::Interrupted);
    assert_eq!(failure.charged, Some(Charged::Maybe));
    assert!(failure.hint.unwrap().contains("easel job retry"));
    assert_eq!(job.attempts, 1, "it was not started again without consent");
}

#[test]
fn a_checkpoint_is_taken_up() {
    let mut daemon = Daemon::with_plugins(&["checkpointer"]);
    let source = daemon.put_pixels("rgba8", 16, 16, &pattern(16, 16));
    let mut long = ask(&source, "checkpointer");
    long["params"] = json!({ "milliseconds": 60_000 });
    let id = daemon.submit("paid", long).unwrap().jobs[0].id.clone();
    let saved = |daemon: &Daemon| {
        let events = daemon.call("job.events", json!({})).unwrap();
        events["events"].as_array().unwrap().iter().any(|event| event["event"] == "checkpoint")
    };
    while !saved(&daemon) {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    daemon.kill();
    daemon.start_again();
    let job = daemon.wait(&id);
    assert_eq!((job.state, job.attempts), (JobState::Done, 2), "{:?}", job.failure);
}

#[test]
fn an_orderly_end_parks_what_runs() {
    let mut daemon = Daemon::with_plugins(&["checkpointer", "good"]);
    let source = daemon.put_pixels("rgba8", 16, 16, &pattern(16, 16));
    let mut long = ask(&source, "checkpointer");
    long["params"] = json!({ "milliseconds": 60_000 });
    let id = daemon.submit("parked", long).unwrap().jobs[0].id.clone();
    daemon.wait_until(&id, |job| job.state == JobState::Running);
    let saved = |daemon: &Daemon| {
        let events = daemon.call("job.events", json!({})).unwrap();
        events["events"].as_array().unwrap().iter().any(|event| event["event"] == "checkpoint")
    };
    while !saved(&daemon) {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    daemon.stop();
    assert!(!daemon.data().join("daemon.json").exists());
    daemon.start_again();
    assert_eq!(daemon.wait(&id).state, JobState::Done);
}

#[test]
fn jobs_can_be_cancelled_and_tried_again() {
    let daemon = Daemon::with_plugins(&["slow"]);
    let running = daemon.submit("running", slow(&daemon, 60_000)).unwrap().jobs[0].id.clone();
    daemon.wait_until(&running, |job| job.state == JobState::Running);
    let waiting: Vec<String> = (0..20)
        .map(|number| {
            daemon.submit(&format!("w{number}"), slow(&daemon, 60_000)).unwrap().jobs[0].id.clone()
        })
        .collect();
    let last = waiting.last().unwrap();
    assert_eq!(daemon.job(last).state, JobState::Queued);
    for id in waiting.iter().rev().chain([&running]) {
        daemon.call("job.cancel", json!({ "id": id })).unwrap();
    }
    for id in waiting.iter().chain([&running]) {
        assert_eq!(daemon.wait(id).state, JobState::Cancelled);
    }
    let failure = daemon.call("job.cancel", json!({ "id": running })).unwrap_err();
    assert_eq!(failure.kind, ErrorKind::InvalidRequest);
    daemon.call("job.retry", json!({ "id": running })).unwrap();
    daemon.wait_until(&running, |job| job.state == JobState::Running);
    daemon.call("job.cancel", json!({ "id": running })).unwrap();
    assert_eq!(daemon.wait(&running).state, JobState::Cancelled);
}

#[test]
fn cleaning_up_removes_only_what_nothing_needs() {
    let daemon = Daemon::with_plugins(&["good"]);
    let (kept, stray) = (
        daemon.put_pixels("rgba8", 8, 8, &pattern(8, 8)),
        daemon.put_pixels("rgba8", 9, 8, &pattern(9, 8)),
    );
    let job = daemon.run("kept", ask(&kept, "good"));
    let gc = |params| daemon.call("store.gc", params).unwrap();
    assert_eq!(gc(json!({}))["blobs"], 0, "a fresh upload may be about to be used");
    let path = |id: &str| daemon.data().join("blobs").join(&id[..2]).join(&id[2..]);
    let old = std::time::SystemTime::now() - std::time::Duration::from_hours(48);
    for id in [kept.id.as_str(), stray.id.as_str(), job.artifacts[0].blob.as_str()] {
        std::fs::File::options().append(true).open(path(id)).unwrap().set_modified(old).unwrap();
    }
    assert_eq!(gc(json!({ "dry_run": true }))["blobs"], 1);
    assert!(path(stray.id.as_str()).exists());
    assert_eq!(gc(json!({}))["blobs"], 1);
    assert!(
        !path(stray.id.as_str()).exists()
            && path(kept.id.as_str()).exists()
            && path(job.artifacts[0].blob.as_str()).exists()
    );
    assert_eq!(gc(json!({ "older_than_days": 30 }))["transforms"], 0);
    std::thread::sleep(std::time::Duration::from_millis(5));
    assert_eq!(gc(json!({ "older_than_days": 0 }))["transforms"], 1);
    assert!(!path(kept.id.as_str()).exists());
    assert_eq!(
        daemon.call("job.get", json!({ "id": job.id })).unwrap_err().kind,
        ErrorKind::NotFound
    );
}
