//! Bytes from anywhere: less is read, nothing panics, and the work stays in proportion.

use std::fmt::Write as _;

use easel_pixels::metadata::{Metadata, facts, provenance, read, upright, write};
use easel_pixels::{Encoding, Format, Limits, Orientation, Size, decode, encode, probe};
use proptest::prelude::*;

use super::camera::block;
use super::packet::ORIGIN;
use crate::make::{chunk, exif, gradient, noise, tiff, value, with_png_chunk};

const ENCODINGS: [Encoding; 4] =
    [Encoding::Png, Encoding::Jpeg { quality: 90 }, Encoding::WebpLossless, Encoding::Tiff];

/// Files that have everything, one of each kind.
fn files() -> Vec<Vec<u8>> {
    let xmp = provenance(None, &ORIGIN);
    let picture = noise(Format::Rgba8, Size::new(9, 7), 3);
    ENCODINGS
        .iter()
        .zip([false, true, false, true])
        .map(|(encoding, big)| {
            let file = encode(picture.view(), Some(&[9; 130]), *encoding).unwrap();
            let metadata = Metadata { exif: Some(block(big)), xmp: Some(xmp.clone()) };
            write(&file, &metadata).unwrap()
        })
        .collect()
}

/// Everything at once; what comes back is put into files again.
fn exercise(bytes: &[u8]) {
    let found = read(bytes);
    let _ = write(bytes, &found);
    let _ = write(bytes, &Metadata::default());
    let said = found.exif.as_deref().unwrap_or(bytes);
    for (name, value) in facts(said) {
        assert!(value.chars().count() <= 200 && value.trim() == value, "{name}: {value}");
        assert!(!value.is_empty() && !value.contains(char::is_control), "{name}: {value}");
    }
    if let Some(upright) = upright(said, Size::new(70_000, 3)) {
        let png = encode(gradient(Size::new(2, 2)).view(), None, Encoding::Png).unwrap();
        let file = with_png_chunk(&png, &chunk(*b"eXIf", &upright));
        assert_eq!(probe(&file).unwrap().orientation, Orientation::Normal);
    }
    let xmp = found.xmp.as_deref().unwrap_or(bytes);
    let once = provenance(Some(xmp), &ORIGIN);
    assert_eq!(provenance(Some(&once), &ORIGIN), once);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn metadata_of_random_bytes_never_panics(
        magic in prop::sample::select(vec![
            b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec(), b"\xff\xd8\xff\xe1".to_vec(), b"RIFF\xff\0\0\0WEBPVP8X".to_vec(),
            b"II*\0\x08\0\0\0\x05\0".to_vec(), b"MM\0*\0\0\0\x08\0\x03".to_vec(), b"MM\0+\0\x08\0\0".to_vec(), Vec::new(),
        ]),
        bytes in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        exercise(&[magic, bytes].concat());
    }

    #[test]
    fn metadata_of_damaged_files_never_panics(which in 0_usize..4, hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6), cut in any::<prop::sample::Index>(), is_cut in any::<bool>()) {
        let mut file = files().swap_remove(which);
        for (at, byte) in hits {
            let at = at.index(file.len());
            file[at] = byte;
        }
        if is_cut {
            file.truncate(cut.index(file.len()));
        }
        exercise(&file);
    }

    #[test]
    fn damaged_blocks_never_panic(big in any::<bool>(), hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6), cut in any::<prop::sample::Index>()) {
        let mut exif = block(big);
        for (at, byte) in hits {
            let at = at.index(exif.len());
            exif[at] = byte;
        }
        exercise(&exif);
        for encoding in ENCODINGS {
            let picture = gradient(Size::new(3, 2));
            let file = encode(picture.view(), None, encoding).unwrap();
            let metadata = Metadata { exif: upright(&exif, picture.size()), xmp: None };
            // Whatever the block holds, the picture around it stays whole.
            if let Ok(written) = write(&file, &metadata) {
                let before = decode(&file, &Limits::default()).unwrap();
                let after = decode(&written, &Limits::default()).unwrap();
                prop_assert_eq!(after.picture, before.picture);
            }
        }
        exif.truncate(cut.index(exif.len()));
        exercise(&exif);
    }

    #[test]
    fn damaged_packets_are_whole_or_new(hits in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(b"<>/&;\"'= :x?!-[]\0\xc3".to_vec())), 0..4)) {
        let mut xmp = provenance(None, &ORIGIN);
        for (at, byte) in hits {
            let at = at.index(xmp.len());
            xmp[at] = byte;
        }
        let once = provenance(Some(&xmp), &ORIGIN);
        prop_assert_eq!(provenance(Some(&once), &ORIGIN), once);
    }
}

#[test]
fn many_entries_that_point_at_the_same_bytes_cost_no_more() {
    // 30000 entries of 300000 bytes each would be 9 GB.
    let rest = vec![b'x'; 400_000];
    let entries: Vec<_> = (0..30_000_u32)
        .map(|index| (30_000 + (index % 20_000) as u16, 7, 300_000, value(400_000)))
        .collect();
    let mut file = tiff(&[(0x8769, 4, 1, value(26))], 0, &tiff(&entries, 0, &rest)[8..]);
    let found = read(&file);
    assert!(found.exif.is_some_and(|exif| exif.len() < 2 * file.len()));
    assert!(upright(&file, Size::new(1, 1)).is_some());
    // A thumbnail with as many.
    file[22..26].copy_from_slice(&26_u32.to_le_bytes());
    assert!(upright(&file, Size::new(1, 1)).is_some());
}

#[test]
fn packets_made_to_be_slow_are_not() {
    let mut spaces = String::from("<a ");
    let mut attributes = String::from("<a ");
    for index in 0..20_000 {
        let _ = write!(spaces, "xmlns:n{index}='u' ");
        let _ = write!(attributes, "n{index}='u' ");
    }
    let text = "<x:a xmlns:x='u'>".repeat(20_000);
    for packet in [spaces + "/>", attributes + "/>", text] {
        let _ = provenance(Some(packet.as_bytes()), &ORIGIN);
    }
    // A chain of directories that never ends.
    let looped = [&exif(6)[..22], &8_u32.to_be_bytes()].concat();
    assert!(upright(&looped, Size::new(1, 1)).is_some());
}
