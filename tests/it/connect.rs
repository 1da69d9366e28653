//! Calls by JSON, as any HTTP client makes them: Connect's unary protocol on the gateway's own port. `bridge.rs` has whole tests of the
//! other way in run over this one.

use gerbang::{agent::Client, format::json::to_json, proto::v1};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full, StreamBody};
use prost::Message;
use serde_json::{Value, json};
use tonic::{body::Body, transport::Channel};
use tower::{Service, ServiceExt};

use crate::{
    bridge,
    cast::{Cast, PUSH, push, session},
    metrics, tls, wire,
    world::{World, reason},
};

const WHO_AM_I: &str = "/gerbang.v1.AgencyService/WhoAmI";
const PUSH_SCHEDULE: &str = "/gerbang.v1.ScheduleService/PushSchedule";
const JSON: (&str, &str) = ("content-type", "application/json");

/// An answer as a program without protobuf sees it.
#[derive(Debug)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        assert_eq!(self.headers["content-type"], "application/json");
        serde_json::from_slice(&self.text).unwrap()
    }

    /// The reason of a refusal, as who has no protobuf reads it.
    fn reason(&self) -> String {
        let details = self.json()["details"].clone();
        let info = details
            .as_array()
            .unwrap()
            .iter()
            .find(|detail| detail["type"] == "google.rpc.ErrorInfo")
            .unwrap()
            .clone();
        info["debug"]["reason"].as_str().unwrap().to_owned()
    }
}

async fn send(channel: &Channel, method: Method, path: &str, headers: &[(&str, &str)], body: Body) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut channel = channel.clone();
    let answered = channel.ready().await.unwrap().call(request.body(body).unwrap()).await.unwrap();
    let (parts, body) = answered.into_parts();
    let text = body.collect().await.unwrap().to_bytes().to_vec();
    Answer { status: parts.status, headers: parts.headers, text }
}

async fn post(channel: &Channel, path: &str, headers: &[(&str, &str)], text: impl Into<Vec<u8>>) -> Answer {
    let body = Body::new(Full::from(text.into()));
    send(channel, Method::POST, path, headers, body).await
}

#[tokio::test]
async fn a_call_by_json_answers_as_by_grpc_and_as_by_protobuf() {
    let world = World::start().await;
    let (channel, client) = (wire::certified(&world, "operator", "admin").await, world.admin().await);
    let by_grpc = client.agency().who_am_i(v1::WhoAmIRequest {}).await.unwrap().into_inner();
    let answer = post(&channel, WHO_AM_I, &[JSON, ("connect-protocol-version", "1")], "{}").await;
    assert_eq!(
        (answer.status, &answer.headers["cache-control"]),
        (StatusCode::OK, &"no-store".parse().unwrap())
    );
    let told = answer.json();
    assert_eq!(told["system"], by_grpc.system);
    // What a program looks for is there, whatever its value.
    let fields = to_json(&by_grpc).as_object().unwrap().len();
    assert!(told.as_object().unwrap().len() >= fields, "{told}");
    let with_charset = ("content-type", "Application/JSON; charset=UTF-8");
    assert_eq!(post(&channel, WHO_AM_I, &[with_charset], " {} ").await.json(), told);
    let answer = post(&channel, WHO_AM_I, &[("content-type", "application/proto")], Vec::new()).await;
    assert_eq!(
        (answer.status, &answer.headers["content-type"]),
        (StatusCode::OK, &"application/proto".parse().unwrap())
    );
    assert_eq!(v1::WhoAmIResponse::decode(&answer.text[..]).unwrap(), by_grpc);
}

