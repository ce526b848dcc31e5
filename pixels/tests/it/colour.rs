//! Colours through ICC profiles: known values, there and back, grey, floats, and profiles that are none.

use std::sync::Arc;

use easel_pixels::colour::{ColourError, from_srgb, is_plain, is_srgb, to_srgb};
use easel_pixels::{Format, Picture, Size, convert, rescale};
use moxcms::{ColorProfile, LutDataType, LutStore, LutType, LutWarehouse, Matrix3d, ToneReprCurve};

use crate::make::{gradient, noise};

fn icc(profile: &ColorProfile) -> Arc<[u8]> {
    profile.encode().unwrap().into()
}

fn one(pixel: [u8; 4], icc: &Arc<[u8]>) -> Picture {
    Picture::from_pixels(Format::Rgba8, Size::new(1, 1), pixel.to_vec())
        .unwrap()
        .with_icc(Some(icc.clone()))
}

#[test]
fn srgb_is_known_by_its_numbers() {
    assert!(is_srgb(&icc(&ColorProfile::new_srgb())));
    assert!(!is_srgb(&icc(&ColorProfile::new_adobe_rgb())));
    assert!(!is_srgb(&icc(&ColorProfile::new_display_p3())));
    assert!(!is_srgb(&icc(&ColorProfile::new_gray_with_gamma(2.2))));
    assert!(!is_srgb(b"not a profile"));
    let picture =
        noise(Format::Rgba8, Size::new(5, 5), 1).with_icc(Some(icc(&ColorProfile::new_srgb())));
    assert_eq!(to_srgb(&picture).unwrap().pixels(), picture.pixels());
}

#[test]
fn adobe_rgb_comes_out_as_known() {
    let adobe = icc(&ColorProfile::new_adobe_rgb());
    // By the formulas of both spaces: 202.1, 100.07, 46.13.
    for format in [Format::Rgba8, Format::Rgba16] {
        let picture =
            convert(one([179, 100, 53, 77], &adobe).view(), format).with_icc(Some(adobe.clone()));
        let srgb = to_srgb(&picture).unwrap();
        assert_eq!(srgb.icc, None);
        let found = convert(srgb.view(), Format::Rgba8).into_pixels();
        assert!(
            found.iter().zip([202, 100, 46, 77]).all(|(found, wanted)| found.abs_diff(wanted) <= 1),
            "{found:?}"
        );
    }
}

#[test]
fn there_and_back_is_near_and_alpha_is_untouched() {
    let adobe = icc(&ColorProfile::new_adobe_rgb());
    for format in [Format::Rgba8, Format::Rgba16] {
        let srgb = convert(gradient(Size::new(40, 30)).view(), format);
        let there = from_srgb(&srgb, &adobe).unwrap();
        assert_eq!(there.icc.as_ref(), Some(&adobe));
        let back = to_srgb(&there).unwrap();
        let (back, srgb) =
            (convert(back.view(), Format::Rgba8), convert(srgb.view(), Format::Rgba8));
        let differences = || back.pixels().iter().zip(srgb.pixels()).map(|(a, b)| a.abs_diff(*b));
        let (worst, sum) =
            (differences().max().unwrap(), differences().map(u32::from).sum::<u32>());
        let mean = f64::from(sum) / back.pixels().len() as f64;
        // Eight bits of a wider space are coarse where one channel is near black beside a bright one.
        let allowed = if format == Format::Rgba8 { (12, 0.8) } else { (1, 0.01) };
        assert!(worst <= allowed.0 && mean <= allowed.1, "{format}: {worst} {mean}");
    }
    let glass = noise(Format::Rgba16, Size::new(9, 9), 3);
    let there = from_srgb(&glass, &adobe).unwrap();
    let alphas =
        |picture: &Picture| picture.pixels().chunks(8).map(|p| [p[6], p[7]]).collect::<Vec<_>>();
    assert_eq!(alphas(&there), alphas(&glass));
}

