//! Refusals as Connect's protocol writes them: the HTTP status that goes with the code, and JSON with the code, the message and the
//! details, which hold what every other refusal's hold.

use std::{sync::LazyLock, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use http::{HeaderValue, Response, StatusCode, header};
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage};
use serde::Serialize;
use serde_json::Value;
use tonic::{Code, Status, body::Body};
use tonic_types::{StatusExt, pb};

use crate::proto::RPC_DESCRIPTOR_SET;

#[derive(Serialize)]
struct Error<'s> {
    code: &'static str,
    message: &'s str,
    details: Vec<Detail>,
}

#[derive(Serialize)]
struct Detail {
    /// The full name of the message.
    r#type: String,
    /// Its bytes, in base64 without padding.
    value: String,
    /// The same, to be read by people and by who has no protobuf.
    #[serde(skip_serializing_if = "Option::is_none")]
    debug: Option<Value>,
}

/// The answer of a call that was refused.
pub(super) fn answer(status: &Status) -> Response<Body> {
    let (code, number) = code(status.code());
    let details = pb::Status::decode(status.details()).map(|status| status.details).unwrap_or_default();
    let details = details.into_iter().map(|detail| {
        let name = detail.type_url.rsplit('/').next().unwrap_or_default().to_owned();
        let (value, debug) = (STANDARD_NO_PAD.encode(&detail.value), readable(&name, &detail.value));
        Detail { r#type: name, value, debug }
    });
    let error = Error { code, message: status.message(), details: details.collect() };
    // Text by text it is made of what JSON can hold.
    let body = serde_json::to_vec(&error).unwrap_or_default();
    let mut answer = Response::new(Body::new(http_body_util::Full::from(body)));
    *answer.status_mut() = StatusCode::from_u16(number).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(pause) = status.get_details_retry_info().and_then(|info| info.retry_delay) {
        headers.insert(header::RETRY_AFTER, seconds(pause).into());
    }
    answer
}

/// Whole seconds, for HTTP has no others.
fn seconds(pause: Duration) -> u64 {
    pause.as_secs() + u64::from(pause.subsec_nanos() > 0)
}

fn readable(name: &str, value: &[u8]) -> Option<Value> {
    static POOL: LazyLock<Option<DescriptorPool>> =
        LazyLock::new(|| DescriptorPool::decode(RPC_DESCRIPTOR_SET).ok());
    let message = DynamicMessage::decode(POOL.as_ref()?.get_message_by_name(name)?, value).ok()?;
    serde_json::to_value(&message).ok()
}

/// The name of a code and its HTTP status (connectrpc.com, "Error codes").
const fn code(code: Code) -> (&'static str, u16) {
    match code {
        Code::Cancelled => ("canceled", 499),
        Code::Unknown => ("unknown", 500),
        Code::InvalidArgument => ("invalid_argument", 400),
        Code::DeadlineExceeded => ("deadline_exceeded", 504),
        Code::NotFound => ("not_found", 404),
        Code::AlreadyExists => ("already_exists", 409),
        Code::PermissionDenied => ("permission_denied", 403),
        Code::ResourceExhausted => ("resource_exhausted", 429),
        Code::FailedPrecondition => ("failed_precondition", 400),
        Code::Aborted => ("aborted", 409),
        Code::OutOfRange => ("out_of_range", 400),
        Code::Unimplemented => ("unimplemented", 501),
        Code::Unavailable => ("unavailable", 503),
        Code::DataLoss => ("data_loss", 500),
        Code::Unauthenticated => ("unauthenticated", 401),
        // Nobody is refused with OK.
        Code::Internal | Code::Ok => ("internal", 500),
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;
    use serde_json::json;

    use super::*;
    use crate::{
        domain::{Fault, Reason, reason::Language},
        rpc::status,
    };

    async fn answered(fault: Fault) -> (StatusCode, Option<String>, Value) {
        let answer = answer(&status::status(&fault.into(), Language::English));
        let pause = answer.headers().get(header::RETRY_AFTER).map(|pause| pause.to_str().unwrap().to_owned());
        let status = answer.status();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, pause, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn a_refusal_can_be_read_without_protobuf_and_with_it() {
        let (status, pause, told) = answered(Fault::from(Reason::MessageTooLarge).with("max_bytes", 8)).await;
        assert_eq!((status.as_u16(), pause), (429, None), "sending it again does not help");
        assert_eq!(told["code"], "resource_exhausted");
        let info = &told["details"][0];
        assert_eq!(info["type"], "google.rpc.ErrorInfo");
        let debug =
            json!({"reason": "MESSAGE_TOO_LARGE", "domain": "gerbang", "metadata": {"max_bytes": "8"}});
        assert_eq!(info["debug"], debug);
        let value = STANDARD_NO_PAD.decode(info["value"].as_str().unwrap()).unwrap();
        assert_eq!(pb::ErrorInfo::decode(&value[..]).unwrap().reason, "MESSAGE_TOO_LARGE");
    }

    /// HTTP counts whole seconds, of which a tenth is one.
    #[tokio::test]
    async fn a_pause_is_told_only_where_the_same_request_helps() {
        for (reason, status, pause) in [
            (Reason::ConflictLost, 409, Some("1")),
            (Reason::DatabaseAway, 503, Some("2")),
            (Reason::Overloaded, 429, Some("1")),
            (Reason::NotFound, 404, None),
        ] {
            let (found, told, _) = answered(reason.into()).await;
            assert_eq!((found.as_u16(), told.as_deref()), (status, pause), "{}", reason.code());
        }
    }
}
