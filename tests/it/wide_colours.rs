//! Colours beyond sRGB and light beyond white through the whole daemon: a model that changes nothing costs not one bit,
//! whatever profile and depth the document has and whatever the model takes; one that changes something changes that.

use easel_pixels::{Format, Picture, Size, colour, rescale};
use easel_protocol::job::{JobRecord, JobState};
use easel_protocol::picture::{BlobId, BlobInfo};
use moxcms::{ColorProfile, ToneReprCurve};
use serde_json::json;

use crate::support::{Daemon, ask};

const MODELS: [&str; 7] =
    ["same-8", "same-16", "same-float", "same-any", "same-answers-8", "same-opaque", "same-tiled"];
const SIZE: (u32, u32) = (83, 67);

pub(crate) fn put_icc(daemon: &Daemon, profile: &ColorProfile) -> BlobId {
    let answer = daemon.request(
        "PUT",
        "/v1/blobs",
        "content-type: application/vnd.iccprofile\r\n",
        &profile.encode().unwrap(),
    );
    serde_json::from_value::<BlobInfo>(answer.json()).unwrap().id
}

pub(crate) fn put(
    daemon: &Daemon,
    format: &str,
    (width, height): (u32, u32),
    rows: &[u8],
    icc: Option<&BlobId>,
) -> Result<BlobInfo, easel_protocol::Failure> {
    let icc = icc.map_or(String::new(), |icc| format!("; icc={icc}"));
    let headers = format!(
        "content-type: application/vnd.easel.pixels; format={format}; width={width}; height={height}{icc}\r\n"
    );
    let answer = daemon.request("PUT", "/v1/blobs", &headers, rows);
    if answer.status == 201 {
        Ok(serde_json::from_value(answer.json()).unwrap())
    } else {
        Err(answer.failure())
    }
}

/// Two ramps and noise over the whole range of a format, corners of the gamut included; `rgbaf32` from -2 to 14.
fn rows(format: Format, alpha: bool) -> Vec<u8> {
    let (width, height) = SIZE;
    let mut state = 5_u64;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 40) as f32 / (1_u64 << 24) as f32
    };
    let mut values = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let corner = |bit: u32| f32::from(u8::from((x / 4) & bit != 0));
            let opacity = if alpha && random() < 0.5 { random() } else { 1.0 };
            let pixel = match y % 3 {
                0 => [corner(1), corner(2), corner(4)],
                1 => [x as f32 / 82.0, y as f32 / 66.0, 1.0 - x as f32 / 82.0],
                _ => [random(), random(), random()],
            };
            values.extend(pixel.into_iter().chain([opacity]));
        }
    }
    let float = |(index, value): (usize, f32)| {
        let wide = if index % 4 == 3 { value } else { value * 16.0 - 2.0 };
        wide.to_ne_bytes()
    };
    match format {
        Format::Rgba8 => values.iter().map(|value| (value * 255.0).round() as u8).collect(),
        Format::Rgba16 => values
            .iter()
            .flat_map(|value| ((value * 65535.0).round() as u16).to_ne_bytes())
            .collect(),
        _ => values.into_iter().enumerate().flat_map(float).collect(),
    }
}

fn profiles() -> Vec<(&'static str, Option<ColorProfile>)> {
    let curves = |curve: ToneReprCurve, mut profile: ColorProfile| {
        profile.cicp = None;
        (profile.red_trc, profile.green_trc, profile.blue_trc) =
            (Some(curve.clone()), Some(curve.clone()), Some(curve));
        Some(profile)
    };
    let romm = ToneReprCurve::Parametric(vec![1.8, 1.0, 0.0, 0.0625, 0.031_25]);
    vec![
        ("none", None),
        ("sRGB", Some(ColorProfile::new_srgb())),
        ("Display P3", Some(ColorProfile::new_display_p3())),
        ("Adobe RGB", Some(ColorProfile::new_adobe_rgb())),
        ("ProPhoto", Some(ColorProfile::new_pro_photo_rgb())),
        ("ROMM", curves(romm, ColorProfile::new_pro_photo_rgb())),
        ("linear sRGB", curves(ToneReprCurve::Lut(Vec::new()), ColorProfile::new_srgb())),
        ("linear Rec. 2020", curves(ToneReprCurve::Lut(Vec::new()), ColorProfile::new_bt2020())),
    ]
}

