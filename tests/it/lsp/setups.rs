//! What the manual and the extension tell editors: that it is right, as far as it can be seen without them.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::client::Editor;
use crate::support::{EASEL, root};

/// The snippets of one language in the manual of code editors.
pub(super) fn snippets(language: &str) -> Vec<String> {
    let manual = std::fs::read_to_string(root().join("docs/code-editors.md")).unwrap();
    let fence = format!("```{language}\n");
    let parts = manual.split(&fence).skip(1);
    parts.map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

#[test]
fn helix_is_told_how_the_server_starts() {
    let snippet: toml::Table = snippets("toml").concat().parse().unwrap();
    let server = &snippet["language-server"]["easel"];
    assert_eq!(server["command"].as_str(), Some("easel"));
    let language = &snippet["language"][0];
    assert_eq!(language["name"].as_str(), Some("toml"));
    let servers = language["language-servers"].as_array().unwrap();
    assert!(servers.iter().any(|it| it.as_str() == Some("easel")), "{servers:?}");
    let arguments: Vec<&str> =
        server["args"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    assert_eq!(arguments, ["lsp"], "which is how `Editor` starts it");
    let mut editor = Editor::alone();
    assert_eq!(editor.greet(json!({}))["serverInfo"]["name"], "easel");
}

#[test]
fn the_manual_of_the_command_names_the_page() {
    let output = Command::new(EASEL).args(["lsp", "--help"]).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("docs/code-editors.md"));
    assert!(root().join("docs/code-editors.md").is_file());
}

fn vscode() -> std::path::PathBuf {
    root().join("integrations/vscode")
}

/// The extension does the commands that the server knows, and speaks of nothing that is not there.
#[test]
fn the_extension_of_vs_code_fits_the_server() {
    let text = std::fs::read_to_string(vscode().join("package.json")).unwrap();
    let package: Value = serde_json::from_str(&text).unwrap();
    let mut editor = Editor::alone();
    let answer = editor.greet(json!({}));
    let known = &answer["capabilities"]["executeCommandProvider"]["commands"];
    let commands = package["contributes"]["commands"].as_array().unwrap();
    let named: Vec<&Value> = commands.iter().map(|it| &it["command"]).collect();
    assert_eq!(json!(named), *known);
    let code = std::fs::read_to_string(vscode().join("extension.js")).unwrap();
    for name in named {
        assert!(code.contains(name.as_str().unwrap()), "{name}");
    }
    assert!(package["contributes"]["configuration"]["properties"].get("easel.path").is_some());
    for file in [&package["main"], &package["contributes"]["languages"][0]["configuration"]] {
        assert!(vscode().join(file.as_str().unwrap()).is_file(), "{file}");
    }
    let dependencies: Vec<&String> = package["dependencies"].as_object().unwrap().keys().collect();
    assert_eq!(dependencies, ["vscode-languageclient"]);
}

fn npm(folder: &Path, arguments: &[&str]) -> (bool, String) {
    let output = Command::new("npm").args(arguments).current_dir(folder).output();
    let output = output.expect("`npm` is installed");
    let words = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&words).into_owned())
}

/// It is checked strictly against VS Code's own types, and the check can fail.
#[test]
fn the_extension_of_vs_code_holds_to_its_types() {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let copy = target.join("vscode");
    std::fs::create_dir_all(&copy).unwrap();
    for name in ["package.json", "package-lock.json", "tsconfig.json", "extension.js"] {
        std::fs::copy(vscode().join(name), copy.join(name)).unwrap();
    }
    let cache = target.join("npm-cache").display().to_string();
    let (ok, words) =
        npm(&copy, &["ci", "--prefer-offline", "--no-audit", "--no-fund", "--cache", &cache]);
    assert!(ok, "{words}");
    let (ok, words) = npm(&copy, &["run", "--silent", "check"]);
    assert!(ok, "{words}");
    let code = std::fs::read_to_string(copy.join("extension.js")).unwrap();
    std::fs::write(copy.join("extension.js"), code.replace("client.start()", "client.begin()"))
        .unwrap();
    let (ok, words) = npm(&copy, &["run", "--silent", "check"]);
    assert!(!ok && words.contains("begin"), "{words}");
}
