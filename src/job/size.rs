//! How large a model's picture is to be: a resolution by name, and margins where a picture grows.

use easel_pixels::Size;
use easel_protocol::model::{Intent, Margins, ModelRecord, RunParams, SizeOffer};
use easel_protocol::transform::Ask;
use easel_protocol::{ErrorKind, Failure};

use super::check::{Taken, list, unsupported};

/// The resolution that the model is asked for: the one that is wanted, or the smallest that loses nothing.
pub fn choose(
    ask: &Ask,
    model: &ModelRecord,
    taken: Taken,
    region: Size,
    notes: &mut Vec<String>,
) -> Result<Option<String>, Failure> {
    let offers = &model.sizes;
    let Some(wanted) = ask.size.as_deref() else {
        let enough = |offer: &&SizeOffer| u64::from(offer.side).pow(2) >= region.area();
        let offer = offers.iter().find(enough).or(offers.last());
        return Ok(offer.map(|offer| offer.name.clone()));
    };
    if let Some(offer) = offers.iter().find(|offer| offer.name.eq_ignore_ascii_case(wanted)) {
        return Ok(Some(offer.name.clone()));
    }
    if offers.is_empty() && taken.sizes {
        notes.push(format!("`{}` has no sizes by name: it follows the source", model.id));
        return Ok(None);
    }
    if offers.is_empty() {
        return Err(unsupported(model, "has no sizes by name: it follows the source")
            .hint("leave `--size` out"));
    }
    let side = side_of(wanted);
    let distance = |offer: &&SizeOffer| side.map_or(0, |side| offer.side.abs_diff(side));
    let nearest = offers.iter().min_by_key(distance).map_or("", |offer| &offer.name);
    Err(unsupported(model, &format!("does not offer the size `{wanted}`")).hint(format!(
        "the nearest that it offers is `{nearest}`; it offers {}",
        list(offers, |offer| offer.name.clone())
    )))
}

/// `2K` and `2048` as a number of pixels.
fn side_of(name: &str) -> Option<u32> {
    match name.trim().to_ascii_uppercase().strip_suffix('K') {
        Some(thousands) => thousands.parse::<f64>().ok().map(|count| (count * 1024.0) as u32),
        None => name.trim().parse().ok(),
    }
}

/// About how large the model's own picture is.
pub fn output_size(model: &ModelRecord, params: &RunParams, sent: Size) -> Size {
    if let Some(margins) = params.expand {
        let grown =
            |side: u32, one: u32, other: u32| side.saturating_add(one).saturating_add(other);
        return Size::new(
            grown(sent.width, margins.left, margins.right),
            grown(sent.height, margins.top, margins.bottom),
        );
    }
    match params.size.as_ref().and_then(|name| model.sizes.iter().find(|it| it.name == *name)) {
        Some(offer) => Size::new(offer.side, offer.side),
        None => sent,
    }
}

pub(super) fn expand(ask: &Ask) -> Result<Option<Margins>, Failure> {
    /// No margin is longer.
    const LONGEST: u32 = 16_384;
    let invalid = |message: &str, hint: &str| {
        Err(Failure::new(ErrorKind::InvalidRequest, message).hint(hint))
    };
    match (ask.intent, ask.expand) {
        (Intent::Expand, None) => invalid(
            "`expand` needs to know by how much the picture is to grow",
            "say it with `--expand 200`, or `--expand TOP,RIGHT,BOTTOM,LEFT`",
        ),
        (Intent::Expand, Some(Margins { top, right, bottom, left })) => {
            if ask.mask.is_some() {
                return invalid("`expand` works on the whole picture", "leave the mask out");
            }
            if top.max(right).max(bottom).max(left) > LONGEST {
                return invalid(
                    "a margin of more than 16384 pixels is too long",
                    "grow it by less",
                );
            }
            if top + right + bottom + left == 0 {
                return invalid("margins of 0 change nothing", "grow at least one side");
            }
            Ok(ask.expand)
        }
        (_, Some(_)) => invalid("margins are for the intent `expand`", "leave `--expand` out"),
        (_, None) => Ok(None),
    }
}
