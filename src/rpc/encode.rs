//! Answers: domain values as the contract writes them.

use jiff::Timestamp;

use super::choice::Choice;
use crate::{
    domain::{Violation, batch::MutationAnswer, field::Field, reason::Language},
    proto::v1,
};

pub(super) fn time(at: Timestamp) -> Option<prost_types::Timestamp> {
    let nanos = at.subsec_nanosecond();
    // Before 1970 jiff counts the fraction backwards, the wire forwards.
    let (seconds, nanos) =
        if nanos < 0 { (at.as_second() - 1, nanos + 1_000_000_000) } else { (at.as_second(), nanos) };
    Some(prost_types::Timestamp { seconds, nanos })
}

pub(super) fn change(change: MutationAnswer) -> Option<v1::Change> {
    Some(v1::Change {
        name: change.name,
        etag: change.etag,
        outcome: change.outcome.to_wire(),
        entry: change.entry.map(|id| id.to_string()).unwrap_or_default(),
    })
}

pub(super) fn warnings(warnings: &[Violation], language: Language) -> Vec<v1::Warning> {
    warnings
        .iter()
        .map(|warning| v1::Warning {
            reason: warning.fault.reason.code().to_owned(),
            field: warning.field.clone(),
            text: warning.fault.text(language),
        })
        .collect()
}

pub(super) fn item_errors(errors: &[Violation], language: Language) -> Vec<v1::ItemError> {
    errors
        .iter()
        .map(|error| v1::ItemError {
            reason: error.fault.reason.code().to_owned(),
            field: error.field.clone(),
            text: error.fault.text(language),
        })
        .collect()
}

pub(super) fn field(field: &Field) -> v1::Field {
    v1::Field { kind: field.kind.to_wire(), label: optional(field.label.as_ref()) }
}

/// The text, or an empty one.
pub(super) fn optional(value: Option<&impl ToString>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}
