//! The services of the host in a test: each writes down what it was told. Any thread may call those
//! that the header marks [any].

#![expect(unsafe_code, reason = "is called across the C interface")]

use std::ffi::{CStr, c_char, c_void};
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use easel_backend_abi::{
    EASEL_CHECKPOINT_MAX, EASEL_ERR_INVALID, EASEL_EXT_CHECKPOINT, EASEL_EXT_HTTP,
    EASEL_EXT_PREVIEW, EASEL_EXT_REPORT, EASEL_OK, EaselCheckpoint, EaselHost, EaselImage,
    EaselLogLevel, EaselPixelFormat, EaselPreview, EaselReport, EaselStatus, bytes_per_pixel,
};

use super::provider::{HTTP, Provider};
use super::{Outcome, Picture};
use crate::error::{Error, ErrorKind, Result};
use crate::host::Level;
use crate::image::{Image, from_c, to_c};
use crate::{Failure, PixelFormat, RunFact};

/// An output and the struct that the backend was given for it; boxed, so that neither moves.
struct Output {
    image: EaselImage,
    picture: Picture,
}

/// What a run told the host.
#[derive(Default)]
pub(super) struct State<'a> {
    stop_after: Option<u64>,
    output_limit: u64,
    pub(super) provider: Option<&'a Provider>,
    questions: AtomicU64,
    progress: Mutex<Vec<(f64, String)>>,
    logs: Mutex<Vec<(Level, String)>>,
    error: Mutex<Option<String>>,
    failure: Mutex<Option<Failure>>,
    facts: Mutex<Vec<RunFact>>,
    #[expect(clippy::vec_box, reason = "the backend holds pointers to the elements")]
    outputs: Mutex<Vec<Box<Output>>>,
    previews: Mutex<Vec<Picture>>,
    checkpoints: Mutex<Vec<Vec<u8>>>,
    /// Answers and files that the backend reads until `run` returns.
    #[expect(clippy::vec_box, reason = "the backend holds pointers to the elements")]
    pub(super) kept: Mutex<Vec<Box<Vec<u8>>>>,
}

/// What a panic elsewhere left is still worth reading.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn into_inner<T>(mutex: Mutex<T>) -> T {
    mutex.into_inner().unwrap_or_else(PoisonError::into_inner)
}

impl<'a> State<'a> {
    pub(super) fn for_run(
        stop_after: Option<u64>,
        output_limit: u64,
        provider: Option<&'a Provider>,
    ) -> Self {
        State { stop_after, output_limit, provider, ..State::default() }
    }

    /// The table; valid while the state is.
    pub(super) fn services(&self) -> EaselHost {
        EaselHost {
            size: size_of::<EaselHost>() as u32,
            ctx: ptr::from_ref(self).cast_mut().cast(),
            name: c"easel-backend testing".as_ptr(),
            version: c"1".as_ptr(),
            should_stop: Some(should_stop),
            progress: Some(progress),
            log: Some(log),
            set_error: Some(set_error),
            new_output: Some(new_output),
            extension: Some(extension),
        }
    }

    /// The text of the next failure.
    pub(super) fn set_error(&self, message: String) {
        *lock(&self.failure) = None;
        *lock(&self.error) = Some(message);
    }

    /// The failure as the backend told it.
    pub(super) fn error(&self, kind: ErrorKind) -> Error {
        if let Some(failure) = lock(&self.failure).clone() {
            return Error::of(failure);
        }
        let text = lock(&self.error).clone();
        Error::new(kind, text.unwrap_or_else(|| format!("a failure without a text ({kind:?})")))
    }

    /// A new output within the limit.
    pub(super) fn output(
        &self,
        format: PixelFormat,
        width: u32,
        height: u32,
    ) -> Result<*mut EaselImage> {
        let pixel = u64::from(bytes_per_pixel(to_c(format)?).unwrap_or(u32::MAX));
        if u128::from(width) * u128::from(height) * u128::from(pixel)
            > u128::from(self.output_limit)
        {
            return Err(Error::failed(format!("an output of {width}x{height} is above the limit")));
        }
        let mut picture = Picture::zeros(format, width, height)?;
        let image = picture.as_c_mut()?;
        let mut output = Box::new(Output { image, picture });
        let pointer = &raw mut output.image;
        lock(&self.outputs).push(output);
        Ok(pointer)
    }

    /// The bytes, kept until the run is over.
    pub(super) fn keep(&self, bytes: Vec<u8>) -> (*const u8, u64) {
        let boxed = Box::new(bytes);
        let kept = (boxed.as_ptr(), boxed.len() as u64);
        lock(&self.kept).push(boxed);
        kept
    }

    pub(super) fn into_outcome(self, status: EaselStatus) -> Outcome {
        let result = if status == EASEL_OK {
            let outputs: Vec<_> =
                into_inner(self.outputs).into_iter().map(|output| output.picture).collect();
            if outputs.is_empty() {
                Err(Error::failed("`run` succeeded without any output"))
            } else if outputs.iter().all(Picture::is_intact) {
                Ok(outputs)
            } else {
                Err(Error::failed("the backend wrote between the rows of an output"))
            }
        } else {
            Err(self.error(ErrorKind::from_status(status)))
        };
        Outcome {
            result,
            progress: into_inner(self.progress),
            previews: into_inner(self.previews),
            logs: into_inner(self.logs),
            checkpoints: into_inner(self.checkpoints),
            facts: into_inner(self.facts),
            questions: self.questions.into_inner(),
        }
    }
}

