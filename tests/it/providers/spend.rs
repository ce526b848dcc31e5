//! Prices before the run, what was spent after it, caps that hold, and advice that says why.

use easel_protocol::ErrorKind;
use serde_json::{Value, json};

use super::{Provider, Service, configure, daemon_for, done, edit, ended, upload};

fn close(value: &Value, wanted: f64) -> bool {
    (value.as_f64().unwrap() - wanted).abs() < 1e-6
}

#[test]
fn the_price_is_known_before_anything_is_sent() {
    let providers = Service::ALL.map(Provider::start);
    let daemon = daemon_for(&providers.each_ref());
    let (source, _) = upload(&daemon);
    for (model, size, count, wanted) in [
        ("nano-banana-2", Some("1K"), 1, 0.067),
        ("nano-banana-2", Some("4K"), 2, 0.302),
        ("nano-banana-pro", Some("2K"), 1, 0.134),
        ("seedream-4.5", None, 3, 0.12),
        // A begun megapixel is a whole one: 3 cents, and 1.5 for the picture that is sent.
        ("flux-2-pro", None, 1, 0.045),
        ("flux-kontext-max", None, 1, 0.08),
    ] {
        let mut ask = edit(&source, model, "brighter");
        ask["count"] = json!(count);
        ask["size"] = json!(size);
        let plan = daemon.call("transform.plan", json!({ "ask": ask })).unwrap();
        let job = &plan["jobs"][0];
        assert!(close(&job["cost"], wanted), "{model} {size:?} ×{count}: {job}");
        assert_eq!(job["currency"], "USD");
    }
    for provider in &providers {
        assert_eq!(provider.count()["posts"], 0, "nothing was sent");
    }
    // The command line says the same to people.
    let photo = crate::support::root().join("tests/data/coffee.png");
    let photo = photo.to_str().unwrap();
    let output = daemon.easel(&[
        "transform",
        photo,
        "--intent",
        "edit",
        "--prompt",
        "x",
        "--model",
        "nano-banana-2",
        "--size",
        "2k",
        "--dry-run",
    ]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("costs 0.101 USD"), "{said}{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_size_that_is_not_offered_is_refused_with_the_nearest_that_is() {
    let provider = Provider::start(Service::Gemini);
    let daemon = daemon_for(&[&provider]);
    let (source, _) = upload(&daemon);
    let mut ask = edit(&source, "nano-banana-pro", "brighter");
    ask["size"] = json!("8K");
    let failure = daemon.submit("8k", ask.clone()).unwrap_err();
    assert_eq!(failure.kind, ErrorKind::Unsupported);
    assert!(failure.hint.unwrap().contains("nearest that it offers is `4K`"));
    ask["size"] = json!("512");
    assert!(daemon.submit("512", ask).unwrap_err().hint.unwrap().contains("`1K`"));
}

#[test]
fn the_ledger_has_estimate_actual_and_failures() {
    let providers = Service::ALL.map(Provider::start);
    let daemon = daemon_for(&providers.each_ref());
    let (source, _) = upload(&daemon);
    for service in Service::ALL {
        done(&daemon, edit(&source, service.model(), "brighter"));
    }
    providers[2].scenario("request_moderated", 1);
    assert!(ended(&daemon, edit(&source, "flux-2-pro", "darker")).failure.is_some());
    let spend = daemon.call("spend.get", json!({})).unwrap();
    let of = |model: &str| {
        let models = spend["models"].as_array().unwrap();
        models.iter().find(|it| it["model"] == model).unwrap_or_else(|| panic!("{spend}")).clone()
    };
    let flux = of("flux-2-pro");
    assert_eq!((&flux["jobs"], &flux["free"]), (&json!(1), &json!(1)));
    assert!(close(&flux["spent"], 0.045), "what the provider says: {flux}");
    // By the tokens that it counted: a little more than the picture alone.
    let banana = of("nano-banana-2");
    let share = banana["spent"].as_f64().unwrap() / banana["estimated"].as_f64().unwrap();
    assert!((1.0..1.1).contains(&share), "{banana}");
    assert!(close(&flux["reserved"], 0.0));
    let output = daemon.easel(&["spend"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("flux-2-pro") && said.contains("in all"), "{said}");
}

#[test]
fn a_budget_holds_in_all_and_for_a_folder() {
    let provider = Provider::start(Service::Gemini);
    let daemon = daemon_for(&[&provider]);
    let (source, _) = upload(&daemon);
    let output = daemon.easel(&["budget", "set", "0.15"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut ask = edit(&source, "nano-banana-2", "brighter");
    ask["size"] = json!("1K");
    done(&daemon, ask.clone());
    done(&daemon, ask.clone());
    let over = daemon.submit("third", ask.clone()).unwrap_err();
    assert_eq!(over.kind, ErrorKind::OverBudget);
    assert!(over.message.contains("0.067 USD") && over.message.contains("are left"), "{over:?}");
    assert_eq!(provider.submits(), 2, "nothing was sent");
    // What was refused before stays refused, and what was accepted before stays accepted.
    daemon.call("budget.set", json!({ "amount": 1.0 })).unwrap();
    daemon.call("budget.set", json!({ "amount": 0.1, "folder": "/in" })).unwrap();
    let in_folder = |key: &str| {
        daemon.call("transform.submit", json!({ "key": key, "ask": ask, "folder": "/in" }))
    };
    in_folder("one").unwrap();
    assert_eq!(in_folder("two").unwrap_err().kind, ErrorKind::OverBudget);
    in_folder("one").unwrap();
    daemon.submit("elsewhere", ask.clone()).unwrap();
    daemon.call("budget.set", json!({ "folder": "/in" })).unwrap();
    in_folder("three").unwrap();
    assert_eq!(
        daemon.call("budget.set", json!({ "amount": -1.0 })).unwrap_err().kind,
        ErrorKind::InvalidRequest
    );
}

#[test]
fn a_retired_model_names_the_file_and_line_to_edit() {
    let provider = Provider::start(Service::Gemini);
    let daemon = daemon_for(&[&provider]);
    let (source, _) = upload(&daemon);
    configure(
        &daemon,
        &provider,
        "\n[[models]]\nid = \"nano-banana-2\"\nwire = { id = \"gemini-2.5-flash-image\" }\n",
    );
    let failure = ended(&daemon, edit(&source, "nano-banana-2", "brighter")).failure.unwrap();
    assert_eq!(failure.kind, ErrorKind::ModelGone, "{failure:?}");
    let hint = failure.hint.unwrap();
    assert!(hint.contains("config/models/gemini.toml:4"), "{hint}");
    // One that came out this morning needs no release.
    configure(
        &daemon,
        &provider,
        "\n[[models]]\nid = \"banana-of-today\"\nlike = \"nano-banana-pro\"\nlabel = \"Today\"\nwire = { id = \"gemini-3-pro-image\" }\n",
    );
    done(&daemon, edit(&source, "banana-of-today", "brighter"));
    let output = daemon.easel(&["model", "show", "banana-of-today"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("gemini-3-pro-image") && said.contains("gemini.toml:4"), "{said}");
    // And a slip in the file is said with its line, and harms no other backend.
    configure(&daemon, &provider, "\n[[models]]\nid = \"nano-banana-2\"\nlabell = \"x\"\n");
    let output = daemon.easel(&["backend", "list"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("gemini.toml:4") && said.contains("labell"), "{said}");
    assert!(daemon.call("model.list", json!({})).unwrap().to_string().contains("local-style"));
}

#[test]
fn advice_follows_the_ask_and_says_why() {
    let providers = Service::ALL.map(Provider::start);
    let daemon = daemon_for(&providers.each_ref());
    let (source, _) = upload(&daemon);
    let advise = |ask: &Value, prefer: &str| -> Vec<Value> {
        let advice = daemon.call("model.advise", json!({ "ask": ask, "prefer": prefer })).unwrap();
        advice["choices"].as_array().unwrap().clone()
    };
    let mut ask = edit(&source, "auto", "a red door");
    let quality = advise(&ask, "quality");
    assert!(quality[0]["failure"].is_null());
    assert!(quality[0]["reason"].as_str().unwrap().contains("`edit`"), "{}", quality[0]);
    let cheap = advise(&ask, "price");
    assert!(cheap[0]["cost"].as_f64() <= quality[0]["cost"].as_f64());
    let quick = advise(&ask, "speed")[0]["model"].as_str().unwrap().to_owned();
    assert!(quick.contains("klein") || quick.contains("lite"), "{quick}");
    // Eight references rule out what takes fewer, and nothing that cannot is first.
    ask["references"] = json!(vec![source.id.to_string(); 8]);
    let many = advise(&ask, "balance");
    let first = many[0]["model"].as_str().unwrap();
    assert!(first.starts_with("nano-banana") || first.starts_with("seedream"), "{}", many[0]);
    ask["references"] = json!([]);
    ask["intent"] = json!("cutout");
    ask["prompt"] = json!(null);
    assert_eq!(advise(&ask, "balance")[0]["model"], "local-cutout");
    // `auto` is the first of them, and the plan says so.
    let auto = edit(&source, "auto:price", "a red door");
    let plan = daemon.call("transform.plan", json!({ "ask": auto })).unwrap();
    assert_eq!(plan["jobs"][0]["model"], cheap[0]["model"]);
    assert!(plan["jobs"][0]["notes"].to_string().contains("chosen by `auto:price`"));
    let job = done(&daemon, auto);
    assert_eq!(json!(job.model), cheap[0]["model"]);
    assert!(daemon.submit("x", edit(&source, "auto:luck", "x")).is_err());
}
