//! Where there is no gRPC answer: alerts of TLS, and bodies that are no gRPC. What the errors page says of each is what the
//! gateway does.

use gerbang::cli::errors_page;
use http_body_util::BodyExt;
use rustls::{
    pki_types::{CertificateDer, pem::PemObject},
    version::{TLS12, TLS13},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tonic::{Status, body::Body, transport::Channel};
use tower::{Service, ServiceExt};

use crate::{
    forge::{Forge, Profile, SERVER_AUTH},
    http1,
    tls::{alert, identity, refusals, world},
    wire,
    world::{TRUST_DOMAIN, World, details, reason},
};

/// The errors page names each alert that the gateway sends, with its number and the counter that goes up.
#[tokio::test(flavor = "multi_thread")]
async fn the_errors_page_tells_of_each_alert() {
    let world = world().await;
    let page = errors_page();
    let profile = || Profile::client(TRUST_DOMAIN, "operator", "admin");
    let ended = Profile { not_after: "2026-03-02T00:59:59Z".parse().unwrap(), ..profile() };
    let for_servers = Profile { purposes: vec![SERVER_AUTH], ..profile() };
    let [ended, server] = [ended, for_servers].map(|profile| world.forge.client_with(profile));
    let (foreign, good) = (Forge::named("Other").client_with(profile()), world.issue("operator", "admin"));
    let cases = [
        ("CertificateRequired", "`alert certificate required` (116)", "no_certificate", &TLS13, None),
        ("UnknownCA", "`alert unknown ca` (48)", "unknown_ca", &TLS13, Some(&foreign)),
        ("CertificateExpired", "`alert certificate expired` (45)", "expired", &TLS13, Some(&ended)),
        (
            "UnsupportedCertificate",
            "`alert unsupported certificate` (43)",
            "extended_key_usage",
            &TLS13,
            Some(&server),
        ),
        ("ProtocolVersion", "`alert protocol version` (70)", "protocol_version", &TLS12, Some(&good)),
    ];
    for (name, told, counted, version, issued) in cases {
        let issued = issued.map(|issued| {
            let leaf = CertificateDer::from_pem_slice(issued.certificate_pem.as_bytes()).unwrap();
            identity(vec![leaf], &issued.key_pem)
        });
        let found = alert(&world, version, issued).await;
        assert!(found.contains(name), "{told}: {found}");
        let row = page.lines().find(|line| line.starts_with(&format!("| {told} |")));
        assert!(row.is_some_and(|row| row.contains(&format!("`{counted}`"))), "{told}: {row:?}");
        while refusals(&world).await.get(counted).is_none_or(|count| *count == 0) {}
    }
}

/// What a client reads that offers these protocols where systems join, and then speaks HTTP/1.1.
async fn joining_by_http1(world: &World, protocols: &[&str]) -> String {
    let join = world.gateway.as_ref().unwrap().join.unwrap();
    let mut stream = match http1::connect(world, join, protocols).await {
        Ok(stream) => stream,
        Err(error) => return format!("{error:?}"),
    };
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer).await;
    format!("{read:?} {}", String::from_utf8_lossy(&answer))
}

#[tokio::test(flavor = "multi_thread")]
async fn where_systems_join_a_client_without_http2_is_refused_and_counted() {
    let world = world().await;
    let told = joining_by_http1(&world, &["http/1.1"]).await;
    assert!(told.contains("NoApplicationProtocol"), "{told}");
    // Without ALPN there is nothing to refuse in the handshake: what follows is not HTTP/2, and is not answered.
    let told = joining_by_http1(&world, &[]).await;
    assert!(!told.contains("HTTP/1.1"), "{told}");
    while refusals(&world).await.get("not_http2").is_none_or(|count| *count < 2) {}
}

async fn post(channel: &mut Channel, kind: &str) -> (http::Response<()>, String) {
    let request = http::Request::post("https://localhost/gerbang.v1.AgencyService/WhoAmI")
        .header("content-type", kind)
        .header("accept-language", "id")
        .body(Body::new(http_body_util::Full::from("{}")))
        .unwrap();
    let (head, body) = channel.ready().await.unwrap().call(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (http::Response::from_parts(head, ()), String::from_utf8(body.to_vec()).unwrap())
}

/// Where systems join, JSON is answered with two lines, and counted as a call that was refused.
#[tokio::test(flavor = "multi_thread")]
async fn where_systems_join_json_is_answered_with_415_and_two_lines() {
    let world = world().await;
    let mut channel = wire::joining(&world).await;
    for kind in ["application/json", "application/grpc-web+proto"] {
        let (answer, body) = post(&mut channel, kind).await;
        assert_eq!(answer.status(), 415, "{kind}");
        assert_eq!(answer.headers()["content-type"], "text/plain; charset=utf-8");
        let lines: Vec<_> = body.lines().collect();
        assert!(lines[0].starts_with("This address, where systems join, takes gRPC only"), "{body}");
        assert!(lines[1].starts_with("Alamat ini, tempat sistem mendaftar, hanya menerima gRPC"), "{body}");
        assert_eq!(lines.len(), 2, "{body}");
        let status = Status::from_header_map(answer.headers()).unwrap();
        assert_eq!(reason(&status), "NOT_GRPC");
        assert_eq!(details(&status).localized_message().unwrap().locale, "id");
    }
}
