//! Answers: domain values as the contract writes them.

use jiff::Timestamp;
use prost::Message;

use super::{Caller, choice::Choice};
use crate::{
    domain::{
        AgencyCode, Violation, access::Fingerprint, batch::MutationAnswer, field::Field, reason::Language,
        remark::Remark, time::AsOf,
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

/// The bytes of a page's items. A client takes 4 MiB in one message, unless it is told to take more.
const PAGE_BYTES_MAX: usize = 3 * 1024 * 1024;

/// Ends a page before its items take too many bytes: the next one begins after the last that stays. A page has one item at
/// the least, which the bounds of its row keep small.
fn cut<I: Message>(mut items: Vec<I>, page: Page<()>) -> ListPage<I> {
    let mut left = PAGE_BYTES_MAX;
    let fits = |item: &&I| {
        let bytes = item.encoded_len();
        let fits = left.checked_sub(bytes);
        left = fits.unwrap_or_default();
        fits.is_some()
    };
    let fitting = items.iter().take_while(fits).count().max(1);
    let mut next_page_token = page.next_page_token;
    if fitting < items.len() {
        items.truncate(fitting);
        next_page_token = (page.token_after)(fitting - 1);
    }
    ListPage { items, next_page_token }
}

impl<T, I: From<T> + Message> From<Page<T>> for ListPage<I> {
    fn from(mut page: Page<T>) -> Self {
        let items = std::mem::take(&mut page.items).into_iter().map(I::from).collect();
        cut(items, page.shown(Vec::new()))
    }
}

/// Resources whose state depends on the time of the call.
impl<T, I: From<AsOf<T>> + Message> From<AsOf<Page<T>>> for ListPage<I> {
    fn from(AsOf { value: mut page, now }: AsOf<Page<T>>) -> Self {
        let items =
            std::mem::take(&mut page.items).into_iter().map(|value| I::from(AsOf { value, now })).collect();
        cut(items, page.shown(Vec::new()))
    }
}

impl From<MutationAnswer> for v1::Change {
    fn from(change: MutationAnswer) -> Self {
        Self {
            name: change.name,
            etag: change.etag,
            outcome: change.outcome.to_wire(),
            entry: optional(change.entry.as_ref()),
            receipt: String::new(),
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

pub(super) fn remarks<'a>(remarks: impl IntoIterator<Item = &'a Remark>) -> Vec<v1::Remark> {
    let remark = |remark: &Remark| v1::Remark {
        act: remark.act.map(Choice::to_wire).unwrap_or_default(),
        agency: remark.agency.as_ref().map(AgencyCode::name).unwrap_or_default(),
        time: remark.at.and_then(time),
        note: remark.note.to_string(),
    };
    remarks.into_iter().map(remark).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn page(items: &[usize]) -> Page<v1::Warning> {
        let item = |bytes: &usize| v1::Warning { text: "x".repeat(*bytes), ..Default::default() };
        let token_after = Box::new(|place| format!("after {place}"));
        Page { items: items.iter().map(item).collect(), next_page_token: "next".to_owned(), token_after }
    }

    #[test]
    fn a_page_ends_before_it_is_too_large_and_has_one_item_at_the_least() {
        let mib = 1024 * 1024;
        for (items, stay, next) in [
            (&[10, 20, 30][..], 3, "next"),
            (&[mib, mib, mib - 100, 10, 10], 5, "next"),
            (&[mib, mib, mib, 10], 2, "after 1"),
            (&[5 * mib, 10], 1, "after 0"),
            (&[10, 5 * mib, 10], 1, "after 0"),
            (&[5 * mib], 1, "next"),
            (&[], 0, "next"),
        ] {
            let cut = ListPage::<v1::Warning>::from(page(items));
            assert_eq!((cut.items.len(), cut.next_page_token.as_str()), (stay, next), "{items:?}");
        }
    }
}
