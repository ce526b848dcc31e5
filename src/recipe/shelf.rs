//! The models that Easel's own backends for hosted services offer, for recipes that name them on a machine where
//! those are not set up: they are known, and only not at hand.

use std::sync::LazyLock;

use easel_protocol::catalogue;
use easel_protocol::server::ModelEntry;

const CATALOGUES: [(&str, &str); 3] = [
    ("flux", include_str!("../../plugins/flux/models.toml")),
    ("gemini", include_str!("../../plugins/gemini/models.toml")),
    ("seedream", include_str!("../../plugins/seedream/models.toml")),
];

static SHELF: LazyLock<Vec<ModelEntry>> = LazyLock::new(|| {
    let entries = CATALOGUES.iter().flat_map(|(backend, text)| {
        let records = catalogue::parse(text).unwrap_or_default();
        records.into_iter().map(move |record| ModelEntry {
            backend: (*backend).to_owned(),
            available: false,
            reason: Some(format!("the backend `{backend}` is not set up here")),
            catalogue: None,
            record,
        })
    });
    entries.collect()
});

/// The models of backends that are not among those of `models`.
pub(super) fn beyond(models: &[ModelEntry]) -> impl Iterator<Item = &ModelEntry> {
    SHELF.iter().filter(|entry| !models.iter().any(|known| known.backend == entry.backend))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ships_can_be_read() {
        for (backend, text) in CATALOGUES {
            let records = catalogue::parse(text).unwrap();
            assert!(!records.is_empty());
            let on_shelf = SHELF.iter().filter(|entry| entry.backend == backend).count();
            assert_eq!(on_shelf, records.len());
        }
        let installed: Vec<ModelEntry> =
            SHELF.iter().filter(|it| it.backend == "flux").cloned().collect();
        assert!(beyond(&installed).all(|entry| entry.backend != "flux"));
    }
}
