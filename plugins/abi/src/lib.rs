//! The Rust mirror of `easel_backend.h`, which is the truth: the same structs, constants and function
//! types, name for name (`easel_image` is [`EaselImage`]). A test compares every size, offset and
//! value with the C compiler's. Written by hand, without dependencies; it never calls anything.
//!
//! Every function pointer is an `Option`, since the other side of the border may leave any of them
//! out, and no struct may be read beyond its own `size`: [`read`] does both checks in one step.

#![expect(unsafe_code, reason = "the table of a backend is shared between threads")]

use core::ffi::{CStr, c_char, c_void};

mod read;

pub use read::{Table, read};

/// The major version: a host loads the majors that it knows and refuses others by name.
pub const EASEL_ABI_MAJOR: u32 = 1;
/// The minor version: counts what was appended since `EASEL_ABI_MAJOR.0`. Any minor is loaded.
pub const EASEL_ABI_MINOR: u32 = 1;

/// The name of the one symbol that a backend exports, for `dlsym`: NUL-terminated.
pub const EASEL_BACKEND_ENTRY: &[u8] = b"easel_backend_entry\0";

/// What the scheduler is to do. What a person is to read goes through `set_error`. A value that is
/// none of the constants means [`EASEL_ERR_FAILED`].
pub type EaselStatus = i32;
/// It went well.
pub const EASEL_OK: EaselStatus = 0;
/// `should_stop` said so; outputs are thrown away.
pub const EASEL_CANCELLED: EaselStatus = 1;
/// The request breaks the model's capability record: do not retry.
pub const EASEL_ERR_INVALID: EaselStatus = -1;
/// This machine or this model cannot do it: try another.
pub const EASEL_ERR_UNSUPPORTED: EaselStatus = -2;
/// Rate limit, network, overload: retry later.
pub const EASEL_ERR_TRANSIENT: EaselStatus = -3;
/// A permission or a key is missing or was rejected.
pub const EASEL_ERR_DENIED: EaselStatus = -4;
/// The model refused the input or the output by its policy.
pub const EASEL_ERR_REFUSED: EaselStatus = -5;
/// Anything else.
pub const EASEL_ERR_FAILED: EaselStatus = -6;

/// How the samples lie in memory: in the machine's byte order, alpha straight. A value that is none
/// of the constants is answered with [`EASEL_ERR_INVALID`].
pub type EaselPixelFormat = u32;
/// One byte: grey; as a mask 0 keeps, 255 may change, between is feather.
pub const EASEL_GRAY8: EaselPixelFormat = 1;
/// Four bytes: red, green, blue, alpha; display-referred.
pub const EASEL_RGBA8: EaselPixelFormat = 2;
/// Eight bytes: the same in `u16`, 0 to 65535.
pub const EASEL_RGBA16: EaselPixelFormat = 3;
/// Sixteen bytes: the same in `f32`, scene-linear; colour may leave 0 to 1.
pub const EASEL_RGBAF32: EaselPixelFormat = 4;

/// How much a line of the log matters.
pub type EaselLogLevel = i32;
/// Something went wrong.
pub const EASEL_LOG_ERROR: EaselLogLevel = 1;
/// Something may go wrong.
pub const EASEL_LOG_WARN: EaselLogLevel = 2;
/// Something a user may want to know.
pub const EASEL_LOG_INFO: EaselLogLevel = 3;
/// Something the author wants to know. An unknown level is read as this one.
pub const EASEL_LOG_DEBUG: EaselLogLevel = 4;

/// The id of [`EaselCheckpoint`], NUL-terminated.
pub const EASEL_EXT_CHECKPOINT: &CStr = c"easel.checkpoint/1";
/// The id of [`EaselPreview`], NUL-terminated.
pub const EASEL_EXT_PREVIEW: &CStr = c"easel.preview/1";
/// The id of [`EaselHttp`], NUL-terminated.
pub const EASEL_EXT_HTTP: &CStr = c"easel.http/1";
/// The id of [`EaselReport`], NUL-terminated.
pub const EASEL_EXT_REPORT: &CStr = c"easel.report/1";
/// A flag of a request: sending it twice costs nothing, although it is no GET.
pub const EASEL_HTTP_FREE: u32 = 1;
/// A flag of a request: an answer that breaks off is an answer.
pub const EASEL_HTTP_CUT: u32 = 2;
/// The most bytes of a checkpoint; more is [`EASEL_ERR_INVALID`].
pub const EASEL_CHECKPOINT_MAX: u32 = 65_536;

/// A picture, rows from top to bottom; any size from 1x1. Its pixels belong to the host.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct EaselImage {
    /// The bytes of this struct, as whoever filled it knows it.
    pub size: u32,
    /// How the samples lie in memory.
    pub format: EaselPixelFormat,
    /// Pixels across, at least 1.
    pub width: u32,
    /// Pixels down, at least 1.
    pub height: u32,
    /// Bytes from the start of a row to the start of the next: at least the bytes of a row, and a
    /// multiple of the bytes of a pixel. What lies between rows means nothing and is not written.
    pub stride: u64,
    /// The first row, 64-byte aligned, never null. Inputs are read-only, outputs start as zeros.
    pub pixels: *mut c_void,
    /// The ICC profile; null: sRGB, or linear sRGB for [`EASEL_RGBAF32`]. Ignored in an output.
    pub icc: *const u8,
    /// The bytes of the profile.
    pub icc_bytes: u64,
}

