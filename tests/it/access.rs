//! The access matrix: every RPC in the descriptor by every kind of caller, against one table. `access/stand.rs` sets the
//! stage, `access/calls.rs` has the requests.

mod calls;
mod stand;

use gerbang::proto::{self, v1};
use tonic::Code;

pub use self::stand::suspend;
use self::{calls::call, stand::Stand};
use crate::{
    bridge::both_ways,
    cast::{AGREEMENT, Cast},
    forge::{Name, Profile},
    wire,
    world::{TRUST_DOMAIN, World, details, reason},
};

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
    ("AgencyService/ReleaseBookings", "+rrrrrrrsuf"),
    ("AgencyService/RegisterSystem", "+rrrrrrrsuf"),
    ("AgencyService/UpdateSystem", "+rrrrrrrsuf"),
    ("AgencyService/ApproveSystem", "+rrrrrrrsuf"),
    ("AgencyService/RetireSystem", "+rrrrrrrsuf"),
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
    ("CertificateService/CreateInvitation", "+rrrrrrrsuf"),
    ("CertificateService/RequestCertificate", "+nnn+nnnsuf"),
    ("CertificateService/ApproveCertificateOrder", "+rrrrrrrsuf"),
    ("CertificateService/RejectCertificateOrder", "+rrrrrrrsuf"),
    ("CertificateService/RenewCertificate", "++++++++suf"),
    ("CertificateService/GetCertificateOrder", "+nnn+nnnsuf"),
    ("CertificateService/ListCertificateOrders", "+eee+eeesuf"),
    ("CertificateService/GetCertificate", "+nnn+nnnsuf"),
    ("CertificateService/ListCertificates", "+eee+eeesuf"),
    ("CertificateService/RevokeCertificates", "+nnn+nnnsuf"),
    ("CertificateService/GetTrustBundle", "++++++++suf"),
    ("CertificateService/GetAuthorityStatus", "+rrrrrrrsuf"),
    ("ChangeService/ListChanges", "r++r+++rsuf"),
    ("ChangeService/WatchChanges", "r++r+++rsuf"),
    ("ChangeService/AcknowledgeChanges", "r++r+++rsuf"),
    ("ChangeService/ListAcknowledgements", "roor+oorsuf"),
    ("ChangeService/ListAnswerTimes", "+++r++++suf"),
    ("DisclosureService/ListDisclosures", "r+nrrrrrsuf"),
    ("DisclosureService/ListCertificateDisclosures", "r++rrrrrsuf"),
    ("LedgerService/GetCheckpoint", "+++r++++suf"),
    ("LedgerService/GetInclusionProof", "+kkr+kk+suf"),
    ("LedgerService/GetConsistencyProof", "+++r++++suf"),
    ("LedgerService/GetReceipt", "+kkr+kk+suf"),
    ("LedgerService/AddCosignature", "+++r++++suf"),
    ("LedgerService/ListCosignatures", "+++r++++suf"),
    ("LedgerService/ListEntries", "+rrrrrr+suf"),
    ("LedgerService/ListRefusedCalls", "+rrrrrr+suf"),
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
    ("TrainerService/ListTrainerClaims", "r+er++ersuf"),
    ("TrainerService/ConfirmTrainerClaim", "r+nrl+nrsuf"),
    ("ScheduleService/PushSchedule", "rlnr+nnrsuf"),
    ("ScheduleService/PushSessions", "rlnr+nnrsuf"),
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
    // Declined by the trainer's agency, which alone allows it again.
    ("AssignmentService/AllowAssignments", "rlnrl+nrsuf"),
    ("RosterService/NominateTrainees", "r+nrrrrrsuf"),
    ("RosterService/ListRoster", "r+nr+nnrsuf"),
    ("RosterService/GetEnrolment", "r+nr+nnrsuf"),
    ("RosterService/WithdrawEnrolments", "r+nrrrrrsuf"),
    ("RosterService/PromoteEnrolments", "r+nrrrrrsuf"),
    ("RosterService/UpdateTrainee", "r+nrrrrrsuf"),
    ("RosterService/WithholdTrainee", "r+nrrrrrsuf"),
    ("RosterService/LiftWithholding", "r+nrrrrrsuf"),
    ("RosterService/PlaceLegalHold", "r+nrrrrrsuf"),
    ("RosterService/LiftLegalHold", "r+nrrrrrsuf"),
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
        // The id of the entry in which blk-kepri made a draft, of which nobody else is told.
        'k' => (Code::NotFound, "LEDGER_ENTRY_UNKNOWN"),
        // Parties both, and the author has had its say by proposing.
        'a' => (Code::FailedPrecondition, "ALREADY_ACCEPTED"),
        'p' => (Code::FailedPrecondition, "PROPOSER_CANNOT_REJECT"),
        's' => (Code::PermissionDenied, "AGENCY_SUSPENDED"),
        'u' => (Code::Unauthenticated, "CERTIFICATE_NOT_REGISTERED"),
        'f' => (Code::Unauthenticated, "TRUST_DOMAIN_FOREIGN"),
        other => panic!("{other} is no letter of the table"),
    }
}

