//! The command line's side of the wire: finds the daemon, or starts one and says so.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use easel_protocol::picture::{BlobId, BlobInfo};
use easel_protocol::{ErrorKind, Failure, Method};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use ureq::Agent;

use super::Context;
use crate::paths::Paths;
use crate::store::io_failure;

/// How to reach a running daemon: the content of `daemon.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Endpoint {
    /// The port on 127.0.0.1.
    pub(super) port: u16,
    /// Its process id.
    pub(super) pid: u32,
    /// Its version.
    pub(super) version: String,
}

impl Endpoint {
    /// What the daemon of a data folder wrote, whether it still runs or not.
    pub(super) fn read(paths: &Paths) -> Option<Endpoint> {
        serde_json::from_slice(&std::fs::read(paths.endpoint()).ok()?).ok()
    }
}

/// A connection to the daemon.
pub(super) struct Client {
    agent: Agent,
    base: String,
    token: String,
}

/// An upload may take so long; so may a transfer of a large picture.
const PATIENCE: Duration = Duration::from_mins(10);
/// How long a daemon may take to start.
const START: Duration = Duration::from_secs(15);

impl Client {
    /// The running daemon, or one that is started now.
    pub(super) fn connect_or_start(context: &Context) -> Result<Client, Failure> {
        if let Some(client) = Client::connect(&context.paths)? {
            return Ok(client);
        }
        let client = start(&context.paths)?;
        context.screen.note("started the daemon; `easel stop` ends it");
        Ok(client)
    }

    /// The running daemon, where there is one.
    pub(super) fn connect(paths: &Paths) -> Result<Option<Client>, Failure> {
        let Some(endpoint) = Endpoint::read(paths) else { return Ok(None) };
        let Ok(token) = std::fs::read_to_string(paths.token()) else { return Ok(None) };
        let client = Client::new(endpoint.port, token.trim());
        // The file may be older than the last crash, and the port somebody else's by now: ask.
        match client
            .call::<easel_protocol::methods::GetServerInfo>(&easel_protocol::server::NoParams {})
        {
            Ok(info) if info.pid == endpoint.pid => Ok(Some(client)),
            Ok(_) => Ok(None),
            Err(failure) if matches!(failure.kind, ErrorKind::Busy | ErrorKind::Unauthorized) => {
                Ok(None)
            }
            Err(failure) => Err(failure),
        }
    }

    fn new(port: u16, token: &str) -> Client {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .timeout_connect(Some(Duration::from_secs(5)))
            // A proxy for the internet must not swallow what is meant for this machine.
            .proxy(None)
            .build();
        Client {
            agent: config.into(),
            base: format!("http://127.0.0.1:{port}"),
            token: format!("Bearer {token}"),
        }
    }

    /// Calls a method.
    pub(super) fn call<M: Method>(&self, params: &M::Params) -> Result<M::Result, Failure> {
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": M::NAME, "params": params });
        let response = self
            .agent
            .post(format!("{}/rpc", self.base))
            .header("authorization", &self.token)
            .header("content-type", "application/json")
            .send(request.to_string())
            .map_err(|error| unreachable_daemon(&error))?;
        let mut answer: Value = read_json(response)?;
        if let Some(error) = answer.get_mut("error") {
            return Err(rpc_failure(error));
        }
        serde_json::from_value(answer["result"].take())
            .map_err(|error| odd_answer(&error.to_string()))
    }

    /// Uploads an encoded picture.
    pub(super) fn upload(&self, bytes: &[u8], as_mask: bool) -> Result<BlobInfo, Failure> {
        let query = if as_mask { "?as=mask" } else { "" };
        let response = self
            .agent
            .put(format!("{}/v1/blobs{query}", self.base))
            .header("authorization", &self.token)
            .header("content-type", "application/octet-stream")
            .send(bytes)
            .map_err(|error| unreachable_daemon(&error))?;
        if response.status() != 201 {
            return Err(read_json::<Failure>(response)?);
        }
        read_json(response)
    }

    /// What is known of a blob.
    pub(super) fn blob_info(&self, id: &BlobId) -> Result<BlobInfo, Failure> {
        let response = self.get(&format!("/v1/blobs/{id}/info"))?;
        read_json(response)
    }

