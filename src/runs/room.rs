//! Room in memory: many small pictures at once, or one that is large.

use std::sync::{Condvar, Mutex, PoisonError};

/// So many bytes of pictures may lie in memory at once.
const BYTES: u64 = 1 << 30;

/// Bounds how many bytes of pictures lie in memory.
#[derive(Debug, Default)]
pub struct Room {
    taken: Mutex<u64>,
    freed: Condvar,
}

/// Room that was taken, given back when this goes.
#[derive(Debug)]
pub struct Held<'a> {
    room: &'a Room,
    bytes: u64,
}

impl Room {
    /// Waits until there is room. Whatever is larger than all of it waits until nothing else is there.
    pub fn take(&self, bytes: u64) -> Held<'_> {
        let bytes = bytes.min(BYTES);
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken = self
            .freed
            .wait_while(taken, |taken| *taken + bytes > BYTES)
            .unwrap_or_else(PoisonError::into_inner);
        *taken += bytes;
        Held { room: self, bytes }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        *self.room.taken.lock().unwrap_or_else(PoisonError::into_inner) -= self.bytes;
        self.room.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_larger_than_all_waits_for_the_rest_and_then_gets_it() {
        let room = Room::default();
        let small = room.take(BYTES / 2);
        std::thread::scope(|scope| {
            let large = scope.spawn(|| drop(room.take(u64::MAX)));
            drop(room.take(1));
            assert!(!large.is_finished());
            drop(small);
            large.join().unwrap();
        });
        assert_eq!(*room.taken.lock().unwrap(), 0);
    }
}
