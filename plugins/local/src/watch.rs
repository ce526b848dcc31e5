//! How a long computation is watched: asked to stop, and heard of. The networks know this trait
//! only, so that they run the same under a job, in an example and in a test.

use easel_backend::{Job, Result};

/// Somebody who waits for a result.
pub trait Watch {
    /// `Err` of kind `Cancelled` once nobody waits any more. Asked at least about once a second.
    fn keep_going(&self) -> Result<()>;

    /// How far it is, in 0..=1 of all work, and what is being done.
    fn progress(&self, fraction: f64, message: &str);
}

impl Watch for Job<'_> {
    fn keep_going(&self) -> Result<()> {
        Job::keep_going(self)
    }

    fn progress(&self, fraction: f64, message: &str) {
        Job::progress(self, fraction, message);
    }
}

/// Waits to the end and wants to hear nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quiet;

impl Watch for Quiet {
    fn keep_going(&self) -> Result<()> {
        Ok(())
    }

    fn progress(&self, _fraction: f64, _message: &str) {}
}

/// A share of the work, with its place on the whole scale.
#[derive(Clone, Copy)]
pub struct Part<'a> {
    watch: &'a dyn Watch,
    message: &'a str,
    start: f64,
    length: f64,
}

impl<'a> Part<'a> {
    /// All of the work.
    pub fn whole(watch: &'a dyn Watch, message: &'a str) -> Self {
        Part { watch, message, start: 0.0, length: 1.0 }
    }

    /// From `start` to `end` of this part, both in 0..=1.
    #[must_use]
    pub fn part(self, start: f64, end: f64) -> Self {
        let length = self.length * (end - start).max(0.0);
        Part { start: self.start + self.length * start, length, ..self }
    }

    /// Step `index` of `count` equal ones.
    #[must_use]
    pub fn step(self, index: usize, count: usize) -> Self {
        let count = count.max(1) as f64;
        self.part(index as f64 / count, (index + 1) as f64 / count)
    }

    /// The same part under another message.
    #[must_use]
    pub fn saying(self, message: &'a str) -> Self {
        Part { message, ..self }
    }

    /// Says how far this part is, and asks whether to go on.
    pub fn at(&self, fraction: f64) -> Result<()> {
        self.watch.progress(self.start + self.length * fraction.clamp(0.0, 1.0), self.message);
        self.watch.keep_going()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    struct Heard(RefCell<Vec<f64>>);

    impl Watch for Heard {
        fn keep_going(&self) -> Result<()> {
            Ok(())
        }

        fn progress(&self, fraction: f64, _message: &str) {
            self.0.borrow_mut().push(fraction);
        }
    }

    #[test]
    fn parts_of_parts_land_on_the_whole_scale() {
        let heard = Heard(RefCell::default());
        let half = Part::whole(&heard, "").part(0.5, 1.0);
        for index in 0..4 {
            half.step(index, 4).at(1.0).unwrap();
        }
        half.step(3, 4).part(0.0, 0.5).at(0.0).unwrap();
        assert_eq!(*heard.0.borrow(), [0.625, 0.75, 0.875, 1.0, 0.875]);
    }
}
