//! What a call may be answered with instead of its answer: the error of Connect and its details, and a response for each HTTP status
//! that any call may get.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{
    reasons::{self, Named},
    texts::Words,
};
use crate::domain::{Reason, reason::Kind};

/// `google.rpc.ErrorInfo.domain` of every refusal.
const DOMAIN: &str = "gerbang";

/// The schemas of an error and its details, by their names.
pub fn schemas(words: &Words) -> Vec<(String, Value)> {
    let texts = words.texts();
    let codes: BTreeSet<_> =
        Kind::ALL.iter().filter(|kind| **kind != Kind::Warning).map(|kind| reasons::code(*kind)).collect();
    let codes_of_reasons: BTreeSet<_> = Reason::ALL.iter().map(|reason| reason.code()).collect();
    let details = ["ErrorInfo", "BadRequest", "PreconditionFailure", "RetryInfo", "LocalizedMessage"];
    let text = json!({ "type": "string" });
    let error = json!({
        "type": "object",
        "description": texts.error,
        "properties": {
            "code": { "type": "string", "enum": codes, "description": texts.error_code },
            "message": { "type": "string", "description": texts.error_message },
            "details": {
                "type": "array",
                "description": texts.error_details,
                "items": { "oneOf": details.map(|name| reference("schemas", &detail_name(name))) },
            },
        },
        "required": ["code"],
    });
    let debugs = [
        json!({
            "type": "object",
            "description": texts.error_info,
            "properties": {
                "reason": { "type": "string", "enum": codes_of_reasons, "description": texts.error_reason },
                "domain": { "type": "string", "const": DOMAIN },
                "metadata": {
                    "type": "object",
                    "description": texts.error_facts,
                    "additionalProperties": text,
                },
            },
            "required": ["reason", "domain"],
        }),
        json!({
            "type": "object",
            "description": texts.bad_request,
            "properties": { "fieldViolations": { "type": "array", "items": {
                "type": "object",
                "properties": {
                    "field": { "type": "string", "description": texts.violation_field },
                    "description": text,
                    "reason": { "type": "string", "enum": codes_of_reasons },
                },
                "required": ["field", "description", "reason"],
            } } },
            "required": ["fieldViolations"],
        }),
        json!({
            "type": "object",
            "description": texts.precondition,
            "properties": { "violations": { "type": "array", "items": {
                "type": "object",
                "properties": { "type": text, "subject": text, "description": text },
                "required": ["type", "description"],
            } } },
            "required": ["violations"],
        }),
        json!({
            "type": "object",
            "description": texts.retry,
            "properties": { "retryDelay": { "type": "string", "pattern": r"^[0-9]+(\.[0-9]{1,9})?s$" } },
            "required": ["retryDelay"],
        }),
        json!({
            "type": "object",
            "description": texts.localized,
            "properties": { "locale": text, "message": text },
            "required": ["locale", "message"],
        }),
    ];
    let details = details.into_iter().zip(debugs).map(|(name, debug)| {
        let schema = json!({
            "type": "object",
            "properties": {
                "type": {
                    "type": "string",
                    "const": format!("google.rpc.{name}"),
                    "description": texts.detail_type,
                },
                "value": { "type": "string", "pattern": "^[A-Za-z0-9+/]*$", "description": texts.detail_value },
                "debug": debug,
            },
            "required": ["type", "value"],
        });
        (detail_name(name), schema)
    });
    details.chain([(ERROR.to_owned(), error)]).collect()
}

const ERROR: &str = "ConnectError";

fn detail_name(name: &str) -> String {
    format!("ConnectError{name}")
}

/// The responses that operations share, by their names: a refusal for every status that any call may get.
pub fn responses(words: &Words) -> BTreeMap<String, Value> {
    let texts = words.texts();
    let mut of_fields = reasons::of_codes(reasons::OF_FIELDS);
    let mut responses = BTreeMap::new();
    for (status, found) in by_status(&reasons::of_codes(reasons::OF_EVERY_CALL)) {
        let mut text = format!("{}\n\n{}", texts.refused, lines(words, &found));
        if status == reasons::http_status(Kind::Invalid) {
            text += &format!("\n\n{}\n\n{}", texts.of_fields, lines(words, &std::mem::take(&mut of_fields)));
        }
        responses.insert(name(status), refusal(&text));
    }
    let no_call = |text: &str, reason: Reason, header: &str, said: &str| {
        let mut response = refusal(&format!("{text}\n\n{}", lines(words, &[reason])));
        response["headers"][header] =
            json!({ "description": said, "required": true, "schema": { "type": "string" } });
        response
    };
    responses.insert(name(405), no_call(texts.no_such_verb, Reason::HttpMethodRefused, "Allow", texts.allow));
    let accepts = no_call(texts.other_type, Reason::ContentTypeRefused, "Accept-Post", texts.accept_post);
    responses.insert(name(415), accepts);
    responses
}

/// The responses of a method beside its answer, by their statuses: what its comment names with what every call may get.
pub fn of_method(words: &Words, named: &Named) -> BTreeMap<String, Value> {
    let own = by_status(&named.refused);
    let general = by_status(&reasons::of_codes(reasons::OF_EVERY_CALL));
    let statuses: BTreeSet<_> = own.keys().chain(general.keys()).chain(&[405, 415]).copied().collect();
    let response = |status: u16| {
        let Some(own) = own.get(&status) else { return reference("responses", &name(status)) };
        let mut text = format!("{}\n\n{}", words.texts().refused, lines(words, own));
        if let Some(general) = general.get(&status) {
            let codes: Vec<_> = general.iter().filter(|reason| !own.contains(reason)).collect();
            let codes: Vec<_> = codes.iter().map(|reason| format!("`{}`", reason.code())).collect();
            text += &format!("\n\n{} {}.", words.texts().as_every_call, codes.join(", "));
        }
        refusal(&text)
    };
    statuses.into_iter().map(|status| (status.to_string(), response(status))).collect()
}

/// A list of reasons with their texts, in Markdown.
pub fn lines(words: &Words, reasons: &[Reason]) -> String {
    let line = |reason: &Reason| {
        let code = match reason.kind() {
            Kind::Warning => String::new(),
            kind => format!(" (`{}`)", reasons::code(kind)),
        };
        format!("- `{}`{code}: {}", reason.code(), words.reason(*reason))
    };
    reasons.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn by_status(found: &[Reason]) -> BTreeMap<u16, Vec<Reason>> {
    let mut by_status = BTreeMap::<_, Vec<_>>::new();
    for reason in found {
        by_status.entry(reasons::http_status(reason.kind())).or_default().push(*reason);
    }
    by_status
}

fn name(status: u16) -> String {
    format!("Status{status}")
}

fn refusal(text: &str) -> Value {
    json!({
        "description": text,
        "content": { "application/json": { "schema": reference("schemas", ERROR) } },
    })
}

/// Points to a component.
pub fn reference(kind: &str, name: &str) -> Value {
    json!({ "$ref": format!("#/components/{kind}/{name}") })
}
