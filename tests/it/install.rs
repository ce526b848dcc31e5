//! `easel install` as a person meets it, in a home folder of the test's own.

mod check;
mod home;

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::{EASEL, root};
use home::{GIMP, Home, KRITARC, PYKRITA};

/// Whether an installed file is the repository's.
fn assert_same(installed: &Path, source: &str) {
    let source = root().join("integrations").join(source);
    assert_eq!(
        std::fs::read(installed).unwrap(),
        std::fs::read(&source).unwrap(),
        "{}",
        source.display()
    );
}

#[test]
fn krita_gets_its_plugin_once() {
    let home = Home::with(&[".local/share/krita"]);
    insta::assert_snapshot!(home.install(&["krita"]), @r"
    Krita: installed in `~/.local/share/krita/pykrita`, N files written
    Krita: enabled in `~/.config/kritarc`
    ");
    let pykrita = home.path(PYKRITA);
    assert_same(&pykrita.join("easel_krita.desktop"), "krita/easel_krita.desktop");
    assert_same(&pykrita.join("easel_krita/__init__.py"), "krita/easel_krita/__init__.py");
    assert_same(&pykrita.join("easel_krita/easel/client.py"), "python/easel/client.py");
    assert_eq!(home.read(KRITARC), "[python]\nenable_easel_krita=true\n");
    let record: Value =
        serde_json::from_str(&home.read(&format!("{PYKRITA}/easel_krita/installed.json"))).unwrap();
    assert_eq!(record["easel"], env!("CARGO_PKG_VERSION"));
    assert_eq!(record["program"], EASEL);
    assert!(record["files"]["easel_krita/easel/client.py"].as_str().unwrap().len() == 64);

    let before = home.tree();
    insta::assert_snapshot!(home.install(&["krita"]), @"Krita: VERSION is in `~/.local/share/krita/pykrita`, nothing to do");
    assert_eq!(home.tree(), before);
}

#[test]
fn a_plugin_learns_where_the_program_is() {
    let home = Home::with(&[".local/share/krita", GIMP]);
    home.install(&["krita"]);
    home.install(&["gimp"]);
    for folder in [format!("{PYKRITA}/easel_krita"), format!("{GIMP}/easel-gimp")] {
        let output = Command::new("python3")
            .args(["-B", "-c", "from easel.daemon import installed_program as it; print(it())"])
            .env("PYTHONPATH", home.path(&folder))
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), EASEL, "{output:?}");
    }
}

#[test]
fn settings_keep_every_other_byte() {
    let home = Home::with(&[".local/share/krita"]);
    let settings = "Top=1\r\n[python]\nenable_other=true\n\n[Strange \u{fffd}]\nkey = [x]  \n";
    home.write(KRITARC, settings);
    home.install(&["krita"]);
    let with = settings.replace("[python]\n", "[python]\r\nenable_easel_krita=true\r\n");
    assert_eq!(home.read(KRITARC).replace('\r', ""), with.replace('\r', ""));
    home.install(&["krita", "--uninstall"]);
    assert_eq!(home.read(KRITARC), settings);
}

