//! Pictures as the backend sees them: borrowed from the host for the length of one run. The only
//! place that makes slices of the host's memory. It converts nothing and copies nothing unasked.

#![expect(unsafe_code, reason = "makes slices of the pixels that the host owns")]

use std::marker::PhantomData;

use easel_backend_abi::{
    EASEL_GRAY8, EASEL_RGBA8, EASEL_RGBA16, EASEL_RGBAF32, EaselImage, EaselPixelFormat,
    bytes_per_pixel, read,
};
use easel_protocol::picture::PixelFormat;

use crate::error::{Error, Result};

/// The format of the C interface; an error for the formats of editors, which never cross it.
pub(crate) fn to_c(format: PixelFormat) -> Result<EaselPixelFormat> {
    match format {
        PixelFormat::Gray8 => Ok(EASEL_GRAY8),
        PixelFormat::Rgba8 => Ok(EASEL_RGBA8),
        PixelFormat::Rgba16 => Ok(EASEL_RGBA16),
        PixelFormat::Rgbaf32 => Ok(EASEL_RGBAF32),
        _ => Err(Error::invalid(format!("backends take no pixel format `{format}`"))),
    }
}

pub(crate) fn from_c(format: EaselPixelFormat) -> Result<PixelFormat> {
    match format {
        EASEL_GRAY8 => Ok(PixelFormat::Gray8),
        EASEL_RGBA8 => Ok(PixelFormat::Rgba8),
        EASEL_RGBA16 => Ok(PixelFormat::Rgba16),
        EASEL_RGBAF32 => Ok(PixelFormat::Rgbaf32),
        unknown => Err(Error::invalid(format!("unknown pixel format {unknown}"))),
    }
}

/// The shape of a picture, checked: it has pixels, its rows do not overlap, and its bytes can be
/// counted in a `usize`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shape {
    format: PixelFormat,
    width: u32,
    height: u32,
    stride: usize,
    row_bytes: usize,
    bytes: usize,
}

impl Shape {
    fn new(format: PixelFormat, width: u32, height: u32, stride: u64) -> Result<Self> {
        let wrong = |what: &str| {
            Error::invalid(format!(
                "{what} in a picture of {width}x{height} {format}, stride {stride}"
            ))
        };
        let pixel =
            u64::from(bytes_per_pixel(to_c(format)?).ok_or_else(|| wrong("an unknown format"))?);
        let row = u64::from(width).checked_mul(pixel).ok_or_else(|| wrong("too many bytes"))?;
        if width == 0 || height == 0 {
            return Err(wrong("no pixels"));
        }
        if stride < row || !stride.is_multiple_of(pixel) {
            return Err(wrong("rows that do not start on whole pixels of their own"));
        }
        let bytes =
            stride.checked_mul(u64::from(height) - 1).and_then(|above| above.checked_add(row));
        let limit = isize::MAX.unsigned_abs() as u64;
        match bytes {
            // What fits the sum fits its parts; the stride of a single row may be larger.
            Some(bytes) if bytes <= limit && stride <= limit => Ok(Shape {
                format,
                width,
                height,
                stride: stride as usize,
                row_bytes: row as usize,
                bytes: bytes as usize,
            }),
            _ => Err(wrong("too many bytes")),
        }
    }

    fn row(&self, y: u32) -> std::ops::Range<usize> {
        assert!(y < self.height, "row {y} of a picture with {} rows", self.height);
        let start = y as usize * self.stride;
        start..start + self.row_bytes
    }
}

/// A picture to read. Cheap to copy; borrowed from the host until `run` returns, or from the author's
/// own bytes.
#[derive(Clone, Copy, Debug)]
pub struct Image<'a> {
    shape: Shape,
    data: &'a [u8],
    icc: Option<&'a [u8]>,
}

impl<'a> Image<'a> {
    /// A picture of one's own, for [`Job::preview`](crate::Job::preview). Rows lie `stride` bytes
    /// apart, a multiple of the bytes of a pixel; the last one may end with its pixels.
    pub fn new(
        format: PixelFormat,
        width: u32,
        height: u32,
        stride: usize,
        data: &'a [u8],
    ) -> Result<Self> {
        let shape = Shape::new(format, width, height, stride as u64)?;
        let data = data.get(..shape.bytes).ok_or_else(|| {
            Error::invalid(format!(
                "a picture of {} bytes, but only {} are there",
                shape.bytes,
                data.len()
            ))
        })?;
        Ok(Image { shape, data, icc: None })
    }

    /// How the samples lie in memory; more than one byte: in the machine's order.
    pub fn format(&self) -> PixelFormat {
        self.shape.format
    }

    /// Pixels across, at least 1.
    pub fn width(&self) -> u32 {
        self.shape.width
    }

    /// Pixels down, at least 1.
    pub fn height(&self) -> u32 {
        self.shape.height
    }

    /// Bytes from the start of a row to the start of the next.
    pub fn stride(&self) -> usize {
        self.shape.stride
    }

