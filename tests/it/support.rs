//! A real daemon on a port of its own in a folder of its own, and what tests need to talk to it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use easel_protocol::Failure;
use easel_protocol::job::{JobRecord, JobState};
use easel_protocol::picture::BlobInfo;
use easel_protocol::transform::TransformRecord;
use serde_json::{Value, json};

/// The program under test.
pub(crate) const EASEL: &str = env!("CARGO_BIN_EXE_easel");

/// How long anything may take that should take no time worth mentioning.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Compiles a C plugin with its manifest into a folder of backends.
pub(crate) fn install_plugin(folder: &Path, into: &Path) {
    let name = folder.file_name().unwrap().to_str().unwrap();
    let manifest = std::fs::read_to_string(folder.join("backend.toml")).unwrap();
    let manifest_as_data: toml::Table = manifest.parse().unwrap();
    let stem = manifest_as_data["library"].as_str().unwrap();
    let target = into.join(name);
    std::fs::create_dir_all(&target).unwrap();
    std::fs::write(target.join("backend.toml"), &manifest).unwrap();
    let source = std::fs::read_dir(folder)
        .unwrap()
        .flatten()
        .map(|file| file.path())
        .find(|path| path.extension().is_some_and(|it| it == "c"));
    let output = Command::new("cc")
        .args(["-O2", "-shared", "-fPIC", "-I"])
        .arg(root().join("plugins/abi"))
        .arg(source.unwrap())
        .arg("-o")
        .arg(target.join(libloading::library_filename(stem)))
        .output()
        .expect("a C compiler is installed as `cc`");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The folder of a misbehaving plugin.
pub(crate) fn fixture(name: &str) -> PathBuf {
    root().join("tests/backends").join(name)
}

/// An answer of the daemon.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    pub(crate) fn failure(&self) -> Failure {
        serde_json::from_value(self.json()).unwrap()
    }
}

/// A data folder, and the daemon that runs on it.
pub(crate) struct Daemon {
    folder: tempfile::TempDir,
    child: Option<Child>,
    pub(crate) port: u16,
    pub(crate) token: String,
    environment: Vec<(String, String)>,
    wrapper: Vec<String>,
}

impl Daemon {
    /// A daemon without plugins.
    pub(crate) fn start() -> Daemon {
        Daemon::with_plugins(&[])
    }

    /// A daemon that trusts some of the plugins in `tests/backends`, or `example-c`.
    pub(crate) fn with_plugins(names: &[&str]) -> Daemon {
        let mut daemon = Daemon::stopped();
        for name in names {
            let folder =
                if *name == "example-c" { root().join("plugins/example-c") } else { fixture(name) };
            install_plugin(&folder, &daemon.data().join("backends"));
        }
        daemon.start_again();
        for backend in
            daemon.call("backend.list", json!({})).unwrap()["backends"].as_array().unwrap()
        {
            if backend["state"] == "untrusted" {
                daemon.call("backend.trust", json!({ "id": backend["id"] })).unwrap();
            }
        }
        daemon
    }

    /// A data folder whose daemon was not started yet.
    pub(crate) fn stopped() -> Daemon {
        let folder = tempfile::tempdir().unwrap();
        Daemon {
            folder,
            child: None,
            port: 0,
            token: String::new(),
            environment: Vec::new(),
            wrapper: Vec::new(),
        }
    }

    /// Starts the daemon through another program from now on, one that becomes it.
    pub(crate) fn wrap(&mut self, wrapper: &[&str]) {
        self.wrapper = wrapper.iter().map(|&word| word.to_owned()).collect();
    }