/// Both spellings, and everything that is wrong at once, in the caller's language; the details are those that gRPC has.
#[tokio::test]
async fn what_is_wrong_with_a_request_is_told_as_by_grpc() {
    let cast = Cast::ready().await;
    let channel = wire::certified(&cast.world, "blk-kepri", "jadwal").await;
    let text = json!({
        "name": "x", "requestId": "7", "kelas": "A", "time_zone": "Asia/Jakarta", "timeZone": "Asia/Jakarta",
        "sessions": [{"uid": "s1", "startsAt": "2026-03-10 08:00", "sequence": "1.5"}],
    });
    let answer = post(&channel, PUSH_SCHEDULE, &[JSON, ("accept-language", "id")], text.to_string()).await;
    assert_eq!(
        (answer.status, answer.json()["code"].as_str()),
        (StatusCode::BAD_REQUEST, Some("invalid_argument"))
    );
    assert_eq!(answer.reason(), "FIELDS_INVALID");
    let told = answer.json();
    let of = |kind: &str| {
        let details = told["details"].as_array().unwrap().iter();
        details.clone().find(|detail| detail["type"] == format!("google.rpc.{kind}")).unwrap()["debug"]
            .clone()
    };
    let violations = of("BadRequest")["fieldViolations"].clone();
    let violations = violations.as_array().unwrap().iter();
    let violations: Vec<_> =
        violations.map(|one| (one["field"].as_str().unwrap(), one["reason"].as_str().unwrap())).collect();
    assert_eq!(
        violations,
        [
            ("kelas", "FIELD_UNKNOWN"),
            ("sessions[0].sequence", "FIELD_FORMAT"),
            ("sessions[0].starts_at", "TIME_WITHOUT_OFFSET"),
            ("time_zone", "FIELD_TWICE"),
        ]
    );
    assert_eq!(of("LocalizedMessage")["locale"], "id");
    let unread = post(&channel, PUSH_SCHEDULE, &[JSON], "{\"name\": ").await;
    assert_eq!((unread.status, unread.reason().as_str()), (StatusCode::BAD_REQUEST, "JSON_UNREADABLE"));
    let unread = post(&channel, PUSH_SCHEDULE, &[("content-type", "application/proto")], [0xff]).await;
    assert_eq!((unread.status, unread.reason().as_str()), (StatusCode::BAD_REQUEST, "MESSAGE_UNREADABLE"));
}

#[tokio::test]
async fn the_same_request_by_the_other_way_in_gets_the_same_answer() {
    let cast = Cast::ready().await;
    let by_grpc = &cast.blk;
    let by_json = bridge::by_json(cast.world.connect("blk-kepri", "jadwal")).await;
    let push = |client: &Client, request: &v1::PushScheduleRequest| {
        let (mut schedule, request) = (client.schedule(), request.clone());
        async move { schedule.push_schedule(request).await.unwrap().into_inner() }
    };
    for (uid, day, first, then) in [("s1", 10, by_grpc, &by_json), ("s2", 11, &by_json, by_grpc)] {
        let request = push_of(uid, day);
        let answer = push(first, &request).await;
        assert!(!answer.receipt.is_empty() && !answer.entry.is_empty());
        assert_eq!(push(then, &request).await, answer, "{uid}");
    }
    assert_eq!(cast.recorded(PUSH).await, 2);
    let mut other = push_of("s1", 12);
    other.request_id = push_of("s1", 10).request_id;
    let refused = by_json.schedule().push_schedule(other).await.unwrap_err();
    assert_eq!(reason(&refused), "REQUEST_ID_REUSED");
}

/// A push under an id that its session and day make.
fn push_of(uid: &str, day: u32) -> v1::PushScheduleRequest {
    let mut request = push(vec![session(uid, &format!("2026-03-{day}T01:00:00Z"))]);
    request.request_id = format!("00000000-0000-4000-8000-0000000000{day}");
    if uid == "s1" {
        request.request_id = "00000000-0000-4000-8000-000000000010".to_owned();
    }
    request
}

/// Method, path and headers; the status, the reason and a header of the answer.
type Case<'c> = (Method, &'c str, Vec<Header<'c>>, StatusCode, &'c str, Option<Header<'c>>);
type Header<'c> = (&'c str, &'c str);

