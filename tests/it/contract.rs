//! The contract against the gateway: the bounds in its annotations are the bounds of the decoder (`bounds.rs`), the reasons in
//! its comments are those of the table, and stock tools can use the export.

mod bounds;
mod openapi;
mod patterns;
mod samples;

use std::collections::BTreeSet;

use gerbang::{domain::Reason, proto};
use prost::Message;
use prost_reflect::{DynamicMessage, MethodDescriptor};

use crate::{
    bridge::both_ways,
    wire,
    world::{World, reason, request_id, violations},
};

async fn every_mutation_wants_a_uuid() {
    let world = World::start().await;
    let wire = wire::certified(&world, "operator", "admin").await;
    let mutations = served().filter(|method| {
        let request_id = method.input().get_field_by_name("request_id");
        request_id.is_some_and(|field| field.number() == 1)
    });
    let mutations: Vec<_> = mutations.collect();
    assert!(mutations.len() > 40, "{}", mutations.len());
    let simple = request_id().replace('-', "");
    for (bad, id) in [("", false), ("x", false), (simple.as_str(), false), (request_id().as_str(), true)] {
        for method in &mutations {
            // A String is a message whose field 1 is that text.
            let answer = wire::call(&wire, method, bad.to_owned()).await;
            let found = violations(&answer.expect_err("an empty request"));
            let named = found.contains(&("request_id".to_owned(), "REQUEST_ID_INVALID".to_owned()));
            assert_eq!(named, !id, "{} with {bad:?}: {found:?}", method.name());
        }
    }
}

/// A file as reflection gives it: by its name, or as that which declares a symbol.
async fn reflected(
    channel: &tonic::transport::Channel,
    ask: tonic_reflection::pb::v1::server_reflection_request::MessageRequest,
) -> prost_types::FileDescriptorProto {
    use tonic_reflection::pb::v1::{
        ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
        server_reflection_response::MessageResponse,
    };
    let asked = format!("{ask:?}");
    let request = ServerReflectionRequest { host: String::new(), message_request: Some(ask) };
    let mut client = ServerReflectionClient::new(channel.clone());
    let answer = client.server_reflection_info(tokio_stream::once(request)).await.unwrap();
    let answer = answer.into_inner().message().await.unwrap().unwrap().message_response.unwrap();
    let MessageResponse::FileDescriptorResponse(files) = answer else { panic!("{asked}: {answer:?}") };
    prost_types::FileDescriptorProto::decode(files.file_descriptor_proto[0].as_slice()).unwrap()
}

/// As grpcurl does: whatever an error carries is looked up by reflection, with what it imports, and read by that alone.
#[tokio::test]
async fn an_errors_details_are_read_by_what_reflection_knows() {
    use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
    let world = World::start().await;
    let wire = wire::certified(&world, "operator", "admin").await;
    let get = served().find(|method| method.name() == "GetAgency").unwrap();
    let refused = wire::call(&wire, &get, String::new()).await.unwrap_err();

    let mut pool = prost_reflect::DescriptorPool::new();
    let details = ["google.rpc.Status", "google.rpc.ErrorInfo", "google.rpc.BadRequest"];
    for symbol in details {
        let mut files = vec![reflected(&wire, MessageRequest::FileContainingSymbol(symbol.to_owned())).await];
        let mut at = 0;
        while let Some(file) = files.get(at) {
            for import in file.dependency.clone() {
                files.push(reflected(&wire, MessageRequest::FileByFilename(import)).await);
            }
            at += 1;
        }
        for file in files.into_iter().rev() {
            pool.add_file_descriptor_proto(file).unwrap();
        }
    }
    for file in ["google/rpc/status.proto", "google/rpc/error_details.proto"] {
        assert!(pool.get_file_by_name(file).is_some(), "{file}");
    }

    let read = |name: &str, bytes: &[u8]| {
        DynamicMessage::decode(pool.get_message_by_name(name).unwrap(), bytes).unwrap()
    };
    let status = read("google.rpc.Status", refused.details());
    let field = |message: &DynamicMessage, name: &str| message.get_field_by_name(name).unwrap().into_owned();
    assert_eq!(field(&status, "message").as_str(), Some(refused.message()));
    let mut told = BTreeSet::new();
    for detail in field(&status, "details").as_list().unwrap() {
        let detail = detail.as_message().unwrap();
        let url = field(detail, "type_url");
        let name = url.as_str().unwrap().rsplit('/').next().unwrap();
        if details.contains(&name) {
            let detail = read(name, field(detail, "value").as_bytes().unwrap());
            told.insert(format!("{detail:?}"));
        }
    }
    let told = told.into_iter().collect::<String>();
    assert!(told.contains("FIELDS_INVALID") && told.contains("FIELD_REQUIRED"), "{told}");
}

/// A message with a field that no request of the contract has.
#[derive(Clone, prost::Message)]
struct Unlisted {
    #[prost(int32, tag = "99")]
    value: i32,
}

#[tokio::test]
async fn what_the_contract_does_not_list_is_refused_beside_personal_data_and_dropped_elsewhere() {
    let world = World::start().await;
    let wire = wire::certified(&world, "operator", "admin").await;
    for method in served() {
        let answer = wire::call(&wire, &method, Unlisted { value: 1 }).await;
        let unreadable = answer.is_err_and(|status| reason(&status) == "MESSAGE_UNREADABLE");
        let personal = proto::codec::holds_personal_data(&method.input());
        assert_eq!(unreadable, personal, "{}", method.name());
    }
}

