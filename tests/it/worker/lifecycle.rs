//! How workers begin and end: by hand, with their host, with what they started.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use easel::worker::{BufferPool, Cancel, Launch, LibrarySource, Worker, WorkerError};
use easel_protocol::picture::PixelFormat;

use super::fixture::{Fixture, Memory, assert_works, launch_of, picture};

/// Whether a process is there and runs.
#[cfg(target_os = "linux")]
fn is_alive(process: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    !stat.is_empty() && !stat.contains(") Z ")
}

#[test]
fn by_hand_the_subcommand_explains_itself() {
    let output = Command::new(env!("CARGO_BIN_EXE_easel"))
        .arg("worker")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("started by the daemon, not by hand"), "{text}");
}

#[test]
fn an_unknown_built_in_backend_is_named() {
    let library = LibrarySource::BuiltIn("no-such-backend".to_owned());
    let launch = Launch::new(env!("CARGO_BIN_EXE_easel"), library);
    let error = Worker::spawn(&launch).unwrap_err();
    assert!(
        matches!(&error, WorkerError::Load(text) if text.contains("no-such-backend")),
        "{error}"
    );
}

#[test]
fn closing_reaches_the_backend() {
    let fixture = Fixture::from_source(
        "closer",
        r#"
        #include "fixture.h"
        FIXTURE_RUN { FIXTURE_UNUSED(instance); return fixture_finish(host, request); }
        static easel_status EASEL_CALL keep_path(const easel_host *host, const char *config, easel_instance **instance) {
           FIXTURE_UNUSED(host);
           *instance = (easel_instance *)strdup(config);
           return EASEL_OK;
        }
        static void EASEL_CALL write_mark(easel_instance *instance) {
           char *path = strchr(strchr((char *)instance, ':'), '"') + 1;
           *strchr(path, '"') = 0;
           fclose(fopen(path, "w"));
        }
        static const char *EASEL_CALL describe(void) { return FIXTURE_DESCRIPTOR("closer", "closes", ""); }
        static const easel_backend table = {sizeof table, 1, 0, describe, keep_path, run, write_mark, NULL};
        FIXTURE_ENTRY(&table)
        "#,
    );
    let folder = tempfile::TempDir::new().unwrap();
    let mark = folder.path().join("closed");
    let mut launch = fixture.launch();
    launch.config = serde_json::json!({ "mark": mark });
    Worker::spawn(&launch).unwrap().end(Duration::from_mins(1));
    assert!(mark.exists(), "ended in good order");
    std::fs::remove_file(&mark).unwrap();
    drop(Worker::spawn(&launch).unwrap());
    assert!(!mark.exists(), "ended at once");
}

#[test]
fn a_worker_outlives_the_thread_that_asked_for_it() {
    let good = Fixture::new("good");
    let launch = good.launch();
    let mut worker = std::thread::spawn(move || Worker::spawn(&launch).unwrap()).join().unwrap();
    assert_works(&mut worker, &good);
}

