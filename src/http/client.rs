//! Sending: one request through all its tries, several side by side, and the connection itself. Every
//! check is made before a byte leaves: the origin, the credential and its origins, and at the moment
//! of connecting the address behind a name.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use bytes::{Bytes, BytesMut};
use easel_protocol::error::Charged;
use easel_protocol::{ErrorKind, Failure};
use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{HeaderName, HeaderValue};

use super::limit::Limiter;
use super::origin::{self, Origin};
use super::record::Recorder;
use super::{Answer, CUT, Context, Grant, Request, redact, retry};

/// The most bytes of an answer.
const BODY_BYTES: usize = 256 << 20;
/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(15);
/// Redirects within an origin.
const REDIRECTS: usize = 3;

/// The connections of a daemon.
pub struct Client {
    // `None` only while it is dropped.
    runtime: Option<tokio::runtime::Runtime>,
    inner: Arc<Inner>,
}

struct Inner {
    // To the internet: a name that stands for an address in this network is refused.
    public: reqwest::Client,
    // To what the user configured.
    configured: reqwest::Client,
    limiters: Mutex<HashMap<String, Arc<Limiter>>>,
    recorder: Recorder,
}

/// How one exchange ended.
enum Ended {
    Answered(Answer),
    /// Nothing was sent.
    Unsent(String),
    /// It was sent, and what became of it nobody knows.
    Lost(String),
    /// It must not be, and nothing is tried again.
    Refused(Failure),
}

impl Client {
    /// A client without connections.
    pub fn new() -> Result<Client, Failure> {
        let fault = |error: &dyn std::fmt::Display| {
            Failure::new(ErrorKind::Internal, format!("cannot prepare connections: {error}"))
        };
        let builder = || {
            reqwest::Client::builder()
                .user_agent(concat!("easel/", env!("CARGO_PKG_VERSION")))
                .redirect(reqwest::redirect::Policy::none())
                .connect_timeout(CONNECT)
                .pool_idle_timeout(Duration::from_secs(20))
        };
        let public = builder().dns_resolver(Arc::new(PublicOnly)).build();
        let configured = builder().no_proxy().build();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("http")
            .enable_all()
            .build()
            .map_err(|error| fault(&error))?;
        Ok(Client {
            runtime: Some(runtime),
            inner: Arc::new(Inner {
                public: public.map_err(|error| fault(&error))?,
                configured: configured.map_err(|error| fault(&error))?,
                limiters: Mutex::default(),
                recorder: Recorder::from_environment(),
            }),
        })
    }

    /// Sends all of them side by side and waits for every end. Blocks the calling thread.
    pub fn send_all(
        &self,
        grant: &Arc<Grant>,
        requests: Vec<(String, Request)>,
        context: &Context,
    ) -> Vec<Result<Answer, Failure>> {
        let Some(runtime) = &self.runtime else { return Vec::new() };
        let tasks: Vec<_> = requests
            .into_iter()
            .map(|(name, request)| {
                let (inner, grant, context) =
                    (Arc::clone(&self.inner), Arc::clone(grant), context.clone());
                runtime.spawn(async move {
                    tokio::select! {
                        () = context.stop.stopped() => Err(Failure::new(ErrorKind::Cancelled, "the run was cancelled")),
                        () = tokio::time::sleep_until(context.deadline.into()) => Err(out_of_time(&request)),
                        ended = inner.send(&grant, &name, &request, &context) => ended,
                    }
                })
            })
            .collect();
        let fault = |_| Err(Failure::new(ErrorKind::Internal, "a fault in Easel ended a request"));
        tasks.into_iter().map(|task| runtime.block_on(task).unwrap_or_else(fault)).collect()
    }
}

impl Drop for Client {
    /// The last owner may be a task of another runtime, where waiting for this one is not allowed.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Inner {
    fn limiter(&self, name: &str) -> Arc<Limiter> {
        let mut limiters = self.limiters.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(limiters.entry(name.to_owned()).or_default())
    }

