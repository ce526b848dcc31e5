//! The real networks on real photographs, through the C interface as the host calls it. The weights
//! are those that `cargo xtask weights` puts into the checkout; without them every test here fails.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::path::Path;

use easel_backend::testing::{Ask, Opened, Outcome, Picture as HostPicture, open};
use easel_backend::{ErrorKind, Intent, Keep, PixelFormat, RunParams, StyleWeight};
use easel_local::Local;
use easel_pixels::{
    Fidelity, Format, Limits, Picture, Rect, Size, convert, decode, measure, resize,
};

fn local() -> Opened<Local> {
    let weights = concat!(env!("CARGO_MANIFEST_DIR"), "/../../weights");
    open::<Local>(&serde_json::json!({ "weights_dir": weights })).unwrap()
}

fn photograph(name: &str) -> Picture {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data");
    let bytes = std::fs::read(folder.join(name)).unwrap();
    convert(decode(&bytes, &Limits::default()).unwrap().picture.view(), Format::Rgba8)
}

fn host(picture: &Picture) -> HostPicture {
    HostPicture::from_packed(
        PixelFormat::Rgba8,
        picture.width(),
        picture.height(),
        picture.pixels(),
    )
}

fn result(outcome: &Outcome) -> Picture {
    let outputs = outcome.outputs().unwrap();
    assert_eq!(outputs.len(), 1);
    let size = Size::new(outputs[0].width(), outputs[0].height());
    Picture::from_pixels(Format::Rgba8, size, outputs[0].packed()).unwrap()
}

fn params(intent: Intent) -> RunParams {
    RunParams::new(intent)
}

fn styled(name: &str) -> RunParams {
    RunParams {
        style: vec![StyleWeight { name: name.to_owned(), weight: 1.0 }],
        ..params(Intent::Restyle)
    }
}

fn ask(model: &str, params: RunParams, source: &Picture) -> Ask {
    Ask::new(model, params.intent, host(source)).params(params)
}

fn fidelity(source: &Picture, result: &Picture) -> Fidelity {
    measure(source.view(), result.view(), None).unwrap()
}

/// Peak signal to noise of the colours, in decibels.
fn closeness(a: &Picture, b: &Picture) -> f64 {
    let colours = |picture: &Picture| -> Vec<f64> {
        picture
            .pixels()
            .chunks_exact(4)
            .flat_map(|pixel| pixel[..3].to_vec())
            .map(f64::from)
            .collect()
    };
    let (a, b) = (colours(a), colours(b));
    let error = a.iter().zip(&b).map(|(a, b)| (a - b).powi(2)).sum::<f64>() / a.len() as f64;
    10.0 * (255.0 * 255.0 / error.max(1e-9)).log10()
}

/// The mean colour of a part.
fn mean(picture: &Picture, rect: Rect) -> [f64; 4] {
    let part = picture.crop(rect).unwrap();
    let mut sums = [0.0; 4];
    for pixel in part.pixels().chunks_exact(4) {
        for (sum, value) in sums.iter_mut().zip(pixel) {
            *sum += f64::from(*value);
        }
    }
    sums.map(|sum| sum / rect.area() as f64)
}

#[test]
fn a_style_repaints_and_keeps_the_composition() {
    let source = photograph("coffee.png");
    let mut local = local();
    let outcome = local.run(&ask("local-style", styled("warm-oil"), &source));
    let painted = result(&outcome);
    let kept = fidelity(&source, &painted);
    assert!(kept.changed_inside > 0.9, "{kept:?}");
    assert!(kept.structure > 0.15, "{kept:?}");
    // White porcelain stays lighter than the dark wood beside it.
    let light = |picture: &Picture, rect| mean(picture, rect)[..3].iter().sum::<f64>();
    let (cup, wood) = (Rect::new(200, 60, 20, 20), Rect::new(20, 20, 40, 20));
    assert!(light(&source, cup) > light(&source, wood) + 200.0);
    assert!(light(&painted, cup) > light(&painted, wood) + 100.0);
    // The same ask gives the same bits, another style does not.
    let again = result(&local.run(&ask("local-style", styled("warm-oil"), &source)));
    assert_eq!(again.pixels(), painted.pixels());
    let other = result(&local.run(&ask("local-style", styled("frosted-fresco"), &source)));
    assert!(fidelity(&painted, &other).colour > 0.1);
}

