//! A picture in shared memory: its shape, which is checked once and for all, and its bytes. What a
//! worker is given and what it gives back. It never converts a pixel.

use std::fmt;
use std::fs::File;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::sync::Arc;

use easel_backend_abi as abi;
use easel_protocol::picture::PixelFormat;
use serde::{Deserialize, Serialize};

use super::buffers::{BufferPool, Memory};
use super::error::ImageError;
use super::limits;
use super::shared::{self, PIXEL_ALIGNMENT};

/// How many bytes a pixel of `format` takes.
pub const fn bytes_per_pixel(format: PixelFormat) -> usize {
    format.bytes_per_pixel() as usize
}

/// The number that the ABI has for `format`; `None` for those that only editors use.
pub(super) const fn abi_format(format: PixelFormat) -> Option<u32> {
    match format {
        PixelFormat::Gray8 => Some(abi::EASEL_GRAY8),
        PixelFormat::Rgba8 => Some(abi::EASEL_RGBA8),
        PixelFormat::Rgba16 => Some(abi::EASEL_RGBA16),
        PixelFormat::Rgbaf32 => Some(abi::EASEL_RGBAF32),
        _ => None,
    }
}

/// The format behind a number of the ABI.
pub(super) const fn format_of_abi(number: u32) -> Option<PixelFormat> {
    match number {
        abi::EASEL_GRAY8 => Some(PixelFormat::Gray8),
        abi::EASEL_RGBA8 => Some(PixelFormat::Rgba8),
        abi::EASEL_RGBA16 => Some(PixelFormat::Rgba16),
        abi::EASEL_RGBAF32 => Some(PixelFormat::Rgbaf32),
        _ => None,
    }
}

/// Where the pixels of a picture lie in a piece of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Shape {
    pub(super) format: PixelFormat,
    pub(super) width: u32,
    pub(super) height: u32,
    /// Bytes from the start of a row to the start of the next.
    pub(super) stride: u64,
    /// Bytes from the start of the memory to the first row.
    pub(super) offset: u64,
}

impl Shape {
    /// Rows without gaps, at the start of the memory.
    pub(super) fn tight(format: PixelFormat, width: u32, height: u32) -> Self {
        let stride = u64::from(width) * bytes_per_pixel(format) as u64;
        Shape { format, width, height, stride, offset: 0 }
    }

    /// The bytes from the first row's first to the last row's last, and from the memory's start to
    /// that last one: `(extent, end)`. An error where the numbers make no picture.
    pub(super) fn check(&self) -> Result<(usize, usize), ImageError> {
        let fail = |text: String| Err(ImageError::Shape(text));
        let (width, height) = (self.width, self.height);
        if !(1..=limits::SIDE).contains(&width) || !(1..=limits::SIDE).contains(&height) {
            return fail(format!("{width}x{height} is not from 1x1 to {0}x{0}", limits::SIDE));
        }
        let pixel = bytes_per_pixel(self.format) as u64;
        // At most 2^17 * 16: no overflow.
        let row = u64::from(width) * pixel;
        if self.stride < row || !self.stride.is_multiple_of(pixel) {
            return fail(format!("a stride of {} bytes for rows of {row}", self.stride));
        }
        if !self.offset.is_multiple_of(PIXEL_ALIGNMENT as u64) {
            return fail(format!("the first row is not {PIXEL_ALIGNMENT}-byte aligned"));
        }
        let extent =
            self.stride.checked_mul(u64::from(height) - 1).and_then(|it| it.checked_add(row));
        let end = extent.and_then(|extent| extent.checked_add(self.offset));
        // What fits `isize` also fits a slice.
        let fits = |bytes: Option<u64>| bytes.and_then(|bytes| isize::try_from(bytes).ok());
        match (fits(extent), fits(end)) {
            (Some(extent), Some(end)) => Ok((extent.cast_unsigned(), end.cast_unsigned())),
            _ => fail(format!(
                "{width}x{height} with a stride of {} bytes is too large",
                self.stride
            )),
        }
    }
}

