//! A watched folder beside what decoding and encoding alone cost, and beside peers: 2,000 photographs of 1024×768 are
//! dropped, inverted, and written as PNG. Then one file alone, and a folder of 50,000 files at rest.
//!
//! `cargo xtask bench` runs it. It judges nothing: figures are for reading, and for comparing within one run.

#![allow(clippy::print_stdout, reason = "it prints its figures")]

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use easel_pixels::codec::{self, Encoding, Limits};
use easel_pixels::{Picture, Size, resize};
use serde_json::{Value, json};

const EASEL: &str = env!("CARGO_BIN_EXE_easel");
const AT_REST: usize = 50_000;

fn main() {
    let count = std::env::var("EASEL_BENCH_FILES").ok().and_then(|it| it.parse().ok());
    let count: usize = count.unwrap_or(2000);
    let folder = std::env::temp_dir().join(format!("easel-folders-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("all")).expect("the temporary folder can be written");
    photographs(&folder.join("all"), count);
    println!("{count} photographs of 1024×768, inverted and written as PNG\n");
    let alone = codecs_alone(&folder.join("all"), count);
    println!("  decoding and encoding alone, two threads   {:>8}", seconds(alone));
    let ours = easel(&folder, count, alone);
    println!(
        "  easel                                      {:>8}   {:.2} × (goal 1.3 ×)",
        seconds(ours),
        ours.as_secs_f64() / alone.as_secs_f64()
    );
    for (name, script, installed) in [
        ("watchdog and Pillow", "watchdog_pillow.py", "pip install watchdog Pillow"),
        (
            "inotifywait and ImageMagick",
            "inotifywait_magick.py",
            "apt install inotify-tools imagemagick",
        ),
    ] {
        match peer(&folder, script, count) {
            Some(took) => println!("  {name:<42} {:>8}", seconds(took)),
            None => println!("  {name:<42} not installed ({installed})"),
        }
    }
    let _ = std::fs::remove_dir_all(&folder);
}

fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

/// Every one is another picture, cut out of the repository's photographs.
fn photographs(into: &Path, count: usize) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let base: Vec<Picture> = ["rocket.jpg", "coffee.png", "astronaut.png", "chelsea.png"]
        .iter()
        .map(|name| {
            let bytes = std::fs::read(root.join(name)).expect("the photographs are there");
            let picture = codec::decode(&bytes, &Limits::default()).expect("and whole").picture;
            resize(picture.view(), Size::new(1024, 768)).expect("they can be scaled")
        })
        .collect();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        return;
                    }
                    let mut picture = base[number % base.len()].clone();
                    let add = (number / base.len()) as u8;
                    for pixel in picture.pixels_mut().chunks_exact_mut(4) {
                        pixel[number % 3] = pixel[number % 3].wrapping_add(add / 4);
                        pixel[(number + 1) % 3] ^= add % 4;
                    }
                    let encoding = Encoding::Jpeg { quality: 90 };
                    let bytes =
                        codec::encode(picture.view(), None, encoding).expect("it is encoded");
                    std::fs::write(into.join(format!("{number:05}.jpg")), bytes)
                        .expect("and written");
                }
            });
        }
    });
}

/// What no program can do without: read, decode, invert, encode, write, on two threads.
fn codecs_alone(from: &Path, count: usize) -> Duration {
    let into = from.with_file_name("alone");
    std::fs::create_dir_all(&into).expect("the folder can be made");
    let next = AtomicUsize::new(0);
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        return;
                    }
                    let path = from.join(format!("{number:05}.jpg"));
                    let bytes = invert(&std::fs::read(path).expect("it is there"));
                    std::fs::write(into.join(format!("{number:05}.png")), bytes).expect("written");
                }
            });
        }
    });
    began.elapsed()
}

fn invert(jpeg: &[u8]) -> Vec<u8> {
    let mut picture = codec::decode(jpeg, &Limits::default()).expect("it is whole").picture;
    for pixel in picture.pixels_mut().chunks_exact_mut(4) {
        pixel[..3].iter_mut().for_each(|value| *value = !*value);
    }
    codec::encode(picture.view(), None, Encoding::Png).expect("it is encoded")
}

