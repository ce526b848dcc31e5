//! The structure that EXIF blocks and TIFF files share: a header, and directories of entries that point at values.
//!
//! Every offset is checked where it is used, and whatever points outside is left unread. An entry costs the twelve
//! bytes that it takes, so that a walk is never longer than the bytes themselves.

use std::ops::Range;

pub(super) const ORIENTATION: u16 = 0x0112;
pub(super) const EXIF_DIRECTORY: u16 = 0x8769;
pub(super) const GPS_DIRECTORY: u16 = 0x8825;
pub(super) const INTEROPERABILITY_DIRECTORY: u16 = 0xa005;

pub(super) const BYTE: u16 = 1;
pub(super) const SHORT: u16 = 3;
pub(super) const LONG: u16 = 4;

/// How numbers of several bytes are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

impl Order {
    pub(super) const fn two(self, value: u16) -> [u8; 2] {
        match self {
            Self::Little => value.to_le_bytes(),
            Self::Big => value.to_be_bytes(),
        }
    }

    pub(super) const fn four(self, value: u32) -> [u8; 4] {
        match self {
            Self::Little => value.to_le_bytes(),
            Self::Big => value.to_be_bytes(),
        }
    }
}

/// Bytes of one value of a kind, and the unit that the byte order turns around. Nothing for kinds that are not known.
pub(super) const fn widths(kind: u16) -> Option<(usize, usize)> {
    match kind {
        // 129 is the UTF-8 text of EXIF 3.0.
        BYTE | 2 | 6 | 7 | 129 => Some((1, 1)),
        SHORT | 8 => Some((2, 2)),
        LONG | 9 | 11 | 13 => Some((4, 4)),
        5 | 10 => Some((8, 4)),
        12 | 16..=18 => Some((8, 8)),
        _ => None,
    }
}

/// A block or a file, and how its numbers are written.
#[derive(Clone, Copy)]
pub(super) struct File<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) order: Order,
    /// Big TIFF: 64-bit offsets and counts.
    pub(super) big: bool,
}

impl<'a> File<'a> {
    /// Nothing when the bytes do not begin as a TIFF does.
    pub(super) fn open(bytes: &'a [u8]) -> Option<Self> {
        let (order, big) = match bytes.first_chunk()? {
            b"II*\0" => (Order::Little, false),
            b"MM\0*" => (Order::Big, false),
            b"II+\0" => (Order::Little, true),
            b"MM\0+" => (Order::Big, true),
            _ => return None,
        };
        Some(Self { bytes, order, big })
    }

    /// Opens an EXIF block, which is never a big TIFF.
    pub(super) fn block(bytes: &'a [u8]) -> Option<Self> {
        Self::open(bytes).filter(|file| !file.big)
    }

    /// The first directory.
    pub(super) fn first(&self) -> Option<Directory<'a>> {
        self.directory(if self.big { self.number(8, 8)? } else { self.number(4, 4)? })
    }

    /// The directory that an entry points at.
    pub(super) fn child(&self, parent: &Directory<'_>, tag: u16) -> Option<Directory<'a>> {
        self.directory(parent.number(tag)?)
    }

    /// An unsigned number of 1, 2, 4 or 8 bytes.
    pub(super) fn number(&self, at: u64, length: usize) -> Option<u64> {
        let start = usize::try_from(at).ok()?;
        let raw = self.bytes.get(start..start.checked_add(length)?)?;
        Some(self.fold(raw))
    }

    fn fold(&self, raw: &[u8]) -> u64 {
        let push = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
        match self.order {
            Order::Little => raw.iter().rev().fold(0, push),
            Order::Big => raw.iter().fold(0, push),
        }
    }

    /// Nothing when the directory's own entries are not all there.
    pub(super) fn directory(&self, at: u64) -> Option<Directory<'a>> {
        let (count_length, entry_length, offset_length) =
            if self.big { (8, 20, 8) } else { (2, 12, 4) };
        let count = self.number(at, count_length)?;
        let start = at.checked_add(count_length as u64)?;
        let end = start.checked_add(count.checked_mul(entry_length)?)?;
        if end > self.bytes.len() as u64 {
            return None;
        }
        let entry = |index| {
            let place = start + index * entry_length;
            let kind = self.number(place + 2, 2)? as u16;
            let count = self.number(place + 4, offset_length)?;
            let field = place + 4 + offset_length as u64;
            let length = widths(kind).map_or(0, |(width, _)| count.saturating_mul(width as u64));
            let inside = length <= offset_length as u64;
            let value = if inside { field } else { self.number(field, offset_length)? };
            Some(Entry {
                tag: self.number(place, 2)? as u16,
                kind,
                count,
                place: place as usize,
                value,
                length,
                inside,
            })
        };
        Some(Directory {
            file: *self,
            entries: (0..count).filter_map(entry).collect(),
            span: at as usize..end as usize,
            next: self.number(end, offset_length),
        })
    }
}

