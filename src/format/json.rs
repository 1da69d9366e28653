//! Requests in proto3 JSON, and answers back to JSON.
//!
//! Owns the check of a file against the contract's descriptor, so that everything wrong with it is told at once, each
//! point at its path. Refuses unknown fields, values of another type, times without an offset, a field
//! written twice (under one name or both), and `request_id`, which the sender draws anew. The gateway judges the meaning of the values.

use std::{collections::HashMap, fmt};

use prost::{Message, Name};
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, SerializeOptions};
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::{
    domain::{
        Fault, Reason,
        time::{TIME_FORM, parse_time},
    },
    proto,
};

/// The reason for which a text is not a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the names of the fields say all")]
pub enum JsonErrors {
    /// The text is not JSON, or a field stands twice in one object. Line and column count from 1.
    #[error("line {line}, column {column}: {why}")]
    Syntax { line: usize, column: usize, why: String },
    /// The text is JSON, but no request of the contract: every problem, in the order of the file.
    #[error("{} problems", .0.len())]
    Problems(Vec<JsonError>),
}

/// A problem at a path as in the contract: `sessions[3].starts_at`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonError {
    /// The path of the value.
    pub path: String,
    /// What is wrong with the value.
    pub problem: Problem,
}

/// The kind of a problem at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names of the fields say all")]
pub enum Problem {
    /// A reason of the table.
    Fault(Fault),
    /// The message has no such field; `known` are its fields.
    UnknownField { known: Vec<String> },
    /// The field takes a whole number of 32 bits.
    NoWholeNumber,
    /// The enum has no such value; `known` are its values.
    UnknownValue { known: Vec<String> },
    /// The object holds one field under both of its names.
    WrittenTwice { names: [String; 2] },
    /// The file holds a `request_id`, which does not belong there.
    RequestIdInFile,
    /// The decoder found a problem beyond the checks here.
    Undecodable(String),
}

/// Reads one request from JSON text.
pub fn request_from_json<M: Message + Default + Name>(text: &str) -> Result<M, JsonErrors> {
    let value = parse(text)?;
    let mut errors = Vec::new();
    let request = decode(value, "", &mut errors);
    finish(request, errors)
}

/// The requests of one JSON text.
#[derive(Debug)]
pub struct Requests<M> {
    /// The requests, in the order of the text.
    pub all: Vec<M>,
    /// Whether the text held an array.
    pub many: bool,
}

/// Reads one request, or an array of them; paths within an array begin with the index.
pub fn requests_from_json<M: Message + Default + Name>(text: &str) -> Result<Requests<M>, JsonErrors> {
    let Value::Array(items) = parse(text)? else {
        return request_from_json(text).map(|request| Requests { all: vec![request], many: false });
    };
    let mut errors = Vec::new();
    let all: Vec<_> = items
        .into_iter()
        .enumerate()
        .filter_map(|(index, item)| decode(item, &format!("[{index}]"), &mut errors))
        .collect();
    finish(Some(Requests { all, many: true }), errors)
}

/// Writes a message as JSON: fields by their names in the contract, enums by name, times in RFC 3339 (UTC), fields
/// with the default value left out.
pub fn to_json<M: Message + Name>(message: &M) -> Value {
    let options = SerializeOptions::new().use_proto_field_name(true);
    let dynamic = to_dynamic(message);
    dynamic
        .serialize_with_options(serde_json::value::Serializer, &options)
        .unwrap_or_else(|error| Value::String(error.to_string()))
}

/// Turns a message into one that carries its descriptor, for code that shows any message.
pub fn to_dynamic<M: Message + Name>(message: &M) -> DynamicMessage {
    let mut dynamic = DynamicMessage::new(descriptor_of::<M>());
    dynamic.transcode_from(message).expect("generated code and descriptor come from the same contract");
    dynamic
}

fn descriptor_of<M: Name>() -> MessageDescriptor {
    let name = M::full_name();
    proto::descriptor().get_message_by_name(&name).expect("every generated message is in the descriptor")
}

fn finish<T>(value: Option<T>, errors: Vec<JsonError>) -> Result<T, JsonErrors> {
    match value {
        Some(value) if errors.is_empty() => Ok(value),
        _ => Err(JsonErrors::Problems(errors)),
    }
}

