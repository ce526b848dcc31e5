//! The job's state machine: `queued → running → done`, or `failed`, or `cancelled`.

use easel_protocol::job::{Fact, JobState};
use easel_protocol::{ErrorKind, Failure};

/// A job is started at most so often without anybody asking: one that takes the daemon down each
/// time must not do so for ever.
pub const MAX_ATTEMPTS: u32 = 4;

/// What a change depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Where the job stands.
    pub state: JobState,
    /// How often it was started.
    pub attempts: u32,
    /// Somebody asked to cancel it.
    pub cancel_requested: bool,
}

/// What can happen to a job.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A worker takes it.
    Start,
    /// Somebody asks to cancel it.
    RequestCancel,
    /// It goes back to wait, because the daemon or a backend ended under it.
    Requeue {
        /// Why, for people.
        reason: String,
    },
    /// Somebody asks for another try.
    Retry,
    /// It gave its artifacts.
    Finish,
    /// It ended with a failure.
    Fail(Failure),
    /// It stopped because it was asked to.
    Cancel,
}

/// The standing after a change and the fact to tell, or why the change is not possible.
pub fn step(standing: Standing, change: Change) -> Result<(Standing, Fact), Failure> {
    use JobState::{Cancelled, Done, Failed, Queued, Running};
    let (state, fact) = match (standing.state, change) {
        (Queued, Change::Start) => {
            let attempts = standing.attempts + 1;
            return Ok((
                Standing { state: Running, attempts, ..standing },
                Fact::Started { attempt: attempts },
            ));
        }
        // Nobody runs it: there is nothing to wait for.
        (Queued, Change::RequestCancel | Change::Cancel) | (Running, Change::Cancel) => {
            (Cancelled, Fact::Cancelled)
        }
        (Running, Change::RequestCancel) => {
            return Ok((Standing { cancel_requested: true, ..standing }, Fact::CancelRequested));
        }
        (Running, Change::Requeue { reason }) => (Queued, Fact::Requeued { reason }),
        (Running, Change::Finish) => (Done, Fact::Done),
        (Queued | Running, Change::Fail(failure)) => (Failed, Fact::Failed { failure }),
        (Failed | Cancelled, Change::Retry) => {
            let fresh = Standing { state: Queued, attempts: 0, cancel_requested: false };
            return Ok((fresh, Fact::Requeued { reason: "retried".to_owned() }));
        }
        (state, change) => return Err(impossible(state, &change)),
    };
    Ok((Standing { state, ..standing }, fact))
}

fn impossible(state: JobState, change: &Change) -> Failure {
    let asked = match change {
        Change::Start => "started",
        Change::RequestCancel | Change::Cancel => "cancelled",
        Change::Requeue { .. } => "queued again",
        Change::Retry => "retried",
        Change::Finish => "finished",
        Change::Fail(_) => "failed",
    };
    let failure = Failure::new(
        ErrorKind::InvalidRequest,
        format!("a job that is {} cannot be {asked}", state.name()),
    );
    match (state, change) {
        (JobState::Done, Change::Retry) => {
            failure.hint("submit the transform again with a new key")
        }
        (JobState::Queued | JobState::Running, Change::Retry) => {
            failure.hint("wait for it, or cancel it first")
        }
        (_, Change::RequestCancel) => failure.hint("it has already ended"),
        _ => failure,
    }
}

/// Whether a job that ended like this keeps its checkpoint and the answers it paid for, so that another
/// try goes on from there. What the provider itself has judged is not asked for the same judgement again.
pub fn keeps_paid_work(state: JobState, failure: Option<&Failure>) -> bool {
    use ErrorKind::{Corrupt, ModelGone, NoImage, RefusedInput, RefusedOutput};
    let judged = |failure: &Failure| {
        matches!(failure.kind, Corrupt | ModelGone | NoImage | RefusedInput | RefusedOutput)
    };
    match state {
        JobState::Done => false,
        JobState::Failed => !failure.is_some_and(judged),
        JobState::Queued | JobState::Running | JobState::Cancelled => true,
    }
}

/// What is on record of a job that was running when the daemon ended.
#[expect(clippy::struct_excessive_bools, reason = "four independent findings")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// It may run again without cost or consent.
    pub repeatable: bool,
    /// The backend saved what it needs to go on.
    pub has_checkpoint: bool,
    /// Everything that may cost goes through the host, so that its record is complete.
    pub on_record: bool,
    /// Something was sent, and its answer is not known.
    pub unanswered: bool,
}

