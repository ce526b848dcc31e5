//! Keys: stored where only this user can read them, tested for nothing, and shown by no method, no log,
//! no file of the history.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use easel_protocol::ErrorKind;
use serde_json::json;

use super::{Provider, Service, done, edit, prepared, start, upload};
use crate::support::{Daemon, EASEL};

fn pipe(daemon: &Daemon, arguments: &[&str], input: &str) -> std::process::Output {
    let mut child = Command::new(EASEL)
        .env("EASEL_DATA_DIR", daemon.data())
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn a_key_is_set_tested_used_and_removed() {
    for service in Service::ALL {
        let provider = Provider::start(service);
        let mut daemon = prepared(&[&provider]);
        start(&mut daemon);
        let name = service.name_of_key();
        let (source, _) = upload(&daemon);
        let ask = edit(&source, service.model(), "brighter");
        let missing = daemon.submit("without", ask.clone()).unwrap_err();
        assert_eq!(missing.kind, ErrorKind::KeyMissing, "{service:?}");
        assert!(missing.hint.unwrap().contains(&format!("easel key set {name}")));
        // The price is known without a key.
        let plan = daemon.call("transform.plan", json!({ "ask": ask })).unwrap();
        assert!(plan["jobs"][0]["cost"].as_f64().unwrap() > 0.0);
        assert!(plan["jobs"][0]["notes"].to_string().contains("key"));
        let untested = daemon.call("key.test", json!({ "name": name })).unwrap();
        assert_eq!(untested["works"], false);
        assert_eq!(untested["failure"]["kind"], "key_missing");

        let wrong = pipe(&daemon, &["key", "set", name], "wrong-key-0000\n");
        assert!(wrong.status.success(), "{}", String::from_utf8_lossy(&wrong.stderr));
        let test = daemon.easel(&["key", "test", name]);
        assert!(!test.status.success());
        let said = String::from_utf8_lossy(&test.stderr).into_owned();
        assert!(said.contains("does not accept") && !said.contains("wrong-key-0000"), "{said}");
        let refused = super::ended(&daemon, ask.clone()).failure.unwrap();
        assert_eq!(refused.kind, ErrorKind::KeyRejected, "{service:?}: {refused:?}");

        let set = pipe(&daemon, &["key", "set", name], &format!("  {}\n", service.key()));
        assert!(set.status.success());
        let test = daemon.easel(&["key", "test", name]);
        assert!(test.status.success(), "{}", String::from_utf8_lossy(&test.stderr));
        let listed = daemon.easel(&["key", "list"]);
        let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
        assert!(listed.contains(name) && !listed.contains(&service.key()), "{listed}");
        done(&daemon, ask);
        assert_eq!(provider.submits(), 1, "testing a key is not paid for");

        let removed = daemon.call("key.remove", json!({ "name": name })).unwrap();
        assert_eq!(removed["place"], json!(null));
        assert_eq!(
            daemon.call("key.remove", json!({ "name": name })).unwrap_err().kind,
            ErrorKind::NotFound
        );
    }
}

#[test]
fn a_key_goes_into_the_keychain_where_there_is_one() {
    let home = tempfile::tempdir().unwrap();
    let backends = home.path().join("more");
    super::install(Service::Bfl, &backends);
    // The usual folders, in a session with a keychain of its own.
    let script = format!(
        "printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1\n\
         {EASEL} backend trust flux && echo in-the-keychain-4711 | {EASEL} key set bfl && {EASEL} key list\n\
         {EASEL} key remove bfl; {EASEL} key list; {EASEL} stop"
    );
    let output = Command::new("dbus-run-session")
        .args(["--", "sh", "-c", &script])
        .env_remove("EASEL_DATA_DIR")
        .env_remove("BFL_API_KEY")
        .env("HOME", home.path())
        .env("XDG_DATA_HOME", home.path().join("data"))
        .env("XDG_CONFIG_HOME", home.path().join("config"))
        .env("XDG_CACHE_HOME", home.path().join("cache"))
        .env("XDG_RUNTIME_DIR", home.path())
        .env("EASEL_BACKENDS_DIR", &backends)
        .stdin(Stdio::null())
        .output()
        .expect("`dbus-run-session` is installed");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines: Vec<&str> = said.lines().collect();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("bfl: in the keychain"), "{said}{errors}");
    assert!(lines.last().unwrap().contains("none; get one at"), "{said}{errors}");
    assert!(!said.contains("4711"));
    assert!(!home.path().join("config/easel/keys").exists(), "no file has it");
}

