//! What the panels inside editors need of the wire beside pixels: prices before anything is uploaded, histories by
//! document, pictures that are put away, and references that all editors share.

use easel_protocol::ErrorKind;
use easel_protocol::picture::BlobInfo;
use serde_json::{Value, json};

use crate::support::{Daemon, ask, pattern};

/// A daemon whose model `same-8` has a price that depends on everything.
fn priced() -> Daemon {
    let daemon = Daemon::with_plugins(&["same", "good", "small"]);
    let folder = daemon.data().join("config/models");
    std::fs::create_dir_all(&folder).unwrap();
    let own = "[[models]]\nid = \"same-8\"\nprice = { per_picture = 0.04, per_megapixel = 0.01, per_input_megapixel = 0.02, per_reference = 0.003, currency = \"USD\" }\n";
    std::fs::write(folder.join("same.toml"), own).unwrap();
    daemon
}

#[test]
fn a_price_is_the_same_before_the_upload() {
    let daemon = priced();
    let (width, height) = (1500, 1100);
    let source = daemon.put_pixels("rgba16", width, height, &vec![9; 1500 * 1100 * 8]);
    let small = daemon.put_pixels("rgba8", 30, 20, &pattern(30, 20));
    let mut mask = vec![0; 1500 * 1100];
    for y in 100..400 {
        mask[y * 1500 + 900..y * 1500 + 1401].fill(255);
    }
    let mask = daemon.put_pixels("gray8", width, height, &mask);
    let models = [
        "same-8",
        "same-16",
        "good",
        "small",
        "local-style",
        "local-cutout",
        "local-enhance",
        "nobody",
    ];
    let zeros = "0".repeat(64);
    for (masked, references, extra) in [
        (false, 0, json!({})),
        (true, 0, json!({})),
        (true, 2, json!({ "context": 0.1 })),
        (false, 9, json!({ "prompt": "rain" })),
        (false, 1, json!({ "scale": 4 })),
        (false, 0, json!({ "models": ["auto:price", "same-8"] })),
    ] {
        let mut real = json!({ "intent": "restyle", "source": source.id, "models": models });
        let mut told = json!({ "intent": "restyle", "source": zeros, "models": models });
        let mut shape = json!({ "width": width, "height": height });
        if masked {
            real["mask"] = json!(mask.id);
            shape["mask"] = json!({ "x": 900, "y": 100, "width": 501, "height": 300 });
        }
        if references > 0 {
            real["references"] = json!(vec![&small.id; references]);
            shape["references"] = json!(vec![(30, 20); references]);
        }
        for ask in [&mut real, &mut told] {
            ask.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        }
        let uploaded = daemon.call("transform.plan", json!({ "ask": real }));
        let before = daemon.call("transform.plan", json!({ "ask": told, "shape": shape }));
        assert_eq!(before, uploaded, "{extra}");
        let uploaded = daemon.call("model.advise", json!({ "ask": real, "prefer": "price" }));
        let before =
            daemon.call("model.advise", json!({ "ask": told, "prefer": "price", "shape": shape }));
        assert_eq!(before, uploaded, "{extra}");
        // What the ask says of pictures is not looked at.
        let mut odd = told.clone();
        odd["mask"] = json!("f".repeat(64));
        odd["references"] = json!([zeros, zeros, zeros]);
        let advice =
            daemon.call("model.advise", json!({ "ask": odd, "prefer": "price", "shape": shape }));
        assert_eq!(advice, uploaded, "{extra}");
    }
    let cost = |shape: Value| {
        let ask = json!({ "intent": "restyle", "source": zeros, "models": ["same-8"] });
        daemon.call("transform.plan", json!({ "ask": ask, "shape": shape })).unwrap()["jobs"][0]["cost"]
            .as_f64()
            .unwrap()
    };
    // Two begun megapixels out, two in; and with a reference another one in.
    assert!((cost(json!({ "width": 1500, "height": 1100 })) - 0.09).abs() < 1e-9);
    let one = json!({ "width": 1500, "height": 1100, "references": [[30, 20]] });
    assert!((cost(one) - 0.113).abs() < 1e-9);
}

