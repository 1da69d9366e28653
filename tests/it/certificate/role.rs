//! A role is what administrators signed for. Who holds the gateway's role in the database may write the registry: that
//! gives nobody anything.

use gerbang::{
    agent::Client,
    domain::{
        access::Role,
        certificate::{Order, OrderId, OrderKey, Way},
        name::SystemName,
        outside::Clock,
    },
    pki::{certificate::fingerprint, statement::Purpose},
    proto::v1,
};
use jiff::SignedDuration;
use sqlx::AssertSqlSafe;
use tonic::Code;

use super::{BLK, SDP, forged, order, partner, who_am_i};
use crate::{
    cast::orders,
    world::{World, der, reason, request_id},
};

async fn set_role(world: &World, agency: &str, role: &str) {
    world.tampers();
    let set = format!("UPDATE system SET role = '{role}' WHERE agency = '{agency}'");
    let done = sqlx::query(AssertSqlSafe(set)).execute(&mut world.runtime().await).await.unwrap();
    assert_eq!(done.rows_affected(), 1);
}

async fn is_refused(client: &Client, what: &str) {
    let refused = who_am_i(client).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated, "{what}");
    assert_eq!(reason(&refused), "ROLE_NOT_CERTIFIED", "{what}");
}

#[tokio::test]
async fn a_row_of_the_registry_makes_nobody_anything() {
    let world = World::start().await;
    let blk = partner(&world).await;
    for role in ["ADMINISTRATOR", "PRISON", "DOOR", "OVERSIGHT"] {
        set_role(&world, "blk-kepri", role).await;
        is_refused(&blk, role).await;
        let agencies = blk.agency().list_agencies(v1::ListAgenciesRequest::default()).await.unwrap_err();
        assert_eq!(reason(&agencies), "ROLE_NOT_CERTIFIED", "{role}");
    }
    set_role(&world, "blk-kepri", "PARTNER").await;
    who_am_i(&blk).await.unwrap();
}

/// One administrator's signature is enough for a partner, and for nothing else: not for a moment.
#[tokio::test]
async fn one_signature_makes_no_prison_whatever_the_registry_says_for_a_moment() {
    let world = World::start().await;
    let sdp = world.join("lapas-tpi", v1::AgencyKind::Prison, "sdp", v1::Role::Prison).await;
    let (mut signer, key) = (world.signer().await, orders::key());
    set_role(&world, "lapas-tpi", "PARTNER").await;
    let said = orders::statement(&world, Purpose::Approve, SDP, "PARTNER", key.key_id());
    let (id, now) = (OrderId(request_id().parse().unwrap()), world.clock.now());
    let wish = Order {
        system: Some(SystemName::parse(SDP).unwrap()),
        role: Some(Role::Partner),
        key: Some(OrderKey { spki: key.spki(), id: key.key_id() }),
        lifetime_days: 90,
        approvals: vec![forged::right(&world, "admin", &said)],
        ..Order::new(id, Way::Csr, SDP.to_owned(), now, now + SignedDuration::from_hours(24))
    };
    forged::store(&world, &wish).await;
    signer.turn().await.unwrap();
    set_role(&world, "lapas-tpi", "PRISON").await;
    let (issued, chain) = order(&world.admin().await, &id.to_string()).await;
    assert_eq!(issued.state(), v1::CertificateOrderState::Issued, "one signature makes a partner's");
    let role = sqlx::query_scalar::<_, Option<String>>("SELECT role FROM certificate WHERE sha256 = $1");
    let role = role.bind(&fingerprint(&der(&chain))[..]).fetch_one(&mut world.owner().await).await.unwrap();
    assert_eq!(role.as_deref(), Some("PARTNER"), "what was signed for is the certificate's");
    who_am_i(&sdp).await.unwrap();
    world.keep("lapas-tpi", "sdp", &chain, &key.to_pem());
    is_refused(&world.connect("lapas-tpi", "sdp").await, "a prison's by one signature").await;
}

/// A renewed certificate is what the old one was, even of one from before roles were kept.
#[tokio::test]
async fn a_renewal_hands_the_role_on() {
    let world = World::start().await;
    partner(&world).await;
    let older = "UPDATE certificate SET role = NULL, role_found = 'PARTNER' WHERE agency = 'blk-kepri'";
    sqlx::query(older).execute(&mut world.owner().await).await.unwrap();
    world.tampers();
    let (blk, mut signer, key) =
        (world.connect("blk-kepri", "jadwal").await, world.signer().await, orders::key());
    let renewal = world.renewal("blk-kepri", "jadwal", &key);
    let made = blk.certificate().renew_certificate(renewal).await.unwrap().into_inner();
    // What stands in the registry meanwhile is nothing to a renewal.
    set_role(&world, "blk-kepri", "OVERSIGHT").await;
    signer.turn().await.unwrap();
    set_role(&world, "blk-kepri", "PARTNER").await;
    let (_, chain) = order(&blk, &made.change.unwrap().name).await;
    world.keep("blk-kepri", "jadwal", &chain, &key.to_pem());
    let who = who_am_i(&world.connect("blk-kepri", "jadwal").await).await.unwrap();
    assert_eq!((who.system.as_str(), who.role()), (BLK, v1::Role::Partner));
}

/// No role that runs may write what decides who gets in.
#[tokio::test]
async fn what_was_signed_for_is_written_by_the_signer_and_by_nobody_again() {
    let world = World::start().await;
    for column in ["role", "role_found", "administrator", "agency", "system", "sha256", "not_after"] {
        for (role, mut db) in [
            ("gateway", world.runtime().await),
            ("keeper", world.keepers_connection().await),
            ("signer", world.signers_connection().await),
        ] {
            let write = format!("UPDATE certificate SET {column} = {column}");
            let refused = sqlx::query(AssertSqlSafe(write)).execute(&mut db).await.unwrap_err();
            assert!(refused.to_string().contains("permission denied"), "{role} {column}: {refused}");
        }
    }
}
