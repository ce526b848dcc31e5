//! Rings by their definition, and colours that were changed on purpose and found again.

use super::*;
use crate::{Limits, Rect, Size, decode};
use proptest::prelude::*;

fn photograph(name: &str) -> Picture {
    let path = format!("{}/../tests/data/{name}", env!("CARGO_MANIFEST_DIR"));
    let decoded = decode(&std::fs::read(path).unwrap(), &Limits::default()).unwrap();
    convert(decoded.picture.view(), Format::Rgba8)
}

/// A picture of a part of what was to stay, with a large hole in the middle.
fn keep(size: Size) -> Picture {
    let mut mask = Picture::new_zeroed(Format::Gray8, size).unwrap();
    let hole = Rect::new(size.width / 4, size.height / 4, size.width / 2, size.height / 2);
    mask.view_mut().crop_mut(hole).unwrap().rows_mut().for_each(|row| row.fill(255));
    ring(mask.view(), 5)
}

/// The picture with `gain * value + offset`, red, green, blue, 0 to 1, in the values of its format; not clamped.
fn changed(picture: &Picture, gain: [f64; 3], offset: [f64; 3]) -> Picture {
    let mut out = picture.clone();
    let linear = picture.format() == Format::RgbaF32;
    ColourMatch { gain, offset, linear }.apply(&mut out.view_mut()).unwrap();
    out
}

/// Mean difference per sample where the ring is, in steps of 8 bits.
fn difference(one: &Picture, other: &Picture, keep: &Picture) -> f64 {
    let [one, other] = [one, other].map(|picture| convert(picture.view(), Format::Rgba8));
    let (mut sum, mut count) = (0.0, 0.0);
    let pairs = one.pixels().chunks(4).zip(other.pixels().chunks(4)).zip(keep.pixels());
    for ((one, other), _) in pairs.filter(|(_, keep)| **keep == 255) {
        sum += one.iter().zip(other).map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>();
        count += 3.0;
    }
    sum / count
}

proptest! {
    #[test]
    fn a_ring_is_what_its_definition_says(
        width in 1_i64..24, height in 1_i64..24, margin in 0_u32..9, sparse in 1_usize..40,
        values in prop::collection::vec(prop::sample::select(vec![0_u8, 1, 255]), 576),
    ) {
        let size = Size::new(width as u32, height as u32);
        let mask: Vec<u8> = (0..size.area() as usize)
            .map(|i| if i % sparse == 0 { values[i] } else { 0 }).collect();
        let found = ring(View::tight(Format::Gray8, size, &mask).unwrap(), margin);
        let at = |index: usize| (index as i64 % width, index as i64 / width);
        for (index, value) in found.pixels().iter().enumerate() {
            let (x, y) = at(index);
            let near = mask.iter().enumerate().filter(|(_, value)| **value > 0).any(|(other, _)| {
                let (dx, dy) = (at(other).0 - x, at(other).1 - y);
                dx == 0 && dy == 0 || dx * dx + dy * dy < i64::from(margin * margin)
            });
            prop_assert_eq!(*value, if near { 0 } else { 255 });
        }
    }
}

#[test]
fn gain_and_offset_are_found_again() {
    for name in ["astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg"] {
        let before = photograph(name);
        let keep = keep(before.size());
        for (gain, offset) in [
            ([1.12, 1.0, 0.93], [0.03, 0.02, 0.05]),
            ([0.8, 0.85, 0.9], [0.06, 0.03, 0.0]),
            ([1.0, 1.0, 1.0], [0.04, 0.0, -0.05]),
            ([0.75, 0.75, 0.75], [0.0, 0.0, 0.0]),
        ] {
            for format in [Format::Rgba8, Format::Rgba16, Format::RgbaF32] {
                let before = convert(before.view(), format);
                let after = changed(&before, gain, offset);
                let found = match_colour(before.view(), after.view(), keep.view()).unwrap();
                for channel in 0..3 {
                    let wanted = [1.0 / gain[channel], -offset[channel] / gain[channel]];
                    let off = (found.gain[channel] - wanted[0]).abs() / wanted[0];
                    assert!(off < 0.01, "{name} {format} {gain:?} {offset:?} {found:?}");
                    let off = (found.offset[channel] - wanted[1]).abs();
                    assert!(off < 0.01, "{name} {format} {gain:?} {offset:?} {found:?}");
                }
                let mut matched = after.clone();
                found.apply(&mut matched.view_mut()).unwrap();
                let [was, is] = [&after, &matched].map(|it| difference(&before, it, &keep));
                assert!(is < 0.2 * was + 0.3, "{name} {format}: {was} became {is}");
            }
        }
    }
}

