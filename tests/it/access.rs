//! The access matrix: every RPC in the descriptor by every kind of caller, against one table.

// `dry!` fills up with defaults also where every field is given.
#![allow(clippy::needless_update)]

use gerbang::{
    agent::Client,
    pki::issue,
    proto::{self, v1},
};
use tonic::{Code, Status};

use crate::{
    cast::{self, AGREEMENT, Cast, FACILITY, PROGRAMME, TRAINER},
    world::{NOW, TRUST_DOMAIN, World, details, long_lived, reason, request_id},
};

const DRAFT: &str = "agencies/blk-kepri/agreements/draft";
const PROPOSED: &str = "agencies/blk-kepri/agreements/proposed";
const SUSPENDED: &str = "agencies/blk-kepri/agreements/suspended";
const PLANNED: &str = "agencies/blk-kepri/programmes/planned";
const APPROVED: &str = "agencies/blk-kepri/programmes/approved";
const LENT: &str = "agencies/dkpp-bintan/trainers/siti";

const CALLERS: [&str; 11] = [
    "administrator",
    "prison",
    "another prison",
    "door",
    "lead agency",
    "trainer's agency",
    "other partner",
    "oversight",
    "suspended agency",
    "unregistered certificate",
    "foreign trust domain",
];

/// A letter for each of [`CALLERS`]; [`outcome`] says what it stands for.
const TABLE: &[(&str, &str)] = &[
    ("AgencyService/CreateAgency", "+rrrrrrrsuf"),
    ("AgencyService/UpdateAgency", "+rrrrrrrsuf"),
    ("AgencyService/SuspendAgency", "+rrrrrrrsuf"),
    ("AgencyService/ResumeAgency", "+rrrrrrrsuf"),
    ("AgencyService/RegisterSystem", "+rrrrrrrsuf"),
    ("AgencyService/UpdateSystem", "+rrrrrrrsuf"),
    ("AgencyService/GetAgency", "++++++++suf"),
    ("AgencyService/ListAgencies", "++++++++suf"),
    ("AgencyService/WhoAmI", "++++++++suf"),
    ("AgreementService/CreateAgreement", "roor+oorsuf"),
    ("AgreementService/UpdateAgreement", "rnnr+nnrsuf"),
    ("AgreementService/ProposeAgreement", "rnnr+nnrsuf"),
    ("AgreementService/AcceptAgreement", "r+nrannrsuf"),
    ("AgreementService/RejectAgreement", "r+nrpnnrsuf"),
    ("AgreementService/WithdrawAgreement", "rlnr+nnrsuf"),
    ("AgreementService/SuspendAgreement", "r+nr+nnrsuf"),
    ("AgreementService/ResumeAgreement", "r+nr+nnrsuf"),
    ("AgreementService/TerminateAgreement", "r+nr+nnrsuf"),
    ("AgreementService/GetAgreement", "r+nr+nnrsuf"),
    ("AgreementService/ListAgreements", "r+er++ersuf"),
    ("ProgrammeService/CreateProgramme", "roor+oorsuf"),
    ("ProgrammeService/UpdateProgramme", "rlnr+nnrsuf"),
    ("ProgrammeService/ApproveProgramme", "r+nrrrrrsuf"),
    ("ProgrammeService/OpenProgramme", "rlnr+nnrsuf"),
    ("ProgrammeService/CancelProgramme", "r+nr+nnrsuf"),
    ("ProgrammeService/GetProgramme", "r+nr+nnrsuf"),
    ("ProgrammeService/ListProgrammes", "r+er+eersuf"),
    ("TrainerService/RegisterTrainer", "roor+oorsuf"),
    ("TrainerService/UpdateTrainer", "rnnr+nnrsuf"),
    ("TrainerService/GetTrainer", "rnnr+nnrsuf"),
    ("TrainerService/ListTrainers", "reer++ersuf"),
    ("ScheduleService/PushSchedule", "rlnr+nnrsuf"),
    ("ScheduleService/GetSession", "r+nr++nrsuf"),
    ("ScheduleService/ListSessions", "r+er++ersuf"),
    ("ScheduleService/ConfirmSessions", "r+nrrrrrsuf"),
    ("ScheduleService/DeclineSessions", "r+nrrrrrsuf"),
    ("ScheduleService/CancelSessions", "r+nr+lnrsuf"),
    ("AssignmentService/GetTrainerAssignment", "r+nr++nrsuf"),
    ("AssignmentService/ListTrainerAssignments", "r+ee++ersuf"),
    ("AssignmentService/AcceptAssignments", "rlnrl+nrsuf"),
    ("AssignmentService/DeclineAssignments", "rlnrl+nrsuf"),
    ("AssignmentService/ClearAssignments", "r+nrrrrrsuf"),
    ("AssignmentService/RefuseClearance", "r+nrrrrrsuf"),
    ("AssignmentService/WithdrawAssignments", "rlnr+lnrsuf"),
    ("RosterService/NominateTrainees", "r+nrrrrrsuf"),
    ("RosterService/ListRoster", "r+nr+nnrsuf"),
    ("RosterService/GetEnrolment", "r+nr+nnrsuf"),
    ("RosterService/WithdrawEnrolments", "r+nrrrrrsuf"),
    ("RosterService/PromoteEnrolments", "r+nrrrrrsuf"),
    ("RosterService/UpdateTrainee", "r+nrrrrrsuf"),
    ("RosterService/WithholdTrainee", "r+nrrrrrsuf"),
    ("RosterService/LiftWithholding", "r+nrrrrrsuf"),
    ("RosterService/GetRosterCounts", "r+er+ee+suf"),
    ("FacilityService/CreateFacility", "r+orrrrrsuf"),
    ("FacilityService/UpdateFacility", "r+nrrrrrsuf"),
    ("FacilityService/RetireFacility", "r+nrrrrrsuf"),
    ("FacilityService/GetFacility", "r+nr++nrsuf"),
    ("FacilityService/ListFacilities", "r+er++ersuf"),
];

