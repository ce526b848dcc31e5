//! Files there and back: depth, alpha, profile and orientation survive, and each loss is the documented one.

use easel_pixels::{
    DecodeError, Encoding, Format, Kind, Limits, Orientation, Picture, Size, View, convert, decode,
    decode_mask, encode, probe,
};
use proptest::prelude::*;

use crate::make::{
    chunk, exif, gradient, noise, opaque, tiff, value, with_jpeg_segment, with_png_chunk,
};

fn read(bytes: &[u8]) -> Picture {
    decode(bytes, &Limits::default()).unwrap().picture
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]
    #[test]
    fn lossless_files_give_back_every_sample(
        width in 1_u32..40, height in 1_u32..40, seed in any::<u64>(), solid in any::<bool>(), gap in 0_usize..9,
        format in prop::sample::select(Format::ALL.to_vec()),
        encoding in prop::sample::select(vec![Encoding::Png, Encoding::WebpLossless, Encoding::Tiff]),
    ) {
        let size = Size::new(width, height);
        let picture = noise(format, size, seed);
        let picture = if solid { opaque(picture) } else { picture };
        // The same rows at a stride, with bytes between them that must not get into the file.
        let row = width as usize * format.bytes_per_pixel();
        let strided: Vec<u8> = picture.pixels().chunks(row).flat_map(|row| [row, &vec![0xaa; gap]].concat()).collect();
        let view = View::new(format, size, row + gap, &strided).unwrap();

        let file = encode(view, None, encoding).unwrap();
        let decoded = decode(&file, &Limits::default()).unwrap();
        prop_assert_eq!(decoded.header.kind, encoding.kind());
        prop_assert_eq!(decoded.header.size, size);
        prop_assert_eq!(probe(&file).unwrap(), decoded.header);
        prop_assert_eq!(decoded.header.has_alpha, format.has_alpha() && !solid);
        if encoding.keeps(format) {
            let expected = if format == Format::Gray8 { convert(picture.view(), Format::Rgba8) } else { picture.clone() };
            prop_assert_eq!(decoded.picture.pixels(), expected.pixels());
        } else {
            // What the file cannot hold is given up by conversion, and by nothing else.
            let expected = convert(picture.view(), decoded.picture.format());
            prop_assert_eq!(decoded.picture.pixels(), expected.pixels());
        }
        if format == Format::Gray8 {
            let mask = decode_mask(&file, &Limits::default()).unwrap();
            prop_assert_eq!(mask.pixels(), picture.pixels());
        }
    }
}

#[test]
fn a_jpeg_is_close_and_transparency_lies_over_white() {
    let picture = gradient(Size::new(61, 43));
    let back = read(&encode(picture.view(), None, Encoding::Jpeg { quality: 95 }).unwrap());
    let worst =
        back.pixels().iter().zip(picture.pixels()).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
    assert!(worst <= 16, "{worst}");

    let glass =
        Picture::from_pixels(Format::Rgba8, Size::new(16, 16), [255, 0, 0, 0].repeat(256)).unwrap();
    let back = read(&encode(glass.view(), None, Encoding::Jpeg { quality: 90 }).unwrap());
    assert!(back.pixels().iter().all(|value| *value >= 254));

    let gray = Picture::from_pixels(Format::Gray8, Size::new(9, 9), vec![90; 81]).unwrap();
    let file = encode(gray.view(), None, Encoding::Jpeg { quality: 90 }).unwrap();
    assert!(
        read(&file)
            .pixels()
            .chunks(4)
            .all(|p| p[0].abs_diff(90) <= 1 && p[0] == p[2] && p[3] == 255)
    );
}

#[test]
fn profiles_travel_in_all_four_formats() {
    let icc: Vec<u8> = (0..70_000_u64).map(|i| ((i * i) >> 3) as u8).collect();
    let picture = gradient(Size::new(20, 20));
    for encoding in
        [Encoding::Png, Encoding::Jpeg { quality: 80 }, Encoding::WebpLossless, Encoding::Tiff]
    {
        let file = encode(picture.view(), Some(&icc), encoding).unwrap();
        assert!(read(&file).icc.as_deref() == Some(&icc[..]), "{encoding:?}");
        let file = encode(picture.view(), None, encoding).unwrap();
        assert_eq!(read(&file).icc, None, "{encoding:?}");
    }
    let float = convert(picture.view(), Format::RgbaF32);
    assert!(
        encode(float.view(), Some(&icc), Encoding::Png).is_err(),
        "a linear profile on gamma-coded samples lies"
    );
    assert!(encode(float.view(), Some(&icc), Encoding::Tiff).is_ok());
}

#[test]
fn pictures_too_wide_for_a_format_are_refused() {
    let wide = Picture::new_zeroed(Format::Gray8, Size::new(16_385, 1)).unwrap();
    assert!(encode(wide.view(), None, Encoding::WebpLossless).is_err());
    assert!(encode(wide.view(), None, Encoding::Png).is_ok());
    let wider = Picture::new_zeroed(Format::Gray8, Size::new(65_536, 1)).unwrap();
    assert!(encode(wider.view(), None, Encoding::Jpeg { quality: 90 }).is_err());
}

