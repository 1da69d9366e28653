//! What outlives a call ends with the trust that it stands on, and the gateway's own certificate changes while it
//! runs.

use std::time::Duration;

use futures_util::FutureExt;
use rustls::pki_types::{CertificateDer, pem::PemObject};
use tonic::{Code, Status, Streaming, transport::Channel};
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse, health_client::HealthClient};
use tonic_reflection::pb::v1::{ServerReflectionRequest, server_reflection_client::ServerReflectionClient};

use super::{call, health, pki::Pki, reason, rises};
use crate::{domain::access::Fingerprint, pki::certificate, server::trust::tests::Registry};

/// How often the gateway may look before what was lost has its end.
const LOOKS: usize = 20;

async fn watch(channel: &Channel) -> Streaming<HealthCheckResponse> {
    let mut client = HealthClient::new(channel.clone());
    let mut watch = client.watch(HealthCheckRequest::default()).await.unwrap().into_inner();
    while watch.message().await.unwrap().unwrap().status != 1 {}
    watch
}

/// How the stream ends.
async fn end<T>(registry: &Registry, mut stream: Streaming<T>) -> Status {
    let end = async {
        loop {
            match stream.message().await {
                Ok(Some(_)) => {}
                Ok(None) => return Status::ok(""),
                Err(status) => return status,
            }
        }
    };
    registry.within(LOOKS, end).await
}

async fn reflect(channel: &Channel) -> Result<Streaming<impl Sized>, Status> {
    let requests = tokio_stream::pending::<ServerReflectionRequest>();
    let mut client = ServerReflectionClient::new(channel.clone());
    client.server_reflection_info(requests).await.map(tonic::Response::into_inner)
}

