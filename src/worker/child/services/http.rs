//! `easel.http/1` as a backend sees it: requests carried to the host, answers mapped from its memory, and
//! the codecs for a provider's files. The codecs run here, in the process that holds nothing of value,
//! since what a provider sends is as foreign as the backend is.

#![expect(unsafe_code, reason = "is called by foreign code through the C ABI")]

use std::collections::BTreeMap;
use std::ffi::{CStr, CString, c_char, c_void};
use std::os::fd::OwnedFd;
use std::ptr;

use easel_backend_abi::{self as abi, EaselHttpRequest, EaselHttpResponse, EaselImage};
use easel_pixels::{Encoding, Limits, Picture, View, codec, colour};
use easel_protocol::picture::PixelFormat;
use easel_protocol::{ErrorKind, Failure};

use super::{Kept, Reply, Services, lock, services_of};
use crate::worker::image::{Shape, abi_format, bytes_per_pixel, format_of_abi};
use crate::worker::limits;
use crate::worker::shared::{Mapping, page_down};
use crate::worker::words::{AnswerFrame, Purpose, RequestFrame, ToHost};

/// How good a JPEG for a provider is: nobody sees a difference, and it is a tenth of a PNG.
const JPEG_QUALITY: u8 = 95;

/// What a service answers: a status, and what is known of the failure.
type Served<T> = Result<T, (i32, Box<Failure>)>;

fn refused(kind: ErrorKind, message: impl Into<String>) -> (i32, Box<Failure>) {
    let status = match kind {
        ErrorKind::InvalidRequest => abi::EASEL_ERR_INVALID,
        ErrorKind::Forbidden => abi::EASEL_ERR_DENIED,
        _ => abi::EASEL_ERR_FAILED,
    };
    (status, Box::new(Failure::new(kind, message)))
}

impl Services {
    /// Leaves the failure for people and gives its status.
    fn status(&self, served: Served<()>) -> i32 {
        match served {
            Ok(()) => abi::EASEL_OK,
            Err((status, failure)) => {
                self.fail(*failure);
                status
            }
        }
    }

    /// Sends requests side by side; the answers are in the host's memory, mapped until the run ends.
    fn send_all(&self, requests: &[EaselHttpRequest]) -> Served<Vec<EaselHttpResponse>> {
        let over = || refused(ErrorKind::InvalidRequest, "the run is over");
        let run = self.current().ok_or_else(over)?;
        if requests.is_empty() || requests.len() > limits::OUTPUTS {
            let text = format!(
                "{} requests at once, 1 to {} are possible",
                requests.len(),
                limits::OUTPUTS
            );
            return Err(refused(ErrorKind::InvalidRequest, text));
        }
        let frames =
            requests.iter().map(|request| self.frame(request)).collect::<Result<_, _>>()?;
        let failed = |reason| refused(ErrorKind::Internal, reason);
        match self.ask(&ToHost::Http { run, requests: frames }).map_err(failed)? {
            Reply::Answers(answers, files) if answers.len() == requests.len() => {
                self.take_answers(answers, files)
            }
            _ => Err(refused(ErrorKind::Internal, "the host did not answer the requests")),
        }
    }

    fn frame(&self, request: &EaselHttpRequest) -> Served<RequestFrame> {
        // SAFETY: the backend gives strings or null, by the ABI; here and below.
        let method = unsafe { text(request.method, "method") }?.unwrap_or_else(|| "GET".to_owned());
        // SAFETY: as above.
        let url = unsafe { text(request.url, "url") }?
            .ok_or_else(|| refused(ErrorKind::InvalidRequest, "a request has no address"))?;
        // SAFETY: as above.
        let headers = match unsafe { text(request.headers, "headers") }? {
            None => BTreeMap::new(),
            Some(headers) => serde_json::from_str(&headers).map_err(|error| {
                refused(
                    ErrorKind::InvalidRequest,
                    format!("the headers are no JSON object of strings: {error}"),
                )
            })?,
        };
        let empty = request.body_bytes == 0 || request.body.is_null();
        let body = if empty { None } else { Some(self.upload(request)?) };
        Ok(RequestFrame {
            method,
            url,
            headers,
            // SAFETY: as above.
            secret: unsafe { text(request.secret, "secret") }?,
            body,
            weight: request.weight,
            free: request.flags & abi::EASEL_HTTP_FREE != 0,
            cut: request.flags & abi::EASEL_HTTP_CUT != 0,
            timeout_ms: request.timeout_ms,
        })
    }

