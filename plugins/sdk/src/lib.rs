//! Write an Easel backend in Rust: implement [`Backend`], name the type in [`export_backend!`], build
//! a `cdylib`, put a `backend.toml` beside it. No unsafe code is needed; the crate's inside carries the
//! C interface of `easel_backend.h`, checks what comes across it and turns panics into failures.
//! It opens no files and no connections: what a backend needs of the world it asks of its host.
//!
//! ```
//! use easel_backend::{
//!     Backend, Config, Descriptor, Host, Intent, Job, ModelRecord, Result, export_backend,
//! };
//!
//! struct Invert;
//!
//! impl Backend for Invert {
//!     fn describe() -> Descriptor {
//!         Descriptor {
//!             id: "invert".to_owned(),
//!             name: "Invert".to_owned(),
//!             version: env!("CARGO_PKG_VERSION").to_owned(),
//!             max_instances: 1,
//!             models: vec![ModelRecord::new("invert", "Invert", &[Intent::Restyle])],
//!         }
//!     }
//!
//!     fn open(_host: &Host<'_>, _config: Config) -> Result<Self> {
//!         Ok(Invert)
//!     }
//!
//!     fn run(&mut self, job: &mut Job<'_>) -> Result<()> {
//!         let source = job.source();
//!         let mut output = job.output(source.width(), source.height(), source.format())?;
//!         for (from, to) in source.rows().zip(output.rows_mut()) {
//!             job.keep_going()?;
//!             for (from, to) in from.chunks_exact(4).zip(to.chunks_exact_mut(4)) {
//!                 to.copy_from_slice(&[!from[0], !from[1], !from[2], from[3]]);
//!             }
//!         }
//!         Ok(())
//!     }
//! }
//!
//! export_backend!(Invert);
//!
//! // How such a backend is tested, without a daemon:
//! use easel_backend::testing::{Ask, Picture, open};
//!
//! let mut backend = open::<Invert>(&serde_json::json!({}))?;
//! let grey = Picture::filled(easel_backend::PixelFormat::Rgba8, 3, 2, &[10, 20, 30, 40]);
//! let outcome = backend.run(&Ask::new("invert", Intent::Restyle, grey));
//! assert_eq!(outcome.outputs()?[0].packed()[..4], [245, 235, 225, 40]);
//! # Ok::<(), easel_backend::Error>(())
//! ```

mod error;
mod glue;
mod host;
pub mod hosted;
mod http;
mod image;
mod job;
pub mod testing;

pub use easel_backend_abi as abi;
pub use easel_protocol::catalogue;
pub use easel_protocol::error::{Charged, ErrorKind as FailureKind, Failure};
pub use easel_protocol::model::{
    Descriptor, Intent, Keep, Margins, MaskSupport, ModelRecord, Oversize, ParamKind, ParamRecord,
    Price, PromptSupport, RunFact, RunParams, SeedSupport, SizeOffer, SizeRecord, StyleRecord,
    StyleWeight,
};
pub use easel_protocol::picture::PixelFormat;

pub use crate::error::{Error, ErrorKind, Result};
pub use crate::glue::entry;
pub use crate::host::{Config, Host, Level};
pub use crate::http::{Http, HttpRequest, HttpResponse};
pub use crate::image::{Image, OutputImage};
pub use crate::job::{Job, JobHandle};

/// What a backend does. One value is one instance; it may be opened on one thread and run on another,
/// but never runs twice at once.
pub trait Backend: Sized + Send + 'static {
    /// What the backend offers. Static: the same every time, without a look at a device, the network
    /// or a file, since it is asked before anything is decided.
    fn describe() -> Descriptor;

    /// Makes an instance. Slow preparations that every run needs belong here or into the first run.
    fn open(host: &Host<'_>, config: Config) -> Result<Self>;

    /// Does one job: reads [`Job::source`], asks [`Job::keep_going`] often, writes at least one
    /// [`Job::output`]. Outputs count only when it returns `Ok`. After a panic, which the host sees as
    /// a failure with the panic's text, the same instance is used again.
    fn run(&mut self, job: &mut Job<'_>) -> Result<()>;
}

/// Exports a [`Backend`] as the one symbol of the interface, `easel_backend_entry`.
///
/// The function can also be called as a plain Rust path where the crate is linked into a program.
/// Only one crate of a program may have it; [`entry`] is the same function without the symbol.
#[macro_export]
macro_rules! export_backend {
    ($backend:ty) => {
        /// The one symbol that the host looks for: the table of this backend's functions.
        #[unsafe(no_mangle)]
        pub extern "C" fn easel_backend_entry(
            host_major: u32,
            host_minor: u32,
        ) -> *const $crate::abi::EaselBackend {
            $crate::entry::<$backend>(host_major, host_minor)
        }
    };
}