/// A picture whose memory a worker can see without a copy. Clones share the memory.
#[derive(Clone)]
pub struct SharedImage {
    shape: Shape,
    extent: usize,
    memory: Arc<Memory>,
}

impl SharedImage {
    /// A new picture of zeros, rows without gaps, that this process can write.
    pub fn new(format: PixelFormat, width: u32, height: u32) -> Result<Self, ImageError> {
        let shape = Shape::tight(format, width, height);
        let (extent, end) = shape.check()?;
        Ok(SharedImage { shape, extent, memory: Arc::new(Memory::new(end)?) })
    }

    /// The same with `stride` bytes from row to row: at least those of a row, and whole pixels.
    pub fn with_stride(
        format: PixelFormat,
        width: u32,
        height: u32,
        stride: u64,
    ) -> Result<Self, ImageError> {
        let shape = Shape { stride, ..Shape::tight(format, width, height) };
        let (extent, end) = shape.check()?;
        Ok(SharedImage { shape, extent, memory: Arc::new(Memory::new(end)?) })
    }

    /// A new picture in memory that an earlier one may have used, **whose pixels it may still hold**:
    /// every byte has to be written. Much faster than [`SharedImage::new`] for large pictures. The
    /// pool is that of the backend the picture is meant for.
    pub fn new_in(
        pool: &BufferPool,
        format: PixelFormat,
        width: u32,
        height: u32,
    ) -> Result<Self, ImageError> {
        let shape = Shape::tight(format, width, height);
        let (extent, end) = shape.check()?;
        Ok(SharedImage { shape, extent, memory: Arc::new(pool.take(end)?) })
    }

    /// A copy of tightly packed rows; `pixels` has exactly the bytes of such a picture.
    pub fn from_bytes(
        format: PixelFormat,
        width: u32,
        height: u32,
        pixels: &[u8],
    ) -> Result<Self, ImageError> {
        let mut image = SharedImage::new(format, width, height)?;
        if pixels.len() != image.extent {
            return Err(ImageError::Shape(format!(
                "{} bytes for a picture of {}",
                pixels.len(),
                image.extent
            )));
        }
        image.bytes_mut()?.copy_from_slice(pixels);
        Ok(image)
    }

    /// The picture in a file that is never changed again, without reading it: the first row starts
    /// `offset` bytes into the file, a multiple of 64, and rows are `stride` bytes apart. The file
    /// has to be open for reading only, since a worker gets the same open file.
    pub fn from_file(
        file: File,
        offset: u64,
        format: PixelFormat,
        width: u32,
        height: u32,
        stride: u64,
    ) -> Result<Self, ImageError> {
        let shape = Shape { format, width, height, stride, offset };
        let (extent, end) = shape.check()?;
        let fail = |source| ImageError::Memory { bytes: end as u64, source };
        let length = file.metadata().map_err(fail)?.len();
        if length < end as u64 {
            // Touching a mapping beyond its file's end would be fatal.
            return Err(ImageError::Shape(format!(
                "the file has {length} bytes, and the picture ends at {end}"
            )));
        }
        let flags = rustix::fs::fcntl_getfl(&file).map_err(|error| fail(error.into()))?;
        if flags.intersection(rustix::fs::OFlags::ACCMODE) != rustix::fs::OFlags::RDONLY {
            return Err(ImageError::Shape("the file is open for writing".to_owned()));
        }
        let memory = Memory::of_file(OwnedFd::from(file), end)?;
        Ok(SharedImage { shape, extent, memory: Arc::new(memory) })
    }

    /// The picture at `shape` in memory that holds it.
    pub(super) fn of_memory(shape: Shape, memory: Memory) -> Result<Self, ImageError> {
        let (extent, end) = shape.check()?;
        if memory.bytes().len() < end {
            return Err(ImageError::Shape("the memory is smaller than the picture".to_owned()));
        }
        Ok(SharedImage { shape, extent, memory: Arc::new(memory) })
    }

    /// How the samples lie in memory.
    pub fn format(&self) -> PixelFormat {
        self.shape.format
    }

