//! The document against the contract: nothing that JSON can call is left out, nothing dangles, and rules and reasons are all there.

use std::collections::BTreeSet;

use prost::Message;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor};

use super::*;
use crate::{
    domain::{Reason, reason::Language},
    format::openapi::{comments::Comments, reasons},
};

fn words(language: Language) -> Words {
    Words { language, label: |_, _, field| Some(field.to_uppercase()), value: |_, name| format!("<{name}>") }
}

fn document_in(language: Language) -> Value {
    of(proto::commented_descriptor(), language)
}

fn of(contract: &DescriptorPool, language: Language) -> Value {
    serde_json::to_value(document(contract, words(language)).unwrap()).unwrap()
}

fn served() -> impl Iterator<Item = MethodDescriptor> {
    let pool = proto::commented_descriptor();
    let services = pool.services().filter(|service| service.package_name() == proto::PACKAGE);
    services.flat_map(|service| service.methods().collect::<Vec<_>>())
}

fn path_of(method: &MethodDescriptor) -> String {
    format!("/gerbang.v1.{}/{}", method.parent_service().name(), method.name())
}

#[test]
fn every_method_that_certificates_open_and_that_answers_once_is_there_and_no_other() {
    let document = document_in(Language::English);
    let paths: BTreeSet<_> = document["paths"].as_object().unwrap().keys().cloned().collect();
    let apart = |method: &MethodDescriptor| {
        method.parent_service().name() == "JoinService"
            || ["WatchChanges", "PushSessions"].contains(&method.name())
    };
    let expected: BTreeSet<_> =
        served().filter(|method| !apart(method)).map(|method| path_of(&method)).collect();
    assert_eq!(paths, expected);
    assert!(paths.len() > 60, "{}", paths.len());
    let tags = document["tags"].as_array().unwrap();
    let tag = |name: &str| tags.iter().find(|tag| tag["name"] == name);
    let schedule = tag("ScheduleService").unwrap()["description"].as_str().unwrap();
    assert!(schedule.ends_with("By gRPC alone, for they are streams: PushSessions."), "{schedule}");
    assert_eq!(tag("JoinService"), None);
    for operations in document["paths"].as_object().unwrap().values() {
        assert!(!operations["post"]["summary"].as_str().unwrap().is_empty(), "{operations}");
    }
}

/// Every `$ref` below a value.
fn references<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str));
            members.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_to_a_component_and_every_component_is_referred_to() {
    let document = document_in(Language::English);
    let mut found = Vec::new();
    references(&document, &mut found);
    for reference in &found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    for kind in ["schemas", "responses", "parameters"] {
        for name in document["components"][kind].as_object().unwrap().keys() {
            let reference = format!("#/components/{kind}/{name}");
            assert!(found.contains(&reference.as_str()), "{reference} is of no use");
        }
    }
}

/// As `tests/it/contract.rs` reads the reasons of a comment.
fn codes_of(comment: &str) -> BTreeSet<&'static str> {
    let Some((_, refusals)) = comment.split_once("Refused") else { return BTreeSet::new() };
    let words = refusals.split(|c: char| !(c.is_ascii_uppercase() || c == '_'));
    words.filter_map(Reason::from_code).map(|reason| reason.code()).collect()
}

#[test]
fn every_reason_of_a_methods_comment_is_in_its_responses_with_its_text() {
    let comments = Comments::of(proto::commented_descriptor(), proto::PACKAGE);
    for language in Language::ALL {
        let document = document_in(*language);
        let paths = document["paths"].as_object().unwrap();
        let mut seen = 0;
        for method in served() {
            let Some(operations) = paths.get(&path_of(&method)) else { continue };
            let responses = operations["post"]["responses"].as_object().unwrap();
            for code in codes_of(comments.method(&method)) {
                let reason = Reason::from_code(code).unwrap();
                let text = reason.template(*language).0;
                let told = |(status, response): (&String, &Value)| {
                    let said = response["description"].as_str().unwrap_or_default();
                    let said = said.lines().find(|line| line.starts_with(&format!("- `{code}`")));
                    said.is_some_and(|line| line.contains(text)).then(|| status.clone())
                };
                let told: Vec<_> = responses.iter().filter_map(told).collect();
                let status = reasons::http_status(reason.kind()).to_string();
                assert!(!told.is_empty(), "{} {code}", path_of(&method));
                assert!(
                    told.iter().all(|at| *at == "200" || *at == status),
                    "{} {code}: {told:?}",
                    method.name()
                );
                seen += 1;
            }
        }
        assert!(seen > 200, "{seen}");
    }
}

