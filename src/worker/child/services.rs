//! What a backend may ask of its host: the table of functions it is given, and behind it the frames
//! that carry each question to the daemon. Any thread of the backend may call most of these at any
//! moment, also when it should not: outside a run they do nothing.

#![expect(unsafe_code, reason = "is called by foreign code through the C ABI")]

use std::cell::UnsafeCell;
use std::ffi::{CStr, CString, c_char, c_void};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Instant;

use easel_backend_abi::{
    self as abi, EaselCheckpoint, EaselHost, EaselHttp, EaselImage, EaselPreview, EaselReport,
};
use easel_protocol::Failure;
use easel_protocol::picture::PixelFormat;

use super::_exit;
use crate::worker::frame;
use crate::worker::image::{Shape, bytes_per_pixel, format_of_abi};
use crate::worker::limits::{self, RateLimit};
use crate::worker::shared::{self, Fences, Mapping};
use crate::worker::words::{AnswerFrame, Bytes, Grant, Purpose, ToHost};

mod http;

/// What the host answers.
#[derive(Debug)]
pub(super) enum Reply {
    Output(Grant, OwnedFd),
    Answers(Vec<AnswerFrame>, Vec<OwnedFd>),
    Saved,
    Refused(String),
}

/// The services, alive as long as the process.
pub(super) struct Services {
    socket: OwnedFd,
    // Held while a frame is written, so that frames of several threads do not mix.
    writing: Mutex<()>,
    // Held from a question to its answer.
    replies: Mutex<mpsc::Receiver<Reply>>,
    opening: AtomicBool,
    // The run that goes on, 0 for none.
    current: AtomicU64,
    // It may connect to something.
    http: AtomicBool,
    // The highest run that was cancelled.
    cancelled: AtomicU64,
    state: Mutex<State>,
    rates: Mutex<Rates>,
    tables: Tables,
}

#[derive(Default)]
struct State {
    error: Option<String>,
    // What is known of the error beyond its text.
    failure: Option<Box<Failure>>,
    outputs: Vec<Output>,
    kept: Vec<Kept>,
    fences: Fences,
}

