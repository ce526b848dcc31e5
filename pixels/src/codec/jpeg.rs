//! The structure of a JPEG file, and its decoding.
//!
//! The decoder is run in its strict mode: the lenient one paints missing data grey and says nothing. The walk over the
//! markers asks for the end marker too, and finds what the decoder does not do (CMYK, lossless, arithmetic coding).
//! One thing is not seen: missing data behind which somebody has put an end marker.

use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::{DecodeError, Kind, Scan, be16, exif_orientation};
use crate::sample::pixels_mut;
use crate::{Format, Orientation, Picture, Size};

/// Walks the markers from the start to the end marker.
pub(super) fn scan(bytes: &[u8]) -> Result<Scan, DecodeError> {
    let mut size = None;
    let mut orientation = Orientation::Normal;
    let mut complete = false;
    let mut at = 2;
    while let Some(marker) = next_marker(bytes, &mut at) {
        match marker {
            // Restart markers and the like stand alone, between entropy-coded data.
            0x01 | 0xd0..=0xd8 => continue,
            0xd9 => {
                complete = true;
                break;
            }
            _ => {}
        }
        let Some(length) = be16(bytes, at) else { break };
        let Some(content) = bytes.get(at + 2..at + usize::from(length.max(2))) else { break };
        match marker {
            0xc0..=0xc2 if size.is_none() => size = Some(frame(content)?),
            0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                return Err(DecodeError::unsupported(
                    if marker > 0xc8 {
                        "a JPEG with arithmetic coding"
                    } else {
                        "a lossless or hierarchical JPEG"
                    },
                    "save it as a baseline or progressive JPEG, or as PNG",
                ));
            }
            0xe1 if content.starts_with(b"Exif\0\0") => orientation = exif_orientation(content),
            _ => {}
        }
        at += usize::from(length.max(2));
    }
    let Some(size) = size else {
        let kind = Kind::Jpeg;
        return Err(if complete {
            DecodeError::corrupt(kind, "it has no frame")
        } else {
            DecodeError::Truncated { kind }
        });
    };
    Ok(Scan::new(Kind::Jpeg, size, 8, false, orientation).completed(complete))
}

/// The next marker at or after `at`, which moves behind it. Stuffed zeros and entropy-coded bytes are passed over.
fn next_marker(bytes: &[u8], at: &mut usize) -> Option<u8> {
    loop {
        *at += bytes.get(*at..)?.iter().position(|byte| *byte == 0xff)? + 1;
        // Any number of fill bytes may stand before a marker.
        *at += bytes.get(*at..)?.iter().position(|byte| *byte != 0xff)?;
        let marker = bytes[*at];
        *at += 1;
        if marker != 0 {
            return Some(marker);
        }
    }
}

/// The size in a frame header; errs on what is not decoded.
fn frame(content: &[u8]) -> Result<Size, DecodeError> {
    let (Some(precision), Some(height), Some(width), Some(components)) =
        (content.first(), be16(content, 1), be16(content, 3), content.get(5))
    else {
        return Err(DecodeError::corrupt(Kind::Jpeg, "its frame header is too short"));
    };
    if *precision != 8 {
        return Err(DecodeError::unsupported(
            format!("a JPEG with {precision} bits a sample"),
            "save it as a PNG or TIFF with 16 bits",
        ));
    }
    match components {
        1 | 3 => {}
        4 => {
            return Err(DecodeError::unsupported(
                "a CMYK JPEG",
                "convert it to RGB with its own colour profile in an editor",
            ));
        }
        count => {
            return Err(DecodeError::corrupt(Kind::Jpeg, format!("it has {count} components")));
        }
    }
    let size = Size::new(u32::from(width), u32::from(height));
    if size.is_empty() {
        return Err(DecodeError::corrupt(Kind::Jpeg, format!("its size is {size}")));
    }
    Ok(size)
}

/// Decodes to `rgba8`, with the profile.
pub(super) fn decode(bytes: &[u8], size: Size) -> Result<Picture, DecodeError> {
    match decode_strictly(bytes, size, true) {
        // Strict mode also refuses stray bytes between two headers, which harm no pixel.
        Err(DecodeError::Corrupt { detail, .. })
            if detail.contains("Extra bytes between headers") =>
        {
            decode_strictly(bytes, size, false)
        }
        result => result,
    }
}

fn decode_strictly(bytes: &[u8], size: Size, strict: bool) -> Result<Picture, DecodeError> {
    let options = DecoderOptions::default()
        .set_strict_mode(strict)
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX))
        .jpeg_set_out_colorspace(ColorSpace::RGBA);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(|error| failure(&error))?;
    let found = decoder.dimensions().unwrap_or((0, 0));
    if found != (size.width as usize, size.height as usize) {
        return Err(DecodeError::corrupt(Kind::Jpeg, "it has two frames of different sizes"));
    }
    let icc = decoder.icc_profile();
    let mut picture = Picture::blank(Format::Rgba8, size);
    if decoder.input_colorspace() == Some(ColorSpace::RGB) {
        // Stored RGB is given as it is, without alpha.
        decoder.set_options(options.jpeg_set_out_colorspace(ColorSpace::RGB));
        let mut colours = vec![0; size.area() as usize * 3];
        decoder.decode_into(&mut colours).map_err(|error| failure(&error))?;
        let (colours, _) = colours.as_chunks::<3>();
        for (pixel, &[red, green, blue]) in
            pixels_mut::<u8>(picture.pixels_mut()).iter_mut().zip(colours)
        {
            *pixel = [red, green, blue, 255];
        }
    } else {
        decoder.decode_into(picture.pixels_mut()).map_err(|error| failure(&error))?;
    }
    Ok(picture.with_icc(icc.filter(|icc| !icc.is_empty()).map(Into::into)))
}

fn failure(error: &DecodeErrors) -> DecodeError {
    match error {
        DecodeErrors::ExhaustedData => DecodeError::Truncated { kind: Kind::Jpeg },
        DecodeErrors::Unsupported(_) => DecodeError::unsupported(
            "this kind of JPEG",
            "save it as a baseline or progressive JPEG, or as PNG",
        ),
        other => DecodeError::corrupt(Kind::Jpeg, format!("{other:?}")),
    }
}
