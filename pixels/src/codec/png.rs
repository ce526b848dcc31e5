//! The structure of a PNG file: one walk over its chunks.

use super::{DecodeError, Kind, Scan, be32, exif_orientation};
use crate::{Orientation, Size};

/// Reads header, transparency, frames and orientation, and whether the end chunk is there.
pub(super) fn scan(bytes: &[u8]) -> Result<Scan, DecodeError> {
    let truncated = || DecodeError::Truncated { kind: Kind::Png };
    let first = bytes.get(12..16).ok_or_else(truncated)?;
    if first != b"IHDR" {
        return Err(DecodeError::corrupt(Kind::Png, "the first chunk is not `IHDR`"));
    }
    let header = bytes.get(16..29).ok_or_else(truncated)?;
    let size =
        Size::new(be32(header, 0).ok_or_else(truncated)?, be32(header, 4).ok_or_else(truncated)?);
    if size.is_empty() {
        return Err(DecodeError::corrupt(Kind::Png, format!("its size is {size}")));
    }
    let depth = if header[8] == 16 { 16 } else { 8 };
    let mut has_alpha = matches!(header[9], 4 | 6);
    let mut orientation = Orientation::Normal;
    let mut complete = false;
    let mut rest = &bytes[8..];
    while let Some((name, content, after)) = chunk(rest) {
        match name {
            b"tRNS" => has_alpha = true,
            b"eXIf" => orientation = exif_orientation(content),
            b"acTL" if be32(content, 0).unwrap_or(0) > 1 => {
                return Err(DecodeError::unsupported(
                    "an animated PNG",
                    "export one frame as a PNG of its own",
                ));
            }
            b"IEND" => {
                complete = true;
                break;
            }
            _ => {}
        }
        rest = after;
    }
    Ok(Scan::new(Kind::Png, size, depth, has_alpha, orientation).completed(complete))
}

/// Name, content, and what follows the checksum; nothing when the chunk is not whole.
fn chunk(bytes: &[u8]) -> Option<(&[u8; 4], &[u8], &[u8])> {
    let length = be32(bytes, 0)? as usize;
    let name = bytes.get(4..)?.first_chunk()?;
    let content = bytes.get(8..8_usize.checked_add(length)?)?;
    let after = bytes.get(12_usize.checked_add(length)?..)?;
    Some((name, content, after))
}
