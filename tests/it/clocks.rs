//! What a machine whose clock is wrong learns of it, and a client that compresses.

use std::{net::SocketAddr, str::FromStr, sync::Arc, time::Instant};

use gerbang::{
    agent::{Profile, clock::gateway_ahead},
    domain::outside::Clock,
    proto::v1,
    server::outside::SystemClock,
};
use jiff::{SignedDuration, Timestamp, fmt::rfc2822};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tonic::{Code, client::Grpc, metadata::MetadataValue};
use tonic_prost::ProstCodec;

use crate::{
    cast::Cast,
    cli::{gerbang, write_profile},
    forge, wire,
    world::{World, reason},
};

/// A machine that is so far behind.
struct Behind(SignedDuration);

impl Clock for Behind {
    fn now(&self) -> Timestamp {
        SystemClock.now() - self.0
    }
}

#[tokio::test]
async fn a_gateways_clock_is_seen_from_a_machine_whose_own_is_wrong() {
    let cast = Cast::ready().await;
    cast.world.issue("blk-kepri", "jadwal");
    let profile = cast.world.profile("blk-kepri", "jadwal");
    for behind in [SignedDuration::from_mins(90), SignedDuration::from_hours(-61 * 24), SignedDuration::ZERO]
    {
        let began = Instant::now();
        let ahead = gateway_ahead(&profile, &Behind(behind)).await.expect("the gateway answers");
        // An answer's time is in whole seconds.
        let slack = SignedDuration::try_from(began.elapsed()).unwrap() + SignedDuration::from_secs(1);
        assert!((ahead - behind).abs() <= slack, "{ahead} for {behind}");
    }
    // A system that the registry does not know is refused, and learns the time all the same.
    cast.world.issue("blk-kepri", "asing");
    let unknown = cast.world.profile("blk-kepri", "asing");
    assert!(gateway_ahead(&unknown, &SystemClock).await.is_some());
}

/// A gateway whose clock is `ahead` of this machine's and whose certificate is as new as this: it answers every call with
/// its time.
async fn gateway_ahead_by(world: &World, ahead: SignedDuration) -> SocketAddr {
    let now = SystemClock.now() + ahead;
    let new = forge::Profile {
        not_before: now - SignedDuration::from_mins(30),
        ..forge::Profile::server(&["localhost"])
    };
    let issued = world.forge.server_with(new);
    let chain =
        CertificateDer::pem_slice_iter(issued.chain_pem.as_bytes()).collect::<Result<_, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_slice(issued.key_pem.as_bytes()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder =
        rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = builder.with_no_client_auth().with_single_cert(chain, key).unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let (acceptor, listener) =
        (TlsAcceptor::from(Arc::new(config)), TcpListener::bind("127.0.0.1:0").await.unwrap());
    let address = listener.local_addr().unwrap();
    let date = rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&now).unwrap();
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            let (acceptor, date) = (acceptor.clone(), date.clone());
            tokio::spawn(async move {
                // Who does not trust the certificate goes away here.
                let Ok(stream) = acceptor.accept(tcp).await else { return };
                let Ok(mut connection) = h2::server::handshake(stream).await else { return };
                while let Some(Ok((_, mut answer))) = connection.accept().await {
                    let head = http::Response::builder().header("content-type", "application/grpc");
                    let head = head.header("grpc-status", "14").header("date", &date).body(()).unwrap();
                    answer.send_response(head, true).unwrap();
                }
            });
        }
    });
    address
}

/// The built binary on a machine that is 90 minutes behind: a gateway that is so far ahead looks the same.
#[tokio::test]
async fn the_command_line_blames_the_clock_and_not_the_gateway() {
    let world = World::start().await;
    for (minutes, said) in
        [(90, "90 min behind the gateway's"), (61 * 24 * 60, "61 days behind the gateway's")]
    {
        let address = gateway_ahead_by(&world, SignedDuration::from_mins(minutes)).await;
        let profile = Profile { address: format!("https://{address}"), ..world.profile("operator", "admin") };
        write_profile(&world, "ahead", &profile);
        let ran = gerbang(&world, "C", &["--profile", "ahead", "whoami"]).await;
        let error = String::from_utf8(ran.stderr).unwrap();
        assert!(!ran.status.success() && error.contains(said), "{error}");
        assert!(!error.contains("Is it running?"), "{error}");
    }
}

/// Some libraries compress by default; what the gateway does not read is refused like everything else.
#[tokio::test]
async fn a_compressed_message_is_refused_with_a_reason() {
    let cast = Cast::ready().await;
    let channel = wire::certified(&cast.world, "blk-kepri", "jadwal").await;
    for encoding in ["gzip", "zstd", "deflate", "br"] {
        let mut grpc = Grpc::new(channel.clone());
        grpc.ready().await.unwrap();
        let mut request = tonic::Request::new(v1::WhoAmIRequest {});
        request.metadata_mut().insert("grpc-encoding", MetadataValue::from_str(encoding).unwrap());
        let path = "/gerbang.v1.AgencyService/WhoAmI".parse().unwrap();
        let codec = ProstCodec::<_, v1::WhoAmIResponse>::default();
        let refused = grpc.unary(request, path, codec).await.unwrap_err();
        assert_eq!(
            (refused.code(), reason(&refused).as_str()),
            (Code::Unimplemented, "COMPRESSION_UNSUPPORTED"),
            "{encoding}"
        );
    }
}
