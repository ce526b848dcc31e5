//! Exchanges written down for people who look into a provider or write tests: one line of JSON each,
//! without credentials, signatures and pictures. Only where `EASEL_HTTP_RECORD` names a file.

use std::io::Write;
use std::path::PathBuf;

use serde_json::json;

use super::{Answer, Request, redact};

/// Where exchanges are written down, if anywhere.
#[derive(Debug, Default)]
pub(super) struct Recorder(Option<PathBuf>);

impl Recorder {
    /// As the environment says.
    pub(super) fn from_environment() -> Self {
        Recorder(std::env::var_os("EASEL_HTTP_RECORD").map(PathBuf::from))
    }

    /// Writes one down; the run does not depend on it.
    pub(super) fn record(&self, request: &Request, answer: Result<&Answer, &str>) {
        let Some(path) = &self.0 else { return };
        let answer = match answer {
            Ok(answer) => json!({
                "status": answer.status,
                "headers": redact::headers(&answer.headers),
                "body": redact::body(&answer.body),
            }),
            Err(reason) => json!({ "lost": reason }),
        };
        let line = json!({
            "method": request.method,
            "url": redact::url(&request.url),
            "headers": redact::headers(&request.headers),
            "body": redact::body(&request.body),
            "answer": answer,
        });
        let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
        if let Err(error) = file.and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()))
        {
            tracing::warn!(path = %path.display(), %error, "an exchange cannot be written down");
        }
    }
}
