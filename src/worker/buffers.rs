//! Memory that is used again: a page that was never touched costs the kernel more than copying its
//! content, so buffers of finished pictures wait here for the next one. One pool serves one backend:
//! what a worker has once seen may be shown to it again, and never to another.

use std::fmt;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::error::ImageError;
use super::shared::{self, Mapping};

/// How much a pool keeps when nobody uses it.
const KEPT_BYTES: usize = 256 << 20;

/// Shared memory and this process's view of it.
#[derive(Debug)]
pub(super) struct Memory {
    // Empty only while the value is being dropped.
    parts: Option<Parts>,
    // The pool it came from, which may be gone; `None`: from none, so it holds nothing but its picture.
    home: Option<Weak<Shelf>>,
}

#[derive(Debug)]
struct Parts {
    file: OwnedFd,
    mapping: Mapping,
}

impl Memory {
    /// New memory of at least `bytes`, written by this process only, all zero.
    pub(super) fn new(bytes: usize) -> Result<Self, ImageError> {
        let make = || -> io::Result<Parts> {
            let whole = shared::page_up(bytes).ok_or(io::ErrorKind::OutOfMemory)?;
            let file = shared::create(whole)?;
            let mapping = Mapping::writable(&file, 0, whole, false)?;
            shared::seal_new_writers(&file)?;
            Ok(Parts { file, mapping })
        };
        match make() {
            Ok(parts) => Ok(Memory { parts: Some(parts), home: None }),
            Err(source) => Err(ImageError::Memory { bytes: bytes as u64, source }),
        }
    }

    /// The memory of a file that nobody writes any more, `length` bytes from its start.
    pub(super) fn of_file(file: OwnedFd, length: usize) -> Result<Self, ImageError> {
        match Mapping::read_only(&file, 0, length, false) {
            Ok(mapping) => Ok(Memory { parts: Some(Parts { file, mapping }), home: None }),
            Err(source) => Err(ImageError::Memory { bytes: length as u64, source }),
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.parts.as_ref().map_or(&[], |parts| parts.mapping.bytes())
    }

    pub(super) fn bytes_mut(&mut self) -> Option<&mut [u8]> {
        self.parts.as_mut().and_then(|parts| parts.mapping.bytes_mut())
    }

    pub(super) fn file(&self) -> Option<&OwnedFd> {
        self.parts.as_ref().map(|parts| &parts.file)
    }

    /// Whether the memory may be shown to a worker that uses `pool`: it holds nothing but its own
    /// picture, or only what that worker's backend has seen anyway.
    pub(super) fn may_be_seen_by(&self, pool: &BufferPool) -> bool {
        self.home.as_ref().is_none_or(|home| home.ptr_eq(&Arc::downgrade(&pool.0)))
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        let shelf = self.home.as_ref().and_then(Weak::upgrade);
        if let (Some(shelf), Some(parts)) = (shelf, self.parts.take()) {
            shelf.put_back(parts, Instant::now());
        }
    }
}

/// Buffers that wait to be used again; clones share them.
#[derive(Clone, Default)]
pub struct BufferPool(Arc<Shelf>);

#[derive(Debug, Default)]
struct Shelf {
    free: Mutex<Vec<(Parts, Instant)>>,
}

impl Shelf {
    fn free(&self) -> MutexGuard<'_, Vec<(Parts, Instant)>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put_back(&self, parts: Parts, now: Instant) {
        let mut dropped = Vec::new();
        let mut free = self.free();
        free.push((parts, now));
        let mut bytes: usize = free.iter().map(|(parts, _)| parts.mapping.length()).sum();
        while bytes > KEPT_BYTES {
            let oldest = free.remove(0);
            bytes -= oldest.0.mapping.length();
            dropped.push(oldest);
        }
        // Giving pages back takes long: not under the lock.
        drop(free);
        drop(dropped);
    }
}

impl BufferPool {
    /// A pool without any buffer.
    pub fn new() -> Self {
        BufferPool::default()
    }

    /// At least `bytes`, which hold zeros or whatever an earlier picture left there.
    pub(super) fn take(&self, bytes: usize) -> Result<Memory, ImageError> {
        let most = bytes.saturating_mul(2).max(bytes.saturating_add(1 << 16));
        let found = {
            let mut free = self.0.free();
            let fitting = free
                .iter()
                .enumerate()
                .filter(|(_, (parts, _))| (bytes..=most).contains(&parts.mapping.length()))
                .min_by_key(|(_, (parts, _))| parts.mapping.length())
                .map(|(index, _)| index);
            fitting.map(|index| free.remove(index).0)
        };
        let home = Some(Arc::downgrade(&self.0));
        if let Some(parts) = found {
            return Ok(Memory { parts: Some(parts), home });
        }
        let mut memory = Memory::new(bytes)?;
        memory.home = home;
        Ok(memory)
    }

    /// Gives back to the system what nobody used for `idle` until `now`.
    pub fn trim(&self, now: Instant, idle: Duration) {
        let mut free = self.0.free();
        let (old, kept): (Vec<_>, Vec<_>) = std::mem::take(&mut *free)
            .into_iter()
            .partition(|(_, since)| now.saturating_duration_since(*since) >= idle);
        *free = kept;
        drop(free);
        drop(old);
    }

    /// How many bytes wait to be used again.
    pub fn kept_bytes(&self) -> usize {
        self.0.free().iter().map(|(parts, _)| parts.mapping.length()).sum()
    }
}

impl fmt::Debug for BufferPool {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("BufferPool").field("kept_bytes", &self.kept_bytes()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_comes_back_and_is_used_again() {
        let pool = BufferPool::new();
        let mut memory = pool.take(100_000).unwrap();
        memory.bytes_mut().unwrap()[5] = 9;
        assert_eq!(pool.kept_bytes(), 0);
        drop(memory);
        assert!(pool.kept_bytes() >= 100_000);
        let memory = pool.take(90_000).unwrap();
        assert_eq!(memory.bytes()[5], 9, "the same pages");
        assert_eq!(pool.kept_bytes(), 0);
    }

    #[test]
    fn a_buffer_far_too_large_is_left_alone() {
        let pool = BufferPool::new();
        drop(pool.take(1 << 20).unwrap());
        let small = pool.take(1 << 12).unwrap();
        assert!(small.bytes().len() < 1 << 20);
        assert_eq!(pool.kept_bytes(), 1 << 20);
    }

    #[test]
    fn idle_buffers_are_given_back() {
        let pool = BufferPool::new();
        drop(pool.take(8192).unwrap());
        let now = Instant::now();
        pool.trim(now, Duration::from_secs(5));
        assert_eq!(pool.kept_bytes(), 8192);
        pool.trim(now + Duration::from_secs(6), Duration::from_secs(5));
        assert_eq!(pool.kept_bytes(), 0);
    }

    #[test]
    fn a_pool_keeps_no_more_than_it_may() {
        let pool = BufferPool::new();
        let all: Vec<_> = (0..3).map(|_| pool.take(KEPT_BYTES / 2).unwrap()).collect();
        drop(all);
        assert_eq!(pool.kept_bytes(), KEPT_BYTES);
    }

    #[test]
    fn what_one_backend_saw_is_not_for_another() {
        let (pool, other) = (BufferPool::new(), BufferPool::new());
        let memory = pool.take(4096).unwrap();
        assert!(memory.may_be_seen_by(&pool));
        assert!(!memory.may_be_seen_by(&other));
        assert!(Memory::new(4096).unwrap().may_be_seen_by(&other));
        drop(pool);
        assert!(!memory.may_be_seen_by(&other), "also when its pool is gone");
    }
}
