//! What a plan needs to know of an ask's pictures: read from the blobs, or, before anything is uploaded, told by
//! the client. Both ways give the same plan. It looks at the pixels of a mask alone.

use std::borrow::Cow;

use easel_pixels::{Rect, Size, mask};
use easel_protocol::picture::{BlobId, PictureInfo, PixelFormat, Region};
use easel_protocol::transform::{Ask, AskShape};
use easel_protocol::{ErrorKind, Failure};

use super::picture::{self, StoredPicture};
use super::{Daemon, LIMITS};
use crate::job::check::Taken;
use crate::job::plan;

/// An ask and the shape of its pictures.
pub(super) struct Asked<'a> {
    /// The ask; of pictures that are not uploaded, with as many ids as there are shapes.
    pub(super) ask: Cow<'a, Ask>,
    source: PictureInfo,
    mask: Option<Rect>,
    references: Vec<Size>,
}

impl<'a> Asked<'a> {
    /// Reads the blobs that the ask names.
    pub(super) fn open(daemon: &Daemon, ask: &'a Ask) -> Result<Asked<'a>, Failure> {
        let source = picture::open(&daemon.store, &ask.source)?;
        let mask = ask.mask.as_ref().map(|id| open_mask(daemon, id, &source)).transpose()?;
        let references = ask
            .references
            .iter()
            .map(|reference| Ok(picture::open(&daemon.store, reference)?.size()))
            .collect::<Result<_, Failure>>()?;
        Ok(Asked { ask: Cow::Borrowed(ask), source: source.info, mask, references })
    }

    /// Takes the client's word where there is one, and opens no blob then; else reads the blobs.
    pub(super) fn told_or_open(
        daemon: &Daemon,
        ask: &'a Ask,
        shape: Option<&AskShape>,
    ) -> Result<Asked<'a>, Failure> {
        shape.map_or_else(|| Asked::open(daemon, ask), |shape| Asked::told(ask, shape))
    }

    fn told(ask: &Ask, shape: &AskShape) -> Result<Asked<'a>, Failure> {
        let whole = within_limits("the picture", shape.width, shape.height)?;
        let mask = shape.mask.map(|region| inside(region, whole)).transpose()?;
        let references = shape
            .references
            .iter()
            .map(|&(width, height)| within_limits("a reference", width, height))
            .collect::<Result<Vec<_>, _>>()?;
        // The rules look at whether there is a mask and how many references there are, never at which.
        let any = BlobId::from_hash(&[0; 32]);
        let ask = Ask {
            mask: mask.map(|_| any.clone()),
            references: vec![any; references.len()],
            ..ask.clone()
        };
        let source = PictureInfo {
            format: PixelFormat::Rgba8,
            width: whole.width,
            height: whole.height,
            icc: None,
        };
        Ok(Asked { ask: Cow::Owned(ask), source, mask, references })
    }

    pub(super) fn around(&self, taken: Taken) -> plan::Surroundings<'_> {
        plan::Surroundings {
            source: &self.source,
            mask: self.mask,
            references: &self.references,
            taken,
        }
    }
}

/// What an upload would be refused for is refused here.
fn within_limits(what: &str, width: u32, height: u32) -> Result<Size, Failure> {
    if width == 0 || height == 0 {
        return Err(Failure::new(
            ErrorKind::InvalidRequest,
            format!("{what} of {width}×{height} has no pixels"),
        )
        .hint("say its width and height in pixels"));
    }
    let size = Size::new(width, height);
    if size.long_side() > LIMITS.side || size.area() > LIMITS.pixels {
        return Err(Failure::new(
            ErrorKind::TooLarge,
            format!(
                "{what} of {size} is more than {} pixels along a side, or more than {} in all",
                LIMITS.side, LIMITS.pixels
            ),
        )
        .hint("make the picture smaller"));
    }
    Ok(size)
}

fn inside(region: Region, whole: Size) -> Result<Rect, Failure> {
    let Region { x, y, width, height } = region;
    let fits =
        |at: u32, length: u32, side: u32| u64::from(at) + u64::from(length) <= u64::from(side);
    if width == 0 || height == 0 {
        return Err(nothing_changes());
    }
    if !fits(x, width, whole.width) || !fits(y, height, whole.height) {
        return Err(Failure::new(
            ErrorKind::InvalidRequest,
            format!(
                "the mask's region of {width}×{height} at {x}, {y} is not within the picture of {whole}"
            ),
        )
        .hint("give the smallest rectangle around what may change, in pixels of the source"));
    }
    Ok(plan::to_rect(region))
}

fn nothing_changes() -> Failure {
    Failure::new(ErrorKind::InvalidRequest, "the mask lets nothing change")
        .hint("paint white where the picture may change")
}

/// The part of the picture that a mask lets change.
fn open_mask(daemon: &Daemon, id: &BlobId, source: &StoredPicture) -> Result<Rect, Failure> {
    let mask = picture::open(&daemon.store, id)?;
    if mask.info.format != PixelFormat::Gray8 {
        return Err(Failure::new(
            ErrorKind::InvalidRequest,
            format!("the mask is `{}`, it must be `gray8`", mask.info.format),
        )
        .hint("upload it as raw rows, or as a picture with `PUT /v1/blobs?as=mask`"));
    }
    if mask.size() != source.size() {
        return Err(Failure::new(
            ErrorKind::InvalidRequest,
            format!("the mask is {}, the picture {}", mask.size(), source.size()),
        )
        .hint("draw the mask on the picture itself, at its size"));
    }
    mask::bounds(mask.view()?).ok_or_else(nothing_changes)
}
