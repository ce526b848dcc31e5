//! Backends that break one rule each. What it costs is their own run; the next works.

use std::path::Path;
use std::time::Duration;

use easel::worker::{Cancel, RunError, Worker, WorkerError};
use easel_protocol::picture::PixelFormat;

use super::fixture::{Fixture, Memory, assert_works, inverted, launch_of, picture, with};

#[test]
fn a_crash_is_an_error_of_its_run_with_the_signal() {
    let good = Fixture::new("good");
    let mut bystander = good.worker();
    for (name, signals, exit) in [
        ("segv", &[11][..], None),
        ("abort", &[6], None),
        ("exit0", &[], Some(0)),
        ("overrun", &[11, 7], None),
        ("underrun", &[11, 7], None),
        ("writes-input", &[11, 7], None),
    ] {
        let fixture = Fixture::new(name);
        let run = fixture.run(picture(PixelFormat::Rgba8, 100, 100));
        let before = run.source.bytes().to_vec();
        for _ in 0..2 {
            let mut worker = fixture.worker();
            match worker.run(&run, &mut (), &Cancel::new()).unwrap_err() {
                RunError::Crashed(crash) => {
                    assert_eq!(crash.exit, exit, "{name}: {crash}");
                    let expected =
                        crash.signal.map_or(signals.is_empty(), |it| signals.contains(&it));
                    assert!(expected, "{name}: {crash}");
                    assert_eq!(crash.reason, None, "{name}");
                }
                other => panic!("{name}: {other}"),
            }
            assert!(!worker.is_usable());
            let again = worker.run(&run, &mut (), &Cancel::new()).unwrap_err();
            assert!(matches!(again, RunError::Crashed(_)), "{name}: {again}");
            assert_eq!(run.source.bytes(), before, "{name} changed its source");
        }
        assert_works(&mut bystander, &good);
    }
}

#[test]
fn a_library_that_is_no_backend_says_why() {
    let text = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let missing = Path::new("/nonexistent/library.so");
    for (path, words) in [(&*text, "cannot load"), (missing, "/nonexistent/library.so")] {
        let error = Worker::spawn(&launch_of(path)).unwrap_err();
        assert!(matches!(&error, WorkerError::Load(reason) if reason.contains(words)), "{error}");
    }
    for (name, words) in [
        ("no-symbol", "does not export `easel_backend_entry`"),
        ("null-table", "its table is missing"),
        ("old", "it speaks ABI 0, this host speaks ABI 1"),
        ("newer", "it speaks ABI 2, this host speaks ABI 1"),
        ("small-table", "its table has"),
    ] {
        let error = Worker::spawn(&Fixture::new(name).launch()).unwrap_err();
        assert!(
            matches!(&error, WorkerError::Load(reason) if reason.contains(words)),
            "{name}: {error}"
        );
    }
    let error = Worker::spawn(&Fixture::new("garbage-json").launch()).unwrap_err();
    assert!(matches!(error, WorkerError::Descriptor(_)), "{error}");
    let error = Worker::spawn(&Fixture::new("crash-on-load").launch()).unwrap_err();
    assert!(matches!(&error, WorkerError::Crashed(crash) if crash.signal == Some(11)), "{error}");
}

#[test]
fn a_hang_ends_when_it_is_cancelled_and_when_its_time_is_up() {
    let hang = Fixture::new("hang");
    let mut launch = hang.launch();
    launch.grace = Duration::from_millis(50);
    let mut run = hang.run(picture(PixelFormat::Rgba8, 4, 4));

    // So that only the cancelling can end it.
    run.timeout = Duration::from_hours(1);
    let mut worker = Worker::spawn(&launch).unwrap();
    let cancel = Cancel::new();
    let error = std::thread::scope(|scope| {
        let canceller = cancel.clone();
        scope.spawn(move || {
            std::thread::sleep(Duration::from_millis(50));
            canceller.cancel();
        });
        worker.run(&run, &mut (), &cancel).unwrap_err()
    });
    assert!(matches!(error, RunError::Cancelled), "{error}");
    assert!(!worker.is_usable(), "its process was ended");

    run.timeout = Duration::from_millis(50);
    let mut worker = Worker::spawn(&launch).unwrap();
    let error = worker.run(&run, &mut (), &Cancel::new()).unwrap_err();
    assert!(matches!(error, RunError::TimedOut { after } if after == run.timeout), "{error}");
    assert!(!worker.is_usable());
}

#[test]
fn a_backend_that_stops_when_asked_keeps_its_worker() {
    let slow = Fixture::new("slow");
    let mut launch = slow.launch();
    // Far longer than it takes to notice: the test fails by not ending.
    launch.grace = Duration::from_hours(1);
    let mut worker = Worker::spawn(&launch).unwrap();
    let process = worker.process_id();
    let mut run = with(slow.run(picture(PixelFormat::Rgba8, 4, 4)), "milliseconds", 600_000);

    let cancel = Cancel::new();
    let mut memory = Memory { cancel_at_progress: Some(cancel.clone()), ..Memory::default() };
    let error = worker.run(&run, &mut memory, &cancel).unwrap_err();
    assert!(matches!(error, RunError::Cancelled), "{error}");

    run.timeout = Duration::from_millis(50);
    let error = worker.run(&run, &mut (), &Cancel::new()).unwrap_err();
    assert!(matches!(error, RunError::TimedOut { .. }), "{error}");

    let cancelled = Cancel::new();
    cancelled.cancel();
    let error = worker.run(&run, &mut (), &cancelled).unwrap_err();
    assert!(matches!(error, RunError::Cancelled), "before it began: {error}");

    let run = with(run, "milliseconds", 0);
    assert_eq!(worker.run(&run, &mut (), &Cancel::new()).unwrap().len(), 1);
    assert_eq!(worker.process_id(), process);
    assert!(worker.is_usable());
}

