//! The structure of a TIFF file: its directories, and whether everything they point at is there.
//!
//! Classic and big TIFF, both byte orders. The pixels are decoded elsewhere; this walk finds pages, orientation,
//! alpha that is multiplied into colour, and the kinds that are not decoded.

use super::{DecodeError, Kind, Scan};
use crate::{Orientation, Size};

/// More directories than any one-page file has; a longer chain is a loop or an attack.
const MOST_DIRECTORIES: usize = 64;

const NEW_SUBFILE_TYPE: u16 = 254;
const WIDTH: u16 = 256;
const HEIGHT: u16 = 257;
const BITS: u16 = 258;
const PHOTOMETRIC: u16 = 262;
const STRIP_OFFSETS: u16 = 273;
const ORIENTATION: u16 = 274;
const STRIP_BYTES: u16 = 279;
const TILE_OFFSETS: u16 = 324;
const TILE_BYTES: u16 = 325;
const EXTRA_SAMPLES: u16 = 338;
const ICC_PROFILE: u16 = 34675;
const DNG_VERSION: u16 = 50706;

/// Reads the first directory and counts the pages.
pub(super) fn scan(bytes: &[u8]) -> Result<Scan, DecodeError> {
    let truncated = DecodeError::Truncated { kind: Kind::Tiff };
    let file = File::open(bytes).ok_or(truncated.clone())?;
    let mut next = file.first;
    let mut found: Option<Scan> = None;
    let mut complete = true;
    for _ in 0..MOST_DIRECTORIES {
        if next == 0 {
            break;
        }
        let Some(directory) = file.directory(next) else {
            complete = false;
            break;
        };
        next = directory.next.unwrap_or(0);
        complete &= directory.next.is_some();
        let reduced = directory.number(NEW_SUBFILE_TYPE).unwrap_or(0) & 1 == 1;
        match &found {
            None if reduced || directory.number(DNG_VERSION).is_some() => {
                return Err(DecodeError::unsupported(
                    "a camera raw file",
                    "develop it and export it as TIFF or PNG",
                ));
            }
            None => {
                let (scan, whole) = page(&directory)?;
                complete &= whole;
                found = Some(scan);
            }
            // Thumbnails beside the page are common and harmless.
            Some(_) if reduced => {}
            Some(_) => {
                return Err(DecodeError::unsupported(
                    "a TIFF with several pages",
                    "export one page as a file of its own",
                ));
            }
        }
    }
    found.map(|scan| scan.completed(complete)).ok_or(truncated)
}

/// One page, and whether all its data is there.
fn page(directory: &Directory<'_>) -> Result<(Scan, bool), DecodeError> {
    let side = |tag| directory.number(tag).and_then(|value| u32::try_from(value).ok()).unwrap_or(0);
    let size = Size::new(side(WIDTH), side(HEIGHT));
    if size.is_empty() {
        return Err(DecodeError::corrupt(Kind::Tiff, format!("its size is {size}")));
    }
    let refused = match directory.number(PHOTOMETRIC) {
        Some(3) => Some("a TIFF with a palette"),
        Some(5) => Some("a CMYK TIFF"),
        Some(6) => Some("a YCbCr TIFF"),
        Some(8..=10) => Some("a Lab TIFF"),
        Some(32_803 | 34_892) => Some("a camera raw file"),
        _ => None,
    };
    if let Some(what) = refused {
        return Err(DecodeError::unsupported(what, "convert it to RGB in an editor"));
    }
    let depth = match directory.number(BITS).unwrap_or(1) {
        0..=8 => 8,
        9..=16 => 16,
        _ => 32,
    };
    let extra = directory.number(EXTRA_SAMPLES);
    let orientation =
        Orientation::from_exif(directory.number(ORIENTATION).unwrap_or(1).min(9) as u16);
    let mut scan = Scan::new(Kind::Tiff, size, depth, matches!(extra, Some(1 | 2)), orientation);
    scan.premultiplied = extra == Some(1);
    scan.profile = directory.bytes(ICC_PROFILE);
    let whole = directory.whole
        && directory.covers(STRIP_OFFSETS, STRIP_BYTES)
        && directory.covers(TILE_OFFSETS, TILE_BYTES);
    Ok((scan, whole))
}

