//! A recipe's mask rules as masks: where the subject is, where it is not, where the picture is transparent, or what a
//! file beside the picture says.

use std::path::Path;

use easel_pixels::{Format, Picture, convert};
use easel_protocol::model::Intent;
use easel_protocol::picture::BlobId;
use easel_protocol::{ErrorKind, Failure};

use super::chain::Chain;
use super::lent::Lent;
use crate::daemon::picture::{self, StoredPicture};
use crate::recipe::{Filled, FilledMask};

/// What finds the subject: built in, free, on this machine.
const CUTOUT_MODEL: &str = "local-cutout";
/// A picture and its mask are seldom put down at the same moment.
const MASK_MAY_COME: u64 = 5000;

/// The mask of a step; `given` is what an editor selected.
pub(super) fn mask(
    chain: &Chain<'_>,
    step: &Filled,
    source: &StoredPicture,
    given: Option<&BlobId>,
    key: &str,
) -> Result<Option<BlobId>, Failure> {
    let alpha = match &step.mask {
        FilledMask::None => {
            let Some(given) = given else { return Ok(None) };
            // A step before may have changed the size; a selection is of the picture as it was.
            let fits = picture::open(chain.store(), given)?.size() == source.size();
            return Ok(fits.then(|| given.clone()));
        }
        FilledMask::File(path) => return file(chain, path, source).map(Some),
        FilledMask::Alpha => inverted(&opacity(source.view()?)),
        FilledMask::Subject => subject(chain, source, key)?,
        FilledMask::Background => inverted(&subject(chain, source, key)?),
    };
    if alpha.iter().all(|value| *value == 0) {
        let what = match step.mask {
            FilledMask::Alpha => "nothing in the picture is transparent",
            FilledMask::Subject => "no subject was found in the picture",
            _ => "the subject fills the whole picture",
        };
        return Err(Failure::new(
            ErrorKind::InvalidRequest,
            format!("the mask lets nothing change: {what}"),
        )
        .hint("choose another `mask` in the recipe, or leave this picture out"));
    }
    store(chain.lent(), source, alpha).map(Some)
}

fn store(lent: &Lent<'_>, source: &StoredPicture, rows: Vec<u8>) -> Result<BlobId, Failure> {
    let mask = Picture::from_pixels(Format::Gray8, source.size(), rows)
        .map_err(|error| picture::layout_failure(&error))?;
    lent.store(&mask)
}

/// How opaque each pixel is.
fn opacity(view: easel_pixels::View<'_>) -> Vec<u8> {
    let plain = convert(view, Format::Rgba8);
    plain.pixels().chunks_exact(4).map(|pixel| pixel[3]).collect()
}

fn inverted(rows: &[u8]) -> Vec<u8> {
    rows.iter().map(|value| !value).collect()
}

fn subject(chain: &Chain<'_>, source: &StoredPicture, key: &str) -> Result<Vec<u8>, Failure> {
    let ask = easel_protocol::transform::Ask::new(
        Intent::Cutout,
        source.id.clone(),
        vec![CUTOUT_MODEL.to_owned()],
    );
    let job = chain.run(&format!("{key}.mask"), &[CUTOUT_MODEL.to_owned()], |_| ask.clone())?;
    let artifact = job.artifacts.first().ok_or_else(|| {
        Failure::new(ErrorKind::NoImage, "the cutout of the subject gave no picture")
    })?;
    let cut = picture::open(chain.store(), &artifact.blob)?;
    // What was transparent before is no subject either: the cutout keeps that.
    Ok(opacity(cut.view()?))
}

fn file(chain: &Chain<'_>, path: &str, source: &StoredPicture) -> Result<BlobId, Failure> {
    let Some(folder) = chain.pictures_folder() else {
        return Err(Failure::new(
            ErrorKind::InvalidRequest,
            format!(
                "the recipe takes its mask from the file `{path}`, and this picture is no file"
            ),
        )
        .hint("run it on a file, or give the recipe another `mask`"));
    };
    let path = folder.join(Path::new(path));
    let bytes = std::fs::read(&path).map_err(|error| Failure {
        retry_after_ms: Some(MASK_MAY_COME),
        ..Failure::new(
            ErrorKind::InvalidRequest,
            format!("the mask `{}` cannot be read: {error}", path.display()),
        )
        .hint("put it beside the picture, as large as the picture: white may change")
    })?;
    let mask = picture::decode(&bytes, true)?;
    if mask.size() != source.size() {
        return Err(Failure::new(
            ErrorKind::InvalidRequest,
            format!(
                "the mask `{}` is {}, the picture {}",
                path.display(),
                mask.size(),
                source.size()
            ),
        )
        .hint("draw the mask on the picture itself, at its size"));
    }
    chain.lent().store(&mask)
}
