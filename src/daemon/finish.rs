//! From what a model gave to an artifact: taken back to the region's size, transparency, depth and
//! profile restored, composited through the feathered mask so that outside not one bit differs,
//! measured, and stored.

use std::sync::Arc;

use easel_pixels::fit::ASPECT_TOLERANCE;
use easel_pixels::tiles::Blender;
use easel_pixels::{
    Fit, FitError, Format, Picture, Rect, Size, View, alpha, colour, composite, convert, depth,
    fidelity, mask,
};
use easel_protocol::job::Fidelity;
use easel_protocol::model::{Intent, Margins, ModelRecord, PromptSupport};
use easel_protocol::picture::{BlobInfo, PictureInfo};
use easel_protocol::transform::{Ask, JobPlan};
use easel_protocol::{ErrorKind, Failure};

use super::align;
use super::picture::{self, StoredPicture, carry_failure, colour_failure, layout_failure};
use super::prepare::{self, Prepared};
use super::run::Keep;
use crate::job::plan;
use crate::store::Store;
use crate::worker::SharedImage;

/// What is known of a job while its results are taken back.
pub(super) struct Finish<'a> {
    pub(super) store: &'a Store,
    pub(super) ask: &'a Ask,
    pub(super) plan: &'a JobPlan,
    pub(super) model: &'a ModelRecord,
    pub(super) source: &'a StoredPicture,
    pub(super) mask: Option<&'a StoredPicture>,
    pub(super) prepared: &'a Prepared,
    pub(super) keep: Keep,
}

/// A stored result.
pub(super) struct Finished {
    pub(super) blob: BlobInfo,
    pub(super) fidelity: Fidelity,
    /// What a person should know of it.
    pub(super) note: Option<String>,
}

