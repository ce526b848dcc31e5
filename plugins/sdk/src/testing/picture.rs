//! Pictures that a test owns: aligned as the host's are, with a stride of one's choice and a known
//! pattern between the rows. It knows nothing of files.

#![expect(unsafe_code, reason = "aligns bytes to 64, which a `Vec<u8>` does not")]

use std::fmt;

use easel_backend_abi::{EaselImage, bytes_per_pixel};

use crate::PixelFormat;
use crate::error::{Error, Result};
use crate::image::{Image, to_c};

/// What lies between rows and after the last one.
const CANARY: u8 = 0xa5;

#[repr(C, align(64))]
#[derive(Clone, Copy)]
struct Block([u8; 64]);

/// A picture that a test owns.
#[derive(Clone)]
pub struct Picture {
    format: PixelFormat,
    width: u32,
    height: u32,
    stride: usize,
    row_bytes: usize,
    blocks: Vec<Block>,
    icc: Option<Vec<u8>>,
}

impl Picture {
    /// All pixels alike; `pixel` has the bytes of one.
    ///
    /// # Panics
    ///
    /// Where the picture has no pixels, does not fit memory, or `pixel` has another number of bytes.
    pub fn filled(format: PixelFormat, width: u32, height: u32, pixel: &[u8]) -> Self {
        let mut picture =
            Picture::zeros(format, width, height).expect("a picture that fits memory");
        for row in picture.rows_mut() {
            for target in row.chunks_exact_mut(pixel.len()) {
                target.copy_from_slice(pixel);
            }
        }
        picture
    }

    /// From rows without gaps.
    ///
    /// # Panics
    ///
    /// Where `bytes` are not exactly those of the picture.
    pub fn from_packed(format: PixelFormat, width: u32, height: u32, bytes: &[u8]) -> Self {
        let mut picture =
            Picture::zeros(format, width, height).expect("a picture that fits memory");
        assert_eq!(
            bytes.len(),
            picture.row_bytes * height as usize,
            "the bytes of {width}x{height} {format}"
        );
        let row_bytes = picture.row_bytes;
        for (to, from) in picture.rows_mut().zip(bytes.chunks_exact(row_bytes)) {
            to.copy_from_slice(from);
        }
        picture
    }

    /// The same picture with an ICC profile.
    #[must_use]
    pub fn with_icc(mut self, icc: Vec<u8>) -> Self {
        self.icc = Some(icc);
        self
    }

    /// Transparent black, with a gap after every row and canaries in the gaps.
    pub(super) fn zeros(format: PixelFormat, width: u32, height: u32) -> Result<Self> {
        let too_large =
            || Error::failed(format!("a picture of {width}x{height} {format} does not fit"));
        let pixel = bytes_per_pixel(to_c(format)?).ok_or_else(too_large)? as usize;
        let row_bytes = (width as usize).checked_mul(pixel).ok_or_else(too_large)?;
        let stride = row_bytes.checked_next_multiple_of(64).and_then(|row| row.checked_add(64));
        let stride = stride.ok_or_else(too_large)?;
        let bytes = stride.checked_mul(height as usize).ok_or_else(too_large)?;
        if bytes == 0 || row_bytes == 0 || bytes > isize::MAX.unsigned_abs() {
            return Err(too_large());
        }
        let mut blocks = Vec::new();
        blocks.try_reserve_exact(bytes / 64).map_err(|_| too_large())?;
        blocks.resize(bytes / 64, Block([CANARY; 64]));
        let mut picture = Picture { format, width, height, stride, row_bytes, blocks, icc: None };
        picture.rows_mut().for_each(|row| row.fill(0));
        Ok(picture)
    }

    /// How the samples lie in memory.
    pub fn format(&self) -> PixelFormat {
        self.format
    }

    /// Pixels across.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Pixels down.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The rows without gaps.
    pub fn packed(&self) -> Vec<u8> {
        self.bytes()
            .chunks_exact(self.stride)
            .flat_map(|row| &row[..self.row_bytes])
            .copied()
            .collect()
    }

    /// Row `y`.
    ///
    /// # Panics
    ///
    /// Where there is no such row.
    pub fn row(&self, y: u32) -> &[u8] {
        assert!(y < self.height, "row {y} of a picture with {} rows", self.height);
        &self.bytes()[y as usize * self.stride..][..self.row_bytes]
    }

    /// The picture as a backend sees it.
    pub fn as_image(&self) -> Result<Image<'_>> {
        Image::new(self.format, self.width, self.height, self.stride, self.bytes())
    }

    fn rows_mut(&mut self) -> impl Iterator<Item = &mut [u8]> {
        let row_bytes = self.row_bytes;
        let stride = self.stride;
        self.bytes_mut().chunks_exact_mut(stride).map(move |row| &mut row[..row_bytes])
    }

    /// Whether nobody wrote between the rows.
    pub(super) fn is_intact(&self) -> bool {
        self.bytes()
            .chunks_exact(self.stride)
            .all(|row| row[self.row_bytes..].iter().all(|byte| *byte == CANARY))
    }

    /// The struct of the C interface; valid while the picture is neither dropped nor changed.
    pub(super) fn as_c(&self) -> Result<EaselImage> {
        let mut image = self.as_image()?.as_c()?;
        if let Some(icc) = &self.icc {
            (image.icc, image.icc_bytes) = (icc.as_ptr(), icc.len() as u64);
        }
        Ok(image)
    }

    /// The same for the backend to write into.
    pub(super) fn as_c_mut(&mut self) -> Result<EaselImage> {
        let mut image = self.as_c()?;
        image.pixels = self.bytes_mut().as_mut_ptr().cast();
        Ok(image)
    }

    fn bytes(&self) -> &[u8] {
        // SAFETY: blocks are plain bytes without gaps.
        unsafe { std::slice::from_raw_parts(self.blocks.as_ptr().cast(), self.blocks.len() * 64) }
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: blocks are plain bytes without gaps, borrowed mutably.
        unsafe {
            std::slice::from_raw_parts_mut(self.blocks.as_mut_ptr().cast(), self.blocks.len() * 64)
        }
    }
}

impl From<Image<'_>> for Picture {
    fn from(image: Image<'_>) -> Self {
        let bytes: Vec<u8> = image.rows().flatten().copied().collect();
        let picture = Picture::from_packed(image.format(), image.width(), image.height(), &bytes);
        Picture { icc: image.icc().map(<[u8]>::to_vec), ..picture }
    }
}

impl PartialEq for Picture {
    /// Equal pixels and profile, whatever lies between the rows.
    fn eq(&self, other: &Self) -> bool {
        let shape = |picture: &Picture| (picture.format, picture.width, picture.height);
        shape(self) == shape(other) && self.packed() == other.packed() && self.icc == other.icc
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Picture({}x{} {}, ", self.width, self.height, self.format)?;
        let packed = self.packed();
        write!(formatter, "{:?}…)", &packed[..packed.len().min(16)])
    }
}
