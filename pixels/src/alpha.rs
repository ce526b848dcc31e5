//! Taking transparency away for models that know none, and giving it back.
//!
//! `flatten` lays a picture over a plain colour and remembers its alpha at full depth; `restore` puts that alpha back
//! on whatever came of it. Colour is never multiplied in memory: alpha stays straight.

use crate::sample::{Sample, by_sample, pixels, pixels_mut, row_is_opaque};
use crate::{Format, LayoutError, Picture, Size, View, convert, resize};

/// The plain colour behind a picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Matte {
    /// This sRGB colour.
    Colour([u8; 3]),
    /// The mean colour of what can be seen, weighted by alpha; mid grey when nothing can. It gives a model the least
    /// reason to invent an edge.
    #[default]
    Mean,
}

/// The alpha of a picture, at the depth of the picture.
#[derive(Clone, PartialEq)]
pub struct Alpha {
    /// Alpha in all four channels would waste memory, and no grey format is deep enough: one float or integer each.
    samples: Samples,
    size: Size,
}

#[derive(Clone, PartialEq)]
enum Samples {
    Eight(Vec<u8>),
    Sixteen(Vec<u16>),
    Float(Vec<f32>),
}

impl std::fmt::Debug for Alpha {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Alpha({} of {})", self.format(), self.size)
    }
}

impl Alpha {
    /// Remembers the alpha of a picture; nothing when it is opaque everywhere.
    pub fn of(view: View<'_>) -> Option<Self> {
        let format = view.format();
        if view.rows().all(|row| row_is_opaque(format, row)) {
            return None;
        }
        let samples = match format {
            Format::Gray8 => return None,
            Format::Rgba8 => Samples::Eight(collect(view)),
            Format::Rgba16 => Samples::Sixteen(collect(view)),
            Format::RgbaF32 => Samples::Float(collect(view)),
        };
        Some(Self { samples, size: view.size() })
    }

    /// The size of the picture it was taken from.
    pub const fn size(&self) -> Size {
        self.size
    }

    /// The format of the picture it was taken from.
    pub const fn format(&self) -> Format {
        match self.samples {
            Samples::Eight(_) => Format::Rgba8,
            Samples::Sixteen(_) => Format::Rgba16,
            Samples::Float(_) => Format::RgbaF32,
        }
    }

    /// Alpha as a mask of 8 bits.
    pub fn to_gray8(&self) -> Picture {
        let mut mask = Picture::blank(Format::Gray8, self.size);
        let out = mask.pixels_mut().iter_mut();
        match &self.samples {
            Samples::Eight(values) => out.zip(values).for_each(|(out, value)| *out = *value),
            Samples::Sixteen(values) => {
                out.zip(values).for_each(|(out, value)| *out = crate::convert::narrow(*value));
            }
            Samples::Float(values) => {
                out.zip(values)
                    .for_each(|(out, value)| *out = u8::from_f32(value.clamp(0.0, 1.0) * 255.0));
            }
        }
        mask
    }

    /// The alpha for the same picture at another size, as when a model has enlarged it.
    pub fn resized(&self, size: Size) -> Result<Self, LayoutError> {
        if size == self.size {
            return Ok(self.clone());
        }
        // White that carries the alpha: the resampler then treats alpha as it does in every picture.
        let mut carrier = Picture::blank(self.format(), self.size);
        by_sample!(self.format(), S => fill_white::<S>(&mut carrier));
        self.write(&mut carrier);
        let carrier = resize(carrier.view(), size)?;
        let samples = match self.samples {
            Samples::Eight(_) => Samples::Eight(collect(carrier.view())),
            Samples::Sixteen(_) => Samples::Sixteen(collect(carrier.view())),
            Samples::Float(_) => Samples::Float(collect(carrier.view())),
        };
        Ok(Self { samples, size })
    }

    /// Writes the alpha into a picture of its own format and size.
    fn write(&self, picture: &mut Picture) {
        match &self.samples {
            Samples::Eight(values) => spread(values, picture),
            Samples::Sixteen(values) => spread(values, picture),
            Samples::Float(values) => spread(values, picture),
        }
    }
}

fn collect<S: Sample>(view: View<'_>) -> Vec<S> {
    let mut values = Vec::with_capacity(view.size().area() as usize);
    for row in view.rows() {
        values.extend(pixels::<S>(row).iter().map(|pixel| S::load(pixel[3])));
    }
    values
}

fn spread<S: Sample>(values: &[S], picture: &mut Picture) {
    for (pixel, value) in pixels_mut::<S>(picture.pixels_mut()).iter_mut().zip(values) {
        pixel[3] = value.store();
    }
}

fn fill_white<S: Sample>(picture: &mut Picture) {
    pixels_mut::<S>(picture.pixels_mut()).fill([S::MAX.store(); 4]);
}

/// The picture over a plain colour, opaque, and its alpha when it has transparency. An opaque picture is copied. A
/// grey one has no alpha to flatten.
pub fn flatten(view: View<'_>, matte: Matte) -> (Picture, Option<Alpha>) {
    let alpha = Alpha::of(view);
    let mut picture = Picture::from_view(view);
    if alpha.is_some() {
        let behind = match matte {
            Matte::Colour([red, green, blue]) => colour_in(view.format(), [red, green, blue]),
            Matte::Mean => by_sample!(view.format(), S => mean::<S>(view)),
        };
        by_sample!(view.format(), S => lay_over::<S>(&mut picture, behind));
    }
    (picture, alpha)
}

