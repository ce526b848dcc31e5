//! What must not hurt: broken pictures, impossible asks, a full disk, damaged files. Each gets an
//! error with its kind and a hint, and nothing is lost.

use std::process::Command;

use easel_pixels::codec::{Encoding, encode};
use easel_pixels::{Format, Picture, Size};
use easel_protocol::{ErrorKind, Failure};
use serde_json::{Value, json};

use crate::support::{Daemon, EASEL, ask, inverted, pattern};

fn expect(outcome: Result<impl std::fmt::Debug, Failure>, kind: ErrorKind) -> Failure {
    let failure = outcome.expect_err("must be refused");
    assert_eq!(failure.kind, kind, "{failure}");
    assert!(failure.hint.is_some(), "no hint: {failure}");
    assert!(
        failure.message.chars().next().is_some_and(|letter| !letter.is_uppercase()),
        "{failure}"
    );
    failure
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let picture =
        Picture::from_pixels(Format::Rgba8, Size::new(width, height), pattern(width, height))
            .unwrap();
    encode(picture.view(), None, Encoding::Png).unwrap()
}

#[test]
fn files_that_are_no_pictures() {
    let daemon = Daemon::start();
    expect(daemon.put_file(b"hello, this is a letter"), ErrorKind::NotAPicture);
    expect(daemon.put_file(b""), ErrorKind::NotAPicture);
    expect(daemon.put_file(b"GIF89a\x01\x00\x01\x00\x00\x00\x00"), ErrorKind::Unsupported);
    expect(daemon.put_file(b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>"), ErrorKind::Unsupported);
    let whole = png(40, 30);
    for length in [10, whole.len() / 2, whole.len() - 13] {
        expect(daemon.put_file(&whole[..length]), ErrorKind::Corrupt);
    }
    let mut bomb = whole.clone();
    bomb[16..20].copy_from_slice(&60_000u32.to_be_bytes());
    bomb[20..24].copy_from_slice(&60_000u32.to_be_bytes());
    let failure = daemon.put_file(&bomb).unwrap_err();
    assert!(matches!(failure.kind, ErrorKind::TooLarge | ErrorKind::Corrupt), "{failure}");
    assert!(daemon.put_file(&whole).is_ok());
}

#[test]
fn the_smallest_and_the_longest_pictures_work() {
    let daemon = Daemon::with_plugins(&["good"]);
    for (width, height) in [(1, 1), (30_000, 1), (1, 30_000)] {
        let rows = pattern(width, height);
        let source = daemon.put_pixels("rgba8", width, height, &rows);
        let job = daemon.run(&format!("{width}x{height}"), ask(&source, "good"));
        assert_eq!(daemon.pixels(job.artifacts[0].blob.as_str(), "rgba8"), inverted(&rows));
    }
    assert!(daemon.put_file(&png(1, 1)).is_ok());
}

#[test]
fn rows_that_do_not_fit_their_shape() {
    let daemon = Daemon::start();
    let put = |parameters: &str, bytes: &[u8]| -> Result<Value, Failure> {
        let headers = format!("content-type: application/vnd.easel.pixels{parameters}\r\n");
        let answer = daemon.request("PUT", "/v1/blobs", &headers, bytes);
        if answer.status == 201 { Ok(answer.json()) } else { Err(answer.failure()) }
    };
    for parameters in [
        "",
        "; format=rgba8",
        "; format=rgba8; width=2; height=x",
        "; format=rgba8; width=0; height=2",
        "; format=cmyk; width=1; height=1",
    ] {
        expect(put(parameters, b"1234"), ErrorKind::InvalidRequest);
    }
    expect(put("; format=rgba8; width=2; height=2", b"1234"), ErrorKind::InvalidRequest);
    expect(put("; format=rgba8; width=1; height=1", b"12345"), ErrorKind::InvalidRequest);
    expect(put("; format=rgba8; width=40000; height=1", b"1"), ErrorKind::TooLarge);
    expect(put("; format=rgbaf32; width=32768; height=32768", b"1"), ErrorKind::TooLarge);
    let nobody = "0".repeat(64);
    expect(
        put(&format!("; format=rgba8; width=1; height=1; icc={nobody}"), b"1234"),
        ErrorKind::NotFound,
    );
    let answer = daemon.request(
        "PUT",
        "/v1/blobs",
        "content-type: application/vnd.iccprofile\r\n",
        b"no profile",
    );
    assert!(answer.failure().hint.is_some());
    let answer = daemon.request("PUT", "/v1/blobs", "content-type: multipart/form-data\r\n", b"x");
    assert_eq!(answer.failure().kind, ErrorKind::Unsupported);
}

#[test]
fn asks_that_cannot_be_met_are_refused_before_anything_runs() {
    let daemon = Daemon::with_plugins(&["good"]);
    let source = daemon.put_pixels("rgba8", 8, 8, &pattern(8, 8));
    let submit = |change: &dyn Fn(&mut Value)| {
        let mut ask = ask(&source, "good");
        change(&mut ask);
        daemon.submit("refused", ask)
    };
    let mut told = Vec::new();
    let mut refused = |kind, change: &dyn Fn(&mut Value)| told.push(expect(submit(change), kind));
    refused(ErrorKind::NotFound, &|ask| ask["models"] = json!(["goof"]));
    refused(ErrorKind::NotFound, &|ask| ask["source"] = json!("0".repeat(64)));
    refused(ErrorKind::InvalidRequest, &|ask| ask["models"] = json!([]));
    refused(ErrorKind::InvalidRequest, &|ask| ask["models"] = json!(["good", "good"]));
    refused(ErrorKind::Unsupported, &|ask| ask["seed"] = json!(7));
    refused(ErrorKind::Unsupported, &|ask| ask["strength"] = json!(0.5));
    refused(ErrorKind::Unsupported, &|ask| ask["count"] = json!(99));
    refused(ErrorKind::InvalidRequest, &|ask| ask["count"] = json!(0));
    refused(ErrorKind::Unsupported, &|ask| ask["scale"] = json!(3));
    refused(ErrorKind::Unsupported, &|ask| ask["style"] = json!([{ "name": "monet" }]));
    refused(ErrorKind::Unsupported, &|ask| ask["keep"] = json!(["text"]));
    refused(ErrorKind::Unsupported, &|ask| ask["params"] = json!({ "surplus": 1 }));
    refused(ErrorKind::InvalidRequest, &|ask| ask["intent"] = json!("erase"));
    refused(ErrorKind::InvalidRequest, &|ask| ask["mask"] = json!(source.id));
    let small = daemon.put_pixels("gray8", 4, 4, &[255; 16]);
    refused(ErrorKind::InvalidRequest, &|ask| ask["mask"] = json!(small.id));
    let black = daemon.put_pixels("gray8", 8, 8, &[0; 64]);
    refused(ErrorKind::InvalidRequest, &|ask| ask["mask"] = json!(black.id));
    let lines: Vec<String> = told
        .iter()
        .map(|failure| {
            format!(
                "{}: {}\n  hint: {}",
                failure.kind.name(),
                failure.message,
                failure.hint.as_deref().unwrap_or_default()
            )
        })
        .collect();
    insta::with_settings!({ filters => vec![(r"[0-9a-f]{64}", "[BLOB]")] }, {
        insta::assert_snapshot!("refusals", lines.join("\n"));
    });
    assert_eq!(daemon.call("job.list", json!({})).unwrap()["jobs"].as_array().unwrap().len(), 0);
}

#[test]
fn a_second_daemon_on_the_same_folder_is_refused() {
    let daemon = Daemon::start();
    let output = daemon.serve(&["--port", "0"]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(5), "{text}");
    assert!(
        text.contains("another daemon")
            && text.contains(&daemon.pid().to_string())
            && text.contains("hint"),
        "{text}"
    );
    assert!(daemon.call("server.info", json!({})).is_ok());
}

#[test]
fn a_used_port_is_named() {
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = other.local_addr().unwrap().port().to_string();
    let daemon = Daemon::stopped();
    let output = daemon.serve(&["--port", &port]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(5));
    assert!(text.contains(&port) && text.contains("hint"), "{text}");
}

#[test]
fn a_damaged_database_is_left_alone() {
    let daemon = Daemon::stopped();
    let path = daemon.data().join("easel.db");
    let garbage = b"this is no database, but it is somebody's file".repeat(100);
    std::fs::write(&path, &garbage).unwrap();
    let output = daemon.serve(&["--port", "0"]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("hint") && text.contains("easel.db"), "{text}");
    assert_eq!(std::fs::read(&path).unwrap(), garbage);
    let doctor = daemon.easel(&["doctor"]);
    assert!(!doctor.status.success());
}

#[test]
fn a_blob_damaged_on_disk_is_not_taken_for_a_picture() {
    let daemon = Daemon::with_plugins(&["good"]);
    let source = daemon.put_pixels("rgba8", 64, 64, &pattern(64, 64));
    daemon.run("before", ask(&source, "good"));
    let id = source.id.as_str();
    let path = daemon.data().join("blobs").join(&id[..2]).join(&id[2..]);
    let whole = std::fs::read(&path).unwrap();
    std::fs::File::options().write(true).open(&path).unwrap().set_len(5_000).unwrap();
    expect(daemon.submit("cut", ask(&source, "good")), ErrorKind::Corrupt);
    let doctor = daemon.easel(&["doctor", "--deep"]);
    assert!(String::from_utf8_lossy(&doctor.stdout).contains(id), "{doctor:?}");
    std::fs::write(&path, whole).unwrap();
    assert!(daemon.easel(&["doctor", "--deep"]).status.success());
}

#[cfg(unix)]
#[test]
fn a_data_folder_that_cannot_be_used_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "not a folder").unwrap();
    let output =
        Command::new(EASEL).arg("serve").arg("--data-dir").arg(file.join("data")).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && text.contains("file") && text.contains("hint"), "{text}");
}

