//! Borrowed pictures: rows of pixels at a stride in memory that somebody else owns.
//!
//! The layout is checked once, in `new`; after that every row is a plain slice. The bytes between rows and after the
//! last row are never read and never written. No alignment is asked for: the stride may be odd.

use crate::{Format, Rect, Size};

/// Why bytes cannot be read as a picture, or why two pictures do not go together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    /// A side is zero.
    #[error("a picture of {0} has no pixels")]
    Empty(Size),
    /// The stride is shorter than a row.
    #[error("a stride of {stride} bytes is shorter than a row of {row} bytes")]
    Stride {
        /// The stride that was given.
        stride: usize,
        /// The bytes of one row.
        row: usize,
    },
    /// The buffer ends before the last row does.
    #[error("the buffer holds {have} bytes, the picture needs {need}")]
    Short {
        /// The bytes there are.
        have: usize,
        /// The bytes that the layout needs.
        need: usize,
    },
    /// The number of bytes does not fit this machine's address space.
    #[error("a picture of {0} does not fit into memory")]
    Overflow(Size),
    /// The rectangle is not inside the picture.
    #[error("the region {rect} is not inside a picture of {size}")]
    Outside {
        /// The rectangle that was asked for.
        rect: Rect,
        /// The size of the picture.
        size: Size,
    },
    /// Two pictures that must be of one size are not.
    #[error("a picture of {found} was given where {expected} is needed")]
    Size {
        /// The size that was given.
        found: Size,
        /// The size that is needed.
        expected: Size,
    },
    /// A picture has another format than it must have.
    #[error("a picture in `{found}` was given where `{expected}` is needed")]
    Format {
        /// The format that was given.
        found: Format,
        /// The format that is needed.
        expected: Format,
    },
}

impl LayoutError {
    /// What to do about it.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Empty(_) => "give a picture of at least 1×1",
            Self::Stride { .. } => "the stride is counted in bytes from one row to the next",
            Self::Short { .. } => "send all rows; only the last may end before its stride",
            Self::Overflow(_) => "use a smaller picture, or crop it first",
            Self::Outside { .. } => "intersect the region with the picture first",
            Self::Size { .. } => "crop or resize one of the two first",
            Self::Format { .. } => "convert the picture first",
        }
    }
}

/// Bytes of one tight row, checked.
pub(crate) fn row_bytes(format: Format, width: u32) -> Option<usize> {
    usize::try_from(width).ok()?.checked_mul(format.bytes_per_pixel())
}

/// Bytes from the first pixel to the end of the last row; checks everything that `View` promises.
fn needed_bytes(format: Format, size: Size, stride: usize) -> Result<usize, LayoutError> {
    if size.is_empty() {
        return Err(LayoutError::Empty(size));
    }
    let row = row_bytes(format, size.width).ok_or(LayoutError::Overflow(size))?;
    if stride < row {
        return Err(LayoutError::Stride { stride, row });
    }
    usize::try_from(size.height - 1)
        .ok()
        .and_then(|rows| rows.checked_mul(stride))
        .and_then(|bytes| bytes.checked_add(row))
        .filter(|bytes| isize::try_from(*bytes).is_ok())
        .ok_or(LayoutError::Overflow(size))
}

/// A picture to read. At least 1x1; cheap to copy.
#[derive(Clone, Copy)]
pub struct View<'a> {
    format: Format,
    size: Size,
    stride: usize,
    data: &'a [u8],
}

impl<'a> View<'a> {
    /// A view of `data`, with `stride` bytes from one row to the next. `data` may be longer than needed, and its last
    /// row may end before the stride does.
    pub fn new(
        format: Format,
        size: Size,
        stride: usize,
        data: &'a [u8],
    ) -> Result<Self, LayoutError> {
        let need = needed_bytes(format, size, stride)?;
        let data = data.get(..need).ok_or(LayoutError::Short { have: data.len(), need })?;
        Ok(Self { format, size, stride, data })
    }

    /// A view of rows that follow each other without a gap.
    pub fn tight(format: Format, size: Size, data: &'a [u8]) -> Result<Self, LayoutError> {
        let stride = row_bytes(format, size.width).ok_or(LayoutError::Overflow(size))?;
        Self::new(format, size, stride, data)
    }