fn outcome(letter: char) -> (Code, &'static str) {
    match letter {
        '+' => (Code::Ok, ""),
        'e' => (Code::Ok, "EMPTY"),
        'r' => (Code::PermissionDenied, "ROLE_NOT_ALLOWED"),
        'l' => (Code::PermissionDenied, "RELATION_NOT_ALLOWED"),
        'o' => (Code::PermissionDenied, "NAME_OF_OTHER_AGENCY"),
        'n' => (Code::NotFound, "NOT_FOUND"),
        // Parties both, and the author has had its say by proposing.
        'a' => (Code::FailedPrecondition, "ALREADY_ACCEPTED"),
        'p' => (Code::FailedPrecondition, "PROPOSER_CANNOT_REJECT"),
        's' => (Code::PermissionDenied, "AGENCY_SUSPENDED"),
        'u' => (Code::Unauthenticated, "CERTIFICATE_NOT_REGISTERED"),
        'f' => (Code::Unauthenticated, "TRUST_DOMAIN_FOREIGN"),
        other => panic!("{other} is no letter of the table"),
    }
}

/// One thing in every state that a request needs, with the etags that hold.
struct Stand {
    cast: Cast,
    lent: String,
}

impl Stand {
    async fn set() -> Self {
        let cast = Cast::ready().await;
        let dkpp = "agencies/dkpp-bintan/agreements/pks-1";
        cast.agree(&cast.dkpp, dkpp, cast::terms("dkpp-bintan", cast::agriculture())).await;
        cast.dkpp.trainer().register_trainer(cast::trainer(LENT, "")).await.unwrap();
        let mut session = cast::led_session("s1", "2026-03-10T01:00:00Z", TRAINER);
        session
            .trainers
            .push(v1::SessionTrainer { trainer: LENT.to_owned(), role: v1::TrainerRole::Assistant.into() });
        let pushed = cast.push(vec![session]).await;
        assert_eq!(pushed.outcome(), v1::BatchOutcome::Stored, "{pushed:?}");
        let lent = cast.pull(&cast.dkpp).await.remove(0).name;
        cast.accept(&cast.blk, &[TRAINER]).await;
        cast.lapas.facility().create_facility(cast::facility(FACILITY, 16)).await.unwrap();

        cast.wait_on_a_roster_of_two().await;

        let terms = || cast::terms("blk-kepri", cast::manpower());
        let blk = &cast.blk;
        blk.agreement().create_agreement(cast::create_agreement(DRAFT, terms())).await.unwrap();
        let later = v1::AgreementTerms { effective_from: "2026-06-01".to_owned(), ..terms() };
        blk.agreement().create_agreement(cast::create_agreement(PROPOSED, later)).await.unwrap();
        let propose = v1::ProposeAgreementRequest {
            request_id: request_id(),
            name: PROPOSED.to_owned(),
            etag: agreement_etag(blk, PROPOSED).await,
            binding: v1::AgreementBinding::Acceptance.into(),
            ..Default::default()
        };
        blk.agreement().propose_agreement(propose).await.unwrap();
        cast.agree(blk, SUSPENDED, terms()).await;
        for client in [blk, &cast.lapas] {
            let suspend = v1::SuspendAgreementRequest {
                request_id: request_id(),
                name: SUSPENDED.to_owned(),
                etag: agreement_etag(blk, SUSPENDED).await,
                note: "Pemeriksaan".to_owned(),
                ..Default::default()
            };
            client.agreement().suspend_agreement(suspend).await.unwrap();
        }
        for name in [PLANNED, APPROVED] {
            let create = cast::create_programme(name, AGREEMENT, cast::plan(cast::manpower()));
            blk.programme().create_programme(create).await.unwrap();
        }
        let approve = v1::ApproveProgrammeRequest {
            request_id: request_id(),
            name: APPROVED.to_owned(),
            etag: programme_etag(blk, APPROVED).await,
            ..Default::default()
        };
        cast.lapas.programme().approve_programme(approve).await.unwrap();
        let stand = Self { cast, lent };
        stand.world().join("dinas-lain", v1::AgencyKind::TradeIndustry, "jadwal", v1::Role::Partner).await;
        suspend(&stand.cast.admin, "agencies/dinas-lain").await;
        stand
    }

