//! Registration tried on real photographs that were moved, tinted, compressed and painted over, and on pictures that
//! show nothing to register by.

use super::*;
use crate::Size;
use crate::resize::resample;
use crate::{Encoding, Format, Limits, convert, decode, encode};
use proptest::prelude::*;

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// Between the two.
    fn between(&mut self, low: f64, high: f64) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        low + (high - low) * ((self.0 >> 11) as f64 / (1_u64 << 53) as f64)
    }

    /// Near a normal distribution of deviation 1.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.between(0.0, 1.0)).sum::<f64>() - 6.0
    }
}

const PHOTOGRAPHS: [&str; 4] = ["astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg"];

fn photograph(name: &str) -> Picture {
    let path = format!("{}/../tests/data/{name}", env!("CARGO_MANIFEST_DIR"));
    let decoded = decode(&std::fs::read(path).unwrap(), &Limits::default()).unwrap();
    convert(decoded.picture.view(), Format::Rgba8)
}

/// What happens to the answer besides the motion.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Harm {
    Clean,
    Tint,
    Jpeg,
    Noise,
    Soft,
}

struct Scene {
    before: Picture,
    after: Picture,
    mask: Picture,
    motion: Motion,
}

impl Scene {
    /// The middle of a photograph, and the same seen through a motion, harmed, and with an object in its mask.
    fn new(name: &str, motion: [f64; 4], harm: Harm, dice: &mut Dice) -> Self {
        let photograph = photograph(name);
        let size = Size::new(photograph.width() * 4 / 5, photograph.height() * 4 / 5);
        let sides = [f64::from(size.width), f64::from(size.height)];
        let corner = [photograph.width() / 10, photograph.height() / 10].map(f64::from);
        let [scale_x, scale_y, x, y] = motion;
        let displacement =
            [x, (scale_x - 1.0) * sides[0] / 2.0, y, (scale_y - 1.0) * sides[1] / 2.0];
        let motion = Motion::from_displacement(displacement, sides);
        let part = |motion: &Motion| {
            let start = |axis: usize| corner[axis] - motion.shift[axis] / motion.scale[axis];
            [start(0), start(1), sides[0] / motion.scale[0], sides[1] / motion.scale[1]]
        };
        let before = resample(photograph.view(), part(&Motion::NONE), size).unwrap();
        let moved = resample(photograph.view(), part(&motion), size).unwrap();
        let mut after = harmed(moved, harm, dice);
        let mut mask = Picture::new_zeroed(Format::Gray8, size).unwrap();
        let middle: [f64; 2] = std::array::from_fn(|axis| sides[axis] * dice.between(0.35, 0.65));
        let reach: [f64; 2] = std::array::from_fn(|axis| sides[axis] * dice.between(0.2, 0.33));
        let width = size.width as usize;
        for (index, mask) in mask.pixels_mut().iter_mut().enumerate() {
            let at = [(index % width) as f64 + 0.5, (index / width) as f64 + 0.5];
            let from = |at: [f64; 2]| {
                ((at[0] - middle[0]) / reach[0]).hypot((at[1] - middle[1]) / reach[1])
            };
            if from(at) < 1.0 {
                *mask = 255;
            }
            let inverse = motion.inverse();
            let source =
                std::array::from_fn(|axis| inverse.scale[axis] * at[axis] + inverse.shift[axis]);
            if from(source) < 0.97 {
                let stripe = ((at[0] * 0.3).sin() + (at[1] * 0.21).cos()) * 60.0;
                let pixel = [170.0 + stripe, 60.0 - stripe / 2.0, 90.0 + stripe];
                for (out, value) in after.pixels_mut()[index * 4..].iter_mut().zip(pixel) {
                    *out = (value + dice.between(0.0, 9.0)) as u8;
                }
            }
        }
        Self { before, after, mask, motion }
    }

