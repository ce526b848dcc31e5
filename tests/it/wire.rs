//! The wire as clients meet it: who gets in, what is refused and how, and one whole transform.

use easel_protocol::ErrorKind;
use easel_protocol::job::JobState;
use serde_json::json;

use crate::support::{Daemon, ask, inverted, pattern};

#[test]
fn a_layer_goes_there_and_comes_back() {
    let daemon = Daemon::with_plugins(&["good"]);
    let rows = pattern(300, 200);
    let source = daemon.put_pixels("rgba8", 300, 200, &rows);
    let job = daemon.run("one", ask(&source, "good"));
    let artifact = &job.artifacts[0];
    assert_eq!((artifact.width, artifact.height), (300, 200));
    assert_eq!(daemon.pixels(artifact.blob.as_str(), "rgba8"), inverted(&rows));
    assert_eq!(artifact.provenance.source, source.id);
    // The source is as it was.
    assert_eq!(daemon.pixels(source.id.as_str(), "rgba8"), rows);
}

#[test]
fn an_editors_order_of_channels_goes_both_ways() {
    let daemon = Daemon::start();
    let rows = pattern(37, 11);
    let swapped: Vec<u8> =
        rows.chunks_exact(4).flat_map(|it| [it[2], it[1], it[0], it[3]]).collect();
    let (straight, other) =
        (daemon.put_pixels("rgba8", 37, 11, &rows), daemon.put_pixels("bgra8", 37, 11, &swapped));
    assert_eq!(straight.id, other.id, "the same picture has one name");
    assert_eq!(daemon.pixels(straight.id.as_str(), "bgra8"), swapped);
    let deep = daemon.pixels(straight.id.as_str(), "rgba16");
    assert_eq!(deep.len(), rows.len() * 2);
    assert!(
        deep.chunks_exact(2)
            .zip(&rows)
            .all(|(deep, flat)| u16::from_le_bytes([deep[0], deep[1]]) == u16::from(*flat) * 257)
    );
}

#[test]
fn a_previews_is_small_and_a_png() {
    let daemon = Daemon::start();
    let blob = daemon.put_pixels("rgba8", 400, 100, &pattern(400, 100)).id;
    let answer = daemon.request("GET", &format!("/v1/blobs/{blob}/preview?max=64"), "", b"");
    let preview =
        easel_pixels::codec::decode(&answer.body, &easel_pixels::codec::Limits::default())
            .unwrap()
            .picture;
    assert_eq!((preview.width(), preview.height()), (64, 16));
    for wrong in ["0", "100000", "many"] {
        let answer =
            daemon.request("GET", &format!("/v1/blobs/{blob}/preview?max={wrong}"), "", b"");
        assert_eq!(answer.failure().kind, ErrorKind::InvalidRequest);
    }
}

#[test]
fn without_the_token_nothing_is_shown() {
    let daemon = Daemon::start();
    let blob = daemon.put_pixels("rgba8", 1, 1, &[1, 2, 3, 4]).id;
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "server.info" }).to_string();
    for token in ["", "authorization: Bearer wrong\r\n", "authorization: Basic x\r\n"] {
        let ask = |method: &str, path: &str, body: &str| {
            let length = body.len();
            let port = daemon.port;
            daemon.raw(
                &format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncontent-type: application/json\r\n{token}connection: close\r\ncontent-length: {length}\r\n\r\n"),
                body.as_bytes(),
            )
        };
        let answer = ask("POST", "/rpc", &body);
        assert_eq!(answer.status, 401);
        let error = &answer.json()["error"];
        assert_eq!(error["data"]["kind"], "unauthorized");
        assert!(error["data"]["hint"].as_str().unwrap().contains("easel pair"));
        for path in
            [format!("/v1/blobs/{blob}"), format!("/v1/blobs/{blob}/pixels"), "/metrics".to_owned()]
        {
            assert_eq!(ask("GET", &path, "").failure().kind, ErrorKind::Unauthorized, "{path}");
        }
        assert_eq!(ask("PUT", "/v1/blobs", "x").status, 401);
        assert_eq!(ask("GET", "/healthz", "").body, b"ok\n");
        assert!(
            String::from_utf8_lossy(&ask("GET", "/", "").body).contains("<title>Easel</title>")
        );
    }
}