impl Finish<'_> {
    /// Takes one picture back: `results` holds one piece each.
    pub(super) fn finish(&self, results: &[SharedImage]) -> Result<Finished, Failure> {
        let place = plan::to_rect(self.plan.place.ok_or_else(prepare::stale)?);
        let scale = self.plan.params.as_ref().map_or(1, |params| params.scale);
        if let Some(margins) = self.plan.params.as_ref().and_then(|params| params.expand) {
            return self.expanded(results, margins, place);
        }
        if let Some(rows) = self.as_it_is(results, scale)? {
            return self.measure_and_store(rows, place, None);
        }
        let region = plan::to_rect(self.plan.region.ok_or_else(prepare::stale)?);
        let (taken_back, note) = self.take_back(results, region.size().scaled(scale), scale)?;
        let (taken_back, moved) = self.aligned(taken_back, region)?;
        let notes: Vec<String> = note.into_iter().chain(moved).collect();
        let note = (!notes.is_empty()).then(|| notes.join("; "));
        let restored = self.restore(taken_back, region, scale)?;
        let (artifact, feathered) = match self.mask {
            None => (restored, None),
            Some(mask) => {
                let (artifact, feathered) = self.through_mask(&restored, mask, region, place)?;
                (artifact, Some(feathered))
            }
        };
        let finished = self.measure_and_store(artifact.view(), place, feathered.as_ref())?;
        Ok(Finished { note, ..finished })
    }

    /// A picture that has grown: the source in it keeps every bit, the margins are the model's.
    fn expanded(
        &self,
        results: &[SharedImage],
        margins: Margins,
        place: Rect,
    ) -> Result<Finished, Failure> {
        let layout = |error: easel_pixels::LayoutError| layout_failure(&error);
        let [result] = results else { return Err(prepare::stale()) };
        let size = self.source.size();
        let target = Size::new(
            size.width + margins.left + margins.right,
            size.height + margins.top + margins.bottom,
        );
        let shape = Fit { original: target, scaled: target, padded: target };
        let (grown, note) = undo(shape, result, target, ASPECT_TOLERANCE)?;
        let grown = self.as_opaque(grown);
        let source = self.source.view()?;
        let wanted = self.wanted();
        let profile = self.source.profile(self.store)?;
        let mut grown = in_profile(convert(grown.view(), wanted), profile.as_ref())?;
        let inner = Rect::new(margins.left, margins.top, size.width, size.height);
        let kept = if source.format() == wanted {
            Picture::from_view(source)
        } else {
            convert(source, wanted)
        };
        grown.view_mut().crop_mut(inner).map_err(layout)?.copy_from(kept.view()).map_err(layout)?;
        let blob = self.store_rows(grown.view())?;
        let fidelity = self.measure(grown.view().crop(inner).map_err(layout)?, place, None)?;
        Ok(Finished { blob, fidelity, note })
    }

    /// How far the shape of a result may be off. A model that offers a few aspects by name has sizes of its
    /// own for each, which are only about that.
    fn tolerance(&self) -> f64 {
        if self.model.size.aspects.is_empty() { ASPECT_TOLERANCE } else { 3.0 * ASPECT_TOLERANCE }
    }

    /// What a model without transparency gives has none, whatever its file says.
    fn as_opaque(&self, picture: Picture) -> Picture {
        if self.model.alpha {
            return picture;
        }
        match alpha::flatten(picture.view(), alpha::Matte::Mean) {
            (flat, Some(_)) => flat,
            (_, None) => picture,
        }
    }

    /// The measuring takes the processor and the storing the disk: they share the time.
    fn measure_and_store(
        &self,
        artifact: View<'_>,
        place: Rect,
        feathered: Option<&Picture>,
    ) -> Result<Finished, Failure> {
        std::thread::scope(|scope| {
            let measuring = scope.spawn(|| self.measure(artifact, place, feathered));
            let blob = self.store_rows(artifact)?;
            let fidelity = measuring.join().map_err(|_| {
                Failure::new(ErrorKind::Internal, "a fault in Easel while measuring a result")
            })??;
            Ok(Finished { blob, fidelity, note: None })
        })
    }

    /// The result's own rows, where they are the artifact already.
    fn as_it_is<'r>(
        &self,
        results: &'r [SharedImage],
        scale: u32,
    ) -> Result<Option<View<'r>>, Failure> {
        let [result] = results else { return Ok(None) };
        let view = picture::view(result)?;
        let untouched = self.prepared.working.is_none()
            && self.mask.is_none()
            && (self.model.alpha || alpha::Alpha::of(view).is_none());
        let same = view.format() == picture::pixel_format(self.source.info.format)
            && view.size() == self.source.size().scaled(scale);
        Ok((untouched && same).then_some(view))
    }

    /// Un-pads and joins the pieces, at the region's size.
    fn take_back(
        &self,
        results: &[SharedImage],
        target: Size,
        scale: u32,
    ) -> Result<(Picture, Option<String>), Failure> {
        let pieces = &self.prepared.pieces;
        if results.len() != pieces.len() {
            return Err(Failure::new(
                ErrorKind::BackendFailed,
                format!("{} of {} pieces came back", results.len(), pieces.len()),
            ));
        }
        if self.prepared.tiles.is_empty() {
            let (picture, note) = undo(pieces[0].fit, &results[0], target, self.tolerance())?;
            return Ok((self.as_opaque(picture), note));
        }
        let joined = |error: easel_pixels::tiles::TileError| {
            Failure::new(ErrorKind::Internal, error.to_string())
        };
        let mut blender = Blender::new(target_region(target, scale), &self.prepared.tiles, scale)
            .map_err(joined)?;
        let format = picture::pixel_format(results[0].format());
        let mut out =
            Picture::new_zeroed(format, target).map_err(|error| layout_failure(&error))?;
        for ((piece, tile), result) in pieces.iter().zip(&self.prepared.tiles).zip(results) {
            let size = tile.rect.size().scaled(scale);
            let (part, _) = undo(piece.fit, result, size, self.tolerance())?;
            let part = if part.format() == format { part } else { convert(part.view(), format) };
            blender.blend(&mut out.view_mut(), tile.index, part.view()).map_err(joined)?;
        }
        Ok((self.as_opaque(out), None))
    }

    /// Undoes what a model that paints everything anew did to what was to stay. Networks that read no
    /// prompt work pixel by pixel and hold still.
    fn aligned(&self, result: Picture, region: Rect) -> Result<(Picture, Option<String>), Failure> {
        let layout = |error: easel_pixels::LayoutError| layout_failure(&error);
        let Some(mask) = self.mask else { return Ok((result, None)) };
        if self.model.prompt == PromptSupport::None || result.size() != region.size() {
            return Ok((result, None));
        }
        let mask = mask.view()?.crop(region).map_err(layout)?;
        let before = if let Some(working) = &self.prepared.working {
            working.view()
        } else {
            self.source.view()?.crop(region).map_err(layout)?
        };
        let local = matches!(self.ask.intent, Intent::Edit | Intent::Erase | Intent::Background);
        align::align(before, result, mask, local)
    }

    /// Gives back what the model could not see: transparency, profile and depth of the source.
    fn restore(&self, result: Picture, region: Rect, scale: u32) -> Result<Picture, Failure> {
        let layout = |error: easel_pixels::LayoutError| layout_failure(&error);
        let wanted = self.wanted();
        // An answer in grey has no place for transparency.
        let gray = !prepare::is_result_format(result.format());
        let mut result = if gray { convert(result.view(), Format::Rgba8) } else { result };
        let taken = self.prepared.alpha.as_ref();
        if let Some(taken) = taken {
            let taken = taken.resized(region.size().scaled(scale)).map_err(layout)?;
            result = alpha::restore(&result, &taken).map_err(layout)?;
        }
        let profile = self.source.profile(self.store)?;
        if scale != 1 {
            let deep =
                if result.format() == wanted { result } else { convert(result.view(), wanted) };
            return in_profile(deep, profile.as_ref());
        }
        if result.format() == wanted && profile.is_none() && taken.is_none() {
            return Ok(result);
        }
        // The change alone is carried over, so that what did not change keeps every bit it had.
        let source = self.source.view()?.crop(region).map_err(layout)?;
        let source = convert(source, wanted).with_icc(profile);
        let before = match (&self.prepared.working, taken) {
            (Some(working), Some(taken)) => alpha::restore(working, taken).map_err(layout)?,
            (Some(working), None) => convert(working.view(), result.format()),
            // The stored rows themselves were sent.
            (None, _) => convert(source.view(), result.format()),
        };
        let before = if before.format() == result.format() {
            before
        } else {
            convert(before.view(), result.format())
        };
        depth::carry(&source, before.view(), result.view()).map_err(|error| carry_failure(&error))
    }

    /// The format of the artifact: the source's, or one with colour where that has none.
    fn wanted(&self) -> Format {
        let wanted = picture::pixel_format(self.source.info.format);
        if prepare::is_result_format(wanted) { wanted } else { Format::Rgba8 }
    }

    /// The artifact behind a mask, and the mask as it was used, both of the mask's own region.
    fn through_mask(
        &self,
        restored: &Picture,
        mask: &StoredPicture,
        region: Rect,
        place: Rect,
    ) -> Result<(Picture, Picture), Failure> {
        let layout = |error: easel_pixels::LayoutError| layout_failure(&error);
        let feather = self.ask.feather.unwrap_or(plan::DEFAULT_FEATHER);
        let soft = mask::feather(mask.view()?.crop(place).map_err(layout)?, feather);
        let source = self.source.view()?.crop(place).map_err(layout)?;
        let source = if source.format() == restored.format() {
            Picture::from_view(source)
        } else {
            convert(source, restored.format())
        };
        let inside = Rect::new(place.x - region.x, place.y - region.y, place.width, place.height);
        let result = restored.view().crop(inside).map_err(layout)?;
        let mut out = Picture::new_zeroed(restored.format(), place.size()).map_err(layout)?;
        composite(source.view(), result, soft.view(), &mut out.view_mut()).map_err(layout)?;
        Ok((out, soft))
    }

    /// Writes rows and waits until they are on disk.
    fn store_rows(&self, rows: View<'_>) -> Result<BlobInfo, Failure> {
        let info = PictureInfo {
            format: picture::wire_format(rows.format()),
            width: rows.width(),
            height: rows.height(),
            icc: self.source.info.icc.clone(),
        };
        let mut writer = self.store.blobs.picture_writer(&info)?;
        match rows.as_tight() {
            Some(bytes) => {
                for part in bytes.chunks(1 << 20) {
                    writer.write(part)?;
                }
            }
            None => {
                for row in rows.rows() {
                    writer.write(row)?;
                }
            }
        }
        if let Keep::Lent { paid } = self.keep {
            return self.store.blobs.lend(writer, paid);
        }
        let blob = self.store.blobs.finish(writer)?;
        self.store.blobs.settle(&blob.id)?;
        Ok(blob)
    }

    fn measure(
        &self,
        artifact: View<'_>,
        place: Rect,
        feathered: Option<&Picture>,
    ) -> Result<Fidelity, Failure> {
        let layout = |error: easel_pixels::LayoutError| layout_failure(&error);
        let source = self.source.view()?.crop(place).map_err(layout)?;
        let converted;
        let source = if source.format() == artifact.format() {
            source
        } else {
            converted = convert(source, artifact.format());
            converted.view()
        };
        let smaller;
        let result = if artifact.size() == source.size() {
            artifact
        } else {
            // An enlarged result is judged at the size of what it was made from.
            smaller = easel_pixels::resize(artifact, source.size()).map_err(layout)?;
            smaller.view()
        };
        let icc = self.source.icc(self.store)?;
        let mask = feathered.map(Picture::view);
        let measured = fidelity::measure_in(icc.as_ref(), source, result, mask).map_err(layout)?;
        Ok(Fidelity {
            changed_outside: measured.changed_outside,
            changed_inside: f64::from(measured.changed_inside),
            structure: f64::from(measured.structure),
            colour: f64::from(measured.colour),
        })
    }
}

