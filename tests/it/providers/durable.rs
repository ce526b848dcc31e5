//! kill -9 of the daemon at every stage of a paid job: what was paid for once is never paid for twice
//! without consent, and what was answered is never lost.

use std::time::Duration;

use easel_protocol::ErrorKind;
use easel_protocol::error::Charged;
use easel_protocol::job::{JobRecord, JobState};
use serde_json::json;

use super::{Provider, Service, daemon_for, edit, upload};
use crate::support::Daemon;

/// How many paid requests with this prompt the service has accepted.
fn submits_of(provider: &Provider, words: &str) -> usize {
    provider
        .posts()
        .iter()
        .filter(|post| post["prompt"].as_str().is_some_and(|prompt| prompt.contains(words)))
        .count()
}

fn start_edit(daemon: &Daemon, model: &str, words: &str) -> String {
    let (source, _) = upload(daemon);
    daemon.submit(words, edit(&source, model, words)).unwrap().jobs[0].id.clone()
}

/// Waits until the backend has saved its task.
fn wait_for_checkpoint(daemon: &Daemon, job: &str) {
    let deadline = std::time::Instant::now() + crate::support::PATIENCE;
    loop {
        let events = daemon.call("job.events", json!({ "limit": 1000 })).unwrap();
        let saved =
            |event: &&serde_json::Value| event["job"] == job && event["event"] == "checkpoint";
        if events["events"].as_array().unwrap().iter().any(|event| saved(&event)) {
            return;
        }
        assert!(std::time::Instant::now() < deadline, "no checkpoint: {}", daemon.log());
        std::thread::sleep(Duration::from_millis(3));
    }
}

fn is_unsure(job: &JobRecord) -> bool {
    job.failure.as_ref().is_some_and(|failure| {
        failure.kind == ErrorKind::Interrupted && failure.charged == Some(Charged::Maybe)
    })
}

#[test]
fn a_flux_task_is_submitted_once_wherever_the_daemon_is_killed() {
    let provider = Provider::with(Service::Bfl, &["--ready-after", "3"]);
    let mut daemon = daemon_for(&[&provider]);
    for round in 0..20_u64 {
        let words = format!("round number {round} of it");
        let id = start_edit(&daemon, "flux-2-klein-4b", &words);
        // From the polls over the download to the storing, all in turn.
        wait_for_checkpoint(&daemon, &id);
        std::thread::sleep(Duration::from_millis(round * 60));
        daemon.kill();
        daemon.start_again();
        let job = daemon.wait(&id);
        assert_eq!(job.state, JobState::Done, "round {round}: {:?}", job.failure);
        assert_eq!(job.artifacts.len(), 1, "round {round}");
        assert_eq!(submits_of(&provider, &words), 1, "round {round}");
    }
    assert_eq!(provider.submits(), 20);
}

#[test]
fn before_the_task_is_known_a_kill_pays_at_most_once_and_says_when_it_is_unsure() {
    for (service, model) in [
        (Service::Bfl, "flux-2-klein-4b"),
        (Service::Gemini, "nano-banana-2"),
        (Service::Ark, "seedream-5-flash"),
    ] {
        let provider = Provider::with(
            service,
            if service == Service::Bfl { &["--ready-after", "0"] } else { &[] },
        );
        let mut daemon = daemon_for(&[&provider]);
        for round in 0..7_u64 {
            let words = format!("attempt number {round} of it");
            let id = start_edit(&daemon, model, &words);
            std::thread::sleep(Duration::from_millis(round * round * 12));
            daemon.kill();
            daemon.start_again();
            let job = daemon.wait(&id);
            let sent = submits_of(&provider, &words);
            assert!(sent <= 1, "{service:?} round {round}: {sent} submits");
            assert!(
                job.state == JobState::Done && sent == 1 || is_unsure(&job),
                "{service:?} round {round}: {:?}",
                job.failure
            );
        }
    }
}

#[test]
fn an_answer_that_never_came_is_not_asked_for_again_without_consent() {
    for service in Service::ALL {
        let provider = Provider::start(service);
        let mut daemon = daemon_for(&[&provider]);
        provider.scenario("hold", 1);
        let id = start_edit(&daemon, service.model(), "a held picture");
        provider.wait(|count| count["in_flight"].as_u64().unwrap() >= 1);
        daemon.kill();
        provider.release();
        daemon.start_again();
        let job = daemon.wait(&id);
        assert!(is_unsure(&job), "{service:?}: {:?}", job.failure);
        assert_eq!(submits_of(&provider, "a held picture"), 1);
        let refused = daemon.call("job.retry", json!({ "id": id })).unwrap_err();
        assert_eq!(refused.kind, ErrorKind::Conflict);
        assert!(refused.hint.unwrap().contains("--pay-again"));
        daemon.call("job.retry", json!({ "id": id, "pay_again": true })).unwrap();
        let job = daemon.wait(&id);
        assert_eq!(job.state, JobState::Done, "{service:?}: {:?}", job.failure);
        assert_eq!(submits_of(&provider, "a held picture"), 2);
    }
}

