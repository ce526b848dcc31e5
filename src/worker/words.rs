//! The vocabulary of a worker and its host, as plain types: what each side can say, and what has to be
//! said with it. No reading, no writing, no checking.

use std::collections::BTreeMap;
use std::path::PathBuf;

use easel_protocol::Failure;
use easel_protocol::model::RunFact;
use easel_protocol::picture::PixelFormat;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::image::Shape;

/// The version of these words. Host and worker are the same program, unless it was replaced on disk
/// while the daemon ran.
pub(super) const PROTOCOL: u32 = 1;

/// What the host says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum ToWorker {
    /// Load this and describe it. Answered by `described` or `failed`.
    Load { protocol: u32, parent: u32, library: LibraryName, host_version: String },
    /// Make the instance. Answered by `opened` or `failed`.
    Open { config: String },
    /// Do this. Beside it a descriptor for the source, the mask where there is one, and each
    /// reference, in this order. Answered by `done`, after any number of other words.
    Run(RunFrame),
    /// Stop the run with this number.
    Cancel { run: u64 },
    /// The answer to `new_output`; a descriptor beside it where `grant` is present.
    Output { run: u64, grant: Option<Grant>, error: Option<String> },
    /// The answers to `http`, in order; beside it a descriptor for each body that is not empty.
    Answers { run: u64, answers: Vec<AnswerFrame> },
    /// The answer to `checkpoint`.
    Saved { run: u64, error: Option<String> },
    /// Close the instance and end.
    Close,
}

/// What may be asked of `http`.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RequestFrame {
    pub(super) method: String,
    pub(super) url: String,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) secret: Option<String>,
    /// The number of the memory with the body, and its bytes; `None`: empty.
    pub(super) body: Option<(u32, u64)>,
    pub(super) weight: u32,
    pub(super) free: bool,
    pub(super) cut: bool,
    pub(super) timeout_ms: u32,
}

/// What came back.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct AnswerFrame {
    /// The HTTP status; 0: none came.
    pub(super) status: u16,
    pub(super) headers: BTreeMap<String, String>,
    /// Where in its memory the body lies, and its bytes.
    pub(super) body: Option<(Shape, u64)>,
    /// Why none came: the status of the ABI and the failure.
    pub(super) failure: Option<(i32, Box<Failure>)>,
}

/// What memory is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Purpose {
    /// A result.
    Output,
    /// A picture to show meanwhile.
    Preview,
    /// The body of a request: its bytes in rows of a grey picture.
    Body,
}

/// One run, as the worker sees it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RunFrame {
    pub(super) run: u64,
    pub(super) model: String,
    /// A JSON object, for the backend.
    pub(super) params: String,
    pub(super) source: Shape,
    pub(super) mask: Option<Shape>,
    pub(super) references: Vec<Shape>,
    pub(super) checkpoint: Option<Bytes>,
    /// The manifest permits connections.
    pub(super) http: bool,
}

/// Memory for an output.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Grant {
    /// How this run calls it.
    pub(super) output: u32,
    pub(super) shape: Shape,
    /// The bytes of the memory, whole pages.
    pub(super) capacity: u64,
    /// It was used before: the picture has to be cleared.
    pub(super) dirty: bool,
}

/// Which backend a worker loads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum LibraryName {
    BuiltIn(String),
    File(PathBuf),
}

/// What the worker says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum ToHost {
    Described {
        abi_minor: u32,
        descriptor: String,
    },
    Opened,
    /// It could not be loaded, or not be opened.
    Failed {
        status: i32,
        text: String,
    },
    Progress {
        run: u64,
        fraction: Option<f64>,
        text: Option<String>,
    },
    Log {
        run: u64,
        level: i32,
        text: String,
    },
    /// Asks for memory.
    NewOutput {
        run: u64,
        width: u32,
        height: u32,
        format: PixelFormat,
        purpose: Purpose,
    },
    /// Asks for what is out in the world. Bodies are written and no longer mapped.
    Http {
        run: u64,
        requests: Vec<RequestFrame>,
    },
    /// A fact for the person who waits.
    Fact {
        run: u64,
        fact: RunFact,
    },
    /// The preview with this number is painted and no longer mapped.
    Preview {
        run: u64,
        output: u32,
    },
    /// Asks to store these bytes.
    Checkpoint {
        run: u64,
        bytes: Bytes,
    },
    /// The run is over and its outputs are no longer mapped.
    Done {
        run: u64,
        status: i32,
        text: Option<String>,
        /// What is known of a failure beyond the text.
        failure: Option<Box<Failure>>,
        dropped_lines: u64,
    },
}

/// Bytes in JSON, in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bytes(pub(super) Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = String::with_capacity(self.0.len() * 2);
        for byte in &self.0 {
            text.push(char::from(DIGITS[usize::from(byte >> 4)]));
            text.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let pairs = text.as_bytes().chunks(2).map(|pair| match pair {
            [high, low] => Some((digit(*high)? << 4 | digit(*low)?) as u8),
            _ => None,
        });
        pairs
            .collect::<Option<_>>()
            .map(Bytes)
            .ok_or_else(|| serde::de::Error::custom("not hexadecimal"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_survive_json() {
        let bytes = Bytes((0..=255).collect());
        let text = serde_json::to_string(&bytes).unwrap();
        assert_eq!(serde_json::from_str::<Bytes>(&text).unwrap(), bytes);
        for broken in ["\"0\"", "\"0g\"", "\"ä\"", "5"] {
            assert!(serde_json::from_str::<Bytes>(broken).is_err(), "{broken}");
        }
    }
}