/// What becomes of a job that was running when the daemon ended.
pub fn after_restart(standing: Standing, evidence: Evidence) -> Change {
    if standing.cancel_requested {
        return Change::Cancel;
    }
    if standing.attempts >= MAX_ATTEMPTS {
        return Change::Fail(
            Failure::new(
                ErrorKind::Interrupted,
                format!("the daemon ended {} times in the middle of this run", standing.attempts),
            )
            .hint("look at the log, then `easel job retry` if you want another try"),
        );
    }
    if evidence.unanswered {
        return Change::Fail(interrupted());
    }
    if evidence.has_checkpoint {
        return Change::Requeue {
            reason: "the daemon ended; going on from the checkpoint".to_owned(),
        };
    }
    if evidence.repeatable {
        return Change::Requeue { reason: "the daemon ended; starting again".to_owned() };
    }
    if evidence.on_record {
        return Change::Requeue {
            reason: "the daemon ended; nothing that was paid for is lost".to_owned(),
        };
    }
    Change::Fail(interrupted())
}

fn interrupted() -> Failure {
    let mut failure = Failure::new(
        ErrorKind::Interrupted,
        "the daemon ended in the middle of the run, and the provider may have charged for it",
    )
    .hint("`easel job retry --pay-again` sends it again, which may be charged a second time");
    failure.charged = Some(easel_protocol::error::Charged::Maybe);
    failure
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUEUED: Standing =
        Standing { state: JobState::Queued, attempts: 0, cancel_requested: false };

    fn walk(changes: Vec<Change>) -> Result<Standing, Failure> {
        changes.into_iter().try_fold(QUEUED, |standing, change| Ok(step(standing, change)?.0))
    }

    #[test]
    fn the_ways_a_job_can_go() {
        let requeue = || Change::Requeue { reason: String::new() };
        let fail = || Change::Fail(Failure::new(ErrorKind::BackendFailed, "no"));
        assert_eq!(walk(vec![Change::Start, Change::Finish]).unwrap().state, JobState::Done);
        assert_eq!(walk(vec![Change::RequestCancel]).unwrap().state, JobState::Cancelled);
        assert_eq!(
            walk(vec![Change::Start, Change::RequestCancel, Change::Cancel]).unwrap().state,
            JobState::Cancelled
        );
        assert_eq!(walk(vec![Change::Start, requeue(), Change::Start]).unwrap().attempts, 2);
        let retried = walk(vec![Change::Start, fail(), Change::Retry]).unwrap();
        assert_eq!(retried, QUEUED);
        // It can still end well after somebody asked to cancel it: the picture is there.
        assert_eq!(
            walk(vec![Change::Start, Change::RequestCancel, Change::Finish]).unwrap().state,
            JobState::Done
        );
    }

    #[test]
    fn nothing_follows_an_end_but_a_retry() {
        for end in [vec![Change::Start, Change::Finish], vec![Change::Cancel]] {
            for change in [
                Change::Start,
                Change::Finish,
                Change::RequestCancel,
                Change::Requeue { reason: String::new() },
            ] {
                let mut way = end.clone();
                way.push(change);
                assert_eq!(walk(way).unwrap_err().kind, ErrorKind::InvalidRequest);
            }
        }
        assert!(walk(vec![Change::Start, Change::Finish, Change::Retry]).is_err());
        assert!(walk(vec![Change::Finish]).is_err());
    }

    #[test]
    fn what_becomes_of_a_running_job_after_a_crash() {
        let running = Standing { state: JobState::Running, attempts: 1, cancel_requested: false };
        let none = Evidence::default();
        let repeatable = Evidence { repeatable: true, ..none };
        let checkpoint = Evidence { has_checkpoint: true, ..none };
        let on_record = Evidence { on_record: true, ..none };
        for evidence in [repeatable, checkpoint, on_record] {
            assert!(matches!(after_restart(running, evidence), Change::Requeue { .. }));
        }
        for evidence in [
            none,
            Evidence { unanswered: true, ..on_record },
            Evidence { unanswered: true, ..checkpoint },
        ] {
            let Change::Fail(failure) = after_restart(running, evidence) else {
                panic!("must fail: {evidence:?}")
            };
            assert_eq!(failure.kind, ErrorKind::Interrupted);
            assert_eq!(failure.charged, Some(easel_protocol::error::Charged::Maybe));
        }
        let cancelled = Standing { cancel_requested: true, ..running };
        assert_eq!(after_restart(cancelled, repeatable), Change::Cancel);
        let stubborn = Standing { attempts: MAX_ATTEMPTS, ..running };
        assert!(matches!(after_restart(stubborn, repeatable), Change::Fail(_)));
    }

    #[test]
    fn what_the_provider_has_judged_is_not_judged_again() {
        let failed = |kind| keeps_paid_work(JobState::Failed, Some(&Failure::new(kind, "no")));
        assert!(failed(ErrorKind::Interrupted) && failed(ErrorKind::Transient));
        assert!(!failed(ErrorKind::RefusedOutput) && !failed(ErrorKind::Corrupt));
        assert!(keeps_paid_work(JobState::Cancelled, None));
        assert!(!keeps_paid_work(JobState::Done, None));
    }
}
