//! A fence around foreign decoders: a panic inside one becomes an error of that picture.
//!
//! The decoders are written in safe Rust and fed with files from anywhere; an assertion of theirs must not take the
//! daemon down. Our own code is never run behind this fence.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs foreign code on untrusted bytes; nothing when it panicked. Whatever it was writing must be thrown away then.
pub(crate) fn guarded<T>(foreign: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(foreign)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_stays_inside() {
        assert_eq!(guarded(|| 7), Some(7));
        assert_eq!(
            guarded(|| std::hint::black_box([1_u8, 2].as_slice())[std::hint::black_box(9)]),
            None
        );
    }
}
