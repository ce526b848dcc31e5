//! Many files, and the daemon killed on the way: nothing lost, nothing twice, nothing half.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use super::{INVERT, Watched, is_inverse, jpeg, pictures_in, png};

/// How many files are dropped.
const COUNT: u32 = 10_000;

fn source(number: u32) -> (String, Vec<u8>) {
    if number.is_multiple_of(2) {
        (format!("{number:05}.jpg"), jpeg(number))
    } else {
        (format!("{number:05}.png"), png(number))
    }
}

#[test]
fn many_files_in_every_way_while_the_daemon_is_killed_ten_times() {
    let mut watched = Watched::new(INVERT, json!({}));
    let count = COUNT;
    let (input, beside) = (watched.path("in"), watched.path("beside"));
    std::fs::create_dir(&beside).unwrap();
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0..count {
                let (name, bytes) = source(number);
                let (target, other) = (input.join(&name), beside.join(&name));
                match number % 7 {
                    // Copied.
                    0 | 1 => std::fs::write(target, bytes).unwrap(),
                    // Moved in from elsewhere, and renamed in place.
                    2 | 3 => {
                        std::fs::write(&other, bytes).unwrap();
                        std::fs::rename(other, target).unwrap();
                    }
                    // In chunks.
                    4 => {
                        let mut file = std::fs::File::create(target).unwrap();
                        for chunk in bytes.chunks(bytes.len() / 3 + 1) {
                            file.write_all(chunk).unwrap();
                            std::thread::sleep(Duration::from_millis(3));
                        }
                    }
                    // Linked.
                    5 => {
                        std::fs::write(&other, bytes).unwrap();
                        std::os::unix::fs::symlink(other, target).unwrap();
                    }
                    // Replaced while it is worked on, and one that goes away again.
                    _ => {
                        let gone = input.join(format!("gone-{number}.png"));
                        std::fs::write(&gone, png(number + 100_000)).unwrap();
                        std::fs::write(&target, png(number + 200_000)).unwrap();
                        std::fs::remove_file(gone).unwrap();
                        std::fs::write(target, bytes).unwrap();
                    }
                }
            }
            ended.store(true, Ordering::Relaxed);
        });
        for _ in 0..10 {
            std::thread::sleep(Duration::from_millis(400));
            watched.daemon.kill();
            watched.daemon.start_again();
        }
    });
    assert!(ended.load(Ordering::Relaxed));
    watched.daemon.call("folder.scan", json!({ "folder": input })).unwrap();
    let all = |watched: &Watched| {
        (0..count).all(|number| {
            let (name, _) = source(number);
            watched.output(&name.replace(".jpg", ".png")).exists()
        })
    };
    watched.until("everything", |it| it.waiting + it.running == 0 && it.done > 0 && all(&watched));
    let record = watched.status();
    assert_eq!(record.failed, 0, "{:?}", watched.files("failed"));
    let mut wrong = Vec::new();
    for number in 0..count {
        let (name, bytes) = source(number);
        let result = watched.output(&name.replace(".jpg", ".png"));
        if !is_inverse(&result, &bytes) {
            wrong.push(name.clone());
        }
        let beside = result.with_extension("png.json");
        let sidecar: Value = serde_json::from_slice(&std::fs::read(beside).unwrap()).unwrap();
        let hash = blake3::hash(&std::fs::read(&result).unwrap()).to_hex().to_string();
        assert_eq!(sidecar["result"]["blake3"], hash, "{name}");
    }
    assert!(wrong.is_empty(), "{} of {count}: {wrong:?}", wrong.len());
    // Each under one name: what went away may have been done before it went, nothing else is there.
    let written = pictures_in(&watched.path("out"));
    let extra = written.iter().filter(|name| !name.starts_with("gone-")).count();
    assert_eq!(extra, count as usize, "nothing twice");
    assert_eq!(hidden(&watched), 0, "nothing half-written is left");
    assert_eq!(lent(&watched), 0, "no pixels are left in the store");
}

fn hidden(watched: &Watched) -> usize {
    let entries = std::fs::read_dir(watched.path("out")).unwrap().flatten();
    entries.filter(|entry| entry.file_name().to_string_lossy().starts_with('.')).count()
}

fn lent(watched: &Watched) -> usize {
    std::fs::read_dir(watched.daemon.data().join("blobs/lent")).unwrap().count()
}
