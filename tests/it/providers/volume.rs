//! Seedream at volume: two hundred pictures against a limit, none lost, none doubled, the limit never
//! exceeded, and the daemon small.

use std::collections::HashSet;

use easel_protocol::job::JobState;
use serde_json::json;

use super::{Provider, Service, configure, edit, prepared, start, upload};

/// The most memory that the process has had, in megabytes.
fn peak_megabytes(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}

/// What came of a run at volume.
struct Volume {
    provider: Provider,
    count: serde_json::Value,
    peak_megabytes: f64,
    events: String,
}

fn run(jobs: usize, limit: u32, minute: f64) -> Volume {
    let (limit_text, minute_text) = (limit.to_string(), minute.to_string());
    let options = ["--images-per-minute", &limit_text, "--minute", &minute_text];
    let provider = Provider::with(Service::Ark, &options);
    let mut daemon = prepared(&[&provider]);
    let own = format!("limit = {{ requests = {limit}, seconds = {minute}, parallel = 8 }}");
    configure(&daemon, &provider, &own);
    let keys = daemon.data().join("config/keys");
    std::fs::create_dir_all(&keys).unwrap();
    std::fs::write(keys.join("ark"), Service::Ark.key()).unwrap();
    start(&mut daemon);
    let (source, _) = upload(&daemon);
    let ids: Vec<String> = (0..jobs)
        .map(|number| {
            let mut ask = edit(&source, "seedream-5-flash", &format!("picture number {number}"));
            ask["size"] = json!("1K");
            daemon.submit(&format!("volume-{number}"), ask).unwrap().jobs[0].id.clone()
        })
        .collect();
    let mut pictures = HashSet::new();
    for id in &ids {
        let job = wait_long(&daemon, id);
        assert_eq!(job.state, JobState::Done, "{:?}\n{}", job.failure, daemon.log());
        assert_eq!(job.artifacts.len(), 1);
        pictures.extend(job.artifacts.iter().map(|artifact| artifact.blob.to_string()));
    }
    // Two prompts may happen to be drawn in the same tint, hardly more.
    assert!(pictures.len() + 3 >= jobs, "{} pictures from {jobs} prompts", pictures.len());
    let prompts: HashSet<String> =
        provider.posts().iter().map(|post| post["prompt"].to_string()).collect();
    assert_eq!(prompts.len(), jobs);
    let events = daemon.call("job.events", json!({ "limit": 1000 })).unwrap().to_string();
    Volume {
        count: provider.count(),
        provider,
        peak_megabytes: peak_megabytes(daemon.pid()),
        events,
    }
}

fn wait_long(daemon: &crate::support::Daemon, id: &str) -> easel_protocol::job::JobRecord {
    for _ in 0..20 {
        let job = daemon.job(id);
        if job.state.is_final() {
            return job;
        }
        let after = daemon.call("server.info", json!({})).unwrap()["last_event"].clone();
        daemon.call("job.events", json!({ "after": after, "wait_ms": 10_000 })).unwrap();
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while !daemon.job(id).state.is_final() && std::time::Instant::now() < deadline {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }
    daemon.job(id)
}

#[test]
fn two_hundred_pictures_arrive_once_each() {
    let Volume { count, peak_megabytes: peak, .. } = run(200, 500, 60.0);
    assert_eq!((&count["submits"], &count["images"]), (&json!(200), &json!(200)));
    assert!(count["max_per_minute_images"].as_u64().unwrap() <= 500, "{count}");
    assert!(count["max_in_flight"].as_u64().unwrap() <= 8, "{count}");
    assert!(peak < 100.0, "the daemon took {peak:.0} MB");
}

#[test]
fn a_limit_that_is_reached_is_kept_and_nothing_is_lost() {
    // A minute of three seconds: the limit is met again and again.
    let Volume { provider, count, events, .. } = run(40, 10, 3.0);
    assert_eq!(count["submits"], 40);
    assert!(count["max_per_minute_images"].as_u64().unwrap() <= 10, "{count}");
    assert_eq!(provider.posts().len(), 40, "nobody had to be told to slow down");
    assert!(events.contains("for the provider's limit"), "the wait is visible");
}
