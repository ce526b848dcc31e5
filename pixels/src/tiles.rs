//! Cutting a large picture into tiles of one shape, and joining the results without a seam.
//!
//! The blender needs no accumulator of the picture's size: each tile is mixed into the output once, with weights that
//! make the finished picture an exact partition of unity, also where four tiles meet. Where neighbours agree, their
//! common value is kept bit by bit. Tiles must come in the order of the plan.

use std::ops::Range;

use crate::sample::{Sample, by_sample, samples, samples_mut};
use crate::{LayoutError, Rect, Size, View, ViewMut};

/// One tile of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tile {
    /// Its place in the plan: row-major.
    pub index: usize,
    /// Its place in the picture.
    pub rect: Rect,
}

/// Why a tile cannot be blended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TileError {
    /// Another tile is due.
    #[error("tile {found} was given where tile {expected} is due")]
    Order {
        /// The index that was given.
        found: usize,
        /// The index that is due.
        expected: usize,
    },
    /// The tiles are not a grid over the picture.
    #[error("the tiles do not form a grid over a picture of {0}")]
    Grid(Size),
    /// A size or a format does not go with the plan.
    #[error(transparent)]
    Layout(#[from] LayoutError),
}

impl TileError {
    /// What to do about it.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Order { .. } => "blend the tiles in the order of the plan, each once",
            Self::Grid(_) => "use the tiles of one `plan` for the same size",
            Self::Layout(error) => error.hint(),
        }
    }
}

/// Where the tiles of one axis begin; all have the same length.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Axis {
    starts: Vec<u32>,
    length: u32,
}

impl Axis {
    fn plan(total: u32, tile: u32, overlap: u32) -> Self {
        if total <= tile {
            return Self { starts: vec![0], length: total };
        }
        let step = (tile - overlap.min(tile / 2)).max(1);
        let gaps = (total - tile).div_ceil(step);
        // Spread evenly: no tile sticks out, and no two share much more than all others do.
        let start =
            |index: u32| (u64::from(total - tile) * u64::from(index) / u64::from(gaps)) as u32;
        Self { starts: (0..=gaps).map(start).collect(), length: tile }
    }
}

/// Tiles that cover a picture, in row-major order. Every tile has sides of `tile` rounded down to `multiple_of` (but at
/// least one multiple), or the picture's own side where that is shorter; neighbours share at least `overlap` pixels
/// (at most half a tile). Where the picture is shorter than a tile, its side need not be a multiple: pad the tile.
pub fn plan(size: Size, tile: u32, overlap: u32, multiple_of: u32) -> Vec<Tile> {
    if size.is_empty() {
        return Vec::new();
    }
    let multiple = multiple_of.max(1);
    let tile = (tile / multiple).max(1).saturating_mul(multiple);
    let (columns, rows) =
        (Axis::plan(size.width, tile, overlap), Axis::plan(size.height, tile, overlap));
    let rects = rows.starts.iter().flat_map(|&y| {
        let columns = &columns;
        columns.starts.iter().map(move |&x| Rect::new(x, y, columns.length, rows.length))
    });
    rects.enumerate().map(|(index, rect)| Tile { index, rect }).collect()
}

/// Joins tiles into a picture, in the order of the plan.
#[derive(Clone, Debug)]
pub struct Blender {
    size: Size,
    scale: u32,
    columns: Weights,
    rows: Weights,
    next: usize,
}

impl Blender {
    /// For the tiles of `plan(size, …)`; `scale` is how many times larger the results are than the tiles (1, 2, 4).
    pub fn new(size: Size, tiles: &[Tile], scale: u32) -> Result<Self, TileError> {
        let broken = || TileError::Grid(size);
        let first = tiles.first().ok_or_else(broken)?.rect;
        let width = tiles.iter().take_while(|tile| tile.rect.y == first.y).count();
        let columns = Axis {
            starts: tiles[..width].iter().map(|tile| tile.rect.x).collect(),
            length: first.width,
        };
        let rows = Axis {
            starts: tiles.iter().step_by(width).map(|tile| tile.rect.y).collect(),
            length: first.height,
        };
        let is_grid = tiles.len() == width * rows.starts.len()
            && tiles.iter().enumerate().all(|(index, tile)| {
                let (x, y) = (columns.starts[index % width], rows.starts[index / width]);
                tile.index == index && tile.rect == Rect::new(x, y, columns.length, rows.length)
            });
        if scale == 0 || !is_grid || size.scaled(scale).is_empty() {
            return Err(broken());
        }
        let weights = |axis: &Axis, total: u32| Weights::new(axis, total, scale).ok_or_else(broken);
        Ok(Self {
            size,
            scale,
            columns: weights(&columns, size.width)?,
            rows: weights(&rows, size.height)?,
            next: 0,
        })
    }