    /// Row `y` without the bytes after it.
    ///
    /// # Panics
    ///
    /// Where there is no such row.
    pub fn row(&self, y: u32) -> &'a [u8] {
        &self.data[self.shape.row(y)]
    }

    /// The rows from top to bottom, without the bytes between them.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &'a [u8]> + use<'a> {
        let row_bytes = self.shape.row_bytes;
        self.data.chunks(self.shape.stride).map(move |row| &row[..row_bytes])
    }

    /// All bytes from the first pixel to the last, with what lies between rows; row `y` starts at
    /// `y * stride()`.
    pub fn data(&self) -> &'a [u8] {
        self.data
    }

    /// The ICC profile; `None`: sRGB, or linear sRGB for `rgbaf32`.
    pub fn icc(&self) -> Option<&'a [u8]> {
        self.icc
    }

    /// Reads a picture from the other side of the border; `what` names it in errors.
    ///
    /// # Safety
    ///
    /// `image` is null or a picture as `easel_backend.h` promises it, unchanged for `'a`.
    pub(crate) unsafe fn from_c(image: *const EaselImage, what: &str) -> Result<Self> {
        // SAFETY: the caller's promise.
        let image = unsafe { read(image) }.ok_or_else(|| {
            Error::invalid(format!("the host gave no {what}, or one of no known size"))
        })?;
        checked_shape(&image)?;
        // SAFETY: the caller's promise.
        unsafe { Image::from_table(&image) }
    }

    /// The same for a picture of a backend's own, whose pixels may start anywhere.
    ///
    /// # Safety
    ///
    /// As for [`Image::from_c`].
    pub(crate) unsafe fn from_backend(image: *const EaselImage) -> Result<Self> {
        // SAFETY: the caller's promise.
        let image = unsafe { read(image) }.ok_or_else(|| Error::invalid("no picture was given"))?;
        // SAFETY: as above.
        unsafe { Image::from_table(&image) }
    }

    /// # Safety
    ///
    /// What the struct points to is unchanged for `'a`.
    unsafe fn from_table(image: &EaselImage) -> Result<Self> {
        let shape = Shape::new(from_c(image.format)?, image.width, image.height, image.stride)?;
        if image.pixels.is_null() {
            return Err(Error::invalid("a picture without pixels"));
        }
        // SAFETY: `shape.bytes` bytes from `pixels` are readable and unchanged by the caller's
        // promise; not null and no more than `isize::MAX` by the check.
        let data = unsafe { std::slice::from_raw_parts(image.pixels.cast::<u8>(), shape.bytes) };
        let icc = if image.icc.is_null() {
            None
        } else {
            let count = usize::try_from(image.icc_bytes).map_err(Error::invalid)?;
            // SAFETY: as above, for the profile.
            Some(unsafe { std::slice::from_raw_parts(image.icc, count) })
        };
        Ok(Image { shape, data, icc })
    }

    /// The struct of the C interface; valid as long as the picture.
    pub(crate) fn as_c(&self) -> Result<EaselImage> {
        Ok(EaselImage {
            size: size_of::<EaselImage>() as u32,
            format: to_c(self.shape.format)?,
            width: self.shape.width,
            height: self.shape.height,
            stride: self.shape.stride as u64,
            pixels: self.data.as_ptr().cast_mut().cast(),
            icc: self.icc.map_or(std::ptr::null(), <[u8]>::as_ptr),
            icc_bytes: self.icc.map_or(0, |icc| icc.len() as u64),
        })
    }
}

fn checked_shape(image: &EaselImage) -> Result<Shape> {
    let shape = Shape::new(from_c(image.format)?, image.width, image.height, image.stride)?;
    if image.pixels.is_null() || !image.pixels.addr().is_multiple_of(16) {
        return Err(Error::invalid(
            "the host gave a picture whose pixels are missing or not aligned",
        ));
    }
    Ok(shape)
}

/// A picture to write: the host's memory, delivered as it is when `run` returns `Ok`. It starts as
/// zeros, which is transparent black.
#[derive(Debug)]
pub struct OutputImage<'a> {
    shape: Shape,
    data: &'a mut [u8],
    /// The host keeps the struct; it is borrowed like the pixels.
    host: PhantomData<&'a EaselImage>,
}

impl OutputImage<'_> {
    /// How the samples lie in memory; more than one byte: in the machine's order.
    pub fn format(&self) -> PixelFormat {
        self.shape.format
    }

    /// Pixels across, at least 1.
    pub fn width(&self) -> u32 {
        self.shape.width
    }

    /// Pixels down, at least 1.
    pub fn height(&self) -> u32 {
        self.shape.height
    }

    /// Bytes from the start of a row to the start of the next.
    pub fn stride(&self) -> usize {
        self.shape.stride
    }

    /// Row `y` without the bytes after it.
    ///
    /// # Panics
    ///
    /// Where there is no such row.
    pub fn row_mut(&mut self, y: u32) -> &mut [u8] {
        &mut self.data[self.shape.row(y)]
    }

    /// The rows from top to bottom, without the bytes between them. They can be handed to several
    /// threads.
    pub fn rows_mut(&mut self) -> impl ExactSizeIterator<Item = &mut [u8]> {
        let row_bytes = self.shape.row_bytes;
        self.data.chunks_mut(self.shape.stride).map(move |row| &mut row[..row_bytes])
    }

    /// All bytes from the first pixel to the last; row `y` starts at `y * stride()`. What lies between
    /// rows is not to be written.
    pub fn data_mut(&mut self) -> &mut [u8] {
        self.data
    }

    /// The picture as it is now, for reading it back or showing it.
    pub fn as_image(&self) -> Image<'_> {
        Image { shape: self.shape, data: self.data, icc: None }
    }

    /// Takes over the picture that the host just made. `None` where the host broke its promises.
    ///
    /// # Safety
    ///
    /// `image` is null or an output as `easel_backend.h` promises it, whose pixels nobody else
    /// touches for `'a`, and which is taken over once only.
    pub(crate) unsafe fn from_c(image: *const EaselImage) -> Result<Self> {
        // SAFETY: the caller's promise.
        let image = unsafe { read(image) }
            .ok_or_else(|| Error::failed("the host gave an output of no known size"))?;
        let shape = checked_shape(&image)?;
        // SAFETY: as for reading, and nobody else touches the pixels by the caller's promise.
        let data =
            unsafe { std::slice::from_raw_parts_mut(image.pixels.cast::<u8>(), shape.bytes) };
        Ok(OutputImage { shape, data, host: PhantomData })
    }
}
