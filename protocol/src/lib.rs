//! Easel's wire as plain types: methods, events, errors and records. No I/O, no clock, no logic
//! beyond what a type needs to be valid.
//!
//! `openrpc.json` beside this crate, the Python client and the TypeScript types are generated from
//! [`methods::METHODS`]: `cargo run -p easel-protocol --bin generate` writes them, and a test fails
//! when they are stale.

#![warn(missing_docs)]

pub mod advice;
pub mod catalogue;
pub mod error;
pub mod folder;
pub mod job;
pub mod key;
pub mod methods;
pub mod model;
pub mod openrpc;
pub mod picture;
pub mod recipe;
pub mod reference;
pub mod server;
pub mod spend;
pub mod transform;

pub use error::{ErrorKind, Failure};
pub use methods::Method;
pub use picture::{BlobId, PixelFormat};