fn easel(folder: &Path, count: usize, alone: Duration) -> Duration {
    let daemon = Daemon::start(&folder.join("data"));
    let input = folder.join("in");
    std::fs::create_dir_all(&input).expect("the folder can be made");
    let recipe = folder.join("invert.easel.toml");
    let text = "intent = \"restyle\"\nmodel = \"invert\"\n[output]\nformat = \"png\"\n";
    std::fs::write(&recipe, text).expect("the recipe can be written");
    let spec = json!({ "path": input, "recipe": recipe, "out": folder.join("out") });
    daemon.call("folder.add", json!({ "folder": spec }));
    // The first run starts the worker.
    std::fs::copy(folder.join("all/00000.jpg"), input.join("first.jpg")).expect("it is copied");
    daemon.until(&input, 1);
    let began = Instant::now();
    for number in 1..count {
        let name = format!("{number:05}.jpg");
        let (from, to) = (folder.join("all").join(&name), input.join(&name));
        if number.is_multiple_of(2) {
            std::fs::copy(from, to).expect("it is copied");
        } else {
            let part = input.join(format!("{name}.part"));
            std::fs::copy(from, &part).expect("it is copied");
            std::fs::rename(part, to).expect("and renamed");
        }
    }
    daemon.until(&input, count as u64);
    let took = began.elapsed();
    println!(
        "  memory of the daemon at its highest        {:>5} MB",
        daemon.memory("VmHWM") / 1000
    );
    one_alone(&daemon, folder, alone / count as u32 * 2);
    at_rest(daemon, folder, &recipe);
    took
}

/// From the close of a file to its result, at a quiet moment.
fn one_alone(daemon: &Daemon, folder: &Path, codec: Duration) {
    let source = std::fs::read(folder.join("all/00001.jpg")).expect("it is there");
    let picture = codec::decode(&source, &Limits::default()).expect("it is whole").picture;
    let mut times = Vec::new();
    for number in 0..15u8 {
        let mut picture = picture.clone();
        picture.pixels_mut()[0] = number.wrapping_mul(16);
        let quality = 60 + number;
        let bytes =
            codec::encode(picture.view(), None, Encoding::Jpeg { quality }).expect("encoded");
        let name = format!("alone-{number}");
        let mut file =
            std::fs::File::create(folder.join("in").join(format!("{name}.jpg"))).expect("made");
        file.write_all(&bytes).expect("written");
        drop(file);
        let closed = Instant::now();
        let result = folder.join("out").join(format!("{name}.png"));
        while !result.exists() {
            std::thread::sleep(Duration::from_micros(200));
            assert!(closed.elapsed() < Duration::from_secs(20), "no result");
        }
        times.push(closed.elapsed());
        std::thread::sleep(Duration::from_millis(150));
    }
    times.sort();
    let median = times[times.len() / 2];
    println!(
        "  one file, from its close to its result     {:>8}   {} more than its codecs (goal 30 ms)",
        milliseconds(median),
        milliseconds(median.saturating_sub(codec)),
    );
    let _ = daemon;
}

/// Fifty thousand files that are done: how soon a new daemon is ready, and what it costs to wait.
fn at_rest(daemon: Daemon, folder: &Path, recipe: &Path) {
    let rest = folder.join("rest");
    std::fs::create_dir_all(&rest).expect("the folder can be made");
    for number in 0..AT_REST {
        std::fs::write(rest.join(format!("{number:05}.jpg")), b"").expect("written");
    }
    let spec = json!({ "path": rest, "recipe": recipe, "out": folder.join("rest-out"), "include": ["none.jpg", "0*.jpg", "1*.jpg", "2*.jpg", "3*.jpg", "4*.jpg"] });
    daemon.call("folder.add", json!({ "folder": spec }));
    daemon.call("folder.pause", json!({ "folder": rest }));
    let deadline = Instant::now() + Duration::from_mins(2);
    while daemon.status(&rest)["waiting"].as_u64() < Some(AT_REST as u64) {
        assert!(Instant::now() < deadline, "they are not seen: {}", daemon.status(&rest));
        std::thread::sleep(Duration::from_millis(100));
    }
    let data = daemon.data.clone();
    drop(daemon);
    let began = Instant::now();
    let daemon = Daemon::again(&data);
    let answers = began.elapsed();
    while daemon.status(&rest)["state"] != "watching" {
        std::thread::sleep(Duration::from_millis(2));
    }
    println!(
        "  50,000 files on record: ready after        {:>8}   answers after {} (goal 500 ms)",
        milliseconds(began.elapsed()),
        milliseconds(answers)
    );
    std::thread::sleep(Duration::from_secs(2));
    let before = daemon.processor_time();
    std::thread::sleep(Duration::from_secs(10));
    let used = daemon.processor_time().saturating_sub(before);
    println!(
        "  processor time of ten idle seconds         {:>8}   (goal 0), memory {} MB",
        milliseconds(used),
        daemon.memory("VmRSS") / 1000
    );
}

