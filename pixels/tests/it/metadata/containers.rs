//! Blocks in PNG, JPEG, WebP and TIFF: what goes in comes out, and the pixels never notice.

use easel_pixels::metadata::{Block, Metadata, WriteError, facts, read, upright, write};
use easel_pixels::{Decoded, Encoding, Format, Kind, Limits, Picture, Size, decode, encode, probe};

use super::camera::{NOTE, block, contains};
use crate::make::{
    chunk, exif, gradient, noise, opaque, tiff, value, with_jpeg_segment, with_png_chunk,
};

const ENCODINGS: [Encoding; 4] =
    [Encoding::Png, Encoding::Jpeg { quality: 90 }, Encoding::WebpLossless, Encoding::Tiff];

const XMP: &[u8] = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>any text of an odd length..</x:xmpmeta>";

fn pixels(file: &[u8]) -> Decoded {
    decode(file, &Limits::default()).unwrap()
}

/// Pictures of each depth, with alpha and without.
fn pictures() -> Vec<Picture> {
    let size = Size::new(13, 9);
    let mut pictures: Vec<Picture> = Format::ALL.map(|format| noise(format, size, 5)).to_vec();
    pictures.push(opaque(noise(Format::Rgba8, size, 6)));
    pictures.push(opaque(noise(Format::Rgba16, size, 7)));
    pictures
}

#[test]
fn blocks_come_back_and_pixels_and_profile_stay() {
    let icc: Vec<u8> = (0..70_001_u32).map(|i| ((i * 7) >> 2) as u8).collect();
    for picture in pictures() {
        for encoding in ENCODINGS {
            for icc in [None, Some(&icc[..])] {
                let Ok(plain) = encode(picture.view(), icc, encoding) else { continue };
                let before = pixels(&plain);
                assert_eq!(read(&plain), Metadata::default());
                assert_eq!(write(&plain, &Metadata::default()).unwrap(), plain);
                for big in [false, true] {
                    let exif = upright(&block(big), picture.size()).unwrap();
                    let both = Metadata { exif: Some(exif.clone()), xmp: Some(XMP.to_vec()) };
                    let cases = [
                        both.clone(),
                        Metadata { exif: None, ..both.clone() },
                        Metadata { xmp: None, ..both.clone() },
                    ];
                    // Each one in place of the one before.
                    let mut file = plain.clone();
                    for metadata in cases {
                        file = write(&file, &metadata).unwrap();
                        let after = pixels(&file);
                        assert_eq!(after.picture, before.picture, "{encoding:?}");
                        assert_eq!(after.header, before.header, "{encoding:?}");
                        assert_eq!(after.picture.icc.as_deref(), icc, "{encoding:?}");
                        let found = read(&file);
                        assert_eq!(found.xmp, metadata.xmp, "{encoding:?}");
                        if encoding == Encoding::Tiff {
                            assert_eq!(found.exif.is_some(), metadata.exif.is_some());
                            let again = write(&plain, &found).unwrap();
                            assert_eq!(read(&again), found);
                        } else {
                            assert_eq!(found.exif, metadata.exif, "{encoding:?}");
                        }
                        let said = |exif: &Option<Vec<u8>>| exif.as_deref().map(facts);
                        assert_eq!(said(&found.exif), said(&metadata.exif), "{encoding:?}");
                    }
                    assert_eq!(
                        pixels(&write(&file, &Metadata::default()).unwrap()).picture,
                        before.picture
                    );
                    assert_eq!(
                        read(&write(&file, &Metadata::default()).unwrap()),
                        Metadata::default()
                    );
                }
            }
        }
    }
}

