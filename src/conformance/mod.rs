//! What is behind `easel backend check`: does a backend keep the rules of `easel_backend.h`? Each case
//! tries one rule in worker processes of its own, so that a crash or a hang costs that case and no
//! other. It writes nothing but to its workers and lends them neither secrets nor the internet, so a
//! backend that needs them is skipped where it says so, and no provider is ever paid.

mod cases;
mod endurance;
mod loading;
mod manners;
mod opening;
mod params;
mod pictures;
mod records;
mod report;
mod sample;
mod subject;
mod target;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use easel_protocol::{ErrorKind, Failure};

use cases::{CASES, Case};
use report::Finding;
pub use report::{BackendName, CaseReport, Outcome, Report};
use subject::Subject;
use target::Target;

/// How to check.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// The program that is started as a worker, with the argument `worker`; by default this one.
    pub executable: PathBuf,
    /// Only the cases whose name contains this.
    pub filter: Option<String>,
    /// How long a case may take for one model. A model that needs longer cannot be judged and is skipped.
    pub timeout: Duration,
    /// How long a backend may go on after it was asked to stop.
    pub grace: Duration,
    /// What `open` is given: a JSON object.
    pub config: serde_json::Value,
    /// What random parameters are drawn from.
    pub seed: u64,
}

impl Default for Options {
    /// This program, all cases, 20 s a case, 2 s of grace, an empty configuration, seed 1.
    fn default() -> Self {
        Options {
            executable: std::env::current_exe().unwrap_or_default(),
            filter: None,
            timeout: Duration::from_secs(20),
            grace: Duration::from_secs(2),
            config: serde_json::Value::Object(serde_json::Map::new()),
            seed: 1,
        }
    }
}

/// Checks the backend at `target`: its folder, its `backend.toml`, or its library. Runs its code, in
/// workers. Blocks until all cases are through.
///
/// # Errors
///
/// `not_found` where there is no backend at `target`, `invalid_request` where no case matches the filter.
pub fn check(target: &Path, options: &Options) -> Result<Report, Failure> {
    let target = Target::find(target)?;
    let wanted =
        |case: &&Case| options.filter.as_ref().is_none_or(|words| case.name.contains(words));
    let cases: Vec<&Case> = CASES.iter().filter(wanted).collect();
    if cases.is_empty() {
        let names: Vec<_> = CASES.iter().map(|case| format!("`{}`", case.name)).collect();
        return Err(Failure::new(
            ErrorKind::InvalidRequest,
            format!("no case has `{}` in its name", options.filter.as_deref().unwrap_or_default()),
        )
        .hint(format!("there are {}", names.join(", "))));
    }
    let subject = Subject::new(&target, options);
    let cases = cases.into_iter().map(|case| tried(case, &subject)).collect();
    Ok(Report { backend: named(&target, &subject), seed: options.seed, cases })
}

fn tried(case: &Case, subject: &Subject<'_>) -> CaseReport {
    let start = Instant::now();
    let Finding { outcome, message, hint } = (case.run)(subject).into();
    CaseReport {
        name: case.name.to_owned(),
        description: case.description.to_owned(),
        outcome,
        message,
        hint,
        milliseconds: start.elapsed().as_millis() as u64,
    }
}

fn named(target: &Target, subject: &Subject<'_>) -> BackendName {
    match subject.descriptor() {
        Ok(descriptor) => BackendName {
            id: descriptor.id.clone(),
            name: Some(descriptor.name.clone()),
            version: Some(descriptor.version.clone()),
        },
        Err(_) => BackendName {
            id: target.id(),
            name: target.manifest().map(|manifest| manifest.name.clone()),
            version: None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_without_a_match_names_the_cases() {
        let options = Options { filter: Some("no-such-case".to_owned()), ..Options::default() };
        let own = std::env::current_exe().unwrap();
        let failure = check(&own, &options).unwrap_err();
        assert_eq!(failure.kind, ErrorKind::InvalidRequest);
        assert!(failure.hint.unwrap().contains("`padded-stride`"));
    }
}
