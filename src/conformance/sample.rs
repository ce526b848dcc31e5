//! Pictures and runs to try a model with, made so that they keep to its record: sizes, formats,
//! parameters. Nothing is random here, and nothing is run.

use std::collections::BTreeMap;
use std::time::Duration;

use easel_protocol::model::{
    Intent, Margins, MaskSupport, ModelRecord, PromptSupport, RunParams, SizeRecord,
};
use easel_protocol::picture::PixelFormat;

use super::report::Finding;
use crate::worker::{ImageError, Run, SharedImage, bytes_per_pixel};

/// How many bytes of pixels a run of the checker may make.
const OUTPUT_LIMIT: u64 = 1 << 30;
/// An everyday picture: small, and no side is a power of two.
const PLAIN: (u32, u32) = (60, 44);
/// The most pixels of a picture that is worth trying.
const LARGEST: u64 = 1 << 26;
/// What a prompt says where one is needed.
pub(super) const PROMPT: &str = "a watercolour in warm light";

/// A picture's memory, laid out in some way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pub(super) format: PixelFormat,
    pub(super) size: (u32, u32),
    /// How many pixels lie between rows, and the byte that fills them.
    pub(super) gap: (u64, u8),
    /// Whether transparency varies; otherwise all is opaque.
    pub(super) alpha: bool,
}

/// A picture with slopes and edges in it.
pub(super) fn picture(layout: Layout) -> Result<SharedImage, Finding> {
    let Layout { format, size: (width, height), gap: (gap, filler), alpha } = layout;
    let pixel = bytes_per_pixel(format);
    let stride = (u64::from(width) + gap) * pixel as u64;
    let mut image = SharedImage::with_stride(format, width, height, stride).map_err(no_memory)?;
    for (y, row) in image.bytes_mut().map_err(no_memory)?.chunks_mut(stride as usize).enumerate() {
        let (pixels, rest) = row.split_at_mut(width as usize * pixel);
        for (x, bytes) in pixels.chunks_exact_mut(pixel).enumerate() {
            let colour = [shade(x * 3 + y, 7), shade(y * 5 + x / 3, 11), shade(x + y * 2, 5)];
            let opacity = if alpha { shade(x * 2 + y * 7, 13) } else { 255 };
            paint(format, bytes, [colour[0], colour[1], colour[2], opacity]);
        }
        rest.fill(filler);
    }
    Ok(image)
}

/// A ramp that folds back, with a step now and then.
fn shade(place: usize, period: usize) -> u8 {
    let ramp = (place * 4) % 512;
    let step = if (place / period).is_multiple_of(4) { 40 } else { 0 };
    ramp.min(511 - ramp).saturating_add(step).min(255) as u8
}

fn paint(format: PixelFormat, bytes: &mut [u8], values: [u8; 4]) {
    match format {
        PixelFormat::Gray8 => bytes[0] = values[0],
        PixelFormat::Rgba16 => {
            for (to, value) in bytes.chunks_exact_mut(2).zip(values) {
                to.copy_from_slice(&(u16::from(value) * 257).to_ne_bytes());
            }
        }
        PixelFormat::Rgbaf32 => {
            for (to, value) in bytes.chunks_exact_mut(4).zip(values) {
                to.copy_from_slice(&(f32::from(value) / 255.0).to_ne_bytes());
            }
        }
        // No model of the interface takes any other.
        _ => bytes.copy_from_slice(&values),
    }
}

/// A mask for a picture of `size`: its left half may change, with a feathered edge.
pub(super) fn mask((width, height): (u32, u32)) -> Result<SharedImage, Finding> {
    let mut image = SharedImage::new(PixelFormat::Gray8, width, height).map_err(no_memory)?;
    for row in image.bytes_mut().map_err(no_memory)?.chunks_exact_mut(width as usize) {
        for (x, value) in row.iter_mut().enumerate() {
            let beyond = x as i64 - i64::from(width) / 2;
            *value = (255 - beyond * 32).clamp(0, 255) as u8;
        }
    }
    Ok(image)
}

/// Pictures that guide, each of another size.
pub(super) fn references(model: &ModelRecord, count: u32) -> Result<Vec<SharedImage>, Finding> {
    const SIZES: [(u32, u32); 4] = [(33, 17), (64, 64), (7, 50), (1, 1)];
    (0..count as usize)
        .map(|index| picture(Layout { size: SIZES[index % SIZES.len()], ..plain_layout(model) }))
        .collect()
}

/// The layout of the everyday picture for `model`, before its size rules.
pub(super) fn plain_layout(model: &ModelRecord) -> Layout {
    let usable = model.formats.iter().copied().find(|format| format.is_stored());
    let format = usable.unwrap_or(PixelFormat::Rgba8);
    Layout { format, size: PLAIN, gap: (0, 0), alpha: model.alpha }
}

/// The smallest allowed size with at least this width and height; `None` where there is none.
pub(super) fn at_least(rules: &SizeRecord, width: u32, height: u32) -> Option<(u32, u32)> {
    let side = |wanted: u32| {
        wanted.max(rules.min_side).max(1).checked_next_multiple_of(rules.multiple_of.max(1))
    };
    let (width, height) = (side(width)?, side(height)?);
    let pixels = u64::from(width) * u64::from(height);
    let allowed = width.max(height) <= rules.max_side && pixels <= rules.max_pixels.min(LARGEST);
    allowed.then_some((width, height))
}

