//! The messages of the contract as a table, made from its descriptor: all that is needed to read and write them as JSON.
//! Refuses a contract with a field of a kind that has no JSON here, so that no program serves what it cannot write.

use std::{collections::HashMap, sync::LazyLock};

use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};

use crate::proto;

/// The most fields of a message: [`Shape`]'s users count them in the bits of a `u128`.
const FIELDS_MAX: usize = 128;

/// Messages, and the enums of their fields.
#[derive(Debug, Default)]
pub struct Table {
    messages: Vec<Message>,
    enums: Vec<Names>,
    /// The places of the messages, by their full names.
    places: HashMap<String, usize>,
}

/// A message of a table.
#[derive(Debug, Clone, Copy)]
pub struct Shape<'t> {
    pub(super) table: &'t Table,
    pub(super) place: usize,
}

/// What a table says of one message.
#[derive(Debug, Default)]
pub(super) struct Message {
    /// Its fields, by their numbers.
    pub fields: Vec<Field>,
    /// Whether one of its fields excludes another.
    pub has_groups: bool,
}

/// A field of a message.
#[derive(Debug)]
pub(super) struct Field {
    /// The number on the wire.
    pub number: u32,
    /// The name in the contract: `starts_at`.
    pub name: String,
    /// The name that canonical JSON gives it: `startsAt`.
    pub json_name: String,
    /// Both as they stand in a text: `"starts_at":`, `"startsAt":`.
    pub written: [String; 2],
    /// What its values are.
    pub kind: FieldKind,
    /// Whether it holds any number of them.
    pub is_list: bool,
    /// Whether a default that was given is told from nothing given.
    pub has_presence: bool,
    /// The number of the oneof that it belongs to, within its message.
    pub group: Option<usize>,
}

/// The kind of a value, as protobuf calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldKind {
    String,
    Bool,
    Int32,
    Int64,
    Bytes,
    /// With its place in the table.
    Enum(usize),
    /// `google.protobuf.Timestamp`.
    Time,
    /// With its place in the table.
    Message(usize),
}

/// The names of an enum's values, by their numbers.
#[derive(Debug)]
pub(super) struct Names {
    full_name: String,
    values: Vec<(i32, String)>,
}

/// The table of the contract, made once. Errors: a sentence that names the field which has no JSON here; whoever serves JSON
/// asks at its start, and does not start with such a contract.
pub fn contract() -> Result<&'static Table, &'static str> {
    static TABLE: LazyLock<Result<Table, String>> = LazyLock::new(|| {
        let messages = proto::descriptor().all_messages();
        Table::new(messages.filter(|message| message.package_name() == proto::PACKAGE))
    });
    TABLE.as_ref().map_err(String::as_str)
}

impl Table {
    /// Makes the table of these messages. Errors: the first field that has no JSON here.
    pub fn new(messages: impl Iterator<Item = MessageDescriptor>) -> Result<Self, String> {
        let messages: Vec<_> = messages.collect();
        // Places first, for a message may hold one that comes later.
        let places =
            messages.iter().enumerate().map(|(place, message)| (message.full_name().to_owned(), place));
        let mut table = Self { places: places.collect(), ..Self::default() };
        for message in &messages {
            let message = table.message(message)?;
            table.messages.push(message);
        }
        Ok(table)
    }