/// A result brought to `target`. One of another shape than was asked for is not thrown away, since it may
/// have been paid for: the middle of it is used, and a note says so.
fn undo(
    fit: Fit,
    result: &SharedImage,
    target: Size,
    tolerance: f64,
) -> Result<(Picture, Option<String>), Failure> {
    let view = picture::view(result)?;
    if view.size() == target && fit.is_identity() {
        return Ok((Picture::from_view(view), None));
    }
    let failed = |error: FitError| {
        Failure::new(ErrorKind::BackendFailed, error.to_string()).hint(error.hint())
    };
    match fit.undo_within(view, target, tolerance) {
        Ok(picture) => Ok((picture, None)),
        Err(FitError::Aspect { found, sent }) => {
            let middle = view.crop(middle(found, sent)).map_err(|error| layout_failure(&error))?;
            let note = format!(
                "the model answered with {found}, which is not the shape of {sent}; the middle of it was used"
            );
            Ok((fit.undo_within(middle, target, 1.0).map_err(failed)?, Some(note)))
        }
        Err(error) => Err(failed(error)),
    }
}

/// The largest part of `found`, in its middle, that has the shape of `shape`.
fn middle(found: Size, shape: Size) -> Rect {
    let part = |side: u32, to: u32, from: u32| {
        ((u64::from(side) * u64::from(to) + u64::from(from) / 2) / u64::from(from)).max(1) as u32
    };
    let width = part(found.height, shape.width, shape.height).min(found.width);
    let height = part(found.width, shape.height, shape.width).min(found.height);
    Rect::new((found.width - width) / 2, (found.height - height) / 2, width, height)
}

fn target_region(target: Size, scale: u32) -> Size {
    Size::new(target.width / scale, target.height / scale)
}

fn in_profile(picture: Picture, profile: Option<&Arc<[u8]>>) -> Result<Picture, Failure> {
    match profile {
        None => Ok(picture),
        Some(icc) => colour::from_srgb(&picture, icc).map_err(|error| colour_failure(&error)),
    }
}
