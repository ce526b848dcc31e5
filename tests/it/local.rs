//! The embedded networks through the whole program, on a real photograph.

use easel_protocol::ErrorKind;
use serde_json::json;

use crate::support::{Daemon, ask, root};

fn photograph(daemon: &Daemon, name: &str) -> easel_protocol::picture::BlobInfo {
    daemon.put_file(&std::fs::read(root().join("tests/data").join(name)).unwrap()).unwrap()
}

fn with_weights() -> Daemon {
    let mut daemon = Daemon::stopped();
    daemon.set("EASEL_WEIGHTS_DIR", &root().join("weights").display().to_string());
    daemon.start_again();
    daemon
}

#[test]
fn a_photograph_is_restyled_and_stays_itself() {
    let daemon = with_weights();
    let source = photograph(&daemon, "coffee.png");
    let mut styled = ask(&source, "local-style");
    styled["style"] = json!([{ "name": "warm-oil" }]);
    let job = daemon.run("style", styled);
    let fidelity = job.artifacts[0].fidelity;
    assert!(fidelity.changed_inside > 0.5, "it changed: {fidelity:?}");
    assert!(fidelity.structure > 0.2, "it is the same picture: {fidelity:?}");
    assert!(fidelity.colour > 0.01, "the colours moved: {fidelity:?}");
}

#[test]
fn a_prompt_that_no_local_model_reads_is_refused_or_matched_in_plain_sight() {
    let daemon = with_weights();
    let source = photograph(&daemon, "coffee.png");
    let plan = |model: &str, prompt: &str| {
        let mut ask = ask(&source, model);
        ask["prompt"] = json!(prompt);
        daemon.call("transform.plan", json!({ "ask": ask })).unwrap()["jobs"][0].clone()
    };
    let refused = plan("local-style", "make it rain");
    assert_eq!(refused["failure"]["kind"], "unsupported");
    assert!(refused["failure"]["hint"].as_str().unwrap().contains("--style"));
    let matched = plan("local-style", "Like warm oil, please");
    assert_eq!(matched["params"]["style"][0]["name"], "warm-oil");
    assert!(matched["notes"][0].as_str().unwrap().contains("reads no prompt"));
}

#[test]
fn a_comparison_says_which_model_goes_without() {
    let daemon = with_weights();
    let (source, reference) =
        (photograph(&daemon, "coffee.png"), photograph(&daemon, "chelsea.png"));
    let mut both = ask(&source, "local-style");
    both["models"] = json!(["local-style", "local-style-reference"]);
    both["style"] = json!([{ "name": "warm-oil" }]);
    both["references"] = json!([reference.id]);
    let plan = daemon.call("transform.plan", json!({ "ask": both })).unwrap();
    assert!(
        plan["jobs"].as_array().unwrap().iter().all(|job| job.get("failure").is_none()),
        "{plan}"
    );
    assert!(plan["jobs"][0]["notes"][0].as_str().unwrap().contains("references"));
    assert!(plan["jobs"][1]["notes"][0].as_str().unwrap().contains("styles"));
}

#[test]
fn the_first_transform_without_weights_explains_itself() {
    let mut daemon = Daemon::stopped();
    let empty = daemon.data().join("no-weights").display().to_string();
    daemon.set("EASEL_WEIGHTS_DIR", &empty);
    daemon.start_again();
    let source = photograph(&daemon, "coffee.png");
    let mut styled = ask(&source, "local-style");
    styled["style"] = json!([{ "name": "warm-oil" }]);
    let id = daemon.submit("none", styled).unwrap().jobs[0].id.clone();
    let failure = daemon.wait(&id).failure.unwrap();
    assert_eq!(failure.kind, ErrorKind::WeightsMissing, "{failure}");
    assert!(failure.hint.unwrap().contains("cargo xtask weights"));
}

#[test]
fn a_subject_is_cut_out() {
    let daemon = with_weights();
    let source = photograph(&daemon, "astronaut.png");
    let mut cut = ask(&source, "local-cutout");
    cut["intent"] = json!("cutout");
    let job = daemon.run("cut", cut);
    let rows = daemon.pixels(job.artifacts[0].blob.as_str(), "rgba8");
    let alpha = |x: usize, y: usize| rows[(y * 512 + x) * 4 + 3];
    assert!(alpha(256, 400) > 250, "the suit is the subject");
    assert!(alpha(40, 20) < 30, "the wall behind is not: {}", alpha(40, 20));
}

#[test]
fn an_enhanced_part_is_twice_as_large() {
    let daemon = with_weights();
    let rows = photograph(&daemon, "chelsea.png");
    let whole = daemon.pixels(rows.id.as_str(), "rgba8");
    let part: Vec<u8> = (100..164)
        .flat_map(|y: usize| whole[(y * 451 + 150) * 4..(y * 451 + 214) * 4].to_vec())
        .collect();
    let source = daemon.put_pixels("rgba8", 64, 64, &part);
    let mut larger = ask(&source, "local-enhance");
    larger["intent"] = json!("enhance");
    larger["scale"] = json!(2);
    larger["params"] = json!({ "tier": "fast" });
    let job = daemon.run("larger", larger);
    let artifact = &job.artifacts[0];
    assert_eq!((artifact.width, artifact.height), (128, 128));
    assert!(artifact.fidelity.structure > 0.8, "{:?}", artifact.fidelity);
}
