//! The gate: Host always, Origin second, a token for everything that shows or changes something.
//!
//! A name that resolves to this machine is enough for a web page elsewhere to reach a loopback
//! port, so Host must be a loopback name. Origin alone decides nothing: Figma's frame sends `null`.

use std::net::IpAddr;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use easel_protocol::methods::{FinishPairing, Method as _};
use easel_protocol::{ErrorKind, Failure};
use http_body_util::{BodyExt, Limited};

use crate::daemon::Daemon;

/// Who sent a request; a request extension that methods can ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// An integration on this machine that can read the token's file.
    Local,
    /// A paired client, by its name.
    Paired(String),
    /// Nobody yet: it may finish its pairing and nothing else.
    Pairing,
}

/// Bytes that a request without a token may send.
const PAIRING_BYTES: usize = 4096;

pub(super) async fn pass(
    State(daemon): State<Arc<Daemon>>,
    request: Request,
    next: Next,
) -> Response {
    guard(admit(daemon, request, next).await)
}

async fn admit(daemon: Arc<Daemon>, mut request: Request, next: Next) -> Response {
    if let Err(failure) = host(request.headers()).and_then(|()| target(&request)) {
        return refuse(&request, failure);
    }
    let origin = request.headers().get(header::ORIGIN).cloned();
    if let Some(origin) = &origin
        && let Err(failure) = allowed_origin(origin.as_bytes())
    {
        return refuse(&request, failure);
    }
    if request.method() == Method::OPTIONS {
        // A browser asks first; the answer holds no data, so no token is needed for it.
        return cors(StatusCode::NO_CONTENT.into_response(), origin);
    }
    let path = request.uri().path();
    if matches!(path, "/" | "/healthz") || path.starts_with("/page/") {
        return next.run(request).await;
    }
    let caller = match identify(&daemon, request.headers()).await {
        Ok(Some(caller)) => caller,
        Ok(None) => match pairing(request).await {
            Ok(pairing) => {
                request = pairing;
                Caller::Pairing
            }
            Err(response) => return cors(response, origin),
        },
        Err(failure) => return cors(refuse(&request, failure), origin),
    };
    request.extensions_mut().insert(caller);
    let asks_for_protocol = request.headers().contains_key(header::SEC_WEBSOCKET_PROTOCOL);
    let mut response = next.run(request).await;
    if asks_for_protocol && response.status() == StatusCode::SWITCHING_PROTOCOLS {
        // A browser hangs up where none of the names that it offered comes back.
        let chosen = header::HeaderValue::from_static(PROTOCOL);
        response.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, chosen);
    }
    // A browser that keeps a preview shows it to nobody who has no token.
    let vary = header::HeaderValue::from_static("authorization");
    response.headers_mut().append(header::VARY, vary);
    cors(response, origin)
}

/// What every answer says to browsers: that it is what it is called, and nobody else's to show or frame.
fn guard(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let rules = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in rules {
        headers.insert(name, header::HeaderValue::from_static(value));
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(header::HeaderValue::from_static(
        "default-src 'none'; frame-ancestors 'none'; sandbox",
    ));
    response
}

/// DNS rebinding: the name in Host is what the browser believes it talks to.
fn host(headers: &HeaderMap) -> Result<(), Failure> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next().and_then(|host| host.to_str().ok()).unwrap_or_default();
    if hosts.next().is_some() {
        return Err(Failure::new(ErrorKind::Forbidden, "the request has several hosts")
            .hint("send one `Host`, `127.0.0.1` or `localhost`"));
    }
    loopback(host)
}

/// A request line may name another host than the header does.
fn target(request: &Request) -> Result<(), Failure> {
    request.uri().authority().map_or(Ok(()), |authority| loopback(authority.as_str()))
}

fn loopback(host: &str) -> Result<(), Failure> {
    let name = host
        .rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()))
        .map_or(host, |(name, _)| name);
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    let loopback = name.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    if loopback {
        return Ok(());
    }
    Err(Failure::new(ErrorKind::Forbidden, format!("the host `{host}` is not this machine"))
        .hint("use `127.0.0.1` or `localhost`"))
}

fn allowed_origin(origin: &[u8]) -> Result<(), Failure> {
    let text = std::str::from_utf8(origin).unwrap_or_default();
    let own = text
        .strip_prefix("http://")
        .or_else(|| text.strip_prefix("https://"))
        .is_some_and(|rest| loopback(rest).is_ok());
    // A sandboxed frame (Figma's) has no origin to name; its token decides.
    if own || text == "null" || text == "https://www.figma.com" {
        return Ok(());
    }
    Err(Failure::new(ErrorKind::Forbidden, format!("the origin `{text}` is not allowed"))
        .hint("use an integration, or the page that this daemon serves"))
}

/// The protocol that a WebSocket of a browser speaks, and how the token travels beside it: a browser lets nobody set
/// headers of a WebSocket, and an address would end up in logs.
const PROTOCOL: &str = "easel";
const TOKEN_PROTOCOL: &str = "easel.token.";

