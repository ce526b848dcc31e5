//! The structure of a WebP file: one walk over its RIFF chunks.

use super::{DecodeError, Kind, Scan, exif_orientation, le32};
use crate::{Orientation, Size};

/// Reads size, alpha, frames and orientation, and whether the file is as long as it says.
pub(super) fn scan(bytes: &[u8]) -> Result<Scan, DecodeError> {
    let truncated = || DecodeError::Truncated { kind: Kind::Webp };
    let end = 8 + le32(bytes, 4).ok_or_else(truncated)? as usize;
    let complete = bytes.len() >= end;
    let (mut canvas, mut frame): (Option<Size>, Option<Size>) = (None, None);
    let (mut has_alpha, mut frames, mut orientation) = (false, 0_u32, Orientation::Normal);
    let mut at = 12;
    while let (Some(name), Some(length)) = (bytes.get(at..at + 4), le32(bytes, at + 4)) {
        let length = length as usize;
        // A cut chunk is still read as far as it goes: its head may be there.
        let content = &bytes[at + 8..bytes.len().min(at + 8 + length)];
        match name {
            b"VP8X" => {
                has_alpha |= content.first().is_some_and(|flags| flags & 0x10 != 0);
                canvas = extended_size(content);
            }
            b"VP8L" => {
                let bits = le32(content, 1).ok_or_else(truncated)?;
                frame = Some(Size::new((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1));
                has_alpha |= bits >> 28 & 1 == 1;
            }
            b"VP8 " => {
                let sides = le32(content, 6).ok_or_else(truncated)?;
                frame = Some(Size::new(sides & 0x3fff, (sides >> 16) & 0x3fff));
            }
            b"ALPH" => has_alpha = true,
            b"ANMF" => frames += 1,
            b"EXIF" => orientation = exif_orientation(content),
            _ => {}
        }
        at = at.saturating_add(8).saturating_add(length).saturating_add(length % 2);
    }
    if frames > 1 {
        return Err(DecodeError::unsupported(
            "an animated WebP",
            "export one frame as a picture of its own",
        ));
    }
    let size = canvas.or(frame).ok_or_else(|| {
        if complete {
            DecodeError::corrupt(Kind::Webp, "it has no picture chunk")
        } else {
            truncated()
        }
    })?;
    // A small canvas around a large frame would pass the limits and then cost what the frame costs.
    if size.is_empty() || frame.is_some_and(|frame| frame != size && frames == 0) {
        return Err(DecodeError::corrupt(
            Kind::Webp,
            format!("its size is {size}, that of its frame is another"),
        ));
    }
    Ok(Scan::new(Kind::Webp, size, 8, has_alpha, orientation).completed(complete))
}

/// The canvas of an extended file: two 24-bit numbers, each one less than the side.
fn extended_size(content: &[u8]) -> Option<Size> {
    let side = |at: usize| {
        let raw = content.get(at..at + 3)?;
        Some(1 + u32::from(raw[0]) + (u32::from(raw[1]) << 8) + (u32::from(raw[2]) << 16))
    };
    Some(Size::new(side(4)?, side(7)?))
}
