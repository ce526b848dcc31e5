//! Python: typed dictionaries for records, literals for closed sets, one call a method. The standard
//! library of Python 3.9 is enough for all of it, and the layout is what Python's formatters leave.

use std::fmt::Write;

use easel_protocol::ErrorKind;
use easel_protocol::openrpc::PROTOCOL_VERSION;
use easel_protocol::picture::{ICC_PROFILE, RAW_PIXELS};

use crate::text::{WIDTH, pascal, snake, wrap};
use crate::wire::{Call, Definition, Field, Shape, Type, Variant, Wire};

const HEADER: &str = r#""""Easel's wire: records, closed sets and calls.

Generated from the list of methods in `protocol/`; do not edit. Write it anew with
`cargo run -p easel-protocol --bin generate`.
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict, Union

"#;

/// What cannot be the name of a field or parameter.
const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];

pub(crate) fn write(wire: &Wire) -> Result<String, String> {
    let mut out = HEADER.to_owned();
    constants(&mut out);
    for (name, definition) in &wire.types {
        type_definition(&mut out, name, definition)?;
    }
    calls(&mut out, wire)?;
    Ok(out)
}

/// Writing to a `String` cannot fail.
macro_rules! line {
    ($out:expr) => { $out.push('\n') };
    ($out:expr, $($part:tt)*) => { let _ = writeln!($out, $($part)*); };
}

fn constants(out: &mut String) {
    line!(out, "PROTOCOL_VERSION = {PROTOCOL_VERSION}");
    line!(out, "# The media type of raw rows, top to bottom, tightly packed.");
    line!(out, "RAW_PIXELS = \"{RAW_PIXELS}\"");
    line!(out, "# The media type of an ICC profile.");
    line!(out, "ICC_PROFILE = \"{ICC_PROFILE}\"");
}

fn type_definition(out: &mut String, name: &str, definition: &Definition) -> Result<(), String> {
    match &definition.shape {
        Shape::Words(words) => {
            line!(out, "\n");
            comment(out, &definition.doc, "");
            line!(out, "{name} = Literal[");
            for word in words {
                comment(out, &word.doc, "    ");
                line!(out, "    \"{}\",", word.word);
            }
            line!(out, "]");
            if name == "ErrorKind" {
                error_codes(out);
            }
        }
        Shape::Alias(value) => {
            line!(out, "\n");
            comment(out, &definition.doc, "");
            line!(out, "{name} = {}", type_name(value));
        }
        Shape::Record(fields) => record(out, name, "TypedDict", &definition.doc, fields)?,
        Shape::Union { common, variants } => union(out, name, &definition.doc, common, variants)?,
    }
    Ok(())
}

fn error_codes(out: &mut String) {
    line!(out);
    line!(out, "# The kind behind a JSON-RPC error code, for answers that carry nothing else.");
    line!(out, "ERROR_CODES: dict[int, ErrorKind] = {{");
    for kind in ErrorKind::ALL {
        line!(out, "    {}: \"{}\",", kind.code(), kind.name());
    }
    line!(out, "}}");
}

/// A record. `NotRequired` is younger than Python 3.9: fields that may be absent are in a class of
/// their own below the others.
fn record(
    out: &mut String,
    name: &str,
    base: &str,
    doc: &str,
    fields: &[Field],
) -> Result<(), String> {
    let (required, optional): (Vec<&Field>, Vec<&Field>) =
        fields.iter().partition(|field| field.required);
    if optional.is_empty() {
        return class(out, name, base, doc, &required);
    }
    if required.is_empty() {
        return class(out, name, &format!("{base}, total=False"), doc, &optional);
    }
    let above = format!("_{name}Required");
    class(out, &above, base, "", &required)?;
    class(out, name, &format!("{above}, total=False"), doc, &optional)
}

