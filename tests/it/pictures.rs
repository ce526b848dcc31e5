//! The pixel path through the real program: masks that hold, depth and profiles that come back,
//! sizes that models do not take.

use easel_pixels::codec::{Encoding, encode};
use easel_pixels::{Format, Picture, Size};
use easel_protocol::job::JobRecord;
use serde_json::json;

use crate::support::{Daemon, ask, inverted, pattern};

type Mask = fn(u32, u32) -> u8;

/// The whole picture with a job's artifact in its place.
fn placed(daemon: &Daemon, rows: &[u8], width: u32, job: &JobRecord) -> Vec<u8> {
    let artifact = &job.artifacts[0];
    let patch = daemon.pixels(artifact.blob.as_str(), "rgba8");
    let mut whole = rows.to_vec();
    let place = artifact.place;
    assert_eq!((artifact.width, artifact.height), (place.width, place.height));
    for y in 0..place.height {
        let from = (y * place.width * 4) as usize;
        let to = (((place.y + y) * width + place.x) * 4) as usize;
        let length = (place.width * 4) as usize;
        whole[to..to + length].copy_from_slice(&patch[from..from + length]);
    }
    whole
}

#[test]
fn outside_the_mask_not_one_bit_changes() {
    let daemon = Daemon::with_plugins(&["good"]);
    let (width, height) = (211, 149);
    let rows = pattern(width, height);
    let source = daemon.put_pixels("rgba8", width, height, &rows);
    // An ellipse, a single pixel, a frame at the very edge, and noise.
    let masks: [(&str, Mask); 4] = [
        ("ellipse", |x, y| {
            if (x as i32 - 90).pow(2) / 9 + (y as i32 - 60).pow(2) / 4 < 200 { 255 } else { 0 }
        }),
        ("pixel", |x, y| u8::from(x == 210 && y == 148) * 255),
        ("frame", |x, y| if x == 0 || y == 0 || x == 210 || y == 148 { 200 } else { 0 }),
        ("noise", |x, y| if (x * 31 + y * 17) % 7 == 0 { (x * y) as u8 } else { 0 }),
    ];
    for (name, mask) in masks {
        let values: Vec<u8> =
            (0..height).flat_map(|y| (0..width).map(move |x| mask(x, y))).collect();
        let blob = daemon.put_pixels("gray8", width, height, &values).id;
        for feather in [0, 5] {
            let mut ask = ask(&source, "good");
            ask["mask"] = json!(blob);
            ask["feather"] = json!(feather);
            let job = daemon.run(&format!("{name}{feather}"), ask);
            let whole = placed(&daemon, &rows, width, &job);
            let (full, changed) = (inverted(&rows), job.artifacts[0].fidelity.changed_outside);
            let mut inside = 0;
            for (index, value) in values.iter().enumerate() {
                let at = index * 4..index * 4 + 4;
                match value {
                    0 => {
                        assert_eq!(whole[at.clone()], rows[at], "{name}: pixel {index} is outside");
                    }
                    255 if feather == 0 => {
                        assert_eq!(whole[at.clone()], full[at], "{name}: pixel {index} is inside");
                        inside += 1;
                    }
                    _ => inside += 1,
                }
            }
            assert!(inside > 0 && changed == 0);
        }
    }
}

#[test]
fn sixteen_bits_stay_sixteen_bits() {
    let daemon = Daemon::with_plugins(&["good", "slow"]);
    let samples: Vec<u16> = (0..64 * 64 * 4u32)
        .map(|index| if index % 4 == 3 { u16::MAX } else { (index * 7919) as u16 })
        .collect();
    let rows: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    let source = daemon.put_pixels("rgba16", 64, 64, &rows);
    // `good` takes them as they are.
    let job = daemon.run("deep", ask(&source, "good"));
    let result = daemon.pixels(job.artifacts[0].blob.as_str(), "rgba16");
    let expected: Vec<u8> = samples
        .iter()
        .enumerate()
        .flat_map(|(index, sample)| if index % 4 == 3 { *sample } else { !*sample }.to_le_bytes())
        .collect();
    assert_eq!(result, expected);
}

