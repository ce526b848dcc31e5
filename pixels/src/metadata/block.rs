//! Taking the descriptive part out of a TIFF file or an EXIF block, and laying it out again somewhere else.
//!
//! Tags that tell how pixels are stored are never taken: they are true for one file only. Values are turned into the
//! byte order of the new place; notes of camera makers are copied as they are, and those that count from the old
//! place are lost to their readers, as in every TIFF that was ever rewritten.

use super::directory::{
    Directory, EXIF_DIRECTORY, File, GPS_DIRECTORY, INTEROPERABILITY_DIRECTORY, LONG, ORIENTATION,
    Order, widths,
};

/// The tags of a first directory that describe the picture and not the storage of its pixels.
const DESCRIPTIVE: &[u16] = &[
    0x010d, // name of the document
    0x010e, // description
    0x010f, // make
    0x0110, // model
    ORIENTATION,
    0x011a, // resolution across
    0x011b, // resolution down
    0x0128, // unit of the resolution
    0x0131, // software
    0x0132, // date and time
    0x013b, // artist
    0x013c, // host computer
    0x4746, // rating
    0x4749, // rating in percent
    0x8298, // copyright
    0x9003, // date of the original, where TIFF/EP has it
    0x9c9b, // title, comment, author, keywords and subject, as Windows writes them
    0x9c9c,
    0x9c9d,
    0x9c9e,
    0x9c9f,
];

/// Whether a tag of a file gives way to the tags that are written. How the file's pixels are turned is kept where
/// nothing better comes.
pub(super) fn gives_way(tag: u16, new: &Description) -> bool {
    if tag == ORIENTATION {
        return new.main.iter().any(|value| value.tag == tag);
    }
    DESCRIPTIVE.contains(&tag) || [EXIF_DIRECTORY, GPS_DIRECTORY].contains(&tag)
}

/// One entry that is to be written, in the byte order of the new place.
pub(super) struct Value {
    pub(super) tag: u16,
    pub(super) kind: u16,
    pub(super) count: u32,
    pub(super) data: Data,
}

pub(super) enum Data {
    /// The values; they go into the entry where they fit.
    Bytes(Vec<u8>),
    /// The last four bytes of an entry whose values stay where they are.
    Field([u8; 4]),
}

impl Value {
    fn pointer(tag: u16, at: u32, order: Order) -> Self {
        Self { tag, kind: LONG, count: 1, data: Data::Field(order.four(at)) }
    }

    /// Bytes behind the directory.
    fn outside(&self) -> u64 {
        match &self.data {
            Data::Bytes(bytes) if bytes.len() > 4 => (bytes.len() as u64).next_multiple_of(2),
            _ => 0,
        }
    }
}

/// What a file says about its picture, in four directories, each in the order of its tags.
#[derive(Default)]
pub(super) struct Description {
    pub(super) main: Vec<Value>,
    exif: Vec<Value>,
    interoperability: Vec<Value>,
    gps: Vec<Value>,
}