/// A mask with a hole, an edge and a slope.
fn mask(daemon: &Daemon) -> (BlobId, Vec<u8>) {
    let (width, height) = SIZE;
    let values: Vec<u8> = (0..width * height)
        .map(|index| {
            let (x, y) = (index % width, index / width);
            if (10..70).contains(&x) && (8..60).contains(&y) { (x * 6).min(255) as u8 } else { 0 }
        })
        .collect();
    (daemon.put_pixels("gray8", width, height, &values).id, values)
}

/// The rows of a source in the place of an artifact.
fn part(rows: &[u8], pixel: usize, job: &JobRecord) -> Vec<u8> {
    let place = job.artifacts[0].place;
    let row = |y: u32| {
        let start = ((place.y + y) * SIZE.0 + place.x) as usize * pixel;
        &rows[start..start + place.width as usize * pixel]
    };
    (0..place.height).flat_map(row).copied().collect()
}

#[test]
fn a_model_that_changes_nothing_costs_not_one_bit_of_any_colour() {
    let daemon = Daemon::with_plugins(&["same"]);
    let (mask, _) = mask(&daemon);
    let mut key = 0;
    for (name, profile) in profiles() {
        let icc = profile.as_ref().map(|profile| put_icc(&daemon, profile));
        for (format, transparent) in [
            (Format::Rgba8, false),
            (Format::Rgba8, true),
            (Format::Rgba16, false),
            (Format::Rgba16, true),
            (Format::RgbaF32, false),
            (Format::RgbaF32, true),
        ] {
            if transparent && !["none", "Display P3", "ROMM"].contains(&name) {
                continue;
            }
            let rows = rows(format, transparent);
            let source = put(&daemon, format.name(), SIZE, &rows, icc.as_ref()).unwrap();
            // Side by side: a job takes longer to store than to run.
            let mut jobs = Vec::new();
            for (model, masked, intent) in MODELS
                .iter()
                .flat_map(|model| [(model, false, "restyle"), (model, true, "restyle")])
                .chain([(&"same-8", true, "edit"), (&"same-any", true, "edit")])
            {
                let mut ask = ask(&source, model);
                ask["intent"] = json!(intent);
                ask["strength"] = json!(0.05);
                if masked {
                    ask["mask"] = json!(mask);
                }
                key += 1;
                let id = daemon.submit(&key.to_string(), ask).unwrap().jobs[0].id.clone();
                jobs.push((id, format!("{model}, mask {masked}, {intent}")));
            }
            for (id, told) in jobs {
                let told = format!("{name}, {format}, alpha {transparent}, {told}");
                let job = daemon.wait(&id);
                assert_eq!(job.state, JobState::Done, "{told}: {:?}", job.failure);
                let artifact = &job.artifacts[0];
                let result = daemon.pixels(artifact.blob.as_str(), format.name());
                let wanted = part(&rows, format.bytes_per_pixel(), &job);
                let differing =
                    result.iter().zip(&wanted).filter(|(found, wanted)| found != wanted).count();
                assert_eq!((result.len(), differing), (wanted.len(), 0), "{told}");
                let fidelity = artifact.fidelity;
                assert_eq!((fidelity.changed_outside, fidelity.changed_inside), (0, 0.0), "{told}");
                assert!(
                    fidelity.structure > 0.999 && fidelity.colour < 1e-6,
                    "{told}: {fidelity:?}"
                );
            }
        }
    }
}