    async fn send(
        &self,
        grant: &Grant,
        name: &str,
        request: &Request,
        context: &Context,
    ) -> Result<Answer, Failure> {
        let origin = Origin::of(&request.url)?;
        let configured = allowed(grant, &origin)?;
        let secret = credential(grant, request, &origin)?;
        let paid = request.is_paid();
        if paid && let Some(answer) = journal(context, name, |it, name| it.answered(name)).await? {
            tracing::info!(
                url = redact::url(&request.url),
                "answered by the record of an earlier attempt"
            );
            return Ok(answer);
        }
        let limiter = self.limiter(&grant.backend);
        let client = if configured { &self.configured } else { &self.public };
        let mut tries = 0;
        loop {
            let permit = limiter.acquire(grant.limit, request.weight.max(1), &*context.tell).await;
            tries += 1;
            if paid {
                journal(context, name, |it, name| it.sending(name)).await?;
            }
            let ended = exchange(client, request, &origin, secret.as_ref()).await;
            drop(permit);
            self.note(request, &ended);
            let (wait, failure) = match ended {
                Ended::Answered(answer) => {
                    let wait = retry::after_answer(
                        answer.status,
                        &answer.headers,
                        &answer.body,
                        retry::Try {
                            paid,
                            final_words: &grant.final_words,
                            tries,
                            chance: chance(),
                            now: SystemTime::now(),
                        },
                    );
                    let fits = |wait: &Duration| Instant::now() + *wait < context.deadline;
                    if let Some(wait) = wait.filter(fits) {
                        if answer.status == 429 {
                            limiter.pause(wait);
                        }
                        (wait, format!("the provider answered {}", answer.status))
                    } else {
                        if paid {
                            settle(context, name, &origin, &answer).await?;
                        }
                        return Ok(answer);
                    }
                }
                Ended::Unsent(reason) => {
                    let Some(wait) = retry::after_failure(tries, chance()) else {
                        if paid {
                            journal(context, name, |it, name| it.forget(name)).await?;
                        }
                        return Err(unreachable(&origin, &reason, paid));
                    };
                    (wait, reason)
                }
                Ended::Lost(reason) if !paid => match retry::after_failure(tries, chance()) {
                    Some(wait) => (wait, reason),
                    None => return Err(unreachable(&origin, &reason, false)),
                },
                Ended::Lost(reason) => return Err(lost(&origin, &reason)),
                Ended::Refused(failure) => {
                    if paid {
                        journal(context, name, |it, name| it.forget(name)).await?;
                    }
                    return Err(failure);
                }
            };
            if paid {
                journal(context, name, |it, name| it.forget(name)).await?;
            }
            (context.tell)(&format!("{failure}; trying again in {:.1} s", wait.as_secs_f64()));
            tokio::time::sleep(wait).await;
        }
    }

    fn note(&self, request: &Request, ended: &Ended) {
        let url = redact::url(&request.url);
        match ended {
            Ended::Answered(answer) => {
                tracing::debug!(
                    method = request.method,
                    url,
                    status = answer.status,
                    bytes = answer.body.len(),
                    "answered"
                );
                self.recorder.record(request, Ok(answer));
            }
            Ended::Unsent(reason) | Ended::Lost(reason) => {
                tracing::info!(method = request.method, url, reason, "no answer");
                self.recorder.record(request, Err(reason));
            }
            Ended::Refused(failure) => tracing::warn!(url, %failure, "refused"),
        }
    }
}

/// An accepted request is kept with its answer; one that was not accepted was not paid for; and what a
/// gateway says tells nothing of what the provider behind it has done.
async fn settle(
    context: &Context,
    name: &str,
    origin: &Origin,
    answer: &Answer,
) -> Result<(), Failure> {
    match answer.status {
        200..300 => {
            let answer = answer.clone();
            journal(context, name, move |it, name| it.received(name, &answer)).await
        }
        500 if !retry::is_json(&answer.headers, &answer.body) => {
            Err(lost(origin, "it answered 500 without a word"))
        }
        408 | 502 | 504 => Err(lost(origin, &format!("it answered {}", answer.status))),
        _ => journal(context, name, |it, name| it.forget(name)).await,
    }
}

/// The record is on a disk: it is asked on a thread that may wait.
async fn journal<T: Send + 'static>(
    context: &Context,
    name: &str,
    ask: impl FnOnce(&dyn super::Journal, &str) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let (journal, name) = (Arc::clone(&context.journal), name.to_owned());
    tokio::task::spawn_blocking(move || ask(&*journal, &name)).await.unwrap_or_else(|_| {
        Err(Failure::new(ErrorKind::Internal, "a fault in Easel while keeping a record"))
    })
}