fn fingerprint(pem: &str) -> Fingerprint {
    certificate::read_pem(pem).unwrap().fingerprint
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_end_when_looks_stop_and_health_says_no() {
    let (pki, registry) = (Pki::new("looks"), Registry::default());
    let gateway = pki.gateway(true, &registry).await;
    let channel = pki.connect(&gateway, Some(pki.issue(2027))).await.unwrap();
    let (mut watching, reflecting) = (watch(&channel).await, reflect(&channel).await.unwrap());
    registry.set_away(true);
    let told = registry.within(LOOKS, watching.message()).await;
    assert_eq!(told.unwrap().unwrap().status, 2, "NOT_SERVING");
    // Nothing flows in the stream of reflection, and a machine that sleeps does not count on its own clock.
    registry.sleep(Duration::from_secs(1));
    for status in [end(&registry, watching).await, end(&registry, reflecting).await] {
        assert_eq!((status.code(), reason(&status).as_str()), (Code::Unavailable, "DATABASE_AWAY"));
    }
    assert_eq!(health(channel.clone(), "").await.unwrap(), 2);
    let refused = reflect(&channel).await.err().unwrap();
    assert_eq!(reason(&refused), "DATABASE_AWAY");
    let mut client = HealthClient::new(channel.clone());
    let mut short = client.watch(HealthCheckRequest::default()).await.unwrap().into_inner();
    assert_eq!(short.message().await.unwrap().unwrap().status, 2);
    assert_eq!(reason(&end(&registry, short).await), "DATABASE_AWAY");
    registry.set_away(false);
    drop(watch(&channel).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_ends_open_streams_and_then_the_connection() {
    let (pki, registry) = (Pki::new("revoked"), Registry::default());
    let gateway = pki.gateway(true, &registry).await;
    let (revoked, other) = (pki.issue(2027), pki.issue(2027));
    let channel = pki.connect(&gateway, Some(revoked.clone())).await.unwrap();
    let others = pki.connect(&gateway, Some(other)).await.unwrap();
    let mut stays = watch(&others).await;
    let (watching, reflecting) = (watch(&channel).await, reflect(&channel).await.unwrap());
    // A bare connection, to see its end.
    let mut bare = pki.tls(&gateway, Some(revoked.clone())).await;
    tokio::io::AsyncWriteExt::write_all(&mut bare, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0")
        .await
        .unwrap();
    registry.revoke(fingerprint(&revoked.0));
    for status in [end(&registry, watching).await, end(&registry, reflecting).await] {
        assert_eq!(
            (status.code(), reason(&status).as_str()),
            (Code::Unauthenticated, "CERTIFICATE_NOT_REGISTERED")
        );
    }
    let cut = async {
        let mut taken = Vec::new();
        let _ = tokio::io::AsyncReadExt::read_to_end(&mut bare, &mut taken).await;
    };
    registry.sleep(Duration::from_millis(500));
    registry.within(LOOKS, cut).await;
    // It may connect again, and is told why nothing is to be had.
    let again = pki.connect(&gateway, Some(revoked)).await.unwrap();
    assert_eq!(reason(&health(again.clone(), "").await.unwrap_err()), "CERTIFICATE_NOT_REGISTERED");
    assert_eq!(reason(&reflect(&again).await.err().unwrap()), "CERTIFICATE_NOT_REGISTERED");
    assert_eq!(health(others, "").await.unwrap(), 1);
    let idle = stays.message().now_or_never();
    assert!(idle.is_none(), "nobody else is disturbed: {idle:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn new_connections_see_the_new_certificate() {
    let (pki, registry) = (Pki::new("reload"), Registry::default());
    let gateway = pki.gateway(true, &registry).await;
    let standing = pki.connect(&gateway, Some(pki.issue(2027))).await.unwrap();
    assert_eq!(health(standing.clone(), "").await.unwrap_or(1), 1);
    let seen = async || {
        let stream = pki.tls(&gateway, Some(pki.issue(2027))).await;
        stream.get_ref().1.peer_certificates().unwrap()[0].to_vec()
    };
    let before = seen().await;
    let (chain, key) = pki.gateways_chain();
    let other_key = pki.gateways_chain().1;
    let own = gateway.own();
    own.replace(&chain, &other_key).unwrap_err();
    own.replace("", &key).unwrap_err();
    assert_eq!(seen().await, before, "what does not fit changes nothing");
    own.replace(&chain, &key).unwrap();
    let leaf = CertificateDer::from_pem_slice(chain.as_bytes()).unwrap();
    assert_eq!(seen().await, leaf.to_vec());
    assert_ne!(before, leaf.to_vec());
    assert_eq!(own.not_after(), certificate::read(&leaf).unwrap().not_after);
    assert!(own.not_before() < own.not_after());
    assert!(health(standing, "").await.is_ok(), "what stands goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn systems_join_without_a_certificate_and_not_too_often() {
    let (pki, registry) = (Pki::new("join"), Registry::default());
    let gateway = pki.gateway(true, &registry).await;
    let join = gateway.join.unwrap();
    let channel = pki.connect_to(join, None).await.unwrap();
    let ask = async || reason(&call(&channel, "/gerbang.v1.AgencyService/WhoAmI", None).await);
    for _ in 0..20 {
        assert_eq!(ask().await, "INTERNAL_ERROR");
    }
    let refused = call(&channel, "/gerbang.v1.AgencyService/WhoAmI", None).await;
    assert_eq!(reason(&refused), "OVERLOADED");
    assert!(tonic_types::StatusExt::get_details_retry_info(&refused).is_some());
    registry.sleep(Duration::from_secs(6));
    assert_eq!(ask().await, "INTERNAL_ERROR");
    assert_eq!(ask().await, "OVERLOADED");
    let mut channels = Vec::new();
    for _ in 1..8 {
        channels.push(pki.connect_to(join, None).await.unwrap());
    }
    let _ = pki.connect_to(join, None).await;
    rises(&gateway, "connections_of_address").await;
    gateway.shutdown(Duration::from_secs(20)).await;
    assert!(pki.connect_to(join, None).await.is_err());
}
