//! The painting styles by name. The network came without names or sources for them; these describe
//! what each does to a photograph, as it was seen on several. The order is the network's own.

use easel_backend::{Error, Result, StyleRecord, StyleWeight};

/// A painting style.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// The name on the wire: lower case, words joined by `-`.
    pub name: &'static str,
    /// What it looks like.
    pub description: &'static str,
    /// It destroys much of the content.
    pub strong: bool,
}

const fn style(name: &'static str, description: &'static str) -> Style {
    Style { name, description, strong: false }
}

const fn strong(name: &'static str, description: &'static str) -> Style {
    Style { name, description, strong: true }
}

/// All styles; the index is the place in the network's input.
pub const STYLES: [Style; 26] = [
    style("ochre-sky", "soft short strokes in ochre and pale blue"),
    strong("yellow-woodcut", "thick black lines on flat yellow and pale grey"),
    style("ink-and-peach", "pale peach and ice blue with dark ink shadows"),
    strong("neon-shards", "jagged strokes of red, blue and cyan on black"),
    style("crimson-engraving", "crimson and gold with fine hatching"),
    style("warm-oil", "broad oil strokes in orange, red and violet"),
    style("midnight-dots", "dark indigo relief covered with amber dots"),
    style("primary-blocks", "dark soft fields of strong blue, yellow and red"),
    style("candy-ink", "white paper, fine cyan lines, pink and yellow washes"),
    strong("dash-mosaic", "short teal and red dashes on pale ground"),
    style("umber-chalk", "burnt orange and umber chalk on dark paper"),
    style("gold-linocut", "ochre on pale paper with dark carved outlines"),
    style("lilac-haze", "hazy lilac and warm yellow brushwork"),
    style("acid-poster", "lime, teal and maroon with coarse hatching"),
    style("frosted-fresco", "very pale blue and rose with fine cracks"),
    style("pastel-glass", "pastel fragments between dark leaded outlines"),
    style("blue-crayon", "slanted crayon strokes in blue and olive"),
    strong("brick-weave", "an orange and red weave of small bricks"),
    style("olive-carving", "sand and olive relief with carved sepia lines"),
    style("starlit-blue", "deep blue and yellow in dense curved strokes"),
    style("red-dusk", "near-black and glowing red"),
    style("pop-blocks", "flat pink, cream and sky blue with fat black outlines"),
    style("comic-ink", "cream, slate blue and red patches with heavy ink"),
    style("quiet-gouache", "soft dark green, cream and light blue fields"),
    style("teal-print", "teal ink print on cream paper"),
    style("rough-impasto", "thick broken strokes in rust and slate blue"),
];

/// The records for the model's description.
pub(crate) fn records() -> Vec<StyleRecord> {
    let record = |style: &Style| StyleRecord {
        name: style.name.to_owned(),
        description: style.description.to_owned(),
        strong: style.strong,
    };
    STYLES.iter().map(record).collect()
}

/// The network's input for a blend: one share a style, which add up to 1. Nothing chosen is an error,
/// and so is a name that is not known or a share that is no positive number.
pub(crate) fn shares(blend: &[StyleWeight]) -> Result<Vec<f32>> {
    let mut shares = vec![0.0_f64; STYLES.len()];
    for part in blend {
        let index = STYLES
            .iter()
            .position(|style| style.name == part.name)
            .ok_or_else(|| Error::invalid(format!("there is no style `{}`", part.name)))?;
        if !(part.weight > 0.0 && part.weight.is_finite()) {
            return Err(Error::invalid(format!(
                "the share of style `{}` is not above 0",
                part.name
            )));
        }
        shares[index] += part.weight;
    }
    let sum: f64 = shares.iter().sum();
    if sum <= 0.0 || !sum.is_finite() {
        return Err(Error::invalid(
            "no style was chosen: `local-style` needs one by name, such as `warm-oil`",
        ));
    }
    Ok(shares.into_iter().map(|share| (share / sum) as f32).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(name: &str, weight: f64) -> StyleWeight {
        StyleWeight { name: name.to_owned(), weight }
    }

    #[test]
    fn names_are_unique_and_fit_the_wire() {
        for (index, style) in STYLES.iter().enumerate() {
            assert!(style.name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-'));
            assert!(!style.description.is_empty());
            assert!(STYLES[..index].iter().all(|other| other.name != style.name), "{}", style.name);
        }
    }

    #[test]
    fn a_blend_adds_up_to_one() {
        let blend = shares(&[part("warm-oil", 3.0), part("teal-print", 1.0)]).unwrap();
        assert_eq!((blend[5], blend[24]), (0.75, 0.25));
        assert!((blend.iter().sum::<f32>() - 1.0).abs() < 1e-6);
    }

    #[test]
    fn nonsense_is_an_error() {
        assert!(shares(&[]).is_err());
        assert!(shares(&[part("no-such-style", 1.0)]).is_err());
        for weight in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(shares(&[part("warm-oil", weight)]).is_err(), "{weight}");
        }
    }
}
