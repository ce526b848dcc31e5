//! TypeScript: interfaces, unions and a map of the methods. Types only, nothing that runs.

use std::fmt::Write;

use easel_protocol::methods::{SUBSCRIBE, SUBSCRIPTION, UNSUBSCRIBE};

use crate::text::{WIDTH, pascal, wrap};
use crate::wire::{Definition, Field, Shape, Type, Wire};

const HEADER: &str = "\
// Easel's wire: records, closed sets and methods.
//
// Generated from the list of methods in `protocol/`; do not edit. Write it anew with
// `cargo run -p easel-protocol --bin generate`.
";

/// Writing to a `String` cannot fail.
macro_rules! line {
    ($out:expr) => { $out.push('\n') };
    ($out:expr, $($part:tt)*) => { let _ = writeln!($out, $($part)*); };
}

pub(crate) fn write(wire: &Wire) -> String {
    let mut out = HEADER.to_owned();
    for (name, definition) in &wire.types {
        type_definition(&mut out, name, definition);
    }
    methods(&mut out, wire);
    out
}

fn type_definition(out: &mut String, name: &str, definition: &Definition) {
    line!(out);
    match &definition.shape {
        Shape::Words(words) => {
            comment(out, &definition.doc, "");
            line!(out, "export type {name} =");
            for (index, word) in words.iter().enumerate() {
                comment(out, &word.doc, "  ");
                let end = if index + 1 == words.len() { ";" } else { "" };
                line!(out, "  | \"{}\"{end}", word.word);
            }
        }
        Shape::Alias(value) => {
            comment(out, &definition.doc, "");
            line!(out, "export type {name} = {};", type_name(value));
        }
        Shape::Record(fields) if fields.is_empty() => {
            comment(out, &definition.doc, "");
            line!(out, "export type {name} = Record<string, never>;");
        }
        Shape::Record(fields) => {
            comment(out, &definition.doc, "");
            interface(out, name, "", fields);
        }
        Shape::Union { common, variants } => {
            let mut extends = String::new();
            if !common.is_empty() {
                extends = format!(" extends {name}Common");
                comment(out, &format!("What every `{name}` has."), "");
                interface(out, &format!("{name}Common"), "", common);
                line!(out);
            }
            for variant in variants {
                comment(out, &variant.doc, "");
                interface(
                    out,
                    &format!("{name}{}", pascal(&variant.word)),
                    &extends,
                    &variant.fields,
                );
                line!(out);
            }
            comment(out, &definition.doc, "");
            line!(out, "export type {name} =");
            for (index, variant) in variants.iter().enumerate() {
                let end = if index + 1 == variants.len() { ";" } else { "" };
                line!(out, "  | {name}{}{end}", pascal(&variant.word));
            }
        }
    }
}

fn interface(out: &mut String, name: &str, extends: &str, fields: &[Field]) {
    line!(out, "export interface {name}{extends} {{");
    for field in fields {
        comment(out, &field.doc, "  ");
        let mark = if field.required { "" } else { "?" };
        line!(out, "  {}{mark}: {};", property(&field.name), type_name(&field.value));
    }
    line!(out, "}}");
}

fn methods(out: &mut String, wire: &Wire) {
    line!(out);
    comment(out, "Every method: what it takes, by name, and what it gives.", "");
    line!(out, "export interface Methods {{");
    for call in &wire.methods {
        comment(out, call.summary, "  ");
        line!(out, "  \"{}\": {{ params: {}; result: {} }};", call.name, call.params, call.result);
    }
    line!(out, "}}\n");
    comment(out, "What a WebSocket can subscribe to, and the notifications that it gets then.", "");
    line!(out, "export interface Subscriptions {{");
    comment(out, "The same events as `job.events`, from the number asked for.", "  ");
    line!(out, "  \"{SUBSCRIBE}\": {{");
    line!(
        out,
        "    params: EventsParams;\n    event: Event;\n    notification: \"{SUBSCRIPTION}\";\n    end: \"{UNSUBSCRIBE}\";"
    );
    line!(out, "  }};\n}}");
}

fn type_name(value: &Type) -> String {
    match value {
        Type::Text => "string".to_owned(),
        Type::Integer | Type::Number => "number".to_owned(),
        Type::Boolean => "boolean".to_owned(),
        Type::Anything => "unknown".to_owned(),
        Type::Word(word) => format!("\"{word}\""),
        Type::Named(name) => name.clone(),
        Type::Optional(value) => format!("{} | null", type_name(value)),
        Type::List(value) => match **value {
            Type::Optional(_) => format!("({})[]", type_name(value)),
            _ => format!("{}[]", type_name(value)),
        },
        Type::Tuple(items) => {
            format!("[{}]", items.iter().map(type_name).collect::<Vec<_>>().join(", "))
        }
        Type::Map(value) => format!("{{ [name: string]: {} }}", type_name(value)),
    }
}

/// A name that is no identifier stands in quotation marks.
fn property(name: &str) -> String {
    let plain = name.chars().all(|letter| letter == '_' || letter.is_ascii_alphanumeric());
    if plain && !name.starts_with(|letter: char| letter.is_ascii_digit()) {
        name.to_owned()
    } else {
        format!("\"{name}\"")
    }
}

fn comment(out: &mut String, doc: &str, indent: &str) {
    if doc.is_empty() {
        return;
    }
    // Nothing that a person writes in a comment may end it.
    let doc = doc.replace("*/", "*\u{2044}");
    let lines = wrap(&doc, WIDTH - indent.len() - 7);
    if let [only] = lines.as_slice() {
        line!(out, "{indent}/** {only} */");
        return;
    }
    line!(out, "{indent}/**");
    for text in lines {
        line!(out, "{}", format!("{indent} * {text}").trim_end());
    }
    line!(out, "{indent} */");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_read_as_they_should() {
        let optional = Type::Optional(Box::new(Type::Text));
        assert_eq!(type_name(&Type::List(Box::new(optional.clone()))), "(string | null)[]");
        assert_eq!(type_name(&Type::Tuple(vec![Type::Integer, Type::Integer])), "[number, number]");
        assert_eq!(type_name(&Type::Map(Box::new(Type::Anything))), "{ [name: string]: unknown }");
        assert_eq!(property("a-b"), "\"a-b\"");
    }

    #[test]
    fn no_text_ends_its_comment() {
        let mut out = String::new();
        comment(&mut out, "a */ b", "");
        assert_eq!(out.matches("*/").count(), 1, "{out}");
    }
}
