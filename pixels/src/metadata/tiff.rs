//! Metadata of TIFF files, which have no block of their own: the file's first directory is it.
//!
//! A new first directory is put behind the file, with the old entries and the new ones. Nothing that is there moves,
//! so that every offset stays true; what the old directory alone named stays in the file as bytes without a name.

use super::block::{Data, Description, Value, gives_way};
use super::directory::{BYTE, File};
use super::{Block, Metadata, WriteError};
use crate::Kind;

const XMP: u16 = 700;

/// Reads classic and big files of both byte orders.
pub(super) fn read(bytes: &[u8]) -> Metadata {
    let Some(file) = File::open(bytes) else { return Metadata::default() };
    let Some(main) = file.first() else { return Metadata::default() };
    let description = Description::take(&file, &main, file.order);
    let xmp = main.find(XMP).filter(|(entry, _)| matches!(entry.kind, 1 | 2 | 7));
    Metadata {
        exif: (!description.is_empty()).then(|| description.into_block(file.order)).flatten(),
        xmp: xmp.map(|(_, packet)| packet.to_vec()),
    }
}

pub(super) fn write(bytes: &[u8], metadata: &Metadata) -> Result<Vec<u8>, WriteError> {
    let damaged = |detail| WriteError::Damaged { kind: Kind::Tiff, detail };
    let file = File::open(bytes).ok_or_else(|| damaged("its head is not whole"))?;
    if file.big {
        return Err(WriteError::BigTiff);
    }
    let main = file.first().ok_or_else(|| damaged("its first directory is not whole"))?;
    let next = main.next.ok_or_else(|| damaged("its first directory is not whole"))? as u32;
    let mut new = match &metadata.exif {
        None => Description::default(),
        Some(exif) => {
            let block = File::block(exif);
            let described = block.and_then(|block| Some((block, block.first()?)));
            let (block, main) = described.ok_or(WriteError::Exif)?;
            Description::take(&block, &main, file.order)
        }
    };
    let kept: Vec<Value> = main
        .entries
        .iter()
        .filter(|entry| entry.tag != XMP && !gives_way(entry.tag, &new))
        .filter_map(|entry| {
            let field = bytes.get(entry.place + 8..)?.first_chunk()?;
            let count = u32::try_from(entry.count).ok()?;
            Some(Value { tag: entry.tag, kind: entry.kind, count, data: Data::Field(*field) })
        })
        .collect();
    if metadata.xmp.is_none()
        && new.main.is_empty()
        && new.is_empty()
        && kept.len() == main.entries.len()
    {
        return Ok(bytes.to_vec());
    }
    new.main.extend(kept);
    if let Some(xmp) = &metadata.xmp {
        let too_large = WriteError::TooLarge {
            kind: Kind::Tiff,
            block: Block::Xmp,
            bytes: xmp.len(),
            limit: u32::MAX as usize,
        };
        let count = u32::try_from(xmp.len()).map_err(|_| too_large)?;
        new.main.push(Value { tag: XMP, kind: BYTE, count, data: Data::Bytes(xmp.clone()) });
    }
    let mut out = bytes.to_vec();
    out.resize(out.len().next_multiple_of(2), 0);
    let too_large = WriteError::TooLarge {
        kind: Kind::Tiff,
        block: if metadata.exif.is_some() { Block::Exif } else { Block::Xmp },
        bytes: out.len(),
        limit: u32::MAX as usize,
    };
    let at = new.lay_out(&mut out, file.order, next).ok_or(too_large)?;
    out[4..8].copy_from_slice(&file.order.four(at));
    Ok(out)
}