#[test]
fn a_shape_that_is_none_is_refused() {
    let daemon = Daemon::start();
    let ask = json!({ "intent": "restyle", "source": "0".repeat(64), "models": ["local-style"] });
    let region = |x: u64, width: u64| json!({ "x": x, "y": 0, "width": width, "height": 5 });
    for (shape, kind) in [
        (json!({ "width": 0, "height": 9 }), ErrorKind::InvalidRequest),
        (json!({ "width": 32_769, "height": 9 }), ErrorKind::TooLarge),
        (json!({ "width": 32_768, "height": 32_768 }), ErrorKind::TooLarge),
        (json!({ "width": 9, "height": 9, "references": [[9, 0]] }), ErrorKind::InvalidRequest),
        (json!({ "width": 9, "height": 9, "references": [[9, 40_000]] }), ErrorKind::TooLarge),
        (json!({ "width": 9, "height": 9, "mask": region(0, 0) }), ErrorKind::InvalidRequest),
        (json!({ "width": 9, "height": 9, "mask": region(5, 5) }), ErrorKind::InvalidRequest),
        (
            json!({ "width": 9, "height": 9, "mask": region(4_294_967_295, 4_294_967_295) }),
            ErrorKind::InvalidRequest,
        ),
        (json!({ "width": -1, "height": 9 }), ErrorKind::InvalidRequest),
        (json!({ "width": 9, "height": 9, "depth": 8 }), ErrorKind::InvalidRequest),
    ] {
        for method in ["transform.plan", "model.advise"] {
            let failure = daemon.call(method, json!({ "ask": ask, "shape": shape })).unwrap_err();
            assert_eq!(failure.kind, kind, "{shape}: {failure}");
        }
    }
}

fn from(source: &BlobInfo, client: &str, document: &str, prompt: &str) -> Value {
    let mut ask = ask(source, "good");
    ask["client"] = json!(client);
    ask["prompt"] = json!(prompt);
    ask["title"] = json!(format!("Ebene von {document}"));
    ask["origin"] = json!({ "document": document, "layer": "Hintergrund", "x": -12, "y": 7 });
    ask
}

#[test]
fn a_history_is_found_by_document_client_and_words() {
    let daemon = Daemon::with_plugins(&["good", "same"]);
    let source = daemon.put_pixels("rgba8", 4, 4, &pattern(4, 4));
    let asks = [
        ("a", from(&source, "krita", "doc-1", "Ein ÖLGEMÄLDE im Regen")),
        ("b", from(&source, "krita", "doc-2", "rain")),
        ("c", from(&source, "gimp", "doc-1", "100% of it, or_not")),
        ("d", ask(&source, "same-8")),
    ];
    for (key, ask) in asks {
        let job = daemon.run(key, ask);
        assert_eq!(job.artifacts.len(), 1);
    }
    let keys = |filter: Value| -> String {
        let list = daemon.call("transform.list", filter).unwrap();
        let transforms = list["transforms"].as_array().unwrap().clone();
        transforms.iter().map(|it| it["key"].as_str().unwrap()).collect()
    };
    assert_eq!(keys(json!({})), "dcba");
    assert_eq!(keys(json!({ "document": "doc-1" })), "ca");
    assert_eq!(keys(json!({ "client": "krita" })), "ba");
    assert_eq!(keys(json!({ "client": "krita", "document": "doc-1" })), "a");
    assert_eq!(keys(json!({ "document": "doc" })), "", "a document is one, not a part of one");
    for (text, found) in [
        ("ölgemälde", "a"),
        ("RAIN", "b"),
        ("ebene von DOC", "cba"),
        ("same-8", "d"),
        ("Fixture Good", "cba"),
        ("0% of", "c"),
        ("or_n", "c"),
        ("%", "c"),
        ("  ", "dcba"),
        ("nowhere", ""),
    ] {
        assert_eq!(keys(json!({ "text": text })), found, "{text}");
    }
    assert_eq!(keys(json!({ "text": "ebene", "limit": 2 })), "cb");
    let before = daemon.call("transform.list", json!({ "text": "ebene", "limit": 2 })).unwrap();
    let before = &before["transforms"][1]["id"];
    assert_eq!(keys(json!({ "text": "ebene", "limit": 2, "before": before })), "a");
    let list = daemon.call("transform.list", json!({ "document": "doc-2" })).unwrap();
    let origin = &list["transforms"][0]["ask"]["origin"];
    assert_eq!(*origin, json!({ "document": "doc-2", "layer": "Hintergrund", "x": -12, "y": 7 }));
}

