//! What TLS refuses, once each: by the alert that the client reads and by the counter on the metrics port. tonic's
//! client hides alerts, so a bare rustls client asks.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::TcpStream,
    sync::Arc,
};

use gerbang::config::Metrics;
use rustls::{
    ClientConfig, RootCertStore, SupportedProtocolVersion,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    sign::{CertifiedKey, SingleCertAndKey},
    version::{TLS12, TLS13},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsConnector;

use crate::{
    forge::{Forge, Issued, Name, Profile, SERVER_AUTH},
    world::{TRUST_DOMAIN, World},
};

/// A world whose gateway shows its metrics.
pub(crate) async fn world() -> World {
    let mut world = World::start().await;
    world.stop().await;
    world.config.metrics = Some(Metrics { listen: "127.0.0.1:0".parse().unwrap() });
    world.start_gateway().await;
    world
}

/// What a bare TLS client is told, in the handshake or when it first reads. It offers the certificate, fit or not.
pub(crate) async fn alert(
    world: &World,
    version: &'static SupportedProtocolVersion,
    identity: Option<CertifiedKey>,
) -> String {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(&world.config.tls.root).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_protocol_versions(&[version]).unwrap();
    let builder = builder.with_root_certificates(roots);
    let mut config = match identity {
        None => builder.with_no_client_auth(),
        Some(identity) => builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(identity))),
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

/// A chain and a key for [`alert`], whether they belong together or not.
pub(crate) fn identity(chain: Vec<CertificateDer<'static>>, key_pem: &str) -> CertifiedKey {
    let key = PrivateKeyDer::from_pem_slice(key_pem.as_bytes()).unwrap();
    CertifiedKey::new(chain, rustls::crypto::aws_lc_rs::sign::any_supported_type(&key).unwrap())
}

/// The counters of refused connections, by reason; those at 0 have no line.
pub(crate) async fn refusals(world: &World) -> BTreeMap<String, u64> {
    let metrics = world.gateway.as_ref().unwrap().metrics.unwrap();
    let scrape = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(metrics).unwrap();
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    });
    let text = scrape.await.unwrap();
    let lines = text.lines().filter_map(|line| line.strip_prefix(r#"gerbang_tls_refused_total{reason=""#));
    let counts = lines.filter_map(|line| line.split_once(r#""}"#));
    counts.map(|(reason, count)| (reason.to_owned(), count.trim().parse().unwrap())).collect()
}

/// Waits for the counter, which may lag behind what the client sees, to have risen by one.
async fn rises(world: &World, reason: &'static str, before: u64) {
    while count(world, reason).await != before + 1 {}
}

async fn count(world: &World, reason: &'static str) -> u64 {
    refusals(world).await.get(reason).copied().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_refuses_each_bad_client_by_its_alert_and_counts_it() {
    let world = world().await;
    let profile = || Profile::client(TRUST_DOMAIN, "operator", "admin");
    let foreign = Forge::named("Other").client_with(profile());
    let good = world.issue("operator", "admin");
    let mut named = profile();
    named.names.push(Name::Email("admin@operator.example"));
    let named = world.forge.client_with(named);
    let server = world.forge.client_with(Profile { purposes: vec![SERVER_AUTH], ..profile() });
    let ended = Profile { not_after: "2026-03-02T00:59:59Z".parse().unwrap(), ..profile() };
    let ended = world.forge.client_with(ended);
    let of = |issued: &Issued| {
        identity(
            vec![CertificateDer::from_pem_slice(issued.certificate_pem.as_bytes()).unwrap()],
            &issued.key_pem,
        )
    };
    let cases = [
        ("no_certificate", &TLS13, None, "CertificateRequired"),
        ("unknown_ca", &TLS13, Some(&foreign), "UnknownCA"),
        ("expired", &TLS13, Some(&ended), "CertificateExpired"),
        ("other_names", &TLS13, Some(&named), "BadCertificate"),
        ("extended_key_usage", &TLS13, Some(&server), "UnsupportedCertificate"),
        ("protocol_version", &TLS12, Some(&good), "ProtocolVersion"),
    ];
    for (reason, version, issued, expected) in cases {
        let before = count(&world, reason).await;
        let told = alert(&world, version, issued.map(of)).await;
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
