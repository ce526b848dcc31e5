//! How a picture is cut for a network: tiles of at most a given side, as small as their number allows,
//! so that no work is done twice without need. The cutting and joining itself is `easel_pixels::tiles`.

use easel_pixels::Size;
use easel_pixels::tiles::{Tile, plan};

/// Tiles of at most `most` pixels a side that share `overlap`, sides a multiple of `multiple`, all of
/// one shape. A picture that fits is one tile.
pub(crate) fn cut(size: Size, most: u32, overlap: u32, multiple: u32) -> Vec<Tile> {
    let side = side(size.width, most, overlap).max(side(size.height, most, overlap));
    plan(size, side.next_multiple_of(multiple).min(most), overlap, multiple)
}

/// The shortest tiles that cover `length` in as few pieces as the longest would.
fn side(length: u32, most: u32, overlap: u32) -> u32 {
    if length <= most {
        return length;
    }
    let count = (length - overlap).div_ceil(most - overlap);
    (length + (count - 1) * overlap).div_ceil(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn as_few_tiles_as_the_longest_would_need(width in 1_u32..3000, height in 1_u32..3000) {
            let size = Size::new(width, height);
            let tiles = cut(size, 160, 24, 4);
            let most = plan(size, 160, 24, 4);
            prop_assert!(tiles.len() <= most.len());
            let area = |tiles: &[Tile]| tiles.iter().map(|tile| tile.rect.area()).sum::<u64>();
            prop_assert!(area(&tiles) <= area(&most));
            for tile in &tiles {
                prop_assert!(tile.rect.size().long_side() <= 160);
            }
        }
    }

    #[test]
    fn a_little_too_large_is_not_twice_the_work() {
        let tiles = cut(Size::new(200, 180), 160, 24, 1);
        assert_eq!(tiles.len(), 4);
        assert_eq!(tiles[0].rect.size(), Size::new(112, 112));
        assert_eq!(cut(Size::new(160, 40), 160, 24, 1).len(), 1);
    }
}
