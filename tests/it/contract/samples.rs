//! A right request of each kind, with something in every field that the walk through the contract must reach.

use prost_reflect::{DynamicMessage, MessageDescriptor};
use serde_json::{Value as Json, json};

/// A right request with something in every field that the walk must reach.
pub fn sample(request: &MessageDescriptor) -> DynamicMessage {
    let mut filled = json!({});
    for (field, value) in fields_of(request.name()) {
        filled[field] = value;
    }
    let request_id = json!("0192d4c0-7a1e-7000-8000-000000000001");
    for (field, value) in
        [("requestId", request_id), ("etag", json!("0123456789abcdef")), ("note", json!("Sebab"))]
    {
        if request.fields().any(|known| known.json_name() == field) {
            filled[field] = value;
        }
    }
    DynamicMessage::deserialize(request.clone(), filled)
        .unwrap_or_else(|error| panic!("{}: {error}", request.name()))
}

const AGENCY: &str = "agencies/blk-kepri";
const ORDER: &str = "certificateOrders/0192d4c0-7a1e-7000-8000-000000000001";
/// Requests without any field.
const EMPTY: [&str; 3] = ["WhoAmIRequest", "GetTrustBundleRequest", "GetAuthorityStatusRequest"];

fn fields_of(request: &str) -> Vec<(&'static str, Json)> {
    let name = |kind: &str| ("name", json!(format!("{AGENCY}/{kind}/a1")));
    let names = ("names", json!([{ "displayName": "BLK", "validFrom": "2020-01-01", "decreeNumber": "1" }]));
    let zone = ("timeZone", json!("Asia/Jakarta"));
    let profile = || {
        let competence = json!({
            "title": "Las", "field": field(), "certificateNumber": "1", "issuer": "BNSP", "validFrom": "2025-01-01",
        });
        (
            "profile",
            json!({ "fullName": "Budi Contoh", "kind": "TRAINER_KIND_EXTERNAL", "competences": [competence] }),
        )
    };
    match request {
        "CreateAgencyRequest" => vec![
            ("code", json!("blk-kepri")),
            ("kind", json!("AGENCY_KIND_VOCATIONAL_TRAINING_CENTRE")),
            ("tier", json!("AGENCY_TIER_PROVINCE")),
            names,
            zone,
        ],
        "UpdateAgencyRequest" => vec![("name", json!(AGENCY)), names, zone],
        "SuspendAgencyRequest" | "ResumeAgencyRequest" | "GetAgencyRequest" => vec![("name", json!(AGENCY))],
        "RegisterSystemRequest" => {
            vec![("agency", json!(AGENCY)), ("system", json!("sim")), ("role", json!("ROLE_PARTNER"))]
        }
        "UpdateSystemRequest" => {
            vec![("name", json!(format!("{AGENCY}/systems/sim"))), ("role", json!("ROLE_PARTNER"))]
        }
        "ApproveSystemRequest" => vec![("name", json!(format!("{AGENCY}/systems/sim")))],
        "CreateInvitationRequest" => vec![("system", json!(format!("{AGENCY}/systems/sim"))), statement()],
        "RequestCertificateRequest" => {
            vec![("system", json!(format!("{AGENCY}/systems/sim"))), ("csrPem", json!("PEM"))]
        }
        "ApproveCertificateOrderRequest" => vec![("name", json!(ORDER)), statement()],
        "RejectCertificateOrderRequest" | "GetCertificateOrderRequest" => vec![("name", json!(ORDER))],
        "RenewCertificateRequest" => vec![("csrPem", json!("PEM")), statement()],
        "GetCertificateRequest" => vec![("name", json!("certificates/01ab"))],
        "RevokeCertificatesRequest" => {
            vec![
                ("certificate", json!("certificates/01ab")),
                ("reason", json!("REVOCATION_REASON_SUPERSEDED")),
            ]
        }
        "JoinRequest" => {
            vec![("secret", json!("000102030405060708090a0b0c0d0e0f")), ("csrPem", json!("PEM"))]
        }
        "CreateAgreementRequest" | "UpdateAgreementRequest" => vec![name("agreements"), ("terms", terms())],
        "ProposeAgreementRequest" => {
            vec![name("agreements"), ("binding", json!("AGREEMENT_BINDING_ACCEPTANCE"))]
        }
        "CreateProgrammeRequest" => {
            vec![
                name("programmes"),
                ("agreement", json!(format!("{AGENCY}/agreements/a1"))),
                ("plan", plan()),
            ]
        }
        "UpdateProgrammeRequest" => vec![name("programmes"), ("plan", plan())],
        "RegisterTrainerRequest" | "UpdateTrainerRequest" => vec![name("trainers"), profile()],
        "GetTrainerRequest" => vec![name("trainers")],
        "GetSessionRequest" => vec![name("sessions")],
        "PushScheduleRequest" => vec![
            name("schedules"),
            ("programme", json!(format!("{AGENCY}/programmes/a1"))),
            zone,
            ("sessions", json!([session()])),
        ],
        "CancelSessionsRequest" | "DeclineSessionsRequest" => {
            vec![("sessions", json!([seen("sessions/a1")]))]
        }
        "ConfirmSessionsRequest" => {
            let mut session = seen("sessions/a1");
            session["facility"] = json!("agencies/lapas-tpi/facilities/a1");
            vec![("sessions", json!([session]))]
        }
        "AcceptAssignmentsRequest"
        | "DeclineAssignmentsRequest"
        | "ClearAssignmentsRequest"
        | "RefuseClearanceRequest"
        | "WithdrawAssignmentsRequest" => {
            let name = "assignments/0192d4c0-7a1e-7000-8000-000000000001";
            vec![("assignments", json!([{ "name": name, "etag": "0123456789abcdef" }]))]
        }
        "CreateFacilityRequest" | "UpdateFacilityRequest" => vec![name("facilities"), facility()],
        "NominateTraineesRequest" => {
            let nomination = json!({ "trainee": trainee(), "rank": 1 });
            vec![programme(), ("trainees", json!([nomination]))]
        }
        "WithdrawEnrolmentsRequest" | "PromoteEnrolmentsRequest" => {
            vec![programme(), ("enrolments", json!([{ "name": ENROLMENT, "etag": "0123456789abcdef" }]))]
        }
        "GetEnrolmentRequest" => vec![("name", json!(ENROLMENT))],
        "ListRosterRequest" => vec![programme()],
        "GetRosterCountsRequest" => vec![("prison", json!(AGENCY))],
        "UpdateTraineeRequest" => vec![("name", json!(TRAINEE)), ("profile", trainee())],
        "WithholdTraineeRequest" | "LiftWithholdingRequest" => vec![("name", json!(TRAINEE))],
        "RetireFacilityRequest" | "GetFacilityRequest" => vec![name("facilities")],
        "ListFacilitiesRequest" => vec![("prison", json!(AGENCY))],
        "GetTrainerAssignmentRequest" => {
            vec![("name", json!("assignments/0192d4c0-7a1e-7000-8000-000000000001"))]
        }
        other if other.starts_with("List") || EMPTY.contains(&other) => Vec::new(),
        other if other.contains("Agreement") => vec![name("agreements")],
        other if other.contains("Programme") => vec![name("programmes")],
        other => panic!("no sample for {other}"),
    }
}

