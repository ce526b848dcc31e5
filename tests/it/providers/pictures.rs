//! What comes back is what was asked for: the prompt, the seed, the source, the references in their order
//! and the mask all show in the simulators' pixels, so a wire that is crossed shows as a wrong colour.

use easel_protocol::job::JobState;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{Provider, SIDE, Service, daemon_for, done, edit, rows, upload};
use crate::support::Daemon;

/// What a simulator adds to red, green and blue.
fn tint(prompt: &str, seed: &str) -> [i32; 3] {
    let hash = Sha256::digest(format!("{prompt}|{seed}"));
    [0, 1, 2].map(|index| i32::from(hash[index] % 64) - 32)
}

/// The prompt and the seed of the last paid request, as they arrived.
fn last_words(provider: &Provider) -> (String, String) {
    let posts = provider.posts();
    let last = posts.last().unwrap();
    let text = |value: &serde_json::Value| match value {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    (text(&last["prompt"]), text(&last["seed"]))
}

fn pixel(rows: &[u8], x: u32, y: u32) -> [i32; 4] {
    let start = ((y * SIDE + x) * 4) as usize;
    [0, 1, 2, 3].map(|index| i32::from(rows[start + index]))
}

/// How far two colours are apart, at most.
fn far(one: [i32; 4], other: [i32; 3]) -> i32 {
    (0..3).map(|index| (one[index] - other[index]).abs()).max().unwrap()
}

fn flat(daemon: &Daemon, colour: [u8; 3]) -> String {
    let [red, green, blue] = colour;
    let rows = [red, green, blue, 255].repeat(64 * 64);
    daemon.put_pixels("rgba8", 64, 64, &rows).id.to_string()
}

#[test]
fn prompt_seed_and_references_in_order_reach_every_service() {
    for service in Service::ALL {
        let provider = Provider::start(service);
        let daemon = daemon_for(&[&provider]);
        let (source, before) = upload(&daemon);
        let colours = [[200, 30, 30], [30, 200, 30], [30, 30, 200]];
        let references: Vec<String> = colours.iter().map(|colour| flat(&daemon, *colour)).collect();
        let mut ask = edit(&source, service.model(), "a warmer evening light");
        ask["references"] = json!(references);
        if service != Service::Ark {
            ask["seed"] = json!(77);
        }
        let job = done(&daemon, ask);
        let after = rows(&daemon, &job, 0);
        let (prompt, seed) = last_words(&provider);
        assert!(prompt.contains("a warmer evening light"), "{service:?}: {prompt}");
        if service != Service::Ark {
            assert_eq!(seed, "77", "{service:?}");
        }
        let tint = tint(&prompt, &seed);
        // Away from the stamps; resizing there and back may cost a little.
        for (x, y) in [(40, 100), (128, 128), (200, 220)] {
            let wanted = [0, 1, 2].map(|i| (pixel(&before, x, y)[i] + tint[i]).clamp(0, 255));
            let found = pixel(&after, x, y);
            assert!(far(found, wanted) <= 6, "{service:?} at {x},{y}: {found:?}, not {wanted:?}");
        }
        for (index, colour) in colours.iter().enumerate() {
            let found = pixel(&after, index as u32 * SIDE / 16 + SIDE / 32, SIDE / 32);
            let wanted = colour.map(i32::from);
            assert!(
                far(found, wanted) <= 12,
                "{service:?} stamp {index}: {found:?}, not {wanted:?}"
            );
        }
        assert_eq!(provider.count()["key_leaked"], 0, "{service:?}");
    }
}

#[test]
fn a_mask_holds_for_models_without_masks() {
    for service in Service::ALL {
        let provider = Provider::start(service);
        let daemon = daemon_for(&[&provider]);
        let (source, before) = upload(&daemon);
        let mut mask = vec![0_u8; (SIDE * SIDE) as usize];
        for y in 96..160 {
            for x in 100..180 {
                mask[(y * SIDE + x) as usize] = 255;
            }
        }
        let mask = daemon.put_pixels("gray8", SIDE, SIDE, &mask);
        // The model brightens everything that it sees, also what it was not asked to change.
        provider.scenario("drift", 1);
        let mut ask = edit(&source, service.model(), "make it glow");
        ask["mask"] = json!(mask.id);
        ask["feather"] = json!(4);
        let job = done(&daemon, ask);
        let artifact = &job.artifacts[0];
        assert_eq!(artifact.fidelity.changed_outside, 0, "{service:?}");
        let place = artifact.place;
        assert_eq!((place.x, place.y, place.width, place.height), (100, 96, 80, 64));
        let after = rows(&daemon, &job, 0);
        let middle = ((32 * 80 + 40) * 4) as usize;
        let was = pixel(&before, 140, 128);
        let is = [0, 1, 2].map(|index| i32::from(after[middle + index]));
        assert!((0..3).any(|index| was[index] != is[index]), "{service:?}: nothing changed inside");
        // The model was not shown the whole picture.
        let plan = job.plan.region.unwrap();
        assert!(plan.width < SIDE, "{service:?}");
    }
}

#[test]
fn a_model_with_a_mask_repaints_white_and_nothing_else() {
    let provider = Provider::start(Service::Bfl);
    let daemon = daemon_for(&[&provider]);
    let (source, before) = upload(&daemon);
    let mut mask = vec![0_u8; (SIDE * SIDE) as usize];
    for y in 64..192 {
        for x in 64..192 {
            mask[(y * SIDE + x) as usize] = 255;
        }
    }
    let mask = daemon.put_pixels("gray8", SIDE, SIDE, &mask);
    for (model, intent) in [("flux-fill", "edit"), ("flux-erase", "erase")] {
        let mut ask = json!({ "intent": intent, "source": source.id, "models": [model], "mask": mask.id, "feather": 0 });
        if intent == "edit" {
            ask["prompt"] = json!("a red balloon");
        }
        let job = done(&daemon, ask);
        let after = rows(&daemon, &job, 0);
        let hash = {
            let (prompt, seed) = last_words(&provider);
            Sha256::digest(format!("{prompt}|{seed}"))
        };
        let flat = [3, 4, 5].map(|index| i32::from(hash[index]));
        let place = job.artifacts[0].place;
        let at = |x: u32, y: u32| {
            let start = (((y - place.y) * place.width + x - place.x) * 4) as usize;
            [0, 1, 2, 3].map(|index| i32::from(after[start + index]))
        };
        assert!(far(at(128, 128), flat) <= 4, "{model}: {:?}, not {flat:?}", at(128, 128));
        assert_eq!(job.artifacts[0].fidelity.changed_outside, 0);
        let was = pixel(&before, 128, 128);
        assert!(far(was, flat) > 8, "the test could not see a difference");
    }
}

#[test]
fn several_pictures_come_from_several_requests_or_from_one() {
    for (service, model, posts) in [
        (Service::Gemini, "nano-banana-2", 3),
        (Service::Ark, "seedream-4.5", 1),
        (Service::Ark, "seedream-5-pro", 3),
        (Service::Bfl, "flux-2-klein-4b", 3),
    ] {
        let provider = Provider::start(service);
        let daemon = daemon_for(&[&provider]);
        let (source, _) = upload(&daemon);
        let mut ask = edit(&source, model, "three ideas for a garden");
        ask["count"] = json!(3);
        let job = done(&daemon, ask);
        assert_eq!(job.artifacts.len(), 3, "{model}: {:?}", job.report);
        assert_eq!(provider.submits(), posts, "{model}");
        if service == Service::Ark && posts == 1 {
            let pictures: std::collections::HashSet<_> =
                job.artifacts.iter().map(|artifact| artifact.blob.as_str()).collect();
            assert_eq!(pictures.len(), 3, "each of a set is a picture of its own");
        }
    }
}

#[test]
fn some_of_several_are_better_than_none_and_the_rest_is_named() {
    for (service, model, scenario) in [
        (Service::Gemini, "nano-banana-2", "image_safety"),
        (Service::Ark, "seedream-4.5", "output_sensitive_partial:2"),
        (Service::Ark, "seedream-5-pro", "output_sensitive"),
        (Service::Bfl, "flux-2-klein-4b", "content_moderated"),
    ] {
        let provider = Provider::start(service);
        let daemon = daemon_for(&[&provider]);
        let (source, _) = upload(&daemon);
        let mut ask = edit(&source, model, "three ideas for a garden");
        provider.scenario(scenario, 1);
        ask["count"] = json!(3);
        let job = done(&daemon, ask);
        assert_eq!(job.artifacts.len(), 2, "{model}");
        let notes = job.report.unwrap().notes;
        assert!(notes.iter().any(|note| note.contains("2 of 3")), "{model}: {notes:?}");
    }
}

#[test]
fn a_picture_of_any_shape_comes_back_in_its_own_size() {
    let providers = Service::ALL.map(Provider::start);
    let daemon = daemon_for(&providers.each_ref());
    for (width, height) in [(300, 100), (97, 211), (640, 360), (256, 255)] {
        let source = daemon.put_pixels("rgba8", width, height, &super::soft(width, height));
        for model in
            ["nano-banana-2", "nano-banana", "seedream-4.5", "flux-2-pro", "flux-kontext-pro"]
        {
            let job = done(&daemon, edit(&source, model, "a little brighter"));
            let artifact = &job.artifacts[0];
            assert_eq!((artifact.width, artifact.height), (width, height), "{model}");
            let notes = job.report.map(|report| report.notes).unwrap_or_default();
            assert!(notes.is_empty(), "{model} {width}x{height}: {notes:?}");
            // Nothing was squeezed or shifted: the structure is that of the source.
            assert!(
                artifact.fidelity.structure > 0.9,
                "{model} {width}x{height}: {:?}",
                artifact.fidelity
            );
        }
    }
}

#[test]
fn a_picture_grows_and_keeps_every_bit_that_it_had() {
    let provider = Provider::start(Service::Bfl);
    let daemon = daemon_for(&[&provider]);
    let (source, before) = upload(&daemon);
    let mut ask = edit(&source, "flux-expand", "more of the meadow");
    ask["intent"] = json!("expand");
    ask["expand"] = json!({ "top": 16, "right": 64, "bottom": 0, "left": 32 });
    let job = done(&daemon, ask);
    assert_eq!(job.state, JobState::Done);
    let artifact = &job.artifacts[0];
    assert_eq!((artifact.width, artifact.height), (SIDE + 96, SIDE + 16));
    let after = rows(&daemon, &job, 0);
    let row_bytes = (artifact.width * 4) as usize;
    for y in 0..SIDE as usize {
        let start = (y + 16) * row_bytes + 32 * 4;
        let width = (SIDE * 4) as usize;
        assert_eq!(after[start..start + width], before[y * width..(y + 1) * width], "row {y}");
    }
    assert!(after[..4] != before[..4], "the margins are the model's");
    // The map of what changed is that of the picture as it was.
    let answer = daemon.request("GET", &format!("/v1/artifacts/{}/changes", artifact.id), "", b"");
    let map = daemon.put_file(&answer.body).unwrap();
    let shape = map.picture.unwrap();
    assert_eq!((shape.width, shape.height), (SIDE, SIDE));
    let map = daemon.pixels(map.id.as_str(), "rgba8");
    assert!(map.chunks_exact(4).all(|pixel| pixel[3] == 0), "the source kept every bit");
}

#[test]
fn interim_pictures_of_a_thought_are_never_delivered() {
    let provider = Provider::start(Service::Gemini);
    let daemon = daemon_for(&[&provider]);
    let (source, _) = upload(&daemon);
    let job = done(&daemon, edit(&source, "nano-banana-2", "a calm sea"));
    assert_eq!(job.artifacts.len(), 1);
    let after = rows(&daemon, &job, 0);
    let magenta = after.chunks_exact(4).filter(|it| it[0] > 240 && it[1] < 16 && it[2] > 240);
    assert_eq!(magenta.count(), 0);
    let provenance = &job.artifacts[0].provenance;
    assert!(provenance.request_id.is_some(), "the name that support asks for is kept");
}

#[test]
fn what_a_model_moves_and_tints_is_brought_back_before_the_mask_decides() {
    let photo = std::fs::read(crate::support::root().join("tests/data/coffee.png")).unwrap();
    let mask = std::fs::read(crate::support::root().join("tests/data/coffee-mask.png")).unwrap();
    for service in [Service::Gemini, Service::Bfl] {
        let provider = Provider::start(service);
        let daemon = daemon_for(&[&provider]);
        let source = daemon.put_file(&photo).unwrap();
        let headers = "content-type: application/octet-stream\r\n";
        let mask = daemon.request("PUT", "/v1/blobs?as=mask", headers, &mask).json();
        let run = |scenario: &str| {
            let mut ask = edit(&source, service.model(), "a cup with a blue rim");
            ask["mask"] = mask["id"].clone();
            ask["seed"] = json!(5);
            if !scenario.is_empty() {
                provider.scenario(scenario, 1);
            }
            done(&daemon, ask)
        };
        let still = run("");
        let moved = run("shift");
        let notes = moved.report.as_ref().unwrap().notes.concat();
        assert!(notes.contains("moved back"), "{service:?}: {notes}");
        let quiet =
            |report: &easel_protocol::job::JobReport| !report.notes.concat().contains("moved");
        assert!(still.report.as_ref().is_none_or(quiet));
        // Both show the same picture at the same place, as far as two resamplings allow.
        let (still, moved) = (rows(&daemon, &still, 0), rows(&daemon, &moved, 0));
        let apart: u64 =
            still.iter().zip(&moved).map(|(one, other)| u64::from(one.abs_diff(*other))).sum();
        let mean = apart as f64 / still.len() as f64;
        assert!(mean < 2.0, "{service:?}: {mean} levels apart");
    }
}
