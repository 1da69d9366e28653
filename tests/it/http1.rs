//! HTTP/1.1 where agencies connect: agreed on by ALPN or by nothing, and led through the same steps as HTTP/2. What a client
//! sends byte by byte is in `raw`. Places, trust, slowness and the end are tested in `server`; `silence` has that there is none where
//! systems join.

mod raw;

use std::{io, net::SocketAddr, sync::Arc};

use gerbang::proto::v1;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
    sign::SingleCertAndKey,
    version::TLS13,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::{tls::identity, world::World};

/// A bare TLS client with an administrator's certificate, which offers these protocols.
pub async fn connect(
    world: &World,
    address: SocketAddr,
    protocols: &[&str],
) -> io::Result<TlsStream<TcpStream>> {
    let issued = world.issue("operator", "admin");
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(&world.config.tls.root).unwrap()).unwrap();
    let chain = CertificateDer::pem_slice_iter(issued.chain_pem.as_bytes()).map(Result::unwrap).collect();
    let resolver = SingleCertAndKey::from(identity(chain, &issued.key_pem));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_protocol_versions(&[&TLS13]).unwrap();
    let mut config = config.with_root_certificates(roots).with_client_cert_resolver(Arc::new(resolver));
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    let tcp = TcpStream::connect(address).await.unwrap();
    TlsConnector::from(Arc::new(config)).connect("localhost".try_into().unwrap(), tcp).await
}

#[tokio::test(flavor = "multi_thread")]
async fn both_protocols_reach_the_same_steps() {
    let world = World::start().await;
    for (offered, agreed) in
        [(&["h2", "http/1.1"][..], Some("h2")), (&["http/1.1"], Some("http/1.1")), (&[], None)]
    {
        let mut stream = connect(&world, world.address, offered).await.unwrap();
        let found = stream.get_ref().1.alpn_protocol().map(<[u8]>::to_vec);
        assert_eq!(found, agreed.map(|protocol| protocol.as_bytes().to_vec()), "{offered:?}");
        if agreed == Some("h2") {
            continue;
        }
        let request = "POST /gerbang.v1.AgencyService/WhoAmI HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
            accept-language: id\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("it ends as TLS would have it");
        let (head, lines) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(head.contains("\r\ncontent-type: application/json\r\n"), "{answer}");
        let told: serde_json::Value = serde_json::from_str(lines).unwrap();
        assert_eq!(told["system"], "agencies/operator/systems/admin");
    }
    let me = world.admin().await.agency().who_am_i(v1::WhoAmIRequest {}).await.unwrap().into_inner();
    assert_eq!(me.system, "agencies/operator/systems/admin");
}
