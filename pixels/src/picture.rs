//! A picture that owns its pixels: tight rows, and the ICC profile that came with them.
//!
//! Allocation with a size from outside goes through `new_zeroed`, which can refuse; pictures of a size that already
//! lies in memory in another form are allocated without asking.

use std::sync::Arc;

use crate::view::row_bytes;
use crate::{Format, LayoutError, Rect, Size, View, ViewMut};

/// From this many bytes on, the allocator is asked first, so that a refusal is an error and not the end of the process.
const ASK_FIRST: usize = 64 << 20;

/// Pixels in memory of our own, rows without gaps. At least 1x1.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    format: Format,
    size: Size,
    pixels: Vec<u8>,
    /// The ICC profile of the pixels; none means sRGB (linear sRGB for `rgbaf32`).
    pub icc: Option<Arc<[u8]>>,
}

impl Picture {
    /// A picture of zeros: transparent black, or an empty mask. Errs on an empty size, on overflow, and when the
    /// allocator refuses a large picture.
    pub fn new_zeroed(format: Format, size: Size) -> Result<Self, LayoutError> {
        let length = Self::byte_length(format, size)?;
        if length >= ASK_FIRST {
            let mut asked = Vec::<u8>::new();
            asked.try_reserve_exact(length).map_err(|_| LayoutError::Overflow(size))?;
            // Without a use the compiler may drop the allocation, and with it the question.
            std::hint::black_box(&asked);
        }
        Ok(Self { format, size, pixels: vec![0; length], icc: None })
    }

    /// For sizes of which a picture already lies in memory.
    pub(crate) fn blank(format: Format, size: Size) -> Self {
        let length = size.width as usize * size.height as usize * format.bytes_per_pixel();
        Self { format, size, pixels: vec![0; length], icc: None }
    }

    /// Takes tight rows as a picture; longer buffers are cut.
    pub fn from_pixels(
        format: Format,
        size: Size,
        mut pixels: Vec<u8>,
    ) -> Result<Self, LayoutError> {
        let need = Self::byte_length(format, size)?;
        if pixels.len() < need {
            return Err(LayoutError::Short { have: pixels.len(), need });
        }
        pixels.truncate(need);
        Ok(Self { format, size, pixels, icc: None })
    }

    /// Copies a view.
    pub fn from_view(view: View<'_>) -> Self {
        if let Some(bytes) = view.as_tight() {
            return Self {
                format: view.format(),
                size: view.size(),
                pixels: bytes.to_vec(),
                icc: None,
            };
        }
        let mut pixels = Vec::with_capacity(view.row_bytes() * view.height() as usize);
        for row in view.rows() {
            pixels.extend_from_slice(row);
        }
        Self { format: view.format(), size: view.size(), pixels, icc: None }
    }

    /// Bytes of a tight picture.
    pub fn byte_length(format: Format, size: Size) -> Result<usize, LayoutError> {
        if size.is_empty() {
            return Err(LayoutError::Empty(size));
        }
        row_bytes(format, size.width)
            .zip(usize::try_from(size.height).ok())
            .and_then(|(row, height)| row.checked_mul(height))
            .filter(|bytes| isize::try_from(*bytes).is_ok())
            .ok_or(LayoutError::Overflow(size))
    }

    /// How a pixel lies in memory.
    pub const fn format(&self) -> Format {
        self.format
    }

    /// Width and height in pixels.
    pub const fn size(&self) -> Size {
        self.size
    }

    /// Columns.
    pub const fn width(&self) -> u32 {
        self.size.width
    }

    /// Rows.
    pub const fn height(&self) -> u32 {
        self.size.height
    }

    /// All pixels, row after row without gaps.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// All pixels, to write.
    pub fn pixels_mut(&mut self) -> &mut [u8] {
        &mut self.pixels
    }

    /// The pixels without the rest.
    pub fn into_pixels(self) -> Vec<u8> {
        self.pixels
    }

    /// The same picture with this profile.
    #[must_use]
    pub fn with_icc(mut self, icc: Option<Arc<[u8]>>) -> Self {
        self.icc = icc;
        self
    }

    fn stride(&self) -> usize {
        self.size.width as usize * self.format.bytes_per_pixel()
    }

    /// The picture to read.
    pub fn view(&self) -> View<'_> {
        View::trusted(self.format, self.size, self.stride(), &self.pixels)
    }

    /// The picture to write.
    pub fn view_mut(&mut self) -> ViewMut<'_> {
        let stride = self.stride();
        ViewMut::trusted(self.format, self.size, stride, &mut self.pixels)
    }

    /// A copy of the part inside `rect`, with the profile.
    pub fn crop(&self, rect: Rect) -> Result<Self, LayoutError> {
        Ok(Self::from_view(self.view().crop(rect)?).with_icc(self.icc.clone()))
    }
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let icc = self.icc.as_ref().map_or(0, |icc| icc.len());
        write!(formatter, "Picture({} {}, {icc} bytes of profile)", self.format, self.size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_checked_before_memory_is_taken() {
        let huge = Size::new(u32::MAX, u32::MAX);
        assert_eq!(Picture::new_zeroed(Format::RgbaF32, huge), Err(LayoutError::Overflow(huge)));
        // 2^62 bytes fit the arithmetic, but no allocator.
        let large = Size::new(1 << 31, 1 << 29);
        assert_eq!(Picture::new_zeroed(Format::Rgba8, large), Err(LayoutError::Overflow(large)));
        assert!(Picture::from_pixels(Format::Rgba8, Size::new(2, 2), vec![0; 15]).is_err());
    }

    #[test]
    fn a_copy_of_a_strided_view_is_tight() {
        let data: Vec<u8> = (0..30).collect();
        let view = View::new(Format::Gray8, Size::new(3, 3), 10, &data).unwrap();
        assert_eq!(Picture::from_view(view).pixels(), [0, 1, 2, 10, 11, 12, 20, 21, 22]);
        let picture = Picture::from_view(view).with_icc(Some(vec![1_u8, 2].into()));
        let part = picture.crop(Rect::new(1, 1, 2, 2)).unwrap();
        assert_eq!(part.pixels(), [11, 12, 21, 22]);
        assert_eq!(part.icc.as_deref(), Some(&[1_u8, 2][..]));
    }
}