    /// Pixels across.
    pub fn width(&self) -> u32 {
        self.shape.width
    }

    /// Pixels down.
    pub fn height(&self) -> u32 {
        self.shape.height
    }

    /// Bytes from the start of a row to the start of the next.
    pub fn stride(&self) -> usize {
        self.shape.stride as usize
    }

    /// Whether rows follow each other without gaps.
    pub fn is_tight(&self) -> bool {
        self.stride() == self.row_bytes()
    }

    /// The bytes from the first row's first to the last row's last; 64-byte aligned. `stride` bytes
    /// a row, except that the last one ends with its pixels.
    pub fn bytes(&self) -> &[u8] {
        let start = self.shape.offset as usize;
        self.memory.bytes().get(start..start + self.extent).unwrap_or_default()
    }

    /// The same for writing; an error where the memory is read-only (a file, a worker's output) or
    /// where there is a clone.
    pub fn bytes_mut(&mut self) -> Result<&mut [u8], ImageError> {
        let range = self.shape.offset as usize..self.shape.offset as usize + self.extent;
        Arc::get_mut(&mut self.memory)
            .and_then(Memory::bytes_mut)
            .and_then(|bytes| bytes.get_mut(range))
            .ok_or(ImageError::Shared)
    }

    /// The pixels of row `y`, or nothing where there is no such row.
    pub fn row(&self, y: u32) -> &[u8] {
        if y >= self.shape.height {
            return &[];
        }
        let start = y as usize * self.stride();
        self.bytes().get(start..start + self.row_bytes()).unwrap_or_default()
    }

    fn row_bytes(&self) -> usize {
        self.shape.width as usize * bytes_per_pixel(self.shape.format)
    }

    pub(super) fn shape(&self) -> Shape {
        self.shape
    }

    /// The descriptor to send to a worker; `None` only for a picture that is being dropped.
    pub(super) fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        use std::os::fd::AsFd;
        self.memory.file().map(AsFd::as_fd)
    }

    /// This picture as a worker with `pool` may see it: itself, or a copy where its memory still
    /// holds rests of what another backend was given.
    pub(super) fn for_worker(&self, pool: &BufferPool) -> Result<Self, ImageError> {
        if self.memory.may_be_seen_by(pool) {
            return Ok(self.clone());
        }
        let tight = Shape::tight(self.shape.format, self.shape.width, self.shape.height);
        let mut copy = SharedImage::new_in(pool, tight.format, tight.width, tight.height)?;
        let row_bytes = self.row_bytes();
        for (y, row) in copy.bytes_mut()?.chunks_exact_mut(row_bytes).enumerate() {
            row.copy_from_slice(self.row(y as u32));
        }
        Ok(copy)
    }
}

impl fmt::Debug for SharedImage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("SharedImage").field(&self.shape).finish()
    }
}