#[test]
fn a_picture_with_a_profile_comes_back_in_its_own() {
    let daemon = Daemon::with_plugins(&["good"]);
    let icc = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let rows = pattern(50, 40);
    let picture = Picture::from_pixels(Format::Rgba8, Size::new(50, 40), rows.clone()).unwrap();
    let png = encode(picture.view(), Some(&icc), Encoding::Png).unwrap();
    let source = daemon.put_file(&png).unwrap();
    let profile = source.picture.clone().unwrap().icc.expect("the profile is kept");
    let job = daemon.run("wide", ask(&source, "good"));
    let info =
        daemon.request("GET", &format!("/v1/blobs/{}/info", job.artifacts[0].blob), "", b"").json();
    assert_eq!(info["picture"]["icc"], json!(profile));
    assert_ne!(daemon.pixels(job.artifacts[0].blob.as_str(), "rgba8"), rows);
}

#[test]
fn orientation_is_applied_once_and_for_all() {
    let daemon = Daemon::start();
    let chelsea = std::fs::read(crate::support::root().join("tests/data/rocket.jpg")).unwrap();
    let upright = daemon.put_file(&chelsea).unwrap().picture.unwrap();
    // The same file with an EXIF block that says: turn by 90 degrees.
    let exif: &[u8] = b"\xff\xe1\x00\x22Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let turned = [&chelsea[..2], exif, &chelsea[2..]].concat();
    let turned = daemon.put_file(&turned).unwrap().picture.unwrap();
    assert_eq!((turned.width, turned.height), (upright.height, upright.width));
}

#[test]
fn a_gray_source_becomes_a_picture_in_colour() {
    let daemon = Daemon::with_plugins(&["good"]);
    let source = daemon.put_pixels("gray8", 4, 2, &[0, 10, 20, 30, 40, 50, 60, 70]);
    let job = daemon.run("gray", ask(&source, "good"));
    let result = daemon.pixels(job.artifacts[0].blob.as_str(), "rgba8");
    assert_eq!(&result[..8], &[255, 255, 255, 255, 245, 245, 245, 255]);
}

#[test]
fn a_large_picture_runs_in_tiles_that_nobody_sees() {
    let daemon = Daemon::with_plugins(&["tiled"]);
    for (width, height) in [(200, 150), (65, 64), (64, 64), (17, 130), (5, 3)] {
        let rows = pattern(width, height);
        let source = daemon.put_pixels("rgba8", width, height, &rows);
        let job = daemon.run(&format!("{width}x{height}"), ask(&source, "tiled"));
        let result = daemon.pixels(job.artifacts[0].blob.as_str(), "rgba8");
        // Where tiles overlap, both say the same: the whole is exact.
        if width > 64 || height > 64 {
            assert!(job.plan.pieces > 1, "{:?}", job.plan);
        }
        if width.min(height) >= 16 {
            assert_eq!(result, inverted(&rows), "{width}×{height}");
        } else {
            assert_eq!(result.len(), rows.len(), "{width}×{height}");
        }
    }
}

#[test]
fn a_picture_beyond_the_models_size_is_scaled_and_never_squeezed() {
    let daemon = Daemon::with_plugins(&["small"]);
    // Light on the left, dark on the right: the result must have it the other way round, at the same place.
    let (width, height) = (300, 100);
    let rows: Vec<u8> = (0..height)
        .flat_map(|_| {
            (0..width).flat_map(|x| [if x < 150 { 220 } else { 30 }; 3].into_iter().chain([255]))
        })
        .collect();
    let source = daemon.put_pixels("rgba8", width, height, &rows);
    let job = daemon.run("scaled", ask(&source, "small"));
    assert!(job.plan.run_size.0 <= 64 && job.plan.run_size.1 <= 64, "{:?}", job.plan);
    assert!(job.plan.notes[0].contains("brought back"), "{:?}", job.plan.notes);
    let result = daemon.pixels(job.artifacts[0].blob.as_str(), "rgba8");
    assert_eq!(result.len(), rows.len());
    let at = |x: u32, y: u32| result[((y * width + x) * 4) as usize];
    for y in [2, 50, 97] {
        assert!(
            at(100, y).abs_diff(35) < 6 && at(200, y).abs_diff(225) < 6,
            "{} {}",
            at(100, y),
            at(200, y)
        );
        // The edge is where it was: a squeeze would have moved it.
        assert!(at(135, y) < 80 && at(165, y) > 180, "{} {}", at(135, y), at(165, y));
    }
}
