//! What an ask becomes for one model: the part of the picture it sees, at which size, in how many
//! pieces, told what, at which price. The dry run shows this; the run obeys it.

use easel_pixels::{Fit, Rect, Size, SizeRules, crop, tiles};
use easel_protocol::model::{ModelRecord, Oversize, RunParams};
use easel_protocol::picture::{PictureInfo, Region};
use easel_protocol::transform::{Ask, JobPlan};
use easel_protocol::{ErrorKind, Failure};

use super::{check, price, size};

/// How softly a change fades inside a mask's edge where nothing is said, in pixels.
pub const DEFAULT_FEATHER: u32 = 8;
/// How much of its surroundings a model sees around a mask where nothing is said, as a share of the mask's size.
pub const DEFAULT_CONTEXT: f64 = 0.5;
/// And at least so many pixels.
const MIN_CONTEXT: u32 = 32;
/// The most pixels that a result may have: what a backend can make Easel hold.
pub const MAX_RESULT_PIXELS: u64 = 1 << 29;

/// What the planner knows of the pictures, of which it never sees a pixel, and of the other models.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    /// The source.
    pub source: &'a PictureInfo,
    /// The smallest rectangle around what the mask lets change; `None` without a mask.
    pub mask: Option<Rect>,
    /// The sizes of the references, in order.
    pub references: &'a [Size],
    /// What the models of the ask take between them.
    pub taken: check::Taken,
}

/// The plan for one model; `failure` says why it cannot do it.
pub fn plan(ask: &Ask, around: Surroundings<'_>, backend: &str, model: &ModelRecord) -> JobPlan {
    let mut plan = empty(&model.id, backend);
    if let Err(failure) = fill(&mut plan, ask, around, model) {
        plan.failure = Some(failure);
    }
    plan
}

/// The plan of a model that cannot even be asked.
pub fn refused(model: &str, backend: &str, failure: Failure) -> JobPlan {
    JobPlan { failure: Some(failure), ..empty(model, backend) }
}

fn empty(model: &str, backend: &str) -> JobPlan {
    JobPlan {
        model: model.to_owned(),
        backend: backend.to_owned(),
        failure: None,
        region: None,
        place: None,
        run_size: (0, 0),
        pieces: 0,
        result_size: (0, 0),
        count: 0,
        params: None,
        cost: 0.0,
        currency: String::new(),
        seconds: None,
        notes: Vec::new(),
    }
}

fn fill(
    plan: &mut JobPlan,
    ask: &Ask,
    around: Surroundings<'_>,
    model: &ModelRecord,
) -> Result<(), Failure> {
    let (mut params, notes) = check::controls(ask, model, around.taken)?;
    plan.notes = notes;
    let whole = Size::new(around.source.width, around.source.height);
    let (region, place) = regions(ask, around.mask, whole)?;
    params.size = size::choose(ask, model, around.taken, region.size(), &mut plan.notes)?;
    let pieces = pieces(model, region.size())?;
    if pieces.fit.scaled != pieces.fit.original {
        plan.notes.push(format!(
            "`{}` works at {}, the result is brought back to {}",
            model.id,
            pieces.fit.scaled,
            region.size()
        ));
    }
    let mut result = place.size().scaled(params.scale);
    if let Some(margins) = params.expand {
        let grown =
            |side: u32, one: u32, other: u32| side.saturating_add(one).saturating_add(other);
        result.width = grown(result.width, margins.left, margins.right);
        result.height = grown(result.height, margins.top, margins.bottom);
    }
    if result.area() > MAX_RESULT_PIXELS {
        return Err(Failure::new(
            ErrorKind::TooLarge,
            format!("the result would be {result}, more than {MAX_RESULT_PIXELS} pixels"),
        )
        .hint("enlarge by less, or cut the picture first"));
    }
    plan.region = Some(to_region(region));
    plan.place = Some(to_region(place));
    let shown = pieces.tiles.first().map_or(pieces.fit.padded, |tile| tile.rect.size());
    plan.run_size = (shown.width, shown.height);
    plan.pieces = pieces.tiles.len().max(1) as u32;
    plan.result_size = (result.width, result.height);
    plan.count = params.count;
    let shape = price::Shape {
        output: size::output_size(model, &params, pieces.fit.padded),
        input: pieces.fit.padded,
        references: around.references,
    };
    estimate(plan, model, &params, region.size(), &shape);
    plan.params = Some(params);
    Ok(())
}