#[test]
fn what_did_not_change_loses_nothing_beside_what_did() {
    let daemon = Daemon::with_plugins(&["same"]);
    let (mask, mask_values) = mask(&daemon);
    let mut key = 0;
    for (name, profile) in profiles() {
        let icc = profile.as_ref().map(|profile| put_icc(&daemon, profile));
        for format in [Format::Rgba8, Format::Rgba16, Format::RgbaF32] {
            let (pixel, rows) = (format.bytes_per_pixel(), rows(format, true));
            let source = put(&daemon, format.name(), SIZE, &rows, icc.as_ref()).unwrap();
            for model in ["same-8", "same-16", "same-float", "same-opaque"] {
                let mut ask = ask(&source, model);
                ask["params"] = json!({ "left": 1 });
                key += 1;
                let job = daemon.run(&key.to_string(), ask.clone());
                let result = daemon.pixels(job.artifacts[0].blob.as_str(), format.name());
                let told = format!("{name}, {format}, {model}");
                let mut changed = 0;
                for (index, (found, wanted)) in
                    result.chunks_exact(pixel).zip(rows.chunks_exact(pixel)).enumerate()
                {
                    let left = (index as u32 % SIZE.0) < SIZE.0 / 2;
                    assert!(left || found == wanted, "{told}: pixel {index} on the right");
                    assert_eq!(
                        found[pixel / 4 * 3..],
                        wanted[pixel / 4 * 3..],
                        "{told}: alpha of {index}"
                    );
                    changed += usize::from(found != wanted);
                }
                assert!(changed > 2000, "{told}: {changed} pixels changed");
                // Behind a mask, whatever lies outside keeps its bits, also what is brighter than white or below black.
                ask["mask"] = json!(mask);
                ask["feather"] = json!(3);
                key += 1;
                let job = daemon.run(&key.to_string(), ask);
                let (result, source) = (
                    daemon.pixels(job.artifacts[0].blob.as_str(), format.name()),
                    part(&rows, pixel, &job),
                );
                let mask = part(&mask_values, 1, &job);
                let pairs = result.chunks_exact(pixel).zip(source.chunks_exact(pixel));
                for (index, ((found, wanted), mask)) in pairs.zip(&mask).enumerate() {
                    assert!(*mask > 0 || found == wanted, "{told}: pixel {index} is outside");
                }
                assert!(result != source, "{told}");
            }
        }
    }
}

#[test]
fn a_model_sees_the_colours_that_a_person_sees() {
    let daemon = Daemon::with_plugins(&["same"]);
    let size = Size::new(SIZE.0, SIZE.1);
    for (name, profile) in profiles() {
        let Some(profile) = profile else { continue };
        let icc = put_icc(&daemon, &profile);
        let bytes: std::sync::Arc<[u8]> = profile.encode().unwrap().into();
        // The same colours in 16 bits and in floats, all of them within sRGB.
        let srgb = Picture::from_pixels(Format::Rgba16, size, rows(Format::Rgba16, false)).unwrap();
        let deep = colour::from_srgb(&srgb, &bytes).unwrap();
        let float = rescale(deep.view(), Format::RgbaF32);
        let run = |format: &str, rows: &[u8]| {
            let source = put(&daemon, format, SIZE, rows, Some(&icc)).unwrap();
            let mut ask = ask(&source, "same-8");
            ask["params"] = json!({ "left": 1 });
            let job = daemon.run(&format!("{name}{format}"), ask);
            let rows = daemon.pixels(job.artifacts[0].blob.as_str(), format);
            let format = format.parse().unwrap();
            Picture::from_pixels(format, size, rows).unwrap().with_icc(Some(bytes.clone()))
        };
        let deep = colour::to_srgb(&run("rgba16", deep.pixels())).unwrap();
        let float = run("rgbaf32", float.pixels());
        let float = easel_pixels::convert(colour::to_srgb(&float).unwrap().view(), Format::Rgba16);
        let samples = |picture: &Picture| -> Vec<u16> {
            picture.pixels().as_chunks().0.iter().map(|raw| u16::from_ne_bytes(*raw)).collect()
        };
        let differences: Vec<f64> = samples(&deep)
            .iter()
            .zip(samples(&float))
            .map(|(one, other)| f64::from(one.abs_diff(other)) / 257.0)
            .collect();
        let mean = differences.iter().sum::<f64>() / differences.len() as f64;
        assert!(mean < 1.0, "{name}: {mean} of 255 apart");
    }
}
