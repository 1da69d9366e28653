//! HTTP/1.1 beside HTTP/2: one count of places, one trust, one end; and clients that are slow or idle.

use std::{io::ErrorKind, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::client::TlsStream;

use super::{
    health, metric,
    pki::{Issued, Pki, client_of},
    rises,
};
use crate::{
    pki::certificate,
    server::{Running, http1::Patience, trust::tests::Registry},
};

/// How often the gateway may look before what was lost has its end.
const LOOKS: usize = 20;
const LONG: Duration = Duration::from_secs(3600);
const SHORT: Duration = Duration::from_millis(50);

/// For a method that nobody serves here.
const REQUEST: &str = "POST /gerbang.v1.AgencyService/UpdateAgency HTTP/1.1\r\nhost: localhost\r\n\
    content-type: application/json\r\ncontent-length: 2\r\n\r\n{}";

async fn connect(pki: &Pki, gateway: &Running, identity: Issued, protocols: &[&str]) -> TlsStream<TcpStream> {
    let tcp = TcpStream::connect(gateway.address).await.unwrap();
    pki.tls_offering(tcp, Some(identity), protocols).await.unwrap()
}

/// The head of the next answer; its body is read too.
async fn answer(stream: &mut TlsStream<TcpStream>) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).await.unwrap();
    head
}

/// Asks, and reads the answer.
async fn ask(stream: &mut TlsStream<TcpStream>) -> String {
    stream.write_all(REQUEST.as_bytes()).await.unwrap();
    answer(stream).await
}

/// Reads to the end, which TLS has announced.
async fn ends_cleanly(stream: &mut TlsStream<TcpStream>) {
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.expect("close_notify");
    assert!(rest.is_empty(), "{}", String::from_utf8_lossy(&rest));
}