/// What the backend reads until its run ends.
enum Kept {
    Bytes(#[expect(dead_code, reason = "the backend has a pointer to them")] Vec<u8>),
    Text(#[expect(dead_code, reason = "the backend has a pointer to it")] CString),
    Mapping(Mapping),
}

struct Rates {
    progress: RateLimit,
    log: RateLimit,
    preview: RateLimit,
    dropped_lines: u64,
}

/// A painted or unpainted output: the struct that the backend has a pointer to, and its pixels.
struct Output {
    _image: Box<UnsafeCell<EaselImage>>,
    mapping: Mapping,
}

// SAFETY: the pointers inside are to `mapping`, which moves along; only the backend follows them.
unsafe impl Send for Output {}

struct Tables {
    host: UnsafeCell<EaselHost>,
    checkpoint: EaselCheckpoint,
    preview: EaselPreview,
    http: EaselHttp,
    report: EaselReport,
    // The texts that `host` points to.
    _name: CString,
    _version: CString,
}

// SAFETY: written once in `leak`, before any other thread can know of it, and only read afterwards.
unsafe impl Sync for Tables {}
// SAFETY: as above.
unsafe impl Send for Tables {}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Services {
    /// The services of this process, which never go away: a backend may keep the pointer.
    pub(super) fn leak(
        socket: OwnedFd,
        replies: mpsc::Receiver<Reply>,
        host_version: &str,
    ) -> &'static Services {
        let text = |text: &str| CString::new(text).unwrap_or_default();
        let (name, version) = (text("easel"), text(host_version));
        let host = EaselHost {
            size: size_of::<EaselHost>() as u32,
            ctx: ptr::null_mut(),
            name: name.as_ptr(),
            version: version.as_ptr(),
            should_stop: Some(should_stop),
            progress: Some(progress),
            log: Some(log),
            set_error: Some(set_error),
            new_output: Some(new_output),
            extension: Some(extension),
        };
        let services: &'static Services = Box::leak(Box::new(Services {
            socket,
            writing: Mutex::new(()),
            replies: Mutex::new(replies),
            opening: AtomicBool::new(false),
            current: AtomicU64::new(0),
            http: AtomicBool::new(false),
            cancelled: AtomicU64::new(0),
            state: Mutex::default(),
            rates: Mutex::new(Rates {
                progress: RateLimit::new(limits::PROGRESS_RATE),
                log: RateLimit::new(limits::LOG_RATE),
                preview: RateLimit::new(limits::PREVIEW_RATE),
                dropped_lines: 0,
            }),
            tables: Tables {
                host: UnsafeCell::new(host),
                checkpoint: EaselCheckpoint {
                    size: size_of::<EaselCheckpoint>() as u32,
                    save: Some(save_checkpoint),
                },
                preview: EaselPreview {
                    size: size_of::<EaselPreview>() as u32,
                    show: Some(show_preview),
                },
                http: EaselHttp {
                    size: size_of::<EaselHttp>() as u32,
                    request: Some(http::request),
                    encode: Some(http::encode),
                    decode_output: Some(http::decode_output),
                    request_all: Some(http::request_all),
                },
                report: EaselReport {
                    size: size_of::<EaselReport>() as u32,
                    failure: Some(report_failure),
                    fact: Some(report_fact),
                },
                _name: name,
                _version: version,
            },
        }));
        let context = ptr::from_ref(services).cast_mut().cast::<c_void>();
        // SAFETY: nobody else knows of the table yet.
        unsafe { (*services.tables.host.get()).ctx = context };
        services
    }

    /// The table to hand to the backend.
    pub(super) fn table(&'static self) -> *const EaselHost {
        self.tables.host.get()
    }

    pub(super) fn socket(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }

    /// Tells the host. Without a host there is nothing left to do.
    pub(super) fn send(&self, message: &ToHost) {
        let Ok(words) = frame::encode(message) else { return };
        let _writing = lock(&self.writing);
        if frame::send(self.socket.as_fd(), &words, &[], None).is_err() {
            _exit(1);
        }
    }

    pub(super) fn cancel(&self, run: u64) {
        self.cancelled.fetch_max(run, Ordering::Relaxed);
    }

    pub(super) fn opening(&self, now: bool) {
        self.opening.store(now, Ordering::SeqCst);
    }

    pub(super) fn take_error(&self) -> Option<String> {
        lock(&self.state).error.take()
    }

    /// From now on run `number` goes on, with connections where they are permitted.
    pub(super) fn begin(&self, number: u64, http: bool) {
        let mut rates = lock(&self.rates);
        rates.progress = RateLimit::new(limits::PROGRESS_RATE);
        rates.log = RateLimit::new(limits::LOG_RATE);
        rates.preview = RateLimit::new(limits::PREVIEW_RATE);
        rates.dropped_lines = 0;
        drop(rates);
        let mut state = lock(&self.state);
        (state.error, state.failure) = (None, None);
        drop(state);
        self.http.store(http, Ordering::SeqCst);
        self.current.store(number, Ordering::SeqCst);
    }

    /// From now on none does. The outputs are taken out of the backend's reach before the host hears
    /// of it; a thread of the backend that goes on painting crashes instead of painting over what
    /// will be mapped there next.
    pub(super) fn end(&self, number: u64, status: i32) {
        self.current.store(0, Ordering::SeqCst);
        let mut state = lock(&self.state);
        for output in std::mem::take(&mut state.outputs) {
            state.fences.keep(output.mapping.fence());
        }
        for kept in std::mem::take(&mut state.kept) {
            if let Kept::Mapping(mapping) = kept {
                state.fences.keep(mapping.fence());
            }
        }
        let (text, failure) = (state.error.take(), state.failure.take());
        drop(state);
        let dropped_lines = lock(&self.rates).dropped_lines;
        self.send(&ToHost::Done { run: number, status, text, failure, dropped_lines });
    }

    fn current(&self) -> Option<u64> {
        Some(self.current.load(Ordering::Relaxed)).filter(|run| *run != 0)
    }

    /// Leaves a text for people, which a later one replaces.
    pub(super) fn set_error(&self, text: String) {
        if self.current().is_some() || self.opening.load(Ordering::Relaxed) {
            let mut state = lock(&self.state);
            (state.error, state.failure) = (Some(text), None);
        }
    }

    /// Leaves a failure for people, which a later text or failure replaces.
    fn fail(&self, failure: Failure) {
        if self.current().is_some() {
            let mut state = lock(&self.state);
            state.error = Some(failure.message.clone());
            state.failure = Some(Box::new(failure));
        }
    }

    /// Asks the host and waits for its answer.
    fn ask(&self, question: &ToHost) -> Result<Reply, String> {
        let replies = lock(&self.replies);
        self.send(question);
        match replies.recv() {
            Ok(Reply::Refused(reason)) => Err(reason),
            Ok(reply) => Ok(reply),
            Err(_) => Err("the host is gone".to_owned()),
        }
    }

    /// Memory for a picture, mapped for writing, and where in it the picture starts.
    fn memory(
        &self,
        width: u32,
        height: u32,
        format: PixelFormat,
        purpose: Purpose,
    ) -> Result<(Grant, Mapping, *mut u8), String> {
        let run = self.current().ok_or("the run is over")?;
        match self.ask(&ToHost::NewOutput { run, width, height, format, purpose })? {
            Reply::Output(grant, file) => {
                let text = |error: std::io::Error| format!("cannot map the output: {error}");
                let start = shared::page_down(grant.shape.offset as usize);
                let length = grant.capacity as usize - start;
                let mapping = Mapping::writable(&file, start, length, true).map_err(text)?;
                let first = mapping.as_ptr().wrapping_add(grant.shape.offset as usize - start);
                let (extent, end) = grant.shape.check().map_err(|error| error.to_string())?;
                if end - start > mapping.length() {
                    return Err("the host's memory is smaller than the output".to_owned());
                }
                if grant.dirty {
                    // SAFETY: `extent` bytes from `first` lie inside the writable mapping, as checked.
                    unsafe { first.write_bytes(0, extent) };
                }
                Ok((grant, mapping, first))
            }
            _ => Err("the host answered something else".to_owned()),
        }
    }

    fn new_output(&self, width: u32, height: u32, format: u32) -> Result<*mut EaselImage, String> {
        let format =
            format_of_abi(format).ok_or_else(|| format!("unknown pixel format {format}"))?;
        if width == 0 || height == 0 {
            return Err(format!("an output of {width}x{height} has no pixels"));
        }
        let (grant, mapping, first) = self.memory(width, height, format, Purpose::Output)?;
        let image = Box::new(UnsafeCell::new(image_of(&grant.shape, first)?));
        let pointer = image.get();
        let mut state = lock(&self.state);
        if self.current().is_none() {
            state.fences.keep(mapping.fence());
            return Err("the run is over".to_owned());
        }
        state.outputs.push(Output { _image: image, mapping });
        drop(state);
        Ok(pointer)
    }

    fn show(&self, image: &EaselImage) -> Result<(), String> {
        let run = self.current().ok_or("the run is over")?;
        let format = format_of_abi(image.format).ok_or("unknown pixel format")?;
        let from = Shape {
            format,
            width: image.width,
            height: image.height,
            stride: image.stride,
            offset: 0,
        };
        from.check().map_err(|error| error.to_string())?;
        if image.pixels.is_null() || !lock(&self.rates).preview.allows(Instant::now()) {
            return Ok(());
        }
        let (grant, mapping, first) =
            self.memory(image.width, image.height, format, Purpose::Preview)?;
        let row_bytes = image.width as usize * bytes_per_pixel(format);
        for y in 0..image.height as usize {
            let source = image.pixels.cast::<u8>().wrapping_add(y * image.stride as usize);
            // SAFETY: the backend vouches for `height` rows of its own, and the grant's shape has as
            // many of the same length, inside the mapping.
            unsafe {
                let target = first.add(y * grant.shape.stride as usize);
                target.copy_from_nonoverlapping(source, row_bytes);
            }
        }
        drop(mapping);
        self.send(&ToHost::Preview { run, output: grant.output });
        Ok(())
    }

    fn save(&self, bytes: &[u8]) -> Result<(), String> {
        let run = self.current().ok_or("the run is over")?;
        match self.ask(&ToHost::Checkpoint { run, bytes: Bytes(bytes.to_vec()) })? {
            Reply::Saved => Ok(()),
            _ => Err("the host answered something else".to_owned()),
        }
    }
}

