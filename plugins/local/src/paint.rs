//! Painting a picture of any size in a style. The network's brush has a size in pixels and its
//! normalisation looks at the whole picture, so tiles of a large picture would come out in different
//! colours and with strokes too fine to see. Therefore a large picture is painted twice:
//!
//! 1. as a whole at a working size, which gives composition, colours and strokes;
//! 2. in tiles at full size, all normalised alike with statistics measured on samples from everywhere.
//!
//! The result is the first, enlarged, plus what is finer than it can show out of the second. Colours
//! come from the first only, so no tile can be told from its neighbour, and lines are as crisp as the
//! picture. Memory grows with the working size, not with the picture.

use easel_backend::Result;
use easel_pixels::tiles::Blender;
use easel_pixels::{Size, View, ViewMut, resize};
use rten_tensor::Tensor;

use crate::finish::Finish;
use crate::network::Network;
use crate::opaque::Opaque;
use crate::reference::style_of;
use crate::tensor::{Planes, layout, padded, reflect};
use crate::tiling::cut;
use crate::watch::{Part, Watch};
use crate::weights::{STYLE_ANY, STYLE_NAMED, STYLE_VECTOR, Weights};
use crate::zoom::enlarged_part;

/// The network halves twice, and reflects borders of up to 4 pixels on the way.
const MULTIPLE: u32 = 4;
const SHORTEST: u32 = 32;
const TILE: u32 = 512;
const OVERLAP: u32 = 64;
/// Samples for the statistics: so many each way, of so many pixels.
const SAMPLES: u32 = 4;
const SAMPLE: u32 = 160;

/// How large the strokes are against the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Brush {
    /// Small strokes, much detail.
    Fine,
    /// As the styles were made to look.
    #[default]
    Normal,
    /// Large strokes, little detail.
    Broad,
}

impl Brush {
    /// The words on the wire.
    pub const NAMES: [&str; 3] = ["fine", "normal", "broad"];

    /// By its word.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "fine" => Some(Brush::Fine),
            "normal" => Some(Brush::Normal),
            "broad" => Some(Brush::Broad),
            _ => None,
        }
    }

    /// The most pixels of the working size.
    fn area(self) -> f64 {
        match self {
            Brush::Fine => 1_800_000.0,
            Brush::Normal => 800_000.0,
            Brush::Broad => 260_000.0,
        }
    }
}

/// Paints `source` (`rgba8`) into `out` (the same size and format) in a blend of the named styles:
/// `shares` has one number for each of [`STYLES`](crate::STYLES), which add up to 1.
pub fn paint_named(
    weights: &mut Weights,
    source: View<'_>,
    shares: &[f32],
    brush: Brush,
    finish: Finish,
    out: &mut ViewMut<'_>,
    watch: &dyn Watch,
) -> Result<()> {
    let network = weights.network(STYLE_NAMED)?;
    let style = Tensor::from_data(&[1, shares.len()], shares.to_vec());
    let painter = Painter { network: &network, style, brush, finish, tile: TILE };
    painter.paint(source, out, Part::whole(watch, "painting"))
}

/// Paints `source` (`rgba8`) into `out` (the same size and format) in the style of the references
/// (`rgba8`), the mean of theirs. Below full strength the style moves towards the source's own, and
/// below half the source shows through as well, so that 0 is the source.
pub fn paint_like(
    weights: &mut Weights,
    source: View<'_>,
    references: &[View<'_>],
    brush: Brush,
    finish: Finish,
    out: &mut ViewMut<'_>,
    watch: &dyn Watch,
) -> Result<()> {
    let part = Part::whole(watch, "reading the style");
    let vector = weights.network(STYLE_VECTOR)?;
    let own = (finish.strength < 1.0).then_some(source);
    let style = style_of(&vector, references, own, finish.strength, part.part(0.0, 0.1))?;
    let network = weights.network(STYLE_ANY)?;
    let finish = Finish { strength: (finish.strength * 2.0).min(1.0), ..finish };
    let painter = Painter { network: &network, style, brush, finish, tile: TILE };
    painter.paint(source, out, part.part(0.1, 1.0).saying("painting"))
}

/// A network with a style, and how it is to be used.
struct Painter<'a> {
    network: &'a Network,
    style: Tensor,
    brush: Brush,
    finish: Finish,
    /// The side of the tiles of the second pass.
    tile: u32,
}