#[test]
fn eight_bits_see_what_sixteen_see() {
    let srgb = noise(Format::Rgba8, Size::new(128, 128), 9);
    for profile in [
        ColorProfile::new_adobe_rgb(),
        ColorProfile::new_display_p3(),
        ColorProfile::new_pro_photo_rgb(),
    ] {
        let profile = icc(&profile);
        let deep = convert(srgb.view(), Format::Rgba16);
        let (small, deep) =
            (from_srgb(&srgb, &profile).unwrap(), from_srgb(&deep, &profile).unwrap());
        let deep = convert(deep.view(), Format::Rgba8);
        assert!(small.pixels().iter().zip(deep.pixels()).all(|(a, b)| a.abs_diff(*b) <= 1));
    }
}

#[test]
fn gray_profiles_work_both_ways() {
    let gray = icc(&ColorProfile::new_gray_with_gamma(1.0));
    let srgb = to_srgb(&one([55, 55, 55, 9], &gray)).unwrap();
    // Light of 55 / 255, coded: 128.
    assert!(srgb.pixels()[..3].iter().all(|value| value.abs_diff(128) <= 1), "{:?}", srgb.pixels());
    assert_eq!(srgb.pixels()[3], 9);
    let back = from_srgb(&srgb, &gray).unwrap();
    assert!(back.pixels()[..3].iter().all(|value| value.abs_diff(55) <= 1), "{:?}", back.pixels());
}

#[test]
fn floats_keep_what_is_outside_the_range() {
    let mut linear_p3 = ColorProfile::new_display_p3();
    let line = Some(ToneReprCurve::Lut(Vec::new()));
    (linear_p3.red_trc, linear_p3.green_trc, linear_p3.blue_trc) =
        (line.clone(), line.clone(), line);
    let profile = icc(&linear_p3);
    let bytes = [0.0_f32, 4.0, 0.0, 0.5].iter().flat_map(|value| value.to_ne_bytes()).collect();
    let picture = Picture::from_pixels(Format::RgbaF32, Size::new(1, 1), bytes)
        .unwrap()
        .with_icc(Some(profile.clone()));
    let floats = |picture: &Picture| -> Vec<f32> {
        picture.pixels().as_chunks().0.iter().map(|raw| f32::from_ne_bytes(*raw)).collect()
    };
    let srgb = to_srgb(&picture).unwrap();
    let values = floats(&srgb);
    assert!(
        values[0] < -0.5 && values[1] > 4.0,
        "green of P3 lies outside sRGB, and 4 is brighter than white: {values:?}"
    );
    let back = floats(&from_srgb(&srgb, &profile).unwrap());
    assert!(
        back.iter().zip([0.0, 4.0, 0.0, 0.5]).all(|(found, wanted)| (found - wanted).abs() < 1e-4),
        "{back:?}"
    );
}

fn floats(picture: &Picture) -> Vec<f32> {
    picture.pixels().as_chunks().0.iter().map(|raw| f32::from_ne_bytes(*raw)).collect()
}

fn float_picture(values: &[f32]) -> Picture {
    let bytes = values.iter().flat_map(|value| value.to_ne_bytes()).collect();
    Picture::from_pixels(Format::RgbaF32, Size::new(values.len() as u32 / 4, 1), bytes).unwrap()
}

/// sRGB as the samples of a curve, as the profiles of many editors have it.
fn sampled_srgb() -> ColorProfile {
    let light = |step: u16| easel_pixels::srgb_to_linear(f32::from(step) / 1023.0) * 65535.0;
    let curve = ToneReprCurve::Lut((0..1024).map(|step| light(step).round() as u16).collect());
    let mut profile = ColorProfile::new_srgb();
    profile.cicp = None;
    (profile.red_trc, profile.green_trc, profile.blue_trc) =
        (Some(curve.clone()), Some(curve.clone()), Some(curve));
    profile
}

/// Values from deep below zero to far above one, evenly and at random, with alpha.
fn wide_values() -> Vec<f32> {
    let mut state = 7_u64;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 40) as f32 / (1_u64 << 24) as f32
    };
    (0..4000)
        .flat_map(|_| {
            let size = 10.0_f32.powf(random() * 4.0 - 3.0);
            [random() * size, random() * size, (random() - 0.3) * size, random()]
        })
        .collect()
}