    /// Size of the joined picture: the picture's own times `scale`.
    pub fn output_size(&self) -> Size {
        self.size.scaled(self.scale)
    }

    /// Mixes the next tile into `out`, which has [`Self::output_size`] and is not touched elsewhere. `tile` has the
    /// size of its rectangle times `scale`, and the format of `out`.
    pub fn blend(
        &mut self,
        out: &mut ViewMut<'_>,
        tile_index: usize,
        tile: View<'_>,
    ) -> Result<(), TileError> {
        let count = self.columns.tiles.len();
        if tile_index != self.next || tile_index >= count * self.rows.tiles.len() {
            return Err(TileError::Order { found: tile_index, expected: self.next });
        }
        out.as_view().expect_size(self.output_size())?;
        tile.expect_format(out.format())?;
        let (column, row) =
            (&self.columns.tiles[tile_index % count], &self.rows.tiles[tile_index / count]);
        let rect =
            Rect::new(column.start, row.start, column.ramp.len() as u32, row.ramp.len() as u32);
        tile.expect_size(rect.size())?;
        let mut place = out.crop_mut(rect)?;
        let channels = tile.format().channels();
        let mut line = Line::default();
        for ((to, from), &down) in place.rows_mut().zip(tile.rows()).zip(&row.ramp) {
            if line.down != Some(down) {
                line.set(column, down);
            }
            by_sample!(tile.format(), S => line.mix::<S>(to, from, channels));
        }
        self.next += 1;
        Ok(())
    }
}

/// The weights of all tiles along one axis, in output pixels.
#[derive(Clone, Debug)]
struct Weights {
    tiles: Vec<AxisTile>,
}

/// One tile along one axis.
#[derive(Clone, Debug)]
struct AxisTile {
    start: u32,
    /// How far this tile has replaced the ones before it: 0 to 1 over the overlap, then 1.
    ramp: Vec<f32>,
    /// How much the tiles after this one will leave of it: 1, then 1 to 0 over the next overlap.
    kept: Vec<f32>,
}

impl Weights {
    /// Nothing when the tiles leave a gap or do not end where the picture does.
    fn new(axis: &Axis, total: u32, scale: u32) -> Option<Self> {
        let length = axis.length.checked_mul(scale)?;
        let starts: Option<Vec<u32>> =
            axis.starts.iter().map(|start| start.checked_mul(scale)).collect();
        let starts = starts?;
        let rises = starts.windows(2).all(|pair| pair[0] < pair[1] && pair[1] - pair[0] <= length);
        let ends = starts.last()?.checked_add(length)? == total.checked_mul(scale)?;
        if starts[0] != 0 || !rises || !ends {
            return None;
        }
        // The narrowest overlap is the one that was asked for; wider ones use their middle, where both tiles know
        // most of what surrounds them.
        let shared = starts.windows(2).map(|pair| pair[0] + length - pair[1]).min().unwrap_or(0);
        let mut tiles: Vec<AxisTile> = Vec::with_capacity(starts.len());
        for (index, &start) in starts.iter().enumerate() {
            let ramp = match index.checked_sub(1) {
                None => vec![1.0; length as usize],
                Some(before) => ramp(starts[before] + length - start, shared, length),
            };
            tiles.push(AxisTile { start, ramp, kept: vec![1.0; length as usize] });
        }
        for index in 0..tiles.len() {
            let (head, tail) = tiles.split_at_mut(index + 1);
            let tile = &mut head[index];
            // Overlaps reach at most half a tile, or a little more where a picture is hardly longer than two: a few
            // later tiles at most.
            for later in tail.iter().take_while(|later| later.start < tile.start + length) {
                let offset = (later.start - tile.start) as usize;
                for (kept, rise) in tile.kept[offset..].iter_mut().zip(&later.ramp) {
                    *kept *= 1.0 - rise;
                }
            }
        }
        Some(Self { tiles })
    }
}

/// 0 to 1 over the middle `shared` of `overlap` pixels (smooth at both ends), then 1 up to `length`.
fn ramp(overlap: u32, shared: u32, length: u32) -> Vec<f32> {
    let before = (overlap - shared) / 2;
    (0..length)
        .map(|position| {
            if position < before {
                return 0.0;
            }
            if position >= before + shared {
                return 1.0;
            }
            let t = ((position - before) as f32 + 0.5) / shared as f32;
            t * t * (3.0 - 2.0 * t)
        })
        .collect()
}

