//! Resampling with Lanczos-3, in whole pixels or from a fractional part of the source.
//!
//! Colour is weighted by alpha while it is averaged, so that transparent pixels bleed no colour; 8-bit pictures with
//! transparency go through 16 bits for that, 16-bit ones through floats. Opaque pictures take the short way.
//! Values are resampled as they are coded: in gamma for the integer formats, in light for floats.

use std::borrow::Cow;

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use crate::convert::narrow;
use crate::sample::{pixels, row_is_opaque};
use crate::{Format, LayoutError, Picture, Size, View};

/// The picture at another size. The same size is an exact copy. Errs on an empty size or one that fits no memory.
pub fn resize(view: View<'_>, size: Size) -> Result<Picture, LayoutError> {
    resample(view, [0.0, 0.0, f64::from(view.width()), f64::from(view.height())], size)
}

/// The part `[x, y, width, height]` of the picture (fractions allowed, clamped to it), at size `size`.
pub(crate) fn resample(view: View<'_>, part: [f64; 4], size: Size) -> Result<Picture, LayoutError> {
    let part = clamp_part(part, view.size());
    let mut target = Picture::new_zeroed(view.format(), size)?;
    if let Some(rect) = whole_part(part, size) {
        target.view_mut().copy_from(view.crop(rect)?)?;
        return Ok(target);
    }
    let opaque = view.rows().all(|row| row_is_opaque(view.format(), row));
    match (view.format(), opaque) {
        (Format::Gray8, _) => plain(view, part, &mut target, PixelType::U8),
        (Format::Rgba8, true) => plain(view, part, &mut target, PixelType::U8x4),
        (Format::Rgba16, true) => plain(view, part, &mut target, PixelType::U16x4),
        (Format::RgbaF32, true) => plain(view, part, &mut target, PixelType::F32x4),
        (Format::Rgba8, false) => transparent8(view, part, &mut target),
        (Format::Rgba16 | Format::RgbaF32, false) => transparent_deep(view, part, &mut target),
    }
    .map_err(|()| LayoutError::Overflow(size))?;
    Ok(target)
}

/// Keeps the part inside the picture and at least a sliver wide.
fn clamp_part([x, y, width, height]: [f64; 4], size: Size) -> [f64; 4] {
    let (full_width, full_height) = (f64::from(size.width), f64::from(size.height));
    let x = x.clamp(0.0, full_width - 1e-3);
    let y = y.clamp(0.0, full_height - 1e-3);
    [x, y, width.clamp(1e-3, full_width - x), height.clamp(1e-3, full_height - y)]
}

/// The part in whole pixels when nothing has to be resampled.
fn whole_part(part: [f64; 4], size: Size) -> Option<crate::Rect> {
    let near = part.iter().all(|value| (value - value.round()).abs() < 1e-6);
    let [x, y, width, height] = part.map(|value| value.round() as u32);
    (near && width == size.width && height == size.height)
        .then(|| crate::Rect::new(x, y, width, height))
}

/// The library's own call; every failure it can have here is one of sizes.
fn run(source: &ImageRef<'_>, part: [f64; 4], target: &mut Image<'_>) -> Result<(), ()> {
    let [x, y, width, height] = part;
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3))
        .crop(x, y, width, height)
        .use_alpha(false);
    Resizer::new().resize(source, target, &options).map_err(|_| ())
}

/// Opaque pictures and masks: samples as they are.
fn plain(view: View<'_>, part: [f64; 4], target: &mut Picture, kind: PixelType) -> Result<(), ()> {
    let Size { width, height } = view.size();
    let tight = view
        .as_tight()
        .map_or_else(|| Cow::Owned(Picture::from_view(view).into_pixels()), Cow::Borrowed);
    let size = target.size();
    if let (Ok(source), Ok(mut image)) = (
        ImageRef::new(width, height, &tight, kind),
        Image::from_slice_u8(size.width, size.height, target.pixels_mut(), kind),
    ) {
        run(&source, part, &mut image)?;
    } else {
        // A deep view at an odd address: the library wants aligned samples, so both sides get memory of their own.
        let mut aligned = Image::new(width, height, kind);
        aligned.buffer_mut().copy_from_slice(&tight);
        let source = ImageRef::new(width, height, aligned.buffer(), kind).map_err(|_| ())?;
        let mut image = Image::new(size.width, size.height, kind);
        run(&source, part, &mut image)?;
        target.pixels_mut().copy_from_slice(image.buffer());
    }
    if kind == PixelType::F32x4 {
        clamp_alpha(target);
    }
    Ok(())
}

