//! What the page needs of the wire beside what editors do: histories in short rows, which picture came from which, files
//! to download, where something changed, and rows for a screen.

use std::io::{Read, Write};
use std::net::TcpStream;

use easel_protocol::ErrorKind;
use serde_json::{Value, json};

use crate::support::{Answer, Daemon, EASEL, PATIENCE, ask, inverted, pattern};

fn ids(answer: &Value) -> Vec<&str> {
    answer["rows"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect()
}

#[test]
fn histories_are_searched_in_pages() {
    let daemon = Daemon::with_plugins(&["example-c", "same"]);
    let source = daemon.put_pixels("rgba8", 30, 20, &pattern(30, 20));
    let mut made = Vec::new();
    for number in 0..5 {
        let mut ask = ask(&source, if number % 2 == 0 { "invert" } else { "same-8" });
        ask["title"] = json!(format!("Größe {number}.png"));
        ask["client"] = json!(if number < 2 { "krita" } else { "web" });
        made.push(daemon.run(&format!("k{number}"), ask).transform);
    }
    made.reverse();
    let search = |params: Value| daemon.call("transform.search", params).unwrap();
    let all = search(json!({}));
    assert_eq!(all["total"], 5);
    assert_eq!(ids(&all), made);
    let row = &all["rows"][0];
    assert_eq!(row["title"], "Größe 4.png");
    assert_eq!(row["intent"], "restyle");
    assert_eq!(row["jobs"][0]["state"], "done");
    assert_eq!(row["jobs"][0]["pictures"].as_array().unwrap().len(), 1);
    // A page, and how many there are in all.
    let page = search(json!({ "offset": 3, "limit": 2 }));
    assert_eq!(
        (page["total"].as_u64(), ids(&page)),
        (Some(5), made[3..].iter().map(String::as_str).collect())
    );
    assert!(ids(&search(json!({ "offset": 9 }))).is_empty());
    // Each filter, and several at once; cases of letters beyond ASCII too.
    assert_eq!(search(json!({ "text": "GRÖSSE" }))["total"], 0);
    assert_eq!(search(json!({ "text": "GRÖßE" }))["total"], 5);
    assert_eq!(search(json!({ "text": "größe 3" }))["total"], 1);
    assert_eq!(search(json!({ "text": "invert" }))["total"], 3);
    assert_eq!(search(json!({ "model": "same-8" }))["total"], 2);
    assert_eq!(search(json!({ "client": "krita" }))["total"], 2);
    assert_eq!(
        search(json!({ "client": "krita", "model": "invert", "text": "größe" }))["total"],
        1
    );
    assert_eq!(search(json!({ "folder": "f" }))["total"], 0);
    let third = all["rows"][2]["created"].as_i64().unwrap();
    let after = search(json!({ "since": third }))["total"].as_u64().unwrap();
    let before = search(json!({ "until": third }))["total"].as_u64().unwrap();
    assert!(after >= 3 && after + before == 5, "{after} and {before}");
    // What was put away is not shown, and the row stays.
    let artifact = format!("{}.0", all["rows"][0]["jobs"][0]["id"].as_str().unwrap());
    daemon.call("artifact.discard", json!({ "id": artifact })).unwrap();
    assert_eq!(search(json!({}))["rows"][0]["jobs"][0]["pictures"], json!([]));
    // The wildcards of other languages are letters here.
    assert_eq!(search(json!({ "text": "%" }))["total"], 0);
    assert_eq!(search(json!({ "text": "gr_ße" }))["total"], 0);
}

#[test]
fn a_picture_knows_where_it_comes_from_and_what_came_of_it() {
    let daemon = Daemon::with_plugins(&["example-c"]);
    let source = daemon.put_pixels("rgba8", 30, 20, &pattern(30, 20));
    let root = daemon.run("root", ask(&source, "invert"));
    let from = |key: &str, parent: &str| {
        let mut ask = ask(&source, "invert");
        ask["parent"] = json!(parent);
        daemon.run(key, ask)
    };
    let left = from("left", &root.artifacts[0].id);
    let right = from("right", &root.artifacts[0].id);
    let leaf = from("leaf", &left.artifacts[0].id);
    let stranger = daemon.run("stranger", ask(&source, "invert"));
    let family = [&root, &left, &right, &leaf].map(|job| job.transform.as_str());
    for member in family {
        let lineage = daemon.call("transform.lineage", json!({ "id": member })).unwrap();
        assert_eq!(ids(&lineage), family);
        let parents: Vec<_> = lineage["rows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["parent_transform"].as_str())
            .collect();
        assert_eq!(parents, [None, Some(family[0]), Some(family[0]), Some(family[1])]);
    }
    let alone = daemon.call("transform.lineage", json!({ "id": stranger.transform })).unwrap();
    assert_eq!(ids(&alone), [stranger.transform.as_str()]);
    let failure = daemon.call("transform.lineage", json!({ "id": "t-nobody" })).unwrap_err();
    assert_eq!(failure.kind, ErrorKind::NotFound);
}

/// A masked job's transform, its artifact's id and the whole picture that is expected.
fn masked(daemon: &Daemon) -> (Value, Vec<u8>) {
    let (width, height) = (64, 48);
    let rows = pattern(width, height);
    let source = daemon.put_pixels("rgba8", width, height, &rows);
    let mut mask = vec![0; 64 * 48];
    let mut expected = rows.clone();
    for y in 10..20 {
        for x in 8..40 {
            mask[y * 64 + x] = 255;
            let at = (y * 64 + x) * 4;
            expected[at..at + 4].copy_from_slice(&inverted(&rows[at..at + 4]));
        }
    }
    let mask = daemon.put_pixels("gray8", width, height, &mask);
    let mut ask = ask(&source, "invert");
    ask["mask"] = json!(mask.id);
    ask["feather"] = json!(0);
    ask["title"] = json!("C:\\pictures\\Söhne \"1\".jpeg");
    (serde_json::to_value(&daemon.run("masked", ask).artifacts[0]).unwrap(), expected)
}

/// What whoever has no token is answered.
fn stranger(daemon: &Daemon, path: &str, headers: &str) -> Answer {
    let port = daemon.port;
    daemon.raw(
        &format!(
            "GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n{headers}\r\n"
        ),
        b"",
    )
}

fn decoded(daemon: &Daemon, path: &str) -> (u32, u32, Vec<u8>) {
    let answer = daemon.request("GET", path, "", b"");
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    let blob = daemon.put_file(&answer.body).unwrap();
    let info = blob.picture.unwrap();
    (info.width, info.height, daemon.pixels(blob.id.as_str(), "rgba8"))
}

#[test]
fn a_result_is_downloaded_whole_or_in_parts() {
    let daemon = Daemon::with_plugins(&["example-c"]);
    let (artifact, expected) = masked(&daemon);
    let base = format!("/v1/artifacts/{}/picture", artifact["id"].as_str().unwrap());
    assert_eq!(decoded(&daemon, &base), (64, 48, expected.clone()));
    for format in ["webp", "tiff"] {
        assert_eq!(decoded(&daemon, &format!("{base}?format={format}")).2, expected, "{format}");
    }
    assert_eq!(decoded(&daemon, &format!("{base}?format=jpeg&quality=80")).0, 64);
    let place = &artifact["place"];
    let part = decoded(&daemon, &format!("{base}?area=place"));
    assert_eq!((json!(part.0), json!(part.1)), (place["width"].clone(), place["height"].clone()));
    let (_, _, crop) = decoded(&daemon, &format!("{base}?crop=8,10,2,1"));
    let at = (10 * 64 + 8) * 4;
    assert_eq!(crop, expected[at..at + 8]);
    let answer = daemon.request("GET", &base, "", b"");
    assert!(
        answer.headers.contains("filename*=UTF-8''S%C3%B6hne%20%221%22.invert.png"),
        "{}",
        answer.headers
    );
    // It says what made it: no model that was trained.
    let said = String::from_utf8_lossy(&answer.body);
    assert!(said.contains("DigitalSourceType"), "no provenance in the file");
    for (query, kind) in [
        ("format=bmp", ErrorKind::InvalidRequest),
        ("quality=0", ErrorKind::InvalidRequest),
        ("area=half", ErrorKind::InvalidRequest),
        ("crop=1,2,3", ErrorKind::InvalidRequest),
        ("crop=60,40,10,10", ErrorKind::InvalidRequest),
        ("crop=0,0,0,0", ErrorKind::InvalidRequest),
    ] {
        let answer = daemon.request("GET", &format!("{base}?{query}"), "", b"");
        assert_eq!(answer.failure().kind, kind, "{query}");
    }
    let answer = daemon.request("GET", "/v1/artifacts/j.0/picture", "", b"");
    assert_eq!(answer.failure().kind, ErrorKind::NotFound);
    assert_eq!(stranger(&daemon, &base, "").status, 401);
}

#[test]
fn a_change_is_shown_where_it_is() {
    let daemon = Daemon::with_plugins(&["example-c", "same"]);
    let (artifact, _) = masked(&daemon);
    let path = format!("/v1/artifacts/{}/changes?max=2048", artifact["id"].as_str().unwrap());
    let (width, height, rows) = decoded(&daemon, &path);
    let place = &artifact["place"];
    assert_eq!((json!(width), json!(height)), (place["width"].clone(), place["height"].clone()));
    assert!(rows.chunks(4).any(|pixel| pixel[3] > 64), "an inverted picture looks changed");
    let source = daemon.put_pixels("rgba8", 64, 48, &pattern(64, 48));
    let same = daemon.run("same", ask(&source, "same-8"));
    let (.., rows) = decoded(&daemon, &format!("/v1/artifacts/{}/changes", same.artifacts[0].id));
    assert!(rows.chunks(4).all(|pixel| pixel[3] == 0), "nothing changed");
}

#[test]
fn rows_for_a_screen_are_srgb() {
    let daemon = Daemon::start();
    let rows = pattern(16, 8);
    let plain = daemon.put_pixels("rgba8", 16, 8, &rows);
    let get = |blob: &str, query: &str| {
        daemon.request("GET", &format!("/v1/blobs/{blob}/pixels?{query}"), "", b"")
    };
    assert_eq!(get(plain.id.as_str(), "format=rgba8&colours=srgb").body, rows);
    // Linear light becomes what a screen shows: a half is 188.
    let half: Vec<u8> =
        [0.5f32, 0.0, 1.0, 1.0].repeat(16 * 8).iter().flat_map(|it| it.to_le_bytes()).collect();
    let linear = daemon.put_pixels("rgbaf32", 16, 8, &half);
    assert_eq!(get(linear.id.as_str(), "format=rgba8&colours=srgb").body[..4], [188, 0, 255, 255]);
    assert_eq!(get(plain.id.as_str(), "colours=cmyk").failure().kind, ErrorKind::InvalidRequest);
}

#[test]
fn the_page_comes_without_a_token_and_shows_nothing_of_anybody() {
    let daemon = Daemon::start();
    let index = stranger(&daemon, "/", "");
    assert_eq!(index.status, 200);
    let headers = index.headers.to_ascii_lowercase();
    for rule in [
        "default-src 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "nosniff",
        "x-frame-options: deny",
    ] {
        assert!(headers.contains(rule), "{rule}: {headers}");
    }
    assert!(!headers.contains("unsafe-inline"));
    let script = stranger(&daemon, "/page/main.js", "");
    assert_eq!(script.status, 200);
    assert!(script.headers.to_ascii_lowercase().contains("text/javascript"));
    let tag = script
        .headers
        .lines()
        .find_map(|line| line.strip_prefix("etag: "))
        .unwrap()
        .trim()
        .to_owned();
    let again = stranger(&daemon, "/page/main.js", &format!("if-none-match: {tag}\r\n"));
    assert_eq!((again.status, again.body.len()), (304, 0));
    let packed = stranger(&daemon, "/page/main.js", "accept-encoding: gzip\r\n");
    assert_eq!(packed.body[..2], [0x1f, 0x8b]);
    for path in
        ["/page/", "/page/none.js", "/page/../token", "/page/%2e%2e/token", "/page//etc/passwd"]
    {
        assert_eq!(stranger(&daemon, path, "").status, 404, "{path}");
    }
}

/// A browser can set no headers of a WebSocket, but it can offer protocols.
#[test]
fn a_websocket_is_let_in_by_the_protocol_that_it_offers() {
    let daemon = Daemon::start();
    let open = |protocols: &str| {
        let mut stream = TcpStream::connect(("127.0.0.1", daemon.port)).unwrap();
        write!(
            stream,
            "GET /rpc HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: {protocols}\r\n\r\n"
        )
        .unwrap();
        let mut answer = vec![0; 4096];
        let read = stream.read(&mut answer).unwrap();
        String::from_utf8_lossy(&answer[..read]).to_ascii_lowercase()
    };
    let right = open(&format!("easel, easel.token.{}", daemon.token));
    assert!(
        right.starts_with("http/1.1 101") && right.contains("sec-websocket-protocol: easel\r\n"),
        "{right}"
    );
    for wrong in ["easel", "easel, easel.token.", &format!("easel.token.{}", "0".repeat(64))] {
        assert!(open(wrong).starts_with("http/1.1 401"), "{wrong}");
    }
}

/// The arguments of programs can be seen by everybody on a machine: the code is not among them.
#[cfg(unix)]
#[test]
fn the_page_is_opened_without_telling_the_code_to_the_whole_machine() {
    use std::os::unix::fs::PermissionsExt;
    let daemon = Daemon::start();
    let browser = daemon.data().join("browser");
    let seen = daemon.data().join("seen");
    std::fs::write(&browser, format!("#!/bin/sh\nprintf '%s\\n' \"$@\" > {}\n", seen.display()))
        .unwrap();
    std::fs::set_permissions(&browser, std::fs::Permissions::from_mode(0o755)).unwrap();
    let output = std::process::Command::new(EASEL)
        .args(["open", "history"])
        .env("EASEL_DATA_DIR", daemon.data())
        .env("BROWSER", &browser)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let deadline = std::time::Instant::now() + PATIENCE;
    // The file is there before it is written.
    let is_written = || std::fs::read_to_string(&seen).is_ok_and(|text| text.ends_with('\n'));
    while !is_written() && std::time::Instant::now() < deadline {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let argument = std::fs::read_to_string(&seen).unwrap();
    assert!(!argument.contains("pair="), "{argument}");
    let file = argument.trim().strip_prefix("file://").unwrap();
    assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(file).unwrap();
    let code: String =
        text.split("#pair=").nth(1).unwrap().chars().take_while(char::is_ascii_digit).collect();
    assert!(
        text.contains(&format!("http://127.0.0.1:{}/#pair={code}&view=history", daemon.port)),
        "{text}"
    );
    let finish = json!({ "code": code, "client": "web" });
    assert_eq!(
        daemon.call("pairing.finish", finish.clone()).unwrap()["token"].as_str().unwrap().len(),
        64
    );
    assert!(daemon.call("pairing.finish", finish).is_err(), "it lets one browser in");
    let printed = daemon.easel(&["open", "--print"]);
    assert!(
        String::from_utf8_lossy(&printed.stdout)
            .starts_with(&format!("http://127.0.0.1:{}/#pair=", daemon.port))
    );
}

#[test]
fn who_was_let_in_is_known_and_can_be_let_in_no_more() {
    let daemon = Daemon::start();
    let pair = |name: &str| {
        let code = daemon.call("pairing.start", json!({})).unwrap()["code"].clone();
        let finish = json!({ "code": code, "client": name });
        daemon.call("pairing.finish", finish).unwrap()["token"].as_str().unwrap().to_owned()
    };
    let (figma, web) = (pair("figma"), pair("web"));
    let asks = |token: &str| {
        let call = r#"{"jsonrpc":"2.0","id":1,"method":"server.info"}"#;
        let head = format!(
            "POST /rpc HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
            call.len()
        );
        daemon.raw(&head, call.as_bytes()).status
    };
    assert_eq!((asks(&figma), asks(&web)), (200, 200));
    let list = daemon.easel(&["pair", "list"]);
    let list = String::from_utf8_lossy(&list.stdout).into_owned();
    assert!(list.lines().count() == 2 && list.contains("figma") && list.contains("web"), "{list}");
    assert!(!list.contains(&figma) && !list.contains(&web));
    assert!(daemon.easel(&["pair", "remove", "figma"]).status.success());
    assert_eq!((asks(&figma), asks(&web)), (401, 200));
    assert_eq!(daemon.easel(&["pair", "remove", "figma"]).status.code(), Some(3));
}

#[test]
fn names_without_end_are_refused() {
    let daemon = Daemon::with_plugins(&["example-c"]);
    let source = daemon.put_pixels("rgba8", 30, 20, &pattern(30, 20));
    for (field, value) in [
        ("title", json!("x".repeat(5000))),
        ("client", json!("x".repeat(600))),
        ("parent", json!("x".repeat(600))),
        ("origin", json!({ "x": 0, "y": 0, "layer": "x".repeat(600) })),
    ] {
        let mut ask = ask(&source, "invert");
        ask[field] = value;
        let failure = daemon.submit("k", ask).unwrap_err();
        assert_eq!(failure.kind, ErrorKind::InvalidRequest, "{field}");
        assert!(failure.message.contains(field) && failure.hint.is_some(), "{failure:?}");
    }
    assert_eq!(daemon.call("transform.search", json!({})).unwrap()["total"], 0);
}