#[test]
fn an_origin_is_bounded() {
    let daemon = Daemon::with_plugins(&["good"]);
    let source = daemon.put_pixels("rgba8", 4, 4, &pattern(4, 4));
    for field in ["document", "layer"] {
        let mut long = from(&source, "krita", "doc", "rain");
        long["origin"][field] = json!("ü".repeat(256));
        daemon.submit(field, long.clone()).unwrap();
        long["origin"][field] = json!("ü".repeat(256) + "x");
        let failure = daemon.submit("long", long).unwrap_err();
        assert_eq!(failure.kind, ErrorKind::InvalidRequest);
        assert!(failure.message.contains("512 bytes, not 513"), "{failure}");
    }
    let mut odd = ask(&source, "good");
    odd["origin"] = json!({ "document": "doc", "x": 3_000_000_000_u32, "y": 0 });
    assert_eq!(daemon.submit("odd", odd).unwrap_err().kind, ErrorKind::InvalidRequest);
    let mut bare = ask(&source, "good");
    bare["origin"] = json!({ "x": i32::MIN, "y": i32::MAX });
    assert_eq!(daemon.submit("bare", bare).unwrap().ask.origin.unwrap().x, i32::MIN);
}

#[test]
fn a_picture_is_put_away_and_taken_back() {
    let mut daemon = Daemon::with_plugins(&["many"]);
    let source = daemon.put_pixels("rgba8", 4, 4, &pattern(4, 4));
    let mut three = ask(&source, "many");
    three["count"] = json!(3);
    let job = daemon.run("three", three);
    let (id, blob) = (&job.artifacts[1].id, &job.artifacts[1].blob);
    let seen = daemon.call("job.events", json!({})).unwrap()["next"].clone();
    let discarded = daemon.call("artifact.discard", json!({ "id": id })).unwrap();
    assert_eq!((&discarded["id"], &discarded["discarded"]), (&json!(id), &json!(true)));
    daemon.call("artifact.discard", json!({ "id": id })).unwrap();
    daemon.kill();
    daemon.start_again();
    let flags = |daemon: &Daemon| -> Vec<bool> {
        daemon.job(&job.id).artifacts.iter().map(|artifact| artifact.discarded).collect()
    };
    assert_eq!(flags(&daemon), [false, true, false], "it outlives the daemon");
    let get = daemon.call("transform.get", json!({ "id": job.transform })).unwrap();
    assert_eq!(get["jobs"][0]["artifacts"][1]["discarded"], true);
    let list = daemon.call("transform.list", json!({})).unwrap();
    assert_eq!(list["transforms"][0]["jobs"][0]["artifacts"][1]["discarded"], true);
    // Put away, not thrown away.
    daemon.call("store.gc", json!({})).unwrap();
    assert_eq!(daemon.pixels(blob.as_str(), "rgba8").len(), 64);
    let restored = daemon.call("artifact.restore", json!({ "id": id })).unwrap();
    assert_eq!(restored["discarded"], false);
    daemon.call("artifact.restore", json!({ "id": id })).unwrap();
    assert_eq!(flags(&daemon), [false; 3]);
    // Other panels learn of it once, and the job has not changed.
    let events = daemon.call("job.events", json!({ "after": seen })).unwrap();
    let told: Vec<_> = events["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            (
                it["event"].as_str().unwrap(),
                it["artifact"]["id"] == json!(id),
                &it["artifact"]["discarded"],
            )
        })
        .collect();
    assert_eq!(told, [("discarded", true, &json!(true)), ("restored", true, &json!(false))]);
    assert!(daemon.job(&job.id).state.is_final());
    for wrong in [
        "",
        "nobody",
        &job.id,
        &format!("{}.3", job.id),
        &format!("{}.01", job.id),
        "j.99999999999",
    ] {
        let failure = daemon.call("artifact.discard", json!({ "id": wrong })).unwrap_err();
        assert_eq!(failure.kind, ErrorKind::NotFound, "{wrong}");
    }
}

