//! Tasks at the service and where each stands. They are saved as soon as they are submitted, before any
//! is asked for: an attempt that comes after a crash asks for them instead of paying for them again.

use std::time::{SystemTime, UNIX_EPOCH};

use easel_backend::{Charged, Error, Failure, Http, HttpRequest, HttpResponse, Job, Level, Result};
use serde::{Deserialize, Serialize};

use crate::answer::Submitted;
use crate::request::Bodies;
use crate::wire::Wire;
use crate::{SECRET, errors};

/// A task that was submitted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Task {
    /// Which picture of the job it makes, from 0.
    pub(crate) picture: u32,
    /// Its name at the service.
    pub(crate) id: String,
    /// Where it is asked for.
    pub(crate) polling_url: String,
    /// When it was submitted, in seconds since 1970: for people who look at a stuck job.
    pub(crate) submitted: u64,
    /// What it costs, in credits, where the service said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cost: Option<f64>,
}

#[derive(Serialize, Deserialize)]
struct Saved<'a> {
    tasks: std::borrow::Cow<'a, [Task]>,
}

/// Where one picture of the job stands.
#[derive(Debug)]
pub(crate) enum Slot<'run> {
    /// Not submitted yet.
    Missing,
    /// Under way.
    Waiting(Waiting),
    /// Its file is here.
    Come(Come<'run>),
    /// It will not come.
    Failed(Error),
}

/// A task under way.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) task: Task,
    /// How often in a row it could not be asked for.
    pub(crate) misses: u32,
    /// Its picture's address had expired once.
    pub(crate) expired: bool,
    /// How far it is, in 0..=1.
    pub(crate) progress: f64,
}

/// A picture that is here as a file.
#[derive(Debug)]
pub(crate) struct Come<'run> {
    pub(crate) task: Task,
    /// Where it lay.
    pub(crate) sample: String,
    pub(crate) file: &'run [u8],
    pub(crate) seed: Option<i64>,
}

impl Slot<'_> {
    fn of(task: Task) -> Self {
        Slot::Waiting(Waiting { task, misses: 0, expired: false, progress: 0.0 })
    }
}

/// A slot for each picture of the job, with the tasks that an earlier attempt saved.
pub(crate) fn restored<'run>(job: &Job<'_>) -> Vec<Slot<'run>> {
    let mut slots: Vec<Slot<'run>> =
        (0..job.params().count.max(1)).map(|_| Slot::Missing).collect();
    let Some(bytes) = job.checkpoint().filter(|bytes| !bytes.is_empty()) else { return slots };
    match serde_json::from_slice::<Saved<'_>>(bytes) {
        Ok(saved) => {
            for task in saved.tasks.into_owned() {
                if let Some(slot) = slots.get_mut(task.picture as usize) {
                    *slot = Slot::of(task);
                }
            }
        }
        Err(error) => {
            job.log(Level::Warn, &format!("the checkpoint is not understood: {error}"));
        }
    }
    slots
}

/// Saves the tasks that may still give a picture. One that failed for good is forgotten, so that a
/// later attempt may ask anew. Where saving fails the run goes on: the tasks are paid for either way.
pub(crate) fn save(job: &Job<'_>, slots: &[Slot<'_>]) {
    let tasks: Vec<Task> = slots
        .iter()
        .filter_map(|slot| match slot {
            Slot::Waiting(waiting) => Some(waiting.task.clone()),
            Slot::Come(come) => Some(come.task.clone()),
            Slot::Missing | Slot::Failed(_) => None,
        })
        .collect();
    let saved = serde_json::to_vec(&Saved { tasks: tasks.into() }).map_err(Error::failed);
    if let Err(error) = saved.and_then(|saved| job.save_checkpoint(&saved)) {
        job.log(Level::Warn, &format!("the tasks are not saved: {error}"));
    }
}

/// Submits what is missing, side by side, and saves what was accepted.
pub(crate) fn submit(
    job: &Job<'_>,
    http: &Http<'_, '_>,
    wire: &Wire,
    slots: &mut [Slot<'_>],
) -> Result<()> {
    let missing: Vec<u32> = (0..)
        .zip(slots.iter())
        .filter_map(|(index, slot)| matches!(slot, Slot::Missing).then_some(index))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    job.progress(-1.0, "sending to FLUX");
    let bodies = Bodies::of(job, http, wire)?;
    let bodies: Vec<Vec<u8>> =
        missing.iter().map(|index| bodies.body(*index)).collect::<Result<_>>()?;
    let url = wire.submit_url();
    let requests: Vec<HttpRequest<'_>> = bodies
        .iter()
        .map(|body| HttpRequest {
            headers: vec![("content-type", "application/json".to_owned())],
            secret: Some(SECRET),
            body,
            weight: 1,
            ..HttpRequest::new("POST", &url)
        })
        .collect();
    job.keep_going()?;
    for (index, answer) in missing.iter().zip(http.send_all(&requests)?) {
        let slot = answer.and_then(|response| accepted(wire, *index, &response));
        slots[*index as usize] = slot.map_or_else(Slot::Failed, Slot::of);
    }
    if slots.iter().any(|slot| matches!(slot, Slot::Waiting(_))) {
        save(job, slots);
    }
    Ok(())
}

fn accepted(wire: &Wire, picture: u32, response: &HttpResponse<'_>) -> Result<Task> {
    if !matches!(response.status, 200..=202) {
        return Err(errors::submission(&wire.id, response));
    }
    let submitted: Submitted = serde_json::from_slice(response.body).map_err(|_| {
        let error = errors::corrupt("the answer to a submission");
        // Whether a task runs behind it is not known.
        let failure = error.failure().cloned();
        failure.map_or(error, |failure| {
            Error::of(Failure { charged: Some(Charged::Maybe), ..failure })
        })
    })?;
    let polling_url = submitted.polling_url.filter(|url| !url.is_empty());
    let polling_url = with_id(polling_url.unwrap_or_else(|| wire.result_url()), &submitted.id);
    let submitted_at = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |age| age.as_secs());
    let (id, cost) = (submitted.id, submitted.cost);
    Ok(Task { picture, id, polling_url, submitted: submitted_at, cost })
}

/// The address with the task's name, unless it has one already.
fn with_id(url: String, id: &str) -> String {
    let (_, query) = url.split_once('?').unwrap_or((&url, ""));
    if query.split('&').any(|part| part.starts_with("id=")) {
        return url;
    }
    let joint = match url.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some(_) => "&",
    };
    let mut address = format!("{url}{joint}id=");
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            address.push(char::from(byte));
        } else {
            address.extend(['%', hexadecimal(byte >> 4), hexadecimal(byte & 15)]);
        }
    }
    address
}

fn hexadecimal(half: u8) -> char {
    char::from_digit(u32::from(half), 16).unwrap_or('0').to_ascii_uppercase()
}