    /// For layouts that were checked before; `data` must be trimmed to what the layout needs.
    pub(crate) const fn trusted(format: Format, size: Size, stride: usize, data: &'a [u8]) -> Self {
        Self { format, size, stride, data }
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

    /// Bytes from one row to the next.
    pub const fn stride(&self) -> usize {
        self.stride
    }

    /// Bytes of the pixels of one row, without the gap.
    pub const fn row_bytes(&self) -> usize {
        self.size.width as usize * self.format.bytes_per_pixel()
    }

    /// The bytes of row `y`, without the gap.
    ///
    /// # Panics
    /// When `y` is not below the height, as indexing a slice does.
    pub fn row(&self, y: u32) -> &'a [u8] {
        let start = y as usize * self.stride;
        &self.data[start..start + self.row_bytes()]
    }

    /// All rows from the top.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &'a [u8]> + use<'a> {
        let row = self.row_bytes();
        // The data is trimmed to the end of the last row, so the last chunk is exactly one row.
        self.data.chunks(self.stride).map(move |chunk| &chunk[..row])
    }

    /// All bytes when no gap lies between the rows.
    pub fn as_tight(&self) -> Option<&'a [u8]> {
        (self.stride == self.row_bytes() || self.size.height == 1).then_some(self.data)
    }

    /// The part inside `rect`, without copying.
    pub fn crop(&self, rect: Rect) -> Result<Self, LayoutError> {
        let (start, length) = crop_bytes(self.format, self.size, self.stride, rect)?;
        Ok(Self {
            format: self.format,
            size: rect.size(),
            stride: self.stride,
            data: &self.data[start..start + length],
        })
    }

    /// Errs unless the view has this format.
    pub fn expect_format(&self, expected: Format) -> Result<(), LayoutError> {
        if self.format == expected {
            Ok(())
        } else {
            Err(LayoutError::Format { found: self.format, expected })
        }
    }

    /// Errs unless the view has this size.
    pub fn expect_size(&self, expected: Size) -> Result<(), LayoutError> {
        if self.size == expected {
            Ok(())
        } else {
            Err(LayoutError::Size { found: self.size, expected })
        }
    }
}

/// Start and length in bytes of a crop; errs unless it is inside and has pixels.
fn crop_bytes(
    format: Format,
    size: Size,
    stride: usize,
    rect: Rect,
) -> Result<(usize, usize), LayoutError> {
    if rect.is_empty() {
        return Err(LayoutError::Empty(rect.size()));
    }
    if !Rect::of(size).contains(rect) {
        return Err(LayoutError::Outside { rect, size });
    }
    let pixel = format.bytes_per_pixel();
    let start = rect.y as usize * stride + rect.x as usize * pixel;
    Ok((start, (rect.height as usize - 1) * stride + rect.width as usize * pixel))
}

impl std::fmt::Debug for View<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "View({} {}, stride {})", self.format, self.size, self.stride)
    }
}

/// A picture to write. At least 1x1.
pub struct ViewMut<'a> {
    format: Format,
    size: Size,
    stride: usize,
    data: &'a mut [u8],
}

impl<'a> ViewMut<'a> {
    /// As [`View::new`], for writing.
    pub fn new(
        format: Format,
        size: Size,
        stride: usize,
        data: &'a mut [u8],
    ) -> Result<Self, LayoutError> {
        let need = needed_bytes(format, size, stride)?;
        let have = data.len();
        let data = data.get_mut(..need).ok_or(LayoutError::Short { have, need })?;
        Ok(Self { format, size, stride, data })
    }

    /// As [`View::tight`], for writing.
    pub fn tight(format: Format, size: Size, data: &'a mut [u8]) -> Result<Self, LayoutError> {
        let stride = row_bytes(format, size.width).ok_or(LayoutError::Overflow(size))?;
        Self::new(format, size, stride, data)
    }