/// The weights of one row of one tile: leave a head, mix, copy a run, mix.
#[derive(Default)]
struct Line {
    weights: Vec<u32>,
    /// The stretches of pixels that are treated alike.
    runs: Vec<Range<usize>>,
    /// The vertical ramp that the weights were made for; most rows share it.
    down: Option<f32>,
}

impl Line {
    /// The weight at which a pixel of this tile replaces what lies there, such that after the last tile of this row of
    /// tiles each has its share: with `d` the vertical and `r` the horizontal ramp and `k` what later tiles leave,
    /// `a = d r k / (1 - d (1 - k))`.
    fn set(&mut self, column: &AxisTile, down: f32) {
        self.down = Some(down);
        self.weights.clear();
        self.weights.extend(column.ramp.iter().zip(&column.kept).map(|(&ramp, &kept)| {
            let left = 1.0 - down * (1.0 - kept);
            // Nothing is left only where later tiles replace this one wholly.
            let weight = if left > 1e-6 { down * ramp * kept / left } else { 0.0 };
            // A tile that later ones replace wholly is still laid down where nothing lies yet.
            let weight = if down >= 1.0 { ramp } else { weight };
            (weight * 65536.0 + 0.5) as u32
        }));
        self.runs.clear();
        let mut start = 0;
        for run in self.weights.chunk_by(|a, b| alike(*a, *b)) {
            self.runs.push(start..start + run.len());
            start += run.len();
        }
    }

    fn mix<S: Sample>(&self, to: &mut [u8], from: &[u8], channels: usize) {
        let pixel = channels * size_of::<S::Raw>();
        for run in &self.runs {
            let bytes = run.start * pixel..run.end * pixel;
            let weights = &self.weights[run.clone()];
            match weights[0] {
                0 => {}
                65536.. => to[bytes.clone()].copy_from_slice(&from[bytes]),
                _ => {
                    let to = samples_mut::<S>(&mut to[bytes.clone()]).chunks_exact_mut(channels);
                    let from = samples::<S>(&from[bytes]).chunks_exact(channels);
                    for ((to, from), &weight) in to.zip(from).zip(weights) {
                        for (to, from) in to.iter_mut().zip(from) {
                            *to = S::load(*to).mix(S::load(*from), weight).store();
                        }
                    }
                }
            }
        }
    }
}

