//! The schemas of the contract's messages and enums. A type that both requests and answers hold has two: in a request
//! the rules count, nothing unknown may stand beside them, and an enum's unspecified value is left out instead; an answer always
//! has its fields without presence, and may get more with a newer contract. The one of requests then ends with `Input`.

use std::collections::BTreeMap;

use prost_reflect::{
    EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor, MethodDescriptor, OneofDescriptor,
};
use serde_json::{Map, Value, json};

use super::{
    comments::Comments,
    rules::{self, Unwritable},
    texts::Words,
};
use crate::proto;

/// The way on which a type goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// From the caller to the gateway.
    Request,
    /// From the gateway to the caller.
    Answer,
}

/// A type of the contract.
#[derive(Debug, Clone)]
enum Type {
    Message(MessageDescriptor),
    Enum(EnumDescriptor),
}

/// The types that methods reach, by their full names, and how they are written.
#[derive(Debug)]
pub struct Schemas<'c> {
    asked: BTreeMap<String, Type>,
    answered: BTreeMap<String, Type>,
    comments: &'c Comments,
    words: Words,
}

impl<'c> Schemas<'c> {
    /// Collects what these methods take and answer.
    pub fn of(methods: &[MethodDescriptor], comments: &'c Comments, words: Words) -> Self {
        let (mut asked, mut answered) = (BTreeMap::new(), BTreeMap::new());
        for method in methods {
            collect(&method.input(), &mut asked);
            collect(&method.output(), &mut answered);
        }
        Self { asked, answered, comments, words }
    }

    /// Points to the schema of a message.
    pub fn reference(&self, message: &MessageDescriptor, way: Way) -> Value {
        self.pointer(message.full_name(), way)
    }

    /// Writes every schema, by its name. Errors: a field of a kind, or with a rule, that no schema says.
    pub fn write(&self) -> Result<BTreeMap<String, Value>, Unwritable> {
        let mut schemas = BTreeMap::new();
        for (way, types) in [(Way::Request, &self.asked), (Way::Answer, &self.answered)] {
            for (name, of) in types {
                let schema = match of {
                    Type::Message(of) => self.message(of, way)?,
                    Type::Enum(of) => self.values(of, way),
                };
                schemas.insert(self.name(name, way), schema);
            }
        }
        Ok(schemas)
    }

    fn name(&self, full_name: &str, way: Way) -> String {
        let name = full_name.trim_start_matches(proto::PACKAGE).trim_start_matches('.');
        match way {
            Way::Request if self.answered.contains_key(full_name) => format!("{name}Input"),
            _ => name.to_owned(),
        }
    }

    fn pointer(&self, full_name: &str, way: Way) -> Value {
        json!({ "$ref": format!("#/components/schemas/{}", self.name(full_name, way)) })
    }

    fn message(&self, of: &MessageDescriptor, way: Way) -> Result<Value, Unwritable> {
        let (mut properties, mut required) = (Map::new(), Vec::new());
        for field in of.fields() {
            properties.insert(field.json_name().to_owned(), self.field(&field, way)?);
            let is_required = match way {
                Way::Request => rules::of(&field).is_some_and(|rules| rules::asks_for(&field, &rules)),
                Way::Answer => !field.supports_presence(),
            };
            if is_required {
                required.push(field.json_name().to_owned());
            }
        }
        let groups: Vec<_> = of.oneofs().filter(|group| !group.is_synthetic()).collect();
        let mut description = self.comments.message(of).to_owned();
        for group in &groups {
            let text = self.words.texts().one_of;
            description +=
                &format!("\n\n{text} {}: {}", members(group, "`").join(", "), self.comments.oneof(group));
        }
        let mut schema = object(description, properties);
        if way == Way::Request {
            schema.insert("additionalProperties".to_owned(), false.into());
            let excluded: Map<_, _> = groups.iter().flat_map(excluded).collect();
            if !excluded.is_empty() {
                schema.insert("dependentSchemas".to_owned(), excluded.into());
            }
        }
        if !required.is_empty() {
            schema.insert("required".to_owned(), required.into());
        }
        Ok(schema.into())
    }

