//! The style of reference pictures as the 100 numbers that the painting network takes. Several
//! references give the mean of theirs. It sees the middle square of each, at 256 pixels.

use easel_backend::{Error, Result};
use easel_pixels::{Rect, Size, View, resize};
use rten_tensor::Tensor;
use rten_tensor::prelude::*;

use crate::network::Network;
use crate::opaque::Opaque;
use crate::tensor::layout;
use crate::watch::Part;

/// The side that the network was made for.
const SIDE: u32 = 256;

/// The style of `references` (`rgba8`, at least one), as `1 x 100`. With `own` it is moved to the style
/// of that picture: `strength` 1 is all reference, 0 all own.
pub(crate) fn style_of(
    network: &Network,
    references: &[View<'_>],
    own: Option<View<'_>>,
    strength: f32,
    part: Part<'_>,
) -> Result<Tensor> {
    if references.is_empty() {
        return Err(Error::invalid(
            "no reference was given: the style comes from one to four reference pictures",
        ));
    }
    let count = references.len() + usize::from(own.is_some());
    let mut style = Vec::new();
    for (index, reference) in references.iter().enumerate() {
        part.step(index, count).at(0.0)?;
        add(&mut style, &vector(network, *reference)?, 1.0 / references.len() as f32);
    }
    if let Some(own) = own {
        part.step(references.len(), count).at(0.0)?;
        for value in &mut style {
            *value *= strength;
        }
        add(&mut style, &vector(network, own)?, 1.0 - strength);
    }
    Ok(Tensor::from_data(&[1, style.len()], style))
}

fn add(sum: &mut Vec<f32>, vector: &[f32], share: f32) {
    sum.resize(vector.len().max(sum.len()), 0.0);
    for (sum, value) in sum.iter_mut().zip(vector) {
        *sum += value * share;
    }
}

fn vector(network: &Network, picture: View<'_>) -> Result<Vec<f32>> {
    let shown = Opaque::of(picture)?;
    let view = shown.view();
    let side = view.size().short_side();
    let middle = Rect::new((view.width() - side) / 2, (view.height() - side) / 2, side, side);
    let square =
        resize(view.crop(middle).map_err(layout)?, Size::new(SIDE, SIDE)).map_err(layout)?;
    // This network takes its colours interleaved.
    let values = square.pixels().chunks_exact(4).flat_map(|pixel| &pixel[..3]);
    let values = values.map(|value| f32::from(*value) / 255.0).collect::<Vec<f32>>();
    let image = Tensor::from_data(&[1, SIDE as usize, SIDE as usize, 3], values);
    let vector = network.run(&[("image", &image)], &["vector"])?;
    let vector = vector.first().ok_or_else(|| Error::failed("the style network gave nothing"))?;
    Ok(vector.to_vec())
}
