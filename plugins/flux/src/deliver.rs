//! Hands the pictures over in the order in which they were asked for, with what is known of each. What
//! came is delivered even where others failed, and the person is told which and why.

use easel_backend::hosted::{shortfall, unreadable};
use easel_backend::{ErrorKind, Http, HttpResponse, Job, Result, RunFact};

use crate::errors;
use crate::poll::download;
use crate::task::{Come, Slot};

/// What a credit is worth in dollars.
const CREDIT: f64 = 0.01;

/// Delivers what has come; the first failure where nothing has.
pub(crate) fn deliver<'run>(
    job: &Job<'run>,
    http: &Http<'_, 'run>,
    slots: Vec<Slot<'run>>,
) -> Result<()> {
    let asked = slots.len() as u32;
    let (mut delivered, mut failures) = (0, Vec::new());
    for slot in slots {
        match slot {
            Slot::Come(come) => match decode(http, &come) {
                Ok(()) => {
                    report(job, delivered, &come);
                    delivered += 1;
                }
                Err(error) if error.kind() == ErrorKind::Cancelled => return Err(error),
                Err(error) => failures.push(error),
            },
            Slot::Failed(error) => failures.push(error),
            Slot::Missing | Slot::Waiting(_) => {}
        }
    }
    if delivered == 0 {
        return Err(failures.into_iter().next().unwrap_or_else(errors::no_picture));
    }
    if !failures.is_empty() {
        let note = shortfall(delivered, asked, &failures, None);
        job.report(&RunFact { note: Some(note), ..RunFact::default() });
    }
    Ok(())
}

/// A file that cannot be read is fetched once more: that costs nothing.
fn decode(http: &Http<'_, '_>, come: &Come<'_>) -> Result<()> {
    let unreadable = |error| unreadable(error, errors::corrupt("the picture"));
    if http.decode_output(come.file).is_ok() {
        return Ok(());
    }
    match http.send(&download(&come.sample)) {
        Ok(HttpResponse { status: 200, body, .. }) => {
            http.decode_output(body).map(drop).map_err(unreadable)
        }
        Ok(_) => Err(errors::corrupt("the picture")),
        Err(error) => Err(unreadable(error)),
    }
}

fn report(job: &Job<'_>, picture: u32, come: &Come<'_>) {
    job.report(&RunFact {
        cost: come.task.cost.map(|credits| credits * CREDIT),
        currency: come.task.cost.map(|_| "USD".to_owned()),
        picture: Some(picture),
        seed: come.seed,
        request_id: Some(come.task.id.clone()),
        note: None,
    });
}