#[test]
fn references_are_kept_by_name() {
    let mut daemon = Daemon::start();
    let blobs: Vec<_> =
        (1..=17).map(|side| daemon.put_pixels("rgba8", side, 2, &pattern(side, 2)).id).collect();
    let save = |daemon: &Daemon, name: &str, blobs: &[_]| {
        daemon.call("reference.save", json!({ "name": name, "blobs": blobs }))
    };
    let saved = save(&daemon, "  Kühle Farben ", &blobs[..2]).unwrap();
    let pictures = json!([{ "blob": blobs[0], "width": 1, "height": 2 }, { "blob": blobs[1], "width": 2, "height": 2 }]);
    assert_eq!((&saved["name"], &saved["references"]), (&json!("Kühle Farben"), &pictures));
    save(&daemon, "zebra", &blobs[..16]).unwrap();
    save(&daemon, "Anna", &blobs[..1]).unwrap();
    save(&daemon, "zebra", &blobs[3..4]).unwrap();
    daemon.kill();
    daemon.start_again();
    let sets = |daemon: &Daemon| {
        daemon.call("reference.list", json!({})).unwrap()["sets"].as_array().unwrap().clone()
    };
    let names: Vec<_> =
        sets(&daemon).iter().map(|set| set["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(names, ["Anna", "Kühle Farben", "zebra"]);
    assert_eq!(sets(&daemon)[1], saved);
    assert_eq!(sets(&daemon)[2]["references"][0]["width"], 4);
    // Two days later, what a set names is still there, and what none names is not.
    let old = std::time::SystemTime::now() - std::time::Duration::from_hours(48);
    for blob in &blobs {
        let (folder, name) = blob.as_str().split_at(2);
        let path = daemon.data().join("blobs").join(folder).join(name);
        std::fs::File::options().append(true).open(path).unwrap().set_modified(old).unwrap();
    }
    let report = daemon.call("store.gc", json!({ "older_than_days": 0 })).unwrap();
    assert_eq!((&report["blobs"], &report["kept_blobs"]), (&json!(14), &json!(3)));
    assert_eq!(daemon.pixels(blobs[3].as_str(), "rgba8").len(), 32);
    let gone = save(&daemon, "gone", &blobs[9..10]).unwrap_err();
    assert_eq!(gone.kind, ErrorKind::NotFound);
    let removed = daemon.call("reference.remove", json!({ "name": " Kühle Farben" })).unwrap();
    assert_eq!(removed, saved);
    let failure = daemon.call("reference.remove", json!({ "name": "Kühle Farben" })).unwrap_err();
    assert_eq!(failure.kind, ErrorKind::NotFound);
    assert_eq!(sets(&daemon).len(), 2);
    for (name, pictures) in [
        ("", &blobs[..1]),
        ("  ", &blobs[..1]),
        (&"n".repeat(101), &blobs[..1]),
        ("two\nlines", &blobs[..1]),
        ("none", &blobs[..0]),
        ("many", &blobs[..17]),
        ("twice", &[blobs[0].clone(), blobs[0].clone()]),
    ] {
        let failure = save(&daemon, name, pictures).unwrap_err();
        assert_eq!(failure.kind, ErrorKind::InvalidRequest, "{name}");
    }
    save(&daemon, &"ü".repeat(100), &blobs[..1]).unwrap();
    let profile = daemon.request(
        "PUT",
        "/v1/blobs",
        "content-type: application/vnd.iccprofile\r\n",
        &moxcms::ColorProfile::new_srgb().encode().unwrap(),
    );
    let profile: BlobInfo = serde_json::from_value(profile.json()).unwrap();
    let failure = save(&daemon, "profile", &[profile.id]).unwrap_err();
    assert!(failure.message.contains("is no picture"), "{failure}");
}