async fn every_rpc_answers_every_caller_as_the_table_says() {
    let stand = Stand::set().await;
    let callers = stand.callers().await;
    let (by_token, methods): (Vec<_>, Vec<_>) = proto::methods().partition(by_token);
    assert_eq!(by_token.len(), 1, "where systems join there is one RPC");
    let methods =
        methods.into_iter().map(|method| format!("{}/{}", method.parent_service().name(), method.name()));
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

/// Whether a token lets the caller in, where systems join.
fn by_token(method: &prost_reflect::MethodDescriptor) -> bool {
    let access = method.parent_pool().get_extension_by_name("gerbang.v1.access").unwrap();
    let options = method.options();
    let access = options.get_extension(&access);
    let access = access.as_message().expect("the access option");
    access.get_field_by_name("by_token").and_then(|by_token| by_token.as_bool()) == Some(true)
}

/// What a token opens is not served where certificates do, not even to an administrator.
#[tokio::test]
async fn joining_is_not_served_where_agencies_connect() {
    let world = World::start().await;
    let wire = wire::certified(&world, "operator", "admin").await;
    let mut client = v1::join_service_client::JoinServiceClient::new(wire);
    let refused = client.join(v1::JoinRequest::default()).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::Unimplemented, "METHOD_UNKNOWN"));
}

/// And what certificates open is not served where systems join, which says where it is; whatever is served nowhere has no
/// place.
#[tokio::test]
async fn where_systems_join_callers_are_told_of_the_exchange() {
    let world = World::start().await;
    let wire = wire::joining(&world).await;
    let refused = v1::agency_service_client::AgencyServiceClient::new(wire)
        .who_am_i(v1::WhoAmIRequest {})
        .await
        .unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::Unimplemented, "JOINING_ONLY"));
    let address = details(&refused).error_info().unwrap().metadata["address"].clone();
    assert_eq!(address, world.address.to_string());
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
    let named = |domain: &str, system: &str| Name::Uri(format!("spiffe://{domain}/agency/operator/{system}"));
    let cases = [
        (
            "two",
            vec![named(TRUST_DOMAIN, "admin"), named(TRUST_DOMAIN, "second")],
            "CERTIFICATE_WITHOUT_IDENTITY",
        ),
        // One without any is refused in the handshake: it has not the form of ours.
        ("other", vec![Name::Uri("https://operator.example".to_owned())], "CERTIFICATE_WITHOUT_IDENTITY"),
        ("foreign", vec![named("x.example", "admin")], "TRUST_DOMAIN_FOREIGN"),
    ];
    for (system, names, expected) in cases {
        let profile = Profile { names, ..Profile::client(TRUST_DOMAIN, "operator", "admin") };
        world.issue_as("operator", system, profile);
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
    assert_eq!((status.code(), reason(&status).as_str()), (Code::Unauthenticated, "CERTIFICATE_EXPIRED"));
}

#[tokio::test]
async fn a_suspended_agency_is_refused_at_the_next_call_of_its_connection() {
    let cast = Cast::gather().await;
    cast.blk.agency().who_am_i(v1::WhoAmIRequest {}).await.unwrap();
    suspend(&cast.admin, "agencies/blk-kepri").await;
    let status = cast.blk.agency().who_am_i(v1::WhoAmIRequest {}).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::PermissionDenied, "AGENCY_SUSPENDED"));
}

/// Health and reflection have no access option: whoever is registered may ask them, whatever the role.
#[tokio::test]
async fn health_and_reflection_answer_registered_certificates_alone() {
    let world = World::start().await;
    for answer in ask_built_in(wire::certified(&world, "operator", "admin").await).await {
        answer.unwrap();
    }
    for answer in ask_built_in(wire::certified(&world, "blk-kepri", "lain").await).await {
        let refused = answer.unwrap_err();
        assert_eq!(refused.code(), Code::Unauthenticated);
        assert_eq!(reason(&refused), "CERTIFICATE_NOT_REGISTERED");
    }
    if let Ok(wire) = wire::uncertified(&world).await {
        let [health, ..] = ask_built_in(wire).await;
        assert!(health.is_err(), "without a certificate there is no connection");
    }
}

/// Health's Check and Watch, reflection in both versions.
async fn ask_built_in(wire: tonic::transport::Channel) -> [Result<(), tonic::Status>; 4] {
    use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
    use tonic_reflection::pb::{v1 as reflection, v1alpha};
    let mut health = HealthClient::new(wire.clone());
    let check = health.check(HealthCheckRequest::default()).await.map(drop);
    let watch = first(health.watch(HealthCheckRequest::default()).await).await;
    let list = reflection::ServerReflectionRequest {
        host: String::new(),
        message_request: Some(reflection::server_reflection_request::MessageRequest::ListServices(
            String::new(),
        )),
    };
    let mut client = reflection::server_reflection_client::ServerReflectionClient::new(wire.clone());
    let v1 = first(client.server_reflection_info(tokio_stream::once(list)).await).await;
    let list = v1alpha::ServerReflectionRequest {
        host: String::new(),
        message_request: Some(
            v1alpha::server_reflection_request::MessageRequest::ListServices(String::new()),
        ),
    };
    let mut client = v1alpha::server_reflection_client::ServerReflectionClient::new(wire);
    let v1alpha = first(client.server_reflection_info(tokio_stream::once(list)).await).await;
    [check, watch, v1, v1alpha]
}

/// Whether a stream begins.
async fn first<T>(
    answer: Result<tonic::Response<tonic::Streaming<T>>, tonic::Status>,
) -> Result<(), tonic::Status> {
    let message = answer?.into_inner().message().await?;
    assert!(message.is_some());
    Ok(())
}

both_ways! {
    every_rpc_answers_every_caller_as_the_table_says,
}
