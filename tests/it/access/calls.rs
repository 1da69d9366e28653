//! A right request for every RPC, that changes nothing.

// `dry!` fills up with defaults also where every field is given.
#![allow(clippy::needless_update)]

use gerbang::{
    agent::Client,
    pki::{certificate, statement::Purpose},
    proto::v1,
};
use tonic::{Code, Response, Status};

use super::stand::{
    APPROVED, DECLINED, DRAFT, LENT, PLANNED, PROPOSED, SUSPENDED, Stand, agency, programme_etag,
};
use crate::{
    cast::{self, AGREEMENT, FACILITY, PROGRAMME, TRAINER, agreement_etag, orders},
    world::{der, reason, request_id},
};

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

pub async fn call(method: &str, client: &Client, stand: &Stand) -> Outcome {
    match method.split_once('/').unwrap() {
        ("AgencyService", method) => agency_call(method, client, stand).await,
        ("CertificateService", method) => certificate_call(method, client, stand).await,
        ("AgreementService", method) => agreement_call(method, client, stand).await,
        ("ProgrammeService", method) => programme_call(method, client, stand).await,
        ("TrainerService", method) => trainer_call(method, client, stand).await,
        ("AssignmentService", method) => assignment_call(method, client, stand).await,
        ("ChangeService", "WatchChanges") => first_change(client).await,
        ("ChangeService", _) => {
            look!(client.change.list_changes, v1::ListChangesRequest::default(), changes)
        }
        ("FacilityService", method) => facility_call(method, client, stand).await,
        ("LedgerService", method) => ledger_call(method, client, stand).await,
        ("RosterService", method) => roster_call(method, client, stand).await,
        (_, method) => schedule_call(method, client, stand).await,
    }
}

/// The first answer of a stream.
async fn first_change(client: &Client) -> Outcome {
    let first = match client.change().watch_changes(v1::WatchChangesRequest::default()).await {
        Ok(stream) => stream.into_inner().message().await,
        Err(refused) => Err(refused),
    };
    seen(first.map(|first| Response::new(first.unwrap())), |first| first.changes.is_empty())
}

/// Of the entry in which a draft was made, in the tree as it is then.
async fn ledger_call(method: &str, client: &Client, stand: &Stand) -> Outcome {
    let blk = &stand.cast.blk;
    stand.cast.world.until_placed().await;
    let checkpoint = blk.ledger().get_checkpoint(v1::GetCheckpointRequest {}).await.unwrap().into_inner();
    let tree_size = checkpoint.checkpoint.lines().nth(1).unwrap().parse().unwrap();
    match method {
        "GetCheckpoint" => look!(client.ledger.get_checkpoint, v1::GetCheckpointRequest {}),
        "GetInclusionProof" => {
            let request = v1::ListChangesRequest { page_size: 500, ..Default::default() };
            let changes = blk.change().list_changes(request).await.unwrap().into_inner().changes;
            let draft = changes.into_iter().find(|change| change.name == DRAFT).unwrap();
            look!(
                client.ledger.get_inclusion_proof,
                v1::GetInclusionProofRequest { entry: draft.entry, tree_size }
            )
        }
        _ => {
            let request = v1::GetConsistencyProofRequest { from_size: 1, to_size: tree_size };
            look!(client.ledger.get_consistency_proof, request)
        }
    }
}

