//! Reading a struct from the other side of the border, which may be older (shorter) or newer (longer)
//! than ours. What it lacks reads as zero: a null pointer, a `None` function, the number 0.
//! It never reads beyond the `size` that the struct states, and never follows a pointer inside it.

#![expect(unsafe_code, reason = "reads structs of a size that only the other side knows")]

use core::mem::MaybeUninit;

use crate::{
    EaselBackend, EaselCheckpoint, EaselHost, EaselHttp, EaselHttpRequest, EaselHttpResponse,
    EaselImage, EaselPreview, EaselReport, EaselRequest,
};

/// A struct that starts with its `size` in bytes and may grow.
///
/// # Safety
///
/// The type is `#[repr(C)]`, its first field is a `u32` with its size, and all bytes zero make a
/// valid value of it.
pub unsafe trait Table: Copy {}

macro_rules! tables {
    ($($name:ty),* $(,)?) => {
        $(
            // SAFETY: `size: u32` comes first; the rest is numbers, raw pointers and optional
            // function pointers, for all of which zero is a value.
            unsafe impl Table for $name {}
        )*
    };
}

tables!(
    EaselImage,
    EaselRequest,
    EaselHost,
    EaselBackend,
    EaselCheckpoint,
    EaselPreview,
    EaselHttp,
    EaselHttpResponse,
    EaselHttpRequest,
    EaselReport,
);

/// A copy of the struct at `pointer` in which the fields that it lacks are zero. `size` stays as
/// stated by the other side. `None` where the pointer is null or not aligned for the type, and where
/// `size` is nothing that `sizeof` gives: 0, or a number that would cut a pointer in half.
///
/// # Safety
///
/// A pointer that is neither null nor misaligned points to as many readable bytes as its first four
/// state, and nobody writes there meanwhile.
pub unsafe fn read<T: Table>(pointer: *const T) -> Option<T> {
    if pointer.is_null() || !pointer.is_aligned() {
        return None;
    }
    // SAFETY: the pointer is aligned, and by the caller's promise at least `size` itself is readable.
    let size = unsafe { pointer.cast::<u32>().read() } as usize;
    if size == 0 || !size.is_multiple_of(align_of::<T>()) {
        return None;
    }
    let mut value = MaybeUninit::<T>::zeroed();
    // SAFETY: `size` bytes are readable by the caller's promise, `size_of::<T>()` are writable, the
    // two do not overlap, and zeros beyond what was copied are valid by the promise of `Table`.
    unsafe {
        pointer
            .cast::<u8>()
            .copy_to_nonoverlapping(value.as_mut_ptr().cast(), size.min(size_of::<T>()));
        Some(value.assume_init())
    }
}
