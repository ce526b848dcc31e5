//! An editor as the protocol sees it: starts the program, sends and receives, and writes down both.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::text::brief;
use crate::support::{EASEL, PATIENCE};

/// A running server, and what was said.
pub(super) struct Editor {
    child: Child,
    input: Option<ChildStdin>,
    output: Receiver<Value>,
    /// What the server said that nobody has looked at yet.
    waiting: VecDeque<Value>,
    /// What was said, for snapshots.
    transcript: String,
    next_id: u64,
    folder: tempfile::TempDir,
}

/// What an editor of today can do.
pub(super) fn able() -> Value {
    json!({
        "general": { "positionEncodings": ["utf-16"] },
        "textDocument": {
            "completion": { "completionItem": { "snippetSupport": true } },
            "publishDiagnostics": { "versionSupport": true },
        },
        "workspace": { "workspaceEdit": { "documentChanges": true } },
    })
}

impl Editor {
    /// Starts a server that knows no daemon.
    pub(super) fn alone() -> Editor {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        Editor::start(folder, &data, &["--no-start"])
    }

    /// Starts a server on a daemon's data folder.
    pub(super) fn beside(data: &Path) -> Editor {
        Editor::start(tempfile::tempdir().unwrap(), data, &["--no-start"])
    }

    pub(super) fn start(folder: tempfile::TempDir, data: &Path, arguments: &[&str]) -> Editor {
        let mut child = Command::new(EASEL)
            .arg("lsp")
            .args(arguments)
            .env("EASEL_DATA_DIR", data)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (sender, output) = channel();
        let mut reader = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            while let Some(message) = receive(&mut reader) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let (input, transcript) = (child.stdin.take(), String::new());
        Editor { child, input, output, waiting: VecDeque::new(), transcript, next_id: 1, folder }
    }

    /// Starts a server that knows no daemon, and greets it.
    pub(super) fn greeted() -> Editor {
        let mut editor = Editor::alone();
        editor.greet(able());
        editor
    }