    /// Gives the daemon a variable when it is started next.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    pub(crate) fn data(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    /// The command that starts the daemon, for a test that wants to see it fail.
    pub(crate) fn serve(&self, arguments: &[&str]) -> Command {
        let mut command = match self.wrapper.split_first() {
            Some((program, arguments)) => {
                let mut command = Command::new(program);
                command.args(arguments).arg(EASEL);
                command
            }
            None => Command::new(EASEL),
        };
        command.arg("serve").arg("--data-dir").arg(self.data()).args(arguments);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null());
        command
    }

    /// Starts the daemon and waits until it answers.
    pub(crate) fn start_again(&mut self) {
        assert!(self.child.is_none());
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.data().join("test.log"))
            .unwrap();
        let mut child = self
            .serve(&["--port", "0", "--patience", "0"])
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = child.try_wait().unwrap() {
                panic!("the daemon ended ({status}): {}", self.log());
            }
            let endpoint = std::fs::read(self.data().join("daemon.json"))
                .ok()
                .and_then(|text| serde_json::from_slice::<Value>(&text).ok());
            if let Some(endpoint) = endpoint
                && endpoint["pid"] == child.id()
            {
                self.port = endpoint["port"].as_u64().unwrap() as u16;
                self.token = std::fs::read_to_string(self.data().join("token")).unwrap();
                if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                    break;
                }
            }
            assert!(Instant::now() < deadline, "the daemon does not answer: {}", self.log());
            std::thread::sleep(Duration::from_millis(5));
        }
        self.child = Some(child);
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.data().join("test.log")).unwrap_or_default()
    }

    /// Ends the daemon as a power cut would.
    pub(crate) fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Asks the daemon to end, and waits until it has.
    pub(crate) fn stop(&mut self) {
        self.call("server.shutdown", json!({})).unwrap();
        let mut child = self.child.take().unwrap();
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < deadline, "the daemon does not end: {}", self.log());
            std::thread::sleep(Duration::from_millis(5));
        };
        assert!(status.success(), "the daemon ended with {status}: {}", self.log());
    }

    /// Sends a request as it is written here, header by header.
    pub(crate) fn raw(&self, head: &str, body: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        // A server that refuses early may not read to the end.
        let _ = stream.write_all(body);
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        let end = bytes
            .windows(4)
            .position(|window| window == b"\r\n\r\n")
            .unwrap_or_else(|| panic!("no answer to {head}"));
        let headers = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let status = headers.split_whitespace().nth(1).unwrap().parse().unwrap();
        let body = bytes[end + 4..].to_vec();
        let body = if headers.to_ascii_lowercase().contains("transfer-encoding: chunked") {
            dechunk(&body)
        } else {
            body
        };
        Answer { status, headers, body }
    }

    /// Sends a request with the token.
    pub(crate) fn request(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Answer {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nauthorization: Bearer {}\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n",
            self.port,
            self.token,
            body.len()
        );
        self.raw(&head, body)
    }

    /// Calls a method.
    pub(crate) fn call(&self, method: &str, params: Value) -> Result<Value, Failure> {
        let body =
            json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        let answer =
            self.request("POST", "/rpc", "content-type: application/json\r\n", body.as_bytes());
        let mut answer = answer.json();
        match answer.get("error") {
            Some(error) => {
                Err(serde_json::from_value(error["data"].clone())
                    .unwrap_or_else(|_| panic!("{error}")))
            }
            None => Ok(answer["result"].take()),
        }
    }

    /// Uploads rows.
    pub(crate) fn put_pixels(
        &self,
        format: &str,
        width: u32,
        height: u32,
        rows: &[u8],
    ) -> BlobInfo {
        let headers = format!(
            "content-type: application/vnd.easel.pixels; format={format}; width={width}; height={height}\r\n"
        );
        let answer = self.request("PUT", "/v1/blobs", &headers, rows);
        assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
        serde_json::from_value(answer.json()).unwrap()
    }

    /// Uploads the bytes of a file.
    pub(crate) fn put_file(&self, bytes: &[u8]) -> Result<BlobInfo, Failure> {
        let answer =
            self.request("PUT", "/v1/blobs", "content-type: application/octet-stream\r\n", bytes);
        if answer.status == 201 {
            Ok(serde_json::from_value(answer.json()).unwrap())
        } else {
            Err(answer.failure())
        }
    }

    /// The rows of a picture.
    pub(crate) fn pixels(&self, blob: &str, format: &str) -> Vec<u8> {
        let answer =
            self.request("GET", &format!("/v1/blobs/{blob}/pixels?format={format}"), "", b"");
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        answer.body
    }

    /// Submits an ask under a key.
    pub(crate) fn submit(&self, key: &str, ask: Value) -> Result<TransformRecord, Failure> {
        self.call("transform.submit", json!({ "key": key, "ask": ask }))
            .map(|record| serde_json::from_value(record).unwrap())
    }

    pub(crate) fn job(&self, id: &str) -> JobRecord {
        serde_json::from_value(self.call("job.get", json!({ "id": id })).unwrap()).unwrap()
    }

    /// Waits until a job has ended.
    pub(crate) fn wait(&self, id: &str) -> JobRecord {
        self.wait_until(id, |job| job.state.is_final())
    }

    /// Waits until a job is as it should be.
    pub(crate) fn wait_until(&self, id: &str, ready: impl Fn(&JobRecord) -> bool) -> JobRecord {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let job = self.job(id);
            if ready(&job) {
                return job;
            }
            assert!(Instant::now() < deadline, "waited in vain: {job:?}\n{}", self.log());
            std::thread::sleep(Duration::from_millis(3));
        }
    }

    /// Submits, waits, and expects one picture.
    pub(crate) fn run(&self, key: &str, ask: Value) -> JobRecord {
        let transform = self.submit(key, ask).unwrap();
        let job = self.wait(&transform.jobs[0].id);
        assert_eq!(job.state, JobState::Done, "{:?}", job.failure);
        job
    }

    /// Runs the command line on this data folder.
    pub(crate) fn easel(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(EASEL);
        command.env("EASEL_DATA_DIR", self.data()).args(arguments).stdin(Stdio::null());
        command.output().unwrap()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn dechunk(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    while let Some(line) = body.windows(2).position(|window| window == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&body[..line]).unwrap(), 16).unwrap();
        if size == 0 || body.len() < line + 2 + size {
            break;
        }
        whole.extend_from_slice(&body[line + 2..line + 2 + size]);
        body = body.get(line + 4 + size..).unwrap_or_default();
    }
    whole
}

/// Rows of a picture that no two pixels of which are alike in a row.
pub(crate) fn pattern(width: u32, height: u32) -> Vec<u8> {
    let pixel = |x: u32, y: u32| [(x * 7 + y) as u8, (y * 5) as u8, (x ^ y) as u8, 255];
    (0..height).flat_map(|y| (0..width).flat_map(move |x| pixel(x, y))).collect()
}

/// What the invert backends make of rows.
pub(crate) fn inverted(rows: &[u8]) -> Vec<u8> {
    rows.chunks_exact(4).flat_map(|pixel| [!pixel[0], !pixel[1], !pixel[2], pixel[3]]).collect()
}

/// An ask as JSON: one model, everything else as it is by itself.
pub(crate) fn ask(source: &BlobInfo, model: &str) -> Value {
    json!({ "intent": "restyle", "source": source.id, "models": [model] })
}
