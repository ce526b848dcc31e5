//! What a picture file says about itself: read from a source, made true for a result, and written into it.
//!
//! Two blocks are known, EXIF and XMP, in PNG, JPEG, WebP and TIFF. Nothing here decodes a pixel, reads a file or
//! asks the clock. Whatever bytes come in, reading gives less rather than an error, and the work is in proportion to
//! the bytes. Writing never touches pixels or profile.

mod block;
mod directory;
mod facts;
mod jpeg;
mod packet;
mod png;
mod provenance;
mod tiff;
mod upright;
mod webp;
mod xml;

use std::fmt;

pub use facts::{FACTS, facts};
pub use provenance::{Origin, provenance};
pub use upright::upright;

use crate::Kind;
use directory::File;

/// The blocks of a file, as they lie in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// The EXIF block from its byte order on (`II*\0…` or `MM\0*…`), without the name that containers put before it.
    /// A TIFF file has no such block: it is made of the tags that describe the picture.
    pub exif: Option<Vec<u8>>,
    /// The XMP packet, usually XML in UTF-8.
    pub xmp: Option<Vec<u8>>,
}

/// A block of metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    /// What the camera wrote.
    Exif,
    /// What editors wrote.
    Xmp,
}

impl fmt::Display for Block {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Exif => "EXIF",
            Self::Xmp => "XMP",
        })
    }
}

/// Why blocks cannot be written into a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// The file is none that is known.
    #[error("these bytes are not a PNG, JPEG, WebP or TIFF file")]
    NotAPicture,
    /// The file that should take the blocks is damaged.
    #[error("the {kind} file is damaged: {detail}")]
    Damaged {
        /// What the file is.
        kind: Kind,
        /// What is wrong with it.
        detail: &'static str,
    },
    /// Files with 64-bit offsets are only read.
    #[error("metadata cannot be written into a big TIFF")]
    BigTiff,
    /// The block does not begin as EXIF does, or has no directory.
    #[error("the EXIF block is damaged")]
    Exif,
    /// The file format has no room for a block of this size.
    #[error("{bytes} bytes of {block} do not fit into a {kind} file, the limit is {limit}")]
    TooLarge {
        /// The file format.
        kind: Kind,
        /// Which block it is. Without it, the rest can be written.
        block: Block,
        /// How long the block is.
        bytes: usize,
        /// How long it may be.
        limit: usize,
    },
}

impl WriteError {
    /// What to do about it.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::NotAPicture | Self::Damaged { .. } => "write the picture again and retry",
            Self::BigTiff => "write a TIFF below 4 GiB, or PNG",
            Self::Exif => "leave the EXIF block out",
            Self::TooLarge { .. } => "leave this block out, or write PNG, WebP or TIFF",
        }
    }
}

/// Reads the blocks of a file, told by its first bytes. A file that is cut gives what stands before the cut; bytes
/// that are no picture give nothing, and so does an EXIF block that does not begin as one.
pub fn read(bytes: &[u8]) -> Metadata {
    let mut found = match kind(bytes) {
        Some(Kind::Png) => png::read(bytes),
        Some(Kind::Jpeg) => jpeg::read(bytes),
        Some(Kind::Webp) => webp::read(bytes),
        Some(Kind::Tiff) => tiff::read(bytes),
        None => Metadata::default(),
    };
    found.exif = found.exif.filter(|exif| File::block(exif).is_some());
    found
}

/// Puts blocks into an encoded file, in place of whatever it has; a block that is not given is taken out. Pixels and
/// profile stay byte for byte. The orientation in the block is written as it is: see [`upright`].
///
/// In a TIFF file, where blocks are tags beside others, the block is taken apart, and the orientation of the file
/// stays where the block has none.
pub fn write(encoded: &[u8], metadata: &Metadata) -> Result<Vec<u8>, WriteError> {
    let kind = kind(encoded).ok_or(WriteError::NotAPicture)?;
    if metadata.exif.as_ref().is_some_and(|exif| File::block(exif).is_none()) {
        return Err(WriteError::Exif);
    }
    match kind {
        Kind::Png => png::write(encoded, metadata),
        Kind::Jpeg => jpeg::write(encoded, metadata),
        Kind::Webp => webp::write(encoded, metadata),
        Kind::Tiff => tiff::write(encoded, metadata),
    }
}

/// The kind of a file by its first bytes.
fn kind(bytes: &[u8]) -> Option<Kind> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some(Kind::Png)
    } else if bytes.starts_with(b"\xff\xd8\xff") {
        Some(Kind::Jpeg)
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        Some(Kind::Webp)
    } else {
        File::open(bytes).map(|_| Kind::Tiff)
    }
}