#[test]
fn strength_and_colours_are_kept_when_asked() {
    let source = photograph("chelsea.png");
    let mut local = local();
    let none = RunParams { strength: Some(0.0), ..styled("red-dusk") };
    assert_eq!(result(&local.run(&ask("local-style", none, &source))).pixels(), source.pixels());
    let full = result(&local.run(&ask("local-style", styled("red-dusk"), &source)));
    let half = RunParams { strength: Some(0.5), ..styled("red-dusk") };
    let half = result(&local.run(&ask("local-style", half, &source)));
    assert!(fidelity(&source, &half).colour < fidelity(&source, &full).colour * 0.75);
    let keep = RunParams { keep: vec![Keep::Colours], ..styled("blue-crayon") };
    let kept = result(&local.run(&ask("local-style", keep, &source)));
    let free = result(&local.run(&ask("local-style", styled("blue-crayon"), &source)));
    let warm = |picture: &Picture| {
        let [red, _, blue, _] = mean(picture, Rect::of(picture.size()));
        red - blue
    };
    assert!(warm(&source) > 20.0 && warm(&kept) > 20.0, "{} {}", warm(&source), warm(&kept));
    assert!(warm(&free) < 0.0, "{}", warm(&free));
}

#[test]
fn the_brush_sets_how_much_detail_is_left() {
    let source = resize(photograph("coffee.png").view(), Size::new(1230, 820)).unwrap();
    let mut local = local();
    let broad = ask("local-style", styled("quiet-gouache"), &source).param("brush", "broad");
    let painted = result(&local.run(&broad));
    assert!(fidelity(&source, &painted).changed_inside > 0.8);
    let fine = ask("local-style", styled("quiet-gouache"), &source).param("brush", "fine");
    let fine = result(&local.run(&fine));
    assert!(fidelity(&source, &fine).structure > fidelity(&source, &painted).structure);
}

#[test]
fn a_reference_gives_its_colours() {
    let source = photograph("astronaut.png");
    let blue = photograph("rocket.jpg");
    let mut local = local();
    let outcome = local.run(
        &ask("local-style-reference", params(Intent::Restyle), &source).reference(host(&blue)),
    );
    let painted = result(&outcome);
    let whole = Rect::of(source.size());
    let blueness = |picture: &Picture| {
        let [red, _, blue, _] = mean(picture, whole);
        blue - red
    };
    assert!(
        blueness(&painted) > blueness(&source) + 25.0,
        "{} {}",
        blueness(&painted),
        blueness(&source)
    );
    let none = RunParams { strength: Some(0.0), ..params(Intent::Restyle) };
    let none = local.run(&ask("local-style-reference", none, &source).reference(host(&blue)));
    assert_eq!(result(&none).pixels(), source.pixels());
    let missing = local.run(&ask("local-style-reference", params(Intent::Restyle), &source));
    assert_eq!(missing.error().unwrap().kind(), ErrorKind::Invalid);
}

#[test]
fn the_subject_is_cut_out_without_a_halo() {
    let source = photograph("astronaut.png");
    let mut local = local();
    let cut = result(&local.run(&ask("local-cutout", params(Intent::Cutout), &source)));
    let (face, wall) = (Rect::new(200, 80, 40, 60), Rect::new(300, 10, 60, 60));
    assert!(mean(&cut, face)[3] > 254.0 && mean(&cut, wall)[3] < 1.0);
    let untouched = |picture: &Picture| picture.crop(face).unwrap().pixels().to_vec();
    assert_eq!(untouched(&cut), untouched(&source));
    // Over black, the hair's edge must not glow with the light wall that was behind it.
    let head = Rect::new(140, 5, 170, 120);
    let (mut hair, mut count) = (0.0, 0.0);
    for pixel in cut
        .crop(head)
        .unwrap()
        .pixels()
        .chunks_exact(4)
        .filter(|pixel| (60..200).contains(&pixel[3]))
    {
        hair += f64::from(pixel[0]) + f64::from(pixel[1]) + f64::from(pixel[2]);
        count += 1.0;
    }
    let wall_light = mean(&source, wall)[..3].iter().sum::<f64>();
    assert!(
        count > 100.0 && hair / count < wall_light * 0.75,
        "{} of {wall_light}, {count}",
        hair / count
    );
}

