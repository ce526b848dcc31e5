//! Asks for the tasks until none is under way, and fetches each picture as soon as it is ready: its
//! address is good for minutes only. The key goes with the questions, never with the fetching.

use std::thread::sleep;
use std::time::{Duration, Instant};

use easel_backend::{Charged, Error, ErrorKind, Http, HttpRequest, HttpResponse, Job, Result};

use crate::answer::{State, state};
use crate::task::{Come, Slot, Waiting, save};
use crate::wire::Wire;
use crate::{SECRET, errors};

/// So often in a row a task may be unknown or the service out of order: right after its submission a
/// task is not known everywhere yet, and what is paid for is not given up lightly.
const PATIENCE: u32 = 10;
/// A question or a picture that hangs is asked for anew.
const POLL_TIMEOUT_MS: u32 = 30_000;
const FETCH_TIMEOUT_MS: u32 = 120_000;
/// How long a cancelled job goes unnoticed while it waits.
const NAP: Duration = Duration::from_millis(25);

/// Waits until each picture has come or failed.
pub(crate) fn wait<'run>(
    job: &Job<'run>,
    http: &Http<'_, 'run>,
    wire: &Wire,
    slots: &mut [Slot<'run>],
) -> Result<()> {
    let (start, limit) = (Instant::now(), Duration::from_secs(wire.wait_seconds));
    let longest = Duration::from_millis(wire.poll_max_ms.max(wire.poll_ms));
    let mut pause = Duration::from_millis(wire.poll_ms);
    loop {
        round(job, http, slots)?;
        tell(job, slots);
        if !slots.iter().any(|slot| matches!(slot, Slot::Waiting(_))) {
            break;
        }
        if start.elapsed() >= limit {
            // The tasks stay saved: they may be done by the next attempt.
            for slot in slots.iter_mut().filter(|slot| matches!(slot, Slot::Waiting(_))) {
                *slot = Slot::Failed(errors::too_slow(wire.wait_seconds));
            }
            return Ok(());
        }
        nap(job, pause)?;
        pause = (pause * 6 / 5).min(longest);
    }
    Ok(())
}

/// Asks once for every task under way, and fetches what is ready.
fn round<'run>(job: &Job<'run>, http: &Http<'_, 'run>, slots: &mut [Slot<'run>]) -> Result<()> {
    job.keep_going()?;
    let waiting: Vec<usize> = slots
        .iter()
        .enumerate()
        .filter_map(|(index, slot)| matches!(slot, Slot::Waiting(_)).then_some(index))
        .collect();
    let urls: Vec<String> = waiting.iter().filter_map(|index| url(&slots[*index])).collect();
    if urls.is_empty() {
        return Ok(());
    }
    let requests: Vec<HttpRequest<'_>> = urls
        .iter()
        .map(|url| HttpRequest {
            secret: Some(SECRET),
            timeout_ms: POLL_TIMEOUT_MS,
            ..HttpRequest::new("GET", url)
        })
        .collect();
    let mut ready = Vec::new();
    let mut gone = false;
    for (index, answer) in waiting.into_iter().zip(http.send_all(&requests)?) {
        let Slot::Waiting(waiting) = &mut slots[index] else { continue };
        match look(waiting, answer)? {
            Next::Wait => {}
            Next::Fetch(sample, seed) => ready.push((index, sample, seed)),
            Next::GiveUp(error) => slots[index] = Slot::Failed(error),
            Next::Forget(error) => {
                slots[index] = Slot::Failed(error);
                gone = true;
            }
        }
    }
    if gone {
        save(job, slots);
    }
    fetch(http, slots, ready)
}

fn url(slot: &Slot<'_>) -> Option<String> {
    match slot {
        Slot::Waiting(waiting) => Some(waiting.task.polling_url.clone()),
        _ => None,
    }
}

/// What follows from an answer.
enum Next {
    Wait,
    Fetch(String, Option<i64>),
    /// The picture may still come in a later attempt.
    GiveUp(Error),
    /// The task is over.
    Forget(Error),
}

