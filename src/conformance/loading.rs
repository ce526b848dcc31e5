//! Cases before any run: the manifest, the library's symbols, its table, what it describes, opening
//! and closing. The cases that judge one loading share its process.

use std::time::{Duration, Instant};

use easel_protocol::model::Descriptor;
use serde_json::json;

use super::report::{Finding, Verdict};
use super::subject::{Subject, crashed, reported};
use super::target;
use crate::worker::{Launch, RunError, Worker, WorkerError};

/// The one symbol.
const ENTRY: &str = "easel_backend_entry";
/// What linkers export by themselves.
const LINKERS: &[&str] =
    &["_init", "_fini", "_edata", "_end", "__bss_start", "__data_start", "_DYNAMIC"];
/// How long a backend may take to load and describe itself before a person notices.
const QUICK: Duration = Duration::from_secs(1);
/// How often an instance is opened and closed.
const OPENINGS: usize = 10;

/// How far a loading came. The words are the worker's own, and this is the only place that sorts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Library,
    Symbol,
    Table,
    Major,
    Descriptor,
}

fn stage(error: &WorkerError) -> Stage {
    match error {
        WorkerError::Descriptor(_) => Stage::Descriptor,
        // The system's own words follow, and may be any.
        WorkerError::Load(text) if text.starts_with("cannot load") => Stage::Library,
        WorkerError::Load(text) if text.contains("`describe` returned") => Stage::Descriptor,
        WorkerError::Load(text) if text.contains("it speaks ABI") => Stage::Major,
        WorkerError::Load(text) if text.contains("its table") => Stage::Table,
        WorkerError::Load(text) if text.contains("does not export") => Stage::Symbol,
        _ => Stage::Library,
    }
}

/// The error where loading ended at exactly this stage; a skip where it did not come so far.
fn ended_at<'subject>(
    subject: &'subject Subject<'_>,
    wanted: Stage,
) -> Result<Option<&'subject WorkerError>, Finding> {
    let Err(error) = subject.loaded()? else { return Ok(None) };
    let reached = stage(error);
    if reached < wanted {
        return Err(Finding::skip("loading did not come so far", "see the cases before this one"));
    }
    Ok((reached == wanted).then_some(error))
}

pub(super) fn manifest_readable(subject: &Subject<'_>) -> Verdict {
    match &subject.target.manifest {
        None => Err(no_manifest()),
        Some((_, Ok(_))) => Ok(()),
        Some((_, Err(failure))) => {
            Err(Finding::fail(failure.message.clone(), failure.hint.clone().unwrap_or_default()))
        }
    }
}

fn no_manifest() -> Finding {
    Finding::skip(
        "no manifest means this library",
        "put a `backend.toml` beside it: nothing is loaded without one",
    )
}

pub(super) fn manifest_agrees(subject: &Subject<'_>) -> Verdict {
    let manifest = match &subject.target.manifest {
        None => return Err(no_manifest()),
        Some(_) => subject.target.manifest().ok_or_else(|| {
            Finding::skip("the manifest cannot be read", "see `manifest-readable`")
        })?,
    };
    if let Some(obstacle) = manifest.obstacle() {
        return Err(Finding::fail(
            format!("the manifest's `abi` is one that no host of this version loads: {obstacle}"),
            "build against the current header and write its major version",
        ));
    }
    let descriptor = subject.descriptor()?;
    if descriptor.id != manifest.id {
        return Err(Finding::fail(
            format!(
                "`describe` says `{}`, the manifest says `{}`: the ids must be equal",
                descriptor.id, manifest.id
            ),
            "write the same id in both",
        ));
    }
    if descriptor.name != manifest.name {
        return Err(Finding::warn(
            format!("`describe` calls it `{}`, the manifest `{}`", descriptor.name, manifest.name),
            "people see both: write the same name",
        ));
    }
    Ok(())
}

