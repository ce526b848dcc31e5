//! The host's side of a run's outputs: who gets which memory, and how to take it back from a process
//! that nobody trusts. Pure bookkeeping over `shared`; it sends nothing.
//!
//! There are two ways. Normally an output is fresh memory that is sealed once the worker is done
//! and then used as it is, without any copy; but sealed memory can never be used again, and finding
//! fresh pages costs the kernel many times what copying them would. So a worker that ran a moment
//! ago paints into memory it had before, and the result is copied out of it, into memory that
//! had a picture before too: at 4096x4096 that is a third of the time.

use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use easel_protocol::picture::PixelFormat;

use super::buffers::{BufferPool, Memory};
use super::error::ImageError;
use super::image::{Shape, SharedImage, place_at_end};
use super::shared;

/// Two runs closer than this are a series.
const SERIES: Duration = Duration::from_secs(10);
/// How much memory a worker's series may hold on to.
const KEPT_BYTES: usize = 256 << 20;

/// The output memory of one worker.
#[derive(Debug, Default)]
pub(super) struct OutputMemory {
    // What the worker painted into before, not in use now.
    warm: Vec<(OwnedFd, usize)>,
    last_run: Option<Instant>,
    series: bool,
}

/// One output in the making.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) file: OwnedFd,
    pub(super) shape: Shape,
    /// The bytes of the memory, whole pages.
    pub(super) capacity: usize,
    /// The memory was used before and holds an earlier picture.
    pub(super) dirty: bool,
    /// The memory is to be used again, so it is not sealed but copied.
    again: bool,
}

/// Whether a worker kept to the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manners {
    Kept,
    /// It still has an output mapped that it said it had let go.
    Broken,
}

impl OutputMemory {
    /// A run begins.
    pub(super) fn begin(&mut self, now: Instant) {
        self.series =
            self.last_run.is_some_and(|last| now.saturating_duration_since(last) < SERIES);
    }

    /// A run has ended.
    pub(super) fn end(&mut self, now: Instant) {
        self.last_run = Some(now);
    }

    /// Memory for a picture. `preview`: it is used once and small, so it is never kept.
    pub(super) fn grant(
        &mut self,
        format: PixelFormat,
        width: u32,
        height: u32,
        preview: bool,
    ) -> Result<Pending, ImageError> {
        let shape = Shape::tight(format, width, height);
        let (extent, _) = shape.check()?;
        let fail = |source| ImageError::Memory { bytes: extent as u64, source };
        let again = self.series && !preview && extent <= KEPT_BYTES;
        let most = extent.saturating_mul(2).saturating_add(1 << 16);
        let fits = |(_, capacity): &(OwnedFd, usize)| (extent..=most).contains(capacity);
        let kept = if again { self.warm.iter().position(fits) } else { None };
        let (offset, capacity) = place_at_end(extent, kept.map_or(0, |index| self.warm[index].1))
            .ok_or_else(|| {
            ImageError::Shape(format!("{width}x{height} is too large for this machine"))
        })?;
        let shape = Shape { offset: offset as u64, ..shape };
        let (file, dirty) = match kept {
            Some(index) => (self.warm.swap_remove(index).0, true),
            None => (shared::create(capacity).map_err(fail)?, false),
        };
        Ok(Pending { file, shape, capacity, dirty, again })
    }

    /// The picture that the worker painted, out of its reach.
    pub(super) fn collect(
        &mut self,
        pending: Pending,
        buffers: &BufferPool,
    ) -> Result<(SharedImage, Manners), ImageError> {
        if pending.again {
            let image = copy(&pending, buffers)?;
            self.keep(pending);
            return Ok((image, Manners::Kept));
        }
        if shared::seal_writing(&pending.file).is_ok() {
            let memory = Memory::of_file(pending.file, pending.capacity)?;
            return Ok((SharedImage::of_memory(pending.shape, memory)?, Manners::Kept));
        }
        let manners = if shared::HAS_SEALS { Manners::Broken } else { Manners::Kept };
        Ok((copy(&pending, buffers)?, manners))
    }

