//! How long the heavy parts of the pipeline take on a picture of 4096x4096, next to copying it once.
//!
//! Run with `cargo run --release -p easel-pixels --example speed`. Prints the best of three; no test, no threshold.
#![expect(clippy::print_stdout, reason = "it is a program that prints")]

use std::hint::black_box;
use std::time::Instant;

use easel_pixels::blur::gaussian_blur;
use easel_pixels::colour::{from_srgb, to_srgb};
use easel_pixels::mask::feather;
use easel_pixels::tiles::{Blender, plan};
use easel_pixels::{
    Encoding, Fit, Format, Limits, Matte, Orientation, Picture, Size, SizeRules, composite,
    convert, decode, encode, flatten, guided_filter, measure, resize, swizzle_bgra8_in_place,
};

const SIDE: u32 = 4096;

fn best<T>(name: &str, copy: f64, mut work: impl FnMut() -> T) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..3 {
        let start = Instant::now();
        black_box(work());
        best = best.min(start.elapsed().as_secs_f64() * 1e3);
    }
    let ratio = if copy > 0.0 { format!("{:7.1}x", best / copy) } else { String::new() };
    println!("{name:<44} {best:9.1} ms {ratio}");
    best
}

/// A picture with slopes, edges and some noise: neither flat nor random.
fn picture(size: Size) -> Picture {
    let mut noise = 1_u32;
    let pixels = (0..size.height).flat_map(|y| {
        (0..size.width).flat_map(move |x| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let edge = if (x / 97 + y / 61) % 3 == 0 { 60 } else { 0 };
            let grain = (noise >> 29) as u8;
            [(x >> 5) as u8 + grain, (y >> 5) as u8 + edge, 200 - edge + grain, 255]
        })
    });
    Picture::from_pixels(Format::Rgba8, size, pixels.collect()).expect("the size is right")
}

fn disc(size: Size) -> Picture {
    let (centre, radius) = (f64::from(size.width) / 2.0, f64::from(size.width) / 3.0);
    let values = (0..size.height).flat_map(|y| {
        (0..size.width).map(move |x| {
            if (f64::from(x) - centre).hypot(f64::from(y) - centre) < radius { 255 } else { 0 }
        })
    });
    Picture::from_pixels(Format::Gray8, size, values.collect()).expect("the size is right")
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let size = Size::new(SIDE, SIDE);
    let source = picture(size);
    let result = convert(resize(source.view(), size)?.view(), Format::Rgba8);
    let mask = disc(size);
    let mut out = source.clone();
    println!("{size}, rgba8 ({} MiB)", source.pixels().len() >> 20);
    let copy =
        best("copy into memory in use", 0.0, || out.pixels_mut().copy_from_slice(source.pixels()));
    best("copy into new memory", copy, || source.clone());
    best("swizzle bgra8 in place", copy, || swizzle_bgra8_in_place(out.pixels_mut()));

    let deep = convert(source.view(), Format::Rgba16);
    let light = convert(source.view(), Format::RgbaF32);
    best("convert rgba8 to gray8", copy, || convert(source.view(), Format::Gray8));
    best("convert rgba8 to rgba16", copy, || convert(source.view(), Format::Rgba16));
    best("convert rgba16 to rgba8", copy, || convert(deep.view(), Format::Rgba8));
    best("convert rgba8 to rgbaf32", copy, || convert(source.view(), Format::RgbaF32));
    best("convert rgbaf32 to rgba8", copy, || convert(light.view(), Format::Rgba8));
    drop((deep, light));

    best("feather 32", copy, || feather(mask.view(), 32));
    let soft = feather(mask.view(), 32);
    best("composite, hard mask", copy, || {
        composite(source.view(), result.view(), mask.view(), &mut out.view_mut())
    });
    best("composite, feathered mask", copy, || {
        composite(source.view(), result.view(), soft.view(), &mut out.view_mut())
    });
    let half = Picture::from_pixels(Format::Gray8, size, vec![77; size.area() as usize])?;
    best("composite, half everywhere", copy, || {
        composite(source.view(), result.view(), half.view(), &mut out.view_mut())
    });

    let rules = SizeRules { multiple_of: 64, max_side: 1536, ..SizeRules::default() };
    let fit = Fit::plan(size, &rules)?;
    best("fit to 1536", copy, || fit.apply(source.view()));
    let sent = fit.apply(source.view())?;
    best("fit undone", copy, || fit.undo(sent.view(), size));
    let mut glass = source.clone();
    glass.pixels_mut()[3] = 0;
    best("fit to 1536, with transparency", copy, || fit.apply(glass.view()));
    best("flatten over the mean", copy, || flatten(glass.view(), Matte::Mean));

    let tiles = plan(size, 512, 32, 16);
    best("blend tiles of 512, overlap 32", copy, || {
        let mut blender = Blender::new(size, &tiles, 1).expect("a plan");
        for tile in &tiles {
            let tile_pixels = source.view().crop(tile.rect).expect("inside");
            blender.blend(&mut out.view_mut(), tile.index, tile_pixels).expect("in order");
        }
    });
    best("turn by a quarter", copy, || Orientation::Rotate90.apply(source.clone()));
    best("gaussian blur 20, gray8", copy, || gaussian_blur(mask.view(), 20.0));
    best("gaussian blur 20, rgba8", copy, || gaussian_blur(source.view(), 20.0));
    best("guided filter 32", copy, || guided_filter(source.view(), mask.view(), 32, 1e-4));
    best("measure", copy, || measure(source.view(), result.view(), Some(mask.view())));

    let display = moxcms::ColorProfile::new_display_p3().encode()?.into();
    let own = from_srgb(&source, &display)?;
    best("sRGB to Display P3, rgba8", copy, || from_srgb(&source, &display));
    best("Display P3 to sRGB, rgba8", copy, || to_srgb(&own));

    for encoding in
        [Encoding::Png, Encoding::Jpeg { quality: 90 }, Encoding::WebpLossless, Encoding::Tiff]
    {
        let file = encode(source.view(), None, encoding)?;
        best(&format!("encode {} ({} KiB)", encoding.kind(), file.len() >> 10), copy, || {
            encode(source.view(), None, encoding)
        });
        best(&format!("decode {}", encoding.kind()), copy, || decode(&file, &Limits::default()));
    }
    Ok(())
}
