//! Sizes and rectangles in whole pixels.
//!
//! Pure arithmetic on `u32` that saturates instead of wrapping, so that a hostile rectangle can be too large but
//! never appears small. Knows nothing of pixels in memory.

use std::fmt;

/// Width and height in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Size {
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

impl Size {
    /// A size from its two sides.
    pub const fn new(width: u32, height: u32) -> Self {
        Self { width, height }
    }

    /// Number of pixels; cannot overflow.
    pub const fn area(self) -> u64 {
        self.width as u64 * self.height as u64
    }

    /// Whether a side is zero.
    pub const fn is_empty(self) -> bool {
        self.width == 0 || self.height == 0
    }

    /// The longer side.
    pub fn long_side(self) -> u32 {
        self.width.max(self.height)
    }

    /// The shorter side.
    pub fn short_side(self) -> u32 {
        self.width.min(self.height)
    }

    /// Width and height exchanged.
    #[must_use]
    pub const fn transposed(self) -> Self {
        Self { width: self.height, height: self.width }
    }

    /// Both sides times `factor`, saturating.
    #[must_use]
    pub const fn scaled(self, factor: u32) -> Self {
        Self {
            width: self.width.saturating_mul(factor),
            height: self.height.saturating_mul(factor),
        }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}×{}", self.width, self.height)
    }
}

/// A rectangle in pixels: `x`, `y` is its first pixel, `x + width`, `y + height` lies just after its last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rect {
    /// First column.
    pub x: u32,
    /// First row.
    pub y: u32,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

impl Rect {
    /// A rectangle from its corner and its sides.
    pub const fn new(x: u32, y: u32, width: u32, height: u32) -> Self {
        Self { x, y, width, height }
    }

    /// The whole of a picture of that size.
    pub const fn of(size: Size) -> Self {
        Self { x: 0, y: 0, width: size.width, height: size.height }
    }

    /// The first column after the rectangle, saturating.
    pub const fn right(self) -> u32 {
        self.x.saturating_add(self.width)
    }

    /// The first row after the rectangle, saturating.
    pub const fn bottom(self) -> u32 {
        self.y.saturating_add(self.height)
    }

    /// Width and height.
    pub const fn size(self) -> Size {
        Size { width: self.width, height: self.height }
    }

    /// Number of pixels.
    pub const fn area(self) -> u64 {
        self.size().area()
    }

    /// Whether a side is zero.
    pub const fn is_empty(self) -> bool {
        self.width == 0 || self.height == 0
    }

    /// The part that both share, or nothing.
    #[must_use]
    pub fn intersect(self, other: Self) -> Option<Self> {
        let (x, y) = (self.x.max(other.x), self.y.max(other.y));
        let (right, bottom) = (self.right().min(other.right()), self.bottom().min(other.bottom()));
        (x < right && y < bottom).then(|| Self { x, y, width: right - x, height: bottom - y })
    }

    /// The smallest rectangle that holds both; an empty one adds nothing.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        if self.is_empty() {
            return other;
        }
        if other.is_empty() {
            return self;
        }
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        let (right, bottom) = (self.right().max(other.right()), self.bottom().max(other.bottom()));
        Self { x, y, width: right - x, height: bottom - y }
    }

    /// Whether `other` lies wholly inside; computed without saturation, so a rectangle that runs past `u32` is not.
    pub fn contains(self, other: Self) -> bool {
        let end = |start: u32, length: u32| u64::from(start) + u64::from(length);
        self.x <= other.x
            && self.y <= other.y
            && end(other.x, other.width) <= end(self.x, self.width)
            && end(other.y, other.height) <= end(self.y, self.height)
    }

    /// Grows by `margin` pixels on every side, clamped to a picture of size `within`.
    #[must_use]
    pub fn expand(self, margin: u32, within: Size) -> Self {
        let x = self.x.saturating_sub(margin).min(within.width);
        let y = self.y.saturating_sub(margin).min(within.height);
        let right = self.right().saturating_add(margin).min(within.width);
        let bottom = self.bottom().saturating_add(margin).min(within.height);
        Self { x, y, width: right.saturating_sub(x), height: bottom.saturating_sub(y) }
    }

    /// Position and sides times `factor`, saturating.
    #[must_use]
    pub const fn scaled(self, factor: u32) -> Self {
        Self {
            x: self.x.saturating_mul(factor),
            y: self.y.saturating_mul(factor),
            width: self.width.saturating_mul(factor),
            height: self.height.saturating_mul(factor),
        }
    }
}

impl fmt::Display for Rect {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}×{} at {},{}", self.width, self.height, self.x, self.y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rectangles_meet_join_and_grow() {
        let a = Rect::new(2, 3, 10, 10);
        let b = Rect::new(8, 1, 10, 4);
        assert_eq!(a.intersect(b), Some(Rect::new(8, 3, 4, 2)));
        assert_eq!(a.union(b), Rect::new(2, 1, 16, 12));
        assert_eq!(a.intersect(Rect::new(12, 3, 1, 1)), None);
        assert_eq!(a.expand(5, Size::new(14, 100)), Rect::new(0, 0, 14, 18));
        assert!(a.union(b).contains(a) && a.union(b).contains(b) && !a.contains(b));
    }

    #[test]
    fn the_far_end_of_u32_does_not_wrap() {
        let far = Rect::new(u32::MAX, u32::MAX, u32::MAX, u32::MAX);
        assert_eq!(far.right(), u32::MAX);
        assert!(!Rect::of(Size::new(u32::MAX, u32::MAX)).contains(far));
        assert_eq!(Rect::new(0, 0, 1, 1).expand(u32::MAX, Size::new(7, 9)), Rect::new(0, 0, 7, 9));
        assert_eq!(far.intersect(Rect::new(0, 0, 5, 5)), None);
    }
}