    fn keep(&self) -> Picture {
        crate::ring::ring(self.mask.view(), 6)
    }

    /// How far the corner that is off most is from where it should be, pixels.
    fn error(&self, found: &Registration) -> f64 {
        let mut worst = 0.0_f64;
        for x in [0.0, f64::from(self.before.width())] {
            for y in [0.0, f64::from(self.before.height())] {
                let off_x = (found.scale_x - self.motion.scale[0]) * x + found.shift_x
                    - self.motion.shift[0];
                let off_y = (found.scale_y - self.motion.scale[1]) * y + found.shift_y
                    - self.motion.shift[1];
                worst = worst.max(off_x.hypot(off_y));
            }
        }
        worst
    }
}

fn harmed(mut picture: Picture, harm: Harm, dice: &mut Dice) -> Picture {
    match harm {
        Harm::Clean => {}
        Harm::Tint => {
            let gain: [f64; 3] = std::array::from_fn(|_| dice.between(0.85, 1.15));
            let offset: [f64; 3] = std::array::from_fn(|_| dice.between(-15.0, 15.0));
            for pixel in picture.pixels_mut().chunks_exact_mut(4) {
                for channel in 0..3 {
                    pixel[channel] =
                        (f64::from(pixel[channel]) * gain[channel] + offset[channel]) as u8;
                }
            }
        }
        Harm::Jpeg => {
            let bytes = encode(picture.view(), None, Encoding::Jpeg { quality: 60 }).unwrap();
            let decoded = decode(&bytes, &Limits::default()).unwrap();
            picture = convert(decoded.picture.view(), Format::Rgba8);
        }
        Harm::Noise => {
            for pixel in picture.pixels_mut().chunks_exact_mut(4) {
                for value in &mut pixel[..3] {
                    *value = (f64::from(*value) + dice.normal() * 6.0) as u8;
                }
            }
        }
        Harm::Soft => picture = crate::blur::gaussian_blur(picture.view(), 1.2),
    }
    picture
}

/// A motion of a random scale and displacement of the centre.
fn motion(scale: f64, shift: f64, name: &str, dice: &mut Dice) -> [f64; 4] {
    let size = photograph(name).size();
    let sides = [f64::from(size.width) * 0.8, f64::from(size.height) * 0.8];
    let zoom = dice.between(-scale, scale);
    let aspect = dice.between(-0.15, 0.15) * scale;
    [
        1.0 + (zoom + aspect).clamp(-scale, scale),
        1.0 + (zoom - aspect).clamp(-scale, scale),
        dice.between(-shift, shift) * sides[0],
        dice.between(-shift, shift) * sides[1],
    ]
}

/// One less the correlation of luma with that of the picture before, where it was to stay.
fn residual(before: &Picture, after: &Picture, keep: &Picture) -> f64 {
    let luma = |picture: &Picture| convert(picture.view(), Format::Gray8);
    let (before, after) = (luma(before), luma(after));
    let mut sums = [0.0; 6];
    let pairs = before.pixels().iter().zip(after.pixels()).zip(keep.pixels());
    for ((b, a), _) in pairs.filter(|(_, keep)| **keep == 255) {
        let (a, b) = (f64::from(*a), f64::from(*b));
        sums.iter_mut()
            .zip([1.0, a, b, a * a, b * b, a * b])
            .for_each(|(sum, value)| *sum += value);
    }
    1.0 - sight::correlation(sums)
}

