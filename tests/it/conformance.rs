//! The checker behind `easel backend check` against backends that keep the rules and backends that
//! break one each: every breach is found by the case that is meant to find it, and by no other that
//! could have been judged. The snapshots show the whole report, without what differs from run to run.

#![expect(clippy::unwrap_used, reason = "a test ends where something unexpected happens")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use easel::conformance::{Options, Outcome, Report, check};
use tempfile::TempDir;

mod breaches;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A backend's folder: a manifest and a compiled library; it goes when it is dropped.
struct Backend {
    folder: TempDir,
    library: PathBuf,
}

impl Backend {
    /// Compiles `source` beside the manifest.
    fn compile(name: &str, source: &Path, manifest: &str) -> Self {
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join("backend.toml"), manifest).unwrap();
        let file =
            format!("{}{name}{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
        let library = folder.path().join(file);
        let output = Command::new("cc")
            .args(["-O2", "-shared", "-fPIC", "-pthread", "-I"])
            .arg(root().join("plugins/abi"))
            .arg("-I")
            .arg(root().join("tests/backends"))
            .arg(source)
            .arg("-o")
            .arg(&library)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Backend { folder, library }
    }

    /// A backend of `tests/backends`, with its own manifest.
    fn fixture(name: &str) -> Self {
        let folder = root().join("tests/backends").join(name);
        let manifest = std::fs::read_to_string(folder.join("backend.toml")).unwrap();
        Backend::compile(name, &folder.join(name).with_extension("c"), &manifest)
    }

    /// A backend from C source that includes `fixture.h`.
    fn from_source(name: &str, text: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let source = folder.path().join(name).with_extension("c");
        std::fs::write(&source, text).unwrap();
        let manifest =
            format!("id = \"{name}\"\nname = \"Fixture {name}\"\nlibrary = \"{name}\"\nabi = 1\n");
        Backend::compile(name, &source, &manifest)
    }

    fn example() -> Self {
        let folder = root().join("plugins/example-c");
        let manifest = std::fs::read_to_string(folder.join("backend.toml")).unwrap();
        Backend::compile("invert", &folder.join("invert.c"), &manifest)
    }

    fn check(&self, options: &Options) -> Report {
        check(self.folder.path(), options).unwrap()
    }

    /// The report, without what differs from run to run.
    fn summary(&self, options: &Options) -> String {
        summary(&self.check(options))
    }
}

/// The real program as the worker, and all the time in the world: no outcome depends on how busy the
/// machine is. What never ends is checked with less.
fn options() -> Options {
    Options {
        executable: env!("CARGO_BIN_EXE_easel").into(),
        timeout: Duration::from_mins(1),
        grace: Duration::from_mins(1),
        ..Options::default()
    }
}

/// Only some cases, by a part of their names.
fn only(filter: &str) -> Options {
    Options { filter: Some(filter.to_owned()), ..options() }
}

/// Only some cases, for a backend that does not stop: it never does, however short the time.
fn impatient(filter: &str) -> Options {
    Options { timeout: Duration::from_secs(2), grace: Duration::from_millis(200), ..only(filter) }
}

/// What went wrong with its words, then the names of the other cases.
fn summary(report: &Report) -> String {
    let mut text = format!("{}, exit code {}\n", report.backend.id, report.verdict());
    // Whether it was quick says something about a busy machine too, unless that is what is asked.
    let cases = report
        .cases
        .iter()
        .filter(|case| report.cases.len() == 1 || case.name != "describe-is-quick");
    for case in cases.clone() {
        if matches!(case.outcome, Outcome::Warn | Outcome::Fail | Outcome::Crash) {
            let words = case.message.as_deref().unwrap();
            let _ = writeln!(
                text,
                "\n{}: {}\n  {words}\n  hint: {}",
                case.outcome.name(),
                case.name,
                case.hint.as_deref().unwrap()
            );
        }
    }
    // Skips for the same reason belong together.
    let mut others: Vec<(String, Vec<&str>)> = Vec::new();
    for case in cases.clone() {
        let title = match case.outcome {
            Outcome::Skip => format!("skip, {}", case.message.as_deref().unwrap()),
            // What a pass has to say is how far it came in its time.
            Outcome::Pass => "pass".to_owned(),
            _ => continue,
        };
        match others.iter_mut().find(|(known, _)| *known == title) {
            Some((_, names)) => names.push(&case.name),
            None => others.push((title, vec![&case.name])),
        }
    }
    others.sort_by_key(|(title, _)| title == "pass");
    for (title, names) in others {
        let _ = writeln!(text, "\n{title}:\n  {}", names.join("\n  "));
    }
    text
}