/// The picture at `pixels` as the ABI says it.
pub(super) fn image_of(shape: &Shape, pixels: *mut u8) -> Result<EaselImage, String> {
    Ok(EaselImage {
        size: size_of::<EaselImage>() as u32,
        format: crate::worker::image::abi_format(shape.format)
            .ok_or_else(|| format!("`{}` is not for backends", shape.format))?,
        width: shape.width,
        height: shape.height,
        stride: shape.stride,
        pixels: pixels.cast(),
        icc: ptr::null(),
        icc_bytes: 0,
    })
}

/// The services behind a context pointer; `None` where a backend passes null.
///
/// # Safety
///
/// `context` is null or what the host table holds.
unsafe fn services_of(context: *mut c_void) -> Option<&'static Services> {
    // SAFETY: the table holds a pointer to leaked services, by the caller's promise this very one.
    unsafe { context.cast::<Services>().as_ref() }
}

/// A text of the backend's, bounded and printable; `None` for null.
///
/// # Safety
///
/// `text` is null or NUL-terminated.
unsafe fn text_of(text: *const c_char) -> Option<String> {
    if text.is_null() {
        return None;
    }
    // SAFETY: by the caller's promise.
    let text = unsafe { CStr::from_ptr(text) }.to_bytes();
    let start = &text[..text.len().min(limits::TEXT_BYTES)];
    Some(limits::clean(&String::from_utf8_lossy(start)))
}

