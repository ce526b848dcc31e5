//! What a run will cost, from the price in a model's record: before anything is sent, and the same on
//! every screen. What a provider says afterwards goes before it.

use easel_pixels::Size;
use easel_protocol::model::Price;

/// What a price depends on.
#[derive(Clone, Copy, Debug)]
pub struct Shape<'a> {
    /// The model's own picture.
    pub output: Size,
    /// What is sent as the source.
    pub input: Size,
    /// The references.
    pub references: &'a [Size],
}

/// What one picture costs.
pub fn of_picture(price: &Price, size: Option<&str>, shape: &Shape<'_>) -> f64 {
    let megapixels = shape.output.area() as f64 / 1e6;
    let step = price.steps.iter().find(|step| megapixels <= step.up_to_megapixels);
    let named = size.and_then(|size| price.per_size.get(size)).copied();
    let base = named
        .or(step.or(price.steps.last()).map(|step| step.per_picture))
        .unwrap_or(price.per_picture);
    let inputs: f64 =
        std::iter::once(&shape.input).chain(shape.references).map(|size| begun(*size)).sum();
    base + price.per_megapixel * (begun(shape.output) - 1.0).max(0.0)
        + price.per_input_megapixel * inputs
        + price.per_reference * shape.references.len() as f64
}

/// Megapixels, a begun one as a whole. A provider's megapixel is 1024 by 1024.
fn begun(size: Size) -> f64 {
    size.area().div_ceil(1 << 20) as f64
}

#[cfg(test)]
mod tests {
    use easel_protocol::model::PriceStep;

    use super::*;

    fn shape(side: u32, references: &[Size]) -> Shape<'_> {
        Shape { output: Size::new(side, side), input: Size::new(1024, 1024), references }
    }

    #[test]
    fn the_ways_in_which_pictures_are_priced() {
        let close = |one: f64, other: f64| (one - other).abs() < 1e-9;
        let flat = Price { per_picture: 0.04, ..Price::default() };
        assert!(close(of_picture(&flat, Some("4K"), &shape(4096, &[])), 0.04));
        let named = Price { per_size: [("4K".to_owned(), 0.151)].into(), ..flat.clone() };
        assert!(close(of_picture(&named, Some("4K"), &shape(4096, &[])), 0.151));
        assert!(close(of_picture(&named, Some("1K"), &shape(1024, &[])), 0.04));
        // Flux 2 pro: 3 cents for the first megapixel, 1.5 for each further one and for each that is sent.
        let flux = Price {
            per_picture: 0.03,
            per_megapixel: 0.015,
            per_input_megapixel: 0.015,
            ..Price::default()
        };
        assert!(close(of_picture(&flux, None, &shape(1024, &[])), 0.045));
        let references = [Size::new(1025, 1024)];
        assert!(close(of_picture(&flux, None, &shape(2048, &references)), 0.03 + 0.045 + 0.045));
        let step = |up_to_megapixels, per_picture| PriceStep { up_to_megapixels, per_picture };
        let steps = Price {
            steps: vec![step(2.36, 0.045), step(99.0, 0.09)],
            per_reference: 0.003,
            ..Price::default()
        };
        assert!(close(of_picture(&steps, None, &shape(1500, &references)), 0.048));
        assert!(close(of_picture(&steps, None, &shape(2048, &[])), 0.09));
    }
}