#[cfg(unix)]
#[test]
fn gimp_gets_its_plug_in_for_every_version() {
    let home = Home::with(&[".config/GIMP/2.10/plug-ins", ".config/GIMP/3.0", ".config/GIMP/3.2"]);
    insta::assert_snapshot!(home.install(&["gimp"]), @r"
    GIMP 3.0: installed in `~/.config/GIMP/3.0/plug-ins`, N files written
    GIMP 3.2: installed in `~/.config/GIMP/3.2/plug-ins`, N files written
    ");
    for version in ["3.0", "3.2"] {
        let folder = home.path(&format!(".config/GIMP/{version}/plug-ins/easel-gimp"));
        assert_eq!(home::mode(&folder.join("easel-gimp.py")) & 0o111, 0o111);
        assert_eq!(home::mode(&folder.join("easel/client.py")) & 0o111, 0);
        assert_same(&folder.join("easel-gimp.py"), "gimp/easel-gimp.py");
        assert_same(&folder.join("easel_gimp/__init__.py"), "gimp/easel_gimp/__init__.py");
    }
    assert!(std::fs::read_dir(home.path(".config/GIMP/2.10/plug-ins")).unwrap().next().is_none());

    home::set_mode(&home.path(GIMP).join("easel-gimp/easel-gimp.py"), 0o644);
    insta::assert_snapshot!(home.install(&["gimp"]), @r"
    GIMP 3.0: updated in `~/.config/GIMP/3.0/plug-ins`, 1 file made executable
    GIMP 3.2: VERSION is in `~/.config/GIMP/3.2/plug-ins`, nothing to do
    ");
}

/// Makes what is installed an older version: one file was another, one is no longer needed.
fn grow_old(home: &Home) {
    let record = home.path(PYKRITA).join("easel_krita/installed.json");
    let mut content: Value = serde_json::from_slice(&std::fs::read(&record).unwrap()).unwrap();
    content["easel"] = json!("0.0.1");
    for path in ["easel_krita/easel/client.py", "easel_krita/old/gone.py"] {
        home.write(&format!("{PYKRITA}/{path}"), "old");
        content["files"][path] = json!(blake3::hash(b"old").to_hex().to_string());
    }
    home.write(&format!("{PYKRITA}/easel_krita/old/__pycache__/gone.cpython-313.pyc"), "made");
    std::fs::write(record, content.to_string()).unwrap();
}

#[test]
fn an_older_version_is_replaced() {
    let home = Home::with(&[".local/share/krita"]);
    home.install(&["krita"]);
    let fresh = home.tree();
    grow_old(&home);
    let (found, code) = home.check("krita");
    assert!(found.contains("N files of version 0.0.1, and this is VERSION"), "{found}");
    assert_eq!(code, Some(1));
    insta::assert_snapshot!(home.install(&["krita"]), @"Krita: updated in `~/.local/share/krita/pykrita`, 1 file written, 1 file removed");
    assert_eq!(home.tree(), fresh);
}

#[test]
fn what_a_crash_left_is_finished() {
    let home = Home::with(&[".local/share/krita"]);
    home.install(&["krita"]);
    let fresh = home.tree();
    // The record of old and new was there, one file was in place, another was still beside its own.
    grow_old(&home);
    let record = home.path(PYKRITA).join("easel_krita/installed.json");
    let mut content: Value = serde_json::from_slice(&std::fs::read(&record).unwrap()).unwrap();
    content["writing"] =
        json!({ "easel_krita/easel/client.py": content["files"]["easel_krita/easel/client.py"] });
    content["files"]["easel_krita/easel/client.py"] = json!("of a version before");
    std::fs::write(&record, content.to_string()).unwrap();
    for name in ["client", "errors"] {
        home.write(&format!("{PYKRITA}/easel_krita/easel/.{name}.py.easel-new"), "ha");
    }
    std::fs::remove_file(home.path(PYKRITA).join("easel_krita.desktop")).unwrap();
    home.install(&["krita"]);
    assert_eq!(home.tree(), fresh);
}

#[test]
fn what_somebody_changed_is_not_overwritten() {
    let home = Home::with(&[".local/share/krita"]);
    home.install(&["krita"]);
    grow_old(&home);
    let mine = format!("{PYKRITA}/easel_krita/easel/client.py");
    home.write(&mine, "mine");
    let before = home.tree();
    let output = home.easel(&["krita"]);
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!(home.shown(&output.stderr), @r"
    error: `~/.local/share/krita/pykrita/easel_krita/easel/client.py` was changed since it was installed

    hint: nothing was changed; `--force` moves it to a name with `.before-easel` and goes on
    ");
    assert_eq!(home.tree(), before);

    insta::assert_snapshot!(home.install(&["krita", "--force"]), @r"
    Krita: updated in `~/.local/share/krita/pykrita`, 1 file written, 1 file removed
    Krita: what was there is now `easel_krita/easel/client.py.before-easel`
    ");
    assert_eq!(home.read(&format!("{mine}.before-easel")), "mine");
    assert_same(&home.path(&mine), "python/easel/client.py");
}

#[test]
fn what_is_not_known_is_not_overwritten() {
    let home = Home::with(&[".config/GIMP/3.0", ".config/GIMP/3.2"]);
    home.write(".config/GIMP/3.2/plug-ins/easel-gimp/easel-gimp.py", "another plug-in");
    let before = home.tree();
    let output = home.easel(&["gimp"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(home.shown(&output.stderr).contains("was not put there by `easel install`"));
    assert_eq!(home.tree(), before, "the other version is not touched either");
}

#[cfg(unix)]
#[test]
fn a_link_into_a_checkout_is_not_written_through() {
    let home = Home::with(&[PYKRITA, "checkout/easel_krita"]);
    let link = home.path(PYKRITA).join("easel_krita");
    std::os::unix::fs::symlink(home.path("checkout/easel_krita"), &link).unwrap();
    let output = home.easel(&["krita"]);
    let text = home.shown(&output.stderr);
    assert!(text.contains("is a link to `~/checkout/easel_krita`"), "{text}");
    assert!(std::fs::read_dir(home.path("checkout/easel_krita")).unwrap().next().is_none());
    home.install(&["krita", "--force"]);
    assert!(home.path(PYKRITA).join("easel_krita.before-easel").is_symlink());
    assert!(std::fs::read_dir(home.path("checkout/easel_krita")).unwrap().next().is_none());
}

#[test]
fn nothing_is_left_when_it_is_taken_out() {
    let home = Home::with(&[".local/share/krita"]);
    home.write(KRITARC, "[theme]\nTheme=Krita dark\n");
    let before = home.tree();
    home.install(&["krita"]);
    home.write(&format!("{PYKRITA}/easel_krita/__pycache__/__init__.cpython-313.pyc"), "made");
    insta::assert_snapshot!(home.install(&["krita", "--uninstall"]), @r"
    Krita: taken out of `~/.local/share/krita/pykrita`, N files removed
    Krita: no longer enabled in `~/.config/kritarc`
    ");
    assert_eq!(home.tree(), before);
    insta::assert_snapshot!(home.install(&["krita", "--uninstall"]), @"Krita: nothing is installed in `~/.local/share/krita/pykrita`");

    let nobody = Home::with(&[]);
    let output = nobody.easel(&["gimp", "--uninstall"]);
    assert!(output.status.success());
    assert_eq!(
        nobody.shown(&output.stderr),
        "no GIMP was found below `~`, so nothing is installed\n"
    );
}

#[test]
fn what_is_not_ours_stays_when_it_is_taken_out() {
    let home = Home::with(&[".local/share/krita"]);
    home.write(&format!("{PYKRITA}/other/__init__.py"), "other");
    home.install(&["krita"]);
    home.write(&format!("{PYKRITA}/easel_krita/mine.py"), "mine");
    home.write(&format!("{PYKRITA}/easel_krita/easel/client.py"), "mine");
    let output = home.install(&["krita", "--uninstall"]);
    assert!(
        output.contains(
            "`easel_krita/easel/client.py` was changed since it was installed, and stays"
        ),
        "{output}"
    );
    let left: Vec<String> = home
        .tree()
        .into_iter()
        .filter(|(_, content)| content.is_some())
        .map(|(path, _)| home.shown(path.display().to_string().as_bytes()))
        .collect();
    assert_eq!(
        left,
        ["easel/client.py", "mine.py"]
            .map(|name| format!("~/{PYKRITA}/easel_krita/{name}"))
            .into_iter()
            .chain([format!("~/{PYKRITA}/other/__init__.py")])
            .collect::<Vec<_>>()
    );
}

#[test]
fn a_folder_may_be_named() {
    let home = Home::with(&[]);
    let output = home.easel(&["gimp"]);
    assert_eq!(output.status.code(), Some(3));
    insta::assert_snapshot!(home.shown(&output.stderr), @r"
    error: no GIMP was found below `~`

    hint: start GIMP once, so that it makes its folders, or name the one that it takes plugins from: `easel install gimp --dir …/GIMP/3.0/plug-ins`
    ");
    let folder = home.path("odd/plug-ins");
    let done = home.json(&["gimp", "--dir", &folder.display().to_string()]);
    assert_eq!(done["places"][0]["did"], "installed");
    assert_eq!(done["places"][0]["folder"], folder.display().to_string());
    let written = done["places"][0]["written"].as_array().unwrap();
    assert_eq!(written.last().unwrap(), "easel-gimp/easel-gimp.py", "what GIMP looks for is last");
    assert!(folder.join("easel-gimp/easel-gimp.py").exists());
    // The folder around it will do.
    let done = home.json(&["gimp", "--dir", &home.path("odd").display().to_string()]);
    assert_eq!(done["places"][0]["did"], "unchanged");
    home.install(&["gimp", "--dir", &folder.display().to_string(), "--uninstall"]);
    assert!(home.tree().is_empty());
    home.install(&["krita", "--dir", &folder.display().to_string()]);
    assert!(home.path(KRITARC).exists());
    home.install(&["krita", "--dir", &folder.display().to_string(), "--uninstall"]);
    assert!(home.tree().is_empty());
}

#[test]
fn figma_gets_a_folder_to_import() {
    let home = Home::with(&["Documents"]);
    let output = home.easel(&["figma"]);
    assert!(output.status.success(), "{output:?}");
    insta::assert_snapshot!(home.shown(&output.stdout), @"Figma: installed in `~/Documents`, N files written");
    let manifest = home.path("Documents/easel-figma/manifest.json");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("Import plugin from manifest"), "{said}");
    assert!(said.contains(&manifest.display().to_string()), "{said}");
    assert_same(&manifest, "figma/manifest.json");
    // What the manifest names is there, and nothing that only developers need.
    let parsed: Value = serde_json::from_slice(&std::fs::read(&manifest).unwrap()).unwrap();
    for file in ["main", "ui"] {
        let file = parsed[file].as_str().unwrap();
        assert_same(&home.path("Documents/easel-figma").join(file), &format!("figma/{file}"));
    }
    assert!(!home.path("Documents/easel-figma/src").exists());
    insta::assert_snapshot!(home.install(&["figma"]), @"Figma: VERSION is in `~/Documents`, nothing to do");
    let check = home.json(&["figma", "--check"]);
    let verdict = |what: &str| {
        let findings = check["findings"].as_array().unwrap();
        findings.iter().find(|it| it["what"] == what).unwrap()["verdict"].clone()
    };
    assert_eq!(verdict("files"), "good");
    assert_eq!(verdict("imported"), "unknown");
    assert_eq!(verdict("daemon"), "bad", "no plugin of Figma can start it");
    insta::assert_snapshot!(home.install(&["figma", "--uninstall"]), @"Figma: taken out of `~/Documents`, N files removed");
    assert!(!home.path("Documents/easel-figma").exists());
    // Without a folder for documents it is where every dialog begins.
    let bare = Home::with(&[]);
    insta::assert_snapshot!(bare.install(&["figma"]), @"Figma: installed in `~`, N files written");
}