    /// For layouts that were checked before; `data` must be trimmed to what the layout needs.
    pub(crate) const fn trusted(
        format: Format,
        size: Size,
        stride: usize,
        data: &'a mut [u8],
    ) -> Self {
        Self { format, size, stride, data }
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

    /// Bytes from one row to the next.
    pub const fn stride(&self) -> usize {
        self.stride
    }

    /// Bytes of the pixels of one row, without the gap.
    pub const fn row_bytes(&self) -> usize {
        self.size.width as usize * self.format.bytes_per_pixel()
    }

    /// The same picture to read.
    pub fn as_view(&self) -> View<'_> {
        View { format: self.format, size: self.size, stride: self.stride, data: self.data }
    }

    /// The same picture to write, for a shorter time.
    pub fn reborrow(&mut self) -> ViewMut<'_> {
        ViewMut { format: self.format, size: self.size, stride: self.stride, data: self.data }
    }

    /// The bytes of row `y`, without the gap.
    ///
    /// # Panics
    /// When `y` is not below the height, as indexing a slice does.
    pub fn row_mut(&mut self, y: u32) -> &mut [u8] {
        let (start, row) = (y as usize * self.stride, self.row_bytes());
        &mut self.data[start..start + row]
    }

    /// All rows from the top.
    pub fn rows_mut(&mut self) -> impl ExactSizeIterator<Item = &mut [u8]> {
        let row = self.row_bytes();
        self.data.chunks_mut(self.stride).map(move |chunk| &mut chunk[..row])
    }

    /// The part inside `rect`, to write.
    pub fn crop_mut(&mut self, rect: Rect) -> Result<ViewMut<'_>, LayoutError> {
        let (start, length) = crop_bytes(self.format, self.size, self.stride, rect)?;
        Ok(ViewMut {
            format: self.format,
            size: rect.size(),
            stride: self.stride,
            data: &mut self.data[start..start + length],
        })
    }

    /// Copies every pixel of `source`, which must have the same format and size.
    pub fn copy_from(&mut self, source: View<'_>) -> Result<(), LayoutError> {
        source.expect_format(self.format)?;
        source.expect_size(self.size)?;
        for (to, from) in self.rows_mut().zip(source.rows()) {
            to.copy_from_slice(from);
        }
        Ok(())
    }
}

impl std::fmt::Debug for ViewMut<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "ViewMut({} {}, stride {})", self.format, self.size, self.stride)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layout_is_checked_once() {
        let size = Size::new(3, 2);
        let data = [0_u8; 32];
        assert!(
            View::new(Format::Rgba8, size, 13, &data[..25]).is_ok(),
            "the last row may be short of its stride"
        );
        assert_eq!(
            View::new(Format::Rgba8, size, 13, &data[..24]).unwrap_err(),
            LayoutError::Short { have: 24, need: 25 }
        );
        assert_eq!(
            View::new(Format::Rgba8, size, 11, &data).unwrap_err(),
            LayoutError::Stride { stride: 11, row: 12 }
        );
        assert!(matches!(
            View::tight(Format::Gray8, Size::new(0, 4), &data),
            Err(LayoutError::Empty(_))
        ));
        let huge = Size::new(u32::MAX, u32::MAX);
        assert!(matches!(View::tight(Format::RgbaF32, huge, &data), Err(LayoutError::Overflow(_))));
        assert!(matches!(
            View::new(Format::Gray8, size, usize::MAX, &data),
            Err(LayoutError::Overflow(_))
        ));
    }

    #[test]
    fn rows_and_crops_see_the_same_bytes() {
        let data: Vec<u8> = (0..=255).collect();
        let view = View::new(Format::Gray8, Size::new(5, 4), 7, &data).unwrap();
        assert_eq!(view.rows().len(), 4);
        for (y, row) in view.rows().enumerate() {
            assert_eq!(row, view.row(y as u32));
            assert_eq!(row[0] as usize, y * 7);
        }
        let inner = view.crop(Rect::new(1, 2, 3, 2)).unwrap();
        assert_eq!(inner.row(1), [22, 23, 24]);
        assert!(matches!(view.crop(Rect::new(3, 0, 3, 1)), Err(LayoutError::Outside { .. })));
        assert!(matches!(
            view.crop(Rect::new(u32::MAX, 0, 2, 1)),
            Err(LayoutError::Outside { .. })
        ));
        assert!(matches!(view.crop(Rect::new(0, 0, 0, 1)), Err(LayoutError::Empty(_))));
    }
}