/// An sRGB colour in the numbers of a format.
fn colour_in(format: Format, [red, green, blue]: [u8; 3]) -> [f32; 3] {
    let bytes = [red, green, blue, 255];
    let one = View::trusted(Format::Rgba8, Size::new(1, 1), 4, &bytes);
    let converted = convert(one, format);
    by_sample!(format, S => {
        let [red, green, blue, _] = pixels::<S>(converted.pixels())[0].map(|raw| S::load(raw).to_f32());
        [red, green, blue]
    })
}

/// The mean colour weighted by alpha.
fn mean<S: Sample>(view: View<'_>) -> [f32; 3] {
    let (mut sums, mut weight) = ([0.0_f64; 3], 0.0_f64);
    for row in view.rows() {
        for pixel in pixels::<S>(row) {
            let [red, green, blue, alpha] = pixel.map(|raw| f64::from(S::load(raw).to_f32()));
            // Floats may hold anything; what is not a number has no say.
            if alpha > 0.0 && (red + green + blue).is_finite() {
                weight += alpha;
                sums = [sums[0] + red * alpha, sums[1] + green * alpha, sums[2] + blue * alpha];
            }
        }
    }
    if weight > 0.0 {
        sums.map(|sum| (sum / weight) as f32)
    } else {
        colour_in(view.format(), [128; 3])
    }
}

fn lay_over<S: Sample>(picture: &mut Picture, behind: [f32; 3]) {
    let full = S::MAX.to_f32();
    for pixel in pixels_mut::<S>(picture.pixels_mut()) {
        let alpha = S::load(pixel[3]).to_f32();
        if alpha < full {
            let share = (alpha / full).max(0.0);
            for (sample, behind) in pixel.iter_mut().zip(behind) {
                let value = S::load(*sample).to_f32();
                *sample = S::from_f32(behind + (value - behind) * share).store();
            }
        }
        pixel[3] = S::MAX.store();
    }
}

/// Puts remembered alpha on a picture, in the picture's format; the alpha it had is replaced. Errs when the sizes
/// differ: see [`Alpha::resized`]. A grey picture becomes one with colour.
pub fn restore(picture: &Picture, alpha: &Alpha) -> Result<Picture, LayoutError> {
    picture.view().expect_size(alpha.size)?;
    let format = if picture.format() == Format::Gray8 { Format::Rgba8 } else { picture.format() };
    let mut restored = convert(picture.view(), format).with_icc(picture.icc.clone());
    if format == alpha.format() {
        alpha.write(&mut restored);
        return Ok(restored);
    }
    let mut carrier = Picture::blank(alpha.format(), alpha.size);
    alpha.write(&mut carrier);
    let carrier = convert(carrier.view(), format);
    by_sample!(format, S => spread::<S>(&collect(carrier.view()), &mut restored));
    Ok(restored)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_flattened_gets_its_alpha_back(
            width in 1_u32..12, height in 1_u32..12, seed in any::<u8>(),
            format in prop::sample::select(vec![Format::Rgba8, Format::Rgba16, Format::RgbaF32]),
        ) {
            let size = Size::new(width, height);
            let bytes = (0..size.area() * 4).map(|i| (i as u8).wrapping_mul(67).wrapping_add(seed)).collect();
            let source = convert(Picture::from_pixels(Format::Rgba8, size, bytes).unwrap().view(), format);
            let (flat, alpha) = flatten(source.view(), Matte::Mean);
            prop_assert!(Alpha::of(flat.view()).is_none());
            if let Some(alpha) = alpha {
                let back = restore(&flat, &alpha).unwrap();
                prop_assert_eq!(Alpha::of(back.view()), Some(alpha.clone()));
                let small = convert(back.view(), Format::Rgba8);
                let mask = alpha.to_gray8();
                prop_assert!(pixels::<u8>(small.pixels()).iter().zip(mask.pixels()).all(|(p, a)| p[3] == *a));
            } else {
                prop_assert_eq!(flat, source);
            }
        }
    }

    #[test]
    fn the_matte_shows_only_through_what_is_transparent() {
        let bytes = vec![255, 0, 0, 255, 0, 255, 0, 0, 0, 0, 255, 127];
        let picture = Picture::from_pixels(Format::Rgba8, Size::new(3, 1), bytes).unwrap();
        let (flat, alpha) = flatten(picture.view(), Matte::Colour([10, 20, 30]));
        assert_eq!(flat.pixels(), [255, 0, 0, 255, 10, 20, 30, 255, 5, 10, 142, 255]);
        assert_eq!(alpha.unwrap().to_gray8().pixels(), [255, 0, 127]);
        // The mean knows nothing of colours under full transparency.
        let (flat, _) = flatten(picture.view(), Matte::Mean);
        assert_eq!(flat.pixels()[4..8], [170, 0, 85, 255]);
        let nothing = Picture::new_zeroed(Format::Rgba8, Size::new(2, 2)).unwrap();
        assert_eq!(flatten(nothing.view(), Matte::Mean).0.pixels()[..4], [128, 128, 128, 255]);
    }

    #[test]
    fn alpha_follows_an_enlarged_picture() {
        let picture =
            Picture::from_pixels(Format::Rgba8, Size::new(2, 2), [9, 9, 9, 80].repeat(4)).unwrap();
        let alpha = Alpha::of(picture.view()).unwrap();
        let large = Picture::from_pixels(Format::Rgba16, Size::new(4, 4), vec![7; 128]).unwrap();
        assert!(restore(&large, &alpha).is_err());
        let alpha = alpha.resized(Size::new(4, 4)).unwrap();
        let restored = restore(&large, &alpha).unwrap();
        assert!(
            pixels::<u16>(restored.pixels()).iter().all(|p| u16::from_ne_bytes(p[3]) == 80 * 257)
        );
    }
}
