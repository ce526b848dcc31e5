//! Folders that cost: priced before anything is sent, held by their budget, never paid for twice.

use serde_json::json;

use super::{Watched, jpeg, until};
use crate::providers::{Provider, Service, daemon_for};

const EDIT: &str = "intent = \"edit\"\nmodel = \"seedream-4.5\"\nprompt = \"make the sky red\"\n[output]\nformat = \"png\"\n";

fn drop_pictures(watched: &Watched, count: u32) {
    for number in 0..count {
        std::fs::write(watched.input(&format!("{number}.jpg")), jpeg(500 + number)).unwrap();
    }
}

#[test]
fn a_dry_run_prices_a_folder_and_sends_nothing() {
    let provider = Provider::start(Service::Ark);
    let watched = Watched::with(daemon_for(&[&provider]));
    watched.write_recipe(EDIT);
    drop_pictures(&watched, 5);
    std::fs::write(watched.input("broken.jpg"), b"no picture").unwrap();
    let forecast = watched.forecast(json!({ "budget": { "amount": 0.08, "currency": "USD" } }));
    assert_eq!((&forecast["files"], &forecast["refused_count"]), (&json!(5), &json!(1)));
    let cost = forecast["cost"][0]["amount"].as_f64().unwrap();
    assert!((cost - 0.20).abs() < 1e-6, "{forecast}");
    assert!(forecast["notes"][0].as_str().unwrap().contains("about 3 days"), "{forecast}");
    assert_eq!(provider.submits(), 0);
    assert!(
        watched.daemon.call("folder.list", json!({})).unwrap()["folders"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}

#[test]
fn a_budget_holds_the_folder_and_no_file_fails_for_it() {
    let provider = Provider::start(Service::Ark);
    let watched = Watched::with(daemon_for(&[&provider]));
    watched.write_recipe(EDIT);
    watched.add(json!({ "budget": { "amount": 0.08, "currency": "USD" } }));
    drop_pictures(&watched, 5);
    let record = watched.until("two done and the rest held", |it| {
        it.done == 2 && it.running == 0 && it.waiting == 3 && it.held.is_some()
    });
    assert_eq!(record.held.unwrap().kind, easel_protocol::ErrorKind::OverBudget);
    assert_eq!((provider.submits(), record.failed, record.waiting), (2, 0, 3));
    // Raised, it goes on.
    watched.add(json!({ "budget": { "amount": 1.0, "currency": "USD" } }));
    watched.rest(5);
    assert_eq!(provider.submits(), 5);
}

#[test]
fn nothing_is_paid_for_twice_though_the_daemon_is_killed_and_files_are_copied() {
    let provider = Provider::start(Service::Ark);
    let mut watched = Watched::with(daemon_for(&[&provider]));
    watched.write_recipe(EDIT);
    watched.add(json!({}));
    drop_pictures(&watched, 24);
    for round in 1..=3 {
        provider.wait(|count| count["submits"].as_u64() >= Some(round * 5));
        watched.daemon.kill();
        watched.daemon.start_again();
    }
    // What was on its way when the daemon died may have been charged: that is said, and not sent again.
    let record =
        watched.until("rest", |it| it.waiting + it.running == 0 && it.done + it.failed >= 24);
    let sent = provider.submits();
    assert!(sent <= 24, "{sent} requests were paid for 24 pictures: {record:?}");
    for file in watched.files("failed").files {
        let failure = file.failure.unwrap();
        assert_eq!(failure.charged, Some(easel_protocol::error::Charged::Maybe), "{failure:?}");
    }
    let report =
        watched.daemon.call("folder.retry", json!({ "folder": watched.path("in") })).unwrap();
    assert_eq!(report["retried"], 0, "not without consent");
    // A copy, a touch and a rename of what is done cost nothing, also when the results are gone.
    let done = watched.files("done").files;
    let name = &done[0].path;
    for output in done.iter().flat_map(|file| &file.outputs) {
        std::fs::remove_file(output).unwrap();
    }
    std::fs::copy(watched.input(name), watched.input("copy.jpg")).unwrap();
    let copy = watched.output("copy.png");
    until("the copy's result", || copy.exists().then_some(()), || watched.daemon.log());
    std::fs::rename(watched.input("copy.jpg"), watched.input("renamed.jpg")).unwrap();
    let renamed = watched.output("renamed.png");
    until("the renamed one's result", || renamed.exists().then_some(()), || watched.daemon.log());
    assert_eq!(provider.submits(), sent);
}

#[test]
fn a_style_is_for_the_models_that_take_one_also_in_a_chain() {
    let provider = Provider::start(Service::Ark);
    let watched = Watched::with(daemon_for(&[&provider]));
    watched.write_recipe("intent = \"restyle\"\nmodel = \"seedream-4.5, else local-style\"\nprompt = \"in oil\"\nstyle = \"warm-oil\"\n");
    watched.add(json!({}));
    std::fs::write(watched.input("a.jpg"), jpeg(1)).unwrap();
    watched.rest(1);
    assert_eq!(provider.submits(), 1, "the first of the chain did it");
}

#[test]
fn a_missing_key_takes_the_fallback_or_holds_the_folder() {
    let provider = Provider::start(Service::Ark);
    let mut daemon = crate::providers::prepared(&[&provider]);
    crate::support::install_plugin(
        &crate::support::root().join("plugins/example-c"),
        &daemon.data().join("backends"),
    );
    crate::providers::start(&mut daemon);
    let watched = Watched::with(daemon);
    watched.write_recipe(EDIT);
    watched.add(json!({}));
    std::fs::write(watched.input("a.jpg"), jpeg(1)).unwrap();
    let record = watched.until("held", |it| it.held.is_some());
    assert_eq!(record.held.unwrap().kind, easel_protocol::ErrorKind::KeyMissing);
    watched.write_recipe("intent = \"restyle\"\nmodel = \"seedream-4.5, else invert\"\nprompt = \"in oil\"\n[output]\nformat = \"png\"\n");
    watched.daemon.call("folder.resume", json!({ "folder": watched.path("in") })).unwrap();
    let record = watched.rest(1);
    assert_eq!(record.held, None);
    assert_eq!(provider.submits(), 0);
}