unsafe extern "C" fn should_stop(context: *mut c_void) -> i32 {
    // SAFETY: the backend passes the table's context, by the ABI.
    let Some(services) = (unsafe { services_of(context) }) else { return 1 };
    let current = services.current.load(Ordering::Relaxed);
    // Outside a run too: whoever still asks then had better stop.
    i32::from(current == 0 || services.cancelled.load(Ordering::Relaxed) >= current)
}

unsafe extern "C" fn progress(context: *mut c_void, fraction: f64, message: *const c_char) {
    // SAFETY: the backend passes the table's context, by the ABI.
    let Some(services) = (unsafe { services_of(context) }) else { return };
    let Some(run) = services.current() else { return };
    if lock(&services.rates).progress.allows(Instant::now()) {
        // Neither a number below 0 nor none at all is a fraction.
        let fraction = (fraction >= 0.0).then(|| fraction.min(1.0));
        // SAFETY: null or a string, by the ABI.
        let text = unsafe { text_of(message) };
        services.send(&ToHost::Progress { run, fraction, text });
    }
}

unsafe extern "C" fn log(context: *mut c_void, level: i32, message: *const c_char) {
    // SAFETY: the backend passes the table's context, by the ABI.
    let Some(services) = (unsafe { services_of(context) }) else { return };
    let run = services.current();
    if run.is_none() && !services.opening.load(Ordering::Relaxed) {
        return;
    }
    let mut rates = lock(&services.rates);
    if !rates.log.allows(Instant::now()) {
        rates.dropped_lines += 1;
        return;
    }
    drop(rates);
    // SAFETY: null or a string, by the ABI.
    if let Some(text) = unsafe { text_of(message) } {
        services.send(&ToHost::Log { run: run.unwrap_or(0), level, text });
    }
}

unsafe extern "C" fn set_error(context: *mut c_void, message: *const c_char) {
    // SAFETY: the backend passes the table's context and a string or null, by the ABI.
    if let (Some(services), Some(text)) = unsafe { (services_of(context), text_of(message)) } {
        services.set_error(text);
    }
}

