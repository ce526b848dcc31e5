//! Between pictures of 8 bits and the planes of floats that networks read: red, green and blue after
//! one another, each 0 to 1 as coded in sRGB. Padding is by reflection, also where a picture is
//! smaller than its padding. Alpha is not looked at.

use easel_backend::{Error, Result};
use easel_pixels::{Format, Picture, Size, View};
use rten_tensor::Tensor;
use rten_tensor::prelude::*;

/// Red, green and blue, one plane after the other, rows from top to bottom.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Planes {
    pub(crate) size: Size,
    pub(crate) values: Vec<f32>,
}

/// An error of a layout as one of the backend: the picture is what it is.
pub(crate) fn layout(error: impl std::fmt::Display) -> Error {
    Error::failed(format!("the picture does not fit: {error}"))
}

/// Sides of a network's input: multiples of `multiple`, no shorter than `shortest`.
pub(crate) fn padded(size: Size, multiple: u32, shortest: u32) -> Size {
    let side = |length: u32| length.max(shortest).div_ceil(multiple) * multiple;
    Size::new(side(size.width), side(size.height))
}

/// Where pixel `index` of an endlessly reflected row of `length` pixels is.
pub(crate) fn reflect(index: u32, length: u32) -> usize {
    if length <= 1 {
        return 0;
    }
    let period = 2 * (u64::from(length) - 1);
    let place = u64::from(index) % period;
    place.min(period - place) as usize
}

impl Planes {
    /// The planes of an `rgba8` view, padded to `size` at the right and at the bottom.
    pub(crate) fn of(view: View<'_>, size: Size) -> Result<Self> {
        view.expect_format(Format::Rgba8).map_err(layout)?;
        let columns: Vec<usize> = (0..size.width).map(|x| reflect(x, view.width()) * 4).collect();
        let area = size.area() as usize;
        let mut values = vec![0.0; area * 3];
        let (red, rest) = values.split_at_mut(area);
        let (green, blue) = rest.split_at_mut(area);
        let width = size.width as usize;
        let rows = red
            .chunks_exact_mut(width)
            .zip(green.chunks_exact_mut(width))
            .zip(blue.chunks_exact_mut(width));
        for (y, ((red, green), blue)) in (0..size.height).zip(rows) {
            let row = view.row(reflect(y, view.height()) as u32);
            for (x, &at) in columns.iter().enumerate() {
                red[x] = f32::from(row[at]) / 255.0;
                green[x] = f32::from(row[at + 1]) / 255.0;
                blue[x] = f32::from(row[at + 2]) / 255.0;
            }
        }
        Ok(Planes { size, values })
    }

    /// What a network gave: `1 x 3 x height x width`.
    pub(crate) fn from_tensor(tensor: &Tensor) -> Result<Self> {
        match *tensor.shape() {
            [1, 3, height, width] => {
                Ok(Planes { size: Size::new(width as u32, height as u32), values: tensor.to_vec() })
            }
            _ => Err(Error::failed(format!("a network gave the shape {:?}", tensor.shape()))),
        }
    }

    /// What a network takes: `1 x 3 x height x width`.
    pub(crate) fn into_tensor(self) -> Tensor {
        let shape = [1, 3, self.size.height as usize, self.size.width as usize];
        Tensor::from_data(&shape, self.values)
    }

    /// One of the three planes.
    pub(crate) fn plane(&self, channel: usize) -> &[f32] {
        let area = self.size.area() as usize;
        &self.values[channel * area..][..area]
    }

    /// The upper left part.
    pub(crate) fn cropped(self, size: Size) -> Self {
        if self.size == size {
            return self;
        }
        let (full, width) = (self.size.width as usize, size.width as usize);
        let mut values = Vec::with_capacity(size.area() as usize * 3);
        for channel in 0..3 {
            for row in self.plane(channel).chunks_exact(full).take(size.height as usize) {
                values.extend_from_slice(&row[..width]);
            }
        }
        Planes { size, values }
    }

    /// The mean over squares of `factor` pixels; the sides are multiples of it.
    pub(crate) fn reduced(self, factor: u32) -> Self {
        if factor <= 1 {
            return self;
        }
        let size = Size::new(self.size.width / factor, self.size.height / factor);
        let (full, width, step) = (self.size.width as usize, size.width as usize, factor as usize);
        let share = 1.0 / (factor * factor) as f32;
        let mut values = Vec::with_capacity(size.area() as usize * 3);
        for channel in 0..3 {
            for rows in self.plane(channel).chunks_exact(full * step) {
                let start = values.len();
                values.resize(start + width, 0.0);
                for row in rows.chunks_exact(full) {
                    for (sum, square) in values[start..].iter_mut().zip(row.chunks_exact(step)) {
                        *sum += square.iter().sum::<f32>() * share;
                    }
                }
            }
        }
        Planes { size, values }
    }

    /// An opaque `rgba8` picture, values rounded and clamped.
    pub(crate) fn to_picture(&self) -> Result<Picture> {
        let mut picture = Picture::new_zeroed(Format::Rgba8, self.size).map_err(layout)?;
        let pixels = picture.pixels_mut().chunks_exact_mut(4);
        let colours = self.plane(0).iter().zip(self.plane(1)).zip(self.plane(2));
        for (pixel, ((red, green), blue)) in pixels.zip(colours) {
            pixel.copy_from_slice(&[byte(*red), byte(*green), byte(*blue), 255]);
        }
        Ok(picture)
    }
}

/// 0..=1 as a byte; what is no number becomes 0.
pub(crate) fn byte(value: f32) -> u8 {
    (value * 255.0 + 0.5) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn planes_and_back_is_the_same_picture(width in 1_u32..40, height in 1_u32..40, seed in any::<u8>()) {
            let size = Size::new(width, height);
            let bytes = (0..size.area() * 4).map(|i| if i % 4 == 3 { 255 } else { (i * 31 + u64::from(seed)) as u8 });
            let picture = Picture::from_pixels(Format::Rgba8, size, bytes.collect()).unwrap();
            let planes = Planes::of(picture.view(), padded(size, 4, 32)).unwrap();
            prop_assert!(planes.size.width.is_multiple_of(4) && planes.size.height >= 32);
            let back = Planes::from_tensor(&planes.into_tensor()).unwrap().cropped(size).to_picture().unwrap();
            prop_assert_eq!(back.pixels(), picture.pixels());
        }

        #[test]
        fn reflection_goes_back_and_forth(length in 1_u32..50, index in 0_u32..500) {
            let place = reflect(index, length);
            prop_assert!(place < length as usize);
            let next = reflect(index + 1, length);
            prop_assert!(place.abs_diff(next) == usize::from(length > 1));
        }
    }

    #[test]
    fn reducing_takes_the_mean() {
        let values = [0.0, 1.0, 0.5, 0.5, 1.0, 0.0, 0.5, 0.5].repeat(3);
        let planes = Planes { size: Size::new(4, 2), values };
        let reduced = planes.reduced(2);
        assert_eq!((reduced.size, reduced.values), (Size::new(2, 1), vec![0.5; 6]));
    }
}
