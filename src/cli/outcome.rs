//! Exit codes: what a script can act on.

use std::process::ExitCode;

use easel_protocol::ErrorKind;

/// The exit code of a failure.
pub(super) fn exit_code(kind: ErrorKind) -> ExitCode {
    ExitCode::from(number(kind))
}

fn number(kind: ErrorKind) -> u8 {
    match kind {
        ErrorKind::InvalidRequest | ErrorKind::Conflict => 2,
        ErrorKind::NotFound => 3,
        ErrorKind::Unsupported
        | ErrorKind::NotAPicture
        | ErrorKind::TooLarge
        | ErrorKind::BackendBlocked
        | ErrorKind::WeightsMissing
        | ErrorKind::RefusedInput
        | ErrorKind::RefusedOutput
        | ErrorKind::OverBudget => 4,
        ErrorKind::Busy | ErrorKind::Unauthorized | ErrorKind::Forbidden => 5,
        ErrorKind::Cancelled => 130,
        _ => 1,
    }
}