#[test]
fn a_lost_answer_says_that_it_may_have_been_charged_and_is_not_sent_again() {
    for service in Service::ALL {
        for scenario in ["reset-after-accept", "truncated", "html502"] {
            let provider = Provider::start(service);
            let daemon = daemon_for(&[&provider]);
            provider.scenario(scenario, 1);
            let id = start_edit(&daemon, service.model(), "a lost picture");
            let job = daemon.wait(&id);
            assert!(is_unsure(&job), "{service:?} {scenario}: {:?}", job.failure);
            assert_eq!(submits_of(&provider, "a lost picture"), 1, "{service:?} {scenario}");
            let spend = daemon.call("spend.get", json!({})).unwrap();
            assert_eq!(spend["models"][0]["maybe"], 1, "{service:?} {scenario}: {spend}");
        }
    }
}

#[test]
fn what_was_answered_is_not_paid_for_again_when_the_rest_is_lost() {
    // Four pictures, and the daemon dies while the last one is held: three were answered.
    let provider = Provider::start(Service::Gemini);
    let mut daemon = daemon_for(&[&provider]);
    let (source, _) = upload(&daemon);
    let mut ask = edit(&source, "nano-banana-2", "four gardens");
    ask["count"] = json!(4);
    ask["seed"] = json!(1);
    provider.scenario("hold", 1);
    let id = daemon.submit("four", ask).unwrap().jobs[0].id.clone();
    provider.wait(|count| {
        count["submits"].as_u64().unwrap() >= 3 && count["in_flight"].as_u64().unwrap() == 1
    });
    // The answers are on their way into the record.
    std::thread::sleep(Duration::from_millis(500));
    daemon.kill();
    provider.release();
    daemon.start_again();
    let job = daemon.wait(&id);
    assert!(is_unsure(&job), "{:?}", job.failure);
    let before = submits_of(&provider, "four gardens");
    assert_eq!(before, 4);
    daemon.call("job.retry", json!({ "id": id, "pay_again": true })).unwrap();
    let job = daemon.wait(&id);
    assert_eq!(job.state, JobState::Done, "{:?}", job.failure);
    assert_eq!(job.artifacts.len(), 4);
    assert_eq!(
        submits_of(&provider, "four gardens"),
        before + 1,
        "only the missing one is paid for"
    );
}

#[test]
fn a_cancel_closes_the_connection_at_once_and_the_cost_is_accounted_for() {
    for service in Service::ALL {
        let provider = Provider::start(service);
        let daemon = daemon_for(&[&provider]);
        provider.scenario("stall", 1);
        let id = start_edit(&daemon, service.model(), "a picture that nobody wants");
        provider.wait(|count| count["in_flight"].as_u64().unwrap() >= 1);
        daemon.call("job.cancel", json!({ "id": id })).unwrap();
        let job = daemon.wait(&id);
        assert_eq!(job.state, JobState::Cancelled);
        let spend = daemon.call("spend.get", json!({})).unwrap();
        assert_eq!(spend["models"][0]["maybe"], 1, "{service:?}: {spend}");
        let refused = daemon.call("job.retry", json!({ "id": id })).unwrap_err();
        assert_eq!(refused.kind, ErrorKind::Conflict, "{service:?}");
    }
}

#[test]
fn a_task_that_runs_is_taken_up_again_after_a_cancel() {
    let provider = Provider::start(Service::Bfl);
    let daemon = daemon_for(&[&provider]);
    let id = start_edit(&daemon, "flux-2-klein-4b", "a second thought");
    wait_for_checkpoint(&daemon, &id);
    daemon.call("job.cancel", json!({ "id": id })).unwrap();
    assert_eq!(daemon.wait(&id).state, JobState::Cancelled);
    // It is paid for: another try fetches it and pays nothing.
    daemon.call("job.retry", json!({ "id": id })).unwrap();
    assert_eq!(daemon.wait(&id).state, JobState::Done);
    assert_eq!(provider.submits(), 1);
}