#[test]
fn moved_photographs_are_found_and_brought_back() {
    let mut dice = Dice::new(11);
    let (mut errors, mut clean, mut unsure) = (Vec::new(), 0, 0);
    for harm in [Harm::Clean, Harm::Tint, Harm::Jpeg, Harm::Noise, Harm::Soft] {
        for name in PHOTOGRAPHS {
            for (scale, shift) in [(0.02, 0.015), (0.005, 0.004), (0.06, 0.06)] {
                let scene =
                    Scene::new(name, motion(scale, shift, name, &mut dice), harm, &mut dice);
                let keep = scene.keep();
                let found = estimate(scene.before.view(), scene.after.view(), Some(keep.view()));
                clean += usize::from(harm == Harm::Clean);
                if found.confident {
                    let error = scene.error(&found);
                    assert!(error < 0.7, "{name} {harm:?} {:?} {found:?}: {error}", scene.motion);
                    errors.push(error);
                } else {
                    assert_eq!(found, Registration::IDENTITY);
                    unsure += usize::from(harm == Harm::Clean);
                }
                let applied = found.apply(scene.after.view()).unwrap();
                let [was, is] =
                    [&scene.after, &applied].map(|it| residual(&scene.before, it, &keep));
                assert!(is <= was, "{name} {harm:?} {found:?}: {was} became {is}");
            }
        }
    }
    errors.sort_by(f64::total_cmp);
    assert!(errors[errors.len() / 2] < 0.1, "{errors:?}");
    assert!(errors.len() >= 54, "{} were recognised", errors.len());
    assert!(unsure * 20 <= clean, "{unsure} of {clean}");
}

#[test]
fn without_knowing_what_stays_the_larger_part_decides() {
    let mut dice = Dice::new(5);
    for name in PHOTOGRAPHS {
        let scene = Scene::new(name, motion(0.03, 0.03, name, &mut dice), Harm::Tint, &mut dice);
        let found = estimate(scene.before.view(), scene.after.view(), None);
        assert!(found.confident && scene.error(&found) < 0.3, "{name} {found:?}");
        assert!(found.after_ncc > found.before_ncc);
    }
}

#[test]
fn what_lies_in_place_is_said_to() {
    let mut dice = Dice::new(2);
    for name in PHOTOGRAPHS {
        for harm in [Harm::Clean, Harm::Tint, Harm::Jpeg, Harm::Noise] {
            let scene = Scene::new(name, [1.0, 1.0, 0.0, 0.0], harm, &mut dice);
            let keep = scene.keep();
            let found = estimate(scene.before.view(), scene.after.view(), Some(keep.view()));
            assert!(found.is_identity() && found.confident, "{name} {harm:?} {found:?}");
            assert_eq!(found.apply(scene.after.view()).unwrap(), scene.after);
        }
        let before = photograph(name);
        let found = estimate(before.view(), before.view(), None);
        assert!(found.is_identity() && found.confident && found.before_ncc > 0.999);
    }
}

/// Three tones, and black lines along their borders: what a model makes of a photograph when it is asked for a poster.
fn poster(picture: &Picture) -> Picture {
    let gray = convert(picture.view(), Format::Gray8);
    let (width, height) = (gray.width() as usize, gray.height() as usize);
    let tone = |x: usize, y: usize| {
        i32::from(gray.pixels()[y.min(height - 1) * width + x.min(width - 1)]) / 86
    };
    let mut out = picture.clone();
    for (index, pixel) in out.pixels_mut().chunks_exact_mut(4).enumerate() {
        let (x, y) = (index % width, index / width);
        let edge = (tone(x + 2, y) - tone(x, y)).abs() + (tone(x, y + 2) - tone(x, y)).abs();
        let value = (edge * 127).min(255) as u8;
        pixel[..3].copy_from_slice(&[value, value / 2, 40]);
    }
    out
}

fn noise(size: Size, seed: u64) -> Picture {
    let mut dice = Dice::new(seed);
    let bytes =
        (0..size.area() * 4).map(|i| if i % 4 == 3 { 255 } else { dice.between(0.0, 255.9) as u8 });
    Picture::from_pixels(Format::Rgba8, size, bytes.collect()).unwrap()
}

fn flat(size: Size, value: u8) -> Picture {
    let bytes = [value, value, value, 255].repeat(size.area() as usize);
    Picture::from_pixels(Format::Rgba8, size, bytes).unwrap()
}

