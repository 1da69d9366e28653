//! A gateway without use cases, on a free port, with certificates made for the test.

mod early;
mod http1;
mod often;
mod pki;
mod quiet;
mod trust;
mod untaken;
mod verifier;

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tonic::{Code, Status, service::Routes, transport::Channel};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use tonic_types::StatusExt;

use self::pki::{Issued, Pki};
use super::{Running, trust::tests::Registry};

/// The bytes of the large answer: more than HTTP/2 gives a client that does not ask for more.
const LARGE: usize = 2 * 1024 * 1024;

/// What a bare TLS client is told when it reads.
async fn alert(pki: &Pki, gateway: &Running, identity: Option<Issued>) -> String {
    let mut stream = pki.tls(gateway, identity).await;
    // Like a client of gRPC, which does not wait for the gateway's verdict.
    stream.write_all(&[0; 64]).await.unwrap();
    format!("{:?}", stream.read_u8().await)
}

async fn health(channel: Channel, service: &str) -> Result<i32, Status> {
    let request = HealthCheckRequest { service: service.to_owned() };
    HealthClient::new(channel).check(request).await.map(|answer| answer.into_inner().status)
}

/// One method that panics, one that never answers and one that answers with [`LARGE`] bytes, in place of use cases.
fn routes() -> Routes {
    let panics = || async {
        if true {
            panic!("secret")
        }
    };
    let hangs = || std::future::pending::<()>();
    let large = || async {
        let body = http_body_util::Full::new(bytes::Bytes::from(vec![0; LARGE]));
        http::Response::builder().header("content-type", "application/grpc").body(body).unwrap()
    };
    let mut routes = Routes::default();
    let router = routes.axum_router_mut();
    *router = std::mem::take(router)
        .route("/gerbang.v1.AgencyService/WhoAmI", axum::routing::any(panics))
        .route("/gerbang.v1.AgencyService/GetAgency", axum::routing::any(hangs))
        .route("/gerbang.v1.AgencyService/ListAgencies", axum::routing::any(large));
    routes
}

async fn call(channel: &Channel, path: &'static str, timeout: Option<Duration>) -> Status {
    let mut client = tonic::client::Grpc::new(channel.clone());
    client.ready().await.unwrap();
    let mut request = tonic::Request::new(());
    if let Some(timeout) = timeout {
        request.set_timeout(timeout);
    }
    let codec = tonic_prost::ProstCodec::<(), ()>::default();
    client.unary(request, http::uri::PathAndQuery::from_static(path), codec).await.unwrap_err()
}

fn reason(status: &Status) -> String {
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}

/// The value of a metric's line.
async fn metric(gateway: &Running, line: &str) -> u64 {
    let address = gateway.metrics.unwrap();
    let text = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    });
    let text = text.await.unwrap();
    let value = text.lines().find_map(|found| found.strip_prefix(line)).map(str::trim);
    value.unwrap_or_else(|| panic!("{line} is not in {text}")).parse().unwrap()
}

