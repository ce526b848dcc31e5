//! The contact sheet: the source and every result side by side, each with a caption, on the neutral
//! grey that pictures are judged on.

use ab_glyph::{Font, FontRef, PxScale, ScaleFont, point};
use easel_pixels::{Format, Picture, Rect, Size, colour, convert, place, resize};
use easel_protocol::{ErrorKind, Failure};

use crate::daemon::picture::layout_failure;

const FONT: &[u8] = include_bytes!("font/NotoSans-Latin.ttf");
/// What a picture is judged on.
const GROUND: [u8; 4] = [0x76, 0x76, 0x76, 0xff];
const TEXT: [u8; 3] = [0xff, 0xff, 0xff];
/// Squares that show where a picture is transparent.
const CHECKER: [[u8; 4]; 2] = [[0x9a, 0x9a, 0x9a, 0xff], [0x86, 0x86, 0x86, 0xff]];
/// The longest side of a picture on the sheet.
const CELL: u32 = 640;
const GAP: u32 = 32;
const LINE: u32 = 30;

/// A picture with its caption: a title and a quieter second line.
pub struct Entry {
    pub picture: Picture,
    pub title: String,
    pub detail: String,
}

/// Lays the pictures out in a grid: as many side by side as is said, or as use the space.
pub fn sheet(entries: &[Entry], columns: Option<u32>) -> Result<Picture, Failure> {
    let font = FontRef::try_from_slice(FONT).map_err(|error| {
        Failure::new(ErrorKind::Internal, format!("the font cannot be read: {error}"))
    })?;
    let shown: Vec<Picture> =
        entries.iter().map(|entry| thumbnail(&entry.picture)).collect::<Result<_, _>>()?;
    let width = shown.iter().map(Picture::width).max().unwrap_or(1);
    let tallest = shown.iter().map(Picture::height).max().unwrap_or(1);
    let columns =
        columns.unwrap_or_else(|| best_columns(entries.len() as u32, width, tallest + 2 * LINE));
    // Rows are as high as their own highest picture, and all pictures of a row stand on one line.
    let heights: Vec<u32> = shown
        .chunks(columns as usize)
        .map(|row| row.iter().map(Picture::height).max().unwrap_or(1))
        .collect();
    let total: u32 = heights.iter().map(|height| height + 2 * LINE + GAP).sum();
    let mut sheet = filled(Size::new(columns * (width + GAP) + GAP, total + GAP), |_, _| GROUND)?;
    let mut top = GAP;
    for ((row, height), entries) in
        shown.chunks(columns as usize).zip(heights).zip(entries.chunks(columns as usize))
    {
        for (column, (entry, picture)) in entries.iter().zip(row).enumerate() {
            let x = GAP + column as u32 * (width + GAP);
            let y = top + height - picture.height();
            place(&mut sheet.view_mut(), i64::from(x), i64::from(y), picture.view())
                .map_err(|error| layout_failure(&error))?;
            write_line(
                &mut sheet,
                &font,
                &entry.title,
                20.0,
                1.0,
                Rect::new(x, top + height + 8, width, LINE),
            );
            write_line(
                &mut sheet,
                &font,
                &entry.detail,
                16.0,
                0.9,
                Rect::new(x, top + height + LINE + 4, width, LINE),
            );
        }
        top += height + 2 * LINE + GAP;
    }
    Ok(sheet)
}

/// How many columns make the sheet nearest to the shape of a screen.
fn best_columns(count: u32, width: u32, height: u32) -> u32 {
    let shape = |columns: u32| {
        let rows = count.div_ceil(columns);
        let empty = columns * rows - count;
        let aspect = f64::from(columns * width) / f64::from(rows * height);
        (aspect / 1.6).ln().abs() + f64::from(empty) * 0.25
    };
    (1..=count.max(1)).min_by(|left, right| shape(*left).total_cmp(&shape(*right))).unwrap_or(1)
}

/// A picture in sRGB at the size of the sheet, over squares where it is transparent.
fn thumbnail(picture: &Picture) -> Result<Picture, Failure> {
    let plain = colour::to_srgb(picture).unwrap_or_else(|_| picture.clone());
    let size = picture.size();
    let long = size.long_side();
    let side = |side: u32| {
        if long > CELL {
            ((u64::from(side) * u64::from(CELL)).div_ceil(u64::from(long)) as u32).max(1)
        } else {
            side
        }
    };
    let target = Size::new(side(size.width), side(size.height));
    let small = if target == size {
        plain
    } else {
        resize(plain.view(), target).map_err(|error| layout_failure(&error))?
    };
    let small = convert(small.view(), Format::Rgba8);
    let mut out = filled(target, |x, y| CHECKER[((x / 12 + y / 12) % 2) as usize])?;
    for (under, over) in out.pixels_mut().chunks_exact_mut(4).zip(small.pixels().chunks_exact(4)) {
        let alpha = u32::from(over[3]);
        for channel in 0..3 {
            under[channel] = ((u32::from(over[channel]) * alpha
                + u32::from(under[channel]) * (255 - alpha)
                + 127)
                / 255) as u8;
        }
    }
    Ok(out)
}

