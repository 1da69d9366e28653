//! The contract as an OpenAPI document, for who speaks JSON to the gateway: catalogues, client generators, people with curl.
//!
//! Owns what of the contract the document holds: the methods that answer once, of the services that certificates open, with their
//! comments, rules and reasons. All of it comes from the descriptor, so that a new method is in the document by being in the
//! contract. Refuses a contract with a rule or a kind of field for which a schema has no word.

mod comments;
mod failures;
mod operation;
mod reasons;
mod rules;
mod schema;
mod texts;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use prost_reflect::{DescriptorPool, MethodDescriptor, ServiceDescriptor};
use serde::Serialize;
use serde_json::{Value, json};

use self::{comments::Comments, schema::Schemas};
pub use self::{
    reasons::{OF_EVERY_CALL, OF_FIELDS},
    rules::Unwritable,
    texts::Words,
};
use crate::proto;

/// An OpenAPI document. Written as JSON it is the same each time.
#[derive(Debug, Serialize)]
pub struct Document {
    openapi: &'static str,
    info: Value,
    servers: Value,
    security: Value,
    tags: Vec<Value>,
    paths: BTreeMap<String, Value>,
    components: Value,
}

/// Makes the document of a contract whose descriptor has comments ([`proto::commented_descriptor`]). Errors: a field of a request
/// with a rule, or a field of a kind, that no schema says.
pub fn document(contract: &DescriptorPool, words: Words) -> Result<Document, Unwritable> {
    let comments = Comments::of(contract, proto::PACKAGE);
    let services: Vec<_> = contract.services().filter(is_served).collect();
    let methods: Vec<_> = services.iter().flat_map(once_answered).collect();
    let schemas = Schemas::of(&methods, &comments, words);
    let paths = methods.iter().map(|method| operation::path(method, &comments, &schemas, &words));
    let paths = paths.collect();
    let mut written = schemas.write()?;
    written.extend(failures::schemas(&words));
    let parameters: BTreeMap<_, _> = operation::parameters(&words).into_iter().collect();
    let texts = words.texts();
    Ok(Document {
        openapi: "3.1.0",
        info: json!({
            "title": texts.title,
            "version": env!("CARGO_PKG_VERSION"),
            "description": texts.about,
            "license": { "name": env!("CARGO_PKG_LICENSE"), "identifier": env!("CARGO_PKG_LICENSE") },
        }),
        servers: json!([{
            "url": "https://{host}",
            "description": texts.server,
            "variables": { "host": { "default": HOST, "description": texts.host } },
        }]),
        security: json!([{ MUTUAL_TLS: [] }]),
        tags: services.iter().map(|service| tag(service, &comments, &words)).collect(),
        paths,
        components: json!({
            "securitySchemes": { MUTUAL_TLS: { "type": "mutualTLS", "description": texts.mutual_tls } },
            "parameters": parameters,
            "responses": failures::responses(&words),
            "schemas": written,
        }),
    })
}

const MUTUAL_TLS: &str = "mutualTLS";
/// As the samples of configuration call a gateway.
const HOST: &str = "gerbang.example:7443";

/// Whether certificates open the service; the one that takes a token is on a port of its own, by gRPC alone.
fn is_served(service: &ServiceDescriptor) -> bool {
    let access = service.parent_pool().get_extension_by_name(&format!("{}.access", proto::PACKAGE));
    let by_token = |method: MethodDescriptor| {
        let access = access.as_ref().map(|access| method.options().get_extension(access).into_owned());
        let access = access.as_ref().and_then(|access| access.as_message());
        access.and_then(|access| access.get_field_by_name("by_token")?.as_bool()).unwrap_or_default()
    };
    service.package_name() == proto::PACKAGE && !service.methods().any(by_token)
}

fn is_stream(method: &MethodDescriptor) -> bool {
    method.is_server_streaming() || method.is_client_streaming()
}

fn once_answered(service: &ServiceDescriptor) -> Vec<MethodDescriptor> {
    service.methods().filter(|method| !is_stream(method)).collect()
}

/// A service, with the names of its methods that are not here.
fn tag(service: &ServiceDescriptor, comments: &Comments, words: &Words) -> Value {
    let mut text = comments.service(service).to_owned();
    let streams: Vec<_> =
        service.methods().filter(is_stream).map(|method| method.name().to_owned()).collect();
    if !streams.is_empty() {
        text += &format!("\n\n{} {}.", words.texts().grpc_only, streams.join(", "));
    }
    json!({ "name": service.name(), "description": text })
}