/// Whether the origin is one that the user configured, or why nothing may be sent there.
fn allowed(grant: &Grant, origin: &Origin) -> Result<bool, Failure> {
    let denied =
        |what: String, hint: &str| Err(Failure::new(ErrorKind::Forbidden, what).hint(hint));
    if grant.configured.contains(origin) {
        return Ok(true);
    }
    if !grant.origins.iter().any(|pattern| pattern.matches(origin)) {
        return denied(
            format!(
                "backend `{}` may not reach `{origin}`: its manifest does not name it",
                grant.backend
            ),
            "if you trust it, name the origin in the backend's catalogue in the configuration folder",
        );
    }
    if !origin.is_https() {
        return denied(
            format!("`{origin}` is not encrypted"),
            "use `https`; a server on this machine has to be named in the backend's catalogue",
        );
    }
    if origin.address().is_some_and(|address| !origin::is_public(address)) {
        return denied(
            format!("`{origin}` is an address of this machine or its network"),
            "name it in the backend's catalogue in the configuration folder, if that is meant",
        );
    }
    Ok(false)
}

/// The header with the credential that a request names.
fn credential(
    grant: &Grant,
    request: &Request,
    origin: &Origin,
) -> Result<Option<(HeaderName, HeaderValue)>, Failure> {
    let Some(name) = &request.secret else { return Ok(None) };
    let Some(credential) = grant.secrets.get(name) else {
        return Err(Failure::new(
            ErrorKind::Forbidden,
            format!("backend `{}` may not use the key `{name}`", grant.backend),
        )
        .hint("its manifest does not ask for it"));
    };
    // What the user allows beyond the base address is for files: a key never goes there.
    if !credential.origins.iter().any(|pattern| pattern.matches(origin)) {
        return Err(Failure::new(
            ErrorKind::Forbidden,
            format!("the key `{name}` is not for `{origin}`"),
        )
        .hint("a key only ever goes to the origins that the manifest names for it"));
    }
    let Some(value) = &credential.value else {
        return Err(Failure::new(ErrorKind::KeyMissing, format!("there is no key `{name}`"))
            .hint(format!("`easel key set {name}` stores one")));
    };
    let mut header = HeaderValue::from_str(&format!("{}{value}", credential.prefix))
        .map_err(|_| bad_header(&credential.header))?;
    header.set_sensitive(true);
    let name = HeaderName::try_from(credential.header.as_str())
        .map_err(|_| bad_header(&credential.header))?;
    Ok(Some((name, header)))
}

fn bad_header(name: &str) -> Failure {
    Failure::new(ErrorKind::InvalidRequest, format!("the header `{name}` cannot be sent"))
        .hint("names and values of headers are printable ASCII")
}

/// One exchange, redirects within the origin included.
async fn exchange(
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

fn unreachable(origin: &Origin, reason: &str, paid: bool) -> Failure {
    let mut failure =
        Failure::new(ErrorKind::Transient, format!("`{origin}` cannot be reached: {reason}"))
            .hint("check the network, then `easel job retry`");
    failure.charged = paid.then_some(Charged::No);
    failure
}

fn lost(origin: &Origin, reason: &str) -> Failure {
    let mut failure = Failure::new(
        ErrorKind::Interrupted,
        format!("the answer of `{origin}` was lost ({reason}), and it may have charged for it"),
    )
    .hint("`easel job retry --pay-again` sends it again, which may be charged a second time");
    failure.charged = Some(Charged::Maybe);
    failure
}

fn out_of_time(request: &Request) -> Failure {
    let mut failure = Failure::new(ErrorKind::TimedOut, "the provider did not answer in time")
        .hint("`easel job retry` tries again; a smaller size is faster");
    if request.is_paid() {
        failure.charged = Some(Charged::Maybe);
    }
    failure
}

/// A number in 0..1 that nobody else has too.
fn chance() -> f64 {
    getrandom::u32().map_or(0.5, |number| f64::from(number) / f64::from(u32::MAX))
}

#[derive(Debug, thiserror::Error)]
#[error("`{0}` stands for an address of this machine or its network")]
struct PrivateAddress(String);

/// Names of the internet alone: a name that leads into this network is refused as it is looked up, so
/// that it cannot lead elsewhere a moment later.
struct PublicOnly;

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
