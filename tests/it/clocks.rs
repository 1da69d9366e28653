//! What a machine whose clock is wrong learns of it, and a client that compresses.

use std::{str::FromStr, time::Instant};

use gerbang::{agent::clock::gateway_ahead, domain::outside::Clock, proto::v1, server::outside::SystemClock};
use jiff::{SignedDuration, Timestamp};
use tonic::{Code, client::Grpc, metadata::MetadataValue};
use tonic_prost::ProstCodec;

use crate::{cast::Cast, wire, world::reason};

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
