//! What the placeholders of recipes may name, beside the axes of a matrix.

use std::collections::BTreeMap;

/// What is known of a picture, by placeholder: `name`, `width`, `exif.date`, …
pub type Facts = BTreeMap<String, String>;

/// A placeholder and what there is to say of it.
#[derive(Clone, Copy, Debug)]
pub struct FactDoc {
    /// The name between the braces.
    pub name: &'static str,
    /// What it stands for.
    pub doc: &'static str,
    /// What it may look like.
    pub example: &'static str,
    /// Known in `output.name` alone.
    pub output_only: bool,
}

const fn fact(name: &'static str, doc: &'static str, example: &'static str) -> FactDoc {
    FactDoc { name, doc, example, output_only: false }
}

const fn of_result(name: &'static str, doc: &'static str, example: &'static str) -> FactDoc {
    FactDoc { name, doc, example, output_only: true }
}

/// Every placeholder that is no axis.
pub const FACTS: &[FactDoc] = &[
    fact("name", "The picture's file name without its end.", "vase-01"),
    fact("ext", "The end of the picture's file name.", "jpg"),
    fact("folder", "The name of the folder that the picture lies in.", "autumn"),
    fact("width", "The picture's width in pixels.", "6000"),
    fact("height", "The picture's height in pixels.", "4000"),
    fact("megapixels", "How many million pixels the picture has.", "24.0"),
    fact("exif.date", "The day on which it was taken.", "2026-05-01"),
    fact("exif.time", "The time at which it was taken.", "14-05-09"),
    fact("exif.make", "Who made the camera.", "Canon"),
    fact("exif.camera", "The camera's model.", "EOS R5"),
    fact("exif.lens", "The lens.", "RF 50mm F1.2"),
    fact("exif.iso", "The sensitivity.", "400"),
    fact("exif.aperture", "The aperture.", "2.8"),
    fact("exif.exposure", "The exposure time in seconds.", "1/250"),
    fact("exif.focal", "The focal length in millimetres.", "50"),
    fact("exif.description", "What the picture's description says.", "a vase"),
    fact("exif.artist", "Who took it.", "A. Artist"),
    fact("exif.copyright", "Whose it is.", "2026 A. Artist"),
    fact("recipe", "The recipe's name.", "product-on-white"),
    of_result("model", "The model that made the result.", "local-style"),
    of_result("index", "The number of the result among those of its model, from 1.", "1"),
    of_result("intent", "The intent of the last step.", "restyle"),
];

/// The placeholder of that name.
pub fn fact_named(name: &str) -> Option<&'static FactDoc> {
    FACTS.iter().find(|fact| fact.name == name)
}

/// Stand-ins for every fact, for checks that look at no picture.
pub fn assumed(width: u32, height: u32) -> Facts {
    let known = FACTS.iter().filter(|fact| !fact.output_only);
    let mut facts: Facts =
        known.map(|fact| (fact.name.to_owned(), fact.example.to_owned())).collect();
    facts.insert("width".to_owned(), width.to_string());
    facts.insert("height".to_owned(), height.to_string());
    facts
}