/// What the model sees, and what its result covers.
fn regions(ask: &Ask, mask: Option<Rect>, whole: Size) -> Result<(Rect, Rect), Failure> {
    let context = ask.context.unwrap_or(DEFAULT_CONTEXT);
    if !(0.0..=16.0).contains(&context) {
        return Err(Failure::new(
            ErrorKind::InvalidRequest,
            format!("a context of {context} is not within 0 and 16"),
        ));
    }
    Ok(match mask {
        None => (Rect::of(whole), Rect::of(whole)),
        Some(place) => (crop::with_context(place, whole, context as f32, MIN_CONTEXT), place),
    })
}

/// How a region reaches a model: fitted as a whole, or as tiles of it.
pub struct Pieces {
    /// The fit of the whole region; the identity where it runs in tiles.
    pub fit: Fit,
    /// The tiles; empty where it runs as a whole.
    pub tiles: Vec<tiles::Tile>,
}

/// Cuts a region into what a model takes.
pub fn pieces(model: &ModelRecord, region: Size) -> Result<Pieces, Failure> {
    let record = &model.size;
    let rules = SizeRules {
        multiple_of: record.multiple_of,
        min_side: record.min_side,
        max_side: record.max_side,
        max_pixels: record.max_pixels,
    };
    let too_long = region.long_side() > record.max_side || region.area() > record.max_pixels;
    if too_long && record.oversize == Oversize::Refuse {
        return Err(Failure::new(
            ErrorKind::TooLarge,
            format!(
                "`{}` takes at most {} pixels a side and {} in all, this is {region}",
                model.id, record.max_side, record.max_pixels
            ),
        )
        .hint("mask a smaller part, or make the picture smaller"));
    }
    if too_long && record.oversize == Oversize::Tile {
        let side = record.max_side.min((record.max_pixels as f64).sqrt() as u32).max(1);
        let tiles = tiles::plan(region, side, record.overlap, record.multiple_of);
        return Ok(Pieces { fit: Fit { original: region, scaled: region, padded: region }, tiles });
    }
    Ok(Pieces { fit: fit(region, &rules, &record.aspects)?, tiles: Vec::new() })
}

/// How one piece is fitted to the model's rules.
pub fn fit(piece: Size, rules: &SizeRules, aspects: &[(u32, u32)]) -> Result<Fit, Failure> {
    Fit::plan_for_aspects(piece, rules, aspects)
        .map_err(|error| Failure::new(ErrorKind::Unsupported, error.to_string()).hint(error.hint()))
}

/// The rules of a model without its upper limits, for a tile that is within them already.
pub fn tile_rules(model: &ModelRecord) -> SizeRules {
    SizeRules {
        multiple_of: model.size.multiple_of,
        min_side: model.size.min_side,
        max_side: 0,
        max_pixels: 0,
    }
}

fn estimate(
    plan: &mut JobPlan,
    model: &ModelRecord,
    params: &RunParams,
    region: Size,
    shape: &price::Shape<'_>,
) {
    if let Some(price) = &model.price {
        let picture = price::of_picture(price, params.size.as_deref(), shape);
        plan.cost = picture * f64::from(params.count) * f64::from(plan.pieces);
        plan.currency.clone_from(&price.currency);
    }
    plan.seconds = model
        .seconds_per_megapixel
        .map(|seconds| seconds * region.area() as f64 / 1e6 * f64::from(params.count));
}

/// A rectangle as the wire says it.
pub fn to_region(rect: Rect) -> Region {
    Region { x: rect.x, y: rect.y, width: rect.width, height: rect.height }
}

/// A rectangle as the pixel pipeline says it.
pub fn to_rect(region: Region) -> Rect {
    Rect::new(region.x, region.y, region.width, region.height)
}