/// Where the four corners of the stored picture (top left, top right, bottom left, bottom right) are seen.
const CORNERS: [(u8, [usize; 4]); 8] = [
    (1, [0, 1, 2, 3]),
    (2, [1, 0, 3, 2]),
    (3, [3, 2, 1, 0]),
    (4, [2, 3, 0, 1]),
    (5, [0, 2, 1, 3]),
    (6, [2, 0, 3, 1]),
    (7, [3, 1, 2, 0]),
    (8, [1, 3, 0, 2]),
];

#[test]
fn orientation_is_applied_in_every_format() {
    // Four blocks of plain colour, 32x16 as stored: every codec keeps their middles apart.
    let colours =
        [[250, 10, 10, 255], [10, 250, 10, 255], [10, 10, 250, 255], [250, 250, 250, 255]];
    let pixels = (0..16 * 32).flat_map(|i| colours[(i % 32) / 16 + 2 * (i / 32 / 8)]).collect();
    let stored = Picture::from_pixels(Format::Rgba8, Size::new(32, 16), pixels).unwrap();
    let jpeg = encode(stored.view(), None, Encoding::Jpeg { quality: 95 }).unwrap();
    let png = encode(stored.view(), None, Encoding::Png).unwrap();
    let webp = encode(stored.view(), None, Encoding::WebpLossless).unwrap();
    for (tag, seen) in CORNERS {
        let files = [
            with_jpeg_segment(&jpeg, 0xe1, &[b"Exif\0\0".to_vec(), exif(tag)].concat()),
            with_png_chunk(&png, &chunk(*b"eXIf", &exif(tag))),
            extended_webp(&webp, Size::new(32, 16), tag),
            tiff_of(&stored, tag),
        ];
        for file in files {
            let decoded = decode(&file, &Limits::default()).unwrap();
            let (kind, picture) = (decoded.header.kind, decoded.picture);
            assert_eq!(
                decoded.header.orientation,
                Orientation::from_exif(u16::from(tag)),
                "{kind}"
            );
            let size = if tag >= 5 { Size::new(16, 32) } else { Size::new(32, 16) };
            assert_eq!((picture.size(), decoded.header.size), (size, size), "{kind} {tag}");
            for (corner, expected) in seen.into_iter().enumerate() {
                let x = if corner % 2 == 0 { size.width / 4 } else { size.width * 3 / 4 };
                let y = if corner < 2 { size.height / 4 } else { size.height * 3 / 4 };
                let found = &picture.view().row(y)[x as usize * 4..][..4];
                let near = found
                    .iter()
                    .zip(colours[expected])
                    .all(|(found, wanted)| found.abs_diff(wanted) < 30);
                assert!(
                    near,
                    "{kind}, orientation {tag}, corner {corner}: {found:?}, not {:?}",
                    colours[expected]
                );
            }
        }
    }
}

/// A lossless WebP in an extended container with EXIF.
fn extended_webp(webp: &[u8], size: Size, orientation: u8) -> Vec<u8> {
    let part = |name: &[u8; 4], content: &[u8]| {
        let padding = vec![0; content.len() % 2];
        [&name[..], &(content.len() as u32).to_le_bytes(), content, &padding].concat()
    };
    let exif_flag = 0x08;
    let mut canvas = vec![exif_flag, 0, 0, 0];
    canvas.extend_from_slice(&(size.width - 1).to_le_bytes()[..3]);
    canvas.extend_from_slice(&(size.height - 1).to_le_bytes()[..3]);
    let body = [
        b"WEBP".to_vec(),
        part(b"VP8X", &canvas),
        webp[12..].to_vec(),
        part(b"EXIF", &exif(orientation)),
    ]
    .concat();
    [b"RIFF".to_vec(), (body.len() as u32).to_le_bytes().to_vec(), body].concat()
}

/// An uncompressed RGBA TIFF with an orientation.
fn tiff_of(picture: &Picture, orientation: u8) -> Vec<u8> {
    let entries = 10;
    let data = 8 + 2 + 12 * entries + 4;
    let long = 4;
    tiff(
        &[
            (256, long, 1, value(picture.width())),
            (257, long, 1, value(picture.height())),
            (258, 3, 4, value(data)),
            (259, 3, 1, value(1)),
            (262, 3, 1, value(2)),
            (273, long, 1, value(data + 8)),
            (274, 3, 1, value(u32::from(orientation))),
            (277, 3, 1, value(4)),
            (279, long, 1, value(picture.pixels().len() as u32)),
            (338, 3, 1, value(2)),
        ],
        0,
        &[&[8, 0, 8, 0, 8, 0, 8, 0][..], picture.pixels()].concat(),
    )
}