    /// The rows of a picture in its stored format, or the bytes of any other blob.
    pub(super) fn download(&self, id: &BlobId, pixels: bool) -> Result<Vec<u8>, Failure> {
        let path =
            if pixels { format!("/v1/blobs/{id}/pixels") } else { format!("/v1/blobs/{id}") };
        let mut bytes = Vec::new();
        self.get(&path)?.into_body().into_reader().read_to_end(&mut bytes).map_err(|error| {
            Failure::new(ErrorKind::Transient, format!("the download broke off: {error}"))
                .hint("run the command again")
        })?;
        Ok(bytes)
    }

    fn get(&self, path: &str) -> Result<ureq::http::Response<ureq::Body>, Failure> {
        let response = self
            .agent
            .get(format!("{}{path}", self.base))
            .header("authorization", &self.token)
            .call()
            .map_err(|error| unreachable_daemon(&error))?;
        if response.status() != 200 {
            return Err(read_json::<Failure>(response)?);
        }
        Ok(response)
    }
}

fn read_json<T: serde::de::DeserializeOwned>(
    mut response: ureq::http::Response<ureq::Body>,
) -> Result<T, Failure> {
    let bytes = response
        .body_mut()
        .with_config()
        .limit(256 << 20)
        .read_to_vec()
        .map_err(|error| odd_answer(&error.to_string()))?;
    serde_json::from_slice(&bytes).map_err(|error| odd_answer(&error.to_string()))
}

fn rpc_failure(error: &mut Value) -> Failure {
    let message = error["message"].as_str().unwrap_or_default().to_owned();
    serde_json::from_value(error["data"].take())
        .unwrap_or_else(|_| Failure::new(ErrorKind::Internal, message))
}

fn unreachable_daemon(error: &ureq::Error) -> Failure {
    Failure::new(ErrorKind::Busy, format!("the daemon cannot be reached: {error}"))
        .hint("`easel doctor` looks for the reason, `easel serve` starts a daemon")
}

fn odd_answer(what: &str) -> Failure {
    Failure::new(ErrorKind::Internal, format!("the daemon's answer cannot be read: {what}"))
        .hint("is it of another version? `easel stop` ends it, the next command starts one of this version")
}

/// Starts a daemon in the background and waits until it answers.
fn start(paths: &Paths) -> Result<Client, Failure> {
    std::fs::create_dir_all(&paths.data)
        .map_err(|error| io_failure("create", &paths.data, &error))?;
    let program = std::env::current_exe().map_err(|error| {
        Failure::new(ErrorKind::Internal, format!("cannot find this program's own file: {error}"))
    })?;
    let log = open_log(&paths.log())?;
    let log_too = log.try_clone().map_err(|error| io_failure("open", &paths.log(), &error))?;
    let mut command = Command::new(program);
    command.args(["serve", "--log-format", "json"]);
    // Named only where it was given: it moves configuration and cache as well.
    if paths.config.starts_with(&paths.data) {
        command.arg("--data-dir").arg(&paths.data);
    }
    command.stdin(Stdio::null()).stdout(log).stderr(log_too);
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        // Ctrl-C in this terminal is meant for this command, not for the daemon.
        command.process_group(0);
    }
    let mut child = command.spawn().map_err(|error| {
        Failure::new(ErrorKind::Internal, format!("cannot start the daemon: {error}"))
    })?;
    let deadline = Instant::now() + START;
    while Instant::now() < deadline {
        if let Some(client) = Client::connect(paths)? {
            return Ok(client);
        }
        if let Ok(Some(status)) = child.try_wait() {
            // Somebody else may have started one at the same moment.
            if let Some(client) = Client::connect(paths)? {
                return Ok(client);
            }
            let reason = last_line(&paths.log());
            return Err(Failure::new(
                ErrorKind::Busy,
                format!("the daemon ended at once ({status}): {reason}"),
            )
            .hint("`easel serve` shows why, `easel doctor` looks for more"));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Err(Failure::new(ErrorKind::Busy, "the daemon does not answer")
        .hint(format!("its log is `{}`", paths.log().display())))
}

/// The log of a daemon in the background. It starts anew when it has grown large.
fn open_log(path: &Path) -> Result<std::fs::File, Failure> {
    let large = std::fs::metadata(path).is_ok_and(|metadata| metadata.len() > 10 << 20);
    if large {
        let _ = std::fs::rename(path, path.with_extension("log.old"));
    }
    std::fs::File::options()
        .create(true)
        .append(true)
        .open(path)
        .map_err(|error| io_failure("open", path, &error))
}

fn last_line(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let line =
        text.lines().rev().find(|line| line.starts_with("error: ")).or_else(|| text.lines().last());
    line.unwrap_or("its log is empty").trim_start_matches("error: ").to_owned()
}