/// Waits for the counter of refused connections: the client may see the end before it is counted.
async fn rises(gateway: &Running, reason: &str) {
    let line = format!(r#"gerbang_tls_refused_total{{reason="{reason}"}}"#);
    while metric(gateway, &line).await == 0 {}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_serves_refuses_and_stops() {
    let pki = Pki::new("serves");
    let gateway = pki.gateway(true, &Registry::default()).await;
    let channel = pki.connect(&gateway, Some(pki.issue(2027))).await.unwrap();
    let mut watch = HealthClient::new(channel.clone());
    let mut watch = watch.watch(HealthCheckRequest::default()).await.unwrap().into_inner();
    while watch.message().await.unwrap().unwrap().status != 1 {}
    assert_eq!(health(channel.clone(), "gerbang.v1.AgencyService").await.unwrap(), 1);
    assert_eq!(health(channel.clone(), "nothing").await.unwrap_err().code(), Code::NotFound);
    let large = health(channel.clone(), &"x".repeat(20_000)).await.unwrap_err();
    assert_eq!(reason(&large), "MESSAGE_TOO_LARGE");
    let unknown = call(&channel, "/gerbang.v1.AgencyService/Nothing", None).await;
    assert_eq!(reason(&unknown), "METHOD_UNKNOWN");
    let panicked = call(&channel, "/gerbang.v1.AgencyService/WhoAmI", None).await;
    assert_eq!(reason(&panicked), "INTERNAL_ERROR");
    let late = call(&channel, "/gerbang.v1.AgencyService/GetAgency", Some(Duration::from_millis(100))).await;
    // The client strikes in the same moment, and then gives its own status.
    assert!(["DEADLINE_PASSED", ""].contains(&reason(&late).as_str()), "{late:?}");
    let calls = r#"gerbang_calls_total{method="grpc.health.v1.Health/Check",code="OK"}"#;
    assert!(metric(&gateway, calls).await >= 1, "the tests of one process share the numbers");
    assert_eq!(metric(&gateway, r#"gerbang_refusals_total{reason="METHOD_UNKNOWN"}"#).await, 1);

    // The watching client does not hold up the end, and nobody gets in after it.
    gateway.shutdown(Duration::from_secs(20)).await;
    while watch.message().await.is_ok_and(|message| message.is_some()) {}
    assert!(health(channel, "").await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_refuses_by_reason() {
    let (pki, other) = (Pki::new("refuses"), Pki::new("other"));
    let gateway = pki.gateway(false, &Registry::default()).await;
    let mut wrong_key = pki.issue(2027);
    wrong_key.1 = pki.issue(2027).1;
    let straight = pki.root.issue(&pki::client(2027));
    let server = pki.gateways_chain();
    let cases = [
        ("no_certificate", "CertificateRequired", None),
        ("expired", "CertificateExpired", Some(pki.issue(2001))),
        ("unknown_ca", "UnknownCA", Some(other.issue(2027))),
        ("not_from_issuing_ca", "UnknownCA", Some(straight)),
        ("not_from_issuing_ca", "UnknownCA", Some(server)),
        ("handshake_signature", "DecryptError", Some(wrong_key)),
    ];
    for (reason, alert_is, identity) in cases {
        let error = alert(&pki, &gateway, identity).await;
        assert!(error.contains(alert_is), "{reason}: {error}");
        rises(&gateway, reason).await;
    }
    let address = gateway.address;
    let plain = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        answer
    });
    assert_eq!(plain.await.unwrap().first(), Some(&21), "an alert");
    rises(&gateway, "not_tls").await;

    // Two connections of one certificate, and no third.
    let identity = pki.issue(2027);
    let mut channels = Vec::new();
    for _ in 0..2 {
        let channel = pki.connect(&gateway, Some(identity.clone())).await.unwrap();
        assert_eq!(health(channel.clone(), "").await.unwrap(), 2, "NOT_SERVING");
        channels.push(channel);
    }
    if let Ok(channel) = pki.connect(&gateway, Some(identity)).await {
        assert!(health(channel, "").await.is_err());
    }
    rises(&gateway, "connections_of_certificate").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_outlasts_the_grace_is_cut() {
    let pki = Pki::new("cut");
    let gateway = pki.gateway(false, &Registry::default()).await;
    let channel = pki.connect(&gateway, Some(pki.issue(2027))).await.unwrap();
    let hanging =
        tokio::spawn(async move { call(&channel, "/gerbang.v1.AgencyService/GetAgency", None).await });
    // The answer to a second caller shows that the gateway runs; the first may come to be cut at any point.
    let other = pki.connect(&gateway, Some(pki.issue(2027))).await.unwrap();
    assert!(health(other, "").await.is_ok());
    gateway.shutdown(Duration::from_millis(1)).await;
    hanging.await.unwrap();
}
