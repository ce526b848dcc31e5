//! Metadata of JPEG files: two kinds of `APP1` segment, each at most 64 KiB.
//!
//! Only what stands before the first scan is looked at, and everything else is copied as it is. A packet that was
//! split over several segments gives its first part, which by its own rules is a packet of its own.

use super::directory::unnamed;
use super::{Block, Metadata, WriteError};
use crate::Kind;

const EXIF: &[u8] = b"Exif\0\0";
const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const MORE_XMP: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";
/// A length counts itself.
const LONGEST: usize = 65_535 - 2;

pub(super) fn read(bytes: &[u8]) -> Metadata {
    let mut found = Metadata::default();
    for segment in Segments::of(bytes).filter(|segment| segment.marker == 0xe1) {
        if found.exif.is_none() && segment.content.starts_with(EXIF) {
            found.exif = Some(unnamed(segment.content).to_vec());
        } else if found.xmp.is_none()
            && let Some(packet) = segment.content.strip_prefix(XMP)
        {
            found.xmp = Some(packet.to_vec());
        }
    }
    found
}

pub(super) fn write(bytes: &[u8], metadata: &Metadata) -> Result<Vec<u8>, WriteError> {
    let mut ours = Vec::new();
    if let Some(exif) = &metadata.exif {
        append(&mut ours, Block::Exif, EXIF, exif)?;
    }
    if let Some(xmp) = &metadata.xmp {
        append(&mut ours, Block::Xmp, XMP, xmp)?;
    }
    let mut segments = Segments::of(bytes);
    let mut others: Vec<&[u8]> = Vec::new();
    // Behind the start, and behind the `JFIF` header that wants to be first too.
    let (mut leading, mut at_start) = (0, true);
    for segment in segments.by_ref() {
        let describes = segment.marker == 0xe1
            && [EXIF, XMP, MORE_XMP].iter().any(|name| segment.content.starts_with(name));
        at_start &= segment.marker == 0xe0;
        if !describes {
            others.push(segment.whole);
            leading += usize::from(at_start);
        }
    }
    if !segments.reached_scan {
        let detail = "it has no pixels";
        return Err(WriteError::Damaged { kind: Kind::Jpeg, detail });
    }
    let mut out = bytes[..2].to_vec();
    out.extend(others[..leading].concat());
    out.extend_from_slice(&ours);
    out.extend(others[leading..].concat());
    out.extend_from_slice(segments.rest);
    Ok(out)
}

fn append(out: &mut Vec<u8>, block: Block, name: &[u8], content: &[u8]) -> Result<(), WriteError> {
    let limit = LONGEST - name.len();
    if content.len() > limit {
        let (kind, bytes) = (Kind::Jpeg, content.len());
        return Err(WriteError::TooLarge { kind, block, bytes, limit });
    }
    let length = (2 + name.len() + content.len()) as u16;
    out.extend_from_slice(&[0xff, 0xe1]);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(name);
    out.extend_from_slice(content);
    Ok(())
}

/// The segments between the start and the first scan.
struct Segments<'a> {
    rest: &'a [u8],
    reached_scan: bool,
}

struct Segment<'a> {
    marker: u8,
    content: &'a [u8],
    /// With everything that stood between the segment before and this one.
    whole: &'a [u8],
}

impl<'a> Segments<'a> {
    fn of(bytes: &'a [u8]) -> Self {
        Self { rest: bytes.get(2..).unwrap_or_default(), reached_scan: false }
    }
}

impl<'a> Iterator for Segments<'a> {
    type Item = Segment<'a>;

    fn next(&mut self) -> Option<Segment<'a>> {
        let mut at = 0;
        let marker = loop {
            at += self.rest.get(at..)?.iter().position(|byte| *byte == 0xff)? + 1;
            // Any number of fill bytes may stand before a marker.
            at += self.rest.get(at..)?.iter().position(|byte| *byte != 0xff)?;
            let marker = self.rest[at];
            at += 1;
            // Stuffed zeros are no marker, and these ones stand alone.
            if !matches!(marker, 0x00 | 0x01 | 0xd0..=0xd8) {
                break marker;
            }
        };
        if marker == 0xda {
            self.reached_scan = true;
        }
        if matches!(marker, 0xda | 0xd9) {
            return None;
        }
        let length = usize::from(u16::from_be_bytes(*self.rest.get(at..)?.first_chunk()?)).max(2);
        let whole = self.rest.get(..at + length)?;
        self.rest = &self.rest[whole.len()..];
        Some(Segment { marker, content: &whole[at + 2..], whole })
    }
}
