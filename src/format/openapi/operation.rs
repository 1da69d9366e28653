//! The operations of a method: its POST, and a GET where the contract says that it has no side effects.

use prost_reflect::MethodDescriptor;
use prost_types::method_options::IdempotencyLevel;
use serde_json::{Map, Value, json};

use super::{
    comments::{Comments, first_sentence},
    failures, reasons,
    schema::{Schemas, Way},
    texts::Words,
};
use crate::proto;

/// The HTTP headers that operations share, by the names of their components.
const HEADERS: [&str; 3] = ["ConnectProtocolVersion", "ConnectTimeoutMs", "AcceptLanguage"];

/// The parameters that operations share, by their names.
pub fn parameters(words: &Words) -> Vec<(String, Value)> {
    let texts = words.texts();
    let header = |name: &str, said: &str, schema: Value| json!({ "name": name, "in": "header", "description": said, "required": false, "schema": schema });
    let headers = [
        header("Connect-Protocol-Version", texts.protocol_version, json!({ "type": "string", "const": "1" })),
        // The least is what lets a call through on a busy day; the gateway takes less and then answers that it was too little.
        header(
            "Connect-Timeout-Ms",
            texts.timeout,
            json!({ "type": "integer", "minimum": 1000, "maximum": 30000 }),
        ),
        header("Accept-Language", texts.accept_language, json!({ "type": "string" })),
    ];
    HEADERS.into_iter().map(str::to_owned).zip(headers).collect()
}

/// The path of a method, and what stands there.
pub fn path(
    method: &MethodDescriptor,
    comments: &Comments,
    schemas: &Schemas<'_>,
    words: &Words,
) -> (String, Value) {
    let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
    let common = common(method, comments, schemas, words);
    let mut operations = Map::from_iter([("post".to_owned(), post(method, schemas, common.clone()))]);
    if has_no_side_effects(method) {
        operations.insert("get".to_owned(), get(method, schemas, words, common));
    }
    (path, operations.into())
}

fn has_no_side_effects(method: &MethodDescriptor) -> bool {
    let options = method.method_descriptor_proto().options.as_ref();
    options.is_some_and(|options| options.idempotency_level() == IdempotencyLevel::NoSideEffects)
}

/// What both operations of a method say.
fn common(
    method: &MethodDescriptor,
    comments: &Comments,
    schemas: &Schemas<'_>,
    words: &Words,
) -> Map<String, Value> {
    let said = reasons::before(comments.method(method));
    let description = [said.to_owned(), roles(method, words)].join("\n\n");
    let named = reasons::named(method, comments);
    let mut answer = comments.message(&method.output()).to_owned();
    let texts = words.texts();
    for (found, text) in [(&named.per_item, texts.per_item), (&named.warned, texts.warned)] {
        if !found.is_empty() {
            answer += &format!("\n\n{text}\n\n{}", failures::lines(words, found));
        }
    }
    let mut responses = failures::of_method(words, &named);
    responses.insert(
        "200".to_owned(),
        json!({
            "description": answer.trim(),
            "content": { "application/json": { "schema": schemas.reference(&method.output(), Way::Answer) } },
        }),
    );
    Map::from_iter([
        ("tags".to_owned(), json!([method.parent_service().name()])),
        ("summary".to_owned(), first_sentence(said).into()),
        ("description".to_owned(), description.trim().into()),
        ("responses".to_owned(), json!(responses)),
    ])
}

/// Says which roles may call the method.
fn roles(method: &MethodDescriptor, words: &Words) -> String {
    let access = method.parent_pool().get_extension_by_name(&format!("{}.access", proto::PACKAGE));
    let access = access.map(|access| method.options().get_extension(&access).into_owned());
    let roles = access.as_ref().and_then(|access| access.as_message()?.get_field_by_name("roles"));
    let kind = access.as_ref().and_then(|access| access.as_message()).and_then(role_kind);
    let (Some(roles), Some(kind)) = (roles, kind) else { return String::new() };
    let numbers = roles.as_list().into_iter().flatten().filter_map(|role| role.as_enum_number());
    let names = numbers.filter_map(|number| kind.get_value(number));
    let names: Vec<_> = names.map(|role| (words.value)(words.language, role.name())).collect();
    if names.is_empty() { String::new() } else { format!("{} {}.", words.texts().roles, names.join(", ")) }
}

fn role_kind(access: &prost_reflect::DynamicMessage) -> Option<prost_reflect::EnumDescriptor> {
    use prost_reflect::ReflectMessage;
    access.descriptor().get_field_by_name("roles")?.kind().as_enum().cloned()
}

fn post(method: &MethodDescriptor, schemas: &Schemas<'_>, mut operation: Map<String, Value>) -> Value {
    let schema = schemas.reference(&method.input(), Way::Request);
    operation.insert("operationId".to_owned(), id(method).into());
    operation.insert(
        "requestBody".to_owned(),
        json!({ "required": true, "content": { "application/json": { "schema": schema } } }),
    );
    let headers = HEADERS.map(|name| failures::reference("parameters", name));
    operation.insert("parameters".to_owned(), json!(headers));
    operation.into()
}

fn get(
    method: &MethodDescriptor,
    schemas: &Schemas<'_>,
    words: &Words,
    mut operation: Map<String, Value>,
) -> Value {
    let texts = words.texts();
    let schema = schemas.reference(&method.input(), Way::Request);
    let fixed = |name: &str, said: &str, value: &str| {
        let schema = json!({ "type": "string", "const": value });
        json!({ "name": name, "in": "query", "description": said, "required": true, "schema": schema })
    };
    let mut parameters = vec![
        json!({
            "name": "message",
            "in": "query",
            "description": texts.query_message,
            "required": true,
            "content": { "application/json": { "schema": schema } },
        }),
        fixed("encoding", texts.query_encoding, "json"),
        fixed("connect", texts.query_connect, "v1"),
    ];
    // The version stands in the query instead.
    parameters.extend(HEADERS[1..].iter().map(|name| failures::reference("parameters", name)));
    operation.insert("operationId".to_owned(), format!("{}_Get", id(method)).into());
    operation.insert("parameters".to_owned(), parameters.into());
    operation.into()
}

fn id(method: &MethodDescriptor) -> String {
    format!("{}_{}", method.parent_service().name(), method.name())
}
