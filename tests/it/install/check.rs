//! `easel install --check`: what is found when a plugin does not show up.

use super::home::{GIMP, Home, KRITARC, PYKRITA};
use crate::support::EASEL;

#[test]
fn a_sound_plugin_is_found_sound() {
    let home = Home::with(&[".local/share/krita", GIMP]);
    home.install(&["krita"]);
    home.install(&["gimp"]);
    insta::assert_snapshot!(home.check("krita").0, @r"
    ok       editor      Krita, with plugins in `~/.local/share/krita/pykrita`
    unknown  python      only Krita knows whether it has Python
             hint: it has when Settings → Configure Krita shows the Python Plugin Manager
    ok       files       N files of version VERSION, unchanged
    ok       enabled     in `~/.config/kritarc`
    ok       program     the plugin starts `EASEL`
    ok       daemon      not running; the plugin starts it
    ");
    insta::assert_snapshot!(home.check("gimp").0, @r"
    ok       editor      GIMP 3.0, with plugins in `~/.config/GIMP/3.0/plug-ins`
    ok       files       N files of version VERSION, unchanged
    ok       executable  `easel-gimp/easel-gimp.py` may be run
    ok       folder      `easel-gimp`, named as its file
    ok       program     the plugin starts `EASEL`
    ok       daemon      not running; the plugin starts it
    ");
    assert_eq!((home.check("krita").1, home.check("gimp").1), (Some(0), Some(0)));
    let found = home.json(&["krita", "--check"]);
    assert_eq!(found["findings"][0]["verdict"], "good");
}

#[test]
fn a_plugin_that_is_not_enabled_is_found() {
    let home = Home::with(&[".local/share/krita"]);
    home.install(&["krita"]);
    home.write(KRITARC, "[python]\nenable_easel_krita=false\n");
    insta::assert_snapshot!(home.check("krita").0, @r"
    ok       editor      Krita, with plugins in `~/.local/share/krita/pykrita`
    unknown  python      only Krita knows whether it has Python
             hint: it has when Settings → Configure Krita shows the Python Plugin Manager
    ok       files       N files of version VERSION, unchanged
    problem  enabled     switched off in `~/.config/kritarc`
             hint: quit Krita, then `easel install krita` enables it
    ok       program     the plugin starts `EASEL`
    ok       daemon      not running; the plugin starts it
    ");
    assert_eq!(home.check("krita").1, Some(1));
}

#[test]
fn a_file_that_was_changed_is_found() {
    let home = Home::with(&[".local/share/krita"]);
    home.install(&["krita"]);
    home.write(&format!("{PYKRITA}/easel_krita/__init__.py"), "mine");
    std::fs::remove_file(home.path(PYKRITA).join("easel_krita.desktop")).unwrap();
    insta::assert_snapshot!(home.check("krita").0, @r"
    ok       editor      Krita, with plugins in `~/.local/share/krita/pykrita`
    unknown  python      only Krita knows whether it has Python
             hint: it has when Settings → Configure Krita shows the Python Plugin Manager
    problem  files       `easel_krita/__init__.py` was changed, and 1 more
             hint: `easel install krita --force` keeps a copy and writes it anew
    ok       enabled     in `~/.config/kritarc`
    ok       program     the plugin starts `EASEL`
    ok       daemon      not running; the plugin starts it
    ");
}

#[cfg(unix)]
#[test]
fn a_plug_in_that_gimp_passes_over_is_found() {
    let home = Home::with(&[GIMP]);
    home.install(&["gimp"]);
    super::home::set_mode(&home.path(GIMP).join("easel-gimp/easel-gimp.py"), 0o644);
    home.write(&format!("{GIMP}/easel/easel-gimp.py"), "a copy by hand");
    let record = home.path(GIMP).join("easel-gimp/installed.json");
    let text = std::fs::read_to_string(&record).unwrap().replace(EASEL, "/no/such/easel");
    std::fs::write(&record, text).unwrap();
    insta::assert_snapshot!(home.check("gimp").0, @r"
    ok       editor      GIMP 3.0, with plugins in `~/.config/GIMP/3.0/plug-ins`
    ok       files       N files of version VERSION, unchanged
    problem  executable  `easel-gimp/easel-gimp.py` is not executable, and GIMP passes over it in silence
             hint: `easel install gimp` sets the bit
    problem  folder      GIMP passes over the plug-in at `~/.config/GIMP/3.0/plug-ins/easel`
             hint: remove it; `easel install gimp` puts it there
    problem  program     `/no/such/easel`, which the plugin starts, is gone
             hint: `easel install gimp` names this one: `EASEL`
    ok       daemon      not running; the plugin starts it
    ");
}

#[test]
fn an_editor_that_is_missing_is_found() {
    let home = Home::with(&[]);
    insta::assert_snapshot!(home.check("krita").0, @r"
    problem  editor      no Krita was found below `~`
             hint: start Krita once, so that it makes its folders, or name the one that it takes plugins from: `easel install krita --dir …/krita/pykrita`
    ");
    assert_eq!(home.check("krita").1, Some(1));
    assert!(home.tree().is_empty(), "a check writes nothing");
}

#[test]
fn a_sandbox_is_told_apart() {
    let home = Home::with(&[".var/app/org.kde.krita/config"]);
    let output = home.easel(&["krita"]);
    insta::assert_snapshot!(home.shown(&[output.stdout, output.stderr].concat()), @r"
    Krita (Flatpak): installed in `~/.var/app/org.kde.krita/data/krita/pykrita`, N files written
    Krita (Flatpak): enabled in `~/.var/app/org.kde.krita/config/kritarc`
    the Flatpak of Krita cannot start programs of this system: keep `easel serve` running
    start Krita again; the plugin is at Settings → Dockers → Easel
    ");
    insta::assert_snapshot!(home.check("krita").0, @r"
    ok       editor      Krita (Flatpak), with plugins in `~/.var/app/org.kde.krita/data/krita/pykrita`
    unknown  python      only Krita knows whether it has Python
             hint: it has when Settings → Configure Krita shows the Python Plugin Manager
    ok       files       N files of version VERSION, unchanged
    ok       enabled     in `~/.var/app/org.kde.krita/config/kritarc`
    problem  daemon      not running, and the plugin cannot start it
             hint: `easel serve` starts it
    ");
}

#[cfg(target_os = "linux")]
#[test]
fn an_editor_that_runs_is_told_of() {
    let home = Home::with(&[".local/share/krita"]);
    // Something of that name with this home: it ends with the test.
    let program = home.path("krita");
    std::os::unix::fs::symlink("/bin/sh", &program).unwrap();
    let mut editor = std::process::Command::new(&program)
        .env("HOME", home.path(""))
        .args(["-c", "read line"])
        .stdin(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let other = Home::with(&[".local/share/krita"]);
    let notes = [&home, &other].map(|home| home.json(&["krita"])["notes"].to_string());
    editor.kill().unwrap();
    editor.wait().unwrap();
    let told = "Krita runs and may write its settings anew";
    assert!(notes[0].contains(told), "{notes:?}");
    assert!(!notes[1].contains(told), "an editor of somebody else does not matter: {notes:?}");
}
