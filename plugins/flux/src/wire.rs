//! What a model's record says for this backend alone: its id at the service, which fields it takes, its
//! limits. Read from each run, since a person may change the catalogue; nothing of it is a constant.

use easel_backend::hosted::base_url;
use serde::Deserialize;

/// Which fields a model takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Family {
    /// Several pictures and an instruction; the size is free.
    Flux2,
    /// A picture and an instruction; the size is the service's.
    Kontext,
    /// A picture, a mask and a description of what is to be there.
    Fill,
    /// A picture and by how much it grows.
    Expand,
    /// A picture and a mask.
    Erase,
}

/// The `wire` of a model's record. What it does not know is for others.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Wire {
    /// The path behind `/v1/`.
    pub(crate) id: String,
    /// Where the service is, without a slash at the end.
    #[serde(deserialize_with = "base_url")]
    pub(crate) base_url: String,
    pub(crate) family: Family,
    /// The first pause between two looks at a task, in milliseconds.
    #[serde(default = "half_a_second")]
    pub(crate) poll_ms: u64,
    /// The longest pause, in milliseconds.
    #[serde(default = "two_seconds")]
    pub(crate) poll_max_ms: u64,
    /// After so many seconds a task is given up.
    #[serde(default = "six_minutes")]
    pub(crate) wait_seconds: u64,
    /// The most pixels of a picture that is sent.
    #[serde(default = "twenty_million")]
    pub(crate) max_input_pixels: u64,
    /// The most bytes of a picture that is sent, as a file.
    #[serde(default = "twenty_million")]
    pub(crate) max_input_bytes: u64,
    /// The most pixels by which a side grows.
    #[serde(default = "two_thousand")]
    pub(crate) max_margin: u32,
}

impl Wire {
    /// Where a task is submitted.
    pub(crate) fn submit_url(&self) -> String {
        format!("{}/v1/{}", self.base_url, self.id)
    }

    /// Where a task is asked for when its submission did not say.
    pub(crate) fn result_url(&self) -> String {
        format!("{}/v1/get_result", self.base_url)
    }
}

fn half_a_second() -> u64 {
    500
}

fn two_seconds() -> u64 {
    2000
}

fn six_minutes() -> u64 {
    360
}

fn twenty_million() -> u64 {
    20_000_000
}

fn two_thousand() -> u32 {
    2048
}
