//! Documents of floats and of grey with the profiles that editors give them: how they look, that they stay what they
//! are, and which profiles they cannot have.

use easel_pixels::codec;
use easel_protocol::ErrorKind;
use easel_protocol::picture::BlobInfo;
use moxcms::{ColorProfile, ToneReprCurve};
use serde_json::json;

use crate::support::{Daemon, ask};
use crate::wide_colours::{put, put_icc};

#[test]
fn a_gray_document_stays_gray_and_keeps_its_bits() {
    let daemon = Daemon::with_plugins(&["same"]);
    let (width, height) = (40, 4);
    let pixels = |gray: fn(u32) -> Vec<u8>, opaque: Vec<u8>| -> Vec<u8> {
        (0..width * height).flat_map(|at| [gray(at), opaque.clone()].concat()).collect()
    };
    let documents = [
        ("graya8", pixels(|at| vec![(at * 3) as u8], vec![255])),
        ("graya16", pixels(|at| ((at * 409) as u16).to_le_bytes().to_vec(), vec![255; 2])),
        // From 0.5 on, as halves, up to 65504; and floats from -20 on.
        (
            "grayaf16",
            pixels(|at| ((0x3800 + at * 110) as u16).to_le_bytes().to_vec(), vec![0, 0x3c]),
        ),
        (
            "grayaf32",
            pixels(|at| (at as f32 / 4.0 - 20.0).to_le_bytes().to_vec(), vec![0, 0, 0x80, 0x3f]),
        ),
    ];
    for profile in [
        None,
        Some(ColorProfile::new_gray_with_gamma(2.2)),
        Some(ColorProfile::new_gray_with_gamma(1.0)),
    ] {
        let icc = profile.map(|profile| put_icc(&daemon, &profile));
        for (format, rows) in &documents {
            let source = put(&daemon, format, (width, height), rows, icc.as_ref()).unwrap();
            for model in ["same-8", "same-16", "same-float"] {
                let key = format!("{format} {model} {icc:?}");
                let job = daemon.run(&format!("{model}{}", source.id), ask(&source, model));
                let blob = &job.artifacts[0].blob;
                assert!(daemon.pixels(blob.as_str(), format) == *rows, "{key}");
                let mut changed = ask(&source, model);
                changed["params"] = json!({ "left": 1 });
                let job = daemon.run(&format!("left{model}{}", source.id), changed);
                let blob = job.artifacts[0].blob.as_str();
                let colours = daemon.pixels(blob, "rgba16");
                assert!(
                    colours.chunks_exact(8).all(|it| it[..2] == it[2..4] && it[..2] == it[4..6]),
                    "{key}"
                );
                let result = daemon.pixels(blob, format);
                let half = result.len() / (2 * height as usize);
                for (found, wanted) in
                    result.chunks_exact(half).zip(rows.chunks_exact(half)).skip(1).step_by(2)
                {
                    assert!(found == wanted, "{key}: the right half");
                }
                assert!(result != *rows, "{key}");
            }
        }
    }
}

#[test]
fn floats_in_a_curve_look_as_they_should() {
    let daemon = Daemon::start();
    let flat = |value: f32| [value, value, value, 1.0].map(f32::to_le_bytes).concat().repeat(16);
    let shown = |blob: &BlobInfo| {
        let png =
            daemon.request("GET", &format!("/v1/blobs/{}/preview?max=64", blob.id), "", b"").body;
        codec::decode(&png, &codec::Limits::default()).unwrap().picture.pixels()[0]
    };
    let half = |profile: Option<&ColorProfile>| {
        let icc = profile.map(|profile| put_icc(&daemon, profile));
        put(&daemon, "rgbaf32", (4, 4), &flat(0.5), icc.as_ref()).unwrap()
    };
    // Half of the light is 188; half in sRGB's own curve is 128; by a power of 1.8 it is 0.287 of the light, 146.
    let plain = half(None);
    assert_eq!((shown(&plain), daemon.pixels(plain.id.as_str(), "rgba8")[0]), (188, 188));
    let coded = half(Some(&ColorProfile::new_srgb()));
    assert_eq!((shown(&coded), daemon.pixels(coded.id.as_str(), "rgba8")[0]), (128, 128));
    // A picture with a profile keeps its values, at any depth.
    let photo = half(Some(&ColorProfile::new_pro_photo_rgb()));
    assert_eq!((shown(&photo), daemon.pixels(photo.id.as_str(), "rgba8")[0]), (146, 128));
    let gray = half(Some(&ColorProfile::new_gray_with_gamma(1.0)));
    assert_eq!((shown(&gray), daemon.pixels(gray.id.as_str(), "graya8")[0]), (188, 128));
    let halves = daemon.pixels(photo.id.as_str(), "rgbaf16");
    assert_eq!(halves[..2], 0x3800_u16.to_le_bytes());
    let eight =
        put(&daemon, "rgba8", (1, 1), &[51, 102, 255, 255], photo.picture.unwrap().icc.as_ref())
            .unwrap();
    let floats = daemon.pixels(eight.id.as_str(), "rgbaf32");
    let first = f32::from_le_bytes(*floats.first_chunk().unwrap());
    assert!((first - 0.2).abs() < 1e-6, "{first}");
}

#[test]
fn a_profile_that_floats_cannot_follow_is_refused_before_anything_is_kept() {
    let daemon = Daemon::start();
    let flat = ToneReprCurve::Lut(vec![30_000; 20]);
    let mut profile = ColorProfile::new_display_p3();
    (profile.red_trc, profile.green_trc, profile.blue_trc) =
        (Some(flat.clone()), Some(flat.clone()), Some(flat));
    let icc = put_icc(&daemon, &profile);
    let failure = put(&daemon, "rgbaf16", (1, 1), &[0; 8], Some(&icc)).unwrap_err();
    assert_eq!(failure.kind, ErrorKind::Unsupported);
    assert!(failure.hint.is_some(), "{failure}");
    // What is no profile at all is none for any picture.
    let picture = daemon.put_pixels("rgba8", 1, 1, &[1; 4]).id;
    assert!(put(&daemon, "rgba8", (1, 1), &[0; 4], Some(&picture)).is_err());
}
