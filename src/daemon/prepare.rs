//! From a stored picture to what a model is given: cut to the region, brought to its colours, depth
//! and size rules, in one piece or in tiles. Where nothing needs to be done, the stored rows
//! themselves are handed over.

use easel_pixels::alpha::{self, Alpha, Matte};
use easel_pixels::{Fit, Format, Picture, Rect, View, colour, convert, tiles};
use easel_protocol::model::{Margins, MaskSupport, ModelRecord, RunParams};
use easel_protocol::picture::PixelFormat;
use easel_protocol::transform::JobPlan;
use easel_protocol::{ErrorKind, Failure};

use super::picture::{StoredPicture, colour_failure, layout_failure, pixel_format, wire_format};
use crate::job::plan;
use crate::store::Store;
use crate::worker::{BufferPool, SharedImage};

/// What a model is given, and what is needed to take its answer back.
pub(super) struct Prepared {
    /// What is sent, piece by piece.
    pub(super) pieces: Vec<Piece>,
    /// The tiles, where there are several pieces.
    pub(super) tiles: Vec<tiles::Tile>,
    /// The region as the model sees it, before fitting: absent where the stored rows were sent.
    pub(super) working: Option<Picture>,
    /// The transparency that was taken away.
    pub(super) alpha: Option<Alpha>,
}

/// One piece.
pub(super) struct Piece {
    /// How it was fitted.
    pub(super) fit: Fit,
    /// Its pixels.
    pub(super) source: SharedImage,
    /// Its mask, where the model takes one.
    pub(super) mask: Option<SharedImage>,
}

/// Prepares a source for a model.
pub(super) fn prepare(
    store: &Store,
    source: &StoredPicture,
    mask: Option<&StoredPicture>,
    plan: &JobPlan,
    model: &ModelRecord,
    buffers: &BufferPool,
) -> Result<Prepared, Failure> {
    let region = plan::to_rect(plan.region.ok_or_else(stale)?);
    let cut = plan::pieces(model, region.size())?;
    let format = model_format(source.info.format, model);
    let profile = source.profile(store)?;
    let whole = region == Rect::of(source.size());
    let native_mask = mask.filter(|_| model.mask == MaskSupport::Native);
    let as_it_is = whole
        && profile.is_none()
        && cut.tiles.is_empty()
        && cut.fit.is_identity()
        && format == source.info.format;
    if as_it_is && native_mask.is_none() && (model.alpha || Alpha::of(source.view()?).is_none()) {
        let piece = Piece { fit: cut.fit, source: source.image.clone(), mask: None };
        return Ok(Prepared { pieces: vec![piece], tiles: Vec::new(), working: None, alpha: None });
    }
    let part = source.view()?.crop(region).map_err(|error| layout_failure(&error))?;
    let mut working = match profile {
        None => convert(part, pixel_format(format)),
        Some(icc) => {
            let coloured = Picture::from_view(part).with_icc(Some(icc));
            let plain = colour::to_srgb(&coloured).map_err(|error| colour_failure(&error))?;
            if plain.format() == pixel_format(format) {
                plain
            } else {
                convert(plain.view(), pixel_format(format))
            }
        }
    };
    let mut taken = None;
    if !model.alpha {
        let (flat, alpha) = alpha::flatten(working.view(), Matte::Mean);
        if alpha.is_some() {
            working = flat;
            taken = alpha;
        }
    }
    let mask_part = native_mask
        .map(|mask| mask.view()?.crop(region).map_err(|error| layout_failure(&error)))
        .transpose()?;
    let mut pieces = Vec::new();
    for rect in rects(&cut, region) {
        let fit = if cut.tiles.is_empty() {
            cut.fit
        } else {
            plan::fit(rect.size(), &plan::tile_rules(model), &[])?
        };
        let source = fitted(working.view(), rect, fit, buffers)?;
        let mask = mask_part.map(|mask| fitted(mask, rect, fit, buffers)).transpose()?;
        pieces.push(Piece { fit, source, mask });
    }
    Ok(Prepared { pieces, tiles: cut.tiles, working: Some(working), alpha: taken })
}

/// A reference in a format that the model takes, in sRGB.
pub(super) fn reference(
    store: &Store,
    picture: &StoredPicture,
    model: &ModelRecord,
) -> Result<SharedImage, Failure> {
    let profile = picture.profile(store)?;
    if profile.is_none() && model.formats.contains(&picture.info.format) {
        return Ok(picture.image.clone());
    }
    let plain = Picture::from_view(picture.view()?).with_icc(profile);
    let plain = colour::to_srgb(&plain).map_err(|error| colour_failure(&error))?;
    let format = pixel_format(model_format(picture.info.format, model));
    share(convert(plain.view(), format).view(), &BufferPool::new())
}

/// The stored format where the model takes it, else the model's preferred one.
fn model_format(stored: PixelFormat, model: &ModelRecord) -> PixelFormat {
    let takes = |format: PixelFormat| model.formats.contains(&format);
    // A grey source is a picture, and every model of pictures is for colour.
    if takes(stored) && stored != PixelFormat::Gray8 {
        return stored;
    }
    let known = |format: &&PixelFormat| **format != PixelFormat::Gray8 && format.is_stored();
    model.formats.iter().find(known).copied().unwrap_or(PixelFormat::Rgba8)
}

fn rects(cut: &plan::Pieces, region: Rect) -> Vec<Rect> {
    if cut.tiles.is_empty() {
        vec![Rect::of(region.size())]
    } else {
        cut.tiles.iter().map(|tile| tile.rect).collect()
    }
}

fn fitted(
    view: View<'_>,
    rect: Rect,
    fit: Fit,
    buffers: &BufferPool,
) -> Result<SharedImage, Failure> {
    let part = view.crop(rect).map_err(|error| layout_failure(&error))?;
    if fit.is_identity() {
        return share(part, buffers);
    }
    let fitted = fit
        .apply(part)
        .map_err(|error| Failure::new(ErrorKind::Internal, error.to_string()).hint(error.hint()))?;
    share(fitted.view(), buffers)
}

/// Copies a picture to where a worker can see it.
fn share(view: View<'_>, buffers: &BufferPool) -> Result<SharedImage, Failure> {
    let failed =
        |error: crate::worker::ImageError| Failure::new(ErrorKind::Internal, error.to_string());
    let mut image =
        SharedImage::new_in(buffers, wire_format(view.format()), view.width(), view.height())
            .map_err(failed)?;
    let bytes = image.bytes_mut().map_err(failed)?;
    for (to, from) in bytes.chunks_exact_mut(view.row_bytes()).zip(view.rows()) {
        to.copy_from_slice(from);
    }
    Ok(image)
}

/// What a piece's run is told: margins in pixels of what is sent.
pub(super) fn params_for(params: &RunParams, fit: &Fit) -> RunParams {
    let scale = f64::from(fit.scaled.long_side()) / f64::from(fit.original.long_side().max(1));
    let scaled = |margin: u32| (f64::from(margin) * scale).round() as u32;
    let expand = params.expand.map(|margins| Margins {
        top: scaled(margins.top),
        right: scaled(margins.right),
        bottom: scaled(margins.bottom),
        left: scaled(margins.left),
    });
    RunParams { expand, ..params.clone() }
}

/// A plan that was stored before its fields were known.
pub(super) fn stale() -> Failure {
    Failure::new(ErrorKind::Internal, "the stored plan is incomplete")
        .hint("submit the transform again")
}

/// Which formats a result may have at all.
pub(super) fn is_result_format(format: Format) -> bool {
    format != Format::Gray8
}
