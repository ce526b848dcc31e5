//! A cheap token that one thread holds while it waits and another uses to say "stop". It wakes the
//! waiting thread at once instead of being polled. It knows nothing of what is being stopped.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

type Waker = Arc<dyn Fn() + Send + Sync>;

/// A request to stop, shared by all its clones; once made it cannot be taken back.
#[derive(Clone, Default)]
pub struct Cancel(Arc<Inner>);

#[derive(Default)]
struct Inner {
    cancelled: AtomicBool,
    next: AtomicU64,
    wakers: Mutex<Vec<(u64, Waker)>>,
}

impl Inner {
    fn wakers(&self) -> MutexGuard<'_, Vec<(u64, Waker)>> {
        self.wakers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cancel {
    /// A token that nobody has cancelled yet.
    pub fn new() -> Self {
        Cancel::default()
    }

    /// Asks to stop and wakes whoever waits. More than once is the same as once.
    pub fn cancel(&self) {
        self.0.cancelled.store(true, Ordering::SeqCst);
        // Called outside the lock: a waker may drop its registration.
        let wakers: Vec<Waker> = self.0.wakers().iter().map(|(_, waker)| waker.clone()).collect();
        for waker in wakers {
            waker();
        }
    }

    /// Whether somebody asked to stop.
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::SeqCst)
    }

    /// Calls `waker` when the token is cancelled, at once where it already is, until the
    /// registration is dropped. A waker must be quick and may run on any thread.
    pub fn on_cancel(&self, waker: impl Fn() + Send + Sync + 'static) -> Registration {
        let number = self.0.next.fetch_add(1, Ordering::Relaxed);
        let waker: Waker = Arc::new(waker);
        self.0.wakers().push((number, waker.clone()));
        // Either `cancel` sees the waker in the list, or this sees the flag; perhaps both.
        if self.is_cancelled() {
            waker();
        }
        Registration { cancel: self.clone(), number }
    }
}

impl fmt::Debug for Cancel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Cancel").field(&self.is_cancelled()).finish()
    }
}

/// Keeps a waker registered for as long as it lives.
#[derive(Debug)]
#[must_use = "the waker is forgotten when the registration is dropped"]
pub struct Registration {
    cancel: Cancel,
    number: u64,
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.cancel.0.wakers().retain(|(number, _)| *number != self.number);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use super::*;

    #[test]
    fn a_waker_is_called_while_it_is_registered() {
        let cancel = Cancel::new();
        let calls = Arc::new(AtomicU32::new(0));
        let count = |calls: &Arc<AtomicU32>| {
            let calls = calls.clone();
            move || {
                calls.fetch_add(1, Ordering::SeqCst);
            }
        };
        let kept = cancel.on_cancel(count(&calls));
        drop(cancel.on_cancel(count(&calls)));
        assert!(!cancel.is_cancelled());
        cancel.clone().cancel();
        assert!(cancel.is_cancelled());
        assert_eq!(calls.load(Ordering::SeqCst), 1);
        drop(kept);
        let _late = cancel.on_cancel(count(&calls));
        assert_eq!(calls.load(Ordering::SeqCst), 2, "a late waker is called at once");
    }
}