/// Whether two neighbours are treated alike: both left, both copied, or both mixed.
fn alike(a: u32, b: u32) -> bool {
    a == b || ((1..65536).contains(&a) && (1..65536).contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Format, Picture};
    use proptest::prelude::*;

    fn join(
        size: Size,
        tiles: &[Tile],
        scale: u32,
        mut tile_of: impl FnMut(&Tile) -> Picture,
    ) -> Picture {
        let mut blender = Blender::new(size, tiles, scale).unwrap();
        let format = tile_of(&tiles[0]).format();
        let mut out = Picture::new_zeroed(format, blender.output_size()).unwrap();
        for tile in tiles {
            blender.blend(&mut out.view_mut(), tile.index, tile_of(tile).view()).unwrap();
        }
        out
    }

    proptest! {
        #[test]
        fn tiles_cover_and_have_one_shape(
            width in 1_u32..700, height in 1_u32..700, tile in 1_u32..200, overlap in 0_u32..120, multiple in 0_u32..40,
        ) {
            let size = Size::new(width, height);
            let tiles = plan(size, tile, overlap, multiple);
            let side = (tile / multiple.max(1)).max(1) * multiple.max(1);
            let shape = Size::new(side.min(width), side.min(height));
            let mut seen = vec![false; (width * height) as usize];
            for tile in &tiles {
                prop_assert_eq!(tile.rect.size(), shape);
                prop_assert!(Rect::of(size).contains(tile.rect));
                for y in tile.rect.y..tile.rect.bottom() {
                    let row = (y * width) as usize;
                    seen[row + tile.rect.x as usize..row + tile.rect.right() as usize].fill(true);
                }
            }
            prop_assert!(seen.iter().all(|seen| *seen));
            for pair in tiles.windows(2).filter(|pair| pair[0].rect.y == pair[1].rect.y) {
                prop_assert!(pair[0].rect.right() >= pair[1].rect.x + overlap.min(side / 2));
            }
        }

        #[test]
        fn crops_of_one_picture_join_to_that_picture(
            width in 1_u32..90, height in 1_u32..90, tile in 4_u32..40, overlap in 0_u32..24,
            scale in 1_u32..4, format in prop::sample::select(Format::ALL.to_vec()),
        ) {
            let size = Size::new(width, height);
            let large = size.scaled(scale);
            let bytes = if format == Format::RgbaF32 {
                (0..large.area() * 4).flat_map(|i| ((i % 251) as f32 / 250.0).to_ne_bytes()).collect()
            } else {
                (0..large.area() * format.bytes_per_pixel() as u64).map(|i| (i * 37 % 251) as u8).collect()
            };
            let whole = Picture::from_pixels(format, large, bytes).unwrap();
            let tiles = plan(size, tile, overlap, 1);
            let joined = join(size, &tiles, scale, |tile| whole.crop(tile.rect.scaled(scale)).unwrap());
            prop_assert_eq!(joined.pixels(), whole.pixels());
        }

        #[test]
        fn a_constant_difference_becomes_a_ramp_without_a_step(width in 20_u32..200, overlap in 6_u32..20) {
            let size = Size::new(width, 8);
            let tiles = plan(size, 40, overlap, 1);
            let joined = join(size, &tiles, 1, |tile| {
                let level = (tile.index * 20) as u8;
                Picture::from_pixels(Format::Gray8, tile.rect.size(), vec![level; tile.rect.area() as usize]).unwrap()
            });
            // The steepest step of a smooth ramp of n pixels is 1.5 / n of its height.
            let steepest = (20.0 * 1.5 / f64::from(overlap)).ceil() as u8 + 1;
            for row in joined.view().rows() {
                for pair in row.windows(2) {
                    prop_assert!(pair[1] >= pair[0] && pair[1] - pair[0] <= steepest, "{:?}", row);
                }
            }
        }
    }

    #[test]
    fn four_tiles_meet_without_a_step() {
        let size = Size::new(72, 72);
        let tiles = plan(size, 40, 8, 1);
        assert_eq!(tiles.len(), 4);
        let joined = join(size, &tiles, 1, |tile| {
            let level = [10_u8, 200, 240, 30][tile.index];
            Picture::from_pixels(
                Format::Gray8,
                tile.rect.size(),
                vec![level; tile.rect.area() as usize],
            )
            .unwrap()
        });
        let view = joined.view();
        // The largest difference between two tiles is 230, over 8 pixels: at most 230 * 1.5 / 8 a pixel.
        for y in 0..72_u32 {
            for x in 0..72_usize {
                let here = i32::from(view.row(y)[x]);
                if x > 0 {
                    assert!((here - i32::from(view.row(y)[x - 1])).abs() <= 45, "{x},{y}");
                }
                if y > 0 {
                    assert!((here - i32::from(view.row(y - 1)[x])).abs() <= 45, "{x},{y}");
                }
            }
        }
        // In the middle each has its quarter.
        let middle = i32::from(view.row(35)[35])
            + i32::from(view.row(36)[36])
            + i32::from(view.row(35)[36])
            + i32::from(view.row(36)[35]);
        assert!((middle - (10 + 200 + 240 + 30)).abs() <= 4, "{middle}");
    }

    #[test]
    fn misuse_is_an_error() {
        let size = Size::new(100, 60);
        let tiles = plan(size, 40, 8, 8);
        let mut blender = Blender::new(size, &tiles, 2).unwrap();
        let mut out = Picture::new_zeroed(Format::Rgba8, Size::new(200, 120)).unwrap();
        let tile = Picture::new_zeroed(Format::Rgba8, Size::new(80, 80)).unwrap();
        let small = Picture::new_zeroed(Format::Rgba8, Size::new(40, 40)).unwrap();
        let gray = Picture::new_zeroed(Format::Gray8, Size::new(80, 80)).unwrap();
        let mut out = out.view_mut();
        assert!(matches!(
            blender.blend(&mut out, 1, tile.view()),
            Err(TileError::Order { found: 1, expected: 0 })
        ));
        assert!(matches!(
            blender.blend(&mut out, 0, small.view()),
            Err(TileError::Layout(LayoutError::Size { .. }))
        ));
        assert!(matches!(
            blender.blend(&mut out, 0, gray.view()),
            Err(TileError::Layout(LayoutError::Format { .. }))
        ));
        assert!(blender.blend(&mut out, 0, tile.view()).is_ok());
        assert!(Blender::new(Size::new(101, 60), &tiles, 1).is_err());
        assert!(Blender::new(size, &tiles[1..], 1).is_err());
        assert!(Blender::new(size, &[], 1).is_err());
        assert!(Blender::new(size, &tiles, 0).is_err());
        assert!(Blender::new(size, &tiles, u32::MAX).is_err());
    }
}