    /// Copies a body into memory of the host's.
    fn upload(&self, request: &EaselHttpRequest) -> Served<(u32, u64)> {
        let bytes = request.body_bytes;
        let too_large = || refused(ErrorKind::TooLarge, format!("a body of {bytes} bytes"));
        let count = usize::try_from(bytes)
            .ok()
            .filter(|_| bytes <= limits::BODY_BYTES)
            .ok_or_else(too_large)?;
        let rows = count.div_ceil(limits::BODY_WIDTH as usize) as u32;
        let (grant, mapping, first) = self
            .memory(limits::BODY_WIDTH, rows, PixelFormat::Gray8, Purpose::Body)
            .map_err(|reason| refused(ErrorKind::TooLarge, reason))?;
        // SAFETY: `count` readable bytes by the ABI, and as many in the grant, whose rows have no gaps.
        unsafe { first.copy_from_nonoverlapping(request.body, count) };
        drop(mapping);
        Ok((grant.output, bytes))
    }

    fn take_answers(
        &self,
        answers: Vec<AnswerFrame>,
        files: Vec<OwnedFd>,
    ) -> Served<Vec<EaselHttpResponse>> {
        let mut files = files.into_iter();
        let mut taken = Vec::with_capacity(answers.len());
        let (mut answered, mut first) = (false, None);
        for answer in answers {
            let headers = serde_json::to_string(&answer.headers).unwrap_or_default();
            let headers = self.keep_text(&headers);
            let (body, body_bytes) = match (answer.body, answer.failure) {
                (_, Some((status, failure))) => {
                    let text = serde_json::to_vec(&failure).unwrap_or_default();
                    first.get_or_insert((status, failure));
                    self.keep_bytes(text)
                }
                (None, None) => (ptr::null(), 0),
                (Some((shape, bytes)), None) => {
                    let file = files.next();
                    self.map_body(&shape, bytes, file).ok_or_else(|| {
                        refused(ErrorKind::Internal, "the answer's memory cannot be mapped")
                    })?
                }
            };
            answered |= answer.status != 0;
            taken.push(EaselHttpResponse {
                size: size_of::<EaselHttpResponse>() as u32,
                status: i32::from(answer.status),
                headers,
                body,
                body_bytes,
            });
        }
        match first {
            // With one answer at least, each response says for itself.
            Some(failed) if !answered && taken.len() == 1 => Err(failed),
            Some((status, _)) if status == abi::EASEL_CANCELLED => {
                Err((status, Box::new(Failure::new(ErrorKind::Cancelled, "the run was cancelled"))))
            }
            _ => Ok(taken),
        }
    }

    fn map_body(
        &self,
        shape: &Shape,
        bytes: u64,
        file: Option<OwnedFd>,
    ) -> Option<(*const u8, u64)> {
        let (extent, end) = shape.check().ok()?;
        let start = page_down(shape.offset as usize);
        let mapping = Mapping::read_only(&file?, start, end - start, true).ok()?;
        if bytes > extent as u64 {
            return None;
        }
        let first = mapping.as_ptr().wrapping_add(shape.offset as usize - start);
        lock(&self.state).kept.push(Kept::Mapping(mapping));
        Some((first.cast_const(), bytes))
    }

    fn keep_bytes(&self, bytes: Vec<u8>) -> (*const u8, u64) {
        // The heap's bytes stay where they are when the vector moves.
        let kept = (bytes.as_ptr(), bytes.len() as u64);
        lock(&self.state).kept.push(Kept::Bytes(bytes));
        kept
    }

    fn keep_text(&self, text: &str) -> *const c_char {
        let text = CString::new(text.replace('\0', " ")).unwrap_or_default();
        let pointer = text.as_ptr();
        lock(&self.state).kept.push(Kept::Text(text));
        pointer
    }

    fn encode(&self, image: &EaselImage, media_type: &str) -> Served<(*const u8, u64)> {
        let encoding = match media_type {
            "image/png" => Encoding::Png,
            "image/jpeg" => Encoding::Jpeg { quality: JPEG_QUALITY },
            "image/webp" => Encoding::WebpLossless,
            other => {
                let text = format!("`{other}` is not written; there are PNG, JPEG and WebP");
                return Err(refused(ErrorKind::InvalidRequest, text));
            }
        };
        let wrong = |text: String| refused(ErrorKind::InvalidRequest, text);
        let unknown = || wrong("unknown pixel format".to_owned());
        let format = format_of_abi(image.format).ok_or_else(unknown)?;
        let in_pixels = pixels_format(format).ok_or_else(unknown)?;
        let shape = Shape {
            format,
            width: image.width,
            height: image.height,
            stride: image.stride,
            offset: 0,
        };
        let (extent, _) = shape.check().map_err(|error| wrong(error.to_string()))?;
        if image.pixels.is_null() {
            return Err(wrong("the picture has no pixels".to_owned()));
        }
        // SAFETY: the backend vouches for a picture of this shape, or it is one of the host's.
        let bytes = unsafe { std::slice::from_raw_parts(image.pixels.cast::<u8>(), extent) };
        let size = easel_pixels::Size::new(image.width, image.height);
        let view = View::new(in_pixels, size, image.stride as usize, bytes)
            .map_err(|error| wrong(error.to_string()))?;
        let file = codec::encode(view, None, encoding).map_err(|error| wrong(error.to_string()))?;
        Ok(self.keep_bytes(file))
    }

