//! The whole picture that a person expects of an artifact.

use easel_pixels::{Picture, Size, ViewMut, convert, place};
use easel_protocol::Failure;
use easel_protocol::job::Artifact;

use super::picture::layout_failure;

/// The artifact itself, or the source with the artifact in its place.
pub fn whole(source: &Picture, artifact: Picture, record: &Artifact) -> Result<Picture, Failure> {
    let size = Size::new(record.place.width, record.place.height);
    if artifact.size() != size || size == source.size() {
        return Ok(artifact);
    }
    let mut out = if source.format() == artifact.format() {
        source.clone()
    } else {
        convert(source.view(), artifact.format()).with_icc(source.icc.clone())
    };
    let mut view: ViewMut<'_> = out.view_mut();
    place(&mut view, i64::from(record.place.x), i64::from(record.place.y), artifact.view())
        .map_err(|error| layout_failure(&error))?;
    Ok(out)
}