pub(super) fn exports_one_symbol(subject: &Subject<'_>) -> Verdict {
    let names = target::exports(subject.library()?)
        .map_err(|reason| Finding::skip(reason, "see `loads`"))?;
    if !names.contains(ENTRY) {
        return Err(Finding::fail(
            format!("it does not export `{ENTRY}`, the one symbol that makes a library a backend"),
            "define it as the header declares it, with EASEL_EXPORT",
        ));
    }
    let others: Vec<_> =
        names.iter().filter(|name| *name != ENTRY && !LINKERS.contains(&&***name)).collect();
    if !others.is_empty() {
        let some: Vec<_> = others.iter().take(3).map(|name| format!("`{name}`")).collect();
        let more = if others.len() > some.len() { " and more" } else { "" };
        return Err(Finding::warn(
            format!("besides `{ENTRY}` it exports {}{more}", some.join(", ")),
            "hide them, for instance with `-fvisibility=hidden`: they may meet those of another library",
        ));
    }
    Ok(())
}

pub(super) fn loads(subject: &Subject<'_>) -> Verdict {
    match ended_at(subject, Stage::Library)? {
        None => Ok(()),
        Some(WorkerError::Crashed(crash)) => Err(crashed(crash, "loading")),
        Some(WorkerError::TimedOut { after, .. }) => Err(Finding::fail(
            format!("loading and `describe` did not end within {} ms", after.as_millis()),
            "do nothing in constructors, and leave what takes long to `open` or the first run",
        )),
        Some(error @ WorkerError::Spawn { .. }) => {
            Err(Finding::skip(error.to_string(), error.hint()))
        }
        Some(error) => Err(Finding::fail(
            error.to_string(),
            "all its symbols are bound at once: link what it needs, for this system and processor",
        )),
    }
}

pub(super) fn table_size_plausible(subject: &Subject<'_>) -> Verdict {
    match ended_at(subject, Stage::Table)? {
        None => Ok(()),
        Some(error) => Err(Finding::fail(
            format!("{error}: the entry returns a table, never NULL, whose `size` is its sizeof"),
            "begin it with `sizeof(easel_backend)`; `describe`, `open` and `run` are never NULL",
        )),
    }
}

pub(super) fn abi_major_known(subject: &Subject<'_>) -> Verdict {
    // A table whose size is wrong has been read this far, or has nothing to read.
    match ended_at(subject, Stage::Major)? {
        None => Ok(()),
        Some(error) => Err(Finding::fail(
            error.to_string(),
            "write EASEL_ABI_MAJOR into the table and build against a header that this host knows",
        )),
    }
}

pub(super) fn describe_is_json(subject: &Subject<'_>) -> Verdict {
    match ended_at(subject, Stage::Descriptor)? {
        None => Ok(()),
        Some(error) => Err(Finding::fail(
            error.to_string(),
            "return one JSON object with `id`, `name`, `version` and `models`, in UTF-8",
        )),
    }
}

fn describe_again(subject: &Subject<'_>) -> Result<(Descriptor, Duration), Finding> {
    subject.descriptor()?;
    let start = Instant::now();
    let again = Worker::describe(&subject.launch()?);
    let took = start.elapsed();
    let again = again.map_err(|error| match error {
        WorkerError::Crashed(crash) => crashed(&crash, "loading it again"),
        error => Finding::fail(
            format!("it described itself once, and the next time: {error}"),
            "`describe` returns the same every time",
        ),
    })?;
    Ok((again, took))
}

pub(super) fn describe_is_stable(subject: &Subject<'_>) -> Verdict {
    let (again, _) = describe_again(subject)?;
    if again != *subject.descriptor()? {
        return Err(Finding::fail(
            "two processes were told different things: `describe` is always the same",
            "look at no file, device, clock or environment in `describe`; what a machine lacks is said by `open` or `run`",
        ));
    }
    Ok(())
}

pub(super) fn describe_is_quick(subject: &Subject<'_>) -> Verdict {
    // The better of two: the machine may have had something else to do.
    let took = describe_again(subject)?.1.min(describe_again(subject)?.1);
    if took > QUICK {
        return Err(Finding::warn(
            format!(
                "starting, loading and `describe` took {} ms: it is to be quick",
                took.as_millis()
            ),
            "do nothing in constructors, and leave what takes long to `open` or the first run",
        ));
    }
    Ok(())
}

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
