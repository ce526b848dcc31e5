//! Colours through ICC profiles: known values, there and back, grey, floats, and profiles that are none.

use std::sync::Arc;

use easel_pixels::colour::{ColourError, from_srgb, is_srgb, to_srgb};
use easel_pixels::{Format, Picture, Size, convert};
use moxcms::{ColorProfile, ToneReprCurve};

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

    let coded = picture.with_icc(Some(icc(&ColorProfile::new_adobe_rgb())));
    assert!(matches!(to_srgb(&coded), Err(ColourError::Unsupported(_))));
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