#[test]
fn the_background_is_what_was_asked_for() {
    let source = photograph("astronaut.png");
    let (face, wall) = (Rect::new(200, 80, 40, 60), Rect::new(300, 10, 60, 60));
    let mut local = local();
    let intent = || params(Intent::Background);
    let plain = ask("local-cutout", intent(), &source).param("background", "#0a8040");
    let plain = result(&local.run(&plain));
    let corner = plain.crop(Rect::new(500, 0, 4, 4)).unwrap();
    assert!(corner.pixels().chunks_exact(4).all(|pixel| pixel == [0x0a, 0x80, 0x40, 255]));
    let blurred = result(&local.run(&ask("local-cutout", intent(), &source)));
    assert_eq!(blurred.crop(face).unwrap().pixels(), source.crop(face).unwrap().pixels());
    let rough = |picture: &Picture| {
        fidelity(
            &picture.crop(Rect::new(370, 0, 130, 130)).unwrap(),
            &source.crop(Rect::new(370, 0, 130, 130)).unwrap(),
        )
        .structure
    };
    assert!(rough(&source) > 0.99 && rough(&blurred) < 0.9, "{}", rough(&blurred));
    let sky = photograph("rocket.jpg");
    let behind = result(&local.run(&ask("local-cutout", intent(), &source).reference(host(&sky))));
    let [red, _, blue, alpha] = mean(&behind, wall);
    assert!(blue > red + 20.0 && alpha > 254.9, "{red} {blue} {alpha}");
    // What cannot be done is refused, not dropped.
    let both =
        ask("local-cutout", intent(), &source).param("background", "#fff").reference(host(&sky));
    let cutout = || ask("local-cutout", params(Intent::Cutout), &source);
    for wrong in [
        ask("local-cutout", intent(), &source).param("background", "sunset"),
        both,
        cutout().param("background", "#fff"),
        cutout().reference(host(&sky)),
    ] {
        assert_eq!(local.run(&wrong).error().unwrap().kind(), ErrorKind::Invalid);
    }
}

#[test]
fn no_subject_is_said_plainly() {
    let flat =
        Picture::from_pixels(Format::Rgba8, Size::new(64, 48), [90, 120, 150, 255].repeat(64 * 48))
            .unwrap();
    let outcome = local().run(&ask("local-cutout", params(Intent::Cutout), &flat));
    let error = outcome.error().unwrap();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(error.message().contains("no clear subject"), "{error}");
}

#[test]
fn enlarging_beats_resampling() {
    let original = photograph("chelsea.png").crop(Rect::new(60, 40, 320, 200)).unwrap();
    let mut local = local();
    for (scale, margin) in [(2, 0.7), (4, 0.3)] {
        let small = resize(original.view(), Size::new(320 / scale, 200 / scale)).unwrap();
        let plain = resize(small.view(), original.size()).unwrap();
        let large = RunParams { scale, ..params(Intent::Enhance) };
        let large = result(&local.run(&ask("local-enhance", large, &small)));
        assert_eq!(large.size(), original.size());
        let (network, resampled) = (closeness(&large, &original), closeness(&plain, &original));
        assert!(network > resampled + margin, "x{scale}: {network} dB against {resampled} dB");
    }
}

#[test]
fn the_best_tier_restores_at_every_scale() {
    let original = photograph("astronaut.png").crop(Rect::new(180, 60, 96, 80)).unwrap();
    let small = resize(original.view(), Size::new(48, 40)).unwrap();
    let mut local = local();
    for scale in [1, 2, 4] {
        let large = RunParams { scale, ..params(Intent::Enhance) };
        let outcome = local.run(&ask("local-enhance", large, &small).param("tier", "best"));
        let large = result(&outcome);
        assert_eq!(large.size(), small.size().scaled(scale));
        let expected = resize(original.view(), large.size()).unwrap();
        let close = closeness(&large, &expected);
        assert!(close > 22.0, "x{scale}: {close} dB");
        // Asked within the one tile, after every block of the network.
        assert!(outcome.questions >= 24, "{}", outcome.questions);
    }
}

