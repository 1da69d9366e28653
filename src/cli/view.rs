//! One resource as lines of label and text. In English, labels are the fields' paths in the contract, so what is read
//! here can be looked up there and written into a file; in Indonesian they are the words that an office uses.
//!
//! Goes by the descriptor, so every message of the contract can be shown.

use prost::{Message, Name};
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, ReflectMessage, Value};

use super::{when, words};
use crate::{domain::reason::Language, format::json::to_dynamic};

/// The lines of a message, with times spelled in a zone.
pub fn lines<M: Message + Name>(message: &M, zone: &str, language: Language) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    walk(&to_dynamic(message), "", &Speller { zone: zone.to_owned(), language }, &mut lines);
    lines
}

/// The zone that a message itself names.
pub fn zone<M: Message + Name>(message: &M) -> Option<String> {
    zone_of(&to_dynamic(message))
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
        let path = speller.label(path, message.descriptor().name(), field.name());
        match value {
            Value::Message(inner) if !is_time(&field) => walk(inner, &path, speller, lines),
            Value::List(items) if matches!(field.kind(), Kind::Message(_)) => {
                for (index, item) in items.iter().enumerate() {
                    let path = speller.numbered(&path, index);
                    match item {
                        Value::Message(inner) => walk(inner, &path, speller, lines),
                        other => lines.push((path, speller.spell(&field, other))),
                    }
                }
            }
            value => lines.push((path, speller.spell(&field, value))),
        }
    }
}

fn is_time(field: &FieldDescriptor) -> bool {
    matches!(field.kind(), Kind::Message(message) if message.full_name() == "google.protobuf.Timestamp")
}

impl Speller {
    /// `terms.title`, or `ketentuan › judul`.
    fn label(&self, path: &str, message: &str, field: &str) -> String {
        let (name, between) = match self.language {
            Language::English => (field, "."),
            Language::Indonesian => (words::label_in(message, field), " › "),
        };
        if path.is_empty() { name.to_owned() } else { format!("{path}{between}{name}") }
    }

    /// `parties[0]`, as in the contract's paths, or `pihak 1`, as people count.
    fn numbered(&self, path: &str, index: usize) -> String {
        match self.language {
            Language::English => format!("{path}[{index}]"),
            Language::Indonesian => format!("{path} {}", index + 1),
        }
    }

    /// On one line, whatever it is.
    fn spell(&self, field: &FieldDescriptor, value: &Value) -> String {
        match value {
            Value::Bool(value) => words::truth(self.language, *value),
            Value::I32(value) => value.to_string(),
            Value::String(value) => value.clone(),
            Value::EnumNumber(number) => self.choice(field, *number),
            Value::List(items) => {
                items.iter().map(|item| self.spell(field, item)).collect::<Vec<_>>().join(", ")
            }
            Value::Message(message) if is_time(field) => {
                when::moment(message.transcode_to().ok().as_ref(), &self.zone, self.language)
            }
            // The contract has no other kinds in what is shown.
            other => other.to_string(),
        }
    }

    /// `ACTIVE` or `BERLAKU` for `AGREEMENT_STATE_ACTIVE`; the number of a value that this program does not know.
    fn choice(&self, field: &FieldDescriptor, number: i32) -> String {
        let Kind::Enum(of) = field.kind() else { return number.to_string() };
        of.get_value(number)
            .map_or_else(|| number.to_string(), |value| words::value(self.language, value.name()))
    }
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
        assert_eq!(zone(&agreement).as_deref(), Some("Asia/Jakarta"));
        let english = lines(&agreement, "Asia/Jakarta", Language::English);
        let english: Vec<_> = english.iter().map(|(label, text)| (label.as_str(), text.as_str())).collect();
        assert_eq!(
            english,
            [
                ("name", "agencies/blk/agreements/pks"),
                ("terms.kind", "PKS"),
                ("terms.parties[0].agency", "agencies/blk"),
                ("terms.parties[0].number", "1/2026"),
                ("terms.parties[1].agency", "agencies/lapas"),
                ("terms.parties[1].number", "1/2026"),
                ("terms.time_zone", "Asia/Jakarta"),
                ("state", "ACTIVE"),
                ("accepted_by", "agencies/blk, agencies/lapas"),
                ("create_time", "Mon 02 Mar 2026 08:00 WIB"),
            ]
        );
        let indonesian = lines(&agreement, "Asia/Makassar", Language::Indonesian);
        for line in [
            ("ketentuan › jenis", "PKS"),
            ("ketentuan › pihak 2 › instansi", "agencies/lapas"),
            ("status", "BERLAKU"),
            ("dibuat pada", "Sen 02 Mar 2026 09:00 WITA"),
        ] {
            let (label, text) = line;
            assert!(indonesian.contains(&(label.to_owned(), text.to_owned())), "{line:?}: {indonesian:?}");
        }
    }
}