/// The largest of some sizes that the rules allow, the wanted one first.
pub(super) fn up_to(rules: &SizeRecord, width: u32, height: u32) -> Option<(u32, u32)> {
    (0..8).find_map(|halvings| {
        at_least(rules, (width >> halvings).max(1), (height >> halvings).max(1))
    })
}

/// The intent to try `model` with: one that needs neither a mask nor room around the picture, where
/// there is one.
pub(super) fn plain_intent(model: &ModelRecord) -> Intent {
    let plain = |intent: &&Intent| !matches!(intent, Intent::Erase | Intent::Expand);
    let any = model.intents.first().copied().unwrap_or(Intent::Edit);
    model.intents.iter().find(plain).copied().unwrap_or(any)
}

/// The parameters of an everyday run.
pub(super) fn plain_params(model: &ModelRecord) -> RunParams {
    let own = model.params.iter().filter(|param| !param.default.is_null());
    RunParams {
        intent: plain_intent(model),
        prompt: (model.prompt == PromptSupport::Required).then(|| PROMPT.to_owned()),
        keep: Vec::new(),
        style: Vec::new(),
        strength: None,
        seed: None,
        count: 1,
        scale: model.scales.first().copied().unwrap_or(1),
        params: own
            .map(|param| (param.name.clone(), param.default.clone()))
            .collect::<BTreeMap<_, _>>(),
        size: model.sizes.first().map(|offer| offer.name.clone()),
        expand: (plain_intent(model) == Intent::Expand).then_some(Margins {
            top: 1,
            right: 2,
            bottom: 3,
            left: 4,
        }),
        wire: model.wire.clone(),
    }
}

/// An everyday run on `source`. The time that it may take is for the caller to set.
pub(super) fn run_on(model: &ModelRecord, source: SharedImage) -> Result<Run, Finding> {
    let params = plain_params(model);
    // Who asks to erase has said where.
    let masked = params.intent == Intent::Erase && model.mask == MaskSupport::Native;
    let mask = if masked { Some(mask((source.width(), source.height()))?) } else { None };
    Ok(Run {
        model: model.id.clone(),
        params,
        source,
        mask,
        references: references(model, model.references.0)?,
        checkpoint: None,
        timeout: Duration::MAX,
        http: false,
        output_limit_bytes: OUTPUT_LIMIT,
    })
}

/// An everyday run on the everyday picture, or on one as large as asked for where the rules allow it.
pub(super) fn plain_run(model: &ModelRecord, size: Option<(u32, u32)>) -> Result<Run, Finding> {
    let (width, height) = size.unwrap_or(PLAIN);
    let size = up_to(&model.size, width, height).ok_or_else(|| no_size("of any size"))?;
    run_on(model, picture(Layout { size, ..plain_layout(model) })?)
}

/// The finding where no picture can be made.
pub(super) fn no_size(which: &str) -> Finding {
    Finding::skip(
        format!("its size rules allow no picture {which} that is small enough to try"),
        "this is fine where the model cannot do otherwise",
    )
}

fn no_memory(error: ImageError) -> Finding {
    Finding::skip(
        format!("this machine cannot make the picture: {error}"),
        "free some memory and check again",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_keep_to_the_rules() {
        let rules = SizeRecord {
            multiple_of: 16,
            min_side: 40,
            max_side: 64,
            max_pixels: 48 * 64,
            ..SizeRecord::default()
        };
        assert_eq!(at_least(&rules, 1, 1), Some((48, 48)));
        assert_eq!(at_least(&rules, 49, 1), Some((64, 48)));
        assert_eq!(at_least(&rules, 64, 64), None);
        assert_eq!(at_least(&rules, 65, 1), None);
        assert_eq!(up_to(&rules, 1000, 1000), Some((48, 48)));
        assert_eq!(at_least(&SizeRecord::default(), u32::MAX, 1), None);
        let impossible = SizeRecord { min_side: 100, max_side: 50, ..SizeRecord::default() };
        assert_eq!(up_to(&impossible, 1000, 1000), None);
    }

    #[test]
    fn pictures_have_what_their_layout_says() {
        for format in
            [PixelFormat::Gray8, PixelFormat::Rgba8, PixelFormat::Rgba16, PixelFormat::Rgbaf32]
        {
            let layout = Layout { format, size: (13, 7), gap: (3, 0xa5), alpha: false };
            let padded = picture(layout).unwrap();
            let tight = picture(Layout { gap: (0, 0), ..layout }).unwrap();
            assert!(!padded.is_tight() && tight.is_tight());
            for y in 0..7 {
                assert_eq!(padded.row(y), tight.row(y));
            }
            assert_eq!(padded.bytes()[13 * bytes_per_pixel(format)], 0xa5);
        }
        let opaque = picture(Layout {
            format: PixelFormat::Rgba8,
            size: (40, 40),
            gap: (0, 0),
            alpha: false,
        })
        .unwrap();
        assert!(opaque.bytes().chunks_exact(4).all(|pixel| pixel[3] == 255));
    }

    #[test]
    fn a_mask_has_both_halves() {
        let mask = mask((32, 3)).unwrap();
        assert_eq!((mask.row(2)[0], mask.row(2)[31]), (255, 0));
        assert_eq!(super::mask((1, 1)).unwrap().bytes(), [255]);
    }
}
