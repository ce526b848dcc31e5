//! Enlarging and cleaning a picture in overlapping tiles. Every tile has the same shape, is asked
//! about in steps, and is blended into the output, which the host owns: memory grows with the tile.
//! Alpha is enlarged by ordinary resampling, colours under it by the network.

use std::sync::Arc;

use easel_backend::{Error, Result};
use easel_pixels::tiles::{Blender, Tile};
use easel_pixels::{Alpha, Format, Picture, Size, View, ViewMut, resize};

use crate::network::Network;
use crate::opaque::Opaque;
use crate::tensor::{Planes, byte, layout, padded};
use crate::tiling::cut;
use crate::watch::{Part, Watch};
use crate::weights::{BEST_X4, FAST_X2, FAST_X4, Weights};

/// The fast network takes a fraction of a second for such a tile; the best one takes many, in steps.
const TILE: u32 = 160;
/// What neighbours share so that no seam is seen.
const OVERLAP: u32 = 24;

/// Which network does it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tier {
    /// Seconds: faithful and crisp; sharpens what is wrong with a picture, too.
    #[default]
    Fast,
    /// Minutes: restores, smooths noise and invents fine texture.
    Best,
}

impl Tier {
    /// The words on the wire.
    pub const NAMES: [&str; 2] = ["fast", "best"];

    /// By its word.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "fast" => Some(Tier::Fast),
            "best" => Some(Tier::Best),
            _ => None,
        }
    }

    /// The network's file and by how much it enlarges.
    fn network(self, scale: u32) -> (&'static str, u32) {
        match (self, scale) {
            (Tier::Best, _) => (BEST_X4, 4),
            (Tier::Fast, 4) => (FAST_X4, 4),
            (Tier::Fast, _) => (FAST_X2, 2),
        }
    }
}

/// Enlarges `source` (`rgba8`) by `scale` (1, 2 or 4; 1 cleans only) into `out`, which is that much
/// larger and of the same format. `strength` 1 is all network, 0 an ordinary enlargement.
pub fn enhance(
    weights: &mut Weights,
    source: View<'_>,
    scale: u32,
    tier: Tier,
    strength: f32,
    out: &mut ViewMut<'_>,
    watch: &dyn Watch,
) -> Result<()> {
    if !matches!(scale, 1 | 2 | 4) {
        return Err(Error::invalid(format!("the scale is 1, 2 or 4, not {scale}")));
    }
    out.as_view().expect_size(source.size().scaled(scale)).map_err(layout)?;
    let (name, factor) = tier.network(scale);
    let enlarger = Enlarger { network: weights.network(name)?, factor, scale, strength };
    let shown = Opaque::of(source)?;
    let tiles = cut(source.size(), TILE, OVERLAP, 1);
    let mut blender = Blender::new(source.size(), &tiles, scale).map_err(layout)?;
    let part = Part::whole(watch, if scale == 1 { "cleaning" } else { "enlarging" });
    for tile in &tiles {
        let view = shown.view().crop(tile.rect).map_err(layout)?;
        let enlarged = enlarger.tile(view, part.step(tile.index, tiles.len()))?;
        blender.blend(out, tile.index, enlarged.view()).map_err(layout)?;
    }
    if !shown.was_opaque() {
        restore_alpha(source, scale, &tiles, out)?;
    }
    Ok(())
}

struct Enlarger {
    network: Arc<Network>,
    /// What the network does.
    factor: u32,
    /// What is wanted.
    scale: u32,
    strength: f32,
}

impl Enlarger {
    /// One opaque tile, `scale` times as large.
    fn tile(&self, view: View<'_>, part: Part<'_>) -> Result<Picture> {
        let image = Planes::of(view, padded(view.size(), 1, 16))?.into_tensor();
        let large = self.network.run_in_steps(&[("image", &image)], "enlarged", part)?;
        let large = Planes::from_tensor(&large)?.cropped(view.size().scaled(self.factor));
        let mut large = large.reduced(self.factor / self.scale);
        if self.strength < 1.0 {
            let plain = resize(view, large.size).map_err(layout)?;
            let plain = Planes::of(plain.view(), large.size)?;
            let share = if self.strength.is_finite() { self.strength.max(0.0) } else { 1.0 };
            for (value, plain) in large.values.iter_mut().zip(&plain.values) {
                *value = plain + (value.clamp(0.0, 1.0) - plain) * share;
            }
        }
        large.to_picture()
    }
}

/// Alpha by ordinary resampling, tile by tile, so that no second full picture is needed.
fn restore_alpha(
    source: View<'_>,
    scale: u32,
    tiles: &[Tile],
    out: &mut ViewMut<'_>,
) -> Result<()> {
    let mut blender = Blender::new(source.size(), tiles, scale).map_err(layout)?;
    let large = source.size().scaled(scale);
    let mut mask = Picture::new_zeroed(Format::Gray8, large).map_err(layout)?;
    for tile in tiles {
        let view = source.crop(tile.rect).map_err(layout)?;
        let size = view.size().scaled(scale);
        let alpha = match Alpha::of(view) {
            Some(alpha) => alpha.resized(size).map_err(layout)?.to_gray8(),
            None => opaque(size)?,
        };
        blender.blend(&mut mask.view_mut(), tile.index, alpha.view()).map_err(layout)?;
    }
    for (row, alpha) in out.rows_mut().zip(mask.view().rows()) {
        for (pixel, alpha) in row.chunks_exact_mut(4).zip(alpha) {
            pixel[3] = *alpha;
        }
    }
    Ok(())
}

fn opaque(size: Size) -> Result<Picture> {
    let bytes = Picture::byte_length(Format::Gray8, size).map_err(layout)?;
    Picture::from_pixels(Format::Gray8, size, vec![byte(1.0); bytes]).map_err(layout)
}
