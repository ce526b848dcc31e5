//! Colours for pixels that nobody sees. Networks know no alpha; what lies under transparent pixels is
//! often black or rubbish, and would be painted into the edges. Here it is replaced by the colours
//! around it. Alpha itself is kept by whoever calls; nothing here changes a visible colour.

use easel_backend::Result;
use easel_pixels::blur::gaussian_blur;
use easel_pixels::{Format, Matte, Picture, View, flatten};

use crate::tensor::layout;

/// How far colours spread into what is transparent, in pixels.
const SPREAD: f32 = 6.0;

/// A picture to show to a network.
pub(crate) enum Opaque<'a> {
    /// It was opaque and is used as it is.
    AsItIs(View<'a>),
    /// A copy with colours under its transparency.
    Filled(Picture),
}

impl<'a> Opaque<'a> {
    /// Of an `rgba8` view.
    pub(crate) fn of(view: View<'a>) -> Result<Self> {
        view.expect_format(Format::Rgba8).map_err(layout)?;
        if is_opaque(view) {
            return Ok(Opaque::AsItIs(view));
        }
        // Far from anything visible: the mean colour. Near: the blurred neighbours. Visible: itself.
        let near = gaussian_blur(view, SPREAD);
        let (mut filled, _) = flatten(near.view(), Matte::Mean);
        for (row, visible) in
            filled.pixels_mut().chunks_exact_mut(view.width() as usize * 4).zip(view.rows())
        {
            for (pixel, visible) in row.chunks_exact_mut(4).zip(visible.chunks_exact(4)) {
                let alpha = u32::from(visible[3]);
                for (out, own) in pixel.iter_mut().zip(&visible[..3]) {
                    let mixed = u32::from(*own) * alpha + u32::from(*out) * (255 - alpha);
                    *out = ((mixed + 127) / 255) as u8;
                }
                pixel[3] = 255;
            }
        }
        Ok(Opaque::Filled(filled))
    }

    pub(crate) fn view(&self) -> View<'_> {
        match self {
            Opaque::AsItIs(view) => *view,
            Opaque::Filled(picture) => picture.view(),
        }
    }

    /// Whether there is no transparency to restore.
    pub(crate) fn was_opaque(&self) -> bool {
        matches!(self, Opaque::AsItIs(_))
    }
}

/// Whether no pixel of an `rgba8` view is transparent.
pub(crate) fn is_opaque(view: View<'_>) -> bool {
    view.rows().all(|row| row.chunks_exact(4).all(|pixel| pixel[3] == 255))
}

#[cfg(test)]
mod tests {
    use super::*;
    use easel_pixels::Size;

    #[test]
    fn hidden_colours_give_way_to_their_neighbours() {
        // Green rubbish under full transparency, red beside it.
        let mut bytes = Vec::new();
        for x in 0..32 {
            bytes.extend_from_slice(if x < 16 { &[200, 0, 0, 255] } else { &[0, 255, 0, 0] });
        }
        let picture = Picture::from_pixels(Format::Rgba8, Size::new(32, 1), bytes).unwrap();
        let opaque = Opaque::of(picture.view()).unwrap();
        assert!(!opaque.was_opaque());
        for (x, pixel) in opaque.view().row(0).chunks_exact(4).enumerate() {
            assert_eq!(pixel[3], 255);
            assert!(pixel[0] >= 195 && pixel[1] <= 5, "{x}: {pixel:?}");
        }
    }

    #[test]
    fn an_opaque_picture_is_not_copied() {
        let picture = Picture::from_pixels(Format::Rgba8, Size::new(2, 1), vec![255; 8]).unwrap();
        assert!(Opaque::of(picture.view()).unwrap().was_opaque());
    }
}