/// What the caller saw of something of its own: name and etag.
fn seen(name: &str) -> Json {
    json!({ "name": format!("{AGENCY}/{name}"), "etag": "0123456789abcdef" })
}

fn facility() -> (&'static str, Json) {
    let equipment = json!({ "name": "Mesin las", "quantity": 4, "condition": "Baik" });
    let kind = "FACILITY_KIND_WORKSHOP";
    ("profile", json!({ "displayName": "Bengkel", "kind": kind, "capacity": 16, "equipment": [equipment] }))
}

const ENROLMENT: &str = "enrolments/000102030405060708090a0b0c0d0e0f";
const TRAINEE: &str = "trainees/000102030405060708090a0b0c0d0e0f";

fn programme() -> (&'static str, Json) {
    ("programme", json!(format!("{AGENCY}/programmes/a1")))
}

fn trainee() -> Json {
    json!({
        "registerNumber": "BI 1/2026", "fullName": "Contoh Satu", "nik": "9901011708900001",
        "educationLevel": "EDUCATION_LEVEL_PRIMARY",
    })
}

fn field() -> Json {
    json!({ "kind": "FIELD_KIND_OTHER", "label": "Perikanan" })
}

fn terms() -> Json {
    json!({
        "kind": "AGREEMENT_KIND_PKS", "title": "Pelatihan", "purpose": "Melatih", "fields": [field()],
        "legalBasis": ["UU 22/2022"],
        "parties": [
            { "agency": AGENCY, "number": "1", "signatoryTitle": "Kepala Balai" },
            { "agency": "agencies/lapas-tpi" },
        ],
        "effectiveFrom": "2026-03-02", "termMonths": 12, "timeZone": "Asia/Jakarta", "noticeDays": 30,
        "dataAnnex": {
            "purpose": "Pelatihan", "dataKinds": ["DATA_KIND_SCHEDULE"], "contactPoint": "Seksi", "retentionDays": 365,
        },
    })
}

fn plan() -> Json {
    json!({
        "title": "Las", "field": field(), "year": 2026, "capacity": 16,
        "units": [{ "skkniCode": "C.24LAS01.001.1", "title": "Las busur", "lessons": 40 }],
    })
}

fn session() -> Json {
    json!({
        "uid": "s1", "startsAt": "2026-03-10T01:00:00Z", "endsAt": "2026-03-10T04:00:00Z", "topic": "Las",
        "trainers": [{ "trainer": format!("{AGENCY}/trainers/t1"), "role": "TRAINER_ROLE_LEAD" }],
    })
}

/// Bytes in base64: what they say is for the use case.
fn statement() -> (&'static str, Json) {
    ("statement", json!({ "statement": "AAAA", "signature": "AAAA" }))
}
