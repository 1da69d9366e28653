//! Renewal: the old key signs for the new one, once.

use gerbang::{
    pki::{certificate, statement::Purpose},
    proto::v1::{self, CertificateOrderState as State},
};
use jiff::SignedDuration;
use tonic::Code;

use super::{BLK, order, partner, who_am_i};
use crate::{
    cast::orders,
    forge::Profile,
    world::{NOW, TRUST_DOMAIN, World, der, reason, request_id},
};

/// `certificates/{serial}` of what a system connects with.
fn name_of(world: &World, agency: &str, system: &str) -> String {
    let read = certificate::read(&der(&world.issue(agency, system).certificate_pem)).unwrap();
    format!("certificates/{}", read.serial)
}

#[tokio::test]
async fn the_old_key_signs_for_its_successor_and_ends_two_weeks_later() {
    let world = World::start().await;
    let blk = partner(&world).await;
    let (key, old) = (orders::key(), name_of(&world, "blk-kepri", "jadwal"));
    let renewal = world.renewal("blk-kepri", "jadwal", &key);
    let made = blk.certificate().renew_certificate(renewal).await.unwrap().into_inner();
    assert_eq!(made.state(), State::Waiting);
    let made = made.change.unwrap();
    world.assert_entry(&made.entry, "CertificateService/RenewCertificate", &[&made.name]).await;

    // A daemon that lost the answer asks again: the same key is the same order, another is refused.
    let again = world.renewal("blk-kepri", "jadwal", &key);
    let again = blk.certificate().renew_certificate(again).await.unwrap().into_inner().change.unwrap();
    assert_eq!((again.name.as_str(), again.outcome()), (made.name.as_str(), v1::ItemOutcome::Unchanged));
    let other = world.renewal("blk-kepri", "jadwal", &orders::key());
    let other = blk.certificate().renew_certificate(other).await.unwrap_err();
    assert_eq!(reason(&other), "ALREADY_RENEWED");

    world.signer().await.turn().await.unwrap();
    let (issued, chain) = order(&blk, &made.name).await;
    assert_eq!((issued.state(), issued.previous.as_str()), (State::Issued, old.as_str()));
    let other = world.renewal("blk-kepri", "jadwal", &orders::key());
    let other = blk.certificate().renew_certificate(other).await.unwrap_err();
    assert_eq!(reason(&other), "ALREADY_RENEWED");

    let get = |name: &str| v1::GetCertificateRequest { name: name.to_owned() };
    let found = blk.certificate().get_certificate(get(&old)).await.unwrap().into_inner();
    let (kept, lineage) = (found.certificate.unwrap(), found.lineage);
    assert_eq!(
        (kept.successor.as_str(), kept.state()),
        (issued.certificate.as_str(), v1::CertificateState::Valid)
    );
    let end = NOW.parse::<jiff::Timestamp>().unwrap() + SignedDuration::from_hours(14 * 24);
    assert_eq!(kept.end_time.unwrap().seconds, end.as_second());
    assert_eq!(lineage.len(), 1);
    let next = blk.certificate().get_certificate(get(&issued.certificate)).await.unwrap().into_inner();
    assert_eq!(
        (next.certificate.unwrap().previous, next.lineage[0].name.as_str()),
        (old.clone(), old.as_str())
    );

    let old_key = world.issue("blk-kepri", "jadwal");
    world.keep("blk-kepri", "jadwal", &chain, &key.to_pem());
    let renewed = world.connect("blk-kepri", "jadwal").await;
    world.pass(SignedDuration::from_hours(14 * 24));
    for client in [&blk, &renewed] {
        who_am_i(client).await.unwrap();
    }
    world.pass(SignedDuration::from_secs(1));
    let ended = who_am_i(&blk).await.unwrap_err();
    assert_eq!((ended.code(), reason(&ended).as_str()), (Code::Unauthenticated, "CERTIFICATE_SUPERSEDED"));
    who_am_i(&renewed).await.unwrap();
    world.keep("blk-kepri", "jadwal", &old_key.chain_pem, &old_key.key_pem);
    let anew = world.connect("blk-kepri", "jadwal").await;
    assert_eq!(reason(&who_am_i(&anew).await.unwrap_err()), "CERTIFICATE_SUPERSEDED");
}

#[tokio::test]
async fn a_renewal_is_for_the_caller_and_the_key_that_it_names() {
    let world = World::start().await;
    let blk = partner(&world).await;
    world.join("dkp-kepri", v1::AgencyKind::Fisheries, "jadwal", v1::Role::Partner).await;
    let key = orders::key();
    let right = world.renewal("blk-kepri", "jadwal", &key);
    let other_key = world.renewal("blk-kepri", "jadwal", &orders::key());
    let others = world.renewal("dkp-kepri", "jadwal", &key);
    let approve = orders::statement(&world, Purpose::Approve, BLK, "PARTNER", key.key_id());
    let approve = orders::signed(&world.key_of("blk-kepri", "jadwal"), &approve);
    for (what, statement) in [
        ("another key", other_key.statement),
        ("another certificate", others.statement),
        ("an approval", approve),
    ] {
        let request = v1::RenewCertificateRequest { request_id: request_id(), statement, ..right.clone() };
        let refused = blk.certificate().renew_certificate(request).await.expect_err(what);
        assert_eq!(reason(&refused), "STATEMENT_INVALID", "{what}");
    }
    blk.certificate().renew_certificate(right).await.unwrap();
}