fn filled(size: Size, colour: impl Fn(u32, u32) -> [u8; 4]) -> Result<Picture, Failure> {
    let mut picture =
        Picture::new_zeroed(Format::Rgba8, size).map_err(|error| layout_failure(&error))?;
    for (y, row) in picture.pixels_mut().chunks_exact_mut(size.width as usize * 4).enumerate() {
        for (x, pixel) in row.chunks_exact_mut(4).enumerate() {
            pixel.copy_from_slice(&colour(x as u32, y as u32));
        }
    }
    Ok(picture)
}

/// One line of text, cut off with an ellipsis where it is too long.
fn write_line(
    sheet: &mut Picture,
    font: &FontRef<'_>,
    text: &str,
    height: f32,
    strength: f32,
    into: Rect,
) {
    let scaled = font.as_scaled(PxScale::from(height * 1.3));
    let width_of = |text: &str| -> f32 {
        let mut last = None;
        text.chars().fold(0.0, |width, letter| {
            let id = font.glyph_id(letter);
            let kern = last.replace(id).map_or(0.0, |last| scaled.kern(last, id));
            width + kern + scaled.h_advance(id)
        })
    };
    let mut text = text.to_owned();
    if width_of(&text) > into.width as f32 {
        while !text.is_empty() && width_of(&format!("{text}…")) > into.width as f32 {
            text.pop();
        }
        text.push('…');
    }
    let sheet_width = sheet.width();
    let limits = Rect::of(sheet.size());
    let (mut x, baseline) = (into.x as f32, into.y as f32 + scaled.ascent() * 0.8);
    let mut last = None;
    for letter in text.chars() {
        let id = font.glyph_id(letter);
        x += last.replace(id).map_or(0.0, |last| scaled.kern(last, id));
        let glyph = id.with_scale_and_position(scaled.scale(), point(x, baseline));
        x += scaled.h_advance(id);
        let Some(outline) = font.outline_glyph(glyph) else { continue };
        let bounds = outline.px_bounds();
        outline.draw(|column, row, coverage| {
            let (at_x, at_y) =
                (bounds.min.x as i64 + i64::from(column), bounds.min.y as i64 + i64::from(row));
            let (Ok(at_x), Ok(at_y)) = (u32::try_from(at_x), u32::try_from(at_y)) else { return };
            if at_x >= limits.right() || at_y >= limits.bottom() {
                return;
            }
            let start = (at_y as usize * sheet_width as usize + at_x as usize) * 4;
            let coverage = coverage.clamp(0.0, 1.0) * strength;
            for (value, ink) in sheet.pixels_mut()[start..start + 3].iter_mut().zip(TEXT) {
                *value = (f32::from(*value) * (1.0 - coverage) + f32::from(ink) * coverage).round()
                    as u8;
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grids_use_the_space() {
        assert_eq!(best_columns(1, 640, 540), 1);
        assert_eq!(best_columns(2, 640, 540), 2);
        assert_eq!(best_columns(4, 640, 540), 2);
        assert_eq!(best_columns(6, 640, 540), 3);
    }

    #[test]
    fn a_caption_changes_nothing_but_its_own_place() {
        let font = FontRef::try_from_slice(FONT).unwrap();
        let mut sheet = filled(Size::new(200, 80), |_, _| GROUND).unwrap();
        write_line(
            &mut sheet,
            &font,
            "A caption that is far too long for its place",
            20.0,
            1.0,
            Rect::new(20, 20, 100, LINE),
        );
        let touched =
            |x: u32, y: u32| sheet.pixels()[(y as usize * 200 + x as usize) * 4] != GROUND[0];
        assert!((0..80).any(|y| (20..120).any(|x| touched(x, y))));
        assert!((0..80).all(|y| (0..18).chain(124..200).all(|x| !touched(x, y))));
        assert!((0..200).all(|x| (0..18).chain(56..80).all(|y| !touched(x, y))));
    }
}
