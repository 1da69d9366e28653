//! Certificates through the wire: how a system gets its first one, and the next, and loses it; what the signer makes of
//! what stands in the database. The signer runs in the test, a turn when the test says so.

mod csr;
mod flood;
mod forged;
mod renew;
mod revoke;
mod role;
mod signer;
mod token;
mod validity;

use gerbang::{
    agent::Client,
    domain::certificate::OrderId,
    pki::{secret::SecretKey, statement::Purpose},
    proto::v1::{self, join_service_client::JoinServiceClient},
    signer::Signer,
};
use tonic::Status;

use crate::{
    cast::orders,
    wire,
    world::{World, request_id},
};

pub const BLK: &str = "agencies/blk-kepri/systems/jadwal";
const SDP: &str = "agencies/lapas-tpi/systems/sdp";

/// A partner's system with a certificate.
pub async fn partner(world: &World) -> Client {
    world.join("blk-kepri", v1::AgencyKind::VocationalTrainingCentre, "jadwal", v1::Role::Partner).await
}

/// Joins, with the signer at work until there is an answer.
async fn join(
    world: &World,
    signer: &mut Signer,
    secret: &str,
    key: &SecretKey,
) -> Result<v1::JoinResponse, Status> {
    let mut client = JoinServiceClient::new(wire::joining(world).await);
    let request = v1::JoinRequest { secret: secret.to_owned(), csr_pem: orders::csr(key) };
    let answer = tokio::spawn(async move { client.join(request).await });
    while !answer.is_finished() {
        signer.turn().await.unwrap();
    }
    answer.await.unwrap().map(tonic::Response::into_inner)
}

/// One order and its chain, as this client sees them.
async fn order(client: &Client, name: &str) -> (v1::CertificateOrder, String) {
    let request = v1::GetCertificateOrderRequest { name: name.to_owned() };
    let found = client.certificate().get_certificate_order(request).await.unwrap().into_inner();
    (found.order.unwrap(), found.chain_pem)
}

/// Asks for a certificate for a system; the order's name.
pub async fn request(client: &Client, system: &str, key: &SecretKey) -> Result<String, Status> {
    let request = v1::RequestCertificateRequest {
        request_id: request_id(),
        system: system.to_owned(),
        csr_pem: orders::csr(key),
        ..Default::default()
    };
    let made = client.certificate().request_certificate(request).await?.into_inner();
    Ok(made.change.unwrap().name)
}

/// An approval of an order by an administrator, right in everything.
pub async fn approval(world: &World, administrator: &str, name: &str) -> v1::ApproveCertificateOrderRequest {
    let (order, _) = order(&world.admin().await, name).await;
    let role = order.role().as_str_name().trim_start_matches("ROLE_").to_owned();
    let subject = hex::decode(&order.key_sha256).unwrap().try_into().unwrap();
    let statement = orders::statement(world, Purpose::Approve, &order.system, &role, subject);
    v1::ApproveCertificateOrderRequest {
        request_id: request_id(),
        name: order.name,
        etag: order.etag,
        statement: world.signed_by(administrator, &statement),
        ..Default::default()
    }
}

/// An order of blk-kepri that only waits for the signer.
pub async fn approved(world: &World, client: &Client, key: &SecretKey) -> String {
    let name = request(client, BLK, key).await.unwrap();
    let approve = approval(world, "admin", &name).await;
    world.admin().await.certificate().approve_certificate_order(approve).await.unwrap();
    name
}

pub fn id(name: &str) -> OrderId {
    OrderId::parse(name).unwrap()
}

async fn who_am_i(client: &Client) -> Result<v1::WhoAmIResponse, Status> {
    client.agency().who_am_i(v1::WhoAmIRequest {}).await.map(tonic::Response::into_inner)
}