async fn agency_call(method: &str, client: &Client, stand: &Stand) -> Outcome {
    let admin = &stand.cast.admin;
    let blk = agency(admin, "agencies/blk-kepri").await;
    let system = blk.systems.iter().find(|system| system.name.ends_with("/jadwal")).unwrap();
    match method {
        "CreateAgency" => {
            let request = v1::CreateAgencyRequest {
                validate_only: true,
                ..cast::agency("dinas-baru", v1::AgencyKind::Fisheries)
            };
            look!(client.agency.create_agency, request)
        }
        "UpdateAgency" => dry!(
            client.agency.update_agency,
            UpdateAgencyRequest {
                name: blk.name,
                etag: blk.etag,
                names: blk.names,
                time_zone: "Asia/Makassar",
            }
        ),
        "SuspendAgency" => dry!(
            client.agency.suspend_agency,
            SuspendAgencyRequest { name: blk.name, etag: blk.etag, note: "Pemeriksaan" }
        ),
        "ResumeAgency" => dry!(
            client.agency.resume_agency,
            ResumeAgencyRequest {
                name: "agencies/dinas-lain",
                etag: agency(admin, "agencies/dinas-lain").await.etag,
            }
        ),
        "ReleaseBookings" => {
            dry!(client.agency.release_bookings, ReleaseBookingsRequest { name: blk.name, note: "Keliru" })
        }
        "RegisterSystem" => dry!(
            client.agency.register_system,
            RegisterSystemRequest { agency: "agencies/blk-kepri", system: "kedua", role: v1::Role::Partner }
        ),
        "UpdateSystem" => dry!(
            client.agency.update_system,
            UpdateSystemRequest {
                name: system.name.clone(),
                etag: system.etag.clone(),
                role: v1::Role::Partner,
            }
        ),
        "ApproveSystem" => {
            let prison = agency(admin, "agencies/lapas-tpi").await;
            let system = prison.systems.into_iter().find(|system| system.name.ends_with("/baru")).unwrap();
            dry!(client.agency.approve_system, ApproveSystemRequest { name: system.name, etag: system.etag })
        }
        "RetireSystem" => dry!(
            client.agency.retire_system,
            RetireSystemRequest { name: system.name.clone(), etag: system.etag.clone(), note: "Keliru" }
        ),
        "GetAgency" => look!(client.agency.get_agency, v1::GetAgencyRequest { name: blk.name }),
        "ListAgencies" => {
            look!(client.agency.list_agencies, v1::ListAgenciesRequest::default(), agencies)
        }
        "WhoAmI" => look!(client.agency.who_am_i, v1::WhoAmIRequest {}),
        other => panic!("no request for {other}"),
    }
}

/// Whatever is asked for is of blk-kepri, but a renewal, which is the caller's own.
async fn certificate_call(method: &str, client: &Client, stand: &Stand) -> Outcome {
    let world = stand.world();
    let system = || "agencies/blk-kepri/systems/jadwal".to_owned();
    let order = || v1::GetCertificateOrderRequest { name: stand.order.clone() };
    let seen_order = async || {
        let found = stand.cast.admin.certificate().get_certificate_order(order()).await.unwrap().into_inner();
        found.order.unwrap()
    };
    let serial = || {
        let read = certificate::read(&der(&world.issue("blk-kepri", "jadwal").certificate_pem)).unwrap();
        format!("certificates/{}", read.serial)
    };
    match method {
        "CreateInvitation" => {
            let (_, request) = world.invitation(&system(), "PARTNER");
            let request = v1::CreateInvitationRequest { validate_only: true, ..request };
            look!(client.certificate.create_invitation, request)
        }
        "RequestCertificate" => dry!(
            client.certificate.request_certificate,
            RequestCertificateRequest { system: system(), csr_pem: orders::csr(&orders::key()) }
        ),
        "ApproveCertificateOrder" => {
            let order = seen_order().await;
            let subject = hex::decode(&order.key_sha256).unwrap().try_into().unwrap();
            let statement = orders::statement(world, Purpose::Approve, &system(), "PARTNER", subject);
            let request = v1::ApproveCertificateOrderRequest {
                request_id: request_id(),
                validate_only: true,
                name: order.name,
                etag: order.etag,
                statement: world.signed_by("admin", &statement),
            };
            look!(client.certificate.approve_certificate_order, request)
        }
        "RejectCertificateOrder" => {
            let order = seen_order().await;
            dry!(
                client.certificate.reject_certificate_order,
                RejectCertificateOrderRequest { name: order.name, etag: order.etag, note: "Bukan dari kami" }
            )
        }
        "RenewCertificate" => {
            let who = client.agency().who_am_i(v1::WhoAmIRequest {}).await;
            let who = who.map_or_else(|_| system(), |who| who.into_inner().system);
            let (agency, system) = who.strip_prefix("agencies/").unwrap().split_once("/systems/").unwrap();
            let request = world.renewal(agency, system, &orders::key());
            let request = v1::RenewCertificateRequest { validate_only: true, ..request };
            look!(client.certificate.renew_certificate, request)
        }
        "GetCertificateOrder" => look!(client.certificate.get_certificate_order, order()),
        "ListCertificateOrders" => {
            let request = v1::ListCertificateOrdersRequest::default();
            look!(client.certificate.list_certificate_orders, request, orders)
        }
        "GetCertificate" => {
            look!(client.certificate.get_certificate, v1::GetCertificateRequest { name: serial() })
        }
        "ListCertificates" => {
            let agency = "agencies/blk-kepri".to_owned();
            let request = v1::ListCertificatesRequest { agency, ..Default::default() };
            look!(client.certificate.list_certificates, request, certificates)
        }
        "RevokeCertificates" => dry!(
            client.certificate.revoke_certificates,
            RevokeCertificatesRequest {
                certificate: serial(),
                agency: "",
                reason: v1::RevocationReason::Superseded,
                note: "",
                break_glass: false,
            }
        ),
        "GetTrustBundle" => {
            look!(client.certificate.get_trust_bundle, v1::GetTrustBundleRequest {}, authorities)
        }
        "GetAuthorityStatus" => {
            look!(client.certificate.get_authority_status, v1::GetAuthorityStatusRequest {}, authorities)
        }
        other => panic!("no request for {other}"),
    }
}