#[test]
fn a_change_on_the_ring_and_noise_do_not_mislead() {
    let before = photograph("coffee.png");
    let keep = keep(before.size());
    let mut after = changed(&before, [0.9, 0.95, 1.05], [0.05, 0.02, 0.0]);
    let mut state = 5_u64;
    for (index, pixel) in after.pixels_mut().chunks_exact_mut(4).enumerate() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        for value in &mut pixel[..3] {
            *value = value.saturating_add((state >> 60) as u8).saturating_sub(8);
        }
        // A sixth of the picture has become something else altogether.
        if index % 600 < 100 {
            pixel[..3].copy_from_slice(&[20, 200, 60 + (index % 64) as u8]);
        }
    }
    let found = match_colour(before.view(), after.view(), keep.view()).unwrap();
    for (channel, (gain, offset)) in
        [(0.9, 0.05), (0.95, 0.02), (1.05, 0.0)].into_iter().enumerate()
    {
        assert!((found.gain[channel] * gain - 1.0).abs() < 0.03, "{found:?}");
        assert!((found.offset[channel] + offset / gain).abs() < 0.02, "{found:?}");
    }
}

#[test]
fn nothing_is_matched_where_nothing_is_known() {
    let before = photograph("chelsea.png");
    let size = before.size();
    let keep = keep(size);
    let none = |before: &Picture, after: &Picture, keep: &Picture, why: &str| {
        assert_eq!(match_colour(before.view(), after.view(), keep.view()), None, "{why}");
    };
    none(&before, &before, &keep, "the colours are the same");
    let brighter = changed(&before, [1.1; 3], [0.0; 3]);
    let mut small = Picture::new_zeroed(Format::Gray8, size).unwrap();
    none(&before, &brighter, &small, "no ring");
    small.pixels_mut()[1000..1399].fill(255);
    none(&before, &brighter, &small, "399 pixels");
    small.pixels_mut()[1399] = 255;
    assert!(match_colour(before.view(), brighter.view(), small.view()).is_some());
    let white = changed(&before, [0.0; 3], [1.0; 3]);
    none(&before, &white, &keep, "all ran into the end of the range");
    let other = crate::resize(photograph("coffee.png").view(), size).unwrap();
    let found = match_colour(before.view(), other.view(), keep.view());
    assert!(found.is_none_or(|found| {
        let mut matched = other.clone();
        found.apply(&mut matched.view_mut()).unwrap();
        difference(&before, &matched, &keep) < difference(&before, &other, &keep)
    }));
    let narrow = before.crop(Rect::new(0, 0, size.width - 1, size.height)).unwrap();
    none(&before, &narrow, &keep, "two sizes");
    let mut glass = brighter.clone();
    glass.pixels_mut().chunks_exact_mut(4).for_each(|pixel| pixel[3] = 9);
    none(&before, &glass, &keep, "nothing is opaque");
    let mut dark = convert(before.view(), Format::RgbaF32);
    dark.pixels_mut()
        .chunks_exact_mut(4)
        .for_each(|raw| raw.copy_from_slice(&f32::NAN.to_ne_bytes()));
    none(&dark, &dark, &keep, "no numbers");
    for (width, height) in [(1, 1), (3, 3), (20, 5)] {
        let part = Rect::new(0, 0, width, height);
        none(
            &before.crop(part).unwrap(),
            &brighter.crop(part).unwrap(),
            &keep.crop(part).unwrap(),
            "small",
        );
    }
}

