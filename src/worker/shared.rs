//! Memory that two processes see: creating it, sealing it, mapping it between guard pages, fencing
//! off an address once its mapping is gone. The lowest layer, and with the child's the only one
//! with `unsafe`; it knows bytes and pages, and nothing of pictures, frames or workers.
//!
//! On Linux the memory is a memfd whose size is sealed, so that no holder of the descriptor can
//! shrink it under a reader. Elsewhere on Unix it is an unlinked temporary file without seals, and
//! what a worker wrote is copied before it is used.

#![expect(unsafe_code, reason = "maps memory shared with another process")]

use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::ptr;

use rustix::mm::{MapFlags, ProtFlags};

/// The alignment of every picture's first byte.
pub(super) const PIXEL_ALIGNMENT: usize = 64;
/// Large mappings start at a multiple of this, so that the kernel can use large pages where it will.
const LARGE_ALIGNMENT: usize = 2 << 20;
/// The most address space that is kept fenced; nothing but numbers is kept for it.
const FENCED_BYTES: usize = if usize::BITS > 32 { 1 << 40 } else { 64 << 20 };

/// `bytes` rounded up to whole pages; `None` on overflow.
pub(super) fn page_up(bytes: usize) -> Option<usize> {
    bytes.checked_next_multiple_of(rustix::param::page_size())
}

/// `offset` rounded down to a page's start.
pub(super) fn page_down(offset: usize) -> usize {
    offset - offset % rustix::param::page_size()
}

/// New shared memory of `bytes`, all zero, whose size can no longer be changed.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn create(bytes: usize) -> io::Result<OwnedFd> {
    use rustix::fs::{MemfdFlags, SealFlags};
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    // Some kernels refuse memory without a word on executability, and older ones refuse the word.
    let file = rustix::fs::memfd_create(c"easel-pixels", flags | MemfdFlags::NOEXEC_SEAL)
        .or_else(|_| rustix::fs::memfd_create(c"easel-pixels", flags))?;
    rustix::fs::ftruncate(&file, bytes as u64)?;
    rustix::fs::fcntl_add_seals(&file, SealFlags::SHRINK | SealFlags::GROW)?;
    Ok(file)
}

/// New shared memory of `bytes`, all zero.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn create(bytes: usize) -> io::Result<OwnedFd> {
    use std::os::unix::fs::OpenOptionsExt;
    use std::sync::atomic::{AtomicU64, Ordering};
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("easel-pixels-{}-{number}", std::process::id());
    let path = std::env::temp_dir().join(name);
    let mut options = std::fs::OpenOptions::new();
    let file = options.read(true).write(true).create_new(true).mode(0o600).open(&path)?;
    std::fs::remove_file(&path)?;
    file.set_len(bytes as u64)?;
    Ok(file.into())
}

/// From now on nobody but the mappings that exist can write. For memory that the host fills and a
/// worker reads.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn seal_new_writers(file: &OwnedFd) -> io::Result<()> {
    use rustix::fs::SealFlags;
    Ok(rustix::fs::fcntl_add_seals(file, SealFlags::FUTURE_WRITE | SealFlags::SEAL)?)
}

/// Without seals there is nothing to do; the worker is still given a read-only mapping.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn seal_new_writers(_file: &OwnedFd) -> io::Result<()> {
    Ok(())
}

/// From now on nobody can write at all. Fails while any process has the memory mapped for writing,
/// which is how a worker that keeps an output is found out.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn seal_writing(file: &OwnedFd) -> io::Result<()> {
    use rustix::fs::SealFlags;
    Ok(rustix::fs::fcntl_add_seals(file, SealFlags::WRITE | SealFlags::SEAL)?)
}

/// There are no seals here, so the caller has to copy.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn seal_writing(_file: &OwnedFd) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Whether this system has seals at all; where not, a failure to seal says nothing about a worker.
pub(super) const HAS_SEALS: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// Pages of a file in memory, with a page before and after that nobody can touch.
#[derive(Debug)]
pub(super) struct Mapping {
    base: *mut u8,
    reserved: usize,
    start: *mut u8,
    length: usize,
    writable: bool,
}

