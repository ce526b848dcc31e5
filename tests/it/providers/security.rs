//! A plugin that tries what it was not granted: an origin, a key, a redirect, an address in this network.
//! The host says no, and a server that listens sees that nothing left.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use easel_protocol::job::JobRecord;
use easel_protocol::{ErrorKind, Failure};
use serde_json::json;

use crate::support::{Daemon, ask, fixture, install_plugin, pattern};

/// A server that writes down the heads of all requests; `/to/ADDRESS` redirects there.
struct Trap {
    port: u16,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Trap {
    fn open() -> Trap {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heads: Arc<Mutex<Vec<String>>> = Arc::default();
        let seen = Arc::clone(&heads);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let mut head = String::new();
                for line in BufReader::new(stream.try_clone().unwrap()).lines() {
                    let Ok(line) = line else { break };
                    if line.is_empty() {
                        break;
                    }
                    head.push_str(&line);
                    head.push('\n');
                }
                let target = head.split_whitespace().nth(1).and_then(|it| it.strip_prefix("/to/"));
                let answer = match target {
                    Some(target) => format!(
                        "HTTP/1.1 302 Found\r\nlocation: {target}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                    ),
                    None => "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}"
                        .to_owned(),
                };
                seen.lock().unwrap().push(head);
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        Trap { port, heads }
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

const KEY: &str = "k-4711-never-leaves";

/// A daemon with the prober, which may reach `base` with its key and `files` without.
fn daemon(base: &Trap, files: &Trap) -> Daemon {
    let mut daemon = Daemon::stopped();
    install_plugin(&fixture("prober"), &daemon.data().join("backends"));
    let config = daemon.data().join("config");
    std::fs::create_dir_all(config.join("models")).unwrap();
    std::fs::create_dir_all(config.join("keys")).unwrap();
    let own = format!("base_url = \"{}\"\nallow = [\"{}\"]\n", base.url(""), files.url(""));
    std::fs::write(config.join("models/prober.toml"), own).unwrap();
    std::fs::write(config.join("keys/mine"), KEY).unwrap();
    std::fs::write(config.join("keys/gemini"), KEY).unwrap();
    super::start(&mut daemon);
    daemon
}

fn probe(daemon: &Daemon, params: serde_json::Value) -> JobRecord {
    let source = daemon.put_pixels("rgba8", 8, 8, &pattern(8, 8));
    let mut ask = ask(&source, "prober");
    ask["params"] = params;
    super::ended(daemon, ask)
}

fn refused(daemon: &Daemon, params: serde_json::Value) -> Failure {
    let what = params.to_string();
    probe(daemon, params).failure.unwrap_or_else(|| panic!("{what} was let through"))
}

#[test]
fn a_plugin_gets_what_it_was_granted_and_nothing_else() {
    let (base, files, trap) = (Trap::open(), Trap::open(), Trap::open());
    let daemon = daemon(&base, &files);
    // What it may: the configured base with its key, the file host without.
    assert_eq!(probe(&daemon, json!({ "url": base.url("/v1"), "secret": "mine" })).failure, None);
    assert_eq!(probe(&daemon, json!({ "url": files.url("/picture") })).failure, None);
    assert!(base.heads()[0].contains(&format!("x-mine: {KEY}")));
    assert!(!files.heads()[0].contains(KEY));
    // And what it may not.
    for (params, words) in [
        (json!({ "url": trap.url("/") }), "may not reach"),
        (json!({ "url": "https://api.example.org.evil.net/" }), "may not reach"),
        (json!({ "url": "http://plain.example.org/" }), "not encrypted"),
        (json!({ "url": "https://10.1.2.3/" }), "address of this machine"),
        (json!({ "url": "https://localhost:4443/" }), "stands for an address"),
        (json!({ "url": base.url("/v1"), "secret": "gemini" }), "may not use the key `gemini`"),
        (json!({ "url": files.url("/picture"), "secret": "mine" }), "is not for"),
        (
            json!({ "url": base.url(&format!("/to/{}", trap.url("/x"))), "secret": "mine" }),
            "redirects elsewhere",
        ),
        (
            json!({ "url": base.url(&format!("/to/{}", files.url("/x"))), "secret": "mine" }),
            "redirects elsewhere",
        ),
        (
            json!({ "url": base.url("/to/https://169.254.169.254/"), "secret": "mine", "method": "POST" }),
            "redirects elsewhere",
        ),
    ] {
        let failure = refused(&daemon, params.clone());
        assert_eq!(failure.kind, ErrorKind::Forbidden, "{params}: {failure:?}");
        assert!(failure.message.contains(words), "{params}: {failure:?}");
        assert!(failure.hint.is_some(), "{params}");
    }
    for url in ["file:///etc/passwd", "ftp://a.b/c", "http://me:pw@127.0.0.1/", "no address"] {
        assert_eq!(
            refused(&daemon, json!({ "url": url })).kind,
            ErrorKind::InvalidRequest,
            "{url}"
        );
    }
    assert!(trap.heads().is_empty(), "{:?}", trap.heads());
    assert!(!files.heads().concat().contains(KEY), "{:?}", files.heads());
    let log = std::fs::read_to_string(daemon.data().join("test.log")).unwrap();
    assert!(!log.contains(KEY));
    // Within the origin a redirect is followed, and the key goes along.
    let within = base.url(&format!("/to/{}", base.url("/there")));
    assert_eq!(probe(&daemon, json!({ "url": within, "secret": "mine" })).failure, None);
    assert!(base.heads().last().unwrap().starts_with("GET /there"));
}

/// Encrypted with a certificate that nobody has signed but itself; its port and its own file.
fn encrypted(folder: &std::path::Path) -> (std::process::Child, u16, std::path::PathBuf) {
    use std::io::Read;
    use std::process::{Command, Stdio};
    let (key, certificate) = (folder.join("key.pem"), folder.join("certificate.pem"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=easel"])
        .args(["-addext", "subjectAltName=IP:127.0.0.1"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE", "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output()
        .expect("`openssl` is installed");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let script = "import http.server, ssl, sys\n\
        class Hello(http.server.BaseHTTPRequestHandler):\n\
        \x20   def do_GET(self):\n\
        \x20       self.send_response(200); self.send_header('content-length', '2'); self.end_headers(); self.wfile.write(b'{}')\n\
        server = http.server.HTTPServer(('127.0.0.1', 0), Hello)\n\
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)\n\
        context.load_cert_chain(sys.argv[1], sys.argv[2])\n\
        server.socket = context.wrap_socket(server.socket, server_side=True)\n\
        print(server.server_port, flush=True)\n\
        server.serve_forever()\n";
    let mut child = Command::new("python3")
        .args(["-c", script])
        .args([&certificate, &key])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut port = String::new();
    let mut output = child.stdout.take().unwrap();
    let mut byte = [0];
    while output.read(&mut byte).unwrap() == 1 && byte[0] != b'\n' {
        port.push(char::from(byte[0]));
    }
    (child, port.parse().unwrap(), certificate)
}

#[test]
fn a_certificate_is_checked_before_anything_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let (mut server, port, certificate) = encrypted(folder.path());
    let files = Trap::open();
    for trusted in [false, true] {
        let mut daemon = Daemon::stopped();
        install_plugin(&fixture("prober"), &daemon.data().join("backends"));
        let config = daemon.data().join("config");
        std::fs::create_dir_all(config.join("models")).unwrap();
        std::fs::create_dir_all(config.join("keys")).unwrap();
        std::fs::write(config.join("keys/mine"), KEY).unwrap();
        let base =
            format!("base_url = \"https://127.0.0.1:{port}\"\nallow = [\"{}\"]\n", files.url(""));
        std::fs::write(config.join("models/prober.toml"), base).unwrap();
        if trusted {
            daemon.set("SSL_CERT_FILE", certificate.to_str().unwrap());
        }
        super::start(&mut daemon);
        let url = format!("https://127.0.0.1:{port}/v1");
        let job = probe(&daemon, json!({ "url": url, "secret": "mine" }));
        match job.failure {
            None => assert!(trusted, "an unknown certificate was believed"),
            Some(failure) => {
                assert!(!trusted, "{failure:?}");
                assert_eq!(failure.kind, ErrorKind::Transient);
                assert!(failure.message.contains("certificate"), "{failure:?}");
            }
        }
    }
    server.kill().unwrap();
    server.wait().unwrap();
}

#[test]
fn a_manifest_that_asks_for_more_is_not_trusted_any_more() {
    let (base, files) = (Trap::open(), Trap::open());
    let daemon = daemon(&base, &files);
    let manifest = daemon.data().join("backends/prober/backend.toml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, text.replace("https://api.example.org", "https://evil.example.org"))
        .unwrap();
    let list = daemon.call("backend.list", json!({})).unwrap();
    let prober = list["backends"].as_array().unwrap().iter().find(|it| it["id"] == "prober");
    assert_eq!(prober.unwrap()["state"], "untrusted");
    let source = daemon.put_pixels("rgba8", 8, 8, &pattern(8, 8));
    assert!(daemon.submit("x", ask(&source, "prober")).is_err());
    assert!(base.heads().is_empty());
}

#[test]
fn a_page_that_was_paired_may_not_touch_keys_and_budgets() {
    let (base, files) = (Trap::open(), Trap::open());
    let mut daemon = daemon(&base, &files);
    let code = daemon.call("pairing.start", json!({})).unwrap()["code"].clone();
    let paired = daemon.call("pairing.finish", json!({ "code": code, "client": "web" })).unwrap();
    daemon.token = paired["token"].as_str().unwrap().to_owned();
    for (method, params) in [
        ("key.set", json!({ "name": "mine", "value": "x" })),
        ("key.remove", json!({ "name": "mine" })),
        ("key.test", json!({ "name": "mine" })),
        ("budget.set", json!({})),
    ] {
        assert_eq!(daemon.call(method, params).unwrap_err().kind, ErrorKind::Forbidden, "{method}");
    }
    daemon.call("spend.get", json!({})).unwrap();
}
