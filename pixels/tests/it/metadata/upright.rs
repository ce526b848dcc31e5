//! The block of a source as it fits a result, and the facts that are read from it.

use easel_pixels::metadata::{FACTS, facts, upright};
use easel_pixels::{Encoding, Orientation, Size, encode, probe};

use super::camera::{Builder, NOTE, THUMBNAIL, Value, block, contains};
use crate::make::{chunk, gradient, with_png_chunk};

/// What our own decoder makes of the orientation in a block.
fn orientation(exif: &[u8]) -> Orientation {
    let png = encode(gradient(Size::new(4, 3)).view(), None, Encoding::Png).unwrap();
    probe(&with_png_chunk(&png, &chunk(*b"eXIf", exif))).unwrap().orientation
}

#[test]
fn a_camera_is_understood_in_both_byte_orders() {
    for big in [false, true] {
        let facts = facts(&block(big));
        let expected = [
            ("aperture", "2.8"),
            ("artist", "Ann"),
            ("camera", "Model <7>"),
            ("copyright", "(c) Ann"),
            ("date", "2024-05-17"),
            ("description", "A quiet harbour"),
            ("exposure", "1_250s"),
            ("focal", "4.2"),
            ("iso", "400"),
            ("lens", "Lens 50mm F1.8"),
            ("make", "Maker & Söhne"),
            ("time", "18-03-59"),
            ("title", "Ein Titel ✓"),
        ];
        let found: Vec<_> = facts.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(found, expected);
        for name in facts.keys() {
            assert!(FACTS.iter().any(|(known, _)| known == name), "{name}");
        }
    }
}

#[test]
fn only_what_is_no_longer_true_changes() {
    for big in [false, true] {
        let before = block(big);
        assert_eq!(orientation(&before), Orientation::Rotate90);
        let after = upright(&before, Size::new(6000, 70_000)).unwrap();
        assert_eq!(orientation(&after), Orientation::Normal);
        assert_eq!(facts(&after), facts(&before));
        assert!(contains(&before, THUMBNAIL) && !contains(&after, b"the old picture"));
        // The thumbnail was at the end: its bytes are given back. Whatever is left stands where it stood.
        assert!(after.len() < before.len() - THUMBNAIL.len());
        let note = |block: &[u8]| block.windows(NOTE.len()).position(|part| part == NOTE).unwrap();
        assert_eq!(note(&after), note(&before));
        let changed = after.iter().zip(&before).filter(|(after, before)| after != before).count();
        assert!(changed <= 16, "{changed}");

        let number = |value: u32| if big { value.to_be_bytes() } else { value.to_le_bytes() };
        assert!(contains(&after, &number(6000)) && contains(&after, &number(70_000)));
        // The name that containers put before a block is no part of it.
        let named = [b"Exif\0\0", &before[..]].concat();
        assert_eq!(upright(&named, Size::new(6000, 70_000)), Some(after.clone()));
        assert_eq!(upright(&after, Size::new(6000, 70_000)), Some(after));
    }
}

#[test]
fn a_thumbnail_in_the_middle_is_wiped_and_nothing_moves() {
    let entries = |exif| [(0x0112, Value::Short(3)), (0x8769, Value::Long(exif))];
    let thumbnail = |at| [(0x0201, Value::Long(at)), (0x0202, Value::Long(THUMBNAIL.len() as u32))];
    let details = [(0x927c, Value::Bytes(NOTE))];
    let thumbnail_at = 8 + Builder::length(&entries(0));
    let picture_at = thumbnail_at + Builder::length(&thumbnail(0));
    let exif_at = picture_at + THUMBNAIL.len() as u32;
    let mut builder = Builder::new(false);
    builder.directory(&entries(exif_at), thumbnail_at);
    builder.directory(&thumbnail(picture_at), 0);
    let mut before = builder.finish();
    before.extend_from_slice(THUMBNAIL);
    let mut rest = Builder::new(false);
    rest.directory(&details, 0);
    let mut rest = rest.finish().split_off(8);
    // The note's place counts from the whole block.
    rest[10..14].copy_from_slice(&(exif_at + 18).to_le_bytes());
    before.extend_from_slice(&rest);

    let after = upright(&before, Size::new(1, 1)).unwrap();
    assert_eq!(after.len(), before.len());
    assert_eq!(after[exif_at as usize..], before[exif_at as usize..]);
    assert!(after[thumbnail_at as usize..exif_at as usize].iter().all(|byte| *byte == 0));
}

#[test]
fn damaged_blocks_are_nothing() {
    let whole = block(false);
    assert_eq!(upright(b"", Size::new(1, 1)), None);
    assert_eq!(upright(&whole[..20], Size::new(1, 1)), None);
    assert_eq!(upright(&[b"XX", &whole[2..]].concat(), Size::new(1, 1)), None);
    // The details lie behind the cut.
    assert_eq!(upright(&whole[..200], Size::new(1, 1)), None);
    // A thumbnail that is the main directory itself is not followed into it.
    let mut looped = Builder::new(true);
    looped.directory(&[(0x0112, Value::Short(8)), (0x010f, Value::Text("Maker"))], 8);
    let looped = looped.finish();
    let after = upright(&looped, Size::new(1, 1)).unwrap();
    assert_eq!(facts(&after)["make"], "Maker");
    assert_eq!(orientation(&after), Orientation::Normal);
}

/// The facts of a block whose details are these.
fn details(entries: &[(u16, Value<'_>)]) -> Vec<(&'static str, String)> {
    let mut builder = Builder::new(true);
    let at = 8 + 2 + 12 + 4;
    builder.directory(&[(0x8769, Value::Long(at))], 0);
    builder.directory(entries, 0);
    facts(&builder.finish()).into_iter().collect()
}

#[test]
fn times_of_exposure_and_clocks_that_were_never_set() {
    let exposure = |above, below| details(&[(0x829a, Value::Fraction(above, below))]);
    assert_eq!(exposure(1, 8000)[0].1, "1_8000s");
    assert_eq!(exposure(1, 3)[0].1, "0.3s");
    assert_eq!(exposure(25, 10)[0].1, "2.5s");
    assert_eq!(exposure(30, 1)[0].1, "30s");
    assert!(exposure(1, 0).is_empty() && exposure(0, 1).is_empty() && exposure(0, 0).is_empty());

    let date = |text| details(&[(0x9003, Value::Text(text))]);
    assert!(date("0000:00:00 00:00:00").is_empty());
    assert!(date("    :  :     :  :  ").is_empty());
    assert!(date("2024:13:01 00:00:00").is_empty());
    assert!(date("2024:é").is_empty());
    assert_eq!(date("2024:02:03"), [("date", "2024-02-03".to_owned())]);
    assert_eq!(date("2024-02-03T04:05:06")[1].1, "04-05-06");

    let sensitive = [(0x8827, Value::Short(65_535)), (0x8832, Value::Long(102_400))];
    assert_eq!(details(&sensitive), [("iso", "102400".to_owned())]);
}
