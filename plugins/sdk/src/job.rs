//! One run as the backend's author sees it: what is asked, what is given, and the host's services
//! while it lasts. Everything borrowed from it ends with `run`; the compiler sees to that.

#![expect(unsafe_code, reason = "reads the request of the host and calls its extensions")]

use std::fmt;

use easel_backend_abi::{
    EASEL_EXT_CHECKPOINT, EASEL_EXT_PREVIEW, EASEL_OK, EaselCheckpoint, EaselPreview, EaselRequest,
};
use easel_protocol::model::{RunFact, RunParams};
use easel_protocol::picture::PixelFormat;

use crate::error::{Error, ErrorKind, Result};
use crate::host::{Level, Report, Services, text};
use crate::http::Http;
use crate::image::{Image, OutputImage, to_c};

/// One run. Pictures and texts that it gives live until `run` returns, which the type of
/// [`Backend::run`](crate::Backend::run) makes the compiler check. A copy may be kept:
///
/// ```
/// # use easel_backend::{Backend, Config, Descriptor, Host, Image, Job, Result};
/// struct Keeps(Option<Vec<u8>>);
///
/// impl Backend for Keeps {
/// #   fn describe() -> Descriptor { Descriptor { id: "keeps".into(), name: "Keeps".into(), version: "1".into(), max_instances: 1, models: vec![] } }
/// #   fn open(_: &Host<'_>, _: Config) -> Result<Self> { Ok(Keeps(None)) }
///     fn run(&mut self, job: &mut Job<'_>) -> Result<()> {
///         self.0 = Some(job.source().data().to_vec());
///         Ok(())
///     }
/// }
/// ```
///
/// The picture itself may not; this does not compile:
///
/// ```compile_fail
/// # use easel_backend::{Backend, Config, Descriptor, Host, Image, Job, Result};
/// struct Keeps(Option<Image<'static>>);
///
/// impl Backend for Keeps {
/// #   fn describe() -> Descriptor { Descriptor { id: "keeps".into(), name: "Keeps".into(), version: "1".into(), max_instances: 1, models: vec![] } }
/// #   fn open(_: &Host<'_>, _: Config) -> Result<Self> { Ok(Keeps(None)) }
///     fn run(&mut self, job: &mut Job<'_>) -> Result<()> {
///         self.0 = Some(job.source());
///         Ok(())
///     }
/// }
/// ```
///
/// Nor does a handle escape into a thread that may live on:
///
/// ```compile_fail,E0521
/// # use easel_backend::{Job, Result};
/// fn run(job: &mut Job<'_>) -> Result<()> {
///     let handle = job.handle();
///     std::thread::spawn(move || handle.should_stop());
///     Ok(())
/// }
/// ```
pub struct Job<'run> {
    services: Services<'run>,
    model: &'run str,
    params: RunParams,
    source: Image<'run>,
    mask: Option<Image<'run>>,
    references: Vec<Image<'run>>,
    checkpoint: Option<&'run [u8]>,
}

impl<'run> Job<'run> {
    /// # Safety
    ///
    /// The request and what it points to are as `easel_backend.h` promises, for `'run`.
    pub(crate) unsafe fn new(services: Services<'run>, request: &EaselRequest) -> Result<Self> {
        // SAFETY: the caller's promise, for this and everything below.
        let params = unsafe { text(request.params, "params") }?;
        let params = serde_json::from_str(params)
            .map_err(|error| Error::invalid(format!("the params are not understood: {error}")))?;
        let mask = if request.mask.is_null() {
            None
        } else {
            // SAFETY: as above.
            Some(unsafe { Image::from_c(request.mask, "mask") }?)
        };
        // SAFETY: as above.
        let source = unsafe { Image::from_c(request.source, "source") }?;
        if let Some(mask) = &mask {
            let same_size = (mask.width(), mask.height()) == (source.width(), source.height());
            if mask.format() != PixelFormat::Gray8 || !same_size {
                return Err(Error::invalid(
                    "the mask is not a `gray8` picture of the source's size",
                ));
            }
        }
        let mut references = Vec::new();
        if !request.references.is_null() {
            for index in 0..request.reference_count as usize {
                // SAFETY: as above; there are `reference_count` pointers.
                references
                    .push(unsafe { Image::from_c(*request.references.add(index), "reference") }?);
            }
        }
        let checkpoint = if request.checkpoint.is_null() {
            None
        } else {
            let count = usize::try_from(request.checkpoint_bytes).map_err(Error::invalid)?;
            // SAFETY: as above.
            Some(unsafe { std::slice::from_raw_parts(request.checkpoint, count) })
        };
        // SAFETY: as above.
        let model = unsafe { text(request.model, "model") }?;
        Ok(Job { services, model, params, source, mask, references, checkpoint })
    }

    /// What is asked, already checked against the model's record.
    pub fn params(&self) -> &RunParams {
        &self.params
    }