/// Each has its status, its reason in words, a header that says what is taken, and its counter.
#[tokio::test]
async fn what_is_no_call_is_told_so_and_counted() {
    let world = tls::world().await;
    let channel = wire::certified(&world, "operator", "admin").await;
    let own = format!("https://{}", world.address);
    let watch = "/gerbang.v1.ChangeService/WatchChanges";
    let site = |site| [JSON, ("sec-fetch-site", site)];
    let (none, get): (&[_], _) = (&[], Method::GET);
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let cases: Vec<Case<'_>> = vec![
        (
            get.clone(),
            WHO_AM_I,
            none.to_vec(),
            StatusCode::METHOD_NOT_ALLOWED,
            "HTTP_METHOD_REFUSED",
            Some(("allow", "POST")),
        ),
        (
            Method::PUT,
            WHO_AM_I,
            vec![JSON],
            StatusCode::METHOD_NOT_ALLOWED,
            "HTTP_METHOD_REFUSED",
            Some(("allow", "POST")),
        ),
        (
            Method::OPTIONS,
            WHO_AM_I,
            none.to_vec(),
            StatusCode::METHOD_NOT_ALLOWED,
            "HTTP_METHOD_REFUSED",
            Some(("allow", "POST")),
        ),
        (
            Method::POST,
            "/gerbang.v1.AgencyService/Anything",
            vec![JSON],
            StatusCode::NOT_FOUND,
            "METHOD_UNKNOWN",
            None,
        ),
        (
            Method::POST,
            "/gerbang.v1.JoinService/Join",
            vec![JSON],
            StatusCode::NOT_FOUND,
            "METHOD_UNKNOWN",
            None,
        ),
        (get.clone(), "/", none.to_vec(), StatusCode::NOT_FOUND, "METHOD_UNKNOWN", None),
        (
            Method::POST,
            WHO_AM_I,
            none.to_vec(),
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "CONTENT_TYPE_REFUSED",
            Some(("accept-post", "application/json, application/proto, application/grpc")),
        ),
        (
            Method::POST,
            WHO_AM_I,
            form.to_vec(),
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "CONTENT_TYPE_REFUSED",
            None,
        ),
        (
            Method::POST,
            WHO_AM_I,
            vec![("content-type", "application/json; charset=utf-16")],
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "CONTENT_TYPE_REFUSED",
            None,
        ),
        (
            Method::POST,
            WHO_AM_I,
            vec![("content-type", "application/grpc-web+proto")],
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "CONTENT_TYPE_REFUSED",
            None,
        ),
        (
            Method::POST,
            watch,
            vec![JSON],
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "GRPC_ONLY",
            Some(("accept-post", "application/grpc")),
        ),
        (
            Method::POST,
            WHO_AM_I,
            site("cross-site").to_vec(),
            StatusCode::FORBIDDEN,
            "OTHER_SITE_REFUSED",
            None,
        ),
        (
            Method::POST,
            WHO_AM_I,
            site("same-site").to_vec(),
            StatusCode::FORBIDDEN,
            "OTHER_SITE_REFUSED",
            None,
        ),
        (Method::POST, WHO_AM_I, site("none").to_vec(), StatusCode::FORBIDDEN, "OTHER_SITE_REFUSED", None),
        (
            Method::POST,
            WHO_AM_I,
            vec![JSON, ("origin", "https://jahat.example")],
            StatusCode::FORBIDDEN,
            "OTHER_SITE_REFUSED",
            None,
        ),
        (
            Method::POST,
            WHO_AM_I,
            vec![JSON, ("origin", "null")],
            StatusCode::FORBIDDEN,
            "OTHER_SITE_REFUSED",
            None,
        ),
        (
            Method::POST,
            WHO_AM_I,
            vec![("content-type", "application/grpc"), ("origin", "https://jahat.example")],
            StatusCode::FORBIDDEN,
            "OTHER_SITE_REFUSED",
            None,
        ),
    ];
    for (method, path, headers, status, reason, header) in cases {
        let answer = send(&channel, method.clone(), path, &headers, Body::new(Full::from("{}"))).await;
        let case = format!("{method} {path} {headers:?}");
        assert_eq!((answer.status, answer.reason().as_str()), (status, reason), "{case}");
        if let Some((name, value)) = header {
            assert_eq!(answer.headers[name], value, "{case}");
        }
        assert!(answer.headers.keys().all(|name| !name.as_str().starts_with("access-control-")), "{case}");
    }
    let counted = metrics::scrape(&world).await;
    for (why, least) in [("method", 3), ("path", 3), ("content_type", 4), ("grpc_only", 1), ("other_site", 6)]
    {
        let series = format!("gerbang_http_refused_total{{why=\"{why}\"}} ");
        let count = counted.lines().find_map(|line| line.strip_prefix(&series)?.parse::<u32>().ok());
        assert!(count.is_some_and(|count| count >= least), "{why}: {count:?}");
    }
    let ours = [JSON, ("sec-fetch-site", "same-origin"), ("origin", &own)];
    assert_eq!(post(&channel, WHO_AM_I, &ours, "{}").await.status, StatusCode::OK);
}