#[test]
fn a_method_that_refuses_as_another_has_its_reasons_too() {
    let document = document_in(Language::English);
    let at = |status: &str| {
        let responses =
            &document["paths"]["/gerbang.v1.AgreementService/UpdateAgreement"]["post"]["responses"];
        responses[status]["description"].as_str().unwrap().to_owned()
    };
    assert!(at("400").contains("- `AGREEMENT_WITHOUT_PRISON`"), "{}", at("400"));
    assert!(at("200").contains("- `DATA_ANNEX_MISSING`: "), "{}", at("200"));
    assert!(!at("404").contains("AGREEMENT_WITHOUT_PRISON"));
}

/// The schema of a field in the schema of its message, as requests have it.
fn property<'d>(document: &'d Value, field: &FieldDescriptor) -> &'d Value {
    let schemas = &document["components"]["schemas"];
    let name = field.parent_message().name().to_owned();
    let schema = schemas.get(format!("{name}Input")).unwrap_or(&schemas[name]);
    &schema["properties"][field.json_name()]
}

fn messages_below(message: &MessageDescriptor, found: &mut Vec<MessageDescriptor>) {
    if message.package_name() != proto::PACKAGE || found.contains(message) {
        return;
    }
    found.push(message.clone());
    for field in message.fields() {
        if let Kind::Message(of) = field.kind() {
            messages_below(&of, found);
        }
    }
}

/// What a rule is called here, and whether its value is to be the same.
const WORDS: [(&str, &str); 8] = [
    ("min_len", "minLength"),
    ("max_len", "maxLength"),
    ("pattern", "pattern"),
    ("uuid", "format"),
    ("gte", "minimum"),
    ("lte", "maximum"),
    ("min_items", "minItems"),
    ("max_items", "maxItems"),
];

#[test]
fn every_bound_of_every_request_is_in_its_schema() {
    let document = document_in(Language::English);
    let mut requests = Vec::new();
    served()
        .filter(|method| document["paths"].get(path_of(method)).is_some())
        .for_each(|method| messages_below(&method.input(), &mut requests));
    let (mut rules_seen, mut required_seen) = (0, 0);
    for field in requests.iter().flat_map(MessageDescriptor::fields) {
        let Some(rules) = super::rules::of(&field) else { continue };
        let schema = property(&document, &field);
        let mut bounds = |rules: &DynamicMessage, schema: &Value| {
            for (kind, rules) in rules.fields() {
                let Some(rules) = rules.as_message().filter(|_| kind.name() != "enum") else { continue };
                for (rule, value) in rules.fields().filter(|(rule, _)| rule.name() != "items") {
                    let (_, word) = WORDS.iter().find(|(name, _)| *name == rule.name()).unwrap();
                    let expected = match value {
                        prost_reflect::Value::U64(value) => json!(value),
                        prost_reflect::Value::I32(value) => json!(value),
                        prost_reflect::Value::I64(value) => json!(value),
                        prost_reflect::Value::String(text) => json!(text),
                        _ => json!("uuid"),
                    };
                    assert_eq!(schema[word], expected, "{} {}", field.full_name(), rule.name());
                    rules_seen += 1;
                }
            }
        };
        bounds(&rules, schema);
        let items = rules.get_field_by_name("repeated").and_then(|list| {
            list.as_message()?.get_field_by_name("items").map(|items| items.as_message().unwrap().clone())
        });
        items.iter().for_each(|items| bounds(items, &schema["items"]));
        required_seen += usize::from(super::rules::asks_for(&field, &rules));
    }
    assert!(rules_seen > 300 && required_seen > 150, "{rules_seen} bounds, {required_seen} required");
}