fn class(
    out: &mut String,
    name: &str,
    bases: &str,
    doc: &str,
    fields: &[&Field],
) -> Result<(), String> {
    line!(out);
    line!(out);
    line!(out, "class {name}({bases}):");
    docstring(out, doc, "    ");
    if !doc.is_empty() && !fields.is_empty() {
        line!(out);
    }
    if doc.is_empty() && fields.is_empty() {
        line!(out, "    pass");
    }
    for field in fields {
        line!(out, "    {}: {}", name_of(&field.name)?, type_name(&field.value));
        docstring(out, &field.doc, "    ");
    }
    Ok(())
}

fn union(
    out: &mut String,
    name: &str,
    doc: &str,
    common: &[Field],
    variants: &[Variant],
) -> Result<(), String> {
    let base = if common.is_empty() { "TypedDict".to_owned() } else { format!("_{name}") };
    if !common.is_empty() {
        record(out, &base, "TypedDict", "", common)?;
    }
    let names: Vec<String> =
        variants.iter().map(|variant| format!("{name}{}", pascal(&variant.word))).collect();
    for (variant, name) in variants.iter().zip(&names) {
        record(out, name, &base, &variant.doc, &variant.fields)?;
    }
    line!(out);
    line!(out);
    comment(out, doc, "");
    line!(out, "{}", bracketed(&format!("{name} = Union["), &names, "]", ""));
    Ok(())
}

fn calls(out: &mut String, wire: &Wire) -> Result<(), String> {
    line!(
        out,
        "\n\ndef _given(**params: Any) -> dict[str, Any]:\n    return {{name: value for name, value in params.items() if value is not None}}"
    );
    line!(out, "\n\nclass Methods:");
    docstring(
        out,
        "Every method as a call. What is left out is left to the daemon. The class below says how a call is made.",
        "    ",
    );
    line!(
        out,
        "\n    def _call(self, name: str, params: dict[str, Any]) -> Any:\n        raise NotImplementedError"
    );
    for call in &wire.methods {
        one_call(out, call, wire.params(call))?;
    }
    Ok(())
}

fn one_call(out: &mut String, call: &Call, fields: &[Field]) -> Result<(), String> {
    let mut taken = vec!["self".to_owned()];
    let mut given = Vec::new();
    if !fields.is_empty() {
        taken.push("*".to_owned());
    }
    for field in fields {
        let name = name_of(&field.name)?;
        taken.push(match (&field.value, field.required) {
            (value, true) => format!("{name}: {}", type_name(value)),
            (Type::Optional(value), false) => format!("{name}: {} | None = None", type_name(value)),
            (value, false) => format!("{name}: {} | None = None", type_name(value)),
        });
        given.push(format!("{name}={name}"));
    }
    line!(out);
    line!(
        out,
        "{}",
        bracketed(
            &format!("    def {}(", snake(call.name)),
            &taken,
            &format!(") -> {}:", call.result),
            "    "
        )
    );
    let mut doc = wrap(call.summary, WIDTH - 11);
    if fields.iter().any(|field| !field.doc.is_empty()) {
        doc.push(String::new());
    }
    for field in fields.iter().filter(|field| !field.doc.is_empty()) {
        let mut lines = wrap(&format!("{}: {}", field.name, field.doc), WIDTH - 12).into_iter();
        doc.extend(lines.next());
        doc.extend(lines.map(|line| format!("    {line}")));
    }
    docstring_lines(out, &doc, "        ");
    let params = if given.is_empty() {
        "{}".to_owned()
    } else {
        bracketed("_given(", &given, ")", "            ")
    };
    let start = format!("        result: {} = self._call(", call.result);
    line!(out, "{}", bracketed(&start, &[format!("\"{}\"", call.name), params], ")", "        "));
    line!(out, "        return result");
    Ok(())
}

