//! Cases about instances: opening and closing them again and again, and what `open` makes of its
//! configuration. Each opening has a process of its own, as the host does it.

use std::time::Instant;

use serde_json::json;

use super::report::{Finding, Verdict};
use super::subject::{Subject, crashed, reported};
use crate::worker::{Launch, RunError, Worker, WorkerError};

/// How often an instance is opened and closed.
const OPENINGS: usize = 10;

pub(super) fn open_close_many(subject: &Subject<'_>) -> Verdict {
    subject.descriptor()?;
    let launch = subject.launch()?;
    let start = Instant::now();
    for opening in 1..=OPENINGS {
        let worker = Worker::spawn(&launch).map_err(|error| match error {
            WorkerError::Open(error) => not_opened(&error, opening),
            WorkerError::Crashed(crash) => crashed(&crash, "`open`"),
            error => Finding::fail(error.to_string(), "leave what takes long to the first run"),
        })?;
        let end = worker.end_and_tell(launch.grace);
        match (end.exit, end.signal) {
            (Some(0), _) => {}
            // Nobody else ends it so.
            (_, Some(9)) => {
                return Err(Finding::fail(
                    format!("`close` did not return within {} ms", launch.grace.as_millis()),
                    "end threads and release devices without waiting for either",
                ));
            }
            _ => return Err(crashed(&end, "`close`")),
        }
        if start.elapsed() > subject.options.timeout {
            return Err(Finding::remark(format!(
                "{opening} of {OPENINGS} times in the time there was"
            )));
        }
    }
    Ok(())
}

/// An `open` that refuses may have its reasons the first time; later it contradicts itself.
fn not_opened(error: &RunError, opening: usize) -> Finding {
    match error {
        _ if opening > 1 => Finding::fail(
            format!("`open` worked {} times and then said: {error}", opening - 1),
            "release in `close`, or with the process, whatever `open` takes",
        ),
        RunError::Unsupported(_) | RunError::Denied(_) | RunError::Transient(_) => Finding::skip(
            format!("it does not open: {error}"),
            "give it what it needs, and check again",
        ),
        _ => Finding::fail(
            format!("`open` failed: {error}"),
            "open with an empty configuration too; a machine that lacks something is EASEL_ERR_UNSUPPORTED",
        ),
    }
}

pub(super) fn bad_config_is_an_error(subject: &Subject<'_>) -> Verdict {
    drop(subject.worker()?);
    let mut launch = subject.launch()?;
    launch.config = json!({ "easel-check-no-such-setting": true });
    match Worker::spawn(&launch) {
        Ok(_) => {}
        Err(WorkerError::Open(_)) => return Ok(()),
        Err(WorkerError::Crashed(crash)) => {
            return Err(crashed(&crash, "`open` with an unknown setting"));
        }
        Err(error) => {
            return Err(Finding::fail(
                error.to_string(),
                "return EASEL_ERR_INVALID for a setting that it does not know",
            ));
        }
    }
    // Who looks at the configuration notices when it is none; who does not misunderstands nothing.
    launch.config = json!("no configuration");
    match Worker::spawn(&launch) {
        Ok(_) => Err(Finding::skip("it reads no configuration", "nothing to do")),
        Err(_) => Err(Finding::warn(
            "it reads its configuration and accepted an unknown setting: what is not understood is to be refused",
            "return EASEL_ERR_INVALID with a text that names the setting; a mistyped one goes unnoticed otherwise",
        )),
    }
}

/// What `open` says where it refuses, as it is and with a setting that nobody knows.
pub(super) fn open_errors(subject: &Subject<'_>) -> Result<Vec<String>, Finding> {
    let plain = subject.launch()?;
    let odd = Launch { config: json!({ "easel-check-no-such-setting": true }), ..plain.clone() };
    let mut texts = Vec::new();
    for launch in [plain, odd] {
        match Worker::spawn(&launch) {
            Ok(_) => {}
            Err(WorkerError::Open(error)) => texts.extend(reported(&error)),
            // Other cases say so, and trying again takes as long again.
            Err(_) => break,
        }
    }
    Ok(texts)
}
