//! Cases before an instance is opened: the manifest, the library's symbols, its table, what it
//! describes. The cases that judge one loading share its process.

use std::time::{Duration, Instant};

use easel_protocol::model::Descriptor;

use super::report::{Finding, Verdict};
use super::subject::{Subject, crashed};
use super::target;
use crate::worker::{Worker, WorkerError};

/// The one symbol.
const ENTRY: &str = "easel_backend_entry";
/// What linkers export by themselves.
const LINKERS: &[&str] =
    &["_init", "_fini", "_edata", "_end", "__bss_start", "__data_start", "_DYNAMIC"];
/// How long a backend may take to load and describe itself before a person notices.
const QUICK: Duration = Duration::from_secs(1);

/// How far a loading came. The words are the worker's own, and this is the only place that sorts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Library,
    Symbol,
    Table,
    Major,
    Descriptor,
}

/// What went wrong, without the words that every failure to load begins with.
fn reason(error: &WorkerError) -> String {
    match error {
        WorkerError::Load(text) | WorkerError::Descriptor(text) => text.clone(),
        other => other.to_string(),
    }
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
    let library = subject.library()?;
    if !library.is_file() {
        return Err(Finding::fail(
            format!("there is no library `{}`", library.display()),
            "build it, or correct `library` in the manifest",
        ));
    }
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
            reason(error),
            "all its symbols are bound at once: link what it needs, for this system and processor",
        )),
    }
}

pub(super) fn table_size_plausible(subject: &Subject<'_>) -> Verdict {
    match ended_at(subject, Stage::Table)? {
        None => Ok(()),
        Some(error) => Err(Finding::fail(
            format!(
                "{}: the entry returns a table, never NULL, whose `size` is its sizeof",
                reason(error)
            ),
            "begin it with `sizeof(easel_backend)`; `describe`, `open` and `run` are never NULL",
        )),
    }
}

pub(super) fn abi_major_known(subject: &Subject<'_>) -> Verdict {
    match ended_at(subject, Stage::Major)? {
        None => Ok(()),
        Some(error) => Err(Finding::fail(
            reason(error),
            "write EASEL_ABI_MAJOR into the table and build against a header that this host knows",
        )),
    }
}

pub(super) fn describe_is_json(subject: &Subject<'_>) -> Verdict {
    match ended_at(subject, Stage::Descriptor)? {
        None => Ok(()),
        Some(error) => Err(Finding::fail(
            reason(error),
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
