//! Connections to the internet, made by the host: only to origins that the manifest names, with
//! credentials that the backend never sees. The codecs for a provider's files are the host's too.

#![expect(unsafe_code, reason = "calls the `easel.http/1` extension of the host")]

use std::collections::BTreeMap;
use std::ptr;

use easel_backend_abi::{EASEL_EXT_HTTP, EASEL_OK, EaselHttp, EaselHttpResponse, EaselStatus};

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
            Error::denied("the manifest names no origin, so there is no `easel.http/1`")
        })?;
        Ok(Http { services, table })
    }

    /// Sends a request and waits for the complete answer. [`ErrorKind::Cancelled`] as soon as the job
    /// is cancelled, [`ErrorKind::Denied`] for an origin or a secret that is not granted,
    /// [`ErrorKind::Transient`] when the network fails.
    pub fn send(&self, request: &HttpRequest<'_>) -> Result<HttpResponse<'run>> {
        let send = self.table.request.ok_or_else(lacking)?;
        let headers: BTreeMap<_, _> =
            request.headers.iter().map(|(name, value)| (name, value)).collect();
        let headers = c_text(&serde_json::to_string(&headers).map_err(Error::invalid)?);
        let (method, url) = (c_text(request.method), c_text(request.url));
        let secret = request.secret.map(c_text);
        let mut answer = EaselHttpResponse {
            size: size_of::<EaselHttpResponse>() as u32,
            status: 0,
            headers: ptr::null(),
            body: ptr::null(),
            body_bytes: 0,
        };
        // SAFETY: the host's function with the host's context; all arguments outlive the call, and
        // the host writes no more than `size` bytes of the answer.
        let status = unsafe {
            send(
                self.services.table.ctx,
                method.as_ptr(),
                url.as_ptr(),
                headers.as_ptr(),
                secret.as_ref().map_or(ptr::null(), |secret| secret.as_ptr()),
                if request.body.is_empty() { ptr::null() } else { request.body.as_ptr() },
                request.body.len() as u64,
                &raw mut answer,
            )
        };
        check(status, format_args!("the request to {} failed", request.url))?;
        // SAFETY: the headers are the host's until `run` returns.
        let headers: &'run str = unsafe { text(answer.headers, "headers of the answer") }?;
        Ok(HttpResponse {
            status: answer.status,
            headers: serde_json::from_str(headers).map_err(Error::failed)?,
            // SAFETY: the body is the host's until `run` returns.
            body: unsafe { bytes(answer.body, answer.body_bytes) }?,
        })
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
