//! The internet in a test: `easel.http/1` answered by a function of the test's. Its codec is none: a
//! "file" is a line of JSON and the packed rows, whatever the media type, so no codec is needed.

#![expect(unsafe_code, reason = "is called across the C interface")]

use std::collections::BTreeMap;
use std::ffi::{c_char, c_void};

use easel_backend_abi::{
    EASEL_ERR_INVALID, EASEL_HTTP_CUT, EASEL_HTTP_FREE, EASEL_OK, EaselHttp, EaselHttpRequest,
    EaselHttpResponse, EaselImage, EaselStatus, read,
};
use serde_json::json;

use super::Picture;
use super::host::{State, state, string};
use crate::PixelFormat;
use crate::error::{Error, Result};
use crate::image::Image;

/// Answers a request.
pub(super) type Provider = dyn Fn(&Sent) -> Result<Answer> + Send + Sync;

/// What the backend sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// `GET`, `POST`, …
    pub method: String,
    /// The address.
    pub url: String,
    /// Names and values.
    pub headers: BTreeMap<String, String>,
    /// The name of the credential; empty: none.
    pub secret: String,
    /// The body.
    pub body: Vec<u8>,
    /// How much it takes from the provider's limit.
    pub weight: u32,
    /// Sending it twice costs nothing.
    pub free: bool,
    /// An answer that breaks off is an answer.
    pub cut: bool,
}

/// What the provider answers. An `Err` in its place is a failure of the network or a missing right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: i32,
    /// Names in lower case and values.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// A body of JSON.
    pub fn json(status: i32, body: &serde_json::Value) -> Self {
        let headers = [("content-type".to_owned(), "application/json".to_owned())];
        Answer { status, headers: headers.into(), body: body.to_string().into_bytes() }
    }

    /// A picture as a file that [`Http::decode_output`](crate::Http::decode_output) reads.
    pub fn picture(status: i32, picture: &Picture) -> Self {
        Answer { status, headers: BTreeMap::new(), body: encode_picture(picture) }
    }
}

fn encode_picture(picture: &Picture) -> Vec<u8> {
    let head = json!([picture.format(), picture.width(), picture.height()]);
    let mut file = head.to_string().into_bytes();
    file.push(b'\n');
    file.extend(picture.packed());
    file
}

fn decode_picture(file: &[u8], state: &State<'_>) -> Result<*mut EaselImage> {
    let unreadable = || Error::failed("the file is no picture");
    let end = file.iter().position(|byte| *byte == b'\n').ok_or_else(unreadable)?;
    let (format, width, height): (PixelFormat, u32, u32) =
        serde_json::from_slice(&file[..end]).map_err(|_| unreadable())?;
    let pixels = &file[end + 1..];
    let output = state.output(format, width, height)?;
    // SAFETY: made just now, and the backend does not know of it yet.
    let mut target = unsafe { crate::image::OutputImage::from_c(output) }?;
    let row_bytes = target.row_mut(0).len();
    if pixels.len() != row_bytes * height as usize {
        return Err(unreadable());
    }
    for (to, from) in target.rows_mut().zip(pixels.chunks_exact(row_bytes)) {
        to.copy_from_slice(from);
    }
    Ok(output)
}

pub(super) static HTTP: EaselHttp = EaselHttp {
    size: size_of::<EaselHttp>() as u32,
    request: Some(request),
    encode: Some(encode),
    decode_output: Some(decode_output),
    request_all: Some(request_all),
};

fn status_of(state: &State<'_>, result: Result<()>) -> EaselStatus {
    match result {
        Ok(()) => EASEL_OK,
        Err(error) => {
            state.set_error(error.message().to_owned());
            error.kind().status()
        }
    }
}

/// # Safety
///
/// `start` is null or the first of `count` bytes.
unsafe fn bytes(start: *const u8, count: u64) -> Vec<u8> {
    if start.is_null() {
        return Vec::new();
    }
    // SAFETY: the caller's promise.
    unsafe { std::slice::from_raw_parts(start, count as usize) }.to_vec()
}

