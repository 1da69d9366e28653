//! One resource as lines of label and text. Labels are the fields' paths in the contract, so what is read
//! here can be looked up there and written into a file.
//!
//! Goes by the descriptor, so every message of the contract can be shown.

use prost::{Message, Name};
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, ReflectMessage, Value};

use super::when;
use crate::{domain::reason::Language, format::json::to_dynamic};

/// The lines of a message. Times are spelled in its own zone, where it has one, else in UTC.
pub fn lines<M: Message + Name>(message: &M, language: Language) -> Vec<(String, String)> {
    let dynamic = to_dynamic(message);
    let zone = zone_of(&dynamic).unwrap_or_else(|| "UTC".to_owned());
    let mut lines = Vec::new();
    walk(&dynamic, "", &Speller { zone, language }, &mut lines);
    lines
}

struct Speller {
    zone: String,
    language: Language,
}

fn zone_of(message: &DynamicMessage) -> Option<String> {
    if let Some(zone) = message.get_field_by_name("time_zone") {
        return zone.as_str().map(str::to_owned);
    }
    message.fields().find_map(|(_, value)| value.as_message().and_then(zone_of))
}

fn walk(message: &DynamicMessage, path: &str, speller: &Speller, lines: &mut Vec<(String, String)>) {
    for (field, value) in message.fields() {
        let path = if path.is_empty() { field.name().to_owned() } else { format!("{path}.{}", field.name()) };
        match value {
            Value::Message(inner) if !is_time(&field) => walk(inner, &path, speller, lines),
            Value::List(items) if matches!(field.kind(), Kind::Message(_)) => {
                lines.extend(
                    items
                        .iter()
                        .enumerate()
                        .map(|(index, item)| (format!("{path}[{index}]"), speller.spell(&field, item))),
                );
            }
            value => lines.push((path, speller.spell(&field, value))),
        }
    }
}

fn is_time(field: &FieldDescriptor) -> bool {
    matches!(field.kind(), Kind::Message(message) if message.full_name() == "google.protobuf.Timestamp")
}

impl Speller {
    /// On one line, whatever it is.
    fn spell(&self, field: &FieldDescriptor, value: &Value) -> String {
        match value {
            Value::Bool(value) => value.to_string(),
            Value::I32(value) => value.to_string(),
            Value::String(value) => value.clone(),
            Value::EnumNumber(number) => short_value(field, *number),
            Value::List(items) => {
                items.iter().map(|item| self.spell(field, item)).collect::<Vec<_>>().join(", ")
            }
            Value::Message(message) if message.descriptor().full_name() == "google.protobuf.Timestamp" => {
                when::moment(message.transcode_to().ok().as_ref(), &self.zone, self.language)
            }
            Value::Message(message) => {
                let parts: Vec<_> =
                    message.fields().map(|(field, value)| self.spell(&field, value)).collect();
                parts.join(" · ")
            }
            // The contract has no other kinds in what is shown.
            other => other.to_string(),
        }
    }
}

/// `ACTIVE` for `AGREEMENT_STATE_ACTIVE`.
fn short_value(field: &FieldDescriptor, number: i32) -> String {
    let Kind::Enum(of) = field.kind() else { return number.to_string() };
    let prefix = of.get_value(0).map(|zero| zero.name().trim_end_matches("UNSPECIFIED").to_owned());
    of.get_value(number).map_or_else(
        || number.to_string(),
        |value| value.name().trim_start_matches(prefix.unwrap_or_default().as_str()).to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::v1::{Agreement, AgreementTerms, Party};

    #[test]
    fn a_resource_reads_as_paths_and_texts() {
        let party =
            |agency: &str| Party { agency: agency.into(), number: "1/2026".into(), ..Party::default() };
        let agreement = Agreement {
            name: "agencies/blk/agreements/pks".into(),
            terms: Some(AgreementTerms {
                kind: 3,
                parties: vec![party("agencies/blk"), party("agencies/lapas")],
                time_zone: "Asia/Jakarta".into(),
                ..AgreementTerms::default()
            }),
            state: 4,
            accepted_by: vec!["agencies/blk".into(), "agencies/lapas".into()],
            create_time: Some(prost_types::Timestamp { seconds: 1_772_413_200, nanos: 0 }),
            ..Agreement::default()
        };
        let lines = lines(&agreement, Language::English);
        let lines: Vec<_> = lines.iter().map(|(label, text)| (label.as_str(), text.as_str())).collect();
        assert_eq!(
            lines,
            [
                ("name", "agencies/blk/agreements/pks"),
                ("terms.kind", "PKS"),
                ("terms.parties[0]", "agencies/blk · 1/2026"),
                ("terms.parties[1]", "agencies/lapas · 1/2026"),
                ("terms.time_zone", "Asia/Jakarta"),
                ("state", "ACTIVE"),
                ("accepted_by", "agencies/blk, agencies/lapas"),
                ("create_time", "Mon 02 Mar 2026 08:00 WIB"),
            ]
        );
    }
}
