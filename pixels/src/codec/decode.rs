//! From the bytes of a file to an upright picture with its depth and its profile.
//!
//! Order matters here: kind, structure, limits, wholeness, and only then pixels. Eight-bit files become `rgba8`,
//! sixteen-bit files `rgba16`, float TIFF `rgbaf32`. Colours stay in the space of the file's profile, which comes along.

use std::io::Cursor;

use image::codecs::png::PngDecoder;
use image::codecs::tiff::TiffDecoder;
use image::codecs::webp::WebPDecoder;
use image::error::{ImageError, ImageResult};
use image::{ColorType, ImageDecoder};

use super::{DecodeError, Header, Kind, Limits, Scan, jpeg, png, sniff::sniff, tiff, webp};
use crate::convert::luma8;
use crate::guard::guarded;
use crate::sample::{Sample, by_sample, pixels, pixels_mut};
use crate::{Format, Picture, convert};

/// What a decoder may use beside the pixels: row buffers, profiles, tables.
const SLACK: u64 = 64 << 20;

/// A decoded file.
#[derive(Clone, Debug)]
pub struct Decoded {
    /// The pixels, upright, with the profile of the file.
    pub picture: Picture,
    /// What the file said about itself.
    pub header: Header,
}

/// Reads what a file says about its picture, without decoding a pixel and without limits. The file may be cut after
/// its head. Errs on what [`decode`] would not decode, as far as the head tells.
pub fn probe(bytes: &[u8]) -> Result<Header, DecodeError> {
    Ok(scan(bytes)?.header)
}

fn scan(bytes: &[u8]) -> Result<Scan, DecodeError> {
    match sniff(bytes)? {
        Kind::Png => png::scan(bytes),
        Kind::Jpeg => jpeg::scan(bytes),
        Kind::Webp => webp::scan(bytes),
        Kind::Tiff => tiff::scan(bytes),
    }
}

/// Decodes a file: told by its first bytes, turned upright, at its own depth, with its ICC profile. Alpha is straight,
/// and opaque where the file has none. The limits are checked before pixels are allocated.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Decoded, DecodeError> {
    let scan = scan(bytes)?;
    let header = scan.header;
    limits.check(header.size, header.format())?;
    if !scan.complete {
        return Err(DecodeError::Truncated { kind: header.kind });
    }
    let mut picture = guarded(|| stored(bytes, &scan, limits))
        .unwrap_or_else(|| Err(DecodeError::corrupt(header.kind, "the decoder gave up")))?;
    if scan.premultiplied {
        by_sample!(picture.format(), S => unmultiply::<S>(&mut picture));
    }
    // The TIFF decoder gives up on a large profile; the walk over the directory knows where it is.
    if let Some(profile) =
        scan.profile.clone().and_then(|range| bytes.get(range)).filter(|icc| !icc.is_empty())
    {
        picture.icc = Some(profile.into());
    }
    Ok(Decoded { picture: header.orientation.apply(picture), header })
}

/// Decodes a file as a mask, `gray8`. The rule: luma times alpha. White that is opaque may change; black, or
/// transparent, stays. So both a grey picture and white strokes on a transparent layer mean what they look like.
pub fn decode_mask(bytes: &[u8], limits: &Limits) -> Result<Picture, DecodeError> {
    let colours = convert(decode(bytes, limits)?.picture.view(), Format::Rgba8);
    let mut mask = Picture::blank(Format::Gray8, colours.size());
    for (value, pixel) in mask.pixels_mut().iter_mut().zip(pixels::<u8>(colours.pixels())) {
        *value = ((u32::from(luma8(*pixel)) * u32::from(pixel[3]) + 127) / 255) as u8;
    }
    Ok(mask)
}

/// The pixels as they are stored, not turned yet.
fn stored(bytes: &[u8], scan: &Scan, limits: &Limits) -> Result<Picture, DecodeError> {
    let header = &scan.header;
    let input = Cursor::new(bytes);
    let mut ceiling = image::Limits::no_limits();
    ceiling.max_alloc = Some(limits.max_bytes.saturating_mul(2).saturating_add(SLACK));
    match header.kind {
        Kind::Jpeg => jpeg::decode(bytes, header.stored_size()),
        Kind::Png => read(PngDecoder::with_limits(input, ceiling), header),
        Kind::Webp => read(WebPDecoder::new(input), header),
        Kind::Tiff => {
            let decoder = TiffDecoder::new(input).and_then(|mut decoder| {
                decoder.set_limits(ceiling)?;
                Ok(decoder)
            });
            read(decoder, header)
        }
    }
}