    /// The message of this full name: `gerbang.v1.Session`.
    pub fn shape(&self, full_name: &str) -> Option<Shape<'_>> {
        self.places.get(full_name).map(|place| Shape { table: self, place: *place })
    }

    /// The names of an enum.
    pub(super) fn names(&self, place: usize) -> &Names {
        &self.enums[place]
    }

    fn message(&mut self, message: &MessageDescriptor) -> Result<Message, String> {
        let mut fields = message.fields().map(|field| self.field(&field)).collect::<Result<Vec<_>, _>>()?;
        fields.sort_by_key(|field| field.number);
        if fields.len() > FIELDS_MAX {
            return Err(format!("{} has more than {FIELDS_MAX} fields", message.full_name()));
        }
        let has_groups = fields.iter().any(|field| field.group.is_some());
        Ok(Message { fields, has_groups })
    }

    fn field(&mut self, field: &FieldDescriptor) -> Result<Field, String> {
        let group = field.containing_oneof().filter(|group| !group.is_synthetic());
        let group = group.and_then(|group| field.parent_message().oneofs().position(|other| other == group));
        let is_of_numbers = matches!(field.kind(), Kind::Bool | Kind::Int32 | Kind::Int64 | Kind::Enum(_));
        let kind = match self.kind(&field.kind()) {
            Some(kind) if !field.is_map() && !field.is_required() => kind,
            _ => return Err(format!("{} is of a kind that has no JSON here", field.full_name())),
        };
        if field.is_list() && is_of_numbers && !field.is_packed() {
            return Err(format!("{} is a list of numbers that is not packed", field.full_name()));
        }
        let written =
            [field.name(), field.json_name()].map(|name| format!("{}:", serde_json::Value::from(name)));
        Ok(Field {
            written,
            number: field.number(),
            name: field.name().to_owned(),
            json_name: field.json_name().to_owned(),
            kind,
            is_list: field.is_list(),
            has_presence: field.supports_presence(),
            group,
        })
    }

    fn kind(&mut self, kind: &Kind) -> Option<FieldKind> {
        Some(match kind {
            Kind::String => FieldKind::String,
            Kind::Bool => FieldKind::Bool,
            Kind::Int32 => FieldKind::Int32,
            Kind::Int64 => FieldKind::Int64,
            Kind::Bytes => FieldKind::Bytes,
            Kind::Enum(of) => FieldKind::Enum(self.place_of(of)),
            Kind::Message(of) if of.full_name() == "google.protobuf.Timestamp" => FieldKind::Time,
            Kind::Message(of) => FieldKind::Message(*self.places.get(of.full_name())?),
            _ => return None,
        })
    }

    fn place_of(&mut self, of: &EnumDescriptor) -> usize {
        let known = self.enums.iter().position(|names| names.full_name == of.full_name());
        known.unwrap_or_else(|| {
            self.enums.push(Names::new(of));
            self.enums.len() - 1
        })
    }
}

impl<'t> Shape<'t> {
    pub(super) fn message(self) -> &'t Message {
        &self.table.messages[self.place]
    }

    pub(super) fn fields(self) -> &'t [Field] {
        &self.message().fields
    }
}

impl Names {
    fn new(of: &EnumDescriptor) -> Self {
        let mut values: Vec<_> = of.values().map(|value| (value.number(), value.name().to_owned())).collect();
        values.sort();
        Self { full_name: of.full_name().to_owned(), values }
    }

    /// The number of the value that has this name.
    pub fn number(&self, name: &str) -> Option<i32> {
        self.values.iter().find(|(_, known)| known == name).map(|(number, _)| *number)
    }

    /// The name of the value that has this number.
    pub fn name(&self, number: i32) -> Option<&str> {
        let place = self.values.binary_search_by_key(&number, |(number, _)| *number).ok()?;
        Some(&self.values[place].1)
    }