/// A file and how its numbers are written.
#[derive(Clone, Copy)]
struct File<'a> {
    bytes: &'a [u8],
    little: bool,
    /// Big TIFF: 64-bit offsets and counts.
    big: bool,
    /// Where the first directory is.
    first: u64,
}

impl<'a> File<'a> {
    fn open(bytes: &'a [u8]) -> Option<Self> {
        let little = bytes.starts_with(b"II");
        let mut file = Self { bytes, little, big: false, first: 0 };
        file.big = file.number(2, 2)? == 43;
        file.first = if file.big { file.number(8, 8)? } else { file.number(4, 4)? };
        Some(file)
    }

    /// An unsigned number of 1, 2, 4 or 8 bytes.
    fn number(&self, at: u64, length: usize) -> Option<u64> {
        let start = usize::try_from(at).ok()?;
        let raw = self.bytes.get(start..start.checked_add(length)?)?;
        let push = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
        Some(if self.little { raw.iter().rev().fold(0, push) } else { raw.iter().fold(0, push) })
    }

    /// Nothing when the directory's own entries are not all there.
    fn directory(&self, at: u64) -> Option<Directory<'a>> {
        let (count_length, entry_length, offset_length) =
            if self.big { (8, 20, 8) } else { (2, 12, 4) };
        let count = self.number(at, count_length)?;
        let start = at.checked_add(count_length as u64)?;
        let end = start.checked_add(count.checked_mul(entry_length)?)?;
        if end > self.bytes.len() as u64 {
            return None;
        }
        let mut directory = Directory {
            file: *self,
            entries: Vec::new(),
            next: self.number(end, offset_length),
            whole: true,
        };
        for index in 0..count {
            let entry = start + index * entry_length;
            let (tag, kind) = (self.number(entry, 2)? as u16, self.number(entry + 2, 2)? as u16);
            let count = self.number(entry + 4, offset_length)?;
            let length = match kind {
                1 | 2 | 6 | 7 => 1,
                3 | 8 => 2,
                4 | 9 | 11 | 13 => 4,
                5 | 10 | 12 | 16..=18 => 8,
                // Readers skip kinds they do not know.
                _ => continue,
            };
            let value = entry + 4 + offset_length as u64;
            let total = count.checked_mul(length)?;
            let at = if total <= offset_length as u64 {
                value
            } else {
                self.number(value, offset_length)?
            };
            directory.whole &=
                at.checked_add(total).is_some_and(|end| end <= self.bytes.len() as u64);
            directory.entries.push(Entry { tag, length: length as usize, count, at });
        }
        Some(directory)
    }
}

/// One entry of a directory.
struct Entry {
    tag: u16,
    /// Bytes of one value.
    length: usize,
    count: u64,
    /// Where the values are.
    at: u64,
}

struct Directory<'a> {
    file: File<'a>,
    entries: Vec<Entry>,
    /// Where the next directory is, 0 for none; nothing when the file ends before it says.
    next: Option<u64>,
    /// Whether the values of all entries are inside the file.
    whole: bool,
}

impl Directory<'_> {
    /// The first value of a tag.
    fn number(&self, tag: u16) -> Option<u64> {
        self.values(tag)?.next()
    }

    /// All values of a tag.
    fn values(&self, tag: u16) -> Option<impl Iterator<Item = u64> + '_> {
        let entry = self.entries.iter().find(|entry| entry.tag == tag && entry.count > 0)?;
        let values = (0..entry.count).map_while(|index| {
            self.file.number(entry.at.checked_add(index * entry.length as u64)?, entry.length)
        });
        Some(values)
    }

    /// Where the values of a tag lie that are bytes.
    fn bytes(&self, tag: u16) -> Option<std::ops::Range<usize>> {
        let entry = self.entries.iter().find(|entry| entry.tag == tag && entry.length == 1)?;
        let start = usize::try_from(entry.at).ok()?;
        Some(start..start.checked_add(usize::try_from(entry.count).ok()?)?)
    }

    /// Whether all strips, or tiles, lie inside the file. True when there are none of them.
    fn covers(&self, offsets: u16, lengths: u16) -> bool {
        let (Some(offsets), Some(lengths)) = (self.values(offsets), self.values(lengths)) else {
            return true;
        };
        let end = self.file.bytes.len() as u64;
        offsets
            .zip(lengths)
            .all(|(offset, length)| offset.checked_add(length).is_some_and(|last| last <= end))
    }
}