#[test]
fn starting_can_be_cancelled() {
    let fixture = Fixture::from_source(
        "sleeper",
        r#"
        #include "fixture.h"
        FIXTURE_RUN { FIXTURE_UNUSED(instance); return fixture_finish(host, request); }
        static easel_status EASEL_CALL sleep_on(const easel_host *host, const char *config, easel_instance **instance) {
           FIXTURE_UNUSED(host), FIXTURE_UNUSED(config), FIXTURE_UNUSED(instance);
           for (;;) fixture_sleep(1000);
        }
        FIXTURE_WITH("sleeper", "never opens", "", sleep_on, sizeof(easel_backend), 1, 0)
        "#,
    );
    let mut launch = fixture.launch();
    launch.open_timeout = Duration::from_hours(1);
    let cancel = Cancel::new();
    let error = std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(50));
            cancel.cancel();
        });
        Worker::spawn_with(&launch, BufferPool::new(), &[&cancel]).unwrap_err()
    });
    assert!(matches!(error, WorkerError::Cancelled), "{error}");
    launch.open_timeout = Duration::from_millis(50);
    let error = Worker::spawn(&launch).unwrap_err();
    assert!(matches!(error, WorkerError::TimedOut { stage: "open", .. }), "{error}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_worker_keeps_nothing_it_could_do_harm_with() {
    let good = Fixture::new("good");
    let worker = good.worker();
    let status = |file: &str| {
        std::fs::read_to_string(format!("/proc/{}/{file}", worker.process_id())).unwrap()
    };
    let core = status("limits")
        .lines()
        .find(|line| line.starts_with("Max core file size"))
        .map(str::to_owned);
    assert_eq!(core.unwrap().split_whitespace().nth(4), Some("0"));
    assert_eq!(status("oom_score_adj").trim(), "500");
    let descriptors: Vec<_> = std::fs::read_dir(format!("/proc/{}/fd", worker.process_id()))
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| {
            let target = std::fs::read_link(entry.path()).unwrap();
            (entry.file_name().into_string().unwrap(), target.to_string_lossy().into_owned())
        })
        .collect();
    let target =
        |name: &str| descriptors.iter().find(|(number, _)| number == name).unwrap().1.clone();
    assert_eq!(target("0"), "/dev/null");
    assert_eq!(target("1"), target("2"), "what it prints goes where its errors go");
    let sockets = descriptors.iter().filter(|(_, target)| target.starts_with("socket:"));
    assert_eq!(sockets.count(), 1, "{descriptors:?}");
}

/// Plays both parts: the test starts itself again as a daemon, and kills that with a worker running.
#[cfg(target_os = "linux")]
#[test]
fn a_worker_does_not_outlive_its_daemon() {
    const LIBRARY: &str = "EASEL_TEST_LIBRARY";
    if let Some(library) = std::env::var_os(LIBRARY) {
        let mut worker = Worker::spawn(&launch_of(library.as_ref())).unwrap();
        println!("worker {}", worker.process_id());
        let mut run = Fixture::new("good").run(picture(PixelFormat::Rgba8, 4, 4));
        run.timeout = Duration::from_hours(1);
        let _ = worker.run(&run, &mut (), &Cancel::new());
        return;
    }
    let hang = Fixture::new("hang");
    let name = std::thread::current().name().unwrap().to_owned();
    let mut daemon = Command::new(std::env::current_exe().unwrap())
        .args([name.as_str(), "--exact", "--nocapture"])
        .env(LIBRARY, &hang.library)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(daemon.stdout.take().unwrap()).lines();
    let worker: u32 = lines
        .map(|line| line.unwrap())
        .find_map(|line| Some(line.split_once("worker ")?.1.to_owned()))
        .unwrap()
        .parse()
        .unwrap();
    assert!(is_alive(worker));
    daemon.kill().unwrap();
    daemon.wait().unwrap();
    while is_alive(worker) {
        std::thread::yield_now();
    }
}

/// Hearing nothing more from the host would end it too, but only while its reader can still run.
#[cfg(target_os = "linux")]
#[test]
fn the_kernel_is_asked_to_end_a_worker_with_its_daemon() {
    let fixture = Fixture::from_source(
        "asked",
        r#"
        #include "fixture.h"
        #include <sys/prctl.h>
        FIXTURE_RUN {
           int number = 0;
           char line[32];
           FIXTURE_UNUSED(instance);
           prctl(PR_GET_PDEATHSIG, &number);
           snprintf(line, sizeof line, "signal %d", number);
           host->log(host->ctx, EASEL_LOG_INFO, line);
           return fixture_finish(host, request);
        }
        FIXTURE("asked", "tells what it was asked", "")
        "#,
    );
    let mut memory = Memory::default();
    let run = fixture.run(picture(PixelFormat::Rgba8, 1, 1));
    fixture.worker().run(&run, &mut memory, &Cancel::new()).unwrap();
    assert_eq!(memory.lines[0].1, "signal 9");
}
