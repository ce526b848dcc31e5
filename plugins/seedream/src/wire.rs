//! What a model's record says for this backend alone: its id at the service, the sizes of its answers, how
//! it makes several. Read from each run, since a person may change the catalogue; nothing is a constant.

use std::collections::BTreeMap;

use easel_backend::hosted::base_url;
use serde::Deserialize;

/// The `wire` of a model's record. What it does not know is for others.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Wire {
    /// The model's id at the service, or an endpoint's.
    pub(crate) id: String,
    /// Where the service is, without a slash at the end.
    #[serde(deserialize_with = "base_url")]
    base_url: String,
    /// The least pixels of an answer.
    pub(crate) min_pixels: u64,
    /// The most pixels of an answer.
    pub(crate) max_pixels: u64,
    /// The named sizes, as sides of a square.
    #[serde(default)]
    pub(crate) sizes: BTreeMap<String, u32>,
    /// One request gives a set of pictures.
    #[serde(default)]
    pub(crate) sequential: bool,
    /// The most pictures in and out together, where it is sequential.
    #[serde(default = "fifteen")]
    pub(crate) max_images: u32,
    /// The format of the answer, where the model takes the field.
    pub(crate) output_format: Option<String>,
    /// The most pixels of a picture that is sent.
    #[serde(default = "thirty_six_million")]
    pub(crate) max_input_pixels: u64,
    /// The most bytes of a picture that is sent, as a file.
    #[serde(default = "ten_million")]
    pub(crate) max_input_bytes: u64,
}

impl Wire {
    /// Where pictures are asked for.
    pub(crate) fn url(&self) -> String {
        format!("{}/images/generations", self.base_url)
    }
}

fn fifteen() -> u32 {
    15
}

fn thirty_six_million() -> u64 {
    36_000_000
}

fn ten_million() -> u64 {
    10_000_000
}
