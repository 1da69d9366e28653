//! A right request for every RPC, that changes nothing.

// `dry!` fills up with defaults also where every field is given.
#![allow(clippy::needless_update)]

use gerbang::{agent::Client, proto::v1};
use tonic::{Code, Response, Status};

use super::stand::Stand;
use crate::world::reason;

/// Code and reason of an answer; a list without items is EMPTY.
pub type Outcome = (Code, String);

fn seen<A>(answer: Result<Response<A>, Status>, empty: impl Fn(&A) -> bool) -> Outcome {
    match answer {
        Ok(answer) if empty(answer.get_ref()) => (Code::Ok, "EMPTY".to_owned()),
        Ok(_) => (Code::Ok, String::new()),
        Err(status) => (status.code(), reason(&status)),
    }
}

/// A request that changes nothing, right but for whoever calls. `$field: value` beside what all mutations have.
macro_rules! dry {
    ($client:ident . $service:ident . $method:ident, $request:ident { $($field:ident : $value:expr),* $(,)? }) => {{
        let request = v1::$request {
            request_id: request_id(), validate_only: true, $($field: $value.into(),)*
        };
        seen($client.$service().$method(request).await, |_| false)
    }};
}

macro_rules! look {
    ($client:ident . $service:ident . $method:ident, $request:expr) => {
        seen($client.$service().$method($request).await, |_| false)
    };
    ($client:ident . $service:ident . $method:ident, $request:expr, $items:ident) => {
        seen($client.$service().$method($request).await, |answer| answer.$items.is_empty())
    };
}

macro_rules! batched {
    ($client:ident . $service:ident . $method:ident, $request:expr) => {
        of_item($client.$service().$method($request).await, |answer| &answer.results[0].errors)
    };
}

// Behind the macros, which they use.
mod ledger;
mod registry;
mod schedule;
mod training;

pub async fn call(method: &str, client: &Client, stand: &Stand) -> Outcome {
    match method.split_once('/').unwrap() {
        ("AgencyService", method) => registry::agency_call(method, client, stand).await,
        ("CertificateService", method) => registry::certificate_call(method, client, stand).await,
        ("AgreementService", method) => training::agreement_call(method, client, stand).await,
        ("ProgrammeService", method) => training::programme_call(method, client, stand).await,
        ("TrainerService", method) => schedule::trainer_call(method, client, stand).await,
        ("AssignmentService", method) => schedule::assignment_call(method, client, stand).await,
        ("ChangeService", method) => ledger::change_call(method, client, stand).await,
        ("DisclosureService", method) => training::disclosure_call(method, client, stand).await,
        ("FacilityService", method) => schedule::facility_call(method, client, stand).await,
        ("LedgerService", method) => ledger::ledger_call(method, client, stand).await,
        ("RosterService", method) => training::roster_call(method, client, stand).await,
        (_, method) => schedule::schedule_call(method, client, stand).await,
    }
}

/// A batch says per item what a single call says by its status.
fn of_item<A>(answer: Result<Response<A>, Status>, errors: impl Fn(&A) -> &[v1::ItemError]) -> Outcome {
    let error = answer.as_ref().ok().and_then(|answer| errors(answer.get_ref()).first().cloned());
    match error {
        Some(error) if error.reason == "NOT_FOUND" => (Code::NotFound, error.reason),
        Some(error) => (Code::PermissionDenied, error.reason),
        None => seen(answer, |_| false),
    }
}
