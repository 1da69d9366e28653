//! A right request of each kind, with something in every field that the walk through the contract must reach. It is made
//! from the contract's own rules; [`known`] has the messages whose fields must also fit each other.

use gerbang::proto;
use proptest::{
    strategy::{Strategy, ValueTree},
    string::string_regex,
    test_runner::TestRunner,
};
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Value as Json, json};

/// A right request with something in every field that the walk must reach.
pub fn sample(request: &MessageDescriptor) -> DynamicMessage {
    DynamicMessage::deserialize(request.clone(), filled(request))
        .unwrap_or_else(|error| panic!("{}: {error}", request.name()))
}

fn filled(message: &MessageDescriptor) -> Json {
    known(message.name()).unwrap_or_else(|| {
        let fields = message.fields().filter_map(|field| {
            let value = value(&field)?;
            Some((field.json_name().to_owned(), if field.is_list() { json!([value]) } else { value }))
        });
        Json::Object(fields.collect())
    })
}

/// What the rules of a field ask for; `None` where it may be left out.
fn value(field: &FieldDescriptor) -> Option<Json> {
    let rules = rules(field);
    let rule = |kind: &str, name: &str| {
        let rules = message(rules.as_ref()?, kind)?;
        rules
            .has_field_by_name(name)
            .then(|| rules.get_field_by_name(name).map(|value| value.into_owned()))?
    };
    match field.kind() {
        Kind::Message(of) if of.package_name() == "gerbang.v1" => Some(filled(&of)),
        Kind::Enum(of) => rule("enum", "not_in").and(of.get_value(1)).map(|value| json!(value.name())),
        Kind::Int32 => rule("int32", "gte").and_then(|least| least.as_i32()).map(|least| json!(least)),
        Kind::String if field.name() == "time_zone" => Some(json!("Asia/Jakarta")),
        Kind::String if field.name() == "request_id" => Some(json!(ID)),
        Kind::String => match rule("string", "pattern") {
            Some(pattern) => Some(json!(matching(pattern.as_str()?))),
            None => rule("string", "min_len").map(|_| json!("Contoh")),
        },
        _ => None,
    }
}

/// A text of a pattern, the same each time.
fn matching(pattern: &str) -> String {
    let pattern = pattern.trim_start_matches('^').trim_end_matches('$');
    match pattern.split_once('/') {
        // Most texts of these forms are no day and no UUID.
        _ if pattern == "[0-9]{4}-[0-9]{2}-[0-9]{2}" => "2026-03-02".to_owned(),
        Some((collection, id)) if id.ends_with("{36}") || id.contains("{12}") => format!("{collection}/{ID}"),
        _ => {
            let texts = string_regex(pattern).unwrap();
            texts.new_tree(&mut TestRunner::deterministic()).unwrap().current()
        }
    }
}

const ID: &str = "0192d4c0-7a1e-7000-8000-000000000001";
const AGENCY: &str = "agencies/blk-kepri";

/// Messages whose fields must fit each other, or have a form that no annotation states.
fn known(message: &str) -> Option<Json> {
    Some(match message {
        // One of two, and not both.
        "RevokeCertificatesRequest" => json!({
            "requestId": ID, "certificate": "certificates/01ab",
            "reason": "REVOCATION_REASON_SUPERSEDED",
        }),
        "ListDisclosuresRequest" => json!({ "trainee": format!("trainees/{}", "0".repeat(32)) }),
        "AcknowledgeChangesRequest" => json!({ "cursor": "a", "kinds": ["RESOURCE_KIND_SESSION"] }),
        "ListChangesRequest" | "WatchChangesRequest" => json!({ "kinds": ["RESOURCE_KIND_SESSION"] }),
        "ListAcknowledgementsRequest" => json!({ "sessions": [format!("{AGENCY}/sessions/s1")] }),
        "AddCosignatureRequest" => json!({
            "requestId": ID, "checkpoint": include_str!("../../golden/cosignature.txt"),
            "key": include_str!("../../golden/witness-key.txt").trim_end(),
        }),
        "ListCosignaturesRequest" => json!({
            "agency": AGENCY, "key": include_str!("../../golden/witness-key.txt").trim_end(),
        }),
        "GetReceiptRequest" => json!({ "entry": ID }),
        "GetInclusionProofRequest" => json!({ "entry": ID, "treeSize": "1" }),
        // The larger one, so that each bound of the smaller is below it.
        "GetConsistencyProofRequest" => json!({ "toSize": 1_000_000_000_000_000_i64 }),
        // Bytes in base64: what they say is for the use case.
        "SignedStatement" => json!({ "statement": "AAAA", "signature": "AAAA" }),
        // The terms, whose first party is the agency that the name begins with.
        "CreateAgreementRequest" => json!({
            "requestId": ID, "name": format!("{AGENCY}/agreements/a1"),
            "terms": terms(),
        }),
        "UpdateAgreementRequest" => {
            let mut request = known("CreateAgreementRequest")?;
            request["etag"] = json!("0123456789abcdef");
            request
        }
        // A number holds dates, and a NIP comes with the NIK.
        "RegisterTrainerRequest" => json!({
            "requestId": ID, "name": format!("{AGENCY}/trainers/t1"), "personNumber": "9901011708900001",
            "nip": "190008172015031001",
            "profile": known("TrainerProfile"),
        }),
        "Field" => json!({ "kind": "FIELD_KIND_OTHER", "label": "Perikanan" }),
        "Competence" => json!({
            "title": "Las", "field": known("Field"), "certificateNumber": "1", "issuer": "BNSP", "validFrom": "2025-01-01",
        }),
        "TrainerProfile" => json!({
            "fullName": "Contoh", "kind": "TRAINER_KIND_EXTERNAL", "competences": [known("Competence")],
            "lendableTo": ["agencies/dkp-kepri"],
        }),
        "TraineeProfile" => json!({
            "registerNumber": "BI 1/2026", "fullName": "Contoh Satu", "nik": "9901011708900001",
            "educationLevel": "EDUCATION_LEVEL_PRIMARY",
        }),
        "SessionDraft" => json!({
            "uid": "s1", "startsAt": "2026-03-10T01:00:00Z", "endsAt": "2026-03-10T04:00:00Z", "topic": "Las",
            "trainers": [{ "trainer": format!("{AGENCY}/trainers/t1"), "role": "TRAINER_ROLE_LEAD" }],
        }),
        _ => return None,
    })
}

fn terms() -> Json {
    json!({
        "kind": "AGREEMENT_KIND_PKS", "title": "Pelatihan", "purpose": "Melatih", "fields": [known("Field")],
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

/// The rules of a field's annotation.
pub fn rules(field: &FieldDescriptor) -> Option<DynamicMessage> {
    let extension = proto::descriptor().get_extension_by_name("buf.validate.field").expect("the extension");
    let options = field.options();
    options.has_extension(&extension).then(|| options.get_extension(&extension).as_message().unwrap().clone())
}

pub fn message(rules: &DynamicMessage, field: &str) -> Option<DynamicMessage> {
    if !rules.has_field_by_name(field) {
        return None;
    }
    rules.get_field_by_name(field)?.as_message().cloned()
}
