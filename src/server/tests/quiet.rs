//! Clients that say nothing, or not enough: they keep no place and nobody waiting.

use std::time::{Duration, Instant};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{pki::Pki, rises};
use crate::server::trust::tests::Registry;

#[tokio::test(flavor = "multi_thread")]
async fn one_byte_of_the_preface_is_silence() {
    let pki = Pki::new("preface");
    let mut config = pki.config();
    config.limits.handshake_seconds = 3;
    let gateway = pki.gateway_by(&config, false, &Registry::default()).await;
    let mut stream = pki.tls(&gateway, Some(pki.issue(2027))).await;
    stream.write_all(b"P").await.unwrap();
    rises(&gateway, "silent").await;
    assert!(stream.read_u8().await.is_err(), "its place is free");
}

/// Connections on which nothing comes, not even a handshake, count for their address where systems join.
#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_counted_before_its_handshake() {
    let pki = Pki::new("idle");
    let gateway = pki.gateway(false, &Registry::default()).await;
    let mut idle = Vec::new();
    for _ in 0..12 {
        idle.push(TcpStream::connect(gateway.join.unwrap()).await.unwrap());
    }
    rises(&gateway, "connections_of_address").await;
}

/// A client that speaks HTTP/2 once and then answers no PING does not hold up the end.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_answers_no_ping_does_not_stretch_the_stop() {
    let pki = Pki::new("ping");
    let gateway = pki.gateway(false, &Registry::default()).await;
    let mut stream = pki.tls(&gateway, Some(pki.issue(2027))).await;
    // The preface, and empty settings.
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    stream.read_u8().await.unwrap();
    let told = Instant::now();
    gateway.shutdown(Duration::from_secs(3600)).await;
    // HTTP/2's own look at who is alive takes half a minute.
    assert!(told.elapsed() < Duration::from_secs(15), "{:?}", told.elapsed());
}
