//! Answers to batches: one encoder for the result of each item and of the whole. A further batch is a row of the table.

use super::{
    Caller,
    choice::Choice,
    encode::{self, Encode},
};
use crate::{
    domain::{reason::Language, roster::RosterPlaces},
    exchange::{BatchAnswer, assignment::AssignmentsAnswer, roster::RosterAnswer, schedule::SessionsAnswer},
    proto::v1,
};

/// For each answer: a result as it names its item, and the responses with what each says beside.
macro_rules! answers {
    ($($answer:ident: |$item:ident| $result:ident $named:expr, $($response:ident { $($beside:ident),* })*;)*) => {$($(
        impl Encode<$answer> for v1::$response {
            fn encode(answer: $answer, caller: &Caller) -> Self {
                let results = answer.items.iter().zip(0..).map(|($item, index)| v1::$result {
                    index,
                    outcome: $item.outcome.to_wire(),
                    state: $item.state.map(Choice::to_wire).unwrap_or_default(),
                    etag: $item.etag.clone().unwrap_or_default(),
                    errors: encode::item_errors(&$item.errors, caller.language),
                    ..$named
                });
                Self {
                    outcome: answer.outcome.to_wire(),
                    results: results.collect(),
                    entry: encode::optional(answer.entry.as_ref()),
                    receipt: String::new(),
                    $($beside: $beside(&answer, caller.language)),*
                }
            }
        }
    )*)*};
}

answers! {
    SessionsAnswer: |item| SessionResult v1::SessionResult {
        name: encode::optional(item.name.as_ref()),
        uid: item.name.as_ref().map_or(&item.uid, |name| &name.id).clone(),
        ..Default::default()
    }, PushScheduleResponse { warnings } CancelSessionsResponse {} ConfirmSessionsResponse {}
        DeclineSessionsResponse {};
    AssignmentsAnswer: |item| AssignmentResult v1::AssignmentResult {
        name: item.name.map(|id| format!("assignments/{id}")).unwrap_or_default(),
        ..Default::default()
    }, AcceptAssignmentsResponse { unconfirmed } DeclineAssignmentsResponse { unconfirmed }
        ClearAssignmentsResponse { unconfirmed } RefuseClearanceResponse { unconfirmed }
        WithdrawAssignmentsResponse { unconfirmed } AllowAssignmentsResponse { unconfirmed };
    RosterAnswer: |item| EnrolmentResult v1::EnrolmentResult {
        name: encode::optional(item.name.as_ref()),
        ..Default::default()
    }, NominateTraineesResponse { warnings, places } WithdrawEnrolmentsResponse { places }
        PromoteEnrolmentsResponse { places };
}

fn warnings<N, S>(answer: &BatchAnswer<N, S>, language: Language) -> Vec<v1::Warning> {
    encode::warnings(&answer.warnings, language)
}

fn unconfirmed<N, S>(answer: &BatchAnswer<N, S>, _: Language) -> Vec<String> {
    answer.unconfirmed.iter().map(ToString::to_string).collect()
}

fn places<N, S>(answer: &BatchAnswer<N, S>, _: Language) -> Option<v1::RosterPlaces> {
    let RosterPlaces { capacity, confirmed, waitlisted } = answer.places?;
    Some(v1::RosterPlaces { capacity, confirmed, waitlisted })
}
