//! A channel that speaks gRPC to its client and JSON to the gateway, so that a test of one way in is a test of the other. What streams
//! goes through as it is.

use std::{
    convert::Infallible,
    sync::atomic::{AtomicUsize, Ordering},
};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use gerbang::{
    format::json::{self, RequestIds, Shape, Style},
    proto,
};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use prost::Message;
use tonic::{
    Code, Status,
    body::Body,
    transport::{Channel, Endpoint, Server},
};
use tonic_types::pb;
use tower::{Service, ServiceExt, service_fn};

tokio::task_local! {
    static BY_JSON: ();
}

/// Runs a test whose clients call by JSON.
pub async fn by_json<T>(test: impl Future<Output = T>) -> T {
    BY_JSON.scope((), test).await
}

/// Whether such a test runs.
pub fn is_by_json() -> bool {
    BY_JSON.try_with(|()| ()).is_ok()
}

/// Makes of each function two tests: by gRPC, and by JSON.
macro_rules! both_ways {
    ($($name:ident),* $(,)?) => {
        mod by_grpc {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $name() {
                super::$name().await;
            })*
        }
        mod by_json {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $name() {
                let before = crate::bridge::calls();
                crate::bridge::by_json(super::$name()).await;
                assert!(crate::bridge::calls() > before, "calls went by JSON");
            })*
        }
    };
}
pub(crate) use both_ways;

/// The channel in front of one to the gateway.
pub async fn before(gateway: Channel) -> Channel {
    let (ours, theirs) = tokio::io::duplex(1 << 20);
    let translate = service_fn(move |request: Request<Body>| {
        let gateway = gateway.clone();
        async move {
            Ok::<_, Infallible>(answer(request, gateway).await.unwrap_or_else(|status| status.into_http()))
        }
    });
    let incoming = tokio_stream::once(Ok::<_, std::io::Error>(theirs));
    tokio::spawn(Server::builder().serve_with_incoming(translate, incoming));
    let mut ours = Some(ours);
    let connector = service_fn(move |_| {
        let ours = ours.take().ok_or(std::io::ErrorKind::NotConnected);
        async move { ours.map(TokioIo::new).map_err(std::io::Error::from) }
    });
    Endpoint::from_static("http://bridge").connect_with_connector(connector).await.unwrap()
}

/// How many calls have gone by JSON so far.
pub fn calls() -> usize {
    CALLS.load(Ordering::Relaxed)
}

static CALLS: AtomicUsize = AtomicUsize::new(0);

/// The messages of a method that answers once.
fn shapes(path: &str) -> Option<(Shape<'static>, Shape<'static>)> {
    let method = proto::methods()
        .find(|method| path == format!("/{}/{}", method.parent_service().full_name(), method.name()))?;
    let table = json::contract().unwrap();
    let shape = |message: prost_reflect::MessageDescriptor| table.shape(message.full_name()).unwrap();
    let answers_once = !method.is_server_streaming() && !method.is_client_streaming();
    answers_once.then(|| (shape(method.input()), shape(method.output())))
}

async fn answer(request: Request<Body>, mut gateway: Channel) -> Result<Response<Body>, Status> {
    let Some((sent, given)) = shapes(request.uri().path()) else { return send(&mut gateway, request).await };
    CALLS.fetch_add(1, Ordering::Relaxed);
    let (parts, body) = request.into_parts();
    let mut framed = body.collect().await?.to_bytes();
    framed.advance(5);
    let mut text = Vec::new();
    json::write(&framed, sent, Style::Canonical, &mut text)
        .map_err(|error| Status::internal(error.to_string()))?;
    let mut call = Request::post(parts.uri.path()).header("content-type", "application/json");
    for (ours, theirs) in [("accept-language", "accept-language"), ("grpc-timeout", "connect-timeout-ms")] {
        if let Some(value) = parts.headers.get(ours) {
            call = call.header(theirs, if ours == theirs { value.clone() } else { millis(value) });
        }
    }
    let answered = send(&mut gateway, call.body(Body::new(Full::from(text))).unwrap()).await?;
    let (parts, body) = answered.into_parts();
    let text = body.collect().await?.to_bytes();
    assert_eq!(parts.headers["content-type"], "application/json", "{text:?}");
    if parts.status != StatusCode::OK {
        return Err(refusal(&text));
    }
    let message = json::read(&text, given, RequestIds::Given).unwrap();
    let mut framed = BytesMut::new();
    framed.put_u8(0);
    framed.put_u32(u32::try_from(message.len()).unwrap());
    framed.put(&message[..]);
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static("0"));
    let body = Full::from(framed.freeze()).with_trailers(async move { Some(Ok::<_, Infallible>(trailers)) });
    Ok(Response::builder().header("content-type", "application/grpc").body(Body::new(body)).unwrap())
}

async fn send(gateway: &mut Channel, request: Request<Body>) -> Result<Response<Body>, Status> {
    let ready = gateway.ready().await.map_err(|error| Status::from_error(Box::new(error)))?;
    ready.call(request).await.map_err(|error| Status::from_error(Box::new(error)))
}

/// What gRPC writes with a unit behind it.
fn millis(timeout: &HeaderValue) -> HeaderValue {
    let (number, unit) = timeout.to_str().unwrap().split_at(timeout.len() - 1);
    let number: u64 = number.parse().unwrap();
    let millis = match unit {
        "H" => number * 3_600_000,
        "M" => number * 60_000,
        "S" => number * 1_000,
        "m" => number,
        "u" => number / 1_000,
        _ => number / 1_000_000,
    };
    HeaderValue::from(millis.max(1))
}

/// The refusal of an error in JSON.
fn refusal(text: &Bytes) -> Status {
    use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
    let error: serde_json::Value = serde_json::from_slice(text).unwrap();
    let code = CODES.iter().position(|known| error["code"] == *known).unwrap();
    let code = Code::from(i32::try_from(code).unwrap());
    let details = error["details"].as_array().unwrap().iter().map(|detail| prost_types::Any {
        type_url: format!("type.googleapis.com/{}", detail["type"].as_str().unwrap()),
        value: STANDARD_NO_PAD.decode(detail["value"].as_str().unwrap()).unwrap(),
    });
    let message = error["message"].as_str().unwrap().to_owned();
    let status = pb::Status { code: code.into(), message: message.clone(), details: details.collect() };
    Status::with_details(code, message, status.encode_to_vec().into())
}

/// Connect's names of gRPC's codes, by their numbers.
const CODES: [&str; 17] = [
    "ok",
    "canceled",
    "unknown",
    "invalid_argument",
    "deadline_exceeded",
    "not_found",
    "already_exists",
    "permission_denied",
    "resource_exhausted",
    "failed_precondition",
    "aborted",
    "out_of_range",
    "unimplemented",
    "internal",
    "unavailable",
    "data_loss",
    "unauthenticated",
];
