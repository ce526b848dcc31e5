//! Pictures as the service wants them: files of the host's codec as bare base64, within its limits. A
//! picture that would be too many bytes without loss is sent as JPEG. It scales nothing.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use easel_backend::hosted::failure;
use easel_backend::{Charged, Error, FailureKind, Http, Image, PixelFormat, Result};

use crate::wire::Wire;

/// A picture as base64, without loss where the limits allow.
pub(crate) fn encoded(
    http: &Http<'_, '_>,
    wire: &Wire,
    image: &Image<'_>,
    what: &str,
) -> Result<String> {
    let (width, height) = (image.width(), image.height());
    if u64::from(width) * u64::from(height) > wire.max_input_pixels {
        let limit = wire.max_input_pixels;
        let message =
            format!("the {what} of {width}x{height} is above the service's {limit} pixels");
        return Err(too_large(message));
    }
    for media in ["image/png", "image/jpeg"] {
        let file = http.encode(image, media)?;
        if file.len() as u64 <= wire.max_input_bytes {
            return Ok(STANDARD.encode(file));
        }
    }
    let limit = wire.max_input_bytes;
    Err(too_large(format!("the {what} is above the service's {limit} bytes even as `image/jpeg`")))
}

/// A mask as base64: black keeps, white is painted anew. The service knows nothing in between, so what
/// may change at all is white; the host brings the soft edge back when it composites.
pub(crate) fn encoded_mask(http: &Http<'_, '_>, wire: &Wire, mask: &Image<'_>) -> Result<String> {
    let hard: Vec<u8> =
        mask.rows().flatten().map(|value| if *value == 0 { 0 } else { 255 }).collect();
    let width = mask.width();
    let hard = Image::new(PixelFormat::Gray8, width, mask.height(), width as usize, &hard)?;
    encoded(http, wire, &hard, "mask")
}

fn too_large(message: String) -> Error {
    failure(FailureKind::TooLarge, Charged::No, message, "use a smaller picture", None)
}
