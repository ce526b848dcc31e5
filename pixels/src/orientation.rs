//! The eight ways a camera may have been held, and turning a picture upright.
//!
//! The names follow EXIF tag 274: each says what must be done to the stored pixels to show them as they were seen.

use crate::{Picture, Size};

/// EXIF orientation; the numbers are those of the tag.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Orientation {
    /// Upright.
    #[default]
    Normal = 1,
    /// Mirror left to right.
    FlipHorizontal = 2,
    /// Turn by half.
    Rotate180 = 3,
    /// Mirror top to bottom.
    FlipVertical = 4,
    /// Exchange rows and columns.
    Transpose = 5,
    /// Turn a quarter clockwise.
    Rotate90 = 6,
    /// Exchange rows and columns along the other diagonal.
    Transverse = 7,
    /// Turn a quarter counter-clockwise.
    Rotate270 = 8,
}

impl Orientation {
    /// From the number of the tag; anything but 1 to 8 counts as upright, as viewers do.
    pub const fn from_exif(value: u16) -> Self {
        match value {
            2 => Self::FlipHorizontal,
            3 => Self::Rotate180,
            4 => Self::FlipVertical,
            5 => Self::Transpose,
            6 => Self::Rotate90,
            7 => Self::Transverse,
            8 => Self::Rotate270,
            _ => Self::Normal,
        }
    }

    /// Whether width and height change places.
    pub const fn is_transposing(self) -> bool {
        matches!(self, Self::Transpose | Self::Rotate90 | Self::Transverse | Self::Rotate270)
    }

    /// The size after turning.
    #[must_use]
    pub const fn oriented(self, size: Size) -> Size {
        if self.is_transposing() { size.transposed() } else { size }
    }

    /// Turns stored pixels upright; the profile stays with them.
    #[must_use]
    pub fn apply(self, picture: Picture) -> Picture {
        if self == Self::Normal {
            return picture;
        }
        match picture.format().bytes_per_pixel() {
            1 => self.turn::<1>(picture),
            4 => self.turn::<4>(picture),
            8 => self.turn::<8>(picture),
            _ => self.turn::<16>(picture),
        }
    }

    fn turn<const BYTES: usize>(self, mut picture: Picture) -> Picture {
        let width = picture.width() as usize;
        let pixels = picture.pixels_mut().as_chunks_mut::<BYTES>().0;
        match self {
            Self::Normal => picture,
            Self::FlipHorizontal => {
                pixels.chunks_exact_mut(width).for_each(<[_]>::reverse);
                picture
            }
            Self::Rotate180 => {
                pixels.reverse();
                picture
            }
            Self::FlipVertical => {
                pixels.reverse();
                pixels.chunks_exact_mut(width).for_each(<[_]>::reverse);
                picture
            }
            // A quarter turn is a transposition and one mirroring.
            Self::Transpose => transpose::<BYTES>(&picture),
            Self::Rotate90 => Self::FlipHorizontal.turn::<BYTES>(transpose::<BYTES>(&picture)),
            Self::Rotate270 => Self::FlipVertical.turn::<BYTES>(transpose::<BYTES>(&picture)),
            Self::Transverse => Self::Rotate180.turn::<BYTES>(transpose::<BYTES>(&picture)),
        }
    }
}

/// Rows become columns. In blocks, so that both sides stay in the cache.
fn transpose<const BYTES: usize>(picture: &Picture) -> Picture {
    const BLOCK: usize = 32;
    let mut turned =
        Picture::blank(picture.format(), picture.size().transposed()).with_icc(picture.icc.clone());
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let source = picture.pixels().as_chunks::<BYTES>().0;
    let target = turned.pixels_mut().as_chunks_mut::<BYTES>().0;
    for top in (0..height).step_by(BLOCK) {
        let bottom = (top + BLOCK).min(height);
        for left in (0..width).step_by(BLOCK) {
            for x in left..(left + BLOCK).min(width) {
                let line = &mut target[x * height + top..x * height + bottom];
                for (pixel, from) in
                    line.iter_mut().zip(source[top * width + x..].iter().step_by(width))
                {
                    *pixel = *from;
                }
            }
        }
    }
    turned
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Format;

    #[test]
    fn all_eight_against_pictures_made_by_hand() {
        // Stored:  1 2 3
        //          4 5 6
        let expected: [(u16, u32, [u8; 6]); 8] = [
            (1, 3, [1, 2, 3, 4, 5, 6]),
            (2, 3, [3, 2, 1, 6, 5, 4]),
            (3, 3, [6, 5, 4, 3, 2, 1]),
            (4, 3, [4, 5, 6, 1, 2, 3]),
            (5, 2, [1, 4, 2, 5, 3, 6]),
            (6, 2, [4, 1, 5, 2, 6, 3]),
            (7, 2, [6, 3, 5, 2, 4, 1]),
            (8, 2, [3, 6, 2, 5, 1, 4]),
        ];
        for (tag, width, pixels) in expected {
            let stored =
                Picture::from_pixels(Format::Gray8, Size::new(3, 2), vec![1, 2, 3, 4, 5, 6])
                    .unwrap();
            let orientation = Orientation::from_exif(tag);
            assert_eq!(orientation as u16, tag);
            assert_eq!(orientation.oriented(stored.size()).width, width);
            let upright = orientation.apply(stored);
            assert_eq!((upright.width(), upright.pixels()), (width, &pixels[..]), "tag {tag}");
        }
        assert_eq!(Orientation::from_exif(0), Orientation::Normal);
        assert_eq!(Orientation::from_exif(999), Orientation::Normal);
    }

    #[test]
    fn blocks_and_depths_turn_alike() {
        for format in Format::ALL {
            let size = Size::new(70, 45);
            let bytes = (0..size.area() as usize * format.bytes_per_pixel())
                .map(|i| (i % 251) as u8)
                .collect();
            let picture = Picture::from_pixels(format, size, bytes).unwrap();
            let mut turned = picture.clone();
            for _ in 0..4 {
                turned = Orientation::Rotate90.apply(turned);
            }
            assert_eq!(turned, picture, "{format}");
            for mirror in [2, 3, 4, 5, 7] {
                let orientation = Orientation::from_exif(mirror);
                assert_eq!(
                    orientation.apply(orientation.apply(picture.clone())),
                    picture,
                    "{format} {mirror}"
                );
            }
            let back = Orientation::Rotate270.apply(Orientation::Rotate90.apply(picture.clone()));
            assert_eq!(back, picture);
        }
    }
}