#[test]
fn colour_stored_times_alpha_becomes_straight() {
    let picture =
        Picture::from_pixels(Format::Rgba8, Size::new(2, 1), vec![50, 100, 25, 128, 9, 9, 9, 255])
            .unwrap();
    let mut file = tiff_of(&picture, 1);
    // The last entry says what the extra sample is: 1 is alpha that colour was multiplied with.
    let at = 8 + 2 + 12 * 9 + 8;
    assert_eq!(file[at], 2);
    file[at] = 1;
    assert_eq!(read(&file).pixels(), [100, 199, 50, 128, 9, 9, 9, 255]);
}

#[test]
fn gray_tiff_may_count_from_white() {
    let file = |photometric: u32| {
        let data = 8 + 2 + 12 * 8 + 4;
        tiff(
            &[
                (256, 4, 1, value(3)),
                (257, 4, 1, value(1)),
                (258, 3, 1, value(8)),
                (259, 3, 1, value(1)),
                (262, 3, 1, value(photometric)),
                (273, 4, 1, value(data)),
                (277, 3, 1, value(1)),
                (279, 4, 1, value(3)),
            ],
            0,
            &[0, 100, 255],
        )
    };
    let gray = |file: &[u8]| convert(read(file).view(), Format::Gray8).into_pixels();
    assert_eq!(gray(&file(1)), [0, 100, 255]);
    assert_eq!(gray(&file(0)), [255, 155, 0]);
}

#[test]
fn what_is_not_decoded_is_named() {
    let png = encode(gradient(Size::new(8, 8)).view(), None, Encoding::Png).unwrap();
    let animated = with_png_chunk(&png, &chunk(*b"acTL", &[0, 0, 0, 5, 0, 0, 0, 0]));
    let one_frame = with_png_chunk(&png, &chunk(*b"acTL", &[0, 0, 0, 1, 0, 0, 0, 0]));
    assert!(decode(&one_frame, &Limits::default()).is_ok());

    let jpeg =
        encode(gradient(Size::new(8, 8)).view(), None, Encoding::Jpeg { quality: 80 }).unwrap();
    let frame = jpeg.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    let changed = |offset: usize, byte: u8| {
        let mut file = jpeg.clone();
        file[frame + offset] = byte;
        file
    };
    let body =
        [b"WEBPVP8X".as_slice(), &10_u32.to_le_bytes(), &[2, 0, 0, 0, 7, 0, 0, 7, 0, 0]].concat();
    let part = [b"ANMF".as_slice(), &4_u32.to_le_bytes(), &[0; 4]].concat();
    let body = [body, part.clone(), part].concat();
    let webp = [b"RIFF".as_slice(), &(body.len() as u32).to_le_bytes(), &body].concat();

    let page = |photometric: u32, next: u32| {
        let entries =
            [(256, 4, 1, value(3)), (257, 4, 1, value(1)), (262, 3, 1, value(photometric))];
        tiff(&entries, next, &tiff(&entries, 0, &[])[8..])
    };
    let cases: [(Vec<u8>, &str); 8] = [
        (animated, "an animated PNG cannot be decoded"),
        (changed(9, 4), "a CMYK JPEG cannot be decoded"),
        (changed(1, 0xc3), "a lossless or hierarchical JPEG cannot be decoded"),
        (changed(1, 0xc9), "a JPEG with arithmetic coding cannot be decoded"),
        (changed(4, 12), "a JPEG with 12 bits a sample cannot be decoded"),
        (webp, "an animated WebP cannot be decoded"),
        (page(2, 8 + 2 + 36 + 4), "a TIFF with several pages cannot be decoded"),
        (page(5, 0), "a CMYK TIFF cannot be decoded"),
    ];
    for (file, message) in cases {
        let error = decode(&file, &Limits::default()).unwrap_err();
        assert_eq!(error.to_string(), message);
        assert!(matches!(error, DecodeError::Unsupported { .. }) && !error.hint().is_empty());
    }
}

#[test]
fn a_mask_is_luma_times_alpha() {
    let pixels = vec![255, 255, 255, 255, 255, 255, 255, 100, 0, 0, 0, 255, 255, 255, 255, 0];
    let picture = Picture::from_pixels(Format::Rgba8, Size::new(4, 1), pixels).unwrap();
    let file = encode(picture.view(), None, Encoding::Png).unwrap();
    assert_eq!(decode_mask(&file, &Limits::default()).unwrap().pixels(), [255, 100, 0, 0]);
}

#[test]
fn the_kind_is_told_by_content() {
    let picture = gradient(Size::new(4, 4));
    for encoding in
        [Encoding::Png, Encoding::Jpeg { quality: 80 }, Encoding::WebpLossless, Encoding::Tiff]
    {
        let kind = probe(&encode(picture.view(), None, encoding).unwrap()).unwrap().kind;
        assert_eq!(kind, encoding.kind());
        assert!(kind.media_type().starts_with("image/") && !kind.extension().is_empty());
    }
    assert_eq!(Kind::Png.name(), "PNG");
}