async fn agreement_call(method: &str, client: &Client, stand: &Stand) -> Outcome {
    let blk = &stand.cast.blk;
    let terms = || cast::terms("blk-kepri", cast::manpower());
    match method {
        "CreateAgreement" => dry!(
            client.agreement.create_agreement,
            CreateAgreementRequest { name: "agencies/blk-kepri/agreements/baru", terms: terms() }
        ),
        "UpdateAgreement" => dry!(
            client.agreement.update_agreement,
            UpdateAgreementRequest { name: DRAFT, etag: agreement_etag(blk, DRAFT).await, terms: terms() }
        ),
        "ProposeAgreement" => dry!(
            client.agreement.propose_agreement,
            ProposeAgreementRequest {
                name: DRAFT,
                etag: agreement_etag(blk, DRAFT).await,
                binding: v1::AgreementBinding::Acceptance,
            }
        ),
        "AcceptAgreement" => dry!(
            client.agreement.accept_agreement,
            AcceptAgreementRequest { name: PROPOSED, etag: agreement_etag(blk, PROPOSED).await }
        ),
        "RejectAgreement" => dry!(
            client.agreement.reject_agreement,
            RejectAgreementRequest {
                name: PROPOSED,
                etag: agreement_etag(blk, PROPOSED).await,
                note: "Belum",
            }
        ),
        "WithdrawAgreement" => dry!(
            client.agreement.withdraw_agreement,
            WithdrawAgreementRequest {
                name: PROPOSED,
                etag: agreement_etag(blk, PROPOSED).await,
                note: "Belum",
            }
        ),
        "SuspendAgreement" => dry!(
            client.agreement.suspend_agreement,
            SuspendAgreementRequest {
                name: AGREEMENT,
                etag: agreement_etag(blk, AGREEMENT).await,
                note: "Jeda",
            }
        ),
        "ResumeAgreement" => dry!(
            client.agreement.resume_agreement,
            ResumeAgreementRequest { name: SUSPENDED, etag: agreement_etag(blk, SUSPENDED).await }
        ),
        "TerminateAgreement" => dry!(
            client.agreement.terminate_agreement,
            TerminateAgreementRequest {
                name: AGREEMENT,
                etag: agreement_etag(blk, AGREEMENT).await,
                note: "Selesai",
            }
        ),
        "GetAgreement" => {
            look!(client.agreement.get_agreement, v1::GetAgreementRequest { name: AGREEMENT.to_owned() })
        }
        "ListAgreements" => {
            look!(client.agreement.list_agreements, v1::ListAgreementsRequest::default(), agreements)
        }
        other => panic!("no request for {other}"),
    }
}

async fn programme_call(method: &str, client: &Client, stand: &Stand) -> Outcome {
    let blk = &stand.cast.blk;
    let plan = || cast::plan(cast::manpower());
    match method {
        "CreateProgramme" => dry!(
            client.programme.create_programme,
            CreateProgrammeRequest {
                name: "agencies/blk-kepri/programmes/baru",
                agreement: AGREEMENT,
                plan: plan(),
            }
        ),
        "UpdateProgramme" => dry!(
            client.programme.update_programme,
            UpdateProgrammeRequest {
                name: PLANNED,
                etag: programme_etag(blk, PLANNED).await,
                plan: plan(),
                agreement: "",
            }
        ),
        "ApproveProgramme" => dry!(
            client.programme.approve_programme,
            ApproveProgrammeRequest { name: PLANNED, etag: programme_etag(blk, PLANNED).await }
        ),
        "OpenProgramme" => dry!(
            client.programme.open_programme,
            OpenProgrammeRequest { name: APPROVED, etag: programme_etag(blk, APPROVED).await }
        ),
        "CancelProgramme" => dry!(
            client.programme.cancel_programme,
            CancelProgrammeRequest {
                name: PROGRAMME,
                etag: programme_etag(blk, PROGRAMME).await,
                note: "Batal",
            }
        ),
        "GetProgramme" => {
            look!(client.programme.get_programme, v1::GetProgrammeRequest { name: PROGRAMME.to_owned() })
        }
        "ListProgrammes" => {
            look!(client.programme.list_programmes, v1::ListProgrammesRequest::default(), programmes)
        }
        other => panic!("no request for {other}"),
    }
}