/// Needs the right to mount; inside a user namespace everybody has it.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let script = r#"
        set -e
        mount -t tmpfs -o size=6m tmpfs "$1"
        "$2" serve --data-dir "$1" --port 0 2>"$3/log" &
        pid=$!
        while [ ! -e "$1/daemon.json" ]; do sleep 0.05; done
        port=$(sed 's/.*"port":\([0-9]*\).*/\1/' "$1/daemon.json")
        token=$(cat "$1/token")
        put() { head -c $((512*512*4)) /dev/urandom | curl -s -o "$3/answer$1" -w '%{http_code}' -X PUT -T - -H 'Expect:' \
            -H "Authorization: Bearer $token" -H 'Content-Type: application/vnd.easel.pixels; format=rgba8; width=512; height=512' \
            "http://127.0.0.1:$port/v1/blobs"; }
        for number in 1 2 3 4 5 6 7 8; do put $number x "$3" >> "$3/codes"; echo >> "$3/codes"; done
        curl -s -o /dev/null -w '%{http_code}\n' -H "Authorization: Bearer $token" "http://127.0.0.1:$port/metrics" >> "$3/codes"
        kill $pid; wait $pid || true
        umount "$1"
    "#;
    let (data, out) = (folder.path().join("data"), folder.path().join("out"));
    std::fs::create_dir_all(&data).unwrap();
    std::fs::create_dir_all(&out).unwrap();
    let output = Command::new("unshare")
        .args(["--mount", "--map-root-user", "sh", "-c", script, "sh"])
        .args([&data])
        .arg(EASEL)
        .arg(&out)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let codes = std::fs::read_to_string(out.join("codes")).unwrap();
    let codes: Vec<&str> = codes.split_whitespace().collect();
    assert_eq!(codes[0], "201", "the first picture has room");
    assert_eq!(codes[7], "507", "the last one has none: {codes:?}");
    assert_eq!(codes[8], "200", "and the daemon goes on");
    let failure: Failure =
        serde_json::from_slice(&std::fs::read(out.join("answer8")).unwrap()).unwrap();
    assert_eq!(failure.kind, ErrorKind::StorageFull);
    assert!(failure.hint.unwrap().contains("easel gc"));
}