#[test]
fn a_tiff_takes_everything_that_a_block_says() {
    let picture = gradient(Size::new(8, 8));
    let plain = encode(picture.view(), None, Encoding::Tiff).unwrap();
    for big in [false, true] {
        let metadata = Metadata { exif: Some(block(big)), xmp: None };
        let file = write(&plain, &metadata).unwrap();
        let header = probe(&file).unwrap();
        assert_eq!(header.orientation as u16, 6, "what the block says is written as it is");
        let found = read(&file).exif.unwrap();
        assert!(contains(&found, NOTE));
        let even = upright(&found, picture.size()).unwrap();
        let file = write(&plain, &Metadata { exif: Some(even.clone()), xmp: None }).unwrap();
        assert_eq!(read(&file).exif, Some(even));
    }
}

#[test]
fn a_tiff_keeps_how_it_is_turned() {
    let entries = [
        (256, 4, 1, value(1)),
        (257, 4, 1, value(2)),
        (258, 3, 1, value(8)),
        (259, 3, 1, value(1)),
        (262, 3, 1, value(1)),
        (273, 4, 1, value(8 + 2 + 12 * 9 + 4)),
        (274, 3, 1, value(6)),
        (277, 3, 1, value(1)),
        (279, 4, 1, value(2)),
    ];
    let plain = tiff(&entries, 0, &[10, 20]);
    let file = write(&plain, &Metadata { exif: None, xmp: Some(XMP.to_vec()) }).unwrap();
    assert_eq!(pixels(&file).picture, pixels(&plain).picture);
    assert_eq!(read(&file).xmp.as_deref(), Some(XMP));
}

#[test]
fn what_does_not_fit_into_a_jpeg_is_named() {
    let file = |encoding| encode(gradient(Size::new(8, 8)).view(), None, encoding).unwrap();
    let jpeg = file(Encoding::Jpeg { quality: 90 });
    let mut exif = block(false);
    exif.resize(65_527, 1);
    let fits = Metadata { exif: Some(exif.clone()), xmp: Some(vec![b' '; 65_504]) };
    assert_eq!(read(&write(&jpeg, &fits).unwrap()), fits);

    exif.push(1);
    let metadata = Metadata { exif: Some(exif), xmp: None };
    let error = write(&jpeg, &metadata).unwrap_err();
    assert!(matches!(error, WriteError::TooLarge { block: Block::Exif, kind: Kind::Jpeg, .. }));
    assert_eq!(
        error.to_string(),
        "65528 bytes of EXIF do not fit into a JPEG file, the limit is 65527"
    );
    assert!(error.hint().contains("leave this block out"));
    for encoding in [Encoding::Png, Encoding::WebpLossless] {
        assert_eq!(read(&write(&file(encoding), &metadata).unwrap()), metadata);
    }
    let metadata = Metadata { exif: None, xmp: Some(vec![b' '; 65_505]) };
    let error = write(&jpeg, &metadata).unwrap_err();
    assert!(matches!(error, WriteError::TooLarge { block: Block::Xmp, .. }));
}

#[test]
fn blocks_lie_where_readers_look_for_them() {
    let picture = gradient(Size::new(8, 8));
    let metadata = Metadata { exif: Some(block(true)), xmp: Some(XMP.to_vec()) };
    let written =
        |encoding| write(&encode(picture.view(), None, encoding).unwrap(), &metadata).unwrap();
    let place = |file: &[u8], part: &[u8]| file.windows(part.len()).position(|w| w == part);

    let jpeg = written(Encoding::Jpeg { quality: 90 });
    assert_eq!(jpeg[2..4], [0xff, 0xe0], "the JFIF header stays first");
    let length = usize::from(u16::from_be_bytes([jpeg[4], jpeg[5]]));
    assert_eq!(jpeg[4 + length..][..2], [0xff, 0xe1]);
    assert_eq!(jpeg[8 + length..][..6], *b"Exif\0\0");

    let png = written(Encoding::Png);
    assert!(contains(&png, &chunk(*b"eXIf", &block(true))), "with the right checksum");
    assert!(place(&png, b"iTXt") < place(&png, b"IDAT") && place(&png, b"iTXt").is_some());

    let webp = written(Encoding::WebpLossless);
    assert_eq!(webp[12..16], *b"VP8X");
    assert_eq!(webp[20] & 0x0c, 0x0c);
    assert_eq!(u32::from_le_bytes(*webp[4..].first_chunk().unwrap()) as usize, webp.len() - 8);
    assert!(place(&webp, b"VP8L") < place(&webp, b"EXIF"));
    let plain = write(&webp, &Metadata::default()).unwrap();
    assert_eq!(plain[20] & 0x0c, 0);

    // Tags of a TIFF are in order.
    let tiff = written(Encoding::Tiff);
    let at = u32::from_ne_bytes(*tiff[4..].first_chunk().unwrap()) as usize;
    let count = usize::from(u16::from_ne_bytes([tiff[at], tiff[at + 1]]));
    let tags = tiff[at + 2..][..12 * count].chunks(12).map(|e| u16::from_ne_bytes([e[0], e[1]]));
    assert!(tags.is_sorted());
}