/// Lanczos overshoots; light may, alpha may not.
fn clamp_alpha(target: &mut Picture) {
    for pixel in crate::sample::pixels_mut::<f32>(target.pixels_mut()) {
        pixel[3] = f32::from_ne_bytes(pixel[3]).clamp(0.0, 1.0).to_ne_bytes();
    }
}

/// 8-bit pictures with transparency: colour times alpha at 16 bits.
fn transparent8(view: View<'_>, part: [f64; 4], target: &mut Picture) -> Result<(), ()> {
    let Size { width, height } = view.size();
    let mut multiplied: Vec<u16> = Vec::with_capacity(width as usize * height as usize * 4);
    for row in view.rows() {
        multiplied.extend(pixels::<u8>(row).iter().flat_map(|&[red, green, blue, alpha]| {
            let times =
                |value: u8| ((u32::from(value) * u32::from(alpha) * 257 + 127) / 255) as u16;
            [times(red), times(green), times(blue), u16::from(alpha) * 257]
        }));
    }
    let source = ImageRef::new(width, height, bytemuck::cast_slice(&multiplied), PixelType::U16x4)
        .map_err(|_| ())?;
    let size = target.size();
    let mut out = vec![0_u16; size.width as usize * size.height as usize * 4];
    let mut image = Image::from_slice_u8(
        size.width,
        size.height,
        bytemuck::cast_slice_mut(&mut out),
        PixelType::U16x4,
    )
    .map_err(|_| ())?;
    run(&source, part, &mut image)?;
    for (pixel, &[red, green, blue, alpha]) in
        crate::sample::pixels_mut::<u8>(target.pixels_mut()).iter_mut().zip(out.as_chunks::<4>().0)
    {
        let alpha32 = u32::from(alpha);
        let over =
            |value: u16| ((u32::from(value) * 255 + alpha32 / 2) / alpha32.max(1)).min(255) as u8;
        // A pixel that rounds to nothing keeps no colour.
        let shown = narrow(alpha);
        *pixel = if shown == 0 { [0; 4] } else { [over(red), over(green), over(blue), shown] };
    }
    Ok(())
}