async fn http_refused(gateway: &Running, why: &str) -> u64 {
    metric(gateway, &format!(r#"gerbang_http_refused_total{{why="{why}"}}"#)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_nothing_or_not_enough_keeps_no_place() {
    let pki = Pki::new("silent1");
    let mut config = pki.config();
    config.limits.handshake_seconds = 3;
    let gateway = pki.gateway_by(&config, false, &Registry::default()).await;
    // Nothing, and what may yet be either protocol.
    let cases = [(&["http/1.1"][..], ""), (&[], ""), (&[], "P"), (&["http/1.1"], "PRI * HT")];
    let mut streams = Vec::new();
    for (protocols, sent) in cases {
        let mut stream = connect(&pki, &gateway, pki.issue(2027), protocols).await;
        stream.write_all(sent.as_bytes()).await.unwrap();
        streams.push(stream);
    }
    for (mut stream, case) in streams.into_iter().zip(cases) {
        assert!(stream.read_u8().await.is_err(), "{case:?}");
    }
    while metric(&gateway, r#"gerbang_tls_refused_total{reason="silent"}"#).await < cases.len() as u64 {}
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_speaks_the_other_protocol_is_refused() {
    let pki = Pki::new("other1");
    let gateway = pki.gateway(false, &Registry::default()).await;
    let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    for (protocols, sent, reason) in [
        (&["h2"][..], REQUEST, "not_http2"),
        (&["h2", "http/1.1"], REQUEST, "not_http2"),
        (&["http/1.1"], preface, "not_http1"),
        (&[], preface, "not_http1"),
    ] {
        let line = format!(r#"gerbang_tls_refused_total{{reason="{reason}"}}"#);
        let before = metric(&gateway, &line).await;
        let mut stream = connect(&pki, &gateway, pki.issue(2027), protocols).await;
        stream.write_all(sent.as_bytes()).await.unwrap();
        assert!(stream.read_u8().await.is_err(), "{protocols:?} {sent}");
        while metric(&gateway, &line).await == before {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_withholds_a_header_is_cut_off_and_counted() {
    let pki = Pki::new("slow1");
    let patience = Patience { header: SHORT, idle: LONG };
    let gateway = pki.gateway_with(&pki.config(), false, &Registry::default(), patience).await;
    let mut first = connect(&pki, &gateway, pki.issue(2027), &["http/1.1"]).await;
    for byte in b"POST / HT" {
        // It may have been cut off already.
        if first.write_all(&[*byte]).await.is_err() || first.flush().await.is_err() {
            break;
        }
    }
    let _ = first.read_u8().await.unwrap_err();
    while http_refused(&gateway, "header_slow").await < 1 {}
    // The second header on a connection has no more time than the first.
    let mut second = connect(&pki, &gateway, pki.issue(2027), &["http/1.1"]).await;
    assert!(ask(&mut second).await.starts_with("HTTP/1.1 501 "));
    second.write_all(b"POST / HTTP/1.1\r\nho").await.unwrap();
    let _ = second.read_u8().await.unwrap_err();
    while http_refused(&gateway, "header_slow").await < 2 {}
}

/// A pool of connections sees an end, and sends on another connection; a fault it would report.
#[tokio::test(flavor = "multi_thread")]
async fn an_idle_connection_is_closed_as_tls_would_have_it() {
    let pki = Pki::new("idle1");
    let patience = Patience { header: LONG, idle: SHORT };
    let gateway = pki.gateway_with(&pki.config(), false, &Registry::default(), patience).await;
    let mut stream = connect(&pki, &gateway, pki.issue(2027), &["http/1.1"]).await;
    assert!(ask(&mut stream).await.starts_with("HTTP/1.1 501 "));
    ends_cleanly(&mut stream).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn places_of_a_certificate_count_both_protocols() {
    let pki = Pki::new("places1");
    let gateway = pki.gateway(false, &Registry::default()).await;
    let identity = pki.issue(2027);
    let channel = pki.connect(&gateway, Some(identity.clone())).await.unwrap();
    assert!(health(channel.clone(), "").await.is_ok());
    let mut one = connect(&pki, &gateway, identity.clone(), &["http/1.1"]).await;
    assert!(ask(&mut one).await.starts_with("HTTP/1.1 501 "));
    for (count, protocols) in [&["http/1.1"][..], &["h2"]].into_iter().enumerate() {
        let mut more = connect(&pki, &gateway, identity.clone(), protocols).await;
        assert!(more.read_u8().await.is_err());
        let line = r#"gerbang_tls_refused_total{reason="connections_of_certificate"}"#;
        while metric(&gateway, line).await < count as u64 + 1 {}
    }
    // A place is given back.
    drop(one);
    let mut again = connect(&pki, &gateway, identity.clone(), &["http/1.1"]).await;
    while again.write_all(REQUEST.as_bytes()).await.is_err() || again.read_u8().await.is_err() {
        again = connect(&pki, &gateway, identity.clone(), &["http/1.1"]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn places_in_all_count_both_protocols() {
    let pki = Pki::new("all1");
    let mut config = pki.config();
    config.limits.connections = 2;
    let gateway = pki.gateway_by(&config, false, &Registry::default()).await;
    let channel = pki.connect(&gateway, Some(pki.issue(2027))).await.unwrap();
    assert!(health(channel.clone(), "").await.is_ok());
    let other = pki.clients.issue(&client_of("dinas-ikan", 2027));
    let mut one = connect(&pki, &gateway, other.clone(), &[]).await;
    assert!(ask(&mut one).await.starts_with("HTTP/1.1 501 "));
    let tcp = TcpStream::connect(gateway.address).await.unwrap();
    assert!(pki.tls_offering(tcp, Some(other), &["http/1.1"]).await.is_err());
    rises(&gateway, "connections").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_cuts_the_connection() {
    let (pki, registry) = (Pki::new("revoked1"), Registry::default());
    let gateway = pki.gateway(true, &registry).await;
    let revoked = pki.issue(2027);
    // Over HTTP/2 the certificate is seen to be good.
    let channel = pki.connect(&gateway, Some(revoked.clone())).await.unwrap();
    let mut stream = connect(&pki, &gateway, revoked.clone(), &["http/1.1"]).await;
    assert!(ask(&mut stream).await.starts_with("HTTP/1.1 501 "));
    assert_eq!(health(channel, "").await.unwrap(), 1);
    registry.revoke(certificate::read_pem(&revoked.0).unwrap().fingerprint);
    let cut = async { while stream.read_u8().await.is_ok() {} };
    let looks = async {
        // Without a stream the gateway looks once a second, by this clock.
        loop {
            registry.sleep(Duration::from_secs(1));
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = registry.within(LOOKS, cut) => {}
        never = looks => never,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_end_idle_connections_close_and_a_request_under_way_is_answered() {
    let pki = Pki::new("end1");
    let gateway = pki.gateway(false, &Registry::default()).await;
    let address = gateway.address;
    let mut idle = connect(&pki, &gateway, pki.issue(2027), &["http/1.1"]).await;
    assert!(!ask(&mut idle).await.contains("connection: close"));
    let mut busy = connect(&pki, &gateway, pki.issue(2027), &["http/1.1"]).await;
    let (head, body) = REQUEST.split_once("\r\n\r\n").unwrap();
    busy.write_all(format!("{head}\r\nexpect: 100-continue\r\n\r\n").as_bytes()).await.unwrap();
    // Somebody inside waits for the body.
    assert!(answer(&mut busy).await.starts_with("HTTP/1.1 100 "));
    let stopping = tokio::spawn(gateway.shutdown(LONG));
    ends_cleanly(&mut idle).await;
    drop(idle);
    busy.write_all(body.as_bytes()).await.unwrap();
    let answer = answer(&mut busy).await;
    assert!(answer.starts_with("HTTP/1.1 501 ") && answer.contains("connection: close"), "{answer}");
    ends_cleanly(&mut busy).await;
    drop(busy);
    stopping.await.unwrap();
    assert_eq!(TcpStream::connect(address).await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
}
