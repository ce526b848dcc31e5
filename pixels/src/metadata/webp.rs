//! Metadata of WebP files: the chunks `EXIF` and `XMP ` behind the picture, and flags in `VP8X` that announce them.
//!
//! A simple file has no `VP8X` and gets one. Nothing else is changed.

use super::directory::unnamed;
use super::{Block, Metadata, WriteError};
use crate::Kind;

const HEAD: usize = 12;
const HAS_EXIF: u8 = 0x08;
const HAS_XMP: u8 = 0x04;
const HAS_ALPHA: u8 = 0x10;
const LIMIT: usize = u32::MAX as usize - 1;

pub(super) fn read(bytes: &[u8]) -> Metadata {
    let mut found = Metadata::default();
    let mut rest = bytes.get(HEAD..).unwrap_or_default();
    while let Some((chunk, after)) = Chunk::first(rest) {
        match chunk.name {
            b"EXIF" if found.exif.is_none() => found.exif = Some(unnamed(chunk.content).to_vec()),
            b"XMP " if found.xmp.is_none() => found.xmp = Some(chunk.content.to_vec()),
            _ => {}
        }
        rest = after;
    }
    found
}

pub(super) fn write(bytes: &[u8], metadata: &Metadata) -> Result<Vec<u8>, WriteError> {
    let damaged = |detail| WriteError::Damaged { kind: Kind::Webp, detail };
    let claimed = u32::from_le_bytes(
        *bytes.get(4..).and_then(<[u8]>::first_chunk).ok_or_else(|| damaged("it is cut off"))?,
    );
    let mut rest = bytes.get(HEAD..8 + claimed as usize).ok_or_else(|| damaged("it is cut off"))?;
    let mut chunks = Vec::new();
    while let Some((chunk, after)) = Chunk::first(rest) {
        if !matches!(chunk.name, b"EXIF" | b"XMP ") {
            chunks.push(chunk);
        }
        rest = after;
    }
    let first = chunks.first().ok_or_else(|| damaged("it has no picture chunk"))?;
    let mut out = bytes[..HEAD].to_vec();
    let announced = if metadata.exif.is_some() { HAS_EXIF } else { 0 }
        | if metadata.xmp.is_some() { HAS_XMP } else { 0 };
    let extended = match first.name {
        b"VP8X" if first.content.len() >= 10 => Some(first.content.to_vec()),
        b"VP8X" => return Err(damaged("its canvas is not whole")),
        _ if announced == 0 => None,
        _ => Some(canvas(first).ok_or_else(|| damaged("its first chunk is not a picture"))?),
    };
    if let Some(mut content) = extended {
        content[0] = content[0] & !(HAS_EXIF | HAS_XMP) | announced;
        append(&mut out, *b"VP8X", &content);
    }
    for chunk in chunks.iter().filter(|chunk| chunk.name != b"VP8X") {
        append(&mut out, *chunk.name, chunk.content);
    }
    let blocks = [(Block::Exif, b"EXIF", &metadata.exif), (Block::Xmp, b"XMP ", &metadata.xmp)];
    for (block, name, content) in blocks {
        let Some(content) = content else { continue };
        let total = out.len().saturating_add(content.len()).saturating_add(9);
        if total > LIMIT {
            let bytes = content.len();
            return Err(WriteError::TooLarge { kind: Kind::Webp, block, bytes, limit: LIMIT });
        }
        append(&mut out, *name, content);
    }
    let length = u32::try_from(out.len() - 8).map_err(|_| damaged("it is too long"))?;
    out[4..8].copy_from_slice(&length.to_le_bytes());
    Ok(out)
}

/// The content of `VP8X` for the one picture of a simple file: flags, and each side less one in 24 bits.
fn canvas(picture: &Chunk<'_>) -> Option<Vec<u8>> {
    let bits = |at: usize| {
        picture.content.get(at..).and_then(<[u8]>::first_chunk).map(|raw| u32::from_le_bytes(*raw))
    };
    let (flags, across, down) = match picture.name {
        b"VP8L" => {
            let bits = bits(1)?;
            let flags = if bits >> 28 & 1 == 1 { HAS_ALPHA } else { 0 };
            (flags, bits & 0x3fff, bits >> 14 & 0x3fff)
        }
        b"VP8 " => {
            let bits = bits(6)?;
            (0, (bits & 0x3fff).checked_sub(1)?, (bits >> 16 & 0x3fff).checked_sub(1)?)
        }
        _ => return None,
    };
    let mut content = vec![flags, 0, 0, 0];
    content.extend_from_slice(&across.to_le_bytes()[..3]);
    content.extend_from_slice(&down.to_le_bytes()[..3]);
    Some(content)
}

fn append(out: &mut Vec<u8>, name: [u8; 4], content: &[u8]) {
    out.extend_from_slice(&name);
    out.extend_from_slice(&(content.len() as u32).to_le_bytes());
    out.extend_from_slice(content);
    out.resize(out.len().next_multiple_of(2), 0);
}

struct Chunk<'a> {
    name: &'a [u8; 4],
    content: &'a [u8],
}

impl<'a> Chunk<'a> {
    /// The first chunk and what follows its padding; nothing when it is not whole.
    fn first(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let name = bytes.first_chunk()?;
        let length = u32::from_le_bytes(*bytes.get(4..)?.first_chunk()?) as usize;
        let content = bytes.get(8..length.checked_add(8)?)?;
        let after = bytes.get(8 + length.next_multiple_of(2)..).unwrap_or_default();
        Some((Self { name, content }, after))
    }
}
