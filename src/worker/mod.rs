//! Workers: processes of their own that hold one loaded backend each. The daemon's side is
//! [`Worker`] and [`Pool`]; the other side is [`child::main`], the same program started again, and
//! the only place that loads foreign code. Pixels go through shared memory, words through [`frame`].
//!
//! Whatever a worker says is checked; a backend that crashes, hangs, leaks or lies costs its own run.
//! Nothing here knows jobs, files of the store, or the network; nothing here is asynchronous.

mod buffers;
mod cancel;
pub mod child;
mod error;
mod frame;
mod health;
mod host;
mod image;
mod launch;
mod limits;
mod outputs;
mod pool;
mod process;
mod run;
mod session;
mod shared;
mod words;

pub use buffers::BufferPool;
pub use cancel::{Cancel, Registration};
pub use error::{CheckoutError, Crash, ImageError, RunError, WorkerError};
pub use health::{CrashPolicy, Health, HealthState};
pub use host::Worker;
pub use image::{SharedImage, bytes_per_pixel};
pub use launch::{Launch, LibrarySource};
pub use pool::{Backend, Clock, Lease, Pool, PoolSettings};
pub use run::{LogLevel, Run, RunObserver};