#[test]
fn what_shows_nothing_is_left_alone() {
    let mut dice = Dice::new(9);
    let nothing = |before: &Picture, after: &Picture, keep: Option<&Picture>, why: &str| {
        let found = estimate(before.view(), after.view(), keep.map(Picture::view));
        assert_eq!(found, Registration::IDENTITY, "{why}");
    };
    for name in PHOTOGRAPHS {
        for moved in [[1.0, 1.0, 0.0, 0.0], [1.02, 1.02, 5.0, -4.0]] {
            let scene = Scene::new(name, moved, Harm::Clean, &mut dice);
            let (before, keep) = (&scene.before, scene.keep());
            let size = before.size();
            nothing(before, &poster(&scene.after), Some(&keep), "a poster");
            nothing(before, &poster(&scene.after), None, "a poster");
            nothing(before, &noise(size, 4), Some(&keep), "noise came back");
            nothing(&noise(size, 5), &noise(size, 6), None, "two noises");
            nothing(before, &flat(size, 90), Some(&keep), "a colour came back");
            nothing(&flat(size, 91), &flat(size, 90), None, "two colours");
            let mut small = Picture::new_zeroed(Format::Gray8, size).unwrap();
            nothing(before, &scene.after, Some(&small), "nothing was to stay");
            for y in 100..115 {
                small.pixels_mut()[y * size.width as usize + 90..][..20].fill(255);
            }
            nothing(before, &scene.after, Some(&small), "300 pixels were to stay");
        }
    }
    let one = Scene::new("coffee.png", [1.0, 1.0, 3.0, 3.0], Harm::Clean, &mut dice);
    let other = Scene::new("astronaut.png", [1.0, 1.0, 3.0, 3.0], Harm::Clean, &mut dice);
    nothing(
        &one.before,
        &resample(other.before.view(), [0.0, 0.0, 400.0, 300.0], one.before.size()).unwrap(),
        None,
        "another picture",
    );
    nothing(&one.before, &other.before, None, "two sizes");
    nothing(&one.before, &one.after, Some(&other.keep()), "a mask of another size");
    for (width, height) in [(1, 1), (3, 3), (20, 5), (1, 900), (5000, 7), (1, 30_000)] {
        let size = Size::new(width, height);
        nothing(&noise(size, 1), &noise(size, 1), None, "too small");
    }
}

#[test]
fn every_format_and_stride_tells_the_same() {
    let mut dice = Dice::new(21);
    let scene = Scene::new("coffee.png", [1.012, 1.008, 4.3, -2.6], Harm::Clean, &mut dice);
    let keep = scene.keep();
    for format in Format::ALL {
        let (before, after) =
            (convert(scene.before.view(), format), convert(scene.after.view(), format));
        let found = estimate(before.view(), after.view(), Some(keep.view()));
        assert!(found.confident && scene.error(&found) < 0.1, "{format} {found:?}");
        let applied = found.apply(after.view()).unwrap();
        assert_eq!((applied.format(), applied.size()), (format, after.size()));
        let shown = convert(applied.view(), Format::Rgba8);
        assert!(residual(&scene.before, &shown, &keep) < 0.01, "{format}");

        let row = after.view().row_bytes();
        let stride = row + 13;
        let mut bytes = vec![77; stride * after.height() as usize];
        for (to, from) in bytes.chunks_exact_mut(stride).zip(after.view().rows()) {
            to[..row].copy_from_slice(from);
        }
        let strided = View::new(format, after.size(), stride, &bytes).unwrap();
        assert_eq!(estimate(before.view(), strided, Some(keep.view())), found, "{format}");
        assert_eq!(found.apply(strided).unwrap(), applied, "{format}");
        let mixed = estimate(before.view(), scene.after.view(), Some(keep.view()));
        assert!(mixed.confident && scene.error(&mixed) < 0.1, "{format} {mixed:?}");
    }
}