/// The RPCs that certificates open.
fn served() -> impl Iterator<Item = MethodDescriptor> {
    proto::methods().filter(|method| method.parent_service().name() != "JoinService")
}

/// What any RPC may answer: violations of single fields, who calls, and the gateway itself.
const GENERAL: &[&str] = &[
    "FIELDS_INVALID",
    "FIELD_REQUIRED",
    "ETAG_REQUIRED",
    "FIELD_TOO_LONG",
    "FIELD_OUT_OF_RANGE",
    "FIELD_UNKNOWN_VALUE",
    "FIELD_FORMAT",
    "FIELD_UNKNOWN",
    "FIELD_TWICE",
    "FIELD_EXCLUSIVE",
    "FORBIDDEN_CHARACTER",
    "ITEMS_TOO_FEW",
    "ITEMS_TOO_MANY",
    "DUPLICATE_ITEM",
    "QUOTES_MISSING",
    "NAME_INVALID",
    "NAME_OF_OTHER_AGENCY",
    "DATE_INVALID",
    "ZONE_UNKNOWN",
    "TIME_OUT_OF_RANGE",
    "TIME_FRACTION",
    "TIME_WITHOUT_OFFSET",
    "REQUEST_ID_INVALID",
    "REQUEST_ID_REUSED",
    "MESSAGE_TOO_LARGE",
    "MESSAGE_UNREADABLE",
    "JSON_UNREADABLE",
    "NOT_GRPC",
    "CONTENT_TYPE_REFUSED",
    "GRPC_ONLY",
    "HTTP_METHOD_REFUSED",
    "HEADER_INVALID",
    "OTHER_SITE_REFUSED",
    "METHOD_UNKNOWN",
    "JOINING_ONLY",
    "COMPRESSION_UNSUPPORTED",
    "CERTIFICATE_WITHOUT_IDENTITY",
    "TRUST_DOMAIN_FOREIGN",
    "CERTIFICATE_NOT_REGISTERED",
    "ROLE_NOT_ALLOWED",
    "RELATION_NOT_ALLOWED",
    "CERTIFICATE_REVOKED",
    "CERTIFICATE_SUPERSEDED",
    "ROLE_NOT_CERTIFIED",
    "CERTIFICATE_EXPIRED",
    "CONFLICT_LOST",
    "OVERLOADED",
    "DEADLINE_PASSED",
    "NOT_STORED_IN_TIME",
    "DATABASE_AWAY",
    "DATABASE_IMPAIRED",
    "INTERNAL_ERROR",
];

/// What no RPC answers: why the signer refused, which an order shows; alarms; what is said of a file
/// and in a ceremony.
const UNANSWERED: &[&str] = &[
    "CERTIFICATE_UNFIT",
    "AUTHORITY_ENDS_FIRST",
    "APPROVALS_INVALID",
    "RENEWED_TOO_OFTEN",
    "HOST_NOT_ALLOWED",
    "LINT_FAILED",
    "ADMINISTRATORS_FEW",
    "SIGNER_AWAY",
    "CRL_STALE",
    "AUTHORITY_EXISTS",
    "CEREMONY_DIFFERS",
    "AUTHORITY_UNKNOWN",
];

#[test]
fn the_comments_name_reasons_of_the_table_and_all_of_them() {
    let mut named = BTreeSet::new();
    let mut silent = Vec::new();
    for (rpc, comment) in rpc_comments() {
        let Some((_, refusals)) = comment.split_once("Refused") else {
            silent.push(rpc);
            continue;
        };
        let words = refusals.split(|c: char| !(c.is_ascii_uppercase() || c == '_'));
        for code in words.filter(|word| word.len() > 1) {
            assert!(Reason::from_code(code).is_some(), "{rpc} names {code}, which is no reason");
            named.insert(code.to_owned());
        }
    }
    silent.sort();
    assert_eq!(
        silent,
        ["GetAuthorityStatus", "GetTrustBundle", "ListAcknowledgements", "WhoAmI"],
        "an RPC says how it refuses"
    );
    let unnamed: Vec<_> =
        Reason::ALL.iter().map(|reason| reason.code()).filter(|code| !named.contains(*code)).collect();
    let (unanswered, general): (Vec<_>, Vec<_>) =
        unnamed.into_iter().partition(|code| UNANSWERED.contains(code));
    assert_eq!((general.as_slice(), unanswered.as_slice()), (GENERAL, UNANSWERED));
}

/// Every RPC of the .proto files with the comment above it.
fn rpc_comments() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/proto/gerbang/v1");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let mut comment = String::new();
        for line in text.lines().map(str::trim) {
            if let Some(line) = line.strip_prefix("//") {
                comment.push_str(line);
                continue;
            }
            if let Some(name) = line.strip_prefix("rpc ").and_then(|rest| rest.split('(').next()) {
                found.push((name.to_owned(), comment.clone()));
            }
            comment.clear();
        }
    }
    assert_eq!(found.len(), proto::methods().count());
    found
}

both_ways! {
    every_mutation_wants_a_uuid,
}
