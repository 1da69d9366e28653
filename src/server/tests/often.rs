//! Clients that connect again and again: each connection is work for us before it has said anything.

use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::client::TlsStream;

use super::{
    metric,
    pki::{Issued, Pki, client_of},
};
use crate::{
    config::Config,
    server::{Running, trust::tests::Registry},
};

/// The seconds that a client may wait for its turn.
const PATIENCE: u64 = 1;

/// Room for all that the tests open at once.
fn config(pki: &Pki) -> Config {
    let mut config = pki.config();
    config.limits.handshake_seconds = PATIENCE;
    config.limits.connections_per_certificate = 1000;
    config.limits.handshakes = 4000;
    config
}

async fn refusals(gateway: &Running, reason: &str) -> u64 {
    metric(gateway, &format!(r#"gerbang_tls_refused_total{{reason="{reason}"}}"#)).await
}

/// A socket at another address of this machine.
async fn from(address: &str, gateway: &Running) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::new(address.parse().unwrap(), 0)).unwrap();
    socket.connect(gateway.address).await.unwrap()
}

/// Whether a call on this connection is answered.
async fn asks(stream: TlsStream<TcpStream>) -> bool {
    let shaken = h2::client::Builder::new().handshake::<_, Bytes>(stream).await;
    let Ok((mut requests, connection)) = shaken else { return false };
    let connection = tokio::spawn(connection);
    let uri = "https://localhost/gerbang.v1.AgencyService/ListAgencies";
    let request = http::Request::post(uri).header("content-type", "application/grpc").body(()).unwrap();
    let Ok((answer, _)) = requests.send_request(request, true) else { return false };
    let answered = answer.await.is_ok_and(|answer| !answer.headers().contains_key("grpc-status"));
    connection.abort();
    answered
}

/// The clock stands still: 64 at once, and twenty that wait for their turn in the second that they have.
#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_connects_at_its_pace_and_others_at_theirs() {
    let pki = Pki::new("pace");
    let gateway = pki.gateway_by(&config(&pki), false, &Registry::default()).await;
    let (hostile, honest): (Issued, Issued) =
        (pki.issue(2027), pki.clients.issue(&client_of("dinas-ikan", 2027)));
    let mut held = Vec::new();
    for _ in 0..100 {
        held.push(pki.tls(&gateway, Some(hostile.clone())).await);
    }
    while refusals(&gateway, "pace_of_certificate").await < 16 {}
    assert!(asks(pki.tls(&gateway, Some(honest)).await).await);
    assert_eq!(refusals(&gateway, "pace_of_certificate").await, 16);
    assert_eq!(refusals(&gateway, "pace_of_address").await, 0);
}

/// Without a certificate, or before it is known: 256 at once, and a hundred that wait.
#[tokio::test(flavor = "multi_thread")]
async fn an_address_connects_at_its_pace_and_others_at_theirs() {
    let pki = Pki::new("address");
    let registry = Registry::default();
    let gateway = pki.gateway_by(&config(&pki), false, &registry).await;
    for _ in 0..400 {
        drop(from("127.0.0.1", &gateway).await);
    }
    while refusals(&gateway, "pace_of_address").await < 44 {}
    let other = pki.clients.issue(&client_of("dinas-ikan", 2027));
    assert!(asks(pki.tls_over(from("127.0.0.2", &gateway).await, Some(other.clone())).await.unwrap()).await);
    assert_eq!(refusals(&gateway, "pace_of_address").await, 44);
    // An agency behind the same address gets in as soon as there is a turn.
    assert!(pki.tls_over(from("127.0.0.1", &gateway).await, Some(other.clone())).await.is_err());
    registry.sleep(Duration::from_millis(50));
    assert!(asks(pki.tls_over(from("127.0.0.1", &gateway).await, Some(other)).await.unwrap()).await);
}