fn decode<M: Message + Default + Name>(value: Value, path: &str, errors: &mut Vec<JsonError>) -> Option<M> {
    let message = dynamic(descriptor_of::<M>(), value, path, errors)?;
    match message.transcode_to() {
        Ok(message) => Some(message),
        Err(why) => {
            report(errors, path, Problem::Undecodable(why.to_string()));
            None
        }
    }
}

/// Reads one request of any message of the contract.
pub fn request_of(descriptor: &MessageDescriptor, text: &str) -> Result<DynamicMessage, JsonErrors> {
    let mut errors = Vec::new();
    let request = dynamic(descriptor.clone(), parse(text)?, "", &mut errors);
    finish(request, errors)
}

fn dynamic(
    descriptor: MessageDescriptor,
    mut value: Value,
    path: &str,
    errors: &mut Vec<JsonError>,
) -> Option<DynamicMessage> {
    let before = errors.len();
    check_message(&descriptor, &mut value, path, errors);
    if let Some(object) = value.as_object().filter(|_| descriptor.get_field_by_name("request_id").is_some())
        && (object.contains_key("request_id") || object.contains_key("requestId"))
    {
        report(errors, &field_path(path, "request_id"), Problem::RequestIdInFile);
    }
    if errors.len() > before {
        return None;
    }
    match DynamicMessage::deserialize(descriptor, value) {
        Ok(message) => Some(message),
        Err(why) => {
            report(errors, path, Problem::Undecodable(why.to_string()));
            None
        }
    }
}

fn report(errors: &mut Vec<JsonError>, path: &str, problem: Problem) {
    errors.push(JsonError { path: path.to_owned(), problem });
}

fn field_path(parent: &str, field: &str) -> String {
    if parent.is_empty() { field.to_owned() } else { format!("{parent}.{field}") }
}

/// Checks a message, and puts its times into the one form that the decoder reads.
fn check_message(descriptor: &MessageDescriptor, value: &mut Value, path: &str, errors: &mut Vec<JsonError>) {
    let Value::Object(object) = value else {
        return report(errors, path, expected("{…}"));
    };
    let mut written: HashMap<u32, String> = HashMap::new();
    for (key, value) in object {
        let field = descriptor.get_field_by_json_name(key).or_else(|| descriptor.get_field_by_name(key));
        let Some(field) = field else {
            let known = descriptor.fields().map(|field| field.name().to_owned());
            let known = known.filter(|name| name != "request_id").collect();
            report(errors, &field_path(path, key), Problem::UnknownField { known });
            continue;
        };
        if let Some(other) = written.insert(field.number(), key.clone()) {
            let names = [other, key.clone()];
            report(errors, &field_path(path, field.name()), Problem::WrittenTwice { names });
        }
        if !value.is_null() {
            check_field(&field, value, &field_path(path, field.name()), errors);
        }
    }
}

fn check_field(field: &FieldDescriptor, value: &mut Value, path: &str, errors: &mut Vec<JsonError>) {
    if !field.is_list() {
        return check_single(&field.kind(), value, path, errors);
    }
    let Value::Array(items) = value else {
        return report(errors, path, expected("[…]"));
    };
    for (index, item) in items.iter_mut().enumerate() {
        check_single(&field.kind(), item, &format!("{path}[{index}]"), errors);
    }
}

fn check_single(kind: &Kind, value: &mut Value, path: &str, errors: &mut Vec<JsonError>) {
    let problem = match kind {
        Kind::Message(message) if message.full_name() == "google.protobuf.Timestamp" => check_time(value),
        Kind::Message(message) => return check_message(message, value, path, errors),
        Kind::Enum(of) => match value {
            Value::String(name) if of.get_value_by_name(name).is_some() => None,
            Value::Number(number) if number.as_i64().is_some_and(|n| i32::try_from(n).is_ok()) => None,
            _ => {
                let known = of.values().filter(|value| value.number() != 0);
                Some(Problem::UnknownValue { known: known.map(|value| value.name().to_owned()).collect() })
            }
        },
        Kind::String if value.is_number() => Some(Problem::Fault(Reason::QuotesMissing.into())),
        Kind::String => (!value.is_string()).then(|| expected("\"…\"")),
        Kind::Bool => (!value.is_boolean()).then(|| expected("true | false")),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => {
            let number = value.as_i64().or_else(|| value.as_str()?.parse().ok());
            number.is_none_or(|n| i32::try_from(n).is_err()).then_some(Problem::NoWholeNumber)
        }
        // The contract has no other kinds in requests; the decoder would still judge them.
        _ => None,
    };
    if let Some(problem) = problem {
        report(errors, path, problem);
    }
}

