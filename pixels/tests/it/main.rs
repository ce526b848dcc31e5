//! The crate seen from outside, as the daemon and the command line use it: files, colours, and the promise of the
//! mask. Unit tests of each part stand beside the part.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod codec;
mod colour;
mod composite;
mod hostile;
mod make;
mod metadata;
