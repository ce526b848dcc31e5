//! The bridge without a model: one layer there and back through the invert backend, both blobs on
//! disk. Prints medians beside what this machine's memory, disk and loopback cost for the same bytes.
//!
//! `cargo xtask bench` runs it. It judges nothing: figures are for reading, and for comparing within one run.

#![allow(clippy::print_stdout, clippy::items_after_statements, reason = "it prints its figures")]

use std::hint::black_box;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

fn main() {
    let folder = std::env::temp_dir().join(format!("easel-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the temporary folder can be written");
    install_invert(&folder.join("data/backends/invert"));
    let (daemon, started) = Daemon::start(&folder.join("data"));
    println!("start until it answers        {:>9}   goal 150 ms", milliseconds(started));
    daemon.client().trust("invert");
    std::thread::sleep(Duration::from_millis(300));
    println!("resident when idle            {:>6} MB   goal  60 MB", daemon.memory("VmRSS") / 1000);
    println!("\none RGBA layer there and back, both blobs on disk (medians)\n");
    println!(
        "  side    round trip      goal   |  upload  submit+run  download  |  memcpy  loopback  write+fsync  blake3"
    );
    for (side, goal, rounds) in [(512, 8, 60), (1024, 25, 40), (2048, 90, 15), (4096, 300, 9)] {
        layer(&daemon, &folder, side, goal, rounds);
    }
    println!("\n200 jobs at 512, each with a layer of its own\n");
    for (clients, goal) in [(1, 100), (16, 200)] {
        let rate = throughput(&daemon, clients, 200);
        println!("  {clients:>2} clients   {rate:>6.0} jobs/s   goal {goal}");
    }
    println!("\nresident at its highest       {:>6} MB", daemon.memory("VmHWM") / 1000);
    drop(daemon);
    let _ = std::fs::remove_dir_all(&folder);
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn rows(side: u32, seed: u32) -> Vec<u8> {
    // Cheap, and different for every seed: equal blobs would not be written twice.
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    let mut rows = vec![0u8; side as usize * side as usize * 4];
    for word in rows.chunks_exact_mut(4) {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        word.copy_from_slice(&(state | 0xff00_0000).to_le_bytes());
    }
    rows
}

fn layer(daemon: &Daemon, folder: &Path, side: u32, goal: u64, rounds: u32) {
    let mut client = daemon.client();
    let (mut whole, mut up, mut run, mut down) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut back = Vec::new();
    for round in 0..rounds {
        let rows = rows(side, side + round);
        let began = Instant::now();
        let source = client.put(side, &rows);
        let uploaded = Instant::now();
        let result = client.transform(&source, &format!("{side}-{round}"));
        let done = Instant::now();
        client.pixels(&result, &mut back);
        let end = Instant::now();
        assert!(
            back.len() == rows.len() && back.iter().zip(&rows).step_by(4).all(|(a, b)| *a == !*b),
            "not inverted"
        );
        // The first rounds fault in memory and start the worker.
        if round >= 2 {
            whole.push(end - began);
            up.push(uploaded - began);
            run.push(done - uploaded);
            down.push(end - done);
        }
    }
    let limits = Limits::measure(folder, &rows(side, 1));
    println!(
        "  {side:>4}   {:>11} {goal:>6} ms   | {:>7}  {:>10}  {:>8}  | {:>7}  {:>8}  {:>11}  {:>6}",
        milliseconds(median(whole)),
        milliseconds(median(up)),
        milliseconds(median(run)),
        milliseconds(median(down)),
        milliseconds(limits.memcpy),
        milliseconds(limits.loopback),
        milliseconds(limits.disk),
        milliseconds(limits.hash),
    );
}

fn throughput(daemon: &Daemon, clients: u32, jobs: u32) -> f64 {
    let began = Instant::now();
    std::thread::scope(|scope| {
        for number in 0..clients {
            scope.spawn(move || {
                let mut client = daemon.client();
                let mut back = Vec::new();
                for job in 0..jobs.div_ceil(clients) {
                    let rows = rows(512, 1_000_000 * (clients + 1) + number * 10_000 + job);
                    let source = client.put(512, &rows);
                    let result = client.transform(&source, &format!("t{clients}-{number}-{job}"));
                    client.pixels(&result, &mut back);
                }
            });
        }
    });
    f64::from(jobs.div_ceil(clients) * clients) / began.elapsed().as_secs_f64()
}

/// What the same bytes cost without Easel.
struct Limits {
    memcpy: Duration,
    loopback: Duration,
    disk: Duration,
    hash: Duration,
}

impl Limits {
    fn measure(folder: &Path, rows: &[u8]) -> Limits {
        let many = |work: &mut dyn FnMut()| {
            let one = |work: &mut dyn FnMut()| {
                let began = Instant::now();
                work();
                began.elapsed()
            };
            median((0..7).map(|_| one(work)).collect())
        };
        let mut copy = vec![0; rows.len()];
        let memcpy = many(&mut || black_box(&mut copy).copy_from_slice(black_box(rows)));
        let hash = many(&mut || {
            black_box(blake3::hash(black_box(rows)));
        });
        let path = folder.join("limit");
        let disk = many(&mut || {
            let mut file = std::fs::File::create(&path).expect("the folder can be written");
            file.write_all(rows).and_then(|()| file.sync_data()).expect("the disk has room");
        });
        Limits { memcpy, loopback: many(&mut || loopback(rows)), disk, hash }
    }
}

fn loopback(rows: &[u8]) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    let length = rows.len();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let (mut stream, _) = listener.accept().expect("somebody connects");
            let mut part = vec![0; 1 << 20];
            let mut left = length;
            while left > 0 {
                left -= stream.read(&mut part).expect("bytes come");
            }
            stream.write_all(b"!").expect("the sender waits");
        });
        let mut stream = TcpStream::connect(address).expect("it listens");
        stream.write_all(rows).expect("it reads");
        let _ = stream.read(&mut [0]);
    });
}

