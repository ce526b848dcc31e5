//! Connections to the internet, made by the host: only to origins that the manifest names, with
//! credentials that the backend never sees. The codecs for a provider's files are the host's too.

#![expect(unsafe_code, reason = "calls the `easel.http/1` extension of the host")]

use std::collections::BTreeMap;
use std::ffi::CString;
use std::ptr;

use easel_backend_abi::{
    EASEL_EXT_HTTP, EASEL_HTTP_CUT, EASEL_HTTP_FREE, EASEL_OK, EaselHttp, EaselHttpRequest,
    EaselHttpResponse, EaselStatus,
};
use easel_protocol::Failure;

use crate::error::{Error, ErrorKind, Result};
use crate::host::{Services, c_text, text};
use crate::image::{Image, OutputImage};

/// What is sent. `HttpRequest { body, ..HttpRequest::new("POST", url) }` fills in the rest.
#[derive(Clone, Debug, Default)]
pub struct HttpRequest<'a> {
    /// `GET`, `POST`, …
    pub method: &'a str,
    /// An address within an origin of the manifest.
    pub url: &'a str,
    /// Names and values.
    pub headers: Vec<(&'a str, String)>,
    /// The name of a stored credential, which the host adds.
    pub secret: Option<&'a str>,
    /// The body, perhaps empty.
    pub body: &'a [u8],
    /// How much it takes from the provider's limit, such as the pictures asked for; 0 means 1.
    pub weight: u32,
    /// Sending it twice costs nothing, although it is no GET: the host may repeat it unasked.
    pub free: bool,
    /// An answer that breaks off is an answer, with `easel-cut` among its headers.
    pub cut: bool,
    /// The longest wait for an answer, in milliseconds; 0: as long as the job may take.
    pub timeout_ms: u32,
}

impl<'a> HttpRequest<'a> {
    /// A request without headers, credential and body.
    pub fn new(method: &'a str, url: &'a str) -> Self {
        HttpRequest { method, url, ..HttpRequest::default() }
    }
}

/// A complete answer, whatever its status.
#[derive(Clone, Debug)]
pub struct HttpResponse<'run> {
    /// The HTTP status: 200, 429, …
    pub status: i32,
    /// The headers, names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body; the host's memory until `run` returns.
    pub body: &'run [u8],
}

/// The host's connections and codecs; from [`Job::http`](crate::Job::http).
#[derive(Debug)]
pub struct Http<'job, 'run> {
    services: &'job Services<'run>,
    table: EaselHttp,
}

impl<'job, 'run> Http<'job, 'run> {
    pub(crate) fn new(services: &'job Services<'run>) -> Result<Self> {
        // SAFETY: the struct is the one of the id.
        let table = unsafe { services.extension::<EaselHttp>(EASEL_EXT_HTTP) };
        let table = table.ok_or_else(|| {
            Error::denied("the host connects to nothing here: there is no `easel.http/1`")
        })?;
        Ok(Http { services, table })
    }

