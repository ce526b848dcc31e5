//! A baseline TIFF writer: one page, one strip, no compression.
//!
//! Written here because alpha must be declared as what it is (unassociated) and floats and profiles must be kept. The
//! pixels come last, so that a cut file is seen to be cut.

use super::encode::EncodeError;
use crate::Format;
use crate::View;

const SHORT: u16 = 3;
const LONG: u16 = 4;
const UNDEFINED: u16 = 7;

/// One directory entry: its values as bytes of the machine's order, which is the file's order too.
struct Entry {
    tag: u16,
    kind: u16,
    count: u32,
    values: Vec<u8>,
}

impl Entry {
    fn shorts(tag: u16, values: &[u16]) -> Self {
        let bytes = values.iter().flat_map(|value| value.to_ne_bytes()).collect();
        Self { tag, kind: SHORT, count: values.len() as u32, values: bytes }
    }

    fn long(tag: u16, value: u32) -> Self {
        Self { tag, kind: LONG, count: 1, values: value.to_ne_bytes().to_vec() }
    }
}

/// The whole file. `opaque` leaves the alpha channel out.
pub(super) fn write(
    view: View<'_>,
    icc: Option<&[u8]>,
    opaque: bool,
) -> Result<Vec<u8>, EncodeError> {
    let too_large = || EncodeError::TooLarge { size: view.size(), limit: "4 GiB in a TIFF" };
    let format = view.format();
    let channels: u16 = if format == Format::Gray8 { 1 } else { 4 - u16::from(opaque) };
    let pixel_bytes = u64::from(channels) * format.bytes_per_sample() as u64;
    let pixels = u32::try_from(view.size().area() * pixel_bytes).map_err(|_| too_large())?;

    let bits = 8 * format.bytes_per_sample() as u16;
    let (black_is_zero, rgb) = (1, 2);
    let mut entries = vec![
        Entry::long(256, view.width()),
        Entry::long(257, view.height()),
        Entry::shorts(258, &vec![bits; usize::from(channels)]),
        Entry::shorts(259, &[1]),
        Entry::shorts(262, &[if channels == 1 { black_is_zero } else { rgb }]),
        Entry::long(273, 0),
        Entry::shorts(277, &[channels]),
        Entry::long(278, view.height()),
        Entry::long(279, pixels),
    ];
    if channels == 4 {
        let unassociated_alpha = 2;
        entries.push(Entry::shorts(338, &[unassociated_alpha]));
    }
    let sample_format = if format == Format::RgbaF32 { 3 } else { 1 };
    entries.push(Entry::shorts(339, &vec![sample_format; usize::from(channels)]));
    if let Some(icc) = icc {
        let count = u32::try_from(icc.len()).map_err(|_| too_large())?;
        entries.push(Entry { tag: 34675, kind: UNDEFINED, count, values: icc.to_vec() });
    }
    assemble(view, entries, pixels, opaque).ok_or_else(too_large)
}

/// Lays out header, directory, long values and pixels. Nothing when an offset passes 32 bits.
fn assemble(view: View<'_>, mut entries: Vec<Entry>, pixels: u32, opaque: bool) -> Option<Vec<u8>> {
    let directory_end = 8 + 2 + 12 * entries.len() + 4;
    let even = |length: usize| length.next_multiple_of(2);
    let long_values: usize =
        entries.iter().filter(|e| e.values.len() > 4).map(|e| even(e.values.len())).sum();
    let pixels_at = (directory_end + long_values).next_multiple_of(8);
    let total = u32::try_from(pixels_at).ok()?.checked_add(pixels)?;
    if let Some(strip) = entries.iter_mut().find(|entry| entry.tag == 273) {
        strip.values = (pixels_at as u32).to_ne_bytes().to_vec();
    }

    let mut file = Vec::with_capacity(total as usize);
    file.extend_from_slice(if cfg!(target_endian = "little") { b"II*\0" } else { b"MM\0*" });
    file.extend_from_slice(&8_u32.to_ne_bytes());
    file.extend_from_slice(&(entries.len() as u16).to_ne_bytes());
    let mut value_at = directory_end;
    for entry in &entries {
        file.extend_from_slice(&entry.tag.to_ne_bytes());
        file.extend_from_slice(&entry.kind.to_ne_bytes());
        file.extend_from_slice(&entry.count.to_ne_bytes());
        let mut field = [0; 4];
        if entry.values.len() <= 4 {
            field[..entry.values.len()].copy_from_slice(&entry.values);
        } else {
            field = u32::try_from(value_at).ok()?.to_ne_bytes();
            value_at += even(entry.values.len());
        }
        file.extend_from_slice(&field);
    }
    file.extend_from_slice(&0_u32.to_ne_bytes());
    for entry in entries.iter().filter(|entry| entry.values.len() > 4) {
        file.extend_from_slice(&entry.values);
        file.resize(even(file.len()), 0);
    }
    file.resize(pixels_at, 0);
    let sample = view.format().bytes_per_sample();
    for row in view.rows() {
        if opaque && view.format().has_alpha() {
            for pixel in row.chunks_exact(4 * sample) {
                file.extend_from_slice(&pixel[..3 * sample]);
            }
        } else {
            file.extend_from_slice(row);
        }
    }
    Some(file)
}