#[test]
fn what_a_request_must_hold_is_what_its_rules_ask_for() {
    let document = document_in(Language::English);
    let required = |message: &str| {
        let required = document["components"]["schemas"][message]["required"].as_array().unwrap().iter();
        required.map(|name| name.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(required("PushScheduleRequest"), ["requestId", "name", "programme", "timeZone", "sessions"]);
    assert_eq!(required("SessionDraft"), ["uid", "startsAt", "endsAt", "topic"]);
    assert_eq!(required("ListSessionsResponse"), ["sessions", "nextPageToken"]);
    assert!(!required("Session").contains(&"startsAt".to_owned()), "a time has presence");
}

#[test]
fn a_type_that_goes_both_ways_has_two_schemas() {
    let document = document_in(Language::English);
    let schemas = &document["components"]["schemas"];
    let (answer, request) = (&schemas["AgreementTerms"], &schemas["AgreementTermsInput"]);
    assert_eq!(
        (&answer["additionalProperties"], &request["additionalProperties"]),
        (&Value::Null, &json!(false))
    );
    assert_eq!(answer["properties"]["kind"]["$ref"], "#/components/schemas/AgreementKind");
    assert_eq!(request["properties"]["kind"]["$ref"], "#/components/schemas/AgreementKindInput");
    let excluded = json!({ "termMonths": { "properties": { "effectiveUntil": false } } });
    assert_eq!((&request["dependentSchemas"], &answer["dependentSchemas"]), (&excluded, &Value::Null));
    let values = |name: &str| schemas[name]["enum"].as_array().unwrap().clone();
    assert!(values("AgreementKind").contains(&json!("AGREEMENT_KIND_UNSPECIFIED")));
    assert!(!values("AgreementKindInput").contains(&json!("AGREEMENT_KIND_UNSPECIFIED")));
    let status = &schemas["FacilityProfileInput"]["properties"]["status"];
    let taken: Vec<_> = status["enum"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(!taken.is_empty() && taken.len() < values("FacilityStatusInput").len(), "{status}");
    assert_eq!(schemas.get("PushScheduleRequestInput"), None);
    let inputs = schemas.as_object().unwrap().keys().filter(|name| name.ends_with("Input"));
    assert!(inputs.count() > 5);
    // The contract has no message of the names that are made up here.
    let own = proto::commented_descriptor().all_messages().filter(|of| of.package_name() == proto::PACKAGE);
    let taken = own.filter(|of| of.name().ends_with("Input") || of.name().starts_with("ConnectError"));
    assert_eq!(taken.map(|of| of.full_name().to_owned()).collect::<Vec<_>>(), [""; 0]);
}

/// The contract with the option at one method.
fn with_option(service: &str, method: &str) -> DescriptorPool {
    let pool = proto::commented_descriptor();
    let set = pool.get_message_by_name("google.protobuf.FileDescriptorSet").unwrap();
    let mut set = DynamicMessage::decode(set, pool.encode_to_vec().as_slice()).unwrap();
    let named = |value: &prost_reflect::Value, name: &str| {
        let found = value.as_message().and_then(|of| of.get_field_by_name("name").map(|of| of.into_owned()));
        found.is_some_and(|found| found.as_str() == Some(name))
    };
    for file in set.get_field_by_name_mut("file").unwrap().as_list_mut().unwrap() {
        let services = file.as_message_mut().unwrap().get_field_by_name_mut("service").unwrap();
        for found in services.as_list_mut().unwrap().iter_mut().filter(|found| named(found, service)) {
            let methods = found.as_message_mut().unwrap().get_field_by_name_mut("method").unwrap();
            for found in methods.as_list_mut().unwrap().iter_mut().filter(|found| named(found, method)) {
                let options = found.as_message_mut().unwrap().get_field_by_name_mut("options").unwrap();
                let options = options.as_message_mut().unwrap();
                options.set_field_by_name("idempotency_level", prost_reflect::Value::EnumNumber(1));
            }
        }
    }
    DescriptorPool::decode(set.encode_to_vec().as_slice()).unwrap()
}

#[test]
fn a_method_without_side_effects_has_a_get() {
    let document = of(&with_option("ScheduleService", "GetSession"), Language::English);
    let with_get = |document: &Value| {
        let paths = document["paths"].as_object().unwrap().iter();
        let with_get = paths.filter(|(_, operations)| operations.get("get").is_some());
        with_get.map(|(path, _)| path.clone()).collect::<Vec<_>>()
    };
    assert_eq!(with_get(&document), ["/gerbang.v1.ScheduleService/GetSession"]);
    let operations = &document["paths"]["/gerbang.v1.ScheduleService/GetSession"];
    let (get, post) = (&operations["get"], &operations["post"]);
    assert_eq!(get["operationId"], "ScheduleService_GetSession_Get");
    assert_eq!(get["responses"], post["responses"]);
    assert_eq!(get["requestBody"], Value::Null);
    let parameters = get["parameters"].as_array().unwrap();
    assert_eq!(parameters[0]["content"], post["requestBody"]["content"]);
    let fixed: Vec<_> = parameters[1..3].iter().map(|of| (&of["name"], &of["schema"]["const"])).collect();
    assert_eq!(fixed, [(&json!("encoding"), &json!("json")), (&json!("connect"), &json!("v1"))]);
    // Nothing else differs, whether or not the contract has such methods of its own.
    let mut without = document.clone();
    without["paths"]["/gerbang.v1.ScheduleService/GetSession"].as_object_mut().unwrap().remove("get");
    let mut plain = document_in(Language::English);
    plain["paths"]["/gerbang.v1.ScheduleService/GetSession"].as_object_mut().unwrap().remove("get");
    assert_eq!(without["paths"], plain["paths"]);
}

#[test]
fn it_is_the_same_each_time_and_both_languages_have_the_same_parts() {
    let text =
        |language| serde_json::to_string(&document(proto::commented_descriptor(), words(language)).unwrap());
    assert_eq!(text(Language::English).unwrap(), text(Language::English).unwrap());
    let (english, indonesian) = (document_in(Language::English), document_in(Language::Indonesian));
    assert_ne!(english["info"]["description"], indonesian["info"]["description"]);
    for part in ["paths", "tags"] {
        let count = |document: &Value| match &document[part] {
            Value::Object(members) => members.len(),
            other => other.as_array().unwrap().len(),
        };
        assert_eq!(count(&english), count(&indonesian), "{part}");
    }
    let names = |document: &Value| {
        let kinds = document["components"].as_object().unwrap().values();
        kinds.flat_map(|kind| kind.as_object().unwrap().keys().cloned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&english), names(&indonesian));
}

#[test]
fn every_operation_says_405_and_415_with_their_headers_and_what_any_call_may_get() {
    let document = document_in(Language::English);
    for (path, operations) in document["paths"].as_object().unwrap() {
        let responses = operations["post"]["responses"].as_object().unwrap();
        for status in ["200", "400", "401", "403", "405", "409", "415", "429", "500", "501", "503", "504"] {
            assert!(responses.contains_key(status), "{path} {status}");
        }
    }
    for (name, header) in [("Status405", "Allow"), ("Status415", "Accept-Post")] {
        let response = &document["components"]["responses"][name];
        let schema = &response["content"]["application/json"]["schema"]["$ref"];
        assert_eq!(schema, "#/components/schemas/ConnectError");
        assert_eq!(response["headers"].as_object().unwrap().keys().collect::<Vec<_>>(), [header]);
    }
}