async fn trainer_call(method: &str, client: &Client, stand: &Stand) -> Outcome {
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

async fn schedule_call(method: &str, client: &Client, stand: &Stand) -> Outcome {
    let name = || v1::GetSessionRequest { name: "agencies/blk-kepri/sessions/s1".to_owned() };
    match method {
        "PushSchedule" => {
            let request = cast::push(vec![cast::led_session("s2", "2026-03-11T01:00:00Z", TRAINER)]);
            look!(client.schedule.push_schedule, v1::PushScheduleRequest { validate_only: true, ..request })
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

async fn assignment_call(method: &str, client: &Client, stand: &Stand) -> Outcome {
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

async fn facility_call(method: &str, client: &Client, stand: &Stand) -> Outcome {
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

async fn roster_call(method: &str, client: &Client, stand: &Stand) -> Outcome {
    let roster = stand.cast.roster(&stand.cast.lapas).await.enrolments;
    let [confirmed, waiting] = [&roster[0], &roster[1]];
    let trainee = confirmed.prison_record.clone().unwrap();
    let seen =
        |one: &v1::Enrolment| vec![v1::SeenEnrolment { name: one.name.clone(), etag: one.etag.clone() }];
    match method {
        "NominateTrainees" => {
            let request = v1::NominateTraineesRequest { validate_only: true, ..cast::nominate(&[3]) };
            batched!(client.roster.nominate_trainees, request)
        }
        "ListRoster" => {
            let request = v1::ListRosterRequest { programme: PROGRAMME.to_owned(), ..Default::default() };
            look!(client.roster.list_roster, request, enrolments)
        }
        "GetEnrolment" => {
            look!(client.roster.get_enrolment, v1::GetEnrolmentRequest { name: confirmed.name.clone() })
        }
        "WithdrawEnrolments" => {
            let request = v1::WithdrawEnrolmentsRequest {
                request_id: request_id(),
                validate_only: true,
                programme: PROGRAMME.to_owned(),
                enrolments: seen(confirmed),
                ..Default::default()
            };
            batched!(client.roster.withdraw_enrolments, request)
        }
        "PromoteEnrolments" => {
            let request = v1::PromoteEnrolmentsRequest {
                request_id: request_id(),
                validate_only: true,
                programme: PROGRAMME.to_owned(),
                enrolments: seen(waiting),
                ..Default::default()
            };
            batched!(client.roster.promote_enrolments, request)
        }
        "UpdateTrainee" => dry!(
            client.roster.update_trainee,
            UpdateTraineeRequest {
                name: trainee.trainee,
                etag: trainee.trainee_etag,
                profile: cast::trainee(9),
            }
        ),
        "WithholdTrainee" => dry!(
            client.roster.withhold_trainee,
            WithholdTraineeRequest { name: trainee.trainee, etag: trainee.trainee_etag }
        ),
        "LiftWithholding" => dry!(
            client.roster.lift_withholding,
            LiftWithholdingRequest { name: trainee.trainee, etag: trainee.trainee_etag }
        ),
        "GetRosterCounts" => {
            let prison = "agencies/lapas-tpi".to_owned();
            look!(
                client.roster.get_roster_counts,
                v1::GetRosterCountsRequest { prison, ..Default::default() },
                counts
            )
        }
        other => panic!("no request for {other}"),
    }
}

/// A batch says per item what a single call says by its status.
fn of_item<A>(
    answer: Result<tonic::Response<A>, Status>,
    errors: impl Fn(&A) -> &[v1::ItemError],
) -> Outcome {
    let error = answer.as_ref().ok().and_then(|answer| errors(answer.get_ref()).first().cloned());
    match error {
        Some(error) if error.reason == "NOT_FOUND" => (Code::NotFound, error.reason),
        Some(error) => (Code::PermissionDenied, error.reason),
        None => seen(answer, |_| false),
    }
}