#[tokio::test]
async fn what_lets_nobody_in_renews_nothing() {
    let world = World::start().await;
    let blk = partner(&world).await;
    let admin = world.admin().await;
    let not_after = "2026-03-04T01:00:00Z".parse().unwrap();
    let short = Profile { not_after, ..Profile::client(TRUST_DOMAIN, "dkp-kepri", "jadwal") };
    world.issue_as("dkp-kepri", "jadwal", short);
    let dkp = world.join("dkp-kepri", v1::AgencyKind::Fisheries, "jadwal", v1::Role::Partner).await;
    let kinds = v1::AgencyKind::Agriculture;
    let dkpp = world.join("dkpp-bintan", kinds, "jadwal", v1::Role::Partner).await;
    let revoke = v1::RevokeCertificatesRequest {
        request_id: request_id(),
        certificate: name_of(&world, "blk-kepri", "jadwal"),
        reason: v1::RevocationReason::CessationOfOperation.into(),
        ..Default::default()
    };
    admin.certificate().revoke_certificates(revoke).await.unwrap();
    crate::access::suspend(&admin, "agencies/dkpp-bintan").await;
    who_am_i(&dkp).await.unwrap();
    world.set_clock("2026-03-04T01:00:01Z");
    for (client, agency, expected) in [
        (&blk, "blk-kepri", "CERTIFICATE_REVOKED"),
        (&dkp, "dkp-kepri", "CERTIFICATE_EXPIRED"),
        (&dkpp, "dkpp-bintan", "AGENCY_SUSPENDED"),
    ] {
        let request = world.renewal(agency, "jadwal", &orders::key());
        let refused = client.certificate().renew_certificate(request).await.unwrap_err();
        assert_eq!(reason(&refused), expected, "{agency}");
    }
}

#[tokio::test]
async fn what_is_revoked_before_the_signer_comes_is_not_renewed() {
    let world = World::start().await;
    let blk = partner(&world).await;
    let admin = world.admin().await;
    let renewal = world.renewal("blk-kepri", "jadwal", &orders::key());
    let made = blk.certificate().renew_certificate(renewal).await.unwrap().into_inner().change.unwrap();
    let revoke = v1::RevokeCertificatesRequest {
        request_id: request_id(),
        certificate: name_of(&world, "blk-kepri", "jadwal"),
        reason: v1::RevocationReason::CessationOfOperation.into(),
        ..Default::default()
    };
    admin.certificate().revoke_certificates(revoke).await.unwrap();
    world.signer().await.turn().await.unwrap();
    let (rejected, _) = order(&admin, &made.name).await;
    assert_eq!((rejected.state(), rejected.note.as_str()), (State::Rejected, "APPROVALS_INVALID"));
    assert_eq!(world.inventory().await, 3);
}

/// A renewal goes on where it was an administrator's; the key of the successor signs approvals.
#[tokio::test]
async fn an_administrators_successor_is_an_administrators() {
    let world = World::start().await;
    let blk = partner(&world).await;
    let (admin, key) = (world.admin().await, orders::key());
    let renewal = world.renewal("operator", "admin", &key);
    let made = admin.certificate().renew_certificate(renewal).await.unwrap().into_inner().change.unwrap();
    let mut signer = world.signer().await;
    signer.turn().await.unwrap();
    let (_, chain) = order(&admin, &made.name).await;
    world.keep("operator", "admin", &chain, &key.to_pem());
    let name = super::approved(&world, &blk, &orders::key()).await;
    signer.turn().await.unwrap();
    assert_eq!(order(&blk, &name).await.0.state(), State::Issued);
}

/// A daemon whose clock is far ahead finds every new certificate due: the signer has a floor for each system.
#[tokio::test]
async fn a_system_is_renewed_ten_times_a_day_at_most() {
    let world = World::start().await;
    let mut client = partner(&world).await;
    let mut signer = world.signer().await;
    let mut renew = async |client: &gerbang::agent::Client| {
        let key = orders::key();
        let renewal = world.renewal("blk-kepri", "jadwal", &key);
        let made = client.certificate().renew_certificate(renewal).await.unwrap().into_inner();
        signer.turn().await.unwrap();
        let (order, chain) = order(client, &made.change.unwrap().name).await;
        if order.state() == State::Issued {
            world.keep("blk-kepri", "jadwal", &chain, &key.to_pem());
        }
        (order.state(), order.note)
    };
    for _ in 0..10 {
        assert_eq!(renew(&client).await.0, State::Issued);
        client = world.connect("blk-kepri", "jadwal").await;
    }
    assert_eq!(renew(&client).await, (State::Rejected, "RENEWED_TOO_OFTEN".to_owned()));
    world.pass(SignedDuration::from_hours(24));
    assert_eq!(renew(&client).await.0, State::Issued);
}