#[test]
fn a_key_from_the_environment_goes_first_and_a_worker_never_sees_it() {
    let provider = Provider::start(Service::Bfl);
    let mut daemon = prepared(&[&provider]);
    daemon.set("BFL_API_KEY", &Service::Bfl.key());
    start(&mut daemon);
    let list = daemon.call("key.list", json!({})).unwrap();
    assert_eq!(list["keys"][0]["place"], "environment");
    let (source, _) = upload(&daemon);
    done(&daemon, edit(&source, "flux-2-pro", "brighter"));
    // The worker is still up, kept warm: its environment is its parent's but for secrets.
    let daemon_pid = daemon.pid().to_string();
    let mut workers = 0;
    for process in std::fs::read_dir("/proc").unwrap().flatten() {
        let stat = std::fs::read_to_string(process.path().join("stat")).unwrap_or_default();
        let parent = stat.rsplit(')').next().unwrap_or_default().split_whitespace().nth(1);
        if parent == Some(daemon_pid.as_str()) {
            workers += 1;
            let environment = std::fs::read(process.path().join("environ")).unwrap_or_default();
            let environment = String::from_utf8_lossy(&environment).into_owned();
            assert!(!environment.contains("test-key"), "{environment}");
        }
    }
    assert!(workers > 0, "no worker was looked at");
}

#[test]
fn a_key_is_in_no_log_no_database_and_no_other_file() {
    let providers = Service::ALL.map(Provider::start);
    let mut daemon = prepared(&providers.each_ref());
    daemon.set("RUST_LOG", "trace");
    let record = daemon.data().join("exchanges.jsonl");
    daemon.set("EASEL_HTTP_RECORD", record.to_str().unwrap());
    start(&mut daemon);
    for service in Service::ALL {
        let (name, value) = (service.name_of_key(), service.key());
        let record = daemon.call("key.set", json!({ "name": name, "value": value })).unwrap();
        assert!(!record.to_string().contains(&value));
        let (source, _) = upload(&daemon);
        done(&daemon, edit(&source, service.model(), "brighter"));
        // And in what fails.
        providers[service as usize].scenario("403", 1);
        assert!(super::ended(&daemon, edit(&source, service.model(), "darker")).failure.is_some());
    }
    daemon.stop();
    // What was exchanged is written down where that is asked for, without pictures.
    let record = std::fs::read_to_string(record).unwrap();
    assert!(record.lines().count() >= 6 && record.contains("brighter"), "{record}");
    assert!(record.lines().all(|line| line.len() < 20_000), "a picture was written down");
    let mut looked_at = 0;
    look(daemon.data(), &mut |path, bytes| {
        looked_at += 1;
        for service in Service::ALL {
            let key = service.key();
            let found = bytes.windows(key.len()).any(|window| window == key.as_bytes());
            let own = path.starts_with(daemon.data().join("config/keys"));
            assert!(own || !found, "{} has a key in it", path.display());
        }
    });
    assert!(looked_at > 10, "{looked_at} files");
}

fn look(folder: &Path, see: &mut dyn FnMut(&Path, &[u8])) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            look(&path, see);
        } else if path.extension().is_none_or(|extension| extension != "so") {
            see(&path, &std::fs::read(&path).unwrap());
        }
    }
}