    /// A provider's file as an output, in sRGB.
    fn decode_output(&self, file: &[u8]) -> Served<*mut EaselImage> {
        let limits = Limits {
            max_width: limits::SIDE,
            max_height: limits::SIDE,
            max_pixels: 128 << 20,
            max_bytes: 1 << 30,
        };
        let unreadable = |text: String| {
            let mut failure =
                Failure::new(ErrorKind::Corrupt, format!("the provider's picture: {text}")).hint(
                    "`easel job retry --pay-again` asks for another one, which is charged again",
                );
            failure.charged = Some(easel_protocol::error::Charged::Yes);
            (abi::EASEL_ERR_FAILED, Box::new(failure))
        };
        let decoded =
            codec::decode(file, &limits).map_err(|error| unreadable(error.to_string()))?;
        let picture = match &decoded.picture.icc {
            Some(icc) if !colour::is_plain(icc, decoded.picture.format()) => {
                colour::to_srgb(&decoded.picture).map_err(|error| unreadable(error.to_string()))?
            }
            _ => decoded.picture,
        };
        self.deliver(&picture).map_err(|reason| refused(ErrorKind::TooLarge, reason))
    }

    fn deliver(&self, picture: &Picture) -> Result<*mut EaselImage, String> {
        let format = match picture.format() {
            easel_pixels::Format::Rgba16 => PixelFormat::Rgba16,
            easel_pixels::Format::RgbaF32 => PixelFormat::Rgbaf32,
            _ => PixelFormat::Rgba8,
        };
        let image = self.new_output(
            picture.width(),
            picture.height(),
            abi_format(format).unwrap_or_default(),
        )?;
        // SAFETY: made just now, and the backend does not know of it yet.
        let (pixels, stride) = unsafe { ((*image).pixels.cast::<u8>(), (*image).stride as usize) };
        let row_bytes = picture.width() as usize * bytes_per_pixel(format);
        for (y, row) in picture.pixels().chunks_exact(row_bytes).enumerate() {
            // SAFETY: the output has as many rows of at least as many bytes.
            unsafe { pixels.add(y * stride).copy_from_nonoverlapping(row.as_ptr(), row_bytes) };
        }
        Ok(image)
    }
}

/// The format as the codecs call it; backends have no others.
fn pixels_format(format: PixelFormat) -> Option<easel_pixels::Format> {
    match format {
        PixelFormat::Gray8 => Some(easel_pixels::Format::Gray8),
        PixelFormat::Rgba8 => Some(easel_pixels::Format::Rgba8),
        PixelFormat::Rgba16 => Some(easel_pixels::Format::Rgba16),
        PixelFormat::Rgbaf32 => Some(easel_pixels::Format::RgbaF32),
        _ => None,
    }
}

/// # Safety
///
/// `text` is null or NUL-terminated.
unsafe fn text(text: *const c_char, what: &str) -> Served<Option<String>> {
    if text.is_null() {
        return Ok(None);
    }
    // SAFETY: by the caller's promise.
    let text = unsafe { CStr::from_ptr(text) };
    match text.to_str() {
        Ok(text) if text.len() <= limits::FRAME_BYTES_RUNNING / 8 => Ok(Some(text.to_owned())),
        Ok(_) => {
            Err(refused(ErrorKind::InvalidRequest, format!("the {what} of a request is too long")))
        }
        Err(_) => {
            Err(refused(ErrorKind::InvalidRequest, format!("the {what} of a request is not UTF-8")))
        }
    }
}

/// Writes an answer into the caller's struct, no further than the caller knows it.
///
/// # Safety
///
/// `out` is null or has as many writable bytes as its first four say.
unsafe fn write(out: *mut EaselHttpResponse, answer: &EaselHttpResponse) -> bool {
    if out.is_null() || !out.is_aligned() {
        return false;
    }
    // SAFETY: by the caller's promise.
    let size = unsafe { (*out).size };
    let count = (size as usize).min(size_of::<EaselHttpResponse>());
    let written = EaselHttpResponse { size, ..*answer };
    // SAFETY: as above, `count` bytes at most.
    unsafe {
        out.cast::<u8>().copy_from_nonoverlapping((&raw const written).cast::<u8>(), count);
    }
    true
}