#[test]
fn a_name_that_is_not_this_machine_gets_nowhere() {
    let daemon = Daemon::start();
    for host in ["evil.example", "127.0.0.1.evil.example", "10.1.2.3"] {
        let head = format!(
            "GET /healthz HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {}\r\nconnection: close\r\n\r\n",
            daemon.token
        );
        let answer = daemon.raw(&head, b"");
        assert_eq!((answer.status, answer.failure().kind), (403, ErrorKind::Forbidden), "{host}");
    }
    let answer = daemon.request("GET", "/metrics", "origin: https://evil.example\r\n", b"");
    assert_eq!(answer.failure().kind, ErrorKind::Forbidden);
    let answer = daemon.request("GET", "/metrics", "origin: null\r\n", b"");
    assert_eq!(answer.status, 200);
    assert!(answer.headers.to_ascii_lowercase().contains("access-control-allow-origin: null"));
}

#[test]
fn a_paired_client_gets_a_token_of_its_own_and_may_not_trust_backends() {
    let daemon = Daemon::with_plugins(&["good"]);
    let code =
        daemon.call("pairing.start", json!({})).unwrap()["code"].as_str().unwrap().to_owned();
    let finish = |code: &str| {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "pairing.finish", "params": { "code": code, "client": "figma" } }).to_string();
        let head = format!(
            "POST /rpc HTTP/1.1\r\nhost: localhost:{}\r\norigin: null\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
            daemon.port,
            body.len()
        );
        daemon.raw(&head, body.as_bytes()).json()
    };
    assert_eq!(finish("0")["error"]["data"]["kind"], "unauthorized");
    let token = finish(&code)["result"]["token"].as_str().unwrap().to_owned();
    assert_eq!(finish(&code)["error"]["data"]["kind"], "unauthorized", "a code works once");
    let call = |method: &str, params: serde_json::Value| {
        let body =
            json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        let head = format!(
            "POST /rpc HTTP/1.1\r\nhost: localhost:{}\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
            daemon.port,
            body.len()
        );
        daemon.raw(&head, body.as_bytes()).json()
    };
    assert!(call("model.list", json!({}))["result"]["models"].is_array());
    for (method, params) in [
        ("backend.trust", json!({ "id": "good" })),
        ("pairing.start", json!({})),
        ("server.shutdown", json!({})),
    ] {
        assert_eq!(call(method, params)["error"]["data"]["kind"], "forbidden", "{method}");
    }
}

#[test]
fn malformed_and_huge_json_is_answered() {
    let daemon = Daemon::start();
    let post =
        |body: &[u8]| daemon.request("POST", "/rpc", "content-type: application/json\r\n", body);
    assert_eq!(post(b"{").json()["error"]["code"], -32700);
    assert_eq!(
        post(br#"{"jsonrpc":"2.0","id":1,"method":"no.such"}"#).json()["error"]["code"],
        -32601
    );
    let deep = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
    // A batch of one, which is no call: refused as a whole.
    assert!(String::from_utf8_lossy(&post(&deep).body).contains("error"));
    let huge = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"server.info","params":{{"x":"{}"}}}}"#,
        "x".repeat(5 << 20)
    );
    let answer = post(huge.as_bytes());
    assert!(answer.status == 413 || answer.json()["error"]["code"].is_i64(), "{}", answer.status);
    // A form on any web page could send this.
    let answer = daemon.request(
        "POST",
        "/rpc",
        "content-type: text/plain\r\n",
        br#"{"jsonrpc":"2.0","id":1,"method":"server.info"}"#,
    );
    assert_eq!(answer.status, 415);
    assert!(daemon.call("server.info", json!({})).is_ok(), "and the daemon goes on");
}

#[test]
fn wrong_parameters_are_named() {
    let daemon = Daemon::start();
    let failure = daemon.call("transform.submit", json!({ "key": "a" })).unwrap_err();
    assert_eq!(failure.kind, ErrorKind::InvalidRequest);
    assert!(failure.message.contains("ask"), "{failure}");
    let failure = daemon.call("job.get", json!({ "id": "x", "surplus": 1 })).unwrap_err();
    assert!(failure.message.contains("surplus"), "{failure}");
    let failure = daemon.call("job.get", json!({ "id": "nobody" })).unwrap_err();
    assert_eq!(failure.kind, ErrorKind::NotFound);
}