    pub(super) fn greet(&mut self, capabilities: Value) -> Value {
        let params = json!({ "processId": null, "rootUri": null, "capabilities": capabilities });
        let answer = self.ask("initialize", params);
        self.tell("initialized", json!({}));
        answer
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The address of a file in the test's folder.
    pub(super) fn uri(&self, name: &str) -> String {
        format!("file://{}/{name}", self.folder.path().display())
    }

    pub(super) fn document(&self, name: &str) -> Value {
        json!({ "uri": self.uri(name) })
    }

    pub(super) fn open(&mut self, name: &str, version: i64, text: &str) {
        let uri = self.uri(name);
        let document =
            json!({ "uri": uri, "languageId": "toml", "version": version, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
    }

    pub(super) fn change(&mut self, name: &str, version: i64, text: &str) {
        let document = json!({ "uri": self.uri(name), "version": version });
        let changes = json!([{ "text": text }]);
        let params = json!({ "textDocument": document, "contentChanges": changes });
        self.tell("textDocument/didChange", params);
    }

    /// Opens a document and waits for what is wrong with it.
    pub(super) fn opened(&mut self, name: &str, text: &str) -> Vec<Value> {
        self.open(name, 1, text);
        self.diagnostics(name, 1)
    }

    /// Waits for the diagnostics of a version.
    pub(super) fn diagnostics(&mut self, name: &str, version: i64) -> Vec<Value> {
        let uri = self.uri(name);
        let said = self.wait_for("textDocument/publishDiagnostics", |params| {
            params["uri"] == uri.as_str() && params["version"] == version
        });
        said["diagnostics"].as_array().unwrap().clone()
    }

    /// Asks for something at a place of a document.
    pub(super) fn at(&mut self, method: &str, name: &str, (line, character): (u32, u32)) -> Value {
        let position = json!({ "line": line, "character": character });
        self.ask(method, json!({ "textDocument": self.document(name), "position": position }))
    }

    /// Sends a request and waits for its result.
    pub(super) fn ask(&mut self, method: &str, params: Value) -> Value {
        let mut answer = self.ask_anyhow(method, params);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].take()
    }

    /// Sends a request and waits for its answer, whichever it is.
    pub(super) fn ask_anyhow(&mut self, method: &str, params: Value) -> Value {
        let id = self.request(method, params);
        self.answer(id)
    }

    /// Sends a request and does not wait.
    pub(super) fn request(&mut self, method: &str, params: Value) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id
    }

    pub(super) fn answer(&mut self, id: u64) -> Value {
        self.take(&format!("the answer to {id}"), |message| {
            message["id"] == id && message.get("method").is_none()
        })
    }

    pub(super) fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Answers a request of the server's.
    pub(super) fn reply(&mut self, id: &Value, result: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "result": result }));
    }

    /// Waits for a notification or a request of the server's and gives its parameters.
    pub(super) fn wait_for(&mut self, method: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        self.message(method, wanted)["params"].take()
    }

    /// The same with everything around its parameters.
    pub(super) fn message(&mut self, method: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        self.take(method, |message| message["method"] == method && wanted(&message["params"]))
    }

    fn take(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(index) = self.waiting.iter().position(&wanted) {
            return self.looked_at(self.waiting[index].clone(), Some(index));
        }
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(message) if wanted(&message) => return self.looked_at(message, None),
                Ok(message) => self.waiting.push_back(message),
                Err(RecvTimeoutError::Timeout) => {
                    panic!("waited in vain for {what}: {:?}", self.waiting)
                }
                Err(RecvTimeoutError::Disconnected) => panic!("the server ended before {what}"),
            }
        }
    }

    fn looked_at(&mut self, message: Value, index: Option<usize>) -> Value {
        if let Some(index) = index {
            self.waiting.remove(index);
        }
        self.note("←", &message);
        message
    }

    /// Everything that came within a time and that nobody waited for.
    pub(super) fn rest(&mut self, time: Duration) -> Vec<Value> {
        let deadline = Instant::now() + time;
        while let Ok(message) =
            self.output.recv_timeout(deadline.saturating_duration_since(Instant::now()))
        {
            self.waiting.push_back(message);
        }
        self.waiting.drain(..).collect()
    }

    pub(super) fn send(&mut self, message: &Value) {
        self.note("→", message);
        let text = message.to_string();
        let framed = format!("Content-Length: {}\r\n\r\n{text}", text.len());
        let input = self.input.as_mut().unwrap();
        input.write_all(framed.as_bytes()).unwrap();
        input.flush().unwrap();
    }

    fn note(&mut self, arrow: &str, message: &Value) {
        let mut message = message.clone();
        message.as_object_mut().unwrap().remove("jsonrpc");
        let method = message["method"].as_str().unwrap_or("answer").to_owned();
        let body = ["params", "result", "error"].iter().find_map(|key| message.get(key));
        let id = message.get("id").map(|id| format!(" {id}")).unwrap_or_default();
        let body = body.map(|body| brief(body, 0)).unwrap_or_default();
        let _ = writeln!(self.transcript, "{arrow} {method}{id} {body}\n");
    }

    /// What was said since the last time, with what differs from run to run taken out.
    pub(super) fn transcript(&mut self) -> String {
        let said = std::mem::take(&mut self.transcript);
        let folder = self.folder.path().display().to_string();
        said.replace(&folder, "/FOLDER").replace(env!("CARGO_PKG_VERSION"), "VERSION")
    }

    /// Says goodbye, and waits until the server has ended.
    pub(super) fn goodbye(mut self) -> (ExitStatus, String) {
        self.ask("shutdown", Value::Null);
        self.tell("exit", Value::Null);
        let status = self.ended();
        (status, self.transcript())
    }

    /// Goes away without a word.
    pub(super) fn hang_up(&mut self) -> ExitStatus {
        self.input = None;
        self.ended()
    }

    /// Waits until the server has ended by itself.
    pub(super) fn ended(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "the server does not end");
            std::thread::sleep(Duration::from_millis(3));
        }
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn receive(reader: &mut impl BufRead) -> Option<Value> {
    let mut length = None;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("Content-Length: ") {
            length = value.parse().ok();
        }
    }
    let mut body = vec![0; length?];
    reader.read_exact(&mut body).ok()?;
    // Whatever else stands on standard output would break every editor.
    Some(serde_json::from_slice(&body).unwrap_or_else(|error| panic!("{error}: {body:?}")))
}
