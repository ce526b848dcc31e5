//! What comes behind a subject: nothing, a colour, the old background out of focus, or another
//! picture. It is prepared once and then asked for rows.

use easel_backend::{Error, Result};
use easel_pixels::blur::gaussian_blur;
use easel_pixels::{Picture, Rect, Size, View, resize};

use crate::foreground::mix_far;
use crate::tensor::layout;

/// How strongly the old background is blurred, of the longer side.
const OUT_OF_FOCUS: f32 = 0.016;
/// Blurring needs no more pixels than this.
const MOST: f64 = 2_000_000.0;

/// What is put behind the subject.
#[derive(Clone, Copy, Debug)]
pub enum Backdrop<'a> {
    /// Nothing: the result is transparent there.
    Transparent,
    /// One sRGB colour.
    Colour([u8; 3]),
    /// The old background, out of focus, without the subject's colours bleeding into it.
    Blur,
    /// Another picture (`rgba8`), as large as needed to cover, its middle in the middle.
    Picture(View<'a>),
}

impl Backdrop<'_> {
    /// By its word on the wire: `transparent`, `blur`, or a colour as `#rgb` or `#rrggbb`.
    pub fn from_name(name: &str) -> Result<Self> {
        match name {
            "transparent" => Ok(Backdrop::Transparent),
            "blur" => Ok(Backdrop::Blur),
            _ => colour(name).map(Backdrop::Colour).ok_or_else(|| {
                Error::invalid(format!("the background `{name}` is none: use `transparent`, `blur` or a colour such as `#f0e8d8`"))
            }),
        }
    }

    /// For a source (opaque `rgba8`) and the mask (`gray8`) of its subject.
    pub(crate) fn prepare(&self, source: View<'_>, mask: View<'_>) -> Result<Prepared> {
        let size = source.size();
        Ok(match self {
            Backdrop::Transparent => Prepared::Transparent,
            Backdrop::Colour(colour) => Prepared::Colour(*colour),
            Backdrop::Blur => Prepared::Picture(out_of_focus(source, mask)?),
            Backdrop::Picture(picture) => Prepared::Picture(covering(*picture, size)?),
        })
    }
}

/// A backdrop of the source's size.
pub(crate) enum Prepared {
    Transparent,
    Colour([u8; 3]),
    Picture(Picture),
}

impl Prepared {
    /// Puts row `y` of the backdrop behind a row of the subject.
    pub(crate) fn row(&self, y: u32, row: &mut [u8]) {
        match self {
            Prepared::Transparent => {}
            Prepared::Colour([red, green, blue]) => {
                for pixel in row.chunks_exact_mut(4) {
                    put_behind(pixel, &[*red, *green, *blue, 255]);
                }
            }
            Prepared::Picture(picture) => {
                let behind = picture.view().row(y);
                for (pixel, behind) in row.chunks_exact_mut(4).zip(behind.chunks_exact(4)) {
                    put_behind(pixel, behind);
                }
            }
        }
    }
}

/// Straight alpha, the pixel over `behind`.
fn put_behind(pixel: &mut [u8], behind: &[u8]) {
    let above = u32::from(pixel[3]) * 255;
    let below = u32::from(behind[3]) * (255 - u32::from(pixel[3]));
    let all = above + below;
    if all == 0 {
        return;
    }
    for (value, behind) in pixel[..3].iter_mut().zip(behind) {
        *value = ((u32::from(*value) * above + u32::from(*behind) * below + all / 2) / all) as u8;
    }
    pixel[3] = ((all + 127) / 255) as u8;
}

/// `#rgb` or `#rrggbb`.
fn colour(text: &str) -> Option<[u8; 3]> {
    let digits: Option<Vec<u8>> = text
        .strip_prefix('#')?
        .chars()
        .map(|digit| digit.to_digit(16).map(|value| value as u8))
        .collect();
    match digits?.as_slice() {
        [red, green, blue] => Some([red * 17, green * 17, blue * 17]),
        pairs if pairs.len() == 6 => Some([0, 2, 4].map(|at| pairs[at] * 16 + pairs[at + 1])),
        _ => None,
    }
}

/// The background blurred, weighted by how much it is background.
fn out_of_focus(source: View<'_>, mask: View<'_>) -> Result<Picture> {
    let size = source.size();
    let mut background = Picture::from_view(source);
    for (row, mask) in background.view_mut().rows_mut().zip(mask.rows()) {
        for (pixel, mask) in row.chunks_exact_mut(4).zip(mask) {
            pixel[3] = 255 - mask;
        }
    }
    let scale = (MOST / size.area() as f64).sqrt().min(1.0);
    let side = |length: u32| ((f64::from(length) * scale).round() as u32).max(1);
    let small = Size::new(side(size.width), side(size.height));
    let background = resize(background.view(), small).map_err(layout)?;
    let sigma = (small.long_side() as f32 * OUT_OF_FOCUS).max(1.0);
    let mut blurred = gaussian_blur(background.view(), sigma);
    // Behind the middle of the subject no background is near.
    let far = gaussian_blur(background.view(), sigma * 8.0);
    mix_far(&mut blurred, &far);
    resize(blurred.view(), size).map_err(layout)
}

/// The middle of `picture`, of the shape of `size`, at that size.
fn covering(picture: View<'_>, size: Size) -> Result<Picture> {
    let (width, height) = (u64::from(picture.width()), u64::from(picture.height()));
    let (wanted_width, wanted_height) = (u64::from(size.width), u64::from(size.height));
    let width = width.min((height * wanted_width / wanted_height).max(1));
    let height = height.min((width * wanted_height / wanted_width).max(1));
    let rect = Rect::new(
        (picture.width() - width as u32) / 2,
        (picture.height() - height as u32) / 2,
        width as u32,
        height as u32,
    );
    resize(picture.crop(rect).map_err(layout)?, size).map_err(layout)
}

#[cfg(test)]
mod tests {
    use super::*;
    use easel_pixels::Format;
    use proptest::prelude::*;

    #[test]
    fn words_and_colours_are_read() {
        assert!(matches!(Backdrop::from_name("blur"), Ok(Backdrop::Blur)));
        assert!(matches!(Backdrop::from_name("#fA0"), Ok(Backdrop::Colour([255, 170, 0]))));
        assert!(matches!(Backdrop::from_name("#0a141e"), Ok(Backdrop::Colour([10, 20, 30]))));
        for wrong in ["", "#", "#12", "#12345", "#gggggg", "red", "#é00000"] {
            assert!(Backdrop::from_name(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_subject_lies_over_what_is_behind() {
        let mut row = [200, 100, 0, 255, 200, 100, 0, 0, 200, 100, 0, 51];
        Prepared::Colour([0, 0, 250]).row(0, &mut row);
        assert_eq!(row, [200, 100, 0, 255, 0, 0, 250, 255, 40, 20, 200, 255]);
    }

    proptest! {
        #[test]
        fn any_picture_covers_any_size(
            width in 1_u32..60, height in 1_u32..60, wanted_width in 1_u32..60, wanted_height in 1_u32..60,
        ) {
            let size = Size::new(width, height);
            let picture = Picture::from_pixels(Format::Rgba8, size, vec![7; (width * height * 4) as usize]).unwrap();
            let wanted = Size::new(wanted_width, wanted_height);
            prop_assert_eq!(covering(picture.view(), wanted).unwrap().size(), wanted);
        }
    }
}
