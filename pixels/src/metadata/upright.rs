//! The block of a source, made true for a picture that was turned upright and may have another size.
//!
//! Values are patched where they stand and nothing moves: the notes of camera makers hold offsets that count from the
//! block's first byte, and nobody but the maker knows where they are.

use std::ops::Range;

use super::directory::{
    Directory, EXIF_DIRECTORY, File, GPS_DIRECTORY, INTEROPERABILITY_DIRECTORY, LONG, ORIENTATION,
    Order, SHORT, unnamed,
};
use crate::Size;

/// Thumbnails, and what may hang behind them; a longer chain is a loop or an attack.
const MOST_THUMBNAILS: usize = 8;

const WIDTH: u16 = 0x0100;
const HEIGHT: u16 = 0x0101;
const STRIP_OFFSETS: u16 = 0x0111;
const STRIP_BYTES: u16 = 0x0117;
const THUMBNAIL: u16 = 0x0201;
const THUMBNAIL_BYTES: u16 = 0x0202;
const PIXEL_WIDTH: u16 = 0xa002;
const PIXEL_HEIGHT: u16 = 0xa003;

/// The EXIF block as it fits a result of `size`: the orientation is 1, since pixels are upright already, the
/// dimensions are those of the result where the block names any, and the thumbnail is gone, since it shows the old
/// picture. Everything else, notes of the camera's maker and GPS included, stays byte for byte and where it was.
///
/// Nothing when the block is damaged. A preview inside a maker's note is not found and stays.
pub fn upright(exif: &[u8], size: Size) -> Option<Vec<u8>> {
    let exif = unnamed(exif);
    let file = File::block(exif)?;
    let main = file.first()?;
    let mut block = exif.to_vec();
    forget_thumbnails(&mut block, &file, &main);
    if let Some(at) = main.number(EXIF_DIRECTORY) {
        let details = file.directory(at)?;
        set(&mut block, &details, file.order, PIXEL_WIDTH, LONG, size.width);
        set(&mut block, &details, file.order, PIXEL_HEIGHT, LONG, size.height);
    }
    set(&mut block, &main, file.order, WIDTH, LONG, size.width);
    set(&mut block, &main, file.order, HEIGHT, LONG, size.height);
    set(&mut block, &main, file.order, ORIENTATION, SHORT, 1);
    // Directories that lie on each other were patched into each other: such a block is not worth keeping.
    let patched = File::block(&block)?.first()?;
    matches!(patched.number(ORIENTATION), None | Some(1)).then_some(block)
}

/// Writes one number over whatever the entries of a tag held, where the block has such an entry.
fn set(
    block: &mut [u8],
    directory: &Directory<'_>,
    order: Order,
    tag: u16,
    kind: u16,
    number: u32,
) {
    for entry in directory.entries.iter().filter(|entry| entry.tag == tag) {
        let Some(place) = block.get_mut(entry.place + 2..entry.place + 12) else { continue };
        place[..2].copy_from_slice(&order.two(kind));
        place[2..6].copy_from_slice(&order.four(1));
        place[6..].fill(0);
        if kind == SHORT {
            place[6..8].copy_from_slice(&order.two(number as u16));
        } else {
            place[6..].copy_from_slice(&order.four(number));
        }
    }
}

/// Unhooks the directories behind the first one and wipes them out with the pictures they hold; at the end of the
/// block the bytes are given back.
fn forget_thumbnails(block: &mut Vec<u8>, file: &File<'_>, main: &Directory<'_>) {
    let mut gone = Vec::new();
    let mut next = main.next;
    for _ in 0..MOST_THUMBNAILS {
        let Some(thumbnail) = next.filter(|at| *at != 0).and_then(|at| file.directory(at)) else {
            break;
        };
        occupied(&mut gone, file, &thumbnail);
        // The place of the next directory goes with it.
        gone.push(thumbnail.span.end..(thumbnail.span.end + 4).min(block.len()));
        for (offsets, lengths) in [(THUMBNAIL, THUMBNAIL_BYTES), (STRIP_OFFSETS, STRIP_BYTES)] {
            if let (Some(offsets), Some(lengths)) =
                (thumbnail.numbers(offsets), thumbnail.numbers(lengths))
            {
                let end = block.len() as u64;
                gone.extend(offsets.zip(lengths).map(|(offset, length)| {
                    offset.min(end) as usize..offset.saturating_add(length).min(end) as usize
                }));
            }
        }
        next = thumbnail.next;
    }
    let behind = main.span.end;
    if let Some(next) = block.get_mut(behind..behind + 4) {
        next.fill(0);
    }
    let mut kept = vec![0..8, behind..behind + 4];
    occupied(&mut kept, file, main);
    for (parent, tag) in [(Some(main), GPS_DIRECTORY), (Some(main), EXIF_DIRECTORY)] {
        let Some(child) = parent.and_then(|parent| file.child(parent, tag)) else { continue };
        occupied(&mut kept, file, &child);
        if let Some(grandchild) = file.child(&child, INTEROPERABILITY_DIRECTORY) {
            occupied(&mut kept, file, &grandchild);
        }
    }
    let gone = without(disjoint(gone), &disjoint(kept));
    for range in &gone {
        block[range.clone()].fill(0);
    }
    for range in gone.iter().rev() {
        if block[range.end..].iter().any(|byte| *byte != 0) {
            break;
        }
        block.truncate(range.start);
    }
}

/// Adds where a directory and its values lie.
fn occupied(ranges: &mut Vec<Range<usize>>, file: &File<'_>, directory: &Directory<'_>) {
    ranges.push(directory.span.clone());
    ranges.extend(directory.entries.iter().filter_map(|entry| entry.outside(file)));
}

/// The same bytes as ranges in order that do not touch.
fn disjoint(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.retain(|range| !range.is_empty());
    ranges.sort_unstable_by_key(|range| range.start);
    let mut merged: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

/// What of `ranges` lies in none of `kept`; both are disjoint and in order.
fn without(ranges: Vec<Range<usize>>, kept: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut left = Vec::new();
    let mut kept = kept.iter().peekable();
    for range in ranges {
        let mut at = range.start;
        while at < range.end {
            while kept.next_if(|wall| wall.end <= at).is_some() {}
            match kept.peek() {
                Some(wall) if wall.start <= at => at = wall.end,
                Some(wall) => {
                    left.push(at..wall.start.min(range.end));
                    at = wall.start.min(range.end);
                }
                None => {
                    left.push(at..range.end);
                    at = range.end;
                }
            }
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_merged_and_cut() {
        let merged = disjoint(vec![5..9, 0..2, 2..4, 7..8, 3..3]);
        assert_eq!(merged, [0..4, 5..9]);
        let cut = |kept: &[Range<usize>]| without(vec![0..4, 5..9, 12..13], kept);
        assert_eq!(cut(&[1..2, 3..7]), [0..1, 2..3, 7..9, 12..13]);
        assert_eq!(cut(&[0..4, 6..7, 8..20]), [5..6, 7..8]);
        assert_eq!(cut(&[0..2, 2..30]), []);
        assert_eq!(cut(&[]), [0..4, 5..9, 12..13]);
    }
}