/// Deep pictures with transparency: colour times alpha in floats.
fn transparent_deep(view: View<'_>, part: [f64; 4], target: &mut Picture) -> Result<(), ()> {
    let Size { width, height } = view.size();
    let mut multiplied: Vec<f32> = Vec::with_capacity(width as usize * height as usize * 4);
    let deep = view.format() == Format::RgbaF32;
    let full = if deep { 1.0 } else { 65535.0 };
    for row in view.rows() {
        let push = |[red, green, blue, alpha]: [f32; 4]| {
            let alpha = (alpha / full).clamp(0.0, 1.0);
            [red * alpha, green * alpha, blue * alpha, alpha]
        };
        if deep {
            multiplied.extend(
                pixels::<f32>(row).iter().flat_map(|raw| push(raw.map(f32::from_ne_bytes))),
            );
        } else {
            multiplied.extend(
                pixels::<u16>(row)
                    .iter()
                    .flat_map(|raw| push(raw.map(|s| f32::from(u16::from_ne_bytes(s))))),
            );
        }
    }
    let source = ImageRef::new(width, height, bytemuck::cast_slice(&multiplied), PixelType::F32x4)
        .map_err(|_| ())?;
    let size = target.size();
    let mut out = vec![0_f32; size.width as usize * size.height as usize * 4];
    let mut image = Image::from_slice_u8(
        size.width,
        size.height,
        bytemuck::cast_slice_mut(&mut out),
        PixelType::F32x4,
    )
    .map_err(|_| ())?;
    run(&source, part, &mut image)?;
    let divided = out.as_chunks::<4>().0.iter().map(|&[red, green, blue, alpha]| {
        // Below half a step of 16 bits nothing can be seen, and the quotient would be noise.
        if alpha < 0.5 / 65535.0 {
            [0.0; 4]
        } else {
            [red / alpha, green / alpha, blue / alpha, alpha.min(1.0)]
        }
    });
    if deep {
        for (pixel, value) in
            crate::sample::pixels_mut::<f32>(target.pixels_mut()).iter_mut().zip(divided)
        {
            *pixel = value.map(f32::to_ne_bytes);
        }
    } else {
        for (pixel, [red, green, blue, alpha]) in
            crate::sample::pixels_mut::<u16>(target.pixels_mut()).iter_mut().zip(divided)
        {
            *pixel = [red, green, blue, alpha * 65535.0]
                .map(|value| ((value + 0.5) as u16).to_ne_bytes());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(format: Format, size: Size, pixel: &[u8]) -> Picture {
        Picture::from_pixels(format, size, pixel.repeat(size.area() as usize)).unwrap()
    }

    #[test]
    fn a_flat_colour_stays_that_colour_at_every_size() {
        let opaque = flat(Format::Rgba8, Size::new(5, 7), &[200, 30, 77, 255]);
        let glass = flat(Format::Rgba8, Size::new(5, 7), &[200, 30, 77, 90]);
        for size in [Size::new(1, 1), Size::new(3, 11), Size::new(64, 2), Size::new(5, 7)] {
            for (picture, pixel) in [(&opaque, [200, 30, 77, 255]), (&glass, [200, 30, 77, 90])] {
                let out = resize(picture.view(), size).unwrap();
                assert_eq!(out.size(), size);
                assert!(out.pixels().chunks(4).all(|p| p == pixel), "{size}");
                for format in [Format::Rgba16, Format::RgbaF32] {
                    let deep = resize(crate::convert(picture.view(), format).view(), size).unwrap();
                    let back = crate::convert(deep.view(), Format::Rgba8);
                    assert!(back.pixels().chunks(4).all(|p| p == pixel), "{format} {size}");
                }
            }
        }
    }

    #[test]
    fn transparent_pixels_bleed_no_colour() {
        // Left half opaque red, right half transparent green.
        let mut bytes = Vec::new();
        for _ in 0..16 {
            bytes.extend([255, 0, 0, 255].repeat(8));
            bytes.extend([0, 255, 0, 0].repeat(8));
        }
        let picture = Picture::from_pixels(Format::Rgba8, Size::new(16, 16), bytes).unwrap();
        for format in [Format::Rgba8, Format::Rgba16, Format::RgbaF32] {
            let source = crate::convert(picture.view(), format);
            let out = crate::convert(
                resize(source.view(), Size::new(7, 7)).unwrap().view(),
                Format::Rgba8,
            );
            assert!(
                out.pixels().chunks(4).all(|p| p[1] <= 1 && (p[3] == 0 || p[0] >= 254)),
                "{format}"
            );
        }
    }

    #[test]
    fn views_at_odd_addresses_resize_alike() {
        let source = flat(Format::Rgba16, Size::new(6, 5), &[1, 2, 3, 4, 5, 6, 255, 255]);
        let mut shifted = vec![9_u8; 1];
        shifted.extend_from_slice(source.pixels());
        for start in 0..2 {
            let mut bytes = vec![9_u8; start];
            bytes.extend_from_slice(source.pixels());
            let view = View::tight(Format::Rgba16, source.size(), &bytes[start..]).unwrap();
            let out = resize(view, Size::new(3, 3)).unwrap();
            assert_eq!(out, resize(source.view(), Size::new(3, 3)).unwrap());
        }
    }

    #[test]
    fn sizes_that_cannot_be_are_errors() {
        let picture = flat(Format::Gray8, Size::new(2, 2), &[7]);
        assert!(matches!(resize(picture.view(), Size::new(0, 9)), Err(LayoutError::Empty(_))));
        assert!(matches!(
            resize(picture.view(), Size::new(u32::MAX, u32::MAX)),
            Err(LayoutError::Overflow(_))
        ));
    }
}