#[test]
fn success_without_a_picture_is_none() {
    let liar = Fixture::new("liar");
    let mut worker = liar.worker();
    for _ in 0..2 {
        let run = liar.run(picture(PixelFormat::Rgba8, 4, 4));
        let error = worker.run(&run, &mut (), &Cancel::new()).unwrap_err();
        assert!(matches!(error, RunError::NoOutput), "{error}");
    }
}

#[test]
fn an_output_of_another_size_says_which_and_starts_as_zeros() {
    let fixture = Fixture::new("wrong-size");
    let mut worker = fixture.worker();
    for _ in 0..4 {
        let run = fixture.run(picture(PixelFormat::Rgba8, 10, 20));
        let outputs = worker.run(&run, &mut (), &Cancel::new()).unwrap();
        assert_eq!((outputs[0].width(), outputs[0].height()), (6, 60));
        assert!(outputs[0].bytes().iter().all(|byte| *byte == 0));
    }
}

#[test]
fn memory_that_is_used_again_shows_nothing_of_its_past() {
    // Paints nothing into its output on the runs with a `blank`.
    let fixture = Fixture::from_source(
        "blank",
        r#"
        #include "fixture.h"
        FIXTURE_RUN {
           FIXTURE_UNUSED(instance);
           if (fixture_number(request, "blank", 0) == 0) return fixture_finish(host, request);
           return host->new_output(host->ctx, 50, 50, EASEL_RGBA8) == NULL ? EASEL_ERR_FAILED : EASEL_OK;
        }
        FIXTURE("blank", "sometimes paints nothing", "")
        "#,
    );
    let mut worker = fixture.worker();
    for round in 0..6 {
        let run = with(fixture.run(picture(PixelFormat::Rgba8, 50, 50)), "blank", round % 2);
        let outputs = worker.run(&run, &mut (), &Cancel::new()).unwrap();
        if round % 2 == 0 {
            assert_eq!(outputs[0].bytes(), inverted(&run.source));
        } else {
            assert!(outputs[0].bytes().iter().all(|byte| *byte == 0), "round {round}");
        }
    }
}

#[test]
fn a_flood_of_words_is_thinned_out_and_counted() {
    let flood = Fixture::new("flood");
    let mut worker = flood.worker();
    let mut memory = Memory::default();
    let run = flood.run(picture(PixelFormat::Rgba8, 8, 8));
    let outputs = worker.run(&run, &mut memory, &Cancel::new()).unwrap();
    assert_eq!(outputs[0].bytes(), inverted(&run.source));
    let (_, last) = memory.lines.pop().unwrap();
    let dropped: usize =
        last.strip_suffix(" lines of the log were left out").unwrap().parse().unwrap();
    assert!(memory.lines.len() + dropped >= 100_000 - 1000, "{} and {dropped}", memory.lines.len());
    assert!(dropped > 10_000, "{dropped}");
    assert!(memory.progress.len() < 100_000 / 2, "{}", memory.progress.len());
    assert_works(&mut worker, &flood);
}

#[test]
fn text_and_numbers_that_are_none_are_mended() {
    let fixture = Fixture::new("not-utf8");
    let mut worker = fixture.worker();
    let mut memory = Memory::default();
    let run = fixture.run(picture(PixelFormat::Rgba8, 8, 8));
    let error = worker.run(&run, &mut memory, &Cancel::new()).unwrap_err();
    assert!(matches!(&error, RunError::Transient(text) if text.contains('\u{fffd}')), "{error}");
    assert!(!memory.progress.is_empty());
    let fractions = memory.progress.iter().filter_map(|(fraction, _)| *fraction);
    assert!(fractions.into_iter().all(|fraction| (0.0..=1.0).contains(&fraction)));
    assert!(worker.is_usable());
}

#[test]
fn a_leak_stays_in_its_process() {
    let leak = Fixture::new("leak");
    let mut worker = leak.worker();
    for _ in 0..4 {
        assert_works(&mut worker, &leak);
    }
}

#[test]
fn a_thread_that_goes_on_painting_meets_a_fence() {
    let fixture = Fixture::new("keeps-output");
    let run = fixture.run(picture(PixelFormat::Rgba8, 32, 32));
    for _ in 0..3 {
        // Whether the thread is faster than the end of its run is chance; the picture is whole or
        // there is none.
        let mut worker = fixture.worker();
        match worker.run(&run, &mut (), &Cancel::new()) {
            Ok(outputs) => assert_eq!(outputs[0].bytes()[4..], inverted(&run.source)[4..]),
            Err(RunError::Crashed(crash)) => assert_eq!(crash.signal, Some(11), "{crash}"),
            Err(other) => panic!("{other}"),
        }
        while worker.is_usable() {
            std::thread::yield_now();
        }
        assert_eq!(worker.crash().unwrap().signal, Some(11));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_second_mapping_of_an_output_is_found_out() {
    let fixture = Fixture::new("remaps-output");
    let run = fixture.run(picture(PixelFormat::Rgba8, 32, 32));
    for _ in 0..2 {
        let mut worker = fixture.worker();
        let outputs = worker.run(&run, &mut (), &Cancel::new()).unwrap();
        let bytes = outputs[0].bytes().to_vec();
        assert_eq!(bytes[4..], inverted(&run.source)[4..]);
        assert!(!worker.is_usable(), "it is not trusted with another run");
        assert!(worker.crash().unwrap().reason.as_ref().unwrap().contains("kept an output"));
        assert_eq!(outputs[0].bytes(), bytes);
    }
}
