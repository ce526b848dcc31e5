//! The WebSocket side: the same methods, and events as they happen. The few frames that are needed
//! are written by hand, so that what is on the wire is what is tested.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::support::{Daemon, PATIENCE, ask, pattern};

struct Socket(TcpStream);

impl Socket {
    /// Opens a WebSocket, or returns the status of the refusal.
    fn open(daemon: &Daemon, authorization: &str) -> Result<Socket, u16> {
        let mut stream = TcpStream::connect(("127.0.0.1", daemon.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let head = format!(
            "GET /rpc HTTP/1.1\r\nhost: 127.0.0.1:{}\r\n{authorization}upgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n",
            daemon.port
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            answer.push(byte[0]);
        }
        let status: u16 =
            String::from_utf8_lossy(&answer).split_whitespace().nth(1).unwrap().parse().unwrap();
        if status == 101 { Ok(Socket(stream)) } else { Err(status) }
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        let length = u16::try_from(text.len()).unwrap().to_be_bytes();
        // A text frame, masked with zeros as clients must mask with something.
        let mut frame = vec![0x81, 0xfe, length[0], length[1], 0, 0, 0, 0];
        frame.extend_from_slice(text.as_bytes());
        self.0.write_all(&frame).unwrap();
    }

    fn receive(&mut self) -> Value {
        loop {
            let mut head = [0; 2];
            self.0.read_exact(&mut head).unwrap();
            let length = match head[1] & 0x7f {
                126 => {
                    let mut long = [0; 2];
                    self.0.read_exact(&mut long).unwrap();
                    usize::from(u16::from_be_bytes(long))
                }
                127 => {
                    let mut long = [0; 8];
                    self.0.read_exact(&mut long).unwrap();
                    u64::from_be_bytes(long) as usize
                }
                short => usize::from(short),
            };
            let mut payload = vec![0; length];
            self.0.read_exact(&mut payload).unwrap();
            // Pings are of no interest here.
            if head[0] & 0x0f == 1 {
                return serde_json::from_slice(&payload).unwrap();
            }
        }
    }
}

#[test]
fn a_subscription_carries_the_stored_events() {
    let daemon = Daemon::with_plugins(&["good"]);
    let authorization = format!("authorization: Bearer {}\r\n", daemon.token);
    let mut socket =
        Socket::open(&daemon, &authorization).unwrap_or_else(|status| panic!("refused: {status}"));
    socket.send(&json!({ "jsonrpc": "2.0", "id": 1, "method": "server.info" }));
    assert_eq!(socket.receive()["result"]["pid"], daemon.pid());
    socket.send(
        &json!({ "jsonrpc": "2.0", "id": 2, "method": "job.subscribe", "params": { "after": 0 } }),
    );
    assert_eq!(socket.receive()["id"], 2);
    let source = daemon.put_pixels("rgba8", 8, 8, &pattern(8, 8));
    daemon.run("subscribed", ask(&source, "good"));
    let mut told = Vec::new();
    while told.last().is_none_or(|event: &Value| event["event"] != "done") {
        let message = socket.receive();
        assert_eq!(message["method"], "job.event");
        told.push(message["params"]["result"].clone());
    }
    let stored = daemon.call("job.events", json!({})).unwrap();
    assert_eq!(&json!(told), &stored["events"]);
    // Somebody who comes late gets what was missed, from the number it asks for.
    let mut late =
        Socket::open(&daemon, &authorization).unwrap_or_else(|status| panic!("refused: {status}"));
    late.send(&json!({ "jsonrpc": "2.0", "id": 1, "method": "job.subscribe", "params": { "after": told[0]["seq"] } }));
    late.receive();
    assert_eq!(late.receive()["params"]["result"], told[1]);
}

#[test]
fn no_socket_opens_without_the_token() {
    let daemon = Daemon::start();
    assert_eq!(Socket::open(&daemon, "").err(), Some(401));
    assert_eq!(Socket::open(&daemon, "authorization: Bearer wrong\r\n").err(), Some(401));
}
