//! The first page of a stored picture: it makes a blob of raw rows describe itself, so that its
//! name (the hash of everything, this page included) stands for one picture and no other, and so
//! that the rows begin on a page of their own and can be mapped into a worker as they are.

use easel_protocol::picture::{BlobId, PictureInfo, PixelFormat};

/// Bytes before the first row.
pub const HEADER_BYTES: usize = 4096;

const MAGIC: &[u8; 8] = b"EASELPX1";

/// How many bytes a picture's rows have; `None` on overflow.
pub fn row_bytes_total(picture: &PictureInfo) -> Option<u64> {
    u64::from(picture.width)
        .checked_mul(u64::from(picture.height))?
        .checked_mul(u64::from(picture.format.bytes_per_pixel()))
}

/// The page for a picture: magic, format, width, height, profile, zeros.
pub fn encode(picture: &PictureInfo) -> Vec<u8> {
    let mut page = vec![0u8; HEADER_BYTES];
    page[..8].copy_from_slice(MAGIC);
    page[8..12].copy_from_slice(&format_number(picture.format).to_le_bytes());
    page[12..16].copy_from_slice(&picture.width.to_le_bytes());
    page[16..20].copy_from_slice(&picture.height.to_le_bytes());
    if let Some(icc) = &picture.icc {
        page[24..88].copy_from_slice(icc.as_str().as_bytes());
    }
    page
}

/// What a page says; `None` where the blob is no picture.
pub fn decode(page: &[u8]) -> Option<PictureInfo> {
    if page.len() < HEADER_BYTES || &page[..8] != MAGIC {
        return None;
    }
    let number =
        |at: usize| u32::from_le_bytes([page[at], page[at + 1], page[at + 2], page[at + 3]]);
    let format = PixelFormat::ALL
        .into_iter()
        .find(|format| format.is_stored() && format_number(*format) == number(8))?;
    let icc = match page[24] {
        0 => None,
        _ => Some(std::str::from_utf8(&page[24..88]).ok()?.parse::<BlobId>().ok()?),
    };
    Some(PictureInfo { format, width: number(12), height: number(16), icc })
}

/// The ABI's numbers, so that one list serves both.
fn format_number(format: PixelFormat) -> u32 {
    match format.stored() {
        PixelFormat::Gray8 => 1,
        PixelFormat::Rgba16 => 3,
        PixelFormat::Rgbaf32 => 4,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_what_was_written() {
        let picture = PictureInfo {
            format: PixelFormat::Rgba16,
            width: 7,
            height: 30_000,
            icc: Some(BlobId::from_hash(&[0xab; 32])),
        };
        assert_eq!(decode(&encode(&picture)), Some(picture.clone()));
        let plain = PictureInfo { icc: None, ..picture };
        assert_eq!(decode(&encode(&plain)), Some(plain));
        assert_eq!(decode(b"EASELPX1"), None);
        assert_eq!(decode(&[0; HEADER_BYTES]), None);
    }
}