    fn world(&self) -> &World {
        &self.cast.world
    }

    /// In the order of [`CALLERS`].
    async fn callers(&self) -> Vec<Client> {
        use v1::{AgencyKind as Kind, Role};
        let (cast, world) = (&self.cast, self.world());
        let foreign =
            issue::Profile::client("other.gerbang.internal", "blk-kepri", "asing", NOW.parse().unwrap(), 1);
        world.issue_as("blk-kepri", "asing", &long_lived(foreign));
        vec![
            cast.admin.clone(),
            cast.lapas.clone(),
            world.join("lapas-batam", Kind::Prison, "sdp", Role::Prison).await,
            world.join("lapas-tpi", Kind::Prison, "p2u", Role::Door).await,
            cast.blk.clone(),
            cast.dkpp.clone(),
            cast.dkp.clone(),
            world.join("kanwil", Kind::RegionalOffice, "pantau", Role::Oversight).await,
            world.connect("dinas-lain", "jadwal").await,
            world.connect("blk-kepri", "lain").await,
            world.connect("blk-kepri", "asing").await,
        ]
    }
}

async fn agreement_etag(client: &Client, name: &str) -> String {
    let request = v1::GetAgreementRequest { name: name.to_owned() };
    client.agreement().get_agreement(request).await.unwrap().into_inner().agreement.unwrap().etag
}

async fn programme_etag(client: &Client, name: &str) -> String {
    let request = v1::GetProgrammeRequest { name: name.to_owned() };
    client.programme().get_programme(request).await.unwrap().into_inner().programme.unwrap().etag
}

async fn agency(client: &Client, name: &str) -> v1::Agency {
    let request = v1::GetAgencyRequest { name: name.to_owned() };
    client.agency().get_agency(request).await.unwrap().into_inner().agency.unwrap()
}

async fn suspend(admin: &Client, name: &str) {
    let request = v1::SuspendAgencyRequest {
        request_id: request_id(),
        name: name.to_owned(),
        etag: agency(admin, name).await.etag,
        note: "Pemeriksaan".to_owned(),
        ..Default::default()
    };
    admin.agency().suspend_agency(request).await.unwrap();
}

/// Code and reason of an answer; a list without items is EMPTY.
type Outcome = (Code, String);

