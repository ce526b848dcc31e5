//! The hosted models against simulators of their services: real daemon, real plugins, real sockets. The
//! simulators know the vendors' documentation and nothing of Easel; what they log and count is what is
//! judged here.

mod durable;
mod faults;
mod judged;
mod keys;
mod pictures;
mod security;
mod spend;
mod volume;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use easel_protocol::job::{JobRecord, JobState};
use easel_protocol::picture::BlobInfo;
use serde_json::{Value, json};

use crate::support::{Daemon, EASEL, PATIENCE, root};

/// A simulated service: which backend it is for, and how it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Gemini,
    Ark,
    Bfl,
}

impl Service {
    pub(crate) const ALL: [Service; 3] = [Service::Gemini, Service::Ark, Service::Bfl];

    fn name(self) -> &'static str {
        match self {
            Service::Gemini => "gemini",
            Service::Ark => "ark",
            Service::Bfl => "bfl",
        }
    }

    pub(crate) fn backend(self) -> &'static str {
        match self {
            Service::Gemini => "gemini",
            Service::Ark => "seedream",
            Service::Bfl => "flux",
        }
    }

    /// A model of each that is good for everything.
    pub(crate) fn model(self) -> &'static str {
        match self {
            Service::Gemini => "nano-banana-2",
            Service::Ark => "seedream-5-flash",
            Service::Bfl => "flux-2-pro",
        }
    }

    pub(crate) fn key(self) -> String {
        format!("test-key-{}", self.name())
    }

    fn base_url(self, port: u16) -> String {
        let path = if self == Service::Ark { "/api/v3" } else { "" };
        format!("http://127.0.0.1:{port}{path}")
    }
}

/// A running simulator.
pub(crate) struct Provider {
    pub(crate) service: Service,
    child: Child,
    pub(crate) port: u16,
    pub(crate) file_port: Option<u16>,
}

impl Provider {
    pub(crate) fn start(service: Service) -> Provider {
        Provider::with(service, &[])
    }

    pub(crate) fn with(service: Service, options: &[&str]) -> Provider {
        let mut child = python()
            .arg(root().join("tests/providers/simulate.py"))
            .arg(service.name())
            .args(options)
            // It ends with us: its standard input is our pipe.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line)
            .unwrap_or_else(|error| panic!("the simulator did not start: {error}: {line}"));
        let port = |name: &str| ready[name].as_u64().map(|port| port as u16);
        Provider { service, child, port: port("port").unwrap(), file_port: port("file_port") }
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> Vec<Value> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        body.lines()
            .map(|line| {
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
            })
            .collect()
    }

    /// What happens to the next requests.
    pub(crate) fn scenario(&self, scenario: &str, times: u32) {
        let body = json!({ "scenario": scenario, "times": times }).to_string();
        self.ask("POST", "/_control", &body);
    }

    /// Lets go what a `hold` holds.
    pub(crate) fn release(&self) {
        self.ask("POST", "/_control", "{\"release\": true}");
    }

    pub(crate) fn count(&self) -> Value {
        self.ask("GET", "/_count", "").swap_remove(0)
    }

    /// How many paid requests it accepted.
    pub(crate) fn submits(&self) -> u64 {
        self.count()["submits"].as_u64().unwrap()
    }

