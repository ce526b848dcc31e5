//! A real Neovim, headless, told of the server as the manual says. A script in `tests/editors/neovim` drives it from
//! inside and writes down what it saw.
//!
//! It lives in the Debian folder of the editors, which `cargo xtask editors` makes.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::setups::snippets;
use crate::editors::debian;
use crate::support::{EASEL, root};

/// How long one run may take; it takes a second.
const PATIENCE: Duration = Duration::from_mins(2);

const RECIPE: &str = "# the look of an hour\nintent=\"edti\"\nprompt = \"{name}, {mood} light\"   # {mood}\n\n\n[matrix]\nmood = [ \"dawn\",\"noon\" ]\n";

const FORMATTED: &str = "# the look of an hour\nintent = \"edit\"\nprompt = \"{name}, {hour} light\" # {mood}\n\n[matrix]\nhour = [\"dawn\", \"noon\"]";

/// Neovim in its Debian, which sees the repository to read and a folder of this test.
fn neovim(home: &Path) -> Command {
    let (debian, program) = (debian("nvim"), Path::new(EASEL).parent().unwrap());
    let mut command = Command::new("bwrap");
    command.args(["--die-with-parent", "--new-session", "--clearenv", "--unshare-net"]);
    for part in ["usr", "etc", "var"] {
        command.arg("--ro-bind").arg(debian.join(part)).arg(format!("/{part}"));
    }
    for part in ["bin", "sbin", "lib", "lib64"] {
        command.arg("--symlink").arg(format!("usr/{part}")).arg(format!("/{part}"));
    }
    command.args(["--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp"]);
    for folder in [root(), program] {
        command.arg("--ro-bind").arg(folder).arg(folder);
    }
    command.arg("--bind").arg(home).arg(home);
    let path = format!("{}:/usr/bin:/bin", program.display());
    let data = home.join("data").display().to_string();
    let home = home.display().to_string();
    let recipe = format!("{home}/a.easel.toml");
    let out = format!("{home}/seen.json");
    for (name, value) in [
        ("PATH", path.as_str()),
        ("HOME", &home),
        ("LC_ALL", "C.UTF-8"),
        ("EASEL_DATA_DIR", &data),
        ("EASEL_E2E", &recipe),
        ("EASEL_E2E_OUT", &out),
    ] {
        command.args(["--setenv", name, value]);
    }
    command.args(["--chdir", &home, "nvim", "--headless", "-i", "NONE", "-u"]);
    command
}

/// What the script saw in a Neovim with these settings.
fn seen(settings: &str) -> Value {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("a.easel.toml"), RECIPE).unwrap();
    let init = home.path().join("init.lua");
    // Of another program there is none here to start, and the daemon is no part of this.
    std::fs::write(&init, settings.replace("\"lsp\" }", "\"lsp\", \"--no-start\" }")).unwrap();
    let script = root().join("tests/editors/neovim/easel_lsp.lua");
    let log = home.path().join("log");
    let file = std::fs::File::create(&log).unwrap();
    let mut child = neovim(home.path())
        .arg(&init)
        .arg("-c")
        .arg(format!("luafile {}", script.display()))
        .stdin(Stdio::null())
        .stdout(file.try_clone().unwrap())
        .stderr(file)
        .spawn()
        .expect("`bwrap` is installed");
    let said = || std::fs::read_to_string(&log).unwrap_or_default();
    let deadline = Instant::now() + PATIENCE;
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > deadline {
            let _ = child.kill();
            let _ = child.wait();
            panic!("Neovim does not end\n{}", said());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let report = std::fs::read_to_string(home.path().join("seen.json"))
        .unwrap_or_else(|error| panic!("{error}\n{}", said()));
    serde_json::from_str(&report).unwrap()
}

fn check(seen: &Value) {
    assert_eq!(seen["ok"], true, "{seen:#}");
    assert_eq!(seen["filetype"], "toml");
    let broken = seen["broken"].as_array().unwrap();
    assert_eq!(broken.len(), 1, "{broken:?}");
    assert!(broken[0].as_str().unwrap().starts_with("1 unknown-word: "), "{broken:?}");
    let offered = seen["completion"].as_array().unwrap();
    assert!(offered.contains(&"edit".into()) && offered.contains(&"restyle".into()), "{offered:?}");
    assert!(seen["hover"].as_str().unwrap().contains("What kind of change"), "{seen:#}");
    assert_eq!(seen["formatted"], FORMATTED, "{seen:#}");
    assert_eq!(seen["symbols"], serde_json::json!(["step", "matrix"]));
    assert_eq!(seen["lenses"], serde_json::json!(["Run on a picture…", "Watch a folder…"]));
    let typed = seen["typed"].as_array().unwrap();
    assert!(typed.len() == 1 && typed[0].as_str().unwrap().contains("picture"), "{typed:?}");
}

#[test]
fn neovim_before_0_11_helps_with_recipes() {
    let snippet = snippets("lua").into_iter().find(|it| it.contains("nvim_create_autocmd"));
    check(&seen(&snippet.unwrap()));
}

#[test]
fn neovim_from_0_11_on_helps_with_recipes() {
    let snippet = snippets("lua").into_iter().find(|it| it.contains("vim.lsp.enable"));
    let newer = root().join("tests/editors/neovim/newer.lua");
    check(&seen(&format!("dofile({:?})\n{}", newer.display().to_string(), snippet.unwrap())));
}