impl Painter<'_> {
    fn paint(&self, source: View<'_>, out: &mut ViewMut<'_>, part: Part<'_>) -> Result<()> {
        out.as_view().expect_size(source.size()).map_err(layout)?;
        let shown = Opaque::of(source)?;
        let size = source.size();
        let working = working_size(size, self.brush.area());
        if working == size {
            let planes = self.whole(shown.view(), part)?;
            out.copy_from(planes.to_picture()?.view()).map_err(layout)?;
        } else {
            let small = resize(shown.view(), working).map_err(layout)?;
            let tiles = cut(size, self.tile, OVERLAP, MULTIPLE);
            let tiles_area = tiles.iter().map(|tile| tile.rect.area()).sum::<u64>() as f64;
            let first = working.area() as f64 / (working.area() as f64 + tiles_area);
            let coarse = self.whole(small.view(), part.part(0.0, first))?;
            drop(small);
            let fine = Fine {
                painter: self,
                statistics: self.statistics(shown.view())?,
                coarse,
                full: size,
            };
            let mut blender = Blender::new(size, &tiles, 1).map_err(layout)?;
            let rest = part.part(first, 1.0);
            for tile in &tiles {
                let view = shown.view().crop(tile.rect).map_err(layout)?;
                let planes = fine.tile(view, tile.rect, rest.step(tile.index, tiles.len()))?;
                blender.blend(out, tile.index, planes.to_picture()?.view()).map_err(layout)?;
            }
        }
        for (row, source) in out.rows_mut().zip(source.rows()) {
            self.finish.row(source, row);
        }
        Ok(())
    }

    fn whole(&self, view: View<'_>, part: Part<'_>) -> Result<Planes> {
        let image = Planes::of(view, padded(view.size(), MULTIPLE, SHORTEST))?.into_tensor();
        let inputs = [("image", &image), ("style", &self.style)];
        let painted = self.network.run_in_steps(&inputs, "painted", part)?;
        Ok(Planes::from_tensor(&painted)?.cropped(view.size()))
    }

    /// The means and variances of every normalisation, by the names of the network's values, over
    /// samples that lie evenly in the picture.
    fn statistics(&self, view: View<'_>) -> Result<Vec<(String, Tensor)>> {
        let image = samples(view).into_tensor();
        let names: Vec<String> =
            [self.network.names("mean"), self.network.names("variance")].concat();
        let outputs: Vec<&str> = names.iter().map(String::as_str).collect();
        let found = self.network.run(&[("image", &image), ("style", &self.style)], &outputs)?;
        Ok(names.into_iter().zip(found).collect())
    }
}

/// Squares from all over the picture, side by side.
fn samples(view: View<'_>) -> Planes {
    let side = |length: u32| length.min(SAMPLE).next_multiple_of(MULTIPLE);
    let (width, height) = (side(view.width()), side(view.height()));
    // Sample `number` of a row starts here; the last one ends with the picture.
    let start = |number: u32, length: u32, side: u32| {
        (u64::from(length.saturating_sub(side)) * u64::from(number) / u64::from(SAMPLES - 1)) as u32
    };
    let place = |index: u32, length: u32, side: u32| {
        reflect(start(index / side, length, side) + index % side, length)
    };
    let size = Size::new(width * SAMPLES, height * SAMPLES);
    let columns: Vec<usize> = (0..size.width).map(|x| place(x, view.width(), width)).collect();
    let mut values = Vec::with_capacity(size.area() as usize * 3);
    for channel in 0..3 {
        for y in 0..size.height {
            let row = view.row(place(y, view.height(), height) as u32);
            values.extend(columns.iter().map(|x| f32::from(row[x * 4 + channel]) / 255.0));
        }
    }
    Planes { size, values }
}

/// The size at which a picture is painted as a whole: its own, or as much smaller as it takes.
fn working_size(size: Size, area: f64) -> Size {
    let scale = (area / size.area() as f64).sqrt();
    if scale >= 1.0 {
        return size;
    }
    let side = |length: u32| ((f64::from(length) * scale).round() as u32).clamp(1, length);
    Size::new(side(size.width), side(size.height))
}

/// What the second pass knows.
struct Fine<'a> {
    painter: &'a Painter<'a>,
    statistics: Vec<(String, Tensor)>,
    coarse: Planes,
    full: Size,
}

impl Fine<'_> {
    /// One tile: the enlarged first pass and what is finer than it.
    fn tile(&self, view: View<'_>, rect: easel_pixels::Rect, part: Part<'_>) -> Result<Planes> {
        let image = Planes::of(view, padded(view.size(), MULTIPLE, SHORTEST))?.into_tensor();
        let mut inputs = vec![("image", &image), ("style", &self.painter.style)];
        inputs.extend(self.statistics.iter().map(|(name, value)| (name.as_str(), value)));
        let painted = self.painter.network.run_in_steps(&inputs, "painted", part)?;
        let fine = Planes::from_tensor(&painted)?.cropped(rect.size());
        let mut result = enlarged_part(&self.coarse, self.full, rect);
        // What a picture `scale` times smaller cannot show; nothing at a scale of 1.
        let scale = f64::from(self.full.width) / f64::from(self.coarse.size.width);
        let sigma = 0.6 * (scale * scale - 1.0).max(0.0).sqrt();
        let blurred = blurred(&fine, sigma as f32);
        for (result, (fine, blurred)) in
            result.values.iter_mut().zip(fine.values.iter().zip(&blurred.values))
        {
            *result += fine - blurred;
        }
        Ok(result)
    }
}