    pub(crate) fn wait(&self, ready: impl Fn(&Value) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let count = self.count();
            if ready(&count) {
                return;
            }
            assert!(Instant::now() < deadline, "waited in vain: {count}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Every request as it arrived.
    pub(crate) fn log(&self) -> Vec<Value> {
        let lines = self.ask("GET", "/_log", "");
        lines.into_iter().filter(|line| line["done"] != true).collect()
    }

    /// The paid requests as they arrived.
    pub(crate) fn posts(&self) -> Vec<Value> {
        self.log().into_iter().filter(|line| line["method"] == "POST").collect()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Python with what the simulators and judges need.
pub(crate) fn python() -> Command {
    let packages = root().join("target/providers");
    assert!(packages.is_dir(), "`cargo xtask providers` installs what the simulators need");
    let mut command = Command::new("python3");
    command.env("PYTHONPATH", packages).env("PYTHONDONTWRITEBYTECODE", "1").current_dir(root());
    command
}

/// Puts a hosted backend where a daemon looks for it: its manifest, catalogue and library.
fn install(service: Service, into: &Path) {
    let folder = root().join("plugins").join(service.backend());
    let target = into.join(service.backend());
    std::fs::create_dir_all(&target).unwrap();
    for file in ["backend.toml", "models.toml"] {
        std::fs::copy(folder.join(file), target.join(file)).unwrap();
    }
    let library = libloading::library_filename(format!("easel_{}", service.backend()));
    let built: PathBuf = Path::new(EASEL).with_file_name(&library);
    assert!(built.is_file(), "`cargo build --workspace` builds `{}`", built.display());
    std::fs::copy(built, target.join(library)).unwrap();
}

/// A daemon that takes the simulators for the services, with their keys.
pub(crate) fn daemon_for(providers: &[&Provider]) -> Daemon {
    let mut daemon = prepared(providers);
    for provider in providers {
        let folder = daemon.data().join("config/keys");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(provider.service.name_of_key()), provider.service.key())
            .unwrap();
    }
    start(&mut daemon);
    daemon
}

/// The same, without keys and not started yet.
pub(crate) fn prepared(providers: &[&Provider]) -> Daemon {
    let daemon = Daemon::stopped();
    for provider in providers {
        install(provider.service, &daemon.data().join("backends"));
        configure(&daemon, provider, "");
    }
    daemon
}

/// Starts it, and trusts what is new.
pub(crate) fn start(daemon: &mut Daemon) {
    daemon.start_again();
    for backend in daemon.call("backend.list", json!({})).unwrap()["backends"].as_array().unwrap() {
        if backend["state"] == "untrusted" {
            daemon.call("backend.trust", json!({ "id": backend["id"] })).unwrap();
        }
    }
}

/// Writes a person's own catalogue: the simulator's addresses, and perhaps more.
pub(crate) fn configure(daemon: &Daemon, provider: &Provider, more: &str) {
    let folder = daemon.data().join("config/models");
    std::fs::create_dir_all(&folder).unwrap();
    let files = provider
        .file_port
        .map(|port| format!("allow = [\"http://127.0.0.1:{port}\"]\n"))
        .unwrap_or_default();
    let base = provider.service.base_url(provider.port);
    let text = format!("base_url = \"{base}\"\n{files}{more}\n");
    std::fs::write(folder.join(format!("{}.toml", provider.service.backend())), text).unwrap();
}

impl Service {
    pub(crate) fn name_of_key(self) -> &'static str {
        match self {
            Service::Gemini => "gemini",
            Service::Ark => "ark",
            Service::Bfl => "bfl",
        }
    }
}

/// A picture that no model has to fit: its sides are multiples of 16 and its shape is 1:1.
pub(crate) const SIDE: u32 = 256;

/// Uploads a soft picture.
pub(crate) fn upload(daemon: &Daemon) -> (BlobInfo, Vec<u8>) {
    let rows = soft(SIDE, SIDE);
    (daemon.put_pixels("rgba8", SIDE, SIDE, &rows), rows)
}

/// Colours that change slowly, away from black and white.
pub(crate) fn soft(width: u32, height: u32) -> Vec<u8> {
    let share = |part: u32, whole: u32| 64 + (part * 127 / whole.max(1)) as u8;
    (0..height)
        .flat_map(|y| {
            (0..width).flat_map(move |x| {
                [share(x, width), share(y, height), share(x + y, width + height), 255]
            })
        })
        .collect()
}

/// An edit with a prompt.
pub(crate) fn edit(source: &BlobInfo, model: &str, prompt: &str) -> Value {
    json!({ "intent": "edit", "source": source.id, "models": [model], "prompt": prompt })
}

/// Submits under a key of its own and waits for the end.
pub(crate) fn ended(daemon: &Daemon, ask: Value) -> JobRecord {
    let key = uuid::Uuid::now_v7().to_string();
    let transform = daemon.submit(&key, ask).unwrap_or_else(|failure| panic!("{failure:?}"));
    daemon.wait(&transform.jobs[0].id)
}

/// The same for a run that has to go well.
pub(crate) fn done(daemon: &Daemon, ask: Value) -> JobRecord {
    let job = ended(daemon, ask);
    assert_eq!(job.state, JobState::Done, "{:?}\n{}", job.failure, daemon.log());
    job
}

/// The rows of a job's picture.
pub(crate) fn rows(daemon: &Daemon, job: &JobRecord, index: usize) -> Vec<u8> {
    daemon.pixels(job.artifacts[index].blob.as_str(), "rgba8")
}