    /// The id of the model that is to run.
    pub fn model(&self) -> &'run str {
        self.model
    }

    /// What is to be changed, in a format of the model's record.
    pub fn source(&self) -> Image<'run> {
        self.source
    }

    /// `gray8`, as large as the source: 0 keeps, 255 may change. `None`: everything may change, or the
    /// model does without.
    pub fn mask(&self) -> Option<Image<'run>> {
        self.mask
    }

    /// The pictures that guide, no more than the model's record allows; perhaps of other sizes and
    /// formats than the source.
    pub fn references(&self) -> &[Image<'run>] {
        &self.references
    }

    /// What an earlier attempt at this job saved last: resume from it.
    pub fn checkpoint(&self) -> Option<&'run [u8]> {
        self.checkpoint
    }

    /// Saves what must survive a crash, such as a provider's task id, in place of what was saved
    /// before. `Ok` only once it is on disk. At most `EASEL_CHECKPOINT_MAX` bytes.
    pub fn save_checkpoint(&self, bytes: &[u8]) -> Result<()> {
        // SAFETY: the struct is the one of the id.
        let extension = unsafe { self.services.extension::<EaselCheckpoint>(EASEL_EXT_CHECKPOINT) };
        let save = extension
            .and_then(|extension| extension.save)
            .ok_or_else(|| Error::unsupported("the host keeps no checkpoints"))?;
        // SAFETY: the host's function with the host's context and a valid slice.
        let status = unsafe { save(self.services.table.ctx, bytes.as_ptr(), bytes.len() as u64) };
        if status == EASEL_OK {
            Ok(())
        } else {
            let kind = ErrorKind::from_status(status);
            Err(Error::of_the_host(
                kind,
                format!("the host did not save a checkpoint of {} bytes", bytes.len()),
            ))
        }
    }

    /// A new output. `format` is one of the model's record; `bgra8` and `bgra16` are none. Several
    /// outputs are delivered in the order in which they were made.
    pub fn output(
        &self,
        width: u32,
        height: u32,
        format: PixelFormat,
    ) -> Result<OutputImage<'run>> {
        let made = match self.services.table.new_output {
            // SAFETY: the host's function with the host's context, on the thread of `run`: `Job` is
            // not `Sync`.
            Some(new_output) => unsafe {
                new_output(self.services.table.ctx, width, height, to_c(format)?)
            },
            None => return Err(Error::unsupported("the host takes no outputs")),
        };
        if made.is_null() {
            let message = format!("the host gave no output of {width}x{height} `{format}`");
            return Err(Error::of_the_host(ErrorKind::Failed, message));
        }
        // SAFETY: the host made it for this run and for nobody else, and it is taken over here only.
        let output = unsafe { OutputImage::from_c(made) }?;
        if (output.width(), output.height(), output.format()) == (width, height, format) {
            Ok(output)
        } else {
            Err(Error::failed("the host gave an output of another shape than it was asked for"))
        }
    }

    /// `Err` of kind [`ErrorKind::Cancelled`] once the job is cancelled or out of time. Costs next to
    /// nothing: ask with `?` for every row, tile or step.
    pub fn keep_going(&self) -> Result<()> {
        self.handle().keep_going()
    }

    /// Whether the job is cancelled or out of time.
    pub fn should_stop(&self) -> bool {
        self.services.should_stop()
    }

    /// How far it is, in 0..=1; below 0: unknown. An empty message says nothing.
    pub fn progress(&self, fraction: f64, message: &str) {
        self.services.progress(fraction, message);
    }

    /// A line for the log.
    pub fn log(&self, level: Level, message: &str) {
        self.services.log(level, message);
    }

    /// Shows a picture while the job runs: an [`Image`] of one's own, or
    /// [`OutputImage::as_image`]. Copied before it returns; a host that shows none ignores it.
    pub fn preview(&self, image: &Image<'_>) {
        // SAFETY: the struct is the one of the id.
        let extension = unsafe { self.services.extension::<EaselPreview>(EASEL_EXT_PREVIEW) };
        if let (Some(show), Ok(image)) =
            (extension.and_then(|extension| extension.show), image.as_c())
        {
            // SAFETY: the host's function with the host's context; the picture outlives the call.
            unsafe { show(self.services.table.ctx, &raw const image) };
        }
    }

    /// Tells what a person is to know although the run goes on: a cost, a seed, a request's name, a
    /// sentence. A host that takes no reports ignores it.
    pub fn report(&self, fact: &RunFact) {
        self.services.report(Report::Fact, fact);
    }

    /// Connections to the origins that the manifest names; an error of kind [`ErrorKind::Denied`]
    /// where it names none or the host connects to nothing.
    pub fn http(&self) -> Result<Http<'_, 'run>> {
        Http::new(&self.services)
    }

    /// What may be asked from several threads of one's own, such as those of `std::thread::scope`.
    pub fn handle(&self) -> JobHandle<'run> {
        JobHandle { services: self.services }
    }
}

impl fmt::Debug for Job<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Job")
            .field("model", &self.model)
            .field("params", &self.params)
            .finish_non_exhaustive()
    }
}

/// The part of a [`Job`] that any thread may use, several at once, while `run` lasts.
#[derive(Clone, Copy, Debug)]
pub struct JobHandle<'run> {
    services: Services<'run>,
}

// SAFETY: it only calls `should_stop`, `progress` and `log`, which the header marks [any]: any thread,
// several at once, during `run`. It cannot outlive `run` by its lifetime.
unsafe impl Send for JobHandle<'_> {}
// SAFETY: as above.
unsafe impl Sync for JobHandle<'_> {}

impl JobHandle<'_> {
    /// As [`Job::keep_going`].
    pub fn keep_going(&self) -> Result<()> {
        if self.should_stop() { Err(Error::cancelled()) } else { Ok(()) }
    }

    /// As [`Job::should_stop`].
    pub fn should_stop(&self) -> bool {
        self.services.should_stop()
    }

    /// As [`Job::progress`].
    pub fn progress(&self, fraction: f64, message: &str) {
        self.services.progress(fraction, message);
    }

    /// As [`Job::log`].
    pub fn log(&self, level: Level, message: &str) {
        self.services.log(level, message);
    }
}
