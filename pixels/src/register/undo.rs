//! Undoing a motion: the picture resampled once onto the grid that it should have.
//!
//! The resampler reads inside a picture only, so what is read beyond an edge is made first, from the edge pixels.
//! Numbers are taken from anybody here; those that make no sense are brought to the nearest that do.

use crate::resize::resample;
use crate::{LayoutError, Picture, Size, View};

/// The picture whose position `p` is `scale * p + shift` of `after`, in its format and size.
pub(super) fn undo(
    [scale_x, scale_y]: [f64; 2],
    [shift_x, shift_y]: [f64; 2],
    after: View<'_>,
) -> Result<Picture, LayoutError> {
    let size = after.size();
    let across = Span::new(scale_x, shift_x, size.width);
    let down = Span::new(scale_y, shift_y, size.height);
    let extended = extend(after, &across, &down)?;
    let part = [across.start(), down.start(), across.length, down.length];
    resample(extended.as_ref().map_or(after, Picture::view), part, size)
}

/// What an axis reads of the picture after, and by how many pixels the picture must be extended for it.
struct Span {
    shift: f64,
    length: f64,
    before: u32,
    behind: u32,
}

impl Span {
    /// Pixels that Lanczos-3 reads beyond a position, at scales up to a little more than 1.
    const REACH: f64 = 4.0;

    fn new(scale: f64, shift: f64, side: u32) -> Self {
        let full = f64::from(side);
        let scale = if scale.is_finite() { scale.clamp(0.5, 2.0) } else { 1.0 };
        let shift = if shift.is_finite() { shift.clamp(-full, full) } else { 0.0 };
        let length = scale * full;
        let beyond = |by: f64| if by > 1e-9 { (by + Self::REACH).ceil() as u32 } else { 0 };
        Self { shift, length, before: beyond(-shift), behind: beyond(shift + length - full) }
    }

    /// Where the part begins in the extended picture.
    fn start(&self) -> f64 {
        self.shift + f64::from(self.before)
    }
}

/// The picture with its edge pixels repeated outward; none when nothing beyond is read.
fn extend(view: View<'_>, across: &Span, down: &Span) -> Result<Option<Picture>, LayoutError> {
    if [across.before, across.behind, down.before, down.behind] == [0; 4] {
        return Ok(None);
    }
    let side = |side: u32, span: &Span| {
        side.checked_add(span.before).and_then(|side| side.checked_add(span.behind))
    };
    let (Some(width), Some(height)) = (side(view.width(), across), side(view.height(), down))
    else {
        return Err(LayoutError::Overflow(view.size()));
    };
    let mut extended = Picture::new_zeroed(view.format(), Size::new(width, height))?;
    let pixel = view.format().bytes_per_pixel();
    for (y, out) in (0..).zip(extended.view_mut().rows_mut()) {
        let row = view.row(u32::saturating_sub(y, down.before).min(view.height() - 1));
        let (left, rest) = out.split_at_mut(across.before as usize * pixel);
        let (middle, right) = rest.split_at_mut(row.len());
        left.chunks_exact_mut(pixel).for_each(|out| out.copy_from_slice(&row[..pixel]));
        middle.copy_from_slice(row);
        let last = &row[row.len() - pixel..];
        right.chunks_exact_mut(pixel).for_each(|out| out.copy_from_slice(last));
    }
    Ok(Some(extended))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Format;

    #[test]
    fn beyond_the_edge_goes_on_the_edge() {
        let bytes: Vec<u8> = (1..=20).collect();
        let view = View::tight(Format::Gray8, Size::new(5, 4), &bytes).unwrap();
        let moved = undo([1.0; 2], [-2.0, 1.0], view).unwrap();
        assert_eq!(moved.view().row(0), [6, 6, 6, 7, 8]);
        assert_eq!(moved.view().row(2), [16, 16, 16, 17, 18]);
        assert_eq!(moved.view().row(3), [16, 16, 16, 17, 18]);
        let odd = undo([f64::NAN, 1.0], [0.0, f64::INFINITY], view).unwrap();
        assert_eq!(odd.pixels(), bytes, "what is no number is no motion");
        let far = undo([1.0; 2], [1e300, 0.0], view).unwrap();
        assert_eq!(far.view().row(1), [10; 5]);
    }

    #[test]
    fn a_ramp_is_read_where_the_motion_says() {
        let bytes: Vec<u8> = (0..60).flat_map(|_| (0..60).map(|x| 20 + x * 3)).collect();
        let view = View::tight(Format::Gray8, Size::new(60, 60), &bytes).unwrap();
        let moved = undo([1.05, 0.95], [-2.3, 1.2], view).unwrap();
        for x in 6..50 {
            let wanted = 20.0 + 3.0 * (1.05 * (f64::from(x) + 0.5) - 2.3 - 0.5);
            assert!((f64::from(moved.view().row(30)[x as usize]) - wanted).abs() < 1.0, "{x}");
        }
    }
}