struct Daemon {
    child: Child,
    port: u16,
    token: String,
}

impl Daemon {
    fn start(data: &Path) -> (Daemon, Duration) {
        let began = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_easel"))
            .args(["serve", "--port", "0", "--quiet", "--data-dir"])
            .arg(data)
            .env("EASEL_LOG", "warn")
            .stdin(Stdio::null())
            .spawn()
            .expect("the program starts");
        loop {
            let endpoint = std::fs::read(data.join("daemon.json"))
                .ok()
                .and_then(|text| serde_json::from_slice::<Value>(&text).ok());
            if let Some(port) = endpoint.and_then(|endpoint| endpoint["port"].as_u64()) {
                let token =
                    std::fs::read_to_string(data.join("token")).expect("the token is there");
                let daemon = Daemon { child, port: port as u16, token };
                daemon.client().call("server.info", &json!({}));
                return (daemon, began.elapsed());
            }
            assert!(child.try_wait().is_ok_and(|status| status.is_none()), "the daemon ended");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn client(&self) -> Client {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the daemon listens");
        stream.set_nodelay(true).expect("a socket has the option");
        Client {
            stream: BufReader::with_capacity(1 << 20, stream),
            port: self.port,
            token: self.token.clone(),
        }
    }

    /// A line of the process's status, in kB.
    fn memory(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))
            .unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        line.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One kept connection.
struct Client {
    stream: BufReader<TcpStream>,
    port: u16,
    token: String,
}

impl Client {
    fn send(&mut self, method: &str, path: &str, kind: &str, body: &[u8], answer: &mut Vec<u8>) {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nauthorization: Bearer {}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
            self.port,
            self.token,
            body.len()
        );
        let stream = self.stream.get_mut();
        stream
            .write_all(head.as_bytes())
            .and_then(|()| stream.write_all(body))
            .expect("the daemon reads");
        let mut length = 0;
        let mut line = String::new();
        loop {
            line.clear();
            self.stream.read_line(&mut line).expect("the daemon answers");
            if line.trim().is_empty() {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length is a number");
            }
        }
        answer.resize(length, 0);
        self.stream.read_exact(answer).expect("the answer is whole");
    }

    fn call(&mut self, method: &str, params: &Value) -> Value {
        let body =
            json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        let mut answer = Vec::new();
        self.send("POST", "/rpc", "application/json", body.as_bytes(), &mut answer);
        let mut answer: Value = serde_json::from_slice(&answer).expect("the answer is JSON");
        assert!(answer.get("error").is_none(), "{answer}");
        answer["result"].take()
    }

    fn trust(&mut self, backend: &str) {
        self.call("backend.trust", &json!({ "id": backend }));
    }

    fn put(&mut self, side: u32, rows: &[u8]) -> String {
        let kind =
            format!("application/vnd.easel.pixels; format=rgba8; width={side}; height={side}");
        let mut answer = Vec::new();
        self.send("PUT", "/v1/blobs", &kind, rows, &mut answer);
        let info: Value = serde_json::from_slice(&answer).expect("the answer is JSON");
        info["id"].as_str().unwrap_or_else(|| panic!("{info}")).to_owned()
    }

    /// Submits and follows the events to the artifact, as an editor does.
    fn transform(&mut self, source: &str, key: &str) -> String {
        let ask = json!({ "intent": "restyle", "source": source, "models": ["invert"] });
        let transform =
            self.call("transform.submit", &json!({ "key": key, "ask": ask }))["id"].take();
        let mut after = json!(0);
        loop {
            let page = self.call(
                "job.events",
                &json!({ "transform": transform, "after": after, "wait_ms": 10_000 }),
            );
            for event in page["events"].as_array().into_iter().flatten() {
                assert!(event["event"] != "failed", "{event}");
                if event["event"] == "artifact" {
                    return event["artifact"]["blob"].as_str().unwrap_or_default().to_owned();
                }
            }
            after = page["next"].clone();
        }
    }

    fn pixels(&mut self, blob: &str, into: &mut Vec<u8>) {
        self.send("GET", &format!("/v1/blobs/{blob}/pixels"), "text/plain", b"", into);
    }
}

/// Compiles the example backend, as its Makefile does.
fn install_invert(into: &Path) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::fs::create_dir_all(into).expect("the folder can be made");
    let example = root.join("plugins/example-c");
    std::fs::copy(example.join("backend.toml"), into.join("backend.toml"))
        .expect("the folder can be written");
    let status = Command::new("cc")
        .args(["-O3", "-shared", "-fPIC", "-I"])
        .arg(root.join("plugins/abi"))
        .arg(example.join("invert.c"))
        .arg("-o")
        .arg(into.join(libloading::library_filename("invert")))
        .status();
    assert!(status.is_ok_and(|status| status.success()), "cc compiles the example backend");
}
