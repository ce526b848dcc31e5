//! What a run asks of the world: bodies out of the worker's memory, the requests to whoever sends them,
//! the answers back into memory that the worker maps. While it lasts, the worker is not listened to; its
//! requests end when the run is cancelled or out of time, since whoever sends them sees to that.

use std::time::Duration;

use easel_backend_abi as abi;
use easel_protocol::{ErrorKind, Failure};

use super::{Ending, Session, clean_failure};
use crate::http::{Answer, Request};
use crate::worker::frame;
use crate::worker::image::SharedImage;
use crate::worker::limits;
use crate::worker::words::{AnswerFrame, Purpose, RequestFrame, ToWorker};
use easel_protocol::picture::PixelFormat;

impl Session<'_> {
    /// Sends what the worker asks for and tells it what came back.
    pub(super) fn answer_http(
        &mut self,
        run: u64,
        requests: Vec<RequestFrame>,
    ) -> Result<(), Ending> {
        if requests.len() > limits::OUTPUTS {
            return Err(Ending::Broken(format!("it sends {} requests at once", requests.len())));
        }
        let mut asked = Vec::with_capacity(requests.len());
        for request in requests {
            asked.push(self.request(request)?);
        }
        let permitted = self.http && !asked.is_empty();
        let answers = if permitted { self.observer.http(asked) } else { Vec::new() };
        let mut bodies = Vec::new();
        let mut frames = Vec::with_capacity(answers.len());
        for answer in answers {
            let (frame, body) = self.answer(answer);
            frames.push(frame);
            bodies.extend(body);
        }
        let words = frame::encode(&ToWorker::Answers { run, answers: frames })?;
        let descriptors: Vec<_> = bodies.iter().filter_map(SharedImage::descriptor).collect();
        let limit = std::time::Instant::now() + limits::SEND_TIMEOUT;
        frame::send(self.parts.socket, &words, &descriptors, Some(limit))?;
        // The worker reads them until its run ends: only then may the pool hand the memory on.
        self.answers.extend(bodies);
        Ok(())
    }

    fn request(&mut self, frame: RequestFrame) -> Result<Request, Ending> {
        let body = match frame.body {
            None => bytes::Bytes::new(),
            Some((number, length)) => {
                let broken = || Ending::Broken("it sends a body that it does not have".to_owned());
                let pending = self.take(number, Purpose::Body).ok_or_else(broken)?;
                let collected = self.parts.outputs.collect(pending, self.parts.buffers);
                let (image, manners) =
                    collected.map_err(|error| Ending::Broken(format!("its body: {error}")))?;
                self.note(manners);
                let length = usize::try_from(length).map_err(|_| broken())?;
                if length > image.bytes().len() {
                    return Err(broken());
                }
                bytes::Bytes::from_owner(Body { image, length })
            }
        };
        Ok(Request {
            method: frame.method,
            url: frame.url,
            headers: frame.headers,
            secret: frame.secret,
            body,
            weight: frame.weight,
            free: frame.free,
            cut: frame.cut,
            timeout: (frame.timeout_ms > 0)
                .then(|| Duration::from_millis(u64::from(frame.timeout_ms))),
        })
    }

    fn answer(&self, answer: Result<Answer, Failure>) -> (AnswerFrame, Option<SharedImage>) {
        let answer = answer.and_then(|answer| {
            let body = if answer.body.is_empty() { None } else { Some(self.memory(&answer.body)?) };
            Ok((answer, body))
        });
        match answer {
            Ok((answer, body)) => {
                let frame = AnswerFrame {
                    status: answer.status,
                    headers: answer.headers,
                    body: body.as_ref().map(|image| (image.shape(), answer.body.len() as u64)),
                    failure: None,
                };
                (frame, body)
            }
            Err(failure) => {
                let failure = clean_failure(failure);
                let frame = AnswerFrame {
                    status: 0,
                    headers: std::collections::BTreeMap::new(),
                    body: None,
                    failure: Some((status_of(&failure), Box::new(failure))),
                };
                (frame, None)
            }
        }
    }

    /// A body in memory that the worker can map.
    fn memory(&self, body: &[u8]) -> Result<SharedImage, Failure> {
        let rows = body.len().div_ceil(limits::BODY_WIDTH as usize) as u32;
        let full = |error: crate::worker::ImageError| {
            Failure::new(ErrorKind::TooLarge, format!("the answer does not fit: {error}"))
        };
        let width = if rows == 1 { body.len() as u32 } else { limits::BODY_WIDTH };
        let mut image = SharedImage::new_in(self.parts.buffers, PixelFormat::Gray8, width, rows)
            .map_err(full)?;
        let bytes = image.bytes_mut().map_err(full)?;
        let (used, rest) = bytes.split_at_mut(body.len());
        used.copy_from_slice(body);
        rest.fill(0);
        Ok(image)
    }
}

/// The status of the ABI that a failure of the host stands for.
fn status_of(failure: &Failure) -> i32 {
    match failure.kind {
        ErrorKind::Cancelled => abi::EASEL_CANCELLED,
        ErrorKind::InvalidRequest => abi::EASEL_ERR_INVALID,
        ErrorKind::Forbidden | ErrorKind::KeyMissing => abi::EASEL_ERR_DENIED,
        ErrorKind::Transient => abi::EASEL_ERR_TRANSIENT,
        _ => abi::EASEL_ERR_FAILED,
    }
}

/// The worker's memory as bytes, without a copy.
struct Body {
    image: SharedImage,
    length: usize,
}

impl AsRef<[u8]> for Body {
    fn as_ref(&self) -> &[u8] {
        self.image.bytes().get(..self.length).unwrap_or_default()
    }
}
