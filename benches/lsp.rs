//! The language server on a recipe of a thousand lines: from a keystroke to the completions and to what is wrong, through
//! the real program over its standard input and output, beside the time that merely parsing the text takes.
//!
//! `cargo xtask bench` runs it. It judges nothing: figures are for reading, and for comparing within one run.

#![allow(clippy::print_stdout, reason = "it prints its figures")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// How many keystrokes each case has.
const KEYSTROKES: usize = 400;

fn main() {
    let folder = std::env::temp_dir().join(format!("easel-bench-lsp-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the temporary folder can be written");
    let (right, wrong) = (recipe(true), recipe(false));
    println!(
        "a keystroke in a recipe of {} lines and {} bytes\n",
        wrong.lines().count(),
        wrong.len()
    );
    println!("  {:<44}      p50        p99   goal", "");
    parse(&wrong);
    server("without a daemon", &folder, &["lsp", "--no-start"], &wrong);
    server("with models, right in every step", &folder, &["lsp"], &right);
    server("with models, wrong in every step", &folder, &["lsp"], &wrong);
    let mut stop = Command::new(env!("CARGO_BIN_EXE_easel"));
    let _ = stop.arg("stop").env("EASEL_DATA_DIR", folder.join("data")).output();
    let _ = std::fs::remove_dir_all(&folder);
}

/// As many steps and combinations as may be, with what people write around them. Right in every step, or with a prompt
/// and more that the model does not take, so that each of the combinations is wrong in several ways.
fn recipe(is_right: bool) -> String {
    let mut text = "# The whole collection.\ntitle = \"Everything\"\n\n".to_owned();
    for step in 0..16 {
        for line in 0..10 {
            let _ = writeln!(text, "# Step {step}: what it is for, line {line}.");
        }
        text.push_str("[[step]]\nintent = \"restyle\"\nmodel = \"local-style\"\nstyle = [\n");
        let other = if is_right { "ochre-sky" } else { "no-such-style" };
        let _ = writeln!(text, "    \"{other}:0.5\", # sweet\n    \"yellow-woodcut:0.5\",\n]");
        let quotes = if is_right { "" } else { "\"\"\"\n" };
        let start = if is_right { "# " } else { "" };
        let _ = write!(text, "{}{quotes}", if is_right { "" } else { "prompt = " });
        for line in 0..34 {
            let _ = writeln!(text, "{start}line {line}: {{mood}} light on {{name}}, as in May");
        }
        text.push_str(quotes);
        if !is_right {
            text.push_str("keep = [\n    \"subject\",\n    \"composition\",\n]\n");
        }
        text.push_str("strength = 0.5 # half of it\nfeather = 8\n\n");
    }
    text.push_str("[matrix]\nmood = [\n");
    for value in 0..8 {
        let _ = writeln!(text, "    \"mood {value}\",");
    }
    text.push_str("]\nplace = [\n");
    for value in 0..8 {
        let _ = writeln!(text, "    \"place {value}\",");
    }
    text.push_str("]\n\n[output]\nformat = \"jpeg\"\nname = \"{name}-{mood}-{place}\"\n");
    while text.lines().count() < 1000 {
        text.push_str("# the end\n");
    }
    text
}

fn row(name: &str, mut times: Vec<Duration>, goal: &str) {
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!("  {name:<44} {:>6.2} ms  {:>6.2} ms   {goal}", at(0.5), at(0.99));
}

fn parse(text: &str) {
    let times = (0..KEYSTROKES).map(|_| {
        let began = Instant::now();
        let _ = black_box(toml::de::DeTable::parse(black_box(text)));
        began.elapsed()
    });
    row("parsing the text, nothing else", times.collect(), "");
}

/// Types into the recipe at several places, and waits for both answers each time.
fn server(name: &str, folder: &Path, arguments: &[&str], text: &str) {
    let mut server = Server::start(folder, arguments);
    let uri = format!("file://{}/a.easel.toml", folder.display());
    let document = json!({ "uri": uri, "languageId": "toml", "version": 0, "text": text });
    server.tell("textDocument/didOpen", json!({ "textDocument": document }));
    server.until(|it| it["params"]["version"] == 0);
    // The models come when the daemon answers.
    std::thread::sleep(Duration::from_secs(2));
    let cases = [
        ("a key", "feather = 8\n", "feather = 8\nse", "\n"),
        ("a placeholder", "{name}-{mood}", "{na", ""),
        (
            "a list that is not closed",
            "\"yellow-woodcut:0.5\",\n]\n",
            "\"yellow-woodcut:0.5\",\n\"m",
            "\n",
        ),
    ];
    for (place, from, to, behind) in cases {
        let (mut completions, mut diagnostics) = (Vec::new(), Vec::new());
        let near = text.len() / 2;
        let Some(at) = text[near..].find(from).map(|at| near + at) else { continue };
        for round in 0..KEYSTROKES {
            let version = server.version + 1;
            server.version = version;
            // Every text is a new one.
            let typed = format!("{to}{}", if round % 2 == 0 { "" } else { "x" });
            let new = format!("{}{typed}{behind}{}", &text[..at], &text[at + from.len()..]);
            let cursor = at + typed.len();
            let line = new[..cursor].matches('\n').count();
            let character = cursor - new[..cursor].rfind('\n').map_or(0, |end| end + 1);
            let began = Instant::now();
            let document = json!({ "uri": uri, "version": version });
            let changes = json!([{ "text": new }]);
            server.tell(
                "textDocument/didChange",
                json!({ "textDocument": document, "contentChanges": changes }),
            );
            let position = json!({ "line": line, "character": character });
            let params = json!({ "textDocument": { "uri": uri }, "position": position });
            server.send(&json!({ "jsonrpc": "2.0", "id": version, "method": "textDocument/completion", "params": params }));
            let (mut completed, mut judged) = (None, None);
            while completed.is_none() || judged.is_none() {
                let message = server.receive();
                if message["id"] == version {
                    completed = Some(began.elapsed());
                } else if message["params"]["version"] == version {
                    judged = Some(began.elapsed());
                }
            }
            completions.extend(completed);
            diagnostics.extend(judged);
        }
        println!("\n  {name}, {place}");
        row("  until the completions", completions, "20 ms");
        row("  until what is wrong", diagnostics, "20 ms");
    }
}

struct Server {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    version: i64,
}

impl Server {
    fn start(folder: &Path, arguments: &[&str]) -> Server {
        let mut child = Command::new(env!("CARGO_BIN_EXE_easel"))
            .args(arguments)
            .env("EASEL_DATA_DIR", folder.join("data"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let input = child.stdin.take().expect("it is piped");
        let output = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut server = Server { child, input, output, version: 0 };
        let params = json!({ "processId": null, "rootUri": null, "capabilities": {} });
        server
            .send(&json!({ "jsonrpc": "2.0", "id": -1, "method": "initialize", "params": params }));
        server.until(|it| it["id"] == -1);
        server.tell("initialized", json!({}));
        server
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        let framed = format!("Content-Length: {}\r\n\r\n{text}", text.len());
        self.input.write_all(framed.as_bytes()).expect("it reads");
        self.input.flush().expect("it reads");
    }

    fn until(&mut self, wanted: impl Fn(&Value) -> bool) {
        while !wanted(&self.receive()) {}
    }

    fn receive(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.output.read_line(&mut line).expect("it speaks");
            assert!(!line.is_empty(), "the server ended");
            match line.trim_end().strip_prefix("Content-Length: ") {
                Some(value) => length = value.parse().expect("a number"),
                None if line.trim_end().is_empty() => break,
                None => {}
            }
        }
        let mut body = vec![0; length];
        self.output.read_exact(&mut body).expect("it speaks");
        serde_json::from_slice(&body).expect("it speaks JSON")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