/// # Safety
///
/// `ctx` is the context of [`State::services`], whose state still lives.
pub(super) unsafe fn state<'a>(ctx: *mut c_void) -> &'a State<'a> {
    // SAFETY: the caller's promise; the state is only ever shared.
    unsafe { &*ctx.cast::<State<'a>>() }
}

/// # Safety
///
/// `text` is null or NUL-terminated.
pub(super) unsafe fn string(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: not null, and the caller's promise.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}

unsafe extern "C" fn should_stop(ctx: *mut c_void) -> i32 {
    // SAFETY: the backend hands back the context of its run, here and below.
    let state = unsafe { state(ctx) };
    let questions = state.questions.fetch_add(1, Ordering::Relaxed) + 1;
    i32::from(state.stop_after.is_some_and(|limit| questions > limit))
}

unsafe extern "C" fn progress(ctx: *mut c_void, fraction: f64, message: *const c_char) {
    // SAFETY: as above; the message is null or a string.
    let (state, message) = unsafe { (state(ctx), string(message)) };
    lock(&state.progress).push((fraction, message));
}

unsafe extern "C" fn log(ctx: *mut c_void, level: EaselLogLevel, message: *const c_char) {
    // SAFETY: as above.
    let (state, message) = unsafe { (state(ctx), string(message)) };
    lock(&state.logs).push((Level::from_c(level), message));
}

unsafe extern "C" fn set_error(ctx: *mut c_void, message: *const c_char) {
    // SAFETY: as above.
    let (state, message) = unsafe { (state(ctx), string(message)) };
    state.set_error(message);
}

unsafe extern "C" fn new_output(
    ctx: *mut c_void,
    width: u32,
    height: u32,
    format: EaselPixelFormat,
) -> *mut EaselImage {
    // SAFETY: as above.
    let state = unsafe { state(ctx) };
    let made = from_c(format).and_then(|format| state.output(format, width, height));
    made.unwrap_or_else(|error| {
        state.set_error(error.message().to_owned());
        ptr::null_mut()
    })
}

unsafe extern "C" fn extension(ctx: *mut c_void, id: *const c_char) -> *const c_void {
    static CHECKPOINT: EaselCheckpoint =
        EaselCheckpoint { size: size_of::<EaselCheckpoint>() as u32, save: Some(save) };
    static PREVIEW: EaselPreview =
        EaselPreview { size: size_of::<EaselPreview>() as u32, show: Some(show) };
    static REPORT: EaselReport = EaselReport {
        size: size_of::<EaselReport>() as u32,
        failure: Some(failure),
        fact: Some(fact),
    };
    // SAFETY: as above; the id is a string.
    let (state, id) = unsafe { (state(ctx), CStr::from_ptr(id)) };
    if id == EASEL_EXT_CHECKPOINT {
        (&raw const CHECKPOINT).cast()
    } else if id == EASEL_EXT_PREVIEW {
        (&raw const PREVIEW).cast()
    } else if id == EASEL_EXT_REPORT {
        (&raw const REPORT).cast()
    } else if id == EASEL_EXT_HTTP && state.provider.is_some() {
        (&raw const HTTP).cast()
    } else {
        ptr::null()
    }
}

unsafe extern "C" fn save(ctx: *mut c_void, bytes: *const u8, count: u64) -> EaselStatus {
    // SAFETY: as above.
    let state = unsafe { state(ctx) };
    if count > u64::from(EASEL_CHECKPOINT_MAX) {
        state.set_error(format!("a checkpoint of {count} bytes is above {EASEL_CHECKPOINT_MAX}"));
        return EASEL_ERR_INVALID;
    }
    let saved = if count == 0 {
        Vec::new()
    } else {
        // SAFETY: the backend's bytes, valid during the call.
        unsafe { std::slice::from_raw_parts(bytes, count as usize) }.to_vec()
    };
    lock(&state.checkpoints).push(saved);
    EASEL_OK
}

unsafe extern "C" fn failure(ctx: *mut c_void, json: *const c_char) {
    // SAFETY: as above.
    let (state, json) = unsafe { (state(ctx), string(json)) };
    *lock(&state.failure) = serde_json::from_str(&json).ok();
}

unsafe extern "C" fn fact(ctx: *mut c_void, json: *const c_char) {
    // SAFETY: as above.
    let (state, json) = unsafe { (state(ctx), string(json)) };
    lock(&state.facts).extend(serde_json::from_str::<RunFact>(&json));
}

unsafe extern "C" fn show(ctx: *mut c_void, image: *const EaselImage) {
    // SAFETY: as above.
    let state = unsafe { state(ctx) };
    // SAFETY: the backend's picture, valid during the call; its pixels need no alignment.
    if let Ok(image) = unsafe { Image::from_backend(image) } {
        lock(&state.previews).push(Picture::from(image));
    }
}
