//! One exchange over a connection: the request built, redirects within the origin followed, the answer
//! read, and every way in which that can end told apart. It tries nothing twice.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use bytes::{Bytes, BytesMut};
use easel_protocol::{ErrorKind, Failure};
use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{HeaderName, HeaderValue};

use super::admit::bad_header;
use super::origin::{self, Origin};
use super::{Answer, CUT, Request};

/// The most bytes of an answer.
const BODY_BYTES: usize = 256 << 20;
/// Redirects within an origin.
const REDIRECTS: usize = 3;

/// How one exchange ended.
pub(super) enum Ended {
    Answered(Answer),
    /// Nothing was sent.
    Unsent(String),
    /// It was sent, and what became of it nobody knows.
    Lost(String),
    /// It must not be, and nothing is tried again.
    Refused(Failure),
}

/// One exchange, redirects within the origin included.
pub(super) async fn exchange(
    client: &reqwest::Client,
    request: &Request,
    origin: &Origin,
    secret: Option<&(HeaderName, HeaderValue)>,
) -> Ended {
    let mut url = match Url::parse(&request.url) {
        Ok(url) => url,
        Err(error) => return Ended::Unsent(error.to_string()),
    };
    for _ in 0..=REDIRECTS {
        let built = match build(client, request, url.clone(), secret) {
            Ok(built) => built,
            Err(failure) => return Ended::Refused(failure),
        };
        let response = match client.execute(built).await {
            Ok(response) => response,
            Err(error) => return failed(&error),
        };
        if !response.status().is_redirection() || response.status().as_u16() == 304 {
            return read(response, request.cut).await;
        }
        let target = response
            .headers()
            .get("location")
            .and_then(|value| value.to_str().ok())
            .and_then(|location| url.join(location).ok());
        let same = target
            .as_ref()
            .is_some_and(|target| Origin::of(target.as_str()).is_ok_and(|it| it == *origin));
        match target {
            Some(target) if same && matches!(request.method.as_str(), "GET" | "HEAD") => {
                url = target;
            }
            _ => {
                let message = format!("`{origin}` redirects elsewhere, and that is not followed");
                return Ended::Refused(
                    Failure::new(ErrorKind::Forbidden, message)
                        .hint("check the base address in the backend's catalogue"),
                );
            }
        }
    }
    Ended::Refused(Failure::new(
        ErrorKind::Forbidden,
        format!("`{origin}` redirects more than {REDIRECTS} times"),
    ))
}

fn build(
    client: &reqwest::Client,
    request: &Request,
    url: Url,
    secret: Option<&(HeaderName, HeaderValue)>,
) -> Result<reqwest::Request, Failure> {
    /// What belongs to the connection and not to its user.
    const OURS: &[&str] =
        &["host", "content-length", "connection", "transfer-encoding", "accept-encoding", "te"];
    let method = reqwest::Method::from_bytes(request.method.as_bytes()).map_err(|_| {
        Failure::new(ErrorKind::InvalidRequest, format!("`{}` is no method", request.method))
    })?;
    let mut builder = client.request(method, url);
    for (name, value) in &request.headers {
        if OURS.contains(&name.to_ascii_lowercase().as_str()) {
            continue;
        }
        let parsed = (HeaderName::try_from(name.as_str()), HeaderValue::from_str(value));
        let (Ok(header), Ok(value)) = parsed else { return Err(bad_header(name)) };
        builder = builder.header(header, value);
    }
    if let Some((name, value)) = secret {
        builder = builder.header(name, value);
    }
    if let Some(timeout) = request.timeout {
        builder = builder.timeout(timeout);
    }
    if !request.body.is_empty() {
        builder = builder.body(request.body.clone());
    }
    builder.build().map_err(|error| Failure::new(ErrorKind::InvalidRequest, error.to_string()))
}

/// What an error of the connection means.
fn failed(error: &reqwest::Error) -> Ended {
    let mut reason = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        if let Some(private) = inner.downcast_ref::<PrivateAddress>() {
            return Ended::Refused(
                Failure::new(ErrorKind::Forbidden, private.to_string())
                    .hint("name the origin in the backend's catalogue, if that is meant"),
            );
        }
        // The innermost says it best.
        reason = inner.to_string();
        cause = inner.source();
    }
    if error.is_timeout() && !error.is_connect() {
        return Ended::Lost("no answer came in time".to_owned());
    }
    if error.is_connect() || error.is_builder() {
        Ended::Unsent(reason)
    } else {
        Ended::Lost(reason)
    }
}

async fn read(mut response: reqwest::Response, cut: bool) -> Ended {
    let status = response.status().as_u16();
    let mut headers: BTreeMap<String, String> = response
        .headers()
        .iter()
        .map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    let mut body = BytesMut::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= BODY_BYTES => {
                body.extend_from_slice(&chunk);
            }
            Ok(Some(_)) => {
                return Ended::Lost(format!("the answer has more than {BODY_BYTES} bytes"));
            }
            Ok(None) => break,
            Err(_) if cut => {
                headers.insert(CUT.to_owned(), "1".to_owned());
                break;
            }
            Err(_) => {
                return Ended::Lost(format!("the answer broke off after {} bytes", body.len()));
            }
        }
    }
    Ended::Answered(Answer { status, headers, body: Bytes::from(body) })
}

#[derive(Debug, thiserror::Error)]
#[error("`{0}` stands for an address of this machine or its network")]
struct PrivateAddress(String);

/// Names of the internet alone: a name that leads into this network is refused as it is looked up, so
/// that it cannot lead elsewhere a moment later.
pub(super) struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
            if found.iter().any(|address| !origin::is_public(address.ip())) {
                return Err(PrivateAddress(host).into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
