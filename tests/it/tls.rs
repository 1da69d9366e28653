//! What TLS refuses, once each: by the alert that the client reads and by the counter on the metrics port. tonic's
//! client hides alerts, so a bare rustls client asks.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::Arc,
    time::Duration,
};

use gerbang::{
    config::Metrics,
    pki::issue::{Authority, Issued, Profile},
};
use rustls::{
    ClientConfig, RootCertStore, SupportedProtocolVersion,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    version::{TLS12, TLS13},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsConnector;

use crate::world::{NOW, TRUST_DOMAIN, World, long_lived};

async fn world() -> World {
    let mut world = World::start().await;
    world.stop().await;
    world.config.metrics = Some(Metrics { listen: "127.0.0.1:0".parse().unwrap() });
    world.start_gateway().await;
    world
}

/// What a bare TLS client is told, in the handshake or when it first reads.
async fn alert(
    world: &World,
    version: &'static SupportedProtocolVersion,
    identity: Option<&Issued>,
) -> String {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(world.authority.certificate_pem().as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_protocol_versions(&[version]).unwrap();
    let builder = builder.with_root_certificates(roots);
    let mut config = match identity {
        None => builder.with_no_client_auth(),
        Some(issued) => {
            let chain = vec![CertificateDer::from_pem_slice(issued.certificate_pem.as_bytes()).unwrap()];
            let key = PrivateKeyDer::from_pem_slice(issued.key_pem.as_bytes()).unwrap();
            builder.with_client_auth_cert(chain, key).unwrap()
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    let tcp = tokio::net::TcpStream::connect(world.address).await.unwrap();
    let connected = TlsConnector::from(Arc::new(config)).connect("localhost".try_into().unwrap(), tcp).await;
    let mut stream = match connected {
        Ok(stream) => stream,
        Err(error) => return format!("{error:?}"),
    };
    // With TLS 1.3 the client is done before the gateway has judged its certificate.
    stream.write_all(&[0; 64]).await.unwrap();
    format!("{:?}", stream.read_u8().await)
}

/// The counter of connections refused for `reason`; 0 while it has no line.
async fn refusals(metrics: SocketAddr, reason: &'static str) -> u64 {
    let scrape = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(metrics).unwrap();
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    });
    let line = format!(r#"gerbang_tls_refused_total{{reason="{reason}"}}"#);
    let text = scrape.await.unwrap();
    text.lines().find_map(|found| found.strip_prefix(&line)).map_or(0, |value| value.trim().parse().unwrap())
}

/// Waits for the counter, which may lag behind what the client sees, to have risen by one.
async fn rises(world: &World, reason: &'static str, before: u64) {
    let metrics = world.gateway.as_ref().unwrap().metrics.unwrap();
    let counted = async { while refusals(metrics, reason).await != before + 1 {} };
    tokio::time::timeout(Duration::from_secs(10), counted).await.expect(reason);
}

async fn count(world: &World, reason: &'static str) -> u64 {
    refusals(world.gateway.as_ref().unwrap().metrics.unwrap(), reason).await
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_refuses_each_bad_client_by_its_alert_and_counts_it() {
    let world = world().await;
    let profile = Profile::client(TRUST_DOMAIN, "operator", "admin", NOW.parse().unwrap(), 1);
    let other = Authority::new("Other", "2020-01-01T00:00:00Z".parse().unwrap(), 20 * 365).unwrap();
    let foreign = other.issue(&long_lived(profile.clone())).unwrap();
    let good = world.issue("operator", "admin");
    let ended = Profile {
        not_before: "2021-01-01T00:00:00Z".parse().unwrap(),
        not_after: "2026-03-02T00:59:59Z".parse().unwrap(),
        ..profile
    };
    let ended = world.authority.issue(&ended).unwrap();
    let cases = [
        ("no_certificate", &TLS13, None, "CertificateRequired"),
        ("unknown_ca", &TLS13, Some(&foreign), "UnknownCA"),
        ("expired", &TLS13, Some(&ended), "CertificateExpired"),
        ("protocol_version", &TLS12, Some(&good), "ProtocolVersion"),
    ];
    for (reason, version, identity, expected) in cases {
        let before = count(&world, reason).await;
        let told = alert(&world, version, identity).await;
        assert!(told.contains(expected), "{reason}: {told}");
        rises(&world, reason, before).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_text_is_answered_with_an_alert_and_counted() {
    let world = world().await;
    let before = count(&world, "not_tls").await;
    let mut stream = tokio::net::TcpStream::connect(world.address).await.unwrap();
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert_eq!(answer.first(), Some(&21), "the record type of an alert: {answer:?}");
    rises(&world, "not_tls", before).await;
}
