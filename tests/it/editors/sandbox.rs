//! Runs programs of the editors' Debian folder: they see that folder, the repository to read, and a folder of
//! this test. Nothing is mounted that outlives them, and nothing of theirs outlives the test.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{EASEL, root};

/// The Debian folder, where `cargo xtask editors` puts it, with this program in it.
pub(crate) fn debian(program: &str) -> PathBuf {
    let set = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|it| it.is_absolute());
    let folder = set("EASEL_EDITORS_DIR").unwrap_or_else(|| {
        let cache = set("XDG_CACHE_HOME")
            .or_else(|| set("HOME").map(|home| home.join(".cache")))
            .expect("there is a home folder");
        cache.join("easel/editors-trixie")
    });
    assert!(
        folder.join("usr/bin").join(program).exists(),
        "there is no `{program}` in `{}`: run `cargo xtask editors` first",
        folder.display()
    );
    folder
}

/// A home for an editor, and a screen where it needs one.
pub(super) struct Sandbox {
    folder: tempfile::TempDir,
    debian: PathBuf,
    /// The daemon's data folder, which the editor must see at its own place.
    data: PathBuf,
    display: Option<String>,
    screen: Vec<Child>,
}

impl Sandbox {
    /// A fresh home with the plugin in it, as `easel install` puts it there.
    pub(super) fn with_plugin(editor: &str, data: &Path) -> Sandbox {
        let (folder, debian) = (tempfile::tempdir().unwrap(), debian("krita"));
        for (part, mode) in
            [("tmp", 0o1777), ("tmp/.X11-unix", 0o1777), ("out", 0o755), ("run", 0o700)]
        {
            std::fs::create_dir(folder.path().join(part)).unwrap();
            let mode = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(folder.path().join(part), mode).unwrap();
        }
        // The editors' first start takes a quarter of a minute: this home has it behind it.
        let warm = debian.join("var/lib/easel/home");
        let copied =
            Command::new("cp").arg("-a").args([&warm, &folder.path().join("home")]).status();
        assert!(copied.unwrap().success(), "cannot copy `{}`", warm.display());
        let sandbox =
            Sandbox { folder, debian, data: data.to_owned(), display: None, screen: Vec::new() };
        let settings = match editor {
            "krita" => ".local/share/krita/pykrita",
            _ => ".config/GIMP/3.0/plug-ins",
        };
        std::fs::create_dir_all(sandbox.home().join(settings)).unwrap();
        let output = Command::new(EASEL)
            .args(["install", editor])
            .env("HOME", sandbox.home())
            .env_remove("XDG_DATA_HOME")
            .env_remove("XDG_CONFIG_HOME")
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        sandbox
    }

    /// The editor's home.
    pub(super) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Where scripts write what they saw.
    pub(super) fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    /// What the editor printed.
    pub(super) fn log(&self) -> String {
        let text = std::fs::read(self.folder.path().join("log")).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(60)..].join("\n")
    }

    /// Starts a screen with a window manager, for what needs one.
    pub(super) fn open_screen(&mut self) {
        let shown = self.folder.path().join("display");
        let server = self
            .command("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1400x900x24", "-nolisten", "tcp"])
            .stdout(std::fs::File::create(&shown).unwrap())
            .stderr(Stdio::null())
            .spawn()
            .expect("`bwrap` is installed");
        self.screen.push(server);
        let deadline = Instant::now() + Duration::from_secs(30);
        let number = loop {
            let number = std::fs::read_to_string(&shown).unwrap_or_default();
            if number.ends_with('\n') {
                break number.trim().to_owned();
            }
            assert!(Instant::now() < deadline, "there is no screen after 30 s");
            std::thread::sleep(Duration::from_millis(20));
        };
        self.display = Some(format!(":{number}"));
        let manager =
            self.command("openbox").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        self.screen.push(manager);
    }

    /// A program of the Debian folder.
    pub(super) fn command(&self, program: &str) -> Command {
        let home = self.folder.path();
        let mut command = Command::new("bwrap");
        // The process numbers stay the machine's own: clients look whether the daemon still lives.
        command.args(["--die-with-parent", "--new-session", "--clearenv"]);
        // Parts of the folder on an empty root, which takes the mount points of everything else.
        for part in ["usr", "etc", "var"] {
            command.arg("--ro-bind").arg(self.debian.join(part)).arg(format!("/{part}"));
        }
        for part in ["bin", "sbin", "lib", "lib64"] {
            command.arg("--symlink").arg(format!("usr/{part}")).arg(format!("/{part}"));
        }
        command.args(["--dev", "/dev", "--proc", "/proc"]);
        command.arg("--bind").arg(home.join("tmp")).arg("/tmp");
        // The order matters: what lies inside another folder comes after it.
        let program_folder = Path::new(EASEL).parent().unwrap();
        for folder in [root(), program_folder] {
            command.arg("--ro-bind").arg(folder).arg(folder);
        }
        for folder in [home, &self.data] {
            command.arg("--bind").arg(folder).arg(folder);
        }
        let path = format!("{}:/usr/bin:/bin", program_folder.display());
        let mut set = |name: &str, value: &std::ffi::OsStr| {
            command.arg("--setenv").arg(name).arg(value);
        };
        set("PATH", path.as_ref());
        set("HOME", self.home().as_ref());
        set("LC_ALL", "C.UTF-8".as_ref());
        set("XDG_RUNTIME_DIR", home.join("run").as_ref());
        set("NO_AT_BRIDGE", "1".as_ref());
        set("DBUS_SESSION_BUS_ADDRESS", "disabled:".as_ref());
        set("EASEL_DATA_DIR", self.data.as_ref());
        set("EASEL_WEIGHTS_DIR", root().join("weights").as_ref());
        set("EASEL_E2E_OUT", self.out().as_ref());
        set("EASEL_E2E_DATA", root().join("tests/data").as_ref());
        if let Some(display) = &self.display {
            set("DISPLAY", display.as_ref());
        }
        command.arg("--chdir").arg(home).arg(program);
        command
    }

    /// Runs a program to its end, its output in the log; panics where it takes too long.
    pub(super) fn run(
        &self,
        command: &mut Command,
        patience: Duration,
    ) -> std::process::ExitStatus {
        let log = std::fs::File::create(self.folder.path().join("log")).unwrap();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .expect("`bwrap` is installed");
        let deadline = Instant::now() + patience;
        loop {
            if let Some(status) = child.try_wait().unwrap() {
                return status;
            }
            if Instant::now() > deadline {
                let _ = child.kill();
                let _ = child.wait();
                panic!("still running after {} s\n{}", patience.as_secs(), self.log());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // The screen last: what draws on it ends with it.
        for child in self.screen.iter_mut().rev() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
