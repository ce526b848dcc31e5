//! Telling a file by its first bytes, including the kinds that are only named in an error.

use super::{DecodeError, Kind};

const EXPORT: &str = "export it as PNG, JPEG, WebP or TIFF";

/// The kind of a file, or an error that names what it is instead.
pub(super) fn sniff(bytes: &[u8]) -> Result<Kind, DecodeError> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Ok(Kind::Png);
    }
    if bytes.starts_with(b"\xff\xd8\xff") {
        return Ok(Kind::Jpeg);
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Ok(Kind::Webp);
    }
    if [&b"II*\0"[..], b"MM\0*", b"II+\0", b"MM\0+"].iter().any(|magic| bytes.starts_with(magic)) {
        return Ok(Kind::Tiff);
    }
    match foreign(bytes) {
        Some(what) => Err(DecodeError::unsupported(what, EXPORT)),
        None => Err(DecodeError::NotAPicture),
    }
}

/// Formats we know of and do not decode, in the words of the error.
fn foreign(bytes: &[u8]) -> Option<&'static str> {
    let starts: [(&[u8], &str); 17] = [
        (b"GIF87a", "a GIF picture"),
        (b"GIF89a", "a GIF picture"),
        (b"8BPS", "a Photoshop document"),
        (b"gimp xcf", "a GIMP document"),
        (b"\xff\x0a", "a JPEG XL picture"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL picture"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 picture"),
        (b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
        (b"\x76\x2f\x31\x01", "an OpenEXR picture"),
        (b"#?RADIANCE", "a Radiance HDR picture"),
        (b"%PDF-", "a PDF document"),
        (b"BM", "a BMP picture"),
        (b"\0\0\x01\0", "an icon file"),
        (b"qoif", "a QOI picture"),
        (b"DDS ", "a DDS texture"),
        (b"FUJIFILMCCD-RAW", "a camera raw file"),
        (b"IIU\0", "a camera raw file"),
    ];
    let by_start = starts.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, what)| *what);
    by_start.or_else(|| foreign_iso(bytes)).or_else(|| foreign_zip(bytes)).or_else(|| svg(bytes))
}

/// Files of the ISO media family: the brand tells them apart.
fn foreign_iso(bytes: &[u8]) -> Option<&'static str> {
    if bytes.get(4..8)? != b"ftyp" {
        return None;
    }
    match bytes.get(8..12)? {
        b"avif" | b"avis" => Some("an AVIF picture"),
        b"heic" | b"heix" | b"hevc" | b"hevx" | b"heim" | b"heis" | b"mif1" | b"msf1" => {
            Some("a HEIC picture")
        }
        b"crx " => Some("a camera raw file"),
        _ => Some("a video file"),
    }
}

/// Documents that are archives; their first entry is their media type, uncompressed.
fn foreign_zip(bytes: &[u8]) -> Option<&'static str> {
    if !bytes.starts_with(b"PK\x03\x04") {
        return None;
    }
    match bytes.get(30..)? {
        rest if rest.starts_with(b"mimetypeapplication/x-krita") => Some("a Krita document"),
        rest if rest.starts_with(b"mimetypeimage/openraster") => Some("an OpenRaster document"),
        _ => None,
    }
}

fn svg(bytes: &[u8]) -> Option<&'static str> {
    let head = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let head = &head[..head.len().min(1024)];
    let marked = head.starts_with(b"<svg")
        || ((head.starts_with(b"<?xml") || head.starts_with(b"<!"))
            && head.windows(4).any(|part| part == b"<svg"));
    marked.then_some("an SVG drawing")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_decoded_is_named() {
        let cases: [(&[u8], &str); 9] = [
            (b"GIF89a....", "a GIF picture cannot be decoded"),
            (b"\0\0\0\x1cftypavif", "an AVIF picture cannot be decoded"),
            (b"\0\0\0\x18ftypheic", "a HEIC picture cannot be decoded"),
            (b"8BPS\0\x01", "a Photoshop document cannot be decoded"),
            (b"<?xml version='1.0'?>\n<svg xmlns=", "an SVG drawing cannot be decoded"),
            (b"\xff\x0a\xfa", "a JPEG XL picture cannot be decoded"),
            (b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL picture cannot be decoded"),
            (b"hello", "these bytes are not a picture"),
            (b"", "these bytes are not a picture"),
        ];
        for (bytes, message) in cases {
            let error = sniff(bytes).unwrap_err();
            assert_eq!(error.to_string(), message);
            assert!(error.hint().contains("PNG"));
        }
    }
}
