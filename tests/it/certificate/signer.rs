//! The signer dies at every step, and another goes on: over the same bytes, to one certificate.

use gerbang::{
    domain::certificate::Stage,
    pki::certificate,
    proto::v1::{self, CertificateOrderState as State},
    signer::SignerError,
};
use jiff::SignedDuration;

use super::{approved, id, order, partner};
use crate::{
    cast::orders,
    world::{World, der},
};

#[tokio::test]
async fn there_is_one_signer() {
    let world = World::start().await;
    let signer = world.signer().await;
    assert!(matches!(world.another_signer().await, Err(SignerError::Another)));
    drop(signer);
    world.signer().await;
}

#[tokio::test]
async fn a_signer_that_dies_at_any_step_leaves_one_certificate_over_the_same_bytes() {
    let world = World::start().await;
    let blk = partner(&world).await;
    let mut owner = world.owner().await;
    let stages = [Stage::Recorded, Stage::Linted, Stage::Intent, Stage::Issued];
    for steps in 0..=stages.len() {
        let name = approved(&world, &blk, &orders::key()).await;
        let (before, entries) = (world.inventory().await, world.entries().await.len());
        let mut seen: Vec<(Vec<u8>, String)> = Vec::new();
        for stage in &stages[..steps] {
            let signer = world.signer().await;
            assert_eq!(signer.step(id(&name)).await.unwrap(), Some(*stage));
            let bytes = "SELECT to_be_signed, serial FROM issuance WHERE certificate_order = $1";
            seen.push(sqlx::query_as(bytes).bind(id(&name).0).fetch_one(&mut owner).await.unwrap());
            assert_eq!(world.inventory().await - before, i64::from(*stage == Stage::Issued));
        }
        let mut signer = world.signer().await;
        for _ in 0..2 {
            signer.turn().await.unwrap();
        }
        assert_eq!(signer.step(id(&name)).await.unwrap(), None, "there is nothing more to do");
        assert_eq!(world.inventory().await, before + 1, "{steps}");
        let (issued, chain) = order(&blk, &name).await;
        assert_eq!(issued.state(), State::Issued);
        let (certificate, read) = (der(&chain), certificate::read(&der(&chain)).unwrap());
        for (to_be_signed, serial) in seen {
            assert!(certificate[4..].starts_with(&to_be_signed), "{steps}: other bytes were signed");
            assert_eq!(serial, read.serial);
        }
        let known = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM certificate WHERE der = $1");
        assert_eq!(known.bind(&certificate).fetch_one(&mut owner).await.unwrap(), 1);
        let steps = &world.methods().await[entries..];
        let (issued, fetched) = steps.split_at(4);
        assert_eq!(issued, ["signer/certificate.issue"; 4], "every step is an entry");
        assert!(fetched.iter().all(|method| method == "gateway/certificate.collect"), "{fetched:?}");
    }
    let orders = "SELECT count(*) FROM issuance i JOIN certificate c ON c.sha256 = i.certificate \
        WHERE c.serial = i.serial AND c.authority = i.authority";
    let orders = sqlx::query_scalar::<_, i64>(orders).fetch_one(&mut owner).await.unwrap();
    assert_eq!(orders, 5);
}

/// A revocation, a suspension or another key's block after the bytes were written down still counts.
#[tokio::test]
async fn until_the_signature_the_policy_counts() {
    let world = World::start().await;
    let blk = partner(&world).await;
    let admin = world.admin().await;
    let name = approved(&world, &blk, &orders::key()).await;
    let mut signer = world.signer().await;
    for _ in 0..3 {
        signer.step(id(&name)).await.unwrap();
    }
    crate::access::suspend(&admin, "agencies/blk-kepri").await;
    signer.turn().await.unwrap();
    let (rejected, chain) = order(&admin, &name).await;
    assert_eq!((rejected.state(), rejected.note.as_str()), (State::Rejected, "AGENCY_SUSPENDED"));
    assert!(chain.is_empty() && world.inventory().await == 3);
}

#[tokio::test]
async fn the_status_says_what_waits_and_what_needs_attention() {
    let world = World::start().await;
    let blk = partner(&world).await;
    let admin = world.admin().await;
    let status = async || {
        let request = v1::GetAuthorityStatusRequest {};
        let found = admin.certificate().get_authority_status(request).await.unwrap().into_inner();
        let alarms: Vec<_> = found.alarms.iter().map(|alarm| alarm.reason.clone()).collect();
        (alarms, found.administrators, found.awaiting_approval, found.awaiting_signer)
    };
    let stale = "CRL_STALE".to_owned();
    let all = vec!["SIGNER_AWAY".to_owned(), stale.clone(), stale.clone(), stale.clone()];
    assert_eq!(status().await, (all, 2, 0, 0));
    super::request(&blk, super::BLK, &orders::key()).await.unwrap();
    approved(&world, &blk, &orders::key()).await;
    assert_eq!((status().await.2, status().await.3), (1, 1));
    world.signer().await.turn().await.unwrap();
    // The root's list comes from its own ceremony.
    assert_eq!(status().await, (vec![stale.clone()], 2, 1, 0));
    world.pass(SignedDuration::from_secs(61));
    assert_eq!(status().await.0, ["SIGNER_AWAY".to_owned(), stale]);
}