/// Where to put a picture of `extent` bytes in whole pages so that it ends where the pages end, as
/// nearly as its alignment allows: `(offset, bytes of the memory)`. What is written beyond the end
/// then meets the guard page within 64 bytes.
pub(super) fn place_at_end(extent: usize, capacity: usize) -> Option<(usize, usize)> {
    let capacity = capacity.max(shared::page_up(extent)?);
    let offset = capacity.checked_sub(extent)?;
    Some((offset - offset % PIXEL_ALIGNMENT, capacity))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn shapes_that_are_no_pictures_are_errors() {
        let shape = |width, height, stride, offset| {
            Shape { format: PixelFormat::Rgba8, width, height, stride, offset }.check()
        };
        assert_eq!(shape(1, 1, 4, 0).unwrap(), (4, 4));
        assert_eq!(shape(3, 5, 16, 64).unwrap(), (4 * 16 + 12, 64 + 4 * 16 + 12));
        for (width, height, stride, offset) in [
            (0, 1, 4, 0),
            (1, 0, 4, 0),
            (limits::SIDE + 1, 1, u64::MAX - 3, 0),
            (2, 2, 4, 0),
            (2, 2, 9, 0),
            (1, 1, 4, 1),
            (1, 2, u64::MAX - 3, 0),
            (1, 2, 1 << 63, 0),
            (1, 1, 4, u64::MAX - 63),
        ] {
            assert!(
                shape(width, height, stride, offset).is_err(),
                "{width} {height} {stride} {offset}"
            );
        }
        let largest = Shape::tight(PixelFormat::Rgbaf32, 30_000, 30_000);
        assert_eq!(largest.check().unwrap().0, 30_000 * 30_000 * 16);
    }

    #[test]
    fn a_picture_is_written_and_read_back_row_by_row() {
        let mut image = SharedImage::with_stride(PixelFormat::Gray8, 3, 2, 5).unwrap();
        assert_eq!(image.bytes().len(), 8);
        image.bytes_mut().unwrap().copy_from_slice(&[1, 2, 3, 9, 9, 4, 5, 6]);
        assert_eq!((image.row(0), image.row(1)), (&[1, 2, 3][..], &[4, 5, 6][..]));
        assert!(image.row(2).is_empty() && image.row(u32::MAX).is_empty());
        assert!(!image.is_tight());
        assert_eq!(image.bytes().as_ptr() as usize % PIXEL_ALIGNMENT, 0);
        let clone = image.clone();
        assert!(matches!(image.bytes_mut(), Err(ImageError::Shared)));
        drop(clone);
        assert!(image.bytes_mut().is_ok());
        assert!(SharedImage::from_bytes(PixelFormat::Gray8, 2, 2, &[1, 2, 3]).is_err());
    }

    #[test]
    fn a_file_is_a_picture_without_reading_it() {
        let path = std::env::temp_dir().join(format!("easel-image-{}", std::process::id()));
        let mut file = File::create(&path).unwrap();
        file.write_all(&[0; 4096]).unwrap();
        file.write_all(&[1, 2, 3, 4, 5, 6, 7, 8]).unwrap();
        let open = |offset, height| {
            let file = File::open(&path).unwrap();
            SharedImage::from_file(file, offset, PixelFormat::Rgba8, 1, height, 4)
        };
        let mut image = open(4096, 2).unwrap();
        assert_eq!(image.bytes(), [1, 2, 3, 4, 5, 6, 7, 8]);
        assert!(matches!(image.bytes_mut(), Err(ImageError::Shared)));
        assert!(matches!(open(4096, 3), Err(ImageError::Shape(_))), "beyond the end");
        assert!(matches!(open(4100, 1), Err(ImageError::Shape(_))), "not aligned");
        let writable = std::fs::OpenOptions::new().read(true).write(true).open(&path).unwrap();
        let refused = SharedImage::from_file(writable, 4096, PixelFormat::Rgba8, 1, 2, 4);
        assert!(matches!(refused, Err(ImageError::Shape(_))), "open for writing");
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn a_picture_of_another_backend_is_copied_for_a_worker() {
        let (pool, other) = (BufferPool::new(), BufferPool::new());
        let mut image = SharedImage::new_in(&pool, PixelFormat::Gray8, 2, 2).unwrap();
        image.bytes_mut().unwrap().copy_from_slice(&[1, 2, 3, 4]);
        let same = image.for_worker(&pool).unwrap();
        assert_eq!(same.bytes().as_ptr(), image.bytes().as_ptr());
        let copy = image.for_worker(&other).unwrap();
        assert_ne!(copy.bytes().as_ptr(), image.bytes().as_ptr());
        assert_eq!(copy.bytes(), image.bytes());
    }

    #[test]
    fn outputs_end_at_the_end_of_their_pages() {
        for extent in [1, 63, 64, 65, 4095, 4096, 4097, 1 << 20] {
            let (offset, capacity) = place_at_end(extent, 0).unwrap();
            assert_eq!(offset % PIXEL_ALIGNMENT, 0);
            assert!(offset + extent <= capacity && capacity - offset - extent < PIXEL_ALIGNMENT);
        }
        assert_eq!(place_at_end(100, 8192).unwrap().1, 8192);
        assert_eq!(place_at_end(usize::MAX, 0), None);
    }
}