/// Decodes and widens to four channels.
fn read(decoder: ImageResult<impl ImageDecoder>, header: &Header) -> Result<Picture, DecodeError> {
    let fail = |error: ImageError| failure(header.kind, error);
    let mut decoder = decoder.map_err(fail)?;
    let size = header.stored_size();
    let colours = decoder.color_type();
    let (format, channels) =
        layout(colours).ok_or_else(|| unsupported(header.kind, &format!("{colours:?} pixels")))?;
    if decoder.dimensions() != (size.width, size.height) || format != header.format() {
        return Err(DecodeError::corrupt(header.kind, "its parts contradict each other"));
    }
    // A profile that cannot be read must not cost the picture.
    let icc = decoder.icc_profile().ok().flatten().filter(|icc| !icc.is_empty());
    let mut picture = Picture::blank(format, size);
    if channels == 4 {
        decoder.read_image(picture.pixels_mut()).map_err(fail)?;
    } else {
        let mut narrow = vec![0; size.area() as usize * channels * format.bytes_per_sample()];
        decoder.read_image(&mut narrow).map_err(fail)?;
        by_sample!(format, S => widen::<S>(&narrow, channels, picture.pixels_mut()));
    }
    Ok(picture.with_icc(icc.map(Into::into)))
}

/// Our format for a decoder's colours, and how many channels it gives.
fn layout(colours: ColorType) -> Option<(Format, usize)> {
    let format = match colours {
        ColorType::L8 | ColorType::La8 | ColorType::Rgb8 | ColorType::Rgba8 => Format::Rgba8,
        ColorType::L16 | ColorType::La16 | ColorType::Rgb16 | ColorType::Rgba16 => Format::Rgba16,
        ColorType::Rgb32F | ColorType::Rgba32F => Format::RgbaF32,
        _ => return None,
    };
    Some((format, usize::from(colours.channel_count())))
}

/// Grey, grey with alpha, or colour without alpha, to colour with alpha.
fn widen<S: Sample>(narrow: &[u8], channels: usize, wide: &mut [u8]) {
    let opaque = S::MAX.store();
    let narrow = crate::sample::samples::<S>(narrow);
    let wide = pixels_mut::<S>(wide).iter_mut();
    match channels {
        1 => wide.zip(narrow).for_each(|(pixel, gray)| *pixel = [*gray, *gray, *gray, opaque]),
        2 => wide
            .zip(narrow.as_chunks().0)
            .for_each(|(pixel, [gray, alpha])| *pixel = [*gray, *gray, *gray, *alpha]),
        _ => wide
            .zip(narrow.as_chunks().0)
            .for_each(|(pixel, [red, green, blue])| *pixel = [*red, *green, *blue, opaque]),
    }
}

/// Colour that is stored times alpha becomes straight.
fn unmultiply<S: Sample>(picture: &mut Picture) {
    let full = S::MAX.to_f32();
    for pixel in pixels_mut::<S>(picture.pixels_mut()) {
        let alpha = S::load(pixel[3]).to_f32();
        if alpha > 0.0 && alpha < full {
            for sample in &mut pixel[..3] {
                let straight = S::load(*sample).to_f32() * full / alpha;
                *sample = S::from_f32(straight).store();
            }
        }
    }
}

fn unsupported(kind: Kind, detail: &str) -> DecodeError {
    DecodeError::unsupported(
        format!("this {kind} file ({detail})"),
        "save it as RGB with 8 or 16 bits in an editor",
    )
}

fn failure(kind: Kind, error: ImageError) -> DecodeError {
    match error {
        ImageError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            DecodeError::Truncated { kind }
        }
        ImageError::Unsupported(error) => unsupported(kind, &error.to_string()),
        error => DecodeError::corrupt(kind, error),
    }
}