unsafe extern "C" fn new_output(
    context: *mut c_void,
    width: u32,
    height: u32,
    format: u32,
) -> *mut EaselImage {
    // SAFETY: the backend passes the table's context, by the ABI.
    let Some(services) = (unsafe { services_of(context) }) else { return ptr::null_mut() };
    services.new_output(width, height, format).unwrap_or_else(|reason| {
        services.set_error(reason);
        ptr::null_mut()
    })
}

unsafe extern "C" fn extension(context: *mut c_void, id: *const c_char) -> *const c_void {
    // SAFETY: the backend passes the table's context, by the ABI.
    let Some(services) = (unsafe { services_of(context) }) else { return ptr::null() };
    if id.is_null() {
        return ptr::null();
    }
    // SAFETY: not null, and a string by the ABI.
    let id = unsafe { CStr::from_ptr(id) };
    if id == abi::EASEL_EXT_CHECKPOINT {
        ptr::from_ref(&services.tables.checkpoint).cast()
    } else if id == abi::EASEL_EXT_PREVIEW {
        ptr::from_ref(&services.tables.preview).cast()
    } else if id == abi::EASEL_EXT_REPORT {
        ptr::from_ref(&services.tables.report).cast()
    } else if id == abi::EASEL_EXT_HTTP && services.http.load(Ordering::SeqCst) {
        ptr::from_ref(&services.tables.http).cast()
    } else {
        ptr::null()
    }
}

unsafe extern "C" fn save_checkpoint(context: *mut c_void, bytes: *const u8, count: u64) -> i32 {
    // SAFETY: the backend passes the table's context, by the ABI.
    let Some(services) = (unsafe { services_of(context) }) else { return abi::EASEL_ERR_INVALID };
    let fits = usize::try_from(count).ok().filter(|count| *count <= limits::CHECKPOINT_BYTES);
    let Some(count) = fits.filter(|count| *count == 0 || !bytes.is_null()) else {
        services.set_error(format!(
            "a checkpoint of {count} bytes, and {} are possible",
            limits::CHECKPOINT_BYTES
        ));
        return abi::EASEL_ERR_INVALID;
    };
    let bytes = if count == 0 {
        &[]
    } else {
        // SAFETY: not null, and `count` readable bytes by the ABI.
        unsafe { std::slice::from_raw_parts(bytes, count) }
    };
    match services.save(bytes) {
        Ok(()) => abi::EASEL_OK,
        Err(reason) => {
            services.set_error(reason);
            abi::EASEL_ERR_FAILED
        }
    }
}

/// A backend's JSON as a type; `None` where it is none, and then the text of the failure has to do.
///
/// # Safety
///
/// `json` is null or NUL-terminated.
unsafe fn parsed<T: serde::de::DeserializeOwned>(json: *const c_char) -> Option<T> {
    if json.is_null() {
        return None;
    }
    // SAFETY: by the caller's promise.
    let json = unsafe { CStr::from_ptr(json) }.to_bytes();
    if json.len() > 4 * limits::TEXT_BYTES {
        return None;
    }
    serde_json::from_slice(json).ok()
}

unsafe extern "C" fn report_failure(context: *mut c_void, json: *const c_char) {
    // SAFETY: the backend passes the table's context and a string or null, by the ABI.
    if let (Some(services), Some(failure)) = unsafe { (services_of(context), parsed(json)) } {
        services.fail(failure);
    }
}

unsafe extern "C" fn report_fact(context: *mut c_void, json: *const c_char) {
    // SAFETY: the backend passes the table's context and a string or null, by the ABI.
    let (Some(services), Some(fact)) = (unsafe { (services_of(context), parsed(json)) }) else {
        return;
    };
    if let Some(run) = services.current() {
        services.send(&ToHost::Fact { run, fact });
    }
}

unsafe extern "C" fn show_preview(context: *mut c_void, image: *const EaselImage) {
    // SAFETY: the backend passes the table's context and a picture with its size, by the ABI.
    if let (Some(services), Some(image)) = unsafe { (services_of(context), abi::read(image)) } {
        // A preview that cannot be shown is not an error of the run.
        let _ = services.show(&image);
    }
}
