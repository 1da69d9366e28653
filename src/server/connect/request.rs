//! From a request of Connect's protocol to one of gRPC.

use bytes::{BufMut, Bytes, BytesMut};
use futures_util::stream;
use http::{HeaderMap, HeaderName, HeaderValue, Request, header};
use http_body::{Body as _, Frame};
use http_body_util::{BodyExt, StreamBody};
use tonic::body::Body;

use super::{Form, JSON_FACTOR, Method, gzip};
use crate::{
    domain::{Fault, Reason, Refusal, reason::Language},
    format::json::{self, RequestIds},
    rpc::status,
};

const PROTOCOL_VERSION: HeaderName = HeaderName::from_static("connect-protocol-version");
const TIMEOUT: HeaderName = HeaderName::from_static("connect-timeout-ms");
const GRPC_TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");

/// Headers that say how the message is written, or mean something to gRPC alone.
const OF_THE_FORM: [HeaderName; 9] = [
    header::ACCEPT_ENCODING,
    header::CONTENT_LENGTH,
    header::CONTENT_ENCODING,
    header::TE,
    PROTOCOL_VERSION,
    TIMEOUT,
    GRPC_TIMEOUT,
    HeaderName::from_static("grpc-encoding"),
    HeaderName::from_static("grpc-accept-encoding"),
];

/// What the headers say of the message that follows.
struct Announced {
    is_compressed: bool,
    /// The time that the caller grants, as gRPC writes it.
    timeout: Option<HeaderValue>,
}

/// The same call as gRPC writes it. Its body is read when it is asked for; where the headers are wrong, or it cannot be read, it is a
/// refusal in its place.
pub(super) fn to_grpc(
    request: Request<Body>,
    method: Method,
    form: Form,
    language: Language,
) -> Request<Body> {
    let (mut parts, body) = request.into_parts();
    let announced = announced(&parts.headers);
    for name in OF_THE_FORM {
        parts.headers.remove(name);
    }
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    parts.headers.insert(header::TE, HeaderValue::from_static("trailers"));
    if let Ok(Announced { timeout: Some(timeout), .. }) = &announced {
        parts.headers.insert(GRPC_TIMEOUT, timeout.clone());
    }
    let message = async move {
        let read = async {
            let Announced { is_compressed, .. } = announced?;
            message(body, is_compressed, method, form).await
        };
        read.await.map(Frame::data).map_err(|refusal| status::status(&refusal, language))
    };
    Request::from_parts(parts, Body::new(StreamBody::new(stream::once(message))))
}

/// Reads the headers. `HEADER_INVALID`, `COMPRESSION_UNSUPPORTED`.
fn announced(headers: &HeaderMap) -> Result<Announced, Fault> {
    let invalid = |name: &HeaderName, form: &str| {
        Fault::from(Reason::HeaderInvalid).with("header", name).with("expected", form)
    };
    if headers.get(PROTOCOL_VERSION).is_some_and(|version| version != "1") {
        return Err(invalid(&PROTOCOL_VERSION, "1"));
    }
    let is_compressed = gzip::is_compressed(headers)?;
    let timeout = headers
        .get(TIMEOUT)
        .map(|timeout| grpc_timeout(timeout).ok_or_else(|| invalid(&TIMEOUT, "1-9999999999")));
    Ok(Announced { is_compressed, timeout: timeout.transpose()? })
}

/// Reads `Connect-Timeout-Ms`: ten digits at most, and not 0. gRPC has eight; what is longer than any call may take need not be exact.
fn grpc_timeout(millis: &HeaderValue) -> Option<HeaderValue> {
    let digits = millis
        .to_str()
        .ok()
        .filter(|text| text.len() <= 10 && text.bytes().all(|byte| byte.is_ascii_digit()))?;
    let millis = digits.parse::<u64>().ok().filter(|millis| *millis > 0)?;
    HeaderValue::try_from(format!("{}m", millis.min(99_999_999))).ok()
}

/// Reads the message, and frames it as gRPC does: not compressed, its length in four bytes, and its bytes.
async fn message(body: Body, is_compressed: bool, method: Method, form: Form) -> Result<Bytes, Refusal> {
    let text_max = match form {
        Form::Json => method.bytes_max.saturating_mul(JSON_FACTOR),
        Form::Proto => method.bytes_max,
    };
    let text = if is_compressed {
        let packed = collect(body, method.bytes_max).await?;
        gzip::unpack(&packed, text_max)?
    } else {
        collect(body, text_max).await?
    };
    let message = match form {
        Form::Json => Bytes::from(json::read(&text, method.request, RequestIds::Given)?),
        Form::Proto => text,
    };
    if message.len() > method.bytes_max {
        return Err(too_large(method.bytes_max));
    }
    let length = u32::try_from(message.len()).map_err(|_| too_large(method.bytes_max))?;
    let mut framed = BytesMut::with_capacity(message.len() + 5);
    framed.put_u8(0);
    framed.put_u32(length);
    framed.put(message);
    Ok(framed.freeze())
}

fn too_large(bytes_max: usize) -> Refusal {
    Fault::from(Reason::MessageTooLarge).with("max_bytes", bytes_max).into()
}

/// The whole body. What is announced to be larger is refused before any of it is read.
async fn collect(mut body: Body, bytes_max: usize) -> Result<Bytes, Refusal> {
    let announced = body.size_hint().lower();
    if announced > bytes_max as u64 {
        return Err(too_large(bytes_max));
    }
    let mut bytes = BytesMut::with_capacity(usize::try_from(announced).unwrap_or_default());
    while let Some(frame) = body.frame().await {
        // It ended in the middle, or its chunks are none.
        let frame = frame.map_err(|_| Reason::MessageUnreadable)?;
        if let Ok(data) = frame.into_data() {
            if bytes.len() + data.len() > bytes_max {
                return Err(too_large(bytes_max));
            }
            bytes.put(data);
        }
    }
    Ok(bytes.freeze())
}