#[test]
fn floats_of_any_curve_come_back() {
    let with_a_straight_start = [
        ("sRGB", ColorProfile::new_srgb()),
        ("sampled sRGB", sampled_srgb()),
        ("Display P3", ColorProfile::new_display_p3()),
        ("Rec. 2020", ColorProfile::new_bt2020()),
        ("ACEScg", ColorProfile::new_aces_cg_linear()),
    ];
    let pure_powers = [
        ("Adobe RGB", ColorProfile::new_adobe_rgb()),
        ("ProPhoto", ColorProfile::new_pro_photo_rgb()),
    ];
    let values = wide_values();
    let picture = float_picture(&values);
    for (straight, (name, profile)) in with_a_straight_start
        .into_iter()
        .map(|it| (true, it))
        .chain(pure_powers.into_iter().map(|it| (false, it)))
    {
        let profile = icc(&profile);
        let srgb = to_srgb(&picture.clone().with_icc(Some(profile.clone()))).unwrap();
        let back = from_srgb(&srgb, &profile).unwrap();
        for (found, wanted) in
            floats(&back).as_chunks::<4>().0.iter().zip(values.as_chunks::<4>().0)
        {
            let largest = wanted[..3].iter().fold(0.0_f32, |most, value| most.max(value.abs()));
            assert_eq!(found[3].to_bits(), wanted[3].to_bits(), "{name}: alpha");
            for (found, wanted) in found.iter().zip(wanted) {
                // A float in between holds each channel as exactly as the largest of the three allows. A power without a
                // straight start makes much of that where a channel is next to nothing.
                let alone = 1e-5 * largest;
                let allowed = if straight {
                    alone
                } else {
                    alone.max(2e-3 * largest * f32::from(u8::from(wanted.abs() < 0.02 * largest)))
                };
                assert!(
                    (found - wanted).abs() <= allowed,
                    "{name}: {wanted} became {found} beside {largest}"
                );
            }
        }
    }
    // What is grey has nothing beside it, and comes back for itself.
    for (name, profile) in [
        ("gamma 2.2", ColorProfile::new_gray_with_gamma(2.2)),
        ("linear", ColorProfile::new_gray_with_gamma(1.0)),
        ("Adobe RGB", ColorProfile::new_adobe_rgb()),
        ("sRGB", ColorProfile::new_srgb()),
    ] {
        let profile = icc(&profile);
        let values: Vec<f32> = (-400..2000)
            .flat_map(|step| {
                let gray = step as f32 / 250.0;
                [gray, gray, gray, 1.0]
            })
            .collect();
        let srgb = to_srgb(&float_picture(&values).with_icc(Some(profile.clone()))).unwrap();
        let back = floats(&from_srgb(&srgb, &profile).unwrap());
        for (found, wanted) in back.iter().zip(&values) {
            assert!(
                (found - wanted).abs() <= 1e-5 * wanted.abs(),
                "{name}: {wanted} became {found}"
            );
        }
    }
}

#[test]
fn floats_see_what_integers_see() {
    let srgb = noise(Format::Rgba16, Size::new(64, 64), 4);
    for profile in [
        ColorProfile::new_srgb(),
        ColorProfile::new_adobe_rgb(),
        ColorProfile::new_display_p3(),
        ColorProfile::new_pro_photo_rgb(),
        ColorProfile::new_gray_with_gamma(1.8),
    ] {
        let profile = icc(&profile);
        // Colours that sRGB has, in the values of the profile; a float holds the same values.
        let deep = from_srgb(&srgb, &profile).unwrap();
        let float = rescale(deep.view(), Format::RgbaF32).with_icc(Some(profile.clone()));
        let seen = convert(to_srgb(&float).unwrap().view(), Format::Rgba16);
        let wanted = to_srgb(&deep).unwrap();
        let samples = |picture: &Picture| -> Vec<u16> {
            picture.pixels().as_chunks().0.iter().map(|raw| u16::from_ne_bytes(*raw)).collect()
        };
        for (index, (seen, wanted)) in samples(&seen).iter().zip(samples(&wanted)).enumerate() {
            assert!(seen.abs_diff(wanted) < 80, "{index}: {seen} {wanted}");
        }
        // And from sRGB into the profile.
        let light = convert(srgb.view(), Format::RgbaF32);
        let own = rescale(from_srgb(&light, &profile).unwrap().view(), Format::Rgba16);
        for (seen, wanted) in samples(&own).iter().zip(samples(&deep)) {
            assert!(seen.abs_diff(wanted) < 80, "{seen} {wanted}");
        }
    }
}