#[test]
fn transparent_places_are_not_trusted_and_alpha_moves_along() {
    let mut dice = Dice::new(31);
    let mut scene = Scene::new("chelsea.png", [1.0, 1.0, 3.4, 2.0], Harm::Clean, &mut dice);
    // What may have changed is transparent before, and nothing else says so.
    let mask = scene.mask.clone();
    for (pixel, mask) in scene.before.pixels_mut().chunks_exact_mut(4).zip(mask.pixels()) {
        pixel[3] = 255 - mask;
    }
    let found = estimate(scene.before.view(), scene.after.view(), None);
    assert!(found.confident && scene.error(&found) < 0.1, "{found:?}");
    for format in [Format::Rgba8, Format::Rgba16, Format::RgbaF32] {
        let before = convert(scene.before.view(), format);
        let applied = found.apply(before.view()).unwrap();
        let alpha = |picture: &Picture, x: usize, y: usize| {
            convert(picture.view(), Format::Rgba8).pixels()
                [(y * picture.width() as usize + x) * 4 + 3]
        };
        let (width, height) = (before.width() as usize, before.height() as usize);
        assert_eq!(alpha(&applied, 0, 0), 255, "{format}");
        assert_eq!(alpha(&applied, width / 2, height / 2), 0, "{format}");
    }
}

#[test]
fn a_shift_by_whole_pixels_is_undone_bit_for_bit() {
    let photograph = photograph("astronaut.png");
    let before = photograph.crop(crate::Rect::new(40, 50, 400, 380)).unwrap();
    let after = photograph.crop(crate::Rect::new(33, 54, 400, 380)).unwrap();
    let found = estimate(before.view(), after.view(), None);
    let place = [found.scale_x, found.scale_y, found.shift_x, found.shift_y];
    assert_eq!(place.map(f64::to_bits), [1.0, 1.0, 7.0, -4.0].map(f64::to_bits), "{found:?}");
    let applied = found.apply(after.view()).unwrap();
    let seen = crate::Rect::new(0, 4, 393, 376);
    assert_eq!(applied.crop(seen).unwrap(), before.crop(seen).unwrap());
}

#[test]
fn a_large_picture_is_found_on_a_smaller_copy() {
    let mut dice = Dice::new(41);
    let mut scene = Scene::new("coffee.png", [0.985, 0.99, -5.0, 3.0], Harm::Clean, &mut dice);
    let size = scene.before.size().scaled(3);
    let keep = crate::mask::resized(scene.keep().view(), size).unwrap();
    scene.before = crate::resize(scene.before.view(), size).unwrap();
    scene.after = crate::resize(scene.after.view(), size).unwrap();
    scene.motion = scene.motion.enlarged(3.0);
    assert!(size.width > 1024);
    let found = estimate(scene.before.view(), scene.after.view(), Some(keep.view()));
    assert!(found.confident && scene.error(&found) < 0.3, "{found:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn no_size_and_no_number_is_too_odd(
        width in 1_u32..90, height in 1_u32..90, seed in any::<u64>(),
        numbers in prop::collection::vec(prop_oneof![
            Just(f64::NAN), Just(f64::INFINITY), Just(-1e300), Just(0.0), -3.0..3.0, -200.0..200.0,
        ], 4),
        format in prop::sample::select(Format::ALL.to_vec()),
    ) {
        let size = Size::new(width, height);
        let picture = convert(noise(size, seed).view(), format);
        let found = estimate(picture.view(), picture.view(), None);
        prop_assert!(found.is_identity(), "{:?}", found);
        let registration = Registration {
            scale_x: numbers[0], scale_y: numbers[1], shift_x: numbers[2], shift_y: numbers[3],
            ..Registration::IDENTITY
        };
        let applied = registration.apply(picture.view()).unwrap();
        prop_assert_eq!((applied.size(), applied.format()), (size, format));
    }
}