    /// The names of all values but that of 0, which means that none was given: `A, B`.
    pub fn given(&self) -> String {
        let given = self.values.iter().filter(|(number, _)| *number != 0);
        given.map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use prost_types::{
        DescriptorProto, FieldDescriptorProto, FieldOptions, FileDescriptorProto, MessageOptions,
        field_descriptor_proto::{Label, Type},
    };

    use super::*;

    #[test]
    fn the_contract_has_no_field_without_json() {
        let table = contract().unwrap();
        let session = table.shape("gerbang.v1.Session").unwrap();
        let starts_at = session.fields().iter().find(|field| field.json_name == "startsAt").unwrap();
        assert_eq!((starts_at.name.as_str(), starts_at.kind), ("starts_at", FieldKind::Time));
        assert!(table.shape("gerbang.v1.SessionState").is_none(), "which is an enum");
        assert!(session.fields().is_sorted_by_key(|field| field.number));
    }

    /// A message `m` with one field `f`, and a message `e` with which that may make a map.
    fn with(change: impl FnOnce(&mut FieldDescriptorProto)) -> Result<Table, String> {
        let mut field = FieldDescriptorProto {
            name: Some("f".to_owned()),
            number: Some(1),
            label: Some(Label::Optional.into()),
            r#type: Some(Type::Int32.into()),
            ..FieldDescriptorProto::default()
        };
        let mut messages = vec![DescriptorProto { name: Some("m".to_owned()), ..DescriptorProto::default() }];
        if let Some(map) = {
            change(&mut field);
            field.type_name.as_deref()
        } && map.ends_with("FEntry")
        {
            let part = |name: &str, number| FieldDescriptorProto {
                name: Some(name.to_owned()),
                number: Some(number),
                label: Some(Label::Optional.into()),
                r#type: Some(Type::String.into()),
                ..FieldDescriptorProto::default()
            };
            messages[0].nested_type = vec![DescriptorProto {
                name: Some("FEntry".to_owned()),
                field: vec![part("key", 1), part("value", 2)],
                options: Some(MessageOptions { map_entry: Some(true), ..MessageOptions::default() }),
                ..DescriptorProto::default()
            }];
        }
        messages[0].field = vec![field];
        let mut pool = proto::descriptor().clone();
        let file = FileDescriptorProto {
            name: Some("m.proto".to_owned()),
            package: Some("p".to_owned()),
            dependency: vec![
                "google/protobuf/timestamp.proto".to_owned(),
                "google/protobuf/duration.proto".to_owned(),
            ],
            syntax: Some("proto3".to_owned()),
            message_type: messages,
            ..FileDescriptorProto::default()
        };
        pool.add_file_descriptor_proto(file).unwrap();
        Table::new(pool.all_messages().filter(|message| message.package_name() == "p"))
    }

    #[test]
    fn a_field_of_a_kind_without_json_is_refused_by_its_name() {
        for kind in [Type::String, Type::Bool, Type::Int32, Type::Int64, Type::Bytes] {
            assert!(with(|field| field.r#type = Some(kind.into())).is_ok(), "{kind:?}");
        }
        let message = |name: &'static str| {
            with(move |field| {
                field.r#type = Some(Type::Message.into());
                field.type_name = Some(name.to_owned());
            })
        };
        assert!(message(".google.protobuf.Timestamp").is_ok() && message(".p.m").is_ok());
        let no_json = "p.m.f is of a kind that has no JSON here";
        for kind in [
            Type::Double,
            Type::Float,
            Type::Uint32,
            Type::Uint64,
            Type::Sint32,
            Type::Sint64,
            Type::Fixed32,
            Type::Fixed64,
            Type::Sfixed32,
            Type::Sfixed64,
        ] {
            assert_eq!(with(|field| field.r#type = Some(kind.into())).unwrap_err(), no_json, "{kind:?}");
        }
        assert_eq!(message(".google.protobuf.Duration").unwrap_err(), no_json);
        let map = with(|field| {
            field.label = Some(Label::Repeated.into());
            field.r#type = Some(Type::Message.into());
            field.type_name = Some(".p.m.FEntry".to_owned());
        });
        assert_eq!(map.unwrap_err(), no_json);
        let unpacked = with(|field| {
            field.label = Some(Label::Repeated.into());
            field.options = Some(FieldOptions { packed: Some(false), ..FieldOptions::default() });
        });
        assert_eq!(unpacked.unwrap_err(), "p.m.f is a list of numbers that is not packed");
    }
}
