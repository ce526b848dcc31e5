//! What a model's record says for this backend alone: its id at the service, its shapes and sizes, its
//! prices. Read from each run, since a person may change the catalogue; nothing of it is a constant.

use easel_backend::hosted::base_url;
use serde::Deserialize;

/// The `wire` of a model's record. What it does not know is for others.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Wire {
    /// The model's id at the service.
    pub(crate) id: String,
    /// Where the service is, without a slash at the end.
    #[serde(deserialize_with = "base_url")]
    base_url: String,
    /// The version in the address.
    #[serde(default = "beta")]
    version: String,
    /// What `aspectRatio` may be, such as `16:9`; empty: it is never sent.
    #[serde(default)]
    aspects: Vec<String>,
    /// What `imageSize` may be; empty: it is never sent.
    #[serde(default)]
    pub(crate) sizes: Vec<String>,
    /// What tokens cost, where known.
    pub(crate) tokens: Option<Tokens>,
    /// Up to so many bytes of files in all, pictures are sent without loss.
    #[serde(default = "fourteen_million")]
    pub(crate) lossless_bytes: u64,
    /// The most bytes of files in all.
    #[serde(default = "nearly_fifteen_million")]
    pub(crate) max_bytes: u64,
}

/// Dollars for a million tokens.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Tokens {
    pub(crate) input: f64,
    pub(crate) text: f64,
    pub(crate) image: f64,
}

impl Wire {
    /// Where a picture is asked for.
    pub(crate) fn url(&self) -> String {
        format!("{}/{}/models/{}:generateContent", self.base_url, self.version, self.id)
    }

    /// The shape on the list that is nearest to a picture's; the first of several.
    pub(crate) fn nearest_aspect(&self, width: u32, height: u32) -> Option<&str> {
        let wanted = (f64::from(width) / f64::from(height)).ln();
        let far = |aspect: &&String| {
            let (across, down) = aspect.split_once(':')?;
            let (across, down): (f64, f64) = (across.parse().ok()?, down.parse().ok()?);
            let far = ((across / down).ln() - wanted).abs();
            far.is_finite().then_some(far)
        };
        let known = self.aspects.iter().filter_map(|aspect| Some((far(&aspect)?, aspect)));
        known.min_by(|one, other| one.0.total_cmp(&other.0)).map(|(_, aspect)| aspect.as_str())
    }
}

fn beta() -> String {
    "v1beta".to_owned()
}

fn fourteen_million() -> u64 {
    14_000_000
}

fn nearly_fifteen_million() -> u64 {
    14_800_000
}
