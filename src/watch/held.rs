//! Which failures are a file's own, and which stand in the way of every file: a budget, a key, a full disk. Those hold
//! the folder for a while, and no file is given up for them. Pure.

use std::time::Duration;

use easel_protocol::error::Charged;
use easel_protocol::{ErrorKind, Failure};

/// How often a file is tried again after failures that may be the network's and may be its own.
pub(super) const TRIES: u32 = 5;

/// What to do after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The file failed.
    File,
    /// Every file would: the folder waits.
    Everything,
    /// Nobody can tell: the folder waits, and the file goes to the end of the queue, a few times.
    Either,
}

/// Whose fault it is.
pub(super) fn verdict(failure: &Failure) -> Verdict {
    // Whether it is sent again is for a person to say.
    if matches!(failure.charged, Some(Charged::Maybe | Charged::Yes)) {
        return Verdict::File;
    }
    match failure.kind {
        ErrorKind::OverBudget
        | ErrorKind::OutOfQuota
        | ErrorKind::KeyMissing
        | ErrorKind::KeyRejected
        | ErrorKind::RateLimited
        | ErrorKind::StorageFull
        | ErrorKind::Busy
        | ErrorKind::BackendBlocked
        | ErrorKind::WeightsMissing
        | ErrorKind::ModelGone
        // A model or a reference that the recipe names is not there.
        | ErrorKind::NotFound => Verdict::Everything,
        ErrorKind::Transient | ErrorKind::BackendCrashed | ErrorKind::Internal => Verdict::Either,
        _ => Verdict::File,
    }
}

/// How long the folder waits after so many holds in a row.
pub(super) fn pause(failure: &Failure, holds: u32) -> Duration {
    if let Some(milliseconds) = failure.retry_after_ms {
        return Duration::from_millis(milliseconds)
            .clamp(Duration::from_millis(100), Duration::from_hours(1));
    }
    let seconds = match holds {
        0 | 1 => 1,
        2 => 5,
        3 => 20,
        4 => 60,
        _ => 300,
    };
    Duration::from_secs(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_file_is_given_up_for_what_stands_in_everyones_way() {
        let of = |kind| verdict(&Failure::new(kind, ""));
        assert_eq!(of(ErrorKind::OverBudget), Verdict::Everything);
        assert_eq!(of(ErrorKind::StorageFull), Verdict::Everything);
        assert_eq!(of(ErrorKind::Corrupt), Verdict::File);
        assert_eq!(of(ErrorKind::RefusedInput), Verdict::File);
        assert_eq!(of(ErrorKind::Transient), Verdict::Either);
    }

    #[test]
    fn what_may_have_been_charged_is_not_sent_again_unasked() {
        let failure =
            Failure { charged: Some(Charged::Maybe), ..Failure::new(ErrorKind::Transient, "") };
        assert_eq!(verdict(&failure), Verdict::File);
    }

    #[test]
    fn pauses_grow_and_providers_are_listened_to() {
        let failure = Failure::new(ErrorKind::Busy, "");
        let pauses: Vec<u64> = (1..7).map(|holds| pause(&failure, holds).as_secs()).collect();
        assert!(pauses.is_sorted() && pauses[5] == 300);
        let told = Failure { retry_after_ms: Some(7000), ..failure };
        assert_eq!(pause(&told, 1), Duration::from_secs(7));
    }
}
