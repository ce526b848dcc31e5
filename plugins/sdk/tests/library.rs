//! The two examples, in Rust and in C, as other programs meet them: libraries that a host in C opens
//! by their one symbol. They give the same pictures.

#![cfg(unix)]

mod support;

use std::path::{Path, PathBuf};

use support::{CHost, Job, repository};

/// Where cargo puts the examples that it builds before the tests.
fn rust_example() -> PathBuf {
    let test = std::env::current_exe().expect("a test has a file");
    let name = format!("{}invert{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let library =
        test.parent().and_then(Path::parent).expect("`target/…/deps`").join("examples").join(name);
    assert!(library.exists(), "cargo builds the examples with the tests: {}", library.display());
    library
}

fn check(host: &CHost, library: &Path, model: &str) {
    let rgba8 = host.run(library, &Job::new(model));
    assert_eq!((rgba8.ended.as_str(), rgba8.said("status")), ("exit 0", "0"), "{rgba8:?}");
    assert_eq!(rgba8.outputs, ["5x3 2 255 254 253 3 251 250 249 7"]);
    let rgba16 = host.run(library, &Job { format: 3, ..Job::new(model) });
    assert_eq!(rgba16.outputs, ["5x3 3 255 254 253 252 251 250 6 7"]);
    let float = host.run(library, &Job { format: 4, ..Job::new(model) });
    assert_eq!((float.said("status"), float.outputs.len()), ("-1", 0));
    assert!(!float.said("error").is_empty());
    let stopped = host.run(library, &Job { stop_after: 2, ..Job::new(model) });
    assert_eq!((stopped.ended.as_str(), stopped.said("status")), ("exit 0", "1"));
}

#[test]
fn the_example_in_rust() {
    let host = CHost::new("example-rust");
    let library = rust_example();
    check(&host, &library, "invert-rust");
    let described = host.describe(&library).expect("a descriptor");
    let descriptor: easel_backend::Descriptor = serde_json::from_str(&described).unwrap();
    assert_eq!(descriptor.id, "invert-rust");
}

#[test]
fn the_example_in_c() {
    let host = CHost::new("example-c");
    let library = host.library("plugins/example-c/invert.c");
    check(&host, &library, "invert");
    let grey = host.run(&library, &Job { format: 1, ..Job::new("invert") });
    assert_eq!(grey.outputs, ["5x3 1 255 254 253 252 251 0 0 0"], "nothing between the rows");
    let described = host.describe(&library).expect("a descriptor");
    let descriptor: easel_backend::Descriptor = serde_json::from_str(&described).unwrap();
    let manifest = std::fs::read_to_string(repository("plugins/example-c/backend.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    assert_eq!(manifest["id"].as_str(), Some(descriptor.id.as_str()));
}

#[test]
fn the_makefile_of_the_example_in_c_builds_its_library() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("makefile");
    std::fs::create_dir_all(&folder).unwrap();
    for file in ["Makefile", "invert.c", "backend.toml"] {
        std::fs::copy(repository("plugins/example-c").join(file), folder.join(file)).unwrap();
    }
    let headers = repository("plugins/abi").canonicalize().unwrap();
    let made = std::process::Command::new("make")
        .current_dir(&folder)
        .args(["-B", "CFLAGS=-O3 -Werror"])
        .arg(format!("EASEL_HEADERS={}", headers.display()))
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let name = format!("{}invert{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    check(&CHost::new("makefile-host"), &folder.join(name), "invert");
}
