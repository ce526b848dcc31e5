//! Structs of every length, read from exactly as many bytes as they state.

#![expect(unsafe_code, reason = "the function under test reads raw memory")]

use easel_backend_abi::{EaselBackend, EaselImage, EaselPreview, Table, read};

/// Reads a `T` from the words alone: a read beyond them would be a read beyond the allocation.
fn read_words<T: Table>(words: &[u64]) -> Option<T> {
    // SAFETY: every test states no more bytes than the slice has, and a slice of `u64` is aligned.
    unsafe { read(words.as_ptr().cast::<T>()) }
}

fn header(size: u32, second: u32) -> u64 {
    u64::from(size) | (u64::from(second) << 32)
}

#[test]
fn what_a_shorter_table_lacks_is_absent() {
    let table: EaselBackend = read_words(&[header(16, 1), 7]).unwrap();
    assert_eq!((table.size, table.abi_major, table.abi_minor), (16, 1, 7));
    assert!(table.describe.is_none() && table.open.is_none() && table.run.is_none());
}

#[test]
fn what_a_longer_struct_adds_is_ignored() {
    let words = [header(64, 2), header(3, 4), 12, 0, 0, 0, u64::MAX, u64::MAX];
    let image: EaselImage = read_words(&words).unwrap();
    assert_eq!((image.format, image.width, image.height, image.stride), (2, 3, 4, 12));
    assert_eq!(image.icc_bytes, 0);
}

#[test]
fn a_size_that_no_sizeof_gives_is_refused() {
    for size in [0, 1, 3, 4, 12, 15] {
        assert!(read_words::<EaselPreview>(&[header(size, 0), u64::MAX]).is_none(), "{size}");
    }
}

#[test]
fn null_and_misaligned_pointers_are_refused() {
    // SAFETY: neither pointer may be followed, and neither is.
    unsafe {
        assert!(read::<EaselImage>(std::ptr::null()).is_none());
        assert!(read::<EaselImage>(std::ptr::without_provenance(4097)).is_none());
    }
}

#[test]
fn pixel_sizes() {
    use easel_backend_abi::*;
    let sizes = [EASEL_GRAY8, EASEL_RGBA8, EASEL_RGBA16, EASEL_RGBAF32, 0, 5].map(bytes_per_pixel);
    assert_eq!(sizes, [Some(1), Some(4), Some(8), Some(16), None, None]);
}