    /// Sends a request and waits for the complete answer. [`ErrorKind::Cancelled`] as soon as the job
    /// is cancelled, [`ErrorKind::Denied`] for an origin or a secret that is not granted,
    /// [`ErrorKind::Transient`] when the network fails.
    ///
    /// What is neither GET nor HEAD counts as paid for unless it is `free`: a later attempt at the job
    /// that sends the same bytes gets the answer of the first, not a second bill.
    pub fn send(&self, request: &HttpRequest<'_>) -> Result<HttpResponse<'run>> {
        self.send_all(std::slice::from_ref(request))?.pop().unwrap_or_else(|| Err(lacking()))
    }

    /// Sends several requests side by side and waits for all answers, in the order of the requests.
    /// The outer error is for all of them: cancelled, or a host without this function.
    pub fn send_all(
        &self,
        requests: &[HttpRequest<'_>],
    ) -> Result<Vec<Result<HttpResponse<'run>>>> {
        let send = self.table.request_all.ok_or_else(lacking)?;
        let texts: Vec<Texts> = requests.iter().map(Texts::of).collect::<Result<_>>()?;
        let asked: Vec<EaselHttpRequest> =
            requests.iter().zip(&texts).map(|(request, texts)| texts.request(request)).collect();
        let mut answers = vec![UNANSWERED; requests.len()];
        let asked: Vec<*const EaselHttpRequest> = asked.iter().map(ptr::from_ref).collect();
        let given: Vec<*mut EaselHttpResponse> = answers.iter_mut().map(ptr::from_mut).collect();
        // SAFETY: the host's function with the host's context; all arguments outlive the call, and
        // the host writes no more than `size` bytes of each answer.
        let status = unsafe {
            send(self.services.table.ctx, asked.as_ptr(), asked.len() as u32, given.as_ptr())
        };
        if ErrorKind::from_status(status) == ErrorKind::Cancelled {
            return Err(Error::of_the_host(ErrorKind::Cancelled, "the job was cancelled"));
        }
        answers
            .iter()
            .zip(requests)
            // SAFETY: written by the host, whose memory is valid until `run` returns.
            .map(|(answer, request)| Ok(unsafe { read_answer(answer, status, request.url) }))
            .collect()
    }

    /// A picture as a file: `image/png`, `image/jpeg` or `image/webp`.
    pub fn encode(&self, image: &Image<'_>, media_type: &str) -> Result<&'run [u8]> {
        let encode = self.table.encode.ok_or_else(lacking)?;
        let (image, media) = (image.as_c()?, c_text(media_type));
        let (mut start, mut count) = (ptr::null(), 0);
        // SAFETY: the host's function with the host's context; the arguments outlive the call.
        let status = unsafe {
            encode(
                self.services.table.ctx,
                &raw const image,
                media.as_ptr(),
                &raw mut start,
                &raw mut count,
            )
        };
        check(status, format_args!("the picture was not encoded as `{media_type}`"))?;
        // SAFETY: the bytes are the host's until `run` returns.
        unsafe { bytes(start, count) }
    }

    /// A provider's file as a new output, delivered like one of
    /// [`Job::output`](crate::Job::output).
    pub fn decode_output(&self, file: &[u8]) -> Result<OutputImage<'run>> {
        let decode = self.table.decode_output.ok_or_else(lacking)?;
        let mut image = ptr::null_mut();
        // SAFETY: the host's function with the host's context and a valid slice.
        let status = unsafe {
            decode(self.services.table.ctx, file.as_ptr(), file.len() as u64, &raw mut image)
        };
        check(status, format_args!("the answer was not decoded"))?;
        // SAFETY: the host made it for this run and for nobody else.
        unsafe { OutputImage::from_c(image) }
    }
}

const UNANSWERED: EaselHttpResponse = EaselHttpResponse {
    size: size_of::<EaselHttpResponse>() as u32,
    status: 0,
    headers: ptr::null(),
    body: ptr::null(),
    body_bytes: 0,
};

/// The texts of a request as C wants them.
struct Texts {
    method: CString,
    url: CString,
    headers: CString,
    secret: Option<CString>,
}

impl Texts {
    fn of(request: &HttpRequest<'_>) -> Result<Self> {
        let headers: BTreeMap<_, _> =
            request.headers.iter().map(|(name, value)| (name, value)).collect();
        Ok(Texts {
            method: c_text(request.method),
            url: c_text(request.url),
            headers: c_text(&serde_json::to_string(&headers).map_err(Error::invalid)?),
            secret: request.secret.map(c_text),
        })
    }

    fn request(&self, request: &HttpRequest<'_>) -> EaselHttpRequest {
        let flag = |set: bool, flag: u32| if set { flag } else { 0 };
        EaselHttpRequest {
            size: size_of::<EaselHttpRequest>() as u32,
            flags: flag(request.free, EASEL_HTTP_FREE) | flag(request.cut, EASEL_HTTP_CUT),
            method: self.method.as_ptr(),
            url: self.url.as_ptr(),
            headers: self.headers.as_ptr(),
            secret: self.secret.as_ref().map_or(ptr::null(), |secret| secret.as_ptr()),
            body: if request.body.is_empty() { ptr::null() } else { request.body.as_ptr() },
            body_bytes: request.body.len() as u64,
            weight: request.weight,
            timeout_ms: request.timeout_ms,
        }
    }
}

/// One answer, or the failure in its place.
///
/// # Safety
///
/// The host filled it, and its memory is unchanged for `'run`.
unsafe fn read_answer<'run>(
    answer: &EaselHttpResponse,
    status: EaselStatus,
    url: &str,
) -> Result<HttpResponse<'run>> {
    // SAFETY: the caller's promise.
    let body: &'run [u8] = unsafe { bytes(answer.body, answer.body_bytes) }?;
    if answer.status == 0 {
        let failed = format!("the request to {url} failed");
        return Err(match serde_json::from_slice::<Failure>(body) {
            Ok(failure) => Error::of(failure),
            Err(_) if status == EASEL_OK => Error::failed(failed),
            Err(_) => Error::of_the_host(ErrorKind::from_status(status), failed),
        });
    }
    // SAFETY: as above.
    let headers: &'run str = unsafe { text(answer.headers, "headers of the answer") }?;
    let headers = serde_json::from_str(headers).map_err(Error::failed)?;
    Ok(HttpResponse { status: answer.status, headers, body })
}

fn lacking() -> Error {
    Error::unsupported("the host's `easel.http/1` lacks this function")
}

fn check(status: EaselStatus, message: std::fmt::Arguments<'_>) -> Result<()> {
    if status == EASEL_OK {
        Ok(())
    } else {
        Err(Error::of_the_host(ErrorKind::from_status(status), message))
    }
}

/// # Safety
///
/// `start` is null or the first of `count` bytes, unchanged for `'a`.
unsafe fn bytes<'a>(start: *const u8, count: u64) -> Result<&'a [u8]> {
    if start.is_null() {
        return Ok(&[]);
    }
    let count = usize::try_from(count).map_err(Error::failed)?;
    // SAFETY: the caller's promise.
    Ok(unsafe { std::slice::from_raw_parts(start, count) })
}