    /// Takes back what is not wanted after all.
    pub(super) fn discard(&mut self, pending: Pending) {
        if pending.again {
            self.keep(pending);
        }
    }

    fn keep(&mut self, pending: Pending) {
        self.warm.push((pending.file, pending.capacity));
        let mut bytes: usize = self.warm.iter().map(|(_, capacity)| capacity).sum();
        while bytes > KEPT_BYTES {
            bytes -= self.warm.remove(0).1;
        }
    }

    /// Gives memory back to the system where the series has ended.
    pub(super) fn trim(&mut self, now: Instant, idle: Duration) {
        if self.last_run.is_none_or(|last| now.saturating_duration_since(last) >= idle) {
            self.warm.clear();
        }
    }
}

fn copy(pending: &Pending, buffers: &BufferPool) -> Result<SharedImage, ImageError> {
    let Shape { format, width, height, offset, .. } = pending.shape;
    let mut image = SharedImage::new_in(buffers, format, width, height)?;
    let target = image.bytes_mut()?;
    let bytes = target.len() as u64;
    shared::read_at(&pending.file, target, offset)
        .map_err(|source| ImageError::Memory { bytes, source })?;
    Ok(image)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worker::shared::Mapping;

    fn paint(pending: &Pending, value: u8) -> Mapping {
        let mut mapping = Mapping::writable(&pending.file, 0, pending.capacity, false).unwrap();
        let extent = pending.shape.check().unwrap().0;
        let start = pending.shape.offset as usize;
        mapping.bytes_mut().unwrap()[start..start + extent].fill(value);
        mapping
    }

    #[test]
    fn a_single_run_is_sealed_and_a_series_uses_its_memory_again() {
        let mut outputs = OutputMemory::default();
        let buffers = BufferPool::new();
        let mut now = Instant::now();
        for round in 0..4_u8 {
            outputs.begin(now);
            let pending = outputs.grant(PixelFormat::Rgba8, 30, 20, false).unwrap();
            assert_eq!(pending.dirty, round >= 2, "round {round}");
            drop(paint(&pending, round));
            let (mut image, manners) = outputs.collect(pending, &buffers).unwrap();
            assert!(image.bytes().iter().all(|byte| *byte == round));
            assert_eq!(image.bytes().len(), 30 * 20 * 4);
            assert_eq!(image.bytes_mut().is_ok(), round >= 1, "only a copy can be written");
            assert_eq!(manners, Manners::Kept);
            outputs.end(now);
            now += Duration::from_secs(3);
        }
        outputs.trim(now, Duration::from_mins(1));
        assert_eq!(outputs.warm.len(), 1);
        outputs.trim(now + SERIES, Duration::from_secs(5));
        assert!(outputs.warm.is_empty());
        outputs.begin(now + SERIES);
        assert!(!outputs.series);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_kept_mapping_is_found_out_and_can_no_longer_change_the_picture() {
        let mut outputs = OutputMemory::default();
        outputs.begin(Instant::now());
        let pending = outputs.grant(PixelFormat::Gray8, 100, 100, false).unwrap();
        let mut kept = paint(&pending, 5);
        let (image, manners) = outputs.collect(pending, &BufferPool::new()).unwrap();
        assert_eq!(manners, Manners::Broken);
        kept.bytes_mut().unwrap().fill(6);
        assert!(image.bytes().iter().all(|byte| *byte == 5));
    }

    #[test]
    fn impossible_pictures_are_errors() {
        let mut outputs = OutputMemory::default();
        for (width, height) in [(0, 1), (1, 0), (u32::MAX, 1), (u32::MAX, u32::MAX)] {
            assert!(outputs.grant(PixelFormat::Rgba8, width, height, false).is_err());
        }
    }
}