/// What one run is to do; valid, with all that it points to, until `run` returns.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct EaselRequest {
    /// The bytes of this struct, as the host knows it.
    pub size: u32,
    /// One of the descriptor's model ids.
    pub model: *const c_char,
    /// A JSON object, already checked against the model's record.
    pub params: *const c_char,
    /// What is to be changed; never null.
    pub source: *const EaselImage,
    /// [`EASEL_GRAY8`], as large as the source; null: everything may change.
    pub mask: *const EaselImage,
    /// Pointers to the pictures that guide; null where there are none.
    pub references: *const *const EaselImage,
    /// How many references there are.
    pub reference_count: u32,
    /// What an earlier attempt at this job saved last; null: this is the first.
    pub checkpoint: *const u8,
    /// The bytes of the checkpoint.
    pub checkpoint_bytes: u64,
}

/// The host's services. During `open` only `log`, `set_error` and `extension` do anything.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct EaselHost {
    /// The bytes of this struct, as the host knows it.
    pub size: u32,
    /// The first argument of every service, those of extensions too.
    pub ctx: *mut c_void,
    /// The host's name.
    pub name: *const c_char,
    /// The host's version.
    pub version: *const c_char,
    /// 1 as soon as the job is cancelled or out of time, else 0. Any thread, during `run`.
    pub should_stop: Option<unsafe extern "C" fn(ctx: *mut c_void) -> i32>,
    /// A fraction in 0 to 1, below 0 for unknown, and a message or null. Any thread, during `run`.
    pub progress:
        Option<unsafe extern "C" fn(ctx: *mut c_void, fraction: f64, message: *const c_char)>,
    /// A line for the log. Any thread, during `open` and `run`.
    pub log: Option<
        unsafe extern "C" fn(ctx: *mut c_void, level: EaselLogLevel, message: *const c_char),
    >,
    /// The text of a failure, copied; the last one counts.
    pub set_error: Option<unsafe extern "C" fn(ctx: *mut c_void, message: *const c_char)>,
    /// A new output, the host's, valid until `run` returns; null: too large, too many, no memory.
    pub new_output: Option<
        unsafe extern "C" fn(
            ctx: *mut c_void,
            width: u32,
            height: u32,
            format: EaselPixelFormat,
        ) -> *mut EaselImage,
    >,
    /// The struct of an extension, null where it is absent or not permitted.
    pub extension:
        Option<unsafe extern "C" fn(ctx: *mut c_void, id: *const c_char) -> *const c_void>,
}

/// The backend's own; the host only carries the pointer, which may be null.
#[repr(C)]
#[derive(Debug)]
pub struct EaselInstance {
    opaque: [u8; 0],
}

/// The backend's functions. A table ends after `run` at the earliest.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct EaselBackend {
    /// The bytes of this struct, as the backend knows it.
    pub size: u32,
    /// [`EASEL_ABI_MAJOR`] as it was compiled.
    pub abi_major: u32,
    /// [`EASEL_ABI_MINOR`] as it was compiled.
    pub abi_minor: u32,
    /// A JSON object: id, name, version, models. Valid until the process ends.
    pub describe: Option<unsafe extern "C" fn() -> *const c_char>,
    /// Makes an instance from a JSON object. `*instance` is null before and may stay so.
    pub open: Option<
        unsafe extern "C" fn(
            host: *const EaselHost,
            config: *const c_char,
            instance: *mut *mut EaselInstance,
        ) -> EaselStatus,
    >,
    /// Does one job.
    pub run: Option<
        unsafe extern "C" fn(
            instance: *mut EaselInstance,
            host: *const EaselHost,
            request: *const EaselRequest,
        ) -> EaselStatus,
    >,
    /// Ends an instance; `None`: nothing to do.
    pub close: Option<unsafe extern "C" fn(instance: *mut EaselInstance)>,
    /// An extension of the backend's own; null for an unknown id. May be `None`.
    pub extension: Option<
        unsafe extern "C" fn(instance: *mut EaselInstance, id: *const c_char) -> *const c_void,
    >,
}

// SAFETY: the table only holds numbers and code addresses; it is never written after it was made.
unsafe impl Sync for EaselBackend {}

/// The type of the one symbol. It never fails for a version's sake: the table always comes back.
pub type EaselBackendEntryFn =
    unsafe extern "C" fn(host_major: u32, host_minor: u32) -> *const EaselBackend;