#[test]
fn transparency_is_kept() {
    let mut source = photograph("rocket.jpg").crop(Rect::new(200, 100, 90, 70)).unwrap();
    for (index, pixel) in source.pixels_mut().chunks_exact_mut(4).enumerate() {
        pixel[3] = ((index % 90) * 255 / 89) as u8;
    }
    let mut local = local();
    let painted = result(&local.run(&ask("local-style", styled("teal-print"), &source)));
    let alpha = |picture: &Picture| {
        picture.pixels().chunks_exact(4).map(|pixel| pixel[3]).collect::<Vec<_>>()
    };
    assert_eq!(alpha(&painted), alpha(&source));
    let large = RunParams { scale: 2, ..params(Intent::Enhance) };
    let large = result(&local.run(&ask("local-enhance", large, &source)));
    let wide = alpha(&large);
    for x in 8..172 {
        let expected = (x as f64 / 2.0 - 0.25) * 255.0 / 89.0;
        assert!(
            (f64::from(wide[180 * 40 + x]) - expected).abs() < 4.0,
            "{x}: {}",
            wide[180 * 40 + x]
        );
    }
}

#[test]
fn every_size_works() {
    let mut local = local();
    for (width, height) in [(1, 1), (3, 1), (1, 40), (33, 7), (5, 61)] {
        let source = resize(photograph("coffee.png").view(), Size::new(width, height)).unwrap();
        let painted = result(&local.run(&ask("local-style", styled("pop-blocks"), &source)));
        assert_eq!(painted.size(), source.size());
        let like =
            ask("local-style-reference", params(Intent::Restyle), &source).reference(host(&source));
        assert_eq!(result(&local.run(&like)).size(), source.size());
        let large = RunParams { scale: 4, ..params(Intent::Enhance) };
        assert_eq!(
            result(&local.run(&ask("local-enhance", large, &source))).size(),
            source.size().scaled(4)
        );
        // Whether there is a subject in so few pixels is the network's to say; it must say something.
        let cut = local.run(&ask("local-cutout", params(Intent::Cutout), &source));
        assert!(
            cut.error().is_none_or(|error| error.kind() == ErrorKind::Refused),
            "{:?}",
            cut.error()
        );
    }
}

#[test]
fn a_cancelled_job_ends_where_it_is() {
    let source = photograph("coffee.png");
    let mut local = local();
    let whole = local.run(&ask("local-style", styled("comic-ink"), &source));
    assert!(whole.questions >= 10, "{}", whole.questions);
    let fractions: Vec<f64> = whole.progress.iter().map(|(fraction, _)| *fraction).collect();
    assert!(fractions.is_sorted() && fractions.last() == Some(&1.0), "{fractions:?}");
    for model in ["local-style", "local-cutout", "local-enhance"] {
        let outcome = local.run(&ask(model, styled("comic-ink"), &source).stop_after(2));
        assert_eq!(outcome.error().unwrap().kind(), ErrorKind::Cancelled, "{model}");
        assert!(outcome.questions <= 3, "{model}: {}", outcome.questions);
    }
}

#[test]
fn missing_weights_say_what_to_do() {
    let mut local = open::<Local>(&serde_json::json!({ "weights_dir": "/nowhere" })).unwrap();
    let outcome = local.run(&ask("local-style", styled("warm-oil"), &photograph("coffee.png")));
    let error = outcome.error().unwrap();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.message().contains("`cargo xtask weights`"), "{error}");
}

#[test]
fn what_no_style_is_is_refused() {
    let source = photograph("coffee.png");
    let mut local = local();
    for params in [params(Intent::Restyle), styled("van-gogh")] {
        let outcome = local.run(&ask("local-style", params, &source));
        assert_eq!(outcome.error().unwrap().kind(), ErrorKind::Invalid);
    }
}
