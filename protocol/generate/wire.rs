//! The wire as generators see it: JSON schemas read into a handful of shapes. A schema that fits
//! none of them is an error here, so that no client is ever generated with a hole in it.

use std::collections::BTreeMap;

use easel_protocol::error::Failure;
use easel_protocol::job::Event;
use easel_protocol::methods::METHODS;
use easel_protocol::picture::BlobInfo;
use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value};

/// Everything that is generated from.
pub(crate) struct Wire {
    /// Sorted by name.
    pub(crate) types: BTreeMap<String, Definition>,
    /// In the order of the documentation.
    pub(crate) methods: Vec<Call>,
}

/// One method.
pub(crate) struct Call {
    pub(crate) name: &'static str,
    pub(crate) summary: &'static str,
    /// The name of a record.
    pub(crate) params: String,
    pub(crate) result: String,
}

/// One named type.
pub(crate) struct Definition {
    pub(crate) doc: String,
    pub(crate) shape: Shape,
}

/// What a named type is.
pub(crate) enum Shape {
    /// One word of a closed set.
    Words(Vec<Word>),
    /// A record with named fields.
    Record(Vec<Field>),
    /// One of several records, told apart by the first field of each.
    Union { common: Vec<Field>, variants: Vec<Variant> },
    /// Another name for a type.
    Alias(Type),
}

/// A word of a closed set.
pub(crate) struct Word {
    pub(crate) word: String,
    pub(crate) doc: String,
}

/// One of the records of a union.
pub(crate) struct Variant {
    pub(crate) word: String,
    pub(crate) doc: String,
    /// The one that tells the variants apart is the first.
    pub(crate) fields: Vec<Field>,
}

/// A field of a record.
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) doc: String,
    pub(crate) value: Type,
    pub(crate) required: bool,
}

/// The type of a value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Type {
    Text,
    Integer,
    Number,
    Boolean,
    Anything,
    /// Exactly this word.
    Word(String),
    Named(String),
    Optional(Box<Type>),
    List(Box<Type>),
    Tuple(Vec<Type>),
    Map(Box<Type>),
}

impl Wire {
    /// Reads the list of methods. What a client may send is described as it may be sent; what it
    /// only receives is described as it arrives, with every field that is always there.
    pub(crate) fn read() -> Result<Wire, String> {
        let mut sent = SchemaSettings::draft2020_12().for_deserialize().into_generator();
        let mut received = SchemaSettings::draft2020_12().for_serialize().into_generator();
        let methods = METHODS
            .iter()
            .map(|method| {
                let params = referred(&(method.params)(&mut sent))?;
                let result = referred(&(method.result)(&mut received))?;
                Ok(Call { name: method.name, summary: method.summary, params, result })
            })
            .collect::<Result<Vec<Call>, String>>()?;
        received.subschema_for::<Event>();
        received.subschema_for::<Failure>();
        received.subschema_for::<BlobInfo>();
        let mut types = definitions(received, Direction::Received)?;
        types.extend(definitions(sent, Direction::Sent)?);
        Ok(Wire { types, methods })
    }