// SAFETY: a mapping is plain memory that belongs to no thread; writing needs `&mut`.
unsafe impl Send for Mapping {}
// SAFETY: as above; `&Mapping` only reads.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// `length` bytes of `file` from `offset`, for reading and writing, seen by every other holder.
    /// `offset` and `length` are whole pages. `populate` finds the pages now, all at once, which
    /// costs less than one fault for each when all of them will be written.
    pub(super) fn writable(
        file: impl AsFd,
        offset: usize,
        length: usize,
        populate: bool,
    ) -> io::Result<Self> {
        Mapping::new(file, offset, length, true, populate)
    }

    /// `length` bytes of `file` from `offset`, for reading only. `offset` is a whole page and the
    /// range lies inside the file.
    pub(super) fn read_only(
        file: impl AsFd,
        offset: usize,
        length: usize,
        populate: bool,
    ) -> io::Result<Self> {
        Mapping::new(file, offset, length, false, populate)
    }

    fn new(
        file: impl AsFd,
        offset: usize,
        length: usize,
        writable: bool,
        populate: bool,
    ) -> io::Result<Self> {
        let page = rustix::param::page_size();
        let too_large = || io::Error::from(io::ErrorKind::OutOfMemory);
        let whole = page_up(length).filter(|_| length > 0).ok_or_else(too_large)?;
        let alignment = if whole >= LARGE_ALIGNMENT { LARGE_ALIGNMENT } else { page };
        let reserved = whole.checked_add(alignment + 2 * page).ok_or_else(too_large)?;
        // SAFETY: the kernel picks an unused range; inaccessible pages disturb nobody.
        let base = unsafe {
            rustix::mm::mmap_anonymous(
                ptr::null_mut(),
                reserved,
                ProtFlags::empty(),
                MapFlags::PRIVATE | MapFlags::NORESERVE,
            )
        }?
        .cast::<u8>();
        let mut mapping = Mapping { base, reserved, start: base, length, writable };
        let lead = (base as usize + page).next_multiple_of(alignment) - base as usize;
        // SAFETY: `lead + whole + page <= reserved`, since `lead < page + alignment`.
        mapping.start = unsafe { base.add(lead) };
        let (protection, mut flags) = if writable {
            (ProtFlags::READ | ProtFlags::WRITE, MapFlags::SHARED)
        } else {
            // Private, since kernels before 6.7 refuse to share memory that is sealed for writing,
            // even for reading. Without writes it is the same memory.
            (ProtFlags::READ, MapFlags::PRIVATE)
        };
        flags |= MapFlags::FIXED;
        #[cfg(any(target_os = "linux", target_os = "android"))]
        if populate {
            flags |= MapFlags::POPULATE;
        }
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        let _ = populate;
        // SAFETY: the range lies inside the reservation above, which belongs to `mapping` alone, so
        // replacing it takes nothing from anybody.
        unsafe {
            rustix::mm::mmap(
                mapping.start.cast(),
                length,
                protection,
                flags,
                file.as_fd(),
                offset as u64,
            )
        }?;
        Ok(mapping)
    }

    /// The first byte. For handing to a backend: whether it may be written is the mapping's kind.
    pub(super) fn as_ptr(&self) -> *mut u8 {
        self.start
    }

    /// How many bytes are mapped.
    pub(super) fn length(&self) -> usize {
        self.length
    }

    /// The bytes. The caller has seen to it that no other process can write them: memory of the
    /// host's own is sealed against new writers, a worker's output against all.
    pub(super) fn bytes(&self) -> &[u8] {
        // SAFETY: `length` bytes are mapped and readable for as long as `self` lives.
        unsafe { std::slice::from_raw_parts(self.start, self.length) }
    }

    /// The bytes for writing, `None` where they were mapped for reading. The same condition.
    pub(super) fn bytes_mut(&mut self) -> Option<&mut [u8]> {
        // SAFETY: `length` bytes are mapped, writable as checked, and `&mut self` makes this the
        // only reference.
        self.writable.then(|| unsafe { std::slice::from_raw_parts_mut(self.start, self.length) })
    }

    /// Takes the pages away but keeps the addresses, so that whoever still holds a pointer crashes
    /// instead of writing into whatever would be mapped there next.
    pub(super) fn fence(self) -> Fence {
        let mapping = std::mem::ManuallyDrop::new(self);
        let fence = Fence { base: mapping.base, reserved: mapping.reserved };
        // SAFETY: the range was this mapping's own, and after `ManuallyDrop` only `fence` has it.
        let fenced = unsafe {
            rustix::mm::mmap_anonymous(
                mapping.start.cast(),
                mapping.length,
                ProtFlags::empty(),
                MapFlags::PRIVATE | MapFlags::NORESERVE | MapFlags::FIXED,
            )
        };
        if fenced.is_err() {
            // SAFETY: as above; without a fence the pages at least have to go.
            let _ = unsafe { rustix::mm::munmap(mapping.start.cast(), mapping.length) };
        }
        fence
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: the whole reservation is this mapping's own, and nobody can hold a reference.
        let _ = unsafe { rustix::mm::munmap(self.base.cast(), self.reserved) };
    }
}