/// A Gaussian blur of planes, borders repeated.
fn blurred(planes: &Planes, sigma: f32) -> Planes {
    let reach = (sigma * 3.0).ceil() as i64;
    let kernel: Vec<f32> = (-reach..=reach)
        .map(|x| (-(x * x) as f32 / (2.0 * sigma * sigma).max(1e-6)).exp())
        .collect();
    let sum: f32 = kernel.iter().sum();
    let (width, height) = (planes.size.width as usize, planes.size.height as usize);
    let mut across = vec![0.0; planes.values.len()];
    let mut bordered = vec![0.0; width + 2 * reach as usize];
    for (out, row) in across.chunks_exact_mut(width).zip(planes.values.chunks_exact(width)) {
        for (x, value) in (-reach..).zip(bordered.iter_mut()) {
            *value = row[x.clamp(0, width as i64 - 1) as usize];
        }
        for (x, out) in out.iter_mut().enumerate() {
            *out =
                bordered[x..].iter().zip(&kernel).map(|(value, share)| value * share).sum::<f32>()
                    / sum;
        }
    }
    let mut down = vec![0.0; planes.values.len()];
    for (index, out) in down.chunks_exact_mut(width).enumerate() {
        let (first, y) = (index / height * height, (index % height) as i64);
        for (offset, share) in (-reach..).zip(&kernel) {
            let row = first + (y + offset).clamp(0, height as i64 - 1) as usize;
            for (out, value) in out.iter_mut().zip(&across[row * width..][..width]) {
                *out += value * share / sum;
            }
        }
    }
    Planes { size: planes.size, values: down }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::Quiet;
    use easel_pixels::{Format, Picture};

    /// The weights of the checkout.
    fn network(name: &'static str) -> std::sync::Arc<Network> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../weights");
        Weights::new(Some(folder.into())).network(name).unwrap()
    }

    #[test]
    fn tiles_cannot_be_seen() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/coffee.png");
        let bytes = std::fs::read(path).unwrap();
        let photograph =
            easel_pixels::decode(&bytes, &easel_pixels::Limits::default()).unwrap().picture;
        let photograph = easel_pixels::convert(photograph.view(), Format::Rgba8);
        let source = resize(photograph.view(), Size::new(900, 600)).unwrap();
        let network = network(STYLE_NAMED);
        let mut shares = vec![0.0; 26];
        shares[5] = 1.0;
        let paint = |tile: u32| {
            let style = Tensor::from_data(&[1, 26], shares.clone());
            let finish = Finish::default();
            let painter = Painter { network: &network, style, brush: Brush::Broad, finish, tile };
            let mut out = Picture::new_zeroed(Format::Rgba8, source.size()).unwrap();
            painter.paint(source.view(), &mut out.view_mut(), Part::whole(&Quiet, "")).unwrap();
            out
        };
        // As one tile, and as many: seams would be columns or rows that differ more than others.
        let (whole, tiled) = (paint(1000), paint(256));
        let mut columns = vec![0.0_f64; 900];
        for (y, (a, b)) in whole.view().rows().zip(tiled.view().rows()).enumerate() {
            let mut row = 0.0;
            for (x, (a, b)) in a.chunks_exact(4).zip(b.chunks_exact(4)).enumerate() {
                let difference: f64 =
                    a.iter().zip(b).map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>() / 3.0;
                columns[x] += difference / 600.0;
                row += difference / 900.0;
            }
            assert!(row < 6.0, "row {y} differs by {row}");
        }
        for (x, difference) in columns.iter().enumerate() {
            assert!(*difference < 6.0, "column {x} differs by {difference}");
        }
        let mean = columns.iter().sum::<f64>() / 900.0;
        assert!(mean < 2.0, "{mean}");
    }

    #[test]
    fn small_pictures_are_painted_as_they_are() {
        assert_eq!(working_size(Size::new(800, 900), 800_000.0), Size::new(800, 900));
        let large = working_size(Size::new(4000, 3000), 800_000.0);
        assert!(large.area() <= 801_000 && large.area() > 790_000, "{large}");
        assert_eq!(working_size(Size::new(30_000, 1), 1_000.0), Size::new(5_477, 1));
    }

    #[test]
    fn a_blur_keeps_what_is_flat_and_the_sum() {
        let size = Size::new(21, 17);
        let flat = Planes { size, values: vec![0.25; 3 * 21 * 17] };
        assert!(blurred(&flat, 2.5).values.iter().all(|value| (value - 0.25).abs() < 1e-5));
        let mut point = Planes { size, values: vec![0.0; 3 * 21 * 17] };
        point.values[8 * 21 + 10] = 1.0;
        let spread = blurred(&point, 1.5);
        assert!((spread.values.iter().sum::<f32>() - 1.0).abs() < 1e-3);
        assert!(spread.plane(1).iter().all(|value| value.abs() < 1e-9));
        assert_eq!(blurred(&point, 0.0), point);
    }
}