    fn field(&self, field: &FieldDescriptor, way: Way) -> Result<Value, Unwritable> {
        let mut schema = self.value(field, way)?;
        if field.is_list() {
            schema = Map::from_iter([
                ("type".to_owned(), json!("array")),
                ("items".to_owned(), Value::Object(schema)),
            ]);
        }
        if let Some(rules) = rules::of(field).filter(|_| way == Way::Request) {
            rules::write(field, &rules, &mut schema)?;
        }
        let label = (self.words.label)(self.words.language, field.parent_message().name(), field.name());
        if let Some(label) = label {
            schema.insert("title".to_owned(), label.into());
        }
        let comment = self.comments.field(field);
        if !comment.is_empty() {
            schema.insert("description".to_owned(), comment.into());
        }
        Ok(schema.into())
    }

    /// The schema of one value of a field.
    fn value(&self, field: &FieldDescriptor, way: Way) -> Result<Map<String, Value>, Unwritable> {
        let schema = match field.kind() {
            _ if field.is_map() => return Err(Unwritable::of(field, "a map")),
            Kind::String => json!({ "type": "string" }),
            Kind::Bool => json!({ "type": "boolean" }),
            Kind::Int32 => json!({ "type": "integer", "format": "int32" }),
            // A bound can be stated of a number alone, and requests may hold one.
            Kind::Int64 if way == Way::Request => {
                json!({ "type": ["string", "integer"], "format": "int64", "pattern": INT64 })
            }
            Kind::Int64 => json!({ "type": "string", "format": "int64", "pattern": INT64 }),
            Kind::Bytes => json!({ "type": "string", "contentEncoding": "base64" }),
            Kind::Enum(of) => self.pointer(of.full_name(), way),
            Kind::Message(of) if of.full_name() == TIMESTAMP => {
                json!({ "type": "string", "format": "date-time" })
            }
            Kind::Message(of) if of.package_name() == proto::PACKAGE => self.pointer(of.full_name(), way),
            other => return Err(Unwritable::of(field, format!("the kind {other:?}"))),
        };
        match schema {
            Value::Object(schema) => Ok(schema),
            _ => Ok(Map::new()),
        }
    }

    fn values(&self, of: &EnumDescriptor, way: Way) -> Value {
        let (mut names, mut lines) = (Vec::new(), Vec::new());
        for value in of.values().filter(|value| way == Way::Answer || value.number() != 0) {
            let word = (self.words.value)(self.words.language, value.name());
            // Where the word is a part of the name it says nothing more.
            let word = if value.name().ends_with(&word) { String::new() } else { format!(" ({word})") };
            lines.push(format!("- `{}`{word}: {}", value.name(), self.comments.value(&value)));
            names.push(value.name().to_owned());
        }
        let description = format!("{}\n\n{}", self.comments.of_enum(of), lines.join("\n"));
        json!({ "type": "string", "enum": names, "description": description })
    }
}

const TIMESTAMP: &str = "google.protobuf.Timestamp";
/// A whole number as a text.
const INT64: &str = "^(0|-?[1-9][0-9]{0,18})$";

fn collect(message: &MessageDescriptor, found: &mut BTreeMap<String, Type>) {
    if message.package_name() != proto::PACKAGE
        || found.insert(message.full_name().to_owned(), Type::Message(message.clone())).is_some()
    {
        return;
    }
    for field in message.fields() {
        match field.kind() {
            Kind::Message(of) => collect(&of, found),
            Kind::Enum(of) => drop(found.insert(of.full_name().to_owned(), Type::Enum(of))),
            _ => {}
        }
    }
}

/// An object with these members.
fn object(description: String, properties: Map<String, Value>) -> Map<String, Value> {
    Map::from_iter([
        ("type".to_owned(), json!("object")),
        ("description".to_owned(), description.into()),
        ("properties".to_owned(), properties.into()),
    ])
}

fn members(group: &OneofDescriptor, quote: &str) -> Vec<String> {
    group.fields().map(|field| format!("{quote}{}{quote}", field.json_name())).collect()
}

/// For each member of a oneof but the last, what forbids those after it beside it.
fn excluded(group: &OneofDescriptor) -> Vec<(String, Value)> {
    let mut names = members(group, "").into_iter();
    let mut excluded = Vec::new();
    while let Some(one) = names.next() {
        let others: Map<_, _> = names.clone().map(|other| (other, Value::Bool(false))).collect();
        if !others.is_empty() {
            excluded.push((one, json!({ "properties": others })));
        }
    }
    excluded
}
