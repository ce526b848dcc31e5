//! Metadata of PNG files: the chunk `eXIf`, and an `iTXt` with the keyword that XMP has reserved.
//!
//! All other chunks are copied with their checksums. What old tools wrote as `Raw profile type exif` is not read, and
//! goes when blocks are written, since it would contradict them.

use std::io::Read as _;

use flate2::read::ZlibDecoder;

use super::directory::unnamed;
use super::{Block, Metadata, WriteError};
use crate::Kind;

const SIGNATURE: usize = 8;
const XMP: &[u8] = b"XML:com.adobe.xmp";
const LIMIT: usize = i32::MAX as usize;
/// Most bytes of a packet that lies compressed.
const MOST_INFLATED: u64 = 16 << 20;

pub(super) fn read(bytes: &[u8]) -> Metadata {
    let mut found = Metadata::default();
    let mut rest = bytes.get(SIGNATURE..).unwrap_or_default();
    while let Some(chunk) = Chunk::first(rest) {
        match chunk.name {
            b"eXIf" if found.exif.is_none() => found.exif = Some(unnamed(chunk.content).to_vec()),
            b"iTXt" if found.xmp.is_none() => found.xmp = packet(chunk.content),
            b"IEND" => break,
            _ => {}
        }
        rest = &rest[chunk.whole.len()..];
    }
    found
}

/// The text of an `iTXt` chunk that holds XMP.
fn packet(content: &[u8]) -> Option<Vec<u8>> {
    let rest = content.strip_prefix(XMP)?.strip_prefix(&[0])?;
    let (&[compressed, _], rest) = rest.split_first_chunk()?;
    // The language and the translated keyword end with a zero each.
    let text = rest.splitn(3, |byte| *byte == 0).nth(2)?;
    if compressed == 0 {
        return Some(text.to_vec());
    }
    let mut packet = Vec::new();
    let read = ZlibDecoder::new(text).take(MOST_INFLATED).read_to_end(&mut packet).ok()?;
    ((read as u64) < MOST_INFLATED).then_some(packet)
}

pub(super) fn write(bytes: &[u8], metadata: &Metadata) -> Result<Vec<u8>, WriteError> {
    let damaged = |detail| WriteError::Damaged { kind: Kind::Png, detail };
    let mut out = bytes[..SIGNATURE].to_vec();
    let mut rest = &bytes[SIGNATURE..];
    let mut written = false;
    while let Some(chunk) = Chunk::first(rest) {
        if chunk.name == b"IDAT" && !written {
            if let Some(exif) = &metadata.exif {
                append(&mut out, Block::Exif, *b"eXIf", &[exif])?;
            }
            if let Some(xmp) = &metadata.xmp {
                append(&mut out, Block::Xmp, *b"iTXt", &[XMP, &[0; 5], xmp])?;
            }
            written = true;
        }
        if !chunk.describes() {
            out.extend_from_slice(chunk.whole);
        }
        if chunk.name == b"IEND" {
            return if written { Ok(out) } else { Err(damaged("it has no pixels")) };
        }
        rest = &rest[chunk.whole.len()..];
    }
    Err(damaged("it has no end"))
}

fn append(
    out: &mut Vec<u8>,
    block: Block,
    name: [u8; 4],
    parts: &[&[u8]],
) -> Result<(), WriteError> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let counted = u32::try_from(length)
        .ok()
        .filter(|_| length <= LIMIT)
        .ok_or(WriteError::TooLarge { kind: Kind::Png, block, bytes: length, limit: LIMIT })?;
    out.extend_from_slice(&counted.to_be_bytes());
    let start = out.len();
    out.extend_from_slice(&name);
    for part in parts {
        out.extend_from_slice(part);
    }
    let checksum = crc32fast::hash(&out[start..]);
    out.extend_from_slice(&checksum.to_be_bytes());
    Ok(())
}

struct Chunk<'a> {
    name: &'a [u8; 4],
    content: &'a [u8],
    /// With length and checksum.
    whole: &'a [u8],
}

impl<'a> Chunk<'a> {
    /// Nothing when the chunk is not whole.
    fn first(bytes: &'a [u8]) -> Option<Self> {
        let length = u32::from_be_bytes(*bytes.first_chunk()?) as usize;
        let whole = bytes.get(..length.checked_add(12)?)?;
        let name = whole.get(4..)?.first_chunk()?;
        Some(Self { name, content: &whole[8..8 + length], whole })
    }

    /// Whether it is one of the blocks, or an older way to write one.
    fn describes(&self) -> bool {
        match self.name {
            b"eXIf" => true,
            b"iTXt" | b"tEXt" | b"zTXt" => {
                let keyword = self.content.split(|byte| *byte == 0).next().unwrap_or_default();
                keyword == XMP
                    || [&b"exif"[..], b"APP1", b"xmp"]
                        .iter()
                        .any(|name| keyword.strip_prefix(b"Raw profile type ") == Some(name))
            }
            _ => false,
        }
    }
}
