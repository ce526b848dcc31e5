//! Server-sent events out of a body that may break off anywhere: every event that is whole counts, the
//! rest is dropped. Knows lines, not what the events mean.

use serde_json::Value;

/// The JSON of each whole event, in order. Line ends of any kind, comments, other fields and data that is
/// no JSON, such as `[DONE]`, are passed over. What stands at the end without its blank line counts where
/// it is whole all the same: paid pictures are not dropped for want of a line feed.
pub(crate) fn events(body: &[u8]) -> Vec<Value> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let mut events = Vec::new();
    let mut data: Vec<u8> = Vec::new();
    for line in Lines(body) {
        if line.is_empty() {
            take(&mut data, &mut events);
        } else if let Some(value) = line.strip_prefix(b"data:") {
            if !data.is_empty() {
                data.push(b'\n');
            }
            data.extend(value.strip_prefix(b" ").unwrap_or(value));
        }
    }
    take(&mut data, &mut events);
    events
}

fn take(data: &mut Vec<u8>, events: &mut Vec<Value>) {
    if let Ok(event @ Value::Object(_)) = serde_json::from_slice(data) {
        events.push(event);
    }
    data.clear();
}

/// Lines that end with CR LF, LF or CR; the last one may have no end.
struct Lines<'a>(&'a [u8]);

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.0.is_empty() {
            return None;
        }
        let end = self.0.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
        let (line, rest) = self.0.split_at(end.unwrap_or(self.0.len()));
        self.0 = match rest {
            [b'\r', b'\n', rest @ ..] | [_, rest @ ..] => rest,
            [] => rest,
        };
        Some(line)
    }
}
