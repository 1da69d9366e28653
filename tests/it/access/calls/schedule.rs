//! Calls about sessions, and about the trainers and rooms that they need.

use gerbang::{agent::Client, proto::v1};

use super::{
    super::stand::{DECLINED, LENT, Stand},
    Outcome, of_item, seen,
};
use crate::{
    cast::{self, FACILITY, TRAINER},
    world::request_id,
};

pub async fn trainer_call(method: &str, client: &Client, stand: &Stand) -> Outcome {
    let name = || v1::GetTrainerRequest { name: TRAINER.to_owned() };
    match method {
        "RegisterTrainer" => {
            let request = cast::trainer("agencies/blk-kepri/trainers/baru", "");
            look!(
                client.trainer.register_trainer,
                v1::RegisterTrainerRequest { validate_only: true, ..request }
            )
        }
        "UpdateTrainer" => {
            let trainer = stand.cast.blk.trainer().get_trainer(name()).await.unwrap().into_inner();
            let trainer = trainer.trainer.unwrap();
            dry!(
                client.trainer.update_trainer,
                UpdateTrainerRequest { name: TRAINER, etag: trainer.etag, profile: trainer.profile.unwrap() }
            )
        }
        "GetTrainer" => look!(client.trainer.get_trainer, name()),
        "ListTrainers" => look!(client.trainer.list_trainers, v1::ListTrainersRequest::default(), trainers),
        "ListTrainerClaims" => {
            look!(client.trainer.list_trainer_claims, v1::ListTrainerClaimsRequest::default(), claims)
        }
        "ConfirmTrainerClaim" => {
            let request = v1::ListTrainerClaimsRequest::default();
            let claims = stand.cast.lapas.trainer().list_trainer_claims(request).await.unwrap().into_inner();
            let v1::TrainerClaim { name, etag, .. } = claims.claims[0].clone();
            dry!(client.trainer.confirm_trainer_claim, ConfirmTrainerClaimRequest { name: name, etag: etag })
        }
        other => panic!("no request for {other}"),
    }
}

pub async fn schedule_call(method: &str, client: &Client, stand: &Stand) -> Outcome {
    let name = || v1::GetSessionRequest { name: "agencies/blk-kepri/sessions/s1".to_owned() };
    match method {
        "PushSchedule" => {
            let request = cast::push(vec![cast::led_session("s2", "2026-03-11T01:00:00Z", TRAINER)]);
            look!(client.schedule.push_schedule, v1::PushScheduleRequest { validate_only: true, ..request })
        }
        "PushSessions" => {
            let request = cast::push(vec![cast::led_session("s2", "2026-03-11T01:00:00Z", TRAINER)]);
            let request = v1::PushScheduleRequest { validate_only: true, ..request };
            look!(client.schedule.push_sessions, tokio_stream::iter([request]))
        }
        "GetSession" => look!(client.schedule.get_session, name()),
        "ListSessions" => look!(client.schedule.list_sessions, v1::ListSessionsRequest::default(), sessions),
        "CancelSessions" => {
            let session = stand.cast.blk.schedule().get_session(name()).await.unwrap().into_inner();
            let session = session.session.unwrap();
            let request = v1::CancelSessionsRequest {
                request_id: request_id(),
                validate_only: true,
                sessions: vec![v1::SessionCancellation { name: session.name, etag: session.etag }],
                note: "Batal".to_owned(),
            };
            batched!(client.schedule.cancel_sessions, request)
        }
        "ConfirmSessions" => {
            let session = stand.cast.session("s1").await;
            let sessions = vec![v1::SessionConfirmation {
                name: session.name,
                etag: session.etag,
                facility: FACILITY.to_owned(),
            }];
            let request = v1::ConfirmSessionsRequest {
                request_id: request_id(),
                validate_only: true,
                sessions,
                ..Default::default()
            };
            batched!(client.schedule.confirm_sessions, request)
        }
        "DeclineSessions" => {
            let session = stand.cast.session("s1").await;
            let request = v1::DeclineSessionsRequest {
                request_id: request_id(),
                validate_only: true,
                sessions: vec![v1::SessionDecline { name: session.name, etag: session.etag }],
                note: "Belum".to_owned(),
                ..Default::default()
            };
            batched!(client.schedule.decline_sessions, request)
        }
        other => panic!("no request for {other}"),
    }
}

macro_rules! acted {
    ($client:ident . $method:ident, $request:ident, $stand:ident, $trainer:expr) => {{
        let seen = $stand.cast.pull(&$stand.cast.lapas).await.into_iter().find(|one| one.trainer == $trainer);
        let seen = seen.unwrap();
        let request = v1::$request {
            request_id: request_id(),
            validate_only: true,
            assignments: vec![v1::SeenAssignment { name: seen.name, etag: seen.etag }],
            ..Default::default()
        };
        batched!($client.assignment.$method, request)
    }};
}

pub async fn assignment_call(method: &str, client: &Client, stand: &Stand) -> Outcome {
    match method {
        "GetTrainerAssignment" => {
            let request = v1::GetTrainerAssignmentRequest { name: stand.lent.clone() };
            look!(client.assignment.get_trainer_assignment, request)
        }
        "ListTrainerAssignments" => {
            let request = v1::ListTrainerAssignmentsRequest::default();
            look!(client.assignment.list_trainer_assignments, request, assignments)
        }
        "AcceptAssignments" => acted!(client.accept_assignments, AcceptAssignmentsRequest, stand, LENT),
        "DeclineAssignments" => acted!(client.decline_assignments, DeclineAssignmentsRequest, stand, LENT),
        "ClearAssignments" => acted!(client.clear_assignments, ClearAssignmentsRequest, stand, TRAINER),
        "RefuseClearance" => acted!(client.refuse_clearance, RefuseClearanceRequest, stand, TRAINER),
        "AllowAssignments" => acted!(client.allow_assignments, AllowAssignmentsRequest, stand, DECLINED),
        "WithdrawAssignments" => acted!(client.withdraw_assignments, WithdrawAssignmentsRequest, stand, LENT),
        other => panic!("no request for {other}"),
    }
}

pub async fn facility_call(method: &str, client: &Client, stand: &Stand) -> Outcome {
    let name = || v1::GetFacilityRequest { name: FACILITY.to_owned() };
    let seen = stand.cast.lapas.facility().get_facility(name()).await.unwrap().into_inner();
    let seen = seen.facility.unwrap();
    match method {
        "CreateFacility" => dry!(
            client.facility.create_facility,
            CreateFacilityRequest {
                name: "agencies/lapas-tpi/facilities/baru",
                profile: seen.profile.unwrap()
            }
        ),
        "UpdateFacility" => dry!(
            client.facility.update_facility,
            UpdateFacilityRequest { name: FACILITY, etag: seen.etag, profile: seen.profile.unwrap() }
        ),
        "RetireFacility" => {
            dry!(client.facility.retire_facility, RetireFacilityRequest { name: FACILITY, etag: seen.etag })
        }
        "GetFacility" => look!(client.facility.get_facility, name()),
        "ListFacilities" => {
            let prison = "agencies/lapas-tpi".to_owned();
            let request = v1::ListFacilitiesRequest { prison, ..Default::default() };
            look!(client.facility.list_facilities, request, facilities)
        }
        other => panic!("no request for {other}"),
    }
}
