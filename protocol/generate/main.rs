//! Writes what is generated from the list of methods: the OpenRPC document, the Python client's
//! types and calls, and the TypeScript types. All three are committed, and the test below fails
//! when one of them is stale. It reads nothing but this crate and reaches nothing but those files.

mod python;
mod text;
mod typescript;
mod wire;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use wire::Wire;

/// A file as it should be: its path from the root of the repository, and its text.
struct Generated {
    path: &'static str,
    text: String,
}

fn generate() -> Result<Vec<Generated>, String> {
    let wire = Wire::read()?;
    Ok(vec![
        Generated { path: "protocol/openrpc.json", text: easel_protocol::openrpc::document_text() },
        Generated { path: "integrations/python/easel/protocol.py", text: python::write(&wire)? },
        Generated { path: "integrations/typescript/protocol.ts", text: typescript::write(&wire) },
    ])
}

fn root() -> PathBuf {
    let protocol = Path::new(env!("CARGO_MANIFEST_DIR"));
    protocol.parent().unwrap_or(protocol).to_owned()
}

fn run() -> Result<(), String> {
    for Generated { path, text } in generate()? {
        let file = root().join(path);
        // Untouched files keep their time, so that nothing is built again for nothing.
        if std::fs::read_to_string(&file).is_ok_and(|found| found == text) {
            continue;
        }
        let folder = file.parent().unwrap_or(&file);
        std::fs::create_dir_all(folder)
            .map_err(|error| format!("cannot create `{}`: {error}", folder.display()))?;
        std::fs::write(&file, text).map_err(|error| format!("cannot write `{path}`: {error}"))?;
        // Nobody is harmed when nobody reads this.
        let _ = writeln!(std::io::stdout(), "wrote {path}");
    }
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            let _ = writeln!(std::io::stderr(), "error: {message}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn committed_files_are_current() {
        let stale: Vec<&str> = generate()
            .unwrap()
            .into_iter()
            .filter(|wanted| {
                let found = std::fs::read_to_string(root().join(wanted.path)).unwrap_or_default();
                // A checkout on Windows may have other line ends.
                found.replace("\r\n", "\n") != wanted.text
            })
            .map(|wanted| wanted.path)
            .collect();
        assert!(
            stale.is_empty(),
            "stale: {}; `cargo run -p easel-protocol --bin generate` writes them",
            stale.join(", ")
        );
    }

    #[test]
    fn the_same_is_generated_twice() {
        let texts = || generate().unwrap().into_iter().map(|file| file.text).collect::<Vec<_>>();
        assert_eq!(texts(), texts());
    }

    #[test]
    fn no_line_is_long_and_none_ends_in_a_space() {
        for file in generate().unwrap() {
            for line in file.text.lines() {
                assert_eq!(line, line.trim_end(), "{}", file.path);
                let data = Path::new(file.path).extension().is_some_and(|end| end == "json");
                assert!(data || line.chars().count() <= text::WIDTH, "{}: {line}", file.path);
            }
        }
    }

    #[test]
    fn the_document_keeps_the_rules_of_openrpc() {
        fn references<'a>(value: &'a serde_json::Value, found: &mut Vec<&'a str>) {
            match value {
                serde_json::Value::Object(fields) => {
                    found.extend(fields.get("$ref").and_then(|reference| reference.as_str()));
                    for inner in fields.values() {
                        references(inner, found);
                    }
                }
                serde_json::Value::Array(items) => {
                    for inner in items {
                        references(inner, found);
                    }
                }
                _ => {}
            }
        }
        let document = easel_protocol::openrpc::document();
        assert!(document["components"]["errors"]["rate_limited"]["code"].is_i64());
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(!found.is_empty());
        for reference in found {
            let schema = reference.strip_prefix('#').and_then(|pointer| document.pointer(pointer));
            assert!(schema.is_some(), "{reference} leads nowhere");
        }
        let mut names = std::collections::HashSet::new();
        for method in document["methods"].as_array().unwrap() {
            assert!(names.insert(&method["name"]), "{} is there twice", method["name"]);
            let required: Vec<bool> = method["params"]
                .as_array()
                .unwrap()
                .iter()
                .map(|param| param["required"].as_bool().unwrap())
                .collect();
            assert!(required.is_sorted_by(|before, after| before >= after), "{}", method["name"]);
        }
    }
}
