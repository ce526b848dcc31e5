//! Files that are cut, lie about their size, or are no files at all: an error each time, and never a panic.

use easel_pixels::{DecodeError, Encoding, Format, Limits, Picture, Size, decode, encode, probe};
use proptest::prelude::*;

use crate::make::{chunk, gradient, noise, tiff, value};

fn samples() -> Vec<(&'static str, Vec<u8>)> {
    let small = gradient(Size::new(24, 17));
    let deep = noise(Format::Rgba16, Size::new(7, 5), 1);
    let icc = vec![7_u8; 300];
    let jpeg = |picture: &Picture, quality| {
        encode(picture.view(), Some(&icc), Encoding::Jpeg { quality }).unwrap()
    };
    vec![
        ("png", encode(small.view(), Some(&icc), Encoding::Png).unwrap()),
        ("png 16", encode(deep.view(), None, Encoding::Png).unwrap()),
        ("jpeg", jpeg(&small, 90)),
        ("jpeg noise", jpeg(&noise(Format::Rgba8, Size::new(40, 40), 4), 100)),
        ("webp", encode(small.view(), Some(&icc), Encoding::WebpLossless).unwrap()),
        ("webp plain", encode(small.view(), None, Encoding::WebpLossless).unwrap()),
        ("tiff", encode(small.view(), Some(&icc), Encoding::Tiff).unwrap()),
        ("tiff 16", encode(deep.view(), None, Encoding::Tiff).unwrap()),
    ]
}

#[test]
fn every_prefix_of_a_file_is_an_error() {
    for (name, file) in samples() {
        assert!(decode(&file, &Limits::default()).is_ok(), "{name}");
        for end in 0..file.len() {
            let error = decode(&file[..end], &Limits::default()).expect_err(name);
            let expected =
                matches!(error, DecodeError::Truncated { .. } | DecodeError::NotAPicture);
            assert!(expected, "{name} cut at {end} of {}: {error}", file.len());
        }
    }
}

#[test]
fn a_jpeg_with_impossible_codes_is_damaged() {
    for (name, mut file) in samples().into_iter().filter(|(name, _)| name.starts_with("jpeg")) {
        let scan = file.windows(2).position(|pair| pair == [0xff, 0xda]).unwrap() + 14;
        let middle = usize::midpoint(scan, file.len());
        // No Huffman code is all ones.
        for pair in file[middle..middle + 8].chunks_mut(2) {
            pair.copy_from_slice(&[0xff, 0]);
        }
        let error = decode(&file, &Limits::default()).expect_err(name);
        assert!(matches!(error, DecodeError::Corrupt { .. }), "{name}: {error}");
    }
}

#[test]
fn bytes_after_the_end_do_no_harm() {
    for (name, mut file) in samples() {
        let whole = decode(&file, &Limits::default()).unwrap().picture;
        file.extend_from_slice(b"appended by somebody");
        assert_eq!(decode(&file, &Limits::default()).expect(name).picture, whole, "{name}");
    }
}

/// Files of a few bytes that promise gigapixels.
fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    let header =
        |side: u32| [&side.to_be_bytes()[..], &side.to_be_bytes(), &[8, 6, 0, 0, 0]].concat();
    let png = |side: u32| {
        let parts = [
            b"\x89PNG\r\n\x1a\n".to_vec(),
            chunk(*b"IHDR", &header(side)),
            chunk(*b"IDAT", &[0x78, 1, 3, 0]),
            chunk(*b"IEND", &[]),
        ];
        parts.concat()
    };
    let mut jpeg =
        encode(gradient(Size::new(8, 8)).view(), None, Encoding::Jpeg { quality: 80 }).unwrap();
    let frame = jpeg.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 9].fill(0xff);
    let mut webp = b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0".to_vec();
    webp.extend_from_slice(&[0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    let tiff = tiff(
        &[
            (256, 4, 1, value(u32::MAX)),
            (257, 4, 1, value(u32::MAX)),
            (258, 3, 1, value(8)),
            (262, 3, 1, value(1)),
            (273, 4, 1, value(8)),
            (279, 4, 1, value(4)),
        ],
        0,
        &[],
    );
    vec![
        ("png", png(30_001)),
        ("png huge", png(0x7fff_ffff)),
        ("jpeg", jpeg),
        ("webp", webp),
        ("tiff", tiff),
    ]
}

#[test]
fn bombs_are_refused_by_their_header() {
    for (name, file) in bombs() {
        assert!(file.len() < 2000, "{name}");
        let limits = Limits::default();
        let error = decode(&file, &limits).expect_err(name);
        assert!(matches!(error, DecodeError::TooLarge { .. }), "{name}: {error}");
    }
}

#[test]
fn each_limit_is_kept() {
    let file = encode(gradient(Size::new(100, 50)).view(), None, Encoding::Png).unwrap();
    let all = Limits { max_width: 100, max_height: 50, max_pixels: 5000, max_bytes: 20_000 };
    assert!(decode(&file, &all).is_ok());
    let cases = [
        (Limits { max_width: 99, ..all }, "99×50"),
        (Limits { max_height: 49, ..all }, "100×49"),
        (Limits { max_pixels: 4999, ..all }, "4999 pixels"),
        (Limits { max_bytes: 19_999, ..all }, "19999 bytes"),
    ];
    for (limits, named) in cases {
        let error = decode(&file, &limits).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("a picture of 100×50 is too large, the limit is {named}")
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn random_bytes_behind_any_magic_never_panic(
        magic in prop::sample::select(vec![
            b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec(), b"\xff\xd8\xff".to_vec(), b"RIFF\xff\0\0\0WEBPVP8X".to_vec(),
            b"RIFF\xff\0\0\0WEBPVP8L".to_vec(), b"II*\0\x08\0\0\0\x05\0".to_vec(), b"MM\0+\0\x08\0\0".to_vec(), Vec::new(),
        ]),
        bytes in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        let file = [magic, bytes].concat();
        let limits = Limits { max_pixels: 1 << 20, ..Limits::default() };
        let probed = probe(&file);
        let decoded = decode(&file, &limits);
        prop_assert!(probed.is_ok() || decoded.is_err());
    }

    #[test]
    fn damaged_files_never_panic(which in 0_usize..8, at in any::<prop::sample::Index>(), byte in any::<u8>(), more in any::<prop::sample::Index>()) {
        let (_, mut file) = samples().swap_remove(which);
        let (at, more) = (at.index(file.len()), more.index(file.len()));
        file[at] = byte;
        file[more] ^= 0x55;
        let limits = Limits { max_pixels: 1 << 20, ..Limits::default() };
        if let Ok(decoded) = decode(&file, &limits) {
            prop_assert_eq!(decoded.picture.size(), decoded.header.size);
        }
    }
}