/// `easel.checkpoint/1` of the host: what must survive a crash.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct EaselCheckpoint {
    /// The bytes of this struct, as the host knows it.
    pub size: u32,
    /// Replaces what was saved before; [`EASEL_OK`] only once the bytes are on disk.
    pub save:
        Option<unsafe extern "C" fn(ctx: *mut c_void, bytes: *const u8, count: u64) -> EaselStatus>,
}

/// `easel.preview/1` of the host: a picture to show while the job runs; never a result.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct EaselPreview {
    /// The bytes of this struct, as the host knows it.
    pub size: u32,
    /// Shows a picture, which is copied before it returns.
    pub show: Option<unsafe extern "C" fn(ctx: *mut c_void, image: *const EaselImage)>,
}

/// The answer to a request of [`EaselHttp`].
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct EaselHttpResponse {
    /// The bytes of this struct, as the caller knows it: the host writes nothing beyond.
    pub size: u32,
    /// The HTTP status; 0: no answer came, and the body is the failure, as JSON.
    pub status: i32,
    /// A JSON object of strings, names in lower case; valid until `run` returns.
    pub headers: *const c_char,
    /// The body, valid until `run` returns; null where empty.
    pub body: *const u8,
    /// The bytes of the body.
    pub body_bytes: u64,
}

/// One request of several. Since 1.1.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct EaselHttpRequest {
    /// The bytes of this struct, as the caller knows it.
    pub size: u32,
    /// [`EASEL_HTTP_FREE`], [`EASEL_HTTP_CUT`] or 0.
    pub flags: u32,
    /// `GET`, `POST`, …
    pub method: *const c_char,
    /// An address within a granted origin.
    pub url: *const c_char,
    /// A JSON object of strings, or null.
    pub headers: *const c_char,
    /// The name of a stored credential, or null.
    pub secret: *const c_char,
    /// The body; null where empty.
    pub body: *const u8,
    /// The bytes of the body.
    pub body_bytes: u64,
    /// How much it takes from the provider's limit; 0 means 1.
    pub weight: u32,
    /// The longest wait for an answer, in milliseconds; 0: as long as the job may take.
    pub timeout_ms: u32,
}

impl EaselHttpRequest {
    /// A request that says nothing yet.
    pub const EMPTY: Self = EaselHttpRequest {
        size: size_of::<EaselHttpRequest>() as u32,
        flags: 0,
        method: core::ptr::null(),
        url: core::ptr::null(),
        headers: core::ptr::null(),
        secret: core::ptr::null(),
        body: core::ptr::null(),
        body_bytes: 0,
        weight: 0,
        timeout_ms: 0,
    };
}

/// `easel.http/1` of the host: HTTPS to the origins that the manifest names and the user granted.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct EaselHttp {
    /// The bytes of this struct, as the host knows it.
    pub size: u32,
    /// [`EASEL_OK`] once an answer is complete, whatever its HTTP status. `headers`, `secret` and an
    /// empty `body` may be null.
    pub request: Option<
        unsafe extern "C" fn(
            ctx: *mut c_void,
            method: *const c_char,
            url: *const c_char,
            headers: *const c_char,
            secret: *const c_char,
            body: *const u8,
            body_bytes: u64,
            out: *mut EaselHttpResponse,
        ) -> EaselStatus,
    >,
    /// A picture as a file of `media_type`; the bytes are the host's, until `run` returns.
    pub encode: Option<
        unsafe extern "C" fn(
            ctx: *mut c_void,
            image: *const EaselImage,
            media_type: *const c_char,
            bytes: *mut *const u8,
            count: *mut u64,
        ) -> EaselStatus,
    >,
    /// A file as a new output.
    pub decode_output: Option<
        unsafe extern "C" fn(
            ctx: *mut c_void,
            bytes: *const u8,
            count: u64,
            out: *mut *mut EaselImage,
        ) -> EaselStatus,
    >,
    /// Several requests side by side; `out` has a response for each. Since 1.1.
    pub request_all: Option<
        unsafe extern "C" fn(
            ctx: *mut c_void,
            requests: *const *const EaselHttpRequest,
            count: u32,
            out: *const *mut EaselHttpResponse,
        ) -> EaselStatus,
    >,
}

/// `easel.report/1` of the host: what a person is to know beyond a text. Since 1.1.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct EaselReport {
    /// The bytes of this struct, as the host knows it.
    pub size: u32,
    /// Why the run fails, as a JSON object; takes the place of `set_error`.
    pub failure: Option<unsafe extern "C" fn(ctx: *mut c_void, json: *const c_char)>,
    /// A fact of a run that goes on, as a JSON object.
    pub fact: Option<unsafe extern "C" fn(ctx: *mut c_void, json: *const c_char)>,
}

/// The bytes of one pixel of `format`; `None` for a format that this version does not know.
pub const fn bytes_per_pixel(format: EaselPixelFormat) -> Option<u32> {
    match format {
        EASEL_GRAY8 => Some(1),
        EASEL_RGBA8 => Some(4),
        EASEL_RGBA16 => Some(8),
        EASEL_RGBAF32 => Some(16),
        _ => None,
    }
}