/// Addresses that are never used again while it lives.
#[derive(Debug)]
pub(super) struct Fence {
    base: *mut u8,
    reserved: usize,
}

// SAFETY: a range of addresses without memory belongs to no thread.
unsafe impl Send for Fence {}

impl Drop for Fence {
    fn drop(&mut self) {
        // SAFETY: the range is the fence's own and nothing lies in it.
        let _ = unsafe { rustix::mm::munmap(self.base.cast(), self.reserved) };
    }
}

/// The fences of a process, the oldest given back when there are too many.
#[derive(Debug, Default)]
pub(super) struct Fences {
    fences: VecDeque<Fence>,
    bytes: usize,
}

impl Fences {
    /// Keeps one more.
    pub(super) fn keep(&mut self, fence: Fence) {
        self.bytes = self.bytes.saturating_add(fence.reserved);
        self.fences.push_back(fence);
        while self.bytes > FENCED_BYTES {
            let Some(oldest) = self.fences.pop_front() else { break };
            self.bytes -= oldest.reserved;
        }
    }
}

/// Reads exactly `target.len()` bytes of `file` from `offset`, without mapping it: well defined even
/// while another process writes there.
pub(super) fn read_at(file: impl AsFd, target: &mut [u8], offset: u64) -> io::Result<()> {
    let mut done = 0;
    while done < target.len() {
        match rustix::io::pread(file.as_fd(), &mut target[done..], offset + done as u64) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => done += count,
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_mapping_writes_another_reads() {
        let page = rustix::param::page_size();
        for length in [1, page - 1, page, page + 1, LARGE_ALIGNMENT + 1] {
            let whole = page_up(length).unwrap();
            let file = create(whole).unwrap();
            let mut writer = Mapping::writable(&file, 0, whole, length % 2 == 0).unwrap();
            writer.bytes_mut().unwrap()[length - 1] = 7;
            let reader = Mapping::read_only(&file, 0, whole, false).unwrap();
            assert_eq!(reader.bytes()[length - 1], 7);
            let mut copy = vec![0; length];
            read_at(&file, &mut copy, 0).unwrap();
            assert_eq!(copy[length - 1], 7);
            assert_eq!(copy.iter().filter(|byte| **byte != 0).count(), 1);
        }
    }

    #[test]
    fn reading_past_the_end_is_an_error() {
        let file = create(4096).unwrap();
        assert!(read_at(&file, &mut [0; 8], 4092).is_err());
    }

    #[test]
    fn impossible_sizes_are_errors() {
        let file = create(4096).unwrap();
        assert!(Mapping::writable(&file, 0, 0, false).is_err());
        assert!(Mapping::writable(&file, 0, usize::MAX, false).is_err());
        assert!(Mapping::writable(&file, 0, usize::MAX - 8192, false).is_err());
        assert_eq!(page_up(usize::MAX), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_size_is_sealed() {
        let file = create(8192).unwrap();
        assert!(rustix::fs::ftruncate(&file, 4096).is_err());
        assert!(rustix::fs::ftruncate(&file, 16384).is_err());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn no_new_writer_after_the_seal_but_the_old_one_goes_on() {
        let file = create(4096).unwrap();
        let mut writer = Mapping::writable(&file, 0, 4096, false).unwrap();
        seal_new_writers(&file).unwrap();
        assert!(Mapping::writable(&file, 0, 4096, false).is_err());
        assert!(rustix::io::pwrite(&file, b"x", 0).is_err());
        writer.bytes_mut().unwrap()[0] = 1;
        assert_eq!(Mapping::read_only(&file, 0, 4096, false).unwrap().bytes()[0], 1);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_kept_mapping_prevents_the_seal_and_a_fence_does_not() {
        let file = create(4096).unwrap();
        let kept = Mapping::writable(&file, 0, 4096, false).unwrap();
        assert!(seal_writing(&file).is_err());
        let fence = kept.fence();
        seal_writing(&file).unwrap();
        assert!(rustix::io::pwrite(&file, b"x", 0).is_err());
        assert!(Mapping::read_only(&file, 0, 4096, false).is_ok());
        let mut fences = Fences::default();
        fences.keep(fence);
        assert_eq!(fences.fences.len(), 1);
    }

    #[test]
    fn a_read_only_mapping_gives_no_mutable_bytes() {
        let file = create(4096).unwrap();
        assert!(Mapping::read_only(&file, 0, 4096, false).unwrap().bytes_mut().is_none());
    }
}
