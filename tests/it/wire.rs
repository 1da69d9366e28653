//! Bare channels, for what the agency's own client would not send.

use tonic::transport::{Certificate, Channel, ClientTlsConfig, Error, Identity};

use crate::world::World;

/// A channel with a system's certificate, registered or not.
pub async fn certified(world: &World, agency: &str, system: &str) -> Channel {
    let issued = world.issue(agency, system);
    let identity = Identity::from_pem(issued.chain_pem, issued.key_pem);
    connect(world, tls(world).identity(identity)).await.unwrap()
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

fn tls(world: &World) -> ClientTlsConfig {
    let authority = Certificate::from_pem(world.forge.root_pem());
    ClientTlsConfig::new().ca_certificate(authority).domain_name("localhost")
}

async fn connect(world: &World, tls: ClientTlsConfig) -> Result<Channel, Error> {
    let endpoint = Channel::from_shared(format!("https://{}", world.address)).unwrap();
    endpoint.tls_config(tls)?.connect().await
}