/// Items between brackets: in one line where they fit, else indented in one line, else one a line.
fn bracketed(start: &str, items: &[String], end: &str, indent: &str) -> String {
    let joined = items.join(", ");
    let whole = format!("{start}{joined}{end}");
    if whole.chars().count() <= WIDTH {
        return whole;
    }
    let inner = format!("{indent}    ");
    if inner.len() + joined.chars().count() <= WIDTH {
        return format!("{start}\n{inner}{joined}\n{indent}{end}");
    }
    let mut lines = format!("{start}\n");
    for item in items {
        line!(lines, "{inner}{item},");
    }
    lines + indent + end
}

fn type_name(value: &Type) -> String {
    match value {
        Type::Text => "str".to_owned(),
        Type::Integer => "int".to_owned(),
        Type::Number => "float".to_owned(),
        Type::Boolean => "bool".to_owned(),
        Type::Anything => "Any".to_owned(),
        Type::Word(word) => format!("Literal[\"{word}\"]"),
        Type::Named(name) => name.clone(),
        Type::Optional(value) => format!("{} | None", type_name(value)),
        Type::List(value) => format!("list[{}]", type_name(value)),
        Type::Tuple(items) => {
            // JSON has no tuples: what arrives is a list, and either may be sent.
            let items: Vec<String> = items.iter().map(type_name).collect();
            match items.split_first() {
                Some((first, rest)) if rest.iter().all(|item| item == first) => {
                    format!("list[{first}]")
                }
                _ => "list[Any]".to_owned(),
            }
        }
        Type::Map(value) => format!("dict[str, {}]", type_name(value)),
    }
}

fn name_of(name: &str) -> Result<&str, String> {
    let letters = |letter: char| letter == '_' || letter.is_ascii_alphanumeric();
    let odd = KEYWORDS.contains(&name)
        || !name.chars().all(letters)
        || name.starts_with(|letter: char| letter.is_ascii_digit());
    if odd {
        Err(format!("`{name}` cannot be a name in Python; give the field another one"))
    } else {
        Ok(name)
    }
}

fn comment(out: &mut String, doc: &str, indent: &str) {
    if doc.is_empty() {
        return;
    }
    for text in wrap(doc, WIDTH - indent.len() - 2) {
        line!(out, "{}", format!("{indent}# {text}").trim_end());
    }
}

fn docstring(out: &mut String, doc: &str, indent: &str) {
    if !doc.is_empty() {
        let lines = wrap(doc, WIDTH - indent.len() - 6);
        docstring_lines(out, &lines, indent);
    }
}

fn docstring_lines(out: &mut String, lines: &[String], indent: &str) {
    let text = |line: &String| line.replace('\\', "\\\\").replace("\"\"\"", "\\\"\\\"\\\"");
    if let [only] = lines {
        // A quotation mark at the end would be taken for one of the three.
        let gap = if only.ends_with('"') { " " } else { "" };
        line!(out, "{indent}\"\"\"{}{gap}\"\"\"", text(only));
        return;
    }
    for (index, line) in lines.iter().enumerate() {
        let quotes = if index == 0 { "\"\"\"" } else { "" };
        line!(out, "{}", format!("{indent}{quotes}{}", text(line)).trim_end());
    }
    line!(out, "{indent}\"\"\"");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_are_broken_as_formatters_break_them() {
        let items = |count: usize| vec!["item".repeat(5); count];
        assert_eq!(bracketed("f(", &items(2), ")", ""), format!("f({})", items(2).join(", ")));
        assert_eq!(bracketed("long_enough = f(", &items(4), ")", "").lines().count(), 3);
        assert_eq!(bracketed("f(", &items(5), ")", "").lines().count(), 7);
    }

    #[test]
    fn no_text_ends_its_docstring() {
        let mut out = String::new();
        docstring(&mut out, "says \"\"\" and C:\\new and \"so\"", "");
        assert_eq!(out, "\"\"\"says \\\"\\\"\\\" and C:\\\\new and \"so\" \"\"\"\n");
    }

    #[test]
    fn words_of_the_language_are_no_names() {
        assert!(name_of("from").is_err() && name_of("1st").is_err() && name_of("a-b").is_err());
        assert_eq!(name_of("prompt"), Ok("prompt"));
    }
}