#[test]
fn older_ways_to_write_a_block_give_way() {
    let picture = gradient(Size::new(8, 8));
    let png = encode(picture.view(), None, Encoding::Png).unwrap();
    let old = with_png_chunk(&png, &chunk(*b"tEXt", b"Raw profile type exif\0\nexif\n4\n00"));
    let old = with_png_chunk(&old, &chunk(*b"tEXt", b"Comment\0stays"));
    // Some writers put the name of a JPEG segment before the block.
    let old = with_png_chunk(&old, &chunk(*b"eXIf", &[b"Exif\0\0".to_vec(), exif(6)].concat()));
    assert_eq!(read(&old).exif, Some(exif(6)));
    let new = write(&old, &Metadata { exif: Some(exif(1)), xmp: None }).unwrap();
    assert!(!contains(&new, b"Raw profile") && contains(&new, b"Comment\0stays"));
    assert_eq!(read(&new).exif, Some(exif(1)));

    let jpeg = encode(picture.view(), None, Encoding::Jpeg { quality: 90 }).unwrap();
    let more = b"http://ns.adobe.com/xmp/extension/\0GUID";
    let old = with_jpeg_segment(&jpeg, 0xe1, &[b"Exif\0\0".to_vec(), exif(8)].concat());
    let old = with_jpeg_segment(&old, 0xe1, more);
    assert_eq!(read(&old), Metadata { exif: Some(exif(8)), xmp: None });
    assert_eq!(write(&old, &Metadata::default()).unwrap(), jpeg);
}

#[test]
fn a_compressed_packet_is_read() {
    // "<x/>" as a zlib stream with one stored block.
    let packet = b"\x78\x01\x01\x04\0\xfb\xff<x/>\x02\xf8\x01\x22";
    let content = [&b"XML:com.adobe.xmp\0\x01\0de\0\0"[..], packet].concat();
    let png = encode(gradient(Size::new(8, 8)).view(), None, Encoding::Png).unwrap();
    let file = with_png_chunk(&png, &chunk(*b"iTXt", &content));
    assert_eq!(read(&file).xmp.as_deref(), Some(&b"<x/>"[..]));
}

#[test]
fn what_cannot_take_blocks_says_so() {
    let metadata = Metadata { exif: Some(block(false)), xmp: None };
    assert_eq!(write(b"hello", &metadata), Err(WriteError::NotAPicture));
    assert_eq!(write(b"II+\0\x08\0\0\0", &Metadata::default()), Err(WriteError::BigTiff));
    for encoding in ENCODINGS {
        let file = encode(gradient(Size::new(8, 8)).view(), None, encoding).unwrap();
        let error = write(&file[..30], &metadata).unwrap_err();
        assert!(matches!(error, WriteError::Damaged { .. }), "{error}");
        let none = Metadata { exif: Some(b"no block".to_vec()), xmp: None };
        assert_eq!(write(&file, &none), Err(WriteError::Exif));
        assert!(!error.hint().is_empty() && !WriteError::Exif.hint().is_empty());
    }
}