#[tokio::test]
async fn headers_that_are_wrong_are_refusals_of_the_call() {
    let world = World::start().await;
    let channel = wire::certified(&world, "operator", "admin").await;
    for (name, value, status, reason) in [
        ("connect-protocol-version", "2", StatusCode::BAD_REQUEST, "HEADER_INVALID"),
        ("connect-timeout-ms", "soon", StatusCode::BAD_REQUEST, "HEADER_INVALID"),
        ("connect-timeout-ms", "0", StatusCode::BAD_REQUEST, "HEADER_INVALID"),
        ("connect-timeout-ms", "12345678901", StatusCode::BAD_REQUEST, "HEADER_INVALID"),
        ("content-encoding", "br", StatusCode::NOT_IMPLEMENTED, "COMPRESSION_UNSUPPORTED"),
        ("content-encoding", "gzip", StatusCode::BAD_REQUEST, "MESSAGE_UNREADABLE"),
    ] {
        let answer = post(&channel, WHO_AM_I, &[JSON, (name, value)], "{}").await;
        assert_eq!((answer.status, answer.reason().as_str()), (status, reason), "{name}: {value}");
    }
    for value in ["9999999999", "20000"] {
        let answer = post(&channel, WHO_AM_I, &[JSON, ("connect-timeout-ms", value)], "{}").await;
        assert_eq!(answer.status, StatusCode::OK, "{value}");
    }
    // What means something to gRPC alone means nothing here.
    let answer =
        post(&channel, WHO_AM_I, &[JSON, ("grpc-encoding", "gzip"), ("grpc-accept-encoding", "x")], "{}")
            .await;
    assert_eq!(answer.status, StatusCode::OK);
}

/// What is announced to be too large is refused unread; what is not, where it has become so.
#[tokio::test]
async fn a_message_that_is_too_large_is_refused_before_it_is_read() {
    let world = World::start().await;
    let channel = wire::certified(&world, "operator", "admin").await;
    let (sender, receiver) =
        tokio::sync::mpsc::channel::<Result<http_body::Frame<bytes::Bytes>, tonic::Status>>(1);
    let announced = [JSON, ("content-length", "1000000000000")];
    let body = Body::new(StreamBody::new(tokio_stream::wrappers::ReceiverStream::new(receiver)));
    let answer = send(&channel, Method::POST, WHO_AM_I, &announced, body).await;
    assert_eq!(
        (answer.status, answer.reason().as_str()),
        (StatusCode::TOO_MANY_REQUESTS, "MESSAGE_TOO_LARGE")
    );
    assert!(!answer.headers.contains_key("retry-after"), "sending it again does not help");
    drop(sender);
    let blank = " ".repeat(1 << 20);
    let text = futures_util::stream::iter(
        (0..64)
            .map(move |_| Ok::<_, tonic::Status>(http_body::Frame::data(bytes::Bytes::from(blank.clone())))),
    );
    let answer = send(&channel, Method::POST, WHO_AM_I, &[JSON], Body::new(StreamBody::new(text))).await;
    assert_eq!(
        (answer.status, answer.reason().as_str()),
        (StatusCode::TOO_MANY_REQUESTS, "MESSAGE_TOO_LARGE")
    );
}

/// A page is compressed for who takes it, and a bomb takes no more memory than a large message.
#[tokio::test]
async fn messages_are_compressed_both_ways_within_bounds() {
    use std::io::{Read, Write};
    let world = World::start().await;
    let channel = wire::certified(&world, "operator", "admin").await;
    let packed = |content: &[u8]| {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packed.write_all(content).unwrap();
        packed.finish().unwrap()
    };
    let plain = post(&channel, WHO_AM_I, &[JSON], "{}").await;
    let headers = [JSON, ("content-encoding", "gzip"), ("accept-encoding", "br, gzip")];
    let answer = post(&channel, WHO_AM_I, &headers, packed(b"{}")).await;
    assert_eq!(
        (answer.status, &answer.headers["content-encoding"]),
        (StatusCode::OK, &"gzip".parse().unwrap())
    );
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(&answer.text[..]).read_to_end(&mut text).unwrap();
    assert_eq!(text, plain.text);
    assert!(answer.text.len() * 2 < text.len(), "{} of {}", answer.text.len(), text.len());
    let bomb = packed(&vec![b' '; 64 << 20]);
    assert!(bomb.len() < 100_000);
    let answer = post(&channel, WHO_AM_I, &headers, bomb).await;
    assert_eq!(
        (answer.status, answer.reason().as_str()),
        (StatusCode::TOO_MANY_REQUESTS, "MESSAGE_TOO_LARGE")
    );
}