fn seen<A>(answer: Result<tonic::Response<A>, Status>, empty: impl Fn(&A) -> bool) -> Outcome {
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

async fn call(method: &str, client: &Client, stand: &Stand) -> Outcome {
    match method.split_once('/').unwrap() {
        ("AgencyService", method) => agency_call(method, client, stand).await,
        ("AgreementService", method) => agreement_call(method, client, stand).await,
        ("ProgrammeService", method) => programme_call(method, client, stand).await,
        ("TrainerService", method) => trainer_call(method, client, stand).await,
        ("AssignmentService", method) => assignment_call(method, client, stand).await,
        ("FacilityService", method) => facility_call(method, client, stand).await,
        ("RosterService", method) => roster_call(method, client, stand).await,
        (_, method) => schedule_call(method, client, stand).await,
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
        "RegisterSystem" => dry!(
            client.agency.register_system,
            RegisterSystemRequest {
                agency: "agencies/blk-kepri",
                system: "kedua",
                role: v1::Role::Partner,
                certificate_pem: stand.world().issue("blk-kepri", "kedua").certificate_pem,
            }
        ),
        "UpdateSystem" => dry!(
            client.agency.update_system,
            UpdateSystemRequest {
                name: system.name.clone(),
                etag: system.etag.clone(),
                role: v1::Role::Partner,
                certificate_pem: ""
            }
        ),
        "GetAgency" => look!(client.agency.get_agency, v1::GetAgencyRequest { name: blk.name }),
        "ListAgencies" => {
            look!(client.agency.list_agencies, v1::ListAgenciesRequest::default(), agencies)
        }
        "WhoAmI" => look!(client.agency.who_am_i, v1::WhoAmIRequest {}),
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
            UpdateProgrammeRequest { name: PLANNED, etag: programme_etag(blk, PLANNED).await, plan: plan() }
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

#[tokio::test]
async fn every_rpc_answers_every_caller_as_the_table_says() {
    let stand = Stand::set().await;
    let callers = stand.callers().await;
    let pool = proto::descriptor();
    let ours = pool.services().filter(|service| service.package_name() == "gerbang.v1");
    let methods = ours.flat_map(|service| service.methods().collect::<Vec<_>>());
    let methods = methods.map(|method| format!("{}/{}", method.parent_service().name(), method.name()));
    let methods: Vec<_> = methods.collect();
    assert_eq!(methods.len(), TABLE.len(), "a row for every RPC, and no other");
    let mut wrong = Vec::new();
    for method in methods {
        let row = TABLE.iter().find(|(known, _)| *known == method);
        let (_, row) = row.unwrap_or_else(|| panic!("{method} has no row"));
        assert_eq!(row.len(), CALLERS.len(), "{method}");
        for ((letter, caller), client) in row.chars().zip(CALLERS).zip(&callers) {
            let (code, reason) = outcome(letter);
            let found = call(&method, client, &stand).await;
            if found != (code, reason.to_owned()) {
                wrong.push(format!("{method} by {caller}: {found:?}, not {code:?} {reason}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn an_unknown_name_and_one_that_may_not_be_seen_are_one_answer() {
    let stand = Stand::set().await;
    let get = |name: &str| v1::GetAgreementRequest { name: name.to_owned() };
    let unseen = stand.cast.dkp.agreement().get_agreement(get(AGREEMENT)).await.unwrap_err();
    let unknown = "agencies/blk-kepri/agreements/none";
    let unknown = stand.cast.dkp.agreement().get_agreement(get(unknown)).await.unwrap_err();
    assert_eq!((unseen.code(), unseen.message()), (unknown.code(), unknown.message()));
    let facts =
        |status| details(status).error_info().map(|info| (info.reason.clone(), info.metadata.clone()));
    assert_eq!(facts(&unseen), facts(&unknown));
}

#[tokio::test]
async fn a_certificate_that_names_nobody_is_told_so() {
    let world = World::start().await;
    let own = issue::Profile::client(TRUST_DOMAIN, "operator", "admin", NOW.parse().unwrap(), 1);
    let second = format!("spiffe://{TRUST_DOMAIN}/agency/operator/second");
    let cases = [
        ("two", vec![own.uri_sans[0].clone(), second], vec![], "CERTIFICATE_WITHOUT_IDENTITY"),
        ("none", vec![], vec![], "CERTIFICATE_WITHOUT_IDENTITY"),
        ("dns", vec![], vec!["operator.example".to_owned()], "CERTIFICATE_WITHOUT_IDENTITY"),
        (
            "foreign",
            vec!["spiffe://x.example/agency/operator/admin".to_owned()],
            vec![],
            "TRUST_DOMAIN_FOREIGN",
        ),
    ];
    for (system, uri_sans, hosts, expected) in cases {
        world.issue_as("operator", system, &long_lived(issue::Profile { uri_sans, hosts, ..own.clone() }));
        let client = world.connect("operator", system).await;
        let status = client.agency().who_am_i(v1::WhoAmIRequest {}).await.unwrap_err();
        assert_eq!((status.code(), reason(&status).as_str()), (Code::Unauthenticated, expected), "{system}");
    }
}

#[tokio::test]
async fn a_certificate_that_ends_during_a_connection_is_refused_at_the_next_call() {
    let cast = Cast::gather().await;
    cast.blk.agency().who_am_i(v1::WhoAmIRequest {}).await.unwrap();
    cast.world.set_clock("2039-03-02T01:00:00Z");
    let status = cast.blk.agency().who_am_i(v1::WhoAmIRequest {}).await.unwrap_err();
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::Unauthenticated, "CERTIFICATE_NOT_REGISTERED")
    );
}

#[tokio::test]
async fn a_suspended_agency_is_refused_at_the_next_call_of_its_connection() {
    let cast = Cast::gather().await;
    cast.blk.agency().who_am_i(v1::WhoAmIRequest {}).await.unwrap();
    suspend(&cast.admin, "agencies/blk-kepri").await;
    let status = cast.blk.agency().who_am_i(v1::WhoAmIRequest {}).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::PermissionDenied, "AGENCY_SUSPENDED"));
}

/// Health and reflection have no access option: whoever TLS accepts may ask them.
#[tokio::test]
async fn health_and_reflection_answer_any_certificate_that_tls_accepts() {
    use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
    use tonic_reflection::pb::{v1 as reflection, v1alpha};
    let world = World::start().await;
    world.issue("blk-kepri", "lain");
    let wire = wire(&world, true).await.unwrap();
    let health = HealthClient::new(wire.clone()).check(HealthCheckRequest::default()).await;
    assert!(health.is_ok(), "{health:?}");
    let list = reflection::ServerReflectionRequest {
        host: String::new(),
        message_request: Some(reflection::server_reflection_request::MessageRequest::ListServices(
            String::new(),
        )),
    };
    let mut client = reflection::server_reflection_client::ServerReflectionClient::new(wire.clone());
    let answer = client.server_reflection_info(tokio_stream::once(list)).await.unwrap();
    assert!(answer.into_inner().message().await.unwrap().is_some());
    let list = v1alpha::ServerReflectionRequest {
        host: String::new(),
        message_request: Some(
            v1alpha::server_reflection_request::MessageRequest::ListServices(String::new()),
        ),
    };
    let mut client = v1alpha::server_reflection_client::ServerReflectionClient::new(wire);
    let answer = client.server_reflection_info(tokio_stream::once(list)).await.unwrap();
    assert!(answer.into_inner().message().await.unwrap().is_some());

    if let Ok(wire) = self::wire(&world, false).await {
        let health = HealthClient::new(wire).check(HealthCheckRequest::default()).await;
        assert!(health.is_err(), "without a certificate there is no connection");
    }
}

/// A bare channel with the certificate of `blk-kepri`'s `lain`, or with none.
async fn wire(world: &World, certified: bool) -> Result<tonic::transport::Channel, tonic::transport::Error> {
    use tonic::transport::{Certificate, ClientTlsConfig, Identity};
    let mut tls = ClientTlsConfig::new()
        .ca_certificate(Certificate::from_pem(world.authority.certificate_pem()))
        .domain_name("localhost");
    if certified {
        let issued = world.issue("blk-kepri", "lain");
        tls = tls.identity(Identity::from_pem(issued.certificate_pem, issued.key_pem));
    }
    connect(world, tls).await
}

/// A bare channel with a system's certificate.
pub async fn wire_of(world: &World, agency: &str, system: &str) -> tonic::transport::Channel {
    use tonic::transport::{Certificate, ClientTlsConfig, Identity};
    let issued = world.issue(agency, system);
    let tls = ClientTlsConfig::new()
        .ca_certificate(Certificate::from_pem(world.authority.certificate_pem()))
        .domain_name("localhost")
        .identity(Identity::from_pem(issued.certificate_pem, issued.key_pem));
    connect(world, tls).await.unwrap()
}

async fn connect(
    world: &World,
    tls: tonic::transport::ClientTlsConfig,
) -> Result<tonic::transport::Channel, tonic::transport::Error> {
    tonic::transport::Channel::from_shared(format!("https://{}", world.address))
        .unwrap()
        .tls_config(tls)?
        .connect()
        .await
}