/// One entry of a directory.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub(super) tag: u16,
    pub(super) kind: u16,
    pub(super) count: u64,
    /// Where the entry itself begins.
    pub(super) place: usize,
    /// Where its values begin, inside the file or not.
    value: u64,
    /// Bytes of all its values, 0 where the kind is not known.
    length: u64,
    /// Whether the values stand in the entry itself.
    inside: bool,
}

impl Entry {
    /// Where values lie that do not stand in the entry; nothing when they are not in the file.
    pub(super) fn outside(&self, file: &File<'_>) -> Option<Range<usize>> {
        self.range(file).filter(|_| !self.inside)
    }

    fn range(&self, file: &File<'_>) -> Option<Range<usize>> {
        let end = self.value.checked_add(self.length)?;
        (self.length > 0 && end <= file.bytes.len() as u64)
            .then_some(self.value as usize..end as usize)
    }
}

/// The entries of a directory, and where it says that the next one is.
pub(super) struct Directory<'a> {
    file: File<'a>,
    pub(super) entries: Vec<Entry>,
    /// From the count to the last entry; the place of the next directory follows.
    pub(super) span: Range<usize>,
    /// 0 for none; nothing when the file ends before it says.
    pub(super) next: Option<u64>,
}

impl<'a> Directory<'a> {
    /// The bytes of all values of an entry.
    pub(super) fn bytes(&self, entry: &Entry) -> Option<&'a [u8]> {
        self.file.bytes.get(entry.range(&self.file)?)
    }

    /// The first entry of a tag and its bytes.
    pub(super) fn find(&self, tag: u16) -> Option<(Entry, &'a [u8])> {
        let entry = self.entries.iter().find(|entry| entry.tag == tag)?;
        Some((*entry, self.bytes(entry)?))
    }

    /// The first value of a tag, where it is a whole number without a sign.
    pub(super) fn number(&self, tag: u16) -> Option<u64> {
        self.numbers(tag)?.next()
    }

    /// All values of a tag, where they are whole numbers without a sign.
    pub(super) fn numbers(&self, tag: u16) -> Option<impl Iterator<Item = u64> + use<'a>> {
        let (entry, bytes) = self.find(tag)?;
        let (width, unit) = widths(entry.kind)?;
        let whole = matches!(entry.kind, BYTE | SHORT | LONG | 13 | 16 | 18) && width == unit;
        let file = self.file;
        whole.then(|| bytes.chunks_exact(width).map(move |raw| file.fold(raw)))
    }

    /// The first value of a tag as numerator and denominator.
    pub(super) fn fraction(&self, tag: u16) -> Option<(u32, u32)> {
        let (entry, bytes) = self.find(tag)?;
        let part = |at: usize| Some(self.file.fold(bytes.get(at..at + 4)?) as u32);
        if entry.kind == 5 { Some((part(0)?, part(4)?)) } else { None }
    }
}

/// The block itself, without the name that some containers put before it.
pub(super) fn unnamed(exif: &[u8]) -> &[u8] {
    exif.strip_prefix(b"Exif\0\0").unwrap_or(exif)
}