fn check_time(value: &mut Value) -> Option<Problem> {
    let Some(text) = value.as_str() else { return Some(expected(TIME_FORM)) };
    match parse_time(text) {
        Ok(at) => {
            *value = Value::String(at.to_string());
            None
        }
        Err(fault) => Some(Problem::Fault(fault)),
    }
}

fn expected(form: &str) -> Problem {
    Problem::Fault(Fault::from(Reason::FieldFormat).with("expected", form))
}

fn parse(text: &str) -> Result<Value, JsonErrors> {
    let mut deserializer = serde_json::Deserializer::from_str(text.trim_start_matches('\u{FEFF}'));
    let value = Strict.deserialize(&mut deserializer);
    value.and_then(|value| deserializer.end().map(|()| value)).map_err(|error| {
        // serde_json appends its own position, which is told apart here.
        let why = error.to_string();
        let why = why.rsplit_once(" at line ").map_or(why.as_str(), |(why, _)| why).to_owned();
        JsonErrors::Syntax { line: error.line(), column: error.column(), why }
    })
}

/// Reads a [`Value`], and refuses a key that stands twice in one object, where serde_json keeps the last.
#[derive(Clone, Copy)]
struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(Strict)? {
            array.push(item);
        }
        Ok(array.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            let value = entries.next_value_seed(Strict)?;
            if object.contains_key(&key) {
                return Err(A::Error::custom(format!("\"{key}\" stands twice")));
            }
            object.insert(key, value);
        }
        Ok(object.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::v1::{CreateAgencyRequest, PushScheduleRequest, Session};

    fn problems(text: &str) -> Vec<(String, Problem)> {
        match request_from_json::<PushScheduleRequest>(text).unwrap_err() {
            JsonErrors::Problems(errors) => errors.into_iter().map(|e| (e.path, e.problem)).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_request_reads_in_both_spellings() {
        let text = r#"{"name": "agencies/blk-kepri/schedules/las", "time_zone": "Asia/Jakarta", "mode":
            "BATCH_MODE_ATOMIC", "sessions": [{"uid": "a", "sequence": 1, "startsAt": "2026-03-02T08:00:00+07:00",
            "ends_at": "2026-03-02T04:00:00Z", "topic": "Las", "trainers": [{"trainer": "t", "role": 1}]}]}"#;
        let push: PushScheduleRequest = request_from_json(text).unwrap();
        assert_eq!(push.sessions[0].starts_at.unwrap().seconds, 1_772_413_200);
        assert_eq!((push.mode, push.sessions[0].trainers[0].role), (1, 1));
        let Requests { all: both, many } =
            requests_from_json::<PushScheduleRequest>(&format!("[{text},{text}]")).unwrap();
        assert!(many && both == [push.clone(), push]);
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let found = problems(
            r#"{"name": 1, "validate_only": "yes", "request_id": "x", "mode": "ATOMIC", "sessions": [
            {"uid": "a", "starts_at": "2026-03-02T08:00:00", "ends_at": "tomorrow", "sequence": 1.5},
            {"starts_at": "2026-03-02 08:00", "room": "x", "trainers": {}}, 7]}"#,
        );
        let paths: Vec<_> = found.iter().map(|(path, _)| path.as_str()).collect();
        let mut sorted = paths.clone();
        sorted.sort_unstable();
        assert_eq!(
            sorted,
            [
                "mode",
                "name",
                "request_id",
                "sessions[0].ends_at",
                "sessions[0].sequence",
                "sessions[0].starts_at",
                "sessions[1].room",
                "sessions[1].starts_at",
                "sessions[1].trainers",
                "sessions[2]",
                "validate_only",
            ]
        );
        let at = |path: &str| found.iter().find(|(p, _)| p == path).map(|(_, problem)| problem.clone());
        assert_eq!(at("sessions[0].starts_at"), Some(Problem::Fault(Reason::TimeWithoutOffset.into())));
        assert_eq!(at("sessions[1].starts_at"), Some(Problem::Fault(Reason::TimeWithoutOffset.into())));
        assert_eq!(at("sessions[0].ends_at"), Some(expected(TIME_FORM)));
        let known = vec!["BATCH_MODE_ATOMIC".to_owned(), "BATCH_MODE_BEST_EFFORT".to_owned()];
        assert_eq!(at("mode"), Some(Problem::UnknownValue { known }));
        assert_eq!(at("request_id"), Some(Problem::RequestIdInFile));
    }

    /// The value may be a person's number: it is nowhere in what is told.
    #[test]
    fn a_number_without_quotation_marks_is_told_so() {
        let text =
            r#"{"name": 9901011708900001, "sessions": [{"topic": 1e3, "trainers": [{"trainer": true}]}]}"#;
        let found = problems(text);
        let quotes = Problem::Fault(Reason::QuotesMissing.into());
        assert_eq!(
            found,
            [
                ("name".to_owned(), quotes.clone()),
                ("sessions[0].topic".to_owned(), quotes),
                ("sessions[0].trainers[0].trainer".to_owned(), expected("\"…\"")),
            ]
        );
    }

    #[test]
    fn times_are_taken_as_programs_write_them() {
        let read = |written: &str| {
            let text = format!(r#"{{"sessions": [{{"starts_at": "{written}"}}]}}"#);
            let request = request_from_json::<PushScheduleRequest>(&text)?;
            Ok::<_, JsonErrors>(request.sessions[0].starts_at.unwrap().seconds)
        };
        for written in ["2026-03-02 08:00:00+0700", "2026-03-02t08:00+07", "20260302T010000Z"] {
            assert_eq!(read(written), Ok(1_772_413_200), "{written}");
        }
        let path = "sessions[0].starts_at".to_owned();
        let far = JsonError { path, problem: expected(TIME_FORM) };
        assert_eq!(read("2026-03-02T08:00:00+25:00"), Err(JsonErrors::Problems(vec![far])));
    }

    #[test]
    fn one_field_under_both_of_its_names_is_told_at_its_path() {
        let text = r#"{"sessions": [{"uid": "a", "starts_at": "2026-03-02T01:00:00Z", "startsAt": null}]}"#;
        let JsonErrors::Problems(found) = request_from_json::<PushScheduleRequest>(text).unwrap_err() else {
            panic!()
        };
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, "sessions[0].starts_at");
        let Problem::WrittenTwice { names } = &found[0].problem else { panic!("{found:?}") };
        assert!(names.contains(&"starts_at".to_owned()) && names.contains(&"startsAt".to_owned()));
    }

    #[test]
    fn syntax_and_repeated_fields_have_a_place() {
        let error = |text: &str| request_from_json::<CreateAgencyRequest>(text).unwrap_err();
        let JsonErrors::Syntax { line, why, .. } = error("{\n\"code\": \"a\",\n\"code\": \"b\"}") else {
            panic!()
        };
        assert_eq!((line, why.as_str()), (3, "\"code\" stands twice"));
        assert!(matches!(error("{\"code\": "), JsonErrors::Syntax { line: 1, .. }));
        assert!(matches!(error("{} {}"), JsonErrors::Syntax { .. }));
        assert!(matches!(error("[]"), JsonErrors::Problems(_)));
    }

    #[test]
    fn answers_read_as_the_contract_names_them() {
        let session = Session {
            name: "agencies/blk-kepri/sessions/a".into(),
            starts_at: Some(prost_types::Timestamp { seconds: 1_772_413_200, nanos: 0 }),
            state: 1,
            ..Session::default()
        };
        assert_eq!(
            to_json(&session),
            serde_json::json!({
                "name": "agencies/blk-kepri/sessions/a",
                "starts_at": "2026-03-02T01:00:00Z",
                "state": "SESSION_STATE_TENTATIVE",
            })
        );
    }
}
