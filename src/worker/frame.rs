//! The words between a worker and its host: a length of four bytes (little-endian), then JSON; file
//! descriptors travel beside a frame, and only from the host to the worker. Typed both ways, bounded
//! in size, and never blocking the host for longer than it allows.
//!
//! Nothing here trusts the other side, and nothing here knows what the words mean: see `words`.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::limits;

/// Frames that break the rules.
#[derive(Debug, thiserror::Error)]
pub(super) enum FrameError {
    #[error("a frame of {bytes} bytes, more than {limit}")]
    TooLarge { bytes: usize, limit: usize },
    #[error("a frame that makes no sense: {0}")]
    Nonsense(#[from] serde_json::Error),
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// `message` as it goes over the wire.
pub(super) fn encode<M: Serialize>(message: &M) -> Result<Vec<u8>, FrameError> {
    let mut frame = vec![0; 4];
    serde_json::to_writer(&mut frame, message)?;
    let bytes = frame.len() - 4;
    if bytes > limits::FRAME_BYTES {
        return Err(FrameError::TooLarge { bytes, limit: limits::FRAME_BYTES });
    }
    frame[..4].copy_from_slice(&(bytes as u32).to_le_bytes());
    Ok(frame)
}

/// Sends an encoded frame and the descriptors beside it, all of it until `deadline`, where there is
/// one.
pub(super) fn send(
    socket: BorrowedFd<'_>,
    frame: &[u8],
    descriptors: &[BorrowedFd<'_>],
    deadline: Option<Instant>,
) -> io::Result<()> {
    if descriptors.len() > limits::DESCRIPTORS {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut flags = SendFlags::empty();
    #[cfg(not(target_vendor = "apple"))]
    flags.insert(SendFlags::NOSIGNAL);
    if deadline.is_some() {
        flags.insert(SendFlags::DONTWAIT);
    }
    let mut sent = 0;
    while sent < frame.len() {
        let mut space =
            [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(limits::DESCRIPTORS))];
        let mut beside = SendAncillaryBuffer::new(&mut space);
        // The descriptors go with the first byte, where the reader looks for them.
        if sent == 0 && !descriptors.is_empty() {
            beside.push(SendAncillaryMessage::ScmRights(descriptors));
        }
        match rustix::net::sendmsg(socket, &[IoSlice::new(&frame[sent..])], &mut beside, flags) {
            Ok(count) => sent += count,
            Err(rustix::io::Errno::INTR) => {}
            Err(rustix::io::Errno::AGAIN) => {
                let left =
                    deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
                if left.is_some_and(|left| left.is_zero()) {
                    return Err(io::ErrorKind::TimedOut.into());
                }
                wait(&mut [PollFd::from_borrowed_fd(socket, PollFlags::OUT)], left)?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Waits until one of `watched` is ready or `timeout` has passed; without one for ever.
pub(super) fn wait(watched: &mut [PollFd<'_>], timeout: Option<Duration>) -> io::Result<()> {
    let timeout = timeout.map(|timeout| Timespec {
        // Long enough for anybody, and inside the range of every system.
        tv_sec: i64::try_from(timeout.as_secs()).unwrap_or(i64::MAX).min(1 << 24),
        tv_nsec: timeout.subsec_nanos().into(),
    });
    match rustix::event::poll(watched, timeout.as_ref()) {
        Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// What one look at the socket gave.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Filled {
    /// More bytes.
    Some,
    /// None right now.
    Nothing,
    /// None ever again.
    End,
}

/// The host's reading half: never blocks, takes no descriptors, and keeps what is not yet a frame.
#[derive(Debug)]
pub(super) struct Inbox {
    bytes: Vec<u8>,
    start: usize,
    limit: usize,
}

impl Inbox {
    /// Empty, for frames up to `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        Inbox { bytes: Vec::new(), start: 0, limit }
    }

    /// From now on frames are at most `limit` bytes.
    pub(super) fn limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// Takes what the socket has, up to a bound, so that the caller looks at its clock now and then.
    pub(super) fn fill(&mut self, socket: BorrowedFd<'_>) -> io::Result<Filled> {
        if self.start > 0 {
            self.bytes.drain(..self.start);
            self.start = 0;
        }
        let mut chunk = [0; 16 << 10];
        // Without room for descriptors the kernel closes any that a worker might send.
        match rustix::net::recv(socket, &mut chunk[..], RecvFlags::DONTWAIT) {
            Ok((0, _)) | Err(rustix::io::Errno::CONNRESET) => Ok(Filled::End),
            Ok((count, _)) => {
                self.bytes.extend_from_slice(&chunk[..count]);
                Ok(Filled::Some)
            }
            Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => Ok(Filled::Nothing),
            Err(error) => Err(error.into()),
        }
    }

    /// The next whole frame.
    pub(super) fn next<M: DeserializeOwned>(&mut self) -> Result<Option<M>, FrameError> {
        let waiting = &self.bytes[self.start..];
        let Some((length, rest)) = waiting.split_first_chunk::<4>() else { return Ok(None) };
        let bytes = u32::from_le_bytes(*length) as usize;
        if bytes > self.limit {
            return Err(FrameError::TooLarge { bytes, limit: self.limit });
        }
        let Some(body) = rest.get(..bytes) else { return Ok(None) };
        let message = serde_json::from_slice(body)?;
        self.start += 4 + bytes;
        Ok(Some(message))
    }
}

/// The worker's reading half: waits for a whole frame and takes the descriptors beside it. `None` at
/// the end.
pub(super) fn receive<M: DeserializeOwned>(
    socket: BorrowedFd<'_>,
) -> Result<Option<(M, Vec<OwnedFd>)>, FrameError> {
    let mut descriptors = Vec::new();
    let mut length = [0; 4];
    if !receive_exactly(socket, &mut length, &mut descriptors)? {
        return Ok(None);
    }
    let bytes = u32::from_le_bytes(length) as usize;
    if bytes > limits::FRAME_BYTES {
        return Err(FrameError::TooLarge { bytes, limit: limits::FRAME_BYTES });
    }
    let mut body = vec![0; bytes];
    if !receive_exactly(socket, &mut body, &mut descriptors)? {
        return Ok(None);
    }
    Ok(Some((serde_json::from_slice(&body)?, descriptors)))
}

/// Whether `target` was filled before the end.
fn receive_exactly(
    socket: BorrowedFd<'_>,
    target: &mut [u8],
    descriptors: &mut Vec<OwnedFd>,
) -> io::Result<bool> {
    let mut flags = RecvFlags::empty();
    #[cfg(not(target_vendor = "apple"))]
    flags.insert(RecvFlags::CMSG_CLOEXEC);
    let mut done = 0;
    while done < target.len() {
        let mut space =
            [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(limits::DESCRIPTORS))];
        let mut beside = RecvAncillaryBuffer::new(&mut space);
        let mut slices = [IoSliceMut::new(&mut target[done..])];
        match rustix::net::recvmsg(socket, &mut slices, &mut beside, flags) {
            Ok(received) if received.bytes == 0 => return Ok(false),
            Ok(received) => done += received.bytes,
            Err(rustix::io::Errno::INTR) => continue,
            Err(rustix::io::Errno::CONNRESET) => return Ok(false),
            Err(error) => return Err(error.into()),
        }
        for message in beside.drain() {
            if let RecvAncillaryMessage::ScmRights(received) = message {
                descriptors.extend(received);
            }
        }
    }
    #[cfg(target_vendor = "apple")]
    for descriptor in descriptors.iter() {
        rustix::io::fcntl_setfd(descriptor, rustix::io::FdFlags::CLOEXEC)?;
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::fd::AsFd;
    use std::os::unix::net::UnixStream;

    use super::*;
    use crate::worker::words::{ToHost, ToWorker};

    fn done(run: u64) -> ToHost {
        ToHost::Done { run, status: 0, text: None, failure: None, dropped_lines: 0 }
    }

    fn run_of(message: Option<ToHost>) -> Option<u64> {
        match message? {
            ToHost::Done { run, .. } => Some(run),
            _ => None,
        }
    }

    #[test]
    fn frames_arrive_however_they_are_cut() {
        let (mut from, to) = UnixStream::pair().unwrap();
        let mut inbox = Inbox::new(1000);
        assert_eq!(inbox.fill(to.as_fd()).unwrap(), Filled::Nothing);
        let mut bytes = encode(&done(1)).unwrap();
        bytes.extend(encode(&done(2)).unwrap());
        for (index, byte) in bytes.iter().enumerate() {
            assert!(index == bytes.len() / 2 || inbox.next::<ToHost>().unwrap().is_none());
            from.write_all(&[*byte]).unwrap();
            assert_eq!(inbox.fill(to.as_fd()).unwrap(), Filled::Some);
            if index + 1 == bytes.len() / 2 {
                assert_eq!(run_of(inbox.next().unwrap()), Some(1));
            }
        }
        assert_eq!(run_of(inbox.next().unwrap()), Some(2));
        drop(from);
        assert_eq!(inbox.fill(to.as_fd()).unwrap(), Filled::End);
    }

    #[test]
    fn oversized_and_senseless_frames_are_errors() {
        for (bytes, oversized) in [
            (u32::MAX.to_le_bytes().to_vec(), true),
            (1001_u32.to_le_bytes().to_vec(), true),
            (b"\x02\0\0\0{]".to_vec(), false),
            (b"\x0e\0\0\0{\"kind\":\"boo\"}".to_vec(), false),
            (b"\x00\0\0\0".to_vec(), false),
        ] {
            let (mut from, to) = UnixStream::pair().unwrap();
            from.write_all(&bytes).unwrap();
            let mut inbox = Inbox::new(1000);
            inbox.fill(to.as_fd()).unwrap();
            let error = inbox.next::<ToHost>().unwrap_err();
            assert_eq!(matches!(error, FrameError::TooLarge { .. }), oversized, "{error}");
        }
    }

    #[test]
    fn descriptors_travel_beside_their_frame() {
        let (host, worker) = UnixStream::pair().unwrap();
        let (mut end, other_end) = UnixStream::pair().unwrap();
        let frames = [
            (ToWorker::Close, vec![]),
            (ToWorker::Cancel { run: 1 }, vec![other_end.as_fd(), other_end.as_fd()]),
            (ToWorker::Cancel { run: 2 }, vec![]),
        ];
        for (frame, descriptors) in &frames {
            send(host.as_fd(), &encode(frame).unwrap(), descriptors, None).unwrap();
        }
        let counts: Vec<usize> = (0..3)
            .map(|_| receive::<ToWorker>(worker.as_fd()).unwrap().unwrap())
            .map(|(_, descriptors)| {
                for descriptor in &descriptors {
                    rustix::io::write(descriptor, b"x").unwrap();
                }
                descriptors.len()
            })
            .collect();
        assert_eq!(counts, [0, 2, 0]);
        let mut text = [0; 2];
        std::io::Read::read_exact(&mut end, &mut text).unwrap();
        assert_eq!(&text, b"xx");
        drop(host);
        assert!(receive::<ToWorker>(worker.as_fd()).unwrap().is_none());
    }

    #[test]
    fn a_reader_that_does_not_read_is_found_out() {
        let (host, _worker) = UnixStream::pair().unwrap();
        let frame = encode(&ToWorker::Open { config: "x".repeat(3 << 20) }).unwrap();
        let deadline = Instant::now() + Duration::from_millis(50);
        let error = send(host.as_fd(), &frame, &[], Some(deadline)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        let large = ToWorker::Open { config: "x".repeat(limits::FRAME_BYTES) };
        assert!(matches!(encode(&large), Err(FrameError::TooLarge { .. })));
    }
}