#[test]
fn the_document_is_the_one_that_is_committed() {
    let daemon = Daemon::start();
    let served = daemon.call("rpc.discover", json!({})).unwrap();
    assert_eq!(served, easel_protocol::openrpc::document());
    assert!(served["methods"].as_array().unwrap().len() > 15);
}

#[test]
fn events_are_numbered_and_come_as_soon_as_they_are_there() {
    let daemon = Daemon::with_plugins(&["good"]);
    let source = daemon.put_pixels("rgba8", 8, 8, &pattern(8, 8));
    let began = daemon.call("job.events", json!({})).unwrap()["next"].as_u64().unwrap();
    // Asked before there is anything to tell.
    let waiting = std::thread::scope(|scope| {
        let wait = scope.spawn(|| {
            daemon.call("job.events", json!({ "after": began, "wait_ms": 30_000 })).unwrap()
        });
        std::thread::sleep(std::time::Duration::from_millis(50));
        daemon.run("events", ask(&source, "good"));
        wait.join().unwrap()
    });
    assert_eq!(waiting["events"][0]["event"], "queued");
    let all = daemon.call("job.events", json!({ "after": began })).unwrap();
    let events = all["events"].as_array().unwrap();
    let names: Vec<&str> = events
        .iter()
        .map(|event| event["event"].as_str().unwrap())
        .filter(|name| *name != "progress")
        .collect();
    assert_eq!(names, ["queued", "started", "artifact", "done"]);
    assert!(events.windows(2).all(|pair| pair[0]["seq"].as_u64() < pair[1]["seq"].as_u64()));
    let other = daemon.call("job.events", json!({ "transform": "tnobody" })).unwrap();
    assert_eq!(other["events"].as_array().unwrap().len(), 0);
}

#[test]
fn the_same_key_runs_nothing_twice() {
    let daemon = Daemon::with_plugins(&["good"]);
    let source = daemon.put_pixels("rgba8", 8, 8, &pattern(8, 8));
    let first = daemon.submit("key", ask(&source, "good")).unwrap();
    let again = daemon.submit("key", ask(&source, "good")).unwrap();
    assert_eq!(first.id, again.id);
    daemon.wait(&first.jobs[0].id);
    assert_eq!(daemon.submit("key", ask(&source, "good")).unwrap().jobs[0].attempts, 1);
    let mut other = ask(&source, "good");
    other["count"] = json!(1);
    let failure = daemon.submit("key", other).unwrap_err();
    assert_eq!(failure.kind, ErrorKind::Conflict);
    let many: Vec<_> = std::thread::scope(|scope| {
        let submit = || daemon.submit("crowd", ask(&source, "good")).unwrap().id;
        (0..8)
            .map(|_| scope.spawn(submit))
            .collect::<Vec<_>>()
            .into_iter()
            .map(|it| it.join().unwrap())
            .collect()
    });
    assert!(many.iter().all(|id| *id == many[0]), "{many:?}");
}

#[test]
fn several_models_are_a_comparison() {
    let daemon = Daemon::with_plugins(&["good", "many"]);
    let source = daemon.put_pixels("rgba8", 16, 16, &pattern(16, 16));
    let mut both = ask(&source, "good");
    both["models"] = json!(["good", "many"]);
    let transform = daemon.submit("both", both).unwrap();
    assert_eq!(transform.jobs.len(), 2);
    for job in &transform.jobs {
        assert_eq!(daemon.wait(&job.id).state, JobState::Done);
    }
    let mut three = ask(&source, "many");
    three["count"] = json!(3);
    assert_eq!(daemon.run("three", three).artifacts.len(), 3);
}

#[test]
fn metrics_count() {
    let daemon = Daemon::with_plugins(&["good"]);
    let source = daemon.put_pixels("rgba8", 8, 8, &pattern(8, 8));
    daemon.run("counted", ask(&source, "good"));
    let text = String::from_utf8(daemon.request("GET", "/metrics", "", b"").body).unwrap();
    for line in [
        "easel_uploads_total 1",
        "easel_jobs_done_total 1",
        "easel_jobs_running 0",
        "easel_workers 1",
    ] {
        assert!(text.lines().any(|it| it == line), "{line} is not in\n{text}");
    }
}