fn look(waiting: &mut Waiting, answer: Result<HttpResponse<'_>>) -> Result<Next> {
    let response = match answer {
        Ok(response) => response,
        Err(error) if error.kind() == ErrorKind::Cancelled => return Err(error),
        Err(error) if error.kind() == ErrorKind::Transient => {
            let then = || Next::GiveUp(errors::after_payment(&error, Charged::Maybe));
            return Ok(missed(waiting, then));
        }
        Err(error) => return Ok(Next::GiveUp(error)),
    };
    let next = match state(&response) {
        Some(State::Running(progress)) => {
            waiting.misses = 0;
            waiting.progress = progress.unwrap_or(waiting.progress);
            Next::Wait
        }
        Some(State::Ready(sample, seed)) => Next::Fetch(sample, seed),
        Some(State::Empty) => Next::Forget(errors::no_picture()),
        Some(State::RefusedInput(why)) => Next::Forget(errors::refused_input(why)),
        Some(State::RefusedOutput(why)) => Next::Forget(errors::refused_output(why)),
        Some(State::Broken(why)) => Next::Forget(errors::broken_task(why)),
        Some(State::Unknown) => {
            let id = waiting.task.id.clone();
            missed(waiting, || Next::Forget(errors::lost_task(&id)))
        }
        None if matches!(response.status, 200 | 408 | 429 | 500..) => {
            missed(waiting, || match response.status {
                200 => Next::GiveUp(errors::corrupt("the state of the task")),
                _ => Next::GiveUp(errors::poll(&response)),
            })
        }
        None => Next::GiveUp(errors::poll(&response)),
    };
    Ok(next)
}

/// One more miss; what follows when there were too many.
fn missed(waiting: &mut Waiting, then: impl FnOnce() -> Next) -> Next {
    waiting.misses += 1;
    if waiting.misses > PATIENCE { then() } else { Next::Wait }
}

/// Fetches the pictures that are ready, side by side.
fn fetch<'run>(
    http: &Http<'_, 'run>,
    slots: &mut [Slot<'run>],
    ready: Vec<(usize, String, Option<i64>)>,
) -> Result<()> {
    if ready.is_empty() {
        return Ok(());
    }
    let requests: Vec<HttpRequest<'_>> =
        ready.iter().map(|(_, sample, _)| download(sample)).collect();
    let answers = http.send_all(&requests)?;
    for ((index, sample, seed), answer) in ready.into_iter().zip(answers) {
        let Slot::Waiting(waiting) = &mut slots[index] else { continue };
        let next = match answer {
            Ok(HttpResponse { status: 200, body, .. }) => {
                let task = waiting.task.clone();
                slots[index] = Slot::Come(Come { task, sample, file: body, seed });
                continue;
            }
            // The next look at the task gives a fresh address, once.
            Ok(HttpResponse { status: 403, .. }) if !waiting.expired => {
                waiting.expired = true;
                Next::Wait
            }
            Ok(HttpResponse { status: 403, .. }) => Next::GiveUp(errors::expired()),
            Ok(HttpResponse { status, .. }) => {
                missed(waiting, || Next::GiveUp(errors::not_delivered(status)))
            }
            Err(error) if error.kind() == ErrorKind::Cancelled => return Err(error),
            Err(error) if error.kind() == ErrorKind::Transient => {
                missed(waiting, || Next::GiveUp(errors::after_payment(&error, Charged::Yes)))
            }
            Err(error) => Next::GiveUp(error),
        };
        if let Next::GiveUp(error) = next {
            slots[index] = Slot::Failed(error);
        }
    }
    Ok(())
}

/// The request for a finished picture: signed by its address, never with the key.
pub(crate) fn download(sample: &str) -> HttpRequest<'_> {
    HttpRequest { timeout_ms: FETCH_TIMEOUT_MS, ..HttpRequest::new("GET", sample) }
}

fn tell(job: &Job<'_>, slots: &[Slot<'_>]) {
    let done = |slot: &Slot<'_>| match slot {
        Slot::Waiting(waiting) => waiting.progress,
        Slot::Missing => 0.0,
        Slot::Come(_) | Slot::Failed(_) => 1.0,
    };
    let fraction = slots.iter().map(done).sum::<f64>() / slots.len() as f64;
    job.progress(if fraction > 0.0 { fraction } else { -1.0 }, "FLUX is painting");
}

fn nap(job: &Job<'_>, pause: Duration) -> Result<()> {
    let start = Instant::now();
    loop {
        job.keep_going()?;
        let left = pause.saturating_sub(start.elapsed());
        if left.is_zero() {
            return Ok(());
        }
        sleep(left.min(NAP));
    }
}
