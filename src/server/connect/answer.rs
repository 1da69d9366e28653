//! From an answer of gRPC to one of Connect's protocol.

use bytes::{Buf, Bytes};
use http::{HeaderValue, Response, header};
use http_body_util::{BodyExt, Full};
use tonic::{Status, body::Body};

use super::{Form, Method, error, gzip};
use crate::{
    domain::{Fault, Reason, access::Correlation, reason::Language},
    format::json::{self, Style},
    rpc::status,
};

/// The same answer, or refusal. Whoever has left something among its extensions finds it there.
pub(super) async fn from_grpc(
    response: Response<Body>,
    method: Method,
    form: Form,
    takes_gzip: bool,
) -> Response<Body> {
    let (parts, body) = response.into_parts();
    let refused = Status::from_header_map(&parts.headers).filter(|status| status.code() != tonic::Code::Ok);
    let message = match refused {
        Some(status) => Err(status),
        None => message(body).await.and_then(|message| written(message, method, form)),
    };
    let mut answer =
        message.map_or_else(|status| error::answer(&status), |message| given(message, form, takes_gzip));
    let headers = answer.headers_mut();
    // What is answered is for this caller alone, and now.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let (name, value) = gzip::VARIES_BY;
    headers.insert(name, HeaderValue::from_static(value));
    *answer.extensions_mut() = parts.extensions;
    answer
}

fn given(message: Bytes, form: Form, takes_gzip: bool) -> Response<Body> {
    let packed = if takes_gzip { gzip::pack(&message) } else { None };
    let is_packed = packed.is_some();
    let mut answer = Response::new(Body::new(Full::from(packed.unwrap_or(message))));
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(form.content_type()));
    if is_packed {
        answer.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(gzip::GZIP));
    }
    answer
}

/// The one message of an answer.
async fn message(body: Body) -> Result<Bytes, Status> {
    let collected = body.collect().await?;
    let refused = collected.trailers().and_then(Status::from_header_map);
    if let Some(status) = refused.filter(|status| status.code() != tonic::Code::Ok) {
        return Err(status);
    }
    let mut framed = collected.to_bytes();
    let is_whole = framed.len() >= 5 && framed.get_u8() == 0 && framed.get_u32() as usize == framed.len();
    if is_whole { Ok(framed) } else { Err(defect("an answer that is not one message")) }
}

fn written(message: Bytes, method: Method, form: Form) -> Result<Bytes, Status> {
    if form == Form::Proto {
        return Ok(message);
    }
    let mut text = Vec::with_capacity(message.len() * 5 / 2 + 64);
    json::write(&message, method.answer, Style::Canonical, &mut text)
        .map_err(|error| defect(&error.to_string()))?;
    Ok(text.into())
}

/// What the gateway has answered cannot be written: that is in the log, and the caller is told that it is not its fault.
fn defect(why: &str) -> Status {
    let correlation = Correlation::default();
    tracing::error!(why, %correlation, "an answer cannot be written as JSON");
    let fault = Fault::from(Reason::InternalError).with("correlation", correlation);
    status::status(&fault.into(), Language::English)
}