impl Description {
    /// Takes it out of a file. Entries whose values are not there are left out. No more is copied than the file is
    /// long, however many entries point at the same bytes.
    pub(super) fn take(file: &File<'_>, main: &Directory<'_>, order: Order) -> Self {
        let mut budget = file.bytes.len();
        let mut values = |directory: Option<&Directory<'_>>, takes: &dyn Fn(u16) -> bool| {
            directory
                .map(|found| copied(file, found, order, takes, &mut budget))
                .unwrap_or_default()
        };
        let exif = file.child(main, EXIF_DIRECTORY);
        let interoperability =
            exif.as_ref().and_then(|exif| file.child(exif, INTEROPERABILITY_DIRECTORY));
        let gps = file.child(main, GPS_DIRECTORY);
        Self {
            main: values(Some(main), &|tag| DESCRIPTIVE.contains(&tag)),
            exif: values(exif.as_ref(), &|tag| tag != INTEROPERABILITY_DIRECTORY),
            gps: values(gps.as_ref(), &|_| true),
            interoperability: values(interoperability.as_ref(), &|_| true),
        }
    }

    /// Whether it says nothing; how pixels are turned alone is nothing that anybody said.
    pub(super) fn is_empty(&self) -> bool {
        self.main.iter().all(|value| value.tag == ORIENTATION)
            && self.exif.is_empty()
            && self.gps.is_empty()
    }

    /// Writes all directories behind what is there, the main one first, and gives its place. Nothing when an offset
    /// passes 32 bits or a directory has too many entries.
    pub(super) fn lay_out(mut self, out: &mut Vec<u8>, order: Order, next: u32) -> Option<u32> {
        let main_at = u32::try_from(out.len()).ok()?;
        let pointers = usize::from(!self.exif.is_empty() || !self.interoperability.is_empty())
            + usize::from(!self.gps.is_empty());
        let mut at = u64::from(main_at) + length(&self.main, pointers);
        let mut place = |values: &[Value], pointers| {
            let start = u32::try_from(at).ok()?;
            at += length(values, pointers);
            Some(start)
        };
        if !self.exif.is_empty() || !self.interoperability.is_empty() {
            let has_more = !self.interoperability.is_empty();
            let exif_at = place(&self.exif, usize::from(has_more))?;
            self.main.push(Value::pointer(EXIF_DIRECTORY, exif_at, order));
            if has_more {
                let more_at = place(&self.interoperability, 0)?;
                self.exif.push(Value::pointer(INTEROPERABILITY_DIRECTORY, more_at, order));
            }
        }
        if !self.gps.is_empty() {
            self.main.push(Value::pointer(GPS_DIRECTORY, place(&self.gps, 0)?, order));
        }
        append(out, order, self.main, next)?;
        for directory in [self.exif, self.interoperability, self.gps] {
            if !directory.is_empty() {
                append(out, order, directory, 0)?;
            }
        }
        Some(main_at)
    }

    /// A block of its own.
    pub(super) fn into_block(self, order: Order) -> Option<Vec<u8>> {
        let mut block = match order {
            Order::Little => b"II*\0".to_vec(),
            Order::Big => b"MM\0*".to_vec(),
        };
        block.extend_from_slice(&order.four(8));
        self.lay_out(&mut block, order, 0)?;
        Some(block)
    }
}

/// Bytes of a directory with so many more entries, and of the values behind it.
fn length(values: &[Value], pointers: usize) -> u64 {
    let entries = 12 * (values.len() + pointers) as u64;
    2 + entries + 4 + values.iter().map(Value::outside).sum::<u64>()
}

fn append(out: &mut Vec<u8>, order: Order, mut values: Vec<Value>, next: u32) -> Option<()> {
    values.sort_by_key(|value| value.tag);
    let mut outside = out.len() as u64 + 2 + 12 * values.len() as u64 + 4;
    out.extend_from_slice(&order.two(u16::try_from(values.len()).ok()?));
    for value in &values {
        out.extend_from_slice(&order.two(value.tag));
        out.extend_from_slice(&order.two(value.kind));
        out.extend_from_slice(&order.four(value.count));
        let mut field = [0; 4];
        match &value.data {
            Data::Field(raw) => field = *raw,
            Data::Bytes(bytes) if bytes.len() <= 4 => field[..bytes.len()].copy_from_slice(bytes),
            Data::Bytes(_) => field = order.four(u32::try_from(outside).ok()?),
        }
        outside += value.outside();
        out.extend_from_slice(&field);
    }
    out.extend_from_slice(&order.four(next));
    for value in &values {
        if let Data::Bytes(bytes) = &value.data
            && bytes.len() > 4
        {
            out.extend_from_slice(bytes);
            out.resize(out.len().next_multiple_of(2), 0);
        }
    }
    Some(())
}

/// The entries of one directory that are wanted and whole, the first of each tag.
fn copied(
    file: &File<'_>,
    directory: &Directory<'_>,
    order: Order,
    takes: &dyn Fn(u16) -> bool,
    budget: &mut usize,
) -> Vec<Value> {
    let mut wanted: Vec<_> =
        directory.entries.iter().filter(|entry| takes(entry.tag)).copied().collect();
    wanted.sort_by_key(|entry| entry.tag);
    wanted.dedup_by_key(|entry| entry.tag);
    let mut values = Vec::new();
    for entry in wanted {
        let (Some(bytes), Some((_, unit)), Ok(count)) =
            (directory.bytes(&entry), widths(entry.kind), u32::try_from(entry.count))
        else {
            continue;
        };
        // The 64-bit numbers of big TIFF do not exist outside of it.
        if bytes.len() > *budget || entry.kind > 13 && entry.kind != 129 {
            continue;
        }
        *budget -= bytes.len();
        let mut bytes = bytes.to_vec();
        if order != file.order {
            bytes.chunks_exact_mut(unit).for_each(<[u8]>::reverse);
        }
        values.push(Value { tag: entry.tag, kind: entry.kind, count, data: Data::Bytes(bytes) });
    }
    values
}