/// The same files, dropped the same way, for a script of the kind that people write.
fn peer(folder: &Path, script: &str, count: usize) -> Option<Duration> {
    let (input, output) =
        (folder.join(format!("{script}-in")), folder.join(format!("{script}-out")));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers").join(script);
    std::fs::create_dir_all(&input).ok()?;
    std::fs::create_dir_all(&output).ok()?;
    let mut child = Command::new("python3")
        .arg(script)
        .args([&input, &output])
        .arg((count - 1).to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut line = String::new();
    BufReader::new(child.stdout.take()?).read_line(&mut line).ok()?;
    if line.trim() != "ready" {
        let _ = child.wait();
        return None;
    }
    let began = Instant::now();
    for number in 1..count {
        let name = format!("{number:05}.jpg");
        let from = folder.join("all").join(&name);
        if number.is_multiple_of(2) {
            std::fs::copy(from, input.join(&name)).ok()?;
        } else {
            let part = input.join(format!("{name}.part"));
            std::fs::copy(from, &part).ok()?;
            std::fs::rename(part, input.join(&name)).ok()?;
        }
    }
    let ended = child.wait().ok()?;
    assert!(ended.success(), "the peer failed");
    Some(began.elapsed())
}

struct Daemon {
    child: Child,
    data: PathBuf,
}

impl Daemon {
    fn start(data: &Path) -> Daemon {
        install_invert(&data.join("backends/invert"));
        let daemon = Daemon::again(data);
        daemon.call("backend.trust", json!({ "id": "invert" }));
        daemon
    }

    fn again(data: &Path) -> Daemon {
        let _ = std::fs::remove_file(data.join("daemon.json"));
        let child = Command::new(EASEL)
            .args(["serve", "--quiet", "--port", "0", "--patience", "0", "--data-dir"])
            .arg(data)
            .stderr(Stdio::null())
            .spawn()
            .expect("the daemon starts");
        let daemon = Daemon { child, data: data.to_owned() };
        let deadline = Instant::now() + Duration::from_secs(20);
        while daemon.try_call("server.info", &json!({})).is_none() {
            assert!(Instant::now() < deadline, "the daemon does not answer");
            std::thread::sleep(Duration::from_millis(2));
        }
        daemon
    }

    fn call(&self, method: &str, params: Value) -> Value {
        let mut answer = self.try_call(method, &params).expect("the daemon answers");
        assert!(answer.get("error").is_none(), "{method}: {}", answer["error"]);
        answer["result"].take()
    }

    fn try_call(&self, method: &str, params: &Value) -> Option<Value> {
        let endpoint = std::fs::read(self.data.join("daemon.json")).ok()?;
        let port = serde_json::from_slice::<Value>(&endpoint).ok()?["port"].as_u64()?;
        let token = std::fs::read_to_string(self.data.join("token")).ok()?;
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let answer = ureq::post(format!("http://127.0.0.1:{port}/rpc"))
            .header("authorization", format!("Bearer {}", token.trim()))
            .header("content-type", "application/json")
            .send(body.to_string())
            .ok()?
            .body_mut()
            .read_to_vec()
            .ok()?;
        serde_json::from_slice(&answer).ok()
    }

    fn status(&self, folder: &Path) -> Value {
        self.call("folder.status", json!({ "folder": folder }))
    }

    fn until(&self, folder: &Path, done: u64) {
        loop {
            let status = self.status(folder);
            assert_eq!(status["failed"], 0, "{status}");
            if status["done"].as_u64() >= Some(done) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn memory(&self, field: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let line = status.unwrap_or_default();
        let line = line.lines().find(|line| line.starts_with(field)).unwrap_or_default().to_owned();
        line.split_whitespace().nth(1).and_then(|text| text.parse().ok()).unwrap_or_default()
    }

    /// What the daemon has used of the processor, in all.
    fn processor_time(&self) -> Duration {
        let stat =
            std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        let fields: Vec<&str> =
            stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks =
            |index: usize| fields.get(index).and_then(|it| it.parse::<u64>().ok()).unwrap_or(0);
        Duration::from_millis((ticks(11) + ticks(12)) * 10)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn install_invert(target: &Path) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let example = root.join("plugins/example-c");
    std::fs::create_dir_all(target).expect("the folder of backends can be made");
    std::fs::copy(example.join("backend.toml"), target.join("backend.toml")).expect("copied");
    let built = Command::new("cc")
        .args(["-O3", "-shared", "-fPIC", "-I"])
        .arg(root.join("plugins/abi"))
        .arg(example.join("invert.c"))
        .arg("-o")
        .arg(target.join(format!(
            "{}invert{}",
            std::env::consts::DLL_PREFIX,
            std::env::consts::DLL_SUFFIX
        )))
        .status();
    assert!(built.is_ok_and(|status| status.success()), "`cc` compiles the example");
}