pub(super) unsafe extern "C" fn request(
    context: *mut c_void,
    method: *const c_char,
    url: *const c_char,
    headers: *const c_char,
    secret: *const c_char,
    body: *const u8,
    body_bytes: u64,
    out: *mut EaselHttpResponse,
) -> i32 {
    // SAFETY: the backend passes the table's context, by the ABI.
    let Some(services) = (unsafe { services_of(context) }) else { return abi::EASEL_ERR_INVALID };
    let empty = EaselHttpRequest::EMPTY;
    let request = EaselHttpRequest { method, url, headers, secret, body, body_bytes, ..empty };
    let served = services.send_all(&[request]).and_then(|answers| {
        // SAFETY: the caller's struct, by the ABI.
        let written = answers.first().is_some_and(|answer| unsafe { write(out, answer) });
        if written {
            Ok(())
        } else {
            Err(refused(ErrorKind::InvalidRequest, "there is no place for the answer"))
        }
    });
    services.status(served)
}

pub(super) unsafe extern "C" fn request_all(
    context: *mut c_void,
    requests: *const *const EaselHttpRequest,
    count: u32,
    out: *const *mut EaselHttpResponse,
) -> i32 {
    // SAFETY: the backend passes the table's context, by the ABI.
    let Some(services) = (unsafe { services_of(context) }) else { return abi::EASEL_ERR_INVALID };
    if requests.is_null() || out.is_null() || count as usize > limits::OUTPUTS {
        let served = Err(refused(ErrorKind::InvalidRequest, "the requests make no sense"));
        return services.status(served);
    }
    let mut asked = Vec::with_capacity(count as usize);
    for index in 0..count as usize {
        // SAFETY: `count` pointers to structs with their size, by the ABI.
        match unsafe { abi::read(*requests.add(index)) } {
            Some(request) => asked.push(request),
            None => {
                return services
                    .status(Err(refused(ErrorKind::InvalidRequest, "a request is missing")));
            }
        }
    }
    let served = services.send_all(&asked).and_then(|answers| {
        for (index, answer) in answers.iter().enumerate() {
            // SAFETY: `count` pointers to the caller's structs, by the ABI.
            if !unsafe { write(*out.add(index), answer) } {
                return Err(refused(ErrorKind::InvalidRequest, "there is no place for an answer"));
            }
        }
        Ok(())
    });
    services.status(served)
}

pub(super) unsafe extern "C" fn encode(
    context: *mut c_void,
    image: *const EaselImage,
    media_type: *const c_char,
    bytes: *mut *const u8,
    count: *mut u64,
) -> i32 {
    // SAFETY: the backend passes the table's context, by the ABI.
    let Some(services) = (unsafe { services_of(context) }) else { return abi::EASEL_ERR_INVALID };
    // SAFETY: a picture with its size and a string, by the ABI.
    let (image, media_type) = unsafe { (abi::read(image), text(media_type, "media type")) };
    let served = match (image, media_type) {
        (Some(image), Ok(Some(media_type))) if !bytes.is_null() && !count.is_null() => {
            services.encode(&image, &media_type).map(|(start, length)| {
                // SAFETY: not null, and the caller's to write to.
                unsafe {
                    bytes.write(start);
                    count.write(length);
                }
            })
        }
        _ => Err(refused(ErrorKind::InvalidRequest, "what is to be encoded makes no sense")),
    };
    services.status(served)
}

pub(super) unsafe extern "C" fn decode_output(
    context: *mut c_void,
    bytes: *const u8,
    count: u64,
    out: *mut *mut EaselImage,
) -> i32 {
    // SAFETY: the backend passes the table's context, by the ABI.
    let Some(services) = (unsafe { services_of(context) }) else { return abi::EASEL_ERR_INVALID };
    let served = match usize::try_from(count) {
        Ok(count) if !out.is_null() && (count == 0 || !bytes.is_null()) => {
            let file = if count == 0 {
                &[]
            } else {
                // SAFETY: not null, and `count` readable bytes by the ABI.
                unsafe { std::slice::from_raw_parts(bytes, count) }
            };
            // SAFETY: not null, and the caller's to write to.
            services.decode_output(file).map(|image| unsafe { out.write(image) })
        }
        _ => Err(refused(ErrorKind::InvalidRequest, "what is to be decoded makes no sense")),
    };
    services.status(served)
}
