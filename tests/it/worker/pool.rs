//! The pool: warm workers, their number, their end, and what crashes cost a backend.

use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use easel::worker::{
    Backend, Cancel, CheckoutError, HealthState, Pool, PoolSettings, RunError, WorkerError,
};
use easel_protocol::picture::PixelFormat;

use super::fixture::{Fixture, Memory, inverted, picture, with};

fn backend(fixture: &Fixture, max_instances: u32) -> Backend {
    Backend { id: fixture.name.clone(), launch: fixture.launch(), max_instances }
}

/// A pool, and the clock that the test moves.
fn pool() -> (Pool, Arc<Mutex<Instant>>) {
    let now = Arc::new(Mutex::new(Instant::now()));
    let clock = now.clone();
    (Pool::with_clock(PoolSettings::default(), Arc::new(move || *clock.lock().unwrap())), now)
}

#[test]
fn a_worker_is_kept_warm_and_ended_when_idle() {
    let good = Fixture::new("good");
    let (pool, now) = pool();
    let backend = backend(&good, 1);
    let run = good.run(picture(PixelFormat::Rgba8, 5, 5));
    let mut processes = Vec::new();
    for _ in 0..3 {
        let mut lease = pool.checkout(&backend, &Cancel::new()).unwrap();
        assert_eq!(lease.descriptor().unwrap().id, "good");
        let outputs = lease.run(&run, &mut (), &Cancel::new()).unwrap();
        assert_eq!(outputs[0].bytes(), inverted(&run.source));
        processes.push(lease.process_id());
        assert_eq!(pool.worker_count(), (0, 1));
        drop(lease);
        assert_eq!(pool.worker_count(), (1, 0));
        *now.lock().unwrap() += Duration::from_secs(119);
        assert_eq!(pool.reap(), 0);
    }
    assert!(processes.windows(2).all(|pair| pair[0] == pair[1]));
    *now.lock().unwrap() += Duration::from_secs(1);
    assert_eq!(pool.reap(), 1);
    assert_eq!(pool.worker_count(), (0, 0));
    let lease = pool.checkout(&backend, &Cancel::new()).unwrap();
    assert_ne!(lease.process_id(), processes[0]);
}

#[test]
fn a_backend_started_otherwise_gets_a_new_worker() {
    let good = Fixture::new("good");
    let (pool, _) = pool();
    let mut backend = backend(&good, 1);
    let first = pool.checkout(&backend, &Cancel::new()).unwrap().process_id();
    backend.launch.config = serde_json::json!({ "threads": 2 });
    let second = pool.checkout(&backend, &Cancel::new()).unwrap().process_id();
    assert_ne!(first, second);
    assert_eq!(pool.worker_count(), (1, 0));
}

#[test]
fn a_reset_ends_the_workers_that_were_lent_before_it() {
    let good = Fixture::new("good");
    let (pool, _) = pool();
    let backend = backend(&good, 2);
    let lent = pool.checkout(&backend, &Cancel::new()).unwrap();
    drop(pool.checkout(&backend, &Cancel::new()).unwrap());
    assert_eq!(pool.worker_count(), (1, 1));
    pool.reset("good");
    assert_eq!(pool.worker_count(), (0, 1));
    drop(lent);
    assert_eq!(pool.worker_count(), (0, 0), "it holds the library as it was");
}

#[test]
fn no_more_workers_than_a_backend_allows_and_waiting_can_be_cancelled() {
    let good = Fixture::new("good");
    let (pool, _) = pool();
    let backend = backend(&good, 2);
    let first = pool.checkout(&backend, &Cancel::new()).unwrap();
    let second = pool.checkout(&backend, &Cancel::new()).unwrap();
    assert_ne!(first.process_id(), second.process_id());
    let (pid, cancel) = (first.process_id(), Cancel::new());
    let (sender, results) = mpsc::channel();
    std::thread::scope(|scope| {
        let wait = |cancel: Cancel, name: &'static str| {
            let (pool, backend, sender) = (&pool, &backend, sender.clone());
            scope.spawn(move || {
                let result = pool.checkout(backend, &cancel);
                let process = result.map(|lease| lease.process_id());
                sender.send((name, process)).unwrap();
            });
        };
        wait(cancel.clone(), "cancelled");
        cancel.cancel();
        let (name, result) = results.recv().unwrap();
        assert!(
            name == "cancelled" && matches!(result, Err(CheckoutError::Cancelled)),
            "{result:?}"
        );
        wait(Cancel::new(), "patient");
        drop(first);
        let (name, result) = results.recv().unwrap();
        assert_eq!((name, result.unwrap()), ("patient", pid));
    });
    assert_eq!(pool.worker_count(), (1, 1));
}

