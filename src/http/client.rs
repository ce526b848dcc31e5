//! Sending: one request through all its tries, several side by side, with limits kept and everything that
//! may be paid for on record. Every check is made before a byte leaves: see `admit` and `connection`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use easel_protocol::error::Charged;
use easel_protocol::{ErrorKind, Failure};

use super::admit::{allowed, credential};
use super::connection::{Ended, PublicOnly, exchange};
use super::limit::Limiter;
use super::origin::Origin;
use super::record::Recorder;
use super::{Answer, Context, Grant, Request, redact, retry};

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(15);

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
            let again = match ended {
                Ended::Answered(answer) => {
                    let around = retry::Try {
                        paid,
                        final_words: &grant.final_words,
                        tries,
                        chance: chance(),
                        now: SystemTime::now(),
                    };
                    let Answer { status, headers, body } = &answer;
                    let fits = |wait: &Duration| Instant::now() + *wait < context.deadline;
                    let wait = retry::after_answer(*status, headers, body, around).filter(fits);
                    let Some(wait) = wait else {
                        if paid {
                            settle(context, name, &origin, &answer).await?;
                        }
                        return Ok(answer);
                    };
                    if *status == 429 {
                        limiter.pause(wait);
                    }
                    Ok((wait, format!("the provider answered {status}")))
                }
                Ended::Lost(reason) if paid => return Err(lost(&origin, &reason)),
                Ended::Lost(reason) | Ended::Unsent(reason) => {
                    match retry::after_failure(tries, chance()) {
                        Some(wait) => Ok((wait, reason)),
                        None => Err(unreachable(&origin, &reason, paid)),
                    }
                }
                Ended::Refused(failure) => Err(failure),
            };
            // Whatever comes now, nothing of this try was accepted.
            if paid {
                journal(context, name, |it, name| it.forget(name)).await?;
            }
            let (wait, reason) = again?;
            (context.tell)(&format!("{reason}; trying again in {:.1} s", wait.as_secs_f64()));
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