#[test]
fn a_profile_that_says_nothing_new_is_known() {
    let linear = {
        let mut profile = ColorProfile::new_srgb();
        profile.cicp = None;
        let line = Some(ToneReprCurve::Lut(Vec::new()));
        (profile.red_trc, profile.green_trc, profile.blue_trc) = (line.clone(), line.clone(), line);
        icc(&profile)
    };
    let (srgb, sampled) = (icc(&ColorProfile::new_srgb()), icc(&sampled_srgb()));
    for (profile, as_integers, as_floats) in
        [(&srgb, true, false), (&sampled, true, false), (&linear, false, true)]
    {
        assert_eq!(is_plain(profile, Format::Rgba8), as_integers);
        assert_eq!(is_plain(profile, Format::Rgba16), as_integers);
        assert_eq!(is_plain(profile, Format::RgbaF32), as_floats);
    }
    assert!(!is_plain(b"nonsense", Format::RgbaF32));
    assert!(!is_plain(&icc(&ColorProfile::new_gray_with_gamma(1.0)), Format::RgbaF32));
    // Floats in sRGB's own curve are not light: half is less than a quarter of it.
    let half = float_picture(&[0.5, 0.5, 0.5, 1.0]);
    let light = floats(&to_srgb(&half.clone().with_icc(Some(srgb))).unwrap());
    assert!((light[0] - 0.214).abs() < 1e-3, "{light:?}");
    assert_eq!(floats(&to_srgb(&half.clone().with_icc(Some(linear))).unwrap()), floats(&half));
}

#[test]
fn floats_are_not_taken_through_tables() {
    let table = LutWarehouse::Lut(LutDataType {
        num_input_channels: 3,
        num_output_channels: 3,
        num_clut_grid_points: 2,
        matrix: Matrix3d::IDENTITY,
        num_input_table_entries: 2,
        num_output_table_entries: 2,
        input_table: LutStore::Store16(vec![0, 65535, 0, 65535, 0, 65535]),
        clut_table: LutStore::Store16(
            (0..24).map(|at| if at % 5 < 2 { 0 } else { 30_000 }).collect(),
        ),
        output_table: LutStore::Store16(vec![0, 65535, 0, 65535, 0, 65535]),
        lut_type: LutType::Lut16,
    });
    let mut profile = ColorProfile::new_display_p3();
    profile.lut_a_to_b_perceptual = Some(table);
    let profile = icc(&profile);
    let error = to_srgb(&float_picture(&[0.5; 4]).with_icc(Some(profile.clone()))).unwrap_err();
    assert!(matches!(error, ColourError::Unsupported(_)), "{error}");
    assert!(from_srgb(&float_picture(&[0.5; 4]), &profile).is_err());
}

#[test]
fn what_is_no_profile_is_an_error_with_a_hint() {
    let good = icc(&ColorProfile::new_adobe_rgb());
    for end in (0..good.len()).step_by(7) {
        let cut: Arc<[u8]> = good[..end].into();
        if let Err(error) = to_srgb(&one([1, 2, 3, 4], &cut)) {
            assert!(!error.hint().is_empty());
        }
    }
    assert!(matches!(
        to_srgb(&one([1, 2, 3, 4], &Arc::from(&b"nonsense"[..]))),
        Err(ColourError::Malformed(_))
    ));
    let lab = icc(&ColorProfile::new_lab());
    assert!(matches!(
        to_srgb(&one([1, 2, 3, 4], &lab)),
        Err(ColourError::Space("Lab") | ColourError::Malformed(_))
    ));
    for at in 0..good.len() {
        let mut damaged = good.to_vec();
        damaged[at] ^= 0x81;
        let damaged: Arc<[u8]> = damaged.into();
        let picture = one([9, 120, 250, 255], &damaged);
        if let Ok(srgb) = to_srgb(&picture) {
            assert_eq!(srgb.size(), picture.size());
        }
    }
}