#[test]
fn crashes_cost_a_pause_then_the_backend_and_nobody_else() {
    let (segv, good) = (Fixture::new("segv"), Fixture::new("good"));
    let (pool, now) = pool();
    let crash = || {
        let mut lease = pool.checkout(&backend(&segv, 1), &Cancel::new())?;
        let run = segv.run(picture(PixelFormat::Rgba8, 5, 5));
        let error = lease.run(&run, &mut (), &Cancel::new()).unwrap_err();
        assert!(matches!(error, RunError::Crashed(_)), "{error}");
        Ok::<(), CheckoutError>(())
    };
    for seconds in [1, 4] {
        crash().unwrap();
        match crash().unwrap_err() {
            CheckoutError::BackingOff { retry_after, .. } => {
                assert_eq!(retry_after, Duration::from_secs(seconds));
            }
            other => panic!("{other}"),
        }
        *now.lock().unwrap() += Duration::from_secs(seconds);
        assert_eq!(pool.health("segv").state, HealthState::Ok);
    }
    crash().unwrap();
    *now.lock().unwrap() += Duration::from_hours(1);
    let error = crash().unwrap_err();
    assert!(
        matches!(&error, CheckoutError::Quarantined { reason, .. } if reason.contains("signal 11")),
        "{error}"
    );
    assert_eq!(pool.health("segv").crashes, 3);

    let mut lease = pool.checkout(&backend(&good, 1), &Cancel::new()).unwrap();
    let run = good.run(picture(PixelFormat::Rgba8, 5, 5));
    assert!(lease.run(&run, &mut (), &Cancel::new()).is_ok());

    pool.reset("segv");
    assert_eq!(pool.health("segv").crashes, 0);
    crash().unwrap();
}

#[test]
fn a_backend_that_crashes_while_loading_is_quarantined_too() {
    let fixture = Fixture::new("crash-on-load");
    let (pool, now) = pool();
    for _ in 0..3 {
        let error = pool.checkout(&backend(&fixture, 1), &Cancel::new()).unwrap_err();
        assert!(matches!(error, CheckoutError::Worker(WorkerError::Crashed(_))), "{error}");
        *now.lock().unwrap() += Duration::from_secs(20);
    }
    let error = pool.checkout(&backend(&fixture, 1), &Cancel::new()).unwrap_err();
    assert!(matches!(error, CheckoutError::Quarantined { .. }), "{error}");
    assert_eq!(pool.worker_count(), (0, 0));
}

#[test]
fn a_worker_that_ends_while_idle_is_replaced() {
    let keeps = Fixture::new("keeps-output");
    let (pool, now) = pool();
    let run = keeps.run(picture(PixelFormat::Rgba8, 5, 5));
    let mut lease = pool.checkout(&backend(&keeps, 1), &Cancel::new()).unwrap();
    // It may crash in its run or right after it; either way it is one crash.
    let _ = lease.run(&run, &mut (), &Cancel::new());
    drop(lease);
    while pool.health("keeps-output").crashes == 0 {
        pool.reap();
    }
    assert_eq!(pool.worker_count(), (0, 0));
    *now.lock().unwrap() += Duration::from_secs(2);
    assert!(pool.checkout(&backend(&keeps, 1), &Cancel::new()).is_ok());
}

#[test]
fn shutting_down_ends_the_idle_the_busy_and_the_waiting() {
    let (good, hang) = (Fixture::new("good"), Fixture::new("slow"));
    let (pool, _) = pool();
    drop(pool.checkout(&backend(&good, 1), &Cancel::new()).unwrap());
    let busy = backend(&hang, 1);
    let (running, started) = mpsc::channel();
    std::thread::scope(|scope| {
        let run = with(hang.run(picture(PixelFormat::Rgba8, 4, 4)), "milliseconds", 600_000);
        let runner = scope.spawn(|| {
            let mut lease = pool.checkout(&busy, &Cancel::new()).unwrap();
            let mut observer = Signal { running, memory: Memory::default() };
            let run = run;
            lease.run(&run, &mut observer, &Cancel::new()).unwrap_err()
        });
        started.recv().unwrap();
        let waiter = scope.spawn(|| pool.checkout(&busy, &Cancel::new()).map(drop).unwrap_err());
        pool.shutdown();
        assert!(matches!(runner.join().unwrap(), RunError::Cancelled));
        assert!(matches!(waiter.join().unwrap(), CheckoutError::ShutDown));
    });
    assert_eq!(pool.worker_count(), (0, 0));
    let error = pool.checkout(&backend(&good, 1), &Cancel::new()).unwrap_err();
    assert!(matches!(error, CheckoutError::ShutDown), "{error}");
    assert_eq!(pool.health("slow").crashes, 0, "nobody is blamed for it");
}

/// Tells when a run is under way.
struct Signal {
    running: mpsc::Sender<()>,
    memory: Memory,
}

impl easel::worker::RunObserver for Signal {
    fn progress(&mut self, fraction: Option<f64>, message: Option<&str>) {
        self.memory.progress(fraction, message);
        let _ = self.running.send(());
    }
}