/// The token of a request, empty where there is something else in its place.
fn token(headers: &HeaderMap) -> Option<String> {
    let text = |name: header::HeaderName| Some(headers.get(name)?.to_str().unwrap_or_default());
    if let Some(value) = text(header::AUTHORIZATION) {
        return Some(value.strip_prefix("Bearer ").unwrap_or_default().trim().to_owned());
    }
    let offered = text(header::SEC_WEBSOCKET_PROTOCOL)?.split(',').map(str::trim);
    offered.filter_map(|name| name.strip_prefix(TOKEN_PROTOCOL)).map(str::to_owned).next()
}

async fn identify(daemon: &Arc<Daemon>, headers: &HeaderMap) -> Result<Option<Caller>, Failure> {
    let Some(token) = token(headers) else { return Ok(None) };
    if daemon.access.is_local(&token) {
        return Ok(Some(Caller::Local));
    }
    let store = Arc::clone(&daemon.store);
    let found = tokio::task::spawn_blocking(move || {
        store.client(&crate::daemon::access::token_hash(&token))
    });
    match found.await.map_err(|error| crate::daemon::panicked(&error))?? {
        Some(name) => Ok(Some(Caller::Paired(name))),
        None => Err(Failure::new(ErrorKind::Unauthorized, "the token is wrong").hint(TOKEN_HINT)),
    }
}

const TOKEN_HINT: &str = "send `Authorization: Bearer TOKEN`; local integrations read it from the file `token` in the data folder, others pair with `easel pair`";

/// Lets a request without a token through when it asks to finish a pairing, and only then.
async fn pairing(request: Request) -> Result<Request, Response> {
    let missing = || Failure::new(ErrorKind::Unauthorized, "the token is missing").hint(TOKEN_HINT);
    if request.uri().path() != "/rpc" || request.method() != Method::POST {
        return Err(refuse(&request, missing()));
    }
    let (parts, body) = request.into_parts();
    let bytes: Bytes = match Limited::new(body, PAIRING_BYTES).collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(_) => return Err(refuse(&Request::from_parts(parts, Body::empty()), missing())),
    };
    // A batch is an array and has no method.
    let method = serde_json::from_slice::<serde_json::Value>(&bytes)
        .ok()
        .and_then(|call| Some(call.get("method")?.as_str()? == FinishPairing::NAME));
    let request = Request::from_parts(parts, Body::from(bytes));
    if method == Some(true) { Ok(request) } else { Err(refuse(&request, missing())) }
}

/// JSON-RPC callers get a JSON-RPC error, others the failure as it is.
fn refuse(request: &Request, failure: Failure) -> Response {
    if request.uri().path() != "/rpc" {
        return super::Refusal(failure).into_response();
    }
    let status = StatusCode::from_u16(failure.kind.http_status()).unwrap_or(StatusCode::FORBIDDEN);
    let error = serde_json::json!({
        "jsonrpc": "2.0",
        "id": null,
        "error": { "code": failure.kind.code(), "message": failure.message, "data": failure },
    });
    (status, axum::Json(error)).into_response()
}

/// Lets the browser hand the answer to the origin that asked: it had a token.
fn cors(mut response: Response, origin: Option<axum::http::HeaderValue>) -> Response {
    if let Some(origin) = origin {
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.append(header::VARY, header::HeaderValue::from_static("origin"));
        let allow = [
            (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, PUT, POST"),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type"),
            (header::ACCESS_CONTROL_MAX_AGE, "600"),
        ];
        for (name, value) in allow {
            headers.insert(name, header::HeaderValue::from_static(value));
        }
        headers.insert(
            "access-control-allow-private-network",
            header::HeaderValue::from_static("true"),
        );
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host_of(name: &str) -> Result<(), Failure> {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, name.parse().unwrap());
        host(&headers)
    }

    #[test]
    fn only_loopback_names_are_this_machine() {
        for good in ["127.0.0.1:7777", "localhost", "LOCALHOST:1", "[::1]:80", "127.8.9.1"] {
            assert!(host_of(good).is_ok(), "{good}");
        }
        for bad in [
            "evil.example:7777",
            "127.0.0.1.evil.example",
            "0.0.0.0",
            "10.0.0.1:80",
            "localhost.evil",
            "",
        ] {
            assert_eq!(host_of(bad).unwrap_err().kind, ErrorKind::Forbidden, "{bad}");
        }
        assert!(host(&HeaderMap::new()).is_err());
        let mut two = HeaderMap::new();
        two.append(header::HOST, "127.0.0.1".parse().unwrap());
        two.append(header::HOST, "evil.example".parse().unwrap());
        assert!(host(&two).is_err());
    }

    #[test]
    fn origins_that_may_try() {
        for good in ["http://127.0.0.1:7777", "null", "https://www.figma.com", "http://localhost:1"]
        {
            assert!(allowed_origin(good.as_bytes()).is_ok(), "{good}");
        }
        for bad in [
            "https://evil.example",
            "http://127.0.0.1.evil.example",
            "file://",
            "https://figma.com.evil",
        ] {
            assert!(allowed_origin(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