#[test]
fn bounds_hold_and_a_part_of_a_large_change_is_undone() {
    let before = photograph("astronaut.png");
    let keep = keep(before.size());
    let after = changed(&before, [0.4; 3], [0.3; 3]);
    let found = match_colour(before.view(), after.view(), keep.view()).unwrap();
    for channel in 0..3 {
        assert!((0.7..=1.4).contains(&found.gain[channel]), "{found:?}");
        assert!(found.offset[channel].abs() <= 0.15, "{found:?}");
    }
    let mut matched = after.clone();
    found.apply(&mut matched.view_mut()).unwrap();
    assert!(difference(&before, &matched, &keep) < difference(&before, &after, &keep));
}

#[test]
fn applying_clamps_integers_and_keeps_alpha_and_gaps() {
    let found = ColourMatch { gain: [1.4, 1.0, 0.7], offset: [0.1, -0.15, 0.0], linear: false };
    let mut bytes = vec![200, 20, 100, 7, 10, 200, 0, 255, 99, 99, 99];
    bytes.extend([0, 0, 255, 0, 255, 255, 255, 1]);
    let size = Size::new(2, 2);
    found.apply(&mut ViewMut::new(Format::Rgba8, size, 11, &mut bytes).unwrap()).unwrap();
    assert_eq!(bytes[..8], [255, 0, 70, 7, 40, 162, 0, 255]);
    assert_eq!(bytes[8..11], [99; 3], "the gap between the rows");
    assert_eq!(bytes[11..], [26, 0, 179, 0, 255, 217, 179, 1]);

    let mut gray = vec![100_u8, 250];
    found.apply(&mut ViewMut::tight(Format::Gray8, Size::new(2, 1), &mut gray).unwrap()).unwrap();
    assert_eq!(gray, [166, 255]);

    let mut light: Vec<u8> =
        [2.0_f32, 0.1, 1.0, 0.5].into_iter().flat_map(f32::to_ne_bytes).collect();
    let one = Size::new(1, 1);
    let mut view = ViewMut::tight(Format::RgbaF32, one, &mut light).unwrap();
    assert!(matches!(found.apply(&mut view), Err(LayoutError::Format { .. })));
    ColourMatch { linear: true, ..found }.apply(&mut view).unwrap();
    let values: Vec<f32> =
        light.chunks(4).map(|raw| f32::from_ne_bytes(raw.try_into().unwrap())).collect();
    for (value, wanted) in values.iter().zip([2.9, -0.05, 0.7, 0.5]) {
        assert!((value - wanted).abs() < 1e-6, "{values:?}");
    }
}

#[test]
fn grey_has_one_match_and_odd_strides_tell_the_same() {
    let before = convert(photograph("rocket.jpg").view(), Format::Gray8);
    let keep = keep(before.size());
    let after = changed(&before, [0.9; 3], [0.05; 3]);
    let found = match_colour(before.view(), after.view(), keep.view()).unwrap();
    assert!((found.gain[0] * 0.9 - 1.0).abs() < 0.01, "{found:?}");
    assert_eq!(found.gain[0].to_bits(), found.gain[2].to_bits());
    let stride = after.width() as usize + 7;
    let mut bytes = vec![3; stride * after.height() as usize];
    for (to, from) in bytes.chunks_exact_mut(stride).zip(after.view().rows()) {
        to[..from.len()].copy_from_slice(from);
    }
    let strided = View::new(Format::Gray8, after.size(), stride, &bytes).unwrap();
    assert_eq!(match_colour(before.view(), strided, keep.view()), Some(found));
}
