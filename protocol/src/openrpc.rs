//! The OpenRPC document, built from the list of methods.

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::error::{ErrorKind, Failure};
use crate::job::{Event, EventsParams};
use crate::methods::{METHODS, SUBSCRIBE};
use crate::picture::BlobInfo;

/// The version of the protocol; grows when a method or field is added.
pub const PROTOCOL_VERSION: u32 = 2;

/// The document that `rpc.discover` serves and `openrpc.json` holds.
pub fn document() -> Value {
    let mut generator = SchemaSettings::draft2020_12()
        .with(|settings| settings.definitions_path = "/components/schemas".into())
        .into_generator();
    let mut methods: Vec<Value> = METHODS
        .iter()
        .map(|method| {
            let params = (method.params)(&mut generator);
            let result = (method.result)(&mut generator);
            let params = by_name(&generator, &params);
            describe(method.name, method.summary, &params, method.result_name, &result)
        })
        .collect();
    let params = generator.subschema_for::<EventsParams>();
    let event = generator.subschema_for::<Event>();
    methods.push(describe(
        SUBSCRIBE,
        "WebSocket only: sends each event as a `job.event` notification, from the number asked for.",
        &by_name(&generator, &params),
        "Event",
        &event,
    ));
    // Not the parameter or result of any method, but part of the wire all the same.
    generator.subschema_for::<Failure>();
    generator.subschema_for::<BlobInfo>();
    let schemas = generator.take_definitions(true);
    let errors: Map<String, Value> = ErrorKind::ALL
        .iter()
        .map(|kind| (kind.name(), json!({ "code": kind.code(), "message": kind.name() })))
        .collect();
    json!({
        "openrpc": "1.3.2",
        "info": {
            "title": "Easel",
            "version": PROTOCOL_VERSION.to_string(),
            "license": { "name": "MIT OR Apache-2.0" },
        },
        "methods": methods,
        "components": { "schemas": schemas, "errors": errors },
    })
}

/// One content descriptor a property of the type that the method takes.
fn by_name(generator: &SchemaGenerator, params: &Schema) -> Vec<Value> {
    let reference = params.get("$ref").and_then(Value::as_str).unwrap_or_default();
    let name = reference.rsplit('/').next().unwrap_or_default();
    let Some(definition) = generator.definitions().get(name) else { return Vec::new() };
    let required: Vec<&str> =
        definition["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let properties = definition["properties"].as_object().into_iter().flatten();
    let mut params: Vec<Value> = properties
        .map(|(name, schema)| {
            json!({
                "name": name,
                "summary": schema["description"],
                "required": required.contains(&name.as_str()),
                "schema": schema,
            })
        })
        .collect();
    // OpenRPC wants what must be given before what may be given.
    params.sort_by_key(|param| param["required"] != true);
    params
}

fn describe(
    name: &str,
    summary: &str,
    params: &[Value],
    result_name: &str,
    result: &Schema,
) -> Value {
    json!({
        "name": name,
        "summary": summary,
        "paramStructure": "by-name",
        "params": params,
        "result": { "name": result_name, "schema": result.as_value() },
    })
}

/// The document as text, as it is committed.
pub fn document_text() -> String {
    let mut text = serde_json::to_string_pretty(&document()).unwrap_or_default();
    text.push('\n');
    text
}
