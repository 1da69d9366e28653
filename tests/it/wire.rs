//! Bare channels, for what the agency's own client would not send.

use prost_reflect::MethodDescriptor;
use tonic::{
    Request, Status,
    client::Grpc,
    transport::{Certificate, Channel, ClientTlsConfig, Error, Identity},
};
use tonic_prost::ProstCodec;

use crate::{bridge, world::World};

/// A channel with a system's certificate, registered or not. In a test by JSON, through the bridge.
pub async fn certified(world: &World, agency: &str, system: &str) -> Channel {
    let issued = world.issue(agency, system);
    let identity = Identity::from_pem(issued.chain_pem, issued.key_pem);
    let channel = connect(world, tls(world).identity(identity)).await.unwrap();
    if bridge::is_by_json() { bridge::before(channel).await } else { channel }
}

/// A channel without a certificate, if there is one at all.
pub async fn uncertified(world: &World) -> Result<Channel, Error> {
    connect(world, tls(world)).await
}

/// A channel to where systems join.
pub async fn joining(world: &World) -> Channel {
    let address = world.gateway.as_ref().unwrap().join.unwrap();
    let endpoint = Channel::from_shared(format!("https://{address}")).unwrap();
    endpoint.tls_config(tls(world)).unwrap().connect().await.unwrap()
}

/// Calls a method with any message, and lets go of what it answers.
pub async fn call<M>(channel: &Channel, method: &MethodDescriptor, message: M) -> Result<(), Status>
where
    M: prost::Message + 'static,
{
    let mut grpc = Grpc::new(channel.clone());
    grpc.ready().await.unwrap();
    let path = format!("/{}/{}", method.parent_service().full_name(), method.name()).parse().unwrap();
    grpc.unary(Request::new(message), path, ProstCodec::<M, ()>::default()).await.map(drop)
}

fn tls(world: &World) -> ClientTlsConfig {
    let authority = Certificate::from_pem(world.forge.root_pem());
    ClientTlsConfig::new().ca_certificate(authority).domain_name("localhost")
}

async fn connect(world: &World, tls: ClientTlsConfig) -> Result<Channel, Error> {
    let endpoint = Channel::from_shared(format!("https://{}", world.address)).unwrap();
    endpoint.tls_config(tls)?.connect().await
}
