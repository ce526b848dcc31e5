//! Reads a header of this project's own plain style: structs with one field a declaration, enums and
//! `#define`s of constants. Enough to compare two versions; it is no C parser and needs to be none.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A struct of the header and its field declarations, spaces squeezed.
#[derive(Debug, PartialEq)]
pub(crate) struct Struct {
    pub(crate) name: String,
    pub(crate) fields: Vec<Field>,
}

/// One field: its name, and its declaration in full.
#[derive(Debug, PartialEq)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) declaration: String,
}

/// The folder of the crate.
pub(crate) fn crate_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The text of a file of the crate.
pub(crate) fn text_of(path: &str) -> String {
    let path = crate_folder().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The header without comments, spaces squeezed.
pub(crate) fn squeeze(header: &str) -> String {
    let mut plain = String::new();
    let mut rest = header;
    while let Some(start) = rest.find("/*") {
        plain.push_str(&rest[..start]);
        let end = rest[start..].find("*/").expect("a comment ends");
        rest = &rest[start + end + 2..];
    }
    plain.push_str(rest);
    let lines: Vec<_> =
        plain.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    lines.join("\n")
}

/// The structs of a squeezed header, in order.
pub(crate) fn structs(plain: &str) -> Vec<Struct> {
    let mut found = Vec::new();
    for part in plain.split("typedef struct ").skip(1) {
        let Some((name, body)) = part.split_once(" {") else { continue };
        let body = body.split_once("\n}").expect("a struct ends").0;
        let fields = body
            .split(';')
            .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
            .filter(|text| !text.is_empty())
            .map(|declaration| Field { name: field_name(&declaration), declaration })
            .collect();
        found.push(Struct { name: name.to_owned(), fields });
    }
    found
}

fn field_name(declaration: &str) -> String {
    let name = match declaration.split_once("(EASEL_CALL *") {
        Some((_, rest)) => rest.split_once(')').expect("a function pointer's name ends").0,
        None => declaration.rsplit([' ', '*']).next().expect("a declaration has words"),
    };
    assert!(
        !declaration.contains('[') && !name.contains(','),
        "one plain field each: {declaration}"
    );
    name.to_owned()
}

/// The constants of a squeezed header with their values as text: enums, numbers and extension ids.
pub(crate) fn constants(plain: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for line in plain.lines() {
        if let Some((name, value)) =
            line.strip_prefix("#define ").and_then(|rest| rest.split_once(' '))
            && !name.contains('(')
            && (value.starts_with('"') || value.starts_with(|first: char| first.is_ascii_digit()))
        {
            found.push((name.to_owned(), value.to_owned()));
        } else if let Some((name, value)) = line.split_once(" = ")
            && name.starts_with("EASEL_")
        {
            found.push((name.to_owned(), value.trim_end_matches(',').to_owned()));
        }
    }
    found
}

/// Runs a compiler with the crate's folder on the include path; panics with its messages on failure.
pub(crate) fn compile(compiler: &str, flags: &[&str], source: &Path, output: &Path) {
    let made = Command::new(compiler)
        .args(flags)
        .arg("-I")
        .arg(crate_folder())
        .arg(source)
        .arg("-o")
        .arg(output)
        .output()
        .unwrap_or_else(|error| {
            panic!("the tests need a C and a C++ compiler: `{compiler}`: {error}")
        });
    let messages = String::from_utf8_lossy(&made.stderr);
    assert!(made.status.success(), "{compiler} {flags:?} {}:\n{messages}", source.display());
}

/// A folder of its own for one test.
pub(crate) fn scratch(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    std::fs::create_dir_all(&folder).expect("a folder for the test");
    folder
}