unsafe extern "C" fn request(
    ctx: *mut c_void,
    method: *const c_char,
    url: *const c_char,
    headers: *const c_char,
    secret: *const c_char,
    body: *const u8,
    body_bytes: u64,
    out: *mut EaselHttpResponse,
) -> EaselStatus {
    let empty = EaselHttpRequest::EMPTY;
    let request = EaselHttpRequest { method, url, headers, secret, body, body_bytes, ..empty };
    // SAFETY: the backend hands back the context of its run, and its arguments are valid during the
    // call; here and below.
    let (state, answer) = unsafe { (state(ctx), ask(ctx, &request)) };
    let result = answer.map(|answer| {
        // SAFETY: the answer is this crate's own struct, so it has exactly this size.
        unsafe { out.write(answer) };
    });
    status_of(state, result)
}

/// # Safety
///
/// `ctx` is the context of a run, and the texts and the body of the request are valid.
unsafe fn ask(ctx: *mut c_void, request: &EaselHttpRequest) -> Result<EaselHttpResponse> {
    // SAFETY: the caller's promise.
    let (state, headers) = unsafe { (state(ctx), string(request.headers)) };
    // SAFETY: as above.
    let (method, url) = unsafe { (string(request.method), string(request.url)) };
    // SAFETY: as above.
    let (secret, body) =
        unsafe { (string(request.secret), bytes(request.body, request.body_bytes)) };
    let provider = state.provider.ok_or_else(|| Error::denied("there is no provider"))?;
    let headers = if headers.is_empty() { "{}" } else { &headers };
    let answer = provider(&Sent {
        method,
        url,
        headers: serde_json::from_str(headers).map_err(Error::invalid)?,
        secret,
        body,
        weight: request.weight,
        free: request.flags & EASEL_HTTP_FREE != 0,
        cut: request.flags & EASEL_HTTP_CUT != 0,
    })?;
    let mut head = serde_json::to_vec(&answer.headers).map_err(Error::failed)?;
    head.push(0);
    let (head, _) = state.keep(head);
    let (body, body_bytes) = state.keep(answer.body);
    let size = size_of::<EaselHttpResponse>() as u32;
    Ok(EaselHttpResponse { size, status: answer.status, headers: head.cast(), body, body_bytes })
}

unsafe extern "C" fn request_all(
    ctx: *mut c_void,
    requests: *const *const EaselHttpRequest,
    count: u32,
    out: *const *mut EaselHttpResponse,
) -> EaselStatus {
    // SAFETY: as above.
    let state = unsafe { state(ctx) };
    let (mut first, mut answered) = (None, false);
    for index in 0..count as usize {
        // SAFETY: as above; there are `count` of each.
        let (request, out) = unsafe { (read(*requests.add(index)), *out.add(index)) };
        let Some(request) = request else { return EASEL_ERR_INVALID };
        // SAFETY: as above.
        let answer = unsafe { ask(ctx, &request) }.unwrap_or_else(|error| {
            let failure = error.failure().and_then(|failure| serde_json::to_vec(failure).ok());
            let (body, body_bytes) = state.keep(failure.unwrap_or_default());
            first.get_or_insert(error);
            let size = size_of::<EaselHttpResponse>() as u32;
            let headers = c"{}".as_ptr();
            EaselHttpResponse { size, status: 0, headers, body, body_bytes }
        });
        answered |= answer.status != 0;
        // SAFETY: the answer is this crate's own struct, so it has exactly this size.
        unsafe { out.write(answer) };
    }
    match first {
        Some(error) if !answered => status_of(state, Err(error)),
        _ => EASEL_OK,
    }
}

unsafe extern "C" fn encode(
    ctx: *mut c_void,
    image: *const EaselImage,
    _media_type: *const c_char,
    start: *mut *const u8,
    count: *mut u64,
) -> EaselStatus {
    // SAFETY: as above.
    let state = unsafe { state(ctx) };
    // SAFETY: as above.
    let result = unsafe { Image::from_backend(image) }.map(|image| {
        let (file, bytes) = state.keep(encode_picture(&Picture::from(image)));
        // SAFETY: as above.
        unsafe {
            start.write(file);
            count.write(bytes);
        }
    });
    status_of(state, result)
}

unsafe extern "C" fn decode_output(
    ctx: *mut c_void,
    file: *const u8,
    count: u64,
    out: *mut *mut EaselImage,
) -> EaselStatus {
    // SAFETY: as above.
    let (state, file) = unsafe { (state(ctx), bytes(file, count)) };
    // SAFETY: as above.
    let result = decode_picture(&file, state).map(|image| unsafe { out.write(image) });
    status_of(state, result)
}
