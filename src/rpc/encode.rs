//! Answers: domain values as the contract writes them.

use jiff::Timestamp;

use super::{Caller, choice::Choice};
use crate::{
    domain::{
        Violation, access::Fingerprint, batch::MutationAnswer, field::Field, reason::Language, time::AsOf,
    },
    exchange::page::Page,
    proto::{
        shape::{ListPage, PlainAnswer, StateChange},
        v1,
    },
};

/// An answer, made of what its use case found or did.
pub(super) trait Encode<A> {
    fn encode(answer: A, caller: &Caller) -> Self;

    /// The certificate that the answer hands to its holder. The collection is recorded before the answer leaves.
    fn collected(_answer: &A, _caller: &Caller) -> Option<Fingerprint> {
        None
    }
}

/// Encodes an answer of one value by the way in which that value is written.
impl<A, R> Encode<A> for R
where
    R: PlainAnswer,
    R::Value: From<A>,
{
    fn encode(answer: A, _: &Caller) -> Self {
        R::of(answer.into())
    }
}

impl<T, I: From<T>> From<Page<T>> for ListPage<I> {
    fn from(page: Page<T>) -> Self {
        let items = page.items.into_iter().map(I::from).collect();
        Self { items, next_page_token: page.next_page_token }
    }
}

/// Resources whose state depends on the time of the call.
impl<T, I: From<AsOf<T>>> From<AsOf<Page<T>>> for ListPage<I> {
    fn from(AsOf { value: page, now }: AsOf<Page<T>>) -> Self {
        let items = page.items.into_iter().map(|value| I::from(AsOf { value, now })).collect();
        Self { items, next_page_token: page.next_page_token }
    }
}

impl From<MutationAnswer> for v1::Change {
    fn from(change: MutationAnswer) -> Self {
        Self {
            name: change.name,
            etag: change.etag,
            outcome: change.outcome.to_wire(),
            entry: optional(change.entry.as_ref()),
        }
    }
}

impl StateChange {
    /// Pairs a change with the state that the resource has since.
    pub(super) fn new(change: MutationAnswer, state: impl Choice) -> Self {
        Self { change: change.into(), state: state.to_wire() }
    }
}

pub(super) fn time(at: Timestamp) -> Option<prost_types::Timestamp> {
    let nanos = at.subsec_nanosecond();
    // Before 1970 jiff counts the fraction backwards, the wire forwards.
    let (seconds, nanos) =
        if nanos < 0 { (at.as_second() - 1, nanos + 1_000_000_000) } else { (at.as_second(), nanos) };
    Some(prost_types::Timestamp { seconds, nanos })
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

/// Encodes a count; one that does not fit becomes the largest.
pub(super) fn count(number: impl TryInto<i32>) -> i32 {
    number.try_into().unwrap_or(i32::MAX)
}

/// Names of resources.
pub(super) fn names(names: &[impl ToString]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

/// The text, or an empty one.
pub(super) fn optional(value: Option<&impl ToString>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}