    /// The fields of a method's parameters.
    pub(crate) fn params(&self, call: &Call) -> &[Field] {
        match self.types.get(&call.params).map(|definition| &definition.shape) {
            Some(Shape::Record(fields)) => fields,
            _ => &[],
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Direction {
    Sent,
    Received,
}

fn definitions(
    mut generator: SchemaGenerator,
    direction: Direction,
) -> Result<BTreeMap<String, Definition>, String> {
    generator
        .take_definitions(true)
        .iter()
        .map(|(name, schema)| {
            let shape = shape(schema, direction)
                .map_err(|error| format!("cannot read `{name}`: {error}"))?;
            Ok((name.clone(), Definition { doc: doc(schema), shape }))
        })
        .collect()
}

fn shape(schema: &Value, direction: Direction) -> Result<Shape, String> {
    if let Some(words) = words(schema) {
        return Ok(Shape::Words(words));
    }
    if let Some(variants) = schema["oneOf"].as_array() {
        let variants = variants
            .iter()
            .map(|variant| self::variant(variant, direction))
            .collect::<Result<_, String>>()?;
        return Ok(Shape::Union { common: fields(schema, direction)?, variants });
    }
    if schema["type"] == "object"
        && schema.get("additionalProperties").is_none_or(|more| more == &Value::Bool(false))
    {
        return Ok(Shape::Record(fields(schema, direction)?));
    }
    Ok(Shape::Alias(value(schema)?))
}

/// The words of a closed set, or `None` where the schema is something else.
fn words(schema: &Value) -> Option<Vec<Word>> {
    if let Some(names) = schema["enum"].as_array() {
        return names
            .iter()
            .map(|name| Some(Word { word: name.as_str()?.to_owned(), doc: String::new() }))
            .collect();
    }
    let groups = schema["oneOf"].as_array()?.iter().map(|part| match part["const"].as_str() {
        Some(word) => Some(vec![Word { word: word.to_owned(), doc: doc(part) }]),
        // Words without a comment of their own come as one list.
        None => words(part),
    });
    Some(groups.collect::<Option<Vec<Vec<Word>>>>()?.into_iter().flatten().collect())
}

fn variant(schema: &Value, direction: Direction) -> Result<Variant, String> {
    let mut fields = fields(schema, direction)?;
    let tag = fields.iter().position(|field| matches!(field.value, Type::Word(_)));
    let tag = tag.ok_or_else(|| format!("nothing tells this record from the others: {schema}"))?;
    let tag = fields.remove(tag);
    let Type::Word(word) = &tag.value else { return Err("the tag is no word".to_owned()) };
    let word = word.clone();
    fields.insert(0, tag);
    Ok(Variant { word, doc: doc(schema), fields })
}

/// Required fields in the order in which they are declared, then the others by name.
fn fields(schema: &Value, direction: Direction) -> Result<Vec<Field>, String> {
    let none = Map::new();
    let properties = schema["properties"].as_object().unwrap_or(&none);
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut names: Vec<&str> = properties.keys().map(String::as_str).collect();
    names.sort_unstable();
    names.sort_by_key(|name| required.iter().position(|known| known == name).unwrap_or(usize::MAX));
    names
        .into_iter()
        .map(|name| {
            let property = &properties[name];
            let required = required.contains(&name);
            let value = match value(property).map_err(|error| format!("field `{name}`: {error}"))? {
                // What is left out where there is nothing never arrives as null.
                Type::Optional(value) if direction == Direction::Received && !required => *value,
                value => value,
            };
            Ok(Field { name: name.to_owned(), doc: doc(property), value, required })
        })
        .collect()
}

fn value(schema: &Value) -> Result<Type, String> {
    let unknown = || Err(format!("no client can express `{schema}`"));
    if schema == &Value::Bool(true) {
        return Ok(Type::Anything);
    }
    if let Some(reference) = schema["$ref"].as_str() {
        return Ok(Type::Named(last(reference)));
    }
    if let Some(choices) = schema["anyOf"].as_array() {
        return match choices.as_slice() {
            [some, none] if none["type"] == "null" => Ok(Type::Optional(Box::new(value(some)?))),
            _ => unknown(),
        };
    }
    if let Some(word) = schema["const"].as_str() {
        return Ok(Type::Word(word.to_owned()));
    }
    match &schema["type"] {
        Value::Null if schema.is_object() => Ok(Type::Anything),
        Value::String(name) => plain(name, schema),
        Value::Array(names) => match names.as_slice() {
            [Value::String(name), Value::String(none)] if none == "null" => {
                Ok(Type::Optional(Box::new(plain(name, schema)?)))
            }
            _ => unknown(),
        },
        _ => unknown(),
    }
}

fn plain(name: &str, schema: &Value) -> Result<Type, String> {
    Ok(match name {
        "string" => Type::Text,
        "integer" => Type::Integer,
        "number" => Type::Number,
        "boolean" => Type::Boolean,
        "array" => match schema["prefixItems"].as_array() {
            Some(items) => Type::Tuple(items.iter().map(value).collect::<Result<_, _>>()?),
            None => Type::List(Box::new(value(&schema["items"])?)),
        },
        "object" if schema.get("properties").is_none() => Type::Map(Box::new(
            schema.get("additionalProperties").map_or(Ok(Type::Anything), value)?,
        )),
        _ => return Err(format!("no client can express `{schema}`")),
    })
}

fn referred(schema: &Schema) -> Result<String, String> {
    let reference = schema.get("$ref").and_then(Value::as_str);
    reference.map(last).ok_or_else(|| {
        format!("a method's parameters and result must be named types, not `{}`", schema.as_value())
    })
}

fn last(reference: &str) -> String {
    reference.rsplit('/').next().unwrap_or(reference).to_owned()
}

fn doc(schema: &Value) -> String {
    schema["description"].as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_reference_has_its_definition() {
        fn visit(value: &Type, wire: &Wire) {
            match value {
                Type::Named(name) => assert!(wire.types.contains_key(name), "{name}"),
                Type::Optional(inner) | Type::List(inner) | Type::Map(inner) => visit(inner, wire),
                Type::Tuple(items) => items.iter().for_each(|item| visit(item, wire)),
                _ => {}
            }
        }
        let wire = Wire::read().unwrap();
        for definition in wire.types.values() {
            match &definition.shape {
                Shape::Record(fields) => fields.iter().for_each(|field| visit(&field.value, &wire)),
                Shape::Union { common, variants } => {
                    let fields =
                        common.iter().chain(variants.iter().flat_map(|variant| &variant.fields));
                    fields.for_each(|field| visit(&field.value, &wire));
                }
                Shape::Alias(value) => visit(value, &wire),
                Shape::Words(words) => assert!(!words.is_empty()),
            }
        }
        assert_eq!(wire.methods.len(), METHODS.len());
    }

    #[test]
    fn what_is_always_sent_is_required_only_of_the_sender() {
        let wire = Wire::read().unwrap();
        let field = |record: &str, name: &str| {
            let Shape::Record(fields) = &wire.types[record].shape else {
                panic!("{record} is no record")
            };
            let field = fields.iter().find(|field| field.name == name).unwrap();
            (field.required, field.value.clone())
        };
        let seed = || Type::Optional(Box::new(Type::Integer));
        assert_eq!(field("Ask", "seed"), (false, seed()), "an ask may say null");
        assert_eq!(field("RunParams", "seed"), (false, Type::Integer), "an answer leaves it out");
        assert_eq!(field("JobPlan", "count"), (true, Type::Integer), "an answer always says it");
        assert!(
            field("ModelRecord", "price").0,
            "an answer always says it, as null where it is nothing"
        );
    }

    #[test]
    fn what_no_client_can_express_is_refused() {
        for schema in [
            json!({ "type": ["string", "integer"] }),
            json!({ "anyOf": [{ "type": "string" }] }),
            json!({ "type": "object", "properties": {} }),
        ] {
            assert!(value(&schema).is_err(), "{schema}");
        }
    }
}
