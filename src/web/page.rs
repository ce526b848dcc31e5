//! The page: files that were built into the program, served without a token, since they show nothing of anybody.

use std::io::Write;
use std::path::PathBuf;
use std::sync::OnceLock;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;

/// Every file of the page by its path, each with a place for what a browser is sent.
const FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/page.rs"));

/// What lies at `/`.
const INDEX: &str = "index.html";

/// Scripts and styles from here alone, no markup from text (`require-trusted-types-for`), no frames around it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// Where the page's files come from.
#[derive(Clone, Default)]
pub struct Page {
    /// A folder that is read at each request, for whoever works on the page.
    pub folder: Option<PathBuf>,
}

/// A file as it is sent, compressed once.
struct Ready {
    tag: String,
    compressed: Vec<u8>,
}

pub(super) async fn index(State(page): State<Page>, headers: HeaderMap) -> Response {
    page.answer(INDEX, &headers)
}

pub(super) async fn file(
    State(page): State<Page>,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> Response {
    page.answer(&path, &headers)
}

impl Page {
    fn answer(&self, path: &str, headers: &HeaderMap) -> Response {
        let Some(position) = FILES.iter().position(|(name, _)| *name == path) else {
            return self.read(path).unwrap_or_else(|| {
                (StatusCode::NOT_FOUND, "there is no such file\n").into_response()
            });
        };
        if let Some(answer) = self.read(path) {
            return answer;
        }
        let ready = ready(position);
        let tag = HeaderValue::from_str(&ready.tag).unwrap_or(HeaderValue::from_static("\"\""));
        let is_known = headers.get(header::IF_NONE_MATCH) == Some(&tag);
        // The daemon may be another version tomorrow: a browser asks, and is told that nothing changed.
        let common = [
            (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
            (header::VARY, HeaderValue::from_static("accept-encoding")),
            (header::ETAG, tag),
        ];
        if is_known {
            // A browser takes these headers for those that it kept: the gate's own policy would lock the page up.
            let mut response = (StatusCode::NOT_MODIFIED, common).into_response();
            describe(&mut response, path);
            return response;
        }
        let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
        let mut response = if accepted.is_some_and(|value| value.contains("gzip")) {
            ([(header::CONTENT_ENCODING, "gzip")], ready.compressed.as_slice()).into_response()
        } else {
            FILES[position].1.into_response()
        };
        response.headers_mut().extend(common.into_iter().map(|(name, value)| (Some(name), value)));
        describe(&mut response, path);
        response
    }

    /// A file as it lies in the folder, where there is one.
    fn read(&self, path: &str) -> Option<Response> {
        let is_plain =
            path.split('/').all(|part| !matches!(part, "" | "." | "..") && !part.contains('\\'));
        let bytes = std::fs::read(self.folder.as_ref().filter(|_| is_plain)?.join(path)).ok()?;
        let mut response = ([(header::CACHE_CONTROL, "no-store")], bytes).into_response();
        describe(&mut response, path);
        Some(response)
    }
}

fn ready(position: usize) -> &'static Ready {
    static READY: [OnceLock<Ready>; FILES.len()] = [const { OnceLock::new() }; FILES.len()];
    READY[position].get_or_init(|| {
        let bytes = FILES[position].1;
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        // Writing to memory cannot fail.
        let _ = encoder.write_all(bytes);
        Ready {
            tag: format!("\"{}\"", &blake3::hash(bytes).to_hex()[..32]),
            compressed: encoder.finish().unwrap_or_default(),
        }
    })
}

fn describe(response: &mut Response, path: &str) {
    let kind = match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        _ => "application/octet-stream",
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if path == INDEX {
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    }
}
