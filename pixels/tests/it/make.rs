//! Pictures and files made for the tests: noise, gradients, and containers put together by hand.

use easel_pixels::{Format, Picture, Size};

/// Pixels that no codec can guess, the same for the same seed.
pub(crate) fn noise(format: Format, size: Size, seed: u64) -> Picture {
    let mut state = seed.wrapping_mul(2).wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let samples = size.area() as usize * format.channels();
    let bytes = match format {
        Format::Gray8 | Format::Rgba8 => (0..samples).map(|_| next() as u8).collect(),
        Format::Rgba16 => (0..samples).flat_map(|_| (next() as u16).to_ne_bytes()).collect(),
        Format::RgbaF32 => {
            (0..samples).flat_map(|_| ((next() % 65_536) as f32 / 65_535.0).to_ne_bytes()).collect()
        }
    };
    Picture::from_pixels(format, size, bytes).unwrap()
}

/// The same without transparency.
pub(crate) fn opaque(mut picture: Picture) -> Picture {
    let format = picture.format();
    for pixel in picture.pixels_mut().chunks_exact_mut(format.bytes_per_pixel()) {
        match format {
            Format::Gray8 => {}
            Format::Rgba8 => pixel[3] = 255,
            Format::Rgba16 => pixel[6..].fill(255),
            Format::RgbaF32 => pixel[12..].copy_from_slice(&1.0_f32.to_ne_bytes()),
        }
    }
    picture
}

/// A smooth colourful picture, kind to JPEG.
pub(crate) fn gradient(size: Size) -> Picture {
    let pixels = (0..size.height).flat_map(|y| {
        (0..size.width).flat_map(move |x| {
            let across = (x * 255 / size.width.max(2)) as u8;
            let down = (y * 255 / size.height.max(2)) as u8;
            [across, down, 255 - across, 255]
        })
    });
    Picture::from_pixels(Format::Rgba8, size, pixels.collect()).unwrap()
}

/// One PNG chunk, with its checksum.
pub(crate) fn chunk(name: [u8; 4], content: &[u8]) -> Vec<u8> {
    let mut crc = u32::MAX;
    for byte in name.iter().chain(content) {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    let mut bytes = (content.len() as u32).to_be_bytes().to_vec();
    bytes.extend_from_slice(&name);
    bytes.extend_from_slice(content);
    bytes.extend_from_slice(&(!crc).to_be_bytes());
    bytes
}

/// A small EXIF block that says nothing but the orientation.
pub(crate) fn exif(orientation: u8) -> Vec<u8> {
    let mut bytes = b"MM\0*\0\0\0\x08\0\x01".to_vec();
    bytes.extend_from_slice(&[0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0]);
    bytes
}

/// Puts a chunk behind the header of a PNG.
pub(crate) fn with_png_chunk(png: &[u8], chunk: &[u8]) -> Vec<u8> {
    [&png[..33], chunk, &png[33..]].concat()
}

/// Puts a segment behind the start of a JPEG.
pub(crate) fn with_jpeg_segment(jpeg: &[u8], marker: u8, content: &[u8]) -> Vec<u8> {
    let length = (content.len() as u16 + 2).to_be_bytes();
    [&jpeg[..2], &[0xff, marker], &length, content, &jpeg[2..]].concat()
}

/// A little-endian TIFF of one directory; values longer than four bytes are given as offsets by the caller.
pub(crate) fn tiff(entries: &[(u16, u16, u32, [u8; 4])], next: u32, rest: &[u8]) -> Vec<u8> {
    let mut bytes = b"II*\0\x08\0\0\0".to_vec();
    bytes.extend_from_slice(&(entries.len() as u16).to_le_bytes());
    for (tag, kind, count, value) in entries {
        bytes.extend_from_slice(&tag.to_le_bytes());
        bytes.extend_from_slice(&kind.to_le_bytes());
        bytes.extend_from_slice(&count.to_le_bytes());
        bytes.extend_from_slice(value);
    }
    bytes.extend_from_slice(&next.to_le_bytes());
    bytes.extend_from_slice(rest);
    bytes
}

/// A value of a directory entry.
pub(crate) fn value(number: u32) -> [u8; 4] {
    number.to_le_bytes()
}
