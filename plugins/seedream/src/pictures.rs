//! Pictures as the service wants them: files of the host's codec as data URIs, within its limits. A
//! picture that would be too many bytes without loss is sent as JPEG. It scales nothing.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use easel_backend::hosted::{failure, wrong_ask};
use easel_backend::{Charged, Error, FailureKind, Http, Image, Result};

use crate::size::MAX_RATIO;
use crate::wire::Wire;

/// Sides must be longer.
const MIN_SIDE: u32 = 14;

/// A picture as a data URI, without loss where the limits allow.
pub(crate) fn encoded(
    http: &Http<'_, '_>,
    wire: &Wire,
    image: &Image<'_>,
    what: &str,
) -> Result<String> {
    let (width, height) = (image.width(), image.height());
    let (long, short) = (width.max(height), width.min(height));
    if short <= MIN_SIDE {
        let message =
            format!("the {what} of {width}x{height} has a side of {MIN_SIDE} pixels or less");
        return Err(wrong_ask(message, "use a larger picture"));
    }
    if u64::from(long) > u64::from(short) * u64::from(MAX_RATIO) {
        let message = format!(
            "the {what} of {width}x{height} is longer than {MAX_RATIO} times its other side"
        );
        return Err(wrong_ask(message, "use a picture that is less narrow"));
    }
    if u64::from(width) * u64::from(height) > wire.max_input_pixels {
        let limit = wire.max_input_pixels;
        let message =
            format!("the {what} of {width}x{height} is above the service's {limit} pixels");
        return Err(too_large(message));
    }
    for media in ["image/png", "image/jpeg"] {
        let file = http.encode(image, media)?;
        if file.len() as u64 <= wire.max_input_bytes {
            return Ok(format!("data:{media};base64,{}", STANDARD.encode(file)));
        }
    }
    let limit = wire.max_input_bytes;
    Err(too_large(format!("the {what} is above the service's {limit} bytes even as `image/jpeg`")))
}

fn too_large(message: String) -> Error {
    failure(FailureKind::TooLarge, Charged::No, message, "use a smaller picture", None)
}