/// Compares with the snapshot of this name.
fn assert_summary(name: &str, summary: &str) {
    insta::with_settings!({
        omit_expression => true,
        prepend_module_to_snapshot => false,
        snapshot_path => "conformance/snapshots",
        filters => vec![
            // Where the guard page is met decides which of the two it is.
            (r"signal (7 \(bus error\)|11 \(bad memory access\))", "signal [bad access]"),
            (r"`/[^`]*/(lib)?([a-z0-9.-]+)`", "`[folder]/$2`"),
            (r"\b\d+ ms\b", "[time]"),
            (r"\b\d+ MiB in \d+ runs", "[size]"),
            (r"\d+ of \d+ progress reports", "[some] progress reports"),
        ],
    }, { insta::assert_snapshot!(name, summary) });
}

/// One test a backend of `tests/backends`; `-` of its folder is `_` here.
macro_rules! fixtures {
    ($($name:ident),* $(,)?) => {
        $(#[test]
        fn $name() {
            let name = stringify!($name).trim_end_matches("_").replace('_', "-");
            assert_summary(&name, &Backend::fixture(&name).summary(&options()));
        })*
    };
}

fixtures!(
    abort,
    crash_on_load,
    error_text,
    exit0,
    garbage_json,
    good,
    liar,
    many,
    newer,
    newer_minor,
    no_symbol,
    not_utf8,
    null_table,
    old,
    open_fails,
    overrun,
    segv,
    small_table,
    threads,
    underrun,
    writes_input,
    wrong_id,
    wrong_size,
);

#[cfg(target_os = "linux")]
fixtures!(remaps_output);

#[test]
fn the_example_in_c_keeps_every_rule() {
    let report = Backend::example().check(&options());
    assert_eq!(report.verdict(), 0);
    assert_eq!(report.backend.version.as_deref(), Some("1.0.0"));
    assert_summary("example-c", &summary(&report));
}

#[test]
fn one_that_takes_longer_than_a_case_has_is_skipped_if_it_stops() {
    // Two seconds a run, and a minute until it goes on from its checkpoint.
    for (name, seconds) in [("slow", 1), ("checkpointer", 4)] {
        let options = Options { timeout: Duration::from_secs(seconds), ..options() };
        assert_summary(name, &Backend::fixture(name).summary(&options));
    }
}

#[test]
fn one_that_never_stops_fails() {
    let hang = Backend::fixture("hang");
    for case in ["every-model", "stops-when-asked"] {
        assert_summary(&format!("hang-{case}"), &hang.summary(&impatient(case)));
    }
}

#[test]
fn a_thread_that_goes_on_painting_crashes_a_case() {
    // Which one is chance: sooner or later the thread meets the fence around what is no longer its own.
    let report = Backend::fixture("keeps-output").check(&options());
    assert!(report.count(Outcome::Crash) > 0, "{}", report.text());
    assert_eq!(report.verdict(), 1);
}

#[test]
fn a_flood_on_standard_output_is_seen() {
    assert_summary("flood", &Backend::fixture("flood").summary(&only("quiet")));
}

#[test]
fn a_leak_is_seen() {
    // Only this case: 50 runs of another would leak 3 GiB.
    assert_summary("leak", &Backend::fixture("leak").summary(&only("memory")));
}

#[test]
fn a_library_alone_is_checked_without_its_manifest() {
    let good = Backend::fixture("good");
    std::fs::remove_file(good.folder.path().join("backend.toml")).unwrap();
    let report = check(&good.library, &only("manifest")).unwrap();
    assert_eq!(report.backend.id, "good");
    assert!(report.cases.iter().all(|case| case.outcome == Outcome::Skip), "{}", report.text());
}

#[test]
fn a_library_that_was_not_built_is_missed() {
    let good = Backend::fixture("good");
    std::fs::remove_file(&good.library).unwrap();
    let report = good.check(&only("loads"));
    assert_eq!(report.cases[0].outcome, Outcome::Fail);
    assert!(report.cases[0].message.as_ref().unwrap().starts_with("there is no library"));
}

#[test]
fn a_manifest_that_cannot_be_read_leaves_nothing_to_load() {
    let good = Backend::fixture("good");
    std::fs::write(good.folder.path().join("backend.toml"), "id = \"good\"\n").unwrap();
    let report = good.check(&options());
    let failed: Vec<_> = report
        .cases
        .iter()
        .filter(|case| case.outcome != Outcome::Skip)
        .map(|case| &*case.name)
        .collect();
    assert_eq!(failed, ["manifest-readable"]);
    assert_eq!(report.verdict(), 1);
}

#[test]
fn the_command_line_prints_the_report_and_ends_with_the_verdict() {
    let run = |backend: &Backend, more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_easel"));
        let output = command
            .args(["backend", "check"])
            .arg(backend.folder.path())
            .args(more)
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let good = Backend::fixture("good");
    let (code, text) = run(&good, &["--filter", "size"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("  pass   smallest-size "), "{text}");
    let (code, text) = run(&Backend::fixture("wrong-size"), &["--filter", "output-size", "--json"]);
    assert_eq!(code, Some(1), "{text}");
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["cases"][0]["outcome"], "fail");
}
