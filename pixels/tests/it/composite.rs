//! The promise of the mask, over all formats, sizes and strides: what is outside keeps every bit, and bytes that are
//! no pixels are never written.

use easel_pixels::mask::feather;
use easel_pixels::{Format, Rect, Size, View, ViewMut, composite, measure};
use proptest::prelude::*;

use crate::make::{noise, opaque};

const CANARY: u8 = 0xc5;

/// The rows of a picture at a stride, canaries between them and at the end.
fn strided(rows: &[u8], row: usize, gap: usize) -> Vec<u8> {
    rows.chunks(row).flat_map(|row| [row, &vec![CANARY; gap]].concat()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn outside_the_mask_every_bit_is_the_sources(
        width in 1_u32..90, height in 1_u32..30, seed in any::<u64>(), solid in any::<bool>(), gaps in prop::array::uniform4(0_usize..11),
        format in prop::sample::select(Format::ALL.to_vec()),
        runs in prop::collection::vec((prop::sample::select(vec![0_u8, 255, 0, 255, 1, 128, 254]), 1_usize..70), 1..60),
        radius in 0_u32..12,
    ) {
        let size = Size::new(width, height);
        let (mut source, mut result) = (noise(format, size, seed), noise(format, size, !seed));
        if solid {
            (source, result) = (opaque(source), opaque(result));
        }
        let values = runs.iter().flat_map(|(value, length)| std::iter::repeat_n(*value, *length)).cycle();
        let hard: Vec<u8> = values.take(size.area() as usize).collect();
        let soft = feather(View::tight(Format::Gray8, size, &hard).unwrap(), radius);
        let pixel = format.bytes_per_pixel();
        let row = width as usize * pixel;

        let source_bytes = strided(source.pixels(), row, gaps[0]);
        let result_bytes = strided(result.pixels(), row, gaps[1]);
        let mask_bytes = strided(soft.pixels(), width as usize, gaps[2]);
        let mut out_bytes = vec![CANARY; (row + gaps[3]) * height as usize];
        composite(
            View::new(format, size, row + gaps[0], &source_bytes).unwrap(),
            View::new(format, size, row + gaps[1], &result_bytes).unwrap(),
            View::new(Format::Gray8, size, width as usize + gaps[2], &mask_bytes).unwrap(),
            &mut ViewMut::new(format, size, row + gaps[3], &mut out_bytes).unwrap(),
        ).unwrap();

        for (y, line) in out_bytes.chunks(row + gaps[3]).enumerate() {
            prop_assert!(line[row..].iter().all(|byte| *byte == CANARY), "a gap was written");
            for x in 0..width as usize {
                let index = y * width as usize + x;
                let bytes = index * pixel..(index + 1) * pixel;
                let found = &line[x * pixel..(x + 1) * pixel];
                let (old, new) = (&source.pixels()[bytes.clone()], &result.pixels()[bytes]);
                match soft.pixels()[index] {
                    0 => prop_assert_eq!(found, old),
                    255 => prop_assert_eq!(found, new),
                    _ if format.bytes_per_sample() == 1 => {
                        for ((found, old), new) in found.iter().zip(old).zip(new) {
                            prop_assert!((old.min(new)..=old.max(new)).contains(&found), "{} {} {}", found, old, new);
                        }
                    }
                    _ => {}
                }
            }
        }
        let joined = View::new(format, size, row + gaps[3], &out_bytes).unwrap();
        let outside = View::tight(Format::Gray8, size, &hard).unwrap();
        prop_assert_eq!(measure(source.view(), joined, Some(outside)).unwrap().changed_outside, 0);
    }

    #[test]
    fn where_both_agree_the_mask_does_not_matter(
        width in 1_u32..50, seed in any::<u64>(), mask in prop::collection::vec(any::<u8>(), 50),
        format in prop::sample::select(Format::ALL.to_vec()),
    ) {
        let size = Size::new(width, 1);
        let picture = noise(format, size, seed);
        let mut out = easel_pixels::Picture::new_zeroed(format, size).unwrap();
        let mask = View::tight(Format::Gray8, size, &mask).unwrap();
        composite(picture.view(), picture.view(), mask, &mut out.view_mut()).unwrap();
        prop_assert_eq!(out.pixels(), picture.pixels());
    }

    #[test]
    fn a_crop_written_back_touches_nothing_else(
        width in 2_u32..40, height in 2_u32..40, x in 0_u32..38, y in 0_u32..38, seed in any::<u64>(),
        format in prop::sample::select(Format::ALL.to_vec()),
    ) {
        let size = Size::new(width, height);
        let (source, patch) = (noise(format, size, seed), noise(format, size, !seed));
        let rect = Rect::new(x.min(width - 1), y.min(height - 1), width / 2, height / 2).intersect(Rect::of(size)).unwrap();
        let mut out = source.clone();
        out.view_mut().crop_mut(rect).unwrap().copy_from(patch.view().crop(rect).unwrap()).unwrap();
        let mut mask = easel_pixels::Picture::new_zeroed(Format::Gray8, size).unwrap();
        for row in mask.view_mut().crop_mut(rect).unwrap().rows_mut() {
            row.fill(255);
        }
        prop_assert_eq!(measure(source.view(), out.view(), Some(mask.view())).unwrap().changed_outside, 0);
        prop_assert_eq!(easel_pixels::mask::bounds(mask.view()), Some(rect));
        let cropped = out.crop(rect).unwrap();
        let expected = patch.crop(rect).unwrap();
        prop_assert_eq!(cropped.pixels(), expected.pixels());
    }
}
